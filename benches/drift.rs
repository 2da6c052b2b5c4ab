//! What tolerance costs: the search through a whole workspace (listing and reading its files included), and the
//! search for the best place in one large file.
//!
//! On the trees of `CODEX_PATCHER_CORPUS` (a folder whose subfolders each hold a `codex-rs/`) where that is set, and
//! otherwise on one of about the same size that is made up. Before anything is measured it says how often the
//! search names the right file: for 1,000 random blocks with every fifth line deleted or edited, and again with
//! two words in five of every line renamed.
//!
//! `CODEX_PATCHER_OTHER` names another program to time beside ours, as a whole process.
//!
//! `cargo bench --bench drift`; the page cache is warm.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    reason = "the walls are for the library; a bench makes trees and says what it found"
)]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use codex_patcher::drift::{CandidateFile, FileHits, Needle, WorkspaceSearch, best_windows};
use codex_patcher::files::{Files, WorkTree};
use criterion::{Criterion, criterion_group, criterion_main};

/// A random number from 0 up to `below`, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below.max(1)
    }
}

/// 1,600 files, 40 MB.
fn made_up(dir: &Path) {
    let mut dice = Dice(1);
    for n in 0..1600 {
        let mut text = String::new();
        let size = if n == 0 { 460_000 } else { 6_000 + dice.roll(38_000) };
        while text.len() < size {
            let (a, b, c) = (dice.roll(3000), dice.roll(3000), dice.roll(60));
            writeln!(text, "    let value_{a} = self.compute_{b}(input{c}, config)?;").unwrap();
        }
        let path = dir.join(format!("part-{}/src/file_{n}.rs", n % 80));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Each with a name; what is made up lives as long as its folder.
fn trees() -> (Vec<(String, PathBuf)>, Option<tempfile::TempDir>) {
    let Some(corpus) = std::env::var_os("CODEX_PATCHER_CORPUS") else {
        let dir = tempfile::tempdir().unwrap();
        made_up(dir.path());
        return (vec![("made up".to_owned(), dir.path().to_owned())], Some(dir));
    };
    let entries = fs::read_dir(corpus).expect("CODEX_PATCHER_CORPUS is a folder").map(|entry| entry.unwrap());
    let mut trees: Vec<_> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path().join("codex-rs")))
        .filter(|(_, tree)| tree.is_dir())
        .collect();
    trees.sort();
    (trees, None)
}

/// The whole search, as a run would do it.
fn search_all(tree: &Path, needles: &[Needle]) -> Vec<Vec<CandidateFile>> {
    let files = WorkTree::new(tree);
    let search = WorkspaceSearch::new(needles);
    let hits_of_files: Mutex<Vec<FileHits>> = Mutex::default();
    files.read_each(&files.list(), &|path, content| {
        if let Ok(content) = content {
            let hits = search.scan(path, &content);
            hits_of_files.lock().unwrap().push(hits);
        }
    });
    search.rank(&hits_of_files.into_inner().unwrap(), 8)
}

/// A block of a file as it may have been some releases ago.
struct Cut {
    path: String,
    text: String,
}

fn cuts(files: &[(String, String)], count: usize, edit: fn(&mut Dice, &str) -> Option<String>) -> Vec<Cut> {
    let mut dice = Dice(7);
    let mut cuts = Vec::new();
    while cuts.len() < count {
        let (path, text) = &files[dice.roll(files.len())];
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let wanted = 7 + dice.roll(54);
        if lines.len() < wanted {
            continue;
        }
        let start = dice.roll(lines.len() - wanted + 1);
        let edited = lines[start..start + wanted].iter().filter_map(|line| edit(&mut dice, line));
        cuts.push(Cut { path: path.clone(), text: edited.collect() });
    }
    cuts
}

/// Each tenth line goes, each tenth has all its words but one renamed.
fn one_line_in_five(dice: &mut Dice, line: &str) -> Option<String> {
    match dice.roll(10) {
        0 => None,
        1 => Some(renamed(dice, line, 9)),
        _ => Some(line.to_owned()),
    }
}

/// Two words in five of every line are others.
fn two_words_in_five(dice: &mut Dice, line: &str) -> Option<String> {
    Some(renamed(dice, line, 4))
}

/// The line with `tenths` of its words renamed.
fn renamed(dice: &mut Dice, line: &str, tenths: usize) -> String {
    let mut text = String::new();
    for part in line.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        let word = part.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        if !word.is_empty() && dice.roll(10) < tenths {
            text += &format!("renamed{}", dice.roll(1_000_000));
        } else {
            text += word;
        }
        text += &part[word.len()..];
    }
    text
}

