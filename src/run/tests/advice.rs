//! Advice of failures, followed: the run that gave it succeeds then, and a second one has nothing to do.

use super::evidence::patch;
use super::world::{Ask, Upstream, apply, text_patch};
use crate::patch::Drift::{Merge, Move};
use crate::run::Options;

const FILE: &str = "src/bell.rs";
const BELL: &str = "pub fn ring(bell: &mut Bell) {\n    bell.wake();\n    bell.sound(3);\n    bell.rest();\n}\n\n\
                    pub fn hush(bell: &mut Bell) {\n    bell.mute();\n}\n";
const SOUND: &str = "    bell.sound(3);\n";
const LOUD: &str = "    bell.sound(9);\n";

fn text(search: &str) -> String {
    format!("type = \"text\"\nsearch = {search:?}")
}

fn pattern(pattern: &str) -> String {
    format!("type = \"ast-grep\"\npattern = {pattern:?}")
}

fn item(pattern: &str) -> String {
    format!("type = \"tree-sitter\"\npattern = {pattern:?}")
}

fn replace(text: &str) -> String {
    format!("type = \"replace\"\ntext = {text:?}")
}

fn insert_after(text: &str) -> String {
    format!("type = \"insert-after\"\ntext = {text:?}")
}

fn own(query: &str, operation: &str) -> String {
    patch("own", FILE, query, operation)
}

fn exchanged_bell(from: &str, to: &str) -> String {
    super::exchanged(BELL, from, to)
}

/// The bell and one patch of it.
fn bell(set: &str) -> Upstream {
    let upstream = Upstream::new(&[(FILE, BELL)]);
    upstream.patches(set);
    upstream
}

/// `options` fail with this advice, and once `follow` has done what it says, `then` succeeds, and again.
#[track_caller]
fn followed(
    upstream: &mut Upstream,
    options: Options,
    advice: &str,
    follow: impl FnOnce(&mut Upstream),
    then: impl Fn() -> Options,
) {
    let told = upstream.run(options).fails().told();
    assert!(told.contains(advice), "no `{advice}` in:\n{told}");
    follow(upstream);
    upstream.run(then()).succeeds();
    let once = upstream.tree();
    upstream.run(then()).succeeds();
    assert_eq!(upstream.tree(), once, "a second run wrote");
}

/// As [`followed`], by another patch file.
#[track_caller]
fn rewritten(upstream: &mut Upstream, advice: &str, set: &str) {
    followed(upstream, apply(), advice, |upstream| upstream.patches(set), apply);
}

#[test]
fn of_code_that_is_in_a_macro() {
    let file = exchanged_bell(SOUND, "    tell!(\"rings\", bell.sound(3));\n");
    let mut upstream = Upstream::new(&[(FILE, file)]);
    upstream.patches(&own(&pattern("bell.sound(3)"), &replace("bell.sound(9)")));
    let set = own(&text("bell.sound(3)"), &replace("bell.sound(9)"));
    rewritten(&mut upstream, "where patterns cannot match: use a text query", &set);
}

#[test]
fn of_a_text_inside_a_word() {
    let mut upstream = bell(&own(&text("soun"), &replace("toll")));
    let advice = "search the whole word or number, or set `partial_words = true` in the query";
    let set = own(&text("sound"), &replace("toll"));
    rewritten(&mut upstream, advice, &set);
    let mut upstream = bell(&own(&text("soun"), &replace("toll")));
    rewritten(&mut upstream, advice, &own(&(text("soun") + "\npartial_words = true"), &replace("toll")));
}

#[test]
fn of_a_last_line_without_its_end() {
    let advice = "leave the last line end out of the query and of the text, or end the file's last line";
    let make = || {
        let upstream = Upstream::new(&[(FILE, BELL.trim_end().to_owned() + "\n// bell 1")]);
        upstream.patches(&own(&text("// bell 1\n"), &replace("// bell 2\n")));
        upstream
    };
    rewritten(&mut make(), advice, &own(&text("// bell 1"), &replace("// bell 2")));
    let end = |upstream: &mut Upstream| upstream.write(FILE, &(upstream.text(FILE) + "\n"));
    followed(&mut make(), apply(), advice, end, apply);
}

