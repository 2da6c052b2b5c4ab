//! Patch files of one folder, each applied in a call of its own, and once more: that gives what one call gives.

use super::evidence::{patch, without_history};
use super::*;

const DUSK: &str =
    "pub fn dusk(horn: &mut Horn) {\n    horn.wake();\n    horn.sound(3);\n    horn.rest(9);\n}\n";

const FILE: &str = "src/dusk.rs";

fn text_query(search: &str) -> String {
    format!("type = \"text\"\nsearch = {search:?}")
}

fn code_query(pattern: &str) -> String {
    format!("type = \"ast-grep\"\npattern = {pattern:?}")
}

fn after(text: &str) -> String {
    format!("type = \"insert-after\"\ntext = {text:?}")
}

fn replace(text: &str) -> String {
    format!("type = \"replace\"\ntext = {text:?}")
}

fn own(id: &str, query: &str, operation: &str) -> String {
    patch(id, FILE, query, operation)
}

/// A line that is put in, and the same as another patch wants it.
fn quiet() -> [String; 2] {
    [
        own("quiet", &text_query("    horn.wake();\n"), &after("    horn.quiet();\n")),
        own("very", &text_query("horn.quiet();"), &replace("horn.quiet(true);")),
    ]
}

/// The files of sets in which the later ones change what the earlier ones put in.
fn stacks() -> Vec<Vec<String>> {
    let wake = "horn.wake();";
    let [quiet, very] = quiet();
    let help = "\n\npub fn help(pitch: u8) -> u8 {\n    pitch + 1\n}";
    vec![
        vec![quiet.clone(), very.clone()],
        vec![
            own("quiet", &code_query(wake), &after("horn.quiet();")),
            own("very", &code_query("horn.quiet()"), &replace("horn.quiet(true)")),
        ],
        // Nothing like it is left.
        vec![quiet.clone(), own("other", &text_query("horn.quiet();"), &replace("mute_all();"))],
        vec![quiet, very, own("most", &text_query("quiet(true)"), &replace("quiet(true, 2)"))],
        vec![
            own("wrap", &code_query("horn.sound($N)"), &replace("log(horn.sound($N))")),
            own("name", &code_query("log($E)"), &replace("trace($E)")),
        ],
        vec![
            own(
                "block",
                &text_query("    horn.wake();\n"),
                &after("    if LOUD {\n        horn.quiet();\n    }\n"),
            ),
            own("more", &text_query("        horn.quiet();\n"), &after("        horn.dim();\n")),
        ],
        vec![
            own("help", "type = \"tree-sitter\"\npattern = \"fn dusk\"", &after(help)),
            own("two", &text_query("pitch + 1"), &replace("pitch + 2")),
        ],
        vec![
            own(
                "use",
                "type = \"tree-sitter\"\npattern = \"fn dusk\"",
                "type = \"insert-before\"\ntext = \"use a::b;\\n\"",
            ),
            own("c", &text_query("use a::b;"), &replace("use a::c;")),
        ],
    ]
}

fn in_files(files: &[String]) -> (Upstream, Vec<String>) {
    let upstream = Upstream::new(&[(FILE, DUSK)]);
    let names: Vec<String> = (1..=files.len()).map(|number| format!("{number}.toml")).collect();
    names.iter().zip(files).for_each(|(name, file)| upstream.patch_file(name, file));
    (upstream, names)
}

#[test]
fn files_applied_one_by_one_and_twice_give_what_one_call_gives() {
    for files in stacks() {
        let (mut upstream, names) = in_files(&files);
        let all = upstream.applied(apply());
        for name in &names {
            assert_eq!(upstream.run_file(name, apply()).succeeds().one(), "applied", "{files:?}");
            let again = upstream.run_file(name, apply()).succeeds();
            assert_eq!(again.one(), "already-applied", "{files:?}");
        }
        let is_in_place = |upstream: &Upstream| {
            for name in &names {
                for options in [apply(), status()] {
                    let ran = upstream.run_file(name, options).succeeds();
                    assert_eq!(ran.one(), "already-applied", "{files:?}");
                }
            }
            upstream.run(apply()).succeeds();
            assert_eq!(upstream.tree(), all, "{files:?}");
        };
        is_in_place(&upstream);
        upstream.commit();
        is_in_place(&upstream);
    }
}

