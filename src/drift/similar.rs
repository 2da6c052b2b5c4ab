//! Where in a text a needle most likely stands today, and how sure that is.
//!
//! A search in three steps, each on less than the one before: every line and word of the haystack votes for
//! the place it would put the needle's first line (rare ones with more weight, too common ones not at all), the best
//! few dozen places are bounded by what they share with the needle, and the best of those are aligned. It is not an edit
//! distance over all windows: that is quadratic, and counts braces as much as names. It does not know which
//! place is meant; [`clear_winner`] says when that is beyond doubt.

use std::ops::Range;

use super::align;
use super::atoms::Scales;
use super::votes;

/// How much better than every other place the best one must be.
///
/// In ten lines of code (about 60 words) a changed word costs one to two hundredths, and copies that people make differ in two
/// or three words: copies stay within 0.05 of each other, and one look-alike does not.
pub const MARGIN: f64 = 0.05;

/// Places that are aligned.
const MAX_ALIGNED: usize = 12;
/// A place that cannot reach this share of the best similarity found is not aligned.
const WORTH_A_LOOK: f64 = 0.6;

/// Whole lines of a haystack that may be what the needle has become.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Half-open byte offsets, from the start of a line to the start of another one or the end of the text.
    pub span: Range<usize>,
    /// Number of the first line, from 1.
    pub first_line: usize,
    /// 0 (nothing in common) to 1 (nothing that counts is missing or added), as in [`similarity`].
    pub similarity: f64,
}

/// What a list of windows says about the place.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict<'w> {
    /// No window reaches the threshold.
    None,
    /// One does, and no other comes near it.
    One(&'w Window),
    /// The best one and those within [`MARGIN`] of it, best first.
    Twins(Vec<&'w Window>),
}

/// The place that is clearly meant: at least `threshold` similar and better than every other one by
/// [`MARGIN`]. `windows` come best first, as from [`best_windows`] with a limit of 2 or more.
///
/// Nothing is missing from a window of similarity 1: no lesser one is its twin.
pub fn clear_winner(windows: &[Window], threshold: f64) -> Verdict<'_> {
    let Some(best) = windows.first().filter(|best| best.similarity >= threshold) else {
        return Verdict::None;
    };
    let twins: Vec<_> = windows
        .iter()
        .take_while(|w| w.similarity > best.similarity - MARGIN)
        .filter(|w| w.similarity >= 1.0 || best.similarity < 1.0)
        .collect();
    if twins.len() > 1 { Verdict::Twins(twins) } else { Verdict::One(best) }
}

/// How much of what identifies `wanted` stands in `found`, from 0 to 1.
///
/// `2·M / (N + M + (W − M) / 4)`, where `N` and `W` are the weights of the words of `wanted` and `found`, `M` of those that
/// both have in the same order. Words inside literals and comments are words, rare words weigh more; white
/// space and lines without a word weigh nothing (unless `wanted` has no word at all), other punctuation an
/// eighth of the word after it. What only `found` has counts a quarter, because that upstream adds lines inside a
/// place is the common case: so it is not symmetric.
pub fn similarity(wanted: &str, found: &str) -> f64 {
    let scales = Scales::new(wanted, found);
    let whole = 0..scales.haystack.ids.len();
    align::similarity(&scales, whole)
}

/// The places of `haystack` most similar to `needle`, best first (of equal ones the earlier first), at most `limit`, none
/// overlapping another.
///
/// A window has the needle's number of lines, up to `expansion` more or fewer. Needles of up to a few
/// hundred lines are meant; the time grows with the haystack's size, never with its square.
pub fn best_windows(needle: &str, haystack: &str, expansion: usize, limit: usize) -> Vec<Window> {
    let scales = Scales::new(needle, haystack);
    if scales.needle.lines() == 0 || scales.haystack.lines() == 0 {
        return Vec::new();
    }
    let search = Search { scales: &scales, expansion };
    let aligned = search.aligned(&search.candidates());
    search.disjoint(aligned, limit).into_iter().map(|found| found.window(&scales)).collect()
}

struct Search<'s> {
    scales: &'s Scales,
    expansion: usize,
}

/// A window in lines, and the line where the votes put the needle's first one.
struct Found {
    lines: Range<usize>,
    similarity: f64,
    expected: usize,
}

impl Found {
    fn window(self, scales: &Scales) -> Window {
        Window {
            span: scales.haystack.bytes(&self.lines),
            first_line: self.lines.start + 1,
            similarity: self.similarity,
        }
    }
}

