//! TOML: the stub for a key and, for a section header, the stub that adds a key to the section.
//!
//! A header does not give a stub that replaces or deletes the section: upstream often changes the text of a
//! section, and a stub must not delete it before the user has edited the patch.

use super::stub::{Stub, StubOperation, string};
use crate::patch::{OperationKind, QueryKind};
use crate::toml_ops::model::Model;
use crate::toml_ops::naming::{self, Named};

/// The stubs for a header or an entry, the most telling first.
pub(super) fn stubs(named: &Named, model: &Model, text: &str) -> Vec<Stub> {
    let stub = |section: &Option<String>| {
        let (key, kind, value) = match &named.key {
            Some(key) => (key.clone(), OperationKind::ReplaceValue, text[named.value.clone()].to_owned()),
            None => (naming::free_key(model), OperationKind::SetValue, "\"new value\"".to_owned()),
        };
        let header = section.iter().map(|section| ("section", string(section)));
        Stub {
            kind: QueryKind::Toml,
            id: String::new(),
            summary: match named.key {
                Some(_) => summary(section.as_deref(), &key),
                None => format!("{}, a new key", summary(section.as_deref(), "")),
            },
            span: if named.key.is_some() { named.value.clone() } else { named.body.clone() },
            query: header.chain([("key", string(&key))]).collect(),
            function: None,
            operation: StubOperation { kind, key: "value", value, layout: Vec::new() },
        }
    };
    named.sections.iter().map(stub).collect()
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
