//! Where lines begin and end. Offsets are byte offsets; lines end in `\n`, a CR before it is a part of the line.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

/// Offset of the first byte of the line that holds `offset`.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    memrchr(b'\n', &text.as_bytes()[..offset]).map_or(0, |at| at + 1)
}

/// Offset of the `\n` that ends the line that holds `offset`, or the end of the text.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    memchr(b'\n', &text.as_bytes()[offset..]).map_or(text.len(), |at| offset + at)
}

/// Offset behind the `\n` that ends the line that holds `offset`, or the end of the text.
pub(crate) fn next_line(text: &str, offset: usize) -> usize {
    memchr(b'\n', &text.as_bytes()[offset..]).map_or(text.len(), |at| offset + at + 1)
}

/// One-based line of a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    memchr_iter(b'\n', &text.as_bytes()[..offset]).count() + 1
}

/// One-based column of a byte offset, in characters.
pub(crate) fn column_of(text: &str, offset: usize) -> usize {
    text[line_start(text, offset)..offset].chars().count() + 1
}

/// The white space that `line` begins with.
pub(crate) fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// The white space that the line of `offset` begins with.
pub(crate) fn indent_at(text: &str, offset: usize) -> &str {
    indent(&text[line_start(text, offset)..line_end(text, offset)])
}

/// How many blanks and tabs `text` begins with.
pub(crate) fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Whether nothing but white space stands before `offset` on its line.
pub(crate) fn begins_line(text: &str, offset: usize) -> bool {
    text[line_start(text, offset)..offset].trim().is_empty()
}

/// `span` without the white space at its ends; empty if it holds nothing else.
pub(crate) fn trimmed(text: &str, span: &Range<usize>) -> Range<usize> {
    let inside = &text[span.clone()];
    let start = span.start + indent(inside).len();
    start..start.max(span.start + inside.trim_end().len())
}

/// A text whose lines begin with `lead`, but for those that are empty.
pub(crate) fn deeper(text: &str, lead: &str) -> String {
    let line = |line: &str| match line.trim().is_empty() {
        true => line.to_owned(),
        false => [lead, line].concat(),
    };
    text.split_inclusive('\n').map(line).collect()
}

/// The white space before `offset` on its line, if that is all that stands there.
pub(crate) fn lead_of(text: &str, offset: usize) -> &str {
    let lead = &text[line_start(text, offset)..offset];
    if lead.trim().is_empty() { lead } else { "" }
}

/// The lines before and after `offset`, blank ones aside, without their line ends.
pub(crate) fn lines_beside(text: &str, offset: usize) -> [Range<usize>; 2] {
    let whole = |at: usize| line_start(text, at)..line_end(text, at);
    [whole(text[..offset].trim_end().len()), whole(text.len() - text[offset..].trim_start().len())]
}

/// The lines from the last one that is not blank before `offset` on upwards, without their line ends.
pub(crate) fn lines_above(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> {
    let [above, _] = lines_beside(text, offset);
    let before = |line: &Range<usize>| line.start.checked_sub(1).map(|end| line_start(text, end)..end);
    std::iter::successors(Some(above), before)
}

/// The lines behind those of [`lines_above`], downwards, without their line ends.
pub(crate) fn lines_below(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> {
    let [above, _] = lines_beside(text, offset);
    let behind =
        |line: &Range<usize>| (line.end < text.len()).then(|| line.end + 1..line_end(text, line.end + 1));
    std::iter::successors(behind(&above), behind)
}

/// The half-open byte ranges of the lines, line ends included.
pub(crate) fn line_spans(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let span = |line: &str| {
        at += line.len();
        at - line.len()..at
    };
    text.split_inclusive('\n').map(span).collect()
}

/// The half-open byte range of a half-open range of lines, counted from 0. Lines beyond the last one are empty.
pub(crate) fn bytes_of(text: &str, lines: &Range<usize>) -> Range<usize> {
    let offset = |line: usize| match line.checked_sub(1) {
        None => 0,
        Some(before) => memchr_iter(b'\n', text.as_bytes()).nth(before).map_or(text.len(), |at| at + 1),
    };
    offset(lines.start)..offset(lines.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_start_an_end_and_a_next_one() {
        let text = "ab\n\ncd";
        let around = |at| (line_start(text, at), line_end(text, at), next_line(text, at), line_of(text, at));
        assert_eq!(around(0), (0, 2, 3, 1));
        assert_eq!(around(2), (0, 2, 3, 1));
        assert_eq!(around(3), (3, 3, 4, 2));
        assert_eq!(around(5), (4, 6, 6, 3));
        assert_eq!(around(6), (4, 6, 6, 3));
        assert_eq!(column_of("é\néx", 5), 2);
    }

    #[test]
    fn lines_and_bytes_go_together() {
        let text = "a\nbc\nd";
        assert_eq!(line_spans(text), [0..2, 2..5, 5..6]);
        assert_eq!(bytes_of(text, &(1..2)), 2..5);
        assert_eq!(bytes_of(text, &(0..3)), 0..6);
        assert_eq!(bytes_of(text, &(3..9)), 6..6);
        assert!(line_spans("").is_empty());
    }

    #[test]
    fn indentation_is_what_stands_before_the_first_character() {
        assert_eq!(indent_at("a\n \tb c", 6), " \t");
        assert!(begins_line("a\n \tb c", 4) && !begins_line("a\n \tb c", 6));
        assert_eq!(blanks(b" \t\rx"), 2);
        assert_eq!(trimmed("  a b \n", &(0..7)), 2..5);
        assert!(trimmed(" \n ", &(0..3)).is_empty());
    }
}
