//! `[patches.query]`: the fields of each kind of query. Patterns, rules and paths are compiled here.

use std::ops::Range;

use toml::de::DeValue;

use super::declared::{DeclaredKey, Text};
use super::fields::{At, Fields, Sink, character, whole, wrong_type};
use super::{keys, rule, rule_keys};
use crate::config::mistake::MistakeKind;
use crate::patch::toml_path::{KeyPath, PathMistake, SectionPath};
use crate::patch::{Fuzzy, Matches, QueryKind, RustQuery, TextEdges, TextQuery, TomlQuery};
use crate::sg::matcher::AstGrepQuery;
use crate::sg::pattern::{MAX_DEPTH, PatternSource};
use crate::ts::locator::TreeSitterQuery;

/// A query that compiles, before it is known what is done where it matches.
pub(super) enum Query {
    Text(TextQuery),
    Rust(RustQuery),
    Toml(TomlQuery),
}

impl Query {
    /// An ast-grep query.
    pub(super) fn ast_grep(&self) -> Option<&AstGrepQuery> {
        match self {
            Self::Rust(RustQuery::AstGrep(query)) => Some(query),
            Self::Rust(RustQuery::TreeSitter(_)) | Self::Text(_) | Self::Toml(_) => None,
        }
    }

    /// A TOML query.
    pub(super) fn toml(&self) -> Option<&TomlQuery> {
        match self {
            Self::Toml(query) => Some(query),
            Self::Text(_) | Self::Rust(_) => None,
        }
    }
}

/// A query whose kind is known; its parts are `None` where a mistake was reported.
pub(super) struct CheckedQuery {
    pub(super) kind: QueryKind,
    /// The value of its `type`.
    pub(super) kind_span: Range<usize>,
    /// The `key` of a toml query, the word itself.
    pub(super) key_span: Option<Range<usize>>,
    pub(super) query: Option<Query>,
    pub(super) matches: Option<Matches>,
    pub(super) ensure_absent: Option<At<bool>>,
    pub(super) ensure_present: Option<At<bool>>,
}

/// The checked table; `None` where even its kind is unknown.
pub(super) fn check(sink: &mut Sink, fields: &Fields<'_>) -> Option<CheckedQuery> {
    let all = &keys::QUERY_TABLE;
    let Some(At { value: kind, span: kind_span }) = fields.choice(sink, &keys::QUERY_TYPE) else {
        fields.hold(sink, all);
        return None;
    };
    let variant = keys::of_query(kind);
    fields.refuse_others(sink, variant.keys, all.keys, kind.phrase());
    fields.demand(sink, variant.required);
    let query = match kind {
        QueryKind::Text => text(sink, fields).map(Query::Text),
        QueryKind::AstGrep => ast_grep(sink, fields).map(|query| Query::Rust(RustQuery::AstGrep(query))),
        QueryKind::TreeSitter => {
            tree_sitter(sink, fields).map(|query| Query::Rust(RustQuery::TreeSitter(query)))
        }
        QueryKind::Toml => toml(sink, fields).map(Query::Toml),
    };
    let matches = matches(sink, fields);
    refuse_fuzzy_many(sink, fields, kind, matches);
    let toml_flag =
        |sink: &mut Sink, key| if kind == QueryKind::Toml { fields.flag(sink, key) } else { None };
    let ensure_absent = toml_flag(sink, &keys::ENSURE_ABSENT);
    let ensure_present = toml_flag(sink, &keys::ENSURE_PRESENT);
    let key_span = fields.entry(keys::KEY.name).map(|entry| entry.key_span);
    Some(CheckedQuery { kind, kind_span, key_span, query, matches, ensure_absent, ensure_present })
}

