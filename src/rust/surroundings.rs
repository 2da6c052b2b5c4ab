//! What belongs to a node: its attributes and doc comments, the separator after it, the line it stands on.

use std::ops::Range;

use tree_sitter::Node;

use super::lists::ends_in_an_arms_block;
use super::syntax::Syntax;
use crate::text::lines::begins_line;

/// The neighbourhood of a matched node. All offsets are byte offsets, ranges half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// The statement, item or list element that holds the match, with the `,` or `;` behind it: inserted lines
    /// stand before or after it.
    pub(crate) element: Range<usize>,
    /// Where the attributes and doc comments of that element begin; its own start where it has none.
    pub(crate) element_outer: usize,
    /// A comma must part that element from one behind it, and there is none.
    pub(crate) element_lacks_comma: bool,
    /// What goes when the match is deleted: the match, with the `;` or `,` that makes no sense without it.
    pub(crate) unit: Range<usize>,
    /// Where the attributes and doc comments of that unit begin.
    pub(crate) unit_outer: usize,
    /// The unit is an element of a list that commas part; a comment behind it on its line is its own.
    pub(crate) is_element: bool,
}

/// Nodes whose children are statements or items, one after another.
const BODIES: &[&str] = &[
    "source_file",
    "block",
    "declaration_list",
    "match_block",
    "field_declaration_list",
    "enum_variant_list",
];

/// Lists that rustfmt writes on one line or one element a line; an element counts where it begins its line.
const LISTS: &[&str] = &[
    "arguments",
    "parameters",
    "array_expression",
    "tuple_expression",
    "field_initializer_list",
    "use_list",
    "ordered_field_declaration_list",
    "type_parameters",
    "type_arguments",
    "where_clause",
    "struct_pattern",
];

/// The surroundings of `node`.
pub(crate) fn of(syntax: &Syntax, node: Node<'_>) -> Surroundings {
    let path = syntax.path_to(node);
    let text = syntax.text();
    let element = element(text, &path);
    let unit = unit(text, &path);
    let unit_end = if is_listed(&path, unit) { with_separator(text, unit) } else { end_of(text, unit) };
    let element_end = with_separator(text, element);
    let is_parted = holder(&path, element).is_some_and(is_parted_by_commas) && !is_comment(element);
    let written = &text[element.start_byte()..element_end];
    Surroundings {
        element: element.start_byte()..element_end,
        element_lacks_comma: is_parted && !written.ends_with(',') && !ends_in_an_arms_block(written),
        element_outer: outer_start(element),
        unit: unit.start_byte()..unit_end,
        unit_outer: if is_listed(&path, unit) { outer_start(unit) } else { unit.start_byte() },
        is_element: holder(&path, unit).is_some_and(is_parted_by_commas),
    }
}

fn element<'t>(text: &str, path: &[Node<'t>]) -> Node<'t> {
    let holds = |step: &&[Node<'t>]| {
        let kind = step[0].kind();
        BODIES.contains(&kind) || LISTS.contains(&kind) && begins_line(text, step[1].start_byte())
    };
    let found = path.windows(2).rev().find(holds);
    found.map_or(*path.last().expect("a path ends in its node"), |step| step[1])
}

/// The widest node that is the last one of `path` and at most a `;` more.
fn unit<'t>(text: &str, path: &[Node<'t>]) -> Node<'t> {
    let node = *path.last().expect("a path ends in its node");
    let same = |wider: &&Node<'t>| {
        wider.start_byte() == node.start_byte()
            && matches!(text[node.end_byte()..wider.end_byte()].trim(), "" | ";")
    };
    *path.iter().skip(1).find(same).unwrap_or(&node)
}

fn is_listed(path: &[Node<'_>], node: Node<'_>) -> bool {
    holder(path, node).is_some_and(holds_elements)
}

/// The kind of node that holds `node`.
fn holder<'t>(path: &[Node<'t>], node: Node<'t>) -> Option<&'t str> {
    path.windows(2).find(|step| step[1] == node).map(|step| step[0].kind())
}

fn is_parted_by_commas(kind: &str) -> bool {
    LISTS.contains(&kind) || matches!(kind, "match_block" | "field_declaration_list" | "enum_variant_list")
}

/// Whether the children of such a node are elements, one after another.
pub(crate) fn holds_elements(kind: &str) -> bool {
    BODIES.contains(&kind) || LISTS.contains(&kind)
}

/// The end of `node`, or of the `,` or `;` that follows it in its list.
fn with_separator(text: &str, node: Node<'_>) -> usize {
    let behind = std::iter::successors(node.next_sibling(), Node::next_sibling);
    let row = node.end_position().row;
    let mut code = behind.skip_while(|next| next.kind() == "block_comment" && next.end_position().row == row);
    match code.next() {
        Some(next) if matches!(next.kind(), "," | ";") => next.end_byte(),
        _ => end_of(text, node),
    }
}

/// The end of `node`. The grammar counts the line end to a line of documentation; it is none of the comment's.
pub(crate) fn end_of(text: &str, node: Node<'_>) -> usize {
    let end = node.end_byte();
    if node.kind() == "line_comment" && text[..end].ends_with('\n') { end - 1 } else { end }
}

