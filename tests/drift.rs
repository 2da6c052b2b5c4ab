//! Patches whose places upstream has changed: merged, followed, remembered, made exact again, explained.
//!
//! Every upstream here is a lighthouse of a few commits.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the walls are for the library; a test makes trees"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use support::{Entry, Ran, commit, copy_tree, git, read_tree, run, stamps, write_tree};

const BEACON: &str = r#"use crate::lamp::Lamp;

/// How long a sweep of the beam takes.
pub const SWEEP_SECONDS: u64 = 12;

pub struct Beacon {
    lamp: Lamp,
    sweeps: u64,
}

impl Beacon {
    pub fn new(lamp: Lamp) -> Self {
        Self { lamp, sweeps: 0 }
    }

    pub fn sweep(&mut self, fog: Fog) -> Signal {
        self.sweeps += 1;
        let brightness = self.lamp.brightness(fog);
        if brightness < DIM {
            return Signal::Horn { blasts: 2 };
        }
        Signal::Light { brightness, seconds: SWEEP_SECONDS }
    }

    pub fn report(&self) -> String {
        format!("{} sweeps since dusk", self.sweeps)
    }
}
"#;

const LAMP: &str = "pub struct Lamp {\n    watts: u32,\n}\n\nimpl Lamp {\n    pub fn brightness(&self, fog: Fog) -> u32 {\n        \
                    self.watts / fog.density()\n    }\n}\n";

/// Three blasts for two.
const BLASTS: &str = r#"# Two blasts are the neighbour's signal.
[[patches]]
id = "blasts"          # keep this name
file = "src/beacon.rs"

[patches.query]
type = "text"
search = '''
        let brightness = self.lamp.brightness(fog);
        if brightness < DIM {
            return Signal::Horn { blasts: 2 };
        }
'''

[patches.operation]
type = "replace"
text = '''
        let brightness = self.lamp.brightness(fog);
        if brightness < DIM {
            return Signal::Horn { blasts: 3 };
        }
'''
# The end.
"#;

/// The whole function, by its name.
const SWEEP: &str = r#"[[patches]]
id = "sweep"
file = "src/beacon.rs"

[patches.query]
type = "tree-sitter"
pattern = "fn Beacon::sweep"

[patches.operation]
type = "replace"
text = '''
pub fn sweep(&mut self, fog: Fog) -> Signal {
    self.sweeps += 1;
    let brightness = self.lamp.brightness(fog);
    if brightness < DIM {
        return Signal::Horn { blasts: 3 };
    }
    Signal::Light { brightness, seconds: SWEEP_SECONDS }
}
'''
"#;

/// The same by a pattern.
fn sweep_by_pattern() -> String {
    let pattern = "pub fn sweep(&mut self, fog: Fog) -> Signal { $$$BODY }";
    SWEEP.replace("tree-sitter", "ast-grep").replace("fn Beacon::sweep", pattern)
}

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
        let of_ours = |stamps: BTreeMap<PathBuf, support::Stamp>| -> Vec<_> {
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

    /// `update` makes the patch exact: strictly it does then what it did under tolerance.
    #[track_caller]
    fn updates(&self) {
        let tolerant = self.applied(&["--drift", "move"]);
        let before = read_tree(self.dir.path());
        let shown = self.run(&["update", "--dry-run"]).exits(0);
        assert_eq!(read_tree(self.dir.path()), before, "a dry run wrote something");
        assert!(shown.stdout.starts_with("--- "), "{}", shown.stdout);
        assert_eq!(self.status(0, &["update"]), "updated");
        assert_eq!(self.applied(&[]), tolerant, "the patch is now:\n{}", self.set_file());
        // It is exact now.
        let stamped = stamps(&self.set());
        assert_eq!(self.status(0, &["update"]), "skipped");
        assert_eq!(stamps(&self.set()), stamped);
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

// Merging

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
fn many_commits_are_followed_one_by_one() {
    let mut upstream = Upstream::beacon(BLASTS);
    let steps = [
        ("let brightness = self", "let glow = self"),
        ("if brightness < DIM", "if glow < DIM"),
        ("brightness(fog)", "glow_through(fog)"),
        ("        self.sweeps += 1;\n", ""),
        ("if glow < DIM {\n", "if glow < self.dim_below() {\n            self.horns += 1;\n"),
    ];
    let ids: Vec<String> = steps.iter().map(|(from, to)| upstream.step("src/beacon.rs", from, to)).collect();
    let upstreams = upstream.text("src/beacon.rs");
    let report = upstream.run(&["status", "--drift", "merge", "--format", "json"]).exits(0).json();
    let history = report["patches"][0]["history"].to_string();
    for id in [&ids[0], &ids[1], &ids[2], &ids[4]] {
        assert!(history.contains(id.as_str()), "no {id} in {history}");
    }
    assert!(!history.contains(&ids[3]), "{} did not touch it: {history}", ids[3]);
    upstream.lands("merge");
    assert_eq!(upstream.text("src/beacon.rs"), exchanged(&upstreams, "blasts: 2", "blasts: 3"));
}

#[test]
fn without_a_repository_likeness_decides() {
    let upstream = Upstream::without_git(&[("src/beacon.rs", exchanged(BEACON, CALL.0, CALL.1))]);
    upstream.patches(BLASTS);
    upstream.fails(
        &["apply"],
        "no-match",
        &["--drift merge would apply the patch at src/beacon.rs:18, similarity 0.99, without conflicts"],
    );
    upstream.fails(&["apply", "--strict", "--drift", "merge"], "no-match", &["--strict"]);
    upstream.lands("merge");
    let expected = exchanged(&exchanged(BEACON, CALL.0, CALL.1), "blasts: 2", "blasts: 3");
    assert_eq!(upstream.text("src/beacon.rs"), expected);
}

#[test]
fn a_block_that_was_re_indented_keeps_its_new_indentation() {
    let block = "        let brightness = self.lamp.brightness(fog);\n        if brightness < DIM {\n            return \
                 Signal::Horn { blasts: 2 };\n        }\n";
    let deeper: String = block.lines().map(|line| format!("    {line}\n")).collect();
    let wrapped = format!("        if self.lit {{\n{deeper}        }}\n");
    for with_git in [true, false] {
        let mut upstream = Upstream::beacon(BLASTS);
        if with_git {
            upstream.step("src/beacon.rs", block, &wrapped);
        } else {
            upstream.edit("src/beacon.rs", block, &wrapped);
            fs::remove_dir_all(upstream.tree().join(".git")).unwrap();
        }
        let upstreams = upstream.text("src/beacon.rs");
        upstream.lands("merge");
        assert_eq!(upstream.text("src/beacon.rs"), exchanged(&upstreams, "blasts: 2", "blasts: 3"));
    }
}

#[test]
fn a_call_that_was_wrapped_anew_stays_wrapped() {
    let set = text_patch(
        "horn",
        "src/horn.rs",
        "    horn.blow(Pattern::Fog, Duration::from_secs(4), Volume::Full);\n",
        "    horn.blow(Pattern::Fog, Duration::from_secs(9), Volume::Full);\n",
    );
    let before =
        "fn warn(horn: &Horn) {\n    horn.blow(Pattern::Fog, Duration::from_secs(4), Volume::Full);\n}\n";
    let after = "fn warn(horn: &Horn) {\n    horn.blow(\n        Pattern::Fog,\n        Duration::from_secs(4),\n        \
                 Volume::Full,\n    );\n}\n";
    for with_git in [true, false] {
        let mut upstream = Upstream::new(&[("src/horn.rs", before)]);
        upstream.patches(&set);
        upstream.write("src/horn.rs", after);
        if with_git {
            upstream.commit();
        } else {
            fs::remove_dir_all(upstream.tree().join(".git")).unwrap();
        }
        upstream.lands("merge");
        assert_eq!(upstream.text("src/horn.rs"), after.replace("(4)", "(9)"));
    }
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
    upstream.run(&["apply", "--drift", "merge", "--keep-going"]).exits(1);
    assert!(upstream.text("src/beacon.rs").contains("u64 = 13"));
}

#[test]
fn what_upstream_did_itself_is_in_place_and_can_be_retired() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let by = upstream.step("src/beacon.rs", "blasts: 2", "blasts: 3");
    upstream.step("src/beacon.rs", "DIM", "self.dim()");
    let before = read_tree(&upstream.tree());
    let told = upstream.run(&["apply", "--drift", "merge"]).exits(0).stdout;
    assert!(
        told.contains("already-applied")
            && told.contains("if upstream made it, remove the patch")
            && told.contains(&by),
        "{told}"
    );
    assert_eq!(read_tree(&upstream.tree()), before);
}

#[test]
fn what_was_deleted_for_good_is_gone_and_the_commit_is_named() {
    let mut upstream = Upstream::beacon(BLASTS);
    fs::remove_file(upstream.tree().join("src/beacon.rs")).unwrap();
    let by = upstream.commit();
    upstream.write("src/lamp.rs", &format!("{LAMP}\npub fn unlit() {{}}\n"));
    upstream.commit();
    upstream.fails(&["apply", "--drift", "move"], "no-match", &["gone", &by]);
    upstream.fails(&["apply", "--drift", "merge"], "no-match", &["gone", &by]);
    upstream.fails(&["apply"], "bad-target", &[&by]);
}

#[test]
fn line_ends_of_the_target_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    for with_git in [true, false] {
        let mut upstream = Upstream::new(&[("src/beacon.rs", crlf(BEACON))]);
        upstream.patches(&exchanged(BLASTS, "blasts: 3 };\n", "blasts: 3 };\n            // Three.\n"));
        upstream.edit("src/beacon.rs", CALL.0, CALL.1);
        if with_git {
            upstream.commit();
        } else {
            fs::remove_dir_all(upstream.tree().join(".git")).unwrap();
        }
        upstream.lands("merge");
        let expected = exchanged(
            &exchanged(BEACON, CALL.0, CALL.1),
            "blasts: 2 };\n",
            "blasts: 3 };\n            // Three.\n",
        );
        assert_eq!(upstream.text("src/beacon.rs"), crlf(&expected));
    }
}

