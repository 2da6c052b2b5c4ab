//! What stands elsewhere too: copies, namesakes, code that is like what the patch looks for.

use super::evidence::{patch, without_history};
use super::exchanged;
use super::world::{Ask, Upstream, apply, text_patch};
use crate::patch::Drift::{self, Merge, Move};

const CALLS: &str = "    weigh(lee, 1);\n    if tide > 310 {\n        trim(deck);\n    }\n    let swell = measure(deck, 311);\n    stow(anchor_chain);\n";

fn function(name: &str, calls: &str) -> String {
    format!("pub fn {name}(deck: u32) {{\n{calls}}}\n")
}

#[test]
fn what_stands_elsewhere_as_it_is_written_is_not_taken_by_likeness_here() {
    let like = exchanged(CALLS, "weigh(lee, 1);", "stow(lee);");
    let here = function("hoist", CALLS) + "\n" + &function("sound", &like);
    let make = || {
        let mut upstream =
            Upstream::new(&[("src/bow.rs", here.as_str()), ("src/keel.rs", "pub fn furl() {}\n")]);
        let own = exchanged(CALLS, "    let swell", "    own_call(deck);\n    let swell");
        upstream.patches(&text_patch("own", "src/bow.rs", CALLS, &own));
        upstream.write("src/bow.rs", &function("sound", &like));
        upstream.write("src/keel.rs", &("pub fn furl() {}\n\n".to_owned() + &function("hoist", CALLS)));
        upstream.commit();
        upstream
    };
    for upstream in without_history(make) {
        let before = upstream.tree();
        for drift in [Merge, Move] {
            let told = upstream.run(apply().drift(drift)).fails().told();
            assert!(told.contains("src/bow.rs:2") && told.contains("src/keel.rs:4"), "{told}");
        }
        assert_eq!(upstream.tree(), before);
        // What is indented otherwise in the one file that has it is the place itself.
        upstream.write("src/bow.rs", "pub fn lower() {}\n");
        let deeper = CALLS.replace("    ", "        ");
        upstream.write("src/keel.rs", &format!("pub fn furl() {{}}\n\n{}", function("hoist", &deeper)));
        assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied");
        upstream.write("src/bow.rs", &function("sound", &like));
        // Where it is nowhere else, its like is what it became.
        upstream.write("src/keel.rs", "pub fn furl() {}\n");
        assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "applied");
    }
    assert_eq!(make().run(apply().drift(Move)).succeeds().one(), "applied", "history tells where it went");
}

/// The file was renamed, and what is left there of the place is not all of it.
#[test]
fn without_history_what_is_indented_otherwise_is_not_taken_where_a_part_stands_elsewhere() {
    let measure = "    let swell = measure(deck, 311);\n";
    let own = exchanged(CALLS, measure, &exchanged(measure, "311", "411"));
    let deeper = CALLS.replace("    ", "        ");
    let cabin = format!("impl Cabin {{\n{}}}\n", function("rest", &deeper));
    let upstream =
        Upstream::without_git(&[("src/bow.rs", function("hoist", CALLS)), ("src/cabin.rs", cabin)]);
    upstream.patches(&text_patch("own", "src/bow.rs", CALLS, &own));
    upstream.rename("src/bow.rs", "src/stem.rs");
    upstream.edit("src/stem.rs", measure, "");
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(told.contains("not taken: src/cabin.rs:3 has such a place, but a part of it"), "{told}");
    upstream.write("src/stem.rs", "pub fn lower() {}\n");
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied");
}

/// What the file says of itself: the line went, and what stays is nowhere else.
#[test]
fn a_line_that_upstream_put_into_another_file_was_not_taken_away() {
    let measure = "    let swell = measure_swell(deck);\n";
    let calls = exchanged(CALLS, "measure(deck, 311)", "measure_swell(deck)");
    let files =
        [("src/bow.rs", function("hoist", &calls)), ("src/keel.rs", function("furl", "    furl(deck);\n"))];
    let set = text_patch("own", "src/bow.rs", &calls, &exchanged(&calls, measure, ""));
    let without = function("hoist", &exchanged(&calls, measure, ""));
    let with = function("furl", &format!("    furl(deck);\n{measure}"));
    let mut upstream = Upstream::new(&files);
    upstream.patches(&set);
    upstream.write("src/bow.rs", &without);
    upstream.write("src/keel.rs", &with);
    let by = upstream.commit();
    for drift in [Drift::Off, Merge, Move] {
        upstream.fails(apply().drift(drift), "ambiguous", &["src/keel.rs:3", &by]);
    }
    // It went from there as well, or another patch of the set put it there.
    let mut both = upstream.copy();
    both.patches(
        &(set.clone()
            + &text_patch("put", "src/keel.rs", "    furl(deck);\n", &format!("    furl(deck);\n{measure}"))),
    );
    assert_eq!(both.run(apply()).succeeds().all(), "own already-applied, put already-applied");
    both.patches(&set);
    both.step("src/keel.rs", measure, "");
    assert_eq!(both.run(apply()).succeeds().one(), "already-applied");
}

