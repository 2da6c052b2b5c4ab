//! The only room that starts a process: it asks git what a revision contains, which release is near it, and where
//! code went (`git/history.rs`).
//!
//! It uses no shell, takes no lock, checks nothing out, and only reads. Paths go in and come out as bytes between
//! NULs and are taken literally. git itself answers, not a library: a second reader of repositories would have to
//! know every format and setting that git knows. A run in which every patch matches exactly, on a tree with a
//! version, starts no process.
#![expect(clippy::disallowed_types, reason = "the one room that starts git")]

pub(crate) mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use semver::Version;

/// Bytes of paths in one command line: below what any platform allows.
const ARGUMENTS: usize = 16 * 1024;

/// These would point git at another repository than the one around the root, as they do inside a hook.
const REDIRECTING: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
];

/// What git says of a repository that it found and cannot open, or of a configuration that it cannot read.
const UNREADABLE: [&str; 8] = [
    "bad config",
    "bad boolean config",
    "bad numeric config",
    "config file",
    "repository extension",
    "repo version",
    "gitfile",
    // A worktree whose repository is gone.
    "not a git repository: ",
];

/// Why git has no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no `git` on the search path.
    #[error("git is not installed")]
    NotInstalled,
    /// `root` lies in no repository.
    #[error("`{}` is not in a git repository", .root.display())]
    NotRepository {
        /// Where git was asked.
        root: PathBuf,
    },
    /// The repository belongs to another user, and git does not read it for that.
    #[error("git refuses the repository around `{}`: dubious ownership", .root.display())]
    DubiousOwnership {
        /// Where git was asked.
        root: PathBuf,
        /// The folder that `safe.directory` would have to name, as git says it.
        repository: String,
    },
    /// A configuration, or what makes a folder a repository, is not what git can read.
    #[error("git cannot read the repository or its configuration: {said}")]
    Misconfigured {
        /// What it said.
        said: String,
    },
    /// The repository around `root` tracks nothing of it: it is another project's, or ignores it.
    #[error("the repository around `{}` tracks nothing of it", .root.display())]
    TracksNothing {
        /// Where git was asked.
        root: PathBuf,
    },
    /// HEAD is a branch without a commit.
    #[error("the repository has no commit")]
    NoCommit,
    /// No commit has this name.
    #[error("`{revision}` is not the name of a commit")]
    UnknownRevision {
        /// As given.
        revision: String,
    },
    /// The repository lists a file whose content it does not have, as a partial clone may.
    #[error("git does not have the content of `{path}`")]
    MissingObject {
        /// Relative to the root.
        path: String,
    },
    /// Git ended with an error.
    #[error("`git {command}` failed: {stderr}")]
    Failed {
        /// Which of its commands.
        command: &'static str,
        /// What it said.
        stderr: String,
    },
    /// Git said something that this tool does not understand.
    #[error("`git {command}` printed something that codex-patcher does not understand")]
    Unexpected {
        /// Which of its commands.
        command: &'static str,
    },
    /// Git could not be started or talked to.
    #[error("cannot run `git {command}` in `{}`", .root.display())]
    Io {
        /// Which of its commands.
        command: &'static str,
        /// Where git was asked.
        root: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl GitError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotInstalled => Some("install git, or put it on the search path".to_owned()),
            Self::DubiousOwnership { repository, .. } => {
                let repository = in_shell(repository);
                Some(format!("if you trust it: `git config --global --add safe.directory {repository}`"))
            }
            _ => None,
        }
    }

    /// What git means by what it says on standard error.
    fn told(command: &'static str, root: &Path, stderr: &[u8]) -> Self {
        let stderr = String::from_utf8_lossy(stderr).trim().to_owned();
        let says = |words: &[&str]| words.iter().any(|words| stderr.contains(words));
        if says(&["not a git repository (or any"]) {
            return Self::NotRepository { root: root.to_owned() };
        }
        if says(&["dubious ownership"]) {
            let repository = stderr.split('\'').nth(1).map(str::to_owned);
            let repository = repository.unwrap_or_else(|| root.display().to_string());
            return Self::DubiousOwnership { root: root.to_owned(), repository };
        }
        if says(&UNREADABLE) {
            let said = stderr.lines().last().unwrap_or_default();
            return Self::Misconfigured { said: said.trim_start_matches("fatal: ").to_owned() };
        }
        Self::Failed { command, stderr }
    }
}

