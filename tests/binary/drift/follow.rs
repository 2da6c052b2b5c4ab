//! `apply`, `status` and `verify` with `--drift` and `--rev`: what git knows, and what is said of it.

use super::*;

#[test]
fn a_changed_neighbour_is_refused_named_and_merged() {
    let mut upstream = Upstream::beacon(BLASTS);
    let by = upstream.step("src/beacon.rs", CALL.0, CALL.1);
    upstream.fails(
        &["apply"],
        "no-match",
        &["--drift merge would apply the patch at src/beacon.rs:18, without conflicts", &by],
    );
    upstream.fails(&["apply", "--strict", "--drift", "merge"], "no-match", &["--strict", &by]);
    let told = upstream.lands("merge").stdout;
    assert!(told.contains("warning: merged with what upstream changed here") && told.contains(&by), "{told}");
    let expected = exchanged(&exchanged(BEACON, CALL.0, CALL.1), "blasts: 2", "blasts: 3");
    assert_eq!(upstream.text("src/beacon.rs"), expected);
}

#[test]
fn a_conflict_shows_three_sides_and_the_commit() {
    let mut upstream = Upstream::beacon(BLASTS);
    let by = upstream.step("src/beacon.rs", "blasts: 2", "blasts: 5");
    upstream.step("src/beacon.rs", "self.sweeps += 1;", "self.sweeps += 1;\n        self.log();");
    for drift in ["merge", "move"] {
        let sides = ["blasts: 2", "blasts: 5", "blasts: 3", &by, "src/beacon.rs:21"];
        upstream.fails(&["apply", "--drift", drift], "conflict", &sides);
    }
    // The same is told to whoever did not ask for it.
    upstream.fails(&["apply"], "no-match", &["blasts: 5", &by]);
    // In the middle of others that apply, nothing is written either.
    let other = text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13");
    upstream.patches(&format!("{other}\n{BLASTS}"));
    upstream.fails(&["apply", "--drift", "merge"], "conflict", &["nothing was written"]);
}

#[test]
fn a_renamed_file_is_followed_when_moves_are() {
    let mut upstream = Upstream::beacon(BLASTS);
    fs::create_dir(upstream.tree().join("src/light")).unwrap();
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light/mod.rs")).unwrap();
    let by = upstream.commit();
    upstream.step("src/light/mod.rs", CALL.0, CALL.1);
    let hint = "the code moved to src/light/mod.rs:18: --drift move would apply the patch there";
    upstream.fails(&["apply"], "bad-target", &[hint, &by]);
    upstream.fails(
        &["apply", "--drift", "merge"],
        "no-match",
        &["moved to src/light/mod.rs:18", "--drift move"],
    );
    let report = upstream.run(&["status", "--drift", "move", "--format", "json"]).exits(0).json();
    assert_eq!(report["patches"][0]["moved_from"], "src/beacon.rs");
    assert_eq!(report["patches"][0]["file"], "src/light/mod.rs");
    assert!(report["patches"][0]["history"].to_string().contains(&by), "{report}");
    let told = upstream.lands("move").stdout;
    assert!(told.contains("moved from src/beacon.rs") && told.contains("after an earlier change"), "{told}");
    let expected = exchanged(&exchanged(BEACON, CALL.0, CALL.1), "blasts: 2", "blasts: 3");
    assert_eq!(upstream.text("src/light/mod.rs"), expected);
}

#[test]
fn without_a_repository_unique_text_is_found_in_another_file() {
    let moved = format!("//! The light.\n\nmod inner;\n\n{}", BEACON.replace("SWEEP_SECONDS", "TURN"));
    let upstream = Upstream::without_git(&[("src/light.rs", moved.as_str()), ("src/lamp.rs", LAMP)]);
    upstream.patches(BLASTS);
    upstream.fails(
        &["apply"],
        "bad-target",
        &["the code moved to src/light.rs:22: --drift move would apply the patch there"],
    );
    upstream.fails(
        &["apply", "--drift", "merge"],
        "bad-target",
        &["the code moved to src/light.rs:22: --drift move would apply the patch there"],
    );
    let told = upstream.lands("move").stdout;
    assert!(told.contains("moved from src/beacon.rs"), "{told}");
    assert_eq!(upstream.text("src/light.rs"), exchanged(&moved, "blasts: 2", "blasts: 3"));
}

