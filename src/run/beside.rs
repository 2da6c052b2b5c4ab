//! Whether a commit put beside the place of an insertion what the patch inserted before its text was edited.
//!
//! A fork commits its tree with the patches in it. Where the text of an insertion is edited after that, its old text is HEAD's,
//! and nothing in the tree tells it from what upstream wrote. The commit tells:
//!
//! ```text
//! before the commit     init();                    the patch has its place
//! since the commit      init();
//!                       set_level("low");          right where the patch puts its text, and like that
//! ```
//!
//! Upstream can put such a line there as well. So it must name what the text names (a key, a binding, an item), be of lines of
//! that text alone, or that text with words added or taken away, or bound to a name; or it begins as the text does, is none of a
//! list of such lines, and is all that the commit changed in the file, the other patches of the run aside. Where no history is known, only a line that names the same is taken
//! for it, as to have both would be a mistake in any case, one that differs in its numbers alone, and right there an item that is the
//! same but for its name.

use std::ops::Range;

use super::job::Job;
use super::planned::Manner;
use super::recall::{LIKE, place_of};
use super::resolved::Resolved;
use crate::drift::similar::similarity;
use crate::drift::trail::{LastHeld, count_of, without_white_space};
use crate::identity::{self, Language};
use crate::patch::Action;
use crate::plan::Place;
use crate::plan::sites::{added, item_around};
use crate::plan::standing::{
    begins_alike, behind_comments, binds_alike, is_own, is_renumbered, is_reworded, lines_of_block,
};
use crate::text::hunks::{Hunk, line_hunks};
use crate::text::lines::bytes_of;
use crate::text::words::words;

/// An insertion that is about to be made.
pub(super) struct Insertion<'p> {
    /// The index of its patch.
    pub(super) index: usize,
    /// The target.
    pub(super) path: &'p str,
    /// What it inserts.
    pub(super) text: &'p str,
    /// The first line of that which is neither a comment nor an attribute.
    pub(super) first: &'p str,
}

/// Who put a line where a patch puts its text.
pub(super) enum PutBeside {
    /// This commit, as the patch would have.
    By(String),
    /// Nobody knows.
    Unknown,
}

impl<'r> Job<'r> {
    /// Whether `line`, a line of the target that stands where the patch puts its text, was its text, and who put it there.
    pub(super) fn put_beside(
        &self,
        insertion: &Insertion<'_>,
        line: &str,
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> Option<PutBeside> {
        let Insertion { index, path, .. } = *insertion;
        if self.is_of_another(index, line) {
            return None;
        }
        let now = self.text(path)?;
        let here = count_of(line, &now);
        let (assignments, planned) = (&resolved.assignments, &resolved.planned);
        let place = |text: &str| {
            let alone = || place_of(&[&*assignments.get(&index)?.patch], path, text);
            alone().or_else(|| self.place_in(index, path, text).map(|(place, _)| place))
        };
        let history = self.history();
        let last = history.map(|history| history.last_with(path, &mut |text| count_of(line, text) < here));
        match (history, last) {
            (Some(history), Some(LastHeld::In { revision, lost_in: Some(commit) })) => {
                let (before, after) = (history.text(&revision, path)?, history.text(&commit.id, path)?);
                let place = place(&before)?;
                let with_others = || self.with_others(index, path, &before, assignments, planned, manner);
                let is_it = |before: &str| insertion.was(line, &place, before, &after);
                let was_made = is_it(&before)
                    || insertion.is_like_namesake(line, &place, &after)
                    || with_others().is_some_and(|before| is_it(&before));
                was_made.then(|| PutBeside::By(commit.to_string()))
            }
            (_, None | Some(LastHeld::Unknown)) => {
                let is_by_likeness = resolved.planned.verdicts[&index].score.is_some();
                let is_put_at = || place(&now).is_some_and(|place| insertion.is_put_at(line, &place, &now));
                let is_namesake =
                    || place(&now).is_some_and(|place| insertion.is_like_namesake(line, &place, &now));
                let is_it = match is_renumbered(line, insertion.first) && !self.looks_for(index, line) {
                    true => is_by_likeness || is_put_at(),
                    false => (insertion.is_named(line) || insertion.is_renamed_in(&now, line)) && is_put_at(),
                };
                let is_it = is_it || is_namesake();
                is_it.then_some(PutBeside::Unknown)
            }
            _ => None,
        }
    }

    /// Whether what a patch looks for has `line`, but for the sign that ends it.
    fn looks_for(&self, index: usize, line: &str) -> bool {
        let query = match &self.patch(index).action {
            Action::Text { query, .. } => Some(query.search.as_str()),
            Action::Rust { query, .. } => query.pattern(),
            Action::Toml { .. } => None,
        };
        query.is_some_and(|query| query.contains(line.trim_end_matches([';', ','])))
    }
}

impl Insertion<'_> {
    /// Whether `line` is of what the insertion put beside `place` where a text `before` became `after`.
    fn was(&self, line: &str, place: &Place, before: &str, after: &str) -> bool {
        let hunks = line_hunks(before, after);
        let lines: Vec<&str> = after.split_inclusive('\n').collect();
        let holds = |hunk: &&Hunk| lines[hunk.new.clone()].iter().any(|other| other.trim() == line);
        let Some(hunk) = hunks.iter().find(holds).filter(|hunk| is_at(place, hunk, &lines)) else {
            return false;
        };
        let is_listed = || {
            let own = bytes_of(after, &hunk.new);
            let is_other = |other: &Range<usize>| other.end <= own.start || own.end <= other.start;
            lines_of_block(after, own.start)
                .filter(is_other)
                .any(|other| begins_alike(after[other].trim(), line))
        };
        let is_said = |own: &str| behind_comments(own).is_empty() || count_of(own.trim(), self.text) > 0;
        self.is_named(line)
            || self.says(line) && lines[hunk.new.clone()].iter().all(|own| is_said(own))
            || is_reworded(line, self.first)
            || [line, self.first].map(bare).contains(&None) && told(line) == told(self.first)
            || !self.is_use() && hunks.len() == 1 && begins_alike(line, self.first) && !is_listed()
    }