/// A path as one word of a shell.
fn in_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// What a commit holds at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blob {
    /// The content as committed: no line-end conversion, no filter.
    Regular(Vec<u8>),
    /// A directory.
    Directory,
    /// A symbolic link, and where it leads.
    Symlink(Vec<u8>),
    /// A submodule.
    Submodule,
}

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

/// What `commit` holds at each of `paths`, which are relative to `root` and normalised; `root` may be a folder
/// inside the repository. A path that the commit does not have is left out.
///
/// # Errors
/// [`GitError`].
pub(crate) fn read_many(
    root: &Path,
    commit: &str,
    paths: &[String],
) -> Result<BTreeMap<String, Blob>, GitError> {
    read_many_by(root, commit, paths, Fetch::IfMissing)
}

/// As [`read_many`], and says whether a partial clone may fetch what it lacks.
fn read_many_by(
    root: &Path,
    commit: &str,
    paths: &[String],
    fetch: Fetch,
) -> Result<BTreeMap<String, Blob>, GitError> {
    let git = |command| Git { root, command, fetch };
    let (mut found, mut contents) = (BTreeMap::new(), Vec::new());
    for chunk in chunks(paths) {
        let listing = git("ls-tree").answer(&[&["-z", "-t", "--", commit], chunk.as_slice()].concat())?;
        for entry in entries(&listing)?.into_iter().filter(|entry| chunk.contains(&entry.path)) {
            let kind = entry.kind()?;
            if matches!(kind, Blob::Regular(_) | Blob::Symlink(_)) {
                contents.push(Listed { path: entry.path.to_owned(), hash: entry.hash.to_owned() });
            }
            found.insert(entry.path.to_owned(), kind);
        }
    }
    read_listed_by(git("cat-file"), &contents, |file, read| {
        if let Some(Blob::Regular(content) | Blob::Symlink(content)) = found.get_mut(&file.path) {
            *content = read;
        }
    })?;
    Ok(found)
}

/// The content of the regular file `path` of `commit` as a checkout would write it: with its line ends, `$Id$`,
/// encoding, and what the filters make of it that the user's configuration names. `path` is relative to `root`.
///
/// # Errors
/// [`GitError`]; one is that `commit` has no such file.
pub(crate) fn checked_out(root: &Path, commit: &str, path: &str) -> Result<Vec<u8>, GitError> {
    // One file a process: the sizes that `--batch` tells are those before the conversion.
    Git::new(root, "cat-file").answer(&["--filters", &format!("{commit}:./{path}")])
}

/// A regular file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Relative to the root.
    pub(crate) path: String,
    /// The name of its content, in full hexadecimal.
    pub(crate) hash: String,
}

/// The regular files of `commit` below `root`, in git's order. A name that is not UTF-8 is left out: no patch
/// can spell it.
///
/// # Errors
/// [`GitError`].
pub(crate) fn list(root: &Path, commit: &str) -> Result<Vec<Listed>, GitError> {
    let listing = Git::new(root, "ls-tree").answer(&["-r", "-z", "--", commit])?;
    let files = entries(&listing)?.into_iter().filter(|entry| matches!(entry.kind(), Ok(Blob::Regular(_))));
    Ok(files.map(|entry| Listed { path: entry.path.to_owned(), hash: entry.hash.to_owned() }).collect())
}

