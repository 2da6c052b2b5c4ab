//! What a lock records: held up, merged, followed, overwritten when told to, and locked anew.

use super::evidence::patch;
use super::*;

/// The beacon with each way to name its function, locked.
fn locked() -> impl Iterator<Item = Upstream> {
    items().into_iter().map(|set| {
        let upstream = Upstream::beacon(&set);
        upstream.lock().succeeds();
        upstream
    })
}

#[test]
fn what_is_locked_and_unchanged_applies_as_if_it_were_not() {
    for mut upstream in locked() {
        upstream.step("src/beacon.rs", "since dusk", "since sunset");
        assert_eq!(upstream.run(apply()).one(), "applied");
        assert_eq!(upstream.run(apply()).one(), "already-applied");
        assert_eq!(upstream.run(status().strict()).one(), "already-applied");
        let expected = exchanged(&patched(BEACON), "dusk", "sunset");
        assert_eq!(upstream.text("src/beacon.rs"), expected);
    }
}

#[test]
fn what_upstream_changed_under_a_lock_is_not_overwritten_unasked() {
    for mut upstream in locked() {
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        let words = ["self.sweeps", "1.2.0", "--drift merge", "--accept", "src/beacon.rs:16"];
        upstream.fails(apply(), "changed-upstream", &words);
        upstream.fails(status(), "changed-upstream", &words);
        upstream.lands(Merge);
        assert_eq!(upstream.text("src/beacon.rs"), patched(&called()));
    }
}

#[test]
fn without_a_repository_a_lock_still_merges() {
    for set in items() {
        let upstream = Upstream::without_git(&[("src/beacon.rs", BEACON)]);
        upstream.patches(&set);
        upstream.lock().succeeds();
        upstream.edit("src/beacon.rs", CALL.0, CALL.1);
        upstream.fails(apply(), "changed-upstream", &["self.sweeps", "1.2.0", "--drift merge"]);
        upstream.lands(Merge);
        assert_eq!(upstream.text("src/beacon.rs"), patched(&called()));
    }
}

#[test]
fn an_accepted_change_is_overwritten_and_locked_anew() {
    for mut upstream in locked() {
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        let before = (upstream.tree(), upstream.set());
        assert_eq!(upstream.run(apply().accept().dry()).one(), "would-apply");
        assert_eq!((upstream.tree(), upstream.set()), before);
        assert_eq!(upstream.run(apply().accept()).one(), "applied");
        assert_eq!(upstream.text("src/beacon.rs"), patched(BEACON));
        assert!(upstream.lock_file().contains("self.sweeps);"), "{}", upstream.lock_file());
        assert_eq!(upstream.run(apply()).one(), "already-applied");
        upstream.run(apply().revert()).succeeds();
        assert_eq!(upstream.run(apply()).one(), "applied");
        assert_eq!(upstream.text("src/beacon.rs"), patched(BEACON));
    }
}

#[test]
fn accepting_overwrites_what_cannot_be_merged_too() {
    for mut upstream in locked() {
        upstream.step("src/beacon.rs", "blasts: 2", "blasts: 7");
        assert_eq!(upstream.run(apply().accept()).one(), "applied");
        assert_eq!(upstream.text("src/beacon.rs"), patched(BEACON));
        assert!(upstream.lock_file().contains("blasts: 7"));
        // What upstream does next is held up again.
        upstream.run(apply().revert()).succeeds();
        upstream.step("src/beacon.rs", "blasts: 7", "blasts: 8");
        upstream.fails(apply(), "changed-upstream", &["8"]);
    }
}

