//! ast-grep as a locator: compiles patterns and rule objects, returns spans and captures.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ast_grep_config::{DeserializeEnv, RuleCore, RuleCoreError, SerializableRuleCore};
use ast_grep_core::matcher::MatcherExt as _;
use ast_grep_core::matcher::PatternNode;
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_core::{Language as _, Matcher as _, Node, NodeMatch, Pattern, PatternError};
use ast_grep_language::Rust;

use crate::cache;
use crate::locate::{Capture, Match, outermost};
use crate::rust::syntax::{self, Doc, Syntax};

/// Deeper patterns are refused: matchers recurse along a pattern, and a thread's stack is 2 MB.
pub const MAX_DEPTH: usize = 250;

/// More places than this, and walking the whole tree is cheaper than looking at each.
const MAX_ANCHORS: usize = 200;

/// `type = "ast-grep"`, checked: it compiles.
#[derive(Debug, Clone)]
pub struct AstGrepQuery {
    kind: QueryKind,
    variables: BTreeSet<String>,
    anchor: Option<String>,
}

#[derive(Debug, Clone)]
enum QueryKind {
    Pattern(PatternSource),
    Rule(CompiledRule),
}

/// The source of a pattern; its text alone where it parses alone, else a context and the kind of node to take from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PatternSource {
    /// The pattern, or the context around it.
    pub text: String,
    /// The node kind to take out of the context.
    pub selector: Option<String>,
}

/// A rule object, compiled once a run and shared between threads.
#[derive(Clone)]
struct CompiledRule(Arc<RuleCore>);

impl fmt::Debug for CompiledRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompiledRule")
    }
}

/// Why a pattern or rule does not compile.
#[derive(Debug, thiserror::Error)]
pub enum PatternMistake {
    /// Its own tree has an error: it would never match.
    #[error("the pattern does not parse as Rust on its own (near `{near}`)")]
    Syntax {
        /// The text at the first error.
        near: String,
    },
    /// A pattern that would match every node.
    #[error("a pattern that is only a metavariable matches everything")]
    Everything,
    /// Nested too deep.
    #[error("the pattern is nested {depth} levels deep; at most {MAX_DEPTH} are supported")]
    TooDeep {
        /// Depth of its tree.
        depth: usize,
    },
    /// ast-grep refuses the pattern.
    #[error("{0}")]
    Pattern(#[from] PatternError),
    /// ast-grep refuses the rule.
    #[error("{}", with_sources(.0))]
    Rule(#[from] RuleCoreError),
    /// The rule object does not have the shape of a rule.
    #[error("{0}")]
    Shape(String),
}

impl PatternMistake {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Syntax { .. } => Some(
                "a fragment (match arm, struct field, parameter) needs `context`, code in which it stands, and `selector`, the kind of node to take from it",
            ),
            Self::Pattern(PatternError::MultipleNode(_)) => Some(
                "a pattern is one node: match one of them and use `rule` with `follows` or `precedes` for the other",
            ),
            Self::Everything => Some("write the code around it"),
            _ => None,
        }
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text} {inner}");
        source = inner.source();
    }
    text
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
        let anchor = anchor_of(&pattern.node).map(str::to_owned);
        Ok(Self { kind: QueryKind::Pattern(source), variables, anchor })
    }

    /// A query by rule object: `{ "rule": …, "constraints": … }` as ast-grep's configuration has it.
    ///
    /// # Errors
    /// [`PatternMistake`] if it has not the shape of a rule or does not compile. The library accepts
    /// unknown keys inside relational rules; the caller checks keys.
    pub fn rule(object: serde_json::Value) -> Result<Self, PatternMistake> {
        let shape: SerializableRuleCore =
            serde_json::from_value(object).map_err(|error| PatternMistake::Shape(error.to_string()))?;
        let core = shape.get_matcher(DeserializeEnv::new(Rust))?;
        let variables = core.defined_vars().into_iter().map(str::to_owned).collect();
        Ok(Self { kind: QueryKind::Rule(CompiledRule(Arc::new(core))), variables, anchor: None })
    }

    /// The names that it binds, without dollars.
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// A word that every match contains, where one is known.
    pub fn anchor(&self) -> Option<&str> {
        self.anchor.as_deref()
    }

    /// The pattern's text, for messages; `None` for a rule.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            QueryKind::Pattern(source) => Some(&source.text),
            QueryKind::Rule(_) => None,
        }
    }
}

