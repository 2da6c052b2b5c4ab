//! One `[[patches]]` table: its own keys, and the combinations of its parts that are mistakes.

use toml::de::DeValue;

use super::declared::{DeclaredKey, Text};
use super::fields::{At, Fields, Sink, string, wrong_type};
use super::operation::Operation;
use super::query::{CheckedQuery, Query};
use super::{file_keys, keys, operation, query, verify_table};
use crate::config::mistake::{MistakeKind, position};
use crate::patch::version::VersionRange;
use crate::patch::{Action, Drift, Origin, Patch, QueryKind, TomlOperation, Verify};
use crate::text::words::is_identifier;

/// What `[meta]` says about every patch of the file.
pub(super) struct Common {
    pub(super) workspace_relative: bool,
    pub(super) versions: Vec<VersionRange>,
}

/// The checked id, and the checked patch.
pub(super) fn check(
    sink: &mut Sink,
    fields: &Fields<'_>,
    common: &Common,
) -> (Option<At<String>>, Option<Patch>) {
    sink.patch = written_id(fields);
    let id = id(sink, fields);
    let patch = body(sink, fields, common, id.as_ref());
    sink.patch = None;
    (id, patch)
}

fn body(sink: &mut Sink, fields: &Fields<'_>, common: &Common, id: Option<&At<String>>) -> Option<Patch> {
    fields.hold(sink, &file_keys::PATCH_TABLE);
    let description = fields.text(sink, &file_keys::DESCRIPTION).map(|text| text.value);
    let files = files(sink, fields, common.workspace_relative);
    let relocate = fields.is_set(sink, &file_keys::RELOCATE);
    let enabled = fields.is_set(sink, &file_keys::ENABLED);
    let mut versions = common.versions.clone();
    versions.extend(version(sink, fields, &file_keys::VERSION));
    let query = fields.table(sink, &keys::QUERY).and_then(|part| query::check(sink, &part));
    let operation = fields.table(sink, &keys::OPERATION);
    let operation = operation.and_then(|part| operation::check(sink, &part, query.as_ref()));
    let verify = verification(sink, fields, query.as_ref());
    let constraint = constraint(sink, fields, query.as_ref(), operation.as_ref());
    if let (Some(files), Some(query)) = (&files, &query) {
        files.iter().for_each(|file| check_extension(sink, file, query.kind));
    }
    let query = query?;
    let drift = match &query.query {
        Some(Query::Text(text)) if text.fuzzy.is_some() => Drift::Merge,
        _ => Drift::Off,
    };
    Some(Patch {
        id: id?.value.clone(),
        description,
        origin: Origin { file: sink.file.clone(), line: position(&sink.source, fields.span.start).0 },
        files: files?.into_iter().map(|file| file.value).collect(),
        workspace_relative: common.workspace_relative,
        versions,
        enabled,
        action: action(query.query?, operation?)?,
        matches: query.matches?,
        verify,
        function_context: constraint.function_context,
        ensure_present: constraint.ensure_present,
        ensure_absent: constraint.ensure_absent,
        drift: if relocate { Drift::Move } else { drift },
    })
}

/// The two as one; `None` where they do not belong together, which has been reported.
fn action(query: Query, operation: Operation) -> Option<Action> {
    match (query, operation) {
        (Query::Text(query), Operation::Edit(edit, _)) => Some(Action::Text { query, edit }),
        (Query::Rust(query), Operation::Edit(edit, layout)) => Some(Action::Rust { query, edit, layout }),
        (Query::Toml(query), Operation::Toml(operation)) => Some(Action::Toml { query, operation }),
        (Query::Text(_) | Query::Rust(_), Operation::Toml(_)) | (Query::Toml(_), Operation::Edit(..)) => None,
    }
}

/// The id, right or wrong, by which a mistake in the patch names it.
pub(super) fn written_id(fields: &Fields<'_>) -> Option<String> {
    let id = fields.entry(file_keys::ID.name)?.value.get_ref().as_str()?;
    (!id.trim().is_empty()).then(|| id.to_owned())
}

fn id(sink: &mut Sink, fields: &Fields<'_>) -> Option<At<String>> {
    let id = fields.text(sink, &file_keys::ID)?;
    let is_wrong = |c: char| c.is_control() || c.is_whitespace();
    if let Some((at, wrong)) = id.value.char_indices().find(|(_, c)| is_wrong(*c)) {
        let what = if wrong.is_control() && wrong != '\t' && wrong != '\n' {
            "a control character"
        } else {
            "white space"
        };
        let words: Vec<&str> = id.value.split(is_wrong).filter(|word| !word.is_empty()).collect();
        let span = match wrong {
            '\n' => id.span.clone(),
            _ => sink.inside(&id, at..at + wrong.len_utf8()),
        };
        sink.report(MistakeKind::Impossible, span, format!("`id` contains {what}"))
            .hint(format!("write `{}`: an id is one word, in reports and for `--only`", words.join("-")));
        return None;
    }
    Some(id)
}

