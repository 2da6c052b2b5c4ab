//! A place and its twin: the same code under another name, in another impl, in another file.

use super::evidence::{is_nowhere, patch, without_history};
use super::*;

const CALLS: &str = "    let chart = measure(deck, 308);\n    let swell = weigh(keel, 309);\n    if lee > 3 {\n        stow(deck);\n    }\n";

fn function(name: &str, body: &str) -> String {
    format!("pub fn {name}(deck: u32) {{\n{body}}}\n")
}

/// The function as a method.
fn method(of: &str, name: &str, body: &str) -> String {
    let deeper: String = body.lines().map(|line| format!("    {line}\n")).collect();
    format!("impl {of} {{\n    pub fn {name}(&self, deck: u32) {{\n{deeper}    }}\n}}\n")
}

/// A deletion of an item, or of the one line that a pattern matches.
fn deletion(file: &str, query: &str) -> String {
    patch("own", file, query, "type = \"delete\"")
}

fn shorthand(name: &str) -> String {
    format!("type = \"tree-sitter\"\npattern = \"fn {name}\"")
}

/// A call put in behind [`CALLS`].
fn call(file: &str) -> String {
    text_patch("own", file, CALLS, &format!("{CALLS}    own_call(deck);\n"))
}

/// Deleted is the method of one impl; that of another is the same.
#[test]
fn a_second_run_of_a_deletion_leaves_the_twin_in_another_impl() {
    let both = method("Anchor", "sound", CALLS) + "\n" + &method("Rudder", "sound", CALLS);
    for is_locked in [true, false] {
        for drift in [Off, Merge, Move] {
            let mut upstream = Upstream::new(&[("src/bow.rs", both.as_str())]);
            upstream.patches(&deletion("src/bow.rs", &shorthand("Anchor::sound")));
            if is_locked {
                upstream.lock().succeeds();
            }
            assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "applied");
            let once = upstream.tree();
            for _ in 0..2 {
                let again = upstream.run(apply().drift(drift)).succeeds();
                assert_eq!(again.one(), "already-applied", "{is_locked} {drift:?} {}", again.told());
                upstream.commit();
            }
            assert_eq!(upstream.tree(), once);
        }
    }
}

/// Without history, what the patch looks for may have become the one or the other.
#[test]
fn what_stands_elsewhere_in_two_forms_is_not_taken() {
    let like = CALLS.replace("309", "310");
    for (exact, other) in [
        (function("furl", CALLS), method("Anchor", "lower", CALLS)),
        (function("furl", CALLS), function("lower", &like)),
    ] {
        let make = || {
            let mut upstream = Upstream::new(&[
                ("src/keel.rs", "pub fn moor() {}\n\n".to_owned() + &function("lower", CALLS)),
                ("src/bow.rs", "pub fn haul() {}\n".to_owned()),
                ("src/mast.rs", "pub fn hoist() {}\n".to_owned()),
            ]);
            upstream.patches(&call("src/keel.rs"));
            upstream.write("src/keel.rs", "pub fn moor() {}\n");
            upstream.write("src/bow.rs", &format!("pub fn haul() {{}}\n\n{exact}"));
            upstream.write("src/mast.rs", &format!("pub fn hoist() {{}}\n\n{other}"));
            upstream.commit();
            upstream
        };
        for upstream in without_history(make) {
            let before = upstream.tree();
            let told = upstream.run(apply().drift(Move)).fails().told();
            assert!(told.contains("src/bow.rs:4"), "{told}");
            assert_eq!(upstream.tree(), before);
        }
    }
}

