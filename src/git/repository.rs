//! Which repository is asked: the one whose `.git` is nearest, at or above the root.
//!
//! Git takes a folder for a repository as well that is only laid out as one, a bare repository. Anybody can put one
//! among the files of a tree, with a configuration in it. `safe.bareRepository` tells git not to use it; git then
//! gives up there and does not look further up, and git before 2.38 does not know that setting.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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
    pub(super) fn of(root: &'r Path) -> Option<Self> {
        // As git does, a folder `.git` that is no repository is passed by.
        let has_it = |folder: &&Path| {
            let dot_git = folder.join(".git");
            dot_git.is_file() || has_head(&dot_git)
        };
        Some(Self { root, top: root.ancestors().find(has_it)? })
    }

    /// The folder that has the `.git`.
    pub(super) fn top(&self) -> &'r Path {
        self.top
    }

    pub(super) fn what_git_finds(&self) -> Finds {
        let mut on_the_way = self.root.ancestors().take_while(|folder| folder.starts_with(self.top));
        if on_the_way.any(has_head) { Finds::Another } else { Finds::DotGit }
    }

    /// The folder that the `.git` is or names.
    fn folder(&self) -> Option<PathBuf> {
        let dot_git = self.top.join(".git");
        if dot_git.is_dir() {
            return Some(dot_git);
        }
        let mut text = String::new();
        std::fs::File::open(&dot_git).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        Some(self.top.join(text.strip_prefix("gitdir: ")?.trim_end()))
    }
}

/// Whether a folder has what every repository has, and little else.
fn has_head(folder: &Path) -> bool {
    folder.join("HEAD").symlink_metadata().is_ok()
}

/// When git last wrote the index of the repository around `root`, where that can be told without git.
pub(crate) fn index_written(root: &Path) -> Option<SystemTime> {
    Enclosing::of(root)?.folder()?.join("index").metadata().ok()?.modified().ok()
}

/// Whether the repository around `root` has a sparse checkout, now or before.
pub(crate) fn is_sparse(root: &Path) -> bool {
    let pattern = || Some(Enclosing::of(root)?.folder()?.join("info/sparse-checkout"));
    pattern().is_some_and(|pattern| pattern.is_file())
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
        let seen = || Enclosing::of(&root).map(|found| (found.top().to_owned(), found.what_git_finds()));
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
