//! Somebody else comes in between: an editor saves, a folder or a target becomes something else, ^C.

use std::cell::{Cell, RefCell};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::super::interrupt::Noted;
use super::*;

type Deed = (&'static str, fn(&Path));

/// What an editor, or somebody worse, does to a file.
const DEEDS: [Deed; 7] = [
    ("saved in place", |path| fs::write(path, "saved").unwrap()),
    ("saved by renaming", |path| {
        fs::write(path.with_extension("new"), "saved").unwrap();
        fs::rename(path.with_extension("new"), path).unwrap();
    }),
    ("made a link", |path| {
        fs::write(path.with_file_name("theirs"), "old").unwrap();
        fs::remove_file(path).unwrap();
        symlink("theirs", path).unwrap();
    }),
    ("made a pipe", |path| {
        fs::remove_file(path).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o644);
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    }),
    ("made a directory", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
    ("removed", |path| fs::remove_file(path).unwrap()),
    ("got another mode", |path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap()),
];

/// What a path is now, and what it holds.
fn state(path: &Path) -> String {
    let Ok(metadata) = fs::symlink_metadata(path) else { return "nothing".to_owned() };
    let content = if metadata.is_file() { fs::read_to_string(path).unwrap() } else { String::new() };
    format!("{:?} {:o} {content}", metadata.file_type(), metadata.mode())
}

#[test]
fn what_others_did_before_the_exchange_stays() {
    for (what, deed) in DEEDS {
        for at in [WriteStep::Inspect, WriteStep::Create, WriteStep::Compare, WriteStep::Exchange] {
            // A mode that is there before the target is inspected is the one to keep.
            if at == WriteStep::Inspect && what == "got another mode" {
                continue;
            }
            let (_dir, root) = tree();
            let (target, done) = (root.join("b/3"), Cell::new(None));
            let is_done = Cell::new(false);
            let gate = |step, path: &Path| {
                if step == at && path == target && !is_done.replace(true) {
                    deed(&target);
                    done.set(Some(state(&target)));
                }
                // A kill would leave what was displaced in a temporary file: it is looked at without delay.
                assert!(
                    step != WriteStep::Exchange || !path.ends_with("b/4"),
                    "{what} at {at:?}: it went on"
                );
                Ok(())
            };
            let result = gated(&root, &all(&root), &gate);
            let left = state(&target);
            let error = result.unwrap_err();
            assert!(
                matches!(&error, CommitError::ChangedOnDisk { shown } if shown == "b/3"),
                "{what} at {at:?}: {error:?}"
            );
            assert_eq!(Some(left), done.take(), "{what} at {at:?}");
            let others = ["a/1", "a/2", "b/4"].map(|name| fs::read_to_string(root.join(name)).unwrap());
            assert_eq!(others, ["old"; 3], "{what} at {at:?}");
            assert!(!names(&root).iter().any(|name| name.ends_with(".tmp")), "{what} at {at:?}");
        }
    }
}

#[test]
fn without_an_exchange_what_others_did_before_the_last_comparison_stays() {
    for (what, deed) in DEEDS {
        let (_dir, root) = tree();
        let (target, done) = (root.join("b/3"), Cell::new(None));
        let gate = |step, path: &Path| {
            if step == WriteStep::Link && path == target {
                deed(&target);
                done.set(Some(state(&target)));
            }
            no_exchange(step)
        };
        let error = gated(&root, &all(&root), &gate).unwrap_err();
        assert!(
            matches!(&error, CommitError::ChangedOnDisk { shown } if shown == "b/3"),
            "{what}: {error:?}"
        );
        assert_eq!(Some(state(&target)), done.take(), "{what}");
    }
}

#[test]
fn without_an_exchange_what_is_saved_in_place_before_the_renaming_comes_back() {
    let (_dir, root) = tree();
    let gate = |step, path: &Path| match step {
        WriteStep::Replace if path.ends_with("b/3") => fs::write(root.join("b/3"), "saved"),
        step => no_exchange(step),
    };
    let error = gated(&root, &all(&root), &gate).unwrap_err();
    assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "b/3"));
    assert_eq!(contents(&root), ["old", "old", "saved", "old"]);
}

#[test]
fn what_an_editor_writes_to_the_old_file_after_the_exchange_comes_back() {
    let (_dir, root) = tree();
    let held = RefCell::new(fs::OpenOptions::new().append(true).open(root.join("a/1")).unwrap());
    let gate = |step, _: &Path| {
        if step == WriteStep::SyncDirectory {
            std::io::Write::write_all(&mut *held.borrow_mut(), b"+")?;
        }
        Ok(())
    };
    let error = gated(&root, &all(&root), &gate).unwrap_err();
    assert!(matches!(error, CommitError::ChangedOnDisk { shown } if shown == "a/1"));
    let [first, rest @ ..] = &contents(&root)[..] else { panic!() };
    assert!(first.starts_with("old+"), "{first}");
    assert_eq!(rest, ["old"; 3]);
}

