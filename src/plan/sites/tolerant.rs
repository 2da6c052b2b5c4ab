//! Where a place is not as its patch says: the place that it has become, with the change merged into it.
//!
//! What a text patch searches, or the locked text, is the base; what stands there now is ours; what the patch made of
//! the base is theirs. Nothing is taken that is not clearly the right place, and no merge that is in doubt.

use std::ops::Range;

use super::textual::{Words, added, is_doubtful, whole_replacement};
use super::twin::is_twin;
use super::{Chain, Occurrence, Occurs, Pending, Scope, Sites, apart, line_edits};
use crate::drift::difference::token_diff;
use crate::drift::merge::{Merged, merge, same_tokens};
use crate::drift::similar::{Window, Winner, best_windows, clear_winner, similarity};
use crate::drift::trail::{count_of, gone_lines};
use crate::edit::Edit;
use crate::identity::{self, Language, Name};
use crate::patch::lock::{self, LockedMatch};
use crate::patch::{Action, Drift, Fuzzy, Matches, Patch, RustQuery, TextEdges, TextEdit};
use crate::plan::changed::changed_text;
use crate::plan::draft::{Draft, inside};
use crate::plan::evidence::changed;
use crate::plan::failure::{Failure, ItemFate};
use crate::plan::standing::is_name;
use crate::plan::task::Terms;
use crate::plan::template::Template;
use crate::rust::items::{self, Item, ItemPath};
use crate::rust::lexer::{self, TokenKind};
use crate::rust::syntax::Syntax;
use crate::text::ends::common_ends;
use crate::text::hunks::only_removes;
use crate::text::lines::{blanks, line_end, line_of, line_spans, line_start, trimmed};
use crate::text::words::is_word;
use crate::ts::shorthand::Shorthand;

/// A diff of the locked text and the text of today has at most this many lines.
const DIFF_LINES: usize = 30;
/// What is so like is told by what it says, not by its head alone.
const SURE: f64 = 0.9;
/// Within the item that is known to hold the place, less similarity will do; an item that is less like what it was is another
/// one under its name.
const WITHIN_ITEM: f64 = 0.6;

/// What is known of a place from when the patch had one.
struct Basis<'p> {
    search: &'p str,
    /// What the patch makes of it; after that, what later patches make of that.
    results: Vec<String>,
    locked: Option<&'p LockedMatch>,
    fuzzy: Fuzzy,
    edges: TextEdges,
}

impl<'p> Basis<'p> {
    fn of(patch: &'p Patch, terms: &Terms<'p>, chain: &Chain) -> Option<Self> {
        let fuzzy = terms.tolerance(patch)?;
        let locked = match terms.lock.matches() {
            [one] => Some(one),
            _ => None,
        };
        match &patch.action {
            Action::Text { query, edit } => {
                let search = query.search.as_str();
                let own = if chain.stages.is_empty() { &[String::new()] } else { chain.stages.as_slice() };
                let results = own.iter().map(|stage| whole_replacement(edit, stage, search)).collect();
                Some(Self { search, results, locked, fuzzy, edges: query.edges })
            }
            Action::Toml { .. } => None,
            Action::Rust { .. } => {
                let locked = locked?;
                let results = vec![locked.result.clone()];
                let edges = TextEdges::Words;
                Some(Self { search: &locked.text, results, locked: Some(locked), fuzzy, edges })
            }
        }
    }

