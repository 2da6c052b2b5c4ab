//! All limits of a run, with their names and reasons. Pure.
//!
//! What is read was often written by strangers, and a run must end with a sentence whatever they wrote: not by the end of
//! memory or patience. A limit counts bytes or steps, never time, so that the same input reaches it on every machine.
//! `docs/limits.md` has the same table for users.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a patch file, lock file, manifest or target, unless `--max-file-size` says otherwise. The largest source file of
/// Codex 0.125 has a thirtieth of it.
pub const FILE_SIZE: u64 = 16 << 20;

/// Mistakes of one patch file that are kept, and of the ids of all of them. Nobody reads more, and each shows its place.
pub(crate) const MISTAKES: usize = 100;

/// Steps of the search for one patch in one target: a condition looked at, a node visited, a state of a query advanced.
pub(crate) const STEPS: usize = 20_000_000;

/// Choices of a pattern that are open at once: each is a step of recursion.
pub(crate) const CHOICES: usize = 500;

/// Matches of a tree-sitter query that are begun and not ended: each keeps a list of captures.
pub(crate) const OPEN_MATCHES: u32 = 256;

/// Bytes of a target that is parsed (Rust, TOML, JSON), unless `--max-file-size` says otherwise. The largest source file of
/// Codex 0.125 has less than half of it. A tree takes up to 600 times the memory of its text.
pub const CODE_SIZE: u64 = 1 << 20;

/// Bytes of what later patches make of an earlier one's text, if that is four times what it was: patches that double each
/// other's text make a million of it with twenty.
pub(crate) const STAGE: usize = 64 << 10;

/// Places of an ambiguity that are kept: a person corrects a query after some, and a program counts.
pub(crate) const SITES: usize = 20;

/// Characters of the line of a place: as many places may be on one line as it has characters.
pub(crate) const SITE_TEXT: usize = 200;

static CODE_SIZE_NOW: AtomicU64 = AtomicU64::new(CODE_SIZE);

/// How many bytes of a target are parsed.
pub(crate) fn code_size() -> u64 {
    CODE_SIZE_NOW.load(Ordering::Relaxed)
}

/// What `--max-file-size` says.
static FILE_SIZE_NOW: AtomicU64 = AtomicU64::new(FILE_SIZE);

/// How many bytes of one file are read.
pub fn file_size() -> u64 {
    FILE_SIZE_NOW.load(Ordering::Relaxed)
}

/// How many bytes the target `path` may have, and the limit that says so.
pub(crate) fn of_target(path: &str) -> (u64, Limit) {
    let is_parsed = [".rs", ".toml", ".json"].iter().any(|ending| path.ends_with(ending));
    if is_parsed { (code_size(), Limit::CodeSize) } else { (file_size(), Limit::FileSize) }
}

/// From now on `bytes` of one file are read, by all threads: said once, before anything is read.
pub fn set_file_size(bytes: u64) {
    FILE_SIZE_NOW.store(bytes, Ordering::Relaxed);
    CODE_SIZE_NOW.store(bytes, Ordering::Relaxed);
}

/// A limit that was reached. Its `Display` has its name and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A file is longer than [`file_size`].
    FileSize,
    /// A target that is parsed is longer than `CODE_SIZE`.
    CodeSize,
    /// What patches make of a target is longer than a target may be.
    ResultSize,
    /// A patch file has more than `MISTAKES`.
    Mistakes,
    /// A search takes more than `STEPS`.
    Steps,
    /// A pattern has more than `CHOICES` open.
    Choices,
    /// A query has more than `OPEN_MATCHES`.
    OpenMatches,
}

impl Limit {
    /// The name in `docs/limits.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FileSize => "file-size",
            Self::CodeSize => "code-size",
            Self::ResultSize => "result-size",
            Self::Mistakes => "mistakes",
            Self::Steps => "steps",
            Self::Choices => "choices",
            Self::OpenMatches => "open-matches",
        }
    }

    /// What to do about it.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Mistakes => "mend these first",
            Self::FileSize | Self::CodeSize => {
                "if the file is meant to be that long, raise the limit with --max-file-size"
            }
            Self::ResultSize => {
                "if the result is meant to be that long, raise the limit with --max-file-size; if not, look for a patch \
                 whose text doubles what it matches"
            }
            Self::Steps | Self::Choices | Self::OpenMatches => {
                "make the query more definite: fewer `$$$` and `*`, `stopBy` near the match, or another kind of query"
            }
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileSize => write!(f, "longer than {}", in_bytes(file_size())),
            Self::CodeSize => write!(f, "longer than {}, which is too long to parse", in_bytes(code_size())),
            Self::ResultSize => write!(f, "longer than a target may be"),
            Self::Steps => write!(f, "more than {STEPS} steps"),
            Self::Choices => write!(f, "more than {CHOICES} choices that are open at once"),
            Self::OpenMatches => write!(f, "more than {OPEN_MATCHES} matches that are open at once"),
            Self::Mistakes => write!(f, "than the {MISTAKES} that are shown"),
        }?;
        write!(f, " (the limit `{}`)", self.name())
    }
}

/// A number of bytes in the largest unit that divides it.
fn in_bytes(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.trailing_zeros() >= *shift);
    match unit {
        Some((shift, name)) => format!("{} {name}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_the_largest_unit_that_divides_it() {
        let told = [0, 1, 1000, 1 << 10, 3 << 20, (1 << 20) + 1, 5 << 30].map(in_bytes);
        assert_eq!(told, ["0 bytes", "1 bytes", "1000 bytes", "1 KiB", "3 MiB", "1048577 bytes", "5 GiB"]);
    }

    #[test]
    fn a_limit_has_its_name_and_its_size() {
        assert_eq!(Limit::FileSize.to_string(), "longer than 16 MiB (the limit `file-size`)");
    }
}
