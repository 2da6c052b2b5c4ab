//! What is known of the place of a patch from when its file had it: by history, for queries of every kind.
//!
//! The newest revision of the patch's own file in which the patch has a place tells what stood there, in which item, and
//! when: so a namesake that stood elsewhere at that time is not where the code moved.

use std::ops::Range;

use super::job::Job;
use super::tree::Base;
use crate::drift::similar::{best_windows, similarity};
use crate::drift::trail::{self, Commit, Definition, End, FileChange, History, LastHeld, Trail, count_of};
use crate::identity::{self, Language};
use crate::outcome::printable;
use crate::patch::lock::LockedMatch;
use crate::patch::{Action, Patch};
use crate::plan::draft::Draft;
use crate::plan::sites::{ItemPath, inserted, item_around, item_named, items_in};
use crate::plan::{Decision, Place, Record, Role, Task, Terms, Verdict, plan};
use crate::source::Source;
use crate::text::edges::{Dash, begins_inside_word, ends_inside_word};
use crate::text::lines::{bytes_of, line_end, line_start, next_line, trimmed};
use crate::text::words::words;

/// So many renames of an item are followed.
const MOST_RENAMES: usize = 8;
/// Code that moved and was changed on the way is at least so like what it was.
pub(super) const LIKE: f64 = 0.75;

/// In its item less will do.
const WITHIN: f64 = 0.6;

/// Why a `use` and the like are not where they went.
pub(super) const OF_ITS_FILE: &str = "but any file may say that: it never moves by itself";

/// Why code of the same name is not where it went.
pub(super) const OTHER_CODE: &str = "which is other code under the same name";

/// What history says of the place of a patch.
pub(super) enum Recalled {
    /// It had one.
    Of(Box<Memory>),
    /// Its file never had one, in all of its history.
    Never,
    /// History cannot be asked, or not all of it.
    Unknown,
}

/// A place that a patch had.
pub(super) struct Memory {
    /// The newest revision that has it.
    revision: String,
    /// The commit that took it away; `None` where that is not committed.
    lost_in: Option<Commit>,
    /// What stood there.
    place: Place,
    /// Who put it there.
    pub(super) rests: Rests,
}

/// Where an insertion was in place.
pub(super) enum LastInPlace {
    /// In this text of its file, and in no newer one.
    In(String),
    /// In none.
    Never,
    /// In none of those that are known.
    Unknown,
}

/// On whose text a patch rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rests {
    /// It is upstream's.
    OnUpstream,
    /// Patches before it put it there: no history tells of it.
    OnPatches,
}

