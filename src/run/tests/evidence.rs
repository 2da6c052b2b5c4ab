//! What is known vetoes what is likely: a name, what stood there before, what git tells of a place.
//!
//! Each test is of one kind of trouble: without its veto, a run would end well and be wrong.

use super::*;

/// One of several like functions of a lighthouse: only its names tell it from the others.
fn lit(side: &str) -> String {
    format!(
        "/// Lights the {side} lamp.\npub fn light_{side}(keeper: &Keeper) -> Result<(), Dark> {{\n    let lamp = \
         keeper.lamp_of(Side::{side});\n    let flame = keeper.strike(&lamp, MATCHES_IN_A_BOX)?;\n    \
         lamp.kindle(flame).trim_the_wick().close_the_glass()?;\n    Ok(())\n}}\n"
    )
}

/// A patch of such a function by its text, from its head on.
fn struck(side: &str, file: &str) -> String {
    let head = lit(side);
    let (_, head) = head.split_once('\n').unwrap();
    let search: String = head.split_inclusive('\n').take(3).collect();
    text_patch("strike", file, &search, &search.replace("MATCHES_IN_A_BOX", "1"))
}

/// A patch that replaces, deletes or inserts, by any query.
pub(super) fn patch(id: &str, file: &str, query: &str, operation: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"{file}\"\n\n[patches.query]\n{query}\n\n[patches.operation]\n{operation}\n\n"
    )
}

/// The ways to know of a place when the tree is no repository with all of its history.
pub(super) fn without_history(make: impl Fn() -> Upstream) -> [Upstream; 2] {
    let (mut shallow, mut bare) = (make(), make());
    shallow.cut_off();
    bare.forget_history();
    [shallow, bare]
}

/// The patch is in place nowhere: every command that looks says so.
#[track_caller]
pub(super) fn is_nowhere(upstream: &Upstream) {
    let before = (upstream.tree(), upstream.set());
    for drift in [Off, Merge, Move] {
        for options in [apply().drift(drift), status().drift(drift)] {
            let told = upstream.run(options).fails().told();
            assert!(!told.contains("already-applied:") && !told.contains("absent:"), "{drift:?}:\n{told}");
            assert_eq!((upstream.tree(), upstream.set()), before, "{drift:?} wrote");
        }
    }
    let told = upstream.update().fails().told();
    assert_eq!((upstream.tree(), upstream.set()), before, "update wrote: {told}");
}

#[test]
fn what_upstream_adopted_and_changed_again_is_not_in_place() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.step("src/beacon.rs", "blasts: 2", "blasts: 3");
    let by = upstream.step("src/beacon.rs", "blasts: 3", "blasts: 4");
    is_nowhere(&upstream);
    upstream.fails(apply().drift(Merge), "conflict", &["blasts: 2", "blasts: 4", "blasts: 3", &by]);
}

#[test]
fn what_another_patch_of_the_run_takes_away_is_not_in_place() {
    let watch = |calls: &str| format!("pub fn watch(horn: &Horn) {{\n{calls}}}\n");
    let keep = |calls: &str| format!("pub fn keep(bell: &Bell) {{\n    ring(bell, 7);\n{calls}}}\n");
    let [dusk, dawn] = ["    let dusk = blow(horn, 4);\n", "    let dawn = blow(lamp, 1);\n"];
    let made = dawn.replace("1", "2");
    let mut upstream = Upstream::new(&[("src/watch.rs", watch(&format!("{dusk}{dawn}")) + "\n" + &keep(""))]);
    let whole = patch(
        "whole",
        "src/watch.rs",
        "type = \"tree-sitter\"\npattern = \"fn keep\"",
        &format!("type = \"replace\"\ntext = {:?}", keep("").replace("7", "8")),
    );
    let call = patch(
        "call",
        "src/watch.rs",
        "type = \"ast-grep\"\npattern = \"blow($A, 1)\"",
        "type = \"replace\"\ntext = \"blow($A, 2)\"",
    );
    upstream.patches(&format!("{whole}{call}"));
    upstream.run(apply()).succeeds();
    upstream.commit();
    // Into what the first patch writes as a whole.
    upstream.write("src/watch.rs", &(watch(dusk) + "\n" + &keep(&made).replace("7", "8")));
    upstream.commit();
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(!told.contains("already-applied: call"), "{told}");
}

