//! insert-section: is what the text brings already there, and if not, where does it go.
//!
//! Every header of the text is asked by itself and the answers are folded: all there with equal content is
//! already applied, none there is an insertion, anything between is a conflict. Only asking for the first
//! header would insert a second `[a.b]` beside one that the file has.

use std::ops::Range;

use toml::Value;

use super::add;
use super::content;
use super::model::{Model, Node, NodeKind, Segment, TomlError};
use super::sites::{TomlSite, TomlSites};
use super::view::{Presence, View};
use crate::patch::SectionPlace;
use crate::patch::toml_path::{Part, SectionPath};

/// Checks the text of an insertion: valid TOML, at least one header, and nothing before the first one, which
/// would become part of whatever section it is put after.
///
/// # Errors
/// [`TomlError`], with a byte offset in `text`.
pub(crate) fn check_section_text(text: &str) -> Result<(), TomlError> {
    let model = Model::parse(text)?;
    let mistake = |message: &str, offset| Err(TomlError { message: message.to_owned(), offset });
    match model.nodes().first() {
        None => mistake("no section header", 0),
        Some(first) if !first.is_header() => {
            mistake("a key stands before the first section header", first.span.start)
        }
        Some(_) => Ok(()),
    }
}

/// The sites of an insertion of `text`.
pub(super) fn sites(
    view: View<'_>,
    wanted: Option<&SectionPath>,
    text: &str,
    place: &SectionPlace,
) -> TomlSites {
    let Ok(insertion) = Model::parse(text) else { return TomlSites::default() };
    let (Some(found), Some(inserted)) = (content::document(view.text), content::document(text)) else {
        return TomlSites::default();
    };
    let scene = SectionLookup { view, found, inserted };
    let mut states = scene.query_state(wanted);
    states.extend(own_headers(&insertion).map(|header| scene.header_state(header)));
    fold(states, || pending(view, &insertion, text, place))
}

/// Whether a section is there.
enum State {
    Missing,
    Equal(Range<usize>),
    Other(Range<usize>),
}

fn fold(states: Vec<State>, insert: impl FnOnce() -> TomlSites) -> TomlSites {
    let mut sites = TomlSites::default();
    let mut missing = false;
    let mut equal = None;
    for state in states {
        match state {
            State::Missing => missing = true,
            State::Equal(span) => equal = equal.or(Some(span)),
            State::Other(span) => sites.other_content = sites.other_content.or(Some(span)),
        }
    }
    match equal {
        _ if sites.other_content.is_some() => sites,
        None => insert(),
        Some(span) if missing => TomlSites { other_content: Some(span), ..sites },
        Some(span) => TomlSites { present: vec![span], ..sites },
    }
}

/// The headers that stand for themselves: sub-tables of an array's element belong to that element.
fn own_headers(insertion: &Model) -> impl Iterator<Item = &Node> {
    insertion.nodes().iter().filter(|node| {
        let parents = node.path.split_last().map_or(&[][..], |(_, parents)| parents);
        node.is_header() && parents.iter().all(|segment| segment.index.is_none())
    })
}

struct SectionLookup<'a> {
    view: View<'a>,
    found: Value,
    inserted: Value,
}

impl SectionLookup<'_> {
    fn header_state(&self, header: &Node) -> State {
        let path: Vec<Segment> = header.path.clone();
        if let Some(span) = self.closed_parent(&path) {
            return State::Other(span);
        }
        let Some(wanted) = content::at(&self.inserted, &path) else { return State::Missing };
        let places = self.view.instances(&by_name(&path));
        if header.kind == (NodeKind::Header { array: true }) {
            return self.element_state(&places, wanted);
        }
        self.table_state(&places, wanted)
    }

    fn element_state(&self, places: &[Vec<Segment>], wanted: &Value) -> State {
        let inline = places.iter().find(|place| place.last().is_some_and(|segment| segment.index.is_none()));
        match places.iter().find(|place| self.equal(place, wanted)) {
            Some(place) => State::Equal(self.view.extent(place)),
            None => inline.map_or(State::Missing, |place| State::Other(self.view.extent(place))),
        }
    }

    fn table_state(&self, places: &[Vec<Segment>], wanted: &Value) -> State {
        let written =
            |place: &&Vec<Segment>| !matches!(self.view.presence(place), None | Some(Presence::Implicit));
        let written: Vec<&Vec<Segment>> = places.iter().filter(written).collect();
        let equal = written.iter().find(|place| self.equal(place, wanted));
        match (equal, written.first()) {
            (Some(place), _) => State::Equal(self.view.extent(place)),
            (None, Some(place)) => State::Other(self.view.extent(place)),
            (None, None) => State::Missing,
        }
    }

    fn equal(&self, place: &[Segment], wanted: &Value) -> bool {
        content::at(&self.found, place).is_some_and(|found| same_section(self.view, place, found, wanted))
    }

    /// What the query's own section says, where it speaks of more than the headers do.
    fn query_state(&self, wanted: Option<&SectionPath>) -> Vec<State> {
        let Some(wanted) = wanted else { return Vec::new() };
        let names: Vec<Segment> = wanted.parts().iter().map(|part| Segment::named(&part.key)).collect();
        let places = self.view.instances(wanted.parts());
        let picked = wanted.parts().last().is_some_and(|part| part.pick.is_some());
        match content::at(&self.inserted, &names) {
            Some(Value::Array(elements)) if picked => {
                let states = elements.iter().map(|element| self.table_state(&places, element));
                states.filter(|state| !matches!(state, State::Missing)).take(1).collect()
            }
            Some(Value::Array(_)) | None => Vec::new(),
            Some(table) => match self.table_state(&places, table) {
                State::Missing => Vec::new(),
                state => vec![state],
            },
        }
    }

    /// A value or an inline table cannot be given a sub-table by a header.
    fn closed_parent(&self, path: &[Segment]) -> Option<Range<usize>> {
        let names = by_name(path);
        (1..path.len()).find_map(|len| {
            let places = self.view.instances(&names[..len]);
            let entry = places.iter().find_map(|place| self.view.entry(place))?;
            Some(entry.span.clone()).filter(|_| self.view.instances(&names).is_empty())
        })
    }
}

