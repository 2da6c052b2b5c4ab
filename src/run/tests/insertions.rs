//! Whether an insertion was made before: it went on as another, upstream took it over, its neighbour left.
//!
//! Each test is of one way in which upstream goes on; without what tells, a run would double the insertion.

use super::evidence::{is_nowhere, patch, without_history};
use super::identity::{DUSK, HIGH, LOW, NIGHT, REST, SOUND, WAKE};
use super::*;

/// The ways to say that the pitch is set after the horn woke.
pub(super) fn pitched() -> [String; 3] {
    [
        patch(
            "pitch",
            "src/dusk.rs",
            "type = \"ast-grep\"\npattern = \"horn.wake();\"",
            "type = \"insert-after\"\ntext = 'horn.set_pitch(\"low\");'",
        ),
        patch(
            "pitch",
            "src/dusk.rs",
            &format!("type = \"text\"\nsearch = {WAKE:?}"),
            &format!("type = \"insert-after\"\ntext = {LOW:?}"),
        ),
        text_patch("pitch", "src/dusk.rs", WAKE, &(WAKE.to_owned() + LOW)),
    ]
}

/// The pitch is set in HEAD, and was set to something else by the next commit: in its place, or at the end of its block.
fn went_on(set: &str, is_elsewhere: bool, with_lock: bool) -> (Upstream, String) {
    let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
    upstream.patches(set);
    if with_lock {
        upstream.lock().succeeds();
    }
    upstream.step("src/dusk.rs", WAKE, &(WAKE.to_owned() + LOW));
    if is_elsewhere {
        upstream.edit("src/dusk.rs", LOW, "");
        upstream.edit("src/dusk.rs", "    horn.sound(3);\n", &format!("    horn.sound(3);\n{HIGH}"));
    } else {
        upstream.edit("src/dusk.rs", LOW, HIGH);
    }
    let by = upstream.commit();
    (upstream, by)
}

#[test]
fn an_insertion_that_upstream_adopted_and_changed_is_not_made_again() {
    for set in pitched() {
        for is_elsewhere in [false, true] {
            for with_lock in [false, true] {
                let (upstream, _) = went_on(&set, is_elsewhere, with_lock);
                let line = if is_elsewhere { "line 4" } else { "line 3" };
                let words = [line, "`horn.set_pitch(\"high\");`", "a commit put it in the place of that"];
                upstream.fails(apply(), "no-match", &words);
                upstream.fails(apply().drift(Move), "no-match", &words);
            }
        }
    }
}

#[test]
fn what_stood_beside_an_insertion_from_the_start_did_not_come_of_it() {
    let source = exchanged(DUSK, "    horn.sound", &format!("{HIGH}    horn.sound"));
    for set in pitched() {
        let mut upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
        upstream.patches(&set);
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        // Upstream adopted it beside that, and took it back.
        upstream.check_out();
        upstream.step("src/dusk.rs", WAKE, &(WAKE.to_owned() + LOW));
        upstream.step("src/dusk.rs", LOW, "");
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    }
}

#[test]
fn without_history_the_lock_tells_whether_what_begins_alike_was_there_before() {
    for set in pitched() {
        for mut upstream in without_history(|| went_on(&set, false, true).0) {
            let words = ["line 3", "a commit put it in the place of that"];
            upstream.fails(apply(), "no-match", &words);
            // Locked as it is, it has been there from the start.
            upstream.forget_lock();
            upstream.lock().succeeds();
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
            upstream.forget_history();
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        }
    }
}

#[test]
fn a_use_that_begins_alike_is_another_import_unless_it_is_no_commits() {
    let use_of = |name: &str| format!("use signals::{name};\n");
    let source = format!("{}\npub fn main() {{}}\n", use_of("Horn"));
    let set = patch(
        "bell",
        "src/main.rs",
        "type = \"tree-sitter\"\npattern = \"use signals::Horn\"",
        "type = \"insert-after\"\ntext = \"use signals::Bell;\"",
    );
    let make = || {
        let upstream = Upstream::new(&[("src/main.rs", source.as_str())]);
        upstream.patches(&set);
        upstream
    };
    let mut upstream = make();
    upstream.step("src/main.rs", &use_of("Horn"), &(use_of("Horn") + &use_of("Bell")));
    upstream.step("src/main.rs", &use_of("Bell"), &use_of("Lamp"));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "a list of imports");
    let upstream = make();
    upstream.edit("src/main.rs", &use_of("Horn"), &(use_of("Horn") + &use_of("Lamp")));
    upstream.fails(apply(), "no-match", &["line 2, `use signals::Lamp;`", "which no commit put there"]);
}

