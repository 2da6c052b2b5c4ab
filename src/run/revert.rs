//! `revert`: takes patches back, to git's HEAD or to what the other patches make of it.
//!
//! Single edits are not undone: that could destroy changes that the set did not make. The set is planned on HEAD, and a
//! target goes back only if its bytes are exactly the result of a plan: of the patches that are taken back alone, or of all
//! patches of their folder (then it becomes the result of the others). How much tolerance the patches were applied with is
//! found out by trying. What HEAD has itself is not taken back: those patches fail, and the others go back to HEAD.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::concluded::Concluded;
use super::job::{Job, base_of};
use super::others::Others;
use super::recall::{Memory, Recalled};
use super::resolved::Resolved;
use super::selection::Selection;
use super::tree::{Base, Snapshot, TargetChange, Tree};
use super::{Mode, Options, Progress, RunError, all_seen, with_source};
use crate::commit::CommitError;
use crate::config::loader::PatchSet;
use crate::drift::trail::{self, Commit, History, Trail};
use crate::files::ReadError;
use crate::outcome::{Report, Status, printable};
use crate::patch::Drift;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Verdict};
use crate::workspace::TargetError;

/// The hint where a target has edits that no plan explains.
const OTHERS: &str = "name the patch files that made the other edits in this call too, restore patch files that were edited, or \
                      undo the other edits by hand; nothing was reverted";

/// The hint where a target is missing.
const MISSING: &str =
    "restore it with `git restore`, or leave the patch out with --skip; nothing was reverted";

/// The hint where a patch that is left out is still there.
const LEFT_OUT: &str = "let the patch take part in this run (`enabled`, `version`, --workspace-version), or undo its edit by \
                        hand; nothing was reverted";

