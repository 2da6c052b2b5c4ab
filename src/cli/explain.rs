//! The whole story of one patch.

use std::fmt::Write as _;

use codex_patcher::outcome::{Outcome, Report, Status};
use codex_patcher::patch::{Action, Drift, LockState, Matches, Patch, PatchFile, RustQuery};
use codex_patcher::run::selection::Selection;
use codex_patcher::run::{Options, apply_patches, check_ids};

use super::args::{Explain, Format};
use super::error::{Exit, Trouble};
use super::human::{self, Look};
use super::{on_pool, print, print_exact, verdict};

/// Plans the whole set, in which the patch has its place, and tells about the one.
pub(super) fn tell(explain: &Explain, options: &Options, look: &Look) -> Result<Exit, Trouble> {
    let one = Selection { only: std::iter::once(explain.id.clone()).collect(), ..Selection::default() };
    let (mut report, patches, alone, at_head) =
        on_pool(&explain.run, &options.current_dir, |workspace, files, progress| {
            let with_lock = |file: &PatchFile, patch: &Patch| (patch.clone(), file.lock_of(patch).clone());
            let of_file = |file: &PatchFile| -> Vec<(Patch, LockState)> {
                file.patches.iter().map(|patch| with_lock(file, patch)).collect()
            };
            let patches: Vec<(Patch, LockState)> = files.iter().flat_map(of_file).collect();
            check_ids(&one, &patches.iter().map(|(patch, _)| patch).collect::<Vec<_>>())?;
            let report = apply_patches(workspace, files, options, progress)?;
            let quiet = |options: &Options| apply_patches(workspace, files, options, &|_, _| ());
            let alone = Options { selection: one.clone(), diff: true, drift: Drift::Move, ..options.clone() };
            let at_head = Options { revision: Some("HEAD".to_owned()), ..options.clone() };
            Ok((report, patches, quiet(&alone)?, quiet(&at_head).ok()))
        })?;
    report.patches.retain(|outcome| outcome.id == explain.id);
    report.summary = report.patches.iter().map(|outcome| (outcome.status, 1)).collect();
    let exit = verdict(&report, options);
    match explain.run.globals.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&report).expect("a report is plain data");
            print_exact(&(json + "\n"))?;
        }
        Format::Human => {
            let patch = patches.iter().find(|(patch, _)| patch.id == explain.id);
            if let (Some((patch, lock)), Some(outcome)) = (patch, report.patches.first()) {
                let mut text = story((patch, lock), outcome, &report, *look);
                let upstream = at_head.is_some_and(|report| {
                    let found = report.patches.iter().find(|outcome| outcome.id == explain.id);
                    found.is_some_and(|outcome| outcome.status == Status::AlreadyApplied)
                });
                if upstream && outcome.status == Status::AlreadyApplied {
                    text += "  HEAD has it too: upstream made this change, or it was committed; then the patch can be retired\n";
                }
                if let (Status::WouldApply | Status::Failed, Some(diff)) = (outcome.status, &alone.diff) {
                    text += diff;
                }
                print(&text)?;
            }
        }
    }
    Ok(exit)
}

fn story((patch, lock): (&Patch, &LockState), outcome: &Outcome, report: &Report, look: Look) -> String {
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
        section(&mut text, look, "version", &format!("{}; this tree is {version}", ranges.join(" and ")));
    }
    match lock {
        LockState::Of(locked) => {
            let since = lock.since().unwrap_or_else(|| "an unknown version".to_owned());
            section(&mut text, look, "lock", &format!("{} of {since}", places(locked.matches.len())));
            for place in &locked.matches {
                let item = place.item.as_ref().map(|item| format!(", in {}", item.path)).unwrap_or_default();
                let _ = writeln!(text, "    {}{item}", place.file);
            }
        }
        LockState::Stale => {
            section(&mut text, look, "lock", "of another version of this patch: lock it again")
        }
        LockState::None => section(&mut text, look, "lock", "none"),
    }
    human::story(&mut text, outcome, look);
    text
}

fn places(count: usize) -> String {
    if count == 1 { "1 place".to_owned() } else { format!("{count} places") }
}

fn section(text: &mut String, look: Look, title: &str, content: &str) {
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