/// What is left in the file is like it, and so is what stands in another file: more so.
#[test]
fn what_is_as_like_in_another_file_is_not_taken_by_likeness_here() {
    let here = CALLS.replace("measure(deck, 308)", "gauge(keel, 308)");
    let there = CALLS.replace("309", "310");
    let make = || {
        let mut upstream = Upstream::new(&[
            ("src/mast.rs", method("Anchor", "steer", &here) + "\n" + &function("moor", CALLS)),
            ("src/keel.rs", "pub fn haul() {}\n".to_owned()),
        ]);
        upstream.patches(&call("src/mast.rs"));
        upstream.write("src/mast.rs", &method("Anchor", "steer", &here));
        upstream.write("src/keel.rs", &format!("pub fn haul() {{}}\n\n{}", function("moor", &there)));
        upstream.commit();
        upstream
    };
    for upstream in without_history(make) {
        let before = upstream.tree();
        for drift in [Merge, Move] {
            let told = upstream.run(apply().drift(drift)).fails().told();
            assert!(told.contains("src/mast.rs") && told.contains("src/keel.rs:4"), "{told}");
        }
        assert_eq!(upstream.tree(), before);
    }
}

/// Names that are no items: without history they tell a place from its neighbour all the same.
#[test]
fn what_is_the_same_under_another_name_is_its_twin() {
    for (file, [above, below], one) in [
        (
            "src/lib.rs",
            ["match kind {\n", "}\n"],
            "    Kind::NAME => {\n        sound(horn, 500);\n        rest(horn);\n    }\n",
        ),
        (
            "src/lib.rs",
            ["pub struct Horn {\n", "}\n"],
            "    pub NAME_timeout: [[u8; 500]; CHANNELS_OF_THE_HORN],\n",
        ),
        (
            "src/lib.rs",
            ["fn f() {\n", "}\n"],
            "    on(\"NAME\", |horn| {\n        sound(horn, 500);\n        rest(horn);\n    });\n",
        ),
        (
            "conf.json",
            ["{\n", "  \"end\": 1\n}\n"],
            "  \"NAME\": {\n    \"horn\": \"loud\",\n    \"blasts\": 500\n  },\n",
        ),
        ("conf.yaml", ["horns:\n", ""], "  NAME:\n    horn: loud\n    blasts: 500\n"),
        (
            "README.md",
            ["# Horns\n", ""],
            "## The NAME horn\n\nIt blows for 500 minutes.\nThen it rests for the night.\n",
        ),
    ] {
        let of = |name: &str| one.replace("NAME", name);
        let all = format!("{above}{}{}{below}", of("dusk_horn"), of("dawn_horn"));
        let lines: String =
            of("dusk_horn").split_inclusive('\n').take_while(|line| !line.contains("rest(")).collect();
        let make = || {
            let mut upstream = Upstream::new(&[(file, all.as_str())]);
            upstream.patches(&text_patch("own", file, &lines, &lines.replace("500", "900")));
            upstream.write(file, &format!("{above}{}{below}", of("dawn_horn")));
            upstream.commit();
            upstream
        };
        is_nowhere(&make());
        without_history(make).iter().for_each(is_nowhere);
    }
}

/// The text went, and the twin, which stood there before, got a line.
#[test]
fn a_twin_that_was_changed_since_is_not_what_came_back() {
    let steer = method("Anchor", "steer", CALLS);
    let mut upstream = Upstream::new(&[("src/keel.rs", function("hoist", CALLS) + "\n" + &steer)]);
    upstream.patches(&call("src/keel.rs"));
    let more = steer.replace("        let swell", "        trim(chart, 0);\n        let swell");
    upstream.write("src/keel.rs", &more);
    upstream.commit();
    is_nowhere(&upstream);
}

/// A method became a function, in its file or in another one, was copied, and went.
#[test]
fn an_item_that_was_made_another_kind_and_copied_is_not_gone() {
    let line = "type = \"text\"\nsearch = \"    stow(deck);\\n\"";
    let body = "    let chart = measure(deck, 308);\n    stow(deck);\n    let swell = weigh(keel, 309);\n";
    let end = "pub fn rest() {}\n";
    for query in [shorthand("Anchor::moor"), line.to_owned()] {
        let is_line = query == line;
        let at_first = if is_line { function("moor", body) } else { method("Anchor", "moor", body) };
        let then = if is_line { method("Anchor", "moor", body) } else { function("moor", body) };
        for to in ["src/bow.rs", "src/keel.rs"] {
            let mut upstream = Upstream::new(&[
                ("src/keel.rs", format!("{end}\n{at_first}")),
                ("src/bow.rs", end.to_owned()),
            ]);
            upstream.patches(&deletion("src/keel.rs", &query));
            upstream.write("src/keel.rs", end);
            upstream.write(to, &format!("{end}\n{then}"));
            upstream.commit();
            let other = if to == "src/bow.rs" { "src/mast.rs" } else { "src/bow.rs" };
            upstream.write(other, &format!("{end}\n{then}"));
            upstream.commit();
            upstream.write(to, end);
            upstream.commit();
            let before = upstream.tree();
            let ran = upstream.run(apply().drift(Move));
            assert!(ran.has_failed() || upstream.tree() != before, "{to} {query}: {}", ran.told());
        }
    }
}