#[test]
fn of_what_is_commented_out_or_behind_something() {
    let make = |to: &str| {
        let upstream = Upstream::without_git(&[(FILE, exchanged_bell(SOUND, to))]);
        upstream.patches(&own(&text("bell.sound(3);\n"), &replace("bell.sound(9);\n")));
        upstream
    };
    let set = own(&text("// bell.sound(3);\n"), &replace("bell.sound(9);\n"));
    rewritten(&mut make("    // bell.sound(3);\n"), "search it with what makes it a comment", &set);
    let mut upstream = Upstream::without_git(&[(FILE, format!("pub mod gong;\n{BELL}"))]);
    upstream.patches(&own(&text("mod gong;\n"), "type = \"delete\""));
    let set = own(&text("pub mod gong;\n"), "type = \"delete\"");
    rewritten(&mut upstream, "search it together with what stands before it", &set);
}

#[test]
fn of_a_removal_beside_what_was_changed() {
    let removal = |text: &str| text_patch("own", FILE, text, "    bell.wake();\n    bell.rest();\n");
    let lines = |sound: &str| format!("    bell.wake();\n{sound}    bell.rest();\n");
    let changed = "    bell.sound(4);\n";
    let mut upstream = Upstream::without_git(&[(FILE, exchanged_bell(SOUND, changed))]);
    upstream.patches(&text_patch("own", FILE, &format!("    bell.wake();\n{SOUND}"), "    bell.wake();\n"));
    let advice = "if upstream changed it, write the query for what is there now";
    rewritten(&mut upstream, advice, &removal(&lines(changed)));
}

#[test]
fn of_a_deletion_whose_lines_were_changed() {
    let advice = "tolerance does not help: the lines that the patch changes were changed already";
    let block = "    let tone = bell.tone(3);\n    logbook::report(bell, tone, Kind::Done);\n";
    let delete = own(&text(block), "type = \"delete\"");
    let changed = block.replace("bell.tone(3)", "bell.tone_of(Kind::Low, 3)");
    let make = || {
        let upstream = Upstream::without_git(&[(FILE, exchanged_bell(SOUND, &changed))]);
        upstream.patches(&delete);
        upstream
    };
    rewritten(&mut make(), advice, &own(&text(&changed), "type = \"delete\""));
    // Applied to what was committed or locked, it is known where its like stands elsewhere.
    let both = exchanged_bell(SOUND, block).replace("    bell.mute();\n", &changed);
    let locked = Upstream::without_git(&[(FILE, both.as_str())]);
    locked.patches(&delete);
    locked.lock().succeeds();
    let committed = Upstream::new(&[(FILE, both.as_str())]);
    committed.patches(&delete);
    for upstream in [locked, committed] {
        upstream.run(apply()).succeeds();
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    }
}

#[test]
fn of_what_never_matched() {
    let mut upstream = bell(&own(&text("    bell.sond(3);\n"), &replace("    bell.peal();\n")));
    let right = own(&text(SOUND), &replace("    bell.peal();\n"));
    rewritten(&mut upstream, "compare the query with the nearest place, and adapt it", &right);
    let mut upstream = bell(&own(&text("    bell.sond(3);\n"), "type = \"delete\""));
    let right = own(&text(SOUND), "type = \"delete\"");
    rewritten(&mut upstream, "correct the query: it never matched anything here", &right);
    let mut upstream = bell(&own(&item("fn lantern"), &replace("pub fn peal() {}")));
    let right = own(&item("fn ring"), &replace("pub fn peal() {}"));
    rewritten(&mut upstream, "find out where the code went, or remove the patch", &right);
}

