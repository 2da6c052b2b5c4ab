//! What is written, and what is left alone: locks with targets, files of the user that look like ours. What happens between
//! two system calls is in `tests/faults.rs`.

#![expect(clippy::disallowed_methods, reason = "the walls are for the library; a test makes trees")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{commit_all, read_tree, run, write_tree};

/// A patch of the function `name` in `src/a.rs`.
fn patch(name: &str) -> String {
    format!(
        "[[patches]]\nid = '{name}'\nfile = 'src/a.rs'\nquery = {{ type = 'tree-sitter', pattern = 'fn {name}' }}\n\
         operation = {{ type = 'replace', text = 'fn {name}() {{ 1; }}' }}\n"
    )
}

/// A workspace with two functions, and a patch for each in a folder of its own.
fn two_folders() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (f, g) = (patch("f"), patch("g"));
    let manifest = "[workspace]\n[workspace.package]\nversion = \"0.1.0\"\n";
    let files = [
        ("ws/Cargo.toml", manifest),
        ("ws/src/a.rs", "fn f() {}\nfn g() {}\n"),
        ("p/s.toml", &f),
        ("q/s.toml", &g),
    ];
    write_tree(dir.path(), &files);
    dir
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn locks_of_several_folders_are_made_together_or_not() {
    let dir = two_folders();
    let root = dir.path();
    fs::create_dir(root.join("q/codex-patcher.lock")).unwrap();
    run(root, ["lock", "p", "q", "-w", "ws"]).exits(2);
    assert!(!root.join("p/codex-patcher.lock").exists());
    fs::remove_dir(root.join("q/codex-patcher.lock")).unwrap();

    run(root, ["lock", "q", "-w", "ws"]).exits(0);
    fs::write(root.join("ws/src/a.rs"), "fn f() {}\nfn g() { 0; }\n").unwrap();
    chmod(&root.join("q/codex-patcher.lock"), 0o444);
    let refused = run(root, ["lock", "p", "q", "-w", "ws"]).exits(2);
    assert!(refused.stderr.contains("`q/codex-patcher.lock` is read-only"), "{}", refused.stderr);
    assert!(!root.join("p/codex-patcher.lock").exists());
}

#[test]
fn accept_writes_targets_and_locks_together_or_neither() {
    let dir = two_folders();
    let root = dir.path();
    run(root, ["lock", "p", "q", "-w", "ws"]).exits(0);
    write_tree(root, &[("ws/src/a.rs", "fn f() { upstream(); }\nfn g() {}\n")]);
    run(root, ["apply", "p", "q", "-w", "ws"]).exits(1);
    let before = read_tree(root);
    let accept = ["apply", "--accept", "p", "q", "-w", "ws"];
    for (path, code) in [("ws/src/a.rs", 1), ("p/codex-patcher.lock", 2)] {
        chmod(&root.join(path), 0o444);
        let refused = run(root, accept).exits(code);
        assert!((refused.stdout + &refused.stderr).contains("is read-only") || code == 1);
        assert_eq!(read_tree(root), before, "{path}");
        chmod(&root.join(path), 0o644);
    }
    run(root, accept).exits(0);
    assert_eq!(fs::read_to_string(root.join("ws/src/a.rs")).unwrap(), "fn f() { 1; }\nfn g() { 1; }\n");
    assert!(fs::read_to_string(root.join("p/codex-patcher.lock")).unwrap().contains("upstream();"));
    let done = read_tree(root);
    run(root, accept).exits(0);
    assert_eq!(read_tree(root), done);
}

#[test]
fn leftovers_are_swept_beside_targets_patches_and_locks_but_not_what_git_tracks() {
    for (is_tracked, above) in [(true, "ws"), (true, "."), (false, "ws")] {
        let dir = two_folders();
        let root = dir.path();
        let mine =
            ["ws/src/.codex-patcher-mine.tmp", "ws/src/.codex-patcher-12-3.tmp", "p/.codex-patcher-4-5.tmp"];
        if is_tracked {
            write_tree(root, &mine.map(|path| (path, "mine")));
            commit_all(&root.join(above));
        } else {
            commit_all(&root.join(above));
            write_tree(root, &mine.map(|path| (path, "half")));
        }
        for args in
            [&["lock", "p", "q"][..], &["apply", "p", "q"], &["apply", "p", "q"], &["revert", "p", "q"]]
        {
            let left = [".codex-patcher-1-1.tmp", ".codex-patcher-Ab12.tmp"]
                .map(|name| [format!("ws/src/{name}"), format!("q/{name}")]);
            write_tree(root, &left.as_flattened().iter().map(|path| (path, "half")).collect::<Vec<_>>());
            run(root, args.iter().copied().chain(["-w", "ws"])).exits(0);
            let is_left = |path: &str| root.join(path).exists();
            for path in left.as_flattened() {
                // A lock has nothing to do with the folders of the targets.
                assert_eq!(is_left(path), args[0] == "lock" && path.starts_with("ws"), "{args:?} {path}");
            }
            for path in mine {
                let is_kept = is_tracked && (above == "." || path.starts_with("ws"));
                let is_kept = is_kept || args[0] == "lock" && path.starts_with("ws");
                assert_eq!(is_left(path), is_kept, "{above} {args:?} {path}");
            }
        }
    }
}

#[test]
fn a_file_that_is_called_like_a_temporary_one_can_be_patched() {
    let dir = two_folders();
    let root = dir.path();
    let set = patch("f")
        .replace("src/a.rs", "src/.codex-patcher-a.tmp")
        .replace("'tree-sitter', pattern = 'fn f'", "'text', search = 'fn f() {}'");
    write_tree(root, &[("ws/src/.codex-patcher-a.tmp", "fn f() {}\n"), ("t/s.toml", &set)]);
    for _ in 0..2 {
        run(root, ["apply", "t", "-w", "ws"]).exits(0);
        assert_eq!(fs::read_to_string(root.join("ws/src/.codex-patcher-a.tmp")).unwrap(), "fn f() { 1; }\n");
    }
}
