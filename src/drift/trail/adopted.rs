//! What a commit made of a change while the rest of it was still to be made: the rest alone is not what the patch says.

use super::{Commit, Definition, End, FileChange, History, carry, count_of, gone_lines};
use crate::drift::merge::Merged;
use crate::text::lines::line_of;

/// Lines that a commit put in as the change would have.
pub(super) struct Adopted {
    /// The change before the commit.
    change: Definition,
    lines: Vec<String>,
}

impl Adopted {
    /// What a commit with these `changes` made of `change`, which is `next` after it, where the file was `before`.
    pub(super) fn of(
        change: &Definition,
        next: &Definition,
        before: &str,
        changes: &[FileChange],
    ) -> Option<Self> {
        let Definition { search, text, .. } = change;
        let new = || changes.iter().filter_map(|change| change.new.as_ref());
        let (_, after) = new().find(|(path, _)| *path == next.path)?;
        let is_adopted = |line: &&str| {
            count_of(line, search) < count_of(line, &next.search)
                && count_of(line, before) < count_of(line, after)
        };
        let lines = gone_lines(text, search).into_iter().filter(is_adopted).map(str::to_owned);
        let lines: Vec<String> = lines.collect();
        (!lines.is_empty()).then(|| Self { change: change.clone(), lines })
    }

    /// The conflict of a change, which is `today` in the end, that does not make what was adopted, and is there no more; `by` is the
    /// last commit on its trail.
    pub(super) fn changed_again(
        &self,
        today: &Definition,
        by: &Commit,
        history: &dyn History,
    ) -> Option<End> {
        let Definition { search: base, text: theirs, .. } = &self.change;
        let is_there = |line: &String| count_of(line, &today.text) > 0;
        if self.lines.iter().all(is_there) || carry(base, &today.text, theirs) == Merged::Unchanged {
            return None;
        }
        let now = history.today(&today.path).unwrap_or_default();
        Some(End::Conflict {
            commit: by.clone(),
            path: today.path.clone(),
            line: now.find(&today.search).map_or(1, |at| line_of(&now, at)),
            base: base.clone(),
            ours: today.search.clone(),
            theirs: theirs.clone(),
        })
    }
}
