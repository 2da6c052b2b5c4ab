//! Equal content: same types, same values, whatever the formatting, the order of keys or the notation of
//! tables.
//!
//! It compares parsed values, never texts: `{ a = 1 }`, `a.a = 1` and a header say the same. Places are left
//! to the model.

use toml::Value;

use super::model::Segment;

/// The value that `source` writes.
pub(super) fn value(source: &str) -> Option<Value> {
    source.trim().parse().ok()
}

/// Whether two sources write the same value; sources that write none are compared as texts.
pub(super) fn same_source(a: &str, b: &str) -> bool {
    match (value(a), value(b)) {
        (Some(a), Some(b)) => same(&a, &b),
        _ => a.trim() == b.trim(),
    }
}

/// Whether two values are the same; not a number is itself here.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Table(a), Value::Table(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// The whole text as a value.
pub(super) fn document(text: &str) -> Option<Value> {
    toml::from_str(text).ok().map(Value::Table)
}

/// The value at `path`.
pub(super) fn at<'v>(document: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, segment| {
        let value = value.get(&segment.name)?;
        segment.index.map_or(Some(value), |index| value.get(index))
    })
}
