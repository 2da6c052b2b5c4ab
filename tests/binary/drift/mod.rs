//! Patches whose places upstream has changed, with the real disk, git and binary: what each command prints and writes. What
//! becomes of the patches is tested in memory, in `src/run/tests/`.
//!
//! Every upstream here is a lighthouse of a few commits.

#![expect(clippy::disallowed_methods, reason = "the walls are for the library; a test makes trees")]

mod explain;
mod follow;
mod lock;
mod update;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::support::{Entry, Ran, commit, git, read_tree, run, stamps, write_tree};

const BEACON: &str = include_str!("../../../src/run/tests/lighthouse/beacon.rs");
const LAMP: &str = include_str!("../../../src/run/tests/lighthouse/lamp.rs");

/// Three blasts for two.
const BLASTS: &str = include_str!("../../../src/run/tests/lighthouse/blasts.toml");

/// The whole function, by its name.
const SWEEP: &str = include_str!("../../../src/run/tests/lighthouse/sweep.toml");

/// An upstream in `tree`, patch files in `set`.
struct Upstream {
    dir: tempfile::TempDir,
    commits: u32,
}

impl Upstream {
    fn without_git<C: AsRef<[u8]>>(files: &[(&str, C)]) -> Self {
        let upstream = Self { dir: tempfile::tempdir().unwrap(), commits: 0 };
        let manifest = "[workspace]\n\n[workspace.package]\nversion = \"1.2.0\"\n";
        write_tree(&upstream.tree(), &[("Cargo.toml", manifest)]);
        write_tree(&upstream.tree(), files);
        fs::create_dir(upstream.set()).unwrap();
        upstream
    }

    fn new<C: AsRef<[u8]>>(files: &[(&str, C)]) -> Self {
        let mut upstream = Self::without_git(files);
        git(&upstream.tree(), &["init", "--quiet"]);
        upstream.commit();
        upstream
    }

    /// The beacon and the lamp, with one patch file.
    fn beacon(set: &str) -> Self {
        let upstream = Self::new(&[("src/beacon.rs", BEACON), ("src/lamp.rs", LAMP)]);
        upstream.patches(set);
        upstream
    }

    fn tree(&self) -> PathBuf {
        self.dir.path().join("tree")
    }

    fn set(&self) -> PathBuf {
        self.dir.path().join("set")
    }

    fn patches(&self, set: &str) {
        write_tree(&self.set(), &[("set.toml", set)]);
    }

    fn lock_file(&self) -> String {
        fs::read_to_string(self.set().join("codex-patcher.lock")).unwrap()
    }

    fn set_file(&self) -> String {
        fs::read_to_string(self.set().join("set.toml")).unwrap()
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.tree().join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        write_tree(&self.tree(), &[(path, text)]);
    }

    #[track_caller]
    fn edit(&self, path: &str, from: &str, to: &str) {
        self.write(path, &exchanged(&self.text(path), from, to));
    }

    /// Commits what is there; its abbreviated id.
    fn commit(&mut self) -> String {
        self.commits += 1;
        commit(&self.tree(), &format!("2026-01-{:02}T12:00:00Z", self.commits));
        git(&self.tree(), &["rev-parse", "--short=7", "HEAD"]).stdout.trim().to_owned()
    }

    /// One commit that exchanges a text.
    #[track_caller]
    fn step(&mut self, path: &str, from: &str, to: &str) -> String {
        self.edit(path, from, to);
        self.commit()
    }

    fn run(&self, args: &[&str]) -> Ran {
        let (tree, set) = (self.tree(), self.set());
        let fixed = ["-w", tree.to_str().unwrap(), set.to_str().unwrap()];
        run(self.dir.path(), args.iter().chain(&fixed))
    }

    /// The one patch of the report: its status or its cause.
    #[track_caller]
    fn status(&self, code: i32, args: &[&str]) -> String {
        let ran = self.run(&[args, &["--format", "json"]].concat()).exits(code);
        let mut statuses = ran.statuses();
        assert_eq!(statuses.len(), 1, "{statuses:?}");
        statuses.remove(0).1
    }

    /// `args` fail with `cause`, say all of `words`, and touch nothing.
    #[track_caller]
    fn fails(&self, args: &[&str], cause: &str, words: &[&str]) {
        let before = stamps(self.dir.path());
        let ran = self.run(args).exits(1);
        assert!(ran.stdout.contains(&format!("{cause}: ")), "no {cause} in:\n{}", ran.stdout);
        for word in words {
            assert!(ran.stdout.contains(word), "no `{word}` in:\n{}", ran.stdout);
        }
        // git brings its index up to date.
        let of_ours = |stamps: BTreeMap<PathBuf, crate::support::Stamp>| -> Vec<_> {
            stamps.into_iter().filter(|(path, _)| !path.iter().any(|part| part == ".git")).collect()
        };
        assert_eq!(of_ours(stamps(self.dir.path())), of_ours(before), "something was written");
    }

    /// `args` applies; a second run and `verify` find it in place and write nothing.
    #[track_caller]
    fn lands(&self, drift: &str) -> Ran {
        let first = self.run(&["apply", "--drift", drift]).exits(0);
        let once = read_tree(self.dir.path());
        assert_eq!(self.status(0, &["apply", "--drift", drift]), "already-applied");
        assert_eq!(self.status(0, &["verify", "--drift", drift]), "already-applied");
        assert_eq!(read_tree(self.dir.path()), once);
        first
    }

    /// What `apply` with `args` makes of a copy of the tree.
    #[track_caller]
    fn applied(&self, args: &[&str]) -> BTreeMap<String, Entry> {
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join("tree");
        let (tree, set) = (self.tree(), self.set());
        git(self.dir.path(), &["clone", "--quiet", tree.to_str().unwrap(), copy.to_str().unwrap()]);
        let fixed = ["-w", copy.to_str().unwrap(), set.to_str().unwrap()];
        run(dir.path(), ["apply"].iter().chain(args).chain(&fixed)).exits(0);
        read_tree(&copy)
    }
}

/// `text` with its one `from` exchanged for `to`.
#[track_caller]
fn exchanged(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` in:\n{text}");
    text.replace(from, to)
}

/// Where the lamp learns how many sweeps there were.
const CALL: (&str, &str) = ("brightness(fog);", "brightness(fog, self.sweeps);");

/// A text patch of an exact text.
fn text_patch(id: &str, file: &str, search: &str, text: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"{file}\"\n\n[patches.query]\ntype = \"text\"\nsearch = {search:?}\n\n\
         [patches.operation]\ntype = \"replace\"\ntext = {text:?}\n"
    )
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(id, status)| ((*id).to_owned(), (*status).to_owned())).collect()
}
