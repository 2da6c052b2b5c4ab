//! tree-sitter as a locator: shorthands and S-expression queries.

use std::fmt;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use tree_sitter::{
    CaptureQuantifier, Query, QueryCursor, QueryCursorOptions, QueryCursorState, QueryError,
    StreamingIterator as _,
};

use super::shorthand::{Shorthand, ShorthandMistake};
use crate::limits::{Limit, OPEN_MATCHES};
use crate::matches::{Match, outermost};
use crate::meter;
use crate::rust::syntax::{Syntax, walk};

/// tree-sitter calls back after a thousand steps of the query and states of it looked at. A state is compared with others.
const STEPS_A_CALL: usize = 4000;

/// What is kept of a capture takes as much memory as this many steps take time.
const STEPS_A_CAPTURE: usize = 8;

/// `type = "tree-sitter"`, checked: it compiles.
#[derive(Debug, Clone)]
pub struct TreeSitterQuery {
    source: String,
    selector: Selector,
}

#[derive(Debug, Clone)]
enum Selector {
    Shorthand(Shorthand),
    Compiled(Arc<CompiledQuery>),
}

/// An S-expression, compiled once a run (it costs as much as parsing a file) and shared between threads.
struct CompiledQuery {
    query: Query,
    capture: u32,
    required_literal: Option<String>,
    repetitions: usize,
    parts: usize,
    captures_again: bool,
}

impl CompiledQuery {
    /// How much more a step costs than one of a query that repeats nothing. What is repeated is a state of its own for each
    /// length, which is compared with the others and moved for them; and what is captured again and again is a list, at most as
    /// long as a node has children, that is copied with its state.
    fn weight(&self, syntax: &Syntax) -> usize {
        let states = 1 + self.repetitions * self.repetitions / 4 + (self.parts / 8) * (self.parts / 8);
        if !self.captures_again {
            return states;
        }
        let mut widest = 0;
        walk(syntax.tree(), |node, _| {
            widest = widest.max(node.child_count());
            true
        });
        states.saturating_mul(1 + widest as usize / 100)
    }
}

/// The `*`, `+` and `?` behind a part of a query.
fn repetitions(source: &str) -> usize {
    let mut before = ' ';
    let is_repeated = |c: &char| {
        let is_part = matches!(before, ')' | ']' | '"' | '_');
        before = if c.is_whitespace() { before } else { *c };
        is_part && matches!(c, '*' | '+' | '?')
    };
    source.chars().filter(is_repeated).count()
}

impl fmt::Debug for CompiledQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompiledQuery")
    }
}

/// Why a tree-sitter query does not compile.
#[derive(Debug, thiserror::Error)]
pub enum TreeSitterMistake {
    /// Not an S-expression, and no shorthand.
    #[error("{0}")]
    Shorthand(#[from] ShorthandMistake),
    /// tree-sitter refuses the S-expression.
    #[error("{}", sentence(.0))]
    Query(QueryError),
    /// A predicate that nothing here evaluates: the query would match more than it says.
    #[error("unknown predicate `#{name}` in the query")]
    UnknownPredicate {
        /// Without its `#`.
        name: String,
    },
    /// No capture, so nothing is selected.
    #[error("the query has no capture")]
    NoCapture,
    /// Several captures, none of them `@target`.
    #[error("the query has the captures {}, but no @target", .names.join(", "))]
    NoTarget {
        /// The captures, each with its `@`.
        names: Vec<String>,
    },
}

impl TreeSitterMistake {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Shorthand(ShorthandMistake::Keyword { .. }) => Some(
                "shorthands: fn name · fn Type::name · struct N · enum N · union N · trait N · mod N · type \
                 N · macro N · const N · const /regex/ · static N · impl T · impl Trait for T · use path",
            ),
            Self::UnknownPredicate { .. } => Some(
                "predicates: #eq? · #not-eq? · #any-eq? · #any-not-eq? · #match? · #not-match? · #any-match? · \
                 #any-not-match? · #any-of? · #not-any-of?",
            ),
            Self::NoCapture => Some("write `@target` after the node to select"),
            Self::NoTarget { .. } => Some("rename the capture of the node to select to `@target`"),
            _ => None,
        }
    }

    /// Byte offset of the mistake in the query's source, where one is known.
    pub(crate) fn offset(&self) -> Option<usize> {
        match self {
            Self::Query(error) => Some(error.offset),
            _ => None,
        }
    }
}

