//! Path → bytes: the one interface through which targets are read.
//!
//! The same planning runs on a working tree, on a git revision without a checkout, or on a map in a test. Nothing
//! is written or decoded here. Paths are relative to the workspace root and separated by `/`; [`crate::workspace`]
//! ensures that they stay inside.
#![expect(clippy::disallowed_methods, reason = "the one room that reads targets")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;

use crate::git::{self, Blob, GitError, Listed, Tracked};
use crate::limits::Limit;
use crate::regular::{self, Unread, Unseen};

pub use crate::regular::FileKind;

/// Where targets are read from.
pub trait Files: Sync {
    /// The content of the regular file `relative`.
    ///
    /// # Errors
    /// [`ReadError`].
    fn read(&self, relative: &str) -> Result<Vec<u8>, ReadError>;

    /// The path that `relative` leads to once links are followed: what to read and to write.
    ///
    /// # Errors
    /// [`ReadError`].
    fn real(&self, relative: &str) -> Result<String, ReadError> {
        Ok(relative.to_owned())
    }

    /// All regular files that may be targets, relative to the root, sorted by their bytes. It is a help to find
    /// what moved: what cannot be listed is left out.
    ///
    /// In a working tree those that its repository tracks, so neither another worktree nor a repository inside this one.
    /// Where no repository tracks the tree: all files but those of repositories inside it, of the root's `target`, and what
    /// the tree's own `.gitignore` files name. In a revision all but that `target`. Links are not followed and not listed.
    /// Listed once, when first asked for.
    fn list(&self) -> Vec<String>;

    /// Why `relative`, which is not in the working tree, is not there although git's index has it.
    fn absence(&self, _relative: &str) -> Option<Absence> {
        None
    }

    /// Whether a sparse checkout leaves a file out. Git is started only where there is one.
    fn is_left_out(&self, _relative: &str) -> bool {
        false
    }

    /// Reads `paths` and gives each to `each` once, in any order and from several threads. For many files this
    /// is the way: a working tree is read in parallel, and a revision by starting git once.
    fn read_each(&self, paths: &[String], each: Each<'_>);

    /// The files of [`Files::list`] with this last path component, sorted.
    fn find_named(&self, file_name: &str) -> Vec<String> {
        let is_named = |name: &String| name.rsplit('/').next() == Some(file_name);
        self.list().into_iter().filter(is_named).collect()
    }
}

/// Why a tracked file is not in the working tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// A sparse checkout leaves it out.
    LeftOut,
    /// It was removed, and git was not told.
    Removed,
}

/// What is done with each file that is read: its path as asked for, and its content.
pub(crate) type Each<'e> = &'e (dyn Fn(&str, Result<Vec<u8>, ReadError>) + Sync);

/// Why a file has no content to give.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nothing is there.
    #[error("the file does not exist")]
    Missing,
    /// Something else than a file is there.
    #[error("this is {what}, not a regular file")]
    NotRegular {
        /// What it is.
        what: FileKind,
    },
    /// It is too long.
    #[error("the file is {0}")]
    TooLong(Limit),
    /// A symbolic link leads out of the root.
    #[error("a symbolic link in the path leads out of the workspace")]
    Outside,
    /// It is there and cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Io {
        /// The file on the disk; in a revision, its path there.
        path: PathBuf,
        /// What the system or git says.
        source: io::Error,
    },
}

/// The files on the disk below a root.
#[derive(Debug)]
pub struct WorkTree {
    root: PathBuf,
    listing: OnceLock<Listing>,
    unseen: Arc<Unseen>,
}

/// What is known of the files below a root without reading them.
#[derive(Debug)]
struct Listing {
    /// Those on the disk.
    names: Vec<String>,
    /// Those that git's index has and the disk has not.
    absent: BTreeMap<String, Absence>,
}

