//! What a commit made of one place, where that is more than one: then which of them is meant is a guess.

use std::ops::Range;

use super::FileChange;
use super::tracked::{Mapped, NEIGHBOURS, TrackedLines, added, blocks, count_of, gone_lines};
use crate::rust::items;
use crate::rust::syntax::Syntax;
use crate::text::lines::{bytes_of, trimmed};

impl TrackedLines {
    /// The file at `path`, and the others in which the commit put these lines of `origin`, or what becomes of them, with those around
    /// them; nothing if there is no other.
    pub(super) fn copies(&self, origin: &str, changes: &[FileChange], path: &str) -> Vec<(String, usize)> {
        // A line alone may stand anywhere.
        let above = self.lines.start.saturating_sub(NEIGHBOURS);
        let lines: Vec<&str> = origin.lines().map(str::trim).collect();
        let below = (self.lines.end + NEIGHBOURS).min(lines.len());
        let around = |own: &str| -> Vec<String> {
            let (head, tail) = (&lines[above..self.lines.start], &lines[self.lines.end..below]);
            let all = head.iter().copied().chain(own.lines().map(str::trim)).chain(tail.iter().copied());
            all.map(str::to_owned).collect()
        };
        // One in which the change was made is one of them.
        let wanted = [around(&self.base), around(&self.theirs)];
        let mut copies = Vec::new();
        for change in changes {
            let Some((at, after)) = &change.new else { continue };
            let before = change.old.as_ref().filter(|_| at != path).map_or("", |(_, text)| text);
            let lines: Vec<&str> = after.lines().map(str::trim).collect();
            let added = added(before, after);
            let found = wanted.iter().flat_map(|wanted| {
                let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
                blocks(&wanted, &lines, &added)
            });
            copies.extend(found.map(|line| (at.clone(), line + self.lines.start - above + 1)));
        }
        let is_own = |(heir, _): &(String, usize)| heir == path;
        if copies.iter().any(is_own) && !copies.iter().all(is_own) { copies } else { Vec::new() }
    }

    /// Where in `after` a line of these stands that goes and that there was less often: in the window that a commit made of them, or, if
    /// it left nothing of the name of their item, in new items. Which of them it became is a guess, unless all lines stand there
    /// as they were. Lines from zero; none where there is no such.
    pub(super) fn doubled(&self, before: &str, after: &str, here: &Mapped) -> Vec<usize> {
        let lines: Vec<&str> = after.lines().map(str::trim).collect();
        let own: Vec<&str> = self.base.lines().map(str::trim).collect();
        let gone = gone_lines(&self.base, &self.theirs);
        let is_more = |line: &&str| count_of(line, after) > count_of(line, before);
        let Some(line) = gone.into_iter().find(is_more) else { return Vec::new() };
        if !blocks(&own, &lines, &vec![true; lines.len()]).is_empty() {
            return Vec::new();
        }
        let (then, now) = (Syntax::parse(before), Syntax::parse(after));
        let item = |syntax: &Syntax, text: &str, lines: &Range<usize>| {
            items::enclosing(syntax, trimmed(text, &bytes_of(text, lines))).0
        };
        let is_split = items::find(&now, &item(&then, before, &self.lines)).is_empty();
        let is_here = |at: &usize| {
            let is_new = || items::find(&then, &item(&now, after, &(*at..at + 1))).is_empty();
            here.window.contains(at) || is_split && is_new()
        };
        let all: Vec<usize> = (0..lines.len()).filter(|at| lines[*at] == line).filter(is_here).collect();
        if all.len() > count_of(line, &here.base) { all } else { Vec::new() }
    }
}
