//! Where an insertion stands beside the element that it was put before or after: its tokens in a row, with what other patches
//! put between the two.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::index_at;
use crate::rust::lexer::{self, Token, TokenKind};

/// What others insert at a place, as tokens: it may stand between a match and an insertion.
#[derive(Debug, Default)]
pub(crate) struct Insertions<'t> {
    /// By their number of tokens, the longest first.
    by_len: Vec<(usize, BTreeSet<Vec<&'t str>>)>,
}

impl<'t> Insertions<'t> {
    /// The insertions of `texts`.
    pub(crate) fn new(texts: &'t [String]) -> Self {
        let mut by_len: BTreeMap<usize, BTreeSet<Vec<&'t str>>> = BTreeMap::new();
        for words in texts.iter().map(|text| words(text)).filter(|words| !words.is_empty()) {
            by_len.entry(words.len()).or_default().insert(words);
        }
        Self { by_len: by_len.into_iter().rev().collect() }
    }

    /// The length of the one that is a run of `tokens`, which `run` picks by its length.
    fn len_of<'k>(&self, text: &str, run: impl Fn(usize) -> Option<&'k [Token]>) -> Option<usize> {
        let stands = |len: usize, known: &BTreeSet<Vec<&'t str>>| {
            let run: Option<Vec<&str>> =
                run(len).map(|run| run.iter().map(|token| text[token.span.clone()].trim_end()).collect());
            run.is_some_and(|run| known.contains(run.as_slice()))
        };
        self.by_len.iter().find(|(len, known)| stands(*len, known)).map(|(len, _)| *len)
    }
}

/// The run of tokens equal to `inserted` that ends at most `before` and at least `outer`, where an insertion before an
/// element with its attributes in `outer..before` would stand. `skip` are insertions of others that may stand between.
pub(crate) fn inserted_before(
    inserted: &str,
    skip: &Insertions<'_>,
    text: &str,
    tokens: &[Token],
    outer: usize,
    before: usize,
) -> Option<Range<usize>> {
    let wanted = words(inserted);
    let (low, high) = (index_at(tokens, outer), index_at(tokens, before));
    let place = |end: usize| tokens[end - wanted.len()].span.start..tokens[end - 1].span.end;
    let stands = |end: &usize| ends_with(text, &tokens[..*end], &wanted);
    if let Some(end) = (low..=high).rev().find(stands) {
        return Some(place(end));
    }
    let mut end = low;
    while let Some(len) = skip.len_of(text, |len| Some(&tokens[end.checked_sub(len)?..end])) {
        end -= len;
        if stands(&end) {
            return Some(place(end));
        }
    }
    None
}

/// The run of tokens equal to `inserted` that begins behind the element that ends at `after`, a comment on its line aside.
pub(crate) fn inserted_after(
    inserted: &str,
    skip: &Insertions<'_>,
    text: &str,
    tokens: &[Token],
    after: usize,
) -> Option<Range<usize>> {
    let wanted = words(inserted);
    let first = index_at(tokens, after);
    let place = |start: usize| tokens[start].span.start..tokens[start + wanted.len() - 1].span.end;
    let stands = |start: usize| starts_with(text, &tokens[start..], &wanted);
    let comment = tokens
        .get(first)
        .filter(|t| t.kind == TokenKind::Comment && !text[after..t.span.start].contains('\n'));
    if stands(first) {
        return Some(place(first));
    }
    let mut start = first + usize::from(comment.is_some());
    while !stands(start) {
        start += skip.len_of(text, |len| tokens.get(start..start + len))?;
    }
    Some(place(start))
}

/// Where the tokens of `inserted` stand one after the other: half-open byte ranges.
pub(crate) fn runs_of(inserted: &str, text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let wanted = words(inserted);
    let stands = |start: &usize| starts_with(text, &tokens[*start..], &wanted);
    let place = |start: usize| tokens[start].span.start..tokens[start + wanted.len() - 1].span.end;
    (0..tokens.len()).filter(stands).map(place).collect()
}

fn words(text: &str) -> Vec<&str> {
    lexer::tokens(text).into_iter().map(|token| text[token.span].trim_end()).collect()
}

fn starts_with(text: &str, tokens: &[Token], wanted: &[&str]) -> bool {
    !wanted.is_empty()
        && tokens.len() >= wanted.len()
        && tokens
            .iter()
            .zip(wanted)
            .all(|(token, word)| lexer::is_same_token(text[token.span.clone()].trim_end(), word))
}

fn ends_with(text: &str, tokens: &[Token], wanted: &[&str]) -> bool {
    tokens.len() >= wanted.len() && starts_with(text, &tokens[tokens.len() - wanted.len()..], wanted)
}
