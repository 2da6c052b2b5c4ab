//! The nearest thing to what a query looks for: for explanations only, never for applying.

use crate::drift::difference::token_diff;
use crate::drift::similar::best_windows;
use crate::locate::{self, NearMiss};
use crate::outcome::Nearest;
use crate::patch::{Action, RustQuery, TomlQuery};
use crate::plan::draft::Draft;
use crate::plan::template::{self, Template};
use crate::render::{dedent, variables};
use crate::rust::items;
use crate::rust::kinds::ItemKind;
use crate::rust::lexer;
use crate::rust::syntax;
use crate::text::hunks::{hunks, unchanged};
use crate::text::words::{is_identifier, is_word};
use crate::toml_ops;
use crate::ts::shorthand::Shorthand;

/// Less similar than this, and showing it would mislead.
const LEAST: f64 = 0.3;
/// Names less alike than this are no misspelling of each other.
const LEAST_NAME: f64 = 0.7;
/// Windows for explanations may be this many lines longer than what is looked for.
const EXPANSION: usize = 10;
/// A small diff has at most this many lines.
const DIFF_LINES: usize = 12;

/// The nearest thing in `draft`, if anything is near.
pub(crate) fn nearest(action: &Action, draft: &mut Draft) -> Option<Nearest> {
    match action {
        Action::Text { query, .. } => nearest_window(&query.search, draft, |_| query.search.clone()),
        Action::Rust { query: query @ RustQuery::AstGrep(_), .. } => nearest_to_pattern(query, draft),
        Action::Rust { query: RustQuery::TreeSitter(query), .. } => nearest_item(query.shorthand()?, draft),
        Action::Toml { query, .. } => nearest_in_toml(query, draft),
    }
}

fn nearest_to_pattern(query: &RustQuery, draft: &mut Draft) -> Option<Nearest> {
    let item = query.pattern().and_then(|pattern| item_of(pattern, draft));
    if item.as_ref().is_some_and(|item| item.what.is_some()) {
        return item;
    }
    let near = locate::near_miss(query, &draft.syntax());
    if let Some(NearMiss { offset, what, .. }) = near.filter(|near| near.is_most || item.is_some()) {
        let line = draft.line_as_read(offset);
        return Some(Nearest {
            file: draft.path().to_owned(),
            line,
            similarity: None,
            what: Some(what),
            diff: None,
        });
    }
    if item.is_some() {
        return item;
    }
    let pattern = query.pattern()?;
    let mut plain = pattern.to_owned();
    for variable in variables(pattern).iter().rev() {
        plain.replace_range(variable.span.clone(), "");
    }
    let mut window = nearest_window(&plain, draft, |found| filled(pattern, found))?;
    if window.similarity == Some(1.0) && window.diff.as_ref().is_some_and(|diff| diff.trim().is_empty()) {
        let advice = "the same text, but not the same kind of code: write `context`, complete code that contains \
                      the text as it stands there, and `selector`, its kind of node";
        (window.what, window.diff) = (Some(advice.to_owned()), None);
    }
    Some(window)
}

fn nearest_in_toml(query: &TomlQuery, draft: &mut Draft) -> Option<Nearest> {
    let model = draft.toml().ok()?;
    let (offset, what) = toml_ops::suggestion(query, &model, draft.text())?;
    let line = draft.line_as_read(offset);
    Some(Nearest { file: draft.path().to_owned(), line, similarity: None, what: Some(what), diff: None })
}

/// The window that is most like `needle`, with a diff against what is wanted in the place of its text.
fn nearest_window(needle: &str, draft: &Draft, wanted: impl Fn(&str) -> String) -> Option<Nearest> {
    let window = best_windows(needle, draft.text(), EXPANSION, 1).into_iter().next()?;
    let found = &draft.text()[window.span.clone()];
    let found = if needle.starts_with(char::is_whitespace) { found.to_owned() } else { dedent(found) };
    (window.similarity >= LEAST).then(|| Nearest {
        file: draft.path().to_owned(),
        line: draft.line_as_read(window.span.start),
        similarity: Some(window.similarity),
        what: None,
        diff: Some(token_diff(&wanted(&found), &found, DIFF_LINES)),
    })
}

/// The item that a pattern names, which then has another signature.
fn item_of(pattern: &str, draft: &mut Draft) -> Option<Nearest> {
    let head = pattern.split(['{', ';', '=']).next()?.trim();
    let words: Vec<&str> = head.split(|c| !is_word(c) && c != '$').collect();
    let (kind, name) = words.windows(2).find_map(|pair| Some((ItemKind::of_word(pair[0])?, pair[1])))?;
    if !is_identifier(name) || kind == ItemKind::Impl {
        return None;
    }
    let syntax = draft.syntax();
    let template = Template::new(head, true);
    let named = items::named(&syntax, kind, name).into_iter();
    let signatures: Vec<_> =
        named.map(|(_, range)| (items::signature(&syntax, &range).trim_end(), range)).collect();
    let same = signatures.iter().find(|(signature, _)| template::covers(&template, signature));
    let (signature, range) = same.or(signatures.first())?;
    let offset = range.start + syntax.text()[range.clone()].find(signature)?;
    let diff = match same {
        Some(_) => String::new(),
        None => token_diff(&filled(head, signature), signature, DIFF_LINES),
    };
    Some(Nearest {
        file: draft.path().to_owned(),
        line: draft.line_as_read(offset),
        similarity: None,
        what: Some(format!("`{} {name}`, with another signature", kind.word())).filter(|_| !diff.is_empty()),
        diff: Some(diff).filter(|diff| !diff.is_empty()),
    })
}

