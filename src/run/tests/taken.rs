//! What a patch deletes, and upstream took out of its place: it went elsewhere, stands there in another form, or is gone.

use super::evidence::{is_nowhere, patch, without_history};
use super::world::{Ask, Upstream, apply, text_patch};
use crate::patch::Drift::{Merge, Move, Off};

/// The file that loses something.
const HARBOUR: &str = "//! The harbour.\n\npub fn moor(ship: u32) -> u32 {\n    ship + 1\n}\n";

pub(super) fn deletion(file: &str, query: &str) -> String {
    patch("own", file, query, "type = \"delete\"")
}

fn by_pattern(file: &str, pattern: &str) -> String {
    deletion(file, &format!("type = \"ast-grep\"\npattern = '''{pattern}'''"))
}

pub(super) fn by_text(file: &str, search: &str) -> String {
    deletion(file, &format!("type = \"text\"\nsearch = '''\n{search}'''"))
}

/// Items, what each became in another file by the same commit, and the pattern of what is deleted.
const MOVED: [(&str, &str, &str); 7] = [
    ("pub const DEPTH: u32 = 7;\n", "pub(crate) const DEPTH: u32 = 7;\n", "pub const DEPTH: u32 = 7;"),
    (
        "pub const DEPTH: u32 = 7;\n",
        "mod deep {\n    pub const DEPTH: u64 = 9;\n}\n",
        "pub const DEPTH: u32 = 7;",
    ),
    (
        "pub struct Berth {\n    ship: u32,\n}\n",
        "pub(crate) struct Berth<T> {\n    ship: T,\n}\n",
        "pub struct Berth { $$$F }",
    ),
    ("pub type Log = Vec<u8>;\n", "pub type Log = Vec<u16>;\n", "pub type Log = Vec<u8>;"),
    (
        "trait Haul {\n    fn haul(&self);\n}\n",
        "trait Haul: Send {\n    fn haul(&self);\n}\n",
        "trait Haul { $$$B }",
    ),
    (
        "impl Drop for Berth {\n    fn drop(&mut self) {\n        leave(1);\n    }\n}\n",
        "impl Drop for Berth {\n    fn drop(&mut self) {\n        go(2, self);\n    }\n}\n",
        "impl Drop for Berth { $$$B }",
    ),
    (
        "pub fn call(pilot: u32) {\n    let wait_seconds = 30;\n    send(pilot, wait_seconds);\n}\n",
        "pub(crate) fn call(pilot: u32) {\n    let wait_seconds = 30;\n    send(pilot, wait_seconds);\n}\n",
        "pub fn call(pilot: u32) { $$$B }",
    ),
];

#[test]
fn an_item_that_moved_and_changed_at_once_is_not_taken_away() {
    for (item, heir, pattern) in MOVED {
        for (is_locked, is_here) in [(false, false), (true, false), (false, true)] {
            // What stands in a module of the file as the pattern says is its match.
            if is_here && !item.starts_with("pub ") {
                continue;
            }
            let own = HARBOUR.to_owned() + "\n" + item;
            let mut upstream = Upstream::new(&[("src/harbour.rs", own.as_str())]);
            upstream.patches(&by_pattern("src/harbour.rs", pattern));
            if is_locked {
                upstream.lock().succeeds();
            }
            let place = if is_here {
                let deeper: String = heir.lines().map(|line| format!("    {line}\n")).collect();
                let inner = format!("mod inner {{\n{deeper}}}\n\n");
                upstream.write("src/harbour.rs", &HARBOUR.replace("pub fn", &(inner + "pub fn")));
                "src/harbour.rs:"
            } else {
                upstream.write("src/harbour.rs", HARBOUR);
                upstream.write("src/quay.rs", &format!("//! The quay.\n\n{heir}"));
                "src/quay.rs:"
            };
            upstream.commit();
            for drift in [Off, Merge] {
                let told = upstream.run(apply().drift(drift)).fails().told();
                let is_named = told.contains(place) && !told.contains("2 places");
                assert!(is_named, "{pattern} here={is_here}: {told}");
                assert!(!told.contains("HEAD has") && !told.contains("remove the patch"), "{told}");
            }
        }
    }
}