/// Gives the content of each of `files`, in their order, as git hands it over.
///
/// # Errors
/// [`GitError`]; those before it have been given.
pub(crate) fn read_listed(
    root: &Path,
    files: &[Listed],
    each: impl FnMut(&Listed, Vec<u8>),
) -> Result<(), GitError> {
    read_listed_by(Git::new(root, "cat-file"), files, each)
}

fn read_listed_by(
    git: Git<'_>,
    files: &[Listed],
    mut each: impl FnMut(&Listed, Vec<u8>),
) -> Result<(), GitError> {
    if files.is_empty() {
        return Ok(());
    }
    let mut child = git.spawn(&["--batch", "--buffer"], Stdio::piped())?;
    let request: String = files.iter().map(|file| format!("{}\n", file.hash)).collect();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    // Requests are written and answers read at the same time: git stops reading when nobody takes what it
    // says, so one after the other would wait for ever on a large answer.
    let (answer, said) = thread::scope(|threads| {
        // Git that ends early closes its input; what it says about that is the better error.
        threads.spawn(move || stdin.map(|mut pipe| pipe.write_all(request.as_bytes())));
        let said = threads.spawn(move || {
            let mut said = Vec::new();
            stderr.map(|mut pipe| pipe.read_to_end(&mut said));
            said
        });
        let mut pipe = BufReader::new(stdout.expect("the pipe was asked for"));
        let answer = files.iter().try_for_each(|file| {
            each(file, git.read_blob(&file.path, &mut pipe)?);
            Ok(())
        });
        drop(pipe);
        (answer, said.join().unwrap_or_default())
    });
    let status = child.wait().map_err(|source| git.io(source))?;
    match answer {
        Err(GitError::Unexpected { .. }) if !status.success() => Err(git.failure(&said)),
        answer => answer,
    }
}

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
    let output = child.wait_with_output().map_err(|source| git.io(source))?;
    if first > 0 || output.status.success() { Ok(first > 0) } else { Err(git.failure(&output.stderr)) }
}

/// The index of the repository around `root`, where its file can be found without git.
#[expect(clippy::disallowed_methods, reason = "git's own folder is none of the workspace's files")]
pub(crate) fn index_of(root: &Path) -> Option<PathBuf> {
    let dot_git = root.ancestors().map(|folder| folder.join(".git")).find(|path| path.metadata().is_ok())?;
    if dot_git.is_dir() {
        return Some(dot_git.join("index"));
    }
    let text = std::fs::read_to_string(&dot_git).ok()?;
    Some(dot_git.with_file_name(text.strip_prefix("gitdir: ")?.trim_end()).join("index"))
}