#[test]
fn without_history_other_code_under_the_locked_name_is_not_where_it_went() {
    let method =
        |calls: &str| format!("impl Rudder {{\n    pub fn sound(&self, deck: u32) {{\n{calls}    }}\n}}\n");
    let search = "        let swell = trim(lit, 306);\n        let lee = weigh(lit, 307);\n";
    let own = method(&format!("        let knot = weigh(lit, 346);\n{search}"));
    let other =
        method("        trim(knot, 305);\n        let swell = trim(lit, 306);\n        signal(reef, 2);\n");
    let make = |elsewhere: &str| {
        let mut upstream = Upstream::new(&[("src/stern.rs", own.as_str()), ("src/bow.rs", elsewhere)]);
        upstream.patches(&text_patch(
            "own",
            "src/stern.rs",
            search,
            &("        own_call(deck);\n".to_owned() + search),
        ));
        upstream.lock().succeeds();
        upstream.write("src/stern.rs", "pub fn furl() {}\n");
        upstream.commit();
        upstream
    };
    for upstream in without_history(|| make(&other)) {
        let before = upstream.tree();
        let told = upstream.run(apply().drift(Move)).fails().told();
        assert!(told.contains("not taken: src/bow.rs:4 has such a place"), "{told}");
        assert_eq!(upstream.tree(), before);
    }
    for upstream in without_history(|| make(&exchanged(&own, "346", "347"))) {
        assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied", "it is the item");
    }
}

#[test]
fn a_deleted_item_that_was_copied_and_then_changed_is_not_gone() {
    let method = format!("impl Anchor {{\n    pub fn lower(&self, deck: u32) {{\n{CALLS}    }}\n}}\n");
    let mut upstream =
        Upstream::new(&[("src/bow.rs", method.as_str()), ("src/keel.rs", "pub fn furl() {}\n")]);
    upstream.patches(&patch(
        "own",
        "src/bow.rs",
        "type = \"tree-sitter\"\npattern = \"fn lower\"",
        "type = \"delete\"",
    ));
    upstream.write("src/keel.rs", &("pub fn furl() {}\n\n".to_owned() + &method));
    upstream.commit();
    upstream.write("src/bow.rs", "impl Anchor {}\n");
    upstream.commit();
    upstream.write("src/keel.rs", &("pub fn furl() {}\n\n".to_owned() + &function("lower", CALLS)));
    upstream.commit();
    let told = upstream.run(apply()).fails().told();
    assert!(told.contains("src/keel.rs:3"), "{told}");
    // Another one of its name that was there all the time is not it.
    let other = function("lower", &exchanged(CALLS, "weigh(lee, 1)", "stow(lee)"));
    let mut upstream = Upstream::new(&[("src/bow.rs", method.as_str()), ("src/keel.rs", &other)]);
    upstream.patches(&patch(
        "own",
        "src/bow.rs",
        "type = \"tree-sitter\"\npattern = \"fn lower\"",
        "type = \"delete\"",
    ));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}

