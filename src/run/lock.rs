//! `lock`: notes what each patch replaces. All patches are planned exactly, on the places as they are: a lock of a place that
//! was only similar would hide what upstream changed there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::concluded::Concluded;
use super::job::Job;
use super::options::LockUse;
use super::recall::Recalled;
use super::tree::Tree;
use super::{Options, Progress, Rewritten, RunError, all_seen};
use crate::config::loader::{self, LockFile, PatchSet};
use crate::config::lock::{self, Lock, fingerprint};
use crate::drift::merge::{Merged, merge};
use crate::drift::trail::Commit;
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
    all_seen(tree)?;
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
            Recalled::Of(memory) => Failure::NothingToLock { by: memory.lost_in().map(Commit::short) },
            Recalled::Unknown => Failure::NothingToLock { by: None },
        })
    }

    /// The lock files in which what was locked is locked again as it is about to be written.
    pub(super) fn locks_to_accept(&self, done: &Concluded<'_>, set: &PatchSet) -> Vec<Rewritten> {
        let is_there = |index: &usize| {
            let verdict = done.resolved.planned.verdicts.get(index);
            verdict.is_some_and(|verdict| matches!(verdict.decision, Decision::Apply | Decision::InPlace))
        };
        let is_locked = |index: &usize| *self.lock(*index) != LockState::None;
        let locked = (0..self.members.len()).filter(|index| is_there(index) && is_locked(index)).collect();
        self.lock_files(done, set, &locked)
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
        let mut by_path: BTreeMap<&Path, OfFolder<'_>> = BTreeMap::new();
        let mut index = 0;
        for file in &set.files {
            let folder = loader::folder_of(file);
            let of_folder = by_path.entry(&set.locks[&folder].path);
            let OfFolder { entries, definitions, .. } =
                of_folder.or_insert(OfFolder { folder, entries: Vec::new(), definitions: Vec::new() });
            for patch in &file.patches {
                definitions.push((&patch.id, fingerprint(patch)));
                let places = done.resolved.planned.verdicts.get(&index).map(|verdict| &verdict.places);
                if let Some(places) = places.filter(|places| !places.is_empty() && which.contains(&index)) {
                    let known = file.lock_of(patch).matches();
                    let known = |at: usize| known.get(at).filter(|_| known.len() == places.len());
                    let matches = places.iter().enumerate();
                    entries.push(Locked {
                        id: patch.id.clone(),
                        definition: fingerprint(patch),
                        upstream: done.selected.version.as_ref().map(ToString::to_string),
                        commit: commit.clone(),
                        matches: matches.map(|(at, place)| self.locked_match(place, known(at))).collect(),
                    });
                }
                index += 1;
            }
        }
        let files = by_path.into_values().map(|OfFolder { folder, entries, definitions }| {
            let LockFile { path, before, mut lock, ids } = set.locks[&folder].clone();
            if entries.is_empty() && lock.pending.is_empty() {
                return None;
            }
            definitions.into_iter().for_each(|(id, definition)| lock.settle(id, definition));
            lock.update(entries, &ids.iter().map(String::as_str).collect::<Vec<_>>());
            let shown = folder.join(lock::FILE_NAME).to_string_lossy().into_owned();
            Some(Rewritten { shown, path, before, after: lock.render().into_bytes() })
        });
        files.flatten().collect()
    }

    /// A place as it is locked, without what the patch, of which `known` was locked there, had already merged into it.
    fn locked_match(&self, place: &Place, known: Option<&LockedMatch>) -> LockedMatch {
        let text = known.and_then(|known| without(known, &place.text)).unwrap_or_else(|| place.text.clone());
        let locked = |(path, item): &(ItemPath, String)| LockedItem {
            path: path.clone(),
            sha256: digest(&item.replacen(&place.text, &text, 1)),
            twin: self.text(&place.file).and_then(|file| twin_in(&file, path, item)),
        };
        LockedMatch {
            file: place.file.clone(),
            item: place.item.as_ref().map(locked),
            section: place.section.clone(),
            text: text.clone(),
            result: place.result.clone(),
        }
    }
}

/// What upstream wrote of `text`, if a patch of which `known` was locked was merged into that: what the patch makes of a place is none
/// of upstream's.
fn without(known: &LockedMatch, text: &str) -> Option<String> {
    let LockedMatch { text: base, result, .. } = known;
    match merge(result, text, base) {
        Merged::Clean(before) if merge(base, &before, result) == Merged::Clean(text.to_owned()) => {
            Some(before)
        }
        _ => None,
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

/// What the lock file of a folder gets.
struct OfFolder<'s> {
    folder: PathBuf,
    entries: Vec<Locked>,
    /// The ids of its patches in this run, with their definitions.
    definitions: Vec<(&'s str, [u8; 32])>,
}

/// `files` in an order in which they may be written one by one: where patch files are among them, the lock files come first
/// with what was locked and what is to be, and last without what was. So a patch and its lock fit after each step.
pub(super) fn in_steps(files: &[Rewritten]) -> Vec<Rewritten> {
    let is_lock = |file: &&Rewritten| file.path.file_name().is_some_and(|name| name == lock::FILE_NAME);
    let (locks, patch_files): (Vec<&Rewritten>, Vec<&Rewritten>) = files.iter().partition(is_lock);
    if patch_files.is_empty() {
        return files.to_vec();
    }
    let parse = |bytes: &[u8]| Lock::parse(str::from_utf8(bytes).ok()?).ok();
    let announced = |file: &Rewritten| {
        let [before, after] = [file.before.as_deref()?, &file.after].map(parse);
        Some(before?.announce(&after?).render().into_bytes())
    };
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for file in locks {
        let between = announced(file).unwrap_or_else(|| file.after.clone());
        first.push(Rewritten { after: between.clone(), ..file.clone() });
        last.push(Rewritten { before: Some(between), ..file.clone() });
    }
    [first, patch_files.into_iter().cloned().collect(), last].concat()
}
