//! What the other patches of a run mean for one of them.
//!
//! A later patch may rework what an earlier one put in, so the earlier one must be known by what the later ones make
//! of it; and what others insert at the same place may stand between a match and its insertion.

use super::draft::Draft;

use super::sites::{Company, compute_edit_for_patch, layout};
use super::task::Task;
use crate::config::{Operation, Patch, Query};
use crate::edit::Edit;
use crate::locate::may_match;
use crate::render;
use crate::source::Source;

/// What the other patches of the run mean for the one at `at`, in the target `path`.
pub(super) fn company(tasks: &[Task<'_>], at: usize, path: &str) -> Company {
    let here = |other: &&Task<'_>| other.targets.iter().any(|target| target == path);
    let patch = tasks[at].patch;
    let Some(text) = text_of(&patch.operation) else { return Company::default() };
    let mut company = Company { forms: vec![text.to_owned()], ..Company::default() };
    for later in tasks[at + 1..].iter().filter(here) {
        let current = company.forms.last().expect("begins with one");
        if let Some(next) = carried_on(patch, current, later, path) {
            company.forms.push(next);
            company.later.push(later.index);
        }
    }
    if matches!(patch.operation, Operation::InsertBefore { .. } | Operation::InsertAfter { .. }) {
        let others = tasks
            .iter()
            .enumerate()
            .filter(|(other, task)| *other != at && here(task))
            .map(|(_, task)| task.patch);
        company.insertions = others.filter_map(|other| insertion_of(other)).map(str::to_owned).collect();
    }
    company
}

fn text_of(operation: &Operation) -> Option<&str> {
    match operation {
        Operation::Replace { text, .. }
        | Operation::InsertBefore { text, .. }
        | Operation::InsertAfter { text, .. } => Some(text),
        Operation::Delete { insert_comment, .. } => insert_comment.as_deref(),
        Operation::Toml(_) => None,
    }
}

fn insertion_of(patch: &Patch) -> Option<&str> {
    match &patch.operation {
        Operation::InsertBefore { text, .. } | Operation::InsertAfter { text, .. } => Some(text),
        _ => None,
    }
}

/// What a later patch makes of an earlier one's text; `None` if it leaves it alone.
fn carried_on(earlier: &Patch, form: &str, later: &Task<'_>, path: &str) -> Option<String> {
    if !may_match(&later.patch.query, form) || matches!(later.patch.query, Query::Toml(_)) {
        return None;
    }
    let unscoped = Patch { function_context: None, ..later.patch.clone() };
    let structural = earlier.query.is_structural() && !layout(&earlier.operation).keep_indent;
    let multi_line_text =
        matches!(&later.patch.query, Query::Text(query) if query.search.trim_end().contains('\n'));
    let indents: &[&str] =
        if structural && multi_line_text { &["", "    ", "        ", "            ", "\t"] } else { &[""] };
    indents.iter().find_map(|indent| {
        let text = indented(form, indent);
        let mut fragment = Draft::new(path, Source::fragment(text));
        let company = Company {
            forms: text_of(&unscoped.operation).map(str::to_owned).into_iter().collect(),
            ..Company::default()
        };
        let sites = compute_edit_for_patch(&unscoped, &mut fragment, &company).ok()?;
        let edits: Vec<Edit> = sites.pending.into_iter().flat_map(|site| site.edits).collect();
        let next = Edit::apply_batch(fragment.text(), &edits).ok().filter(|_| !edits.is_empty())?;
        Some(if indent.is_empty() { next } else { render::dedent(&next) })
    })
}

fn indented(form: &str, indent: &str) -> String {
    if indent.is_empty() {
        return form.to_owned();
    }
    let lines = form.split_inclusive('\n');
    lines
        .map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("{indent}{line}") })
        .collect()
}
