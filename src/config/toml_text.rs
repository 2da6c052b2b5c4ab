//! A string as TOML source: in which of the four styles it is written.
//!
//! `toml_writer` quotes and escapes; what is read back is what was written, byte for byte. Chosen here is the style, since
//! its own choice escapes what a reader of a patch file wants to see as it is. Pure.

use toml_writer::{ToTomlValue as _, TomlStringBuilder};

/// The ways of writing a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
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
    pub(crate) fn of(source: &str) -> Option<Self> {
        let quotes = [
            ("\"\"\"", Self::LongBasic),
            ("'''", Self::LongLiteral),
            ("\"", Self::Basic),
            ("'", Self::Literal),
        ];
        quotes.into_iter().find(|(quote, _)| source.starts_with(quote)).map(|(_, style)| style)
    }

    /// Whether it is one of the two that may span several lines.
    pub(crate) fn is_long(self) -> bool {
        matches!(self, Self::LongBasic | Self::LongLiteral)
    }

    /// `value` in this style, or `None` if the style, which then is a literal one, cannot hold it. A value of several
    /// lines begins on the line below its quotes.
    pub(crate) fn write(self, value: &str) -> Option<String> {
        let builder = TomlStringBuilder::new(value);
        let written = match self {
            Self::Basic => builder.as_basic(),
            Self::Literal => builder.as_literal()?,
            Self::LongBasic => builder.as_ml_basic(),
            // A quote at the end is allowed by TOML, but reads like a mistake.
            Self::LongLiteral => builder.as_ml_literal().filter(|_| !value.ends_with('\''))?,
        };
        Some(written.to_toml_value())
    }
}

/// `value` in the first of `styles` that can hold it.
pub(crate) fn write(value: &str, styles: &[Style]) -> String {
    let written = styles.iter().find_map(|style| style.write(value));
    written.unwrap_or_else(|| TomlStringBuilder::new(value).as_basic().to_toml_value())
}

/// `value` as it is wherever TOML can: on lines of its own if it has several.
pub(crate) fn long(value: &str) -> String {
    write(value, &[Style::LongLiteral, Style::LongBasic])
}

/// `value` in the style of `old`, a string as TOML source, or the one most like it that can hold it.
pub(crate) fn restyled(old: &str, value: &str) -> String {
    let style = Style::of(old).unwrap_or(Style::Basic);
    let has_lines = value.contains('\n');
    let body = old.get(3..).unwrap_or_default();
    // In a basic string a backslash at the end of a line takes the line break away.
    let body = match body.strip_prefix('\\') {
        Some(continued) if style == Style::LongBasic => continued.trim_start_matches([' ', '\t']),
        _ => body,
    };
    let begins_below = style.is_long() && body.starts_with('\n');
    // A line break that is written `\n` already may stay that way.
    let keeps = style != Style::Basic || !has_lines || old.contains("\\n");
    let needs_escapes = value.contains(['\\', '"']);
    let is_long = style.is_long() || has_lines;
    let written = match style.write(value).filter(|_| keeps) {
        Some(written) => written,
        None if is_long => long(value),
        None if needs_escapes => write(value, &[Style::LongLiteral]),
        None => write(value, &[Style::Basic]),
    };
    match style.is_long() && begins_below != has_lines && !value.starts_with('\n') {
        true if begins_below => format!("{}\n{}", &written[..3], &written[3..]),
        true => format!("{}{}", &written[..3], &written[4..]),
        false => written,
    }
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
        fn what_is_written_is_read(value in awkward()) {
            for style in STYLES {
                let Some(written) = style.write(&value) else { continue };
                let read = DeValue::parse(&written).unwrap();
                prop_assert_eq!(read.get_ref().as_str(), Some(value.as_str()), "{}", written);
                prop_assert_eq!(Style::of(&written), Some(style));
            }
        }
    }

    #[test]
    fn quotes_are_escaped_only_where_they_must() {
        let of = |style: Style, value: &str| style.write(value);
        assert_eq!(of(Style::LongBasic, "a\"b\"\"\"\"c").as_deref(), Some(r#""""a"b""\""c""""#));
        assert_eq!(of(Style::LongLiteral, "a\n'b'\n").as_deref(), Some("'''\na\n'b'\n'''"));
        assert_eq!(of(Style::LongLiteral, "\\\t\n").as_deref(), Some("'''\n\\\t\n'''"));
        assert_eq!(of(Style::LongLiteral, "a\r\n"), None);
        assert_eq!(of(Style::LongLiteral, "'a'"), None);
        assert_eq!(of(Style::Literal, "a\nb"), None);
        assert_eq!(write("it's", &[Style::Literal]), "\"it's\"");
    }
}
