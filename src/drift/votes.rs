//! Where every line and word of the haystack would put the needle.
//!
//! A line or word that stands on the needle's line *i* and on the haystack's line *j* votes for *j − i* as
//! the place of the needle's first line. Nothing is aligned or measured here: it only names a few dozen
//! places that are worth it.

use super::atoms::{FOREIGN, Scales};

/// Votes that are counted at most, of words and of lines: bounds the work where texts consist of few words.
const MAX_VOTES: u64 = 1 << 19;

/// Places named, for each of the three ways of counting.
const MAX_PEAKS: usize = 32;

/// The haystack's lines (from 0) where the needle's first line may stand, in order.
///
/// Once the votes for one line are counted, once all within `expansion`: an insertion
/// inside a place splits its votes. Places of one count are more than `radius` lines apart, those of a third
/// one more than the needle's length: where all votes are the same, they must not all be for one place.
pub(super) fn places(scales: &Scales, expansion: usize, radius: usize) -> Vec<usize> {
    let shift = scales.needle.lines();
    let votes = count(scales, shift);
    let mut places = peaks(&votes, radius);
    places.extend(peaks(&band_sums(&votes, expansion), radius));
    let last = scales.haystack.lines() - 1;
    places.extend(peaks(&votes, shift));
    places.iter_mut().for_each(|place| *place = place.saturating_sub(shift).min(last));
    places.sort_unstable();
    places.dedup();
    places
}

/// The votes for each line, `shift` lines further down: the first line may stand before the haystack's.
fn count(scales: &Scales, shift: usize) -> Vec<f64> {
    let (needle, haystack) = (&scales.needle, &scales.haystack);
    let mut votes = vec![0.0; shift + haystack.lines()];
    let words = Ballot::new(needle.placed(), &scales.counts, |id, _| scales.weight(id));
    words.cast(haystack.placed(), shift, &mut votes);
    let of_line = |_, line| scales.total(&needle.ids[needle.of_lines(&(line..line + 1))]);
    let lines = Ballot::new(needle.placed_lines(), &scales.line_counts, of_line);
    lines.cast(haystack.placed_lines(), shift, &mut votes);
    votes
}

/// Who may vote: for each id the needle's lines where it stands, and what one vote weighs.
struct Ballot {
    lines: Vec<Vec<usize>>,
    weights: Vec<f64>,
}

impl Ballot {
    /// The rarest ids vote, as long as the votes do not become too many; if even the rarest are, it votes
    /// with its first line only. The weight of an id is shared by its votes, less than evenly.
    fn new(
        placed: impl Iterator<Item = (u32, usize)>,
        counts: &[[u32; 2]],
        weight: impl Fn(u32, usize) -> i64,
    ) -> Self {
        let mut ballot = Self { lines: vec![Vec::new(); counts.len()], weights: vec![0.0; counts.len()] };
        for (id, line) in placed {
            if ballot.lines[id as usize].is_empty() {
                ballot.weights[id as usize] = weight(id, line) as f64;
            }
            ballot.lines[id as usize].push(line);
        }
        let votes = |id: usize| u64::from(counts[id][0]) * u64::from(counts[id][1]);
        let mut ids: Vec<usize> = (1..counts.len()).filter(|&id| votes(id) > 0).collect();
        ids.sort_by_key(|&id| (votes(id), id));
        let mut sum = 0;
        for (rank, &id) in ids.iter().enumerate() {
            sum += votes(id);
            ballot.weights[id] /= (votes(id) as f64).sqrt();
            if sum > MAX_VOTES {
                ballot.lines[id].truncate(usize::from(rank == 0));
            }
        }
        ballot
    }

    fn cast(&self, placed: impl Iterator<Item = (u32, usize)>, shift: usize, votes: &mut [f64]) {
        for (id, there) in placed.filter(|(id, _)| *id != FOREIGN) {
            for line in &self.lines[id as usize] {
                votes[shift + there - line] += self.weights[id as usize];
            }
        }
    }
}

/// For each place the votes for it and the `width` places on both sides.
fn band_sums(votes: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; votes.len() + 1];
    for (at, vote) in votes.iter().enumerate() {
        sums[at + 1] = sums[at] + vote;
    }
    let band = |at: usize| sums[(at + width + 1).min(votes.len())] - sums[at.saturating_sub(width)];
    (0..votes.len()).map(band).collect()
}

/// The places with most votes, each more than `radius` from a better one.
fn peaks(votes: &[f64], radius: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..votes.len()).filter(|&at| votes[at] > 0.0).collect();
    order.sort_by(|&a, &b| votes[b].total_cmp(&votes[a]).then(a.cmp(&b)));
    let mut near = vec![false; votes.len()];
    let mut peaks = Vec::new();
    for at in order {
        if peaks.len() == MAX_PEAKS {
            break;
        }
        if !near[at] {
            peaks.push(at);
            near[at.saturating_sub(radius)..(at + radius + 1).min(votes.len())].fill(true);
        }
    }
    peaks
}
