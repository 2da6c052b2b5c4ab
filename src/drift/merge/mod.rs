//! Three-way merge: carry a change over to a text that has moved on.
//!
//! By whole lines first ([`merge_lines`]); where that is in doubt, by tokens ([`merge`]): white space is not
//! meaning there, and the result is upstream's text with nothing but the patch's own tokens put in. A guess
//! is an error, so each way merges under the earliest and the latest alignment, and the change must be found
//! in the result again. It decides nothing about which place is meant.

mod anchored;
mod by_line;
mod reindent;
mod splice;
mod tokens;
mod torn;

#[cfg(test)]
mod tests;

pub(crate) use by_line::merge_lines;
pub(crate) use tokens::same_tokens;

use crate::drift::heaviest::Side;
use reindent::moved_block;
use tokens::{TokenText, Vocabulary};
use torn::is_torn;

/// The outcome of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Merged {
    /// `ours` holds the change already.
    Unchanged,
    /// `ours` with the change. Everything that one side added is in it.
    Clean(String),
    /// The first stretch where both sides changed the same, or where the place of the change is in doubt.
    /// Each text is whole lines; an empty one means that the side has no line there.
    Conflict {
        /// What was looked for.
        base: String,
        /// What stands there.
        ours: String,
        /// What was to stand there.
        theirs: String,
        /// Number of the first line of `ours`, from 1; of the line that would follow if it is empty.
        line: usize,
    },
}

/// Merges the change from `base` to `theirs` (a patch's search and replacement, which may begin or end in the
/// middle of a line) into `ours` (whole lines of the file that hold what `base` has become).
///
/// What `ours` has before the first and after the last token of `base` is outside: it stays, and an insertion
/// at an end of `base` goes right beside that token. Indentation and line wrapping are those of `ours`
/// wherever the change touches no token; what it puts in is shifted to the indentation there.
pub(crate) fn merge(base: &str, ours: &str, theirs: &str) -> Merged {
    if base != theirs && base != ours {
        // All that upstream did was to move it in or out; or it has been merged into that already.
        if let Some(merged) = moved_block(base, ours, theirs) {
            return Merged::Clean(merged);
        }
        if moved_block(theirs, ours, base).is_some() {
            return Merged::Unchanged;
        }
    }
    match attempt(base, ours, theirs) {
        Merged::Clean(merged) if attempt(base, &merged, theirs) != Merged::Unchanged => {
            by_line::conflict(base, ours, theirs)
        }
        outcome if is_torn(base, ours, theirs, &outcome) => by_line::conflict(base, ours, theirs),
        outcome => outcome,
    }
}

/// As [`merge`], for a change that need not be recognised in the result: the deletion of a line that stands
/// beyond doubt is made, although the lines that upstream put beside it could be what has become of it once
/// it is gone.
pub(crate) fn carry(base: &str, ours: &str, theirs: &str) -> Merged {
    match merge(base, ours, theirs) {
        conflict @ Merged::Conflict { .. } => beyond_doubt(base, ours, theirs)
            .filter(|outcome| !is_torn(base, ours, theirs, outcome))
            .unwrap_or(conflict),
        outcome => outcome,
    }
}

/// A merge of which it is not known whether it is recognised afterwards.
fn attempt(base: &str, ours: &str, theirs: &str) -> Merged {
    match aligned(base, ours, theirs) {
        conflict @ Merged::Conflict { .. } => beyond_doubt(base, ours, theirs).unwrap_or(conflict),
        outcome => outcome,
    }
}

/// The merge after the anchored hunks have been made.
fn beyond_doubt(base: &str, ours: &str, theirs: &str) -> Option<Merged> {
    let (base, anchored) = anchored::make_anchored(base, ours, theirs)?;
    let text = match aligned(&base, &anchored, theirs) {
        Merged::Unchanged => anchored,
        Merged::Clean(text) => text,
        Merged::Conflict { .. } if base.trim_end_matches('\n') == theirs.trim_end_matches('\n') => anchored,
        Merged::Conflict { .. } => return None,
    };
    Some(if text == ours { Merged::Unchanged } else { Merged::Clean(text) })
}

/// A merge by an alignment of the three texts.
fn aligned(base: &str, ours: &str, theirs: &str) -> Merged {
    let by_line = merge_lines(base, ours, theirs);
    if ours == theirs || base == theirs || base == ours || base.trim().is_empty() {
        return by_line;
    }
    let by_token = merge_tokens(base, ours, theirs);
    if !matches!(by_line, Merged::Conflict { .. }) {
        return confirmed(by_line, by_token, base, ours, theirs);
    }
    match by_token {
        Some(TokenMerge { applied: false, .. }) => Merged::Unchanged,
        Some(TokenMerge { text, .. }) if is_stable(base, ours, theirs, &text) => Merged::Clean(text),
        None if is_in(base, ours, theirs) => Merged::Unchanged,
        _ => by_line,
    }
}

