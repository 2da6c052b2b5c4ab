//! Properties: generated texts and operations, judged by the values that a plain TOML parser reads.

use proptest::prelude::*;
use toml::{Table, Value};

use super::tests::{applied, found, query};
use super::*;
use crate::patch::toml_path::SectionPath;
use crate::patch::{SectionPlace, TomlOperation};

const STATEMENTS: &[&str] = &[
    "[a]",
    "[b]",
    "[a.b]",
    "[a.c]",
    "[ b . 'a' ] # x",
    "[a.b.c]",
    "[[d]]",
    "[d.a]",
    "[[a.d]]",
    "[\"c\"]",
    "a = 1",
    "b = 2 # [b]",
    "  c = 'x'",
    "a.b = 1",
    "a.c = \"y\"",
    "b.a.c = [\n 1, # ]\n]",
    "d = { a = 1, b.c = 2 }",
    "c = { b = {}, a = { c = 1 } }",
    "a = '''\n[a]\nb = 1\n'''",
    "d = [{ a = 1 }, { a = 2, b = 3 }]",
    "c = {\n  a = 1, # one\n  b = 2\n}",
    "d = []",
    "\"é\" = 'ü' # ß",
    "['é'.b]",
    "",
    "",
    "# note",
    "# [a]",
];

const VALUES: &[&str] = &["1", "'x'", "[ 1 ]", "{ a = 1 }", "\"\"\"\n[a]\n\"\"\"", "true"];
const PATHS: &[&str] =
    &["a", "b", "c", "d", "a.b", "a.c", "b.a", "a.b.c", "a.d", "d.a", "b.a.c", "new", "a.new"];
const SECTIONS: &[&str] = &[
    "[new]\na = 1\n",
    "[a]\na = 1",
    "[a.b]\n\n[a.b.new]\nx = 1\n",
    "[[d]]\na = 7\n[d.a]\nz = 1",
    "[[a.d]]\nq = 1\n",
    "# own\n[c.x]\n",
    "[a]\n[b]\n",
];

/// Statements one after another, those left out that would make the text invalid.
pub(super) fn text() -> impl Strategy<Value = String> {
    let lines = proptest::collection::vec(proptest::sample::select(STATEMENTS), 0..14);
    (lines, any::<bool>()).prop_map(|(lines, closed)| {
        let mut text = String::new();
        for line in lines {
            let longer = format!("{text}{line}\n");
            if toml::from_str::<Table>(&longer).is_ok() {
                text = longer;
            }
        }
        if closed { text } else { text.trim_end_matches('\n').to_owned() }
    })
}

fn path() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(PATHS)
}

fn place() -> impl Strategy<Value = SectionPlace> {
    let beside = || path().prop_map(|path| SectionPath::parse(path).unwrap());
    prop_oneof![
        Just(SectionPlace::End),
        Just(SectionPlace::Beginning),
        beside().prop_map(SectionPlace::After),
        beside().prop_map(SectionPlace::Before),
    ]
}

fn value() -> impl Strategy<Value = String> {
    proptest::sample::select(VALUES).prop_map(str::to_owned)
}

pub(super) fn operation() -> impl Strategy<Value = TomlOperation> {
    prop_oneof![
        value().prop_map(|value| TomlOperation::ReplaceValue { value }),
        value().prop_map(|value| TomlOperation::SetValue { value }),
        proptest::sample::select(&["a", "b", "'n w'"][..])
            .prop_map(|key| TomlOperation::ReplaceKey { new_key: key.to_owned() }),
        Just(TomlOperation::DeleteKey),
        Just(TomlOperation::DeleteSection),
        (proptest::sample::select(SECTIONS), place())
            .prop_map(|(text, place)| TomlOperation::InsertSection { text: text.to_owned(), place }),
    ]
}

fn read(text: &str) -> Value {
    Value::Table(toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// Tables that hold nothing are dropped: whether an emptied parent stays depends on how it is written.
fn pruned(value: Value) -> Value {
    match value {
        Value::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| (key, pruned(value)));
            Value::Table(entries.filter(|(_, v)| v.as_table().is_none_or(|t| !t.is_empty())).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(pruned).collect()),
        value => value,
    }
}

fn parent<'v>(value: &'v mut Value, parents: &[&str]) -> Option<&'v mut Table> {
    let mut table = value.as_table_mut()?;
    for key in parents {
        table = table.entry(*key).or_insert_with(|| Value::Table(Table::new())).as_table_mut()?;
    }
    Some(table)
}