impl Job<'_> {
    /// The place that a patch had in one of its files, in the newest revision that has it. What was never in history may have been
    /// put there by the patch files beside the run's.
    pub(super) fn recall(&self, index: usize) -> Recalled {
        self.recall_in(index, None)
    }

    /// As [`Self::recall`], of a patch whose effect seems to stand in the file at `effect`, if it does in one: that file is asked first,
    /// and a place that another of its files still has is not where the effect came from.
    pub(super) fn recall_in(&self, index: usize, effect: Option<&str>) -> Recalled {
        match self.recall_by(index, effect, |path, text| self.place_in(index, path, text)) {
            Recalled::Never if !self.siblings().is_empty() => {
                self.recall_by(index, effect, |path, text| self.place_behind_siblings(index, path, text))
            }
            known => known,
        }
    }

    /// As [`Self::recall`], of the place that a patch has once those before it have made theirs.
    pub(super) fn recall_behind_earlier(&self, index: usize) -> Recalled {
        self.recall_by(index, None, |path, text| {
            let is_there = |other: &usize| self.paths_of(*other).iter().any(|file| file == path);
            let before: Vec<usize> = (0..index).filter(is_there).collect();
            Some((self.place_behind(&before, index, path, text)?, Rests::OnPatches))
        })
    }

    /// The place that a patch had in another item of the same file, which history tells of, in the newest revision that has one.
    pub(super) fn recall_in_other_item(&self, index: usize, memory: &Memory) -> Option<Box<Memory>> {
        let (own, _) = memory.place.item.as_ref().filter(|_| memory.is_committed())?;
        let word = words(&memory.place.text).max_by_key(|word| word.len())?;
        let recalled = self.recall_by(index, None, |path, text| {
            if !text.contains(word) {
                return None;
            }
            let (place, rests) = self.place_in(index, path, text).filter(|_| path == memory.place.file)?;
            let is_other = place.item.as_ref().is_some_and(|(item, _)| item != own);
            (is_other && text.contains(&place.text)).then_some((place, rests))
        });
        match recalled {
            Recalled::Of(memory) => Some(memory),
            Recalled::Never | Recalled::Unknown => None,
        }
    }

    /// The place that `place_in` finds in a file of a patch, in the newest revision that has one; `effect` as in
    /// [`Self::recall_in`].
    fn recall_by(
        &self,
        index: usize,
        effect: Option<&str>,
        place_in: impl Fn(&str, &str) -> Option<(Place, Rests)>,
    ) -> Recalled {
        let Some(history) = self.history() else { return Recalled::Unknown };
        let mut is_known = true;
        let mut paths = self.paths_of(index);
        paths.sort_by_key(|path| effect != Some(path));
        for path in paths {
            let mut place = None;
            match history.last_with(&path, &mut |text| {
                place = place_in(&path, text);
                place.is_some()
            }) {
                LastHeld::In { lost_in: None, .. } if effect.is_some_and(|effect| effect != path) => {
                    is_known = false;
                }
                LastHeld::In { revision, lost_in } => {
                    if let Some((place, rests)) = place {
                        return Recalled::Of(Box::new(Memory { revision, lost_in, place, rests }));
                    }
                }
                LastHeld::Never if self.is_outside_history(&path, history) => is_known = false,
                LastHeld::Never => {}
                LastHeld::Unknown => is_known = false,
            }
        }
        if is_known { Recalled::Never } else { Recalled::Unknown }
    }

    /// Whether history says nothing of a target, because the newest commit does not have it: it is new, ignored, or another
    /// repository's inside this one; or a filter makes another text of it. What is not there either is a mistake in the patch.
    fn is_outside_history(&self, path: &str, history: &dyn History) -> bool {
        let is_target = self.target_of(path, Base::Workspace).is_ok_and(|real| real == path);
        let is_outside = is_target && history.today(path).is_none();
        if is_outside {
            self.note_gap(format!("the newest commit does not have `{}`", printable(path)));
            return true;
        }
        let filter = self.tree.filter_of(path);
        if let Some(filter) = &filter {
            let path = printable(path);
            self.note_gap(format!(
                "commits have another text of `{path}`: it goes through the filter `{filter}`"
            ));
        }
        filter.is_some()
    }

    /// Whether all of history is known, and a patch, which seems to be in place in `path`, never had a place.
    pub(super) fn never_matched(&self, index: usize, path: &str) -> bool {
        self.never_held_place(index, path) && matches!(self.recall(index), Recalled::Never)
    }

    /// Whether all of the history of `path` is known, and a patch never had a place there.
    pub(super) fn never_held_place(&self, index: usize, path: &str) -> bool {
        let Some(history) = self.history() else { return false };
        let had_place = history.last_with(path, &mut |text| match &self.patch(index).action {
            Action::Text { query, .. } => text.contains(&query.search),
            Action::Rust { .. } | Action::Toml { .. } => self.place_behind(&[], index, path, text).is_some(),
        });
        had_place == LastHeld::Never
    }

    /// The one place of a patch, as it is written, in a text of `path`; where it has none, the one that it has behind the
    /// patches before it.
    pub(super) fn place_in(&self, index: usize, path: &str, text: &str) -> Option<(Place, Rests)> {
        let alone = self.place_behind(&[], index, path, text).map(|place| (place, Rests::OnUpstream));
        alone.or_else(|| {
            let before = self.before_in(path, index);
            let place = if before.is_empty() { None } else { self.place_behind(&before, index, path, text) };
            Some((place?, Rests::OnPatches))
        })
    }

    /// The patches before `index` that have the file `path`, but for those that have not made there what they are to make.
    fn before_in(&self, path: &str, index: usize) -> Vec<usize> {
        let is_there = |other: &usize| self.paths_of(*other).iter().any(|file| file == path);
        let mut before: Vec<usize> = (0..index).filter(is_there).collect();
        if !before.is_empty() {
            let unmade = self.unmade(path);
            before.retain(|other| !unmade.contains(other));
        }
        before
    }

    /// The one place of a patch, as it is written, in a text of `path` behind the patches `before`.
    pub(super) fn place_behind(
        &self,
        before: &[usize],
        index: usize,
        path: &str,
        text: &str,
    ) -> Option<Place> {
        let patches: Vec<&Patch> = before.iter().chain([&index]).map(|index| self.patch(*index)).collect();
        place_of(&patches, path, text)
    }

    /// The one place of a patch, as it is written, in a text of `path` behind patch files beside the run's: the first of them, or more.
    fn place_behind_siblings(&self, index: usize, path: &str, text: &str) -> Option<(Place, Rests)> {
        let beside = self.siblings_made(path);
        let own: Vec<&Patch> =
            self.before_in(path, index).into_iter().chain([index]).map(|own| self.patch(own)).collect();
        (1..=beside.len()).find_map(|count| {
            let first = beside[..count].iter().flatten().map(|task| task.patch);
            let patches: Vec<&Patch> = first.chain(own.iter().copied()).collect();
            Some((place_of(&patches, path, text)?, Rests::OnPatches))
        })
    }

    /// Whether a patch, which is in place where the patch files beside the run's are known, had something to do in a revision, where they
    /// are known as well: what they make of its text is not what always stood there. Where history does not tell, an insertion had.
    pub(super) fn was_open_beside_siblings(&self, index: usize, verdict: &Verdict) -> bool {
        let Some(path) = verdict.file.as_deref() else { return false };
        let known = self.siblings_made(path);
        let next = known.iter().flatten().last().map_or(0, |task| task.index + 1);
        let targets = || vec![path.to_owned()];
        let own = self.before_in(path, index).into_iter().chain([index]).map(|index| Task {
            index,
            patch: self.patch(index),
            targets: targets(),
            terms: Terms::EXACT,
            role: Role::Acts,
        });
        let own: Vec<Task<'_>> = own.chain(known.iter().flatten().cloned()).collect();
        let is_open = |text: &str| {
            (0..=known.len()).any(|count| {
                let before = known[..count].iter().flatten().cloned();
                let before = before.map(|task| Task { index: next + task.index, role: Role::Acts, ..task });
                let tasks: Vec<Task<'_>> = before.chain(own.iter().cloned()).collect();
                let verdict = verdict_in(&tasks, index, path, text);
                verdict.is_some_and(|verdict| matches!(verdict.decision, Decision::Apply))
            })
        };
        match self.history().map(|history| history.last_with(path, &mut |text| is_open(text))) {
            Some(LastHeld::In { .. }) => true,
            Some(LastHeld::Never) => false,
            Some(LastHeld::Unknown) | None => inserted(&self.patch(index).action).is_some(),
        }
    }

    /// Whether the locked item of a patch was only renamed, it or its file, and what it is today holds the one place that the patch
    /// has in `path`, or where it has none there, its effect: the one-based `line`.
    pub(super) fn is_in_renamed_item(&self, index: usize, path: &str, line: usize) -> bool {
        let ([LockedMatch { file, item: Some(locked), .. }], Some(history)) =
            (self.lock(index).matches(), self.history())
        else {
            return false;
        };
        let item_in = |text: &str| self.place_in(index, file, text).and_then(|(place, _)| place.item);
        let Some(now) = history.today(path) else { return false };
        let at_line = || item_around(&now, trimmed(&now, &bytes_of(&now, &(line - 1..line)))).0;
        let today = item_in(&now).map_or_else(at_line, |(item, _)| item);
        let held = |text: &str, item: &ItemPath| item_in(text).filter(|(path, _)| path == item);
        let heir = |_: &str, _: &str, after: &str| item_in(after);
        is_renamed(history, (file, &locked.path), (path, &today), &held, &heir)
    }

    /// Whether the locked item of a patch, of which it is the whole, became the item `today` of `path` by nothing but new names, its
    /// own or its file's.
    pub(super) fn is_renamed_item(&self, index: usize, path: &str, today: &ItemPath) -> bool {
        let [LockedMatch { file, item: Some(locked), .. }] = self.lock(index).matches() else { return false };
        self.is_item_renamed((file, &locked.path), (path, today))
    }

    /// Whether commits made the item `today` of an item by nothing but new names, its own or its file's.
    pub(super) fn is_item_renamed(&self, item: ItemOf<'_>, today: ItemOf<'_>) -> bool {
        let Some(history) = self.history() else { return false };
        let held = |text: &str, item: &ItemPath| {
            item_named(text, item).map(|before| (item.clone(), before.to_owned()))
        };
        let heir = |then: &str, before: &str, after: &str| {
            let is_new = |path: &ItemPath| item_named(then, path).is_none();
            let mut heirs = items_in(after).into_iter().filter(|(path, range)| {
                is_new(path) && identity::is_renamed(before, &after[range.clone()], Language::Rust)
            });
            let (path, range) = heirs.next()?;
            heirs.next().is_none().then(|| (path, after[range].to_owned()))
        };
        is_renamed(history, item, today, &held, &heir)
    }

    /// The newest text of `path` that has a line more often than `now`.
    pub(super) fn last_with_line(&self, path: &str, line: &str, now: &str) -> Option<String> {
        let mut found = None;
        self.history()?.last_with(path, &mut |text| {
            let has_more = count_of(line, text) > count_of(line, now);
            found = has_more.then(|| text.to_owned());
            has_more
        });
        found
    }

    /// The newest text of `path` in which the insertion of a patch, whose first line is `first`, was in place.
    pub(super) fn last_in_place(&self, patch: &Patch, path: &str, first: &str) -> LastInPlace {
        let Some(history) = self.history() else { return LastInPlace::Unknown };
        let mut found = None;
        let last = history.last_with(path, &mut |text| {
            let is_there = || {
                let verdict = verdict_of(&[patch], path, text);
                verdict.is_some_and(|verdict| matches!(verdict.decision, Decision::InPlace))
            };
            let holds = text.contains(first) && is_there();
            if holds {
                found = Some(text.to_owned());
            }
            holds
        });
        match (found, last) {
            (Some(text), _) => LastInPlace::In(text),
            (None, LastHeld::Never) => LastInPlace::Never,
            (None, _) => LastInPlace::Unknown,
        }
    }
}

