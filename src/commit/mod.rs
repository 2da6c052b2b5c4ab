//! The only writer: puts the new content of all files on the disk, or leaves all of them as they are.
//!
//! Targets, patch files and lock files of a run are one commit. Every new file is staged beside its target and synced, every
//! target is compared once more with what the plan was made on, and only then does each staged file take the place of its
//! target, one by one, in the order of the changes. An error at any step, and ^C, puts back what was replaced. Nothing is
//! decided here: the plan says which bytes go where.
//!
//! | question | file |
//! |---|---|
//! | what is a name in a directory that others may move? | `directory.rs` |
//! | whose turn is it? | `turns.rs` |
//! | what is made before anything is replaced, and is the target what it was? | `stage.rs` |
//! | how does a file take the place of another, and how does it go back? | `replace.rs` |
//! | what if ^C comes? | `interrupt.rs` |
//! | what did a killed run leave? | `sweep.rs` |
//!
//! **Killed at any instant**, each file is wholly old or wholly new: a target changes by one rename and at no other moment.
//! The renames of several files are not one atomic step, so a kill between two of them leaves some files new and some old; a
//! second run finishes the job. For that the caller puts the changes in an order in which each beginning of them makes sense.
//! What a kill leaves beside the targets (`.codex-patcher-*.tmp`) is swept by the next commit that writes to the same
//! directory, and by `tidy`.
//!
//! **Two runs at once** take turns: each locks the root and every directory it writes to. The locks are advisory and on the
//! directories themselves, so no lock file can become stale. An editor does not take these locks. What it saves before the
//! exchange is found in what was displaced, and put back. The **window** that is left:
//!
//! - An editor that opened the file before the exchange, and writes to what it holds open after the last comparison, some
//!   microseconds before the old file goes.
//! - Where the file system has no exchange (not Linux or macOS; some network file systems): a save by rename between the
//!   comparison and our rename; where it has no hard links either, any save in these microseconds.
//! - A SIGKILL between an exchange and the comparison of what was displaced: the edit is in a temporary file then, and goes
//!   with it when the next run sweeps.
//!
//! On file systems without advisory locks only the comparison protects the targets of two runs from each other.
//!
//! No library does this: those of atomic writes replace one file, and what is difficult lies between several: the comparison,
//! putting back, taking turns, sweeping.
//!
//! A new file has the mode bits of the old one and, as far as the system lets us, its owner. It is a new inode:
//! other hard links to the old one keep the old content, and access control lists are not copied.
#![expect(
    clippy::disallowed_types,
    reason = "the one room that writes: stages, compares, renames, puts back"
)]
#![cfg_attr(not(unix), expect(clippy::disallowed_methods, reason = "the same where a directory is its path"))]

mod directory;
mod interrupt;
mod replace;
mod stage;
mod sweep;
mod turns;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

use directory::Directory;
use interrupt::Watch;
pub use interrupt::{Signal, heed_signals};
pub use sweep::IsKept;
use sweep::{leftovers, sweep};

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
    /// The whole content that the new one was made from; `None` where there is no file.
    pub before: Option<&'a [u8]>,
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
    /// Giving the old file its second name, where nothing can be exchanged.
    Link,
    /// Reading a target once more.
    Compare,
    /// Exchanging the new file with its target.
    Exchange,
    /// Renaming the new file to its target, where nothing can be exchanged or nothing is there.
    Replace,
    /// Syncing the directory of a target.
    SyncDirectory,
    /// Putting the old file back.
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
    /// A signal came.
    #[error("interrupted by {signal}")]
    Interrupted {
        /// Which.
        signal: Signal,
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
            Self::Interrupted { .. } | Self::NotPutBack { .. } => false,
        }
    }

    /// The signal that stopped the commit, whether or not all files could be put back.
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::Interrupted { signal } => Some(*signal),
            Self::NotPutBack { source, .. } => source.signal(),
            _ => None,
        }
    }
}

impl NewContent<'_> {
    fn changed(&self) -> CommitError {
        CommitError::ChangedOnDisk { shown: self.shown.clone() }
    }
}

