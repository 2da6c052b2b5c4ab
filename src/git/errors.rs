//! Why git has no answer, and what of git's words reaches a report.

use std::io;
use std::path::{Path, PathBuf};

use crate::limits::Limit;
use crate::outcome::printable;

/// What git says of a repository that it found and cannot open, or of a configuration that it cannot read.
const UNREADABLE: [&str; 8] = [
    "bad config",
    "bad boolean config",
    "bad numeric config",
    "config file",
    "repository extension",
    "repo version",
    "gitfile",
    // A worktree whose repository is gone.
    "not a git repository: ",
];

/// Why git has no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no `git` on the search path.
    #[error("git is not installed")]
    NotInstalled,
    /// `root` lies in no repository.
    #[error("`{}` is not in a git repository", shown(.root))]
    NotRepository {
        /// Where git was asked.
        root: PathBuf,
    },
    /// The repository belongs to another user, and git does not read it for that.
    #[error("git refuses the repository around `{}`: dubious ownership", shown(.root))]
    DubiousOwnership {
        /// Where git was asked.
        root: PathBuf,
        /// The folder that `safe.directory` would have to name, as git says it.
        repository: String,
    },
    /// A configuration, or what makes a folder a repository, is not what git can read.
    #[error("git cannot read the repository or its configuration: {said}")]
    Misconfigured {
        /// What it said.
        said: String,
    },
    /// The repository around `root` tracks nothing of it: it is another project's, or ignores it.
    #[error("the repository around `{}` tracks nothing of it", shown(.root))]
    TracksNothing {
        /// Where git was asked.
        root: PathBuf,
    },
    /// HEAD is a branch without a commit.
    #[error("the repository has no commit")]
    NoCommit,
    /// No commit has this name.
    #[error("`{revision}` is not the name of a commit")]
    UnknownRevision {
        /// As given.
        revision: String,
    },
    /// The repository lists a file whose content it does not have, and nothing says from where it could come.
    #[error("git does not have the content of `{}`", printable(.path))]
    MissingObject {
        /// Relative to the root.
        path: String,
    },
    /// A content that is longer than a file may be.
    #[error("`{}` is {limit}", printable(.path))]
    TooLong {
        /// Relative to the root.
        path: String,
        /// By what.
        limit: Limit,
    },
    /// A partial clone, without something that was asked for and was not fetched.
    #[error("the repository is a partial clone and lacks {}", left_out(.path.as_deref(), .why.as_deref()))]
    LeftOut {
        /// Relative to the root, where git tells.
        path: Option<String>,
        /// Why it was not, where it could have been: a sentence.
        why: Option<String>,
    },
    /// What a checkout would write only a program can tell that the configuration names, and none is started.
    #[error("a checkout passes `{}` through the filter `{}`, and codex-patcher starts no filter", printable(.path), printable(.filter))]
    Filtered {
        /// Relative to the root.
        path: String,
        /// As `.gitattributes` names it.
        filter: String,
    },
    /// Git ended with an error.
    #[error("`git {command}` failed: {stderr}")]
    Failed {
        /// Which of its commands.
        command: &'static str,
        /// What it said.
        stderr: String,
    },
    /// Git said something that this tool does not understand.
    #[error("`git {command}` printed something that codex-patcher does not understand")]
    Unexpected {
        /// Which of its commands.
        command: &'static str,
    },
    /// Git could not be started or talked to.
    #[error("cannot run `git {command}` in `{}`", shown(.root))]
    Io {
        /// Which of its commands.
        command: &'static str,
        /// Where git was asked.
        root: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl GitError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotInstalled => Some("install git, or put it on the search path".to_owned()),
            Self::DubiousOwnership { repository, .. } => {
                let repository = in_shell(repository);
                Some(format!("if you trust it: `git config --global --add safe.directory {repository}`"))
            }
            Self::TooLong { limit, .. } => Some(limit.hint().to_owned()),
            Self::LeftOut { .. } => {
                Some("`git fetch --refetch --no-filter` brings what is missing".to_owned())
            }
            _ => None,
        }
    }

    /// There is what has the form of a repository, and git does not take it for one.
    pub(super) fn broken() -> Self {
        Self::Misconfigured { said: "it takes the `.git` for none".to_owned() }
    }

    /// What git means by what it says on standard error, in a folder around which there is a `.git`.
    pub(super) fn told(command: &'static str, root: &Path, stderr: &[u8]) -> Self {
        let stderr = String::from_utf8_lossy(stderr);
        let says = |words: &[&str]| words.iter().any(|words| stderr.contains(words));
        if says(&["not a git repository (or any"]) {
            return Self::broken();
        }
        if says(&["dubious ownership"]) {
            let repository = stderr.split('\'').nth(1).map_or_else(|| shown(root), printable);
            return Self::DubiousOwnership { root: root.to_owned(), repository };
        }
        // The last is what git says that knows no GIT_NO_LAZY_FETCH.
        if says(&["lazy fetching disabled", "promisor", "transport '"]) {
            return Self::LeftOut { path: None, why: None };
        }
        let mut lines: Vec<String> =
            stderr.lines().map(str::trim).filter(|line| !line.is_empty()).map(printable).collect();
        if says(&UNREADABLE) {
            let said = lines.pop().unwrap_or_default();
            return Self::Misconfigured { said: said.trim_start_matches("fatal: ").to_owned() };
        }
        // What git advises is about git, not about what failed.
        if lines.iter().any(|line| !line.starts_with("hint:")) {
            lines.retain(|line| !line.starts_with("hint:"));
        }
        Self::Failed { command, stderr: lines.join("; ") }
    }
}

