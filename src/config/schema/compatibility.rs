//! Which operations fit which kind of query, and what else depends on the kind of query: for the reader and for the
//! JSON Schema.

use serde_json::{Map, Value, json};

use super::declared::{chain, merge, named, names, required, says, where_there};
use super::keys;
use crate::patch::{OperationKind, QueryKind};

/// Whether the operation belongs to the kind of query.
pub(super) fn are_compatible(operation: OperationKind, query: QueryKind) -> bool {
    operation.is_toml() == (query == QueryKind::Toml)
}

/// The operations that belong to a kind of query.
pub(super) fn operations(kind: QueryKind) -> Vec<&'static str> {
    operations_of(kind).map(OperationKind::name).collect()
}

fn operations_of(kind: QueryKind) -> impl Iterator<Item = OperationKind> {
    OperationKind::ALL.iter().copied().filter(move |operation| are_compatible(*operation, kind))
}

/// The key that the query must have for this operation.
pub(super) fn needs(op: OperationKind) -> Option<&'static str> {
    match op {
        OperationKind::DeleteSection => Some(keys::SECTION.name),
        OperationKind::ReplaceValue
        | OperationKind::SetValue
        | OperationKind::ReplaceKey
        | OperationKind::DeleteKey => Some(keys::KEY.name),
        _ => None,
    }
}

/// Whether it speaks of a whole section, and so never of a key.
pub(super) fn speaks_of_sections(op: OperationKind) -> bool {
    matches!(op, OperationKind::DeleteSection | OperationKind::InsertSection | OperationKind::AppendSection)
}

/// Schema: for each kind of query, what the other tables of the patch may be.
pub(super) fn schema() -> Value {
    let cases = QueryKind::ALL.iter().map(|kind| {
        let mut asks = required(keys::QUERY.name);
        asks["properties"][keys::QUERY.name] = says(keys::QUERY_TYPE.name, kind.name());
        (asks, of_kind(*kind))
    });
    chain(cases, where_there(Map::new()))
}

fn of_kind(kind: QueryKind) -> Value {
    let mut operation = one(keys::OPERATION_TYPE.name, named(&operations(kind)));
    if !kind.is_structural() {
        names(keys::LAYOUT).into_iter().for_each(|key| refuse(&mut operation, key));
    }
    let constraint = if kind == QueryKind::Toml {
        one(keys::FUNCTION_CONTEXT.name, Value::Bool(false))
    } else {
        one(keys::ENSURE_ABSENT.name, json!({ "const": false }))
    };
    let mut schema = one(keys::OPERATION.name, operation);
    schema["properties"][keys::CONSTRAINT.name] = constraint;
    if kind == QueryKind::Toml {
        merge(&mut schema, of_toml_operations());
    }
    schema
}

/// What an operation needs of a toml query.
fn of_toml_operations() -> Value {
    let cases = operations_of(QueryKind::Toml).map(|op| {
        let mut query = needs(op).map_or_else(|| where_there(Map::new()), required);
        if speaks_of_sections(op) {
            refuse(&mut query, keys::KEY.name);
        }
        let asked = one(keys::OPERATION.name, says(keys::OPERATION_TYPE.name, op.name()));
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
