//! Why a TOML operation cannot act: what stands there, what the patch would put there, and what to write instead.

use std::ops::Range;

use super::draft::Draft;
use super::failure::{Failure, describe, quoted};
use crate::patch::{Action, Patch, TomlOperation, TomlQuery};
use crate::toml_ops::{Obstacle, Written, dotted_path, obstacle, only_implied, refused_header};

/// The failure of a patch that finds other content at `span`.
pub(super) fn other_content(patch: &Patch, draft: &mut Draft, span: &Range<usize>) -> Failure {
    let line = draft.line_as_read(span.start);
    let plain = |hint: &str| Failure::OtherContent {
        message: already(&describe(&patch.action), line),
        hint: hint.to_owned(),
        detail: None,
        line,
    };
    let Action::Toml { query, operation } = &patch.action else {
        return plain("rewrite the patch for the text that is there now");
    };
    let found = draft.toml().ok().and_then(|model| obstacle(query, draft.text(), &model, span));
    let Some(found) = found else { return plain("compare the patch with the line, and adapt it") };
    let there = draft.text()[found.lines.clone()].trim_end().to_owned();
    let (message, hint) = words(query, operation, &found, line);
    let detail = would_write(query, operation).map(|new| {
        format!(
            "the target has, at line {line}:\n{}\nthe patch would write:\n{}",
            quoted(&there),
            quoted(new.trim())
        )
    });
    Failure::OtherContent { message, hint, detail, line }
}

/// That something stands there already.
pub(super) fn already(what: &str, line: usize) -> String {
    format!("{what} already exists with other content (line {line})")
}

/// What is in conflict with what, and what to do.
fn words(query: &TomlQuery, operation: &TomlOperation, found: &Obstacle, line: usize) -> (String, String) {
    let (path, name) = (dotted_path(query), &found.name);
    match (operation, found.written) {
        (TomlOperation::InsertSection { text, .. }, Written::Value) => {
            let section = refused_header(text, name).unwrap_or(path);
            (
                format!(
                    "section `{section}` cannot be inserted: `{name}` is a value, not a table (line {line})"
                ),
                format!("write the table as the value of `{name}`: `replace-value` with `value = '{{ … }}'`"),
            )
        }
        (TomlOperation::InsertSection { text, .. }, written) => {
            let section = refused_header(text, name).unwrap_or(path);
            let how = match written {
                Written::Section => "",
                Written::Inline => ", as an inline table",
                Written::Dotted | Written::Value => ", as dotted keys",
            };
            (
                format!("section `{section}` already exists with other content{how} (line {line})"),
                format!(
                    "a section can stand in a file once: change its keys one by one (`set-value` with `section = \
                     \"{section}\"` and `key`), replace its lines with a text query, or keep it with `ensure_absent = true`"
                ),
            )
        }
        (TomlOperation::ReplaceKey { new_key }, _) if *name != path => (
            format!(
                "`{path}` cannot be renamed: the section has a key `{}` already (line {line})",
                new_key.trim()
            ),
            format!(
                "choose another `new_key`; or delete `{path}` with `delete-key`, and set `{}` with `set-value`",
                new_key.trim()
            ),
        ),
        (TomlOperation::DeleteSection, _) => (
            format!("`{path}` is a key, not a section (line {line})"),
            "delete it with `delete-key`: the part before the last dot is `section`, the last one `key`"
                .to_owned(),
        ),
        (_, Written::Value) if *name != path => (
            format!("`{path}` cannot be set: `{name}` is a value, not a table (line {line})"),
            format!("write the table as the value of `{name}`: `replace-value` with `value = '{{ … }}'`"),
        ),
        (TomlOperation::DeleteKey, _) => (
            format!("`{path}` is a section, not a key (line {line})"),
            format!("delete it with `delete-section` and `section = \"{path}\"`"),
        ),
        (TomlOperation::ReplaceKey { .. }, _) => (
            format!("`{path}` is a table, and only keys with a value can be renamed (line {line})"),
            "delete the section (`delete-section`) and insert it under its new name (`insert-section`)"
                .to_owned(),
        ),
        (TomlOperation::SetValue { .. } | TomlOperation::ReplaceValue { .. }, _) => (
            format!("`{path}` is a table, not a value (line {line})"),
            format!("set the keys in it (`section = \"{path}\"`), or replace its lines with a text query"),
        ),
    }
}

/// What the operation would put there.
fn would_write(query: &TomlQuery, operation: &TomlOperation) -> Option<String> {
    match operation {
        TomlOperation::InsertSection { text, .. } => Some(text.clone()),
        TomlOperation::SetValue { .. } | TomlOperation::ReplaceValue { .. } => entry(query, operation),
        TomlOperation::ReplaceKey { new_key } => Some(format!("{} = …", new_key.trim())),
        TomlOperation::DeleteSection | TomlOperation::DeleteKey => None,
    }
}

fn entry(query: &TomlQuery, operation: &TomlOperation) -> Option<String> {
    match (operation, &query.key) {
        (TomlOperation::SetValue { value } | TomlOperation::ReplaceValue { value }, Some(key)) => {
            Some(format!("{key} = {}", value.trim()))
        }
        _ => None,
    }
}

/// The failure of a patch that sets a key in a section that is only implied.
pub(super) fn only_in_name(patch: &Patch, draft: &mut Draft) -> Option<Failure> {
    let Action::Toml { query, operation: operation @ TomlOperation::SetValue { .. } } = &patch.action else {
        return None;
    };
    let model = draft.toml().ok()?;
    let at = only_implied(query, draft.text(), &model)?;
    let section = query.section.as_ref()?.to_string();
    Some(Failure::OnlyImplied { section, entry: entry(query, operation)?, line: draft.line_as_read(at) })
}
