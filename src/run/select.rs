//! Who takes part in a run, and in which targets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{ONLY_TEXT, Options, Run, RunError, bare, with_source};
use crate::files::ReadError;
use crate::git;
use crate::patch::Patch;
use crate::plan::Decision;
use crate::plan::failure::Failure;
use crate::run::selection::{self, Choice};
use crate::workspace::{ManifestVersion, TargetError, Workspace, manifest_version};

impl Run<'_> {
    /// Versions, constraints on the set, `enabled`.
    pub(super) fn select(&mut self) -> Result<(), RunError> {
        let choices: Vec<Choice> =
            self.patches.iter().map(|patch| self.options.selection.admits(patch)).collect();
        let ranged = |(patch, choice): (&&Patch, &Choice)| {
            *choice == Choice::Take && patch.versions.iter().any(|range| !range.is_any())
        };
        let needed = self.patches.iter().zip(&choices).any(ranged);
        self.find_version(needed)?;
        for (index, choice) in choices.into_iter().enumerate() {
            let choice = match choice {
                Choice::Take => selection::fits_version(self.patches[index], self.version.as_ref()),
                other => other,
            };
            if !matches!(choice, Choice::Skip(_)) {
                self.selected.insert(index);
            }
            let decision = match choice {
                Choice::Take => continue,
                Choice::Skip(reason) => Decision::Skip(reason),
                Choice::UnknownVersion(range) => Decision::Fail(Failure::UnknownVersion { range }),
            };
            self.verdicts.insert(index, bare(None, decision));
        }
        Ok(())
    }

    /// The version given, else the manifest's, else, where it is a placeholder and a range asks for it, that of the
    /// newest release tag before this commit.
    pub(super) fn find_version(&mut self, needed: bool) -> Result<(), RunError> {
        if let Some(version) = &self.options.version {
            self.version = Some(version.clone());
            self.version_note = Some("given by --workspace-version".to_owned());
            return Ok(());
        }
        let manifest = self.manifest.as_deref().map(String::from_utf8_lossy);
        match manifest.as_deref().map_or(ManifestVersion::None, manifest_version) {
            ManifestVersion::Version(version) => self.version = Some(version),
            ManifestVersion::Placeholder | ManifestVersion::None if needed => {
                let assumed =
                    git::assumed_version(self.workspace.root(), self.commit.as_deref().unwrap_or("HEAD"));
                if let Ok(Some(assumed)) = assumed {
                    self.version_note = Some(format!("assumed from tag {}", assumed.tag));
                    self.version = Some(assumed.version);
                }
            }
            ManifestVersion::Placeholder | ManifestVersion::None => {}
        }
        Ok(())
    }

    /// Where each patch may act.
    pub(super) fn target(&mut self) {
        for index in 0..self.patches.len() {
            if self.verdicts.contains_key(&index) {
                continue;
            }
            match self.targets_of(self.patches[index]) {
                Ok(targets) => drop(self.targets.insert(index, targets)),
                Err(failure) => {
                    let file = self.patches[index].files.first().cloned();
                    self.verdicts.insert(index, bare(file, Decision::Fail(failure)));
                }
            }
        }
    }

    fn targets_of(&self, patch: &Patch) -> Result<Vec<String>, Failure> {
        let mut targets = Vec::new();
        for file in &patch.files {
            let found = match self.commit {
                Some(_) => self.in_revision(patch, file),
                None => self.in_tree(patch, file),
            };
            match found {
                Ok(relative) if targets.contains(&relative) => {}
                Ok(relative) => targets.push(relative),
                Err(TargetError::Missing { .. }) => {}
                Err(error @ TargetError::Io { .. }) => {
                    return Err(Failure::Io { message: with_source(&error) });
                }
                Err(error) => {
                    return Err(Failure::BadTarget {
                        message: with_source(&error),
                        hint: Some(ONLY_TEXT.to_owned()),
                    });
                }
            }
        }
        if targets.is_empty() { Err(self.missing(patch)) } else { Ok(targets) }
    }

    /// The target that `file` is in the working tree.
    pub(super) fn in_tree(&self, patch: &Patch, file: &str) -> Result<String, TargetError> {
        let base = (!patch.workspace_relative).then_some(self.options.current_dir.as_path());
        self.workspace.resolve(file, base).map(|target| target.relative)
    }

    /// The target that `file` would be, were the revision checked out.
    pub(super) fn in_revision(&self, patch: &Patch, file: &str) -> Result<String, TargetError> {
        let relative = lexical(self.workspace, patch, file, self.options)?;
        let path = file.to_owned();
        match self.files.real(&relative) {
            Ok(real) if real == relative => Ok(relative),
            Ok(real) => self.workspace.spelled(&real, None).map_err(|_| TargetError::Reserved { path }),
            Err(ReadError::Missing) => Err(TargetError::Missing { path, relative }),
            Err(ReadError::NotRegular { what }) => Err(TargetError::NotRegular { path, what }),
            Err(ReadError::Outside) => Err(TargetError::Outside { path }),
            Err(ReadError::Io { source, .. }) => Err(TargetError::Io { path, source }),
        }
    }

    fn missing(&self, patch: &Patch) -> Failure {
        let tried: Vec<String> = patch.files.iter().map(|file| format!("`{file}`")).collect();
        let mut names: Vec<&str> =
            patch.files.iter().map(|file| file.rsplit('/').next().unwrap_or(file)).collect();
        names.dedup();
        let now: Vec<String> = names.iter().flat_map(|name| self.files.find_named(name)).take(8).collect();
        let hint = match now.as_slice() {
            [] => "no file of that name is in the workspace: look where the code went, or retire the patch"
                .to_owned(),
            now => format!("files of that name now: {}", now.join(", ")),
        };
        Failure::NoTarget { message: format!("there is no {}", tried.join(" nor ")), hint }
    }
}

/// The path relative to the workspace without looking at the disk: for a revision.
pub(super) fn lexical(
    workspace: &Workspace,
    patch: &Patch,
    file: &str,
    options: &Options,
) -> Result<String, TargetError> {
    let base: Option<&Path> = (!patch.workspace_relative).then_some(options.current_dir.as_path());
    workspace.spelled(file, base)
}

/// Targets that patches with several candidates tie together, and all the patches on them.
pub(super) struct Component {
    pub(super) paths: BTreeSet<String>,
    pub(super) patches: Vec<usize>,
}

pub(super) fn components(targets: &BTreeMap<usize, Vec<String>>) -> Vec<Component> {
    let mut found: Vec<Component> = Vec::new();
    for (index, paths) in targets {
        let paths: BTreeSet<String> = paths.iter().cloned().collect();
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
