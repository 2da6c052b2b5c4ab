//! Errors that stop a command before a run begins, each with a sentence and a hint; and the exit codes.

use std::io;
use std::process::ExitCode;

use codex_patcher::commit::CommitError;
use codex_patcher::config::loader::LoadError;
use codex_patcher::config::mistake::Mistake;
use codex_patcher::config::report;
use codex_patcher::outcome::{CallError, PatchMistake};
use codex_patcher::propose::Refusal;
use codex_patcher::run::RunError;
use codex_patcher::workspace::{TargetError, WorkspaceError};

use super::human::TextStyle;

/// The exit codes, all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All selected patches are applied, already applied or skipped.
    Good = 0,
    /// At least one failed, or is not in place.
    Failed = 1,
    /// The command line, the workspace or a patch file is wrong; nothing was written.
    Usage = 2,
    /// A bug ended the program, whatever it had written by then.
    Bug = 101,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why no report could be printed. All but the closed pipe exit with [`Exit::Usage`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("cannot find the current directory: {0}")]
    CurrentDir(io::Error),
    #[error("--rev plans against a git revision, and a revision cannot be written")]
    RevisionWithoutDryRun,
    #[error(transparent)]
    Workspace(WorkspaceError),
    #[error("{0}")]
    Load(LoadError),
    #[error(transparent)]
    Run(RunError),
    #[error("{error}")]
    Target {
        #[source]
        error: TargetError,
        /// Files of the workspace with the same name.
        same_name: Vec<String>,
    },
    #[error("cannot read `{path}`: {reason}")]
    Unreadable { path: String, reason: String },
    #[error(transparent)]
    Propose(Refusal),
    #[error("--query needs a line to make a patch for")]
    QueryWithoutLine { path: String },
    #[error("cannot start threads: {0}")]
    Threads(String),
    #[error(transparent)]
    Rewrite(CommitError),
    #[error("unknown command `{0}`")]
    NoCommand(String),
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    #[error("the reader of the output closed the pipe")]
    Pipe,
}

impl Trouble {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Load(error) => error.hint().map(str::to_owned),
            Self::RevisionWithoutDryRun => {
                Some("add --dry-run, or use `codex-patcher status --rev`".to_owned())
            }
            Self::NoCommand(_) => Some("`codex-patcher --help` lists the commands".to_owned()),
            Self::Workspace(_) => Some("name the workspace with -w DIR or $CODEX_WORKSPACE".to_owned()),
            Self::Run(RunError::UnknownId { nearest: Some(id), .. }) => Some(format!("did you mean `{id}`?")),
            Self::Run(RunError::Git(error)) => error.hint(),
            Self::Run(RunError::UnknownId { .. }) => Some("`codex-patcher list` shows all ids".to_owned()),
            Self::Target { error: TargetError::Missing { .. }, same_name } => match same_name.as_slice() {
                [] => Some("write the file relative to the current directory or to the workspace".to_owned()),
                found => Some(format!("did you mean {}?", found[..found.len().min(3)].join(", "))),
            },
            Self::Propose(refusal) => refusal.hint(),
            Self::QueryWithoutLine { path } => Some(format!("write `{path}:LINE`")),
            _ => None,
        }
    }

    /// The same as data, for the report.
    pub(crate) fn as_data(&self) -> CallError {
        let mistakes = match self {
            Self::Load(LoadError::Mistakes(mistakes)) => mistakes.iter().map(data_of).collect(),
            _ => Vec::new(),
        };
        CallError { message: self.to_string(), hint: self.hint(), mistakes }
    }

    /// The text for standard error.
    pub(crate) fn render(&self, look: &TextStyle) -> String {
        if let Self::Load(LoadError::Mistakes(mistakes)) = self {
            let mut text: String = mistakes.iter().map(|m| report::render(m, look.color) + "\n").collect();
            let s = if mistakes.len() == 1 { "" } else { "s" };
            text += &format!(
                "{}: {} mistake{s} in patch files; nothing was written\n",
                look.error("error"),
                mistakes.len()
            );
            return text;
        }
        let mut text = format!("{}: {self}\n", look.error("error"));
        if let Some(hint) = self.hint() {
            text += &format!("{}: {hint}\n", look.note("help"));
        }
        text
    }
}

fn data_of(mistake: &Mistake) -> PatchMistake {
    PatchMistake {
        patch_file: mistake.file.to_string(),
        line: mistake.line,
        column: mistake.column,
        id: mistake.patch.clone(),
        message: mistake.message.clone(),
        hint: mistake.hint.clone(),
    }
}
