//! What revert takes back, and what keeps it from it.

use super::*;
use crate::patch::Drift;

/// Two patches in a row on one line: `v0(1)` to `v1(1)` to `v2(1)`.
fn chain() -> String {
    "[[patches]]\nid = \"a\"\nfile = \"src/lib.rs\"\n\n[patches.query]\ntype = \"ast-grep\"\npattern = \"v0($A)\"\n\n\
     [patches.operation]\ntype = \"replace\"\ntext = \"v1($A)\"\n\n"
        .to_owned()
        + &text_patch("b", "src/lib.rs", "v1(1)", "v2(1)")
}

#[test]
fn nothing_is_taken_back_where_a_target_has_another_edit() {
    let set = text_patch("horn", "src/beacon.rs", "blasts: 2", "blasts: 3")
        + &text_patch("watts", "src/lamp.rs", "watts: u32", "watts: u64");
    let upstream = Upstream::beacon(&set);
    upstream.run(apply()).succeeds();
    upstream.write("src/lamp.rs", &(upstream.text("src/lamp.rs") + "// mine\n"));
    let before = upstream.tree();
    let ran = upstream.run(apply().revert());
    assert_eq!(ran.all(), "horn not-attempted, watts conflict", "{}", ran.told());
    assert!(ran.told().contains("src/lamp.rs"), "{}", ran.told());
    assert_eq!(upstream.tree(), before);
}

#[test]
fn what_a_part_of_the_set_left_is_taken_back_by_that_part_and_by_the_set() {
    let upstream = Upstream::new(&[("src/lib.rs", "fn f() {\n    v0(1);\n}\n")]);
    upstream.patches(&chain());
    let before = upstream.tree();
    upstream.run(apply().only("a")).succeeds();
    assert_eq!(upstream.run(apply().only("a").revert()).all(), "a reverted, b skipped");
    assert_eq!(upstream.tree(), before);
    upstream.run(apply().only("a")).succeeds();
    let ran = upstream.run(apply().revert());
    assert_eq!(ran.all(), "a reverted, b skipped");
    assert!(ran.told().contains("the patch is not in place"), "{}", ran.told());
    assert_eq!(upstream.tree(), before);
}

#[test]
fn revert_says_what_git_has_nothing_to_go_back_to_for() {
    let upstream = Upstream::new(&[("src/lib.rs", "pub const LIMIT: usize = 6;\n")]);
    upstream.patches(
        &(text_patch("limit", "src/lib.rs", "= 6", "= 12") + &text_patch("new", "src/new.rs", "one", "two")),
    );
    upstream.write("src/new.rs", "fn one() {}\n");
    upstream.run(apply()).succeeds();
    let before = upstream.tree();
    let refused = upstream.run(apply().revert());
    assert_eq!(refused.all(), "limit not-attempted, new bad-target");
    assert!(refused.told().contains("`src/new.rs` is not in HEAD"), "{}", refused.told());
    assert_eq!(upstream.tree(), before, "nothing is reverted");
    // What is left out does not count.
    assert_eq!(upstream.run(apply().skip("new").revert()).all(), "limit reverted, new skipped");
    // Missing in both is nothing to take back; missing in one is an edit.
    upstream.remove("src/new.rs");
    assert_eq!(upstream.run(apply().revert()).all(), "limit skipped, new skipped");
    upstream.remove("src/lib.rs");
    assert_eq!(upstream.run(apply().revert()).all(), "limit conflict, new skipped");
}

#[test]
fn targets_of_patches_that_do_not_apply_to_head_are_looked_at() {
    let ranged =
        text_patch("b", "src/b.rs", "one", "two").replace("id = \"b\"", "id = \"b\"\nversion = \">=1\"");
    let set = text_patch("a", "src/lib.rs", "nowhere", "x") + &ranged;
    let manifest = "[workspace]\n\n[workspace.package]\nversion = \"0.0.0\"\n";
    let files = [("Cargo.toml", manifest), ("src/lib.rs", "fn lib() {}\n"), ("src/b.rs", "fn one() {}\n")];
    let upstream = Upstream::new(&files);
    upstream.patches(&set);
    let revert = || upstream.run(apply().version("0.1.0").revert()).all();
    assert_eq!(revert(), "a skipped, b skipped");
    upstream.write("src/b.rs", "fn mine() {}\n");
    assert_eq!(revert(), "a skipped, b skipped", "its version leaves it out");
    upstream.write("src/lib.rs", "fn mine() {}\n");
    assert_eq!(revert(), "a conflict, b skipped");
    // Without a version nobody can tell.
    assert_eq!(upstream.run(apply().only("b").revert()).all(), "a skipped, b unknown-version");
}

/// Three patches of one file and one of another.
fn set_of_four() -> String {
    text_patch("one", "src/lib.rs", "one()", "ONE()")
        + &text_patch("three", "src/lib.rs", "three()", "THREE()")
        + &text_patch("shout", "src/lib.rs", "ONE()", "ONE!()")
        + &text_patch("four", "src/b.rs", "four()", "FOUR()")
}