#[test]
fn of_what_was_applied_before_the_first_commit() {
    let mut upstream = Upstream::new(&[(FILE, exchanged_bell(SOUND, LOUD))]);
    upstream.patches(&own(&text(SOUND), &replace(LOUD)));
    let lock = |upstream: &mut Upstream| {
        let there = upstream.text(FILE);
        upstream.write(FILE, BELL);
        upstream.lock().succeeds();
        upstream.write(FILE, &there);
    };
    followed(
        &mut upstream,
        apply(),
        "lock the set on a tree without it (`lock -w`), and the lock tells",
        lock,
        apply,
    );
}

#[test]
fn of_a_function_that_is_not_there() {
    let within = |function: &str| {
        own(&text(SOUND), &replace(LOUD))
            + &format!("[patches.constraint]\nfunction_context = \"{function}\"\n")
    };
    let mut upstream = bell(&within("rings"));
    rewritten(
        &mut upstream,
        "correct `constraint.function_context`, or find out where the function went",
        &within("ring"),
    );
    let mut upstream = bell(&within("hush"));
    rewritten(&mut upstream, "or correct `constraint.function_context`", &within("ring"));
}

#[test]
fn of_an_insertion_of_before() {
    let inserted = |tone: u8| own(&pattern("bell.wake();"), &insert_after(&format!("bell.tune({tone});")));
    let mut upstream = bell(&inserted(1));
    upstream.run(apply()).succeeds();
    upstream.patches(&inserted(2));
    let advice = "take the old text out first, with `git restore` or by hand";
    followed(&mut upstream, apply(), advice, |upstream| upstream.check_out(), apply);
    // The lock has what it was.
    let mut upstream = bell(&inserted(1));
    upstream.lock().succeeds();
    upstream.run(apply()).succeeds();
    upstream.commit();
    upstream.patches(&inserted(2));
    let by_hand = |upstream: &mut Upstream| upstream.edit(FILE, "    bell.tune(1);\n", "");
    followed(&mut upstream, apply(), "take the old text out first", by_hand, apply);
    // Committed.
    let make = || {
        let mut upstream = bell(&inserted(1));
        upstream.run(apply()).succeeds();
        upstream.commit();
        upstream.patches(&inserted(2));
        upstream
    };
    let advice = "if it is the patch's text of before, take it out first, by hand; if it is upstream's, make it a part of the query";
    let by_hand = |upstream: &mut Upstream| upstream.edit(FILE, "    bell.tune(1);\n", "");
    followed(&mut make(), apply(), advice, by_hand, apply);
    let part = own(&text("    bell.wake();\n    bell.tune(1);\n"), &insert_after("    bell.tune(2);\n"));
    rewritten(&mut make(), advice, &part);
    let lock = |upstream: &mut Upstream| {
        upstream.lock().succeeds();
    };
    followed(&mut make(), apply(), advice, lock, apply);
}

#[test]
fn of_an_insertion_with_which_upstream_went_on() {
    let mut upstream = bell(&own(&pattern("bell.wake();"), &insert_after("bell.tune(1);")));
    upstream.run(apply()).succeeds();
    upstream.commit();
    upstream.step(FILE, "bell.tune(1)", "bell.tune_all(1)");
    let set = own(&pattern("bell.tune_all(1);"), &replace("bell.tune(1);"));
    rewritten(&mut upstream, "remove the patch, or replace what upstream made of it", &set);
}

#[test]
fn of_an_insertion_whose_neighbour_left() {
    let set = own(&text("    bell.rest();\n"), "type = \"insert-before\"\ntext = \"    bell.tune(1);\\n\"");
    let make = || {
        let mut upstream = bell(&set);
        upstream.run(apply()).succeeds();
        upstream.commit();
        let moved = upstream
            .text(FILE)
            .replace("    bell.rest();\n", "")
            .replace("    bell.mute();\n", "    bell.mute();\n    bell.rest();\n");
        upstream.write(FILE, &moved);
        upstream.commit();
        upstream
    };
    let advice =
        "move the inserted text to where it is to stand now, or name in the query what stands beside it";
    let by_hand = |upstream: &mut Upstream| {
        upstream.edit(FILE, "    bell.tune(1);\n", "");
        upstream.edit(FILE, "    bell.rest();\n", "    bell.tune(1);\n    bell.rest();\n");
    };
    followed(&mut make(), apply(), advice, by_hand, apply);
    rewritten(&mut make(), advice, &own(&text(SOUND), &insert_after("    bell.tune(1);\n")));
}

