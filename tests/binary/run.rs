//! End-to-end tests that need more than a folder of files before and after: repositories, links, two processes,
//! pipes.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the walls are for the library; a test makes trees"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{
    binary, commit, commit_all, copy_tree, git, git_at, kept_patches, read_tree, run, sample, stamps,
    write_tree,
};

/// The ids of the set of the sample, in its order.
const KEPT: [&str; 4] = ["agent-threads", "no-update-banner", "patient-exec", "fast-profile"];

/// A scratch directory that holds the sample as `codex-rs`.
struct Scratch {
    dir: tempfile::TempDir,
}

impl Scratch {
    fn sample() -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_tree(&sample(), &dir.path().join("codex-rs"));
        Self { dir }
    }

    /// A workspace of one file, and a patch set over it.
    fn small(set: &str) -> Self {
        let scratch = Self { dir: tempfile::tempdir().unwrap() };
        write_tree(
            scratch.root(),
            &[
                ("codex-rs/Cargo.toml", "[workspace]\n\n[workspace.package]\nversion = \"0.0.0\"\n"),
                ("codex-rs/src/lib.rs", "pub const LIMIT: usize = 6;\n"),
                ("set.toml", set),
            ],
        );
        scratch
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn tree(&self) -> PathBuf {
        self.root().join("codex-rs")
    }
}

fn raise(file: &str) -> String {
    format!(
        "[[patches]]\nid = \"limit\"\nfile = \"{file}\"\n\n[patches.query]\ntype = \"text\"\nsearch = \"usize = 6\"\n\n\
         [patches.operation]\ntype = \"replace\"\ntext = \"usize = 12\"\n"
    )
}

fn all(status: &str) -> Vec<(String, String)> {
    KEPT.iter().map(|id| ((*id).to_owned(), status.to_owned())).collect()
}

fn kept(args: &[&str]) -> Vec<std::ffi::OsString> {
    let mut all: Vec<std::ffi::OsString> = args.iter().map(Into::into).collect();
    all.push(kept_patches().into());
    all
}

#[test]
fn a_set_applies_to_the_sample_and_a_second_run_touches_nothing() {
    let scratch = Scratch::sample();
    let before = read_tree(&scratch.tree());
    let first = run(&scratch.tree(), kept(&["apply", "--format", "json"])).exits(0);
    assert_eq!(first.statuses(), all("applied"));
    let files: Vec<String> = serde_json::from_value(first.json()["files"].clone()).unwrap();
    assert_eq!(files, ["Cargo.toml", "core/src/config/mod.rs", "core/src/exec.rs"]);

    let after = read_tree(&scratch.tree());
    let changed: Vec<&String> = after.keys().filter(|path| before.get(*path) != after.get(*path)).collect();
    assert_eq!(changed, files.iter().collect::<Vec<_>>());
    assert_eq!(before.len(), after.len(), "no file came or went");

    let stamped = stamps(&scratch.tree());
    let second = run(&scratch.tree(), kept(&["apply", "--format", "json"])).exits(0);
    assert_eq!(second.statuses(), all("already-applied"));
    assert_eq!(second.json()["work"]["writes"], 0);
    assert_eq!(stamps(&scratch.tree()), stamped);
    run(&scratch.tree(), kept(&["verify"])).exits(0);
    assert_eq!(stamps(&scratch.tree()), stamped);
}

#[test]
fn looking_touches_nothing() {
    let scratch = Scratch::sample();
    let stamped = stamps(&scratch.tree());
    let looks: [(&[&str], i32); 5] = [
        (&["apply", "-n"], 0),
        (&["apply", "--dry-run", "--diff"], 0),
        (&["status", "-d"], 0),
        (&["verify"], 1),
        (&["list"], 0),
    ];
    for (args, code) in looks {
        run(&scratch.tree(), kept(args)).exits(code);
        assert_eq!(stamps(&scratch.tree()), stamped, "{args:?}");
    }
}

#[test]
fn patches_are_found_in_the_workspace_then_in_the_current_directory() {
    let scratch = Scratch::sample();
    let elsewhere = scratch.root().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let tree = scratch.tree();
    let status = |dir: &Path| run(dir, ["status", "--format", "json", "-w", tree.to_str().unwrap()]);

    let none = status(&elsewhere).exits(2);
    assert!(none.stderr.contains("no patch files"), "{}", none.stderr);
    let named = raise("core/src/lib.rs").replace("\"limit\"", "\"from-here\"");
    write_tree(&elsewhere, &[("patches/a.toml", named)]);
    assert_eq!(status(&elsewhere).statuses(), [("from-here".to_owned(), "no-match".to_owned())]);
    // A folder without any counts as not there.
    write_tree(&tree, &[("patches/README.md", "nothing yet")]);
    assert_eq!(status(&elsewhere).statuses().len(), 1);
    copy_tree(&kept_patches(), &tree.join("patches"));
    assert_eq!(status(&elsewhere).statuses(), all("would-apply"));
}

