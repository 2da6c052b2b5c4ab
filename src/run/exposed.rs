//! Patches that are in place by their words, and are not: what they would write is somebody else's.
//!
//! A typo in a query whose replacement upstream has; an effect that stood in another item all the time. History tells, and it is
//! asked where that costs least: of files that are as the newest commit has them, which nobody patched since. Of a file that was
//! changed since it is asked only where the query has a word that looks like a slip of one in the replacement.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::doubt::Known;
use super::job::Job;
use super::planned::Manner;
use super::recall::{Memory, Recalled, Rests};
use super::resolved::Resolved;
use crate::drift::trail::{self, count_of, gone_lines, without_white_space};
use crate::identity::{self, Language};
use crate::meter::metered;
use crate::outcome::Work;
use crate::patch::{Action, TomlOperation, TomlQuery};
use crate::plan::failure::Failure;
use crate::plan::seen::Seen;
use crate::plan::sites::{item_around, item_named};
use crate::plan::{Decision, Place, Standing, Strictness, Verdict};
use crate::text::hunks::only_removes;
use crate::text::lines::{bytes_of, trimmed};
use crate::text::words::{is_word, words};

/// Shorter words are like many.
const LONG: usize = 5;

impl<'r> Job<'r> {
    /// Makes patches fail that are in place by their words, or by the absence of a key or section, if what they would write is
    /// somebody else's: they had no place in all of the files' history, or it stood there already when they had one.
    pub(super) fn expose_others(&self, resolved: &mut Resolved<'r>, manner: Manner) {
        let strictness = manner.strictness;
        let told = resolved.planned.verdicts.iter().filter_map(|(index, verdict)| {
            let replaces = match &self.patch(*index).action {
                Action::Text { edit, .. } | Action::Rust { edit, .. } => !edit.inserts(),
                Action::Toml { operation, .. } => {
                    self.patch(*index).action.only_deletes()
                        || matches!(operation, TomlOperation::ReplaceKey { .. })
                }
            };
            let is_told = matches!(verdict.decision, Decision::InPlace)
                && matches!(verdict.standing, Standing::Told | Standing::Within)
                && verdict.score.is_none();
            let path = verdict.file.clone().filter(|_| is_told && replaces)?;
            resolved.assignments.contains_key(index).then_some((*index, path))
        });
        let told: Vec<(usize, String)> = told.collect();
        if told.is_empty() {
            return;
        }
        let paths: BTreeSet<String> = told.iter().map(|(_, path)| path.clone()).collect();
        let unchanged = match self.snapshot.commit {
            Some(_) => Some(paths),
            None => self.tree.unchanged(paths),
        };
        // Where git does not tell, the history that is opened notes why: the report says it.
        let is_untold = unchanged.is_none() && self.history().is_none();
        let why = if is_untold { self.gaps().into_iter().next() } else { None };
        let unproven = why.filter(|_| strictness == Strictness::Strict);
        let unchanged = unchanged.unwrap_or_default();
        let known: &Resolved<'r> = resolved;
        let verdicts = &known.planned.verdicts;
        let failure = |index: usize, path: &str| match unchanged.contains(path) {
            true if verdicts[&index].standing == Standing::Within
                && let Some(failure) = self.unmade_within(index, known, manner) =>
            {
                Some(failure)
            }
            true => self
                .somebody_elses(index, path, known, strictness)
                .or_else(|| self.became_another(index, path, known, manner)),
            false if let Some(why) = &unproven => {
                let line = verdicts[&index].line.unwrap_or(1);
                Some(Failure::Unproven { why: why.clone(), line })
            }
            false if self.lock(index).matches().is_empty() && self.has_slip(index, path) => {
                self.slip(index, path, &verdicts[&index])
            }
            false => None,
        };
        let asked: Vec<(usize, (Option<Failure>, Work))> =
            told.into_par_iter().map(|(index, path)| (index, metered(|| failure(index, &path)))).collect();
        for (index, (failure, work)) in asked {
            resolved.planned.work += work;
            let Some(failure) = failure else { continue };
            let verdict = resolved.planned.verdicts.get_mut(&index).expect("it was found there");
            verdict.warnings.clear();
            verdict.line = failure.line().or(verdict.line);
            verdict.decision = Decision::Fail(failure);
        }
    }

