//! Whether what looks like the effect of a patch tells that the patch was applied.
//!
//! A replacement with holes, or one that says little, stands in code that the patch never touched. What the patch takes away
//! decides: where it is still there in another form, the place tells nothing.
//!
//! ```text
//! pattern       start($$$A, telemetry, $$$B)
//! replacement   start($$$A, $$$B)               takes away `telemetry` between two holes
//! target        start(config, telemetry_handle, events)
//!
//! The replacement stands there, but a hole holds `telemetry_handle`, which resembles what was to go: no evidence.
//!
//! pattern       self.start();                   taken away where no text that stays says where
//! replacement   // off                          says nothing of its own
//! target        // off … self.start(now);       the call is there, changed: no evidence
//! ```
//!
//! By tokens, because upstream's change is seldom one of whole nodes, and because texts have none. In doubt the patch is
//! not taken for applied: that fails, and says what was seen.

use std::ops::Range;

use crate::rust::kinds::ItemKind;
use crate::rust::lexer::{self, Token, TokenKind};
use crate::rust::own_words::{KEYWORDS, has_number, is_own};
use crate::text::hunks::{Hunk, hunks, unchanged};
use crate::text::lines::{line_end, line_start};
use crate::text::words::is_word;

/// A replacement that has this many words of its own is known by them.
const TELLING: usize = 2;
/// So many bytes beside a text are looked at.
const BESIDE: usize = 400;

/// Changed code has at least this share of the words that it had.
pub(super) const STILL: f64 = 0.75;
/// So many words may have been added to it.
pub(super) const ADDED: usize = 6;

/// Where something stands, as seen from the place from which a patch takes something away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
}

/// What a patch takes away at one place of its replacement.
#[derive(Debug)]
struct Removal<'t> {
    words: Vec<&'t str>,
    /// The pieces of the replacement that stand instead.
    new: Range<usize>,
    /// It is one of a list with commas.
    listed: bool,
    /// It is whole elements of such a list.
    is_element: bool,
    /// A separator stands before, and behind it.
    separated: (bool, bool),
}

/// What a patch takes away, and where in its replacement.
#[derive(Debug)]
pub(super) struct Evidence<'t> {
    old: Vec<&'t str>,
    new: Vec<&'t str>,
    removals: Vec<Removal<'t>>,
    anchored: bool,
}

/// A place where a replacement stands.
pub(super) struct Stand<'s> {
    /// The text of the target.
    pub(super) text: &'s str,
    /// Its half-open byte range.
    pub(super) span: Range<usize>,
    /// The pieces of the replacement that stand for any code, and the half-open byte range of what they stand for.
    pub(super) holes: Vec<(usize, Range<usize>)>,
}

impl<'t> Evidence<'t> {
    /// Of a patch that makes `new` of `old`, both as the words that their templates have.
    pub(super) fn new(old: Vec<&'t str>, new: Vec<&'t str>) -> Self {
        let changed = changes(&old, &new);
        let same = unchanged(&changed, old.len());
        let anchored = same.iter().any(|(at, _)| names(&old[*at..=*at]).next().is_some());
        let removal = |hunk: &Hunk| {
            let words = &old[hunk.old.clone()];
            let is_followed = old.get(hunk.old.end) == Some(&",");
            let listed = words.contains(&",") || is_followed;
            let is_element = is_followed || words.first() == Some(&",") || words.last() == Some(&",");
            let is_separated = |word: Option<&&str>| word.is_some_and(|word| is_separator(word));
            let separated = (is_separated(words.first()), is_separated(words.last()));
            Removal {
                words: unseparated(words).to_vec(),
                new: hunk.new.clone(),
                listed,
                is_element,
                separated,
            }
        };
        let removals = changed.iter().map(removal).filter(|removal| {
            removal.words.iter().any(|word| !is_hole(word))
                && !is_half_of_brackets(&removal.words)
                && !is_telling(&new[removal.new.clone()], &old)
        });
        let removals = removals.collect();
        Self { old, new, removals, anchored }
    }

    /// What at a place where the replacement stands resembles what the patch takes away: a half-open byte range.
    pub(super) fn doubt(&self, stand: &Stand<'_>) -> Option<Range<usize>> {
        if !self.anchored {
            return None;
        }
        self.removals.iter().find_map(|removal| self.left_of(removal, stand))
    }

