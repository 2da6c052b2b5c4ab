//! The places of a whole file that have a name: items, sections and keys.

use std::collections::BTreeSet;

use super::rust_place::is_item;
use super::{Scene, TargetSyntax};
use crate::patch::QueryKind;
use crate::rust::syntax;
use crate::text::lines::line_of;
use crate::toml_ops::naming;

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One-based.
    pub line: usize,
    /// The kind of query that would be made for it.
    pub kind: QueryKind,
    /// The query in a few words, and what stands there where that does not say it.
    pub summary: String,
}

/// The named places of a file, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The first of them.
    pub rows: Vec<Row>,
    /// How many more there are: a generated file has thousands, and each is tried before it is shown.
    pub more: usize,
}

/// More places are not tried.
pub(super) const MOST_ROWS: usize = 1_000;

/// The one-based lines of the places, in order. Of items the line on which the item itself begins, below its attributes.
pub(super) fn lines(scene: &Scene) -> BTreeSet<usize> {
    match &scene.tree {
        TargetSyntax::Rust(syntax) => {
            let mut found = BTreeSet::new();
            syntax::walk(syntax.tree(), |node, _| {
                if node.kind() != "use_declaration" && is_item(node, &scene.text) {
                    found.insert(node.start_position().row + 1);
                }
                true
            });
            found
        }
        TargetSyntax::Toml(model) => {
            let found = naming::all(model, &scene.text);
            found.iter().map(|named| line_of(&scene.text, named.span.start)).collect()
        }
        TargetSyntax::BadToml { .. } | TargetSyntax::None => BTreeSet::new(),
    }
}
