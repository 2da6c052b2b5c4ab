//! Whether a like window is the twin of what a patch looks for: the same code under the name of something else.
//!
//! Items, keys and sections are known by name elsewhere. Code has other names as well, and what differs from the search in nothing
//! but names and texts, one of them such a name, is as likely its neighbour as what became of it. Without history nothing tells:
//!
//! ```text
//! search    Kind::Read => {                     stands    Kind::Write => {
//!               wait(Timeout::millis(500));                   wait(Timeout::millis(500));
//! names     the pattern of an arm, the key before a `:` or `=`, the first word and the texts of a line that opens a block, what is
//!           compared there, the text of a `name` or an `id`, a heading
//! ```

use std::ops::Range;

use crate::plan::standing::{is_keyword, is_name};
use crate::rust::lexer::{self, Token, TokenKind};
use crate::text::lines::{blanks, line_end, line_start, next_line};

/// Whether `window` of `text`, a half-open byte range, with as many of the lines around it as it lacks, is a twin of `search`.
pub(super) fn is_twin(search: &str, text: &str, window: &Range<usize>) -> bool {
    let missing = search.lines().count().saturating_sub(text[window.clone()].lines().count());
    let wider = |above: usize| {
        let up = |start: usize, _| line_start(text, start.saturating_sub(1));
        let down = |end, _| next_line(text, end);
        (0..above).fold(line_start(text, window.start), up)..(above..missing).fold(window.end, down)
    };
    (0..=missing).any(|above| is_twin_of(search, &text[wider(above)]))
}

/// Whether `there` is `search` but for names and texts, each in the place of another, of which one names something.
fn is_twin_of(search: &str, there: &str) -> bool {
    let (old, new) = (Code::new(search), Code::new(there));
    if old.tokens.len() != new.tokens.len() {
        return false;
    }
    let others: Vec<usize> = (0..old.tokens.len()).filter(|at| old.word(*at) != new.word(*at)).collect();
    let is_other =
        |at: &usize| old.tokens[*at].kind == new.tokens[*at].kind && old.is_named(*at) && new.is_named(*at);
    others.iter().all(is_other) && others.into_iter().any(|at| old.names(at))
}

/// A text and its tokens.
struct Code<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

impl<'t> Code<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, tokens: lexer::tokens(text) }
    }

    /// A token; empty beyond the last.
    fn word(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| &self.text[token.span.clone()])
    }

    /// Whether a token is a text, or a word that can name something.
    fn is_named(&self, at: usize) -> bool {
        match self.tokens[at].kind {
            TokenKind::Str => true,
            TokenKind::Word => is_name(self.word(at)) && !is_keyword(self.word(at)),
            TokenKind::Comment | TokenKind::Punctuation => false,
        }
    }

    /// Whether a token, which can, names what it stands in.
    fn names(&self, at: usize) -> bool {
        let start = self.tokens[at].span.start;
        let line = line_start(self.text, start)..line_end(self.text, start);
        let is_here = |token: &Token| line.contains(&token.span.start);
        let here: Vec<usize> = (0..self.tokens.len()).filter(|at| is_here(&self.tokens[*at])).collect();
        let says = |word: &str| here.iter().any(|other| *other < at && self.word(*other) == word);
        // What may be said before a name.
        let is_lead =
            |at: &usize| is_keyword(self.word(*at)) || matches!(self.word(*at), "(" | ")" | "-" | "[" | "{");
        let is_first = here.iter().find(|at| !is_lead(at)) == Some(&at) && self.word(here[0]) != ")";
        let is_key = match self.word(at + 1) {
            ":" => self.word(at + 2) != ":",
            "=" => !says("let"),
            _ => false,
        };
        let is_label = || {
            matches!(self.word(at.wrapping_sub(2)).trim_matches('"'), "name" | "id")
                && matches!(self.word(at.wrapping_sub(1)), ":" | "=")
        };
        let is_text = self.tokens[at].kind == TokenKind::Str;
        let opens = self.opens_block(&line);
        let is_pattern =
            || here.windows(2).any(|two| two[0] > at && (self.word(two[0]), self.word(two[1])) == ("=", ">"));
        let is_compared = || opens && says("=") && self.word(at + 1) == "{";
        let is_heading =
            || self.text[line.clone()].starts_with("# ") || self.text[line.clone()].starts_with("##");
        is_first && (is_key || opens)
            || is_text && (opens || is_label())
            || is_pattern()
            || is_compared()
            || is_heading()
    }

    /// Whether the next line that says something is deeper than this one.
    fn opens_block(&self, line: &Range<usize>) -> bool {
        let depth = |line: &str| blanks(line.as_bytes());
        let below = self.text.get(line.end + 1..).unwrap_or_default();
        let next = below.lines().find(|line| !line.trim().is_empty());
        next.is_some_and(|next| depth(next) > depth(&self.text[line.clone()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_has_another_name_where_one_stands_and_says_the_same() {
        for (search, there, expected) in [
            ("Kind::Read => {\n    wait(5);\n", "Kind::Write => {\n    wait(5);\n", true),
            ("Kind::Read => wait(5),\n", "Kind::Write => wait(5),\n", true),
            ("Read {\n    wait: u8,\n", "Write {\n    wait: u8,\n", true),
            ("pub read_wait: [u8; 5],\n", "pub write_wait: [u8; 5],\n", true),
            ("on(\"read\", |wait| {\n    wait(5);\n", "on(\"write\", |wait| {\n    wait(5);\n", true),
            ("if kind == Kind::Read {\n    wait(5);\n", "if kind == Kind::Write {\n    wait(5);\n", true),
            ("let read = |wait| {\n    wait(5);\n", "let write = |wait| {\n    wait(5);\n", true),
            ("Command {\n    name: \"read\",\n", "Command {\n    name: \"write\",\n", true),
            ("\"read\": {\n    \"wait\": 5\n", "\"write\": {\n    \"wait\": 5\n", true),
            ("read:\n  wait: 5\n", "write:\n  wait: 5\n", true),
            ("## The read command\n\nIt waits.\n", "## The write command\n\nIt waits.\n", true),
            ("[[bin]]\nname = \"read\"\nwait = 5\n", "[[bin]]\nname = \"write\"\nwait = 5\n", true),
            // A name of today.
            ("let wait = read.wait();\nwait(5);\n", "let wait = write.wait();\nwait(5);\n", false),
            ("let read = wait();\nread(5);\n", "let write = wait();\nwrite(5);\n", false),
            (") -> Read {\n    wait(5);\n", ") -> Write {\n    wait(5);\n", false),
            ("wait: read,\n", "wait: write,\n", false),
            // More than names.
            ("Kind::Read => {\n    wait(5);\n", "Kind::Write => {\n    wait(6);\n", false),
            ("Kind::Read => {\n    wait(5);\n", "Kind::Write => {\n    wait(5, 6);\n", false),
            ("Kind::Read => {\n    wait(5);\n", "Kind::Read => {\n    wait(5);\n", false),
        ] {
            assert_eq!(is_twin(search, there, &(0..there.len())), expected, "{search}{there}");
        }
    }

    #[test]
    fn a_window_may_lack_the_line_that_names_it() {
        let there = "match kind {\n    Kind::Write => {\n        wait(5);\n        go();\n    }\n}\n";
        let search = "    Kind::Read => {\n        wait(5);\n        go();\n";
        let start = there.find("        wait").unwrap();
        assert!(is_twin(search, there, &(start..there.find("    }").unwrap())));
    }
}