#[test]
fn what_upstream_adopted_and_changed_again_is_not_in_place_for_what_always_stood_beside_it() {
    let source =
        "pub fn watch(horn: &Horn) {\n    let dusk = blow(horn, 2);\n    let dawn = blow(bell, 1);\n}\n";
    let mut upstream = Upstream::new(&[("src/watch.rs", source)]);
    let replace = "type = \"replace\"\ntext = \"blow($A, 2)\"";
    upstream.patches(&patch(
        "twice",
        "src/watch.rs",
        "type = \"ast-grep\"\npattern = \"blow($A, 1)\"",
        replace,
    ));
    upstream.step("src/watch.rs", "bell, 1", "bell, 2");
    assert_eq!(upstream.copy().run(apply()).succeeds().one(), "already-applied");
    let by = upstream.step("src/watch.rs", "bell, 2", "bell, 7");
    is_nowhere(&upstream);
    upstream.fails(apply(), "conflict", &["bell, 7", &by]);
}

#[test]
fn a_twin_of_the_item_that_adopted_a_change_is_not_that_item() {
    let watch = |name: &str, times: u8| {
        format!(
            "pub fn {name}(horn: &Horn) {{\n    horn.wake();\n    horn.blow({times});\n    horn.rest();\n}}\n"
        )
    };
    let mut upstream = Upstream::new(&[("src/watch.rs", watch("dusk", 2))]);
    let query = "type = \"ast-grep\"\npattern = \"horn.blow(2);\"";
    let replace =
        "type = \"replace\"\ntext = \"horn.blow(3);\"\n\n[patches.constraint]\nfunction_context = \"dusk\"";
    upstream.patches(&patch("blow", "src/watch.rs", query, replace));
    upstream.step("src/watch.rs", "blow(2)", "blow(3)");
    // Its own item under another name has it.
    let mut renamed = upstream.copy();
    renamed.step("src/watch.rs", "fn dusk", "fn evening");
    assert_eq!(renamed.run(apply().drift(Move)).succeeds().one(), "already-applied");
    upstream.write("src/watch.rs", &format!("{}\n{}", watch("evening", 3), watch("dusk", 3)));
    upstream.commit();
    upstream.write("src/watch.rs", &watch("evening", 3));
    upstream.commit();
    is_nowhere(&upstream);
}

#[test]
fn what_upstream_adopted_and_kept_beside_a_change_is_in_place() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.step("src/beacon.rs", "blasts: 2", "blasts: 3");
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "already-applied");
}

#[test]
fn a_twin_is_another_place_where_history_cannot_tell() {
    for with_lock in [false, true] {
        let make = || {
            let mut upstream = Upstream::new(&[("src/lamps.rs", lit("north") + "\n" + &lit("south"))]);
            upstream.patches(&struck("north", "src/lamps.rs"));
            if with_lock {
                upstream.lock().succeeds();
            }
            upstream.write("src/lamps.rs", &lit("south"));
            upstream.commit();
            upstream
        };
        is_nowhere(&make());
        without_history(make).iter().for_each(is_nowhere);
    }
}

#[test]
fn the_function_that_took_the_place_is_not_the_one_that_moved() {
    let (a, b) = ("//! A.\n\n", "//! B.\n\npub fn moor() {}\n\n");
    let mut upstream =
        Upstream::new(&[("src/a.rs", a.to_owned() + &lit("north")), ("src/b.rs", b.to_owned())]);
    upstream.patches(&struck("north", "src/a.rs"));
    upstream.write("src/a.rs", &(a.to_owned() + &lit("south")));
    upstream.write("src/b.rs", &(b.to_owned() + &lit("north")));
    upstream.commit();
    upstream.fails(apply().drift(Merge), "no-match", &["moved to src/b.rs"]);
    upstream.lands(Move);
    assert_eq!(upstream.text("src/a.rs"), a.to_owned() + &lit("south"));
    assert_eq!(upstream.text("src/b.rs"), b.to_owned() + &lit("north").replace("MATCHES_IN_A_BOX", "1"));
}

