//! What a locator returns, and the one `match` over query kinds that need a tree.
//!
//! Locators know a text and a query; they return spans and know nothing of operations, files or each other.

use std::ops::Range;

use tree_sitter::Node;

use crate::config::Query;
use crate::rust::surroundings::{self, Surroundings};
use crate::rust::syntax::Syntax;
use crate::{sg, ts};

/// A place that a structural query selects. All offsets are byte offsets, ranges half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The matched node.
    pub span: Range<usize>,
    /// What belongs to it.
    pub surroundings: Surroundings,
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
    pub fn of_node(syntax: &Syntax, node: Node<'_>, captures: Vec<Capture>) -> Self {
        Self { span: node.byte_range(), surroundings: surroundings::of(syntax, node), captures }
    }
}

/// The matches of a structural query, in order of position, none inside another.
///
/// Text and TOML queries have no tree; for them there is none.
pub fn structural(query: &Query, syntax: &Syntax) -> Vec<Match> {
    match query {
        Query::AstGrep(query) => sg::matcher::locate_all(query, syntax),
        Query::TreeSitter(query) => ts::locator::locate_all(query, syntax),
        Query::Text(_) | Query::Toml(_) => Vec::new(),
    }
}

/// Whether the query can match at all in a text: cheap, and never wrongly `false`.
pub fn may_match(query: &Query, text: &str) -> bool {
    let needle = match query {
        Query::Text(query) => return query.fuzzy.is_some() || contains(text, &query.search),
        Query::AstGrep(query) => query.anchor(),
        Query::TreeSitter(query) => query.anchor(),
        Query::Toml(_) => None,
    };
    needle.is_none_or(|needle| contains(text, needle))
}

fn contains(text: &str, needle: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), needle.as_bytes()).is_some()
}

/// Keeps the spans that are not inside an earlier, wider one. `spans` come in order of position, wider first.
pub fn outermost<T>(found: Vec<T>, span: impl Fn(&T) -> Range<usize>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(found.len());
    for item in found {
        let inner = kept.last().is_some_and(|last| span(&item).end <= span(last).end);
        if !inner {
            kept.push(item);
        }
    }
    kept
}
