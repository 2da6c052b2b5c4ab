//! A directory that is held open: what a name in it means cannot be changed by who moves the directory or puts a link in its
//! place.
//!
//! On Unix every step is made from the open directory, and no link is followed on the way to it. Elsewhere a directory is its
//! path, and there are no exchanges.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory {
    /// Canonical, as it was when the plan was made.
    pub(super) path: PathBuf,
    #[cfg(unix)]
    open: File,
}

/// Who may read and write a file that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Its owner.
    Private,
    /// As the user's mask has it.
    Usual,
}

impl Directory {
    /// The content of the regular file `name`; `None` where none is there. Never waits, whatever is there.
    ///
    /// # Errors
    /// What the system says of a regular file.
    pub(super) fn read(&self, name: &OsStr) -> io::Result<Option<(File, Vec<u8>)>> {
        let Some(mut file) = self.regular(name)? else { return Ok(None) };
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        Ok(Some((file, content)))
    }
}

/// Whether the system or the file system has no such operation: then there is another way.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let known = [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];
        if known.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) {
            return true;
        }
    }
    error.kind() == io::ErrorKind::Unsupported
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::MetadataExt;
    use std::path::Component;

    use rustix::fs::{
        AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, flock, linkat, openat, renameat, statat,
        unlinkat,
    };
    use rustix::io::{Errno, retry_on_intr};

    use super::*;

    /// How a directory on the way is opened.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const ON_THE_WAY: OFlags = OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const ON_THE_WAY: OFlags = OFlags::RDONLY;

    /// Opens a directory, itself and through no link: name by name, which every system can, or at once where it can.
    fn open(path: &Path) -> io::Result<File> {
        let last = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        #[cfg(target_vendor = "apple")]
        if path.is_absolute() {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW_ANY;
            return Ok(openat(CWD, path, flags, Mode::empty())?.into());
        }
        let way = ON_THE_WAY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let start = if path.is_absolute() { "/" } else { "." };
        let mut at = openat(CWD, start, way, Mode::empty())?;
        for part in path.components() {
            if let Component::Normal(_) | Component::ParentDir = part {
                at = openat(&at, part.as_os_str(), way, Mode::empty())?;
            }
        }
        Ok(openat(&at, ".", last, Mode::empty())?.into())
    }

    impl Directory {
        /// Opens `path`, which is canonical, through no link.
        ///
        /// # Errors
        /// One for which [`is_elsewhere`] holds where `path` leads through a link by now, or is no directory any more.
        pub(in super::super) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self { path: path.to_owned(), open: open(path)? })
        }

        /// Device and number.
        pub(in super::super) fn identity(&self) -> io::Result<(u64, u64)> {
            let metadata = self.open.metadata()?;
            Ok((metadata.dev(), metadata.ino()))
        }

        /// Whether its path still leads to it.
        pub(in super::super) fn is_in_place(&self) -> io::Result<bool> {
            match Self::open(&self.path) {
                Ok(now) => Ok(now.identity()? == self.identity()?),
                Err(error) if is_elsewhere(&error) => Ok(false),
                Err(error) => Err(error),
            }
        }

        /// Waits until no other run has it.
        pub(in super::super) fn lock(&self) -> io::Result<()> {
            match retry_on_intr(|| flock(&self.open, FlockOperation::LockExclusive)) {
                // What network file systems answer that cannot lock a directory.
                Err(Errno::BADF | Errno::INVAL | Errno::NOLCK | Errno::NOSYS | Errno::NOTSUP) => Ok(()),
                result => Ok(result?),
            }
        }

        /// Makes the new file `name`.
        pub(in super::super) fn create(&self, name: &OsStr, access: Access) -> io::Result<File> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mode = match access {
                Access::Private => 0o600,
                Access::Usual => 0o666,
            };
            Ok(openat(&self.open, name, flags, Mode::from_raw_mode(mode))?.into())
        }

        /// Opens the regular file `name` to read it; `None` where none is there. A pipe does not make it wait.
        pub(in super::super) fn regular(&self, name: &OsStr) -> io::Result<Option<File>> {
            let flags =
                OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            let file = match openat(&self.open, name, flags, Mode::empty()) {
                Ok(file) => File::from(file),
                // A link, nothing, or a socket.
                Err(Errno::LOOP | Errno::MLINK | Errno::NOENT | Errno::NXIO) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            Ok(file.metadata()?.is_file().then_some(file))
        }

        /// Exchanges two files in one step.
        pub(in super::super) fn exchange(&self, one: &OsStr, other: &OsStr) -> io::Result<()> {
            flagged::exchange(&self.open, one, other)
        }

        /// Gives a file a name that nothing has.
        pub(in super::super) fn rename_to_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            match flagged::rename_to_new(&self.open, from, to) {
                Err(error) if is_unsupported(&error) => {}
                result => return result,
            }
            self.link(from, to)?;
            self.remove(from)
        }

        /// Gives a file another name, in the place of what had that name.
        pub(in super::super) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            Ok(renameat(&self.open, from, &self.open, to)?)
        }

        /// Gives a file a second name, which nothing has.
        pub(in super::super) fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            Ok(linkat(&self.open, from, &self.open, to, AtFlags::empty())?)
        }

        /// Removes a name.
        pub(in super::super) fn remove(&self, name: &OsStr) -> io::Result<()> {
            Ok(unlinkat(&self.open, name, AtFlags::empty())?)
        }

        /// The names of its regular files for which `is_meant` holds.
        pub(in super::super) fn files(&self, is_meant: impl Fn(&str) -> bool) -> io::Result<Vec<OsString>> {
            let mut names = Vec::new();
            for entry in Dir::read_from(&self.open)? {
                let entry = entry?;
                let Ok(name) = entry.file_name().to_str() else { continue };
                let is_file = || {
                    let stat = statat(&self.open, name, AtFlags::SYMLINK_NOFOLLOW);
                    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_file())
                };
                if is_meant(name) && is_file() {
                    names.push(OsString::from(name));
                }
            }
            Ok(names)
        }

        /// Waits until what happened to its names is on the disk.
        pub(in super::super) fn sync(&self) -> io::Result<()> {
            match self.open.sync_all() {
                // Some file systems cannot sync a directory, and say so this way.
                Err(error) if is_unsupported(&error) => Ok(()),
                result => result,
            }
        }
    }

    /// Renames that not every system has.
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    mod flagged {
        use rustix::fs::{RenameFlags, renameat_with};

        use super::*;

        pub(super) fn exchange(directory: &File, one: &OsStr, other: &OsStr) -> io::Result<()> {
            Ok(renameat_with(directory, one, directory, other, RenameFlags::EXCHANGE)?)
        }

        pub(super) fn rename_to_new(directory: &File, from: &OsStr, to: &OsStr) -> io::Result<()> {
            Ok(renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE)?)
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    mod flagged {
        use super::*;

        pub(super) fn exchange(_: &File, _: &OsStr, _: &OsStr) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn rename_to_new(_: &File, _: &OsStr, _: &OsStr) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// Whether an error of [`Directory::open`] says that something else is there.
    pub(in super::super) fn is_elsewhere(error: &io::Error) -> bool {
        let known = [Errno::LOOP, Errno::MLINK, Errno::NOTDIR, Errno::NOENT];
        known.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::fs;

    use super::*;

    impl Directory {
        pub(in super::super) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self { path: path.to_owned() })
        }

        pub(in super::super) fn is_in_place(&self) -> io::Result<bool> {
            Ok(true)
        }

        pub(in super::super) fn lock(&self) -> io::Result<()> {
            Ok(())
        }

        pub(in super::super) fn create(&self, name: &OsStr, _: Access) -> io::Result<File> {
            File::create_new(self.path.join(name))
        }

        pub(in super::super) fn regular(&self, name: &OsStr) -> io::Result<Option<File>> {
            match fs::symlink_metadata(self.path.join(name)) {
                Ok(metadata) if metadata.is_file() => File::open(self.path.join(name)).map(Some),
                Ok(_) => Ok(None),
                Err(error) if is_elsewhere(&error) => Ok(None),
                Err(error) => Err(error),
            }
        }

        pub(in super::super) fn exchange(&self, _: &OsStr, _: &OsStr) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn rename_to_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            self.link(from, to)?;
            self.remove(from)
        }

        pub(in super::super) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            fs::rename(self.path.join(from), self.path.join(to))
        }

        pub(in super::super) fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            fs::hard_link(self.path.join(from), self.path.join(to))
        }

        pub(in super::super) fn remove(&self, name: &OsStr) -> io::Result<()> {
            fs::remove_file(self.path.join(name))
        }

        pub(in super::super) fn files(&self, is_meant: impl Fn(&str) -> bool) -> io::Result<Vec<OsString>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(&self.path)? {
                let entry = entry?;
                let name = entry.file_name();
                if name.to_str().is_some_and(&is_meant) && entry.file_type()?.is_file() {
                    names.push(name);
                }
            }
            Ok(names)
        }

        pub(in super::super) fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    pub(in super::super) fn is_elsewhere(error: &io::Error) -> bool {
        matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    }
}

#[cfg(not(unix))]
pub(super) use elsewhere::is_elsewhere;
#[cfg(unix)]
pub(super) use unix::is_elsewhere;