#[test]
fn a_line_that_went_into_a_namesake_that_was_there_left_its_item() {
    let here = "pub fn moor(deck: u32) {\n    measure(gale, 345);\n    trim(swell, 2);\n}\n";
    let there = "pub fn moor(deck: u32) {\n    weigh(lit, 329);\n}\n";
    let line = "    trim(swell, 2);\n";
    let named = "type = \"ast-grep\"\npattern = \"trim(swell, 2);\"";
    let after = "type = \"insert-after\"\ntext = \"own_call(deck);\"";
    let constraint = "[patches.constraint]\nfunction_context = \"moor\"\n";
    let by_text = text_patch("own", "src/mast.rs", line, &(line.to_owned() + "    own_call(deck);\n"));
    let by_name = patch("own", "src/mast.rs", named, after) + constraint;
    for (set, is_locked) in [(&by_text, true), (&by_name, false), (&by_name, true)] {
        for was_there in [true, false] {
            let before = if was_there { there } else { "pub fn furl() {}\n" };
            let mut upstream = Upstream::new(&[("src/mast.rs", here), ("src/keel.rs", before)]);
            upstream.patches(set);
            if is_locked {
                upstream.lock().succeeds();
            }
            upstream.edit("src/mast.rs", line, "");
            upstream.write("src/keel.rs", &there.replace("}\n", &(line.to_owned() + "}\n")));
            upstream.commit();
            let before = upstream.tree();
            let ran = upstream.run(apply().drift(Move));
            assert_eq!(ran.has_failed(), was_there, "{set}: {}", ran.told());
            assert_eq!(upstream.tree() == before, was_there);
        }
    }
}

#[test]
fn a_deletion_whose_line_was_changed_and_then_moved_is_not_made() {
    let file = "fn sound() {\n    let knot = measure(lit, 326);\n    if lee > 325 {\n        signal(lit);\n    }\n}\n\nfn lower() {\n    stow(deck);\n}\n";
    let mut upstream = Upstream::new(&[("src/bow.rs", file)]);
    let compare = ("if lee > 325 {\\n    signal(lit);\\n}", "if lee > 700 {\\n    signal(lit);\\n}");
    upstream.patches(
        &[
            patch(
                "more",
                "src/bow.rs",
                &format!("type = \"ast-grep\"\npattern = \"{}\"", compare.0),
                &format!("type = \"replace\"\ntext = \"{}\"", compare.1),
            ),
            patch(
                "less",
                "src/bow.rs",
                "type = \"ast-grep\"\npattern = \"let knot = measure(lit, 326);\"",
                "type = \"delete\"",
            ),
        ]
        .concat(),
    );
    upstream.step("src/bow.rs", "measure(lit, 326)", "measure(lit, 500)");
    upstream.edit("src/bow.rs", "    let knot = measure(lit, 500);\n", "");
    upstream.step("src/bow.rs", "    stow(deck);\n", "    stow(deck);\n    let knot = measure(lit, 500);\n");
    upstream.run(apply().drift(Move)).fails();
    // As a replacement that only takes it away.
    let kept = "    if lee > 325 {\n";
    let mut upstream = Upstream::new(&[("src/bow.rs", file)]);
    upstream.patches(&text_patch(
        "less",
        "src/bow.rs",
        &format!("    let knot = measure(lit, 326);\n{kept}"),
        kept,
    ));
    upstream.step("src/bow.rs", "measure(lit, 326)", "measure(lit, 500)");
    upstream.edit("src/bow.rs", "    let knot = measure(lit, 500);\n", "");
    upstream.step("src/bow.rs", "    stow(deck);\n", "    stow(deck);\n    let knot = measure(lit, 500);\n");
    is_not_in_place(&upstream, "less");
}

#[test]
fn an_argument_of_another_function_is_not_what_an_argument_became() {
    let sound = |first: &str, second: &str| {
        function(
            "sound",
            &format!("    {first};\n    let buoy = {second};\n    let wake = stow(lit, 313);\n"),
        )
    };
    let at_first = sound("let gale = trim(deck, 2)", "signal(deck, 311)");
    let by_name = patch(
        "own",
        "src/bow.rs",
        "type = \"ast-grep\"\npattern = \"signal($A, 311)\"",
        "type = \"replace\"\ntext = \"signal($A, 2)\"",
    ) + "[patches.constraint]\nfunction_context = \"sound\"\n";
    let by_text = text_patch("own", "src/bow.rs", "signal(deck, 311)", "signal(deck, 2)");
    for set in [by_name, by_text] {
        for now in ["signal(deck, 0)", "weigh(deck, 311)"] {
            let make = || {
                let mut upstream = Upstream::new(&[("src/bow.rs", at_first.as_str())]);
                upstream.patches(&set);
                upstream.lock().succeeds();
                upstream.write("src/bow.rs", &sound("let gale = trim(deck, 2)", now));
                upstream.commit();
                upstream
            };
            for upstream in without_history(make) {
                let before = upstream.tree();
                for drift in [Merge, Move] {
                    upstream.run(apply().drift(drift)).fails();
                }
                assert_eq!(upstream.tree(), before, "{now}");
            }
        }
    }
}

