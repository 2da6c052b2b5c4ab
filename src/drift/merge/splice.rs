//! One merge of tokens under one alignment: which hunks of the patch stand clear of upstream's, and
//! what their text is at the place.
//!
//! The result is `ours` with some spans replaced, so what no replacement touches stays byte for byte. An example:
//!
//! ```text
//! base    let limit = config.limit.unwrap_or(8);                 what the patch looks for
//! theirs  let limit = config.limit.unwrap_or(64);                what it makes of that
//! ours        let limit = settings.limit.unwrap_or(8) as u32;    what stands in the file today
//! ```
//!
//! 1. Align `base` with both others, token by token ([`pairs`]). Their hunk is `8` → `64`. Our hunks are `config` →
//!    `settings` and, behind `)`, the insertion `as u32`.
//! 2. A hunk of theirs is planned only if it collides with none of ours ([`Splicer::collide`]). Here both of ours are
//!    apart from `8`: words stand before it, and behind it `)` does, which is enough beside a single token.
//! 3. The place must be certain: from the hunk to the nearest telling word on one side everything still stands in a row
//!    ([`Splicer::is_held`]; here `unwrap_or(8`), and no line beside it may be taken for the one meant
//!    ([`Splicer::has_twin`]).
//! 4. The text of the hunk goes where its old tokens stand in `ours`, at the indentation that is there
//!    ([`Splicer::replace`], [`Splicer::delete`], [`Splicer::insert`]); then the hunks of white space
//!    ([`Splicer::space`]).
//! 5. The replacements are made ([`Splicer::result`]), unless two overlap or one would turn code into a literal or a
//!    comment: `    let limit = settings.limit.unwrap_or(64) as u32;`.
//!
//! Whatever is in doubt at any step is no merge. The caller does all this under the earliest and under the latest
//! alignment, and takes what both give.

mod doubt;
mod placing;
mod spacing;

use std::ops::Range;

use super::TokenMerge;
use super::tokens::{TokenText, Vocabulary, byte_kinds, differences, pairs};
use crate::drift::heaviest::Side;
use crate::text::hunks::Hunk;

/// A merge under one alignment.
pub(super) struct Spliced {
    /// The merged text.
    pub(super) text: String,
    /// Whether a token changed, or white space where that is the change.
    pub(super) applied: bool,
    /// Whether nothing of the change was there.
    pub(super) whole: bool,
    /// Whether `ours` was laid out as `base` wherever something was put in.
    pub(super) exact: bool,
}

impl From<Spliced> for TokenMerge {
    fn from(spliced: Spliced) -> Self {
        Self { text: spliced.text, applied: spliced.applied, whole: spliced.whole }
    }
}

/// A span of `ours` and what replaces it.
struct Replacement {
    span: Range<usize>,
    text: String,
    /// The bytes of `theirs` that the text comes from.
    source: Range<usize>,
}

struct Splicer<'a, 't> {
    words: &'a Vocabulary<'t>,
    base: &'a TokenText<'t>,
    ours: &'a TokenText<'t>,
    theirs: &'a TokenText<'t>,
    /// Where each token of the base stands in `ours`.
    places: Vec<Option<usize>>,
    our_hunks: Vec<Hunk>,
    replacements: Vec<Replacement>,
    exact: bool,
}

/// `ours` with the change, or nothing where that is in doubt.
pub(super) fn merge_under(
    words: &Vocabulary,
    base: &TokenText,
    ours: &TokenText,
    theirs: &TokenText,
    side: Side,
) -> Option<Spliced> {
    if base.len() == 0 {
        return None;
    }
    let (mut merge, their_hunks) = aligned(words, base, ours, theirs, side);
    let (mut applied, mut whole) = (false, true);
    for hunk in &their_hunks {
        if merge.our_hunks.iter().any(|own| {
            let same = own.old == hunk.old && ours.ids[own.new.clone()] == theirs.ids[hunk.new.clone()];
            same && !merge.is_outside(own)
        }) {
            whole = false;
            continue;
        }
        merge.put(hunk)?;
        applied = true;
    }
    let spaced = merge.space(&their_hunks)?;
    let text = merge.result()?;
    applied |= their_hunks.is_empty() && spaced;
    Some(Spliced { text, applied, whole, exact: merge.exact })
}

/// Whether it is in doubt which line of `ours` a stretch of the patch belongs to.
pub(super) fn has_twins(
    words: &Vocabulary,
    base: &TokenText,
    ours: &TokenText,
    theirs: &TokenText,
    side: Side,
) -> bool {
    let (merge, hunks) = aligned(words, base, ours, theirs, side);
    base.len() > 0 && hunks.iter().any(|hunk| merge.has_twin(hunk))
}

fn aligned<'a, 't>(
    words: &'a Vocabulary<'t>,
    base: &'a TokenText<'t>,
    ours: &'a TokenText<'t>,
    theirs: &'a TokenText<'t>,
    side: Side,
) -> (Splicer<'a, 't>, Vec<Hunk>) {
    let our_pairs = pairs(words, base, ours, side);
    let their_pairs = pairs(words, base, theirs, side);
    let mut places = vec![None; base.len()];
    our_pairs.iter().for_each(|&(b, o)| places[b] = Some(o));
    let our_hunks = differences(words, base, ours, &our_pairs);
    for hunk in &our_hunks {
        places[hunk.old.clone()].fill(None);
    }
    let their_hunks = differences(words, base, theirs, &their_pairs);
    let merge =
        Splicer { words, base, ours, theirs, places, our_hunks, replacements: Vec::new(), exact: true };
    (merge, their_hunks)
}

impl Splicer<'_, '_> {
    /// `ours` with the replacements. Nothing if two of them overlap, or if a token turns from code into a literal or a
    /// comment, or back.
    fn result(&mut self) -> Option<String> {
        self.replacements.sort_by_key(|replacement| (replacement.span.start, replacement.span.end));
        let (ours, theirs) = (self.ours.src, self.theirs.src);
        let (our_byte_kinds, their_kinds) = (byte_kinds(ours), byte_kinds(theirs));
        let base_kinds = byte_kinds(self.base.src);
        let whole = self.places.iter().enumerate().all(|(at, place)| {
            place.is_none_or(|o| {
                base_kinds[self.base.span(at).start] == our_byte_kinds[self.ours.span(o).start]
            })
        });
        let mut text = String::new();
        let mut wanted: Vec<Option<u8>> = Vec::new();
        let mut at = 0;
        for replacement in &self.replacements {
            if replacement.span.start < at {
                return None;
            }
            text.push_str(&ours[at..replacement.span.start]);
            wanted.extend(solid(ours, at..replacement.span.start).map(|at| Some(our_byte_kinds[at])));
            text.push_str(&replacement.text);
            wanted
                .extend(solid(theirs, replacement.source.clone()).map(|at| whole.then_some(their_kinds[at])));
            at = replacement.span.end;
        }
        text.push_str(&ours[at..]);
        wanted.extend(solid(ours, at..ours.len()).map(|at| Some(our_byte_kinds[at])));
        let found = byte_kinds(&text);
        let stands: Vec<u8> = solid(&text, 0..text.len()).map(|at| found[at]).collect();
        let holds = stands.len() == wanted.len()
            && wanted.iter().zip(stands).all(|(kind, stands)| kind.is_none_or(|kind| kind == stands));
        holds.then_some(text)
    }
}

/// The bytes of a range that are not white space.
fn solid(text: &str, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    let start = range.start;
    text[range].char_indices().filter(|(_, c)| !c.is_whitespace()).map(move |(at, _)| start + at)
}