fn applied() -> Upstream {
    let files =
        [("src/lib.rs", "fn a() {\n    one();\n    three();\n}\n"), ("src/b.rs", "fn b() { four(); }\n")];
    let upstream = Upstream::new(&files);
    upstream.patches(&set_of_four());
    upstream.run(apply()).succeeds();
    upstream
}

#[test]
fn one_patch_of_a_set_is_taken_back_and_the_others_stay() {
    let upstream = applied();
    let ran = upstream.run(apply().only("three").revert());
    assert_eq!(ran.all(), "one skipped, three reverted, shout skipped, four skipped", "{}", ran.told());
    assert_eq!(upstream.text("src/lib.rs"), "fn a() {\n    ONE!();\n    three();\n}\n");
    assert_eq!(upstream.text("src/b.rs"), "fn b() { FOUR(); }\n");
    let again = upstream.run(apply().only("three").revert());
    assert_eq!(again.all(), "one skipped, three skipped, shout skipped, four skipped", "{}", again.told());
    // It applies again, and gives what was there.
    upstream.run(apply()).succeeds();
    assert_eq!(upstream.tree(), applied().tree());
    upstream.run(apply().only("shout").only("four").revert()).succeeds();
    assert_eq!(upstream.text("src/lib.rs"), "fn a() {\n    ONE();\n    THREE();\n}\n");
}

#[test]
fn a_patch_on_which_another_rests_is_not_taken_back_alone() {
    let upstream = applied();
    upstream.fails(apply().only("one").revert(), "conflict", &["`shout` would not apply without this patch"]);
    upstream.run(apply().only("one").only("shout").revert()).succeeds();
    assert_eq!(upstream.text("src/lib.rs"), "fn a() {\n    one();\n    THREE();\n}\n");
}

#[test]
fn a_patch_that_is_left_out_now_fails_while_its_edit_is_there() {
    let ways = [
        ("id = \"four\"\n", "enabled = false\n"),
        ("id = \"four\"\n", "version = \"<1\"\n"),
        ("id = \"four\"\n", "version = \">=2\"\n"),
    ];
    for (id, line) in ways {
        let upstream = applied();
        upstream.patches(&set_of_four().replace(id, &format!("{id}{line}")));
        upstream.fails(apply().revert(), "conflict", &["`src/b.rs` still has the edit of this patch"]);
        let asked = upstream.run(apply().skip("four").revert());
        assert_eq!(asked.all(), "one reverted, three reverted, shout reverted, four skipped");
        upstream.check_out();
        upstream.run(apply().revert()).succeeds();
    }
}

#[test]
fn a_patch_edited_since_is_not_taken_back() {
    let upstream = applied();
    upstream.patches(&set_of_four().replace("THREE", "TROIS"));
    upstream.fails(apply().revert(), "conflict", &["src/lib.rs", "a patch was edited since"]);
    upstream.fails(apply().only("three").revert(), "conflict", &["src/lib.rs"]);
}

#[test]
fn the_tolerance_with_which_a_set_was_applied_need_not_be_told() {
    for drift in [Merge, Move] {
        let mut upstream = Upstream::beacon(BLASTS);
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        if drift == Move {
            upstream.rename("src/beacon.rs", "src/light.rs");
            upstream.commit();
        }
        let before = upstream.tree();
        upstream.run(apply().drift(drift)).succeeds();
        assert_ne!(upstream.tree(), before);
        let ran = upstream.run(apply().revert());
        assert_eq!(ran.one(), "reverted", "{}", ran.told());
        assert!(ran.report.warnings[0].contains("--drift"), "{:?}", ran.report.warnings);
        assert_eq!(upstream.tree(), before);
        upstream.run(apply().revert()).succeeds();
        assert_eq!(upstream.tree(), before);
    }
}

#[test]
fn what_was_applied_under_tolerance_and_taken_back_in_part_is_taken_back_whole_or_refused() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.patches(
        &(BLASTS.to_owned()
            + &text_patch("label", "src/beacon.rs", "pub struct Beacon", "pub(crate) struct Beacon")),
    );
    upstream.rename("src/beacon.rs", "src/light.rs");
    upstream.commit();
    let before = upstream.tree();
    upstream.run(apply().drift(Move)).succeeds();
    upstream.run(apply().only("label").revert()).succeeds();
    let part = upstream.tree();
    assert_ne!(part, before);
    // Neither has a place in HEAD without tolerance, one is still there.
    let edited = upstream.text("src/light.rs") + "// more\n";
    upstream.write("src/light.rs", &edited);
    assert!(upstream.run(apply().revert()).has_failed());
    assert_eq!(upstream.text("src/light.rs"), edited);
    upstream.write("src/light.rs", edited.strip_suffix("// more\n").unwrap());
    let done = upstream.run(apply().revert()).succeeds();
    assert!(done.told().contains("the patch is not in place"), "{}", done.told());
    assert_eq!(upstream.tree(), before);
    upstream.run(apply().revert()).succeeds();
    assert_eq!(upstream.tree(), before);
}

