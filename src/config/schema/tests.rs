use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::report::render;
use crate::patch::toml_path::{KeyPath, SectionPath};
use crate::patch::*;

const EXAMPLE: &str = r##"
[meta]
name = "privacy"
description = "Turn off telemetry"
version_range = ">=0.99.0-alpha.14, <0.113"
workspace_relative = true

[[patches]]
id = "statsig-resolver-off"
description = "Resolver always answers None"
file = "otel/src/config.rs"
version = ">=0.105.0-alpha.13"
enabled = true

[patches.query]
type = "ast-grep"
pattern = 'pub(crate) fn resolve_exporter($$$A) -> OtelExporter { $$$B }'

[patches.operation]
type = "replace"
text = '''
pub(crate) fn resolve_exporter($$$A) -> OtelExporter {
    OtelExporter::None
}
'''

[patches.verify]
method = "hash"
algorithm = "sha256"
expected = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

[patches.constraint]
function_context = "resolve"
ensure_present = true
"##;

#[track_caller]
fn good(text: &str) -> PatchFile {
    let (file, mistakes) = parse("p.toml", "p", text);
    assert!(mistakes.is_empty(), "{}", mistakes.iter().map(|m| render(m, false)).collect::<String>());
    file.unwrap()
}

#[track_caller]
fn one(text: &str) -> Patch {
    good(text).patches.remove(0)
}

fn mistakes(text: &str) -> Vec<Mistake> {
    let (file, mistakes) = parse("p.toml", "p", text);
    assert_eq!(file.is_none(), !mistakes.is_empty());
    mistakes
}

fn patch(file: &str, query: &str, operation: &str, rest: &str) -> String {
    format!(
        "[[patches]]\nid = \"one\"\nfile = \"{file}\"\nquery = {{ {query} }}\noperation = {{ {operation} \
         }}\n{rest}\n"
    )
}

fn text(query: &str, operation: &str) -> String {
    patch("a.txt", &format!("type = 'text', search = 'old', {query}"), operation, "")
}

fn ast(query: &str, operation: &str) -> String {
    patch("a.rs", &format!("type = 'ast-grep', {query}"), operation, "")
}

fn toml(query: &str, operation: &str, rest: &str) -> String {
    patch("Cargo.toml", &format!("type = 'toml', {query}"), operation, rest)
}

const REPLACE: &str = "type = 'replace', text = 'new'";

#[test]
fn the_example_of_the_format_is_read_whole() {
    let file = good(EXAMPLE);
    assert_eq!((&*file.path, file.name.as_str()), ("p.toml", "privacy"));
    assert_eq!(file.description.as_deref(), Some("Turn off telemetry"));
    let patch = &file.patches[0];
    assert_eq!(patch.id, "statsig-resolver-off");
    assert_eq!(patch.description.as_deref(), Some("Resolver always answers None"));
    assert_eq!(patch.origin, Origin { file: "p.toml".into(), line: 8 });
    assert_eq!(patch.files, ["otel/src/config.rs"]);
    let versions: Vec<_> = patch.versions.iter().map(|range| range.as_str()).collect();
    assert_eq!(versions, [">=0.99.0-alpha.14, <0.113", ">=0.105.0-alpha.13"]);
    assert!(patch.enabled && patch.workspace_relative && patch.ensure_present && !patch.ensure_absent);
    assert_eq!(patch.matches, Matches::Exactly(1));
    assert_eq!(patch.function_context.as_deref(), Some("resolve"));
    assert!(matches!(patch.verify, Some(Verify::Sha256([0x9f, 0x86, .., 0x0a, 0x08]))));
    let Action::Rust { query: RustQuery::AstGrep(query), edit, layout } = &patch.action else {
        panic!("{:?}", patch.action)
    };
    assert!(query.variables().iter().eq(["A", "B"]));
    let TextEdit::Replace { text } = edit else { panic!("{edit:?}") };
    assert!(text.starts_with("pub(crate) fn") && text.ends_with("}\n"));
    assert_eq!(*layout, Layout::default());
}