/// What the operation means for the values, where a plain reading can tell (no path through an array).
fn expected(before: &Value, path: &[&str], op: &TomlOperation) -> Option<Value> {
    let mut after = before.clone();
    let (last, parents) = path.split_last()?;
    match op {
        TomlOperation::ReplaceValue { value } | TomlOperation::SetValue { value } => {
            parent(&mut after, parents)?.insert((*last).to_owned(), content::value(value)?);
        }
        TomlOperation::DeleteKey | TomlOperation::DeleteSection => {
            parent(&mut after, parents)?.remove(*last)?;
        }
        TomlOperation::ReplaceKey { new_key } => {
            let table = parent(&mut after, parents)?;
            let value = table.remove(*last)?;
            table.insert(new_key.trim_matches('\'').to_owned(), value);
        }
        TomlOperation::InsertSection { text, .. } => merge(&mut after, read(text)),
    }
    Some(after)
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Table(into), Value::Table(from)) => {
            for (key, from) in from {
                match into.get_mut(&key) {
                    Some(into) => merge(into, from),
                    None => drop(into.insert(key, from)),
                }
            }
        }
        (Value::Array(into), Value::Array(from)) => into.extend(from),
        (into, from) => *into = from,
    }
}

/// An inserted element may stand anywhere in its array.
fn sorted(value: Value) -> Value {
    match value {
        Value::Table(table) => Value::Table(table.into_iter().map(|(k, v)| (k, sorted(v))).collect()),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(sorted).collect();
            items.sort_by_cached_key(|item| format!("{item:?}"));
            Value::Array(items)
        }
        value => value,
    }
}

/// Most generated pairs of text and operation do not meet.
pub(super) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_global_rejects: 1_000_000, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn an_operation_does_what_it_says_and_only_once(
        text in text(), section in path(), key in path(), root in any::<bool>(), op in operation(),
    ) {
        let keyed = !matches!(op, TomlOperation::DeleteSection | TomlOperation::InsertSection { .. });
        let insert = matches!(op, TomlOperation::InsertSection { .. });
        let section = if insert || (keyed && root) { "" } else { section };
        let query = query(section, if keyed { key } else { "" });
        let sites = found(&query, &op, &text);
        prop_assume!(sites.other_content.is_none() && !sites.pending.is_empty());
        let result = applied(&text, &sites);
        prop_assert!(Model::parse(&result).is_ok(), "no TOML:\n{}\n---\n{}", text, result);

        let again = found(&query, &op, &result);
        prop_assert!(again.pending.is_empty(), "acts twice:\n{}\n---\n{}", text, result);
        prop_assert!(again.other_content.is_none(), "in its own way:\n{}\n---\n{}", text, result);

        let whole = [section, key].join(".");
        let path = if keyed { &whole } else { section };
        let path: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
        let path = if path.is_empty() { vec!["new"] } else { path };
        if let Some(expected) = expected(&read(&text), &path, &op) {
            let (got, expected) = (sorted(pruned(read(&result))), sorted(pruned(expected)));
            prop_assert_eq!(got, expected, "{}\n---\n{}", text, result);
        }
    }

    #[test]
    fn an_insertion_taken_out_again_leaves_the_values(text in text(), place in place()) {
        let op = TomlOperation::InsertSection { text: "[new]\na = 1\n".to_owned(), place };
        let sites = found(&query("", ""), &op, &text);
        prop_assume!(!sites.pending.is_empty());
        let inserted = applied(&text, &sites);
        let sites = found(&query("new", ""), &TomlOperation::DeleteSection, &inserted);
        let result = applied(&inserted, &sites);
        prop_assert_eq!(read(&result), read(&text));
        let written = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
        };
        prop_assert_eq!(written(&result), written(&text));
    }

    #[test]
    fn a_picked_element_is_changed_once(
        text in text(), section in "(a\\.)?d\\[([01]|a=\"x\")\\](\\.a)?", key in "a|b|new", op in operation(),
    ) {
        let op = match op {
            TomlOperation::InsertSection { .. } => TomlOperation::DeleteSection,
            op => op,
        };
        let query = query(&section, &key);
        let sites = found(&query, &op, &text);
        let result = applied(&text, &sites);
        let again = found(&query, &op, &result);
        // What comes after a deleted element has its index then.
        let delete = matches!(op, TomlOperation::DeleteSection | TomlOperation::DeleteKey);
        if !delete && sites.other_content.is_none() {
            prop_assert!(again.pending.is_empty(), "acts twice:\n{}\n---\n{}", text, result);
        }
    }
}
