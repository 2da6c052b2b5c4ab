//! Elements of a list that are only a metavariable, where the grammar wants more of an element than a name.
//!
//! ```text
//! match x { $$$A B => $V, $$$C }                               no arm is a name alone: a syntax error
//! match x { $$$A => __element, B => $V, $$$C => __element }    what is parsed
//! match x { $$$A B => $V, $$$C }                               the compiled pattern: each stand-in is its metavariable again
//! ```
//!
//! By tokens, because there is no tree before the text is complete. What becomes of it is parsed, so that a list that was
//! taken for another is a syntax error and not another pattern.

use ast_grep_core::Language as _;
use ast_grep_core::matcher::PatternNode;
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_language::Rust;

use crate::rust::lexer::{self, TokenKind};

/// The name that completes an element.
const ELEMENT: &str = "__element";

/// The pattern `text` with such elements complete; `None` where it has none.
pub(super) fn completed(text: &str) -> Option<String> {
    let read = Rust.pre_process_pattern(text);
    let missing = Reader::new(&read).missing();
    let mut result: Vec<char> = text.chars().collect();
    for (at, completion) in missing.iter().rev() {
        // Each `$` of a metavariable is read as one other character.
        let at = read[..*at].chars().count();
        result.splice(at..at, completion.chars());
    }
    (!missing.is_empty()).then(|| result.into_iter().collect())
}

/// Puts each metavariable in the place of its complete element, and takes the `;` from a `$$$NAME;`, which stands for any
/// number of statements. Whether no other stand-in is left.
pub(super) fn take_out(node: &mut PatternNode) -> bool {
    let metavariable = of_stand_in(node).or_else(|| of_statements(node));
    if let Some(meta_var) = metavariable {
        *node = PatternNode::MetaVar { meta_var };
        return true;
    }
    match node {
        PatternNode::MetaVar { .. } => true,
        PatternNode::Terminal { text, .. } => text != ELEMENT,
        PatternNode::Internal { children, .. } => children.iter_mut().all(take_out),
    }
}

fn of_stand_in(node: &PatternNode) -> Option<MetaVariable> {
    let mut leaves = Vec::new();
    each_leaf(node, &mut |leaf| leaves.push(leaf));
    let (PatternNode::MetaVar { meta_var }, rest) = leaves.split_first()? else { return None };
    let is_own = |leaf: &&PatternNode| matches!(leaf, PatternNode::Terminal { text, is_named, .. } if text == ELEMENT || !is_named);
    let is_element =
        |leaf: &&PatternNode| matches!(leaf, PatternNode::Terminal { text, .. } if text == ELEMENT);
    (rest.iter().all(is_own) && rest.iter().any(is_element)).then(|| meta_var.clone())
}

fn of_statements(node: &PatternNode) -> Option<MetaVariable> {
    let PatternNode::Internal { children, .. } = node else { return None };
    let [PatternNode::MetaVar { meta_var }, PatternNode::Terminal { text, .. }] = children.as_slice() else {
        return None;
    };
    let is_list = matches!(meta_var, MetaVariable::Multiple | MetaVariable::MultiCapture(_));
    (is_list && text == ";").then(|| meta_var.clone())
}

fn each_leaf<'n>(node: &'n PatternNode, visit: &mut dyn FnMut(&'n PatternNode)) {
    match node {
        PatternNode::Internal { children, .. } => children.iter().for_each(|child| each_leaf(child, visit)),
        leaf => visit(leaf),
    }
}

/// What stands between two brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Fields,
    Variants,
    Arms,
    Statements,
    Else,
}

/// Open brackets, and the words in them since the last thing that ended.
struct Open<'t> {
    inside: Inside,
    words: Vec<&'t str>,
}

impl Open<'_> {
    fn new(inside: Inside) -> Self {
        Self { inside, words: Vec::new() }
    }

    /// What a `{` behind these words opens.
    fn opened(&self) -> Inside {
        const ITEMS: [&str; 5] = ["impl", "trait", "mod", "extern", "macro_rules"];
        let has = |word: &&str| self.words.contains(word);
        if has(&"fn") {
            return Inside::Statements;
        }
        if ITEMS.iter().any(has) {
            return Inside::Else;
        }
        let of_word = |word: &&str| match *word {
            "match" => Some(Inside::Arms),
            "struct" | "union" => Some(Inside::Fields),
            "enum" => Some(Inside::Variants),
            "if" | "else" | "loop" | "while" | "for" | "unsafe" | "async" | "const" | "move" => {
                Some(Inside::Statements)
            }
            _ => None,
        };
        let by_word = self.words.iter().rev().find_map(of_word);
        by_word.unwrap_or(match self.words.last() {
            _ if self.inside == Inside::Variants => Inside::Fields,
            None | Some(&("=" | "|" | ":" | ",")) => Inside::Statements,
            Some(_) if self.words.windows(2).any(|pair| pair == ["-", ">"]) => Inside::Statements,
            Some(_) => Inside::Else,
        })
    }

    /// Whether the next word is one of the predicates of a `where`.
    fn is_where(&self) -> bool {
        let Some(at) = self.words.iter().rposition(|word| *word == "where") else { return false };
        let is_arrow = |at: usize| at > 0 && matches!(self.words[at - 1], "-" | "=");
        let depth = |at: usize| match self.words[at] {
            "<" => 1,
            ">" if !is_arrow(at) => -1,
            _ => 0,
        };
        (at..self.words.len()).map(depth).sum::<i32>() == 0
    }
}

struct Reader<'t> {
    /// The tokens without comments: kind, text, and the byte where each ends.
    tokens: Vec<(TokenKind, &'t str, usize)>,
    open: Vec<Open<'t>>,
}

