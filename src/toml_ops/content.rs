//! Equal content: same types, same values, whatever the formatting, the order of keys or the notation of
//! tables.
//!
//! It compares parsed values, never texts: `{ a = 1 }`, `a.a = 1` and a header say the same. Places are left
//! to the model.

use toml::Value;

use super::model::{Kind, Step};
use super::view::View;

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
pub(super) fn at<'v>(document: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, step| {
        let value = value.get(&step.name)?;
        step.index.map_or(Some(value), |index| value.get(index))
    })
}

/// Whether the section `found`, which stands at `path` of `view`, holds what `wanted` says. Sub-tables with a
/// header of their own that `wanted` does not name are not counted.
pub(super) fn same_section(view: View<'_>, path: &[Step], found: &Value, wanted: &Value) -> bool {
    let (Value::Table(found), Value::Table(wanted)) = (found, wanted) else { return same(found, wanted) };
    let extra = found.keys().filter(|key| !wanted.contains_key(*key));
    wanted.iter().all(|(key, wanted)| {
        let path = [path, &[Step::named(key)]].concat();
        found.get(key).is_some_and(|found| same_section(view, &path, found, wanted))
    }) && extra.into_iter().all(|key| has_header(view, path, key))
}

fn has_header(view: View<'_>, path: &[Step], key: &str) -> bool {
    view.below(path).any(|node| {
        matches!(node.kind, Kind::Header { .. })
            && node.path.get(path.len()).is_some_and(|step| step.name == key)
    })
}
