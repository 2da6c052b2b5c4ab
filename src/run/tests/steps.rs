//! What upstream does to the place of a patch in two steps: it is told by what stands there today.

use super::evidence::patch;
use super::taken::{by_text, deletion};
use super::world::{Ask, Upstream, apply, text_patch};
use crate::patch::Drift::{Merge, Move, Off};

const BELLS: &str =
    "pub fn strike(bell: &Bell) {\n    count::strokes();\n    trace::stroke();\n    bell.ring();\n}\n";
const BOTH: &str = "    count::strokes();\n    trace::stroke();\n";

fn bells(steps: &[&str]) -> Upstream {
    let mut upstream = Upstream::new(&[("src/bells.rs", BELLS)]);
    steps.iter().for_each(|text| {
        upstream.write("src/bells.rs", text);
        upstream.commit();
    });
    upstream
}

#[test]
fn a_deletion_that_upstream_made_in_steps_is_in_place() {
    let ring = "pub fn strike(bell: &Bell) {\n    bell.ring();\n}\n";
    let half = BELLS.replace("    count::strokes();\n", "");
    let counted = BELLS.replace("strokes()", "strokes(1)");
    let twice = BELLS.replace("strokes()", "strokes(1)").replace("stroke()", "stroke(2)");
    for steps in [vec![&*half], vec![&counted], vec![&counted, &half], vec![&counted, &twice]] {
        let mut upstream = bells(&steps);
        upstream.patches(&by_text("src/bells.rs", BOTH));
        for drift in [Off, Move] {
            upstream.fails(apply().drift(drift), "conflict", &["src/bells.rs"]);
        }
        upstream.write("src/bells.rs", ring);
        let by = upstream.commit();
        upstream.run(apply()).succeeds();
        let told = upstream.run(apply().drift(Move)).succeeds().told();
        assert!(told.contains("already-applied") && told.contains(&by), "{told}");
    }
}

#[test]
fn an_item_whose_file_went_is_not_gone_while_another_of_its_name_has_it() {
    let strikes = |count: usize| {
        (0..count).map(|n| format!("    bell{n}.strike_at({n}, Hour::of({n}));\n")).collect::<String>()
    };
    let night = |head: &str, lines: &str| {
        format!("pub fn rest() {{}}\n\npub fn night({head}) {{\n{lines}}}\n\npub fn noon() {{}}\n")
    };
    let (old, lines) = ("bells: &Bells", strikes(30));
    let mut upstream = Upstream::new(&[("src/bells.rs", night(old, &lines))]);
    let whole = format!("pub fn night({old}) {{\n{lines}}}\n");
    upstream.patches(&text_patch("own", "src/bells.rs", &whole, &whole.replace("at(7,", "at(8,")));
    // The change is followed as a piece of the function from here on.
    upstream.step("src/bells.rs", "strike_at(9,", "strike_on(9,");
    upstream.remove("src/bells.rs");
    upstream.commit();
    upstream.write(
        "src/bells.rs",
        &night("tower: &mut Tower, who: Keeper", "    tower.sleep_until(who.wakes());\n"),
    );
    upstream.commit();
    for drift in [Merge, Move] {
        upstream.fails(apply().drift(drift), "conflict", &["src/bells.rs:3", "tower.sleep_until"]);
    }
    upstream.write("src/bells.rs", "pub fn rest() {}\n\npub fn noon() {}\n");
    upstream.commit();
    upstream.fails(apply().drift(Move), "no-match", &["upstream removed it"]);
}