#[test]
fn what_is_left_out_has_its_default() {
    let file = good(&text("", REPLACE));
    assert_eq!((file.name.as_str(), file.description), ("p", None));
    let patch = &file.patches[0];
    assert!(patch.enabled && patch.workspace_relative && !patch.ensure_present && !patch.ensure_absent);
    assert!(patch.versions.is_empty() && patch.verify.is_none() && patch.function_context.is_none());
    let Action::Text { query, .. } = &patch.action else { panic!("{:?}", patch.action) };
    assert_eq!(*query, TextQuery { search: "old".into(), edges: TextEdges::Words, fuzzy: None });
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_count() {
    let crlf = EXAMPLE.replace('\n', "\r\n");
    let (plain, windows) = (good(EXAMPLE), good(&format!("\u{feff}{crlf}")));
    assert_eq!(format!("{plain:?}"), format!("{windows:?}"));
    let wrong = EXAMPLE.trim_start().replace("[meta]", "\u{feff}[meat]");
    assert_eq!((mistakes(&wrong)[0].line, mistakes(&wrong)[0].column), (1, 2));
    let exact = "[patches.verify]\nmethod = 'exact-match'\nexpected_text = '''\na\r\nb'''";
    let patch = one(&patch("a.txt", "type = 'text', search = 'x'", REPLACE, exact));
    assert_eq!(patch.verify, Some(Verify::Exact("a\nb".into())));
}

#[test]
fn both_spellings_mean_the_same() {
    let insert = "text = '[a]'";
    let hash = "expected = '00112233aabbccdd'";
    let verify = |keys: &str| {
        patch("a.txt", "type = 'text', search = 'x'", REPLACE, &format!("verify = {{ {keys} }}"))
    };
    for (one_way, other) in [
        (
            toml("", &format!("type = 'insert-section', {insert}"), ""),
            toml("", &format!("type = 'insert_section', {insert}"), ""),
        ),
        (
            toml("", &format!("type = 'insert-section', {insert}"), ""),
            toml("", &format!("type = 'append_section', {insert}"), ""),
        ),
        (
            toml("", &format!("type = 'insert-section', {insert}, after_section = 'b'"), ""),
            toml(
                "",
                &format!("type = 'insert-section', {insert}, positioning = {{ after_section = 'b' }}"),
                "",
            ),
        ),
        (
            ast("pattern = 'f()'", "type = 'delete'"),
            ast("pattern = 'f()'", "type = 'delete'").replace("ast-grep", "ast_grep"),
        ),
        (verify(&format!("method = 'hash', {hash}")), verify(&format!("type = 'hash', {hash}"))),
        (
            verify(&format!("method = 'hash', {hash}")),
            verify("method = 'hash', algorithm = 'xxh3', expected = '0x00112233AABBCCDD'"),
        ),
        (
            verify("method = 'exact-match', expected_text = 'x'"),
            verify("type = 'exact_match', expected = 'x'"),
        ),
        (
            toml("key = 'a', ensure_absent = true", "type = 'set-value', value = '1'", ""),
            toml("key = 'a'", "type = 'set-value', value = ' 1 '", "constraint = { ensure_absent = true }"),
        ),
        (
            toml("key = 'a', ensure_present = true", "type = 'delete-key'", ""),
            toml(
                "key = 'a', ensure_present = true",
                "type = 'delete-key'",
                "constraint = { ensure_present = true }",
            ),
        ),
        (text("", REPLACE), text("matches = 1", REPLACE)),
        (text("", REPLACE), text("", REPLACE).replace("\"a.txt\"", "[\"a.txt\"]")),
    ] {
        assert_eq!(format!("{:?}", one(&one_way)), format!("{:?}", one(&other)), "{other}");
    }
}

#[test]
fn matches_and_tolerance_are_read() {
    assert_eq!(one(&text("matches = 3", REPLACE)).matches, Matches::Exactly(3));
    assert_eq!(one(&text("matches = 'all'", REPLACE)).matches, Matches::All);
    let fuzzy = |query: &str| match one(&text(query, REPLACE)).action {
        Action::Text { query, .. } => query.fuzzy.map(|fuzzy| (fuzzy.threshold, fuzzy.expansion)),
        other => panic!("{other:?}"),
    };
    assert_eq!(fuzzy("fuzzy_threshold = 0.9"), Some((0.9, Fuzzy::DEFAULT_EXPANSION)));
    assert_eq!(fuzzy("fuzzy_threshold = 1"), Some((1.0, Fuzzy::DEFAULT_EXPANSION)));
    assert_eq!(fuzzy("fuzzy_expansion = 0x0_a"), Some((Fuzzy::DEFAULT_THRESHOLD, 10)));
    assert_eq!(fuzzy("fuzzy_expansion = 0, fuzzy_threshold = 0.0"), Some((0.0, 0)));
}

#[test]
fn sections_go_where_they_are_told() {
    let section = |text: &str| SectionPath::parse(text).unwrap();
    for (keys, expected) in [
        ("", SectionPlace::End),
        ("at_end = true", SectionPlace::End),
        ("at_end = false, at_beginning = true", SectionPlace::Beginning),
        ("positioning = { at_beginning = true }", SectionPlace::Beginning),
        ("before_section = 'a.\"b.c\"'", SectionPlace::Before(section("a.\"b.c\""))),
        (
            "positioning = { after_section = 'bin[0]' }, at_end = false",
            SectionPlace::After(section("bin[0]")),
        ),
    ] {
        let patch = one(&toml("", &format!("type = 'insert-section', text = '[x]', {keys}"), ""));
        let Action::Toml { operation: TomlOperation::InsertSection { place, .. }, .. } = patch.action else {
            panic!("{keys}")
        };
        assert_eq!(place, expected, "{keys}");
    }
}

#[test]
fn toml_operations_are_read() {
    use TomlOperation as T;
    for (query, operation, expected) in [
        ("key = 'a'", "type = 'replace-value', value = '[1, 2]'", T::ReplaceValue { value: "[1, 2]".into() }),
        ("key = 'a'", "type = 'set-value', value = '\"x\"'", T::SetValue { value: "\"x\"".into() }),
        (
            "key = 'a'",
            "type = 'replace-key', new_key = '\"b.c\"'",
            T::ReplaceKey { new_key: "\"b.c\"".into() },
        ),
        ("section = 's'", "type = 'delete-section'", T::DeleteSection),
        ("key = 'a.b'", "type = 'delete-key'", T::DeleteKey),
    ] {
        let Action::Toml { operation: read, .. } = one(&toml(query, operation, "")).action else {
            panic!("{operation}")
        };
        assert_eq!(read, expected, "{operation}");
    }
    let written = toml("section = 's.t', key = 'a.b'", "type = 'delete-key'", "");
    let Action::Toml { query, .. } = one(&written).action else { panic!("a toml query") };
    let expected = (SectionPath::parse("s.t").ok(), KeyPath::parse("a.b").ok());
    assert_eq!((query.section, query.key), expected);
}

#[test]
fn inserted_text_holds_the_section_that_is_named() {
    let insert = |section: &str, text: &str| {
        let operation = format!("type = 'insert-section', text = \"\"\"{text}\"\"\"");
        mistakes(&toml(&format!("section = '{section}'"), &operation, ""))
    };
    for (section, text) in [
        ("a", "[a]"),
        ("a", "# note\n[a.b]\nx = 1"),
        ("b.c", "[a]\n[b.c]"),
        ("bin", "[[bin]]\nname = 'x'"),
        ("bin[3]", "[[bin]]\nname = 'x'"),
        ("bin[name=\"x\"]", "[[bin]]\nname = 'x'"),
        ("bin.sub", "[[bin]]\nname = 'x'\n[bin.sub]"),
    ] {
        assert!(insert(section, text).is_empty(), "{section} is in {text}");
    }
    for (section, text) in [("a.b", "[a]"), ("bin[name=\"y\"]", "[[bin]]\nname = 'x'"), ("a.x", "[a]\nx = 1")]
    {
        assert!(
            insert(section, text)[0].message.contains("does not contain the section"),
            "{section} in {text}"
        );
    }
    for text in ["a = 1", "a.b = 1\n[c]", "a = {}", "", "# note"] {
        assert_eq!(insert("a", text).len(), 1, "{text:?}");
    }
}

#[test]
fn layout_is_read_and_dollars_are_literal_where_nothing_is_captured() {
    let layout = |text: &str| match one(text).action {
        Action::Rust { layout, .. } => layout,
        other => panic!("{other:?}"),
    };
    let off = "type = 'replace', text = '$B', captures = 'off', indent = 'keep', attributes = 'keep'";
    let all = Layout { keep_indent: true, keep_attributes: true, literal_dollar: true };
    assert_eq!(layout(&ast("pattern = 'f($A)'", off)), all);
    let query = "type = 'tree-sitter', pattern = 'fn f'";
    let tree = layout(&patch("a.rs", query, "type = 'replace', text = 'fn f() { $A }'", ""));
    assert_eq!(tree, Layout { literal_dollar: true, ..Layout::default() });
    assert_eq!(layout(&ast("pattern = 'f($A)'", "type = 'delete'")), Layout::default());
}

#[test]
fn rules_are_handed_over_whole() {
    for rule in [
        "pattern = 'f($A)', inside = { kind = 'function_item', stopBy = 'end', field = 'body' }",
        "kind = 'identifier', regex = '^a', not = { inside = { kind = 'macro_invocation' } }",
        "any = [{ pattern = 'f()' }, { pattern = '$X', kind = 'call_expression' }]",
        "all = [{ kind = 'field_initializer' }, { has = { regex = 'x', stopBy = { kind = 'block' } } }]",
        "pattern = { context = 'S { max: $V }', selector = 'field_initializer', strictness = 'relaxed' }",
        "kind = 'parameter', nthChild = 1",
        "kind = 'parameter', nthChild = '2n+1'",
        "kind = 'parameter', nthChild = { position = 1, reverse = true, ofRule = { kind = 'parameter' } }",
        "kind = 'let_declaration', follows = { pattern = 'a();' }, precedes = { pattern = 'b();' }",
    ] {
        one(&ast(&format!("rule = {{ {rule} }}"), "type = 'delete'"));
    }
    let query = "rule = { pattern = 'f($A)' }, constraints = { A = { pattern = 'g($B)' } }";
    let written = ast(query, "type = 'insert-after', text = '$A; $B;'");
    let Action::Rust { query: RustQuery::AstGrep(query), .. } = one(&written).action else {
        panic!("an ast-grep query");
    };
    assert!(query.variables().iter().eq(["A", "B"]));
}

#[test]
fn a_rule_nested_without_end_is_refused() {
    let rule = (0..40).fold("kind = 'block'".to_owned(), |rule, _| format!("not = {{ {rule} }}"));
    let found = mistakes(&ast(&format!("rule = {{ {rule} }}"), "type = 'delete'"));
    assert!(found[0].message.contains("nested deeper"), "{}", found[0]);
}

#[test]
fn what_would_overflow_a_compiler_is_refused_on_a_small_stack() {
    let deep = |open: &str, n: usize, close: &str| format!("{}_{}", open.repeat(n), close.repeat(n));
    let tree = |pattern: &str| {
        let query = format!("type = 'tree-sitter', pattern = '{pattern}'");
        patch("a.rs", &query, "type = 'delete'", "")
    };
    let kind = |kind: &str| ast(&format!("rule = {{ kind = '{kind}' }}"), "type = 'delete'");
    let texts = [
        tree(&deep("(", 100_000, ")")),
        tree(&deep("[", 100_000, "]")),
        tree(&deep("(\")\\\"\" ;)\n", 100_000, ")")).replace("'(", "'''(").replace(")'", ")'''"),
        kind(&deep(":is(", 100_000, ")")),
        kind(&deep(":is(", 90, ")")),
        kind(&"identifier > ".repeat(100_000)),
    ];
    let found = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || texts.map(|text| mistakes(&text).len()))
        .unwrap();
    assert_eq!(found.join().unwrap(), [1; 6]);
    let in_a_string = format!("((identifier) @_n (#eq? @_n \"{}\")) @f", "(".repeat(300));
    assert_eq!(mistakes(&tree(&in_a_string)), []);
}

