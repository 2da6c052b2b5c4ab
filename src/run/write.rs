//! A run writes its plan.

use std::collections::BTreeSet;

use super::select::components;
use super::{Run, with_source};
use crate::commit::{self, Change, CommitError};
use crate::outcome::Status;
use crate::plan::Decision;
use crate::plan::failure::Failure;

impl Run<'_> {
    /// Keeping going, what a target that cannot be written holds up is left out, and the rest planned again.
    pub(super) fn write(&mut self) {
        while let Err((error, concerned)) = self.try_write() {
            let dropped = self.refuse(&error, &concerned);
            if !self.options.keep_going || concerned.is_empty() || dropped.is_empty() {
                self.planned.values_mut().for_each(|file| file.after.clone_from(&file.before));
                return;
            }
            self.refused.extend(&dropped);
            self.plan_again(&dropped);
        }
    }

    /// Writes the plan, or says why not and which targets stood in the way.
    fn try_write(&mut self) -> Result<(), (CommitError, BTreeSet<String>)> {
        let changes: Vec<Change<'_>> = self
            .changed()
            .map(|(path, file)| Change {
                path: self.workspace.root().join(path),
                shown: path.clone(),
                before: &file.before,
                after: &file.after,
            })
            .collect();
        let writes = commit::commit(self.workspace.root(), &changes).map_err(|error| {
            let concerned = concerned(&error, &changes);
            (error, concerned)
        })?;
        self.work.writes = writes;
        self.settle(Status::Applied);
        self.tidy();
        Ok(())
    }

    /// A run that was killed may have finished with a directory, so that nothing is written there any more.
    pub(super) fn tidy(&self) {
        let root = self.workspace.root();
        let targets = self.planned.keys().map(|path| root.join(path));
        let directories: BTreeSet<_> = targets.filter_map(|path| Some(path.parent()?.to_owned())).collect();
        directories.iter().for_each(|directory| commit::tidy(directory));
    }

    /// Another patch of the same targets may have counted on what is left out now.
    fn plan_again(&mut self, dropped: &BTreeSet<usize>) {
        let mut touched = components(&self.targets);
        touched.retain(|component| component.patches.iter().any(|index| dropped.contains(index)));
        for path in touched.iter().flat_map(|component| &component.paths) {
            self.planned.remove(path);
        }
        self.plan_components(&touched, &|_, _| {});
    }

    pub(super) fn settle(&mut self, status: Status) {
        let applied = self.verdicts.iter().filter(|(_, verdict)| matches!(verdict.decision, Decision::Apply));
        self.settled.extend(applied.map(|(index, _)| (*index, status)));
    }

    /// Nothing was written: the patches of the targets that stood in the way fail; all do, where none did.
    pub(super) fn refuse(&mut self, error: &CommitError, concerned: &BTreeSet<String>) -> BTreeSet<usize> {
        let mut failed = BTreeSet::new();
        for (index, verdict) in &mut self.verdicts {
            let is_hit =
                concerned.is_empty() || verdict.file.as_ref().is_some_and(|file| concerned.contains(file));
            if is_hit && matches!(verdict.decision, Decision::Apply) {
                verdict.decision = Decision::Fail(match error {
                    CommitError::ChangedOnDisk { .. } => Failure::ChangedOnDisk,
                    other => Failure::Io { message: with_source(other) },
                });
                failed.insert(*index);
            }
        }
        failed
    }
}

/// The targets that an error is about.
pub(super) fn concerned(error: &CommitError, changes: &[Change<'_>]) -> BTreeSet<String> {
    changes.iter().filter(|change| error.concerns(change)).map(|change| change.shown.clone()).collect()
}
