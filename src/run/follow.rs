//! Where the place of a patch went, as git's history tells it.
//!
//! `drift::trail` follows the text of a patch from the commit that took the text away to today. The patch as it would be
//! written today is then planned instead, exactly. Where history does not know the text, because there is no history or the
//! text never stood in it, similarity decides in the patch's own files, and [`super::search`] looks in the others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::doubt::Today;
use super::job::Job;
use super::planned::{Manner, Planned};
use super::recall::{LIKE, Recalled, puts_item, told_in_item};
use super::resolved::Resolved;
use super::targets::{Assignment, Replanned};
use super::tree::Base;
use crate::drift::merge::{Merged, carry};
use crate::drift::similar::similarity;
use crate::drift::trail::{
    self, Commit, Definition, End, History, LastHeld, Trail, TrailStep, without_white_space,
};
use crate::identity;
use crate::outcome::{Nearest, Site, printable};
use crate::patch::lock::LockedMatch;
use crate::patch::{Action, Drift, LockState, Matches, Patch, TextEdges, TextEdit, TextQuery};
use crate::plan::failure::{Failure, ItemFate, describe};
use crate::plan::sites::{ItemPath, is_item, item_around, item_named, items_in, whole_replacement};
use crate::plan::{Decision, Place, Verdict};
use crate::text::hunks::line_hunks;
use crate::text::lines::{bytes_of, line_of, trimmed};
use crate::workspace::TargetError;

/// What was found out about a patch that had no place.
#[derive(Debug, Clone, Default)]
pub(super) struct Followed {
    /// The file that it left.
    pub(super) moved_from: Option<String>,
    /// The nearest thing in its file, from its first failure.
    pub(super) nearest: Option<Nearest>,
    /// The patch as it would be written today, as a text and what becomes of it.
    pub(super) today: Option<Definition>,
    /// What upstream did to it, oldest first, a sentence each.
    pub(super) story: Vec<String>,
    /// History does not know the place.
    pub(super) is_unknown: bool,
    /// What the first of its files that is gone was renamed to, where history does not know the place.
    pub(super) heir: Option<String>,
    /// The commit since which upstream has the effect of the patch itself.
    pub(super) upstream: Option<String>,
}

impl Followed {
    /// What is to be said of a patch that applies where it was followed to.
    pub(super) fn warning(&self) -> Option<String> {
        let last = self.story.last().map(|event| format!(": {event}")).unwrap_or_default();
        let earlier = match self.story.len() {
            0 | 1 => String::new(),
            2 => ", after an earlier change".to_owned(),
            events => format!(", after {} earlier changes", events - 1),
        };
        match &self.moved_from {
            Some(from) => Some(format!("moved from {}{last}{earlier}", printable(from))),
            None if self.story.is_empty() => None,
            None => Some(format!("merged with what upstream changed here{last}{earlier}")),
        }
    }
}

/// Whether what upstream made is there to this day.
#[derive(Debug)]
enum Adopted {
    /// Here, unless it took something away.
    Still(Option<Definition>),
    Once,
}

/// So many items of the name of one that is gone are named.
const NAMESAKES: usize = 3;

/// The file of a patch in which its trail begins, and the trail.
type FromFile = (String, Trail);

