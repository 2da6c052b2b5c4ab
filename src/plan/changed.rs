//! Whether what a patch deletes, and is nowhere as it was, stands in another form.
//!
//! What names it is its heart, and that is looked for: its words in their order, whatever was put between them; the names that it
//! imports; the key that it gives a value; the node of the same kind and name.
//!
//! ```text
//! deletes   spawn(upload_metrics(config));           use telemetry::Sender;
//! stands    spawn(async move { upload_metrics(config).await });    use telemetry::{Kind, Sender};
//! ```

use std::ops::Range;

use super::draft::{Draft, inside};
use super::evidence::{ADDED, STILL, changed, is_hole};
use super::sites::functions;
use super::standing::{binds_alike, is_name};
use super::template::Template;
use crate::identity::{self, Language};
use crate::patch::{Action, Patch, RustQuery};
use crate::rust::items::{self, ItemPath};
use crate::rust::kinds::ItemKind;
use crate::rust::lexer::Token;
use crate::rust::own_words::{has_number, is_own};
use crate::rust::syntax::walk;
use crate::text::hunks::{hunks, unchanged};
use crate::text::lines::{blanks, line_spans};
use crate::text::words::{is_word, words};
use crate::ts::shorthand::Shorthand;

/// So many words in their order are no chance, where none of them is somebody's own.
const PHRASE: usize = 3;

/// What names the thing that a query looks for.
enum Heart {
    /// Its text, or the pattern of it.
    Code(String),
    /// A part of this code: what holds it is no heart.
    Within(String),
    /// A node of this kind that has this name.
    Node { kind: String, name: String },
}

impl Heart {
    fn of(action: &Action) -> Option<Self> {
        match action {
            Action::Text { query, .. } => Some(Self::Code(query.search.clone())),
            Action::Rust { query: RustQuery::AstGrep(query), .. } => {
                match (query.text(), query.rule_source()) {
                    (Some(text), _) if query.selector().is_some() => Some(Self::Within(text.to_owned())),
                    (Some(text), _) => Some(Self::Code(text.to_owned())),
                    (None, source) => Self::of_rule(&serde_json::from_str(source?).ok()?),
                }
            }
            Action::Rust { query: RustQuery::TreeSitter(query), .. } => match query.shorthand() {
                Some(Shorthand::Use(path)) => Some(Self::Code(format!("use {path};"))),
                Some(_) => None,
                None => {
                    let kind = words(query.source()).next()?.to_owned();
                    Some(Self::Node { kind, name: query.required_literal()?.to_owned() })
                }
            },
            Action::Toml { .. } => None,
        }
    }

    fn of_rule(object: &serde_json::Value) -> Option<Self> {
        let rule = &object["rule"];
        if let Some(pattern) = rule["pattern"].as_str() {
            return Some(Self::Code(pattern.to_owned()));
        }
        let (kind, regex) = (rule["kind"].as_str()?, rule["regex"].as_str()?);
        let name = regex.trim_start_matches('^').trim_end_matches('$').trim_matches(|c| !is_word(c));
        let is_plain = !name.is_empty() && name.chars().all(is_word);
        is_plain.then(|| Self::Node { kind: kind.to_owned(), name: name.to_owned() })
    }
}

/// Where something stands that may be what upstream made of what a patch deletes. `accept` takes a half-open byte range.
pub(crate) fn changed_instead(
    patch: &Patch,
    draft: &mut Draft,
    accept: impl Fn(&Range<usize>) -> bool,
) -> Option<usize> {
    let heart = Heart::of(&patch.action)?;
    let scope: Option<Vec<Range<usize>>> = patch.function_context.as_ref().map(|name| functions(name, draft));
    let is_in_scope = |span: &Range<usize>| {
        scope.as_ref().is_none_or(|scope| scope.iter().any(|function| inside(span, function)))
    };
    let is_it = |span: &Range<usize>| is_in_scope(span) && accept(span);
    match heart {
        Heart::Code(text) => {
            let words = Template::new(&text, matches!(patch.action, Action::Rust { .. })).words();
            changed_code(&text, &words, draft, is_it).or_else(|| same_key(&text, draft, is_it))
        }
        Heart::Within(text) => {
            let words = Template::new(&text, true).words();
            let tokens = draft.tokens();
            changed(&words, draft.text(), &tokens, is_it).map(|span| span.start)
        }
        Heart::Node { kind, name } => named_node(&kind, &name, draft, is_it),
    }
}

