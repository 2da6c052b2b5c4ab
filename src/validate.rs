//! Whether an edited text still parses: no syntax error that was not there before. Pure.
//!
//! It judges texts, before and after; which patch is to blame is the planner's question.

use std::ops::Range;

use tree_sitter::Node;

use crate::rust::syntax::{self, Syntax};
use crate::text::lines::{column_of, line_of};

/// A syntax error that an edit brought in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct Invalid {
    /// What is wrong.
    pub message: String,
    /// One-based line.
    pub line: usize,
    /// One-based column, in characters.
    pub column: usize,
}

/// Judges `after`, which came from `before` by edits that now stand at `edited` (half-open byte ranges of `after`).
/// A text that parsed must still do so; one that had errors may not have more of them, nor one inside an edited item.
///
/// # Errors
/// [`Invalid`], at the first error that was not there before, as far as that can be told.
pub(crate) fn validate_edit(before: &Syntax, after: &Syntax, edited: &[Range<usize>]) -> Result<(), Invalid> {
    if !after.tree().root_node().has_error() {
        return Ok(());
    }
    let errors = syntax::errors(after.tree());
    let in_edited_item = errors.iter().find(|error| edited.iter().any(|span| same_item(after, error, span)));
    let had = if before.tree().root_node().has_error() { syntax::errors(before.tree()).len() } else { 0 };
    match in_edited_item.or_else(|| errors.first().filter(|_| errors.len() > had)) {
        Some(error) => Err(invalid(after, error)),
        None => Ok(()),
    }
}

/// Judges `text` by itself.
///
/// # Errors
/// [`Invalid`], at its first error.
pub(crate) fn validate(syntax: &Syntax) -> Result<(), Invalid> {
    match syntax::errors(syntax.tree()).first() {
        Some(error) => Err(invalid(syntax, error)),
        None => Ok(()),
    }
}

fn same_item(syntax: &Syntax, error: &Node<'_>, span: &Range<usize>) -> bool {
    let root = syntax.tree().root_node();
    let mut cursor = root.walk();
    root.children(&mut cursor).any(|item| {
        let holds = |range: Range<usize>| item.start_byte() <= range.start && range.end <= item.end_byte();
        holds(error.byte_range()) && holds(span.clone())
    })
}

fn invalid(syntax: &Syntax, error: &Node<'_>) -> Invalid {
    let text = syntax.text();
    let at = error.start_byte();
    let message = if error.is_missing() {
        format!("`{}` is missing", error.kind())
    } else {
        let near: String =
            text[error.byte_range()].trim().lines().next().unwrap_or_default().chars().take(40).collect();
        format!("syntax error at `{near}`")
    };
    Invalid { message, line: line_of(text, at), column: column_of(text, at) }
}

/// The same on texts that nobody has parsed yet, with this thread's parser.
pub mod pooled {
    use std::ops::Range;

    use super::{Invalid, Syntax};

    /// Judges `text` by itself.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn validate(text: &str) -> Result<(), Invalid> {
        super::validate(&Syntax::parse(text))
    }

    /// Judges `after`, edited at `edited`, against `before`.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn validate_edit(before: &str, after: &str, edited: &[Range<usize>]) -> Result<(), Invalid> {
        let after = Syntax::parse(after);
        if after.tree().root_node().has_error() {
            return super::validate_edit(&Syntax::parse(before), &after, edited);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::pooled::{validate, validate_edit};

    #[test]
    fn a_new_error_is_told_with_its_place() {
        let error = validate_edit("fn a() {}\n", "fn a() {}\nfn b( {}\n", &[]).unwrap_err();
        assert_eq!(error.line, 2);
        assert!(validate("fn a() {}").is_ok());
        assert_eq!(validate("fn a() {\n  let x = ;\n}").unwrap_err().line, 2);
    }

    #[test]
    fn old_errors_are_tolerated_outside_the_edited_item() {
        let before = "safe fn x();\nfn b() { 1 }\n";
        assert!(
            validate_edit(before, "safe fn x();\nfn b() { 2 }\n", std::slice::from_ref(&(22..23))).is_ok()
        );
        assert!(
            validate_edit(before, "safe fn x();\nfn b() { 2 + }\n", std::slice::from_ref(&(22..25))).is_err()
        );
    }
}
