//! `update`: makes patches that need tolerance exact again. The set is planned under tolerance, the patches that needed it are
//! rewritten in their files, and the result is planned exactly.
//!
//! A rewritten patch is a proposal, and is not trusted: it stays only if exact planning then gives, byte for byte, the
//! targets that tolerant planning gave.

use std::collections::{BTreeMap, BTreeSet};

use super::concluded::Concluded;
use super::follow::as_text;
use super::job::{Job, base_of};
use super::options::OnFailure;
use super::planned::Planned;
use super::tree::Tree;
use super::{Mode, Options, Progress, Rewritten, RunError, all_seen};
use crate::config::loader::{PatchSet, RawFile};
use crate::config::rewrite::{Field, FieldChange, RewriteError, rewrite};
use crate::config::schema;
use crate::drift::trail::Definition;
use crate::identity::{self, Language};
use crate::meter::metered;
use crate::outcome::{Report, Status, Work};
use crate::patch::{Drift, LockState, Patch, PatchFile};
use crate::plan::failure::Failure;
use crate::plan::{Decision, Record};
use crate::propose::restate;

/// Why a place that nothing tells but what stands there is not written down.
const GUESS: &str =
    "its place was found by what stands there alone, and neither a lock nor history tells that it is the one";

/// How patches may be written, by index, the best way first.
type Proposals = BTreeMap<usize, Vec<Vec<FieldChange>>>;

/// Plans `set` with all tolerance. Returns the report, and the patch files with the patches that needed tolerance rewritten,
/// with their lock files; the caller writes them.
///
/// # Errors
/// [`RunError`]; the report names the patches that could not be rewritten.
pub fn update_patches(
    tree: &dyn Tree,
    set: &PatchSet,
    options: &Options,
    progress: Progress<'_>,
) -> Result<(Report, Vec<Rewritten>), RunError> {
    let options = Options {
        mode: Mode::Report,
        drift: Drift::Move,
        on_failure: OnFailure::KeepGoing,
        record: Record::Places,
        ..options.clone()
    };
    let exact = Options { drift: Drift::Off, ..options.clone() };
    let job = Job::new(tree, set, &options)?;
    let mut done = job.find(progress);
    let (mut proposals, work) = metered(|| job.proposals(&done));
    done.resolved.planned.work += work;
    let wanted: BTreeSet<usize> = proposals.keys().copied().collect();
    let guesses = wanted.iter().copied().filter(|index| job.is_guess(*index, &done));
    let mut given_up: BTreeMap<usize, String> = guesses.map(|index| (index, GUESS.to_owned())).collect();
    proposals.retain(|index, _| !given_up.contains_key(index));
    let mut rewritten = Vec::new();
    let texts = Texts { set, patches: job.members.iter().map(|member| member.patch).collect() };
    while !proposals.is_empty() {
        let refused = texts.refused(&proposals);
        if !refused.is_empty() {
            refused.into_iter().for_each(|index| advance(&mut proposals, &mut given_up, index));
            continue;
        }
        let mut try_out = |proposals: &Proposals| -> Result<(Vec<usize>, Vec<Rewritten>), RunError> {
            // What is not proposed is as it was, with the tolerance that it needs.
            let left = wanted.iter().filter(|index| !proposals.contains_key(index)).copied().collect();
            let written = texts.written(proposals, &left);
            let again = Job::new(tree, &written, &exact)?;
            let found = again.find(&|_, _| {});
            done.resolved.planned.work += Work { reads: 0, ..found.resolved.planned.work };
            let bad = differing(&done.resolved.planned, &found.resolved.planned, proposals);
            let is_known = |index: &usize| !matches!(job.lock(*index), LockState::None);
            let relocked = proposals.keys().copied().filter(is_known).collect();
            Ok((bad, again.lock_files(&found, &written, &relocked)))
        };
        let (mut bad, locks) = try_out(&proposals)?;
        if bad.is_empty() {
            rewritten = texts.changed(&proposals);
            rewritten.extend(locks);
            break;
        }
        if bad.len() > 1 {
            // One of a file spoils it for the others.
            let mut alone = Vec::new();
            for index in &bad {
                let only = Proposals::from([(*index, proposals[index].clone())]);
                if !try_out(&only)?.0.is_empty() {
                    alone.push(*index);
                }
            }
            bad = if alone.is_empty() { bad } else { alone };
        }
        for index in bad {
            advance(&mut proposals, &mut given_up, index);
        }
    }
    if rewritten.is_empty() {
        // What an update that was killed left to do.
        rewritten = job.lock_files(&done, set, &BTreeSet::new());
    }
    all_seen(tree)?;
    done.tell(&proposals, given_up);
    Ok((job.report(&done), rewritten))
}