impl Search<'_> {
    /// First lines worth aligning, the most promising first, with what their similarity cannot exceed.
    fn candidates(&self) -> Vec<(usize, f64)> {
        let radius = self.expansion.min(self.scales.needle.lines() / 2);
        let bound = |first| {
            let region = self.region(first);
            (first, align::similarity_bound(self.scales, self.atoms(&region)))
        };
        let places = votes::places(self.scales, self.expansion, radius);
        let mut bounded: Vec<_> = places.into_iter().map(bound).collect();
        bounded.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        bounded
    }

    /// The best window of each candidate that can come near the best one, best first.
    fn aligned(&self, candidates: &[(usize, f64)]) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let mut best: f64 = 0.0;
        for &(first, bound) in candidates.iter().take(MAX_ALIGNED) {
            if bound < best * WORTH_A_LOOK {
                break;
            }
            let window = self.align(&self.region(first), first);
            best = window.as_ref().map_or(best, |window| best.max(window.similarity));
            found.extend(window);
        }
        sort(&mut found);
        found
    }

    /// The best windows that do not overlap. A place that loses lines to a better one is aligned once more
    /// on what is left of it: near the best place its twin may stand.
    fn disjoint(&self, aligned: Vec<Found>, limit: usize) -> Vec<Found> {
        let (mut kept, mut again): (Vec<Found>, Vec<usize>) = (Vec::new(), Vec::new());
        for found in aligned {
            if free_parts(&found.lines, &kept) == [found.lines.clone()] {
                kept.push(found);
            } else {
                again.push(found.expected);
            }
        }
        for expected in again {
            let best = free_parts(&self.region(expected), &kept)
                .iter()
                .filter_map(|part| self.align(part, expected))
                .reduce(|a, b| if b.similarity > a.similarity { b } else { a });
            kept.extend(best);
        }
        sort(&mut kept);
        kept.truncate(limit);
        kept
    }

    /// All lines that a window around `first` may hold.
    fn region(&self, first: usize) -> Range<usize> {
        let last = first + self.scales.needle.lines() + self.expansion;
        first.saturating_sub(self.expansion)..last.min(self.scales.haystack.lines())
    }

    /// The best window within `region`.
    fn align(&self, region: &Range<usize>, expected: usize) -> Option<Found> {
        let longest = self.scales.needle.lines() + self.expansion;
        let lines = self.place(region)?;
        let found = if lines.len() > longest {
            let parts = [lines.start..lines.start + longest, lines.end - longest..lines.end];
            let places = parts.iter().filter_map(|part| self.place(part));
            let measured =
                places.map(|place| self.measure(self.stretched(place, region, expected), expected));
            measured.reduce(|a, b| if b.similarity > a.similarity { b } else { a })?
        } else {
            self.measure(self.stretched(lines, region, expected), expected)
        };
        (found.similarity > 0.0).then_some(found)
    }

    fn place(&self, region: &Range<usize>) -> Option<Range<usize>> {
        let atoms = align::best_place(self.scales, self.atoms(region))?;
        let haystack = &self.scales.haystack;
        Some(haystack.line_of(atoms.start)..haystack.line_of(atoms.end - 1) + 1)
    }

    fn measure(&self, lines: Range<usize>, expected: usize) -> Found {
        let similarity = align::similarity(self.scales, self.atoms(&lines));
        Found { lines, similarity, expected }
    }

    /// `lines` with neighbours up to the shortest length that a window may have, beginning as near to where the
    /// votes put it as that allows.
    fn stretched(&self, lines: Range<usize>, region: &Range<usize>, expected: usize) -> Range<usize> {
        let shortest = self.scales.needle.lines().saturating_sub(self.expansion).min(region.len());
        if lines.len() >= shortest {
            return lines;
        }
        let earliest = lines.end.saturating_sub(shortest).max(region.start);
        let start = expected.clamp(earliest, lines.start.min(region.end - shortest));
        start..start + shortest
    }

    fn atoms(&self, lines: &Range<usize>) -> Range<usize> {
        self.scales.haystack.of_lines(lines)
    }
}

fn sort(found: &mut [Found]) {
    found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.lines.start.cmp(&b.lines.start)));
}

/// What `kept` leaves of `lines`.
fn free_parts(lines: &Range<usize>, kept: &[Found]) -> Vec<Range<usize>> {
    let mut parts = vec![lines.clone()];
    for taken in kept.iter().map(|found| &found.lines) {
        let cut = |part: Range<usize>| {
            let before = part.start..part.end.min(taken.start);
            let after = part.start.max(taken.end)..part.end;
            [before, after].into_iter().filter(|part| !part.is_empty())
        };
        parts = parts.into_iter().flat_map(cut).collect();
    }
    parts
}