/// It was renamed, or changed, then copied, and went from its file; and the copy was changed.
#[test]
fn an_item_that_was_changed_and_copied_before_it_went_is_not_gone() {
    let body = "    let chart = measure(deck, 308);\n    stow(deck);\n    let swell = weigh(keel, 309);\n";
    let line = "type = \"ast-grep\"\npattern = \"let chart = measure(deck, 308);\"";
    let constraint = "\n[patches.constraint]\nfunction_context = \"haul\"\n";
    for (set, name, changed) in [
        (deletion("src/mast.rs", &shorthand("haul")), "haul_in", body.to_owned()),
        (deletion("src/mast.rs", line) + constraint, "haul", body.replace("measure", "gauge")),
    ] {
        let mut upstream = Upstream::new(&[
            ("src/mast.rs", function("haul", body)),
            ("src/keel.rs", "pub fn rest() {}\n".to_owned()),
        ]);
        upstream.patches(&set);
        let moved = function(name, &changed);
        upstream.write("src/mast.rs", &moved);
        upstream.commit();
        upstream.write("src/keel.rs", &format!("pub fn rest() {{}}\n\n{moved}"));
        upstream.commit();
        upstream.write("src/mast.rs", "pub fn wake() {}\n");
        upstream.commit();
        upstream.step("src/keel.rs", "weigh(keel", "weigh_all(keel");
        is_nowhere(&upstream);
    }
}

/// Two patches want one call; the effect of the second stands beside it all the time.
#[test]
fn what_stood_beside_a_place_that_another_patch_takes_is_not_the_effect() {
    let source =
        "pub fn moor(deck: u32) {\n    let reef = weigh(deck, 2);\n    let wake = weigh(keel, 1);\n}\n";
    let upstream = Upstream::new(&[("src/mast.rs", source)]);
    let call = |id: &str, to: &str| {
        let replace = format!("type = \"replace\"\ntext = \"weigh($A, {to})\"");
        patch(id, "src/mast.rs", "type = \"ast-grep\"\npattern = \"weigh($A, 1)\"", &replace)
    };
    let second = call("second", "2") + "[patches.constraint]\nfunction_context = \"moor\"\n";
    upstream.patches(&(call("first", "700") + &second));
    let told = upstream.run(apply()).fails().told();
    assert!(told.contains("line 2 looks like its result, but stood there already"), "{told}");
    assert_eq!(upstream.text("src/mast.rs"), source);
}

/// Of files of every kind history tells what a commit took.
#[test]
fn an_entry_of_a_json_file_that_went_is_not_its_neighbour() {
    let entry = |name: &str| {
        format!(
            "  \"{name}\": {{\n    \"access\": \"shared\",\n    \"timeout\": 500,\n    \"table\": \"{name}s\"\n  }},\n"
        )
    };
    let end = "  \"end\": 1\n}\n";
    let mut upstream =
        Upstream::new(&[("conf.json", format!("{{\n{}{}{end}", entry("read"), entry("write")))]);
    let search: String = entry("read").split_inclusive('\n').take(3).collect();
    upstream.patches(&text_patch("own", "conf.json", &search, &search.replace("500", "900")));
    upstream.write("conf.json", &format!("{{\n{}{end}", entry("write")));
    let by = upstream.commit();
    is_nowhere(&upstream);
    upstream.fails(apply().drift(Merge), "no-match", &[&by]);
}