#[test]
fn an_item_that_moved_and_went_there_later_is_gone() {
    let make = || {
        let own = HARBOUR.to_owned() + "\npub const DEPTH: u32 = 7;\n";
        let mut upstream = Upstream::new(&[("src/harbour.rs", own.as_str()), ("src/quay.rs", "//! Q.\n")]);
        upstream.patches(&by_pattern("src/harbour.rs", "pub const DEPTH: u32 = 7;"));
        upstream.write("src/harbour.rs", HARBOUR);
        upstream.write("src/quay.rs", "//! Q.\n\npub(crate) const DEPTH: u32 = 7;\n");
        upstream.commit();
        upstream
    };
    let mut upstream = make();
    upstream.write("src/quay.rs", "//! Q.\n");
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    let mut upstream = make();
    upstream.write("src/quay.rs", "//! Q.\n");
    upstream.write("src/pier.rs", "//! P.\n\npub(crate) const DEPTH: u32 = 7;\n");
    upstream.commit();
    upstream.fails(apply(), "ambiguous", &["src/pier.rs:3"]);
}

#[test]
fn what_the_working_tree_put_into_another_file_is_not_deleted() {
    let own = HARBOUR.to_owned() + "\npub const DEPTH: u32 = 7;\n";
    let files = [("src/harbour.rs", own.as_str()), ("src/quay.rs", "//! Q.\n")];
    let set = by_pattern("src/harbour.rs", "pub const DEPTH: u32 = 7;");
    for visibility in ["pub", "pub(crate)"] {
        let upstream = Upstream::new(&files);
        upstream.patches(&set);
        upstream.write("src/harbour.rs", HARBOUR);
        upstream.write("src/quay.rs", &format!("//! Q.\n\n{visibility} const DEPTH: u32 = 7;\n"));
        upstream.fails(apply(), "ambiguous", &["src/quay.rs:3"]);
        // What another patch puts there is no heir.
        let put = text_patch(
            "put",
            "src/quay.rs",
            "//! Q.\n",
            &format!("//! Q.\n\n{visibility} const DEPTH: u32 = 7;\n"),
        );
        upstream.patches(&(set.clone() + &put));
        assert_eq!(upstream.run(apply()).succeeds().all(), "own already-applied, put already-applied");
    }
}

