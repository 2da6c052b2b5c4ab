//! Fills the holes of a line of code, and makes the commas of its lists right where a hole is empty or brings its own.
//!
//! ```text
//! template    log($$$A, c)
//! $$$A is     nothing               log(c)
//!             a, b,                 log(a, b, c,)
//!             a,⏎ b, on its lines   log(⏎    a,⏎    b,⏎    c,⏎)
//! ```
//!
//! A list is what stands between two brackets of one line; its elements are parted by commas. It is written anew only where
//! it has such a hole: what the author wrote elsewhere is the author's. By tokens, because the list may be in a macro or an
//! attribute, of which no tree knows the elements.

use std::ops::Range;

use super::lexer::{self, Token, TokenKind};
use crate::text::words::is_word;

/// What a hole of a line is filled with.
pub(crate) struct Filling<'f> {
    /// The hole in its line, a half-open byte range.
    pub(crate) span: Range<usize>,
    /// It stands for any number of elements.
    pub(crate) many: bool,
    /// For a list whose elements are on lines of their own: how much more than their line they are indented.
    pub(crate) step: Option<String>,
    /// The text, its later lines at this indentation.
    pub(crate) text: &'f dyn Fn(&str) -> String,
}

/// `line` with its holes filled, at `indent`; `fillings` are by position.
pub(crate) fn fill(line: &str, fillings: &[Filling<'_>], indent: &str) -> String {
    Line::new(line, fillings).filled(0..line.len(), indent)
}

/// What stands behind an element that is in no list.
const ENDING: [char; 13] = [';', '.', '?', ')', ']', '}', '+', '-', '*', '/', '=', '<', '>'];

struct Line<'l> {
    text: &'l str,
    fillings: &'l [Filling<'l>],
    tokens: Vec<Token>,
    /// What stands between two brackets, inner ones after outer ones.
    groups: Vec<Range<usize>>,
}

/// An element of a list as it is written.
struct Element {
    text: String,
    /// It brought a comma.
    trailing: bool,
    /// A comment ends it that reaches to the end of its line.
    commented: bool,
}

impl Element {
    fn new(mut text: String) -> Self {
        let tokens = lexer::tokens(&text);
        let commented = tokens.last().is_some_and(|last| text[last.span.clone()].starts_with("//"));
        let code =
            tokens.iter().rfind(|token| token.kind != TokenKind::Comment).map(|token| token.span.clone());
        let comma = code.filter(|span| &text[span.clone()] == ",");
        if let Some(span) = comma.clone() {
            text.replace_range(span, "");
        }
        Self { text: text.trim().to_owned(), trailing: comma.is_some(), commented }
    }

    /// Nothing can stand behind some of its lines.
    fn holds_line_comment(&self) -> bool {
        lexer::tokens(&self.text).into_iter().any(|token| self.text[token.span].starts_with("//"))
    }

    /// With a comma behind its code, before a comment that ends the line.
    fn with_comma(&self) -> String {
        if !self.commented && !self.text.is_empty() {
            return format!("{},", self.text);
        }
        let tokens = lexer::tokens(&self.text);
        let code = tokens.iter().rfind(|token| token.kind != TokenKind::Comment);
        let at = code.map_or(0, |token| token.span.end);
        format!("{},{}", &self.text[..at], &self.text[at..])
    }
}