/// Says how often the right file is first, and how often among eight.
fn recall(name: &str, tree: &Path) {
    let all = WorkTree::new(tree);
    let read = |path: String| {
        let text = String::from_utf8(all.read(&path).ok()?).ok()?;
        Some((path, text))
    };
    let all: Vec<(String, String)> = all.list().into_iter().filter_map(read).collect();
    let rust: Vec<_> = all.iter().filter(|(path, _)| path.ends_with(".rs")).cloned().collect();
    for (what, edit) in [
        ("1 line in 5 changed", one_line_in_five as fn(&mut Dice, &str) -> _),
        ("2 words in 5 renamed", two_words_in_five),
    ] {
        let (mut first, mut among, mut missed) = (0, 0, Vec::new());
        let cuts = cuts(&rust, 1000, edit);
        for cuts in cuts.chunks(50) {
            let needles: Vec<_> = cuts.iter().map(|cut| Needle::AnyOf(vec![cut.text.clone()])).collect();
            let search = WorkspaceSearch::new(&needles);
            let hits: Vec<FileHits> =
                all.iter().map(|(path, text)| search.scan(path, text.as_bytes())).collect();
            for (cut, found) in cuts.iter().zip(search.rank(&hits, 8)) {
                let rank = found.iter().position(|candidate| candidate.path == cut.path);
                first += usize::from(rank == Some(0));
                among += usize::from(rank.is_some());
                if rank.is_none() {
                    missed.push(format!("{} ({} lines)", cut.path, cut.text.lines().count()));
                }
            }
        }
        eprintln!(
            "{name}: {what}: of 1000 blocks the right file is first {first} times, among 8 {among} times"
        );
        missed.iter().take(12).for_each(|missed| eprintln!("    missed {missed}"));
    }
}

fn phases(name: &str, tree: &Path, needles: &[Needle]) {
    for _ in 0..2 {
        let start = Instant::now();
        let files = WorkTree::new(tree);
        let list = files.list();
        let listed = start.elapsed();
        let bytes = Mutex::new(0);
        files
            .read_each(&list, &|_, content| *bytes.lock().unwrap() += content.map_or(0, |bytes| bytes.len()));
        let read = start.elapsed();
        let found = search_all(tree, needles);
        let all = start.elapsed() - read;
        eprintln!(
            "{name}: {} files, {} bytes; listed in {listed:?}, read in {:?}; all of it with {} needles in {all:?} ({} candidates)",
            list.len(),
            bytes.lock().unwrap(),
            read - listed,
            needles.len(),
            found.iter().map(Vec::len).sum::<usize>(),
        );
    }
}

/// Whole processes on one patch that looks for `needle` under tolerance: ours, and what `CODEX_PATCHER_OTHER` names, a program with
/// the same patch files and arguments. Whether either finds the place is said, not judged.
fn beside(criterion: &mut Criterion, name: &str, text: &str, needle: &str) {
    let Some(other) = std::env::var_os("CODEX_PATCHER_OTHER") else { return };
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("Cargo.toml"), "[workspace]\n[workspace.package]\nversion = \"1.0.0\"\n")
        .unwrap();
    fs::write(dir.path().join("large.rs"), text).unwrap();
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let patch = format!(
        "[[patches]]\nid = \"p\"\nfile = \"large.rs\"\n[patches.query]\ntype = \"text\"\nsearch = {}\nfuzzy_threshold = 0.85\n\
         fuzzy_expansion = 20\n[patches.operation]\ntype = \"insert-before\"\ntext = \"// mine\\n\"\n",
        quoted(needle)
    );
    fs::write(dir.path().join("p.toml"), patch).unwrap();
    for (who, program) in [("ours", env!("CARGO_BIN_EXE_codex-patcher").into()), ("other", other)] {
        let run = || {
            let mut command = Command::new(&program);
            command.args(["apply", "--dry-run", "--patches", "p.toml", "--workspace", "."]);
            command.current_dir(dir.path()).env("CARGO", "/bin/false").output().unwrap()
        };
        eprintln!("{name}, {who}: {}", run().status);
        criterion.bench_function(&format!("process/{name}, {who}"), |bencher| bencher.iter(run));
    }
}

fn bench(criterion: &mut Criterion) {
    let (trees, _dir) = trees();
    for (name, tree) in &trees {
        recall(name, tree);
        let files = WorkTree::new(tree);
        let texts = files.list().into_iter().filter(|path| path.ends_with(".rs"));
        let rust: Vec<_> = texts
            .map(|path| (path.clone(), String::from_utf8(files.read(&path).unwrap()).unwrap()))
            .collect();
        // A search and what it becomes, each.
        let needles: Vec<Needle> = cuts(&rust, 10, one_line_in_five)
            .into_iter()
            .map(|cut| Needle::AnyOf(vec![cut.text.replace("let ", "let mut "), cut.text]))
            .collect();
        phases(name, tree, &needles);
        criterion.bench_function(&format!("search/{name}, 10 needles"), |bencher| {
            bencher.iter(|| black_box(search_all(tree, &needles)));
        });
        let (path, text) = rust.iter().max_by_key(|(_, text)| text.len()).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut dice = Dice(3);
        let edited = lines[lines.len() / 2..].iter().take(60);
        let needle: String = edited.filter_map(|line| one_line_in_five(&mut dice, line)).collect();
        let id = format!("best_windows/{name}, 60 lines in {} ({} bytes)", path, text.len());
        criterion.bench_function(&id, |bencher| {
            bencher.iter(|| black_box(best_windows(&needle, text, 25, 3)));
        });
        beside(criterion, name, text, &needle);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500));
    targets = bench
}
criterion_main!(benches);
