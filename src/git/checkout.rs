//! What a checkout would write, told without starting a program that the tree names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::command::Git;
use super::{GitError, read_many};

/// The programs of a filter, as its keys in the configuration are called.
const PROGRAMS: [&str; 3] = ["clean", "smudge", "process"];

/// The files of a commit as a checkout would write them: with their line ends, `$Id$` and encoding.
///
/// `.gitattributes` can give any file a filter, and the configuration can give the filter a program. Git would start
/// that, so git is not asked for such a file; a filter without a program does nothing. Whose configuration has the
/// program makes no difference: it is the tree that chooses which files are put into it.
#[derive(Debug)]
pub(crate) struct CheckedOut {
    root: PathBuf,
    commit: String,
    paths: Vec<String>,
    /// The filter with a program, of the paths that were asked about.
    known: Mutex<BTreeMap<String, Option<String>>>,
    /// Those that have a program, if they were asked for.
    filters: Mutex<Option<BTreeSet<String>>>,
}

impl CheckedOut {
    /// The files of `commit` at `paths`, which are relative to `root`. Git is asked when the first one is read.
    pub(crate) fn new(root: &Path, commit: &str, paths: &[String]) -> Self {
        let (root, commit, paths) = (root.to_owned(), commit.to_owned(), paths.to_vec());
        Self { root, commit, paths, known: Mutex::default(), filters: Mutex::default() }
    }

