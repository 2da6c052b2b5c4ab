//! What was done once is not done twice, and what was not done is not called done: texts that a commit, a formatter or upstream
//! made look like something else.

use super::evidence::{is_nowhere, patch, without_history};
use super::*;

/// Where a patch puts something behind `horn.wake();`.
const DUSK: &str =
    "pub fn dusk(horn: &mut Horn) {\n    horn.wake();\n    horn.sound(3);\n    horn.rest(9);\n}\n";

const WAKE: &str = "    horn.wake();\n";

/// Patches that put `text`, a line, behind the line `search` of a file.
fn behind(file: &str, search: &str, text: &str) -> Vec<String> {
    let mut sets = vec![
        patch(
            "horn",
            file,
            &format!("type = \"text\"\nsearch = {search:?}"),
            &format!("type = \"insert-after\"\ntext = {text:?}"),
        ),
        text_patch("horn", file, search, &(search.to_owned() + text)),
    ];
    if file.ends_with(".rs") {
        sets.push(patch(
            "horn",
            file,
            &format!("type = \"ast-grep\"\npattern = {:?}", search.trim()),
            &format!("type = \"insert-after\"\ntext = {:?}", text.trim()),
        ));
    }
    sets
}

/// The files of those who commit their tree with the patches in it: where a line goes, that line, and the same edited.
const EDITED: [(&str, &str, &str, [&str; 2]); 6] = [
    ("src/dusk.rs", DUSK, WAKE, ["    horn.set_pitch(\"low\");\n", "    horn.set_pitch(\"high\");\n"]),
    ("src/dusk.rs", DUSK, WAKE, ["    let pitch = of(1, 2);\n", "    let pitch = of(1);\n"]),
    ("src/dusk.rs", DUSK, WAKE, ["    hint!(\"quiet {}\", 1);\n", "    hint!(\"be quiet {}\", 1);\n"]),
    ("horn.yml", "horn:\n  name: a\n  tone: b\n", "  name: a\n", ["  quiet: 7\n", "  quiet: 8\n"]),
    ("horn.cfg", "[horn]\nname = 1\ntone = 2\n", "name = 1\n", ["quiet = 7\n", "quiet = 8\n"]),
    ("horn.sh", "wake\nsound 3\n", "wake\n", ["export QUIET=1\n", "export QUIET=2\n"]),
];

#[test]
fn an_insertion_that_was_committed_and_edited_since_is_not_made_beside_itself() {
    for (file, source, anchor, [old, new]) in EDITED {
        for (set, edited) in behind(file, anchor, old).iter().zip(behind(file, anchor, new)) {
            let mut upstream = Upstream::new(&[(file, source), ("src/other.rs", "pub fn other() {}\n")]);
            upstream.patches(set);
            upstream.run(apply()).succeeds();
            let by = upstream.commit();
            upstream.step("src/other.rs", "other()", "another()");
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{set}");
            upstream.patches(&edited);
            let line = format!("`{}`", old.trim());
            for drift in [Off, Merge, Move] {
                upstream.fails(apply().drift(drift), "no-match", &[&line, &by, "put there"]);
            }
            // The advice.
            upstream.edit(file, old, "");
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
        }
    }
}

