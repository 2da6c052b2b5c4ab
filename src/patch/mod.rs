//! The checked patch set: what every later room works with. Pure.
//!
//! A value of these types is already valid: patterns compile, numbers are in range, each
//! operation belongs to its query. `config::schema` is the only room that builds them from a file.

mod action;
pub(crate) mod lock;
pub(crate) mod toml_path;
pub(crate) mod version;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

pub use action::{
    Action, Fuzzy, Layout, OperationKind, QueryKind, RustQuery, SectionPlace, TextEdges, TextEdit, TextQuery,
    TomlOperation, TomlQuery,
};
pub use lock::LockState;
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
    /// Their lock states, by id; a patch that was never locked has no entry.
    pub(crate) locks: BTreeMap<String, LockState>,
}

impl PatchFile {
    /// The lock state of one of its patches.
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
    /// What to look for, and what to do there.
    pub action: Action,
    /// How many matches are wanted.
    pub matches: Matches,
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

/// How far the place of a patch may be from what the patch says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Drift {
    /// Not at all: the patch fails.
    #[default]
    Off,
    /// Changed, in the same file: the change of the patch is merged into what the place has become.
    Merge,
    /// The same, and moved to another file.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Matches {
    /// Exactly this many; never zero.
    Exactly(usize),
    /// At least one.
    All,
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
