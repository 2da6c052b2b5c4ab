//! What is written where a part of the run is refused: by a target that changes meanwhile, by `--strict`.

use super::*;
use crate::run::Options;

#[test]
fn what_is_planned_again_without_a_refused_target_keeps_its_warnings() {
    let tied = text_patch("tied", "src/beacon.rs", "pub fn report", "pub fn told")
        .replace("\"src/beacon.rs\"", "[\"src/beacon.rs\", \"src/lamp.rs\"]");
    let set = format!("{BLASTS}\n{tied}{}", text_patch("watts", "src/lamp.rs", "watts: u32", "watts: u64"));
    let mut upstream = Upstream::beacon(&set);
    let by = upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let mine = format!("{LAMP}// mine\n");
    let ran = upstream
        .run_while(apply().drift(Merge).keep_going(), &|_, _| upstream.write("src/lamp.rs", &mine))
        .fails();
    assert_eq!(ran.all(), "blasts applied, tied applied, watts changed-on-disk", "{}", ran.told());
    assert!(
        ran.told().contains(&format!("warning: merged with what upstream changed here: changed in {by}"))
    );
    assert_eq!(upstream.text("src/beacon.rs"), patched(&called()).replace("pub fn report", "pub fn told"));
    assert_eq!(upstream.text("src/lamp.rs"), mine);
}

#[test]
fn what_strict_refuses_is_not_written_although_the_run_keeps_going() {
    let set = format!("{BLASTS}\n{}", text_patch("watts", "src/lamp.rs", "watts: u32", "watts: u64"));
    let mut upstream = Upstream::beacon(&set);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let ran = upstream.run(apply().drift(Merge).strict().keep_going()).fails();
    assert_eq!(ran.all(), "blasts no-match, watts applied", "{}", ran.told());
    assert_eq!(upstream.text("src/beacon.rs"), called());
    assert_eq!(upstream.text("src/lamp.rs"), exchanged(LAMP, "watts: u32", "watts: u64"));
}

/// Patches of these version ranges, named by them, each for a constant of its own.
fn ranged(ranges: &[&str]) -> (String, String) {
    let mut texts = (String::new(), String::new());
    for (at, range) in ranges.iter().enumerate() {
        texts.0 += &text_patch(
            &format!("p{at}"),
            "src/lib.rs",
            &format!("P{at}: u8 = 1"),
            &format!("P{at}: u8 = 2"),
        )
        .replace("\n\n[patches.query]", &format!("\nversion = \"{range}\"\n\n[patches.query]"));
        texts.1 += &format!("pub const P{at}: u8 = 1;\n");
    }
    texts
}

#[test]
fn a_version_past_the_range_is_told_apart_from_one_before_it() {
    let (set, text) = ranged(&[">=1, <2", "<1.2.0", ">=2", "=1.1.0", "*", "<3"]);
    let upstream = Upstream::new(&[("src/lib.rs", text)]);
    upstream.patches(&set);
    let before = upstream.tree();
    for options in [apply().strict(), status().strict()] {
        let held = upstream.run(options);
        assert!(held.all().contains("p1 expired, p2 skipped, p3 expired"), "{}", held.all());
        assert!(held.report.files.is_empty());
        assert_eq!(upstream.tree(), before, "--strict writes nothing");
    }
    let ran = upstream.run(apply());
    assert_eq!(ran.all(), "p0 applied, p1 expired, p2 skipped, p3 expired, p4 applied, p5 applied");
    let told =
        "2 patches are expired (version 1.2.0 is past `<1.2.0`; version 1.2.0 is past `=1.1.0`): p1, p3";
    assert_eq!(ran.report.warnings, [told]);
    assert_eq!(ran.report.selected, 3);
    let some = upstream.run(apply().strict().keep_going());
    assert!(some.all().starts_with("p0 already-applied, p1 expired"), "{}", some.all());
}

#[test]
fn a_run_in_which_no_patch_takes_part_says_so() {
    for (range, says) in [("<1", "past `<1`"), (">=2", "outside `>=2`")] {
        let (set, text) = ranged(&[range]);
        let upstream = Upstream::new(&[("src/lib.rs", text)]);
        upstream.patches(&set);
        for options in [apply(), status(), apply().revert(), apply().keep_going()] {
            let ran = upstream.run(options);
            assert_eq!(ran.report.selected, 0);
            let last = ran.report.warnings.last().unwrap();
            assert!(last.starts_with("no patch takes part in this run: ") && last.contains(says), "{last}");
        }
        upstream.patches(&set.replace("id =", "enabled = false\nid ="));
        let off = upstream.run(apply());
        assert_eq!(off.all(), "p0 skipped");
        assert_eq!(
            off.report.warnings,
            ["no patch takes part in this run: `enabled = false` in the patch file"]
        );
    }
}

#[test]
fn a_patch_that_another_goes_on_from_is_not_expired() {
    let all = |ranges: &[&str], options: Options| {
        let (set, text) = ranged(ranges);
        let upstream = Upstream::new(&[("src/lib.rs", text)]);
        upstream.patches(&set);
        upstream.run(options).all()
    };
    assert_eq!(all(&["<1.2", ">=1.2"], apply().strict()), "p0 skipped, p1 applied");
    assert_eq!(
        all(&["<1", "^1.0.0-0", ">=1.1.0-0", ">=1, <1.1.0-0"], apply()),
        "p0 skipped, p1 applied, p2 applied, p3 skipped"
    );
    assert_eq!(all(&["<1.1", ">=1.2"], apply()), "p0 expired, p1 applied", "a gap");
    assert_eq!(all(&["<1.2", ">=1.1"], apply()), "p0 expired, p1 applied", "both at once");
    assert_eq!(all(&["<1.2", ">=1.2"], apply().only("p0")), "p0 expired, p1 skipped");
    assert_eq!(all(&["<1", ">=1, <1.2"], apply()), "p0 expired, p1 expired", "nobody takes part");
    let (set, text) = ranged(&["<1.2", ">=1.2"]);
    let elsewhere = set.replacen("src/lib.rs", "src/other.rs", 1);
    let upstream = Upstream::new(&[("src/lib.rs", &text), ("src/other.rs", &text)]);
    upstream.patches(&elsewhere);
    assert_eq!(upstream.run(apply()).all(), "p0 expired, p1 applied", "another file");
}