#[test]
fn a_deleted_item_that_upstream_renamed_and_then_deleted_is_gone() {
    let strike = "pub fn strike(bell: &Bell) {\n    bell.ring(1);\n}\n";
    let rest = "pub fn rest() {}\n";
    let file = |item: &str| format!("{rest}\n{item}");
    let mut upstream = Upstream::new(&[("src/bells.rs", file(strike))]);
    upstream.patches(&deletion("src/bells.rs", "type = \"tree-sitter\"\npattern = \"fn strike\""));
    let toll = strike.replace("strike", "toll");
    upstream.write("src/bells.rs", &file(&toll));
    upstream.commit();
    upstream.fails(
        apply(),
        "conflict",
        &["`fn strike`, which the patch changes, got another name or went", "pub fn toll"],
    );
    upstream.write("src/bells.rs", rest);
    upstream.commit();
    for drift in [Off, Move] {
        upstream.run(apply().drift(drift)).succeeds();
    }
    // Its copy under the new name is where it went.
    let by_name = deletion("src/bells.rs", "type = \"tree-sitter\"\npattern = \"fn strike\"");
    for set in [by_name, by_text("src/bells.rs", strike)] {
        let mut upstream = Upstream::new(&[("src/bells.rs", file(strike)), ("src/gong.rs", rest.to_owned())]);
        upstream.patches(&set);
        for (path, text) in
            [("src/bells.rs", file(&toll)), ("src/gong.rs", file(&toll)), ("src/bells.rs", rest.to_owned())]
        {
            upstream.write(path, &text);
            upstream.commit();
        }
        for drift in [Off, Merge, Move] {
            upstream.fails(apply().drift(drift), "ambiguous", &["src/gong.rs:3"]);
        }
    }
}

#[test]
fn a_conflict_shows_what_stands_there_today() {
    let counted = BELLS.replace("count::strokes();", "count::strokes(1);");
    let told = BELLS.replace("count::strokes();", "tell::strokes(2, bell);");
    let above = format!("pub fn rest() {{}}\n\n{told}");
    let upstream = bells(&[&counted, &told, &above]);
    let edit = text_patch("own", "src/bells.rs", "    count::strokes();\n", "    count::none();\n");
    for set in [by_text("src/bells.rs", BOTH), edit] {
        upstream.patches(&set);
        upstream.fails(apply().drift(Merge), "conflict", &["src/bells.rs:4", "tell::strokes(2, bell);"]);
    }
}

#[test]
fn what_is_left_of_a_deletion_is_shown_where_upstream_deleted_the_rest_in_steps() {
    let file = "fn a(b: &B) {\n    b.first_chime();\n    b.keep();\n    b.second_chime();\n    b.end();\n}\n";
    let mut upstream = Upstream::new(&[("src/chimes.rs", file)]);
    let search = "    b.first_chime();\n    b.keep();\n    b.second_chime();\n";
    upstream.patches(&text_patch("own", "src/chimes.rs", search, "    b.keep();\n"));
    upstream.step("src/chimes.rs", "first_chime()", "first_chime(1)");
    upstream.step("src/chimes.rs", "second_chime()", "second_chime(2)");
    upstream.step("src/chimes.rs", "    b.first_chime(1);\n", "");
    upstream.fails(apply().drift(Merge), "conflict", &["second_chime(2)"]);
}

#[test]
fn what_upstream_took_away_and_wrote_anew_is_not_gone() {
    let tide = "pub fn tide(hour: u32) -> u32 {\n    let base = 250;\n    base << hour\n}\n";
    let anew = "/// By the moon.\npub fn tide(hour: u32) -> u32 {\n    Moon::default().tide(hour)\n}\n";
    let replace = format!("type = \"replace\"\ntext = '''\n{}'''", tide.replace("250", "50"));
    let query = "type = \"tree-sitter\"\npattern = \"fn tide\"";
    let text = text_patch("own", "src/tide.rs", tide, &tide.replace("250", "50"));
    for (set, rest) in [
        (patch("own", "src/tide.rs", query, &replace), Some("pub fn ebb() {}\n")),
        (patch("own", "src/tide.rs", query, &replace), None),
        (text, Some("pub fn ebb() {}\n")),
    ] {
        let with = |item: &str| format!("{}\n{item}", rest.unwrap_or_default());
        let mut upstream = Upstream::new(&[("src/tide.rs", with(tide))]);
        upstream.patches(&set);
        upstream.lock().succeeds();
        match rest {
            Some(rest) => upstream.write("src/tide.rs", rest),
            None => upstream.remove("src/tide.rs"),
        }
        upstream.commit();
        upstream.fails(apply().drift(Move), "no-match", &["is gone"]);
        upstream.write("src/tide.rs", &with(anew));
        upstream.commit();
        let line = if rest.is_some() { "src/tide.rs:3" } else { "src/tide.rs:2" };
        for drift in [Merge, Move] {
            upstream.fails(apply().drift(drift), "conflict", &[line, "Moon::default()"]);
            let told = upstream.run(apply().drift(drift)).fails().all();
            assert!(!told.contains("is gone"), "{told}");
        }
        let told = upstream.run(apply()).fails().all();
        assert!(!told.contains("is gone"), "{told}");
    }
}

