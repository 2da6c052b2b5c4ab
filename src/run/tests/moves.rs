//! Patches that follow their code into other files, and what keeps them from it.

use super::evidence::patch;
use super::*;

const TESTED: &str = "pub fn tide(hour: u32) -> u32 {\n    hour % 12\n}\n\n#[cfg(test)]\nmod tests {\n    use super::tide;\n\n    \
                      #[test]\n    fn tide_turns_after_twelve_hours() {\n        let evening = tide(18);\n        \
                      assert_eq!(evening, 6, \"ebb in the evening\");\n    }\n}\n";

#[test]
fn what_was_deleted_for_good_is_gone_and_the_commit_is_named() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.remove("src/beacon.rs");
    let by = upstream.commit();
    upstream.write("src/lamp.rs", &format!("{LAMP}\npub fn unlit() {{}}\n"));
    upstream.commit();
    upstream.fails(apply().drift(Move), "no-match", &["gone", &by]);
    upstream.fails(apply().drift(Merge), "no-match", &["gone", &by]);
    upstream.fails(apply(), "bad-target", &[&by]);
}

#[test]
fn a_block_that_left_its_module_is_followed_and_dedented() {
    let line = "assert_eq!(evening, 6, \"ebb in the evening\");\n";
    let search = format!("        let evening = tide(18);\n        {line}");
    let more = "assert_eq!(evening, 6, \"ebb at six\");\n";
    let text = format!("        let evening = tide(18);\n        {more}        ring_bell();\n");
    let mut upstream = Upstream::new(&[("src/tide.rs", TESTED), ("src/lamp.rs", LAMP)]);
    upstream.patches(&text_patch("ebb", "src/tide.rs", &search, &text));
    let (code, tests) = TESTED.split_once("#[cfg(test)]").unwrap();
    let dedented = |line| format!("{}\n", str::strip_prefix(line, "    ").unwrap_or(line));
    let inner: String = tests.lines().skip(2).map(dedented).collect();
    let inner = inner.trim_end().trim_end_matches('}').to_owned();
    upstream.write("src/tide.rs", &format!("{code}#[cfg(test)]\nmod tide_tests;\n"));
    upstream.write("src/tide_tests.rs", &inner);
    let by = upstream.commit();
    let hint = "the code moved to src/tide_tests.rs:5: --drift move would apply the patch there";
    upstream.fails(apply(), "no-match", &[hint, &by]);
    upstream.fails(apply().drift(Merge), "no-match", &["moved to src/tide_tests.rs:5"]);
    upstream.lands(Move);
    let expected = exchanged(&inner, &format!("    {line}"), &format!("    {more}    ring_bell();\n"));
    assert_eq!(upstream.text("src/tide_tests.rs"), expected);
}

#[test]
fn a_block_put_into_two_files_is_listed_and_neither_is_taken() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.edit("src/beacon.rs", BLOCK, "");
    for name in ["north", "south"] {
        upstream.write(&format!("src/{name}.rs"), &format!("fn {name}(&self) {{\n{BLOCK}}}\n"));
    }
    let by = upstream.commit();
    upstream.fails(apply().drift(Move), "ambiguous", &["src/north.rs:2", "src/south.rs:2", &by]);
}

#[test]
fn two_heirs_of_a_file_are_listed_and_neither_is_taken() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.remove("src/beacon.rs");
    upstream.write("src/north.rs", &BEACON.replace("Beacon", "North"));
    upstream.write("src/south.rs", &BEACON.replace("Beacon", "South"));
    let by = upstream.commit();
    upstream.fails(apply().drift(Move), "ambiguous", &["src/north.rs:18", "src/south.rs:18", &by]);
}

#[test]
fn a_fork_that_stood_there_before_is_not_where_code_went() {
    for with_file in [true, false] {
        let mut upstream = Upstream::beacon(BLASTS);
        // A copy, made while the beacon was still there.
        upstream.write("src/beacon_v2.rs", &BEACON.replace("Beacon", "BeaconV2"));
        upstream.commit();
        if with_file {
            upstream.edit("src/beacon.rs", BLOCK, "");
        } else {
            upstream.remove("src/beacon.rs");
        }
        let by = upstream.commit();
        upstream.fails(apply().drift(Move), "no-match", &["gone", &by]);
    }
}

