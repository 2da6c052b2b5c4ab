//! What a match of whole lines stands behind on its own line.
//!
//! A text is found anywhere in a line, but a search that is whole lines means lines. What upstream put before the first of them
//! is a comment opener, and then there is no such code any more; or it belongs to the code of the match, and must not be left to
//! what comes next when that is taken away or something is put between.
//!
//! ```text
//! search     mod server;                     a whole line, or what defines a name, or a statement
//! # mod server;    // mod server;            is commented out: no match, whatever the operation
//! pub mod server;                            `pub ` goes with it: not deleted, nothing put before it; replaced, it stays
//! { mod server;    a, mod server;            nothing of what stands before belongs to it
//! ```

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::textual::whole_replacement;
use crate::identity::{self, Language};
use crate::patch::TextEdit;
use crate::rust::lexer::{self, Token, TokenKind};
use crate::rust::own_words::KEYWORDS;
use crate::text::lines::{begins_line, indent, lead_of, line_end, line_start};
use crate::text::words::is_word;

/// What begins a comment in some language.
const OPENERS: [&str; 5] = ["#", "//", "--", ";", "%"];
/// Where a line may begin with one of these and be none.
const PROSE: [&str; 5] = ["md", "markdown", "txt", "rst", "adoc"];

/// A target, as far as it matters here.
#[derive(Clone, Copy)]
pub(super) struct Lines<'t> {
    text: &'t str,
    language: Language,
    is_prose: bool,
}

impl<'t> Lines<'t> {
    /// Of the file at `path`.
    pub(super) fn new(text: &'t str, path: &str) -> Self {
        let is_prose = path.rsplit_once('.').is_some_and(|(_, end)| PROSE.contains(&end));
        Self { text, language: Language::of(path), is_prose }
    }

