//! The only writer: puts the new content of all files on the disk, or leaves all of them as they are.
//!
//! Every new file is staged beside its target and synced, every target is compared once more with what the plan
//! was made on, and only then are the staged files renamed over their targets, one by one. An error at any step
//! restores what was renamed. Nothing is decided here: the plan says which bytes go where.
//!
//! **Killed at any instant**, each file is wholly old or wholly new: a target changes by one `rename` and at no
//! other moment. The renames of several files are not one atomic step, so a kill between two of them leaves
//! some files new and some old; a second run finishes the job. What a kill leaves beside the targets (`.codex-patcher-*.tmp`)
//! is swept by the next commit that writes to the same directory, and by `tidy`.
//!
//! **Two runs at once** take turns: each locks the root and every directory it writes to. The locks are advisory
//! and on the directories themselves, so no lock file can become stale. An editor does not take these locks:
//! what it saves between the last comparison and the rename (some microseconds) is lost. On file systems
//! without such locks only the comparison protects the targets.
//!
//! **Restored by renaming.** The old file is kept under a second name (a hard link; a copy where links are
//! refused), made before anything is renamed, so that restoring it needs no space and gives the very same
//! file. Moving the target away first would be simpler and would leave an instant without a target.
//!
//! `tempfile` creates the staged files and no library does more: those of atomic writes replace one file, and what is difficult
//! lies between several: the comparison, putting back, taking turns, sweeping.
//!
//! A new file has the mode bits of the old one and, as far as the system lets us, its owner. It is a new inode:
//! other hard links to the old one keep the old content, and access control lists are not copied.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one room that writes: stages, compares, renames, puts back"
)]

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use tempfile::TempPath;

const PREFIX: &str = ".codex-patcher-";
const SUFFIX: &str = ".tmp";

/// What this process has written so far, for the one who has to say it when a bug ends the run.
static WRITTEN: AtomicU8 = AtomicU8::new(Written::Nothing as u8);

/// How much of what was to be written is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Written {
    /// Every file is as it was before this process.
    Nothing,
    /// A commit is under way, or could not put all files back.
    Partly,
    /// Whatever was to be written until now is written.
    All,
}

/// What this process has written.
pub fn written() -> Written {
    match WRITTEN.load(Ordering::SeqCst) {
        0 => Written::Nothing,
        1 => Written::Partly,
        _ => Written::All,
    }
}

/// Notes what is written, and says what was before.
fn note(written: Written) -> Written {
    let before = self::written();
    WRITTEN.store(written as u8, Ordering::SeqCst);
    before
}

/// New content for one file.
#[derive(Debug, Clone)]
pub struct NewContent<'a> {
    /// Canonical and absolute, as in [`crate::workspace::Target`].
    pub path: PathBuf,
    /// The path as the user knows it, for errors.
    pub shown: String,
    /// The whole content that the new one was made from.
    pub before: &'a [u8],
    /// The whole new content.
    pub after: &'a [u8],
}

/// What the writer was doing to a path. Its `Display` completes "cannot …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WriteStep {
    /// Taking the lock of a directory.
    Lock,
    /// Asking for mode and owner of a target.
    Inspect,
    /// Making a temporary file beside a target.
    Create,
    /// Writing a temporary file.
    Write,
    /// Setting the mode of a temporary file.
    SetMode,
    /// Syncing a temporary file.
    Sync,
    /// Giving the old file its second name.
    Link,
    /// Reading a target once more.
    Compare,
    /// Renaming the new file over its target.
    Replace,
    /// Syncing the directory of a target.
    SyncDirectory,
    /// Renaming the old file back.
    PutBack,
}

/// Why nothing was written, except where it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The target is no longer what the plan was made on.
    #[error("`{shown}` changed on disk during the run")]
    ChangedOnDisk {
        /// As the user knows it.
        shown: String,
    },
    /// Nobody may write the target. Asked of the mode bits: the superuser could.
    #[error("`{shown}` is read-only")]
    ReadOnly {
        /// As the user knows it.
        shown: String,
    },
    /// Two changes are for the same file.
    #[error("one run would write `{shown}` twice")]
    Twice {
        /// As the user knows it.
        shown: String,
    },
    /// A step failed.
    #[error("cannot {step} `{}`", .path.display())]
    Io {
        /// Which.
        step: WriteStep,
        /// The target, or the directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A step failed, and so did putting back: some files are new.
    #[error("the run failed half-way, and the old content of these files could not be restored: {}", .left_new.join(", "))]
    NotPutBack {
        /// The files with the new content, as the user knows them. All others are as before.
        left_new: Vec<String>,
        /// What failed first.
        source: Box<CommitError>,
    },
}

