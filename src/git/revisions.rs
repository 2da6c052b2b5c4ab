//! What names mean: revisions, branches and tags, and the release that is near a commit.

use std::path::Path;

use semver::Version;

use super::GitError;
use super::command::Git;
use super::index::tracks;

/// A version inferred from a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    /// The version that the tag names.
    pub(crate) version: Version,
    /// The tag, as `git tag` lists it.
    pub(crate) tag: String,
}

/// The commit that `revision` names, in full hexadecimal.
///
/// # Errors
/// [`GitError::UnknownRevision`] for what names no single commit, a range or an option included.
pub(crate) fn resolve_revision(root: &Path, revision: &str) -> Result<String, GitError> {
    // In two steps: what is appended to `:/text` is text to look for.
    let object = parse_revision(root, revision)?;
    let commit = match &object {
        Some(object) => parse_revision(root, &format!("{object}^{{commit}}"))?,
        None => None,
    };
    commit.ok_or_else(|| GitError::UnknownRevision { revision: revision.to_owned() })
}

/// The commit that HEAD is, in full hexadecimal.
///
/// # Errors
/// [`GitError`], and [`GitError::NoCommit`] for a branch without one.
pub(crate) fn head(root: &Path) -> Result<String, GitError> {
    match resolve_revision(root, "HEAD") {
        Err(GitError::UnknownRevision { .. }) => Err(match parse_revision(root, "HEAD")? {
            Some(_) => why_unreadable(root)?,
            None => GitError::NoCommit,
        }),
        answer => answer,
    }
}

/// What git says of a HEAD that names an object which cannot be read.
fn why_unreadable(root: &Path) -> Result<GitError, GitError> {
    let git = Git::new(root, "log");
    Ok(git.failure(&git.output(&["--max-count=1", "--format=", "HEAD"])?.stderr))
}

/// The object that `revision` names.
fn parse_revision(root: &Path, revision: &str) -> Result<Option<String>, GitError> {
    let git = Git::new(root, "rev-parse");
    let output = git.output(&["--verify", "--quiet", "--end-of-options", revision])?;
    match output.status.code() {
        Some(0) => {}
        Some(1) => return Ok(None),
        _ => return Err(git.failure(&output.stderr)),
    }
    let answer = String::from_utf8_lossy(&output.stdout);
    let hash = answer.trim_end();
    let is_hash = hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(is_hash.then(|| hash.to_owned()))
}

/// The tags, remote and local branches of the repository around `root`, the youngest first.
///
/// # Errors
/// [`GitError`].
pub fn names(root: &Path) -> Result<Vec<String>, GitError> {
    let arguments =
        ["--sort=-creatordate", "--format=%(refname:short)", "refs/tags", "refs/heads", "refs/remotes"];
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let refs = Git::new(&root, "for-each-ref").answer(&arguments)?;
    Ok(String::from_utf8_lossy(&refs).lines().map(str::to_owned).collect())
}

/// The highest release (by semver precedence) tagged `rust-v*` or `v*` whose commit is not younger than `commit`.
///
/// Dates and not ancestry, because upstream's release tags do not lie on its main branch. The date is the
/// commit's, of an annotated tag too: a tag may be made long after.
///
/// The tags of a repository that tracks nothing below `root` are another project's.
///
/// # Errors
/// [`GitError`]; no such tag is none.
pub(crate) fn assumed_version(root: &Path, commit: &str) -> Result<Option<Assumed>, GitError> {
    let until = commit_date(root, commit)?;
    let format = "--format=%(refname:strip=2)%00%(committerdate:unix)%00%(*committerdate:unix)";
    let refs = Git::new(root, "for-each-ref").answer(&[format, "refs/tags/rust-v*", "refs/tags/v*"])?;
    let text = String::from_utf8_lossy(&refs);
    let mut best: Option<Assumed> = None;
    for candidate in text.lines().filter_map(|line| release(line, until)) {
        if best.as_ref().is_none_or(|best| candidate.version.cmp_precedence(&best.version).is_gt()) {
            best = Some(candidate);
        }
    }
    if best.is_some() && !tracks(root)? { Ok(None) } else { Ok(best) }
}

fn commit_date(root: &Path, commit: &str) -> Result<i64, GitError> {
    let command = "rev-list";
    let arguments = ["--max-count=1", "--timestamp", "--end-of-options", commit, "--"];
    let answer = Git::new(root, command).answer(&arguments)?;
    let text = String::from_utf8_lossy(&answer);
    let date = text.split_whitespace().next().and_then(|date| date.parse().ok());
    date.ok_or(GitError::Unexpected { command })
}

