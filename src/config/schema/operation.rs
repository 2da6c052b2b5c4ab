//! `[patches.operation]`: which operation, with which fields, and whether it fits the query.

use super::declared::{DeclaredKey, OneOf, list};
use super::fields::{At, Fields, Sink};
use super::query::{CheckedQuery, Query};
use super::{captures, compatibility, keys, toml_operation};
use crate::config::mistake::MistakeKind;
use crate::patch::{Layout, OperationKind, QueryKind, RustQuery, TextEdit, TomlOperation};

/// An operation that is right in itself.
pub(super) enum Operation {
    Edit(TextEdit, Layout),
    Toml(TomlOperation),
}

/// The checked table. `query` is `None` where its kind is not known.
pub(super) fn check(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<Operation> {
    let all = &keys::OPERATION_TABLE;
    let Some(name) = fields.choice(sink, &keys::OPERATION_TYPE) else {
        fields.hold(sink, all);
        return None;
    };
    let op = name.value;
    let variant = keys::of_operation(op);
    fields.refuse_others(sink, variant.keys, all.keys, &format!("`{}`", op.name()));
    if let Some(query) = query
        && !compatibility::are_compatible(op, query.kind)
    {
        refuse_operation(sink, &name, query.kind);
        return None;
    }
    fields.demand(sink, variant.required);
    let toml_query = query.and_then(|query| query.query.as_ref()?.toml());
    if let (Some(query), Some(toml_query)) = (query, toml_query) {
        toml_operation::check_query(sink, op, query, toml_query);
    }
    let text = |sink: &mut Sink| text(sink, fields, query);
    let value = |sink: &mut Sink| toml_operation::value(sink, fields);
    Some(match op {
        OperationKind::Replace => replace(sink, fields, query)?,
        OperationKind::Delete => delete(sink, fields, query)?,
        OperationKind::InsertBefore => text(sink)?.edit(|text| TextEdit::InsertBefore { text }),
        OperationKind::InsertAfter => text(sink)?.edit(|text| TextEdit::InsertAfter { text }),
        OperationKind::InsertSection | OperationKind::AppendSection => {
            Operation::Toml(toml_operation::insertion(sink, fields, toml_query)?)
        }
        OperationKind::ReplaceValue => Operation::Toml(TomlOperation::ReplaceValue { value: value(sink)? }),
        OperationKind::SetValue => Operation::Toml(TomlOperation::SetValue { value: value(sink)? }),
        OperationKind::ReplaceKey => {
            let new_key = toml_operation::new_key(sink, fields, toml_query)?;
            Operation::Toml(TomlOperation::ReplaceKey { new_key })
        }
        OperationKind::DeleteSection => Operation::Toml(TomlOperation::DeleteSection),
        OperationKind::DeleteKey => Operation::Toml(TomlOperation::DeleteKey),
    })
}

fn refuse_operation(sink: &mut Sink, op: &At<OperationKind>, kind: QueryKind) {
    let message = format!("`{}` cannot be combined with {}", op.value.name(), kind.phrase());
    let fitting = compatibility::operations(kind);
    sink.report(MistakeKind::Impossible, op.span.clone(), message).hint(format!(
        "{} accepts {}",
        kind.phrase(),
        list(&fitting)
    ));
}

/// A text to put in, read with its layout.
struct PutIn {
    text: At<String>,
    layout: Layout,
    /// Its captures are right.
    bound: bool,
}

impl PutIn {
    fn edit(self, edit: fn(String) -> TextEdit) -> Operation {
        Operation::Edit(edit(self.text.value), self.layout)
    }
}

fn replace(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<Operation> {
    let new = text(sink, fields, query)?;
    if new.bound {
        check_replacement(sink, &new.text, new.layout, query);
    }
    Some(new.edit(|text| TextEdit::Replace { text }))
}

fn delete(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<Operation> {
    let layout = layout(sink, fields, query);
    let comment = fields.text(sink, &keys::INSERT_COMMENT);
    if let Some(text) = &comment {
        check_captures(sink, text, layout?, query);
    }
    Some(Operation::Edit(TextEdit::Delete { insert_comment: comment.map(|text| text.value) }, layout?))
}

fn text(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<PutIn> {
    let layout = layout(sink, fields, query);
    let text = bare_text(sink, fields, query)?;
    let layout = layout?;
    let bound = check_captures(sink, &text, layout, query);
    Some(PutIn { text, layout, bound })
}

/// White space is a text where it is put in verbatim, and nothing where it is laid out.
fn bare_text(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<At<String>> {
    if query.is_none_or(|query| query.kind.is_structural()) {
        return fields.text(sink, &keys::LAID_OUT_TEXT);
    }
    fields.text(sink, &keys::TEXT)
}

fn layout(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<Layout> {
    let kind = query.map(|query| query.kind);
    if let Some(kind) = kind.filter(|kind| !kind.is_structural()) {
        for entry in keys::LAYOUT.iter().filter_map(|key| fields.entry(key.name())) {
            let message = format!("`{}` cannot be combined with {}", entry.key, kind.phrase());
            sink.report(MistakeKind::Impossible, entry.key_span, message)
                .hint("a text query inserts `text` as it is written: remove the key");
        }
        return Some(Layout::default());
    }
    let keep_indent = is_given(sink, fields, &keys::INDENT);
    let keep_attributes = is_given(sink, fields, &keys::ATTRIBUTES);
    let captures_off = is_given(sink, fields, &keys::CAPTURES);
    let literal_dollar = captures_off? || kind == Some(QueryKind::TreeSitter);
    Some(Layout { keep_indent: keep_indent?, keep_attributes: keep_attributes?, literal_dollar })
}

/// Whether a key that has one value is there; `None` if it has another.
fn is_given(sink: &mut Sink, fields: &Fields<'_>, key: &DeclaredKey<OneOf<()>>) -> Option<bool> {
    if !fields.has(key.name) {
        return Some(false);
    }
    fields.choice(sink, key).map(|_| true)
}

fn check_captures(sink: &mut Sink, text: &At<String>, layout: Layout, query: Option<&CheckedQuery>) -> bool {
    match query.and_then(|query| query.query.as_ref()?.ast_grep()) {
        Some(query) if !layout.literal_dollar => captures::all_bound(sink, text, query.variables()),
        _ => true,
    }
}

fn check_replacement(sink: &mut Sink, text: &At<String>, layout: Layout, query: Option<&CheckedQuery>) {
    let no_change = match query.and_then(|query| query.query.as_ref()) {
        Some(Query::Text(query)) => (query.search == text.value).then_some("`search`"),
        Some(Query::Rust(RustQuery::AstGrep(query))) if !layout.literal_dollar => {
            if !captures::is_recognisable(sink, text) {
                return;
            }
            query.text().filter(|pattern| pattern.trim() == text.value.trim()).map(|_| "the pattern")
        }
        _ => None,
    };
    if let Some(same) = no_change {
        sink.report(MistakeKind::NoChange, text.span.clone(), format!("`text` is equal to {same}"))
            .hint("the patch would change nothing");
    }
}
