//! Patches merged with what upstream made of their places.

use super::*;

#[test]
fn many_commits_are_followed_one_by_one() {
    let mut upstream = Upstream::beacon(BLASTS);
    let steps = [
        ("let brightness = self", "let glow = self"),
        ("if brightness < DIM", "if glow < DIM"),
        ("brightness(fog)", "glow_through(fog)"),
        ("        self.sweeps += 1;\n", ""),
        ("if glow < DIM {\n", "if glow < self.dim_below() {\n            self.horns += 1;\n"),
    ];
    let ids: Vec<String> = steps.iter().map(|(from, to)| upstream.step("src/beacon.rs", from, to)).collect();
    let upstreams = upstream.text("src/beacon.rs");
    let history = upstream.run(status().drift(Merge)).succeeds().report.patches[0].history.join("\n");
    for (at, id) in ids.iter().enumerate() {
        assert_eq!(history.contains(id.as_str()), at != 3, "one did not touch it: {id} in\n{history}");
    }
    upstream.lands(Merge);
    assert_eq!(upstream.text("src/beacon.rs"), patched(&upstreams));
}

#[test]
fn without_a_repository_likeness_decides() {
    let upstream = Upstream::without_git(&[("src/beacon.rs", called())]);
    upstream.patches(BLASTS);
    let words =
        ["--drift merge would apply the patch at src/beacon.rs:18, similarity 0.99, without conflicts"];
    upstream.fails(apply(), "no-match", &words);
    upstream.fails(apply().drift(Merge).strict(), "no-match", &["--strict"]);
    upstream.lands(Merge);
    assert_eq!(upstream.text("src/beacon.rs"), patched(&called()));
}

/// What upstream made of a file, with a repository and without.
fn with_and_without_git(path: &str, set: &str, before: &str, after: &str, expected: &str) {
    for with_git in [true, false] {
        let mut upstream = Upstream::new(&[(path, before)]);
        upstream.patches(set);
        upstream.write(path, after);
        if with_git {
            upstream.commit();
        } else {
            upstream.forget_history();
        }
        upstream.lands(Merge);
        assert_eq!(upstream.text(path), expected);
    }
}

#[test]
fn a_block_that_was_re_indented_keeps_its_new_indentation() {
    let deeper: String = BLOCK.lines().map(|line| format!("    {line}\n")).collect();
    let after = exchanged(BEACON, BLOCK, &format!("        if self.lit {{\n{deeper}        }}\n"));
    with_and_without_git("src/beacon.rs", BLASTS, BEACON, &after, &patched(&after));
}

#[test]
fn a_call_that_was_wrapped_anew_stays_wrapped() {
    let line = "    horn.blow(Pattern::Fog, Duration::from_secs(4), Volume::Full);\n";
    let set = text_patch("horn", "src/horn.rs", line, &line.replace("(4)", "(9)"));
    let before = format!("fn warn(horn: &Horn) {{\n{line}}}\n");
    let after = "fn warn(horn: &Horn) {\n    horn.blow(\n        Pattern::Fog,\n        Duration::from_secs(4),\n        \
                 Volume::Full,\n    );\n}\n";
    with_and_without_git("src/horn.rs", &set, &before, after, &after.replace("(4)", "(9)"));
}

#[test]
fn line_ends_of_the_target_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let more = "blasts: 3 };\n            // Three.\n";
    let set = exchanged(BLASTS, "blasts: 3 };\n", more);
    let expected = exchanged(&called(), "blasts: 2 };\n", more);
    with_and_without_git("src/beacon.rs", &set, &crlf(BEACON), &crlf(&called()), &crlf(&expected));
}

#[test]
fn what_conflicts_holds_back_the_others_unless_told_to_keep_going() {
    let mut upstream = Upstream::beacon(BLASTS);
    let by = upstream.step("src/beacon.rs", "blasts: 2", "blasts: 5");
    upstream.step("src/beacon.rs", "self.sweeps += 1;", "self.sweeps += 1;\n        self.log();");
    for drift in [Merge, Move] {
        let sides = ["blasts: 2", "blasts: 5", "blasts: 3", &by, "src/beacon.rs:21"];
        upstream.fails(apply().drift(drift), "conflict", &sides);
    }
    // The same is told to whoever did not ask for it.
    upstream.fails(apply(), "no-match", &["blasts: 5", &by]);
    let other = text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13");
    upstream.patches(&format!("{other}\n{BLASTS}"));
    upstream.fails(apply().drift(Merge), "conflict", &["not-attempted: seconds"]);
    upstream.run(apply().drift(Merge).keep_going()).fails();
    assert!(upstream.text("src/beacon.rs").contains("u64 = 13"));
}

