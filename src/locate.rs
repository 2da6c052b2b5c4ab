//! The one `match` over the query kinds that need a tree, and what can be known without one. Pure.
//!
//! Locators know a text and a query; they return spans and know nothing of operations, files or each other.

use std::ops::Range;

use crate::matches::Match;
use crate::patch::{Action, RustQuery};
use crate::rust::syntax::Syntax;
pub(crate) use crate::sg::miss::NearMiss;
use crate::{sg, ts};

/// The matches of a structural query, in order of position, none inside another.
pub(crate) fn structural(query: &RustQuery, syntax: &Syntax) -> Vec<Match> {
    match query {
        RustQuery::AstGrep(query) => sg::matcher::locate_all(query, syntax),
        RustQuery::TreeSitter(query) => ts::locator::locate_all(query, syntax),
    }
}

/// Where the query matches inside one of its matches: byte offsets. `spans` are the half-open byte ranges of these.
pub(crate) fn inside(query: &RustQuery, syntax: &Syntax, spans: &[Range<usize>]) -> Vec<usize> {
    match query {
        RustQuery::AstGrep(query) => sg::matcher::locate_inside(query, syntax, spans),
        RustQuery::TreeSitter(query) => ts::locator::locate_inside(query, syntax, spans),
    }
}

/// What an ast-grep query almost matches, and what is different there.
pub(crate) fn near_miss(query: &RustQuery, syntax: &Syntax) -> Option<NearMiss> {
    match query {
        RustQuery::AstGrep(query) => sg::miss::nearest(query, syntax),
        RustQuery::TreeSitter(_) => None,
    }
}

/// Whether the query of `change` can match at all in a text: cheap, and never wrongly `false`.
pub(crate) fn may_match(action: &Action, text: &str) -> bool {
    match action {
        Action::Text { query, .. } => query.fuzzy.is_some() || contains(text, &query.search),
        Action::Rust { query, .. } => may_match_rust(query, text),
        Action::Toml { .. } => true,
    }
}

/// The same for a structural query.
pub(crate) fn may_match_rust(query: &RustQuery, text: &str) -> bool {
    query.required_literal().is_none_or(|literal| contains(text, literal))
}

fn contains(text: &str, needle: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), needle.as_bytes()).is_some()
}