// Moving

#[test]
fn a_renamed_file_is_followed_when_moves_are() {
    let mut upstream = Upstream::beacon(BLASTS);
    fs::create_dir(upstream.tree().join("src/light")).unwrap();
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light/mod.rs")).unwrap();
    let by = upstream.commit();
    upstream.step("src/light/mod.rs", CALL.0, CALL.1);
    let hint =
        "the code moved to src/light/mod.rs:18: --drift move would apply the patch there, without conflicts";
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

const TESTED: &str = "pub fn tide(hour: u32) -> u32 {\n    hour % 12\n}\n\n#[cfg(test)]\nmod tests {\n    use super::tide;\n\n    \
                      #[test]\n    fn tide_turns_after_twelve_hours() {\n        let evening = tide(18);\n        \
                      assert_eq!(evening, 6, \"ebb in the evening\");\n    }\n}\n";

#[test]
fn a_block_that_left_its_module_is_followed_and_dedented() {
    let set = text_patch(
        "ebb",
        "src/tide.rs",
        "        let evening = tide(18);\n        assert_eq!(evening, 6, \"ebb in the evening\");\n",
        "        let evening = tide(18);\n        assert_eq!(evening, 6, \"ebb at six\");\n        ring_bell();\n",
    );
    let mut upstream = Upstream::new(&[("src/tide.rs", TESTED), ("src/lamp.rs", LAMP)]);
    upstream.patches(&set);
    let (code, tests) = TESTED.split_once("#[cfg(test)]").unwrap();
    let inner: String = tests
        .lines()
        .skip(2)
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect();
    let inner = inner.trim_end().trim_end_matches('}').to_owned();
    upstream.write("src/tide.rs", &format!("{code}#[cfg(test)]\nmod tide_tests;\n"));
    upstream.write("src/tide_tests.rs", &inner);
    let by = upstream.commit();
    upstream.fails(
        &["apply"],
        "no-match",
        &["the code moved to src/tide_tests.rs:5: --drift move would apply the patch there, without conflicts", &by],
    );
    upstream.fails(&["apply", "--drift", "merge"], "no-match", &["moved to src/tide_tests.rs:5"]);
    upstream.lands("move");
    let expected = exchanged(
        &inner,
        "    assert_eq!(evening, 6, \"ebb in the evening\");\n",
        "    assert_eq!(evening, 6, \"ebb at six\");\n    ring_bell();\n",
    );
    assert_eq!(upstream.text("src/tide_tests.rs"), expected);
}

#[test]
fn a_block_put_into_two_files_is_listed_and_neither_is_taken() {
    let mut upstream = Upstream::beacon(BLASTS);
    let start = BEACON.find("        let brightness").unwrap();
    let end = BEACON.find("        Signal::Light").unwrap();
    let block = &BEACON[start..end];
    upstream.edit("src/beacon.rs", block, "");
    upstream.write("src/north.rs", &format!("fn north(&self) {{\n{block}}}\n"));
    upstream.write("src/south.rs", &format!("fn south(&self) {{\n{block}}}\n"));
    let by = upstream.commit();
    let words = ["src/north.rs:2", "src/south.rs:2", &by];
    upstream.fails(&["apply", "--drift", "move"], "ambiguous", &words);
}

#[test]
fn a_fork_that_stood_there_before_is_not_where_code_went() {
    for with_file in [true, false] {
        let mut upstream = Upstream::beacon(BLASTS);
        // A copy, made while the beacon was still there.
        upstream.write("src/beacon_v2.rs", &BEACON.replace("Beacon", "BeaconV2"));
        upstream.commit();
        if with_file {
            let cut =
                BEACON.find("        let brightness").unwrap()..BEACON.find("        Signal::Light").unwrap();
            upstream.edit("src/beacon.rs", &BEACON[cut], "");
        } else {
            fs::remove_file(upstream.tree().join("src/beacon.rs")).unwrap();
        }
        let by = upstream.commit();
        upstream.fails(&["apply", "--drift", "move"], "no-match", &["gone", &by]);
    }
}

#[test]
fn without_a_repository_unique_text_is_found_in_another_file() {
    let moved = format!("//! The light.\n\nmod inner;\n\n{}", BEACON.replace("SWEEP_SECONDS", "TURN"));
    let upstream = Upstream::without_git(&[("src/light.rs", moved.as_str()), ("src/lamp.rs", LAMP)]);
    upstream.patches(BLASTS);
    upstream.fails(
        &["apply"],
        "bad-target",
        &["the code moved to src/light.rs:22: --drift move would apply the patch there, without conflicts"],
    );
    upstream.fails(
        &["apply", "--drift", "merge"],
        "bad-target",
        &["the code moved to src/light.rs:22: --drift move would apply the patch there, without conflicts"],
    );
    let told = upstream.lands("move").stdout;
    assert!(told.contains("moved from src/beacon.rs"), "{told}");
    assert_eq!(upstream.text("src/light.rs"), exchanged(&moved, "blasts: 2", "blasts: 3"));
    // Its own file is there, and holds nothing of it.
    let upstream =
        Upstream::without_git(&[("src/light.rs", moved.as_str()), ("src/beacon.rs", "mod light;\n")]);
    upstream.patches(BLASTS);
    upstream.lands("move");
    assert_eq!(upstream.text("src/light.rs"), exchanged(&moved, "blasts: 2", "blasts: 3"));
}

#[test]
fn without_a_repository_short_text_and_twins_are_not_followed() {
    let upstream = Upstream::without_git(&[("src/light.rs", BEACON), ("src/beacon.rs", "mod light;\n")]);
    upstream.patches(&text_patch("short", "src/beacon.rs", "self.sweeps += 1;", "self.sweeps += 2;"));
    upstream.fails(&["apply", "--drift", "move"], "no-match", &[]);
    let upstream = Upstream::without_git(&[
        ("src/north.rs", BEACON.replace("Beacon", "North")),
        ("src/south.rs", BEACON.replace("Beacon", "South")),
        ("src/beacon.rs", "mod north;\nmod south;\n".to_owned()),
    ]);
    upstream.patches(BLASTS);
    upstream.fails(&["apply", "--drift", "move"], "ambiguous", &["src/north.rs:18", "src/south.rs:18"]);
}

#[test]
fn one_patch_may_follow_while_the_others_do_not() {
    let seconds = text_patch(
        "seconds",
        "src/beacon.rs",
        "/// How long a sweep of the beam takes.\npub const SWEEP_SECONDS: u64 = 12;\n",
        "/// How long a sweep of the beam takes.\npub const SWEEP_SECONDS: u64 = 15;\n",
    );
    let set = |relocate: bool| {
        let with = "file = \"src/beacon.rs\"\nrelocate = true\n\n[patches.query]\ntype = \"text\"\nsearch = '''\n        let";
        let without = with.replace("relocate = true\n", "");
        let blasts = if relocate { exchanged(BLASTS, &without, with) } else { BLASTS.to_owned() };
        format!("{blasts}\n{seconds}")
    };
    let mut upstream = Upstream::beacon(&set(true));
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
    upstream.commit();
    upstream.step("src/light.rs", CALL.0, CALL.1);
    let statuses = upstream.run(&["apply", "--keep-going", "--format", "json"]).exits(1).statuses();
    assert_eq!(statuses, pairs(&[("blasts", "applied"), ("seconds", "bad-target")]));
    let expected = exchanged(&exchanged(BEACON, CALL.0, CALL.1), "blasts: 2", "blasts: 3");
    assert_eq!(upstream.text("src/light.rs"), expected);
    let statuses = upstream.run(&["apply", "--drift", "move", "--format", "json"]).exits(0).statuses();
    assert_eq!(statuses, pairs(&[("blasts", "already-applied"), ("seconds", "applied")]));
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

#[test]
fn twins_in_the_file_are_listed_and_neither_is_taken() {
    let (above, below) = BEACON.split_at(BEACON.rfind('}').unwrap());
    let sweep = &BEACON[BEACON.find("    pub fn sweep").unwrap()..BEACON.find("    pub fn report").unwrap()];
    let twin = sweep.replace("fn sweep", "fn sweep_back");
    let text = format!("{above}\n{}{below}", twin.trim_end().to_owned() + "\n").replace(CALL.0, CALL.1);
    let upstream = Upstream::without_git(&[("src/beacon.rs", text)]);
    upstream.patches(BLASTS);
    upstream.fails(&["apply", "--drift", "merge"], "ambiguous", &["src/beacon.rs:18", "src/beacon.rs:31"]);
}

#[test]
fn what_has_no_likeness_is_not_merged() {
    let upstream = Upstream::without_git(&[("src/beacon.rs", LAMP)]);
    upstream.patches(BLASTS);
    for args in [&["apply"][..], &["apply", "--drift", "merge"], &["apply", "--drift", "move"]] {
        upstream.fails(args, "no-match", &["was not found"]);
    }
}

#[test]
fn two_patches_of_one_place_merge_together() {
    let second = text_patch(
        "brightness",
        "src/beacon.rs",
        "            return Signal::Horn { blasts: 3 };\n        }\n        Signal::Light { brightness,",
        "            return Signal::Horn { blasts: 3 };\n        }\n        Signal::Light { brightness: brightness + 1,",
    );
    let mut upstream = Upstream::beacon(&format!("{BLASTS}\n{second}"));
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let both = |status: &str| pairs(&[("blasts", status), ("brightness", status)]);
    let apply = || upstream.run(&["apply", "--drift", "merge", "--format", "json"]).exits(0).statuses();
    assert_eq!(apply(), both("applied"));
    let once = upstream.text("src/beacon.rs");
    assert!(once.contains("blasts: 3") && once.contains("brightness + 1") && once.contains(CALL.1), "{once}");
    assert_eq!(apply(), both("already-applied"));
    assert_eq!(upstream.text("src/beacon.rs"), once);
}

// The lock

#[test]
fn a_lock_is_written_beside_the_patches_and_twice_the_same() {
    let upstream = Upstream::beacon(&format!(
        "{SWEEP}\n{}",
        text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13")
    ));
    let tree = read_tree(&upstream.tree());
    let dry = upstream.run(&["lock", "--dry-run"]).exits(0);
    assert!(dry.stdout.contains("+id = \"sweep\"") || dry.stdout.contains("sweep"), "{}", dry.stdout);
    assert!(!upstream.set().join("codex-patcher.lock").exists());
    let statuses = upstream.run(&["lock", "--format", "json"]).exits(0).statuses();
    assert_eq!(statuses, pairs(&[("sweep", "locked"), ("seconds", "locked")]));
    let lock = upstream.lock_file();
    for word in ["sweep", "seconds", "src/beacon.rs", "1.2.0", "sha256", "blasts: 2", "blasts: 3"] {
        assert!(lock.contains(word), "no {word} in:\n{lock}");
    }
    upstream.run(&["lock"]).exits(0);
    assert_eq!(upstream.lock_file(), lock);
    assert_eq!(read_tree(&upstream.tree()), tree);

    // On a patched tree only what git has can be remembered.
    upstream.run(&["apply"]).exits(0);
    upstream.fails(&["lock"], "no-match", &["the patch is in place already", "--rev HEAD"]);
    assert_eq!(upstream.lock_file(), lock);
    upstream.run(&["lock", "--rev", "HEAD"]).exits(0);
    assert_eq!(upstream.lock_file(), lock);
    upstream.run(&["verify"]).exits(0);
}

#[test]
fn locking_some_patch_files_keeps_what_is_remembered_of_the_others() {
    let upstream = Upstream::beacon(SWEEP);
    write_tree(
        &upstream.set(),
        &[("more.toml", text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13"))],
    );
    upstream.run(&["lock"]).exits(0);
    let whole = upstream.lock_file();
    let tree = upstream.tree();
    let only = |file: &str| {
        let file = upstream.set().join(file);
        run(upstream.dir.path(), ["lock", "-w", tree.to_str().unwrap(), file.to_str().unwrap()]).exits(0);
    };
    only("more.toml");
    assert_eq!(upstream.lock_file(), whole);
    only("set.toml");
    assert_eq!(upstream.lock_file(), whole);
    upstream.run(&["lock", "--only", "seconds"]).exits(0);
    assert_eq!(upstream.lock_file(), whole);
}

#[test]
fn what_no_patch_file_of_the_folder_has_any_more_is_forgotten_whichever_is_locked() {
    let seconds = text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13");
    let dusk = text_patch("dusk", "src/beacon.rs", "since dusk", "since sunset");
    let upstream = Upstream::beacon(SWEEP);
    let more = |text: &str| write_tree(&upstream.set(), &[("more.toml", text)]);
    let lock = |files: &[&str]| {
        let (tree, set) = (upstream.tree(), upstream.set());
        let files: Vec<PathBuf> = files.iter().map(|file| set.join(file)).collect();
        let fixed = ["lock".as_ref(), "-w".as_ref(), tree.as_os_str()];
        run(upstream.dir.path(), fixed.into_iter().chain(files.iter().map(|file| file.as_os_str()))).exits(0);
        let lock = upstream.lock_file();
        let ids = lock.lines().filter_map(|line| line.strip_prefix("id = ")).map(|id| id.trim_matches('"'));
        ids.collect::<Vec<_>>().join(" ")
    };
    more(&format!("{seconds}\n{dusk}"));
    for files in [&["."][..], &["set.toml"], &["more.toml", "set.toml"]] {
        assert_eq!(lock(files), "seconds dusk sweep", "the order is that of the folder: {files:?}");
    }
    for (broken, expected) in [
        ("this is no TOML", "seconds dusk sweep"),
        ("[[patches]]\nid = \"seconds\"\nfiel = \"a\"\n", "seconds sweep"),
    ] {
        more(&format!("{seconds}\n{dusk}"));
        lock(&["."]);
        more(broken);
        assert_eq!(lock(&["set.toml"]), expected, "a file that cannot be read may have any patch");
    }
    for locked in ["set.toml", "more.toml", "."] {
        more(&format!("{seconds}\n{dusk}"));
        lock(&["."]);
        more(&dusk);
        assert_eq!(lock(&[locked]), "dusk sweep", "{locked}");
    }
    fs::remove_file(upstream.set().join("more.toml")).unwrap();
    assert_eq!(lock(&["set.toml"]), "sweep");
}

/// The ways to name a whole function.
fn items() -> [String; 2] {
    [SWEEP.to_owned(), sweep_by_pattern()]
}

#[test]
fn what_is_locked_and_unchanged_applies_as_if_it_were_not() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.step("src/beacon.rs", "since dusk", "since sunset");
        assert_eq!(upstream.status(0, &["apply"]), "applied");
        assert_eq!(upstream.status(0, &["apply"]), "already-applied");
        assert_eq!(upstream.status(0, &["verify", "--strict"]), "already-applied");
        let expected = exchanged(&exchanged(BEACON, "dusk", "sunset"), "blasts: 2", "blasts: 3");
        assert_eq!(upstream.text("src/beacon.rs"), expected);
    }
}

#[test]
fn what_upstream_changed_under_a_lock_is_not_overwritten_unasked() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        let words = ["self.sweeps", "1.2.0", "--drift merge", "--accept", "src/beacon.rs:16"];
        upstream.fails(&["apply"], "changed-upstream", &words);
        upstream.fails(&["status"], "changed-upstream", &words);
        upstream.lands("merge");
        let expected = exchanged(&exchanged(BEACON, CALL.0, CALL.1), "blasts: 2", "blasts: 3");
        assert_eq!(upstream.text("src/beacon.rs"), expected);
    }
}