/// Those of `paths` that the working tree has otherwise than HEAD, relative to `root`.
///
/// # Errors
/// [`GitError`]; one is that there is no commit.
pub(crate) fn changed(root: &Path, paths: &BTreeSet<String>) -> Result<BTreeSet<String>, GitError> {
    let mut arguments = vec!["--no-ext-diff", "--name-only", "-z", "--relative", "HEAD", "--"];
    arguments.extend(paths.iter().map(String::as_str));
    let listing = Git::new(root, "diff").answer(&arguments)?;
    let names = listing.split(|byte| *byte == 0).filter_map(|name| str::from_utf8(name).ok());
    Ok(names.filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// What the index has under another name than HEAD, as git recognises it: the old path and the new one, relative to
/// `root`. Of a file that was edited on the way as well.
///
/// # Errors
/// [`GitError`]; one is that there is no commit.
pub(crate) fn staged_renames(root: &Path) -> Result<BTreeMap<String, String>, GitError> {
    let command = "diff-index";
    let arguments = ["--cached", "-z", "--name-status", "--relative", "--diff-filter=R", "-M", "HEAD", "--"];
    let listing = Git::new(root, command).answer(&arguments)?;
    let fields: Option<Vec<&str>> =
        listing.split(|byte| *byte == 0).map(|field| str::from_utf8(field).ok()).collect();
    let fields = fields.ok_or(GitError::Unexpected { command })?;
    let pair = |entry: &[&str]| (entry[1].to_owned(), entry[2].to_owned());
    Ok(fields.chunks_exact(3).map(pair).collect())
}

/// The tags, remote and local branches of a repository, the youngest first.
///
/// # Errors
/// [`GitError`].
pub fn names(root: &Path) -> Result<Vec<String>, GitError> {
    let arguments =
        ["--sort=-creatordate", "--format=%(refname:short)", "refs/tags", "refs/heads", "refs/remotes"];
    let refs = Git::new(root, "for-each-ref").answer(&arguments)?;
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

/// Paths in groups that fit a command line. A path that is not normalised names nothing in a tree, but can end
/// git's whole answer, so it is not asked for.
fn chunks(paths: &[String]) -> Vec<Vec<&str>> {
    let is_normal =
        |path: &&str| path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains('\0');
    let (mut chunks, mut size) = (Vec::new(), ARGUMENTS);
    for path in paths.iter().map(String::as_str).filter(is_normal) {
        if size + path.len() >= ARGUMENTS {
            chunks.push(Vec::new());
            size = 0;
        }
        size += path.len() + 1;
        chunks.last_mut().expect("the first path opens a chunk").push(path);
    }
    chunks
}

/// One line of `ls-tree`.
struct TreeEntry<'l> {
    mode: &'l str,
    hash: &'l str,
    path: &'l str,
}

impl TreeEntry<'_> {
    /// The content of a regular file or a link is still empty.
    fn kind(&self) -> Result<Blob, GitError> {
        match self.mode {
            "040000" => Ok(Blob::Directory),
            "120000" => Ok(Blob::Symlink(Vec::new())),
            "160000" => Ok(Blob::Submodule),
            mode if mode.starts_with("100") => Ok(Blob::Regular(Vec::new())),
            _ => Err(GitError::Unexpected { command: "ls-tree" }),
        }
    }
}

fn entries(listing: &[u8]) -> Result<Vec<TreeEntry<'_>>, GitError> {
    let lines = listing.split(|byte| *byte == 0).filter(|line| !line.is_empty());
    let entry = |line| {
        let (head, path) = str::from_utf8(line).ok()?.split_once('\t')?;
        let mut head = head.split(' ');
        Some(TreeEntry { mode: head.next()?, hash: head.nth(1)?, path })
    };
    let utf8 = lines.filter(|line| str::from_utf8(line).is_ok());
    utf8.map(entry).collect::<Option<_>>().ok_or(GitError::Unexpected { command: "ls-tree" })
}

/// One command, asked in `root`.
#[derive(Clone, Copy)]
struct Git<'r> {
    root: &'r Path,
    command: &'static str,
    fetch: Fetch,
}

/// Whether a partial clone may fetch what it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fetch {
    IfMissing,
    /// With git 2.44 or newer.
    Never,
}

impl<'r> Git<'r> {
    fn new(root: &'r Path, command: &'static str) -> Self {
        Self { root, command, fetch: Fetch::IfMissing }
    }

    /// One that says what is here, and fetches nothing (with git 2.44 or newer).
    fn offline(root: &'r Path, command: &'static str) -> Self {
        Self { root, command, fetch: Fetch::Never }
    }

    /// What it prints, of a command that must succeed.
    fn answer(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = self.output(arguments)?;
        if output.status.success() { Ok(output.stdout) } else { Err(self.failure(&output.stderr)) }
    }

    fn output(&self, arguments: &[&str]) -> Result<Output, GitError> {
        let child = self.spawn(arguments, Stdio::null())?;
        child.wait_with_output().map_err(|source| self.io(source))
    }