#[test]
fn what_is_accepted_on_a_merged_tree_is_what_upstream_made_there() {
    for mut upstream in locked() {
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        upstream.run(apply().drift(Merge)).succeeds();
        assert_eq!(upstream.text("src/beacon.rs"), patched(&called()));
        assert_eq!(upstream.run(apply().accept()).one(), "applied");
        let known = upstream.lock_file();
        let (text, result) = known.split_once("result = ").expect("a lock has a result");
        assert!(text.contains("blasts: 2") && text.contains(CALL.1), "{known}");
        assert!(result.contains("blasts: 3"), "{known}");
        upstream.check_out();
        assert_eq!(upstream.run(apply()).one(), "applied");
        assert_eq!(upstream.text("src/beacon.rs"), patched(BEACON));
    }
}

#[test]
fn a_refused_run_with_accept_leaves_the_lock_alone() {
    for mut upstream in locked() {
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        upstream.patch_file("zz.toml", &text_patch("lost", "src/beacon.rs", "nothing like this", "anything"));
        upstream.fails(apply().accept(), "no-match", &["not-attempted: sweep"]);
    }
}

#[test]
fn a_locked_function_that_both_changed_is_a_conflict() {
    for mut upstream in locked() {
        let by = upstream.step("src/beacon.rs", "blasts: 2", "blasts: 7");
        upstream.fails(apply(), "changed-upstream", &["blasts: 7"]);
        let sides = ["blasts: 2", "blasts: 7", "blasts: 3", &by];
        upstream.fails(apply().drift(Merge), "conflict", &sides);
    }
}

#[test]
fn white_space_is_no_change_to_what_is_locked() {
    let from = "        if brightness < DIM {\n            return Signal::Horn { blasts: 2 };\n        }\n";
    let to = from.replace(" < DIM {", "\n            < DIM\n        {");
    for mut upstream in locked() {
        upstream.step("src/beacon.rs", from, &to);
        assert_eq!(upstream.run(apply()).one(), "applied");
        assert_eq!(upstream.run(apply()).one(), "already-applied");
    }
}

/// A patch that puts a function beside `sweep`.
fn foghorn(place: &str) -> String {
    format!(
        "[[patches]]\nid = \"foghorn\"\nfile = \"src/beacon.rs\"\n\n[patches.query]\ntype = \"tree-sitter\"\n\
         pattern = \"fn Beacon::sweep\"\n\n[patches.operation]\ntype = \"{place}\"\ntext = '''\n\
         pub fn foghorn(&self) -> u32 {{\n    440\n}}\n'''\n"
    )
}

#[test]
fn insertions_are_not_held_up_by_a_lock_and_need_no_update() {
    for place in ["insert-before", "insert-after"] {
        let mut upstream = Upstream::beacon(&foghorn(place));
        upstream.lock().succeeds();
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        let set = upstream.set();
        assert_eq!(upstream.update().one(), "skipped");
        assert_eq!(upstream.run(apply()).one(), "applied");
        let text = upstream.text("src/beacon.rs");
        assert!(text.contains("440") && text.contains(CALL.1), "{text}");
        assert_eq!(upstream.run(apply()).one(), "already-applied");
        assert_eq!(upstream.update().one(), "already-applied");
        assert_eq!(upstream.set(), set);
    }
}

#[test]
fn a_patch_edited_since_it_was_locked_is_not_compared_and_says_so() {
    let mut upstream = Upstream::beacon(SWEEP);
    upstream.lock().succeeds();
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    upstream.patches(&SWEEP.replace("blasts: 3", "blasts: 4"));
    let told = upstream.run(status()).succeeds().told();
    assert!(told.contains("another version of this patch"), "{told}");
    upstream.lock().succeeds();
    let told = upstream.run(status()).succeeds().told();
    assert!(!told.contains("lock"), "{told}");
}