/// Takes back the selected patches of `set`, under as much tolerance as they need.
///
/// # Errors
/// [`RunError`] before anything is touched.
pub(super) fn revert_patches(
    tree: &dyn Tree,
    set: &PatchSet,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Report, RunError> {
    let asked = options.drift;
    let mut refused = None;
    let (mut in_head, mut unplaced) = (None, None);
    let mut is_left = false;
    for drift in [Drift::Off, Drift::Merge, Drift::Move].into_iter().filter(|drift| *drift >= options.drift) {
        let options = Options { drift, ..options.clone() };
        let (report, end) = attempt(tree, set, &options, progress, End::Whole)?;
        match end {
            End::Whole => return Ok(told(report, drift, asked)),
            End::InHead => in_head = in_head.or(Some(options)),
            End::Unplaced => unplaced = unplaced.or(Some(options)),
            End::Left | End::Refused => {
                is_left |= end == End::Left;
                refused = refused.or(Some(report));
            }
        }
    }
    // Patches of the set may not be in place; one without a place in HEAD may have been applied under tolerance.
    let tolerances: &[Drift] = match (&refused, is_left) {
        (Some(_), true) => &[Drift::Off, Drift::Merge, Drift::Move],
        (Some(_), false) => &[Drift::Off],
        (None, _) => &[],
    };
    let absent = if tolerances.is_empty() { BTreeSet::new() } else { never_in_place(tree, set, options)? };
    for drift in tolerances.iter().copied().filter(|drift| *drift >= asked && !absent.is_empty()) {
        let selection = Selection { skip: &options.selection.skip | &absent, ..options.selection.clone() };
        let found = Options { drift, selection, ..options.clone() };
        let (report, end) = attempt(tree, set, &found, progress, End::Whole)?;
        if end == End::Whole && report.summary.contains_key(&Status::Reverted) {
            return Ok(told(in_part(report, &absent), drift, asked));
        }
    }
    // What HEAD has under some tolerance has its place there, if under less it seems to have none.
    match (in_head.or(unplaced), refused) {
        (Some(options), _) => Ok(attempt(tree, set, &options, progress, End::Unplaced)?.0),
        (None, Some(report)) => Ok(report),
        (None, None) => Ok(attempt(tree, set, options, progress, End::Unplaced)?.0),
    }
}

/// The ids of the selected patches that the working tree does not have in place. Of a file that git has, and the working tree has not,
/// that is not known: it may be there under another name.
fn not_in_place(tree: &dyn Tree, set: &PatchSet, options: &Options) -> Result<BTreeSet<String>, RunError> {
    let options = Options { mode: Mode::Report, ..options.clone() };
    let job = Job::new(tree, set, &options)?;
    let done = job.find(&|_, _| {});
    let verdicts = &done.resolved.planned.verdicts;
    let is_absent = |index: &&usize| {
        !matches!(verdicts[*index].decision, Decision::InPlace) && !job.is_of_a_removed_file(**index)
    };
    let absent = done.selected.chosen.iter().filter(is_absent);
    Ok(absent.map(|index| job.patch(*index).id.clone()).collect())
}

/// The ids of the selected patches that the working tree has in place under no tolerance that may have been asked for.
fn never_in_place(tree: &dyn Tree, set: &PatchSet, options: &Options) -> Result<BTreeSet<String>, RunError> {
    let mut absent: Option<BTreeSet<String>> = None;
    for drift in [Drift::Off, Drift::Merge, Drift::Move].into_iter().filter(|drift| *drift >= options.drift) {
        let found = not_in_place(tree, set, &Options { drift, ..options.clone() })?;
        absent = Some(absent.map_or(found.clone(), |absent| &absent & &found));
    }
    Ok(absent.unwrap_or_default())
}

/// The report of a revert of those patches that are in place, which says so of the others.
fn in_part(mut report: Report, absent: &BTreeSet<String>) -> Report {
    for outcome in report.patches.iter_mut().filter(|outcome| absent.contains(&outcome.id)) {
        outcome.reason = Some("the patch is not in place".to_owned());
    }
    report
}

/// The report, which says so where the patches were found under more tolerance than was asked for.
fn told(mut report: Report, found: Drift, asked: Drift) -> Report {
    let name = match found {
        Drift::Off => "off",
        Drift::Merge => "merge",
        Drift::Move => "move",
    };
    if found > asked {
        report.warnings.push(format!("the patches were found as `--drift {name}` applies them"));
    }
    report
}

/// How far a revert came; the worse the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// All is explained.
    Whole,
    /// HEAD has a patch, and nothing else stands in the way.
    InHead,
    /// A patch has no place in HEAD, and nothing else stands in the way.
    Unplaced,
    /// A patch that is not taken back is still there.
    Left,
    /// At least one patch cannot be taken back.
    Refused,
}

/// Plans under the tolerance of `options`, and writes if the end is no worse than `accepted`.
fn attempt(
    tree: &dyn Tree,
    set: &PatchSet,
    options: &Options,
    progress: Progress<'_>,
    accepted: End,
) -> Result<(Report, End), RunError> {
    let job = Job::new(tree, set, options)?;
    let mut done = job.conclude(progress);
    let now = tree.open(None, &[])?;
    let mut reversal = job.reversal(&done, &now, None);
    let neighbours = tree.with_patch_files_beside(set);
    let all = neighbours.as_ref().unwrap_or(set);
    let ids = job.ids(&done.selected.chosen);
    let mut others = Others::plan(tree, all, options, ids.clone(), &BTreeSet::new())?;
    if reversal.end > End::Whole
        && let Some(others) = &others
    {
        let by_all = job.reversal(&done, &now, Some(others));
        if by_all.end < reversal.end || others.needs_them().is_some() {
            reversal = by_all;
        }
    }
    if reversal.end == End::Refused && others.is_some() {
        // Some of the others may have been taken back before.
        let every = Options { selection: Selection::default(), ..options.clone() };
        let absent: BTreeSet<String> = &not_in_place(tree, all, &every)? - &ids;
        let present = if absent.is_empty() { None } else { Others::plan(tree, all, options, ids, &absent)? };
        if let Some(present) = present {
            let by_present = job.reversal(&done, &now, Some(&present));
            if by_present.end < reversal.end {
                (reversal, others) = (by_present, Some(present));
            }
        }
    }
    let taken_along = others.map(|others| others.taken_along(&reversal.back)).unwrap_or_default();
    for (index, verdict) in std::mem::take(&mut reversal.verdicts) {
        done.resolved.planned.verdicts.insert(index, verdict);
    }
    if job.note_left_in_place(set, &mut done, &reversal.back)? {
        reversal.end = reversal.end.max(End::Left);
    }
    all_seen(tree)?;
    if reversal.end <= accepted {
        job.put_targets_back(set, &mut done, &reversal.back)?;
    }
    let mut report = job.report(&done);
    if reversal.end <= accepted && !taken_along.is_empty() {
        let ids = taken_along.join(", ");
        let (them, are) = if taken_along.len() == 1 { ("it", "is") } else { ("them", "are") };
        report.warnings.push(format!(
            "{ids} may have been in place beneath and {are} not any more, because HEAD's text is back: apply {them} again"
        ));
    }
    Ok((report, reversal.end))
}

