//! The tables and keys that say what a patch does: query, operation, constraint. Editors show the descriptions when
//! the user hovers over a key.
//!
//! Declarations only: the reader checks what a type cannot say (a pattern compiles, a path parses).
//!
//! Not types from which serde derives a reader and schemars a schema, as the report has them: such a reader stops at the first
//! mistake and loses the place of a key, and such a schema does not say which keys exclude each other.

use serde_json::json;

use super::declared::{
    DeclaredKey, Flag, Keys, NamedValue, Number, OneOf, Other, Sub, Table, Text, Variant, Whole, by_kind,
    nothing,
};
use super::rule_keys;
use super::verify_keys::VERIFY_TABLE;
use crate::patch::{Fuzzy, OperationKind, QueryKind};

pub(super) static QUERY: DeclaredKey<Sub> = DeclaredKey::new("query", Sub(&QUERY_TABLE), "What to look for.");
pub(super) static OPERATION: DeclaredKey<Sub> =
    DeclaredKey::new("operation", Sub(&OPERATION_TABLE), "What to do with the match.");
pub(super) static VERIFY: DeclaredKey<Sub> = DeclaredKey::new(
    "verify",
    Sub(&VERIFY_TABLE),
    "The exact content that the match must have. If the match differs, the patch fails.",
);
pub(super) static CONSTRAINT: DeclaredKey<Sub> =
    DeclaredKey::new("constraint", Sub(&CONSTRAINT_TABLE), "Which matches count.");

pub(super) static QUERY_TABLE: Table = Table {
    title: "the query",
    keys: &[
        &QUERY_TYPE,
        &SEARCH,
        &PARTIAL_WORDS,
        &PATTERN,
        &CONTEXT,
        &SELECTOR,
        &rule_keys::STRICTNESS,
        &RULE,
        &CONSTRAINTS,
        &SECTION,
        &KEY,
        &MATCHES,
        &FUZZY_THRESHOLD,
        &FUZZY_EXPANSION,
        &ENSURE_ABSENT,
        &ENSURE_PRESENT,
    ],
    required: &[&QUERY_TYPE],
    further: || {
        by_kind(
            QUERY_TABLE.keys,
            QUERY_TYPE.name,
            QueryKind::ALL.iter().map(|kind| (kind.name(), of_query(*kind))),
        )
    },
};

/// The keys of a kind of query.
pub(super) fn of_query(kind: QueryKind) -> &'static Variant {
    match kind {
        QueryKind::Text => &TEXT_QUERY,
        QueryKind::AstGrep => &AST_GREP_QUERY,
        QueryKind::TreeSitter => &TREE_SITTER_QUERY,
        QueryKind::Toml => &TOML_QUERY,
    }
}

static TEXT_QUERY: Variant = Variant::of(
    &[&QUERY_TYPE, &SEARCH, &PARTIAL_WORDS, &FUZZY_THRESHOLD, &FUZZY_EXPANSION, &MATCHES],
    &[&SEARCH],
);
static AST_GREP_QUERY: Variant = Variant {
    keys: &[
        &QUERY_TYPE,
        &PATTERN,
        &CONTEXT,
        &SELECTOR,
        &rule_keys::STRICTNESS,
        &RULE,
        &CONSTRAINTS,
        &MATCHES,
    ],
    required: &[],
    one_of: &[&PATTERN, &CONTEXT, &RULE],
    needs: &[(&SELECTOR, &CONTEXT), (&CONTEXT, &SELECTOR), (&CONSTRAINTS, &RULE)],
};
static TREE_SITTER_QUERY: Variant = Variant::of(&[&QUERY_TYPE, &PATTERN, &MATCHES], &[&PATTERN]);
static TOML_QUERY: Variant =
    Variant::of(&[&QUERY_TYPE, &SECTION, &KEY, &ENSURE_ABSENT, &ENSURE_PRESENT, &MATCHES], &[]);

pub(super) static QUERY_TYPE: DeclaredKey<OneOf<QueryKind>> = DeclaredKey::new(
    "type",
    OneOf { what: "query type", choices: &QUERY_KINDS },
    "The kind of query. Choose the one that says most directly what you mean.",
);
static QUERY_KINDS: [NamedValue<QueryKind>; QueryKind::ALL.len()] = [
    query_kind(QueryKind::Text, "Verbatim text, `search`. It finds anything, also inside macros."),
    query_kind(QueryKind::AstGrep, "A `pattern` of Rust code with metavariables, or a `rule`."),
    query_kind(QueryKind::TreeSitter, "An item by its name, like `fn Type::name`, or an S-expression."),
    query_kind(QueryKind::Toml, "A `section` and a `key` of a TOML file."),
];

