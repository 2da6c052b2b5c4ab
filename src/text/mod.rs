//! Text without any syntax: its words, its lines, what two texts have in common. Pure.
//!
//! The ground floor: every other room asks here where a line begins, what a word is and how two texts differ, so that
//! there is one answer. It knows no Rust and no TOML (see [`crate::rust`], [`crate::toml_ops`]).

pub(crate) mod ends;
pub(crate) mod hunks;
pub(crate) mod lines;
pub(crate) mod words;

use std::ops::Range;

/// Where `needle`, which is not empty, stands in `text`: from the left, not overlapping, half-open byte ranges.
pub(crate) fn locate_all(needle: &str, text: &str) -> Vec<Range<usize>> {
    memchr::memmem::find_iter(text.as_bytes(), needle.as_bytes()).map(|at| at..at + needle.len()).collect()
}