const MANIFEST: &str = "hold/Cargo.toml";
const KEYS: &str = "[package]\nname = \"hold\"\n\n[[bin]]\nname = \"a\"\n\n[[bin]]\nname = \"b\"\n\n[dependencies]\nkelp = \"1\"\n";

/// A manifest and one patch of it.
fn manifest(query: &str, operation: &str) -> Upstream {
    let upstream = Upstream::new(&[(MANIFEST, KEYS)]);
    upstream.patches(&key(query, operation));
    upstream
}

fn key(query: &str, operation: &str) -> String {
    patch("own", MANIFEST, &format!("type = \"toml\"\n{query}"), operation)
}

#[test]
fn of_sections_and_keys() {
    let mut upstream =
        manifest("section = \"features\"\nkey = \"low\"", "type = \"set-value\"\nvalue = \"[]\"");
    let set = key("section = \"features\"", "type = \"append-section\"\ntext = \"[features]\\nlow = []\\n\"");
    rewritten(&mut upstream, "insert the section with `append-section`, or correct `section`", &set);
    let number = |section: &str| {
        key(&format!("section = {section:?}\nkey = \"test\""), "type = \"set-value\"\nvalue = \"false\"")
    };
    for section in ["bin[1]", "bin[name = \"b\"]"] {
        let mut upstream = Upstream::new(&[(MANIFEST, KEYS)]);
        upstream.patches(&number("bin"));
        let advice =
            "select one element in `section`, as `name[0]` or `name[key = \"value\"]`, or set `matches`";
        rewritten(&mut upstream, advice, &number(section));
    }
}

#[test]
fn of_several_places() {
    let twice = exchanged_bell("    bell.mute();\n", SOUND);
    let make = || {
        let upstream = Upstream::new(&[(FILE, twice.as_str())]);
        upstream.patches(&own(&pattern("bell.sound(3);"), &replace("bell.sound(9);")));
        upstream
    };
    let advice =
        "make the query longer, limit it to a function (`constraint.function_context`), or set `matches`";
    let longer =
        own(&text(&format!("    bell.wake();\n{SOUND}")), &replace(&format!("    bell.wake();\n{LOUD}")));
    let query = pattern("bell.sound(3);");
    let limited =
        own(&query, &replace("bell.sound(9);")) + "[patches.constraint]\nfunction_context = \"hush\"\n";
    let all =
        own(&query, &replace("bell.sound(9);")).replace("[patches.query]", "[patches.query]\nmatches = 2");
    for set in [longer, limited, all] {
        rewritten(&mut make(), advice, &set);
    }
}

#[test]
fn of_several_files() {
    let mut upstream = Upstream::new(&[(FILE, BELL), ("src/gong.rs", BELL)]);
    let set = own(&text(SOUND), &replace(LOUD));
    let both = set.replace(&format!("file = {FILE:?}"), &format!("file = [{FILE:?}, \"src/gong.rs\"]"));
    upstream.patches(&both);
    rewritten(&mut upstream, "name one file, or make the query match in one of them only", &set);
}

#[test]
fn of_patches_that_meet() {
    let wake = own(&text("    bell.wake();\n"), &replace("    bell.wake_up();\n"));
    let late = patch(
        "late",
        FILE,
        &text(&format!("    bell.wake();\n{SOUND}")),
        &replace(&format!("    bell.wake();\n{LOUD}")),
    );
    let advice = "write this patch for the result of the earlier patch, or move it before that patch";
    let rewritten_late = patch(
        "late",
        FILE,
        &text(&format!("    bell.wake_up();\n{SOUND}")),
        &replace(&format!("    bell.wake_up();\n{LOUD}")),
    );
    rewritten(&mut bell(&(wake.clone() + &late)), advice, &(wake.clone() + &rewritten_late));
    rewritten(&mut bell(&(wake.clone() + &late)), advice, &(late + &wake));
}