#[test]
fn an_accepted_change_is_overwritten_and_locked_anew() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        let before = read_tree(upstream.dir.path());
        assert_eq!(upstream.status(0, &["apply", "--accept", "--dry-run"]), "would-apply");
        assert_eq!(read_tree(upstream.dir.path()), before);
        assert_eq!(upstream.status(0, &["apply", "--accept"]), "applied");
        assert_eq!(upstream.text("src/beacon.rs"), exchanged(BEACON, "blasts: 2", "blasts: 3"));
        assert!(upstream.lock_file().contains("self.sweeps);"), "{}", upstream.lock_file());
        assert_eq!(upstream.status(0, &["apply"]), "already-applied");
        upstream.run(&["revert"]).exits(0);
        assert_eq!(upstream.status(0, &["apply"]), "applied");
        assert_eq!(upstream.text("src/beacon.rs"), exchanged(BEACON, "blasts: 2", "blasts: 3"));
    }
}

#[test]
fn accepting_overwrites_what_cannot_be_merged_too() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.step("src/beacon.rs", "blasts: 2", "blasts: 7");
        assert_eq!(upstream.status(0, &["apply", "--accept"]), "applied");
        assert_eq!(upstream.text("src/beacon.rs"), exchanged(BEACON, "blasts: 2", "blasts: 3"));
        assert!(upstream.lock_file().contains("blasts: 7"));
        // What upstream does next is held up again.
        upstream.run(&["revert"]).exits(0);
        upstream.step("src/beacon.rs", "blasts: 7", "blasts: 8");
        upstream.fails(&["apply"], "changed-upstream", &["8"]);
    }
}