impl CommitError {
    /// Whether `change` stood in the way: the error is about its target, or about the directory of its target.
    pub(crate) fn concerns(&self, change: &NewContent<'_>) -> bool {
        match self {
            Self::ChangedOnDisk { shown } | Self::ReadOnly { shown } | Self::Twice { shown } => {
                *shown == change.shown
            }
            Self::Io { path, .. } => *path == change.path || *path == directory_of(&change.path),
            Self::NotPutBack { .. } => false,
        }
    }
}

/// Writes `changes` below `root`, all or none, and says how many files were written. A change whose content is
/// the same before and after touches nothing, neither time nor inode.
///
/// Waits for another run on the same tree to finish.
///
/// # Errors
/// [`CommitError`]; every file is as before, unless it is [`CommitError::NotPutBack`], which names those that
/// are not.
pub fn commit(root: &Path, changes: &[NewContent<'_>]) -> Result<usize, CommitError> {
    Writer { gate: &|_, _| Ok(()) }.commit(root, changes)
}

/// Writes files that stand for themselves, as [`put`] does: all of the `new` ones and of the `rewritten`, or none.
///
/// # Errors
/// [`CommitError`]; the files that were there are as before, and the new ones are not there.
pub(crate) fn put_all(new: &[NewContent<'_>], rewritten: &[NewContent<'_>]) -> Result<(), CommitError> {
    let earlier = written();
    let take_back = |changes: &[NewContent<'_>]| {
        for change in changes {
            let _ = fs::remove_file(&change.path);
        }
        note(earlier);
    };
    for (at, change) in new.iter().enumerate() {
        put(&change.path, &change.shown, None, change.after).inspect_err(|_| take_back(&new[..at]))?;
    }
    let Some(first) = rewritten.first() else { return Ok(()) };
    match commit(directory_of(&first.path), rewritten) {
        Ok(_) => Ok(()),
        Err(error @ CommitError::NotPutBack { .. }) => Err(error),
        Err(error) => {
            take_back(new);
            Err(error)
        }
    }
}

/// Writes one file that stands for itself, outside of a workspace run: `before` is what was read, `None` where there was
/// no file. Says whether it was written. An existing file is replaced as [`commit`] does it; a new one appears
/// whole, with the permissions that new files have.
///
/// # Errors
/// [`CommitError`]; the file is then as before. A file that was made in between is [`CommitError::ChangedOnDisk`].
pub(crate) fn put(
    path: &Path,
    shown: &str,
    before: Option<&[u8]>,
    after: &[u8],
) -> Result<bool, CommitError> {
    let change = NewContent {
        path: path.to_owned(),
        shown: shown.to_owned(),
        before: before.unwrap_or_default(),
        after,
    };
    let writer = Writer { gate: &|_, _| Ok(()) };
    match before {
        Some(_) => writer.commit(directory_of(path), &[change]).map(|written| written > 0),
        None => writer.create(&change).map(|()| true),
    }
}

/// Removes what a killed run left in `directory`. Where it left nothing, no lock is taken and nothing is touched.
/// What cannot be removed harms nobody, so there are no errors.
pub(crate) fn tidy(directory: &Path) {
    if leftovers(directory).next().is_some() {
        // A living run's files look the same: wait until it is done. Without the lock they may be its.
        if let Ok(_lock) = (Writer { gate: &|_, _| Ok(()) }).lock(directory, &BTreeSet::new()) {
            sweep(directory);
        }
    }
}

/// Does every step on the disk, after asking the gate, through which a test watches or fails any of them.
struct Writer<'g> {
    gate: &'g dyn Fn(WriteStep, &Path) -> io::Result<()>,
}

/// A change on its way. Dropped, it takes its temporary files along.
struct Staged<'c> {
    change: &'c NewContent<'c>,
    new: TempPath,
    old: TempPath,
}

