//! What names a place is all that holds it: the implementation of a method, the trait, the section of a key; and what no name tells,
//! as a `use`, goes nowhere by itself.

use super::evidence::{is_nowhere, patch, without_history};
use super::*;

/// A boat or a buoy, which do the same.
fn afloat(name: &str) -> String {
    format!(
        "impl {name} {{\n    pub const ROPES: usize = 4 * FATHOMS;\n\n    pub fn moor(&self, pier: &Pier) -> Knot {{\n        let \
         knot = tie(self.rope_to(pier));\n        knot.pull_tight();\n        knot\n    }}\n}}\n\nimpl Floats for {name} \
         {{\n    fn draught(&self, load: &Load) -> usize {{\n        measure(self.hull())\n            .with(load)\n    }}\n}}\n\n\
         pub mod {name}_tests {{\n    pub fn tide_of_the_day() -> Tide {{\n        let tables = Tables::of_the_year();\n        \
         tables.tide(FIRST_OF_MAY)\n    }}\n}}\n"
    )
}

/// Patches of whole items of the boat, by queries that name it.
fn of_the_boat() -> Vec<String> {
    let ast_grep = |context: &str, selector: &str| {
        format!("type = \"ast-grep\"\ncontext = {context:?}\nselector = {selector:?}")
    };
    let moor = "impl Boat { pub fn moor(&self, pier: &Pier) -> Knot { $$$BODY } }";
    let tide = "type = \"ast-grep\"\nrule = { kind = \"function_item\", regex = \"tide_of\", inside = { kind = \"mod_item\", stopBy = \
                \"end\", has = { field = \"name\", regex = \"^Boat_tests$\" } } }";
    let replace = |text: &str| format!("type = \"replace\"\ntext = {text:?}");
    [
        (
            "type = \"tree-sitter\"\npattern = \"fn Boat::moor\"",
            replace("pub fn moor(&self, _: &Pier) -> Knot { Knot::Slip }"),
        ),
        ("type = \"tree-sitter\"\npattern = \"fn Boat::moor\"", "type = \"delete\"".to_owned()),
        (&ast_grep(moor, "function_item"), replace("pub fn moor(&self, _: &Pier) -> Knot { Knot::Slip }")),
        (
            &ast_grep("impl Boat { pub const ROPES: usize = 4 * FATHOMS; }", "const_item"),
            replace("pub const ROPES: usize = 0;"),
        ),
        (
            "type = \"tree-sitter\"\npattern = \"fn Boat::draught\"",
            replace("fn draught(&self, _: &Load) -> usize { 0 }"),
        ),
        (tide, replace("pub fn tide_of_the_day() -> Tide { Tide::Slack }")),
    ]
    .map(|(query, operation)| patch("boat", "src/afloat.rs", query, &operation))
    .into()
}

fn with_both(set: &str) -> Upstream {
    let both = afloat("Boat") + "\n" + &afloat("Buoy");
    let upstream = Upstream::new(&[("src/afloat.rs", both)]);
    upstream.patches(set);
    upstream.lock().succeeds();
    upstream
}

#[test]
fn a_locked_whole_item_is_not_that_of_its_name_in_another_implementation_or_module() {
    for set in of_the_boat() {
        let make = || {
            let mut upstream = with_both(&set);
            upstream.write("src/afloat.rs", &afloat("Buoy"));
            upstream.commit();
            upstream
        };
        if set.contains("delete") {
            // What is nowhere without history may have been deleted by the patch.
            for upstream in without_history(make) {
                let before = upstream.tree();
                upstream.run(apply().drift(Move));
                assert_eq!(upstream.tree(), before);
            }
            // History tells that the commit took it, and that the other one stood beside it.
            let upstream = make();
            let before = upstream.tree();
            let ran = upstream.run(apply().drift(Move)).succeeds();
            assert!(ran.told().contains("HEAD has this change since"), "{}", ran.told());
            assert_eq!(upstream.tree(), before);
        } else {
            without_history(make).iter().for_each(is_nowhere);
            is_nowhere(&make());
        }
    }
}

#[test]
fn a_locked_whole_item_is_followed_into_what_its_holder_was_renamed_to() {
    for set in of_the_boat().into_iter().filter(|set| !set.contains("ROPES")) {
        let mut upstream = Upstream::new(&[("src/afloat.rs", afloat("Boat"))]);
        upstream.patches(&set);
        upstream.lock().succeeds();
        let renamed = afloat("Ship");
        upstream.write("src/afloat.rs", &renamed);
        upstream.commit();
        upstream.run(apply().drift(Merge)).succeeds();
        assert_ne!(upstream.text("src/afloat.rs"), renamed, "{set}");
    }
}

