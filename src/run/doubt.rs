//! Patches that seem to be in place where the file alone cannot tell: history is asked what became of what they look for.
//!
//! The effect of a small change may stand anywhere, and what is nowhere may have been deleted by the patch, by upstream, or
//! never have been there. The newest commit says what stood before the working tree was changed; where it has the effect
//! already, the trail of the text says who made it.

use std::cell::LazyCell;
use std::ops::Range;

use rayon::prelude::*;

use super::beside::{Insertion, PutBeside, put_in};
use super::job::Job;
use super::planned::Manner;
use super::recall::{LIKE, LastInPlace, Memory, Recalled, Rests};
use super::resolved::Resolved;
use crate::drift::relocation::is_distinctive;
use crate::drift::similar::similarity;
use crate::drift::trail::{self, Commit, Definition, End, History, LastHeld, Trail, count_of, gone_lines};
use crate::identity::{self, Language};
use crate::meter::metered;
use crate::outcome::{Site, Work};
use crate::patch::lock::{self, LockedMatch};
use crate::plan::draft::Draft;
use crate::plan::failure::{Failure, ItemFate, describe};
use crate::plan::seen::{Beside, Seen};
use crate::plan::sites::{inserted, is_item, item_around, item_named, no_match};
use crate::plan::standing::{behind_comments, is_keyword, is_name};
use crate::plan::{Decision, Place, Standing, Strictness, Verdict};
use crate::text::hunks::line_hunks;
use crate::text::lines::{bytes_of, line_of};
use crate::text::words::{is_word, words};

/// What is known of a patch that seems to be in place.
enum Known {
    /// It is: what it looks for became its effect, by the working tree or by this commit.
    InPlace(Option<String>),
    /// It is, in another file, to which its place went.
    InPlaceIn(String),
    /// It is not.
    Not(Failure),
    /// Nothing is known.
    Unknown,
}

impl<'r> Job<'r> {
    /// Asks history about the patches that seem to be in place, and corrects their verdicts.
    pub(super) fn settle_doubts(&self, resolved: &mut Resolved<'r>, manner: Manner) {
        let is_settled =
            |index: &usize| resolved.followed.get(index).is_some_and(|followed| followed.upstream.is_some());
        let doubtful: Vec<usize> = resolved
            .planned
            .verdicts
            .iter()
            .filter(|(index, verdict)| self.is_doubtful(**index, verdict) && !is_settled(index))
            .map(|(index, _)| *index)
            .collect();
        self.expose_others(resolved, manner.strictness);
        if doubtful.is_empty() {
            return;
        }
        let known: Vec<(usize, (Known, Work))> = doubtful
            .par_iter()
            .map(|index| (*index, metered(|| self.what_became(*index, resolved, manner))))
            .collect();
        for (index, (known, work)) in known {
            resolved.planned.work += work;
            let Some(verdict) = resolved.planned.verdicts.get_mut(&index) else { continue };
            match known {
                Known::InPlace(by) => {
                    verdict.line = resembling(verdict).or(verdict.line);
                    verdict.decision = Decision::InPlace;
                    verdict.warnings.clear();
                    if let Some(by) = by {
                        verdict.warn(format!(
                            "HEAD has this change since {by}: if upstream made it, remove the patch"
                        ));
                    }
                }
                Known::InPlaceIn(path) => {
                    verdict.decision = Decision::InPlace;
                    verdict.warnings.clear();
                    (verdict.file, verdict.line) = (Some(path), None);
                }
                // Why it failed stays what there is to say.
                Known::Not(_) | Known::Unknown if self.is_lost(index, verdict) => {}
                Known::Not(failure) => {
                    verdict.warnings.clear();
                    verdict.line = failure.line().or(verdict.line);
                    verdict.decision = Decision::Fail(failure);
                }
                Known::Unknown
                    if let (Decision::Absent, Standing::Before(lines)) =
                        (&verdict.decision, &verdict.standing) =>
                {
                    let line = lines[0];
                    verdict.warnings.clear();
                    verdict.line = Some(line);
                    let failure = self.unmatched(index, verdict.file.as_deref(), Seen::Changed { line });
                    verdict.decision = Decision::Fail(failure);
                }
                Known::Unknown => {
                    if let (Strictness::Strict, Some(why)) =
                        (manner.strictness, self.gaps().into_iter().next())
                    {
                        let line = verdict.line.unwrap_or(1);
                        verdict.decision = Decision::Fail(Failure::Unproven { why, line });
                    }
                }
            }
        }
    }

