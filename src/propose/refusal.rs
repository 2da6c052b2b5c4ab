//! Why no patch can be proposed, in a sentence, with a hint.

use crate::patch::QueryKind;

/// What a line is that holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// White space at most.
    Blank,
    /// A comment that belongs to no item.
    Comment,
}

impl Nothing {
    fn words(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Comment => "a comment",
        }
    }
}

/// Why there is no patch to propose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The file is shorter, or the line is 0.
    #[error("{path} has no line {line}: the file has {}", counted(*.lines))]
    NoLine {
        /// The target.
        path: String,
        /// One-based, as asked for.
        line: usize,
        /// How many it has.
        lines: usize,
    },
    /// A whole file was asked for that has no places with names.
    #[error("`{path}` has no items or keys to list")]
    NoPlaces {
        /// The target.
        path: String,
    },
    /// Nothing stands at the line that a patch could be for.
    #[error("{path}:{line} is {}", .what.words())]
    Nothing {
        /// The target.
        path: String,
        /// One-based.
        line: usize,
        /// What is there instead.
        what: Nothing,
        /// The nearest line with something on it, and what that is.
        nearest: Option<(usize, String)>,
    },
    /// The query does not read such files.
    #[error("{} queries cannot search `{path}`", .kind.name())]
    WrongKind {
        /// As asked for.
        kind: QueryKind,
        /// The target.
        path: String,
        /// Those that do.
        kinds: Vec<QueryKind>,
    },
    /// A `.toml` file that is none.
    #[error("`{path}` is not valid TOML: line {line}: {message}")]
    NotToml {
        /// The target.
        path: String,
        /// One-based, of the mistake.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// No query of the kind asked for, or of any, finds this place and no other.
    #[error("no {}query matches {path}:{line} and nothing else", .kind.map_or_else(String::new, |kind| format!("{} ", kind.name())))]
    NotUnique {
        /// As asked for; `None` where any would do.
        kind: Option<QueryKind>,
        /// The target.
        path: String,
        /// One-based.
        line: usize,
        /// The kinds of which one does.
        others: Vec<QueryKind>,
    },
}

impl Refusal {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let list = |kinds: &[QueryKind]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        match self {
            Self::NoLine { path, .. } => {
                Some(format!("`codex-patcher new {path}` lists the places in the file"))
            }
            Self::NoPlaces { path } => Some(format!("name a line: `codex-patcher new {path}:LINE`")),
            Self::Nothing { what, nearest, .. } => {
                let near = nearest.as_ref().map(|(line, what)| format!("line {line} is {what}"));
                let text = (*what == Nothing::Comment)
                    .then(|| "`--query text` makes a patch for the line itself".to_owned());
                let hints: Vec<String> = near.into_iter().chain(text).collect();
                Some(if hints.is_empty() {
                    "the file contains nothing to patch".to_owned()
                } else {
                    hints.join("; ")
                })
            }
            Self::WrongKind { kinds, .. } => Some(format!("use one of {}", list(kinds))),
            Self::NotToml { .. } => Some("`--query text` works in any text file".to_owned()),
            Self::NotUnique { others, .. } if others.is_empty() => {
                Some("try a line nearby, and extend the patch by hand".to_owned())
            }
            Self::NotUnique { others, .. } => Some(format!("use --query with one of {}", list(others))),
        }
    }
}

fn counted(lines: usize) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}
