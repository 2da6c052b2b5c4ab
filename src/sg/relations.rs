//! The nodes that a relational rule looks at, in the order in which it does. Pure.

use std::iter::successors;

use tree_sitter::Node;

use super::rule::{Direction, Relation, Rule, Stop};
use crate::rust::syntax;

/// The nodes in the direction of `relation` from `node`, as far as it goes: the node at which it stops is the last one.
pub(super) fn candidates<'p, 's>(
    relation: &'p Relation,
    node: Node<'s>,
    stops: impl Fn(&'p Rule, Node<'s>) -> bool,
) -> Vec<Node<'s>> {
    match relation.direction {
        Direction::Inside => inside(relation, node, stops),
        Direction::Has => has(relation, node, stops),
        Direction::Follows => beside(relation, successors(node.prev_sibling(), Node::prev_sibling), stops),
        Direction::Precedes => beside(relation, successors(node.next_sibling(), Node::next_sibling), stops),
    }
}

fn inside<'p, 's>(
    relation: &'p Relation,
    node: Node<'s>,
    stops: impl Fn(&'p Rule, Node<'s>) -> bool,
) -> Vec<Node<'s>> {
    let mut child = node;
    let mut found = Vec::new();
    for parent in successors(node.parent(), Node::parent) {
        let is_field = |field| parent.child_by_field_id(field).is_some_and(|part| part == child);
        if relation.field.is_none_or(is_field) {
            found.push(parent);
        }
        child = parent;
        if is_last(relation, parent, &stops) {
            break;
        }
    }
    found
}

fn has<'p, 's>(
    relation: &'p Relation,
    node: Node<'s>,
    stops: impl Fn(&'p Rule, Node<'s>) -> bool,
) -> Vec<Node<'s>> {
    let top = match relation.field {
        Some(field) => node.child_by_field_id(field),
        None => Some(node),
    };
    let Some(top) = top else { return Vec::new() };
    let mut found = Vec::new();
    syntax::walk_below(top, |inner, _| {
        let is_top = inner == node;
        if !is_top {
            found.push(inner);
        }
        is_top || !is_last(relation, inner, &stops)
    });
    found
}

fn beside<'p, 's>(
    relation: &'p Relation,
    siblings: impl Iterator<Item = Node<'s>>,
    stops: impl Fn(&'p Rule, Node<'s>) -> bool,
) -> Vec<Node<'s>> {
    let mut found = Vec::new();
    for sibling in siblings {
        found.push(sibling);
        let is_between = !sibling.is_named() || sibling.is_extra() || sibling.kind() == "attribute_item";
        let passes = matches!(relation.stop, Stop::Neighbor) && is_between;
        if !passes && is_last(relation, sibling, &stops) {
            break;
        }
    }
    found
}

fn is_last<'p, 's>(
    relation: &'p Relation,
    node: Node<'s>,
    stops: &impl Fn(&'p Rule, Node<'s>) -> bool,
) -> bool {
    match &relation.stop {
        Stop::Neighbor => true,
        Stop::End => false,
        Stop::At(rule) => stops(rule, node),
    }
}

/// How many of the first nodes are attributes, with the comments behind them.
pub(super) fn attributes(nodes: &[Node<'_>]) -> usize {
    let is_attribute = |node: &Node<'_>| node.kind() == "attribute_item";
    match nodes.first().is_some_and(is_attribute) {
        true => nodes.iter().take_while(|node| is_attribute(node) || node.is_extra()).count(),
        false => 0,
    }
}
