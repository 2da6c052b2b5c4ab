//! What a patch saw that is nearly its match, or nearly its effect, and why that was not taken: for the sentence of a failure.

use super::draft::Draft;

/// Something that was seen and not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The text stands there, but begins or ends inside a word.
    InsideWord {
        /// One-based line.
        line: usize,
        /// The word.
        word: String,
    },
}

impl Seen {
    /// The text at `span` begins or ends inside the word `word`.
    pub(crate) fn inside_word(draft: &Draft, offset: usize, word: &str) -> Self {
        Self::InsideWord { line: draft.line_as_read(offset), word: word.to_owned() }
    }

    /// What was seen, as the middle of a sentence.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::InsideWord { line, word } => format!("line {line} has it only as a part of `{word}`"),
        }
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::InsideWord { .. } => {
                "search the whole word or number, or set `partial_words = true` in the query"
            }
        }
    }
}
