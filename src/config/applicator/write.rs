//! What a run does to the tree: write its plan, or take it back.

use std::collections::BTreeMap;

use super::{Run, with_source};
use crate::commit::{self, Change, CommitError};
use crate::files::{Files as _, WorkTree};
use crate::outcome::Status;
use crate::plan::Decision;
use crate::plan::failure::Failure;
use crate::workspace::TargetError;

impl Run<'_> {
    pub(super) fn write(&mut self) {
        let changes: Vec<Change<'_>> = self
            .changed()
            .map(|(path, file)| Change {
                path: self.workspace.root().join(path),
                shown: path.clone(),
                before: &file.before,
                after: &file.after,
            })
            .collect();
        match commit::commit(self.workspace.root(), &changes) {
            Ok(writes) => {
                self.work.writes = writes;
                self.settle(Status::Applied);
            }
            Err(error) => self.refuse(&error),
        }
    }

    fn settle(&mut self, status: Status) {
        let applied = self.verdicts.iter().filter(|(_, verdict)| matches!(verdict.decision, Decision::Apply));
        self.settled.extend(applied.map(|(index, _)| (*index, status)));
    }

    /// Nothing was written: the patches of the target that stood in the way fail, the others were not attempted.
    fn refuse(&mut self, error: &CommitError) {
        let culprit = error.shown().map(str::to_owned);
        for verdict in
            self.verdicts.values_mut().filter(|verdict| matches!(verdict.decision, Decision::Apply))
        {
            if culprit.is_none() || verdict.file == culprit {
                verdict.decision = Decision::Fail(match error {
                    CommitError::ChangedOnDisk { .. } => Failure::ChangedOnDisk,
                    other => Failure::Io { message: with_source(other) },
                });
            }
        }
    }

    /// Every target that is exactly what the set makes of HEAD's goes back to HEAD's bytes; any other edit refuses all.
    pub(super) fn revert(&mut self) {
        let tree = WorkTree::new(self.workspace.root());
        let mut back: Vec<(String, Vec<u8>)> = Vec::new();
        let mut states: BTreeMap<String, Decision> = BTreeMap::new();
        for (path, file) in self.changed() {
            let leads_elsewhere = match self.workspace.resolve(path, None) {
                Ok(target) => target.relative != *path,
                Err(error) => !matches!(error, TargetError::Missing { .. }),
            };
            if leads_elsewhere {
                states.insert(path.clone(), Decision::Fail(Failure::OtherEdits { file: path.clone() }));
                continue;
            }
            let state = match tree.read(path) {
                Ok(now) if now == file.after => {
                    back.push((path.clone(), now));
                    Decision::Apply
                }
                Ok(now) if now == file.before => Decision::Skip(format!("`{path}` is as HEAD has it")),
                Ok(_) => Decision::Fail(Failure::OtherEdits { file: path.clone() }),
                Err(error) => {
                    Decision::Fail(Failure::Io { message: format!("`{path}`: {}", with_source(&error)) })
                }
            };
            states.insert(path.clone(), state);
        }
        for verdict in self.verdicts.values_mut() {
            let state = verdict.file.as_ref().and_then(|file| states.get(file));
            verdict.decision = match (&verdict.decision, state) {
                (Decision::Apply, Some(state)) => state.clone(),
                (Decision::Fail(failure), _) => {
                    Decision::Skip(format!("it does not apply to HEAD: {failure}"))
                }
                (Decision::Skip(reason), _) => Decision::Skip(reason.clone()),
                _ => Decision::Skip("HEAD has its effect already".to_owned()),
            };
        }
        if self.any_failed() {
            return;
        }
        let changes: Vec<Change<'_>> = back
            .iter()
            .map(|(path, now)| Change {
                path: self.workspace.root().join(path),
                shown: path.clone(),
                before: now,
                after: &self.planned[path].before,
            })
            .collect();
        match commit::commit(self.workspace.root(), &changes) {
            Ok(writes) => {
                self.work.writes = writes;
                self.settle(Status::Reverted);
            }
            Err(error) => self.refuse(&error),
        }
    }
}
