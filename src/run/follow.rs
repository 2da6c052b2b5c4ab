//! What became of places that are not where their patches say.
//!
//! A run is planned strictly first. Where a patch then has no place and tolerance is asked for, its text is followed
//! through git's history (`drift::trail`) and the patch as it would be written today planned in its stead, exactly. What
//! history does not know, because there is none or the text never stood in it, is left to similarity: in the target, and,
//! where moves are followed, in the one other file that clearly holds it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::elsewhere::Elsewhere;
use super::{Mode, Options, Run, bare};
use crate::drift::merge::same_tokens;
use crate::drift::trail::{self, Definition, End, Trail};
use crate::git;
use crate::git::history::GitHistory;
use crate::outcome::{Nearest, Site, Would};
use crate::patch::lock::digest;
use crate::patch::{Action, Drift, LockState, Matches, Patch, TextEdit, TextQuery};
use crate::plan::failure::Failure;
use crate::plan::sites::whole_replacement;
use crate::plan::{Decision, Verdict};
use crate::run::selection::Selection;
use crate::source::line_of;

/// What was found out about a patch's place.
#[derive(Debug, Clone, Default)]
pub(super) struct Followed {
    /// The file that it left.
    pub(super) moved_from: Option<String>,
    /// What was nearest to it in its file.
    pub(super) nearest: Option<Nearest>,
    /// What it would be, written today.
    pub(super) today: Option<Definition>,
    /// What upstream did to it, oldest first, a sentence each.
    pub(super) story: Vec<String>,
    /// History does not know the place.
    pub(super) is_unknown: bool,
    /// Upstream has the effect: since when.
    pub(super) upstream: Option<String>,
}