/// A definition as it is told in a text whose `item` has what it looks for, in whole lines; none where it has not.
pub(super) fn told_in_item(definition: &Definition, text: &str, item: &ItemPath) -> Option<Definition> {
    let lines = |span: Range<usize>| line_start(text, span.start)..next_line(text, span.end - 1);
    let mut own = items_in(text).into_iter().filter(|(path, _)| path == item).map(|(_, span)| lines(span));
    let span = own.find(|span| text[span.clone()].contains(&definition.search))?;
    Some(trail::told_apart(definition.clone(), text, &span))
}

/// An item and its text.
type Held = (ItemPath, String);

/// An item of a file.
type ItemOf<'a> = (&'a str, &'a ItemPath);

/// Whether commits made the item `today` of the item `locked` by nothing but new names, of the items or of their file. `held` finds an
/// item in a text; `heir` finds what a text of it became, in a file before and after a commit. Another item that was there beside
/// it is another one.
fn is_renamed(
    history: &dyn History,
    locked: ItemOf<'_>,
    today: ItemOf<'_>,
    held: &dyn Fn(&str, &ItemPath) -> Option<Held>,
    heir: &dyn Fn(&str, &str, &str) -> Option<Held>,
) -> bool {
    let (mut file, mut item) = (locked.0.to_owned(), locked.1.clone());
    for _ in 0..MOST_RENAMES {
        let mut found = None;
        let last = history.last_with(&file, &mut |text| {
            found = held(text, &item).map(|(_, before)| (before, text.to_owned()));
            found.is_some()
        });
        let (LastHeld::In { lost_in: Some(commit), .. }, Some((before, then))) = (last, found) else {
            return false;
        };
        let Some((path, after)) = after_in(history, &commit, &file) else { return false };
        let is_kept = path != file && item_named(&after, &item).is_some();
        if !is_kept {
            let Some((heir, now)) = heir(&then, &before, &after) else { return false };
            let was_beside = item_named(&then, &heir).is_some();
            if was_beside || !identity::is_renamed(&before, &now, Language::Rust) {
                return false;
            }
            item = heir;
        }
        file = path;
        if (file.as_str(), &item) == today {
            return true;
        }
    }
    false
}