    /// What stands before `at` on its line; of Rust, where that is nothing, the attribute or documentation above.
    pub(super) fn before(&self, at: usize) -> &'t str {
        let start = line_start(self.text, at);
        let before = &self.text[start..at];
        let above = || &self.text[line_start(self.text, start.saturating_sub(1))..start];
        let is_above =
            || self.language == Language::Rust && before.trim().is_empty() && goes_with_next(above().trim());
        if is_above() { above() } else { before }
    }

    /// Whether `span`, where `search` stands, is code that was commented out.
    pub(super) fn is_commented_out(&self, search: &str, span: &Range<usize>) -> bool {
        self.is_code(search, span) && self.comment_before(search, span.start)
    }

    /// Whether what stands before `span`, where `search` stands, belongs to it, and would be left to something else by `edit`.
    pub(super) fn is_torn(&self, edit: &TextEdit, search: &str, span: &Range<usize>) -> bool {
        let before = self.before(span.start).trim();
        let hangs = !before.is_empty()
            && (!before.ends_with([';', ',', '{', '}', '(', '[']) || self.opener(before).is_some());
        hangs
            && self.are_lines(search, span)
            && self.changes_beginning(edit, search, begins_line(self.text, span.start))
    }

    /// Whether `span`, where `search` stands, begins within an indentation, and a line that `edit` puts there, or moves the first
    /// one of the search to, would for that stand less deep than the line that the result begins with.
    pub(super) fn is_deeper(&self, edit: &TextEdit, search: &str, span: &Range<usize>) -> bool {
        let (lead, Some(new)) = (lead_of(self.text, span.start), edit.text()) else { return false };
        let head = search.lines().next().unwrap_or_default();
        if lead.is_empty() || head.trim().is_empty() || !head.starts_with([' ', '\t']) {
            return false;
        }
        let result = whole_replacement(edit, new, search);
        let depth = |line: &str| indent(line).len();
        let mut lines = result.lines();
        let first = lines.next().map_or(0, depth);
        let is_kept = |line: &&str| search.lines().skip(1).any(|kept| kept == *line);
        let mut others = lines.filter(|line| !line.trim().is_empty() && !is_kept(line)).map(depth);
        others.any(|other| (first..first + lead.len()).contains(&other))
    }

    /// Whether a search is code by what it says. In other languages any whole line may be.
    fn is_code(&self, search: &str, span: &Range<usize>) -> bool {
        match self.language {
            Language::Rust => {
                self.defines(search)
                    || search.trim_start().starts_with("#[")
                    || search.trim_end().ends_with([';', ',', '{', '}']) && self.reaches_end(search, span)
                    || is_code(search)
            }
            Language::Toml => {
                self.defines(search)
                    || self.reaches_end(search, span)
                        && search.trim_end().ends_with([',', '[', ']', '{', '}'])
            }
            Language::Other => {
                self.reaches_end(search, span)
                    && (are_whole(search) || search.trim_start().starts_with(is_word))
            }
        }
    }

    /// Whether what stands before `at` makes a comment of it. The example of a documentation is not what was commented out.
    fn comment_before(&self, search: &str, at: usize) -> bool {
        let before = self.text[line_start(self.text, at)..at].trim();
        match self.language {
            Language::Rust => {
                let is_code = |token: &Token| {
                    let text = &self.text[token.span.clone()];
                    !["///", "//!", "/**", "/*!"].iter().any(|doc| text.starts_with(doc))
                };
                let holds = |token: &Token| {
                    token.kind == TokenKind::Comment && token.span.start < at && at < token.span.end
                };
                let may_be = before.contains("//") || is_in_block(&self.text[..at]);
                may_be && lexer::tokens(self.text).iter().any(|token| holds(token) && is_code(token))
            }
            Language::Toml => self.opener(before).is_some(),
            Language::Other => {
                // It may be a word of a comment that says more.
                let is_alone = |opener: &str| before.chars().all(|c| opener.contains(c));
                self.opener(before).is_some_and(|opener| is_alone(opener) && !search.starts_with(opener))
            }
        }
    }

    /// What makes a line a comment that begins so.
    fn opener(&self, line: &str) -> Option<&'static str> {
        let openers: &[&'static str] = match self.language {
            Language::Rust => &["//", "/*"],
            Language::Toml => &["#"],
            Language::Other if self.is_prose => &[],
            Language::Other => &OPENERS,
        };
        openers.iter().find(|opener| line.starts_with(**opener)).copied()
    }

    /// Whether a search means lines from the beginning of the first one on.
    fn are_lines(&self, search: &str, span: &Range<usize>) -> bool {
        if search.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']) {
            return false;
        }
        let is_statement =
            || search.trim_start().starts_with(is_word) && search.trim_end().ends_with([';', ',', '}']);
        match self.language {
            Language::Rust => {
                self.defines(search) || are_whole(search) || is_statement() && self.reaches_end(search, span)
            }
            Language::Toml => self.reaches_end(search, span) && (are_whole(search) || self.defines(search)),
            Language::Other => are_whole(search),
        }
    }

    /// Whether the first line of a search defines a name, or is a `use`.
    fn defines(&self, search: &str) -> bool {
        let search = search.trim_start();
        let first = search.lines().next().unwrap_or_default();
        first.starts_with(|c| is_word(c) || matches!(c, '#' | '[' | '"'))
            && (!identity::names_and_impls(first, self.language).is_empty()
                || identity::is_of_the_file(search, self.language))
    }

    /// Whether nothing but a comment follows on the last line of the match.
    fn reaches_end(&self, search: &str, span: &Range<usize>) -> bool {
        let rest = self.text[span.end..line_end(self.text, span.end)].trim_start();
        let comment = if self.language == Language::Rust { "/" } else { "#" };
        are_whole(search) || rest.is_empty() || rest.starts_with(comment)
    }

    /// Whether what stood before the match would stand before something else: the first line goes, or another one comes before it.
    /// More attributes and comments change nothing for an attribute above, which `is_above`.
    fn changes_beginning(&self, edit: &TextEdit, search: &str, is_above: bool) -> bool {
        let own = match edit {
            TextEdit::Delete { insert_comment } => insert_comment.as_deref().unwrap_or_default(),
            TextEdit::Replace { text } | TextEdit::InsertBefore { text } => text,
            TextEdit::InsertAfter { .. } => return false,
        };
        let result: Cow<'_, str> = match edit {
            TextEdit::Delete { .. } => Cow::Borrowed(own),
            _ => Cow::Owned(whole_replacement(edit, own, search)),
        };
        let (old, new) = (said(search, is_above), said(&result, is_above));
        let Some(first) = old.first() else { return false };
        let Some(now) = new.first() else { return true };
        if first == now {
            return false;
        }
        let (names, now_names) = [search, &*result].map(|text| identity::names(text, self.language)).into();
        let is_other = match (names.first(), now_names.first()) {
            (Some(was), Some(is)) => {
                was.name != is.name
                    && (now_names[1..].iter().any(|name| name.name == was.name)
                        || names[1..].iter().any(|name| name.name == is.name))
            }
            _ => false,
        };
        new[1..].contains(first)
            || old[1..].contains(now)
            || is_other
            || self.opener(now).is_some() && self.opener(first).is_none()
    }
}

