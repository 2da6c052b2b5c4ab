//! Patches that rest on each other, after upstream changed what is around them.

use super::evidence::patch;
use super::world::{Ask, Upstream, apply, text_patch};
use crate::patch::Drift::Move;

const MAST: &str = "impl Mast {\n    pub fn hoist(&self, lamp: u32) {\n        let oil = pour(lamp, 337);\n        let wick = trim(lamp, \
                    339);\n    }\n}\n\nimpl Boom {\n    pub fn swing(&self, lamp: u32) {\n        let rope = haul(lamp, 12);\n    \
                    }\n}\n";
const BOW: &str =
    "impl Mast {\n    pub fn lower(&self, lamp: u32) {\n        let rope = slack(lamp, 5);\n    }\n}\n";

/// The first of `file` exchanges an item, the second puts a line into it.
fn item_and_line(file: &str) -> String {
    let item = "type = \"tree-sitter\"\npattern = \"fn Mast::hoist\"";
    let text = "pub fn hoist(&self, lamp: u32) {\n    let oil = pour(lamp, 337);\n    let wick = trim(lamp, 3);\n}\n";
    let lines = "        let oil = pour(lamp, 337);\n        let wick = trim(lamp, 3);\n";
    let line = format!("type = \"text\"\nsearch = {lines:?}");
    patch("item", file, item, &format!("type = \"replace\"\ntext = {text:?}"))
        + &patch("line", file, &line, "type = \"insert-after\"\ntext = \"        signal(lamp);\\n\"")
}

#[test]
fn what_a_later_patch_put_into_an_item_is_there_where_the_item_moved() {
    let mut upstream = Upstream::new(&[("src/mast.rs", MAST), ("src/bow.rs", BOW)]);
    upstream.patches(&item_and_line("src/mast.rs"));
    upstream.run(apply()).succeeds();
    upstream.commit();
    let made = upstream.text("src/mast.rs");
    let start = made.find("    pub fn hoist").unwrap();
    let end = made.find("impl Boom").unwrap() - "}\n\n".len();
    upstream.write("src/mast.rs", &made[made.find("impl Boom").unwrap()..]);
    upstream.edit("src/bow.rs", "impl Mast {\n", &format!("impl Mast {{\n{}\n", &made[start..end]));
    upstream.commit();
    let before = upstream.tree();
    let told = upstream.run(apply().drift(Move)).succeeds().told();
    assert_eq!(told.matches("already-applied").count(), 2, "{told}");
    assert_eq!(upstream.tree(), before);
}

#[test]
fn an_insertion_that_a_later_patch_reworked_is_known_in_a_deeper_block() {
    let lines = "    weigh(oil, 1);\n    if wick > 319 {\n        signal(lamp);\n    }\n";
    let file = |lines: &str| format!("pub fn furl(lamp: u32) {{\n{lines}}}\n");
    let mut upstream = Upstream::new(&[("src/bow.rs", file(lines))]);
    let insert = patch(
        "insert",
        "src/bow.rs",
        &format!("type = \"text\"\nsearch = {lines:?}"),
        "type = \"insert-before\"\ntext = \"    tally(bell, 90);\\n\"",
    );
    let rework = patch(
        "rework",
        "src/bow.rs",
        "type = \"ast-grep\"\npattern = \"tally(bell, 90);\"",
        "type = \"replace\"\ntext = \"tally(bell, 70);\"",
    );
    upstream.patches(&(insert + &rework));
    upstream.run(apply()).succeeds();
    upstream.commit();
    let made = format!("    tally(bell, 70);\n{lines}");
    assert_eq!(upstream.text("src/bow.rs"), file(&made));
    let deeper: String = made.lines().map(|line| format!("    {line}\n")).collect();
    upstream.write("src/bow.rs", &file(&format!("    if is_open() {{\n{deeper}    }}\n")));
    upstream.commit();
    let before = upstream.tree();
    let told = upstream.run(apply().drift(Move)).succeeds().told();
    assert_eq!(told.matches("already-applied").count(), 2, "{told}");
    assert_eq!(upstream.tree(), before);
}

#[test]
fn a_deletion_whose_like_another_patch_takes_is_told_by_its_own() {
    let lower = "    pub fn lower(&self) {\n        slack(rope);\n    }\n";
    let file =
        format!("impl Mast {{\n{lower}\n    pub fn raise(&self) {{}}\n}}\n\nimpl Boom {{\n{lower}}}\n");
    for is_twin in [true, false] {
        let file = if is_twin { file.clone() } else { file.replacen("slack(rope)", "slack(line)", 1) };
        let mut upstream = Upstream::new(&[("src/mast.rs", file)]);
        let delete = |id: &str, name: &str| {
            let query = format!("type = \"tree-sitter\"\npattern = \"fn {name}\"");
            patch(id, "src/mast.rs", &query, "type = \"delete\"")
        };
        upstream.patches(&(delete("one", "Mast::lower") + &delete("other", "lower")));
        let told = upstream.run(apply().dry()).succeeds().told();
        assert_eq!(told.matches("would-apply").count(), 2, "{told}");
        upstream.edit("src/mast.rs", "impl Boom {\n    pub fn lower", "impl Boom {\n    pub fn sink");
        upstream.commit();
        upstream.fails(apply().drift(Move), "conflict", &["`fn lower`", "pub fn sink"]);
    }
}

