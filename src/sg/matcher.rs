//! ast-grep as a locator: compiles patterns and rule objects, returns spans and captures.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ast_grep_config::{DeserializeEnv, RuleCore, SerializableRuleCore};
use ast_grep_core::matcher::MatcherExt as _;
use ast_grep_core::matcher::PatternNode;
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_core::{Matcher as _, Node, NodeMatch, Pattern};
use ast_grep_language::Rust;
use serde::ser::{Serialize, SerializeStruct as _};

use super::cache;
use super::pattern::{PatternMistake, PatternSource};
use crate::matches::{Capture, Match, outermost};
use crate::rust::syntax::{Doc, Syntax};

/// More places than this, and walking the whole tree is cheaper than looking at each.
const MAX_CANDIDATES: usize = 200;

/// `type = "ast-grep"`, checked: it compiles.
#[derive(Debug, Clone)]
pub struct AstGrepQuery {
    source: MatcherKind,
    variables: BTreeSet<String>,
    required_literal: Option<String>,
}

#[derive(Debug, Clone)]
enum MatcherKind {
    Pattern(PatternSource),
    Rule(CompiledRule),
}

/// A rule object, compiled once a run and shared between threads.
#[derive(Clone)]
struct CompiledRule {
    core: Arc<RuleCore>,
    /// The object it was made of, keys sorted.
    source: Arc<str>,
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
    /// A query by pattern.
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
        Ok(Self { source: MatcherKind::Pattern(source), variables, required_literal })
    }

    /// A query by rule object: `{ "rule": …, "constraints": … }` as ast-grep's configuration has it.
    ///
    /// # Errors
    /// [`PatternMistake`] if it has not the shape of a rule or does not compile. The library accepts
    /// unknown keys inside relational rules; the caller checks keys.
    pub(crate) fn rule(object: serde_json::Value) -> Result<Self, PatternMistake> {
        let required_literal = required_literal_of_rule(&object["rule"]);
        let mut sorted = object.clone();
        sorted.sort_all_objects();
        let source = sorted.to_string().into();
        let shape: SerializableRuleCore =
            serde_json::from_value(object).map_err(|error| PatternMistake::Shape(error.to_string()))?;
        let core = shape.get_matcher(DeserializeEnv::new(Rust))?;
        let variables = core.defined_vars().into_iter().map(str::to_owned).collect();
        Ok(Self {
            source: MatcherKind::Rule(CompiledRule { core: Arc::new(core), source }),
            variables,
            required_literal,
        })
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
            MatcherKind::Pattern(source) => Some(&source.text),
            MatcherKind::Rule(_) => None,
        }
    }

    /// The kind of node that is taken out of the pattern's context.
    pub(crate) fn selector(&self) -> Option<&str> {
        match &self.source {
            MatcherKind::Pattern(source) => source.selector.as_deref(),
            MatcherKind::Rule(_) => None,
        }
    }

    /// The rule object as JSON with sorted keys; `None` for a pattern.
    pub fn rule_source(&self) -> Option<&str> {
        match &self.source {
            MatcherKind::Pattern(_) => None,
            MatcherKind::Rule(rule) => Some(&rule.source),
        }
    }
}

/// The longest named leaf that stands in the pattern as it is: every match contains it.
fn required_literal_of(node: &PatternNode) -> Option<&str> {
    match node {
        PatternNode::MetaVar { .. } | PatternNode::Terminal { is_named: false, .. } => None,
        PatternNode::Terminal { text, .. } => Some(text),
        PatternNode::Internal { children, .. } => {
            children.iter().filter_map(required_literal_of).max_by_key(|text| text.len())
        }
    }
}

