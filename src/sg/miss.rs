//! Why a query matches nothing: for explanations only, never for applying.

use ast_grep_core::matcher::PatternNode;
use tree_sitter::Node;

use super::matcher::AstGrepQuery;
use super::pattern::{PatternSource, Reading, readings};
use super::rule::{Conditions, Rule};
use super::search::{Search, What};
use super::solver::{Miss, Solver};
use crate::rust::syntax::{self, Syntax};

/// What the query almost matches, and what is different there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearMiss {
    /// Byte offset.
    pub(crate) offset: usize,
    pub(crate) what: String,
    /// Most of what is looked for stands there.
    pub(crate) is_most: bool,
}

/// How much of a thing is shown.
const SHOWN: usize = 50;

/// The nearest thing to what `query` looks for.
pub(crate) fn nearest(query: &AstGrepQuery, syntax: &Syntax) -> Option<NearMiss> {
    other_reading(query, syntax)
        .or_else(|| query.with(|search| elsewhere(search, syntax)))
        .or_else(|| query.with(|search| failed_conditions(search, syntax)))
        .or_else(|| query.with(|search| failed_part(search, syntax)))
}

/// The same text, read as something else than the pattern was.
fn other_reading(query: &AstGrepQuery, syntax: &Syntax) -> Option<NearMiss> {
    let (text, None) = (query.text()?, query.selector()) else { return None };
    readings(text).into_iter().find_map(|Reading { what, source }| {
        let PatternSource { text, selector } = source.clone();
        let reading = AstGrepQuery::pattern(source).ok()?;
        let is_same = query.with(|search| reading.with(|other| other.kinds == search.kinds));
        if is_same {
            return None;
        }
        let found = reading.with(|search| search.all(syntax));
        let offset = found.first()?.span.start;
        let selector = selector?;
        let advice = format!("write `context = '{text}'` and `selector = \"{selector}\"`");
        Some(NearMiss {
            offset,
            what: format!("{what}, but the pattern is read as an expression: {advice}"),
            is_most: true,
        })
    })
}

/// What is looked for, but in other code than the context says.
fn elsewhere(search: &Search<'_>, syntax: &Syntax) -> Option<NearMiss> {
    let outer = search.around.first()?;
    let free = Search { around: &[], kinds: search.kinds.clone(), ..*search };
    let found = free.all(syntax).into_iter().next()?;
    let what = format!("{}, but not inside {}", shown(syntax, found.span.clone()), short(outer.text()));
    Some(NearMiss { offset: found.span.start, what, is_most: true })
}

/// The node that fails the fewest conditions of a rule, of those that are what its pattern or kind says.
fn failed_conditions(search: &Search<'_>, syntax: &Syntax) -> Option<NearMiss> {
    let What::Conditions(conditions) = search.what else { return None };
    let Rule::All(parts) = &conditions.rule else { return None };
    let mut best: Option<(usize, Node<'_>, Vec<String>)> = None;
    syntax::walk(syntax.tree(), |node, _| {
        let failed = failed_at(conditions, parts, syntax, node);
        if let Some(failed) = failed.filter(|failed| !failed.is_empty())
            && best.as_ref().is_none_or(|(least, ..)| failed.len() < *least)
        {
            best = Some((failed.len(), node, failed));
        }
        true
    });
    let (_, node, failed) = best?;
    let what = format!("{}, but {}", shown(syntax, node.byte_range()), failed.join(", and "));
    Some(NearMiss { offset: node.start_byte(), what, is_most: true })
}

/// The conditions that do not hold of `node`; `None` where it is not at all what is looked for.
fn failed_at(
    conditions: &Conditions,
    parts: &[(String, Rule)],
    syntax: &Syntax,
    node: Node<'_>,
) -> Option<Vec<String>> {
    let main = parts
        .iter()
        .find(|(key, _)| key == "pattern")
        .or_else(|| parts.iter().find(|(key, _)| key == "kind"));
    let (main_key, main) = main?;
    Solver::new(syntax, Vec::new()).rule(main, node)?;
    let others = parts.iter().filter(|(key, _)| key != main_key);
    let mut failed: Vec<String> = others
        .filter(|(_, rule)| Solver::new(syntax, Vec::new()).rule(rule, node).is_none())
        .map(|(key, _)| format!("its `{key}` does not hold"))
        .collect();
    for (name, rule) in &conditions.constraints {
        let one = vec![(name.as_str(), rule)];
        if Solver::new(syntax, one).rule(main, node).is_none() {
            failed.push(format!("the constraint of `{name}` does not hold"));
        }
    }
    Some(failed)
}

/// Where the pattern came furthest.
fn failed_part(search: &Search<'_>, syntax: &Syntax) -> Option<NearMiss> {
    let miss = search.nearest_miss(syntax)?;
    let What::Pattern(pattern) = search.what else { return None };
    let leaves = leaves(pattern);
    let size = leaves.len();
    // What stands before the body is what it is the body of.
    let head =
        leaves.iter().position(|leaf| matches!(leaf, PatternNode::Terminal { text, .. } if text == "{"));
    let what = match &miss {
        Miss { wanted: None, found, .. } if found.is_empty() => "the code ends here".to_owned(),
        Miss { wanted: None, found, .. } => {
            format!("{} is not in the pattern", shown(syntax, found.clone()))
        }
        Miss { wanted: Some(wanted), found, .. } if found.is_empty() => {
            format!("{} is missing here", short(wanted))
        }
        Miss { wanted: Some(wanted), found, .. } => {
            format!("{} stands where the pattern has {}", shown(syntax, found.clone()), short(wanted))
        }
    };
    let is_most = miss.matched * 2 >= size || head.is_some_and(|head| head < miss.matched);
    Some(NearMiss { offset: miss.found.start, what, is_most })
}

/// Tokens and holes.
fn leaves(pattern: &PatternNode) -> Vec<&PatternNode> {
    match pattern {
        PatternNode::MetaVar { .. } | PatternNode::Terminal { .. } => vec![pattern],
        PatternNode::Internal { children, .. } => children.iter().flat_map(leaves).collect(),
    }
}

fn shown(syntax: &Syntax, range: std::ops::Range<usize>) -> String {
    short(&syntax.text()[range])
}

/// In one line, in code marks.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}
