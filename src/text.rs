//! Verbatim text as a locator: spans only. Pure.

use std::ops::Range;

/// Where `needle`, which is not empty, stands in `text`: from the left, not overlapping, half-open byte ranges.
pub fn locate_all(needle: &str, text: &str) -> Vec<Range<usize>> {
    memchr::memmem::find_iter(text.as_bytes(), needle.as_bytes()).map(|at| at..at + needle.len()).collect()
}