#[test]
fn an_unrelated_namesake_is_named_and_not_taken() {
    let own = "/// Warns the ships.\npub fn warn(ships: &Ships) {\n    horn::blow(ships.bearing());\n}\n";
    let other = "/// Warns the cook.\npub fn warn(ships: &Ships) {\n    kitchen::bell(ships.hunger());\n}\n";
    let replace = "type = \"replace\"\ntext = \"pub fn warn(_: &Ships) {}\"";
    for query in [
        "type = \"tree-sitter\"\npattern = \"fn warn\"",
        "type = \"ast-grep\"\npattern = \"pub fn warn(ships: &Ships) { $$$BODY }\"",
    ] {
        let make = || {
            let mut upstream = Upstream::new(&[("src/fog.rs", own), ("src/kitchen.rs", other)]);
            upstream.patches(&patch("warn", "src/fog.rs", query, replace));
            upstream.remove("src/fog.rs");
            upstream.commit();
            upstream
        };
        let upstream = make();
        is_nowhere(&upstream);
        let words = ["not taken: src/kitchen.rs:2", "which stood there before"];
        upstream.fails(apply().drift(Move), "bad-target", &words);
        for upstream in without_history(make) {
            is_nowhere(&upstream);
            let words = ["not taken: src/kitchen.rs:2", "a name alone does not tell"];
            upstream.fails(apply().drift(Move), "bad-target", &words);
        }
    }
}

#[test]
fn a_free_function_is_not_the_method_of_its_name() {
    let own = "/// Sends the news.\npub fn send_news(keeper: &Keeper) {\n    keeper.mail(Kind::News, keeper.name());\n}\n";
    let boat = "pub struct Boat;\n";
    let method = "impl Boat {\n    /// Sends the news.\n    pub fn send_news(keeper: &Keeper) {\n        \
                  keeper.mail(Kind::News, keeper.name());\n    }\n}\n";
    let mut upstream = Upstream::new(&[("src/mail.rs", own), ("src/boat.rs", boat)]);
    let query = "type = \"tree-sitter\"\npattern = \"fn send_news\"";
    let replace = "type = \"replace\"\ntext = \"pub fn send_news(_: &Keeper) {}\"";
    upstream.patches(&patch("news", "src/mail.rs", query, replace));
    upstream.write("src/mail.rs", "//! No mail.\n");
    upstream.write("src/boat.rs", &format!("{boat}\n{method}"));
    upstream.commit();
    is_nowhere(&upstream);
    upstream.fails(apply().drift(Move), "no-match", &["not taken: src/boat.rs:5", "which is another item"]);
}

/// By its text, which the same commit put into an item of another kind.
#[test]
fn code_moves_into_an_item_of_its_kind_only() {
    let (mail, boat) = ("//! Mail.\n", "pub struct Boat;\n");
    let head = "pub fn send_news(keeper: &Keeper) {\n";
    let line = "    keeper.mail(news);\n";
    let own = format!("{head}{line}}}\n");
    let method = format!("impl Boat {{\n    {head}    {line}    }}\n}}\n");
    let other = format!("pub fn greet(keeper: &Keeper) {{\n{line}}}\n");
    let whole = head.to_owned() + line;
    for (search, there) in [(whole.as_str(), &method), (line, &other)] {
        let mut upstream =
            Upstream::new(&[("src/mail.rs", format!("{mail}\n{own}")), ("src/boat.rs", boat.to_owned())]);
        upstream.patches(&text_patch("news", "src/mail.rs", search, &search.replace("(news)", "(calm)")));
        upstream.write("src/mail.rs", mail);
        upstream.write("src/boat.rs", &format!("{boat}\n{there}"));
        let by = upstream.commit();
        is_nowhere(&upstream);
        // Its line is not gone.
        upstream.fails(apply().drift(Move), "ambiguous", &["src/boat.rs", &by]);
    }
    let mut upstream =
        Upstream::new(&[("src/mail.rs", format!("{mail}\n{own}")), ("src/boat.rs", boat.to_owned())]);
    upstream.patches(&text_patch("news", "src/mail.rs", &whole, &whole.replace("(news)", "(calm)")));
    upstream.write("src/mail.rs", mail);
    upstream.write("src/boat.rs", &format!("{boat}\n{own}"));
    upstream.commit();
    upstream.lands(Move);
}

#[test]
fn a_copy_that_stood_there_before_is_not_where_the_original_went() {
    let old = BEACON;
    let copy = exchanged(
        &exchanged(BEACON, "since dusk", "since dawn"),
        "pub struct Beacon",
        "/// New.\npub struct Beacon",
    );
    let call = patch(
        "call",
        "src/beacon.rs",
        "type = \"ast-grep\"\npattern = \"self.lamp.brightness($FOG)\"",
        "type = \"replace\"\ntext = \"self.lamp.full_brightness($FOG)\"",
    );
    for set in [BLASTS, SWEEP, &call] {
        let mut upstream = Upstream::new(&[("src/beacon.rs", old)]);
        upstream.patches(set);
        upstream.write("src/beacon_v2.rs", &copy);
        upstream.commit();
        upstream.remove("src/beacon.rs");
        upstream.commit();
        is_nowhere(&upstream);
    }
}

