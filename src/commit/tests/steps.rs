//! Each step by itself: what it leaves, and what is left when it fails.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;

#[test]
fn content_changes_and_mode_stays() {
    let (_dir, root) = tree();
    let clean = names(&root);
    for (name, mode) in FILES.iter().zip([0o755, 0o640, 0o600, 0o4711]) {
        fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    assert_eq!(commit(&root, &all(&root)).unwrap(), 4);
    assert_eq!(contents(&root), ["new"; 4]);
    let mode = |name: &&str| fs::metadata(root.join(name)).unwrap().mode() & 0o7777;
    assert_eq!(FILES.iter().map(mode).collect::<Vec<_>>(), [0o755, 0o640, 0o600, 0o4711]);
    assert_eq!(names(&root), clean);
}

#[test]
fn the_owner_stays_where_the_system_lets_us() {
    let (_dir, root) = tree();
    let path = root.join("a/1");
    if std::os::unix::fs::chown(&path, Some(1234), Some(4321)).is_err() {
        return; // only the superuser can lay out this case
    }
    commit(&root, &[change(&root, "a/1", "old", "new")]).unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (1234, 4321));
}

#[test]
fn equal_content_is_not_touched() {
    let (_dir, root) = tree();
    let identity = |name: &str| {
        let metadata = fs::metadata(root.join(name)).unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.ctime_nsec())
    };
    let before = identity("a/1");
    let changes = [change(&root, "a/1", "old", "old"), change(&root, "a/2", "old", "new")];
    assert_eq!(commit(&root, &changes).unwrap(), 1);
    assert_eq!(identity("a/1"), before);
    assert_eq!(contents(&root), ["old", "new", "old", "old"]);
    assert_eq!(commit(Path::new("/nowhere"), &changes[..1]).unwrap(), 0);
}

#[test]
fn a_target_that_changed_gets_nothing_written() {
    let (_dir, root) = tree();
    let clean = names(&root);
    fs::write(root.join("b/3"), "oLd").unwrap();
    let error = commit(&root, &all(&root)).unwrap_err();
    assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "b/3"));
    assert_eq!(contents(&root), ["old", "old", "oLd", "old"]);

    fs::remove_file(root.join("b/3")).unwrap();
    let error = commit(&root, &all(&root)).unwrap_err();
    assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "b/3"));
    symlink("4", root.join("b/3")).unwrap();
    let error = commit(&root, &all(&root)).unwrap_err();
    assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "b/3"));
    assert_eq!(contents(&root), ["old"; 4]);
    assert_eq!(names(&root), clean);
}

#[test]
fn a_save_during_staging_is_seen() {
    let (_dir, root) = tree();
    let gate = |step, path: &Path| match step {
        WriteStep::Create if path.ends_with("b/4") => fs::write(root.join("a/1"), "saved"),
        _ => Ok(()),
    };
    let error = gated(&root, &all(&root), &gate).unwrap_err();
    assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "a/1"));
    assert_eq!(contents(&root), ["saved", "old", "old", "old"]);
}

#[test]
fn read_only_targets_are_refused_before_anything_is_written() {
    let (_dir, root) = tree();
    fs::set_permissions(root.join("b/4"), fs::Permissions::from_mode(0o444)).unwrap();
    let gate = |step, _: &Path| {
        assert!(matches!(step, WriteStep::Lock | WriteStep::Inspect), "{step:?}");
        Ok(())
    };
    let error = gated(&root, &all(&root), &gate).unwrap_err();
    assert!(matches!(error, CommitError::ReadOnly { shown } if shown == "b/4"));
    assert_eq!(contents(&root), ["old"; 4]);
}

#[test]
fn two_changes_for_one_file_are_refused() {
    let (_dir, root) = tree();
    let changes = [change(&root, "a/1", "old", "x"), change(&root, "a/1", "old", "y")];
    assert!(matches!(commit(&root, &changes), Err(CommitError::Twice { shown }) if shown == "a/1"));
}