#[test]
fn a_line_that_was_deleted_from_its_item_is_gone_though_a_twin_of_the_item_has_it() {
    let method = format!("impl Anchor {{\n    pub fn lower(&self, deck: u32) {{\n{CALLS}    }}\n}}\n");
    for query in [
        "type = \"ast-grep\"\npattern = \"weigh(lee, 1);\"",
        "type = \"text\"\nsearch = \"    weigh(lee, 1);\\n\"",
    ] {
        let mut upstream = Upstream::new(&[("src/bow.rs", method.as_str()), ("src/keel.rs", &method)]);
        upstream.patches(&patch("own", "src/bow.rs", query, "type = \"delete\""));
        for drift in [Merge, Move] {
            assert!(upstream.run(apply().drift(drift)).succeeds().one().contains("appli"));
        }
        upstream.commit();
        for drift in [Merge, Move] {
            assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "already-applied", "{query}");
        }
    }
}

/// Every command that looks says that the patch is not in place.
#[track_caller]
fn is_not_in_place(upstream: &Upstream, words: &str) {
    let before = upstream.tree();
    for drift in [Drift::Off, Merge, Move] {
        let told = upstream.run(apply().drift(drift)).fails().told();
        assert!(told.contains(words), "{drift:?}: {told}");
    }
    assert_eq!(upstream.tree(), before);
}

#[test]
fn what_another_item_said_all_the_time_is_not_the_effect_of_a_patch() {
    let both = |kind: &str| {
        format!(
            "pub struct Keel {{\n    pub lit: {kind},\n}}\n\npub struct Mast {{\n    pub lit: Option<Lamp>,\n}}\n"
        )
    };
    for query in [
        "type = \"ast-grep\"\ncontext = \"struct S { pub lit: Lamp }\"\nselector = \"field_declaration\"",
        "type = \"text\"\nsearch = \"pub lit: Lamp\"",
    ] {
        let text = "type = \"replace\"\ntext = \"pub lit: Option<Lamp>\"";
        for is_locked in [false, true] {
            let mut upstream = Upstream::new(&[("src/keel.rs", both("Lamp").as_str())]);
            upstream.patches(&patch("own", "src/keel.rs", query, text));
            if is_locked {
                upstream.lock().succeeds();
            }
            let mut applied = upstream.copy();
            upstream.step("src/keel.rs", "lit: Lamp,", "lit: Buoy,");
            is_not_in_place(&upstream, "own");
            // What the patch made is one more.
            assert_eq!(applied.run(apply()).succeeds().one(), "applied");
            applied.commit();
            assert_eq!(applied.run(apply()).succeeds().one(), "already-applied");
        }
    }
}

#[test]
fn of_two_files_the_one_that_always_had_the_effect_is_not_where_it_is_in_place() {
    let line = |call: &str| function("sound", &format!("    lamp.enabled = {call};\n"));
    let files = "file = [\"src/keel.rs\", \"src/mast.rs\"]";
    let set = text_patch("own", "src/keel.rs", "lamp.enabled = detect_it();", "lamp.enabled = false;");
    let upstream =
        Upstream::new(&[("src/keel.rs", line("detect_it()").as_str()), ("src/mast.rs", &line("false"))]);
    upstream.patches(&set.replace("file = \"src/keel.rs\"", files));
    is_not_in_place(&upstream, "this file never held what it looks for, and src/keel.rs has it");
    upstream.patches(&set);
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "the advice");
}

#[test]
fn an_insertion_that_was_adopted_among_the_lines_of_its_query_and_changed_is_not_made_again() {
    let file = function("hoist", CALLS);
    let own = "    own_call(deck, 900);\n";
    let mut upstream = Upstream::new(&[("src/bow.rs", file.as_str())]);
    upstream.patches(&text_patch(
        "own",
        "src/bow.rs",
        &file[..file.len() - 2],
        &(file[..file.len() - 2].to_owned() + own),
    ));
    upstream.step("src/bow.rs", "    if tide", &(own.to_owned() + "    if tide"));
    upstream.step("src/bow.rs", "own_call(deck, 900)", "own_call(deck, 2)");
    is_not_in_place(&upstream, "own_call(deck, 2)");
}

