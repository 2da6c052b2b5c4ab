//! In which targets each patch may act, and which targets are planned together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::job::{Job, ONLY_TEXT, base_of};
use super::options::LockUse;
use super::tree::Base;
use super::with_source;
use crate::files::Absence;
use crate::outcome::printable;
use crate::patch::{Drift, LockState, Patch};
use crate::plan::failure::Failure;
use crate::plan::{Decision, Verdict};
use crate::workspace::{INNER, TargetError};

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
                // Of several candidates, the one that is not checked out may be the one.
                Err(TargetError::Missing { .. })
                    if patch.files.len() > 1 && self.is_left_out(file, patch) =>
                {
                    return Err(self.not_checked_out(patch).unwrap_or_else(|| self.missing(patch)));
                }
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

    fn is_left_out(&self, file: &str, patch: &Patch) -> bool {
        let relative = self.tree.spelled(file, base_of(patch));
        relative.is_ok_and(|relative| self.snapshot.files.is_left_out(&relative))
    }

    /// Whether git has a file of a patch, and the working tree has not, though no sparse checkout leaves it out.
    pub(super) fn is_of_a_removed_file(&self, index: usize) -> bool {
        let patch = self.patch(index);
        patch.files.iter().any(|file| {
            let relative = self.tree.spelled(file, base_of(patch));
            relative.is_ok_and(|path| matches!(self.snapshot.files.absence(&path), Some(Absence::Removed)))
        })
    }

    /// The failure of a patch whose file git has, and the working tree does not: it went nowhere.
    fn not_checked_out(&self, patch: &Patch) -> Option<Failure> {
        let absent = patch.files.iter().find_map(|file| {
            let relative = self.tree.spelled(file, base_of(patch)).ok()?;
            Some((file, self.snapshot.files.absence(&relative)?))
        });
        let (file, absence) = absent?;
        let (message, hint) = match absence {
            Absence::LeftOut => {
                let folder = file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
                let pattern = folder.unwrap_or_else(|| format!("/{file}"));
                (
                    format!("`{file}` is not checked out: the sparse checkout leaves it out"),
                    format!("`git sparse-checkout add {pattern}` brings it in"),
                )
            }
            Absence::Removed => (
                format!("`{file}` is not in the working tree, but git's index has it"),
                format!(
                    "`git restore {file}` brings it back; `git add --all` tells git that it went, and where to"
                ),
            ),
        };
        Some(Failure::BadTarget { message, hint: Some(hint) })
    }

    fn missing(&self, patch: &Patch) -> Failure {
        if let Some(failure) = self.not_checked_out(patch) {
            return failure;
        }
        let tried: Vec<String> = patch.files.iter().map(|file| format!("`{file}`")).collect();
        let message = format!("there is no {}", tried.join(" and no "));
        let meant = patch.files.iter().find_map(|file| self.meant(file, base_of(patch)));
        let is_misspelt = meant.is_some();
        let hint = meant.unwrap_or_else(|| self.files_of_that_name(patch));
        Failure::NoTarget { message, hint, is_misspelt }
    }

    /// The file of a patch that the newest commit has, if git's index went on without it.
    fn removed_in_index(&self, patch: &Patch) -> Option<String> {
        let history = self.history()?;
        let mut files = patch.files.iter();
        let has = |file: &&String| {
            let relative = self.tree.spelled(file, base_of(patch)).ok();
            relative
                .is_some_and(|path| history.today(&path).is_some() && self.staged_renames(&path).is_empty())
        };
        files.find(has).map(|file| printable(file))
    }

    /// What to write instead of a path that leads nowhere only because of how it is written.
    fn meant(&self, file: &str, base: Base) -> Option<String> {
        let slashed = file.trim().replace('\\', "/");
        if slashed != file && self.target_of(&slashed, base).is_ok() {
            return Some(format!(
                "separate the parts of a path by `/`, without spaces around it: write `{slashed}`"
            ));
        }
        let beginnings = slashed.match_indices('/').map(|(at, _)| slashed.split_at(at + 1));
        let (dropped, path) = beginnings
            .filter(|(dropped, path)| !path.is_empty() && self.is_around(dropped, path))
            .find(|(_, path)| self.target_of(path, base).is_ok())?;
        let root = match base {
            Base::Workspace => "root of the workspace",
            Base::CurrentDir => "current directory",
        };
        Some(format!("a path begins at the {root}: drop `{dropped}`, and write `{path}`"))
    }

    /// Whether `dropped` can be the path to the workspace, and not that of a crate that is gone: every crate has a
    /// `Cargo.toml` and a `src/lib.rs`.
    fn is_around(&self, dropped: &str, path: &str) -> bool {
        let root = self.tree.named("", Base::CurrentDir);
        let name = |path: &str| path.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
        let is_root = name(dropped).is_some_and(|dropped| dropped == INNER || name(&root) == Some(dropped));
        let first = &dropped[..=dropped.find('/').unwrap_or(0)];
        let is_there = || self.snapshot.files.list().iter().any(|file| file.starts_with(first));
        is_root || path.split('/').count() > 2 && !is_there()
    }

    fn files_of_that_name(&self, patch: &Patch) -> String {
        let mut names: Vec<&str> =
            patch.files.iter().map(|file| file.rsplit('/').next().unwrap_or(file)).collect();
        names.dedup();
        let exact = || names.iter().flat_map(|name| self.snapshot.files.find_named(name));
        let any_case = || {
            let is_named = |file: &String| {
                file.rsplit('/').next().is_some_and(|name| names.iter().any(|n| n.eq_ignore_ascii_case(name)))
            };
            self.snapshot.files.list().into_iter().filter(is_named)
        };
        let mut files: Vec<String> = exact().take(8).collect();
        if files.is_empty() {
            files = any_case().take(8).collect();
        }
        let files: Vec<String> =
            files.iter().map(|file| printable(&self.tree.named(file, base_of(patch)))).collect();
        if let (true, Some(file)) = (files.is_empty(), self.removed_in_index(patch)) {
            return format!(
                "HEAD has it, and git's index does not: `git restore --staged --worktree {file}` brings it back"
            );
        }
        if files.is_empty() {
            return "the workspace has no file of that name: find out where the code went, or remove the patch"
                .to_owned();
        }
        format!("correct `file`; files of that name: {}", files.join(", "))
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