    fn left_of(&self, removal: &Removal<'_>, stand: &Stand<'_>) -> Option<Range<usize>> {
        let left = self.new[..removal.new.start].iter().rposition(|word| !is_separator(word));
        let right = self.new[removal.new.end..].iter().position(|word| !is_separator(word));
        let right = right.map(|at| removal.new.end + at);
        let replaced = self.is_replaced(removal);
        let hole = |piece: Option<usize>| stand.holes.iter().find(|(at, _)| Some(*at) == piece);
        let in_hole = |side: Side, span: &Range<usize>| {
            elements(stand.text, span).into_iter().map(move |element| (side, element)).collect::<Vec<_>>()
        };
        // A separator of the replacement that follows what goes, or goes before it, parts that from what stands outside.
        let begins = left.is_none() && (removal.new.start == 0 || removal.separated.1);
        let ends = right.is_none() && (removal.new.end == self.new.len() || removal.separated.0);
        let beside: Vec<(Side, Range<usize>)> = match (hole(left), hole(right)) {
            (Some((_, one)), Some((_, other))) => {
                [in_hole(Side::Before, one), in_hole(Side::Behind, other)].concat()
            }
            (Some((_, span)), None) if right.is_some() || replaced => {
                in_hole(Side::Before, span).pop().into_iter().collect()
            }
            (None, Some((_, span))) if left.is_some() || replaced => {
                in_hole(Side::Behind, span).into_iter().take(1).collect()
            }
            _ if replaced && !(begins && is_visibility(&removal.words)) => Vec::new(),
            (one, other) => {
                let one = one.into_iter().flat_map(|(_, span)| in_hole(Side::Before, span));
                let other = other.into_iter().flat_map(|(_, span)| in_hole(Side::Behind, span));
                let before = begins.then(|| outside_before(stand, removal.separated.1)).flatten();
                let behind = ends.then(|| outside_after(stand, removal.separated.0)).flatten();
                let before = before.map(|span| (Side::Before, span));
                let behind = behind.map(|span| (Side::Behind, span));
                one.chain(other).chain(before).chain(behind).collect()
            }
        };
        let resembles =
            |(side, span): &(Side, Range<usize>)| removal.resembles(&stand.text[span.clone()], *side);
        let found = beside.into_iter().find(resembles).map(|(_, span)| span);
        found
            .or_else(|| self.elsewhere_in_list(removal, stand))
            .or_else(|| self.elsewhere_in_line(removal, stand))
    }

    /// Where an operand that goes stands, as it is, in the rest of its line.
    fn elsewhere_in_line(&self, removal: &Removal<'_>, stand: &Stand<'_>) -> Option<Range<usize>> {
        let Stand { text, span, .. } = stand;
        let own = operand(&removal.words);
        let is_operator = |word: &&str| matches!(*word, "+" | "-" | "*" | "/" | "|" | "&");
        let is_operand = [removal.words.first(), removal.words.last()].into_iter().flatten().any(is_operator);
        if self.is_replaced(removal) || !is_operand || names(own).next().is_none() {
            return None;
        }
        let rest = [line_start(text, span.start)..span.start, span.end..line_end(text, span.end)];
        rest.into_iter().find_map(|part| {
            let there = words_in(text, part);
            let mut runs = there.windows(own.len());
            let run = runs.find(|run| run.iter().map(|(word, _)| *word).eq(own.iter().copied()))?;
            Some(run[0].1.start..run[run.len() - 1].1.end)
        })
    }

    fn is_replaced(&self, removal: &Removal<'_>) -> bool {
        self.new[removal.new.clone()].iter().any(|word| !is_separator(word))
    }

    /// Where an element of a list that goes stands, as it is, in the rest of that list.
    fn elsewhere_in_list(&self, removal: &Removal<'_>, stand: &Stand<'_>) -> Option<Range<usize>> {
        let before = &self.new[..removal.new.start];
        let count = |is: fn(&str) -> bool| before.iter().filter(|word| is(word)).count();
        let says = |word: &&&str| word.contains(is_word);
        let is_told = removal.words.iter().filter(says).any(|word| names(&[*word]).next().is_some());
        if self.is_replaced(removal)
            || !removal.is_element
            || !is_told
            || count(is_opening) != count(is_closing)
        {
            return None;
        }
        let is_it =
            |element: &Range<usize>| unseparated(&lexed(&stand.text[element.clone()])) == removal.words;
        let [above, below] = rest_of_list(stand);
        [above, below].iter().flat_map(|part| elements(stand.text, part)).find(is_it)
    }