impl Run<'_> {
    /// How far the place of a patch may be from what it says, in this run.
    fn drift_of(&self, index: usize) -> Drift {
        self.patches[index].drift.max(self.options.drift)
    }

    /// The patch as it is planned.
    pub(super) fn planned_patch(&self, index: usize) -> &Patch {
        self.prepared.get(&index).unwrap_or(self.patches[index])
    }

    /// Says of what the lock remembers: that it is of another version of the patch, or that the item around a place
    /// changed although the place did not.
    pub(super) fn note_locks(&mut self) {
        for (index, verdict) in &mut self.verdicts {
            let patch = self.patches[*index];
            let lock = self.locks[*index];
            if *lock == LockState::Stale {
                let warning = "the lock remembers another version of this patch: lock it again";
                verdict.warnings.push(warning.to_owned());
            }
            let since = lock.since().map(|since| format!(" ({since})")).unwrap_or_default();
            for place in &verdict.places {
                let known = lock.matches();
                let is_changed = known.iter().all(|known| !same_tokens(&known.text, &place.text));
                if is_changed && !patch.action.only_adds() {
                    if self.options.accept && !known.is_empty() {
                        let warning =
                            format!("overwrites what upstream changed here since it was locked{since}");
                        verdict.warnings.push(warning);
                    }
                    continue;
                }
                let Some((item, text)) = &place.item else { continue };
                let items = known.iter().filter_map(|known| known.item.as_ref());
                let same: Vec<_> = items.filter(|known| known.path == *item).collect();
                let now = digest(text);
                let warning = format!("`{item}`, around it, changed since it was locked{since}");
                let is_changed = !same.is_empty() && same.iter().all(|known| known.sha256 != now);
                if is_changed && !verdict.warnings.contains(&warning) {
                    verdict.warnings.push(warning);
                }
            }
        }
    }

    /// A deletion that found nothing may have been made before. Where what it deletes is known to have changed instead, that
    /// is said; and where a lock remembers it, the patch fails.
    pub(super) fn note_absent(&mut self) {
        for (index, would) in &self.would {
            let Some(verdict) = self.verdicts.get_mut(index) else { continue };
            let is_changed = matches!(would.what.as_str(), "merge" | "move") || would.detail.is_some();
            if !matches!(verdict.decision, Decision::Absent) || !is_changed {
                continue;
            }
            if self.locks[*index].matches().is_empty() {
                verdict.warnings.push(would.sentence());
            } else {
                let (line, since) = (would.line.unwrap_or(1), self.locks[*index].since());
                let diff = String::new();
                verdict.decision = Decision::Fail(Failure::ChangedUpstream { line, since, diff });
            }
        }
    }

    /// Patches that have no place, and may look further.
    fn lost(&self, least: Drift) -> Vec<usize> {
        let is_lost = |verdict: &Verdict| match &verdict.decision {
            Decision::Fail(failure) => failure.is_lost(),
            Decision::Absent => true,
            _ => false,
        };
        let lost = self.verdicts.iter().filter(|(_, verdict)| is_lost(verdict)).map(|(index, _)| *index);
        lost.filter(|index| self.drift_of(*index) >= least).collect()
    }

    /// Looks for the places of patches that have none, as far as tolerance is asked for, and plans anew with what it finds.
    pub(super) fn follow(&mut self) {
        let lost = self.lost(Drift::Merge);
        if lost.is_empty() {
            return;
        }
        let history = self.history();
        let trail = |index: &usize| match &history {
            Some(history) => (*index, self.trail(*index, history)),
            None => (*index, self.unknown(*index)),
        };
        let trails: Vec<(usize, (String, Trail))> = lost.par_iter().map(trail).collect();
        let mut settled: BTreeMap<usize, Verdict> = BTreeMap::new();
        for (index, trail) in trails {
            if let Some(verdict) = self.take(index, trail, history.as_ref()) {
                settled.insert(index, verdict);
            }
        }
        self.plan_anew(settled);
        self.follow_elsewhere(history.as_ref());
    }

    /// Patches that history does not know, in the files that are not theirs.
    fn follow_elsewhere(&mut self, history: Option<&GitHistory>) {
        let mut lost = self.lost(Drift::Move);
        lost.retain(|index| self.followed.get(index).is_none_or(|followed| followed.is_unknown));
        if lost.is_empty() {
            return;
        }
        let found = self.elsewhere(&lost, history);
        if found.is_empty() {
            return;
        }
        let mut settled = BTreeMap::new();
        for (index, place) in found {
            let from = self.patches[index].files[0].clone();
            match place {
                Elsewhere::One(patch, drift) => {
                    self.asked.insert(index, drift);
                    let followed = self.followed.entry(index).or_default();
                    followed.moved_from = Some(from);
                    self.targets.insert(index, patch.files.clone());
                    self.prepared.insert(index, *patch);
                }
                Elsewhere::Several(sites) => {
                    let failure = Failure::SeveralPlaces { by: None, sites };
                    settled.insert(index, bare(Some(from), Decision::Fail(failure)));
                }
            }
        }
        self.plan_anew(settled);
    }

    /// The history of what is planned against, if the workspace is in a repository.
    fn history(&self) -> Option<GitHistory> {
        let root = self.workspace.root();
        let commit = match &self.commit {
            Some(commit) => commit.clone(),
            None => git::resolve_revision(root, "HEAD").ok()?,
        };
        Some(GitHistory::new(root, &commit))
    }

    /// Follows the text of a patch from the first of its files that ever held it, and says which that is.
    fn trail(&self, index: usize, history: &GitHistory) -> (String, Trail) {
        let patch = self.patches[index];
        let Some((search, text)) = as_text(patch, self.locks[index]) else { return self.unknown(index) };
        let paths = patch
            .files
            .iter()
            .filter_map(|file| super::lexical(self.workspace, patch, file, self.options).ok());
        let follow = |path| {
            let definition = Definition { path, search: search.clone(), text: text.clone() };
            (definition.path.clone(), trail::follow(definition, history))
        };
        let known = paths.map(follow).find(|(_, trail): &(String, Trail)| trail.end != End::Unknown);
        known.unwrap_or_else(|| self.unknown(index))
    }

    fn unknown(&self, index: usize) -> (String, Trail) {
        (self.patches[index].files[0].clone(), Trail { steps: Vec::new(), end: End::Unknown })
    }

    /// Takes over where a trail ends: a patch to plan instead, or a verdict.
    fn take(
        &mut self,
        index: usize,
        (from, trail): (String, Trail),
        history: Option<&GitHistory>,
    ) -> Option<Verdict> {
        let patch = self.patches[index];
        let drift = self.drift_of(index);
        let nearest = self.verdicts.get(&index).and_then(|verdict| match &verdict.decision {
            Decision::Fail(failure) => failure.nearest(),
            _ => None,
        });
        let mut followed = Followed { story: story(&trail, &from), nearest, ..Followed::default() };
        let verdict = match trail.end {
            End::Today(definition)
                if definition.path == from
                    || patch.files.contains(&definition.path)
                    || drift == Drift::Move =>
            {
                followed.today = Some(definition.clone());
                followed.moved_from = (definition.path != from).then(|| from.clone());
                let rewritten = rewritten(patch, &definition);
                // A link on the way is followed, as for any target.
                let target = match self.commit {
                    Some(_) => self.in_revision(&rewritten, &definition.path),
                    None => self.in_tree(&rewritten, &definition.path),
                };
                self.targets.insert(index, vec![target.unwrap_or(definition.path)]);
                self.retold.insert(index);
                self.prepared.insert(index, rewritten);
                None
            }
            End::Today(definition) => {
                let line = history.and_then(|history| line_today(history, &self.commit_id(), &definition));
                let site = Site { file: definition.path, line: line.unwrap_or(1), text: None };
                Some(bare(Some(from), Decision::Fail(Failure::Moved { to: site })))
            }
            End::Upstream(definition, commit) => {
                followed.upstream = Some(commit.to_string());
                let today = history.map(|history| trail::follow(definition.clone(), history).end);
                match today {
                    Some(End::Today(place)) => {
                        let line = history.and_then(|history| line_today(history, &self.commit_id(), &place));
                        let changed =
                            if place.search == definition.search { "" } else { ", changed since then" };
                        let warning = format!(
                            "the tree's own history has this change since {commit}{changed}: if that is upstream's, \
                             the patch can be retired"
                        );
                        let verdict = bare(Some(place.path), Decision::InPlace);
                        Some(Verdict { line, warnings: vec![warning], ..verdict })
                    }
                    _ => {
                        let looked_for = crate::plan::failure::describe(&patch.action);
                        let failure = Failure::Gone { looked_for, by: commit.to_string() };
                        Some(bare(Some(from), Decision::Fail(failure)))
                    }
                }
            }
            End::Conflict { commit, path, line, base, ours, theirs } => {
                let place = Definition { path: path.clone(), search: ours.clone(), text: ours.clone() };
                let today = history.map(|history| trail::follow(place, history)).map(|trail| trail.end);
                let (file, line) = match (today, history) {
                    (Some(End::Today(place)), Some(history)) => {
                        let line = line_today(history, &self.commit_id(), &place).unwrap_or(line);
                        (place.path, line)
                    }
                    _ => (path, line),
                };
                let by = Some(commit.to_string());
                let failure = Failure::Conflict { line, base, ours, theirs, by };
                Some(Verdict { line: Some(line), ..bare(Some(file), Decision::Fail(failure)) })
            }
            End::Gone(commit) => {
                let looked_for = crate::plan::failure::describe(&patch.action);
                let failure = Failure::Gone { looked_for, by: commit.to_string() };
                Some(bare(Some(from), Decision::Fail(failure)))
            }
            End::Several(commit, sites) => {
                let site = |(file, line)| Site { file, line, text: None };
                let sites = sites.into_iter().map(site).collect();
                Some(bare(
                    Some(from),
                    Decision::Fail(Failure::SeveralPlaces { by: Some(commit.to_string()), sites }),
                ))
            }
            End::Unknown => {
                followed.is_unknown = true;
                followed.story.extend(history.and_then(|history| fate(history, patch)));
                if patch.matches == Matches::Exactly(1) || !self.locks[index].matches().is_empty() {
                    self.asked.insert(index, Drift::Merge);
                }
                None
            }
        };
        self.followed.insert(index, followed);
        verdict
    }

    fn commit_id(&self) -> String {
        self.commit.clone().unwrap_or_else(|| "HEAD".to_owned())
    }

    /// Plans everything anew, except where a verdict is in already.
    fn plan_anew(&mut self, settled: BTreeMap<usize, Verdict>) {
        let targeted: Vec<usize> = self.targets.keys().copied().collect();
        targeted.iter().for_each(|index| drop(self.verdicts.remove(index)));
        settled.keys().for_each(|index| drop(self.targets.remove(index)));
        self.verdicts.extend(settled);
        self.planned.clear();
        self.plan(&|_, _| {});
        let followed: Vec<usize> = self.followed.keys().copied().collect();
        for index in followed {
            self.note(index);
        }
    }

    /// Whether a patch is planned otherwise than as it is written.
    fn is_followed(&self, index: usize) -> bool {
        self.prepared.contains_key(&index) || self.asked.contains_key(&index)
    }

    /// Says in the verdict what was found out.
    fn note(&mut self, index: usize) {
        let is_followed = self.is_followed(index);
        let Some(followed) = self.followed.get(&index) else { return };
        let Some(verdict) = self.verdicts.get_mut(&index) else { return };
        if !is_followed || !matches!(verdict.decision, Decision::Apply) {
            return;
        }
        let last = followed.story.last().map(|event| format!(": {event}")).unwrap_or_default();
        let earlier = match followed.story.len() {
            0 | 1 => String::new(),
            2 => ", after an earlier change".to_owned(),
            events => format!(", after {} earlier changes", events - 1),
        };
        let warning = match &followed.moved_from {
            Some(from) => format!("moved from {from}{last}{earlier}"),
            None if followed.story.is_empty() => return,
            None => format!("merged with what upstream did here{last}{earlier}"),
        };
        if self.options.strict {
            let line = verdict.line.unwrap_or(1);
            let message = format!("{warning}; --strict takes exact text only");
            verdict.decision = Decision::Fail(Failure::Tolerance { message, line });
        } else {
            verdict.warnings.push(warning);
        }
    }

    /// What tolerance would do for the patches that failed for want of a place, by index.
    pub(super) fn prospects(&self) -> BTreeMap<usize, Would> {
        let lost: Vec<usize> = self.lost(Drift::Off);
        let lost: Vec<usize> = lost.into_iter().filter(|index| self.drift_of(*index) < Drift::Move).collect();
        if lost.is_empty() || self.options.mode == Mode::Revert {
            return BTreeMap::new();
        }
        let options = Options {
            mode: Mode::Report,
            selection: Selection::default(),
            version: self.version.clone(),
            drift: Drift::Move,
            strict: false,
            keep_going: true,
            diff: false,
            ..self.options.clone()
        };
        let patches = lost.iter().map(|index| self.patches[*index]).collect();
        let locks = lost.iter().map(|index| self.locks[*index]).collect();
        let Ok(mut alone) = Run::begin(self.workspace, patches, locks, &options) else {
            return BTreeMap::new();
        };
        if alone.select().is_err() {
            return BTreeMap::new();
        }
        alone.target();
        alone.plan(&|_, _| {});
        alone.follow();
        // What was asked for already need not be said again.
        let is_news =
            |index: usize, would: &Would| self.drift_of(index) == Drift::Off || would.what == "move";
        let would = |(at, index): (usize, usize)| {
            Some((index, alone.would(at).filter(|would| is_news(index, would))?))
        };
        lost.into_iter().enumerate().filter_map(would).collect()
    }

    /// What this run would do for a patch, for one that did not ask for it.
    fn would(&self, index: usize) -> Option<Would> {
        let verdict = self.verdicts.get(&index)?;
        let followed = self.followed.get(&index).cloned().unwrap_or_default();
        let moved = followed.moved_from.is_some();
        let what = match &verdict.decision {
            Decision::Apply if moved => "move",
            Decision::Apply => "merge",
            Decision::InPlace => "in-place",
            Decision::Fail(failure) if !failure.is_lost() || !followed.story.is_empty() => "fail",
            _ => return None,
        };
        let failure = match &verdict.decision {
            Decision::Fail(failure) => Some(failure),
            _ => None,
        };
        Some(Would {
            what: what.to_owned(),
            file: verdict.file.clone(),
            line: verdict.line,
            score: verdict.score,
            reason: failure.map(ToString::to_string),
            detail: failure.and_then(Failure::detail),
            upstream: followed.upstream,
            history: followed.story,
        })
    }
}

