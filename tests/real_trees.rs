//! The shipped patches on real trees of Codex, where `CODEX_PATCHER_CORPUS` names a folder whose subfolders each hold a
//! `codex-rs/`. Without it these tests say so and pass: nothing of such a tree is in this repository.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    reason = "it runs the binary on files, and says what it skips"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use codex_patcher::config::loader;
use codex_patcher::validate;
use support::{read_tree, shipped_patches};

fn trees() -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("CODEX_PATCHER_CORPUS") else {
        eprintln!("SKIPPED: CODEX_PATCHER_CORPUS is not set, so no real tree was patched");
        return Vec::new();
    };
    let entries = std::fs::read_dir(corpus).expect("CODEX_PATCHER_CORPUS is a folder");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path().join("codex-rs")).collect();
    found.retain(|tree| tree.is_dir());
    found.sort();
    assert!(!found.is_empty(), "CODEX_PATCHER_CORPUS holds no */codex-rs");
    found
}

/// A copy of the files that the set may touch, and of the manifest.
fn copy_targets(tree: &Path, to: &Path) {
    let set = loader::load(&[shipped_patches()], &[]).unwrap();
    let targets = set.iter().flat_map(|file| &file.patches).flat_map(|patch| patch.files.clone());
    for target in targets.chain(["Cargo.toml".to_owned()]) {
        let copy = to.join(&target);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(tree.join(&target), copy)
            .unwrap_or_else(|error| panic!("{target} in {}: {error}", tree.display()));
    }
}

fn run(words: &[&str], tree: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_codex-patcher"))
        .args(words)
        .arg(shipped_patches())
        .arg("-w")
        .arg(tree)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words:?} on {}:\n{text}", tree.display());
    text
}

#[test]
fn the_shipped_patches_apply_to_every_real_tree_once() {
    for tree in trees() {
        let scratch = tempfile::tempdir().unwrap();
        copy_targets(&tree, scratch.path());
        let before = read_tree(scratch.path());
        let first = run(&["apply"], scratch.path());
        assert!(first.contains("apply: 4 applied; wrote 3 files"), "{first}");
        let after = read_tree(scratch.path());
        for (path, entry) in after.iter().filter(|(path, _)| path.ends_with(".rs")) {
            validate::pooled::validate(entry.content.as_ref().unwrap())
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_ne!(before[path], *entry);
        }
        let second = run(&["apply", "--strict"], scratch.path());
        assert!(second.contains("apply: 4 already-applied"), "{second}");
        assert_eq!(read_tree(scratch.path()), after);
        run(&["verify"], scratch.path());
        eprintln!("{}: 4 applied, 4 already applied the second time", tree.display());
    }
}
