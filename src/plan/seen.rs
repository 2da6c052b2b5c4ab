//! What a patch saw that is nearly its match, or nearly its effect, and why that was not taken: for the sentence of a failure.

use std::ops::Range;

use super::draft::Draft;
use crate::outcome::printable;

/// So many characters of a line are shown.
const SHOWN: usize = 60;

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
    /// The lines are the last ones of the file, and the last of them has no line end.
    Unended {
        /// One-based, the last.
        line: usize,
    },
    /// The lines stand there, but behind other code of the first one.
    Behind {
        /// One-based line.
        line: usize,
        /// What stands before them.
        before: String,
    },
    /// The lines stand there, in a comment.
    CommentedOut {
        /// One-based line.
        line: usize,
        /// What stands before them.
        before: String,
    },
    /// The effect seems to stand there, but what the patch takes away seems to be there as well, in another form.
    Resembling {
        /// One-based line of what looks like the effect.
        effect: usize,
        /// One-based line of what resembles the part that goes.
        line: usize,
        /// Its first line.
        text: String,
    },
    /// What is to be deleted is not there, but this is, which has most of its words.
    Changed {
        /// One-based line.
        line: usize,
    },
    /// Neither the file nor its history ever held what the patch looks for.
    NeverHeld {
        /// One-based line of what looks like its effect.
        effect: Option<usize>,
    },
    /// Its effect stands there, and did so when the file had what the patch looks for.
    StoodBefore {
        /// One-based line.
        line: usize,
    },
    /// What the patch is to insert stands elsewhere in the same block, list or file, and always did.
    AlwaysThere {
        /// One-based line.
        line: usize,
    },
    /// Where the patch is to insert its text, something stands that is like the text, and that no commit put there.
    EditedSince {
        /// One-based line.
        line: usize,
        /// The line.
        text: String,
    },
    /// What the patch inserted when it was locked, with another text than now, stands there.
    Former {
        /// One-based line.
        line: usize,
        /// The line.
        text: String,
    },
    /// Where the patch is to insert its text, something stands that begins as the text does, and a commit put it in the place of
    /// the text, or it came since the patch was locked.
    WentOn {
        /// One-based line.
        line: usize,
        /// The line.
        text: String,
    },
    /// Where the patch is to insert its text, something stands that is like the text: a commit put it there as the patch would
    /// have, or no history is known.
    PutBeside(Box<Beside>),
    /// What the patch inserts stands in another place, and it put it there: what it was put beside is somewhere else now.
    AnchorLeft {
        /// One-based line.
        line: usize,
    },
    /// The same, in this file, which the patch names, and what it was put beside is in another one now.
    LeftBehind {
        /// The file.
        file: String,
        /// One-based line.
        line: usize,
    },
    /// Something like its effect stands there, in a file that never had what it looks for, and another of its files has that.
    InOtherFile {
        /// One-based line.
        line: usize,
        /// The other file.
        other: String,
    },
    /// The tokens of the effect stand there as a type or a pattern, where the query cannot have matched.
    OtherKind {
        /// One-based line.
        line: usize,
        /// `a type`, `a pattern`.
        kind: &'static str,
    },
}

/// A line where a patch is to insert its text, which is like that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// One-based.
    pub(crate) line: usize,
    /// The line.
    pub(crate) text: String,
    /// The commit that put it there, where one is known.
    pub(crate) by: Option<String>,
}

impl Seen {
    /// The text at `span` begins or ends inside the word `word`.
    pub(crate) fn inside_word(draft: &Draft, offset: usize, word: &str) -> Self {
        Self::InsideWord { line: draft.line_as_read(offset), word: word.to_owned() }
    }

    /// The lines at `offset` stand behind `before`.
    pub(crate) fn behind(draft: &Draft, offset: usize, before: &str, is_comment: bool) -> Self {
        let before = before.trim_start().trim_end_matches(['\n', '\r']).chars().take(SHOWN).collect();
        let line = draft.line_as_read(offset);
        if is_comment { Self::CommentedOut { line, before } } else { Self::Behind { line, before } }
    }

    /// The effect seems to stand at `effect`, and what is to go at `rest`.
    pub(crate) fn resembling(draft: &Draft, effect: usize, rest: Range<usize>) -> Self {
        let text = draft.text()[rest.clone()].lines().next().unwrap_or_default();
        let cut: String = text.chars().take(SHOWN).collect();
        let more = if cut.len() < rest.len() { " …" } else { "" };
        Self::Resembling {
            effect: draft.line_as_read(effect),
            line: draft.line_as_read(rest.start),
            text: format!("{cut}{more}"),
        }
    }

    /// The effect stands at `offset` as such a thing.
    pub(crate) fn other_kind(draft: &Draft, offset: usize, kind: &'static str) -> Self {
        Self::OtherKind { line: draft.line_as_read(offset), kind }
    }

    /// What the patch looks for is there: only its text must not be put beside it.
    pub(crate) fn is_beside_match(&self) -> bool {
        matches!(
            self,
            Self::EditedSince { .. }
                | Self::Former { .. }
                | Self::WentOn { .. }
                | Self::PutBeside(_)
                | Self::AnchorLeft { .. }
                | Self::LeftBehind { .. }
        )
    }