    /// Where `needle`, which becomes or was `other`, may stand today, the best first: in the item that held it, where that is
    /// known, else anywhere; and the least similarity that will do.
    fn windows(&self, needle: &str, other: &str, draft: &mut Draft, scope: &Scope) -> (Vec<Window>, f64) {
        let known = self.locked.filter(|locked| locked.item.is_some() && draft.is_rust());
        let Some(locked) = known else {
            let all = best_windows(needle, draft.text(), self.fuzzy.expansion, 8);
            let (mut windows, vetoed): (Vec<Window>, Vec<Window>) =
                all.into_iter().partition(|window| self.may_be(window, [needle, other], draft, scope));
            // A method that upstream made a free function is no less what it was than its namesake.
            let is_nearer =
                |window: &&Window| windows.first().is_some_and(|best| best.similarity <= window.similarity);
            if vetoed
                .iter()
                .filter(is_nearer)
                .any(|window| is_of_another_kind([needle, other], window, draft))
            {
                return (Vec::new(), self.fuzzy.threshold);
            }
            if !windows.is_empty() && identity::is_free(needle, Language::of(draft.path())) {
                let syntax = draft.syntax();
                windows.retain(|window| !items::enclosing(&syntax, window.span.clone()).0.is_member());
            }
            return (windows, self.fuzzy.threshold);
        };
        let held_by = locked_items(locked, draft);
        if let ([item], true) = (held_by.as_slice(), is_item(locked)) {
            let text = &draft.text()[item.clone()];
            let first_line = line_of(draft.text(), item.start);
            let window = Window { span: item.clone(), first_line, similarity: similarity(needle, text) };
            return (vec![window], 0.0);
        }
        let mut windows = Vec::new();
        for item in held_by {
            let found = best_windows(needle, &draft.text()[item.clone()], self.fuzzy.expansion, 8);
            let above = line_of(draft.text(), item.start) - 1;
            windows.extend(found.into_iter().map(|window| Window {
                span: window.span.start + item.start..window.span.end + item.start,
                first_line: window.first_line + above,
                ..window
            }));
        }
        windows.retain(|window| self.may_be(window, [needle, other], draft, scope));
        windows.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        (windows, WITHIN_ITEM.min(self.fuzzy.threshold))
    }
}

impl Basis<'_> {
    /// Whether a window may be a place: in scope, with the names that the needle defines, and not one that has the needle as a
    /// part of longer words, unchanged.
    fn may_be(&self, window: &Window, [needle, other]: [&str; 2], draft: &Draft, scope: &Scope) -> bool {
        let there = &draft.text()[window.span.clone()];
        scope.holds(&window.span)
            && self.locked.is_none_or(|locked| is_in_locked_section(locked, draft, &window.span))
            && identity::lost(needle, other, there, Language::of(draft.path())).is_none()
            && !Words::new(self.edges, draft).are_cut_in(needle.trim(), &window.span)
    }
}

/// Whether a window defines what `needle` does, but for being a method or a free function.
fn is_of_another_kind([needle, other]: [&str; 2], window: &Window, draft: &Draft) -> bool {
    let (there, language) = (&draft.text()[window.span.clone()], Language::of(draft.path()));
    let has_name = |lost: Name<'_>| {
        let mut names = identity::names(there, language).into_iter();
        names.any(|name| (name.what, name.name) == (lost.what, lost.name))
    };
    identity::lost(needle, other, there, language).is_some_and(has_name)
}

/// Whether the locked text is the item itself, not a part of it.
pub(crate) fn is_item(locked: &LockedMatch) -> bool {
    locked.item.as_ref().is_some_and(|item| item_alone(&locked.text).as_ref() == item.path.last())
}

/// The item that `text` is, if it is one and nothing else.
pub(super) fn item_alone(text: &str) -> Option<Item> {
    match items::enclosing(&Syntax::parse(text), 0..text.len()).0.items() {
        [item] => Some(item.clone()),
        _ => None,
    }
}

/// What holds the item that a patch changes as a whole, if what it makes of it is no such item: there the effect stands.
pub(super) fn left_holder(locked: &LockedMatch) -> Option<ItemPath> {
    let item = locked.item.as_ref().filter(|_| is_item(locked))?;
    let syntax = Syntax::parse(&locked.result);
    let is_it = |(path, _): &(ItemPath, Range<usize>)| path.last() == item.path.last();
    let is_left = !items::all(&syntax).iter().any(is_it);
    is_left.then(|| item.path.outer())
}