#[test]
fn a_refused_run_with_accept_leaves_the_lock_alone() {
    let lost = text_patch("lost", "src/beacon.rs", "nothing like this", "anything");
    let mut upstream = Upstream::beacon(SWEEP);
    upstream.run(&["lock"]).exits(0);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    write_tree(&upstream.set(), &[("zz.toml", lost)]);
    upstream.fails(&["apply", "--accept"], "no-match", &["nothing was written"]);
}

#[test]
fn a_locked_function_that_both_changed_is_a_conflict() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        let by = upstream.step("src/beacon.rs", "blasts: 2", "blasts: 7");
        upstream.fails(&["apply"], "changed-upstream", &["blasts: 7"]);
        upstream.fails(
            &["apply", "--drift", "merge"],
            "conflict",
            &["blasts: 2", "blasts: 7", "blasts: 3", &by],
        );
    }
}

#[test]
fn white_space_is_no_change_to_what_is_locked() {
    let from = "        if brightness < DIM {\n            return Signal::Horn { blasts: 2 };\n        }\n";
    let to = "        if brightness\n            < DIM\n        {\n            return Signal::Horn { blasts: 2 };\n        }\n";
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.step("src/beacon.rs", from, to);
        assert_eq!(upstream.status(0, &["apply"]), "applied");
        assert_eq!(upstream.status(0, &["apply"]), "already-applied");
    }
}

#[test]
fn insertions_are_not_held_up_by_a_lock() {
    for place in ["insert-before", "insert-after"] {
        let set = format!(
            "[[patches]]\nid = \"foghorn\"\nfile = \"src/beacon.rs\"\n\n[patches.query]\ntype = \"tree-sitter\"\n\
             pattern = \"fn Beacon::sweep\"\n\n[patches.operation]\ntype = \"{place}\"\ntext = '''\n\
             pub fn foghorn(&self) -> u32 {{\n    440\n}}\n'''\n"
        );
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        assert_eq!(upstream.status(0, &["apply"]), "applied");
        let text = upstream.text("src/beacon.rs");
        assert!(text.contains("440") && text.contains(CALL.1), "{text}");
        assert_eq!(upstream.status(0, &["apply"]), "already-applied");
    }
}

#[test]
fn a_patch_edited_since_it_was_locked_is_not_compared_and_says_so() {
    let mut upstream = Upstream::beacon(SWEEP);
    upstream.run(&["lock"]).exits(0);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    upstream.patches(&SWEEP.replace("blasts: 3", "blasts: 4"));
    let told = upstream.run(&["status"]).exits(0).stdout;
    assert!(
        told.contains("the lock was made for another version of this patch: lock the patch again"),
        "{told}"
    );
    upstream.run(&["lock"]).exits(0);
    let told = upstream.run(&["status"]).exits(0).stdout;
    assert!(!told.contains("lock"), "{told}");
}

