//! ast-grep patterns: from source to a compiled pattern, or why not.
//!
//! ast-grep takes patterns that can never match (their tree has an error) and patterns that overflow the stack
//! when they are matched; both are refused here.

use ast_grep_config::RuleCoreError;
use ast_grep_core::{Language as _, Pattern, PatternError};
use ast_grep_language::Rust;

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

/// Compiles a pattern; [`super::cache::get_or_compile_pattern`] is the way to get one.
///
/// # Errors
/// [`PatternMistake`].
pub(crate) fn compile_pattern(source: &PatternSource) -> Result<Pattern, PatternMistake> {
    let text = Rust.pre_process_pattern(&source.text);
    let parsed = meter::unmetered(|| Syntax::parse(&text));
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