    /// What in `text` is like what the patch looks for, where its replacement says too little to tell where it stands.
    /// `accept` takes a half-open byte range of code that begins as the pattern does.
    pub(super) fn elsewhere(
        &self,
        text: &str,
        tokens: &[Token],
        accept: impl Fn(&Range<usize>) -> bool,
    ) -> Option<Range<usize>> {
        if self.anchored || is_telling(&self.new, &self.old) {
            return None;
        }
        let head = head(&self.old)?;
        let wanted: Vec<String> = parts(names(&self.old)).collect();
        if wanted.is_empty() {
            return None;
        }
        let word = |at: usize| tokens.get(at).map(|token| text[token.span.clone()].trim_end());
        let found =
            (0..tokens.len()).filter(|at| head.iter().enumerate().all(|(n, w)| word(at + n) == Some(*w)));
        let mut spans = found.map(|at| {
            let bracket = at + head.len() - 1;
            let end = if is_opening(head[head.len() - 1]) { closing(text, tokens, bracket) } else { bracket };
            tokens[at].span.start..tokens[end].span.end
        });
        spans.find(|span| {
            let there = lexed(&text[span.clone()]);
            contained(&wanted, &there) == wanted.len() && accept(span)
        })
    }
}

impl Removal<'_> {
    /// Whether `other` may be what upstream made of what the patch takes away: the same name, or the same beginning with
    /// half of the words, or in a list with commas all of the words; `side` is where it stands.
    fn resembles(&self, other: &str, side: Side) -> bool {
        let there = lexed(other);
        let there = unseparated(&there);
        let is_opened = |words: &[&str]| words.last() == Some(&"=");
        if side == Side::Before
            && (is_visibility(&self.words) && ends_in_visibility(there)
                || is_opened(&self.words) && is_opened(there))
        {
            return true;
        }
        if let Some(name) = bound_name(&self.words) {
            return bound_name(there) == Some(name);
        }
        let wanted: Vec<String> = parts(names(&self.words)).collect();
        if wanted.is_empty() {
            return match side {
                Side::Before => there.ends_with(&self.words),
                Side::Behind => there.starts_with(&self.words),
            };
        }
        let (own, other) = (without_binding(&self.words), without_binding(there));
        let half = contained(&wanted, there) * 2;
        if own.strip_prefix(&["pub"]).unwrap_or(own).first() == Some(&"use") {
            // Imports begin alike; each is what its last name says.
            let imported = names(other).last();
            return other.contains(&"use") && imported.is_some_and(|name| own.contains(&name));
        }
        if own.first() == Some(&".") {
            // A call of a chain: another name is another step.
            let step = |words: &[&str]| parts(names(words).take(1)).collect::<Vec<_>>();
            let next = step(other);
            return other.first() == Some(&".") && step(own).iter().all(|part| next.contains(part));
        }
        let is_like = match head(own).filter(|head| is_opening(head[head.len() - 1])) {
            Some(head) if head.contains(&"!") => other.starts_with(head) && half > wanted.len(),
            Some(head) => {
                let is_same_first = names(own).next() == names(other).next();
                other.starts_with(head) && half >= wanted.len() || is_same_first && half == wanted.len() * 2
            }
            None if self.listed => half == wanted.len() * 2,
            None => names(own).next() == names(other).next() && half >= wanted.len(),
        };
        is_like || self.is_but_one_word(there)
    }

    /// Whether `there` says the same in all words but one, with a name that is somebody's own among them.
    fn is_but_one_word(&self, there: &[&str]) -> bool {
        let same = || self.words.iter().zip(there).filter(|(word, other)| word == other);
        there.len() == self.words.len()
            && same().count() + 1 == there.len()
            && same().any(|(word, _)| is_own(word) || has_number(word))
    }
}

