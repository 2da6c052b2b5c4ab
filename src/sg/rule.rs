//! A rule object as a tree of conditions. Pure.
//!
//! Of the single conditions (`kind`, `regex`) ast-grep decides; what combines them is decided in `solver`, so that
//! a condition that fails leads back to another way to match the pattern beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ast_grep_config::{DeserializeEnv, RuleCore, SerializableRuleCore};
use ast_grep_core::matcher::PatternNode;
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_core::{MatchStrictness, Pattern};
use ast_grep_language::Rust;
use serde_json::{Value, json};
use tree_sitter::Language;

use super::pattern::{Enclosing, PatternMistake, PatternSource, as_read, compile_pattern};

/// What must hold of a node.
pub(crate) enum Rule {
    /// The pattern says all of the node, and its context what is around it.
    Pattern(Arc<Pattern>, Vec<Enclosing>),
    /// The pattern matches as one of ast-grep's levels of strictness says.
    Loose(Arc<Pattern>, Vec<Enclosing>),
    /// `kind`.
    Kind(Arc<RuleCore>),
    /// `regex`.
    Text(Arc<RuleCore>),
    /// `nthChild`.
    Nth(Box<Nth>),
    /// Each of these; those of one object with their keys.
    All(Vec<(String, Rule)>),
    /// One of these.
    Any(Vec<Rule>),
    /// Not this.
    Not(Box<Rule>),
    /// Some node in that direction.
    Related(Box<Relation>),
}

/// `inside`, `has`, `follows` or `precedes`.
pub(crate) struct Relation {
    pub(super) direction: Direction,
    pub(super) rule: Rule,
    pub(super) stop: Stop,
    /// The grammar's number of the `field`.
    pub(super) field: Option<u16>,
    /// It names no metavariable: whether it holds of a node depends on nothing else.
    pub(super) is_ground: bool,
}

/// `nthChild`: which of the named children of its parent a node is, of those of which `of` holds.
pub(crate) struct Nth {
    /// `A` and `B` of `An+B`.
    pub(super) position: (i64, i64),
    pub(super) of: Option<Rule>,
    pub(super) is_reverse: bool,
    /// As of a [`Relation`].
    pub(super) is_ground: bool,
}

impl Nth {
    /// Whether the child with this one-based number is meant.
    pub(super) fn is_at(&self, number: usize) -> bool {
        let (step, offset) = self.position;
        let beyond = i64::try_from(number).unwrap_or(i64::MAX).saturating_sub(offset);
        if step == 0 { beyond == 0 } else { beyond / step >= 0 && beyond % step == 0 }
    }
}

/// Where a related node is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Inside,
    Has,
    Follows,
    Precedes,
}

/// How far is searched.
pub(super) enum Stop {
    Neighbor,
    End,
    At(Rule),
}

/// A rule with what its metavariables must be.
pub(crate) struct Conditions {
    pub(super) rule: Rule,
    pub(super) constraints: BTreeMap<String, Rule>,
}

/// In which order the conditions of one object are looked at: the cheap ones first, and `not` when all names are bound.
const ORDER: [&str; 11] =
    ["kind", "nthChild", "pattern", "regex", "all", "any", "inside", "has", "follows", "precedes", "not"];

impl Conditions {
    /// The conditions of `{ "rule": …, "constraints": … }`, whose keys and types are checked.
    ///
    /// # Errors
    /// [`PatternMistake`] where a pattern or single condition does not compile.
    pub(super) fn of(object: &Value) -> Result<Self, PatternMistake> {
        let constraints = object["constraints"].as_object().into_iter().flatten();
        let constraints = constraints.map(|(name, rule)| Ok((name.clone(), Rule::of(rule)?)));
        Ok(Self {
            rule: Rule::of(&object["rule"])?,
            constraints: constraints.collect::<Result<_, PatternMistake>>()?,
        })
    }

