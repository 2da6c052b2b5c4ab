//! `apply` writes its plan: all targets, with the lock files under `--accept`, or none.

use std::collections::BTreeMap;

use super::concluded::Concluded;
use super::job::Job;
use super::options::{LockUse, OnFailure};
use super::targets::Replanned;
use super::tree::{CommitRefused, TargetChange};
use super::with_source;
use crate::commit::CommitError;
use crate::config::loader::PatchSet;
use crate::outcome::Status;
use crate::plan::Decision;
use crate::plan::failure::Failure;

impl<'r> Job<'r> {
    /// Writes the targets that the plan changes. Under `--keep-going` the patches of a target that cannot be written are left
    /// out, and the patches that share targets with them are planned again, because they may depend on what is left out. Each
    /// round leaves out at least one patch, so the rounds end.
    ///
    /// Under `--accept` the lock files are written in the same commit, before the targets: killed in between, the next run
    /// finds what was accepted and goes on. (The other way round it would find the patches in place and the lock that does
    /// not know them.)
    ///
    /// # Errors
    /// The lock files cannot be written, or a signal came; nothing is written then.
    pub(super) fn write(&self, set: &PatchSet, done: &mut Concluded<'r>) -> Result<(), CommitError> {
        while let Err(refusal) = self.try_write(set, done) {
            if refusal.is_about_locks || refusal.error.signal().is_some() {
                return Err(refusal.error);
            }
            let dropped = done.refuse(&refusal);
            let is_hopeless = refusal.targets.is_empty() || dropped.is_empty();
            if self.options.on_failure == OnFailure::WriteNothing || is_hopeless {
                let files = done.resolved.planned.files.values_mut();
                files.for_each(|file| file.after.clone_from(&file.before));
                return Ok(());
            }
            self.replan(&mut done.resolved, dropped, self.manner());
            self.note_followed(&mut done.resolved, self.manner());
            self.note_locks(&mut done.resolved);
        }
        Ok(())
    }

    fn try_write(&self, set: &PatchSet, done: &mut Concluded<'r>) -> Result<(), CommitRefused> {
        let changes: Vec<TargetChange<'_>> = done
            .resolved
            .planned
            .changed()
            .map(|(path, file)| TargetChange { path, before: &file.before, after: &file.after })
            .collect();
        let accepts = self.options.locks == LockUse::Accept;
        let locks = if accepts { self.locks_to_accept(done, set) } else { Vec::new() };
        done.writes = self.tree.commit(&changes, &locks)?;
        done.settle(Status::Applied);
        self.tidy(set, done);
        Ok(())
    }

    /// Sweeps the folders of all targets and patch files: where a killed run had nothing left to write, no later commit would
    /// sweep.
    pub(super) fn tidy(&self, set: &PatchSet, done: &Concluded<'r>) {
        self.tree.tidy(&mut done.resolved.planned.files.keys().map(String::as_str), set);
    }
}

impl<'r> Concluded<'r> {
    /// Nothing was written: the patches of the refused targets fail; all patches that apply do, where the refusal names no
    /// target. Returns these patches.
    pub(super) fn refuse(&mut self, refusal: &CommitRefused) -> BTreeMap<usize, Replanned<'r>> {
        let mut failed = BTreeMap::new();
        for (index, verdict) in &mut self.resolved.planned.verdicts {
            let is_hit = refusal.targets.is_empty()
                || verdict.file.as_ref().is_some_and(|file| refusal.targets.contains(file));
            if is_hit && matches!(verdict.decision, Decision::Apply) {
                verdict.decision = Decision::Fail(match &refusal.error {
                    CommitError::ChangedOnDisk { .. } => Failure::ChangedOnDisk,
                    other => Failure::Io { message: with_source(other) },
                });
                failed.insert(*index, Replanned::Settle(verdict.clone()));
            }
        }
        failed
    }
}
