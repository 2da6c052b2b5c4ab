//! `explain`.

use super::*;

#[test]
fn explain_tells_the_whole_story() {
    let mut upstream = Upstream::beacon(BLASTS);
    upstream.run(&["lock"]).exits(0);
    let exact = upstream.run(&["explain", "blasts"]).exits(0).stdout;
    for word in [
        "looks for",
        "| ",
        "blasts: 2",
        "does",
        "replace",
        "blasts: 3",
        "lock",
        "1 place",
        "would-apply src/beacon.rs:18",
    ] {
        assert!(exact.contains(word), "no `{word}` in:\n{exact}");
    }
    let changed = upstream.step("src/beacon.rs", CALL.0, CALL.1);
    fs::rename(upstream.tree().join("src/beacon.rs"), upstream.tree().join("src/light.rs")).unwrap();
    let renamed = upstream.commit();
    let before = read_tree(upstream.dir.path());
    let told = upstream.run(&["explain", "blasts"]).exits(1).stdout;
    for word in [
        changed.as_str(),
        &renamed,
        "the code moved to src/light.rs:18: --drift move would apply the patch there",
        "renamed to src/light.rs",
        "1.2.0",
    ] {
        assert!(told.contains(word), "no `{word}` in:\n{told}");
    }
    assert_eq!(read_tree(upstream.dir.path()), before);
    let report = upstream.run(&["explain", "blasts", "--format", "json"]).exits(1).json();
    let would = &report["patches"][0]["would"];
    assert_eq!(
        (&would["what"], &would["file"], &would["line"]),
        (&"move".into(), &"src/light.rs".into(), &18.into())
    );
    let unknown = upstream.run(&["explain", "blast"]).exits(2);
    assert!(unknown.stderr.contains("did you mean `blasts`?"), "{}", unknown.stderr);
    assert_eq!(unknown.stdout, "");
}

#[test]
fn explain_says_that_the_surroundings_of_a_locked_place_changed() {
    let mut upstream = Upstream::beacon(&text_patch("horn", "src/beacon.rs", "blasts: 2", "blasts: 3"));
    upstream.run(&["lock"]).exits(0);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    let told = upstream.run(&["explain", "horn"]).exits(0).stdout;
    assert!(told.contains("sweep`, which contains the match, changed since the patch was locked"), "{told}");
}