/// Compiles a pattern; [`cache::get_or_compile_pattern`] is the way to get one.
///
/// # Errors
/// [`PatternMistake`].
pub fn compile_pattern(source: &PatternSource) -> Result<Pattern, PatternMistake> {
    let text = Rust.pre_process_pattern(&source.text);
    let parsed = Syntax::parse(&text);
    let depth = syntax::depth(parsed.tree());
    if depth > MAX_DEPTH {
        return Err(PatternMistake::TooDeep { depth });
    }
    let pattern = match &source.selector {
        None => Pattern::try_new(&source.text, Rust)?,
        Some(selector) => Pattern::contextual(&source.text, selector, Rust)?,
    };
    let node = match &source.selector {
        None => single(parsed.tree().root_node()),
        Some(kind) => first_of_kind(&parsed, kind).unwrap_or(parsed.tree().root_node()),
    };
    let mut errors = syntax::errors(parsed.tree()).into_iter();
    match errors.find(|error| node.has_error() && spoils(*error, node, &text)) {
        Some(error) => Err(PatternMistake::Syntax { near: near(&text, error.start_byte()) }),
        None => Ok(pattern),
    }
}

/// Whether an error inside `node` keeps the pattern from ever matching. A metavariable where the grammar takes no
/// name (`mod m { $$$B }`) is an error node that stands for the metavariable; a missing `;` is left out of the pattern.
fn spoils(error: tree_sitter::Node<'_>, node: tree_sitter::Node<'_>, text: &str) -> bool {
    let inside = node.start_byte() <= error.start_byte() && error.end_byte() <= node.end_byte();
    let harmless = if error.is_missing() {
        error.kind() == ";"
    } else {
        Rust.extract_meta_var(&text[error.byte_range()]).is_some()
    };
    inside && !harmless
}

/// The node that ast-grep takes for the pattern: down while there is one child, a missing `;` aside.
fn single(root: tree_sitter::Node<'_>) -> tree_sitter::Node<'_> {
    let mut node = root;
    while node.child_count() == 1
        || node.child_count() == 2 && node.child(1).is_some_and(|second| second.is_missing())
    {
        node = node.child(0).expect("counted");
    }
    node
}

fn first_of_kind<'t>(parsed: &'t Syntax, kind: &str) -> Option<tree_sitter::Node<'t>> {
    let mut found = None;
    syntax::walk(parsed.tree(), |node, _| {
        if found.is_none() && node.kind() == kind {
            found = Some(node);
        }
        found.is_none()
    });
    found
}

fn near(text: &str, offset: usize) -> String {
    let line = text[offset..].lines().next().unwrap_or_default();
    let line = if line.trim().is_empty() { text.lines().last().unwrap_or_default() } else { line };
    line.chars().take(40).collect::<String>().replace(Rust.expando_char(), "$")
}

/// The longest named leaf that stands in the pattern as it is: every match contains it.
fn anchor_of(node: &PatternNode) -> Option<&str> {
    match node {
        PatternNode::MetaVar { .. } | PatternNode::Terminal { is_named: false, .. } => None,
        PatternNode::Terminal { text, .. } => Some(text),
        PatternNode::Internal { children, .. } => {
            children.iter().filter_map(anchor_of).max_by_key(|text| text.len())
        }
    }
}

/// The matches of `query`, in order of position, none inside another.
pub fn locate_all(query: &AstGrepQuery, syntax: &Syntax) -> Vec<Match> {
    match &query.kind {
        QueryKind::Rule(rule) => collect(syntax, syntax.root().root().find_all(&*rule.0)),
        QueryKind::Pattern(source) => {
            let pattern =
                cache::get_or_compile_pattern(source).expect("compiled when the patch file was checked");
            locate_pattern(&pattern, query.anchor(), syntax)
        }
    }
}

/// The matches of a compiled pattern. `anchor` is a word that every match contains; where it is rare, only
/// the nodes around it are tried instead of all nodes of the file.
pub fn locate_pattern(pattern: &Pattern, anchor: Option<&str>, syntax: &Syntax) -> Vec<Match> {
    let Some(anchors) = anchor.and_then(|word| places(syntax.text(), word)) else {
        return collect(syntax, syntax.root().root().find_all(pattern));
    };
    let kinds = pattern.potential_kinds();
    let mut found: Vec<NodeMatch<'_, Doc>> = Vec::new();
    for place in anchors {
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
        .take(MAX_ANCHORS + 1)
        .collect();
    (found.len() <= MAX_ANCHORS).then_some(found)
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
    fn looking_around_the_anchor_finds_what_walking_the_tree_finds() {
        let source = "fn m() { f(f(1)); g(f); f(f, 2); h(|x| f(x)); }\nmod f { fn f() { f(3) } }\n// f(4)\n";
        for text in ["f($A)", "f($$$A)", "fn f() { $$$B }", "mod f { $$$B }", "h($C)"] {
            let query = pattern(text);
            let syntax = Syntax::parse(source);
            let compiled = compile_pattern(&PatternSource { text: text.into(), selector: None }).unwrap();
            assert!(query.anchor().is_some());
            assert_eq!(locate_all(&query, &syntax), locate_pattern(&compiled, None, &syntax), "{text}");
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
    }
}
