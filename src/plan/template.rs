//! Where a structural replacement stands in a text: recognised by its tokens, not by its layout.
//!
//! ```text
//! replacement   log(cx, $MSG);
//! template      log ( cx , $MSG ) ;       literal tokens, and one piece that stands for any
//! target        log(
//!                   cx,
//!                   text("{}", of(a)),
//!               );
//!
//! 1. Is the longest literal (`log`) in the target at all? If not: no occurrence, nothing is parsed.
//! 2. From each token `log` on, piece by piece: `(` `cx` `,` are there. `$MSG` is tried with one token (`text`), then with one
//!    bracket pair more (`text("{}", of(a))`); after that come `,` and then `)`, which is not `)` and `;` in a row: none.
//!    Without rustfmt's comma at the end, `)` `;` follow: the run is found.
//! 3. Is the run whole nodes of the tree, and not inside a macro? Is `$MSG` one node, or at least no list with `,` or `;` in it?
//! ```
//!
//! Metavariables stand for any run of tokens with its brackets in pairs, and not for one node, because `4 * $N` with a product
//! in `$N` makes another tree of it. Whole nodes, so that `fn f() {}` is not found in `pub fn f() {}`; never in a macro, because
//! no query could have put it there. By tokens, because rustfmt may have been over the text since.

mod insertions;
mod search;

use std::ops::Range;

use tree_sitter::Node;

use self::search::{Accept, LeftEdge, Search};
use crate::render::{Variable, variables};
use crate::rust::lexer::{self, Token};
use crate::rust::surroundings::holds_elements;
use crate::rust::syntax::Syntax;
use crate::text::lines::indent;

/// A template with more metavariables is taken as not standing anywhere: each is one step deeper into the search.
const MOST_VARIABLES: usize = 64;

pub(crate) use self::insertions::{Insertions, inserted_after, inserted_before, runs_of};

/// A replacement as tokens.
#[derive(Debug, Clone)]
pub(crate) struct Template<'t> {
    pieces: Vec<Piece<'t>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<'t> {
    Literal(&'t str),
    /// A string literal, comment or lifetime with metavariables in it: what stands around them.
    Around(Vec<&'t str>),
    /// A metavariable; where its name stands again, the same stands again.
    Any {
        name: &'t str,
        many: bool,
        /// Dollars included.
        text: &'t str,
    },
}

impl<'t> Template<'t> {
    /// The template of `text`; `wildcards` says whether `$NAME` stands for something.
    pub(crate) fn new(text: &'t str, wildcards: bool) -> Self {
        let variables = if wildcards { variables(text) } else { Vec::new() };
        let mut pieces = Vec::new();
        for token in lexer::tokens(text) {
            let near = near(&variables, &token.span);
            match near.iter().find(|v| v.span.start <= token.span.start && token.span.end <= v.span.end) {
                None => pieces.push(Piece::of_token(text, token.span, near)),
                Some(variable) if variable.span.start == token.span.start => {
                    let text = &text[variable.span.clone()];
                    pieces.push(Piece::Any { name: variable.name, many: variable.many, text });
                }
                Some(_) => {}
            }
        }
        Self { pieces }
    }

    /// A word for each of its pieces; that of a metavariable begins with its dollars.
    pub(crate) fn words(&self) -> Vec<&'t str> {
        let word = |piece: &Piece<'t>| match piece {
            Piece::Literal(text) | Piece::Any { text, .. } => *text,
            Piece::Around(parts) => parts.iter().copied().max_by_key(|part| part.len()).unwrap_or_default(),
        };
        self.pieces.iter().map(word).collect()
    }

    fn is_too_open(&self) -> bool {
        let any = self.pieces.iter().filter(|piece| matches!(piece, Piece::Any { .. }));
        any.count() > MOST_VARIABLES
    }

    fn left_edge(&self) -> LeftEdge {
        match self.pieces.first() {
            Some(Piece::Any { .. }) => LeftEdge::Open,
            _ => LeftEdge::Fixed,
        }
    }

    /// The piece with the longest text that must stand there, and that text: a comment only where there is no code, which may stand
    /// without it.
    fn longest_word(&self) -> Option<(usize, &'t str)> {
        let words = self.pieces.iter().enumerate().filter_map(|(at, piece)| Some((at, piece.word()?)));
        words.max_by_key(|(_, text)| (!text.starts_with("//") && !text.starts_with("/*"), text.len()))
    }

    /// Where in `text` the template's tokens stand in a row and that `accept` takes, from the
    /// left, not overlapping. `accept` may widen a range to the left where the template begins with a metavariable.
    fn runs(&self, text: &str, tokens: &[Token], accept: &Accept<'_>) -> Vec<Run> {
        let Some((at, _)) = self.longest_word() else { return Vec::new() };
        if !may_occur(self, text) || self.is_too_open() {
            return Vec::new();
        }
        let is_free = |piece: &Piece<'t>| matches!(piece, Piece::Any { .. });
        let Some(head) = self.pieces.iter().position(|piece| !is_free(piece)) else {
            return Vec::new();
        };
        let fixed = at > head && !self.pieces[head..at].iter().any(is_free);
        let (lead, back) = if fixed { (&self.pieces[at], at - head) } else { (&self.pieces[head], 0) };
        let mut search = Search::of(self, text, tokens, accept);
        let mut found: Vec<Run> = Vec::new();
        for start in back..tokens.len() {
            if !lead.is(text[tokens[start].span.clone()].trim_end()) {
                continue;
            }
            let first = start - back;
            let done = found.last().map_or(0, |last| last.span.end);
            if tokens[first].span.start >= done {
                let span = search.run_from(head, first, first).filter(|range| range.start >= done);
                found.extend(span.map(|span| search.run(span, head, first)));
            }
        }
        found
    }
}

