//! Whether a hunk of the patch stands clear of upstream's, and whether its place is certain.

use std::ops::Range;

use super::Splicer;
use crate::drift::heaviest::is_telling;
use crate::drift::merge::by_line::RELATED;
use crate::drift::merge::tokens::TokenText;
use crate::drift::similar::similarity;
use crate::rust::own_words::KEYWORDS;
use crate::text::hunks::{Hunk, Id};

/// A line so similar to another one may be it.
const TWIN: f64 = 0.65;

impl Splicer<'_, '_> {
    /// Whether `own` is nothing but the comma that ends a list broken over lines.
    pub(super) fn is_layout(&self, own: &Hunk) -> bool {
        let comma = |text: &TokenText, at: &Range<usize>| {
            at.len() == 1
                && self.words.text(text.ids[at.start]) == ","
                && at.end < text.len()
                && matches!(self.words.text(text.ids[at.end]), ")" | "]" | "}" | ">")
                && text.gap_text(at.end).contains('\n')
        };
        own.old.is_empty() && comma(self.ours, &own.new)
    }

    /// Whether `own` is what stands before or after all of the base.
    pub(super) fn is_outside(&self, own: &Hunk) -> bool {
        own.old.is_empty() && (own.old.start == 0 || own.old.start == self.base.len())
    }

    /// Whether what `own` has before the base on its first line would stand before something else: whole lines of the patch go or
    /// come there.
    fn tears(&self, own: &Hunk, hunk: &Hunk) -> bool {
        let is_beside = !self.ours.gap_text(own.new.end).contains('\n');
        let goes = || hunk.new.is_empty() && self.base.ends_line(hunk.old.end - 1);
        let comes = || hunk.old.is_empty() && self.theirs.ends_line(hunk.new.end - 1);
        is_beside
            && !own.new.is_empty()
            && !(hunk.old.is_empty() && hunk.new.is_empty())
            && (goes() || comes())
    }

    pub(super) fn collide(&self, own: &Hunk, hunk: &Hunk) -> bool {
        let (a, b) = (&own.old, &hunk.old);
        if self.is_outside(own) && a.start == 0 && b.start == 0 && self.tears(own, hunk) {
            return true;
        }
        if self.is_outside(own) || (self.is_layout(own) && (b.end <= a.start || b.start >= a.end)) {
            return b.start < a.start && a.start < b.end;
        }
        let (first, second) = if (a.start, a.end) <= (b.start, b.end) { (own, hunk) } else { (hunk, own) };
        if first.old.end > second.old.start || a == b {
            return true;
        }
        let between = first.old.end..second.old.start;
        if self.words.tells(&self.base.ids[between.clone()]) {
            return false;
        }
        let replaces = |hunk: &Hunk| !hunk.old.is_empty() && !hunk.new.is_empty();
        let one = |hunk: &Hunk| hunk.old.len() == 1 && hunk.new.len() == 1;
        let broken = !a.is_empty()
            && !b.is_empty()
            && (between.start..=between.end).any(|at| self.base.gap_text(at).contains('\n'));
        if (one(own) || one(hunk)) && (!between.is_empty() || broken) {
            return false;
        }
        if replaces(own) && replaces(hunk) && broken && !between.is_empty() {
            return false;
        }
        !(between.is_empty() && self.listed(own, hunk))
    }

    /// Whether one of two neighbours is a list item put in or taken out, comma and all, beside the other, which
    /// stays one item.
    pub(super) fn listed(&self, own: &Hunk, hunk: &Hunk) -> bool {
        let sides = [(own, self.ours), (hunk, self.theirs)];
        [(0, 1), (1, 0)].into_iter().any(|(item, other)| {
            let ((item, item_text), (other, other_text)) = (sides[item], sides[other]);
            let whole = !other.old.is_empty() && !other.new.is_empty();
            let tokens = if item.old.is_empty() {
                &item_text.ids[item.new.clone()]
            } else if item.new.is_empty() {
                &self.base.ids[item.old.clone()]
            } else {
                return false;
            };
            let after = item.old.start >= other.old.end;
            let joint = if after { tokens.first() } else { tokens.last() };
            let comma = |id: &Id| self.words.text(*id) == ",";
            whole
                && joint.is_some_and(comma)
                && !self.base.ids[other.old.clone()].iter().any(comma)
                && !other_text.ids[other.new.clone()].iter().any(comma)
        })
    }