/// What stood, what stands instead, and the query of the deletion.
fn in_other_form() -> Vec<(&'static str, &'static str, &'static str, String)> {
    let (file, enumeration) =
        ("src/harbour.rs", |body: &str| format!("enum Sign {{\n    Fog,\n    {body}\n}}\n"));
    let leaked = |text: String| -> &'static str { text.leak() };
    let call = |body: &str| leaked(format!("fn f() {{\n    {body}\n    go();\n}}\n"));
    vec![
        (
            file,
            call("tide::spawn(upload_depths(lead));"),
            call("tide::spawn(async move { upload_depths(lead).await });"),
            by_pattern(file, "tide::spawn(upload_depths(lead));"),
        ),
        (
            file,
            call("spawn(upload(lead));"),
            call("spawn(async move { upload(lead).await });"),
            by_text(file, "    spawn(upload(lead));\n"),
        ),
        (
            file,
            call("if sea.foggy_night {\n        blow();\n    }"),
            call("if sea.foggy_night && sea.calm {\n        blow();\n    }"),
            by_pattern(file, "if sea.foggy_night { $$$B }"),
        ),
        (file, "use tide::Sender;\n", "use tide::{Kind, Sender};\n", by_pattern(file, "use tide::Sender;")),
        (
            file,
            "use t::{Kind, Sender};\n",
            "use t::Kind;\nuse t::Sender as S;\n",
            by_text(file, "use t::{Kind, Sender};\n"),
        ),
        (
            file,
            "use tide::Sender;\n",
            "use tide::{Kind, Sender};\n",
            deletion(file, "type = \"tree-sitter\"\npattern = \"use tide::Sender\""),
        ),
        (
            file,
            leaked(enumeration("Gale,")),
            leaked(enumeration("Gale(u8),")),
            deletion(file, "type = \"ast-grep\"\nrule = { kind = 'enum_variant', regex = '^Gale$' }"),
        ),
        (
            file,
            "const FOG: u8 = 1;\n",
            "pub const FOG: u32 = 7 * 1024;\n",
            by_pattern(file, "const FOG: u8 = 1;"),
        ),
        (
            file,
            "fn blow(x: u8) {\n    send(x);\n}\n",
            "pub fn blow(y: u32) -> bool {\n    other(y)\n}\n",
            by_pattern(file, "fn blow(x: u8) { $$$B }"),
        ),
        (
            "sea.json",
            "{\n  \"fog\": true,\n  \"b\": 2\n}\n",
            "{\n  \"fog\": { \"x\": 1 },\n  \"b\": 2\n}\n",
            by_text("sea.json", "  \"fog\": true,\n"),
        ),
        (
            "d/sea.toml",
            "[sea]\nfog = \"0.3\"\n",
            "[sea]\nfog.tide = true\n",
            by_text("d/sea.toml", "fog = \"0.3\"\n"),
        ),
        (
            "d/sea.toml",
            "[sea]\nfog = \"0.3\"\n",
            "[sea]\n\n[sea.fog]\nx = 1\n",
            by_text("d/sea.toml", "fog = \"0.3\"\n"),
        ),
    ]
}

#[test]
fn what_stands_in_another_form_is_not_absent() {
    for (file, before, after, set) in in_other_form() {
        let make = |is_locked: bool| {
            let mut upstream = Upstream::new(&[(file, before), ("src/other.rs", "//! O.\n")]);
            upstream.patches(&set);
            if is_locked {
                upstream.lock().succeeds();
            }
            upstream.write(file, after);
            upstream.commit();
            upstream
        };
        for upstream in without_history(|| make(false)) {
            is_nowhere(&upstream);
        }
        for upstream in without_history(|| make(true)) {
            for drift in [Off, Merge] {
                let told = upstream.run(apply().drift(drift)).all();
                assert!(!told.contains("absent") && !told.contains("already"), "{told}: {set}\n{after}");
            }
        }
    }
}

#[test]
fn what_is_nowhere_in_any_form_is_absent() {
    let file = "src/harbour.rs";
    let cases = [
        (
            "fn f() {\n    go();\n}\n\nfn upload_depths(lead: u8) {}\n",
            by_pattern(file, "upload_depths(lead);"),
        ),
        ("use tide::Other;\n\nfn f(x: tide::Sender) {}\n", by_text(file, "use tide::Sender;\n")),
        (
            "enum Sign {\n    Fog,\n}\n\nfn f(x: Gale) {}\n",
            deletion(file, "type = \"ast-grep\"\nrule = { kind = 'enum_variant', regex = '^Gale$' }"),
        ),
        (
            "enum Sign {\n    Fog,\n}\n",
            deletion(file, "type = \"ast-grep\"\ncontext = 'enum Sign { Gale }'\nselector = 'enum_variant'"),
        ),
    ];
    for (text, set) in cases {
        let upstream = Upstream::without_git(&[(file, text)]);
        upstream.patches(&set);
        assert_eq!(upstream.run(apply()).succeeds().one(), "absent", "{set}\n{text}");
    }
}

#[test]
fn an_effect_elsewhere_in_a_file_without_items_is_none_by_the_lock() {
    let (on, off) = ("Fog horns are on.\n", "Fog horns are off.\n");
    let mut upstream = Upstream::new(&[("README.md", format!("{on}\nLamps are on.\n"))]);
    upstream.patches(&text_patch("own", "README.md", on, off));
    upstream.lock().succeeds();
    upstream.write("README.md", &format!("Fog horns are tested.\n\nLamps are on.\n\n> {off}"));
    upstream.commit();
    upstream.fails(apply(), "conflict", &["README.md:1"]);
}

