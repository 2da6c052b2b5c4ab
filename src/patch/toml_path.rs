//! Paths in TOML: `profile.release`, `target."cfg(unix)".dependencies`, `bin[0]`, `bin[name="x"]`.
//!
//! What a patch file says about a place, checked and unquoted; it knows no document. Dotted keys alone would
//! be TOML's own grammar, but a section may also pick an element of an array of tables, so one small reader
//! serves both and can say at which byte a mistake stands; only quoted parts are left to the TOML parser.

use std::fmt;

use toml_writer::{ToTomlKey as _, ToTomlValue as _, TomlStringBuilder};

/// A dotted key, parts may be quoted. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPath(Vec<String>);

/// A dotted section, each part with an optional pick from an array of tables. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionPath(Vec<Part>);

/// One part of a section path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The key, unquoted.
    pub(crate) key: String,
    /// Which element, where the key holds an array of tables.
    pub(crate) pick: Option<Pick>,
}

/// Which element of an array of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    /// By zero-based index.
    Index(usize),
    /// The one whose `key` holds this string.
    Where {
        /// The key.
        key: String,
        /// The value it must have.
        value: String,
    },
}

/// Why a path does not parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct PathMistake {
    /// One sentence.
    pub(crate) message: String,
    /// Byte offset in the path's text.
    pub(crate) offset: usize,
}

impl KeyPath {
    /// Parses a dotted key.
    ///
    /// # Errors
    /// [`PathMistake`].
    pub(crate) fn parse(text: &str) -> Result<Self, PathMistake> {
        let mut reader = Reader { text, at: 0 };
        let mut parts = Vec::new();
        loop {
            reader.skip_space();
            parts.push(reader.key()?);
            if reader.peek() == Some('[') {
                return Err(
                    reader.mistake("`key` cannot select an element of an array: select it in `section`")
                );
            }
            if !reader.dot_or_end()? {
                return Ok(Self(parts));
            }
        }
    }

    /// Its parts, unquoted.
    pub(crate) fn parts(&self) -> &[String] {
        &self.0
    }
}

impl SectionPath {
    /// Parses a section path.
    ///
    /// # Errors
    /// [`PathMistake`].
    pub(crate) fn parse(text: &str) -> Result<Self, PathMistake> {
        let mut reader = Reader { text, at: 0 };
        let mut parts = Vec::new();
        loop {
            reader.skip_space();
            if parts.is_empty() && reader.peek() == Some('[') {
                return Err(reader.mistake("write the section without the brackets of its header"));
            }
            let key = reader.key()?;
            parts.push(Part { key, pick: reader.pick()? });
            if !reader.dot_or_end()? {
                return Ok(Self(parts));
            }
        }
    }

    /// Its parts.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.0
    }
}

/// As it is written.
impl serde::Serialize for KeyPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// As it is written.
impl serde::Serialize for SectionPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&dotted(&self.0))
    }
}

impl fmt::Display for SectionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            write!(f, "{dot}{}", key_text(&part.key))?;
            match &part.pick {
                None => {}
                Some(Pick::Index(index)) => write!(f, "[{index}]")?,
                Some(Pick::Where { key, value }) => write!(f, "[{}={}]", key_text(key), basic(value))?,
            }
        }
        Ok(())
    }
}

/// The parts as TOML source, quoted where they must be, with dots between.
pub(crate) fn dotted(parts: &[impl AsRef<str>]) -> String {
    parts.iter().map(|part| key_text(part.as_ref())).collect::<Vec<_>>().join(".")
}

/// One key as TOML source: bare where it can be, quoted otherwise.
pub(crate) fn key_text(key: &str) -> String {
    key.to_toml_key()
}

/// A basic string as TOML source.
pub(crate) fn basic(text: &str) -> String {
    TomlStringBuilder::new(text).as_basic().to_toml_value()
}

fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn mistake(&self, message: impl Into<String>) -> PathMistake {
        PathMistake { message: message.into(), offset: self.at }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn expect(&mut self, wanted: char) -> Result<(), PathMistake> {
        self.skip_space();
        if self.peek() != Some(wanted) {
            return Err(self.mistake(format!("expected `{wanted}`")));
        }
        self.at += wanted.len_utf8();
        Ok(())
    }

    fn dot_or_end(&mut self) -> Result<bool, PathMistake> {
        self.skip_space();
        match self.peek() {
            None => Ok(false),
            Some('.') => {
                self.at += 1;
                Ok(true)
            }
            Some(c) => Err(self.mistake(format!("expected a dot or the end of the path, found `{c}`"))),
        }
    }

    fn key(&mut self) -> Result<String, PathMistake> {
        match self.peek() {
            Some('"' | '\'') => self.quoted(),
            Some(c) if is_bare(c) => Ok(self.take_while(is_bare).to_owned()),
            Some('.') => Err(self.mistake("the path has an empty part")),
            Some(c) => Err(self.mistake(format!("a key that contains `{c}` needs quotes"))),
            None if self.text.trim().is_empty() => Err(self.mistake("the path is empty")),
            None => Err(self.mistake("the path ends with a dot")),
        }
    }

    fn quoted(&mut self) -> Result<String, PathMistake> {
        let start = self.at;
        let literal = self.peek() == Some('\'');
        let mut escaped = false;
        for (i, c) in self.rest().char_indices().skip(1) {
            let closes = !escaped && c == if literal { '\'' } else { '"' };
            if closes {
                let source = &self.rest()[..=i];
                self.at += source.len();
                return unquoted(source).ok_or_else(|| PathMistake {
                    message: format!("{source} is not a valid TOML string"),
                    offset: start,
                });
            }
            escaped = !literal && !escaped && c == '\\';
        }
        Err(self.mistake("the quote is not closed"))
    }

    fn pick(&mut self) -> Result<Option<Pick>, PathMistake> {
        self.skip_space();
        if self.peek() != Some('[') {
            return Ok(None);
        }
        self.at += 1;
        self.skip_space();
        let start = self.at;
        let digits = self.take_while(|c| c.is_ascii_digit()).len();
        self.skip_space();
        if digits > 0 && self.peek() == Some(']') {
            self.at += 1;
            return match self.text[start..start + digits].parse() {
                Ok(index) => Ok(Some(Pick::Index(index))),
                Err(_) => Err(PathMistake { message: "the index is too large".to_owned(), offset: start }),
            };
        }
        self.at = start;
        self.pick_where().map(Some)
    }

    fn pick_where(&mut self) -> Result<Pick, PathMistake> {
        if self.peek() == Some(']') || self.peek().is_none() {
            return Err(self.mistake("expected an index or `key = \"value\"` in the brackets"));
        }
        let key = self.key()?;
        self.expect('=')?;
        self.skip_space();
        if !matches!(self.peek(), Some('"' | '\'')) {
            return Err(self.mistake("expected a quoted string"));
        }
        let value = self.quoted()?;
        self.expect(']')?;
        Ok(Pick::Where { key, value })
    }
}