/// What becomes of each selected patch and of its targets.
struct Reversal {
    verdicts: BTreeMap<usize, Verdict>,
    back: BTreeMap<String, Back>,
    end: End,
}

/// A target on its way back.
#[derive(Clone)]
pub(super) struct Back {
    pub(super) now: Vec<u8>,
    pub(super) after: Vec<u8>,
}

impl<'r> Job<'r> {
    fn ids(&self, indices: &BTreeSet<usize>) -> BTreeSet<String> {
        indices.iter().map(|index| self.patch(*index).id.clone()).collect()
    }

    /// What becomes of each selected patch, by the plan of the selected patches and, where they are given, of all.
    fn reversal(&self, done: &Concluded<'r>, now: &Snapshot<'_>, others: Option<&Others>) -> Reversal {
        let mut reversal = Reversal { verdicts: BTreeMap::new(), back: BTreeMap::new(), end: End::Whole };
        let needed = others.and_then(Others::needs_them);
        let in_head = self.in_head(done);
        for index in done.selected.chosen.clone() {
            let id = &self.patch(index).id;
            let own = &done.resolved.planned.verdicts[&index];
            let mut verdict = others.and_then(|others| others.all.0.get(id)).unwrap_or(own).clone();
            let states = self.states(index, &verdict, &done.resolved, now, others);
            let is_unplaced = matches!(verdict.decision, Decision::Fail(_));
            verdict.decision = match &needed {
                Some(ids) if matches!(verdict.decision, Decision::Apply) => Decision::Fail(needed_by(ids)),
                _ => reversal_of(&verdict, &states),
            };
            let mut end = match verdict.decision {
                Decision::Fail(_) => End::Refused,
                _ if is_unplaced => End::Unplaced,
                _ => End::Whole,
            };
            if end < End::Refused && in_head.contains(&index) {
                verdict.warnings.clear();
                verdict.decision = Decision::Fail(self.committed(index));
                end = End::InHead;
            }
            reversal.end = reversal.end.max(end);
            verdict.file = verdict.file.map(|file| path_now(&states, file));
            reversal.verdicts.insert(index, verdict);
            for state in states {
                if let FileState::Patched { path, back, .. } = state {
                    reversal.back.insert(path, back);
                }
            }
        }
        reversal
    }

    /// The selected patches whose effect HEAD has: by all that is known, or because what became of their place holds it,
    /// changed beside it.
    fn in_head(&self, done: &Concluded<'r>) -> BTreeSet<usize> {
        let verdicts = &done.resolved.planned.verdicts;
        let is_conflict =
            |index: &usize| matches!(verdicts[index].decision, Decision::Fail(Failure::Conflict { .. }));
        let exact = done.selected.chosen.iter().any(is_conflict).then(|| self.find_exactly(&|_, _| {}));
        let holds_it = |index: &usize| {
            let Decision::Fail(Failure::Conflict { line, ours, .. }) = &verdicts[index].decision else {
                return false;
            };
            let stands = exact.as_ref().map(|exact| &exact.resolved.planned.verdicts[index]);
            stands.is_some_and(|stands| {
                let is_inside = |at: usize| (*line..line + ours.lines().count()).contains(&at);
                matches!(stands.decision, Decision::InPlace) && stands.line.is_some_and(is_inside)
            })
        };
        // What another patch of this plan makes of HEAD is not HEAD's.
        let applies_alone = |index: &usize| {
            let alone = |file: &str| self.verdict_alone(*index, file, self.options.drift);
            let alone = verdicts[index].file.as_deref().and_then(alone);
            alone.is_some_and(|alone| matches!(alone.decision, Decision::Apply))
        };
        let is_there = |index: &usize| match verdicts[index].decision {
            Decision::InPlace => !applies_alone(index),
            _ => holds_it(index),
        };
        done.selected.chosen.iter().copied().filter(is_there).collect()
    }