#[test]
fn a_revision_has_its_own_past() {
    let mut upstream = Upstream::beacon(BLASTS);
    let first = git(&upstream.tree(), &["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let changed = upstream.step("src/beacon.rs", CALL.0, CALL.1);
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
    upstream.commit();
    let place = |rev: &str| -> (String, String) {
        let report =
            upstream.run(&["status", "--drift", "move", "--rev", rev, "--format", "json"]).exits(0).json();
        let patch = &report["patches"][0];
        (patch["file"].as_str().unwrap().to_owned(), patch["history"].to_string())
    };
    assert_eq!(place(&first), ("src/beacon.rs".to_owned(), "[]".to_owned()));
    let (file, history) = place(&changed);
    assert_eq!(file, "src/beacon.rs");
    assert!(history.contains(&changed), "{history}");
    assert_eq!(place("HEAD").0, "src/light.rs");
    assert_eq!(upstream.status(0, &["apply", "-n", "--drift", "move", "--rev", &changed]), "would-apply");
    // The tree is ahead of what is asked for.
    git(&upstream.tree(), &["checkout", "--quiet", &first]);
    assert_eq!(place("main").0, "src/light.rs");
}

/// Upstream has what the patch would write, and never had what it replaces. Only of a file that is as its commit has it that
/// tells a mistake; whatever was written since may be the patch's own.
#[test]
fn a_replacement_of_what_never_was_is_told_where_the_file_is_as_it_was_checked_out() {
    let never = "neither this file nor its history ever held what it looks for";
    let mut upstream = Upstream::beacon(&text_patch(
        "report",
        "src/beacon.rs",
        "sweeps since dawn",
        "sweeps since the sun went down",
    ));
    upstream.step("src/beacon.rs", "sweeps since dusk", "sweeps since the sun went down");
    upstream.fails(&["apply"], "no-match", &[never]);
    let text = upstream.text("src/beacon.rs");
    upstream.write("src/beacon.rs", &(text.clone() + "\n// Mine.\n"));
    assert_eq!(upstream.status(0, &["apply"]), "already-applied");
    git(&upstream.tree(), &["add", "."]);
    assert_eq!(upstream.status(0, &["apply"]), "already-applied");
    git(&upstream.tree(), &["reset", "--quiet", "--hard"]);
    upstream.fails(&["apply"], "no-match", &[never]);
    // Written again, as it was.
    upstream.write("src/beacon.rs", &text);
    upstream.fails(&["apply"], "no-match", &[never]);

    // In another worktree, git's folder is elsewhere.
    let other = upstream.dir.path().join("other");
    git(&upstream.tree(), &["worktree", "add", "--quiet", other.to_str().unwrap()]);
    let apply = |status: i32| {
        let tree = other.to_str().unwrap();
        run(upstream.dir.path(), ["apply", "--workspace", tree, "set"]).exits(status).stdout
    };
    assert!(apply(1).contains(never));
    fs::write(other.join("src/beacon.rs"), &text).unwrap();
    assert!(apply(1).contains(never));
    fs::write(other.join("src/beacon.rs"), text.clone() + "\n// Mine.\n").unwrap();
    assert!(apply(0).contains("already"));
}

/// The fork made the deletion, upstream renamed the file, and both were merged.
#[test]
fn what_was_made_on_one_branch_and_renamed_on_another_is_in_place() {
    for (search, text) in [("    self.sweeps += 1;\n", ""), ("blasts: 2", "blasts: 3")] {
        let set = match text {
            "" => text_patch("own", "src/beacon.rs", search, "x")
                .replace("type = \"replace\"\ntext = \"x\"", "type = \"delete\""),
            text => text_patch("own", "src/beacon.rs", search, text),
        };
        let mut upstream = Upstream::beacon(&set);
        let main = git(&upstream.tree(), &["branch", "--show-current"]).stdout.trim().to_owned();
        git(&upstream.tree(), &["checkout", "--quiet", "-b", "fork"]).exits(0);
        upstream.run(&["apply"]).exits(0);
        upstream.commit();
        git(&upstream.tree(), &["checkout", "--quiet", &main]).exits(0);
        fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
        upstream.commit();
        git(&upstream.tree(), &["checkout", "--quiet", "fork"]).exits(0);
        git(&upstream.tree(), &["merge", "--quiet", "--no-edit", &main]).exits(0);
        let merged = upstream.text("src/light.rs");
        assert!(!merged.contains(search), "{merged}");
        assert_eq!(upstream.status(0, &["apply", "--drift", "move"]), "already-applied");
        let hint = "in place: use --drift move";
        upstream.fails(&["verify"], "bad-target", &["src/light.rs", hint]);
        assert_eq!(upstream.text("src/light.rs"), merged);
    }
}

#[test]
fn a_candidate_that_is_not_checked_out_may_be_the_one() {
    let mut upstream = Upstream::new(&[("a/src/horn.rs", "fn a() {\n    blow();\n}\n")]);
    upstream.write("b/src/horn.rs", &upstream.text("a/src/horn.rs"));
    upstream.commit();
    let files = "file = [\"a/src/horn.rs\", \"b/src/horn.rs\"]";
    upstream
        .patches(&text_patch("rest", "x", "    blow();\n", "    rest();\n").replace("file = \"x\"", files));
    upstream.fails(&["apply"], "ambiguous", &["a/src/horn.rs:2", "b/src/horn.rs:2"]);
    git(&upstream.tree(), &["sparse-checkout", "set", "--cone", "b"]).exits(0);
    let advice = "`git sparse-checkout add a/src` brings it in";
    upstream.fails(&["apply"], "bad-target", &["`a/src/horn.rs` is not checked out", advice]);
    // Where nothing is left out, a candidate that is nowhere is no hindrance.
    git(&upstream.tree(), &["sparse-checkout", "add", "a"]).exits(0);
    git(&upstream.tree(), &["rm", "--quiet", "-r", "a"]).exits(0);
    upstream.commit();
    upstream.run(&["apply"]).exits(0);
}

/// A git that cannot read what a commit changed.
#[cfg(unix)]
#[test]
fn of_what_git_does_not_tell_nothing_is_said_to_be_gone() {
    use std::os::unix::fs::PermissionsExt as _;

    use crate::support::binary;

    let watch = "fn watch() {\n    one();\n    let limit = compute_limit(40, alpha);\n    two();\n}\n";
    let mut upstream = Upstream::new(&[("src/watch.rs", watch)]);
    let search = "    let limit = compute_limit(40, alpha);\n";
    upstream.patches(&text_patch("limit", "src/watch.rs", search, &search.replace("40", "80")));
    upstream.step("src/watch.rs", "alpha", "alpha, beta");
    let bin = upstream.dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let path = std::env::var("PATH").unwrap();
    let fails = "case \" $* \" in *' diff-tree '*) echo 'fatal: unable to read' >&2; exit 128;; esac";
    fs::write(bin.join("git"), format!("#!/bin/sh\n{fails}\nPATH='{path}' exec git \"$@\"\n")).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    for words in [["status", "--drift", "move"], ["status", "--drift", "off"], ["update", "--color", "never"]]
    {
        let mut command = binary(upstream.dir.path());
        command.args(words).arg("-w").arg(upstream.tree()).arg(upstream.set());
        let output = command.env("PATH", format!("{}:{path}", bin.display())).output().unwrap();
        let [told, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(
            said.contains("history could not be asked: `git diff-tree` failed"),
            "{words:?}: {said}{told}"
        );
        assert!(!told.contains("is gone") && !told.contains("removed it"), "{words:?}: {told}");
    }
}

/// Commits have another text of it than the tree: what they do not hold may have been there all the same.
#[test]
#[cfg(unix)]
fn the_text_that_a_filter_makes_is_not_looked_for_in_history() {
    let upstream = Upstream::without_git(&[
        ("src/a.rs", "pub fn a() {\n    NICE();\n}\n"),
        (".gitattributes", "*.rs filter=up\n"),
    ]);
    let tree = upstream.tree();
    git(&tree, &["init", "--quiet"]);
    git(&tree, &["config", "filter.up.clean", "sed s/NICE/one/"]);
    git(&tree, &["config", "filter.up.smudge", "sed s/one/NICE/"]);
    commit(&tree, "2026-01-01T00:00:00Z");
    upstream.patches(&text_patch("own", "src/a.rs", "    NICE();", "    three();"));
    upstream.run(&["apply"]).exits(0);
    for command in ["apply", "verify"] {
        let told = upstream.run(&[command]).exits(0);
        let all = format!("{}{}", told.stdout, told.stderr);
        assert!(all.contains("already-applied") && all.contains("it goes through the filter `up`"), "{all}");
    }
}

/// Whenever it was written: an editor that saves it, or a `touch`, makes no change of it.
#[test]
#[expect(clippy::disallowed_types, reason = "a test sets when a file was written")]
fn a_file_that_was_written_as_it_was_is_as_it_was_committed() {
    let never = text_patch("never", "src/beacon.rs", "klaxon.sound_off(now);", "blasts: 2");
    let upstream = Upstream::beacon(&never);
    let beacon = upstream.tree().join("src/beacon.rs");
    for is_later in [false, true] {
        if is_later {
            let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
            fs::File::options().write(true).open(&beacon).unwrap().set_modified(later).unwrap();
        }
        upstream.fails(&["apply"], "no-match", &["neither this file nor its history ever held"]);
    }
}

/// Without git's knowledge it may be anywhere.
#[test]
fn a_revert_in_a_file_that_only_the_working_tree_lost_fails() {
    let set = [("beacon", "src/beacon.rs", "blasts: 2"), ("lamp", "src/lamp.rs", "impl Lamp {")];
    let [one, two] = set.map(|(id, path, text)| text_patch(id, path, text, &format!("{text} // Mine.\n")));
    let upstream = Upstream::beacon(&(one + "\n" + &two));
    upstream.run(&["apply"]).exits(0);
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
    upstream.fails(&["revert"], "conflict", &["HEAD has `src/beacon.rs`, and the working tree does not"]);
}
