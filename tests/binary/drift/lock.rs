//! `lock` and the lock file on the disk.

use super::*;

#[test]
fn a_lock_is_written_beside_the_patches_and_twice_the_same() {
    let upstream = Upstream::beacon(&format!(
        "{SWEEP}\n{}",
        text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13")
    ));
    let tree = read_tree(&upstream.tree());
    let dry = upstream.run(&["lock", "--dry-run"]).exits(0);
    assert!(dry.stdout.contains("+id = \"sweep\""), "{}", dry.stdout);
    assert!(!upstream.set().join("codex-patcher.lock").exists());
    let statuses = upstream.run(&["lock", "--format", "json"]).exits(0).statuses();
    assert_eq!(statuses, pairs(&[("sweep", "locked"), ("seconds", "locked")]));
    let lock = upstream.lock_file();
    for word in ["sweep", "seconds", "src/beacon.rs", "1.2.0", "sha256", "blasts: 2", "blasts: 3"] {
        assert!(lock.contains(word), "no {word} in:\n{lock}");
    }
    upstream.run(&["lock"]).exits(0);
    assert_eq!(upstream.lock_file(), lock);
    assert_eq!(read_tree(&upstream.tree()), tree);

    // On a patched tree only what git has can be remembered.
    upstream.run(&["apply"]).exits(0);
    upstream.fails(&["lock"], "no-match", &["in place already", "--rev HEAD"]);
    assert_eq!(upstream.lock_file(), lock);
    upstream.run(&["lock", "--rev", "HEAD"]).exits(0);
    assert_eq!(upstream.lock_file(), lock);
    upstream.run(&["verify"]).exits(0);
}

#[test]
fn locking_some_patch_files_keeps_what_is_remembered_of_the_others() {
    let upstream = Upstream::beacon(SWEEP);
    write_tree(
        &upstream.set(),
        &[("more.toml", text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13"))],
    );
    upstream.run(&["lock"]).exits(0);
    let whole = upstream.lock_file();
    let tree = upstream.tree();
    let only = |file: &str| {
        let file = upstream.set().join(file);
        run(upstream.dir.path(), ["lock", "-w", tree.to_str().unwrap(), file.to_str().unwrap()]).exits(0);
    };
    only("more.toml");
    assert_eq!(upstream.lock_file(), whole);
    only("set.toml");
    assert_eq!(upstream.lock_file(), whole);
    upstream.run(&["lock", "--only", "seconds"]).exits(0);
    assert_eq!(upstream.lock_file(), whole);
}

#[test]
fn what_no_patch_file_of_the_folder_has_any_more_is_forgotten_whichever_is_locked() {
    let seconds = text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13");
    let dusk = text_patch("dusk", "src/beacon.rs", "since dusk", "since sunset");
    let upstream = Upstream::beacon(SWEEP);
    let more = |text: &str| write_tree(&upstream.set(), &[("more.toml", text)]);
    let lock = |files: &[&str]| {
        let (tree, set) = (upstream.tree(), upstream.set());
        let files: Vec<PathBuf> = files.iter().map(|file| set.join(file)).collect();
        let fixed = ["lock".as_ref(), "-w".as_ref(), tree.as_os_str()];
        run(upstream.dir.path(), fixed.into_iter().chain(files.iter().map(|file| file.as_os_str()))).exits(0);
        let lock = upstream.lock_file();
        let ids = lock.lines().filter_map(|line| line.strip_prefix("id = ")).map(|id| id.trim_matches('"'));
        ids.collect::<Vec<_>>().join(" ")
    };
    more(&format!("{seconds}\n{dusk}"));
    for files in [&["."][..], &["set.toml"], &["more.toml", "set.toml"]] {
        assert_eq!(lock(files), "seconds dusk sweep", "the order is that of the folder: {files:?}");
    }
    for (broken, expected) in [
        ("this is no TOML", "seconds dusk sweep"),
        ("[[patches]]\nid = \"seconds\"\nfiel = \"a\"\n", "seconds sweep"),
    ] {
        more(&format!("{seconds}\n{dusk}"));
        lock(&["."]);
        more(broken);
        assert_eq!(lock(&["set.toml"]), expected, "a file that cannot be read may have any patch");
    }
    for locked in ["set.toml", "more.toml", "."] {
        more(&format!("{seconds}\n{dusk}"));
        lock(&["."]);
        more(&dusk);
        assert_eq!(lock(&[locked]), "dusk sweep", "{locked}");
    }
    fs::remove_file(upstream.set().join("more.toml")).unwrap();
    assert_eq!(lock(&["set.toml"]), "sweep");
}

#[test]
fn a_folder_has_one_lock_however_it_is_named() {
    let upstream = Upstream::beacon(SWEEP);
    let seconds = text_patch("seconds", "src/beacon.rs", "u64 = 12", "u64 = 13");
    write_tree(&upstream.set(), &[("more.toml", &seconds)]);
    upstream.run(&["lock"]).exits(0);
    let whole = upstream.lock_file();
    for names in [["set/more.toml", "./set/set.toml"], ["set/../set/set.toml", "set/more.toml"]] {
        fs::remove_file(upstream.set().join("codex-patcher.lock")).unwrap();
        for _ in 0..2 {
            run(upstream.dir.path(), ["lock", "-w", "tree"].iter().chain(&names)).exits(0);
            let lines =
                |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
            assert_eq!(lines(&upstream.lock_file()), lines(&whole), "{names:?}");
        }
    }
}

#[test]
fn a_broken_lock_file_stops_everything() {
    let upstream = Upstream::beacon(SWEEP);
    upstream.run(&["lock"]).exits(0);
    let lock = upstream.lock_file();
    let broken = [
        (lock.replace("blasts: 2", "blasts: 9"), "edited by hand"),
        (format!("<<<<<<< HEAD\n{lock}=======\n{lock}>>>>>>> other\n"), "merge conflict markers"),
        (lock.replacen("version = 1", "version = 99", 1), "a newer codex-patcher wrote the file"),
        ("nonsense =".to_owned(), "not valid TOML"),
    ];
    for (text, words) in broken {
        write_tree(&upstream.set(), &[("codex-patcher.lock", &text)]);
        let before = read_tree(upstream.dir.path());
        for command in ["apply", "status", "verify", "update"] {
            let refused = upstream.run(&[command]).exits(2);
            assert!(refused.stderr.contains("codex-patcher.lock"), "{command}: {}", refused.stderr);
            assert!(refused.stderr.contains(words), "{command}: {}", refused.stderr);
        }
        assert_eq!(read_tree(upstream.dir.path()), before);
    }
}

#[test]
fn what_upstream_changed_under_a_lock_is_overwritten_only_with_accept() {
    let mut upstream = Upstream::beacon(SWEEP);
    upstream.run(&["lock"]).exits(0);
    upstream.step("src/beacon.rs", CALL.0, CALL.1);
    upstream.fails(&["apply"], "changed-upstream", &["--drift merge", "--accept", "src/beacon.rs:16"]);
    assert_eq!(upstream.status(0, &["apply", "--accept"]), "applied");
    assert_eq!(upstream.text("src/beacon.rs"), exchanged(BEACON, "blasts: 2", "blasts: 3"));
    assert!(upstream.lock_file().contains("self.sweeps);"), "{}", upstream.lock_file());
}