    fn spawn(&self, arguments: &[&str], stdin: Stdio) -> Result<Child, GitError> {
        let mut git = Command::new("git");
        REDIRECTING.iter().for_each(|name| {
            git.env_remove(name);
        });
        git.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        if self.fetch == Fetch::Never {
            git.env("GIT_NO_LAZY_FETCH", "1");
        }
        git.arg("--literal-pathspecs").arg("-C").arg(self.root).arg(self.command).args(arguments);
        git.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        git.spawn().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => GitError::NotInstalled,
            _ => self.io(source),
        })
    }

    /// The next answer of `cat-file --batch`: `<hash> blob <size>`, the content, a line end.
    fn read_blob(&self, path: &str, pipe: &mut impl BufRead) -> Result<Vec<u8>, GitError> {
        let mut header = String::new();
        pipe.read_line(&mut header).map_err(|source| self.io(source))?;
        if header.ends_with(" missing\n") {
            return Err(GitError::MissingObject { path: path.to_owned() });
        }
        let unexpected = || GitError::Unexpected { command: self.command };
        let (_, size) = header.trim_end().split_once(" blob ").ok_or_else(unexpected)?;
        let mut content = vec![0; size.parse::<usize>().map_err(|_| unexpected())? + 1];
        pipe.read_exact(&mut content).map_err(|source| self.io(source))?;
        content.pop();
        Ok(content)
    }

    fn failure(&self, stderr: &[u8]) -> GitError {
        GitError::told(self.command, self.root, stderr)
    }

    fn io(&self, source: io::Error) -> GitError {
        GitError::Io { command: self.command, root: self.root.to_owned(), source }
    }
}

