//! The sites of text queries.

use std::ops::Range;
use std::rc::Rc;

use super::behind::Lines;
use super::{Chain, InsertSide, Occurrence, Occurs, Pending, Scope, Sites, apart, disjoint, sort_out, split};
use crate::drift::trail::gone_lines;
use crate::edit::Edit;
use crate::meter;
use crate::patch::{Action, Matches, Patch, TextEdges, TextEdit, TextQuery};
use crate::plan::draft::Draft;
use crate::plan::evidence::{Evidence, Stand};
use crate::plan::seen::Seen;
use crate::plan::task::Terms;
use crate::plan::template::Template;
use crate::rust::lexer::{self, Token};
use crate::text;
use crate::text::edges::{Dash, begins_inside_word, ends_inside_word, word_over};
use crate::text::hunks::line_hunks;
use crate::text::lines::{begins_line, bytes_of, deeper, lead_of, line_start, lines_beside, trimmed};

/// What is kept of a match takes as much memory as this many steps take time.
const STEPS_A_MATCH: usize = 16;

/// The sites of a text query, verbatim.
pub fn compute_text_edit(
    patch: &Patch,
    query: &TextQuery,
    edit: &TextEdit,
    terms: &Terms<'_>,
    draft: &mut Draft,
    chain: &Chain,
) -> Sites {
    let scope = Scope::of(patch, terms, draft);
    let wraps = matches!(edit, TextEdit::Replace { .. })
        && chain.stages.iter().any(|stage| stage.contains(query.search.trim()) && *stage != query.search);
    let tokens = if wraps && draft.is_rust() { draft.tokens() } else { Rc::default() };
    let (text, words) = (draft.text(), Words::new(query.edges, draft));
    let pending =
        |span: &Range<usize>| Pending { span: span.clone(), edits: vec![text_edit(edit, text, span)] };
    let side = match edit {
        TextEdit::InsertBefore { .. } => Some(InsertSide::Before),
        TextEdit::InsertAfter { .. } => Some(InsertSide::After),
        TextEdit::Replace { .. } | TextEdit::Delete { .. } => None,
    };
    let stands = |span: &Range<usize>| side.and_then(|side| words.inserted(side, span, chain));
    let lines = Lines::new(text, draft.path());
    let found = text::locate_accepted(&query.search, text, |span| {
        meter::spend(STEPS_A_MATCH)
            && scope.holds(span)
            && (words.holds(span) || stands(span).is_some())
            && !lines.is_commented_out(&query.search, span)
    });
    let mut sites = match side {
        Some(_) => split(&found, stands, pending),
        None => {
            let (mut present, mut seen) = (Vec::new(), None);
            for (stage, span) in words.verbatim(chain, &scope) {
                if lines.is_commented_out(&chain.stages[stage], &span) {
                    continue;
                }
                match doubt(&query.search, &chain.stages[stage], text, &span, found.is_empty(), &scope) {
                    Some(rest) => seen = seen.or(Some(Seen::resembling(draft, span.start, rest))),
                    None => present.push(Occurrence { span, how: Occurs::at_stage(stage) }),
                }
            }
            let laid_out = |span: &Range<usize>| laid_out(&query.search, &chain.stages, span, text, &tokens);
            let wrapped: Vec<Option<Occurrence>> = found.iter().map(laid_out).collect();
            let matches = found.iter().zip(&wrapped).filter(|(_, wrapped)| wrapped.is_none());
            let pending = matches.map(|(span, _)| pending(span)).collect();
            present.extend(wrapped.into_iter().flatten());
            disjoint(&mut present);
            Sites { seen, ..sort_out(pending, present) }
        }
    };
    let cut = words.cut(&query.search, &scope).filter(|_| found.is_empty());
    sites.seen = cut.map(|(at, word)| Seen::inside_word(draft, at, word)).or(sites.seen);
    if let Some((at, inserted)) = insertion(edit, &query.search) {
        let point = |site: &Pending| {
            let at = site.span.start + at;
            at..at
        };
        apart::take(&mut sites, inserted, &chain.insertions, draft, point);
    }
    let lines = Lines::new(draft.text(), draft.path());
    sites.pending.retain(|site| !lines.is_torn(edit, &query.search, &site.span));
    // Of several places, which stand at different depths, none is the one.
    let is_deeper = |site: &Pending| lines.is_deeper(edit, &query.search, &site.span);
    let all = patch.matches != Matches::Exactly(1) && sites.pending.iter().any(is_deeper);
    if all || sites.pending.iter().all(is_deeper) {
        sites.pending.clear();
    }
    if sites.pending.is_empty() && sites.present.is_empty() {
        let unended = || unended(&query.search, draft).map(|line| Seen::Unended { line });
        sites.seen = stands_behind(patch, draft).or(sites.seen).or_else(unended);
    }
    sites
}