#[test]
fn a_deletion_that_leaves_several_like_lines_is_made_where_history_will_know_it() {
    let line =
        |at: u8| format!("    builder.set_features(per_turn_config.features.clone(), of_the_boat, {at});\n");
    let lines: String = (1..5).map(line).collect();
    let statement = line(2).trim().to_owned();
    for query in [
        format!("type = \"text\"\nsearch = {:?}", line(2)),
        format!("type = \"ast-grep\"\npattern = {statement:?}"),
    ] {
        let mut upstream = Upstream::new(&[("src/bow.rs", function("hoist", &lines).as_str())]);
        upstream.patches(&patch("own", "src/bow.rs", &query, "type = \"delete\""));
        upstream.rename("src/bow.rs", "src/keel.rs");
        upstream.commit();
        let ran = upstream.run(apply().drift(Move));
        assert_eq!(ran.one(), "applied", "{}", ran.told());
        assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied", "{query}");
    }
}

/// A namesake in another file always had the effect, and no history tells that the code went there.
#[test]
fn without_history_what_the_newest_commit_has_elsewhere_is_not_the_effect() {
    let limit = |value: u8| {
        format!("/// So many lines the chain may have.\npub const LIMIT_OF_CHAIN: u32 = {value};\n")
    };
    let mut upstream = Upstream::new(&[("src/bow.rs", limit(1)), ("src/keel.rs", limit(2))]);
    let query = "type = \"tree-sitter\"\npattern = \"const LIMIT_OF_CHAIN\"";
    let replace = "type = \"replace\"\ntext = \"pub const LIMIT_OF_CHAIN: u32 = 2;\"";
    upstream.patches(&patch("limit", "src/bow.rs", query, replace));
    upstream.lock().succeeds();
    upstream.rename("src/bow.rs", "src/stem.rs");
    upstream.edit("src/stem.rs", "LIMIT", "LENGTH");
    upstream.commit();
    upstream.cut_off();
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(told.contains("not taken: src/keel.rs:2") && told.contains("the newest commit has"), "{told}");
    // What only the working tree has was made there.
    upstream.edit("src/keel.rs", "= 2", "= 1");
    upstream.commit();
    upstream.cut_off();
    upstream.edit("src/keel.rs", "= 1", "= 2");
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
}

/// What goes was changed, and so was what stays.
#[test]
fn a_removal_whose_line_was_changed_is_not_made_by_likeness() {
    let [gone, stays] =
        ["    if swell5 > 1 {\n        trim(deck);\n    }\n", "    let swell6 = trim(lit6, 306);\n"];
    let head = "pub fn haul(deck: u32) {\n";
    let upstream = Upstream::without_git(&[("src/bow.rs", function("haul", &(gone.to_owned() + stays)))]);
    upstream.patches(&text_patch(
        "own",
        "src/bow.rs",
        &format!("{head}{gone}{stays}"),
        &format!("{head}{stays}"),
    ));
    let more = "    let swell31 = measure(deck, 2);\n".to_owned();
    let changed = more + &gone.replace("> 1", "> 0") + &stays.replace("306", "400032");
    upstream.write("src/bow.rs", &function("haul", &changed));
    let told = upstream.run(apply().drift(Merge)).fails().told();
    assert!(!told.contains("already-applied"), "{told}");
    // It went, and what stays was changed.
    upstream.write("src/bow.rs", &function("haul", &stays.replace("306", "307")));
    assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "already-applied");
}

#[test]
fn a_deletion_is_not_made_where_its_file_was_renamed_and_its_item_copied_before_it_went() {
    let hoist = function("hoist", CALLS);
    let furl = "pub fn furl() {\n    reef_the_mainsail();\n    reef_the_jib();\n}\n";
    let mut upstream =
        Upstream::new(&[("src/bow.rs", format!("{furl}\n{hoist}")), ("src/keel.rs", String::new())]);
    let search = "    if tide > 310 {\n        trim(deck);\n    }\n";
    upstream.patches(&patch(
        "drop",
        "src/bow.rs",
        &format!("type = \"text\"\nsearch = {search:?}"),
        "type = \"delete\"",
    ));
    upstream.rename("src/bow.rs", "src/stem.rs");
    upstream.commit();
    upstream.write("src/keel.rs", &hoist);
    upstream.commit();
    upstream.write("src/stem.rs", furl);
    upstream.commit();
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(!told.contains("already-applied:"), "{told}");
    // What is nowhere was taken away.
    upstream.write("src/keel.rs", "");
    upstream.commit();
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
}