fn matches(sink: &mut Sink, fields: &Fields<'_>) -> Option<Matches> {
    let Some(entry) = fields.entry(keys::MATCHES.name) else { return Some(Matches::Exactly(1)) };
    let expected = "a count of 1 or more, or \"all\"";
    match entry.value.get_ref() {
        DeValue::Integer(_) => match whole(entry.value.get_ref()) {
            Some(count) if count > 0 => Some(Matches::Exactly(count)),
            _ => {
                let there = &sink.source[entry.value.span()];
                let message = format!("`matches` must be {expected}, not {there}");
                sink.report(MistakeKind::Range, entry.value.span(), message);
                None
            }
        },
        DeValue::String(text) if text == "all" => Some(Matches::All),
        DeValue::String(text) => {
            let message = format!("`matches` must be {expected}, not \"{text}\"");
            sink.report(MistakeKind::UnknownValue, entry.value.span(), message);
            None
        }
        _ => wrong_type(sink, entry.value, "`matches`", expected),
    }
}

fn refuse_fuzzy_many(sink: &mut Sink, fields: &Fields<'_>, kind: QueryKind, matches: Option<Matches>) {
    let fuzzy =
        [keys::FUZZY_THRESHOLD.name, keys::FUZZY_EXPANSION.name].iter().find_map(|key| fields.entry(key));
    if let (QueryKind::Text, Some(entry), Some(matches)) = (kind, fuzzy, matches)
        && matches != Matches::Exactly(1)
    {
        let message = format!("`{}` cannot be combined with several matches", entry.key);
        sink.report(MistakeKind::Impossible, entry.key_span, message).hint(
            "a tolerant search finds the one best place: remove `matches`, or `fuzzy_threshold` and \
             `fuzzy_expansion`",
        );
    }
}

fn text(sink: &mut Sink, fields: &Fields<'_>) -> Option<TextQuery> {
    let threshold = fields.number(sink, &keys::FUZZY_THRESHOLD);
    let expansion = fields.whole(sink, &keys::FUZZY_EXPANSION);
    let fuzzy = (threshold.is_some() || expansion.is_some()).then(|| Fuzzy {
        threshold: threshold.unwrap_or(Fuzzy::DEFAULT_THRESHOLD),
        expansion: expansion.unwrap_or(Fuzzy::DEFAULT_EXPANSION),
    });
    let anywhere = fields.is_set(sink, &keys::PARTIAL_WORDS);
    let edges = if anywhere { TextEdges::Anywhere } else { TextEdges::Words };
    let search = fields.text(sink, &keys::SEARCH)?;
    Some(TextQuery { search: search.value, edges, fuzzy })
}

fn ast_grep(sink: &mut Sink, fields: &Fields<'_>) -> Option<AstGrepQuery> {
    let variant = keys::of_query(QueryKind::AstGrep);
    let mut ways = variant.one_of.iter().filter_map(|key| fields.entry(key.name()));
    let Some(way) = ways.next() else {
        if fields.has_misnamed(sink, keys::PATTERN.name) {
            return None;
        }
        sink.report(
            MistakeKind::Missing,
            fields.span.clone(),
            "the ast-grep query has no pattern and no rule",
        )
        .hint("add `pattern`, or `context` and `selector`, or `rule`");
        return None;
    };
    if let Some(other) = ways.next() {
        let message = format!("`{}` and `{}` cannot be combined", way.key, other.key);
        sink.report(MistakeKind::Impossible, other.key_span, message)
            .hint("use one of `pattern`, `context` and `rule`; a rule can contain patterns of its own");
        return None;
    }
    for (key, other) in variant.needs {
        needs(sink, fields, key.name(), other.name());
    }
    if way.key == keys::RULE.name {
        if let Some(entry) = fields.entry(rule_keys::STRICTNESS.name) {
            sink.report(
                MistakeKind::Impossible,
                entry.key_span,
                "`strictness` and `rule` cannot be combined",
            )
            .hint("in a rule, write `pattern = { context = …, strictness = … }`");
        }
        return rule::check(sink, way.value, fields.entry(keys::CONSTRAINTS.name).map(|entry| entry.value));
    }
    let query = if way.key == keys::CONTEXT.name {
        let text = fields.text(sink, &keys::CONTEXT);
        let selector = fields.text(sink, &keys::SELECTOR);
        pattern(sink, text?, Some(selector?.value))
    } else {
        fields.text(sink, &keys::PATTERN).and_then(|text| pattern(sink, text, None))
    };
    if !fields.has(rule_keys::STRICTNESS.name) {
        return query;
    }
    let strictness = fields.choice(sink, &rule_keys::STRICTNESS)?.value;
    query?
        .with_strictness(strictness)
        .map_err(|mistake| rule::report_pattern(sink, way.value.span(), &mistake))
        .ok()
}

