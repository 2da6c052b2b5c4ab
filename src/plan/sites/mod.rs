//! Where a patch would act, and where its effect already stands: one function a query kind.
//!
//! They look and render; they decide nothing and change nothing. The table in `settle` decides.

mod apart;
mod behind;
mod line_edits;
mod section;
mod structural;
mod textual;
mod tolerant;
mod toml;
mod twin;

use std::ops::Range;

use super::draft::{Draft, inside, overlap};
use super::failure::{Context, Failure, describe};
use super::seen::Seen;
use super::task::{ScopeOf, Terms};
use crate::edit::Edit;
use crate::patch::lock::LockedMatch;
use crate::patch::{Action, Drift, Patch, TextEdit, TomlOperation};
use crate::rust::items;
use crate::rust::kinds::ItemKind;
use crate::rust::syntax::Syntax;
use crate::text::lines::trimmed;
use crate::toml_ops;
use crate::ts::shorthand::Shorthand;

pub(crate) use crate::rust::items::ItemPath;
pub(crate) use behind::{is_code, is_in_block};
pub use structural::compute_structural_edit;
pub use textual::compute_text_edit;
pub(crate) use textual::{added, stands_behind, whole_replacement};
pub(crate) use tolerant::is_item;
pub(crate) use toml::compute_toml_edit;

/// What a query finds in a draft. Spans are half-open byte ranges of its text.
#[derive(Debug, Default)]
pub struct Sites {
    /// Matches that are not inside a replacement.
    pub(crate) pending: Vec<Pending>,
    /// Places where the replacement stands.
    pub(crate) present: Vec<Occurrence>,
    /// A section that is there with other content.
    pub(crate) other_content: Option<Range<usize>>,
    /// It tells by itself that a deletion was made: the key or section is not there, or the locked item is as it was without it.
    pub(crate) absent: bool,
    /// The similarity of a place found under tolerance.
    pub(crate) score: Option<f64>,
    /// What was seen and not taken.
    pub(crate) seen: Option<Seen>,
    /// Where the text of an insertion that is pending stands, in another container than that of its match.
    pub(crate) elsewhere: Option<usize>,
    /// What of a place found under tolerance the patch wrote: what upstream has beside it is not the patch's.
    pub(crate) patch_lines: Option<Vec<Range<usize>>>,
}

/// A place where the operation acts.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// What the query matched, and `verify` looks at.
    pub(crate) span: Range<usize>,
    /// What the operation does there.
    pub(crate) edits: Vec<Edit>,
}

impl Pending {
    /// What is matched or edited: the smallest half-open byte range that holds both.
    pub(crate) fn place(&self) -> Range<usize> {
        let start = self.edits.iter().map(|edit| edit.span().start).min();
        let end = self.edits.iter().map(|edit| edit.span().end).max();
        self.span.start.min(start.unwrap_or(self.span.start))..self.span.end.max(end.unwrap_or(self.span.end))
    }

    /// What the operation makes of [`Pending::place`].
    pub(crate) fn result(&self, text: &str) -> String {
        let place = self.place();
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        edits.sort_by_key(|edit| edit.span().start);
        let (mut result, mut at) = (String::new(), place.start);
        for edit in edits {
            result.push_str(&text[at..edit.span().start]);
            result.push_str(edit.text());
            at = edit.span().end;
        }
        result + &text[at..place.end]
    }
}

/// A place where the replacement stands.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence {
    /// Where.
    pub(crate) span: Range<usize>,
    /// As what.
    pub(crate) how: Occurs,
}

/// As what a replacement or an insertion stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occurs {
    /// As the patch puts it there.
    AsWritten,
    /// As later patches left it.
    Reworked,
    /// An insertion, away from its match.
    Apart,
}

impl Occurs {
    /// At a stage of a chain, of which the first is what the patch itself puts there.
    pub(crate) fn at_stage(stage: usize) -> Self {
        if stage == 0 { Self::AsWritten } else { Self::Reworked }
    }
}

/// What other patches of the run mean for this one.
#[derive(Debug, Default)]
pub struct Chain {
    /// The patch's text, then what later patches make of it, step by step.
    pub(crate) stages: Vec<String>,
    /// Those later patches.
    pub(crate) later: Vec<usize>,
    /// What other patches insert into the same target: it may stand between a match and an insertion.
    pub(crate) insertions: Vec<String>,
    /// The functions to which other patches of the same target are bound: their places are there first.
    pub(crate) functions: Vec<String>,
}

