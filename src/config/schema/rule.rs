//! `rule` and `constraints` of an ast-grep query: from TOML to ast-grep's own JSON shape, checked key by key.
//!
//! ast-grep could read the whole object at once, but it accepts unknown keys inside relational rules and does not
//! know the places in the patch file. So keys and types are checked here, and each pattern, kind, expression and
//! field is first compiled alone: its mistake is then reported at its own place.

use std::ops::Range;

use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::DeValue;

use super::declared::Keys;
use super::fields::{At, Entry, Fields, Sink, choose, nearest, string, whole, wrong_type};
use super::rule_keys::{self, ALL_KEYS, KEYS, OF_RELATIONS};
use crate::config::mistake::MistakeKind;
use crate::sg::matcher::AstGrepQuery;
use crate::sg::pattern::{PatternMistake, PatternSource};

/// Rules nested deeper are refused; ast-grep recurses along them.
const MAX_NESTING: usize = 32;

/// Bytes; ast-grep takes a selector for a kind, and recurses along it.
const MAX_KIND: usize = 400;

type RuleValue<'t> = Spanned<DeValue<'t>>;

/// Where a rule object stands decides which keys it may have.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Plain,
    Relation,
}

/// The compiled rule.
pub(super) fn check<'t>(
    sink: &mut Sink,
    rule: &'t RuleValue<'t>,
    constraints: Option<&'t RuleValue<'t>>,
) -> Option<AstGrepQuery> {
    let before = sink.count();
    let object = object(sink, rule, "the rule", Role::Plain, 0);
    let constraints = match constraints {
        Some(table) => constraint_objects(sink, table),
        None => Some(Vec::new()),
    };
    let (object, constraints) = (object?, constraints?);
    if sink.count() > before {
        return None;
    }
    let query = compile(sink, rule, json!({ "rule": object }))?;
    if constraints.is_empty() {
        return Some(query);
    }
    let bound: Vec<&str> = query.variables().iter().map(String::as_str).collect();
    let lists = query.lists();
    for (name, _) in &constraints {
        check_bound(sink, name, &bound);
        if lists.contains(&name.value) {
            let message =
                format!("`$$${}` stands for several nodes, and a constraint is for one", name.value);
            sink.report(MistakeKind::Impossible, name.span.clone(), message).hint(
                "to say what one of them is, bind it: `f($$$BEFORE, $NAME, $$$AFTER)`, and constrain `NAME`",
            );
        }
    }
    if sink.count() > before {
        return None;
    }
    let by_name: Map<String, Value> =
        constraints.into_iter().map(|(name, object)| (name.value, object)).collect();
    compile(sink, rule, json!({ "rule": object, "constraints": by_name }))
}

fn compile(sink: &mut Sink, place: &RuleValue<'_>, object: Value) -> Option<AstGrepQuery> {
    AstGrepQuery::rule(object).map_err(|mistake| report_pattern(sink, place.span(), &mistake)).ok()
}

fn constraint_objects<'t>(sink: &mut Sink, table: &'t RuleValue<'t>) -> Option<Vec<(At<String>, Value)>> {
    let fields = Fields::of(sink, table, "`constraints`")?;
    let checked: Vec<_> = fields
        .entries()
        .map(|entry| {
            let name = At { value: entry.key.to_owned(), span: entry.key_span };
            (name, object(sink, entry.value, "the constraint", Role::Plain, 0))
        })
        .collect();
    checked.into_iter().map(|(name, object)| Some((name, object?))).collect()
}

fn check_bound(sink: &mut Sink, name: &At<String>, bound: &[&str]) {
    if bound.contains(&name.value.as_str()) {
        return;
    }
    let message = format!("the rule does not bind `${}`", name.value);
    let reported = sink.report(MistakeKind::Capture, name.span.clone(), message);
    if let Some(near) = nearest(&name.value, bound) {
        reported.hint(format!("did you mean `{near}`?"));
    }
}

fn object<'t>(
    sink: &mut Sink,
    value: &'t RuleValue<'t>,
    title: &'static str,
    role: Role,
    depth: usize,
) -> Option<Value> {
    if depth > MAX_NESTING {
        let message = format!("rules are nested deeper than {MAX_NESTING} levels");
        sink.report(MistakeKind::Pattern, value.span(), message);
        return None;
    }
    let fields = Fields::of(sink, value, title)?;
    if fields.is_empty() {
        sink.report(MistakeKind::Empty, value.span(), format!("{title} is empty"));
        return None;
    }
    refuse_keys(sink, &fields, role);
    let allowed: &[Keys] = if role == Role::Relation { &[KEYS, OF_RELATIONS] } else { &[KEYS] };
    let known = |name: &str| allowed.iter().any(|keys| keys.iter().any(|key| key.name() == name));
    let checked: Vec<_> = fields
        .entries()
        .filter(|entry| known(entry.key))
        .map(|entry| (entry.key.to_owned(), member(sink, &entry, &fields, depth)))
        .collect();
    checked
        .into_iter()
        .map(|(key, value)| Some((key, value?)))
        .collect::<Option<Map<_, _>>>()
        .map(Value::Object)
}

