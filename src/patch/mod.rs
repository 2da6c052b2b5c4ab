//! The checked patch set: what every later room works with. Pure.
//!
//! A value of these types is already valid: patterns compile, numbers are in range, the
//! operation fits the query. `config::schema` is the only room that builds them from a file.

pub mod lock;
pub mod toml_path;
pub mod version;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::sg::matcher::AstGrepQuery;
use crate::ts::locator::TreeSitterQuery;
pub use lock::LockState;
use toml_path::{KeyPath, SectionPath};
use version::VersionRange;

/// One loaded patch file.
#[derive(Debug, Clone)]
pub struct PatchFile {
    /// Path as the user gave it; shown in every message.
    pub path: Arc<str>,
    /// `[meta] name`, or the stem of the file name.
    pub name: String,
    /// `[meta] description`.
    pub description: Option<String>,
    /// Its `[[patches]]`, in the order written.
    pub patches: Vec<Patch>,
    /// What the lock file remembers of them, by id; a patch that was never locked has no entry.
    pub locks: BTreeMap<String, LockState>,
}

impl PatchFile {
    /// What the lock file remembers of one of its patches.
    pub fn lock_of(&self, patch: &Patch) -> &LockState {
        self.locks.get(&patch.id).unwrap_or(&LockState::None)
    }
}

/// One `[[patches]]` table.
#[derive(Debug, Clone)]
pub struct Patch {
    /// Unique in a run.
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where it is written.
    pub origin: Origin,
    /// Candidate targets, at least one, as written in the file.
    pub files: Vec<String>,
    /// `false`: paths are relative to the current directory, or absolute.
    pub workspace_relative: bool,
    /// The file's range and the patch's own; all must hold.
    pub versions: Vec<VersionRange>,
    /// `enabled = false` skips it.
    pub enabled: bool,
    /// What to look for.
    pub query: Query,
    /// How many matches are wanted.
    pub matches: Matches,
    /// What to do there.
    pub operation: Operation,
    /// What the matched span must be.
    pub verify: Option<Verify>,
    /// Only matches inside the `fn` of this name count.
    pub function_context: Option<String>,
    /// `absent` is a failure.
    pub ensure_present: bool,
    /// TOML: the section or key must not be there.
    pub ensure_absent: bool,
    /// How far from what it says its place may be, as the patch itself allows. A run may allow more.
    pub drift: Drift,
}

/// What is done where a patch's place is not as the patch says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Drift {
    /// It fails.
    #[default]
    Off,
    /// The place that it has become in the same file is looked for, and the change merged into it.
    Merge,
    /// The same, and code that left the file is followed.
    Move,
}

/// Where a patch is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The patch file.
    pub file: Arc<str>,
    /// One-based line of its `[[patches]]` header.
    pub line: usize,
}

/// How many matches a query wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matches {
    /// Exactly this many; never zero.
    Exactly(usize),
    /// At least one.
    All,
}

/// What to look for.
#[derive(Debug, Clone)]
pub enum Query {
    /// Verbatim text.
    Text(TextQuery),
    /// An ast-grep pattern or rule.
    AstGrep(AstGrepQuery),
    /// A tree-sitter shorthand or S-expression.
    TreeSitter(TreeSitterQuery),
    /// A TOML section or key.
    Toml(TomlQuery),
}

impl Query {
    /// The kind's name in a patch file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::AstGrep(_) => "ast-grep",
            Self::TreeSitter(_) => "tree-sitter",
            Self::Toml(_) => "toml",
        }
    }

    /// Whether finding it takes a syntax tree of Rust.
    pub fn is_structural(&self) -> bool {
        matches!(self, Self::AstGrep(_) | Self::TreeSitter(_))
    }
}

/// `type = "text"`.
#[derive(Debug, Clone, PartialEq)]
pub struct TextQuery {
    /// Line ends are LF here, whatever the patch file has. Never empty.
    pub search: String,
    /// Tolerance, where the patch asks for it.
    pub fuzzy: Option<Fuzzy>,
}

/// How far a text may be from what is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fuzzy {
    /// Least similarity, 0.0 to 1.0.
    pub threshold: f64,
    /// How many lines the window may be longer than the text searched, 0 to 200.
    pub expansion: usize,
}

impl Fuzzy {
    /// Used where only the expansion is given.
    pub const DEFAULT_THRESHOLD: f64 = 0.85;
    /// Used where only the threshold is given.
    pub const DEFAULT_EXPANSION: usize = 10;
}

impl Default for Fuzzy {
    fn default() -> Self {
        Self { threshold: Self::DEFAULT_THRESHOLD, expansion: Self::DEFAULT_EXPANSION }
    }
}

/// `type = "toml"`.
#[derive(Debug, Clone, PartialEq)]
pub struct TomlQuery {
    /// The section; `None` is the root.
    pub section: Option<SectionPath>,
    /// The key inside it.
    pub key: Option<KeyPath>,
}

/// What to do at a match. Texts have LF line ends and are never empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Put `text` in the place of the match.
    Replace {
        /// The replacement.
        text: String,
        /// How it is laid out.
        layout: Layout,
    },
    /// Take the match away.
    Delete {
        /// Text left in its place.
        insert_comment: Option<String>,
        /// How it is laid out.
        layout: Layout,
    },
    /// Put `text` before the match.
    InsertBefore {
        /// The insertion.
        text: String,
        /// How it is laid out.
        layout: Layout,
    },
    /// Put `text` after the match.
    InsertAfter {
        /// The insertion.
        text: String,
        /// How it is laid out.
        layout: Layout,
    },
    /// One of the TOML operations; the query is then [`Query::Toml`].
    Toml(TomlOperation),
}

impl Operation {
    /// It takes nothing away.
    pub fn only_adds(&self) -> bool {
        matches!(
            self,
            Self::InsertBefore { .. }
                | Self::InsertAfter { .. }
                | Self::Toml(TomlOperation::InsertSection { .. })
        )
    }

    /// The operation's name in a patch file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replace",
            Self::Delete { .. } => "delete",
            Self::InsertBefore { .. } => "insert-before",
            Self::InsertAfter { .. } => "insert-after",
            Self::Toml(op) => op.kind(),
        }
    }
}

/// How structural text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// `indent = "keep"`: no dedent, no indent.
    pub keep_indent: bool,
    /// `attributes = "keep"`: attributes and doc comments stay where they are.
    pub keep_attributes: bool,
    /// `captures = "off"`: `$` is literal.
    pub literal_dollar: bool,
}

/// Operations on TOML.
#[derive(Debug, Clone, PartialEq)]
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
    /// The operation's name in a patch file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InsertSection { .. } => "insert-section",
            Self::ReplaceValue { .. } => "replace-value",
            Self::SetValue { .. } => "set-value",
            Self::ReplaceKey { .. } => "replace-key",
            Self::DeleteSection => "delete-section",
            Self::DeleteKey => "delete-key",
        }
    }
}

/// Where a section is inserted.
#[derive(Debug, Clone, PartialEq)]
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

/// What the matched span must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verify {
    /// Exactly this text, with LF line ends.
    Exact(String),
    /// This SHA-256.
    Sha256([u8; 32]),
    /// This XXH3-64.
    Xxh3(u64),
}