/// `head` with what stands in `signature` in the place of its metavariables.
fn filled(head: &str, signature: &str) -> String {
    let words = Template::new(head, true).words();
    let tokens = lexer::tokens(signature);
    let found: Vec<&str> = tokens.iter().map(|token| &signature[token.span.clone()]).collect();
    let same = unchanged(&hunks(words.iter().copied(), found.iter().copied()), words.len());
    let stands_at = |index: usize| same.iter().find(|(word, _)| *word == index).map(|(_, token)| *token);
    let mut result = head.to_owned();
    let mut behind = Some(0);
    for (index, word) in words.iter().enumerate() {
        if !word.starts_with('$') {
            behind = stands_at(index).map(|token| token + 1);
            continue;
        }
        let Some(start) = behind else { continue };
        let next = words.get(index + 1).copied();
        let ends = |token: &str| next == Some(token) || token == "," && !word.starts_with("$$$");
        let end = start + len_before(&found[start..], ends);
        let held = tokens[start..end].first().zip(tokens[start..end].last());
        let text = held.map_or("", |(first, last)| &signature[first.span.start..last.span.end]);
        result = result.replacen(word, text, 1);
        behind = Some(end);
    }
    result
}

/// How many tokens stand before the first that `ends`, brackets in pairs.
fn len_before(tokens: &[&str], ends: impl Fn(&str) -> bool) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        if depth == 0 && ends(token) {
            return at;
        }
        match *token {
            "(" | "[" | "{" | "<" => depth += 1,
            ">" if at > 0 && matches!(tokens[at - 1], "-" | "=") => {}
            ")" | "]" | "}" | ">" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    tokens.len()
}

/// The item of the same kind whose name is most alike.
fn nearest_item(shorthand: &Shorthand, draft: &mut Draft) -> Option<Nearest> {
    let (kinds, wanted): (&[&str], &str) = match shorthand {
        Shorthand::Fn { name, .. } => (ItemKind::Fn.node_kinds(), name),
        Shorthand::Item { kind, name } => (kind.node_kinds(), name),
        Shorthand::Impl { of_type, .. } => (ItemKind::Impl.node_kinds(), of_type),
        Shorthand::Use(path) => (&["use_declaration"], path),
        Shorthand::ConstRegex(_) => return None,
    };
    let syntax = draft.syntax();
    let mut best: Option<(f64, usize, String)> = None;
    syntax::walk(syntax.tree(), |node, _| {
        let name = ["name", "type", "argument"].into_iter().find_map(|field| node.child_by_field_name(field));
        if let Some(name) = name.filter(|_| kinds.contains(&node.kind())) {
            let name = &syntax.text()[name.byte_range()];
            let score = strsim::normalized_damerau_levenshtein(wanted, name);
            if score >= LEAST_NAME && best.as_ref().is_none_or(|(other, ..)| score > *other) {
                best = Some((score, node.start_byte(), name.to_owned()));
            }
        }
        true
    });
    let (_, offset, name) = best?;
    let line = draft.line_as_read(offset);
    let keyword = match shorthand {
        Shorthand::Fn { .. } => "fn",
        Shorthand::Impl { .. } => "impl",
        Shorthand::Use(_) => "use",
        Shorthand::Item { kind, .. } => kind.word(),
        Shorthand::ConstRegex(_) => "const",
    };
    let what = Some(format!("{keyword} {name}"));
    Some(Nearest { file: draft.path().to_owned(), line, similarity: None, what, diff: None })
}

/// One-based lines inside macros where the tokens of a pattern stand.
pub(crate) fn inside_macros(query: &RustQuery, draft: &mut Draft) -> Vec<usize> {
    let pattern = match query {
        RustQuery::AstGrep(query) => query.text(),
        RustQuery::TreeSitter(query) => query.shorthand().map(|_| query.source()),
    };
    let Some(pattern) = pattern else { return Vec::new() };
    let (syntax, tokens) = (draft.syntax(), draft.tokens());
    let found = template::inside_macros(&Template::new(pattern, true), &syntax, &tokens);
    found.into_iter().map(|offset| draft.line_as_read(offset)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metavariable_is_what_stands_in_its_place() {
        for (head, signature, result) in [
            (
                "fn f($$$A) -> u8",
                "fn f(a: Vec<u8>, b: (u8, u8)) -> u16",
                "fn f(a: Vec<u8>, b: (u8, u8)) -> u8",
            ),
            ("fn f<$$$T>($$$A)", "fn f<T: Into<U>>()", "fn f<T: Into<U>>()"),
            ("fn f($A: u8, $B: u8)", "fn f(a: u16, b: u8)", "fn f(a: u8, b: u8)"),
            ("fn f($$$A)", "async fn f<T>(a: u8)", "fn f(a: u8)"),
            ("struct S<$$$T>", "pub struct S", "struct S<$$$T>"),
            ("pub(crate) fn f($$$A) -> T", "pub fn f(a: u8) -> U", "pub(crate) fn f(a: u8) -> T"),
        ] {
            assert_eq!(filled(head, signature), result);
        }
    }
}
