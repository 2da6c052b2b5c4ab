//! What other tools make of the same change, given as a commit or as a diff.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::repo::{git, text};

/// A repository to make objects in, which leaves the mirror alone.
pub(crate) fn scratch(mirror: &Path, keep: &Path) -> PathBuf {
    let at = keep.join("scratch");
    if !at.join("HEAD").is_file() {
        let _ = std::fs::remove_dir_all(&at);
        crate::repo::must(git(keep).args(["clone", "--quiet", "--bare", "--shared"]).arg(mirror).arg(&at));
    }
    at
}

pub(crate) fn has_patch() -> bool {
    Command::new("patch").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// A commit on top of `base` in which `path` has `content`, and its diff.
pub(crate) fn commit(scratch: &Path, base: &str, path: &str, content: &str, work: &Path) -> (String, String) {
    let mut child = git(scratch)
        .args(["hash-object", "-w", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(content.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let blob = String::from_utf8(output.stdout).unwrap();
    let index = work.join("index");
    let with = |args: &[&str]| text(git(scratch).env("GIT_INDEX_FILE", &index).args(args)).trim().to_owned();
    with(&["read-tree", base]);
    with(&["update-index", "--cacheinfo", &format!("100644,{},{path}", blob.trim())]);
    let tree = with(&["write-tree"]);
    let commit = with(&["commit-tree", &tree, "-p", base, "-m", "edit"]);
    let diff = text(git(scratch).args(["diff-tree", "-p", "--full-index", base, &commit]));
    (commit, diff)
}

type Outcome = (i32, Vec<(String, String)>);

/// The files in which two trees differ, as the second has them.
fn differing(scratch: &Path, args: &[&str], index: Option<&Path>) -> Vec<(String, String)> {
    let mut command = git(scratch);
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let raw = text(command.args(args));
    let one = |line: &str| {
        let (fields, path) = line.split_once('\t').unwrap();
        let blob = fields.split(' ').nth(3).unwrap();
        let content = if blob.bytes().all(|byte| byte == b'0') {
            String::new()
        } else {
            text(git(scratch).args(["cat-file", "blob", blob]))
        };
        (path.to_owned(), content)
    };
    raw.lines().map(one).collect()
}

pub(crate) fn merge_tree(scratch: &Path, edited: &str, rev: &str) -> Outcome {
    let output = git(scratch).args(["merge-tree", "--write-tree", rev, edited]).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let tree = stdout.lines().next().unwrap_or_default();
    if !output.status.success() {
        return (1, Vec::new());
    }
    (0, differing(scratch, &["diff-tree", "-r", "--raw", "--no-abbrev", "--no-renames", rev, tree], None))
}

pub(crate) fn apply_three_way(scratch: &Path, diff: &str, rev: &str, work: &Path) -> Outcome {
    let (patch, index) = (work.join("diff"), work.join("index"));
    std::fs::write(&patch, diff).unwrap();
    text(git(scratch).env("GIT_INDEX_FILE", &index).args(["read-tree", rev]));
    let apply = git(scratch)
        .env("GIT_INDEX_FILE", &index)
        .args(["apply", "--cached", "--3way"])
        .arg(&patch)
        .output()
        .unwrap();
    if !apply.status.success() {
        return (1, Vec::new());
    }
    let args = ["diff-index", "--cached", "-r", "--raw", "--no-abbrev", "--no-renames", rev];
    (0, differing(scratch, &args, Some(&index)))
}

pub(crate) fn patch(diff: &str, path: &str, later: Option<&str>, work: &Path) -> Outcome {
    let Some(later) = later else { return (1, Vec::new()) };
    let (from, to, with) = (work.join("from"), work.join("to"), work.join("diff"));
    std::fs::write(&from, later).unwrap();
    std::fs::write(&with, diff).unwrap();
    let output = Command::new("patch")
        .args(["--silent", "--force", "--fuzz=3", "--reject-file=-", "-o"])
        .arg(&to)
        .arg(&from)
        .arg(&with)
        .output()
        .unwrap();
    if !output.status.success() {
        return (1, Vec::new());
    }
    (0, vec![(path.to_owned(), std::fs::read_to_string(&to).unwrap())])
}
