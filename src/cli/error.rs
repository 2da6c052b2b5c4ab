//! Errors that stop a command before a run begins, each with a sentence and a hint; and the exit codes.

use std::io;
use std::process::ExitCode;

use codex_patcher::commit::{CommitError, Signal};
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
    #[error("unknown command `{0}`")]
    NoCommand(String),
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    #[error("nobody would learn what the run did: cannot write the output: {0}; nothing was written")]
    Silenced(io::Error),
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
            Self::Run(RunError::Rewrite(CommitError::Interrupted { .. })) => {
                Some("nothing was written: every file is as it was before the run".to_owned())
            }
            Self::Run(RunError::Rewrite(CommitError::NotPutBack { .. })) => {
                Some("run again to finish, or take the patches back with `codex-patcher revert`".to_owned())
            }
            Self::QueryWithoutLine { path } => Some(format!("write `{path}:LINE`")),
            _ => None,
        }
    }

    /// The signal that stopped the run.
    fn signal(&self) -> Option<Signal> {
        match self {
            Self::Run(RunError::Rewrite(error)) => error.signal(),
            _ => None,
        }
    }

    /// [`Exit::Usage`]; what stopped by a signal exits as a shell says that it did.
    pub(crate) fn exit(&self) -> ExitCode {
        let signal = self.signal().and_then(|signal| u8::try_from(signal.0).ok());
        signal.map_or(Exit::Usage.into(), |signal| ExitCode::from(128 + signal))
    }

    /// The sentence, and those of the errors behind it that it does not say itself.
    fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut behind = std::error::Error::source(self);
        while let Some(source) = behind {
            let said = source.to_string();
            if !sentence.contains(&said) {
                sentence += &format!(": {said}");
            }
            behind = source.source();
        }
        sentence
    }

    /// The same as data, for the report.
    pub(crate) fn as_data(&self) -> CallError {
        let mistakes = match self {
            Self::Load(LoadError::Mistakes(mistakes)) => mistakes.iter().map(data_of).collect(),
            _ => Vec::new(),
        };
        CallError { message: self.sentence(), hint: self.hint(), mistakes }
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
        let mut text = format!("{}: {}\n", look.error("error"), self.sentence());
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn an_error_says_why_and_once() {
        let long = "x".repeat(300);
        let error =
            codex_patcher::workspace::Workspace::find(Some(Path::new(&long)), Path::new("/")).unwrap_err();
        let sentence = Trouble::Workspace(error).sentence();
        assert!(sentence.contains("File name too long"), "{sentence}");
        assert_eq!(sentence.matches("File name too long").count(), 1);
        let missing = codex_patcher::workspace::Workspace::find(Some(Path::new("nowhere")), Path::new("/"));
        assert_eq!(Trouble::Workspace(missing.unwrap_err()).sentence(), "workspace `nowhere` does not exist");
    }
}
