//! What a structural locator returns. Pure.
//!
//! Spans, what belongs to them, and what was captured. It contains no operations, files or nodes, so that it
//! outlives the tree.

use std::ops::Range;

use tree_sitter::Node;

use crate::rust::surroundings::{self, Surroundings};
use crate::rust::syntax::Syntax;

/// A place that a structural query selects. All offsets are byte offsets, ranges half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The matched node.
    pub span: Range<usize>,
    /// What belongs to it.
    pub(crate) surroundings: Surroundings,
    /// What the query's metavariables captured.
    pub captures: Vec<Capture>,
}

/// What `$NAME` or `$$$NAME` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The name without its dollars.
    pub name: String,
    /// Half-open; empty where `$$$NAME` captured nothing.
    pub span: Range<usize>,
}

impl Match {
    /// The match on `node` of `syntax`.
    pub(crate) fn of_node(syntax: &Syntax, node: Node<'_>, captures: Vec<Capture>) -> Self {
        Self::starting_at(node.start_byte(), syntax, node, captures)
    }

    /// The match on `node` without what stands in it before byte `start`: attributes, which are then its surroundings.
    pub(crate) fn starting_at(start: usize, syntax: &Syntax, node: Node<'_>, captures: Vec<Capture>) -> Self {
        let mut surroundings = surroundings::of(syntax, node);
        for range in [&mut surroundings.element, &mut surroundings.unit] {
            if range.start == node.start_byte() {
                range.start = start;
            }
        }
        Self { span: start..surroundings::end_of(syntax.text(), node), surroundings, captures }
    }
}

/// Keeps the spans that are not inside an earlier, wider one. `spans` come in order of position, wider first.
pub(crate) fn outermost<T>(found: Vec<T>, span: impl Fn(&T) -> Range<usize>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(found.len());
    for item in found {
        let inner = kept.last().is_some_and(|last| span(&item).end <= span(last).end);
        if !inner {
            kept.push(item);
        }
    }
    kept
}