#[test]
fn what_is_in_place_in_one_candidate_is_not_the_place_that_another_one_has() {
    let bell = "pub fn check(bell: &Bell) -> bool {\n    let chime = \"noon\";\n    ring(chime)\n}\n";
    let mut upstream = Upstream::new(&[("src/bells.rs", bell)]);
    let set = patch(
        "own",
        "src/bells.rs",
        "type = \"ast-grep\"\npattern = \"ring($C)\"",
        "type = \"replace\"\ntext = \"false\"",
    );
    upstream.patches(&set.replace("\"src/bells.rs\"", "[\"src/bells.rs\", \"src/bell/mod.rs\"]"));
    upstream.rename("src/bells.rs", "src/bell/mod.rs");
    upstream.commit();
    upstream.run(apply()).succeeds();
    upstream.commit();
    upstream.run(apply()).succeeds();
    upstream.write("src/bells.rs", "pub fn other() { ring(\"x\"); }\n");
    upstream.commit();
    let before = upstream.tree();
    let told = upstream.run(apply()).succeeds().told();
    assert!(told.contains("already-applied") && told.contains("src/bell/mod.rs:3"), "{told}");
    assert_eq!(upstream.tree(), before);
}

#[test]
fn of_fewer_places_than_the_lock_names_merging_is_no_advice() {
    let wait = |name: &str, n: u32| format!("pub fn {name}() {{\n    wait(Seconds({n}));\n}}\n");
    let file = [wait("ebb", 1), wait("flow", 2), wait("slack", 3)];
    let mut upstream = Upstream::new(&[("src/tide.rs", file.concat())]);
    let query = "type = \"ast-grep\"\npattern = \"Seconds($N)\"\nmatches = \"all\"";
    upstream.patches(&patch("own", "src/tide.rs", query, "type = \"replace\"\ntext = \"Hours($N)\""));
    upstream.lock().succeeds();
    upstream.write("src/tide.rs", &file[..2].concat());
    upstream.commit();
    for drift in [Off, Merge, Move] {
        upstream.fails(apply().drift(drift), "changed-upstream", &["--accept"]);
        let told = upstream.run(apply().drift(drift)).fails().told();
        assert!(!told.contains("--drift merge"), "{told}");
    }
    upstream.run(apply().accept()).succeeds();
    assert_eq!(upstream.text("src/tide.rs").matches("Hours(").count(), 2);
}

#[test]
fn what_is_put_between_lines_that_both_changed_is_gone_with_its_file() {
    let bells = "fn strike(b: &B) {\n    b.first_chime(1);\n    b.second_chime(2);\n}\n";
    let other = "fn strike(b: &B) {\n    whistle(b);\n    drum(b, b);\n    hum();\n}\n";
    let mut upstream = Upstream::new(&[("src/bells.rs", bells), ("src/lamp.rs", "fn lamp() {}\n")]);
    let search = "    b.first_chime(1);\n    b.second_chime(2);\n";
    let text = "    b.first_chime(1);\n    b.own();\n    b.second_chime(2);\n";
    upstream.patches(&text_patch("own", "src/bells.rs", search, text));
    upstream.write("src/bells.rs", other);
    upstream.commit();
    let told = upstream.run(apply().drift(Merge)).fails().told();
    assert!(!told.contains("against:\n  (nothing)"), "{told}");
    upstream.remove("src/bells.rs");
    let by = upstream.commit();
    upstream.fails(apply().drift(Merge), "no-match", &["is gone", &by]);
}

