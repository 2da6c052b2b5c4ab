//! What must hold of a plan before it is handed out: its texts are valid, and a second run would change nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::again;
use super::draft::Draft;
use super::fail;
use super::failure::Failure;
use super::fault::{Fault, fault};
use super::order::walk;
use super::seen::Seen;
use super::task::{Decision, Standing, Strictness, Task, Terms, Verdict};
use crate::json;
use crate::patch::{Action, TextEdit};
use crate::text::hunks::only_removes;
use crate::text::lines::{column_of, line_of};
use crate::validate::{self, Invalid, Wrong};

/// The first patch after which the draft stays invalid, and how; `None` if its text is valid.
pub(super) fn judge(draft: &mut Draft, tasks: &[Task<'_>]) -> Option<(usize, Failure)> {
    if draft.steps().is_empty() {
        return None;
    }
    invalid(draft)?;
    let last_valid = last_valid(draft);
    // Later patches may have errors of their own: what this one made is looked at without them.
    let mut then = draft.after(last_valid + 1);
    let invalid = invalid(&mut then)?;
    let fault = at_fault(&then, tasks, last_valid, &invalid);
    let culprit = then.steps()[last_valid].patch;
    let excerpt = excerpt(then.text(), &edited_lines(&then, culprit), invalid.line);
    Some((
        culprit,
        Failure::InvalidResult {
            message: invalid.message,
            line: invalid.line,
            column: invalid.column,
            excerpt,
            fault,
        },
    ))
}

fn at_fault(draft: &Draft, tasks: &[Task<'_>], step: usize, invalid: &Invalid) -> Fault {
    let culprit = &draft.steps()[step];
    match tasks.iter().find(|task| task.index == culprit.patch) {
        _ if invalid.wrong == Wrong::Name => Fault::Name,
        _ if invalid.wrong == Wrong::Rule => Fault::Rule,
        Some(task) if draft.is_rust() => fault(task.patch, &culprit.edits, draft.source_after(step).text()),
        _ => Fault::Unknown,
    }
}

/// One-based lines that hold what a patch put in; of a deletion, the line on which it was.
fn edited_lines(draft: &Draft, patch: usize) -> BTreeSet<usize> {
    let text = draft.text();
    let lines = |span: Range<usize>| {
        let end = if text[span.clone()].ends_with('\n') { span.end - 1 } else { span.end };
        line_of(text, span.start)..=line_of(text, end)
    };
    draft.edited_by(patch).into_iter().flat_map(lines).collect()
}

/// Edited lines that are shown, at most.
const MOST_EDITED: usize = 12;

/// The edited lines, marked, and the line of the error, each with its neighbours.
fn excerpt(text: &str, edited: &BTreeSet<usize>, line: usize) -> String {
    let near = edited.iter().copied().filter(|at| at.abs_diff(line) <= MOST_EDITED).take(MOST_EDITED);
    let around = |at: usize| at.saturating_sub(1).max(1)..=at + 1;
    let shown: BTreeSet<usize> =
        near.flat_map(around).chain(line.saturating_sub(2).max(1)..=line + 1).collect();
    let mut result: Vec<String> = Vec::new();
    let mut last = 0;
    for (at, content) in text.lines().enumerate().map(|(at, content)| (at + 1, content)) {
        if !shown.contains(&at) {
            continue;
        }
        if last > 0 && at > last + 1 {
            result.push("      …".to_owned());
        }
        last = at;
        let mark = if edited.contains(&at) { '>' } else { ' ' };
        result.push(format!("{mark}{at:>4} | {content}"));
    }
    result.join("\n")
}

fn invalid(draft: &mut Draft) -> Option<Invalid> {
    if draft.is_rust() {
        let after = draft.syntax();
        let changes = draft.changes();
        return validate::validate_edit(|| draft.original_syntax(), &after, &changes).err();
    }
    if draft.is_json() {
        return json::validate(draft.source_after(0).text(), draft.text()).err();
    }
    if draft.is_toml() {
        let error = draft.toml().err()?;
        let text = draft.text();
        let at = error.offset.min(text.len());
        return Some(Invalid {
            wrong: Wrong::Syntax,
            message: error.message,
            line: line_of(text, at),
            column: column_of(text, at),
        });
    }
    None
}

/// After how many steps the text was valid for the last time: sought backwards from the end in strides that double,
/// then by halves in the stride that holds it.
fn last_valid(draft: &mut Draft) -> usize {
    let steps = draft.steps().len();
    let mut is_valid = |steps| self::invalid(&mut draft.after(steps)).is_none();
    let (mut invalid, mut stride) = (steps, 1);
    let mut valid = 0;
    while invalid > stride {
        let at = invalid - stride;
        if is_valid(at) {
            valid = at;
            break;
        }
        (invalid, stride) = (at, stride * 2);
    }
    while invalid - valid > 1 {
        let middle = usize::midpoint(valid, invalid);
        if is_valid(middle) { valid = middle } else { invalid = middle }
    }
    valid
}

/// Plans once more on the result; a patch that would then act again, or fail, fails now, also where the patches undo
/// each other and the text would stay as it is. A patch that acts again on what a blamed one would change is not to
/// blame.
pub(super) fn prove<'p>(
    tasks: &[Task<'p>],
    drafts: &mut BTreeMap<String, Draft>,
    verdicts: &mut BTreeMap<usize, Verdict>,
) {
    if drafts.values().all(|draft| draft.steps().is_empty()) {
        return;
    }
    let failed = |task: &Task<'_>| {
        verdicts.get(&task.index).is_some_and(|verdict| matches!(verdict.decision, Decision::Fail(_)))
    };
    let lenient = |task: &Task<'p>| {
        let drift = if task.patch.action.only_deletes() { task.terms.later } else { task.terms.drift };
        Task { terms: Terms { strictness: Strictness::Lenient, drift, ..task.terms }, ..task.clone() }
    };
    let repeated: Vec<Task<'_>> = tasks.iter().filter(|task| !failed(task)).map(lenient).collect();
    let mut second: BTreeMap<String, Draft> =
        drafts.iter().map(|(path, draft)| (path.clone(), draft.fresh())).collect();
    let found = walk(&repeated, &mut second);
    let mut blamed = BTreeSet::new();
    for (index, verdict) in found {
        let deletes = |task: &Task<'_>| match &task.patch.action {
            Action::Text { edit, .. } | Action::Rust { edit, .. } => matches!(edit, TextEdit::Delete { .. }),
            Action::Toml { .. } => true,
        };
        let ensured =
            repeated.iter().any(|task| task.index == index && task.patch.ensure_present && deletes(task));
        let follows = || !blamed.is_disjoint(&neighbours(&second, index));
        let task = repeated.iter().find(|task| task.index == index);
        let result = verdict.file.as_ref().and_then(|file| drafts.get(file));
        let shown = task.zip(result).and_then(|(task, result)| again::shown(task.patch, &verdict, result));
        let acts = matches!(verdict.decision, Decision::Apply);
        let first = verdicts.get_mut(&index).filter(|first| matches!(first.decision, Decision::Apply));
        let is = |test: fn(&Action) -> bool| task.is_some_and(|task| test(&task.patch.action));
        let like = || like_what_went(&verdict).filter(|_| is(takes_away));
        let left = match is(Action::only_deletes) {
            true => like(),
            false => like_the_rest(&verdict).filter(|_| first.is_some()).or_else(like),
        };
        if let Some(line) = left {
            if let Some(first) = first {
                first.standing = Standing::Leaves(line);
            }
            continue;
        }
        let mut nearest = None;
        let what = match verdict.decision {
            Decision::Apply if follows() => continue,
            Decision::Apply => format!("change line {} again", verdict.line.unwrap_or(1)),
            Decision::Fail(Failure::NothingToDelete { .. }) if ensured => continue,
            Decision::Fail(failure) => {
                nearest = failure.nearest().map(Box::new);
                format!("fail: {failure}")
            }
            _ => continue,
        };
        blamed.insert(index);
        let others = neighbours(drafts, index);
        let others = tasks
            .iter()
            .filter(|task| others.contains(&task.index))
            .map(|task| task.patch.id.clone())
            .collect();
        fail(
            verdicts,
            index,
            Failure::NotIdempotent { shown: shown.filter(|_| acts), what, others, nearest },
        );
    }
}

