//! What a run is asked to do.

use semver::Version;

use super::selection::Selection;
use crate::outcome::Command;
use crate::patch::Drift;
use crate::plan::{Record, Strictness};

/// What a run does with its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write it.
    Write,
    /// Only report.
    Report,
    /// Put the targets back to git's HEAD.
    Revert,
}

/// What a failed patch does to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Nothing is written.
    #[default]
    WriteNothing,
    /// What applies without it is written.
    KeepGoing,
}

/// What the lock files mean for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LockUse {
    /// A patch does not overwrite what upstream changed since it was locked.
    #[default]
    Heed,
    /// It does, and is locked again.
    Accept,
    /// All patches are planned as if they had never been locked.
    Forget,
}

/// Whether the report has the unified diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffOutput {
    /// It does not have it.
    #[default]
    Omit,
    /// It has it.
    Include,
}

/// What a command asks of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The command, for the report.
    pub command: Command,
    /// What to do with the plan.
    pub mode: Mode,
    /// Which patches take part.
    pub selection: Selection,
    /// The version to compare ranges with, instead of reading it.
    pub version: Option<Version>,
    /// A git revision to plan against, instead of the files.
    pub revision: Option<String>,
    /// What a failed patch does to the others.
    pub on_failure: OnFailure,
    /// Whether warnings are failures.
    pub strictness: Strictness,
    /// What the lock files mean.
    pub locks: LockUse,
    /// Whether verdicts contain the places where each patch acts.
    pub record: Record,
    /// How far a place may be from what its patch says; a patch itself may allow more.
    pub drift: Drift,
    /// Whether the report has the unified diff.
    pub diff: DiffOutput,
}

impl Options {
    /// All patches, planned exactly against the working tree; nothing is written.
    pub fn new(command: Command) -> Self {
        Self {
            command,
            mode: Mode::Report,
            selection: Selection::default(),
            version: None,
            revision: None,
            on_failure: OnFailure::default(),
            strictness: Strictness::default(),
            locks: LockUse::default(),
            record: Record::default(),
            drift: Drift::Off,
            diff: DiffOutput::default(),
        }
    }
}
