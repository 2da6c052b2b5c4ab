//! What git's index lists, and how it differs from HEAD. Whether a file is in the working tree as the index has it is
//! not asked of git: see `command.rs`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use super::GitError;
use super::command::Git;

/// A regular file that git's index lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tracked {
    /// Relative to the root.
    pub(crate) path: String,
    /// A sparse checkout leaves it out of the working tree.
    pub(crate) is_left_out: bool,
}

/// The regular files that the index of the repository around `root` lists below `root`, sorted as git does, each
/// once: no links, no submodules, nothing of a repository inside this one. Whether a file is in the working tree
/// is not asked. A name that is not UTF-8 is left out: no patch can spell it.
///
/// # Errors
/// [`GitError`]. An empty list is no error: the repository may be another project's that ignores this folder.
pub(crate) fn tracked(root: &Path) -> Result<Vec<Tracked>, GitError> {
    let command = "ls-files";
    let listing = Git::new(root, command).answer(&["-z", "-t", "--stage"])?;
    let lines = listing.split(|byte| *byte == 0).filter_map(|line| str::from_utf8(line).ok());
    let mut files: Vec<Tracked> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (head, path) = line.split_once('\t').ok_or(GitError::Unexpected { command })?;
        let (tag, entry) = head.split_once(' ').ok_or(GitError::Unexpected { command })?;
        // A conflict lists a file up to three times.
        let is_new = files.last().is_none_or(|last| last.path != path);
        if is_new && entry.starts_with("100") {
            files.push(Tracked { path: path.to_owned(), is_left_out: tag.eq_ignore_ascii_case("s") });
        }
    }
    Ok(files)
}

/// Whether the repository around `root` tracks anything below `root`. Where it does not, it is another project's,
/// and says nothing about this tree.
///
/// # Errors
/// [`GitError`].
pub(crate) fn tracks(root: &Path) -> Result<bool, GitError> {
    let git = Git::new(root, "ls-files");
    let mut child = git.spawn(&["-z"], Stdio::null())?;
    let mut stdout = child.stdout.take().expect("the pipe was asked for");
    let first = stdout.read(&mut [0]).map_err(|source| git.io(source))?;
    // The rest of a long list is of no interest: git ends when nobody reads it.
    drop(stdout);
    let output = git.wait(child)?;
    if first > 0 || output.status.success() { Ok(first > 0) } else { Err(git.failure(&output.stderr)) }
}

/// What the index has under another name than HEAD, as git recognises it: by the old path the new ones, of which there
/// may be several, relative to `root`. Of a file that was edited on the way as well.
///
/// # Errors
/// [`GitError`]; one is that there is no commit.
pub(crate) fn staged_renames(root: &Path) -> Result<BTreeMap<String, Vec<String>>, GitError> {
    let command = "diff-index";
    let arguments = ["--cached", "-z", "--name-status", "--relative", "--diff-filter=RC", "-C", "HEAD", "--"];
    let listing = Git::new(root, command).answer(&arguments)?;
    let fields: Option<Vec<&str>> =
        listing.split(|byte| *byte == 0).map(|field| str::from_utf8(field).ok()).collect();
    let fields = fields.ok_or(GitError::Unexpected { command })?;
    let mut renames: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fields.chunks_exact(3) {
        renames.entry(entry[1].to_owned()).or_default().push(entry[2].to_owned());
    }
    Ok(renames)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]
mod tests {
    use super::super::testing::{DAY, commit_all, git};
    use super::*;
    use std::fs;

