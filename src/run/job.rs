//! All that does not change during a run: the patches with their lock states, the files, the options.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::options::LockUse;
use super::selection::takes_part_in_all;
use super::tree::{Base, Snapshot, Tree};
use super::{Mode, Options, RunError, with_source};
use crate::config::loader::PatchSet;
use crate::drift::trail::History;
use crate::files::ReadError;
use crate::git::GitError;
use crate::limits;
use crate::outcome::printable;
use crate::patch::{LockState, Patch, PatchFile};
use crate::plan::failure::Failure;
use crate::source::Source;
use crate::workspace::TargetError;

/// The hint where a target is not a text file of the workspace.
pub(super) const ONLY_TEXT: &str = "a target must be a UTF-8 text file inside the workspace: correct `file`";

const MANIFEST: &str = "Cargo.toml";

/// How a file begins that git LFS has not brought yet.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// A patch of a run, with its lock state.
#[derive(Clone, Copy)]
pub(super) struct Member<'r> {
    pub(super) patch: &'r Patch,
    pub(super) lock: &'r LockState,
}

/// The patches, the files of one moment, and the options. The index of a patch in `members` names the patch everywhere in
/// `run/`.
pub(super) struct Job<'r> {
    pub(super) tree: &'r dyn Tree,
    pub(super) options: &'r Options,
    pub(super) members: Vec<Member<'r>>,
    pub(super) snapshot: Snapshot<'r>,
    pub(super) manifest: Option<Vec<u8>>,
    /// The patches that take part in a run of all, once that is known.
    pub(super) of_all: OnceLock<Vec<usize>>,
    pub(super) set: &'r PatchSet,
    siblings: OnceLock<Vec<PatchFile>>,
    /// By target, the patches that have something to do there.
    pub(super) unmade: Mutex<BTreeMap<String, Arc<BTreeSet<usize>>>>,
    history: OnceLock<Result<Option<Box<dyn History + 'r>>, GitError>>,
    gaps: Mutex<BTreeSet<String>>,
}

impl<'r> Job<'r> {
    /// Opens the files that the options ask for: HEAD's for a revert, those of a revision, or the working tree.
    ///
    /// # Errors
    /// [`RunError`] for an unknown id in the selection, and for a revision that git does not have.
    pub(super) fn new(tree: &'r dyn Tree, set: &'r PatchSet, options: &'r Options) -> Result<Self, RunError> {
        let members: Vec<Member<'r>> = members(set, options.locks);
        options.selection.check(members.iter().map(|member| member.patch))?;
        let named = members.iter().flat_map(|member| {
            let spelled = |file: &String| tree.spelled(file, base_of(member.patch)).ok();
            member.patch.files.iter().filter_map(spelled)
        });
        let mut paths: Vec<String> = named.chain([MANIFEST.to_owned()]).collect();
        paths.sort_unstable();
        paths.dedup();
        let snapshot = match options.mode {
            Mode::Revert => tree.open_head(&paths)?,
            Mode::Write | Mode::Report => tree.open(options.revision.as_deref(), &paths)?,
        };
        let manifest = snapshot.files.real(MANIFEST).and_then(|path| snapshot.files.read(&path)).ok();
        Ok(Self {
            tree,
            options,
            members,
            snapshot,
            manifest,
            of_all: OnceLock::new(),
            set,
            siblings: OnceLock::new(),
            unmade: Mutex::default(),
            history: OnceLock::new(),
            gaps: Mutex::default(),
        })
    }