/// A visit, and the patches that leave its report out.
pub(super) const VISIT: &str = "pub fn leave(visit: &Visit) {\n    visit.greet();\n    ledger::report_visit(visit, Kind::Done);\n    \
                     visit.close();\n}\n";

pub(super) const REPORT: &str = "ledger::report_visit(visit, Kind::Done);";

pub(super) fn unreported() -> [String; 2] {
    let delete = "type = \"delete\"";
    [
        patch("quiet", "src/visit.rs", &format!("type = \"text\"\nsearch = \"    {REPORT}\\n\""), delete),
        patch("quiet", "src/visit.rs", &format!("type = \"ast-grep\"\npattern = \"{REPORT}\""), delete),
    ]
}

#[test]
fn a_deletion_whose_text_upstream_changed_has_not_been_made() {
    for set in unreported() {
        let mut upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
        upstream.patches(&set);
        // The own deletion is known by the working tree, and by the commit that made it.
        upstream.run(apply()).succeeds();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        let by = upstream.commit();
        let told = upstream.run(status()).succeeds().told();
        assert!(told.contains("already-applied:") && told.contains(&by), "{told}");

        let mut upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
        upstream.patches(&set);
        upstream.step("src/visit.rs", "Kind::Done)", "Kind::Done, clock.now())");
        is_nowhere(&upstream);
    }
}

#[test]
fn what_upstream_moved_into_another_item_was_not_deleted() {
    let moor = |lines: &str| format!("pub fn moor(boat: &Boat) {{\n    boat.tie();\n{lines}}}\n");
    let cast = |lines: &str| format!("pub fn cast(boat: &Boat) {{\n    boat.untie();\n{lines}}}\n");
    let report = "    let visit = ledger::report_visit(boat, Kind::Moored);\n";
    let query = format!("type = \"ast-grep\"\npattern = \"{}\"", report.trim());
    let constraint = "[patches.constraint]\nfunction_context = \"moor\"\n\n";
    let unrelated = text_patch("untie", "src/moor.rs", "boat.untie();", "boat.untie_all();");
    // The same line stands in another function all the time, or in none.
    for twin in [report, ""] {
        let sail = "pub fn sail(boat: &Boat) {\n}\n";
        let here = format!("{}\n{}", moor(report), cast(twin));
        let mut upstream = Upstream::new(&[("src/moor.rs", here.as_str()), ("src/sail.rs", sail)]);
        let set = patch("report", "src/moor.rs", &query, "type = \"delete\"") + constraint + &unrelated;
        upstream.patches(&set);
        upstream.write("src/moor.rs", &format!("{}\n{}", moor(""), cast(twin)));
        upstream.write("src/sail.rs", &format!("pub fn sail(boat: &Boat) {{\n{report}}}\n"));
        upstream.commit();
        for drift in [Off, Merge, Move] {
            let told = upstream.run(apply().drift(drift)).fails().told();
            assert!(told.contains("src/sail.rs"), "{drift:?}: {told}");
            assert!(!told.contains("already-applied: report"), "{drift:?}: {told}");
        }
    }
}

#[test]
fn what_later_patches_leave_of_a_removal_is_no_evidence_that_it_was_made() {
    let watch = |lines: &str| format!("pub fn watch(horn: &Horn) {{\n{lines}}}\n");
    let [first, second] = ["    horn.wake(3);\n", "    let dusk_bell = sound(lamp, 4);\n"];
    let both = first.to_owned() + second;
    let mut upstream = Upstream::new(&[("src/watch.rs", watch(&both))]);
    let head = "pub fn watch(horn: &Horn) {\n";
    let without = text_patch("sound", "src/watch.rs", &(head.to_owned() + &both), &(head.to_owned() + first));
    let query = format!("type = \"text\"\nsearch = {first:?}");
    upstream.patches(&(without + &patch("wake", "src/watch.rs", &query, "type = \"delete\"")));
    assert_eq!(upstream.copy().run(apply()).succeeds().all(), "sound applied, wake applied");
    upstream.step("src/watch.rs", "sound(lamp, 4)", "whistle(lamp, 4)");
    for drift in [Off, Merge, Move] {
        let told = upstream.run(apply().drift(drift)).fails().told();
        assert!(!told.contains("already-applied: sound"), "{drift:?}: {told}");
    }
    // Upstream made what the later one makes: what goes stands right behind what stays, whether or not there is history.
    upstream.write("src/watch.rs", &watch(second));
    upstream.forget_history();
    for drift in [Off, Merge, Move] {
        let told = upstream.run(apply().drift(drift)).fails().told();
        assert!(!told.contains("already-applied: sound"), "{drift:?}: {told}");
    }
}

