//! What texts alone tell about code that left its file: whether it is still there, whether it can be looked for, and
//! whether a like file is only a copy.
//!
//! It knows no files and no history: texts in, verdicts out. Which files are asked about is for the conductor.

use std::collections::BTreeSet;

use super::similar::best_windows;
use super::trail::{own_lines, without_white_space};
use crate::identity::Language;
use crate::rust::items;
use crate::rust::kinds::ItemKind;
use crate::rust::syntax::Syntax;
use crate::text::words::words;

/// A window of a patch's own file that is so like what it looks for says that it is still there.
const STILL_THERE: f64 = 0.4;

/// A text with fewer different words may stand anywhere.
const DISTINCTIVE_WORDS: usize = 4;

/// Shorter words do not tell a text from others.
const DISTINCTIVE_LENGTH: usize = 3;

/// A file that shares more of its lines with another is a copy of it.
const COPY: f64 = 0.3;

/// A line with fewer letters and digits may stand in any file.
const TELLING_LENGTH: usize = 9;

/// Whether something of a change from `search` to `text` is left in `source`: then a like place elsewhere is its twin. It
/// is if a line that the change touches stands there, or a window like `search`, at most `expansion` lines longer.
pub(crate) fn is_still_in(source: &str, search: &str, text: &str, expansion: usize) -> bool {
    holds_any(source, &own_lines(search, text))
        || best_windows(search, source, expansion, 1)
            .first()
            .is_some_and(|window| window.similarity >= STILL_THERE)
}

/// Whether a text can be looked for in a whole workspace: it has enough different words.
pub(crate) fn is_distinctive(text: &str) -> bool {
    let long = words(text).filter(|word| word.len() >= DISTINCTIVE_LENGTH);
    long.collect::<BTreeSet<&str>>().len() >= DISTINCTIVE_WORDS
}

/// Whether a file is a copy of another: of the telling lines of the one with fewer of them, many stand in the other.
pub(crate) fn is_copy(a: &str, b: &str) -> bool {
    let (a, b) = (telling_lines(a), telling_lines(b));
    let least = a.len().min(b.len()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "numbers of lines")]
    let share = a.intersection(&b).count() as f64 / least as f64;
    share > COPY
}

/// Whether the file at `path` is a fork of another that is still there: a copy, or one that defines an item that the other
/// defines as well. Code that moved takes its items with it.
pub(crate) fn is_fork(a: &str, b: &str, path: &str) -> bool {
    is_copy(a, b) || Language::of(path) == Language::Rust && has_items_of(a, b)
}

fn has_items_of(a: &str, b: &str) -> bool {
    let own = |text: &str| {
        let mut own = items::all(&Syntax::parse(text));
        own.retain(|(path, _)| {
            path.last().is_some_and(|item| !matches!(item.kind, ItemKind::Mod | ItemKind::Impl))
        });
        own
    };
    let (a, b) = (own(a), own(b));
    a.iter().any(|(a, _)| b.iter().any(|(b, _)| a.is_same_item(b)))
}

fn holds_any(source: &str, squeezed_texts: &[String]) -> bool {
    let source = without_white_space(source);
    squeezed_texts.iter().any(|text| source.contains(text))
}

fn telling_lines(text: &str) -> BTreeSet<&str> {
    let letters = |line: &str| line.chars().filter(|c| c.is_alphanumeric()).count();
    text.lines().map(str::trim).filter(|line| letters(line) >= TELLING_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: &str = "    let limit = config.agent_limit;\n    check(limit)?;\n";
    const TEXT: &str = "    let limit = usize::MAX;\n    check(limit)?;\n";

    #[test]
    fn a_line_that_the_change_touches_says_that_it_is_still_there() {
        for (source, there) in [
            ("fn f() {\n  let limit =\n    config.agent_limit;\n}\n", true),
            ("fn f() {\n    let bound = config.agent_limit;\n    check(bound)?;\n}\n", true),
            ("fn f() {\n    check(limit)?;\n}\n", true),
            ("fn g() {\n    run();\n}\n", false),
            ("", false),
        ] {
            assert_eq!(is_still_in(source, SEARCH, TEXT, 5), there, "{source}");
        }
    }

    #[test]
    fn four_different_words_are_distinctive() {
        for (text, distinctive) in [
            ("let limit = config.agent_limit;", true),
            ("let limit = limit + limit;", false),
            ("a b c d e f", false),
            ("", false),
        ] {
            assert_eq!(is_distinctive(text), distinctive, "{text}");
        }
    }

    #[test]
    fn a_copy_shares_its_telling_lines() {
        let own = "use std::collections::HashMap;\nfn first_function() {}\nfn second_function() {}\n}\n";
        assert!(is_copy(own, &own.replace("first", "other")));
        assert!(!is_copy(own, "fn unrelated_function() {}\n}\n"));
        assert!(!is_copy("}\n)\n", "}\n)\n"), "brackets are in every file");
        assert!(!is_copy("", ""));
    }

    #[test]
    fn a_fork_defines_an_item_of_the_other_as_well() {
        let own = "fn capture() {\n    open();\n}\nmod tests {\n    fn first() {}\n}\n";
        let is_fork = |other| is_fork(own, other, "b.rs");
        assert!(is_fork("pub fn capture(more: bool) {}\nfn read() {}\n"));
        assert!(!is_fork("fn read() {}\nmod tests {\n    fn second() {}\n}\n"), "any file has tests");
        assert!(!is_fork("impl Reader {\n    fn capture() {}\n}\n"), "a method is no free function");
    }
}
