//! One merge of tokens under one alignment: which hunks of the patch stand clear of upstream's, and
//! what their text is at the place.
//!
//! The result is `ours` with some spans replaced, so what no replacement touches stays byte for byte. An example:
//!
//! ```text
//! base    let limit = config.limit.unwrap_or(8);                 what the patch looks for
//! theirs  let limit = config.limit.unwrap_or(64);                what it makes of that
//! ours        let limit = settings.limit.unwrap_or(8) as u32;    what stands in the file today
//! ```
//!
//! 1. Align `base` with both others, token by token ([`pairs`]). Their hunk is `8` → `64`. Our hunks are `config` →
//!    `settings` and, behind `)`, the insertion `as u32`.
//! 2. A hunk of theirs is planned only if it collides with none of ours ([`Splicer::collide`]). Here both of ours are
//!    apart from `8`: words stand before it, and behind it `)` does, which is enough beside a single token.
//! 3. The place must be certain: from the hunk to the nearest telling word on one side everything still stands in a row
//!    ([`Splicer::is_held`]; here `unwrap_or(8`), and no line beside it may be taken for the one meant
//!    ([`Splicer::has_twin`]).
//! 4. The text of the hunk goes where its old tokens stand in `ours`, at the indentation that is there
//!    ([`Splicer::replace`], [`Splicer::delete`], [`Splicer::insert`]); then the hunks of white space
//!    ([`Splicer::space`]).
//! 5. The replacements are made ([`Splicer::result`]), unless two overlap or one would turn code into a literal or a
//!    comment: `    let limit = settings.limit.unwrap_or(64) as u32;`.
//!
//! Whatever is in doubt at any step is no merge. The caller does all this under the earliest and under the latest
//! alignment, and takes what both give.

use std::ops::Range;

use super::TokenMerge;
use super::by_line::RELATED;
use super::reindent::moved;
use super::tokens::{TokenText, Vocabulary, byte_kinds, differences, pairs};
use crate::drift::heaviest::{Side, is_telling};
use crate::drift::similar::similarity;
use crate::rust::lexer::literal_line_starts;
use crate::text::hunks::{Hunk, Id};
use crate::text::lines::next_line;

/// A line so similar to another one may be it.
const TWIN: f64 = 0.65;

/// A merge under one alignment.
pub(super) struct Spliced {
    /// The merged text.
    pub(super) text: String,
    /// Whether a token changed, or white space where that is the change.
    pub(super) applied: bool,
    /// Whether nothing of the change was there.
    pub(super) whole: bool,
    /// Whether `ours` was laid out as `base` wherever something was put in.
    pub(super) exact: bool,
}

impl From<Spliced> for TokenMerge {
    fn from(spliced: Spliced) -> Self {
        Self { text: spliced.text, applied: spliced.applied, whole: spliced.whole }
    }
}

/// A span of `ours` and what replaces it.
struct Replacement {
    span: Range<usize>,
    text: String,
    /// The bytes of `theirs` that the text comes from.
    source: Range<usize>,
}

struct Splicer<'a, 't> {
    words: &'a Vocabulary<'t>,
    base: &'a TokenText<'t>,
    ours: &'a TokenText<'t>,
    theirs: &'a TokenText<'t>,
    /// Where each token of the base stands in `ours`.
    places: Vec<Option<usize>>,
    our_hunks: Vec<Hunk>,
    replacements: Vec<Replacement>,
    exact: bool,
}

/// `ours` with the change, or nothing where that is in doubt.
pub(super) fn merge_under(
    words: &Vocabulary,
    base: &TokenText,
    ours: &TokenText,
    theirs: &TokenText,
    side: Side,
) -> Option<Spliced> {
    if base.len() == 0 {
        return None;
    }
    let (mut merge, their_hunks) = aligned(words, base, ours, theirs, side);
    let (mut applied, mut whole) = (false, true);
    for hunk in &their_hunks {
        if merge.our_hunks.iter().any(|own| {
            let same = own.old == hunk.old && ours.ids[own.new.clone()] == theirs.ids[hunk.new.clone()];
            same && !merge.is_outside(own)
        }) {
            whole = false;
            continue;
        }
        merge.put(hunk)?;
        applied = true;
    }
    let spaced = merge.space(&their_hunks)?;
    let text = merge.result()?;
    applied |= their_hunks.is_empty() && spaced;
    Some(Spliced { text, applied, whole, exact: merge.exact })
}

/// Whether it is in doubt which line of `ours` a stretch of the patch belongs to.
pub(super) fn has_twins(
    words: &Vocabulary,
    base: &TokenText,
    ours: &TokenText,
    theirs: &TokenText,
    side: Side,
) -> bool {
    let (merge, hunks) = aligned(words, base, ours, theirs, side);
    base.len() > 0 && hunks.iter().any(|hunk| merge.has_twin(hunk))
}