/// Goes on to the next proposal for a patch; gives the patch up where there is none.
fn advance(proposals: &mut Proposals, given_up: &mut BTreeMap<usize, String>, index: usize) {
    if let Some(left) = proposals.get_mut(&index) {
        left.remove(0);
        if left.is_empty() {
            proposals.remove(&index);
            given_up.insert(index, "no exact query was found".to_owned());
        }
    }
}

/// The patches whose proposal, planned exactly, does not do what the patch did under tolerance.
fn differing(tolerant: &Planned, exact: &Planned, proposals: &Proposals) -> Vec<usize> {
    let is_bad = |index: &usize| {
        let verdict = &exact.verdicts[index];
        let is_done = matches!(verdict.decision, Decision::Apply | Decision::InPlace);
        let file = verdict.file.as_deref().unwrap_or_default();
        let [was, is] = [tolerant, exact].map(|planned| planned.files.get(file).map(|file| &file.after));
        !is_done || was != is
    };
    proposals.keys().copied().filter(is_bad).collect()
}

impl Job<'_> {
    /// How each patch that needed tolerance may be written.
    fn proposals(&self, done: &Concluded<'_>) -> Proposals {
        let mut proposals = Proposals::new();
        for index in 0..self.members.len() {
            let patch = self.patch(index);
            if let Some(definition) = done.definition_today(index) {
                let before = done.resolved.planned.files.get(&definition.path);
                let before = before.map(|file| String::from_utf8_lossy(&file.before).replace("\r\n", "\n"));
                let item =
                    before.and_then(|before| restate::item_today(&definition, self.lock(index), &before));
                let moved = self.moved(patch, &definition.path);
                proposals.insert(index, restate::ways(patch, &definition, item.as_ref(), moved));
            } else if let Some(path) = done.moved_to(index) {
                proposals.insert(index, vec![self.moved(patch, &path).into_iter().collect()]);
            }
        }
        proposals
    }

    /// Whether nothing but what stands there tells where the place of a patch went: neither history nor a lock, nor in its own file the
    /// name of what it searches.
    fn is_guess(&self, index: usize, done: &Concluded<'_>) -> bool {
        let path = done.resolved.planned.verdicts[&index].file.clone().unwrap_or_default();
        let is_told = || {
            let followed = done.resolved.followed.get(&index);
            followed.is_some_and(|followed| !followed.is_unknown || followed.heir.as_ref() == Some(&path))
        };
        let is_named = || {
            let search = as_text(self.patch(index), self.lock(index)).map(|(search, _)| search);
            search.is_some_and(|search| !identity::names(&search, Language::of(&path)).is_empty())
        };
        self.lock(index).matches().is_empty()
            && !is_told()
            && !(self.paths_of(index).contains(&path) && is_named())
    }

    /// The change of `file` to the one where the patch has its place today.
    fn moved(&self, patch: &Patch, path: &str) -> Option<FieldChange> {
        (!patch.files.iter().any(|file| file == path)).then(|| FieldChange {
            id: patch.id.clone(),
            field: Field::File(patch.files[0].clone()),
            value: Some(self.tree.named(path, base_of(patch))),
        })
    }
}