    /// The line in which all of what the patch looks for stands, where that is no match for what stands before it.
    pub(crate) fn stands_in(&self) -> Option<usize> {
        match self {
            Self::Behind { line, .. } | Self::CommentedOut { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// What was seen, as the middle of a sentence.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::InsideWord { line, word } => format!("line {line} has it only as a part of `{word}`"),
            Self::Unended { line } => {
                format!(
                    "line {line}, the last of the file, has it without the line end in which the query ends"
                )
            }
            Self::CommentedOut { line, before } if before.is_empty() => {
                format!("line {line} has it only in a comment")
            }
            Self::Behind { line, before } | Self::CommentedOut { line, before } => {
                format!("line {line} has it only behind `{before}`")
            }
            Self::Resembling { effect, line, text } if effect == line => {
                format!("line {line} looks like its result, but `{text}` there resembles what it takes away")
            }
            Self::Resembling { effect, line, text } => format!(
                "line {effect} looks like its result, but `{text}` in line {line} resembles what it takes away"
            ),
            Self::Changed { line } => format!("line {line} has most of its words"),
            Self::NeverHeld { effect: Some(line) } => format!(
                "line {line} looks like its result, but neither this file nor its history ever held what it looks for"
            ),
            Self::NeverHeld { effect: None } => "neither this file nor its history ever held it".to_owned(),
            Self::StoodBefore { line } => format!(
                "line {line} looks like its result, but stood there already when the file had what it looks for"
            ),
            Self::AlwaysThere { line } => format!(
                "what it inserts stands in line {line} already, and nothing tells whether the patch or upstream put it there"
            ),
            Self::EditedSince { line, text } => {
                format!("line {line}, `{text}`, which no commit put there, is like what it inserts")
            }
            Self::Former { line, text } => {
                format!("line {line}, `{text}`, is what it inserted before it was edited")
            }
            Self::WentOn { line, text } => {
                format!(
                    "line {line}, `{text}`, begins as what it inserts, and a commit put it in the place of that"
                )
            }
            Self::PutBeside(beside) => {
                let Beside { line, text, by } = &**beside;
                match by {
                    Some(by) => {
                        format!("line {line}, `{text}`, which {by} put there, is like what it inserts")
                    }
                    None => format!(
                        "line {line}, `{text}`, is like what it inserts, and no history tells whose it is"
                    ),
                }
            }
            Self::AnchorLeft { line } => format!(
                "what it inserts stands in line {line}, and what it was put beside there is elsewhere now"
            ),
            Self::LeftBehind { file, line } => {
                let file = printable(file);
                format!(
                    "what it inserts stands in {file}:{line}, and what it was put beside there is here now"
                )
            }
            Self::InOtherFile { line, other } => format!(
                "line {line} looks like its result, but this file never held what it looks for, and {} has it",
                printable(other)
            ),
            Self::OtherKind { line, kind } => {
                format!(
                    "line {line} has the text of its result, but as {kind}, which the pattern cannot match"
                )
            }
        }
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::InsideWord { .. } => {
                "search the whole word or number, or set `partial_words = true` in the query"
            }
            Self::Unended { .. } => {
                "leave the last line end out of the query and of the text, or end the file's last line"
            }
            Self::CommentedOut { .. } => {
                "upstream commented it out: remove the patch, or search it with what makes it a comment"
            }
            Self::Behind { .. } => "search it together with what stands before it",
            Self::Resembling { .. } => {
                "if upstream changed it, write the query for what is there now; if the patch is applied, match more of \
                 the code around it or set `constraint.function_context`, so that the result can be told from the original"
            }
            Self::Changed { .. } => {
                "if upstream changed it, write the query for what is there now; if the patch is applied, commit what it was \
                 applied to, or lock it: history or the lock then tells"
            }
            Self::StoodBefore { .. } => {
                "if upstream changed or moved what it looks for, write the query for what is there now; else remove the patch"
            }
            Self::NeverHeld { effect: None } => "correct the query: it never matched anything here",
            Self::NeverHeld { effect: Some(_) } => {
                "correct the query: it never matched anything here; if the patch was applied before the first commit, lock the \
                 set on a tree without it (`lock -w`), and the lock tells"
            }
            Self::AlwaysThere { .. } => {
                "if it is to stand there twice, replace the match by itself and the text; else remove the patch"
            }
            Self::Former { .. } => {
                "take the old text out first, with `git restore` or by hand; if it is upstream's, lock the patch again"
            }
            Self::EditedSince { .. } => {
                "if the patch's text was edited after it was applied, take the old text out first, with `git restore` or by \
                 hand"
            }
            Self::WentOn { .. } => {
                "if upstream took the change over and went on, remove the patch, or replace what upstream made of it"
            }
            Self::PutBeside(_) => {
                "if it is the patch's text of before, take it out first, by hand; if it is upstream's, make it a part of the query, \
                 or lock the patch"
            }
            Self::AnchorLeft { .. } | Self::LeftBehind { .. } => {
                "move the inserted text to where it is to stand now, or name in the query what stands beside it"
            }
            Self::InOtherFile { .. } => "leave the file without it out of `file`",
            Self::OtherKind { .. } => {
                "write the code around it as `context`, and its kind as `selector`, or use a text query"
            }
        }
    }
}
