//! Fills the holes of a line of code, and makes the commas of its lists right where a hole is empty, brings its own or lacks
//! one; and takes away a `+`, `|` or `;` that parts nothing.
//!
//! ```text
//! template    log($$$A, c)
//! $$$A is     nothing               log(c)
//!             a, b,                 log(a, b, c,)
//!             a,⏎ b, on its lines   log(⏎    a,⏎    b,⏎    c,⏎)
//! template    match x { $$$A _ => 3 }
//! $$$A is     A => 1                match x { A => 1, _ => 3 }
//! template    T: A + $$$B
//! $$$B is     nothing               T: A
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
    /// Its line ends behind it, where a last comma is layout.
    pub(crate) ends_line: bool,
    /// The text, its later lines at this indentation.
    pub(crate) text: &'f dyn Fn(&str) -> String,
}

/// `line` with its holes filled, at `indent`; `fillings` are by position, `below` is the text behind the line.
pub(crate) fn fill(line: &str, fillings: &[Filling<'_>], indent: &str, below: &str) -> String {
    Line::new(line, fillings, below).filled(0..line.len(), indent)
}

/// What stands behind an element that is in no list.
const ENDING: [char; 13] = [';', '.', '?', ')', ']', '}', '+', '-', '*', '/', '=', '<', '>'];

struct Line<'l> {
    text: &'l str,
    below: &'l str,
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
    /// A block ends it that needs no comma.
    closed: bool,
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
        let closed = ends_in_an_arms_block(&text);
        Self { text: text.trim().to_owned(), trailing: comma.is_some(), commented, closed }
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
    fn new(text: &'l str, fillings: &'l [Filling<'l>], below: &'l str) -> Self {
        let tokens = lexer::tokens(text);
        let groups = groups(text, &tokens);
        Self { text, below, fillings, tokens, groups }
    }

    fn within(&self, span: &Range<usize>) -> impl Iterator<Item = &'l Filling<'l>> {
        let span = span.clone();
        self.fillings.iter().filter(move |hole| span.start <= hole.span.start && hole.span.end <= span.end)
    }

    /// Whether the hole makes its list be written anew.
    fn is_careful(&self, hole: &Filling<'_>) -> bool {
        let changes_list = || {
            let element = Element::new((hole.text)(""));
            element.trailing
                || element.commented
                || if hole.many { element.text.is_empty() } else { element.holds_line_comment() }
        };
        self.is_code(hole)
            && (hole.many && (hole.step.is_some() || self.ends_element(hole)) || changes_list())
    }

    /// Whether the hole is in no string and in no comment.
    fn is_code(&self, hole: &Filling<'_>) -> bool {
        let covers = |token: &&Token| token.span.start <= hole.span.start && hole.span.end <= token.span.end;
        let is_text = |token: &Token| matches!(token.kind, TokenKind::Str | TokenKind::Comment);
        !self.tokens.iter().filter(covers).any(is_text)
    }

    /// Whether elements of a list are in the hole, and right behind it begins another.
    fn ends_element(&self, hole: &Filling<'_>) -> bool {
        let rest = &self.text[hole.span.end..];
        let next = Code::of(if lexer::tokens(rest).iter().any(is_code) { rest } else { self.below });
        let begins =
            |c: char| is_word(c) || matches!(c, '#' | '(' | '[' | '&' | '"' | '\'' | '$' | '|' | '-');
        hole.many
            && self.is_code(hole)
            && next.word(0).starts_with(begins)
            && are_elements(&(hole.text)(""), next.word(next.head()))
    }

    /// The innermost brackets around `span` that are inside `within`, and not all of it.
    fn group_of(&self, span: &Range<usize>, within: &Range<usize>) -> Option<&Range<usize>> {
        let holds = |group: &&Range<usize>| {
            *group != within
                && within.start <= group.start
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
        let cuts = self.within(group).filter(|hole| {
            self.group_of(&hole.span, &(0..self.text.len())) == Some(group) && self.ends_element(hole)
        });
        let mut ends: Vec<(usize, usize)> = commas.iter().map(|at| (*at, at + 1)).collect();
        ends.extend(cuts.map(|hole| (hole.span.end, hole.span.end)));
        ends.sort_unstable();
        let starts = std::iter::once(group.start).chain(ends.iter().map(|(_, behind)| *behind));
        let ends = ends.iter().map(|(end, _)| *end).chain([group.end]);
        starts.zip(ends).map(|(start, end)| start..end).collect()
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
            let is_layout = step.is_none() && self.within(chunk).all(|hole| hole.ends_line);
            if is_hole {
                let element = Element::new(text);
                Element { trailing: element.trailing && !is_layout, ..element }
            } else {
                let text = text.trim().to_owned();
                let closed = ends_in_an_arms_block(&text);
                let commented =
                    lexer::tokens(&text).last().is_some_and(|last| text[last.span.clone()].starts_with("//"));
                Element { text, trailing: false, commented, closed }
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
            if (at < last || trailing) && !element.closed {
                element.with_comma()
            } else {
                element.text.clone()
            }
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
            if !self.is_careful(hole) {
                result.push_str(&text);
                continue;
            }
            let element = Element::new(text.clone());
            if element.text.is_empty() {
                let before = result.len();
                done += without_separator(&mut result, &self.text[done..span.end]);
                if result.len() < before {
                    continue;
                }
            }
            if self.ends_element(hole) {
                result.push_str(&if element.closed { element.text } else { element.with_comma() });
                continue;
            }
            let rest = &self.text[done..span.end];
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

/// Takes a `+` or `|` away that stands between what is before, which ends in it, and nothing; else how much goes of what is
/// `behind`: one of these, or a `;` that ends no statement.
fn without_separator(before: &mut String, behind: &str) -> usize {
    let front = before.trim_end();
    let operand = |text: &str| {
        let word = text.trim_end();
        word.ends_with(|c: char| is_word(c) || matches!(c, ')' | ']' | '}' | '>' | '"' | '\''))
            && !["move", "async", "return", "static", "else", "in"]
                .iter()
                .any(|keyword| word.strip_suffix(keyword).is_some_and(|rest| !rest.ends_with(is_word)))
    };
    if let Some(rest) = front.strip_suffix(['+', '|']).filter(|rest| operand(rest)) {
        before.truncate(rest.trim_end().len());
        return 0;
    }
    let rest = behind.trim_start();
    let space = behind.len() - rest.len();
    let is_closure = front.ends_with('|') && rest.starts_with('|');
    let separator =
        rest.strip_prefix(['+', '|']).filter(|after| !is_closure && !after.starts_with(['|', '=']));
    let ends_nothing = front.is_empty() || front.ends_with(['{', ';', '}']);
    match separator.or(rest.strip_prefix(';').filter(|_| ends_nothing)) {
        Some(after) => space + 1 + (after.len() - after.trim_start_matches(' ').len()),
        None => 0,
    }
}

fn is_code(token: &Token) -> bool {
    token.kind != TokenKind::Comment
}

/// The tokens of a text without its comments.
struct Code<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

impl<'t> Code<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, tokens: lexer::tokens(text).into_iter().filter(is_code).collect() }
    }

    /// The token at `at`; behind the last one nothing.
    fn word(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| &self.text[token.span.clone()])
    }

    /// Where the code begins behind attributes and `pub`.
    fn head(&self) -> usize {
        let mut at = 0;
        loop {
            at = match (self.word(at), self.word(at + 1)) {
                ("#", "[") => self.behind_group(at + 1),
                ("pub", "(") => self.behind_group(at + 1),
                ("pub", _) => at + 1,
                _ => return at,
            };
        }
    }

    /// Behind the brackets that open at `at`.
    fn behind_group(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for here in at..self.tokens.len() {
            match self.word(here) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" if depth == 1 => return here + 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        self.tokens.len()
    }
}

/// Whether a text is elements of a list that commas part: match arms, fields, variants, or what has a comma already. `next` is
/// the first word behind it.
fn are_elements(text: &str, next: &str) -> bool {
    let code = Code::of(text);
    let (mut depth, mut has_comma, mut has_arrow) = (0_usize, false, false);
    for at in 0..code.tokens.len() {
        match code.word(at) {
            "(" | "[" | "{" | "<" => depth += 1,
            ">" if at > 0 && code.word(at - 1) == "=" => has_arrow |= depth == 0,
            ")" | "]" | "}" | ">" => depth = depth.saturating_sub(1),
            ";" if depth == 0 => return false,
            "," => has_comma |= depth == 0,
            _ => {}
        }
    }
    let first = code.head();
    let is_field =
        code.word(first).starts_with(is_word) && code.word(first + 1) == ":" && code.word(first + 2) != ":";
    let behind = match code.word(first + 1) {
        "(" | "{" => code.behind_group(first + 1),
        _ => first + 1,
    };
    let is_variant = code.word(first).starts_with(char::is_uppercase)
        && next.starts_with(char::is_uppercase)
        && matches!(code.word(behind), "" | "=");
    has_comma || has_arrow || is_field || is_variant
}

/// Whether the last match arm of a text ends in a block, behind which no comma stands.
pub(crate) fn ends_in_an_arms_block(text: &str) -> bool {
    const BLOCKS: &[&str] = &["{", "if", "match", "loop", "while", "for", "unsafe"];
    let code = Code::of(text);
    if code.tokens.last().is_none_or(|last| &text[last.span.clone()] != "}") {
        return false;
    }
    let mut depth = 0_usize;
    let mut body = "";
    for at in 0..code.tokens.len() {
        match code.word(at) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            ">" if depth == 0 && at > 0 && code.word(at - 1) == "=" => body = code.word(at + 1),
            _ => {}
        }
    }
    BLOCKS.contains(&body)
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
            ends_line: false,
            text: &list,
        });
        fill(line, &holes.collect::<Vec<_>>(), "", "")
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
            let hole = Filling {
                span: at..at + 2,
                many: false,
                step: None,
                ends_line: false,
                text: &|_| "a // why".to_owned(),
            };
            fill(line, &[hole], "", "")
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
    fn an_element_behind_a_hole_is_parted_from_it() {
        // The line, what `$$$A` is, the result.
        let cases = [
            ("match x { $$$A _ => 3 }", "A => 1", "match x { A => 1, _ => 3 }"),
            ("match x { $$$A _ => 3 }", "A => 1,", "match x { A => 1, _ => 3, }"),
            ("match x { $$$A _ => 3, }", "A => 1, B => {}", "match x { A => 1, B => {} _ => 3, }"),
            ("match x { $$$A _ => 3, }", "A => S {}", "match x { A => S {}, _ => 3, }"),
            (
                "match x { $$$A _ => 3, }",
                "A => if a { 1 } else { 2 }",
                "match x { A => if a { 1 } else { 2 } _ => 3, }",
            ),
            ("match x { $$$A _ => 3, }", "", "match x { _ => 3, }"),
            (
                "match x { $$$A Some(1) | None => 3, }",
                "A if b => 1",
                "match x { A if b => 1, Some(1) | None => 3, }",
            ),
            (
                "match x { $$$A _ => 3, }",
                "A => 1,\nB => 2",
                "match x {\n    A => 1,\n    B => 2,\n    _ => 3,\n}",
            ),
            ("$$$A b: u8 }", "pub a: u8", "pub a: u8, b: u8 }"),
            ("struct S { $$$A b: u8 }", "a: A<B, C>", "struct S { a: A<B, C>, b: u8 }"),
            ("enum E { $$$A C }", "A, B { x: u8 }", "enum E { A, B { x: u8 }, C }"),
            ("enum E { $$$A C }", "A", "enum E { A, C }"),
            (
                "enum E { $$$A #[d] C = 2 }",
                "/// A.\n#[a] A = 1",
                "enum E {\n    /// A.\n    #[a] A = 1,\n    #[d] C = 2\n}",
            ),
            (
                "struct S { $$$A pub c: u8 }",
                "#[a(b)] pub(crate) a: u8",
                "struct S { #[a(b)] pub(crate) a: u8, pub c: u8 }",
            ),
            ("$$$A fn f() {}", "#[a]", "#[a] fn f() {}"),
            ("$$$A struct S;", "#[a(B)]", "#[a(B)] struct S;"),
            ("{ $$$A b() }", "a();", "{ a(); b() }"),
            ("{ $$$A b() }", "let a: A<B, C> = d;", "{ let a: A<B, C> = d; b() }"),
            ("{ $$$A b() }", "if a {}", "{ if a {} b() }"),
            ("{ $$$A b() }", "f(a, b); c", "{ f(a, b); c b() }"),
            ("\"$$$A _\"", "A => 1", "\"A => 1 _\""),
        ];
        for (line, text, result) in cases {
            assert_eq!(filled(line, text), result, "{line} with {text}");
        }
    }

    #[test]
    fn what_parts_nothing_goes() {
        // The line, with nothing, with `B`.
        let cases = [
            ("T: A + $$$A", "T: A", "T: A + B"),
            ("T: $$$A + A", "T: A", "T: B + A"),
            ("T: A + $$$A + C", "T: A + C", "T: A + B + C"),
            ("fn f<T: A + $$$A, U>()", "fn f<T: A, U>()", "fn f<T: A + B, U>()"),
            ("T: A + $$$A,", "T: A,", "T: A + B,"),
            ("impl A + $$$A {", "impl A {", "impl A + B {"),
            ("A | $$$A => 1", "A => 1", "A | B => 1"),
            ("$$$A | C => 1", "C => 1", "B | C => 1"),
            ("Some(1 | $$$A) | C", "Some(1) | C", "Some(1 | B) | C"),
            ("x = |$$$A| 1", "x = || 1", "x = |B| 1"),
            ("f(move |$$$A| 1)", "f(move || 1)", "f(move |B| 1)"),
            ("{ $$$A; x }", "{ x }", "{ B; x }"),
            ("{ a(); $$$A; x }", "{ a(); x }", "{ a(); B; x }"),
            ("return $$$A;", "return ;", "return B;"),
        ];
        for (line, nothing, one) in cases {
            assert_eq!([filled(line, ""), filled(line, "B")], [nothing, one], "{line}");
        }
    }

    #[test]
    fn a_call_is_no_tuple() {
        let found = ["f(a,", "x = (a,", "(f(1), a,", "f((1), a,"].map(is_in_tuple);
        assert_eq!(found, [false, true, true, false]);
    }
}