    /// The failure of a patch that HEAD has.
    fn committed(&self, index: usize) -> Failure {
        let by = match (self.recall(index), self.history()) {
            (Recalled::Of(memory), Some(history)) => made_in(&memory, history).map(|commit| commit.short()),
            _ => None,
        };
        let (since, how) = match by {
            Some(commit) => {
                (format!(" since {commit}"), format!("`git revert {commit}` takes the commit back"))
            }
            None => (String::new(), "`git revert` takes the commit back that brought it".to_owned()),
        };
        let why = format!("HEAD has this patch{since}, and what HEAD has is not reverted");
        let hint = format!("{how}; if upstream made this change, remove the patch");
        Failure::NotReverted { why, hint }
    }

    fn put_targets_back(
        &self,
        set: &PatchSet,
        done: &mut Concluded<'r>,
        back: &BTreeMap<String, Back>,
    ) -> Result<(), CommitError> {
        let change =
            |(path, Back { now, after }): (&'_ String, &'_ Back)| (path.clone(), now.clone(), after.clone());
        let back: Vec<(String, Vec<u8>, Vec<u8>)> = back.iter().map(change).collect();
        let changes: Vec<TargetChange<'_>> =
            back.iter().map(|(path, before, after)| TargetChange { path, before, after }).collect();
        match self.tree.commit(&changes, &[]) {
            Ok(writes) => {
                done.writes = writes;
                done.settle(Status::Reverted);
                self.tidy(set, done);
            }
            Err(refusal) if refusal.error.signal().is_some() => return Err(refusal.error),
            Err(refusal) => drop(done.refuse(&refusal)),
        }
        Ok(())
    }

    /// The state of each candidate file of a patch, and of the file to which the patch was followed.
    fn states(
        &self,
        index: usize,
        verdict: &Verdict,
        resolved: &Resolved<'_>,
        now: &Snapshot<'_>,
        others: Option<&Others>,
    ) -> Vec<FileState> {
        let patch = self.patch(index);
        let base = base_of(patch);
        let named = patch.files.iter().map(|file| self.state(file, base, resolved, now, others));
        let spellings = |file: &String| [self.tree.spelled(file, base), self.tree.resolve(file, base)];
        let own: Vec<String> = patch.files.iter().flat_map(spellings).flatten().collect();
        let targets = resolved.assignments.get(&index).map(|assignment| &assignment.targets);
        let elsewhere: BTreeSet<&String> = targets
            .into_iter()
            .flatten()
            .chain(&verdict.file)
            .filter(|target| !own.contains(target))
            .collect();
        let elsewhere = elsewhere.into_iter().filter(|target| self.snapshot.files.read(target).is_ok());
        named
            .chain(elsewhere.map(|target| self.state(target, Base::Workspace, resolved, now, others)))
            .collect()
    }