    /// The content of the regular file `path`; another than those costs a process more.
    ///
    /// # Errors
    /// [`GitError`]; [`GitError::Filtered`] if only a filter can tell.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, GitError> {
        if let Some(filter) = self.filter_of(path)? {
            return Err(GitError::Filtered { path: path.to_owned(), filter });
        }
        // One file a process: the sizes that `--batch` tells are those before the conversion.
        let object = format!("{}:./{path}", self.commit);
        let ask = || self.git("cat-file").answer(&["--filters", &object]);
        ask().or_else(|_| {
            // A partial clone may have left it out: then this fetches it, or tells why not.
            read_many(&self.root, &self.commit, &[path.to_owned()])?;
            ask()
        })
    }

    /// The filter with a program that `path` has.
    ///
    /// # Errors
    /// [`GitError`].
    pub(crate) fn filter_of(&self, path: &str) -> Result<Option<String>, GitError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(filter) = known.get(path) {
            return Ok(filter.clone());
        }
        let asked: BTreeSet<&str> = self.paths.iter().map(String::as_str).chain([path]).collect();
        let mut filtered = self.filtered(&asked)?;
        known.extend(asked.into_iter().map(|path| (path.to_owned(), filtered.remove(path))));
        Ok(known[path].clone())
    }

    /// Those of `paths` that have a filter with a program.
    fn filtered(&self, paths: &BTreeSet<&str>) -> Result<BTreeMap<String, String>, GitError> {
        let filters = self.filters()?;
        if filters.is_empty() {
            return Ok(BTreeMap::new());
        }
        let git = self.git("check-attr");
        let mut child = git.spawn(&["-z", "--stdin", "filter"], Stdio::piped())?;
        let request: String = paths.iter().map(|path| format!("{path}\0")).collect();
        let stdin = child.stdin.take();
        let output = thread::scope(|threads| {
            threads.spawn(move || stdin.map(|mut pipe| pipe.write_all(request.as_bytes())));
            git.wait(child)
        })?;
        if !output.status.success() {
            return Err(git.failure(&output.stderr));
        }
        let fields: Vec<&[u8]> = output.stdout.split(|byte| *byte == 0).collect();
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        // A file without a filter has `unspecified` here, and so has one whose filter is called so. It counts as
        // filtered if there is such a filter.
        let pairs = fields.chunks_exact(3).map(|entry| (text(entry[0]), text(entry[2])));
        Ok(pairs.filter(|(_, filter)| filters.contains(filter)).collect())
    }

    /// The filters that have a program.
    fn filters(&self) -> Result<BTreeSet<String>, GitError> {
        let mut known = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(filters) = known.as_ref() {
            return Ok(filters.clone());
        }
        let git = self.git("config");
        let output = git.output(&["-z", "--name-only", "--get-regexp", r"^filter\."])?;
        match output.status.code() {
            Some(0) => {}
            Some(1) => return Ok(BTreeSet::new()),
            _ => return Err(git.failure(&output.stderr)),
        }
        let names = output.stdout.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let filter = |name: &str| {
            let (filter, key) = name.strip_prefix("filter.")?.rsplit_once('.')?;
            PROGRAMS.contains(&key).then(|| filter.to_owned())
        };
        Ok(known.insert(names.filter_map(|name| filter(&name)).collect()).clone())
    }

    fn git(&self, command: &'static str) -> Git<'_> {
        Git::new(&self.root, command)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]
mod tests {
    use super::super::testing::{DAY, commit_all, git};
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_given_as_a_checkout_would_write_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("in");
        fs::create_dir(&root).unwrap();
        let files =
            [("crlf a.rs", "a\nb\n"), ("id.rs", "// $Id$\n"), ("wide.txt", "ä\n"), ("plain.md", "a\n")];
        for (name, text) in files {
            fs::write(root.join(name), text).unwrap();
        }
        let commit = commit_all(dir.path(), DAY);
        let rules = "crlf* text eol=crlf\n/in/id.rs ident\nwide.txt text working-tree-encoding=UTF-16LE\n";
        fs::write(dir.path().join(".gitattributes"), rules).unwrap();
        let paths = files.map(|(name, _)| name.to_owned());
        let read = |path: &str| CheckedOut::new(&root, &commit, &paths).read(path).unwrap();
        assert_eq!(read("crlf a.rs"), b"a\r\nb\r\n");
        let id = String::from_utf8(read("id.rs")).unwrap();
        assert!(id.starts_with("// $Id: ") && id.len() > 40, "{id}");
        assert_eq!(read("wide.txt"), [0xe4, 0, b'\n', 0]);
        assert_eq!(read("plain.md"), b"a\n");
        git(dir.path(), DAY, &["config", "core.autocrlf", "true"]);
        assert_eq!(read("plain.md"), b"a\r\n");
        assert!(CheckedOut::new(&root, &commit, &paths).read("none.rs").is_err());
    }

    #[test]
    fn no_filter_is_started_whatever_it_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("in");
        fs::create_dir(&root).unwrap();
        let ran = dir.path().join("ran");
        let names = ["smudged.rs", "plain.rs", "odd.rs", "process.rs", "unknown.rs", "set.rs"];
        for name in names {
            fs::write(root.join(name), "a\n").unwrap();
        }
        let rules = "smudged.rs filter=one\nodd.rs filter=a=b.c\nprocess.rs filter=two\nunknown.rs filter=none\nset.rs filter\n";
        fs::write(root.join(".gitattributes"), rules).unwrap();
        let commit = commit_all(dir.path(), DAY);
        let paths = names.map(str::to_owned);
        // One path is not among those it was made for.
        let read = |path: &str| CheckedOut::new(&root, &commit, &paths[1..]).read(path);
        assert!(names.iter().all(|name| read(name).unwrap() == b"a\n"), "no filter has a program");

        let program = format!("echo >> '{}'; cat", ran.display());
        let set = |key: &str| git(dir.path(), DAY, &["config", key, &program]);
        for key in ["filter.one.smudge", "filter.a=b.c.clean", "filter.two.process"] {
            set(key);
        }
        for (path, filter) in [("smudged.rs", "one"), ("odd.rs", "a=b.c"), ("process.rs", "two")] {
            let error = read(path).unwrap_err();
            assert!(matches!(&error, GitError::Filtered { filter: f, .. } if f == filter), "{error:?}");
        }
        for path in ["plain.rs", "unknown.rs", "set.rs"] {
            assert_eq!(read(path).unwrap(), b"a\n", "{path}");
        }
        // Names that git also has for a file without a filter, and with one that has no name.
        set("filter.unspecified.smudge");
        set("filter.set.smudge");
        fs::write(root.join(".gitattributes"), "* filter=unspecified\nset.rs filter=set\n").unwrap();
        assert!(names.iter().all(|name| matches!(read(name), Err(GitError::Filtered { .. }))));
        assert!(!ran.exists());
        git(&root, DAY, &["cat-file", "--filters", &format!("{commit}:./plain.rs")]);
        assert!(ran.exists(), "the test cannot fail");
    }
}
