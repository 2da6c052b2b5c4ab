//! The sites of text queries.

use std::ops::Range;

use super::{Chain, InsertSide, Occurrence, Pending, Scope, Sites, disjoint, sort_out, split};
use crate::edit::Edit;
use crate::patch::{Patch, TextEdit, TextQuery};
use crate::plan::draft::Draft;
use crate::plan::task::Terms;
use crate::text;

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
    let text = draft.text();
    let mut found = text::locate_all(&query.search, text);
    found.retain(|span| scope.holds(span));
    let pending =
        |span: &Range<usize>| Pending { span: span.clone(), edits: vec![text_edit(edit, text, span)] };
    let side = match edit {
        TextEdit::InsertBefore { .. } => InsertSide::Before,
        TextEdit::InsertAfter { .. } => InsertSide::After,
        TextEdit::Replace { .. } | TextEdit::Delete { .. } => {
            return sort_out(found.iter().map(pending).collect(), verbatim(text, chain, &scope));
        }
    };
    split(&found, |span| inserted_text(side, text, span, chain), pending)
}

fn text_edit(edit: &TextEdit, text: &str, span: &Range<usize>) -> Edit {
    match edit {
        TextEdit::Replace { text: new } => Edit::replace(text, span.clone(), new),
        TextEdit::Delete { insert_comment } => {
            Edit::replace(text, span.clone(), insert_comment.as_deref().unwrap_or_default())
        }
        TextEdit::InsertBefore { text: new } => Edit::insert(span.start, new),
        TextEdit::InsertAfter { text: new } => Edit::insert(span.end, new),
    }
}

fn verbatim(text: &str, chain: &Chain, scope: &Scope) -> Vec<Occurrence> {
    let stages = chain.stages.iter().enumerate();
    let mut found: Vec<Occurrence> = stages
        .flat_map(|(at, stage)| {
            text::locate_all(stage, text).into_iter().map(move |span| Occurrence { span, chained: at > 0 })
        })
        .filter(|place| scope.holds(&place.span))
        .collect();
    disjoint(&mut found);
    found
}

/// The insertion that stands at the edge of `span`, others' insertions between aside.
fn inserted_text(side: InsertSide, text: &str, span: &Range<usize>, chain: &Chain) -> Option<Occurrence> {
    let before = side == InsertSide::Before;
    let (mut rest, mut at) =
        if before { (&text[..span.start], span.start) } else { (&text[span.end..], span.end) };
    loop {
        for (index, stage) in chain.stages.iter().enumerate() {
            let stands = if before { rest.ends_with(stage) } else { rest.starts_with(stage) };
            if stands {
                let span = if before { at - stage.len()..at } else { at..at + stage.len() };
                return Some(Occurrence { span, chained: index > 0 });
            }
        }
        let other = chain
            .insertions
            .iter()
            .find(|o| if before { rest.ends_with(*o) } else { rest.starts_with(*o) })?;
        (rest, at) = if before {
            (&rest[..rest.len() - other.len()], at - other.len())
        } else {
            (&rest[other.len()..], at + other.len())
        };
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
