//! Which of two like things is the patch's own: an item that took the name of another, a line that only went elsewhere.
//!
//! Each test is of one way in which upstream goes on; without what tells the two apart, a run would double, lose or misplace.

use super::evidence::{REPORT, VISIT, is_nowhere, patch, unreported, without_history};
use super::insertions::pitched;
use super::*;

/// Where a patch sets the pitch of a horn.
pub(super) const DUSK: &str = "pub fn dusk(horn: &mut Horn) {\n    horn.wake();\n    horn.sound(3);\n}\n";
pub(super) const WAKE: &str = "    horn.wake();\n";
pub(super) const LOW: &str = "    horn.set_pitch(\"low\");\n";
pub(super) const HIGH: &str = "    horn.set_pitch(\"high\");\n";
/// Four calls in a row.
pub(super) const NIGHT: &str = "pub fn night(horn: &mut Horn) {\n    horn.wake();\n    horn.sound(3);\n    horn.rest_for(Seconds(9));\n    \
                     horn.listen();\n}\n";
pub(super) const SOUND: &str = "    horn.sound(3);\n";
pub(super) const REST: &str = "    horn.rest_for(Seconds(9));\n";

#[test]
fn a_line_that_was_only_put_elsewhere_in_its_item_is_not_taken_away() {
    let report = "    report_sound(horn);\n";
    let listen = "    horn.listen();\n";
    let set =
        text_patch("mute", "src/night.rs", &(WAKE.to_owned() + report + REST), &(WAKE.to_owned() + REST));
    let changed = exchanged(&exchanged(NIGHT, SOUND, ""), "Seconds(9)", "Seconds(11)");
    let upstream = Upstream::without_git(&[(
        "src/night.rs",
        exchanged(&changed, listen, &(listen.to_owned() + report)),
    )]);
    upstream.patches(&set);
    is_nowhere(&upstream);
    // Taken away, it is.
    let upstream = Upstream::without_git(&[("src/night.rs", changed)]);
    upstream.patches(&set);
    assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "already-applied");
}

/// A replacement, a removal and an insertion in the function.
fn changes_of_night() -> [String; 3] {
    [
        text_patch("night", "src/night.rs", "horn.sound(3)", "horn.sound(4)"),
        text_patch("night", "src/night.rs", SOUND, &(SOUND.to_owned() + LOW)),
        patch(
            "night",
            "src/night.rs",
            "type = \"ast-grep\"\npattern = \"horn.sound(3);\"",
            "type = \"insert-after\"\ntext = 'horn.set_pitch(\"low\");'",
        ),
    ]
}

#[test]
fn what_matches_in_another_item_is_not_the_locked_place_though_its_item_is_gone() {
    let dawn = "pub fn dawn(lamp: &mut Lamp) {\n    lamp.dim();\n    horn.sound(3);\n}\n";
    for set in changes_of_night() {
        let make = || {
            let mut upstream = Upstream::new(&[("src/night.rs", NIGHT)]);
            upstream.patches(&set);
            upstream.lock().succeeds();
            upstream.write("src/night.rs", dawn);
            upstream.commit();
            upstream
        };
        let upstream = make();
        is_nowhere(&upstream);
        upstream.fails(
            apply(),
            "changed-upstream",
            &["src/night.rs:3", "outside `fn night`, which the lock names and which is gone"],
        );
        for upstream in without_history(make) {
            is_nowhere(&upstream);
            upstream.fails(apply(), "changed-upstream", &["fn night", "gone"]);
        }
    }
}

#[test]
fn a_locked_item_that_was_only_renamed_is_followed_and_a_twin_beside_it_is_not() {
    let watch = NIGHT.replace("fn night", "fn watch");
    for set in changes_of_night() {
        let locked = |source: &str| {
            let upstream = Upstream::new(&[("src/night.rs", source)]);
            upstream.patches(&set);
            upstream.lock().succeeds();
            upstream
        };
        let mut upstream = locked(NIGHT);
        upstream.step("src/night.rs", "fn night", "fn eve");
        upstream.step("src/night.rs", "fn eve", "fn watch");
        upstream.lands(Merge);
        let after = upstream.text("src/night.rs");
        assert!(after.contains("fn watch") && after != watch, "{after}");
        upstream.commit();
        assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "already-applied");

        // Both in one file at one time.
        let mut upstream = locked(NIGHT);
        upstream.write("src/night.rs", &format!("{}\n{}", NIGHT, watch.replace("sound(3)", "sound(7)")));
        upstream.commit();
        upstream.write("src/night.rs", &watch);
        upstream.commit();
        is_nowhere(&upstream);
    }
}

