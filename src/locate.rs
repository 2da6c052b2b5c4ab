//! The one `match` over the query kinds that need a tree, and what can be known without one. Pure.
//!
//! Locators know a text and a query; they return spans and know nothing of operations, files or each other.

use crate::matches::Match;
use crate::patch::Query;
use crate::rust::syntax::Syntax;
use crate::{sg, ts};

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
