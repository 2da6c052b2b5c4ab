//! Just enough lexing to tell string literals, comments and code apart in a piece of Rust.
//!
//! It works on fragments that no grammar would take (a match arm, a template with `$NAME`), which is
//! why it is not the tree. The compiler's own lexer is published anew every week, under another version each time, and tells
//! more than is asked here.

use std::ops::Range;

use crate::text::words::is_word;

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A string literal of any kind, quotes included.
    Str,
    /// A line or block comment.
    Comment,
    /// A word: identifier, keyword, number, lifetime, character literal.
    Word,
    /// One character of punctuation.
    Punctuation,
}

/// One token: its kind and half-open byte range. White space is between tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Where it is.
    pub(crate) span: Range<usize>,
}

/// The tokens of `text`. Total: an unterminated literal or comment reaches to the end.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, len) = token(&text[at..], first);
        found.push(Token { kind, span: at..at + len });
        at += len;
    }
    found
}

/// Whether two tokens are the same. A block comment is indented with the lines around it, and stays the same.
pub(crate) fn is_same_token(one: &str, other: &str) -> bool {
    let are_both = |start| one.starts_with(start) && other.starts_with(start);
    one == other
        || are_both("/*") && trimmed_lines(one).eq(trimmed_lines(other))
        || are_both("//") && one.trim_end() == other.trim_end()
}

/// The lines without what stands around them.
pub(crate) fn trimmed_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(str::trim)
}

/// Byte offsets of the line starts that lie inside a string literal: lines that no layout may move.
pub(crate) fn literal_line_starts(text: &str) -> Vec<usize> {
    if !text.contains('\n') {
        return Vec::new();
    }
    tokens(text)
        .into_iter()
        .filter(|token| token.kind == TokenKind::Str)
        .flat_map(|token| {
            let base = token.span.start;
            text[token.span].match_indices('\n').map(move |(at, _)| base + at + 1).collect::<Vec<_>>()
        })
        .collect()
}

fn token(rest: &str, first: char) -> (TokenKind, usize) {
    if rest.starts_with("//") {
        return (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (TokenKind::Comment, block_comment(rest));
    }
    if let Some(len) = string(rest) {
        return (TokenKind::Str, len);
    }
    if first == '\'' {
        return (TokenKind::Word, quote(rest));
    }
    let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    if word > 0 { (TokenKind::Word, word) } else { (TokenKind::Punctuation, first.len_utf8()) }
}

fn block_comment(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut at, mut depth) = (0, 0);
    while at < bytes.len() {
        match &bytes[at..bytes.len().min(at + 2)] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Length of the string literal that `rest` begins with: `"…"`, `b"…"`, `c"…"`, `r#"…"#`, `br"…"`, `cr"…"`.
fn string(rest: &str) -> Option<usize> {
    // Nearly every token is told here, and there are tens of thousands in a file.
    if !rest.starts_with(['"', 'b', 'c', 'r']) {
        return None;
    }
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|p| {
        rest.strip_prefix(p).is_some_and(|after| {
            after.trim_start_matches('#').starts_with('"') && (p.ends_with('r') || after.starts_with('"'))
        })
    })?;
    let after = &rest[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let close = format!("\"{}", "#".repeat(hashes));
        let body = prefix.len() + hashes + 1;
        return Some(rest[body..].find(&close).map_or(rest.len(), |at| body + at + close.len()));
    }
    let mut escaped = false;
    for (at, c) in after.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(prefix.len() + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// Length of the lifetime or character literal that `rest` begins with.
fn quote(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(rest.len(), |(at, _)| at + 3)
        }
        Some((at, c)) if rest[at + c.len_utf8()..].starts_with('\'') => at + c.len_utf8() + 1,
        // In a template the name may be a metavariable.
        _ => {
            let name = rest[1..].trim_start_matches('$');
            rest.len() - name.len() + name.find(|c: char| !is_word(c)).unwrap_or(name.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(TokenKind, &str)> {
        tokens(text).into_iter().map(|t| (t.kind, &text[t.span])).collect()
    }

    #[test]
    fn strings_hide_what_looks_like_code() {
        use TokenKind::{Comment, Punctuation, Str, Word};
        assert_eq!(
            kinds(r##"f("a\"//", r#"x"y"#)"##)[2..5],
            [(Str, r#""a\"//""#), (Punctuation, ","), (Str, r##"r#"x"y"#"##)]
        );
        assert_eq!(
            kinds("a /* b /* c */ d */ e"),
            [(Word, "a"), (Comment, "/* b /* c */ d */"), (Word, "e")]
        );
        assert_eq!(
            kinds("'a 'b' '\\'' '\"'"),
            [(Word, "'a"), (Word, "'b'"), (Word, "'\\''"), (Word, "'\"'")]
        );
        assert_eq!(
            kinds("'$A: '$' '$$B>"),
            [(Word, "'$A"), (Punctuation, ":"), (Word, "'$'"), (Word, "'$$B"), (Punctuation, ">")]
        );
        assert_eq!(
            kinds("r#type b\"x\" br"),
            [(Word, "r"), (Punctuation, "#"), (Word, "type"), (Str, "b\"x\""), (Word, "br")]
        );
    }

    #[test]
    fn only_lines_inside_a_literal_count() {
        let text = "let a = \"x\n  y\n\";\n// \"\nb";
        assert_eq!(literal_line_starts(text), [11, 15]);
    }
}