    /// The failure of a patch whose effect seems to stand in its item, if history says that it does not.
    fn unmade_within(&self, index: usize, resolved: &Resolved<'r>, manner: Manner) -> Option<Failure> {
        match self.what_became(index, resolved, manner) {
            Known::Not(failure) => Some(failure),
            Known::Open(today) => Some(self.unmade_today(index, &today.definition)),
            Known::InPlace(_) | Known::InPlaceIn(_) | Known::Unknown => None,
        }
    }

    /// The failure of a patch whose effect stands in `path`, as committed, and elsewhere than its place was, if history leads from that
    /// to something else.
    fn became_another(
        &self,
        index: usize,
        path: &str,
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> Option<Failure> {
        let Recalled::Of(memory) = self.recall_in(index, Some(path)) else { return None };
        let is_own =
            memory.is_committed() && memory.place().file == path && memory.rests == Rests::OnUpstream;
        if !is_own || !self.lock(index).matches().is_empty() {
            return None;
        }
        let line = resolved.planned.verdicts[&index].line?;
        if !self.is_elsewhere(path, line, &memory)? || self.is_made_with_all(index, &memory) {
            return None;
        }
        self.fate_of(index, &memory, resolved, manner).failure()
    }

    /// Whether `line`, one-based, of `path` is in no item that held the place of a patch, or in another section than that was.
    fn is_elsewhere(&self, path: &str, line: usize, memory: &Memory) -> Option<bool> {
        let now = self.text(path)?;
        let span = trimmed(&now, &bytes_of(&now, &(line - 1..line)));
        match Language::of(path) {
            Language::Rust => {
                let (there, _) = item_around(&now, span);
                let (own, _) = memory.place().item.as_ref()?;
                Some(!own.items().starts_with(there.items()))
            }
            Language::Toml => {
                let then = memory.text(self.history()?, path)?;
                let at = then.find(&memory.place().text)?;
                Some(identity::section_at(&then, &(at..at)) != identity::section_at(&now, &span))
            }
            Language::Other => Some(false),
        }
    }

    /// The failure of a patch whose effect stands in `path`, as committed, and is not the patch's.
    fn somebody_elses(
        &self,
        index: usize,
        path: &str,
        resolved: &Resolved<'r>,
        strictness: Strictness,
    ) -> Option<Failure> {
        let verdict = &resolved.planned.verdicts[&index];
        // A lock is made where the patch has its place.
        if self.lock(index).matches().is_empty() && self.never_matched(index, path) {
            return Some(self.never_held(index, verdict));
        }
        let line = verdict.line.unwrap_or(1);
        let has_place = |other: &String| {
            self.text(other).is_some_and(|now| self.place_behind(&[], index, other, &now).is_some())
        };
        let other = self.paths_of(index).into_iter().filter(|other| other != path).find(has_place);
        if let Some(other) = other.filter(|_| self.never_held_place(index, path)) {
            return Some(self.unmatched(index, Some(path), Seen::InOtherFile { line, other }));
        }
        match self.recall(index) {
            Recalled::Of(memory) if self.stood_before(path, &memory)? => {
                Some(self.unmatched(index, Some(path), Seen::StoodBefore { line }))
            }
            Recalled::Of(memory) if let Some(failure) = self.taken_by_others(index, &memory, resolved) => {
                Some(failure)
            }
            Recalled::Of(memory) => self.went_elsewhere(index, path, &memory),
            Recalled::Unknown if strictness == Strictness::Strict => {
                let why = self.gaps().into_iter().next()?;
                Some(Failure::Unproven { why, line })
            }
            Recalled::Never | Recalled::Unknown => None,
        }
    }

    /// The failure of a patch whose place the newest commit has, and other patches take away, while the effect that seems to be its own
    /// stands there without them.
    pub(super) fn taken_by_others(
        &self,
        index: usize,
        memory: &Memory,
        resolved: &Resolved<'r>,
    ) -> Option<Failure> {
        let planned = &resolved.planned;
        let verdict = &planned.verdicts[&index];
        let (path, line) = (verdict.file.as_deref()?, verdict.line?);
        let is_taken = !self.patch(index).action.only_deletes()
            && memory.is_open_in(path)
            && planned.takes_away(path, &memory.place().text)
            && planned.before(path).is_some_and(|text| memory.stands_beside(self.patch(index), path, &text));
        is_taken.then(|| self.unmatched(index, Some(path), Seen::StoodBefore { line }))
    }

    /// The failure of a replacement of which only what it takes away is left, if a commit put that into another file, or it came
    /// back, and became something else.
    fn went_elsewhere(&self, index: usize, path: &str, memory: &Memory) -> Option<Failure> {
        let (history, commit) = (self.history()?, memory.lost_in()?);
        let Place { file, text, result, .. } = memory.place();
        // What it puts in a later patch may take away again.
        let now = self.text(path)?;
        let is_taken = |line: &&str| count_of(line, &now) == 0;
        let are_taken = || path == file && gone_lines(result, text).iter().all(is_taken);
        if !(only_removes(text, result) || are_taken())
            || gone_lines(text, result).iter().any(|line| self.is_of_another(index, line))
        {
            return None;
        }
        let end = trail::went_elsewhere(&memory.definition(history), commit, history)?;
        self.other_end(index, end, Some(commit.to_string()), &now).failure()
    }

    /// Whether a committed file has no more of what a patch makes of its place than it had beside that place; neither has the item
    /// of the place.
    fn stood_before(&self, path: &str, memory: &Memory) -> Option<bool> {
        let Place { file, text, result, item, .. } = memory.place();
        let effect = without_white_space(result);
        if !memory.is_committed() || file != path || !effect.contains(is_word) {
            return Some(false);
        }
        let count = |text: &str| without_white_space(text).matches(&effect).count();
        // What stays of a place stood in it.
        let beside = |then: &str| count(then).saturating_sub(count(text));
        let (then, now) = (memory.text(self.history()?, path)?, self.text(path)?);
        let item_now = item.as_ref().and_then(|(path, _)| item_named(&now, path));
        let is_more_in_item =
            item.as_ref().zip(item_now).is_some_and(|((_, then), now)| beside(then) < count(now));
        Some((1..=beside(&then)).contains(&count(&now)) && !is_more_in_item)
    }

    /// The failure of a patch with a slip, whose effect stands in `path` and in the newest commit of it. That of a deletion is that
    /// nothing stands there.
    fn slip(&self, index: usize, path: &str, verdict: &Verdict) -> Option<Failure> {
        let is_committed = || {
            let (head, now) = (self.history()?.today(path)?, self.text(path)?);
            let line = now.lines().nth(verdict.line? - 1)?.trim();
            Some(count_of(line, &head) >= count_of(line, &now))
        };
        let is_committed = self.patch(index).action.only_deletes() || is_committed()?;
        (is_committed && self.never_matched(index, path)).then(|| self.never_held(index, verdict))
    }

    /// Whether the query of a patch has a slip: beside what it puts in, or where it only deletes, beside what stands in `path`.
    fn has_slip(&self, index: usize, path: &str) -> bool {
        let patch = self.patch(index);
        let query = match &patch.action {
            Action::Text { query, .. } => Cow::Borrowed(query.search.as_str()),
            Action::Rust { query, .. } => Cow::Borrowed(query.pattern().unwrap_or_default()),
            Action::Toml { query: TomlQuery { section, key }, .. } => {
                let [section, key] =
                    [section.as_ref().map(ToString::to_string), key.as_ref().map(ToString::to_string)];
                Cow::Owned([section, key].into_iter().flatten().collect::<Vec<_>>().join(" "))
            }
        };
        match patch.action.only_deletes() {
            true => self.text(path).is_some_and(|now| has_slip(&query, &now)),
            false => has_slip(&query, patch.action.text().unwrap_or_default()),
        }
    }
}

/// Whether a query has a word, and not `beside`, that is one letter from another there, or two letters in another order. A number is
/// no slip, and none is a name that is marked as unused.
fn has_slip(query: &str, beside: &str) -> bool {
    let is_long = |word: &&str| word.len() >= LONG && !word.contains(|letter: char| letter.is_ascii_digit());
    let long = |text| words(text).filter(is_long).collect::<BTreeSet<&str>>();
    let (old, new) = (long(query), long(beside));
    old.difference(&new).any(|word| {
        let is_near = |other: &&str| {
            word.len().abs_diff(other.len()) <= 1
                && !old.contains(other)
                && word.trim_start_matches('_') != other.trim_start_matches('_')
                && strsim::osa_distance(word, other) == 1
        };
        new.iter().any(is_near)
    })
}