/// The one place that the patch's place has become, with its change merged into it; none where there is no clear one.
///
/// # Errors
/// [`Failure::Twins`], [`Failure::Conflict`].
pub(super) fn similar(
    patch: &Patch,
    terms: &Terms<'_>,
    draft: &mut Draft,
    chain: &Chain,
) -> Result<Sites, Failure> {
    let Some(basis) = Basis::of(patch, terms, chain) else { return Ok(Sites::default()) };
    let scope = Scope::of(patch, terms, draft);
    let result = basis.results.first().map_or("", String::as_str);
    let (by_search, threshold) = basis.windows(basis.search, result, draft, &scope);
    for (at, new) in basis.results.iter().enumerate() {
        let (by_replacement, threshold) = basis.windows(new, basis.search, draft, &scope);
        let Some(best) = by_replacement.first().filter(|best| best.similarity >= threshold) else { continue };
        if is_doubtful(basis.search, new, draft.text(), &best.span)
            || is_other_call([basis.search, new], &best.span, draft)
            || is_elsewhere_in_item(basis.search, new, draft, &best.span)
            || is_twin([new, basis.search], draft.text(), &best.span)
        {
            continue;
        }
        let nearer = by_search.first().is_none_or(|other| best.similarity >= other.similarity);
        if nearer && merge(basis.search, &draft.text()[best.span.clone()], new) == Merged::Unchanged {
            return Ok(in_place(draft, &basis, best, new, Occurs::at_stage(at)));
        }
    }
    let window = match clear_winner(&by_search, threshold) {
        Winner::None => return Ok(Sites::default()),
        Winner::Twins(twins) => {
            let sites = twins.iter().map(|window| draft.site(window.span.start)).collect();
            return Err(Failure::Twins { sites });
        }
        Winner::One(window) => window,
    };
    if terms.lock.matches().is_empty()
        && (is_over_a_border(basis.search, draft, &window.span)
            || has_other_literal(basis.search, draft, &window.span)
            || window.similarity < SURE
                && (has_other_head(basis.search, draft, &window.span)
                    || is_at_other_depth(basis.search, draft.text(), &window.span)))
    {
        return Ok(Sites::default());
    }
    let Some(result) = basis.results.first() else { return Ok(Sites::default()) };
    match merge(basis.search, &draft.text()[window.span.clone()], result) {
        Merged::Unchanged
            if is_elsewhere_in_item(basis.search, result, draft, &window.span)
                || is_other_call([basis.search, result], &window.span, draft)
                || is_twin([result, basis.search], draft.text(), &window.span) =>
        {
            Ok(Sites::default())
        }
        Merged::Unchanged => Ok(in_place(draft, &basis, window, result, Occurs::AsWritten)),
        Merged::Clean(merged)
            if draft.is_rust()
                && (is_of_another([basis.search, result], [&draft.text()[window.span.clone()], &merged])
                    || is_other_call([basis.search, result], &window.span, draft))
                || is_misplaced(
                    [basis.search, result],
                    [&draft.text()[window.span.clone()], &merged],
                    draft,
                ) =>
        {
            let (base, ours, theirs) =
                (basis.search.to_owned(), draft.text()[window.span.clone()].to_owned(), result.clone());
            Err(Failure::Conflict { line: line_in(draft, &window.span, 1), base, ours, theirs, by: None })
        }
        Merged::Clean(_) if is_twin([basis.search, result], draft.text(), &window.span) => {
            Ok(Sites::default())
        }
        Merged::Clean(merged) => {
            let edits = line_edits::line_edits(draft.text(), window.span.clone(), &merged);
            let pending = vec![Pending { span: window.span.clone(), edits }];
            let mut sites = Sites { pending, score: Some(window.similarity), ..Sites::default() };
            if let Some((_, inserted)) = added(basis.search, result) {
                apart::take(&mut sites, inserted, &chain.insertions, draft, put_at);
            }
            Ok(sites)
        }
        Merged::Conflict { base, ours, theirs, line } => {
            let line = line_in(draft, &window.span, line);
            Err(Failure::Conflict { line, base, ours, theirs, by: None })
        }
    }
}

/// Whether a line that `new` takes away from `search` stands in the item of a window that is like `new`, as it was or changed: it may
/// only have been put elsewhere.
fn is_elsewhere_in_item(search: &str, new: &str, draft: &mut Draft, window: &Range<usize>) -> bool {
    let gone = gone_lines(search, new);
    if gone.is_empty() {
        return false;
    }
    let item = if draft.is_rust() {
        items::enclosing(&draft.syntax(), window.clone()).1
    } else {
        0..draft.text().len()
    };
    let (removes, tokens) = (only_removes(search, new), draft.tokens());
    let text = draft.text();
    let is_new = |span: &Range<usize>| {
        let line = text[line_start(text, span.start)..line_end(text, span.start)].trim();
        inside(span, &item) && count_of(line, new) == 0
    };
    gone.iter().any(|line| {
        let words = Template::new(line, false).words();
        count_of(line, new) < count_of(line, &text[item.clone()])
            || removes && changed(&words, text, &tokens, is_new).is_some()
    })
}