    /// The state of one candidate file of a patch, compared with HEAD and with what the set makes of HEAD's.
    fn state(
        &self,
        file: &str,
        base: Base,
        resolved: &Resolved<'_>,
        now: &Snapshot<'_>,
        others: Option<&Others>,
    ) -> FileState {
        let planned = &resolved.planned.files;
        let head = self.in_revision(file, base).and_then(|target| match self.snapshot.files.read(&target) {
            Ok(bytes) => Ok((target, bytes)),
            Err(ReadError::NotRegular { what }) => Err(TargetError::NotRegular { path: target, what }),
            Err(error) => {
                Err(TargetError::Io { path: target, source: io::Error::other(with_source(&error)) })
            }
        });
        let renamed = |head: &String| {
            let mut now = self.tree.staged_renames(head);
            now.pop().filter(|_| now.is_empty())
        };
        let resolved = match (self.tree.resolve(file, base), &head) {
            (Err(TargetError::Missing { .. }), Ok((head, _))) if let Some(to) = renamed(head) => {
                self.tree.resolve(&to, Base::Workspace).map(|path| (head.clone(), path))
            }
            (path, _) => path.map(|path| (path.clone(), path)),
        };
        match (head, resolved) {
            (Ok((head, before)), Ok((target, path))) if head == target => match now.files.read(&path) {
                Ok(now) if now == before => FileState::AsHead,
                Ok(now) if planned.get(&target).is_some_and(|file| file.after == now) => {
                    FileState::Patched { target, path, back: Back { now, after: before } }
                }
                Ok(now) if others.is_some_and(|others| others.is_rest(&target, &now)) => FileState::AsHead,
                Ok(now) => match others.and_then(|others| others.back(&target, &now, &before)) {
                    Some(after) => FileState::Patched { target, path, back: Back { now, after } },
                    None => FileState::Refused(other_edits(&path)),
                },
                Err(error) => FileState::Refused(Failure::Io { message: with_source(&error) }),
            },
            (Ok((head, _)), Err(TargetError::Missing { .. })) => FileState::Refused(Failure::NotReverted {
                why: format!("HEAD has `{head}`, and the working tree does not"),
                hint: MISSING.to_owned(),
            }),
            (Err(error @ TargetError::Io { .. }), _) | (Ok(_), Err(error @ TargetError::Io { .. })) => {
                FileState::Refused(Failure::Io { message: with_source(&error) })
            }
            (Ok((head, _)), _) => FileState::Refused(other_edits(&head)),
            (Err(TargetError::Missing { .. }), Ok((target, _))) => FileState::Refused(Failure::BadTarget {
                message: format!("`{}` is not in HEAD, so there is nothing to restore", printable(&target)),
                hint: Some("exclude this patch with --skip, or move the file away".to_owned()),
            }),
            (Err(_), Ok((target, _))) => FileState::Refused(other_edits(&target)),
            // Neither HEAD nor the tree has a file that can be a target, so no run wrote one.
            (Err(_), Err(_)) => FileState::AsHead,
        }
    }

    /// A patch that is not taken back must not be in place: one that is disabled now, or whose range has passed, may have been
    /// applied before. Fails those that HEAD does not have and the tree has; whether there are any.
    fn note_left_in_place(
        &self,
        set: &PatchSet,
        done: &mut Concluded<'r>,
        back: &BTreeMap<String, Back>,
    ) -> Result<bool, RunError> {
        let is_skipped = |index: &usize| {
            let decision = &done.resolved.planned.verdicts[index].decision;
            matches!(decision, Decision::Skip(_)) && self.options.selection.names(self.patch(*index))
        };
        let left: BTreeSet<usize> = (0..self.members.len()).filter(is_skipped).collect();
        if left.is_empty() {
            return Ok(false);
        }
        let open = without_conditions(set, &self.ids(&left));
        let plan = |mode: Mode| -> Result<BTreeMap<String, Verdict>, RunError> {
            let (selection, drift) = (Selection::default(), Drift::Move);
            let options = Options { mode, selection, drift, ..self.options.clone() };
            let job = Job::new(self.tree, &open, &options)?;
            let mut planned = job.find(&|_, _| {}).resolved.planned;
            let verdicts = (0..job.members.len())
                .filter_map(|index| Some((job.patch(index).id.clone(), planned.verdicts.remove(&index)?)));
            Ok(verdicts.collect())
        };
        let (tree, head) = (plan(Mode::Report)?, plan(Mode::Revert)?);
        let mut is_any = false;
        for index in left {
            let id = &self.patch(index).id;
            let [Some(now), Some(before)] = [tree.get(id), head.get(id)] else { continue };
            let is_there = matches!(now.decision, Decision::InPlace | Decision::Absent);
            if !is_there || !matches!(before.decision, Decision::Apply) {
                continue;
            }
            let verdict = done.resolved.planned.verdicts.get_mut(&index).expect("every patch has one");
            let Decision::Skip(reason) = &verdict.decision else { continue };
            let file = now.file.clone().or_else(|| before.file.clone()).unwrap_or_default();
            if done.selected.chosen.contains(&index) && back.contains_key(&file) {
                continue;
            }
            let name = printable(&file);
            let why = format!("`{name}` still has the edit of this patch, which is not taken back: {reason}");
            let hint = if done.selected.chosen.contains(&index) { OTHERS } else { LEFT_OUT }.to_owned();
            *verdict =
                Verdict { decision: Decision::Fail(Failure::NotReverted { why, hint }), ..now.clone() };
            done.statuses.remove(&index);
            is_any = true;
        }
        Ok(is_any)
    }
}

