//! The only splice: replace byte spans of a text by other text.
//!
//! An [`Edit`] carries what it expects to find, so a plan made on one text cannot be applied to
//! another. It knows nothing of files, patches or syntax.

use std::ops::Range;

/// Replace `span` (half-open byte offsets), which must hold `expected`, by `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    span: Range<usize>,
    expected: String,
    text: String,
}

/// Why a batch of edits cannot be applied. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits cover the same byte, or two insertions stand at the same offset.
    #[error("edits overlap at bytes {}..{} and {}..{}", .first.start, .first.end, .second.start, .second.end)]
    Overlap {
        /// The earlier span.
        first: Range<usize>,
        /// The later span.
        second: Range<usize>,
    },
    /// The span does not hold the expected text (or lies outside, or inside a character).
    #[error("bytes {}..{} are not what the edit expects", .span.start, .span.end)]
    Unexpected {
        /// The span that differs.
        span: Range<usize>,
    },
}

impl Edit {
    /// An edit of `source[span]`.
    ///
    /// # Panics
    /// If `span` is not inside `source` or cuts a character: spans come from a locator that
    /// worked on this very text.
    pub fn replace(source: &str, span: Range<usize>, text: impl Into<String>) -> Self {
        Self { expected: source[span.clone()].to_owned(), span, text: text.into() }
    }

    /// An insertion at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self { span: offset..offset, expected: String::new(), text: text.into() }
    }

    /// Half-open byte offsets in the text before the edit.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What the span must hold.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What the span will hold.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Applies `edits`, in any order, to `source`. The result is allocated once, at its exact size.
    ///
    /// # Errors
    /// [`EditError`] if two edits overlap or a span does not hold what its edit expects.
    ///
    /// ```
    /// use codex_patcher::edit::Edit;
    /// let source = "let a = 1;";
    /// let edits = [Edit::replace(source, 8..9, "2"), Edit::insert(4, "mut ")];
    /// assert_eq!(Edit::apply_batch(source, &edits).unwrap(), "let mut a = 2;");
    /// ```
    pub fn apply_batch(source: &str, edits: &[Self]) -> Result<String, EditError> {
        let sorted = Self::sorted(source, edits)?;
        let grown: usize = sorted.iter().map(|e| e.text.len()).sum();
        let shrunk: usize = sorted.iter().map(|e| e.span.len()).sum();
        let mut result = String::with_capacity(source.len() + grown - shrunk);
        let mut done = 0;
        for edit in sorted {
            result.push_str(&source[done..edit.span.start]);
            result.push_str(&edit.text);
            done = edit.span.end;
        }
        result.push_str(&source[done..]);
        Ok(result)
    }

    /// The edits by position, checked to be disjoint and to find what they expect.
    ///
    /// # Errors
    /// As [`Edit::apply_batch`].
    pub fn sorted<'e>(source: &str, edits: &'e [Self]) -> Result<Vec<&'e Self>, EditError> {
        let mut sorted: Vec<&Self> = edits.iter().collect();
        sorted.sort_by_key(|e| (e.span.start, e.span.end));
        for pair in sorted.windows(2) {
            let (first, second) = (pair[0].span(), pair[1].span());
            if second.start < first.end || first == second {
                return Err(EditError::Overlap { first, second });
            }
        }
        match sorted.iter().find(|e| source.get(e.span()) != Some(e.expected.as_str())) {
            Some(edit) => Err(EditError::Unexpected { span: edit.span() }),
            None => Ok(sorted),
        }
    }
}

/// Where `offset` of the old text is in the new one, after `sorted` edits. An offset inside a
/// replaced span goes to the span's start, or with `after` to its end; one at the place of an insertion stays
/// before it, or with `after` goes behind it.
pub fn map_offset(sorted: &[&Edit], offset: usize, after: bool) -> usize {
    let (mut added, mut removed) = (0, 0);
    for edit in sorted {
        let span = edit.span();
        let passed = if after { span.start <= offset } else { span.end <= offset && span.start < offset };
        if !passed {
            if span.start < offset {
                return span.start + added - removed;
            }
            break;
        }
        if after && span.end > offset {
            return span.start + added - removed + edit.text.len();
        }
        added += edit.text.len();
        removed += span.len();
    }
    offset + added - removed
}