#[test]
fn without_a_repository_unique_text_is_found_in_another_file() {
    let moved = format!("//! The light.\n\nmod inner;\n\n{}", BEACON.replace("SWEEP_SECONDS", "TURN"));
    let there = ("src/light.rs", moved.as_str());
    let upstream = Upstream::without_git(&[there, ("src/lamp.rs", LAMP)]);
    upstream.patches(BLASTS);
    let hint = "the code moved to src/light.rs:22: --drift move would apply the patch there";
    upstream.fails(apply(), "bad-target", &[hint]);
    upstream.fails(apply().drift(Merge), "bad-target", &[hint]);
    let told = upstream.lands(Move).told();
    assert!(told.contains("moved from src/beacon.rs"), "{told}");
    assert_eq!(upstream.text("src/light.rs"), patched(&moved));
    // Its own file is there, and holds nothing of it.
    let upstream = Upstream::without_git(&[there, ("src/beacon.rs", "mod light;\n")]);
    upstream.patches(BLASTS);
    upstream.lands(Move);
    assert_eq!(upstream.text("src/light.rs"), patched(&moved));
}

#[test]
fn without_a_repository_short_text_and_twins_are_not_followed() {
    let upstream = Upstream::without_git(&[("src/light.rs", BEACON), ("src/beacon.rs", "mod light;\n")]);
    upstream.patches(&text_patch("short", "src/beacon.rs", "self.sweeps += 1;", "self.sweeps += 2;"));
    upstream.fails(apply().drift(Move), "no-match", &[]);
    let upstream = Upstream::without_git(&[
        ("src/north.rs", BEACON.replace("Beacon", "North")),
        ("src/south.rs", BEACON.replace("Beacon", "South")),
        ("src/beacon.rs", "mod north;\nmod south;\n".to_owned()),
    ]);
    upstream.patches(BLASTS);
    upstream.fails(apply().drift(Move), "ambiguous", &["src/north.rs:18", "src/south.rs:18"]);
}

#[test]
fn one_patch_may_follow_while_the_others_do_not() {
    let search = "/// How long a sweep of the beam takes.\npub const SWEEP_SECONDS: u64 = 12;\n";
    let seconds = text_patch("seconds", "src/beacon.rs", search, &search.replace("12", "15"));
    let file = "file = \"src/beacon.rs\"\n";
    let blasts = exchanged(BLASTS, file, &format!("{file}relocate = true\n"));
    let mut upstream = Upstream::beacon(&format!("{blasts}\n{seconds}"));
    upstream.rename("src/beacon.rs", "src/light.rs");
    upstream.commit();
    upstream.step("src/light.rs", CALL.0, CALL.1);
    assert_eq!(upstream.run(apply().keep_going()).all(), "blasts applied, seconds bad-target");
    assert_eq!(upstream.text("src/light.rs"), patched(&called()));
    assert_eq!(upstream.run(apply().drift(Move)).all(), "blasts already-applied, seconds applied");
}

#[test]
fn revert_takes_back_what_was_followed_into_another_file() {
    let tune = |name: &str| {
        format!(
            "pub fn {name}(organ: &Organ) -> Tune {{\n    let pipes = organ.pipes_of({name:?});\n    let pitch_{name} = pipes.pitch();\n    play_{name}(pitch_{name})\n}}\n\n"
        )
    };
    let set = text_patch(
        "louder",
        "src/a.rs",
        "    let pitch_psalm = pipes.pitch();\n    play_psalm(pitch_psalm)\n",
        "    let pitch_psalm = pipes.pitch();\n    swell();\n    play_psalm(pitch_psalm)\n",
    );
    let mut upstream =
        Upstream::new(&[("src/a.rs", tune("hymn") + &tune("psalm")), ("src/z.rs", tune("chorale"))]);
    upstream.patches(&set);
    upstream.write("src/a.rs", &tune("hymn"));
    upstream.write("src/z.rs", &(tune("chorale") + &tune("psalm")));
    upstream.commit();
    let before = upstream.tree();
    upstream.lands(Move);
    assert_ne!(upstream.tree(), before);
    assert_eq!(upstream.run(apply().drift(Move).revert()).one(), "reverted");
    assert_eq!(upstream.tree(), before);
}

