//! `verify`: whether a matched span is what the patch says it must be.

use xxhash_rust::xxh3::xxh3_64;

use super::draft::Draft;
use super::failure::Failure;
use super::sites::Pending;
use crate::patch::lock::digest;
use crate::patch::{Patch, Verify};

/// Compares a match with what `verify` says: as it is, or with LF line ends and without one trailing newline.
pub(super) fn verify(patch: &Patch, draft: &Draft, site: &Pending) -> Option<Failure> {
    let wanted = patch.verify.as_ref()?;
    let raw = draft.source().raw(site.span.clone());
    let text = &draft.text()[site.span.clone()];
    let bare = text.strip_suffix('\n').unwrap_or(text);
    if [raw.as_str(), text, bare].iter().any(|form| wanted.accepts(form)) {
        return None;
    }
    let line = draft.line_as_read(site.span.start);
    Some(Failure::Verification { line, expected: wanted.expected(), found: wanted.same_measure_of(bare) })
}

impl Verify {
    fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Exact(expected) => {
                text == expected || text == expected.strip_suffix('\n').unwrap_or(expected)
            }
            Self::Sha256(expected) => digest(text) == *expected,
            Self::Xxh3(expected) => xxh3_64(text.as_bytes()) == *expected,
        }
    }

    fn expected(&self) -> String {
        match self {
            Self::Exact(expected) => expected.clone(),
            Self::Sha256(expected) => format!("sha256 {}", hex::encode(expected)),
            Self::Xxh3(expected) => format!("xxh3 {expected:016x}"),
        }
    }

    fn same_measure_of(&self, text: &str) -> String {
        match self {
            Self::Exact(_) => text.to_owned(),
            Self::Sha256(_) => format!("sha256 {}", hex::encode(digest(text))),
            Self::Xxh3(_) => format!("xxh3 {:016x}", xxh3_64(text.as_bytes())),
        }
    }
}
