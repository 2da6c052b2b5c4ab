//! Patches and plans in a few words, for the tables of tests beside these rooms.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::task::{Decision, Plan, Role, Task, Terms};
use crate::patch::toml_path::{KeyPath, SectionPath};
use crate::patch::{
    Action, Drift, Layout, Matches, Origin, Patch, RustQuery, TextEdges, TextEdit, TextQuery, TomlOperation,
    TomlQuery,
};
use crate::sg::matcher::AstGrepQuery;
use crate::sg::pattern::PatternSource;
use crate::source::Source;

pub(super) fn replace(text: &str) -> TextEdit {
    TextEdit::Replace { text: text.to_owned() }
}

pub(super) fn delete() -> TextEdit {
    TextEdit::Delete { insert_comment: None }
}

pub(super) fn before(text: &str) -> TextEdit {
    TextEdit::InsertBefore { text: text.to_owned() }
}

pub(super) fn after(text: &str) -> TextEdit {
    TextEdit::InsertAfter { text: text.to_owned() }
}

/// A patch of `a.rs`, exact, that wants one match.
pub(super) fn patch(action: Action) -> Patch {
    Patch {
        id: String::new(),
        description: None,
        origin: Origin { file: "set.toml".into(), line: 1 },
        files: vec!["a.rs".to_owned()],
        workspace_relative: true,
        versions: Vec::new(),
        enabled: true,
        action,
        matches: Matches::Exactly(1),
        verify: None,
        function_context: None,
        ensure_present: false,
        ensure_absent: false,
        drift: Drift::Off,
    }
}

pub(super) fn text(search: &str, edit: TextEdit) -> Patch {
    patch(Action::Text {
        query: TextQuery { search: search.to_owned(), edges: TextEdges::Words, fuzzy: None },
        edit,
    })
}

/// By ast-grep.
pub(super) fn code(pattern: &str, edit: TextEdit) -> Patch {
    let source = PatternSource { text: pattern.to_owned(), selector: None };
    let query = RustQuery::AstGrep(AstGrepQuery::pattern(source).unwrap());
    patch(Action::Rust { query, edit, layout: Layout::default() })
}

/// `set-value` in `a.toml`.
pub(super) fn set(section: &str, key: &str, value: &str) -> Patch {
    let query = TomlQuery { section: SectionPath::parse(section).ok(), key: KeyPath::parse(key).ok() };
    let operation = TomlOperation::SetValue { value: value.to_owned() };
    Patch { files: vec!["a.toml".to_owned()], ..patch(Action::Toml { query, operation }) }
}

pub(super) fn all(patch: Patch) -> Patch {
    Patch { matches: Matches::All, ..patch }
}

/// The tasks of a set, whose patches get the ids `p0`, `p1`, … first.
pub(super) fn named(mut set: Vec<Patch>) -> Vec<Patch> {
    for (index, patch) in set.iter_mut().enumerate() {
        patch.id = format!("p{index}");
    }
    set
}

pub(super) fn tasks(set: &[Patch]) -> Vec<Task<'_>> {
    let tasks = set.iter().enumerate().map(|(index, patch)| (index, patch.files.clone(), patch));
    tasks
        .map(|(index, targets, patch)| Task { index, patch, targets, terms: Terms::EXACT, role: Role::Acts })
        .collect()
}

/// A draft of a target with this text.
pub(super) fn draft(path: &str, text: &str) -> Draft {
    Draft::new(path, Source::fragment(text))
}

/// Plans a set on one file: the decisions, and the text that comes of it.
pub(super) fn planned(path: &str, text: &str, set: Vec<Patch>) -> (String, String) {
    let mut set = named(set);
    set.iter_mut().for_each(|patch| patch.files = vec![path.to_owned()]);
    let drafts = BTreeMap::from([(path.to_owned(), draft(path, text))]);
    let plan = super::plan(&tasks(&set), drafts);
    (decisions(&plan), plan.drafts[path].text().to_owned())
}

/// The decisions in a row: `apply 2` acts first on line 2.
pub(super) fn decisions(plan: &Plan) -> String {
    let word = |verdict: &super::Verdict| {
        let name = match &verdict.decision {
            Decision::Apply => "apply",
            Decision::InPlace => "in-place",
            Decision::Absent => "absent",
            Decision::Skip(_) => "skip",
            Decision::Fail(failure) => failure.cause().name(),
        };
        verdict.line.map_or_else(|| name.to_owned(), |line| format!("{name} {line}"))
    };
    plan.verdicts.values().map(word).collect::<Vec<_>>().join(", ")
}