impl<'l> Line<'l> {
    fn new(text: &'l str, fillings: &'l [Filling<'l>]) -> Self {
        let tokens = lexer::tokens(text);
        let groups = groups(text, &tokens);
        Self { text, fillings, tokens, groups }
    }

    fn within(&self, span: &Range<usize>) -> impl Iterator<Item = &'l Filling<'l>> {
        let span = span.clone();
        self.fillings.iter().filter(move |hole| span.start <= hole.span.start && hole.span.end <= span.end)
    }

    /// Whether the hole makes its list be written anew.
    fn is_careful(&self, hole: &Filling<'_>) -> bool {
        let covers = |token: &&Token| token.span.start <= hole.span.start && hole.span.end <= token.span.end;
        let is_code = !self
            .tokens
            .iter()
            .filter(covers)
            .any(|token| matches!(token.kind, TokenKind::Str | TokenKind::Comment));
        let changes_list = || {
            let element = Element::new((hole.text)(""));
            element.trailing
                || element.commented
                || if hole.many { element.text.is_empty() } else { element.holds_line_comment() }
        };
        is_code && (hole.many && hole.step.is_some() || changes_list())
    }

    fn group_of(&self, span: &Range<usize>, within: &Range<usize>) -> Option<&Range<usize>> {
        let holds = |group: &&Range<usize>| {
            within.start <= group.start
                && group.end <= within.end
                && group.start <= span.start
                && span.end <= group.end
        };
        self.groups.iter().filter(holds).min_by_key(|group| group.len())
    }

    fn filled(&self, span: Range<usize>, indent: &str) -> String {
        let lists = self.within(&span).filter(|hole| self.is_careful(hole));
        let outermost =
            lists.filter_map(|hole| self.group_of(&hole.span, &span)).filter(|group| self.is_list(group));
        let Some(group) = outermost.min_by_key(|group| (group.start, std::cmp::Reverse(group.end))) else {
            return self.loose(span, indent);
        };
        let before = self.filled(span.start..group.start, indent);
        let after = self.filled(group.end..span.end, indent);
        format!("{before}{}{after}", self.list(group, indent))
    }

    /// Whether what stands between the brackets is a list: a block of statements has no commas of its own.
    fn is_list(&self, group: &Range<usize>) -> bool {
        !self.text[..group.start].ends_with('{') || self.chunks(group).len() > 1
    }

    fn chunks(&self, group: &Range<usize>) -> Vec<Range<usize>> {
        let is_own = |token: &&Token| {
            &self.text[token.span.clone()] == ","
                && group.start <= token.span.start
                && token.span.end <= group.end
                && self.group_of(&token.span, &(0..self.text.len())) == Some(group)
        };
        let commas: Vec<usize> = self.tokens.iter().filter(is_own).map(|token| token.span.start).collect();
        let starts = std::iter::once(group.start).chain(commas.iter().map(|at| at + 1));
        starts.zip(commas.iter().copied().chain([group.end])).map(|(start, end)| start..end).collect()
    }

    fn list(&self, group: &Range<usize>, indent: &str) -> String {
        let chunks = self.chunks(group);
        let careful: Vec<&Filling<'_>> = self.within(group).filter(|hole| self.is_careful(hole)).collect();
        let step = careful.iter().find_map(|hole| hole.step.clone());
        let needs_lines = |hole: &&Filling<'_>| {
            let element = Element::new((hole.text)(""));
            element.commented || !hole.many && element.holds_line_comment()
        };
        let forced = || careful.iter().any(needs_lines).then(|| "    ".to_owned());
        let step = step.or_else(forced);
        let inner = step.as_ref().map_or_else(|| indent.to_owned(), |step| format!("{indent}{step}"));
        let written = |chunk: &Range<usize>| {
            let is_hole =
                careful.iter().any(|hole| self.text[chunk.clone()].trim() == &self.text[hole.span.clone()]);
            let text =
                if is_hole { self.plain(chunk.clone(), &inner) } else { self.filled(chunk.clone(), &inner) };
            if is_hole {
                Element::new(text)
            } else {
                let text = text.trim().to_owned();
                let commented =
                    lexer::tokens(&text).last().is_some_and(|last| text[last.span.clone()].starts_with("//"));
                Element { text, trailing: false, commented }
            }
        };
        let elements: Vec<Element> = chunks.iter().map(written).collect();
        let trailing = elements.iter().any(|element| element.trailing)
            || self.text[chunks[chunks.len() - 1].clone()].trim().is_empty();
        let kept: Vec<&Element> = elements.iter().filter(|element| !element.text.is_empty()).collect();
        let is_open = kept.last().is_some_and(|last| last.text.starts_with(".."));
        let trailing = trailing && !kept.is_empty() && !is_open
            || kept.len() == 1 && chunks.len() > 1 && self.is_tuple(group);
        let last = kept.len().saturating_sub(1);
        let parted = |(at, element): (usize, &&Element)| {
            if at < last || trailing { element.with_comma() } else { element.text.clone() }
        };
        let parts: Vec<String> = kept.iter().enumerate().map(parted).collect();
        if step.is_some() && !parts.is_empty() {
            let lines: String = parts.iter().map(|part| format!("\n{inner}{part}")).collect();
            return format!("{lines}\n{indent}");
        }
        let blank = |text: &str| if text.starts_with(' ') && !parts.is_empty() { " " } else { "" };
        let inside = &self.text[group.clone()];
        let end: String = inside.chars().rev().take(1).collect();
        format!("{}{}{}", blank(inside), parts.join(" "), blank(&end))
    }

