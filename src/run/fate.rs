//! What became of a place that a patch had: whether the patch was made there, by a commit or by the working tree.
//!
//! The trail of the text says it, commit by commit. Where a commit changed several places that touch, the trail ends in a conflict
//! with what the other patches made: then the whole set is planned on the text before that commit, and must give what is there.

use std::ops::Range;

use super::doubt::{Known, Today};
use super::job::Job;
use super::planned::Manner;
use super::recall::{LIKE, Memory};
use super::resolved::Resolved;
use crate::drift::similar::similarity;
use crate::drift::trail::{
    self, Commit, Definition, End, History, LastHeld, Trail, count_of, gone_lines, without_white_space,
};
use crate::identity::Language;
use crate::outcome::Site;
use crate::patch::Action;
use crate::plan::failure::{Failure, describe};
use crate::plan::seen::Seen;
use crate::plan::sites::{item_around, item_named};
use crate::plan::standing::{binds_alike, is_keyword, is_name};
use crate::plan::{Decision, Place, Verdict};
use crate::text::hunks::{Hunk, line_hunks, only_removes};
use crate::text::lines::line_of;
use crate::text::words::{is_word, words};

impl<'r> Job<'r> {
    /// What became of a place that the patch had.
    pub(super) fn fate_of(
        &self,
        index: usize,
        memory: &Memory,
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> Known {
        let Some(history) = self.history() else { return Known::Unknown };
        let definition = memory.definition(history);
        let verdict = &resolved.planned.verdicts[&index];
        let now = self.text(&definition.path).unwrap_or_default();
        let deletes = self.patch(index).action.only_deletes();
        let takes_lines = only_removes(&definition.search, &definition.text);
        let Trail { steps, end } = match memory.is_committed() {
            true => memory.follow(&definition, history),
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
            return match if deletes { self.copies(index, memory) } else { Vec::new() } {
                sites if sites.is_empty() => Known::InPlaceIn(path),
                sites => Known::Not(Failure::SeveralPlaces { by: None, sites }),
            };
        }
        match end {
            // Another patch takes what it was to take, in a function of another name: neither is it nowhere, nor was it this one.
            End::Today(today)
                if matches!(verdict.decision, Decision::Absent)
                    && resolved.planned.takes_away(&today.path, &today.search)
                    && self.is_under_other_name(index, &today) =>
            {
                let head = history.today(&today.path).unwrap_or_default();
                let line = head.find(&today.search).map_or(1, |at| line_of(&head, at));
                let sites = vec![Site { file: today.path, line, text: None }];
                Known::Not(Failure::SeveralPlaces { by, sites })
            }
            End::Gone(_) if self.text(last_file).is_none() => Known::Unknown,
            // Upstream took it away here: not if it only put it elsewhere, in one commit or in two.
            End::Gone(commit) | End::Upstream(_, commit) if deletes => match self.copies(index, memory) {
                sites if sites.is_empty() => Known::InPlace(Some(commit.to_string())),
                sites => Known::Not(Failure::SeveralPlaces { by: None, sites }),
            },
            End::Upstream(made, commit) => match self.is_lost(index, verdict) {
                // No effect of it was found: what made it must be there, in its own item.
                true if self.in_other_item(index, &made, None).is_some() => Known::Unknown,
                true if !self.text(&made.path).is_some_and(|now| now.contains(&made.search))
                    || resolved.planned.takes_away(&made.path, &made.search) =>
                {
                    Known::Unknown
                }
                true if let Some(failure) = self.left_in_copy(&made, &made, &commit) => Known::Not(failure),
                true if !self.paths_of(index).contains(&made.path) => Known::InPlaceIn(made.path),
                true if !self.has_kept_item(&made, &commit) => Known::Unknown,
                true => Known::InPlace(Some(commit.to_string())),
                false => match self.changed_again(memory, &made, &commit) {
                    Some(end) => self.other_end(index, end, by, &now),
                    None => Known::InPlace(Some(commit.to_string())),
                },
            },
            End::Today(today)
                if self.is_lost(index, verdict) && self.in_other_function(index, &today).is_some() =>
            {
                Known::Unknown
            }
            End::Today(today) if self.may_go(index, &definition.path, &today.path, manner) => {
                let path = today.path.clone();
                let made = || match self.paths_of(index).contains(&path) {
                    true => Known::InPlace(None),
                    false => Known::InPlaceIn(path.clone()),
                };
                let Some(now) = self.text(&path) else { return Known::Unknown };
                let open =
                    |definition| Today { from: memory.place().file.clone(), definition, by: by.clone() };
                // Its effect only seemed to stand, and its place does.
                let is_open = |definition: &Definition| {
                    matches!(verdict.decision, Decision::InPlace)
                        && matches!(self.patch(index).action, Action::Text { .. })
                        && self.in_other_item(index, definition, None).is_none()
                };
                // What the other patches did is not what became of this one's place.
                let head = history.today(&path);
                let (assignments, planned) = (&resolved.assignments, &resolved.planned);
                let others =
                    |head: &String| self.with_others(index, &path, head, assignments, planned, manner);
                let before = head.as_ref().and_then(others);
                // The others may not have been made yet.
                let is_made_of_head = || {
                    let head = head.as_ref().filter(|head| head.contains(&today.search));
                    head.is_some_and(|head| {
                        matches!(trail::uncommitted(&today, head, &now), End::Upstream(..))
                    })
                };
                let Some(before) = before.filter(|before| before.contains(&today.search)) else {
                    if self.is_made_with_all(index, memory) {
                        return made();
                    }
                    return match head.map(|head| trail::uncommitted(&today, &head, &now)) {
                        Some(End::Today(definition)) if is_open(&definition) => {
                            Known::Open(Box::new(open(definition)))
                        }
                        _ => Known::Unknown,
                    };
                };
                match trail::uncommitted(&today, &before, &now) {
                    End::Upstream(..) | End::Gone(_) if deletes || takes_lines => {
                        match self.put_by_hand(index, &today, [&before, &now]) {
                            sites if sites.is_empty() => made(),
                            sites => Known::Not(Failure::SeveralPlaces { by: None, sites }),
                        }
                    }
                    End::Upstream(..) => made(),
                    end if self.is_put_by_others(&end, index, memory, verdict) => made(),
                    end if self.is_made_in(&end, index, memory, verdict)
                        || !self.is_left_at(index, &end, &definition)
                            && self.is_made_with_all(index, memory) =>
                    {
                        made()
                    }
                    _ if !takes_lines && is_made_of_head() => made(),
                    End::Today(definition) if is_open(&definition) => Known::Open(Box::new(open(definition))),
                    end => self.other_end(index, end, by, &now),
                }
            }
            End::Unknown if let Some(known) = self.made_on_a_branch(index, memory, manner) => known,
            end if self.is_made_in(&end, index, memory, verdict)
                || self.is_put_by_others(&end, index, memory, verdict)
                || !self.is_left_at(index, &end, &definition) && self.is_made_with_all(index, memory) =>
            {
                Known::InPlace(by_of(&end))
            }
            end => self.other_end(index, end, by, &now),
        }
    }

    /// Whether a patch was made on one branch, in its own file, which another renamed before both were merged: no commit of the new file
    /// shows that.
    fn made_on_a_branch(&self, index: usize, memory: &Memory, manner: Manner) -> Option<Known> {
        let (history, commit) = (self.history()?, memory.lost_in()?);
        let definition = memory.definition(history);
        let [before, after] =
            [memory.text(history, &definition.path)?, history.text(&commit.id, &definition.path)?];
        let End::Upstream(made, _) = trail::uncommitted(&definition, &before, &after) else { return None };
        let heir = history.fate(&definition.path)?.1?;
        let now = self.text(&heir).filter(|_| self.may_go(index, &definition.path, &heir, manner))?;
        let is_there = match self.patch(index).action.only_deletes() {
            true => !now.contains(definition.search.trim()) && self.copies(index, memory).is_empty(),
            false => now.contains(&made.search),
        };
        is_there.then_some(Known::InPlaceIn(heir))
    }

    /// Whether the item in which `commit` `made` an effect is there today, under whatever name: what has the text may be a twin of it.
    fn has_kept_item(&self, made: &Definition, commit: &Commit) -> bool {
        let end = || {
            let history = self.history()?;
            let then = history.text(&commit.id, &made.path)?;
            let at = then.find(&made.search)?;
            let (_, item) = item_around(&then, at..at + made.search.len());
            let whole =
                Definition { path: made.path.clone(), search: item.to_owned(), text: item.to_owned() };
            Some(trail::follow(whole, history).end)
        };
        Language::of(&made.path) != Language::Rust || matches!(end(), Some(End::Today(_)))
    }

    /// How the trail of an effect ends that `commit` `made`, if a later commit took it away or changed it: its file has less of it
    /// now.
    fn changed_again(&self, memory: &Memory, made: &Definition, commit: &Commit) -> Option<End> {
        let history = self.history()?;
        let effect = without_white_space(&memory.place().result);
        let count = |text: &str| without_white_space(text).matches(&effect).count();
        let (now, then) = (self.text(&made.path)?, history.text(&commit.id, &made.path)?);
        let own = then.find(&made.search).map(|at| item_around(&then, at..at + made.search.len()));
        let own = own.filter(|(path, _)| !path.is_empty());
        let is_less_in = |text: &str| {
            let (path, item) = own.as_ref()?;
            Some(count(item_named(text, path).unwrap_or_default()) < count(item))
        };
        let is_less = is_less_in(&now) == Some(true);
        let definition = memory.definition(history);
        let end = match is_less || count(&now) < count(&then) {
            true => trail::since(&definition, made, history).err(),
            false => return None,
        };
        // Another item may have got what its own lost.
        let in_item = || {
            let (path, _) = own.as_ref().filter(|_| is_less)?;
            let ours = item_named(&now, path)?;
            let last = history.last_with(&made.path, &mut |text| is_less_in(text) == Some(false));
            let LastHeld::In { lost_in: Some(commit), .. } = last else { return None };
            let (path, line) = (made.path.clone(), line_of(&now, now.find(ours)?));
            let (base, ours, theirs) = (definition.search.clone(), ours.to_owned(), definition.text.clone());
            Some(End::Conflict { commit, path, line, base, ours, theirs })
        };
        end.or_else(in_item).filter(|end| matches!(end, End::Gone(_) | End::Conflict { .. }))
    }

    /// Whether a deletion was made, though its trail ended in a conflict: what was put in its place has nothing of it. So it is with
    /// a replacement that only takes lines away, and what it keeps is there.
    fn is_made_in(&self, end: &End, index: usize, memory: &Memory, verdict: &Verdict) -> bool {
        let (Some(history), End::Conflict { ours, .. }) = (self.history(), end) else { return false };
        let definition = memory.definition(history);
        let takes_lines = || {
            only_removes(&definition.search, &definition.text)
                && matches!(verdict.decision, Decision::InPlace)
        };
        (self.patch(index).action.only_deletes() || takes_lines())
            && has_nothing_of(ours, &definition)
            && self.copies(index, memory).is_empty()
    }

    /// Whether a definition takes away and puts nothing in, and what goes stands today where its trail ended, or the commit in which
    /// that was put it elsewhere, or something in its place that may be what became of it.
    fn is_left_at(&self, index: usize, end: &End, definition: &Definition) -> bool {
        let Definition { search, text, .. } = definition;
        let is_gone = |line: &&str| count_of(line, text) < count_of(line, search);
        let mut gone = search.lines().map(str::trim).filter(is_gone);
        // What another patch puts there is its own.
        let upstreams = |ours: &str| {
            let is_own = |line: &&str| !self.is_of_another(index, line.trim());
            ours.lines().filter(is_own).collect::<Vec<_>>().join("\n")
        };
        only_removes(search, text)
            && match end {
                End::Several(..) | End::Today(_) => true,
                End::Conflict { ours, .. } => {
                    let is_it =
                        |line: &str, there: &str| similarity(line, there) >= LIKE || binds_alike(line, there);
                    gone.any(|line| ours.lines().any(|there| is_it(line, there.trim())))
                        || text.trim().is_empty() && !has_nothing_of(&upstreams(ours), definition)
                }
                End::Upstream(..) | End::Gone(_) | End::Unknown => false,
            }
    }

    /// Whether what only takes lines away was made, though they stand elsewhere now: other patches put them there.
    fn is_put_by_others(&self, end: &End, index: usize, memory: &Memory, verdict: &Verdict) -> bool {
        let (End::Several(_, sites), Place { text, result, .. }) = (end, memory.place()) else {
            return false;
        };
        let is_put = |(path, line): &(String, usize)| {
            let now = self.text(path).unwrap_or_default();
            now.lines().nth(line - 1).is_some_and(|line| self.is_of_another(index, line.trim()))
        };
        matches!(verdict.decision, Decision::InPlace)
            && only_removes(text, result)
            && sites.iter().all(is_put)
    }

    /// Whether a patch was made together with others, whose places may touch its own: where its edits would be, the file is as the
    /// whole set makes it of the text in which the patch last had its place, in the same item, and has no more of what goes.
    pub(super) fn is_made_with_all(&self, index: usize, memory: &Memory) -> bool {
        let Place { file, text, result, item, .. } = memory.place();
        let both = || {
            let then = memory.text(self.history()?, file)?;
            Some((self.with_all(index, file, &then), self.text(file)?))
        };
        let Some((all, now)) = both() else { return false };
        let are_as_made = |made: &str, spans: &[Range<usize>]| {
            let hunks = line_hunks(made, &now);
            let is_as_made = |span: &Range<usize>| {
                let within = usize::from(!made[..span.end].ends_with('\n'));
                let (above, end) =
                    (line_of(made, span.start).saturating_sub(2), line_of(made, span.end) + within);
                // What was put right where something was taken out may be what became of it.
                let point = span.is_empty().then(|| line_of(made, span.start) - 1);
                let is_put_there = |hunk: &Hunk| hunk.old.is_empty() && Some(hunk.old.start) == point;
                let touches = |hunk: &Hunk| hunk.old.start < end && above < hunk.old.end;
                !hunks.iter().any(|hunk| touches(hunk) || is_put_there(hunk))
            };
            !spans.is_empty() && spans.iter().all(is_as_made)
        };
        let is_less = |line: &str| count_of(line, result) < count_of(line, text);
        let gone = text.lines().map(str::trim).filter(|line| line.contains(is_word) && is_less(line));
        let gone: Vec<&str> = gone.collect();
        let deletes = self.patch(index).action.only_deletes();
        // What the set takes away is not there.
        let has_item = |made: &str| {
            item.as_ref()
                .is_none_or(|(path, _)| item_named(&now, path).is_some() || item_named(made, path).is_none())
        };
        all.iter().any(|(made, spans)| {
            has_item(made)
                && are_as_made(made, spans)
                && gone.iter().all(|line| count_of(line, &now) <= count_of(line, made))
        }) && (!deletes || self.copies(index, memory).is_empty())
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
    /// that as it had, or of what upstream has in its place: history does not follow that text.
    pub(super) fn still_there(&self, index: usize, memory: &Memory, verdict: &Verdict) -> Option<Failure> {
        let Place { text, result, item, .. } = memory.place();
        let (file, effect) = (verdict.file.as_deref()?, verdict.line?);
        let (path, before) = item.as_ref()?;
        let now = self.text(file)?;
        let item = item_named(&now, path)?;
        let then = memory.text(self.history()?, &memory.place().file)?;
        let upstreams = item_named(&then, path).unwrap_or_default();
        let is_kept =
            |line: &&str, was: &str| count_of(line, item) > 0 && count_of(line, item) >= count_of(line, was);
        let lines = gone_lines(text, result);
        // As upstream has it, where patches before it make another line of it.
        let as_it_was = |line: &str| {
            let is_it = |there: &&str| {
                count_of(there, before) < count_of(there, upstreams)
                    && (binds_alike(there, line) || similarity(there, line) >= LIKE)
            };
            upstreams.lines().map(str::trim).filter(is_it).find(|there| is_kept(there, upstreams))
        };
        let gone = lines.iter().find(|line| is_kept(line, before)).copied();
        let gone = gone.or_else(|| lines.iter().find_map(|line| as_it_was(line)))?;
        let line = line_of(&now, now.find(item)? + item.find(gone)?);
        let seen = Seen::Resembling { effect, line, text: gone.to_owned() };
        Some(self.unmatched(index, Some(file), seen))
    }

    /// The failure of a deletion whose place, which went, had been in another item before, if that did not go: what was deleted since
    /// was somebody else's.
    pub(super) fn left_first(&self, index: usize, memory: &Memory, verdict: &Verdict) -> Option<Failure> {
        let deletes = self.patch(index).action.only_deletes();
        let older = if deletes { self.recall_in_other_item(index, memory) } else { None }?;
        let (history, commit) = (self.history()?, older.lost_in()?);
        let definition = older.definition(history);
        let before = older.text(history, &definition.path)?;
        let Trail { steps, end } = trail::follow_past(&definition, commit, &before, history);
        let by = steps.last().map(|step| step.commit.to_string());
        let now = match &end {
            End::Today(there) => self.text(&there.path)?,
            End::Several(..) | End::Conflict { .. } => String::new(),
            End::Gone(_) | End::Upstream(..) | End::Unknown => return None,
        };
        if self.is_made_in(&end, index, &older, verdict) {
            return None;
        }
        self.other_end(index, end, by, &now).failure()
    }

    /// The failure of a patch whose place became something else than its effect.
    pub(super) fn other_end(&self, index: usize, end: End, by: Option<String>, now: &str) -> Known {
        Known::Not(match end {
            End::Conflict { commit, line, base, ours, theirs, .. } => {
                let by = commit.told();
                Failure::Conflict { line, base, ours, theirs, by }
            }
            End::Gone(commit) => {
                let by = commit.told().unwrap_or_else(|| "the working tree".to_owned());
                Failure::Gone { looked_for: describe(&self.patch(index).action), by }
            }
            End::Several(commit, sites) => {
                let site = |(file, line)| Site { file, line, text: None };
                let sites = sites.into_iter().map(site).collect();
                Failure::SeveralPlaces { by: commit.told(), sites }
            }
            End::Today(today) if !self.paths_of(index).contains(&today.path) => {
                let line =
                    self.text(&today.path).and_then(|now| Some(line_of(&now, now.find(&today.search)?)));
                let sites = vec![Site { file: today.path, line: line.unwrap_or(1), text: None }];
                Failure::SeveralPlaces { by, sites }
            }
            End::Today(today) => {
                let line = now.find(&today.search).map_or(1, |at| line_of(now, at));
                let (base, theirs) = (today.search.clone(), today.text);
                Failure::Conflict { line, base, ours: today.search, theirs, by }
            }
            End::Upstream(..) | End::Unknown => return Known::Unknown,
        })
    }
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
