//! The only splice: replace byte spans of a text by other text. Pure.
//!
//! An [`Edit`] carries what it expects to find, so a plan made on one text cannot be applied to
//! another. It knows nothing of files, patches or syntax.

use std::ops::Range;

use crate::limits::{self, Limit};
use crate::text::hunks::{line_hunks, unchanged};
use crate::text::lines::bytes_of;

/// Replace `span` (half-open byte offsets), which must hold `expected`, by `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    span: Range<usize>,
    expected: String,
    text: String,
}

/// Why a batch of edits cannot be applied. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits cover the same byte, or two insertions stand at the same offset.
    #[error("edits overlap at bytes {}..{} and {}..{}", .first.start, .first.end, .second.start, .second.end)]
    Overlap {
        /// The earlier span.
        first: Range<usize>,
        /// The later span.
        second: Range<usize>,
    },
    /// The span does not hold the expected text (or lies outside, or inside a character).
    #[error("bytes {}..{} are not what the edit expects", .span.start, .span.end)]
    Unexpected {
        /// The span that differs.
        span: Range<usize>,
    },
    /// The result is longer than a file may be.
    #[error("the result of the edits is {}", Limit::ResultSize)]
    TooLong,
}

impl Edit {
    /// An edit of `source[span]`.
    ///
    /// # Panics
    /// If `span` is not inside `source` or cuts a character: spans come from a locator that
    /// worked on this very text.
    pub fn replace(source: &str, span: Range<usize>, text: impl Into<String>) -> Self {
        Self { expected: source[span.clone()].to_owned(), span, text: text.into() }
    }

    /// An insertion at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self { span: offset..offset, expected: String::new(), text: text.into() }
    }

    /// Half-open byte offsets in the text before the edit.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What the span will hold.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where byte `at` of the text that is put in was in the text that is expected.
    fn unmapped(&self, at: usize) -> usize {
        let Self { expected, text, .. } = self;
        let line = text[..at].matches('\n').count();
        let start = bytes_of(text, &(line..line + 1)).start;
        let pairs = unchanged(&line_hunks(expected, text), expected.split_inclusive('\n').count());
        match pairs.into_iter().rfind(|(_, new)| *new <= line) {
            Some((old, new)) if new == line => bytes_of(expected, &(old..old + 1)).start + at - start,
            Some((old, _)) => bytes_of(expected, &(old..old + 1)).end,
            None => 0,
        }
    }

    /// Applies `edits`, in any order, to `source`. The result is allocated once, at its exact size.
    ///
    /// # Errors
    /// [`EditError`] if two edits overlap, a span does not hold what its edit expects, or the result is too long.
    ///
    /// ```
    /// use codex_patcher::edit::Edit;
    /// let source = "let a = 1;";
    /// let edits = [Edit::replace(source, 8..9, "2"), Edit::insert(4, "mut ")];
    /// assert_eq!(Edit::apply_batch(source, &edits).unwrap(), "let mut a = 2;");
    /// ```
    pub fn apply_batch(source: &str, edits: &[Self]) -> Result<String, EditError> {
        let sorted = Self::sorted(source, edits)?;
        let grown: usize = sorted.iter().map(|e| e.text.len()).sum();
        let shrunk: usize = sorted.iter().map(|e| e.span.len()).sum();
        if grown > shrunk && (source.len() + grown - shrunk) as u64 > limits::file_size() {
            return Err(EditError::TooLong);
        }
        let mut result = String::with_capacity(source.len() + grown - shrunk);
        let mut done = 0;
        for edit in sorted {
            result.push_str(&source[done..edit.span.start]);
            result.push_str(&edit.text);
            done = edit.span.end;
        }
        result.push_str(&source[done..]);
        Ok(result)
    }

    /// The edits by position, checked to be disjoint and to find what they expect.
    ///
    /// # Errors
    /// As [`Edit::apply_batch`].
    pub(crate) fn sorted<'e>(source: &str, edits: &'e [Self]) -> Result<Vec<&'e Self>, EditError> {
        let mut sorted: Vec<&Self> = edits.iter().collect();
        sorted.sort_by_key(|e| (e.span.start, e.span.end));
        for pair in sorted.windows(2) {
            let (first, second) = (pair[0].span(), pair[1].span());
            if second.start < first.end || first == second {
                return Err(EditError::Overlap { first, second });
            }
        }
        match sorted.iter().find(|e| source.get(e.span()) != Some(e.expected.as_str())) {
            Some(edit) => Err(EditError::Unexpected { span: edit.span() }),
            None => Ok(sorted),
        }
    }
}

/// Where `span` of the old text is in the new one, after `sorted` edits. An insertion at either end stays outside; an
/// edit that reaches over an end is taken in.
pub(crate) fn map_span(sorted: &[&Edit], span: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (span.start, span.end);
    for edit in sorted.iter().rev() {
        let (from, to) = (edit.span.start, edit.span.end);
        let moved = |at: usize| at - to + from + edit.text.len();
        if to <= span.start {
            start = moved(start);
        } else if from < span.start {
            start = from;
        }
        if to <= span.end && from < span.end {
            end = moved(end);
        } else if from < span.end {
            end = from + edit.text.len();
        }
    }
    start..end.max(start)
}

