//! Follows a patch through history: commit by commit, from where its text last stood to where it stands now.
//!
//! One comparison of then and now has to guess; between one commit and the next there is little to guess. In each commit
//! that took the text away, a diff of that one file tells which lines took its place, and code
//! that left for elsewhere is among the lines that the same commit added. The patch's change is merged at every step,
//! so that the end of the trail is the patch as it would be written today.
//!
//! An example, with a patch of `a.rs` that makes `bound(80)` of `bound(40)`:
//!
//! ```text
//! definition      a.rs  let limit = bound(40);        →  let limit = bound(80);
//! commit 1 puts   a.rs  let limit: usize = bound(40); in the place of that line. The change is merged into it:
//! definition      a.rs  let limit: usize = bound(40); →  let limit: usize = bound(80);
//! commit 2 takes the function out of a.rs and adds its lines to b.rs, where they stand once:
//! definition      b.rs  let limit: usize = bound(40); →  let limit: usize = bound(80);
//! b.rs holds that text today: the trail ends, with two steps.
//! ```
//!
//! It ends otherwise where a commit changed what the patch changes (a conflict), made the same change (upstream has
//! it), took the text away, or put it into several places.
//!
//! It knows no files and starts no process: what happened is asked of a [`History`].

mod adopted;
mod before;
mod heirs;
mod today;
mod tracked;
mod twins;

use std::ops::Range;

use super::merge::{Merged, carry};
use super::similar::{Window, Winner, best_windows, clear_winner, similarity};
use crate::identity::{self, Language, Name};
use crate::rust::items;
use crate::rust::own_words::KEYWORDS;
use crate::rust::syntax::Syntax;
use crate::text::hunks::only_removes;
use crate::text::lines::{begins_line, bytes_of, line_of, trimmed};
use crate::text::words::{is_word, words};
use adopted::Adopted;
use before::{elsewhere_before, in_twin_before, left_to_twin};
pub(crate) use heirs::heirs;
use heirs::{left_today, put_elsewhere, taken_to};
use today::{conflict_today, written_anew};
use tracked::{MARGIN, Moved, TrackedLines, blocks, with_context, without_comments};
pub(crate) use tracked::{
    as_deep, count_of, gone_lines, is_kept, moving_lines, own_lines, told_apart, without_white_space,
};

/// Commits that are followed at most.
const MAX_COMMITS: usize = 64;
/// Added lines less similar than this are not where code went.
const MIN_SIMILARITY: f64 = 0.75;

/// What happened, as far as it is known.
pub trait History: Send + Sync {
    /// How `path` came to be without `text`, if it once had it.
    fn loss(&self, path: &str, text: &str) -> Loss;
    /// The text files that `commit` changed, of those to which what is in `path` may go.
    fn changes(&self, commit: &Commit, path: &str) -> Vec<FileChange>;
    /// The text of `path` today.
    fn today(&self, path: &str) -> Option<String>;
    /// The text of `path` at a revision.
    fn text(&self, revision: &str, path: &str) -> Option<String>;
    /// What could not be asked so far, and why: a sentence each.
    fn gaps(&self) -> Vec<String> {
        Vec::new()
    }
    /// The newest revision in which `path` holds what is looked for. Texts come the newest first.
    fn last_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> LastHeld;
    /// The revision that made the oldest known text of `path` that holds what is looked for.
    fn first_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> Option<String>;
    /// The commit that took `path` away, or the last one to rename what it became, and where it is now, if it is.
    fn fate(&self, path: &str) -> Option<(Commit, Option<String>)>;
}

/// How a path stands to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// It holds it.
    Held,
    /// It lost it: the newest commit in which that happened, and the content before.
    In(Commit, String),
    /// It never held it, or nothing is known.
    Unknown,
}

/// When a path last held something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastHeld {
    /// In this revision, and no more in the next one of the path, if there is a next one.
    In {
        /// The last with it.
        revision: String,
        /// The commit that took it away; `None` where the newest commit has it.
        lost_in: Option<Commit>,
    },
    /// In none.
    Never,
    /// In none of those that are known.
    Unknown,
}

/// A commit, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Full hexadecimal.
    pub(crate) id: String,
    /// `YYYY-MM-DD`, the commit's.
    pub(crate) date: String,
    /// The first line of its message.
    pub(crate) subject: String,
}