impl WorkTree {
    /// Reads below `root`; the names are listed when first asked for, and then once.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), listing: OnceLock::new(), unseen: Arc::default() }
    }

    /// The same, which notes in `unseen` what it could not see.
    pub(crate) fn noting(self, unseen: &Arc<Unseen>) -> Self {
        Self { unseen: Arc::clone(unseen), ..self }
    }

    fn listing(&self) -> &Listing {
        self.listing.get_or_init(|| match git::tracked(&self.root) {
            Ok(tracked) if !tracked.is_empty() => self.listing_of(tracked),
            answer => {
                if let Err(GitError::Io { root, source, .. }) = &answer {
                    self.unseen.note(root, source);
                }
                Listing { names: self.walk(), absent: BTreeMap::new() }
            }
        })
    }

    fn listing_of(&self, tracked: Vec<Tracked>) -> Listing {
        let is_there = |file: &Tracked| {
            let path = self.root.join(&file.path);
            let found = fs::symlink_metadata(&path).inspect_err(|error| self.unseen.note(&path, error));
            found.is_ok_and(|metadata| metadata.is_file())
        };
        let (there, absent): (Vec<Tracked>, Vec<Tracked>) = tracked.into_par_iter().partition(is_there);
        let mut names: Vec<String> = there.into_iter().map(|file| file.path).collect();
        names.retain(|name| !name.starts_with("target/"));
        names.sort_unstable();
        let why = |file: &Tracked| if file.is_left_out { Absence::LeftOut } else { Absence::Removed };
        let absent = absent
            .into_iter()
            .map(|file| {
                let why = why(&file);
                (file.path, why)
            })
            .collect();
        Listing { names, absent }
    }

    /// Hidden files count, ignored ones do not: by the ignore files of the tree itself, not by those of its user or of what
    /// lies around it.
    fn walk(&self) -> Vec<String> {
        let (root, unseen) = (self.root.clone(), Arc::clone(&self.unseen));
        let walk = WalkBuilder::new(&self.root)
            .standard_filters(false)
            .git_ignore(true)
            .require_git(false)
            .filter_entry(move |entry| {
                let is_root = entry.depth() == 0;
                let dot_git = || entry.path().join(".git");
                let noted = |error: &io::Error| unseen.note(entry.path(), error);
                let is_repository = || fs::symlink_metadata(dot_git()).inspect_err(noted).is_ok();
                entry.file_name() != ".git"
                    && entry.path().strip_prefix(&root) != Ok(Path::new("target"))
                    && (is_root || !is_repository())
            })
            .build_parallel();
        let found = Mutex::new(Vec::new());
        walk.run(|| {
            let mut names = Names { names: Vec::new(), all: &found };
            Box::new(move |entry| {
                if let Some(error) = entry.as_ref().err().and_then(ignore::Error::io_error) {
                    self.unseen.note(&self.root, error);
                }
                let file = entry.ok().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
                let name = file.and_then(|file| slashed(file.path().strip_prefix(&self.root).ok()?));
                names.names.extend(name);
                WalkState::Continue
            })
        });
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable();
        found
    }
}

/// What one thread of a walk has found; it joins the others' when the thread is done.
struct Names<'a> {
    names: Vec<String>,
    all: &'a Mutex<Vec<String>>,
}

impl Drop for Names<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.names);
    }
}

impl Files for WorkTree {
    fn read(&self, relative: &str) -> Result<Vec<u8>, ReadError> {
        let path = self.root.join(relative);
        let error = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing,
            _ => {
                self.unseen.note(&path, &source);
                ReadError::Io { path: path.clone(), source }
            }
        };
        regular::read(&path).map_err(|unread| match unread {
            Unread::NotRegular { what } => ReadError::NotRegular { what },
            Unread::TooLong(limit) => ReadError::TooLong(limit),
            Unread::Io(source) => error(source),
        })
    }

    fn list(&self) -> Vec<String> {
        self.listing().names.clone()
    }

    fn absence(&self, relative: &str) -> Option<Absence> {
        self.listing().absent.get(relative).copied()
    }

    fn is_left_out(&self, relative: &str) -> bool {
        let is_sparse = git::is_sparse(&self.root).inspect_err(|error| self.unseen.note(&self.root, error));
        is_sparse.unwrap_or_default() && self.absence(relative) == Some(Absence::LeftOut)
    }

    fn read_each(&self, paths: &[String], each: Each<'_>) {
        paths.par_iter().for_each(|path| each(path, self.read(path)));
    }
}

