//! Which patches of a set take part in a run, and why the others do not. Pure.

use std::collections::BTreeSet;

use semver::Version;

use super::RunError;
use crate::patch::Patch;

/// Why a patch is left out that `--only` does not name.
pub(super) const NOT_SELECTED: &str = "not selected by --only";

/// What `--only` and `--skip` say.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// If not empty, nothing but these.
    pub only: BTreeSet<String>,
    /// Not these.
    pub skip: BTreeSet<String>,
}

/// Whether a patch takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Participation {
    /// It does.
    Take,
    /// It does not, for this reason.
    Skip(String),
    /// It does not, and will not: the version is past its range. The reason says so.
    Expired(String),
    /// It asks for this range, and the version is not known.
    UnknownVersion(String),
}

impl Selection {
    /// That each id is the id of one of `patches`.
    ///
    /// # Errors
    /// [`RunError::UnknownId`] for the first that is not.
    pub fn check<'a>(&self, patches: impl Iterator<Item = &'a Patch>) -> Result<(), RunError> {
        let known: Vec<&str> = patches.map(|patch| patch.id.as_str()).collect();
        let mut asked = self.only.iter().chain(&self.skip);
        let Some(id) = asked.find(|id| !known.contains(&id.as_str())) else { return Ok(()) };
        let near = known.iter().map(|known| (strsim::jaro_winkler(id, known), known));
        let best = near.filter(|(score, _)| *score > 0.7).max_by(|a, b| a.0.total_cmp(&b.0));
        let nearest = best.map(|(_, known)| (*known).to_owned());
        Err(RunError::UnknownId { id: id.clone(), nearest })
    }

    /// Whether `--only` and `--skip` leave `patch` in.
    pub fn names(&self, patch: &Patch) -> bool {
        (self.only.is_empty() || self.only.contains(&patch.id)) && !self.skip.contains(&patch.id)
    }

    /// Whether `patch` takes part by `enabled` and the selection; versions aside.
    pub(crate) fn admits(&self, patch: &Patch) -> Participation {
        if !self.only.is_empty() && !self.only.contains(&patch.id) {
            return Participation::Skip(NOT_SELECTED.to_owned());
        }
        if self.skip.contains(&patch.id) {
            return Participation::Skip("excluded by --skip".to_owned());
        }
        if !patch.enabled {
            return Participation::Skip("`enabled = false` in the patch file".to_owned());
        }
        Participation::Take
    }
}

/// Whether `patch` takes part in a run of all in a tree of this version.
pub(super) fn takes_part_in_all(patch: &Patch, version: Option<&Version>) -> bool {
    patch.enabled && fits_version(patch, version) == Participation::Take
}

/// Whether `patch` takes part in a tree of this version.
pub(crate) fn fits_version(patch: &Patch, version: Option<&Version>) -> Participation {
    let ranges = || patch.versions.iter().filter(|range| !range.is_any());
    let Some(version) = version else {
        let unknown = ranges().next().map(|range| format!("`{}`", range.as_str()));
        return unknown.map_or(Participation::Take, Participation::UnknownVersion);
    };
    if let Some(range) = ranges().find(|range| range.is_past(version)) {
        return Participation::Expired(format!("version {version} is past `{}`", range.as_str()));
    }
    match ranges().find(|range| !range.contains(version)) {
        Some(range) => Participation::Skip(format!("version {version} is outside `{}`", range.as_str())),
        None => Participation::Take,
    }
}
