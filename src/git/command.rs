//! How git is called: the only place that starts it.
//!
//! A tree comes with a configuration of its own (`.git/config` of what was unpacked, a repository among its files),
//! and many keys of git's name a program. So what is asked of git here keeps to three rules, and a test holds every
//! command of the binary against a canary for each such key (`tests/binary/canaries.rs`):
//!
//! - Only commands that read objects, names and the index. None compares the working tree, which would start the
//!   filters that the tree names, or `git status` in its submodules; none writes, which would start hooks; none
//!   prints a patch, which would start drivers of `diff`. `checkout.rs` has the one exception, and its guard.
//! - [`SETTINGS`] and [`VARIABLES`] go with each call. They come last, so they win over the configuration.
//! - Git fetches nothing by itself: no protocol is allowed. What a partial clone lacks `promisor.rs` fetches, where
//!   it has made sure that this starts nothing; else it is an error that says how to get it.
//!
//! The environment is the user's, not the tree's, but what a hook or another call of git left in it speaks of another
//! repository. So all of git's variables are taken away but those that say where the user's configuration is, and
//! where the search for a repository ends.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use super::GitError;
use super::repository::{Enclosing, Finds, has_remains};

/// What of git's variables is left as the user has it.
const KEPT: [&str; 7] = [
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
    // It only makes git refuse; how a test becomes another user.
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
];

/// What goes with each call.
const VARIABLES: [(&str, &str); 7] = [
    // Not a program that asks for a password, whoever names it.
    ("GIT_ASKPASS", ""),
    ("GIT_NO_LAZY_FETCH", "1"),
    // Both make commits look as if they had other parents or contents than they have.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
];

/// No protocol. This wins over `protocol.<name>.allow`, and holds for git that knows no GIT_NO_LAZY_FETCH (before 2.44).
const NOTHING: &str = "none";

/// What answers in a repository on this machine: git without the configuration that goes with each call, and so told again
/// to fetch nothing. What it lacks itself it would fetch as its own configuration says.
const UPLOAD_PACK: &str = "--upload-pack=GIT_ALLOW_PROTOCOL=none GIT_NO_LAZY_FETCH=1 git -c core.hooksPath=/dev/null -c core.fsmonitor= upload-pack";

/// As [`VARIABLES`], of what git knows as configuration.
const SETTINGS: [&str; 12] = [
    "safe.bareRepository=explicit",
    // Not `false`: git before 2.36 takes that for the name of a program.
    "core.fsmonitor=",
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
    "fetch.negotiationAlgorithm=noop",
    "maintenance.auto=false",
    "log.showSignature=false",
    // These run nothing and change the answer, or end it.
    "diff.orderFile=/dev/null",
    "log.follow=false",
    "log.mailmap=false",
    "log.showRoot=true",
    "i18n.logOutputEncoding=UTF-8",
];

/// One command, asked in `root`, which is an absolute path.
#[derive(Clone, Copy)]
pub(super) struct Git<'r> {
    root: &'r Path,
    command: &'static str,
    /// What may be fetched over, as git lists it.
    protocols: &'static str,
}

impl<'r> Git<'r> {
    pub(super) fn new(root: &'r Path, command: &'static str) -> Self {
        Self { root, command, protocols: NOTHING }
    }

    /// A fetch over `protocols` of the objects that it is given on standard input, and of nothing else.
    pub(super) fn fetching(root: &'r Path, protocols: &'static str) -> Self {
        Self { root, command: "fetch", protocols }
    }

    /// What it prints, of a command that must succeed.
    pub(super) fn answer(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = self.output(arguments)?;
        if output.status.success() { Ok(output.stdout) } else { Err(self.failure(&output.stderr)) }
    }

    pub(super) fn output(&self, arguments: &[&str]) -> Result<Output, GitError> {
        self.wait(self.spawn(arguments, Stdio::null())?)
    }

    pub(super) fn wait(&self, child: Child) -> Result<Output, GitError> {
        child.wait_with_output().map_err(|source| self.io(source))
    }

    /// Starts it, with its output in pipes.
    pub(super) fn spawn(&self, arguments: &[&str], stdin: Stdio) -> Result<Child, GitError> {
        let io = |source| self.io(source);
        let enclosing = match Enclosing::of(self.root).map_err(io)? {
            Some(enclosing) => enclosing,
            None if has_remains(self.root).map_err(io)? => return Err(GitError::broken()),
            None => return Err(self.no_repository()),
        };
        let mut git = command();
        match enclosing.what_git_finds().map_err(io)? {
            Finds::DotGit => {}
            Finds::Another => {
                git.env("GIT_DIR", self.repository_of(&enclosing)?);
                git.env("GIT_WORK_TREE", enclosing.top());
            }
        }
        git.arg("-C").arg(self.root).arg(self.command).args(self.switches()).args(arguments);
        self.start(git, stdin)
    }