/// Shorter than transcripts: source, kind, and what the message or its hint says.
#[test]
fn mistakes_have_their_kind_and_say_what_is_wrong() {
    use MistakeKind as K;
    let delete = "type = 'delete'";
    for (source, kind, part) in [
        (text("", "type = 'replace', text = 'old'"), K::NoChange, "equal to `search`"),
        (text("", "type = 'replace', text = '''\nold'''"), K::NoChange, "equal to `search`"),
        (text("", "type = 'replace', text = ''"), K::Empty, "`text` is empty"),
        (
            ast("pattern = 'f()'", "type = 'replace', text = '\\n '").replace('\'', "\""),
            K::Empty,
            "`text` is empty",
        ),
        (
            text("matches = 1.0", REPLACE),
            K::WrongType,
            "must be a count of 1 or more, or \"all\", not a float",
        ),
        (text("matches = 99999999999999999999", REPLACE), K::Range, "99999999999999999999"),
        (text("fuzzy_threshold = nan", REPLACE), K::Range, "not nan"),
        (text("fuzzy_threshold = -0.1", REPLACE), K::Range, "not -0.1"),
        (text("fuzzy_expansion = -1", REPLACE), K::Range, "not -1"),
        (
            text("fuzzy_expansion = 1, matches = 2", REPLACE),
            K::Impossible,
            "cannot be combined with several matches",
        ),
        (text("pattern = 'x'", REPLACE), K::Impossible, "a text query does not accept `pattern`"),
        (text("", "type = 'set-value', value = '1'"), K::Impossible, "`insert-before`"),
        (
            text("", "type = 'replace', text = 'a', value = '1'"),
            K::Impossible,
            "`replace` does not accept `value`",
        ),
        (ast("pattern = 'f($A)'", "type = 'insert-after', text = 'g($B)'"), K::Capture, "`A`"),
        (
            ast("pattern = 'f($A)'", "type = 'delete', insert_comment = '// $$$B'"),
            K::Capture,
            "does not bind `$$$B`",
        ),
        (ast("pattern = 'f($_)'", "type = 'replace', text = 'g($_)'"), K::Capture, "does not bind `$_`"),
        (ast("pattern = 'f($$$A)'", "type = 'replace', text = '($$$A);'"), K::Capture, "captures only"),
        (ast("context = 'S { a: 1 }', selector = 'nothing'", delete), K::Pattern, "nothing"),
        (ast("rule = 'f()'", delete), K::WrongType, "the rule must be a table"),
        (ast("rule = { pattern = 'max: $V' }", delete), K::Pattern, "is not valid Rust on its own"),
        (
            ast("rule = { kind = 'block', matches = 'x' }", delete),
            K::UnknownKey,
            "unknown key `matches` in the rule",
        ),
        (ast("rule = { any = [{ field = 'name' }] }", delete), K::Impossible, "relational rule only"),
        (ast("rule = { has = { field = 'name' } }", delete), K::Pattern, ""),
        (ast("rule = { kind = 'parameter', nthChild = 0 }", delete), K::Range, "not 0"),
        (toml("section = 's'", "type = 'replace-key', new_key = 'a'", ""), K::Missing, "needs `key`"),
        (toml("key = 'x.a'", "type = 'replace-key', new_key = '\"a\"'", ""), K::NoChange, "equal to the key"),
        (toml("key = 'a'", "type = 'set-value', value = 'fat'", ""), K::Toml, "a string needs quotes"),
        (toml("key = 'a'", "type = 'set-value', value = '1\\n[x]'", ""), K::Toml, "not valid TOML"),
        (toml("key = 'a'", "type = 'set-value', value = 1", ""), K::WrongType, "`value = '1'`"),
        (
            toml("key = 'a'", "type = 'delete-key'", "constraint = { function_context = 'f' }"),
            K::Impossible,
            "toml query",
        ),
        (
            toml(
                "",
                "type = 'append-section', text = '[a]'",
                "verify = { method = 'exact-match', expected = 'x' }",
            ),
            K::Impossible,
            "an operation that inserts a section",
        ),
        (text("", REPLACE).replace("\"one\"", "\"a\\nb\""), K::Impossible, "white space"),
        (text("", REPLACE).replace("\"one\"", "\"a\\u0007b\""), K::Impossible, "control character"),
        (text("", REPLACE).replace("\"one\"", "\"a\u{a0}b\""), K::Impossible, "white space"),
        (text("", REPLACE).replace("\"one\"", "\" one\""), K::Impossible, "white space"),
        (text("", REPLACE).replace("\"a.txt\"", "[1]"), K::WrongType, "`file` must be a string"),
        (text("", REPLACE).replace("\"a.txt\"", "[\"\"]"), K::Empty, "`file` is empty"),
        ("patches = []".to_owned(), K::Empty, "no patches"),
        (String::new(), K::Empty, "[[patches]]"),
        ("patches = [1]".to_owned(), K::WrongType, "the patch must be a table"),
        ("a = 1\na = 2".to_owned(), K::Syntax, "duplicate key"),
    ] {
        let found = mistakes(&source);
        assert_eq!(found.len(), 1, "{source}\n{found:#?}");
        let shown = render(&found[0], false);
        assert_eq!(found[0].kind, kind, "{shown}");
        assert!(shown.contains(part), "{part} is in\n{shown}");
    }
}