/// The effect around `span`, a match of `search`, which the effect holds, if it stands there by its `tokens`: rustfmt may have broken
/// its lines, and then puts the body of a closure and of a match arm into braces.
fn laid_out(
    search: &str,
    stages: &[String],
    span: &Range<usize>,
    text: &str,
    tokens: &[Token],
) -> Option<Occurrence> {
    let (search, span) = (search.trim(), trimmed(text, span));
    let above = &tokens[..tokens.partition_point(|token| token.span.end <= span.start)];
    let below = &tokens[tokens.partition_point(|token| token.span.start < span.end)..];
    let word = |token: &Token| &text[token.span.clone()];
    let stands = |[head, tail]: [&[&str]; 2], above: &[Token], below: &[Token]| {
        let first = above.len().checked_sub(head.len())?;
        let (above, below) = (&above[first..], below.get(..tail.len())?);
        let is_there = above.iter().map(word).eq(head.iter().copied())
            && below.iter().map(word).eq(tail.iter().copied());
        let start = above.first().map_or(span.start, |token| token.span.start);
        is_there.then(|| start..below.last().map_or(span.end, |token| token.span.end))
    };
    stages.iter().enumerate().find_map(|(stage, made)| {
        let at = made.find(search)?;
        let words =
            |part| lexer::tokens(part).into_iter().map(|token| &part[token.span]).collect::<Vec<&str>>();
        let [head, tail] = [words(&made[..at]), words(&made[at + search.len()..])];
        if head.is_empty() && tail.is_empty() {
            return None;
        }
        let is_body = head.last().is_some_and(|word| matches!(*word, "|" | "||" | "=>"));
        let braced = || match (above, below) {
            ([above @ .., open], [close, below @ ..])
                if is_body && word(open) == "{" && word(close) == "}" =>
            {
                stands([&head, &tail], above, below)
            }
            _ => None,
        };
        let span = stands([&head, &tail], above, below).or_else(braced)?;
        Some(Occurrence { span, how: Occurs::at_stage(stage) })
    })
}

/// Where all of what a text query looks for stands, and is no match for what stands before it on its line.
pub(crate) fn stands_behind(patch: &Patch, draft: &Draft) -> Option<Seen> {
    let Action::Text { query, edit } = &patch.action else { return None };
    let lines = Lines::new(draft.text(), draft.path());
    let words = Words::new(query.edges, draft);
    text::locate_all(&query.search, draft.text()).into_iter().filter(|span| words.holds(span)).find_map(
        |span| {
            let is_comment = lines.is_commented_out(&query.search, &span);
            let stands = is_comment || lines.is_torn(edit, &query.search, &span);
            stands.then(|| Seen::behind(draft, span.start, lines.before(span.start), is_comment))
        },
    )
}

/// What a patch puts in that takes nothing away, and behind how many bytes of `search` without the white space at their end:
/// also where it is written as a replacement.
pub(super) fn insertion<'p>(edit: &'p TextEdit, search: &str) -> Option<(usize, &'p str)> {
    match edit {
        TextEdit::InsertBefore { text } => Some((search.len() - search.trim_start().len(), text)),
        TextEdit::InsertAfter { text } => Some((search.trim_end().len(), text)),
        TextEdit::Delete { .. } => None,
        TextEdit::Replace { text } => added(search, text),
    }
}

/// The lines that are all the difference of `new` from `old`, and behind how many bytes of `old` without the white space at
/// their end; `None` where that takes lines away, or puts them in at several places.
pub(crate) fn added<'t>(old: &str, new: &'t str) -> Option<(usize, &'t str)> {
    let hunks = line_hunks(old, new);
    let [hunk] = hunks.as_slice() else { return None };
    let behind = &old[..bytes_of(old, &hunk.old).start];
    hunk.old.is_empty().then(|| (behind.trim_end().len(), &new[bytes_of(new, &hunk.new)]))
}