#[test]
fn an_insertion_of_several_lines_is_known_by_its_first_line_of_code() {
    let block =
        |seconds: u8| format!("    if horn.is_cold() {{\n        horn.warm_for({seconds});\n    }}\n");
    let told = |seconds: u8| format!("    // Cold horns are hoarse.\n    horn.warm_for({seconds});\n");
    for (inserted, edited, line) in [(block(3), block(4), 3), (told(3), told(4), 4)] {
        let source = exchanged(DUSK, SOUND, &format!("    horn.listen();\n{SOUND}"));
        let mut upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
        upstream.patches(&text_patch("warm", "src/dusk.rs", WAKE, &(WAKE.to_owned() + &inserted)));
        let by = |who: &str| [format!("line {line}, `"), who.to_owned()];
        let fails = |upstream: &Upstream, who: &str| {
            upstream.fails(apply(), "no-match", &by(who).iter().map(String::as_str).collect::<Vec<_>>());
        };
        upstream.run(apply()).succeeds();
        upstream.edit("src/dusk.rs", &inserted, &edited);
        fails(&upstream, "which no commit put there");
        upstream.check_out();
        upstream.step("src/dusk.rs", WAKE, &(WAKE.to_owned() + &inserted));
        upstream.step("src/dusk.rs", &inserted, &edited);
        fails(&upstream, "a commit put it in the place of that");
        // One that was there from the start is no insertion of before.
        let source = exchanged(&source, "    horn.listen();\n", &format!("{edited}    horn.listen();\n"));
        let set = upstream.set_file();
        let mut upstream = Upstream::new(&[("src/dusk.rs", source)]);
        upstream.patches(&set);
        assert_eq!(upstream.run(apply().dry()).succeeds().one(), "would-apply");
        upstream.step("src/dusk.rs", WAKE, &(WAKE.to_owned() + &inserted));
        upstream.step("src/dusk.rs", &inserted, "");
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    }
}

/// The first line that begins alike may be the match itself, or one of many of its kind.
#[test]
fn of_many_lines_that_begin_alike_each_may_be_the_insertion_of_before() {
    let call = |tone: &str| format!("    horn.add({tone});\n");
    let source =
        format!("pub fn tune(horn: &mut Horn) {{\n{}{}    horn.wake();\n}}\n", call("LOW"), call("MID"));
    let mid = call("MID");
    for set in [
        patch(
            "tune",
            "src/tune.rs",
            &format!("type = \"text\"\nsearch = {mid:?}"),
            &format!("type = \"insert-after\"\ntext = {:?}", call("TOP")),
        ),
        patch(
            "tune",
            "src/tune.rs",
            "type = \"ast-grep\"\npattern = \"horn.add(MID);\"",
            "type = \"insert-after\"\ntext = \"horn.add(TOP);\"",
        ),
        text_patch("tune", "src/tune.rs", &mid, &(mid.clone() + &call("TOP"))),
    ] {
        let mut upstream = Upstream::new(&[("src/tune.rs", source.as_str())]);
        upstream.patches(&set);
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        upstream.edit("src/tune.rs", "horn.add(TOP)", "horn.add(HIGH)");
        upstream.fails(apply(), "no-match", &["line 4, `horn.add(HIGH);`", "which no commit put there"]);
        upstream.check_out();
        upstream.step("src/tune.rs", &mid, &(mid.clone() + &call("TOP")));
        upstream.step("src/tune.rs", &call("TOP"), &call("HIGH"));
        upstream.fails(
            apply(),
            "no-match",
            &["line 4, `horn.add(HIGH);`", "a commit put it in the place of that"],
        );
    }
}