#[test]
fn what_upstream_did_itself_is_in_place_and_can_be_retired() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let by = upstream.step("src/beacon.rs", "blasts: 2", "blasts: 3");
    upstream.step("src/beacon.rs", "DIM", "self.dim()");
    let before = upstream.tree();
    let told = upstream.run(apply().drift(Merge)).succeeds().told();
    for word in ["already-applied", "remove the patch", &by] {
        assert!(told.contains(word), "no {word} in\n{told}");
    }
    assert_eq!(upstream.tree(), before);
}

#[test]
fn twins_in_the_file_are_listed_and_neither_is_taken() {
    let (above, below) = BEACON.split_at(BEACON.rfind('}').unwrap());
    let twin = sweep().replace("fn sweep", "fn sweep_back");
    let text = format!("{above}\n{}\n{below}", twin.trim_end()).replace(CALL.0, CALL.1);
    let upstream = Upstream::without_git(&[("src/beacon.rs", text)]);
    upstream.patches(BLASTS);
    upstream.fails(apply().drift(Merge), "ambiguous", &["src/beacon.rs:18", "src/beacon.rs:31"]);
}

#[test]
fn what_has_no_likeness_is_not_merged() {
    let upstream = Upstream::without_git(&[("src/beacon.rs", LAMP)]);
    upstream.patches(BLASTS);
    for options in [apply(), apply().drift(Merge), apply().drift(Move)] {
        upstream.fails(options, "no-match", &["was not found"]);
    }
}

#[test]
fn two_patches_of_one_place_merge_together() {
    let second = text_patch(
        "brightness",
        "src/beacon.rs",
        "            return Signal::Horn { blasts: 3 };\n        }\n        Signal::Light { brightness,",
        "            return Signal::Horn { blasts: 3 };\n        }\n        Signal::Light { brightness: brightness + 1,",
    );
    let mut upstream = Upstream::beacon(&format!("{BLASTS}\n{second}"));
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let merge = || upstream.run(apply().drift(Merge)).succeeds().all();
    assert_eq!(merge(), "blasts applied, brightness applied");
    let once = upstream.text("src/beacon.rs");
    assert!(once.contains("blasts: 3") && once.contains("brightness + 1") && once.contains(CALL.1), "{once}");
    assert_eq!(merge(), "blasts already-applied, brightness already-applied");
    assert_eq!(upstream.text("src/beacon.rs"), once);
}

#[test]
fn without_a_repository_a_call_on_another_receiver_is_another_call() {
    let body = |calls: &str| {
        format!(
            "impl Hub {{\n    pub(crate) async fn closed(&mut self, id: ConnectionId) {{\n{calls}    }}\n}}\n"
        )
    };
    let call = |receiver: &str| {
        format!(
            "        self.open(id);\n        self.{receiver}.connection_closed(id).await;\n        self.note(id);\n"
        )
    };
    let search = body(&call("message_processor"));
    let text = search.replace(".connection_closed", ".custom_closed");
    let upstream = |receiver: &str, note: &str| {
        let now = body(&call(receiver)).replace("note(id)", note);
        let upstream = Upstream::without_git(&[("src/hub.rs", now.as_str())]);
        upstream.patches(&text_patch("closed", "src/hub.rs", &search, &text));
        upstream
    };
    upstream("message_processor", "note(id, 1)").lands(Merge);
    upstream("outgoing", "note(id)").fails(
        apply().drift(Merge),
        "conflict",
        &["self.outgoing.connection_closed(id)"],
    );
}

#[test]
fn a_line_put_in_the_place_of_one_that_left_is_not_changed() {
    let bow = "pub fn heave(deck: u32) {\n    let depth = sound(deck, 3);\n    if fog > 9 {\n        ring(deck);\n    }\n}\n";
    let stern = "pub fn anchor(deck: u32) {\n    pay_out(deck);\n}\n";
    let set = format!(
        "[[patches]]\nid = \"heave\"\nfile = \"src/bow.rs\"\nquery = {{ type = \"tree-sitter\", pattern = \"fn heave\" }}\n\
         operation = {{ type = \"replace\", text = {:?} }}\n",
        exchanged(bow, "deck, 3", "deck, 7")
    );
    let line = "    let depth = sound(deck, 3);\n";
    for with_git in [true, false] {
        let mut upstream = Upstream::new(&[("src/bow.rs", bow), ("src/stern.rs", stern)]);
        upstream.patches(&set);
        upstream.lock().succeeds();
        upstream.write("src/bow.rs", &exchanged(bow, line, "    hoist(flag, 3);\n"));
        upstream.write("src/stern.rs", &exchanged(stern, "    pay", &format!("{line}    pay")));
        if with_git {
            upstream.commit();
        } else {
            upstream.forget_history();
        }
        upstream.fails(apply().drift(Merge), "conflict", &["hoist(flag, 3)"]);
        upstream.run(apply().drift(Move)).fails();
        assert!(!upstream.text("src/bow.rs").contains('7'));
    }
}