/// What resembles the part that the patch takes away, where `stage` stands at `span`; `None` if that tells that the
/// patch was applied.
fn doubt(
    search: &str,
    stage: &str,
    text: &str,
    span: &Range<usize>,
    is_lost: bool,
    scope: &Scope,
) -> Option<Range<usize>> {
    let [old, new] = [search, stage].map(|text| Template::new(text, false).words());
    let evidence = Evidence::new(old, new);
    let stand = Stand { text, span: span.clone(), holes: Vec::new() };
    let elsewhere = || {
        let is_apart = |other: &Range<usize>| other.end <= span.start || span.end <= other.start;
        let tokens = lexer::tokens(text);
        evidence.elsewhere(text, &tokens, |other| scope.holds(other) && is_apart(other))
    };
    // Right beside what stays stands the end of the search that goes.
    let goes = gone_lines(search, stage);
    let beside = || {
        let ends = [search.trim_start().lines().next(), search.trim_end().lines().next_back()];
        let ([above, _], [_, below]) = (lines_beside(text, span.start), lines_beside(text, span.end));
        let is_it = |(end, line): &(Option<&str>, Range<usize>)| {
            end.is_some_and(|end| goes.contains(&end.trim()) && text[line.clone()].trim() == end.trim())
        };
        ends.into_iter().zip([above, below]).find(is_it).map(|(_, line)| line)
    };
    evidence.doubt(&stand).or_else(beside).or_else(|| if is_lost { elsewhere() } else { None })
}

/// Whether a window that is like `result` has beside it what resembles the part of `search` that goes.
pub(super) fn is_doubtful(search: &str, result: &str, text: &str, window: &Range<usize>) -> bool {
    let [old, new] = [search, result].map(|text| Template::new(text, false).words());
    let stand = Stand { text, span: trimmed(text, window), holes: Vec::new() };
    Evidence::new(old, new).doubt(&stand).is_some()
}

fn text_edit(edit: &TextEdit, text: &str, span: &Range<usize>) -> Edit {
    match edit {
        TextEdit::Replace { text: new } => Edit::replace(text, span.clone(), new),
        TextEdit::Delete { insert_comment: Some(comment) } => Edit::replace(text, span.clone(), comment),
        TextEdit::Delete { insert_comment: None } => {
            // Lines that stand deeper than the patch shows them go with all of their indentation.
            let gone = &text[span.clone()];
            let is_lines = gone.ends_with('\n') && gone.starts_with([' ', '\t']);
            let start = match is_lines && begins_line(text, span.start) {
                true => line_start(text, span.start),
                false => span.start,
            };
            Edit::replace(text, start..span.end, "")
        }
        TextEdit::InsertBefore { text: new } => Edit::insert(span.start, new),
        TextEdit::InsertAfter { text: new } => Edit::insert(span.end, new),
    }
}

/// The one-based last line of a target, if the target ends in all of `search` but the line end.
fn unended(search: &str, draft: &Draft) -> Option<usize> {
    let line = search.strip_suffix('\n').filter(|line| !line.trim().is_empty())?;
    let at = draft.text().strip_suffix(line)?.len();
    begins_line(draft.text(), at).then(|| draft.line_as_read(draft.text().len()))
}

/// A target, and where in it a text may begin and end.
#[derive(Clone, Copy)]
pub(super) struct Words<'t> {
    text: &'t str,
    edges: TextEdges,
    dash: Dash,
}

impl<'t> Words<'t> {
    pub(super) fn new(edges: TextEdges, draft: &'t Draft) -> Self {
        let dash = if draft.is_toml() { Dash::Joins } else { Dash::Parts };
        Self { text: draft.text(), edges, dash }
    }

    /// Whether `needle` stands in `place`, and wherever it does it cuts a word.
    pub(super) fn are_cut_in(&self, needle: &str, place: &Range<usize>) -> bool {
        if needle.is_empty() {
            return false;
        }
        let found = text::locate_all(needle, &self.text[place.clone()]);
        let cut = |span: &Range<usize>| !self.holds(&(place.start + span.start..place.start + span.end));
        !found.is_empty() && found.iter().all(cut)
    }

    /// Whether `span` cuts no word at its start, or at its end.
    fn holds_at(&self, side: InsertSide, at: usize) -> bool {
        self.edges == TextEdges::Anywhere
            || match side {
                InsertSide::Before => !begins_inside_word(self.text, at, self.dash),
                InsertSide::After => !ends_inside_word(self.text, at, self.dash),
            }
    }

    /// Whether `span` cuts no word.
    fn holds(&self, span: &Range<usize>) -> bool {
        self.holds_at(InsertSide::Before, span.start) && self.holds_at(InsertSide::After, span.end)
    }