/// A place where the tokens of a template stand in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its half-open byte range.
    pub(crate) span: Range<usize>,
    /// By position, the pieces that stand for any code, and the half-open byte range of what they stand for.
    pub(crate) holes: Vec<(usize, Range<usize>)>,
}

/// Those of the variables, which are by position, that overlap `span`.
fn near<'v, 't>(variables: &'v [Variable<'t>], span: &Range<usize>) -> &'v [Variable<'t>] {
    let first = variables.partition_point(|v| v.span.end <= span.start);
    let end = variables.partition_point(|v| v.span.start < span.end);
    &variables[first..end.max(first)]
}

impl<'t> Piece<'t> {
    fn of_token(text: &'t str, token: Range<usize>, variables: &[Variable<'_>]) -> Self {
        let mut around = Vec::new();
        let mut done = token.start;
        for variable in variables.iter().filter(|v| token.start <= v.span.start && v.span.end <= token.end) {
            around.push(&text[done..variable.span.start]);
            done = variable.span.end;
        }
        let rest = text[done..token.end].trim_end();
        if around.is_empty() {
            return Self::Literal(rest);
        }
        around.push(rest);
        Self::Around(around)
    }

    /// A text that stands wherever the piece does.
    fn word(&self) -> Option<&'t str> {
        match self {
            Self::Literal(text) if text.starts_with("/*") => {
                lexer::trimmed_lines(text).max_by_key(|line| line.len())
            }
            Self::Literal(text) => Some(text),
            Self::Around(parts) => parts.iter().copied().max_by_key(|part| part.len()),
            Self::Any { .. } => None,
        }
    }

    /// Whether the piece is this one token.
    fn is(&self, token: &str) -> bool {
        match self {
            Self::Literal(text) => lexer::is_same_token(token, text),
            Self::Around(parts) => is_around(token, parts),
            Self::Any { .. } => false,
        }
    }
}

/// Whether `token` is these parts in a row, with anything between.
fn is_around(token: &str, parts: &[&str]) -> bool {
    let [first, between @ .., last] = parts else { return false };
    if first.starts_with('\'') && token.ends_with('\'') != last.ends_with('\'') {
        return false;
    }
    let inner = token.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    let behind = |rest: &mut &str, part: &str| match rest.split_once(part) {
        Some((_, behind)) => {
            *rest = behind;
            true
        }
        None => false,
    };
    inner.is_some_and(|mut rest| between.iter().all(|part| behind(&mut rest, part)))
}

