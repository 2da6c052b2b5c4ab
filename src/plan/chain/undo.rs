//! A text as it was before later patches of the run reworked it, as far as they can be undone.
//!
//! The last resort where a patch's effect is nowhere, because a later patch reworked it where no stage can follow: what it
//! looked for was captured from the target, or it changed only a part of what the earlier one left alone.
//!
//! ```text
//! patch 0, ast-grep   v0($A) -> v1($A)         its stages: v1($A), and `v1(1)` is not in that
//! patch 1, text       v1(1)  -> v2(1)
//!
//! the text            fn f() { v2(1); }        neither v0(..) nor v1(..): patch 0 is nowhere
//! patch 1 undone      fn f() { v1(1); }        `v2(1)` stands as often as patch 1 wants: each becomes `v1(1)` again
//! patch 0 there       `v1(1)` is `v1($A)`      in place
//! and forwards        `v2(1)`                  the span, moved through what was undone: what patch 0 answers for
//! ```
//!
//! Later patches are undone from the last one on. Only those that say what stood there before: replacements of text, and
//! insertions. Nothing is applied because of it: it only tells that a patch is in place.

use std::ops::Range;

use super::super::draft::Draft;
use super::super::settle::{Settled, settle};
use super::super::sites::{Chain, Occurrence, Occurs, compute_edit_for_patch, inserted};
use super::super::task::Task;
use super::super::template::{Template, may_occur};
use super::chain_of;
use crate::edit::{Edit, map_span};
use crate::locate::may_match;
use crate::patch::{Action, Matches, TextEdit};
use crate::source::Source;
use crate::text::lines::{line_end, line_start};

/// So many later patches are undone at most.
const MOST: usize = 64;

/// One later patch undone.
struct Undone {
    patch: usize,
    /// What does it again.
    again: Vec<Edit>,
}

