//! The correct result at a later revision, where both witnesses agree. The program itself has no say in it.
//!
//! Where upstream changed or took the very line, refusing is right; a landing there is wrong, unless it is the one text
//! in which both changes of the line stand side by side (right), or `merged.rs` finds the patch's own tokens exchanged
//! at the patch's own place (counted by itself).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::follow::{Fate, Place, tokens};
use crate::points::{Edit, Point, apply};

/// What upstream did to the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Class {
    Untouched,
    Shifted,
    Moved,
    Surroundings,
    Both,
    Reindented,
    /// Of a patch with a lock: the line stands in an item of another name than the lock has.
    OtherItem,
    OtherTokens,
    VeryLines,
    Gone,
}

impl Class {
    pub(crate) const ALL: [Self; 10] = [
        Self::Untouched,
        Self::Shifted,
        Self::Moved,
        Self::Surroundings,
        Self::Both,
        Self::Reindented,
        Self::OtherItem,
        Self::OtherTokens,
        Self::VeryLines,
        Self::Gone,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Shifted => "shifted",
            Self::Moved => "moved",
            Self::Surroundings => "surroundings",
            Self::Both => "moved+surroundings",
            Self::Reindented => "reindented",
            Self::OtherItem => "other item",
            Self::OtherTokens => "same line, other tokens",
            Self::VeryLines => "very lines",
            Self::Gone => "gone",
        }
    }

    /// Whether a patch there ought to land.
    pub(crate) fn should_land(self) -> bool {
        self <= Self::Reindented
    }
}

/// Where a place is and what is right there. `class` is of a text patch with three lines around.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Truth {
    pub(crate) class: Class,
    pub(crate) to: Option<Place>,
    /// Upstream made the very same change: nothing to do is right as well.
    pub(crate) done: bool,
    /// Where the nearest lines above and below are that still stand, one behind the other in one file.
    pub(crate) between: Option<(Place, Place)>,
}

type Texts = BTreeMap<String, Vec<String>>;

pub(crate) fn by_lines(texts: &BTreeMap<String, String>) -> Texts {
    texts.iter().map(|(path, text)| (path.clone(), text.lines().map(str::to_owned).collect())).collect()
}

/// The lines around, trimmed.
fn window(lines: &[String], at: usize, before: usize, after: usize) -> Vec<&str> {
    let start = at.saturating_sub(before);
    lines[start..(at + after + 1).min(lines.len())].iter().map(|line| line.trim()).collect()
}

/// Whether the lines around two places are the same, indentation aside.
pub(crate) fn same_around(
    a: &[String],
    at: usize,
    b: &[String],
    to: usize,
    before: usize,
    after: usize,
) -> bool {
    window(a, at, before, after) == window(b, to, before, after)
}

/// What the first witness makes of a point; an error says why the case is dropped.
pub(crate) fn judge(point: &Point, fate: &Fate, base: &Texts, later: &Texts) -> Result<Truth, String> {
    let place = &point.place;
    let old = &base[&place.path];
    let line = &old[place.line];
    let none = |class| Truth { class, to: None, done: false, between: None };
    match fate {
        Fate::Unsure(why) => Err((*why).to_owned()),
        Fate::Gone => {
            let around = |path: &String| {
                let lines = later.get(path)?;
                let before = place.line.checked_sub(1).map(|at| old[at].trim())?;
                let after = old.get(place.line + 1)?.trim();
                let meet = |pair: &[String]| pair[0].trim() == before && pair[1].trim() == after;
                lines.windows(2).any(meet).then_some(())
            };
            let done = point.edit == Edit::Delete && around(&place.path).is_some();
            Ok(Truth { done, ..none(Class::Gone) })
        }
        Fate::Changed(to) => {
            let now = &later.get(&to.path).ok_or("lost")?[to.line];
            if now.trim() == line.trim() {
                return Err("changed and changed back".to_owned());
            }
            let class = match &point.edit {
                Edit::Replace(new) if new.trim() == now.trim() => {
                    return Err("upstream made the same change".to_owned());
                }
                Edit::InsertAfter(_) => return Err("the line above an insertion changed".to_owned()),
                _ => of_changed(point, line, now).0,
            };
            Ok(Truth { to: Some(to.clone()), ..none(class) })
        }
        Fate::At(to) => {
            let new = later.get(&to.path).ok_or("lost")?;
            let now = &new[to.line];
            if now.trim() != line.trim() {
                return Err("the walk lost its line".to_owned());
            }
            if matches!(point.edit, Edit::InsertAfter(_))
                && new.get(to.line + 1).map(|line| line.trim())
                    != old.get(place.line + 1).map(|line| line.trim())
            {
                return Err("the line below an insertion changed".to_owned());
            }
            let same = same_around(old, place.line, new, to.line, 3, 3);
            let class = match (to.path == place.path, same) {
                (false, true) => Class::Moved,
                (false, false) => Class::Both,
                (true, _) if now != line => Class::Reindented,
                (true, false) => Class::Surroundings,
                (true, true) if to.line == place.line => Class::Untouched,
                (true, true) => Class::Shifted,
            };
            Ok(Truth { to: Some(to.clone()), ..none(class) })
        }
    }
}

/// Whether the change of a line and ours can stand side by side, and what that makes.
pub(crate) fn of_changed(point: &Point, base: &str, now: &str) -> (Class, Option<String>) {
    let merged = match &point.edit {
        Edit::Replace(ours) => merge(base, ours, now),
        _ => None,
    };
    (if merged.is_some() { Class::OtherTokens } else { Class::VeryLines }, merged)
}

/// The class, and the text that is right if there is one.
pub(crate) fn expected(
    point: &Point,
    truth: &Truth,
    base_line: &str,
    later: &str,
) -> (Class, Option<String>) {
    let Some(to) = &truth.to else { return (truth.class, None) };
    if truth.class.should_land() {
        return (truth.class, Some(apply(later, to.line, base_line, &point.edit)));
    }
    let now = later.lines().nth(to.line).unwrap_or_default();
    let (class, merged) = of_changed(point, base_line, now);
    (class, merged.map(|line| apply(later, to.line, &line, &Edit::Replace(line.clone()))))
}

/// Both changes of a line, where the tokens around ours stand in theirs once and as they were.
fn merge(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (was, new) = (tokens(base), tokens(ours));
    let front = was.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = was.len().min(new.len()) - front;
    let back = was.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count().min(most);
    let span = |text: &str, token: &str| {
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        start..start + token.len()
    };
    let from = front.saturating_sub(1);
    let to = (was.len() - back + 1).min(was.len());
    let window = &was[from..to];
    let they = tokens(theirs);
    let places = |all: &[&str]| all.windows(window.len()).filter(|at| *at == window).count();
    if window.is_empty() || places(&was) != 1 || places(&they) != 1 {
        return None;
    }
    let at = they.windows(window.len()).position(|at| at == window)?;
    // The bytes between the outer tokens must be the same, blanks included.
    let outer = |text: &str, tokens: &[&str], first: usize, last: usize| {
        span(text, tokens[first]).start..span(text, tokens[last]).end
    };
    let mine = outer(base, &was, from, to - 1);
    let there = outer(theirs, &they, at, at + window.len() - 1);
    if base[mine.clone()] != theirs[there.clone()] {
        return None;
    }
    let tail = base.len() - mine.end;
    let put = ours.get(mine.start..ours.len() - tail)?;
    Some(format!("{}{put}{}", &theirs[..there.start], &theirs[there.end..]))
}