/// Whether the template can stand in `text` at all: cheap, and never wrongly `false`.
pub(crate) fn may_occur(template: &Template<'_>, text: &str) -> bool {
    template
        .longest_word()
        .is_some_and(|(_, word)| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// The places where the template stands as whole nodes.
pub(crate) fn occurrences(template: &Template<'_>, syntax: &Syntax, tokens: &[Token]) -> Vec<Run> {
    let left = template.left_edge();
    template.runs(syntax.text(), tokens, &|range, ones| {
        let place = whole(syntax, range, left)?;
        ones.iter()
            .all(|one| is_one(syntax, one) || !has_separator(syntax.text(), tokens, one))
            .then_some(place)
    })
}

/// Whether the template stands for the whole of a pattern: then it stands wherever the pattern matches, and tells nothing.
pub(crate) fn covers(template: &Template<'_>, pattern: &str) -> bool {
    let tokens = lexer::tokens(pattern);
    let (start, end) = (indent(pattern).len(), pattern.trim_end().len());
    let is_open = template.left_edge() == LeftEdge::Open;
    let whole = |range: Range<usize>, _: &[Range<usize>]| {
        ((range.start == start || is_open) && range.end == end).then_some(range)
    };
    !template.runs(pattern, &tokens, &whole).is_empty()
}

/// Whether a `,` or `;` stands in the range outside of brackets; those of generics and closures are inside of one node.
fn has_separator(text: &str, tokens: &[Token], range: &Range<usize>) -> bool {
    let mut depth = 0usize;
    tokens[index_at(tokens, range.start)..index_at(tokens, range.end)].iter().any(|token| {
        match &text[token.span.clone()] {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," | ";" => return depth == 0,
            _ => {}
        }
        false
    })
}

/// Whether the range is one node, with the comments, attributes and separators that belong to it.
fn is_one(syntax: &Syntax, range: &Range<usize>) -> bool {
    let Some(node) = syntax.node_at(range.start, range.end) else { return false };
    if node.start_byte() == range.start && ends_at(syntax, &node, range.end) {
        return true;
    }
    let mut cursor = node.walk();
    let touches = |part: &Node<'_>| part.start_byte() < range.end && range.start < part.end_byte();
    let parts: Vec<Node<'_>> = node.children(&mut cursor).filter(touches).collect();
    let is_separator = |part: &Node<'_>| matches!(part.kind(), "," | ";");
    let belongs = |part: &Node<'_>| {
        part.is_extra()
            || is_separator(part)
            || matches!(part.kind(), "attribute_item" | "visibility_modifier")
    };
    let is_whole = |part: &Node<'_>| {
        let end = part.start_byte() + syntax.text()[part.byte_range()].trim_end().len();
        range.start <= part.start_byte() && end <= range.end
    };
    parts.iter().all(is_whole)
        && parts.iter().filter(|part| !belongs(part)).count() <= 1
        && ![parts.first(), parts.last()].into_iter().flatten().any(is_separator)
}

fn ends_at(syntax: &Syntax, node: &Node<'_>, end: usize) -> bool {
    node.start_byte() + syntax.text()[node.byte_range()].trim_end().len() == end
}

/// The place, if the range is one node, or a row of elements of one list, and no macro's inside.
fn whole(syntax: &Syntax, range: Range<usize>, left: LeftEdge) -> Option<Range<usize>> {
    let path = syntax.path_to(syntax.node_at(range.start, range.end)?);
    if path.iter().any(|above| above.kind() == "token_tree") {
        return None;
    }
    let ends = |node: &Node<'_>| ends_at(syntax, node, range.end);
    if left == LeftEdge::Open {
        let wider = path.iter().rev().find(|node| node.start_byte() < range.start && ends(node))?;
        return Some(wider.start_byte()..range.end);
    }
    let node = *path.last()?;
    let mut cursor = node.walk();
    let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
    let is_node = node.start_byte() == range.start && ends(&node);
    let is_row = holds_elements(node.kind())
        && children.iter().any(|child| child.start_byte() == range.start)
        && children.iter().any(ends);
    (is_node || is_row).then_some(range)
}

/// Where the tokens of `template` stand inside macros, where no pattern can match: byte offsets.
pub(crate) fn inside_macros(template: &Template<'_>, syntax: &Syntax, tokens: &[Token]) -> Vec<usize> {
    let in_macro = |range: Range<usize>, _: &[Range<usize>]| {
        let path = syntax.path_to(syntax.node_at(range.start, range.end)?);
        path.iter().any(|above| above.kind() == "token_tree").then_some(range)
    };
    template.runs(syntax.text(), tokens, &in_macro).iter().map(|run| run.span.start).collect()
}

