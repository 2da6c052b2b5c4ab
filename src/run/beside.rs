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
//! Upstream can put such a line there as well. So it must name what the text names (a key, a binding, an item), or be that text
//! with words added or taken away; or it begins as the text does, is none of a list of such lines, and is all that the commit
//! changed in the file, the other patches of the run aside.

use std::ops::Range;

use super::job::Job;
use super::planned::Manner;
use super::recall::place_of;
use super::resolved::Resolved;
use crate::drift::trail::{LastHeld, count_of, without_white_space};
use crate::identity::{self, Language};
use crate::plan::Place;
use crate::plan::sites::added;
use crate::plan::standing::{begins_alike, binds_alike, is_reworded, lines_of_block};
use crate::text::hunks::{Hunk, line_hunks};
use crate::text::lines::bytes_of;

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

impl<'r> Job<'r> {
    /// The commit that put `line`, a line of the target, where the patch puts its text, if that tells that it was its text.
    pub(super) fn put_beside(
        &self,
        insertion: &Insertion<'_>,
        line: &str,
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> Option<String> {
        let Insertion { index, path, .. } = *insertion;
        let (history, now) = (self.history()?, self.text(path)?);
        if self.is_of_another(index, line) {
            return None;
        }
        let here = count_of(line, &now);
        let LastHeld::In { revision, lost_in: Some(commit) } =
            history.last_with(path, &mut |text| count_of(line, text) < here)
        else {
            return None;
        };
        let (before, after) = (history.text(&revision, path)?, history.text(&commit, path)?);
        let (assignments, planned) = (&resolved.assignments, &resolved.planned);
        let place = place_of(&[&*assignments.get(&index)?.patch], path, &before).or_else(|| {
            let (place, _) = self.place_in(index, path, &before)?;
            Some(place)
        })?;
        let with_others = self.with_others(index, path, &before, assignments, planned, manner);
        let is_it = |before: &str| insertion.was(line, &place, before, &after);
        let was_made = is_it(&before) || with_others.is_some_and(|before| is_it(&before));
        was_made.then(|| commit.chars().take(9).collect())
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
        let language = Language::of(self.path);
        if identity::is_use(self.text, language) {
            return is_reworded(line, self.first);
        }
        let is_name_of = |text: &str| {
            let name = identity::names(text, language).into_iter().next();
            name.map(|name| (name.what, name.name.to_owned()))
        };
        let is_same_item = is_name_of(line).is_some_and(|name| Some(name) == is_name_of(self.first));
        let is_listed = || {
            let own = bytes_of(after, &hunk.new);
            let is_other = |other: &Range<usize>| other.end <= own.start || own.end <= other.start;
            lines_of_block(after, own.start)
                .filter(is_other)
                .any(|other| begins_alike(after[other].trim(), line))
        };
        is_same_item
            || binds_alike(line, self.first)
            || is_reworded(line, self.first)
            || hunks.len() == 1 && begins_alike(line, self.first) && !is_listed()
    }
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