impl<'r> Job<'r> {
    /// What history knows of the places of `lost`, and how each of them is to be planned or settled because of it.
    pub(super) fn follow(
        &self,
        lost: &[usize],
        planned: &Planned,
        manner: Manner,
    ) -> Vec<(usize, Followed, Option<Replanned<'r>>)> {
        if lost.is_empty() {
            return Vec::new();
        }
        let history = self.history();
        let is_other_item = |index: &usize| {
            let decision = &planned.verdicts[index].decision;
            matches!(decision, Decision::Fail(Failure::OtherItem { .. }))
        };
        // What a query matches that is not all of it is compared with the lock: it goes the way of its text.
        let says_all = |index: &usize| {
            let action = &self.patch(*index).action;
            matches!(action, Action::Text { .. }) || action.only_adds()
        };
        let (elsewhere, lost): (Vec<usize>, Vec<usize>) =
            lost.iter().partition(|index| is_other_item(index) && says_all(index));
        let is_renamed = |index: &usize| {
            let verdict = &planned.verdicts[index];
            let site = verdict.file.as_deref().zip(verdict.line);
            site.is_some_and(|(path, line)| self.is_in_renamed_item(*index, path, line))
        };
        let renamed = elsewhere.into_iter().filter(is_renamed).map(|index| {
            let story = vec!["its item was renamed".to_owned()];
            let exact = self.assign([index]).0.remove(&index);
            let change = exact.map(|exact| Assignment { lock: &LockState::None, ..exact });
            (index, Followed { story, ..Followed::default() }, change.map(Replanned::Assign))
        });
        let trails: Vec<FromFile> = lost.par_iter().map(|index| self.trail(*index, history)).collect();
        let found = lost.iter().zip(trails);
        let found = found.map(|(index, (from, trail))| {
            let story = story(&trail, &from);
            let nearest = match &planned.verdicts[index].decision {
                Decision::Fail(failure) => failure.nearest(),
                _ => None,
            };
            let mut followed = Followed { story, nearest, ..Followed::default() };
            let moving = trail.steps.iter().rfind(|step| step.moved);
            let change = self.end(*index, (&from, moving), trail.end, (planned, manner), &mut followed);
            (*index, followed, change)
        });
        renamed.chain(found).collect()
    }

    /// Follows the text of a patch from the first of its files that ever held it, and says which that is.
    fn trail(&self, index: usize, history: Option<&dyn History>) -> FromFile {
        let patch = self.patch(index);
        let unknown = || (patch.files[0].clone(), Trail { steps: Vec::new(), end: End::Unknown });
        let (Some(history), Some((search, text))) = (history, as_text(patch, self.lock(index))) else {
            return unknown();
        };
        let follow = |path| {
            let definition =
                self.as_made(index, Definition { path, search: search.clone(), text: text.clone() }, history);
            (definition.path.clone(), trail::follow(self.in_locked_item(index, definition, history), history))
        };
        let known = self
            .paths_of(index)
            .into_iter()
            .map(follow)
            .find(|(_, trail): &FromFile| trail.end != End::Unknown);
        known.unwrap_or_else(unknown)
    }

    /// `definition` with what later patches make of its text, where that is how it was made.
    fn as_made(&self, index: usize, definition: Definition, history: &dyn History) -> Definition {
        let stages = self.stages(index, &definition.path);
        let Some((own, later)) = stages.split_first() else { return definition };
        let reworked = later.iter().rev().map(|stage| {
            let text = definition.text.replacen(own.trim(), stage.trim(), 1);
            Definition { text, ..definition.clone() }
        });
        let made = reworked.into_iter().find(|reworked| trail::is_made(reworked, history));
        made.unwrap_or(definition)
    }

    /// `definition` as it is told in the newest text in which the item that the lock names has it: another item may have the same.
    fn in_locked_item(&self, index: usize, definition: Definition, history: &dyn History) -> Definition {
        let [LockedMatch { file, item: Some(locked), .. }] = self.lock(index).matches() else {
            return definition;
        };
        if *file != definition.path {
            return definition;
        }
        let mut told = None;
        history.last_with(file, &mut |text| {
            let is_there = text.contains(&definition.search);
            told = is_there.then(|| told_in_item(&definition, text, &locked.path)).flatten();
            told.is_some()
        });
        told.unwrap_or(definition)
    }

