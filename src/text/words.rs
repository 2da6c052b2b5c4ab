//! What a word is: letters, digits and `_` in a row. In Rust these are identifiers, keywords and numbers.

/// Whether a character is a part of a word.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a byte is a part of a word, for texts that are read byte by byte because they are many. Every byte beyond
/// ASCII counts, so that no word ends inside a character; that takes `—` for a letter, which costs nothing.
pub(crate) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// The words of a text.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty())
}

/// Whether a text is one identifier, raw (`r#type`) or not.
pub(crate) fn is_identifier(text: &str) -> bool {
    let text = text.strip_prefix("r#").unwrap_or(text);
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(is_word)
}

/// All of a text: words, stretches of white space, and single characters of anything else.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_same: fn(char) -> bool = match first {
            _ if is_word(first) => is_word,
            _ if first.is_whitespace() => char::is_whitespace,
            _ => |_| false,
        };
        let end = first.len_utf8();
        let end = end + rest[end..].find(|c| !is_same(c)).unwrap_or(rest.len() - end);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// A text without white space, except a blank where it separates two words.
pub(crate) fn minimal_blanks(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for part in text.split_whitespace() {
        if result.ends_with(is_word) && part.starts_with(is_word) {
            result.push(' ');
        }
        result.push_str(part);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_all_of_a_text() {
        let text = "let é_1 =  f(\t\n)?;";
        let found: Vec<&str> = pieces(text).collect();
        assert_eq!(found, ["let", " ", "é_1", " ", "=", "  ", "f", "(", "\t\n", ")", "?", ";"]);
        assert_eq!(words(text).collect::<Vec<_>>(), ["let", "é_1", "f"]);
        assert_eq!(pieces("").count() + words("").count(), 0);
    }

    #[test]
    fn identifiers_begin_with_a_letter() {
        assert!(["a", "_", "é1", "r#type"].into_iter().all(is_identifier));
        assert!(!["", "1a", "a b", "r#", "a-b"].into_iter().any(is_identifier));
    }

    #[test]
    fn white_space_stays_between_words_only() {
        assert_eq!(minimal_blanks(" dyn  Fn ( u8 ) -> a\nb "), "dyn Fn(u8)->a b");
    }

    #[test]
    fn bytes_and_characters_agree_on_ascii() {
        assert!((0..128u8).all(|byte| is_word(char::from(byte)) == is_word_byte(byte)));
        assert!("é".bytes().all(is_word_byte));
    }
}