#[test]
fn a_locked_item_is_followed_into_what_its_holder_and_its_file_were_renamed_to() {
    let statement = patch(
        "boat",
        "src/afloat.rs",
        "type = \"ast-grep\"\npattern = \"knot.pull_tight();\"",
        "type = \"insert-after\"\ntext = \"knot.look_at();\"",
    );
    let whole = of_the_boat().into_iter().filter(|set| !set.contains("ROPES"));
    for set in whole.chain([statement]) {
        let locked = || {
            let upstream = Upstream::new(&[("src/afloat.rs", afloat("Boat"))]);
            upstream.patches(&set);
            upstream.lock().succeeds();
            upstream
        };
        let (file, holder) = (("src/afloat.rs", "src/hulls.rs"), afloat("Ship"));
        // In one commit, and one after the other.
        for order in 0..3 {
            let mut upstream = locked();
            if order == 1 {
                upstream.write(file.0, &holder);
                upstream.commit();
            }
            upstream.rename(file.0, file.1);
            if order == 2 {
                upstream.commit();
            }
            upstream.write(file.1, &holder);
            upstream.commit();
            upstream.run(apply().drift(Move)).succeeds();
            assert_ne!(upstream.text(file.1), holder, "{set}");
        }
        // What the holder was renamed to was there before: it is another one.
        let mut upstream = locked();
        upstream.write(file.0, &(afloat("Boat") + "\n" + &afloat("Ship")));
        upstream.commit();
        upstream.rename(file.0, file.1);
        upstream.write(file.1, &holder);
        upstream.commit();
        is_nowhere(&upstream);
    }
}

#[test]
fn a_locked_statement_is_followed_with_its_item_into_a_file_that_is_renamed_later() {
    let mut upstream =
        Upstream::new(&[("src/afloat.rs", afloat("Boat")), ("src/pier.rs", "fn a_pier() {}\n".to_owned())]);
    upstream.patches(&patch(
        "boat",
        "src/afloat.rs",
        "type = \"ast-grep\"\npattern = \"knot.pull_tight();\"",
        "type = \"insert-after\"\ntext = \"knot.look_at();\"",
    ));
    upstream.lock().succeeds();
    let boat = afloat("Boat");
    let (moor, rest) = boat.split_at(boat.find("impl Floats").unwrap());
    upstream.write("src/afloat.rs", rest);
    upstream.write("src/moor.rs", moor);
    upstream.commit();
    upstream.rename("src/moor.rs", "src/pier/moor.rs");
    upstream.commit();
    upstream.run(apply().drift(Move)).succeeds();
    assert!(upstream.text("src/pier/moor.rs").contains("pull_tight();\n        knot.look_at();"));
}

#[test]
fn a_locked_statement_of_a_module_is_followed_into_the_file_that_the_module_became() {
    let test = |name: &str, lead: &str| {
        let lines =
            ["#[test]", &format!("fn {name}() {{"), "    let knot = tie();", "    knot.holds();", "}"];
        lines.map(|line| format!("{lead}{line}\n")).concat()
    };
    let tests =
        |lead: &str, names: &[&str]| names.iter().map(|name| test(name, lead)).collect::<Vec<_>>().join("\n");
    let names = ["ties_one", "ties_two", "ties_three"];
    let inline = format!("pub fn tie() {{}}\n\nmod tests {{\n{}}}\n", tests("    ", &names));
    let without = ["ties_one", "ties_three"];
    let query = "type = \"text\"\nsearch = \"fn ties_two() {\\n        let knot = tie();\"";
    let own = "type = \"replace\"\ntext = \"fn ties_two() {\\n        let knot = tie_twice();\"";
    let mut upstream = Upstream::new(&[("src/knot.rs", inline.clone())]);
    upstream.patches(&patch("knot", "src/knot.rs", query, own));
    upstream.lock().succeeds();
    upstream.write("src/knot.rs", "pub fn tie() {}\n\nmod tests;\n");
    upstream.write("src/knot_tests.rs", &tests("", &names));
    upstream.commit();
    upstream.run(apply().drift(Move)).succeeds();
    assert!(upstream.text("src/knot_tests.rs").contains("fn ties_two() {\n    let knot = tie_twice();"));

    // The others went there without it: it is gone, and they are not where it is.
    let mut upstream = Upstream::new(&[("src/knot.rs", inline)]);
    let query = "type = \"tree-sitter\"\npattern = \"fn ties_two\"";
    upstream.patches(&patch("knot", "src/knot.rs", query, "type = \"delete\""));
    upstream.write("src/knot.rs", "pub fn tie() {}\n\nmod tests;\n");
    upstream.write("src/knot_tests.rs", &tests("", &without));
    upstream.commit();
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
}