/// Where the effect of the patch at `at` stands once the later ones are undone, in the text as it is, and which of them
/// had their part in it.
pub(in crate::plan) fn places_before_later(
    tasks: &[Task<'_>],
    at: usize,
    draft: &Draft,
) -> (Vec<Occurrence>, Vec<usize>) {
    let mut text = draft.text().to_owned();
    let mut undone: Vec<Undone> = Vec::new();
    for (later, task) in tasks.iter().enumerate().skip(at + 1).rev() {
        if undone.len() == MOST {
            break;
        }
        if task.targets.iter().any(|target| target == draft.path())
            && let Some((before, again)) = undo(tasks, later, draft.path(), &text)
        {
            text = before;
            undone.push(Undone { patch: task.index, again });
        }
    }
    if undone.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut then = Draft::new(draft.path(), Source::fragment(text));
    let own = chain_of(tasks, at, draft.path());
    let Ok(sites) = compute_edit_for_patch(tasks[at].patch, &tasks[at].terms, &mut then, &own) else {
        return (Vec::new(), Vec::new());
    };
    if !sites.pending.is_empty() || sites.score.is_some() {
        return (Vec::new(), Vec::new());
    }
    let mut later = Vec::new();
    let moved = |place: Occurrence| Occurrence {
        span: redone(place.span, &undone, &mut later),
        how: Occurs::Reworked,
    };
    let places = sites.present.into_iter().map(moved).collect();
    (places, later)
}

/// Where `span` is once what was undone is done again; notes whose edits touch it.
fn redone(mut span: Range<usize>, undone: &[Undone], later: &mut Vec<usize>) -> Range<usize> {
    for step in undone.iter().rev() {
        let edits: Vec<&Edit> = step.again.iter().collect();
        if edits.iter().any(|edit| edit.span().start <= span.end && span.start <= edit.span().end) {
            later.push(step.patch);
        }
        span = map_span(&edits, span);
    }
    span
}

/// The text before the patch at `at`, and the edits that lead back; `None` where it is not in place or cannot be undone.
fn undo(tasks: &[Task<'_>], at: usize, path: &str, text: &str) -> Option<(String, Vec<Edit>)> {
    let patch = tasks[at].patch;
    let before = before(&patch.action)?;
    let structural = matches!(patch.action, Action::Rust { .. });
    let mut draft = Draft::new(path, Source::fragment(text));
    let put_in = patch.action.text()?;
    let holds = if structural {
        may_match(&patch.action, text) && may_occur(&Template::new(put_in, true), text)
    } else {
        text.contains(put_in)
    };
    if !holds {
        return None;
    }
    let others = tasks.iter().filter(|task| task.index != tasks[at].index);
    let insertions = others.filter_map(|task| inserted(&task.patch.action)).map(str::to_owned).collect();
    let own = Chain { stages: vec![put_in.to_owned()], insertions, ..Chain::default() };
    let sites = compute_edit_for_patch(patch, &tasks[at].terms, &mut draft, &own).ok()?;
    let standing = sites.present.len();
    let in_place = settle(patch.matches, sites.pending.len(), standing) == Settled::InPlace;
    let as_many = patch.matches == Matches::All || patch.matches == Matches::Exactly(standing);
    if !in_place || !as_many || sites.score.is_some() {
        return None;
    }
    let span =
        |place: &Occurrence| if structural { whole_lines(text, &place.span) } else { place.span.clone() };
    let edits: Vec<Edit> =
        sites.present.iter().map(|place| Edit::replace(text, span(place), before)).collect();
    let result = Edit::apply_batch(text, &edits).ok()?;
    let again = inverse(text, &result, &edits);
    Some((result, again))
}

/// What stood where a patch's text stands; `None` if that is not known.
fn before(action: &Action) -> Option<&str> {
    match action {
        Action::Text { query, edit: TextEdit::Replace { .. } } => Some(&query.search),
        Action::Text { edit, .. } | Action::Rust { edit, .. } => edit.inserts().then_some(""),
        Action::Toml { .. } => None,
    }
}

/// The lines of `span`, if nothing else stands on them.
fn whole_lines(text: &str, span: &Range<usize>) -> Range<usize> {
    let (start, end) = (line_start(text, span.start), line_end(text, span.end));
    let alone = text[start..span.start].trim().is_empty() && text[span.end..end].trim().is_empty();
    if alone { start..(end + 1).min(text.len()) } else { span.clone() }
}

/// The edits that make `text` again of `result`, which is the text after `edits`; those are by position and disjoint.
fn inverse(text: &str, result: &str, edits: &[Edit]) -> Vec<Edit> {
    let (mut grown, mut shrunk) = (0, 0);
    let back = |edit: &Edit| {
        let start = edit.span().start + grown - shrunk;
        grown += edit.text().len();
        shrunk += edit.span().len();
        Edit::replace(result, start..start + edit.text().len(), &text[edit.span()])
    };
    edits.iter().map(back).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::*;
    use super::*;
    use crate::patch::Patch;

    /// A name, the text, the set, the places of its first patch, and the later ones that had their part in them.
    type Case<'t> = (&'t str, &'t str, Vec<Patch>, &'t [&'t str], &'t [usize]);

    #[test]
    fn what_later_patches_reworked_is_found_beneath_them() {
        let cases: Vec<Case<'_>> = vec![
            ("nothing to undo", "v1(1)", vec![text("v0(1)", replace("v1(1)"))], &[], &[]),
            (
                "a capture was looked for",
                "fn f() { v2(1); }",
                vec![code("v0($A)", replace("v1($A)")), text("v1(1)", replace("v2(1)"))],
                &["v2(1)"],
                &[1],
            ),
            (
                "two of them, the last one first",
                "fn f() { v3(1); }",
                vec![
                    code("v0($A)", replace("v1($A)")),
                    text("v1(1)", replace("v2(1)")),
                    text("v2(1)", replace("v3(1)")),
                ],
                &["v3(1)"],
                &[1, 2],
            ),
            (
                "lines that the two share",
                "x = 2;\ny = 1;\nz = 2;\n",
                vec![
                    text("x = 1;\ny = 1;\n", replace("x = 2;\ny = 1;\n")),
                    text("y = 1;\nz = 1;\n", replace("y = 1;\nz = 2;\n")),
                ],
                &["x = 2;\ny = 1;\nz = 2;\n"],
                &[1],
            ),
            (
                "an insertion between",
                "one\nnew\ntwo\n",
                vec![text("1\n2\n", replace("one\ntwo\n")), text("one\n", after("new\n"))],
                &["one\nnew\ntwo\n"],
                &[1],
            ),
            (
                "the later one is not in place",
                "fn f() { v9(1); }",
                vec![code("v0($A)", replace("v1($A)")), text("v1(1)", replace("v2(1)"))],
                &[],
                &[],
            ),
            (
                "what a delete took is not known",
                "fn f() {}",
                vec![code("v0($A)", replace("v1($A)")), text("v1(1)", delete())],
                &[],
                &[],
            ),
            (
                "it is there more often than wanted",
                "v2(1) v2(1)",
                vec![text("v0(1)", replace("v1(1)")), text("v1(1)", replace("v2(1)"))],
                &[],
                &[],
            ),
        ];
        for (name, source, set, places, later) in cases {
            let set = named(set);
            let draft = draft("a.rs", source);
            let (found, mut with) = places_before_later(&tasks(&set), 0, &draft);
            with.sort_unstable();
            let found: Vec<&str> = found.into_iter().map(|place| &source[place.span]).collect();
            assert_eq!((found.as_slice(), with.as_slice()), (places, later), "{name}");
        }
    }
}