/// Whether an action puts nothing in: a deletion, or one that was followed and is written with the lines around it.
fn takes_away(action: &Action) -> bool {
    match action {
        Action::Text { query, edit: TextEdit::Replace { text }, .. } => only_removes(&query.search, text),
        _ => action.only_deletes(),
    }
}

/// The line in which a deletion that was made would find the like of what it took away.
fn like_what_went(second: &Verdict) -> Option<usize> {
    match (&second.decision, &second.standing) {
        (Decision::Apply, _) if second.score.is_some() => second.line,
        (Decision::Absent, Standing::Before { lines, .. }) => lines.first().copied(),
        (Decision::Fail(Failure::Twins { sites }), _) => sites.first().map(|site| site.line),
        (Decision::Fail(failure @ (Failure::Conflict { .. } | Failure::ChangedUpstream { .. })), _) => {
            failure.line()
        }
        _ => None,
    }
}

/// The line in which a replacement that was made would find what resembles the part that it took away.
fn like_the_rest(second: &Verdict) -> Option<usize> {
    match &second.decision {
        Decision::Fail(Failure::NoMatch { seen: Some(Seen::Resembling { line, .. }), .. }) => Some(*line),
        _ => None,
    }
}

/// The other patches that touch the same places, in any target.
fn neighbours(drafts: &BTreeMap<String, Draft>, patch: usize) -> BTreeSet<usize> {
    drafts.values().flat_map(|draft| draft.neighbours(patch)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use super::*;
    use crate::patch::Patch;

    #[test]
    fn a_plan_that_would_act_again_or_breaks_the_text_fails() {
        let f = |body: &str| format!("fn f() {{\n    {body}\n}}\n");
        let cases: Vec<(&str, String, Vec<Patch>, &str)> = vec![
            ("it holds", f("a();"), vec![code("a()", replace("b()"))], "apply 2"),
            ("it would match again", f("!!!a;"), vec![text("!!", replace("!"))], "not-idempotent 2"),
            (
                "the second takes away what the first puts in",
                f("a();"),
                vec![text("a()", replace("b()")), text("    b();\n", delete())],
                "not-idempotent 2, apply 2",
            ),
            ("it does not parse", f("a();"), vec![text("a()", replace("a("))], "invalid-result 2"),
            (
                "forth and back is where it was",
                f("a();"),
                vec![text("a()", replace("b()")), text("b()", replace("a()"))],
                "in-place 2, in-place 2",
            ),
            (
                "the second is to blame",
                f("a(); b();"),
                vec![text("a()", replace("c()")), text("b()", replace("b("))],
                "apply 2, invalid-result 2",
            ),
            (
                "a later one mends it",
                f("a();"),
                vec![text("a()", replace("a(1")), text("a(1", replace("a(1)"))],
                "apply 2, apply 2",
            ),
            (
                "it was broken elsewhere before",
                format!("{}\nfn g( {{}}\n", f("a();")),
                vec![text("a()", replace("b()"))],
                "apply 2",
            ),
        ];
        for (name, text, set, decided) in cases {
            assert_eq!(planned("a.rs", &text, set).0, decided, "{name}");
        }
    }

    #[test]
    fn the_patch_after_which_the_text_stays_invalid_is_found() {
        for (steps, culprit) in [(1, 0), (2, 0), (2, 1), (9, 0), (9, 4), (9, 8)] {
            let lines: String = (0..steps).map(|step| format!("fn f{step}() {{}}\n")).collect();
            let mut draft = draft("a.rs", &lines);
            for step in 0..steps {
                let at = step * 11 + 5;
                let new = if step == culprit { "(" } else { "g" };
                draft
                    .step(step, vec![crate::edit::Edit::replace(draft.text(), at - 2..at - 1, new)])
                    .unwrap();
            }
            let (blamed, failure) = judge(&mut draft, &[]).unwrap();
            assert_eq!(blamed, culprit, "{steps} {}", draft.text());
            assert!(
                matches!(failure, Failure::InvalidResult { line, .. } if line == culprit + 1),
                "{failure:?}"
            );
        }
    }
}
