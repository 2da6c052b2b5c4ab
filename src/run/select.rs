//! Which patches take part in a run, by selection and version.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::job::Job;
use super::selection::{Participation, fits_version, takes_part_in_all};
use crate::patch::version::VersionRange;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Record, Verdict};
use crate::workspace::{ManifestVersion, manifest_version};

/// The patches that take part, and the version by which that was decided.
#[derive(Default)]
pub(super) struct Selected {
    pub(super) version: Option<Version>,
    /// Where the version comes from, if not from the manifest.
    pub(super) version_note: Option<String>,
    /// The patches that neither the selection nor a version leaves out, also those whose version is not known.
    pub(super) chosen: BTreeSet<usize>,
    /// The patches that are left out because the version is past their range.
    pub(super) expired: BTreeSet<usize>,
    /// Verdicts of the patches that do not take part, and of those whose version is not known.
    pub(super) verdicts: BTreeMap<usize, Verdict>,
}

impl Job<'_> {
    /// Chooses by `--only` and `--skip`, then by `enabled`, then by version.
    pub(super) fn select(&self) -> Selected {
        let choose = |member: &super::job::Member<'_>| self.options.selection.admits(member.patch);
        let choices: Vec<Participation> = self.members.iter().map(choose).collect();
        let is_ranged = |(index, choice): (usize, &Participation)| {
            *choice == Participation::Take && self.patch(index).versions.iter().any(|range| !range.is_any())
        };
        let is_needed = self.options.record == Record::Places || choices.iter().enumerate().any(is_ranged);
        let (version, version_note) = self.version(is_needed);
        let mut selected = Selected { version, version_note, ..Selected::default() };
        for (index, choice) in choices.into_iter().enumerate() {
            let choice = match choice {
                Participation::Take => fits_version(self.patch(index), selected.version.as_ref()),
                other => other,
            };
            let (decision, group) = match choice {
                Participation::Take => {
                    selected.chosen.insert(index);
                    continue;
                }
                Participation::Skip(reason) => (Decision::Skip(reason), None),
                Participation::Expired(reason) => (Decision::Skip(reason), Some(&mut selected.expired)),
                Participation::UnknownVersion(range) => {
                    (Decision::Fail(Failure::UnknownVersion { range }), Some(&mut selected.chosen))
                }
            };
            if let Some(group) = group {
                group.insert(index);
            }
            selected.verdicts.insert(index, Verdict::bare(None, decision));
        }
        self.pass_on(&mut selected);
        let version = selected.version.as_ref();
        let takes_part = |index: &usize| takes_part_in_all(self.patch(*index), version);
        self.of_all.get_or_init(|| (0..self.members.len()).filter(takes_part).collect());
        selected
    }

    /// An expired patch is skipped, and no more to worry about, where another goes on: a patch for a file of it whose range
    /// begins where its own ends, and which takes part or has such a successor itself. One goes on for one: where fewer begin
    /// than end, nobody knows which of them was left behind.
    fn pass_on(&self, selected: &mut Selected) {
        let mut going_on = selected.chosen.clone();
        loop {
            let past = std::mem::take(&mut selected.expired);
            let is_followed = |index: &usize| {
                let nexts: Vec<&usize> =
                    going_on.iter().filter(|next| self.goes_on_in(*index, **next)).collect();
                let ends = |other: &&usize| nexts.iter().any(|next| self.goes_on_in(**other, **next));
                (1..=nexts.len()).contains(&past.iter().filter(ends).count())
            };
            let (followed, expired): (BTreeSet<usize>, _) = past.iter().copied().partition(is_followed);
            selected.expired = expired;
            if followed.is_empty() {
                return;
            }
            going_on.extend(followed);
        }
    }

    fn goes_on_in(&self, index: usize, next: usize) -> bool {
        let [one, next] = [self.patch(index), self.patch(next)];
        let is_shared = || one.files.iter().any(|file| next.files.contains(file));
        let meets = |range: &VersionRange| next.versions.iter().any(|next| range.goes_on_in(next));
        one.versions.iter().any(meets) && is_shared()
    }

    /// The version given, else the manifest's, else, where that is a placeholder and a version is needed, that of the
    /// newest release tag before this commit.
    pub(super) fn version(&self, is_needed: bool) -> (Option<Version>, Option<String>) {
        if let Some(version) = &self.options.version {
            return (Some(version.clone()), Some("given by --workspace-version".to_owned()));
        }
        let manifest = self.manifest.as_deref().map(String::from_utf8_lossy);
        match manifest.as_deref().map_or(ManifestVersion::None, manifest_version) {
            ManifestVersion::Version(version) => (Some(version), None),
            ManifestVersion::Placeholder | ManifestVersion::None if is_needed => {
                let commit = self.snapshot.commit.as_deref().unwrap_or("HEAD");
                match self.tree.assumed_version(commit) {
                    Ok(Some(assumed)) => {
                        (Some(assumed.version), Some(format!("assumed from tag {}", assumed.tag)))
                    }
                    Ok(None) => (None, None),
                    Err(error) => (None, Some(format!("tags could not be asked: {error}"))),
                }
            }
            ManifestVersion::Placeholder | ManifestVersion::None => (None, None),
        }
    }
}
