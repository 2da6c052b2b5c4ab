//! The parts of a pattern beside the nodes that they are to be, and what belongs to an element of a list. Pure.
//!
//! ```text
//! g($A, $B)       g ( a , /* why */ b /* keep */ )      $B is `/* why */ b /* keep */`
//! g($A, $B)       g ( a , // one⏎ b )                  $A is `a, // one`, the comma between them is taken
//! { $$$A $B }     { f(); #[x] let b = 1; }              $$$A is `f();`, not `f(); #[x]`
//! ```

use std::ops::Range;
use std::rc::Rc;

use ast_grep_core::matcher::PatternNode;
use ast_grep_core::meta_var::MetaVariable;
use tree_sitter::{Language, Node};

use crate::rust::lexer;

/// What `$NAME` or `$$$NAME` stands for.
#[derive(Clone)]
pub(super) enum Bound<'s> {
    /// A node, and the bytes of it with the comments and attributes that belong to it.
    One(Node<'s>, Range<usize>),
    /// Some of the children of a node, and where they would stand if there are none.
    Many { nodes: Rc<[Node<'s>]>, range: Range<usize>, place: usize },
}

/// The parts and nodes of one bracket that are still to be matched.
#[derive(Clone)]
pub(super) struct Alignment<'p, 's> {
    pub(super) parts: &'p [PatternNode],
    pub(super) nodes: Rc<[Node<'s>]>,
    /// The first of the nodes that is not matched yet.
    pub(super) at: usize,
    pub(super) before: Before,
    pub(super) commas: Commas,
}

/// What the part before stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Something,
    /// A `$$$NAME` that stands for nothing.
    EmptyList,
}

/// Whether the comma before a closing bracket counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Commas {
    AreLayout,
    /// `(a,)` is not `(a)`.
    Count,
}

impl<'p, 's> Alignment<'p, 's> {
    pub(super) fn of(kind: u16, parts: &'p [PatternNode], node: Node<'s>) -> Self {
        let is_tuple = is_kind(kind, &["tuple_expression", "tuple_pattern", "tuple_type"]);
        let commas = if is_tuple && parts.len() <= 4 { Commas::Count } else { Commas::AreLayout };
        Self { parts, nodes: children_of(node), at: 0, before: Before::Something, commas }
    }

    /// Behind this many parts and nodes.
    pub(super) fn past(&self, parts: usize, nodes: usize) -> Self {
        Self { parts: &self.parts[parts..], at: self.at + nodes, before: Before::Something, ..self.clone() }
    }

    /// The next nodes, this many.
    pub(super) fn many(&self, count: usize) -> Bound<'s> {
        Bound::Many { nodes: Rc::clone(&self.nodes), range: self.at..self.at + count, place: self.here() }
    }

    /// Where the next node stands, or would.
    pub(super) fn here(&self) -> usize {
        self.found().start
    }

    pub(super) fn found(&self) -> Range<usize> {
        match (self.nodes.get(self.at), self.nodes.last()) {
            (Some(node), _) => node.byte_range(),
            (None, Some(last)) => last.end_byte()..last.end_byte(),
            (None, None) => 0..0,
        }
    }

    /// How many of the next nodes belong to the element behind them.
    pub(super) fn before_element(&self) -> usize {
        self.nodes[self.at..].iter().take_while(|node| belongs_to_element(node)).count()
    }

    /// Whether a list of this many of the next nodes would end between an element and its attributes, or the comments
    /// before it that a metavariable takes along.
    pub(super) fn splits_element(&self, count: usize, text: &str) -> bool {
        let taken = &self.nodes[self.at..self.at + count];
        let [before @ .., last] = taken else { return false };
        let is_behind =
            before.last().is_some_and(|node| !text[node.end_byte()..last.start_byte()].contains('\n'));
        let is_extra = last.is_extra() && !is_behind;
        self.parts.get(1).is_some_and(is_hole) && (is_extra || self.attribute_before(count).is_some())
    }

    /// The attribute that ends a list of this many of the next nodes: it belongs to what follows.
    pub(super) fn attribute_before(&self, count: usize) -> Option<Range<usize>> {
        let taken = &self.nodes[self.at..self.at + count];
        let own = taken.iter().rev().find(|node| !node.is_extra());
        own.filter(|own| belongs_to_element(own)).map(Node::byte_range)
    }

    /// How many parts and nodes the next part takes, a metavariable: with the comments behind its node on the same line, if
    /// the pattern has none there.
    pub(super) fn with_comments(&self, text: &str) -> (usize, usize) {
        if self.parts.get(1).is_some_and(is_comment) {
            return (1, 1);
        }
        let on_its_line = |pair: &&[Node<'_>]| {
            pair[1].is_extra() && !text[pair[0].end_byte()..pair[1].start_byte()].contains('\n')
        };
        let comments = self.nodes[self.at..].windows(2).take_while(on_its_line).count();
        self.with_line_comment(1 + comments, text)
    }

    /// How many parts and nodes the next part takes: these nodes, and the comma behind them where a comment follows that
    /// ends its line and so tells of what is before the comma.
    pub(super) fn with_line_comment(&self, nodes: usize, text: &str) -> (usize, usize) {
        let behind = |count: usize| self.nodes.get(self.at + nodes + count);
        let tells = |comma: &Node<'_>, comment: &Node<'_>| {
            let words = &text[comment.byte_range()];
            let is_documentation = words.starts_with("///") || words.starts_with("//!");
            words.starts_with("//")
                && !is_documentation
                && !text[comma.end_byte()..comment.start_byte()].contains('\n')
        };
        let stands =
            |comma: &&Node<'_>| comma.kind() == "," && behind(1).is_some_and(|comment| tells(comma, comment));
        let comma = behind(0).filter(|_| nodes > 0).filter(stands);
        match &self.parts[1..] {
            [comma_too, after @ ..]
                if comma.is_some() && is_comma(comma_too) && !after.first().is_some_and(is_comment) =>
            {
                (2, nodes + 2)
            }
            [closing, ..] if comma.is_some() && is_closing(closing) => (1, nodes + 2),
            _ => (1, nodes),
        }
    }

    pub(super) fn stands_at_comma(&self) -> bool {
        self.nodes.get(self.at).is_some_and(|node| node.kind() == ",")
    }

    pub(super) fn stands_at_last_comma(&self) -> bool {
        let closes = |node: &Node<'_>| CLOSING.contains(&node.kind());
        self.commas == Commas::AreLayout
            && self.stands_at_comma()
            && self.nodes.get(self.at + 1).is_some_and(closes)
    }

    /// Whether nothing is left but the separator that ends the node.
    pub(super) fn is_at_end(&self) -> bool {
        match &self.nodes[self.at..] {
            [] => true,
            [last] => matches!(last.kind(), "," | ";"),
            _ => false,
        }
    }
}

