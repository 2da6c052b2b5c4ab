//! `revert`: targets go back to their bytes in git's HEAD.
//!
//! The set is planned on HEAD; a target goes back only if its bytes are exactly the result of that plan. Single edits are not
//! undone: that could destroy changes that the set did not make.

use std::collections::BTreeMap;
use std::io;

use super::concluded::Concluded;
use super::job::{Job, base_of};
use super::resolved::Resolved;
use super::tree::{Base, Snapshot, TargetChange};
use super::{RunError, with_source};
use crate::files::ReadError;
use crate::outcome::Status;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Verdict};
use crate::workspace::TargetError;

impl<'r> Job<'r> {
    /// Puts back every target whose bytes are exactly what the set makes of HEAD's. Any other edit in a target refuses the
    /// whole revert.
    pub(super) fn revert(&self, done: &mut Concluded<'r>) -> Result<(), RunError> {
        let now = self.tree.open(None, &[])?;
        let mut back: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for index in done.selected.chosen.clone() {
            let states = self.states(index, &done.resolved, &now);
            let verdict = done.resolved.planned.verdicts.get_mut(&index).expect("every patch has one");
            verdict.decision = reversal(verdict, &states);
            for state in states {
                if let FileState::Patched { target, now } = state {
                    back.insert(target, now);
                }
            }
        }
        if done.resolved.planned.any_failed() {
            return Ok(());
        }
        let head = &done.resolved.planned.files;
        let changes: Vec<TargetChange<'_>> = back
            .iter()
            .map(|(path, before)| TargetChange { path, before, after: &head[path].before })
            .collect();
        match self.tree.commit(&changes) {
            Ok(writes) => {
                done.writes = writes;
                done.settle(Status::Reverted);
                self.tidy(done);
            }
            Err(refusal) => drop(done.refuse(&refusal)),
        }
        Ok(())
    }

    /// The state of each candidate file of a patch, and of the file to which the patch was followed.
    fn states(&self, index: usize, resolved: &Resolved<'_>, now: &Snapshot<'_>) -> Vec<FileState> {
        let patch = self.patch(index);
        let base = base_of(patch);
        let named = patch.files.iter().map(|file| self.state(file, base, resolved, now));
        let spellings = |file: &String| [self.tree.spelled(file, base), self.tree.resolve(file, base)];
        let own: Vec<String> = patch.files.iter().flat_map(spellings).flatten().collect();
        let targets = resolved.assignments.get(&index).map(|assignment| &assignment.targets);
        let elsewhere = targets.into_iter().flatten().filter(|target| !own.contains(target));
        named.chain(elsewhere.map(|target| self.state(target, Base::Workspace, resolved, now))).collect()
    }

    /// The state of one candidate file of a patch, compared with HEAD and with what the set makes of HEAD's.
    fn state(&self, file: &str, base: Base, resolved: &Resolved<'_>, now: &Snapshot<'_>) -> FileState {
        let planned = &resolved.planned.files;
        let other_edits = |file: &str| FileState::Refused(Failure::OtherEdits { file: file.to_owned() });
        let head = self.in_revision(file, base).and_then(|target| match self.snapshot.files.read(&target) {
            Ok(bytes) => Ok((target, bytes)),
            Err(ReadError::NotRegular { what }) => Err(TargetError::NotRegular { path: target, what }),
            Err(error) => {
                Err(TargetError::Io { path: target, source: io::Error::other(with_source(&error)) })
            }
        });
        match (head, self.tree.resolve(file, base)) {
            (Ok((head, before)), Ok(target)) if head == target => match now.files.read(&target) {
                Ok(now) if now == before => FileState::AsHead,
                Ok(now) if planned.get(&target).is_some_and(|file| file.after == now) => {
                    FileState::Patched { target, now }
                }
                Ok(_) => other_edits(&target),
                Err(error) => FileState::Refused(Failure::Io { message: with_source(&error) }),
            },
            (Err(error @ TargetError::Io { .. }), _) | (Ok(_), Err(error @ TargetError::Io { .. })) => {
                FileState::Refused(Failure::Io { message: with_source(&error) })
            }
            (Ok((head, _)), _) => other_edits(&head),
            (Err(TargetError::Missing { .. }), Ok(target)) => FileState::Refused(Failure::BadTarget {
                message: format!("`{target}` is not in HEAD, so there is nothing to restore"),
                hint: Some("exclude this patch with --skip, or move the file away".to_owned()),
            }),
            (Err(_), Ok(target)) => other_edits(&target),
            // Neither HEAD nor the tree has a file that can be a target, so no run wrote one.
            (Err(_), Err(_)) => FileState::AsHead,
        }
    }
}

/// The decision about a selected patch, from the states of its candidate files. They come first: they say more than the
/// reason why the patch does not apply to HEAD.
fn reversal(verdict: &Verdict, states: &[FileState]) -> Decision {
    let refused = states.iter().find_map(|state| match state {
        FileState::Refused(failure) => Some(failure.clone()),
        _ => None,
    });
    let stands = |file: &str| {
        states.iter().any(|state| match state {
            FileState::Patched { target, .. } => target == file,
            _ => false,
        })
    };
    match (refused, &verdict.decision) {
        // Without a version it is not known what the set makes of HEAD's files.
        (Some(_), Decision::Fail(failure @ Failure::UnknownVersion { .. })) => {
            Decision::Fail(failure.clone())
        }
        (Some(failure), _) => Decision::Fail(failure),
        (None, Decision::Apply) => match &verdict.file {
            Some(file) if stands(file) => Decision::Apply,
            file => {
                Decision::Skip(format!("`{}` is the same as in HEAD", file.as_deref().unwrap_or_default()))
            }
        },
        (None, Decision::Fail(failure)) => {
            Decision::Skip(format!("the patch does not apply to HEAD: {failure}"))
        }
        (None, Decision::Skip(reason)) => Decision::Skip(reason.clone()),
        (None, Decision::InPlace | Decision::Absent) => {
            Decision::Skip("HEAD contains the effect of the patch already".to_owned())
        }
    }
}

/// A file in the working tree, compared with HEAD.
enum FileState {
    /// The same, or missing in both.
    AsHead,
    /// Exactly what the set makes of HEAD's file.
    Patched {
        /// Relative to the workspace.
        target: String,
        /// Its bytes in the working tree.
        now: Vec<u8>,
    },
    /// Anything else: it refuses the whole revert.
    Refused(Failure),
}
