//! Which operation goes with which query, and what else depends on the kind of query: asked by the reader, and as a schema.

use serde_json::{Map, Value, json};

use super::declared::{chain, merge, named, names, required, says, where_there};
use super::keys;
use super::operation::{LAYOUT, Op};
use super::query::Kind;

/// The operations that go with a kind of query.
pub(super) fn operations(kind: Kind) -> Vec<&'static str> {
    let fitting = keys::OPERATION_TYPE.takes.choices.iter().filter(|op| op.means.goes_with(kind));
    fitting.map(|op| op.name).collect()
}

/// The key that the query must have for this operation.
pub(super) fn needs(op: Op) -> Option<&'static str> {
    match op {
        Op::DeleteSection => Some(keys::SECTION.name),
        Op::ReplaceValue | Op::SetValue | Op::ReplaceKey | Op::DeleteKey => Some(keys::KEY.name),
        _ => None,
    }
}

/// Whether it speaks of a whole section, and so never of a key.
pub(super) fn speaks_of_sections(op: Op) -> bool {
    matches!(op, Op::DeleteSection | Op::InsertSection | Op::AppendSection)
}

/// Schema: for each kind of query, what the other tables of the patch may be.
pub(super) fn schema() -> Value {
    let kinds = keys::QUERY_TYPE.takes.choices.iter();
    let cases = kinds.map(|kind| {
        let mut asks = required(keys::QUERY.name);
        asks["properties"][keys::QUERY.name] = says(keys::QUERY_TYPE.name, kind.name);
        (asks, of_kind(kind.means))
    });
    chain(cases, where_there(Map::new()))
}

fn of_kind(kind: Kind) -> Value {
    let mut operation = one(keys::OPERATION_TYPE.name, named(&operations(kind)));
    if !kind.is_structural() {
        names(LAYOUT).into_iter().for_each(|key| refuse(&mut operation, key));
    }
    let constraint = if kind == Kind::Toml {
        one(keys::FUNCTION_CONTEXT.name, Value::Bool(false))
    } else {
        one(keys::ENSURE_ABSENT.name, json!({ "const": false }))
    };
    let mut schema = one(keys::OPERATION.name, operation);
    schema["properties"][keys::CONSTRAINT.name] = constraint;
    if kind == Kind::Toml {
        merge(&mut schema, of_toml_operations());
    }
    schema
}

/// What an operation needs of a toml query.
fn of_toml_operations() -> Value {
    let ops = keys::OPERATION_TYPE.takes.choices.iter().filter(|op| op.means.goes_with(Kind::Toml));
    let cases = ops.map(|op| {
        let mut query = needs(op.means).map_or_else(|| where_there(Map::new()), required);
        if speaks_of_sections(op.means) {
            refuse(&mut query, keys::KEY.name);
        }
        let asked = one(keys::OPERATION.name, says(keys::OPERATION_TYPE.name, op.name));
        (asked, one(keys::QUERY.name, query))
    });
    chain(cases, where_there(Map::new()))
}

fn one(key: &str, schema: Value) -> Value {
    where_there([(key.to_owned(), schema)].into_iter().collect())
}

fn refuse(schema: &mut Value, key: &str) {
    schema["properties"][key] = Value::Bool(false);
}
