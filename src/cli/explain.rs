//! The whole story of one patch.

use std::fmt::Write as _;
use std::path::Path;

use codex_patcher::config::loader::PatchSet;
use codex_patcher::outcome::{Outcome, Report, Status};
use codex_patcher::patch::{Action, Drift, LockState, Matches, Patch, PatchFile, RustQuery};
use codex_patcher::run::selection::Selection;
use codex_patcher::run::{DiffOutput, DiskTree, Options, RunError, apply_patches};

use super::args::{ExplainArgs, Format};
use super::error::{Exit, Trouble};
use super::human::{self, TextStyle};
use super::{on_pool, print, print_report};

/// Plans the whole set, in which the patch has its place, and tells about the one.
pub(super) fn tell(
    explain: &ExplainArgs,
    options: &Options,
    current_dir: &Path,
    look: &TextStyle,
) -> Result<Exit, Trouble> {
    let one = Selection { only: std::iter::once(explain.id.clone()).collect(), ..Selection::default() };
    let told = on_pool(&explain.run, current_dir, |tree, set, progress| {
        one.check(set.files.iter().flat_map(|file| &file.patches))?;
        let mut report = apply_patches(tree, set, options, progress)?;
        report.patches.retain(|outcome| outcome.id == explain.id);
        report.summary = report.patches.iter().map(|outcome| (outcome.status, 1)).collect();
        let told = explain.run.globals.format == Format::Human;
        let text = told.then(|| whole_story(tree, set, (options, &one), &report, *look)).transpose()?;
        Ok((report, text))
    });
    let (report, text) = told?;
    let shown = text.map_or_else(|| print_report(&report), |text| print(&text));
    super::told(shown, &report, options, look)
}

/// The story of the one patch of `report`, with the diff of what it would do alone, or what HEAD has of it.
fn whole_story(
    tree: &DiskTree<'_>,
    set: &PatchSet,
    (options, one): (&Options, &Selection),
    report: &Report,
    look: TextStyle,
) -> Result<String, RunError> {
    let Some(outcome) = report.patches.first() else { return Ok(String::new()) };
    let find = |file: &'_ PatchFile| {
        let patch = file.patches.iter().find(|patch| patch.id == outcome.id)?;
        Some((patch.clone(), file.lock_of(patch).clone()))
    };
    let Some((patch, lock)) = set.files.iter().find_map(find) else { return Ok(String::new()) };
    let mut text = story((&patch, &lock), outcome, report, look);
    let planned = |options: &Options| apply_patches(tree, set, options, &|_, _| ());
    match outcome.status {
        Status::AlreadyApplied => {
            let at_head = planned(&Options { revision: Some("HEAD".to_owned()), ..options.clone() });
            let is_same = |other: &Outcome| other.id == outcome.id && other.status == outcome.status;
            if at_head.is_ok_and(|report| report.patches.iter().any(is_same)) {
                text += "  HEAD contains this change too: if upstream made it, remove the patch; or you \
                 committed it yourself\n";
            }
        }
        Status::WouldApply | Status::Failed => {
            let (selection, diff) = (one.clone(), DiffOutput::Include);
            let alone = planned(&Options { selection, diff, drift: Drift::Move, ..options.clone() })?;
            text += alone.diff.as_deref().unwrap_or_default();
        }
        _ => {}
    }
    Ok(text)
}

fn story((patch, lock): (&Patch, &LockState), outcome: &Outcome, report: &Report, look: TextStyle) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}  {}:{}", look.note(&patch.id), patch.origin.file, patch.origin.line);
    if let Some(description) = &patch.description {
        let _ = writeln!(text, "  {}", description.trim().replace('\n', "\n  "));
    }
    let times = match patch.matches {
        Matches::Exactly(1) => "once".to_owned(),
        Matches::Exactly(times) => format!("{times} times"),
        Matches::All => "any number of times".to_owned(),
    };
    let files = patch.files.join(" | ");
    section(
        &mut text,
        look,
        "looks for",
        &format!("{} query, {times}, in {files}", patch.action.query_kind().name()),
    );
    indented(&mut text, &looked_for(&patch.action));
    if let Some(function) = &patch.function_context {
        section(&mut text, look, "inside", &format!("fn {function}"));
    }
    section(&mut text, look, "does", patch.action.operation_kind().name());
    indented(&mut text, patch.action.text().unwrap_or_default());
    if !patch.versions.is_empty() {
        let ranges: Vec<&str> = patch.versions.iter().map(|range| range.as_str()).collect();
        let version = report.version.as_deref().unwrap_or("unknown");
        section(
            &mut text,
            look,
            "version",
            &format!(
                "{}; the version of this tree is {version}",
                ranges.join(
                    " \
         and "
                )
            ),
        );
    }
    match lock {
        LockState::Of(locked) => {
            let since = lock.since().unwrap_or_else(|| "an unknown version".to_owned());
            section(&mut text, look, "lock", &format!("{}, locked at {since}", places(locked.matches.len())));
            for place in &locked.matches {
                let item = place.item.as_ref().map(|item| format!(", in {}", item.path)).unwrap_or_default();
                let _ = writeln!(text, "    {}{item}", place.file);
            }
        }
        LockState::Stale(_) => {
            section(&mut text, look, "lock", "made for another version of this patch: lock the patch again")
        }
        LockState::None => section(&mut text, look, "lock", "none"),
    }
    human::story(&mut text, outcome, look);
    text
}

fn places(count: usize) -> String {
    if count == 1 { "1 place".to_owned() } else { format!("{count} places") }
}

fn section(text: &mut String, look: TextStyle, title: &str, content: &str) {
    let _ = writeln!(text, "{} {content}", look.dim(&format!("{title:>10}")));
}

fn indented(text: &mut String, content: &str) {
    for line in content.lines() {
        let _ = writeln!(text, "         | {line}");
    }
}

fn looked_for(action: &Action) -> String {
    match action {
        Action::Text { query, .. } => query.search.clone(),
        Action::Rust { query: RustQuery::AstGrep(query), .. } => match (query.text(), query.rule_source()) {
            (Some(pattern), _) => pattern.to_owned(),
            (None, rule) => rule.unwrap_or_default().to_owned(),
        },
        Action::Rust { query: RustQuery::TreeSitter(query), .. } => query.source().trim().to_owned(),
        Action::Toml { query, .. } => {
            let section = query.section.as_ref().map(|section| format!("[{section}]"));
            let key = query.key.as_ref().map(ToString::to_string);
            section.into_iter().chain(key).collect::<Vec<_>>().join("\n")
        }
    }
}