/// A file after a commit, which may have renamed it: its path and its text.
fn after_in(history: &dyn History, commit: &Commit, path: &str) -> Option<(String, String)> {
    let is_own = |change: &FileChange| change.old.as_ref().is_some_and(|(old, _)| old == path);
    history.changes(commit, path).into_iter().find(is_own)?.new
}

/// Whether a commit puts `item`, in whichever module, into `path`.
pub(super) fn puts_item(history: &dyn History, commit: &Commit, item: &ItemPath, path: &str) -> bool {
    let before = format!("{}^", commit.id);
    count_of_item(history, &commit.id, item, path) > count_of_item(history, &before, item, path)
}

/// How many of the name of `item` are in `path` at a revision, in any module.
fn count_of_item(history: &dyn History, revision: &str, item: &ItemPath, path: &str) -> usize {
    let items = history.text(revision, path).map(|text| items_in(&text)).unwrap_or_default();
    items.iter().filter(|(path, _)| path.is_same_item(item)).count()
}

/// The one place of the last of some patches in a text of `path`.
pub(super) fn place_of(patches: &[&Patch], path: &str, text: &str) -> Option<Place> {
    let verdict = verdict_of(patches, path, text)?;
    match verdict.decision {
        Decision::Apply => verdict.places.into_iter().next(),
        _ => None,
    }
}