/// What in `text` may be what upstream made of the code `old`, that is nowhere as it was: it has a name of it that is
/// somebody's own, in its place among most of its words. `accept` takes a half-open byte range.
pub(super) fn changed(
    old: &[&str],
    text: &str,
    tokens: &[Token],
    accept: impl Fn(&Range<usize>) -> bool,
) -> Option<Range<usize>> {
    let old = unseparated(old);
    let is_telling = |word: &&str| names(&[*word]).next().is_some() && (is_own(word) || has_number(word));
    let at = old.iter().position(is_telling)?;
    let word = |token: &Token| text[token.span.clone()].trim_end();
    let begins_item = |word: &str| ItemKind::of_word(word).is_some();
    let is_definition = |here: usize| here > 0 && begins_item(word(&tokens[here - 1]));
    let defines = at > 0 && begins_item(old[at - 1]);
    let is_it = |here: &usize| word(&tokens[*here]) == old[at] && is_definition(*here) == defines;
    let starts = (0..tokens.len()).filter(is_it);
    let mut spans = starts.filter_map(|here| {
        let start = here.checked_sub(at)?;
        let there = &tokens[start..tokens.len().min(start + old.len() + ADDED)];
        let changes = hunks(old.iter().copied(), there.iter().map(word));
        let same = unchanged(&changes, old.len());
        #[expect(clippy::cast_precision_loss, reason = "numbers of words")]
        let is_like = same.len() as f64 >= old.len() as f64 * STILL;
        let (_, last) = *same.last()?;
        is_like.then(|| there[0].span.start..there[last].span.end)
    });
    spans.find(accept)
}

/// Where two lists of words differ. What only goes, and can as well be said to go from the beginning or the end, goes from there:
/// of `ring(1); ring(2);`, of which `ring(2);` stays, no part stays before what goes.
pub(super) fn changes(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let mut changed = hunks(old.iter().copied(), new.iter().copied());
    for at in 0..changed.len() {
        let least = if at == 0 { 0 } else { changed[at - 1].old.end };
        let most = changed.get(at + 1).map_or(old.len(), |next| next.old.start);
        let Hunk { old: gone, new: there } = changed[at].clone();
        let up = gone.start - least;
        let by = (0..up).take_while(|by| old[gone.start - by - 1] == old[gone.end - by - 1]).count();
        let down = most - gone.end;
        let on = (0..down).take_while(|on| old[gone.start + on] == old[gone.end + on]).count();
        let is_removal = there.is_empty();
        if is_removal && by == gone.start {
            changed[at] = Hunk { old: 0..gone.len(), new: there.start - by..there.start - by };
        } else if is_removal && gone.end + on == old.len() {
            changed[at] = Hunk { old: gone.start + on..old.len(), new: there.start + on..there.start + on };
        }
    }
    changed
}

/// The words of a text as tokens.
fn lexed(text: &str) -> Vec<&str> {
    lexer::tokens(text).into_iter().map(|token| text[token.span].trim_end()).collect()
}

pub(super) fn is_hole(word: &str) -> bool {
    word.len() > 1 && word.starts_with('$')
}

/// Whether words begin with how far something can be seen.
fn is_visibility(words: &[&str]) -> bool {
    words.first() == Some(&"pub")
}

/// Whether words end with how far something can be seen, or with what stands between that and what it is.
fn ends_in_visibility(words: &[&str]) -> bool {
    let is_qualifier = |word: &&str| {
        matches!(*word, "async" | "unsafe" | "const" | "extern" | "default") || word.starts_with('"')
    };
    let end = words.iter().rposition(|word| !is_qualifier(word)).map_or(0, |at| at + 1);
    match &words[..end] {
        [.., "pub"] => true,
        [before @ .., ")"] => before
            .iter()
            .rposition(|word| *word == "(")
            .is_some_and(|open| open > 0 && before[open - 1] == "pub"),
        _ => false,
    }
}

fn is_separator(word: &str) -> bool {
    matches!(word, "," | ";")
}

fn is_opening(word: &str) -> bool {
    matches!(word, "(" | "[" | "{")
}

fn is_closing(word: &str) -> bool {
    matches!(word, ")" | "]" | "}")
}

/// Whether words are brackets whose other halves are elsewhere in the change: those stand at the end of any other code.
fn is_half_of_brackets(words: &[&str]) -> bool {
    let opening = words.iter().filter(|word| is_opening(word)).count();
    words.iter().all(|word| is_opening(word) || is_closing(word)) && opening * 2 != words.len()
}