/// Whether the section `found`, which stands at `path` of `view`, holds what `wanted` says. Sub-tables with a
/// header of their own that `wanted` does not name are not counted.
fn same_section(view: View<'_>, path: &[Segment], found: &Value, wanted: &Value) -> bool {
    let (Value::Table(found), Value::Table(wanted)) = (found, wanted) else {
        return content::same(found, wanted);
    };
    let extra = found.keys().filter(|key| !wanted.contains_key(*key));
    wanted.iter().all(|(key, wanted)| {
        let path = [path, &[Segment::named(key)]].concat();
        found.get(key).is_some_and(|found| same_section(view, &path, found, wanted))
    }) && extra.into_iter().all(|key| has_header(view, path, key))
}

fn has_header(view: View<'_>, path: &[Segment], key: &str) -> bool {
    view.below(path).any(|node| {
        matches!(node.kind, NodeKind::Header { .. })
            && node.path.get(path.len()).is_some_and(|segment| segment.name == key)
    })
}

fn by_name(path: &[Segment]) -> Vec<Part> {
    path.iter().map(|segment| Part { key: segment.name.clone(), pick: None }).collect()
}

fn pending(view: View<'_>, insertion: &Model, text: &str, place: &SectionPlace) -> TomlSites {
    let Some(at) = offset(view, place) else {
        let (SectionPlace::After(anchor) | SectionPlace::Before(anchor)) = place else {
            return TomlSites::default();
        };
        return TomlSites { missing_neighbour: Some(anchor.to_string()), ..TomlSites::default() };
    };
    let edit = add::block(view.text, behind_sub_tables(view, insertion, at), &block(text));
    let span = edit.span().start..edit.span().start;
    TomlSites { pending: vec![TomlSite { span, edits: vec![edit] }], ..TomlSites::default() }
}

/// `at`, or a later place where a new element of an array does not take over sub-tables of the one before it.
fn behind_sub_tables(view: View<'_>, insertion: &Model, at: usize) -> usize {
    let arrays: Vec<Vec<Part>> = own_headers(insertion)
        .filter(|header| header.kind == NodeKind::Header { array: true })
        .map(|header| by_name(&header.path))
        .collect();
    let elements = arrays.iter().flat_map(|array| view.instances(array)).filter(|element| {
        let start = view.below(element).next().map_or(at, |header| header.span.start);
        start < at
    });
    let statements: Vec<usize> = elements.flat_map(|element| view.outermost_below(&element)).collect();
    match statements.into_iter().filter(|&i| view.nodes()[i].lines.start >= at).max() {
        Some(last) => view.body_end(view.header_of(last)),
        None => at,
    }
}

/// Without blank lines at its start, with one line end at its end.
fn block(text: &str) -> String {
    let skipped: usize =
        text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    format!("{}\n", text[skipped..].trim_end())
}

fn offset(view: View<'_>, place: &SectionPlace) -> Option<usize> {
    match place {
        SectionPlace::End => Some(view.text.len()),
        SectionPlace::Beginning => Some(before_headers(view)),
        SectionPlace::After(anchor) => {
            let last = statements(view, anchor).into_iter().next_back()?;
            Some(view.body_end(view.header_of(last)))
        }
        SectionPlace::Before(anchor) => {
            let first = statements(view, anchor).into_iter().next()?;
            Some(
                view.header_of(first).map_or_else(|| before_headers(view), |header| view.own_comment(header)),
            )
        }
    }
}

fn before_headers(view: View<'_>) -> usize {
    view.next_header(None).map_or(view.text.len(), |first| view.own_comment(first))
}

/// The statements that hold a section, its sub-tables included; none where its path holds a plain value.
fn statements(view: View<'_>, anchor: &SectionPath) -> Vec<usize> {
    let mut found = Vec::new();
    for place in view.instances(anchor.parts()) {
        if matches!(view.presence(&place), Some(Presence::Value(_))) {
            continue;
        }
        found.extend(view.outermost_below(&place).into_iter().map(|i| statement_of(view, i)));
    }
    found.sort_unstable();
    found
}

fn statement_of(view: View<'_>, mut i: usize) -> usize {
    while view.nodes()[i].parent_offset > 0 {
        i -= view.nodes()[i].parent_offset;
    }
    i
}
