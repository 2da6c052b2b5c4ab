//! A table of a patch file, declared: its keys, what each key accepts, and its description.
//!
//! Declared once, used twice: the reader (`fields`) reads a key through its declaration, and `json` prints the
//! declarations as a JSON Schema. So an editor and the loader cannot disagree on keys, types, bounds or choices.
//! Not serde's derive with a derived schema beside it: that loader would lose the place of every key.

use serde_json::{Map, Value, json};

/// A key of a table.
pub(super) struct DeclaredKey<T> {
    pub(super) name: &'static str,
    pub(super) takes: T,
    /// Markdown, for whoever hovers over the key.
    pub(super) doc: &'static str,
    /// What to do where a text is empty.
    pub(super) if_empty: Option<&'static str>,
}

impl<T> DeclaredKey<T> {
    pub(super) const fn new(name: &'static str, takes: T, doc: &'static str) -> Self {
        Self { name, takes, doc, if_empty: None }
    }
}

impl DeclaredKey<Text> {
    pub(super) const fn if_empty(mut self, hint: &'static str) -> Self {
        self.if_empty = Some(hint);
        self
    }
}

/// Any [`DeclaredKey`].
pub(super) trait Declared: Sync {
    fn name(&self) -> &'static str;
    /// JSON Schema of its value, documentation included.
    fn schema(&self) -> Value;
    /// How to add it where it is missing.
    fn advice(&self) -> String;
}

impl<T: Takes + Sync> Declared for DeclaredKey<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn schema(&self) -> Value {
        let mut schema = self.takes.schema();
        if let Value::Object(object) = &mut schema {
            object.insert("description".to_owned(), self.doc.into());
        }
        schema
    }

    fn advice(&self) -> String {
        self.takes.advice(self.name)
    }
}

/// What a key takes.
pub(super) trait Takes {
    fn schema(&self) -> Value;

    fn advice(&self, name: &str) -> String {
        format!("add `{name} = …`")
    }
}

/// A string.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Text {
    Any,
    NotEmpty,
    /// More than white space.
    NotBlank,
    /// Something, and no white space in it.
    Word,
}

impl Takes for Text {
    fn schema(&self) -> Value {
        match self {
            Self::Any => json!({ "type": "string" }),
            Self::NotEmpty => json!({ "type": "string", "minLength": 1 }),
            Self::NotBlank => json!({ "type": "string", "pattern": "\\S" }),
            Self::Word => json!({ "type": "string", "pattern": "^\\S+$" }),
        }
    }
}

/// `true` or `false`, and which of them it is if left out.
pub(super) struct Flag(pub(super) bool);

impl Takes for Flag {
    fn schema(&self) -> Value {
        json!({ "type": "boolean", "default": self.0 })
    }
}

/// A number between two bounds, both inside.
#[derive(Clone, Copy)]
pub(super) struct Number {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) default: f64,
}

impl Takes for Number {
    fn schema(&self) -> Value {
        json!({ "type": "number", "minimum": self.low, "maximum": self.high, "default": self.default })
    }
}

/// A whole number between two bounds, both inside.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    pub(super) low: usize,
    pub(super) high: usize,
    pub(super) default: usize,
}

impl Takes for Whole {
    fn schema(&self) -> Value {
        json!({ "type": "integer", "minimum": self.low, "maximum": self.high, "default": self.default })
    }
}

/// One of some names, in kebab-case; `_` is read as `-`.
pub(super) struct OneOf<T: 'static> {
    /// Completes "`x` is not a valid …".
    pub(super) what: &'static str,
    pub(super) choices: &'static [NamedValue<T>],
}

/// A name and what it stands for.
pub(super) struct NamedValue<T> {
    pub(super) name: &'static str,
    pub(super) means: T,
    pub(super) doc: &'static str,
}

impl<T> NamedValue<T> {
    pub(super) const fn new(name: &'static str, means: T, doc: &'static str) -> Self {
        Self { name, means, doc }
    }
}

impl<T> OneOf<T> {
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.choices.iter().map(|choice| choice.name).collect()
    }
}

impl<T> Takes for OneOf<T> {
    fn schema(&self) -> Value {
        let docs: Vec<_> = self.choices.iter().map(|choice| choice.doc).collect();
        let offered = json!({ "enum": self.names(), "x-taplo": { "docs": { "enumValues": docs } } });
        if self.names().iter().any(|name| name.contains('-')) {
            // Both spellings are right; a language server that has an `anyOf` to choose from offers what stands there.
            json!({ "enum": spellings(&self.names()), "anyOf": [offered, { "type": "string" }] })
        } else {
            offered
        }
    }

    fn advice(&self, name: &str) -> String {
        format!("add `{name} = …`, one of {}", list(&self.names()))
    }
}

/// Schema of a string that is one of `names`, in either spelling.
pub(super) fn named(names: &[&str]) -> Value {
    json!({ "enum": spellings(names) })
}

/// Names in kebab-case, and then those that have another spelling in snake_case.
fn spellings(names: &[&str]) -> Vec<String> {
    let snake =
        names.iter().map(|name| name.replace('-', "_")).filter(|name| !names.contains(&name.as_str()));
    names.iter().map(|name| (*name).to_owned()).chain(snake).collect()
}