#[test]
fn a_second_run_knows_what_a_structural_patch_made_in_another_file() {
    let watch = "pub fn watch(keeper: &Keeper) {\n    let lamp = keeper.lamp_of(Side::North);\n    keeper.report_flame(lamp, 3);\n}\n";
    let rest = "pub fn rest(keeper: &Keeper) {\n    keeper.sleep();\n}\n";
    for (query, operation) in [
        (
            "type = \"ast-grep\"\npattern = \"keeper.report_flame($LAMP, 3)\"",
            "type = \"replace\"\ntext = \"keeper.conceal_flame($LAMP)\"",
        ),
        (
            "type = \"tree-sitter\"\npattern = \"fn watch\"",
            "type = \"replace\"\ntext = \"pub fn watch(_: &Keeper) {\\n    hide_all_lamps();\\n}\"",
        ),
    ] {
        let mut upstream = Upstream::new(&[
            ("src/watch.rs", &format!("{rest}\n{watch}")),
            ("src/night.rs", &"pub fn night() {\n    stars();\n}\n".to_owned()),
        ]);
        upstream.patches(&evidence::patch("hide", "src/watch.rs", query, operation));
        upstream.edit("src/watch.rs", &format!("\n{watch}"), "");
        upstream.write("src/night.rs", &format!("pub fn night() {{\n    stars();\n}}\n\n{watch}"));
        upstream.commit();
        assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied");
        assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
        upstream.commit();
        assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
    }
}

/// A fork commits its patches, and what they changed goes elsewhere after that.
#[test]
fn what_was_committed_and_then_moved_is_in_place_there() {
    let watch = "pub fn watch(keeper: &Keeper) {\n    let lamp = keeper.lamp_of(Side::North);\n    keeper.report_flame(lamp, 3);\n}\n";
    let rest = "pub fn rest(keeper: &Keeper) {\n    keeper.sleep();\n}\n";
    let set = evidence::patch(
        "shade",
        "src/watch.rs",
        "type = \"ast-grep\"\npattern = \"keeper.report_flame(lamp, 3);\"",
        "type = \"insert-before\"\ntext = \"keeper.shade_all(lamp);\"",
    );
    let mut upstream = Upstream::new(&[
        ("src/watch.rs", &format!("{watch}\n{rest}")),
        ("src/night.rs", &"pub fn night() {\n    stars();\n}\n".to_owned()),
    ]);
    upstream.patches(&set);
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    upstream.commit();
    let made = upstream.text("src/watch.rs").replace(&format!("\n{rest}"), "");
    upstream.write("src/watch.rs", rest);
    upstream.write("src/night.rs", &format!("pub fn night() {{\n    stars();\n}}\n\n{made}"));
    upstream.commit();
    let before = upstream.tree();
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
    assert_eq!(upstream.tree(), before);
    // Without the effect it is to be made there.
    upstream.step("src/night.rs", "    keeper.shade_all(lamp);\n", "");
    upstream.run(apply().drift(Move)).fails();
}

/// The ends of an item are known, whatever upstream changed inside.
#[test]
fn an_insertion_beside_a_whole_item_goes_with_it() {
    let watch =
        "pub fn watch(keeper: &Keeper) {\n    begin(keeper);\n    finish(keeper);\n    close(keeper);\n}\n";
    for (operation, text) in
        [("insert-after", "\npub fn audit() {}\n"), ("insert-before", "pub fn audit() {}\n\n")]
    {
        let set = evidence::patch(
            "audit",
            "src/watch.rs",
            "type = \"tree-sitter\"\npattern = \"fn watch\"",
            &format!("type = \"{operation}\"\ntext = {text:?}"),
        );
        for is_committed in [false, true] {
            let mut upstream = Upstream::new(&[("src/watch.rs", format!("{watch}\npub fn rest() {{}}\n"))]);
            upstream.patches(&set);
            upstream.lock().succeeds();
            if is_committed {
                assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
                upstream.commit();
            }
            upstream.rename("src/watch.rs", "src/night.rs");
            upstream.edit("src/night.rs", "finish(keeper)", "finish(keeper, now())");
            upstream.commit();
            let expected = if is_committed { "already-applied" } else { "applied" };
            assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), expected, "{operation}");
            let now = upstream.text("src/night.rs");
            assert_eq!(now.matches("pub fn audit() {}").count(), 1, "{now}");
            assert!(now.contains("finish(keeper, now());\n    close(keeper);\n}\n"), "{now}");
        }
    }
}