impl Bound<'_> {
    pub(super) fn span(&self) -> Range<usize> {
        match self {
            Self::One(_, span) => span.clone(),
            Self::Many { nodes, range, place } => match &nodes[range.clone()] {
                [] => *place..*place,
                [first, .., last] => first.start_byte()..last.end_byte(),
                [one] => one.byte_range(),
            },
        }
    }

    /// The tokens, whatever their layout.
    pub(super) fn words<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let text = &text[self.span()];
        lexer::tokens(text).into_iter().map(|token| text[token.span].trim_end()).collect()
    }
}

const CLOSING: [&str; 5] = [")", "]", "}", ">", "|"];

/// The children that have text.
pub(super) fn children_of(node: Node<'_>) -> Rc<[Node<'_>]> {
    node.children(&mut node.walk()).filter(|child| !child.is_missing()).collect()
}

/// Whether a part is `$$$NAME` or `$$$`; its name if it has one.
pub(super) fn list_name(part: &PatternNode) -> Option<Option<&str>> {
    match part {
        PatternNode::MetaVar { meta_var: MetaVariable::Multiple } => Some(None),
        PatternNode::MetaVar { meta_var: MetaVariable::MultiCapture(name) } => Some(Some(name)),
        _ => None,
    }
}

/// Whether a part is a metavariable for one node.
pub(super) fn is_hole(part: &PatternNode) -> bool {
    matches!(part, PatternNode::MetaVar { .. }) && list_name(part).is_none()
}

pub(super) fn is_comma(part: &PatternNode) -> bool {
    matches!(part, PatternNode::Terminal { text, is_named: false, .. } if text == ",")
}

pub(super) fn is_closing(part: &PatternNode) -> bool {
    matches!(part, PatternNode::Terminal { text, is_named: false, .. } if CLOSING.contains(&text.as_str()))
}

pub(super) fn is_attribute(part: &PatternNode) -> bool {
    matches!(part, PatternNode::Internal { kind_id, .. } if is_kind(*kind_id, &["attribute_item"]))
}

/// Comments, attributes, and the `pub` of a tuple's field: they stand before what they belong to.
pub(super) fn belongs_to_element(node: &Node<'_>) -> bool {
    let is_of_field = || {
        node.kind() == "visibility_modifier"
            && node.parent().is_some_and(|list| list.kind() == "ordered_field_declaration_list")
    };
    node.is_extra() || node.kind() == "attribute_item" || is_of_field()
}

pub(super) fn is_comment(part: &PatternNode) -> bool {
    matches!(part, PatternNode::Terminal { kind_id, .. } if is_kind(*kind_id, &["line_comment", "block_comment"]))
}

pub(super) fn is_kind(kind: u16, names: &[&str]) -> bool {
    let language = Language::from(tree_sitter_rust::LANGUAGE);
    language.node_kind_for_id(kind).is_some_and(|name| names.contains(&name))
}

pub(super) fn commas(parts: &[PatternNode]) -> usize {
    parts.iter().filter(|part| is_comma(part)).count()
}

/// The tokens of a pattern in a row, for messages.
pub(super) fn text_of(part: &PatternNode) -> String {
    match part {
        PatternNode::MetaVar { meta_var } => match meta_var {
            MetaVariable::Capture(name, _) => format!("${name}"),
            MetaVariable::Dropped(_) => "$_".to_owned(),
            MetaVariable::Multiple => "$$$".to_owned(),
            MetaVariable::MultiCapture(name) => format!("$$${name}"),
        },
        PatternNode::Terminal { text, .. } => text.clone(),
        PatternNode::Internal { children, .. } => children.iter().map(text_of).collect::<Vec<_>>().join(" "),
    }
}