/// Whether a window of what has no item has other text in its string literals, in the places of those: that tells twins apart.
fn has_other_literal(search: &str, draft: &Draft, window: &Range<usize>) -> bool {
    let there = &draft.text()[window.clone()];
    let said = |text: &str| -> Vec<String> {
        let tokens = lexer::tokens(text).into_iter().filter(|token| token.kind == TokenKind::Str);
        tokens.map(|token| text[token.span].to_owned()).filter(|said| said.contains(is_word)).collect()
    };
    let (then, now) = (said(search), said(there));
    let is_nameless = identity::names_and_impls(search, Language::Rust).is_empty();
    draft.is_rust() && is_nameless && then.len() == now.len() && then != now
}

/// Whether a window of what has no item reaches from one item into the next: then it has a piece of each.
fn is_over_a_border(search: &str, draft: &Draft, window: &Range<usize>) -> bool {
    let is_without = |text: &str| identity::names_and_impls(text, Language::Rust).is_empty();
    draft.is_rust() && is_without(search) && !is_without(&draft.text()[window.clone()])
}

/// Whether all lines of `search` that name something stand beside `window` as well: of two with one head likeness tells little.
fn has_other_head(search: &str, draft: &Draft, window: &Range<usize>) -> bool {
    let text = draft.text();
    let is_beside = |line: &Range<usize>| line.end <= window.start || window.end <= line.start;
    let others: Vec<&str> =
        line_spans(text).into_iter().filter(is_beside).map(|line| text[line].trim()).collect();
    let is_head = |line: &&str| !identity::names_and_impls(line, Language::Rust).is_empty();
    let mut heads = search.lines().map(str::trim).filter(is_head).peekable();
    draft.is_rust() && heads.peek().is_some() && heads.all(|head| others.contains(&head))
}

/// Whether no line of `search` stands in a window as deep as there, and one stands otherwise: in another block likeness tells little.
fn is_at_other_depth(search: &str, text: &str, window: &Range<usize>) -> bool {
    let there: Vec<&str> = text[line_start(text, window.start)..window.end].lines().collect();
    let is_indented = search.lines().next().is_some_and(|line| line.starts_with([' ', '\t']));
    let telling = || search.lines().filter(|line| line.contains(is_word));
    let is_kept = |line: &str| there.iter().any(|other| other.trim() == line.trim());
    is_indented && telling().any(is_kept) && !telling().any(|line| there.contains(&line))
}

/// Where a merged insertion is put, as a point.
fn put_at(site: &Pending) -> Range<usize> {
    let mut spans = site.edits.iter().map(Edit::span);
    let point = spans.find(|span| span.is_empty()).map_or(site.span.start, |span| span.start);
    point..point
}

/// Whether the call that a patch changes is one on another receiver where it was merged: `a.send()` is not `b.send()`.
fn is_of_another(patch: [&str; 2], merged: [&str; 2]) -> bool {
    let receiver = |[before, after]: [&str; 2]| {
        let (old, new) = (words_of(before), words_of(after));
        let (head, _) = common_ends([&old[..], &new]);
        match &old[..head] {
            [.., receiver, "."] => Some((*receiver).to_owned()),
            _ => None,
        }
    };
    receiver(patch).is_some_and(|own| receiver(merged) != Some(own))
}

/// Whether `window` has no call of the function whose arguments a patch changes: those of another are not its.
fn is_other_call([before, after]: [&str; 2], window: &Range<usize>, draft: &Draft) -> bool {
    if !draft.is_rust() {
        return false;
    }
    let (old, new) = (words_of(before), words_of(after));
    let (head, _) = common_ends([&old[..], &new]);
    let mut depth = 0_usize;
    for at in (1..head).rev() {
        match old[at] {
            ")" => depth += 1,
            "(" if depth > 0 => depth -= 1,
            "(" => {
                let is_called = |pair: &[&str]| pair == [old[at - 1], "("];
                let window = words_of(&draft.text()[window.clone()]);
                return is_name(old[at - 1]) && !window.windows(2).any(is_called);
            }
            "{" | "}" | ";" => return false,
            _ => {}
        }
    }
    false
}

