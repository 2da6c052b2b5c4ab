//! A patch that is not yet edited: its query and its operation, as TOML.
//!
//! All values are quoted in one way, so a stub is valid TOML whatever the target contains. `stub_check` finds out
//! whether it is also a valid patch.

use std::fmt::Write as _;
use std::ops::Range;

use super::Proposal;
use crate::config::toml_text::{Style, long, write};
use crate::patch::{OperationKind, QueryKind};

/// A patch to be edited. Until then it changes nothing; only one that adds a key has made up what it adds.
#[derive(Debug, Clone)]
pub struct Stub {
    /// The kind of its query.
    pub kind: QueryKind,
    /// What it is called.
    pub(crate) id: String,
    /// Its query in a few words.
    pub summary: String,
    /// What it matches: a half-open byte range of the target's text.
    pub span: Range<usize>,
    /// Keys of the query but its type, with their values as TOML source.
    pub(super) query: Vec<(&'static str, String)>,
    /// The only function in which matches count.
    pub(super) function: Option<String>,
    pub(super) operation: StubOperation,
}

/// What is done at the match.
#[derive(Debug, Clone)]
pub(super) struct StubOperation {
    pub(super) kind: OperationKind,
    /// The key that the user edits, and its value.
    pub(super) key: &'static str,
    pub(super) value: String,
    /// Further keys.
    pub(super) layout: Vec<(&'static str, &'static str)>,
}

/// What the check edits a text with.
const EDIT: &str = " /* edited */";

/// An edited text: the edit stands at the end of its last line.
pub(super) fn edited(text: &str) -> String {
    match text.strip_suffix('\n') {
        Some(body) => format!("{body}{EDIT}\n"),
        None => format!("{text}{EDIT}"),
    }
}

impl StubOperation {
    /// `replace` with `text`.
    pub(super) fn replace(text: String, layout: Vec<(&'static str, &'static str)>) -> Self {
        Self { kind: OperationKind::Replace, key: "text", value: text, layout }
    }
}

impl Stub {
    /// As `[[patches]]`, without a comment.
    pub fn toml(&self, path: &str) -> String {
        self.written(path, &self.operation.value)
    }

    /// The same, as somebody edited it. A TOML value becomes a list with itself in it.
    pub(crate) fn edited(&self, path: &str) -> String {
        let value = match self.operation.key {
            "value" => format!("[{}]", self.operation.value),
            _ => edited(&self.operation.value),
        };
        self.written(path, &value)
    }

    fn written(&self, path: &str, value: &str) -> String {
        let mut toml = String::from("[[patches]]\n");
        let mut line = |key: &str, value: &str| writeln!(toml, "{key} = {value}").expect("it is a string");
        line("id", &string(&self.id));
        line("file", &string(path));
        toml += "\n[patches.query]\n";
        let mut line = |key: &str, value: &str| writeln!(toml, "{key} = {value}").expect("it is a string");
        line("type", &string(self.kind.name()));
        for (key, value) in &self.query {
            line(key, value);
        }
        if let Some(function) = &self.function {
            toml += &format!("\n[patches.constraint]\nfunction_context = {}\n", string(function));
        }
        toml += &format!("\n[patches.operation]\ntype = {}\n", string(self.operation.kind.name()));
        for (key, value) in &self.operation.layout {
            toml += &format!("{key} = {}\n", string(value));
        }
        toml + &format!("{} = {}\n", self.operation.key, string(value))
    }
}

/// `value` as TOML source: the plainest way that can hold it.
pub(super) fn string(value: &str) -> String {
    let plain = !value.contains(|c: char| c.is_control() || matches!(c, '"' | '\\'));
    match value.contains('\n') {
        true => long(value),
        false if plain => write(value, &[Style::Basic]),
        false => write(value, &[Style::Literal, Style::LongLiteral]),
    }
}

impl Proposal {
    /// The patch with comments above it that say what it is for and what else could be had; to be appended to a patch file.
    pub fn toml(&self) -> String {
        let mut toml = format!("\n# {}:{}: {}\n", self.path, self.line, self.what);
        let key = self.stub.operation.key;
        let edit = match self.stub.operation.kind {
            OperationKind::SetValue => "Edit `key` and `value` below: they are placeholders".to_owned(),
            _ => format!("Edit `{key}` below: until then the patch changes nothing"),
        };
        toml += &match self.others.as_slice() {
            [] => format!("# {edit}.\n"),
            _ => format!("# {edit}. Other queries that match here and nowhere else:\n"),
        };
        for (kind, summary) in &self.others {
            let _ = writeln!(toml, "#   --query {:<11}  {summary}", kind.name());
        }
        let comment: String =
            toml.chars().map(|c| if c.is_control() && c != '\n' { '?' } else { c }).collect();
        comment + &self.stub.toml(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::toml_text::tests::awkward;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_written_as_toml_and_read_back(text in awkward()) {
            let written = format!("x = {}\n", string(&text));
            let table: toml::Table = written.parse().unwrap();
            prop_assert_eq!(table["x"].as_str(), Some(text.as_str()));
        }
    }

    #[test]
    fn an_edit_stands_on_the_last_line() {
        assert_eq!(edited("a\nb\n"), "a\nb /* edited */\n");
        assert_eq!(edited("a"), "a /* edited */");
    }
}
