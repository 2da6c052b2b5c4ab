//! From assignments to verdicts: all patches are planned exactly first; a patch that then has no place is followed, and
//! planned again.
//!
//! [`super::follow`] asks history, [`super::search`] the whole workspace. Both answer with a [`Replanned`] for each patch; only
//! the targets of those patches are planned again.

use std::collections::{BTreeMap, BTreeSet};

use super::Progress;
use super::follow::Followed;
use super::job::Job;
use super::options::OnFailure;
use super::planned::{Manner, Planned};
use super::targets::{Assigned, Assignments, Component, Replanned, components};
use crate::outcome::Site;
use crate::patch::Drift;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Place, Strictness, Verdict};
use crate::source::Source;
use crate::text::lines::line_of;

/// The result of planning and following.
pub(super) struct Resolved<'r> {
    pub(super) assignments: Assignments<'r>,
    pub(super) planned: Planned,
    /// What was found out about the patches that had no place at first.
    pub(super) followed: BTreeMap<usize, Followed>,
}

impl Resolved<'_> {
    /// Whether the search found the place of a patch in another file.
    pub(super) fn is_found(&self, index: usize) -> bool {
        let is_found = |followed: &Followed| followed.is_unknown && followed.moved_from.is_some();
        self.followed.get(&index).is_some_and(is_found)
    }
}

impl<'r> Job<'r> {
    /// Plans what is assigned exactly; then looks for the places of patches that have none, as far as tolerance is
    /// asked for.
    pub(super) fn resolve(
        &self,
        assigned: Assigned<'r>,
        manner: Manner,
        progress: Progress<'_>,
    ) -> Resolved<'r> {
        let mut resolved = self.resolve_exactly(assigned, manner, progress);
        self.follow_lost(&mut resolved, manner);
        self.search_lost(&mut resolved, manner);
        self.settle_doubts(&mut resolved, manner);
        self.note_followed(&mut resolved, manner);
        resolved
    }

    /// Plans what is assigned exactly.
    pub(super) fn resolve_exactly(
        &self,
        (assignments, verdicts): Assigned<'r>,
        manner: Manner,
        progress: Progress<'_>,
    ) -> Resolved<'r> {
        let mut planned = self.plan(&assignments, manner, progress);
        planned.verdicts.extend(verdicts);
        let mut resolved = Resolved { assignments, planned, followed: BTreeMap::new() };
        self.settle_beneath_siblings(&mut resolved, manner);
        resolved
    }

    /// Patches that seem not to be in place may be so beneath what the patch files beside the run's, applied in calls of their own,
    /// made of their text: as they would be in a run of all. One that has a place is, only if it was not always so.
    fn settle_beneath_siblings(&self, resolved: &mut Resolved<'r>, manner: Manner) {
        let verdicts = &resolved.planned.verdicts;
        let is_open = |index: &usize| matches!(verdicts[index].decision, Decision::Apply | Decision::Fail(_));
        let mut open = components(&resolved.assignments);
        open.retain(|component| component.patches.iter().any(is_open));
        if open.is_empty() || self.siblings().is_empty() {
            return;
        }
        let beside = open
            .iter()
            .flat_map(|component| self.verdicts_beside_siblings(component, &resolved.assignments, manner));
        let is_in_place = |(index, verdict): &(usize, Verdict)| {
            is_open(index)
                && matches!(verdict.decision, Decision::InPlace)
                && (!matches!(verdicts[index].decision, Decision::Apply)
                    || self.was_open_beside_siblings(*index, verdict))
        };
        let settled: BTreeMap<usize, Replanned<'r>> =
            beside.filter(is_in_place).map(|(index, verdict)| (index, Replanned::Settle(verdict))).collect();
        self.replan(resolved, settled, manner);
    }

    fn follow_lost(&self, resolved: &mut Resolved<'r>, manner: Manner) {
        let lost = self.lost(&resolved.planned, manner, Drift::Merge);
        let mut changes = BTreeMap::new();
        for (index, followed, change) in self.follow(&lost, &resolved.planned, manner) {
            resolved.followed.insert(index, followed);
            changes.extend(change.map(|change| (index, change)));
        }
        self.replan(resolved, changes, manner);
    }

    /// Looks for patches whose place history does not know in the files that are not theirs.
    fn search_lost(&self, resolved: &mut Resolved<'r>, manner: Manner) {
        let mut lost = self.lost(&resolved.planned, manner, Drift::Move);
        lost.retain(|index| resolved.followed.get(index).is_none_or(|followed| followed.is_unknown));
        let (changes, work) = self.search(&lost, &resolved.planned);
        resolved.planned.work += work;
        for (index, change) in &changes {
            if let Replanned::Assign(_) = change {
                let from = self.patch(*index).files[0].clone();
                resolved.followed.entry(*index).or_default().moved_from = Some(from);
            }
        }
        self.replan(resolved, changes, manner);
    }

    /// The patches that have no place, and that may look at least as far as `least`.
    pub(super) fn lost(&self, planned: &Planned, manner: Manner, least: Drift) -> Vec<usize> {
        let is_lost = |verdict: &Verdict| match &verdict.decision {
            Decision::Fail(failure) => failure.is_lost(),
            Decision::Absent => true,
            _ => false,
        };
        let lost = planned.verdicts.iter().filter(|(_, verdict)| is_lost(verdict)).map(|(index, _)| *index);
        lost.filter(|index| self.drift_of(*index, manner) >= least).collect()
    }

    /// How far the place of a patch may be from what it says: as the run or the patch itself allows, the wider of both.
    pub(super) fn drift_of(&self, index: usize, manner: Manner) -> Drift {
        self.patch(index).drift.max(manner.drift)
    }

    /// Takes over `changes`, and plans again only what they touch: the targets that the changed patches had or have now,
    /// and the targets in one component with these.
    pub(super) fn replan(
        &self,
        resolved: &mut Resolved<'r>,
        changes: BTreeMap<usize, Replanned<'r>>,
        manner: Manner,
    ) {
        if changes.is_empty() {
            return;
        }
        let mut touched = components(&resolved.assignments);
        touched.retain(|component| component.patches.iter().any(|index| changes.contains_key(index)));
        let mut paths: BTreeSet<String> = touched.into_iter().flat_map(|component| component.paths).collect();
        for (index, change) in changes {
            match change {
                Replanned::Assign(assignment) => {
                    paths.extend(assignment.targets.iter().cloned());
                    resolved.assignments.insert(index, assignment);
                }
                Replanned::Settle(verdict) => {
                    resolved.assignments.remove(&index);
                    // Patches that act where it is in place are planned with it.
                    let is_in_place = matches!(verdict.decision, Decision::InPlace);
                    paths.extend(verdict.file.clone().filter(|_| is_in_place));
                    resolved.planned.verdicts.insert(index, verdict);
                }
            }
        }
        resolved.planned.files.retain(|path, _| !paths.contains(path));
        let mut again = components(&resolved.assignments);
        again.retain(|component: &Component| !component.paths.is_disjoint(&paths));
        let anew = self.plan_components(
            &again,
            &resolved.assignments,
            &resolved.planned.verdicts,
            manner,
            &|_, _| {},
        );
        resolved.planned.take_over(anew);
    }

    /// Says in the verdicts what was found out about places that were followed. Where warnings are failures, these patches
    /// fail. Under `--keep-going` the rest is then planned without them, until none fails any more.
    pub(super) fn note_followed(&self, resolved: &mut Resolved<'r>, manner: Manner) {
        loop {
            let refused = resolved.warn_of_followed(manner.strictness);
            if refused.is_empty() || manner.on_failure == OnFailure::WriteNothing {
                return;
            }
            self.replan(resolved, refused, manner);
        }
    }
}