impl Commit {
    /// The beginning of its id, as git takes it.
    pub(crate) fn short(&self) -> String {
        self.id.chars().take(9).collect()
    }

    /// What it is called; none of the working tree, which is no commit.
    pub(crate) fn told(&self) -> Option<String> {
        (!self.id.is_empty()).then(|| self.to_string())
    }
}

impl std::fmt::Display for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {})", self.short(), self.date, self.subject)
    }
}

/// A file before and after a commit; renamed where the paths differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Path and content before, unless it is new.
    pub(crate) old: Option<(String, String)>,
    /// Path and content after, unless it is gone.
    pub(crate) new: Option<(String, String)>,
}

/// A change as text: what is looked for, where, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Relative to the workspace.
    pub(crate) path: String,
    /// What stands there.
    pub(crate) search: String,
    /// What the patch makes of it.
    pub(crate) text: String,
}

/// One commit on the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrailStep {
    /// The commit.
    pub(crate) commit: Commit,
    /// Where the code stands after it.
    pub(crate) path: String,
    /// The code left its place: for another file, or another place in the same one.
    pub(crate) moved: bool,
}

/// Where a trail ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trail {
    /// The commits that changed the code, oldest first.
    pub(crate) steps: Vec<TrailStep>,
    /// How it ends.
    pub(crate) end: End,
}

/// How a trail ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The patch as it would be written today.
    Today(Definition),
    /// Upstream made the change itself; the place holds the definition's text.
    Upstream(Definition, Commit),
    /// A commit changed what the patch changes.
    Conflict {
        /// The commit.
        commit: Commit,
        /// Where.
        path: String,
        /// One-based line, after the commit.
        line: usize,
        /// Before the commit.
        base: String,
        /// After it.
        ours: String,
        /// What the patch made of what was before.
        theirs: String,
    },
    /// A commit took it away.
    Gone(Commit),
    /// A commit took it away and put it into several places, or its item with other code into one: paths and one-based lines
    /// after it.
    Several(Commit, Vec<(String, usize)>),
    /// History does not know it.
    Unknown,
}

/// Follows `start` to today.
pub(crate) fn follow(start: Definition, history: &dyn History) -> Trail {
    let trail = follow_beyond(start.clone(), history, &mut Vec::new());
    let end = match &trail.end {
        End::Today(place) | End::Upstream(place, _) if place.search != start.search => {
            let twin = || left_to_twin(trail.steps.last()?, place, history);
            elsewhere_before(&start, place, history)
                .or_else(|| in_twin_before(&start, place, history))
                .or_else(twin)
        }
        _ => None,
    };
    match end {
        Some(end) => Trail { steps: Vec::new(), end },
        None => trail,
    }
}

/// As [`follow`], where the file has the text of `start` to this day, and `commit` took it away as a place: what has it is a part of
/// a word, or said in a comment, or there is more than one. `before` is the file before that commit.
pub(crate) fn follow_past(start: &Definition, commit: &Commit, before: &str, history: &dyn History) -> Trail {
    let changes = history.changes(commit, &start.path);
    match step(start, before, commit.clone(), &changes) {
        Ok((next, moved)) => {
            let first = TrailStep { commit: commit.clone(), path: next.path.clone(), moved };
            if next.search == next.text && start.search != start.text {
                return Trail { steps: vec![first], end: End::Upstream(next, commit.clone()) };
            }
            let Trail { steps, end } = follow_beyond(next, history, &mut vec![commit.clone()]);
            Trail { steps: std::iter::once(first).chain(steps).collect(), end }
        }
        Err(end) => Trail { steps: Vec::new(), end },
    }
}

