//! The sites of text queries: verbatim, or under tolerance.

use std::ops::Range;

use super::{Company, Pending, Present, Scope, Sites, disjoint, lines, sort_out, split};
use crate::config::{Fuzzy, Operation, Patch, TextQuery};
use crate::drift::merge::{Merged, merge_lines};
use crate::drift::similar::{Verdict, best_windows, clear_winner};
use crate::edit::Edit;
use crate::outcome;
use crate::plan::draft::Draft;
use crate::plan::failure::Failure;
use crate::text;

/// The sites of a text query: verbatim, or under tolerance.
///
/// # Errors
/// As [`super::compute_edit_for_patch`].
pub fn compute_text_edit(
    patch: &Patch,
    query: &TextQuery,
    draft: &mut Draft,
    company: &Company,
) -> Result<Sites, Failure> {
    let scope = Scope::of(patch, draft);
    let text = draft.text();
    let mut found = text::locate_all(&query.search, text);
    found.retain(|span| scope.holds(span));
    let edit = |span: &Range<usize>| Pending {
        span: span.clone(),
        edits: vec![text_edit(&patch.operation, text, span)],
    };
    let sites = match &patch.operation {
        Operation::InsertBefore { .. } | Operation::InsertAfter { .. } => {
            split(&found, |span| inserted_text(&patch.operation, text, span, company), edit)
        }
        _ => sort_out(found.iter().map(edit).collect(), verbatim(text, company, &scope)),
    };
    match query.fuzzy {
        Some(fuzzy) if sites.pending.is_empty() && sites.present.is_empty() => {
            similar(patch, query, fuzzy, draft, company, &scope)
        }
        _ => Ok(sites),
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

/// The one window that is clearly best, with the patch's change merged into it.
fn similar(
    patch: &Patch,
    query: &TextQuery,
    fuzzy: Fuzzy,
    draft: &Draft,
    company: &Company,
    scope: &Scope,
) -> Result<Sites, Failure> {
    let text = draft.text();
    let own = company.forms.first().map_or("", String::as_str);
    let replacement = whole_replacement(&patch.operation, own, &query.search);
    let windows = |needle: &str| {
        let mut found = best_windows(needle, text, fuzzy.expansion, 8);
        found.retain(|window| scope.holds(&window.span));
        found
    };
    let merge = |span: &Range<usize>, new: &str| merge_lines(&query.search, &text[span.clone()], new);
    let by_search = windows(&query.search);
    let reworked =
        company.forms.iter().skip(1).map(|form| whole_replacement(&patch.operation, form, &query.search));
    for (at, new) in std::iter::once(replacement.clone()).chain(reworked).enumerate() {
        let by_replacement = windows(&new);
        let Some(best) = by_replacement.first().filter(|best| best.similarity >= fuzzy.threshold) else {
            continue;
        };
        let nearer = by_search.first().is_none_or(|other| best.similarity >= other.similarity);
        if nearer && merge(&best.span, &new) == Merged::Unchanged {
            let brought = Some(lines::brought(text, best.span.clone(), &query.search, &new));
            let present = vec![Present { span: best.span.clone(), chained: at > 0 }];
            return Ok(Sites { present, brought, score: Some(best.similarity), ..Sites::default() });
        }
    }
    let site = |span: &Range<usize>| outcome::Site {
        file: draft.path().to_owned(),
        line: draft.line_as_read(span.start),
    };
    let window = match clear_winner(&by_search, fuzzy.threshold) {
        Verdict::None => return Ok(Sites::default()),
        Verdict::Twins(twins) => {
            return Err(Failure::Twins { sites: twins.iter().map(|window| site(&window.span)).collect() });
        }
        Verdict::One(window) => window,
    };
    let score = Some(window.similarity);
    match merge(&window.span, &replacement) {
        Merged::Unchanged => {
            let brought = Some(lines::brought(text, window.span.clone(), &query.search, &replacement));
            let present = vec![Present { span: window.span.clone(), chained: false }];
            Ok(Sites { present, brought, score, ..Sites::default() })
        }
        Merged::Clean(merged) => {
            let edits = lines::line_edits(text, window.span.clone(), &merged);
            Ok(Sites {
                pending: vec![Pending { span: window.span.clone(), edits }],
                score,
                ..Sites::default()
            })
        }
        Merged::Conflict { base, ours, theirs, line } => {
            let above: usize =
                text[window.span.clone()].split_inclusive('\n').take(line - 1).map(str::len).sum();
            let line = draft.line_as_read(window.span.start + above);
            Err(Failure::Conflict { line, base, ours, theirs })
        }
    }
}

/// What the operation makes of exactly the text searched, with `new` as its text.
fn whole_replacement(operation: &Operation, new: &str, search: &str) -> String {
    match operation {
        Operation::Replace { .. } | Operation::Delete { .. } => new.to_owned(),
        Operation::InsertBefore { .. } => format!("{new}{search}"),
        Operation::InsertAfter { .. } => format!("{search}{new}"),
        Operation::Toml(_) => unreachable!("the schema pairs TOML operations with TOML queries"),
    }
}