#[test]
fn a_locked_neighbour_that_went_and_came_again_is_another_item_of_its_name() {
    let foghorn = "pub fn foghorn() -> u32 {\n    440\n}\n";
    let set = patch(
        "foghorn",
        "src/night.rs",
        "type = \"tree-sitter\"\npattern = \"fn night\"",
        &format!("type = \"insert-after\"\ntext = {foghorn:?}"),
    );
    let other = exchanged(
        &exchanged(NIGHT, "sound(3)", "sound(5)"),
        "    horn.listen();\n",
        "    horn.listen();\n    horn.yawn();\n",
    );
    let locked = || {
        let upstream = Upstream::new(&[("src/night.rs", format!("{NIGHT}\npub fn noon() {{}}\n"))]);
        upstream.patches(&set);
        upstream.lock().succeeds();
        upstream
    };
    let mut upstream = locked();
    upstream.step("src/night.rs", NIGHT, "");
    upstream.step("src/night.rs", "pub fn noon", &format!("{other}\npub fn noon"));
    upstream.fails(
        apply(),
        "changed-upstream",
        &["`fn night`, which the lock names, was taken away: this is another one of its name"],
    );
    // What changed without going is the same.
    let mut upstream = locked();
    upstream.step("src/night.rs", NIGHT, &other);
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    for upstream in without_history(|| {
        let mut upstream = locked();
        upstream.step("src/night.rs", NIGHT, &other);
        upstream
    }) {
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    }
    // So little like it, nobody needs history.
    let stranger =
        "pub fn night(cook: &mut Cook) {\n    cook.clean(Pots::All);\n    cook.lock_the_kitchen();\n}\n";
    for upstream in without_history(|| {
        let mut upstream = locked();
        upstream.step("src/night.rs", NIGHT, stranger);
        upstream
    }) {
        upstream.fails(apply(), "changed-upstream", &["cook"]);
    }
}

#[test]
fn a_deletion_that_finds_its_text_changed_fails_where_nobody_can_tell() {
    for set in unreported() {
        let make = || {
            let mut upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
            upstream.patches(&set);
            upstream.step("src/visit.rs", "Kind::Done)", "Kind::Done, clock.now())");
            upstream
        };
        for upstream in without_history(make) {
            is_nowhere(&upstream);
            upstream.fails(apply(), "no-match", &["line 3 has most of its words"]);
        }
        // Made, with a like line beside it.
        let guest = REPORT.replace("visit, Kind", "guest, Kind");
        let source = exchanged(VISIT, "    visit.close", &format!("    {guest}\n    visit.close"));
        let mut upstream = Upstream::new(&[("src/visit.rs", source.as_str())]);
        upstream.patches(&set);
        upstream.run(apply()).succeeds();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        upstream.commit();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        // Not in the function that the patch is bound to.
        let elsewhere = exchanged(VISIT, &format!("    {REPORT}\n"), "")
            + "\n"
            + &VISIT.replace("fn leave", "fn part").replace("Kind::Done", "Kind::Done, clock.now()");
        let bound = set.replace(
            "file = \"src/visit.rs\"",
            "file = \"src/visit.rs\"\nconstraint = { function_context = \"leave\" }",
        );
        let upstream = Upstream::without_git(&[("src/visit.rs", elsewhere)]);
        upstream.patches(&bound);
        assert_eq!(upstream.run(apply()).succeeds().one(), "absent");
    }
}

