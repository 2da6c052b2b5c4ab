//! Any small edits of upstream, any small patches: what is merged applies once, and `update` makes it exact.

use proptest::prelude::*;

use super::*;

/// One edit of upstream, at a line counted from the first of the file.
#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, u8),
    Delete(usize),
    Change(usize, u8),
    Indent(usize, usize),
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for edit in edits {
        match edit {
            Edit::Insert(at, n) => lines.insert(at % (lines.len() + 1), format!("    upstream_{n}(tide);")),
            Edit::Delete(at) if lines.len() > 1 => drop(lines.remove(at % lines.len())),
            Edit::Delete(_) => {}
            Edit::Change(at, n) => {
                let at = at % lines.len();
                lines[at] = exchanged_word(&lines[at], *n);
            }
            Edit::Indent(at, count) => {
                let at = at % lines.len();
                for line in lines.iter_mut().skip(at).take(*count).filter(|line| !line.is_empty()) {
                    line.insert_str(0, "    ");
                }
            }
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Wishes for lines that no wish before them speaks of.
fn apart(wishes: Vec<Wish>) -> Vec<Wish> {
    let mut kept: Vec<Wish> = Vec::new();
    for wish in wishes {
        let meets = |other: &Wish| {
            other.file == wish.file
                && other.from < wish.from + wish.count
                && wish.from < other.from + other.count
        };
        if !kept.iter().any(meets) {
            kept.push(wish);
        }
    }
    kept
}

/// The line with its last word changed.
fn exchanged_word(line: &str, n: u8) -> String {
    match line.rfind(|c: char| c.is_ascii_alphanumeric()) {
        Some(at) => format!("{}_{n}{}", &line[..=at], &line[at + 1..]),
        None => format!("{line} // {n}"),
    }
}

fn edit(lines: std::ops::Range<usize>) -> impl Strategy<Value = Edit> {
    prop_oneof![
        (lines.clone(), 0..9u8).prop_map(|(at, n)| Edit::Insert(at, n)),
        lines.clone().prop_map(Edit::Delete),
        (lines.clone(), 0..9u8).prop_map(|(at, n)| Edit::Change(at, n)),
        (lines, 1..6usize).prop_map(|(at, count)| Edit::Indent(at, count)),
    ]
}

/// Twelve lines, no two of them equal.
fn log_book(name: &str) -> String {
    let body: String = ["ebb", "flood", "gale", "calm", "fog", "rain", "moon", "dawn"]
        .iter()
        .enumerate()
        .map(|(at, word)| format!("    let {word} = {name}.{word}_at({at}, Hour::of({}));\n", at * 3))
        .collect();
    format!("use crate::{name};\n\npub fn {name}_log(book: &mut Book) {{\n{body}}}\n")
}

/// A change of one to four whole lines of a file, as a patch.
#[derive(Debug, Clone)]
struct Wish {
    file: usize,
    from: usize,
    count: usize,
    kind: u8,
}

const LOGS: [&str; 2] = ["harbour", "channel"];

impl Wish {
    fn patch(&self, id: usize) -> String {
        let text = log_book(LOGS[self.file]);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let span = self.from..(self.from + self.count).min(lines.len());
        let search = lines[span.clone()].concat();
        let own = format!("    own_{id}(book);\n");
        let (kind, new) = match self.kind {
            0 => {
                let last = lines[span.end - 1];
                let changed = exchanged_word(last.trim_end_matches('\n'), 77) + "\n";
                ("replace", Some(lines[span.start..span.end - 1].concat() + &changed))
            }
            1 => ("insert-before", Some(own)),
            2 => ("insert-after", Some(own)),
            3 => ("delete", None),
            _ => ("replace", Some(lines[span.start..span.end - 1].concat() + &own + lines[span.end - 1])),
        };
        let text = new.map(|new| format!("text = {new:?}\n")).unwrap_or_default();
        format!(
            "[[patches]]\nid = \"p{id}\"\nfile = \"src/{}.rs\"\n[patches.query]\ntype = \"text\"\nsearch = {search:?}\n\
             [patches.operation]\ntype = \"{kind}\"\n{text}\n",
            LOGS[self.file],
        )
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    (0..2usize, 3..9usize, 2..5usize, 0..5u8).prop_map(|(file, from, count, kind)| Wish {
        file,
        from,
        count,
        kind,
    })
}

fn tolerance_holds(
    wishes: &[Wish],
    first: &[Vec<Edit>; 2],
    second: &[Vec<Edit>; 2],
    with_git: bool,
) -> Result<(), TestCaseError> {
    let paths = LOGS.map(|name| format!("src/{name}.rs"));
    let mut upstream = Upstream::new(&[0, 1].map(|at| (paths[at].as_str(), log_book(LOGS[at]))));
    let set: String = wishes.iter().enumerate().map(|(id, wish)| wish.patch(id)).collect();
    upstream.patches(&set);
    let is_locked = !with_git && !upstream.lock().has_failed();
    for edits in [first, second] {
        for (path, edits) in paths.iter().zip(edits) {
            upstream.write(path, &edited(&upstream.text(path), edits));
        }
        upstream.commit();
    }
    if !with_git {
        upstream.forget_history();
    }
    let before = upstream.tree();
    if is_locked {
        // Likeness alone is no place that may be written down.
        let guessed = upstream.copy();
        guessed.forget_lock();
        let (updated, set_then) = (guessed.update(), guessed.set_file());
        prop_assert_eq!(&set_then, &upstream.set_file(), "{}\n{}", updated.told(), set);
        let ran = guessed.run(apply().drift(Merge));
        let once = guessed.tree();
        prop_assert!(ran.has_failed() || !guessed.run(apply().drift(Merge)).has_failed(), "{}", ran.told());
        prop_assert_eq!(&guessed.tree(), &once);
    }
    let tolerant = upstream.copy();
    let ran = tolerant.run(apply().drift(Merge));
    let merged = tolerant.tree();
    if ran.has_failed() {
        prop_assert_eq!(&merged, &before, "it failed and wrote");
        return Ok(());
    }
    let again = tolerant.run(apply().drift(Merge));
    prop_assert!(!again.has_failed(), "the second run:\n{}\nfirst:\n{}\n{}", again.told(), ran.told(), set);
    prop_assert_eq!(&tolerant.tree(), &merged, "the second run wrote:\n{}\n{}", again.told(), set);
    let exact = upstream.copy();
    let updated = exact.update();
    if is_locked && updated.has_failed() {
        // A place that the lock tells may have no exact query; then nothing is written.
        prop_assert!(updated.told().contains("no exact query was found"), "{}", updated.told());
        prop_assert_eq!(exact.set_file(), upstream.set_file());
        return Ok(());
    }
    if !with_git && !is_locked && updated.has_failed() {
        // A set that could not be locked has likeness alone.
        prop_assert!(updated.told().contains("neither a lock nor history tells"), "{}", updated.told());
        prop_assert_eq!(exact.set_file(), upstream.set_file());
        return Ok(());
    }
    prop_assert!(!updated.has_failed(), "update:\n{}\n{}\n{}", updated.told(), set, upstream.text(&paths[0]));
    prop_assert_eq!(&exact.tree(), &before, "update touched the tree");
    for run in ["first", "second"] {
        let ran = exact.run(apply());
        let now = exact.set_file();
        prop_assert!(!ran.has_failed(), "{} exact run after update:\n{}\n{}\n{}", run, ran.told(), set, now);
        prop_assert_eq!(&exact.tree(), &merged, "{} exact run differs; was:\n{}\nis:\n{}", run, set, now);
    }
    Ok(())
}

fn edits() -> impl Strategy<Value = [Vec<Edit>; 2]> {
    let some = || prop::collection::vec(edit(3..11), 1..3);
    (some(), some()).prop_map(|(one, other)| [one, other])
}

#[test]
fn a_patch_that_stands_on_lines_of_another_one_is_made_exact() {
    let wish = |from, count, kind| Wish { file: 1, from, count, kind };
    let edits = [vec![], vec![Edit::Delete(3), Edit::Delete(6)]];
    tolerance_holds(&[wish(7, 3, 0), wish(5, 2, 3)], &edits, &Default::default(), false).unwrap();
}

#[test]
fn a_deletion_of_a_line_that_upstream_changed_with_the_next_is_not_in_place() {
    let first = [vec![Edit::Insert(3, 0)], vec![Edit::Insert(7, 0)]];
    let second = [vec![Edit::Insert(3, 0)], vec![Edit::Change(6, 0), Edit::Change(5, 0)]];
    tolerance_holds(&[Wish { file: 1, from: 4, count: 2, kind: 3 }], &first, &second, true).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_merged_can_be_made_exact(
        wishes in prop::collection::vec(wish(), 1..3).prop_map(apart), first in edits(), second in edits(),
    ) {
        tolerance_holds(&wishes, &first, &second, true)?;
    }

    #[test]
    fn what_a_lock_tells_is_made_exact_or_left_and_likeness_alone_is_not_written_down(wishes in prop::collection::vec(wish(), 1..3).prop_map(apart), edits in edits()) {
        tolerance_holds(&wishes, &edits, &Default::default(), false)?;
    }
}