/// A range that asks for something; any version is no constraint.
pub(super) fn version(sink: &mut Sink, fields: &Fields<'_>, key: &DeclaredKey<Text>) -> Option<VersionRange> {
    let text = fields.text(sink, key)?;
    match VersionRange::parse(&text.value) {
        Ok(range) => Some(range).filter(|range| !range.is_any()),
        Err(mistake) => {
            sink.report(MistakeKind::Version, text.span, mistake.to_string()).hint(mistake.hint());
            None
        }
    }
}

fn files(sink: &mut Sink, fields: &Fields<'_>, workspace_relative: bool) -> Option<Vec<At<String>>> {
    let entry = fields.entry(file_keys::FILE.name)?;
    let written = match entry.value.get_ref() {
        DeValue::String(_) => vec![string(sink, entry.value, "`file`")],
        DeValue::Array(list) => list.iter().map(|file| string(sink, file, "`file`")).collect(),
        _ => return wrong_type(sink, entry.value, "`file`", "a path or a list of paths"),
    };
    if written.is_empty() {
        sink.report(MistakeKind::Empty, entry.value.span(), "`file` is an empty list")
            .hint("name the file to patch, or several candidate files");
        return None;
    }
    let files: Vec<At<String>> = written.into_iter().collect::<Option<_>>()?;
    for (at, file) in files.iter().enumerate() {
        check_path(sink, file, workspace_relative);
        if files[..at].iter().any(|earlier| earlier.value == file.value) {
            let message = format!("`{}` is in the list twice", file.value);
            sink.report(MistakeKind::Impossible, file.span.clone(), message).hint("remove one of the two");
        }
    }
    Some(files)
}

fn check_path(sink: &mut Sink, file: &At<String>, workspace_relative: bool) {
    if file.value.trim().is_empty() {
        sink.report(MistakeKind::Empty, file.span.clone(), "`file` is empty");
    } else if workspace_relative && is_absolute(&file.value) {
        let message = format!("`{}` is an absolute path", file.value);
        sink.report(MistakeKind::Impossible, file.span.clone(), message)
            .hint("write a path relative to the workspace, or set `workspace_relative = false` in `[meta]`");
    }
}