#[test]
fn of_an_element_that_is_picked_by_its_number() {
    let element = |section: &str| key(&format!("section = {section:?}"), "type = \"delete-section\"");
    let mut upstream = Upstream::new(&[(MANIFEST, KEYS)]);
    upstream.patches(&element("bin[0]"));
    rewritten(
        &mut upstream,
        "another element has the number now: select by a key, as `name[key = \"value\"]`",
        &element("bin[name = \"a\"]"),
    );
}

#[test]
fn of_a_text_that_is_no_rust() {
    let mend = |advice: &str, wrong: &str, right: &str| rewritten(&mut bell(wrong), advice, right);
    let to = |to: &str| own(&pattern("bell.sound(3);"), &replace(to));
    mend(
        "the text of the patch is not Rust by itself: check its brackets, commas and semicolons",
        &to("bell.sound(9;"),
        &to("bell.sound(9);"),
    );
    let whole = own(&text("    bell.mute();\n}\n"), "type = \"delete\"");
    let line = own(&text("    bell.mute();\n"), "type = \"delete\"");
    mend(
        "what the patch leaves behind is not Rust: delete the whole item, statement or element",
        &whole,
        &line,
    );
    let name = |name: &str| own(&item("fn hush"), &insert_after(&format!("\npub fn {name}() {{}}\n")));
    mend("give it another name, replace what is there, or leave it out", &name("ring"), &name("ring_twice"));
    let value = |text: &str| own(&pattern("3"), &replace(text));
    mend("the text of the patch is Rust by itself, but not at this place", &value("let a = 3;"), &value("a"));
}

#[test]
fn of_a_place_that_is_verified() {
    let verified = |of: &str| {
        own(&item("fn hush"), &replace("pub fn hush() {}"))
            + &format!("[patches.verify]\nmethod = \"exact-match\"\nexpected_text = {of:?}\n")
    };
    let advice = "upstream changed this place: check that the patch still makes sense, then update `verify`";
    rewritten(
        &mut bell(&verified("pub fn hush(bell: &mut Bell) {\n    bell.quiet();\n}")),
        advice,
        &verified("pub fn hush(bell: &mut Bell) {\n    bell.mute();\n}"),
    );
}

#[test]
fn of_a_conflict_with_what_upstream_made() {
    let mut upstream = bell(&own(&text(SOUND), &replace(LOUD)));
    upstream.step(FILE, "bell.sound(3)", "bell.sound(5)");
    let advice = "rewrite the patch for the text that is there now";
    let set = own(&text("    bell.sound(5);\n"), &replace(LOUD));
    followed(&mut upstream, apply().drift(Merge), advice, |upstream| upstream.patches(&set), apply);
}

#[test]
fn of_what_upstream_changed_under_a_lock() {
    let make = || {
        let mut upstream = bell(&own(
            &item("fn hush"),
            &replace("pub fn hush(bell: &mut Bell) {\n    bell.mute();\n    bell.cover();\n}"),
        ));
        upstream.lock().succeeds();
        upstream.step(FILE, "bell.mute();", "let _ = 1;\n    bell.mute();");
        upstream
    };
    let advice = "or overwrite upstream's change with --accept";
    followed(&mut make(), apply(), advice, |_| {}, || apply().drift(Merge));
    followed(&mut make(), apply(), advice, |_| {}, || apply().accept());
}

