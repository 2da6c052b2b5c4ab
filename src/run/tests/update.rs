//! Patches made exact again.

use super::*;

/// A patch of the block, with this operation.
fn of_block(operation: &str) -> String {
    format!(
        "[[patches]]\nid = \"horn\"\nfile = \"src/beacon.rs\"\n\n[patches.query]\ntype = \"text\"\nsearch = '''\n{BLOCK}'''\n\n\
         [patches.operation]\n{operation}"
    )
}

#[test]
fn update_of_every_text_operation_does_exactly_what_tolerance_did() {
    let operations = [
        "type = \"replace\"\ntext = '''\n        let brightness = self.lamp.brightness(fog);\n        if brightness < DIM {\n            \
         self.horn();\n        }\n'''\n",
        "type = \"insert-before\"\ntext = '''\n        self.horn();\n'''\n",
        "type = \"insert-after\"\ntext = '''\n        self.horn();\n'''\n",
        "type = \"delete\"\n",
    ];
    for operation in operations {
        let is_delete = operation.contains("delete");
        let mut upstream = Upstream::beacon(&of_block(operation));
        if !is_delete {
            upstream.step("src/beacon.rs", CALL.0, CALL.1);
            upstream.updates();
        }
        upstream.rename("src/beacon.rs", "src/light.rs");
        upstream.commit();
        upstream.updates();
        let now = upstream.set_file();
        assert!(now.contains("file = \"src/light.rs\""), "{now}");
        assert!(!is_delete || !now.contains("replace"), "{now}");
    }
}

#[test]
fn update_of_locked_functions_renews_the_lock() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.lock().succeeds();
        let old = upstream.lock_file();
        upstream.step("src/beacon.rs", CALL.0, CALL.1);
        upstream.updates();
        let new = upstream.lock_file();
        assert!(new != old && new.contains("self.sweeps);"), "{new}");
        assert_eq!(upstream.run(status()).one(), "would-apply");
        upstream.lock().succeeds();
        assert_eq!(upstream.lock_file(), new, "it is what `lock` writes");
        // And so on.
        upstream.step("src/beacon.rs", "        self.sweeps += 1;\n", "        self.sweeps += 2;\n");
        upstream.fails(apply(), "changed-upstream", &["self.sweeps += [-1-]{+2+}"]);
        upstream.updates();
        assert_eq!(upstream.run(apply()).one(), "applied");
        assert!(upstream.text("src/beacon.rs").contains("self.sweeps += 2;"));
    }
}

#[test]
fn update_of_a_locked_function_with_another_name() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.lock().succeeds();
        upstream.step("src/beacon.rs", "fn sweep(&mut self, fog: Fog)", "fn turn(&mut self, fog: Fog)");
        upstream.updates();
        assert_eq!(upstream.run(apply()).one(), "applied");
    }
}

#[test]
fn update_of_a_locked_function_in_another_file() {
    for set in items() {
        let mut upstream = Upstream::beacon(&set);
        upstream.lock().succeeds();
        upstream.rename("src/beacon.rs", "src/light.rs");
        upstream.commit();
        upstream.step("src/light.rs", CALL.0, CALL.1);
        upstream.updates();
        let now = upstream.set_file();
        assert!(now.contains("file = \"src/light.rs\"") && !now.contains("\"text\""), "{now}");
        assert!(upstream.lock_file().contains("src/light.rs"), "{}", upstream.lock_file());
        assert_eq!(upstream.run(apply().strict()).one(), "applied");
    }
}

#[test]
fn update_names_the_file_in_the_list_that_it_left() {
    let list = "file = [\"src/beacon.rs\", \"src/never.rs\"]";
    let mut upstream = Upstream::beacon(&exchanged(BLASTS, "file = \"src/beacon.rs\"", list));
    upstream.rename("src/beacon.rs", "src/light.rs");
    upstream.commit();
    upstream.updates();
    let now = upstream.set_file();
    assert!(now.contains("\"src/light.rs\"") && !now.contains("src/beacon.rs"), "{now}");
}

#[test]
fn what_cannot_be_updated_stays_and_fails() {
    let line = "        format!(\"{} sweeps since dusk\", self.sweeps)\n";
    let other = text_patch("dusk", "src/beacon.rs", line, "        String::new()\n");
    let mut upstream = Upstream::beacon(&format!("{BLASTS}\n{other}"));
    upstream.step("src/beacon.rs", "blasts: 2", "blasts: 5");
    let before = (upstream.tree(), upstream.set());
    assert_eq!(upstream.update().all(), "blasts conflict, dusk skipped");
    assert_eq!((upstream.tree(), upstream.set()), before);
}