fn words_of(text: &str) -> Vec<&str> {
    lexer::tokens(text).into_iter().map(|token| &text[token.span]).collect()
}

/// Whether what a patch changes was merged behind another name than the one behind which it stands in what is searched, or an
/// item into another block.
fn is_misplaced([before, after]: [&str; 2], [ours, merged]: [&str; 2], draft: &Draft) -> bool {
    let language = Language::of(draft.path());
    identity::is_under_other_name(before, after, ours, merged, language)
        || draft.is_rust() && identity::is_in_other_block(before, after, ours, merged)
}

fn in_place(draft: &Draft, basis: &Basis<'_>, window: &Window, result: &str, how: Occurs) -> Sites {
    let patch_lines = line_edits::patch_lines(draft.text(), window.span.clone(), basis.search, result);
    let present = vec![Occurrence { span: window.span.clone(), how }];
    Sites { present, patch_lines: Some(patch_lines), score: Some(window.similarity), ..Sites::default() }
}

/// One-based line, as read, of the one-based line `line` of a place.
fn line_in(draft: &Draft, span: &Range<usize>, line: usize) -> usize {
    let above: usize = draft.text()[span.clone()].split_inclusive('\n').take(line - 1).map(str::len).sum();
    draft.line_as_read(span.start + above)
}

/// What of `patch`, if it only deletes, its lock records.
fn locked_deletion<'l>(patch: &Patch, terms: &Terms<'l>) -> Option<&'l LockedMatch> {
    match (terms.lock.matches(), patch.action.edit()) {
        ([locked], Some(TextEdit::Delete { insert_comment: None })) => Some(locked),
        _ => None,
    }
}

/// Where a replacement or a deletion was made, if the lock tells it: the item that held its place is as it was, but for the
/// place. Empty, of a deletion.
pub(super) fn made(patch: &Patch, terms: &Terms<'_>, draft: &mut Draft) -> Option<Range<usize>> {
    match (terms.lock.matches(), patch.action.edit()?) {
        ([locked], TextEdit::Delete { insert_comment: None }) => taken_out(locked, draft),
        ([locked], TextEdit::Replace { .. } | TextEdit::Delete { .. }) => put_in(locked, draft),
        _ => None,
    }
}

/// Finds that a deletion was not made.
///
/// # Errors
/// [`Failure::ChangedUpstream`] if what the lock records is there, changed.
pub(super) fn deleted(
    patch: &Patch,
    terms: &Terms<'_>,
    draft: &mut Draft,
    chain: &Chain,
) -> Result<(), Failure> {
    let Some(locked) = locked_deletion(patch, terms) else { return Ok(()) };
    let tolerant = Terms { drift: Drift::Merge, ..*terms };
    let line = match similar(patch, &tolerant, draft, chain) {
        Ok(sites) => match sites.pending.first() {
            Some(site) => draft.line_as_read(site.span.start),
            None => return changed_in_item(patch, terms, draft),
        },
        Err(Failure::Conflict { line, .. }) => line,
        Err(_) => return Ok(()),
    };
    Err(changed_at(line, locked, terms, draft))
}

/// Finds that what a deletion takes away stands in the locked item, or where that is unknown or gone in the file, in a form that is
/// not like it any more.
///
/// # Errors
/// [`Failure::ChangedUpstream`].
pub(super) fn changed_in_item(patch: &Patch, terms: &Terms<'_>, draft: &mut Draft) -> Result<(), Failure> {
    let Some(locked) = locked_deletion(patch, terms) else { return Ok(()) };
    let item = locked.item.as_ref().filter(|_| draft.is_rust());
    let held = item.map(|item| items::find(&draft.syntax(), &item.path)).unwrap_or_default();
    match changed_text(&locked.text, draft, &held) {
        Some(at) => Err(changed_at(draft.line_as_read(at), locked, terms, draft)),
        None => Ok(()),
    }
}

