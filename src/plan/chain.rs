//! What the other patches of a run mean for one of them.
//!
//! A later patch may rework what an earlier one put in, so the earlier one must be known by what the later ones make
//! of it. Each later patch is planned on the text of the earlier one alone, as if that were a file:
//!
//! ```text
//! patch 0   before `fn main`, insert     fn helper() { help(1); }
//! patch 1   replace `help(1)` with       help(2)
//! patch 2   replace `main()` with        run()
//!
//! stages of patch 0, by which it is known in the result:
//!   0   fn helper() { help(1); }         as it is written
//!   1   fn helper() { help(2); }         what patch 1 makes of stage 0; `later` notes patch 1
//!                                        patch 2 finds nothing in stage 1: it adds none
//! ```
//!
//! A second run finds stage 1 before `fn main`, so patch 0 is in place, and says with whose help. Where a stage cannot be
//! made in this manner, [`undo`] goes the other way. Also noted: what others insert at the same place, because it may stand
//! between a match and its insertion.

mod undo;

pub(super) use undo::places_before_later;

use super::draft::Draft;
use super::sites::{Chain, compute_edit_for_patch, inserted};
use super::task::{ScopeOf, Task, Terms};
use crate::edit::Edit;
use crate::limits::{Limit, STAGE};
use crate::locate::may_match;
use crate::meter;
use crate::patch::{Action, Drift, LockState, Patch, TomlOperation, TomlQuery};
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
        if next.len() > STAGE.max(4 * chain.stages[0].len()) {
            meter::reach(Limit::ResultSize);
            break;
        }
        chain.later.push(later.index);
        if next.trim().is_empty() {
            break; // Nothing is left of it, and nothing stands everywhere.
        }
        chain.stages.push(next);
    }
    if inserted(&patch.action).is_some() {
        let others = tasks
            .iter()
            .enumerate()
            .filter(|(other, task)| *other != at && here(task))
            .map(|(_, task)| task.patch);
        chain.insertions = others.filter_map(|other| inserted(&other.action)).map(str::to_owned).collect();
    }
    chain
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
    let search = match &later.patch.action {
        Action::Text { query, .. } => query.search.as_str(),
        _ => "",
    };
    let has_indents = search.starts_with([' ', '\t']) || search.trim_end().contains('\n');
    let indents: &[&str] =
        if laid_out && has_indents { &["", "    ", "        ", "            ", "\t"] } else { &[""] };
    // A place ends with its line where the query says so.
    let is_ended = laid_out && search.ends_with('\n') && !stage.ends_with('\n');
    let whole = if is_ended { format!("{stage}\n") } else { stage.to_owned() };
    let next = indents.iter().find_map(|indent| {
        let next = patched(later, indented(&whole, indent), path)?;
        Some(if indent.is_empty() { next } else { render::dedent(&next) })
    })?;
    let bare = next.strip_suffix('\n').filter(|_| is_ended).map(str::to_owned);
    Some(bare.unwrap_or(next))
}

/// What the patch of `task` makes of `text` alone, wherever that stands; `None` if nothing.
fn patched(task: &Task<'_>, text: String, path: &str) -> Option<String> {
    let patch = task.patch;
    if !may_match(&patch.action, &text) || !may_hold(patch, &text) {
        return None;
    }
    // Tolerance of the run and locks are for targets: what a later patch makes of a piece of text, it says itself.
    let drift = if matches!(&patch.action, Action::Text { query, .. } if query.fuzzy.is_some()) {
        Drift::Merge
    } else {
        Drift::Off
    };
    let terms = Terms { drift, lock: &LockState::None, scope: ScopeOf::All, ..task.terms };
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

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use super::*;

    /// A name, the set, the stages of its first patch, and the later ones that made them.
    type Case<'t> = (&'t str, Vec<Patch>, &'t [&'t str], &'t [usize]);

    #[test]
    fn later_patches_carry_a_text_on() {
        let helper = || code("fn main() { $$$B }", before("fn helper() {\n    help(1);\n}\n"));
        let cases: Vec<Case<'_>> = vec![
            ("no later patch", vec![text("a", replace("b"))], &["b"], &[]),
            (
                "one that looks for something else",
                vec![text("a", replace("b")), text("z", replace("y"))],
                &["b"],
                &[],
            ),
            ("one", vec![text("a", replace("b c")), text("c", replace("d"))], &["b c", "b d"], &[1]),
            (
                "two in a row",
                vec![text("a", replace("b")), text("b", replace("c")), text("c", replace("d"))],
                &["b", "c", "d"],
                &[1, 2],
            ),
            (
                "one by its tree",
                vec![helper(), code("help($A)", replace("assist($A)"))],
                &["fn helper() {\n    help(1);\n}\n", "fn helper() {\n    assist(1);\n}\n"],
                &[1],
            ),
            (
                "lines that are indented in the target",
                vec![
                    helper(),
                    text("    {\n        help(1);\n", replace("")),
                    text("        help(1);\n    }\n", replace("    }\n")),
                ],
                &["fn helper() {\n    help(1);\n}\n", "fn helper() {\n}\n"],
                &[2],
            ),
            (
                "a line that is indented in the target",
                vec![
                    code("a();", after("help(1);")),
                    text("    help(1);", replace("    help(2);")),
                    text("    help(2);\n", replace("    help(3);\n")),
                ],
                &["help(1);", "help(2);", "help(3);"],
                &[1, 2],
            ),
            ("nothing is left", vec![text("a", replace("b")), text("b", delete())], &["b"], &[1]),
            (
                "an earlier one has no part",
                vec![text("b", replace("c")), text("a", replace("b"))],
                &["c"],
                &[],
            ),
            ("a delete has no text", vec![text("a", delete()), text("b", replace("c"))], &[], &[]),
        ];
        for (name, set, stages, later) in cases {
            let set = named(set);
            let chain = chain_of(&tasks(&set), 0, "a.rs");
            assert_eq!(
                (chain.stages.as_slice(), chain.later.as_slice()),
                (stages.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().as_slice(), later),
                "{name}"
            );
        }
    }

    #[test]
    fn a_value_of_toml_is_carried_on_as_a_document() {
        let set = named(vec![
            set("dep", "x", "{ version = \"1\" }"),
            set("dep", "x.version", "\"2\""),
            Patch { files: vec!["a.toml".to_owned()], ..text("\"2\"", replace("\"3\"")) },
        ]);
        let chain = chain_of(&tasks(&set), 0, "a.toml");
        assert_eq!(chain.stages, ["{ version = \"1\" }", "{ version = \"2\" }", "{ version = \"3\" }"]);
    }

    #[test]
    fn insertions_know_each_other_and_bound_functions_come_last() {
        let bound = |name: &str, patch| Patch { function_context: Some(name.to_owned()), ..patch };
        let set = named(vec![
            text("a", after("1")),
            text("a", after("2")),
            bound("f", text("a", before("3"))),
            bound("f", text("a", replace("4"))),
            Patch { files: vec!["other.rs".to_owned()], ..text("a", after("5")) },
        ]);
        let chain = chain_of(&tasks(&set), 0, "a.rs");
        assert_eq!(
            (chain.insertions, chain.functions),
            (vec!["2".to_owned(), "3".to_owned()], vec!["f".to_owned()])
        );
        assert!(chain_of(&tasks(&set), 3, "a.rs").functions.is_empty(), "its own is no other's");
    }
}