/// Whether a line of Rust is, or ends, what belongs to the next line that is none.
fn goes_with_next(line: &str) -> bool {
    let is_attribute = line.starts_with("#[") && line.ends_with(']') || line == ")]";
    is_attribute || line.starts_with("///") && !line.starts_with("////")
}

/// The lines of a text that say something, without the white space around them; `without_attributes`: from the first one on that
/// is more than an attribute or a comment.
fn said(text: &str, without_attributes: bool) -> Vec<&str> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut is_open = false;
    let is_before = |line: &&str| {
        let was_open = is_open;
        is_open = (is_open || line.starts_with("#[")) && !line.ends_with(']');
        without_attributes && (was_open || line.starts_with("#[") || line.starts_with("//"))
    };
    lines.skip_while(is_before).collect()
}

/// Whether a piece of Rust has a call or a path, and no two names side by side, as a sentence has them.
pub(crate) fn is_code(search: &str) -> bool {
    let words: Vec<&str> = lexer::tokens(search).into_iter().map(|token| &search[token.span]).collect();
    let is_name = |word: &str| word.starts_with(|first: char| is_word(first) && !first.is_ascii_digit());
    let is_call = |pair: &[&str]| is_name(pair[0]) && matches!(pair[1], "(" | "!") || pair[0] == "::";
    let is_prose = |pair: &[&str]| pair.iter().all(|word| is_name(word) && !KEYWORDS.contains(word));
    words.windows(2).any(is_call) && !words.windows(2).any(is_prose)
}

/// Whether a block comment seems to be open at the end of a piece of Rust.
pub(crate) fn is_in_block(above: &str) -> bool {
    memmem::find(above.as_bytes(), b"/*").is_some() && above.rfind("/*") > above.rfind("*/")
}