#[test]
fn a_broken_lock_file_stops_everything() {
    let upstream = Upstream::beacon(SWEEP);
    upstream.run(&["lock"]).exits(0);
    let lock = upstream.lock_file();
    let broken = [
        (lock.replace("blasts: 2", "blasts: 9"), "edited by hand"),
        (format!("<<<<<<< HEAD\n{lock}=======\n{lock}>>>>>>> other\n"), "merge conflict markers"),
        (lock.replacen("version = 1", "version = 99", 1), "a newer codex-patcher wrote the file"),
        ("nonsense =".to_owned(), "not valid TOML"),
    ];
    for (text, words) in broken {
        write_tree(&upstream.set(), &[("codex-patcher.lock", &text)]);
        let before = read_tree(upstream.dir.path());
        for command in ["apply", "status", "verify", "update"] {
            let refused = upstream.run(&[command]).exits(2);
            assert!(refused.stderr.contains("codex-patcher.lock"), "{command}: {}", refused.stderr);
            assert!(refused.stderr.contains(words), "{command}: {}", refused.stderr);
        }
        assert_eq!(read_tree(upstream.dir.path()), before);
    }
}

#[test]
fn status_says_that_the_surroundings_of_a_locked_place_changed() {
    let mut upstream = Upstream::beacon(&text_patch("horn", "src/beacon.rs", "blasts: 2", "blasts: 3"));
    upstream.run(&["lock"]).exits(0);
    let quiet = upstream.run(&["status"]).exits(0).stdout;
    assert!(!quiet.contains("warning"), "{quiet}");
    upstream.step("src/beacon.rs", "since dusk", "since sunset");
    let quiet = upstream.run(&["status"]).exits(0).stdout;
    assert!(!quiet.contains("warning"), "another item changed: {quiet}");
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    for command in [&["status"][..], &["explain", "horn"]] {
        let told = upstream.run(command).exits(0).stdout;
        assert!(
            told.contains("which contains the match, changed since the patch was locked")
                && told.contains("sweep"),
            "{told}"
        );
    }
}

#[test]
fn a_locked_function_is_followed_under_another_name_or_signature() {
    let changes = [
        ("pub fn sweep(&mut self, fog: Fog)", "pub fn turn(&mut self, fog: Fog)"),
        ("pub fn sweep(&mut self, fog: Fog)", "pub(crate) fn sweep(&mut self, fog: Fog, hour: Hour)"),
    ];
    for set in items() {
        for (from, to) in changes {
            let mut upstream = Upstream::beacon(&set);
            upstream.run(&["lock"]).exits(0);
            upstream.step("src/beacon.rs", from, to);
            upstream.step("src/beacon.rs", CALL.0, CALL.1);
            let upstreams = upstream.text("src/beacon.rs");
            upstream.lands("merge");
            assert_eq!(upstream.text("src/beacon.rs"), exchanged(&upstreams, "blasts: 2", "blasts: 3"));
        }
    }
}

#[test]
fn a_locked_function_is_followed_into_another_file() {
    for set in items() {
        for changed in [false, true] {
            let mut upstream = Upstream::beacon(&set);
            upstream.run(&["lock"]).exits(0);
            let start = BEACON.find("    pub fn sweep").unwrap();
            let end = BEACON.find("    pub fn report").unwrap();
            upstream.edit("src/beacon.rs", &BEACON[start..end], "");
            let moved = format!(
                "use super::Beacon;\n\nimpl Beacon {{\n{}}}\n",
                BEACON[start..end].trim_end().to_owned() + "\n"
            );
            upstream.write("src/beacon/sweep.rs", &moved);
            let by = upstream.commit();
            if changed {
                upstream.step("src/beacon/sweep.rs", CALL.0, CALL.1);
            }
            let upstreams = upstream.text("src/beacon/sweep.rs");
            upstream.fails(
                &["apply"],
                "no-match",
                &["the code moved to src/beacon/sweep.rs", "--drift move", &by],
            );
            upstream.lands("move");
            assert_eq!(upstream.text("src/beacon/sweep.rs"), exchanged(&upstreams, "blasts: 2", "blasts: 3"));
        }
    }
}

#[test]
fn a_locked_function_that_upstream_took_away_is_gone() {
    let sweep = &BEACON[BEACON.find("    pub fn sweep").unwrap()..BEACON.find("    pub fn report").unwrap()];
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        let by = upstream.step("src/beacon.rs", sweep, "");
        upstream.fails(&["apply", "--drift", "move"], "no-match", &["gone", &by]);
        assert_eq!(upstream.status(1, &["update"]), "no-match");
    }
}

#[test]
fn without_a_repository_a_lock_still_merges() {
    for set in items() {
        let upstream = Upstream::without_git(&[("src/beacon.rs", BEACON)]);
        upstream.patches(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.edit("src/beacon.rs", CALL.0, CALL.1);
        upstream.fails(&["apply"], "changed-upstream", &["self.sweeps", "1.2.0", "--drift merge"]);
        upstream.lands("merge");
        let expected = exchanged(&exchanged(BEACON, CALL.0, CALL.1), "blasts: 2", "blasts: 3");
        assert_eq!(upstream.text("src/beacon.rs"), expected);
    }
}

#[test]
fn a_locked_value_is_not_looked_for_in_other_keys() {
    let set = "[[patches]]\nid = \"fog\"\nfile = \"light.toml\"\n\n[patches.query]\ntype = \"toml\"\nsection = \"horn\"\n\
               key = \"volume\"\n\n[patches.operation]\ntype = \"replace-value\"\nvalue = \"'deafening'\"\n";
    let before = "[lamp]\nglow = \"warn\"\n\n[horn]\nvolume = \"loud\"\n";
    for drift in ["merge", "move"] {
        let mut upstream = Upstream::new(&[("light.toml", before)]);
        upstream.patches(set);
        upstream.run(&["lock"]).exits(0);
        upstream.write("light.toml", "[lamp]\nglow = \"loud\"\n\n[horn]\nvolume = \"quiet\"\n");
        upstream.commit();
        upstream.fails(&["apply"], "changed-upstream", &["quiet"]);
        let held = upstream.text("light.toml");
        upstream.run(&["apply", "--drift", drift]).exits(1);
        assert_eq!(upstream.text("light.toml"), held);
        assert_eq!(upstream.status(0, &["apply", "--accept"]), "applied");
        assert!(upstream.text("light.toml").contains("glow = \"loud\""));
    }
}

// Exact again

#[test]
fn update_writes_what_a_merge_found_and_keeps_the_rest_of_the_file() {
    let exact = text_patch("dusk", "src/beacon.rs", "since dusk", "since sunset");
    let mut upstream = Upstream::beacon(&format!("{BLASTS}\n{exact}"));
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let before = read_tree(upstream.dir.path());
    let shown = upstream.run(&["update", "--dry-run"]).exits(0).stdout;
    assert_eq!(read_tree(upstream.dir.path()), before);
    let changes = |text: &str, mark: char| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| line.starts_with(mark) && !line.starts_with(&mark.to_string().repeat(3)));
        lines.map(|line| line[1..].to_owned()).collect()
    };
    let old = format!("        let brightness = self.lamp.{}", CALL.0);
    let new = format!("        let brightness = self.lamp.{}", CALL.1);
    assert_eq!(changes(&shown, '-'), [old.clone(), old], "{shown}");
    assert_eq!(changes(&shown, '+'), [new.clone(), new], "{shown}");
    let tolerant = upstream.applied(&["--drift", "merge"]);
    let statuses = upstream.run(&["update", "--format", "json"]).exits(0).statuses();
    assert_eq!(statuses, pairs(&[("blasts", "updated"), ("dusk", "skipped")]));
    assert_eq!(upstream.set_file(), format!("{BLASTS}\n{exact}").replace(CALL.0, CALL.1));
    assert_eq!(upstream.applied(&["--strict"]), tolerant);
    assert!(!upstream.set().join("codex-patcher.lock").exists(), "nothing was locked before");
}