/// The files of one commit. Git is asked for all of them at once when this is made.
#[derive(Debug)]
pub(crate) struct GitRevision {
    root: PathBuf,
    commit: String,
    blobs: BTreeMap<String, Option<Blob>>,
    late: Mutex<BTreeMap<String, Option<Blob>>>,
    listed: OnceLock<Vec<Listed>>,
    unseen: Arc<Unseen>,
}

impl GitRevision {
    /// Loads `paths` as they are in `commit`; `root` may be a folder inside the repository. One that is not
    /// among them can still be read, at the price of starting git again.
    ///
    /// # Errors
    /// [`GitError`]. A path that the commit does not have is none: reading it is.
    pub(crate) fn new(root: &Path, commit: &str, paths: &[String]) -> Result<Self, GitError> {
        // With the folders above them, any of which may be a link.
        let above = |path: &String| path.match_indices('/').map(|(at, _)| path[..at].to_owned()).collect();
        let mut asked: BTreeSet<String> = paths.iter().flat_map::<Vec<String>, _>(above).collect();
        asked.extend(paths.iter().cloned());
        let asked: Vec<String> = asked.into_iter().collect();
        let mut found = git::read_many(root, commit, &asked)?;
        let blobs = asked.into_iter().map(|path| (path.clone(), found.remove(&path))).collect();
        let late = Mutex::default();
        let (root, commit, listed) = (root.to_owned(), commit.to_owned(), OnceLock::new());
        Ok(Self { root, commit, blobs, late, listed, unseen: Arc::default() })
    }

    /// It notes that git could not list the commit in `unseen`.
    pub(crate) fn noting(self, unseen: &Arc<Unseen>) -> Self {
        Self { unseen: Arc::clone(unseen), ..self }
    }

    /// The regular files of the commit, sorted by path.
    fn listed(&self) -> &[Listed] {
        self.listed.get_or_init(|| {
            let files = git::list(&self.root, &self.commit);
            let files =
                files.inspect_err(|error| self.unseen.note(&self.root, &io::Error::other(error.to_string())));
            let mut files = files.unwrap_or_default();
            files.retain(|file| !file.path.starts_with("target/"));
            files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
            files
        })
    }

    /// What the commit holds at `relative`, itself, through no link.
    fn look<T>(&self, relative: &str, at: impl FnOnce(Option<&Blob>) -> T) -> Result<T, ReadError> {
        if let Some(blob) = self.blobs.get(relative) {
            return Ok(at(blob.as_ref()));
        }
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        if !late.contains_key(relative) {
            let mut found = git::read_many(&self.root, &self.commit, &[relative.to_owned()])
                .map_err(|error| ReadError::Io { path: relative.into(), source: io::Error::other(error) })?;
            late.insert(relative.to_owned(), found.remove(relative));
        }
        Ok(at(late[relative].as_ref()))
    }

    /// The parts of the path that the link at `at` holds, from the root on.
    fn follow(&self, at: &[String], to: &[u8]) -> Result<Vec<String>, ReadError> {
        let to = str::from_utf8(to).map_err(|_| ReadError::Outside)?;
        let parts = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        if Path::new(to).is_absolute() {
            let inside = Path::new(to).strip_prefix(&self.root).ok().and_then(slashed);
            return inside.map(|inside| parts(&inside)).ok_or(ReadError::Outside);
        }
        Ok([&at[..at.len() - 1], &parts(to)].concat())
    }
}

/// Links on one way, as many as Linux follows.
const LINKS: usize = 40;

impl Files for GitRevision {
    fn read(&self, relative: &str) -> Result<Vec<u8>, ReadError> {
        self.look(relative, |blob| match blob {
            None => Err(ReadError::Missing),
            Some(Blob::Regular(bytes)) => Ok(bytes.clone()),
            Some(Blob::Directory) => Err(ReadError::NotRegular { what: FileKind::Directory }),
            Some(Blob::Symlink(_)) => Err(ReadError::NotRegular { what: FileKind::Symlink }),
            Some(Blob::Submodule) => Err(ReadError::NotRegular { what: FileKind::Submodule }),
            Some(Blob::TooLong(limit)) => Err(ReadError::TooLong(*limit)),
        })?
    }

