//! Candidates for the place of a needle: the lines of the haystack where its first line may stand.
//!
//! A word or line that stands on the needle's line *i* and on the haystack's line *j* is a hit for *j − i*, the
//! diagonal on which an alignment would lie. The diagonals with the highest scores are the candidates, a few dozen.
//! Nothing is aligned or measured here.

use super::word_tokens::{Comparison, FOREIGN};

/// Hits that are counted at most, of words and of lines: bounds the work where texts consist of few words.
const MAX_HITS: u64 = 1 << 19;

/// Places named, for each of the three ways of counting.
const MAX_PEAKS: usize = 32;

/// The haystack's lines (from 0) where the needle's first line may stand, in order.
///
/// They are the peaks of three rankings: by a line's own score; by the scores of all lines within `expansion`, because
/// an insertion inside a place splits its hits; by a line's own score once more, with peaks further apart than the
/// needle is long, so that a place which gets all hits does not hide its twin. In the first two, peaks are
/// more than `radius` lines apart.
pub(super) fn places(comparison: &Comparison, expansion: usize, radius: usize) -> Vec<usize> {
    let shift = comparison.needle.lines();
    let scores = count(comparison, shift);
    let mut places = peaks(&scores, radius);
    places.extend(peaks(&band_sums(&scores, expansion), radius));
    let last = comparison.haystack.lines() - 1;
    places.extend(peaks(&scores, shift));
    places.iter_mut().for_each(|place| *place = place.saturating_sub(shift).min(last));
    places.sort_unstable();
    places.dedup();
    places
}

/// The score of each line, `shift` lines further down: the first line may stand before the haystack's.
fn count(comparison: &Comparison, shift: usize) -> Vec<f64> {
    let (needle, haystack) = (&comparison.needle, &comparison.haystack);
    let mut scores = vec![0.0; shift + haystack.lines()];
    let words = Postings::new(needle.placed(), &comparison.counts, |id, _| comparison.weight(id));
    words.add_hits(haystack.placed(), shift, &mut scores);
    let of_line = |_, line| comparison.total(&needle.ids[needle.of_lines(&(line..line + 1))]);
    let lines = Postings::new(needle.placed_lines(), &comparison.line_counts, of_line);
    lines.add_hits(haystack.placed_lines(), shift, &mut scores);
    scores
}

/// An index of the needle: for each id the lines where it stands, and what one hit weighs.
struct Postings {
    lines: Vec<Vec<usize>>,
    weights: Vec<f64>,
}

impl Postings {
    /// Of the rarest ids, as long as their hits do not become too many; if even those of the rarest do, of its first
    /// line only. The weight of an id is shared by its hits, less than evenly.
    fn new(
        placed: impl Iterator<Item = (u32, usize)>,
        counts: &[[u32; 2]],
        weight: impl Fn(u32, usize) -> i64,
    ) -> Self {
        let mut postings = Self { lines: vec![Vec::new(); counts.len()], weights: vec![0.0; counts.len()] };
        for (id, line) in placed {
            if postings.lines[id as usize].is_empty() {
                postings.weights[id as usize] = weight(id, line) as f64;
            }
            postings.lines[id as usize].push(line);
        }
        let hits = |id: usize| u64::from(counts[id][0]) * u64::from(counts[id][1]);
        let mut ids: Vec<usize> = (1..counts.len()).filter(|&id| hits(id) > 0).collect();
        ids.sort_by_key(|&id| (hits(id), id));
        let mut sum = 0;
        for (rank, &id) in ids.iter().enumerate() {
            sum += hits(id);
            postings.weights[id] /= (hits(id) as f64).sqrt();
            if sum > MAX_HITS {
                postings.lines[id].truncate(usize::from(rank == 0));
            }
        }
        postings
    }

    fn add_hits(&self, placed: impl Iterator<Item = (u32, usize)>, shift: usize, scores: &mut [f64]) {
        for (id, there) in placed.filter(|(id, _)| *id != FOREIGN) {
            for line in &self.lines[id as usize] {
                scores[shift + there - line] += self.weights[id as usize];
            }
        }
    }
}

/// For each line its score and the `width` places on both sides.
fn band_sums(scores: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; scores.len() + 1];
    for (at, score) in scores.iter().enumerate() {
        sums[at + 1] = sums[at] + score;
    }
    let band = |at: usize| sums[(at + width + 1).min(scores.len())] - sums[at.saturating_sub(width)];
    (0..scores.len()).map(band).collect()
}

/// The places with most scores, each more than `radius` from a better one.
fn peaks(scores: &[f64], radius: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|&at| scores[at] > 0.0).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let mut near = vec![false; scores.len()];
    let mut peaks = Vec::new();
    for at in order {
        if peaks.len() == MAX_PEAKS {
            break;
        }
        if !near[at] {
            peaks.push(at);
            near[at.saturating_sub(radius)..(at + radius + 1).min(scores.len())].fill(true);
        }
    }
    peaks
}