#[test]
fn update_of_every_text_operation_does_strictly_what_tolerance_did() {
    let block = "        let brightness = self.lamp.brightness(fog);\n        if brightness < DIM {\n            return \
                 Signal::Horn { blasts: 2 };\n        }\n";
    let operations = [
        "type = \"replace\"\ntext = '''\n        let brightness = self.lamp.brightness(fog);\n        if brightness < DIM {\n            \
         self.horn();\n        }\n'''\n",
        "type = \"insert-before\"\ntext = '''\n        self.horn();\n'''\n",
        "type = \"insert-after\"\ntext = '''\n        self.horn();\n'''\n",
    ];
    for operation in operations {
        let set = format!(
            "[[patches]]\nid = \"horn\"\nfile = \"src/beacon.rs\"\n\n[patches.query]\ntype = \"text\"\nsearch = '''\n{block}'''\n\n\
             [patches.operation]\n{operation}"
        );
        let mut upstream = Upstream::beacon(&set);
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        upstream.updates();
        fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
        upstream.commit();
        upstream.updates();
        assert!(upstream.set_file().contains("file = \"src/light.rs\""), "{}", upstream.set_file());
    }
    let set = format!(
        "[[patches]]\nid = \"horn\"\nfile = \"src/beacon.rs\"\n\n[patches.query]\ntype = \"text\"\nsearch = '''\n{}'''\n\n\
         [patches.operation]\ntype = \"delete\"\n",
        block
    );
    let mut upstream = Upstream::beacon(&set);
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
    upstream.commit();
    upstream.updates();
    assert!(!upstream.set_file().contains("replace"), "{}", upstream.set_file());
}

#[test]
fn update_of_locked_functions_renews_the_lock() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        let old = upstream.lock_file();
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        upstream.updates();
        let new = upstream.lock_file();
        assert!(new != old && new.contains("self.sweeps);"), "{new}");
        assert_eq!(upstream.status(0, &["status"]), "would-apply");
        upstream.run(&["lock"]).exits(0);
        assert_eq!(upstream.lock_file(), new, "it is what `lock` writes");
        // And so on.
        upstream.step("src/beacon.rs", "        self.sweeps += 1;\n", "        self.sweeps += 2;\n");
        upstream.fails(&["apply"], "changed-upstream", &["self.sweeps += [-1-]{+2+}"]);
        upstream.updates();
        assert_eq!(upstream.status(0, &["apply"]), "applied");
        assert!(upstream.text("src/beacon.rs").contains("self.sweeps += 2;"));
    }
}

#[test]
fn update_of_a_locked_function_with_another_name() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        upstream.step(
            "src/beacon.rs",
            "pub fn sweep(&mut self, fog: Fog)",
            "pub fn turn(&mut self, fog: Fog)",
        );
        upstream.updates();
        assert_eq!(upstream.status(0, &["apply"]), "applied");
    }
}

#[test]
fn update_of_a_locked_function_in_another_file() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.run(&["lock"]).exits(0);
        fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
        upstream.commit();
        upstream.step("src/light.rs", CALL.0, CALL.1);
        upstream.updates();
        let now = upstream.set_file();
        assert!(now.contains("file = \"src/light.rs\"") && !now.contains("\"text\""), "{now}");
        assert!(upstream.lock_file().contains("src/light.rs"), "{}", upstream.lock_file());
        assert_eq!(upstream.status(0, &["apply", "--strict"]), "applied");
    }
}

#[test]
fn update_leaves_what_is_exact_alone() {
    let set = "[[patches]]\nid = \"foghorn\"\nfile = \"src/beacon.rs\"\n\n[patches.query]\ntype = \"tree-sitter\"\n\
               pattern = \"fn Beacon::sweep\"\n\n[patches.operation]\ntype = \"insert-after\"\ntext = \"fn foghorn() {}\"\n";
    let mut upstream = Upstream::beacon(set);
    upstream.run(&["lock"]).exits(0);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let stamped = stamps(&upstream.set());
    assert_eq!(upstream.status(0, &["update"]), "skipped");
    assert_eq!(stamps(&upstream.set()), stamped);
    upstream.run(&["apply"]).exits(0);
    assert_eq!(upstream.status(0, &["update"]), "already-applied");
    assert_eq!(stamps(&upstream.set()), stamped);
}

#[test]
fn update_names_the_file_in_the_list_that_it_left() {
    let list = "file = [\"src/beacon.rs\", \"src/never.rs\"]";
    let mut upstream = Upstream::beacon(&exchanged(BLASTS, "file = \"src/beacon.rs\"", list));
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
    upstream.commit();
    upstream.updates();
    assert!(upstream.set_file().contains("\"src/light.rs\""), "{}", upstream.set_file());
    assert!(!upstream.set_file().contains("src/beacon.rs"), "{}", upstream.set_file());
}

#[test]
fn what_cannot_be_updated_stays_and_fails() {
    let other = text_patch(
        "dusk",
        "src/beacon.rs",
        "        format!(\"{} sweeps since dusk\", self.sweeps)\n",
        "        String::new()\n",
    );
    let set = format!("{BLASTS}\n{other}");
    let mut upstream = Upstream::beacon(&set);
    upstream.step("src/beacon.rs", "blasts: 2", "blasts: 5");
    let before = read_tree(upstream.dir.path());
    let statuses = upstream.run(&["update", "--format", "json"]).exits(1).statuses();
    assert_eq!(statuses, pairs(&[("blasts", "conflict"), ("dusk", "skipped")]));
    assert_eq!(read_tree(upstream.dir.path()), before);
}

// Why

#[test]
fn explain_tells_the_whole_story() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.run(&["lock"]).exits(0);
    let exact = upstream.run(&["explain", "blasts"]).exits(0).stdout;
    for word in [
        "looks for",
        "| ",
        "blasts: 2",
        "does",
        "replace",
        "blasts: 3",
        "lock",
        "1 place",
        "would-apply src/beacon.rs:18",
    ] {
        assert!(exact.contains(word), "no `{word}` in:\n{exact}");
    }
    let changed = upstream.step("src/beacon.rs", CALL.0, CALL.1);
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
    let renamed = upstream.commit();
    let before = read_tree(upstream.dir.path());
    let told = upstream.run(&["explain", "blasts"]).exits(1).stdout;
    for word in [
        changed.as_str(),
        &renamed,
        "the code moved to src/light.rs:18: --drift move would apply the patch there, without conflicts",
        "renamed to src/light.rs",
        "1.2.0",
    ] {
        assert!(told.contains(word), "no `{word}` in:\n{told}");
    }
    assert_eq!(read_tree(upstream.dir.path()), before);
    let report = upstream.run(&["explain", "blasts", "--format", "json"]).exits(1).json();
    let would = &report["patches"][0]["would"];
    assert_eq!(
        (&would["what"], &would["file"], &would["line"]),
        (&"move".into(), &"src/light.rs".into(), &18.into())
    );
    let unknown = upstream.run(&["explain", "blast"]).exits(2);
    assert!(unknown.stderr.contains("did you mean `blasts`?"), "{}", unknown.stderr);
    assert_eq!(unknown.stdout, "");
}

