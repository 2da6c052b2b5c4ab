//! A workspace on the disk, in a git repository or not.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use super::Rewritten;
use super::lock::in_steps;
use super::tree::{Base, CommitRefused, Snapshot, TargetChange, Tree};
use crate::commit::{self, CommitError, NewContent};
use crate::config::loader::{self, PatchSet};
use crate::drift::trail::History;
use crate::files::{Each, Files, GitRevision, ReadError, WorkTree, slashed};
use crate::git::history::GitHistory;
use crate::git::{self, Assumed, Blob, CheckedOut, GitError};
use crate::patch::PatchFile;
use crate::regular::Unseen;
use crate::workspace::{TargetError, Workspace};

/// The working tree of a workspace and its repository.
pub struct DiskTree<'w> {
    workspace: &'w Workspace,
    current_dir: PathBuf,
    staged_renames: OnceLock<BTreeMap<String, Vec<String>>>,
    /// What says of which file a filter makes another text.
    checked_out: OnceLock<CheckedOut>,
    unseen: Arc<Unseen>,
}

impl<'w> DiskTree<'w> {
    /// `current_dir` is where paths begin that are not relative to the workspace.
    pub fn new(workspace: &'w Workspace, current_dir: &Path) -> Self {
        Self {
            workspace,
            current_dir: current_dir.to_owned(),
            staged_renames: OnceLock::new(),
            checked_out: OnceLock::new(),
            unseen: Arc::default(),
        }
    }

    /// The answer of git, if it is one. Where the system kept git from answering, that is noted.
    fn answered<T>(&self, answer: Result<T, GitError>) -> Option<T> {
        let noted = |error: &GitError| {
            if let GitError::Io { root, source, .. } = error {
                self.unseen.note(root, source);
            }
        };
        answer.inspect_err(noted).ok()
    }

    fn base(&self, base: Base) -> Option<&Path> {
        match base {
            Base::Workspace => None,
            Base::CurrentDir => Some(&self.current_dir),
        }
    }

    fn change<'a>(&self, change: &TargetChange<'a>) -> NewContent<'a> {
        NewContent {
            path: self.workspace.root().join(change.path),
            shown: change.path.to_owned(),
            before: Some(change.before),
            after: change.after,
        }
    }

    /// Writes patch files and lock files, all in their order or none, and sweeps what killed runs left beside those of `set`.
    ///
    /// # Errors
    /// [`CommitError`].
    pub fn put(&self, set: &PatchSet, files: &[Rewritten]) -> Result<(), CommitError> {
        let files = in_steps(files);
        let changes: Vec<NewContent<'_>> = files.iter().map(Rewritten::change).collect();
        commit::commit(None, &changes, &|path| self.is_tracked(path))?;
        self.tidy(&mut std::iter::empty(), set);
        Ok(())
    }

    /// Whether git tracks a file that is called like a temporary one: then it is no leftover. Where git cannot say, it may be.
    fn is_tracked(&self, path: &Path) -> bool {
        let root = self.workspace.root();
        let root = if path.starts_with(root) { Some(root) } else { path.parent() };
        let Some((root, name)) = root.and_then(|root| Some((root, slashed(path.strip_prefix(root).ok()?)?)))
        else {
            return true;
        };
        let between = path.ancestors().skip(1).take_while(|folder| *folder != root);
        // Whatever a repository below the workspace tracks is its own affair.
        if between.into_iter().any(|folder| folder.join(".git").symlink_metadata().is_ok()) {
            return true;
        }
        match git::tracked(root) {
            Ok(tracked) => tracked.iter().any(|file| file.path == name),
            Err(GitError::NotRepository { .. }) => false,
            Err(_) => true,
        }
    }
}

