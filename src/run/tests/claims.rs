//! What a report claims of a patch is known: in place, in HEAD, a typo, upstream's doing.

use super::*;
use crate::outcome::Command;

/// A structural patch of `src/lib.rs`, as ast-grep finds it.
fn structural(id: &str, pattern: &str, operation: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"src/lib.rs\"\n\n[patches.query]\ntype = \"ast-grep\"\npattern = \
         '{pattern}'\n\n[patches.operation]\n{operation}\n"
    )
}

fn verify() -> crate::run::Options {
    crate::run::Options::new(Command::Verify)
}

#[test]
fn verify_does_not_call_a_deletion_in_place_of_which_nothing_tells() {
    let ring = structural("quiet", "bell.ring(depth);", "type = \"delete\"");
    let before = "fn f() {\n    one();\n    bell.ring(depth);\n    two();\n}\n";
    let (gone, changed) =
        (before.replace("    bell.ring(depth);\n", ""), before.replace("bell.ring(depth)", "gong(7)"));
    for (text, is_gone) in [(&gone, true), (&changed, false)] {
        for is_locked in [false, true] {
            let mut upstream = Upstream::new(&[("src/lib.rs", before)]);
            upstream.patches(&ring);
            if is_locked {
                upstream.lock().succeeds();
            }
            upstream.write("src/lib.rs", text);
            upstream.forget_history();
            if is_locked && is_gone {
                assert_eq!(upstream.run(verify()).one(), "already-applied");
                continue;
            }
            assert_eq!(upstream.run(apply()).one(), "absent");
            assert_eq!(upstream.run(status()).one(), "absent");
            let advice =
                if is_locked { "the lock does not tell which" } else { "neither history nor a lock tells" };
            upstream.fails(
                verify(),
                "no-match",
                &["`bell.ring(depth);` was not found: it was deleted before", advice],
            );
        }
    }
    // The advice holds.
    let upstream = Upstream::without_git(&[("src/lib.rs", before)]);
    upstream.patches(&ring);
    upstream.lock().succeeds();
    upstream.run(apply()).succeeds();
    assert_eq!(upstream.run(verify()).one(), "already-applied");
}

/// Three patches of one file, two of which are neighbours.
fn lines() -> String {
    text_patch("call", "src/lib.rs", "    one();", "    uno();")
        + &text_patch("name", "src/lib.rs", "fn f() {", "fn ff() {")
        + &text_patch("last", "src/lib.rs", "    four();", "    vier();")
}

const LINES: &str = "fn f() {\n    one();\n    two();\n    three();\n    four();\n}\n";

#[test]
fn what_head_has_is_not_reverted_and_that_is_a_failure() {
    let alone = text_patch("call", "src/lib.rs", "    one();", "    uno();");
    for (set, all) in [(alone, "call conflict"), (lines(), "call conflict, name conflict, last conflict")] {
        let mut upstream = Upstream::new(&[("src/lib.rs", LINES)]);
        upstream.patches(&set);
        upstream.run(apply()).succeeds();
        let commit = upstream.commit();
        let ran = upstream.run(apply().revert());
        assert_eq!(ran.all(), all, "{}", ran.told());
        for said in [format!("HEAD has this patch since {commit}"), format!("`git revert {commit}")] {
            assert!(ran.told().contains(&said), "{said}:\n{}", ran.told());
        }
        assert!(!ran.told().contains("upstream changed the same lines"), "{}", ran.told());
    }
}

#[test]
fn a_patch_that_head_has_keeps_no_other_from_being_reverted() {
    let mut upstream = Upstream::new(&[("src/lib.rs", LINES)]);
    upstream.patches(&lines());
    upstream.run(apply().only("last")).succeeds();
    upstream.commit();
    let head = upstream.tree();
    upstream.run(apply()).succeeds();
    let ran = upstream.run(apply().revert());
    assert_eq!(ran.all(), "call reverted, name reverted, last conflict", "{}", ran.told());
    assert_eq!(upstream.tree(), head);
    let left_out = upstream.run(apply().skip("last").revert()).succeeds();
    assert_eq!(left_out.all(), "call skipped, name skipped, last skipped");
    // What another patch makes of HEAD is not HEAD's.
    let upstream = Upstream::new(&[("x.toml", "[a]\nb = 1\n\n[c]\nd = 2\n")]);
    upstream.patches(
        &(toml_patch("section", "section = \"a\"", "delete-section")
            + &toml_patch("key", "section = \"a\"\nkey = \"b\"", "delete-key")),
    );
    let before = upstream.tree();
    upstream.run(apply()).succeeds();
    upstream.run(apply().revert()).succeeds();
    assert_eq!(upstream.tree(), before);
}

