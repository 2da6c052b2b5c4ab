//! Which patches of a set take part in a run, and why the others do not. Pure.

use std::collections::BTreeSet;

use semver::Version;

use super::RunError;
use crate::patch::Patch;

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
            return Participation::Skip("not selected by --only".to_owned());
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

/// Whether `patch` takes part in a tree of this version.
pub(crate) fn fits_version(patch: &Patch, version: Option<&Version>) -> Participation {
    let Some(range) =
        patch.versions.iter().find(|range| !range.is_any() && version.is_none_or(|v| !range.contains(v)))
    else {
        return Participation::Take;
    };
    match version {
        Some(version) => Participation::Skip(format!("version {version} is outside `{}`", range.as_str())),
        None => Participation::UnknownVersion(format!("`{}`", range.as_str())),
    }
}
