//! Where the text of a hunk goes, and what it is there: `ours` lends its indentation and its line breaks.

use std::ops::Range;

use super::spacing::{alike, breaks};
use super::{Replacement, Splicer};
use crate::drift::merge::reindent::moved;
use crate::rust::lexer::literal_line_starts;
use crate::text::hunks::Hunk;
use crate::text::lines::next_line;

impl Splicer<'_, '_> {
    /// The token of `ours` that begins the boundary before token `at` of the base.
    pub(super) fn boundary(&self, at: usize) -> Option<usize> {
        if at == self.base.len() {
            let last = self.our_hunks.last().filter(|own| self.is_outside(own) && own.old.start == at);
            return Some(last.map_or(self.ours.len(), |own| own.new.start));
        }
        if let Some(before) = at.checked_sub(1).and_then(|before| self.places[before]) {
            return Some(before + 1);
        }
        self.places[at].or_else(|| {
            self.our_hunks.iter().find(|own| own.old.end == at && !own.old.is_empty()).map(|own| own.new.end)
        })
    }

    /// Plans the replacements for a hunk of the patch.
    pub(super) fn put(&mut self, hunk: &Hunk) -> Option<()> {
        if self.our_hunks.iter().any(|own| self.collide(own, hunk))
            || !self.is_held(hunk)
            || self.has_twin(hunk)
        {
            return None;
        }
        if hunk.old.is_empty() { self.insert(hunk) } else { self.replace(hunk) }
    }

    pub(super) fn replace(&mut self, hunk: &Hunk) -> Option<()> {
        let mut places = hunk.old.clone().map(|at| self.places[at]);
        let first = places.next()??;
        if !places.enumerate().all(|(n, place)| place == Some(first + n + 1)) {
            return None;
        }
        let there = first..first + hunk.old.len();
        let span = self.ours.extent(&there);
        if hunk.new.is_empty() {
            return self.delete(hunk, there);
        }
        let source = self.theirs.extent(&hunk.new);
        let text = self.shifted(hunk, source.clone())?;
        self.replacements.push(Replacement { span, text, source });
        // The space at both ends may be part of the change.
        for (b, o, t) in
            [(hunk.old.start, there.start, hunk.new.start), (hunk.old.end, there.end, hunk.new.end)]
        {
            let inside = b > 0 && b < self.base.len();
            if inside && o > 0 && o < self.ours.len() && t > 0 && t < self.theirs.len() {
                self.space_at(hunk, b, o, t)?;
            }
        }
        Some(())
    }

    pub(super) fn delete(&mut self, hunk: &Hunk, there: Range<usize>) -> Option<()> {
        let (ours, base) = (self.ours, self.base);
        let (before, after) = (ours.gap(there.start), ours.gap(there.end));
        let whole_lines = ours.indent(there.start).is_some() && ours.ends_line(there.end - 1);
        let at_end = there.end == ours.len();
        let source = self.theirs.gap(hunk.new.start);
        let source = source.start..source.start;
        let lines_in_base = (hunk.old.start == 0 || base.gap_text(hunk.old.start).contains('\n'))
            && (hunk.old.end == base.len() || base.gap_text(hunk.old.end).contains('\n'));
        let inside = hunk.old.start > 0 && hunk.old.end < base.len();
        let as_base = alike(base.gap_text(hunk.old.start), ours.gap_text(there.start))
            && alike(base.gap_text(hunk.old.end), ours.gap_text(there.end));
        let left = self.theirs.gap_text(hunk.new.start);
        let (span, text) = if whole_lines && lines_in_base && (!inside || left.contains('\n')) {
            // The lines go, with the blank lines that go with them.
            let start = ours.span(there.start).start - ours.indent(there.start)?.len();
            let end = if at_end {
                next_line(ours.src, after.start)
            } else {
                after.start + ours.src[after.clone()].rfind('\n')? + 1
            };
            let above = if inside { breaks(&ours.src[before.clone()]).checked_sub(1)? } else { 0 };
            let below = if at_end { 0 } else { breaks(&ours.src[after]).checked_sub(1)? };
            let wanted = if inside && as_base { breaks(left).checked_sub(1)? } else { above.max(below) };
            if inside && wanted <= above {
                // Fewer blank lines are left than stand above.
                let lines: usize = ours.src[..start]
                    .rmatch_indices('\n')
                    .skip(above - wanted)
                    .map(|(at, _)| at + 1)
                    .next()?;
                (lines..end, String::new())
            } else {
                (start..end, "\n".repeat(if inside { wanted - above } else { 0 }))
            }
        } else if inside && as_base {
            let indented = left.contains('\n') && ours.indent(there.end).is_some();
            let text = if indented {
                format!("{}{}", &left[..=left.rfind('\n')?], ours.indent(there.end)?)
            } else if left.contains('\n') {
                return None;
            } else {
                left.to_owned()
            };
            (before.start..after.end, text)
        } else if inside && !whole_lines {
            self.exact = false;
            let (one, two) = (&ours.src[before.clone()], &ours.src[after.clone()]);
            let kept = if one.contains('\n') {
                one
            } else if two.contains('\n') {
                two
            } else {
                left
            };
            if kept == left && left.contains('\n') {
                return None;
            }
            (before.start..after.end, kept.to_owned())
        } else if !inside {
            (ours.extent(&there), String::new())
        } else {
            return None;
        };
        self.replacements.push(Replacement { span, text, source });
        Some(())
    }

