//! The conductor: select, read, plan, commit, report, for every command alike.
//!
//! It decides nothing about places or texts. Whether anything may be written is asked once, in [`apply_patches`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use semver::Version;

use crate::commit::{self, Change, CommitError};
use crate::config::select::{self, Choice, Selection};
use crate::config::{Patch, PatchFile};
use crate::diff;
use crate::files::{Files, GitRevision, ReadError, WorkTree};
use crate::git::{self, GitError};
use crate::outcome::{Outcome, Report, SCHEMA, Status, Work};
use crate::plan::draft::Draft;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Task, Verdict, plan};
use crate::source::Source;
use crate::workspace::{ManifestVersion, TargetError, Workspace, manifest_version};

pub use crate::plan::sites::{compute_edit_for_patch, compute_structural_edit, compute_text_edit};

/// What a run does with its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write it.
    Write,
    /// Only report.
    Report,
    /// Take it back.
    Revert,
}

/// How a run is to be done.
#[derive(Debug, Clone)]
pub struct Options {
    /// The command's name, for the report.
    pub command: &'static str,
    /// What to do with the plan.
    pub mode: Mode,
    /// Which patches take part.
    pub selection: Selection,
    /// The version to compare ranges with, instead of reading it.
    pub version: Option<Version>,
    /// A git revision to plan against, instead of the files.
    pub revision: Option<String>,
    /// Write what applies although something failed.
    pub keep_going: bool,
    /// Warnings are failures.
    pub strict: bool,
    /// Put the unified diff into the report.
    pub diff: bool,
    /// Where paths begin that are not relative to the workspace.
    pub current_dir: PathBuf,
}

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// `--only` or `--skip` names an id that no patch has.
    #[error("no patch has the id `{id}`")]
    UnknownId {
        /// The id.
        id: String,
        /// The nearest that one has.
        nearest: Option<String>,
    },
    /// git was needed, and could not help.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Called as targets are done, with how many are and how many there are.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Plans `files` on the workspace, and writes or reverts as the mode says.
///
/// # Errors
/// [`RunError`] before anything is touched; what happens to single patches is in the report.
pub fn apply_patches(
    workspace: &Workspace,
    files: &[PatchFile],
    options: &Options,
    progress: Progress<'_>,
) -> Result<Report, RunError> {
    let patches: Vec<&Patch> = files.iter().flat_map(|file| &file.patches).collect();
    if let Some((id, nearest)) = options.selection.unknown(&patches).into_iter().next() {
        return Err(RunError::UnknownId { id, nearest: nearest.map(str::to_owned) });
    }
    let mut run = Run::begin(workspace, patches, options)?;
    run.select()?;
    run.target();
    run.plan(progress);
    match options.mode {
        Mode::Write if options.keep_going || !run.any_failed() => run.write(),
        Mode::Write | Mode::Report => {}
        Mode::Revert => run.revert(),
    }
    Ok(run.report())
}

/// One target, planned.
struct Planned {
    before: Vec<u8>,
    after: Vec<u8>,
    work: Work,
}

struct Run<'r> {
    workspace: &'r Workspace,
    options: &'r Options,
    patches: Vec<&'r Patch>,
    files: Box<dyn Files>,
    commit: Option<String>,
    manifest: Option<Vec<u8>>,
    version: Option<Version>,
    version_note: Option<String>,
    verdicts: BTreeMap<usize, Verdict>,
    targets: BTreeMap<usize, Vec<String>>,
    planned: BTreeMap<String, Planned>,
    /// What writing or reverting made of a verdict.
    settled: BTreeMap<usize, Status>,
    work: Work,
}

impl<'r> Run<'r> {
    fn begin(
        workspace: &'r Workspace,
        patches: Vec<&'r Patch>,
        options: &'r Options,
    ) -> Result<Self, RunError> {
        let root = workspace.root();
        let revision = match options.mode {
            Mode::Revert => Some("HEAD"),
            Mode::Write | Mode::Report => options.revision.as_deref(),
        };
        let commit = revision.map(|revision| git::resolve_revision(root, revision)).transpose()?;
        let files: Box<dyn Files> = match &commit {
            None => Box::new(WorkTree::new(root)),
            Some(commit) => {
                let mut paths: BTreeSet<String> = BTreeSet::from(["Cargo.toml".to_owned()]);
                paths.extend(patches.iter().flat_map(|p| {
                    p.files.iter().filter_map(|file| lexical(workspace, p, file, options).ok())
                }));
                Box::new(GitRevision::new(root, commit, &paths.into_iter().collect::<Vec<_>>())?)
            }
        };
        let manifest = files.read("Cargo.toml").ok();
        Ok(Self {
            workspace,
            options,
            patches,
            files,
            commit,
            manifest,
            version: None,
            version_note: None,
            verdicts: BTreeMap::new(),
            targets: BTreeMap::new(),
            planned: BTreeMap::new(),
            settled: BTreeMap::new(),
            work: Work::default(),
        })
    }

