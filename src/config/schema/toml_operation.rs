//! The operations of a toml query: what each needs from the query, and whether its TOML parses.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::declared::{list, names};
use super::fields::{At, Fields, Sink};
use super::keys::POSITIONING_TABLE;
use super::query::{CheckedQuery, key_path, section_path};
use super::{compatibility, keys};
use crate::config::mistake::{Mistake, MistakeKind};
use crate::patch::toml_path::{Pick, SectionPath};
use crate::patch::{OperationKind, SectionPlace, TomlOperation, TomlQuery};
use crate::toml_ops::{Model, check_section_text};

/// `insert-section` and `append-section`.
pub(super) fn insertion(
    sink: &mut Sink,
    fields: &Fields<'_>,
    query: Option<&TomlQuery>,
) -> Option<TomlOperation> {
    let place = place(sink, fields);
    let text = section_text(sink, fields, query);
    Some(TomlOperation::InsertSection { text: text?, place: place? })
}

/// Reports what the operation needs of the query and is not there, or cannot be combined with it and is.
pub(super) fn check_query(sink: &mut Sink, op: OperationKind, query: &CheckedQuery, toml_query: &TomlQuery) {
    let name = op.name();
    let needed = match compatibility::needs(op) {
        Some(key) if key == keys::SECTION.name => toml_query.section.is_none().then_some(key),
        Some(key) => toml_query.key.is_none().then_some(key),
        None => None,
    };
    if let Some(key) = needed {
        let message = format!("`{name}` needs `{key}` in the query");
        sink.report(MistakeKind::Missing, query.kind_span.clone(), message)
            .hint(format!("add `{key} = …` to the query"));
    }
    if let (true, Some(span)) = (compatibility::speaks_of_sections(op), &query.key_span) {
        sink.report(MistakeKind::Impossible, span.clone(), format!("`{name}` cannot be combined with `key`"))
            .hint("the operation works on a whole section: remove `key` from the query");
    }
}

fn place(sink: &mut Sink, fields: &Fields<'_>) -> Option<SectionPlace> {
    let nested = match fields.has(keys::POSITIONING.name) {
        true => Some(fields.table(sink, &keys::POSITIONING)?),
        false => None,
    };
    if let Some(nested) = &nested {
        nested.hold(sink, &POSITIONING_TABLE);
    }
    let mut given = Vec::new();
    for table in [Some(fields), nested.as_ref()].into_iter().flatten() {
        for entry in names(POSITIONING_TABLE.keys).into_iter().filter_map(|key| table.entry(key)) {
            given.extend(one_place(sink, table, entry.key)?.map(|place| (entry.key_span, entry.key, place)));
        }
    }
    if let [(_, first, _), (span, second, _), ..] = given.as_slice() {
        sink.report(
            MistakeKind::Impossible,
            span.clone(),
            if first == second {
                format!("`{first}` is given twice, in the operation and in `positioning`")
            } else {
                format!("`{first}` and `{second}` cannot be combined")
            },
        )
        .hint(format!("give at most one of {}", list(&names(POSITIONING_TABLE.keys))));
        return None;
    }
    Some(given.pop().map_or(SectionPlace::End, |(_, _, place)| place))
}

/// `Some(None)`: a flag that is false.
fn one_place(sink: &mut Sink, table: &Fields<'_>, key: &str) -> Option<Option<SectionPlace>> {
    let path = |sink: &mut Sink, key| table.text(sink, key).and_then(|text| section_path(sink, &text));
    let flag = |sink: &mut Sink, key| table.flag(sink, key).map(|flag| flag.value);
    Some(if key == keys::AFTER_SECTION.name {
        Some(SectionPlace::After(path(sink, &keys::AFTER_SECTION)?))
    } else if key == keys::BEFORE_SECTION.name {
        Some(SectionPlace::Before(path(sink, &keys::BEFORE_SECTION)?))
    } else if key == keys::AT_END.name {
        flag(sink, &keys::AT_END)?.then_some(SectionPlace::End)
    } else {
        flag(sink, &keys::AT_BEGINNING)?.then_some(SectionPlace::Beginning)
    })
}