/// A deletion in `x.toml`.
fn toml_patch(id: &str, query: &str, operation: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"x.toml\"\n\n[patches.query]\ntype = \"toml\"\n{query}\n\n\
         [patches.operation]\ntype = \"{operation}\"\n"
    )
}

#[test]
fn a_key_or_section_that_never_was_is_a_mistake_in_the_patch() {
    let toml = "[dependencies]\na = 1\n\n[features]\nb = []\n";
    let key =
        |key: &str| toml_patch("p", &format!("section = \"dependencies\"\nkey = \"{key}\""), "delete-key");
    let section = |name: &str| toml_patch("p", &format!("section = \"{name}\""), "delete-section");
    for (typo, right) in [(key("aa"), key("a")), (section("feature"), section("features"))] {
        let mut upstream = Upstream::new(&[("x.toml", toml)]);
        upstream.patches(&typo);
        for options in [apply(), status(), verify()] {
            upstream.fails(options, "no-match", &["neither this file nor its history ever held it"]);
        }
        assert_eq!(upstream.lock().fails().one(), "no-match");
        // It never was in what is known, and that is not all.
        upstream.write("src/lib.rs", "");
        upstream.commit();
        let mut shallow = upstream.copy();
        shallow.cut_off();
        assert_eq!(shallow.run(apply()).succeeds().one(), "already-applied");
        // Deleted by the patch, then by a commit.
        upstream.patches(&right);
        upstream.lands(Off);
        upstream.commit();
        assert_eq!(upstream.run(verify()).one(), "already-applied");
    }
}

/// In a file that was changed since it was committed, as well.
#[test]
fn a_section_that_is_misspelled_never_was() {
    let toml = "[profile.release]\nstrip = true\nlto = \"fat\"\n";
    let delete =
        |section: &str| toml_patch("p", &format!("section = \"{section}\"\nkey = \"strip\""), "delete-key");
    let upstream = Upstream::new(&[("x.toml", toml)]);
    upstream.write("x.toml", &toml.replace("fat", "thin"));
    upstream.patches(&delete("profile.relaese"));
    for options in [apply(), status(), verify()] {
        upstream.fails(options, "no-match", &["neither this file nor its history ever held it"]);
    }
    upstream.patches(&delete("profile.release"));
    for decision in ["applied", "already-applied"] {
        assert_eq!(upstream.run(apply()).succeeds().one(), decision);
    }
}

#[test]
fn a_deletion_that_finds_nothing_is_not_locked() {
    let ring = structural("quiet", "bell.ring(depth);", "type = \"delete\"");
    let upstream = Upstream::new(&[("src/lib.rs", "fn f() {\n    bell.sing(depth);\n}\n")]);
    upstream.patches(&ring);
    let told = upstream.lock().fails().told();
    assert!(told.contains("neither this file nor its history ever held it"), "{told}");
    let mut upstream = Upstream::new(&[("src/lib.rs", "fn f() {\n    bell.ring(depth);\n}\n")]);
    upstream.patches(&ring);
    upstream.run(apply()).succeeds();
    let told = upstream.lock().fails().told();
    assert!(told.contains("was not found, so it cannot be locked") && told.contains("revert"), "{told}");
    upstream.run(apply().revert()).succeeds();
    upstream.lock().succeeds();
    upstream.run(apply()).succeeds();
    upstream.forget_history();
    assert_eq!(upstream.run(verify()).one(), "already-applied");
}

#[test]
fn a_conflict_with_a_commit_of_ones_own_is_not_called_upstreams() {
    let mut upstream = Upstream::new(&[("src/lib.rs", LINES)]);
    upstream.patches(&text_patch("two", "src/lib.rs", "    two();", "    zwei();"));
    let by = upstream.step("src/lib.rs", "    two();", "    deux();");
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(told.contains("were changed already") && told.contains(&by), "{told}");
    assert!(!told.contains("upstream"), "{told}");
}

#[test]
fn an_insertion_that_would_be_doubled_does_not_say_that_its_place_is_not_there() {
    let insert =
        |text: &str| structural("stop", "three();", &format!("type = \"insert-after\"\ntext = \"{text}\""));
    let upstream = Upstream::new(&[("src/lib.rs", LINES)]);
    upstream.patches(&insert("stop(1);"));
    upstream.run(apply()).succeeds();
    upstream.patches(&insert("stop(2);"));
    let ran = upstream.run(apply()).fails();
    let told = ran.told();
    assert!(
        told.contains("`three();` was found, but line 5, `stop(1);`, which no commit put there"),
        "{told}"
    );
    assert!(!told.contains("not found") && ran.report.patches[0].nearest.is_none(), "{told}");
    // The advice holds.
    upstream.check_out();
    upstream.run(apply()).succeeds();
}

