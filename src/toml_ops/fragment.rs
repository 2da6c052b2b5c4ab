//! What a TOML operation puts in, as a document by itself: what a later operation makes of it can then be tried out.
//!
//! An insertion's text is one already; a value stands as `[section]` and `key = value`, a new key with a value of no
//! meaning. Taken back out, it is the text by which the operation's effect is recognised.

use super::model::{Model, NodeKind};
use super::section::check_section_text;
use super::view::View;
use crate::patch::toml_path::{KeyPath, Part, Pick, SectionPath, basic, dotted, key_text};
use crate::patch::{TomlOperation, TomlQuery};

/// More elements than this are not written for the sake of an index.
const MOST_ELEMENTS: usize = 32;

/// The operation with `new` in the place of what it puts in.
pub(crate) fn with_text(op: &TomlOperation, new: &str) -> TomlOperation {
    let new = new.to_owned();
    match op {
        TomlOperation::InsertSection { place, .. } => {
            TomlOperation::InsertSection { text: new, place: place.clone() }
        }
        TomlOperation::ReplaceValue { .. } => TomlOperation::ReplaceValue { value: new },
        TomlOperation::SetValue { .. } => TomlOperation::SetValue { value: new },
        TomlOperation::ReplaceKey { .. } => TomlOperation::ReplaceKey { new_key: new },
        TomlOperation::DeleteSection | TomlOperation::DeleteKey => op.clone(),
    }
}

/// `new`, which the operation puts in, as a document by itself.
pub(crate) fn document_of(query: &TomlQuery, op: &TomlOperation, new: &str) -> Option<String> {
    let entry = match op {
        TomlOperation::InsertSection { .. } => return Some(new.to_owned()),
        TomlOperation::ReplaceValue { .. } | TomlOperation::SetValue { .. } => {
            format!("{} = {}", query.key.as_ref()?, new.trim())
        }
        TomlOperation::ReplaceKey { .. } => {
            let (_, parents) = query.key.as_ref()?.parts().split_last()?;
            let dot = if parents.is_empty() { "" } else { "." };
            format!("{}{dot}{} = 0", dotted(parents), new.trim())
        }
        TomlOperation::DeleteSection | TomlOperation::DeleteKey => return None,
    };
    Some(format!("{}{entry}\n", header_lines(query.section.as_ref())?))
}

/// What was put in, back out of such a document, which other operations may have changed; `None` if it is not there any more.
pub(crate) fn text_in(query: &TomlQuery, op: &TomlOperation, document: &str) -> Option<String> {
    let model = Model::parse(document).ok()?;
    match op {
        TomlOperation::InsertSection { .. } => {
            check_section_text(document).ok().map(|()| document.to_owned())
        }
        TomlOperation::ReplaceValue { .. } | TomlOperation::SetValue { .. } => {
            let view = View { text: document, model: &model };
            let places = view.instances(&whole_path(query)?);
            let [place] = places.as_slice() else { return None };
            Some(document[view.entry(place)?.value.clone()].to_owned())
        }
        TomlOperation::ReplaceKey { .. } => {
            let mut entries =
                model.nodes().iter().filter(|node| node.kind == NodeKind::Entry && node.parent_offset == 0);
            let key = entries.next_back()?.keys.last()?;
            Some(document[key.span.clone()].to_owned())
        }
        TomlOperation::DeleteSection | TomlOperation::DeleteKey => None,
    }
}

fn whole_path(query: &TomlQuery) -> Option<Vec<Part>> {
    let section = query.section.as_ref().map_or(&[][..], SectionPath::parts);
    let names = query.key.as_ref().map(KeyPath::parts)?;
    let key = names.iter().map(|name| Part { key: name.clone(), pick: None });
    Some(section.iter().cloned().chain(key).collect())
}

/// The lines that open a section in an empty document, its elements of arrays included; none for the root.
pub(crate) fn header_lines(section: Option<&SectionPath>) -> Option<String> {
    let parts = section.map_or(&[][..], SectionPath::parts);
    let mut lines = String::new();
    for (at, part) in parts.iter().enumerate() {
        let names: Vec<&str> = parts[..=at].iter().map(|part| part.key.as_str()).collect();
        let name = dotted(&names);
        match &part.pick {
            Some(Pick::Index(index)) if *index < MOST_ELEMENTS => {
                lines.push_str(&format!("[[{name}]]\n").repeat(index + 1));
            }
            Some(Pick::Index(_)) => return None,
            Some(Pick::Where { key, value }) => {
                lines.push_str(&format!("[[{name}]]\n{} = {}\n", key_text(key), basic(value)));
            }
            None if at + 1 == parts.len() => lines.push_str(&format!("[{name}]\n")),
            None => {}
        }
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(section: &str, key: &str) -> TomlQuery {
        TomlQuery {
            section: Some(SectionPath::parse(section).unwrap()),
            key: Some(KeyPath::parse(key).unwrap()),
        }
    }

    #[test]
    fn what_is_put_in_is_a_document_and_comes_back() {
        let set = TomlOperation::SetValue { value: "1".into() };
        let rename = TomlOperation::ReplaceKey { new_key: "\"new name\"".into() };
        let bin = query("bin[name=\"x\"].sub", "a.b");
        let document = document_of(&bin, &set, "[1, 2]").unwrap();
        assert_eq!(document, "[[bin]]\nname = \"x\"\n[bin.sub]\na.b = [1, 2]\n");
        assert_eq!(text_in(&bin, &set, &document.replace('2', "3")).unwrap(), "[1, 3]");
        assert_eq!(text_in(&bin, &set, "[[bin]]\nname = \"x\"\n"), None);
        let second = query("bin[1]", "a.b");
        let document = document_of(&second, &rename, "\"new name\"").unwrap();
        assert_eq!(document, "[[bin]]\n[[bin]]\na.\"new name\" = 0\n");
        assert_eq!(text_in(&second, &rename, &document).unwrap(), "\"new name\"");
        assert_eq!(header_lines(query("bin[4000000000]", "a").section.as_ref()), None);
    }
}
