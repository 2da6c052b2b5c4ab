//! What a patch looks for and what it does there, as one value. Pure.
//!
//! One type and not two, because an operation belongs to its query: TOML operations speak of sections and keys, edits put
//! text in the place of a match, and only the text of a Rust query is laid out. A combination that means nothing cannot
//! be written down here, so no later room has to say what it would do with one.

use serde::Serialize;

use super::toml_path::{KeyPath, SectionPath};
use crate::sg::matcher::AstGrepQuery;
use crate::ts::locator::TreeSitterQuery;

/// A list of names as a patch file has them: the enum, all of its values, and the name of each. Nothing can be left out.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])* $value,)*
        }

        impl $name {
            /// Every one, in the order in which they are listed to users.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$value),*];

            /// The name in a patch file.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)*
                }
            }
        }
    };
}

named! {
    /// `type` of a query.
    QueryKind {
        /// Verbatim text.
        Text = "text",
        /// An ast-grep pattern or rule.
        AstGrep = "ast-grep",
        /// A tree-sitter shorthand or S-expression.
        TreeSitter = "tree-sitter",
        /// A TOML section or key.
        Toml = "toml",
    }
}

impl QueryKind {
    /// Whether finding it takes a syntax tree of Rust.
    pub(crate) fn is_structural(self) -> bool {
        matches!(self, Self::AstGrep | Self::TreeSitter)
    }

    /// For sentences: "a text query".
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::Text => "a text query",
            Self::AstGrep => "an ast-grep query",
            Self::TreeSitter => "a tree-sitter query",
            Self::Toml => "a toml query",
        }
    }
}

named! {
    /// `type` of an operation.
    OperationKind {
        /// [`TextEdit::Replace`].
        Replace = "replace",
        /// [`TextEdit::Delete`].
        Delete = "delete",
        /// [`TextEdit::InsertBefore`].
        InsertBefore = "insert-before",
        /// [`TextEdit::InsertAfter`].
        InsertAfter = "insert-after",
        /// [`TomlOperation::InsertSection`].
        InsertSection = "insert-section",
        /// [`TomlOperation::InsertSection`] with [`SectionPlace::End`].
        AppendSection = "append-section",
        /// [`TomlOperation::ReplaceValue`].
        ReplaceValue = "replace-value",
        /// [`TomlOperation::SetValue`].
        SetValue = "set-value",
        /// [`TomlOperation::ReplaceKey`].
        ReplaceKey = "replace-key",
        /// [`TomlOperation::DeleteSection`].
        DeleteSection = "delete-section",
        /// [`TomlOperation::DeleteKey`].
        DeleteKey = "delete-key",
    }
}

impl OperationKind {
    /// Whether it belongs to a TOML query.
    pub(crate) fn is_toml(self) -> bool {
        !matches!(self, Self::Replace | Self::Delete | Self::InsertBefore | Self::InsertAfter)
    }
}

/// What to look for, and what to do there.
#[derive(Debug, Clone, Serialize)]
pub enum Action {
    /// Verbatim text.
    Text {
        /// What to look for.
        query: TextQuery,
        /// What to do there.
        edit: TextEdit,
    },
    /// A node of Rust.
    Rust {
        /// What to look for.
        query: RustQuery,
        /// What to do there.
        edit: TextEdit,
        /// How the text is laid out.
        layout: Layout,
    },
    /// A section or key of TOML.
    Toml {
        /// What to look for.
        query: TomlQuery,
        /// What to do there.
        operation: TomlOperation,
    },
}

impl Action {
    /// `type` of the query.
    pub fn query_kind(&self) -> QueryKind {
        match self {
            Self::Text { .. } => QueryKind::Text,
            Self::Rust { query, .. } => query.kind(),
            Self::Toml { .. } => QueryKind::Toml,
        }
    }

    /// `type` of the operation.
    pub fn operation_kind(&self) -> OperationKind {
        match self {
            Self::Text { edit, .. } | Self::Rust { edit, .. } => edit.kind(),
            Self::Toml { operation, .. } => operation.kind(),
        }
    }

    /// What is done to the text of a match; `None` for TOML.
    pub fn edit(&self) -> Option<&TextEdit> {
        match self {
            Self::Text { edit, .. } | Self::Rust { edit, .. } => Some(edit),
            Self::Toml { .. } => None,
        }
    }

    /// The text that it puts in, as the patch writes it.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { edit, .. } | Self::Rust { edit, .. } => edit.text(),
            Self::Toml { operation, .. } => operation.text(),
        }
    }

    /// Whether it takes nothing away.
    pub(crate) fn only_adds(&self) -> bool {
        match self {
            Self::Text { edit, .. } | Self::Rust { edit, .. } => edit.inserts(),
            Self::Toml { operation, .. } => matches!(operation, TomlOperation::InsertSection { .. }),
        }
    }

    /// Whether it takes something away and leaves nothing in its place.
    pub(crate) fn only_deletes(&self) -> bool {
        match self {
            Self::Text { edit, .. } | Self::Rust { edit, .. } => {
                matches!(edit, TextEdit::Delete { insert_comment: None })
            }
            Self::Toml { operation, .. } => {
                matches!(operation, TomlOperation::DeleteKey | TomlOperation::DeleteSection)
            }
        }
    }
}

/// `type = "text"`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextQuery {
    /// Line ends are LF here, whatever the patch file has. Never empty.
    pub search: String,
    /// Where it may begin and end.
    pub edges: TextEdges,
    /// Tolerance, where the patch asks for it.
    pub fuzzy: Option<Fuzzy>,
}

/// Where a text that is searched may begin and end in a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum TextEdges {
    /// Between words: not inside an identifier or a number.
    #[default]
    Words,
    /// Anywhere: `partial_words = true`.
    Anywhere,
}