impl Concluded<'_> {
    /// The patch as it would be written today, if it has a place today only under tolerance.
    fn definition_today(&self, index: usize) -> Option<Definition> {
        let verdict = self.resolved.planned.verdicts.get(&index)?;
        if !matches!(verdict.decision, Decision::Apply | Decision::InPlace) {
            return None;
        }
        match (&self.resolved.followed.get(&index)?.today, verdict.places.as_slice()) {
            (Some(definition), _) => Some(definition.clone()),
            (None, [place]) if verdict.score.is_some() => Some(Definition {
                path: place.file.clone(),
                search: place.text.clone(),
                text: place.result.clone(),
            }),
            _ => None,
        }
    }

    /// The file to which the code of the patch moved unchanged.
    fn moved_to(&self, index: usize) -> Option<String> {
        let verdict = self.resolved.planned.verdicts.get(&index)?;
        let is_there = matches!(verdict.decision, Decision::Apply | Decision::InPlace);
        self.resolved.followed.get(&index)?.moved_from.as_ref().filter(|_| is_there)?;
        verdict.file.clone()
    }

    /// Turns each decision into what the update did with the patch.
    fn tell(&mut self, proposals: &Proposals, given_up: BTreeMap<usize, String>) {
        for (index, verdict) in &mut self.resolved.planned.verdicts {
            if proposals.contains_key(index) {
                verdict.decision = Decision::Apply;
                self.statuses.insert(*index, Status::Updated);
            } else if let Some(why) = given_up.get(index) {
                verdict.decision = Decision::Fail(Failure::NotUpdated { why: why.clone() });
            } else if matches!(verdict.decision, Decision::Apply) {
                let is_locked_elsewhere =
                    self.resolved.followed.get(index).is_some_and(|followed| !followed.story.is_empty());
                let lock = if is_locked_elsewhere { ", and the lock is not: `lock` it again" } else { "" };
                verdict.decision = Decision::Skip(format!("the query is exact already{lock}"));
            }
        }
        self.resolved.planned.files.clear();
    }
}

/// The patch files with the proposals in them.
struct Texts<'s> {
    set: &'s PatchSet,
    patches: Vec<&'s Patch>,
}

impl Texts<'_> {
    /// The file at `at` with the first proposal for each of its patches; else the index of the first that cannot be
    /// written.
    fn text(&self, at: usize, proposals: &Proposals) -> Result<String, usize> {
        let RawFile { shown, bytes, .. } = &self.set.raw[at];
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        let own = proposals.iter().filter(|(index, _)| *self.patches[**index].origin.file == **shown);
        for (index, ways) in own {
            for change in &ways[0] {
                text = match rewrite(&text, std::slice::from_ref(change)) {
                    Ok(text) => text,
                    // What is not there need not be taken away.
                    Err(RewriteError::Field { .. }) if change.value.is_none() => text,
                    Err(_) => return Err(*index),
                };
            }
        }
        Ok(text)
    }

    /// The first proposal of each file that cannot be written.
    fn refused(&self, proposals: &Proposals) -> Vec<usize> {
        (0..self.set.raw.len()).filter_map(|at| self.text(at, proposals).err()).collect()
    }

    /// The patch files as they would be, with no lock states; the patches `left` with all tolerance.
    fn written(&self, proposals: &Proposals, left: &BTreeSet<usize>) -> PatchSet {
        let parsed = |(at, file): (usize, &PatchFile)| {
            let text = self.text(at, proposals).ok()?;
            schema::parse(&file.path, &file.name, &text).0
        };
        let files = self.set.files.iter().enumerate();
        let files = files.map(|(at, file)| parsed((at, file)).unwrap_or_else(|| file.clone()));
        let mut files: Vec<PatchFile> = files.collect();
        for patch in files.iter_mut().flat_map(|file| &mut file.patches) {
            let is_it = |index: &&usize| {
                let own = self.patches[**index];
                own.id == patch.id && own.origin.file == patch.origin.file
            };
            if left.iter().any(|index| is_it(&index)) {
                patch.drift = Drift::Move;
            }
        }
        PatchSet { files, raw: Vec::new(), locks: self.set.locks.clone() }
    }

    fn changed(&self, proposals: &Proposals) -> Vec<Rewritten> {
        let rewritten = |at: usize| {
            let RawFile { shown, path, bytes } = self.set.raw[at].clone();
            let after = self.text(at, proposals).ok()?.into_bytes();
            (after != bytes).then_some(Rewritten { shown, path, before: Some(bytes), after })
        };
        (0..self.set.raw.len()).filter_map(rewritten).collect()
    }
}
