//! Whether a like window is the twin of what a patch looks for: the same code under the name of something else.
//!
//! Items, keys and sections are known by name elsewhere. Code has other names as well, and what differs from the search in nothing
//! but names and values, one of them such a name, is as likely its neighbour as what became of it. Without history nothing tells:
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
use crate::text::hunks::line_hunks;
use crate::text::lines::{blanks, line_end, line_of, line_start, next_line};

/// Whether `window` of `text`, a half-open byte range, with as many of the lines around it as it lacks, is a twin of `search`, of
/// which a patch makes `result`.
pub(super) fn is_twin([search, result]: [&str; 2], text: &str, window: &Range<usize>) -> bool {
    let missing = search.lines().count().saturating_sub(text[window.clone()].lines().count());
    let wider = |above: usize| {
        let up = |start: usize, _| line_start(text, start.saturating_sub(1));
        let down = |end, _| next_line(text, end);
        (0..above).fold(line_start(text, window.start), up)..(above..missing).fold(window.end, down)
    };
    (0..=missing).any(|above| is_twin_of([search, result], &text[wider(above)]))
}

/// Whether `there` is `search` but for names and values, each in the place of another, of which one names what is changed.
fn is_twin_of([search, result]: [&str; 2], there: &str) -> bool {
    let (old, new) = (Code::new(search), Code::new(there));
    if old.tokens.len() != new.tokens.len() {
        return false;
    }
    let others: Vec<usize> = (0..old.tokens.len()).filter(|at| old.word(*at) != new.word(*at)).collect();
    let is_other = |at: &usize| {
        let can_be =
            |code: &Code<'_>| code.tokens[*at].kind != TokenKind::Punctuation && !is_keyword(code.word(*at));
        old.tokens[*at].kind == new.tokens[*at].kind && can_be(&old) && can_be(&new)
    };
    let changed = line_hunks(search, result);
    let names = |at: usize| {
        let is_named = old.is_named(at) && new.is_named(at);
        is_named && changed.iter().any(|hunk| old.names(at, hunk.old.start))
    };
    others.iter().all(is_other) && others.into_iter().any(names)
}

/// A text and its tokens.
struct Code<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

impl<'t> Code<'t> {
    /// Without its comments.
    fn new(text: &'t str) -> Self {
        let mut tokens = lexer::tokens(text);
        tokens.retain(|token| token.kind != TokenKind::Comment);
        Self { text, tokens }
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

    /// Whether a token, which can, names what the line `changed`, from zero, is or stands in.
    fn names(&self, at: usize, changed: usize) -> bool {
        let start = self.tokens[at].span.start;
        let line = line_of(self.text, start) - 1;
        let lines: Vec<&str> = self.text.lines().collect();
        let depth = |line: usize| lines.get(line).map_or(0, |line| blanks(line.as_bytes()));
        let says = |line: &usize| lines.get(*line).is_some_and(|line| !line.trim().is_empty());
        let is_own = line == changed;
        let opens =
            line < changed && (line + 1..=changed).filter(says).all(|below| depth(below) > depth(line));
        let is_beside =
            line < changed && (line + 1..=changed).filter(says).all(|below| depth(below) >= depth(line));
        let is_heading = || lines[line].starts_with("# ") || lines[line].starts_with("##");
        match (is_own || opens, is_beside) {
            (true, _) => self.is_name_of_line(at, opens),
            (false, true) => self.is_label(at) || is_heading(),
            (false, false) => false,
        }
    }

    /// Whether a token names what its line is: its key, its pattern, or, where it `opens` a block, the first word, a text, or what is
    /// compared.
    fn is_name_of_line(&self, at: usize, opens: bool) -> bool {
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
            "=" => true,
            _ => false,
        };
        let is_text = self.tokens[at].kind == TokenKind::Str;
        let is_arrow = |two: &[usize]| two[0] > at && (self.word(two[0]), self.word(two[1])) == ("=", ">");
        let is_pattern = || here.windows(2).any(is_arrow);
        let is_compared = || says("=") && self.word(at + 1) == "{";
        is_first && (is_key || opens)
            || opens && (is_text || is_compared())
            || self.is_label(at)
            || is_pattern()
    }

