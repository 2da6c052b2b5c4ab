//! A run is taken back: targets go back to git's HEAD.
//!
//! The set is planned on HEAD; a target goes back only if it is exactly what came of that. Nothing is undone edit by edit,
//! which could meet work that is not the set's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use super::concluded::Concluded;
use super::job::{Job, base_of};
use super::resolved::Resolved;
use super::tree::{Snapshot, TargetChange};
use super::{RunError, with_source};
use crate::files::ReadError;
use crate::outcome::Status;
use crate::patch::Patch;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Verdict};
use crate::workspace::TargetError;

impl<'r> Job<'r> {
    /// Every target that is exactly what the set makes of HEAD's goes back to HEAD's bytes; any other edit refuses all.
    pub(super) fn revert(&self, done: &mut Concluded<'r>) -> Result<(), RunError> {
        let now = self.tree.open(None, &[])?;
        let mut back: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for index in done.selected.chosen.clone() {
            let standings = self.standings(index, &done.resolved, &now);
            let verdict = done.resolved.planned.verdicts.get_mut(&index).expect("every patch has one");
            verdict.decision = reversal(verdict, &standings);
            for standing in standings {
                if let Standing::Patched { target, now } = standing {
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

    /// How each candidate file of a patch stands. Where the patch was followed to counts too.
    fn standings(&self, index: usize, resolved: &Resolved<'_>, now: &Snapshot<'_>) -> Vec<Standing> {
        let patch = self.patch(index);
        let followed = match resolved.assignments.get(&index).map(|assignment| &assignment.patch) {
            Some(Cow::Owned(followed)) => Some(followed),
            _ => None,
        };
        let named = patch.files.iter().map(|file| (patch, file));
        let elsewhere =
            followed.into_iter().flat_map(|patch| patch.files.iter().map(move |file| (patch, file)));
        let elsewhere = elsewhere.filter(|(_, file)| !patch.files.contains(file));
        named.chain(elsewhere).map(|(patch, file)| self.standing(patch, file, resolved, now)).collect()
    }

    /// How one candidate file of a patch stands to HEAD and to what the set makes of it.
    fn standing(&self, patch: &Patch, file: &str, resolved: &Resolved<'_>, now: &Snapshot<'_>) -> Standing {
        let base = base_of(patch);
        let planned = &resolved.planned.files;
        let other_edits = |file: &str| Standing::Refused(Failure::OtherEdits { file: file.to_owned() });
        let head = self.in_revision(file, base).and_then(|target| match self.snapshot.files.read(&target) {
            Ok(bytes) => Ok((target, bytes)),
            Err(ReadError::NotRegular { what }) => Err(TargetError::NotRegular { path: target, what }),
            Err(error) => {
                Err(TargetError::Io { path: target, source: io::Error::other(with_source(&error)) })
            }
        });
        match (head, self.tree.resolve(file, base)) {
            (Ok((head, before)), Ok(target)) if head == target => match now.files.read(&target) {
                Ok(now) if now == before => Standing::AsHead,
                Ok(now) if planned.get(&target).is_some_and(|file| file.after == now) => {
                    Standing::Patched { target, now }
                }
                Ok(_) => other_edits(&target),
                Err(error) => Standing::Refused(Failure::Io { message: with_source(&error) }),
            },
            (Err(error @ TargetError::Io { .. }), _) | (Ok(_), Err(error @ TargetError::Io { .. })) => {
                Standing::Refused(Failure::Io { message: with_source(&error) })
            }
            (Ok((head, _)), _) => other_edits(&head),
            (Err(TargetError::Missing { .. }), Ok(target)) => Standing::Refused(Failure::BadTarget {
                message: format!("`{target}` is not in HEAD, so there is nothing to restore"),
                hint: Some("exclude this patch with --skip, or move the file away".to_owned()),
            }),
            (Err(_), Ok(target)) => other_edits(&target),
            // Where neither has a file that can be a target, no run wrote one.
            (Err(_), Err(_)) => Standing::AsHead,
        }
    }
}

/// What a selected patch comes to, from how its candidate files stand; that says more than why it may not
/// apply to HEAD.
fn reversal(verdict: &Verdict, standings: &[Standing]) -> Decision {
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