/// Where `offset` of the text after `sorted` edits was in the text before them. Of what an edit put in, the lines that it left as
/// they were are where they were; a line that is new was where the last one above it that is not ends, or where the edit begins.
pub(crate) fn unmap_offset(sorted: &[&Edit], offset: usize) -> usize {
    let (mut grown, mut shrunk) = (0, 0);
    for edit in sorted {
        let start = edit.span.start + grown - shrunk;
        if offset < start {
            break;
        }
        if offset < start + edit.text.len() {
            return edit.span.start + edit.unmapped(offset - start);
        }
        grown += edit.text.len();
        shrunk += edit.span.len();
    }
    offset + shrunk - grown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn overlap_and_unexpected_text_are_refused() {
        let source = "abcdef";
        let overlapping = [Edit::replace(source, 0..3, "x"), Edit::replace(source, 2..4, "y")];
        assert!(matches!(Edit::apply_batch(source, &overlapping), Err(EditError::Overlap { .. })));
        let twice = [Edit::insert(2, "x"), Edit::insert(2, "y")];
        assert!(matches!(Edit::apply_batch(source, &twice), Err(EditError::Overlap { .. })));
        let stale = [Edit::replace("zzz", 0..3, "x")];
        assert_eq!(Edit::apply_batch(source, &stale), Err(EditError::Unexpected { span: 0..3 }));
        let outside = [Edit::replace("abcdefgh", 6..8, "x")];
        assert!(matches!(Edit::apply_batch(source, &outside), Err(EditError::Unexpected { .. })));
        let inside_a_char = [Edit::insert(1, "x")];
        assert!(matches!(Edit::apply_batch("é", &inside_a_char), Err(EditError::Unexpected { .. })));
    }

    #[test]
    fn of_what_an_edit_put_in_the_lines_that_it_left_are_where_they_were() {
        let source = "x\na\nb\nc\nd\ny\n";
        let edit = Edit::replace(source, 2..10, "a\nB\nc\nnew\nd\n");
        let new = Edit::apply_batch(source, std::slice::from_ref(&edit)).unwrap();
        let was = |line: &str| &source[unmap_offset(&[&edit], new.find(line).unwrap())..];
        let lines = [("x", "x"), ("a", "a"), ("B", "b"), ("c", "c"), ("new", "d"), ("d", "d"), ("y", "y")];
        for (line, expected) in lines {
            assert!(was(line).starts_with(expected), "{line} was at {:?}", was(line));
        }
    }

    /// Disjoint edits of `source` from arbitrary cuts.
    fn edits(source: &str, cuts: &[(usize, usize, String)]) -> Vec<Edit> {
        let mut chosen: Vec<Edit> = Vec::new();
        for (at, len, text) in cuts {
            let boundary = |at: usize| (0..=at).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
            let start = boundary(at % (source.len() + 1));
            let end = boundary((start + len).min(source.len())).max(start);
            chosen.push(Edit::replace(source, start..end, text.clone()));
            if Edit::sorted(source, &chosen).is_err() {
                chosen.pop();
            }
        }
        chosen
    }

    proptest! {
        #[test]
        fn a_batch_is_its_edits_from_the_last_to_the_first(
            source in "[a-cé\n]{0,30}",
            cuts in prop::collection::vec((0usize..40, 0usize..6, "[x-zü]{0,4}"), 0..8),
        ) {
            let edits = edits(&source, &cuts);
            let mut expected = source.clone();
            for edit in Edit::sorted(&source, &edits).unwrap().iter().rev() {
                expected.replace_range(edit.span(), edit.text());
            }
            let result = Edit::apply_batch(&source, &edits).unwrap();
            prop_assert_eq!(result.capacity(), result.len(), "one allocation of the exact size");
            prop_assert_eq!(result, expected);
        }

        #[test]
        fn a_span_that_no_edit_touches_keeps_its_text(
            source in "[a-c\n]{1,30}",
            cuts in prop::collection::vec((0usize..40, 0usize..6, "[x-z]{0,4}"), 0..6),
            from in 0usize..30, len in 1usize..6,
        ) {
            let edits = edits(&source, &cuts);
            let span = from.min(source.len() - 1)..(from + len).min(source.len());
            prop_assume!(!span.is_empty());
            let touched = |e: &Edit| e.span().start < span.end && span.start < e.span().end;
            prop_assume!(!edits.iter().any(touched));
            let new = Edit::apply_batch(&source, &edits).unwrap();
            let moved = map_span(&Edit::sorted(&source, &edits).unwrap(), span.clone());
            prop_assert_eq!(&new[moved.clone()], &source[span.clone()]);
            prop_assert_eq!(unmap_offset(&Edit::sorted(&source, &edits).unwrap(), moved.start), span.start);
        }
    }
}