/// The files of a commit as a checkout would write them. Git is asked only about a file that is not in the working tree as
/// it is in the commit.
struct Checkout {
    files: GitRevision,
    work: WorkTree,
    checked_out: CheckedOut,
    read: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Checkout {
    fn convert(&self, relative: &str, committed: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        let Ok(now) = self.work.read(relative) else { return Ok(committed) };
        if now == committed {
            return Ok(committed);
        }
        let converted = self
            .checked_out
            .read(relative)
            .map_err(|error| ReadError::Io { path: relative.into(), source: io::Error::other(error) })?;
        // A file that was written with the line ends of the commit has them still.
        let is_lf = !now.contains(&b'\r') && without_cr(&converted) == committed;
        Ok(if is_lf { committed } else { converted })
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

fn without_cr(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}

impl Files for Checkout {
    fn read(&self, relative: &str) -> Result<Vec<u8>, ReadError> {
        let committed = self.files.read(relative)?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(relative) {
            return Ok(known.clone());
        }
        let converted = self.convert(relative, committed)?;
        read.insert(relative.to_owned(), converted.clone());
        Ok(converted)
    }

    fn real(&self, relative: &str) -> Result<String, ReadError> {
        self.files.real(relative)
    }

    fn list(&self) -> Vec<String> {
        self.files.list()
    }

    fn read_each(&self, paths: &[String], each: Each<'_>) {
        self.files.read_each(paths, each);
    }
}

impl Tree for DiskTree<'_> {
    fn shown(&self) -> String {
        self.workspace.shown().to_owned()
    }

    fn open(&self, revision: Option<&str>, paths: &[String]) -> Result<Snapshot<'_>, GitError> {
        let root = self.workspace.root();
        let commit = revision.map(|revision| git::resolve_revision(root, revision)).transpose()?;
        let files: Box<dyn Files> = match &commit {
            None => Box::new(WorkTree::new(root).noting(&self.unseen)),
            Some(commit) => Box::new(GitRevision::new(root, commit, paths)?.noting(&self.unseen)),
        };
        Ok(Snapshot { files, commit })
    }

    fn open_head(&self, paths: &[String]) -> Result<Snapshot<'_>, GitError> {
        let root = self.workspace.root();
        let commit = git::head(root)?;
        let files = GitRevision::new(root, &commit, paths)?.noting(&self.unseen);
        let work = WorkTree::new(root).noting(&self.unseen);
        let checked_out = CheckedOut::new(root, &commit, paths);
        let checkout = Checkout { files, work, checked_out, read: Mutex::default() };
        Ok(Snapshot { files: Box::new(checkout), commit: Some(commit) })
    }

    fn resolve(&self, file: &str, base: Base) -> Result<String, TargetError> {
        let noted = |error: &TargetError| {
            if let TargetError::Io { path, source } = error {
                self.unseen.note(Path::new(path), source);
            }
        };
        self.workspace.resolve(file, self.base(base)).inspect_err(noted).map(|target| target.relative)
    }

    fn spelled(&self, file: &str, base: Base) -> Result<String, TargetError> {
        self.workspace.spelled(file, self.base(base))
    }

    fn named(&self, path: &str, base: Base) -> String {
        match base {
            Base::Workspace => path.to_owned(),
            Base::CurrentDir => self.workspace.root().join(path).to_string_lossy().into_owned(),
        }
    }

    fn head(&self) -> Result<Option<String>, GitError> {
        let root = self.workspace.root();
        match git::tracks(root) {
            Err(GitError::NotRepository { .. }) => Ok(None),
            tracks => match (git::head(root)?, tracks?) {
                (commit, true) => Ok(Some(commit)),
                (_, false) => Err(GitError::TracksNothing { root: root.to_owned() }),
            },
        }
    }