    /// Whether the brackets are those of a tuple, where one element alone needs its comma.
    fn is_tuple(&self, group: &Range<usize>) -> bool {
        self.text[..group.start].strip_suffix('(').is_some_and(begins_tuple)
    }

    /// Holes that are in no list of this line; their commas are on it.
    fn loose(&self, span: Range<usize>, indent: &str) -> String {
        let mut result = String::new();
        let mut done = span.start;
        for hole in self.within(&span) {
            result.push_str(&self.text[done..hole.span.start]);
            done = hole.span.end;
            let text = (hole.text)(indent);
            let rest = &self.text[done..span.end];
            if !self.is_careful(hole) {
                result.push_str(&text);
                continue;
            }
            let element = Element::new(text.clone());
            let comma = rest.trim_start().starts_with(',').then(|| rest.find(',').unwrap_or(0) + 1);
            if let (true, Some(comma)) = (element.text.is_empty(), comma) {
                done += comma + (rest[comma..].len() - rest[comma..].trim_start_matches(' ').len());
                continue;
            }
            if element.text.is_empty() && result.ends_with(' ') && rest.starts_with(' ') {
                done += 1;
            }
            match comma {
                Some(comma) if element.trailing || element.commented => {
                    result.push_str(
                        if element.trailing { text.clone() } else { element.with_comma() }.as_str(),
                    );
                    done += comma;
                }
                _ if element.commented && (rest.is_empty() || rest.trim_start().starts_with(ENDING)) => {
                    result.push_str(&element.text);
                }
                _ => result.push_str(&text),
            }
            if element.commented && !self.text[done..span.end].trim().is_empty() {
                result.push_str(&format!("\n{indent}"));
                done += self.text[done..span.end].len() - self.text[done..span.end].trim_start().len();
            }
        }
        result + &self.text[done..span.end]
    }

    fn plain(&self, span: Range<usize>, indent: &str) -> String {
        let mut result = String::new();
        let mut done = span.start;
        for hole in self.within(&span) {
            result.push_str(&self.text[done..hole.span.start]);
            result.push_str(&(hole.text)(indent));
            done = hole.span.end;
        }
        result + &self.text[done..span.end]
    }
}

/// Whether a `(` behind `text` would begin a tuple, not the arguments of a call.
fn begins_tuple(text: &str) -> bool {
    !text.ends_with(|c: char| is_word(c) || matches!(c, '!' | ')' | ']' | '>' | '?'))
}