impl<'r> Resolved<'r> {
    /// Warns of each patch that applies where it was followed to, or makes it fail: those are returned.
    fn warn_of_followed(&mut self, strictness: Strictness) -> BTreeMap<usize, Replanned<'r>> {
        let mut refused = BTreeMap::new();
        for (index, warning) in self.warnings() {
            let Some(verdict) = self.planned.verdicts.get_mut(&index) else { continue };
            if strictness == Strictness::Lenient {
                verdict.warn(warning);
                continue;
            }
            let line = verdict.line.unwrap_or(1);
            let message = format!("{warning}; --strict accepts exact text only");
            verdict.decision = Decision::Fail(Failure::Tolerance { message, line });
            refused.insert(index, Replanned::Settle(verdict.clone()));
        }
        refused
    }

    /// Where patches that were followed out of the file of `place` put its text in this run: what rests on them is not away.
    pub(super) fn put_elsewhere(&self, place: &Place) -> Option<Site> {
        let left =
            self.followed.iter().filter(|(_, followed)| followed.moved_from.as_ref() == Some(&place.file));
        let paths = left.filter_map(|(index, _)| self.planned.verdicts.get(index)?.file.as_ref());
        let text = place.text.trim();
        paths.filter(|path| **path != place.file).find_map(|path| {
            let file = self.planned.files.get(path)?;
            let [before, after] = [&file.before, &file.after].map(|bytes| Source::decode(bytes));
            let (before, after) = (before.ok()?, after.ok()?);
            let is_new = before.text().matches(text).count() < after.text().matches(text).count();
            let line = line_of(after.text(), after.text().find(text)?);
            is_new.then(|| Site { file: path.clone(), line, text: None })
        })
    }

    /// What is to be said of patches that apply where they were followed to, by index.
    fn warnings(&self) -> Vec<(usize, String)> {
        let is_applied = |index: &usize| {
            let verdict = self.planned.verdicts.get(index);
            verdict.is_some_and(|verdict| matches!(verdict.decision, Decision::Apply))
        };
        let followed = self.followed.iter().filter(|(index, _)| is_applied(index));
        followed.filter_map(|(index, followed)| Some((*index, followed.warning()?))).collect()
    }
}