    /// Whether what stands beside the change says that this is the place: the nearest telling word on one side at
    /// least, and all up to there.
    pub(super) fn is_held(&self, hunk: &Hunk) -> bool {
        let telling = |at: &usize| is_telling(self.words.text(self.base.ids[*at]));
        let kept = |tokens: Range<usize>| {
            let mut all = tokens.clone().map(|at| self.places[at]);
            let first = all.next().flatten();
            first.is_some_and(|first| all.enumerate().all(|(n, place)| place == Some(first + n + 1)))
        };
        let above = (0..hunk.old.start).rev().find(telling);
        let below = (hunk.old.end..self.base.len()).find(telling);
        if above.is_none() && below.is_none() {
            return kept(0..self.base.len());
        }
        above.is_some_and(|at| kept(at..hunk.old.end.max(at + 1)))
            || below.is_some_and(|at| kept(hunk.old.start..at + 1))
    }

    /// Whether upstream replaced all that the line of this place says, but for what the patch changes of it: then nothing tells that
    /// it is this line still, and not another one that has the same value. One name alone may have been renamed.
    pub(super) fn is_of_another_line(&self, hunk: &Hunk) -> bool {
        let Range { start, end } = hunk.old;
        let at = start.min(self.base.len() - 1);
        let line = self.base.line(at);
        // An insertion between two lines is in neither.
        if end > line.end || (hunk.old.is_empty() && (start != at || self.base.indent(at).is_some())) {
            return false;
        }
        let word = |at: &usize| self.words.text(self.base.ids[*at]);
        let is_name = |at: &usize| {
            is_telling(word(at))
                && !KEYWORDS.contains(&word(at))
                && !word(at).starts_with(|c: char| c.is_ascii_digit())
        };
        let says = |at: &usize| is_name(at) || word(at).ends_with(['"', '\'']);
        let around: Vec<usize> = line.filter(|at| !hunk.old.contains(at)).filter(says).collect();
        around.iter().filter(|at| is_name(at)).count() > 1
            && around.iter().all(|at| self.places[*at].is_none())
    }

    /// Whether a line that one side put beside this place is nearly the line that the other side changes: which of
    /// them is the old one is in doubt.
    pub(super) fn has_twin(&self, hunk: &Hunk) -> bool {
        let at = hunk.old.start.min(self.base.len() - 1);
        let mut near = vec![self.base.line(at)];
        let inline = !hunk.old.is_empty() || self.base.indent(at).is_none();
        if !inline && at > 0 {
            near.push(self.base.line(at - 1));
        }
        let touched = |line: &Range<usize>| {
            self.our_hunks.iter().any(|own| own.old.start <= line.end && own.old.end >= line.start)
        };
        let twins = |line: &Range<usize>, text: &TokenText, new: &Range<usize>| {
            let line = &self.base.src[self.base.extent(line)];
            let mut at = new.start;
            while at < new.end {
                let other = text.line(at);
                at = other.end;
                let shared = other.end.min(new.end) - other.start.max(new.start);
                if shared * 2 >= other.len() && similarity(line, &text.src[text.extent(&other)]) >= TWIN {
                    return true;
                }
            }
            false
        };
        near.iter().filter(|line| touched(line)).any(|line| {
            let put_in = self.theirs.src
                [self.theirs.gap(hunk.new.start).start..self.theirs.gap(hunk.new.end).end]
                .contains('\n');
            (put_in && hunk.new.len() > hunk.old.len() && twins(line, self.theirs, &hunk.new))
                || self.our_hunks.iter().any(|own| {
                    let near = own.old.start <= line.end && own.old.end >= line.start;
                    near && own.new.len() * 2 > line.len() && twins(line, self.ours, &own.new)
                })
        })
    }

    /// Nothing if these tokens beside the base may be what the patch wants to put there.
    pub(super) fn unlike_outside(&self, hunk: &Hunk, outside: Range<usize>) -> Option<()> {
        if outside.is_empty() {
            return Some(());
        }
        let wanted = &self.theirs.src[self.theirs.extent(&hunk.new)];
        let stands = &self.ours.src[self.ours.extent(&outside)];
        (similarity(wanted, stands) < RELATED).then_some(())
    }
}