/// The same, not committed, of what upstream may have many of: what no commit has right there was put there by the patch.
#[test]
fn an_insertion_that_was_edited_is_not_made_beside_itself() {
    let chain = "fn f() {\n    Horn::new()\n        .low()\n        .blow();\n}\n";
    let steps = ["        .long(1)\n", "        .long(2)\n"];
    let block = ["    if loud {\n        hush(1);\n    }\n", "    if loud {\n        hush(2);\n    }\n"];
    let attributes = ["#[cold(1)]\n", "#[cold(2)]\n"];
    for (file, source, anchor, texts) in [
        ("src/horn.rs", chain, "        .low()\n", steps),
        ("src/horn.rs", DUSK, WAKE, ["    println!(\"low {}\", 1);\n", "    println!(\"high {}\", 1);\n"]),
        ("src/horn.rs", DUSK, WAKE, ["    // The horn is quiet.\n", "    // The horn is loud.\n"]),
        ("src/horn.rs", DUSK, WAKE, block),
        ("src/horn.rs", DUSK, WAKE, ["    hush(1);\n", block[0]]),
        ("src/horn.rs", DUSK, WAKE, ["    hush(1);\n", "    open_to(\"north\");\n    hush(1);\n"]),
        ("src/horn.rs", "#[one]\nfn f() {}\n", "#[one]\n", attributes),
        ("a.md", "# Horns\n\n- low\n- high\n", "- low\n", ["- a quiet horn\n", "- a very quiet horn\n"]),
        ("a.md", "One.\n\nTwo.\n", "One.\n", ["\nA quiet horn.\n", "\nA loud horn.\n"]),
        ("Dockerfile", "FROM x\nRUN low\n", "FROM x\n", ["RUN horn 1\n", "RUN horn 2\n"]),
    ] {
        for (set, edited) in behind(file, anchor, texts[0]).iter().zip(behind(file, anchor, texts[1])).take(2)
        {
            let upstream = Upstream::new(&[(file, source)]);
            upstream.patches(set);
            upstream.run(apply()).succeeds();
            upstream.patches(&edited);
            upstream.fails(apply(), "no-match", &["which no commit put there, is like what it inserts"]);
            // What a commit has is upstream's.
            let both = source.replace(anchor, &(anchor.to_owned() + texts[0]));
            let other = Upstream::new(&[(file, &both)]);
            other.patches(&edited);
            assert_eq!(other.run(apply()).succeeds().one(), "applied", "{edited}");
            upstream.edit(file, texts[0], "");
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
        }
    }
}

/// Where nobody knows who put it there, only what names the same is refused: both would be a mistake in any case.
#[test]
fn without_history_what_names_the_same_is_not_put_beside_itself() {
    for (file, source, anchor, [old, new]) in EDITED {
        let other = old.replace("quiet", "other").replace("QUIET", "OTHER").replace("pitch", "tone");
        for (set, edited) in behind(file, anchor, old).iter().zip(behind(file, anchor, new)) {
            let make = || {
                let mut upstream = Upstream::new(&[(file, source)]);
                upstream.patches(set);
                upstream.run(apply()).succeeds();
                upstream.commit();
                upstream.patches(&edited);
                upstream
            };
            for mut upstream in without_history(make) {
                if old.contains([':', '=']) {
                    let line = format!("`{}`", old.trim());
                    upstream.fails(apply(), "no-match", &[&line, "no history tells whose it is"]);
                }
                upstream.edit(file, old, &other);
                upstream.forget_history();
                assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
            }
        }
    }
}

/// Of what upstream adopted elsewhere in the block, and changed, too. What the patch itself looks for is not it.
#[test]
fn without_history_what_differs_in_numbers_alone_is_not_put_beside_itself() {
    let pitch = |number: u32| format!("    horn.set_pitch({number});\n");
    let rest = "    horn.rest(9);\n";
    let beside = exchanged(DUSK, rest, &(rest.to_owned() + &pitch(2)));
    let above = exchanged(DUSK, WAKE, &(WAKE.to_owned() + &pitch(2)));
    let (_, lines) = DUSK.trim_end_matches("}\n").split_once('\n').unwrap();
    for (search, source, drift) in [(rest, beside, Off), (lines, above, Merge)] {
        let insertion = format!("type = \"insert-after\"\ntext = {:?}", pitch(1));
        let query = |search: &str| format!("type = \"text\"\nsearch = {search:?}");
        for mut upstream in without_history(|| {
            let mut upstream = Upstream::new(&[("src/dusk.rs", &source)]);
            upstream.commit();
            upstream
        }) {
            upstream.patches(&patch("pitch", "src/dusk.rs", &query(search), &insertion));
            upstream.fails(apply().drift(drift), "no-match", &["`horn.set_pitch(2);`"]);
            upstream.edit("src/dusk.rs", "set_pitch(2)", "set_pitch(two)");
            upstream.forget_history();
            assert_eq!(upstream.run(apply().drift(drift)).succeeds().one(), "applied");
        }
    }
    let with_own = exchanged(DUSK, WAKE, &(pitch(2) + WAKE));
    let own = with_own.trim_end_matches("}\n").replace("&mut Horn", "&Horn");
    let mut upstream = Upstream::new(&[("src/dusk.rs", with_own)]);
    upstream.forget_history();
    let query = format!("type = \"text\"\nsearch = {:?}", own);
    let insertion = format!("type = \"insert-after\"\ntext = {:?}", pitch(1));
    upstream.patches(&patch("pitch", "src/dusk.rs", &query, &insertion));
    assert_eq!(upstream.run(apply().drift(Merge)).succeeds().one(), "applied");
}

