//! Reads regular files, and no more of them than the limit `file-size` allows. Tells "nothing is there" from "nobody can say".
//!
//! A patch file, a lock file, a manifest and a target may be anything in a tree of strangers: a link to `/dev/zero`, a pipe that
//! nobody writes to, two gigabytes of nothing. What is not a regular file is not opened: opening a device can do something,
//! and a pipe would block. What takes the place of a regular file in that instant is opened without waiting, and refused.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "what the rooms that read files read with"
)]

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::limits::{self, Limit};

/// What stands where a regular file should. Its `Display` has an article: "a directory".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A symbolic link, where links are not followed.
    Symlink,
    /// A git submodule.
    Submodule,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A block or character device, or what the system has no name for.
    Device,
}

impl FileKind {
    /// `None` for a regular file.
    pub(crate) fn unless_regular(file_type: fs::FileType) -> Option<Self> {
        match file_type {
            t if t.is_file() => None,
            t if t.is_dir() => Some(Self::Directory),
            t if t.is_symlink() => Some(Self::Symlink),
            t => Some(Self::special(t)),
        }
    }

    #[cfg(unix)]
    fn special(file_type: fs::FileType) -> Self {
        use std::os::unix::fs::FileTypeExt;
        match file_type {
            t if t.is_fifo() => Self::Fifo,
            t if t.is_socket() => Self::Socket,
            _ => Self::Device,
        }
    }

    #[cfg(not(unix))]
    fn special(_: fs::FileType) -> Self {
        Self::Device
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a directory",
            Self::Symlink => "a symbolic link",
            Self::Submodule => "a submodule",
            Self::Fifo => "a named pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
        })
    }
}

/// Why a file has no bytes to give.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    /// Something else than a file is there.
    #[error("this is {what}, not a regular file")]
    NotRegular {
        /// What it is.
        what: FileKind,
    },
    /// It is too long.
    #[error("the file is {0}")]
    TooLong(Limit),
    /// What the system says.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What the system answers of a path, or `None` where that says that nothing is there or that this user may not look, now and the
/// next time.
///
/// # Errors
/// What says nothing of the path: a disk or a network that fails, too many open files.
pub(crate) fn present<T>(answer: io::Result<T>) -> io::Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_about_path(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_about_path(error: &io::Error) -> bool {
    use io::ErrorKind::{
        InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied,
    };
    #[cfg(unix)]
    let is_circle = rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP);
    #[cfg(not(unix))]
    let is_circle = false;
    let kinds = [InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied];
    // A NUL in it: the system was not asked.
    let is_no_path = error.kind() == InvalidInput && error.raw_os_error().is_none();
    is_circle || is_no_path || kinds.contains(&error.kind())
}

/// The first error of the system that hid something. Whoever asks whether a file is there, or looks for one among all, goes on
/// without what cannot be read; the run must not take that for an answer.
#[derive(Debug, Default)]
pub(crate) struct Unseen(Mutex<Option<(PathBuf, io::Error)>>);

impl Unseen {
    /// Keeps `error`, unless it is one of those that [`present`] takes for an answer.
    pub(crate) fn note(&self, path: &Path, error: &io::Error) {
        if !is_about_path(error) {
            let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| (path.to_owned(), copy(error)));
        }
    }

    /// The path and the error.
    pub(crate) fn first(&self) -> Option<(PathBuf, io::Error)> {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.as_ref().map(|(path, error)| (path.clone(), copy(error)))
    }
}

fn copy(error: &io::Error) -> io::Error {
    let by_code = error.raw_os_error().map(io::Error::from_raw_os_error);
    by_code.unwrap_or_else(|| io::Error::new(error.kind(), error.to_string()))
}

/// All bytes of the regular file that `path` leads to.
///
/// # Errors
/// [`Unread`].
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Unread> {
    refuse_others(&fs::metadata(path)?)?;
    let file = open(path)?;
    let metadata = file.metadata()?;
    refuse_others(&metadata)?;
    bytes_of(file, metadata.len())
}

/// All bytes that come out of the pipe `path`, which its user names: until it ends, however long that takes.
///
/// # Errors
/// [`Unread::TooLong`] and [`Unread::Io`].
pub(crate) fn read_pipe(path: &Path) -> Result<Vec<u8>, Unread> {
    bytes_of(File::open(path)?, 0)
}

fn refuse_others(metadata: &fs::Metadata) -> Result<(), Unread> {
    FileKind::unless_regular(metadata.file_type()).map_or(Ok(()), |what| Err(Unread::NotRegular { what }))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// `length` is what the file says of itself: one in `/proc` says zero, and one that is written to is longer in a moment.
fn bytes_of(file: File, length: u64) -> Result<Vec<u8>, Unread> {
    let limit = limits::file_size();
    let within = |length: u64| if length > limit { Err(Unread::TooLong(Limit::FileSize)) } else { Ok(()) };
    within(length)?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))
        .map_err(|_| io::ErrorKind::OutOfMemory)
        .map_err(io::Error::from)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    within(bytes.len() as u64)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_of_a_path_is_an_answer() {
        use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, TimedOut};
        for kind in [NotFound, NotADirectory, PermissionDenied] {
            assert_eq!(present::<()>(Err(kind.into())).unwrap(), None, "{kind}");
        }
        assert_eq!(present(fs::metadata("a\0b").map(|_| ())).unwrap(), None);
        assert_eq!(present(Ok(1)).unwrap(), Some(1));
        assert_eq!(present::<()>(Err(TimedOut.into())).unwrap_err().kind(), TimedOut);
        let unseen = Unseen::default();
        unseen.note(Path::new("a"), &NotFound.into());
        assert!(unseen.first().is_none());
        unseen.note(Path::new("b"), &TimedOut.into());
        unseen.note(Path::new("c"), &io::Error::other("later"));
        for _ in 0..2 {
            let (path, error) = unseen.first().unwrap();
            assert_eq!((path.as_path(), error.kind()), (Path::new("b"), TimedOut));
        }
    }
}
