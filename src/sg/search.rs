//! The search for all places of a text at which a pattern or rule holds.

use std::ops::Range;

use ast_grep_core::Pattern;
use ast_grep_core::matcher::{Matcher as _, PatternNode};
use tree_sitter::Node;

use super::pattern::Enclosing;
use super::rule::Conditions;
use super::solver::{Miss, Solution, Solver};
use crate::matches::{Match, outermost};
use crate::rust::syntax::{self, Syntax};

/// More places than this, and walking the whole tree is cheaper than looking at each.
const MAX_CANDIDATES: usize = 200;

/// What is looked for, and where.
pub(super) struct Search<'p> {
    pub(super) what: What<'p>,
    /// What is around a match of a pattern.
    pub(super) around: &'p [Enclosing],
    /// The kinds of node that can match; `None`: any.
    pub(super) kinds: Option<Vec<usize>>,
    /// A word that every match contains: where it is rare, only the nodes around it are tried, not all of the file.
    pub(super) required_literal: Option<&'p str>,
}

#[derive(Clone, Copy)]
pub(super) enum What<'p> {
    Pattern(&'p PatternNode),
    Conditions(&'p Conditions),
}

impl<'p> Search<'p> {
    pub(super) fn of_pattern(pattern: &'p Pattern, required_literal: Option<&'p str>) -> Self {
        let kinds = pattern.potential_kinds().map(|kinds| kinds.iter().collect());
        Self { what: What::Pattern(&pattern.node), around: &[], kinds, required_literal }
    }

    pub(super) fn all(&self, syntax: &Syntax) -> Vec<Match> {
        let mut solver = self.solver(syntax);
        let mut found = Vec::new();
        let Some(places) = self.required_literal.and_then(|word| places(syntax.text(), word)) else {
            syntax::walk(syntax.tree(), |node, _| {
                let hit = self.at(&mut solver, node);
                let is_found = hit.is_some();
                found.extend(hit.map(|solution| (node, solution)));
                !is_found
            });
            return collect(syntax, found);
        };
        for place in places {
            let Some(leaf) = syntax.node_at(place.start, place.end) else { continue };
            let is_inside = |(node, _): &(Node<'_>, _)| place.start < node.end_byte();
            if found.last().is_some_and(is_inside) {
                continue;
            }
            let mut path = syntax.path_to(leaf).into_iter();
            found.extend(path.find_map(|node| Some((node, self.at(&mut solver, node)?))));
        }
        collect(syntax, found)
    }

    /// Where the pattern came furthest, of all the nodes at which it failed.
    pub(super) fn nearest_miss(&self, syntax: &Syntax) -> Option<Miss> {
        let mut solver = self.solver(syntax);
        syntax::walk(syntax.tree(), |node, _| {
            self.at(&mut solver, node);
            true
        });
        solver.take_miss()
    }

    pub(super) fn solver<'s>(&self, syntax: &'s Syntax) -> Solver<'s, 'p> {
        let constraints = match self.what {
            What::Pattern(_) => Vec::new(),
            What::Conditions(conditions) => {
                conditions.constraints.iter().map(|(name, rule)| (name.as_str(), rule)).collect()
            }
        };
        Solver::new(syntax, constraints)
    }

    pub(super) fn at<'s>(&self, solver: &mut Solver<'s, 'p>, node: Node<'s>) -> Option<Solution> {
        if self.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&node.kind_id().into())) {
            return None;
        }
        if !self.around.iter().all(|outer| outer.holds(node, solver.text())) {
            return None;
        }
        match self.what {
            What::Pattern(pattern) => solver.pattern(pattern, node),
            What::Conditions(conditions) => solver.rule(&conditions.rule, node),
        }
    }
}

fn places(text: &str, word: &str) -> Option<Vec<Range<usize>>> {
    let found: Vec<_> = memchr::memmem::find_iter(text.as_bytes(), word.as_bytes())
        .map(|at| at..at + word.len())
        .take(MAX_CANDIDATES + 1)
        .collect();
    (found.len() <= MAX_CANDIDATES).then_some(found)
}

fn collect(syntax: &Syntax, found: Vec<(Node<'_>, Solution)>) -> Vec<Match> {
    outermost(found, |(node, _)| node.byte_range())
        .into_iter()
        .map(|(node, solution)| Match::starting_at(solution.start, syntax, node, solution.captures))
        .collect()
}