#[test]
fn the_option_and_the_argument_name_the_same_files() {
    let scratch = Scratch::sample();
    let file = kept_patches().join("kept.toml");
    let file = file.to_str().unwrap();
    let argument = run(&scratch.tree(), ["status", file]).exits(0);
    for option in ["-p", "--patches"] {
        assert_eq!(run(&scratch.tree(), ["status", option, file]).exits(0), argument);
        // Given twice, taken once.
        assert_eq!(run(&scratch.tree(), ["status", file, option, file]).exits(0), argument);
    }
}

#[test]
fn the_workspace_is_found_from_inside_from_above_and_by_name() {
    let scratch = Scratch::sample();
    let tree = scratch.tree();
    let expected = run(&tree, kept(&["status"])).exits(0).stdout;
    for dir in [tree.join("core/src/config"), scratch.root().to_owned()] {
        assert_eq!(run(&dir, kept(&["status"])).exits(0).stdout, expected, "from {}", dir.display());
    }
    let outside = tempfile::tempdir().unwrap();
    for given in [tree.as_path(), scratch.root()] {
        let named = run(outside.path(), kept(&["status", "-w", given.to_str().unwrap()])).exits(0);
        assert_eq!(named.stdout, expected);
    }
    let by_variable = binary(outside.path()).args(kept(&["status"])).env("CODEX_WORKSPACE", &tree).output();
    assert_eq!(String::from_utf8(by_variable.unwrap().stdout).unwrap(), expected);

    let none = run(outside.path(), kept(&["status"])).exits(2);
    assert!(none.stderr.contains("no Cargo workspace") && none.stderr.contains("-w DIR"), "{}", none.stderr);
    let gone = run(outside.path(), kept(&["status", "-w", "nowhere"])).exits(2);
    assert!(gone.stderr.contains("`nowhere` does not exist"), "{}", gone.stderr);
}

#[test]
fn an_unknown_id_is_a_mistake_and_the_nearest_is_named() {
    let scratch = Scratch::sample();
    let before = stamps(&scratch.tree());
    for option in ["--only", "--skip"] {
        let refused = run(&scratch.tree(), kept(&["apply", option, "agent-thread"])).exits(2);
        assert!(refused.stderr.contains("did you mean `agent-threads`?"), "{}", refused.stderr);
        assert_eq!(refused.stdout, "");
    }
    assert_eq!(stamps(&scratch.tree()), before);
    let one = run(&scratch.tree(), kept(&["apply", "--only", "patient-exec", "--format", "json"])).exits(0);
    let statuses: Vec<String> = one.statuses().into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, ["skipped", "skipped", "applied", "skipped"]);
}