/// What came there is gone since, and another one of its name came.
#[test]
fn a_namesake_that_came_later_to_where_the_item_moved_is_another_one() {
    let steer =
        |body: &str| format!("impl Anchor {{\n    pub fn steer(&self, deck: u32) {{\n{body}    }}\n}}\n");
    let own = steer(
        "        let tide = signal(deck, 331);\n        stow(tide.of_the_day());\n        trim_all(deck);\n",
    );
    let other = steer("        if wake > 352 {\n            measure(gale, lit);\n        }\n");
    let rest = "pub fn rest() {}\n";
    let mut upstream = Upstream::new(&[("src/keel.rs", own.clone() + rest), ("src/bow.rs", rest.to_owned())]);
    let query = "type = \"tree-sitter\"\npattern = \"fn Anchor::steer\"";
    upstream.patches(&patch("own", "src/keel.rs", query, "type = \"delete\""));
    upstream.write("src/keel.rs", rest);
    upstream.write("src/bow.rs", &(own + rest));
    upstream.commit();
    upstream.write("src/bow.rs", rest);
    upstream.commit();
    upstream.write("src/bow.rs", &(other + rest));
    upstream.commit();
    let before = upstream.tree();
    upstream.run(apply().drift(Move));
    assert_eq!(upstream.tree(), before);
}

/// What a file says of itself, by every query that can look for it.
#[test]
fn what_any_file_may_say_never_moves_by_itself() {
    let insert = "type = \"insert-after\"\ntext = \"use quiet::Fog;\"".to_owned();
    let ast_grep = |line: &str| format!("type = \"ast-grep\"\npattern = {line:?}");
    let text = |line: &str| format!("type = \"text\"\nsearch = {line:?}");
    let import = "use signals::of_the_harbour::Horn;";
    let (re_export, module) = ("pub use signals::of_the_harbour::Horn;", "mod signals_of_the_harbour;");
    let (krate, attribute) = ("extern crate signals_of_harbour;", "#![allow(clippy::signals_of_harbour)]");
    let replace = "type = \"replace\"\ntext = \"use quiet::Fog;\"".to_owned();
    let delete = "type = \"delete\"".to_owned();
    for (line, query, operation) in [
        (
            import,
            "type = \"tree-sitter\"\npattern = \"use signals::of_the_harbour::Horn\"".to_owned(),
            &insert,
        ),
        (import, ast_grep(import), &insert),
        (import, ast_grep(import), &replace),
        (import, ast_grep(import), &delete),
        (import, text(import), &replace),
        (re_export, ast_grep(re_export), &insert),
        (module, ast_grep(module), &insert),
        (krate, ast_grep(krate), &insert),
        (attribute, text(attribute), &insert),
    ] {
        for (keeps_file, with_lock) in [(true, false), (true, true), (false, false), (false, true)] {
            let body = "\npub fn sound(horn: &Horn) -> Signal {\n    horn.blow(3)\n}\n";
            let make = || {
                let mut upstream = Upstream::new(&[
                    ("src/a.rs", format!("{line}\n{body}\npub fn stays() {{}}\n")),
                    ("src/b.rs", "pub fn moor() {}\n".to_owned()),
                ]);
                upstream.patches(&patch("horn", "src/a.rs", &query, operation));
                if with_lock {
                    upstream.lock().succeeds();
                }
                match keeps_file {
                    true => upstream.write("src/a.rs", "pub fn stays() {}\n"),
                    false => upstream.remove("src/a.rs"),
                }
                upstream.write("src/b.rs", &format!("{line}\n\npub fn moor() {{}}\n{body}"));
                upstream.commit();
                upstream
            };
            for upstream in [make()].into_iter().chain(without_history(make)) {
                let before = (upstream.tree(), upstream.set());
                let told = upstream.run(apply().drift(Move)).told() + &upstream.update().told();
                assert_eq!((upstream.tree(), upstream.set()), before, "{query}\n{told}");
            }
        }
    }
}

