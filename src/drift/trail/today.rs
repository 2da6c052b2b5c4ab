//! What stands today in the place of a change, where a commit on its trail changed or took away what the change is of.

use std::ops::Range;

use super::tracked::{TrackedLines, count_of, with_context};
use super::{Commit, Definition, End, History, Trail, best_windows, follow_beyond};
use crate::identity::Language;
use crate::rust::items::{self, ItemPath};
use crate::rust::syntax::Syntax;
use crate::text::hunks::{line_hunks, only_removes};
use crate::text::lines::{bytes_of, line_of, line_start, next_line, trimmed};
use crate::text::words::is_word;

/// The end of a trail in a `conflict`, today: what a commit put in the place of a change is followed like a deletion of it. It may have
/// become the effect, and where nothing is left of it nor of what goes, a change that only removes is made, and another one is gone.
/// `before` is the text in which the change had its place.
pub(super) fn conflict_today(
    definition: &Definition,
    before: &str,
    conflict: End,
    history: &dyn History,
    seen: &mut Vec<Commit>,
) -> End {
    let End::Conflict { commit, path, line, base, ours, theirs } = &conflict else { return conflict };
    if ours.trim().is_empty() {
        return nothing_today(definition, conflict, history);
    }
    let Some(after) = history.text(&commit.id, path) else { return conflict };
    let lines = line - 1..line - 1 + ours.lines().count();
    if after.lines().skip(lines.start).take(lines.len()).ne(ours.lines()) {
        return conflict;
    }
    let Trail { end, .. } = follow_beyond(with_context(path, &lines, "", &after), history, seen);
    let all = |path: &str, line: usize, ours: String| End::Conflict {
        commit: commit.clone(),
        path: path.to_owned(),
        line,
        base: definition.search.clone(),
        ours,
        theirs: definition.text.clone(),
    };
    let shown = |path: String, line: usize, now: String, by: Commit| {
        if now.trim() != theirs.trim() {
            let (commit, base, theirs) = (commit.clone(), base.clone(), theirs.clone());
            return End::Conflict { commit, path, line, base, ours: now, theirs };
        }
        made_of(definition, &path, history)
            .map_or_else(|| all(&path, line, now), |made| End::Upstream(made, by))
    };
    match end {
        End::Today(Definition { path, search, text }) => {
            let at = history.today(&path).and_then(|now| Some(line_of(&now, now.find(&search)?)));
            let goes = line_hunks(&search, &text).into_iter().next().map(|hunk| hunk.old);
            match (at, goes) {
                (Some(at), Some(goes)) => {
                    let now = search[bytes_of(&search, &goes)].to_owned();
                    let by = seen.last().unwrap_or(commit).clone();
                    shown(path, at + goes.start, now, by)
                }
                _ => conflict,
            }
        }
        End::Conflict { commit: by, path, line, ours, .. } => shown(path, line, ours, by),
        End::Upstream(_, by) | End::Gone(by) => match left_of(definition, (before, base), path, history) {
            Some((line, ours)) => all(path, line, ours),
            None => match made_of(definition, path, history) {
                Some(made) if only_removes(&definition.search, &definition.text) => End::Upstream(made, by),
                _ => End::Gone(by),
            },
        },
        End::Several(by, sites) => End::Several(by, sites),
        End::Unknown => conflict,
    }
}

/// The end of a trail in a `conflict` in which a commit left nothing of the place: of a file that is gone the place is gone with it,
/// and of what was only put in, all is shown with what is like it.
fn nothing_today(definition: &Definition, conflict: End, history: &dyn History) -> End {
    let End::Conflict { commit, path, line, base, .. } = &conflict else { return conflict };
    let Definition { search, text, .. } = definition;
    let Some(now) = history.today(path) else {
        return match history.fate(path) {
            Some((by, None)) => End::Gone(by),
            _ => conflict,
        };
    };
    if !base.trim().is_empty() {
        return conflict;
    }
    let like = best_windows(search, &now, search.lines().count() / 2 + 3, 1).into_iter().next();
    let (line, ours) = like.map_or_else(
        || ((*line).min(now.lines().count().max(1)), String::new()),
        |window| (window.first_line, now[window.span].to_owned()),
    );
    let (commit, path) = (commit.clone(), path.clone());
    End::Conflict { commit, path, line, base: search.clone(), ours, theirs: text.clone() }
}

