//! What the end-to-end tests share: exact trees, the binary, a git that knows no configuration.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "each test file uses a part of it; the walls are for the library"
)]

pub mod page;
mod tree;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub use tree::*;

/// The sample tree that the repository ships.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample/codex-rs")
}

/// The small set that goes with the sample: one patch a query kind.
pub fn kept_patches() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample/patches")
}

/// The sets that the repository ships.
pub fn shipped_patches() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("patches")
}

/// What a command printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Exit status.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Of a command that ended.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Panics with all that was printed unless the exit status is `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The JSON report on standard output, which holds nothing else and is as its schema says.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let report = serde_json::from_str(&self.stdout);
        let report = report.unwrap_or_else(|error| panic!("{error} in:\n{}", self.stdout));
        assert_report(&report);
        report
    }

    /// Every `"id": "status"`, or `"id": "cause"` of what failed, of the JSON report, in order.
    #[track_caller]
    pub fn statuses(&self) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let one = |patch: &serde_json::Value| {
            let what = if patch["cause"].is_null() { &patch["status"] } else { &patch["cause"] };
            (text(&patch["id"]), text(what))
        };
        self.json()["patches"].as_array().unwrap().iter().map(one).collect()
    }
}

/// Panics unless `report` is as its schema says.
#[track_caller]
pub fn assert_report(report: &serde_json::Value) {
    let schema = jsonschema::JSONSchema::compile(&codex_patcher::outcome::json_schema()).unwrap();
    if let Err(errors) = schema.validate(report) {
        let errors = errors.map(|error| format!("{}: {error}\n", error.instance_path)).collect::<String>();
        panic!("{errors} in:\n{report:#}");
    }
}

/// The binary, to be run in `dir`; of this process's environment it sees the search path alone.
pub fn binary(dir: &Path) -> Command {
    quiet(env!("CARGO_BIN_EXE_codex-patcher"), dir)
}

fn quiet(program: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).env_clear();
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

/// Runs the binary in `dir` to its end.
pub fn run<A: AsRef<std::ffi::OsStr>>(dir: &Path, args: impl IntoIterator<Item = A>) -> Ran {
    Ran::of(binary(dir).args(args).output().unwrap())
}

/// Runs git in `dir`; its commits are of `date`, an ISO 8601 time.
pub fn git_at(dir: &Path, date: &str, args: &[&str]) -> Ran {
    let mut command = quiet("git", dir);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "a").env(format!("GIT_{role}_EMAIL"), "a@b");
        command.env(format!("GIT_{role}_DATE"), date);
    }
    Ran::of(command.args(["-c", "init.defaultBranch=main"]).args(args).output().unwrap())
}

/// Runs git in `dir` and wants it to succeed.
#[track_caller]
pub fn git(dir: &Path, args: &[&str]) -> Ran {
    git_at(dir, "2026-01-01T00:00:00Z", args).exits(0)
}

/// Makes `dir` a repository and commits all that is in it.
pub fn commit_all(dir: &Path) {
    git(dir, &["init", "--quiet"]);
    commit(dir, "2026-01-01T00:00:00Z");
}

/// Commits all that is in the repository `dir`, changed or not, at `date`.
#[track_caller]
pub fn commit(dir: &Path, date: &str) {
    git_at(dir, date, &["add", "--all"]).exits(0);
    git_at(dir, date, &["commit", "--quiet", "--allow-empty", "--message=m"]).exits(0);
}