/// Where something stands that may be what upstream made of `text`, in one of the half-open byte ranges `held`, or where there are
/// none anywhere.
pub(super) fn changed_text(text: &str, draft: &mut Draft, held: &[Range<usize>]) -> Option<usize> {
    let is_held = |span: &Range<usize>| held.is_empty() || held.iter().any(|item| inside(span, item));
    let found = changed_code(text, &Template::new(text, false).words(), draft, is_held);
    found.or_else(|| match held {
        [] => same_key(text, draft, is_held),
        // In its item a name is given once.
        _ => bound_alike(text, draft, is_held),
    })
}

fn changed_code(
    old: &str,
    words: &[&str],
    draft: &mut Draft,
    accept: impl Fn(&Range<usize>) -> bool,
) -> Option<usize> {
    let tokens = draft.tokens();
    let found = match import_of(words) {
        // Imports begin alike; each is what its names say.
        Some(path) => imported(path, draft.text(), &tokens, &accept),
        None => {
            let found = changed(words, draft.text(), &tokens, &accept);
            found.or_else(|| widened(words, draft.text(), &tokens, &accept))
        }
    };
    found.map(|span| span.start).or_else(|| same_item(old, draft, accept))
}

/// The first item that `old` defines, if it is there; of one that only its `impl` or trait tells from others nobody knows.
fn same_item(old: &str, draft: &mut Draft, accept: impl Fn(&Range<usize>) -> bool) -> Option<usize> {
    if !draft.is_rust() || blanks(old.as_bytes()) > 0 {
        return None;
    }
    let own = identity::names_and_impls(old, Language::Rust).into_iter().next()?;
    let is_member =
        own.takes_self == Some(true) || own.what == ItemKind::Impl.word() && own.of_trait.is_none();
    if is_member || !draft.text().contains(own.name) {
        return None;
    }
    let syntax = draft.syntax();
    let is_it = |(path, span): &(ItemPath, Range<usize>)| {
        let is_named = path.last().is_some_and(|item| {
            (item.kind.word(), item.name.as_str()) == (own.what, own.name)
                && item.of_trait.as_deref() == own.of_trait
        });
        is_named && path.holder().is_none() && accept(span)
    };
    items::all(&syntax).into_iter().find(is_it).map(|(_, span)| span.start)
}

/// The words of `old` in their order, with others between them: among them one that is somebody's own, or all of several.
fn widened(
    old: &[&str],
    text: &str,
    tokens: &[Token],
    accept: impl Fn(&Range<usize>) -> bool,
) -> Option<Range<usize>> {
    let says = |word: &&str| !is_hole(word) && word.contains(is_word);
    let inner = old.iter().rposition(says).map_or(&[][..], |last| &old[..last]);
    let is_one_statement = !inner.contains(&";");
    let wanted: Vec<&str> = old.iter().copied().filter(says).collect();
    let word = |token: &Token| text[token.span.clone()].trim_end();
    let is_telling = |word: &str| {
        let says = |word: &str| is_name(word) && (is_own(word) || has_number(word));
        says(word) || word.starts_with('"') && words(word).filter(|word| is_name(word)).count() > 1
    };
    let has_own = wanted.iter().any(|word| is_telling(word));
    if wanted.len() < 2 || !has_own && wanted.len() < PHRASE {
        return None;
    }
    let heart = wanted.iter().position(|word| if has_own { is_telling(word) } else { is_name(word) })?;
    let is_definition = |words: &[&str]| words.last().is_some_and(|word| ItemKind::of_word(word).is_some());
    let defines = is_definition(&wanted[..heart]);
    let parts = |token: &&Token| is_one_statement && word(token) == ";";
    let share = if has_own { STILL } else { 1.0 };
    let mut spans =
        (0..tokens.len()).filter(|here| word(&tokens[*here]) == wanted[heart]).filter_map(|here| {
            let says = |token: &&Token| word(token).contains(is_word);
            let above = tokens[..here].iter().rev().take_while(|token| !parts(token)).filter(says);
            let mut there: Vec<&Token> = above.take(heart + ADDED).collect();
            there.reverse();
            let at = there.len();
            let below = tokens[here..].iter().take_while(|token| !parts(token)).filter(says);
            there.extend(below.take(wanted.len() - heart + ADDED));
            let words: Vec<&str> = there.iter().map(|token| word(token)).collect();
            if is_definition(&words[..at]) != defines {
                return None;
            }
            let same = unchanged(&hunks(wanted.iter().copied(), words.iter().copied()), wanted.len());
            #[expect(clippy::cast_precision_loss, reason = "numbers of words")]
            let is_like = same.len() as f64 >= wanted.len() as f64 * share && same.contains(&(heart, at));
            let (first, last) = (same.first()?.1, same.last()?.1);
            is_like.then(|| there[first].span.start..there[last].span.end)
        });
    spans.find(|span| accept(span))
}