#[test]
fn a_removal_whose_call_has_another_name_has_not_been_made() {
    let source = "pub fn leave(visit: &Visit) {\n    visit.greet();\n    report_visit(visit, done_kind);\n    visit.close();\n}\n";
    let greet = "    visit.greet();\n";
    let make = || {
        let mut upstream = Upstream::new(&[("src/visit.rs", source)]);
        upstream.patches(&text_patch(
            "quiet",
            "src/visit.rs",
            &format!("{greet}    report_visit(visit, done_kind);\n"),
            greet,
        ));
        upstream.step("src/visit.rs", "report_visit", "report_guest");
        upstream
    };
    is_nowhere(&make());
    without_history(make).iter().for_each(is_nowhere);
}

#[test]
fn a_text_of_many_functions_is_followed_as_the_function_that_it_is_bound_to() {
    let function = |name: &str| NIGHT.replace("fn night", &format!("fn {name}"));
    let source = format!("{}\n{}\n{}", function("dusk"), function("night"), function("dawn"));
    let set =
        patch("mute", "src/night.rs", &format!("type = \"text\"\nsearch = {SOUND:?}"), "type = \"delete\"")
            .replace(
                "file = \"src/night.rs\"",
                "file = \"src/night.rs\"\nconstraint = { function_context = \"night\" }",
            );
    let change = |to: &str| {
        let mut upstream = Upstream::new(&[("src/night.rs", source.as_str())]);
        upstream.patches(&set);
        let by = upstream.step("src/night.rs", &function("night"), &function("night").replace(SOUND, to));
        (upstream, by)
    };
    let (upstream, by) = change("");
    let told = upstream.run(status()).succeeds().told();
    assert!(told.contains("already-applied:") && told.contains(&by), "{told}");
    let (upstream, _) = change("    horn.sound(5);\n");
    is_nowhere(&upstream);
}

#[test]
fn an_item_that_was_copied_before_it_went_has_gone_there() {
    let bell = "pub fn ring(bell: &Bell) {\n    bell.lift();\n    bell.go();\n    bell.rest();\n}\n";
    let other = bell.replace("fn ring", "fn toll");
    let set =
        patch("still", "src/bell.rs", "type = \"ast-grep\"\npattern = \"bell.go();\"", "type = \"delete\"");
    let run = |copy: &str| {
        let mut upstream = Upstream::new(&[
            ("src/bell.rs", format!("//! Bells.\n\n{bell}")),
            ("src/tower.rs", "//! Towers.\n".to_owned()),
        ]);
        upstream.patches(&set);
        upstream.write("src/tower.rs", &format!("//! Towers.\n\n{copy}"));
        upstream.commit();
        upstream.step("src/bell.rs", bell, "");
        upstream
    };
    let upstream = run(bell);
    is_nowhere(&upstream);
    upstream.fails(apply(), "ambiguous", &["src/tower.rs:5"]);
    assert_eq!(run(&other).run(apply()).succeeds().one(), "already-applied", "another item");
}

#[test]
fn without_history_little_code_moves_to_where_it_is_named_only() {
    let calls = "    horn.set_pitch_of(Pitch::Deep);\n    horn.sound_through_the_fog(Blasts(3));\n";
    let function = |name: &str| format!("pub fn {name}(horn: &mut Horn) {{\n{calls}}}\n");
    let set = text_patch("two", "src/night.rs", calls, &calls.replace("Blasts(3)", "Blasts(2)"));
    let upstream = |with_lock: bool, there: &str| {
        let upstream = Upstream::without_git(&[("src/night.rs", function("night"))]);
        upstream.patches(&set);
        if with_lock {
            upstream.lock().succeeds();
        }
        upstream.write("src/night.rs", "//! Nothing.\n");
        upstream.write("src/watch.rs", &function(there));
        upstream
    };
    let not_taken = |upstream: Upstream, why: &str| {
        upstream.fails(apply().drift(Move), "no-match", &["not taken: src/watch.rs:2", why])
    };
    not_taken(upstream(false, "night"), "nothing names it");
    not_taken(upstream(true, "watch"), "not in the item that the lock names");
    upstream(true, "night").lands(Move);
}

