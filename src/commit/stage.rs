//! The new content of every file, made and synced beside its target before anything is replaced; and the comparison of a
//! target with what the plan was made on.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::Path;

use super::directory::{Access, Directory};
use super::sweep::with_new_name;
use super::turns::Directories;
use super::{CommitError, NewContent, WriteStep, Writer, directory_of};

/// A change on its way. Dropped, it takes its temporary files along.
pub(super) struct Staged<'c> {
    pub(super) change: &'c NewContent<'c>,
    pub(super) directory: &'c Directory,
    /// The name of the target in its directory.
    pub(super) name: &'c OsStr,
    /// What the target was when it was inspected; `None` where there was none.
    pub(super) model: Option<Metadata>,
    /// The new content; after an exchange, what was there.
    pub(super) new: Temp<'c>,
    /// The file that has the new content.
    pub(super) made: Metadata,
    /// How it was put in its place.
    pub(super) state: State<'c>,
    /// Whether it changes what an earlier change of this commit makes.
    pub(super) is_later: bool,
}

/// How far a staged file is.
pub(super) enum State<'c> {
    /// It is staged.
    Waiting,
    /// It was exchanged with its target, which has the temporary name now.
    Exchanged,
    /// It was renamed over its target, whose old content this is.
    Replaced(Temp<'c>),
    /// It got a name that nothing had.
    Made,
}

/// A temporary file, removed when it is dropped.
pub(super) struct Temp<'c> {
    directory: &'c Directory,
    pub(super) name: OsString,
}

impl Drop for Temp<'_> {
    fn drop(&mut self) {
        // Where it was renamed, nothing has this name.
        let _ = self.directory.remove(&self.name);
    }
}

impl<'c> Staged<'c> {
    /// What a step on the target says where something else is there.
    pub(super) fn changed(&self) -> CommitError {
        self.change.changed()
    }
}

impl Writer<'_> {
    /// Stages all `changes`, once each target was inspected.
    pub(super) fn stage_all<'c>(
        &self,
        changes: &[&'c NewContent<'c>],
        directories: &'c Directories,
    ) -> Result<Vec<Staged<'c>>, CommitError> {
        let mut models: BTreeMap<&Path, Option<Metadata>> = BTreeMap::new();
        for change in changes {
            if !models.contains_key(&*change.path) {
                models.insert(&change.path, self.inspect(change, &directories[directory_of(&change.path)])?);
            }
        }
        let mut staged: Vec<Staged<'c>> = Vec::new();
        for change in changes {
            let model = models[&*change.path].clone();
            let is_later = staged.iter().any(|earlier| earlier.change.path == change.path);
            staged.push(self.stage(change, &directories[directory_of(&change.path)], model, is_later)?);
        }
        Ok(staged)
    }

    fn inspect(
        &self,
        change: &NewContent<'_>,
        directory: &Directory,
    ) -> Result<Option<Metadata>, CommitError> {
        let is_new = change.before.is_none();
        let metadata = self.step(WriteStep::Inspect, &change.path, || {
            let file = if is_new { None } else { directory.regular(name_of(change))? };
            file.map(|file| file.metadata()).transpose()
        })?;
        match metadata {
            Some(metadata) if metadata.permissions().readonly() => {
                Err(CommitError::ReadOnly { shown: change.shown.clone() })
            }
            None if !is_new => Err(change.changed()),
            metadata => Ok(metadata),
        }
    }

    fn stage<'c>(
        &self,
        change: &'c NewContent<'c>,
        directory: &'c Directory,
        model: Option<Metadata>,
        is_later: bool,
    ) -> Result<Staged<'c>, CommitError> {
        let (new, made) = self.write_beside(&change.path, directory, change.after, model.as_ref())?;
        let (name, state) = (name_of(change), State::Waiting);
        Ok(Staged { change, directory, name, model, new, made, state, is_later })
    }

    /// A temporary file with `content` and the mode of `model`; without one, as new files are.
    pub(super) fn write_beside<'c>(
        &self,
        target: &Path,
        directory: &'c Directory,
        content: &[u8],
        model: Option<&Metadata>,
    ) -> Result<(Temp<'c>, Metadata), CommitError> {
        let access = if model.is_some() { Access::Private } else { Access::Usual };
        let (name, mut file) =
            self.step(WriteStep::Create, target, || with_new_name(|name| directory.create(name, access)))?;
        let temp = Temp { directory, name };
        self.step(WriteStep::Write, target, || file.write_all(content))?;
        if let Some(model) = model {
            self.step(WriteStep::SetMode, target, || {
                copy_owner(&file, model);
                file.set_permissions(model.permissions())
            })?;
        }
        let metadata = self.step(WriteStep::Sync, target, || {
            file.sync_all()?;
            file.metadata()
        })?;
        Ok((temp, metadata))
    }

    /// A second name for the old file; a copy where links are refused.
    pub(super) fn keep<'c>(&self, staged: &Staged<'c>) -> Result<Temp<'c>, CommitError> {
        let (target, directory) = (&staged.change.path, staged.directory);
        let linked =
            self.step(WriteStep::Link, target, || with_new_name(|name| directory.link(staged.name, name)));
        match linked {
            Ok((name, ())) => Ok(Temp { directory, name }),
            Err(CommitError::Io { .. }) => {
                let before = staged.change.before.unwrap_or_default();
                Ok(self.write_beside(target, directory, before, staged.model.as_ref())?.0)
            }
            Err(error) => Err(error),
        }
    }

    /// Compares what is called `name` with what the plan was made on.
    pub(super) fn compare(&self, staged: &Staged<'_>, name: &OsStr) -> Result<(), CommitError> {
        let is_same = self.step(WriteStep::Compare, &staged.change.path, || staged.is_as_planned(name))?;
        if is_same { Ok(()) } else { Err(staged.changed()) }
    }
}

impl Staged<'_> {
    /// Whether the file `name` has the content and the mode that the target had.
    fn is_as_planned(&self, name: &OsStr) -> io::Result<bool> {
        let Some((file, now)) = self.directory.read(name)? else { return Ok(false) };
        let mode = file.metadata()?.permissions();
        let is_same_mode = self.model.as_ref().is_none_or(|model| model.permissions() == mode);
        Ok(self.change.before == Some(&*now) && is_same_mode)
    }

    /// Whether the target has the old content.
    pub(super) fn is_as_before(&self) -> bool {
        let now = self.directory.read(self.name);
        now.is_ok_and(|now| now.map(|(_, now)| now).as_deref() == self.change.before)
    }

    /// Whether the file `name` is the one that this change made, as it was made.
    pub(super) fn is_made(&self, name: &OsStr) -> io::Result<bool> {
        let Some((file, now)) = self.directory.read(name)? else { return Ok(false) };
        Ok(now == self.change.after && is_same_file(&self.made, &file.metadata()?))
    }
}

/// The last name of the path of a target.
fn name_of<'c>(change: &'c NewContent<'_>) -> &'c OsStr {
    change.path.file_name().unwrap_or(change.path.as_os_str())
}

#[cfg(unix)]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Before the mode is set, because a change of owner clears mode bits. Group and owner apart: one may be
/// allowed where the other is not.
#[cfg(unix)]
fn copy_owner(file: &File, model: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let Ok(now) = file.metadata() else { return };
    if now.gid() != model.gid() {
        let _ = fchown(file, None, Some(model.gid()));
    }
    if now.uid() != model.uid() {
        let _ = fchown(file, Some(model.uid()), None);
    }
}

#[cfg(not(unix))]
fn copy_owner(_: &File, _: &Metadata) {}