/// What the lock records stands in `line`, one-based, changed.
fn changed_at(line: usize, locked: &LockedMatch, terms: &Terms<'_>, draft: &Draft) -> Failure {
    let now = draft.text().lines().nth(line - 1).unwrap_or_default();
    let diff = token_diff(&locked.text, now, DIFF_LINES);
    Failure::ChangedUpstream { line, since: terms.lock.since(), diff, is_fewer: false }
}

/// The point from which the locked text was taken, if the item that held it is as it was without.
fn taken_out(locked: &LockedMatch, draft: &mut Draft) -> Option<Range<usize>> {
    let item = locked.item.as_ref().filter(|_| draft.is_rust())?;
    let found = locked_items(locked, draft);
    found.into_iter().find_map(|range| {
        let now = &draft.text()[range.clone()];
        let starts = std::iter::once(0).chain(now.match_indices('\n').map(|(at, _)| at + 1));
        let mut points = starts.flat_map(|at| [at, at + blanks(&now.as_bytes()[at..]), at.saturating_sub(1)]);
        let point = points.find(|at| {
            let whole = [&now[..*at], &locked.text, &now[*at..]].concat();
            let line = [&now[..*at], &locked.text, "\n", &now[*at..]].concat();
            [whole, line].iter().any(|text| lock::digest(text) == item.sha256)
        })?;
        Some(range.start + point..range.start + point)
    })
}

/// Where the locked result stands, if the item that held the place is as it was with the locked text instead.
fn put_in(locked: &LockedMatch, draft: &mut Draft) -> Option<Range<usize>> {
    let item = locked.item.as_ref().filter(|_| draft.is_rust() && !locked.result.is_empty())?;
    let found = locked_items(locked, draft);
    found.into_iter().find_map(|range| {
        let now = &draft.text()[range.clone()];
        let (at, _) = now.match_indices(&locked.result).find(|(at, result)| {
            let before = [&now[..*at], &locked.text, &now[at + result.len()..]].concat();
            lock::digest(&before) == item.sha256
        })?;
        let start = range.start + at;
        Some(start..start + locked.result.len())
    })
}

/// Where the items are that can be the locked one.
pub(super) fn locked_items(locked: &LockedMatch, draft: &mut Draft) -> Vec<Range<usize>> {
    let Some(item) = &locked.item else { return Vec::new() };
    let found = items::find(&draft.syntax(), &item.path);
    let texts: Vec<&str> = found.iter().map(|range| &draft.text()[range.clone()]).collect();
    let may_be = locked.may_be_in(&texts);
    found.into_iter().zip(may_be).filter(|(_, may_be)| *may_be).map(|(range, _)| range).collect()
}

/// Whether `place` stands under the header that the lock records, if it records one.
pub(super) fn is_in_locked_section(known: &LockedMatch, draft: &Draft, place: &Range<usize>) -> bool {
    let is_it = |section: &String| identity::section_at(draft.text(), place) == Some(section);
    known.section.as_ref().is_none_or(is_it)
}

/// The item or section that held the place, if it no longer holds it.
fn left_its_item(known: &LockedMatch, draft: &mut Draft, place: &Range<usize>) -> Option<(String, ItemFate)> {
    if let Some(section) = &known.section
        && known.file == draft.path()
        && !is_in_locked_section(known, draft, place)
    {
        let is_gone = !identity::has_section(draft.text(), section);
        let fate = if is_gone { ItemFate::Gone } else { ItemFate::Stays };
        return Some((format!("[{section}]"), fate));
    }
    let item = known.item.as_ref().filter(|_| draft.is_rust() && known.file == draft.path())?;
    let found = locked_items(known, draft);
    let holds = |range: &Range<usize>| range.start <= place.start && place.end <= range.end + 1;
    if found.iter().any(holds) {
        return None;
    }
    let is_gone = items::find(&draft.syntax(), &item.path).is_empty();
    let fate = if is_gone { ItemFate::Gone } else { ItemFate::Stays };
    Some((item.path.to_string(), fate))
}

/// The function that a bare name found in `span`, if the one that the patch writes in its place is told from it by its `self`.
fn of_another_kind(patch: &Patch, text: &str, span: &Range<usize>) -> Option<String> {
    let Action::Rust { query: RustQuery::TreeSitter(query), edit: TextEdit::Replace { text: new }, .. } =
        &patch.action
    else {
        return None;
    };
    let Some(Shorthand::Fn { owner: None, name }) = query.shorthand() else { return None };
    let takes_self = |text: &str| {
        let defined =
            identity::names(text, Language::Rust).into_iter().find(|defined| defined.name == name)?;
        defined.takes_self
    };
    let differ = takes_self(new)? != takes_self(&text[span.clone()])?;
    differ.then(|| format!("fn {name}"))
}

