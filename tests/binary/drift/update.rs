//! `update`: what it shows, and that it writes all patch files or none.

use super::*;

#[test]
fn update_writes_what_a_merge_found_and_keeps_the_rest_of_the_file() {
    let exact = text_patch("dusk", "src/beacon.rs", "since dusk", "since sunset");
    let mut upstream = Upstream::beacon(&format!("{BLASTS}\n{exact}"));
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let before = read_tree(upstream.dir.path());
    let shown = upstream.run(&["update", "--dry-run"]).exits(0).stdout;
    assert_eq!(read_tree(upstream.dir.path()), before);
    let changes = |text: &str, mark: char| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| line.starts_with(mark) && !line.starts_with(&mark.to_string().repeat(3)));
        lines.map(|line| line[1..].to_owned()).collect()
    };
    let old = format!("        let brightness = self.lamp.{}", CALL.0);
    let new = format!("        let brightness = self.lamp.{}", CALL.1);
    assert_eq!(changes(&shown, '-'), [old.clone(), old], "{shown}");
    assert_eq!(changes(&shown, '+'), [new.clone(), new], "{shown}");
    let tolerant = upstream.applied(&["--drift", "merge"]);
    let statuses = upstream.run(&["update", "--format", "json"]).exits(0).statuses();
    assert_eq!(statuses, pairs(&[("blasts", "updated"), ("dusk", "skipped")]));
    assert_eq!(upstream.set_file(), format!("{BLASTS}\n{exact}").replace(CALL.0, CALL.1));
    assert_eq!(upstream.applied(&["--strict"]), tolerant);
    assert!(!upstream.set().join("codex-patcher.lock").exists(), "nothing was locked before");
}

/// Either all patch files are rewritten, with their lock, or none.
#[cfg(unix)]
#[test]
fn an_update_that_cannot_be_written_whole_is_not_written() {
    let source = "fn alpha() {\n    let one = compute(1);\n    let two = compute(2);\n}\n\nfn beta() {\n    run(limit);\n    finish();\n}\n";
    let mut upstream = Upstream::new(&[("src/x.rs", source)]);
    let one = text_patch(
        "one",
        "src/x.rs",
        "    let one = compute(1);\n    let two = compute(2);\n",
        "    let one = compute(100);\n    let two = compute(2);\n",
    );
    let two = text_patch(
        "two",
        "src/x.rs",
        "    run(limit);\n    finish();\n",
        "    run(limit);\n    finish_all();\n",
    );
    write_tree(&upstream.set(), &[("a.toml", &one), ("b.toml", &two)]);
    upstream.edit("src/x.rs", "compute(2)", "compute(2, ctx)");
    upstream.step("src/x.rs", "run(limit)", "run(limit, true)");
    let locked = upstream.set().join("b.toml");
    let mut mode = fs::metadata(&locked).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(&locked, mode).unwrap();
    let before = read_tree(&upstream.set());
    upstream.run(&["update"]).exits(2);
    assert_eq!(read_tree(&upstream.set()), before);
}
