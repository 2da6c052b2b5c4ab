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

use std::collections::HashSet;
use std::ops::Range;

use super::merge::{Merged, carry, merge};
use super::similar::{Winner, best_windows, clear_winner};
use crate::text::ends::common_ends;
use crate::text::hunks::{Hunk, line_hunks};
use crate::text::lines::{bytes_of, line_of, line_start, next_line};

/// Commits that are followed at most.
const MAX_COMMITS: usize = 64;
/// Added lines less similar than this are not where code went.
const MIN_SIMILARITY: f64 = 0.75;
/// How much better the best of several such places must be.
const MARGIN: f64 = 0.1;
/// Lines on each side that are looked at to tell a place from a like one.
const NEIGHBOURS: usize = 2;
/// Lines kept on each side of a change, if the text had as many.
const CONTEXT: usize = 3;

/// What happened, as far as it is known.
pub trait History: Send + Sync {
    /// How `path` came to be without `text`, if it once had it.
    fn loss(&self, path: &str, text: &str) -> Loss;
    /// The text files that `commit` changed.
    fn changes(&self, commit: &Commit) -> Vec<FileChange>;
    /// The text of `path` today.
    fn today(&self, path: &str) -> Option<String>;
    /// The text of `path` at a revision.
    fn text(&self, revision: &str, path: &str) -> Option<String>;
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

/// A commit, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Full hexadecimal.
    pub id: String,
    /// `YYYY-MM-DD`, the commit's.
    pub date: String,
    /// The first line of its message.
    pub subject: String,
}

impl std::fmt::Display for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short: String = self.id.chars().take(9).collect();
        write!(f, "{short} ({}, {})", self.date, self.subject)
    }
}

/// A file before and after a commit; renamed where the paths differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Path and content before, unless it is new.
    pub old: Option<(String, String)>,
    /// Path and content after, unless it is gone.
    pub new: Option<(String, String)>,
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
    /// A commit took it away and put it into several places: paths and one-based lines after it.
    Several(Commit, Vec<(String, usize)>),
    /// History does not know it.
    Unknown,
}