#[test]
fn a_listing_is_narrowed_as_a_run_is() {
    let scratch = Scratch::sample();
    for option in ["--only", "--skip"] {
        let refused = run(&scratch.tree(), kept(&["list", option, "agent-thread"])).exits(2);
        assert!(refused.stderr.contains("did you mean `agent-threads`?"), "{}", refused.stderr);
        assert_eq!(refused.stdout, "");
    }
    let ids = |args: &[&str]| -> Vec<String> {
        let listed = run(&scratch.tree(), kept(&[&["list", "--format", "json"], args].concat())).exits(0);
        let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
        let files = listed["files"].as_array().unwrap().clone();
        let patches = files.iter().flat_map(|file| file["patches"].as_array().unwrap().clone());
        patches.map(|patch| patch["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&[]), KEPT);
    assert_eq!(ids(&["--only", "patient-exec"]), ["patient-exec"]);
    assert_eq!(ids(&["--skip", "patient-exec"]), ["agent-threads", "no-update-banner", "fast-profile"]);
}

#[test]
fn a_failure_holds_everything_back_unless_told_to_keep_going() {
    let scratch = Scratch::sample();
    let more = scratch.root().join("more.toml");
    fs::write(&more, raise("core/src/lib.rs")).unwrap();
    let before = stamps(&scratch.tree());
    let mut args = kept(&["apply", "--format", "json"]);
    args.push(more.into());
    let refused = run(&scratch.tree(), &args).exits(1);
    let mut expected = all("not-attempted");
    expected.push(("limit".to_owned(), "no-match".to_owned()));
    assert_eq!(refused.statuses(), expected);
    assert_eq!(stamps(&scratch.tree()), before);

    args.push("--keep-going".into());
    let ran = run(&scratch.tree(), &args).exits(1);
    assert_eq!(ran.statuses()[..4], all("applied"));
    run(&scratch.tree(), kept(&["verify"])).exits(0);
}

#[test]
fn revert_takes_back_what_apply_did_and_only_that() {
    let scratch = Scratch::sample();
    let before = read_tree(&scratch.tree());
    commit_all(scratch.root());
    run(&scratch.tree(), kept(&["apply"])).exits(0);
    assert_ne!(read_tree(&scratch.tree()), before);
    let reverted = run(&scratch.tree(), kept(&["revert", "--format", "json"])).exits(0);
    assert_eq!(reverted.statuses(), all("reverted"));
    assert_eq!(read_tree(&scratch.tree()), before);
    assert_eq!(git(scratch.root(), &["status", "--porcelain"]).stdout, "");

    let stamped = stamps(&scratch.tree());
    let again = run(&scratch.tree(), kept(&["revert", "--format", "json"])).exits(0);
    assert_eq!(again.statuses(), all("skipped"));
    assert_eq!(stamps(&scratch.tree()), stamped);
}

#[test]
fn revert_gives_back_what_a_checkout_wrote() {
    let rules = ["*.rs text eol=crlf\n", "*.rs ident\n", "*.rs text working-tree-encoding=UTF-8\n", ""];
    for (at, rule) in rules.into_iter().enumerate() {
        let scratch = Scratch::small(&text_patch("limit", "src/lib.rs", "usize = 6", "usize = 12"));
        write_tree(
            &scratch.tree(),
            &[(".gitattributes", rule), ("src/lib.rs", "// $Id$\npub const LIMIT: usize = 6;\n")],
        );
        commit_all(scratch.root());
        if at == 3 {
            git(scratch.root(), &["config", "core.autocrlf", "true"]);
        }
        fs::remove_file(scratch.tree().join("src/lib.rs")).unwrap();
        git(scratch.root(), &["checkout", "--quiet", "."]);
        let before = read_tree(&scratch.tree());
        run(&scratch.tree(), ["apply", "../set.toml"]).exits(0);
        assert_ne!(read_tree(&scratch.tree()), before, "{rule}");
        run(&scratch.tree(), ["revert", "../set.toml"]).exits(0);
        assert_eq!(read_tree(&scratch.tree()), before, "{rule}");
    }
}

/// Each in a call of its own, twice, committed in between or not.
#[test]
fn patch_files_beside_each_other_are_not_taken_for_the_former_text_of_each_other() {
    let set = |id: &str, kind: &str| {
        format!(
            "[[patches]]\nid = \"{id}\"\nfile = \"src/lib.rs\"\n\n[patches.query]\ntype = \"ast-grep\"\npattern = \
             \"one($A);\"\n\n[patches.operation]\ntype = \"{kind}\"\ntext = 'set_flag($A, \"{id}\");'\n"
        )
    };
    for (kind, commits) in [("insert-after", false), ("insert-after", true), ("insert-before", false)] {
        let scratch = Scratch::small("no TOML");
        write_tree(
            scratch.root(),
            &[
                ("codex-rs/src/lib.rs", "fn f() {\n    one(2);\n    two(2);\n}\n"),
                ("a.toml", &set("a", kind)),
                ("b.toml", &set("b", kind)),
            ],
        );
        let dir = scratch.root();
        commit_all(dir);
        let apply = |file: &str| run(dir, ["apply", "-w", "codex-rs", file]);
        for status in ["applied", "already-applied"] {
            for file in ["a.toml", "b.toml"] {
                let ran = apply(file).exits(0);
                assert!(ran.stdout.starts_with(status), "{kind} {file}: {}", ran.stdout);
            }
            if commits {
                commit_all(dir);
            }
        }
        // What no other patch put there is its text of before; a copy of the patch is no other patch.
        fs::copy(dir.join("a.toml"), dir.join("c.toml")).unwrap();
        let edited = set("a", kind).replace("($A, \"a\")", "($A, \"z\")");
        fs::write(dir.join("a.toml"), edited).unwrap();
        let ran = apply("a.toml").exits(1);
        assert!(ran.stdout.contains("`set_flag(2, \"a\");`"), "{}", ran.stdout);
    }
}

#[test]
fn revert_of_a_patch_file_leaves_the_patches_of_its_neighbours() {
    let scratch = Scratch::small("");
    fs::remove_file(scratch.root().join("set.toml")).unwrap();
    write_tree(
        scratch.root(),
        &[
            ("codex-rs/src/lib.rs", "pub const LIMIT: usize = 6;\npub const WAIT: u64 = 1;\n"),
            ("set/2.toml", &text_patch("limit", "src/lib.rs", "usize = 6", "usize = 12")),
            ("set/10.toml", &text_patch("wait", "src/lib.rs", "u64 = 1", "u64 = 2")),
        ],
    );
    commit_all(scratch.root());
    run(&scratch.tree(), ["apply", "../set"]).exits(0);
    run(&scratch.tree(), ["revert", "../set/2.toml"]).exits(0);
    let text = fs::read_to_string(scratch.tree().join("src/lib.rs")).unwrap();
    assert_eq!(text, "pub const LIMIT: usize = 6;\npub const WAIT: u64 = 2;\n");
}

#[test]
fn what_keeps_git_from_answering_is_said_exactly() {
    let scratch = Scratch::small(&raise("src/lib.rs"));
    commit_all(scratch.root());
    let config = scratch.root().join("broken.config");
    fs::write(&config, "[core\n").unwrap();
    let words = [["status", "--rev", "HEAD"], ["lock", "--rev", "HEAD"], ["revert", "--color", "never"]];
    for words in words {
        let call = |name: &str, value: &str| {
            let mut command = binary(&scratch.tree());
            command.args(words).arg("../set.toml").args(["--workspace-version", "1.0.0"]).env(name, value);
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{words:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let missing = call("PATH", "/nowhere");
        assert!(missing.contains("git is not installed"), "{missing}");
        let other = call("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        assert!(other.contains("dubious ownership") && other.contains("safe.directory"), "{other}");
        let broken = call("GIT_CONFIG_GLOBAL", config.to_str().unwrap());
        assert!(broken.contains("bad config line 1 in file"), "{broken}");
    }
    let ranged = raise("src/lib.rs").replace("file =", "version = \">=0.1\"\nfile =");
    write_tree(scratch.root(), &[("set.toml", &ranged)]);
    let output =
        binary(&scratch.tree()).args(["status", "../set.toml"]).env("PATH", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("tags could not be asked: git is not installed"), "{said}");
}

/// A set of one patch: text, in `file`, from `from` to `to`.
fn text_patch(id: &str, file: &str, from: &str, to: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"{file}\"\n\n[patches.query]\ntype = \"text\"\nsearch = \"{from}\"\n\n\
         [patches.operation]\ntype = \"replace\"\ntext = \"{to}\"\n\n"
    )
}

fn statuses(ran: &crate::support::Ran) -> Vec<String> {
    ran.statuses().into_iter().map(|(_, status)| status).collect()
}

#[cfg(unix)]
#[test]
fn a_revision_and_revert_follow_links_as_the_files_do() {
    for file in ["l.rs", "ld/lib.rs"] {
        let scratch = Scratch::small(&raise(file));
        std::os::unix::fs::symlink("src/lib.rs", scratch.tree().join("l.rs")).unwrap();
        std::os::unix::fs::symlink("src", scratch.tree().join("ld")).unwrap();
        std::os::unix::fs::symlink("../../set.toml", scratch.tree().join("src/out.rs")).unwrap();
        commit_all(scratch.root());
        let rev = ["status", "../set.toml", "--rev", "HEAD", "--format", "json"];
        let seen = run(&scratch.tree(), rev).exits(0);
        assert_eq!(statuses(&seen), ["would-apply"], "{file}");
        assert_eq!(seen.json()["patches"][0]["file"], "src/lib.rs");
        run(&scratch.tree(), ["apply", "../set.toml"]).exits(0);
        let reverted = run(&scratch.tree(), ["revert", "../set.toml", "--format", "json"]).exits(0);
        assert_eq!(statuses(&reverted), ["reverted"], "{file}");
        assert_eq!(git(scratch.root(), &["status", "--porcelain"]).stdout, "");

        // A link that leads elsewhere now is an edit that no set made.
        write_tree(&scratch.tree(), &[("other/lib.rs", "pub const LIMIT: usize = 12;\n")]);
        fs::remove_file(scratch.tree().join(file.split('/').next().unwrap())).unwrap();
        let (to, at) = if file == "l.rs" { ("other/lib.rs", "l.rs") } else { ("other", "ld") };
        std::os::unix::fs::symlink(to, scratch.tree().join(at)).unwrap();
        let refused = run(&scratch.tree(), ["revert", "../set.toml", "--format", "json"]).exits(1);
        assert_eq!(statuses(&refused), ["conflict"], "{file}");

        fs::write(scratch.root().join("set.toml"), raise("src/out.rs")).unwrap();
        assert_eq!(statuses(&run(&scratch.tree(), rev).exits(1)), ["bad-target"]);
    }
}

#[test]
fn revert_needs_a_repository() {
    let scratch = Scratch::sample();
    let stamped = stamps(&scratch.tree());
    let refused = run(&scratch.tree(), kept(&["revert"])).exits(2);
    assert!(refused.stderr.contains("not in a git repository"), "{}", refused.stderr);
    assert_eq!(stamps(&scratch.tree()), stamped);
}

#[test]
fn a_revision_is_planned_against_without_a_checkout() {
    let scratch = Scratch::sample();
    commit_all(scratch.root());
    run(&scratch.tree(), kept(&["apply"])).exits(0);
    commit(scratch.root(), "2026-01-02T00:00:00Z");
    // What the files hold does not matter from here on.
    fs::remove_file(scratch.tree().join("core/src/exec.rs")).unwrap();
    let stamped = stamps(&scratch.tree());
    let status = |rev: &str| run(&scratch.tree(), kept(&["status", "--format", "json", "--rev", rev]));
    assert_eq!(status("HEAD").exits(0).statuses(), all("already-applied"));
    assert_eq!(status("HEAD~1").exits(0).statuses(), all("would-apply"));
    assert_eq!(status("HEAD~1").json()["revision"], "HEAD~1");
    run(&scratch.tree(), kept(&["apply", "-n", "--rev", "HEAD~1"])).exits(0);
    let unknown = status("nowhere").exits(2);
    assert!(unknown.stderr.contains("`nowhere` is not the name of a commit"), "{}", unknown.stderr);
    let refused = run(&scratch.tree(), kept(&["apply", "--rev", "HEAD~1"])).exits(2);
    assert!(refused.stderr.contains("--dry-run"), "{}", refused.stderr);
    assert_eq!(stamps(&scratch.tree()), stamped);
}

#[test]
fn a_placeholder_version_is_assumed_from_the_newest_release_tag_not_later_than_head() {
    let set = format!("[meta]\nversion_range = \">=0.120, <0.130\"\n\n{}", raise("src/lib.rs"));
    let scratch = Scratch::small(&set);
    git(scratch.root(), &["init", "--quiet"]);
    // Releases do not lie on the branch that is built from.
    let release = |day: &str, tag: &[&str]| {
        let date = format!("2026-01-{day}T00:00:00Z");
        git(scratch.root(), &["checkout", "--quiet", "--detach"]);
        commit(scratch.root(), &date);
        git_at(scratch.root(), "2026-03-01T00:00:00Z", &[&["tag"], tag].concat()).exits(0);
        git(scratch.root(), &["checkout", "--quiet", "main"]);
    };
    commit(scratch.root(), "2026-01-01T00:00:00Z");
    release("02", &["rust-v0.119.0"]);
    release("03", &["--annotate", "--message=m", "rust-v0.125.0"]);
    release("20", &["rust-v0.131.0"]);
    commit(scratch.root(), "2026-01-10T00:00:00Z");

    let status = || run(&scratch.tree(), ["status", "--format", "json", "../set.toml"]);
    let seen = status().exits(0);
    assert_eq!(seen.statuses(), [("limit".to_owned(), "would-apply".to_owned())]);
    assert_eq!(seen.json()["version"], "0.125.0");
    assert_eq!(seen.json()["version_note"], "assumed from tag rust-v0.125.0");

    commit(scratch.root(), "2026-01-25T00:00:00Z");
    let seen = status().exits(1);
    assert_eq!(seen.statuses(), [("limit".to_owned(), "expired".to_owned())]);
    assert!(seen.stderr.contains("1 patch is expired"), "{}", seen.stderr);
    assert!(seen.stderr.contains("no patch takes part"), "{}", seen.stderr);
    let reason = seen.json()["patches"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("0.131.0") && reason.contains(">=0.120, <0.130"), "{reason}");

    let rev = run(&scratch.tree(), ["status", "--format", "json", "--rev", "HEAD~1", "../set.toml"]).exits(0);
    assert_eq!(rev.json()["version"], "0.125.0", "the revision's own date counts");
    let given = run(&scratch.tree(), ["status", "--workspace-version", "0.122.0", "../set.toml"]).exits(0);
    assert!(given.stdout.contains("would-apply"), "{}", given.stdout);
}

#[test]
fn a_range_without_a_version_fails_and_says_how_to_give_one() {
    let set = format!("[meta]\nversion_range = \">=0.120\"\n\n{}", raise("src/lib.rs"));
    let scratch = Scratch::small(&set);
    let stamped = stamps(&scratch.tree());
    let refused = run(&scratch.tree(), ["apply", "../set.toml"]).exits(1);
    assert!(refused.stdout.contains("unknown-version: limit"), "{}", refused.stdout);
    assert!(refused.stdout.contains("--workspace-version"), "{}", refused.stdout);
    assert_eq!(stamps(&scratch.tree()), stamped);
    run(&scratch.tree(), ["apply", "../set.toml", "--workspace-version", "0.125.0"]).exits(0);
}

#[cfg(unix)]
#[test]
fn a_link_inside_the_workspace_is_written_through_and_stays_a_link() {
    let scratch = Scratch::small(&raise("link/lib.rs"));
    std::os::unix::fs::symlink("src", scratch.tree().join("link")).unwrap();
    std::os::unix::fs::symlink("lib.rs", scratch.tree().join("src/other.rs")).unwrap();
    for file in ["link/lib.rs", "src/other.rs"] {
        fs::write(scratch.tree().join("src/lib.rs"), "pub const LIMIT: usize = 6;\n").unwrap();
        fs::write(scratch.root().join("set.toml"), raise(file)).unwrap();
        let done = run(&scratch.tree(), ["apply", "../set.toml", "--format", "json"]).exits(0);
        assert_eq!(done.json()["files"], serde_json::json!(["src/lib.rs"]));
        assert_eq!(
            fs::read_to_string(scratch.tree().join("src/lib.rs")).unwrap(),
            "pub const LIMIT: usize = 12;\n"
        );
        assert!(scratch.tree().join("link").is_symlink());
        assert!(scratch.tree().join("src/other.rs").is_symlink());
    }
}

#[cfg(unix)]
#[test]
fn two_spellings_of_one_file_are_one_target() {
    let second = raise("link/lib.rs").replace("\"limit\"", "\"then\"").replace("= 6\"", "= 12\"");
    let second = second.replace("text = \"usize = 12\"", "text = \"usize = 24\"");
    let scratch = Scratch::small(&(raise("./src/../src/lib.rs") + &second));
    std::os::unix::fs::symlink("src", scratch.tree().join("link")).unwrap();
    let done = run(&scratch.tree(), ["apply", "../set.toml", "--format", "json"]).exits(0);
    let work = &done.json()["work"];
    assert_eq!((&work["reads"], &work["writes"]), (&serde_json::json!(1), &serde_json::json!(1)));
    let text = fs::read_to_string(scratch.tree().join("src/lib.rs")).unwrap();
    assert_eq!(text, "pub const LIMIT: usize = 24;\n");
}

#[test]
fn a_path_out_of_the_workspace_is_refused() {
    let scratch = Scratch::small("");
    let outside = scratch.root().join("outside.rs");
    fs::write(&outside, "const L: usize = 6;\n").unwrap();
    let refuse = |file: &str| {
        fs::write(scratch.root().join("set.toml"), raise(file)).unwrap();
        let stamped = (stamps(&scratch.tree()), stamps(&outside));
        let refused = run(&scratch.tree(), ["apply", "../set.toml", "--format", "json"]).exits(1);
        assert_eq!(refused.statuses(), [("limit".to_owned(), "bad-target".to_owned())], "{file}");
        assert!(refused.json()["patches"][0]["reason"].as_str().unwrap().contains("outside"), "{file}");
        assert_eq!((stamps(&scratch.tree()), stamps(&outside)), stamped);
    };
    refuse("../outside.rs");
    refuse("src/../../outside.rs");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../../outside.rs", scratch.tree().join("src/link.rs")).unwrap();
        std::os::unix::fs::symlink("../..", scratch.tree().join("src/up")).unwrap();
        refuse("src/link.rs");
        refuse("src/up/outside.rs");
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_target_is_refused_and_nothing_is_written() {
    let scratch = Scratch::sample();
    let exec = scratch.tree().join("core/src/exec.rs");
    let mut permissions = fs::metadata(&exec).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&exec, permissions).unwrap();
    let before = read_tree(&scratch.tree());
    let refused = run(&scratch.tree(), kept(&["apply", "--format", "json"])).exits(1);
    let expected = ["not-attempted", "not-attempted", "io", "not-attempted"];
    let statuses = refused.statuses();
    assert_eq!(statuses.iter().map(|(_, status)| status.as_str()).collect::<Vec<_>>(), expected);
    let reason = refused.json()["patches"][2]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("`core/src/exec.rs` is read-only"), "{reason}");
    assert_eq!(read_tree(&scratch.tree()), before, "nothing is written, and nothing is left behind");
}

#[cfg(unix)]
#[test]
fn keeping_going_writes_all_but_what_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let patch = |name: &str| text_patch(name, &format!("src/{name}.rs"), "one", "two");
    // The last two are tied to `b` and to each other: one has two candidates, and its match in `b` only goes with `b`'s.
    let tied = text_patch("tied", "x", "two", "three")
        .replace("file = \"x\"", "file = [\"src/b.rs\", \"src/e.rs\"]");
    let scratch = Scratch::small(&(["a", "b", "c", "d"].map(patch).concat() + &tied));
    let files = ["a", "b", "c", "d"].map(|name| (format!("src/{name}.rs"), "fn one() {}\n"));
    write_tree(&scratch.tree(), &files);
    write_tree(&scratch.tree(), &[("src/e.rs", "fn e() {}\n")]);
    fs::set_permissions(scratch.tree().join("src/b.rs"), fs::Permissions::from_mode(0o444)).unwrap();
    let before = read_tree(&scratch.tree());
    let args = ["apply", "../set.toml", "--format", "json"];
    let refused = run(&scratch.tree(), args).exits(1);
    assert_eq!(statuses(&refused), ["not-attempted", "io", "not-attempted", "not-attempted", "io"]);
    assert_eq!(read_tree(&scratch.tree()), before);

    let kept = run(&scratch.tree(), args.iter().chain(&["--keep-going"])).exits(1);
    assert_eq!(statuses(&kept), ["applied", "io", "applied", "applied", "io"]);
    assert_eq!(kept.json()["files"], serde_json::json!(["src/a.rs", "src/c.rs", "src/d.rs"]));
    assert_eq!(kept.json()["work"]["writes"], 3);
    let text = |name: &str| fs::read_to_string(scratch.tree().join("src").join(name)).unwrap();
    assert_eq!((text("a.rs"), text("b.rs")), ("fn two() {}\n".to_owned(), "fn one() {}\n".to_owned()));

    // With nothing left that can be written, nothing is.
    let none = run(&scratch.tree(), args.iter().chain(&["--keep-going", "--only", "b"])).exits(1);
    assert_eq!(statuses(&none), ["skipped", "io", "skipped", "skipped", "skipped"]);
    assert_eq!(none.json()["files"], serde_json::json!([]));
}

#[cfg(unix)]
#[test]
fn a_write_that_fails_is_told_of_its_own_target() {
    let patch = |name: &str| text_patch(name, &format!("src/{name}.rs"), "one", "two");
    let scratch = Scratch::small(&["a", "b", "c"].map(patch).concat());
    let large = format!("fn one() {{}}\n{}", "// long\n".repeat(20_000));
    let files = [("src/a.rs", "fn one() {}\n"), ("src/b.rs", &large), ("src/c.rs", "fn one() {}\n")];
    write_tree(&scratch.tree(), &files);
    let limited = |more: &str| {
        let line = format!("trap '' XFSZ; ulimit -f 100; exec \"$0\" apply ../set.toml --format json {more}");
        let mut command = std::process::Command::new("sh");
        command.current_dir(scratch.tree()).args(["-c", &line, env!("CARGO_BIN_EXE_codex-patcher")]);
        let output = command.output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let patches = report["patches"].as_array().unwrap().clone();
        assert_eq!(output.status.code(), Some(1));
        assert!(patches[1]["reason"].as_str().unwrap().contains("b.rs"), "{report}");
        patches.iter().map(|patch| patch["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(limited(""), ["not-attempted", "failed", "not-attempted"]);
    assert_eq!(limited("--keep-going"), ["applied", "failed", "applied"]);
    assert_eq!(fs::read_to_string(scratch.tree().join("src/b.rs")).unwrap(), large);
}

#[cfg(unix)]
#[test]
fn a_target_that_the_system_does_not_let_us_reach_is_an_io_failure() {
    // A way in circles, because a directory without permissions lets the superuser in.
    let scratch = Scratch::small(&raise("src/loop/lib.rs"));
    std::os::unix::fs::symlink("loop", scratch.tree().join("src/loop")).unwrap();
    let refused = run(&scratch.tree(), ["apply", "../set.toml", "--format", "json"]).exits(1);
    assert_eq!(statuses(&refused), ["io"]);
}

#[cfg(unix)]
#[test]
fn mode_bits_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::small(&raise("src/lib.rs"));
    let file = scratch.tree().join("src/lib.rs");
    for mode in [0o755, 0o640, 0o600] {
        fs::write(&file, "const L: usize = 6;\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        run(&scratch.tree(), ["apply", "../set.toml"]).exits(0);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, mode);
    }
}

#[test]
fn two_runs_at_once_converge() {
    let expected = {
        let scratch = Scratch::sample();
        run(&scratch.tree(), kept(&["apply"])).exits(0);
        read_tree(&scratch.tree())
    };
    for _ in 0..10 {
        let scratch = Scratch::sample();
        let start =
            || binary(&scratch.tree()).args(kept(&["apply", "--quiet"])).stdout(Stdio::piped()).spawn();
        let (first, second) = (start().unwrap(), start().unwrap());
        let outputs = [first, second].map(|child| child.wait_with_output().unwrap());
        let codes = outputs.each_ref().map(|output| output.status.code().unwrap());
        assert!(codes.contains(&0), "one of them did it: {codes:?}");
        for output in outputs.iter().filter(|output| !output.status.success()) {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.code() == Some(1) && said.contains("changed-on-disk"), "{said}");
        }
        assert_eq!(read_tree(&scratch.tree()), expected);
    }
}

#[test]
fn a_deeply_nested_target_is_compared_on_a_deep_stack() {
    let set = "[[patches]]\nid = \"a\"\nfile = \"src/lib.rs\"\n\n[patches.query]\ntype = \"ast-grep\"\npattern = \"g($A, $A)\"\n\n\
               [patches.operation]\ntype = \"replace\"\ntext = \"h($A)\"\n";
    let scratch = Scratch::small(set);
    let deep = format!("{}1{}", "(".repeat(12_000), ")".repeat(12_000));
    fs::write(scratch.tree().join("src/lib.rs"), format!("fn f() {{\n    g({deep}, {deep});\n}}\n")).unwrap();
    for jobs in ["1", "2"] {
        run(&scratch.tree(), ["status", "../set.toml", "--jobs", jobs]).exits(0);
    }
}

#[test]
fn a_huge_number_of_jobs_is_no_huge_number_of_threads() {
    let scratch = Scratch::small(&raise("src/lib.rs"));
    let started = std::time::Instant::now();
    run(&scratch.tree(), ["status", "../set.toml", "--jobs", "1000000"]).exits(0);
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn what_a_killed_run_left_is_swept_by_a_run_that_has_nothing_to_write() {
    let scratch = Scratch::small(&raise("src/lib.rs"));
    run(&scratch.tree(), ["apply", "../set.toml"]).exits(0);
    let clean = read_tree(&scratch.tree());
    write_tree(&scratch.tree(), &[("src/.codex-patcher-Ab12.tmp", "half")]);
    let stamped = stamps(&scratch.tree());
    for looks in [&["apply", "-n", "../set.toml"][..], &["status", "../set.toml"], &["verify", "../set.toml"]]
    {
        run(&scratch.tree(), looks).exits(0);
        assert_eq!(stamps(&scratch.tree()), stamped, "{looks:?}");
    }
    run(&scratch.tree(), ["apply", "../set.toml"]).exits(0);
    assert_eq!(read_tree(&scratch.tree()), clean);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = Scratch::sample();
    for args in
        [&["apply", "-n", "-d"][..], &["status"], &["list"], &["status", "--format", "json"], &["--help"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = binary(&scratch.tree());
        command.args(args);
        if args[0] != "--help" {
            command.arg(kept_patches());
        }
        let output =
            command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
    }
}

/// A workspace with one file, and a patch of it.
fn one_file(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let patch = "[[patches]]\nid = \"a\"\nfile = \"a.txt\"\nquery = { type = \"text\", search = \"old\" }\n\
                 operation = { type = \"replace\", text = \"new\" }\n";
    let manifest = "[workspace]\n\n[workspace.package]\nversion = \"1.0.0\"\n";
    write_tree(dir.path(), &[("ws/Cargo.toml", manifest), ("ws/a.txt", text), ("p.toml", patch)]);
    dir
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_printed_leaves_the_tree_as_it_is() {
    let dir = one_file("old\n");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = binary(dir.path()).args(["apply", "p.toml", "-w", "ws"]).stdout(full).status().unwrap();
    assert_eq!(ran.code(), Some(2));
    assert_eq!(fs::read_to_string(dir.path().join("ws/a.txt")).unwrap(), "old\n");
}

#[test]
fn a_file_beyond_the_limit_is_read_when_the_limit_is_lifted() {
    let dir = one_file(&("old\n".to_owned() + &"x\n".repeat(1000)));
    let apply = |size| run(dir.path(), ["apply", "p.toml", "-w", "ws", "--max-file-size", size]);
    let told = apply("1K").exits(1).stdout;
    assert!(told.contains("limit: a") && told.contains("--max-file-size"), "{told}");
    apply("4K").exits(0);
}
