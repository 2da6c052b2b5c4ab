//! A string as TOML source: which of the four ways of writing it can hold it, and how it is written there.
//!
//! What is read back is what was written, byte for byte, whatever it holds; what a value must look like, and where, is
//! the business of `lock` and `rewrite`.

/// The ways of writing a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `"…"`
    Basic,
    /// `'…'`
    Literal,
    /// `"""…"""`
    LongBasic,
    /// `'''…'''`
    LongLiteral,
}

impl Style {
    /// The style of a string as it is written, quotes included.
    pub fn of(source: &str) -> Option<Self> {
        let quotes = [
            ("\"\"\"", Self::LongBasic),
            ("'''", Self::LongLiteral),
            ("\"", Self::Basic),
            ("'", Self::Literal),
        ];
        quotes.into_iter().find(|(quote, _)| source.starts_with(quote)).map(|(_, style)| style)
    }

    /// Whether it can hold `value`; the literal ones know no escapes.
    pub fn can_hold(self, value: &str) -> bool {
        match self {
            Self::Basic | Self::LongBasic => true,
            Self::Literal => !value.contains(|c| c == '\'' || is_control(c)),
            Self::LongLiteral => {
                // A quote at the end is allowed by TOML, but reads like a mistake.
                !value.contains(|c| c != '\n' && is_control(c))
                    && !value.contains("'''")
                    && !value.ends_with('\'')
            }
        }
    }

    /// `value` in this style, which must hold it. `newline` is what a line break of a multi-line string is written as;
    /// with `break_first` such a string begins on the line below its quotes. It does so unasked where `value` begins
    /// with a line break, since TOML takes the first one away.
    pub fn write(self, value: &str, newline: &str, break_first: bool) -> String {
        let first = if break_first || value.starts_with('\n') { newline } else { "" };
        match self {
            Self::Basic => format!("\"{}\"", escaped(value, |c| c == '"' || c == '\n')),
            Self::Literal => format!("'{value}'"),
            Self::LongBasic => {
                let body = long_escaped(value).replace('\n', newline);
                format!("\"\"\"{first}{body}\"\"\"")
            }
            Self::LongLiteral => format!("'''{first}{}'''", value.replace('\n', newline)),
        }
    }
}

/// What only an escape can write, but for the line feed.
fn is_control(c: char) -> bool {
    c.is_ascii_control() && c != '\t'
}

fn escaped(text: &str, also: impl Fn(char) -> bool) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => result.push_str("\\\\"),
            '"' if also(c) => result.push_str("\\\""),
            '\n' if also(c) => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            c if c != '\n' && is_control(c) => result.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => result.push(c),
        }
    }
    result
}

/// Quotes stay as they are where two at most follow each other.
fn long_escaped(text: &str) -> String {
    let plain = escaped(text, |_| false);
    let (body, last) = plain.strip_suffix('"').map_or((&*plain, ""), |body| (body, "\\\""));
    body.replace("\"\"\"", "\"\"\\\"") + last
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use toml::de::DeValue;

    /// Texts of the characters that any of the styles has trouble with.
    pub(crate) fn awkward() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(&[
            "'",
            "''",
            "'''",
            "\"",
            "\"\"",
            "\"\"\"",
            "\\",
            "\\n",
            "\\u0041",
            "\t",
            "\n",
            "\n\n",
            "\r",
            "\u{0}",
            "\u{1b}",
            "\u{7f}",
            "\u{85}",
            "é",
            "🦀",
            "\u{feff}",
            " ",
            "a",
            "$X",
            "# no comment",
            "]",
            "}",
            ",",
            "=",
            "x = 1",
        ]);
        prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
    }

    const STYLES: [Style; 4] = [Style::Basic, Style::Literal, Style::LongBasic, Style::LongLiteral];

    proptest! {
        #[test]
        fn what_is_written_is_read(value in awkward(), break_first: bool) {
            for style in STYLES.into_iter().filter(|style| style.can_hold(&value)) {
                let written = style.write(&value, "\n", break_first);
                let read = DeValue::parse(&written).unwrap();
                prop_assert_eq!(read.get_ref().as_str(), Some(value.as_str()), "{}", written);
                prop_assert_eq!(Style::of(&written), Some(style));
            }
        }
    }

    #[test]
    fn quotes_are_escaped_only_where_they_must() {
        assert_eq!(Style::LongBasic.write("a\"b\"\"\"\"c\"", "\n", false), r#""""a"b""\""c\"""""#);
        assert_eq!(Style::LongLiteral.write("a\n'b'\n", "\r\n", true), "'''\r\na\r\n'b'\r\n'''");
        assert!(!Style::LongLiteral.can_hold("a\r\n") && Style::LongLiteral.can_hold("\\\t\n"));
        assert!(!Style::Literal.can_hold("a\nb"));
    }
}