/// The change of a patch as a text and what becomes of it, where the patch says both.
pub(super) fn as_text(patch: &Patch, lock: &LockState) -> Option<(String, String)> {
    if patch.matches != Matches::Exactly(1) {
        return None;
    }
    match (&patch.action, lock.matches()) {
        (Action::Text { query, edit }, _) => {
            let text = edit.text().unwrap_or_default();
            Some((query.search.clone(), whole_replacement(edit, text, &query.search)))
        }
        (Action::Rust { .. }, [one]) => Some((one.text.clone(), one.result.clone())),
        // The value of a key says nothing about where it stands.
        (Action::Rust { .. } | Action::Toml { .. }, _) => None,
    }
}

/// The patch with another text to look for and another to put in its place.
fn rewritten(patch: &Patch, definition: &Definition) -> Patch {
    let edit = if definition.text.is_empty() {
        TextEdit::Delete { insert_comment: None }
    } else {
        TextEdit::Replace { text: definition.text.clone() }
    };
    let fuzzy = match &patch.action {
        Action::Text { query, .. } => query.fuzzy,
        Action::Rust { .. } | Action::Toml { .. } => None,
    };
    Patch {
        files: vec![definition.path.clone()],
        workspace_relative: true,
        action: Action::Text { query: TextQuery { search: definition.search.clone(), fuzzy }, edit },
        drift: Drift::Off,
        ..patch.clone()
    }
}

fn line_today(history: &GitHistory, commit: &str, definition: &Definition) -> Option<usize> {
    let text = history.text(commit, &definition.path)?;
    text.find(&definition.search).map(|at| line_of(&text, at))
}

/// What became of the file of a patch, if it is gone.
fn fate(history: &GitHistory, patch: &Patch) -> Option<String> {
    let (file, (commit, now)) = patch.files.iter().find_map(|file| Some((file, history.fate(file)?)))?;
    Some(match now {
        Some(now) => format!("{file} was renamed to {now} in {commit}"),
        None => format!("{file} was deleted in {commit}"),
    })
}

/// What upstream did, a sentence a commit.
fn story(trail: &Trail, from: &str) -> Vec<String> {
    let mut at = from;
    let mut told = Vec::new();
    for step in &trail.steps {
        let what = match (step.moved, step.path == at) {
            (true, true) => "moved within the file".to_owned(),
            (true, false) => format!("moved to {}", step.path),
            (false, true) => "changed".to_owned(),
            (false, false) => format!("renamed to {}", step.path),
        };
        told.push(format!("{what} in {}", step.commit));
        at = &step.path;
    }
    told
}
