//! The search for the pieces of a template in a row of tokens, with all ways for metavariables to stand for something.

use std::ops::Range;

use super::{Piece, Run, Template};
use crate::rust::lexer::{Token, TokenKind};

/// How many comparisons one search may take: beyond, the template is taken as not standing there.
const BUDGET: usize = 2_000_000;

/// Takes a range of tokens, and what each `$NAME` would stand for; gives the place if it is one.
pub(super) type Accept<'a> = dyn Fn(Range<usize>, &[Range<usize>]) -> Option<Range<usize>> + 'a;

/// Where a place begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftEdge {
    /// Where the tokens begin.
    Fixed,
    /// There or before: the template begins with a metavariable.
    Open,
}

pub(super) struct Search<'a, 't> {
    template: &'a Template<'t>,
    text: &'a str,
    tokens: &'a [Token],
    accept: &'a Accept<'a>,
    budget: usize,
    ones: Vec<Range<usize>>,
    /// Names, and the tokens that each stands for.
    bound: Vec<(&'t str, Range<usize>)>,
    /// The pieces that are metavariables so far, and the tokens that each stands for.
    holes: Vec<(usize, Range<usize>)>,
    /// The same, of the last place that was taken.
    held: Vec<(usize, Range<usize>)>,
}

impl<'a, 't> Search<'a, 't> {
    /// A search for `template` in `tokens` of `text`; `accept` decides.
    pub(super) fn of(
        template: &'a Template<'t>,
        text: &'a str,
        tokens: &'a [Token],
        accept: &'a Accept<'a>,
    ) -> Self {
        Self {
            template,
            text,
            tokens,
            accept,
            budget: BUDGET,
            ones: Vec::new(),
            bound: Vec::new(),
            holes: Vec::new(),
            held: Vec::new(),
        }
    }

    /// The place that was taken last, which begins in front of token `first`, where the piece `head` stands.
    pub(super) fn run(&mut self, span: Range<usize>, head: usize, first: usize) -> Run {
        let bytes = |tokens: &Range<usize>| match self.tokens.get(tokens.clone()) {
            Some([one]) => one.span.clone(),
            Some([one, .., last]) => one.span.start..last.span.end,
            _ => {
                let at = self.tokens.get(tokens.start).map_or(span.end, |token| token.span.start);
                at..at
            }
        };
        let before = (head > 0).then(|| (0, span.start..self.tokens[first].span.start));
        let holes = self.held.iter().map(|(piece, tokens)| (*piece, bytes(tokens)));
        Run { holes: before.into_iter().chain(holes).collect(), span }
    }

    /// The place, if the pieces from `piece` on stand from token `at` on; the run began at token `first`.
    pub(super) fn run_from(&mut self, mut piece: usize, first: usize, mut at: usize) -> Option<Range<usize>> {
        loop {
            self.budget = self.budget.checked_sub(1)?;
            match self.template.pieces.get(piece) {
                None if at == first => return None,
                None => {
                    let range = self.tokens[first].span.start..self.tokens[at - 1].span.end;
                    self.held.clone_from(&self.holes);
                    return (self.accept)(range, &self.ones);
                }
                Some(fixed @ (Piece::Literal(_) | Piece::Around(_))) => {
                    let token = self.tokens.get(at)?;
                    if fixed.is(self.text[token.span.clone()].trim_end()) {
                        (piece, at) = (piece + 1, at + 1);
                    } else {
                        (piece, at) = self.behind_comma(piece, at)?;
                    }
                }
                Some(&Piece::Any { name, many, .. }) => {
                    let known = self.bound.iter().find(|(bound, _)| *bound == name);
                    let Some(known) = known.map(|(_, tokens)| tokens.clone()) else {
                        return self.run_from_any((name, many), piece + 1, first, at);
                    };
                    let again = at..at + known.len();
                    if !self.is_same(known, again.clone()) {
                        return None;
                    }
                    (piece, at) = (piece + 1, again.end);
                }
            }
        }
    }