    /// Versions, constraints on the set, `enabled`.
    fn select(&mut self) -> Result<(), RunError> {
        let choices: Vec<Choice> =
            self.patches.iter().map(|patch| self.options.selection.admits(patch)).collect();
        let ranged = |(patch, choice): (&&Patch, &Choice)| {
            *choice == Choice::Take && patch.versions.iter().any(|range| !range.is_any())
        };
        let needed = self.patches.iter().zip(&choices).any(ranged);
        self.find_version(needed)?;
        for (index, choice) in choices.into_iter().enumerate() {
            let choice = match choice {
                Choice::Take => select::fits_version(self.patches[index], self.version.as_ref()),
                other => other,
            };
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
    fn find_version(&mut self, needed: bool) -> Result<(), RunError> {
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
    fn target(&mut self) {
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
            let found = if self.commit.is_some() {
                lexical(self.workspace, patch, file, self.options)
                    .and_then(|relative| self.in_revision(relative))
            } else {
                let base = (!patch.workspace_relative).then_some(self.options.current_dir.as_path());
                self.workspace.resolve(file, base).map(|target| target.relative)
            };
            match found {
                Ok(relative) if targets.contains(&relative) => {}
                Ok(relative) => targets.push(relative),
                Err(TargetError::Missing { .. }) => {}
                Err(error) => return Err(Failure::BadTarget { message: with_source(&error), hint: None }),
            }
        }
        if targets.is_empty() { Err(self.missing(patch)) } else { Ok(targets) }
    }

    fn in_revision(&self, relative: String) -> Result<String, TargetError> {
        match self.files.read(&relative) {
            Err(ReadError::Missing) => Err(TargetError::Missing { path: relative.clone(), relative }),
            _ => Ok(relative),
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
        Failure::BadTarget { message: format!("there is no {}", tried.join(" nor ")), hint: Some(hint) }
    }

    fn plan(&mut self, progress: Progress<'_>) {
        let components = components(&self.targets);
        let total = components.len();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let results: Vec<_> = components
            .par_iter()
            .map(|component| {
                let result = self.plan_component(component);
                progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, total);
                result
            })
            .collect();
        for (verdicts, planned) in results {
            self.verdicts.extend(verdicts);
            self.work += planned.values().fold(Work::default(), |mut sum, file| {
                sum += file.work;
                sum
            });
            self.planned.extend(planned);
        }
    }

    /// Plans targets that some patch ties together. With `keep_going`, plans the rest again without what failed.
    fn plan_component(&self, component: &Component) -> (BTreeMap<usize, Verdict>, BTreeMap<String, Planned>) {
        let mut verdicts = BTreeMap::new();
        let mut sources = BTreeMap::new();
        let mut planned = BTreeMap::new();
        for path in &component.paths {
            match self.read(path) {
                Ok((bytes, source)) => {
                    sources.insert(path.clone(), source);
                    let work = Work { reads: 1, ..Work::default() };
                    planned.insert(path.clone(), Planned { after: bytes.clone(), before: bytes, work });
                }
                Err(failure) => {
                    let hit = component.patches.iter().filter(|index| self.targets[index].contains(path));
                    verdicts.extend(
                        hit.map(|index| (*index, bare(Some(path.clone()), Decision::Fail(failure.clone())))),
                    );
                }
            }
        }
        loop {
            let left = component.patches.iter().filter(|index| !verdicts.contains_key(*index));
            let tasks: Vec<Task<'_>> = left.map(|index| self.task(*index)).collect();
            let drafts = sources
                .iter()
                .map(|(path, source)| (path.clone(), Draft::new(path, source.clone())))
                .collect();
            let mut result = plan(&tasks, drafts, self.options.strict);
            let failed = |verdict: &Verdict| matches!(verdict.decision, Decision::Fail(_));
            let again = self.drops_failures()
                && result.verdicts.values().any(failed)
                && result.verdicts.values().any(|v| matches!(v.decision, Decision::Apply));
            for (path, draft) in &mut result.drafts {
                let file = planned.get_mut(path).expect("every draft was read");
                file.work += draft.work;
                file.after =
                    if draft.steps().is_empty() { file.before.clone() } else { draft.source().encode() };
            }
            if !again {
                verdicts.extend(result.verdicts);
                return (verdicts, planned);
            }
            verdicts.extend(result.verdicts.into_iter().filter(|(_, verdict)| failed(verdict)));
        }
    }

    /// A revert undoes what a run left that kept going.
    fn drops_failures(&self) -> bool {
        self.options.keep_going || self.options.mode == Mode::Revert
    }

    fn task(&self, index: usize) -> Task<'_> {
        Task { index, patch: self.patches[index], targets: self.targets[&index].clone() }
    }

    fn read(&self, path: &str) -> Result<(Vec<u8>, Source), Failure> {
        let bytes = match (&self.manifest, path) {
            (Some(manifest), "Cargo.toml") => manifest.clone(),
            _ => self.files.read(path).map_err(|error| match error {
                ReadError::Io { .. } => Failure::Io { message: with_source(&error) },
                other => Failure::BadTarget { message: format!("`{path}`: {other}"), hint: None },
            })?,
        };
        let source = Source::decode(&bytes)
            .map_err(|error| Failure::BadTarget { message: format!("`{path}`: {error}"), hint: None })?;
        Ok((bytes, source))
    }

    fn any_failed(&self) -> bool {
        self.verdicts.values().any(|verdict| matches!(verdict.decision, Decision::Fail(_)))
    }

    /// Targets that the plan changes.
    fn changed(&self) -> impl Iterator<Item = (&String, &Planned)> {
        self.planned.iter().filter(|(_, file)| file.before != file.after)
    }

    fn write(&mut self) {
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
    fn revert(&mut self) {
        let tree = WorkTree::new(self.workspace.root());
        let mut back: Vec<(String, Vec<u8>)> = Vec::new();
        let mut states: BTreeMap<String, Decision> = BTreeMap::new();
        for (path, file) in self.changed() {
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

    fn report(&self) -> Report {
        let held_back = self.any_failed() && !self.options.keep_going;
        let patches: Vec<Outcome> = self
            .patches
            .iter()
            .enumerate()
            .map(|(index, patch)| self.outcome(index, patch, held_back))
            .collect();
        let mut summary = BTreeMap::new();
        for outcome in &patches {
            *summary.entry(outcome.status).or_insert(0) += 1;
        }
        Report {
            schema: SCHEMA,
            command: self.options.command.to_owned(),
            workspace: self.workspace.shown().to_owned(),
            version: self.version.as_ref().map(Version::to_string),
            version_note: self.version_note.clone(),
            revision: self.options.revision.clone(),
            patches,
            summary,
            files: if held_back {
                Vec::new()
            } else {
                self.changed().map(|(path, _)| path.clone()).collect()
            },
            diff: self.options.diff.then(|| self.diff()),
            work: self.work,
        }
    }

    fn diff(&self) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.changed()
            .map(|(path, file)| diff::unified(path, &text(&file.before), &text(&file.after)))
            .collect()
    }

    fn outcome(&self, index: usize, patch: &Patch, held_back: bool) -> Outcome {
        let verdict = &self.verdicts[&index];
        let mut outcome = Outcome {
            id: patch.id.clone(),
            patch_file: patch.origin.file.to_string(),
            patch_line: patch.origin.line,
            file: verdict.file.clone().or_else(|| (patch.files.len() == 1).then(|| patch.files[0].clone())),
            line: verdict.line,
            status: self.status(index, &verdict.decision, held_back),
            cause: None,
            reason: None,
            hint: None,
            warnings: verdict.warnings.clone(),
            score: verdict.score,
            sites: Vec::new(),
            others: Vec::new(),
            nearest: None,
            detail: None,
        };
        match &verdict.decision {
            Decision::Skip(reason) => outcome.reason = Some(reason.clone()),
            Decision::Fail(failure) => explain(failure, &mut outcome),
            Decision::Apply | Decision::InPlace | Decision::Absent => {}
        }
        outcome
    }

    fn status(&self, index: usize, decision: &Decision, held_back: bool) -> Status {
        match decision {
            Decision::Apply => match self.settled.get(&index) {
                Some(status) => *status,
                None if held_back && self.options.mode != Mode::Report => Status::NotAttempted,
                None => Status::WouldApply,
            },
            Decision::InPlace => Status::AlreadyApplied,
            Decision::Absent => Status::Absent,
            Decision::Skip(_) => Status::Skipped,
            Decision::Fail(_) => Status::Failed,
        }
    }
}

fn explain(failure: &Failure, outcome: &mut Outcome) {
    outcome.cause = Some(failure.cause());
    outcome.reason = Some(failure.to_string());
    outcome.hint = failure.hint();
    outcome.sites = failure.sites();
    outcome.others = failure.others();
    outcome.nearest = failure.nearest();
    outcome.detail = failure.detail();
}

/// The sentence of an error and of those behind it.
fn with_source(error: &dyn std::error::Error) -> String {
    let behind = error.source().map(|source| format!(": {}", with_source(source)));
    format!("{error}{}", behind.unwrap_or_default())
}

fn bare(file: Option<String>, decision: Decision) -> Verdict {
    Verdict { file, line: None, decision, score: None, warnings: Vec::new() }
}

/// The path relative to the workspace without looking at the disk: for a revision.
fn lexical(
    workspace: &Workspace,
    patch: &Patch,
    file: &str,
    options: &Options,
) -> Result<String, TargetError> {
    let base: Option<&Path> = (!patch.workspace_relative).then_some(options.current_dir.as_path());
    workspace.spelled(file, base)
}

/// Targets that patches with several candidates tie together, and all the patches on them.
struct Component {
    paths: BTreeSet<String>,
    patches: Vec<usize>,
}

fn components(targets: &BTreeMap<usize, Vec<String>>) -> Vec<Component> {
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