#[test]
fn what_is_saved_on_the_new_file_is_not_rolled_back() {
    for (what, deed) in &DEEDS[..2] {
        let (_dir, root) = tree();
        let gate = |step, path: &Path| match step {
            WriteStep::Exchange if path.ends_with("b/4") => {
                deed(&root.join("a/1"));
                Err(io::ErrorKind::Other.into())
            }
            _ => Ok(()),
        };
        let error = gated(&root, &all(&root), &gate).unwrap_err();
        let CommitError::NotPutBack { left_new, .. } = error else { panic!("{what}: {error:?}") };
        assert_eq!(left_new, ["a/1"]);
        assert_eq!(contents(&root), ["saved", "old", "old", "old"], "{what}");
    }
}

#[test]
fn a_folder_that_becomes_a_link_or_is_moved_is_not_written_through() {
    for is_linked in [true, false] {
        // Before it is opened, another folder in its place is the one to write to; a link is not.
        for at in if is_linked { 0 } else { 3 }.. {
            let (dir, root) = tree();
            let outside = dir.path().join("outside");
            fs::create_dir(&outside).unwrap();
            for name in ["3", "4"] {
                fs::write(outside.join(name), "old").unwrap();
            }
            let (count, moved) = (Cell::new(0), Cell::new(false));
            let gate = |_, _: &Path| {
                if count.replace(count.get() + 1) == at {
                    fs::rename(root.join("b"), root.join("moved")).unwrap();
                    if is_linked {
                        symlink("outside", root.join("b")).unwrap();
                    } else {
                        fs::rename(&outside, root.join("b")).unwrap();
                    }
                    moved.set(true);
                }
                Ok(())
            };
            let result = gated(&root, &all(&root), &gate);
            if !moved.get() {
                assert_eq!(result.unwrap(), 4);
                break;
            }
            let read = |folder: &Path, name: &str| fs::read_to_string(folder.join(name)).unwrap();
            for name in ["3", "4"] {
                assert_eq!(read(&root.join("b"), name), "old", "step {at}");
            }
            let list = |folder: &Path| fs::read_dir(folder).unwrap().count();
            assert_eq!(list(&root.join("b")), 2, "step {at}");
            match result {
                Err(CommitError::ChangedOnDisk { shown }) => {
                    assert!(shown.starts_with("b/"));
                    let moved = root.join("moved");
                    assert_eq!([read(&root, "a/1"), read(&moved, "3")], ["old", "old"], "step {at}");
                    assert_eq!(list(&moved), 2, "step {at}");
                }
                other => panic!("step {at}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_signal_at_any_step_leaves_all_files_old_or_all_new() {
    let mut interrupted = 0;
    for at in 0.. {
        let (_dir, root) = tree();
        let clean = names(&root);
        let (noted, count) = (Noted::default(), Cell::new(0));
        let gate = |_, _: &Path| {
            // A second one comes with every later step: putting back goes on.
            if count.replace(count.get() + 1) >= at {
                noted.signal.store(2, Ordering::SeqCst);
            }
            Ok(())
        };
        let begin = || Watch::of(noted.clone());
        let result = Writer::new(&gate, &begin).commit(Some(&root), &all(&root), &|_| false);
        assert_eq!(names(&root), clean);
        match result {
            Ok(4) if count.get() <= at + 1 => {
                assert_eq!(contents(&root), ["new"; 4]);
                if count.get() <= at {
                    break;
                }
            }
            Err(CommitError::Interrupted { signal }) => {
                assert_eq!(signal.to_string(), "SIGINT");
                assert_eq!(contents(&root), ["old"; 4], "step {at}");
                interrupted += 1;
            }
            other => panic!("step {at}: {other:?}"),
        }
    }
    assert!(interrupted > 20, "{interrupted}");
}

#[test]
fn a_file_that_is_called_like_a_temporary_one_may_be_a_target() {
    let (_dir, root) = tree();
    fs::write(root.join("a/.codex-patcher-1-2.tmp"), "old").unwrap();
    let own = change(&root, "a/.codex-patcher-1-2.tmp", "old", "new");
    assert_eq!(commit(&root, &[own]).unwrap(), 1);
    assert_eq!(fs::read_to_string(root.join("a/.codex-patcher-1-2.tmp")).unwrap(), "new");
}
