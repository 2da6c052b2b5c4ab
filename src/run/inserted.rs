//! Whether an insertion that is about to be made was made before: with the text that it has, or with the one that it had.

use std::cell::LazyCell;

use super::beside::{Insertion, PutBeside, put_in};
use super::job::Job;
use super::planned::Manner;
use super::recall::{LIKE, LastInPlace};
use super::resolved::Resolved;
use crate::drift::relocation::is_distinctive;
use crate::drift::similar::similarity;
use crate::drift::trail::{self, Commit, Definition, End, LastHeld, count_of};
use crate::identity::{self, Language};
use crate::patch::Matches;
use crate::patch::lock::{self, LockedMatch};
use crate::plan::Verdict;
use crate::plan::failure::{Failure, ItemFate};
use crate::plan::seen::{Beside, Seen};
use crate::plan::sites::{inserted, is_item, item_around, item_named};
use crate::plan::standing::behind_comments;
use crate::text::lines::{bytes_of, line_of, line_start, next_line};
use crate::text::words::pieces;

impl<'r> Job<'r> {
    /// Whether what stands there is what the patch inserts, without what it was put beside where that is written as a replacement.
    pub(super) fn is_of_an_insertion(&self, index: usize, verdict: &Verdict) -> bool {
        let action = &self.patch(index).action;
        let has_whole = |result: &str| {
            let now = verdict.file.as_deref().and_then(|path| self.text(path)).unwrap_or_default();
            trail::without_white_space(&now).contains(&trail::without_white_space(result))
        };
        let is_parted = || inserted(action).is_some() && !action.text().is_some_and(has_whole);
        action.only_adds() || is_parted()
    }

    /// The commit that put what the patch inserts into its file, if the newest one has it.
    pub(super) fn inserted_by(&self, index: usize, verdict: &Verdict) -> Option<Commit> {
        let text = trail::without_white_space(inserted(&self.patch(index).action)?);
        let is_without = &mut |then: &str| !trail::without_white_space(then).contains(&text);
        match self.history()?.last_with(verdict.file.as_deref()?, is_without) {
            LastHeld::In { lost_in, .. } => lost_in,
            LastHeld::Never | LastHeld::Unknown => None,
        }
    }

    /// The failure of an insertion that stands in `path` with the text that it had when the patch was locked.
    pub(super) fn made_as_it_was(&self, index: usize, path: &str) -> Option<Failure> {
        let inserted = inserted(&self.patch(index).action)?.trim();
        let now = self.text(path)?;
        self.lock(index).former().iter().find_map(|former| {
            let text = put_in(&former.text, &former.result)?;
            let line = line_with(&now, text.trim()).filter(|_| text.trim() != inserted)?;
            let text = now.lines().nth(line - 1)?.trim().to_owned();
            let seen = Seen::Former { line, text };
            Some(self.unmatched(index, Some(path), seen))
        })
    }

    /// The failure of an insertion that is about to follow what it was put beside into `path`, where its own file still has it.
    pub(super) fn left_behind(&self, index: usize, path: &str) -> Option<Failure> {
        let patch = self.patch(index);
        let inserted = inserted(&patch.action)?.trim();
        let own = self.paths_of(index);
        let is_once = is_distinctive(inserted) || !identity::names(inserted, Language::of(path)).is_empty();
        if !is_once || own.iter().any(|own| own == path) {
            return None;
        }
        own.iter().find_map(|own| {
            let line = line_with(&self.text(own)?, inserted)?;
            let seen = Seen::LeftBehind { file: own.clone(), line };
            Some(self.unmatched(index, Some(path), seen))
        })
    }