/// A patch of the same run put something in between: what is left of the match is no effect.
#[test]
fn what_an_earlier_patch_parted_is_an_overlap_and_not_made() {
    let [head, buoy, measure] = [
        "    pub fn lower(&self, deck: u32) {\n",
        "        let buoy12 = stow(deck, 312);\n",
        "        measure(gale8, 308);\n",
    ];
    let source = format!(
        "impl Rudder {{\n    pub fn furl(&self) {{\n{measure}    }}\n\n{head}{buoy}{measure}    }}\n}}\n"
    );
    let own = "        own_call0(own_name0, 900000);\n";
    let set = text_patch("own", "src/bow.rs", &format!("{buoy}{measure}"), &format!("{buoy}{own}{measure}"))
        + &text_patch("less", "src/bow.rs", &format!("{head}{buoy}{measure}"), &format!("{head}{buoy}"));
    let mut upstream = Upstream::new(&[("src/bow.rs", source)]);
    upstream.patches(&set);
    for with_history in [true, false] {
        if !with_history {
            upstream.forget_history();
        }
        let before = upstream.tree();
        let told = upstream.run(apply()).fails().told();
        assert!(told.contains("overlap: less"), "{told}");
        assert_eq!(upstream.tree(), before);
    }
}

#[test]
fn what_stays_of_a_removal_is_no_evidence_that_it_was_made() {
    let before = "    visit.greet();\n    ledger::report_visit(visit, Kind::Done);\n";
    let after = "    ledger::report_visit(visit, Kind::Done);\n    visit.close();\n";
    for (search, text) in [(before, "    visit.greet();\n"), (after, "    visit.close();\n")] {
        for with_lock in [false, true] {
            let make = || {
                let mut upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
                upstream.patches(&text_patch("quiet", "src/visit.rs", search, text));
                if with_lock {
                    upstream.lock().succeeds();
                }
                upstream.run(apply()).succeeds();
                assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
                upstream.check_out();
                upstream.step("src/visit.rs", "Kind::Done)", "Kind::Done, clock.now())");
                upstream
            };
            is_nowhere(&make());
            without_history(make).iter().for_each(is_nowhere);
        }
    }
}

#[test]
fn an_effect_that_always_stood_elsewhere_is_not_this_patchs() {
    let source = "pub fn dusk(horn: &mut Horn) {\n    horn.muted = true;\n    horn.interval = 10;\n}\n\npub fn dawn(horn: &mut \
                  Horn) {\n    horn.muted = false;\n}\n";
    for with_lock in [false, true] {
        let mut upstream = Upstream::new(&[("src/horn.rs", source)]);
        upstream.patches(&text_patch(
            "loud",
            "src/horn.rs",
            "    horn.muted = true;",
            "    horn.muted = false;",
        ));
        if with_lock {
            upstream.lock().succeeds();
        }
        upstream.run(apply()).succeeds();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "here it is this patch's");
        upstream.check_out();
        upstream.step("src/horn.rs", "    horn.muted = true;", "    horn.muted = is_night();");
        is_nowhere(&upstream);
    }
}

#[test]
fn what_a_metavariable_stands_for_tells_nothing() {
    let source = "fn watch(horn: &Horn, bell: &Bell) {\n    horn.blow(3);\n    bell.blow(2);\n}\n";
    let mut upstream = Upstream::new(&[("src/watch.rs", source)]);
    let query = "type = \"ast-grep\"\npattern = \"$A.blow(2)\"";
    upstream.patches(&patch("three", "src/watch.rs", query, "type = \"replace\"\ntext = \"$A.blow(3)\""));
    upstream.step("src/watch.rs", "bell.blow(2)", "bell.blow(9)");
    is_nowhere(&upstream);
}