const fn query_kind(kind: QueryKind, doc: &'static str) -> NamedValue<QueryKind> {
    NamedValue::new(kind.name(), kind, doc)
}

pub(super) static SEARCH: DeclaredKey<Text> = DeclaredKey::new(
    "search",
    Text::NotEmpty,
    "The text to find, verbatim. CRLF and LF line ends count as equal.",
);
pub(super) static PARTIAL_WORDS: DeclaredKey<Flag> = DeclaredKey::new(
    "partial_words",
    Flag(false),
    "`search` and `text` may begin or end inside a word or a number of the target. Without it, `= 100` is not \
     found in `= 1000`.",
);
pub(super) static PATTERN: DeclaredKey<Text> = DeclaredKey::new(
    "pattern",
    Text::NotBlank,
    "**ast-grep**: Rust code in which `$NAME` stands for one node and `$$$NAME` for any number. \
     Write out everything else, visibility and return type included.\n\n**tree-sitter**: an item's name: `fn name`, `fn Type::name`, `struct N`, \
     `enum N`, `union N`, `trait N`, `mod N`, `type N`, `macro N`, `const N`, `const /regex/`, `static N`, `impl T`, \
     `impl Trait for T`, `use path`; or an S-expression, which selects its `@target`.",
);
pub(super) static CONTEXT: DeclaredKey<Text> = DeclaredKey::new(
    "context",
    Text::NotBlank,
    "For code that does not parse alone, like a match arm or a field: complete code that contains the \
     pattern, like `S { max: $V }`. `selector` says which part of it is the pattern.",
);
pub(super) static SELECTOR: DeclaredKey<Text> = DeclaredKey::new(
    "selector",
    Text::NotBlank,
    "The kind of the node in `context` that is the pattern, like `field_initializer`.",
);
pub(super) static RULE: DeclaredKey<Other> = DeclaredKey::new(
    "rule",
    Other(|| rule_keys::reference("rule")),
    "An ast-grep rule, for what a pattern alone cannot say.",
);
pub(super) static CONSTRAINTS: DeclaredKey<Other> = DeclaredKey::new(
    "constraints",
    Other(|| json!({ "type": "object", "additionalProperties": rule_keys::reference("rule") })),
    "Further conditions on the metavariables of `rule`: one rule for each name, written without `$`.",
);
pub(super) static SECTION: DeclaredKey<Text> = DeclaredKey::new(
    "section",
    Text::NotBlank,
    "A dotted path whose parts may be quoted: `profile.release`, `dependencies.\"a.b\"`, `bin[0]`, \
     `bin[name=\"x\"]`. Without `section` the query means the root of the file.",
)
.if_empty("to mean the root of the file, remove `section`");
pub(super) static KEY: DeclaredKey<Text> = DeclaredKey::new(
    "key",
    Text::NotBlank,
    "A key in the section. It may be dotted, and it may lead into an inline table.",
)
.if_empty("to mean the whole section, remove `key`");
pub(super) static MATCHES: DeclaredKey<Other> = DeclaredKey::new(
    "matches",
    Other(|| json!({ "type": ["integer", "string"], "minimum": 1, "pattern": "^all$", "default": 1 })),
    "How many matches there must be: a count, or `\"all\"` for one or more. With any other number the patch \
     fails and lists the matches.",
);
pub(super) static FUZZY_THRESHOLD: DeclaredKey<Number> = DeclaredKey::new(
    "fuzzy_threshold",
    Number { low: 0.0, high: 1.0, default: Fuzzy::DEFAULT_THRESHOLD },
    "Accept a place that has changed: how similar to `search` it must still be. The patch is then merged \
     into the text that is there.",
);
pub(super) static FUZZY_EXPANSION: DeclaredKey<Whole> = DeclaredKey::new(
    "fuzzy_expansion",
    Whole { low: 0, high: 200, default: Fuzzy::DEFAULT_EXPANSION },
    "Accept a place that has changed: how many lines longer or shorter than `search` it may be.",
);
pub(super) static ENSURE_ABSENT: DeclaredKey<Flag> = DeclaredKey::new(
    "ensure_absent",
    Flag(false),
    "TOML: the section or key must not exist yet. If it exists with other content, the patch leaves it alone \
     and warns.",
);
pub(super) static ENSURE_PRESENT: DeclaredKey<Flag> = DeclaredKey::new(
    "ensure_present",
    Flag(false),
    "A delete that finds nothing fails, instead of being reported as `absent`.",
);