/// As [`follow`], on a trail that has `seen` commits, none of which it meets again.
fn follow_beyond(start: Definition, history: &dyn History, seen: &mut Vec<Commit>) -> Trail {
    let mut steps: Vec<TrailStep> = Vec::new();
    let mut definition = start.clone();
    let mut first = None;
    let mut adopted: Vec<Adopted> = Vec::new();
    loop {
        let (commit, before) = match history.loss(&definition.path, &definition.search) {
            Loss::Held => {
                let by = || Some(&steps.last()?.commit);
                let changed = |part: &Adopted| part.changed_again(&definition, by()?, history);
                let again = adopted.iter().find_map(changed);
                return Trail { end: again.unwrap_or(End::Today(definition)), steps };
            }
            Loss::In(commit, before) if !seen.contains(&commit) => (commit, before),
            Loss::In(..) | Loss::Unknown => return Trail { steps, end: End::Unknown },
        };
        let first = first.get_or_insert_with(|| before.clone());
        if seen.len() == MAX_COMMITS {
            return Trail { steps, end: End::Unknown };
        }
        seen.push(commit.clone());
        let kept = effect_in(&definition, &before)
            .and_then(|made| Some((since(&definition, &made, history).ok()?, made)));
        if let Some((today, made)) = kept {
            let by = made_in(&made.search, &definition, history).unwrap_or(commit);
            return Trail { steps, end: End::Upstream(today, by) };
        }
        let changes = history.changes(&commit, &definition.path);
        match step(&definition, &before, commit.clone(), &changes) {
            Ok((next, moved)) => {
                steps.push(TrailStep { commit: commit.clone(), path: next.path.clone(), moved });
                if next.search == next.text && definition.search != definition.text {
                    let again = put_back(&definition, &commit, &next.path, history);
                    return Trail { steps, end: again.unwrap_or(End::Upstream(next, commit)) };
                }
                adopted.extend(Adopted::of(&definition, &next, &before, &changes));
                definition = next;
            }
            Err(End::Gone(commit)) => {
                let today = history.today(&definition.path);
                match today.and_then(|today| restored(&definition, &before, &today)) {
                    Some(next) => {
                        steps.push(TrailStep { commit, path: next.path.clone(), moved: true });
                        return Trail { steps, end: End::Today(next) };
                    }
                    None => {
                        let heirs = heirs(&definition, &before, &changes);
                        let whole = || Definition { path: definition.path.clone(), ..start.clone() };
                        let end = match left_today(&definition, commit, heirs, history, seen) {
                            // What was followed may be a piece of an item by now.
                            End::Gone(commit) => written_anew(&definition, &before, &commit, history)
                                .or_else(|| written_anew(&whole(), first, &commit, history))
                                .unwrap_or(End::Gone(commit)),
                            end => end,
                        };
                        return Trail { steps, end };
                    }
                }
            }
            Err(End::Several(commit, sites)) => {
                return Trail { steps, end: left_today(&definition, commit, sites, history, seen) };
            }
            Err(end) => {
                return Trail { steps, end: conflict_today(&definition, &before, end, history, seen) };
            }
        }
    }
}

/// Whether the last text of its file that has the place of a change that puts in has its effect, too.
pub(crate) fn is_made(definition: &Definition, history: &dyn History) -> bool {
    match history.loss(&definition.path, &definition.search) {
        Loss::In(_, before) => effect_in(definition, &before).is_some(),
        Loss::Held | Loss::Unknown => false,
    }
}

/// The effect of a change that puts in, as a definition that changes nothing, where it stood in the last text that has the place.
fn effect_in(definition: &Definition, before: &str) -> Option<Definition> {
    let at = before.find(&definition.search)?;
    let place = TrackedLines::of(definition, before, at..at + definition.search.len());
    let trimmed = |text: &'_ str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<String>>();
    let (base, theirs, all) = (trimmed(&place.base), trimmed(&place.theirs), trimmed(before));
    let above = theirs.windows(base.len()).position(|lines| lines == base)?;
    let first = place.lines.start.checked_sub(above)?;
    let made = first..first + theirs.len();
    let is_there = theirs.len() > base.len() && all.get(made.clone())? == theirs;
    let search = before[bytes_of(before, &made)].to_owned();
    is_there.then(|| Definition { path: definition.path.clone(), text: search.clone(), search })
}