/// The first token at `offset` or behind it.
fn index_at(tokens: &[Token], offset: usize) -> usize {
    tokens.partition_point(|token| token.span.start < offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places<'s>(template: &str, source: &'s str) -> Vec<&'s str> {
        let syntax = Syntax::parse(source);
        let tokens = lexer::tokens(source);
        occurrences(&Template::new(template, true), &syntax, &tokens)
            .into_iter()
            .map(|run| &source[run.span])
            .collect()
    }

    #[test]
    fn layout_does_not_matter_but_nodes_do() {
        assert_eq!(places("fn f() { a(1); }", "fn f() {\n    a(1);\n}"), ["fn f() {\n    a(1);\n}"]);
        assert!(places("fn f() {}", "pub fn f() {}").is_empty());
        assert!(places("a()", "m! { a() }").is_empty());
        assert!(places("a()", "fn m() { let s = \"a()\"; /* a() */ }").is_empty());
        assert_eq!(places("x: 1,\ny: 2,", "fn m() { S { w: 0, x: 1, y: 2, } }"), ["x: 1, y: 2,"]);
        assert_eq!(places("a();\nb();", "fn m() { z(); a(); b(); }"), ["a(); b();"]);
    }

    #[test]
    fn a_block_comment_is_the_same_at_any_indentation() {
        let source = |comment: &str| format!("mod m {{\n    {comment}\n    fn g() {{}}\n}}");
        let template = "/* one\n   two\n*/\nfn g() {}";
        let found = |comment: &str| places(template, &source(comment)).len();
        assert_eq!(found("/* one\n       two\n    */"), 1);
        assert_eq!(found("/* one\n\ttwo\n*/"), 1);
        assert_eq!(found("/* one\n       three\n    */"), 0);
        assert_eq!(found("/* one two\n    */"), 0);
    }

    #[test]
    fn metavariables_stand_for_balanced_runs() {
        assert_eq!(
            places("f($A, None)", "fn m() { f(g(1, 2), None); f(1, Some(2)); }"),
            ["f(g(1, 2), None)"]
        );
        assert_eq!(places("fn f($$$A) { start(); $$$B }", "fn f(a: u8) { start(); { x } y }").len(), 1);
        assert!(places("f($A)", "fn m() { f(); }").is_empty(), "`$A` is one node at least");
        assert_eq!(
            places("fn $N() { log(\"in $N: $M!\"); }", "fn f() { log(\"in f: x y!\"); }").len(),
            1,
            "in a string literal it stands for any text"
        );
        assert_eq!(places("// no $A here", "fn f() {}\n// no g() here\nfn g() {}"), ["// no g() here"]);
        assert_eq!(places("$A.clone()", "fn m() { let y = f(x)?.clone(); }"), ["f(x)?.clone()"]);
        assert_eq!(places("return $A", "fn m() { return a + b * c; }"), ["return a + b * c"]);
        assert!(places("f($A)", "fn m() { f(1, 2); }").is_empty(), "`$A` is one node at most");
        assert_eq!(places("f::<$T>($A)", "fn m() { f::<M<A, B>>(|a, b| a); }"), ["f::<M<A, B>>(|a, b| a)"]);
        assert_eq!(places("f($A, $A)", "fn m() { f(1, 2); f(g(1), g( 1 )); }"), ["f(g(1), g( 1 ))"]);
        assert_eq!(places("x = 4 * $A;", "fn m() { x = 4 * 64 * 1024; }"), ["x = 4 * 64 * 1024;"]);
    }

    #[test]
    fn lifetimes_and_labels_have_names_too() {
        assert_eq!(places("fn f<'$A>(x: &'$A u8) {}", "fn f<'a>(x: &'a u8) {}").len(), 1);
        assert_eq!(places("'$L: loop { break '$L; }", "fn m() { 'l: loop { break 'l; } }").len(), 1);
        assert!(places("f('$A)", "fn m() { f('a'); }").is_empty());
    }

    #[test]
    fn what_parts_nothing_is_not_there() {
        assert_eq!(places("fn f<T: A + $$$B>() {}", "fn f<T: A>() {}").len(), 1);
        assert_eq!(places("fn f<T: A + $$$B>() {}", "fn f<T: A + B + C>() {}").len(), 1);
        assert_eq!(places("fn f<T: $$$B + A>() {}", "fn f<T: A>() {}").len(), 1);
        assert!(places("fn f<T: A + $$$B>() {}", "fn f<T: B>() {}").is_empty());
        assert_eq!(places("match x { A | $$$B => 1 }", "fn m() { match x { A => 1 } }").len(), 1);
    }

    #[test]
    fn the_example_of_the_header() {
        let template = "log(cx, $MSG);";
        let target = |comma: &str| {
            format!("fn m() {{\n    log(\n        cx,\n        text(\"{{}}\", of(a)){comma}\n    );\n}}")
        };
        assert_eq!(places(template, &target("")).len(), 1);
        assert!(places(template, &target(",")).is_empty());
    }

    #[test]
    fn very_many_metavariables_are_not_looked_for() {
        let template = |n: usize| format!("f({})", vec!["$A"; n].join(", "));
        let call = |n: usize| format!("fn m() {{ f({}); }}", vec!["1"; n].join(", "));
        assert_eq!(places(&template(64), &call(64)).len(), 1);
        assert!(places(&template(20_000), &call(20_000)).is_empty());
    }
}
