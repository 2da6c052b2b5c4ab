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
    fn boundary(&self, at: usize) -> Option<usize> {
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
            || self.is_of_another_line(hunk)
            || self.has_twin(hunk)
        {
            return None;
        }
        if hunk.old.is_empty() { self.insert(hunk) } else { self.replace(hunk) }
    }

    fn replace(&mut self, hunk: &Hunk) -> Option<()> {
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

    fn delete(&mut self, hunk: &Hunk, there: Range<usize>) -> Option<()> {
        let (ours, base) = (self.ours, self.base);
        let whole_lines = ours.indent(there.start).is_some() && ours.ends_line(there.end - 1);
        let lines_in_base = (hunk.old.start == 0 || base.gap_text(hunk.old.start).contains('\n'))
            && (hunk.old.end == base.len() || base.gap_text(hunk.old.end).contains('\n'));
        let inside = self.is_inside(hunk);
        let as_base = alike(base.gap_text(hunk.old.start), ours.gap_text(there.start))
            && alike(base.gap_text(hunk.old.end), ours.gap_text(there.end));
        let left = self.theirs.gap_text(hunk.new.start);
        let spaced = ours.gap(there.start).start..ours.gap(there.end).end;
        let (span, text) = if whole_lines && lines_in_base && (!inside || left.contains('\n')) {
            self.without_lines(hunk, &there, as_base.then_some(left))?
        } else if !inside {
            (ours.extent(&there), String::new())
        } else if as_base {
            (spaced, self.space_left(left, there.end)?)
        } else if !whole_lines {
            self.exact = false;
            (spaced, self.space_kept(left, &there)?)
        } else {
            return None;
        };
        let source = self.theirs.gap(hunk.new.start);
        self.replacements.push(Replacement { span, text, source: source.start..source.start });
        Some(())
    }

    /// Whether tokens of the base stand on both sides of a hunk.
    fn is_inside(&self, hunk: &Hunk) -> bool {
        hunk.old.start > 0 && hunk.old.end < self.base.len()
    }

    /// What goes with whole lines of `ours`, `there` in tokens: the lines, and blank lines until as many are left as the
    /// space `left` by the patch has or, without it, as stood on one side.
    fn without_lines(
        &self,
        hunk: &Hunk,
        there: &Range<usize>,
        left: Option<&str>,
    ) -> Option<(Range<usize>, String)> {
        let (ours, inside) = (self.ours, self.is_inside(hunk));
        let (before, after) = (ours.gap_text(there.start), ours.gap(there.end));
        let at_end = there.end == ours.len();
        let start = ours.span(there.start).start - ours.indent(there.start)?.len();
        let end = if at_end {
            next_line(ours.src, after.start)
        } else {
            after.start + ours.src[after.clone()].rfind('\n')? + 1
        };
        let above = if inside { breaks(before).checked_sub(1)? } else { 0 };
        let below = if at_end { 0 } else { breaks(&ours.src[after]).checked_sub(1)? };
        let wanted = match left.filter(|_| inside) {
            Some(left) => breaks(left).checked_sub(1)?,
            None => above.max(below),
        };
        if inside && wanted <= above {
            // Fewer blank lines are left than stand above.
            let mut starts = ours.src[..start].rmatch_indices('\n').map(|(at, _)| at + 1);
            return Some((starts.nth(above - wanted)?..end, String::new()));
        }
        Some((start..end, "\n".repeat(if inside { wanted - above } else { 0 })))
    }

    /// The space that a deletion leaves before token `at` of `ours`, which is laid out there as the base is.
    fn space_left(&self, left: &str, at: usize) -> Option<String> {
        match (left.rfind('\n'), self.ours.indent(at)) {
            (None, _) => Some(left.to_owned()),
            (Some(line), Some(indent)) => Some(format!("{}{indent}", &left[..=line])),
            (Some(_), None) => None,
        }
    }

    /// The space that a deletion leaves where `ours` is laid out otherwise: the line break, if there is one.
    fn space_kept(&self, left: &str, there: &Range<usize>) -> Option<String> {
        let beside = [there.start, there.end].map(|at| self.ours.gap_text(at));
        let kept = beside.into_iter().find(|space| space.contains('\n')).unwrap_or(left);
        (kept != left || !left.contains('\n')).then(|| kept.to_owned())
    }

    fn insert(&mut self, hunk: &Hunk) -> Option<()> {
        let text = self.shifted(hunk, self.theirs.extent(&hunk.new))?;
        let (span, text) = match hunk.old.start {
            0 => self.before_all(hunk, text)?,
            at if at == self.base.len() => self.behind_all(hunk, text)?,
            at => self.between(hunk, at, text)?,
        };
        self.replacements.push(Replacement { span, text, source: self.theirs.extent(&hunk.new) });
        Some(())
    }

    /// An insertion before the first token of the base.
    fn before_all(&self, hunk: &Hunk, text: String) -> Option<(Range<usize>, String)> {
        let place = self.places[0]?;
        self.unlike_outside(hunk, place.saturating_sub(hunk.new.len() * 2)..place)?;
        let behind = self.theirs.gap(hunk.new.end);
        if self.theirs.src[behind.clone()].contains('\n') && self.ours.indent(place).is_none() {
            return None;
        }
        let space = self.with_indent_of(self.shifted(hunk, behind)?, place);
        let start = self.ours.span(place).start;
        Some((start..start, text + &space))
    }

    /// An insertion behind the last token of the base.
    fn behind_all(&self, hunk: &Hunk, text: String) -> Option<(Range<usize>, String)> {
        let at = self.base.len();
        let place = self.places[at - 1]?;
        let following = place + 1..(place + 1 + hunk.new.len() * 2).min(self.ours.len());
        self.unlike_outside(hunk, following)?;
        let before = self.theirs.gap(hunk.new.start);
        if self.theirs.src[before.clone()].contains('\n') && !self.ours.ends_line(place) {
            return None;
        }
        let more = breaks(self.theirs.gap_text(hunk.new.end));
        let more = more.saturating_sub(breaks(self.base.gap_text(at)).max(1));
        let end = self.ours.span(place).end;
        Some((end..end, self.shifted(hunk, before)? + &text + &"\n".repeat(more)))
    }

    /// An insertion before token `at` of the base, not the first one.
    fn between(&mut self, hunk: &Hunk, at: usize, text: String) -> Option<(Range<usize>, String)> {
        let (ours, theirs) = (self.ours, self.theirs);
        let place = self.boundary(at).filter(|place| (1..ours.len()).contains(place))?;
        let (gap, here) = (self.base.gap_text(at), ours.gap_text(place));
        let lead = self.shifted(hunk, theirs.gap(hunk.new.start))?;
        if alike(gap, here) {
            let trail = self.with_indent_of(self.shifted(hunk, theirs.gap(hunk.new.end))?, place);
            return Some((ours.gap(place), format!("{lead}{text}{trail}")));
        }
        self.exact = false;
        let (before, after) = (theirs.gap_text(hunk.new.start), theirs.gap_text(hunk.new.end));
        let Range { start, end } = ours.gap(place);
        Some(match (gap.contains('\n'), here.contains('\n')) {
            (true, true) if before.contains('\n') => (start..start, lead + &text),
            (true, true) if after.contains('\n') => {
                let trail = self.shifted(hunk, theirs.gap(hunk.new.end))?;
                (end..end, text + &self.with_indent_of(trail, place))
            }
            (false, true) if !before.contains('\n') && !after.contains('\n') => {
                let joins = before.is_empty() || text.ends_with([',', ';']);
                if joins { (start..start, lead + &text) } else { (end..end, text + after) }
            }
            (true, false) => {
                let first = if before.contains('\n') { here } else { before };
                let last = if after.contains('\n') { here } else { after };
                (start..end, format!("{first}{text}{last}"))
            }
            (false, false) => (start..end, format!("{before}{text}{after}")),
            _ => return None,
        })
    }

    /// `space`, with the last line's indentation as token `at` of `ours` has it.
    fn with_indent_of(&self, space: String, at: usize) -> String {
        match (space.rfind('\n'), self.ours.indent(at)) {
            (Some(line), Some(indent)) => format!("{}{indent}", &space[..=line]),
            _ => space,
        }
    }

    /// The indentations of the nearest line that stands in both.
    fn shift(&self, hunk: &Hunk) -> (&str, &str) {
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
