//! Git's index, as far as it tells without git which files may be as they were checked out.
//!
//! The format is that of `gitformat-index`: a header, then the entries in the order of their paths. An entry has what the system
//! said of the file when git wrote or compared it, of which only the size is read here, and what the file held.
//!
//! ```text
//! header    "DIRC", version (2 to 4), number of entries       4 bytes each, big endian
//! entry     times, device, inode, mode, owner                 36 bytes
//!           size                                              4 bytes, cut off there
//!           object id                                         20 bytes
//!           flags, and 2 bytes more where bit 14 is set       2 bytes
//!           path, with a NUL; padded to 8 bytes before version 4
//! ```

use std::collections::{BTreeMap, BTreeSet};

use sha1::{Digest, Sha1};

/// What of an entry stands before its size.
const BEFORE_SIZE: usize = 36;
/// An object id, which is of SHA-1.
const ID: usize = 20;
/// The flag of an entry that has more flags.
const EXTENDED: u16 = 1 << 14;

/// What the index says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Indexed {
    /// In bytes, cut off at 32 bits; 0 where git is not sure.
    size: u32,
    id: [u8; ID],
}

impl Indexed {
    /// Whether a file may hold what the index has, by its length in bytes.
    pub(crate) fn may_have(&self, length: u64) -> bool {
        length & u64::from(u32::MAX) == u64::from(self.size)
    }

    /// Whether the index has this content, as it is.
    pub(crate) fn has(&self, content: &[u8]) -> bool {
        let head = format!("blob {}\0", content.len());
        Sha1::new().chain_update(head).chain_update(content).finalize()[..] == self.id
    }
}

/// What `index` says of the `wanted` files, by their paths below the folder of the `.git`; of those that it has, as far as it can be
/// read: one with object ids of another length cannot.
pub(super) fn entries(index: &[u8], wanted: &BTreeSet<String>) -> BTreeMap<String, Indexed> {
    let mut entries = BTreeMap::new();
    let mut bytes = Bytes(index);
    let Some((b"DIRC", Some(version @ 2..=4), Some(count))) =
        bytes.take(4).map(|magic| (magic, bytes.number(), bytes.number()))
    else {
        return entries;
    };
    let mut path = Vec::new();
    for _ in 0..count {
        let Some(entry) = bytes.entry(version, &mut path) else { break };
        if let Ok(path) = str::from_utf8(&path)
            && wanted.contains(path)
        {
            entries.insert(path.to_owned(), entry);
        }
    }
    entries
}

/// What is left to be read.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn flags(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// Reads an entry, whose path `path` becomes, which was that of the one before.
    fn entry(&mut self, version: u32, path: &mut Vec<u8>) -> Option<Indexed> {
        let before = self.0.len();
        self.take(BEFORE_SIZE)?;
        let size = self.number()?;
        let id = self.take(ID)?.try_into().ok()?;
        if self.flags()? & EXTENDED != 0 {
            self.flags()?;
        }
        let kept = if version == 4 { path.len().checked_sub(self.offset()?)? } else { 0 };
        path.truncate(kept);
        path.extend(self.take(memchr::memchr(0, self.0)?)?);
        let read = before - self.0.len();
        self.take(if version == 4 { 1 } else { 8 - read % 8 })?;
        Some(Indexed { size, id })
    }

    /// A number of as many bytes as it needs, as packs have it: seven bits each, the first ones first, each but the last one marked,
    /// and one added to what stands before another byte.
    fn offset(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let [byte] = self.take(1)? else { return None };
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
            if byte & 128 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]
mod tests {
    use std::fs;

    use super::super::repository::indexed;
    use super::super::testing::{DAY, commit_all, git};
    use super::*;

    #[test]
    fn what_git_wrote_is_known_by_its_length_and_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("in");
        fs::create_dir_all(root.join("deep")).unwrap();
        let names = ["a.rs", "ab.rs", "deep/a-long-name.rs", "deep/a-long-name-too.rs", "deep/z.rs"];
        for (at, name) in names.iter().enumerate() {
            fs::write(root.join(name), "x\n".repeat(at + 1)).unwrap();
        }
        commit_all(dir.path(), DAY);
        fs::write(root.join("new.rs"), "n\n").unwrap();
        git(dir.path(), DAY, &["add", "--intent-to-add", "in/new.rs"]);
        let wanted: BTreeSet<String> =
            ["new.rs", "none.rs"].iter().chain(&names).map(|name| (*name).to_owned()).collect();
        for version in ["2", "3", "4"] {
            git(dir.path(), DAY, &["update-index", "--index-version", version]);
            let entries = indexed(&root, &wanted);
            for (at, name) in names.iter().enumerate() {
                let (content, entry) = ("x\n".repeat(at + 1), &entries[*name]);
                assert!(
                    entry.may_have(content.len() as u64) && entry.has(content.as_bytes()),
                    "{name} {version}"
                );
                assert!(!entry.may_have(1) && !entry.has(b"y\n"));
            }
            assert!(!entries.contains_key("none.rs"));
        }
        for broken in [&b"DIRC\0\0\0\x04\0\0\0\x02"[..], b"DIRC\0\0\0\x09\0\0\0\x02", b"", b"TREE"] {
            assert!(entries(broken, &wanted).is_empty());
        }
    }
}