/// One commit put a copy of the file beside it, and changed the item here.
#[test]
fn a_copy_is_not_where_code_moved_while_its_own_item_is_where_it_was() {
    let parse = |call: &str| {
        format!(
            "pub fn parse(input: &str) -> Ast {{\n    let tokens = {call}(input)?;\n    let limit = 64;\n    build(tokens, limit)\n}}\n"
        )
    };
    let ast = "type = \"ast-grep\"\npattern = \"lex(input)?\"";
    let text = "type = \"text\"\nsearch = \"    let tokens = lex(input)?;\\n    let limit = 64;\\n\"";
    let whole = "type = \"tree-sitter\"\npattern = \"fn parse\"";
    let replace = "type = \"replace\"\ntext = \"lex(&input[..9])?\"";
    for (query, operation, is_locked) in [
        (ast, replace, false),
        (ast, replace, true),
        (text, "type = \"delete\"", false),
        (whole, "type = \"delete\"", true),
    ] {
        let mut upstream = Upstream::new(&[("src/parse.rs", parse("lex"))]);
        upstream.patches(&patch("own", "src/parse.rs", query, operation));
        if is_locked {
            upstream.lock().succeeds();
        }
        upstream.write("src/legacy.rs", &parse("lex"));
        upstream.write("src/parse.rs", &parse("lex_fast"));
        upstream.commit();
        let told = upstream.run(apply().drift(Move)).told();
        assert_eq!(upstream.text("src/legacy.rs"), parse("lex"), "{query}: {told}");
        assert!(!told.contains("moved from"), "{query}: {told}");
        upstream.update();
        assert!(!upstream.set_file().contains("legacy"), "{}", upstream.set_file());
    }
}

#[test]
fn of_two_files_that_one_commit_made_of_a_file_git_does_not_know_which_it_is() {
    let parse =
        "pub fn parse(input: &str) -> Ast {\n    let tokens = lex(input)?;\n    build(tokens, 64)\n}\n";
    for (query, operation) in [
        ("type = \"tree-sitter\"\npattern = \"fn parse\"", "type = \"delete\""),
        ("type = \"ast-grep\"\npattern = \"lex($A)?\"", "type = \"replace\"\ntext = \"lex_own($A)?\""),
    ] {
        for is_twice in [true, false] {
            let mut upstream = Upstream::new(&[("src/parse.rs", parse)]);
            upstream.patches(&patch("own", "src/parse.rs", query, operation));
            upstream.rename("src/parse.rs", "src/a.rs");
            if is_twice {
                upstream.write("src/b.rs", parse);
            }
            upstream.commit();
            let ran = upstream.run(apply().drift(Move));
            assert_eq!(ran.has_failed(), is_twice, "{query}: {}", ran.told());
        }
    }
}

/// One commit moves a function to a file that there was; what takes its old place is like it, or nothing.
#[test]
fn what_the_search_found_in_another_file_is_in_place_there_on_a_second_run() {
    let send = |what: &str| {
        format!(
            "pub fn send_{what}(horn: &Horn) {{\n    let blast = horn.blast(Tone::Low, SECONDS);\n    let echo = hear(&blast, SHORE);\n    horn.report(echo).rest();\n}}\n"
        )
    };
    let constraint = "[patches.constraint]\nfunction_context = \"send_dusk\"\n";
    let shorthand = "type = \"tree-sitter\"\npattern = \"fn send_dusk\"";
    let call = "type = \"ast-grep\"\npattern = \"hear(&blast, $S)\"";
    let sets = [
        super::evidence::patch(
            "own",
            "src/a.rs",
            shorthand,
            "type = \"insert-before\"\ntext = \"fn more() {}\\n\\n\"",
        ),
        super::evidence::patch(
            "own",
            "src/a.rs",
            shorthand,
            "type = \"insert-after\"\ntext = \"\\nfn more() {}\\n\"",
        ),
        super::evidence::patch(
            "own",
            "src/a.rs",
            call,
            "type = \"replace\"\ntext = \"hear_well(&blast, $S)\"",
        ) + constraint,
    ];
    for set in sets {
        for left in [send("dawn"), "pub fn rest() {}\n".to_owned()] {
            let mut upstream =
                Upstream::new(&[("src/a.rs", send("dusk")), ("src/b.rs", "pub fn b() {}\n".to_owned())]);
            upstream.patches(&set);
            upstream.write("src/a.rs", &left);
            upstream.write("src/b.rs", &format!("pub fn b() {{}}\n\n{}", send("dusk")));
            upstream.commit();
            assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied", "{set}");
            let once = upstream.tree();
            for _ in 0..2 {
                assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied", "{set}");
                upstream.commit();
            }
            assert_eq!(upstream.tree(), once);
        }
    }
}