fn section_text(sink: &mut Sink, fields: &Fields<'_>, query: Option<&TomlQuery>) -> Option<String> {
    let text = fields.text(sink, &keys::SECTION_TEXT)?;
    if let Err(error) = Model::parse(&text.value) {
        let span = error.offset..text.value.len().min(error.offset + 1);
        report_toml(sink, &text, "`text`", &error.message, Some(span));
        return None;
    }
    if let Err(error) = check_section_text(&text.value) {
        let span = sink.inside(&text, error.offset..text.value.len().min(error.offset + 1));
        sink.report(MistakeKind::Toml, span, format!("`text`: {}", error.message))
            .hint("begin the text with a section header, like `[section]`");
        return None;
    }
    if let Some(section) = query.and_then(|query| query.section.as_ref())
        && !holds(&text.value, section)
    {
        sink.report(MistakeKind::Toml, text.span, "`text` does not contain the section that the query names")
            .hint("`section` must be a header in `text` or a parent of one; or remove `section`");
        return None;
    }
    Some(text.value)
}

/// Whether `section` leads to a table in `text`.
fn holds(text: &str, section: &SectionPath) -> bool {
    let Ok(document) = DeTable::parse(text) else { return false };
    let mut tables: Vec<&DeTable<'_>> = vec![document.get_ref()];
    for part in section.parts() {
        let found = tables.iter().filter_map(|table| table.get(part.key.as_str()));
        tables = found.flat_map(|value| picked(value.get_ref(), part.pick.as_ref())).collect();
    }
    !tables.is_empty()
}

/// An index counts in the target, not in the text: any element will do.
fn picked<'t>(value: &'t DeValue<'t>, pick: Option<&Pick>) -> Vec<&'t DeTable<'t>> {
    let elements: Vec<_> = match value {
        DeValue::Array(array) => array.iter().filter_map(|element| element.get_ref().as_table()).collect(),
        other => other.as_table().into_iter().collect(),
    };
    match pick {
        Some(Pick::Where { key, value }) => {
            let holds = |table: &&DeTable<'_>| {
                table.get(key.as_str()).and_then(|found| found.get_ref().as_str()) == Some(value)
            };
            elements.into_iter().filter(holds).collect()
        }
        _ => elements,
    }
}

pub(super) fn value(sink: &mut Sink, fields: &Fields<'_>) -> Option<String> {
    if let Some(entry) = fields.entry(keys::VALUE.name)
        && !entry.value.get_ref().is_str()
    {
        let there = sink.source[entry.value.span()].to_owned();
        let message = "`value` must be TOML source in a string, not the value itself";
        let reported = sink.report(MistakeKind::WrongType, entry.value.span(), message);
        if !there.contains(['\'', '\n']) {
            reported.hint(format!("write `value = '{there}'`"));
        }
        return None;
    }
    let text = fields.text(sink, &keys::VALUE)?;
    let trimmed = text.value.trim();
    match DeValue::parse(trimmed) {
        Ok(_) => Some(trimmed.to_owned()),
        Err(error) => {
            let before = text.value.len() - text.value.trim_start().len();
            let span = error.span().map(|span| span.start + before..span.end + before);
            let reason = error.message().to_owned();
            report_toml(sink, &text, "`value`", &reason, span)
                .hint("`value` is TOML source: a string needs quotes of its own, as in `value = '\"text\"'`");
            None
        }
    }
}

fn report_toml<'s>(
    sink: &'s mut Sink,
    text: &At<String>,
    what: &str,
    reason: &str,
    span: Option<Range<usize>>,
) -> &'s mut Mistake {
    let span = span.map_or_else(|| text.span.clone(), |span| sink.inside(text, span));
    sink.report(MistakeKind::Toml, span, format!("{what} is not valid TOML: {}", reason.trim_end()))
}

pub(super) fn new_key(sink: &mut Sink, fields: &Fields<'_>, query: Option<&TomlQuery>) -> Option<String> {
    let text = fields.text(sink, &keys::NEW_KEY)?;
    let path = key_path(sink, &text)?;
    let [new] = path.parts() else {
        sink.report(MistakeKind::Path, text.span, "`new_key` must be a single key, not a dotted path")
            .hint("the key stays in its section; if the dot is part of the name, quote the name");
        return None;
    };
    if query.and_then(|query| query.key.as_ref()).and_then(|key| key.parts().last()) == Some(new) {
        sink.report(MistakeKind::NoChange, text.span, "`new_key` is equal to the key that the patch renames")
            .hint("the patch would change nothing");
        return None;
    }
    Some(text.value.trim().to_owned())
}
