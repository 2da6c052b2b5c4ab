//! Whether a place lies inside a word or a number, so that a text that begins or ends there says less than it seems to.
//!
//! ```text
//! limit = 100        is not what stands in   limit = 1000      a number goes on
//!                                            limit = 1.5       `= 1` would be a part of it
//! open               is not what stands in   reopen, open_all  an identifier
//! "\nopen"           has it                                    `n` belongs to the backslash
//! type               is not what stands in   r#type            another name
//! pair.0             has `pair`, and `pair.0` is whole in `pair.0.1`
//! ```
//!
//! Only where a text has a character of a word at its edge can it cut one: what ends in `(` or a blank is whole.

use super::words::is_word;

/// What a `-` between two words does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dash {
    /// It joins them to one word, as in a key of TOML.
    Joins,
    /// It is an operator, or parts them.
    Parts,
}

/// Whether what begins at `at` begins inside a word of `text`.
pub(crate) fn begins_inside_word(text: &str, at: usize, dash: Dash) -> bool {
    let (before, inside) = text.split_at(at);
    let mut back = before.chars().rev();
    let (Some(first), Some(last)) = (inside.chars().next(), back.next()) else { return false };
    let farther = back.next();
    match last {
        _ if !is_word(first) => false,
        '.' => {
            first.is_ascii_digit()
                && farther.is_some_and(|c| c.is_ascii_digit())
                && !is_field(&before[..before.len() - 1])
        }
        '-' => dash == Dash::Joins && farther.is_some_and(is_word),
        '#' => before.strip_suffix("r#").is_some_and(|of| !of.ends_with(is_word)),
        _ => is_one_word(last, first) && !ends_in_escape(before),
    }
}

/// Whether what ends at `at` ends inside a word of `text`.
pub(crate) fn ends_inside_word(text: &str, at: usize, dash: Dash) -> bool {
    let (inside, after) = text.split_at(at);
    let mut forth = after.chars();
    let (Some(last), Some(first)) = (inside.chars().next_back(), forth.next()) else { return false };
    let farther = forth.next();
    match first {
        _ if !is_word(last) => false,
        '.' => last.is_ascii_digit() && farther.is_some_and(|c| c.is_ascii_digit()) && !is_field(inside),
        '-' => dash == Dash::Joins && farther.is_some_and(is_word),
        _ => is_one_word(last, first) && !ends_in_escape(inside),
    }
}

/// The word of `text` that reaches over `at`, for people to look at.
pub(crate) fn word_over(text: &str, at: usize, dash: Dash) -> &str {
    let belongs = |c: char| is_word(c) || c == '.' || c == '-' && dash == Dash::Joins;
    let start =
        text[..at].char_indices().rev().take_while(|(_, c)| belongs(*c)).last().map_or(at, |(i, _)| i);
    let end = text[at..].find(|c| !belongs(c)).map_or(text.len(), |len| at + len);
    text[start..end].trim_matches('.')
}

fn is_one_word(a: char, b: char) -> bool {
    is_word(a) && is_word(b) && !is_unspaced(a) && !is_unspaced(b)
}

/// A letter of a script that writes its words without blanks between, where any place may be the edge of one.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x2E80..=0xD7FF | 0xF900..=0xFAFF | 0xFF66..=0xFFDC | 0x20000..)
}

/// Whether the last character is the letter of an escape like `\n`.
fn ends_in_escape(text: &str) -> bool {
    let Some(before) = text.strip_suffix(['n', 't', 'r', '0']) else { return false };
    before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Whether the digits at the end name a field of a tuple, so that the `.` behind them is not that of a number.
fn is_field(text: &str) -> bool {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    before
        .strip_suffix('.')
        .is_some_and(|of| of.ends_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ')' | ']' | '?')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_cuts_a_word_or_a_number_is_known() {
        // The text, what is looked for in it, whether it begins and whether it ends inside a word.
        let cases = [
            ("x = 1000;", "= 100", false, true),
            ("x = 1000;", "000", true, false),
            ("x = 1_000;", "= 1", false, true),
            ("x = 1.5;", "= 1", false, true),
            ("x = 1.5;", "5", true, false),
            ("x = 1.5;", ".5", false, false),
            ("x = 1..5;", "x = 1", false, false),
            ("x = 5. In", "= 5", false, false),
            ("x = 5u8;", "= 5", false, true),
            ("pair.0.1", "pair.0", false, false),
            ("pair.0.1", "1", false, false),
            ("1.2.3", "1.2", false, true),
            ("reopen_all(", "open", true, true),
            ("open(", "open", false, false),
            ("open()", "open(", false, false),
            ("'a str", "a", false, false),
            (r#""\nopen""#, "open", false, false),
            (r#""\\nopen""#, "open", true, false),
            ("café", "caf", false, true),
            ("新配置文件", "配置", false, false),
            ("a-b", "a", false, false),
            ("r#type", "type", true, false),
            ("bar#type", "type", false, false),
            ("x", "x", false, false),
        ];
        for (text, part, begins, ends) in cases {
            let at = text.find(part).unwrap();
            assert_eq!(begins_inside_word(text, at, Dash::Parts), begins, "{part} in {text}");
            assert_eq!(ends_inside_word(text, at + part.len(), Dash::Parts), ends, "{part} in {text}");
        }
    }

    #[test]
    fn a_dash_joins_the_words_of_a_key() {
        let text = "tokio-util = 1";
        assert!(ends_inside_word(text, 5, Dash::Joins) && begins_inside_word(text, 6, Dash::Joins));
        assert!(!ends_inside_word(text, 10, Dash::Joins) && !begins_inside_word("- util", 2, Dash::Joins));
        assert_eq!(word_over(text, 5, Dash::Joins), "tokio-util");
        assert_eq!(word_over("x = 1.5;", 5, Dash::Parts), "1.5");
    }
}