/// A table below this one.
pub(super) struct Sub(pub(super) &'static Table);

impl Takes for Sub {
    fn schema(&self) -> Value {
        self.0.schema()
    }

    fn advice(&self, name: &str) -> String {
        format!("add a table `[patches.{name}]`")
    }
}

/// A value that has a reader of its own.
pub(super) struct Other(pub(super) fn() -> Value);

impl Takes for Other {
    fn schema(&self) -> Value {
        (self.0)()
    }
}

/// Keys that belong together.
pub(super) type Keys = &'static [&'static dyn Declared];

/// A table.
pub(super) struct Table {
    /// What it is called in messages.
    pub(super) title: &'static str,
    pub(super) keys: Keys,
    /// Those of them that must be there.
    pub(super) required: Keys,
    /// What else holds, as further keywords of its schema. Not `allOf`: language servers complete nothing below it.
    pub(super) further: fn() -> Value,
}

/// One kind of a table that has several, told by the value of a key.
pub(super) struct Variant {
    pub(super) keys: Keys,
    pub(super) required: Keys,
    /// Exactly one of these must be there.
    pub(super) one_of: Keys,
    /// The first goes with the second only.
    pub(super) needs: &'static [(&'static dyn Declared, &'static dyn Declared)],
}

impl Table {
    pub(super) fn schema(&self) -> Value {
        let mut schema = json!({ "type": "object", "additionalProperties": false });
        let properties = self.keys.iter().map(|key| (key.name().to_owned(), key.schema()));
        schema["properties"] = Value::Object(properties.collect());
        if !self.required.is_empty() {
            schema["required"] = json!(names(self.required));
        }
        merge(&mut schema, (self.further)());
        schema
    }
}

impl Variant {
    /// Nothing but keys.
    pub(super) const fn of(keys: Keys, required: Keys) -> Self {
        Self { keys, required, one_of: &[], needs: &[] }
    }

    fn schema(&self) -> Value {
        let keys = names(self.keys).into_iter().map(|name| (name.to_owned(), Value::Bool(true))).collect();
        let mut schema = json!({ "properties": Value::Object(keys), "additionalProperties": false });
        if !self.required.is_empty() {
            schema["required"] = json!(names(self.required));
        }
        if !self.one_of.is_empty() {
            let is_there = |key: &&dyn Declared| required(key.name());
            let alone = |key: &&dyn Declared| {
                let others = self.one_of.iter().filter(|other| other.name() != key.name());
                let others = others.map(|other| (other.name().to_owned(), Value::Bool(false)));
                where_there(others.collect())
            };
            let cases = self.one_of.iter().map(|key| (is_there(key), alone(key)));
            merge(&mut schema, chain(cases, is_there(&self.one_of[0])));
        }
        if !self.needs.is_empty() {
            let needs = self.needs.iter().map(|(key, other)| (key.name().to_owned(), json!([other.name()])));
            schema["dependencies"] = Value::Object(needs.collect());
        }
        schema
    }
}

/// Nothing else.
pub(super) fn nothing() -> Value {
    json!({})
}

/// `if … then … else if …`: for each name that `key` may have, its variant; for another, any of `all`.
pub(super) fn by_kind<'v>(
    all: Keys,
    key: &str,
    variants: impl Iterator<Item = (&'static str, &'v Variant)>,
) -> Value {
    let cases = variants.map(|(name, variant)| (says(key, name), variant.schema()));
    let mut schema = chain(cases, Variant::of(all, &[]).schema());
    schema["additionalProperties"] = Value::Bool(true);
    schema
}

/// What `schema` says of the one of two keys that is there.
pub(super) fn either<T>(
    first: &DeclaredKey<T>,
    second: &DeclaredKey<T>,
    schema: impl Fn(&DeclaredKey<T>) -> Value,
) -> Value {
    let is_there = |key: &DeclaredKey<T>| required(key.name);
    let alone = |key, other: &DeclaredKey<T>| {
        let mut schema = schema(key);
        merge(&mut schema, where_there([(other.name.to_owned(), Value::Bool(false))].into_iter().collect()));
        schema
    };
    let cases = [(is_there(first), alone(first, second)), (is_there(second), schema(second))];
    let mut either = chain(cases.into_iter(), is_there(first));
    either["additionalProperties"] = Value::Bool(true);
    either
}

/// Schema of a table that has `key`.
pub(super) fn required(key: &str) -> Value {
    json!({ "required": [key], "properties": {}, "additionalProperties": true })
}

/// What some keys are where they are there; said in full, since language servers in their strict modes take silence about
/// the other keys for a ban.
pub(super) fn where_there(keys: Map<String, Value>) -> Value {
    json!({ "properties": Value::Object(keys), "additionalProperties": true })
}

pub(super) fn merge(schema: &mut Value, further: Value) {
    if let (Value::Object(schema), Value::Object(further)) = (schema, further) {
        schema.extend(further);
    }
}

/// Schema of a table whose `key` is there and is `name`.
pub(super) fn says(key: &str, name: &str) -> Value {
    let mut schema = required(key);
    schema["properties"][key] = named(&[name]);
    schema
}

/// `if … then … else if …`, and what holds in no case.
pub(super) fn chain(cases: impl Iterator<Item = (Value, Value)>, otherwise: Value) -> Value {
    let cases: Vec<_> = cases.collect();
    let link = |rest, (condition, then)| json!({ "if": condition, "then": then, "else": rest });
    cases.into_iter().rev().fold(otherwise, link)
}

pub(super) fn names(keys: Keys) -> Vec<&'static str> {
    keys.iter().map(|key| key.name()).collect()
}

/// `a`, `b`, `c`.
pub(super) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
