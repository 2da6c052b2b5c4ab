//! What patches replace, remembered: planned strictly, on the places as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{Options, Progress, Run, RunError, check_ids};
use crate::commit::{self, Change, CommitError};
use crate::config::loader::{self, LockFile};
use crate::config::lock::{self, fingerprint};
use crate::git;
use crate::outcome::{Report, Status};
use crate::patch::lock::{Locked, LockedItem, LockedMatch, digest};
use crate::patch::{LockState, Patch, PatchFile};
use crate::plan::failure::Failure;
use crate::plan::{Decision, Place};
use crate::workspace::Workspace;

/// A file beside or among the patch files as it is to be.
#[derive(Debug, Clone)]
pub struct Rewritten {
    /// As the user knows it.
    pub shown: String,
    /// Canonical.
    pub path: PathBuf,
    /// Its bytes as they are; `None` where there is no file.
    pub before: Option<Vec<u8>>,
    /// Its bytes as they are to be.
    pub after: Vec<u8>,
}

impl Rewritten {
    /// Writes all of `files`.
    ///
    /// # Errors
    /// As [`commit::put_all`].
    pub fn write(files: &[Self]) -> Result<(), CommitError> {
        let changes: Vec<(Change<'_>, bool)> = files
            .iter()
            .map(|file| {
                let before = file.before.as_deref().unwrap_or_default();
                let (path, shown, after) = (file.path.clone(), file.shown.clone(), file.after.as_slice());
                (Change { path, shown, before, after }, file.before.is_none())
            })
            .collect();
        commit::put_all(&changes)
    }
}

/// Plans `files` as if nothing were locked, and remembers the places.
///
/// # Errors
/// [`RunError`].
pub fn lock_patches(
    workspace: &Workspace,
    files: &[PatchFile],
    options: &Options,
    progress: Progress<'_>,
) -> Result<(Report, Vec<Rewritten>), RunError> {
    let patches: Vec<&Patch> = files.iter().flat_map(|file| &file.patches).collect();
    let locks = vec![&LockState::None; patches.len()];
    check_ids(&options.selection, &patches)?;
    let options = Options { record: true, ..options.clone() };
    let mut run = Run::begin(workspace, patches, locks, &options)?;
    run.select()?;
    run.find_version(true)?;
    run.target();
    run.plan(progress);
    for verdict in run.verdicts.values_mut() {
        if matches!(verdict.decision, Decision::InPlace) {
            verdict.decision = Decision::Fail(Failure::NothingToLock);
        }
    }
    run.would = run.prospects();
    let failed = run.any_failed();
    let locks = if failed && !options.keep_going {
        Vec::new()
    } else {
        run.lock_files(files, &(0..run.patches.len()).collect())?
    };
    if !failed || options.keep_going {
        run.settle(Status::Locked);
    }
    Ok((run.report(), locks))
}

impl Run<'_> {
    /// The lock files of `files`, with the places of this run's patches.
    pub(super) fn lock_files(
        &self,
        files: &[PatchFile],
        which: &BTreeSet<usize>,
    ) -> Result<Vec<Rewritten>, RunError> {
        let commit = match &self.commit {
            Some(commit) => Some(commit.clone()),
            None => git::resolve_revision(self.workspace.root(), "HEAD").ok(),
        };
        let mut by_folder: BTreeMap<PathBuf, (Vec<String>, Vec<Locked>)> = BTreeMap::new();
        let mut index = 0;
        for file in files {
            let (known, entries) = by_folder.entry(loader::folder_of(file)).or_default();
            for patch in &file.patches {
                known.push(patch.id.clone());
                let places = self.verdicts.get(&index).map(|verdict| verdict.places.as_slice());
                if let Some(places) = places.filter(|places| !places.is_empty() && which.contains(&index)) {
                    entries.push(Locked {
                        id: patch.id.clone(),
                        definition: fingerprint(patch),
                        upstream: self.version.as_ref().map(ToString::to_string),
                        commit: commit.clone(),
                        matches: places.iter().map(remembered).collect(),
                    });
                }
                index += 1;
            }
        }
        let mut files = Vec::new();
        for (folder, (known, entries)) in by_folder.into_iter().filter(|(_, (_, new))| !new.is_empty()) {
            let LockFile { path, before, mut lock } = loader::read_lock(&folder)?;
            // Patch files of the folder that were not given keep what is remembered of them, and where it stands.
            let others: Vec<String> = lock.entries.iter().map(|entry| entry.id.clone()).collect();
            let order =
                if others.iter().all(|id| known.contains(id)) { known } else { [others, known].concat() };
            lock.update(entries, &order.iter().map(String::as_str).collect::<Vec<_>>());
            let shown = folder.join(lock::FILE_NAME).to_string_lossy().into_owned();
            files.push(Rewritten { shown, path, before, after: lock.render().into_bytes() });
        }
        Ok(files)
    }
}

fn remembered(place: &Place) -> LockedMatch {
    let item = place.item.as_ref();
    LockedMatch {
        file: place.file.clone(),
        item: item.map(|(path, text)| LockedItem { path: path.clone(), sha256: digest(text) }),
        text: place.text.clone(),
        result: place.result.clone(),
    }
}
