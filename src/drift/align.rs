//! Weighted alignment of tokens: the best place inside a region, and the heaviest common subsequence.
//!
//! Both visit only the pairs of equal tokens, in rows of one value a column, so memory is linear and a region
//! that shares little costs little. It is not a diff: no path is kept, only where it begins, where it ends
//! and what it weighs.

use std::cmp::Ordering;
use std::ops::Range;

use super::word_tokens::{Comparison, FOREIGN, identifying};
use crate::text::ends::common_ends_by;

/// A value of a row holds a score and, below these bits, the column where its path begins: the larger of two
/// values is the better path and, of equal ones, the one that begins later.
const START_BITS: u32 = 24;

/// What a token costs that only the haystack has, inside the place: 1 / this of its weight. The same reduced
/// weight is in [`likeness`]: upstream adding lines inside a place is the common case.
const FOREIGN_SHARE: i64 = 4;

/// What a word loses if other punctuation stands before it: 1 / this.
const PUNCTUATION_SHARE: i64 = 8;

/// Pairs of equal tokens that one alignment may have to visit. Code has a few thousand; more means that a
/// word or two make up both texts.
const MAX_PAIRS: usize = 4 << 20;

/// The best place of the needle in `region` (haystack tokens): half-open range of tokens, or none if nothing of
/// the needle stands there.
pub(super) fn best_place(comparison: &Comparison, region: Range<usize>) -> Option<Range<usize>> {
    let columns = Columns::new(comparison, 0..comparison.needle.ids.len(), region.clone())?;
    let mut row: Vec<i64> = (0..=region.len() as i64).collect();
    let between =
        comparison.haystack.ids[region.clone()].iter().map(|&id| comparison.weight(id) / FOREIGN_SHARE);
    let skip: Vec<i64> = between.chain([0]).map(|cost| cost << START_BITS).collect();
    let (mut best, mut end) = (0, 0);
    columns.visit(comparison, |column, gain| {
        let mut value = row[column] + (gain << START_BITS);
        if value >= best {
            (best, end) = (value, column + 1);
        }
        for (cell, skip) in row.iter_mut().zip(&skip).skip(column + 1) {
            if *cell >= value {
                break;
            }
            *cell = value;
            value -= skip;
        }
    });
    let start = (best & ((1 << START_BITS) - 1)) as usize;
    (end > 0).then(|| region.start + start..region.start + end)
}

/// How alike the needle and `region` (haystack tokens) are, 0 to 1: `2·M / (N + M + (W − M) / 4)` for the
/// weights `N` of the needle, `W` of the region and `M` of their heaviest common subsequence. A region that
/// only adds to the needle loses little, and equal texts are exactly 1.
///
/// Words alone weigh, unless the needle has none.
pub(super) fn likeness(comparison: &Comparison, region: Range<usize>) -> Likeness {
    let needle = comparison.total(&comparison.needle.ids);
    let there = comparison.total(&comparison.haystack.ids[region.clone()]);
    Likeness::new(needle, there, common(comparison, region))
}

/// What [`likeness`] cannot exceed, from how often each token stands in the region: cheap.
pub(super) fn likeness_bound(comparison: &Comparison, region: Range<usize>) -> Likeness {
    let mut left: Vec<u32> = comparison.counts.iter().map(|[needle, _]| *needle).collect();
    let mut shared = 0;
    for &id in &comparison.haystack.ids[region] {
        let left = &mut left[id as usize];
        if *left > 0 {
            *left -= 1;
            shared += comparison.weight(id);
        }
    }
    Likeness::new(comparison.total(&comparison.needle.ids), shared, shared)
}

/// How alike two texts are; ordered by similarity and, where that is equal, by lines without words as well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Likeness {
    /// 0 to 1.
    pub(super) similarity: f64,
    in_all: f64,
}

impl Likeness {
    fn new(needle: i64, there: i64, common: i64) -> Self {
        let in_all = ratio(needle, there, common);
        let words = ratio(identifying(needle), identifying(there), identifying(common));
        Self { similarity: if identifying(needle) > 0 { words } else { in_all }, in_all }
    }