/// The sites of `patch` in `draft`.
///
/// # Errors
/// `Failure` where looking itself fails: a conflict or twins under tolerance, a target that is not TOML.
pub fn compute_edit_for_patch(
    patch: &Patch,
    terms: &Terms<'_>,
    draft: &mut Draft,
    chain: &Chain,
) -> Result<Sites, Failure> {
    let mut sites = match &patch.action {
        Action::Text { query, edit } => compute_text_edit(patch, query, edit, terms, draft, chain),
        Action::Rust { query, edit, layout } => {
            compute_structural_edit(patch, query, edit, *layout, terms, draft, chain)
        }
        Action::Toml { query, operation } => compute_toml_edit(query, operation, draft, chain)?,
    };
    keep_in_locked_items(patch, &mut sites.present, terms, draft);
    let mut sites = tolerant::compare(patch, terms, sites, draft)?;
    if sites.pending.is_empty()
        && sites.present.is_empty()
        && let Some(place) = tolerant::made(patch, terms, draft)
    {
        sites.absent = place.is_empty();
        sites.present.extend((!sites.absent).then_some(Occurrence { span: place, how: Occurs::AsWritten }));
        return Ok(sites);
    }
    // What stands there as it is written is what is meant, though it is no match.
    let is_behind = sites.seen.as_ref().and_then(Seen::stands_in).is_some();
    if terms.drift >= Drift::Merge && sites.pending.is_empty() && sites.present.is_empty() && !is_behind {
        let found = tolerant::similar(patch, terms, draft, chain)?;
        if found.pending.is_empty() && found.present.is_empty() {
            tolerant::changed_in_item(patch, terms, draft)?;
        }
        return Ok(Sites { absent: sites.absent, seen: sites.seen, ..found });
    }
    if sites.pending.is_empty() && sites.present.is_empty() {
        tolerant::deleted(patch, terms, draft, chain)?;
    }
    Ok(sites)
}

/// What a patch puts in that takes nothing away.
pub(crate) fn inserted(action: &Action) -> Option<&str> {
    match action {
        Action::Text { query, edit } => textual::insertion(edit, &query.search).map(|(_, text)| text),
        Action::Rust { query, edit: TextEdit::Replace { text }, .. } => {
            added(query.pattern()?, text).map(|(_, text)| text)
        }
        Action::Rust { edit, .. } => edit.text().filter(|_| edit.inserts()),
        Action::Toml { .. } => None,
    }
}

/// The text of the one item of this name in a Rust text.
pub(crate) fn item_named<'t>(text: &'t str, path: &ItemPath) -> Option<&'t str> {
    match items::find(&Syntax::parse(text), path).as_slice() {
        [item] => Some(&text[item.clone()]),
        _ => None,
    }
}

/// Whether a word begins an item: `fn`, `struct`.
pub(crate) fn begins_item(word: &str) -> bool {
    ItemKind::of_word(word).is_some()
}

/// All items of a Rust text, by name, and their byte ranges.
pub(crate) fn items_in(text: &str) -> Vec<(ItemPath, Range<usize>)> {
    items::all(&Syntax::parse(text))
}

/// The item around the half-open byte range `span` of a Rust text, by name, and its text.
pub(crate) fn item_around(text: &str, span: Range<usize>) -> (ItemPath, &str) {
    let (path, item) = items::enclosing(&Syntax::parse(text), trimmed(text, &span));
    (path, &text[item])
}

/// Keeps, of the places where the effect stands, those in the items that the lock records: what stands in another item was
/// not put there by the patch.
fn keep_in_locked_items(patch: &Patch, present: &mut Vec<Occurrence>, terms: &Terms<'_>, draft: &mut Draft) {
    // What is put beside an item stands outside of it.
    if patch.action.only_adds() && terms.lock.matches().iter().any(is_item) {
        return;
    }
    let is_here = |locked: &&LockedMatch| locked.file == draft.path();
    let locked: Vec<&LockedMatch> = terms.lock.matches().iter().filter(is_here).collect();
    if let [locked] = locked.as_slice() {
        let is_in_it = |place: &Occurrence| tolerant::is_in_locked_section(locked, draft, &place.span);
        present.retain(|place| place.how == Occurs::Reworked || is_in_it(place));
    }
    let are_items = !locked.is_empty() && locked.iter().all(|locked| locked.item.is_some());
    if !are_items || present.is_empty() || !draft.is_rust() {
        return;
    }
    let (mut held, mut holders) = (Vec::new(), Vec::new());
    for locked in locked {
        match tolerant::left_holder(locked) {
            Some(holder) => holders.push(holder),
            None => held.extend(tolerant::locked_items(locked, draft)),
        }
    }
    let syntax = draft.syntax();
    present.retain(|place| {
        let span = trimmed(draft.text(), &place.span);
        // In the holder itself, or an item right in it, with its attributes or without.
        let is_held = || {
            let path = items::enclosing(&syntax, span.clone()).0;
            let is_item = || tolerant::item_alone(&draft.text()[span.clone()]).as_ref() == path.last();
            holders.contains(&path) || holders.contains(&path.outer()) && is_item()
        };
        place.how == Occurs::Reworked
            || held.iter().any(|item| inside(&span, item))
            || !holders.is_empty() && is_held()
    });
}

