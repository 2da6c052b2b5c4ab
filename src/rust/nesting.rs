//! How deep Rust is nested, told by its tokens: an upper bound for what a parser that calls itself goes down.
//!
//! Brackets are the smaller part of it: `a + b + c`, `!!!a`, `&&&T`, `a.b().c()`, `|a| |b| c` and `else if` nest without
//! any. So every token counts, from the last place behind which nothing can be nested any more: a `;`, a `,` or a `}` with
//! a word behind it. In `A<u8, A<u8, …>>` and `|a, b| |c, d| …` the `,` ends only what began behind the `<` or `|`.

use super::lexer::{self, Token, TokenKind};

/// A bracket takes more of the stack than a token.
const BRACKET: usize = 2;

/// A bracket, `<` or `|` that is open, and how deep what follows it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Bracket(usize),
    Angle(usize),
    Pipe(usize),
}

impl Open {
    fn depth(self) -> usize {
        let (Self::Bracket(depth) | Self::Angle(depth) | Self::Pipe(depth)) = self;
        depth
    }
}

/// How deep `text` is nested, at most. A `<` that compares counts as one that opens: the bound is too high then, never
/// too low.
pub(crate) fn nesting(text: &str) -> usize {
    let mut open: Vec<Open> = Vec::new();
    let (mut depth, mut deepest) = (0, 0);
    let (mut before, mut before_end) = ("", 0);
    for Token { kind, span } in lexer::tokens(text) {
        if kind == TokenKind::Comment {
            continue;
        }
        let token = &text[span.clone()];
        let behind = |mark: &str| before == mark && before_end == span.start;
        let ends_item = before == "}" && (kind != TokenKind::Punctuation || token == "#");
        if ends_item && !matches!(token, "else" | "as") {
            depth = open.last().map_or(0, |open| open.depth());
        }
        match token {
            "(" | "[" | "{" => {
                depth += BRACKET;
                open.push(Open::Bracket(depth));
            }
            ")" | "]" | "}" => {
                while open.pop_if(|open| !matches!(open, Open::Bracket(_))).is_some() {}
                depth = open.pop().map_or(0, Open::depth);
            }
            ";" => {
                while open.pop_if(|open| !matches!(open, Open::Bracket(_))).is_some() {}
                depth = open.last().map_or(0, |open| open.depth());
            }
            "," => depth = open.last().map_or(0, |open| open.depth()),
            _ => depth += 1,
        }
        match token {
            "<" if !behind("<") => open.push(Open::Angle(depth)),
            ">" if !behind("-") && !behind("=") => {
                open.pop_if(|open| matches!(open, Open::Angle(_)));
            }
            "|" if open.pop_if(|open| matches!(open, Open::Pipe(_))).is_none() => {
                open.push(Open::Pipe(depth))
            }
            _ => {}
        }
        (before, before_end) = (token, span.end);
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_nests_counts_with_every_level() {
        let kinds = [
            ("brackets", "(", "1", ")"),
            ("blocks", "if a { b; ", "1", "}"),
            ("modules", "fn x() {} mod a { fn b() {} ", "", "}"),
            ("sums", "1 + ", "1", ""),
            ("negations", "!", "a", ""),
            ("references", "&", "a", ""),
            ("chains", "", "a", ".b(c, d)"),
            ("`else if`", "if a { b; } else ", "{}", ""),
            ("closures", "|a, b| ", "1", ""),
            ("assignments", "a = ", "1", ""),
            ("types with arguments", "A<u8, ", "u8", ">"),
            ("types of functions", "for<'a, 'b> fn(&'a u8, &'b u8) -> ", "u8", ""),
            ("qualified types", "<", "u8", " as A<B, C>>::D"),
            ("blocks behind blocks", "match a { b => {} c => ", "1", "}"),
        ];
        let repeated = |(_, begin, middle, end): (&str, &str, &str, &str), n| {
            [begin.repeat(n), middle.into(), end.repeat(n)].concat()
        };
        for kind in kinds {
            let (few, many) = (nesting(&repeated(kind, 10)), nesting(&repeated(kind, 1000)));
            assert!(many >= few + 990, "{}: {few}, {many}", kind.0);
        }
    }

    #[test]
    fn what_stands_side_by_side_is_not_nested() {
        let alike = [
            "fn a() { b(); }\n",
            "#[a] fn a() { b(); }\n",
            "struct A { b: u8 }\n",
            "b(c, d);\n",
            "impl<T, U> A<T, U> for B {}\n",
            "if a { b } else { c }\nif d {}\n",
            "A => { b }\n",
            "1, ",
            "// (((\n",
        ];
        for one in alike {
            assert!(nesting(&one.repeat(1000)) <= nesting(&one.repeat(3)) + 1, "{one}");
        }
        assert!(nesting(")))} > | |") < 10);
    }
}
