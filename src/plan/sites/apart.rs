//! Insertions that stand away from their match: sorted by rustfmt, parted by another patch or by a merge.
//!
//! An insertion is known by its own text in its container: the file, the item, the block or the list that holds the element
//! which it was put beside. An attribute or a comment belongs to what is below it, and is looked for there only.

use std::ops::Range;

use tree_sitter::Node;

use super::{Occurrence, Occurs, Pending, Sites};
use crate::plan::draft::{Draft, overlap};
use crate::plan::template::runs_of;
use crate::rust::lexer;
use crate::rust::syntax::Syntax;
use crate::text::lines::trimmed;

/// Takes the matches of an insertion of `inserted` out of those that are pending, in whose container the text stands.
/// `element` is what an insertion beside a match is put beside.
pub(super) fn take(
    sites: &mut Sites,
    inserted: &str,
    others: &[String],
    draft: &mut Draft,
    element: impl Fn(&Pending) -> Range<usize>,
) {
    if sites.pending.is_empty() || !draft.is_rust() || !is_code(inserted) {
        return;
    }
    // Whose it is cannot be told.
    if others.iter().any(|other| other.trim() == inserted.trim()) {
        return;
    }
    let tokens = draft.tokens();
    let runs: Vec<Range<usize>> = runs_of(inserted, draft.text(), &tokens);
    if runs.is_empty() {
        return;
    }
    let syntax = draft.syntax();
    let mut pending = Vec::new();
    for site in std::mem::take(&mut sites.pending) {
        let beside = element(&site);
        let is_there = |run: &&Range<usize>| {
            is_in_container_of(&syntax, run, &beside)
                && !sites.present.iter().any(|place| overlap(&place.span, run))
        };
        match runs.iter().find(is_there) {
            Some(run) => sites.present.push(Occurrence { span: run.clone(), how: Occurs::Apart }),
            None => pending.push(site),
        }
    }
    sites.pending = pending;
    sites.present.sort_by_key(|place| place.span.start);
}

/// Whether a text says more than attributes and comments.
fn is_code(text: &str) -> bool {
    let tokens = lexer::tokens(text);
    let mut words = tokens
        .iter()
        .filter(|token| token.kind != lexer::TokenKind::Comment)
        .map(|token| &text[token.span.clone()])
        .peekable();
    while words.next_if_eq(&"#").is_some() {
        let mut depth = 0_usize;
        for word in words.by_ref() {
            match word {
                "[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    words.peek().is_some()
}

/// Whether `run` is made of whole children of the node that holds `element`.
fn is_in_container_of(syntax: &Syntax, run: &Range<usize>, element: &Range<usize>) -> bool {
    let Some(container) = container(syntax, element) else { return false };
    let mut cursor = container.walk();
    let children: Vec<Node<'_>> = container.children(&mut cursor).collect();
    let end = |child: &Node<'_>| child.start_byte() + syntax.text()[child.byte_range()].trim_end().len();
    children.iter().any(|child| child.start_byte() == run.start)
        && children.iter().any(|child| end(child) == run.end)
}

/// The node of which `element` is a child, or are several.
fn container<'t>(syntax: &'t Syntax, element: &Range<usize>) -> Option<Node<'t>> {
    let element = trimmed(syntax.text(), element);
    let node = syntax.node_at(element.start, element.end)?;
    if node.start_byte() < element.start || element.end < node.end_byte() {
        return Some(node);
    }
    let path = syntax.path_to(node);
    path.into_iter().rev().find(|above| above.byte_range() != node.byte_range())
}