/// Patches that replace what never was there by what upstream has.
fn typos() -> [String; 2] {
    [
        text_patch("typo", "src/dusk.rs", "horn.set_pich(\"low\")", "horn.set_pitch_of(Pitch::Deep)"),
        patch(
            "typo",
            "src/dusk.rs",
            "type = \"ast-grep\"\npattern = 'horn.set_pich(\"low\");'",
            "type = \"replace\"\ntext = \"horn.set_pitch_of(Pitch::Deep);\"",
        ),
    ]
}

#[test]
fn a_replacement_of_what_never_was_is_told_though_upstream_has_its_text() {
    let deep = exchanged(DUSK, WAKE, &format!("{WAKE}    horn.set_pitch_of(Pitch::Deep);\n"));
    let never = ["line 3 looks like its result", "neither this file nor its history ever held"];
    for set in typos() {
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set);
        upstream.write("src/dusk.rs", &deep);
        // Not committed, it may be the patch's own.
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        upstream.commit();
        is_nowhere(&upstream);
        upstream.fails(apply(), "no-match", &never);
        // Whoever edits the file may have applied it.
        upstream.write("src/dusk.rs", &(deep.clone() + "\n// Mine.\n"));
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        upstream.check_out();
        for upstream in without_history(|| upstream.copy()) {
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        }
        // A lock tells that it had a place.
        upstream.edit("src/dusk.rs", "horn.set_pitch_of(Pitch::Deep)", "horn.set_pich(\"low\")");
        upstream.lock().succeeds();
        upstream.check_out();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    }
}

#[test]
fn what_a_removal_leaves_beside_its_line_elsewhere_is_in_doubt() {
    let search = WAKE.to_owned() + "    report_sound(horn);\n" + REST;
    let source = exchanged(NIGHT, SOUND, "    report_sound(horn);\n");
    let mut upstream = Upstream::new(&[("src/night.rs", source.as_str())]);
    upstream.patches(&text_patch("mute", "src/night.rs", &search, &(WAKE.to_owned() + REST)));
    upstream.edit("src/night.rs", "    report_sound(horn);\n", "");
    upstream.edit("src/night.rs", "    horn.listen();\n", "    horn.listen();\n    report_sound(horn);\n");
    upstream.commit();
    is_nowhere(&upstream);
    upstream.cut_off();
    upstream.fails(apply().strict(), "no-match", &["--strict"]);
}

#[test]
fn a_deletion_that_leaves_its_like_needs_history() {
    let like = "    if horn.is_awake() {\n        report_sound(horn, 3, 4);\n    }\n";
    let source = exchanged(DUSK, "    horn.sound(3);\n", &format!("    report_sound(horn, 3);\n{like}"));
    let set = patch(
        "mute",
        "src/dusk.rs",
        &format!("type = \"text\"\nsearch = {:?}", "    report_sound(horn, 3);\n"),
        "type = \"delete\"",
    );
    let make = || {
        let upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
        upstream.patches(&set);
        upstream
    };
    for drift in [Off, Merge, Move] {
        let upstream = make();
        assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "applied");
        assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "already-applied");
        let mut upstream = make();
        upstream.forget_history();
        let before = upstream.tree();
        let words = ["at line 4 of the result", "match more of the surrounding code"];
        upstream.fails(apply().drift(drift), "not-idempotent", &words);
        assert_eq!(upstream.tree(), before);
        upstream.lock().succeeds();
        assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "applied", "locked");
        assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "already-applied");
        upstream.write("src/dusk.rs", &source);
        upstream.forget_lock();
        // The advice, followed.
        let more = text_patch("mute", "src/dusk.rs", &format!("{WAKE}    report_sound(horn, 3);\n"), WAKE);
        upstream.patches(&more);
        assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "applied");
        assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "already-applied");
    }
}