#[test]
fn of_a_renamed_file_without_the_place_the_hint_names_the_new_path() {
    let tide = "pub fn tide(hour: u32) -> u32 {\n    hour % 12\n}\n";
    let mut upstream = Upstream::new(&[("src/tide.rs", tide), ("src/lamp/tide.rs", "pub fn lamp() {}\n")]);
    upstream.patches(&text_patch("own", "src/tide.rs", "    hour % 13\n", "    hour % 6\n"));
    upstream.rename("src/tide.rs", "src/sea/ebb.rs");
    upstream.commit();
    for drift in [Off, Merge, Move] {
        upstream.fails(
            apply().drift(drift),
            "bad-target",
            &["was renamed to src/sea/ebb.rs", "correct `file`"],
        );
    }
    upstream.patches(&patch(
        "own",
        "src/tide.rs",
        "type = \"ast-grep\"\npattern = \"hour % 12\"",
        "type = \"replace\"\ntext = \"hour % 6\"",
    ));
    upstream.fails(apply().drift(Merge), "bad-target", &["--drift move would apply the patch there"]);
}

#[test]
fn a_last_line_without_a_line_end_is_said_to_have_none() {
    for (file, search, text) in [
        ("justfile", "\tbell --noon\n", "\tbell --night\n"),
        ("src/bells.rs", "// A bell.\nfn ring() {}\n", "fn ring(b: &B) {}\n"),
    ] {
        let upstream = Upstream::new(&[(file, format!("// All.\n{}", search.trim_end_matches('\n')))]);
        upstream.patches(&text_patch("own", file, search, text));
        for drift in [Off, Merge, Move] {
            upstream.fails(apply().drift(drift), "no-match", &["without the line end"]);
        }
        upstream.patches(&text_patch("own", file, search.trim_end(), text.trim_end()));
        upstream.lands(Off);
    }
}

#[test]
fn a_failure_under_a_lock_names_the_file_of_its_line() {
    let dusk = "pub fn dusk(horn: &mut Horn) {\n    horn.wake();\n    horn.sound_for_every_ship(3);\n}\n";
    let night = "pub fn night(horn: &mut Horn) {\n    horn.wake();\n    horn.sound_for_every_ship(3);\n    rest(9);\n}\n";
    let mut upstream = Upstream::new(&[("src/dusk.rs", dusk)]);
    upstream.patches(&text_patch(
        "own",
        "src/dusk.rs",
        "    horn.sound_for_every_ship(3);\n",
        "    horn.hush();\n",
    ));
    upstream.lock().succeeds();
    upstream.remove("src/dusk.rs");
    upstream.write("src/night.rs", night);
    upstream.commit();
    upstream.fails(
        apply().drift(Move),
        "changed-upstream",
        &["src/night.rs:3", "line 3 matches, but outside"],
    );
}