#[test]
fn what_moved_between_two_files_that_the_patch_names_is_in_place_the_second_time() {
    let files = [("src/a.rs", "pub fn a() {\n    report(1);\n}\n"), ("src/b.rs", "//! B\n")];
    let mut upstream = Upstream::new(&files);
    upstream.patches(
        &structural("p", "report($A);", "type = \"replace\"\ntext = \"ignore($A);\"")
            .replace("file = \"src/lib.rs\"", "file = [\"src/a.rs\", \"src/b.rs\"]"),
    );
    let (a, b) = (upstream.text("src/a.rs"), upstream.text("src/b.rs"));
    upstream.write("src/a.rs", &b);
    upstream.write("src/b.rs", &a);
    upstream.commit();
    upstream.lands(Off);
    assert_eq!(upstream.text("src/b.rs"), a.replace("report", "ignore"));
    upstream.commit();
    assert_eq!(upstream.run(verify()).one(), "already-applied");
    // Somebody made something else of it.
    upstream.step("src/b.rs", "ignore(1);", "report_all(1);");
    assert!(upstream.run(apply()).has_failed());
}

#[test]
fn what_a_commit_has_can_be_locked_before_it() {
    let mut upstream = Upstream::new(&[("src/lib.rs", "fn f() {\n    bell.ring(1);\n}\n")]);
    upstream.patches(&structural("quiet", "bell.ring(1);", "type = \"replace\"\ntext = \"bell.ring(0);\""));
    upstream.run(apply()).succeeds();
    let told = upstream.lock().fails().told();
    assert!(told.contains("use `--rev HEAD`"), "{told}");
    upstream.commit();
    let told = upstream.lock().fails().told();
    assert!(told.contains("`--rev c00000100^`"), "{told}");
}

#[test]
fn with_a_lock_what_another_candidate_has_is_no_effect() {
    let start = |level: &str| format!("pub fn start() {{\n    lamp(Level::{level});\n}}\n");
    let mut upstream =
        Upstream::new(&[("src/a.rs", start("Loud").as_str()), ("src/b.rs", "pub fn b() {}\n")]);
    let set = text_patch("p", "src/a.rs", "lamp(Level::Loud);", "lamp(Level::Quiet);");
    upstream.patches(&set.replace("file = \"src/a.rs\"", "file = [\"src/a.rs\", \"src/b.rs\"]"));
    upstream.lock().succeeds();
    upstream.write("src/a.rs", &start("Medium"));
    upstream.write("src/b.rs", &start("Quiet").replace("start", "b"));
    upstream.commit();
    for drift in [Off, Move] {
        upstream.run(apply().drift(drift)).fails();
    }
    upstream.forget_history();
    upstream.run(apply()).fails();
    // Moved there, it is there.
    upstream.write("src/a.rs", "");
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}

#[test]
fn a_key_that_came_in_another_section_is_not_the_effect() {
    let keys =
        |dependencies: &str, rest: &str| format!("[dependencies]\nserde = \"1\"\n{dependencies}{rest}");
    let mut upstream = Upstream::new(&[("Cargo.toml", keys("meter = \"3\"\n", ""))]);
    upstream.patches(&text_patch("p", "Cargo.toml", "meter = \"3\"", "meter = \"=3\""));
    upstream.write("Cargo.toml", &keys("", "\n[dev-dependencies]\nmeter = \"=3\"\n"));
    upstream.commit();
    for drift in [Off, Move] {
        upstream.run(apply().drift(drift)).fails();
    }
}

#[test]
fn an_effect_beside_the_whole_text_in_its_item_is_not_all() {
    let lines = |oil: u32| format!("    let oil = {oil};\n    light(oil);\n");
    let deeper = |lines: String| lines.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let mut upstream = Upstream::new(&[("src/lib.rs", format!("pub fn lamp() {{\n{}}}\n", lines(1)))]);
    upstream.patches(&text_patch("p", "src/lib.rs", &lines(1), &lines(10)));
    upstream.lock().succeeds();
    let (one, other) = (deeper(lines(10)), deeper(lines(1)));
    upstream.write(
        "src/lib.rs",
        &format!("pub fn lamp(dim: bool) {{\n    if dim {{\n{one}    }} else {{\n{other}    }}\n}}\n"),
    );
    upstream.commit();
    upstream.run(apply()).fails();
}
