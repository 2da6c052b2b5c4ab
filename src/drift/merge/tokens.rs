//! Texts as tokens, and what two of them have in common.
//!
//! A token is a word, a number, a literal of one line, or one character of punctuation. Comments and literals of several lines
//! merge by words; a text may begin inside of one. A literal is a value: half of one and half of another is neither. Lines that are equal but for white space pin the
//! alignment, tokens are aligned between them only.

use std::ops::Range;

use crate::drift::heaviest::{Side, heaviest, hunks_between, is_telling, weights};
use crate::rust::lexer::{self, TokenKind};
use crate::text::hunks::{Hunk, Id, Interner};
use crate::text::lines::line_start;
use crate::text::words::pieces;

/// Numbers for tokens and for lines, the same in all texts of a merge.
#[derive(Default)]
pub(super) struct Vocabulary<'t> {
    tokens: Interner<&'t str>,
    lines: Interner<Vec<Id>>,
}

impl<'t> Vocabulary<'t> {
    /// The token of an id.
    pub(super) fn text(&self, id: Id) -> &'t str {
        self.tokens[id]
    }

    /// Whether any of these is a word that says where it is.
    pub(super) fn tells(&self, ids: &[Id]) -> bool {
        ids.iter().any(|&id| is_telling(self.text(id)))
    }
}

/// A text and its tokens.
pub(super) struct TokenText<'t> {
    /// The text.
    pub(super) src: &'t str,
    /// What each token is.
    pub(super) ids: Vec<Id>,
    spans: Vec<Range<usize>>,
    /// The lines that hold tokens: what each is, and its tokens.
    lines: Vec<(Id, Range<usize>)>,
}

impl<'t> TokenText<'t> {
    /// Reads a text.
    pub(super) fn read(words: &mut Vocabulary<'t>, src: &'t str) -> Self {
        let mut text = Self { src, ids: Vec::new(), spans: Vec::new(), lines: Vec::new() };
        let literals = literals(src);
        let mut literals = literals.iter().peekable();
        let (mut at, mut taken) = (0, 0);
        for line in src.split_inclusive('\n') {
            let first = text.ids.len();
            for piece in pieces(line) {
                at += piece.len();
                let start = at - piece.len();
                while literals.next_if(|literal| literal.start < start).is_some() {}
                let span = literals.next_if(|literal| literal.start == start).cloned().unwrap_or(start..at);
                if start >= taken && !piece.starts_with(char::is_whitespace) {
                    text.ids.push(words.tokens.intern(&src[span.clone()]));
                    taken = span.end;
                    text.spans.push(span);
                }
            }
            let tokens = first..text.ids.len();
            if !tokens.is_empty() {
                text.lines.push((words.lines.intern(text.ids[tokens.clone()].to_vec()), tokens));
            }
        }
        text
    }

    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Bytes of a token.
    pub(super) fn span(&self, at: usize) -> Range<usize> {
        self.spans[at].clone()
    }

    /// Bytes of the white space before token `at`, which may be the end.
    pub(super) fn gap(&self, at: usize) -> Range<usize> {
        let from = if at == 0 { 0 } else { self.spans[at - 1].end };
        from..self.spans.get(at).map_or(self.src.len(), |span| span.start)
    }

    /// The white space before token `at`.
    pub(super) fn gap_text(&self, at: usize) -> &'t str {
        &self.src[self.gap(at)]
    }

    /// The indentation of a token that is the first of its line.
    pub(super) fn indent(&self, at: usize) -> Option<&'t str> {
        let gap = self.gap_text(at);
        (at == 0 || gap.contains('\n')).then(|| &gap[line_start(gap, gap.len())..])
    }

    /// The tokens of the line that holds token `at`.
    pub(super) fn line(&self, at: usize) -> Range<usize> {
        let line = self.lines.partition_point(|(_, tokens)| tokens.end <= at);
        self.lines[line].1.clone()
    }

    /// Whether a token is the last of its line.
    pub(super) fn ends_line(&self, at: usize) -> bool {
        at + 1 == self.len() || self.gap_text(at + 1).contains('\n')
    }

    /// Bytes from the first to the last of these tokens.
    pub(super) fn extent(&self, tokens: &Range<usize>) -> Range<usize> {
        if tokens.is_empty() {
            let at = self.gap(tokens.start).end;
            return at..at;
        }
        self.spans[tokens.start].start..self.spans[tokens.end - 1].end
    }
}

/// The literals of one line that are more than a word: strings, characters, numbers with a fraction, dates, times, versions.
fn literals(src: &str) -> Vec<Range<usize>> {
    let tokens = lexer::tokens(src);
    let text = |at: usize| tokens.get(at).map_or("", |token| &src[token.span.clone()]);
    let is_number = |at: usize| text(at).starts_with(|c: char| c.is_ascii_digit());
    let goes_on = |at: usize| {
        let is_joined = matches!(text(at + 1), "." | "-" | ":" | "+") && is_number(at + 2);
        is_joined && tokens[at].span.end + 1 == tokens[at + 2].span.start
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_character = token.kind == TokenKind::Word && text(at).ends_with('\'');
        let last = (at..).step_by(2).find(|at| !is_number(*at) || !goes_on(*at)).unwrap_or(at);
        let end = tokens[last].span.end;
        let is_literal = last > at || is_character || token.kind == TokenKind::Str;
        if is_literal
            && !src[token.span.start..end].contains('\n')
            && found.last().is_none_or(|last| last.end <= token.span.start)
        {
            found.push(token.span.start..end);
        }
    }
    found
}