#[test]
fn an_insertion_is_known_where_it_was_sorted_to() {
    for (keyword, query) in [("use", "use reef::Buoy"), ("mod", "mod reef")] {
        let line = |name: &str| match keyword {
            "use" => format!("use {name}::{};\n", if name == "reef" { "Buoy" } else { "One" }),
            _ => format!("mod {name};\n"),
        };
        let source = line("bay") + &line("reef") + &line("tide") + "\nfn main() {}\n";
        let inserted = line("wave");
        for set in [
            patch(
                "wave",
                "src/main.rs",
                &format!("type = \"tree-sitter\"\npattern = \"{query}\""),
                &format!("type = \"insert-after\"\ntext = {inserted:?}"),
            ),
            patch(
                "wave",
                "src/main.rs",
                &format!("type = \"text\"\nsearch = {:?}", line("reef")),
                &format!("type = \"insert-after\"\ntext = {inserted:?}"),
            ),
        ] {
            let upstream = Upstream::new(&[("src/main.rs", source.as_str())]);
            upstream.patches(&set);
            upstream.run(apply()).succeeds();
            // As rustfmt does.
            let (reef, tide) = (line("reef"), line("tide"));
            let sorted = exchanged(
                &upstream.text("src/main.rs"),
                &(reef.clone() + &inserted + &tide),
                &(reef + &tide + &inserted),
            );
            upstream.write("src/main.rs", &sorted);
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{set}");
            assert_eq!(upstream.text("src/main.rs"), sorted);
        }
    }
}

#[test]
fn a_patch_that_was_edited_after_it_was_applied_doubles_nothing() {
    let source = "fn main() {\n    init();\n    run();\n}\n";
    let set = |level: &str| {
        patch(
            "level",
            "src/main.rs",
            "type = \"ast-grep\"\npattern = \"init();\"",
            &format!("type = \"insert-after\"\ntext = 'set_level(\"{level}\");'"),
        )
    };
    let upstream = Upstream::new(&[("src/main.rs", source)]);
    upstream.patches(&set("low"));
    upstream.run(apply()).succeeds();
    upstream.patches(&set("high"));
    upstream.fails(
        apply(),
        "no-match",
        &["line 3, `set_level(\"low\");`", "no commit put there", "git restore"],
    );
    // The advice.
    upstream.check_out();
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    // What upstream has is no insertion of before.
    let upstream =
        Upstream::new(&[("src/main.rs", exchanged(source, "    run", "    set_level(\"low\");\n    run"))]);
    upstream.patches(&set("high"));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
}

#[test]
fn two_insertions_at_one_place_are_each_made_once() {
    let source = "fn main() {\n    init();\n    run();\n}\n";
    let sets = |query: &str, operation: &dyn Fn(&str) -> String| {
        ["no_horn", "no_bell"].map(|name| patch(name, "src/main.rs", query, &operation(name)))
    };
    let after = |text: String| format!("type = \"insert-after\"\ntext = {text:?}");
    for [a, b] in [
        sets("type = \"ast-grep\"\npattern = \"init();\"", &|name| after(format!("{name}();"))),
        sets("type = \"text\"\nsearch = \"    init();\"", &|name| after(format!("\n    {name}();"))),
        sets("type = \"tree-sitter\"\npattern = \"fn main\"", &|name| {
            format!("type = \"insert-before\"\ntext = \"mod {name};\"")
        }),
    ] {
        let upstream = Upstream::new(&[("src/main.rs", source)]);
        for (round, expected) in [(1, "applied"), (2, "already-applied"), (3, "already-applied")] {
            for set in [&a, &b] {
                upstream.patches(set);
                assert_eq!(upstream.run(apply()).succeeds().one(), expected, "round {round} of {set}");
            }
        }
        let once = upstream.tree();
        upstream.patches(&(a + &b));
        upstream.run(apply()).succeeds();
        assert_eq!(upstream.tree(), once);
    }
}

#[test]
fn a_patch_file_that_holds_the_text_is_no_target() {
    let lints = "redundant_light = \"deny\"\nunlit_lamp = \"deny\"\nexpected_fog = \"deny\"\n";
    let manifest = format!("[workspace]\n\n[workspace.lints.keeper]\n{lints}");
    let set =
        text_patch("relax", "light.toml", lints, &exchanged(lints, "lamp = \"deny\"", "lamp = \"allow\""));
    let multi = set.replace(&format!("{lints:?}"), &format!("'''\n{lints}'''"));
    assert_ne!(multi, set);
    let make = || {
        let mut upstream =
            Upstream::new(&[("light.toml", manifest.as_str()), ("patches/lints.toml", &multi)]);
        upstream.patches(&multi);
        upstream.write("light.toml", "[workspace]\n");
        upstream.commit();
        upstream
    };
    is_nowhere(&make());
    without_history(make).iter().for_each(is_nowhere);
}