#[test]
fn what_moves_into_a_namesake_of_its_renamed_item_is_not_followed_under_a_lock() {
    let measure = "    let swell = measure(deck, 311);\n";
    let keel = function("hoist", "    furl(deck);\n    reef(deck);\n");
    let mut upstream = Upstream::new(&[("src/bow.rs", function("hoist", CALLS)), ("src/keel.rs", keel)]);
    upstream.patches(&patch(
        "own",
        "src/bow.rs",
        "type = \"ast-grep\"\npattern = \"let swell = measure(deck, 311);\"",
        "type = \"insert-before\"\ntext = \"own_call(deck);\"",
    ));
    upstream.lock().succeeds();
    upstream.step("src/bow.rs", "fn hoist", "fn hoist_all");
    let mut within = upstream.copy();
    upstream.edit("src/bow.rs", measure, "");
    upstream.edit("src/keel.rs", "    reef(deck);\n", &format!("    reef(deck);\n{measure}"));
    upstream.commit();
    upstream.fails(apply().drift(Move), "changed-upstream", &["src/keel.rs", "outside `fn hoist`"]);
    // One that only later got its name is another one, too.
    let mut later = Upstream::new(&[
        ("src/bow.rs", function("hoist", CALLS)),
        ("src/keel.rs", function("haul", "    furl(deck);\n    reef(deck);\n")),
    ]);
    later.patches(&upstream.set_file());
    later.lock().succeeds();
    later.edit("src/bow.rs", measure, "");
    later.edit("src/keel.rs", "    reef(deck);\n", &format!("    reef(deck);\n{measure}"));
    later.commit();
    later.write("src/bow.rs", "pub fn trim() {}\n");
    later.edit("src/keel.rs", "fn haul", "fn hoist");
    later.commit();
    later.fails(apply().drift(Move), "changed-upstream", &["src/keel.rs"]);
    // The item alone is followed.
    within.step("src/bow.rs", "trim(deck)", "trim(lee)");
    assert_eq!(within.run(apply().drift(Move)).succeeds().one(), "applied");
}

#[test]
fn what_two_patches_take_away_together_is_not_taken_away_where_upstream_put_it_elsewhere() {
    let [stow, knot] = ["    stow_anchor(lee28, 1);\n", "    let knot = signal(deck, 0);\n"];
    let files = [
        ("src/keel.rs", function("sound", &format!("{stow}{knot}"))),
        ("src/bow.rs", function("steer", "    trim(deck);\n")),
    ];
    let mut upstream = Upstream::new(&files);
    let made = stow.replace(", 1", ", 0");
    upstream.patches(
        &(text_patch("number", "src/keel.rs", &format!("{stow}{knot}"), &format!("{made}{knot}"))
            + &patch(
                "drop",
                "src/keel.rs",
                "type = \"ast-grep\"\npattern = \"stow_anchor(lee28, 0);\"",
                "type = \"delete\"",
            )),
    );
    let mut away = upstream.copy();
    upstream.edit("src/keel.rs", stow, "");
    upstream.edit("src/bow.rs", "    trim(deck);\n", &format!("    trim(deck);\n{stow}"));
    upstream.commit();
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(!told.contains("already-applied:"), "{told}");
    away.step("src/keel.rs", stow, "");
    let told = away.run(apply().drift(Move)).succeeds().told();
    assert!(told.contains("already-applied: number"), "{told}");
}

#[test]
fn without_history_a_namesake_is_not_what_a_method_became_that_is_a_free_function_now() {
    let method = |of: &str, calls: &str| {
        let calls = calls.replace("    ", "        ");
        format!("impl {of} {{\n    pub fn hoist(&self, deck: u32) {{\n{calls}    }}\n}}\n")
    };
    let other = method("Rudder", &exchanged(CALLS, "weigh(lee, 1)", "trim(wake, 0)"));
    let search: String = method("Anchor", CALLS).split_inclusive('\n').skip(1).take(6).collect();
    let set = text_patch("own", "src/bow.rs", &search, &exchanged(&search, "311", "411"));
    let upstream = Upstream::without_git(&[("src/bow.rs", method("Anchor", CALLS) + "\n" + &other)]);
    upstream.patches(&set);
    assert_eq!(upstream.copy().run(apply()).succeeds().one(), "applied");
    upstream.write("src/bow.rs", &(function("hoist", CALLS) + "\n" + &other));
    for drift in [Merge, Move] {
        upstream.run(apply().drift(drift)).fails();
    }
    // Alone it may be what the place became.
    upstream.write("src/bow.rs", &other);
    assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "applied");
}

