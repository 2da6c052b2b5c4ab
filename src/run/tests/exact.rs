//! What applies exactly is known by a second run; what is refused because it would not be is mended as the advice says.

use super::evidence::patch;
use super::*;
use crate::patch::Drift;

/// A keeper's evening: the bell is rung once as a habit, once for the fog.
const EVENING: &str = "pub fn evening(bell: &Bell) {\n    bell.wake();\n    bell.ring_for(Reason::Habit);\n    \
                       bell.ring_for(Reason::Fog);\n    bell.rest();\n}\n";

/// Without the habit.
const QUIET: &str =
    "pub fn evening(bell: &Bell) {\n    bell.wake();\n    bell.ring_for(Reason::Fog);\n    bell.rest();\n}\n";

/// The ways to take the habit away, where what goes has its like beside it.
fn hushed() -> [String; 2] {
    let text = "    bell.wake();\n    bell.ring_for(Reason::Habit);\n";
    let pattern = "pub fn evening(bell: &Bell) { bell.wake(); bell.ring_for(Reason::Habit); $$$REST }";
    let query = format!("type = \"ast-grep\"\npattern = \"{pattern}\"");
    let stays = "pub fn evening(bell: &Bell) {\\n    bell.wake();\\n    $$$REST\\n}";
    let operation = format!("type = \"replace\"\ntext = \"{stays}\"");
    [
        text_patch("hush", "src/evening.rs", text, "    bell.wake();\n"),
        patch("hush", "src/evening.rs", &query, &operation),
    ]
}

/// The patch is in place: every command that looks says so, and changes nothing.
#[track_caller]
fn is_there(upstream: &Upstream) {
    let before = upstream.tree();
    for drift in [Off, Merge, Move] {
        for options in [apply().drift(drift), status().drift(drift), apply().drift(drift).strict()] {
            assert_eq!(upstream.run(options).succeeds().one(), "already-applied", "{drift:?}");
        }
    }
    assert_eq!(upstream.tree(), before);
}

#[test]
fn half_a_pair_of_brackets_resembles_nothing() {
    let night = |start: &str| {
        format!("pub fn night(bell: &Bell) {{\n    let watch = {start};\n    watch.begin();\n}}\n")
    };
    let [old, new] = ["keep(bell.ring(TWICE))", "bell.ring(TWICE)"];
    for [old, new] in
        [[old, new], ["start(self.bells(TWICE))", "bells(TWICE)"], ["start(of(TWICE))", "Watch::none(TWICE)"]]
    {
        let [search, text] = [old, new].map(|start| format!("    let watch = {start};\n"));
        let set = text_patch("calm", "src/night.rs", &search, &text);
        let mut upstream = Upstream::new(&[("src/night.rs", night(old))]);
        upstream.patches(&set);
        upstream.lands(Off);
        assert_eq!(upstream.text("src/night.rs"), night(new));
        is_there(&upstream);
        upstream.commit();
        is_there(&upstream);
        upstream.forget_history();
        is_there(&upstream);
    }
}

#[test]
fn history_or_a_lock_tells_a_twin_of_what_goes_from_what_goes() {
    for set in hushed() {
        for [with_lock, with_history] in [[true, true], [true, false], [false, true]] {
            let mut upstream = Upstream::new(&[("src/evening.rs", EVENING)]);
            upstream.patches(&set);
            if !with_history {
                upstream.forget_history();
            }
            if with_lock {
                upstream.lock().succeeds();
            }
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
            assert_eq!(upstream.text("src/evening.rs"), QUIET, "{set}");
            is_there(&upstream);
            upstream.commit();
            is_there(&upstream);
        }
    }
}

#[test]
fn where_nothing_could_tell_the_advice_is_to_match_more_and_that_helps() {
    let [text, _] = hushed();
    let upstream = Upstream::without_git(&[("src/evening.rs", EVENING)]);
    upstream.patches(&text);
    upstream.fails(
        apply(),
        "not-idempotent",
        &["line 3 of the result", "match more of the surrounding code"],
    );
    let more = "    bell.wake();\n    bell.ring_for(Reason::Habit);\n    bell.ring_for(Reason::Fog);\n";
    let kept = "    bell.wake();\n    bell.ring_for(Reason::Fog);\n";
    upstream.patches(&text_patch("hush", "src/evening.rs", more, kept));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    assert_eq!(upstream.text("src/evening.rs"), QUIET);
    is_there(&upstream);
}