pub(super) static OPERATION_TABLE: Table = Table {
    title: "the operation",
    keys: &[
        &OPERATION_TYPE,
        &TEXT,
        &INSERT_COMMENT,
        &CAPTURES,
        &INDENT,
        &ATTRIBUTES,
        &VALUE,
        &NEW_KEY,
        &AFTER_SECTION,
        &BEFORE_SECTION,
        &AT_END,
        &AT_BEGINNING,
        &POSITIONING,
    ],
    required: &[&OPERATION_TYPE],
    further: || {
        by_kind(
            OPERATION_TABLE.keys,
            OPERATION_TYPE.name,
            OperationKind::ALL.iter().map(|kind| (kind.name(), of_operation(*kind))),
        )
    },
};

/// The keys of an operation.
pub(super) fn of_operation(kind: OperationKind) -> &'static Variant {
    match kind {
        OperationKind::Replace | OperationKind::InsertBefore | OperationKind::InsertAfter => &PUTS_TEXT,
        OperationKind::Delete => &DELETES,
        OperationKind::InsertSection => &INSERTS_SECTION,
        OperationKind::AppendSection => &APPENDS_SECTION,
        OperationKind::ReplaceValue | OperationKind::SetValue => &PUTS_VALUE,
        OperationKind::ReplaceKey => &RENAMES_KEY,
        OperationKind::DeleteSection | OperationKind::DeleteKey => &TAKES_NOTHING,
    }
}

/// How structural text is laid out.
pub(super) static LAYOUT: Keys = &[&CAPTURES, &INDENT, &ATTRIBUTES];

static PUTS_TEXT: Variant = Variant::of(&[&OPERATION_TYPE, &TEXT, &CAPTURES, &INDENT, &ATTRIBUTES], &[&TEXT]);
static DELETES: Variant =
    Variant::of(&[&OPERATION_TYPE, &INSERT_COMMENT, &CAPTURES, &INDENT, &ATTRIBUTES], &[]);
static INSERTS_SECTION: Variant = Variant::of(
    &[&OPERATION_TYPE, &TEXT, &AFTER_SECTION, &BEFORE_SECTION, &AT_END, &AT_BEGINNING, &POSITIONING],
    &[&TEXT],
);
static APPENDS_SECTION: Variant = Variant::of(&[&OPERATION_TYPE, &TEXT], &[&TEXT]);
static PUTS_VALUE: Variant = Variant::of(&[&OPERATION_TYPE, &VALUE], &[&VALUE]);
static RENAMES_KEY: Variant = Variant::of(&[&OPERATION_TYPE, &NEW_KEY], &[&NEW_KEY]);
static TAKES_NOTHING: Variant = Variant::of(&[&OPERATION_TYPE], &[]);

pub(super) static OPERATION_TYPE: DeclaredKey<OneOf<OperationKind>> = DeclaredKey::new(
    "type",
    OneOf { what: "operation", choices: &OPERATION_KINDS },
    "What to do with the match.",
);
static OPERATION_KINDS: [NamedValue<OperationKind>; OperationKind::ALL.len()] = [
    operation(OperationKind::Replace, "Replaces the match with `text`."),
    operation(OperationKind::Delete, "Deletes the match, or replaces it with `insert_comment`."),
    operation(OperationKind::InsertBefore, "Inserts `text` before the match."),
    operation(OperationKind::InsertAfter, "Inserts `text` after the match."),
    operation(
        OperationKind::InsertSection,
        "TOML: inserts a new section, `text`, at the end of the file or at the place that you give.",
    ),
    operation(OperationKind::AppendSection, "TOML: inserts a new section, `text`, at the end of the file."),
    operation(OperationKind::ReplaceValue, "TOML: replaces the value of the key with `value`."),
    operation(
        OperationKind::SetValue,
        "TOML: sets the key to `value`, and adds the key if it does not exist.",
    ),
    operation(OperationKind::ReplaceKey, "TOML: renames the key to `new_key`."),
    operation(OperationKind::DeleteSection, "TOML: deletes the section and its sub-tables."),
    operation(OperationKind::DeleteKey, "TOML: deletes the key."),
];

