//! A text and its syntax tree, kept in step.
//!
//! After an edit the tree is not parsed anew: tree-sitter reuses every subtree that the edit did not
//! touch. Where the result has errors it is parsed from scratch after all, because error
//! recovery may depend on what was reused, and a verdict must not.

use ast_grep_core::AstGrep;
use ast_grep_core::tree_sitter::StrDoc;
use ast_grep_language::Rust;
use tree_sitter::{InputEdit, Node, Point, Tree, TreeCursor};

use crate::edit::Edit;
use crate::text::lines::{line_of, line_start};
use crate::{meter, pool};

/// A document as ast-grep sees it; the tree inside is tree-sitter's own.
pub(crate) type Doc = StrDoc<Rust>;

/// With more edits than this, telling the tree about them costs more than parsing anew: each looks at every
/// subtree that earlier ones left empty, and counts the lines before it.
const MAX_TREE_EDITS: usize = 256;

/// A Rust text with its tree. Offsets in the tree are byte offsets in the text.
#[derive(Clone)]
pub struct Syntax {
    root: AstGrep<Doc>,
}

impl Syntax {
    /// Parses `text` from scratch.
    pub fn parse(text: &str) -> Self {
        meter::parsed();
        Self::with_tree(text, parse(text, None))
    }

    /// The tree of `text`, which is this text after `edits` (sorted, disjoint).
    pub(crate) fn reparse(&self, edits: &[&Edit], text: &str) -> Self {
        if edits.len() > MAX_TREE_EDITS {
            return Self::parse(text);
        }
        let mut tree = self.tree().clone();
        for edit in edits.iter().rev() {
            tree.edit(&input_edit(self.text(), edit));
        }
        let tree = parse(text, Some(&tree));
        if tree.root_node().has_error() {
            return Self::parse(text);
        }
        meter::reparsed();
        Self::with_tree(text, tree)
    }

    fn with_tree(text: &str, tree: Tree) -> Self {
        Self { root: AstGrep::doc(Doc { src: text.to_owned(), lang: Rust, tree }) }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        self.root.source()
    }

    /// The root as ast-grep's matchers take it.
    pub(crate) fn root(&self) -> &AstGrep<Doc> {
        &self.root
    }

    /// The tree.
    pub fn tree(&self) -> &Tree {
        &self.root.root().get_doc().tree
    }

    /// The smallest node that covers the half-open byte range.
    pub(crate) fn node_at(&self, start: usize, end: usize) -> Option<Node<'_>> {
        self.tree().root_node().descendant_for_byte_range(start, end)
    }

    /// The nodes from the root down to `node`, both included.
    pub(crate) fn path_to<'t>(&'t self, node: Node<'t>) -> Vec<Node<'t>> {
        let mut path = vec![self.tree().root_node()];
        while let Some(last) = path.last().copied().filter(|last| *last != node) {
            match last.child_with_descendant(node) {
                Some(child) => path.push(child),
                None => break,
            }
        }
        path
    }
}

/// The syntax errors of a tree, in order of position.
pub fn errors(tree: &Tree) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    walk(tree, |node, _| {
        if node.is_error() || node.is_missing() {
            found.push(node);
        }
        node.has_error()
    });
    found
}

/// How deep the tree is. Matchers recurse along a pattern, so its depth is bounded before they see it.
pub(crate) fn depth(tree: &Tree) -> usize {
    let mut deepest = 0;
    walk(tree, |_, depth| {
        deepest = deepest.max(depth);
        true
    });
    deepest
}

/// Visits the nodes in order of position, parents first, without recursion; `visit` gets the depth and says
/// whether to go into the node.
pub fn walk<'t>(tree: &'t Tree, visit: impl FnMut(Node<'t>, usize) -> bool) {
    walk_below(tree.root_node(), visit);
}

/// [`walk`], from `top` on.
pub(crate) fn walk_below<'t>(top: Node<'t>, mut visit: impl FnMut(Node<'t>, usize) -> bool) {
    let mut cursor = top.walk();
    let mut depth = 0;
    loop {
        if visit(cursor.node(), depth) && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        if !goto_next(&mut cursor, &mut depth) {
            return;
        }
    }
}

fn goto_next(cursor: &mut TreeCursor<'_>, depth: &mut usize) -> bool {
    while !cursor.goto_next_sibling() {
        if !cursor.goto_parent() {
            return false;
        }
        *depth -= 1;
    }
    true
}

fn parse(text: &str, old: Option<&Tree>) -> Tree {
    pool::with_parser(|parser| parser.parse(text, old))
        .expect("a parser with a language and no cancellation yields a tree")
}

/// The edit as tree-sitter takes it. Edits are given to it from the last to the first, so every position is
/// one of the old text.
fn input_edit(old: &str, edit: &Edit) -> InputEdit {
    let span = edit.span();
    let start_position = point(old, span.start);
    let end = point(edit.text(), edit.text().len());
    let before = if end.row == 0 { start_position.column } else { 0 };
    let new_end_position = Point::new(start_position.row + end.row, before + end.column);
    InputEdit {
        start_byte: span.start,
        old_end_byte: span.end,
        new_end_byte: span.start + edit.text().len(),
        start_position,
        old_end_position: point(old, span.end),
        new_end_position,
    }
}

fn point(text: &str, offset: usize) -> Point {
    Point::new(line_of(text, offset) - 1, offset - line_start(text, offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every node with its kind and place: `to_sexp` leaves out the anonymous ones.
    fn shape(tree: &Tree) -> Vec<(String, usize, usize, bool)> {
        let mut nodes = Vec::new();
        walk(tree, |n, _| {
            nodes.push((n.kind().to_owned(), n.start_byte(), n.end_byte(), n.is_missing()));
            true
        });
        nodes
    }

    const PIECES: &[&str] = &[
        "fn a() { b(1); }\n",
        "struct S { x: u8 }\n",
        "// note\n",
        "const C: &str = \"x\";\n",
        "}\n",
        "{",
        "\"",
        "/*",
        "*/",
        "impl S { fn f(&self) {} }\n",
        "#[cfg(test)]\n",
        "mod m {\n",
        "é",
        "let x = y as u8 < z;\n",
        "r#\"",
        "\n",
    ];

    proptest! {
        #[test]
        fn reparsing_equals_parsing(
            pieces in prop::collection::vec(0..PIECES.len(), 0..20),
            cuts in prop::collection::vec((0usize..400, 0usize..40, 0..PIECES.len()), 1..4),
        ) {
            let old: String = pieces.iter().map(|i| PIECES[*i]).collect();
            let boundary = |mut at: usize| { at = at.min(old.len()); while !old.is_char_boundary(at) { at -= 1 } at };
            let mut edits: Vec<Edit> = Vec::new();
            for (start, len, piece) in cuts {
                let (start, end) = (boundary(start), boundary(start.min(old.len()) + len));
                let edit = Edit::replace(&old, start..end.max(start), PIECES[piece]);
                edits.push(edit);
                if Edit::sorted(&old, &edits).is_err() { edits.pop(); }
            }
            let new = Edit::apply_batch(&old, &edits).unwrap();
            let sorted = Edit::sorted(&old, &edits).unwrap();
            let again = Syntax::parse(&old).reparse(&sorted, &new);
            prop_assert_eq!(shape(again.tree()), shape(Syntax::parse(&new).tree()));
        }
    }
}
