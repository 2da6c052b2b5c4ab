//! What a run does to the tree: write its plan, or take it back.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::select::components;
use super::{Run, with_source};
use crate::commit::{self, Change, CommitError};
use crate::config::Patch;
use crate::files::{Files as _, ReadError, WorkTree};
use crate::outcome::Status;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Verdict};
use crate::workspace::TargetError;

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
    fn tidy(&self) {
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

    fn settle(&mut self, status: Status) {
        let applied = self.verdicts.iter().filter(|(_, verdict)| matches!(verdict.decision, Decision::Apply));
        self.settled.extend(applied.map(|(index, _)| (*index, status)));
    }

    /// Nothing was written: the patches of the targets that stood in the way fail; all do, where none did.
    fn refuse(&mut self, error: &CommitError, concerned: &BTreeSet<String>) -> BTreeSet<usize> {
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

    /// Every target that is exactly what the set makes of HEAD's goes back to HEAD's bytes; any other edit refuses all.
    pub(super) fn revert(&mut self) {
        let mut back: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut decisions: Vec<(usize, Decision)> = Vec::new();
        for (index, patch) in self.patches.iter().enumerate() {
            let verdict = &self.verdicts[&index];
            if !self.selected.contains(&index) {
                continue;
            }
            let standings: Vec<Standing> =
                patch.files.iter().map(|file| self.standing(patch, file)).collect();
            decisions.push((index, self.reversal(verdict, &standings)));
            for standing in standings {
                if let Standing::Patched { target, now } = standing {
                    back.insert(target, now);
                }
            }
        }
        for (index, decision) in decisions {
            self.verdicts.get_mut(&index).expect("every patch has one").decision = decision;
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
                self.tidy();
            }
            Err(error) => {
                let concerned = concerned(&error, &changes);
                self.refuse(&error, &concerned);
            }
        }
    }

    /// What a selected patch comes to, from how its candidate files stand; that says more than why it may not
    /// apply to HEAD.
    fn reversal(&self, verdict: &Verdict, standings: &[Standing]) -> Decision {
        let refused = standings.iter().find_map(|standing| match standing {
            Standing::Refused(failure) => Some(failure.clone()),
            _ => None,
        });
        let stands = |file: &str| {
            standings.iter().any(|standing| match standing {
                Standing::Patched { target, .. } => target == file,
                _ => false,
            })
        };
        match (refused, &verdict.decision) {
            // Without a version nobody knows what the set makes of HEAD's.
            (Some(_), Decision::Fail(failure @ Failure::UnknownVersion { .. })) => {
                Decision::Fail(failure.clone())
            }
            (Some(failure), _) => Decision::Fail(failure),
            (None, Decision::Apply) => match &verdict.file {
                Some(file) if stands(file) => Decision::Apply,
                file => {
                    Decision::Skip(format!("`{}` is as HEAD has it", file.as_deref().unwrap_or_default()))
                }
            },
            (None, Decision::Fail(failure)) => {
                Decision::Skip(format!("it does not apply to HEAD: {failure}"))
            }
            (None, Decision::Skip(reason)) => Decision::Skip(reason.clone()),
            (None, Decision::InPlace | Decision::Absent) => {
                Decision::Skip("HEAD has its effect already".to_owned())
            }
        }
    }

    /// How one candidate file of a patch stands to HEAD and to what the set makes of it.
    fn standing(&self, patch: &Patch, file: &str) -> Standing {
        let other_edits = |file: &str| Standing::Refused(Failure::OtherEdits { file: file.to_owned() });
        let head = self.in_revision(patch, file).and_then(|target| match self.files.read(&target) {
            Ok(bytes) => Ok((target, bytes)),
            Err(ReadError::NotRegular { what }) => Err(TargetError::NotRegular { path: target, what }),
            Err(error) => {
                Err(TargetError::Io { path: target, source: io::Error::other(with_source(&error)) })
            }
        });
        match (head, self.in_tree(patch, file)) {
            (Ok((head, before)), Ok(target)) if head == target => {
                match WorkTree::new(self.workspace.root()).read(&target) {
                    Ok(now) if now == before => Standing::AsHead,
                    Ok(now) if self.planned.get(&target).is_some_and(|file| file.after == now) => {
                        Standing::Patched { target, now }
                    }
                    Ok(_) => other_edits(&target),
                    Err(error) => Standing::Refused(Failure::Io { message: with_source(&error) }),
                }
            }
            (Err(error @ TargetError::Io { .. }), _) | (Ok(_), Err(error @ TargetError::Io { .. })) => {
                Standing::Refused(Failure::Io { message: with_source(&error) })
            }
            (Ok((head, _)), _) => other_edits(&head),
            (Err(TargetError::Missing { .. }), Ok(target)) => Standing::Refused(Failure::BadTarget {
                message: format!("`{target}` is not in HEAD: there is nothing to go back to"),
                hint: Some("leave this patch out with --skip, or move the file away".to_owned()),
            }),
            (Err(_), Ok(target)) => other_edits(&target),
            // Where neither has a file that can be a target, no run wrote one.
            (Err(_), Err(_)) => Standing::AsHead,
        }
    }
}

/// The targets that an error is about.
fn concerned(error: &CommitError, changes: &[Change<'_>]) -> BTreeSet<String> {
    changes.iter().filter(|change| error.concerns(change)).map(|change| change.shown.clone()).collect()
}

/// How a file on the disk stands to HEAD's.
enum Standing {
    /// The same, or missing in both.
    AsHead,
    /// Exactly what the set makes of HEAD's.
    Patched {
        /// Relative to the workspace.
        target: String,
        /// What is there.
        now: Vec<u8>,
    },
    /// Anything else: it keeps the whole run from reverting.
    Refused(Failure),
}
