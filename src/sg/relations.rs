//! The nodes that a relational rule looks at, in the order in which it does, and whether one of them is what it asks for. Pure.
//!
//! A rule that names no metavariable holds of a node or does not, whatever else is bound. So each answer is kept, and answers
//! follow from each other: something follows a node if it is the next sibling or follows that. Without this a rule that looks
//! along 20,000 siblings looks at 200 million pairs, and rules inside rules at a power of that.
//!
//! ```text
//! has { has { kind = "x", stopBy = "end" }, stopBy = "end" }   each node is asked once for each of the two, not once for each
//!                                                             pair of nodes one above the other
//! ```

use std::iter::successors;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tree_sitter::Node;

use super::rule::{Direction, Nth, Relation, Rule, Stop};
use super::solver::{STEPS_A_SIBLING, Solver};
use crate::meter;
use crate::rust::syntax;

/// What is known of rules without metavariables in one tree: by the address of the rule, which stays where it is as long as a
/// search takes, and the node.
#[derive(Default)]
pub(super) struct Memo {
    holds: FxHashMap<(usize, usize), bool>,
    related: FxHashMap<(usize, usize), bool>,
    numbered: FxHashMap<(usize, usize), Rc<FxHashMap<usize, usize>>>,
}

/// What is kept of an answer takes as much memory as this many steps take time.
const STEPS_A_MEMO: usize = 4;

fn address<T>(of: &T) -> usize {
    std::ptr::from_ref(of).addr()
}

impl<'s, 'p> Solver<'s, 'p> {
    /// Whether a rule without metavariables holds of `node`.
    fn holds_ever(&mut self, rule: &'p Rule, node: Node<'s>) -> bool {
        if rule.is_kind() {
            return self.holds(rule, node);
        }
        let key = (address(rule), node.id());
        if let Some(known) = self.memo.holds.get(&key) {
            return *known;
        }
        let holds = meter::spend(STEPS_A_MEMO) && self.holds(rule, node);
        self.memo.holds.insert(key, holds);
        holds
    }

    /// Whether a relation without metavariables holds of `node`.
    pub(super) fn is_related(&mut self, relation: &'p Relation, node: Node<'s>) -> bool {
        match relation.direction {
            Direction::Has => match relation.field {
                None => self.is_above(relation, node),
                Some(field) => node.child_by_field_id(field).is_some_and(|top| {
                    self.holds_ever(&relation.rule, top)
                        || !self.stops_at(relation, top) && self.is_above(relation, top)
                }),
            },
            Direction::Inside => self.is_along(relation, node, |node| node.parent()),
            Direction::Follows => self.is_along(relation, node, |node| node.prev_sibling()),
            Direction::Precedes => self.is_along(relation, node, |node| node.next_sibling()),
        }
    }

    /// Whether one of the nodes that `next` leads to is what the relation asks for, up to where it stops.
    fn is_along(
        &mut self,
        relation: &'p Relation,
        node: Node<'s>,
        next: impl Fn(Node<'s>) -> Option<Node<'s>>,
    ) -> bool {
        let is_inside = relation.direction == Direction::Inside;
        let (mut passed, mut here) = (Vec::new(), node);
        let found = loop {
            if let Some(known) = self.memo.related.get(&(address(relation), here.id())) {
                break *known;
            }
            passed.push(here.id());
            let Some(there) = next(here).filter(|_| meter::spend(STEPS_A_SIBLING)) else { break false };
            let is_field = |field| there.child_by_field_id(field).is_some_and(|part| part == here);
            let counts = !is_inside || relation.field.is_none_or(is_field);
            if counts && self.holds_ever(&relation.rule, there) {
                break true;
            }
            if (is_inside || !passes(relation, there)) && self.stops_at(relation, there) {
                break false;
            }
            here = there;
        };
        self.memo.related.extend(passed.into_iter().map(|id| ((address(relation), id), found)));
        found
    }

    /// Whether a node below `top` is what the relation asks for, above where it stops.
    fn is_above(&mut self, relation: &'p Relation, top: Node<'s>) -> bool {
        // The nodes from the top down to where the walk is; of those at which it stops nothing is known.
        let mut path: Vec<Option<usize>> = Vec::new();
        let mut known: Vec<usize> = Vec::new();
        let mut found = self.memo.related.get(&(address(relation), top.id())).copied();
        if found.is_none() {
            syntax::walk_below(top, |node, depth| {
                if found == Some(true) || !meter::spend(STEPS_A_MEMO) {
                    return false;
                }
                known.extend(path.drain(depth..).flatten());
                let is_top = depth == 0;
                if !is_top && self.holds_ever(&relation.rule, node) {
                    found = Some(true);
                    return false;
                }
                let stops = !is_top && self.stops_at(relation, node);
                let below = self.memo.related.get(&(address(relation), node.id())).copied();
                path.push((!stops && below.is_none()).then(|| node.id()));
                if below == Some(true) && !stops {
                    found = Some(true);
                }
                !stops && below.is_none()
            });
            // What was left before the place was found has nothing below it; what is above the place has it.
            let above = if found == Some(true) { std::mem::take(&mut path) } else { Vec::new() };
            let left = known.into_iter().chain(path.into_iter().flatten());
            self.memo.related.extend(left.map(|id| ((address(relation), id), false)));
            self.memo.related.extend(above.into_iter().flatten().map(|id| ((address(relation), id), true)));
            self.memo.related.insert((address(relation), top.id()), found == Some(true));
        }
        found == Some(true)
    }

    fn stops_at(&mut self, relation: &'p Relation, node: Node<'s>) -> bool {
        match &relation.stop {
            Stop::Neighbor => true,
            Stop::End => false,
            Stop::At(rule) => self.holds_ever(rule, node),
        }
    }

    /// Whether `node` is the child that `nth` means.
    pub(super) fn is_nth(&mut self, nth: &'p Nth, node: Node<'s>) -> bool {
        let Some(parent) = node.parent() else { return false };
        let key = (address(nth), parent.id());
        let known = self.memo.numbered.get(&key).map(Rc::clone);
        let numbers = known.unwrap_or_else(|| {
            let numbers = Rc::new(self.numbers(nth, parent));
            if nth.is_ground {
                self.memo.numbered.insert(key, Rc::clone(&numbers));
            }
            numbers
        });
        numbers.get(&node.id()).is_some_and(|number| nth.is_at(*number))
    }

    /// The one-based numbers of the children that count.
    fn numbers(&mut self, nth: &'p Nth, parent: Node<'s>) -> FxHashMap<usize, usize> {
        let mut children: Vec<Node<'s>> = parent.named_children(&mut parent.walk()).collect();
        if nth.is_reverse {
            children.reverse();
        }
        let mut numbers = FxHashMap::default();
        for child in children {
            let counts = meter::spend(1) && nth.of.as_ref().is_none_or(|rule| self.holds(rule, child));
            if counts {
                numbers.insert(child.id(), numbers.len() + 1);
            }
        }
        numbers
    }
}

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
        if !passes(relation, sibling) && is_last(relation, sibling, &stops) {
            break;
        }
    }
    found
}

/// Whether the next sibling that counts is behind this one.
fn passes(relation: &Relation, sibling: Node<'_>) -> bool {
    let is_between = !sibling.is_named() || sibling.is_extra() || sibling.kind() == "attribute_item";
    matches!(relation.stop, Stop::Neighbor) && is_between
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