/// What there is today, in the file at `path`, of what a change takes away, and its line: the first line of which the file has more than
/// the change leaves of `before`; where it takes away more than the stretch `base`, what is like the whole of it.
fn left_of(
    Definition { search, text, .. }: &Definition,
    (before, base): (&str, &str),
    path: &str,
    history: &dyn History,
) -> Option<(usize, String)> {
    let now = history.today(path)?;
    let goes = |line: &&str| line.contains(is_word) && count_of(line, text) < count_of(line, search);
    let is_there = |line: &&str| {
        count_of(line, &now) + count_of(line, search) > count_of(line, before) + count_of(line, text)
    };
    let mut gone = search.lines().map(str::trim).filter(goes);
    if let Some(left) = gone.clone().find(is_there) {
        let at = now.lines().collect::<Vec<_>>().iter().rposition(|line| line.trim() == left)?;
        return Some((at + 1, now[bytes_of(&now, &(at..at + 1))].to_owned()));
    }
    let is_more = gone.any(|line| count_of(line, base) == 0);
    let like = || best_windows(search, &now, search.lines().count() / 2 + 3, 1).into_iter().next();
    let window = is_more.then(like).flatten()?;
    Some((window.first_line, now[window.span].to_owned()))
}

/// What a change leaves of its text, if that is in the file at `path` today.
fn made_of(definition: &Definition, path: &str, history: &dyn History) -> Option<Definition> {
    let made = || Definition {
        path: path.to_owned(),
        search: definition.text.clone(),
        text: definition.text.clone(),
    };
    let is_there = || history.today(path).is_some_and(|now| now.contains(&definition.text));
    (definition.text.trim().is_empty() || is_there()).then(made)
}

/// The conflict of a change whose text `commit` took away with the first of the items that it changes which the file has today,
/// written anew.
pub(super) fn written_anew(
    definition: &Definition,
    before: &str,
    commit: &Commit,
    history: &dyn History,
) -> Option<End> {
    let Definition { path, search, text } = definition;
    let now = history.today(path).filter(|_| Language::of(path) == Language::Rust)?;
    let at = before.find(search)?;
    let TrackedLines { lines, base, theirs } = TrackedLines::of(definition, before, at..at + search.len());
    let span = trimmed(before, &bytes_of(before, &lines));
    let changed: Vec<Range<usize>> = line_hunks(&base, &theirs)
        .into_iter()
        .map(|hunk| lines.start + hunk.old.start..lines.start + hunk.old.end.max(hunk.old.start + 1))
        .collect();
    let is_changed = |item: &Range<usize>| {
        let (first, end) = (line_of(before, item.start) - 1, line_of(before, item.end));
        changed.iter().any(|lines| lines.start < end && first < lines.end)
    };
    let is_own = |(_, item): &(ItemPath, Range<usize>)| {
        span.start <= item.start && item.end <= span.end && is_changed(item)
    };
    let there = Syntax::parse(&now);
    let item = items::all(&Syntax::parse(before)).into_iter().filter(is_own).find_map(|(own, _)| {
        let last = own.last().filter(|last| now.contains(last.name.as_str()))?;
        let mut named = items::named(&there, last.kind, &last.name).into_iter();
        named.find(|(path, _)| path.is_same_item(&own)).map(|(_, span)| span)
    })?;
    Some(End::Conflict {
        commit: commit.clone(),
        path: path.clone(),
        line: line_of(&now, item.start),
        base: search.clone(),
        ours: now[line_start(&now, item.start)..next_line(&now, item.end.saturating_sub(1))].to_owned(),
        theirs: text.clone(),
    })
}