    fn history(&self, commit: &str) -> Box<dyn History + '_> {
        Box::new(GitHistory::new(self.workspace.root(), commit))
    }

    fn unchanged(&self, mut paths: BTreeSet<String>) -> Option<BTreeSet<String>> {
        let root = self.workspace.root();
        // Git writes its index behind the files that it checks out: what was written since is not the commit's, unless it was written
        // as it was.
        let checked_out = git::index_written(root);
        let is_older =
            |path: &String| checked_out.zip(modified(&root.join(path))).is_none_or(|(then, at)| at <= then);
        let (older, written): (BTreeSet<String>, BTreeSet<String>) = paths.into_iter().partition(is_older);
        let indexed = if written.is_empty() { BTreeMap::new() } else { git::indexed(root, &written) };
        let work = WorkTree::new(root).noting(&self.unseen);
        let is_as_it_was = |path: &String| {
            let entry = indexed.get(path).filter(|entry| entry.may_have(length(&root.join(path))));
            let content = entry.and_then(|entry| Some((entry, work.read(path).ok()?)));
            content.is_some_and(|(entry, now)| entry.has(&now) || entry.has(&without_cr(&now)))
        };
        paths = older;
        paths.extend(written.into_iter().filter(is_as_it_was));
        if paths.is_empty() {
            return Some(paths);
        }
        // Not `git diff`: what git does to compare a working tree starts the filters that the tree names.
        let asked: Vec<String> = paths.iter().cloned().collect();
        let committed = self.answered(git::read_many(root, "HEAD", &asked))?;
        let is_as_committed = |path: &String| match (committed.get(path), work.read(path)) {
            (Some(Blob::Regular(then)), Ok(now)) => *then == now || without_cr(then) == without_cr(&now),
            _ => false,
        };
        paths.retain(is_as_committed);
        Some(paths)
    }

    fn staged_renames(&self, path: &str) -> Vec<String> {
        let ask = || self.answered(git::staged_renames(self.workspace.root())).unwrap_or_default();
        self.staged_renames.get_or_init(ask).get(path).cloned().unwrap_or_default()
    }

    fn filter_of(&self, path: &str) -> Option<String> {
        let checked_out =
            self.checked_out.get_or_init(|| CheckedOut::new(self.workspace.root(), "HEAD", &[]));
        self.answered(checked_out.filter_of(path)).flatten()
    }

    fn assumed_version(&self, commit: &str) -> Result<Option<Assumed>, GitError> {
        match git::assumed_version(self.workspace.root(), commit) {
            Err(GitError::NotRepository { .. }) => Ok(None),
            answer => answer,
        }
    }

    fn commit(&self, changes: &[TargetChange<'_>], locks: &[Rewritten]) -> Result<usize, CommitRefused> {
        let targets = changes.iter().map(|change| self.change(change));
        let changes: Vec<NewContent<'_>> = locks.iter().map(Rewritten::change).chain(targets).collect();
        let is_written = |change: &&NewContent<'_>| change.before != Some(change.after);
        let written = changes[locks.len()..].iter().filter(is_written).count();
        let (locks, targets) = changes.split_at(locks.len());
        match commit::commit(Some(self.workspace.root()), &changes, &|path| self.is_tracked(path)) {
            Ok(_) => Ok(written),
            Err(error) => {
                let is_about_locks = locks.iter().any(|change| error.concerns(change));
                let concerned = targets.iter().filter(|change| error.concerns(change));
                let targets = concerned.map(|change| change.shown.clone()).collect();
                Err(CommitRefused { error, targets, is_about_locks })
            }
        }
    }

    fn patch_files_beside(&self, set: &PatchSet) -> Vec<PatchFile> {
        loader::beside(set, &self.unseen)
    }

    fn with_patch_files_beside(&self, set: &PatchSet) -> Option<PatchSet> {
        loader::with_neighbours(set, &self.unseen)
    }

    fn unseen(&self) -> Option<(PathBuf, io::Error)> {
        self.unseen.first()
    }

    fn tidy(&self, targets: &mut dyn Iterator<Item = &str>, set: &PatchSet) {
        let targets: BTreeSet<PathBuf> = targets.map(|target| self.workspace.root().join(target)).collect();
        let files = set.raw.iter().map(|file| &file.path).chain(set.locks.values().map(|lock| &lock.path));
        let folders: BTreeSet<&Path> = targets.iter().chain(files).filter_map(|path| path.parent()).collect();
        for folder in folders {
            commit::tidy(folder, &|path| targets.contains(path) || self.is_tracked(path));
        }
    }
}

impl Rewritten {
    fn change(&self) -> NewContent<'_> {
        let (path, shown) = (self.path.clone(), self.shown.clone());
        NewContent { path, shown, before: self.before.as_deref(), after: &self.after }
    }
}