#[test]
fn an_absolute_file_is_fine_where_paths_are_not_relative_to_the_workspace() {
    let file = text("", REPLACE).replace("a.txt", "/tmp/a.txt");
    assert_eq!(mistakes(&file)[0].kind, MistakeKind::Impossible);
    let patch = one(&format!("[meta]\nworkspace_relative = false\n{file}"));
    assert!(!patch.workspace_relative && Path::new(&patch.files[0]).is_absolute());
}

#[test]
fn a_mistake_inside_a_string_is_shown_there_whatever_its_line_ends() {
    for newline in ["\n", "\r\n"] {
        let query = "type = \"ast-grep\"\npattern = 'f($A)'\n";
        let operation = "type = \"replace\"\ntext = '''\n// ä\ng($B)'''\n";
        let text = format!(
            "[[patches]]\nid = \"x\"\nfile = \"a.rs\"\n[patches.query]\n{query}[patches.operation]\n{operation}"
        );
        let found = mistakes(&text.replace('\n', newline));
        assert_eq!((found[0].line, found[0].column), (11, 3));
        assert_eq!(&found[0].source[found[0].span.clone()], "$B");
    }
    let escaped = ast("pattern = 'f($A)'", "type = 'replace', text = \"\\tg($B)\"");
    let found = mistakes(&escaped);
    assert_eq!(&found[0].source[found[0].span.clone()], "\"\\tg($B)\"");
}