#[test]
fn the_lock_of_what_a_patch_was_tells_what_it_inserted_behind_a_text_without_its_line_end() {
    let set = |pitch: &str| {
        patch(
            "pitch",
            "src/dusk.rs",
            "type = \"text\"\nsearch = \"    horn.wake();\"",
            &format!("type = \"insert-after\"\ntext = {:?}", format!("\n    horn.set_pitch(\"{pitch}\");")),
        )
    };
    let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
    upstream.patches(&set("low"));
    upstream.lock().succeeds();
    upstream.run(apply()).succeeds();
    upstream.patches(&set("high"));
    upstream.forget_history();
    upstream.fails(apply(), "no-match", &["line 3, `horn.set_pitch(\"low\");`, is what it inserted before"]);
}

/// What upstream has beside the place, and put there in a commit of its own, is no insertion of before: it is one of a list, names
/// something else, or came with more.
#[test]
fn what_upstream_put_beside_the_place_is_not_the_insertion() {
    let list = exchanged(DUSK, WAKE, "    horn.wake();\n    horn.add_tone(LOW);\n");
    let toned = "    horn.add_tone(LOW);\n";
    for (file, source, anchor, upstreams, own) in [
        ("src/dusk.rs", list.as_str(), toned, "    horn.add_tone(MID);\n", "    horn.add_tone(TOP);\n"),
        ("src/dusk.rs", DUSK, WAKE, "    let pitch = of(1, 2);\n", "    let tone = of(1, 2);\n"),
        ("src/dusk.rs", DUSK, WAKE, "    hint!(\"awake\");\n", "    hint!(\"quiet\");\n"),
        ("horn.yml", "horn:\n  name: a\n  tone: b\n", "  name: a\n", "  pitch: 7\n", "  quiet: 7\n"),
        ("horn.toml", "[horn]\nname = 1\ntone = 2\n", "name = 1\n", "pitch = 7\n", "quiet = 7\n"),
    ] {
        for set in behind(file, anchor, own) {
            let mut upstream = Upstream::new(&[(file, source)]);
            upstream.patches(&set);
            upstream.step(file, anchor, &(anchor.to_owned() + upstreams));
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{set}");
        }
    }
    let (low, high) = ("    horn.set_pitch(\"low\");\n", "    horn.set_pitch(\"high\");\n");
    for set in behind("src/dusk.rs", WAKE, high) {
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set);
        upstream.edit("src/dusk.rs", WAKE, &(WAKE.to_owned() + low));
        upstream.step("src/dusk.rs", "horn.rest(9)", "horn.rest(11)");
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
    }
}

/// Another patch of the set has put its line where the new one goes.
#[test]
fn what_another_patch_put_beside_the_place_is_not_the_insertion() {
    let low = behind("src/dusk.rs", WAKE, "    horn.set_pitch(\"low\");\n").remove(0);
    let high = behind("src/dusk.rs", WAKE, "    horn.set_pitch(\"high\");\n").remove(0);
    let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
    upstream.patches(&low);
    upstream.run(apply()).succeeds();
    upstream.commit();
    upstream.patches(&(low + &high.replace("id = \"horn\"", "id = \"high\"")));
    assert_eq!(upstream.run(apply()).succeeds().all(), "horn already-applied, high applied");
}

#[test]
fn a_comment_that_was_parted_from_its_place_is_known() {
    let remark = "    // The horn was too loud here.\n";
    let parted = |text: &str| exchanged(text, WAKE, &(WAKE.to_owned() + "    horn.listen();\n"));
    for set in behind("src/dusk.rs", WAKE, remark) {
        let mut upstream = Upstream::new(&[("src/dusk.rs", DUSK)]);
        upstream.patches(&set);
        upstream.run(apply()).succeeds();
        let text = parted(&upstream.text("src/dusk.rs"));
        upstream.write("src/dusk.rs", &text);
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{set}");
        upstream.commit();
        assert_eq!(upstream.run(apply().drift(Move)).succeeds().one(), "already-applied", "{set}");
        assert_eq!(upstream.text("src/dusk.rs"), text);
        for upstream in without_history(|| upstream.copy()) {
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{set}");
        }
        // Twice in its block, in another block, or said of what is below, it is not known.
        for other in [
            exchanged(DUSK, "}\n", &format!("    horn.go();\n{remark}    horn.stop();\n{remark}}}\n")),
            exchanged(
                DUSK,
                "    horn.rest(9);\n",
                &format!("    if horn.is_cold() {{\n    {remark}    }}\n"),
            ),
        ] {
            let upstream = Upstream::new(&[("src/dusk.rs", other)]);
            upstream.patches(&set);
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
        }
    }
}

