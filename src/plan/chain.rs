//! What the other patches of a run mean for one of them.
//!
//! A later patch may rework what an earlier one put in, so the earlier one must be known by what the later ones make
//! of it; and what others insert at the same place may stand between a match and its insertion.

mod undo;

pub(super) use undo::places_before_later;

use super::draft::Draft;
use super::sites::{Chain, compute_edit_for_patch};
use super::task::{ScopeOf, Task, Terms};
use crate::edit::Edit;
use crate::locate::may_match;
use crate::patch::{Action, Drift, Patch, TextEdit, TomlOperation, TomlQuery};
use crate::render;
use crate::source::Source;
use crate::toml_ops;

/// What the other patches of the run mean for the one at `at`, in the target `path`.
pub(super) fn chain_of(tasks: &[Task<'_>], at: usize, path: &str) -> Chain {
    let here = |other: &&Task<'_>| other.targets.iter().any(|target| target == path);
    let patch = tasks[at].patch;
    let Some(text) = patch.action.text() else { return Chain::default() };
    let mut chain = Chain { stages: vec![text.to_owned()], ..Chain::default() };
    let bound = tasks.iter().filter(here).filter_map(|other| other.patch.function_context.as_ref());
    chain.functions = bound.filter(|name| patch.function_context.as_ref() != Some(*name)).cloned().collect();
    chain.functions.sort_unstable();
    chain.functions.dedup();
    for later in tasks[at + 1..].iter().filter(here) {
        let current = chain.stages.last().expect("begins with one");
        let Some(next) = next_stage(patch, current, later, path) else { continue };
        chain.later.push(later.index);
        if next.trim().is_empty() {
            break; // Nothing is left of it, and nothing stands everywhere.
        }
        chain.stages.push(next);
    }
    if insertion_of(patch).is_some() {
        let others = tasks
            .iter()
            .enumerate()
            .filter(|(other, task)| *other != at && here(task))
            .map(|(_, task)| task.patch);
        chain.insertions = others.filter_map(|other| insertion_of(other)).map(str::to_owned).collect();
    }
    chain
}

fn insertion_of(patch: &Patch) -> Option<&str> {
    patch.action.edit().filter(|edit| edit.inserts()).and_then(TextEdit::text)
}

/// What a later patch makes of an earlier one's text; `None` if it leaves it alone.
fn next_stage(earlier: &Patch, stage: &str, later: &Task<'_>, path: &str) -> Option<String> {
    match (&earlier.action, &later.patch.action) {
        (Action::Toml { query, operation }, _) => {
            let document = toml_ops::fragment::document_of(query, operation, stage)?;
            let next = patched(later, document, path)?;
            toml_ops::fragment::text_in(query, operation, &next).filter(|next| next != stage)
        }
        (_, Action::Toml { query, .. }) => next_stage_by_toml(stage, query, later, path),
        _ => next_stage_as_text(earlier, stage, later, path),
    }
}

/// Text that is a piece of a TOML document: as it is, or a piece of the section that the later patch speaks of.
fn next_stage_by_toml(stage: &str, query: &TomlQuery, later: &Task<'_>, path: &str) -> Option<String> {
    patched(later, stage.to_owned(), path).or_else(|| {
        let header = toml_ops::fragment::header_lines(query.section.as_ref()).filter(|h| !h.is_empty())?;
        let holds_key = query.key.as_ref().is_some_and(|key| key.parts().iter().all(|k| stage.contains(k)));
        let next = patched(later, format!("{header}{stage}"), path).filter(|_| holds_key)?;
        next.strip_prefix(&header).map(str::to_owned)
    })
}

fn next_stage_as_text(earlier: &Patch, stage: &str, later: &Task<'_>, path: &str) -> Option<String> {
    let laid_out = matches!(earlier.action, Action::Rust { layout, .. } if !layout.keep_indent);
    let multi_line_text =
        matches!(&later.patch.action, Action::Text { query, .. } if query.search.trim_end().contains('\n'));
    let indents: &[&str] =
        if laid_out && multi_line_text { &["", "    ", "        ", "            ", "\t"] } else { &[""] };
    indents.iter().find_map(|indent| {
        let next = patched(later, indented(stage, indent), path)?;
        Some(if indent.is_empty() { next } else { render::dedent(&next) })
    })
}

/// What the patch of `task` makes of `text` alone, wherever that stands; `None` if nothing.
fn patched(task: &Task<'_>, text: String, path: &str) -> Option<String> {
    let patch = task.patch;
    if !may_match(&patch.action, &text) || !may_hold(patch, &text) {
        return None;
    }
    // Tolerance of the run is for targets: what a later patch makes of a piece of text, it says itself.
    let drift = if matches!(&patch.action, Action::Text { query, .. } if query.fuzzy.is_some()) {
        Drift::Merge
    } else {
        Drift::Off
    };
    let terms = Terms { drift, scope: ScopeOf::All, ..task.terms };
    let mut fragment = Draft::new(path, Source::fragment(text));
    let stages = patch.action.text().map(str::to_owned).into_iter().collect();
    let chain = Chain { stages, ..Chain::default() };
    let sites = compute_edit_for_patch(patch, &terms, &mut fragment, &chain).ok()?;
    let edits: Vec<Edit> = sites.pending.into_iter().flat_map(|site| site.edits).collect();
    Edit::apply_batch(fragment.text(), &edits).ok().filter(|_| !edits.is_empty())
}

/// Whether a piece of a TOML document can hold what a TOML patch speaks of. A section, or a key of the root, that is not
/// there would be added somewhere else in the whole.
fn may_hold(patch: &Patch, text: &str) -> bool {
    let Action::Toml { query, operation } = &patch.action else { return true };
    let sections = query.section.iter().flat_map(|section| section.parts()).map(|part| part.key.as_str());
    let keys = query.key.iter().flat_map(|key| key.parts()).map(String::as_str);
    let adds = matches!(operation, TomlOperation::SetValue { .. }) && query.section.is_some();
    !matches!(operation, TomlOperation::InsertSection { .. })
        && sections.into_iter().all(|name| text.contains(name))
        && (adds || keys.into_iter().all(|name| text.contains(name)))
}

fn indented(stage: &str, indent: &str) -> String {
    if indent.is_empty() {
        return stage.to_owned();
    }
    let lines = stage.split_inclusive('\n');
    lines
        .map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("{indent}{line}") })
        .collect()
}