#[test]
fn without_history_an_insertion_is_not_made_beside_what_a_file_beside_made_of_it() {
    let make = || {
        let (mut upstream, _) = in_files(&quiet());
        upstream.run(apply()).succeeds();
        upstream.commit();
        upstream
    };
    for upstream in without_history(make) {
        let all = upstream.tree();
        for name in ["1.toml", "2.toml"] {
            assert_eq!(upstream.run_file(name, apply()).succeeds().one(), "already-applied");
        }
        assert_eq!(upstream.tree(), all);
    }
}

/// What a file beside makes of the text of a patch stood there all the time.
#[test]
fn a_file_that_takes_a_patch_back_does_not_say_that_it_is_in_place() {
    for (query, on, off) in [
        ("horn.sound($N)", "horn.sound($N, LOUD)", "horn.sound($N)"),
        ("horn.sound($N)", "log(horn.sound($N))", "horn.sound($N)"),
    ] {
        let sets = [own("on", &code_query(query), &replace(on)), own("off", &code_query(on), &replace(off))];
        let (upstream, _) = in_files(&sets);
        for _ in 0..2 {
            assert_eq!(upstream.run_file("1.toml", apply()).succeeds().one(), "applied", "{on}");
            assert_eq!(upstream.run_file("1.toml", apply()).succeeds().one(), "already-applied", "{on}");
            assert_eq!(upstream.run_file("2.toml", apply()).succeeds().one(), "applied", "{on}");
            assert_eq!(upstream.text(FILE), DUSK);
        }
    }
}

#[test]
fn what_no_file_beside_puts_there_is_a_mistake_in_the_query() {
    let [quiet, _] = quiet();
    let typo = own("typo", &text_query("horn.snd(3)"), &replace("horn.sound(3)"));
    let (upstream, _) = in_files(&[quiet, typo]);
    upstream.run_file("1.toml", apply()).succeeds();
    assert_eq!(upstream.run_file("2.toml", apply()).one(), "no-match");
}

/// The text of an insertion was edited, and the old version is kept in a patch that takes no part: it explains nothing.
#[test]
fn a_version_of_before_that_takes_no_part_explains_nothing() {
    let set = |id: &str, line: &str, pitch: u8| {
        let text = format!("    horn.set_mode(\"quiet\", {pitch});\n");
        own(id, &text_query("    horn.wake();\n"), &after(&text))
            .replace(&format!("id = \"{id}\"\n"), &format!("id = \"{id}\"\n{line}"))
    };
    for (old, new) in [
        ("version = \"<1.2\"\n", "version = \">=1.2\"\n"),
        ("version = \">=1.3\"\n", ""),
        ("enabled = false\n", ""),
    ] {
        for is_beside in [false, true] {
            for is_committed in [false, true] {
                let (mut upstream, _) = in_files(&[set("mode", "", 5)]);
                upstream.run(apply()).succeeds();
                if is_committed {
                    upstream.commit();
                }
                let [old, new] = [set("old", old, 5), set("mode", new, 7)];
                match is_beside {
                    true => {
                        upstream.patch_file("1.toml", &new);
                        upstream.patch_file("2.toml", &old);
                    }
                    false => upstream.patch_file("1.toml", &(old + &new)),
                }
                let before = upstream.tree();
                let ran = upstream.run_file("1.toml", apply());
                assert_eq!(ran.all_causes(), "no-match", "{}", ran.told());
                assert_eq!(upstream.tree(), before);
            }
        }
    }
}

#[test]
fn a_patch_on_which_a_file_beside_rests_is_not_taken_back_with_others() {
    let sound = own("sound", &text_query("sound(3)"), &replace("sound(4)"));
    let [quiet, very] = quiet();
    let mute = own("very", &text_query("    horn.quiet();\n"), &replace("    mute_all();\n"));
    let both = own("very", &text_query("wake();\n    horn.quiet();"), &replace("wake_quietly();"));
    for (very, is_one_call) in [(very, true), (mute, true), (both, false)] {
        let (upstream, names) = in_files(&[sound.clone() + &quiet, very]);
        for name in names {
            upstream.run_file(&name, apply()).succeeds();
        }
        let before = upstream.tree();
        let ran = upstream.run_file("1.toml", apply().revert()).fails();
        assert_eq!(upstream.tree(), before);
        if is_one_call {
            assert!(ran.told().contains("`very` would not apply without this patch"), "{}", ran.told());
            assert_eq!(ran.all_causes(), "conflict, conflict");
            let one = upstream.run_file("1.toml", apply().only("sound").revert()).succeeds();
            assert_eq!(one.all(), "sound reverted, quiet skipped");
            upstream.run(apply().revert()).succeeds();
            assert_eq!(upstream.text(FILE), DUSK);
        }
    }
}

