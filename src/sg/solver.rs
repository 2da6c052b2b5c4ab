//! The search for a way in which a pattern or rule holds of a node.
//!
//! A pattern holds if it says all of the node: each of its parts stands there, and nothing stands there that is neither a part
//! of it nor in a hole. What is layout and not code may differ: a comma before a closing bracket or at the end of a
//! match arm, the `;` that a pattern leaves out at its end, the comma beside a `$$$NAME` that stands for nothing.
//!
//! What is still to do is a linked list on the heap, so that a long pattern costs no stack; only a choice (how much
//! `$$$NAME` takes, which rule of `any`, which ancestor) is a step of recursion, to come back to if what follows fails.

use std::ops::Range;
use std::rc::Rc;

use ast_grep_core::Pattern;
use ast_grep_core::matcher::{MatcherExt as _, PatternNode};
use ast_grep_core::meta_var::MetaVariable;
use tree_sitter::Node;

use super::alignment::{
    Alignment, Before, Bound, Commas, belongs_to_element, children_of, commas, is_attribute, is_closing,
    is_comma, is_hole, list_name, text_of,
};
use super::relations::{self, Memo};
use super::rule::{Rule, named};
use crate::limits::{CHOICES, Limit};
use crate::matches::Capture;
use crate::meter;
use crate::rust::lexer;
use crate::rust::syntax::Syntax;

/// Bytes that a regular expression reads, or that two captures are compared by, in the time of a step.
const BYTES_A_STEP: usize = 64;

/// Steps in the time that it takes to find the sibling of a node.
pub(super) const STEPS_A_SIBLING: usize = 10;

/// One search at a time, in one tree.
pub(crate) struct Solver<'s, 'p> {
    pub(super) syntax: &'s Syntax,
    constraints: Vec<(&'p str, &'p Rule)>,
    bound: Vec<(&'p str, Bound<'s>)>,
    start: usize,
    choices: usize,
    pub(super) memo: Memo,
    matched: usize,
    miss: Option<Miss>,
}

/// A way in which a pattern or rule holds.
#[derive(Debug)]
pub(crate) struct Solution {
    /// Byte offset where the match begins: behind the attributes of the node that the pattern does not name.
    pub(crate) start: usize,
    /// By name.
    pub(crate) captures: Vec<Capture>,
}

/// Where a pattern failed that had matched up to there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Miss {
    /// How many tokens and holes of the pattern stand there before this place.
    pub(crate) matched: usize,
    /// What stands there: bytes, half-open; empty where the code ends.
    pub(crate) found: Range<usize>,
    /// What the pattern has there; `None` where it has nothing more.
    pub(crate) wanted: Option<String>,
}

type Todo<'p, 's> = Option<Rc<Step<'p, 's>>>;

struct Step<'p, 's> {
    goal: Goal<'p, 's>,
    rest: Todo<'p, 's>,
}

enum Goal<'p, 's> {
    Rule(&'p Rule, Node<'s>),
    Pattern(&'p PatternNode, Node<'s>),
    /// Parts of a pattern, and the nodes that they are to be.
    Aligned(Alignment<'p, 's>),
    Bound(&'p str, Bound<'s>),
    /// Something stands there that the pattern does not name.
    Unnamed(Range<usize>),
}

/// What comes of one step.
enum Next<'p, 's> {
    Go(Todo<'p, 's>),
    /// A choice was made, and all that follows held, or none of them did.
    Decided(bool),
    Fails,
}

impl<'s, 'p> Solver<'s, 'p> {
    /// A search in `syntax`, with a rule for each of some names.
    pub(crate) fn new(syntax: &'s Syntax, constraints: Vec<(&'p str, &'p Rule)>) -> Self {
        Self {
            syntax,
            constraints,
            bound: Vec::new(),
            start: 0,
            choices: 0,
            memo: Memo::default(),
            matched: 0,
            miss: None,
        }
    }

