//! What revert takes back, and what keeps it from it.

use super::*;

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
fn what_a_part_of_the_set_left_is_taken_back_by_that_part_only() {
    let upstream = Upstream::new(&[("src/lib.rs", "fn f() {\n    v0(1);\n}\n")]);
    upstream.patches(&chain());
    let before = upstream.tree();
    upstream.run(apply().only("a")).succeeds();
    let edited = upstream.tree();
    assert_eq!(upstream.run(apply().revert()).all(), "a conflict, b conflict");
    assert_eq!(upstream.tree(), edited);
    assert_eq!(upstream.run(apply().only("a").revert()).all(), "a reverted, b skipped");
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
