//! ast-grep as a locator: compiles patterns and rule objects, returns spans and captures.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ast_grep_config::RuleCore;
use ast_grep_core::Matcher as _;
use ast_grep_core::matcher::PatternNode;
use serde::ser::{Serialize, SerializeStruct as _};
use serde_json::json;
use tree_sitter::Language;

use super::cache;
use super::pattern::{Enclosing, PatternMistake, PatternSource};
use super::rule::{self, Conditions};
use super::search::{Search, What};
use crate::matches::Match;
use crate::rust::syntax::{self, Syntax};

/// `type = "ast-grep"`, checked: it compiles.
#[derive(Debug, Clone)]
pub struct AstGrepQuery {
    source: MatcherKind,
    variables: BTreeSet<String>,
    required_literal: Option<String>,
}

#[derive(Debug, Clone)]
enum MatcherKind {
    /// Must say all of the node, and its context what is around it.
    Pattern(PatternSource, Arc<[Enclosing]>),
    /// A pattern, matched with a strictness of ast-grep's.
    Loose(PatternSource, Arc<CompiledRule>),
    Rule(Arc<CompiledRule>),
}

/// A rule object, compiled once a run and shared between threads.
struct CompiledRule {
    conditions: Conditions,
    /// The kinds of node that it can match; `None`: any.
    kinds: Option<Vec<usize>>,
    /// The object it was made of, keys sorted.
    source: String,
}

impl fmt::Debug for CompiledRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompiledRule")
    }
}

/// As it is written: what is compiled follows from that.
impl Serialize for AstGrepQuery {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("AstGrepQuery", 3)?;
        fields.serialize_field("text", &self.text())?;
        fields.serialize_field("selector", &self.selector())?;
        fields.serialize_field("rule", &self.rule_source())?;
        fields.end()
    }
}

impl AstGrepQuery {
    /// A query by pattern, which must say all of the node.
    ///
    /// # Errors
    /// [`PatternMistake`] if it does not compile.
    pub fn pattern(source: PatternSource) -> Result<Self, PatternMistake> {
        let pattern = cache::get_or_compile_pattern(&source)?;
        if matches!(pattern.node, PatternNode::MetaVar { .. }) {
            return Err(PatternMistake::Everything);
        }
        let variables = pattern.defined_vars().into_iter().map(str::to_owned).collect();
        let required_literal = required_literal_of(&pattern.node).map(str::to_owned);
        let around = Enclosing::of(&source).into();
        Ok(Self { source: MatcherKind::Pattern(source, around), variables, required_literal })
    }

    /// The query by pattern, matched as a strictness of ast-grep's says.
    ///
    /// # Errors
    /// [`PatternMistake`] if ast-grep does not know the strictness.
    pub(crate) fn with_strictness(self, strictness: &'static str) -> Result<Self, PatternMistake> {
        let MatcherKind::Pattern(source, _) = self.source else { return Ok(self) };
        let table = json!({ "context": source.text, "selector": source.selector, "strictness": strictness });
        let object = json!({ "rule": { "pattern": table } });
        let rule = CompiledRule::of(&object, &rule::core(&object)?)?;
        let source = MatcherKind::Loose(source, rule);
        Ok(Self { source, variables: self.variables, required_literal: None })
    }

    /// A query by rule object: `{ "rule": …, "constraints": … }` as ast-grep's configuration has it.
    ///
    /// # Errors
    /// [`PatternMistake`] if it has not the shape of a rule or does not compile. The library accepts
    /// unknown keys inside relational rules; the caller checks keys.
    pub(crate) fn rule(object: serde_json::Value) -> Result<Self, PatternMistake> {
        let core = rule::core(&object)?;
        let rule = CompiledRule::of(&object, &core)?;
        let required_literal = required_literal_of_rule(&object["rule"]);
        Ok(Self { variables: rule.conditions.names(), source: MatcherKind::Rule(rule), required_literal })
    }

    /// The names that `$$$NAME` binds in a rule.
    pub(crate) fn lists(&self) -> BTreeSet<String> {
        match &self.source {
            MatcherKind::Rule(rule) | MatcherKind::Loose(_, rule) => rule.conditions.lists(),
            MatcherKind::Pattern(..) => BTreeSet::new(),
        }
    }