    /// Where the search goes on if the token at `at` is not `piece`, but only for a comma that a `$$$NAME` brought, for a comma
    /// or `;` of which it has no need because it stands for nothing, and for the comment of a capture behind its comma.
    fn behind_comma(&self, piece: usize, at: usize) -> Option<(usize, usize)> {
        let pieces = &self.template.pieces;
        let is = |piece: Option<&Piece<'t>>, words: &[&str]| matches!(piece, Some(Piece::Literal(text)) if words.contains(text));
        let is_many = |piece: Option<&Piece<'t>>| matches!(piece, Some(Piece::Any { many: true, .. }));
        let word = |at: usize| self.tokens.get(at).map(|token| &self.text[token.span.clone()]);
        let closes = |piece: Option<&Piece<'t>>| is(piece, &[")", "]", "}", ">"]);
        let is_any = |piece: Option<&Piece<'t>>| matches!(piece, Some(Piece::Any { .. }));
        let ends_list = closes(pieces.get(piece)) || is(pieces.get(piece), &["{"]);
        if ends_list && word(at) == Some(",") {
            let comments = self.tokens[at + 1..].iter().take_while(|token| token.kind == TokenKind::Comment);
            let next = at + 1 + comments.count();
            let is_comment = |token: &Token| {
                token.kind == TokenKind::Comment && self.text[token.span.clone()].starts_with("//")
            };
            let first = self.holes.first().map_or(at, |(_, tokens)| tokens.start);
            // A captured comment that ends a line puts each element on a line of its own, and rustfmt a comma behind each.
            let on_lines = self.tokens[first..next].iter().any(is_comment);
            let is_captured = |piece| is_many(Some(piece)) || on_lines && is_any(Some(piece));
            return Some((piece, next)).filter(|_| {
                pieces.iter().any(is_captured) && pieces[piece].is(word(next).unwrap_or_default())
            });
        }
        let behind_capture =
            piece >= 2 && is(pieces.get(piece - 1), &[",", ";"]) && is_any(pieces.get(piece - 2));
        if behind_capture && self.tokens.get(at)?.kind == TokenKind::Comment {
            return Some((piece, at + 1));
        }
        let stood_for_nothing =
            self.holes.last().is_some_and(|(hole, tokens)| hole + 1 == piece && tokens.is_empty());
        if is(pieces.get(piece), &[",", "+", "|", ";"]) && stood_for_nothing {
            return Some((piece + 1, at));
        }
        if is(pieces.get(piece), &["+", "|"]) && is_many(pieces.get(piece + 1)) {
            return Some((piece + 2, at));
        }
        if !is(pieces.get(piece), &[","]) {
            return None;
        }
        let closing = pieces.get(piece + 2);
        let ends = is_many(pieces.get(piece + 1)) && closes(closing);
        (ends && closing?.is(word(at)?)).then_some((piece + 2, at))
    }

    fn is_same(&self, one: Range<usize>, other: Range<usize>) -> bool {
        let words = |range: Range<usize>| {
            Some(self.tokens.get(range)?.iter().map(|token| self.text[token.span.clone()].trim_end()))
        };
        words(one).zip(words(other)).is_some_and(|(one, other)| one.eq(other))
    }

    fn run_from_any(
        &mut self,
        (name, many): (&'t str, bool),
        piece: usize,
        first: usize,
        at: usize,
    ) -> Option<Range<usize>> {
        let mut end = if many { at } else { self.balanced(at)? };
        loop {
            if !many {
                self.ones.push(self.tokens[at].span.start..self.tokens[end - 1].span.end);
            }
            self.bound.push((name, at..end));
            self.holes.push((piece - 1, at..end));
            let found = self.run_from(piece, first, end);
            self.holes.pop();
            self.bound.pop();
            if !many {
                self.ones.pop();
            }
            if found.is_some() {
                return found;
            }
            end = self.balanced(end)?;
        }
    }

    /// The index behind the token at `at`, or behind the bracket that closes it; `None` at a closing bracket or the end.
    fn balanced(&mut self, at: usize) -> Option<usize> {
        let mut depth = 0usize;
        for (index, token) in self.tokens.iter().enumerate().skip(at) {
            self.budget = self.budget.checked_sub(1)?;
            if token.kind == TokenKind::Punctuation {
                match &self.text[token.span.clone()] {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth = depth.checked_sub(1)?,
                    _ => {}
                }
            }
            if depth == 0 {
                return Some(index + 1);
            }
        }
        None
    }
}