/// Whether a path is absolute on any platform: a patch file means the same on all.
fn is_absolute(path: &str) -> bool {
    let has_drive = matches!(path.as_bytes(), [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic());
    path.starts_with(['/', '\\']) || has_drive
}

fn check_extension(sink: &mut Sink, file: &At<String>, kind: QueryKind) {
    let fits = match kind {
        QueryKind::Text => true,
        QueryKind::AstGrep | QueryKind::TreeSitter => file.value.ends_with(".rs"),
        QueryKind::Toml => !file.value.ends_with(".rs"),
    };
    if fits || file.value.trim().is_empty() {
        return;
    }
    let message = format!("{} cannot search `{}`", kind.phrase(), file.value);
    let hint = match kind {
        QueryKind::Toml => "for a `.rs` file use a text, ast-grep or tree-sitter query",
        _ => "ast-grep and tree-sitter queries search `.rs` files only; a text query searches any file",
    };
    sink.report(MistakeKind::Impossible, file.span.clone(), message).hint(hint);
}

fn verification(sink: &mut Sink, fields: &Fields<'_>, query: Option<&CheckedQuery>) -> Option<Verify> {
    let entry = fields.entry("verify")?;
    let part = fields.table(sink, &keys::VERIFY)?;
    let verify = verify_table::check(sink, &part);
    let operation = fields.entry("operation").and_then(|entry| entry.value.get_ref().get("type"));
    let inserts = operation
        .and_then(|kind| kind.get_ref().as_str())
        .is_some_and(|kind| matches!(kind.replace('_', "-").as_str(), "insert-section" | "append-section"));
    if inserts && query.is_some_and(|query| query.kind == QueryKind::Toml) {
        let message = "`verify` cannot be combined with an operation that inserts a section";
        sink.report(MistakeKind::Impossible, entry.key_span, message)
            .hint("such an operation matches nothing, so there is nothing to verify: remove `verify`");
    }
    verify
}

#[derive(Default)]
struct Constraint {
    function_context: Option<String>,
    ensure_present: bool,
    ensure_absent: bool,
}

fn constraint(
    sink: &mut Sink,
    fields: &Fields<'_>,
    query: Option<&CheckedQuery>,
    operation: Option<&Operation>,
) -> Constraint {
    let part = fields.table(sink, &keys::CONSTRAINT);
    let mut flags = [None, None];
    let mut function = None;
    if let Some(part) = &part {
        part.hold(sink, &keys::CONSTRAINT_TABLE);
        function = function_context(sink, part, fields, query);
        flags = [part.flag(sink, &keys::ENSURE_PRESENT), part.flag(sink, &keys::ENSURE_ABSENT)];
    }
    let [present, absent] = flags;
    if let (Some(At { value: true, span }), Some(query)) = (&absent, query)
        && query.kind != QueryKind::Toml
    {
        let message = format!("`ensure_absent` cannot be combined with {}", query.kind.phrase());
        sink.report(MistakeKind::Impossible, span.clone(), message).hint(
            "only a toml query accepts \
         `ensure_absent`",
        );
    }
    let own = |flag: fn(&CheckedQuery) -> &Option<At<bool>>| query.and_then(|query| flag(query).as_ref());
    let present = agreed(sink, "ensure_present", present.as_ref(), own(|query| &query.ensure_present));
    let absent = agreed(sink, "ensure_absent", absent.as_ref(), own(|query| &query.ensure_absent));
    let deletes =
        matches!(operation, Some(Operation::Toml(TomlOperation::DeleteKey | TomlOperation::DeleteSection)));
    let is_toml = query.is_none_or(|query| query.kind == QueryKind::Toml);
    if let Some(At { value: true, span }) = absent {
        if deletes {
            let message = "`ensure_absent` cannot be combined with an operation that deletes";
            sink.report(MistakeKind::Impossible, span.clone(), message)
                .hint("what is absent cannot be deleted: remove `ensure_absent`");
        } else if is_toml && present.is_some_and(|present| present.value) {
            let message = "`ensure_present` and `ensure_absent` cannot be combined";
            sink.report(MistakeKind::Impossible, span.clone(), message).hint("remove one of them");
        }
    }
    Constraint {
        function_context: function,
        ensure_present: present.is_some_and(|flag| flag.value),
        ensure_absent: absent.is_some_and(|flag| flag.value),
    }
}

/// A flag that stands in `constraint`, in the query, or the same in both.
fn agreed<'f>(
    sink: &mut Sink,
    key: &str,
    constraint: Option<&'f At<bool>>,
    query: Option<&'f At<bool>>,
) -> Option<&'f At<bool>> {
    if let (Some(one), Some(other)) = (constraint, query)
        && one.value != other.value
    {
        let message = format!("`{key}` is {} here and {} in the query", one.value, other.value);
        sink.report(MistakeKind::Impossible, one.span.clone(), message).hint("remove one of them");
    }
    constraint.or(query)
}

fn function_context(
    sink: &mut Sink,
    part: &Fields<'_>,
    fields: &Fields<'_>,
    query: Option<&CheckedQuery>,
) -> Option<String> {
    let key_span = part.entry(keys::FUNCTION_CONTEXT.name)?.key_span;
    let name = part.text(sink, &keys::FUNCTION_CONTEXT)?;
    if !is_identifier(&name.value) {
        sink.report(MistakeKind::Impossible, name.span, format!("`{}` is not a function name", name.value))
            .hint("write the name alone, without `fn`, path or parameters");
        return None;
    }
    if query.is_some_and(|query| query.kind == QueryKind::Toml) {
        sink.report(
            MistakeKind::Impossible,
            key_span,
            "`function_context` cannot be combined with a toml query",
        )
        .hint("remove `function_context`");
    } else if let Some(file) =
        paths(fields).into_iter().find(|file| !file.trim().is_empty() && !file.ends_with(".rs"))
    {
        let message = format!("`function_context` cannot be combined with `{file}`");
        sink.report(MistakeKind::Impossible, key_span, message).hint("only `.rs` files have functions");
    }
    Some(name.value)
}

fn paths<'t>(fields: &Fields<'t>) -> Vec<&'t str> {
    match fields.entry("file").map(|entry| entry.value.get_ref()) {
        Some(DeValue::Array(list)) => list.iter().filter_map(|file| file.get_ref().as_str()).collect(),
        Some(other) => other.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_absolute_whatever_the_platform() {
        for path in ["/a.rs", "\\a.rs", "C:\\a.rs", "c:/a.rs"] {
            assert!(is_absolute(path), "{path}");
        }
        for path in ["a.rs", "a/b.rs", "C:", "c:a.rs", "ab:/c.rs", "../a.rs"] {
            assert!(!is_absolute(path), "{path}");
        }
    }
}