fn refuse_keys(sink: &mut Sink, fields: &Fields<'_>, role: Role) {
    fields.refuse_others(sink, ALL_KEYS, &[], "");
    for entry in OF_RELATIONS.iter().filter_map(|key| fields.entry(key.name())) {
        if role == Role::Plain {
            let message = format!("`{}` is valid in a relational rule only", entry.key);
            sink.report(MistakeKind::Impossible, entry.key_span, message)
                .hint("move it into `inside`, `has`, `follows` or `precedes`");
        }
    }
}

fn member<'t>(sink: &mut Sink, entry: &Entry<'t>, fields: &Fields<'t>, depth: usize) -> Option<Value> {
    let value = entry.value;
    match entry.key {
        "pattern" => pattern(sink, value),
        "kind" => kind(sink, fields),
        "regex" => regex(sink, fields),
        "field" => field(sink, fields),
        "stopBy" => stop_by(sink, value, depth),
        "nthChild" => nth_child(sink, value, depth),
        "all" | "any" => rules(sink, entry.key, value, depth),
        "not" => object(sink, value, "the rule in `not`", Role::Plain, depth + 1),
        _ => object(sink, value, "the relational rule", Role::Relation, depth + 1),
    }
}

fn filled(sink: &mut Sink, value: &RuleValue<'_>, what: &str) -> Option<At<String>> {
    let text = string(sink, value, what)?;
    if text.value.trim().is_empty() {
        sink.report(MistakeKind::Empty, text.span, format!("{what} is empty"));
        return None;
    }
    Some(text)
}

fn pattern<'t>(sink: &mut Sink, value: &'t RuleValue<'t>) -> Option<Value> {
    match value.get_ref() {
        DeValue::Table(_) => pattern_table(sink, value),
        DeValue::String(_) => {
            let text = filled(sink, value, "`pattern`")?;
            compiles(sink, &text, None)?;
            Some(Value::String(text.value))
        }
        _ => wrong_type(sink, value, "`pattern`", "a string, or a table with `context` and `selector`"),
    }
}

fn pattern_table<'t>(sink: &mut Sink, value: &'t RuleValue<'t>) -> Option<Value> {
    let fields = Fields::of(sink, value, rule_keys::PATTERN_TABLE.title)?;
    fields.hold(sink, &rule_keys::PATTERN_TABLE);
    let strictness = match fields.has(rule_keys::STRICTNESS.name) {
        true => Some(fields.choice(sink, &rule_keys::STRICTNESS)?.value),
        false => None,
    };
    let context = fields.text(sink, &rule_keys::CONTEXT)?;
    let selector = fields.text(sink, &rule_keys::SELECTOR).map(|selector| selector.value);
    compiles(sink, &context, selector.clone())?;
    let mut object = Map::from_iter([("context".to_owned(), Value::String(context.value))]);
    object.extend(selector.map(|selector| ("selector".to_owned(), Value::String(selector))));
    object.extend(strictness.map(|name| ("strictness".to_owned(), Value::from(name))));
    Some(Value::Object(object))
}

/// A pattern that is one metavariable is fine here: other parts of the rule narrow it.
fn compiles(sink: &mut Sink, text: &At<String>, selector: Option<String>) -> Option<()> {
    match AstGrepQuery::pattern(PatternSource { text: text.value.clone(), selector }) {
        Ok(_) | Err(PatternMistake::Everything) => Some(()),
        Err(mistake) => {
            report_pattern(sink, text.span.clone(), &mistake);
            None
        }
    }
}

fn kind(sink: &mut Sink, fields: &Fields<'_>) -> Option<Value> {
    let text = fields.text(sink, &rule_keys::KIND)?;
    if text.value.len() > MAX_KIND {
        let message = format!("`kind` is longer than {MAX_KIND} bytes");
        sink.report(MistakeKind::Pattern, text.span, message);
        return None;
    }
    if AstGrepQuery::rule(json!({ "rule": { "kind": text.value } })).is_err() {
        let message = format!("`{}` is not a node kind of the Rust grammar", text.value);
        sink.report(MistakeKind::Pattern, text.span, message).hint(
            "use a kind of tree-sitter's Rust grammar: function_item, call_expression, use_declaration, …",
        );
        return None;
    }
    Some(Value::String(text.value))
}