    /// The names that its patterns bind.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.names_of(|_| true)
    }

    /// The names that `$$$NAME` binds anywhere in it.
    pub(super) fn lists(&self) -> BTreeSet<String> {
        self.names_of(|variable| matches!(variable, MetaVariable::MultiCapture(_)))
    }

    fn names_of(&self, counts: impl Fn(&MetaVariable) -> bool) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut visit = |pattern: &Pattern| {
            let variables = named(&pattern.node).into_iter().filter(|(_, variable)| counts(variable));
            found.extend(variables.map(|(name, _)| name.to_owned()));
        };
        std::iter::once(&self.rule)
            .chain(self.constraints.values())
            .for_each(|rule| rule.each_pattern(&mut visit));
        found
    }
}

impl Rule {
    fn of(object: &Value) -> Result<Self, PatternMistake> {
        let mut parts = Vec::new();
        for key in ORDER {
            if let Some(value) = object.get(key) {
                parts.push((key.to_owned(), Self::part(key, value)?));
            }
        }
        Ok(Self::All(parts))
    }

    fn part(key: &'static str, value: &Value) -> Result<Self, PatternMistake> {
        let rules = || value.as_array().into_iter().flatten().map(Self::of);
        Ok(match key {
            "pattern" => pattern(value)?,
            "all" => {
                let rules: Vec<Self> = rules().collect::<Result<_, _>>()?;
                Self::All(rules.into_iter().map(|rule| (key.to_owned(), rule)).collect())
            }
            "any" => Self::Any(rules().collect::<Result<_, _>>()?),
            "not" => Self::Not(Box::new(Self::of(value)?)),
            "inside" => related(Direction::Inside, value)?,
            "has" => related(Direction::Has, value)?,
            "follows" => related(Direction::Follows, value)?,
            "precedes" => related(Direction::Precedes, value)?,
            "nthChild" => nth(value)?,
            "regex" => Self::Text(Arc::new(core(&json!({ "rule": { key: value } }))?)),
            _ => Self::Kind(Arc::new(core(&json!({ "rule": { key: value } }))?)),
        })
    }

    /// It asks for nothing but a kind: to know the answer is no faster than to ask.
    pub(super) fn is_kind(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(|(_, part)| matches!(part, Self::Kind(_))))
    }

    /// It names no metavariable.
    fn is_ground(&self) -> bool {
        let mut is_ground = true;
        self.each_pattern(&mut |pattern| is_ground &= named(&pattern.node).is_empty());
        is_ground
    }

    fn each_pattern(&self, visit: &mut dyn FnMut(&Pattern)) {
        match self {
            Self::Pattern(pattern, _) | Self::Loose(pattern, _) => visit(pattern),
            Self::Kind(_) | Self::Text(_) => {}
            Self::Nth(nth) => nth.of.iter().for_each(|rule| rule.each_pattern(visit)),
            Self::All(rules) => rules.iter().for_each(|(_, rule)| rule.each_pattern(visit)),
            Self::Any(rules) => rules.iter().for_each(|rule| rule.each_pattern(visit)),
            Self::Not(rule) => rule.each_pattern(visit),
            Self::Related(relation) => relation.rule.each_pattern(visit),
        }
    }
}

/// The whole object as ast-grep compiles it: checked, and asked for kinds and names.
pub(super) fn core(object: &Value) -> Result<RuleCore, PatternMistake> {
    let shape: SerializableRuleCore = serde_json::from_value(with_patterns_as_read(object))
        .map_err(|error| PatternMistake::Shape(error.to_string()))?;
    Ok(shape.get_matcher(DeserializeEnv::new(Rust))?)
}