    /// Whether the file alone does not tell that a patch is in place.
    fn is_doubtful(&self, index: usize, verdict: &Verdict) -> bool {
        let patch = self.patch(index);
        let inserts = || inserted(&patch.action).is_some();
        let is_elsewhere = || verdict.file.as_ref().is_some_and(|file| !patch.files.contains(file));
        match &verdict.decision {
            Decision::Apply if verdict.score.is_some() => true,
            Decision::Apply if inserts() && (is_elsewhere() || !self.lock(index).former().is_empty()) => true,
            Decision::InPlace | Decision::Apply => verdict.standing != Standing::Told,
            Decision::Absent => true,
            Decision::Fail(Failure::NothingToDelete { .. }) => !patch.ensure_present,
            _ => self.is_lost(index, verdict),
        }
    }

    /// Whether a patch failed because it has no place, or seems to have become something else: it may have been made there.
    fn is_lost(&self, index: usize, verdict: &Verdict) -> bool {
        match &verdict.decision {
            Decision::Fail(Failure::ChangedUpstream { .. }) => self.patch(index).action.only_deletes(),
            Decision::Fail(failure) => matches!(
                failure,
                Failure::NoMatch { .. }
                    | Failure::NoTarget { .. }
                    | Failure::Conflict { .. }
                    | Failure::Gone { .. }
                    | Failure::SeveralPlaces { .. }
            ),
            _ => false,
        }
    }

    fn what_became(&self, index: usize, resolved: &Resolved<'r>, manner: Manner) -> Known {
        let verdict = &resolved.planned.verdicts[&index];
        if let (Decision::Apply, Some(path)) = (&verdict.decision, verdict.file.as_deref()) {
            let known = self.made_as_it_was(index, path).or_else(|| self.left_behind(index, path));
            let before = known.or_else(|| match &verdict.standing {
                Standing::Before(lines) => self.made_before(index, path, lines, resolved, manner),
                Standing::Leaves(line) => self.seen_again(index, *line),
                Standing::Told | Standing::Doubtful => None,
            });
            let failure = before.or_else(|| match verdict.score {
                Some(_) => {
                    let line = verdict.line.unwrap_or(1);
                    self.other_item(index, path, line)
                        .or_else(|| self.written_elsewhere_too(index, path, line))
                }
                None => self.other_anchor(index, path),
            });
            return failure.map_or(Known::Unknown, Known::Not);
        }
        let is_lost = self.is_lost(index, verdict);
        match self.recall(index) {
            Recalled::Of(memory) if is_lost && memory.rests == Rests::OnPatches => {
                match self.is_made_with_all(index, &memory) {
                    true => Known::InPlace(memory.lost_in().map(Commit::to_string)),
                    false => Known::Unknown,
                }
            }
            Recalled::Of(memory) if !is_lost && self.is_of_an_insertion(index, verdict) => {
                Known::InPlace(memory.lost_in().map(Commit::to_string))
            }
            Recalled::Of(memory) if memory.rests == Rests::OnPatches => {
                self.still_there(index, &memory, verdict).map_or(Known::Unknown, Known::Not)
            }
            Recalled::Of(memory) => match self.fate_of(index, &memory, resolved, manner) {
                Known::InPlace(by) => self.came_back(index, &memory).map_or(Known::InPlace(by), Known::Not),
                known => known,
            },
            Recalled::Never => Known::Not(self.never_held(index, verdict)),
            Recalled::Unknown => Known::Unknown,
        }
    }

    /// Whether what stands there is what the patch inserts, without what it was put beside where that is written as a replacement.
    fn is_of_an_insertion(&self, index: usize, verdict: &Verdict) -> bool {
        let action = &self.patch(index).action;
        let has_whole = |result: &str| {
            let now = verdict.file.as_deref().and_then(|path| self.text(path)).unwrap_or_default();
            trail::without_white_space(&now).contains(&trail::without_white_space(result))
        };
        let is_parted = || inserted(action).is_some() && !action.text().is_some_and(has_whole);
        action.only_adds() || is_parted()
    }