    pub(super) fn with<T>(&self, search: impl FnOnce(&Search<'_>) -> T) -> T {
        let required_literal = self.required_literal();
        match &self.source {
            MatcherKind::Pattern(source, around) => {
                let pattern =
                    cache::get_or_compile_pattern(source).expect("compiled when the patch file was checked");
                search(&Search { around, ..Search::of_pattern(&pattern, required_literal) })
            }
            MatcherKind::Rule(rule) | MatcherKind::Loose(_, rule) => search(&Search {
                what: What::Conditions(&rule.conditions),
                around: &[],
                kinds: rule.kinds.clone(),
                required_literal,
            }),
        }
    }

    /// The names that it binds, without dollars.
    pub(crate) fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// A word that every match contains, where one is known.
    pub(crate) fn required_literal(&self) -> Option<&str> {
        self.required_literal.as_deref()
    }

    /// The pattern's text, for messages; `None` for a rule.
    pub fn text(&self) -> Option<&str> {
        match &self.source {
            MatcherKind::Pattern(source, _) | MatcherKind::Loose(source, ..) => Some(&source.text),
            MatcherKind::Rule(_) => None,
        }
    }

    /// The kind of node that is taken out of the pattern's context.
    pub(crate) fn selector(&self) -> Option<&str> {
        match &self.source {
            MatcherKind::Pattern(source, _) | MatcherKind::Loose(source, ..) => source.selector.as_deref(),
            MatcherKind::Rule(_) => None,
        }
    }

    /// The kind of node that the pattern was read as; `None` for a rule.
    pub(crate) fn node_kind(&self) -> Option<String> {
        let kind = self.with(|search| match search.what {
            What::Pattern(PatternNode::Internal { kind_id, .. } | PatternNode::Terminal { kind_id, .. }) => {
                Some(*kind_id)
            }
            What::Pattern(PatternNode::MetaVar { .. }) | What::Conditions(_) => None,
        })?;
        Language::from(tree_sitter_rust::LANGUAGE).node_kind_for_id(kind).map(str::to_owned)
    }

    /// The rule object as JSON with sorted keys; that of a pattern only where it has a strictness.
    pub fn rule_source(&self) -> Option<&str> {
        match &self.source {
            MatcherKind::Pattern(..) => None,
            MatcherKind::Rule(rule) | MatcherKind::Loose(_, rule) => Some(&rule.source),
        }
    }
}

impl CompiledRule {
    /// The rule `object`, which ast-grep compiled to `core`.
    fn of(object: &serde_json::Value, core: &RuleCore) -> Result<Arc<Self>, PatternMistake> {
        let mut sorted = object.clone();
        sorted.sort_all_objects();
        let kinds = core.potential_kinds().map(|kinds| kinds.iter().collect());
        Ok(Arc::new(Self { conditions: Conditions::of(object)?, kinds, source: sorted.to_string() }))
    }
}

/// The longest named leaf that stands in the pattern as it is: every match contains it.
fn required_literal_of(node: &PatternNode) -> Option<&str> {
    match node {
        PatternNode::MetaVar { .. } | PatternNode::Terminal { is_named: false, .. } => None,
        // Of a comment, layout may change the other lines and the end of this one.
        PatternNode::Terminal { text, .. } => text.lines().next().map(str::trim_end),
        PatternNode::Internal { children, .. } => {
            children.iter().filter_map(required_literal_of).max_by_key(|text| text.len())
        }
    }
}

/// A word that every match of a rule contains: from its own pattern, or from one of those that must all hold.
fn required_literal_of_rule(rule: &serde_json::Value) -> Option<String> {
    let pattern = &rule["pattern"];
    let source = (!pattern.is_null()).then(|| rule::source_of(pattern));
    let strict = pattern.get("strictness").is_some();
    let compiled = source.filter(|_| !strict).and_then(|source| cache::get_or_compile_pattern(&source).ok());
    let own = compiled.and_then(|pattern| required_literal_of(&pattern.node).map(str::to_owned));
    let all = rule["all"].as_array().into_iter().flatten().filter_map(required_literal_of_rule);
    all.chain(own).max_by_key(String::len)
}

/// The matches of `query`, in order of position, none inside another.
pub(crate) fn locate_all(query: &AstGrepQuery, syntax: &Syntax) -> Vec<Match> {
    query.with(|search| search.all(syntax))
}

/// Where `query` matches inside one of its matches: byte offsets. `spans` are the half-open byte ranges of these.
pub(crate) fn locate_inside(query: &AstGrepQuery, syntax: &Syntax, spans: &[Range<usize>]) -> Vec<usize> {
    query.with(|search| {
        let mut solver = search.solver(syntax);
        let mut found = Vec::new();
        for span in spans {
            let Some(outer) = syntax.node_at(span.start, span.end) else { continue };
            syntax::walk_below(outer, |node, _| {
                let is_inner = span.start <= node.start_byte()
                    && node.end_byte() <= span.end
                    && node.byte_range().len() < span.len();
                let is_hit = is_inner && search.at(&mut solver, node).is_some();
                found.extend(is_hit.then(|| node.start_byte()));
                !is_hit
            });
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use super::super::pattern::compile_pattern;
    use super::*;

    fn texts(query: &AstGrepQuery, source: &str) -> Vec<String> {
        let syntax = Syntax::parse(source);
        locate_all(query, &syntax).into_iter().map(|m| source[m.span].to_owned()).collect()
    }

    fn pattern(text: &str) -> AstGrepQuery {
        AstGrepQuery::pattern(PatternSource { text: text.into(), selector: None }).unwrap()
    }

    #[test]
    fn only_the_outer_of_two_nested_matches_counts() {
        assert_eq!(texts(&pattern("f($A)"), "fn m() { f(f(1)); f(2); }"), ["f(f(1))", "f(2)"]);
    }

    #[test]
    fn looking_around_the_required_literal_finds_what_walking_the_tree_finds() {
        let source = "fn m() { f(f(1)); g(f); f(f, 2); h(|x| f(x)); }\nmod f { fn f() { f(3) } }\n// f(4)\n";
        for text in ["f($A)", "f($$$A)", "fn f() { $$$B }", "mod f { $$$B }", "h($C)"] {
            let query = pattern(text);
            let syntax = Syntax::parse(source);
            let compiled = compile_pattern(&PatternSource { text: text.into(), selector: None }).unwrap();
            assert!(query.required_literal().is_some());
            assert_eq!(
                locate_all(&query, &syntax),
                Search::of_pattern(&compiled, None).all(&syntax),
                "{text}"
            );
        }
    }

    #[test]
    fn a_raw_string_is_matched_with_its_quotes() {
        let source = "fn m() { p(r#\"abc\"#, br\"abc\", \"abc\", r\"ab\"); }";
        for (text, found) in [
            ("r#\"abc\"#", "r#\"abc\"#"),
            ("\"abc\"", "\"abc\""),
            ("p($A, $B, $C, $D)", "p(r#\"abc\"#, br\"abc\", \"abc\", r\"ab\")"),
        ] {
            assert_eq!(texts(&pattern(text), source), [found], "{text}");
        }
    }

    #[test]
    fn captures_come_with_their_spans() {
        let source = "fn f(a: u8, b: u8) { one(); two(); }";
        let syntax = Syntax::parse(source);
        let found = locate_all(&pattern("fn f($$$A) { $$$B }"), &syntax);
        let texts: Vec<_> =
            found[0].captures.iter().map(|c| (c.name.as_str(), &source[c.span.clone()])).collect();
        assert_eq!(texts, [("A", "a: u8, b: u8"), ("B", "one(); two();")]);
    }

    #[test]
    fn a_match_is_all_of_what_the_pattern_says() {
        let source = "fn m() {
            if c { x() } else { y() }
            if d { x() }
            'outer: loop { break 'outer; continue 'outer; }
            loop { break; continue; }
            return Err(e);
            f(0..10, 0.., ..);
            g(a, /* why */ b);
            let k: u8 = 1;
            let k = 2;
            let c = move |x: u8| -> u8 { x };
            let d = |x| x;
            unsafe { x() }
            S { a: 1, ..d };
            S { a: 1 };
            p(a + b); p(a - b);
            s(\"a\"); s(b\"a\"); s(c\"a\");
            q(&mut a); q(&a);
            match x { A | B => 1, A if y => 2, A => 3 }
        }
        enum E { A(u8), B { x: u8 }, C = 3, D }
        #[serde] struct P;
        #[serde(default)] struct Q;
        async unsafe fn h<T: X>(a: u8,) -> u8 where T: Y { 1 }
        fn h() { 1 }
        impl<T> X for S<T> {}
        impl S {}
        pub(crate) mod n { }
        use a::{b, c};
        use a::{self, b as x};
        ";
        for (text, found) in [
            ("if c { $$$B }", vec![]),
            ("if $C { x() }", vec!["if d { x() }"]),
            ("if c { $$$A } else { $$$B }", vec!["if c { x() } else { y() }"]),
            ("break;", vec!["break;"]),
            ("continue;", vec!["continue;"]),
            ("return;", vec![]),
            ("return $E;", vec!["return Err(e);"]),
            ("return", vec![]),
            ("break", vec!["break"]),
            ("continue", vec!["continue"]),
            ("..", vec![".."]),
            (r#"s("a")"#, vec![r#"s("a")"#]),
            (r#"s(b"a")"#, vec![r#"s(b"a")"#]),
            (r#"s(c"$A")"#, vec![r#"s(c"a")"#]),
            (
                "async unsafe fn h<$$$A>($$$B) -> u8 where $$$C { $$$D }",
                vec!["async unsafe fn h<T: X>(a: u8,) -> u8 where T: Y { 1 }"],
            ),
            ("fn h() where $$$C { $$$D }", vec![]),
            ("f(0.., $$$A)", vec![]),
            ("f($A, 0.., ..)", vec!["f(0..10, 0.., ..)"]),
            ("g(a, b)", vec![]),
            ("g($A, $B)", vec!["g(a, /* why */ b)"]),
            ("g($A /* why */, $B)", vec![]),
            ("g($$$A)", vec!["g(a, /* why */ b)"]),
            ("let k = $V;", vec!["let k = 2;"]),
            ("|x| x", vec!["|x| x"]),
            ("move |$$$A| $B", vec![]),
            ("{ x() }", vec!["{ x() }"; 3]),
            ("S { a: 1 }", vec!["S { a: 1 }"]),
            ("p($A + $B)", vec!["p(a + b)"]),
            ("q(&$A)", vec!["q(&a)"]),
            ("match x { $$$M }", vec!["match x { A | B => 1, A if y => 2, A => 3 }"]),
            ("#[serde]", vec!["#[serde]"]),
            ("fn h() { $$$B }", vec!["fn h() { 1 }"]),
            ("impl S { $$$B }", vec!["impl S {}"]),
            ("mod n { $$$B }", vec![]),
            ("use a::{b};", vec![]),
            ("use a::{$$$A, c};", vec!["use a::{b, c};"]),
            ("use a::{b, c,};", vec!["use a::{b, c};"]),
        ] {
            let found: Vec<&str> = found;
            assert_eq!(texts(&pattern(text), source), found, "{text}");
        }
        for (text, kind, found) in [
            ("enum E { D }", "enum_variant", vec!["D"]),
            ("enum E { A }", "enum_variant", vec![]),
            ("enum E { $N = 3 }", "enum_variant", vec!["C = 3"]),
            ("match x { A => 3 }", "match_arm", vec!["A => 3"]),
            ("match x { A | B => 1 }", "match_arm", vec!["A | B => 1,"]),
        ] {
            let query =
                AstGrepQuery::pattern(PatternSource { text: text.into(), selector: Some(kind.into()) });
            let found: Vec<&str> = found;
            assert_eq!(texts(&query.unwrap(), source), found, "{text}");
        }
    }

    /// The text of each capture of the first match, by name.
    fn captured(text: &str, source: &str) -> Vec<String> {
        let found = locate_all(&pattern(text), &Syntax::parse(source));
        let first = found.first().unwrap_or_else(|| panic!("no match of {text} in {source}"));
        first.captures.iter().map(|capture| source[capture.span.clone()].to_owned()).collect()
    }

    #[test]
    fn a_list_takes_what_the_parts_beside_it_leave() {
        for (text, source, found) in [
            ("f($$$A, key, $$$B)", "fn m() { f(key) }", ["", ""]),
            ("f($$$A, key, $$$B)", "fn m() { f(1, key) }", ["1", ""]),
            ("f($$$A, key, $$$B)", "fn m() { f(key, 1, 2) }", ["", "1, 2"]),
            ("f($$$A, key, $$$B)", "fn m() { f(1, 2, key, 3,) }", ["1, 2", "3,"]),
            ("f($$$A, $B)", "fn m() { f(1, 2, 3,) }", ["1, 2", "3"]),
            ("f($A, $$$B)", "fn m() { f(1) }", ["1", ""]),
            ("f($A, $$$B)", "fn m() { f(1,) }", ["1", ""]),
            ("m![$$$A, c, $$$B]", "fn m() { m![c]; }", ["", ""]),
            ("m![$$$A, c, $$$B]", "fn m() { m![a + b, c]; }", ["a + b", ""]),
            ("fn g($$$A, k: u8) { $$$B }", "fn g(k: u8) { a(); b() }", ["", "a(); b()"]),
            (
                "fn g() -> $T { k(); $$$B }",
                "fn g() -> u8 { k(); /* c */ b(); k(); }",
                ["/* c */ b(); k();", "u8"],
            ),
            ("f($A, $B)", "fn m() { f(/* a */ 1, /* b */ 2) }", ["/* a */ 1", "/* b */ 2"]),
            ("f($A, $$$B, $A)", "fn m() { f(1, 2, 1, 1) }", ["1", "2, 1"]),
        ] {
            assert_eq!(captured(text, source), found, "{text} in {source}");
        }
        assert_eq!(texts(&pattern("f($A, $A)"), "fn m() { f(x, y); f(g( 1 ), g(1)); }"), ["f(g( 1 ), g(1))"]);
        assert_eq!(
            texts(&pattern("let ($A,) = b;"), "fn m() { let (a) = b; let (a,) = b; }"),
            ["let (a,) = b;"]
        );
    }

    #[test]
    fn a_metavariable_is_an_element_of_any_list() {
        for (text, source, found) in [
            ("struct S { $$$A, x: u8, $$$B }", "struct S { y: u8, x: u8 }", vec!["y: u8", ""]),
            (
                "struct S { $$$A, x: u8, $$$B }",
                "struct S { x: u8, #[z] pub y: u8, }",
                vec!["", "#[z] pub y: u8,"],
            ),
            ("struct S { $A, x: u8 }", "struct S { /* a */ #[z] y: u8, /* b */ }", vec![]),
            ("struct S { $A, x: u8 }", "struct S { /* a */ #[z] y: u8, x: u8 }", vec!["/* a */ #[z] y: u8"]),
            ("struct S($A, $B);", "struct S(#[z] u8, pub(crate) u16);", vec!["#[z] u8", "pub(crate) u16"]),
            (
                "enum E { $$$A, X { $$$B, c: u8 } }",
                "enum E { A, B, X { a: u8, c: u8 } }",
                vec!["A, B", "a: u8"],
            ),
            (
                "match x { $$$A B => $V, $$$C }",
                "fn m() { match x { A => {} B => 1 } }",
                vec!["A => {}", "", "1"],
            ),
            (
                "match x { $$$A, B => $V, $$$C }",
                "fn m() { match x { B => 1, C if c => 2 } }",
                vec!["", "C if c => 2", "1"],
            ),
            (
                "match x { $A, $B }",
                "fn m() { match x { #[z] 1 => 2, _ => 3 } }",
                vec!["#[z] 1 => 2,", "_ => 3"],
            ),
            ("fn f() where $$$A, T: X, $$$B {}", "fn f() where U: Y, T: X, {}", vec!["U: Y", ""]),
            (
                "impl S where T: X, $A { $$$B }",
                "impl S where T: X, for<'a> U: Y<'a> {}",
                vec!["for<'a> U: Y<'a>", ""],
            ),
            ("fn f() { $$$A $S }", "fn f() { a(); let b = 1; c() }", vec!["a(); let b = 1;", "c()"]),
            (
                "fn f() { $$$A $S b(); $$$B }",
                "fn f() { a(); /* s */ #[z] let s = 1; // why\n b(); }",
                vec!["a();", "", "/* s */ #[z] let s = 1; // why"],
            ),
            ("fn f() { $$$A; g(); $$$B }", "fn f() { a(); let b = 1; g(); }", vec!["a(); let b = 1;", ""]),
            ("fn f() { $$$A; }", "fn f() {}", vec![""]),
            ("fn f() { $$$A $S }", "fn f() { a(); #[z] let b = 1; }", vec!["a();", "#[z] let b = 1;"]),
            ("fn f() { $$$A $S }", "fn f() { a(); // a\n // b\n b() }", vec!["a(); // a", "// b\n b()"]),
            (
                "impl S { $$$A fn f() {} }",
                "impl S { fn e() {} /* f */ fn f() {} }",
                vec!["fn e() {} /* f */"],
            ),
            ("impl S { $$$A fn f() {} }", "impl S { fn e() {} #[z] /* f */ fn f() {} }", vec![]),
            (
                "impl S { $$$A #[z] fn f() {} }",
                "impl S { #[y] fn e() {} #[z] fn f() {} }",
                vec!["#[y] fn e() {}"],
            ),
            ("g($$$A, #[z] b, $C)", "fn m() { g(#[y] a, #[z] b, #[x] c) }", vec!["#[y] a", "#[x] c"]),
        ] {
            let syntax = Syntax::parse(source);
            let hits = locate_all(&pattern(text), &syntax);
            let captures = hits.iter().flat_map(|hit| &hit.captures);
            let texts: Vec<&str> = captures.map(|capture| &source[capture.span.clone()]).collect();
            assert_eq!(texts, found, "{text} in {source}");
            assert_eq!(hits.is_empty(), found.is_empty(), "{text} in {source}");
        }
        let arm =
            PatternSource { text: "match x { $A, B => $V }".into(), selector: Some("match_arm".into()) };
        assert_eq!(
            texts(&AstGrepQuery::pattern(arm).unwrap(), "fn m() { match x { A => 2, B => 1 } }"),
            ["B => 1"]
        );
        let everything = PatternSource { text: "match x { $A }".into(), selector: Some("match_arm".into()) };
        assert!(matches!(AstGrepQuery::pattern(everything), Err(PatternMistake::Pattern(_))));
        let field = json!({"rule": {"pattern": {"context": "struct Named { $$$A, x: $T }", "selector": "field_declaration"}}});
        let field = AstGrepQuery::rule(field).unwrap();
        assert_eq!(texts(&field, "struct Named { y: u8, x: u8 } struct Other { x: u8 }"), ["x: u8"]);
        assert!(field.variables().iter().eq(["T"]));
        let rule = json!({"rule": {"pattern": "match x { $$$A B => 1, $$$C }", "inside": {"pattern": "fn m() { $$$A $S }"}}});
        assert!(texts(&AstGrepQuery::rule(rule).unwrap(), "fn m() { match x { B => 1 } }").is_empty());
        let rule = json!({"rule": {"pattern": "Option<$T>", "inside": {"pattern": "struct S { $$$A, x: $X }", "stopBy": "end"}}});
        assert_eq!(
            texts(&AstGrepQuery::rule(rule).unwrap(), "struct S { y: Option<u8>, x: u8 }"),
            ["Option<u8>"]
        );
    }

    #[test]
    fn a_comment_behind_what_a_metavariable_stands_for_is_part_of_it() {
        for (text, source, found) in [
            ("g(a, $B)", "fn m() { g(a, b /* keep */) }", vec!["b /* keep */"]),
            ("g($A, $B)", "fn m() { g(a /* 1 */ /* 2 */, b // 3\n) }", vec!["a /* 1 */ /* 2 */", "b // 3"]),
            ("g($A, $B)", "fn m() { g(a, // 1\n b) }", vec!["a, // 1", "b"]),
            ("g($A)", "fn m() { g(a\n// 1\n) }", vec![]),
            ("g($A)", "fn m() { g(a, // 1\n) }", vec!["a, // 1"]),
            ("g($A)", "fn m() { g(a, // 1\n // 2\n) }", vec![]),
            (
                "g($$$A, b, $C)",
                "fn m() { g(a, // 1\n b, // 2\n c, // 3\n) }",
                vec!["a, // 1", "// 2\n c, // 3"],
            ),
            (
                "g($$$A, $B)",
                "fn m() { g(a, /* 1 */ #[z] b, // 2\n /* 3 */ c) }",
                vec!["a, /* 1 */ #[z] b, // 2", "/* 3 */ c"],
            ),
            ("g($A, $B)", "fn m() { g(a, /// 1\n b) }", vec!["a", "/// 1\n b"]),
            ("g($A, // 1\n $B)", "fn m() { g(a, // 1\n b) }", vec!["a", "b"]),
            ("g($A /* keep */)", "fn m() { g(a /* keep */) }", vec!["a"]),
            ("g($A /* keep */)", "fn m() { g(a /* other */) }", vec![]),
            ("g($_)", "fn m() { g(a /* keep */) }", vec![]),
            ("let x = $V;", "fn m() { let x = 1 /* one */; }", vec!["1 /* one */"]),
            ("g(#[z] $A)", "fn m() { g(#[z] /* 1 */ a /* 2 */) }", vec!["/* 1 */ a /* 2 */"]),
        ] {
            let hits = locate_all(&pattern(text), &Syntax::parse(source));
            let captures = hits.iter().flat_map(|hit| &hit.captures);
            let texts: Vec<&str> = captures.map(|capture| &source[capture.span.clone()]).collect();
            assert_eq!(texts, found, "{text} in {source}");
        }
    }

    #[test]
    fn a_dollar_inside_a_literal_or_comment_is_itself() {
        let source = "fn f() {\n// $USD\ng(\"a $USD\", r\"b $USD\", \"c\"); h(\"10 µs\") }";
        for text in ["g(\"a $USD\", r\"b $USD\", $C)", "// $USD", "h(\"10 µs\")"] {
            assert_eq!(texts(&pattern(text), source).len(), 1, "{text}");
        }
        for text in ["g(\"a $EUR\", r\"b $USD\", $C)", "g(\"a $USD\", r\"b $EUR\", $C)", "// $EUR"] {
            assert!(texts(&pattern(text), source).is_empty(), "{text}");
        }
        assert_eq!(captured("g($$$A, \"$C\")", source)[1], "c");
    }

    #[test]
    fn a_comment_is_matched_with_all_of_its_text() {
        let source =
            "//! one\n//! two\n\n/// a $1\n/// b\nfn f() {\n    // c\n    g(); // d\n    /* e */\n}\n";
        for (text, found) in [
            ("// c", vec!["// c"]),
            ("// x", vec![]),
            ("/// b", vec!["/// b"]),
            ("/// a $1", vec!["/// a $1"]),
            ("//! one", vec!["//! one"]),
            ("// one", vec![]),
            ("/* e */", vec!["/* e */"]),
            ("/* c */", vec![]),
            ("fn f() {\n// c\ng(); // d\n/* e */ }", vec![&source[source.find("fn").unwrap()..].trim_end()]),
            ("fn f() {\n// c\ng(); // e\n/* e */ }", vec![]),
        ] {
            let found: Vec<&str> = found;
            assert_eq!(texts(&pattern(text), source), found, "{text}");
        }
    }

    #[test]
    fn attributes_of_the_match_are_its_surroundings() {
        let source = "fn m() { match x { 1 => {} #[cfg(a)] 2 => {} } }";
        for (text, found) in
            [("match x { 2 => {} }", "2 => {}"), ("match x { #[cfg(a)] 2 => {} }", "#[cfg(a)] 2 => {}")]
        {
            let source_of = PatternSource { text: text.into(), selector: Some("match_arm".into()) };
            assert_eq!(texts(&AstGrepQuery::pattern(source_of).unwrap(), source), [found]);
        }
        assert!(texts(&pattern("match x { 1 => {} 2 => {} }"), source).is_empty());
    }

    #[test]
    fn names_around_the_selected_node_count() {
        let source = "struct AppKeymap { copy: u8 } struct PagerKeymap { copy: u8 } impl Show for Pager { fn go() { f() } }";
        for (text, kind, count) in [
            ("struct AppKeymap { copy: $V }", "field_declaration", 1),
            ("struct Other { copy: $V }", "field_declaration", 0),
            ("struct S { copy: $V }", "field_declaration", 2),
            ("struct _Any { copy: $V }", "field_declaration", 2),
            ("impl Show for Pager { fn go() { f() } }", "call_expression", 1),
            ("impl Pager { fn go() { f() } }", "call_expression", 1),
            ("impl Show for Table { fn go() { f() } }", "call_expression", 0),
            ("fn main() { f() }", "call_expression", 1),
            ("type Copied = u8;", "primitive_type", 0),
            ("type T = u8;", "primitive_type", 2),
        ] {
            let selected = PatternSource { text: text.into(), selector: Some(kind.into()) };
            let query = AstGrepQuery::pattern(selected).unwrap();
            assert_eq!(texts(&query, source).len(), count, "{text}");
            assert_eq!(texts(&query.with_strictness("smart").unwrap(), source).len(), count, "smart: {text}");
        }
        let rule = json!({"rule": {"pattern": {"context": "struct AppKeymap { copy: $V }", "selector": "field_declaration"}}});
        assert_eq!(texts(&AstGrepQuery::rule(rule).unwrap(), source).len(), 1);
    }

    #[test]
    fn conditions_lead_back_to_other_ways_to_match() {
        let rule = |rule: serde_json::Value| AstGrepQuery::rule(rule).unwrap();
        for (query, source, found) in [
            (
                json!({"rule": {"pattern": "f($$$A, $M, $$$B)"}, "constraints": {"M": {"regex": "^key$"}}}),
                "fn m() { f(a, b); f(a, key, b); }",
                "f(a, key, b)",
            ),
            (
                json!({"rule": {"pattern": "$F($A, $B)", "not": {"pattern": "$G($X, $Y)"}}, "constraints": {"G": {"regex": "^h$"}}}),
                "fn m() { h(a, b); k(a, b); }",
                "k(a, b)",
            ),
            (
                json!({"rule": {"pattern": "c();", "follows": {"pattern": "b();"}}}),
                "fn m() { c(); b(); /* n */ #[x] c(); }",
                "c();",
            ),
            (json!({"rule": {"pattern": "b", "follows": {"pattern": "a"}}}), "fn m() { f(a, b); }", "b"),
            (
                json!({"rule": {"any": [{"pattern": "f($A)"}, {"pattern": "g($A)"}], "inside": {"kind": "if_expression", "field": "condition", "stopBy": {"kind": "block"}}}}),
                "fn m() { if f(1) { g(2) } }",
                "f(1)",
            ),
            (
                json!({"rule": {"kind": "call_expression", "has": {"pattern": "k", "stopBy": "end"}, "regex": "^g"}}),
                "fn m() { f(k); g(a(k)); }",
                "g(a(k))",
            ),
            (
                json!({"rule": {"pattern": {"context": "if c { x() }", "strictness": "smart"}}}),
                "fn m() { if c { x() } else { y() } }",
                "if c { x() } else { y() }",
            ),
        ] {
            let shown = query.to_string();
            let found_there = texts(&rule(query), source);
            assert_eq!(found_there, [found], "{shown}");
        }
    }

    #[test]
    fn a_long_list_of_choices_costs_no_stack_and_no_end() {
        let source = format!("fn m() {{ f({}) }}", "a, ".repeat(5000));
        assert!(texts(&pattern("f($$$A, $X, $$$B, $X, $$$C, b)"), &source).is_empty());
        let many = format!("f({} b)", "$$$A, ".repeat(600).replace("$$$A", "$$$"));
        assert!(texts(&pattern(&many), &source).is_empty());
    }

    #[test]
    fn a_fragment_needs_context() {
        let mistake =
            AstGrepQuery::pattern(PatternSource { text: "max: $V".into(), selector: None }).unwrap_err();
        assert!(mistake.hint().unwrap().contains("selector"), "{mistake}");
        let source =
            PatternSource { text: "S { max: $V }".into(), selector: Some("field_initializer".into()) };
        assert_eq!(
            texts(&AstGrepQuery::pattern(source).unwrap(), "fn m() { S { min: 1, max: 2 } }"),
            ["max: 2"]
        );
    }

    #[test]
    fn a_pattern_is_one_node() {
        for text in
            ["mod a;\nmod b;", "mod a;\nmod $B;\n", "f(); g();", "#[x]\nfn f() {}", "use a;\n\nfn f() {}\n"]
        {
            let mistake = AstGrepQuery::pattern(PatternSource { text: text.into(), selector: None });
            assert!(matches!(mistake, Err(PatternMistake::Pattern(_))), "{text}: {mistake:?}");
        }
    }

    #[test]
    fn a_path_alone_is_a_value() {
        let syntax =
            Syntax::parse("fn f(e: io::Error) {\n    let x = Pair::new(1);\n    let y = Pair::ONE;\n}\n");
        for (text, expected) in
            [("Pair::$V0", 2), ("Pair::ONE", 1), ("Pair::$LEVEL", 2), ("$P::ONE", 1), ("io::Error", 0)]
        {
            let query = AstGrepQuery::pattern(PatternSource { text: text.into(), selector: None }).unwrap();
            assert_eq!(locate_all(&query, &syntax).len(), expected, "{text}");
        }
    }

    #[test]
    fn a_pattern_nested_without_end_is_refused() {
        let text = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
        let mistake = AstGrepQuery::pattern(PatternSource { text, selector: None }).unwrap_err();
        assert!(matches!(mistake, PatternMistake::TooDeep { .. }), "{mistake}");
    }

    #[test]
    fn rules_match_and_bind() {
        let rule = serde_json::json!({"rule": {"pattern": "f($A)", "inside": {"pattern": "fn m() { $$$ }", "stopBy": "end"}}, "constraints": {"A": {"regex": "^1$"}}});
        let query = AstGrepQuery::rule(rule).unwrap();
        assert!(query.variables().contains("A"));
        assert_eq!(texts(&query, "fn m() { f(1); f(2); } fn n() { f(1); }"), ["f(1)"]);
        assert_eq!(query.required_literal(), Some("f"));
        let rule = serde_json::json!({"rule": {"any": [{"pattern": "f()"}, {"pattern": "g()"}]}});
        assert_eq!(
            AstGrepQuery::rule(rule).unwrap().required_literal(),
            None,
            "one of two is no word that every match has"
        );
        let rule = serde_json::json!({"rule": {"kind": "call_expression", "all": [{"pattern": "$F(long_name)"}, {"not": {"pattern": "other_name()"}}]}});
        assert_eq!(AstGrepQuery::rule(rule).unwrap().required_literal(), Some("long_name"));
    }
}
