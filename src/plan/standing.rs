//! How sure a text alone makes it that a patch whose effect stands in it was applied.
//!
//! The effect of a small change may have stood there before. It tells that the patch was applied if it says where it stands,
//! or if what the patch takes away is nowhere any more:
//!
//! ```text
//! const LIMIT: usize = 20;            defines what it changes
//! enabled: false  (was: true)         `enabled:`, which stays, stands nowhere else in the file
//! // The thread waits for nothing.    words of the patch's own, and nowhere else
//! ```
//!
//! Anything else is doubtful: then history is asked, outside of this room.

use std::ops::Range;
use std::rc::Rc;

use memchr::memmem;

use super::draft::Draft;
use super::evidence::{KEYWORDS, is_telling};
use super::sites::{Occurrence, Occurs, Pending};
use super::task::Standing;
use super::template::Template;
use crate::identity::{self, Language};
use crate::patch::{Action, Patch, RustQuery};
use crate::rust::lexer::{self, Token};
use crate::text::hunks::{Hunk, hunks, unchanged};
use crate::text::words::{is_word, words};

/// Shorter words stand everywhere.
const WORD: usize = 3;
/// Longer words are seldom of the language or its library.
const OWN: usize = 7;
/// Of the library, and everywhere.
const COMMON: &[&str] = &[
    "as_mut",
    "as_ref",
    "as_str",
    "from_millis",
    "from_secs",
    "into_iter",
    "is_empty",
    "is_none",
    "is_some",
    "map_err",
    "ok_or_else",
    "to_owned",
    "to_string",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
];
/// So many words of a comment are a sentence of somebody.
const SENTENCE: usize = 3;

/// How sure it is that `patch`, whose effect stands at `found` in `draft`, is in place.
pub(super) fn standing(patch: &Patch, draft: &mut Draft, found: &[Occurrence]) -> Standing {
    let how = |how: Occurs| found.iter().any(|place| place.how == how);
    if how(Occurs::Reworked) {
        return Standing::Told;
    }
    let present: Vec<Range<usize>> = found.iter().map(|place| place.span.clone()).collect();
    let present = present.as_slice();
    let query = match &patch.action {
        Action::Text { query, .. } => query.search.as_str(),
        Action::Rust { query: RustQuery::AstGrep(query), .. } => {
            query.text().or_else(|| query.required_literal()).unwrap_or_default()
        }
        Action::Rust { query, .. } => query.required_literal().unwrap_or_default(),
        Action::Toml { .. } => return Standing::Told,
    };
    let Some(effect) = patch.action.text() else { return Standing::Told };
    if patch.action.only_adds() {
        let language = Language::of(draft.path());
        let is_once = || !identity::names(effect, language).is_empty() || identity::is_use(effect, language);
        return if !how(Occurs::Apart) || is_once() { Standing::Told } else { Standing::Doubtful };
    }
    if patch.function_context.is_some() {
        return Standing::Told;
    }
    let [old, new] = [query, effect].map(|text| Template::new(text, true).words());
    let changed = hunks(old.iter().copied(), new.iter().copied());
    let same = unchanged(&changed, old.len());
    // Where nothing is put in, what stays tells where the place is, and what became of the rest only if it was in between.
    let named = |words: &[&str]| words.iter().any(|word| names(word));
    let is_between = |hunk: &Hunk| named(&new[..hunk.new.start]) && named(&new[hunk.new.end..]);
    let is_within = changed.iter().all(is_between);
    let puts_in = changed.iter().any(|hunk| new[hunk.new.clone()].iter().any(|word| word.contains(is_word)));
    let places = Places { text: draft.text(), present };
    let is_named = || !identity::names(effect, Language::of(draft.path())).is_empty();
    let is_told = (puts_in || is_within) && is_named()
        || is_telling(&new, &old)
        || places.are_all_of_a_sentence(&new)
        || places.are_without(&old, &new)
        || puts_in && same.iter().any(|(at, _)| names(old[*at]) && places.hold_all_of(old[*at]));
    if is_told {
        return Standing::Told;
    }
    let runs = match (puts_in, is_within) {
        (true, _) => runs(&old, &same),
        (false, true) if !new.iter().any(|word| word.starts_with('$')) => vec![new],
        (false, _) => Vec::new(),
    };
    let tokens = if runs.is_empty() { Rc::default() } else { draft.tokens() };
    let places = Places { text: draft.text(), present };
    match runs.iter().any(|run| places.are_all_of(run, &tokens)) {
        true => Standing::Told,
        false => Standing::Doubtful,
    }
}