/// The function, and one beside it that a patch puts there.
#[test]
fn an_item_whose_neighbour_went_into_another_container_is_not_put_there_again() {
    let foghorn = "pub fn foghorn() -> u32 {\n    440\n}\n";
    let set = patch(
        "foghorn",
        "src/dusk.rs",
        "type = \"tree-sitter\"\npattern = \"fn dusk\"",
        &format!("type = \"insert-after\"\ntext = {foghorn:?}"),
    );
    let inner: String = DUSK.lines().map(|line| format!("    {line}\n")).collect();
    let night = format!("pub mod night {{\n{inner}}}\n");
    // By its own hand.
    let upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
    upstream.patches(&set);
    upstream.run(apply()).succeeds();
    upstream.edit("src/dusk.rs", DUSK, &night);
    upstream.fails(apply(), "no-match", &["what it was put beside there is elsewhere now"]);
    // By upstream's.
    let make = || {
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set);
        upstream.write("src/dusk.rs", &format!("{DUSK}\n{foghorn}"));
        upstream.commit();
        upstream.step("src/dusk.rs", DUSK, &night);
        upstream
    };
    make().fails(apply(), "no-match", &["what it was put beside there is elsewhere now"]);
    for upstream in without_history(make) {
        upstream.fails(apply(), "no-match", &["nothing tells whether the patch or upstream put it there"]);
    }
}

#[test]
fn what_another_patch_of_the_set_makes_of_an_insertion_is_known_where_that_one_is_left_out() {
    let [first, ..] = pitched();
    let second = text_patch("deep", "src/dusk.rs", "set_pitch(\"low\")", "set_pitch_of(Pitch::Deep)");
    for with_git in [true, false] {
        let upstream = match with_git {
            true => Upstream::new(&[("src/dusk.rs", DUSK)]),
            false => Upstream::without_git(&[("src/dusk.rs", DUSK)]),
        };
        upstream.patches(&(first.clone() + &second));
        upstream.run(apply()).succeeds();
        let once = upstream.tree();
        for options in [apply(), apply().drift(Merge), apply().drift(Move), status()] {
            let ran = upstream.run(options.only("pitch")).succeeds();
            assert_eq!(ran.all(), "pitch already-applied, deep skipped");
            assert_eq!(upstream.tree(), once);
        }
        assert_eq!(
            upstream.run(apply().skip("deep")).succeeds().all(),
            "pitch already-applied, deep skipped"
        );
        assert_eq!(upstream.tree(), once);
    }
}

#[test]
fn a_merged_insertion_that_stands_elsewhere_in_its_block_is_in_place() {
    let search = WAKE.to_owned() + SOUND + REST;
    let set = text_patch("pitch", "src/night.rs", &search, &(WAKE.to_owned() + LOW + SOUND + REST));
    let now = exchanged(
        &exchanged(NIGHT, "Seconds(9)", "Seconds(11)"),
        "    horn.listen();\n",
        "    horn.listen();\n    horn.set_pitch(\"low\");\n",
    );
    let upstream = Upstream::without_git(&[("src/night.rs", now.as_str())]);
    upstream.patches(&set);
    for drift in [Merge, Move] {
        assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "already-applied");
        assert_eq!(upstream.text("src/night.rs"), now);
    }
    // In another block it is another one.
    let upstream = Upstream::without_git(&[("src/night.rs", exchanged(NIGHT, "Seconds(9)", "Seconds(11)"))]);
    upstream.patches(&set);
    upstream.lands(Merge);
    assert_eq!(upstream.text("src/night.rs").matches(LOW).count(), 1);
}

#[test]
fn a_function_that_upstream_adopted_and_made_a_method_is_not_put_there_again() {
    let hush = "pub fn hush_for_night(horn: &mut Horn) {\n    horn.rest();\n}\n";
    let method = "impl Watch {\n    pub fn hush_for_night(&self) {\n        self.horn.rest();\n    }\n}\n";
    let set = patch(
        "hush",
        "src/dusk.rs",
        "type = \"tree-sitter\"\npattern = \"fn dusk\"",
        &format!("type = \"insert-after\"\ntext = {:?}", format!("\n{hush}")),
    );
    let make = || {
        let upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set);
        upstream
    };
    let mut upstream = make();
    upstream.write("src/dusk.rs", &format!("{hush}\n{DUSK}"));
    upstream.commit();
    upstream.step("src/dusk.rs", hush, method);
    is_nowhere(&upstream);
    upstream.fails(apply(), "no-match", &["line 2", "a commit put it in the place of that"]);
    // Without the function of before, the method is another one.
    let mut upstream = make();
    upstream.write("src/dusk.rs", &format!("{method}\n{DUSK}"));
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}

