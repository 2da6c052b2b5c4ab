//! What an operation finds in a TOML text: the answer of `find`, and of `section` for the operation that it asks about.
//!
//! Plain data, below both of them.

use std::ops::Range;

use crate::edit::Edit;

/// What one operation finds in one text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TomlSites {
    /// Where it would act, by position.
    pub(crate) pending: Vec<TomlSite>,
    /// Where its effect already stands: half-open byte offsets, by position.
    pub(crate) present: Vec<Range<usize>>,
    /// Something else that stands where the operation would act; it fails then, whatever else was found.
    pub(crate) other_content: Option<Range<usize>>,
    /// Nothing of all this was found: what the query names is not there.
    pub(crate) absent: bool,
    /// The section, in canonical text, that an insertion should stand beside and that is not there.
    pub(crate) missing_neighbour: Option<String>,
}

/// One place where an operation would act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TomlSite {
    /// What `verify` looks at, half-open byte offsets: the value, the key, the entry, the section from its
    /// header to the end of its last entry (of a section in several places: the first). Empty for what is
    /// added.
    pub(crate) span: Range<usize>,
    /// At least one; disjoint, by position.
    pub(crate) edits: Vec<Edit>,
}

impl TomlSites {
    /// Something else stands where the operation would act.
    pub(super) fn in_the_way(&mut self, span: Range<usize>) {
        self.other_content.get_or_insert(span);
    }
}