#[test]
fn what_upstream_changed_beside_what_stays_is_not_in_place() {
    let half = "    bell.wake();\n    bell.ring_for(Reason::Habit);";
    let to_the_end = text_patch("hush", "src/evening.rs", half, "    bell.wake();");
    for set in hushed().into_iter().chain([to_the_end]) {
        let once = EVENING.replacen("    bell.ring_for(Reason::Fog);\n", "", 1);
        let mut upstream = Upstream::new(&[("src/evening.rs", once)]);
        upstream.patches(&set);
        upstream.step("src/evening.rs", "Reason::Habit", "Reason::Fog");
        super::evidence::is_nowhere(&upstream);
        upstream.forget_history();
        super::evidence::is_nowhere(&upstream);
    }
}

/// What a set of two patches, whose places touch, makes of a text.
struct Touching {
    first: String,
    second: String,
    made: &'static str,
}

/// Pairs of patches of [`EVENING`] whose places touch, by queries of several kinds.
fn touching() -> Vec<Touching> {
    let file = "src/evening.rs";
    let code = |pattern: &str| format!("type = \"ast-grep\"\npattern = \"{pattern}\"");
    let delete = "type = \"delete\"";
    let hush = || patch("hush", file, &code("bell.ring_for(Reason::Habit);"), delete);
    let oil = || {
        let oil = "type = \"insert-after\"\ntext = \"ledger::note_oil(2);\"";
        patch("oil", file, &code("bell.wake();"), oil)
    };
    let wake = |text: &str| text_patch("oil", file, "bell.wake();", text);
    let oiled = "pub fn evening(bell: &Bell) {\n    bell.wake();\n    ledger::note_oil(2);\n    \
                 bell.ring_for(Reason::Fog);\n    bell.rest();\n}\n";
    vec![
        Touching { first: oil(), second: hush(), made: oiled },
        Touching { first: hush(), second: oil(), made: oiled },
        Touching {
            first: oil(),
            second: text_patch(
                "hush",
                file,
                "    bell.ring_for(Reason::Habit);\n    bell.ring_for(Reason::Fog);\n",
                "    bell.ring_for(Reason::Fog);\n",
            ),
            made: oiled,
        },
        Touching {
            first: wake("quietly(bell.wake());"),
            second: hush(),
            made: "pub fn evening(bell: &Bell) {\n    quietly(bell.wake());\n    bell.ring_for(Reason::Fog);\n    \
                   bell.rest();\n}\n",
        },
        Touching {
            first: patch("oil", file, &code("bell.wake();"), delete),
            second: hush(),
            made: "pub fn evening(bell: &Bell) {\n    bell.ring_for(Reason::Fog);\n    bell.rest();\n}\n",
        },
    ]
}

/// All patches are in place, at once and each on its own.
#[track_caller]
fn are_all_there(upstream: &Upstream) {
    let before = upstream.tree();
    for drift in [Off, Merge, Move] {
        let all = |options| upstream.run(options).succeeds().all();
        assert_eq!(all(apply().drift(drift)).matches("already-applied").count(), 2, "{drift:?}");
        for id in ["oil", "hush"] {
            let told = all(apply().drift(drift).only(id));
            assert!(told.contains(&format!("{id} already-applied")), "{drift:?}: {told}");
        }
    }
    assert_eq!(upstream.tree(), before);
}

#[test]
fn patches_whose_places_touch_are_in_place_before_and_after_they_are_committed() {
    for Touching { first, second, made } in touching() {
        for [with_lock, is_shallow] in [[false, false], [true, false], [false, true]] {
            let mut upstream = Upstream::new(&[("src/evening.rs", EVENING)]);
            upstream.patches(&format!("{first}{second}"));
            if with_lock {
                upstream.lock().succeeds();
            }
            upstream.run(apply()).succeeds();
            assert_eq!(upstream.text("src/evening.rs"), made);
            are_all_there(&upstream);
            upstream.commit();
            are_all_there(&upstream);
            upstream.write("src/evening.rs", &format!("//! Evenings.\n\n{made}"));
            upstream.commit();
            are_all_there(&upstream);
            if is_shallow {
                upstream.keep_history(3);
                are_all_there(&upstream);
            }
        }
    }
}