#[test]
fn declarations_that_were_sorted_apart_are_in_place() {
    let source = "use bay::One;\nuse reef::Buoy;\nuse tide::Two;\n\nfn main() {}\n";
    for (inserted, sorted) in [
        (
            "use wave::Six;\nuse alp::Five;\n",
            "use alp::Five;\nuse bay::One;\nuse reef::Buoy;\nuse tide::Two;\nuse wave::Six;\n",
        ),
        (
            "use wave::{Six, Five};\n",
            "use bay::One;\nuse reef::Buoy;\nuse tide::Two;\nuse wave::{Five, Six};\n",
        ),
        (
            "use wave::{self, Six, A};\n",
            "use bay::One;\nuse reef::Buoy;\nuse tide::Two;\nuse wave::{\n    self,\n    A,\n    Six,\n};\n",
        ),
        ("mod wave;\nmod alp;\n", "mod alp;\nuse bay::One;\nuse reef::Buoy;\nmod wave;\nuse tide::Two;\n"),
        ("use bay;\n", "use bay::{self, One};\nuse reef::Buoy;\nuse tide::Two;\n"),
        ("use bay::Six;\n", "use bay::{One, Six};\nuse reef::Buoy;\nuse tide::Two;\n"),
        (
            "use bay::{Six, deep::Five};\n",
            "use bay::{\n    One, Six,\n    deep::{Four, Five},\n};\nuse reef::Buoy;\nuse tide::Two;\n",
        ),
    ] {
        for set in behind("src/main.rs", "use reef::Buoy;\n", inserted) {
            let upstream = Upstream::new(&[("src/main.rs", source)]);
            upstream.patches(&set);
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{set}");
            let sorted = format!("{sorted}\nfn main() {{}}\n");
            upstream.write("src/main.rs", &sorted);
            assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{set}");
            assert_eq!(upstream.text("src/main.rs"), sorted);
        }
    }
    // One of two is not both.
    let half = exchanged(source, "use bay::One;\n", "use alp::Five;\nuse bay::One;\n");
    for set in behind("src/main.rs", "use reef::Buoy;\n", "use wave::Six;\nuse alp::Five;\n") {
        let upstream = Upstream::new(&[("src/main.rs", half.as_str())]);
        upstream.patches(&set);
        upstream.fails(apply(), "invalid-result", &["Five"]);
    }
}

/// What upstream has without a comment is there; what stands under another comment was inserted with that, and edited since.
#[test]
fn a_declaration_under_another_comment_is_not_the_edited_insertion() {
    let source = "use bay::One;\nuse reef::Buoy;\n\nfn main() {}\n";
    let text = |comment: &str| format!("{comment}use tide::Two;\n");
    for set in behind("src/main.rs", "use bay::One;\n", &text("// For the tides.\n")) {
        for (there, is_there) in
            [("// For the tides.\n", true), ("", true), ("// For ebb and flood.\n", false)]
        {
            let file = exchanged(source, "use reef::Buoy;\n", &format!("use reef::Buoy;\n{}", text(there)));
            let upstream = Upstream::new(&[("src/main.rs", file)]);
            upstream.patches(&set);
            let ran = upstream.run(apply());
            assert_eq!(ran.has_failed(), !is_there, "{set} {there} {}", ran.told());
        }
    }
}

