//! What applies exactly is known by a second run; what is refused because it would not be is mended as the advice says.

use super::evidence::patch;
use super::*;

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
    for drift in [crate::patch::Drift::Off, Merge, Move] {
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
        upstream.lands(crate::patch::Drift::Off);
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
    for set in hushed() {
        let once = EVENING.replacen("    bell.ring_for(Reason::Fog);\n", "", 1);
        let mut upstream = Upstream::new(&[("src/evening.rs", once)]);
        upstream.patches(&set);
        upstream.step("src/evening.rs", "Reason::Habit", "Reason::Fog");
        super::evidence::is_nowhere(&upstream);
        upstream.forget_history();
        super::evidence::is_nowhere(&upstream);
    }
}