    /// How a patch of the file `from`, whose text a commit may have moved, is planned or settled, by the end of its trail; `None`
    /// where nothing changes for it.
    fn end(
        &self,
        index: usize,
        (from, moving): (&str, Option<&TrailStep>),
        end: End,
        (planned, manner): (&Planned, Manner),
        followed: &mut Followed,
    ) -> Option<Replanned<'r>> {
        let fail = |failure| Verdict::bare(Some(from.to_owned()), Decision::Fail(failure));
        let verdict = match end {
            End::Today(definition) if self.is_uncommitted_loss(&definition.path) => {
                followed.is_unknown = true;
                return None;
            }
            End::Today(mut definition) => {
                if let Some(failure) = self.in_other_item(index, &definition, moving) {
                    return Some(Replanned::Settle(failed_in(definition.path, failure)));
                }
                let line = self.line_today(&definition).unwrap_or(1);
                let mut staged = self.staged_sites(&definition);
                if staged.len() > 1 {
                    let failure = Failure::SeveralPlaces { by: None, sites: staged };
                    return Some(Replanned::Settle(fail(failure)));
                }
                if let Some(Site { file: now, .. }) = staged.pop() {
                    let name = printable(&now);
                    followed.story.push(format!("renamed to {name} in git's index, which is not committed"));
                    definition.path = now;
                }
                let now = self.text(&definition.path).unwrap_or_default();
                let definition = trail::as_deep(definition, &now);
                if self.may_go(index, from, &definition.path, manner) {
                    followed.moved_from = (definition.path != from).then(|| from.to_owned());
                    followed.today = Some(definition.clone());
                    return Some(Replanned::Assign(self.assignment_today(index, definition)));
                }
                fail(Failure::Moved { to: Site { file: definition.path, line, text: None } })
            }
            End::Upstream(definition, commit) => {
                let (verdict, adopted) = self.upstream(index, from, definition, &commit);
                if let Adopted::Still(place) = adopted {
                    if place.is_some_and(|place| self.is_taken_before(index, &place, planned)) {
                        return None;
                    }
                    followed.upstream = Some(commit.to_string());
                }
                verdict
            }
            End::Conflict { commit, path, line, base, ours, theirs } => {
                let failure = Failure::Conflict { line, base, ours, theirs, by: Some(commit.to_string()) };
                Verdict { line: Some(line), ..Verdict::bare(Some(path), Decision::Fail(failure)) }
            }
            End::Gone(commit) if let Some((path, failure)) = self.not_gone(index, &commit) => {
                failed_in(path, failure)
            }
            End::Gone(commit) => {
                let mut verdict = fail(self.gone(index, commit.to_string()));
                for Site { file, line, .. } in self.namesakes(index).into_iter().take(NAMESAKES) {
                    let file = printable(&file);
                    verdict.warn(format!(
                        "not taken: {file}:{line} has an item of its name, which is another one"
                    ));
                }
                verdict
            }
            End::Several(commit, sites) => {
                let site = |(file, line)| Site { file, line, text: None };
                let sites = sites.into_iter().map(site).collect();
                fail(Failure::SeveralPlaces { by: Some(commit.to_string()), sites })
            }
            End::Unknown => {
                followed.is_unknown = true;
                if let Some((told, heir)) =
                    self.history().and_then(|history| fate(history, &self.paths_of(index)))
                {
                    followed.story.push(told);
                    followed.heir = heir;
                }
                return self.assignment_under_tolerance(index).map(Replanned::Assign);
            }
        };
        Some(Replanned::Settle(verdict))
    }

    /// Plans patches as they would be written today.
    pub(super) fn plan_today(
        &self,
        open: BTreeMap<usize, Today>,
        resolved: &mut Resolved<'r>,
        manner: Manner,
    ) {
        let mut changes = BTreeMap::new();
        for (index, Today { from, definition, by }) in open {
            let followed = resolved.followed.entry(index).or_default();
            followed.story.extend(by.map(|by| format!("changed in {by}")));
            followed.moved_from = (definition.path != from).then_some(from);
            followed.today = Some(definition.clone());
            changes.insert(index, Replanned::Assign(self.assignment_today(index, definition)));
        }
        self.replan(resolved, changes, manner);
        self.settle_doubts(resolved, manner);
    }

    /// Where the place of a definition is by git's index, if that renamed its file; of several files it became those that have the
    /// text or what becomes of it.
    fn staged_sites(&self, Definition { path, search, text }: &Definition) -> Vec<Site> {
        let staged = self.staged_renames(path);
        let is_one = staged.len() == 1;
        let at = |now: &str| now.find(search).or_else(|| now.find(text).filter(|_| !text.is_empty()));
        let site = |file: String| {
            let now = self.text(&file);
            let line = now.and_then(|now| Some(line_of(&now, at(&now)?)));
            let line = line.or_else(|| is_one.then_some(1))?;
            Some(Site { file, line, text: None })
        };
        staged.into_iter().filter_map(site).collect()
    }

    /// Whether the newest commit has a file that the tree has not, and that went nowhere that git's index knows of.
    fn is_uncommitted_loss(&self, path: &str) -> bool {
        let is_missing = matches!(self.target_of(path, Base::Workspace), Err(TargetError::Missing { .. }));
        is_missing && self.staged_renames(path).is_empty()
    }

    /// Whether a patch may be planned in the file to which its text went.
    pub(super) fn may_go(&self, index: usize, from: &str, to: &str, manner: Manner) -> bool {
        let is_own = to == from || self.paths_of(index).iter().any(|path| path == to);
        is_own || self.drift_of(index, manner) == Drift::Move
    }

    /// The patch as it would be written today. It needs no lock: the trail began at the locked text, and ends at the text of
    /// today.
    fn assignment_today(&self, index: usize, definition: Definition) -> Assignment<'r> {
        // A symbolic link is resolved, as for any target.
        let target = self.target_of(&definition.path, Base::Workspace);
        Assignment {
            patch: Cow::Owned(rewritten(self.patch(index), &definition)),
            targets: vec![target.unwrap_or(definition.path)],
            drift: Drift::Off,
            lock: &LockState::None,
        }
    }

    /// The patch as it is written, looked for by similarity in its own files; `None` where that can find nothing. The
    /// lock says what to look for, also where the run accepts what upstream changed.
    fn assignment_under_tolerance(&self, index: usize) -> Option<Assignment<'r>> {
        let is_alone = self.patch(index).matches == Matches::Exactly(1);
        if !is_alone && self.lock(index).matches().is_empty() {
            return None;
        }
        let (mut assignments, _) = self.assign([index]);
        assignments.remove(&index).map(|exact| Assignment {
            drift: Drift::Merge,
            lock: self.lock(index),
            ..exact
        })
    }

    /// Upstream made the change of a patch itself: in place, if what it made is there to this day.
    fn upstream(&self, index: usize, from: &str, made: Definition, commit: &Commit) -> (Verdict, Adopted) {
        let fail = |failure| Verdict::bare(Some(from.to_owned()), Decision::Fail(failure));
        let (search, text) = as_text(self.patch(index), self.lock(index)).unwrap_or_default();
        let is_item_gone = || {
            let is_whole = matches!(self.lock(index).matches(), [place] if is_item(place));
            is_whole && self.patch(index).action.only_deletes()
        };
        if made.text.trim().is_empty() || is_item_gone() {
            // A deletion: there is nothing to look for, but for a copy that was made before.
            if let Recalled::Of(memory) = self.recall(index) {
                let copies = self.copies(index, &memory);
                if !copies.is_empty() {
                    return (fail(Failure::SeveralPlaces { by: None, sites: copies }), Adopted::Once);
                }
                if let Some(failure) = self.came_back(index, &memory) {
                    return (fail(failure), Adopted::Once);
                }
            }
            let warning = format!("upstream took it away in {commit}: remove the patch");
            let verdict = Verdict::bare(Some(from.to_owned()), Decision::InPlace);
            return (Verdict { warnings: vec![warning], ..verdict }, Adopted::Still(None));
        }
        let today = self.history().map(|history| trail::follow(made.clone(), history));
        let Some(Trail { steps, end: End::Today(place) }) = today else {
            return (fail(self.gone(index, commit.to_string())), Adopted::Once);
        };
        if let Some(failure) = self.in_other_item(index, &place, None) {
            return (failed_in(place.path, failure), Adopted::Once);
        }
        if let Some(failure) = self.changed_by_hand(&place, (&search, &text)) {
            return (failed_in(place.path, failure), Adopted::Once);
        }
        if let Some(gone) = self.left_in_copy(&made, &place, commit) {
            return (fail(gone), Adopted::Once);
        }
        let line = self.line_today(&place);
        if place.search != made.search && carry(&search, &place.search, &text) != Merged::Unchanged {
            let by = steps.last().map(|step| step.commit.to_string());
            let (base, ours, theirs) = (search, place.search, text);
            let failure = Failure::Conflict { line: line.unwrap_or(1), base, ours, theirs, by };
            let verdict = Verdict { line, ..Verdict::bare(Some(place.path), Decision::Fail(failure)) };
            return (verdict, Adopted::Once);
        }
        let warning = format!(
            "the history of this tree has this change since {commit}: if upstream made it, remove the patch"
        );
        let verdict = Verdict::bare(Some(place.path.clone()), Decision::InPlace);
        (Verdict { line, warnings: vec![warning], ..verdict }, Adopted::Still(Some(place)))
    }

    /// Whether patches before this one take away what upstream has of it at `place`: then it is not in place once they have run. What
    /// a later one takes away it may rest on.
    fn is_taken_before(&self, index: usize, place: &Definition, planned: &Planned) -> bool {
        let acts = |verdict: &Verdict| {
            matches!(verdict.decision, Decision::Apply) && verdict.file.as_ref() == Some(&place.path)
        };
        planned.takes_away(&place.path, &place.search)
            && !planned.verdicts.iter().any(|(other, verdict)| *other > index && acts(verdict))
    }

    /// The failure of a patch whose effect `commit` has at `made`, if its item went since then, and the one that has it today, at
    /// `place`, was there beside it.
    pub(super) fn left_in_copy(
        &self,
        made: &Definition,
        place: &Definition,
        commit: &Commit,
    ) -> Option<Failure> {
        let history = self.history()?;
        let item_in = |text: &str, part: &str| {
            let at = text.find(part)?;
            Some(item_around(text, at..at + part.len()).0)
        };
        let own = item_in(&history.text(&commit.id, &made.path)?, &made.search)?;
        let today = item_in(&history.today(&place.path)?, &place.search)?;
        if own.is_empty() || own.last() == today.last() {
            return None;
        }
        let mut is_beside = false;
        let last = history.last_with(&made.path, &mut |text| {
            let is_there = item_named(text, &own).is_some();
            is_beside = is_there && item_named(text, &today).is_some();
            is_there
        });
        let is_gone = matches!(last, LastHeld::In { lost_in: Some(_), .. });
        let line = self.line_today(place).unwrap_or(1);
        let sites = vec![Site { file: place.path.clone(), line, text: None }];
        (is_gone && is_beside).then_some(Failure::SeveralPlaces { by: None, sites })
    }

    /// The failure of a patch that makes `theirs` of `base`, whose effect the newest commit has at `place`, if the working tree has it no
    /// more.
    fn changed_by_hand(&self, place: &Definition, (base, theirs): (&str, &str)) -> Option<Failure> {
        let (head, now) = (self.history()?.today(&place.path)?, self.text(&place.path)?);
        if now.contains(&place.search) {
            return None;
        }
        let effect = Definition { text: place.search.clone(), ..place.clone() };
        let ours = match trail::uncommitted(&effect, &head, &now) {
            End::Today(there) | End::Upstream(there, _) => there.search,
            End::Conflict { ours, .. } => ours,
            End::Gone(_) | End::Several(..) | End::Unknown => return None,
        };
        if carry(base, &ours, theirs) == Merged::Unchanged {
            return None;
        }
        let line = now.find(&ours).map_or(1, |at| line_of(&now, at));
        let (base, theirs) = (base.to_owned(), theirs.to_owned());
        Some(Failure::Conflict { line, base, ours, theirs, by: None })
    }

    /// The failure of a patch whose text stands in another item today than the lock records: that is another place.
    pub(super) fn in_other_item(
        &self,
        index: usize,
        today: &Definition,
        moving: Option<&TrailStep>,
    ) -> Option<Failure> {
        let [place @ LockedMatch { file, item, section, .. }] = self.lock(index).matches() else {
            return self.in_other_function(index, today);
        };
        let text = self.history()?.today(&today.path)?;
        let at = text.find(&today.search)?;
        if let Some(section) = section
            && identity::section_at(&text, &(at..at + today.search.len())) != Some(section)
        {
            let is_there = self.text(file).is_some_and(|now| identity::has_section(&now, section));
            let fate = if is_there { ItemFate::Stays } else { ItemFate::Gone };
            return Some(Failure::OtherItem { line: line_of(&text, at), item: format!("[{section}]"), fate });
        }
        let locked = item.as_ref()?;
        let mut changed = line_hunks(&today.search, &today.text).into_iter().map(|hunk| hunk.old);
        let is_it = if is_item(place) {
            let own = self.locked_items(index, &locked.path, &today.path, &text, at..at + today.search.len());
            // What left the item for the one beside it is another's.
            let is_others = |lines: Range<usize>| {
                // What is put in belongs to the line above it.
                let lines =
                    if lines.is_empty() { lines.start.saturating_sub(1)..lines.end.max(1) } else { lines };
                let place = bytes_of(&today.search, &lines);
                let (there, _) = item_around(&text, trimmed(&text, &(at + place.start..at + place.end)));
                let is_of = |own: &ItemPath| {
                    own.items().starts_with(there.items()) || there.items().starts_with(own.items())
                };
                !own.iter().any(is_of)
            };
            !own.is_empty() && !changed.any(is_others)
        } else {
            let place = changed.next().map_or(0..today.search.len(), |old| bytes_of(&today.search, &old));
            let (item, _) = item_around(&text, at + place.start..at + place.end);
            // Of one name is not one item: the commit that moved the code must have put its item there.
            let is_put_there = || {
                let (history, step) = self.history().zip(moving).filter(|_| today.path != *file)?;
                Some(puts_item(history, &step.commit, &locked.path, &step.path))
            };
            item.is_same_item(&locked.path) && is_put_there() != Some(false)
                || self.is_in_renamed_item(index, &today.path, line_of(&text, at))
        };
        let line = line_of(&text, at);
        let stays = || self.text(file).is_some_and(|now| item_named(&now, &locked.path).is_some());
        let fate = |stays: bool| if stays { ItemFate::Stays } else { ItemFate::Gone };
        (!is_it).then(|| Failure::OtherItem { line, item: locked.path.to_string(), fate: fate(stays()) })
    }

    /// Whether the text of a patch stands in a function of another name today than the one that the patch names.
    pub(super) fn is_under_other_name(&self, index: usize, today: &Definition) -> bool {
        let is_other = || {
            let name = self.patch(index).function_context.as_ref()?;
            let text = self.history()?.today(&today.path)?;
            let at = text.find(&today.search)?;
            let (item, _) = item_around(&text, at..at + today.search.len());
            Some(item.items().iter().all(|item| item.name != *name))
        };
        is_other().unwrap_or(false)
    }

    /// The failure of a patch whose text stands in a function of another name today than the one that the patch names, which was not only
    /// renamed.
    pub(super) fn in_other_function(&self, index: usize, today: &Definition) -> Option<Failure> {
        if !self.lock(index).matches().is_empty() || !self.is_under_other_name(index, today) {
            return None;
        }
        let Recalled::Of(memory) = self.recall(index) else { return None };
        let Place { file, item: Some((own, _)), .. } = memory.place() else { return None };
        let text = self.history()?.today(&today.path)?;
        let at = text.find(&today.search)?;
        let (item, _) = item_around(&text, at..at + today.search.len());
        if self.is_item_renamed((file, own), (&today.path, &item)) {
            return None;
        }
        Some(Failure::OtherItem { line: line_of(&text, at), item: own.to_string(), fate: ItemFate::Left })
    }

    /// The items of `text`, the file at `file`, in `span`, to which a whole item was followed, that are that item: the trail compared its
    /// own name, and what holds it must be what the lock names. In another file modules are other ones.
    fn locked_items(
        &self,
        index: usize,
        locked: &ItemPath,
        file: &str,
        text: &str,
        span: Range<usize>,
    ) -> Vec<ItemPath> {
        let is_of_kind =
            |path: &ItemPath| path.last().map(|item| item.kind) == locked.last().map(|item| item.kind);
        let mut there = items_in(text);
        there.retain(|(path, range)| is_of_kind(path) && range.start < span.end && span.start < range.end);
        if there.iter().any(|(path, _)| path.last() == locked.last()) {
            there.retain(|(path, _)| path.last() == locked.last());
        }
        let is_own = self.paths_of(index).iter().any(|own| own == file);
        there.retain(|(path, _)| {
            let is_held = match is_own {
                true => path.around() == locked.around(),
                false => path.holder() == locked.holder(),
            };
            is_held || self.is_renamed_item(index, file, path)
        });
        there.into_iter().map(|(path, _)| path).collect()
    }

    /// The failure of a patch whose text `commit` took away, and the file of which it speaks, if that is not gone: its item has what
    /// it became, or stands elsewhere.
    fn not_gone(&self, index: usize, commit: &Commit) -> Option<(String, Failure)> {
        let Recalled::Of(memory) = self.recall(index) else { return None };
        let Place { file, text, result, item, .. } = memory.place();
        if let Some(((own, then), now)) = item.as_ref().zip(self.text(file))
            && let Some(there) = item_named(&now, own)
            && let Some(ours) = memory.in_item(there)
            && similarity(text, ours) >= LIKE
            && !without_white_space(then).contains(&without_white_space(ours))
        {
            let line = line_of(&now, now.find(there)? + there.find(ours)?);
            let (base, ours, theirs, by) = (text.clone(), ours.to_owned(), result.clone(), commit.told());
            return Some((file.clone(), Failure::Conflict { line, base, ours, theirs, by }));
        }
        // Under another name it is a fork.
        let (own, _) = item.as_ref()?;
        let is_own = |site: &Site| {
            let there = self.text(&site.file).map(|there| {
                item_around(&there, trimmed(&there, &bytes_of(&there, &(site.line - 1..site.line)))).0
            });
            there.is_some_and(|there| there.is_same_item(own))
        };
        let mut sites = self.copies(index, &memory);
        sites.retain(is_own);
        (!sites.is_empty()).then(|| (file.clone(), Failure::SeveralPlaces { by: None, sites }))
    }

    fn gone(&self, index: usize, by: String) -> Failure {
        Failure::Gone { looked_for: describe(&self.patch(index).action), by }
    }

    fn line_today(&self, definition: &Definition) -> Option<usize> {
        let text = self.history()?.today(&definition.path)?;
        text.find(&definition.search).map(|at| line_of(&text, at))
    }
}