impl Writer<'_> {
    fn commit(&self, root: &Path, changes: &[NewContent<'_>]) -> Result<usize, CommitError> {
        let changes: Vec<&NewContent<'_>> =
            changes.iter().filter(|change| change.before != change.after).collect();
        if changes.is_empty() {
            return Ok(0);
        }
        let directories = directories(&changes)?;
        let _locks = self.lock(root, &directories)?;
        let models = changes.iter().map(|change| self.inspect(change)).collect::<Result<Vec<_>, _>>()?;
        directories.iter().for_each(|directory| sweep(directory));
        let with_models = changes.iter().zip(&models);
        let staged =
            with_models.map(|(change, model)| self.stage(change, model)).collect::<Result<Vec<_>, _>>()?;
        staged.iter().try_for_each(|staged| self.compare(staged.change))?;
        let earlier = note(Written::Partly);
        let replaced = self.replace_all(&staged, &directories);
        match replaced {
            Ok(()) => note(Written::All),
            Err(CommitError::NotPutBack { .. }) => Written::Partly,
            Err(_) => note(earlier),
        };
        replaced.map(|()| staged.len())
    }

    fn step<T>(
        &self,
        step: WriteStep,
        path: &Path,
        run: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, CommitError> {
        let done = (self.gate)(step, path).and_then(|()| run());
        done.map_err(|source| CommitError::Io { step, path: path.to_owned(), source })
    }

    /// Locks `root` and `directories`, in an order that is the same for every run, so that none waits in a circle.
    #[cfg(unix)]
    fn lock(&self, root: &Path, directories: &BTreeSet<&Path>) -> Result<Vec<File>, CommitError> {
        use std::os::unix::fs::MetadataExt;
        let open = |directory: &Path| {
            self.step(WriteStep::Lock, directory, || {
                let file = File::open(directory)?;
                let metadata = file.metadata()?;
                Ok(((metadata.dev(), metadata.ino()), directory.to_owned(), file))
            })
        };
        let all = std::iter::once(root).chain(directories.iter().copied());
        let mut opened = all.map(open).collect::<Result<Vec<_>, _>>()?;
        opened.sort_by_key(|(identity, ..)| *identity);
        opened.dedup_by_key(|(identity, ..)| *identity);
        let lock = |(_, path, file): (_, PathBuf, File)| {
            self.step(WriteStep::Lock, &path, || lock_directory(&file))?;
            Ok(file)
        };
        opened.into_iter().map(lock).collect()
    }

    #[cfg(not(unix))]
    fn lock(&self, _: &Path, _: &BTreeSet<&Path>) -> Result<Vec<File>, CommitError> {
        Ok(Vec::new())
    }

    /// A file that is not there yet.
    fn create(&self, change: &NewContent<'_>) -> Result<(), CommitError> {
        let (target, directory) = (&change.path, directory_of(&change.path));
        let _locks = self.lock(directory, &BTreeSet::new())?;
        sweep(directory);
        let mut temp = self.step(WriteStep::Create, target, || new_file().tempfile_in(directory))?;
        self.step(WriteStep::Write, target, || temp.write_all(change.after))?;
        self.step(WriteStep::Sync, target, || temp.as_file().sync_all())?;
        let earlier = note(Written::Partly);
        let made =
            self.step(WriteStep::Replace, target, || Ok(temp.into_temp_path().persist_noclobber(target)?));
        let made = made.map_err(|error| match error {
            CommitError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                CommitError::ChangedOnDisk { shown: change.shown.clone() }
            }
            other => other,
        });
        let synced = made.and_then(|()| {
            self.sync(&BTreeSet::from([directory])).inspect_err(|_| {
                // As before means: not there.
                let _ = fs::remove_file(target);
            })
        });
        note(if synced.is_ok() { Written::All } else { earlier });
        synced
    }

    fn inspect(&self, change: &NewContent<'_>) -> Result<Metadata, CommitError> {
        let metadata = self.target_step(WriteStep::Inspect, change, || fs::symlink_metadata(&change.path))?;
        match metadata.permissions().readonly() {
            _ if !metadata.is_file() => Err(CommitError::ChangedOnDisk { shown: change.shown.clone() }),
            true => Err(CommitError::ReadOnly { shown: change.shown.clone() }),
            false => Ok(metadata),
        }
    }

    fn stage<'c>(&self, change: &'c NewContent<'c>, model: &Metadata) -> Result<Staged<'c>, CommitError> {
        let new = self.write_beside(&change.path, change.after, model)?;
        let old = match self.link_beside(&change.path) {
            Ok(old) => old,
            Err(_) => self.write_beside(&change.path, change.before, model)?,
        };
        Ok(Staged { change, new, old })
    }

    fn write_beside(&self, target: &Path, content: &[u8], model: &Metadata) -> Result<TempPath, CommitError> {
        let mut temp =
            self.step(WriteStep::Create, target, || temp_name().tempfile_in(directory_of(target)))?;
        self.step(WriteStep::Write, target, || temp.write_all(content))?;
        self.step(WriteStep::SetMode, target, || {
            copy_owner(temp.as_file(), model);
            temp.as_file().set_permissions(model.permissions())
        })?;
        self.step(WriteStep::Sync, target, || temp.as_file().sync_all())?;
        Ok(temp.into_temp_path())
    }

    fn link_beside(&self, target: &Path) -> Result<TempPath, CommitError> {
        self.step(WriteStep::Link, target, || {
            let link = temp_name().make_in(directory_of(target), |name| fs::hard_link(target, name))?;
            Ok(link.into_temp_path())
        })
    }

    fn compare(&self, change: &NewContent<'_>) -> Result<(), CommitError> {
        let now = self.target_step(WriteStep::Compare, change, || fs::read(&change.path))?;
        let is_same = now == change.before;
        if is_same { Ok(()) } else { Err(CommitError::ChangedOnDisk { shown: change.shown.clone() }) }
    }

    /// A step on a target that was there when the plan was made: gone is changed.
    fn target_step<T>(
        &self,
        step: WriteStep,
        change: &NewContent<'_>,
        run: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, CommitError> {
        self.step(step, &change.path, run).map_err(|error| match error {
            CommitError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                CommitError::ChangedOnDisk { shown: change.shown.clone() }
            }
            other => other,
        })
    }

    fn replace_all(&self, staged: &[Staged<'_>], directories: &BTreeSet<&Path>) -> Result<(), CommitError> {
        for (at, next) in staged.iter().enumerate() {
            let target = &next.change.path;
            // A failed rename is put back too: over a network it may have happened all the same.
            self.step(WriteStep::Replace, target, || fs::rename(&next.new, target))
                .map_err(|error| self.put_back(&staged[..=at], directories, error))?;
        }
        self.sync(directories).map_err(|error| self.put_back(staged, directories, error))
    }

    /// The error to report, once the `renamed` files have their old content again.
    fn put_back(
        &self,
        renamed: &[Staged<'_>],
        directories: &BTreeSet<&Path>,
        error: CommitError,
    ) -> CommitError {
        let stays_new = |staged: &&Staged<'_>| {
            let target = &staged.change.path;
            let put_back = self.step(WriteStep::PutBack, target, || fs::rename(&staged.old, target));
            put_back.is_err() && fs::read(target).map_or(true, |now| now != staged.change.before)
        };
        let left: Vec<&Staged<'_>> = renamed.iter().filter(stays_new).collect();
        // The first error is the one to tell; a kill from here on still leaves each file whole.
        let _ = self.sync(directories);
        if left.is_empty() {
            return error;
        }
        let left_new = left.into_iter().map(|staged| staged.change.shown.clone()).collect();
        CommitError::NotPutBack { left_new, source: Box::new(error) }
    }

    fn sync(&self, directories: &BTreeSet<&Path>) -> Result<(), CommitError> {
        directories.iter().try_for_each(|directory| {
            self.step(WriteStep::SyncDirectory, directory, || sync_directory(directory))
        })
    }
}

impl fmt::Display for WriteStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lock => "lock",
            Self::Inspect => "inspect",
            Self::Create => "create a file beside",
            Self::Write => "write the new content of",
            Self::SetMode => "copy the mode of",
            Self::Sync => "sync the new content of",
            Self::Link => "link",
            Self::Compare => "read",
            Self::Replace => "replace",
            Self::SyncDirectory => "sync",
            Self::PutBack => "restore",
        })
    }
}