/// What is decided about the last of some patches in a text of `path`.
fn verdict_of(patches: &[&Patch], path: &str, text: &str) -> Option<Verdict> {
    let terms = Terms { record: Record::Places, ..Terms::EXACT };
    let targets = vec![path.to_owned()];
    let tasks: Vec<Task<'_>> = patches
        .iter()
        .enumerate()
        .map(|(index, patch)| Task { index, patch, targets: targets.clone(), terms, role: Role::Acts })
        .collect();
    verdict_in(&tasks, patches.len() - 1, path, text)
}

/// What is decided about the patch `index` of `tasks` in a text of `path`.
fn verdict_in(tasks: &[Task<'_>], index: usize, path: &str, text: &str) -> Option<Verdict> {
    let source = Source::decode(text.as_bytes()).ok()?;
    let drafts = std::iter::once((path.to_owned(), Draft::new(path, source))).collect();
    plan(tasks, drafts).verdicts.remove(&index)
}

impl Memory {
    /// The change of the patch as a text: what stood there, and what the patch would have made of it. Where the file had the
    /// same text elsewhere, it is that of the item, or has what stood around it.
    pub(super) fn definition(&self, history: &dyn History) -> Definition {
        let Place { file, text, result, item, .. } = &self.place;
        let of = |search: &str, text: &str| Definition {
            path: file.clone(),
            search: search.to_owned(),
            text: text.to_owned(),
        };
        let (Some((path, item)), Some(then)) = (item, history.text(&self.revision, file)) else {
            return of(text, result);
        };
        let count = |whole: &str, part: &str| whole.matches(part).count();
        match (count(&then, text), count(&then, item)) {
            (1, _) => of(text, result),
            (_, 1) if count(item, text) == 1 => of(item, &item.replacen(text, result, 1)),
            _ => told_in_item(&of(text, result), &then, path).unwrap_or_else(|| of(text, result)),
        }
    }

    /// Where the place is today: its text may stand there and be none.
    pub(super) fn follow(&self, definition: &Definition, history: &dyn History) -> Trail {
        let trail = trail::follow(definition.clone(), history);
        let (made, search) = (&definition.text, &definition.search);
        let is_whole = |(at, _): (usize, &str)| {
            !begins_inside_word(made, at, Dash::Parts)
                && !ends_inside_word(made, at + search.len(), Dash::Parts)
        };
        let is_made_of_it = made.match_indices(search).any(is_whole);
        let is_held = !is_made_of_it && trail.steps.is_empty() && trail.end == End::Today(definition.clone());
        match (&self.lost_in, self.text(history, &definition.path)) {
            (Some(commit), Some(before)) if is_held => {
                trail::follow_past(definition, commit, &before, history)
            }
            _ => trail,
        }
    }

    /// A file in the newest revision that has the place.
    pub(super) fn text(&self, history: &dyn History, path: &str) -> Option<String> {
        history.text(&self.revision, path)
    }

    /// Whether `item` of `path` may be what the item `own` became, which stood there: it has its name, and came since.
    pub(super) fn became(&self, job: &Job<'_>, own: &ItemPath, path: &str, item: &ItemPath) -> bool {
        let name = |path: &ItemPath| path.last().map(|item| item.name.clone());
        name(own) == name(item) && self.came(job, path, item)
    }

    /// Whether the file had an item of the name of `item` beside the place: that is another one.
    pub(super) fn had_beside(&self, job: &Job<'_>, item: &ItemPath) -> bool {
        let then = job.history().and_then(|history| history.text(&self.revision, &self.place.file));
        then.is_some_and(|then| items_in(&then).iter().any(|(path, _)| path.last() == item.last()))
    }

    /// Whether `item` of `path` came since. What is in the same file under another path did not come.
    pub(super) fn came(&self, job: &Job<'_>, path: &str, item: &ItemPath) -> bool {
        let Some(history) = job.history() else { return false };
        let heir = history.fate(&self.place.file).and_then(|(_, heir)| heir);
        let then = if heir.as_deref() == Some(path) { &self.place.file } else { path };
        history.text(&self.revision, then).is_none_or(|then| item_named(&then, item).is_none())
    }

    /// The item of the place as it last was under each name that commits gave it, if the like of the place was in it then: its path
    /// and its text.
    pub(super) fn taken(&self, job: &Job<'_>) -> Vec<Held> {
        let mut taken = Vec::new();
        let (Some((own, _)), Some(history)) = (&self.place.item, job.history()) else { return taken };
        let (mut file, mut item) = (self.place.file.clone(), own.clone());
        for _ in 0..MOST_RENAMES {
            let mut then = None;
            let last = history.last_with(&file, &mut |text| {
                then = item_named(text, &item).map(|item| (item.to_owned(), text.to_owned()));
                then.is_some()
            });
            let (LastHeld::In { lost_in: Some(commit), .. }, Some((text, then))) = (last, then) else {
                break;
            };
            let Some((path, after)) = after_in(history, &commit, &file) else {
                taken.push((item, text));
                break;
            };
            if path == file || item_named(&after, &item).is_none() {
                let is_heir = |(path, span): &(ItemPath, Range<usize>)| {
                    item_named(&then, path).is_none()
                        && identity::is_renamed(&text, &after[span.clone()], Language::Rust)
                };
                let heir = items_in(&after).into_iter().find(is_heir);
                taken.push((item, text));
                let Some((heir, _)) = heir else { break };
                item = heir;
            }
            file = path;
        }
        taken.retain(|(_, text)| self.in_item(text).is_some());
        taken
    }

    /// What of `item`, a text that its item had, is like what stood there: all of it, where that is the item.
    pub(super) fn in_item<'t>(&self, item: &'t str) -> Option<&'t str> {
        let Place { text, item: own, .. } = &self.place;
        let bare = trail::without_white_space;
        if own.as_ref().is_some_and(|(_, own)| bare(own) == bare(text)) {
            return Some(item);
        }
        let best = best_windows(text, item, 0, 1).into_iter().next()?;
        (best.similarity >= WITHIN).then(|| &item[best.span])
    }

    /// What stood there.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The commit that took it away; `None` where that is not committed.
    pub(super) fn lost_in(&self) -> Option<&Commit> {
        self.lost_in.as_ref()
    }

    /// Whether the effect of a patch stands in a text of `path`, which has the place, beside that.
    pub(super) fn stands_beside(&self, patch: &Patch, path: &str, text: &str) -> bool {
        let beside = text.replacen(&self.place.text, "", 1);
        let verdict = verdict_of(&[patch], path, &beside);
        verdict.is_some_and(|verdict| matches!(verdict.decision, Decision::InPlace))
    }

    /// Whether the newest commit has it in `path`, for the patch alone.
    pub(super) fn is_open_in(&self, path: &str) -> bool {
        !self.is_committed() && self.place.file == path && self.rests == Rests::OnUpstream
    }

    /// Whether a commit took it away.
    pub(super) fn is_committed(&self) -> bool {
        self.lost_in.is_some()
    }

    /// Why the place that the patch has in `path`, whose text is `now`, is not the one that left: it stood there before, was
    /// not put there by the commit that took the other away, or is another item.
    pub(super) fn is_other(
        &self,
        job: &Job<'_>,
        index: usize,
        path: &str,
        now: &str,
    ) -> Option<&'static str> {
        if identity::is_of_the_file(&self.place.text, Language::of(path)) {
            return Some(OF_ITS_FILE);
        }
        let before = self.name_before(job, path);
        let text = |revision: &str| job.history()?.text(revision, &before);
        let place = |text: &str| job.place_in(index, path, text);
        if text(&self.revision).is_some_and(|then| place(&then).is_some()) {
            return Some("which stood there before");
        }
        let then = self.lost_in.as_ref().map_or_else(|| Some(now.to_owned()), |commit| text(&commit.id));
        let Some((there, _)) = then.and_then(|then| place(&then)) else {
            return Some("which was not put there when the patch's own file lost its");
        };
        let was_renamed = || {
            let then = text(&format!("{}^", self.lost_in.as_ref()?.id))?;
            let (own, now) = there.item.as_ref()?;
            let mut items = items_in(&then).into_iter();
            let is_it = |(path, span): (ItemPath, Range<usize>)| {
                path != *own && identity::is_renamed(&then[span], now, Language::Rust)
            };
            (item_named(&then, own).is_none() && items.any(is_it)).then_some(())
        };
        // The one that came there may have gone, and this one have its name.
        let came_later = || {
            let ((own, _), commit) = (there.item.as_ref()?, self.lost_in.as_ref()?);
            let then = text(&commit.id).filter(|_| before == path)?;
            let mut was_away = false;
            job.history()?.last_with(path, &mut |text| {
                was_away = item_named(text, own).is_none();
                was_away || text == then
            });
            was_away.then_some(())
        };
        let is_other = was_renamed().or_else(came_later).is_some();
        if !self.is_item_of(&there) || self.is_beside_own(job, path) || is_other {
            return Some("which is another item");
        }
        // What came there may have gone since, and a namesake come.
        let is_still_like = match (place(now), &there.item) {
            (Some((today, _)), _) => similarity(&there.text, &today.text) >= LIKE,
            // What the patch made of it is in the item.
            (None, Some((item, then))) => {
                item_named(now, item).is_some_and(|today| similarity(then, today) >= LIKE)
            }
            (None, None) => false,
        };
        let is_like = similarity(&self.place.text, &there.text) >= LIKE && is_still_like;
        (!is_like).then_some(OTHER_CODE)
    }

    /// What `path` was called in the commit that took the place away, which put it there.
    fn name_before(&self, job: &Job<'_>, path: &str) -> String {
        let before = || {
            let (history, commit) = (job.history()?, self.lost_in.as_ref()?);
            if history.text(&commit.id, path).is_some() {
                return None;
            }
            let put = history.changes(commit, path).into_iter().filter_map(|change| change.new);
            let became = |file: &str| history.fate(file).and_then(|(_, heir)| heir);
            put.map(|(file, _)| file).find(|file| became(file).as_deref() == Some(path))
        };
        before().unwrap_or_else(|| path.to_owned())
    }

    /// Whether what took the place away, a commit or the working tree, left it in its item: as it was, or much like that; or whether
    /// `path` had one of that name before.
    fn is_beside_own(&self, job: &Job<'_>, path: &str) -> bool {
        let Place { file, item, .. } = &self.place;
        let (Some((item, whole)), Some(history)) = (item, job.history()) else { return false };
        let now = match &self.lost_in {
            Some(commit) => history.text(&commit.id, file),
            None => job.text(file),
        };
        // With all of its lines: a piece of one is like many.
        let lines = || {
            let start = whole.find(&self.place.text)?;
            Some(&whole[line_start(whole, start)..line_end(whole, start + self.place.text.len())])
        };
        let is_kept = || lines().zip(now).is_some_and(|(then, now)| trail::is_kept(item, then, &now));
        let had_one = |commit: &Commit| {
            let before = format!("{}^", commit.id);
            count_of_item(history, &commit.id, item, file) > 0
                && count_of_item(history, &before, item, path) > 0
        };
        file != path && (self.lost_in.as_ref().is_some_and(had_one) || is_kept())
    }

    fn is_item_of(&self, other: &Place) -> bool {
        let path = |place: &Place| place.item.as_ref().map(|(path, _)| path.clone()).unwrap_or_default();
        path(&self.place).is_same_item(&path(other))
    }
}
