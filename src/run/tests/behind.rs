//! What upstream put before a match on its line, or above it: it is left to nothing else.

use super::*;
use crate::outcome::Command;

fn patch(search: &str, operation: &str) -> String {
    format!(
        "[[patches]]\nid = \"p\"\nfile = \"src/lib.rs\"\n\n[patches.query]\ntype = \"text\"\nsearch = {search:?}\n\n\
         [patches.operation]\n{operation}\n"
    )
}

const DELETE: &str = "type = \"delete\"";
const MINE: &str = "type = \"insert-before\"\ntext = \"mod mine;\\n\"";

fn verify() -> crate::run::Options {
    crate::run::Options::new(Command::Verify)
}

#[test]
fn an_item_that_became_public_is_not_torn_from_that() {
    let text = "mod a;\nmod server;\nmod z;\n";
    let seen = "line 2 has it only behind `pub `";
    for operation in [DELETE, MINE] {
        for is_known in [true, false] {
            let mut upstream = Upstream::new(&[("src/lib.rs", text)]);
            upstream.patches(&patch("mod server;\n", operation));
            upstream.step("src/lib.rs", "mod server", "pub mod server");
            if !is_known {
                upstream.forget_history();
                upstream.fails(apply(), "no-match", &[seen, "search it together with what stands before it"]);
            }
            for drift in [Off, Merge, Move] {
                upstream.run(apply().drift(drift)).fails();
            }
            upstream.run(apply().strict()).fails();
            upstream.run(verify()).fails();
            // The advice holds.
            upstream.patches(&patch("pub mod server;\n", operation));
            match is_known || operation != DELETE {
                true => upstream.lands(Off),
                false => upstream.run(apply()).succeeds(),
            };
        }
    }
}

#[test]
fn what_is_commented_out_is_gone() {
    let text = "fn f() {\n    one();\n    two();\n}\n";
    for operation in [DELETE, "type = \"replace\"\ntext = \"three();\\n\"", MINE] {
        let mut upstream = Upstream::new(&[("src/lib.rs", text)]);
        upstream.patches(&patch("one();\n", operation));
        upstream.step("src/lib.rs", "one();", "// one();");
        for drift in [Off, Merge, Move] {
            upstream.run(apply().drift(drift)).fails();
        }
        upstream.forget_history();
        upstream.fails(
            apply(),
            "no-match",
            &["line 2 has it only behind `// `", "upstream commented it out"],
        );
    }
}

#[test]
fn the_one_of_two_that_begins_its_line_is_meant() {
    let texts =
        ["mod m {\n    pub fn a() {}\n}\nfn a() {}\nfn z() {}\n", "fn f() {}\n// fn a() {}\nfn a() {}\n"];
    for text in texts {
        let upstream = Upstream::new(&[("src/lib.rs", text)]);
        upstream.patches(&patch("fn a() {}\n", DELETE));
        upstream.lands(Off);
        assert_eq!(upstream.run(verify()).one(), "already-applied");
        assert!(!upstream.text("src/lib.rs").contains("\nfn a() {}"));
    }
}

#[test]
fn an_insertion_is_in_place_beside_an_item_that_became_public() {
    let mut upstream = Upstream::new(&[("src/lib.rs", "mod a;\nmod server;\nmod z;\n")]);
    upstream.patches(&patch("mod server;\n", MINE));
    upstream.lands(Off);
    upstream.commit();
    upstream.step("src/lib.rs", "mod server", "pub mod server");
    assert_eq!(upstream.run(apply()).one(), "already-applied");
}

#[test]
fn an_attribute_above_stays_with_its_item() {
    let mut upstream = Upstream::new(&[("src/lib.rs", "mod a;\nmod server;\nmod z;\n")]);
    upstream.patches(&patch("mod server;\n", MINE));
    upstream.step("src/lib.rs", "mod server", "#[cfg(unix)]\nmod server");
    for drift in [Off, Merge, Move] {
        upstream.run(apply().drift(drift)).fails();
    }
    upstream
        .patches(&patch("mod server;\n", "type = \"insert-before\"\ntext = \"#[path = \\\"s.rs\\\"]\\n\""));
    upstream.lands(Off);
}

#[test]
fn a_locked_deletion_of_what_became_public_is_a_conflict() {
    let mut upstream = Upstream::new(&[("src/lib.rs", "const LIMIT: u32 = 5;\nconst OTHER: u8 = 2;\n")]);
    let delete = patch("x", DELETE).replace("\"text\"", "\"tree-sitter\"");
    upstream.patches(&delete.replace("search = \"x\"", "pattern = \"const LIMIT\""));
    upstream.lock().succeeds();
    upstream.step("src/lib.rs", "const LIMIT", "pub(crate) const LIMIT");
    let told = upstream.run(apply()).fails().told();
    assert!(told.contains("changed-upstream") && !told.contains("without conflicts"), "{told}");
    for drift in [Merge, Move] {
        upstream.run(apply().drift(drift)).fails();
    }
    upstream.run(apply().accept()).succeeds();
    assert_eq!(upstream.text("src/lib.rs"), "const OTHER: u8 = 2;\n");
}

#[test]
fn an_effect_inside_another_visibility_is_not_in_place() {
    let mut upstream = Upstream::new(&[("src/lib.rs", "pub fn start() {}\n\nfn b() {}\n")]);
    upstream.patches(&text_patch("p", "src/lib.rs", "pub fn start() {}\n", "fn start() {}\n"));
    upstream.lock().succeeds();
    upstream.step("src/lib.rs", "pub fn", "pub(crate) fn");
    upstream.cut_off();
    for drift in [Off, Merge] {
        upstream.run(apply().drift(drift)).fails();
    }
    upstream.run(verify()).fails();
}

/// Lines would stand less deep than the one that they are put beside.
#[test]
fn what_stands_deeper_than_it_is_written_is_not_the_place_of_more_lines_than_one() {
    let yaml = "ship:\n  horn:\n    pitch: 1\n    rest: 2\n";
    let query = |search: &str| format!("type = \"text\"\nsearch = {search:?}");
    for (operation, exact, made) in [
        ("type = \"insert-before\"\ntext = \"  own: 1\\n\"", false, "    own: 1\n    rest: 2\n"),
        ("type = \"insert-after\"\ntext = \"  own: 1\\n\"", false, "    rest: 2\n    own: 1\n"),
        ("type = \"replace\"\ntext = \"  rest: 3\\n  own: 1\\n\"", false, "    rest: 3\n    own: 1\n"),
        ("type = \"replace\"\ntext = \"  rest: 3\\n\"", true, "    rest: 3\n"),
        (DELETE, true, ""),
    ] {
        let mut upstream = Upstream::new(&[("a.yaml", "horn:\n  pitch: 1\n  rest: 2\n")]);
        upstream.patches(&super::evidence::patch("own", "a.yaml", &query("  rest: 2\n"), operation));
        upstream.write("a.yaml", yaml);
        upstream.commit();
        match exact {
            true => assert_eq!(upstream.run(apply()).succeeds().one(), "applied", "{operation}"),
            false => {
                upstream.fails(apply(), "no-match", &["[-  -]{+    +}rest: 2"]);
                upstream.lands(Merge);
            }
        }
        assert_eq!(upstream.text("a.yaml"), format!("ship:\n  horn:\n    pitch: 1\n{made}"), "{operation}");
        assert_eq!(upstream.run(apply()).succeeds().one(), "already-applied", "{operation}");
    }
}
