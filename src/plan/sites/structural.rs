//! The sites of ast-grep and tree-sitter queries.

use super::{Chain, InsertSide, Occurrence, Pending, Scope, Sites, disjoint, sort_out, split};
use crate::edit::Edit;
use crate::locate;
use crate::matches::Match;
use crate::patch::{Layout, Patch, RustQuery, TextEdit};
use crate::plan::draft::Draft;
use crate::plan::task::Terms;
use crate::plan::template::{
    Insertions, Template, covers, inserted_after, inserted_before, may_occur, occurrences,
};
use crate::render;

/// The sites of an ast-grep or tree-sitter query. A target that holds neither a word of the query nor of the
/// replacement is not even parsed.
pub fn compute_structural_edit(
    patch: &Patch,
    query: &RustQuery,
    edit: &TextEdit,
    layout: Layout,
    terms: &Terms<'_>,
    draft: &mut Draft,
    chain: &Chain,
) -> Sites {
    let wildcards = matches!(query, RustQuery::AstGrep(_)) && !layout.literal_dollar;
    let templates: Vec<Template<'_>> =
        chain.stages.iter().map(|stage| Template::new(stage, wildcards)).collect();
    let may_occur = templates.iter().any(|template| may_occur(template, draft.text()));
    if !may_occur && !locate::may_match_rust(query, draft.text()) {
        return Sites::default();
    }
    let scope = Scope::of(patch, terms, draft);
    let syntax = draft.syntax();
    let tokens = if may_occur { draft.tokens() } else { std::rc::Rc::default() };
    let mut found = locate::structural(query, &syntax);
    found.retain(|hit| scope.holds(&hit.span));
    let side = match edit {
        TextEdit::InsertBefore { .. } => Some(InsertSide::Before),
        TextEdit::InsertAfter { .. } => Some(InsertSide::After),
        TextEdit::Replace { .. } | TextEdit::Delete { .. } => None,
    };
    let pending = |hit: (&Match, Edit)| Pending { span: hit.0.span.clone(), edits: vec![hit.1] };
    let all_pending = || -> Vec<Pending> {
        found.iter().zip(structural_edits(edit, layout, draft.text(), &found)).map(pending).collect()
    };
    let mut sites = match side {
        _ if !may_occur => sort_out(all_pending(), Vec::new()),
        Some(side) => {
            let others = Insertions::new(if found.is_empty() { &[] } else { &chain.insertions });
            let text = draft.text();
            let stands = |hit: &Match| inserted_lines(side, layout, text, &tokens, hit, chain, &others);
            let pending = |hit: &Match| {
                let edits = structural_edits(edit, layout, text, std::slice::from_ref(hit));
                Pending { span: hit.span.clone(), edits }
            };
            split(&found, stands, pending)
        }
        None => {
            let mut present: Vec<Occurrence> = Vec::new();
            for (at, template) in templates.iter().enumerate() {
                let places =
                    occurrences(template, &syntax, &tokens).into_iter().filter(|span| scope.holds(span));
                present.extend(places.map(|span| Occurrence { span, chained: at > 0 }));
            }
            disjoint(&mut present);
            let found = all_pending();
            present.retain(|place| {
                let hit = found.iter().find(|hit| hit.span == place.span && !place.chained);
                hit.is_none_or(|hit| !is_undone(query, &templates[0], hit, draft))
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
fn is_undone(query: &RustQuery, template: &Template<'_>, hit: &Pending, draft: &Draft) -> bool {
    let result = hit.result(draft.text());
    if result == draft.text()[hit.place()] {
        return false;
    }
    if query.pattern().is_some_and(|pattern| covers(template, pattern)) {
        return true;
    }
    let mut edited = draft.clone();
    if edited.step(0, hit.edits.clone()).is_err() {
        return false;
    }
    let start = hit.place().start;
    let end = start + result.trim_end().len();
    let again = locate::structural(query, &edited.syntax());
    !again.iter().any(|next| next.span.start == start && next.span.end == end)
}

/// One edit a match.
fn structural_edits(edit: &TextEdit, layout: Layout, text: &str, found: &[Match]) -> Vec<Edit> {
    let each = |render: &dyn Fn(&Match) -> Edit| found.iter().map(render).collect();
    match edit {
        TextEdit::Replace { text: new } => each(&|hit| render::replace(text, hit, new, layout)),
        TextEdit::Delete { insert_comment: Some(comment) } => {
            each(&|hit| render::delete_to_comment(text, hit, comment, layout))
        }
        TextEdit::Delete { insert_comment: None } => render::delete(text, found, layout),
        TextEdit::InsertBefore { text: new } => each(&|hit| render::insert_before(text, hit, new, layout)),
        TextEdit::InsertAfter { text: new } => each(&|hit| render::insert_after(text, hit, new, layout)),
    }
}

fn inserted_lines(
    side: InsertSide,
    layout: Layout,
    text: &str,
    tokens: &[crate::rust::lexer::Token],
    hit: &Match,
    chain: &Chain,
    others: &Insertions<'_>,
) -> Option<Occurrence> {
    let around = &hit.surroundings;
    chain.stages.iter().enumerate().find_map(|(index, stage)| {
        let lines = render::insertion(text, hit, stage, layout, "");
        let span = match side {
            InsertSide::Before => {
                inserted_before(&lines, others, text, tokens, around.element_outer, around.element.start)
            }
            InsertSide::After => inserted_after(&lines, others, text, tokens, around.element.end),
        };
        span.map(|span| Occurrence { span, chained: index > 0 })
    })
}