/// What is as old as the item that went is none of its copies; what was copied from it since is.
#[test]
fn what_stood_elsewhere_as_long_is_not_where_a_deleted_item_went() {
    let item = "pub fn send_metrics(client: &Client) {\n    client.post(\"/v1/ingest\");\n}\n";
    let rest = "pub fn rest() {}\n";
    for is_older in [true, false] {
        let fork = if is_older { item } else { "pub fn fork() {}\n" };
        let mut upstream =
            Upstream::new(&[("src/a.rs", item.to_owned() + rest), ("fork/a.rs", fork.to_owned())]);
        upstream.patches(
            &text_patch("own", "src/a.rs", item, "x")
                .replace("replace", "delete")
                .replace("text = \"x\"", ""),
        );
        upstream.write("fork/a.rs", item);
        upstream.commit();
        upstream.write("src/a.rs", rest);
        upstream.commit();
        match is_older {
            true => assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied"),
            false => upstream.fails(apply(), "ambiguous", &["fork/a.rs:1"]),
        }
    }
}

#[test]
fn of_what_is_gone_the_namesakes_are_named() {
    let item = |limit: u32| format!("pub fn wait_for(reply: u32) {{\n    poll(reply, {limit});\n}}\n");
    let mut upstream = Upstream::new(&[
        ("src/a.rs", item(5) + "pub fn rest() {}\n"),
        ("other/n.rs", "\n".to_owned() + &item(9)),
    ]);
    upstream.patches(&text_patch("own", "src/a.rs", "poll(reply, 5);", "poll(reply, 50);"));
    upstream.write("src/a.rs", "pub fn rest() {}\n");
    upstream.commit();
    upstream.fails(apply().drift(Move), "no-match", &["gone", "other/n.rs:2 has an item of its name"]);
}

/// Its file is gone, and a namesake is as good as what has another name now.
#[test]
fn without_history_one_line_beside_its_like_is_not_what_left() {
    let limit = |name: &str| format!("pub const {name}: u32 = 2;\n\n");
    for others in [true, false] {
        let rest = if others { limit("LIMIT_OF_LAMPS_67") } else { String::new() };
        let files = [("src/stern.rs", limit("LIMIT_OF_LAMPS") + &rest + "pub fn lower() {}\n")];
        let upstream = Upstream::without_git(&files);
        let search = "pub const LIMIT_OF_LAMPS: u32 = 2;";
        upstream.patches(&text_patch("limit", "src/mast.rs", search, &search.replace('2', "7")));
        let ran = upstream.run(apply().drift(Move));
        assert_eq!(ran.has_failed(), others, "{}", ran.told());
        assert_eq!(ran.told().contains("not taken: src/stern.rs:1"), others, "{}", ran.told());
    }
}

/// Its file was renamed, with what upstream adopted of it, and its item copied into another one.
#[test]
fn without_history_an_insertion_that_stands_in_another_file_is_not_made_again() {
    let hoist = |depth: u32| {
        format!("impl Anchor {{\n    pub fn hoist(&self) {{\n        weigh(self, {depth});\n    }}\n}}\n")
    };
    let own = "\npub fn own_turns(&self) -> u32 {\n    own_count(self, 900)\n}\n";
    let set = patch(
        "own",
        "src/keel.rs",
        "type = \"tree-sitter\"\npattern = \"fn Anchor::hoist\"",
        &format!("type = \"insert-after\"\ntext = {own:?}"),
    );
    for is_adopted in [true, false] {
        let upstream = Upstream::without_git(&[("src/keel.rs", hoist(339))]);
        upstream.patches(&set);
        upstream.lock();
        upstream.write("src/bow.rs", &hoist(339));
        upstream.rename("src/keel.rs", "src/hull.rs");
        let rest = if is_adopted { own } else { "\npub fn turns(&self) {}\n" };
        upstream.write("src/hull.rs", &format!("impl Anchor {{{}}}\n", rest.replace('\n', "\n    ")));
        let ran = upstream.run(apply().drift(Move));
        assert_eq!(ran.has_failed(), is_adopted, "{}", ran.told());
        assert_eq!(ran.told().contains("not taken: src/bow.rs:2"), is_adopted, "{}", ran.told());
    }
}
