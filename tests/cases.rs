//! One folder a behaviour under `tests/cases`: `in/` is the tree before, `set.toml` (or several `*.toml`) the patches,
//! `args` what is typed (`apply` if there is none), `out/` the tree after (as before if there is none), `output.txt` what is
//! printed and the exit status. Trees are compared byte for byte, mode bits and stray files included.
//!
//! Each line of `args` is run in turn on the same tree; one that begins with `git` runs git in it. In what is printed
//! `TREE` stands for the tree's path.
//!
//! Each folder is a test of its name: `cargo test --test cases NAME`. `UPDATE_TRANSCRIPTS=1` rewrites `out/` and `output.txt`.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the walls are for the library; a test runs the binary on trees"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use codex_patcher::diff::unified;
use libtest_mimic::{Arguments, Failed, Trial};
use support::{copy_tree, differences, read_tree};

fn main() -> ExitCode {
    let trials: Vec<Trial> = cases().into_iter().map(trial).collect();
    assert!(trials.len() > 20, "the cases are there");
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn trial(case: PathBuf) -> Trial {
    let name = case.file_name().unwrap().to_str().unwrap().to_owned();
    Trial::test(name, move || {
        let wrong = check(&case);
        if wrong.is_empty() { Ok(()) } else { Err(Failed::from(wrong)) }
    })
}

/// What is not as the folder has it; empty if nothing is.
fn check(case: &Path) -> String {
    let scratch = tempfile::tempdir().unwrap();
    let tree = scratch.path().join("tree");
    copy_tree(&case.join("in"), &tree);
    let output = run(case, &tree);
    let (before, after) = (read_tree(&case.join("in")), read_tree(&tree));
    let out = case.join("out");
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        let _ = std::fs::remove_dir_all(&out);
        if after != before {
            copy_tree(&tree, &out);
        }
        std::fs::write(case.join("output.txt"), &output).unwrap();
    }
    let expected = if out.is_dir() { read_tree(&out) } else { before };
    let transcript = std::fs::read_to_string(case.join("output.txt")).unwrap_or_default();
    differences(&expected, &after) + &unified("output.txt", &transcript, &output)
}

fn run(case: &Path, tree: &Path) -> String {
    let mut sets: Vec<PathBuf> = std::fs::read_dir(case)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| PathBuf::from(path.file_name().unwrap()))
        .collect();
    sets.sort();
    let args = std::fs::read_to_string(case.join("args")).unwrap_or_else(|_| "apply".to_owned());
    let mut transcript = String::new();
    for line in args.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(words) = line.strip_prefix("git ") {
            git(tree, words);
            transcript += &format!("$ {line}\n");
            continue;
        }
        let mut words = line.split_whitespace();
        let command = words.next().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_codex-patcher"))
            .current_dir(case)
            .env_clear()
            .arg(command)
            .args(words)
            .args(&sets)
            .arg("-w")
            .arg(tree)
            .output()
            .unwrap();
        transcript += &format!("$ {line}\n");
        transcript += &String::from_utf8(output.stdout).unwrap();
        transcript += &String::from_utf8(output.stderr).unwrap();
        transcript += &format!("exit {}\n", output.status.code().unwrap());
    }
    transcript.replace(tree.to_str().unwrap(), "TREE")
}

/// Runs git with an author and a date that are always the same.
fn git(tree: &Path, words: &str) {
    let settings = ["user.name=nobody", "user.email=nobody@localhost", "init.defaultBranch=main"];
    let output = Command::new("git")
        .current_dir(tree)
        .env("GIT_CONFIG_GLOBAL", "")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .args(words.split_whitespace())
        .output()
        .unwrap();
    assert!(output.status.success(), "git {words}: {}", String::from_utf8_lossy(&output.stderr));
}