#[test]
fn what_any_file_may_say_goes_where_its_file_went() {
    let import = "use signals::of_the_harbour::Horn;";
    let query = format!("type = \"ast-grep\"\npattern = {import:?}");
    let mut upstream = Upstream::new(&[("src/a.rs", format!("{import}\n\n{BEACON}"))]);
    upstream.patches(&patch(
        "horn",
        "src/a.rs",
        &query,
        "type = \"insert-after\"\ntext = \"use quiet::Fog;\"",
    ));
    upstream.rename("src/a.rs", "src/c.rs");
    upstream.commit();
    upstream.lands(Move);
    assert!(upstream.text("src/c.rs").starts_with(&format!("{import}\nuse quiet::Fog;\n")));
}

/// What is searched, from the head of what holds it on, and the one line that the patch changes.
const HELD: [(&str, &str, [&str; 2]); 5] = [
    (
        "src/lib.rs",
        "pub trait LampNAME {\n    fn kindle(&mut self, keeper: &Keeper) -> Result<(), Dark>;\n    fn quench(&mut self, keeper: \
         &Keeper) -> Result<(), Dark>;\n}\n",
        ["fn kindle(&mut self, keeper: &Keeper)", "fn kindle(&mut self)"],
    ),
    (
        "src/lib.rs",
        "impl Default for NAME {\n    fn default() -> Self {\n        Self { lit: true, turn: Turn::of_seconds(60), glass: \
         Glass::new() }\n    }\n}\n",
        ["lit: true", "lit: false"],
    ),
    (
        "src/lib.rs",
        "pub mod NAME {\n    pub fn interval_of_flashes() -> Turn {\n        Turn::of_seconds(60)\n    }\n}\n",
        ["of_seconds(60)", "of_seconds(90)"],
    ),
    (
        "lamp.toml",
        "[profile.NAME]\nlto = \"thin\"\ncodegen-units = 16\nstrip = \"symbols\"\n",
        ["\"thin\"", "false"],
    ),
    (
        "lamp.toml",
        "[dependencies.NAME]\nversion = \"1.2\"\nfeatures = [\"full\", \"bright\"]\ndefault-features = false\n",
        ["[\"full\", \"bright\"]", "[]"],
    ),
];

#[test]
fn another_holder_is_another_place() {
    for (file, text, [from, to]) in HELD {
        let (own, other) = (text.replace("NAME", "North"), text.replace("NAME", "South"));
        let changed = own.find(from).unwrap();
        let end = changed + own[changed..].find('\n').unwrap() + 1;
        for with_lock in [false, true] {
            let make = || {
                let mut upstream = Upstream::new(&[(file, format!("{own}\n{other}"))]);
                upstream.patches(&text_patch("lamp", file, &own[..end], &own[..end].replace(from, to)));
                if with_lock {
                    upstream.lock().succeeds();
                }
                upstream.write(file, &other);
                upstream.commit();
                upstream
            };
            is_nowhere(&make());
            without_history(make).iter().for_each(is_nowhere);
        }
        // What else changed beside it is no matter.
        let mut upstream = Upstream::new(&[(file, format!("{own}\n{other}"))]);
        upstream.patches(&text_patch("lamp", file, &own[..end], &own[..end].replace(from, to)));
        let head = own.lines().next().unwrap();
        upstream.edit(file, head, &format!("{head} // Kept."));
        upstream.commit();
        if file.ends_with(".rs") {
            upstream.forget_history();
            upstream.lands(Merge);
        }
    }
}

/// A date, a time, a version: what parts them is no end of a word.
#[test]
fn a_number_of_several_parts_is_one_word() {
    for [was, ours, theirs] in [
        ["2024-01-02", "2025-01-02", "2024-01-03"],
        ["2024-01-02T03:04:05Z", "2024-01-02T07:04:05Z", "2024-01-02T03:04:06Z"],
        ["1.2.3", "2.2.3", "1.2.4"],
        ["10:00-11:00", "09:00-11:00", "10:00-12:00"],
    ] {
        let line = |date: &str| format!("lamp = {{ since = {date}, oil = 1 }}\n");
        let file = |date: &str| format!("[keeper]\nname = \"x\"\n{}rope = 1\n", line(date));
        let mut upstream = Upstream::new(&[("lamp.toml", file(was))]);
        upstream.patches(&text_patch("lamp", "lamp.toml", &line(was), &line(theirs)));
        upstream.write("lamp.toml", &file(ours));
        upstream.commit();
        upstream.fails(apply().drift(Merge), "conflict", &[was, ours, theirs]);
        is_nowhere(&upstream);
    }
}

