//! Code as an ast-grep pattern and as the text of a replacement: verbatim, or with metavariables instead of long
//! bodies.
//!
//! The text of a patch starts at the left margin and gets the indentation of its place when it is inserted. Where
//! that would not give back the code that stands there, the text keeps its own indentation.

use std::ops::Range;

use tree_sitter::Node;

use super::rust_place::rows;
use crate::patch::Layout;
use crate::render::render;
use crate::rust::lexer::literal_line_starts;
use crate::text::lines::indent_at;

/// A body of more lines than this becomes a hole.
const LONG_BODY: usize = 6;
const BODIES: &[&str] =
    &["block", "match_block", "declaration_list", "field_declaration_list", "enum_variant_list"];

/// The code of `span` as a text of a patch, and the keys that lay it out: one where it keeps its own indentation.
pub(super) fn flush(source: &str, span: Range<usize>) -> (String, Vec<(&'static str, &'static str)>) {
    let code = &source[span.clone()];
    let indent = indent_at(source, span.start);
    let text = unindented(code, indent);
    let is_same = render(&text, Layout::default(), &[], source, indent) == code;
    match is_same {
        true => (closed(text), Vec::new()),
        false => (closed(code.to_owned()), vec![("indent", "keep")]),
    }
}

/// The code of `node` with a hole for each long body, flush left; `None` where it has none, or no word beside the holes to be
/// recognised by. Of an item any body of several lines is long.
pub(super) fn with_holes(source: &str, node: Node<'_>, is_item: bool) -> Option<String> {
    let long = if is_item { 2 } else { LONG_BODY + 2 };
    let mut bodies = Vec::new();
    collect(node, long, &mut bodies);
    let first = node.start_byte();
    let mut code = source[node.byte_range()].to_owned();
    let mut beside = code.clone();
    for (at, body) in bodies.iter().enumerate().rev() {
        let inner = inside(source, *body)?;
        let number = if at == 0 { String::new() } else { (at + 1).to_string() };
        let lead = &source[body.start_byte() + 1..inner.start];
        let tail = &source[inner.end..body.end_byte() - 1];
        let hole = format!("{lead}$$$BODY{number}{tail}");
        let held = body.start_byte() + 1 - first..body.end_byte() - 1 - first;
        beside.replace_range(held.clone(), "");
        code.replace_range(held, &hole);
    }
    let indent = indent_at(source, first);
    (!bodies.is_empty() && beside.contains(char::is_alphanumeric)).then(|| closed(unindented(&code, indent)))
}

/// The outermost bodies of `node` that are at least `long` lines with their brackets.
fn collect<'t>(node: Node<'t>, long: usize, found: &mut Vec<Node<'t>>) {
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        match BODIES.contains(&child.kind()) {
            true if rows(child) >= long => found.push(child),
            true => {}
            false => collect(child, long, found),
        }
    }
}

/// What the brackets of a body hold, without the white space around it.
fn inside(source: &str, body: Node<'_>) -> Option<Range<usize>> {
    let (start, end) = (body.start_byte() + 1, body.end_byte().checked_sub(1)?);
    let content = source.get(start..end)?;
    let trimmed = content.trim();
    let from = start + content.len() - content.trim_start().len();
    (!trimmed.is_empty()).then(|| from..from + trimmed.len())
}

/// Without `indent` on all lines but the first; lines inside string literals stay.
fn unindented(code: &str, indent: &str) -> String {
    let fixed = literal_line_starts(code);
    let mut offset = 0;
    let lines = code.split_inclusive('\n').map(|line| {
        let moves = offset > 0 && !fixed.contains(&offset);
        offset += line.len();
        if moves { line.strip_prefix(indent).unwrap_or(line) } else { line }
    });
    lines.collect()
}

/// A text of several lines ends its last one.
fn closed(mut text: String) -> String {
    if text.contains('\n') && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Code in which a fragment of this kind can stand, as ast-grep takes it; `None` for what parses alone.
pub(super) fn context(kind: &str, code: &str) -> Option<String> {
    let around = match kind {
        "field_declaration" => ("struct S {", "}"),
        "enum_variant" => ("enum E {", "}"),
        "match_arm" => ("match x {", "}"),
        "field_initializer" | "shorthand_field_initializer" | "base_field_initializer" => ("S {", "}"),
        _ => return None,
    };
    let (open, close) = around;
    if !code.contains('\n') {
        return Some(format!("{open} {code} {close}"));
    }
    let indent = "    ";
    Some(format!("{open}\n{indent}{}\n{close}", render(code, Layout::default(), &[], "", indent)))
}
