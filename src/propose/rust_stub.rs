//! The queries that could find a place by the tree: an item by its name, code by its pattern. The plainest query
//! comes first, then those that also say where the place is. `stub_check` finds out which of them match nothing
//! else.

use tree_sitter::Node;

use super::code_pattern::{context, flush, with_holes};
use super::rust_place::{RustPlace, rows};
use super::stub::{Stub, StubOperation, string};
use crate::patch::QueryKind;
use crate::ts::shorthand;

/// Code of more lines is not written out in a pattern.
const MOST_ROWS: usize = 40;

/// Stubs that name the item at the place, or around it, by a shorthand.
pub(super) fn by_name(place: &RustPlace<'_>) -> Vec<Stub> {
    let text = place.syntax.text();
    let Some((item, _)) = place.item().and_then(<[Node<'_>]>::split_last) else { return Vec::new() };
    let names = shorthand::naming(*item, text);
    names.into_iter().map(|name| replacing(*item, text, &name, name.clone())).collect()
}

/// Stubs that name the same item by an S-expression that says in what it stands: what a shorthand cannot tell from its namesakes.
pub(super) fn by_expression(place: &RustPlace<'_>) -> Vec<Stub> {
    let text = place.syntax.text();
    let Some((item, outer)) = place.item().and_then(<[Node<'_>]>::split_last) else { return Vec::new() };
    let name = shorthand::naming(*item, text).into_iter().next().unwrap_or_default();
    let query = expression(*item, outer, text);
    query
        .map(|query| replacing(*item, text, &query, format!("{name}, as an S-expression")))
        .into_iter()
        .collect()
}

/// The stub of a tree-sitter query that replaces an item.
fn replacing(item: Node<'_>, text: &str, pattern: &str, summary: String) -> Stub {
    let (code, layout) = flush(text, item.byte_range());
    Stub {
        kind: QueryKind::TreeSitter,
        id: String::new(),
        summary,
        span: item.byte_range(),
        query: vec![("pattern", string(pattern))],
        function: None,
        operation: StubOperation::replace(code, layout),
    }
}

/// An S-expression for an item directly inside the file, or inside the `impl`, trait or module that holds it.
fn expression(item: Node<'_>, outer: &[Node<'_>], text: &str) -> Option<String> {
    let name = ["name", "argument"].into_iter().find(|name| item.child_by_field_name(name).is_some())?;
    let (kind, own) = (item.kind(), quoted(item, name, text)?);
    let target = format!("({kind} {name}: (_) @_item) @target");
    let own = format!("  (#eq? @_item {own}))\n");
    let Some(owner) = outer.iter().rev().nth(1) else {
        return Some(format!("((source_file {target})\n{own}"));
    };
    let (mut fields, mut predicates) = (String::new(), String::new());
    for field in ["trait", "type", "name"] {
        if owner.child_by_field_name(field).is_some() {
            fields += &format!("  {field}: (_) @_{field}\n");
            predicates += &format!("  (#eq? @_{field} {})\n", quoted(*owner, field, text)?);
        }
    }
    let owner = owner.kind();
    (!fields.is_empty()).then(|| format!("(({owner}\n{fields}  body: (_ {target}))\n{predicates}{own}"))
}

/// What a field holds as a string of a tree-sitter query; `None` for what it has no way to write plainly.
fn quoted(node: Node<'_>, field: &str, text: &str) -> Option<String> {
    let text = &text[node.child_by_field_name(field)?.byte_range()];
    let plain = !text.contains(|c: char| c.is_control() || matches!(c, '"' | '\\'));
    plain.then(|| format!("\"{text}\""))
}

/// Stubs that find the place by its code: with holes for its long bodies, or verbatim; anywhere, inside the function that holds it, or inside the items.
pub(super) fn by_pattern(place: &RustPlace<'_>) -> Vec<Stub> {
    if place.is_bare() {
        return Vec::new();
    }
    let (text, subject) = (place.syntax.text(), place.subject());
    let mut codes = Vec::new();
    if let Some(code) = with_holes(text, subject, place.is_item()) {
        codes.push((code, Vec::new(), "the code, with bodies as $$$BODY"));
    }
    if rows(subject) <= MOST_ROWS {
        let (code, mut layout) = flush(text, subject.byte_range());
        layout.extend(code.contains('$').then_some(("captures", "off")));
        codes.push((code, layout, "the code"));
    }
    let mut found = Vec::new();
    for (code, layout, summary) in codes {
        let stub = |query, function, inside: &str| Stub {
            kind: QueryKind::AstGrep,
            id: String::new(),
            summary: format!("{summary}{inside}"),
            span: subject.byte_range(),
            query,
            function,
            operation: StubOperation::replace(code.clone(), layout.clone()),
        };
        found.push(stub(query(subject.kind(), &code, None), None, ""));
        if let Some(name) = place.function(&subject.byte_range()) {
            let inside = format!(", inside fn {name}");
            found.push(stub(query(subject.kind(), &code, None), Some(name), &inside));
        }
        let around: Vec<Node<'_>> = place.around().take(2).collect();
        for depth in 1..=around.len() {
            if let Some(rule) = inside(&around[..depth], text) {
                let summary = format!(", inside {}", name_of(around[depth - 1], text));
                found.push(stub(query(subject.kind(), &code, Some(rule)), None, &summary));
            }
        }
    }
    found
}

/// The keys of an ast-grep query for `code`.
fn query(kind: &str, code: &str, inside: Option<String>) -> Vec<(&'static str, String)> {
    let code = code.trim_end_matches('\n');
    let mut keys = match (context(kind, code), inside.is_some()) {
        (None, false) => vec![("pattern", multiline(code))],
        (None, true) => vec![("rule.pattern", multiline(code))],
        (Some(context), false) => vec![("context", multiline(&context)), ("selector", string(kind))],
        (Some(context), true) => {
            vec![("rule.pattern.context", multiline(&context)), ("rule.pattern.selector", string(kind))]
        }
    };
    keys.extend(inside.map(|rule| ("rule.inside", rule)));
    keys
}

/// Of several lines, the last is ended; a pattern does not mind.
fn multiline(code: &str) -> String {
    string(&if code.contains('\n') { format!("{code}\n") } else { code.to_owned() })
}

/// A rule that holds inside these items, the innermost first, as an inline table.
fn inside(items: &[Node<'_>], text: &str) -> Option<String> {
    let (first, rest) = items.split_first()?;
    let field = |field: &str| {
        let name = &text[first.child_by_field_name(field)?.byte_range()];
        let regex = string(&format!("^{}$", regex::escape(name)));
        (!name.contains('\n')).then(|| format!("has = {{ field = \"{field}\", regex = {regex} }}"))
    };
    let fields: Vec<String> = ["trait", "type", "name"].into_iter().filter_map(field).collect();
    let own = match fields.as_slice() {
        [] => return None,
        [one] => one.clone(),
        all => format!("all = [{{ {} }}]", all.join(" }, { ")),
    };
    let outer = inside(rest, text).map(|rule| format!(", inside = {rule}")).unwrap_or_default();
    Some(format!("{{ kind = \"{}\", {own}{outer}, stopBy = \"end\" }}", first.kind()))
}

fn name_of(item: Node<'_>, text: &str) -> String {
    shorthand::naming(item, text).pop().unwrap_or_default()
}
