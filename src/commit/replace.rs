//! Staged files take the place of their targets, one by one; and go back if one of them cannot.
//!
//! A target is **exchanged** with its new content in one step where the system can (Linux, macOS), and what was displaced is
//! compared then: an edit that was saved after the last comparison is found there, and exchanged back. Where the file system
//! has no exchange, the old file gets a second name (a hard link, or a copy), is compared once more, and the new one is
//! renamed over it. Moving the target away first would be simpler, and would leave an instant without a target.

use std::io;
use std::path::PathBuf;

use super::directory::is_unsupported;
use super::stage::{Staged, State};
use super::turns::Directories;
use super::{CommitError, NewContent, WriteStep, Writer, directory_of};

impl Writer<'_> {
    /// Puts all of `staged` in their places, in their order, or none.
    pub(super) fn replace_all(
        &self,
        staged: &mut [Staged<'_>],
        directories: &Directories,
    ) -> Result<(), CommitError> {
        for at in 0..staged.len() {
            // A failed rename is put back too: over a network it may have happened all the same.
            self.replace(&mut staged[at])
                .map_err(|error| self.put_all_back(&staged[..=at], directories, error))?;
        }
        let done = self.sync(directories).and_then(|()| self.confirm(staged, directories));
        done.map_err(|error| self.put_all_back(staged, directories, error))
    }

    fn replace(&self, staged: &mut Staged<'_>) -> Result<(), CommitError> {
        let (target, directory, name) = (&staged.change.path, staged.directory, staged.name);
        let rename = |run: &dyn Fn() -> io::Result<()>| self.step(WriteStep::Replace, target, run);
        if staged.change.before.is_none() {
            return match rename(&|| directory.rename_to_new(&staged.new.name, name)) {
                Err(CommitError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                    Err(staged.changed())
                }
                result => result.map(|()| staged.state = State::Made),
            };
        }
        let exchange = self.step(WriteStep::Exchange, target, || directory.exchange(&staged.new.name, name));
        match exchange {
            Ok(()) => {
                staged.state = State::Exchanged;
                self.compare(staged, &staged.new.name)
            }
            Err(CommitError::Io { source, .. }) if is_unsupported(&source) => {
                let old = self.keep(staged)?;
                self.compare(staged, name)?;
                let renamed = rename(&|| directory.rename(&staged.new.name, name));
                staged.state = State::Replaced(old);
                renamed
            }
            Err(CommitError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Err(staged.changed())
            }
            Err(error) => Err(error),
        }
    }

    /// What can still be seen to have gone wrong, as the last thing before the old files go: an editor that has one of them
    /// open wrote to it, or a directory is not where it was.
    fn confirm(&self, staged: &[Staged<'_>], directories: &Directories) -> Result<(), CommitError> {
        for staged in staged {
            match &staged.state {
                State::Exchanged => self.compare(staged, &staged.new.name)?,
                State::Replaced(old) => self.compare(staged, &old.name)?,
                State::Waiting | State::Made => {}
            }
        }
        self.all_in_place(directories, staged.iter().map(|staged| staged.change))
    }

    /// The error to report, once those of `staged` that are in place are gone from there, the last one first.
    fn put_all_back(
        &self,
        staged: &[Staged<'_>],
        directories: &Directories,
        error: CommitError,
    ) -> CommitError {
        let mut left: Vec<PathBuf> = Vec::new();
        for staged in staged.iter().rev() {
            let target = &staged.change.path;
            let is_back = (self.gate)(WriteStep::PutBack, target).and_then(|()| Self::put_back(staged));
            let is_left = !is_back.unwrap_or(false) && !staged.is_as_before();
            left.retain(|path| *path != staged.change.path);
            if is_left {
                left.push(staged.change.path.clone());
            }
        }
        // The first error is the one to tell; a kill from here on still leaves each file whole.
        let _ = self.sync_undone(directories);
        let mut left_new: Vec<String> = Vec::new();
        for staged in staged.iter().filter(|staged| left.contains(&staged.change.path)) {
            if !left_new.contains(&staged.change.shown) {
                left_new.push(staged.change.shown.clone());
            }
        }
        if left_new.is_empty() {
            error
        } else {
            CommitError::NotPutBack { left_new, source: Box::new(error) }
        }
    }

    /// Puts back what was there. Says whether it did: not where somebody else has written to the file in the meantime, whose
    /// content stays.
    fn put_back(staged: &Staged<'_>) -> io::Result<bool> {
        let (directory, name, temp) = (staged.directory, staged.name, &staged.new.name);
        // Where it cannot be told, it is taken to be ours.
        let is_ours = |name| staged.is_made(name).unwrap_or(true);
        let is_there = match staged.state {
            State::Waiting => staged.is_made(name).unwrap_or(false),
            _ => is_ours(name),
        };
        match &staged.state {
            State::Waiting if !is_there => Ok(true),
            _ if !is_there => Ok(false),
            State::Made => directory.remove(name).map(|()| true),
            State::Waiting if staged.change.before.is_none() => directory.remove(name).map(|()| true),
            State::Replaced(old) => directory.rename(&old.name, name).map(|()| true),
            State::Waiting | State::Exchanged => {
                if directory.exchange(temp, name).is_err() {
                    return directory.rename(temp, name).map(|()| true);
                }
                if is_ours(temp) {
                    return Ok(true);
                }
                // Saved between the look and the exchange.
                directory.exchange(temp, name).map(|()| false)
            }
        }
    }

    fn sync(&self, directories: &Directories) -> Result<(), CommitError> {
        directories.values().try_for_each(|directory| {
            self.step(WriteStep::SyncDirectory, &directory.path, || directory.sync())
        })
    }

    /// Syncs after files were put back: no signal stops that.
    fn sync_undone(&self, directories: &Directories) -> io::Result<()> {
        directories.values().try_for_each(|directory| {
            (self.gate)(WriteStep::SyncDirectory, &directory.path)?;
            directory.sync()
        })
    }

    /// Whether each of `directories` is still where it was when its targets were planned.
    pub(super) fn all_in_place<'c>(
        &self,
        directories: &Directories,
        changes: impl Iterator<Item = &'c NewContent<'c>> + Clone,
    ) -> Result<(), CommitError> {
        for directory in directories.values() {
            let is_in_place = self.step(WriteStep::Lock, &directory.path, || directory.is_in_place())?;
            let mut concerned = changes.clone().filter(|change| directory_of(&change.path) == directory.path);
            if let (false, Some(change)) = (is_in_place, concerned.next()) {
                return Err(change.changed());
            }
        }
        Ok(())
    }
}