/// A free function, and a patch of it by its text.
const RAISE: &str = "pub fn raise_the_flag(mast: &Mast) -> Flag {\n    let halyard = mast.halyard_of(FIRST_OF_MAY);\n    let flag = \
                     halyard.hoist(colours());\n    flag.unfurl()\n}\n";

fn raised(search: &str) -> String {
    text_patch("flag", "src/a.rs", search, &exchanged(search, "colours()", "plain()"))
}

#[test]
fn without_history_a_free_function_is_no_method_and_a_fixture_is_not_the_code() {
    let head: String = RAISE.split_inclusive('\n').take(3).collect();
    let indented: String = RAISE.lines().map(|line| format!("    {line}\n")).collect();
    let method = format!("pub struct Boat;\n\nimpl Boat {{\n{indented}}}\n");
    for (path, there) in
        [("src/a.rs", method.as_str()), ("src/b.rs", &method), ("tests/fixtures/a.rs", RAISE)]
    {
        for with_lock in [false, true] {
            let make = || {
                let mut upstream = Upstream::new(&[("src/a.rs", format!("//! A.\n\n{RAISE}"))]);
                upstream.patches(&raised(&head));
                if with_lock {
                    upstream.lock().succeeds();
                }
                upstream.write("src/a.rs", "//! A.\n");
                upstream.write(path, there);
                upstream.commit();
                upstream
            };
            without_history(make).iter().for_each(is_nowhere);
        }
    }
    // In a module it may be.
    let mut upstream = Upstream::new(&[("src/a.rs", RAISE)]);
    upstream.patches(&raised(&head));
    upstream.write("src/a.rs", &format!("pub mod boat {{\n{indented}}}\n"));
    upstream.forget_history();
    upstream.lands(Merge);
}

/// Of two items of the locked name only history could tell which is it, also where beside one of them stands what the patch may
/// have been before.
#[test]
fn of_two_items_of_the_locked_name_none_is_taken_without_history() {
    let moor =
        "pub fn moor(deck: u32) {\n    sound_the_horn(deck, 308);\n    weigh_the_anchor(deck, 309);\n}\n";
    let own = |times: u32| {
        format!("\npub fn haul_in_the_sails(deck: u32) {{\n    pull_at_the_ropes(deck, {times});\n}}\n")
    };
    let query = "type = \"tree-sitter\"\npattern = \"fn moor\"";
    let insert = format!("type = \"insert-after\"\ntext = {:?}", own(1));
    for (is_there, beside) in [(true, ""), (true, own(2).as_str()), (false, "")] {
        let make = || {
            let furl = "pub fn furl() {}\n";
            let mut upstream =
                Upstream::new(&[("src/mast.rs", moor), ("src/bow.rs", moor), ("src/stern.rs", furl)]);
            upstream.patches(&patch("own", "src/mast.rs", query, &insert));
            upstream.lock().succeeds();
            upstream.remove("src/mast.rs");
            if is_there {
                upstream.write("src/stern.rs", &[moor, beside].concat());
            }
            upstream.commit();
            upstream
        };
        for upstream in without_history(make) {
            let ran = upstream.run(apply().drift(Move));
            assert_eq!(ran.has_failed(), is_there, "{beside:?} {}", ran.told());
        }
    }
}