    /// The failure of an insertion that stands in `path` with the text that it had when the patch was locked.
    fn made_as_it_was(&self, index: usize, path: &str) -> Option<Failure> {
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
    fn left_behind(&self, index: usize, path: &str) -> Option<Failure> {
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
    /// elsewhere.
    fn made_before(
        &self,
        index: usize,
        path: &str,
        lines: &[usize],
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> Option<Failure> {
        let patch = &resolved.assignments.get(&index)?.patch;
        let inserted = inserted(&patch.action)?.trim();
        let first = behind_comments(inserted).lines().next().unwrap_or(inserted).trim();
        let now = self.text(path)?;
        let head = || {
            let (assignments, planned) = (&resolved.assignments, &resolved.planned);
            let today = self.history()?.today(path)?;
            self.with_others(index, path, &today, assignments, planned, manner)
        };
        let head = head();
        let insertion = Insertion { index, path, text: inserted, first };
        // A list of imports has many that begin alike.
        let stood = LazyCell::new(|| match identity::is_use(inserted, Language::of(path)) {
            true => LastInPlace::Never,
            false => {
                let own = self.paths_of(index);
                let paths = std::iter::once(path).chain(own.iter().map(String::as_str));
                let as_planned = |path| self.last_in_place(patch, path, first);
                let as_written = |path| self.last_in_place(self.patch(index), path, first);
                newest(paths.flat_map(|path| [as_planned(path), as_written(path)]))
            }
        });
        let seen = lines.iter().find_map(|&line| {
            let there = now.lines().nth(line - 1)?.trim();
            let came = |before: &str| count_of(there, before) < count_of(there, &now);
            let is_uncommitted = head.as_deref().is_some_and(came);
            if !stands_at(&now, line, inserted) {
                let is_less = |before: &str| count_of(first, &now) < count_of(first, before);
                // Its first line may have stayed.
                let took_its_place = |before: &str| match there == first {
                    true => !is_less(before),
                    false => came(before) && is_less(before),
                };
                let came_since = || match (self.is_item_as_locked(index, &now, line), &*stood) {
                    (Some(true), _) | (_, LastInPlace::Never) => false,
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
                let is_locked = self.is_item_as_locked(index, &now, line) == Some(true);
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
        seen.map(|seen| self.unmatched(index, Some(path), seen))
    }

    /// The failure of a patch that leaves the like of what it takes away in `line` of the result, where history will not tell a
    /// second run that it was made.
    fn seen_again(&self, index: usize, line: usize) -> Option<Failure> {
        let what = format!("find what is like the text that it takes away, at line {line} of the result");
        let is_known = match self.recall(index) {
            Recalled::Of(memory) => {
                self.patch(index).action.only_deletes() || memory.rests == Rests::OnUpstream
            }
            Recalled::Never | Recalled::Unknown => false,
        };
        (!is_known).then(|| Failure::NotIdempotent { what, others: Vec::new(), shown: None, nearest: None })
    }

    /// The failure of a patch whose place was found by likeness, in `line`, in another item than the one that it had when patches
    /// before it made it: history does not follow that text.
    fn other_item(&self, index: usize, path: &str, line: usize) -> Option<Failure> {
        let shares =
            |other: usize| self.patch(other).files.iter().any(|file| self.patch(index).files.contains(file));
        if !(0..index).any(shares) {
            return None;
        }
        let Recalled::Of(memory) = self.recall(index) else { return None };
        let (was, _) = memory.place().item.as_ref()?;
        let now = self.text(path)?;
        let (item, _) = item_around(&now, bytes_of(&now, &(line - 1..line)));
        let is_other = memory.rests == Rests::OnPatches && !item.is_same_item(was);
        is_other.then(|| Failure::OtherItem { line, item: was.to_string(), fate: ItemFate::Left })
    }

    /// The failure of a patch whose place was found by likeness, in `line` of `path`, while what it looks for stands elsewhere as it is
    /// written, and neither history nor a lock tells which of them it is.
    fn written_elsewhere_too(&self, index: usize, path: &str, line: usize) -> Option<Failure> {
        let is_known =
            !self.lock(index).matches().is_empty() || !matches!(self.recall(index), Recalled::Unknown);
        if is_known {
            return None;
        }
        let mut sites = self.written_elsewhere(index);
        sites.retain(|site| site.file != path);
        sites.insert(0, Site { file: path.to_owned(), line, text: None });
        (sites.len() > 1).then_some(Failure::SeveralPlaces { by: None, sites })
    }

    /// The failure of an insertion beside an item that is not the locked one: that was away, and another has its name.
    fn other_anchor(&self, index: usize, path: &str) -> Option<Failure> {
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

    /// Whether the item around `line` in `text` is as the lock records it; `None` where that records none of this name.
    fn is_item_as_locked(&self, index: usize, text: &str, line: usize) -> Option<bool> {
        let [LockedMatch { item: Some(locked), .. }] = self.lock(index).matches() else { return None };
        let (path, item) = item_around(text, bytes_of(text, &(line - 1..line)));
        (path == locked.path).then(|| lock::digest(item) == locked.sha256)
    }

    /// What became of a place that the patch had.
    fn fate_of(&self, index: usize, memory: &Memory, resolved: &Resolved<'r>, manner: Manner) -> Known {
        let Some(history) = self.history() else { return Known::Unknown };
        let definition = memory.definition(history);
        let verdict = &resolved.planned.verdicts[&index];
        let now = self.text(&definition.path).unwrap_or_default();
        let deletes = self.patch(index).action.only_deletes();
        let Trail { steps, end } = match memory.is_committed() {
            true => trail::follow(definition.clone(), history),
            false => Trail { steps: Vec::new(), end: End::Today(definition.clone()) },
        };
        let by = steps.last().map(|step| step.commit.to_string());
        let last_file = steps.last().map_or(&definition.path, |step| &step.path);
        let heir = heir_in(&end, &definition.path, history).filter(|path| {
            let may_go =
                !self.paths_of(index).contains(path) && self.may_go(index, &definition.path, path, manner);
            may_go && self.is_made_there(index, path)
        });
        if let Some(path) = heir {
            return Known::InPlaceIn(path);
        }
        match end {
            End::Gone(_) if self.text(last_file).is_none() => Known::Unknown,
            // Upstream took it away here: not if it only put it elsewhere, in one commit or in two.
            End::Gone(commit) | End::Upstream(_, commit) if deletes => match self.copies(index, memory) {
                sites if sites.is_empty() => Known::InPlace(Some(commit.to_string())),
                sites => Known::Not(Failure::SeveralPlaces { by: None, sites }),
            },
            End::Upstream(made, commit) => match self.is_lost(index, verdict) {
                // No effect of it was found: what made it must be there, in its own item.
                true if self.in_other_item(index, &made, None).is_some() => Known::Unknown,
                true if !self.text(&made.path).is_some_and(|now| now.contains(&made.search)) => {
                    Known::Unknown
                }
                true if !self.paths_of(index).contains(&made.path) => Known::InPlaceIn(made.path),
                _ => Known::InPlace(Some(commit.to_string())),
            },
            End::Today(today) if self.may_go(index, &definition.path, &today.path, manner) => {
                let path = today.path.clone();
                let made = || match self.paths_of(index).contains(&path) {
                    true => Known::InPlace(None),
                    false => Known::InPlaceIn(path.clone()),
                };
                let Some(now) = self.text(&path) else { return Known::Unknown };
                // What the other patches did is not what became of this one's place.
                let before = history.today(&path);
                let (assignments, planned) = (&resolved.assignments, &resolved.planned);
                let others =
                    |before: String| self.with_others(index, &path, &before, assignments, planned, manner);
                let before = before.and_then(others);
                let Some(before) = before.filter(|before| before.contains(&today.search)) else {
                    return if self.is_made_with_all(index, memory) { made() } else { Known::Unknown };
                };
                match trail::uncommitted(&today, &before, &now) {
                    End::Upstream(..) => made(),
                    End::Gone(_) if deletes => made(),
                    end if self.is_made_in(&end, index, memory, verdict)
                        || self.is_made_with_all(index, memory) =>
                    {
                        made()
                    }
                    end => self.other_end(index, end, by, &now),
                }
            }
            end if self.is_made_in(&end, index, memory, verdict)
                || !is_left_at(&end, &definition) && self.is_made_with_all(index, memory) =>
            {
                Known::InPlace(by_of(&end))
            }
            end => self.other_end(index, end, by, &now),
        }
    }

    /// Whether a deletion was made, though its trail ended in a conflict: what was put in its place has nothing of it. So it is with
    /// a replacement that only takes lines away, and what it keeps is there.
    fn is_made_in(&self, end: &End, index: usize, memory: &Memory, verdict: &Verdict) -> bool {
        let (Some(history), End::Conflict { ours, .. }) = (self.history(), end) else { return false };
        let definition = memory.definition(history);
        let takes_lines = || {
            let hunks = line_hunks(&definition.search, &definition.text);
            hunks.iter().all(|hunk| hunk.new.is_empty()) && matches!(verdict.decision, Decision::InPlace)
        };
        (self.patch(index).action.only_deletes() || takes_lines())
            && has_nothing_of(ours, &definition)
            && self.copies(index, memory).is_empty()
    }

    /// Whether a patch was made together with others, whose places may touch its own: where its edits would be, the file is as the
    /// whole set makes it of the text in which the patch last had its place, in the same item, and has no more of what goes.
    fn is_made_with_all(&self, index: usize, memory: &Memory) -> bool {
        let Place { file, text, result, item } = memory.place();
        let both = || {
            let then = memory.text(self.history()?, file)?;
            Some((self.with_all(index, file, &then)?, self.text(file)?))
        };
        let Some(((made, spans), now)) = both() else { return false };
        let hunks = line_hunks(&made, &now);
        let is_as_made = |span: &Range<usize>| {
            let within = usize::from(!made[..span.end].ends_with('\n'));
            let (above, end) =
                (line_of(&made, span.start).saturating_sub(2), line_of(&made, span.end) + within);
            !hunks.iter().any(|hunk| hunk.old.start < end && above < hunk.old.end)
        };
        let is_less = |line: &str| count_of(line, result) < count_of(line, text);
        let mut gone = text.lines().map(str::trim).filter(|line| line.contains(is_word) && is_less(line));
        let deletes = self.patch(index).action.only_deletes();
        let has_item = item.as_ref().is_none_or(|(path, _)| item_named(&now, path).is_some());
        has_item
            && !spans.is_empty()
            && spans.iter().all(is_as_made)
            && gone.all(|line| count_of(line, &now) <= count_of(line, &made))
            && (!deletes || self.copies(index, memory).is_empty())
    }

    /// Whether a patch had a place in `path`, as it is written, and was made there.
    fn is_made_there(&self, index: usize, path: &str) -> bool {
        let end = || {
            let history = self.history()?;
            let mut place = None;
            let last = history.last_with(path, &mut |text| {
                place = self.place_behind(&[], index, path, text);
                place.is_some()
            });
            let (LastHeld::In { revision, lost_in }, Some(Place { text, result, .. })) = (last, place) else {
                return None;
            };
            let definition = Definition { path: path.to_owned(), search: text, text: result };
            let now = self.text(path)?;
            let end = match lost_in {
                Some(_) => trail::follow(definition, history).end,
                None => trail::uncommitted(&definition, &history.text(&revision, path)?, &now),
            };
            Some((end, now))
        };
        match end() {
            Some((End::Gone(_), _)) => self.patch(index).action.only_deletes(),
            Some((End::Upstream(made, _), now)) => made.path == path && now.contains(&made.search),
            _ => false,
        }
    }

    /// The failure of a patch that takes away what patches before it made, and whose effect seems to stand, if its item has as much of
    /// that as it had: history does not follow that text.
    fn still_there(&self, index: usize, memory: &Memory, verdict: &Verdict) -> Option<Failure> {
        let Place { text, result, item, .. } = memory.place();
        let (file, effect) = (verdict.file.as_deref()?, verdict.line?);
        let (path, before) = item.as_ref()?;
        let now = self.text(file)?;
        let item = item_named(&now, path)?;
        let gone = gone_lines(text, result)
            .into_iter()
            .find(|line| count_of(line, item) > 0 && count_of(line, item) >= count_of(line, before))?;
        let line = line_of(&now, now.find(item)? + item.find(gone)?);
        let seen = Seen::Resembling { effect, line, text: gone.to_owned() };
        Some(self.unmatched(index, Some(file), seen))
    }

    /// The failure of a patch whose place became something else than its effect.
    fn other_end(&self, index: usize, end: End, by: Option<String>, now: &str) -> Known {
        Known::Not(match end {
            End::Conflict { commit, line, base, ours, theirs, .. } => {
                let by = (!commit.id.is_empty()).then(|| commit.to_string());
                Failure::Conflict { line, base, ours, theirs, by }
            }
            End::Gone(commit) => {
                let by =
                    if commit.id.is_empty() { "the working tree".to_owned() } else { commit.to_string() };
                Failure::Gone { looked_for: describe(&self.patch(index).action), by }
            }
            End::Several(commit, sites) => {
                let site = |(file, line)| Site { file, line, text: None };
                let sites = sites.into_iter().map(site).collect();
                Failure::SeveralPlaces { by: Some(commit.to_string()), sites }
            }
            End::Today(today) => {
                let line = now.find(&today.search).map_or(1, |at| line_of(now, at));
                let (base, theirs) = (today.search.clone(), today.text);
                Failure::Conflict { line, base, ours: today.search, theirs, by }
            }
            End::Upstream(..) | End::Unknown => return Known::Unknown,
        })
    }

    /// The failure of a patch whose file never held what it looks for, though something like its effect stands there.
    pub(super) fn never_held(&self, index: usize, verdict: &Verdict) -> Failure {
        let patch = self.patch(index);
        let seen = match (patch.action.only_adds(), verdict.line) {
            (true, Some(line)) => Seen::AlwaysThere { line },
            (_, effect) => Seen::NeverHeld { effect },
        };
        self.unmatched(index, verdict.file.as_deref(), seen)
    }

    pub(super) fn unmatched(&self, index: usize, path: Option<&str>, seen: Seen) -> Failure {
        let patch = self.patch(index);
        let path = path.unwrap_or(&patch.files[0]);
        match self.read(path) {
            Ok((_, source)) => no_match(patch, &mut Draft::new(path, source), Some(seen)),
            Err(failure) => failure,
        }
    }
}

/// The one-based line of what looks like the effect of a patch that failed, because the file also has what resembles the part
/// that the patch takes away.
fn resembling(verdict: &Verdict) -> Option<usize> {
    match &verdict.decision {
        Decision::Fail(Failure::NoMatch { seen: Some(Seen::Resembling { effect, .. }), .. }) => Some(*effect),
        _ => None,
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

/// Whether what stands in the place of a deletion, `ours`, has no name of what is deleted, or where that has none, no word of it: it
/// was put there, and that went.
fn has_nothing_of(ours: &str, definition: &Definition) -> bool {
    let Definition { search, text, .. } = definition;
    let is_in = |line: &str, text: &str| count_of(line.trim(), text) > 0;
    let gone: Vec<&str> = search.lines().filter(|line| !is_in(line, text)).collect();
    if gone.iter().any(|line| line.contains(is_word) && is_in(line, ours)) {
        return false;
    }
    let gone: Vec<&str> = gone.into_iter().flat_map(words).collect();
    let mut told: Vec<&str> = gone.iter().copied().filter(|word| is_name(word)).collect();
    if told.is_empty() {
        told = gone.into_iter().filter(|word| !is_keyword(word)).collect();
    }
    let new = ours.lines().filter(|line| !is_in(line, search));
    !told.is_empty() && !new.flat_map(words).any(|word| told.contains(&word))
}

/// Whether a definition takes away and puts nothing in, and the commit in which its trail ended put something in its place that may
/// be what became of it.
fn is_left_at(end: &End, definition: &Definition) -> bool {
    let (End::Conflict { ours, .. }, Definition { search, text, .. }) = (end, definition) else {
        return false;
    };
    if line_hunks(search, text).iter().any(|hunk| !hunk.new.is_empty()) {
        return false;
    }
    let is_gone = |line: &&str| count_of(line, text) < count_of(line, search);
    let mut gone = search.lines().map(str::trim).filter(is_gone);
    gone.any(|line| ours.lines().any(|there| similarity(line, there.trim()) >= LIKE))
}

/// The file in which a trail that began in `file` ended with other code, or to which git says that the file was renamed.
fn heir_in(end: &End, file: &str, history: &dyn History) -> Option<String> {
    match end {
        End::Several(_, sites) => {
            let (first, _) = sites.first()?;
            sites.iter().all(|(path, _)| path == first).then(|| first.clone())
        }
        End::Conflict { path, .. } => Some(path.clone()),
        End::Gone(_) | End::Unknown => history.fate(file)?.1,
        End::Upstream(..) | End::Today(_) => None,
    }
}

/// The commit in which a trail ended, where it did not end today.
fn by_of(end: &End) -> Option<String> {
    match end {
        End::Conflict { commit, .. } | End::Gone(commit) | End::Several(commit, _) => {
            Some(commit.to_string())
        }
        End::Upstream(..) | End::Today(_) | End::Unknown => None,
    }
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