#[test]
fn places_to_which_code_came_on_two_ways_are_listed_once() {
    let depth = |kind: &str| format!("pub const DEPTH: {kind} = fathoms(77);\n");
    let held = |name: &str, kind: &str| format!("pub mod {name} {{\n    {}}}\n", depth(kind));
    let mut upstream = Upstream::new(&[("src/sea.rs", format!("fn sea() {{}}\n{}", depth("u32")))]);
    upstream.patches(&text_patch("own", "src/sea.rs", &depth("u32"), &depth("u8")));
    upstream.write("src/sea.rs", "fn sea() {}\n");
    upstream.write("src/north.rs", &depth("u64"));
    upstream.write("src/south.rs", &depth("u64"));
    upstream.commit();
    let sites = |upstream: &Upstream| {
        let ran = upstream.run(apply().drift(Move)).fails();
        ran.report.patches[0].sites.iter().map(|site| (site.file.clone(), site.line)).collect::<Vec<_>>()
    };
    assert_eq!(sites(&upstream).len(), 2);
    upstream.remove("src/north.rs");
    upstream.remove("src/south.rs");
    upstream.write("src/deep.rs", &format!("{}{}", held("north", "u64"), held("south", "u64")));
    upstream.commit();
    let today = sites(&upstream);
    assert_eq!(today, [("src/deep.rs".to_owned(), 2), ("src/deep.rs".to_owned(), 5)]);
}

/// What is kept stands, and what goes stands deeper and apart from it: its effect only seems to be there.
#[test]
fn what_only_seems_to_be_made_is_made_where_it_stands_today() {
    let hoist = "pub fn hoist(deck: u32) {\n    let buoy = stow(deck, 332);\n    measure(knot, 2);\n}\n";
    let deeper = "pub fn hoist(deck: u32) {\n    if is_open() {\n        let buoy = stow(deck, 332);\n        measure(knot, 2);\n    }\n}\n";
    let made = "pub fn hoist(deck: u32) {\n    if is_open() {\n        note();\n        measure(knot, 2);\n    }\n}\n";
    let (head, line) = ("pub fn hoist(deck: u32) {\n", "    let buoy = stow(deck, 332);\n");
    let call = "    measure(knot, 2);\n";
    let mut upstream = Upstream::new(&[("src/mast.rs", hoist)]);
    let set = text_patch("drop", "src/mast.rs", &[head, line].concat(), head)
        + "\n"
        + &text_patch("note", "src/mast.rs", call, &["    note();\n", call].concat());
    upstream.patches(&set);
    upstream.write("src/mast.rs", deeper);
    let commit = upstream.commit();
    upstream.run(apply()).fails();
    for only in ["drop", "note"] {
        upstream.run(apply().only(only)).fails();
        let ran = upstream.run(apply().drift(Merge).only(only)).succeeds();
        assert!(ran.all().contains(&format!("{only} applied")), "{}", ran.told());
    }
    assert_eq!(upstream.text("src/mast.rs"), made);
    upstream.check_out();
    upstream.run(apply().drift(Merge)).succeeds();
    assert_eq!(upstream.text("src/mast.rs"), made);
    let told = upstream.run(apply()).succeeds().told();
    assert!(!told.contains("HEAD has this"), "{told}");
    let own = upstream.commit();
    let told = upstream.run(apply()).succeeds().told();
    assert!(told.contains(&own) && !told.contains(&commit), "{told}");
}

#[test]
fn a_part_that_upstream_took_over_and_changed_again_is_a_conflict() {
    let (berth, made) = (
        "    moor(pier7, 1);\n    hoist(flag3, 2);\n    stow(sail5, 3);\n",
        "    moor(pier7, 8);\n    hoist(flag3, 2);\n    stow(sail5, 9);\n",
    );
    let land = |steps: &[(&str, &str)]| {
        let mut upstream = Upstream::new(&[("src/berth.rs", format!("fn berth() {{\n{berth}}}\n"))]);
        upstream.patches(&text_patch("berth", "src/berth.rs", berth, made));
        for (from, to) in steps {
            upstream.step("src/berth.rs", from, to);
        }
        upstream
    };
    let (adopts, changes) = (("pier7, 1", "pier7, 8"), ("pier7, 8", "pier7, 4"));
    land(&[adopts, changes]).fails(apply().drift(Merge), "conflict", &["pier7, 4", "pier7, 8", "c2"]);
    land(&[adopts, changes, ("fn berth() {", "fn berth() {\n    ring();")]).fails(
        apply().drift(Merge),
        "conflict",
        &["pier7, 4"],
    );
    // What stays of it, or came back, needs no more than the rest.
    for steps in [
        [adopts, ("hoist(flag3, 2)", "hoist(flag3, 6)"), ("ring", "ring")],
        [adopts, ("moor(pier7, 8)", "moor(self.pier7, 8)"), ("ring", "ring")],
        [adopts, changes, ("pier7, 4", "pier7, 8")],
    ] {
        let steps: Vec<_> = steps.into_iter().filter(|(from, _)| *from != "ring").collect();
        let upstream = land(&steps);
        upstream.lands(Merge);
        let text = upstream.text("src/berth.rs");
        assert!(text.contains("pier7, 8)") && text.contains("stow(sail5, 9)"), "{text}");
    }
}