#[test]
fn status_says_that_the_surroundings_of_a_locked_place_changed() {
    let mut upstream = Upstream::beacon(&text_patch("horn", "src/beacon.rs", "blasts: 2", "blasts: 3"));
    upstream.lock().succeeds();
    let quiet = || upstream.run(status()).succeeds().told();
    assert!(!quiet().contains("warning"), "{}", quiet());
    upstream.step("src/beacon.rs", "since dusk", "since sunset");
    let quiet = upstream.run(status()).succeeds().told();
    assert!(!quiet.contains("warning"), "another item changed: {quiet}");
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let told = upstream.run(status()).succeeds().told();
    assert!(told.contains("sweep`, which contains the match, changed since the patch was locked"), "{told}");
}

#[test]
fn a_locked_function_is_followed_under_another_name_or_signature() {
    let signature = "pub fn sweep(&mut self, fog: Fog)";
    for to in ["pub fn turn(&mut self, fog: Fog)", "pub(crate) fn sweep(&mut self, fog: Fog, hour: Hour)"] {
        for mut upstream in locked() {
            upstream.step("src/beacon.rs", signature, to);
            upstream.step("src/beacon.rs", CALL.0, CALL.1);
            let upstreams = upstream.text("src/beacon.rs");
            upstream.lands(Merge);
            assert_eq!(upstream.text("src/beacon.rs"), patched(&upstreams));
        }
    }
}

#[test]
fn a_locked_function_is_followed_into_another_file() {
    let moved = format!("use super::Beacon;\n\nimpl Beacon {{\n{}\n}}\n", sweep().trim_end());
    for changed in [false, true] {
        for mut upstream in locked() {
            upstream.edit("src/beacon.rs", sweep(), "");
            upstream.write("src/beacon/sweep.rs", &moved);
            let by = upstream.commit();
            if changed {
                upstream.step("src/beacon/sweep.rs", CALL.0, CALL.1);
            }
            let upstreams = upstream.text("src/beacon/sweep.rs");
            let words = ["the code moved to src/beacon/sweep.rs", "--drift move", &by];
            upstream.fails(apply(), "no-match", &words);
            upstream.lands(Move);
            assert_eq!(upstream.text("src/beacon/sweep.rs"), patched(&upstreams));
        }
    }
}

#[test]
fn a_locked_function_that_upstream_took_away_is_gone() {
    for mut upstream in locked() {
        let by = upstream.step("src/beacon.rs", sweep(), "");
        upstream.fails(apply().drift(Move), "no-match", &["gone", &by]);
        assert_eq!(upstream.update().one(), "no-match");
    }
}

#[test]
fn a_locked_value_is_not_looked_for_in_other_keys() {
    let set = "[[patches]]\nid = \"fog\"\nfile = \"light.toml\"\n\n[patches.query]\ntype = \"toml\"\nsection = \"horn\"\n\
               key = \"volume\"\n\n[patches.operation]\ntype = \"replace-value\"\nvalue = \"'deafening'\"\n";
    let before = "[lamp]\nglow = \"warn\"\n\n[horn]\nvolume = \"loud\"\n";
    for drift in [Merge, Move] {
        let mut upstream = Upstream::new(&[("light.toml", before)]);
        upstream.patches(set);
        upstream.lock().succeeds();
        upstream.write("light.toml", "[lamp]\nglow = \"loud\"\n\n[horn]\nvolume = \"quiet\"\n");
        upstream.commit();
        upstream.fails(apply(), "changed-upstream", &["quiet"]);
        let held = upstream.tree();
        upstream.run(apply().drift(drift)).fails();
        assert_eq!(upstream.tree(), held);
        assert_eq!(upstream.run(apply().accept()).one(), "applied");
        assert!(upstream.text("light.toml").contains("glow = \"loud\""));
    }
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
    upstream.lock().succeeds();
    upstream.step("src/x.rs", "write(n);\n}\n\n", "write(n, x);\n}\n\n");
    upstream.fails(apply(), "changed-upstream", &["the lock names 2 places, of which 1 remain", "in fn a"]);

    let mut upstream = Upstream::new(&[("src/x.rs", source)]);
    let search = "    let n = read();\n    write(n);\n";
    upstream.patches(&text_patch("one", "src/x.rs", search, &search.replace("read()", "read() + 1")));
    upstream.lock().succeeds();
    upstream.edit("src/x.rs", "    write(n);\n}\n\n", "    write(n, true);\n}\n\n");
    upstream.edit("src/x.rs", "    other();\n    write(n);\n", &format!("    other();\n{search}"));
    upstream.commit();
    upstream.fails(apply(), "changed-upstream", &["fn a", "still exists"]);
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
    upstream.lock().succeeds();
    upstream.run(apply()).succeeds();
    assert_eq!(upstream.run(apply()).one(), "already-applied", "deleted by ourselves");
    upstream.check_out();
    upstream.step("src/bell.rs", "Tone::Low, 3", "Tone::Low, 3, Duration::SHORT");
    upstream.fails(apply(), "changed-upstream", &["src/bell.rs:3"]);
    upstream.forget_lock();
    upstream.fails(apply(), "conflict", &["src/bell.rs:3"]);
    upstream.forget_history();
    upstream.fails(apply(), "no-match", &["line 3 has most of its words"]);
}