    /// Where the repository is whose `.git` git would not get to from the root. It is asked from where the `.git` is, so
    /// that it checks whose the repository is: it does not if it is told by `GIT_DIR`.
    fn repository_of(&self, enclosing: &Enclosing<'_>) -> Result<String, GitError> {
        let mut git = command();
        git.arg("-C").arg(enclosing.top()).args(["rev-parse", "--absolute-git-dir"]);
        let output = self.wait(self.start(git, Stdio::null())?)?;
        if !output.status.success() {
            return Err(self.failure(&output.stderr));
        }
        let found = String::from_utf8(output.stdout).map_err(|_| self.unexpected())?;
        let found = found.trim_end_matches(['\r', '\n']);
        // A `.git` that is no repository after all, and git too old to know `safe.bareRepository`.
        let is_around = self.root.ancestors().any(|folder| folder == Path::new(found));
        if is_around { Err(self.no_repository()) } else { Ok(found.to_owned()) }
    }

    /// What the command has to be told.
    fn switches(&self) -> &'static [&'static str] {
        match self.command {
            "log" => &["--no-ext-diff", "--no-textconv", "--no-color"],
            "fetch" => &[
                "--quiet",
                "--stdin",
                "--no-tags",
                "--no-prune",
                "--refmap=",
                "--no-write-fetch-head",
                "--no-write-commit-graph",
                "--no-auto-maintenance",
                "--recurse-submodules=no",
                UPLOAD_PACK,
            ],
            "diff-tree" | "diff-index" => &["--no-ext-diff", "--no-textconv", "--ignore-submodules=all"],
            _ => &[],
        }
    }

    fn start(&self, mut git: Command, stdin: Stdio) -> Result<Child, GitError> {
        git.env("GIT_ALLOW_PROTOCOL", self.protocols);
        git.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        git.spawn().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => GitError::NotInstalled,
            _ => self.io(source),
        })
    }

    pub(super) fn failure(&self, stderr: &[u8]) -> GitError {
        GitError::told(self.command, self.root, stderr)
    }

    pub(super) fn unexpected(&self) -> GitError {
        GitError::Unexpected { command: self.command }
    }

    pub(super) fn io(&self, source: io::Error) -> GitError {
        GitError::Io { command: self.command, root: self.root.to_owned(), source }
    }

    fn no_repository(&self) -> GitError {
        GitError::NotRepository { root: self.root.to_owned() }
    }
}

/// `git`, as everything here starts it.
fn command() -> Command {
    let mut git = Command::new("git");
    clean(&mut git);
    git.envs(VARIABLES);
    git.args(["--no-pager", "--literal-pathspecs"]);
    SETTINGS.iter().for_each(|setting| {
        git.args(["-c", setting]);
    });
    git
}

/// Takes git's variables away.
pub(super) fn clean(git: &mut Command) {
    std::env::vars_os().map(|(name, _)| name).filter(|name| !is_kept(name)).for_each(|name| {
        git.env_remove(name);
    });
}

fn is_kept(name: &OsStr) -> bool {
    // Windows does not tell cases apart.
    let name = name.to_string_lossy().to_uppercase();
    !name.starts_with("GIT_") || KEPT.contains(&name.as_str())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]
mod tests {
    use super::super::testing::{DAY, commit_all, git};
    use super::*;
    use std::fs;

    #[test]
    fn of_gits_variables_those_stay_that_say_where_the_users_configuration_is() {
        for name in ["PATH", "HOME", "GIT_CONFIG_GLOBAL", "GIT_CEILING_DIRECTORIES", "LEGIT_X"] {
            assert!(is_kept(OsStr::new(name)), "{name}");
        }
        for name in ["GIT_DIR", "git_dir", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_SSH", "GIT_TRACE"] {
            assert!(!is_kept(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn commits_are_as_they_were_made() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::write(root.join("x"), "1\n").unwrap();
        let first = commit_all(root, DAY);
        fs::write(root.join("x"), "2\n").unwrap();
        let second = commit_all(root, DAY);
        let blobs = [&first, &second].map(|commit| git(root, DAY, &["rev-parse", &format!("{commit}:x")]));
        let ours = |command, arguments: &[&str]| {
            String::from_utf8(Git::new(root, command).answer(arguments).unwrap()).unwrap()
        };
        let seen = || (ours("cat-file", &["blob", &blobs[1]]), ours("rev-list", &["--count", "HEAD"]));
        let made = ("2\n".to_owned(), "2\n".to_owned());
        assert_eq!(seen(), made);
        git(root, DAY, &["replace", &blobs[1], &blobs[0]]);
        fs::write(root.join(".git/info/grafts"), format!("{second}\n")).unwrap();
        assert_eq!(seen(), made);
        assert_eq!(git(root, DAY, &["cat-file", "blob", &blobs[1]]), "1", "the test cannot fail");
        assert_eq!(git(root, DAY, &["rev-list", "--count", "HEAD"]), "1", "the test cannot fail");
    }
}