/// Writes `changes`, all or none, in their order, and says how many changes there were. A change whose content is the same
/// before and after touches nothing, neither time nor inode. A file may change twice, if the second change begins with what
/// the first one makes.
///
/// Waits for another run on the same tree, which `root` is, or on the same directories, to finish. `is_kept` is asked about
/// files that look like leftovers of a killed run.
///
/// # Errors
/// [`CommitError`]; every file is as before, unless it is [`CommitError::NotPutBack`], which names those that
/// are not.
pub fn commit(
    root: Option<&Path>,
    changes: &[NewContent<'_>],
    is_kept: IsKept<'_>,
) -> Result<usize, CommitError> {
    Writer::new(&|_, _| Ok(()), &Watch::begin).commit(root, changes, is_kept)
}

/// Removes what a killed run left in `directory`, but what `is_kept`. Where it left nothing, no lock is taken and nothing is
/// touched. What cannot be removed harms nobody, so there are no errors.
pub(crate) fn tidy(directory: &Path, is_kept: IsKept<'_>) {
    let Ok(directory) = Directory::open(directory) else { return };
    // A living run's files look the same: wait until it is done. Without the lock they may be its.
    if !leftovers(&directory).is_empty() && directory.lock().is_ok() {
        sweep(&directory, is_kept);
    }
}

/// Does every step on the disk, after asking the gate, through which a test watches or fails any of them.
struct Writer<'g> {
    gate: &'g dyn Fn(WriteStep, &Path) -> io::Result<()>,
    begin: &'g dyn Fn() -> Watch,
    /// From when it is this run's turn.
    watch: OnceCell<Watch>,
}

impl<'g> Writer<'g> {
    fn new(gate: &'g dyn Fn(WriteStep, &Path) -> io::Result<()>, begin: &'g dyn Fn() -> Watch) -> Self {
        Self { gate, begin, watch: OnceCell::new() }
    }

    fn commit(
        &self,
        root: Option<&Path>,
        changes: &[NewContent<'_>],
        is_kept: IsKept<'_>,
    ) -> Result<usize, CommitError> {
        let changes: Vec<&NewContent<'_>> =
            changes.iter().filter(|change| change.before != Some(change.after)).collect();
        if changes.is_empty() {
            return Ok(0);
        }
        refuse_twice(&changes)?;
        let (_root, directories) = self.turn(root, &changes)?;
        // While it waits for its turn, a signal ends it as ever.
        self.watch.get_or_init(self.begin);
        let is_kept = |path: &Path| changes.iter().any(|change| change.path == path) || is_kept(path);
        directories.values().for_each(|directory| sweep(directory, &is_kept));
        let mut staged = self.stage_all(&changes, &directories)?;
        let first = staged.iter().filter(|staged| !staged.is_later && staged.change.before.is_some());
        first.into_iter().try_for_each(|staged| self.compare(staged, staged.name))?;
        let earlier = note(Written::Partly);
        let replaced = self.replace_all(&mut staged, &directories);
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
        if let Some(signal) = self.watch.get().and_then(Watch::signal) {
            return Err(CommitError::Interrupted { signal });
        }
        let done = (self.gate)(step, path).and_then(|()| run());
        done.map_err(|source| CommitError::Io { step, path: path.to_owned(), source })
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
            Self::Exchange | Self::Replace => "replace",
            Self::SyncDirectory => "sync",
            Self::PutBack => "restore",
        })
    }
}

/// A second change of a file must begin with what the first makes of it.
fn refuse_twice(changes: &[&NewContent<'_>]) -> Result<(), CommitError> {
    let mut made: BTreeMap<&Path, &[u8]> = BTreeMap::new();
    for change in changes {
        let earlier = made.insert(&change.path, change.after);
        if earlier.is_some() && earlier != change.before {
            return Err(CommitError::Twice { shown: change.shown.clone() });
        }
    }
    Ok(())
}

fn directory_of(target: &Path) -> &Path {
    target.parent().unwrap_or(target)
}

#[cfg(all(test, unix))]
mod tests;