#[test]
fn a_namesake_in_another_item_is_not_the_effect() {
    let (ten, twenty) = ("pub const DEPTH: usize = 10;", "pub const DEPTH: usize = 20;");
    let file = "src/harbour.rs";
    let cases = [
        format!("pub const DEPTH: usize = 15;\n\nmod wide {{\n    {twenty}\n}}\n"),
        format!("fn f() {{}}\n\nmod wide {{\n    {twenty}\n}}\n"),
        format!("pub const DEPTH: usize = 15;\n\nimpl Wide {{\n    {twenty}\n}}\n"),
    ];
    for after in cases {
        let mut upstream = Upstream::new(&[(file, format!("{ten}\n\nfn f() {{}}\n"))]);
        upstream.patches(&text_patch("own", file, ten, twenty));
        upstream.write(file, &after);
        upstream.commit();
        is_nowhere(&upstream);
    }
    let (one, two) = ("    depth: u8,\n", "    depth: u16,\n");
    let mut upstream = Upstream::new(&[(file, format!("struct Berth {{\n{one}}}\n"))]);
    upstream.patches(&text_patch("own", file, one, two));
    upstream.write(file, &format!("struct Berth {{\n    depth: u32,\n}}\n\nstruct Quay {{\n{two}}}\n"));
    upstream.commit();
    is_nowhere(&upstream);
}

/// A binding that went and came back into its item, wherever in that and with whatever value, did not go.
#[test]
fn what_is_bound_again_in_its_item_was_not_taken_away() {
    let horn = |body: &str| format!("impl Horn {{\n    pub fn sound(&self) {{\n{body}    }}\n}}\n");
    let (at, rest) =
        ("        let pitch = trim(lit, 306);\n", "        blow(deck, 307);\n        rest(lit);\n");
    let search = format!("    pub fn sound(&self) {{\n{at}");
    let mut upstream = Upstream::new(&[("src/horn.rs", horn(&[at, rest].concat()))]);
    upstream.patches(&text_patch("own", "src/horn.rs", &search, "    pub fn sound(&self) {\n"));
    upstream.run(apply()).succeeds();
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    upstream.step("src/horn.rs", rest, &[rest, at].concat());
    upstream.run(apply()).fails();
    upstream.step("src/horn.rs", "trim(lit, 306)", "call(lit, 306)");
    upstream.fails(apply(), "no-match", &["line 5 has most of its words"]);
}

/// What has the effect was copied from the item that had it, which went.
#[test]
fn an_effect_that_upstream_made_and_took_away_with_its_item_is_not_that_of_a_copy() {
    let dock = |name: &str, count: u32| {
        format!(
            "    pub fn {name}(&self) {{\n        stow(reef);\n        measure(deck, {count});\n        trim(lee);\n    }}\n"
        )
    };
    let file = |methods: &str| format!("impl Dock {{\n{methods}}}\n");
    let lines =
        |count: u32| format!("        stow(reef);\n        measure(deck, {count});\n        trim(lee);\n");
    let mut upstream = Upstream::new(&[
        ("src/dock.rs", file(&dock("furl", 3))),
        ("src/quay.rs", "pub fn quay() {}\n".to_owned()),
    ]);
    upstream.patches(&text_patch("own", "src/dock.rs", &lines(3), &lines(700)));
    let write = |upstream: &mut Upstream, methods: &str| {
        upstream.write("src/quay.rs", &format!("pub fn quay() {{}}\n\n{}", file(methods)));
        upstream.commit();
    };
    upstream.write("src/dock.rs", "pub struct Dock;\n");
    write(&mut upstream, &dock("furl", 3));
    write(&mut upstream, &dock("furl", 700));
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied");
    write(&mut upstream, &[dock("reef", 700), "\n".to_owned(), dock("furl", 700)].concat());
    write(&mut upstream, &dock("reef", 700));
    upstream.fails(apply().drift(Move), "ambiguous", &["src/quay.rs:5"]);
}

