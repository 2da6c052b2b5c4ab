//! The README's commands and outputs, run.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it runs the binary on files")]

mod support;

use std::path::Path;
use std::process::Command;

use support::page::{blocks, page};
use support::{copy_tree, git, read_tree, sample, shipped_patches};

fn readme() -> String {
    page("README.md")
}

/// Runs `codex-patcher` with the words of a line; standard output, then standard error.
fn run(words: &str, dir: &Path, workspace: Option<&Path>) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codex-patcher"));
    command.current_dir(dir).args(words.split_whitespace());
    command.env_remove("CODEX_WORKSPACE");
    if let Some(workspace) = workspace {
        command.arg("-w").arg(workspace);
    }
    let output = command.output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_first_command_shows_what_every_shipped_patch_does_and_leaves_the_sample_alone() {
    let readme = readme();
    let first = blocks(&readme, "sh").into_iter().next().unwrap();
    let words = first.trim().strip_prefix("cargo run -q -- ").expect("the first block runs the main job");
    assert!(words.contains("patches/*.toml"));
    // No shell here to spell the files out; a folder means the same.
    let words = words.replace("patches/*.toml", "patches");
    let before = read_tree(&sample());
    let (report, trouble) = run(&words, Path::new(env!("CARGO_MANIFEST_DIR")), None);
    assert_eq!(read_tree(&sample()), before);
    let (lines, summary) = report.split_once("\n\n").unwrap_or_else(|| panic!("{report}{trouble}"));
    let count = lines.lines().filter(|line| line.starts_with("would-apply ")).count();
    assert_eq!(count, lines.lines().count(), "{report}");
    assert!(summary.starts_with(&format!("apply: {count} would-apply; would write ")), "{summary}");
    assert_eq!(trouble, "");
}

#[test]
fn the_second_command_is_the_gates_test_command() {
    let second = blocks(&readme(), "sh").into_iter().nth(1).unwrap();
    let gate = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).unwrap();
    assert!(gate.contains(&format!("step {}", second.trim())), "the gate runs `{}`", second.trim());
}

#[test]
fn the_transcripts_are_what_the_binary_prints() {
    let scratch = tempfile::tempdir().unwrap();
    let tree = scratch.path().join("codex-rs");
    copy_tree(&sample(), &tree);
    copy_tree(&shipped_patches(), &scratch.path().join("patches"));
    git(scratch.path(), &["init", "--quiet"]);
    git(scratch.path(), &["add", "codex-rs"]);
    git(scratch.path(), &["commit", "--quiet", "--message=release"]);
    let broken = "[[patches]]\nid = \"patient-exec\"\nfile = \"core/src/exec.rs\"\nquery = { type = \"text\", search = \
                  \"pub const DEFAULT_EXEC_TIMEOUT_MS: u64 = 10_000;\" }\noperation = { type = \"replace\", text = \"pub const DEFAULT_EXEC_TIMEOUT_MS: u64 = 60_000;\" }\n";
    std::fs::write(scratch.path().join("broken.toml"), broken).unwrap();
    for block in blocks(&readme(), "console") {
        let mut said = String::new();
        for line in block.lines().filter_map(|line| line.strip_prefix("$ codex-patcher ")) {
            let (stdout, stderr) = run(line, scratch.path(), Some(&tree));
            said += &format!("$ codex-patcher {line}\n{stdout}{stderr}");
        }
        assert_eq!(said, block);
    }
}

#[test]
fn every_example_does_to_the_sample_what_its_diff_shows() {
    let readme = readme();
    let (patches, diffs) = (blocks(&readme, "toml"), blocks(&readme, "diff"));
    assert_eq!(patches.len(), 4, "one worked example a query kind");
    assert_eq!(patches.len(), diffs.len());
    let scratch = tempfile::tempdir().unwrap();
    for (patch, diff) in patches.iter().zip(&diffs) {
        std::fs::write(scratch.path().join("example.toml"), patch).unwrap();
        let (stdout, stderr) = run("apply -n -d example.toml", scratch.path(), Some(&sample()));
        assert_eq!(&stdout, diff, "{stderr}");
    }
    let kinds = ["text", "ast-grep", "tree-sitter", "toml"];
    assert!(
        kinds.iter().all(|kind| patches.iter().any(|patch| patch.contains(&format!("type = \"{kind}\""))))
    );
}
