//! Which repository is asked: the one whose `.git` is nearest, at or above the root.
//!
//! Git takes a folder for a repository as well that is only laid out as one, a bare repository. Anybody can put one
//! among the files of a tree, with a configuration in it. `safe.bareRepository` tells git not to use it; git then
//! gives up there and does not look further up, and git before 2.38 does not know that setting.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::index_file::{self, Indexed};
use crate::regular::{self, present};

/// Git reads no more of a file `.git` either.
const LONGEST: u64 = 1 << 20;

/// A repository that has `.git` at or above a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enclosing<'r> {
    root: &'r Path,
    top: &'r Path,
}

/// What git finds when it looks for a repository from a root upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finds {
    /// The `.git`.
    DotGit,
    /// Before that, something that may be laid out as a repository.
    Another,
}

impl<'r> Enclosing<'r> {
    /// `None` where there is none.
    ///
    /// # Errors
    /// What the system says where it cannot be told.
    pub(super) fn of(root: &'r Path) -> io::Result<Option<Self>> {
        for top in root.ancestors() {
            // As git does, a folder `.git` that is no repository is passed by.
            let dot_git = top.join(".git");
            if is(&dot_git, Metadata::is_file)? || has_head(&dot_git)? {
                return Ok(Some(Self { root, top }));
            }
        }
        Ok(None)
    }

    /// The folder that has the `.git`.
    pub(super) fn top(&self) -> &'r Path {
        self.top
    }

    /// # Errors
    /// What the system says where it cannot be told.
    pub(super) fn what_git_finds(&self) -> io::Result<Finds> {
        for folder in self.root.ancestors().take_while(|folder| folder.starts_with(self.top)) {
            if has_head(folder)? {
                return Ok(Finds::Another);
            }
        }
        Ok(Finds::DotGit)
    }

    /// The folder that the `.git` is or names.
    fn folder(&self) -> io::Result<Option<PathBuf>> {
        let dot_git = self.top.join(".git");
        if is(&dot_git, Metadata::is_dir)? {
            return Ok(Some(dot_git));
        }
        let Some(file) = present(File::open(&dot_git))? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(LONGEST).read_to_end(&mut bytes)?;
        let folder = str::from_utf8(&bytes).ok().and_then(|text| text.strip_prefix("gitdir: "));
        Ok(folder.map(|folder| self.top.join(folder.trim_end())))
    }
}

/// Whether there is a `.git` at or above `root` that has objects, as a repository has that lost its HEAD.
///
/// # Errors
/// What the system says where it cannot be told.
pub(super) fn has_remains(root: &Path) -> io::Result<bool> {
    for top in root.ancestors() {
        if is(&top.join(".git/objects"), Metadata::is_dir)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a folder has what every repository has, and little else.
fn has_head(folder: &Path) -> io::Result<bool> {
    Ok(present(folder.join("HEAD").symlink_metadata())?.is_some())
}

fn is(path: &Path, kind: fn(&Metadata) -> bool) -> io::Result<bool> {
    Ok(present(path.metadata())?.is_some_and(|metadata| kind(&metadata)))
}

/// When git last wrote the index of the repository around `root`, where that can be told without git.
pub(crate) fn index_written(root: &Path) -> Option<SystemTime> {
    Enclosing::of(root).ok()??.folder().ok()??.join("index").metadata().ok()?.modified().ok()
}

/// What git's index says of the files `paths`, relative to `root`, as far as that can be told without git.
pub(crate) fn indexed(root: &Path, paths: &BTreeSet<String>) -> BTreeMap<String, Indexed> {
    let entries = || {
        let enclosing = Enclosing::of(root).ok()??;
        let index = regular::read(&enclosing.folder().ok()??.join("index")).ok()?;
        let below = root.strip_prefix(enclosing.top).ok()?.to_str()?;
        let lead = if below.is_empty() { String::new() } else { format!("{below}/") };
        let wanted = paths.iter().map(|path| format!("{lead}{path}")).collect();
        let entries = index_file::entries(&index, &wanted).into_iter();
        Some(entries.map(|(path, entry)| (path[lead.len()..].to_owned(), entry)).collect())
    };
    entries().unwrap_or_default()
}

/// Whether the repository around `root` has a sparse checkout, now or before.
///
/// # Errors
/// What the system says where it cannot be told.
pub(crate) fn is_sparse(root: &Path) -> io::Result<bool> {
    let Some(enclosing) = Enclosing::of(root)? else { return Ok(false) };
    let Some(folder) = enclosing.folder()? else { return Ok(false) };
    is(&folder.join("info/sparse-checkout"), Metadata::is_file)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the folders they ask about")]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_dot_git_counts_and_what_is_laid_out_as_a_repository_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("a/b");
        fs::create_dir_all(&root).unwrap();
        let seen = || {
            let found = Enclosing::of(&root).unwrap()?;
            Some((found.top().to_owned(), found.what_git_finds().unwrap()))
        };
        assert_eq!(seen(), None);
        fs::write(root.join("HEAD"), "").unwrap();
        assert_eq!(seen(), None);
        fs::create_dir(dir.path().join(".git")).unwrap();
        assert_eq!(seen(), None, "an empty folder");
        fs::write(dir.path().join(".git/HEAD"), "").unwrap();
        assert_eq!(seen(), Some((dir.path().to_owned(), Finds::Another)));
        fs::remove_file(root.join("HEAD")).unwrap();
        assert_eq!(seen(), Some((dir.path().to_owned(), Finds::DotGit)));
        fs::write(dir.path().join("HEAD"), "").unwrap();
        assert_eq!(seen(), Some((dir.path().to_owned(), Finds::Another)), "beside the `.git`");
        fs::write(root.join(".git"), "gitdir: ../../.git/worktrees/b\n").unwrap();
        assert_eq!(seen(), Some((root.clone(), Finds::DotGit)));
        assert_eq!(index_written(&root), None);
        fs::create_dir_all(dir.path().join(".git/worktrees/b")).unwrap();
        fs::write(dir.path().join(".git/worktrees/b/index"), "").unwrap();
        assert!(index_written(&root).is_some());
    }
}
