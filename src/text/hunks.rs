//! The one diff of two texts: where they differ, in lines or in whatever they are lists of.
//!
//! It is for showing, following and cutting edits, where any good diff will do. Where several are equally good it
//! takes one and keeps quiet about the others; a merge must not guess, so [`crate::drift`] aligns for itself there.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
/// Numbers for lines or words: equal ones get equal [`Id`]s, new ones the next number.
pub(crate) use imara_diff::{Interner, Token as Id};

/// A stretch in which two texts differ, as half-open ranges of lines (or words), counted from 0. One of them may be
/// empty; two hunks have something in common between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// What the old text has there.
    pub(crate) old: Range<usize>,
    /// What the new text has there.
    pub(crate) new: Range<usize>,
}

/// The hunks of two texts, cut into lines (or words), in order.
pub(crate) fn hunks<'t>(
    old: impl IntoIterator<Item = &'t str>,
    new: impl IntoIterator<Item = &'t str>,
) -> Vec<Hunk> {
    let mut input = InternedInput::default();
    input.update_before(old.into_iter());
    input.update_after(new.into_iter());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| Hunk { old: range(hunk.before), new: range(hunk.after) }).collect()
}

/// The hunks of two texts by lines. A last line without an end differs from the same line with one.
pub(crate) fn line_hunks(old: &str, new: &str) -> Vec<Hunk> {
    hunks(old.split_inclusive('\n'), new.split_inclusive('\n'))
}

/// Whether a text is another without some of its lines, of which it puts none in: a text that is the same is not.
pub(crate) fn only_removes(old: &str, new: &str) -> bool {
    let hunks = line_hunks(old, new);
    !hunks.is_empty() && hunks.iter().all(|hunk| hunk.new.is_empty())
}

/// What lies between hunks: pairs of equal lines (or words) of an old text of `len` of them and a new one, in order.
pub(crate) fn unchanged(hunks: &[Hunk], len: usize) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut old, mut new) = (0, 0);
    for next in hunks.iter().cloned().chain([Hunk { old: len..len, new: 0..0 }]) {
        pairs.extend((old..next.old.start).zip(new..));
        (old, new) = (next.old.end, next.new.end);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_without_some_lines_only_removes() {
        let cases =
            [("a\nb\n", "b\n", true), ("a\n", "", true), ("a\n", "a\n", false), ("a\nb\n", "c\n", false)];
        for (old, new, expected) in cases {
            assert_eq!(only_removes(old, new), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn hunks_are_what_differs() {
        let hunk = |old, new| Hunk { old, new };
        assert_eq!(line_hunks("a\nb\nc\n", "a\nx\ny\nc\nd\n"), [hunk(1..2, 1..3), hunk(3..3, 4..5)]);
        assert_eq!(line_hunks("a", "a\n"), [hunk(0..1, 0..1)]);
        assert!(line_hunks("a\n", "a\n").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_between_is_the_same(old in "([abc]\n){0,9}", new in "([abc]\n){0,9}") {
            let [a, b] = [&old, &new].map(|text| text.lines().collect::<Vec<_>>());
            let hunks = line_hunks(&old, &new);
            let pairs = unchanged(&hunks, a.len());
            prop_assert!(pairs.iter().all(|&(o, n)| a[o] == b[n]));
            let (gone, come) = hunks.iter().fold((0, 0), |(o, n), hunk| (o + hunk.old.len(), n + hunk.new.len()));
            prop_assert_eq!((pairs.len() + gone, pairs.len() + come), (a.len(), b.len()));
        }
    }
}
