//! In which targets each patch may act, and which targets are planned together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::job::{Job, ONLY_TEXT, base_of};
use super::options::LockUse;
use super::with_source;
use crate::patch::{Drift, LockState, Patch};
use crate::plan::failure::Failure;
use crate::plan::{Decision, Verdict};
use crate::workspace::TargetError;

/// How a patch is planned.
#[derive(Clone)]
pub(super) struct Assignment<'r> {
    /// The patch as it is written (borrowed), or as it would be written today (owned).
    pub(super) patch: Cow<'r, Patch>,
    /// Paths relative to the workspace, in the order of the patch's `file`.
    pub(super) targets: Vec<String>,
    /// How far its place may be from what it says.
    pub(super) drift: Drift,
    /// The lock state that its plan heeds.
    pub(super) lock: &'r LockState,
}

/// How each patch is planned, by index; one without an assignment has its verdict already.
pub(super) type Assignments<'r> = BTreeMap<usize, Assignment<'r>>;

/// What becomes of a patch that was planned before.
pub(super) enum Replanned<'r> {
    /// It is planned in this way.
    Assign(Assignment<'r>),
    /// It is planned no more: this is its verdict.
    Settle(Verdict),
}

/// The patches that are to be planned, and the verdicts of those that are not.
pub(super) type Assigned<'r> = (Assignments<'r>, BTreeMap<usize, Verdict>);

impl<'r> Job<'r> {
    /// Assigns the patches `wanted` to their targets, to be planned exactly as written. A patch without a target gets a
    /// verdict instead.
    pub(super) fn assign(&self, wanted: impl IntoIterator<Item = usize>) -> Assigned<'r> {
        let (mut assignments, mut verdicts) = (Assignments::new(), BTreeMap::new());
        for index in wanted {
            let patch = self.patch(index);
            match self.targets_of(patch) {
                Ok(targets) => {
                    let heeds = self.options.locks == LockUse::Heed;
                    let lock = if heeds { self.lock(index) } else { &LockState::None };
                    let assignment =
                        Assignment { patch: Cow::Borrowed(patch), targets, drift: Drift::Off, lock };
                    assignments.insert(index, assignment);
                }
                Err(failure) => {
                    let file = patch.files.first().cloned();
                    verdicts.insert(index, Verdict::bare(file, Decision::Fail(failure)));
                }
            }
        }
        (assignments, verdicts)
    }

    fn targets_of(&self, patch: &Patch) -> Result<Vec<String>, Failure> {
        let mut targets = Vec::new();
        for file in &patch.files {
            match self.target_of(file, base_of(patch)) {
                Ok(relative) if targets.contains(&relative) => {}
                Ok(relative) => targets.push(relative),
                Err(TargetError::Missing { .. }) => {}
                Err(error @ TargetError::Io { .. }) => {
                    return Err(Failure::Io { message: with_source(&error) });
                }
                Err(error) => {
                    let message = with_source(&error);
                    return Err(Failure::BadTarget { message, hint: Some(ONLY_TEXT.to_owned()) });
                }
            }
        }
        if targets.is_empty() { Err(self.missing(patch)) } else { Ok(targets) }
    }

    fn missing(&self, patch: &Patch) -> Failure {
        let tried: Vec<String> = patch.files.iter().map(|file| format!("`{file}`")).collect();
        let mut names: Vec<&str> =
            patch.files.iter().map(|file| file.rsplit('/').next().unwrap_or(file)).collect();
        names.dedup();
        let files = &self.snapshot.files;
        let now: Vec<String> = names.iter().flat_map(|name| files.find_named(name)).take(8).collect();
        let hint = match now.as_slice() {
            [] => "the workspace has no file of that name: find out where the code went, or remove the patch"
                .to_owned(),
            now => format!("correct `file`; files of that name: {}", now.join(", ")),
        };
        Failure::NoTarget { message: format!("there is no {}", tried.join(" and no ")), hint }
    }
}

/// Targets that patches with several candidate files tie together, and all patches on these targets.
pub(super) struct Component {
    pub(super) paths: BTreeSet<String>,
    pub(super) patches: Vec<usize>,
}

/// The components of the targets, each target in one.
pub(super) fn components(assignments: &Assignments<'_>) -> Vec<Component> {
    let mut found: Vec<Component> = Vec::new();
    for (index, assignment) in assignments {
        let paths: BTreeSet<String> = assignment.targets.iter().cloned().collect();
        let (tied, mut rest): (Vec<Component>, Vec<Component>) =
            found.into_iter().partition(|component| !component.paths.is_disjoint(&paths));
        let mut merged = Component { paths, patches: vec![*index] };
        for component in tied {
            merged.paths.extend(component.paths);
            merged.patches.extend(component.patches);
        }
        merged.patches.sort_unstable();
        rest.push(merged);
        found = rest;
    }
    found
}
