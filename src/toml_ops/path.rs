//! Paths in TOML: `profile.release`, `target."cfg(unix)".dependencies`, `bin[0]`, `bin[name = "x"]`.

/// A dotted key, parts may be quoted. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPath(Vec<String>);

/// A dotted section, each part with an optional pick from an array of tables. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionPath(Vec<Part>);

/// One part of a section path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The key, unquoted.
    pub key: String,
    /// Which element, where the key holds an array of tables.
    pub pick: Option<Pick>,
}

/// Which element of an array of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
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
pub struct PathMistake {
    /// One sentence.
    pub message: String,
    /// Byte offset in the path's text.
    pub offset: usize,
}

impl KeyPath {
    /// Parses a dotted key.
    ///
    /// # Errors
    /// [`PathMistake`].
    pub fn parse(text: &str) -> Result<Self, PathMistake> {
        todo!("{text}")
    }

    /// Its parts, unquoted.
    pub fn parts(&self) -> &[String] {
        &self.0
    }
}

impl SectionPath {
    /// Parses a section path.
    ///
    /// # Errors
    /// [`PathMistake`].
    pub fn parse(text: &str) -> Result<Self, PathMistake> {
        todo!("{text}")
    }

    /// Its parts.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}