/// Where the change of `definition`, which history `made`, is today; if it is there no more, how its trail ends.
#[expect(clippy::result_large_err, reason = "made once a patch")]
pub(crate) fn since(
    definition: &Definition,
    made: &Definition,
    history: &dyn History,
) -> Result<Definition, End> {
    let Trail { mut steps, end } = follow(made.clone(), history);
    let Definition { search: base, text: theirs, .. } = definition;
    match end {
        End::Today(place) if place.search == made.search => Ok(place),
        End::Today(place) if carry(base, &place.search, theirs) == Merged::Unchanged => Ok(place),
        End::Today(place) => {
            let now = history.today(&place.path).unwrap_or_default();
            let line = now.find(&place.search).map_or(1, |at| line_of(&now, at));
            let (base, theirs) = (base.clone(), theirs.clone());
            let commit = steps.pop().ok_or(End::Unknown)?.commit;
            Err(End::Conflict { commit, path: place.path, line, base, ours: place.search, theirs })
        }
        end => Err(end),
    }
}

/// The commit that made the change of `definition` in its file, which is `made` there.
fn made_in(made: &str, definition: &Definition, history: &dyn History) -> Option<Commit> {
    let squeezed = without_white_space(made);
    let is_unmade =
        |then: &str| then.contains(&definition.search) && !without_white_space(then).contains(&squeezed);
    match history.last_with(&definition.path, &mut |then| is_unmade(then)) {
        LastHeld::In { lost_in, .. } => lost_in,
        LastHeld::Never | LastHeld::Unknown => None,
    }
}

/// What became of a place between the newest commit, whose text is `before`, and the working tree, whose text is `now`. The
/// commit of the end has no id.
pub(crate) fn uncommitted(definition: &Definition, before: &str, now: &str) -> End {
    let file = |text: &str| Some((definition.path.clone(), text.to_owned()));
    let change = FileChange { old: file(before), new: file(now) };
    let nobody = Commit { id: String::new(), date: String::new(), subject: String::new() };
    match step(definition, before, nobody.clone(), &[change]) {
        Ok((next, _)) if next.search == next.text => End::Upstream(next, nobody),
        Ok((next, _)) => End::Today(next),
        Err(end) => end,
    }
}

/// How the trail of lines ends that a change takes away, if they only left: `commit` put them into other files ([`End::Several`]), or they
/// came back after it, and a later one put them elsewhere or changed them ([`End::Conflict`]).
pub(crate) fn went_elsewhere(definition: &Definition, commit: &Commit, history: &dyn History) -> Option<End> {
    let mut sites = put_elsewhere(definition, &history.changes(commit, &definition.path));
    sites.retain(|(path, _)| *path != definition.path);
    match left_today(definition, commit.clone(), sites, history, std::slice::from_ref(commit)) {
        end @ End::Several(..) => Some(end),
        _ if !only_removes(&definition.search, &definition.text) => None,
        _ => {
            let then = history.text(&commit.id, &definition.path)?;
            changed_since_back(definition, (&definition.path, &then, commit), history)
        }
    }
}

/// The conflict where a line that `commit` took away, as the patch would have, was put back into the file since then, wherever
/// that is: history then has the change, and today has not.
fn put_back(definition: &Definition, commit: &Commit, path: &str, history: &dyn History) -> Option<End> {
    let then = history.text(&commit.id, path)?;
    let path = match history.today(path) {
        Some(_) => path.to_owned(),
        None => history.fate(path)?.1?,
    };
    let now = history.today(&path)?;
    let is_back = |line: &&str| count_of(line, &then) < count_of(line, &now);
    let Definition { search, text, .. } = definition;
    // In its item any line says it.
    let in_item = || {
        let items = [&then, &now].map(|whole| Syntax::parse(whole));
        let at = then.find(text).filter(|_| !text.is_empty())?;
        let (item, _) = items::enclosing(&items[0], trimmed(&then, &(at..at + text.len())));
        // What holds it may be another today.
        let held = |syntax| match items::find(syntax, &item).as_slice() {
            [span, ..] => Some(span.clone()),
            [] => match items::named(syntax, item.last()?.kind, &item.last()?.name).as_slice() {
                [(_, span)] => Some(span.clone()),
                _ => None,
            },
        };
        let (before, after) = (&then[held(&items[0])?], &now[held(&items[1])?]);
        let is_gone = |line: &&str| line.contains(is_word) && count_of(line, text) < count_of(line, search);
        let came: Vec<&str> = after
            .lines()
            .map(str::trim)
            .filter(|line| count_of(line, before) < count_of(line, after))
            .collect();
        // As it was, or of what only goes with all that it names.
        let removes = only_removes(search, text);
        let is_name =
            |word: &&str| !KEYWORDS.contains(word) && !word.starts_with(|c: char| c.is_ascii_digit());
        let is_in = |gone: &&str, line: &str| {
            let names: Vec<&str> = words(gone).filter(is_name).collect();
            let has = |name: &&str| words(line).any(|word| word == *name);
            line == *gone || removes && names.len() > 1 && names.iter().all(has)
        };
        let back = |gone: &str| came.iter().find(|line| is_in(&gone, line)).copied();
        search.lines().map(str::trim).filter(is_gone).find_map(back)
    };
    let Some(back) = gone_lines(search, text).into_iter().find(is_back).or_else(in_item) else {
        return changed_since_back(definition, (&path, &then, commit), history);
    };
    Some(End::Conflict {
        commit: commit.clone(),
        path,
        line: now.lines().collect::<Vec<_>>().iter().rposition(|line| line.trim() == back)? + 1,
        base: definition.search.clone(),
        ours: format!("{back}\n"),
        theirs: definition.text.clone(),
    })
}