#[test]
fn only_exact_places_are_locked_whatever_a_patch_allows() {
    let search = "let brightness = self.lamp.brightness(fog);";
    let set = text_patch("fuzzy", "src/beacon.rs", search, &search.replace("fog", "self.fog"))
        .replace("search =", "fuzzy_threshold = 0.5\nsearch =");
    let mut upstream = Upstream::beacon(&set);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    assert_eq!(upstream.run(apply().dry()).succeeds().one(), "would-apply");
    assert_eq!(upstream.lock().one(), "no-match");
}

#[test]
fn a_patch_that_may_follow_its_code_does_so_by_its_lock_where_changes_are_accepted() {
    let set = SWEEP.replace("id = \"sweep\"", "id = \"sweep\"\nrelocate = true");
    let upstream = Upstream::without_git(&[("src/beacon.rs", BEACON)]);
    upstream.patches(&set);
    upstream.lock().succeeds();
    upstream.edit("src/beacon.rs", "pub fn sweep", "pub fn turn");
    upstream.fails(apply().accept(), "no-match", &[]);
    upstream.edit("src/beacon.rs", "pub fn turn", "pub fn sweep");
    upstream.rename("src/beacon.rs", "src/light.rs");
    assert_eq!(upstream.run(apply().accept()).succeeds().one(), "applied");
    assert_eq!(upstream.text("src/light.rs"), patched(BEACON));
}

/// A lock that were ahead of its target would let a plain run overwrite what upstream changed, unasked.
#[test]
fn a_lock_is_renewed_after_its_target_or_not_at_all() {
    let set = SWEEP.to_owned() + &text_patch("watts", "src/lamp.rs", "watts: u32", "watts: u64");
    let mut upstream = Upstream::beacon(&set);
    upstream.lock().succeeds();
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let (tree, old) = (upstream.tree(), upstream.set());

    // The target cannot be written.
    let mine = upstream.text("src/beacon.rs") + "// mine\n";
    let stopped =
        upstream.run_while(apply().accept(), &|_, _| upstream.write("src/beacon.rs", &mine)).fails();
    assert_eq!(stopped.all(), "sweep changed-on-disk, watts not-attempted");
    assert_eq!(upstream.set(), old);
    upstream.check_out();
    let kept = upstream
        .run_while(apply().accept().keep_going(), &|_, _| upstream.write("src/beacon.rs", &mine))
        .fails();
    assert_eq!(kept.all(), "sweep changed-on-disk, watts applied");
    let sweep = |set: &std::collections::BTreeMap<String, String>| {
        let lock = &set["codex-patcher.lock"];
        lock[lock.find("id = \"sweep\"").unwrap()..lock.find("id = \"watts\"").unwrap()].to_owned()
    };
    assert_eq!(sweep(&upstream.set()), sweep(&old), "its target was not written");
    upstream.check_out();
    upstream.fails(apply(), "changed-upstream", &["self.sweeps"]);

    // The lock cannot be written.
    let lock = upstream.lock_file() + "# mine\n";
    let error =
        upstream.run_into_error(apply().accept(), &|_, _| upstream.patch_file("codex-patcher.lock", &lock));
    assert!(error.to_string().contains("codex-patcher.lock"), "{error}");
    assert_eq!(upstream.tree(), tree, "the targets are put back");
    assert_eq!(upstream.lock_file(), lock);
}

