//! `[patches.operation]`: which one, with which fields, and whether it goes with the query.

use super::captures;
use super::fields::{At, Fields, Sink, choose, list};
use super::query::{CheckedQuery, Kind};
use super::toml_operation;
use crate::config::mistake::MistakeKind;
use crate::config::patch::{Layout, Operation, Query};

/// `type` of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Replace,
    Delete,
    InsertBefore,
    InsertAfter,
    InsertSection,
    AppendSection,
    ReplaceValue,
    SetValue,
    ReplaceKey,
    DeleteSection,
    DeleteKey,
}

const OPERATIONS: &[(&str, Op)] = &[
    ("replace", Op::Replace),
    ("delete", Op::Delete),
    ("insert-before", Op::InsertBefore),
    ("insert-after", Op::InsertAfter),
    ("insert-section", Op::InsertSection),
    ("append-section", Op::AppendSection),
    ("replace-value", Op::ReplaceValue),
    ("set-value", Op::SetValue),
    ("replace-key", Op::ReplaceKey),
    ("delete-section", Op::DeleteSection),
    ("delete-key", Op::DeleteKey),
];

const KEYS: &[&str] = &[
    "type",
    "text",
    "insert_comment",
    "captures",
    "indent",
    "attributes",
    "value",
    "new_key",
    "after_section",
    "before_section",
    "at_end",
    "at_beginning",
    "positioning",
];

const LAYOUT: [&str; 3] = ["captures", "indent", "attributes"];

impl Op {
    pub(super) fn name(self) -> &'static str {
        OPERATIONS.iter().find(|(_, op)| *op == self).map_or("", |(name, _)| name)
    }

    fn is_toml(self) -> bool {
        !matches!(self, Self::Replace | Self::Delete | Self::InsertBefore | Self::InsertAfter)
    }

    fn goes_with(self, kind: Kind) -> bool {
        self.is_toml() == (kind == Kind::Toml)
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Replace | Self::InsertBefore | Self::InsertAfter => {
                &["type", "text", "captures", "indent", "attributes"]
            }
            Self::Delete => &["type", "insert_comment", "captures", "indent", "attributes"],
            Self::InsertSection => {
                &["type", "text", "after_section", "before_section", "at_end", "at_beginning", "positioning"]
            }
            Self::AppendSection => &["type", "text"],
            Self::ReplaceValue | Self::SetValue => &["type", "value"],
            Self::ReplaceKey => &["type", "new_key"],
            Self::DeleteSection | Self::DeleteKey => &["type"],
        }
    }
}

/// The checked table. `query` is `None` where its kind is not known.
pub(super) fn check(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<Operation> {
    let Some(name) = fields.choice(sink, "type", "operation", OPERATIONS) else {
        fields.refuse_others(sink, KEYS, &[], "");
        return None;
    };
    let op = name.value;
    fields.refuse_others(sink, op.keys(), KEYS, &format!("`{}`", op.name()));
    if let Some(query) = query
        && !op.goes_with(query.kind)
    {
        refuse_operation(sink, &name, query.kind);
        return None;
    }
    if op.is_toml() {
        return toml_operation::check(sink, fields, op, query).map(Operation::Toml);
    }
    edit(sink, fields, op, query)
}

fn refuse_operation(sink: &mut Sink, op: &At<Op>, kind: Kind) {
    let message = format!("`{}` does not go with {}", op.value.name(), kind.phrase());
    let fitting: Vec<_> =
        OPERATIONS.iter().filter(|(_, op)| op.goes_with(kind)).map(|(name, _)| *name).collect();
    sink.report(MistakeKind::Impossible, op.span.clone(), message).hint(format!(
        "{} takes {}",
        kind.phrase(),
        list(&fitting)
    ));
}

fn edit(sink: &mut Sink, fields: &Fields<'_>, op: Op, query: Option<&CheckedQuery>) -> Option<Operation> {
    let layout = layout(sink, fields, query);
    if op == Op::Delete {
        let insert_comment = fields.filled(sink, "insert_comment");
        if let Some(text) = &insert_comment {
            check_captures(sink, text, layout?, query);
        }
        return Some(Operation::Delete {
            insert_comment: insert_comment.map(|text| text.value),
            layout: layout?,
        });
    }
    let text = text(sink, fields, query)?;
    let layout = layout?;
    let bound = check_captures(sink, &text, layout, query);
    if op == Op::Replace && bound {
        check_replacement(sink, &text, layout, query);
    }
    let text = text.value;
    Some(match op {
        Op::InsertBefore => Operation::InsertBefore { text, layout },
        Op::InsertAfter => Operation::InsertAfter { text, layout },
        _ => Operation::Replace { text, layout },
    })
}

/// White space is a text where it is put in verbatim, and nothing where it is laid out.
fn text(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<At<String>> {
    if query.is_none_or(|query| query.kind.is_structural()) {
        return reported_empty(sink, fields, |text| text.trim().is_empty());
    }
    reported_empty(sink, fields, str::is_empty)
}

fn reported_empty(sink: &mut Sink, fields: &Fields<'_>, is_empty: fn(&str) -> bool) -> Option<At<String>> {
    if !fields.has("text") {
        fields.missing(sink, "text");
    }
    let text = fields.string(sink, "text")?;
    if is_empty(&text.value) {
        sink.report(MistakeKind::Empty, text.span, "`text` is empty")
            .hint("to take code away, use `type = \"delete\"`");
        return None;
    }
    Some(text)
}

fn layout(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<Layout> {
    let kind = query.map(|query| query.kind);
    if let Some(kind) = kind.filter(|kind| !kind.is_structural()) {
        for entry in LAYOUT.iter().filter_map(|key| fields.entry(key)) {
            let message = format!("`{}` does not go with {}", entry.key, kind.phrase());
            sink.report(MistakeKind::Impossible, entry.key_span, message)
                .hint("it lays out structural text; text queries are verbatim: leave it out");
        }
        return Some(Layout::default());
    }
    let keep_indent = only(sink, fields, "indent", "keep");
    let keep_attributes = only(sink, fields, "attributes", "keep");
    let captures_off = only(sink, fields, "captures", "off");
    let literal_dollar = captures_off? || kind == Some(Kind::TreeSitter);
    Some(Layout { keep_indent: keep_indent?, keep_attributes: keep_attributes?, literal_dollar })
}

/// Whether a key that has one value is there; `None` if it has another.
fn only(sink: &mut Sink, fields: &Fields<'_>, key: &str, value: &str) -> Option<bool> {
    if !fields.has(key) {
        return Some(false);
    }
    let text = fields.string(sink, key)?;
    choose(sink, &text, &format!("value of `{key}`"), &[(value, true)])
}

fn check_captures(sink: &mut Sink, text: &At<String>, layout: Layout, query: Option<&CheckedQuery>) -> bool {
    match query.and_then(|query| query.query.as_ref()) {
        Some(Query::AstGrep(query)) if !layout.literal_dollar => {
            captures::all_bound(sink, text, query.variables())
        }
        _ => true,
    }
}

fn check_replacement(sink: &mut Sink, text: &At<String>, layout: Layout, query: Option<&CheckedQuery>) {
    let no_change = match query.and_then(|query| query.query.as_ref()) {
        Some(Query::Text(query)) => (query.search == text.value).then_some("`search`"),
        Some(Query::AstGrep(query)) if !layout.literal_dollar => {
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