/// Fails one step after the other, and returns which of them stopped the commit.
fn failing_each_step(and: impl Fn(WriteStep) -> io::Result<()>) -> BTreeSet<WriteStep> {
    let mut failed = BTreeSet::new();
    for fail_at in 0.. {
        let (_dir, root) = tree();
        let (clean, count) = (names(&root), Cell::new(0));
        let identities = || FILES.map(|name| fs::metadata(root.join(name)).unwrap().ino());
        let old = identities();
        let hit = Cell::new(None);
        let gate = |step, _: &Path| {
            if count.replace(count.get() + 1) == fail_at {
                hit.set(Some(step));
                return Err(io::ErrorKind::StorageFull.into());
            }
            and(step)
        };
        let changes = [all(&root), vec![new_file(&root, "b/5", "new")]].concat();
        let result = gated(&root, &changes, &gate);
        let mut expected = clean.clone();
        if result.is_ok() {
            expected.push("b/5".to_owned());
            expected.sort();
        }
        assert_eq!(names(&root), expected, "{:?}", hit.get());
        match (result, hit.get()) {
            (Ok(5), None) => return failed,
            // Refused links are made up for by copies.
            (Ok(5), Some(WriteStep::Link)) => assert_eq!(contents(&root), ["new"; 4]),
            (Err(CommitError::Io { step, .. }), Some(hit)) => {
                assert_eq!(step, hit);
                assert_eq!((contents(&root), identities()), (vec!["old".to_owned(); 4], old), "{hit:?}");
                failed.insert(step);
            }
            (result, hit) => panic!("{result:?} after {hit:?}"),
        }
    }
    unreachable!("the loop ends when nothing is left to fail")
}

#[test]
fn whichever_step_fails_all_files_are_old() {
    use WriteStep::*;
    let usual = [Lock, Inspect, Create, Write, SetMode, Sync, Compare, Exchange, Replace, SyncDirectory];
    assert_eq!(failing_each_step(|_| Ok(())), BTreeSet::from(usual));
    let without = [Lock, Inspect, Create, Write, SetMode, Sync, Compare, Exchange, Replace, SyncDirectory];
    assert_eq!(failing_each_step(no_exchange), BTreeSet::from(without));
}

#[test]
fn without_hard_links_copies_are_put_back() {
    let (_dir, root) = tree();
    let clean = names(&root);
    fs::set_permissions(root.join("a/1"), fs::Permissions::from_mode(0o751)).unwrap();
    let gate = |step, _: &Path| match step {
        WriteStep::Exchange | WriteStep::Link => Err(io::ErrorKind::Unsupported.into()),
        WriteStep::SyncDirectory => Err(io::ErrorKind::Other.into()),
        _ => Ok(()),
    };
    let error = gated(&root, &all(&root), &gate).unwrap_err();
    assert!(matches!(error, CommitError::Io { step: WriteStep::SyncDirectory, .. }));
    assert_eq!(contents(&root), ["old"; 4]);
    assert_eq!(fs::metadata(root.join("a/1")).unwrap().mode() & 0o777, 0o751);
    assert_eq!(names(&root), clean);
}

#[test]
fn what_cannot_be_put_back_is_named() {
    for last in [WriteStep::Exchange, WriteStep::Replace] {
        let (_dir, root) = tree();
        let clean = names(&root);
        let gate = |step, path: &Path| match step {
            _ if step == last && path.ends_with("b/4") => Err(io::ErrorKind::Other.into()),
            WriteStep::PutBack if !path.ends_with("a/2") => Err(io::ErrorKind::Other.into()),
            step if last == WriteStep::Replace => no_exchange(step),
            _ => Ok(()),
        };
        let error = gated(&root, &all(&root), &gate).unwrap_err();
        let CommitError::NotPutBack { left_new, source } = error else { panic!("{error:?}") };
        assert_eq!(left_new, ["a/1", "b/3"]);
        assert!(matches!(*source, CommitError::Io { step, .. } if step == last));
        assert_eq!(contents(&root), ["new", "old", "new", "old"]);
        assert_eq!(names(&root), clean);
    }
}