    /// The patch of this index.
    pub(super) fn patch(&self, index: usize) -> &'r Patch {
        self.members[index].patch
    }

    /// The lock state of the patch of this index; [`LockState::None`] where the run forgets the locks.
    pub(super) fn lock(&self, index: usize) -> &'r LockState {
        self.members[index].lock
    }

    /// The patch files beside those of the run, which may have been applied in calls of their own, with those of their patches that
    /// take part in a run of all. They are read when this is first called.
    pub(super) fn siblings(&self) -> &[PatchFile] {
        self.siblings.get_or_init(|| {
            let mut files = self.tree.patch_files_beside(self.set);
            let is_ranged = |patch: &Patch| patch.versions.iter().any(|range| !range.is_any());
            let is_needed = files.iter().flat_map(|file| &file.patches).any(is_ranged);
            let (version, _) = self.version(is_needed);
            files.iter_mut().for_each(|file| {
                file.patches.retain(|patch| takes_part_in_all(patch, version.as_ref()));
            });
            files
        })
    }

    /// The history of what is planned against, if the workspace is in a repository. Git is asked when this is first called.
    pub(super) fn history(&self) -> Option<&(dyn History + 'r)> {
        let open = || Ok(self.head()?.map(|commit| self.tree.history(&commit)));
        self.history.get_or_init(open).as_ref().ok()?.as_deref()
    }

    /// What git says that a file was renamed to which is not there, if history was asked in this run before.
    pub(super) fn heir_if_asked(&self, path: &str) -> Option<String> {
        let history = self.history.get()?.as_ref().ok()?.as_deref()?;
        self.text(path).is_none().then(|| history.fate(path)?.1).flatten()
    }

    /// What of history was wanted and could not be asked, and why: a sentence each.
    pub(super) fn gaps(&self) -> Vec<String> {
        let of_git = match self.history.get() {
            None | Some(Ok(None)) => Vec::new(),
            Some(Ok(Some(history))) => history.gaps(),
            Some(Err(error)) => vec![match error.hint() {
                Some(hint) => format!("{error} ({hint})"),
                None => error.to_string(),
            }],
        };
        let gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        of_git.into_iter().chain(gaps.iter().cloned()).collect()
    }

    /// Adds to what of history could not be asked.
    pub(super) fn note_gap(&self, gap: String) {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).insert(gap);
    }

    /// The paths that `path`, which the newest commit has, has in git's index where it was renamed, or became several, and that is
    /// not committed. A revision has no index.
    pub(super) fn staged_renames(&self, path: &str) -> Vec<String> {
        let is_missing = matches!(self.target_of(path, Base::Workspace), Err(TargetError::Missing { .. }));
        let is_asked = self.snapshot.commit.is_none() && is_missing;
        if is_asked { self.tree.staged_renames(path) } else { Vec::new() }
    }

    /// The commit that is planned against; for the working tree, HEAD.
    pub(super) fn commit(&self) -> Option<String> {
        self.head().ok().flatten()
    }

    fn head(&self) -> Result<Option<String>, GitError> {
        match &self.snapshot.commit {
            Some(commit) => Ok(Some(commit.clone())),
            None => self.tree.head(),
        }
    }

    /// The bytes and the text of a target.
    pub(super) fn read(&self, path: &str) -> Result<(Vec<u8>, Source), Failure> {
        let bad = |error: &dyn std::fmt::Display| Failure::BadTarget {
            message: format!("`{}`: {error}", printable(path)),
            hint: Some(ONLY_TEXT.to_owned()),
        };
        let bytes = match (&self.manifest, path) {
            (Some(manifest), MANIFEST) => manifest.clone(),
            _ => self.snapshot.files.read(path).map_err(|error| match error {
                ReadError::Io { .. } => Failure::Io { message: with_source(&error) },
                ReadError::TooLong(limit) => {
                    Failure::OverLimit { what: format!("`{}` is", printable(path)), limit }
                }
                other => bad(&other),
            })?,
        };
        let (most, limit) = limits::of_target(path);
        if bytes.len() as u64 > most {
            return Err(Failure::OverLimit { what: format!("`{}` is", printable(path)), limit });
        }
        if bytes.starts_with(LFS_POINTER) {
            return Err(self.is_pointer(path));
        }
        let source = Source::decode(&bytes).map_err(|error| bad(&error))?;
        Ok((bytes, source))
    }

    fn is_pointer(&self, path: &str) -> Failure {
        let hint = match self.snapshot.commit {
            None => "`git lfs pull` brings the content",
            Some(_) => "git has the pointer alone: check the revision out",
        };
        let message = format!("`{}` is a pointer of git LFS, not the file", printable(path));
        Failure::BadTarget { message, hint: Some(hint.to_owned()) }
    }

    /// The text of a file, if it is one.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.read(path).ok().map(|(_, source)| source.text().to_owned())
    }

    /// The target that `file` names in the files of this run.
    pub(super) fn target_of(&self, file: &str, base: Base) -> Result<String, TargetError> {
        match self.snapshot.commit {
            Some(_) => self.in_revision(file, base),
            None => self.tree.resolve(file, base),
        }
    }

    /// The paths by which git may know the files of a patch: where links lead, then as they are written.
    pub(super) fn paths_of(&self, index: usize) -> Vec<String> {
        let patch = self.patch(index);
        let both = |file: &String| {
            let real = match self.target_of(file, base_of(patch)) {
                Ok(real) | Err(TargetError::Missing { relative: real, .. }) => Some(real),
                Err(_) => None,
            };
            [real, self.tree.spelled(file, base_of(patch)).ok()]
        };
        let mut paths: Vec<String> = Vec::new();
        for path in patch.files.iter().flat_map(both).flatten() {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }

    /// The target that `file` would name if the revision were checked out.
    pub(super) fn in_revision(&self, file: &str, base: Base) -> Result<String, TargetError> {
        let relative = self.tree.spelled(file, base)?;
        let path = file.to_owned();
        match self.snapshot.files.real(&relative) {
            Ok(real) if real == relative => Ok(relative),
            Ok(real) => self.tree.spelled(&real, Base::Workspace).map_err(|_| TargetError::Reserved { path }),
            Err(ReadError::Missing) => Err(TargetError::Missing { path, relative }),
            Err(ReadError::NotRegular { what }) => Err(TargetError::NotRegular { path, what }),
            Err(ReadError::Outside) => Err(TargetError::Outside { path }),
            Err(ReadError::Io { source, .. }) => Err(TargetError::Io { path, source }),
            Err(ReadError::TooLong(limit)) => {
                Err(TargetError::Io { path, source: std::io::Error::other(limit.to_string()) })
            }
        }
    }
}

/// The patches of a set, in order. [`LockUse::Accept`] keeps the lock states too: exact planning ignores them then, but a
/// patch that is followed is followed by them, and warnings compare with them.
fn members(set: &PatchSet, locks: LockUse) -> Vec<Member<'_>> {
    let patches = set.files.iter().flat_map(|file| file.patches.iter().map(move |patch| (file, patch)));
    patches
        .map(|(file, patch)| match locks {
            LockUse::Forget => Member { patch, lock: &LockState::None },
            LockUse::Heed | LockUse::Accept => Member { patch, lock: file.lock_of(patch) },
        })
        .collect()
}

/// Where the paths of a patch begin.
pub(super) fn base_of(patch: &Patch) -> Base {
    if patch.workspace_relative { Base::Workspace } else { Base::CurrentDir }
}