const fn operation(kind: OperationKind, doc: &'static str) -> NamedValue<OperationKind> {
    NamedValue::new(kind.name(), kind, doc)
}

pub(super) static TEXT: DeclaredKey<Text> = DeclaredKey::new(
    "text",
    Text::NotEmpty,
    "The text to insert. A text query inserts it verbatim. An ast-grep or tree-sitter query indents it like \
     the line on which the match begins; with ast-grep, `$NAME` and `$$$NAME` stand for what the pattern \
     captured. For `insert-section` it is a section with its header.",
)
.if_empty(USE_DELETE);
const USE_DELETE: &str = "to delete the match, use `type = \"delete\"`";
/// `text` of a structural patch: it is laid out, so white space is nothing.
pub(super) static LAID_OUT_TEXT: DeclaredKey<Text> =
    DeclaredKey::new(TEXT.name, Text::NotBlank, TEXT.doc).if_empty(USE_DELETE);
/// `text` of a section.
pub(super) static SECTION_TEXT: DeclaredKey<Text> = DeclaredKey::new(TEXT.name, Text::NotBlank, TEXT.doc);
pub(super) static INSERT_COMMENT: DeclaredKey<Text> =
    DeclaredKey::new("insert_comment", Text::NotBlank, "Text that replaces the deleted match.");
pub(super) static CAPTURES: DeclaredKey<OneOf<()>> = DeclaredKey::new(
    "captures",
    OneOf {
        what: "value of `captures`",
        choices: &[NamedValue::new("off", (), "`$` is an ordinary character.")],
    },
    "`\"off\"`: `$` in `text` is an ordinary character.",
);
pub(super) static INDENT: DeclaredKey<OneOf<()>> = DeclaredKey::new(
    "indent",
    OneOf {
        what: "value of `indent`",
        choices: &[NamedValue::new("keep", (), "`text` keeps its own indentation.")],
    },
    "`\"keep\"`: `text` keeps its own indentation.",
);
pub(super) static ATTRIBUTES: DeclaredKey<OneOf<()>> = DeclaredKey::new(
    "attributes",
    OneOf {
        what: "value of `attributes`",
        choices: &[NamedValue::new("keep", (), "Attributes and doc comments stay where they are.")],
    },
    "`\"keep\"`: `delete` leaves attributes and doc comments in place, and `insert-before` inserts below them.",
);
pub(super) static VALUE: DeclaredKey<Text> = DeclaredKey::new(
    "value",
    Text::NotBlank,
    "The new value as TOML source, in a string: `'\"thin\"'`, `'16'`, `'true'`, `'[\"a\"]'`.",
);
pub(super) static NEW_KEY: DeclaredKey<Text> =
    DeclaredKey::new("new_key", Text::NotBlank, "The new name of the key.");
pub(super) static AFTER_SECTION: DeclaredKey<Text> =
    DeclaredKey::new("after_section", Text::NotBlank, "Insert after this section and its sub-tables.");
pub(super) static BEFORE_SECTION: DeclaredKey<Text> =
    DeclaredKey::new("before_section", Text::NotBlank, "Insert before this section.");
pub(super) static AT_END: DeclaredKey<Flag> =
    DeclaredKey::new("at_end", Flag(false), "Insert at the end of the file. This is the default.");
pub(super) static AT_BEGINNING: DeclaredKey<Flag> =
    DeclaredKey::new("at_beginning", Flag(false), "Insert before the first section of the file.");
pub(super) static POSITIONING: DeclaredKey<Sub> = DeclaredKey::new(
    "positioning",
    Sub(&POSITIONING_TABLE),
    "Where to insert. The same keys may stand in the operation itself.",
);
pub(super) static POSITIONING_TABLE: Table = Table {
    title: "`positioning`",
    keys: &[&AFTER_SECTION, &BEFORE_SECTION, &AT_END, &AT_BEGINNING],
    required: &[],
    further: nothing,
};

pub(super) static CONSTRAINT_TABLE: Table = Table {
    title: "`constraint`",
    keys: &[&FUNCTION_CONTEXT, &ENSURE_PRESENT, &ENSURE_ABSENT],
    required: &[],
    further: nothing,
};
pub(super) static FUNCTION_CONTEXT: DeclaredKey<Text> = DeclaredKey::new(
    "function_context",
    Text::NotBlank,
    "Only matches inside the function of this name count.",
);
