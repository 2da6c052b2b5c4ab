//! The conductor: select, read, plan, commit, report, for every command alike.
//!
//! It decides nothing about places or texts. Whether anything may be written is asked once, in [`apply_patches`].

mod elsewhere;
mod follow;
mod lock;
mod report;
mod revert;
mod select;
pub mod selection;
mod update;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rayon::prelude::*;
use semver::Version;

use crate::commit::CommitError;
use crate::config::loader::{LoadError, LockFileError};
use crate::files::{Files, GitRevision, ReadError, WorkTree};
use crate::git::{self, GitError};
use crate::outcome::{Report, Status, Work, Would};
use crate::patch::{Drift, LockState, Patch, PatchFile};
use crate::plan::draft::Draft;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Record, ScopeOf, Strictness, Task, Terms, Verdict, plan};
use crate::run::selection::Selection;
use crate::source::Source;
use crate::workspace::Workspace;
use follow::Followed;
use select::{Component, components, lexical};

pub use lock::{Rewritten, lock_patches};
pub use update::update_patches;

/// What to do about a target that cannot be one.
const ONLY_TEXT: &str = "targets are text files, in UTF-8, inside the workspace: correct `file`";

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
    /// Do what patches say where upstream changed what they replace, and lock that anew.
    pub accept: bool,
    /// Note what stands at the places of each patch.
    pub record: bool,
    /// What is done where a place is not as its patch says.
    pub drift: Drift,
    /// Put the unified diff into the report.
    pub diff: bool,
    /// Where paths begin that are not relative to the workspace.
    pub current_dir: PathBuf,
}

