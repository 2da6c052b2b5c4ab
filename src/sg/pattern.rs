//! ast-grep patterns: from source to a compiled pattern, or why not.
//!
//! ast-grep takes patterns that can never match (their tree has an error) and patterns that overflow the stack
//! when they are matched; both are refused here.

use std::ops::Range;

use ast_grep_config::RuleCoreError;
use ast_grep_core::matcher::PatternNode;
use ast_grep_core::{Language as _, Pattern, PatternError};
use ast_grep_language::Rust;
use tree_sitter::Language;

use super::stand_ins;
use crate::meter;
use crate::rust::syntax::{self, Syntax};

/// Deeper patterns are refused: matchers recurse along a pattern, and a thread's stack is 2 MB.
pub(crate) const MAX_DEPTH: usize = 250;

/// The source of a pattern; its text alone where it parses alone, else a context and the kind of node to take from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PatternSource {
    /// The pattern, or the context around it.
    pub text: String,
    /// The node kind to take out of the context.
    pub selector: Option<String>,
}

/// Why a pattern or rule does not compile.
#[derive(Debug, thiserror::Error)]
pub enum PatternMistake {
    /// Its own tree has an error: it would never match.
    #[error("the pattern is not valid Rust on its own (near `{near}`)")]
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
    #[error("{}", .0.to_string().replace(Rust.expando_char(), "$"))]
    Pattern(#[from] PatternError),
    /// ast-grep refuses the rule.
    #[error("{}", with_sources(.0))]
    Rule(#[from] RuleCoreError),
    /// The rule object does not have the shape of a rule.
    #[error("{0}")]
    Shape(String),
}

impl PatternMistake {
    /// Whether the text may be one node in other code.
    fn is_of_a_fragment(&self) -> bool {
        matches!(self, Self::Syntax { .. } | Self::Pattern(PatternError::MultipleNode(_)))
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Syntax { .. } => Some(
                "for a fragment (match arm, struct field, parameter) write `context`, complete code that \
                 contains the fragment, and `selector`, the node kind of the fragment",
            ),
            Self::Pattern(PatternError::MultipleNode(_)) => Some(
                "a pattern must be a single node: use one of the nodes as the pattern, in a `rule` with \
                 `follows` or `precedes` for the other",
            ),
            Self::Everything => Some("add the code around the metavariable"),
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

/// A pattern's text in which no letter of its own is the one that ast-grep writes for `$`, and the letter that stands for it
/// instead: as long in bytes, and nowhere else in the text.
fn without_expando(text: &str) -> (String, Option<char>) {
    let letter = ('\u{137}'..='\u{17f}').find(|letter| letter.is_lowercase() && !text.contains(*letter));
    match letter.filter(|_| text.contains(Rust.expando_char())) {
        Some(letter) => (text.replace(Rust.expando_char(), &letter.to_string()), Some(letter)),
        None => (text.to_owned(), None),
    }
}

/// The text of a node of such a pattern as its author wrote it.
fn as_written(text: &str, letter: Option<char>) -> String {
    let text = text.replace(Rust.expando_char(), "$");
    letter.map_or(text.clone(), |letter| text.replace(letter, &Rust.expando_char().to_string()))
}

/// What a context says of the code around the selected node: a node of this kind with this text in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Enclosing {
    kind: u16,
    field: &'static str,
    text: String,
}

/// Whether any other name would do: one letter, `_name`, `main`, a metavariable, or no name at all.
fn stands_in(text: &str) -> bool {
    text.len() == 1
        || text == "main"
        || text.contains(Rust.expando_char())
        || !text.starts_with(char::is_alphabetic)
}

/// The fields by which a node around another is told from others of its kind.
const TELLING_FIELDS: [&str; 3] = ["name", "type", "trait"];

impl Enclosing {
    /// What `source` says of the code around its selected node; names that stand for any name say nothing.
    pub(super) fn of(source: &PatternSource) -> Vec<Self> {
        let Some(kind) = &source.selector else { return Vec::new() };
        let source = as_read(source);
        let (plain, letter) = without_expando(&source.text);
        let text = Rust.pre_process_pattern(&plain);
        let parsed = meter::unmetered(|| Syntax::parse(&text));
        let Some(selected) = first_of_kind(&parsed, kind) else { return Vec::new() };
        let told = |node: tree_sitter::Node<'_>, field: &'static str| {
            let part = node.child_by_field_name(field)?;
            let text = parsed.text()[part.byte_range()].to_owned();
            let holds_it =
                part.start_byte() <= selected.start_byte() && selected.end_byte() <= part.end_byte();
            let is_told = !holds_it && !stands_in(&text);
            is_told.then(|| Self { kind: node.kind_id(), field, text: as_written(&text, letter) })
        };
        let around =
            |node| TELLING_FIELDS.into_iter().filter_map(|field| told(node, field)).collect::<Vec<_>>();
        std::iter::successors(selected.parent(), tree_sitter::Node::parent).flat_map(around).collect()
    }

    /// Whether a node around `node` is this one.
    pub(super) fn holds(&self, node: tree_sitter::Node<'_>, text: &str) -> bool {
        let is_this = |outer: tree_sitter::Node<'_>| {
            outer.kind_id() == self.kind
                && outer
                    .child_by_field_name(self.field)
                    .is_some_and(|part| text[part.byte_range()] == self.text)
        };
        std::iter::successors(node.parent(), tree_sitter::Node::parent).any(is_this)
    }

    /// What is looked for, in words.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// A text read as part of other code.
pub(super) struct Reading {
    /// What it is there.
    pub(super) what: &'static str,
    /// The code around it, and its kind.
    pub(super) source: PatternSource,
}

/// What a text without a context can be that is no statement, item or expression on its own.
const READINGS: [(&str, &str, &str); 3] = [
    ("an expression", "const _: () = ", ";"),
    ("a type", "type T = ", ";"),
    ("a match pattern", "if let ", " = x {}"),
];

/// The readings of `text` that are one node.
pub(super) fn readings(text: &str) -> Vec<Reading> {
    let reading = |&(what, before, after): &(&'static str, &str, &str)| {
        let context = format!("{before}{}{after}", text.trim());
        let processed = Rust.pre_process_pattern(&context);
        let parsed = meter::unmetered(|| Syntax::parse(&processed));
        let range = before.len()..processed.len() - after.len();
        let leaf = parsed.node_at(range.start, range.end)?;
        let node = parsed.path_to(leaf).into_iter().find(|node| node.byte_range() == range)?;
        let is_first = first_of_kind(&parsed, node.kind()) == Some(node);
        let source = PatternSource { text: context, selector: Some(node.kind().to_owned()) };
        (is_first && !parsed.tree().root_node().has_error()).then_some(Reading { what, source })
    };
    READINGS.iter().filter_map(reading).collect()
}

/// Compiles a pattern; [`super::cache::get_or_compile_pattern`] is the way to get one.
///
/// # Errors
/// [`PatternMistake`].
pub(crate) fn compile_pattern(source: &PatternSource) -> Result<Pattern, PatternMistake> {
    read(source).map(|(_, pattern)| pattern)
}

/// The pattern that a source is read as: itself, if it compiles; else with its lists complete, or in a context.
pub(super) fn as_read(source: &PatternSource) -> PatternSource {
    read(source).map_or_else(|_| source.clone(), |(read, _)| read)
}

fn read(source: &PatternSource) -> Result<(PatternSource, Pattern), PatternMistake> {
    let alone = compile_as_it_is(source);
    let mistake = match alone {
        Ok(pattern) => return Ok((source.clone(), pattern)),
        Err(mistake @ (PatternMistake::Syntax { .. } | PatternMistake::Pattern(_))) => mistake,
        Err(mistake) => return Err(mistake),
    };
    let complete = stand_ins::completed(&source.text);
    let complete = complete.map(|text| PatternSource { text, selector: source.selector.clone() });
    let complete = complete.and_then(|source| Some((compile_complete(&source).ok()?, source)));
    if let Some((pattern, source)) = complete {
        return Ok((source, pattern));
    }
    let is_fragment = source.selector.is_none() && mistake.is_of_a_fragment();
    let readings = if is_fragment { readings(&source.text) } else { Vec::new() };
    let mut sources = readings.into_iter().map(|reading| reading.source);
    sources.find_map(|source| compile_as_it_is(&source).ok().map(|pattern| (source, pattern))).ok_or(mistake)
}

/// A pattern whose lists are complete. The selected node is the first that is not only a metavariable.
fn compile_complete(source: &PatternSource) -> Result<Pattern, PatternMistake> {
    let Some(kind) = &source.selector else { return compile_as_it_is(source) };
    let mut pattern = Pattern::contextual(&source.text, kind, Rust)?;
    let context = PatternSource { text: source.text.clone(), selector: Some("source_file".to_owned()) };
    let context = compile_as_it_is(&context)?;
    let kind_id = Language::from(tree_sitter_rust::LANGUAGE).id_for_node_kind(kind, true);
    let selected = first_part(&context.node, kind_id);
    let near = || PatternMistake::Syntax { near: near(&source.text, 0) };
    pattern.node = selected.ok_or_else(near)?.clone();
    Ok(pattern)
}

fn first_part(node: &PatternNode, kind: u16) -> Option<&PatternNode> {
    match node {
        PatternNode::Internal { kind_id, .. } | PatternNode::Terminal { kind_id, .. } if *kind_id == kind => {
            Some(node)
        }
        PatternNode::Internal { children, .. } => children.iter().find_map(|child| first_part(child, kind)),
        PatternNode::Terminal { .. } | PatternNode::MetaVar { .. } => None,
    }
}

fn compile_as_it_is(source: &PatternSource) -> Result<Pattern, PatternMistake> {
    let (plain, letter) = without_expando(&source.text);
    let text = Rust.pre_process_pattern(&plain);
    let parsed = meter::unmetered(|| Syntax::parse(&text));
    let depth = syntax::depth(parsed.tree());
    if depth > MAX_DEPTH {
        return Err(PatternMistake::TooDeep { depth });
    }
    let root = parsed.tree().root_node();
    let (mut pattern, node) = match &source.selector {
        None => {
            let (node, whole) = (single(root), whole(root));
            // To the grammar a path alone is an error around a type, or around a value: a context tells.
            let is_error = |above: &tree_sitter::Node<'_>| above.is_error();
            if parsed.path_to(node).iter().any(is_error) && !readings(&source.text).is_empty() {
                return Err(PatternMistake::Syntax {
                    near: as_written(&near(&text, node.start_byte()), letter),
                });
            }
            // ast-grep would take what is between the quotes of a raw string for the pattern.
            match whole == node {
                true => (Pattern::try_new(&plain, Rust)?, node),
                false => (Pattern::contextual(&plain, whole.kind(), Rust)?, whole),
            }
        }
        Some(kind) => {
            let pattern = Pattern::contextual(&plain, kind, Rust)?;
            (pattern, first_of_kind(&parsed, kind).unwrap_or(root))
        }
    };
    let mut errors = syntax::errors(parsed.tree()).into_iter();
    match errors.find(|error| node.has_error() && spoils(*error, node, &text)) {
        Some(error) => {
            Err(PatternMistake::Syntax { near: as_written(&near(&text, error.start_byte()), letter) })
        }
        None => {
            let mut texts = whole_texts(&parsed, node.byte_range());
            pin_whole_texts(&mut pattern.node, &mut texts, letter);
            rejoin_where(&mut pattern.node);
            match stand_ins::take_out(&mut pattern.node) {
                true => Ok(pattern),
                false => Err(PatternMistake::Syntax { near: near(&text, node.start_byte()) }),
            }
        }
    }
}

/// Nodes that are more than their parts: the grammar has no nodes for all that stands in them, so that ast-grep would
/// compare the content of a raw string without its quotes, and of a comment `//` alone.
const WHOLE_TEXT: [&str; 3] = ["raw_string_literal", "line_comment", "block_comment"];

/// The texts of these nodes in a half-open byte range of a pattern, in order.
fn whole_texts(parsed: &Syntax, range: Range<usize>) -> std::vec::IntoIter<String> {
    let mut found = Vec::new();
    syntax::walk(parsed.tree(), |node, _| {
        let is_inside = range.start <= node.start_byte() && node.start_byte() < range.end;
        if is_inside && node.child_count() > 0 && WHOLE_TEXT.contains(&node.kind()) {
            found.push(parsed.text()[node.byte_range()].to_owned());
        }
        true
    });
    found.into_iter()
}

/// Makes each such node one terminal; a raw string that is a metavariable stays as it is. Other text gets back the `$`
/// for which ast-grep puts another character: there it is no metavariable, as in `"cost: $USD"`.
fn pin_whole_texts(node: &mut PatternNode, texts: &mut impl Iterator<Item = String>, letter: Option<char>) {
    let as_written = |text: &str| as_written(text, letter);
    let PatternNode::Internal { kind_id, children } = node else {
        if let PatternNode::Terminal { text, .. } = node {
            *text = as_written(text);
        }
        return;
    };
    let language = Language::from(tree_sitter_rust::LANGUAGE);
    let kind = language.node_kind_for_id(*kind_id).unwrap_or_default();
    if !WHOLE_TEXT.contains(&kind) {
        return children.iter_mut().for_each(|child| pin_whole_texts(child, texts, letter));
    }
    let has_hole = children.iter().any(|child| matches!(child, PatternNode::MetaVar { .. }));
    let text = texts.next().filter(|_| !has_hole);
    if let Some(text) = text {
        *node = PatternNode::Terminal { text: as_written(&text), is_named: true, kind_id: *kind_id };
    }
}

/// Puts a metavariable behind `where` into the clause: it is no bound to the grammar, so that it stands beside the clause.
fn rejoin_where(node: &mut PatternNode) {
    let PatternNode::Internal { children, .. } = node else { return };
    let where_clause = Language::from(tree_sitter_rust::LANGUAGE).id_for_node_kind("where_clause", true);
    let is_clause = |part: &PatternNode| matches!(part, PatternNode::Internal { kind_id, .. } if *kind_id == where_clause);
    let is_metavariable = |part: &PatternNode| matches!(part, PatternNode::MetaVar { .. });
    let split = children.windows(2).position(|pair| is_clause(&pair[0]) && is_metavariable(&pair[1]));
    if let Some(at) = split {
        let bound = children.remove(at + 1);
        if let PatternNode::Internal { children: bounds, .. } = &mut children[at] {
            bounds.push(bound);
        }
    }
    children.iter_mut().for_each(rejoin_where);
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
    std::iter::successors(Some(root), only_child).last().unwrap_or(root)
}

/// The last node on the way to that one that holds all of the pattern's text; never a bare token: `return` is the
/// expression without a value, not the word in `return x`.
fn whole(root: tree_sitter::Node<'_>) -> tree_sitter::Node<'_> {
    let Some(first) = only_child(&root) else { return root };
    let holds = |node: &tree_sitter::Node<'_>| node.byte_range() == first.byte_range() && node.is_named();
    std::iter::successors(Some(first), only_child).take_while(holds).last().unwrap_or(root)
}

fn only_child<'t>(node: &tree_sitter::Node<'t>) -> Option<tree_sitter::Node<'t>> {
    let is_only = node.child_count() == 1
        || node.child_count() == 2 && node.child(1).is_some_and(|second| second.is_missing());
    node.child(0).filter(|_| is_only)
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
