//! "Did you mean": the section or key of a text whose name is nearest to one that is not there.
//!
//! For messages only; nothing is ever located by likeness.

use std::ops::Range;

use super::model::{Model, Node, NodeKind, Segment};
use super::view::View;
use crate::patch::TomlQuery;
use crate::patch::toml_path::{KeyPath, SectionPath, dotted, key_text};

/// Names less alike than this are no help.
const LEAST_LIKENESS: f64 = 0.75;

/// The nearest existing section, or key where the section is there: where it stands (byte offset) and its
/// path.
pub(crate) fn suggestion(query: &TomlQuery, model: &Model, text: &str) -> Option<(usize, String)> {
    let view = View { text, model };
    let section = query.section.as_ref();
    let sections = view.instances(section.map_or(&[], SectionPath::parts));
    match (section, &query.key) {
        (Some(section), _) if sections.is_empty() => {
            let wanted: Vec<&str> = section.parts().iter().map(|part| part.key.as_str()).collect();
            best(&dotted(&wanted), view.nodes().iter().flat_map(section_names))
        }
        (_, Some(key)) => best(&key.to_string(), sections.iter().flat_map(|at| keys(view, at, key))),
        _ => None,
    }
}

fn best(wanted: &str, candidates: impl Iterator<Item = (usize, String)>) -> Option<(usize, String)> {
    let mut best: Option<(f64, (usize, String))> = None;
    for (offset, name) in candidates {
        let likeness =
            strsim::jaro_winkler(wanted, &name).max(strsim::normalized_damerau_levenshtein(wanted, &name));
        if name != wanted
            && likeness >= LEAST_LIKENESS
            && best.as_ref().is_none_or(|(most, _)| likeness > *most)
        {
            best = Some((likeness, (offset, name)));
        }
    }
    best.map(|(_, found)| found)
}

/// Every table on the way to a node that the node itself writes.
fn section_names(node: &Node) -> impl Iterator<Item = (usize, String)> + '_ {
    let table = node.is_header() || node.shape == super::model::ValueShape::Inline;
    let last = if table { node.path.len() } else { node.path.len() - 1 };
    (node.depth() + 1..=last).map(|len| (node.span.start, names(&node.path[..len])))
}

/// A path as a query writes it.
pub(super) fn names(path: &[Segment]) -> String {
    path.iter().map(|segment| key_text(&segment.name)).collect::<Vec<_>>().join(".")
}

fn keys(view: View<'_>, section: &[Segment], wanted: &KeyPath) -> Vec<(usize, String)> {
    let length = section.len()..section.len() + wanted.parts().len() + 1;
    let near = |node: &&Node| node.kind == NodeKind::Entry && within(&length, node.path.len());
    view.below(section)
        .filter(near)
        .map(|node| (node.span.start, names(&node.path[section.len()..])))
        .collect()
}

fn within(range: &Range<usize>, length: usize) -> bool {
    range.start < length && length < range.end
}