/// Whether what follows `text` on its line is in a tuple.
pub(crate) fn is_in_tuple(text: &str) -> bool {
    let line = &text[text.rfind('\n').map_or(0, |at| at + 1)..];
    let mut open = Vec::new();
    for token in lexer::tokens(line) {
        match &line[token.span.clone()] {
            "(" | "[" | "{" => open.push(token.span.start),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
    }
    open.pop().is_some_and(|at| line[at..].starts_with('(') && begins_tuple(&line[..at]))
}

/// What stands between brackets, those of generics included.
fn groups(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut found = Vec::new();
    for token in tokens.iter().filter(|token| token.kind == TokenKind::Punctuation) {
        let before = text[..token.span.start].chars().next_back();
        let word = text[token.span.clone()].chars().next().unwrap_or(' ');
        match word {
            '(' | '[' | '{' => open.push((word, token.span.end)),
            '<' if before.is_some_and(|c| is_word(c) || c == ':') => open.push((word, token.span.end)),
            '>' if before.is_some_and(|c| matches!(c, '-' | '=')) => {}
            '>' if open.last().is_some_and(|(bracket, _)| *bracket == '<') => {
                found.extend(open.pop().map(|(_, start)| start..token.span.start));
            }
            ')' | ']' | '}' => {
                while open.pop_if(|(bracket, _)| *bracket == '<').is_some() {}
                found.extend(open.pop().map(|(_, start)| start..token.span.start));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `line` with its `$$$A` filled in; a text of several lines is a list of which each element has its line.
    fn filled(line: &str, text: &str) -> String {
        let list = |indent: &str| text.replace('\n', &format!("\n{indent}"));
        let holes = line.match_indices("$$$A").map(|(at, hole)| Filling {
            span: at..at + hole.len(),
            many: true,
            step: text.contains('\n').then(|| "    ".to_owned()),
            text: &list,
        });
        fill(line, &holes.collect::<Vec<_>>(), "")
    }

    #[test]
    fn commas_are_right_around_nothing_and_behind_a_trailing_one() {
        // The line, with nothing, with `a, b`, with `a, b,`.
        let cases = [
            ("f($$$A)", "f()", "f(a, b)", "f(a, b,)"),
            ("f($$$A, c)", "f(c)", "f(a, b, c)", "f(a, b, c,)"),
            ("f(c, $$$A)", "f(c)", "f(c, a, b)", "f(c, a, b,)"),
            ("f(c, $$$A, d)", "f(c, d)", "f(c, a, b, d)", "f(c, a, b, d,)"),
            ("f($$$A,)", "f()", "f(a, b,)", "f(a, b,)"),
            ("S { $$$A, c }", "S { c }", "S { a, b, c }", "S { a, b, c, }"),
            ("f::<$$$A, C>()", "f::<C>()", "f::<a, b, C>()", "f::<a, b, C,>()"),
            ("g(x, (c, $$$A))", "g(x, (c,))", "g(x, (c, a, b))", "g(x, (c, a, b,))"),
            ("m![$$$A, n($$$A)]", "m![n()]", "m![a, b, n(a, b)]", "m![a, b, n(a, b,),]"),
            ("f(\"$$$A,\", c)", "f(\",\", c)", "f(\"a, b,\", c)", "f(\"a, b,,\", c)"),
            ("$$$A,", "", "a, b,", "a, b,"),
            ("{ $$$A }", "{ }", "{ a, b }", "{ a, b, }"),
        ];
        for (line, nothing, list, trailing) in cases {
            assert_eq!(
                [filled(line, ""), filled(line, "a, b"), filled(line, "a, b,")],
                [nothing, list, trailing],
                "{line}"
            );
        }
    }

    #[test]
    fn elements_on_lines_of_their_own_stay_so() {
        assert_eq!(filled("f($$$A, c)", "a,\nb,"), "f(\n    a,\n    b,\n    c,\n)");
        assert_eq!(filled("f(c, $$$A)", "a,\nb"), "f(\n    c,\n    a,\n    b\n)");
        assert_eq!(filled("f($$$A, c)", "a, // 1\nb // 2"), "f(\n    a, // 1\n    b, // 2\n    c\n)");
        assert_eq!(filled("f($$$A, c)", "a // 1"), "f(\n    a, // 1\n    c\n)");
        assert_eq!(filled("$$$A,", "a // 1"), "a, // 1");
    }

    #[test]
    fn nothing_stands_behind_the_comment_of_a_single_element() {
        let filled = |line: &str| {
            let at = line.find("$A").unwrap();
            let hole =
                Filling { span: at..at + 2, many: false, step: None, text: &|_| "a // why".to_owned() };
            fill(line, &[hole], "")
        };
        for (line, result) in [
            ("f($A, b)", "f(\n    a, // why\n    b\n)"),
            ("f(b, $A)", "f(\n    b,\n    a // why\n)"),
            ("let x = $A;", "let x = a // why\n;"),
            ("if $A { b }", "if a // why\n{ b }"),
            ("$A,", "a, // why"),
            ("\"$A\"", "\"a // why\""),
        ] {
            assert_eq!(filled(line), result, "{line}");
        }
    }

    #[test]
    fn a_call_is_no_tuple() {
        let found = ["f(a,", "x = (a,", "(f(1), a,", "f((1), a,"].map(is_in_tuple);
        assert_eq!(found, [false, true, true, false]);
    }
}