/// The line of what git said on standard error that tells what went wrong.
pub(super) fn said_last(stderr: &[u8]) -> String {
    let stderr = String::from_utf8_lossy(stderr);
    let mut lines = stderr.lines().filter(|line| !line.trim().is_empty());
    let line = lines.clone().find(|line| line.starts_with("fatal: ")).or_else(|| lines.next_back());
    printable(line.unwrap_or("git does not say why").trim_start_matches("fatal: "))
}

fn left_out(path: Option<&str>, why: Option<&str>) -> String {
    let what =
        path.map_or_else(|| "contents".to_owned(), |path| format!("the content of `{}`", printable(path)));
    why.map_or_else(|| what.clone(), |why| format!("{what}; {why}"))
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// A path as one word of a shell.
fn in_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_repository_git_refuses_is_told_with_what_to_do() {
        let said = "fatal: detected dubious ownership in repository at '/a/b c'\nTo add an exception …";
        let error = GitError::told("log", Path::new("/a"), said.as_bytes());
        assert!(error.to_string().contains("dubious ownership"), "{error}");
        let hint = error.hint().unwrap();
        assert!(hint.ends_with("--add safe.directory '/a/b c'`"), "{hint}");
    }

    #[test]
    fn what_failed_is_told_and_not_what_git_advises() {
        let grafts = "hint: Support for <GIT_DIR>/info/grafts is deprecated\nhint: and will be removed.\n";
        let said = format!("{grafts}fatal: bad object HEAD\n");
        let error = GitError::told("log", Path::new("/a"), said.as_bytes()).to_string();
        assert_eq!(error, "`git log` failed: fatal: bad object HEAD");
        let error = GitError::told("log", Path::new("/a"), grafts.as_bytes()).to_string();
        assert!(error.contains("grafts is deprecated"), "{error}");
    }

    #[test]
    fn what_git_says_writes_no_line_of_its_own() {
        let said = "warning: x\rerror: y\n\n  fatal: \u{1b}[2K\u{202e}z\u{2028}w\n";
        let forged = "/a\nerror: forged";
        let errors = [
            GitError::told("log", Path::new(forged), said.as_bytes()),
            GitError::told("log", Path::new(forged), b"fatal: not a git repository (or any"),
            GitError::told("log", Path::new(forged), b"dubious ownership in '/a\nerror: forged'"),
            GitError::told("log", Path::new(forged), b"bad config \x1b[2K"),
            GitError::TracksNothing { root: forged.into() },
            GitError::MissingObject { path: forged.into() },
            GitError::LeftOut { path: Some(forged.into()), why: None },
            GitError::Filtered { path: forged.into(), filter: forged.into() },
        ];
        for error in &errors {
            let said = format!("{error} {}", error.hint().unwrap_or_default());
            assert!(!said.contains(char::is_control), "{said:?}");
        }
        let said = errors[0].to_string();
        assert!(said.ends_with(r"warning: x\rerror: y; fatal: \u{1b}[2K\u{202e}z\u{2028}w"), "{said}");
    }
}
