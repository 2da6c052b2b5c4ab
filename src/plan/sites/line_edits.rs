//! Which lines of two texts are the same: what a change under tolerance touches, line by line.

use std::ops::Range;

use crate::edit::Edit;

/// Beyond so many comparisons the lines between the first and the last difference count as changed.
const MOST: usize = 4_000_000;

/// The half-open byte ranges of the lines of a text, line ends included.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let range = |line: &str| {
        at += line.len();
        at - line.len()..at
    };
    text.split_inclusive('\n').map(range).collect()
}

/// The lines of `a` and `b` that are the same, in order: pairs of indices. A missing last line end does not count.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (inner_a, inner_b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let inner = longest(inner_a, inner_b).into_iter().map(|(i, j)| (head + i, head + j));
    let last = (0..tail).rev().map(|i| (a.len() - 1 - i, b.len() - 1 - i));
    (0..head).map(|i| (i, i)).chain(inner).chain(last).collect()
}

/// The longest common subsequence.
fn longest(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    if a.len() * b.len() > MOST {
        return Vec::new();
    }
    let width = b.len() + 1;
    let mut len = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let skip = len[(i + 1) * width + j].max(len[i * width + j + 1]);
            len[i * width + j] = if a[i] == b[j] { len[(i + 1) * width + j + 1] + 1 } else { skip };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::new();
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if len[(i + 1) * width + j] >= len[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

fn contents<'t>(text: &'t str, lines: &[Range<usize>]) -> Vec<&'t str> {
    lines.iter().map(|line| text[line.clone()].trim_end_matches('\n')).collect()
}

/// The edits that make `span` of `text` into `new`, and leave alone the lines that stay.
pub(super) fn line_edits(text: &str, span: Range<usize>, new: &str) -> Vec<Edit> {
    let old = &text[span.clone()];
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let (old_at, new_at) = (lines(old), lines(new));
    let mut edits = Vec::new();
    let (mut done_old, mut done_new) = (0, 0);
    let ends = std::iter::once((old_at.len(), new_at.len()));
    for (i, j) in common(&old_lines, &new_lines).into_iter().chain(ends) {
        let before = old_at.get(i).map_or(old.len(), |line| line.start);
        let before_new = new_at.get(j).map_or(new.len(), |line| line.start);
        if done_old < before || done_new < before_new {
            let replaced = span.start + done_old..span.start + before;
            edits.push(Edit::replace(text, replaced, &new[done_new..before_new]));
        }
        done_old = old_at.get(i).map_or(old.len(), |line| line.end);
        done_new = new_at.get(j).map_or(new.len(), |line| line.end);
    }
    edits
}

/// Where lines of `new` that `search` does not have stand in `span` of `text`: half-open byte ranges, without line ends.
pub(super) fn patch_lines(text: &str, span: Range<usize>, search: &str, new: &str) -> Vec<Range<usize>> {
    let window = &text[span.clone()];
    let (at, new_at, search_at) = (lines(window), lines(new), lines(search));
    let new_lines = contents(new, &new_at);
    let kept = common(&contents(search, &search_at), &new_lines);
    let stands = common(&contents(window, &at), &new_lines);
    let own = stands.into_iter().filter(|(_, j)| !kept.iter().any(|(_, kept)| kept == j));
    own.map(|(i, _)| {
        span.start + at[i].start..span.start + at[i].start + window[at[i].clone()].trim_end().len()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_new_is_brought() {
        let text = "0\na\nup\nnew\nb\n";
        let own = patch_lines(text, 2..text.len(), "a\nold\nb\n", "a\nnew\nb");
        assert_eq!(own.iter().map(|line| &text[line.clone()]).collect::<Vec<_>>(), ["new"]);
        assert!(patch_lines(text, 2..text.len(), "a\nold\nb\n", "a\nb").is_empty());
    }

    proptest! {
        #[test]
        fn line_edits_make_the_one_into_the_other(old in "([ab]\n){0,6}[ab]?", new in "([abc]\n){0,6}[abc]?") {
            let text = format!("x\n{old}");
            let edits = line_edits(&text, 2..text.len(), &new);
            prop_assert_eq!(Edit::apply_batch(&text, &edits).unwrap(), format!("x\n{new}"));
        }
    }
}