fn sentence(error: &QueryError) -> String {
    use tree_sitter::QueryErrorKind as K;
    let message = error.message.trim_end();
    match error.kind {
        K::NodeType => format!("{message} is not a node kind of the Rust grammar"),
        K::Field => format!("{message} is not a field of the Rust grammar"),
        K::Capture => format!("the query has no capture {message}"),
        K::Predicate => message.to_owned(),
        K::Structure => "the query can never match: the Rust grammar has no such structure".to_owned(),
        K::Syntax => "syntax error in the query".to_owned(),
        K::Language => "the query is for another language".to_owned(),
    }
}

/// As it is written: what is compiled follows from that.
impl serde::Serialize for TreeSitterQuery {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl TreeSitterQuery {
    /// Compiles `source`: an S-expression if it begins like one, else a shorthand.
    ///
    /// # Errors
    /// [`TreeSitterMistake`].
    pub fn new(source: &str) -> Result<Self, TreeSitterMistake> {
        let selector = if source.trim_start().starts_with(['(', '[', '"', ';']) {
            Selector::Compiled(Arc::new(compile(source)?))
        } else {
            Selector::Shorthand(Shorthand::parse(source)?)
        };
        Ok(Self { source: source.to_owned(), selector })
    }

    /// As written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The shorthand, unless it is an S-expression.
    pub(crate) fn shorthand(&self) -> Option<&Shorthand> {
        match &self.selector {
            Selector::Shorthand(shorthand) => Some(shorthand),
            Selector::Compiled(_) => None,
        }
    }