#[test]
fn ids_are_compared_in_files_with_other_mistakes_too() {
    let two = text("", REPLACE) + &text("serch = 1", REPLACE);
    let kinds: Vec<_> = mistakes(&two).iter().map(|mistake| mistake.kind).collect();
    assert_eq!(kinds, [MistakeKind::DuplicateId, MistakeKind::UnknownKey]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_every_place_is_in_the_text(
        at in 0..EXAMPLE.len(), removed in 0..40usize, put in "[\\PC\n\"'\\[\\]={}$]{0,6}",
    ) {
        let end = (at + removed).min(EXAMPLE.len());
        let text = format!("{}{put}{}", &EXAMPLE[..at], &EXAMPLE[end..]);
        for mistake in mistakes(&text) {
            prop_assert!(mistake.source.get(mistake.span.clone()).is_some(), "{mistake:?}");
            let place = format!("p.toml:{}:{}", mistake.line, mistake.column);
            let shown = render(&mistake, false);
            prop_assert!(shown.contains(&place), "{}", shown);
        }
    }
}

#[test]
fn a_string_of_the_wrong_style_is_told_alike_with_both_line_ends() {
    for (value, word) in [
        ("'fn f() {\n    g();\n}'", "not closed"),
        ("\"fn f() {\n    g(\"x\");\n}\"", "not closed"),
        ("\"\\d\"", "`\\d`"),
        ("\"\"\"\n\\d\n\"\"\"", "`\\d`"),
        ("\"\\x41 \\u00e9 \\\" \\q\"", "`\\q`"),
        ("\"\\💩\" 💩", "`\\💩`"),
        ("\"C:\\\"", "escapes the quote"),
        ("\"f(\"x\")\"", "ends at this `\"`"),
        ("'f('x')'", "ends at this `'`"),
        ("r\"x\"", "no raw strings"),
    ] {
        let file = text(&format!("matches = {value}"), "type = 'delete'");
        let unix = mistakes(&file);
        assert!(unix[0].message.contains(word), "{value}: {}", unix[0].message);
        assert!(
            unix[0].hint.as_ref().is_some_and(|hint| hint.contains("'''")),
            "{value}: {:?}",
            unix[0].hint
        );
        assert_eq!(unix[0].patch.as_deref(), Some("one"), "{value}");
        let dos = mistakes(&file.replace('\n', "\r\n"));
        let told = |m: &Mistake| (m.line, m.column, m.message.clone(), m.hint.clone(), m.patch.clone());
        assert_eq!(told(&unix[0]), told(&dos[0]), "{value}");
        assert_eq!(render(&unix[0], false), render(&dos[0], false), "{value}");
    }
}

#[test]
fn the_id_of_the_patch_stands_beside_its_line() {
    let file = "[meta]\nnam = 'x'\n\n[[patches]]\nid = \"a\\nb\"\nfile = 'a.rs'\nquery = { type = 'text' }\noperation = { type = 'delete' }\n";
    let told: Vec<String> = mistakes(file).iter().map(|m| render(m, false)).collect();
    assert!(told[0].starts_with("error: unknown key `nam`"), "{}", told[0]);
    assert!(told[1].starts_with("error in patch `a\\nb`: `id` contains"), "{}", told[1]);
    let [.., last] = &mistakes(file)[..] else { panic!() };
    assert_eq!(last.to_string(), "p.toml:7:9: patch `a\nb`: the query has no `search`");
}