/// Keeps, of places that overlap, the first and widest.
fn disjoint(found: &mut Vec<Occurrence>) {
    found.sort_by_key(|place| (place.span.start, std::cmp::Reverse(place.span.end)));
    let mut end = 0;
    found.retain(|place| {
        let keep = place.span.start >= end;
        end = if keep { place.span.end } else { end };
        keep
    });
}

/// S and R of an insertion: a match next to which it stands is none, nor is one inside it.
fn split<T>(found: &[T], stands: impl Fn(&T) -> Option<Occurrence>, edit: impl Fn(&T) -> Pending) -> Sites {
    let mut sites = Sites::default();
    for hit in found {
        match stands(hit) {
            Some(place) => sites.present.push(place),
            None => sites.pending.push(edit(hit)),
        }
    }
    disjoint(&mut sites.present);
    sites.pending.retain(|f| !sites.present.iter().any(|place| inside(&f.span, &place.span)));
    sites
}

/// S and R of the others: a match inside a replacement is none, and a replacement that overlaps a match is none.
fn sort_out(mut found: Vec<Pending>, mut present: Vec<Occurrence>) -> Sites {
    found.retain(|f| !present.iter().any(|place| inside(&f.span, &place.span)));
    present.retain(|place| !found.iter().any(|f| overlap(&f.span, &place.span)));
    Sites { pending: found, present, ..Sites::default() }
}

/// The side of a match at which an insertion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InsertSide {
    Before,
    After,
}

/// The places that a patch may look at: the whole text, or the functions that its constraint names.
struct Scope(Option<Vec<Range<usize>>>);

/// The functions of this name, bodies included.
pub(super) fn functions(name: &str, draft: &mut Draft) -> Vec<Range<usize>> {
    let shorthand = Shorthand::parse(&format!("fn {name}")).expect("checked with the patch file");
    shorthand.find(&draft.syntax()).into_iter().map(|node| node.byte_range()).collect()
}

impl Scope {
    fn of(patch: &Patch, terms: &Terms<'_>, draft: &mut Draft) -> Self {
        let function = patch.function_context.as_ref().filter(|_| terms.scope == ScopeOf::Constraint);
        Self(function.map(|name| functions(name, draft)))
    }

    fn holds(&self, span: &Range<usize>) -> bool {
        self.0.as_ref().is_none_or(|fns| fns.iter().any(|f| f.start <= span.start && span.end <= f.end))
    }
}

/// The failure of a patch that found nothing, with what it saw and the nearest thing that is there.
pub(crate) fn no_match(patch: &Patch, draft: &mut Draft, seen: Option<Seen>) -> Failure {
    let is_there = seen.as_ref().is_some_and(Seen::is_beside_match);
    let is_unended = matches!(seen, Some(Seen::Unended { .. }));
    Failure::NoMatch {
        looked_for: looked_for(patch, draft),
        scope: patch
            .function_context
            .as_ref()
            .map(|name| Context { function: name.clone(), exists: !functions(name, draft).is_empty() }),
        seen,
        nearest: if is_there || is_unended {
            None
        } else {
            super::nearest::nearest(&patch.action, draft).map(Box::new)
        },
        in_macro: match &patch.action {
            Action::Rust { query, .. } if !is_there => {
                super::nearest::inside_macros(query, draft).into_iter().next()
            }
            Action::Text { .. } | Action::Rust { .. } | Action::Toml { .. } => None,
        },
    }
}

/// What was not found: where a key would be added, that is the section.
fn looked_for(patch: &Patch, draft: &mut Draft) -> String {
    if let Action::Toml { query, operation: TomlOperation::SetValue { .. } } = &patch.action
        && let Some(section) = &query.section
        && draft.toml().is_ok_and(|model| !toml_ops::has_section(query, draft.text(), &model))
    {
        return format!("section `{section}`");
    }
    describe(&patch.action)
}
