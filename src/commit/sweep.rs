//! What killed runs left beside the files that they wrote, and the names by which it is known.
//!
//! A file of the tree may be called like that. So the caller is asked about each file before it is removed, and says whether
//! git tracks it or the run is about it.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::directory::Directory;

const PREFIX: &str = ".codex-patcher-";
const SUFFIX: &str = ".tmp";

/// Whether the file at a path is somebody's, although it is called like a temporary file.
pub type IsKept<'k> = &'k dyn Fn(&Path) -> bool;

/// Tells names of one process apart.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Calls `make` with names for a temporary file until one is free.
pub(super) fn with_new_name<T>(
    mut make: impl FnMut(&OsString) -> io::Result<T>,
) -> io::Result<(OsString, T)> {
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = OsString::from(format!("{PREFIX}{}-{count}{SUFFIX}", std::process::id()));
        match make(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return Ok((name, result?)),
        }
    }
}

/// Removes what a killed run left. It cannot belong to a living one: that one would hold the lock. What cannot be removed
/// harms nobody, so errors are passed over.
pub(super) fn sweep(directory: &Directory, is_kept: IsKept<'_>) {
    for name in leftovers(directory) {
        if !is_kept(&directory.path.join(&name)) {
            let _ = directory.remove(&name);
        }
    }
}

/// The files that may be left of a killed run.
pub(super) fn leftovers(directory: &Directory) -> Vec<OsString> {
    directory.files(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX)).unwrap_or_default()
}
