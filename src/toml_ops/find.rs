//! Where a TOML operation would act, where its effect already stands, and what is in its way.
//!
//! It decides nothing: whether the places are as many as the patch wants, and what becomes of a patch that
//! finds none, is said once for all query kinds elsewhere. It only never offers an edit that the same
//! question, asked of the result, would offer again.

use std::ops::Range;

use super::model::{Model, Node, NodeKind, Segment};
use super::sites::{TomlSite, TomlSites};
use super::view::{Presence, View};
use super::{add, content, remove, section};
use crate::edit::Edit;
use crate::patch::toml_path::{KeyPath, Part, SectionPath};
use crate::patch::{TomlOperation, TomlQuery};

/// The places of `op` at `query` in `text`, whose model is `model`.
pub(crate) fn find_sites(query: &TomlQuery, op: &TomlOperation, text: &str, model: &Model) -> TomlSites {
    let scene = KeyLookup { view: View { text, model }, query };
    let mut sites = match op {
        TomlOperation::InsertSection { text, place } => {
            section::sites(scene.view, query.section.as_ref(), text, place)
        }
        TomlOperation::ReplaceValue { value } => scene.replace_value(value),
        TomlOperation::SetValue { value } => scene.set_value(value),
        TomlOperation::ReplaceKey { new_key } => scene.replace_key(new_key),
        TomlOperation::DeleteSection => scene.delete_section(),
        TomlOperation::DeleteKey => scene.delete_key(),
    };
    sites.absent = sites.pending.is_empty()
        && sites.present.is_empty()
        && sites.other_content.is_none()
        && sites.missing_neighbour.is_none();
    sites
}

struct KeyLookup<'a> {
    view: View<'a>,
    query: &'a TomlQuery,
}

/// What a key's path holds.
enum Held<'a> {
    Value(&'a Node),
    Table,
}