impl<'t> Reader<'t> {
    fn new(read: &'t str) -> Self {
        let tokens = lexer::tokens(read).into_iter().filter(|token| token.kind != TokenKind::Comment);
        let tokens = tokens.map(|token| (token.kind, &read[token.span.clone()], token.span.end)).collect();
        Self { tokens, open: vec![Open::new(Inside::Else)] }
    }

    /// What is missing, and the byte offset where.
    fn missing(mut self) -> Vec<(usize, &'static str)> {
        let mut found: Vec<(usize, &'static str)> = Vec::new();
        for at in 0..self.tokens.len() {
            let (_, word, end) = self.tokens[at];
            let begins = match at.checked_sub(1).map(|before| self.tokens[before]) {
                Some((.., before)) if found.last().is_some_and(|(done, _)| *done == before) => "",
                Some((_, before, _)) => before,
                None => "{",
            };
            if Rust.extract_meta_var(word).is_some() {
                found.extend(self.completion(begins, at).map(|completion| (end, completion)));
            }
            self.pass(word);
        }
        found
    }

    fn pass(&mut self, word: &'t str) {
        let Some(open) = self.open.last_mut() else { return };
        let is_list = matches!(open.inside, Inside::Fields | Inside::Variants | Inside::Arms);
        match word {
            "{" => {
                let inside = open.opened();
                self.open.push(Open::new(inside));
            }
            "(" | "[" => self.open.push(Open::new(Inside::Else)),
            ")" | "]" | "}" => {
                self.open.truncate(self.open.len().saturating_sub(1).max(1));
                if let Some(open) = self.open.last_mut().filter(|_| word == "}") {
                    open.words.clear();
                }
            }
            ";" => open.words.clear(),
            "," if is_list => open.words.clear(),
            ">" if open.inside == Inside::Arms && open.words.last() == Some(&"=") => open.words.clear(),
            _ => open.words.push(word),
        }
    }

    /// What the metavariable at `at` lacks to be an element, if it is one. `begins` is the token before it; nothing where
    /// that is such an element too.
    fn completion(&self, begins: &str, at: usize) -> Option<&'static str> {
        let open = self.open.last()?;
        let (next_kind, next) =
            self.tokens.get(at + 1).map_or((TokenKind::Punctuation, ""), |(kind, word, _)| (*kind, *word));
        let is_list = self.tokens[at].1.starts_with(&Rust.expando_char().to_string().repeat(3));
        let is_code = matches!(next_kind, TokenKind::Word | TokenKind::Str);
        if matches!(begins, "where" | ",") && matches!(next, "," | "{" | ";" | "") && open.is_where() {
            return Some(": __element");
        }
        match open.inside {
            Inside::Fields => {
                (matches!(begins, "{" | "," | "]") && matches!(next, "," | "}")).then_some(": __element")
            }
            Inside::Arms if !matches!(begins, "" | "{" | "," | "}") => None,
            Inside::Arms if matches!(next, "," | "}") => Some(" => __element"),
            Inside::Arms => (next != "if" && (is_code || is_list && !matches!(next, "=" | "|")))
                .then_some(" => __element,"),
            Inside::Statements if !matches!(begins, "" | "{" | ";" | "}") => None,
            Inside::Statements => {
                let follows = is_code && !matches!(next, "as" | "else") || next == "#";
                (follows || is_list && matches!(next, "{" | "(" | "[" | "*")).then_some("!{__element}")
            }
            Inside::Variants | Inside::Else => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_completed_as_its_list_asks() {
        for (text, complete) in [
            ("struct S { $$$A, x: u8 }", "struct S { $$$A: __element, x: u8 }"),
            (
                "union U<T> where T: X<$A, B> { $F, /* c */ $$$ }",
                "union U<T> where T: X<$A, B> { $F: __element, /* c */ $$$: __element }",
            ),
            ("enum E { $$$A, B { $$$F, x: u8 } }", "enum E { $$$A, B { $$$F: __element, x: u8 } }"),
            (
                "match f(a) { $$$A B => $V, $$$C }",
                "match f(a) { $$$A => __element, B => $V, $$$C => __element }",
            ),
            (
                "match x { A => S { $F, b }, $B, $$$C }",
                "match x { A => S { $F, b }, $B => __element, $$$C => __element }",
            ),
            ("match x { $A => 1, $B | $C if $D => { $E } }", ""),
            (
                "fn f() where $$$A, T: F<$B, C>, $$$D {}",
                "fn f() where $$$A: __element, T: F<$B, C>, $$$D: __element {}",
            ),
            (
                "fn f() -> X where for<'a> F: Fn($A, $B) -> Y<$C>, $$$D;",
                "fn f() -> X where for<'a> F: Fn($A, $B) -> Y<$C>, $$$D: __element;",
            ),
            ("fn f() { $$$A $S $$$B }", "fn f() { $$$A!{__element} $S!{__element} $$$B }"),
            ("{ $A.b(); $C as u8; $D = 1; $E(x); $F!(y); $G::h() }", ""),
            (
                "{ $$$A g(); if c { $B #[x] h() } $$$C (d) }",
                "{ $$$A!{__element} g(); if c { $B!{__element} #[x] h() } $$$C!{__element} (d) }",
            ),
            ("S { $A, b } + f($B, c)", ""),
            ("impl X for S { $$$A fn f() {} }", ""),
            ("fn f() -> impl X { $$$A g() }", "fn f() -> impl X { $$$A!{__element} g() }"),
            ("f(\"{ $A b }\", 'µ', |x| { $B c() })", "f(\"{ $A b }\", 'µ', |x| { $B!{__element} c() })"),
        ] {
            assert_eq!(completed(text).unwrap_or_default(), complete, "{text}");
        }
    }
}