/// The change was made, taken back elsewhere in its item, and the file renamed.
#[test]
fn what_was_undone_in_a_file_that_was_renamed_since_is_not_in_place() {
    let moor = |calls: &str| format!("pub fn moor(deck: u32) {{\n{calls}}}\n");
    let [tie, trim, rest] = ["    tie(rope, 335);\n", "    trim(keel, 338);\n", "    rest(deck, 339);\n"];
    let mut upstream = Upstream::new(&[("src/mast.rs", moor(&[tie, trim, rest].concat()))]);
    upstream.patches(&text_patch("own", "src/mast.rs", &[tie, trim, rest].concat(), &[tie, rest].concat()));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    upstream.commit();
    upstream.write("src/mast.rs", &moor(&[tie, rest, trim].concat()));
    upstream.commit();
    upstream.rename("src/mast.rs", "src/hull.rs");
    upstream.commit();
    super::evidence::is_nowhere(&upstream);
}

/// The line that goes was changed, and then moved to an item of another file.
#[test]
fn what_was_changed_and_then_moved_elsewhere_was_not_taken_away() {
    let [first, line] = ["    let swell = weigh(deck, 1);\n", "    let reef = trim(deck, 1);\n"];
    let haul = |line: &str| {
        format!(
            "pub fn haul(deck: u32) {{\n    let wake = weigh(deck, 3);\n{first}{line}    let lee = stow(deck, 1);\n}}\n"
        )
    };
    let steer =
        |line: &str| format!("pub fn steer(deck: u32) {{\n    let knot = signal(deck, 331);\n{line}}}\n");
    let mut upstream = Upstream::new(&[("src/stern.rs", haul(line)), ("src/keel.rs", steer(""))]);
    upstream.patches(&text_patch("own", "src/stern.rs", &[first, line].concat(), first));
    let changed = "    let reef = heave(deck, 2);\n";
    upstream.write("src/stern.rs", &haul(changed));
    upstream.commit();
    upstream.write("src/stern.rs", &haul(""));
    upstream.write("src/keel.rs", &steer(changed));
    upstream.commit();
    super::evidence::is_nowhere(&upstream);
}

/// What came to another file when its own went is still that when that file is called otherwise.
#[test]
fn what_moved_to_a_file_that_was_renamed_since_was_put_there_by_the_move() {
    let send = "pub fn send(horn: &Horn) {\n    let blast = horn.blast(Tone::Low, SECONDS);\n    horn.report(blast).rest();\n}\n";
    let rest = "pub fn rest(bell: &Bell) -> Night {\n    bell.rest_for_the_night(HOURS)\n}\n";
    let query = "type = \"tree-sitter\"\npattern = \"fn send\"";
    let mut upstream = Upstream::new(&[("src/a.rs", send), ("src/b.rs", rest)]);
    upstream.patches(&super::evidence::patch("own", "src/a.rs", query, "type = \"delete\""));
    upstream.remove("src/a.rs");
    upstream.write("src/b.rs", &format!("{rest}\n{send}"));
    upstream.commit();
    upstream.rename("src/b.rs", "src/c.rs");
    upstream.commit();
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied");
    assert_eq!(upstream.text("src/c.rs").trim(), rest.trim());
}
