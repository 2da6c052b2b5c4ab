//! The mirror: its revisions, its changes as hunks, the trees that are measured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::rc::Rc;

/// The newest commit before each of these is a revision: the base, then one, two, four and six weeks later.
const DATES: [(u32, &str); 5] =
    [(0, "2026-03-07"), (1, "2026-03-14"), (2, "2026-03-21"), (4, "2026-04-04"), (6, "2026-04-18")];

/// A commit that makes this many files may have forked a folder.
const MANY: usize = 10;

/// The folder of the workspace.
pub(crate) const WORKSPACE: &str = "codex-rs";

/// A commit that is measured.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub(crate) week: u32,
    pub(crate) id: String,
}

/// Consecutive lines that a commit replaced; counted from 0.
#[derive(Debug)]
pub(crate) struct Hunk {
    pub(crate) old: std::ops::Range<usize>,
    pub(crate) new: std::ops::Range<usize>,
    pub(crate) added: Vec<Rc<str>>,
}

/// What a commit did to a file; a path is `None` where there was, or is, no file.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) hunks: Vec<Hunk>,
}

pub(crate) fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "a").env(format!("GIT_{role}_EMAIL"), "a@b");
        command.env(format!("GIT_{role}_DATE"), "2026-03-07T00:00:00Z");
    }
    command.args(["-c", "core.quotepath=false", "-c", "safe.directory=*", "-C"]).arg(dir);
    command
}

pub(crate) fn must(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

pub(crate) fn text(command: &mut Command) -> String {
    String::from_utf8_lossy(&must(command).stdout).into_owned()
}

pub(crate) fn revisions(mirror: &Path) -> Vec<Revision> {
    let find = |(week, date): (u32, &str)| {
        let before = format!("--before={date}T00:00:00Z");
        let id = text(git(mirror).args(["rev-list", "-1", &before, "HEAD"])).trim().to_owned();
        assert_eq!(id.len(), 40, "the mirror has no commit before {date}");
        Revision { week, id }
    };
    DATES.into_iter().map(find).collect()
}

/// A commit.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) changes: Vec<Change>,
    /// Files that were made as copies of others, where the commit made many.
    pub(crate) copies: Vec<Change>,
}

/// Every commit after `from` up to `to`, oldest first.
pub(crate) fn commits(mirror: &Path, from: &str, to: &str) -> Vec<Commit> {
    let log = text(
        git(mirror)
            .args(["log", "--reverse", "--first-parent", "--format=%x01%H", "-p", "-U0", "-M", "-l0"])
            .args(["--no-color", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/"])
            .arg(format!("{from}..{to}"))
            .args(["--", WORKSPACE]),
    );
    let copied = |id: &str| {
        let diff =
            text(
                git(mirror)
                    .args(["diff-tree", "-r", "-p", "-U0", "-C", "--find-copies-harder", "-l0"])
                    .args(["--diff-filter=C", "--format=%x01%H", id, "--", WORKSPACE]),
            );
        parse(&diff).pop().map(|commit| commit.1).unwrap_or_default()
    };
    let commit = |(id, changes): (String, Vec<Change>)| {
        let made = changes.iter().filter(|change| change.old.is_none()).count();
        let copies = if made < MANY { Vec::new() } else { copied(&id) };
        Commit { changes, copies }
    };
    parse(&log).into_iter().map(commit).collect()
}

/// Diffs without context, every commit headed by its id.
fn parse(log: &str) -> Vec<(String, Vec<Change>)> {
    let mut commits: Vec<(String, Vec<Change>)> = Vec::new();
    let mut lines = log.split('\n');
    while let Some(line) = lines.next() {
        if let Some(id) = line.strip_prefix('\u{1}') {
            commits.push((id.to_owned(), Vec::new()));
            continue;
        }
        let Some((_, commit)) = commits.last_mut() else { continue };
        if let Some(names) = line.strip_prefix("diff --git a/") {
            // Both names are equal unless lines that follow say otherwise.
            let name = names[..names.len().saturating_sub(3) / 2].to_owned();
            commit.push(Change { old: Some(name.clone()), new: Some(name), hunks: Vec::new() });
            continue;
        }
        let Some(change) = commit.last_mut() else { continue };
        if let Some(name) = line.strip_prefix("rename from ").or(line.strip_prefix("copy from ")) {
            change.old = Some(name.to_owned());
        } else if let Some(name) = line.strip_prefix("rename to ").or(line.strip_prefix("copy to ")) {
            change.new = Some(name.to_owned());
        } else if line.starts_with("new file mode") {
            change.old = None;
        } else if line.starts_with("deleted file mode") {
            change.new = None;
        } else if let Some(ranges) = line.strip_prefix("@@ -") {
            let (old, rest) = ranges.split_once(" +").unwrap();
            let (old, new) = (range(old), range(rest.split(" @@").next().unwrap()));
            let mut added = Vec::new();
            let mut left = old.len() + new.len();
            while left > 0 {
                let line = lines.next().unwrap();
                left -= usize::from(!line.starts_with('\\'));
                added.extend(line.strip_prefix('+').map(Rc::from));
            }
            change.hunks.push(Hunk { old, new, added });
        }
    }
    commits
}

/// `12,3` as lines counted from 0; `12,0` is a place after the twelfth line.
fn range(text: &str) -> std::ops::Range<usize> {
    let (start, len) = text.split_once(',').unwrap_or((text, "1"));
    let (start, len): (usize, usize) = (start.parse().unwrap(), len.parse().unwrap());
    let start = if len == 0 { start } else { start - 1 };
    start..start + len
}

/// A tree of `revision`: a repository with its history, or files alone.
pub(crate) fn tree(mirror: &Path, revision: &Revision, plain: bool, keep: &Path) -> PathBuf {
    let kind = if plain { "plain" } else { "trees" };
    let at = keep.join(kind).join(format!("w{}", revision.week));
    let done = keep.join(kind).join(format!("w{}.done", revision.week));
    if std::fs::read_to_string(&done).is_ok_and(|id| id == revision.id) {
        return at;
    }
    let _ = std::fs::remove_dir_all(&at);
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    let clone = if plain { keep.join(kind).join("clone") } else { at.clone() };
    let _ = std::fs::remove_dir_all(&clone);
    must(git(keep).args(["clone", "--quiet", "--shared", "--no-checkout"]).arg(mirror).arg(&clone));
    must(git(&clone).args(["checkout", "--quiet", "--detach", &revision.id]));
    if plain {
        std::fs::remove_dir_all(clone.join(".git")).unwrap();
        std::fs::rename(&clone, &at).unwrap();
    }
    std::fs::write(done, &revision.id).unwrap();
    at
}

/// Every text below the workspace of a tree, by its path in the repository.
pub(crate) fn texts(tree: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![tree.join(WORKSPACE)];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                dirs.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.insert(path.strip_prefix(tree).unwrap().to_str().unwrap().to_owned(), text);
            }
        }
    }
    found
}