/// How the trail of a line ends that a change takes away, that came back into `path`, after it was as in `then`, where `commit` took it
/// away, and is there no more, if it only changed, or went elsewhere.
fn changed_since_back(
    definition: &Definition,
    past: (&str, &str, &Commit),
    history: &dyn History,
) -> Option<End> {
    let (Definition { search, text, .. }, (_, then, _)) = (definition, past);
    let at = then.find(text).filter(|_| !text.is_empty());
    let item = at.map(|at| items::enclosing(&Syntax::parse(then), trimmed(then, &(at..at + text.len()))).0);
    gone_lines(search, text).into_iter().find_map(|line| line_since_back(line, past, item.as_ref(), history))
}

/// As [`changed_since_back`], of one `line`, which came back to `item`, if that is one.
fn line_since_back(
    line: &str,
    (path, then, commit): (&str, &str, &Commit),
    item: Option<&items::ItemPath>,
    history: &dyn History,
) -> Option<End> {
    let mut back = None;
    let last = history.last_with(path, &mut |text| {
        let holds = count_of(line, then) < count_of(line, text);
        back = holds.then(|| text.to_owned());
        holds
    });
    if matches!(last, LastHeld::In { lost_in: Some(lost), .. } if lost.id == commit.id) {
        return None;
    }
    let text = back?;
    let held = item.map_or_else(Vec::new, |item| items::find(&Syntax::parse(&text), item));
    let within = held.first().cloned().unwrap_or(0..text.len());
    let search = text[within.clone()].split_inclusive('\n').find(|other| other.trim() == line)?.to_owned();
    let back = Definition { path: path.to_owned(), search, text: String::new() };
    let back = told_apart(back, &text, &within);
    match follow_beyond(back, history, &mut vec![commit.clone()]).end {
        end @ (End::Conflict { .. } | End::Several(..)) => Some(end),
        End::Today(there) if there.path != path => {
            let now = history.today(&there.path)?;
            let line = line_of(&now, now.find(&there.search)?);
            Some(End::Several(commit.clone(), vec![(there.path, line)]))
        }
        _ => None,
    }
}