fn directories<'c>(changes: &[&'c NewContent<'_>]) -> Result<BTreeSet<&'c Path>, CommitError> {
    let mut seen = BTreeSet::new();
    match changes.iter().find(|change| !seen.insert(&change.path)) {
        Some(change) => Err(CommitError::Twice { shown: change.shown.clone() }),
        None => Ok(seen.into_iter().map(|path| directory_of(path)).collect()),
    }
}

fn directory_of(target: &Path) -> &Path {
    target.parent().unwrap_or(target)
}

fn temp_name<'n>() -> tempfile::Builder<'n, 'n> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    builder
}

/// Temporary files are private; one that becomes a new file is as the user's mask has it.
#[cfg(unix)]
fn new_file<'n>() -> tempfile::Builder<'n, 'n> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = temp_name();
    builder.permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn new_file<'n>() -> tempfile::Builder<'n, 'n> {
    temp_name()
}

/// Removes what a killed run left. It cannot belong to a living one: that one would hold the lock. What cannot
/// be removed harms nobody, so errors are passed over.
fn sweep(directory: &Path) {
    for leftover in leftovers(directory) {
        let _ = fs::remove_file(leftover);
    }
}

fn leftovers(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let ours = |entry: fs::DirEntry| {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        (is_ours && entry.file_type().is_ok_and(|kind| kind.is_file())).then(|| entry.path())
    };
    fs::read_dir(directory).into_iter().flatten().flatten().filter_map(ours)
}

