//! Merges that leave a part of upstream's code to something else, or change what is no code any more.
//!
//! A deletion that leaves a token leaves it to what comes next: `pub(crate)` before the next item, an attribute, a `let x =`.
//! A change of a line that upstream commented out does nothing. A line that upstream has put in as the patch does is not put in again,
//! nor one that binds the same.

use std::collections::BTreeSet;

use super::Merged;
use crate::rust::lexer::{self, TokenKind};
use crate::rust::own_words::{has_number, is_own};
use crate::text::words::words;

/// What makes a comment of a line in some language.
const OPENERS: [&str; 4] = ["//", "#", "--", ";"];

/// Whether a merge is none for what it leaves, or for where the change went.
pub(super) fn is_torn(base: &str, ours: &str, theirs: &str, outcome: &Merged) -> bool {
    let result = match outcome {
        Merged::Clean(merged) => merged,
        Merged::Unchanged => ours,
        Merged::Conflict { .. } => return false,
    };
    let leaves = || {
        let is_of_theirs = |line: &str| theirs.lines().any(|own| own.trim() == line.trim());
        let left: String = result.lines().filter(|line| !is_of_theirs(line)).collect();
        matches!(outcome, Merged::Clean(_)) && !has_code(theirs) && !left.trim().is_empty()
    };
    let keeps = || *outcome == Merged::Unchanged && ours != theirs && keeps_what_goes(base, ours, theirs);
    leaves() || is_in_comment(base, ours, theirs, result) || doubles(base, [ours, theirs], result) || keeps()
}

/// Whether of the words that a change takes away, putting in none, `ours` has most as often as `base`: they were only put elsewhere in it.
fn keeps_what_goes(base: &str, ours: &str, theirs: &str) -> bool {
    let count = |word: &str, text: &str| words(text).filter(|other| *other == word).count();
    if words(theirs).any(|word| count(word, theirs) > count(word, base)) {
        return false;
    }
    let goes: BTreeSet<&str> = words(base).filter(|word| count(word, theirs) < count(word, base)).collect();
    let kept = goes.iter().filter(|word| count(word, ours) >= count(word, base)).count();
    kept * 2 > goes.len()
}

/// Whether a line that both sides put in stands twice, or a variable that both bind anew is bound twice: upstream's is the patch's own,
/// wherever in the text it is.
fn doubles(base: &str, [ours, theirs]: [&str; 2], result: &str) -> bool {
    let count = |line: &str, text: &str| text.lines().filter(|other| other.trim() == line).count();
    let is_told = |line: &str| words(line).any(|word| is_own(word) || has_number(word));
    let added = |text: &str| {
        let is_new = |line: &&str| count(line, text) > count(line, base);
        text.lines().map(str::trim).filter(is_new).map(str::to_owned).collect::<Vec<String>>()
    };
    let upstreams = added(ours);
    let is_doubled = |line: &String| {
        let most = count(line, ours).max(count(line, theirs));
        is_told(line) && !line.ends_with(',') && upstreams.contains(line) && count(line, result) > most
    };
    let is_bound_twice = |line: &String| {
        let is_other = |other: &&String| *other != line && bound(other) == bound(line);
        bound(line).is_some()
            && count(line, result) > count(line, ours)
            && !base.lines().any(|other| bound(other.trim()) == bound(line))
            && upstreams.iter().filter(is_other).any(|other| count(other, result) > 0)
    };
    added(theirs).iter().any(|line| is_doubled(line) || is_bound_twice(line))
}

/// The variable that a line binds.
fn bound(line: &str) -> Option<&str> {
    Some(line.strip_prefix("let ")?.split_once('=')?.0.trim())
}

/// Whether a piece of a text is more than comments.
fn has_code(text: &str) -> bool {
    lexer::tokens(text).iter().any(|token| token.kind != TokenKind::Comment)
}

/// Whether a line that the patch puts in stands behind a comment opener that neither of its texts has.
fn is_in_comment(base: &str, ours: &str, theirs: &str, result: &str) -> bool {
    let opener = |line: &str| {
        let line = line.trim_start();
        let opener = OPENERS.iter().find(|opener| line.starts_with(**opener)).copied();
        opener.filter(|_| !["#[", "#!", "///", "//!"].iter().any(|other| line.starts_with(other)))
    };
    let is_known = |opener: &str| [base, theirs].iter().any(|text| text.contains(opener));
    // What says something in prose stands in a comment.
    let is_code = base.contains(['=', '(', ';', '{', '[', ':', '"']);
    let new = || theirs.lines().map(str::trim).filter(|line| base.lines().all(|old| old.trim() != *line));
    is_code
        && result.lines().any(|line| {
            let is_changed = || ours.lines().all(|own| own != line);
            let holds = || new().any(|new| !new.is_empty() && line.trim_end().ends_with(new));
            opener(line).is_some_and(|opener| !is_known(opener)) && (is_changed() || holds())
        })
}