/// Repositories for the tests of this room and of those that read revisions.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Runs git as somebody, at `date`.
    pub(crate) fn git(dir: &Path, date: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgSign=false"]);
        command
            .args(["-c", "core.autocrlf=false", "-c", "tag.gpgSign=false"])
            .arg("-C")
            .arg(dir)
            .args(arguments);
        REDIRECTING.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Makes `dir` a repository, if it is none, and commits all that is in it.
    pub(crate) fn commit_all(dir: &Path, date: &str) -> String {
        git(dir, date, &["init", "--quiet"]);
        git(dir, date, &["add", "--all", "--force"]);
        git(dir, date, &["commit", "--quiet", "--allow-empty", "--message=m"]);
        git(dir, date, &["rev-parse", "HEAD"])
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]
mod tests {
    use super::testing::{commit_all, git};
    use super::*;
    use std::fs;

    const DAY: &str = "2026-01-01T00:00:00Z";

    fn read(root: &Path, commit: &str, paths: &[&str]) -> BTreeMap<String, Blob> {
        let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        read_many(root, commit, &paths).unwrap()
    }

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

    #[cfg(unix)]
    #[test]
    fn paths_are_literal_and_relative_to_the_root() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("ws");
        fs::create_dir_all(root.join("--/d d")).unwrap();
        let names = ["a", "-x", "--/d d/q\"'", "n\nl", "t\tb", "é☃", "g*[a]?", ":(top)a", "b\\s", "crlf"];
        for name in names {
            fs::write(root.join(name), format!("{name}\r\n")).unwrap();
        }
        fs::write(root.join("empty"), "").unwrap();
        fs::write(dir.path().join("above"), "above").unwrap();
        std::os::unix::fs::symlink("a", root.join("link")).unwrap();
        let commit = commit_all(dir.path(), DAY);
        fs::remove_file(root.join("a")).unwrap();

        let asked =
            [&names[..], &["empty", "link", "--", "no", "above", "../above", "g*", "", ".", "./a"]].concat();
        let found = read(&root, &commit, &asked);
        for name in names {
            assert_eq!(found[name], Blob::Regular(format!("{name}\r\n").into_bytes()));
        }
        assert_eq!(found["empty"], Blob::Regular(Vec::new()));
        assert_eq!((&found["link"], &found["--"]), (&Blob::Symlink(b"a".to_vec()), &Blob::Directory));
        assert_eq!(found.len(), names.len() + 3);

        let listed = list(&root, &commit).unwrap();
        let mut listed: Vec<&str> = listed.iter().map(|file| file.path.as_str()).collect();
        let mut expected = [&names[..], &["empty"]].concat();
        listed.sort();
        expected.sort_unstable();
        assert_eq!(listed, expected);
    }

    #[test]
    fn many_and_large_files_come_whole() {
        let dir = tempfile::tempdir().unwrap();
        let name = |i: usize| format!("{i}-{}", "long".repeat(20));
        let content = |i: usize| format!("{i}\n").repeat(20_000).into_bytes();
        for i in 0..600 {
            fs::write(dir.path().join(name(i)), content(i)).unwrap();
        }
        let commit = commit_all(dir.path(), DAY);
        let names: Vec<String> = (0..600).map(name).collect();
        assert!(chunks(&names).len() > 2);
        let found = read_many(dir.path(), &commit, &names).unwrap();
        assert!((0..600).all(|i| found[&name(i)] == Blob::Regular(content(i))));
    }

    #[test]
    fn content_that_the_repository_lacks_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("x"), "x").unwrap();
        let commit = commit_all(dir.path(), DAY);
        let hash = git(dir.path(), DAY, &["rev-parse", "HEAD:x"]);
        fs::remove_file(dir.path().join(".git/objects").join(&hash[..2]).join(&hash[2..])).unwrap();
        let error = read_many(dir.path(), &commit, &["x".to_owned()]).unwrap_err();
        assert!(matches!(error, GitError::MissingObject { path } if path == "x"));
    }

    #[test]
    fn a_submodule_has_no_content() {
        let dir = tempfile::tempdir().unwrap();
        let commit = commit_all(dir.path(), DAY);
        let info = format!("160000,{commit},sub");
        git(dir.path(), DAY, &["update-index", "--add", "--cacheinfo", &info]);
        git(dir.path(), DAY, &["commit", "--quiet", "--message=m"]);
        assert_eq!(
            read(dir.path(), "HEAD", &["sub", "sub/x"]),
            BTreeMap::from([("sub".into(), Blob::Submodule)])
        );
    }

    #[test]
    fn a_file_is_given_as_a_checkout_would_write_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("in");
        fs::create_dir(&root).unwrap();
        for (name, text) in
            [("crlf a.rs", "a\nb\n"), ("id.rs", "// $Id$\n"), ("wide.txt", "ä\n"), ("plain.md", "a\n")]
        {
            fs::write(root.join(name), text).unwrap();
        }
        let commit = commit_all(dir.path(), DAY);
        let rules = "crlf* text eol=crlf\n/in/id.rs ident\nwide.txt text working-tree-encoding=UTF-16LE\n";
        fs::write(dir.path().join(".gitattributes"), rules).unwrap();
        let read = |path: &str| checked_out(&root, &commit, path).unwrap();
        assert_eq!(read("crlf a.rs"), b"a\r\nb\r\n");
        let id = String::from_utf8(read("id.rs")).unwrap();
        assert!(id.starts_with("// $Id: ") && id.len() > 40, "{id}");
        assert_eq!(read("wide.txt"), [0xe4, 0, b'\n', 0]);
        assert_eq!(read("plain.md"), b"a\n");
        git(dir.path(), DAY, &["config", "core.autocrlf", "true"]);
        assert_eq!(read("plain.md"), b"a\r\n");
        assert!(checked_out(&root, &commit, "none.rs").is_err());
    }

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
        let said = "fatal: detected dubious ownership in repository at '/a/b c'\nTo add an exception …";
        let error = GitError::told("log", root, said.as_bytes());
        assert!(error.to_string().contains("dubious ownership"), "{error}");
        let hint = error.hint().unwrap();
        assert!(hint.ends_with("--add safe.directory '/a/b c'`"), "{hint}");
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
