//! The sequence of phases that all commands share, and its result.

use std::collections::BTreeMap;

use super::job::Job;
use super::options::{LockUse, OnFailure};
use super::planned::Manner;
use super::resolved::Resolved;
use super::select::Selected;
use super::targets::Assigned;
use super::{Options, Progress};
use crate::drift::merge::same_tokens;
use crate::outcome::{Command, Prospect, Status, Would};
use crate::patch::LockState;
use crate::patch::lock::{LockedMatch, digest};
use crate::plan::failure::{Failure, describe};
use crate::plan::seen::Seen;
use crate::plan::{Decision, Place, Strictness, Verdict};

/// What to do where `verify` cannot tell whether a deletion was made.
const UNTOLD: &str = "neither history nor a lock tells which: lock the patch on a tree that has this code, or verify where git \
                      has the file's history; if upstream removed the code, remove the patch";

/// The same where there is a lock.
const UNTOLD_UNDER_LOCK: &str = "the lock does not tell which: look at the place, then correct the patch if upstream changed \
                                 the code, or remove it if upstream removed the code";

const STALE: &str = "the lock was made for another version of this patch: lock the patch again";

/// The result of a run before anything is written, with what writing then adds.
pub(super) struct Concluded<'r> {
    pub(super) selected: Selected,
    pub(super) resolved: Resolved<'r>,
    /// What tolerance would do for patches that failed.
    pub(super) would: BTreeMap<usize, Would>,
    /// The status of each patch that a command acted on (written, reverted, locked, updated), and of the expired ones.
    pub(super) statuses: BTreeMap<usize, Status>,
    /// How many targets were written.
    pub(super) writes: usize,
}

