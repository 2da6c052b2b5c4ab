//! What stands in a comment, in a literal or under another attribute is not the code that a patch speaks of.

use super::evidence::patch;
use super::world::{Ask, Upstream, apply, text_patch};
use crate::patch::Drift::{Merge, Move, Off};

const OLD: &str = "    let oil = 1;\n    let wick = 2;\n    light(oil, wick);\n";
const NEW: &str = "    let oil = 10;\n    let wick = 20;\n    light(oil, wick);\n";

fn lamp(above: &str, body: &str) -> String {
    format!("{above}pub fn lamp() {{\n{body}}}\n")
}

/// Before and after `upstream` made `after` of the file, with a lock and without.
fn after(path: &str, before: &str, after: &str, set: &str) -> [Upstream; 2] {
    [false, true].map(|is_locked| {
        let mut upstream = Upstream::new(&[(path, before)]);
        upstream.patches(set);
        if is_locked {
            upstream.lock().succeeds();
        }
        upstream.write(path, after);
        upstream.commit();
        upstream
    })
}

#[test]
fn an_effect_in_a_comment_is_none() {
    let block = format!("    /*\n{NEW}    */\n");
    let other = "    let oil = 1;\n    let wick = 3;\n    start(oil, wick);\n";
    let rust =
        ("src/lamp.rs", lamp("", OLD), lamp("", &(block + other)), text_patch("p", "src/lamp.rs", OLD, NEW));
    let doc = (
        "src/lamp.rs",
        lamp("", OLD),
        lamp("/// See dim_light(oil, wick).\n", other),
        text_patch("p", "src/lamp.rs", "light(oil, wick)", "dim_light(oil, wick)"),
    );
    let keys = |key: &str| format!("[dependencies]\nserde = \"1\"\n{key}");
    let toml = (
        "Cargo.toml",
        keys("meter = \"3\"\n"),
        keys("# meter = \"=3\" broke the build\nmeter = \"4\"\n"),
        text_patch("p", "Cargo.toml", "meter = \"3\"", "meter = \"=3\""),
    );
    for (path, before, now, set) in [rust, doc, toml] {
        for upstream in after(path, &before, &now, &set) {
            for drift in [Off, Move] {
                let ran = upstream.run(apply().drift(drift));
                assert!(ran.has_failed(), "{now}{}{}", ran.told(), upstream.text(path));
                assert!(!ran.told().contains("already-applied"), "{}", ran.told());
            }
            assert_eq!(upstream.text(path), now);
        }
    }
}

#[test]
fn an_insertion_in_a_comment_or_under_another_attribute_is_not_there() {
    let body = |between: &str| format!("    open(x);\n{between}    close(x);\n");
    let insert = patch(
        "p",
        "src/lamp.rs",
        "type = \"ast-grep\"\npattern = \"open(x);\"",
        "type = \"insert-after\"\ntext = \"dim(x);\"",
    );
    for between in ["    /*\n    dim(x);\n    */\n", "    #[cfg(test)]\n    dim(x);\n"] {
        for upstream in after("src/lamp.rs", &lamp("", &body("")), &lamp("", &body(between)), &insert) {
            let told = upstream.run(apply()).told();
            assert!(!told.contains("already-applied"), "{told}");
        }
    }
    let import = patch(
        "p",
        "src/lamp.rs",
        "type = \"tree-sitter\"\npattern = \"use a::A\"",
        "type = \"insert-after\"\ntext = \"use b::Dim;\"",
    );
    let file = |import: &str| lamp(&format!("use a::A;\n{import}\n"), "");
    for upstream in after("src/lamp.rs", &file(""), &file("/*\nuse b::Dim;\n*/\n"), &import) {
        upstream.run(apply()).succeeds();
        assert!(upstream.text("src/lamp.rs").starts_with("use a::A;\nuse b::Dim;\n"));
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
    }
}

#[test]
fn a_call_in_a_comment_is_no_match_and_a_sentence_is() {
    let set = text_patch("p", "src/lamp.rs", "light(oil, 2)", "dim(oil)");
    let now = |line: &str| lamp("", &format!("    let oil = 1;\n{line}    start(oil, 2);\n"));
    let before = now("    light(oil, 2);\n");
    for line in ["    // was: light(oil, 2)\n", "    /* was: light(oil, 2) */\n"] {
        for upstream in after("src/lamp.rs", &before, &now(line), &set) {
            upstream.fails(apply().drift(Merge), "no-match", &[]);
        }
    }
    let upstream = Upstream::new(&[("src/lamp.rs", now("    // calls light(oil, 2) once more\n"))]);
    upstream.patches(&text_patch("p", "src/lamp.rs", "calls light(oil, 2) once", "calls light(oil, 3) once"));
    assert_eq!(upstream.run(apply()).succeeds().one(), "applied");
    assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied");
}
