//! Where a patch would act, and where its effect already stands: one function a query kind.
//!
//! They look and render; they decide nothing and change nothing. The table in `settle` decides.

mod lines;

use std::ops::Range;

use super::draft::{Draft, inside, overlap};
use super::failure::{Failure, describe};
use super::standing::{Form, Insertions, may_stand, standing, standing_after, standing_before};
use crate::config::{Fuzzy, Layout, Operation, Patch, Query, TextQuery, TomlOperation, TomlQuery};
use crate::drift::merge::{Merged, merge_lines};
use crate::drift::similar::{Verdict, best_windows, clear_winner};
use crate::edit::Edit;
use crate::locate;
use crate::matches::Match;
use crate::outcome;
use crate::ts::shorthand::Shorthand;
use crate::{render, text, toml_ops};

/// What a query finds in a draft. Spans are half-open byte ranges of its text.
#[derive(Debug, Default)]
pub struct Sites {
    /// Matches that are not inside a replacement.
    pub pending: Vec<Pending>,
    /// Places where the replacement stands.
    pub present: Vec<Present>,
    /// A section that is there with other content.
    pub other_content: Option<Range<usize>>,
    /// TOML: the key or section is not there.
    pub absent: bool,
    /// The similarity of a place found under tolerance.
    pub score: Option<f64>,
    /// What of a place found under tolerance the patch brought: what upstream has beside it is not the patch's.
    pub brought: Option<Vec<Range<usize>>>,
}

/// A place where the operation acts.
#[derive(Debug, Clone)]
pub struct Pending {
    /// What the query matched, and `verify` looks at.
    pub span: Range<usize>,
    /// What the operation does there.
    pub edits: Vec<Edit>,
}

/// A place where the replacement stands.
#[derive(Debug, Clone)]
pub struct Present {
    /// Where.
    pub span: Range<usize>,
    /// It stands there as later patches left it.
    pub chained: bool,
}

/// What other patches of the run mean for this one.
#[derive(Debug, Default)]
pub struct Company {
    /// The patch's text, then what later patches make of it, step by step.
    pub forms: Vec<String>,
    /// Those later patches.
    pub later: Vec<usize>,
    /// What other patches insert into the same target: it may stand between a match and an insertion.
    pub insertions: Vec<String>,
    /// The functions to which other patches of the same target are bound: their places are there first.
    pub functions: Vec<String>,
}

/// The sites of `patch` in `draft`.
///
/// # Errors
/// [`Failure`] where looking itself fails: a conflict or twins under tolerance, a target that is not TOML.
pub fn compute_edit_for_patch(patch: &Patch, draft: &mut Draft, company: &Company) -> Result<Sites, Failure> {
    match &patch.query {
        Query::Text(query) => compute_text_edit(patch, query, draft, company),
        Query::AstGrep(_) | Query::TreeSitter(_) => Ok(compute_structural_edit(patch, draft, company)),
        Query::Toml(query) => compute_toml_edit(patch, query, draft, company),
    }
}

/// The sites of a text query: verbatim, or under tolerance.
///
/// # Errors
/// As [`compute_edit_for_patch`].
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