/// Where the attributes and doc comments above `item` begin. A plain comment between them and the item is
/// passed over; one above them stays where it is. An attribute or a comment has nothing above it that is its own.
pub(crate) fn outer_start(item: Node<'_>) -> usize {
    let mut start = item.start_byte();
    if is_comment(item) || matches!(item.kind(), "attribute_item" | "inner_attribute_item") {
        return start;
    }
    let mut node = item;
    while let Some(above) = node.prev_sibling() {
        match above.kind() {
            "attribute_item" => start = above.start_byte(),
            "line_comment" | "block_comment" if is_outer_doc(above) => start = above.start_byte(),
            "line_comment" | "block_comment" if stands_alone(above) || is_behind_attribute(above) => {}
            _ => break,
        }
        node = above;
    }
    start
}

fn is_comment(node: Node<'_>) -> bool {
    matches!(node.kind(), "line_comment" | "block_comment")
}

fn is_outer_doc(comment: Node<'_>) -> bool {
    comment.child(1).is_some_and(|marker| marker.kind() == "outer_doc_comment_marker")
        || comment.child_by_field_name("outer").is_some()
}

/// A comment behind code on the same line belongs to that code.
fn stands_alone(comment: Node<'_>) -> bool {
    comment.prev_sibling().is_none_or(|before| {
        before.end_position().row < comment.start_position().row || before.end_position().column == 0
    })
}

/// A comment behind an attribute belongs, with the attribute, to the item below.
fn is_behind_attribute(comment: Node<'_>) -> bool {
    let above = std::iter::successors(comment.prev_sibling(), Node::prev_sibling);
    let mut code = above.skip_while(|node| matches!(node.kind(), "line_comment" | "block_comment"));
    code.next().is_some_and(|node| node.kind() == "attribute_item")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of the element with its attributes, and of the unit with its own, of the node that is `part`.
    fn around(text: &str, part: &str) -> (String, String) {
        let syntax = Syntax::parse(text);
        let at = text.find(part).unwrap();
        let found = of(&syntax, syntax.node_at(at, at + part.len()).unwrap());
        let (element, unit) = (found.element_outer..found.element.end, found.unit_outer..found.unit.end);
        (text[element].to_owned(), text[unit].to_owned())
    }

    #[test]
    fn what_belongs_to_a_node() {
        // The text, the node, its element, its unit.
        let cases = [
            ("fn f() { a(); b(); }", "a()", "a();", "a();"),
            ("fn f() { let x = a(1); }", "a(1)", "let x = a(1);", "a(1)"),
            ("fn f() { g(a, b); }", "a", "g(a, b);", "a,"),
            ("fn f() {\n    g(\n        a,\n        b,\n    );\n}", "b", "b,", "b,"),
            ("fn f() { match x { A => 1, B => 2 } }", "A => 1,", "A => 1,", "A => 1,"),
            ("struct S { x: u8, y: u8 }", "x: u8", "x: u8,", "x: u8,"),
            (
                "/// Doc.\n#[a]\nfn f() {}\nfn g() {}",
                "fn f() {}",
                "/// Doc.\n#[a]\nfn f() {}",
                "/// Doc.\n#[a]\nfn f() {}",
            ),
            ("// plain\nfn f() {}", "fn f() {}", "fn f() {}", "fn f() {}"),
            (
                "/// Doc.\n// plain\nfn f() {}",
                "fn f() {}",
                "/// Doc.\n// plain\nfn f() {}",
                "/// Doc.\n// plain\nfn f() {}",
            ),
            ("fn g() {} // of g\nfn f() {}", "fn f() {}", "fn f() {}", "fn f() {}"),
            ("#[a]\nfn f() { x(); }", "x()", "x();", "x();"),
            ("#[a] // why\nfn f() {}", "fn f() {}", "#[a] // why\nfn f() {}", "#[a] // why\nfn f() {}"),
            ("#[a] /* b */ fn f() {}", "fn f() {}", "#[a] /* b */ fn f() {}", "#[a] /* b */ fn f() {}"),
            (
                "#[a] /* b */ // c\nfn f() {}",
                "fn f() {}",
                "#[a] /* b */ // c\nfn f() {}",
                "#[a] /* b */ // c\nfn f() {}",
            ),
            (
                "fn f() {\n    #[a] // why\n    b();\n}",
                "b()",
                "#[a] // why\n    b();",
                "#[a] // why\n    b();",
            ),
            ("enum E {\n    #[a] // why\n    A,\n}", "A", "#[a] // why\n    A,", "#[a] // why\n    A,"),
            ("/// Doc.\n#[a]\n#[b]\nfn f() {}", "#[b]", "#[b]", "#[b]"),
            ("/// One.\n/// Two.\nfn f() {}", "/// Two.", "/// Two.", "/// Two."),
        ];
        for (text, part, element, unit) in cases {
            assert_eq!(around(text, part), (element.to_owned(), unit.to_owned()), "{part} in {text}");
        }
    }
}