    /// A word that every match contains, where one is known.
    pub(crate) fn required_literal(&self) -> Option<&str> {
        match &self.selector {
            Selector::Shorthand(shorthand) => shorthand.required_literal(),
            Selector::Compiled(compiled) => compiled.required_literal.as_deref(),
        }
    }
}

fn compile(source: &str) -> Result<CompiledQuery, TreeSitterMistake> {
    let query = Query::new(&tree_sitter_rust::LANGUAGE.into(), source).map_err(TreeSitterMistake::Query)?;
    if let Some(name) = unknown_predicate(&query) {
        return Err(TreeSitterMistake::UnknownPredicate { name });
    }
    let names: Vec<String> = query
        .capture_names()
        .iter()
        .filter(|name| !name.starts_with('_'))
        .map(|name| format!("@{name}"))
        .collect();
    let capture = match (query.capture_index_for_name("target"), names.as_slice()) {
        (Some(target), _) => target,
        (None, []) => return Err(TreeSitterMistake::NoCapture),
        (None, [only]) => query.capture_index_for_name(&only[1..]).expect("the query has this capture"),
        (None, _) => return Err(TreeSitterMistake::NoTarget { names }),
    };
    let required_literal = required_literal_of(&query, source);
    let again = |quantifier: &CaptureQuantifier| {
        matches!(quantifier, CaptureQuantifier::ZeroOrMore | CaptureQuantifier::OneOrMore)
    };
    let captures_again =
        (0..query.pattern_count()).any(|pattern| query.capture_quantifiers(pattern).iter().any(again));
    Ok(CompiledQuery {
        query,
        capture,
        required_literal,
        repetitions: repetitions(source),
        parts: source.matches(['(', '"']).count(),
        captures_again,
    })
}

/// The first predicate that tree-sitter leaves to its caller. `#set!` restricts nothing.
fn unknown_predicate(query: &Query) -> Option<String> {
    (0..query.pattern_count()).find_map(|pattern| {
        let general =
            query.general_predicates(pattern).iter().map(|predicate| predicate.operator.to_string());
        let is = |positive: &bool| if *positive { "is?" } else { "is-not?" }.to_owned();
        let properties = query.property_predicates(pattern).iter().map(|(_, positive)| is(positive));
        general.chain(properties).next()
    })
}

/// The longest text that some capture must be equal to, by `#eq?`, in every match.
fn required_literal_of(query: &Query, source: &str) -> Option<String> {
    if query.pattern_count() != 1 {
        return None;
    }
    let must = |name: &str| {
        let index = query.capture_index_for_name(name)?;
        let quantifier = *query.capture_quantifiers(0).get(index as usize)?;
        matches!(quantifier, CaptureQuantifier::One | CaptureQuantifier::OneOrMore).then_some(())
    };
    let literal = |behind: &str| {
        let (name, rest) = behind.trim_start().strip_prefix('@')?.split_once(char::is_whitespace)?;
        let (text, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
        must(name)?;
        (!text.is_empty() && !text.contains('\\')).then(|| text.to_owned())
    };
    let plain: Vec<&str> = source.lines().map(|line| line.split(';').next().unwrap_or_default()).collect();
    let plain = plain.join("\n");
    plain.split("(#eq?").skip(1).filter_map(literal).max_by_key(String::len)
}

/// The matches of `query`, in order of position, none inside another.
pub(crate) fn locate_all(query: &TreeSitterQuery, syntax: &Syntax) -> Vec<Match> {
    outermost(nodes(query, syntax), |node| node.byte_range())
        .into_iter()
        .map(|node| Match::of_node(syntax, node, Vec::new()))
        .collect()
}

/// Where `query` matches inside one of its matches: byte offsets. `spans` are the half-open byte ranges of these.
pub(crate) fn locate_inside(query: &TreeSitterQuery, syntax: &Syntax, spans: &[Range<usize>]) -> Vec<usize> {
    let is_inside = |node: &tree_sitter::Node<'_>| {
        spans.iter().any(|span| {
            span.start <= node.start_byte()
                && node.end_byte() <= span.end
                && node.byte_range().len() < span.len()
        })
    };
    nodes(query, syntax).iter().filter(|node| is_inside(node)).map(|node| node.start_byte()).collect()
}

fn nodes<'t>(query: &TreeSitterQuery, syntax: &'t Syntax) -> Vec<tree_sitter::Node<'t>> {
    match &query.selector {
        Selector::Shorthand(shorthand) => shorthand.find(syntax),
        Selector::Compiled(compiled) => run(compiled, syntax),
    }
}

fn run<'t>(compiled: &CompiledQuery, syntax: &'t Syntax) -> Vec<tree_sitter::Node<'t>> {
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(OPEN_MATCHES);
    let mut found = Vec::new();
    let steps = STEPS_A_CALL * compiled.weight(syntax);
    let mut go_on = |_: &QueryCursorState| match meter::spend(steps) {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    };
    let options = QueryCursorOptions::new().progress_callback(&mut go_on);
    let (root, text) = (syntax.tree().root_node(), syntax.text().as_bytes());
    let mut matches = cursor.matches_with_options(&compiled.query, root, text, options);
    while let Some(hit) = matches.next() {
        if !meter::spend(hit.captures().len() * STEPS_A_CAPTURE) {
            break;
        }
        found.extend(hit.captures().iter().filter(|c| c.index == compiled.capture).map(|c| c.node));
    }
    drop(matches);
    if cursor.did_exceed_match_limit() {
        meter::reach(Limit::OpenMatches);
    }
    found.sort_by_key(|node| (node.start_byte(), std::cmp::Reverse(node.end_byte())));
    found.dedup();
    found
}

/// The same on a text that nobody has parsed yet, with this thread's parser.
pub mod pooled {
    use super::{Match, Syntax, TreeSitterQuery};

    /// The matches of `query` in `text`.
    pub fn locate_all(query: &TreeSitterQuery, text: &str) -> Vec<Match> {
        super::locate_all(query, &Syntax::parse(text))
    }