#[test]
fn of_what_was_deleted_before() {
    let delete = own(&text(SOUND), "type = \"delete\"");
    let make = |set: &str| {
        let upstream = Upstream::without_git(&[(FILE, exchanged_bell(SOUND, ""))]);
        upstream.patches(set);
        upstream
    };
    followed(
        &mut make(&delete),
        apply().strict(),
        "remove the patch, or run without --strict",
        |_| {},
        apply,
    );
    let ghost = |more: &str| {
        key(&format!("section = \"dependencies\"\nkey = \"ghost\"{more}"), "type = \"delete-key\"")
    };
    let mut upstream = Upstream::without_git(&[(MANIFEST, KEYS)]);
    upstream.patches(&ghost("\nensure_present = true"));
    rewritten(&mut upstream, "remove the patch, or remove `ensure_present` from it", &ghost(""));
}

#[test]
fn of_code_that_moved() {
    let make = || {
        let mut upstream = bell(&own(&item("fn hush"), &replace("pub fn hush() {}")));
        let at = BELL.find("pub fn hush").unwrap();
        upstream.write(FILE, &BELL[..at]);
        upstream.write("src/gong.rs", &BELL[at..]);
        upstream.commit();
        upstream
    };
    followed(&mut make(), apply(), "--drift move", |_| {}, || apply().drift(Move));
    let upstream = make();
    upstream.patches(&own(&item("fn hush"), &replace("pub fn hush() {}")).replace(FILE, "src/gong.rs"));
    upstream.run(apply()).succeeds();
}

#[test]
fn of_code_that_went() {
    let mut upstream = bell(&own(&item("fn hush"), &replace("pub fn hush() {}")));
    upstream.lock().succeeds();
    upstream.step(FILE, &BELL[BELL.find("\npub fn hush").unwrap()..], "");
    let advice = "remove the patch, or rewrite it for what upstream does instead";
    let set = own(&text(SOUND), &replace(LOUD));
    followed(&mut upstream, apply().drift(Merge), advice, |upstream| upstream.patches(&set), apply);
}

#[test]
fn of_a_set_that_is_in_place_when_it_is_locked() {
    let upstream = bell(&own(&text(SOUND), &replace(LOUD)));
    upstream.run(apply()).succeeds();
    let told = upstream.lock().fails().told();
    assert!(told.contains("use `--rev HEAD`, or run `codex-patcher revert` first"), "{told}");
    upstream.run(apply().revert()).succeeds();
    upstream.lock().succeeds();
    upstream.run(apply()).succeeds();
}

#[test]
fn of_patches_whose_version_is_not_known() {
    let set = "[meta]\nversion_range = \">=1.0\"\n\n".to_owned() + &own(&text(SOUND), &replace(LOUD));
    let mut upstream = bell(&set);
    upstream.write("Cargo.toml", "[workspace]\n");
    followed(
        &mut upstream,
        apply(),
        "give the version with --workspace-version",
        |_| {},
        || apply().version("1.2.0"),
    );
}

#[test]
fn of_a_file_that_is_not_there() {
    let set = own(&text(SOUND), &replace(LOUD));
    let mut upstream = bell(&set.replace(FILE, "src/tower/bell.rs"));
    rewritten(&mut upstream, "src/bell.rs", &set);
}

#[test]
fn of_what_another_candidate_has() {
    let mut upstream =
        Upstream::new(&[(FILE, exchanged_bell(SOUND, LOUD)), ("src/gong.rs", BELL.to_owned())]);
    let set = own(&text(SOUND), &replace(LOUD));
    let of = |files: &str| set.replace(&format!("file = {FILE:?}"), &format!("file = {files}"));
    upstream.patches(&of(&format!("[{FILE:?}, \"src/gong.rs\"]")));
    rewritten(&mut upstream, "leave the file without it out of `file`", &of("\"src/gong.rs\""));
}