/// In one commit, or by hand: it only went further down. What another patch puts there is its own.
#[test]
fn a_line_that_went_further_down_in_its_item_was_not_taken_away() {
    let hoist = |body: &str| format!("pub fn hoist(deck: u32) {{\n{body}}}\n");
    let (one, rest, end) = ("    alpha(deck, 1);\n", "    gamma();\n    delta();\n", "    delta();\n");
    for two in ["    beta(deck, 2);\n", "    beta_line(deck);\n"] {
        let own = text_patch("own", "src/mast.rs", &[one, two].concat(), one);
        let at_first = || Upstream::new(&[("src/mast.rs", hoist(&[one, two, rest].concat()))]);
        let mut upstream = at_first();
        upstream.patches(&own);
        upstream.write("src/mast.rs", &hoist(&[one, rest, two].concat()));
        for _ in 0..2 {
            upstream.fails(apply(), "ambiguous", &["src/mast.rs:5", "the code is now in another place"]);
            upstream.commit();
        }
        let mut upstream = at_first();
        upstream.patches(&(own + "\n" + &text_patch("down", "src/mast.rs", end, &[end, two].concat())));
        assert_eq!(upstream.run(apply()).succeeds().all(), "own applied, down applied");
        for _ in 0..2 {
            assert_eq!(upstream.run(apply()).succeeds().all(), "own already-applied, down already-applied");
            upstream.commit();
        }
    }
}

/// A commit, or somebody by hand, puts a line into another function of its file, or of another one.
#[test]
fn what_only_went_into_another_item_was_not_taken_away() {
    let (one, two, rest) = ("    alpha(deck);\n", "    client.send(event);\n", "    gamma();\n");
    let item = |name: &str, body: &str| format!("pub fn {name}(deck: u32) {{\n{body}}}\n");
    let [own, left] = [[one, two, rest].concat(), [one, rest].concat()].map(|body| item("moor", &body));
    let (furl, other) = (item("furl", rest), item("furl", &[rest, two].concat()));
    for (mast, bow) in [(left.clone() + &other, "bow\n".to_owned()), (left + &furl, other)] {
        let mut upstream =
            Upstream::new(&[("src/mast.rs", own.clone() + &furl), ("src/bow.rs", "bow\n".to_owned())]);
        upstream.patches(&text_patch("own", "src/mast.rs", &[one, two].concat(), one));
        upstream.write("src/mast.rs", &mast);
        upstream.write("src/bow.rs", &bow);
        for _ in 0..2 {
            upstream.fails(apply(), "ambiguous", &["the code is now in another place"]);
            upstream.commit();
        }
    }
}

/// What goes was only put elsewhere, in its line or its list: neither its likeness nor a commit shows it as removed.
#[test]
fn what_was_only_put_elsewhere_in_its_line_was_not_taken_away() {
    for (path, before, after, text) in [
        ("src/horn.rs", "spawn(config, telemetry, rx)", "spawn(telemetry, config, rx)", "spawn(config, rx)"),
        ("src/horn.rs", "spawn(config, telemetry, rx)", "spawn(config, rx, &telemetry)", "spawn(config, rx)"),
        ("src/horn.rs", "cost(x) + metrics(y) + tax(z)", "metrics(y) + cost(x) + tax(z)", "cost(x) + tax(z)"),
        ("run.sh", "run --quiet --metrics --fast", "run --metrics --quiet --fast", "run --quiet --fast"),
        ("set.json", "[\"a\", \"metrics\", \"b\"]", "[\"metrics\", \"a\", \"b\"]", "[\"a\", \"b\"]"),
    ] {
        let line = |text: &str| match path.ends_with(".rs") {
            true => format!("pub fn sound() {{\n    let horn = {text};\n}}\n"),
            false => format!("{text}\n"),
        };
        let make = || {
            let mut upstream = Upstream::new(&[(path, line(before))]);
            upstream.patches(&text_patch("own", path, before, text));
            upstream.write(path, &line(after));
            upstream.commit();
            upstream
        };
        for upstream in without_history(make).into_iter().chain([make()]) {
            for drift in [Off, Merge, Move] {
                let told = upstream.run(apply().drift(drift)).fails().told();
                assert!(!told.contains("in place"), "{told}");
            }
        }
    }
}