impl Options {
    /// Strictly, all patches, the files as they are.
    pub fn new(command: &'static str, mode: Mode, current_dir: PathBuf) -> Self {
        Self {
            command,
            mode,
            selection: Selection::default(),
            version: None,
            revision: None,
            keep_going: false,
            strict: false,
            accept: false,
            record: false,
            drift: Drift::Off,
            diff: false,
            current_dir,
        }
    }
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
    /// A lock file cannot be used.
    #[error(transparent)]
    Lock(#[from] LockFileError),
    /// A patch file cannot be read again.
    #[error(transparent)]
    PatchFile(#[from] LoadError),
    /// A lock file cannot be written.
    #[error(transparent)]
    Rewrite(#[from] CommitError),
    /// git was needed, and could not help.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// That every id of the selection is that of a patch.
///
/// # Errors
/// [`RunError::UnknownId`].
pub fn check_ids(selection: &Selection, patches: &[&Patch]) -> Result<(), RunError> {
    match selection.unknown(patches).into_iter().next() {
        Some((id, nearest)) => Err(RunError::UnknownId { id, nearest: nearest.map(str::to_owned) }),
        None => Ok(()),
    }
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
    check_ids(&options.selection, &patches)?;
    let mut run = Run::begin(workspace, patches, locks_of(files), options)?;
    run.select()?;
    run.target();
    run.plan(progress);
    run.follow();
    run.would = run.prospects();
    run.note_absent();
    run.note_locks();
    let may_write = options.keep_going || !run.any_failed();
    let locks = if options.accept && options.mode == Mode::Write && may_write {
        let locked = |index: &usize| *run.locks[*index] != LockState::None;
        run.lock_files(files, &(0..run.patches.len()).filter(locked).collect())?
    } else {
        Vec::new()
    };
    // First, so that a lock that cannot be written keeps the tree from being.
    Rewritten::write(&locks)?;
    match options.mode {
        Mode::Write if options.keep_going || !run.any_failed() => run.write(),
        Mode::Write | Mode::Report => {}
        Mode::Revert => run.revert(),
    }
    Ok(run.report())
}

/// What the lock files remember of each patch, in order.
fn locks_of(files: &[PatchFile]) -> Vec<&LockState> {
    files.iter().flat_map(|file| file.patches.iter().map(|patch| file.lock_of(patch))).collect()
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
    locks: Vec<&'r LockState>,
    files: Box<dyn Files>,
    commit: Option<String>,
    manifest: Option<Vec<u8>>,
    version: Option<Version>,
    version_note: Option<String>,
    verdicts: BTreeMap<usize, Verdict>,
    /// Neither the selection nor a version leaves them out.
    selected: BTreeSet<usize>,
    targets: BTreeMap<usize, Vec<String>>,
    planned: BTreeMap<String, Planned>,
    /// Patches whose target could not be written, which are planned no more.
    refused: BTreeSet<usize>,
    /// Patches that are planned otherwise than they are written.
    prepared: BTreeMap<usize, Patch>,
    /// How far from what they say patches are looked for, where that is not exactly there.
    asked: BTreeMap<usize, Drift>,
    /// Patches that are planned as the text that a trail ended at.
    retold: BTreeSet<usize>,
    /// What was found out about places that are not as their patches say.
    followed: BTreeMap<usize, Followed>,
    /// What tolerance would do for patches that failed.
    would: BTreeMap<usize, Would>,
    /// What writing or reverting made of a verdict.
    settled: BTreeMap<usize, Status>,
    work: Work,
}

impl<'r> Run<'r> {
    fn begin(
        workspace: &'r Workspace,
        patches: Vec<&'r Patch>,
        locks: Vec<&'r LockState>,
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
        let manifest = files.real("Cargo.toml").and_then(|path| files.read(&path)).ok();
        Ok(Self {
            workspace,
            options,
            patches,
            locks,
            files,
            commit,
            manifest,
            version: None,
            version_note: None,
            verdicts: BTreeMap::new(),
            selected: BTreeSet::new(),
            targets: BTreeMap::new(),
            planned: BTreeMap::new(),
            refused: BTreeSet::new(),
            prepared: BTreeMap::new(),
            asked: BTreeMap::new(),
            retold: BTreeSet::new(),
            followed: BTreeMap::new(),
            would: BTreeMap::new(),
            settled: BTreeMap::new(),
            work: Work::default(),
        })
    }

    fn plan(&mut self, progress: Progress<'_>) {
        self.plan_components(&components(&self.targets), progress);
    }

    fn plan_components(&mut self, components: &[Component], progress: Progress<'_>) {
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
        let refused = component.patches.iter().filter(|index| self.refused.contains(index));
        let mut verdicts: BTreeMap<usize, Verdict> =
            refused.map(|index| (*index, self.verdicts[index].clone())).collect();
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
                    let hit = component
                        .patches
                        .iter()
                        .filter(|index| self.targets[index].contains(path) && !self.refused.contains(index));
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
            let mut result = plan(&tasks, drafts);
            let failed = |verdict: &Verdict| matches!(verdict.decision, Decision::Fail(_));
            let again = self.drops_failures()
                && result.verdicts.values().any(failed)
                && result.verdicts.values().any(|v| matches!(v.decision, Decision::Apply));
            for (path, draft) in &mut result.drafts {
                let file = planned.get_mut(path).expect("every draft was read");
                file.work += draft.work;
                let spoiled = draft.steps().iter().any(|step| failed(&result.verdicts[&step.patch]));
                let stays = draft.steps().is_empty() || spoiled;
                file.after = if stays { file.before.clone() } else { draft.source().encode() };
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
        let lock = self.locks[index];
        let compares = self.options.mode == Mode::Report && !lock.matches().is_empty();
        let records = self.options.record || compares;
        // A trail began at what is remembered, and its end is what stands there.
        let is_retold = self.retold.contains(&index);
        let terms = Terms {
            drift: self.asked.get(&index).copied().unwrap_or_default(),
            lock: if self.options.accept || is_retold { &LockState::None } else { lock },
            strictness: if self.options.strict { Strictness::Strict } else { Strictness::Lenient },
            record: if records { Record::Places } else { Record::Nothing },
            scope: ScopeOf::Constraint,
        };
        Task { index, patch: self.planned_patch(index), targets: self.targets[&index].clone(), terms }
    }

    fn read(&self, path: &str) -> Result<(Vec<u8>, Source), Failure> {
        let bytes = match (&self.manifest, path) {
            (Some(manifest), "Cargo.toml") => manifest.clone(),
            _ => self.files.read(path).map_err(|error| match error {
                ReadError::Io { .. } => Failure::Io { message: with_source(&error) },
                other => Failure::BadTarget {
                    message: format!("`{path}`: {other}"),
                    hint: Some(ONLY_TEXT.to_owned()),
                },
            })?,
        };
        let source = Source::decode(&bytes).map_err(|error| Failure::BadTarget {
            message: format!("`{path}`: {error}"),
            hint: Some(ONLY_TEXT.to_owned()),
        })?;
        Ok((bytes, source))
    }

    fn any_failed(&self) -> bool {
        self.verdicts.values().any(|verdict| matches!(verdict.decision, Decision::Fail(_)))
    }

    /// Targets that the plan changes.
    fn changed(&self) -> impl Iterator<Item = (&String, &Planned)> {
        self.planned.iter().filter(|(_, file)| file.before != file.after)
    }
}

/// The sentence of an error and of those behind it.
fn with_source(error: &dyn std::error::Error) -> String {
    let behind = error.source().map(|source| format!(": {}", with_source(source)));
    format!("{error}{}", behind.unwrap_or_default())
}

fn bare(file: Option<String>, decision: Decision) -> Verdict {
    Verdict::bare(file, decision)
}
