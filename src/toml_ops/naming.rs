//! The way back: from a place in a text to the section and the key that name it.
//!
//! It says what could be written in a patch; whether that names this place alone is for the caller to look at.

use std::ops::Range;

use super::content;
use super::model::{Model, Node, NodeKind, Segment};
use super::view::View;
use crate::patch::toml_path::{basic, dotted, key_text};
use crate::text::lines::begins_line;

/// A header or an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Ways to write its section, the most telling first; `None` is the root.
    pub(crate) sections: Vec<Option<String>>,
    /// The key inside the section; `None` for a header.
    pub(crate) key: Option<String>,
    /// The half-open byte range of the header or the entry.
    pub(crate) span: Range<usize>,
    /// The half-open byte range of the value; empty for a header.
    pub(crate) value: Range<usize>,
    /// From a header to the end of the last entry under it, the half-open byte range of its lines; of an entry its own.
    pub(crate) body: Range<usize>,
}

/// What stands at the byte `offset`, which is on a line with something on it: the innermost entry that begins its line, or the
/// header. `None` at a comment.
pub(crate) fn at(model: &Model, text: &str, offset: usize) -> Option<Named> {
    let nodes = model.nodes();
    let place = (0..nodes.len()).rev().find(|&i| is_named(nodes, i, offset, text))?;
    Some(named(View { text, model }, place))
}

/// All headers and all entries on lines of their own, in order of position.
pub(crate) fn all(model: &Model, text: &str) -> Vec<Named> {
    let nodes = model.nodes();
    let statements = (0..nodes.len()).filter(|&i| nodes[i].is_statement());
    statements.map(|i| named(View { text, model }, i)).collect()
}

/// A key for a new entry: one that no table of the text has.
pub(crate) fn free_key(model: &Model) -> String {
    let taken =
        |key: &str| model.nodes().iter().any(|node| node.path.iter().any(|segment| segment.name == key));
    let numbered = (2..).map(|n| format!("new-key-{n}"));
    std::iter::once("new-key".to_owned()).chain(numbered).find(|key| !taken(key)).unwrap_or_default()
}

/// A statement on whose lines `offset` is, or an entry of an inline table around it that a path can lead to.
fn is_named(nodes: &[Node], i: usize, offset: usize, text: &str) -> bool {
    let node = &nodes[i];
    if !node.span.contains(&offset) || node.kind != NodeKind::Entry && !node.is_header() {
        return false;
    }
    let header = header_of(nodes, i).map_or(0, |header| nodes[header].path.len());
    let leads_there = node.path[header..].iter().all(|segment| segment.index.is_none());
    node.is_statement() || leads_there && begins_line(text, node.span.start)
}

fn header_of(nodes: &[Node], i: usize) -> Option<usize> {
    nodes[..=i].iter().rposition(Node::is_header)
}

fn named(view: View<'_>, i: usize) -> Named {
    let node = &view.nodes()[i];
    let header = header_of(view.nodes(), i).map_or(0, |header| view.nodes()[header].path.len());
    let (section, key) = node.path.split_at(header);
    let names: Vec<&str> = key.iter().map(|segment| segment.name.as_str()).collect();
    let sections = match section {
        [] => vec![None],
        _ => {
            let mut ways =
                vec![section_text(view, section, Some(&node.path)), section_text(view, section, None)];
            ways.dedup();
            ways.into_iter().map(Some).collect()
        }
    };
    let key = (!names.is_empty()).then(|| dotted(&names));
    let last = view.body(Some(i)).next_back().filter(|_| node.is_header()).unwrap_or(i);
    let body = node.lines.start..view.nodes()[last].lines.end;
    Named { sections, key, span: node.span.clone(), value: node.value.clone(), body }
}

/// The section's path; elements of arrays by their number, or, for the sake of the key `of`, by what else they hold.
fn section_text(view: View<'_>, path: &[Segment], of: Option<&[Segment]>) -> String {
    let part = |(i, segment): (usize, &Segment)| {
        let key = key_text(&segment.name);
        let Some(index) = segment.index else { return key };
        match of.and_then(|of| holds(view, &path[..=i], of)) {
            Some((name, value)) => format!("{key}[{} = {}]", key_text(name), basic(&value)),
            None => format!("{key}[{index}]"),
        }
    };
    path.iter().enumerate().map(part).collect::<Vec<_>>().join(".")
}

/// The name of an element of an array of tables, or its first key that holds a string; not `of`, which is to be edited.
fn holds<'a>(view: View<'a>, element: &[Segment], of: &[Segment]) -> Option<(&'a str, String)> {
    let own = view.nodes().iter().filter(|node| {
        let is_own = node.path.len() == element.len() + 1 && node.path.starts_with(element);
        node.kind == NodeKind::Entry && is_own && node.path != of
    });
    let strings = own.filter_map(|node| {
        let value = content::value(&view.text[node.value.clone()])?;
        Some((node.path.last()?.name.as_str(), value.as_str()?.to_owned()))
    });
    let strings: Vec<_> = strings.collect();
    strings.iter().find(|(key, _)| *key == "name").or(strings.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n# note\n[b.'c d']\nk.l = { m = 1 }\nn = [\n  1,\n]\n[[bin]]\nname = \"x\"\n[bin.o]\np = 1\n[[bin]]\nq = 1\n";

    fn ways(line: &str) -> (Vec<Option<String>>, Option<String>) {
        let model = Model::parse(TEXT).unwrap();
        let named = at(&model, TEXT, TEXT.find(line).unwrap()).unwrap();
        (named.sections, named.key)
    }

    #[test]
    fn a_line_leads_to_its_section_and_key() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(ways("a = 1"), (vec![None], some("a")));
        assert_eq!(ways("[b."), (vec![some("b.\"c d\"")], None));
        assert_eq!(ways("k.l"), (vec![some("b.\"c d\"")], some("k.l")));
        assert_eq!(ways("1,\n]"), (vec![some("b.\"c d\"")], some("n")));
        assert_eq!(ways("p = 1"), (vec![some("bin[name = \"x\"].o"), some("bin[0].o")], some("p")));
        assert_eq!(ways("name ="), (vec![some("bin[0]")], some("name")), "not by the key that is edited");
        assert_eq!(ways("q = 1"), (vec![some("bin[1]")], some("q")));
        assert_eq!(at(&Model::parse(TEXT).unwrap(), TEXT, TEXT.find('#').unwrap()), None);
    }
}
