//! A mistake in a patch file: its kind, its place, a sentence, and a hint.
//!
//! Plain data. `schema` finds mistakes and `report` shows them; a mistake needs neither.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::text::lines::{line_of, line_start};

/// One mistake in one patch file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The patch file, as the user gave it.
    pub file: Arc<str>,
    /// The text of that file without a byte order mark; empty if it cannot be read.
    pub(crate) source: Arc<str>,
    /// Bytes in [`Mistake::source`], half-open.
    pub(crate) span: Range<usize>,
    /// One-based line of the span's start.
    pub line: usize,
    /// One-based column of the span's start, in characters.
    pub column: usize,
    /// The id of the patch that it is in; `None` outside a patch, and in one without an id.
    pub patch: Option<String>,
    /// What sort of mistake it is.
    pub kind: MistakeKind,
    /// One sentence.
    pub message: String,
    /// A few words to stand at the place itself.
    pub(crate) label: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What sort of mistake it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MistakeKind {
    /// The file cannot be read.
    Unreadable,
    /// The file is not UTF-8.
    Encoding,
    /// The file is not TOML.
    Syntax,
    /// A key that the format does not have.
    UnknownKey,
    /// A value of another type than the key takes.
    WrongType,
    /// A string that is not one of those the key takes.
    UnknownValue,
    /// A key that must be there is not.
    Missing,
    /// Each alone would be fine, together they are not.
    Impossible,
    /// Nothing where something must be.
    Empty,
    /// An escape that gives a control character which nobody means.
    Control,
    /// An operation that would change nothing.
    NoChange,
    /// Two patches of one id.
    DuplicateId,
    /// A pattern, rule or query that does not compile.
    Pattern,
    /// A capture that the query does not bind, or a text made of nothing but captures.
    Capture,
    /// A path of a section or key that does not parse.
    Path,
    /// TOML inside the patch file that does not parse.
    Toml,
    /// Not a version range.
    Version,
    /// A hash that is none.
    Verify,
    /// A number outside what the key takes.
    Range,
    /// There are more than are kept.
    More,
}

impl Mistake {
    /// A mistake at `span` (bytes in `source`), and at the whole of a character of which that is a part: a parser of the TOML inside
    /// may count bytes.
    pub(crate) fn new(
        file: &Arc<str>,
        source: &Arc<str>,
        span: Range<usize>,
        kind: MistakeKind,
        message: String,
    ) -> Self {
        let is_edge = |at: &usize| source.is_char_boundary(*at);
        let start = (0..=span.start).rev().find(is_edge).unwrap_or(0);
        let span = start..(span.end..source.len()).find(is_edge).unwrap_or(source.len());
        let (line, column) = position(source, span.start);
        let (file, source) = (Arc::clone(file), Arc::clone(source));
        Self { file, source, span, line, column, patch: None, kind, message, label: None, hint: None }
    }

    /// With a hint.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = Some(hint.into());
        self
    }

    /// With words at the place itself.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = Some(label.into());
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patch = self.patch.as_ref().map(|id| format!("patch `{id}`: ")).unwrap_or_default();
        write!(f, "{}:{}:{}: {patch}{}", self.file, self.line, self.column, self.message)
    }
}

/// One-based line and column (in characters) of a byte offset.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let offset = offset.min(text.len());
    let before = &text.as_bytes()[line_start(text, offset)..offset];
    (line_of(text, offset), String::from_utf8_lossy(before).chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        assert_eq!(position("", 0), (1, 1));
        assert_eq!(position("ä = b\nöx", 3), (1, 3));
        assert_eq!(position("ä = b\nöx", 7), (2, 1));
        assert_eq!(position("ä = b\nöx", 9), (2, 2));
        assert_eq!(position("a\r\nb", 3), (2, 1));
        assert_eq!(position("a", 99), (1, 2));
    }
}