    /// Where `search` cuts a word first, and that word.
    fn cut(&self, search: &str, scope: &Scope) -> Option<(usize, &'t str)> {
        let mut found = text::locate_all(search, self.text).into_iter();
        let span = found.find(|span| scope.holds(span) && !self.holds(span))?;
        let begins = !self.holds_at(InsertSide::Before, span.start);
        let at = if begins { span.start } else { span.end };
        Some((span.start, word_over(self.text, at, self.dash)))
    }

    /// The places where a stage of the chain stands, and which one.
    fn verbatim(&self, chain: &Chain, scope: &Scope) -> Vec<(usize, Range<usize>)> {
        let holds = |span: &Range<usize>| scope.holds(span) && self.holds(span);
        let found = |stage: &String| text::locate_accepted(stage, self.text, holds);
        let stages = chain.stages.iter().enumerate();
        let found = |stage: &String| [found(stage), self.deeper(stage).filter(holds).collect()].concat();
        stages.flat_map(|(at, stage)| found(stage).into_iter().map(move |span| (at, span))).collect()
    }

    /// The places where all lines of `stage` stand deeper than it says, each by the same.
    fn deeper(&self, stage: &str) -> impl Iterator<Item = Range<usize>> {
        let first = stage.split_inclusive('\n').next().unwrap_or_default();
        let can_be = first.starts_with([' ', '\t']) && first.len() < stage.trim_end().len();
        let found = if can_be { text::locate_all(first, self.text) } else { Vec::new() };
        found.into_iter().filter_map(move |span| {
            let lead = lead_of(self.text, span.start);
            let (start, wanted) = (span.start - lead.len(), deeper(stage, lead));
            let is_there = !lead.is_empty() && self.text[start..].starts_with(&wanted);
            is_there.then(|| start..start + wanted.len())
        })
    }

    /// The insertion that stands at the edge of `span`, others' insertions between aside. One that would be the first
    /// part of a longer word counts only where it stands twice: `3` was not inserted before `30`, but before `330` it was.
    fn inserted(&self, side: InsertSide, span: &Range<usize>, chain: &Chain) -> Option<Occurrence> {
        let inner = if side == InsertSide::Before { span.end } else { span.start };
        if !self.holds_at(side.other(), inner) {
            return None;
        }
        let lead = lead_of(self.text, span.start);
        let edge = if side == InsertSide::Before { span.start - lead.len() } else { span.end };
        let as_deep = |(index, stage): (usize, &String)| {
            let span = side.next_to(self.text, edge, &deeper(stage, lead)).filter(|_| !lead.is_empty())?;
            Some(Occurrence { span, how: Occurs::at_stage(index) })
        };
        if let Some(there) = chain.stages.iter().enumerate().find_map(as_deep) {
            return Some(there);
        }
        let mut at = if side == InsertSide::Before { span.start } else { span.end };
        loop {
            for (index, stage) in chain.stages.iter().enumerate() {
                let Some(span) = side.next_to(self.text, at, stage) else { continue };
                let outer = side.outer(&span);
                if self.holds_at(side, outer) || side.next_to(self.text, outer, stage).is_some() {
                    return Some(Occurrence { span, how: Occurs::at_stage(index) });
                }
            }
            at = chain
                .insertions
                .iter()
                .find_map(|other| side.next_to(self.text, at, other))
                .filter(|span| !span.is_empty())
                .map(|span| side.outer(&span))?;
        }
    }
}

impl InsertSide {
    fn other(self) -> Self {
        match self {
            Self::Before => Self::After,
            Self::After => Self::Before,
        }
    }

    /// Where `part` stands on this side of `at`, right beside it.
    fn next_to(self, text: &str, at: usize, part: &str) -> Option<Range<usize>> {
        match self {
            Self::Before => text[..at].ends_with(part).then(|| at - part.len()..at),
            Self::After => text[at..].starts_with(part).then(|| at..at + part.len()),
        }
    }

    /// The end of an insertion that is away from its match.
    fn outer(self, span: &Range<usize>) -> usize {
        match self {
            Self::Before => span.start,
            Self::After => span.end,
        }
    }
}

/// What the edit makes of exactly the text searched, with `new` as its text.
pub(crate) fn whole_replacement(edit: &TextEdit, new: &str, search: &str) -> String {
    match edit {
        TextEdit::Replace { .. } | TextEdit::Delete { .. } => new.to_owned(),
        TextEdit::InsertBefore { .. } => format!("{new}{search}"),
        TextEdit::InsertAfter { .. } => format!("{search}{new}"),
    }
}