    /// The greater one is the more alike.
    pub(super) fn order(self, other: Self) -> Ordering {
        self.similarity.total_cmp(&other.similarity).then(self.in_all.total_cmp(&other.in_all))
    }
}

fn ratio(needle: i64, there: i64, common: i64) -> f64 {
    if needle == 0 {
        return if there == 0 { 1.0 } else { 0.0 };
    }
    let share = FOREIGN_SHARE;
    let whole = share * needle + (share - 1) * common + there;
    (2 * share * common) as f64 / whole as f64
}

/// How many pairs of equal tokens an alignment with `region` visits: its cost.
pub(super) fn pairs(comparison: &Comparison, region: Range<usize>) -> usize {
    comparison.haystack.ids[region].iter().map(|&id| comparison.counts[id as usize][0] as usize).sum()
}

/// The weight of the heaviest common subsequence of the needle and `region`. What is equal at both ends is
/// always part of it; where too many pairs remain between these ends, they count as different.
fn common(comparison: &Comparison, region: Range<usize>) -> i64 {
    let (needle, there) = (&comparison.needle, &comparison.haystack);
    let (head, tail) = common_ends_by([needle.ids.len(), region.len()], |[n, h]| {
        let h = region.start + h;
        needle.ids[n] == there.ids[h] && needle.punctuation[n] == there.punctuation[h]
    });
    let (needle, rest) = (head..needle.ids.len() - tail, region.start + head..region.end - tail);
    let ends = comparison.total(&comparison.needle.ids[..head])
        + comparison.total(&comparison.needle.ids[needle.end..]);
    ends + common_between(comparison, needle, rest)
}

fn common_between(comparison: &Comparison, needle: Range<usize>, region: Range<usize>) -> i64 {
    let Some(columns) = Columns::new(comparison, needle, region.clone()) else { return 0 };
    let mut row = vec![0; region.len() + 1];
    columns.visit(comparison, |column, gain| {
        let value = row[column] + gain;
        for cell in row[column + 1..].iter_mut().take_while(|cell| **cell < value) {
            *cell = value;
        }
    });
    row[region.len()]
}

/// Where each token of a part of the needle stands in a region.
struct Columns {
    needle: Range<usize>,
    region: Range<usize>,
    /// First place in `columns` of each id, and their number.
    starts: Vec<usize>,
    columns: Vec<u32>,
}

impl Columns {
    /// None if there are more pairs than an alignment may visit.
    fn new(comparison: &Comparison, needle: Range<usize>, region: Range<usize>) -> Option<Self> {
        let ids = &comparison.haystack.ids[region.clone()];
        let mut starts = vec![0; comparison.counts.len() + 1];
        ids.iter().filter(|&&id| id != FOREIGN).for_each(|&id| starts[id as usize + 1] += 1);
        let pairs: usize =
            comparison.needle.ids[needle.clone()].iter().map(|&id| starts[id as usize + 1]).sum();
        if pairs > MAX_PAIRS || region.len() >= 1 << START_BITS {
            return None;
        }
        for id in 1..starts.len() {
            starts[id] += starts[id - 1];
        }
        let mut next = starts.clone();
        let mut columns = vec![0; starts[starts.len() - 1]];
        for (column, &id) in ids.iter().enumerate().filter(|(_, id)| **id != FOREIGN) {
            columns[next[id as usize]] = column as u32;
            next[id as usize] += 1;
        }
        Some(Self { needle, region, starts, columns })
    }

    /// Calls `pair` with the column and the gain of every pair of equal tokens: by rows, and in a row from the
    /// last column to the first, so that a column still holds the row before when it is read.
    fn visit(&self, comparison: &Comparison, mut pair: impl FnMut(usize, i64)) {
        let punctuation = &comparison.haystack.punctuation[self.region.clone()];
        for at in self.needle.clone() {
            let (id, before) = (comparison.needle.ids[at], comparison.needle.punctuation[at]);
            let weight = comparison.weight(id);
            let places = self.starts[id as usize]..self.starts[id as usize + 1];
            for &column in self.columns[places].iter().rev() {
                let column = column as usize;
                let loss = if punctuation[column] == before { 0 } else { weight / PUNCTUATION_SHARE };
                pair(column, weight - loss);
            }
        }
    }
}
