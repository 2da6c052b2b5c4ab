//! The sites of ast-grep and tree-sitter queries.

use super::{Company, Pending, Present, Scope, Sites, disjoint, layout, sort_out, split};
use crate::config::{Layout, Operation, Patch, Query};
use crate::edit::Edit;
use crate::locate;
use crate::matches::Match;
use crate::plan::draft::Draft;
use crate::plan::standing::{
    Form, Insertions, may_stand, standing, standing_after, standing_before, stands_for,
};
use crate::render;

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
            let found = edit_all(&found);
            // A replacement that stands wherever the query matches is no sign that a match is done.
            let query = match &patch.query {
                Query::AstGrep(query) => query.text(),
                _ => None,
            };
            if query.zip(forms.first()).is_some_and(|(query, form)| stands_for(form, query)) {
                let text = draft.text();
                let undone = |hit: &Pending| hit.result(text) != text[hit.place()];
                present.retain(|place| !found.iter().any(|hit| hit.span == place.span && undone(hit)));
            }
            sort_out(found, present)
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