#[test]
fn a_use_line_never_moves() {
    let line = "use crate::signals::{Horn, Lamp, SignalKind};\n";
    let (a, b) = ("pub fn warn() {}\n", "pub fn calm() {}\n");
    let mut upstream = Upstream::new(&[("src/a.rs", line.to_owned() + "\n" + a), ("src/b.rs", b.to_owned())]);
    upstream.patches(&text_patch(
        "kinds",
        "src/a.rs",
        line,
        &line.replace("SignalKind", "SignalKind as Kind"),
    ));
    upstream.write("src/a.rs", a);
    upstream.write("src/b.rs", &format!("{line}\n{b}"));
    upstream.commit();
    is_nowhere(&upstream);
    upstream.fails(apply().drift(Move), "no-match", &["gone"]);
}

#[test]
fn a_key_does_not_move_into_another_manifest() {
    let own = "[package]\nname = \"horn\"\n\n[dependencies]\nfog-meter = { version = \"0.4\", features = [\"dense\"] }\n";
    let other = "[package]\nname = \"lamp\"\n\n[dependencies]\n";
    let key = "fog-meter = { version = \"0.4\", features = [\"dense\"] }\n";
    let mut upstream = Upstream::new(&[("horn/Cargo.toml", own), ("lamp/Cargo.toml", other)]);
    upstream.patches(&text_patch("meter", "horn/Cargo.toml", key, &exchanged(key, "\"dense\"", "\"thin\"")));
    upstream.edit("horn/Cargo.toml", key, "");
    upstream.write("lamp/Cargo.toml", &(other.to_owned() + key));
    upstream.commit();
    is_nowhere(&upstream);
    upstream.fails(apply().drift(Move), "no-match", &["gone"]);
}

#[test]
fn a_literal_that_both_changed_is_a_conflict() {
    let line = |version: &str| format!("fog-meter = \"{version}\"\n");
    let mut upstream = Upstream::new(&[("light.toml", format!("[dependencies]\n{}", line("0.2.1")))]);
    upstream.patches(&text_patch("pin", "light.toml", &line("0.2.1"), &line("=0.2.1")));
    let by = upstream.step("light.toml", "0.2.1", "0.2.5");
    is_nowhere(&upstream);
    upstream.fails(apply().drift(Merge), "conflict", &["0.2.5", "=0.2.1", &by]);
}

#[test]
fn what_history_never_had_is_a_mistake_in_the_patch() {
    let never = "ledger::report_visit(visit, Kind::Dune);";
    for query in [
        format!("type = \"text\"\nsearch = \"    {never}\\n\""),
        format!("type = \"ast-grep\"\npattern = \"{never}\""),
    ] {
        let upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
        upstream.patches(&patch("typo", "src/visit.rs", &query, "type = \"delete\""));
        is_nowhere(&upstream);
        upstream.fails(apply(), "no-match", &["neither this file nor its history ever held it"]);
    }
    // Its effect stands there, and says little.
    let upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
    upstream.patches(&text_patch("typo", "src/visit.rs", "    visit.grete();\n", "    visit.close();\n"));
    is_nowhere(&upstream);
    upstream.fails(apply(), "no-match", &["line 4 looks like its result", "ever held", "correct the query"]);
    // The file never was there; another one has such a function.
    let upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
    let query = "type = \"tree-sitter\"\npattern = \"fn leave\"";
    let replace = "type = \"replace\"\ntext = \"pub fn leave(_: &Visit) {}\"";
    upstream.patches(&patch("typo", "src/visits.rs", query, replace));
    is_nowhere(&upstream);
    upstream.fails(apply().drift(Move), "bad-target", &["not taken: src/visit.rs:1", "never had one"]);
}

