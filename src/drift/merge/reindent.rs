//! From one indentation to another: of a line, and of a block that upstream moved in or out as a whole, which is the one
//! case in which white space is all that changed.

use crate::text::lines::{blanks, indent};

/// How far every line of a block moved.
enum BlockShift<'t> {
    In(&'t str),
    Out(&'t str),
}

/// `theirs`, moved as `ours` is against `base`, if those differ in nothing but one indentation.
pub(super) fn moved_block(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let shift = shift(base, ours)?;
    let moved = |line: &str| match shift {
        _ if line.trim().is_empty() => Some(line.to_owned()),
        BlockShift::In(by) => Some(format!("{by}{line}")),
        BlockShift::Out(by) => line.strip_prefix(by).map(str::to_owned),
    };
    theirs.split_inclusive('\n').map(moved).collect()
}

fn shift<'t>(from: &'t str, to: &'t str) -> Option<BlockShift<'t>> {
    if from.lines().count() != to.lines().count() || from.ends_with('\n') != to.ends_with('\n') {
        return None;
    }
    let mut shift: Option<BlockShift<'t>> = None;
    for (old, new) in from.lines().zip(to.lines()) {
        if old.trim() != new.trim() {
            return None;
        }
        if old.trim().is_empty() {
            continue;
        }
        let here = match (indent(old), indent(new)) {
            (old, new) if new.ends_with(old) => BlockShift::In(&new[..new.len() - old.len()]),
            (old, new) if old.ends_with(new) => BlockShift::Out(&old[..old.len() - new.len()]),
            _ => return None,
        };
        let is_same = match (&shift, &here) {
            (None, _) => true,
            (Some(BlockShift::In(a)), BlockShift::In(b)) | (Some(BlockShift::Out(a)), BlockShift::Out(b)) => {
                a == b
            }
            _ => false,
        };
        if !is_same {
            return None;
        }
        shift = Some(here);
    }
    shift
}

/// From one indentation to another.
pub(super) struct Reindent {
    from: String,
    to: String,
}

impl Reindent {
    /// From the indentation of one line to that of another.
    pub(super) fn between(from: &str, to: &str) -> Self {
        Self { from: indent(from).to_owned(), to: indent(to).to_owned() }
    }

    /// Whether it moves nothing.
    pub(super) fn is_none(&self) -> bool {
        self.from == self.to
    }

    /// A line at the new indentation, if it stands at least as far in as the old one; a blank line as it is.
    pub(super) fn line(&self, line: &str) -> Option<String> {
        if line.trim().is_empty() || self.is_none() {
            return Some(line.to_owned());
        }
        moved(line, &self.from, &self.to)
    }
}

/// A line, moved from one indentation to another.
pub(super) fn moved(line: &str, from: &str, to: &str) -> Option<String> {
    if let Some(more) = to.strip_prefix(from) {
        return Some(format!("{more}{line}"));
    }
    if let Some(less) = from.strip_prefix(to) {
        return Some(line[less.len().min(blanks(line.as_bytes()))..].to_owned());
    }
    line.strip_prefix(from).map(|rest| format!("{to}{rest}"))
}