/// Upstream took a line away as the patch would, and put it back in another form.
#[test]
fn a_line_that_came_back_in_another_form_was_not_taken_away() {
    let (open, gone, close) = ("    open();\n", "    metrics::count(\"run\");\n", "    close();\n");
    let item = |body: &[&str]| format!("pub fn sound() {{\n{}}}\n", body.concat());
    for back in ["    metrics::count(\"run\", 2);\n", "    let _ = metrics::count(\"run\");\n"] {
        for (search, text) in [([open, gone], open), ([gone, close], close)] {
            let mut upstream = Upstream::new(&[("src/horn.rs", item(&[open, gone, close]))]);
            upstream.patches(&text_patch("own", "src/horn.rs", &search.concat(), text));
            for body in [&[open, close][..], &[open, back, close]] {
                upstream.write("src/horn.rs", &item(body));
                upstream.commit();
            }
            for drift in [Off, Merge, Move] {
                let told = upstream.run(apply().drift(drift)).fails().told();
                assert!(!told.contains("has this change already"), "{told}");
            }
        }
    }
}

/// It came back as it was, into a function that was made a method then, and got another value.
#[test]
fn a_binding_that_came_back_into_what_is_a_method_now_was_not_taken_away() {
    let (first, gone, rest) = ("    weigh(knot);\n", "    let gale = weigh(deck, 0);\n", "    stow(deck);\n");
    let item = |body: &[&str]| format!("pub fn haul(deck: u32) {{\n{}}}\n", body.concat());
    let method = |body: &[&str]| {
        let item = item(body).replace("(deck: u32)", "(&self, deck: u32)");
        let lines: String = item.lines().map(|line| format!("    {line}\n")).collect();
        format!("impl Anchor {{\n{lines}}}\n")
    };
    let mut upstream = Upstream::new(&[("src/bow.rs", item(&[first, gone, rest]))]);
    upstream.patches(&text_patch("own", "src/bow.rs", &[first, gone].concat(), first));
    upstream.run(apply()).succeeds();
    upstream.commit();
    let changed = gone.replace('0', "50");
    for file in [item(&[first, rest, gone]), method(&[first, rest, gone]), method(&[first, rest, &changed])] {
        upstream.write("src/bow.rs", &file);
        upstream.commit();
        for drift in [Off, Merge, Move] {
            upstream.run(apply().drift(drift)).fails();
        }
    }
}

/// The call was changed, put into another function, and changed once more: a commit each.
#[test]
fn a_deletion_whose_line_was_changed_moved_and_changed_was_not_made() {
    let file = |one: &str, two: &str| {
        format!(
            "pub fn lower(deck: u32) {{\n    weigh(deck);\n{one}}}\n\npub fn sound(deck: u32) {{\n    trim(deck);\n{two}}}\n"
        )
    };
    let [line, changed, again] =
        ["measure(wake36, 1)", "stow(wake36, 1)", "stow(wake36, 500)"].map(|call| format!("    {call};\n"));
    let mut upstream = Upstream::new(&[("src/mast.rs", file(&line, ""))]);
    let delete = text_patch("own", "src/mast.rs", &line, "x");
    upstream.patches(&delete.replace("replace", "delete").replace("text = \"x\"", ""));
    for (one, two) in [(changed.as_str(), ""), ("", &changed), ("", &again)] {
        upstream.write("src/mast.rs", &file(one, two));
        upstream.commit();
        upstream.run(apply()).fails();
    }
}

