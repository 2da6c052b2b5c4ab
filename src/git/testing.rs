//! Repositories for the tests of this room and of those that read revisions.

use std::path::Path;
use std::process::Command;

use super::command::clean;

pub(crate) const DAY: &str = "2026-01-01T00:00:00Z";

/// Runs git as somebody, at `date`.
pub(crate) fn git(dir: &Path, date: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgSign=false"]);
    command.args(["-c", "core.autocrlf=false", "-c", "tag.gpgSign=false"]).arg("-C").arg(dir).args(arguments);
    clean(&mut command);
    command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Makes `dir` a repository, if it is none, and commits all that is in it.
pub(crate) fn commit_all(dir: &Path, date: &str) -> String {
    git(dir, date, &["init", "--quiet"]);
    git(dir, date, &["add", "--all", "--force"]);
    git(dir, date, &["commit", "--quiet", "--allow-empty", "--message=m"]);
    git(dir, date, &["rev-parse", "HEAD"])
}