    /// The failure of an insertion that was made before: what stands in one of `lines` begins as it does, and only the working
    /// tree has that, or it took the place of the insertion; or a line has the text itself, and what that was put beside is
    /// elsewhere; or what stands in one of `beside` is like it, and only the working tree has that; or a commit made something else of the
    /// text, wherever that stands in the file. What another patch file put there is none of it.
    pub(super) fn made_before(
        &self,
        index: usize,
        path: &str,
        lines: &[usize],
        beside: &[usize],
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> Option<Failure> {
        let patch = &resolved.assignments.get(&index)?.patch;
        let now = self.text(path)?;
        let Some(inserted) = inserted(&patch.action).map(str::trim) else {
            return self.doubled(index, path, beside, &now);
        };
        let first = behind_comments(inserted).lines().next().unwrap_or(inserted).trim();
        // As it is, and as the other patches make it: what they take away somebody put there.
        let heads = || {
            let (assignments, planned) = (&resolved.assignments, &resolved.planned);
            let today = self.history()?.today(path)?;
            let others = self.with_others(index, path, &today, assignments, planned, manner)?;
            Some([today, others])
        };
        let heads = heads();
        let insertion = Insertion { index, path, text: inserted, first };
        // A list of imports has many that begin alike.
        let stood = LazyCell::new(|| match identity::is_use(inserted, Language::of(path)) {
            true => LastInPlace::Never,
            false => {
                let own = self.paths_of(index);
                let paths = std::iter::once(path).chain(own.iter().map(String::as_str));
                let as_planned = |path| self.last_in_place(patch, path, first);
                let as_written = |path| self.last_in_place(self.patch(index), path, first);
                match newest(paths.flat_map(|path| [as_planned(path), as_written(path)])) {
                    known @ LastInPlace::In(_) => known,
                    // Adopted among the lines of the query, it was in place in none.
                    none => self.last_with_line(path, first, &now).map_or(none, LastInPlace::In),
                }
            }
        });
        let is_of_a_sibling = |line: &usize| self.is_of_a_sibling(index, path, *line);
        let at = |line: usize| now.lines().nth(line - 1).unwrap_or_default().trim();
        let is_uncommitted = |there: &str| {
            let is_more = |head: &String| count_of(there, head) < count_of(there, &now);
            heads.as_ref().is_some_and(|heads| heads.iter().all(is_more))
        };
        let seen = lines.iter().filter(|line| !is_of_a_sibling(line)).find_map(|&line| {
            let there = at(line);
            let came = |before: &str| count_of(there, before) < count_of(there, &now);
            let is_uncommitted = is_uncommitted(there);
            if !stands_at(&now, line, inserted) {
                let is_less = |before: &str| count_of(first, &now) < count_of(first, before);
                // Its first line may have stayed.
                let took_its_place = |before: &str| match there == first {
                    true => !is_less(before),
                    false => came(before) && is_less(before),
                };
                let came_since = || match (self.is_item_as_locked(index, path, &now, line), &*stood) {
                    (Some(true), _) => false,
                    (locked, LastInPlace::Never) => {
                        locked == Some(false)
                            && !identity::is_use(inserted, Language::of(path))
                            && self.came_into_locked_item(index, there)
                    }
                    (_, LastInPlace::In(before)) => took_its_place(before),
                    (locked, LastInPlace::Unknown) => locked.is_some(),
                };
                let text = there.to_owned();
                if is_uncommitted {
                    return Some(Seen::EditedSince { line, text });
                }
                if came_since() {
                    return Some(Seen::WentOn { line, text });
                }
                let is_locked = self.is_item_as_locked(index, path, &now, line) == Some(true);
                let by = match self.put_beside(&insertion, there, resolved, manner).filter(|_| !is_locked)? {
                    PutBeside::By(commit) => Some(commit),
                    PutBeside::Unknown => None,
                };
                return Some(Seen::PutBeside(Box::new(Beside { line, text, by })));
            }
            if is_uncommitted {
                return Some(Seen::AnchorLeft { line });
            }
            let is_once = || !identity::names(inserted, Language::of(path)).is_empty();
            match &*stood {
                LastInPlace::In(before) => (!came(before)).then_some(Seen::AnchorLeft { line }),
                LastInPlace::Never => None,
                LastInPlace::Unknown => is_once().then_some(Seen::AlwaysThere { line }),
            }
        });
        let edited = || {
            let mut edited =
                beside.iter().filter(|line| is_uncommitted(at(**line)) && !is_of_a_sibling(line));
            edited.next().map(|&line| Seen::EditedSince { line, text: at(line).to_owned() })
        };
        // What a commit put right there, before others came into the text.
        let committed = || {
            let is_own = |line: &&usize| {
                !is_of_a_sibling(line) && self.is_item_as_locked(index, path, &now, **line) != Some(true)
            };
            beside.iter().filter(is_own).find_map(|&line| {
                match self.put_beside(&insertion, at(line), resolved, manner)? {
                    PutBeside::By(by) => {
                        let text = at(line).to_owned();
                        Some(Seen::PutBeside(Box::new(Beside { line, text, by: Some(by) })))
                    }
                    PutBeside::Unknown => None,
                }
            })
        };
        // What a commit made of the text where others stand between it and its place.
        let became = || {
            let (LastInPlace::In(before), Some(history)) = (&*stood, self.history()) else { return None };
            let start = before.find(inserted).filter(|_| count_of(first, &now) < count_of(first, before))?;
            let whole =
                before[line_start(before, start)..next_line(before, start + inserted.len() - 1)].to_owned();
            let definition = Definition { path: path.to_owned(), search: whole.clone(), text: whole };
            let End::Today(there) = trail::follow(definition, history).end else { return None };
            let line = line_of(&now, now.find(&there.search).filter(|_| there.path == path)?);
            let text = at(line).to_owned();
            (count_of(&text, before) < count_of(&text, &now)).then_some(Seen::WentOn { line, text })
        };
        seen.or_else(edited)
            .or_else(committed)
            .or_else(became)
            .map(|seen| self.unmatched(index, Some(path), seen))
    }

    /// The failure of a replacement, all of whose text stands right `beside` what it replaces, in these one-based lines, and which no
    /// commit put there: it was an insertion before.
    fn doubled(&self, index: usize, path: &str, beside: &[usize], now: &str) -> Option<Failure> {
        let head = self.history()?.today(path)?;
        let text = |line: usize| now.lines().nth(line - 1).unwrap_or_default().trim();
        let is_uncommitted = |line: &&usize| {
            let there = text(**line);
            count_of(there, &head) < count_of(there, now)
                && !self.is_of_another(index, there)
                && !self.is_of_a_sibling(index, path, **line)
        };
        // It may have more places than one, beside each other.
        let is_alone = self.patch(index).matches == Matches::Exactly(1);
        let line = *beside.iter().filter(|_| is_alone).find(is_uncommitted)?;
        let seen = Seen::EditedSince { line, text: text(line).to_owned() };
        Some(self.unmatched(index, Some(path), seen))
    }

    /// The failure of an insertion beside an item that is not the locked one: that was away, and another has its name.
    pub(super) fn other_anchor(&self, index: usize, path: &str) -> Option<Failure> {
        let [known @ LockedMatch { item: Some(locked), text, .. }] = self.lock(index).matches() else {
            return None;
        };
        let now = self.text(path).filter(|_| is_item(known))?;
        let item = item_named(&now, &locked.path)?;
        let line = line_of(&now, now.find(item)?);
        let mut was_away = false;
        let last = self.history().map(|history| {
            history.last_with(path, &mut |text| match item_named(text, &locked.path) {
                Some(item) => was_away || lock::digest(item) == locked.sha256,
                None => {
                    was_away = true;
                    false
                }
            })
        });
        if !matches!(last, Some(LastHeld::In { .. })) {
            was_away = similarity(text, item) < LIKE;
        }
        was_away.then(|| Failure::OtherItem { line, item: locked.path.to_string(), fate: ItemFate::Replaced })
    }

    /// Whether the locked item of a patch had no `line` when it last was as the lock records it.
    fn came_into_locked_item(&self, index: usize, line: &str) -> bool {
        let ([LockedMatch { file, item: Some(locked), .. }], Some(history)) =
            (self.lock(index).matches(), self.history())
        else {
            return false;
        };
        let mut had = None;
        history.last_with(file, &mut |text| {
            let item = item_named(text, &locked.path).filter(|item| lock::digest(item) == locked.sha256);
            had = item.map(|item| count_of(line, item) > 0);
            had.is_some()
        });
        had == Some(false)
    }

    /// Whether the item around `line` in `text`, the file at `file`, is as the lock records it, but for a new name; `None` where that
    /// records none that it is.
    fn is_item_as_locked(&self, index: usize, file: &str, text: &str, line: usize) -> Option<bool> {
        let [LockedMatch { item: Some(locked), .. }] = self.lock(index).matches() else { return None };
        let (path, item) = item_around(text, bytes_of(text, &(line - 1..line)));
        if path == locked.path {
            return Some(lock::digest(item) == locked.sha256);
        }
        let (before, now) = (locked.path.name()?, path.name()?);
        let is_renamed = self.is_in_renamed_item(index, file, line);
        is_renamed.then(|| {
            let old_name = |piece| if piece == now { before } else { piece };
            lock::digest(&pieces(item).map(old_name).collect::<String>()) == locked.sha256
        })
    }
}

/// The first one-based line of a text at which `part` stands, but for the white space.
fn line_with(text: &str, part: &str) -> Option<usize> {
    let first = part.lines().next()?.trim();
    let mut lines = text.lines().zip(1..).filter(|(line, _)| line.trim() == first);
    lines.find(|(_, line)| stands_at(text, *line, part)).map(|(_, line)| line)
}

/// Whether a text stands at a one-based line of another, but for the white space.
fn stands_at(text: &str, line: usize, part: &str) -> bool {
    let from = bytes_of(text, &(line - 1..line)).start;
    trail::without_white_space(&text[from..]).starts_with(&trail::without_white_space(part))
}

/// The first of these that is known, those that are no text last.
fn newest(found: impl Iterator<Item = LastInPlace>) -> LastInPlace {
    let mut last = LastInPlace::Never;
    for found in found {
        match found {
            LastInPlace::In(_) => return found,
            LastInPlace::Unknown => last = found,
            LastInPlace::Never => {}
        }
    }
    last
}