#[test]
fn at_every_instant_each_file_is_whole() {
    let (_dir, root) = tree();
    let seen = RefCell::new(BTreeSet::new());
    let gate = |step, path: &Path| {
        let now = contents(&root);
        assert!(now.iter().all(|text| text == "old" || text == "new"), "{step:?}: {now:?}");
        seen.borrow_mut().insert(now);
        let fails = step == WriteStep::Exchange && path.ends_with("b/4");
        if fails { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    };
    gated(&root, &all(&root), &gate).unwrap_err();
    assert!(seen.borrow().len() > 3, "the half-way states were not seen");
}

#[test]
fn of_two_commits_at_once_one_wins() {
    for _ in 0..20 {
        let (_dir, root) = tree();
        let clean = names(&root);
        let start = std::sync::Barrier::new(2);
        let run = |after: &'static str, below: PathBuf| {
            start.wait();
            let changes: Vec<_> = FILES.iter().map(|name| change(&root, name, "old", after)).collect();
            // Workspaces that overlap exclude each other too.
            commit(&below, &changes).map(|_| after)
        };
        let results = std::thread::scope(|threads| {
            let one = threads.spawn(|| run("one", root.clone()));
            let two = threads.spawn(|| run("two", root.join("a")));
            [one.join().unwrap(), two.join().unwrap()]
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert!(matches!(lost[..], [Err(CommitError::ChangedOnDisk { .. })]), "{lost:?}");
        assert_eq!(contents(&root), [*won[0].as_ref().unwrap(); 4]);
        assert_eq!(names(&root), clean);
    }
}

#[test]
fn leftovers_of_a_killed_run_are_swept() {
    let (_dir, root) = tree();
    let clean = names(&root);
    fs::write(root.join("a/.codex-patcher-Ab12.tmp"), "half").unwrap();
    fs::hard_link(root.join("a/1"), root.join("a/.codex-patcher-Cd34.tmp")).unwrap();
    fs::write(root.join("b/.codex-patcher-Ef56.tmp"), "half").unwrap();
    fs::write(root.join("a/.codex-patcher-notes"), "mine").unwrap();
    tidy(&root);
    assert_eq!(names(&root).len(), clean.len() + 4);
    commit(&root, &[change(&root, "a/1", "old", "new")]).unwrap();
    let mut expected = clean.clone();
    expected.extend(["a/.codex-patcher-notes".to_owned(), "b/.codex-patcher-Ef56.tmp".to_owned()]);
    expected.sort();
    assert_eq!(names(&root), expected);
    super::super::tidy(&root.join("b"), &|path| path.ends_with(".codex-patcher-Ef56.tmp"));
    assert_eq!(names(&root), expected);
    tidy(&root.join("b"));
    expected.retain(|name| name != "b/.codex-patcher-Ef56.tmp");
    assert_eq!(names(&root), expected);
    tidy(&root.join("nowhere"));
}

#[test]
fn the_files_of_a_living_run_are_not_leftovers() {
    let (_dir, root) = tree();
    let tidying = RefCell::new(Vec::new());
    let gate = |step, path: &Path| {
        if step == WriteStep::Compare && path.ends_with("a/1") {
            let directory = root.join("a");
            tidying.borrow_mut().push(std::thread::spawn(move || tidy(&directory)));
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Ok(())
    };
    assert_eq!(gated(&root, &all(&root), &gate).unwrap(), 4);
    tidying.into_inner().into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(contents(&root), ["new"; 4]);
}

#[test]
fn a_new_file_is_made_and_replaced() {
    let (_dir, root) = tree();
    let path = root.join("a/new");
    assert_eq!(commit(&root, &[new_file(&root, "a/new", "1")]).unwrap(), 1);
    fs::write(root.join("plain"), "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode();
    assert_eq!(mode(&path), mode(&root.join("plain")));
    fs::remove_file(root.join("plain")).unwrap();
    assert_eq!(commit(&root, &[change(&root, "a/new", "1", "2")]).unwrap(), 1);
    assert_eq!(commit(&root, &[change(&root, "a/new", "2", "2")]).unwrap(), 0);
    for stale in [new_file(&root, "a/new", "3"), change(&root, "a/new", "1", "3")] {
        let error = commit(&root, &[stale]).unwrap_err();
        assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "a/new"));
    }
    assert_eq!(fs::read(&path).unwrap(), b"2");
    assert!(commit(&root, &[new_file(&root, "nowhere/new", "1")]).is_err());
}

#[test]
fn of_new_and_old_files_all_are_written_or_none() {
    let (_dir, root) = tree();
    let clean = names(&root);
    let new = [new_file(&root, "a/new", "n"), new_file(&root, "b/new", "n")];
    for bad in [change(&root, "a/1", "other", "new"), new_file(&root, "a/1", "n")] {
        let changes = [new.to_vec(), vec![bad]].concat();
        let error = commit(&root, &changes).unwrap_err();
        assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "a/1"));
        assert_eq!((names(&root), contents(&root)), (clean.clone(), vec!["old".to_owned(); 4]));
    }
    let changes = [new.to_vec(), vec![change(&root, "a/1", "old", "new")]].concat();
    assert_eq!(super::super::commit(None, &changes, &|_| false).unwrap(), 3);
    assert_eq!(fs::read(root.join("b/new")).unwrap(), b"n");
    assert_eq!(contents(&root)[0], "new");
}