#[test]
fn a_deletion_that_upstream_made_and_took_back_in_another_form_is_not_in_place() {
    for (file, source, gone, back) in [
        ("src/dusk.rs", DUSK, "    horn.sound(3);\n", "    horn.sound_once(3);\n"),
        ("src/dusk.rs", DUSK, "    horn.sound(3);\n", "    horn.sound(3, now());\n"),
    ] {
        let source = source.replace("horn.sound(3)", "horn.report_sound(config, 3)");
        let [gone, back] = [gone, back].map(|line| {
            line.replace("sound_once(3)", "report_sound(config, 3, ONCE)")
                .replace("sound(3", "report_sound(config, 3")
        });
        deleted_and_back(file, &source, &gone, &back);
    }
    deleted_and_back("horn.toml", "[horn]\nname = 1\ndebug = 1\n", "debug = 1\n", "debug = \"lines\"\n");
    deleted_and_back("horn.yml", "horn:\n  debug: 1\n  tone: 2\n", "  debug: 1\n", "  debug: 2\n");
}

#[track_caller]
fn deleted_and_back(file: &str, source: &str, gone: &str, back: &str) {
    let query = format!("type = \"text\"\nsearch = {gone:?}");
    let mut upstream = Upstream::new(&[(file, source)]);
    upstream.patches(&patch("horn", file, &query, "type = \"delete\""));
    upstream.step(file, gone, "");
    let taken = upstream.text(file);
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    // Put back, by a commit or not.
    upstream.write(file, &exchanged(source, gone, back));
    is_nowhere(&upstream);
    upstream.commit();
    is_nowhere(&upstream);
    upstream.fails(apply(), "no-match", &["has most of its words"]);
    // What is like it elsewhere is something else.
    upstream.write(
        file,
        &format!("{taken}\n# elsewhere\n{back}")
            .replace("# e", if file.ends_with("rs") { "// e" } else { "# e" }),
    );
    if !file.ends_with(".rs") {
        upstream.commit();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    }
}

#[test]
fn an_item_that_always_stood_in_another_one_is_not_what_a_patch_made() {
    let inner = "mod inner {\n    pub fn rest_of_night() {}\n}\n\n";
    let source = inner.to_owned() + DUSK;
    let set = patch(
        "rest",
        "src/dusk.rs",
        "type = \"tree-sitter\"\npattern = \"fn dusk\"",
        "type = \"replace\"\ntext = \"pub fn rest_of_night() {}\"",
    );
    let mut upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
    upstream.patches(&set);
    upstream.step("src/dusk.rs", "fn dusk", "fn evening");
    is_nowhere(&upstream);
    upstream.fails(apply(), "conflict", &["fn evening"]);
    // Made and committed, it is in place.
    let mut upstream = Upstream::new(&[("src/dusk.rs", source)]);
    upstream.patches(&set);
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    upstream.commit();
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}

/// A slip of the pen in the query, while upstream has what the patch would write, and the file was changed since by somebody.
#[test]
fn a_slip_in_the_query_is_told_in_a_changed_file() {
    let source = exchanged(DUSK, WAKE, &format!("{WAKE}    horn.muted = true;\n    horn.quiet = false;\n"));
    let query = |text: &str| format!("type = \"ast-grep\"\npattern = {text:?}");
    for (set, line) in [
        (text_patch("slip", "src/dusk.rs", "horn.queit = true;", "horn.quiet = false;"), "line 4"),
        (
            patch("slip", "src/dusk.rs", &query("horn.quite"), "type = \"replace\"\ntext = \"horn.quiet\""),
            "line 4",
        ),
        (
            patch(
                "slip",
                "src/dusk.rs",
                &query("horn.souund(9)"),
                "type = \"replace\"\ntext = \"horn.sound(3)\"",
            ),
            "line 5",
        ),
    ] {
        let upstream = Upstream::new(&[("src/dusk.rs", source.as_str())]);
        upstream.patches(&set);
        is_nowhere(&upstream);
        upstream.write("src/dusk.rs", &(source.clone() + "\n// Mine.\n"));
        is_nowhere(&upstream);
        upstream.fails(apply(), "no-match", &[line, "neither this file nor its history ever held"]);
    }
    // What the working tree alone has may be the patch's own, and so may what a commit made of what it looks for.
    let set = text_patch("rename", "src/dusk.rs", "horn.quite = false;", "horn.quiet = false;");
    let mut upstream = Upstream::new(&[("src/dusk.rs", source.replace("quiet", "quite"))]);
    upstream.patches(&set);
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    upstream.commit();
    upstream.write("src/dusk.rs", &(upstream.text("src/dusk.rs") + "\n// Mine.\n"));
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}