#[test]
fn a_key_whose_file_was_renamed_is_updated_to_that_file() {
    let set = "[[patches]]\nid = \"port\"\nfile = \"harbour.toml\"\nquery = { type = \"toml\", section = \"server\", key = \"port\" }\n\
               operation = { type = \"replace-value\", value = \"8080\" }\n";
    let text = "[server]\nport = 80\nhost = \"a\"\n\n[client]\nretries = 3\n";
    let mut upstream = Upstream::new(&[("harbour.toml", text)]);
    upstream.patches(set);
    upstream.rename("harbour.toml", "quay.toml");
    upstream.commit();
    upstream.updates();
    assert!(upstream.set_file().contains("file = \"quay.toml\""));
}

/// The patch of [`CALL`] in a layout that cannot be rewritten: its tables are taken apart and mixed.
fn mixed(id: &str) -> String {
    format!(
        "patches = [{{ id = \"{id}\", file = \"src/beacon.rs\", query.type = \"text\", operation.type = \"replace\", \
         query.search = {BLOCK:?}, operation.text = {:?} }}]\n",
        patched(BLOCK)
    )
}

#[test]
fn what_cannot_be_written_is_not_planned() {
    let mut upstream = Upstream::beacon(&mixed("mixed"));
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let before = upstream.opened();
    let done = upstream.update();
    assert_eq!(done.all(), "mixed no-match", "{}", done.told());
    assert_eq!(upstream.opened() - before, 1, "no proposal was planned");
    assert_eq!(upstream.set_file(), mixed("mixed"));
}

#[test]
fn what_cannot_be_written_keeps_no_other_file_from_being_updated() {
    let mut upstream = Upstream::beacon(&mixed("mixed"));
    let line = "        self.watts / fog.density()\n";
    let search = format!("    pub fn brightness(&self, fog: Fog) -> u32 {{\n{line}");
    let text = search.replace("self.watts", "2 * self.watts");
    upstream.patch_file("other.toml", &text_patch("bright", "src/lamp.rs", &search, &text));
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    upstream.step("src/lamp.rs", "fog: Fog)", "fog: Fog, sweeps: u64)");
    let before = upstream.opened();
    let done = upstream.update();
    assert_eq!(done.all(), "bright updated, mixed no-match", "{}", done.told());
    let other = upstream.set().into_iter().find(|(name, _)| name.ends_with("other.toml"));
    assert!(other.unwrap().1.contains("sweeps: u64"));
    assert_eq!(upstream.opened() - before, 2, "one plan for the other file");
}

#[test]
fn an_update_killed_between_any_two_of_its_writes_is_finished_by_the_next() {
    for set in items() {
        for writes in 1.. {
            let lay_out = || {
                let mut upstream = Upstream::beacon(&set);
                upstream.lock().succeeds();
                upstream.step("src/beacon.rs", CALL.0, CALL.1);
                upstream
            };
            let (undisturbed, killed) = (lay_out(), lay_out());
            undisturbed.update().succeeds();
            let is_whole = killed.update_killed_after(writes);
            // Whatever comes between, patch and lock fit.
            assert!(!killed.run(status().drift(Merge)).succeeds().told().contains("another version"));
            killed.update().succeeds();
            assert_eq!(killed.set(), undisturbed.set(), "after {writes} writes");
            if is_whole {
                assert!(writes > 3, "{writes}");
                break;
            }
        }
    }
}

#[test]
fn of_patches_of_a_renamed_file_each_is_updated_by_nothing_but_its_file() {
    let set = BLASTS.to_owned()
        + "\n[[patches]]\nid = \"sweeps\"\nfile = \"src/beacon.rs\"\nquery = { type = \"ast-grep\", pattern = \"self.lamp.brightness($A)\" }\n\
           operation = { type = \"replace\", text = \"self.lamp.glow($A)\" }\n";
    for is_locked in [false, true] {
        let mut upstream = Upstream::beacon(&set);
        if is_locked {
            upstream.lock().succeeds();
        }
        upstream.rename("src/beacon.rs", "src/fire.rs");
        upstream.commit();
        assert_eq!(upstream.update().succeeds().all(), "blasts updated, sweeps updated");
        assert_eq!(upstream.set_file(), set.replace("src/beacon.rs", "src/fire.rs"));
        assert_eq!(upstream.run(apply()).succeeds().all(), "blasts applied, sweeps applied");
    }
}