#[test]
fn a_text_that_begins_with_the_indentation_of_its_item_is_in_it() {
    let head = "    pub fn sweep(&mut self, fog: Fog) -> Signal {\n        self.sweeps += 1;\n";
    let upstream =
        Upstream::beacon(&text_patch("twice", "src/beacon.rs", head, &head.replace("+= 1", "+= 2")));
    upstream.lock().succeeds();
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}

/// Two items with one path, or with paths that differ in a type only: the lock says which of them it was.
#[test]
fn of_twins_the_locked_one_is_meant() {
    let cap = |of: &str, value: u32| {
        format!("impl Cap for {of} {{\n    fn cap(&self) -> u32 {{\n        bound({value})\n    }}\n}}\n\n")
    };
    let init = |on: &str, value: u32| format!("#[cfg({on})]\npub fn init() {{\n    bound({value});\n}}\n\n");
    for [one, other] in [["Lamp<u8>", "Lamp<u16>"], ["Box<dyn Lamp>", "Box<dyn Horn>"], ["unix", "windows"]] {
        let has_one_path = one == "unix";
        let item = |of, value| if has_one_path { init(of, value) } else { cap(of, value) };
        let make = |queried: &str| {
            let mut upstream = Upstream::new(&[("src/lamp.rs", item(one, 10) + &item(other, 20))]);
            let key = if queried == "text" { "search" } else { "pattern" };
            let query = format!("type = \"{queried}\"\n{key} = \"bound(10)\"");
            let replace = "type = \"replace\"\ntext = \"bound(99)\"";
            upstream.patches(&evidence::patch("cap", "src/lamp.rs", &query, replace));
            upstream.lock().succeeds();
            assert_eq!(upstream.lock_file().contains("item_twin = \"1 of 2\""), has_one_path);
            upstream.commit();
            upstream
        };
        for queried in ["text", "ast-grep"] {
            // What the patch looks for is the other's now.
            let mut upstream = make(queried);
            upstream.write("src/lamp.rs", &(item(one, 15) + &item(other, 10)));
            upstream.commit();
            for drift in [Off, Merge] {
                upstream.run(apply().drift(drift)).fails();
            }
            // The locked one is there beside a changed one, then alone; then the other is alone.
            let mut upstream = make(queried);
            upstream.edit("src/lamp.rs", &item(other, 20), &item(other, 21));
            upstream.commit();
            assert_eq!(upstream.copy().run(apply()).succeeds().one(), "applied");
            upstream.edit("src/lamp.rs", &item(other, 21), "");
            upstream.commit();
            let alone = upstream.copy();
            assert_eq!(alone.run(apply()).succeeds().one(), "applied");
            assert_eq!(alone.run(apply()).succeeds().one(), "already-applied");
            upstream.write("src/lamp.rs", &item(other, 10));
            upstream.commit();
            upstream.fails(apply(), "changed-upstream", &["line 3"]);
        }
    }
}