/// Whether a text ends where a line does.
fn are_whole(search: &str) -> bool {
    search.trim_end_matches([' ', '\t']).ends_with('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, search: &str) -> Range<usize> {
        let at = text.find(search).unwrap();
        at..at + search.len()
    }

    #[test]
    fn code_behind_a_comment_opener_is_no_match() {
        for (path, text, search, expected) in [
            ("a.toml", "a = 1\n# b = 2\n", "b = 2\n", true),
            ("a.toml", "# b = 2", "b = 2", true),
            ("a.toml", "c = [\n# \"b\",\n]\n", "\"b\",\n", true),
            ("a.toml", "# Of the engine.\n", "Of the engine.\n", false),
            ("a.toml", "x = { b = 2 } # b = 3\n", "b = 2", false),
            ("a.rs", "// fn a() {}\n", "fn a() {}", true),
            ("a.rs", "// #[test]\n", "#[test]\n", true),
            ("a.rs", "b(); // was a();\n", "a();\n", true),
            ("a.rs", "/*\na();\n*/\n", "a();\n", true),
            ("a.rs", "/* b */ a();\n", "a();\n", false),
            ("a.rs", "// Says more.\n", "Says more.\n", false),
            ("a.rs", "/// a();\n", "a();\n", false),
            ("a.rs", "let u = \"https://a();\";\n", "a();\";\n", false),
            ("a.rs", "// a();\n", "// a();\n", false),
            ("a.yml", "# a: 1\n", "a: 1\n", true),
            ("a.yml", "# or a: 1\n", "a: 1\n", false),
            ("a.sql", "-- SELECT 1;\n", "SELECT 1;\n", true),
            ("a.md", "# Title\n", "Title\n", false),
        ] {
            let lines = Lines::new(text, path);
            assert_eq!(lines.is_commented_out(search, &place(text, search)), expected, "{search} in {text}");
        }
    }

    #[test]
    fn what_stands_before_a_match_is_left_to_nothing_else() {
        let delete = || TextEdit::Delete { insert_comment: None };
        let comment = || TextEdit::Delete { insert_comment: Some("// gone".to_owned()) };
        let before = |text: &str| TextEdit::InsertBefore { text: text.to_owned() };
        let after = |text: &str| TextEdit::InsertAfter { text: text.to_owned() };
        let replace = |text: &str| TextEdit::Replace { text: text.to_owned() };
        for (path, text, search, edit, expected) in [
            ("a.rs", "pub fn a() {}\n", "fn a() {}\n", delete(), true),
            ("a.rs", "pub fn a() {}\n", "fn a() {}", delete(), true),
            ("a.rs", "pub fn a() {}\n", "fn a() {}", comment(), true),
            ("a.rs", "pub fn a() {} fn b() {}\n", "fn a() {}", delete(), true),
            ("a.rs", "pub use a::b;\n", "use a::b;", delete(), true),
            ("a.rs", "unsafe impl A for B {}\n", "impl A for B {}", delete(), true),
            ("a.rs", "    let _ = a();\n", "a();", delete(), true),
            ("a.rs", "    let _ = a(); // now\n", "a();", delete(), true),
            ("a.rs", "    pub a: u8,\n", "a: u8,\n", delete(), true),
            ("a.rs", "    fn a() {}\n", "fn a() {}\n", delete(), false),
            ("a.rs", "mod m { fn a() {}\n", "fn a() {}\n", delete(), false),
            ("a.rs", "a(); b();\n", "b();", delete(), false),
            ("a.rs", "if a {} else {}\n", "else {}", delete(), false),
            ("a.rs", "fn a<T>() where T: B\n{}\n", "where T: B", delete(), false),
            ("a.rs", "a().await;\n", ".await", delete(), false),
            ("a.rs", "a(); // b\n", "// b", delete(), false),
            ("a.rs", "pub mod a;\n", "mod a;\n", before("mod b;\n"), true),
            ("a.rs", "pub mod a;\n", "mod a;", before("mod b; "), true),
            ("a.rs", "let _ = a();\n", "a();", before("b();\n    "), true),
            ("a.rs", "pub fn a() {\n", "fn a() {\n", before("async "), false),
            ("a.rs", "pub mod a;\n", "mod a;\n", after("mod b;\n"), false),
            ("a.rs", "pub fn a() {}\n", "fn a() {}\n", replace("fn b() {}\n"), false),
            ("a.rs", "pub mod a;\n", "mod a;\n", replace("mod b;\nmod a;\n"), true),
            ("a.rs", "pub mod a;\nmod b;\n", "mod a;\nmod b;\n", replace("mod b;\n"), true),
            ("a.rs", "pub mod a;\n", "mod a;\n", replace("mod b;\npub mod a;\n"), true),
            ("a.rs", "pub mod a;\n", "mod a;\n", replace("// gone\n"), true),
            ("a.rs", "#[b]\nfn a() {}\n", "fn a() {}\n", delete(), true),
            ("a.rs", "/// B.\nfn a() {}\n", "fn a() {}\n", before("fn b() {}\n"), true),
            ("a.rs", "/// B.\nfn a() {}\n", "fn a() {}\n", before("#[b]\n"), false),
            ("a.rs", "#[c]\n#[b]\nfn a() {}\n", "#[b]\n", delete(), false),
            ("a.rs", "#[c]\nfn a() {}\n", "fn a() {}\n", replace("fn b() {}\n"), false),
            ("a.toml", "# a = 1\nb = 2\n", "a = 1\n", delete(), true),
            ("a.toml", "x = { a = 1, b = 2 }\n", "a = 1, ", delete(), false),
            ("a.toml", "m = [ \"a\",\n", "\"a\",\n", delete(), false),
            ("a.yml", "- a\n", "a\n", delete(), true),
            ("a.yml", "a: b\n", "b", delete(), false),
            ("a.md", "- a\n", "a\n", before("b\n"), true),
        ] {
            let lines = Lines::new(text, path);
            assert_eq!(
                lines.is_torn(&edit, search, &place(text, search)),
                expected,
                "{edit:?}: {search} in {text}"
            );
        }
    }
}
