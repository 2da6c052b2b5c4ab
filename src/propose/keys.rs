//! TOML: the sketch for a key, and for a header one that adds a key under it.
//!
//! Why a key for a header, and not the section: a section as text is what an upstream release changes first, and taking it away is
//! not something to do before the patch was edited.

use super::Kind;
use super::sketch::{Operation, Sketch, string};
use crate::toml_ops::model::Model;
use crate::toml_ops::naming::{self, Named};

/// The sketches for a header or an entry, the most telling first.
pub(super) fn sketches(named: &Named, model: &Model, text: &str) -> Vec<Sketch> {
    let sketch = |section: &Option<String>| {
        let (key, kind, value) = match &named.key {
            Some(key) => (key.clone(), "replace-value", text[named.value.clone()].to_owned()),
            None => (naming::free_key(model), "set-value", "\"new value\"".to_owned()),
        };
        let header = section.iter().map(|section| ("section", string(section)));
        Sketch {
            kind: Kind::Toml,
            id: String::new(),
            summary: match named.key {
                Some(_) => summary(section.as_deref(), &key),
                None => format!("{}, a new key", summary(section.as_deref(), "")),
            },
            span: if named.key.is_some() { named.value.clone() } else { named.body.clone() },
            query: header.chain([("key", string(&key))]).collect(),
            function: None,
            operation: Operation { kind, key: "value", value, layout: Vec::new() },
        }
    };
    named.sections.iter().map(sketch).collect()
}

/// What stands there, in a few words.
pub(super) fn what(named: &Named) -> String {
    summary(named.sections.first().and_then(Option::as_deref), named.key.as_deref().unwrap_or_default())
}

fn summary(section: Option<&str>, key: &str) -> String {
    let section = section.map(|section| format!("[{section}]")).unwrap_or_default();
    format!("{section} {key}").trim().to_owned()
}

/// Words for an id: the last part of the section, and the key.
pub(super) fn words(named: &Named) -> String {
    let section = named.sections.last().and_then(Option::as_deref).unwrap_or_default();
    let key = named.key.as_deref().unwrap_or_default();
    format!("{} {key}", section.rsplit('.').next().unwrap_or_default())
}
