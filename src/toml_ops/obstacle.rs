//! What is in the way of an operation, for messages: where `find` only says that something is.

use std::ops::Range;

use super::model::{Model, Node, Segment, ValueShape};
use super::suggestion::names;
use super::view::{Presence, View};
use crate::patch::TomlQuery;
use crate::patch::toml_path::{KeyPath, SectionPath};

/// What stands where an operation would act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// Its path.
    pub(crate) name: String,
    /// How it is written.
    pub(crate) written: Written,
    /// Its lines, half-open byte offsets.
    pub(crate) lines: Range<usize>,
}

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// Below a header.
    Section,
    /// As an inline table.
    Inline,
    /// By dotted keys, of which the obstacle is one.
    Dotted,
    /// As a value that is no table.
    Value,
}

/// What stands at `span`, which `find_sites` gave as `other_content` for `query`.
pub(crate) fn obstacle(
    query: &TomlQuery,
    text: &str,
    model: &Model,
    span: &Range<usize>,
) -> Option<Obstacle> {
    let holds =
        |node: &&Node| node.is_statement() && node.lines.start <= span.start && span.start < node.lines.end;
    let node = model.nodes().iter().rfind(holds)?;
    let (section, key) = (query.section.as_ref().map_or(&[][..], SectionPath::parts), query.key.as_ref());
    let wanted = section.len() + key.map_or(0, |key| key.parts().len());
    let written = if node.is_header() {
        Written::Section
    } else if wanted > 0 && node.path.len() > wanted {
        Written::Dotted
    } else if node.shape == ValueShape::Inline {
        Written::Inline
    } else {
        Written::Value
    };
    let path = if written == Written::Dotted { &node.path[..wanted] } else { &node.path[..] };
    let lines = node.lines.start..if node.is_header() {
        span.end.clamp(node.lines.end, text.len())
    } else {
        node.lines.end
    };
    Some(Obstacle { name: names(path), written, lines })
}

/// Where the section of `query` begins to be written, if that is by headers of its sub-tables only: there is no line below
/// which a key could stand.
pub(crate) fn only_implied(query: &TomlQuery, text: &str, model: &Model) -> Option<usize> {
    let view = View { text, model };
    let section: Vec<Vec<Segment>> = view.instances(query.section.as_ref()?.parts());
    let [place] = section.as_slice() else { return None };
    let first = view.below(place).next()?;
    (view.presence(place) == Some(Presence::Implicit)).then_some(first.span.start)
}

/// Whether the section of `query` is anywhere.
pub(crate) fn has_section(query: &TomlQuery, text: &str, model: &Model) -> bool {
    let parts = query.section.as_ref().map_or(&[][..], SectionPath::parts);
    !View { text, model }.instances(parts).is_empty()
}

/// The path of the header of `text` that cannot be inserted beside what is called `there`; else of its first one.
pub(crate) fn refused_header(text: &str, there: &str) -> Option<String> {
    let model = Model::parse(text).ok()?;
    let headers = || model.nodes().iter().filter(|node| node.is_header()).map(|node| names(&node.path));
    let is_about = |header: &String| {
        there.strip_prefix(header.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    headers().filter(is_about).max_by_key(String::len).or_else(|| headers().next())
}

/// A key of the query, with that of the section before it.
pub(crate) fn dotted_path(query: &TomlQuery) -> String {
    let section = query.section.as_ref().map(ToString::to_string);
    let key = query.key.as_ref().map(KeyPath::to_string);
    section.into_iter().chain(key).collect::<Vec<_>>().join(".")
}