/// The head of one stands with other code, the rest stands behind the same head elsewhere: without history nothing tells which is meant.
#[test]
fn of_two_items_with_one_head_the_like_one_is_not_taken_without_history() {
    let own = "        if swell > 1 {\n            stow(lit);\n        }\n";
    let rest = "        let chart = signal(deck, 0);\n        measure(gale, 343);\n        let reef = weigh(knot, 342);\n";
    let lower = |of: &str, body: &str| {
        format!("impl {of} {{\n    pub fn lower(&self, deck: u32) {{\n{body}    }}\n}}\n")
    };
    let search = format!("    pub fn lower(&self, deck: u32) {{\n{own}");
    let insert = "type = \"insert-after\"\ntext = \"        own_call(deck);\\n\"";
    for (head, is_taken) in [("Rudder", false), ("nothing", true)] {
        let make = || {
            let at_first =
                lower("Anchor", rest) + "\n" + &lower("Rudder", &[own, "        trim(deck);\n"].concat());
            let mut upstream = Upstream::new(&[("src/keel.rs", at_first)]);
            upstream.patches(&patch(
                "own",
                "src/keel.rs",
                &format!("type = \"text\"\nsearch = {search:?}"),
                insert,
            ));
            let [anchor, rudder] =
                [lower("Anchor", &[rest, own].concat()), lower("Rudder", "        trim(deck);\n")];
            upstream.write("src/keel.rs", &if head == "Rudder" { anchor + "\n" + &rudder } else { anchor });
            upstream.commit();
            upstream
        };
        for upstream in without_history(make) {
            let before = upstream.tree();
            let ran = upstream.run(apply().drift(Merge));
            assert_eq!(ran.has_failed(), !is_taken, "{head} {}", ran.told());
            assert_eq!(upstream.tree() == before, !is_taken);
        }
    }
}

/// Two lines in a free function; a method has the one of them, beside another one. Upstream took the function away, or changed it.
#[test]
fn without_history_a_like_place_in_a_block_at_another_depth_is_not_taken() {
    let uses = "use crate::weigh::wake2;\nuse crate::stow::swell4;\n\n";
    let [own, second] = ["    let swell7 = signal(lit7, 307);\n", "    let lee8 = stow(deck, 308);\n"];
    let free = format!("pub fn furl(deck: u32) {{\n{own}{second}}}\n\n");
    let other = |lead: &str| {
        let [own, like] = [own, "    let knot19 = stow(deck, 319);\n"].map(|line| format!("{lead}{line}"));
        match lead {
            "" => format!("pub fn furl(deck: u32) {{\n{own}{like}}}\n"),
            _ => format!("impl Rudder {{\n    pub fn hoist(&self, deck: u32) {{\n{own}{like}    }}\n}}\n"),
        }
    };
    let insert = "type = \"insert-before\"\ntext = \"    own_call(deck);\\n\"";
    let query = format!("type = \"text\"\nsearch = {:?}", [own, second].concat());
    for (lead, is_taken) in [("    ", false), ("", true)] {
        let make = || {
            let at_first = [uses, &free, &other("    ")].concat();
            let mut upstream = Upstream::new(&[("src/bow.rs", at_first)]);
            upstream.patches(&patch("own", "src/bow.rs", &query, insert));
            upstream.write("src/bow.rs", &[uses, &other(lead)].concat());
            upstream.commit();
            upstream
        };
        for upstream in without_history(make) {
            let ran = upstream.run(apply().drift(Merge));
            assert_eq!(ran.has_failed(), !is_taken, "{lead:?} {}", ran.told());
        }
    }
}