/// The pairs of tokens that the heaviest alignment matches: equal lines first, tokens between them.
pub(super) fn pairs(words: &Vocabulary, old: &TokenText, new: &TokenText, side: Side) -> Vec<(usize, usize)> {
    let ids = |text: &TokenText| text.lines.iter().map(|(id, _)| *id).collect::<Vec<Id>>();
    let (old_lines, new_lines) = (ids(old), ids(new));
    let tells = |line: Id| words.tells(&words.lines[line]);
    let line_weights = weights(&words.lines, &old_lines, tells);
    let pins = heaviest(&old_lines, &new_lines, &line_weights, side);
    let token_weights = weights(&words.tokens, &old.ids, |id| is_telling(words.text(id)));
    let mut found = Vec::new();
    let mut at = (0, 0);
    let align = |from: (usize, usize), to: (usize, usize), found: &mut Vec<(usize, usize)>| {
        let (o, n) = (&old.ids[from.0..to.0], &new.ids[from.1..to.1]);
        let between = heaviest(o, n, &token_weights[from.0..to.0], side);
        found.extend(between.into_iter().map(|(o, n)| (from.0 + o, from.1 + n)));
    };
    for (o, n) in pins {
        let ((id, o), (_, n)) = (&old.lines[o], &new.lines[n]);
        if tells(*id) {
            align(at, (o.start, n.start), &mut found);
            found.extend(o.clone().zip(n.clone()));
            at = (o.end, n.end);
        }
    }
    align(at, (old.len(), new.len()), &mut found);
    found
}

/// Where two texts differ. Stretches with no telling word between them are one.
pub(super) fn differences(
    words: &Vocabulary,
    old: &TokenText,
    new: &TokenText,
    pairs: &[(usize, usize)],
) -> Vec<Hunk> {
    let mut found: Vec<Hunk> = Vec::new();
    for hunk in hunks_between(old.len(), new.len(), pairs) {
        match found.last_mut() {
            Some(last) if !words.tells(&old.ids[last.old.end..hunk.old.start]) => {
                last.old.end = hunk.old.end;
                last.new.end = hunk.new.end;
            }
            _ => found.push(hunk),
        }
    }
    found
}

/// Whether two texts differ in nothing but white space, line wrapping and the comma that ends a list broken
/// over lines. Inside string literals white space counts.
pub(crate) fn same_tokens(a: &str, b: &str) -> bool {
    a == b || code(a, true) == code(b, true)
}

/// As [`same_tokens`], but that every comma counts.
pub(super) fn same_code(a: &str, b: &str) -> bool {
    code(a, false) == code(b, false)
}

fn code(text: &str, wrapped: bool) -> Vec<(TokenKind, &str)> {
    let mut found: Vec<(TokenKind, &str)> = Vec::new();
    let tokens = lexer::tokens(text);
    for (at, token) in tokens.iter().enumerate() {
        let source = &text[token.span.clone()];
        if token.kind == TokenKind::Comment {
            // Each comment is its own: its end is a token.
            found.extend(source.split_whitespace().map(|word| (TokenKind::Comment, word)));
            if !source.starts_with("//")
                || tokens.get(at + 1).is_some_and(|next| next.kind != TokenKind::Comment)
            {
                found.push((TokenKind::Comment, ""));
            }
            continue;
        }
        let closes = || {
            tokens.get(at + 1).is_some_and(|next| {
                text[token.span.end..next.span.start].contains('\n')
                    && matches!(&text[next.span.clone()], ")" | "]" | "}" | ">")
            })
        };
        if !(wrapped && source == "," && closes()) {
            found.push((token.kind, source));
        }
    }
    found
}

/// What each byte that is not white space belongs to: code, a string literal or a comment.
pub(super) fn byte_kinds(text: &str) -> Vec<u8> {
    let mut kinds = vec![0; text.len()];
    for token in lexer::tokens(text) {
        let kind = match token.kind {
            TokenKind::Str => 1,
            TokenKind::Comment => 2,
            TokenKind::Word | TokenKind::Punctuation => 0,
        };
        kinds[token.span].fill(kind);
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extent_of_an_empty_run_is_empty_and_at_the_token_behind_it() {
        for (src, starts) in [("  a b\n c ", [2, 4, 7, 9]), ("💩 é\r\nx", [0, 5, 9, 10])] {
            let mut words = Vocabulary::default();
            let text = TokenText::read(&mut words, src);
            for (at, start) in starts.into_iter().enumerate() {
                assert_eq!(text.extent(&(at..at)), start..start, "{src:?} {at}");
            }
            assert_eq!(text.len(), 3);
            assert_eq!(text.extent(&(0..3)), starts[0]..src.trim_end().len(), "{src:?}");
        }
        let mut words = Vocabulary::default();
        assert_eq!(TokenText::read(&mut words, "").extent(&(0..0)), 0..0);
        assert_eq!(TokenText::read(&mut words, " \n").extent(&(0..0)), 2..2);
    }
}