/// Compares what is about to be overwritten with what the lock records. Where upstream changed it, the change is merged if
/// that is asked for.
///
/// # Errors
/// [`Failure::ChangedUpstream`] if it is not, [`Failure::Conflict`] if that cannot be done.
pub(super) fn compare(
    patch: &Patch,
    terms: &Terms<'_>,
    mut sites: Sites,
    draft: &mut Draft,
) -> Result<Sites, Failure> {
    let matches = terms.lock.matches();
    if let ([known], [site]) = (matches, sites.pending.as_slice())
        && let Some((item, fate)) = left_its_item(known, draft, &trimmed(draft.text(), &site.span))
    {
        let line = draft.line_as_read(site.span.start);
        return Err(Failure::OtherItem { line, item, fate });
    }
    if let (true, [known], [site]) = (patch.action.only_adds(), matches, sites.pending.as_slice())
        && is_item(known)
        && similarity(&known.text, &draft.text()[site.span.clone()]) < WITHIN_ITEM
    {
        let line = draft.line_as_read(site.span.start);
        let diff = token_diff(&known.text, &draft.text()[site.span.clone()], DIFF_LINES);
        return Err(Failure::ChangedUpstream { line, since: terms.lock.since(), diff, is_fewer: false });
    }
    if matches.is_empty()
        && let [site] = sites.pending.as_slice()
        && let Some(item) = of_another_kind(patch, draft.text(), &site.span)
    {
        let line = draft.line_as_read(site.span.start);
        return Err(Failure::OtherItem { line, item, fate: ItemFate::OfAnotherKind });
    }
    if matches.is_empty() || patch.action.only_adds() {
        return Ok(sites);
    }
    let all = sites.pending.len();
    if patch.matches == Matches::All && all > 0 && all + sites.present.len() < matches.len() {
        let place = |known: &LockedMatch| {
            let item = known.item.as_ref().map(|item| format!(" in {}", item.path)).unwrap_or_default();
            format!("\n  {}{item}", known.text.trim().lines().next().unwrap_or_default())
        };
        let places: String = matches.iter().map(place).collect();
        let left = all + sites.present.len();
        let diff = format!("the lock names {} places, of which {left} remain:{places}", matches.len());
        let line = draft.line_as_read(sites.pending[0].span.start);
        return Err(Failure::ChangedUpstream { line, since: terms.lock.since(), diff, is_fewer: true });
    }
    let mut kept = Vec::with_capacity(all);
    for (at, mut site) in std::mem::take(&mut sites.pending).into_iter().enumerate() {
        let place = site.place();
        let now = &draft.text()[place.clone()];
        let known = matches.iter().any(|known| known.text == now || same_tokens(&known.text, now));
        let locked = if matches.len() == all { matches.get(at) } else { matches.first() };
        let Some(locked) = locked.filter(|_| !known) else {
            kept.push(site);
            continue;
        };
        let line = draft.line_as_read(place.start);
        match merge(&locked.text, now, &locked.result) {
            Merged::Unchanged => sites.present.push(Occurrence { span: place, how: Occurs::AsWritten }),
            Merged::Clean(merged) if terms.drift >= Drift::Merge => {
                sites.score = Some(similarity(&locked.text, now));
                site.edits = line_edits::line_edits(draft.text(), place, &merged);
                kept.push(site);
            }
            Merged::Conflict { base, ours, theirs, line } if terms.drift >= Drift::Merge => {
                let line = line_in(draft, &place, line);
                return Err(Failure::Conflict { line, base, ours, theirs, by: None });
            }
            Merged::Clean(_) | Merged::Conflict { .. } => {
                let diff = token_diff(&locked.text, now, DIFF_LINES);
                return Err(Failure::ChangedUpstream {
                    line,
                    since: terms.lock.since(),
                    diff,
                    is_fewer: false,
                });
            }
        }
    }
    sites.pending = kept;
    Ok(sites)
}
