//! What the other patches of a folder make of HEAD, where some are taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::job::Job;
use super::planned::PlannedFile;
use super::revert::Back;
use super::selection::Selection;
use super::tree::Tree;
use super::{Options, RunError};
use crate::config::loader::PatchSet;
use crate::plan::{Decision, Verdict};

/// All patches of the folder, planned on HEAD with and without those that are taken back.
pub(super) struct Others {
    /// The verdicts on the patches, by id, and the targets.
    pub(super) all: (BTreeMap<String, Verdict>, BTreeMap<String, PlannedFile>),
    /// The same without those that are taken back.
    rest: (BTreeMap<String, Verdict>, BTreeMap<String, PlannedFile>),
}

impl Others {
    /// Of all patches but those that are `absent`, by id; `None` where there are no others than `ids`, which are taken back.
    pub(super) fn plan(
        tree: &dyn Tree,
        set: &PatchSet,
        options: &Options,
        ids: BTreeSet<String>,
        absent: &BTreeSet<String>,
    ) -> Result<Option<Self>, RunError> {
        if set.files.iter().flat_map(|file| &file.patches).all(|patch| ids.contains(&patch.id)) {
            return Ok(None);
        }
        // A patch that is only left out of a run is still known to it.
        let plan = |taken: &BTreeSet<String>| -> Result<_, RunError> {
            let mut files = set.files.clone();
            let is_left = |id: &String| !taken.contains(id) && !absent.contains(id);
            files.iter_mut().for_each(|file| file.patches.retain(|patch| is_left(&patch.id)));
            let set = PatchSet { files, raw: Vec::new(), locks: set.locks.clone() };
            let options = Options { selection: Selection::default(), ..options.clone() };
            let job = Job::new(tree, &set, &options)?;
            let done = job.conclude(&|_, _| {});
            let planned = done.resolved.planned;
            let chosen = done.selected.chosen.iter();
            let verdicts =
                chosen.map(|index| (job.patch(*index).id.clone(), planned.verdicts[index].clone()));
            Ok((verdicts.collect::<BTreeMap<_, _>>(), planned.files))
        };
        let all = plan(&BTreeSet::new())?;
        if all.0.len() <= ids.len() {
            return Ok(None);
        }
        Ok(Some(Self { all, rest: plan(&ids)? }))
    }

    /// The patches that apply with those that are taken back, and not without them.
    pub(super) fn needs_them(&self) -> Option<String> {
        let is_lost = |(id, verdict): &(&String, &Verdict)| {
            let is_applied = |verdict: &Verdict| matches!(verdict.decision, Decision::Apply);
            self.all.0.get(*id).is_some_and(is_applied) && !is_applied(verdict)
        };
        let lost: Vec<String> = self.rest.0.iter().filter(is_lost).map(|(id, _)| format!("`{id}`")).collect();
        (!lost.is_empty()).then(|| lost.join(", "))
    }

    /// The patches that may have been in place beneath those that are taken back: with them the others make the same of a target, and
    /// without them another text than the one that is put back.
    pub(super) fn taken_along(&self, back: &BTreeMap<String, Back>) -> Vec<String> {
        let is_taken = |file: &str| {
            let after =
                |files: &BTreeMap<String, PlannedFile>| files.get(file).map(|file| file.after.clone());
            back.get(file).is_some_and(|back| {
                after(&self.all.1).as_ref() == Some(&back.now)
                    && after(&self.rest.1).is_some_and(|rest| rest != back.after)
            })
        };
        let is_of_it = |verdict: &Verdict| {
            matches!(verdict.decision, Decision::Apply) && verdict.file.as_deref().is_some_and(is_taken)
        };
        let rest = self.rest.0.iter().filter(|(_, verdict)| is_of_it(verdict));
        rest.map(|(id, _)| format!("`{id}`")).collect()
    }

    /// What the others make of a target, if `now` is what all make of it.
    pub(super) fn back(&self, target: &str, now: &[u8], head: &[u8]) -> Option<Vec<u8>> {
        let is_all = self.all.1.get(target).is_some_and(|file| file.after == now);
        is_all.then(|| self.rest.1.get(target).map_or_else(|| head.to_vec(), |file| file.after.clone()))
    }

    pub(super) fn is_rest(&self, target: &str, now: &[u8]) -> bool {
        self.rest.1.get(target).is_some_and(|file| file.after == now)
    }
}