/// Of two that change the same, the later file has the last word, as in one call.
#[test]
fn a_file_is_applied_over_what_an_earlier_one_made_of_its_place() {
    let query = "type = \"tree-sitter\"\npattern = \"fn dusk\"";
    let louder = |pitch: u8| replace(DUSK.replace("sound(3)", &format!("sound({pitch})")).trim_end());
    let calls = |pitch: u8| (code_query("horn.sound($N)"), replace(&format!("horn.sound({pitch})")));
    let items = |pitch: u8| (query.to_owned(), louder(pitch));
    for set in [&items as &dyn Fn(u8) -> (String, String), &calls] {
        let sets = [("a", set(4)), ("b", set(5))].map(|(id, (query, operation))| own(id, &query, &operation));
        let (mut upstream, names) = in_files(&sets);
        let all = upstream.applied(apply());
        for is_committed in [false, true] {
            let (mut upstream, _) = in_files(&sets);
            for name in &names {
                assert_eq!(upstream.run_file(name, apply()).succeeds().one(), "applied");
                if is_committed {
                    upstream.commit();
                }
            }
            assert_eq!(upstream.tree(), all);
        }
        // The other way round, the earlier one stands beneath.
        upstream.run_file("2.toml", apply()).succeeds();
        assert_eq!(upstream.run_file("1.toml", apply()).succeeds().one(), "already-applied");
        assert_eq!(upstream.tree(), all);
        upstream.commit();
    }
}

/// What another patch is to make, and does not make, nothing rests on.
#[test]
fn a_patch_of_what_another_has_not_made_never_matched() {
    let louder = |condition: &str| {
        own("louder", &text_query("sound(3)"), &replace("sound(4, 5)"))
            .replace("id = \"louder\"\n", &format!("id = \"louder\"\n{condition}"))
    };
    let on_it = [
        own(
            "short",
            &text_query("    horn.sound(4, 5);\n    horn.rest(9);\n"),
            &replace("    horn.rest(9);\n"),
        ),
        own("rest", &code_query("horn.sound(4, 5)"), &replace("horn.rest(9)")),
        own("none", &code_query("horn.sound(4, 5);"), "type = \"delete\""),
    ];
    for set in on_it {
        let (upstream, _) = in_files(&[louder(""), set.clone()]);
        for options in [apply(), status(), apply().drift(Move)] {
            assert_eq!(upstream.run_file("2.toml", options).fails().one(), "no-match", "{set}");
        }
        for condition in ["enabled = false\n", "version = \">=9.1\"\n", "version = \"<0.1\"\n"] {
            let (upstream, _) = in_files(&[louder(condition) + &set]);
            let ran = upstream.run(apply().version("1.2.3"));
            assert_eq!(ran.all_causes(), "no-match", "{set}{}", ran.told());
            // Nor with a file beside that is in place.
            let wake = own("dim", &text_query("    horn.wake();\n"), &after("    horn.dim_at_once();\n"));
            let (mut upstream, _) = in_files(&[wake, louder(condition) + &set]);
            upstream.run_file("1.toml", apply()).succeeds();
            upstream.commit();
            let ran = upstream.run_file("2.toml", apply().version("1.2.3"));
            assert_eq!(ran.all_causes(), "no-match", "{set}{}", ran.told());
        }
    }
}

#[test]
fn one_file_of_those_that_build_on_each_other_is_taken_back() {
    let section = |id: &str, query: &str, operation: &str| patch(id, "hold/Cargo.toml", query, operation);
    let key = |name: &str| {
        let query = format!("type = \"toml\"\nsection = \"profile.dist\"\nkey = \"{name}\"");
        section(name, &query, "type = \"set-value\"\nvalue = \"true\"")
    };
    let appended = section(
        "dist",
        "type = \"toml\"\nsection = \"profile.dist\"",
        "type = \"append-section\"\ntext = \"[profile.dist]\\nlto = true\\n\"",
    );
    let louder = own("louder", &text_query("horn.sound(3)"), &replace("horn.sound(4)"));
    let short =
        own("short", &text_query("    horn.sound(4);\n    horn.rest(9);\n"), &replace("    horn.rest(9);\n"));
    for (files, left) in [
        (vec![appended, key("strip"), key("debug")], "[profile.dist]\nlto = true\ndebug = true\n"),
        (vec![louder, short], "horn.sound(4);\n    horn.rest(9);"),
    ] {
        let upstream = Upstream::new(&[(FILE, DUSK), ("hold/Cargo.toml", "[package]\nname = \"hold\"\n")]);
        for (number, file) in files.iter().enumerate() {
            upstream.patch_file(&format!("{number}.toml"), file);
        }
        upstream.run(apply()).succeeds();
        assert_eq!(upstream.run_file("1.toml", apply().revert()).succeeds().one(), "reverted");
        let all = upstream.text(FILE) + &upstream.text("hold/Cargo.toml");
        assert!(all.contains(left), "{all}");
    }
}

