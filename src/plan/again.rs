//! What a second run would do again: the lines of the result that it would act on, and why it does not know them.

use super::draft::Draft;
use super::failure::{describe, quoted};
use super::task::Verdict;
use crate::patch::toml_path::Pick;
use crate::patch::{Action, Patch, TextEdit, TomlOperation};

/// Lines of the result that are shown.
const SHOWN: usize = 3;

/// What of the result, `draft`, a second run would act on, where it would act again with this verdict.
pub(super) fn shown(patch: &Patch, verdict: &Verdict, draft: &Draft) -> Option<String> {
    let line = verdict.line?;
    let text = draft.text();
    let there: Vec<&str> = text.lines().skip(line - 1).take(lines_of(patch).min(SHOWN)).collect();
    let looked_for = describe(&patch.action);
    let (found, then) = match &patch.action {
        Action::Text { edit, .. } | Action::Rust { edit, .. } => (
            format!("{looked_for} matches again"),
            match edit {
                TextEdit::Replace { .. } => {
                    "it is not inside a replacement that the patch knows, and would be replaced"
                }
                TextEdit::Delete { .. } => "it would be deleted as well",
                TextEdit::InsertBefore { .. } => {
                    "what stands before it is not the inserted `text`, which would be inserted"
                }
                TextEdit::InsertAfter { .. } => {
                    "what stands behind it is not the inserted `text`, which would be inserted"
                }
            },
        ),
        Action::Toml { operation, .. } => (
            format!("{looked_for} is found again"),
            match operation {
                TomlOperation::DeleteSection | TomlOperation::DeleteKey => "it would be deleted as well",
                _ => "the patch would change it again",
            },
        ),
    };
    Some(format!("{found} at line {line} of the result:\n{}\n{then}", quoted(&there.join("\n"))))
}

/// How many lines the query speaks of.
fn lines_of(patch: &Patch) -> usize {
    match &patch.action {
        Action::Text { query, .. } => query.search.lines().count().max(1),
        Action::Rust { .. } | Action::Toml { .. } => 1,
    }
}

/// What to do about a patch that alone would act again.
pub(super) fn hint(patch: &Patch) -> &'static str {
    match &patch.action {
        Action::Toml { query, operation: TomlOperation::DeleteSection | TomlOperation::DeleteKey } => {
            let by_number = query.section.as_ref().is_some_and(|section| {
                section.parts().iter().any(|part| matches!(part.pick, Some(Pick::Index(_))))
            });
            if by_number {
                "another element has the number now: select by a key, as `name[key = \"value\"]`"
            } else {
                "what is deleted must stay away: to replace it, change it with `set-value` or a text query instead of \
                 deleting and inserting it"
            }
        }
        Action::Text { edit: TextEdit::Delete { .. }, .. }
        | Action::Rust { edit: TextEdit::Delete { .. }, .. } => {
            "match more of the surrounding code, so that what is left does not match"
        }
        _ => "match more of the surrounding code, so that a second run can tell the result from the original",
    }
}