/// The path of a `use`, by its words.
fn import_of<'a, 't>(words: &'a [&'t str]) -> Option<&'a [&'t str]> {
    let own = words.iter().position(|word| *word == "use")?;
    let is_visibility = |word: &&str| matches!(*word, "pub" | "(" | ")" | "crate" | "super" | "in");
    words[..own].iter().all(is_visibility).then(|| &words[own + 1..])
}

/// A `use` of a name that the path `old` imports, by a path that begins alike.
fn imported(
    old: &[&str],
    text: &str,
    tokens: &[Token],
    accept: impl Fn(&Range<usize>) -> bool,
) -> Option<Range<usize>> {
    let (root, leaves) = (old.first()?, leaves(old));
    let word = |token: &Token| text[token.span.clone()].trim_end();
    let mut statements = tokens.split(|token| word(token) == ";").filter_map(|statement| {
        let at = statement.iter().rposition(|token| word(token) == "use")?;
        let words: Vec<&str> = statement[at + 1..].iter().map(word).collect();
        let is_it =
            words.first() == Some(root) && self::leaves(&words).iter().any(|leaf| leaves.contains(leaf));
        is_it.then(|| statement[at].span.start..statement[statement.len() - 1].span.end)
    });
    statements.find(|span| accept(span))
}

/// The names that the words of a `use` import.
fn leaves<'t>(words: &[&'t str]) -> Vec<&'t str> {
    let words: Vec<&str> = words.iter().copied().take_while(|word| *word != ";").collect();
    let is_last = |at: usize| words.get(at + 1).is_none_or(|next| matches!(*next, "," | "}" | "as"));
    let is_leaf = |at: &usize| is_name(words[*at]) && is_last(*at);
    (0..words.len()).filter(is_leaf).map(|at| words[at]).collect()
}

/// The line of a file of keys and values that gives the key a value to which the first line of `old` gives one, at the same depth.
fn same_key(old: &str, draft: &Draft, accept: impl Fn(&Range<usize>) -> bool) -> Option<usize> {
    let extension = draft.path().rsplit_once('.').map_or("", |(_, extension)| extension);
    if !matches!(extension, "toml" | "json" | "jsonc" | "json5" | "yaml" | "yml") {
        return None;
    }
    let own = old.lines().find_map(toml_path).filter(|_| extension == "toml");
    let has_key =
        |span: &Range<usize>| own.is_some() && toml_path(&draft.text()[span.clone()]) == own && accept(span);
    let found = || line_spans(draft.text()).into_iter().find(has_key).map(|span| span.start);
    bound_alike(old, draft, &accept).or_else(found)
}

/// The key that a line of TOML gives a value, or the last one of a section that begins there.
fn toml_path(line: &str) -> Option<&str> {
    let line = line.trim();
    match line.strip_prefix('[') {
        Some(header) => header.trim_matches(['[', ']']).rsplit('.').next(),
        None => line.split_once('=').and_then(|(key, _)| key.split('.').next()),
    }
    .map(|key| key.trim().trim_matches('"'))
}

/// The line that gives the name a value to which the first line of `old` gives one, at the same depth.
fn bound_alike(old: &str, draft: &Draft, accept: impl Fn(&Range<usize>) -> bool) -> Option<usize> {
    let (text, first) = (draft.text(), old.lines().find(|line| !line.trim().is_empty())?);
    let depth = blanks(first.as_bytes());
    let is_it = |span: &Range<usize>| {
        let line = &text[span.clone()];
        let is_as_deep = depth == 0 || blanks(line.as_bytes()) == depth;
        is_as_deep && binds_alike(line.trim(), first.trim()) && accept(span)
    };
    line_spans(text).into_iter().find(is_it).map(|span| span.start)
}

/// A node of this kind and name.
fn named_node(
    kind: &str,
    name: &str,
    draft: &mut Draft,
    accept: impl Fn(&Range<usize>) -> bool,
) -> Option<usize> {
    let syntax = draft.syntax();
    let text = syntax.text();
    let mut found = None;
    walk(syntax.tree(), |node, _| {
        let is_it = || {
            let named = node.child_by_field_name("name").unwrap_or(node);
            node.kind() == kind
                && words(&text[named.byte_range()]).any(|word| word == name)
                && accept(&node.byte_range())
        };
        if found.is_none() && is_it() {
            found = Some(node.start_byte());
        }
        found.is_none()
    });
    found
}
