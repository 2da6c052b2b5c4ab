//! Tests on the histories of small repositories.
#![expect(clippy::disallowed_methods, reason = "tests lay out the repository they ask about")]

use std::cell::Cell;
use std::fs;

use super::super::testing::git;
use super::*;
use crate::drift::trail::tests::story::{Story as Told, Tree};

const DAY: &str = "2026-03-01T12:00:00Z";

/// A repository whose commits are made a day after each other.
struct Story {
    dir: tempfile::TempDir,
    day: Cell<u8>,
}

impl Story {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        git(dir.path(), DAY, &["init", "--quiet", "--initial-branch=main"]);
        Self { dir, day: Cell::new(0) }
    }

    fn top(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.top().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn rename(&self, from: &str, to: &str) -> &Self {
        let (from, to) = (self.top().join(from), self.top().join(to));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(from, to).unwrap();
        self
    }

    fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.top().join(path)).unwrap();
        self
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.day.set(self.day.get() + 1);
        git(self.top(), &format!("2026-03-{:02}T12:00:00Z", self.day.get()), arguments)
    }

    fn commit(&self, subject: &str) -> String {
        git(self.top(), DAY, &["add", "--all", "--force"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", subject]);
        git(self.top(), DAY, &["rev-parse", "HEAD"])
    }

    fn history(&self) -> GitHistory {
        GitHistory::new(self.top(), &git(self.top(), DAY, &["rev-parse", "HEAD"]))
    }

    /// The commit that lost a text, if it did.
    fn lost(&self, path: &str, needle: &str) -> Option<String> {
        match self.history().loss(path, needle) {
            Loss::In(commit, before) => {
                assert!(before.contains(needle));
                Some(commit.subject)
            }
            Loss::Held => panic!("held"),
            Loss::Unknown => None,
        }
    }
}

/// Lines that differ from each other and from those of another `seed`.
fn lines(seed: &str, count: usize) -> String {
    (0..count).map(|n| format!("    let {seed}_{n} = compute_{seed}({n});\n")).collect()
}

const TEXT: &str = "    fn moved(&self) {\n        self.go();\n    }\n";

#[test]
fn a_text_is_held_lost_or_unknown() {
    let story = Story::new();
    let with = lines("x", 3) + TEXT;
    story.write("x.rs", &with).commit("start");
    assert_eq!(story.history().loss("x.rs", TEXT), Loss::Held);
    let id = story.write("x.rs", lines("x", 3)).commit("Cut: ü");
    story.write("x.rs", lines("x", 2)).commit("later");
    let commit = Commit { id, date: "2026-03-02".to_owned(), subject: "Cut: ü".to_owned() };
    assert_eq!(story.history().loss("x.rs", TEXT), Loss::In(commit, with));
    for (path, needle) in
        [("x.rs", "never"), ("y.rs", TEXT), ("x.rs", ""), ("x.rs", "a\0b"), ("", TEXT), ("../x.rs", TEXT)]
    {
        assert_eq!(story.history().loss(path, needle), Loss::Unknown, "{path} {needle}");
    }
    assert_eq!(story.history().loss("x.rs", &"long ".repeat(LONGEST)), Loss::Unknown);
}

#[test]
fn a_file_that_went_lost_its_text() {
    let story = Story::new();
    story.write("x.rs", TEXT).write("y.rs", lines("y", 30) + TEXT).commit("start");
    story.remove("x.rs").commit("deleted");
    story.rename("y.rs", "z.rs").commit("renamed");
    assert_eq!(story.lost("x.rs", TEXT).unwrap(), "deleted");
    assert_eq!(story.lost("y.rs", TEXT).unwrap(), "renamed");
    assert_eq!(story.history().loss("z.rs", TEXT), Loss::Held);
}

#[test]
fn the_newest_loss_counts() {
    let story = Story::new();
    story.write("x.rs", format!("a\n{TEXT}")).commit("start");
    story.write("x.rs", "a\n").commit("lost");
    story.write("x.rs", format!("b\n{TEXT}")).commit("back");
    story.write("x.rs", format!("b\n{TEXT}{TEXT}")).commit("twice");
    story.write("x.rs", format!("c\n{TEXT}")).commit("once");
    story.write("x.rs", "c\n").commit("lost again");
    let Loss::In(commit, before) = story.history().loss("x.rs", TEXT) else { panic!() };
    assert_eq!((commit.subject.as_str(), before), ("lost again", format!("c\n{TEXT}")));
}

#[test]
fn odd_texts_and_paths_are_taken_literally() {
    let story = Story::new();
    let odd = [
        "--output=injected",
        "-x",
        "say(\"it's\", 'a', `b`);",
        "a.*[b]\\(",
        "one\n\n\ttwo\n",
        "ü – 漢",
        ":(top)x",
    ];
    let path = "s p/é \"q\"*[a].rs";
    let text = odd.map(|text| format!("{text}\n")).concat();
    story.write(path, &text).write("s p/é \"q\"xa.rs", "other\n").commit("start");
    for text in odd {
        assert_eq!(story.history().loss(path, text), Loss::Held, "{text}");
    }
    story.write(path, "nothing\n").commit("cut");
    for text in odd {
        assert_eq!(story.lost(path, text).unwrap(), "cut", "{text}");
    }
    assert!(!story.top().join("injected").exists());
}

#[test]
fn line_ends_do_not_count() {
    let story = Story::new();
    let with = lines("x", 3) + TEXT;
    story.write("x.rs", with.replace('\n', "\r\n")).commit("start");
    assert_eq!(story.history().loss("x.rs", TEXT), Loss::Held);
    story.write("x.rs", lines("x", 3).replace('\n', "\r\n")).commit("cut");
    assert_eq!(story.lost("x.rs", TEXT).unwrap(), "cut");
    assert_eq!(story.lost("x.rs", "self.go();").unwrap(), "cut");
    let story = Story::new();
    story.write("x.rs", with.replace('\n', "\r\n")).commit("start");
    story.write("x.rs", &with).commit("normalised");
    assert_eq!(story.history().loss("x.rs", TEXT), Loss::Held);
    story.write("x.rs", lines("x", 3)).commit("cut");
    assert_eq!(story.lost("x.rs", TEXT).unwrap(), "cut");
    let story = Story::new();
    story.write("x.rs", &with).commit("start");
    story.write("x.rs", with.replace('\n', "\r\n")).commit("crlf");
    story.write("x.rs", lines("x", 3)).commit("cut");
    assert_eq!(story.lost("x.rs", TEXT).unwrap(), "cut");
}

#[test]
fn a_workspace_inside_the_repository_sees_itself_only() {
    let story = Story::new();
    story.write("ws/x.rs", lines("x", 20) + TEXT).write("ws/y.rs", lines("y", 20)).write("x.rs", TEXT);
    story.commit("start");
    story.rename("ws/x.rs", "ws/in/x.rs").rename("ws/y.rs", "out/y.rs").write("x.rs", "");
    let id = story.commit("moved");
    let history = GitHistory::new(&story.top().join("ws"), &id);
    let Loss::In(commit, _) = history.loss("x.rs", TEXT) else { panic!() };
    assert_eq!(commit.id, id);
    assert_eq!(history.loss("in/x.rs", TEXT), Loss::Held);
    assert_eq!(history.fate("x.rs").unwrap().1.unwrap(), "in/x.rs");
    assert_eq!(history.fate("y.rs").unwrap().1, None);
    let mut paths: Vec<_> = history.changes_of(&id, "a.rs").iter().map(sides).collect();
    paths.sort();
    assert_eq!(
        paths,
        [(Some("x.rs".to_owned()), Some("in/x.rs".to_owned())), (Some("y.rs".to_owned()), None)]
    );
}

fn sides(change: &FileChange) -> (Option<String>, Option<String>) {
    let path = |side: &Option<(String, String)>| side.as_ref().map(|(path, _)| path.clone());
    (path(&change.old), path(&change.new))
}

#[test]
fn where_git_knows_nothing_nothing_is_known() {
    let story = Story::new();
    story.write("x.rs", TEXT).write("gone.rs", TEXT).commit("start");
    story.remove("gone.rs").commit("deleted");
    story.write("x.rs", lines("x", 3)).commit("cut");
    let shallow = tempfile::tempdir().unwrap();
    let url = format!("file://{}", story.top().display());
    git(story.top(), DAY, &["clone", "--quiet", "--depth=1", &url, shallow.path().to_str().unwrap()]);
    let head = git(shallow.path(), DAY, &["rev-parse", "HEAD"]);
    let plain = tempfile::tempdir().unwrap();
    let absent = plain.path().join("absent");
    for (root, commit) in [
        (shallow.path(), head.as_str()),
        (plain.path(), head.as_str()),
        (absent.as_path(), head.as_str()),
        (story.top(), "0000000000000000000000000000000000000000"),
        (story.top(), "--all"),
        (story.top(), ""),
    ] {
        let history = GitHistory::new(root, commit);
        assert_eq!(history.loss("x.rs", TEXT), Loss::Unknown, "{commit}");
        assert_eq!(history.loss("gone.rs", TEXT), Loss::Unknown, "{commit}");
        assert_eq!(history.fate("gone.rs"), None, "{commit}");
        assert_eq!(history.text(commit, "gone.rs"), None);
    }
    assert!(GitHistory::new(plain.path(), &head).changes_of(&head, "a.rs").is_empty());
    assert!(GitHistory::new(story.top(), &head).changes_of("--all", "a.rs").is_empty());
}

/// The revision that last held something, and the message of the commit that took it away.
fn last_of(held: LastHeld) -> Option<(String, Option<String>)> {
    match held {
        LastHeld::In { revision, lost_in } => Some((revision, lost_in.map(|commit| commit.subject))),
        LastHeld::Never | LastHeld::Unknown => None,
    }
}

fn held_before(commit: &str, subject: &str) -> Option<(String, Option<String>)> {
    Some((format!("{commit}^"), Some(subject.to_owned())))
}

#[test]
fn the_newest_revision_that_holds_something_is_known() {
    let story = Story::new();
    story.write("x.rs", "one\n").commit("start");
    story.write("x.rs", "one\r\ntwo\r\n").commit("two");
    story.write("y.rs", "y\n").commit("of another file");
    let cut = story.write("x.rs", "one\nthree\n").commit("cut");
    let gone = story.remove("x.rs").commit("deleted");
    let history = story.history();
    let held = |path: &str, needle: &str| history.last_with(path, &mut |text| text.contains(needle));
    let last = |path: &str, needle: &str| last_of(held(path, needle));
    assert_eq!(last("x.rs", "one\ntwo\n"), held_before(&cut, "cut"));
    assert_eq!(history.text(&format!("{cut}^"), "x.rs").unwrap(), "one\ntwo\n");
    assert_eq!(last("x.rs", "three"), held_before(&gone, "deleted"));
    assert_eq!(last("y.rs", "y"), Some((gone, None)));
    assert_eq!(held("x.rs", "never"), LastHeld::Never);
    assert_eq!(held("never.rs", "one"), LastHeld::Never);
    assert_eq!(history.gaps(), [""; 0]);
}

#[test]
fn versions_are_looked_at_from_the_newest_on_and_no_further_than_needed() {
    let story = Story::new();
    let commits: Vec<String> = (0..3 * AT_ONCE)
        .map(|version| story.write("x.rs", format!("version {version}.\n")).commit("next"))
        .collect();
    let history = story.history();
    for wanted in [0, 1, AT_ONCE, 2 * AT_ONCE, 3 * AT_ONCE - 1] {
        let mut seen = Vec::new();
        let found = history.last_with("x.rs", &mut |text| {
            seen.push(text.to_owned());
            text == format!("version {wanted}.\n")
        });
        let expected: Vec<String> =
            (wanted..3 * AT_ONCE).rev().map(|version| format!("version {version}.\n")).collect();
        assert_eq!(seen, expected);
        let newest = (commits[3 * AT_ONCE - 1].clone(), None);
        let expected = commits.get(wanted + 1).map_or(Some(newest), |lost_in| held_before(lost_in, "next"));
        assert_eq!(last_of(found), expected);
    }
}

/// A clone of `story` made with `options`.
fn clone(story: &Story, options: &[&str]) -> (tempfile::TempDir, String) {
    git(story.top(), DAY, &["config", "uploadpack.allowFilter", "true"]);
    let dir = tempfile::tempdir().unwrap();
    let (url, to) = (format!("file://{}", story.top().display()), dir.path().to_str().unwrap());
    git(story.top(), DAY, &[&["clone", "--quiet"], options, &[&url, to]].concat());
    let head = git(dir.path(), DAY, &["rev-parse", "HEAD"]);
    (dir, head)
}

#[test]
fn a_shallow_clone_says_so_once_and_only_if_it_was_asked_too_far() {
    let story = Story::new();
    story.write("x.rs", TEXT).commit("start");
    story.write("x.rs", "today\n").commit("cut");
    let (dir, head) = clone(&story, &["--depth=1"]);
    let history = GitHistory::new(dir.path(), &head);
    assert_eq!(
        history.last_with("x.rs", &mut |text| text == "today\n"),
        LastHeld::In { revision: head, lost_in: None }
    );
    assert_eq!(history.gaps(), [""; 0]);
    for _ in 0..2 {
        assert_eq!(history.last_with("x.rs", &mut |text| text == TEXT), LastHeld::Unknown);
        assert_eq!(history.loss("x.rs", TEXT), Loss::Unknown);
    }
    let gaps = history.gaps();
    assert!(matches!(gaps.as_slice(), [gap] if gap.contains("git fetch --unshallow")), "{gaps:?}");
    // The advice.
    git(dir.path(), DAY, &["fetch", "--quiet", "--unshallow"]);
    let history = story.history();
    assert!(matches!(history.last_with("x.rs", &mut |text| text == TEXT), LastHeld::In { .. }));
    assert_eq!(history.gaps(), [""; 0]);
}

#[test]
fn a_partial_clone_says_so_and_knows_a_lone_heir() {
    let story = Story::new();
    story.write("x.rs", lines("x", 20)).write("y.rs", lines("y", 20)).commit("start");
    story.rename("x.rs", "z.rs").write("z.rs", lines("x", 20) + "more\n").commit("renamed");
    let (dir, head) = clone(&story, &["--filter=blob:none"]);
    git(dir.path(), DAY, &["config", "remote.origin.url", "file:///nowhere"]);
    let history = GitHistory::new(dir.path(), &head);
    let (commit, now) = history.fate("x.rs").unwrap();
    assert_eq!((commit.subject.as_str(), now.as_deref()), ("renamed", Some("z.rs")));
    assert_eq!(history.last_with("x.rs", &mut |_| true), LastHeld::Unknown);
    let gaps = history.gaps();
    assert!(matches!(gaps.as_slice(), [gap] if gap.contains("git fetch --refetch --no-filter")), "{gaps:?}");
}

#[test]
fn a_partial_clone_gets_what_history_asks_for() {
    let story = Story::new();
    story.write("x.rs", lines("x", 20)).write("y.rs", lines("y", 20)).commit("start");
    story.write("x.rs", lines("x", 19)).commit("cut");
    story.rename("x.rs", "z.rs").write("z.rs", lines("x", 18)).write("w.rs", "w\n").commit("renamed");
    let answers = |history: &GitHistory| {
        let lost = lines("x", 20);
        let fate = history.fate("x.rs");
        let last = history.last_with("x.rs", &mut |text| *text == lost);
        (history.loss("x.rs", &lost), fate, last, history.gaps())
    };
    let expected = answers(&story.history());
    assert_eq!(expected.3, [""; 0]);
    let (dir, head) = clone(&story, &["--filter=blob:none"]);
    assert_eq!(answers(&GitHistory::new(dir.path(), &head)), expected);
}

#[test]
fn a_line_of_raw_names_the_contents_of_regular_files() {
    let line = ":100644 000000 aa bb D\tx y";
    assert_eq!(contents_in(line), ["aa"]);
    assert_eq!(contents_in("::100644 160000 100755 aa bb cc MM\tx"), ["aa", "cc"]);
    for line in ["", ":", "x", ":160000 160000 aa bb M\tx"] {
        assert_eq!(contents_in(line), [""; 0], "{line}");
    }
}

#[test]
fn a_lone_heir_is_the_one_file_that_came_when_one_went() {
    let story = Story::new();
    story.write("a.rs", "a\n").write("b.rs", "b\n").write("c.rs", "c\n").write("d.rs", "d\n").commit("start");
    let heir = |path: &str| story.history().lone_heir("HEAD", path);
    story.remove("a.rs").write("e.rs", "e\n").write("read.md", "me\n").commit("one for one");
    assert_eq!(heir("a.rs").as_deref(), Some("e.rs"));
    assert_eq!((heir("b.rs"), heir("e.rs")), (None, None), "these did not go");
    story.remove("b.rs").write("f.rs", "f\n").write("g.rs", "g\n").commit("two came");
    assert_eq!(heir("b.rs"), None);
    story.remove("c.rs").remove("d.rs").write("h.rs", "h\n").commit("two went");
    assert_eq!((heir("c.rs"), heir("d.rs")), (None, None));
    story.remove("e.rs").write("e.md", "e\n").commit("another kind came");
    assert_eq!(heir("e.rs"), None);
}

#[test]
fn changes_are_of_text_files() {
    let story = Story::new();
    story.write("a.rs", lines("a", 20)).write("gone.rs", "gone\n").write("mode.sh", "run\n");
    story.write("bin.rs", b"\xff\xfe\0\0").write("Cargo.lock", "lock\n").commit("start");
    story.rename("a.rs", "b é.rs").write("b é.rs", lines("a", 20) + "more\n").remove("gone.rs");
    story.write("new.rs", "new\n").write("bin.rs", b"\xff\xfe\0\x01").write("Cargo.lock", "other\n");
    git(story.top(), DAY, &["add", "--all", "--force"]);
    git(story.top(), DAY, &["update-index", "--chmod=+x", "mode.sh"]);
    let link = git(story.top(), DAY, &["rev-parse", "HEAD:gone.rs"]);
    git(story.top(), DAY, &["update-index", "--add", "--cacheinfo", &format!("120000,{link},link.rs")]);
    story.git(&["commit", "--quiet", "--message=all"]);
    let history = story.history();
    let changes = history.changes_of("HEAD", "a.rs");
    let mut found: Vec<_> = changes.iter().map(sides).collect();
    found.sort();
    let some = |path: &str| Some(path.to_owned());
    assert_eq!(
        found,
        [
            (None, some("new.rs")),
            (some("a.rs"), some("b é.rs")),
            (some("gone.rs"), None),
            (some("mode.sh"), some("mode.sh")),
        ]
    );
    let renamed =
        changes.iter().find(|change| change.new.as_ref().is_some_and(|new| new.0 == "b é.rs")).unwrap();
    assert_eq!(renamed.old.as_ref().unwrap().1, lines("a", 20));
    assert_eq!(renamed.new.as_ref().unwrap().1, lines("a", 20) + "more\n");
}

#[test]
fn a_merge_changes_what_it_brings_to_its_first_parent() {
    let story = Story::new();
    story.write("a.rs", format!("a\n{TEXT}")).write("b.rs", "b\n").commit("start");
    git(story.top(), DAY, &["checkout", "--quiet", "-b", "side"]);
    story.write("a.rs", "a\n").commit("cut on the side");
    git(story.top(), DAY, &["checkout", "--quiet", "main"]);
    story.write("b.rs", "bb\n").commit("main goes on");
    story.git(&["merge", "--quiet", "--no-ff", "--message=merge", "side"]);
    let history = story.history();
    let changes = history.changes_of("HEAD", "a.rs");
    assert_eq!(
        changes.iter().map(sides).collect::<Vec<_>>(),
        [(Some("a.rs".to_owned()), Some("a.rs".to_owned()))]
    );
    assert_eq!(story.lost("a.rs", TEXT).unwrap(), "cut on the side");
}

/// Two branches that each changed `b.rs` or added `c.rs`, and a merge of both that `resolve` makes by itself.
fn merged_by_hand(resolve: impl Fn(&Story)) -> Story {
    let story = Story::new();
    story.write("a.rs", format!("a\n{TEXT}")).write("b.rs", "b\n").commit("start");
    git(story.top(), DAY, &["checkout", "--quiet", "-b", "side"]);
    story.write("c.rs", "c\n").commit("side");
    git(story.top(), DAY, &["checkout", "--quiet", "main"]);
    story.write("b.rs", "bb\n").commit("main goes on");
    git(story.top(), DAY, &["merge", "--quiet", "--no-commit", "--no-ff", "side"]);
    resolve(&story);
    story.commit("merge");
    story
}

#[test]
fn what_a_merge_changes_by_itself_is_its_own_change() {
    let story = merged_by_hand(|story| {
        story.write("a.rs", "a\n").write("b.rs", format!("bb\n{TEXT}"));
    });
    assert_eq!(story.lost("a.rs", TEXT).as_deref(), Some("merge"));
    assert!(matches!(
        story.history().last_with("a.rs", &mut |text| text.contains(TEXT)),
        LastHeld::In { .. }
    ));

    let story = merged_by_hand(|story| {
        story.rename("a.rs", "d.rs");
    });
    assert_eq!(story.lost("a.rs", TEXT).as_deref(), Some("merge"));
    let (commit, path) = story.history().fate("a.rs").unwrap();
    assert_eq!((commit.subject.as_str(), path.as_deref()), ("merge", Some("d.rs")));
    assert_eq!(story.history().gaps(), [""; 0]);
}

#[test]
fn a_merge_that_drops_what_its_first_parent_had_is_the_one_that_lost_it() {
    let story = Story::new();
    story.write("a.rs", "a\n").commit("start");
    git(story.top(), DAY, &["checkout", "--quiet", "-b", "side"]);
    story.write("b.rs", "b\n").commit("side");
    git(story.top(), DAY, &["checkout", "--quiet", "main"]);
    story.write("a.rs", format!("a\n{TEXT}")).write("c.rs", lines("c", 20)).commit("main goes on");
    git(story.top(), DAY, &["merge", "--quiet", "--no-commit", "--no-ff", "side"]);
    story.write("a.rs", "a\n").remove("c.rs").commit("merge");
    // Git follows the side alone, which is like the merge in these files.
    assert_eq!(story.lost("a.rs", TEXT).as_deref(), Some("merge"));
    assert_eq!(story.history().fate("c.rs").unwrap().0.subject, "merge");
    let before = story.history().last_with("a.rs", &mut |text| text.contains(TEXT));
    let head = git(story.top(), DAY, &["rev-parse", "HEAD"]);
    assert_eq!(last_of(before), held_before(&head, "merge"));
}

#[test]
fn the_revision_that_holds_something_holds_it_where_branches_lie_beside_each_other() {
    let story = Story::new();
    story.write("a.rs", format!("{TEXT}{}", lines("a", 9))).commit("start");
    git(story.top(), DAY, &["checkout", "--quiet", "-b", "side"]);
    git(story.top(), DAY, &["checkout", "--quiet", "main"]);
    story.write("a.rs", lines("a", 9)).commit("cut on main");
    git(story.top(), DAY, &["checkout", "--quiet", "side"]);
    story.write("a.rs", format!("{TEXT}{}more\n", lines("a", 9))).commit("side goes on, after that");
    git(story.top(), DAY, &["checkout", "--quiet", "main"]);
    story.git(&["merge", "--quiet", "--no-ff", "--message=merge", "side"]);
    let history = story.history();
    let held = history.last_with("a.rs", &mut |text| text.contains(TEXT));
    let LastHeld::In { revision, lost_in: Some(lost_in) } = held else { panic!("{held:?}") };
    assert!(history.text(&revision, "a.rs").unwrap().contains(TEXT));
    assert!(!history.text(&lost_in.id, "a.rs").unwrap().contains(TEXT));
    assert_eq!(story.lost("a.rs", TEXT).as_deref(), Some("cut on main"));
}

#[test]
fn what_came_and_went_on_a_branch_is_not_never() {
    let story = Story::new();
    story.write("a.rs", "a\n").commit("start");
    git(story.top(), DAY, &["checkout", "--quiet", "-b", "side"]);
    story.write("a.rs", format!("a\n{TEXT}")).commit("came");
    story.write("a.rs", "a\nb\n").commit("went");
    git(story.top(), DAY, &["checkout", "--quiet", "main"]);
    story.git(&["merge", "--quiet", "--no-ff", "--message=merge", "side"]);
    let held = |what: &str| story.history().last_with("a.rs", &mut |text| text.contains(what));
    assert!(matches!(held(TEXT), LastHeld::In { lost_in: Some(_), .. }));
    assert_eq!(held("nowhere"), LastHeld::Never);
}

#[test]
fn before_the_first_commit_is_nothing_and_no_gap() {
    let story = Story::new();
    story.write("a.rs", "a\n").commit("start");
    assert_eq!(story.lost("a.rs", "b"), None);
    assert_eq!(story.history().text(&format!("{}^", story.history().commit), "a.rs"), None);
    story.write("a.rs", TEXT).commit("other");
    let history = story.history();
    assert_eq!(history.loss("a.rs", "nowhere"), Loss::Unknown);
    assert_eq!(history.loss("a.rs", "a\nb\n"), Loss::Unknown);
    assert_eq!(history.text(&format!("{}^^", history.commit), "a.rs"), None);
    assert_eq!(history.gaps(), [""; 0]);
}

#[test]
fn a_fate_is_the_last_one() {
    let story = Story::new();
    story
        .write("a.rs", lines("a", 20))
        .write("d.rs", lines("d", 20))
        .write("e.rs", lines("e", 20))
        .commit("start");
    assert_eq!(story.history().fate("a.rs"), None, "it is there");
    story.rename("a.rs", "b.rs").commit("first");
    let (commit, path) = story.history().fate("a.rs").unwrap();
    assert_eq!((commit.subject.as_str(), path.as_deref()), ("first", Some("b.rs")));
    story.rename("b.rs", "in/c.rs").rename("d.rs", "f.rs").commit("second");
    let (commit, path) = story.history().fate("a.rs").unwrap();
    assert_eq!((commit.subject.as_str(), path.as_deref()), ("second", Some("in/c.rs")));
    story.remove("f.rs").remove("e.rs").commit("deleted");
    for path in ["d.rs", "e.rs", "f.rs"] {
        let (commit, now) = story.history().fate(path).unwrap();
        assert_eq!((commit.subject.as_str(), now), ("deleted", None), "{path}");
    }
    story.rename("in/c.rs", "a.rs").commit("home again");
    assert_eq!(story.history().fate("a.rs"), None, "it is there again");
    let (commit, path) = story.history().fate("b.rs").unwrap();
    assert_eq!((commit.subject.as_str(), path.as_deref()), ("home again", Some("a.rs")));
    assert_eq!(story.history().fate("never.rs"), None);
}

/// The history in memory, which the tests of other rooms are told by, tells what git tells of the same trees.
#[test]
fn the_history_in_memory_is_as_this_one() {
    let (a, b, c) = (lines("a", 12), lines("b", 12), lines("c", 12));
    let edited = a.replace("compute_a(3)", "compute_a(three)");
    let stories: [&[&[(&str, &str)]]; 3] = [
        // Lost, back, twice, with other line ends, lost again.
        &[
            &[("x.rs", &(a.clone() + TEXT)), ("y.rs", &b)],
            &[("x.rs", &a)],
            &[("x.rs", &(TEXT.to_owned() + &a)), ("y.rs", &(b.clone() + TEXT))],
            &[("x.rs", &(TEXT.to_owned() + &a + TEXT))],
            &[("x.rs", &("\u{feff}".to_owned() + &(a.clone() + TEXT).replace('\n', "\r\n")))],
            &[("x.rs", &edited.replace('\n', "\r\n")), ("y.rs", &b)],
            &[("y.rs", "")],
        ],
        // Renamed as it is, with edits, into a folder, two at once, back, gone.
        &[
            &[("x.rs", &a), ("y.rs", &b), ("z.rs", &c)],
            &[("x.rs", ""), ("w.rs", &edited)],
            &[("w.rs", ""), ("in/w.rs", &edited), ("y.rs", ""), ("z.rs", ""), ("v.rs", &c), ("u.rs", &b)],
            &[("in/w.rs", ""), ("x.rs", &edited), ("u.rs", ""), ("other.rs", "nothing\nof\nit\n")],
            &[("v.rs", ""), ("z/mod.rs", &(c.clone() + "mod more;\n")), ("other.rs", "")],
            &[("z/mod.rs", ""), ("y.rs", &b)],
        ],
        // Copies: of a file that stays, of one that goes and is copied twice, and a block that moves.
        &[
            &[("x.rs", &(a.clone() + TEXT)), ("y.rs", &b)],
            &[("fork.rs", &(a.clone() + TEXT))],
            &[("x.rs", &a), ("in/y.rs", &(b.clone() + TEXT))],
            &[
                ("y.rs", ""),
                ("north/y.rs", &(b.clone() + "north\n")),
                ("south.rs", &(b.clone() + "more\nsouth\n")),
            ],
            &[("x.rs", ""), ("fork.rs", &edited)],
        ],
    ];
    for commits in stories {
        agree(commits, &[TEXT, "compute_a(3)", "let b_5", "self.go();\n    }\n"]);
    }
}

fn agree(commits: &[&[(&str, &str)]], needles: &[&str]) {
    let (story, mut told, mut tree) = (Story::new(), Told::default(), Tree::new());
    let mut pairs = Vec::new();
    for files in commits {
        for (path, text) in *files {
            if text.is_empty() {
                tree.remove(*path);
                story.remove(path);
            } else {
                tree.insert((*path).to_owned(), (*text).to_owned());
                story.write(path, text);
            }
        }
        let commit = told.push(tree.clone());
        pairs.push((story.commit(&commit.subject), commit));
    }
    let git = story.history();
    for (id, commit) in &pairs {
        let sorted = |mut changes: Vec<FileChange>| {
            changes.sort_by_key(sides);
            changes
        };
        let git = git.changes_of(id, "a.rs").as_ref().clone();
        assert_eq!(sorted(told.changes(commit, "a.rs")), sorted(git), "{}", commit.subject);
    }
    let subject = |commit: Commit| commit.subject;
    let plain = |loss: Loss| match loss {
        Loss::In(commit, before) => Some(Some((commit.subject, before))),
        Loss::Held => Some(None),
        Loss::Unknown => None,
    };
    let paths: std::collections::BTreeSet<&str> =
        commits.iter().flat_map(|files| files.iter().map(|(path, _)| *path)).collect();
    for path in paths {
        assert_eq!(told.today(path), git.today(path), "{path}");
        let (id, commit) = &pairs[1];
        assert_eq!(told.text(&commit.id, path), git.text(id, path), "{path}");
        let fate = |fate: Option<(Commit, Option<String>)>| fate.map(|(commit, now)| (subject(commit), now));
        assert_eq!(fate(told.fate(path)), fate(git.fate(path)), "{path}");
        for needle in needles {
            let last =
                |history: &dyn History| match history.last_with(path, &mut |text| text.contains(needle)) {
                    LastHeld::In { revision, lost_in } => {
                        Some((history.text(&revision, path), lost_in.is_some()))
                    }
                    LastHeld::Never => None,
                    LastHeld::Unknown => panic!("all is known"),
                };
            assert_eq!(last(&told), last(&git), "{path} {needle}");
            assert_eq!(plain(told.loss(path, needle)), plain(git.loss(path, needle)), "{path} {needle}");
        }
    }
}