#[test]
fn what_other_patches_made_is_taken_away_only_if_it_went() {
    let set = pitched()[0].clone()
        + &text_patch("mute", "src/dusk.rs", &format!("{LOW}    report_sound(horn, 3);\n"), LOW);
    let source = exchanged(DUSK, "    horn.sound(3);\n", "    report_sound(horn, 3);\n");
    for renamed in [false, true] {
        let mut upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
        upstream.patches(&set);
        upstream.edit(
            "src/dusk.rs",
            "    report_sound(horn, 3);\n",
            &format!("    report_sound(horn, 3);\n{LOW}"),
        );
        upstream.commit();
        if renamed {
            upstream.rename("src/dusk.rs", "src/evening.rs");
            upstream.commit();
        }
        let options = apply().drift(if renamed { Move } else { Off });
        upstream.fails(
            options,
            "no-match",
            &["`report_sound(horn, 3);` in line 3 resembles what it takes away"],
        );
    }
}

#[test]
fn what_a_name_tells_where_to_put_is_not_merged_behind_another_name() {
    let file = "pub fn dusk(horn: &mut Horn) {\n    horn.wake();\n    horn.sound(3);\n}\n\npub fn dawn(horn: &mut Horn) {\n    \
                horn.listen();\n    horn.rest();\n}\n";
    let search = "pub fn dusk(horn: &mut Horn) {\n    horn.wake();\n    horn.sound(3);\n    horn.rest();\n";
    let upstream = Upstream::without_git(&[("src/dusk.rs", file)]);
    upstream.patches(&text_patch("pitch", "src/dusk.rs", search, &(search.to_owned() + LOW)));
    for drift in [Merge, Move] {
        upstream.fails(apply().drift(drift), "conflict", &["horn.rest();"]);
    }
}

#[test]
fn without_history_little_code_with_another_indentation_is_not_what_left_with_its_file() {
    let search = "        horn.wake();\n        horn.sound(3);\n        horn.rest(1, 2, 30);\n";
    let set = text_patch(
        "pitch",
        "src/dusk.rs",
        search,
        &(search.to_owned() + "        horn.set_pitch(\"low\");\n"),
    );
    let place = |indentation: &str| {
        let body = search.replace("        ", indentation);
        format!("pub fn dawn(horn: &mut Horn) {{\n{body}}}\n")
    };
    let upstream = Upstream::without_git(&[("src/dawn.rs", place("    "))]);
    upstream.patches(&set);
    upstream.run(apply().drift(Move)).fails();
    upstream.write("src/dawn.rs", &place("        "));
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied", "as it is written");
}

#[test]
fn a_deletion_in_whose_place_other_code_was_put_is_made() {
    let source = exchanged(DUSK, "    horn.sound(3);\n", "    report_sound(horn, 3);\n    horn.rest();\n");
    let quiet = patch(
        "quiet",
        "src/dusk.rs",
        "type = \"ast-grep\"\npattern = \"horn.wake();\"",
        "type = \"insert-after\"\ntext = \"listen_to_the_sea();\"",
    );
    let mute = patch(
        "mute",
        "src/dusk.rs",
        "type = \"ast-grep\"\npattern = \"report_sound(horn, 3);\"",
        "type = \"delete\"",
    );
    for is_committed in [false, true] {
        let mut upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
        let both = [quiet.as_str(), &mute];
        for set in both {
            upstream.patches(set);
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        }
        if is_committed {
            upstream.commit();
        }
        for set in both {
            upstream.patches(set);
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{is_committed}");
        }
    }
    // What it became is not what was put there.
    let mut upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
    upstream.patches(&mute);
    upstream.step("src/dusk.rs", "    report_sound(horn, 3);\n", "    log_sound_of(horn);\n");
    is_nowhere(&upstream);
}

#[test]
fn a_deletion_whose_item_has_a_like_namesake_elsewhere_is_made() {
    let show = |name: &str| {
        format!(
            "impl Show for {name} {{\n    fn show(&self, to: &mut Lines) -> Result<(), Dark> {{\n        \
             to.write_name(\"{name}\")?;\n        to.write_side(self.side)\n    }}\n}}\n"
        )
    };
    let mut upstream =
        Upstream::new(&[("src/bell.rs", show("Bell").as_str()), ("src/horn.rs", &show("Horn"))]);
    upstream.patches(&patch(
        "silent",
        "src/bell.rs",
        "type = \"tree-sitter\"\npattern = \"fn show\"",
        "type = \"delete\"",
    ));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}