/// A word that every match of a rule contains: from its own pattern, or from one of those that must all hold.
fn required_literal_of_rule(rule: &serde_json::Value) -> Option<String> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let pattern = &rule["pattern"];
    let source = match text(pattern) {
        Some(pattern) => Some(PatternSource { text: pattern, selector: None }),
        None => text(&pattern["context"])
            .map(|context| PatternSource { text: context, selector: text(&pattern["selector"]) }),
    };
    let strict = pattern.get("strictness").is_some();
    let compiled = source.filter(|_| !strict).and_then(|source| cache::get_or_compile_pattern(&source).ok());
    let own = compiled.and_then(|pattern| required_literal_of(&pattern.node).map(str::to_owned));
    let all = rule["all"].as_array().into_iter().flatten().filter_map(required_literal_of_rule);
    all.chain(own).max_by_key(String::len)
}

/// The matches of `query`, in order of position, none inside another.
pub(crate) fn locate_all(query: &AstGrepQuery, syntax: &Syntax) -> Vec<Match> {
    match &query.source {
        MatcherKind::Rule(rule) => collect(syntax, syntax.root().root().find_all(&*rule.core)),
        MatcherKind::Pattern(source) => {
            let pattern =
                cache::get_or_compile_pattern(source).expect("compiled when the patch file was checked");
            locate_pattern(&pattern, query.required_literal(), syntax)
        }
    }
}

/// The matches of a compiled pattern. `required_literal` is a word that every match contains; where it is rare, only
/// the nodes around it are tried instead of all nodes of the file.
pub(crate) fn locate_pattern(
    pattern: &Pattern,
    required_literal: Option<&str>,
    syntax: &Syntax,
) -> Vec<Match> {
    let Some(candidates) = required_literal.and_then(|word| places(syntax.text(), word)) else {
        return collect(syntax, syntax.root().root().find_all(pattern));
    };
    let kinds = pattern.potential_kinds();
    let mut found: Vec<NodeMatch<'_, Doc>> = Vec::new();
    for place in candidates {
        let Some(leaf) = syntax.node_at(place.start, place.end) else { continue };
        if found.last().is_some_and(|last| place.start < last.range().end) {
            continue;
        }
        let candidates = syntax.path_to(leaf).into_iter();
        let hit = candidates
            .filter(|node| kinds.as_ref().is_none_or(|kinds| kinds.contains(node.kind_id().into())))
            .find_map(|node| pattern.match_node(syntax.root().adopt(node)));
        found.extend(hit);
    }
    collect(syntax, found.into_iter())
}

fn places(text: &str, word: &str) -> Option<Vec<Range<usize>>> {
    let found: Vec<_> = memchr::memmem::find_iter(text.as_bytes(), word.as_bytes())
        .map(|at| at..at + word.len())
        .take(MAX_CANDIDATES + 1)
        .collect();
    (found.len() <= MAX_CANDIDATES).then_some(found)
}

fn collect<'t>(syntax: &'t Syntax, found: impl Iterator<Item = NodeMatch<'t, Doc>>) -> Vec<Match> {
    outermost(found.collect(), |hit| hit.range())
        .into_iter()
        .map(|hit| Match::of_node(syntax, hit.get_inner_node(), captures(&hit)))
        .collect()
}

fn captures(hit: &NodeMatch<'_, Doc>) -> Vec<Capture> {
    let env = hit.get_env();
    let mut found: Vec<Capture> = env
        .get_matched_variables()
        .filter_map(|variable| match variable {
            MetaVariable::Capture(name, _) => {
                env.get_match(&name).map(|node| Capture { span: node.range(), name })
            }
            MetaVariable::MultiCapture(name) => {
                let span = covering(&env.get_multiple_matches(&name), hit.range().start);
                Some(Capture { name, span })
            }
            MetaVariable::Dropped(_) | MetaVariable::Multiple => None,
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn covering(nodes: &[Node<'_, Doc>], fallback: usize) -> Range<usize> {
    match (nodes.first(), nodes.last()) {
        (Some(first), Some(last)) => first.range().start..last.range().end,
        _ => fallback..fallback,
    }
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
            assert_eq!(locate_all(&query, &syntax), locate_pattern(&compiled, None, &syntax), "{text}");
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