/// The patches `ids` of a set, whatever version they are for and whether or not they are enabled.
fn without_conditions(set: &PatchSet, ids: &BTreeSet<String>) -> PatchSet {
    let mut files = set.files.clone();
    for file in &mut files {
        file.patches.retain(|patch| ids.contains(&patch.id));
        for patch in &mut file.patches {
            patch.enabled = true;
            patch.versions.clear();
        }
    }
    PatchSet { files, raw: Vec::new(), locks: set.locks.clone() }
}

fn other_edits(file: &str) -> Failure {
    let why = format!(
        "`{file}` is neither as in HEAD nor as this set makes it from there: it has other edits, a patch was edited since \
         it was applied, or the patches were applied in another order"
    );
    Failure::NotReverted { why, hint: OTHERS.to_owned() }
}

fn needed_by(ids: &str) -> Failure {
    let why = format!("{ids} would not apply without this patch, so it cannot be taken back alone");
    Failure::NotReverted { why, hint: "revert these patches too; nothing was reverted".to_owned() }
}

/// The commit that made what a patch makes of the place that it had: where others changed that before, not the one that took the
/// place as it is written.
fn made_in(memory: &Memory, history: &dyn History) -> Option<Commit> {
    let Trail { steps, end } = trail::follow(memory.definition(history), history);
    match end {
        trail::End::Upstream(_, commit) | trail::End::Gone(commit) => Some(commit),
        _ if steps.is_empty() => memory.lost_in().cloned(),
        _ => None,
    }
}

/// Where the file is that HEAD has as `file`.
fn path_now(states: &[FileState], file: String) -> String {
    let now = states.iter().find_map(|state| match state {
        FileState::Patched { target, path, .. } if *target == file => Some(path.clone()),
        _ => None,
    });
    now.unwrap_or(file)
}

/// The decision about a selected patch, from the states of its candidate files. They come first: they say more than the
/// reason why the patch does not apply to HEAD.
fn reversal_of(verdict: &Verdict, states: &[FileState]) -> Decision {
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
            file => Decision::Skip(format!(
                "`{}` does not have its edit",
                printable(file.as_deref().unwrap_or_default())
            )),
        },
        (None, Decision::Fail(failure)) => {
            Decision::Skip(format!("the patch does not apply to HEAD: {failure}"))
        }
        (None, Decision::Skip(reason)) => Decision::Skip(reason.clone()),
        (None, Decision::InPlace) => Decision::Skip("HEAD has the effect of this patch".to_owned()),
        (None, Decision::Absent) => Decision::Skip("HEAD does not have what the patch deletes".to_owned()),
    }
}

/// A file in the working tree, compared with HEAD.
enum FileState {
    /// The same, or missing in both; or as the patches that stay make it.
    AsHead,
    /// Exactly what the set makes of HEAD's file.
    Patched {
        /// Its path in HEAD, relative to the workspace.
        target: String,
        /// Its path now: another one where git's index renamed it.
        path: String,
        /// Its bytes in the working tree, and those to write.
        back: Back,
    },
    /// Anything else: it refuses the whole revert.
    Refused(Failure),
}