#[test]
fn a_text_of_a_toml_section_is_locked_in_that_section() {
    let manifest = |dev: &str, release: &str| {
        format!("[package]\nname = \"hold\"\n\n[profile.dev]\n{dev}\n[profile.release]\n{release}")
    };
    let [own, made] = ["opt-level = 1\nlto = true\n", "opt-level = 3\nlto = true\n"];
    let make = || {
        let upstream = Upstream::new(&[("hold/Cargo.toml", manifest("opt-level = 0\n", own))]);
        upstream.patches(&text_patch("opt", "hold/Cargo.toml", own, made));
        upstream.lock().succeeds();
        assert!(upstream.lock_file().contains("section = \"profile.release\""), "{}", upstream.lock_file());
        upstream
    };
    // The text, its effect and what is like it in another section are no place of it.
    for (dev, release) in [
        (own, "opt-level = 2\nlto = true\n"),
        (made, "codegen-units = 8\n"),
        ("opt-level = 1\nlto = true\nstrip = true\n", ""),
    ] {
        let mut upstream = make();
        upstream.write("hold/Cargo.toml", &manifest(dev, release));
        let mut bare = upstream.copy();
        bare.forget_history();
        upstream.commit();
        let before = upstream.tree();
        for drift in [Off, Merge, Move] {
            for upstream in [&upstream, &bare] {
                let told = upstream.run(apply().drift(drift)).fails().told();
                assert!(!told.contains("already-applied:"), "{dev} {release} {drift:?}: {told}");
                assert_eq!(upstream.tree(), before);
            }
        }
    }
    let mut upstream = make();
    upstream.write("hold/Cargo.toml", &manifest(own, "codegen-units = 8\n"));
    upstream.commit();
    upstream.fails(apply(), "changed-upstream", &["outside `[profile.release]`", "still exists"]);
    // Under its header it applies wherever that stands.
    upstream.write("hold/Cargo.toml", &format!("[profile.release]\n{own}"));
    upstream.commit();
    assert_eq!(upstream.run(apply()).one(), "applied");
    assert_eq!(upstream.run(apply()).one(), "already-applied");
    assert_eq!(upstream.text("hold/Cargo.toml"), format!("[profile.release]\n{made}"));
}

/// The `impl` around it got another header: what was locked is what it is compared with all the same.
#[test]
fn what_upstream_changed_in_an_item_whose_holder_was_renamed_is_not_overwritten() {
    let handler = |of: &str, first: &str, last: &str| {
        format!(
            "impl {of} for Horn {{\n    fn handle(&self, keeper: &Keeper) -> Tone {{\n        let tone = keeper.{first};\n        \
             self.warm_up(tone);\n        self.{last}\n    }}\n}}\n"
        )
    };
    let body = |first: &str, last: &str| {
        let whole = handler("Handler", first, last);
        let lines: Vec<&str> = whole.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        lines[1..lines.len() - 1].join("\n")
    };
    let make = || {
        let mut upstream = Upstream::new(&[("src/horn.rs", handler("Handler", "tone_of(2)", "blow(tone)"))]);
        upstream.patches(&patch(
            "tone",
            "src/horn.rs",
            "type = \"tree-sitter\"\npattern = \"fn Horn::handle\"",
            &format!("type = \"replace\"\ntext = {:?}", body("tone_of(3)", "blow(tone)")),
        ));
        upstream.lock().succeeds();
        upstream.step("src/horn.rs", "impl Handler", "impl Executor<Invocation>");
        upstream
    };
    let mut upstream = make();
    upstream.step("src/horn.rs", "self.blow(tone)", "self.blow(tone).with_echo()");
    upstream.lands(Merge);
    let merged = handler("Executor<Invocation>", "tone_of(3)", "blow(tone).with_echo()");
    assert_eq!(upstream.text("src/horn.rs"), merged);
    let mut upstream = make();
    upstream.step("src/horn.rs", "tone_of(2)", "tone_of(5)");
    for drift in [Merge, Move] {
        upstream.fails(apply().drift(drift), "conflict", &["tone_of(2)", "tone_of(5)", "tone_of(3)"]);
    }
    // Nothing else changed.
    make().lands(Merge);
}

