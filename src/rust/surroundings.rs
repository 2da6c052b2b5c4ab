//! What belongs to a node: its attributes and doc comments, the separator after it, the line it stands on.

use std::ops::Range;

use tree_sitter::Node;

use super::syntax::Syntax;

/// The neighbourhood of a matched node. All offsets are byte offsets, ranges half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The statement, item or list element that holds the match, with the `,` or `;` behind it. Inserted lines stand before or after it.
    pub element: Range<usize>,
    /// Where the attributes and doc comments of that element begin; its own start where it has none.
    pub outer_start: usize,
    /// The match is the whole element, its separator aside: deleting the one deletes the other.
    pub whole: bool,
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
pub fn of(syntax: &Syntax, node: Node<'_>) -> Surroundings {
    let element = element(syntax, node);
    let end = with_separator(element);
    Surroundings {
        element: element.start_byte()..end,
        outer_start: outer_start(element),
        whole: node.start_byte() == element.start_byte()
            && (node.end_byte() == element.end_byte()
                || syntax.text()[node.end_byte()..element.end_byte()].trim() == ";"),
    }
}

fn element<'t>(syntax: &'t Syntax, node: Node<'t>) -> Node<'t> {
    let path = syntax.path_to(node);
    let mut steps = path.windows(2).rev();
    let found = steps.find(|step| {
        let kind = step[0].kind();
        BODIES.contains(&kind)
            || LISTS.contains(&kind) && begins_its_line(syntax.text(), step[1].start_byte())
    });
    found.map_or(node, |step| step[1])
}

fn begins_its_line(text: &str, offset: usize) -> bool {
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    text[line_start..offset].trim().is_empty()
}

/// The end of `node`, or of the `,` or `;` that follows it in its list.
fn with_separator(node: Node<'_>) -> usize {
    match node.next_sibling() {
        Some(next) if matches!(next.kind(), "," | ";") => next.end_byte(),
        _ => trimmed_end(node),
    }
}

/// A doc comment's node reaches over its line end; an item's never does.
fn trimmed_end(node: Node<'_>) -> usize {
    node.end_byte()
}

/// Where the attributes and doc comments above `item` begin. A plain comment between them and the item is
/// passed over; one above them stays where it is.
fn outer_start(item: Node<'_>) -> usize {
    let mut start = item.start_byte();
    let mut node = item;
    while let Some(above) = node.prev_sibling() {
        match above.kind() {
            "attribute_item" => start = above.start_byte(),
            "line_comment" | "block_comment" if is_outer_doc(above) => start = above.start_byte(),
            "line_comment" | "block_comment" if stands_alone(above) => {}
            _ => break,
        }
        node = above;
    }
    start
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
