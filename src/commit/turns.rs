//! Whose turn it is: a run holds the directories that it writes to, open and locked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::directory::{Directory, is_elsewhere};
use super::{CommitError, NewContent, WriteStep, Writer, directory_of};

/// The directories of the targets, by their paths.
pub(super) type Directories = BTreeMap<PathBuf, Directory>;

impl Writer<'_> {
    /// Waits until no other run has `root` or a directory of `changes`, and has them then. Each is where it was when the
    /// plan was made.
    pub(super) fn turn(
        &self,
        root: Option<&Path>,
        changes: &[&NewContent<'_>],
    ) -> Result<(Option<Directory>, Directories), CommitError> {
        let root = root.map(|path| self.step(WriteStep::Lock, path, || Directory::open(path))).transpose()?;
        let mut directories = Directories::new();
        for change in changes {
            let path = directory_of(&change.path);
            if !directories.contains_key(path) {
                let open = || match Directory::open(path) {
                    Err(error) if is_elsewhere(&error) => Ok(None),
                    result => result.map(Some),
                };
                let directory = self.step(WriteStep::Lock, path, open)?.ok_or_else(|| change.changed())?;
                directories.insert(path.to_owned(), directory);
            }
        }
        self.lock(root.iter().chain(directories.values()))?;
        // They may have been moved while this run waited.
        self.all_in_place(&directories, changes.iter().copied())?;
        Ok((root, directories))
    }

    /// Locks directories, each once, in an order that is the same for every run, so that none waits in a circle.
    #[cfg(unix)]
    fn lock<'d>(&self, directories: impl Iterator<Item = &'d Directory>) -> Result<(), CommitError> {
        let mut all = Vec::new();
        for directory in directories {
            let identity = self.step(WriteStep::Lock, &directory.path, || directory.identity())?;
            all.push((identity, directory));
        }
        all.sort_by_key(|(identity, _)| *identity);
        all.dedup_by_key(|(identity, _)| *identity);
        all.into_iter()
            .try_for_each(|(_, directory)| self.step(WriteStep::Lock, &directory.path, || directory.lock()))
    }

    #[cfg(not(unix))]
    fn lock<'d>(&self, _: impl Iterator<Item = &'d Directory>) -> Result<(), CommitError> {
        Ok(())
    }
}