#[test]
fn a_function_that_was_committed_and_renamed_is_not_put_there_again() {
    let hush = "/// For the night.\npub fn hush(horn: &mut Horn) {\n    horn.rest();\n}\n";
    for operation in ["insert-after", "insert-before"] {
        let (above, below) = if operation == "insert-after" { ("\n", "") } else { ("", "\n") };
        let set = patch(
            "hush",
            "src/dusk.rs",
            "type = \"tree-sitter\"\npattern = \"fn dusk\"",
            &format!("type = \"{operation}\"\ntext = {:?}", format!("{above}{hush}{below}")),
        );
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set);
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        upstream.commit();
        upstream.step("src/dusk.rs", "fn hush", "fn hush_for_night");
        is_nowhere(&upstream);
        upstream.fails(apply(), "no-match", &["fn hush_for_night", "a commit put it in the place of that"]);
        // Also where another patch puts a line into it.
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        let rest = "    horn.rest();\n";
        let dim = text_patch("dim", "src/dusk.rs", rest, &format!("{rest}    dim_lamp();\n"));
        upstream.patches(&(set.clone() + &dim));
        assert_eq!(upstream.run(apply()).succeeds().all(), "hush applied, dim applied");
        upstream.commit();
        upstream.step("src/dusk.rs", "fn hush", "fn hush_for_night");
        is_nowhere(&upstream);
        // Upstream's own function of another name that does the same is no insertion of before.
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set);
        let other = hush.replace("hush", "rest");
        let with_other =
            if below.is_empty() { format!("{DUSK}\n{other}") } else { format!("{other}\n{DUSK}") };
        upstream.write("src/dusk.rs", &with_other);
        upstream.commit();
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    }
}

#[test]
fn an_insertion_that_stands_at_another_depth_is_known_when_the_patch_is_edited() {
    let source = "impl Watch {\n    pub fn dusk(horn: &mut Horn) {\n        horn.wake();\n    }\n}\n";
    let set = |pitch: &str| text_patch("pitch", "src/dusk.rs", WAKE, &(WAKE.to_owned() + pitch));
    let mut upstream =
        Upstream::new(&[("src/dusk.rs", "pub fn dusk(horn: &mut Horn) {\n    horn.wake();\n}\n")]);
    upstream.patches(&set(LOW));
    upstream.write("src/dusk.rs", source);
    upstream.commit();
    assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "applied");
    upstream.patches(&set(HIGH));
    let words = ["line 4, `horn.set_pitch(\"low\");`", "which no commit put there"];
    upstream.fails(apply().drift(Merge), "no-match", &words);
}

#[test]
fn an_insertion_that_went_on_before_its_item_moved_is_not_made_in_the_other_file() {
    for set in pitched() {
        for with_lock in [false, true] {
            let (mut upstream, _) = went_on(&set, false, with_lock);
            let dusk = upstream.text("src/dusk.rs");
            upstream.write("src/evening.rs", &format!("use crate::Horn;\n\n{dusk}"));
            upstream.write("src/dusk.rs", "pub mod evening;\n");
            upstream.commit();
            let before = upstream.tree();
            upstream.run(apply().drift(Move)).fails();
            assert_eq!(upstream.tree(), before);
        }
    }
}

#[test]
fn an_insertion_does_not_follow_its_neighbour_where_it_was_left_behind() {
    let hush = "pub fn hush_for_night(horn: &mut Horn) {\n    horn.rest();\n}\n";
    let set = patch(
        "hush",
        "src/dusk.rs",
        "type = \"tree-sitter\"\npattern = \"fn dusk\"",
        &format!("type = \"insert-after\"\ntext = {:?}", format!("\n{hush}")),
    );
    for with_lock in [false, true] {
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK), ("src/evening.rs", "pub fn rest() {}\n")]);
        upstream.patches(&set);
        if with_lock {
            upstream.lock().succeeds();
        }
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        upstream.commit();
        upstream.edit("src/dusk.rs", DUSK, "");
        upstream.write("src/evening.rs", &format!("pub fn rest() {{}}\n\n{DUSK}"));
        upstream.commit();
        let before = upstream.tree();
        let told = upstream.run(apply().drift(Move)).fails().told();
        assert!(!with_lock || told.contains("stands in src/dusk.rs:2, and"), "{told}");
        assert_eq!(upstream.tree(), before);
    }
}

