//! The keys of an ast-grep rule object, declared; `rule` reads them.
//!
//! Each kind of rule object is a definition of its own in the JSON Schema, because rule objects nest in each other
//! and a language server shows the description of a definition only.

use serde_json::{Value, json};

use super::declared::{DeclaredKey, Flag, Keys, NamedValue, OneOf, Other, Table, Takes as _, Text, nothing};

pub(super) static PATTERN: DeclaredKey<Other> = DeclaredKey::new(
    "pattern",
    Other(|| {
        let mut schema = PATTERN_TABLE.schema();
        schema["type"] = json!(["string", "object"]);
        schema["pattern"] = "\\S".into();
        schema
    }),
    "Rust code with metavariables; or a table with `context` and `selector` for code that does not parse alone.",
);
pub(super) static PATTERN_TABLE: Table = Table {
    title: "the pattern",
    keys: &[&CONTEXT, &SELECTOR, &STRICTNESS],
    required: &[&CONTEXT],
    further: nothing,
};
pub(super) static CONTEXT: DeclaredKey<Text> =
    DeclaredKey::new("context", Text::NotBlank, "Complete code that contains the pattern.");
pub(super) static SELECTOR: DeclaredKey<Text> =
    DeclaredKey::new("selector", Text::NotBlank, "The kind of the node in `context` that is the pattern.");
pub(super) static STRICTNESS: DeclaredKey<OneOf<&'static str>> = DeclaredKey::new(
    "strictness",
    OneOf {
        what: "value of `strictness`",
        choices: &[
            NamedValue::new("cst", "cst", "Every node must match, punctuation included."),
            NamedValue::new(
                "smart",
                "smart",
                "Every node of the pattern must match; trivial nodes in the code are skipped.",
            ),
            NamedValue::new("ast", "ast", "Only named nodes count."),
            NamedValue::new("relaxed", "relaxed", "Only named nodes count; comments do not."),
            NamedValue::new(
                "signature",
                "signature",
                "Only the kinds of named nodes count, their text does not.",
            ),
            NamedValue::new(
                "template",
                "template",
                "Like `smart`, but only the text of nodes counts, not their kinds.",
            ),
        ],
    },
    "How exactly the code must match the pattern.",
);
pub(super) static KIND: DeclaredKey<Text> = DeclaredKey::new(
    "kind",
    Text::NotBlank,
    "A kind of tree-sitter's Rust grammar, like `function_item` or `call_expression`.",
);
pub(super) static REGEX: DeclaredKey<Text> = DeclaredKey::new(
    "regex",
    Text::NotBlank,
    "A regular expression that must match part of the node's text; to match the whole text, anchor it with \
     `^` and `$`.",
);
static INSIDE: DeclaredKey<Other> = DeclaredKey::new(
    "inside",
    Other(|| reference("inside")),
    "The node is inside a node that this rule matches.",
);
static HAS: DeclaredKey<Other> =
    DeclaredKey::new("has", Other(|| reference("has")), "The node contains a node that this rule matches.");
static FOLLOWS: DeclaredKey<Other> = DeclaredKey::new(
    "follows",
    Other(|| reference("follows")),
    "The node comes after a node that this rule matches.",
);
static PRECEDES: DeclaredKey<Other> = DeclaredKey::new(
    "precedes",
    Other(|| reference("precedes")),
    "The node comes before a node that this rule matches.",
);
pub(super) static ALL: DeclaredKey<Other> =
    DeclaredKey::new("all", Other(list_of_rules), "All of these rules match the node.");
pub(super) static ANY: DeclaredKey<Other> =
    DeclaredKey::new("any", Other(list_of_rules), "At least one of these rules matches the node.");
pub(super) static NOT: DeclaredKey<Other> =
    DeclaredKey::new("not", Other(|| reference(RULE)), "This rule does not match the node.");
pub(super) static NTH_CHILD: DeclaredKey<Other> = DeclaredKey::new(
    "nthChild",
    Other(|| {
        let mut schema = NTH_CHILD_TABLE.schema();
        schema["type"] = json!(["integer", "string", "object"]);
        schema["minimum"] = 1.into();
        schema
    }),
    "The position of the node among its siblings: a number from 1, `\"2n+1\"`, or a table.",
);
pub(super) static NTH_CHILD_TABLE: Table = Table {
    title: "`nthChild`",
    keys: &[&POSITION, &OF_RULE, &REVERSE],
    required: &[&POSITION],
    further: nothing,
};
pub(super) static POSITION: DeclaredKey<Other> =
    DeclaredKey::new("position", Other(position), "A number from 1, or `\"2n+1\"`.");
pub(super) static OF_RULE: DeclaredKey<Other> = DeclaredKey::new(
    "ofRule",
    Other(|| reference(RULE)),
    "Only siblings that this rule matches are counted.",
);
pub(super) static REVERSE: DeclaredKey<Flag> =
    DeclaredKey::new("reverse", Flag(false), "`true`: count from the last sibling.");
pub(super) static STOP_BY: DeclaredKey<Other> = DeclaredKey::new(
    "stopBy",
    Other(|| json!({ "anyOf": [STOPS.schema(), reference(RULE)], "default": "neighbor" })),
    "How far to search: `\"neighbor\"`, `\"end\"`, or up to a node that a rule matches.",
);
pub(super) const STOPS: OneOf<&str> = OneOf {
    what: "value of `stopBy`",
    choices: &[
        NamedValue::new("neighbor", "neighbor", "Search the next node only."),
        NamedValue::new("end", "end", "Search all nodes in this direction."),
    ],
};
pub(super) static FIELD: DeclaredKey<Text> = DeclaredKey::new(
    "field",
    Text::NotBlank,
    "The grammar field in which to search: `name`, `body`, `parameters`, `type`, …",
);

/// What a rule object may have.
pub(super) const KEYS: Keys =
    &[&PATTERN, &KIND, &REGEX, &INSIDE, &HAS, &FOLLOWS, &PRECEDES, &ALL, &ANY, &NOT, &NTH_CHILD];
/// What any rule object may have.
pub(super) const ALL_KEYS: Keys = &[
    &PATTERN, &KIND, &REGEX, &INSIDE, &HAS, &FOLLOWS, &PRECEDES, &ALL, &ANY, &NOT, &NTH_CHILD, &STOP_BY,
    &FIELD,
];
/// What a relational rule may have beside.
pub(super) const OF_RELATIONS: Keys = &[&STOP_BY, &FIELD];

const RULE: &str = "rule";

/// Where a definition is.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// All of them.
pub(super) fn definitions() -> Value {
    let rule = "A rule: all of its keys must match the node. See ast-grep's documentation of rule objects.";
    let mut found = json!({ RULE: object(rule, &[]) });
    for key in [&INSIDE, &HAS, &FOLLOWS, &PRECEDES] {
        found[key.name] = object(key.doc, OF_RELATIONS);
    }
    found
}

fn object(doc: &str, further: Keys) -> Value {
    let keys = KEYS.iter().chain(further).map(|key| (key.name().to_owned(), key.schema()));
    json!({ "description": doc, "type": "object", "minProperties": 1, "properties": Value::Object(keys.collect()),
        "additionalProperties": false })
}

fn list_of_rules() -> Value {
    json!({ "type": "array", "items": reference(RULE), "minItems": 1 })
}

fn position() -> Value {
    json!({ "type": ["integer", "string"], "minimum": 1 })
}