// Any small edit

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

/// One edit of upstream, at a line counted from the first of the file.
#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, u8),
    Delete(usize),
    Change(usize, u8),
    Indent(usize, usize),
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for edit in edits {
        match edit {
            Edit::Insert(at, n) => lines.insert(at % (lines.len() + 1), format!("    upstream_{n}(tide);")),
            Edit::Delete(at) if lines.len() > 1 => drop(lines.remove(at % lines.len())),
            Edit::Delete(_) => {}
            Edit::Change(at, n) => {
                let at = at % lines.len();
                lines[at] = exchanged_word(&lines[at], *n);
            }
            Edit::Indent(at, count) => {
                let at = at % lines.len();
                for line in lines.iter_mut().skip(at).take(*count).filter(|line| !line.is_empty()) {
                    line.insert_str(0, "    ");
                }
            }
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Wishes for lines that no wish before them speaks of.
fn apart(wishes: Vec<Wish>) -> Vec<Wish> {
    let mut kept: Vec<Wish> = Vec::new();
    for wish in wishes {
        let meets = |other: &Wish| {
            other.file == wish.file
                && other.from < wish.from + wish.count
                && wish.from < other.from + other.count
        };
        if !kept.iter().any(meets) {
            kept.push(wish);
        }
    }
    kept
}

/// The line with its last word changed.
fn exchanged_word(line: &str, n: u8) -> String {
    match line.rfind(|c: char| c.is_ascii_alphanumeric()) {
        Some(at) => format!("{}_{n}{}", &line[..=at], &line[at + 1..]),
        None => format!("{line} // {n}"),
    }
}

fn edit(lines: std::ops::Range<usize>) -> impl Strategy<Value = Edit> {
    prop_oneof![
        (lines.clone(), 0..9u8).prop_map(|(at, n)| Edit::Insert(at, n)),
        lines.clone().prop_map(Edit::Delete),
        (lines.clone(), 0..9u8).prop_map(|(at, n)| Edit::Change(at, n)),
        (lines, 1..6usize).prop_map(|(at, count)| Edit::Indent(at, count)),
    ]
}

/// Twelve lines, no two of them equal.
fn log_book(name: &str) -> String {
    let body: String = ["ebb", "flood", "gale", "calm", "fog", "rain", "moon", "dawn"]
        .iter()
        .enumerate()
        .map(|(at, word)| format!("    let {word} = {name}.{word}_at({at}, Hour::of({}));\n", at * 3))
        .collect();
    format!("use crate::{name};\n\npub fn {name}_log(book: &mut Book) {{\n{body}}}\n")
}

/// A change of one to four whole lines of a file, as a patch.
#[derive(Debug, Clone)]
struct Wish {
    file: usize,
    from: usize,
    count: usize,
    kind: u8,
}

const LOGS: [&str; 2] = ["harbour", "channel"];

impl Wish {
    fn patch(&self, id: usize) -> String {
        let text = log_book(LOGS[self.file]);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let span = self.from..(self.from + self.count).min(lines.len());
        let search = lines[span.clone()].concat();
        let own = format!("    own_{id}(book);\n");
        let (kind, new) = match self.kind {
            0 => {
                let last = lines[span.end - 1];
                let changed = exchanged_word(last.trim_end_matches('\n'), 77) + "\n";
                ("replace", Some(lines[span.start..span.end - 1].concat() + &changed))
            }
            1 => ("insert-before", Some(own)),
            2 => ("insert-after", Some(own)),
            3 => ("delete", None),
            _ => ("replace", Some(lines[span.start..span.end - 1].concat() + &own + lines[span.end - 1])),
        };
        let text = new.map(|new| format!("text = {new:?}\n")).unwrap_or_default();
        format!(
            "[[patches]]\nid = \"p{id}\"\nfile = \"src/{}.rs\"\n[patches.query]\ntype = \"text\"\nsearch = {search:?}\n\
             [patches.operation]\ntype = \"{kind}\"\n{text}\n",
            LOGS[self.file],
        )
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    (0..2usize, 3..9usize, 2..5usize, 0..5u8).prop_map(|(file, from, count, kind)| Wish {
        file,
        from,
        count,
        kind,
    })
}

fn tolerance_holds(
    wishes: &[Wish],
    first: &[Vec<Edit>; 2],
    second: &[Vec<Edit>; 2],
    with_git: bool,
) -> Result<(), TestCaseError> {
    let paths = LOGS.map(|name| format!("src/{name}.rs"));
    let mut upstream = Upstream::without_git(&[
        (paths[0].as_str(), log_book(LOGS[0])),
        (paths[1].as_str(), log_book(LOGS[1])),
    ]);
    let set: String = wishes.iter().enumerate().map(|(id, wish)| wish.patch(id)).collect();
    upstream.patches(&set);
    if with_git {
        git(&upstream.tree(), &["init", "--quiet"]);
        upstream.commit();
    }
    for edits in [first, second] {
        for (path, edits) in paths.iter().zip(edits) {
            upstream.write(path, &edited(&upstream.text(path), edits));
        }
        if with_git {
            upstream.commit();
        }
    }
    let on_copy = || {
        let dir = tempfile::tempdir().unwrap();
        copy_tree(&upstream.set(), &dir.path().join("set"));
        let copy = dir.path().join("tree");
        copy_tree(&upstream.tree(), &copy);
        if with_git {
            let copied = std::process::Command::new("cp")
                .arg("-r")
                .arg(upstream.tree().join(".git"))
                .arg(&copy)
                .status();
            assert!(copied.unwrap().success());
        }
        dir
    };
    let on = |dir: &Path, args: &[&str]| run(dir, args.iter().copied().chain(["-w", "tree", "set"]));
    let before = read_tree(&upstream.tree());
    let tolerant = on_copy();
    let ran = on(tolerant.path(), &["apply", "--drift", "merge"]);
    let merged = read_tree(&tolerant.path().join("tree"));
    if ran.code != 0 {
        prop_assert_eq!(ran.code, 1);
        prop_assert_eq!(&merged, &before, "it failed and wrote");
        return Ok(());
    }
    let again = on(tolerant.path(), &["apply", "--drift", "merge"]);
    prop_assert_eq!(again.code, 0, "the second run:\n{}\nfirst:\n{}\n{}", again.stdout, ran.stdout, set);
    prop_assert_eq!(
        &read_tree(&tolerant.path().join("tree")),
        &merged,
        "the second run wrote:\n{}\n{}",
        again.stdout,
        set
    );
    let exact = on_copy();
    let updated = on(exact.path(), &["update"]);
    let now = fs::read_to_string(exact.path().join("set/set.toml")).unwrap();
    prop_assert_eq!(updated.code, 0, "update:\n{}\n{}\n{}", updated.stdout, set, upstream.text(&paths[0]));
    prop_assert_eq!(&read_tree(&exact.path().join("tree")), &before, "update touched the tree");
    let ran = on(exact.path(), &["apply"]);
    prop_assert_eq!(ran.code, 0, "strict after update:\n{}\n{}\n{}", ran.stdout, set, now);
    let strict = read_tree(&exact.path().join("tree"));
    prop_assert_eq!(&strict, &merged, "strict after update differs; was:\n{}\nis:\n{}", set, now);
    let twice = on(exact.path(), &["apply"]);
    prop_assert_eq!(twice.code, 0, "second strict run:\n{}\n{}", twice.stdout, now);
    prop_assert_eq!(&read_tree(&exact.path().join("tree")), &merged);
    Ok(())
}

fn edits() -> impl Strategy<Value = [Vec<Edit>; 2]> {
    let some = || prop::collection::vec(edit(3..11), 1..3);
    (some(), some()).prop_map(|(one, other)| [one, other])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_merged_can_be_made_exact(
        wishes in prop::collection::vec(wish(), 1..3).prop_map(apart), first in edits(), second in edits(),
    ) {
        tolerance_holds(&wishes, &first, &second, true)?;
    }

    #[test]
    fn whatever_is_merged_by_likeness_can_be_made_exact(wishes in prop::collection::vec(wish(), 1..3).prop_map(apart), edits in edits()) {
        tolerance_holds(&wishes, &edits, &Default::default(), false)?;
    }
}
#[test]
fn two_destinations_are_listed_and_neither_is_taken() {
    let mut upstream = Upstream::beacon(BLASTS);
    fs::remove_file(upstream.tree().join("src/beacon.rs")).unwrap();
    upstream.write("src/north.rs", &BEACON.replace("Beacon", "North"));
    upstream.write("src/south.rs", &BEACON.replace("Beacon", "South"));
    let by = upstream.commit();
    let words = ["src/north.rs:18", "src/south.rs:18", &by];
    upstream.fails(&["apply", "--drift", "move"], "ambiguous", &words);
}

/// A deletion that finds nothing was made before, unless a lock or history knows better.
#[test]
fn a_deletion_whose_target_upstream_changed_is_not_taken_for_made() {
    let source =
        "pub fn ring(bell: &Bell) {\n    bell.lift();\n    bell.strike(Tone::Low, 3);\n    bell.rest();\n}\n";
    let set = "[[patches]]\nid = \"quiet\"\nfile = \"src/bell.rs\"\n\n[patches.query]\ntype = \"ast-grep\"\n\
               pattern = \"bell.strike(Tone::Low, 3);\"\n\n[patches.operation]\ntype = \"delete\"\n";
    let mut upstream = Upstream::new(&[("src/bell.rs", source)]);
    upstream.patches(set);
    upstream.run(&["lock"]).exits(0);
    upstream.run(&["apply"]).exits(0);
    assert_eq!(upstream.status(0, &["apply"]), "absent", "deleted by ourselves");
    git(&upstream.tree(), &["checkout", "--quiet", "."]);
    upstream.step("src/bell.rs", "Tone::Low, 3", "Tone::Low, 3, Duration::SHORT");
    upstream.fails(&["apply"], "changed-upstream", &["src/bell.rs:3"]);
    fs::remove_file(upstream.set().join("codex-patcher.lock")).unwrap();
    assert_eq!(upstream.status(0, &["apply"]), "absent", "nothing is known of it without a lock");
}

#[test]
fn revert_takes_back_what_was_followed_into_another_file() {
    let tune = |name: &str| {
        format!(
            "pub fn {name}(organ: &Organ) -> Tune {{\n    let pipes = organ.pipes_of({name:?});\n    let pitch_{name} = pipes.pitch();\n    play_{name}(pitch_{name})\n}}\n\n"
        )
    };
    let set = text_patch(
        "louder",
        "src/a.rs",
        "    let pitch_psalm = pipes.pitch();\n    play_psalm(pitch_psalm)\n",
        "    let pitch_psalm = pipes.pitch();\n    swell();\n    play_psalm(pitch_psalm)\n",
    );
    let mut upstream =
        Upstream::new(&[("src/a.rs", tune("hymn") + &tune("psalm")), ("src/z.rs", tune("chorale"))]);
    upstream.patches(&set);
    upstream.write("src/a.rs", &tune("hymn"));
    upstream.write("src/z.rs", &(tune("chorale") + &tune("psalm")));
    upstream.commit();
    let before = upstream.text("src/z.rs");
    upstream.lands("move");
    assert_ne!(upstream.text("src/z.rs"), before);
    assert_eq!(upstream.status(0, &["revert", "--drift", "move"]), "reverted");
    assert_eq!(upstream.text("src/z.rs"), before);
}

/// The lock remembers two places, and what stands there tells that they are the same two.
#[test]
fn a_lock_notices_a_place_that_is_missing_or_another() {
    let source =
        "fn a() {\n    let n = read();\n    write(n);\n}\n\nfn b() {\n    other();\n    write(n);\n}\n";
    let all = "[[patches]]\nid = \"all\"\nfile = \"src/x.rs\"\nquery = { type = \"text\", search = \"write(n);\", matches = \"all\" }\n\
               operation = { type = \"replace\", text = \"write(n + 1);\" }\n";
    let mut upstream = Upstream::new(&[("src/x.rs", source)]);
    upstream.patches(all);
    upstream.run(&["lock"]).exits(0);
    upstream.step("src/x.rs", "write(n);\n}\n\n", "write(n, x);\n}\n\n");
    upstream.fails(
        &["apply"],
        "changed-upstream",
        &["the lock names 2 places, of which 1 remain", "in fn a"],
    );

    let mut upstream = Upstream::new(&[("src/x.rs", source)]);
    let search = "    let n = read();\n    write(n);\n";
    upstream.patches(&text_patch("one", "src/x.rs", search, "    let n = read() + 1;\n    write(n);\n"));
    upstream.run(&["lock"]).exits(0);
    upstream.edit("src/x.rs", "    write(n);\n}\n\n", "    write(n, true);\n}\n\n");
    upstream.edit("src/x.rs", "    other();\n    write(n);\n", &format!("    other();\n{search}"));
    upstream.commit();
    upstream.fails(&["apply"], "changed-upstream", &["fn a", "still exists"]);
}

#[test]
fn a_key_whose_file_was_renamed_is_updated_to_that_file() {
    let set = "[[patches]]\nid = \"port\"\nfile = \"harbour.toml\"\nquery = { type = \"toml\", section = \"server\", key = \"port\" }\n\
               operation = { type = \"replace-value\", value = \"8080\" }\n";
    let mut upstream =
        Upstream::new(&[("harbour.toml", "[server]\nport = 80\nhost = \"a\"\n\n[client]\nretries = 3\n")]);
    upstream.patches(set);
    git(&upstream.tree(), &["mv", "harbour.toml", "quay.toml"]);
    upstream.commit();
    upstream.updates();
    assert!(upstream.set_file().contains("file = \"quay.toml\""));
}

/// Either all patch files are rewritten, with their lock, or none.
#[cfg(unix)]
#[test]
fn an_update_that_cannot_be_written_whole_is_not_written() {
    let source = "fn alpha() {\n    let one = compute(1);\n    let two = compute(2);\n}\n\nfn beta() {\n    run(limit);\n    finish();\n}\n";
    let mut upstream = Upstream::new(&[("src/x.rs", source)]);
    let one = text_patch(
        "one",
        "src/x.rs",
        "    let one = compute(1);\n    let two = compute(2);\n",
        "    let one = compute(100);\n    let two = compute(2);\n",
    );
    let two = text_patch(
        "two",
        "src/x.rs",
        "    run(limit);\n    finish();\n",
        "    run(limit);\n    finish_all();\n",
    );
    write_tree(&upstream.set(), &[("a.toml", &one), ("b.toml", &two)]);
    upstream.edit("src/x.rs", "compute(2)", "compute(2, ctx)");
    upstream.step("src/x.rs", "run(limit)", "run(limit, true)");
    let locked = upstream.set().join("b.toml");
    let mut mode = fs::metadata(&locked).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(&locked, mode).unwrap();
    let before = read_tree(&upstream.set());
    upstream.run(&["update"]).exits(2);
    assert_eq!(read_tree(&upstream.set()), before);
}