fn aligned<'a, 't>(
    words: &'a Vocabulary<'t>,
    base: &'a TokenText<'t>,
    ours: &'a TokenText<'t>,
    theirs: &'a TokenText<'t>,
    side: Side,
) -> (Splicer<'a, 't>, Vec<Hunk>) {
    let our_pairs = pairs(words, base, ours, side);
    let their_pairs = pairs(words, base, theirs, side);
    let mut places = vec![None; base.len()];
    our_pairs.iter().for_each(|&(b, o)| places[b] = Some(o));
    let our_hunks = differences(words, base, ours, &our_pairs);
    for hunk in &our_hunks {
        places[hunk.old.clone()].fill(None);
    }
    let their_hunks = differences(words, base, theirs, &their_pairs);
    let merge =
        Splicer { words, base, ours, theirs, places, our_hunks, replacements: Vec::new(), exact: true };
    (merge, their_hunks)
}

fn breaks(space: &str) -> usize {
    space.matches('\n').count()
}

/// Whether two stretches of white space are one layout, whatever the indentation.
fn alike(a: &str, b: &str) -> bool {
    if a.contains('\n') { breaks(a) == breaks(b) } else { a == b }
}

impl Splicer<'_, '_> {
    /// Whether `own` is nothing but the comma that ends a list broken over lines.
    fn is_layout(&self, own: &Hunk) -> bool {
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
    fn is_outside(&self, own: &Hunk) -> bool {
        own.old.is_empty() && (own.old.start == 0 || own.old.start == self.base.len())
    }

    fn collide(&self, own: &Hunk, hunk: &Hunk) -> bool {
        let (a, b) = (&own.old, &hunk.old);
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
    fn listed(&self, own: &Hunk, hunk: &Hunk) -> bool {
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
    fn is_held(&self, hunk: &Hunk) -> bool {
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

    /// Whether a line that one side put beside this place is nearly the line that the other side changes: which of
    /// them is the old one is in doubt.
    fn has_twin(&self, hunk: &Hunk) -> bool {
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
    fn put(&mut self, hunk: &Hunk) -> Option<()> {
        if self.our_hunks.iter().any(|own| self.collide(own, hunk))
            || !self.is_held(hunk)
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

    fn insert(&mut self, hunk: &Hunk) -> Option<()> {
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

    /// Nothing if these tokens beside the base may be what the patch wants to put there.
    fn unlike_outside(&self, hunk: &Hunk, outside: Range<usize>) -> Option<()> {
        if outside.is_empty() {
            return Some(());
        }
        let wanted = &self.theirs.src[self.theirs.extent(&hunk.new)];
        let stands = &self.ours.src[self.ours.extent(&outside)];
        (similarity(wanted, stands) < RELATED).then_some(())
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
    fn shifted(&self, hunk: &Hunk, source: Range<usize>) -> Option<String> {
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

    /// Plans the white space that the patch changed between tokens that it kept. Whether there was any.
    fn space(&mut self, their_hunks: &[Hunk]) -> Option<bool> {
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

    fn space_exactly(&mut self, base: usize, ours: usize, theirs: usize) -> Option<bool> {
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
    fn space_at(&mut self, hunk: &Hunk, base: usize, ours: usize, theirs: usize) -> Option<()> {
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

    /// `ours` with the replacements. Nothing if two of them overlap, or if a token turns from code into a literal or a
    /// comment, or back.
    fn result(&mut self) -> Option<String> {
        self.replacements.sort_by_key(|replacement| (replacement.span.start, replacement.span.end));
        let (ours, theirs) = (self.ours.src, self.theirs.src);
        let (our_byte_kinds, their_kinds) = (byte_kinds(ours), byte_kinds(theirs));
        let base_kinds = byte_kinds(self.base.src);
        let whole = self.places.iter().enumerate().all(|(at, place)| {
            place.is_none_or(|o| {
                base_kinds[self.base.span(at).start] == our_byte_kinds[self.ours.span(o).start]
            })
        });
        let mut text = String::new();
        let mut wanted: Vec<Option<u8>> = Vec::new();
        let mut at = 0;
        for replacement in &self.replacements {
            if replacement.span.start < at {
                return None;
            }
            text.push_str(&ours[at..replacement.span.start]);
            wanted.extend(solid(ours, at..replacement.span.start).map(|at| Some(our_byte_kinds[at])));
            text.push_str(&replacement.text);
            wanted
                .extend(solid(theirs, replacement.source.clone()).map(|at| whole.then_some(their_kinds[at])));
            at = replacement.span.end;
        }
        text.push_str(&ours[at..]);
        wanted.extend(solid(ours, at..ours.len()).map(|at| Some(our_byte_kinds[at])));
        let found = byte_kinds(&text);
        let stands: Vec<u8> = solid(&text, 0..text.len()).map(|at| found[at]).collect();
        let holds = stands.len() == wanted.len()
            && wanted.iter().zip(stands).all(|(kind, stands)| kind.is_none_or(|kind| kind == stands));
        holds.then_some(text)
    }
}

/// The bytes of a range that are not white space.
fn solid(text: &str, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    let start = range.start;
    text[range].char_indices().filter(|(_, c)| !c.is_whitespace()).map(move |(at, _)| start + at)
}