#[test]
fn what_was_wrapped_and_laid_out_anew_is_not_wrapped_again() {
    let cases = [
        (
            "    send(a, b);\n",
            "    if enabled { send(a, b); }\n",
            "    if enabled {\n        send(a, b);\n    }\n",
        ),
        (
            "    let limit = config.limit;\n",
            "    let limit = config.limit; let limit = limit.min(10);\n",
            "    let limit = config.limit;\n    let limit = limit.min(10);\n",
        ),
        (
            "start(config.exporter())",
            "start(config.exporter()).filter(is_local)",
            "start(config.exporter())\n        .filter(is_local)",
        ),
        (
            "client.send(event)",
            "guard(|| client.send(event))",
            "guard(|| {\n        client.send(event)\n    })",
        ),
    ];
    for (search, text, laid_out) in cases {
        let source = |body: &str| {
            let body = if body.starts_with(' ') { body.to_owned() } else { format!("    {body};\n") };
            format!("pub fn go() {{\n{body}    end();\n}}\n")
        };
        let mut upstream = Upstream::new(&[("src/go.rs", source(search))]);
        upstream.patches(&text_patch("wrap", "src/go.rs", search, text));
        assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
        upstream.write("src/go.rs", &source(laid_out));
        let before = upstream.tree();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{text}");
        upstream.commit();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{text}");
        assert_eq!(upstream.tree(), before);
    }
}

/// The operation was edited, not the text: what it put beside the match before would stand twice.
#[test]
fn an_insertion_that_becomes_a_replacement_is_not_put_in_again() {
    let source = "pub fn watch() {\n    wake();\n    rest();\n}\n";
    for (operation, text) in
        [("insert-after", "set_pitch(1);"), ("insert-before", "set_pitch(1);\nset_pitch(2);")]
    {
        for query in
            ["type = \"ast-grep\"\npattern = \"wake();\"", "type = \"text\"\nsearch = \"    wake();\\n\""]
        {
            let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
            let text = if query.contains("search") { indented.as_str() } else { text };
            let set = |operation: &str| {
                let operation = format!("type = \"{operation}\"\ntext = {text:?}");
                super::evidence::patch("pitch", "src/watch.rs", query, &operation)
            };
            let mut upstream = Upstream::new(&[("src/watch.rs", source)]);
            upstream.patches(&set(operation));
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
            upstream.patches(&set("replace"));
            upstream.fails(apply(), "no-match", &["which no commit put there"]);
            // What a commit has there is somebody else's.
            upstream.commit();
            assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{query} {operation}");
        }
    }
}

/// Upstream took the function over some lines away, and the patch was edited since: its like under its name is that.
#[test]
fn an_edited_item_is_not_put_in_beside_one_of_its_name_that_a_commit_put_elsewhere() {
    let lower = "pub fn lower(deck: u32) {\n    stow(lit, 0);\n}\n";
    let own = |times: u32| {
        format!("\npub fn haul_in_the_sails(deck: u32) {{\n    pull_at_the_ropes(deck, {times});\n}}\n")
    };
    let method = "\nimpl Anchor {\n    pub fn lower(&self, deck: u32) {\n        stow(lit, 0);\n    }\n}\n";
    let of_buoy = format!(
        "\nimpl Buoy {{\n{}}}\n",
        own(1).trim_start().lines().map(|line| format!("    {line}\n")).collect::<String>()
    );
    let query = "type = \"tree-sitter\"\npattern = \"fn lower\"";
    let insert = format!("type = \"insert-after\"\ntext = {:?}", own(2));
    for (there, is_made) in [(own(1), false), (of_buoy, true)] {
        let mut upstream = Upstream::new(&[("src/keel.rs", [lower, "\npub fn furl() {}\n"].concat())]);
        upstream.patches(&super::evidence::patch("own", "src/keel.rs", query, &insert));
        upstream.write("src/keel.rs", &[lower, "\npub fn furl() {}\n", &there].concat());
        upstream.commit();
        upstream.write("src/keel.rs", &["pub fn furl() {}\n", &there, method].concat());
        upstream.commit();
        let ran = upstream.run(apply());
        assert_eq!(ran.has_failed(), !is_made, "{}", ran.told());
    }
}