#[test]
fn a_call_that_a_commit_took_into_an_item_of_its_own_was_not_taken_away() {
    let file = |call: &str, rest: &str| {
        format!("pub fn moor(ship: &Ship) {{\n    {call};\n    close(ship);\n}}\n{rest}")
    };
    let before = file("logbook::report(ship, Kind::Done)", "");
    let helper = "\nfn report_done(ship: &Ship) {\n    logbook::report(ship, Kind::Done, now());\n}\n";
    for set in [
        by_text("src/harbour.rs", "    logbook::report(ship, Kind::Done);\n"),
        by_pattern("src/harbour.rs", "logbook::report($A, $K);"),
    ] {
        let mut upstream = Upstream::new(&[("src/harbour.rs", before.as_str())]);
        upstream.patches(&set);
        upstream.write("src/harbour.rs", &file("report_done(ship)", helper));
        upstream.commit();
        for drift in [Off, Move] {
            upstream.run(apply().drift(drift)).fails();
        }
    }
    // One that came later is another one.
    for by in ["patch", "upstream"] {
        let mut upstream = Upstream::new(&[("src/harbour.rs", before.as_str())]);
        upstream.patches(&by_text("src/harbour.rs", "    logbook::report(ship, Kind::Done);\n"));
        if by == "patch" {
            upstream.run(apply()).succeeds();
        } else {
            upstream.edit("src/harbour.rs", "    logbook::report(ship, Kind::Done);\n", "");
        }
        upstream.commit();
        let now = upstream.text("src/harbour.rs") + helper;
        upstream.write("src/harbour.rs", &now);
        upstream.commit();
        upstream.run(apply()).succeeds();
    }
}

#[test]
fn without_history_a_deletion_whose_like_stands_in_its_file_was_not_made() {
    let block = "    let berth = harbour.berth(ship);\n    logbook::report(ship, berth, Kind::Done);\n    berth.leave();\n";
    let file = |block: &str| format!("pub fn moor(ship: &Ship) {{\n    open(ship);\n{block}}}\n");
    let make = || {
        let mut upstream = Upstream::new(&[("src/harbour.rs", file(block))]);
        upstream.patches(&by_text("src/harbour.rs", block));
        upstream.edit("src/harbour.rs", "harbour.berth(ship)", "harbour.find(ship, 3)");
        upstream.commit();
        upstream
    };
    for upstream in without_history(make) {
        upstream.fails(apply(), "no-match", &["src/harbour.rs:3"]);
    }
}

#[test]
fn what_a_literal_says_is_no_place_of_code() {
    let item = "pub fn moor(ship: &Ship) {\n    let berth = harbour.berth(ship, 318);\n    berth.take(ship, 319);\n}\n";
    let line = "    let berth = harbour.berth(ship, 318);\n";
    let set = text_patch("own", "src/harbour.rs", line, &line.replace("318", "7"));
    let mut upstream =
        Upstream::new(&[("src/harbour.rs", format!("{HARBOUR}\n{item}")), ("src/text.rs", String::new())]);
    upstream.patches(&set);
    upstream.write("src/harbour.rs", HARBOUR);
    upstream.write("src/text.rs", &format!("pub const EXAMPLE: &str = r#\"\n{item}\"#;\n"));
    upstream.commit();
    upstream.run(apply().drift(Move)).fails();
    // What stood in a literal moves in one.
    let prompt = |name: &str| format!("pub const {name}: &str = r#\"\n{item}\"#;\n");
    let mut upstream = Upstream::new(&[("src/harbour.rs", HARBOUR.to_owned() + &prompt("PROMPT"))]);
    upstream.patches(&set);
    upstream.write("src/harbour.rs", HARBOUR);
    upstream.write("src/text.rs", &prompt("PROMPT"));
    upstream.commit();
    assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "applied");
}