impl<'r> Job<'r> {
    /// Finds the place of each patch, and says what there is to say about the patches that have none and about locks.
    pub(super) fn conclude(&self, progress: Progress<'_>) -> Concluded<'r> {
        let mut done = self.find(progress);
        self.note(&mut done);
        done
    }

    /// Select, assign, plan, follow, search.
    pub(super) fn find(&self, progress: Progress<'_>) -> Concluded<'r> {
        let (selected, assigned) = self.begin();
        Concluded::of(selected, self.resolve(assigned, self.manner(), progress))
    }

    /// Select, assign, plan: no patch is followed, whatever it allows.
    pub(super) fn find_exactly(&self, progress: Progress<'_>) -> Concluded<'r> {
        let (selected, assigned) = self.begin();
        Concluded::of(selected, self.resolve_exactly(assigned, self.manner(), progress))
    }

    fn begin(&self) -> (Selected, Assigned<'r>) {
        let selected = self.select();
        let open = (0..self.members.len()).filter(|index| !selected.verdicts.contains_key(index));
        let (assignments, mut verdicts) = self.assign(open);
        verdicts.extend(selected.verdicts.clone());
        (selected, (assignments, verdicts))
    }

    /// Adds what tolerance would do for patches that failed, and the warnings about deletions and locks.
    pub(super) fn note(&self, done: &mut Concluded<'r>) {
        let (would, work) = self.prospects(&done.resolved, self.manner());
        done.resolved.planned.work += work;
        self.note_absent(&mut done.resolved, &would);
        if self.options.command == Command::Verify {
            self.refuse_absent(&mut done.resolved);
        }
        self.note_locks(&mut done.resolved);
        done.would = would;
    }

    /// How the plan of this run is made.
    pub(super) fn manner(&self) -> Manner {
        let Options { drift, strictness, on_failure, .. } = *self.options;
        Manner { drift, strictness, on_failure }
    }

    /// A deletion that found nothing may have been made before. Where the text that it deletes is known to have changed
    /// instead, it gets a warning; where it is locked, it fails.
    fn note_absent(&self, resolved: &mut Resolved<'_>, would: &BTreeMap<usize, Would>) {
        for (index, would) in would {
            let Some(verdict) = resolved.planned.verdicts.get_mut(index) else { continue };
            let is_changed = matches!(would.what, Prospect::Merge | Prospect::Move) || would.detail.is_some();
            if !matches!(verdict.decision, Decision::Absent) || !is_changed {
                continue;
            }
            let line = would.line.unwrap_or(1);
            let lock = self.lock(*index);
            verdict.decision = Decision::Fail(match lock.matches().is_empty() {
                true => self.unmatched(*index, verdict.file.as_deref(), Seen::Changed { line }),
                false => {
                    let (since, diff) = (lock.since(), String::new());
                    Failure::ChangedUpstream { line, since, diff, is_fewer: false }
                }
            });
        }
    }

    /// `verify` calls a deletion in place only if history or the lock tells that it was made.
    fn refuse_absent(&self, resolved: &mut Resolved<'_>) {
        for (index, verdict) in &mut resolved.planned.verdicts {
            if !matches!(verdict.decision, Decision::Absent) {
                continue;
            }
            let missing = format!("{} was not found", describe(&self.patch(*index).action));
            let told = verdict.warnings.iter().position(|warning| warning.starts_with(&missing));
            let why = told.map_or(missing, |at| verdict.warnings.remove(at));
            let is_locked = !self.lock(*index).matches().is_empty();
            let hint = if is_locked { UNTOLD_UNDER_LOCK } else { UNTOLD };
            verdict.decision = Decision::Fail(Failure::Untold { why, hint });
        }
    }

    /// Warns where a lock is for another version of its patch, and where the item around a place changed although the place
    /// did not.
    pub(super) fn note_locks(&self, resolved: &mut Resolved<'_>) {
        for (index, verdict) in &mut resolved.planned.verdicts {
            let is_stale = matches!(self.lock(*index), LockState::Stale(_));
            let stale = is_stale.then(|| STALE.to_owned());
            let places = verdict.places.iter().filter_map(|place| self.lock_warning(*index, place));
            let warnings: Vec<String> = stale.into_iter().chain(places).collect();
            warnings.into_iter().for_each(|warning| verdict.warn(warning));
        }
    }

    /// The warning about a place, compared with the lock.
    fn lock_warning(&self, index: usize, place: &Place) -> Option<String> {
        let lock = self.lock(index);
        let known = lock.matches();
        let since = lock.since().map(|since| format!(" ({since})")).unwrap_or_default();
        let is_changed = known.iter().all(|known| !same_tokens(&known.text, &place.text));
        if is_changed && !self.patch(index).action.only_adds() {
            let accepts = self.options.locks == LockUse::Accept && !known.is_empty();
            return accepts
                .then(|| format!("overwrites what upstream changed here since the patch was locked{since}"));
        }
        let (item, text) = place.item.as_ref()?;
        let items = known.iter().filter_map(|known: &LockedMatch| known.item.as_ref());
        let mut same = items.filter(|known| known.path == *item).peekable();
        let now = digest(text);
        let is_changed = same.peek().is_some() && same.all(|known| known.sha256 != now);
        is_changed
            .then(|| format!("`{item}`, which contains the match, changed since the patch was locked{since}"))
    }
}

impl<'r> Concluded<'r> {
    fn of(selected: Selected, resolved: Resolved<'r>) -> Self {
        let statuses = selected.expired.iter().map(|index| (*index, Status::Expired)).collect();
        Self { selected, resolved, would: BTreeMap::new(), statuses, writes: 0 }
    }

    /// Whether a failed patch keeps the others from being written; under `--strict` an expired one does too.
    pub(super) fn is_held_back(&self, options: &Options) -> bool {
        let is_expired = options.strictness == Strictness::Strict && !self.selected.expired.is_empty();
        options.on_failure == OnFailure::WriteNothing && (is_expired || self.resolved.planned.any_failed())
    }

    /// Every patch that applies has this status now.
    pub(super) fn settle(&mut self, status: Status) {
        let is_applied = |verdict: &Verdict| matches!(verdict.decision, Decision::Apply);
        let verdicts = &self.resolved.planned.verdicts;
        let applied = verdicts.iter().filter(|(_, verdict)| is_applied(verdict));
        self.statuses.extend(applied.map(|(index, _)| (*index, status)));
    }
}
