//! Trees of files: written, copied, read, and compared byte for byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use codex_patcher::diff::unified;

/// A file as it is compared: its bytes as text where they are text, and its mode bits.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The content.
    pub content: Result<String, Vec<u8>>,
    /// Executable by its owner (the one mode bit that git keeps).
    pub executable: bool,
}

/// Every file below `root`, with its path relative to it; a symbolic link is a file that holds where it leads, and what git
/// keeps for itself is no part of a tree.
pub fn read_tree(root: &Path) -> BTreeMap<String, Entry> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".git") {
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                dirs.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let content = match std::fs::read_link(&path) {
                Ok(link) => Ok(format!("-> {}", link.display())),
                Err(_) => {
                    String::from_utf8(std::fs::read(&path).unwrap()).map_err(|error| error.into_bytes())
                }
            };
            found.insert(name, Entry { content, executable: is_executable(&path) });
        }
    }
    found
}

/// What tells the tree `actual` from `expected`, file by file: a unified diff of texts, the names of files that are
/// missing, stray, or have other mode bits. Empty if nothing does.
pub fn differences(expected: &BTreeMap<String, Entry>, actual: &BTreeMap<String, Entry>) -> String {
    let mut told = String::new();
    for (path, actual) in actual {
        let Some(expected) = expected.get(path) else {
            told += &format!("stray: {path}\n");
            continue;
        };
        if expected.executable != actual.executable {
            let bit = if actual.executable { "is" } else { "is not" };
            told += &format!("mode: {path} {bit} executable\n");
        }
        match (&expected.content, &actual.content) {
            (Ok(expected), Ok(actual)) => told += &unified(path, expected, actual),
            (expected, actual) if expected == actual => {}
            (expected, actual) => told += &format!("bytes: {path}: {actual:?} instead of {expected:?}\n"),
        }
    }
    let missing = expected.keys().filter(|path| !actual.contains_key(*path));
    told.extend(missing.map(|path| format!("missing: {path}\n")));
    told
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    !path.is_symlink() && std::fs::metadata(path).unwrap().permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

/// Copies a tree, mode bits and symbolic links included, without what git keeps for itself.
pub fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.ends_with(".git") {
            continue;
        }
        if path.is_symlink() {
            link(&std::fs::read_link(&path).unwrap(), &target);
        } else if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) {
    std::os::unix::fs::symlink(to, at).unwrap();
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) {
    panic!("this tree needs symbolic links");
}

/// Writes files below `root`, with the directories that they need.
pub fn write_tree<P: AsRef<str>, C: AsRef<[u8]>>(root: &Path, files: &[(P, C)]) {
    for (path, content) in files {
        let path = root.join(path.as_ref());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

/// What tells a file that was written again, with equal bytes too, from one that was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    modified: SystemTime,
    inode: u64,
}

/// The stamp of every file below `root`, and of every directory: a temporary file that came and went changes those.
pub fn stamps(root: &Path) -> BTreeMap<PathBuf, Stamp> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(path) = left.pop() {
        let metadata = std::fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        let stamp = Stamp { modified: metadata.modified().unwrap(), inode: inode(&metadata) };
        found.insert(path, stamp);
    }
    found
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}