    /// Whether a token is the text of a `name` or an `id`.
    fn is_label(&self, at: usize) -> bool {
        let before = |count: usize| at.checked_sub(count).map_or("", |at| self.word(at));
        self.tokens[at].kind == TokenKind::Str
            && matches!(before(1), ":" | "=")
            && matches!(before(2).trim_matches('"'), "name" | "id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The search with `5` in another place of it changed.
    fn changed(search: &str) -> String {
        search.replacen('5', "9", 1)
    }

    #[test]
    fn a_twin_has_another_name_where_one_stands_and_says_the_same() {
        for (search, there, expected) in [
            ("Kind::Read => {\n    wait(5);\n", "Kind::Write => {\n    wait(5);\n", true),
            ("Kind::Read => wait(5),\n", "Kind::Write => wait(5),\n", true),
            ("Read {\n    wait: [u8; 5],\n", "Write {\n    wait: [u8; 5],\n", true),
            ("pub read_wait: [u8; 5],\n", "pub write_wait: [u8; 5],\n", true),
            ("let read_wait = wait(5);\n", "let write_wait = wait(5);\n", true),
            ("on(\"read\", |wait| {\n    wait(5);\n", "on(\"write\", |wait| {\n    wait(5);\n", true),
            ("if kind == Kind::Read {\n    wait(5);\n", "if kind == Kind::Write {\n    wait(5);\n", true),
            ("let read = |wait| {\n    wait(5);\n", "let write = |wait| {\n    wait(5);\n", true),
            (
                "Command {\n    name: \"read\",\n    wait: 5,\n",
                "Command {\n    name: \"write\",\n    wait: 5,\n",
                true,
            ),
            ("\"read\": {\n    \"wait\": 5\n", "\"write\": {\n    \"wait\": 5\n", true),
            ("read:\n  wait: 5\n", "write:\n  wait: 5\n", true),
            ("## The read command\n\nIt waits 5.\n", "## The write command\n\nIt waits 5.\n", true),
            ("[[bin]]\nname = \"read\"\nwait = 5\n", "[[bin]]\nname = \"write\"\nwait = 5\n", true),
            ("Kind::Read => {\n    wait(5);\n", "Kind::Write => {\n    // Long.\n    wait(6);\n", true),
            // Names that it uses, and those of what stands beside it.
            ("let wait = read.wait();\nwait(5);\n", "let wait = write.wait();\nwait(5);\n", false),
            ("let read = wait();\nread(5);\n", "let write = wait();\nwrite(5);\n", false),
            (") -> Read {\n    wait(5);\n", ") -> Write {\n    wait(5);\n", false),
            ("wait: read(5),\n", "wait: write(5),\n", false),
            ("    wait(5);\n}\nKind::Read => {\n", "    wait(5);\n}\nKind::Write => {\n", false),
            ("Kind::Read => {\n}\nwait(5);\n", "Kind::Write => {\n}\nwait(5);\n", false),
            // More than names.
            ("Kind::Read => {\n    wait(5);\n", "Kind::Write => {\n    wait(5, 6);\n", false),
            ("Kind::Read => {\n    wait(5);\n", "Kind::Read => {\n    wait(5);\n", false),
        ] {
            let patch = [search, &changed(search)];
            assert_eq!(is_twin(patch, there, &(0..there.len())), expected, "{search}{there}");
        }
    }

    #[test]
    fn a_window_may_lack_the_line_that_names_it() {
        let there = "match kind {\n    Kind::Write => {\n        wait(5);\n        go();\n    }\n}\n";
        let search = "    Kind::Read => {\n        wait(5);\n        go();\n";
        let window = there.find("        wait").unwrap()..there.find("    }").unwrap();
        assert!(is_twin([search, &changed(search)], there, &window));
    }
}
