//! What commits hold: listings of their trees, and contents as committed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::thread;

use super::command::Git;
use super::{GitError, promisor};
use crate::limits::{self, Limit};

/// Bytes of paths in one command line: below what any platform allows.
const ARGUMENTS: usize = 16 * 1024;

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
    /// A content that is longer than a file may be.
    TooLong(Limit),
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
    let (mut found, mut contents) = (BTreeMap::new(), Vec::new());
    for chunk in chunks(paths) {
        let listing =
            Git::new(root, "ls-tree").answer(&[&["-z", "-t", "--", commit], chunk.as_slice()].concat())?;
        for entry in entries(&listing)?.into_iter().filter(|entry| chunk.contains(&entry.path)) {
            let kind = entry.kind()?;
            if matches!(kind, Blob::Regular(_) | Blob::Symlink(_)) {
                contents.push(Listed { path: entry.path.to_owned(), hash: entry.hash.to_owned() });
            }
            found.insert(entry.path.to_owned(), kind);
        }
    }
    let mut given = BTreeSet::new();
    let read = read_listed(root, &contents, |file, read| {
        if let Some(Blob::Regular(content) | Blob::Symlink(content)) = found.get_mut(&file.path) {
            *content = read;
            given.insert(file.path.clone());
        }
    });
    match read {
        Err(GitError::TooLong { limit, .. }) => {
            let left = contents.into_iter().map(|file| file.path).filter(|path| !given.contains(path));
            found.extend(left.map(|path| (path, Blob::TooLong(limit))));
        }
        read => read?,
    }
    Ok(found)
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

/// Gives the content of each of `files` as git hands it over. What a partial clone left out is fetched and comes last.
///
/// # Errors
/// [`GitError`]; others may have been given. [`GitError::TooLong`] if that is all that is wrong: all others were given.
pub(crate) fn read_listed(
    root: &Path,
    files: &[Listed],
    mut each: impl FnMut(&Listed, Vec<u8>),
) -> Result<(), GitError> {
    let missing = match read_present(root, files, &mut each) {
        // Git that knows no GIT_NO_LAZY_FETCH ends there.
        Err(GitError::LeftOut { .. }) => Missing { missing: files.to_vec(), too_long: None },
        missing => missing?,
    };
    let Missing { missing, too_long } = missing;
    let refused = |too_long: Option<Listed>| match too_long {
        Some(Listed { path, .. }) => Err(GitError::TooLong { path, limit: Limit::FileSize }),
        None => Ok(()),
    };
    let Some(first) = missing.first() else { return refused(too_long) };
    let hashes: Vec<&str> = missing.iter().map(|file| file.hash.as_str()).collect();
    promisor::fetch(root, &hashes).map_err(|unfetched| unfetched.of(Some(&first.path)))?;
    let late = read_present(root, &missing, &mut each)?;
    match late.missing.first() {
        Some(file) => Err(GitError::LeftOut { path: Some(file.path.clone()), why: None }),
        None => refused(too_long.or(late.too_long)),
    }
}

/// What was not given: what git lacks, and the first file that is too long.
#[derive(Default)]
struct Missing {
    missing: Vec<Listed>,
    too_long: Option<Listed>,
}

/// As [`read_listed`], of what is there; the others are returned.
fn read_present(
    root: &Path,
    files: &[Listed],
    mut each: impl FnMut(&Listed, Vec<u8>),
) -> Result<Missing, GitError> {
    let mut left = Missing::default();
    if files.is_empty() {
        return Ok(left);
    }
    let git = Git::new(root, "cat-file");
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
            match read_blob(&git, &mut pipe)? {
                Answer::Content(content) => each(file, content),
                Answer::Missing => left.missing.push(file.clone()),
                Answer::TooLong => left.too_long = left.too_long.take().or_else(|| Some(file.clone())),
            }
            Ok(())
        });
        drop(pipe);
        (answer, said.join().unwrap_or_default())
    });
    let status = child.wait().map_err(|source| git.io(source))?;
    match answer {
        Err(GitError::Unexpected { .. }) if !status.success() => Err(git.failure(&said)),
        answer => answer.map(|()| left),
    }
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

/// What `cat-file --batch` says of one object.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Content(Vec<u8>),
    /// Git lacks it.
    Missing,
    /// It is longer than a file may be.
    TooLong,
}