/// A merge by lines, unless it would be another one if indentation did not count or if tokens did: a block
/// that moved one level in may look like its neighbour.
fn confirmed(by_line: Merged, by_token: Option<TokenMerge>, base: &str, ours: &str, theirs: &str) -> Merged {
    let flush = |text: &str| text.split('\n').map(str::trim).collect::<Vec<_>>().join("\n");
    let [base_flush, ours_flush, theirs_flush] = [base, ours, theirs].map(flush);
    let flush = merge_lines(&base_flush, &ours_flush, &theirs_flush);
    let agree = base_flush == theirs_flush
        || match (&by_line, flush) {
            (Merged::Clean(lines), Merged::Clean(flush)) => lines_agree(lines, &flush),
            (Merged::Unchanged, Merged::Unchanged) => true,
            _ => false,
        };
    if !agree || (by_token.is_none() && has_twins(base, ours, theirs)) {
        return by_line::conflict(base, ours, theirs);
    }
    match (by_line, by_token) {
        (Merged::Clean(lines), Some(merged)) if merged.applied => {
            if lines == merged.text {
                Merged::Clean(lines)
            } else if !tokens::same_code(&merged.text, &lines) {
                by_line::conflict(base, ours, theirs)
            } else if is_stable(base, ours, theirs, &merged.text) {
                // The same tokens, but at the indentation of the place.
                Merged::Clean(merged.text)
            } else {
                Merged::Clean(lines)
            }
        }
        (Merged::Unchanged, Some(merged)) if merged.applied => by_line::conflict(base, ours, theirs),
        (by_line, _) => by_line,
    }
}

fn lines_agree(a: &str, b: &str) -> bool {
    a.split('\n').map(str::trim).eq(b.split('\n').map(str::trim))
}

/// A merge by tokens and whether it did anything.
struct TokenMerge {
    text: String,
    applied: bool,
    /// Whether all of the change was made, nothing of it found there.
    whole: bool,
}

/// What the earliest and the latest alignment agree on.
fn merge_tokens(base: &str, ours: &str, theirs: &str) -> Option<TokenMerge> {
    let mut words = Vocabulary::default();
    let [base, ours, theirs] = [base, ours, theirs].map(|text| TokenText::read(&mut words, text));
    let under = |side| splice::merge_under(&words, &base, &ours, &theirs, side);
    let (first, last) = (under(Side::First)?, under(Side::Last)?);
    if first.text == last.text {
        return (first.applied == last.applied).then_some(first.into());
    }
    // Where an insertion can slide, only white space may depend on it.
    if !first.applied || !last.applied || !tokens::same_code(&first.text, &last.text) {
        return None;
    }
    Some(if last.exact && !first.exact { last } else { first }.into())
}

/// Whether it is in doubt which of two lines is the one that the patch changes.
fn has_twins(base: &str, ours: &str, theirs: &str) -> bool {
    let mut words = Vocabulary::default();
    let [base, ours, theirs] = [base, ours, theirs].map(|text| TokenText::read(&mut words, text));
    [Side::First, Side::Last].into_iter().any(|side| splice::has_twins(&words, &base, &ours, &theirs, side))
}

/// Whether `ours` holds the change: it can be taken out of it and made again.
fn is_in(base: &str, ours: &str, theirs: &str) -> bool {
    let all = |merged: &TokenMerge| merged.applied && merged.whole;
    merge_tokens(theirs, ours, base).filter(all).is_some_and(|back| {
        let again = merge_tokens(base, &back.text, theirs).filter(all);
        again.is_some_and(|again| tokens::same_code(&again.text, ours))
    })
}

/// Whether the change is found in `merged`, is not made a second time, and leaves `ours` if it is taken out.
fn is_stable(base: &str, ours: &str, theirs: &str, merged: &str) -> bool {
    match merge_lines(base, merged, theirs) {
        Merged::Unchanged => return true,
        Merged::Clean(_) => return false,
        Merged::Conflict { .. } => {}
    }
    match merge_tokens(base, merged, theirs) {
        Some(again) => !again.applied,
        None => {
            let back = merge_tokens(theirs, merged, base);
            back.is_some_and(|back| back.applied && back.whole && tokens::same_code(&back.text, ours))
        }
    }
}
