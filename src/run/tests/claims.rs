//! What a report claims of a patch is known: in place, in HEAD, a typo, upstream's doing.

use super::*;
use crate::outcome::Command;

/// A structural patch of `src/lib.rs`, as ast-grep finds it.
fn structural(id: &str, pattern: &str, operation: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"src/lib.rs\"\n\n[patches.query]\ntype = \"ast-grep\"\npattern = \
         '{pattern}'\n\n[patches.operation]\n{operation}\n"
    )
}

fn verify() -> crate::run::Options {
    crate::run::Options::new(Command::Verify)
}

#[test]
fn verify_does_not_call_a_deletion_in_place_of_which_nothing_tells() {
    let ring = structural("quiet", "bell.ring(depth);", "type = \"delete\"");
    let before = "fn f() {\n    one();\n    bell.ring(depth);\n    two();\n}\n";
    let (gone, changed) =
        (before.replace("    bell.ring(depth);\n", ""), before.replace("bell.ring(depth)", "gong(7)"));
    for (text, is_gone) in [(&gone, true), (&changed, false)] {
        for is_locked in [false, true] {
            let mut upstream = Upstream::new(&[("src/lib.rs", before)]);
            upstream.patches(&ring);
            if is_locked {
                upstream.lock().succeeds();
            }
            upstream.write("src/lib.rs", text);
            upstream.forget_history();
            if is_locked && is_gone {
                assert_eq!(upstream.run(verify()).one(), "already-applied");
                continue;
            }
            assert_eq!(upstream.run(apply()).one(), "absent");
            assert_eq!(upstream.run(status()).one(), "absent");
            let advice =
                if is_locked { "the lock does not tell which" } else { "neither history nor a lock tells" };
            upstream.fails(
                verify(),
                "no-match",
                &["`bell.ring(depth);` was not found: it was deleted before", advice],
            );
        }
    }
    // The advice holds.
    let upstream = Upstream::without_git(&[("src/lib.rs", before)]);
    upstream.patches(&ring);
    upstream.lock().succeeds();
    upstream.run(apply()).succeeds();
    assert_eq!(upstream.run(verify()).one(), "already-applied");
}