/// The next answer: `<hash> blob <size>`, the content, a line end.
fn read_blob(git: &Git<'_>, pipe: &mut impl BufRead) -> Result<Answer, GitError> {
    let mut header = String::new();
    pipe.read_line(&mut header).map_err(|source| git.io(source))?;
    if header.ends_with(" missing\n") {
        return Ok(Answer::Missing);
    }
    let (_, size) = header.trim_end().split_once(" blob ").ok_or_else(|| git.unexpected())?;
    let size: u64 = size.parse().map_err(|_| git.unexpected())?;
    let mut content = Vec::new();
    let mut answer = pipe.by_ref().take(size);
    let is_too_long = size > limits::file_size();
    let read = if is_too_long {
        io::copy(&mut answer, &mut io::sink())
    } else {
        reserve(&mut content, size).and_then(|()| answer.read_to_end(&mut content).map(|read| read as u64))
    };
    read.map_err(|source| git.io(source))?;
    // Git that ends early leaves this out too.
    pipe.read_exact(&mut [0]).map_err(|source| git.io(source))?;
    Ok(if is_too_long { Answer::TooLong } else { Answer::Content(content) })
}

/// As of a file on the disk, having no memory for a content is no end of the process.
fn reserve(content: &mut Vec<u8>, size: u64) -> io::Result<()> {
    let is_reserved = usize::try_from(size).is_ok_and(|size| content.try_reserve_exact(size).is_ok());
    if is_reserved { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]
mod tests {
    use super::super::testing::{DAY, commit_all, git};
    use super::*;
    use std::fs;

    fn read(root: &Path, commit: &str, paths: &[&str]) -> BTreeMap<String, Blob> {
        let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        read_many(root, commit, &paths).unwrap()
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
    fn what_a_partial_clone_left_out_is_fetched_or_named_with_the_advice() {
        let dir = tempfile::tempdir().unwrap();
        let (whole, clone) = (dir.path().join("whole"), dir.path().join("clone"));
        fs::create_dir(&whole).unwrap();
        let content = |path: &str, at: usize| format!("{path} {at}\n");
        let commits = [1, 2, 3].map(|at| {
            ["x", "y"].iter().for_each(|path| fs::write(whole.join(path), content(path, at)).unwrap());
            commit_all(&whole, DAY)
        });
        git(&whole, DAY, &["config", "uploadpack.allowFilter", "true"]);
        let url = format!("file://{}", whole.display());
        git(dir.path(), DAY, &["clone", "--quiet", "--filter=blob:none", &url, "clone"]);
        let config = fs::read_to_string(clone.join(".git/config")).unwrap();
        let check = |at: usize| {
            let found = read(&clone, &commits[at - 1], &["x", "y"]);
            ["x", "y"].iter().for_each(|path| {
                assert_eq!(found[*path], Blob::Regular(content(path, at).into_bytes()));
            });
        };
        check(3);
        check(2);
        let packs = fs::read_dir(clone.join(".git/objects/pack")).unwrap().map(|file| file.unwrap().path());
        let promised = packs.filter(|path| path.extension().is_some_and(|kind| kind == "promisor"));
        assert_eq!(promised.count(), 3, "one for the clone, one for its checkout, one for both files");
        assert_eq!(fs::read_to_string(clone.join(".git/config")).unwrap(), config);
        assert!(!clone.join(".git/FETCH_HEAD").exists());

        fs::rename(&whole, dir.path().join("away")).unwrap();
        for _ in 0..2 {
            let error = read_many(&clone, &commits[0], &["x".to_owned()]).unwrap_err();
            let GitError::LeftOut { path: Some(path), why: Some(why) } = &error else { panic!("{error:?}") };
            assert!(path == "x" && why.starts_with("fetching it failed: "), "{error}");
            fs::create_dir_all(&whole).unwrap();
        }
        let advice = GitError::LeftOut { path: None, why: None }.hint().unwrap();
        let advice: Vec<&str> = advice.split('`').nth(1).unwrap().split(' ').skip(1).collect();
        fs::remove_dir(&whole).unwrap();
        fs::rename(dir.path().join("away"), &whole).unwrap();
        git(&clone, DAY, &advice);
        check(1);
    }

    #[test]
    fn a_content_that_is_too_long_is_an_answer_and_the_next_one_follows() {
        let git = Git::new(Path::new("/"), "cat-file");
        let long = "x".repeat(usize::try_from(limits::FILE_SIZE).unwrap() + 1);
        let text = format!("h blob 3\na\nb\nh blob {}\n{long}\nh blob 1\na\n", long.len());
        let mut pipe = text.as_bytes();
        let contents = [Answer::Content(b"a\nb".to_vec()), Answer::TooLong, Answer::Content(b"a".to_vec())];
        for expected in contents {
            assert!(read_blob(&git, &mut pipe).unwrap() == expected);
        }
        for cut in ["h blob 3\na", "h blob 3\na\nb"] {
            assert!(matches!(read_blob(&git, &mut cut.as_bytes()), Err(GitError::Io { .. })), "{cut}");
        }
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
}
