//! A text that its file lost, and has again: the one that came later may be another's.

use super::heirs::left_today;
use super::{Commit, Definition, End, History, LastHeld, follow_beyond, step};
use crate::text::lines::line_of;

/// How a trail ends that began at the newest of several times at which its file had the text, and goes to `place`, if what the file
/// had before that went elsewhere: which of them is meant is a guess. None where it did not.
pub(super) fn elsewhere_before(start: &Definition, place: &Definition, history: &dyn History) -> Option<End> {
    let (commit, before) = loss_before(start, history)?;
    let changes = history.changes(&commit, &start.path);
    let (next, by) = match step(start, &before, commit.clone(), &changes) {
        Ok((next, _)) => (next, commit),
        Err(End::Several(by, sites)) => {
            let end = left_today(start, by, sites, history);
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