#[test]
fn the_lock_of_what_a_patch_was_tells_what_it_inserted_before() {
    for (at, set) in pitched().into_iter().enumerate() {
        for is_committed in [false, true] {
            let make = || {
                let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
                upstream.patches(&set);
                upstream.lock().succeeds();
                assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
                if is_committed {
                    upstream.commit();
                }
                upstream.patches(&set.replace("low", "high"));
                upstream
            };
            let [shallow, bare] = without_history(make);
            for upstream in [make(), shallow, bare] {
                let before = upstream.tree();
                let told = upstream.run(apply()).fails().told();
                let words = "was found, but line 3, `horn.set_pitch(\"low\");`, is what it inserted before";
                assert!(told.contains(words), "{at}: {told}");
                assert_eq!(upstream.tree(), before);
            }
        }
    }
}

#[test]
fn a_function_that_was_committed_moved_and_renamed_is_not_put_there_again() {
    let hush = "pub fn hush(horn: &mut Horn) {\n    horn.rest_for_the_night();\n    horn.sleep();\n}\n";
    let dawn = "pub fn dawn() {}\n";
    let set = patch(
        "hush",
        "src/dusk.rs",
        "type = \"tree-sitter\"\npattern = \"fn dusk\"",
        &format!("type = \"insert-after\"\ntext = {:?}", format!("\n{hush}")),
    );
    for then in [
        hush.replace("fn hush", "fn hush_late"),
        hush.replace("fn hush", "fn hush_late").replace(".sleep()", ".doze()"),
    ] {
        let mut upstream = Upstream::new(&[("src/dusk.rs", format!("{DUSK}\n{dawn}"))]);
        upstream.patches(&set);
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        upstream.commit();
        upstream.write("src/dusk.rs", &format!("{DUSK}\n{dawn}\n{then}"));
        upstream.commit();
        is_nowhere(&upstream);
        upstream.fails(
            apply(),
            "no-match",
            &["`pub fn hush_late(horn: &mut Horn) {`", "a commit put it in the place of that"],
        );
        // Right there, under another name: without history nobody knows whose it is.
        if then.contains("sleep") {
            upstream.write("src/dusk.rs", &format!("{DUSK}\n{then}\n{dawn}"));
            upstream.forget_history();
            is_nowhere(&upstream);
        }
    }
}

#[test]
fn a_committed_insertion_that_was_edited_in_front_is_not_doubled() {
    let set = |text: &str| {
        patch(
            "pitch",
            "src/dusk.rs",
            &format!("type = \"text\"\nsearch = {WAKE:?}"),
            &format!("type = \"insert-after\"\ntext = {text:?}"),
        )
    };
    for (then, now) in [
        (LOW, format!("    horn.warm_up();\n{LOW}")),
        ("    set_pitch(1);\n", "    horn::set_pitch(1);\n".to_owned()),
        ("    set_pitch(1);\n", "    let _ = set_pitch(1);\n".to_owned()),
        (
            "    #[cfg(night)]\n    horn.set_pitch(1);\n",
            "    #[cfg(fog)]\n    horn.set_pitch(1);\n".to_owned(),
        ),
    ] {
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set(then));
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        let by = upstream.commit();
        upstream.patches(&set(&now));
        is_nowhere(&upstream);
        upstream.fails(apply(), "no-match", &[&by, "is like what it inserts"]);
    }
}

/// What another patch takes away a commit put there.
#[test]
fn an_insertion_beside_what_another_patch_replaces_is_made() {
    let source = "use std::io;\n\npub fn dusk() {}\n";
    let upstream = Upstream::new(&[("src/dusk.rs", source)]);
    let insertion = patch(
        "fmt",
        "src/dusk.rs",
        "type = \"text\"\nsearch = \"use std::io;\\n\"",
        "type = \"insert-after\"\ntext = \"use std::fmt;\\n\"",
    );
    upstream
        .patches(&(insertion + &text_patch("io", "src/dusk.rs", "use std::io;\n", "use std::io::Write;\n")));
    for status in ["fmt applied, io applied", "fmt already-applied, io already-applied"] {
        assert_eq!(upstream.run(apply()).succeeds().all(), status);
    }
}