    pub(super) fn insert(&mut self, hunk: &Hunk) -> Option<()> {
        let (ours, base, theirs) = (self.ours, self.base, self.theirs);
        let at = hunk.old.start;
        let source = theirs.extent(&hunk.new);
        let text = self.shifted(hunk, source.clone())?;
        let (before, after) = (theirs.gap_text(hunk.new.start), theirs.gap_text(hunk.new.end));
        if at == 0 {
            let place = self.places[0]?;
            self.unlike_outside(hunk, place.saturating_sub(hunk.new.len() * 2)..place)?;
            let start = ours.span(place).start;
            if after.contains('\n') && ours.indent(place).is_none() {
                return None;
            }
            let after = self.shifted(hunk, source.end..theirs.gap(hunk.new.end).end)?;
            let after = self.with_indent_of(after, place);
            self.replacements.push(Replacement { span: start..start, text: text + &after, source });
            return Some(());
        }
        if at == base.len() {
            let place = self.places[at - 1]?;
            let following = place + 1..(place + 1 + hunk.new.len() * 2).min(ours.len());
            self.unlike_outside(hunk, following)?;
            let end = ours.span(place).end;
            if before.contains('\n') && !ours.ends_line(place) {
                return None;
            }
            let mut text = self.shifted(hunk, theirs.gap(hunk.new.start).start..source.start)? + &text;
            let more = breaks(after).saturating_sub(breaks(base.gap_text(at)).max(1));
            text.push_str(&"\n".repeat(more));
            self.replacements.push(Replacement { span: end..end, text, source });
            return Some(());
        }
        let place = self.boundary(at)?;
        if place == 0 || place >= ours.len() {
            return None;
        }
        let (gap, here) = (base.gap_text(at), ours.gap_text(place));
        let lead = self.shifted(hunk, theirs.gap(hunk.new.start))?;
        let (span, text) = if alike(gap, here) {
            let trail = self.shifted(hunk, theirs.gap(hunk.new.end))?;
            let trail = self.with_indent_of(trail, place);
            (ours.gap(place), format!("{lead}{text}{trail}"))
        } else {
            self.exact = false;
            let start = ours.gap(place).start;
            match (gap.contains('\n'), here.contains('\n')) {
                (true, true) if before.contains('\n') => (start..start, lead + &text),
                (true, true) if after.contains('\n') => {
                    let end = ours.span(place).start;
                    let trail = self.shifted(hunk, theirs.gap(hunk.new.end))?;
                    (end..end, text + &self.with_indent_of(trail, place))
                }
                (false, true) if !before.contains('\n') && !after.contains('\n') => {
                    let joins = before.is_empty() || text.ends_with([',', ';']);
                    let end = ours.span(place).start;
                    if joins { (start..start, lead + &text) } else { (end..end, text + after) }
                }
                (true, false) => {
                    let first = if before.contains('\n') { here } else { before };
                    let last = if after.contains('\n') { here } else { after };
                    (ours.gap(place), format!("{first}{text}{last}"))
                }
                (false, false) => (ours.gap(place), format!("{before}{text}{after}")),
                _ => return None,
            }
        };
        self.replacements.push(Replacement { span, text, source });
        Some(())
    }

    /// `space`, with the last line's indentation as token `at` of `ours` has it.
    pub(super) fn with_indent_of(&self, space: String, at: usize) -> String {
        match (space.rfind('\n'), self.ours.indent(at)) {
            (Some(line), Some(indent)) => format!("{}{indent}", &space[..=line]),
            _ => space,
        }
    }

    /// The indentations of the nearest line that stands in both.
    pub(super) fn shift(&self, hunk: &Hunk) -> (&str, &str) {
        let pair = |at: usize| {
            let (from, to) = (self.base.indent(at)?, self.ours.indent(self.places[at]?)?);
            (at > 0 || !from.is_empty()).then_some((from, to))
        };
        let near = (hunk.old.start..self.base.len()).find_map(pair);
        let above = (0..hunk.old.start).rev().find_map(pair);
        let first = || {
            let to = self.ours.indent(self.places[0]?)?;
            let text = &self.theirs.src[self.theirs.extent(&hunk.new)];
            let lead = self.theirs.gap_text(hunk.new.start);
            let flush = |text: &str| text.split('\n').skip(1).all(|line| !line.starts_with([' ', '\t']));
            (flush(text) && flush(lead)).then_some(("", to))
        };
        above.or(near).or_else(first).unwrap_or(("", ""))
    }

    /// A part of `theirs`, indented as the place is.
    pub(super) fn shifted(&self, hunk: &Hunk, source: Range<usize>) -> Option<String> {
        let (from, to) = self.shift(hunk);
        let text = &self.theirs.src[source.clone()];
        if from == to || !text.contains('\n') {
            return Some(text.to_owned());
        }
        let literal = literal_line_starts(self.theirs.src);
        let mut shifted = String::new();
        let mut at = source.start;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let is_blank = line.trim().is_empty() && line.ends_with('\n');
            if number == 0 || is_blank || literal.contains(&at) {
                shifted.push_str(line);
            } else {
                shifted.push_str(&moved(line, from, to)?);
            }
            at += line.len();
        }
        if text.ends_with('\n') {
            shifted.push_str(&moved("", from, to)?);
        }
        Some(shifted)
    }
}