/// What a locked patch makes of an item is no such item: it stands in what held that.
#[test]
fn the_effect_of_a_whole_item_that_goes_is_in_place() {
    let boat = "impl Boat {\n    pub fn moor(&mut self) {\n        self.tie();\n    }\n}\n";
    let at_once = "/// Moors.\n#[inline]\npub fn moor(boat: &mut Boat) {\n    boat.tie();\n}\n";
    let [gone, shut] = [
        "type = \"delete\"\ninsert_comment = \"// gone ashore\"",
        "type = \"replace\"\ntext = \"pub fn drift() {\\n    cast_off();\\n}\"",
    ];
    for operation in [gone, shut] {
        let alone = "pub fn moor(boat: &mut Boat) {\n    boat.tie();\n}\n";
        for (source, name) in [(boat, "Boat::moor"), (alone, "moor"), (at_once, "moor")] {
            let query = format!("type = \"tree-sitter\"\npattern = \"fn {name}\"");
            let mut upstream = Upstream::new(&[("src/boat.rs", source)]);
            upstream.patches(&super::evidence::patch("own", "src/boat.rs", &query, operation));
            upstream.lock().succeeds();
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{name} {operation}");
            for _ in 0..2 {
                assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{name} {operation}");
                upstream.commit();
            }
        }
    }
}

/// What a hole of a locked patch stands for in its effect is what it stood for when it was locked, or history tells.
#[test]
fn what_stood_beside_a_locked_place_is_not_its_effect() {
    let sound = |times: u32| {
        format!(
            "pub fn sound(deck: u32) {{\n    stow(wake, 1);\n    let buoy = stow(lit, {times});\n    rest(deck);\n}}\n"
        )
    };
    let mut upstream = Upstream::new(&[("src/keel.rs", sound(322))]);
    upstream.patches(&super::evidence::patch(
        "own",
        "src/keel.rs",
        "type = \"ast-grep\"\npattern = \"stow($A, 322)\"",
        "type = \"replace\"\ntext = \"stow($A, 1)\"\n\n[patches.constraint]\nfunction_context = \"sound\"",
    ));
    upstream.lock().succeeds();
    upstream.write("src/keel.rs", &sound(1));
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    upstream.write("src/keel.rs", &sound(500));
    upstream.commit();
    for drift in [Off, Merge, Move] {
        upstream.run(apply().drift(drift)).fails();
    }
}

/// The first lines of a locked item went into the one above it, so that its head seems to have moved.
#[test]
fn what_left_a_locked_item_for_the_one_above_it_is_another_items() {
    let [block, rest] = [
        "    if reef > 2 {\n        signal(deck);\n    }\n",
        "    if lee > 1 {\n        weigh(lit);\n    }\n",
    ];
    let function = |name: &str, lines: &str| format!("pub fn {name}(deck: u32) {{\n{lines}}}\n");
    let lower = "    measure(buoy, 309);\n    weigh(buoy, 313);\n";
    let made = function("hoist", &format!("{}{rest}", block.replace('2', "7")));
    for has_left in [true, false] {
        let mut upstream = Upstream::new(&[(
            "src/mast.rs",
            function("lower", lower) + "\n" + &function("hoist", &format!("{block}{rest}")),
        )]);
        upstream.patches(&patch(
            "own",
            "src/mast.rs",
            "type = \"tree-sitter\"\npattern = \"fn hoist\"",
            &format!("type = \"replace\"\ntext = {made:?}"),
        ));
        upstream.lock().succeeds();
        let [above, own] = match has_left {
            true => [format!("{lower}{block}"), rest.to_owned()],
            false => [format!("{lower}    trim(deck);\n"), format!("{block}    trim(deck);\n{rest}")],
        };
        upstream.write("src/mast.rs", &(function("lower", &above) + "\n" + &function("hoist", &own)));
        upstream.commit();
        assert_eq!(upstream.run(apply().drift(Move)).has_failed(), has_left);
    }
}