/// Reports `key` where it stands without `other`.
fn needs(sink: &mut Sink, fields: &Fields<'_>, key: &str, other: &str) {
    if let (Some(entry), None) = (fields.entry(key), fields.entry(other)) {
        sink.report(MistakeKind::Impossible, entry.key_span, format!("`{key}` needs `{other}`"))
            .hint(format!("add `{other}`, or remove `{key}`"));
    }
}

fn pattern(sink: &mut Sink, text: At<String>, selector: Option<String>) -> Option<AstGrepQuery> {
    match AstGrepQuery::pattern(PatternSource { text: text.value, selector }) {
        Ok(query) => Some(query),
        Err(mistake) => {
            rule::report_pattern(sink, text.span, &mistake);
            None
        }
    }
}

fn tree_sitter(sink: &mut Sink, fields: &Fields<'_>) -> Option<TreeSitterQuery> {
    let text = fields.text(sink, &keys::PATTERN)?;
    let depth = nesting(&text.value);
    if depth > MAX_DEPTH {
        let message = format!("the query is nested {depth} levels deep; at most {MAX_DEPTH} are supported");
        sink.report(MistakeKind::Pattern, text.span, message);
        return None;
    }
    let mistake = match TreeSitterQuery::new(&text.value) {
        Ok(query) => return Some(query),
        Err(mistake) => mistake,
    };
    let span = match mistake.offset() {
        Some(offset) => sink.inside(&text, character(&text.value, offset)),
        None => text.span,
    };
    let reported = sink.report(MistakeKind::Pattern, span, mistake.to_string());
    if let Some(hint) = mistake.hint() {
        reported.hint(hint);
    }
    None
}

/// How deep the brackets of an S-expression go; tree-sitter's parser of queries recurses along them.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ';' => while rest.next().is_some_and(|c| c != '\n') {},
            '"' => while rest.next().is_some_and(|c| c != '"' && (c != '\\' || rest.next().is_some())) {},
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn toml(sink: &mut Sink, fields: &Fields<'_>) -> Option<TomlQuery> {
    let section = path(sink, fields, &keys::SECTION, section_path);
    let key = path(sink, fields, &keys::KEY, key_path);
    Some(TomlQuery { section: section?, key: key? })
}

/// `Some(None)`: not there. `None`: there, and wrong.
fn path<T>(
    sink: &mut Sink,
    fields: &Fields<'_>,
    key: &DeclaredKey<Text>,
    parse: fn(&mut Sink, &At<String>) -> Option<T>,
) -> Option<Option<T>> {
    if !fields.has(key.name) {
        return Some(None);
    }
    let text = fields.text(sink, key)?;
    parse(sink, &text).map(Some)
}

/// `text` as a dotted key.
pub(super) fn key_path(sink: &mut Sink, text: &At<String>) -> Option<KeyPath> {
    KeyPath::parse(&text.value).map_err(|mistake| report_path(sink, text, &mistake)).ok()
}

/// `text` as the path of a section.
pub(super) fn section_path(sink: &mut Sink, text: &At<String>) -> Option<SectionPath> {
    SectionPath::parse(&text.value).map_err(|mistake| report_path(sink, text, &mistake)).ok()
}

/// Reports a path at the place inside it where it goes wrong.
fn report_path(sink: &mut Sink, text: &At<String>, mistake: &PathMistake) {
    let span = sink.inside(text, character(&text.value, mistake.offset));
    sink.report(MistakeKind::Path, span, format!("`{}` is not a valid path: {mistake}", text.value)).hint(
        "separate the parts with dots; quote a part that has other characters than letters, digits, \
         `-` and `_`",
    );
}