/// What was taken away and stands in the same file today: its copy elsewhere may have taken the file's place. What stood
/// beside it in the file before is not what it became.
fn restored(definition: &Definition, before: &str, today: &str) -> Option<Definition> {
    let at = before.find(&definition.search)?;
    let place = TrackedLines::of(definition, before, at..at + definition.search.len());
    let windows = best_windows(&place.base, today, place.lines.len() / 2 + 3, 4);
    let Winner::One(window) = clear_winner(&windows, MIN_SIMILARITY) else { return None };
    let lines: Vec<&str> = before.lines().map(str::trim).collect();
    let wanted: Vec<&str> = today[window.span.clone()].lines().map(str::trim).collect();
    let beside = blocks(&wanted, &lines, &vec![true; lines.len()]);
    if beside.iter().any(|at| place.lines.end <= *at || at + wanted.len() <= place.lines.start) {
        return None;
    }
    // Of like pieces of a longer text likeness does not tell which is meant.
    let is_told = |lines: Range<usize>| {
        let windows = best_windows(&place.base[bytes_of(&place.base, &lines)], today, lines.len() / 2 + 3, 4);
        let holds =
            |piece: &Window| window.span.start <= piece.span.start && piece.span.end <= window.span.end;
        matches!(clear_winner(&windows, MIN_SIMILARITY), Winner::One(piece) if holds(piece))
    };
    if !tracked::changed_pieces(&place.base, &place.theirs).into_iter().all(is_told) {
        return None;
    }
    let there = &today[window.span.clone()];
    let others = [&before[..at], &before[at + definition.search.len()..]].concat();
    let own = similarity(&place.base, there);
    let is_as_like = |other: Window| similarity(&others[other.span], there) + MARGIN > own;
    if best_windows(there, &others, place.lines.len() / 2 + 3, 4).into_iter().any(is_as_like) {
        return None;
    }
    let first = window.first_line - 1;
    let lines = first..first + wanted.len();
    if !place.is_place(before, today, &lines, Language::of(&definition.path)) {
        return None;
    }
    match place.carried_to(&definition.path, today, lines) {
        Moved::One(next) => Some(next),
        _ => None,
    }
}

/// Whether `ours` has as many as `base` of a line that the change from `base` to `theirs` takes away.
fn keeps_what_goes(base: &str, ours: &str, theirs: &str) -> bool {
    let goes =
        |line: &&str| line.contains(char::is_alphanumeric) && count_of(line, theirs) < count_of(line, base);
    base.lines().map(str::trim).filter(goes).any(|line| count_of(line, ours) >= count_of(line, base))
}

/// Whether a change of code is in `after` only by what its comments say.
fn is_only_said(here: &tracked::Mapped, after: &str, language: Language) -> bool {
    let [base, theirs] = [&here.base, &here.theirs].map(|text| without_comments(text, language));
    let code = without_comments(after, language);
    let ours = &code[bytes_of(after, &here.window)];
    base != theirs
        && ours != &after[bytes_of(after, &here.window)]
        && carry(&base, ours, &theirs) != Merged::Unchanged
}

/// Where a text stands, if that is one place; of several the one that begins its line.
fn only_place(search: &str, text: &str) -> Option<usize> {
    let all: Vec<usize> = text.match_indices(search).map(|(at, _)| at).collect();
    let mut first_of_line = all.iter().filter(|at| begins_line(text, **at));
    match (all.as_slice(), first_of_line.next(), first_of_line.next()) {
        (&[at], ..) | (_, Some(&at), None) => Some(at),
        _ => None,
    }
}