    /// As the system would on a checkout: part by part, each link replaced by what it holds.
    fn real(&self, relative: &str) -> Result<String, ReadError> {
        let mut left: Vec<String> = relative.rsplit('/').map(str::to_owned).collect();
        let (mut real, mut links): (Vec<String>, usize) = (Vec::new(), 0);
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    real.pop().ok_or(ReadError::Outside)?;
                    continue;
                }
                _ => real.push(part),
            }
            let to = self.look(&real.join("/"), |blob| match blob {
                None => Err(ReadError::Missing),
                Some(Blob::Symlink(to)) => Ok(Some(to.clone())),
                Some(Blob::Regular(_)) if !left.is_empty() => Err(ReadError::Missing),
                Some(_) => Ok(None),
            })??;
            if let Some(to) = to {
                links += 1;
                if links > LINKS {
                    let source = io::Error::other("too many symbolic links");
                    return Err(ReadError::Io { path: relative.into(), source });
                }
                left.extend(self.follow(&real, &to)?.into_iter().rev());
                real.clear();
            }
        }
        Ok(real.join("/"))
    }

    fn list(&self) -> Vec<String> {
        self.listed().iter().map(|file| file.path.clone()).collect()
    }

    /// Those listed come from one `git cat-file` as it gives them; the others are read one by one.
    fn read_each(&self, paths: &[String], each: Each<'_>) {
        let files = self.listed();
        let find = |path: &String| files.binary_search_by(|file| file.path.cmp(path)).ok();
        let (listed, others): (Vec<&String>, Vec<&String>) =
            paths.iter().partition(|path| find(path).is_some());
        let wanted: Vec<Listed> =
            listed.into_iter().filter_map(|path| Some(files[find(path)?].clone())).collect();
        let mut given = BTreeSet::new();
        let read = git::read_listed(&self.root, &wanted, |file, content| {
            if given.insert(file.path.clone()) {
                each(&file.path, Ok(content));
            }
        });
        // What git did not get to gives its own reason, file by file.
        let left = wanted.iter().filter(|file| read.is_err() && !given.contains(&file.path));
        left.for_each(|file| each(&file.path, self.read(&file.path)));
        others.into_iter().for_each(|path| each(path, self.read(path)));
    }
}