/// Whether the earlier one was applied is not to be seen in the file.
#[test]
fn what_stood_beneath_a_patch_that_is_taken_back_is_told() {
    let query = code_query("horn.sound($N)");
    let sets =
        [("a", 4), ("b", 5)].map(|(id, pitch)| own(id, &query, &replace(&format!("horn.sound({pitch})"))));
    let (upstream, _) = in_files(&sets);
    upstream.run(apply()).succeeds();
    let ran = upstream.run_file("2.toml", apply().revert()).succeeds();
    assert_eq!(upstream.text(FILE), DUSK);
    assert!(ran.report.warnings.iter().any(|told| told.contains("`a` may have been in place beneath")));
}

/// Two patches of one line: each is in place by what it changed, whether or not the other one was made.
#[test]
fn of_two_patches_of_a_line_the_second_alone_is_in_place() {
    let mut set = text_patch("one", "src/horn.rs", "blow(1,", "blow(10,");
    set += &("\n".to_owned() + &text_patch("two", "src/horn.rs", ", 2);", ", 20);"));
    let upstream = Upstream::new(&[("src/horn.rs", "pub fn sound() {\n    blow(1, 2);\n    rest();\n}\n")]);
    upstream.patches(&set);
    upstream.run(apply().only("two")).succeeds();
    upstream.run(crate::run::Options::new(crate::outcome::Command::Verify).only("two")).succeeds();
    assert_eq!(upstream.run(apply()).succeeds().all(), "one applied, two already-applied");
    assert_eq!(upstream.run(apply()).succeeds().all(), "one already-applied, two already-applied");
    assert!(upstream.text("src/horn.rs").contains("blow(10, 20);"));
}

/// What stood beside the place when the patch was locked is none of it.
#[test]
fn a_lock_tells_that_a_like_line_beside_an_insertion_is_upstreams() {
    let mut upstream = Upstream::new(&[("src/horn.rs", "pub fn sound() {\n    blow();\n    rest();\n}\n")]);
    upstream.patches(&patch(
        "own",
        "src/horn.rs",
        "type = \"text\"\nsearch = \"    blow();\\n\"",
        "type = \"insert-after\"\ntext = \"    set_level(3);\\n\"",
    ));
    upstream.step("src/horn.rs", "    blow();\n", "    blow();\n    set_level(5);\n");
    upstream.fails(apply(), "no-match", &["set_level(5);", "or lock the patch"]);
    upstream.lock().succeeds();
    for decision in ["applied", "already-applied"] {
        assert_eq!(upstream.run(apply()).succeeds().one(), decision);
    }
}

/// The second changes what the first inserts; upstream renamed their file since. The first alone is in place there.
#[test]
fn of_two_patches_of_a_renamed_file_the_first_alone_knows_the_second() {
    let first = patch(
        "first",
        "src/bow.rs",
        "type = \"text\"\nsearch = \"    stow(deck);\\n\"",
        "type = \"insert-before\"\ntext = \"    own_call(deck, 9);\\n\"",
    );
    let second = text_patch("second", "src/bow.rs", "own_call(deck, 9);", "own_call(deck, 1);");
    let file = "pub fn steer(deck: u32) {\n    trim(deck);\n    stow(deck);\n    rest(deck);\n}\n";
    let mut upstream = Upstream::new(&[("src/bow.rs", file)]);
    upstream.patches(&(first + "\n" + &second));
    upstream.run(apply()).succeeds();
    upstream.commit();
    upstream.rename("src/bow.rs", "src/hull.rs");
    upstream.commit();
    let once = upstream.tree();
    for id in ["first", "second", "first"] {
        upstream.run(apply().drift(Move).only(id)).succeeds();
        assert_eq!(upstream.tree(), once, "{id}");
    }
}