#[test]
fn a_window_is_in_one_item() {
    let half = "    if gale > 305 {\n        stow(deck);\n    }\n";
    let rest = "    if calm > 325 {\n        stow(deck);\n    }\n";
    let file = |second: &str| {
        format!(
            "pub fn furl(deck: u32) {{\n{half}    measure(chart, 3);\n}}\n\npub fn steer(deck: u32) {{\n{second}}}\n"
        )
    };
    let lines = format!("{half}{rest}");
    let mut upstream = Upstream::new(&[("src/keel.rs", file(&lines))]);
    upstream.patches(&text_patch("own", "src/keel.rs", &lines, &lines.replace("gale > 305", "gale > 7")));
    upstream.write("src/keel.rs", &file(rest));
    upstream.commit();
    upstream.forget_history();
    upstream.fails(apply().drift(Move), "no-match", &[]);
}

/// Another patch puts a line in between; a commit changes the call that the first one inserted.
#[test]
fn a_committed_insertion_that_was_changed_is_not_made_again_behind_a_later_one() {
    let hoist =
        |rest: &str| format!("pub fn hoist(deck: u32) {{\n    weigh(deck);\n{rest}    haul(deck);\n}}\n");
    let mut upstream = Upstream::new(&[("src/bow.rs", hoist(""))]);
    let first = "type = \"insert-before\"\ntext = \"    own_turn(winch, 90);\\n\"";
    let later = "type = \"insert-after\"\ntext = \"own_brake(winch, 91);\"";
    let set = patch("first", "src/bow.rs", "type = \"text\"\nsearch = \"    haul(deck);\\n\"", first)
        + &patch("later", "src/bow.rs", "type = \"ast-grep\"\npattern = \"own_turn(winch, 90);\"", later);
    upstream.patches(&set);
    upstream.run(apply()).succeeds();
    upstream.commit();
    assert_eq!(upstream.text("src/bow.rs"), hoist("    own_turn(winch, 90);\n    own_brake(winch, 91);\n"));
    let lines = upstream.text("src/bow.rs");
    upstream.write("src/bow.rs", &lines.replace("own_turn", "wind"));
    upstream.commit();
    let before = upstream.tree();
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(told.contains("line 3, `wind(winch, 90);`"), "{told}");
    assert_eq!(upstream.tree(), before);
}

/// What the first patch changes stands behind the line that the second one takes away, which a commit put elsewhere.
#[test]
fn what_left_its_item_was_not_taken_away_by_a_patch_that_rests_on_another() {
    let hoist = |middle: &str, turns: u32| {
        format!(
            "pub fn hoist(deck: u32) {{\n    let reef = measure(lit, 0);\n{middle}    let buoy = stow(deck, {turns});\n}}\n"
        )
    };
    let lower = |more: &str| format!("pub fn lower(deck: u32) {{\n    weigh(tide, 8);\n{more}}}\n");
    let middle = "    if reef_line > 320 {\n        weigh(deck);\n    }\n";
    let buoy = |turns: u32| format!("    let buoy = stow(deck, {turns});\n");
    let reef = "    let reef = measure(lit, 0);\n";
    let first = text_patch(
        "first",
        "src/keel.rs",
        &(middle.to_owned() + &buoy(321)),
        &(middle.to_owned() + &buoy(7)),
    );
    let second = text_patch(
        "second",
        "src/keel.rs",
        &format!("{reef}{middle}{}", buoy(7)),
        &format!("{reef}{}", buoy(7)),
    );
    for has_left in [true, false] {
        let mut upstream = Upstream::new(&[("src/keel.rs", hoist(middle, 321)), ("src/bow.rs", lower(""))]);
        upstream.patches(&(first.clone() + &second));
        upstream.write("src/keel.rs", &hoist("", 321));
        upstream.write("src/bow.rs", &lower(if has_left { middle } else { "" }));
        upstream.commit();
        let ran = upstream.run(apply().drift(Move));
        assert_eq!(ran.has_failed(), has_left, "{}", ran.told());
        assert_eq!(ran.told().contains("src/bow.rs:3"), has_left, "{}", ran.told());
    }
}