    #[test]
    fn what_is_tracked_is_what_the_index_lists_below_the_root() {
        let dir = tempfile::tempdir().unwrap();
        let (outer, root) = (dir.path(), dir.path().join("in"));
        for path in ["in/a.rs", "in/b/ä \"\n.rs", "other/x.rs", "in/gone.rs", "in/left/out.rs"] {
            fs::create_dir_all(outer.join(path).parent().unwrap()).unwrap();
            fs::write(outer.join(path), "x\n").unwrap();
        }
        let commit = commit_all(outer, DAY);
        let info = format!("160000,{commit},in/sub");
        git(outer, DAY, &["update-index", "--add", "--cacheinfo", &info]);
        let link = format!("120000,{},in/link", git(outer, DAY, &["rev-parse", "HEAD:in/a.rs"]));
        git(outer, DAY, &["update-index", "--add", "--cacheinfo", &link]);
        git(outer, DAY, &["update-index", "--skip-worktree", "in/left/out.rs"]);
        git(outer, DAY, &["update-index", "--assume-unchanged", "in/a.rs"]);
        fs::remove_file(root.join("gone.rs")).unwrap();
        fs::write(root.join("untracked.rs"), "x\n").unwrap();
        fs::write(root.join("staged.rs"), "x\n").unwrap();
        git(outer, DAY, &["add", "in/staged.rs"]);
        let nested = root.join("nested");
        fs::create_dir(&nested).unwrap();
        fs::write(nested.join("n.rs"), "x\n").unwrap();
        commit_all(&nested, DAY);

        let seen: Vec<(String, bool)> =
            tracked(&root).unwrap().into_iter().map(|file| (file.path, file.is_left_out)).collect();
        let expected = [
            ("a.rs", false),
            ("b/ä \"\n.rs", false),
            ("gone.rs", false),
            ("left/out.rs", true),
            ("staged.rs", false),
        ];
        assert_eq!(seen, expected.map(|(path, left_out)| (path.to_owned(), left_out)));
        assert!(tracks(&root).unwrap());
        let ignored = outer.join("ignored");
        fs::create_dir(&ignored).unwrap();
        assert_eq!(tracked(&ignored).unwrap(), []);
        assert!(!tracks(&ignored).unwrap());
    }

    #[test]
    fn a_file_in_conflict_is_listed_once() {
        let dir = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(dir.path().join("a.rs"), text).unwrap();
        write("base\n");
        let base = commit_all(dir.path(), DAY);
        write("ours\n");
        let ours = commit_all(dir.path(), DAY);
        git(dir.path(), DAY, &["reset", "--quiet", "--hard", &base]);
        write("theirs\n");
        let theirs = commit_all(dir.path(), DAY);
        git(dir.path(), DAY, &["reset", "--quiet", "--hard", &ours]);
        git(dir.path(), DAY, &["read-tree", "-m", &base, &ours, &theirs]);
        assert!(git(dir.path(), DAY, &["ls-files", "--unmerged"]).lines().count() > 1, "not laid out");
        assert_eq!(tracked(dir.path()).unwrap(), [Tracked { path: "a.rs".into(), is_left_out: false }]);
    }

    #[test]
    fn what_keeps_git_from_answering_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let error = || tracks(root).unwrap_err();
        assert!(matches!(error(), GitError::NotRepository { .. }), "{:?}", error());
        commit_all(root, DAY);
        let head = root.join(".git/HEAD");
        let good = fs::read_to_string(&head).unwrap();
        fs::write(&head, "garbage\n").unwrap();
        assert!(matches!(error(), GitError::Misconfigured { .. }), "{:?}", error());
        fs::remove_file(&head).unwrap();
        assert!(matches!(error(), GitError::Misconfigured { .. }), "{:?}", error());
        fs::write(&head, good).unwrap();
        let config = root.join(".git/config");
        let good = fs::read_to_string(&config).unwrap();
        for bad in [
            "[core\n",
            "[core]\n\trepositoryformatversion = 99\n",
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnosuch = 1\n",
            "[core]\n\tbare = maybe\n",
        ] {
            fs::write(&config, bad).unwrap();
            assert!(matches!(error(), GitError::Misconfigured { .. }), "{bad}: {:?}", error());
        }
        fs::write(&config, good).unwrap();
        fs::rename(root.join(".git"), root.join("away")).unwrap();
        for gitfile in ["gitdir: nowhere\n", "nonsense\n"] {
            fs::write(root.join(".git"), gitfile).unwrap();
            assert!(matches!(error(), GitError::Misconfigured { .. }), "{gitfile}: {:?}", error());
        }
    }
}