#[test]
fn of_twins_under_tolerance() {
    let ring = BELL[..BELL.find("pub fn hush").unwrap()].to_owned();
    let twin = ring.replace("fn ring", "fn ring_late");
    let upstream =
        Upstream::without_git(&[(FILE, (ring + &twin).replace("bell.rest();", "bell.rest_now();"))]);
    let search = |more: &str| format!("{more}    bell.wake();\n{SOUND}    bell.rest();\n");
    let made = |more: &str| format!("{more}    bell.wake();\n{LOUD}    bell.rest();\n");
    let set = |more: &str| own(&text(&search(more)), &replace(&made(more)));
    upstream.patches(&set(""));
    let told = upstream.run(apply().drift(Merge)).fails().told();
    assert!(told.contains("add more of the code around the intended place to the query"), "{told}");
    upstream.patches(&set("pub fn ring_late(bell: &mut Bell) {\n"));
    upstream.run(apply().drift(Merge)).succeeds();
    upstream.run(apply().drift(Merge)).succeeds();
}

#[test]
fn of_tolerance_that_is_not_wanted() {
    let make = || {
        let search = format!("    bell.wake();\n{SOUND}    bell.rest();\n");
        let mut upstream = bell(&own(&text(&search), &replace(&search.replace(SOUND, LOUD))));
        upstream.step(FILE, "    bell.wake();\n", "    bell.wake_up();\n");
        upstream
    };
    let advice = "make the query exact again (`codex-patcher update` can do that), or run without --strict";
    let strict = || apply().drift(Merge).strict();
    let update = |upstream: &mut Upstream| drop(upstream.update().succeeds());
    followed(&mut make(), strict(), advice, update, strict);
    followed(&mut make(), strict(), advice, |_| {}, || apply().drift(Merge));
}

#[test]
fn of_a_new_section_with_a_neighbour_that_is_not_there() {
    let set = |more: &str| {
        key(
            "section = \"features\"",
            &format!("type = \"insert-section\"\n{more}text = \"[features]\\nlow = []\\n\""),
        )
    };
    let mut upstream = Upstream::new(&[(MANIFEST, KEYS)]);
    upstream.patches(&set("after_section = \"lints\"\n"));
    rewritten(
        &mut upstream,
        "choose another section, or remove `after_section` or `before_section`",
        &set(""),
    );
}

#[test]
fn of_a_committed_set_that_is_locked_or_taken_back() {
    let mut upstream = bell(&own(&text(SOUND), &replace(LOUD)));
    upstream.run(apply()).succeeds();
    upstream.commit();
    let told = upstream.lock().fails().told();
    assert!(told.contains("lock the tree before the commit that has it: `--rev c"), "{told}");
    let told = upstream.run(apply().revert()).fails().told();
    assert!(told.contains("takes the commit back; if upstream made this change, remove the patch"), "{told}");
    upstream.write(FILE, BELL);
    upstream.commit();
    upstream.lock().succeeds();
}

#[test]
fn of_code_that_went_into_several_files() {
    let part = &BELL[BELL.find("pub fn hush").unwrap()..];
    let set = own(&text(part), &replace(&part.replace("mute", "cover")));
    let mut upstream = bell(&set);
    upstream.edit(FILE, part, "");
    ["src/gong.rs", "src/drum.rs"].iter().for_each(|file| upstream.write(file, part));
    upstream.commit();
    let advice = "set `file` to the file of the intended place";
    let set = set.replace(FILE, "src/drum.rs");
    followed(&mut upstream, apply().drift(Move), advice, |upstream| upstream.patches(&set), apply);
}

#[test]
fn of_an_edit_that_is_none_of_the_sets() {
    let mut upstream = bell(&own(&text(SOUND), &replace(LOUD)));
    upstream.run(apply()).succeeds();
    upstream.edit(FILE, "bell.mute()", "bell.cover()");
    let told = upstream.run(apply().revert()).fails().told();
    assert!(told.contains("or undo the other edits by hand; nothing was reverted"), "{told}");
    upstream.edit(FILE, "bell.cover()", "bell.mute()");
    upstream.run(apply().revert()).succeeds();
    assert_eq!(upstream.text(FILE), BELL);
    upstream.commit();
}