impl<'a> KeyLookup<'a> {
    fn section(&self) -> &'a [Part] {
        self.query.section.as_ref().map_or(&[], SectionPath::parts)
    }

    fn key(&self) -> Vec<Part> {
        let names = self.query.key.as_ref().map_or(&[][..], KeyPath::parts);
        names.iter().map(|name| Part { key: name.clone(), pick: None }).collect()
    }

    /// What the query's key is, wherever it is; an element of an inline array is part of its value.
    fn keys(&self) -> Vec<(Vec<Segment>, Held<'a>)> {
        if self.query.key.is_none() {
            return Vec::new();
        }
        let mut places = self.view.instances(&[self.section(), &self.key()].concat());
        let nodes = self.view.nodes();
        let element = |place: &[Segment]| {
            nodes.iter().any(|node| matches!(node.kind, NodeKind::Element(_)) && node.path == place)
        };
        places.retain(|place| !element(place));
        let held = |place: Vec<Segment>| {
            let held = self.view.entry(&place).map_or(Held::Table, Held::Value);
            (place, held)
        };
        places.into_iter().map(held).collect()
    }

    fn replace_value(&self, value: &str) -> TomlSites {
        let mut sites = TomlSites::default();
        for (place, held) in self.keys() {
            match held {
                Held::Value(node) => self.value_site(&mut sites, node, value),
                Held::Table if self.table_is(&place, value) => sites.present.push(self.view.extent(&place)),
                Held::Table => sites.in_the_way(self.view.extent(&place)),
            }
        }
        sites
    }

    fn value_site(&self, sites: &mut TomlSites, node: &Node, value: &str) {
        let text = self.view.text;
        if content::same_source(&text[node.value.clone()], value) {
            sites.present.push(node.value.clone());
        } else {
            let edit = Edit::replace(text, node.value.clone(), value.trim());
            sites.pending.push(TomlSite { span: node.value.clone(), edits: vec![edit] });
        }
    }

    fn table_is(&self, place: &[Segment], value: &str) -> bool {
        let document = content::document(self.view.text);
        let found = document.as_ref().and_then(|document| content::at(document, place));
        matches!((found, content::value(value)), (Some(found), Some(value)) if content::same(found, &value))
    }

    fn set_value(&self, value: &str) -> TomlSites {
        let mut sites = self.replace_value(value);
        let Some(key) = &self.query.key else { return sites };
        let known: Vec<Vec<Segment>> = self.keys().into_iter().map(|(place, _)| place).collect();
        for section in self.view.instances(self.section()) {
            if known.iter().any(|place| place.starts_with(&section)) {
                continue;
            }
            match self.view.presence(&section) {
                Some(Presence::Table) => self.missing_key(&mut sites, &section, key, value),
                Some(Presence::Value(span)) => sites.in_the_way(span),
                Some(Presence::Implicit) | None => {}
            }
        }
        sites.pending.sort_by_key(|site| site.span.start);
        sites
    }

    fn missing_key(&self, sites: &mut TomlSites, section: &[Segment], key: &KeyPath, value: &str) {
        let own: Vec<Segment> = key.parts().iter().map(|name| Segment::named(name)).collect();
        let path = [section, &own].concat();
        match add::key(self.view, section, &path, value) {
            Some(edit) => {
                let at = edit.span().start;
                sites.pending.push(TomlSite { span: at..at, edits: vec![edit] });
            }
            None => sites.in_the_way(self.first_on_the_way(section, &path)),
        }
    }

    fn first_on_the_way(&self, section: &[Segment], path: &[Segment]) -> Range<usize> {
        let names = |node: &&Node| {
            node.path.starts_with(section)
                && node
                    .path
                    .get(section.len())
                    .is_some_and(|segment| segment.name == path[section.len()].name)
        };
        self.view.nodes().iter().find(names).map_or(0..0, |node| node.span.clone())
    }

    fn replace_key(&self, new_key: &str) -> TomlSites {
        let mut sites = TomlSites::default();
        let name = new_name(new_key);
        for (place, held) in self.keys() {
            let Held::Value(node) = held else {
                sites.in_the_way(self.view.extent(&place));
                continue;
            };
            let (Some(old), Some(parent)) = (node.keys.last(), place.get(..place.len() - 1)) else {
                continue;
            };
            match self.named(parent, &name) {
                Some(span) if old.name == name => sites.present.push(span),
                Some(span) => sites.in_the_way(span),
                None => {
                    let edit = Edit::replace(self.view.text, old.span.clone(), new_key.trim());
                    sites.pending.push(TomlSite { span: old.span.clone(), edits: vec![edit] });
                }
            }
        }
        sites.present.extend(self.renamed(&name));
        sites
    }

    /// Where `name` stands in a parent that does not hold the query's own key.
    fn renamed(&self, name: &str) -> Vec<Range<usize>> {
        let key = self.key();
        let Some((_, parents)) = key.split_last() else { return Vec::new() };
        let olds = self.keys();
        let parents = self.view.instances(&[self.section(), parents].concat());
        let free = parents.iter().filter(|parent| !olds.iter().any(|(old, _)| old.starts_with(parent)));
        free.filter_map(|parent| self.named(parent, name)).collect()
    }

    /// The key `name` of `parent`, or the table of that name.
    fn named(&self, parent: &[Segment], name: &str) -> Option<Range<usize>> {
        let node = self
            .view
            .below(parent)
            .find(|node| node.path.get(parent.len()).is_some_and(|segment| segment.name == name))?;
        let own = parent.len().checked_sub(node.depth()).and_then(|i| node.keys.get(i));
        Some(own.map_or(node.span.clone(), |key| key.span.clone()))
    }

    fn delete_section(&self) -> TomlSites {
        let mut sites = TomlSites::default();
        let parts = self.section();
        let mut groups: Vec<Vec<Vec<Segment>>> = Vec::new();
        for place in self.view.instances(parts) {
            if parts.is_empty() || self.is_plain(&place) {
                if let Some(entry) = self.view.entry(&place) {
                    sites.in_the_way(entry.span.clone());
                }
                continue;
            }
            match groups.last_mut() {
                Some(group) if group[0][..parts.len() - 1] == place[..parts.len() - 1] => group.push(place),
                _ => groups.push(vec![place]),
            }
        }
        sites.pending = groups.iter().map(|group| self.removal(group)).collect();
        sites
    }

    /// A value that is neither a table nor an array of tables.
    fn is_plain(&self, place: &[Segment]) -> bool {
        let Some(Presence::Value(_)) = self.view.presence(place) else { return false };
        let Some((last, parents)) = place.split_last() else { return false };
        !self.view.below(parents).any(|node| {
            node.path
                .get(parents.len())
                .is_some_and(|segment| segment.name == last.name && segment.index.is_some())
        })
    }

    fn removal(&self, places: &[Vec<Segment>]) -> TomlSite {
        let mut nodes: Vec<usize> =
            places.iter().flat_map(|place| self.view.outermost_below(place)).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let all = self.view.nodes();
        let held = |i: usize, by: usize| by < i && all[i].span.end <= all[by].span.end;
        let outermost: Vec<usize> =
            nodes.iter().copied().filter(|&i| !nodes.iter().any(|&by| held(i, by))).collect();
        TomlSite { span: self.view.extent(&places[0]), edits: remove::nodes(self.view, &outermost) }
    }

    fn delete_key(&self) -> TomlSites {
        let mut sites = TomlSites::default();
        for (place, _) in self.keys() {
            let headers = self.view.below(&place).find(|node| node.is_header());
            match headers {
                Some(header) => sites.in_the_way(header.span.clone()),
                None => sites.pending.push(self.removal(&[place])),
            }
        }
        sites
    }
}

fn new_name(new_key: &str) -> String {
    match KeyPath::parse(new_key) {
        Ok(path) if path.parts().len() == 1 => path.parts()[0].clone(),
        _ => new_key.to_owned(),
    }
}