/// A query that is only a name overwrites what took that name.
#[test]
fn what_an_earlier_patch_overwrites_is_not_in_place() {
    let ship = "pub const DRAFT: u32 = 3;\n\npub fn sail() {}\n\npub const BEAM: u32 = 46;\n";
    let set = "[[patches]]\nid = \"draft\"\nfile = \"src/ship.rs\"\nquery = { type = \"tree-sitter\", pattern = \"const DRAFT\" }\n\
               operation = { type = \"replace\", text = \"pub const DRAFT: u32 = 70;\" }\n\n"
        .to_owned()
        + &text_patch("beam", "src/ship.rs", "pub const BEAM: u32 = 46;", "pub const BEAM: u32 = 5;");
    let mut upstream = Upstream::new(&[("src/ship.rs", ship)]);
    upstream.patches(&set);
    let by = upstream.step("src/ship.rs", "BEAM: u32 = 46", "BEAM: u32 = 5");
    upstream.step("src/ship.rs", "pub const DRAFT: u32 = 3;\n\n", "");
    upstream.step("src/ship.rs", "BEAM", "DRAFT");
    let alone = upstream.run(apply().drift(Move).only("beam").dry()).succeeds();
    assert!(alone.told().contains(&by), "{}", alone.told());
    upstream.run(apply().drift(Move)).fails();
    assert!(upstream.text("src/ship.rs").contains("DRAFT: u32 = 5"));
}

/// What another patch made of it in this run stands in the file to which its item went.
#[test]
fn what_a_patch_is_to_delete_is_not_absent_where_another_was_followed_to() {
    let steer = "fn steer() {\n    let wake31 = trim(deck, 3);\n    trim(wake32, 0);\n}\n";
    let haul = "fn haul() {\n    signal(gale38, 338);\n}\n";
    let mut upstream =
        Upstream::new(&[("src/keel.rs", [haul, steer].concat()), ("src/bow.rs", haul.to_owned())]);
    let lines = "    let wake31 = trim(deck, 3);\n    trim(wake32, 0);\n";
    let delete = "[[patches]]\nid = \"drop\"\nfile = \"src/keel.rs\"\noperation = { type = \"delete\" }\n\
                  query = { type = \"ast-grep\", pattern = \"let wake31 = trim(deck, 2);\" }\n";
    upstream.patches(&(text_patch("two", "src/keel.rs", lines, &lines.replace("3)", "2)")) + "\n" + delete));
    upstream.write("src/keel.rs", haul);
    upstream.write("src/bow.rs", &[haul, steer].concat());
    upstream.commit();
    let ran = upstream.run(apply().drift(Move)).fails();
    assert!(ran.told().contains("src/bow.rs:5"), "{}", ran.told());
    assert!(upstream.text("src/bow.rs").contains("trim(deck, 3)"));
    // Deleted with its whole function it is away.
    upstream.check_out();
    upstream.write("src/bow.rs", haul);
    upstream.commit();
    assert!(!upstream.run(apply().drift(Move)).all().contains("drop ambiguous"));
}
