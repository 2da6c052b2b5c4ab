//! The sites of text queries.

use std::ops::Range;

use super::{Company, Pending, Present, Scope, Sites, disjoint, sort_out, split};
use crate::edit::Edit;
use crate::patch::{Operation, Patch, TextQuery};
use crate::plan::draft::Draft;
use crate::plan::task::Terms;
use crate::text;

/// The sites of a text query, verbatim.
pub fn compute_text_edit(
    patch: &Patch,
    query: &TextQuery,
    terms: &Terms<'_>,
    draft: &mut Draft,
    company: &Company,
) -> Sites {
    let scope = Scope::of(patch, terms, draft);
    let text = draft.text();
    let mut found = text::locate_all(&query.search, text);
    found.retain(|span| scope.holds(span));
    let edit = |span: &Range<usize>| Pending {
        span: span.clone(),
        edits: vec![text_edit(&patch.operation, text, span)],
    };
    match &patch.operation {
        Operation::InsertBefore { .. } | Operation::InsertAfter { .. } => {
            split(&found, |span| inserted_text(&patch.operation, text, span, company), edit)
        }
        _ => sort_out(found.iter().map(edit).collect(), verbatim(text, company, &scope)),
    }
}

fn text_edit(operation: &Operation, text: &str, span: &Range<usize>) -> Edit {
    match operation {
        Operation::Replace { text: new, .. } => Edit::replace(text, span.clone(), new),
        Operation::Delete { insert_comment, .. } => {
            Edit::replace(text, span.clone(), insert_comment.as_deref().unwrap_or_default())
        }
        Operation::InsertBefore { text: new, .. } => Edit::insert(span.start, new),
        Operation::InsertAfter { text: new, .. } => Edit::insert(span.end, new),
        Operation::Toml(_) => unreachable!("the schema pairs TOML operations with TOML queries"),
    }
}

fn verbatim(text: &str, company: &Company, scope: &Scope) -> Vec<Present> {
    let forms = company.forms.iter().enumerate();
    let mut found: Vec<Present> = forms
        .flat_map(|(at, form)| {
            text::locate_all(form, text).into_iter().map(move |span| Present { span, chained: at > 0 })
        })
        .filter(|place| scope.holds(&place.span))
        .collect();
    disjoint(&mut found);
    found
}

/// The insertion that stands at the edge of `span`, others' insertions between aside.
fn inserted_text(
    operation: &Operation,
    text: &str,
    span: &Range<usize>,
    company: &Company,
) -> Option<Present> {
    let before = matches!(operation, Operation::InsertBefore { .. });
    let (mut rest, mut at) =
        if before { (&text[..span.start], span.start) } else { (&text[span.end..], span.end) };
    loop {
        for (index, form) in company.forms.iter().enumerate() {
            let stands = if before { rest.ends_with(form) } else { rest.starts_with(form) };
            if stands {
                let span = if before { at - form.len()..at } else { at..at + form.len() };
                return Some(Present { span, chained: index > 0 });
            }
        }
        let other = company
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

/// What the operation makes of exactly the text searched, with `new` as its text.
pub fn whole_replacement(operation: &Operation, new: &str, search: &str) -> String {
    match operation {
        Operation::Replace { .. } | Operation::Delete { .. } => new.to_owned(),
        Operation::InsertBefore { .. } => format!("{new}{search}"),
        Operation::InsertAfter { .. } => format!("{search}{new}"),
        Operation::Toml(_) => unreachable!("the schema pairs TOML operations with TOML queries"),
    }
}
