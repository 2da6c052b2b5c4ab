//! The sites of ast-grep and tree-sitter queries.

use std::ops::Range;

use super::{Chain, InsertSide, Occurrence, Occurs, Pending, Scope, Sites, apart, disjoint, sort_out, split};
use crate::drift::merge::same_tokens;
use crate::edit::Edit;
use crate::locate;
use crate::matches::Match;
use crate::patch::lock::LockedMatch;
use crate::patch::{Layout, Patch, RustQuery, TextEdit};
use crate::plan::draft::Draft;
use crate::plan::evidence::{Evidence, Stand};
use crate::plan::seen::Seen;
use crate::plan::task::Terms;
use crate::plan::template::{
    Insertions, Run, Template, covers, inserted_after, inserted_before, may_occur, occurrences,
};
use crate::render;
use crate::rust::lexer::Token;
use crate::rust::syntax::{Syntax, walk};

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
            let mut sites = split(&found, stands, pending);
            let elements: Vec<(Range<usize>, Range<usize>)> =
                found.iter().map(|hit| (hit.span.clone(), hit.surroundings.element.clone())).collect();
            let element = |site: &Pending| {
                let own = elements.iter().find(|(span, _)| *span == site.span);
                own.map_or(site.span.clone(), |(_, element)| element.clone())
            };
            // As it stands there: with the code for which its metavariables stand.
            let inserted = match sites.pending.as_slice() {
                [Pending { edits, .. }] if edits.len() == 1 => edits[0].text().to_owned(),
                _ => chain.stages.first().cloned().unwrap_or_default(),
            };
            apart::take(&mut sites, &inserted, &chain.insertions, draft, element);
            sites
        }
        None => {
            let doubts = Doubts::of(patch, query, terms, &found);
            let mut present: Vec<Occurrence> = Vec::new();
            let mut seen = None;
            for (at, template) in templates.iter().enumerate() {
                let runs = occurrences(template, &syntax, &tokens);
                for run in runs.into_iter().filter(|run| scope.holds(&run.span)) {
                    match doubts.about(template, &run, draft, &syntax, &tokens, &scope) {
                        Some(doubt) => seen = seen.or(Some(doubt)),
                        None => present.push(Occurrence { span: run.span, how: Occurs::at_stage(at) }),
                    }
                }
            }
            disjoint(&mut present);
            let found = all_pending();
            present.retain(|place| {
                let hit = found.iter().find(|hit| hit.span == place.span && place.how == Occurs::AsWritten);
                hit.is_none_or(|hit| !is_undone(query, &templates[0], hit, draft))
            });
            Sites { seen, ..sort_out(found, present) }
        }
    };
    sites.pending.dedup_by(|b, a| a.edits == b.edits);
    sites
}

/// What is known of a patch that can make what looks like its effect no evidence of it.
struct Doubts<'q> {
    pattern: Option<Pattern<'q>>,
    locked: &'q [LockedMatch],
    /// Nothing matches.
    is_lost: bool,
}

/// A pattern, or the part of one that is matched, and what it can be in a tree.
struct Pattern<'q> {
    text: &'q str,
    class: NodeClass,
}

impl<'q> Pattern<'q> {
    fn of(query: &'q RustQuery) -> Option<Self> {
        let RustQuery::AstGrep(query) = query else { return None };
        let (text, Some(selector)) = (query.text()?, query.selector()) else {
            let class = query.node_kind().map_or(NodeClass::Other, |kind| NodeClass::of(&kind));
            return Some(Self { text: query.text()?, class });
        };
        // `_` for `$`, one byte for another, so that the grammar reads the metavariables as names.
        let syntax = Syntax::parse(&text.replace('$', "_"));
        let mut part = None;
        walk(syntax.tree(), |node, _| {
            part = part.take().or_else(|| (node.kind() == selector).then(|| node.byte_range()));
            part.is_none()
        });
        Some(Self { text: text.get(part?)?, class: NodeClass::of(selector) })
    }
}

impl<'q> Doubts<'q> {
    fn of(patch: &Patch, query: &'q RustQuery, terms: &Terms<'q>, found: &[Match]) -> Self {
        let pattern = Pattern::of(query).filter(|_| patch.action.text().is_some());
        Self { pattern, locked: terms.lock.matches(), is_lost: found.is_empty() }
    }

    /// Why the place where `template` stands does not tell that the patch was applied; `None` if it does.
    fn about(
        &self,
        template: &Template<'_>,
        run: &Run,
        draft: &Draft,
        syntax: &Syntax,
        tokens: &[Token],
        scope: &Scope,
    ) -> Option<Seen> {
        let pattern = self.pattern.as_ref()?;
        let text = draft.text();
        if self.locked.iter().any(|locked| same_tokens(&locked.result, &text[run.span.clone()])) {
            return None;
        }
        let node = syntax.node_at(run.span.start, run.span.end).filter(|node| node.byte_range() == run.span);
        let class = node.map_or(NodeClass::Other, |node| NodeClass::of(node.kind()));
        if let Some(kind) = class.phrase().filter(|_| class != pattern.class) {
            return Some(Seen::other_kind(draft, run.span.start, kind));
        }
        let evidence = Evidence::new(Template::new(pattern.text, true).words(), template.words());
        let stand = Stand { text, span: run.span.clone(), holes: run.holes.clone() };
        let elsewhere = || {
            let is_code = |span: &Range<usize>| {
                let is_apart = span.end <= run.span.start || run.span.end <= span.start;
                scope.holds(span) && is_apart && begins_code(syntax, span)
            };
            evidence.elsewhere(text, tokens, is_code).filter(|_| self.is_lost)
        };
        let rest = evidence.doubt(&stand).or_else(elsewhere)?;
        Some(Seen::resembling(draft, run.span.start, rest))
    }
}

/// Whether a node outside of macros begins with `span`.
fn begins_code(syntax: &Syntax, span: &Range<usize>) -> bool {
    let node = syntax.node_at(span.start, span.end).filter(|node| node.start_byte() == span.start);
    node.is_some_and(|node| syntax.path_to(node).iter().all(|above| above.kind() != "token_tree"))
}

/// What a node is, as far as the same tokens may be one or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NodeClass {
    Type,
    Pattern,
    Other,
}

impl NodeClass {
    fn of(kind: &str) -> Self {
        match kind {
            "type_identifier" | "scoped_type_identifier" | "primitive_type" => Self::Type,
            _ if kind.ends_with("_type") => Self::Type,
            _ if kind.ends_with("_pattern") => Self::Pattern,
            _ => Self::Other,
        }
    }

    /// In words; nothing for the rest, which is what a pattern is read as.
    fn phrase(self) -> Option<&'static str> {
        match self {
            Self::Type => Some("a type"),
            Self::Pattern => Some("a pattern"),
            Self::Other => None,
        }
    }
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
        span.map(|span| Occurrence { span, how: Occurs::at_stage(index) })
    })
}
