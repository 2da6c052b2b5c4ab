//! Text without any syntax: its words, its lines, what two texts have in common. Pure.
//!
//! The ground floor: every other room asks here where a line begins, what a word is and how two texts differ, so that
//! there is one answer. It knows no Rust and no TOML (see [`crate::rust`], [`crate::toml_ops`]).

pub(crate) mod edges;
pub(crate) mod ends;
pub(crate) mod hunks;
pub(crate) mod lines;
pub(crate) mod words;

use std::ops::Range;

/// Where `needle`, which is not empty, stands in `text` as `accept` takes it: from the left, not overlapping, half-open
/// byte ranges. What is not taken hides nothing that overlaps it.
pub(crate) fn locate_accepted(
    needle: &str,
    text: &str,
    accept: impl Fn(&Range<usize>) -> bool,
) -> Vec<Range<usize>> {
    let finder = memchr::memmem::Finder::new(needle);
    let step = needle.chars().next().map_or(1, char::len_utf8);
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = finder.find(&text.as_bytes()[from..]).map(|at| from + at) {
        let span = at..at + needle.len();
        let taken = accept(&span);
        from = if taken { span.end } else { at + step };
        found.extend(taken.then_some(span));
    }
    found
}

/// Where `needle`, which is not empty, stands in `text`: from the left, not overlapping, half-open byte ranges.
pub(crate) fn locate_all(needle: &str, text: &str) -> Vec<Range<usize>> {
    memchr::memmem::find_iter(text.as_bytes(), needle.as_bytes()).map(|at| at..at + needle.len()).collect()
}
