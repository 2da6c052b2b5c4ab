//! The writer on a real disk: each step fails, is watched, or has somebody else come in between.

#![expect(clippy::disallowed_methods, reason = "it lays out trees, and is the editor that comes in between")]

use std::fs;

use super::*;

mod races;
mod steps;

pub(super) const FILES: [&str; 4] = ["a/1", "a/2", "b/3", "b/4"];

/// Four files in two directories, all holding `old`.
pub(super) fn tree() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    for directory in ["a", "b"] {
        fs::create_dir(root.join(directory)).unwrap();
    }
    for name in FILES {
        fs::write(root.join(name), "old").unwrap();
    }
    (dir, root)
}

pub(super) fn change<'a>(root: &Path, name: &str, before: &'a str, after: &'a str) -> NewContent<'a> {
    NewContent {
        path: root.join(name),
        shown: name.to_owned(),
        before: Some(before.as_bytes()),
        after: after.as_bytes(),
    }
}

pub(super) fn new_file<'a>(root: &Path, name: &str, after: &'a str) -> NewContent<'a> {
    NewContent { before: None, ..change(root, name, "", after) }
}

pub(super) fn commit(root: &Path, changes: &[NewContent<'_>]) -> Result<usize, CommitError> {
    super::commit(Some(root), changes, &|_| false)
}

/// Commits with a gate before each step.
pub(super) fn gated(
    root: &Path,
    changes: &[NewContent<'_>],
    gate: &dyn Fn(WriteStep, &Path) -> io::Result<()>,
) -> Result<usize, CommitError> {
    Writer::new(gate, &Watch::begin).commit(Some(root), changes, &|_| false)
}

/// Refuses every exchange, as some file systems do.
pub(super) fn no_exchange(step: WriteStep) -> io::Result<()> {
    if step == WriteStep::Exchange { Err(io::ErrorKind::Unsupported.into()) } else { Ok(()) }
}

pub(super) fn tidy(directory: &Path) {
    super::tidy(directory, &|_| false);
}

pub(super) fn all(root: &Path) -> Vec<NewContent<'static>> {
    FILES.iter().map(|name| change(root, name, "old", "new")).collect()
}

pub(super) fn contents(root: &Path) -> Vec<String> {
    FILES.iter().map(|name| fs::read_to_string(root.join(name)).unwrap()).collect()
}

/// Every path below `root`, so that nothing can be left unseen.
pub(super) fn names(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for directory in ["", "a", "b"] {
        for entry in fs::read_dir(root.join(directory)).unwrap() {
            names.push(entry.unwrap().path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
    names.sort();
    names
}