#[test]
fn what_was_merged_and_committed_is_heads() {
    let step = |text: &str| text.replace("start(", "begin(");
    let at_first = "pub fn sound() {\n    let blasts = 10;\n    start(blasts);\n}\n";
    let (search, text) =
        ("    let blasts = 10;\n    start(blasts);\n", "    let blasts = 20;\n    start(blasts);\n");
    for (is_locked, is_renamed) in [(false, false), (true, false), (false, true)] {
        let mut upstream = Upstream::new(&[("src/lib.rs", at_first)]);
        upstream.patches(&text_patch("own", "src/lib.rs", search, text));
        if is_locked {
            upstream.lock().succeeds();
        }
        upstream.write("src/lib.rs", &step(at_first));
        upstream.commit();
        if is_renamed {
            upstream.rename("src/lib.rs", "src/sound.rs");
            upstream.commit();
        }
        upstream.run(apply().drift(Move)).succeeds();
        let mine = upstream.commit();
        for drift in [Drift::Off, Merge, Move] {
            let told = upstream.run(apply().drift(drift).revert()).fails().told();
            assert!(told.contains(&format!("HEAD has this patch since {mine}")), "{drift:?} {told}");
        }
        // Without the commits before, likeness tells, in the file itself.
        if is_renamed {
            continue;
        }
        upstream.cut_off();
        let told = upstream.run(apply().revert()).fails().told();
        assert!(told.contains("HEAD has this patch"), "{told}");
    }
}

#[test]
fn of_a_set_that_is_in_place_in_part_that_part_is_taken_back() {
    let upstream = applied();
    upstream.run(apply().only("three").revert()).succeeds();
    let ran = upstream.run(apply().revert());
    assert_eq!(ran.all(), "one reverted, three skipped, shout reverted, four reverted", "{}", ran.told());
    upstream.check_out();
    upstream.run(apply().skip("three")).succeeds();
    upstream.run(apply().revert()).succeeds();
    assert_eq!(upstream.text("src/lib.rs"), "fn a() {\n    one();\n    three();\n}\n");
}

#[test]
fn patches_are_taken_back_one_after_another() {
    let source = "fn a() {\n    one();\n    two();\n    three();\n}\n";
    let upstream = Upstream::new(&[("src/lib.rs", source)]);
    let set = ["one", "two", "three"].map(|call| {
        text_patch(call, "src/lib.rs", &format!("    {call}();"), &format!("    {}();", call.to_uppercase()))
    });
    upstream.patches(&set.concat());
    upstream.run(apply()).succeeds();
    for call in ["two", "one", "three"] {
        let ran = upstream.run(apply().only(call).revert()).succeeds();
        assert!(ran.all().contains(&format!("{call} reverted")), "{}", ran.told());
    }
    assert_eq!(upstream.text("src/lib.rs"), source);
}

/// Under less tolerance it seems not to be in place; that does not make the run of the others a success.
#[test]
fn what_was_made_in_a_renamed_file_is_not_left_where_another_patch_is_heads() {
    let boat = "pub struct Boat;\n\nimpl Boat {\n    pub fn sound(&self) {\n        horn(2);\n    }\n}\n";
    let mast = "pub fn steer(deck: u32) {\n    trim(deck, 337);\n    signal(deck);\n}\n";
    let mut upstream = Upstream::new(&[("src/boat.rs", boat), ("src/mast.rs", mast)]);
    let delete = "[[patches]]\nid = \"quiet\"\nfile = \"src/boat.rs\"\n\n[patches.query]\ntype = \"tree-sitter\"\n\
                  pattern = \"fn Boat::sound\"\n\n[patches.operation]\ntype = \"delete\"\n\n";
    let insert = "[[patches]]\nid = \"log\"\nfile = \"src/mast.rs\"\n\n[patches.query]\ntype = \"text\"\n\
                  search = \"    trim(deck, 337);\\n\"\n\n[patches.operation]\ntype = \"insert-before\"\n\
                  text = \"    note_in_the_log(deck);\\n\"\n";
    upstream.patches(&[delete, insert].concat());
    upstream.rename("src/boat.rs", "src/ship.rs");
    upstream.commit();
    upstream.step("src/mast.rs", "    signal(deck);\n", "    note_in_the_log(deck);\n    signal(deck);\n");
    let ran = upstream.run(apply().drift(Drift::Move)).succeeds();
    assert_eq!(ran.all(), "quiet applied, log already-applied", "{}", ran.told());
    let told = upstream.run(apply().revert()).fails().told();
    assert!(told.contains("HEAD has this patch"), "{told}");
    assert_eq!(upstream.text("src/ship.rs"), boat);
}