/// `relative` with `/` between its parts; `None` if it is not UTF-8.
pub(crate) fn slashed(relative: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// A tree in memory, so that tests of the rooms above touch no disk.
#[cfg(test)]
pub(crate) mod memory {
    use std::collections::BTreeMap;

    use super::{Each, Files, ReadError};

    /// Bytes by path.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct MapFiles(pub(crate) BTreeMap<String, Vec<u8>>);

    impl<K: Into<String>, V: Into<Vec<u8>>> FromIterator<(K, V)> for MapFiles {
        fn from_iter<I: IntoIterator<Item = (K, V)>>(files: I) -> Self {
            Self(files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect())
        }
    }

    impl Files for MapFiles {
        fn read(&self, relative: &str) -> Result<Vec<u8>, ReadError> {
            self.0.get(relative).cloned().ok_or(ReadError::Missing)
        }

        fn real(&self, relative: &str) -> Result<String, ReadError> {
            self.read(relative).map(|_| relative.to_owned())
        }

        fn list(&self) -> Vec<String> {
            self.0.keys().cloned().collect()
        }

        fn read_each(&self, paths: &[String], each: Each<'_>) {
            paths.iter().for_each(|path| each(path, self.read(path)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::memory::MapFiles;
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn a_work_tree_gives_bytes_or_says_why_not() {
        let dir = tree(&[("a/x.rs", "\u{feff}x\r\n")]);
        let files = WorkTree::new(dir.path());
        assert_eq!(files.read("a/x.rs").unwrap(), "\u{feff}x\r\n".as_bytes());
        assert!(matches!(files.read("a/y.rs"), Err(ReadError::Missing)));
        assert!(matches!(files.read("a/x.rs/y"), Err(ReadError::Missing)));
        assert!(matches!(files.read("a"), Err(ReadError::NotRegular { what: FileKind::Directory })));
        assert!(matches!(files.read("a\0"), Err(ReadError::Io { .. })));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_does_not_block() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let dir = tree(&[]);
        mknodat(CWD, dir.path().join("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        let files = WorkTree::new(dir.path());
        assert!(matches!(files.read("pipe"), Err(ReadError::NotRegular { what: FileKind::Fifo })));
    }

    #[test]
    fn names_are_found_outside_ignored_and_build_directories() {
        let dir = tree(&[
            (".gitignore", "generated/\n"),
            ("z/x.rs", ""),
            ("a/b/x.rs", ""),
            ("a/not-x.rs", ""),
            (".hidden/x.rs", ""),
            ("generated/x.rs", ""),
            ("target/x.rs", ""),
            ("a/target/x.rs", ""),
            (".git/x.rs", ""),
        ]);
        let found = WorkTree::new(dir.path()).find_named("x.rs");
        assert_eq!(found, [".hidden/x.rs", "a/b/x.rs", "a/target/x.rs", "z/x.rs"]);
    }

    #[test]
    fn no_ignore_file_but_the_trees_own_counts_where_nothing_is_tracked() {
        let dir = tree(&[
            ("home/.gitignore", "*\n"),
            ("home/ws/.gitignore", "/out/\n"),
            ("home/ws/.ignore", "*\n"),
            ("home/ws/a b.rs", ""),
            ("home/ws/é.rs", ""),
            ("home/ws/out/x.rs", ""),
            ("home/ws/in/out/x.rs", ""),
            ("home/ws/other/.git/HEAD", ""),
            ("home/ws/other/x.rs", ""),
            ("home/ws/worktree/.git", "gitdir: elsewhere\n"),
            ("home/ws/worktree/x.rs", ""),
        ]);
        let list = WorkTree::new(&dir.path().join("home/ws")).list();
        assert_eq!(list, [".gitignore", ".ignore", "a b.rs", "in/out/x.rs", "é.rs"]);
    }

    #[test]
    fn in_a_repository_what_it_tracks_is_listed_and_what_is_missing_is_known() {
        let dir = tree(&[("ws/a.rs", ""), ("ws/b/c.rs", ""), ("ws/gone.rs", ""), ("above.rs", "")]);
        git::testing::commit_all(dir.path(), "2026-01-01T00:00:00Z");
        let root = dir.path().join("ws");
        fs::write(root.join(".gitignore"), "b/\n").unwrap();
        fs::write(root.join("new.rs"), "").unwrap();
        fs::remove_file(root.join("gone.rs")).unwrap();
        let files = WorkTree::new(&root);
        assert_eq!(files.list(), ["a.rs", "b/c.rs"]);
        assert_eq!(files.absence("gone.rs"), Some(Absence::Removed));
        assert_eq!(files.absence("a.rs"), None);
        assert_eq!(files.absence("never.rs"), None);
    }

    /// What `read_each` gives, sorted: the path and the content or what is wrong.
    fn read_all(files: &impl Files, paths: &[&str]) -> Vec<(String, String)> {
        let given = Mutex::new(Vec::new());
        let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        files.read_each(&paths, &|path, content| {
            let text = content.map_or_else(|e| e.to_string(), |bytes| String::from_utf8(bytes).unwrap());
            given.lock().unwrap().push((path.to_owned(), text));
        });
        let mut given = given.into_inner().unwrap();
        given.sort();
        given
    }

    #[test]
    fn a_commit_that_git_cannot_list_is_not_an_empty_one() {
        let dir = tree(&[("a.rs", "1")]);
        let commit = git::testing::commit_all(dir.path(), "2026-01-01T00:00:00Z");
        let unseen = Arc::default();
        let revision = GitRevision::new(dir.path(), &commit, &[]).unwrap().noting(&unseen);
        fs::remove_dir_all(dir.path().join(".git/objects")).unwrap();
        assert!(revision.list().is_empty());
        assert_eq!(unseen.first().unwrap().0, dir.path());
    }

    #[test]
    fn many_files_are_read_alike_from_the_disk_and_from_a_revision() {
        let dir = tree(&[("ws/a b.rs", "1"), ("ws/d/é.rs", "2\r\n"), ("ws/target/x", "3"), ("above", "")]);
        let commit = git::testing::commit_all(dir.path(), "2026-01-01T00:00:00Z");
        let root = dir.path().join("ws");
        let revision = GitRevision::new(&root, &commit, &[]).unwrap();
        let paths = ["d/é.rs", "no.rs", "a b.rs", "target/x", "d"];
        let expected = [("a b.rs", "1"), ("d", "this is a directory, not a regular file")]
            .into_iter()
            .chain([("d/é.rs", "2\r\n"), ("no.rs", "the file does not exist"), ("target/x", "3")])
            .map(|(path, text)| (path.to_owned(), text.to_owned()));
        let expected: Vec<_> = expected.collect();
        assert_eq!(read_all(&revision, &paths), expected);
        assert_eq!(read_all(&WorkTree::new(&root), &paths), expected);
        assert_eq!(revision.list(), ["a b.rs", "d/é.rs"]);
        assert_eq!(WorkTree::new(&root).list(), ["a b.rs", "d/é.rs"]);
        assert_eq!(read_all(&revision, &[]), []);
    }

    #[test]
    fn a_map_is_files_too() {
        let files: MapFiles = [("b/x.rs", "1"), ("a/x.rs", "2")].into_iter().collect();
        assert_eq!(files.read("b/x.rs").unwrap(), b"1");
        assert!(matches!(files.read("x.rs"), Err(ReadError::Missing)));
        assert_eq!(files.find_named("x.rs"), ["a/x.rs", "b/x.rs"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_revision_is_read_without_its_working_tree() {
        let dir =
            tree(&[("ws/a/x.rs", "old"), ("ws/b/x.rs", "b"), ("ws/target/x.rs", ""), ("x.rs", "above")]);
        std::os::unix::fs::symlink("a/x.rs", dir.path().join("ws/link")).unwrap();
        let commit = git::testing::commit_all(dir.path(), "2026-01-01T00:00:00Z");
        fs::write(dir.path().join("ws/a/x.rs"), "new").unwrap();
        let asked = ["a/x.rs", "link", "a", "no.rs"].map(str::to_owned);
        let files = GitRevision::new(&dir.path().join("ws"), &commit, &asked).unwrap();
        assert_eq!(files.read("a/x.rs").unwrap(), b"old");
        assert_eq!(files.read("b/x.rs").unwrap(), b"b", "not among those asked for");
        assert!(matches!(files.read("link"), Err(ReadError::NotRegular { what: FileKind::Symlink })));
        assert_eq!(files.real("link").unwrap(), "a/x.rs");
        assert!(matches!(files.read("a"), Err(ReadError::NotRegular { what: FileKind::Directory })));
        assert!(matches!(files.read("no.rs"), Err(ReadError::Missing)));
        assert_eq!(files.find_named("x.rs"), ["a/x.rs", "b/x.rs"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_of_a_revision_lead_where_a_checkout_has_them_lead() {
        use std::os::unix::fs::symlink;
        let dir = tree(&[("ws/a/b/x.rs", ""), ("out.rs", "")]);
        let root = fs::canonicalize(dir.path()).unwrap().join("ws");
        for (at, to) in [
            ("file", "a/b/x.rs"),
            ("dir", "a/b"),
            ("a/up", "../dir/.//."),
            ("chain", "a/up/x.rs"),
            ("loop", "loop"),
            ("out", "../out.rs"),
            ("gone", "a/no.rs"),
            ("through", "file/x.rs"),
        ] {
            symlink(to, root.join(at)).unwrap();
        }
        symlink(root.join("dir"), root.join("absolute")).unwrap();
        symlink("/etc/passwd", root.join("elsewhere")).unwrap();
        let commit = git::testing::commit_all(dir.path(), "2026-01-01T00:00:00Z");
        let asked = ["dir/x.rs", "chain"].map(str::to_owned);
        let files = GitRevision::new(&root, &commit, &asked).unwrap();
        for path in ["file", "dir/x.rs", "a/up/x.rs", "chain", "absolute/x.rs", "a/b/x.rs"] {
            assert_eq!(files.real(path).unwrap(), "a/b/x.rs", "{path}");
        }
        for path in ["out", "elsewhere"] {
            assert!(matches!(files.real(path), Err(ReadError::Outside)), "{path}");
        }
        for path in ["gone", "through", "no.rs", "dir/no.rs"] {
            assert!(matches!(files.real(path), Err(ReadError::Missing)), "{path}");
        }
        assert!(matches!(files.real("loop"), Err(ReadError::Io { .. })));
    }
}