/// The commits that changed the insertion are cut off; the lock has the item as it was without it.
#[test]
fn an_insertion_with_another_text_in_a_renamed_item_is_not_doubled() {
    let haul = "impl Anchor {\n    fn haul(&self) {\n        reel(chain);\n        stow(chain);\n    }\n}\n";
    let lines = "        reel(chain);\n        stow(chain);\n";
    let own = "        own_oil(chain, 900);\n";
    let upstream = |steps: &[(&str, &str)], known| {
        let mut upstream = Upstream::new(&[("src/anchor.rs", haul)]);
        upstream.patches(&text_patch("oil", "src/anchor.rs", lines, &[lines, own].concat()));
        upstream.lock().succeeds();
        for (from, to) in steps {
            upstream.step("src/anchor.rs", from, to);
            upstream.keep_history(known);
        }
        upstream
    };
    let adopts = ("        reel", "        own_oil(chain, 900);\n        reel");
    let (changes, renames) = (("900", "905"), ("fn haul", "fn haul_up"));
    for known in [2, 9] {
        let changed = upstream(&[adopts, changes, renames], known);
        changed.fails(apply().drift(Move), "no-match", &["905"]);
    }
    // Only renamed, it is where the insertion goes.
    let renamed = upstream(&[renames], 2);
    renamed.lands(Move);
    assert_eq!(renamed.text("src/anchor.rs").matches("own_oil").count(), 1);
}

/// Nobody committed the old one, and the new one says the same of another name.
#[test]
fn an_inserted_item_of_one_line_that_was_renamed_in_the_patch_is_not_doubled() {
    for (old, new) in [
        ("fn quiet_one(x: u32) -> bool { x > 3 }", "fn silent_one(x: u32) -> bool { x > 3 }"),
        (
            "pub struct Quiet { pub path: PathBuf, pub size: u64 }",
            "pub struct Silent { pub path: PathBuf, pub size: u64 }",
        ),
        ("enum Quiet { On, Off, Auto }", "enum Silent { On, Off, Auto }"),
    ] {
        let upstream = Upstream::new(&[("src/horn.rs", "pub fn blow() {\n    air();\n}\n")]);
        let insert = |text: &str| {
            let insert = format!("type = \"insert-after\"\ntext = {text:?}");
            patch("own", "src/horn.rs", "type = \"tree-sitter\"\npattern = \"fn blow\"", &insert)
        };
        upstream.patches(&insert(old));
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        upstream.patches(&insert(new));
        upstream.fails(apply(), "no-match", &[old, "is like what it inserts"]);
    }
}

/// Upstream moved the item to another file, adopted and changed the insertion there, and moved it back: no commit of its file shows that.
#[test]
fn an_insertion_that_came_back_with_its_locked_item_and_another_text_is_not_doubled() {
    let item = |own: &str| {
        format!("pub fn furl(deck: u32) {{\n    trim(deck);\n{own}    measure(reef);\n    rest(deck);\n}}\n")
    };
    let own = |count: u32| format!("    own_call(own_name, {count});\n");
    let mut upstream =
        Upstream::new(&[("src/keel.rs", item("")), ("src/bow.rs", "pub fn bow() {}\n".to_owned())]);
    upstream.patches(&text_patch(
        "own",
        "src/keel.rs",
        "    measure(reef);\n",
        &(own(10) + "    measure(reef);\n"),
    ));
    upstream.lock().succeeds();
    let rest = "pub fn rest() {}\n";
    for (keel, bow) in
        [("", item("")), ("", item(&own(10))), ("", item(&own(15))), (item(&own(15)).as_str(), String::new())]
    {
        upstream.write("src/keel.rs", &(rest.to_owned() + keel));
        upstream.write("src/bow.rs", &("pub fn bow() {}\n".to_owned() + &bow));
        upstream.commit();
    }
    let before = upstream.tree();
    upstream.run(apply().drift(Move)).fails();
    assert_eq!(upstream.tree(), before);
}