/// A commit takes it away, another one puts it back, and a third one puts it into another file, or changes it.
#[test]
fn a_line_that_came_back_and_then_left_or_changed_was_not_taken_away() {
    let hoist = |middle: &str, end: &str| {
        format!(
            "pub fn hoist(deck: u32) {{\n    let reef = measure(lit, 0);\n{middle}    let buoy = stow(deck, 3);\n{end}}}\n"
        )
    };
    let lower = |more: &str| format!("pub fn lower(deck: u32) {{\n    weigh(tide, 8);\n{more}}}\n");
    let middle = "    if reef_line > 320 {\n        weigh(deck);\n    }\n";
    let search = "    let reef = measure(lit, 0);\n".to_owned() + middle + "    let buoy = stow(deck, 3);\n";
    let changed = middle.replace("weigh(deck)", "haul(deck, 17)").replace("320", "410");
    for (own, other, place) in
        [("", middle, Some("src/bow.rs:3")), (&changed, "", Some("src/keel.rs:4")), ("", "", None)]
    {
        let mut upstream = Upstream::new(&[("src/keel.rs", hoist(middle, "")), ("src/bow.rs", lower(""))]);
        upstream.patches(&text_patch("own", "src/keel.rs", &search, &search.replacen(middle, "", 1)));
        for (own, other) in
            [(hoist("", ""), lower("")), (hoist("", middle), lower("")), (hoist("", own), lower(other))]
        {
            upstream.write("src/keel.rs", &own);
            upstream.write("src/bow.rs", &other);
            upstream.commit();
        }
        let ran = upstream.run(apply().drift(Move));
        assert_eq!(ran.has_failed(), place.is_some(), "{}", ran.told());
        assert!(place.is_none_or(|place| ran.told().contains(place)), "{}", ran.told());
    }
}

/// Upstream adopted it elsewhere among the lines of its query, and changed it there.
#[test]
fn an_insertion_that_upstream_adopted_and_changed_is_not_made_in_a_like_place() {
    let lines = "    weigh(deck, 310);\n    stow(buoy, 311);\n    trim(wake, 312);\n";
    let hoist = |top: &str| format!("pub fn hoist(deck: u32) {{\n{top}{lines}}}\n");
    let own = "    own_brake(winch, 900);\n";
    let first = text_patch(
        "first",
        "src/bow.rs",
        "    trim(wake, 312);\n",
        "    trim(wake, 312);\n    own_turn(winch, 90);\n",
    );
    let search = text_of(&hoist(""), "    own_turn(winch, 90);\n");
    let later = patch("later", "src/bow.rs", &search, &format!("type = \"insert-after\"\ntext = {own:?}"));
    for is_adopted in [true, false] {
        let mut upstream = Upstream::new(&[("src/bow.rs", hoist(""))]);
        upstream.patches(&(first.clone() + &later));
        let [adopted, changed] = match is_adopted {
            true => [own, "    brake(winch, 900);\n"],
            false => ["    tally(bell, 17);\n", "    ring(bell, 17);\n"],
        };
        for top in [adopted, changed] {
            upstream.write("src/bow.rs", &hoist(top));
            upstream.commit();
        }
        let ran = upstream.run(apply().drift(Move));
        assert_eq!(ran.has_failed(), is_adopted, "{}", ran.told());
        assert_eq!(ran.told().contains("line 2, `brake(winch, 900);`"), is_adopted, "{}", ran.told());
    }
}

/// A text query of an item without its last line, and one more line.
fn text_of(item: &str, line: &str) -> String {
    format!("type = \"text\"\nsearch = {:?}", item.strip_suffix("}\n").unwrap().to_owned() + line)
}

/// The first patch changes the line, the second one takes it away; a commit puts another line before it.
#[test]
fn a_line_that_two_patches_take_away_together_is_not_away_where_upstream_put_one_before_it() {
    let haul = |more: &str, line: &str| {
        format!("pub fn haul(deck: u32) {{\n    trim(swell, 323);\n    signal(tide, 321);\n{more}{line}}}\n")
    };
    let line = |turns: u32| format!("    let gale_wind = measure(lit, {turns});\n");
    let search = |turns: u32| haul("", &line(turns)).strip_suffix("}\n").unwrap().to_owned();
    let set = text_patch("first", "src/keel.rs", &search(322), &search(7))
        + &text_patch("second", "src/keel.rs", &search(7), haul("", "").strip_suffix("}\n").unwrap());
    for is_there in [true, false] {
        let mut upstream = Upstream::new(&[("src/keel.rs", haul("", &line(322)))]);
        upstream.patches(&set);
        let line = if is_there { line(322) } else { String::new() };
        upstream.write("src/keel.rs", &haul("    let chart = trim(deck, 3);\n", &line));
        upstream.commit();
        assert_eq!(upstream.run(apply().drift(Move)).has_failed(), is_there);
    }
}