#[test]
fn what_someone_else_made_of_the_place_is_not_what_the_set_makes_of_it() {
    for (from, to) in [
        ("    bell.ring_for(Reason::Habit);\n", "    bell.ring_for(Reason::Custom);\n"),
        ("    bell.ring_for(Reason::Habit);\n", "    bell.ring_twice(Reason::Habit);\n"),
    ] {
        for Touching { first, second, .. } in touching() {
            let mut upstream = Upstream::new(&[("src/evening.rs", EVENING)]);
            upstream.patches(&format!("{first}{second}"));
            upstream.step("src/evening.rs", from, to);
            for drift in [Off, Merge, Move] {
                let told = upstream.run(status().drift(drift).only("hush")).all();
                assert!(!told.contains("hush already-applied"), "{drift:?}: {told}\n{second}");
            }
        }
    }
}

#[test]
fn each_call_on_its_own_gives_what_one_call_gives() {
    // What shares a name with what goes may be what became of it.
    let apart = touching().into_iter().filter(|touching| !touching.made.contains("quietly"));
    for Touching { first, second, made } in apart {
        let mut upstream = Upstream::new(&[("src/evening.rs", EVENING)]);
        for _ in 0..2 {
            for one in [&first, &second] {
                upstream.patches(one);
                upstream.run(apply()).succeeds();
            }
        }
        assert_eq!(upstream.text("src/evening.rs"), made);
        for _ in 0..2 {
            for one in [&first, &second] {
                upstream.patches(one);
                assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{one}");
            }
            upstream.commit();
        }
        upstream.patches(&format!("{first}{second}"));
        are_all_there(&upstream);
    }
}

#[test]
fn an_insertion_and_its_later_change_apply_under_a_lock() {
    let file = "src/evening.rs";
    for (query, change) in [
        ("type = \"ast-grep\"\npattern = \"bell.oil(1)\"", "bell.oil(2)"),
        ("type = \"text\"\nsearch = \"bell.oil(1);\"", "bell.oil(2);\\n    bell.dry();"),
    ] {
        let oil = "type = \"insert-after\"\ntext = \"bell.oil(1);\"";
        let oil = patch("oil", file, "type = \"ast-grep\"\npattern = \"bell.wake();\"", oil);
        let more = patch("more", file, query, &format!("type = \"replace\"\ntext = \"{change}\""));
        let mut upstream = Upstream::new(&[(file, EVENING)]);
        upstream.patches(&format!("{oil}{more}"));
        let unlocked = upstream.applied(apply());
        upstream.lock().succeeds();
        assert_eq!(upstream.run(apply()).succeeds().all(), "oil applied, more applied");
        assert_eq!(upstream.tree(), unlocked);
        for _ in 0..2 {
            let told = upstream.run(apply()).succeeds().all();
            assert_eq!(told, "oil already-applied, more already-applied");
            upstream.commit();
        }
        assert_eq!(upstream.tree(), unlocked);
    }
}

#[test]
fn a_patch_that_was_followed_to_another_file_is_in_place_there() {
    let other = "\npub fn night(bell: &Bell) {\n    bell.rest();\n}\n";
    let code = |pattern: &str| format!("type = \"ast-grep\"\npattern = \"{pattern}\"");
    let query = "type = \"text\"\nsearch = \"    bell.ring_for(Reason::Habit);\\n\"";
    for (set, made) in [
        (
            patch("hush", "src/evening.rs", &code("bell.ring_for(Reason::Habit);"), "type = \"delete\""),
            QUIET.to_owned(),
        ),
        (patch("hush", "src/evening.rs", query, "type = \"delete\""), QUIET.to_owned()),
        (
            patch(
                "hush",
                "src/evening.rs",
                &code("bell.ring_for(Reason::Habit)"),
                "type = \"replace\"\ntext = \"bell.ring_for(Reason::Whim)\"",
            ),
            EVENING.replace("Habit", "Whim"),
        ),
    ] {
        for [with_lock, stays] in [[false, false], [false, true], [true, false], [true, true]] {
            let mut upstream = Upstream::new(&[("src/evening.rs", EVENING.to_owned() + other)]);
            upstream.patches(&set);
            if with_lock {
                upstream.lock().succeeds();
            }
            match stays {
                true => upstream.write("src/evening.rs", other),
                false => upstream.remove("src/evening.rs"),
            }
            upstream.write("src/bells.rs", &format!("//! Bells.\n\n{EVENING}"));
            upstream.commit();
            assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied", "{set}");
            assert_eq!(upstream.text("src/bells.rs"), format!("//! Bells.\n\n{made}"), "{set}");
            for _ in 0..2 {
                let ran = upstream.run(apply().drift(Move)).succeeds();
                assert_eq!(ran.one(), "already-applied", "{set}");
                assert_eq!(upstream.text("src/bells.rs"), format!("//! Bells.\n\n{made}"), "{set}");
                upstream.commit();
            }
        }
    }
}