/// Follows `start` to today.
pub(crate) fn follow(start: Definition, history: &dyn History) -> Trail {
    let mut steps: Vec<TrailStep> = Vec::new();
    let mut definition = start;
    loop {
        let (commit, before) = match history.loss(&definition.path, &definition.search) {
            Loss::Held => return Trail { steps, end: End::Today(definition) },
            Loss::In(commit, before) if steps.iter().all(|step| step.commit != commit) => (commit, before),
            Loss::In(..) | Loss::Unknown => return Trail { steps, end: End::Unknown },
        };
        if steps.len() == MAX_COMMITS {
            return Trail { steps, end: End::Unknown };
        }
        match step(&definition, &before, commit.clone(), &history.changes(&commit)) {
            Ok((next, moved)) => {
                steps.push(TrailStep { commit: commit.clone(), path: next.path.clone(), moved });
                if next.search == next.text && definition.search != definition.text {
                    return Trail { steps, end: End::Upstream(next, commit) };
                }
                definition = next;
            }
            Err(End::Gone(commit)) => {
                let today = history.today(&definition.path);
                match today.and_then(|today| restored(&definition, &before, &today)) {
                    Some(next) => {
                        steps.push(TrailStep { commit, path: next.path.clone(), moved: true });
                        return Trail { steps, end: End::Today(next) };
                    }
                    None => return Trail { steps, end: End::Gone(commit) },
                }
            }
            Err(end) => return Trail { steps, end },
        }
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
    let first = window.first_line - 1;
    match place.carried_to(&definition.path, today, first..first + wanted.len()) {
        Moved::One(next) => Some(next),
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
    let at: Vec<usize> = before.match_indices(&definition.search).map(|(at, _)| at).collect();
    let &[at] = at.as_slice() else { return Err(End::Unknown) };
    let place = TrackedLines::of(definition, before, at..at + definition.search.len());
    let own = |change: &&FileChange| change.old.as_ref().is_some_and(|(path, _)| *path == definition.path);
    let mut conflict = None;
    if let Some((path, after)) = changes.iter().find(own).and_then(|change| change.new.as_ref()) {
        // A file that was renamed while another took the same lines over: which one is meant is a guess.
        let copies = if *path == definition.path { Vec::new() } else { place.copies(before, changes, path) };
        if let [_, ..] = copies.as_slice() {
            return Err(End::Several(commit, copies));
        }
        let here = place.mapped(before, after);
        let window = &after[bytes_of(after, &here.window)];
        match carry(&here.base, window, &here.theirs) {
            Merged::Unchanged => {
                let same = window.to_owned();
                return Ok((Definition { path: path.clone(), search: same.clone(), text: same }, false));
            }
            Merged::Clean(text) => return Ok((with_context(path, window, &text, after), false)),
            Merged::Conflict { base, ours, theirs, line } => {
                let line = here.window.start + line;
                let commit = commit.clone();
                let path = path.clone();
                conflict = (!window.trim().is_empty()).then_some(End::Conflict {
                    commit,
                    path,
                    line,
                    base,
                    ours,
                    theirs,
                });
            }
        }
    }
    match place.moved(changes) {
        Moved::One(next) => Ok((next, true)),
        Moved::Several(sites) => Err(End::Several(commit, sites)),
        Moved::Nowhere => Err(conflict.unwrap_or(End::Gone(commit))),
    }
}

/// The lines that a definition speaks of, before a commit.
struct TrackedLines {
    lines: Range<usize>,
    base: String,
    theirs: String,
}

/// A place after a commit, with what stood there and what the patch made of it.
struct Mapped {
    /// Its lines after the commit.
    window: Range<usize>,
    base: String,
    theirs: String,
}

enum Moved {
    One(Definition),
    Several(Vec<(String, usize)>),
    Nowhere,
}

impl TrackedLines {
    fn of(definition: &Definition, before: &str, span: Range<usize>) -> Self {
        let start = line_start(before, span.start);
        let end = next_line(before, span.end.max(span.start + 1) - 1);
        let first = line_of(before, start) - 1;
        let theirs = [&before[start..span.start], &definition.text, &before[span.end..end]].concat();
        let base = before[start..end].to_owned();
        Self { lines: first..first + base.split_inclusive('\n').count(), base, theirs }
    }

    /// Where these lines are in the same file after the commit. Lines that changed together with some of them
    /// belong to the place.
    fn mapped(&self, before: &str, after: &str) -> Mapped {
        let hunks = line_hunks(before, after);
        let Range { mut start, mut end } = self.lines;
        for Hunk { old, .. } in &hunks {
            let inside = if old.is_empty() {
                self.lines.start < old.start && old.start < self.lines.end
            } else {
                old.start < self.lines.end && self.lines.start < old.end
            };
            if inside {
                start = start.min(old.start);
                end = end.max(old.end);
            }
        }
        let shift = |at: usize, hunk: &Hunk| at + hunk.new.len() - hunk.old.len();
        let first = hunks.iter().filter(|hunk| hunk.old.end <= start).fold(start, shift);
        let ends = |hunk: &&Hunk| hunk.old.end <= end && hunk.old.start < end;
        let last = hunks.iter().filter(ends).fold(end, shift);
        let above = &before[bytes_of(before, &(start..self.lines.start))];
        let below = &before[bytes_of(before, &(self.lines.end..end))];
        Mapped {
            window: first..last.max(first),
            base: [above, &self.base, below].concat(),
            theirs: [above, &self.theirs, below].concat(),
        }
    }

    /// The file at `path`, and the others in which the commit put these lines of `origin` with those around them; nothing if there
    /// is no other.
    fn copies(&self, origin: &str, changes: &[FileChange], path: &str) -> Vec<(String, usize)> {
        // A line alone may stand anywhere.
        let above = self.lines.start.saturating_sub(NEIGHBOURS);
        let wanted: Vec<&str> =
            origin.lines().map(str::trim).take(self.lines.end + NEIGHBOURS).skip(above).collect();
        let mut copies = Vec::new();
        for change in changes {
            let Some((at, after)) = &change.new else { continue };
            let before = change.old.as_ref().filter(|_| at != path).map_or("", |(_, text)| text);
            let lines: Vec<&str> = after.lines().map(str::trim).collect();
            let found = blocks(&wanted, &lines, &added(before, after));
            copies.extend(found.into_iter().map(|line| (at.clone(), line + self.lines.start - above + 1)));
        }
        let is_own = |(heir, _): &(String, usize)| heir == path;
        if copies.iter().any(is_own) && !copies.iter().all(is_own) { copies } else { Vec::new() }
    }

    /// Where these lines went, among the lines that the commit added.
    fn moved(&self, changes: &[FileChange]) -> Moved {
        let wanted: Vec<&str> = self.base.lines().map(str::trim).collect();
        let mut exact: Vec<(&str, &str, Range<usize>)> = Vec::new();
        let mut similar: Vec<(f64, &str, &str, Range<usize>)> = Vec::new();
        for change in changes {
            let Some((path, after)) = &change.new else { continue };
            let before = change.old.as_ref().map_or("", |(_, text)| text);
            let added = added(before, after);
            let lines: Vec<&str> = after.lines().map(str::trim).collect();
            let found = blocks(&wanted, &lines, &added);
            exact.extend(found.into_iter().map(|at| (path.as_str(), after.as_str(), at..at + wanted.len())));
            if !exact.is_empty() || !shares(&wanted, &lines, &added) {
                continue;
            }
            for window in best_windows(&self.base, after, wanted.len() / 2 + 3, 4) {
                let first = window.first_line - 1;
                let within = first..first + after[window.span.clone()].lines().count();
                let telling = |at: &usize| lines[*at].chars().any(char::is_alphanumeric);
                let all = within.clone().filter(telling).count();
                let new = within.clone().filter(|at| telling(at) && added[*at]).count();
                if window.similarity >= MIN_SIMILARITY && new * 5 >= all * 4 {
                    similar.push((window.similarity, path, after, within));
                }
            }
        }
        if let [(path, after, at)] = exact.as_slice() {
            return self.carried_to(path, after, at.clone());
        }
        if !exact.is_empty() {
            return Moved::Several(
                exact.into_iter().map(|(path, _, at)| (path.to_owned(), at.start + 1)).collect(),
            );
        }
        similar.sort_by(|a, b| b.0.total_cmp(&a.0));
        match similar.as_slice() {
            [] => Moved::Nowhere,
            [(best, path, after, at), rest @ ..] => {
                let near: Vec<_> = rest.iter().filter(|other| other.0 > best - MARGIN).collect();
                if near.is_empty() {
                    return self.carried_to(path, after, at.clone());
                }
                let all = std::iter::once(&similar[0]).chain(near);
                Moved::Several(all.map(|(_, path, _, at)| ((*path).to_owned(), at.start + 1)).collect())
            }
        }
    }

    /// The definition at lines that are like these and not the same. The lines that the patch itself changes must be there as
    /// they were: what was changed while it moved may not be the same code any more.
    fn carried_to(&self, path: &str, after: &str, lines: Range<usize>) -> Moved {
        let window = after[bytes_of(after, &lines)].to_owned();
        let squeezed = squeezed(&window);
        if !own_lines(&self.base, &self.theirs).iter().all(|line| squeezed.contains(line)) {
            return Moved::Nowhere;
        }
        let path = path.to_owned();
        match merge(&self.base, &window, &self.theirs) {
            Merged::Clean(text) => Moved::One(with_context(&path, &window, &text, after)),
            Merged::Unchanged => Moved::One(Definition { path, search: window.clone(), text: window }),
            Merged::Conflict { .. } => Moved::Nowhere,
        }
    }
}

/// The lines that a change from `base` to `theirs` changes, takes away or inserts next to, without their white space.
pub(crate) fn own_lines(base: &str, theirs: &str) -> Vec<String> {
    let lines: Vec<&str> = base.lines().collect();
    let mut own = Vec::new();
    for Hunk { old, .. } in line_hunks(base, theirs) {
        let beside = if old.is_empty() { old.start.saturating_sub(1)..old.end + 1 } else { old };
        own.extend(lines.iter().take(beside.end).skip(beside.start).map(|line| squeezed(line)));
    }
    own.retain(|line| line.chars().any(char::is_alphanumeric));
    own
}

/// A text without its white space.
pub(crate) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// For each line of `after`, whether the commit added it.
fn added(before: &str, after: &str) -> Vec<bool> {
    let mut added = vec![false; after.lines().count()];
    for Hunk { new, .. } in line_hunks(before, after) {
        added[new].fill(true);
    }
    added
}

/// Where `wanted` stands in `lines`, white space at the ends of lines aside, all of it added.
fn blocks(wanted: &[&str], lines: &[&str], added: &[bool]) -> Vec<usize> {
    if wanted.is_empty() || wanted.len() > lines.len() {
        return Vec::new();
    }
    (0..=lines.len() - wanted.len())
        .filter(|&at| {
            lines[at..at + wanted.len()] == *wanted && added[at..at + wanted.len()].iter().all(|a| *a)
        })
        .collect()
}

/// Whether at least a third of the lines that say something were added there.
fn shares(wanted: &[&str], lines: &[&str], added: &[bool]) -> bool {
    let telling = |line: &&&str| line.chars().filter(|c| c.is_alphanumeric()).count() > 3;
    let there: HashSet<&str> =
        lines.iter().zip(added).filter(|(_, added)| **added).map(|(line, _)| *line).collect();
    let all = wanted.iter().filter(telling).count();
    let shared = wanted.iter().filter(telling).filter(|line| there.contains(**line)).count();
    shared > 0 && shared * 3 >= all
}

/// A definition with no more unchanged lines around the change than tell it from every other place in `after`.
fn with_context(path: &str, search: &str, text: &str, after: &str) -> Definition {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (search.split_inclusive('\n').collect(), text.split_inclusive('\n').collect());
    let (head, tail) = common_ends([&old[..], &new]);
    let mut context = CONTEXT;
    loop {
        let (cut_head, cut_tail) = (head.saturating_sub(context), tail.saturating_sub(context));
        let search: String = old[cut_head..old.len() - cut_tail].concat();
        let whole = cut_head == 0 && cut_tail == 0;
        if whole || (!search.trim().is_empty() && after.matches(search.as_str()).nth(1).is_none()) {
            let text = new[cut_head..new.len() - cut_tail].concat();
            return Definition { path: path.to_owned(), search, text };
        }
        context *= 2;
    }
}

#[cfg(test)]
pub(crate) mod tests;