    /// The one match of `query` in `text`; `None` where there is none or more than one.
    pub fn locate(query: &TreeSitterQuery, text: &str) -> Option<Match> {
        let mut found = locate_all(query, text);
        if found.len() == 1 { found.pop() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "use std::{fmt,  io};
pub struct S<T> { x: T }
impl<T> a::S<T> { fn new() -> Self { fn inner() {} } const MAX_A: u8 = 1; }
impl fmt::Display for S<u8> { fn fmt(&self) {} }
trait T { fn fmt(&self); type Out; }
macro_rules! m { () => { fn hidden() {} } }
const MIN_B: u8 = 2;
mod tests { fn new() {} }
";

    fn texts(source: &str) -> Vec<&'static str> {
        let query = TreeSitterQuery::new(source).unwrap();
        pooled::locate_all(&query, SOURCE).into_iter().map(|m| &SOURCE[m.span]).collect()
    }

    #[test]
    fn shorthands_select_items_by_name() {
        assert_eq!(texts("fn inner"), ["fn inner() {}"]);
        assert_eq!(texts("fn new").len(), 2);
        assert_eq!(texts("fn S::new"), ["fn new() -> Self { fn inner() {} }"]);
        assert_eq!(texts("fn S::fmt"), ["fn fmt(&self) {}"]);
        assert_eq!(texts("fn T::fmt"), ["fn fmt(&self);"]);
        assert_eq!(texts("struct S"), ["pub struct S<T> { x: T }"]);
        assert_eq!(texts("type Out"), ["type Out;"]);
        assert_eq!(texts("macro m").len(), 1);
        assert_eq!(texts("const MIN_B"), ["const MIN_B: u8 = 2;"]);
        assert_eq!(texts("const /^M.*_[AB]$/").len(), 2);
        assert_eq!(texts("use std::{ fmt, io }"), ["use std::{fmt,  io};"]);
        assert_eq!(texts("mod tests").len(), 1);
        assert!(texts("fn hidden").is_empty(), "the inside of a macro is no item");
    }

    #[test]
    fn impl_blocks_are_told_apart_by_their_trait() {
        assert!(texts("impl S")[0].starts_with("impl<T> a::S<T>"));
        assert_eq!(texts("impl S").len(), 1);
        assert_eq!(texts("impl Display for S").len(), 1);
        assert_eq!(texts("impl fmt::Display for S<u8>").len(), 1);
        assert!(texts("impl fmt::Display for S<u16>").is_empty());
    }

    #[test]
    fn s_expressions_select_their_target() {
        assert_eq!(
            texts("(mod_item name: (identifier) @name body: (declaration_list (function_item) @target))"),
            ["fn new() {}"]
        );
        assert_eq!(
            texts("((const_item name: (identifier) @_n) @c (#match? @_n \"^MIN\"))"),
            ["const MIN_B: u8 = 2;"]
        );
    }

    #[test]
    fn a_text_that_every_match_has_is_known() {
        let required_literal =
            |source: &str| TreeSitterQuery::new(source).unwrap().required_literal().map(str::to_owned);
        let named = "((const_item name: (identifier) @_n) @target (#eq? @_n \"MIN_B\"))";
        assert_eq!(required_literal(named).as_deref(), Some("MIN_B"));
        assert_eq!(
            required_literal("((const_item (visibility_modifier)? @_v) @target (#eq? @_v \"pub\"))"),
            None
        );
        assert_eq!(required_literal(&format!("{named} (mod_item) @target")), None);
        assert_eq!(required_literal("(mod_item) @target ; (#eq? @_n \"MIN_B\")"), None);
        assert_eq!(required_literal("fn S::new").as_deref(), Some("new"));
    }

    #[test]
    fn mistakes_are_told() {
        let mistake = |source| TreeSitterQuery::new(source).unwrap_err().to_string();
        assert!(mistake("func new").contains("`func` starts neither"));
        assert!(mistake("fn a b").contains("is not a valid name after `fn`"));
        assert!(mistake("(function_item)").contains("has no capture"));
        assert!(mistake("(mod_item (identifier) @a (declaration_list) @b)").contains("@a, @b"));
        assert!(mistake("(function_itm) @target").contains("is not a node kind"));
        assert!(mistake("const /(/").contains("regex"));
    }
}
