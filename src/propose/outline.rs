//! The places of a whole file that have a name: items, sections and keys, and in any other file its lines.

use std::collections::BTreeSet;

use super::place::is_item;
use super::{Kind, Scene, Tree};
use crate::rust::syntax;
use crate::source::line_of;
use crate::toml_ops::naming;

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One-based.
    pub line: usize,
    /// The kind of query that would be made for it.
    pub kind: Kind,
    /// The query in a few words, and what stands there where that does not say it.
    pub summary: String,
}

/// The one-based lines of the places, in order. Of items the line on which the item itself begins, below its attributes.
pub(super) fn lines(scene: &Scene) -> BTreeSet<usize> {
    match &scene.tree {
        Tree::Rust(syntax) => {
            let mut found = BTreeSet::new();
            syntax::walk(syntax.tree(), |node, _| {
                if node.kind() != "use_declaration" && is_item(node, &scene.text) {
                    found.insert(node.start_position().row + 1);
                }
                true
            });
            found
        }
        Tree::Toml(model) => {
            let found = naming::all(model, &scene.text);
            found.iter().map(|named| line_of(&scene.text, named.span.start)).collect()
        }
        Tree::BadToml { .. } | Tree::None => {
            let filled = scene.text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty());
            filled.map(|(at, _)| at + 1).collect()
        }
    }
}
