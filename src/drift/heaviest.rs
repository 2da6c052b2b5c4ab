//! Texts as numbered lines, and what two of them have in common.
//!
//! The alignment is the heaviest one, not the longest: a line that occurs once outweighs any few braces, so
//! that a match is not an accident of `}`. Where several are heaviest, a [`Side`] is asked for: what both
//! ends agree on is certain, and what they do not agree on is for the caller to refuse. Diff libraries give
//! one of them and keep quiet about the others, so theirs ([`crate::text::hunks`]) serves where nothing is merged.

use std::hash::Hash;

use crate::text::ends::common_ends;
use crate::text::hunks::{Hunk, Id, Interner};
use crate::text::words::{is_word, words};

/// Pairs of lines that an alignment compares at most, after equal lines at both ends; beyond it, all
/// between these ends counts as changed.
const MAX_PAIRS: usize = 4 << 20;

/// Words that stand on lines which every function has.
const EVERYWHERE: [&str; 12] =
    ["else", "Ok", "Err", "None", "Some", "return", "break", "continue", "true", "false", "unsafe", "loop"];

/// The lines of several texts, equal ones with equal ids.
#[derive(Default)]
pub(super) struct LineTable<'t> {
    lines: Interner<&'t str>,
}

impl<'t> LineTable<'t> {
    /// The ids of the lines of `text`. Whether the last one ends in a newline makes no difference.
    pub(super) fn read(&mut self, text: &'t str) -> Vec<Id> {
        text.split_terminator('\n').map(|line| self.lines.intern(line)).collect()
    }

    /// A line without its newline.
    pub(super) fn line(&self, id: Id) -> &'t str {
        self.lines[id]
    }

    /// Lines, each with its newline.
    pub(super) fn text(&self, ids: &[Id]) -> String {
        ids.iter().flat_map(|&id| [self.line(id), "\n"]).collect()
    }

    /// Whether a line says where it is: it has a word that is not on every second line of any file.
    pub(super) fn identifies(&self, id: Id) -> bool {
        words(self.line(id)).any(|word| word.len() > 1 && !EVERYWHERE.contains(&word))
    }

    /// What matching each line of `old` is worth. Only `old` counts: merging twice must align alike.
    fn weights(&self, old: &[Id]) -> Vec<u32> {
        weights(&self.lines, old, |id| self.identifies(id))
    }

    /// The heaviest alignment of two texts, as the stretches in which they differ.
    pub(super) fn hunks(&self, old: &[Id], new: &[Id], side: Side) -> Vec<Hunk> {
        hunks_between(old.len(), new.len(), &heaviest(old, new, &self.weights(old), side))
    }
}

/// What matching each of `ids` is worth: one that says where it is the more the rarer it is among them.
pub(super) fn weights<T: Eq + Hash>(
    interner: &Interner<T>,
    ids: &[Id],
    identifies: impl Fn(Id) -> bool,
) -> Vec<u32> {
    let mut counts = vec![0; interner.num_tokens() as usize];
    ids.iter().for_each(|id| counts[id.0 as usize] += 1);
    ids.iter().map(|&id| if identifies(id) { 8 + 56 / counts[id.0 as usize] } else { 1 }).collect()
}

/// The pairs of the heaviest alignment of `old`, whose items weigh `weights`, with `new`.
pub(super) fn heaviest(old: &[Id], new: &[Id], weights: &[u32], side: Side) -> Vec<(usize, usize)> {
    match side {
        Side::First => first_pairs(old, new, weights),
        Side::Last => {
            let mirrored = |ids: &[Id]| ids.iter().rev().copied().collect::<Vec<Id>>();
            let weights: Vec<u32> = weights.iter().rev().copied().collect();
            let pairs = first_pairs(&mirrored(old), &mirrored(new), &weights);
            pairs.into_iter().rev().map(|(o, n)| (old.len() - 1 - o, new.len() - 1 - n)).collect()
        }
    }
}

/// Whether a word says where it is: it is not on every second line of any file.
pub(super) fn is_telling(word: &str) -> bool {
    word.starts_with(is_word) && !EVERYWHERE.contains(&word)
}

/// Which of several heaviest alignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one that matches as early as it can.
    First,
    /// The one that matches as late as it can.
    Last,
}

/// The stretches between pairs that both count up.
pub(super) fn hunks_between(old: usize, new: usize, pairs: &[(usize, usize)]) -> Vec<Hunk> {
    let mut found = Vec::new();
    let mut at = (0, 0);
    for &(o, n) in pairs.iter().chain([&(old, new)]) {
        if (o, n) != at {
            found.push(Hunk { old: at.0..o, new: at.1..n });
        }
        at = (o + 1, n + 1);
    }
    found
}

/// The pairs of the heaviest alignment that comes first.
fn first_pairs(old: &[Id], new: &[Id], weights: &[u32]) -> Vec<(usize, usize)> {
    let (head, tail) = common_ends([old, new]);
    let (old_rest, new_rest) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    pairs.extend(middle(old_rest, new_rest, &weights[head..]).into_iter().map(|(o, n)| (o + head, n + head)));
    pairs.extend((0..tail).map(|at| (old.len() - tail + at, new.len() - tail + at)));
    pairs
}

/// [`first_pairs`] of two texts that differ at both ends.
fn middle(old: &[Id], new: &[Id], weights: &[u32]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return Vec::new();
    }
    let width = new.len() + 1;
    let mut rest = vec![0; (old.len() + 1) * width];
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            let matched = if old[o] == new[n] { weights[o] + rest[(o + 1) * width + n + 1] } else { 0 };
            rest[o * width + n] = matched.max(rest[(o + 1) * width + n]).max(rest[o * width + n + 1]);
        }
    }
    let (mut o, mut n) = (0, 0);
    let mut pairs = Vec::new();
    while o < old.len() && n < new.len() {
        let here = rest[o * width + n];
        if old[o] == new[n] && here == weights[o] + rest[(o + 1) * width + n + 1] {
            pairs.push((o, n));
            (o, n) = (o + 1, n + 1);
        } else if here == rest[(o + 1) * width + n] {
            o += 1;
        } else {
            n += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn ranges(old: &str, new: &str, side: Side) -> Vec<(Range<usize>, Range<usize>)> {
        let mut table = LineTable::default();
        let (old, new) = (table.read(old), table.read(new));
        table.hunks(&old, &new, side).into_iter().map(|hunk| (hunk.old, hunk.new)).collect()
    }

    #[test]
    fn an_insertion_that_can_slide_is_told_by_its_sides() {
        let (old, new) = ("a0\n}\n\nb0\n", "a0\n}\n\nn0\n}\n\nb0\n");
        assert_eq!(ranges(old, new, Side::First), [(3..3, 3..6)]);
        assert_eq!(ranges(old, new, Side::Last), [(1..1, 1..4)]);
    }

    #[test]
    fn one_line_that_counts_outweighs_braces() {
        let (old, new) = ("alpha();\n}\n}\n}\n", "}\n}\n}\nalpha();\n");
        for side in [Side::First, Side::Last] {
            assert_eq!(ranges(old, new, side), [(0..0, 0..3), (1..4, 4..4)]);
        }
    }

    #[test]
    fn equal_lines_at_the_ends_are_found_whatever_the_size() {
        let middle = |name: &str| (0..2100).map(|n| format!("{name}{n}\n")).collect::<String>();
        let (old, new) = (format!("head\n{}tail\n", middle("o")), format!("head\n{}tail\n", middle("n")));
        assert_eq!(ranges(&old, &new, Side::First), [(1..2101, 1..2101)]);
    }
}