    /// Whether `line` stands in `now` where the insertion would be put.
    fn is_put_at(&self, line: &str, place: &Place, now: &str) -> bool {
        let lines: Vec<&str> = now.split_inclusive('\n').collect();
        let is_there = |at: usize| is_at(place, &Hunk { old: 0..0, new: at..at + 1 }, &lines);
        (0..lines.len()).filter(|at| lines[*at].trim() == line).any(is_there)
    }

    /// Whether a line of `now` begins an item that is what is inserted, under another name.
    fn is_renamed_in(&self, now: &str, line: &str) -> bool {
        // Many functions say the same, where that is little.
        let body = self.text.trim().split_once('\n').map_or("", |(_, body)| body);
        let is_told = words(body).any(is_own);
        if Language::of(self.path) != Language::Rust
            || !is_told
            || identity::names(line, Language::Rust).is_empty()
        {
            return false;
        }
        let of_item = |at: usize| behind_comments(item_around(now, bytes_of(now, &(at..at + 1))).1);
        let mut at = now.lines().zip(0..).filter(|(other, _)| other.trim() == line).map(|(_, at)| at);
        at.any(|at| identity::is_renamed(behind_comments(self.text).trim(), of_item(at), Language::Rust))
    }

    /// Whether `line` of `now` begins an item of the name of the one that is inserted, which is somebody's own, and much like that: a
    /// free one, or one beside `place`. Other types have methods of one name.
    fn is_like_namesake(&self, line: &str, place: &Place, now: &str) -> bool {
        let name = |text| identity::names(text, Language::Rust).into_iter().next();
        let (Some(own), Some(there), Language::Rust) =
            (name(self.first), name(line), Language::of(self.path))
        else {
            return false;
        };
        let is_like = |at: usize| {
            let (path, item) = item_around(now, bytes_of(now, &(at..at + 1)));
            let is_beside = || place.item.as_ref().is_some_and(|(own, _)| own.around() == path.around());
            (path.around().is_empty() || is_beside())
                && similarity(behind_comments(self.text), behind_comments(item)) >= LIKE
        };
        let mut at = now.lines().zip(0..).filter(|(other, _)| other.trim() == line).map(|(_, at)| at);
        (own.what, own.name) == (there.what, there.name) && is_own(own.name) && at.any(is_like)
    }

    /// Whether `line` gives a name that the insertion gives as well.
    fn is_named(&self, line: &str) -> bool {
        let name_of = |text: &str| {
            let name = identity::names(text, Language::of(self.path)).into_iter().next();
            name.map(|name| (name.what, name.name.to_owned()))
        };
        let is_same_item = || name_of(line).is_some_and(|name| Some(name) == name_of(self.first));
        !self.is_use() && (binds_alike(line, self.first) || is_same_item())
    }

    /// Whether `line` is one of those that are inserted, and more than a comment.
    pub(super) fn says(&self, line: &str) -> bool {
        !behind_comments(line).is_empty() && count_of(line, self.text) > 0
    }

    fn is_use(&self) -> bool {
        identity::is_use(self.text, Language::of(self.path))
    }
}

/// What a line binds to a name: behind `let`, or before `as` in an import; `None` of one that binds nothing.
fn bare(line: &str) -> Option<&str> {
    let value = line.strip_prefix("let ").and_then(|rest| rest.split_once(" = ")).map(|(_, value)| value);
    let path = line.split_once(" as ").filter(|_| line.contains("use ")).map(|(path, _)| path);
    value.or(path)
}

/// What a line says, without the name that it binds that to.
fn told(line: &str) -> &str {
    bare(line).unwrap_or(line).trim_end_matches(';').trim()
}

/// Whether `hunk`, a change to a text of these `lines`, stands where a patch whose place was `place` puts its text.
fn is_at(place: &Place, hunk: &Hunk, lines: &[&str]) -> bool {
    let Some((above, below)) = sides(place) else { return false };
    let [above, below] = [above, below].map(without_white_space);
    let stands = |new: &Range<usize>| {
        let [before, behind] = [&lines[..new.start], &lines[new.end..]].map(|lines| lines.concat());
        without_white_space(&before).ends_with(&above) && without_white_space(&behind).starts_with(&below)
    };
    // Of equal lines at both ends of what was put in, a diff takes the ones or the others.
    let slid = |new: &Range<usize>| {
        let can_slide =
            hunk.old.is_empty() && new.start > 0 && lines[new.start - 1].trim() == lines[new.end - 1].trim();
        can_slide.then(|| new.start - 1..new.end - 1)
    };
    std::iter::successors(Some(hunk.new.clone()), slid).any(|new| stands(&new))
}

/// What a patch put in that made `result` of `text`.
pub(super) fn put_in<'t>(text: &str, result: &'t str) -> Option<&'t str> {
    let after = || result.strip_prefix(text.trim_end());
    let before = || result.strip_suffix(text.trim_start());
    after().or_else(before).or_else(|| added(text, result).map(|(_, text)| text))
}

/// What of a place stands above what is inserted there, and what below; one of them may be empty.
fn sides(place: &Place) -> Option<(&str, &str)> {
    let Place { text, result, .. } = place;
    if result.starts_with(text.trim_end()) {
        return Some((text, ""));
    }
    if result.ends_with(text.trim_start()) {
        return Some(("", text));
    }
    added(text, result).map(|(behind, _)| text.split_at(behind))
}