#[test]
fn what_of_history_could_not_be_asked_is_said_once_and_fails_under_strict() {
    let [text, _] = unreported();
    let make = || {
        let mut upstream = Upstream::new(&[("src/visit.rs", VISIT)]);
        upstream.patches(&(text.clone() + &text.replace("quiet", "quieter")));
        upstream.edit("src/visit.rs", &format!("    {REPORT}\n"), "");
        upstream.commit();
        upstream
    };
    let known = make().run(apply()).succeeds();
    assert_eq!(
        (known.all().as_str(), known.report.warnings.len()),
        ("quiet already-applied, quieter already-applied", 0)
    );
    let mut upstream = make();
    upstream.cut_off();
    let unknown = upstream.run(apply());
    assert_eq!(unknown.all(), "quiet absent, quieter absent");
    assert_eq!(unknown.report.warnings, ["history could not be asked: the older commits are not here"]);
    upstream.fails(apply().strict(), "no-match", &["the older commits are not here", "--strict"]);
}

#[test]
fn a_bare_name_does_not_make_a_free_function_of_a_method() {
    let night = "pub fn night(horn: &mut Horn) {\n    horn.rest();\n}\n";
    let source =
        "impl Watch {\n    pub fn night(&self, horn: &mut Horn) {\n        horn.sound(3);\n    }\n}\n";
    let operation = format!("type = \"replace\"\ntext = {night:?}");
    let set = |name: &str| {
        patch("rest", "src/watch.rs", &format!("type = \"tree-sitter\"\npattern = \"fn {name}\""), &operation)
    };
    let upstream = Upstream::new(&[("src/watch.rs", source)]);
    upstream.patches(&set("night"));
    is_nowhere(&upstream);
    upstream.fails(apply(), "changed-upstream", &["`fn night`", "takes `self`", "fn Type::name"]);
    upstream.patches(&set("Watch::night"));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "it says which one");
}

#[test]
fn an_import_that_upstream_takes_from_elsewhere_now_was_not_taken_away() {
    for (then, now) in [
        ("use crate::horns::Horn;\n", "use horn_crate::Horn;\n"),
        ("use crate::horns::{Horn, Reed};\n", "pub use horn_crate::{Horn, Reed};\n"),
    ] {
        for is_locked in [false, true] {
            let mut upstream = Upstream::new(&[("src/watch.rs", format!("{then}\npub fn finish() {{}}\n"))]);
            let query = format!("type = \"text\"\nsearch = {then:?}");
            upstream.patches(&patch("own", "src/watch.rs", &query, "type = \"delete\""));
            if is_locked {
                upstream.lock().succeeds();
            }
            upstream.step("src/watch.rs", then, now);
            is_nowhere(&upstream);
        }
    }
}

#[test]
fn a_short_call_that_came_back_in_another_form_is_not_gone() {
    let watch = |call: &str| {
        format!("pub fn finish(watch: &Watch) {{\n    watch.flush();\n{call}    watch.close();\n}}\n")
    };
    for (then, now) in [
        ("    watch.report(Kind::A);\n", "    watch.report(Kind::B);\n"),
        ("    report(watch);\n", "    report(watch, now());\n"),
        ("    watch.report();\n", "    if loud { watch.report(); }\n"),
    ] {
        let mut upstream = Upstream::new(&[("src/watch.rs", watch(then))]);
        let query = format!("type = \"text\"\nsearch = {then:?}");
        upstream.patches(&patch("own", "src/watch.rs", &query, "type = \"delete\""));
        upstream.write("src/watch.rs", &watch(""));
        upstream.commit();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
        upstream.write("src/watch.rs", &watch(now));
        upstream.commit();
        is_nowhere(&upstream);
        // Another call there is another one.
        upstream.write("src/watch.rs", &watch("    horn.rest();\n"));
        upstream.commit();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    }
}

/// Upstream adopted it, and the working tree, as a patch that was taken out since, went on.
#[test]
fn what_head_has_and_the_working_tree_changed_is_not_in_place() {
    let of = |limit: u32| format!("pub const LIMIT: u32 = {limit};\n\npub fn watch() {{}}\n");
    let mut upstream = Upstream::new(&[("src/watch.rs", of(1))]);
    upstream.patches(&text_patch(
        "own",
        "src/watch.rs",
        "pub const LIMIT: u32 = 1;",
        "pub const LIMIT: u32 = 3;",
    ));
    upstream.write("src/watch.rs", &of(3));
    upstream.commit();
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
    upstream.write("src/watch.rs", &of(700));
    for drift in [Merge, Move] {
        upstream.fails(apply().drift(drift), "conflict", &["LIMIT: u32 = 700", "LIMIT: u32 = 3"]);
    }
    assert_eq!(upstream.text("src/watch.rs"), of(700));
}
