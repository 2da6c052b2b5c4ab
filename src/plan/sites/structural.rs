//! The sites of ast-grep and tree-sitter queries.

use super::{Company, Pending, Present, Scope, Sites, disjoint, layout, sort_out, split};
use crate::edit::Edit;
use crate::locate;
use crate::matches::Match;
use crate::patch::{Layout, Operation, Patch, Query};
use crate::plan::draft::Draft;
use crate::plan::standing::{
    Form, Insertions, may_stand, standing, standing_after, standing_before, stands_for,
};
use crate::plan::task::Terms;
use crate::render;

/// The sites of an ast-grep or tree-sitter query. A target that holds neither a word of the query nor of the
/// replacement is not even parsed.
pub fn compute_structural_edit(
    patch: &Patch,
    terms: &Terms<'_>,
    draft: &mut Draft,
    company: &Company,
) -> Sites {
    let wildcards = matches!(patch.query, Query::AstGrep(_)) && !layout(&patch.operation).literal_dollar;
    let forms: Vec<Form<'_>> = company.forms.iter().map(|form| Form::new(form, wildcards)).collect();
    let may_stand = forms.iter().any(|form| may_stand(form, draft.text()));
    if !may_stand && !locate::may_match(&patch.query, draft.text()) {
        return Sites::default();
    }
    let scope = Scope::of(patch, terms, draft);
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
            let found = edit_all(&found);
            present.retain(|place| {
                let hit = found.iter().find(|hit| hit.span == place.span && !place.chained);
                hit.is_none_or(|hit| !is_undone(patch, &forms[0], hit, draft))
            });
            sort_out(found, present)
        }
    };
    sites.pending.dedup_by(|b, a| a.edits == b.edits);
    sites
}

/// Whether a match that looks like the replacement is not one yet. It is not, if the edit would change it to what the query
/// does not match any more: then nothing that matches was made by the patch. Where the query matches its own
/// replacement, what looks like one is one, unless everything that matches looks so.
fn is_undone(patch: &Patch, form: &Form<'_>, hit: &Pending, draft: &Draft) -> bool {
    let result = hit.result(draft.text());
    if result == draft.text()[hit.place()] {
        return false;
    }
    let pattern = match &patch.query {
        Query::AstGrep(query) => query.text(),
        _ => None,
    };
    if pattern.is_some_and(|pattern| stands_for(form, pattern)) {
        return true;
    }
    let mut edited = draft.clone();
    if edited.step(0, hit.edits.clone()).is_err() {
        return false;
    }
    let start = hit.place().start;
    let end = start + result.trim_end().len();
    let again = locate::structural(&patch.query, &edited.syntax());
    !again.iter().any(|next| next.span.start == start && next.span.end == end)
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