fn unquoted(source: &str) -> Option<String> {
    match source.parse::<toml::Value>() {
        Ok(toml::Value::String(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_read_whatever_its_spaces_and_quotes() {
        assert_eq!(KeyPath::parse("serde . 'a.b'").unwrap().parts(), ["serde", "a.b"]);
        assert_eq!(SectionPath::parse("bin[name = 'x'].sub").unwrap().to_string(), r#"bin[name="x"].sub"#);
    }

    #[test]
    fn keys_are_split_and_unquoted() {
        let cases: &[(&str, &[&str])] = &[
            ("lto", &["lto"]),
            ("profile.release", &["profile", "release"]),
            (" a . b ", &["a", "b"]),
            ("target.\"cfg(unix)\".dependencies", &["target", "cfg(unix)", "dependencies"]),
            ("'C:\\x'.\"a\\\"b\\u00e9\"", &["C:\\x", "a\"b\u{e9}"]),
            ("\"\"", &[""]),
            ("1.2", &["1", "2"]),
        ];
        for (text, parts) in cases {
            assert_eq!(KeyPath::parse(text).unwrap().parts(), *parts, "{text}");
        }
    }

    #[test]
    fn sections_pick_elements() {
        let cases = [
            ("bin[0]", "bin[0]"),
            ("bin [ 12 ] . sub", "bin[12].sub"),
            ("bin[name=\"x\"]", "bin[name=\"x\"]"),
            ("bin[name = 'x'].sub", "bin[name=\"x\"].sub"),
            ("bin['a b' = 'c]d']", "bin[\"a b\"=\"c]d\"]"),
            ("a.'b c'", "a.\"b c\""),
        ];
        for (text, canonical) in cases {
            assert_eq!(SectionPath::parse(text).unwrap().to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn mistakes_say_where() {
        let keys = [
            ("", 0, "empty"),
            ("   ", 3, "empty"),
            ("a.", 2, "ends with a dot"),
            ("a..b", 2, "empty"),
            (".a", 0, "empty"),
            ("a b", 2, "expected a dot or the end"),
            ("a.\"b", 2, "not closed"),
            ("a.\"\\q\"", 2, "not a valid"),
            ("\u{e9}", 0, "needs quotes"),
            ("bin[0]", 3, "in `section`"),
        ];
        for (text, offset, word) in keys {
            let mistake = KeyPath::parse(text).unwrap_err();
            assert_eq!(mistake.offset, offset, "{text}: {mistake}");
            assert!(mistake.message.contains(word), "{text}: {mistake}");
        }
        let sections = [
            ("[a.b]", 0, "brackets"),
            ("bin[", 4, "index"),
            ("bin[]", 4, "index"),
            ("bin[-1]", 6, "`=`"),
            ("bin[name]", 8, "`=`"),
            ("bin[name=x]", 9, "quoted string"),
            ("bin[name=\"x\"", 12, "`]`"),
            ("bin[99999999999999999999999]", 4, "too large"),
            ("bin[0]x", 6, "expected a dot or the end"),
        ];
        for (text, offset, word) in sections {
            let mistake = SectionPath::parse(text).unwrap_err();
            assert_eq!(mistake.offset, offset, "{text}: {mistake}");
            assert!(mistake.message.contains(word), "{text}: {mistake}");
        }
    }

    proptest! {
        #[test]
        fn canonical_text_parses_back(parts in proptest::collection::vec(any::<String>(), 1..4)) {
            let path = KeyPath(parts);
            prop_assert_eq!(KeyPath::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn picks_parse_back(key in any::<String>(), value in any::<String>(), index in any::<usize>()) {
            let pick = Some(Pick::Where { key: key.clone(), value });
            let path = SectionPath(vec![
                Part { key: key.clone(), pick },
                Part { key, pick: Some(Pick::Index(index)) },
            ]);
            prop_assert_eq!(SectionPath::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn anything_parses_or_is_a_mistake_inside_the_text(text in "[a-z.\"'\\[\\]= \\\\é]{0,12}") {
            if let Err(mistake) = SectionPath::parse(&text) {
                prop_assert!(text.is_char_boundary(mistake.offset));
            }
        }
    }
}
