//! Lock states: what a lock file says of the places of a patch, as data.
//!
//! Pure. `config::lock` reads and writes the file.

use sha2::{Digest, Sha256};

use crate::rust::items::ItemPath;

/// What the lock says of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LockState {
    /// Nothing: it was never locked.
    #[default]
    None,
    /// It was locked, but the patch has changed since: this is the lock of what it was.
    Stale(Box<Locked>),
    /// It was locked as it is.
    Of(Box<Locked>),
}

impl LockState {
    /// The locked places.
    pub(crate) fn matches(&self) -> &[LockedMatch] {
        match self {
            Self::Of(locked) => &locked.matches,
            Self::None | Self::Stale(_) => &[],
        }
    }

    /// The locked places of what the patch was before it was changed.
    pub(crate) fn former(&self) -> &[LockedMatch] {
        match self {
            Self::Stale(locked) => &locked.matches,
            Self::None | Self::Of(_) => &[],
        }
    }

    /// Upstream's version and commit when it was locked, as far as they are known.
    pub fn since(&self) -> Option<String> {
        let Self::Of(locked) = self else { return None };
        let commit = locked.commit.as_deref().map(|commit| commit.chars().take(9).collect::<String>());
        let known: Vec<String> = locked.upstream.iter().cloned().chain(commit).collect();
        (!known.is_empty()).then(|| known.join(", commit "))
    }
}

/// What one patch matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Of the patch.
    pub(crate) id: String,
    /// Fingerprint of the patch as it was, by `config::lock`.
    pub(crate) definition: [u8; 32],
    /// Version of upstream, where it was known.
    pub(crate) upstream: Option<String>,
    /// Commit of upstream, where it was known.
    pub(crate) commit: Option<String>,
    /// In order of position.
    pub matches: Vec<LockedMatch>,
}

/// One match. Texts have LF line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedMatch {
    /// As the patch names it.
    pub file: String,
    /// The item around it; none at file level and outside of Rust.
    pub item: Option<LockedItem>,
    /// The header around what a text query matched in a TOML file, without its brackets; none above the first one, and elsewhere.
    pub(crate) section: Option<String>,
    /// The span that it matched.
    pub(crate) text: String,
    /// What the operation made of it.
    pub(crate) result: String,
}

/// The item around a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedItem {
    /// Never empty.
    pub path: ItemPath,
    /// [`digest`] of its text.
    pub(crate) sha256: [u8; 32],
    /// Which it was, where the file had several with this path: `#[cfg]` twins, `impl A<u8>` and `impl A<u16>`.
    pub(crate) twin: Option<Twin>,
}

/// One of several items that have one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Twin {
    /// Its number among them in order of position, from 1.
    pub(crate) nth: usize,
    /// How many there were.
    pub(crate) of: usize,
}

impl LockedMatch {
    /// Which of `texts`, the items of its item's path in order of position, its item can be: of as many twins as it had the same
    /// one, of more or fewer one that is as it was, but for the change of the patch.
    pub(crate) fn may_be_in(&self, texts: &[&str]) -> Vec<bool> {
        let Some(item) = &self.item else { return vec![false; texts.len()] };
        let is_as_it_was = |text: &str| {
            let without =
                |(at, made): (usize, &str)| [&text[..at], &self.text, &text[at + made.len()..]].concat();
            let mut made = text.match_indices(&self.result).filter(|(_, made)| !made.is_empty());
            digest(text) == item.sha256 || made.any(|made| digest(&without(made)) == item.sha256)
        };
        let is_it = |(at, text): (usize, &&str)| match item.twin {
            Some(Twin { nth, of }) if of == texts.len() => at + 1 == nth,
            Some(_) => is_as_it_was(text),
            None => true,
        };
        texts.iter().enumerate().map(is_it).collect()
    }
}

/// The SHA-256 of a text.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
