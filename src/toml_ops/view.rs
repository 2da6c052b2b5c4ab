//! One text with its model, and the questions that every operation asks of it: which sections fit a path, in
//! what way are they there, what is a section's body, which comment is a header's own, where are the blank
//! lines.
//!
//! It answers with places and makes no edits. A section is not an object here, as it would be in a document
//! tree: it is whatever statements have its path as a prefix, for they may stand anywhere and in three
//! notations.

use std::ops::Range;

use super::content;
use super::model::{Model, Node, NodeKind, Segment, ValueShape};
use crate::patch::toml_path::{Part, Pick};
use crate::text::lines::{line_start, next_line};

/// A text and its model.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) text: &'a str,
    pub(super) model: &'a Model,
}

/// In what way a path is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presence {
    /// Only as the parent of a section with a header.
    Implicit,
    /// A header, an inline table, or dotted keys.
    Table,
    /// A value that is no table; its entry's place.
    Value(Range<usize>),
}

impl<'a> View<'a> {
    pub(super) fn nodes(&self) -> &'a [Node] {
        self.model.nodes()
    }

    /// The distinct places that fit `pattern`, by position; for an empty pattern the root.
    pub(super) fn instances(&self, pattern: &[Part]) -> Vec<Vec<Segment>> {
        let mut found: Vec<Vec<Segment>> = Vec::new();
        if pattern.is_empty() {
            found.push(Vec::new());
            return found;
        }
        for node in self.nodes() {
            let Some(prefix) = node.path.get(..pattern.len()) else { continue };
            let known = found.last().is_some_and(|last| last == prefix) || found.iter().any(|f| f == prefix);
            if !known && self.matches(pattern, prefix) {
                found.push(prefix.to_vec());
            }
        }
        found
    }

    fn matches(&self, pattern: &[Part], path: &[Segment]) -> bool {
        let named = pattern.iter().zip(path).all(|(part, segment)| part.key == segment.name);
        named
            && pattern.iter().enumerate().all(|(i, part)| match &part.pick {
                None => true,
                Some(Pick::Index(index)) => path[i].index == Some(*index),
                Some(Pick::Where { key, value }) => {
                    path[i].index.is_some() && self.holds(&path[..=i], key, value)
                }
            })
    }

    fn holds(&self, element: &[Segment], key: &str, value: &str) -> bool {
        self.nodes().iter().any(|node| {
            node.kind == NodeKind::Entry
                && node.path.len() == element.len() + 1
                && node.path.starts_with(element)
                && node.path[element.len()].name == key
                && content::value(&self.text[node.value.clone()])
                    .is_some_and(|found| found.as_str() == Some(value))
        })
    }

    /// In what way `path` is there; `None` where it is not.
    pub(super) fn presence(&self, path: &[Segment]) -> Option<Presence> {
        if path.is_empty() {
            return Some(Presence::Table);
        }
        let mut best = None;
        for node in self.below(path) {
            let exact = node.path.len() == path.len();
            if exact && !node.is_header() && node.shape != ValueShape::Inline {
                return Some(Presence::Value(node.span.clone()));
            }
            if exact || node.depth() < path.len() && !node.is_header() {
                return Some(Presence::Table);
            }
            best = Some(Presence::Implicit);
        }
        best
    }

    /// The nodes whose path begins with `path`.
    pub(super) fn below<'p>(&self, path: &'p [Segment]) -> impl Iterator<Item = &'a Node> + use<'a, 'p> {
        self.nodes().iter().filter(move |node| node.path.starts_with(path))
    }

    /// The places in the list of the nodes below `path` that stand in no other of them.
    pub(super) fn outermost_below(&self, path: &[Segment]) -> Vec<usize> {
        let nodes = self.nodes();
        let below = |i: usize| nodes[i].path.starts_with(path);
        (0..nodes.len())
            .filter(|&i| below(i) && (nodes[i].parent_offset == 0 || !below(i - nodes[i].parent_offset)))
            .collect()
    }

    /// The entry that gives `path` a value.
    pub(super) fn entry(&self, path: &[Segment]) -> Option<&'a Node> {
        self.nodes().iter().find(|node| node.kind == NodeKind::Entry && node.path == path)
    }

    /// From the first node of `path` to the end of the last one that directly follows.
    pub(super) fn extent(&self, path: &[Segment]) -> Range<usize> {
        let mut extent: Option<Range<usize>> = None;
        for node in self.nodes() {
            if node.path.starts_with(path) {
                let extent = extent.get_or_insert(node.span.clone());
                extent.end = extent.end.max(node.span.end);
            } else if extent.is_some() {
                break;
            }
        }
        extent.unwrap_or(0..0)
    }

    /// The header under which the statement at `i` stands; `None` for the root. A header stands under itself.
    pub(super) fn header_of(&self, i: usize) -> Option<usize> {
        (0..=i).rev().find(|&i| self.nodes()[i].is_header())
    }

    /// The first header after the statement at `i`; from the start with `None`.
    pub(super) fn next_header(&self, i: Option<usize>) -> Option<usize> {
        (i.map_or(0, |i| i + 1)..self.nodes().len()).find(|&i| self.nodes()[i].is_header())
    }

    /// The statements under a header (or the root): places in the list, headers excluded.
    pub(super) fn body(&self, header: Option<usize>) -> impl DoubleEndedIterator<Item = usize> + use<'a> {
        let end = self.next_header(header).unwrap_or(self.nodes().len());
        let nodes = self.nodes();
        (header.map_or(0, |header| header + 1)..end).filter(move |&i| nodes[i].is_statement())
    }

    /// Where the comment lines begin that stand directly above the header at `i`; its own line if there are
    /// none.
    pub(super) fn own_comment(&self, i: usize) -> usize {
        let floor =
            self.nodes()[..i].iter().rev().find(|node| node.is_statement()).map_or(0, |node| node.lines.end);
        let mut start = self.nodes()[i].lines.start;
        while start > floor {
            let above = line_start(self.text, start - 1);
            if !self.text[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    /// Where a body ends: after its last statement and the comment lines directly below, unless they are the
    /// next header's own. A root without entries ends at the start of the text.
    pub(super) fn body_end(&self, header: Option<usize>) -> usize {
        let last = self.body(header).next_back().or(header);
        let mut end = last.map_or(0, |last| self.nodes()[last].lines.end);
        let ceiling = self.next_header(header).map_or(self.text.len(), |next| self.own_comment(next));
        while last.is_some()
            && end < ceiling
            && self.text[end..].trim_start_matches([' ', '\t']).starts_with('#')
        {
            end = next_line(self.text, end);
        }
        end
    }
}

/// The blank lines around the start of a line: from where those above begin to where those below end.
pub(super) fn gap(text: &str, at: usize) -> Range<usize> {
    let mut start = at;
    while start > 0 {
        let above = line_start(text, start - 1);
        if !text[above..start].ends_with('\n') || !text[above..start].trim().is_empty() {
            break;
        }
        start = above;
    }
    let mut end = at;
    while end < text.len() && text[end..next_line(text, end)].trim().is_empty() {
        end = next_line(text, end);
    }
    start..end
}