fn unseparated<'a, 't>(words: &'a [&'t str]) -> &'a [&'t str] {
    let start = words.iter().position(|word| !is_separator(word)).unwrap_or(words.len());
    let end = words.iter().rposition(|word| !is_separator(word)).map_or(start, |at| at + 1);
    &words[start..end]
}

/// The words without the operators at their ends.
fn operand<'a, 't>(words: &'a [&'t str]) -> &'a [&'t str] {
    let is_told = |word: &&str| word.contains(is_word) || is_opening(word) || is_closing(word);
    let start = words.iter().position(is_told).unwrap_or(words.len());
    let end = words.iter().rposition(is_told).map_or(start, |at| at + 1);
    &words[start..end]
}

/// The words that name something; the name of a macro does not, so that any two lines that log are not alike.
fn names<'a, 't>(words: &'a [&'t str]) -> impl Iterator<Item = &'t str> + 'a {
    let names = words.iter().enumerate().filter(|(at, word)| {
        !is_hole(word)
            && word.contains(is_word)
            && !KEYWORDS.contains(word)
            && words.get(at + 1) != Some(&"!")
    });
    names.map(|(_, word)| *word)
}

/// The parts of words: `telemetry` and `handle` of `telemetry_handle`.
fn parts<'t>(words: impl Iterator<Item = &'t str>) -> impl Iterator<Item = String> {
    let parts =
        words.flat_map(|word| word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()));
    parts.map(str::to_lowercase)
}

fn contained(wanted: &[String], there: &[&str]) -> usize {
    let there: Vec<String> = parts(there.iter().copied()).collect();
    wanted.iter().filter(|part| there.contains(part)).count()
}

/// Whether a replacement says enough to be known by it. A comment is none of the effect: many patches leave the same.
pub(super) fn is_telling(new: &[&str], old: &[&str]) -> bool {
    let code: Vec<&str> =
        new.iter().copied().filter(|word| !word.starts_with("//") && !word.starts_with("/*")).collect();
    let known: Vec<String> = parts(names(old)).collect();
    parts(names(&code)).filter(|part| !known.contains(part)).count() >= TELLING
}

/// The name that a field, a parameter or a `let` gives.
fn bound_name<'t>(words: &[&'t str]) -> Option<&'t str> {
    let after_let = words.strip_prefix(&["let"]);
    let rest = after_let.unwrap_or(words);
    let rest = rest.strip_prefix(&["pub"]).unwrap_or(rest);
    let rest = rest.strip_prefix(&["mut"]).unwrap_or(rest);
    let (name, behind) = rest.split_first()?;
    let is_named = after_let.is_some() || behind.starts_with(&[":"]) && !behind.starts_with(&[":", ":"]);
    (is_named && name.starts_with(is_word)).then_some(*name)
}

/// Without `let x =`, `return`, `&`, `*` and `mut` in front.
fn without_binding<'a, 't>(words: &'a [&'t str]) -> &'a [&'t str] {
    let value = words
        .strip_prefix(&["let"])
        .and_then(|rest| rest.iter().position(|word| *word == "=").map(|at| &rest[at + 1..]));
    let words = value.unwrap_or(words);
    let start = words.iter().position(|word| !matches!(*word, "return" | "&" | "*" | "mut"));
    &words[start.unwrap_or(words.len())..]
}

/// What code begins with, up to and with its first bracket; all of it, where it has neither bracket nor hole and more than one
/// token.
fn head<'a, 't>(words: &'a [&'t str]) -> Option<&'a [&'t str]> {
    let words = unseparated(words);
    let end = words.iter().position(|word| is_opening(word) || is_hole(word));
    match end {
        Some(end) if is_opening(words[end]) && end > 0 => Some(&words[..=end]),
        None if words.len() > 1 => Some(words),
        _ => None,
    }
}

