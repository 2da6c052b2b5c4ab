//! `lock`: notes what each patch replaces. All patches are planned exactly, on the places as they are: a lock of a place that
//! was only similar would hide what upstream changed there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::concluded::Concluded;
use super::job::Job;
use super::options::LockUse;
use super::planned::PlannedFile;
use super::recall::Recalled;
use super::tree::{TargetChange, Tree};
use super::{Options, Progress, Rewritten, RunError};
use crate::commit::CommitError;
use crate::config::loader::{self, LockFile, PatchSet};
use crate::config::lock::{self, fingerprint};
use crate::outcome::{Report, Status};
use crate::patch::LockState;
use crate::patch::lock::{Locked, LockedItem, LockedMatch, Twin, digest};
use crate::plan::failure::{Failure, describe};
use crate::plan::sites::{ItemPath, items_in};
use crate::plan::{Decision, Place, Record, Verdict};

/// What to do where a deletion finds nothing.
const WITHOUT: &str = "lock a tree that has this code: use `--rev` for one before it went, or run `codex-patcher revert` first; \
                       if upstream removed the code, remove the patch";

/// Plans `set` exactly, as if nothing were locked. Returns the report, and the lock files with the places of the patches;
/// the caller writes them.
///
/// # Errors
/// [`RunError`].
pub fn lock_patches(
    tree: &dyn Tree,
    set: &PatchSet,
    options: &Options,
    progress: Progress<'_>,
) -> Result<(Report, Vec<Rewritten>), RunError> {
    let options = Options { locks: LockUse::Forget, record: Record::Places, ..options.clone() };
    let job = Job::new(tree, set, &options)?;
    let mut done = job.find_exactly(progress);
    for (index, verdict) in &mut done.resolved.planned.verdicts {
        if let Some(failure) = job.nothing_to_lock(*index, verdict) {
            verdict.warnings.clear();
            verdict.decision = Decision::Fail(failure);
        }
    }
    job.note(&mut done);
    if done.is_held_back(&options) {
        return Ok((job.report(&done), Vec::new()));
    }
    let locks = job.lock_files(&done, set, &(0..job.members.len()).collect());
    done.settle(Status::Locked);
    Ok((job.report(&done), locks))
}

impl Job<'_> {
    /// Why there is nothing to record of a patch that has no place and seems to be in place.
    fn nothing_to_lock(&self, index: usize, verdict: &Verdict) -> Option<Failure> {
        let is_absent = match verdict.decision {
            Decision::InPlace => false,
            Decision::Absent => true,
            _ => return None,
        };
        Some(match self.recall(index) {
            Recalled::Never => self.never_held(index, verdict),
            Recalled::Of(_) | Recalled::Unknown if is_absent => {
                let looked_for = describe(&self.patch(index).action);
                Failure::Untold {
                    why: format!("{looked_for} was not found, so it cannot be locked"),
                    hint: WITHOUT,
                }
            }
            Recalled::Of(_) | Recalled::Unknown => Failure::NothingToLock,
        })
    }

    /// Locks again what was locked and is written now. The locks come after the targets: a lock that is ahead of its target
    /// would hide what upstream changed there. If they cannot be written, the targets are put back.
    pub(super) fn lock_again(&self, done: &Concluded<'_>, set: &PatchSet) -> Result<(), CommitError> {
        let is_there = |index: &usize| {
            let is_written = done.statuses.get(index) == Some(&Status::Applied);
            let verdict = done.resolved.planned.verdicts.get(index);
            is_written || verdict.is_some_and(|verdict| matches!(verdict.decision, Decision::InPlace))
        };
        let is_locked = |index: &usize| *self.lock(*index) != LockState::None;
        let locked = (0..self.members.len()).filter(|index| is_there(index) && is_locked(index)).collect();
        self.tree.put(&self.lock_files(done, set, &locked)).map_err(|error| self.put_back(done, error))
    }

    /// The error to report, once the targets have their old content again.
    fn put_back(&self, done: &Concluded<'_>, error: CommitError) -> CommitError {
        let back = |(path, file): (&'_ String, &'_ PlannedFile)| {
            (path.clone(), file.after.clone(), file.before.clone())
        };
        let back: Vec<(String, Vec<u8>, Vec<u8>)> = done.resolved.planned.changed().map(back).collect();
        let changes: Vec<TargetChange<'_>> =
            back.iter().map(|(path, before, after)| TargetChange { path, before, after }).collect();
        match self.tree.commit(&changes) {
            Ok(_) => error,
            Err(_) => CommitError::NotPutBack {
                left_new: back.into_iter().map(|(path, ..)| path).collect(),
                source: Box::new(error),
            },
        }
    }

    /// The lock files of `set`, with the places of the patches `which`. The patches of `set` have the indices of this run.
    pub(super) fn lock_files(
        &self,
        done: &Concluded<'_>,
        set: &PatchSet,
        which: &BTreeSet<usize>,
    ) -> Vec<Rewritten> {
        let commit = self.commit();
        // A folder may be named in several ways: its lock file is one.
        let mut by_path: BTreeMap<&Path, (PathBuf, Vec<Locked>)> = BTreeMap::new();
        let mut index = 0;
        for file in &set.files {
            let folder = loader::folder_of(file);
            let (_, entries) = by_path.entry(&set.locks[&folder].path).or_insert((folder, Vec::new()));
            for patch in &file.patches {
                let places = done.resolved.planned.verdicts.get(&index).map(|verdict| &verdict.places);
                if let Some(places) = places.filter(|places| !places.is_empty() && which.contains(&index)) {
                    entries.push(Locked {
                        id: patch.id.clone(),
                        definition: fingerprint(patch),
                        upstream: done.selected.version.as_ref().map(ToString::to_string),
                        commit: commit.clone(),
                        matches: places.iter().map(|place| self.locked_match(place)).collect(),
                    });
                }
                index += 1;
            }
        }
        let new = by_path.into_values().filter(|(_, entries)| !entries.is_empty());
        new.map(|(folder, entries)| {
            let LockFile { path, before, mut lock, ids } = set.locks[&folder].clone();
            lock.update(entries, &ids.iter().map(String::as_str).collect::<Vec<_>>());
            let shown = folder.join(lock::FILE_NAME).to_string_lossy().into_owned();
            Rewritten { shown, path, before, after: lock.render().into_bytes() }
        })
        .collect()
    }

    fn locked_match(&self, place: &Place) -> LockedMatch {
        let locked = |(path, text): &(ItemPath, String)| LockedItem {
            path: path.clone(),
            sha256: digest(text),
            twin: self.text(&place.file).and_then(|file| twin_in(&file, path, text)),
        };
        LockedMatch {
            file: place.file.clone(),
            item: place.item.as_ref().map(locked),
            text: place.text.clone(),
            result: place.result.clone(),
        }
    }
}

/// Which of several items with one path in `file` has this text; none where there is one, or nothing tells them apart.
fn twin_in(file: &str, path: &ItemPath, text: &str) -> Option<Twin> {
    let mut twins = items_in(file);
    twins.retain(|(other, _)| other == path);
    let mut nths =
        (1..).zip(&twins).filter(|(_, (_, range))| file[range.clone()] == *text).map(|(nth, _)| nth);
    match (nths.next(), nths.next()) {
        (Some(nth), None) if twins.len() > 1 => Some(Twin { nth, of: twins.len() }),
        _ => None,
    }
}