/// How far a text may be from what is searched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fuzzy {
    /// Least similarity, 0.0 to 1.0.
    pub(crate) threshold: f64,
    /// How many lines the window may be longer than the text searched, 0 to 200.
    pub(crate) expansion: usize,
}

impl Fuzzy {
    /// Used where only the expansion is given.
    pub(crate) const DEFAULT_THRESHOLD: f64 = 0.85;
    /// Used where only the threshold is given.
    pub(crate) const DEFAULT_EXPANSION: usize = 10;
}

impl Default for Fuzzy {
    fn default() -> Self {
        Self { threshold: Self::DEFAULT_THRESHOLD, expansion: Self::DEFAULT_EXPANSION }
    }
}

/// A query that finds nodes of Rust.
#[derive(Debug, Clone, Serialize)]
pub enum RustQuery {
    /// `type = "ast-grep"`.
    AstGrep(AstGrepQuery),
    /// `type = "tree-sitter"`.
    TreeSitter(TreeSitterQuery),
}

impl RustQuery {
    /// `type` of the query.
    pub fn kind(&self) -> QueryKind {
        match self {
            Self::AstGrep(_) => QueryKind::AstGrep,
            Self::TreeSitter(_) => QueryKind::TreeSitter,
        }
    }

    /// A word that every match contains, where one is known.
    pub(crate) fn required_literal(&self) -> Option<&str> {
        match self {
            Self::AstGrep(query) => query.required_literal(),
            Self::TreeSitter(query) => query.required_literal(),
        }
    }

    /// The text of an ast-grep pattern.
    pub fn pattern(&self) -> Option<&str> {
        match self {
            Self::AstGrep(query) => query.text(),
            Self::TreeSitter(_) => None,
        }
    }
}

/// `type = "toml"`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TomlQuery {
    /// The section; `None` is the root.
    pub section: Option<SectionPath>,
    /// The key inside it.
    pub key: Option<KeyPath>,
}

/// What to do with the text of a match. Texts have LF line ends and are never empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TextEdit {
    /// Put `text` in the place of the match.
    Replace {
        /// The replacement.
        text: String,
    },
    /// Take the match away.
    Delete {
        /// Text left in its place.
        insert_comment: Option<String>,
    },
    /// Put `text` before the match.
    InsertBefore {
        /// The insertion.
        text: String,
    },
    /// Put `text` after the match.
    InsertAfter {
        /// The insertion.
        text: String,
    },
}

impl TextEdit {
    /// `type` of the operation.
    pub(crate) fn kind(&self) -> OperationKind {
        match self {
            Self::Replace { .. } => OperationKind::Replace,
            Self::Delete { .. } => OperationKind::Delete,
            Self::InsertBefore { .. } => OperationKind::InsertBefore,
            Self::InsertAfter { .. } => OperationKind::InsertAfter,
        }
    }

    /// The text that it puts in; `None` for a delete that leaves nothing.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Replace { text } | Self::InsertBefore { text } | Self::InsertAfter { text } => Some(text),
            Self::Delete { insert_comment } => insert_comment.as_deref(),
        }
    }

    /// Whether it puts text beside the match and leaves the match alone.
    pub(crate) fn inserts(&self) -> bool {
        matches!(self, Self::InsertBefore { .. } | Self::InsertAfter { .. })
    }
}

/// How the text of a Rust query is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Layout {
    /// `indent = "keep"`: no dedent, no indent.
    pub(crate) keep_indent: bool,
    /// `attributes = "keep"`: attributes and doc comments stay where they are.
    pub(crate) keep_attributes: bool,
    /// `captures = "off"`: `$` is literal.
    pub(crate) literal_dollar: bool,
}

/// Operations on TOML.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TomlOperation {
    /// `insert-section`, and `append-section` with [`SectionPlace::End`].
    InsertSection {
        /// TOML source with at least one header.
        text: String,
        /// Where it goes.
        place: SectionPlace,
    },
    /// The key must be there.
    ReplaceValue {
        /// TOML source of the value.
        value: String,
    },
    /// A missing key is added after the section's last one.
    SetValue {
        /// TOML source of the value.
        value: String,
    },
    /// Rename a key that holds a value.
    ReplaceKey {
        /// TOML source of the new key: one part, bare or quoted.
        new_key: String,
    },
    /// The header, its own comment, its body and its sub-tables.
    DeleteSection,
    /// The whole line of the key.
    DeleteKey,
}

impl TomlOperation {
    /// `type` of the operation; `append-section` is reported as `insert-section`.
    pub(crate) fn kind(&self) -> OperationKind {
        match self {
            Self::InsertSection { .. } => OperationKind::InsertSection,
            Self::ReplaceValue { .. } => OperationKind::ReplaceValue,
            Self::SetValue { .. } => OperationKind::SetValue,
            Self::ReplaceKey { .. } => OperationKind::ReplaceKey,
            Self::DeleteSection => OperationKind::DeleteSection,
            Self::DeleteKey => OperationKind::DeleteKey,
        }
    }

    /// The TOML source that it puts in; `None` for deletes.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::InsertSection { text, .. } => Some(text),
            Self::ReplaceValue { value } | Self::SetValue { value } => Some(value),
            Self::ReplaceKey { new_key } => Some(new_key),
            Self::DeleteSection | Self::DeleteKey => None,
        }
    }
}

/// Where a section is inserted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum SectionPlace {
    /// After the last line of the file.
    End,
    /// Before the first header, after the root's keys.
    Beginning,
    /// After this section and its last sub-table.
    After(SectionPath),
    /// Before this section and its own comment.
    Before(SectionPath),
}
