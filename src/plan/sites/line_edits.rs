//! Which lines of two texts are the same: what a change under tolerance touches, line by line.

use std::ops::Range;

use crate::edit::Edit;
use crate::text::hunks::{Hunk, hunks, line_hunks, unchanged};
use crate::text::lines::{bytes_of, line_spans};

/// The edits that make `span` of `text` into `new`, and leave alone the lines that stay.
pub(super) fn line_edits(text: &str, span: Range<usize>, new: &str) -> Vec<Edit> {
    let old = &text[span.clone()];
    let edit = |hunk: Hunk| {
        let (gone, come) = (bytes_of(old, &hunk.old), bytes_of(new, &hunk.new));
        Edit::replace(text, span.start + gone.start..span.start + gone.end, &new[come])
    };
    line_hunks(old, new).into_iter().map(edit).collect()
}

/// Where lines of `new` that `search` does not have stand in `span` of `text`: half-open byte ranges, without line ends.
pub(super) fn patch_lines(text: &str, span: Range<usize>, search: &str, new: &str) -> Vec<Range<usize>> {
    let window = &text[span.clone()];
    let kept = common(search, new);
    let stands = common(window, new);
    let own = stands.into_iter().filter(|(_, j)| !kept.iter().any(|(_, kept)| kept == j));
    let at = line_spans(window);
    let place = |(i, _): (usize, usize)| {
        let line = &at[i];
        span.start + line.start..span.start + line.start + window[line.clone()].trim_end().len()
    };
    own.map(place).collect()
}

/// The lines of `a` and `b` that are the same, in order: pairs of indices. A missing last line end does not count.
fn common(a: &str, b: &str) -> Vec<(usize, usize)> {
    let hunks = hunks(a.split_terminator('\n'), b.split_terminator('\n'));
    unchanged(&hunks, a.split_terminator('\n').count())
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