/// The verdict of a failure that speaks of a line in the file at `path`.
fn failed_in(path: String, failure: Failure) -> Verdict {
    Verdict { line: failure.line(), ..Verdict::bare(Some(path), Decision::Fail(failure)) }
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
    let (edges, fuzzy) = match &patch.action {
        Action::Text { query, .. } => (query.edges, query.fuzzy),
        Action::Rust { .. } | Action::Toml { .. } => (TextEdges::Words, None),
    };
    Patch {
        files: vec![definition.path.clone()],
        workspace_relative: true,
        action: Action::Text { query: TextQuery { search: definition.search.clone(), edges, fuzzy }, edit },
        drift: Drift::Off,
        ..patch.clone()
    }
}

/// What became of the first file of a patch that is gone: a sentence, and its path today, if it has one.
fn fate(history: &dyn History, files: &[String]) -> Option<(String, Option<String>)> {
    let (file, (commit, now)) = files.iter().find_map(|file| Some((file, history.fate(file)?)))?;
    let file = printable(file);
    let told = match &now {
        Some(now) => format!("{file} was renamed to {} in {commit}", printable(now)),
        None => format!("{file} was deleted in {commit}"),
    };
    Some((told, now))
}

/// What upstream did: a sentence for each commit.
fn story(trail: &Trail, from: &str) -> Vec<String> {
    let mut at = from;
    let mut told = Vec::new();
    for step in &trail.steps {
        let what = match (step.moved, step.path == at) {
            (true, true) => "moved within the file".to_owned(),
            (true, false) => format!("moved to {}", printable(&step.path)),
            (false, true) => "changed".to_owned(),
            (false, false) => format!("renamed to {}", printable(&step.path)),
        };
        told.push(format!("{what} in {}", step.commit));
        at = &step.path;
    }
    told
}