/// Whether where an insertion is about to go, something stands that begins as it does: it may be the insertion of before, with
/// another text.
pub(super) fn has_like_neighbour(patch: &Patch, draft: &Draft, pending: &[Pending]) -> bool {
    let (true, Some(inserted)) = (patch.action.only_adds(), patch.action.text()) else { return false };
    let text = draft.text();
    pending.iter().flat_map(|site| &site.edits).any(|edit| {
        let (above, below) = text.split_at(edit.span().start);
        let lines = [above.trim_end().lines().next_back(), below.trim_start().lines().next()];
        lines.into_iter().flatten().any(|line| begins_alike(line, inserted))
    })
}

/// Whether two texts begin with the same words, up to what the first of them calls, binds or describes: `set_level(`,
/// `let level =`, `level:`. What a macro or a step of a chain is given says what it is.
pub(crate) fn begins_alike(one: &str, other: &str) -> bool {
    let one = beginning(one);
    one.is_some() && one == beginning(other)
}

fn beginning(text: &str) -> Option<Vec<&str>> {
    let tokens = lexer::tokens(text.trim().lines().next()?);
    let text = text.trim();
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.span.clone()]);
    let is_path = |at: usize| word(at + 1) == ":" || at > 0 && word(at - 1) == ":";
    let ends = |at: &usize| matches!(word(*at), "(" | "=") || word(*at) == ":" && !is_path(*at);
    let end = (0..tokens.len()).find(ends)?;
    let words: Vec<&str> = (0..=end).map(word).collect();
    let says = words.iter().any(|word| names(word)) && !words.contains(&"!") && words[0] != ".";
    says.then_some(words)
}

/// The longest runs of words that stay, those that name something.
fn runs<'t>(old: &[&'t str], same: &[(usize, usize)]) -> Vec<Vec<&'t str>> {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    let mut next = None;
    for &(at, now) in same {
        match runs.last_mut() {
            Some(run) if next == Some((at, now)) && !old[at].starts_with('$') => run.push(old[at]),
            _ => runs.push(vec![old[at]]),
        }
        next = Some((at + 1, now + 1));
    }
    runs.retain(|run| run.len() > 1 && run.iter().any(|word| names(word)));
    runs
}

/// Where an effect stands.
struct Places<'t> {
    text: &'t str,
    present: &'t [Range<usize>],
}

impl Places<'_> {
    /// Whether the effect has a comment that says something, and stands nowhere else.
    fn are_all_of_a_sentence(&self, new: &[&str]) -> bool {
        let is_comment = |word: &&&str| word.starts_with("//") || word.starts_with("/*");
        new.iter().filter(is_comment).any(|comment| {
            words(comment).filter(|word| word.len() >= WORD).count() >= SENTENCE
                && comment.lines().next().is_some_and(|line| self.hold_all_of(line.trim_end()))
        })
    }

    /// Whether what the patch takes away is nowhere any more: a name of somebody's own, and all of those.
    fn are_without(&self, old: &[&str], new: &[&str]) -> bool {
        let is_own = |word: &str| (word.contains('_') || word.len() > OWN) && !COMMON.contains(&word);
        let mut gone =
            old.iter().filter(|word| names(word) && is_own(word) && !new.contains(word)).peekable();
        gone.peek().is_some() && gone.all(|word| !self.has_word(word))
    }

    fn has_word(&self, word: &str) -> bool {
        memmem::find_iter(self.text.as_bytes(), word.as_bytes()).any(|at| {
            !self.text[..at].ends_with(is_word) && !self.text[at + word.len()..].starts_with(is_word)
        })
    }

    /// Whether these words, one after the other, stand in these places only: then what they say is where the place is.
    fn are_all_of(&self, run: &[&str], tokens: &[Token]) -> bool {
        let word = |token: &Token| self.text[token.span.clone()].trim_end();
        let is_run = |window: &&[Token]| window.iter().map(word).eq(run.iter().copied());
        let mut found = tokens.windows(run.len()).filter(is_run);
        found.all(|window| self.hold(&(window[0].span.start..window[run.len() - 1].span.end)))
    }

    /// Whether `part` stands in these places only.
    fn hold_all_of(&self, part: &str) -> bool {
        let found = memmem::find_iter(self.text.as_bytes(), part.as_bytes());
        found.into_iter().all(|at| self.hold(&(at..at + part.len())))
    }

    fn hold(&self, span: &Range<usize>) -> bool {
        self.present.iter().any(|place| place.start <= span.start && span.end <= place.end)
    }
}

/// Whether a word can name something; a comment can.
fn names(word: &str) -> bool {
    if word.starts_with("/*") || word.starts_with("//") {
        return word.len() > OWN;
    }
    word.len() >= WORD
        && word.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !KEYWORDS.contains(&word)
        && !matches!(word, "true" | "false")
}