/// The release that a line of the tag list names, unless it is no version or younger than `until`.
fn release(line: &str, until: i64) -> Option<Assumed> {
    let mut fields = line.split('\0');
    let tag = fields.next()?;
    let date: i64 = fields.find(|field| !field.is_empty())?.parse().ok()?;
    let name = tag.strip_prefix("rust-v").or_else(|| tag.strip_prefix('v'))?;
    let version = Version::parse(name).ok()?;
    (date <= until).then(|| Assumed { version, tag: tag.to_owned() })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]
mod tests {
    use super::super::contents::list;
    use super::super::testing::{DAY, commit_all, git};
    use super::*;
    use std::fs;

    #[test]
    fn a_head_that_cannot_be_read_is_no_missing_commit() {
        let dir = tempfile::tempdir().unwrap();
        git(dir.path(), DAY, &["init", "--quiet"]);
        assert!(matches!(head(dir.path()), Err(GitError::NoCommit)));
        let commit = commit_all(dir.path(), DAY);
        assert_eq!(head(dir.path()).unwrap(), commit);
        let (folder, file) = commit.split_at(2);
        fs::remove_file(dir.path().join(".git/objects").join(folder).join(file)).unwrap();
        let told = head(dir.path()).unwrap_err();
        assert!(told.to_string().contains("bad object"), "{told}");
    }

    #[test]
    fn a_revision_is_a_commit_or_unknown() {
        let dir = tempfile::tempdir().unwrap();
        let commit = commit_all(dir.path(), DAY);
        git(dir.path(), DAY, &["tag", "-a", "v1.0.0", "-m", "m"]);
        assert_eq!(resolve_revision(dir.path(), "HEAD").unwrap(), commit);
        assert_eq!(resolve_revision(dir.path(), "v1.0.0").unwrap(), commit);
        assert_eq!(resolve_revision(dir.path(), ":/m").unwrap(), commit);
        assert_eq!(resolve_revision(dir.path(), "HEAD^{/m}").unwrap(), commit);
        let marker = dir.path().join("injected");
        let injection = format!("--output={}", marker.display());
        for revision in [
            ":/nope",
            "HEAD:x",
            ":x",
            "nope",
            "",
            "^HEAD",
            "HEAD..HEAD",
            "HEAD^{tree}",
            "--all",
            "-h",
            "--abbrev-ref=x",
            &injection,
        ] {
            let error = resolve_revision(dir.path(), revision).unwrap_err();
            assert!(
                matches!(&error, GitError::UnknownRevision { revision: r } if r == revision),
                "{error:?}"
            );
        }
        assert!(!marker.is_file());
        assert!(list(dir.path(), "--all").is_err());
        assert!(assumed_version(dir.path(), "--all").is_err());
    }

    #[test]
    fn outside_a_repository_the_error_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let error = resolve_revision(dir.path(), "HEAD").unwrap_err();
        assert!(matches!(error, GitError::NotRepository { root } if root == dir.path()));
    }

    #[test]
    fn the_highest_release_not_younger_than_the_commit_is_assumed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.rs"), "x\n").unwrap();
        let first = commit_all(dir.path(), DAY);
        assert_eq!(assumed_version(dir.path(), &first).unwrap(), None);
        let release = |day: u8, tag: &[&str]| {
            let date = format!("2026-01-{day:02}T00:00:00Z");
            git(dir.path(), &date, &["commit", "--quiet", "--allow-empty", "--message=r"]);
            git(dir.path(), "2026-02-01T00:00:00Z", &[&["tag"], tag].concat());
            git(dir.path(), &date, &["reset", "--quiet", "--hard", &first]);
        };
        release(3, &["rust-v0.9.0"]);
        release(4, &["-a", "-m", "m", "rust-v0.10.0-alpha.2"]);
        release(4, &["rust-v0.10.0-alpha.10"]);
        release(4, &["v0.8.0"]);
        release(4, &["rust-v9"]);
        release(4, &["other-v9.0.0"]);
        release(6, &["-a", "-m", "m", "rust-v0.11.0"]);
        let at = |day: u8| {
            let date = format!("2026-01-{day:02}T00:00:00Z");
            git(dir.path(), &date, &["commit", "--quiet", "--allow-empty", "--message=c"]);
            assumed_version(dir.path(), "HEAD").unwrap().map(|assumed| assumed.tag)
        };
        assert_eq!(at(2), None);
        assert_eq!(at(3).as_deref(), Some("rust-v0.9.0"));
        assert_eq!(at(5).as_deref(), Some("rust-v0.10.0-alpha.10"));
        assert_eq!(at(6).as_deref(), Some("rust-v0.11.0"));
        let other = dir.path().join("unpacked");
        fs::create_dir(&other).unwrap();
        assert_eq!(assumed_version(&other, "HEAD").unwrap(), None, "another project's tags");
    }
}