/// Keeps, of places that overlap, the first and widest.
fn disjoint(found: &mut Vec<Present>) {
    found.sort_by_key(|place| (place.span.start, std::cmp::Reverse(place.span.end)));
    let mut end = 0;
    found.retain(|place| {
        let keep = place.span.start >= end;
        end = if keep { place.span.end } else { end };
        keep
    });
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

/// The sites of an ast-grep or tree-sitter query. A target that holds neither a word of the query nor of the
/// replacement is not even parsed.
pub fn compute_structural_edit(patch: &Patch, draft: &mut Draft, company: &Company) -> Sites {
    let wildcards = matches!(patch.query, Query::AstGrep(_)) && !layout(&patch.operation).literal_dollar;
    let forms: Vec<Form<'_>> = company.forms.iter().map(|form| Form::new(form, wildcards)).collect();
    let may_stand = forms.iter().any(|form| may_stand(form, draft.text()));
    if !may_stand && !locate::may_match(&patch.query, draft.text()) {
        return Sites::default();
    }
    let scope = Scope::of(patch, draft);
    let syntax = draft.syntax();
    let tokens = if may_stand { draft.tokens() } else { std::rc::Rc::default() };
    let mut found = locate::structural(&patch.query, &syntax);
    found.retain(|hit| scope.holds(&hit.span));
    let edit = |hit: &Match| Pending {
        span: hit.span.clone(),
        edits: vec![structural_edit(&patch.operation, draft.text(), hit)],
    };
    let edit_all = |found: &[Match]| match &patch.operation {
        Operation::Delete { insert_comment: None, layout } => {
            let edits = render::delete(draft.text(), found, *layout).into_iter();
            let pending = |(hit, edit): (&Match, Edit)| Pending { span: hit.span.clone(), edits: vec![edit] };
            found.iter().zip(edits).map(pending).collect()
        }
        _ => found.iter().map(edit).collect(),
    };
    let mut sites = match &patch.operation {
        _ if !may_stand => sort_out(edit_all(&found), Vec::new()),
        Operation::InsertBefore { layout, .. } | Operation::InsertAfter { layout, .. } => {
            let before = matches!(patch.operation, Operation::InsertBefore { .. });
            let others = Insertions::new(if found.is_empty() { &[] } else { &company.insertions });
            let stands =
                |hit: &Match| inserted_lines(before, *layout, draft.text(), &tokens, hit, company, &others);
            split(&found, stands, edit)
        }
        _ => {
            let mut present: Vec<Present> = Vec::new();
            for (at, form) in forms.iter().enumerate() {
                let places = standing(form, &syntax, &tokens).into_iter().filter(|span| scope.holds(span));
                present.extend(places.map(|span| Present { span, chained: at > 0 }));
            }
            disjoint(&mut present);
            sort_out(edit_all(&found), present)
        }
    };
    sites.pending.dedup_by(|b, a| a.edits == b.edits);
    sites
}

fn structural_edit(operation: &Operation, text: &str, hit: &Match) -> Edit {
    match operation {
        Operation::Replace { text: new, layout } => render::replace(text, hit, new, *layout),
        Operation::Delete { insert_comment, layout } => {
            let comment = insert_comment.as_deref().unwrap_or_default();
            render::delete_to_comment(text, hit, comment, *layout)
        }
        Operation::InsertBefore { text: new, layout } => render::insert_before(text, hit, new, *layout),
        Operation::InsertAfter { text: new, layout } => render::insert_after(text, hit, new, *layout),
        Operation::Toml(_) => unreachable!("the schema pairs TOML operations with TOML queries"),
    }
}

/// The layout of an operation on text.
pub fn layout(operation: &Operation) -> Layout {
    match operation {
        Operation::Replace { layout, .. }
        | Operation::Delete { layout, .. }
        | Operation::InsertBefore { layout, .. }
        | Operation::InsertAfter { layout, .. } => *layout,
        Operation::Toml(_) => Layout::default(),
    }
}

fn inserted_lines(
    before: bool,
    layout: Layout,
    text: &str,
    tokens: &[crate::rust::lexer::Token],
    hit: &Match,
    company: &Company,
    others: &Insertions<'_>,
) -> Option<Present> {
    let around = &hit.surroundings;
    company.forms.iter().enumerate().find_map(|(index, form)| {
        let lines = render::insertion(text, hit, form, layout, "");
        let span = if before {
            standing_before(&lines, others, text, tokens, around.element_outer, around.element.start)
        } else {
            standing_after(&lines, others, text, tokens, around.element.end)
        };
        span.map(|span| Present { span, chained: index > 0 })
    })
}

/// The sites of a TOML query.
///
/// # Errors
/// [`Failure::BadTarget`] if the target is not TOML, [`Failure::MissingAnchor`].
pub fn compute_toml_edit(
    patch: &Patch,
    query: &TomlQuery,
    draft: &mut Draft,
    company: &Company,
) -> Result<Sites, Failure> {
    let Operation::Toml(operation) = &patch.operation else {
        unreachable!("the schema pairs TOML operations with TOML queries")
    };
    let model = draft.toml().map_err(|error| Failure::BadTarget {
        message: format!("the target is not TOML: {}", error.message),
        hint: Some(format!("see line {}", draft.line_as_read(error.offset.min(draft.text().len())))),
    })?;
    let mut own = toml_ops::settle_sites(query, operation, draft.text(), &model);
    let present: Vec<Present> = own.present.drain(..).map(|span| Present { span, chained: false }).collect();
    let mut sites = Sites {
        present,
        other_content: own.other_content,
        absent: own.absent,
        pending: own.pending.into_iter().map(|s| Pending { span: s.span, edits: s.edits }).collect(),
        ..Sites::default()
    };
    for form in company.forms.iter().skip(1) {
        let reworked = toml_ops::form::with_form(operation, form);
        let found = toml_ops::settle_sites(query, &reworked, draft.text(), &model);
        take_reworked(&mut sites, found, matches!(operation, TomlOperation::InsertSection { .. }));
    }
    match own.missing_anchor.filter(|_| sites.present.is_empty()) {
        Some(section) => Err(Failure::MissingAnchor { section }),
        None => Ok(sites),
    }
}

/// Takes in where an operation's effect stands as later patches left it: what stands under any form is there.
fn take_reworked(sites: &mut Sites, found: toml_ops::Sites, inserts: bool) {
    if found.present.is_empty() {
        return;
    }
    sites.absent = false;
    if found.other_content.is_none() {
        sites.other_content = None;
    }
    for span in found.present {
        sites.pending.retain(|f| !inserts && f.span != span);
        if !sites.present.iter().any(|place| place.span == span) {
            sites.present.push(Present { span, chained: true });
        }
    }
    sites.present.sort_by_key(|place| place.span.start);
}

/// S and R of an insertion: a match next to which it stands is none, nor is one inside it.
fn split<T>(found: &[T], stands: impl Fn(&T) -> Option<Present>, edit: impl Fn(&T) -> Pending) -> Sites {
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
fn sort_out(mut found: Vec<Pending>, mut present: Vec<Present>) -> Sites {
    found.retain(|f| !present.iter().any(|place| inside(&f.span, &place.span)));
    present.retain(|place| !found.iter().any(|f| overlap(&f.span, &place.span)));
    Sites { pending: found, present, ..Sites::default() }
}

/// The places that a patch may look at: the whole text, or the functions that its constraint names.
struct Scope(Option<Vec<Range<usize>>>);

/// The functions of this name, bodies included.
pub(super) fn functions(name: &str, draft: &mut Draft) -> Vec<Range<usize>> {
    let shorthand = Shorthand::parse(&format!("fn {name}")).expect("checked with the patch file");
    shorthand.find(&draft.syntax()).into_iter().map(|node| node.byte_range()).collect()
}

impl Scope {
    fn of(patch: &Patch, draft: &mut Draft) -> Self {
        Self(patch.function_context.as_ref().map(|name| functions(name, draft)))
    }

    fn holds(&self, span: &Range<usize>) -> bool {
        self.0.as_ref().is_none_or(|fns| fns.iter().any(|f| f.start <= span.start && span.end <= f.end))
    }
}

/// The failure of a patch that found nothing, with the nearest thing that is there.
pub fn no_match(patch: &Patch, draft: &mut Draft) -> Failure {
    Failure::NoMatch {
        looked_for: describe(&patch.query),
        scope: patch.function_context.clone(),
        nearest: super::nearest::nearest(&patch.query, draft).map(Box::new),
        in_macro: super::nearest::inside_macro(&patch.query, draft),
    }
}