/// The function that a patch names got another name and other code in one commit; a second patch takes the line that the first names.
#[test]
fn what_stands_in_a_function_of_another_name_is_not_in_place() {
    let item = |name: &str, rest: &str| {
        format!("pub fn {name}(deck: u32) {{\n    signal(gale, 305);\n    stow(wake, 306);\n{rest}}}\n")
    };
    let own = patch(
        "own",
        "src/bow.rs",
        "type = \"ast-grep\"\npattern = \"stow(wake, 306);\"",
        "type = \"insert-before\"\ntext = \"own_call(deck);\"",
    ) + "[patches.constraint]\nfunction_context = \"moor\"\n";
    let mut upstream = Upstream::new(&[("src/bow.rs", item("moor", "    let chart = stow(deck, 2);\n"))]);
    upstream.patches(&own);
    upstream.step("src/bow.rs", "    stow(wake", "    own_call(deck);\n    stow(wake");
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    let twin = item("moor_tight", "    if tide > 0 {\n        signal(deck);\n    }\n");
    let twin = twin.replace("    stow(wake", "    own_call(deck);\n    stow(wake");
    upstream.write("src/bow.rs", &(twin + "\npub fn moor(deck: u32) {\n    rest(deck);\n}\n"));
    upstream.commit();
    is_nowhere(&upstream);

    let delete = own.replace("insert-before", "delete").replace("text = \"own_call(deck);\"", "");
    let line = "    stow(wake, 306);\n";
    let rest = "    let chart = stow(deck, 2);\n";
    let second = text_patch("second", "src/bow.rs", &[line, rest].concat(), rest);
    let mut upstream = Upstream::new(&[("src/bow.rs", item("moor", rest))]);
    upstream.patches(&(delete + "\n" + &second));
    upstream.step("src/bow.rs", "fn moor(", "fn moor_tight(");
    let told = upstream.run(apply()).fails().told();
    assert!(told.contains("ambiguous: own"), "{told}");
}

/// Upstream took the function away that a patch names, and gave its name to another one, which has the line as well.
#[test]
fn what_got_the_name_of_a_function_that_went_is_another_one() {
    let item = |name: &str, rest: &str| {
        format!("pub fn {name}(deck: u32) {{\n    let knot = signal(lit, 1);\n    {rest}(deck, 3);\n}}\n")
    };
    let own = patch(
        "own",
        "src/keel.rs",
        "type = \"ast-grep\"\npattern = \"let knot = signal(lit, 1);\"",
        "type = \"replace\"\ntext = \"let knot = signal(lit, 3);\"",
    ) + "[patches.constraint]\nfunction_context = \"moor\"\n";
    let mut upstream = Upstream::new(&[
        ("src/keel.rs", item("moor", "weigh") + "pub fn rest() {}\n"),
        ("src/bow.rs", item("sound", "trim")),
    ]);
    upstream.patches(&own);
    let mut later = upstream.copy();
    upstream.write("src/keel.rs", "pub fn rest() {}\n");
    upstream.write("src/bow.rs", &item("moor", "trim"));
    upstream.commit();
    is_nowhere(&upstream);
    // It went there before, and was taken away.
    let (sound, moor) = (item("sound", "trim"), item("moor", "weigh"));
    for bow in [sound.clone() + &moor, sound, item("moor", "trim")] {
        later.write("src/keel.rs", "pub fn rest() {}\n");
        later.write("src/bow.rs", &bow);
        later.commit();
    }
    is_nowhere(&later);
}

/// A namesake came into the file, its own line was changed, and then the namesake went.
#[test]
fn a_deletion_is_not_made_where_a_namesake_that_came_later_went() {
    let hoist = |of: &str, call: &str| {
        format!(
            "impl {of} {{\n    pub fn hoist(&self, deck: u32) {{\n        let knot = {call}(deck, 308);\n        stow(deck);\n    }}\n}}\n"
        )
    };
    for is_changed in [true, false] {
        let mut upstream = Upstream::new(&[
            ("src/keel.rs", hoist("Rudder", "signal")),
            ("src/bow.rs", hoist("Anchor", "signal")),
        ]);
        upstream.patches(&patch(
            "knot",
            "src/keel.rs",
            "type = \"ast-grep\"\npattern = \"let knot = signal(deck, 308);\"",
            "type = \"delete\"\n[patches.constraint]\nfunction_context = \"hoist\"",
        ));
        upstream.write("src/bow.rs", "pub fn lower() {}\n");
        upstream.write("src/keel.rs", &(hoist("Rudder", "signal") + "\n" + &hoist("Anchor", "signal")));
        upstream.commit();
        let own = if is_changed { hoist("Rudder", "whistle") } else { hoist("Rudder", "signal") };
        let own = if is_changed { own } else { own.replace("        let knot = signal(deck, 308);\n", "") };
        upstream.write("src/keel.rs", &(own.clone() + "\n" + &hoist("Anchor", "signal")));
        upstream.commit();
        upstream.write("src/keel.rs", &own);
        upstream.commit();
        let ran = upstream.run(apply().drift(Move));
        assert_eq!(ran.has_failed(), is_changed, "{}", ran.told());
        assert_eq!(ran.told().contains("let knot = whistle(deck, 308);"), is_changed, "{}", ran.told());
    }
}
