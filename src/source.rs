//! The text of a target: what the locators see, and how to get its bytes back. Pure.
//!
//! Locators see LF line ends and no byte order mark; every `\n` that was `\r\n` is remembered, through edits as
//! well, so that bytes outside an edit come back as they were, in files that mix both, too.
//! Not here: reading it (see `files`).

use std::ops::Range;

use crate::edit::{Edit, EditError};
use crate::text::ends::common_ends;

const BOM: &str = "\u{feff}";

/// A decoded target. Offsets are byte offsets in [`Source::text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    bom: bool,
    text: String,
    /// Offsets of the `\n` that are `\r\n` in the file, ascending.
    crlf: Vec<usize>,
}

/// The bytes are not UTF-8 text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file is not UTF-8 text (byte {offset})")]
pub struct NotText {
    /// Offset of the first byte that is not UTF-8.
    pub(crate) offset: usize,
}

impl Source {
    /// Decodes the bytes of a file.
    ///
    /// # Errors
    /// [`NotText`] if they are not UTF-8.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotText> {
        let raw = std::str::from_utf8(bytes).map_err(|error| NotText { offset: error.valid_up_to() })?;
        let bom = raw.starts_with(BOM);
        let raw = raw.strip_prefix(BOM).unwrap_or(raw);
        let mut text = String::with_capacity(raw.len());
        let mut crlf = Vec::new();
        let mut rest = raw;
        while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"\r\n") {
            text.push_str(&rest[..at]);
            crlf.push(text.len());
            text.push('\n');
            rest = &rest[at + 2..];
        }
        text.push_str(rest);
        Ok(Self { bom, text, crlf })
    }

    /// A piece of text that is no file.
    pub fn fragment(text: impl Into<String>) -> Self {
        Self { bom: false, text: text.into(), crlf: Vec::new() }
    }

    /// The text with LF line ends, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len() + self.crlf.len() + BOM.len());
        if self.bom {
            bytes.extend_from_slice(BOM.as_bytes());
        }
        bytes.extend_from_slice(self.raw(0..self.text.len()).as_bytes());
        bytes
    }

    /// `span` as the file has it, with its CRs.
    pub(crate) fn raw(&self, span: Range<usize>) -> String {
        let mut raw = String::with_capacity(span.len());
        let mut done = span.start;
        let first = self.crlf.partition_point(|at| *at < span.start);
        for at in self.crlf[first..].iter().take_while(|at| **at < span.end) {
            raw.push_str(&self.text[done..*at]);
            raw.push('\r');
            done = *at;
        }
        raw.push_str(&self.text[done..span.end]);
        raw
    }

    /// The source after `edits`. A line that is put in gets the line end of the line it replaces or stands next to.
    ///
    /// # Errors
    /// As [`Edit::apply_batch`].
    pub(crate) fn edited(&self, edits: &[Edit]) -> Result<Self, EditError> {
        let text = Edit::apply_batch(&self.text, edits)?;
        let mut crlf = Vec::with_capacity(self.crlf.len());
        if !self.crlf.is_empty() {
            let (mut kept, mut grown, mut shrunk) = (0, 0, 0);
            for edit in Edit::sorted(&self.text, edits)? {
                let (span, new) = narrowed(&self.text, &edit.span(), edit.text());
                let until = self.crlf.partition_point(|at| *at < span.start);
                crlf.extend(self.crlf[kept..until].iter().map(|at| at + grown - shrunk));
                if self.line_end_is_crlf(span.start) {
                    let base = span.start + grown - shrunk;
                    crlf.extend(memchr::memchr_iter(b'\n', new).map(|at| base + at));
                }
                kept = self.crlf.partition_point(|at| *at < span.end);
                grown += new.len();
                shrunk += span.len();
            }
            crlf.extend(self.crlf[kept..].iter().map(|at| at + grown - shrunk));
        }
        Ok(Self { bom: self.bom, text, crlf })
    }

    /// The line that `offset` is on ends in CRLF; the last line, without an end, is as the one before it.
    fn line_end_is_crlf(&self, offset: usize) -> bool {
        let bytes = self.text.as_bytes();
        let end = memchr::memchr(b'\n', &bytes[offset..])
            .map(|at| offset + at)
            .or_else(|| memchr::memrchr(b'\n', &bytes[..offset]));
        end.is_some_and(|at| self.crlf.binary_search(&at).is_ok())
    }
}

/// The part of an edit that differs: what stays keeps its line ends.
fn narrowed<'e>(text: &str, span: &Range<usize>, new: &'e str) -> (Range<usize>, &'e [u8]) {
    let (old, new) = (&text.as_bytes()[span.clone()], new.as_bytes());
    let (head, tail) = common_ends([old, new]);
    (span.start + head..span.end - tail, &new[head..new.len() - tail])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bom_mixed_line_ends_and_a_missing_last_one_come_back() {
        for raw in ["", "\u{feff}a\r\nb\nc", "\r\n\r\n", "a\r\r\nb\r", "\u{feff}", "a\n"] {
            let source = Source::decode(raw.as_bytes()).unwrap();
            assert_eq!(source.encode(), raw.as_bytes());
        }
        assert_eq!(Source::decode(b"ab\xff"), Err(NotText { offset: 2 }));
    }

    #[test]
    fn new_lines_take_the_line_end_of_their_neighbour() {
        let source = Source::decode(b"one\r\ntwo\nthree\r\nfour").unwrap();
        let text = source.text();
        let edits = [
            Edit::replace(text, 0..3, "1\n1"),
            Edit::replace(text, 4..7, "2\n2"),
            Edit::insert(text.len(), "\n5"),
        ];
        let after = source.edited(&edits).unwrap();
        assert_eq!(after.encode(), b"1\r\n1\r\n2\n2\nthree\r\nfour\r\n5");
    }

    proptest! {
        #[test]
        fn bytes_outside_an_edit_stay(raw in "(a|b|\r\n|\n|\r|é){0,40}", at in 0usize..40, len in 0usize..8, new in "(x|\n){0,4}") {
            let source = Source::decode(raw.as_bytes()).unwrap();
            let text = source.text().to_owned();
            let cut = |mut at: usize| { at = at.min(text.len()); while !text.is_char_boundary(at) { at -= 1 } at };
            let span = cut(at)..cut(at + len);
            let after = source.edited(&[Edit::replace(&text, span.clone(), new)]).unwrap();
            let (head, tail) = (source.raw(0..span.start), source.raw(span.end..text.len()));
            let bytes = after.encode();
            prop_assert!(bytes.starts_with(head.as_bytes()));
            prop_assert!(bytes.ends_with(tail.as_bytes()));
        }
    }
}
