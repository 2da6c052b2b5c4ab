//! What the end-to-end tests share: exact trees.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::disallowed_methods,
    reason = "each test file uses a part of it, and trees are on the disk"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file as it is compared: its bytes as text where they are text, and its mode bits.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The content.
    pub content: Result<String, Vec<u8>>,
    /// Executable by its owner (the one mode bit that git keeps).
    pub executable: bool,
}

/// Every file below `root`, with its path relative to it.
pub fn read_tree(root: &Path) -> BTreeMap<String, Entry> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let content =
                String::from_utf8(std::fs::read(&path).unwrap()).map_err(|error| error.into_bytes());
            found.insert(name, Entry { content, executable: is_executable(&path) });
        }
    }
    found
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

/// Copies a tree, mode bits included.
pub fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// The sample tree that the repository ships.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample/codex-rs")
}

/// The patch set that the repository ships.
pub fn shipped_patches() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("patches")
}