#[cfg(unix)]
fn lock_directory(directory: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    match rustix::io::retry_on_intr(|| flock(directory, FlockOperation::LockExclusive)) {
        // What network file systems answer that cannot lock a directory.
        Err(Errno::BADF | Errno::INVAL | Errno::NOLCK | Errno::NOSYS | Errno::NOTSUP) => Ok(()),
        result => result.map_err(io::Error::from),
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory)?.sync_all() {
        // Some file systems cannot sync a directory, and say so this way.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        result => result,
    }
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    const FILES: [&str; 4] = ["a/1", "a/2", "b/3", "b/4"];

    /// Four files in two directories, all holding `old`.
    fn tree() -> (tempfile::TempDir, PathBuf) {
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

    fn change<'a>(root: &Path, name: &str, before: &'a str, after: &'a str) -> NewContent<'a> {
        NewContent {
            path: root.join(name),
            shown: name.to_owned(),
            before: before.as_bytes(),
            after: after.as_bytes(),
        }
    }

    fn all(root: &Path) -> Vec<NewContent<'static>> {
        FILES.iter().map(|name| change(root, name, "old", "new")).collect()
    }

    fn contents(root: &Path) -> Vec<String> {
        FILES.iter().map(|name| fs::read_to_string(root.join(name)).unwrap()).collect()
    }

    /// Every path below `root`, so that nothing can be left unseen.
    fn names(root: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for directory in ["", "a", "b"] {
            for entry in fs::read_dir(root.join(directory)).unwrap() {
                names.push(entry.unwrap().path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
        names.sort();
        names
    }

    #[test]
    fn content_changes_and_mode_stays() {
        let (_dir, root) = tree();
        let clean = names(&root);
        for (name, mode) in FILES.iter().zip([0o755, 0o640, 0o600, 0o4711]) {
            fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(commit(&root, &all(&root)).unwrap(), 4);
        assert_eq!(contents(&root), ["new"; 4]);
        let mode = |name: &&str| fs::metadata(root.join(name)).unwrap().mode() & 0o7777;
        assert_eq!(FILES.iter().map(mode).collect::<Vec<_>>(), [0o755, 0o640, 0o600, 0o4711]);
        assert_eq!(names(&root), clean);
    }

    #[test]
    fn the_owner_stays_where_the_system_lets_us() {
        let (_dir, root) = tree();
        let path = root.join("a/1");
        if std::os::unix::fs::chown(&path, Some(1234), Some(4321)).is_err() {
            return; // only the superuser can lay out this case
        }
        commit(&root, &[change(&root, "a/1", "old", "new")]).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 4321));
    }

    #[test]
    fn equal_content_is_not_touched() {
        let (_dir, root) = tree();
        let identity = |name: &str| {
            let metadata = fs::metadata(root.join(name)).unwrap();
            (metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.ctime_nsec())
        };
        let before = identity("a/1");
        let changes = [change(&root, "a/1", "old", "old"), change(&root, "a/2", "old", "new")];
        assert_eq!(commit(&root, &changes).unwrap(), 1);
        assert_eq!(identity("a/1"), before);
        assert_eq!(contents(&root), ["old", "new", "old", "old"]);
        assert_eq!(commit(Path::new("/nowhere"), &changes[..1]).unwrap(), 0);
    }

    #[test]
    fn a_target_that_changed_gets_nothing_written() {
        let (_dir, root) = tree();
        let clean = names(&root);
        fs::write(root.join("b/3"), "oLd").unwrap();
        let error = commit(&root, &all(&root)).unwrap_err();
        assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "b/3"));
        assert_eq!(contents(&root), ["old", "old", "oLd", "old"]);

        fs::remove_file(root.join("b/3")).unwrap();
        let error = commit(&root, &all(&root)).unwrap_err();
        assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "b/3"));
        symlink("4", root.join("b/3")).unwrap();
        let error = commit(&root, &all(&root)).unwrap_err();
        assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "b/3"));
        assert_eq!(contents(&root), ["old"; 4]);
        assert_eq!(names(&root), clean);
    }

    #[test]
    fn a_save_during_staging_is_seen() {
        let (_dir, root) = tree();
        let gate = |step, path: &Path| match step {
            WriteStep::Link if path.ends_with("b/4") => fs::write(root.join("a/1"), "saved"),
            _ => Ok(()),
        };
        let error = Writer { gate: &gate }.commit(&root, &all(&root)).unwrap_err();
        assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "a/1"));
        assert_eq!(contents(&root), ["saved", "old", "old", "old"]);
    }

    #[test]
    fn read_only_targets_are_refused_before_anything_is_written() {
        let (_dir, root) = tree();
        fs::set_permissions(root.join("b/4"), fs::Permissions::from_mode(0o444)).unwrap();
        let gate = |step, _: &Path| {
            assert!(matches!(step, WriteStep::Lock | WriteStep::Inspect), "{step:?}");
            Ok(())
        };
        let error = Writer { gate: &gate }.commit(&root, &all(&root)).unwrap_err();
        assert!(matches!(error, CommitError::ReadOnly { shown } if shown == "b/4"));
        assert_eq!(contents(&root), ["old"; 4]);
    }

    #[test]
    fn two_changes_for_one_file_are_refused() {
        let (_dir, root) = tree();
        let changes = [change(&root, "a/1", "old", "x"), change(&root, "a/1", "old", "y")];
        assert!(matches!(commit(&root, &changes), Err(CommitError::Twice { shown }) if shown == "a/1"));
    }

    #[test]
    fn whichever_step_fails_all_files_are_old() {
        let mut failed = BTreeSet::new();
        for fail_at in 0.. {
            let (_dir, root) = tree();
            let (clean, count) = (names(&root), Cell::new(0));
            let identities = || FILES.map(|name| fs::metadata(root.join(name)).unwrap().ino());
            let old = identities();
            let hit = Cell::new(None);
            let gate = |step, _: &Path| {
                if count.replace(count.get() + 1) == fail_at {
                    hit.set(Some(step));
                    return Err(io::ErrorKind::StorageFull.into());
                }
                Ok(())
            };
            let result = Writer { gate: &gate }.commit(&root, &all(&root));
            assert_eq!(names(&root), clean, "{:?}", hit.get());
            match (result, hit.get()) {
                (Ok(4), None) => break,
                // Refused links are made up for by copies.
                (Ok(4), Some(WriteStep::Link)) => assert_eq!(contents(&root), ["new"; 4]),
                (Err(CommitError::Io { step, .. }), Some(hit)) => {
                    assert_eq!(step, hit);
                    assert_eq!((contents(&root), identities()), (vec!["old".to_owned(); 4], old), "{hit:?}");
                    failed.insert(step);
                }
                (result, hit) => panic!("{result:?} after {hit:?}"),
            }
        }
        use WriteStep::*;
        let expected = [Lock, Inspect, Create, Write, SetMode, Sync, Compare, Replace, SyncDirectory];
        assert_eq!(failed, BTreeSet::from(expected));
    }

    #[test]
    fn without_hard_links_copies_are_put_back() {
        let (_dir, root) = tree();
        let clean = names(&root);
        fs::set_permissions(root.join("a/1"), fs::Permissions::from_mode(0o751)).unwrap();
        let gate = |step, _: &Path| match step {
            WriteStep::Link => Err(io::ErrorKind::Unsupported.into()),
            WriteStep::SyncDirectory => Err(io::ErrorKind::Other.into()),
            _ => Ok(()),
        };
        let error = Writer { gate: &gate }.commit(&root, &all(&root)).unwrap_err();
        assert!(matches!(error, CommitError::Io { step: WriteStep::SyncDirectory, .. }));
        assert_eq!(contents(&root), ["old"; 4]);
        assert_eq!(fs::metadata(root.join("a/1")).unwrap().mode() & 0o777, 0o751);
        assert_eq!(names(&root), clean);
    }

    #[test]
    fn what_cannot_be_put_back_is_named() {
        let (_dir, root) = tree();
        let clean = names(&root);
        let gate = |step, path: &Path| match step {
            WriteStep::Replace if path.ends_with("b/4") => Err(io::ErrorKind::Other.into()),
            WriteStep::PutBack if !path.ends_with("a/2") => Err(io::ErrorKind::Other.into()),
            _ => Ok(()),
        };
        let error = Writer { gate: &gate }.commit(&root, &all(&root)).unwrap_err();
        let CommitError::NotPutBack { left_new, source } = error else { panic!("{error:?}") };
        assert_eq!(left_new, ["a/1", "b/3"]);
        assert!(matches!(*source, CommitError::Io { step: WriteStep::Replace, .. }));
        assert_eq!(contents(&root), ["new", "old", "new", "old"]);
        assert_eq!(names(&root), clean);
    }

    #[test]
    fn at_every_instant_each_file_is_whole() {
        let (_dir, root) = tree();
        let seen = RefCell::new(BTreeSet::new());
        let gate = |step, path: &Path| {
            let now = contents(&root);
            assert!(now.iter().all(|text| text == "old" || text == "new"), "{step:?}: {now:?}");
            seen.borrow_mut().insert(now);
            let fails = step == WriteStep::Replace && path.ends_with("b/4");
            if fails { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
        };
        Writer { gate: &gate }.commit(&root, &all(&root)).unwrap_err();
        assert!(seen.borrow().len() > 3, "the half-way states were not seen");
    }

    #[test]
    fn of_two_commits_at_once_one_wins() {
        for _ in 0..20 {
            let (_dir, root) = tree();
            let clean = names(&root);
            let start = std::sync::Barrier::new(2);
            let run = |after: &'static str, below: PathBuf| {
                start.wait();
                let changes: Vec<_> = FILES.iter().map(|name| change(&root, name, "old", after)).collect();
                // Workspaces that overlap exclude each other too.
                commit(&below, &changes).map(|_| after)
            };
            let results = std::thread::scope(|threads| {
                let one = threads.spawn(|| run("one", root.clone()));
                let two = threads.spawn(|| run("two", root.join("a")));
                [one.join().unwrap(), two.join().unwrap()]
            });
            let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
            assert!(matches!(lost[..], [Err(CommitError::ChangedOnDisk { .. })]), "{lost:?}");
            assert_eq!(contents(&root), [*won[0].as_ref().unwrap(); 4]);
            assert_eq!(names(&root), clean);
        }
    }

    #[test]
    fn leftovers_of_a_killed_run_are_swept() {
        let (_dir, root) = tree();
        let clean = names(&root);
        fs::write(root.join("a/.codex-patcher-Ab12.tmp"), "half").unwrap();
        fs::hard_link(root.join("a/1"), root.join("a/.codex-patcher-Cd34.tmp")).unwrap();
        fs::write(root.join("b/.codex-patcher-Ef56.tmp"), "half").unwrap();
        fs::write(root.join("a/.codex-patcher-notes"), "mine").unwrap();
        tidy(&root);
        assert_eq!(names(&root).len(), clean.len() + 4);
        commit(&root, &[change(&root, "a/1", "old", "new")]).unwrap();
        let mut expected = clean.clone();
        expected.extend(["a/.codex-patcher-notes".to_owned(), "b/.codex-patcher-Ef56.tmp".to_owned()]);
        expected.sort();
        assert_eq!(names(&root), expected);
        tidy(&root.join("b"));
        expected.retain(|name| name != "b/.codex-patcher-Ef56.tmp");
        assert_eq!(names(&root), expected);
        tidy(&root.join("nowhere"));
    }

    #[test]
    fn the_files_of_a_living_run_are_not_leftovers() {
        let (_dir, root) = tree();
        let tidying = RefCell::new(Vec::new());
        let gate = |step, path: &Path| {
            if step == WriteStep::Compare && path.ends_with("a/1") {
                let directory = root.join("a");
                tidying.borrow_mut().push(std::thread::spawn(move || tidy(&directory)));
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            Ok(())
        };
        assert_eq!(Writer { gate: &gate }.commit(&root, &all(&root)).unwrap(), 4);
        tidying.into_inner().into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(contents(&root), ["new"; 4]);
    }

    #[test]
    fn a_file_of_its_own_is_made_and_replaced() {
        let (_dir, root) = tree();
        let path = root.join("a/new");
        assert!(put(&path, "new", None, b"1").unwrap());
        fs::write(root.join("plain"), "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode();
        assert_eq!(mode(&path), mode(&root.join("plain")));
        fs::remove_file(root.join("plain")).unwrap();
        assert!(put(&path, "new", Some(b"1"), b"2").unwrap());
        assert!(!put(&path, "new", Some(b"2"), b"2").unwrap());
        for stale in [None, Some(&b"1"[..])] {
            let error = put(&path, "new", stale, b"3").unwrap_err();
            assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "new"));
        }
        assert_eq!(fs::read(&path).unwrap(), b"2");
        assert!(put(&root.join("nowhere/new"), "new", None, b"1").is_err());
    }

    #[test]
    fn of_several_files_all_are_put_or_none() {
        let (_dir, root) = tree();
        let clean = names(&root);
        let new = [change(&root, "a/new", "", "n"), change(&root, "b/new", "", "n")];
        let stale = [change(&root, "a/1", "other", "new")];
        assert!(matches!(put_all(&new, &stale), Err(CommitError::ChangedOnDisk { shown }) if shown == "a/1"));
        assert_eq!((names(&root), contents(&root)), (clean.clone(), vec!["old".to_owned(); 4]));
        let taken = [new[0].clone(), change(&root, "a/1", "", "n")];
        assert!(put_all(&taken, &[]).is_err());
        assert_eq!((names(&root), contents(&root)), (clean, vec!["old".to_owned(); 4]));
        put_all(&new, &[change(&root, "a/1", "old", "new")]).unwrap();
        assert_eq!(fs::read(root.join("b/new")).unwrap(), b"n");
        assert_eq!(contents(&root)[0], "new");
    }

    #[test]
    fn whichever_step_fails_a_new_file_is_not_there() {
        let mut failed = BTreeSet::new();
        for step in [
            WriteStep::Lock,
            WriteStep::Create,
            WriteStep::Write,
            WriteStep::Sync,
            WriteStep::Replace,
            WriteStep::SyncDirectory,
        ] {
            let (_dir, root) = tree();
            let clean = names(&root);
            let gate =
                |now, _: &Path| if now == step { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) };
            let change = change(&root, "a/new", "", "new");
            let error = Writer { gate: &gate }.create(&change).unwrap_err();
            assert!(matches!(error, CommitError::Io { step: hit, .. } if hit == step), "{error:?}");
            assert_eq!(names(&root), clean, "{step:?}");
            failed.insert(step);
        }
        assert_eq!(failed.len(), 6);
    }

    #[test]
    fn an_error_concerns_the_target_that_stood_in_the_way_and_no_other() {
        let cases: [(WriteStep, &str, &[&str]); 4] = [
            (WriteStep::Write, "b/3", &["b/3"]),
            (WriteStep::Replace, "a/2", &["a/2"]),
            (WriteStep::Lock, "b", &["b/3", "b/4"]),
            (WriteStep::Lock, "", &[]),
        ];
        for (step, at, expected) in cases {
            let (_dir, root) = tree();
            let fails = if at.is_empty() { root.clone() } else { root.join(at) };
            let gate = |now, path: &Path| match now == step && path == fails {
                true => Err(io::ErrorKind::PermissionDenied.into()),
                false => Ok(()),
            };
            let changes = all(&root);
            let error = Writer { gate: &gate }.commit(&root, &changes).unwrap_err();
            let hit = changes.iter().filter(|change| error.concerns(change));
            assert_eq!(
                hit.map(|change| change.shown.as_str()).collect::<Vec<_>>(),
                expected,
                "{step:?} {at}"
            );
        }
    }
}