/// History says in which item it was to be made.
#[test]
fn an_effect_that_a_twin_got_is_not_made() {
    let item = |name: &str, oil: u32, wick: u32| {
        function(name, &format!("    let oil = {oil};\n    let wick = {wick};\n    light(oil, wick);\n"))
    };
    let two = |one: String, other: String| format!("{one}\n{other}");
    let base = two(item("run", 1, 2), item("two", 3, 4));
    let cases = [
        vec![two(item("run", 10, 20), item("two", 3, 4)), two(item("run", 7, 20), item("two", 10, 20))],
        vec![item("two", 10, 20)],
        vec![two(item("run", 1, 3), two(item("two", 3, 4), item("three", 10, 20)))],
    ];
    for steps in cases {
        let mut upstream = Upstream::new(&[("src/bow.rs", &base)]);
        let [search, text] = [(1, 2), (10, 20)].map(|(oil, wick)| {
            format!("    let oil = {oil};\n    let wick = {wick};\n    light(oil, wick);")
        });
        upstream.patches(&text_patch("own", "src/bow.rs", &search, &text));
        for step in steps {
            upstream.write("src/bow.rs", &step);
            upstream.commit();
        }
        let before = upstream.tree();
        for drift in [Off, Move] {
            upstream.run(apply().drift(drift)).fails();
        }
        assert_eq!(upstream.tree(), before);
    }
    // Made where it was to be made, it is in place, whatever the twin has.
    let mut upstream = Upstream::new(&[("src/bow.rs", &base)]);
    let search = "    let oil = 1;\n    let wick = 2;\n    light(oil, wick);";
    let text = "    let oil = 10;\n    let wick = 20;\n    light(oil, wick);";
    upstream.patches(&text_patch("own", "src/bow.rs", search, text));
    upstream.write("src/bow.rs", &two(item("run", 10, 20), item("two", 3, 4)));
    upstream.commit();
    upstream.write("src/bow.rs", &two(item("two", 3, 4), item("run", 10, 20)));
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}

#[test]
fn an_item_that_stands_elsewhere_as_it_was_is_not_gone() {
    let item = |name: &str| function(name, &format!("    send(\"/v1/{name}\", keel);\n{CALLS}"));
    let search = "    send(\"/v1/one\", keel);\n";
    let both = format!("{}\n{}", item("one"), item("two"));
    let copy = [("src/keel.rs", item("one")), ("src/bow.rs", item("two"))];
    let [then, first] = copy.clone();
    for steps in [copy, [first, then]] {
        let mut upstream = Upstream::new(&[("src/bow.rs", &both)]);
        upstream.patches(&text_patch("own", "src/bow.rs", search, "    send(\"/v2/one\", keel);\n"));
        upstream.lock().succeeds();
        for (path, text) in steps {
            upstream.write(path, &text);
            upstream.commit();
        }
        for drift in [Off, Move] {
            let told = upstream.run(apply().drift(drift)).fails().told();
            assert!(told.contains("src/keel.rs") && !told.contains("gone"), "{told}");
        }
    }
    // Put further down, and changed by the same commit.
    let mut upstream = Upstream::new(&[("src/bow.rs", &both)]);
    upstream.patches(&text_patch("own", "src/bow.rs", search, "    send(\"/v2/one\", keel);\n"));
    upstream.lock().succeeds();
    upstream.write("src/bow.rs", &format!("{}\n{}", item("two"), item("one").replace("v1", "v9")));
    upstream.commit();
    let told = upstream.run(apply().drift(Move)).fails().told();
    assert!(!told.contains("gone"), "{told}");
}

/// What is said in a literal beside what the patch changes is one's own.
#[test]
fn without_history_a_place_with_another_literal_is_not_taken() {
    let item = |name: &str| {
        function(name, &format!("    let body = encode(keel);\n    post(\"/v1/{name}\", body);\n{CALLS}"))
    };
    let search = "    let body = encode(keel);\n    post(\"/v1/one\", body);\n";
    let make = || {
        let mut upstream = Upstream::new(&[("src/bow.rs", format!("{}\n{}", item("one"), item("two")))]);
        upstream.patches(&text_patch(
            "own",
            "src/bow.rs",
            search,
            &search.replace("encode(keel)", "empty()"),
        ));
        upstream.write("src/bow.rs", &item("two"));
        upstream.commit();
        upstream
    };
    for upstream in without_history(make) {
        for drift in [Merge, Move] {
            upstream.fails(apply().drift(drift), "no-match", &[]);
        }
    }
}