#[test]
fn a_file_may_change_twice_and_goes_back_twice() {
    for fails in [None, Some("a/1"), Some("b/3")] {
        for exchanges in [true, false] {
            let (_dir, root) = tree();
            let clean = names(&root);
            let inode = fs::metadata(root.join("a/1")).unwrap().ino();
            let changes = [
                change(&root, "a/1", "old", "both"),
                change(&root, "b/3", "old", "new"),
                change(&root, "a/1", "both", "new"),
            ];
            let seen = Cell::new(0);
            let gate = |step, path: &Path| {
                let is_last = step == WriteStep::SyncDirectory
                    && fails.is_some_and(|fails| root.join(fails).parent() == Some(path));
                if step == WriteStep::Exchange && fs::read(root.join("a/1")).unwrap() == b"both" {
                    seen.set(seen.get() + 1);
                }
                if is_last {
                    return Err(io::ErrorKind::Other.into());
                }
                if exchanges { Ok(()) } else { no_exchange(step) }
            };
            let result = gated(&root, &changes, &gate);
            assert_eq!(result.is_ok(), fails.is_none(), "{result:?}");
            let first = if fails.is_none() { "new" } else { "old" };
            assert_eq!(contents(&root), [first, "old", first, "old"]);
            assert_eq!((names(&root), seen.get()), (clean, 2));
            let same = fs::metadata(root.join("a/1")).unwrap().ino() == inode;
            assert_eq!(same, fails.is_some());
        }
    }
}

#[test]
fn an_error_concerns_the_target_that_stood_in_the_way_and_no_other() {
    let cases: [(WriteStep, &str, &[&str]); 4] = [
        (WriteStep::Write, "b/3", &["b/3"]),
        (WriteStep::Exchange, "a/2", &["a/2"]),
        (WriteStep::Lock, "b", &["b/3", "b/4"]),
        (WriteStep::Lock, "", &[]),
    ];
    for (step, at, expected) in cases {
        let (_dir, root) = tree();
        let fails = if at.is_empty() { root.clone() } else { root.join(at) };
        let gate = |now, path: &Path| match now == step && path == fails {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => Ok(()),
        };
        let changes = all(&root);
        let error = gated(&root, &changes, &gate).unwrap_err();
        let hit = changes.iter().filter(|change| error.concerns(change));
        assert_eq!(hit.map(|change| change.shown.as_str()).collect::<Vec<_>>(), expected, "{step:?} {at}");
    }
}