/// The definition after a commit, and whether the code left its place.
#[expect(clippy::result_large_err, reason = "made once a commit")]
fn step(
    definition: &Definition,
    before: &str,
    commit: Commit,
    changes: &[FileChange],
) -> Result<(Definition, bool), End> {
    let Some(at) = only_place(&definition.search, before) else { return Err(End::Unknown) };
    let place = TrackedLines::of(definition, before, at..at + definition.search.len());
    let mut renamed = None;
    let own = |change: &&FileChange| change.old.as_ref().is_some_and(|(path, _)| *path == definition.path);
    let (mut conflict, mut twins) = (None, Vec::new());
    // What is not known to have changed is not known to be gone.
    let Some(own) = changes.iter().find(own) else { return Err(End::Unknown) };
    if let Some((path, after)) = &own.new {
        // A file that was renamed while another took the same lines over: which one is meant is a guess.
        let copies = if *path == definition.path { Vec::new() } else { place.copies(before, changes, path) };
        if let [_, ..] = copies.as_slice() {
            return Err(End::Several(commit, copies));
        }
        let here = place.mapped(before, after);
        let window = &after[bytes_of(after, &here.window)];
        let language = Language::of(path);
        let beside = tracked::beside_item(&here.base, window, &here.theirs, language);
        let merged = match beside.map_or_else(|| carry(&here.base, window, &here.theirs), Merged::Clean) {
            Merged::Unchanged if is_only_said(&here, after, language) => here.conflict(window),
            Merged::Unchanged
                if language == Language::Toml && place.is_in_other_section(before, after, &here) =>
            {
                here.conflict(window)
            }
            // Of two like neighbours the other one went.
            Merged::Unchanged
                if keeps_what_goes(&here.base, window, &here.theirs)
                    || language == Language::Rust
                        && place.is_put_beside_item(
                            (before, &here.base, &here.theirs),
                            after,
                            &here.window,
                        ) =>
            {
                here.conflict(window)
            }
            Merged::Clean(text)
                if language == Language::Rust
                    && identity::is_in_other_block(&here.base, &here.theirs, window, &text) =>
            {
                here.conflict(window)
            }
            merged => merged,
        };
        twins =
            place.doubled(before, after, &here).into_iter().map(|line| (path.clone(), line + 1)).collect();
        if matches!(merged, Merged::Clean(_)) && !twins.is_empty() {
            return Err(End::Several(commit, twins));
        }
        // What is in place has the names that the patch leaves.
        let [known, other] = match merged {
            Merged::Unchanged => [&here.theirs, &here.base],
            Merged::Clean(_) | Merged::Conflict { .. } => [&here.base, &here.theirs],
        };
        // What holds it is told by what the patch itself says: what changed together with that may be more.
        let is_held = match merged {
            Merged::Unchanged => identity::lost_holder(&place.theirs, &place.base, window, language),
            Merged::Clean(_) | Merged::Conflict { .. } => {
                identity::lost_holder(&place.base, &place.theirs, window, language)
            }
        }
        .is_none();
        let is_same = is_held && identity::lost_own(known, other, window, language).is_none();
        let next = match merged {
            Merged::Unchanged => {
                Ok(Definition { path: path.clone(), search: window.to_owned(), text: window.to_owned() })
            }
            Merged::Clean(text) => Ok(with_context(path, &here.window, &text, after)),
            Merged::Conflict { base, ours, theirs, line } => Err((base, ours, theirs, line)),
        };
        let deletes = || only_removes(&here.base, &here.theirs);
        if next.as_ref().is_ok_and(|next| next.search == next.text) && deletes() {
            // What was taken from here may not be gone: the patch is to delete it where it went.
            match place.moved(before, &definition.path, changes) {
                Moved::One(next) if next.search != next.text => return Ok((next, true)),
                Moved::Several(sites) => return Err(End::Several(commit, sites)),
                Moved::One(_) | Moved::Nowhere => {
                    let sites = heirs(definition, before, changes);
                    if !sites.is_empty() {
                        return Err(End::Several(commit, sites));
                    }
                }
            }
        }
        // What is only followed, and not to be changed, is not where nothing stands.
        let is_left = definition.search == definition.text && window.trim().is_empty();
        let (base, ours, theirs, line) = match next {
            Ok(next) if is_same && !is_left => return Ok((next, false)),
            Ok(next) => {
                let is_new = |name: &Name<'_>| !identity::names_and_impls(before, language).contains(name);
                let is_renamed = identity::is_renamed(&here.base, window, language)
                    && identity::names_and_impls(window, language).iter().any(is_new);
                renamed = is_renamed.then_some(next);
                (here.base, window.to_owned(), here.theirs, 1)
            }
            Err(conflict) => conflict,
        };
        if only_removes(&base, &theirs) {
            // What stands in its place now is not what it became, if that is its item.
            let is_beside =
                |(file, line): &(String, usize)| file != path || !here.window.contains(&(line - 1));
            let mut heirs = taken_to(definition, before, changes);
            heirs.retain(is_beside);
            if !heirs.is_empty() {
                return Err(End::Several(commit, heirs));
            }
        }
        let (line, path) = (here.window.start + line, path.clone());
        let conflicts = End::Conflict { commit: commit.clone(), path, line, base, ours, theirs };
        conflict = (!window.trim().is_empty()).then_some(conflicts);
    }
    match (place.moved(before, &definition.path, changes), renamed) {
        (Moved::One(next), _) if twins.iter().any(|(path, _)| *path == next.path) => {
            Err(End::Several(commit, twins))
        }
        (Moved::One(next), _) => Ok((next, true)),
        (Moved::Several(sites), _) => Err(End::Several(commit, sites)),
        (Moved::Nowhere, Some(next)) => Ok((next, false)),
        (Moved::Nowhere, None) => Err(conflict.unwrap_or(End::Gone(commit))),
    }
}

#[cfg(test)]
pub(crate) mod tests;