/// The rule with what each pattern is read as, so that ast-grep knows the same kinds of nodes for it.
fn with_patterns_as_read(rule: &Value) -> Value {
    match rule {
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| match key.as_str() {
                "pattern" => (key.clone(), pattern_as_read(value)),
                _ => (key.clone(), with_patterns_as_read(value)),
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Array(rules) => rules.iter().map(with_patterns_as_read).collect(),
        other => other.clone(),
    }
}

fn pattern_as_read(value: &Value) -> Value {
    let PatternSource { text, selector } = as_read(&source_of(value));
    match (value.get("strictness"), &selector) {
        (None, None) => Value::String(text),
        (None, Some(_)) => json!({ "context": text, "selector": selector }),
        (Some(strictness), _) => json!({ "context": text, "selector": selector, "strictness": strictness }),
    }
}

/// The pattern of a rule: a text, or a table of a context and a selector.
pub(super) fn source_of(value: &Value) -> PatternSource {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::String(text) => PatternSource { text: text.clone(), selector: None },
        _ => PatternSource {
            text: text(&value["context"]).unwrap_or_default(),
            selector: text(&value["selector"]),
        },
    }
}

fn pattern(value: &Value) -> Result<Rule, PatternMistake> {
    let source = source_of(value);
    let mut compiled = compile_pattern(&source)?;
    Ok(match value["strictness"].as_str().and_then(|name| name.parse::<MatchStrictness>().ok()) {
        None => Rule::Pattern(Arc::new(compiled), Enclosing::of(&source)),
        Some(strictness) => {
            compiled.strictness = strictness;
            Rule::Loose(Arc::new(compiled), Enclosing::of(&source))
        }
    })
}

fn related(direction: Direction, value: &Value) -> Result<Rule, PatternMistake> {
    let stop = match &value["stopBy"] {
        Value::String(name) if name == "end" => Stop::End,
        rule @ Value::Object(_) => Stop::At(Rule::of(rule)?),
        _ => Stop::Neighbor,
    };
    let language = Language::from(tree_sitter_rust::LANGUAGE);
    let field = value["field"].as_str().and_then(|name| language.field_id_for_name(name)).map(u16::from);
    let rule = Rule::of(value)?;
    let is_ground = rule.is_ground();
    Ok(Rule::Related(Box::new(Relation { direction, rule, stop, field, is_ground })))
}

/// What ast-grep has compiled, so its form is right.
fn nth(value: &Value) -> Result<Rule, PatternMistake> {
    core(&json!({ "rule": { "nthChild": value } }))?;
    let of = value.get("ofRule").filter(|rule| !rule.is_null()).map(Rule::of).transpose()?;
    let position = match value.get("position").unwrap_or(value) {
        Value::String(text) => formula(text),
        number => (0, number.as_i64().unwrap_or(i64::MAX)),
    };
    let is_reverse = value.get("reverse").and_then(Value::as_bool).unwrap_or(false);
    let is_ground = of.as_ref().is_none_or(Rule::is_ground);
    Ok(Rule::Nth(Box::new(Nth { position, of, is_reverse, is_ground })))
}

/// `A` and `B` of `An+B`, any of which may be left out.
fn formula(text: &str) -> (i64, i64) {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let number = |text: &str, bare: i64| match text.strip_prefix('+').unwrap_or(text) {
        "" => bare,
        "-" => -bare,
        // Only one that is too long is left.
        digits => digits.parse().unwrap_or(i64::MAX),
    };
    match text.split_once(['n', 'N']) {
        Some((step, offset)) => (number(step, 1), number(offset, 0)),
        None => (0, number(&text, 0)),
    }
}

/// The metavariables of a pattern that have a name.
pub(super) fn named(node: &PatternNode) -> Vec<(&str, &MetaVariable)> {
    match node {
        PatternNode::MetaVar {
            meta_var: variable @ (MetaVariable::Capture(name, _) | MetaVariable::MultiCapture(name)),
        } => vec![(name, variable)],
        PatternNode::MetaVar { .. } | PatternNode::Terminal { .. } => Vec::new(),
        PatternNode::Internal { children, .. } => children.iter().flat_map(named).collect(),
    }
}