/// The index of the bracket that closes the one at `at`, or of the last token.
fn closing(text: &str, tokens: &[Token], at: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match (token.kind, &text[token.span.clone()]) {
            (TokenKind::Punctuation, "(" | "[" | "{") => depth += 1,
            (TokenKind::Punctuation, ")" | "]" | "}") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    tokens.len() - 1
}

/// The elements of a list, or the statements, in `span`.
fn elements(text: &str, span: &Range<usize>) -> Vec<Range<usize>> {
    let inside = &text[span.clone()];
    let tokens = lexer::tokens(inside);
    let (mut found, mut start, mut at) = (Vec::new(), None, 0);
    while at < tokens.len() {
        let word = |at: usize| tokens.get(at).map(|token| &inside[token.span.clone()]);
        let end = if word(at).is_some_and(is_opening) { closing(inside, &tokens, at) } else { at };
        let first = *start.get_or_insert(at);
        let block_ends = word(at) == Some("{")
            && word(end + 1)
                .is_none_or(|next| next.starts_with(is_word) && next != "else" || matches!(next, "#" | "$"));
        if word(end).is_some_and(is_separator) || block_ends || end + 1 == tokens.len() {
            found.push(span.start + tokens[first].span.start..span.start + tokens[end].span.end);
            start = None;
        }
        at = end + 1;
    }
    found
}

/// What stands behind the place, as far as the next separator or closing bracket; `separated`: behind a separator first.
fn outside_after(stand: &Stand<'_>, separated: bool) -> Option<Range<usize>> {
    let mut end = stand.text.len().min(stand.span.end + BESIDE);
    while !stand.text.is_char_boundary(end) {
        end -= 1;
    }
    let tokens = words_in(stand.text, stand.span.end..end);
    let run = run_of(tokens.into_iter(), separated, [&["(", "[", "{"], &[")", "]", "}"]]);
    Some(run.first()?.start..run.last()?.end)
}

/// What stands before the place, likewise.
fn outside_before(stand: &Stand<'_>, separated: bool) -> Option<Range<usize>> {
    let mut start = stand.span.start.saturating_sub(BESIDE);
    while !stand.text.is_char_boundary(start) {
        start += 1;
    }
    // Not from the middle of a line, which may be inside a string.
    let line = stand.text[start..stand.span.start].find('\n').filter(|_| start > 0);
    let tokens = words_in(stand.text, start + line.unwrap_or(0)..stand.span.start);
    let run = run_of(tokens.into_iter().rev(), separated, [&[")", "]", "}"], &["(", "[", "{"]]);
    Some(run.last()?.start..run.first()?.end)
}

/// What stands in the same brackets as the place: before it, and behind it.
fn rest_of_list(stand: &Stand<'_>) -> [Range<usize>; 2] {
    let Stand { text, span, .. } = stand;
    let mut start = span.start.saturating_sub(BESIDE);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = text.len().min(span.end + BESIDE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // Not from the middle of a line, which may be inside a string.
    let line = text[start..span.start].find('\n').filter(|_| start > 0);
    let before = words_in(text, start + line.unwrap_or(0)..span.start).into_iter().rev();
    let behind = words_in(text, span.end..end).into_iter();
    let open = way_out(before, is_closing, is_opening).map(|open| open.end);
    let close = way_out(behind, is_opening, is_closing).map(|close| close.start);
    match (open, close) {
        (Some(open), Some(close)) => [open..span.start, span.end..close],
        _ => [span.start..span.start, span.end..span.end],
    }
}

/// The first bracket that leads out.
fn way_out<'s>(
    mut tokens: impl Iterator<Item = (&'s str, Range<usize>)>,
    inwards: fn(&str) -> bool,
    outwards: fn(&str) -> bool,
) -> Option<Range<usize>> {
    let mut depth = 0usize;
    let out = tokens.find(|(word, _)| {
        let leads_out = depth == 0 && outwards(word);
        depth = (depth + usize::from(inwards(word))).saturating_sub(usize::from(outwards(word)));
        leads_out
    });
    out.map(|(_, span)| span)
}

/// The tokens of a part of a text, with what they are.
fn words_in(text: &str, part: Range<usize>) -> Vec<(&str, Range<usize>)> {
    let tokens = lexer::tokens(&text[part.clone()]).into_iter();
    let spans = tokens.map(|token| part.start + token.span.start..part.start + token.span.end);
    spans.map(|span| (&text[span.clone()], span)).collect()
}

/// The first tokens up to a separator or a bracket that leads out; `brackets` are those that lead in and those that lead out.
fn run_of<'s>(
    tokens: impl Iterator<Item = (&'s str, Range<usize>)>,
    separated: bool,
    [inwards, outwards]: [&[&str]; 2],
) -> Vec<Range<usize>> {
    let (mut depth, mut run) = (0usize, Vec::new());
    for (at, (word, span)) in tokens.enumerate() {
        match word {
            _ if at == 0 && separated && is_separator(word) => continue,
            _ if inwards.contains(&word) => depth += 1,
            _ if depth == 0 && (outwards.contains(&word) || is_separator(word)) => break,
            _ if outwards.contains(&word) => depth -= 1,
            _ => {}
        }
        run.push(span);
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What resembles the part that goes, where all of `target` but `beside` is what the replacement stands for.
    fn beside<'s>(old: &str, new: &str, target: &'s str, holes: &[(&str, &str)]) -> Option<&'s str> {
        let evidence = Evidence::new(words(old), words(new));
        let pieces = words(new);
        let holes = holes.iter().map(|(name, held)| {
            let start = target.find(held).unwrap();
            (pieces.iter().position(|piece| piece == name).unwrap(), start..start + held.len())
        });
        let first = pieces.iter().find(|piece| !is_hole(piece)).unwrap();
        let last = pieces.iter().rfind(|piece| !is_hole(piece)).unwrap();
        let start = target.find(first).unwrap();
        let end = start + target[start..].find(last).unwrap() + last.len();
        let stand = Stand { text: target, span: start..end, holes: holes.collect() };
        evidence.doubt(&stand).map(|span| &target[span])
    }

    fn words(text: &str) -> Vec<&str> {
        crate::plan::template::Template::new(text, true).words()
    }

    #[test]
    fn what_goes_must_not_be_there_in_another_form() {
        let call = |target| {
            let inside = target_inside(target);
            beside(
                "start($$$A, telemetry, $$$B)",
                "start($$$A, $$$B)",
                target,
                &[("$$$A", inside), ("$$$B", "")],
            )
        };
        assert_eq!(call("start(a, telemetry_handle, b)"), Some("telemetry_handle,"));
        assert_eq!(call("start(a, &telemetry.x, b)"), Some("&telemetry.x,"));
        assert_eq!(call("start(a, Some(telemetry))"), Some("Some(telemetry)"));
        assert_eq!(call("start(a, b)"), None);
        assert_eq!(call("start(a, handle)"), None);
        let field = |target| {
            let inside = target_inside(target);
            beside(
                "struct S { $$$A telemetry: T, $$$B }",
                "struct S { $$$A $$$B }",
                target,
                &[("$$$A", inside), ("$$$B", "")],
            )
        };
        assert_eq!(field("struct S { a: T, telemetry: Option<U>, }"), Some("telemetry: Option<U>,"));
        assert_eq!(field("struct S { a: T, telemetry_url: T, }"), None);
        let rest = |target: &'static str, rest: &str| {
            beside("fn f() { open(); report(1); $$$R }", "fn f() { open(); $$$R }", target, &[("$$$R", rest)])
        };
        assert_eq!(
            rest("fn f() { open(); report(1, 2); x(); }", "report(1, 2); x();"),
            Some("report(1, 2);")
        );
        assert_eq!(
            rest("fn f() { open(); let r = report(2); }", "let r = report(2);"),
            Some("let r = report(2);")
        );
        assert_eq!(rest("fn f() { open(); x(); report(2); }", "x(); report(2);"), None, "not in its place");
        assert_eq!(rest("fn f() { open(); reports(2); }", "reports(2);"), None);
    }

    fn target_inside(target: &str) -> &str {
        let open = target.find(['(', '{']).unwrap() + 1;
        target[open..target.len() - 1].trim()
    }

    #[test]
    fn what_goes_at_an_edge_must_not_stand_beside_the_place() {
        assert_eq!(beside("&mut String", "String", "x: &mut String", &[]), Some("x: &mut"));
        assert_eq!(beside("&mut String", "String", "x: String", &[]), None);
        for (gone, there) in [
            ("pub", "pub(crate)"),
            ("pub(crate)", "pub"),
            ("pub(super)", "pub(in a::b)"),
            ("pub", "pub(crate) async"),
        ] {
            let target = format!("{there} fn a() {{}}");
            let found = |new: &str| beside(&format!("{gone} fn a() {{}}"), new, &target, &[]);
            assert_eq!(found("fn a() {}"), Some(there), "{gone}");
        }
        assert_eq!(
            beside("pub fn a() {}", "async fn a() {}", "pub(crate) async fn a() {}", &[]),
            Some("pub(crate)")
        );
        assert_eq!(beside("async fn a() {}", "fn a() {}", "pub fn a() {}", &[]), None);
        assert_eq!(beside("let a = b();", "b();", "let c = b();", &[]), Some("let c ="));
        assert_eq!(beside("open();\nreport();", "open();", "open();\nreport(2);\n", &[]), Some("report(2)"));
        assert_eq!(beside("open();\nreport();", "open();", "open();\nclose();\n", &[]), None);
        assert_eq!(
            beside("a($X)?", "a($X)", "a(1); b(2)?", &[]),
            None,
            "behind a separator is another statement"
        );
        assert_eq!(beside("a(1).log()", "a(1)", "a(1).log_all().b()", &[]), Some(".log_all().b()"));
        assert_eq!(beside("a(1).log()", "a(1)", "a(1).b().log()", &[]), None);
        assert_eq!(beside("log();\nopen();", "open();", "log(1);\nopen();\n", &[]), Some("log(1)"));
        assert_eq!(beside("a && b.is_on()", "a", "if a && b.on_is(1) {", &[]), Some("&& b.on_is(1) {"));
        assert_eq!(
            beside("a();\nlog();\nb();", "a();\nb();", "a();\nb();\nlog(1);", &[]),
            None,
            "nothing is between"
        );
    }

    #[test]
    fn what_goes_from_a_list_must_not_stand_in_it_elsewhere() {
        let list = |target| beside("\"a\", \"gone\", \"b\"", "\"a\", \"b\"", target, &[]);
        assert_eq!(list("[\"a\", \"b\", \"gone\"]"), Some("\"gone\""));
        assert_eq!(list("[\"gone\", \"c\", \"a\", \"b\"]"), Some("\"gone\","));
        assert_eq!(list("[[\"a\", \"b\"], \"gone\"]"), None, "another list");
        assert_eq!(list("[\"a\", \"b\", \"gone_by\"]"), None);
        assert_eq!(beside("f(a, gone)", "f(a)", "g(f(a), gone)", &[]), None, "its own list is whole");
    }

    #[test]
    fn what_stands_at_the_end_of_other_code_resembles_nothing() {
        for (old, new, target) in [
            ("let h = spawn(self.run(x));", "let h = none(x);", "let h = none(x);\nh.detach();"),
            ("let h = spawn(run(x));", "let h = run(x);", "let h = run(x);\nh.detach();"),
            ("a()?", "a()", "a().b()?"),
            ("let r = send(x).await;", "let r = send(x);", "let r = send(x);\nsend(y).await;"),
            ("send(1)?;", "send(1);", "send(1);\nsend(2)?;"),
        ] {
            assert_eq!(beside(old, new, target, &[]), None, "`{old}` to `{new}` in\n{target}");
        }
    }

    #[test]
    fn what_goes_before_its_like_goes_from_the_beginning() {
        let gone = |old: &str, new: &str| -> Vec<String> {
            let old = words(old);
            let removals = changes(&old, &words(new)).into_iter().map(|hunk| old[hunk.old].join(" "));
            removals.collect()
        };
        assert_eq!(gone("ring(ONE);\nring(TWO);", "ring(TWO);"), ["ring ( ONE ) ;"]);
        assert_eq!(gone("ring(ONE);\nring(TWO);", "ring(ONE);"), ["ring ( TWO ) ;"]);
        assert_eq!(gone("f(a, b, c)", "f(a, c)").len(), 1);
    }

    #[test]
    fn a_text_that_says_little_is_no_evidence_while_the_call_is_there() {
        let elsewhere = |old: &str, new: &str, text: &str| {
            let evidence = Evidence::new(words(old), words(new));
            evidence.elsewhere(text, &lexer::tokens(text), |_| true).map(|span| text[span].to_owned())
        };
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(
            elsewhere("self.start();", "// off", "// off\nself.start(now);"),
            found("self.start(now)")
        );
        assert_eq!(elsewhere("self.start();", "// off", "// off\nself.stop();"), None);
        assert_eq!(elsewhere("send(Event::A);", "// off", "// off\nsend(Event::B);"), None);
        assert_eq!(elsewhere("old($A)", "None", "None; old(1, 2);"), found("old(1, 2)"));
        assert_eq!(elsewhere("old($A)", "Telemetry::off()", "Telemetry::off(); old(1, 2);"), None);
        assert_eq!(elsewhere("info!(\"a\")", "// off", "// off\ninfo!(\"b\")"), None);
    }
}