    pub(crate) fn text(&self) -> &'s str {
        self.syntax.text()
    }

    /// How the pattern holds of `node`, if it does.
    pub(crate) fn pattern(&mut self, pattern: &'p PatternNode, node: Node<'s>) -> Option<Solution> {
        self.begin(node);
        let todo = self.whole(pattern, node, None);
        (self.solve(todo)).then(|| self.solution(node))
    }

    /// How the rule holds of `node`, if it does.
    pub(crate) fn rule(&mut self, rule: &'p Rule, node: Node<'s>) -> Option<Solution> {
        self.begin(node);
        self.solve(step(Goal::Rule(rule, node), None)).then(|| self.solution(node))
    }

    /// The furthest that a pattern came before it failed, since this was last asked.
    pub(crate) fn take_miss(&mut self) -> Option<Miss> {
        self.miss.take()
    }

    fn begin(&mut self, node: Node<'s>) {
        self.bound.clear();
        (self.start, self.choices, self.matched) = (node.start_byte(), 0, 0);
    }

    fn solution(&self, node: Node<'s>) -> Solution {
        let capture = |(name, bound): &(&str, Bound<'_>)| {
            let span = bound.span();
            // The node of a doc comment ends behind its line.
            let len = self.syntax.text()[span.clone()].trim_end().len();
            Capture { name: (*name).to_owned(), span: span.start..span.start + len }
        };
        let mut captures: Vec<Capture> = self.bound.iter().map(capture).collect();
        captures.sort_by(|a, b| a.name.cmp(&b.name));
        Solution { start: self.start.max(node.start_byte()), captures }
    }

    fn solve(&mut self, mut todo: Todo<'p, 's>) -> bool {
        while let Some(step) = todo {
            if !meter::spend(1) {
                return false;
            }
            let rest = step.rest.clone();
            let next = match &step.goal {
                Goal::Rule(rule, node) => self.rule_step(rule, *node, rest),
                Goal::Pattern(pattern, node) => self.pattern_step(pattern, *node, rest),
                Goal::Aligned(alignment) => self.align(alignment.clone(), rest),
                Goal::Bound(name, bound) => self.bind(name, bound.clone(), rest),
                Goal::Unnamed(span) => self.fail(None, span.clone()),
            };
            todo = match next {
                Next::Go(todo) => todo,
                Next::Decided(holds) => return holds,
                Next::Fails => return false,
            };
        }
        true
    }

    /// Whether one of these holds with all that follows; what the others bound is forgotten.
    fn choose(&mut self, choices: impl Iterator<Item = Todo<'p, 's>>) -> Next<'p, 's> {
        if self.choices == CHOICES {
            meter::reach(Limit::Choices);
            return Next::Fails;
        }
        self.choices += 1;
        let (bound, matched, start) = (self.bound.len(), self.matched, self.start);
        for choice in choices {
            if self.solve(choice) {
                return Next::Decided(true);
            }
            self.bound.truncate(bound);
            (self.matched, self.start) = (matched, start);
        }
        self.choices -= 1;
        Next::Fails
    }

    fn rule_step(&mut self, rule: &'p Rule, node: Node<'s>, rest: Todo<'p, 's>) -> Next<'p, 's> {
        match rule {
            Rule::Pattern(_, around) | Rule::Loose(_, around)
                if !around.iter().all(|outer| outer.holds(node, self.syntax.text())) =>
            {
                Next::Fails
            }
            Rule::Pattern(pattern, _) => Next::Go(self.whole(&pattern.node, node, rest)),
            Rule::Loose(pattern, _) => self.loose(pattern, node, rest),
            Rule::Text(core) => {
                meter::spend(node.byte_range().len() / BYTES_A_STEP);
                let holds = core.match_node(self.syntax.root().adopt(node)).is_some();
                if holds { Next::Go(rest) } else { Next::Fails }
            }
            Rule::Nth(nth) => match self.is_nth(nth, node) {
                true => Next::Go(nth.of.iter().fold(rest, |rest, rule| step(Goal::Rule(rule, node), rest))),
                false => Next::Fails,
            },
            Rule::Kind(core) => {
                let holds = core.match_node(self.syntax.root().adopt(node)).is_some();
                if holds { Next::Go(rest) } else { Next::Fails }
            }
            Rule::All(rules) => {
                let rules = rules.iter().rev();
                Next::Go(rules.fold(rest, |rest, (_, rule)| step(Goal::Rule(rule, node), rest)))
            }
            Rule::Any(rules) => {
                self.choose(rules.iter().map(|rule| step(Goal::Rule(rule, node), rest.clone())))
            }
            Rule::Not(rule) => {
                if self.holds(rule, node) {
                    Next::Fails
                } else {
                    Next::Go(rest)
                }
            }
            Rule::Related(relation) if relation.is_ground => {
                if self.is_related(relation, node) {
                    Next::Go(rest)
                } else {
                    Next::Fails
                }
            }
            Rule::Related(relation) => {
                let stops =
                    |rule: &'p Rule, node| Self::new(self.syntax, Vec::new()).rule(rule, node).is_some();
                let candidates = relations::candidates(relation, node, stops).into_iter();
                // To find a sibling takes more than a step: the tree knows none.
                meter::spend(candidates.len() * STEPS_A_SIBLING);
                self.choose(candidates.map(|node| step(Goal::Rule(&relation.rule, node), rest.clone())))
            }
        }
    }

    /// Whether a rule holds of `node`, with what is bound; what it binds is forgotten.
    pub(super) fn holds(&mut self, rule: &'p Rule, node: Node<'s>) -> bool {
        let (bound, matched, start) = (self.bound.len(), self.matched, self.start);
        let choices = self.choices;
        let holds = self.solve(step(Goal::Rule(rule, node), None));
        self.bound.truncate(bound);
        (self.matched, self.start, self.choices) = (matched, start, choices);
        holds
    }

    fn loose(&mut self, pattern: &'p Pattern, node: Node<'s>, rest: Todo<'p, 's>) -> Next<'p, 's> {
        let Some(hit) = pattern.match_node(self.syntax.root().adopt(node)) else { return Next::Fails };
        let env = hit.get_env();
        let mut todo = rest;
        for (name, variable) in named(&pattern.node) {
            let bound = match variable {
                MetaVariable::MultiCapture(_) => {
                    let nodes: Rc<[_]> =
                        env.get_multiple_matches(name).iter().map(|node| node.get_inner_node()).collect();
                    Bound::Many { range: 0..nodes.len(), nodes, place: node.start_byte() }
                }
                _ => match env.get_match(name) {
                    Some(one) => Bound::One(one.get_inner_node(), one.range()),
                    None => continue,
                },
            };
            todo = step(Goal::Bound(name, bound), todo);
        }
        Next::Go(todo)
    }

    /// A pattern for all of `node`. Attributes of the node that the pattern does not name are its surroundings, as those
    /// of an item are.
    fn whole(&mut self, pattern: &'p PatternNode, node: Node<'s>, rest: Todo<'p, 's>) -> Todo<'p, 's> {
        let PatternNode::Internal { kind_id, children } = pattern else {
            return step(Goal::Pattern(pattern, node), rest);
        };
        let attributes = match *kind_id == node.kind_id() {
            true => relations::attributes(&children_of(node)),
            false => 0,
        };
        if attributes == 0 || children.first().is_some_and(is_attribute) {
            return step(Goal::Pattern(pattern, node), rest);
        }
        let mut alignment = Alignment::of(*kind_id, children, node);
        alignment.at = attributes;
        self.start = alignment.here();
        step(Goal::Aligned(alignment), rest)
    }

    fn pattern_step(&mut self, pattern: &'p PatternNode, node: Node<'s>, rest: Todo<'p, 's>) -> Next<'p, 's> {
        match pattern {
            PatternNode::MetaVar { meta_var } => match meta_var {
                MetaVariable::Capture(_, true) | MetaVariable::Dropped(true) if !node.is_named() => {
                    self.fail(Some(pattern), node.byte_range())
                }
                MetaVariable::Capture(name, _) => {
                    Next::Go(step(Goal::Bound(name, Bound::One(node, node.byte_range())), rest))
                }
                MetaVariable::MultiCapture(name) => {
                    let many = Bound::Many { nodes: Rc::new([node]), range: 0..1, place: node.start_byte() };
                    Next::Go(step(Goal::Bound(name, many), rest))
                }
                MetaVariable::Dropped(_) | MetaVariable::Multiple => Next::Go(rest),
            },
            PatternNode::Terminal { text, kind_id, .. } => {
                let found = &self.syntax.text()[node.byte_range()];
                if *kind_id != node.kind_id() || !lexer::is_same_token(found, text) {
                    return self.fail(Some(pattern), node.byte_range());
                }
                self.matched += 1;
                Next::Go(rest)
            }
            PatternNode::Internal { kind_id, children } => match *kind_id == node.kind_id() {
                true => Next::Go(step(Goal::Aligned(Alignment::of(*kind_id, children, node)), rest)),
                false => self.fail(Some(pattern), node.byte_range()),
            },
        }
    }

    /// Matches the next of the parts.
    fn align(&mut self, mut a: Alignment<'p, 's>, rest: Todo<'p, 's>) -> Next<'p, 's> {
        let Some(part) = a.parts.first() else {
            return if a.is_at_end() { Next::Go(rest) } else { self.fail(None, a.found()) };
        };
        if let Some(name) = list_name(part) {
            return self.align_list(name, &a, &rest);
        }
        if is_comma(part) && !a.stands_at_comma() {
            return self.absent_comma(part, &a, rest);
        }
        if is_closing(part) && a.stands_at_last_comma() {
            a.at += 1;
        }
        let from = a.here();
        let is_hole = is_hole(part);
        if is_hole {
            a.at += a.before_element();
        }
        let Some(node) = a.nodes.get(a.at).copied() else { return self.fail(Some(part), a.found()) };
        let (parts, nodes) = if is_hole { a.with_comments(self.syntax.text()) } else { (1, 1) };
        let end = a.nodes[a.at + nodes - 1].end_byte();
        let rest = step(Goal::Aligned(a.past(parts, nodes)), rest);
        match part {
            PatternNode::MetaVar { meta_var: MetaVariable::Capture(name, _) } if node.is_named() => {
                Next::Go(step(Goal::Bound(name, Bound::One(node, from..end)), rest))
            }
            _ => self.pattern_step(part, node, rest),
        }
    }

    /// `$$$NAME` takes as little as what follows allows; the last list of its bracket takes what is left, with the comma at
    /// the end.
    fn align_list(
        &mut self,
        name: Option<&'p str>,
        a: &Alignment<'p, 's>,
        rest: &Todo<'p, 's>,
    ) -> Next<'p, 's> {
        let left = a.nodes.len() - a.at;
        let behind = &a.parts[1..];
        let taking = |count: usize| {
            let before = if count == 0 { Before::EmptyList } else { Before::Something };
            let (parts, nodes) = a.with_line_comment(count, self.syntax.text());
            let next = step(Goal::Aligned(Alignment { before, ..a.past(parts, nodes) }), rest.clone());
            match name {
                Some(name) => step(Goal::Bound(name, a.many(nodes)), next),
                None => next,
            }
        };
        if behind.is_empty() {
            return Next::Go(taking(left));
        }
        // Attributes of what the pattern names next are not in the pattern: no match, but the nearest one.
        let taken = |count: usize| match (a.attribute_before(count), a.nodes.get(a.at + count)) {
            (Some(attribute), Some(node)) => {
                let unnamed = step(Goal::Unnamed(attribute), None);
                step(Goal::Pattern(&behind[0], *node), unnamed)
            }
            _ => taking(count),
        };
        if behind.iter().any(|part| list_name(part).is_some()) {
            let counts = (0..=left).filter(|count| !a.splits_element(*count, self.syntax.text()));
            return self.choose(counts.collect::<Vec<_>>().into_iter().map(taken));
        }
        // As many nodes are left over as parts follow, commas aside that are layout, and what belongs to an element.
        let most = left.min((left + commas(behind)).saturating_sub(behind.len()));
        let belonging = a.nodes[a.at..].iter().filter(|node| belongs_to_element(node)).count();
        let least = left.saturating_sub(behind.len() + 1 + belonging).min(most);
        let counts = (least..=most).rev().filter(|count| !a.splits_element(*count, self.syntax.text()));
        self.choose(counts.collect::<Vec<_>>().into_iter().map(taken))
    }

    /// A comma of the pattern that the code does not have: beside a list of nothing, or before a closing bracket.
    fn absent_comma(
        &mut self,
        comma: &'p PatternNode,
        a: &Alignment<'p, 's>,
        rest: Todo<'p, 's>,
    ) -> Next<'p, 's> {
        if a.before == Before::EmptyList {
            return Next::Go(step(Goal::Aligned(a.past(1, 0)), rest));
        }
        match a.parts.get(1) {
            None => Next::Go(step(Goal::Aligned(a.past(1, 0)), rest)),
            Some(next) if is_closing(next) && a.commas == Commas::AreLayout => {
                Next::Go(step(Goal::Aligned(a.past(1, 0)), rest))
            }
            Some(next) => {
                let Some(name) = list_name(next) else { return self.fail(Some(comma), a.found()) };
                let rest = step(Goal::Aligned(Alignment { before: Before::EmptyList, ..a.past(2, 0) }), rest);
                Next::Go(match name {
                    Some(name) => step(Goal::Bound(name, a.many(0)), rest),
                    None => rest,
                })
            }
        }
    }

    /// Where the name is bound already, the same must stand again; else what it must be is looked at.
    fn bind(&mut self, name: &'p str, bound: Bound<'s>, rest: Todo<'p, 's>) -> Next<'p, 's> {
        if let Some((_, known)) = self.bound.iter().find(|(known, _)| *known == name) {
            meter::spend(known.span().len() / BYTES_A_STEP);
            let is_same = known.words(self.syntax.text()) == bound.words(self.syntax.text());
            return if is_same { Next::Go(rest) } else { self.fail(None, bound.span()) };
        }
        self.matched += 1;
        let constraint = self.constraints.iter().find(|(constrained, _)| *constrained == name);
        let rest = match (&bound, constraint) {
            (Bound::One(node, _), Some((_, rule))) => step(Goal::Rule(rule, *node), rest),
            _ => rest,
        };
        self.bound.push((name, bound));
        Next::Go(rest)
    }

    fn fail(&mut self, wanted: Option<&PatternNode>, found: Range<usize>) -> Next<'p, 's> {
        if self.matched > 0 && self.miss.as_ref().is_none_or(|miss| miss.matched < self.matched) {
            let wanted = wanted.filter(|part| !is_closing(part)).map(text_of);
            self.miss = Some(Miss { matched: self.matched, found, wanted });
        }
        Next::Fails
    }
}

fn step<'p, 's>(goal: Goal<'p, 's>, rest: Todo<'p, 's>) -> Todo<'p, 's> {
    Some(Rc::new(Step { goal, rest }))
}
