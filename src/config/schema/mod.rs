//! Spanned TOML to a checked [`PatchFile`], collecting every mistake on the way.
//!
//! Pure: it is given the text. Not serde's derive, which loses places and stops at the first mistake. What comes
//! out is valid: patterns compile, numbers are in range, operations fit their query; later rooms need not ask again.

mod captures;
mod compatibility;
mod declared;
mod escapes;
mod fields;
mod file_keys;
mod keys;
mod operation;
mod patch;
mod query;
mod rule;
mod rule_keys;
mod synonyms;
mod syntax;
mod toml_operation;
mod verify_keys;
mod verify_table;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use self::fields::{Fields, Sink, wrong_type};
use self::patch::Common;
use crate::config::mistake::{Mistake, MistakeKind, position};
use crate::limits::MISTAKES;
use crate::patch::PatchFile;

/// What became of one patch file.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The patches; `None` if there is any mistake.
    pub(crate) file: Option<PatchFile>,
    /// The ids that it uses, mistakes elsewhere in it or not; for [`duplicate_ids`].
    pub(crate) ids: Vec<PatchId>,
    /// Every mistake but duplicate ids, by position. Of a file that is not TOML only the first.
    pub(crate) mistakes: Vec<Mistake>,
}

/// An id and where it is written.
#[derive(Debug, Clone)]
pub(crate) struct PatchId {
    /// The id.
    pub(crate) id: String,
    file: Arc<str>,
    source: Arc<str>,
    span: Range<usize>,
}

/// The patch file at `path` (for messages) with this text, duplicate ids inside it included in the
/// mistakes. `stem` is its name if `[meta]` gives none.
pub fn parse(path: &str, stem: &str, text: &str) -> (Option<PatchFile>, Vec<Mistake>) {
    let mut checked = check(path, stem, text);
    checked.mistakes.extend(duplicate_ids(&checked.ids));
    sort(&mut checked.mistakes);
    (checked.file.filter(|_| checked.mistakes.is_empty()), checked.mistakes)
}

/// The same, without looking for duplicate ids: a caller with several files looks for them in all at once.
pub(crate) fn check(path: &str, stem: &str, text: &str) -> Checked {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sink = Sink::new(path, text);
    let mut ids = Vec::new();
    let file = match DeTable::parse(text) {
        Ok(root) => {
            let root = Fields::new(root.get_ref(), 0..0, file_keys::ROOT.title);
            patch_file(&mut sink, &root, stem, &mut ids)
        }
        Err(_) => {
            syntax::report(&mut sink);
            None
        }
    };
    let mut mistakes = sink.into_mistakes();
    sort(&mut mistakes);
    Checked { file: file.filter(|_| mistakes.is_empty()), ids, mistakes }
}

/// JSON Schema (draft 7) of a patch file: made of the declarations that the reader reads through. An editor marks by it
/// what is wrong in form; whether a pattern compiles or a path parses only [`parse`] tells.
pub fn json_schema() -> serde_json::Value {
    file_keys::schema()
}

/// A mistake for every id but the first of those that are the same.
pub(crate) fn duplicate_ids<'a>(ids: impl IntoIterator<Item = &'a PatchId>) -> Vec<Mistake> {
    let mut first: BTreeMap<&str, &PatchId> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for id in ids {
        let Some(earlier) = first.get(id.id.as_str()) else {
            first.insert(&id.id, id);
            continue;
        };
        let (line, column) = position(&earlier.source, earlier.span.start);
        let message = format!("the id `{}` is used twice", id.id);
        let kind = MistakeKind::DuplicateId;
        let mut mistake = Mistake::new(&id.file, &id.source, id.span.clone(), kind, message);
        mistake.patch = Some(id.id.clone());
        mistake.label("used again here").hint(format!(
            "the first use is at {}:{line}:{column}; give each patch its own id",
            earlier.file
        ));
        mistakes.push(mistake);
        if mistakes.len() == MISTAKES {
            break;
        }
    }
    mistakes
}

fn sort(mistakes: &mut [Mistake]) {
    mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end, mistake.kind));
}

fn patch_file(sink: &mut Sink, root: &Fields<'_>, stem: &str, ids: &mut Vec<PatchId>) -> Option<PatchFile> {
    root.refuse_others(sink, file_keys::ROOT.keys, &[], "");
    let meta = root.table(sink, &file_keys::META);
    let (name, description, common) = meta_keys(sink, meta.as_ref(), stem);
    let mut patches = Vec::new();
    for fields in tables(sink, root) {
        let (id, patch) = patch::check(sink, &fields, &common);
        let (file, source) = (Arc::clone(&sink.file), Arc::clone(&sink.source));
        ids.extend(id.map(|id| PatchId { id: id.value, file, source, span: id.span }));
        patches.extend(patch);
    }
    Some(PatchFile { path: Arc::clone(&sink.file), name, description, patches, locks: BTreeMap::new() })
}

fn meta_keys(sink: &mut Sink, meta: Option<&Fields<'_>>, stem: &str) -> (String, Option<String>, Common) {
    let Some(meta) = meta else {
        return (stem.to_owned(), None, Common { workspace_relative: true, versions: Vec::new() });
    };
    meta.hold(sink, &file_keys::META_TABLE);
    let name = meta.text(sink, &file_keys::NAME).map_or_else(|| stem.to_owned(), |name| name.value);
    let description = meta.text(sink, &file_keys::META_DESCRIPTION).map(|text| text.value);
    let workspace_relative = meta.is_set(sink, &file_keys::WORKSPACE_RELATIVE);
    let versions = patch::version(sink, meta, &file_keys::VERSION_RANGE).into_iter().collect();
    (name, description, Common { workspace_relative, versions })
}

/// The tables of `[[patches]]`; that there are none is a mistake, unless an unknown key explains it.
fn tables<'t>(sink: &mut Sink, root: &Fields<'t>) -> Vec<Fields<'t>> {
    let hint = "add a patch: each one begins with `[[patches]]`";
    let Some(entry) = root.entry("patches") else {
        if sink.mistakes.iter().all(|mistake| mistake.kind != MistakeKind::UnknownKey) {
            sink.report(MistakeKind::Empty, 0..0, "the file has no patches").hint(hint);
        }
        return Vec::new();
    };
    match entry.value.get_ref() {
        DeValue::Array(list) if list.is_empty() => {
            sink.report(MistakeKind::Empty, entry.value.span(), "the file has no patches").hint(hint);
            Vec::new()
        }
        DeValue::Array(list) => {
            list.iter().filter_map(|value| Fields::of(sink, value, file_keys::PATCH_TABLE.title)).collect()
        }
        _ => {
            wrong_type::<()>(sink, entry.value, "`patches`", "a list of tables");
            if let Some(mistake) = sink.mistakes.last_mut() {
                mistake.hint(hint);
            }
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