#[test]
fn an_item_that_was_deleted_where_it_went_with_another_head_is_gone_there() {
    let other = "\npub fn night(bell: &Bell) {\n    bell.rest();\n}\n";
    let delete = patch(
        "hush",
        "src/evening.rs",
        "type = \"tree-sitter\"\npattern = \"fn evening\"",
        "type = \"delete\"",
    );
    for stays in [false, true] {
        let mut upstream = Upstream::new(&[("src/evening.rs", EVENING.to_owned() + other)]);
        upstream.patches(&delete);
        match stays {
            true => upstream.write("src/evening.rs", other),
            false => upstream.remove("src/evening.rs"),
        }
        let there = EVENING.replace("bell: &Bell", "fog: Fog, bell: &Bell");
        upstream.write("src/bells.rs", &format!("//! Bells.\n{other}\n{there}"));
        upstream.commit();
        if upstream.run(apply().drift(Move)).has_failed() {
            continue;
        }
        let made = upstream.text("src/bells.rs");
        assert!(!made.contains("fn evening"), "{made}");
        for _ in 0..2 {
            assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
            assert_eq!(upstream.text("src/bells.rs"), made);
            upstream.commit();
        }
    }
}

#[test]
fn an_import_beside_it_is_no_rest_of_one_that_goes() {
    let uses = |gone: &str| {
        format!(
            "use crate::bells::Guard;\n{gone}use crate::bells::ring_all;\n\npub fn night() {{\n    ring_all();\n}}\n"
        )
    };
    let gone = "use crate::bells::Chime;\nuse crate::bells::Chimes;\n";
    let kept = "use crate::bells::ring_all;";
    let mut upstream = Upstream::new(&[("src/night.rs", uses(gone).as_str())]);
    upstream.patches(&text_patch("calm", "src/night.rs", &(gone.to_owned() + kept), kept));
    upstream.lands(Off);
    assert_eq!(upstream.text("src/night.rs"), uses(""));
    upstream.forget_history();
    is_there(&upstream);
    // What upstream made of it is.
    upstream.write("src/night.rs", &uses("use crate::chimes::Chimes;\n"));
    upstream.run(apply()).fails();
}

/// What random changes of whole plans found: a set, a NUL, and the text of its targets. Each patch leaves the like of what it takes
/// away, with a change merged or exactly.
const FOUND: [(Drift, &str); 5] = [
    (Merge, include_str!("../../../fuzz/found/run/deletion-leaves-its-like-twice")),
    (Merge, include_str!("../../../fuzz/found/run/deletion-leaves-its-like-among-twins")),
    (Merge, include_str!("../../../fuzz/found/run/deletion-leaves-changed-lines")),
    (Off, include_str!("../../../fuzz/found/run/replacement-leaves-its-like")),
    (Off, include_str!("../../../fuzz/found/run/replacement-leaves-its-like-unclosed")),
];

#[test]
fn what_leaves_its_like_is_refused_where_a_second_run_could_not_tell() {
    for (drift, input) in FOUND {
        let (set, text) = input.split_once('\0').unwrap();
        let files = [("core/src/a.rs", text), ("core/src/b.rs", text)];
        let without = Upstream::without_git(&files);
        without.patches(set);
        let ran = without.run(apply().drift(drift)).fails();
        assert!(ran.all_causes().contains("not-idempotent"), "{}", ran.told());
        assert_eq!(without.text("core/src/a.rs"), text);
        // With history it is refused, or known afterwards.
        let mut upstream = Upstream::new(&files);
        upstream.patches(set);
        if upstream.run(apply().drift(drift)).has_failed() {
            assert_eq!(upstream.text("core/src/a.rs"), text);
            continue;
        }
        let made = upstream.tree();
        for _ in 0..2 {
            upstream.run(apply().drift(drift)).succeeds();
            assert_eq!(upstream.tree(), made, "{set}");
            upstream.commit();
        }
    }
}
