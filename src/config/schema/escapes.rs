//! Escapes of TOML that were meant as something else: `"\bfoo"` is a backspace and `foo`, not the edge of a word.
//!
//! Such a string is valid TOML, and finds nothing. Only escapes by one letter are looked at: who wants the character itself
//! writes its number.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::fields::Sink;
use crate::config::mistake::MistakeKind;

/// Whether no escape of the string `value` is a control character that nobody means; else reports the first.
pub(super) fn are_meant(sink: &mut Sink, value: &Spanned<DeValue<'_>>, what: &str) -> bool {
    let Some((at, number)) = unmeant(&sink.source[value.span()]) else { return true };
    let span = value.span().start + at.start..value.span().start + at.end;
    let escape = sink.source[span.clone()].to_owned();
    let message = format!("{what} has a control character: in TOML `{escape}` is one");
    sink.report(MistakeKind::Control, span, message).hint(format!(
        "write the text between `'''`, where a backslash is itself; if the character is meant, write `\\u{number:04x}`"
    ));
    false
}

/// The first escape of a string, quotes included, that is a backspace, a form feed, an escape or a lone carriage return.
fn unmeant(written: &str) -> Option<(Range<usize>, u32)> {
    let mut rest = written.strip_prefix('"')?;
    while let Some(found) = rest.find('\\') {
        let at = written.len() - rest.len() + found;
        let after = &rest[found + 1..];
        let letter = after.chars().next()?;
        let number = match letter {
            'b' => 0x08,
            'f' => 0x0c,
            'e' => 0x1b,
            'r' if !after[1..].starts_with("\\n") => 0x0d,
            _ => {
                rest = &after[letter.len_utf8()..];
                continue;
            }
        };
        return Some((at..at + 2, number));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_that_give_control_characters_count() {
        let found = |written: &str| unmeant(written).map(|(at, number)| (written[at].to_owned(), number));
        for (written, escape, number) in [
            (r#""\bfoo""#, r"\b", 8),
            (r#""a \\ \f""#, r"\f", 12),
            (r#""\e[0m""#, r"\e", 27),
            (r#""""\regex\r\n""""#, r"\r", 13),
        ] {
            assert_eq!(found(written), Some((escape.to_owned(), number)), "{written}");
        }
        for written in [r#""\\b""#, r#""\t\n\r\n\"\\""#, r#""\u0008\x1b""#, r"'\b'", r"'''\f'''", "\"é\""] {
            assert_eq!(found(written), None, "{written}");
        }
    }
}