fn regex(sink: &mut Sink, fields: &Fields<'_>) -> Option<Value> {
    let text = fields.text(sink, &rule_keys::REGEX)?;
    if let Err(error) = regex::Regex::new(&text.value) {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let message = format!("`{}` is not a valid regular expression: {reason}", text.value);
        sink.report(MistakeKind::Pattern, text.span, message);
        return None;
    }
    Some(Value::String(text.value))
}

fn field(sink: &mut Sink, fields: &Fields<'_>) -> Option<Value> {
    let text = fields.text(sink, &rule_keys::FIELD)?;
    let probe = json!({ "rule": { "has": { "regex": ".", "field": text.value } } });
    if AstGrepQuery::rule(probe).is_err() {
        let message = format!("`{}` is not a field of the Rust grammar", text.value);
        sink.report(MistakeKind::Pattern, text.span, message)
            .hint("use a field of tree-sitter's Rust grammar: name, body, parameters, type, value, …");
        return None;
    }
    Some(Value::String(text.value))
}

fn stop_by<'t>(sink: &mut Sink, value: &'t RuleValue<'t>, depth: usize) -> Option<Value> {
    if value.get_ref().is_table() {
        return object(sink, value, "the rule in `stopBy`", Role::Plain, depth + 1);
    }
    let DeValue::String(_) = value.get_ref() else {
        return wrong_type(sink, value, "`stopBy`", "\"neighbor\", \"end\" or a rule");
    };
    let text = string(sink, value, "`stopBy`")?;
    choose(sink, &text, &rule_keys::STOPS).map(Value::from)
}

fn nth_child<'t>(sink: &mut Sink, value: &'t RuleValue<'t>, depth: usize) -> Option<Value> {
    if !value.get_ref().is_table() {
        return nth_position(sink, value);
    }
    let table = &rule_keys::NTH_CHILD_TABLE;
    let fields = Fields::of(sink, value, table.title)?;
    fields.hold(sink, table);
    let position = fields.entry(rule_keys::POSITION.name).and_then(|entry| nth_position(sink, entry.value));
    let reverse = fields.is_set(sink, &rule_keys::REVERSE);
    let of_rule = match fields.entry(rule_keys::OF_RULE.name) {
        Some(entry) => Some(object(sink, entry.value, "the rule in `ofRule`", Role::Plain, depth + 1)?),
        None => None,
    };
    let mut nth = json!({ "position": position?, "reverse": reverse });
    if let (Some(of_rule), Some(object)) = (of_rule, nth.as_object_mut()) {
        object.insert("ofRule".to_owned(), of_rule);
    }
    Some(nth)
}

fn nth_position(sink: &mut Sink, value: &RuleValue<'_>) -> Option<Value> {
    let expected = "a number of 1 or more, or \"An+B\"";
    let position = match value.get_ref() {
        DeValue::Integer(_) => whole(value.get_ref()).filter(|number| *number > 0).map(Value::from),
        DeValue::String(text) => Some(Value::String(text.to_string())),
        _ => return wrong_type(sink, value, "`nthChild`", expected),
    };
    let fits = |position: &Value| AstGrepQuery::rule(json!({ "rule": { "nthChild": position } })).is_ok();
    let position = position.filter(fits);
    if position.is_none() {
        let message = format!("`nthChild` must be {expected}, not {}", &sink.source[value.span()]);
        sink.report(MistakeKind::Range, value.span(), message);
    }
    position
}

fn rules<'t>(sink: &mut Sink, key: &str, value: &'t RuleValue<'t>, depth: usize) -> Option<Value> {
    let DeValue::Array(array) = value.get_ref() else {
        return wrong_type(sink, value, &format!("`{key}`"), "a list of rules");
    };
    if array.is_empty() {
        sink.report(MistakeKind::Empty, value.span(), format!("`{key}` is an empty list"));
        return None;
    }
    let checked: Vec<_> =
        array.iter().map(|rule| object(sink, rule, "the rule in the list", Role::Plain, depth + 1)).collect();
    checked.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
}

/// Reports a pattern, of a rule or alone, that does not compile.
pub(super) fn report_pattern(sink: &mut Sink, span: Range<usize>, mistake: &PatternMistake) {
    let reported = sink.report(MistakeKind::Pattern, span, mistake.to_string());
    if let Some(hint) = mistake.hint() {
        reported.hint(hint);
    }
}
