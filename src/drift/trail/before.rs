//! A text that more than one item of its file had, at one time or at several: the one that has it in the end may be another one.

use super::heirs::left_today;
use super::tracked::{own_lines, path_at, without_white_space};
use super::{Commit, Definition, End, History, LastHeld, TrailStep, follow_beyond, step};
use crate::identity::Language;
use crate::rust::items::{self, ItemPath};
use crate::rust::syntax::Syntax;
use crate::text::hunks::line_hunks;
use crate::text::lines::line_of;

/// How a trail ends that began at the newest of several times at which its file had the text, and goes to `place`, if what the file
/// had before that went elsewhere: which of them is meant is a guess. None where it did not.
pub(super) fn elsewhere_before(start: &Definition, place: &Definition, history: &dyn History) -> Option<End> {
    let (commit, before) = loss_before(start, history)?;
    let changes = history.changes(&commit, &start.path);
    let (next, by) = match step(start, &before, commit.clone(), &changes) {
        Ok((next, _)) => (next, commit),
        Err(End::Several(by, sites)) => {
            let end = left_today(start, by.clone(), sites, history, &[by]);
            return Some(end).filter(|end| matches!(end, End::Several(..)));
        }
        Err(_) => return None,
    };
    let has_left = next.path != start.path;
    let at = |place: &Definition| history.today(&place.path)?.find(&place.search);
    match follow_beyond(next, history, &mut Vec::new()).end {
        End::Today(other) | End::Upstream(other, _) => {
            let is_apart = || {
                let (one, other) = (
                    at(place)?..at(place)? + place.search.len(),
                    at(&other)?..at(&other)? + other.search.len(),
                );
                Some(one.end <= other.start || other.end <= one.start)
            };
            let is_other = other.path != place.path || is_apart().unwrap_or(false);
            let site = |place: &Definition| {
                let line =
                    history.today(&place.path).zip(at(place)).map_or(1, |(text, at)| line_of(&text, at));
                (place.path.clone(), line)
            };
            is_other.then(|| End::Several(by, vec![site(place), site(&other)]))
        }
        end @ End::Several(..) => Some(end),
        End::Unknown => None,
        end => Some(end).filter(|_| has_left),
    }
}

/// The commit that took the text away before the newest time at which its file had it, and the file before that commit.
fn loss_before(start: &Definition, history: &dyn History) -> Option<(Commit, String)> {
    let (mut was_there, mut was_away, mut before) = (false, false, None);
    let last = history.last_with(&start.path, &mut |text| {
        let is_there = text.contains(&start.search);
        let is_before = is_there && was_away;
        was_away |= was_there && !is_there;
        was_there |= is_there;
        before = is_before.then(|| text.to_owned());
        is_before
    });
    match last {
        LastHeld::In { lost_in: Some(commit), .. } => Some((commit, before?)),
        _ => None,
    }
}

/// How a trail ends that came to `place` with `last`, if the item in which it was then is gone, and the one that has the text today
/// stood beside it with the like: what was followed went with its item.
pub(super) fn left_to_twin(last: &TrailStep, place: &Definition, history: &dyn History) -> Option<End> {
    let (then, now) = (history.text(&last.commit.id, &last.path)?, history.today(&place.path)?);
    let (own, today) = (item_of(place, &then)?, item_of(place, &now)?);
    if own == today || !items::find(&Syntax::parse(&now), &own).is_empty() {
        return None;
    }
    let [twin] = &items::find(&Syntax::parse(&then), &today)[..] else { return None };
    let twin = without_white_space(&then[twin.clone()]);
    if !own_lines(&place.search, &place.text).iter().all(|line| twin.contains(line)) {
        return None;
    }
    match history.last_with(&last.path, &mut |text| !items::find(&Syntax::parse(text), &own).is_empty()) {
        LastHeld::In { lost_in: Some(commit), .. } => Some(End::Gone(commit)),
        _ => None,
    }
}

/// How a trail ends that began at `start` and came to `place`, if another item alone had the text at first, and then both: which of
/// them is meant is a guess.
pub(super) fn in_twin_before(start: &Definition, place: &Definition, history: &dyn History) -> Option<End> {
    let Definition { path, search, .. } = start;
    let count = |text: &str| text.matches(search.as_str()).count();
    // The newest text that has it, and the oldest without a break; in between both had it.
    let (mut newest, mut oldest, mut had_both) = (None, None, false);
    history.last_with(path, &mut |text| {
        match (count(text), &newest) {
            (0, None) => return false,
            (0, Some(_)) => return true,
            (1, None) => newest = Some(text.to_owned()),
            (_, None) => return true,
            (1, Some(_)) => oldest = had_both.then(|| text.to_owned()),
            (_, Some(_)) => had_both = true,
        }
        false
    });
    let (newest, oldest) = (newest?, oldest?);
    let [own, first] = [&newest, &oldest].map(|text| item_of(start, text));
    let (own, first) = (own?, first?);
    if own == first || items::find(&Syntax::parse(&oldest), &own).is_empty() {
        return None;
    }
    let now = history.today(&place.path)?;
    let line_at = |at: usize| line_of(&now, at);
    let mut lines = vec![line_at(now.find(&place.search)?)];
    if let [span] = &items::find(&Syntax::parse(&now), &first)[..] {
        lines.push(line_at(span.start));
    }
    let LastHeld::In { lost_in: Some(commit), .. } = history.last_with(path, &mut |text| count(text) > 0)
    else {
        return None;
    };
    Some(End::Several(commit, lines.into_iter().map(|line| (place.path.clone(), line)).collect()))
}

/// The item of a Rust file, whose text has the place of a change once or more, in which what changes first stands.
fn item_of(change: &Definition, text: &str) -> Option<ItemPath> {
    let at = text.find(&change.search).filter(|_| Language::of(&change.path) == Language::Rust)?;
    let changed = line_hunks(&change.search, &change.text).into_iter().next()?.old;
    let first = line_of(text, at) - 1 + changed.start.saturating_sub(usize::from(changed.is_empty()));
    let item = path_at(text, &(first..first + changed.len().max(1)));
    (!item.is_empty()).then_some(item)
}
