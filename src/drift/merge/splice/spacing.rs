//! The white space between tokens that the patch changes although the tokens stay.

use super::{Replacement, Splicer};
use crate::drift::merge::reindent::moved;
use crate::drift::merge::tokens::byte_kinds;
use crate::text::hunks::Hunk;

/// How many lines a stretch of white space ends.
pub(super) fn breaks(space: &str) -> usize {
    space.matches('\n').count()
}

/// Whether two stretches of white space are one layout, whatever the indentation.
pub(super) fn alike(a: &str, b: &str) -> bool {
    if a.contains('\n') { breaks(a) == breaks(b) } else { a == b }
}

impl Splicer<'_, '_> {
    /// Plans the white space that the patch changed between tokens that it kept. Whether there was any.
    pub(super) fn space(&mut self, their_hunks: &[Hunk]) -> Option<bool> {
        let only = their_hunks.is_empty();
        let mut changed = false;
        let (mut base, mut theirs) = (1, 1);
        let mut hunks = their_hunks.iter().peekable();
        while base < self.base.len() && theirs < self.theirs.len() {
            if let Some(hunk) = hunks.peek().filter(|hunk| hunk.old.start <= base) {
                (base, theirs) = (hunk.old.end + 1, hunk.new.end + 1);
                hunks.next();
                continue;
            }
            let pair = self.places[base - 1].zip(self.places[base]);
            let differs = self.base.gap_text(base) != self.theirs.gap_text(theirs);
            match pair {
                Some((before, at)) if before + 1 == at && differs => {
                    let hunk = Hunk { old: base..base, new: theirs..theirs };
                    if only {
                        changed |= self.space_exactly(base, at, theirs)?;
                    } else {
                        self.space_at(&hunk, base, at, theirs)?;
                    }
                }
                _ if differs && only => return None,
                _ => {}
            }
            (base, theirs) = (base + 1, theirs + 1);
        }
        Some(changed)
    }

    pub(super) fn space_exactly(&mut self, base: usize, ours: usize, theirs: usize) -> Option<bool> {
        let (wanted, here) = (self.theirs.gap_text(theirs), self.ours.gap_text(ours));
        if wanted == here {
            return Some(false);
        }
        if self.base.gap_text(base) != here {
            return None;
        }
        self.replacements.push(Replacement {
            span: self.ours.gap(ours),
            text: wanted.to_owned(),
            source: self.theirs.gap(theirs),
        });
        Some(true)
    }

    /// Plans one stretch of white space, if `ours` is laid out there as `base` is.
    pub(super) fn space_at(&mut self, hunk: &Hunk, base: usize, ours: usize, theirs: usize) -> Option<()> {
        let (old, new) = (self.base.gap_text(base), self.theirs.gap_text(theirs));
        let here = self.ours.gap_text(ours);
        if old == new || here == new {
            return Some(());
        }
        let literal = byte_kinds(self.base.src);
        let in_literal = |at: usize| literal[self.base.span(at).start] == 1;
        if in_literal(base) && in_literal(base - 1) && old != here {
            return None;
        }
        if !alike(old, here) {
            self.exact = false;
            return Some(());
        }
        let text = match (self.base.indent(base), self.ours.indent(ours)) {
            (Some(from), Some(to)) if new.contains('\n') => {
                let line = new.rfind('\n')? + 1;
                // The blank lines of upstream, where the patch changes none.
                let above =
                    if breaks(old) == breaks(new) { &here[..=here.rfind('\n')?] } else { &new[..line] };
                format!("{above}{}", moved(&new[line..], from, to)?)
            }
            _ => self.shifted(hunk, self.theirs.gap(theirs))?,
        };
        self.replacements.push(Replacement {
            span: self.ours.gap(ours),
            text,
            source: self.theirs.gap(theirs),
        });
        Some(())
    }
}
