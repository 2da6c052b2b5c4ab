//! What the fuzzers run, on inputs that are known: seeds made of this repository's own patch files, what was found once, and random
//! changes of the seeds. `CODEX_PATCHER_SEEDS=DIR` writes the seeds for `cargo fuzz`; `CODEX_PATCHER_MUTATIONS` is how many random
//! changes there are, `CODEX_PATCHER_MUTATIONS_SEED` the first of them.

#![expect(clippy::disallowed_methods, reason = "it reads and writes inputs")]

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use codex_patcher::fuzz::{TARGETS, Target};

/// So many random changes without the variable.
const FEW: u64 = 400;
/// Longer inputs are slow and find no more.
const LONGEST: usize = 6_000;

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // Not through links, of which some cases have circles.
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Inputs for each target, by its name.
fn seeds() -> BTreeMap<&'static str, Vec<String>> {
    let mut seeds: BTreeMap<&str, Vec<String>> =
        TARGETS.iter().map(|(name, _)| (*name, Vec::new())).collect();
    let mut add = |target: &str, input: String| {
        if input.len() <= LONGEST {
            seeds.get_mut(target).expect("a target").push(input);
        }
    };
    let text = |path: &Path| fs::read_to_string(path).ok();
    for path in files_below(&root().join("patches")) {
        add("patch_file", text(&path).unwrap_or_default());
    }
    for case in fs::read_dir(root().join("tests/cases")).unwrap().map(|case| case.unwrap().path()) {
        let all = files_below(&case);
        let [sets, texts] = ["toml", "rs"].map(|kind| {
            let of_kind = |path: &&PathBuf| path.extension().is_some_and(|other| other == kind);
            let is_set = |path: &&PathBuf| path.parent() == Some(&case);
            let wanted = all.iter().filter(of_kind).filter(|path| (kind == "toml") == is_set(path));
            wanted.filter_map(|path| text(path)).collect::<Vec<String>>()
        });
        let manifests = all.iter().filter(|path| path.ends_with("Cargo.toml")).filter_map(|path| text(path));
        let manifests: Vec<String> = manifests.collect();
        for set in &sets {
            add("patch_file", set.clone());
            texts.iter().chain(&manifests).for_each(|text| add("run", format!("{set}\0{text}")));
            for line in set.lines().filter_map(|line| line.strip_prefix("pattern = \"")) {
                let pattern = line.trim_end_matches('"').replace("\\n", "\n").replace("\\\"", "\"");
                texts.iter().for_each(|text| add("matcher", format!("{pattern}\0{text}")));
            }
        }
        for pair in texts.windows(2) {
            add("merge", format!("{}\0{}\0{}", pair[0], pair[1], pair[0].replacen("1", "2", 1)));
            add("merge", format!("{}\0{}\0{}", pair[0], pair[0], pair[1]));
            add("splice", format!("0 3 x\n5 0 yy\n9 4 \n\0{}", pair[0]));
        }
        for manifest in manifests {
            for (operation, section, key, value) in [
                ("set-value", "dependencies", "serde", "\"2\""),
                ("replace-value", "package", "name", "\"other\""),
                ("delete-key", "package", "name", ""),
                ("replace-key", "package", "name", "label"),
                ("delete-section", "profile.release", "", ""),
                ("insert-section", "", "", "[profile.dev]\nopt-level = 1\n"),
                ("append-section", "profile.release", "", "lto = true\n"),
            ] {
                add("toml", format!("{operation}\0{section}\0{key}\0{value}\0{manifest}"));
            }
        }
    }
    let lock =
        "version = 1\n\n[[patch]]\nid = \"a\"\ndefinition = \"00\"\n\n[[patch.match]]\nfile = \"a.rs\"\n";
    add("lock_file", lock.to_owned());
    seeds
}

/// The message of a panic.
fn panics(target: Target, input: &str) -> Option<String> {
    let caught = catch_unwind(AssertUnwindSafe(|| target(input.as_bytes()))).err()?;
    let text = caught.downcast_ref::<String>().cloned();
    Some(text.or_else(|| Some((*caught.downcast_ref::<&str>()?).to_owned())).unwrap_or_default())
}

#[test]
fn what_was_found_once_is_found_no_more() {
    for (name, target) in TARGETS {
        let folder = root().join("fuzz/found").join(name);
        for path in if folder.is_dir() { files_below(&folder) } else { Vec::new() } {
            target(&fs::read(&path).unwrap());
        }
    }
}

#[test]
fn no_seed_is_too_much() {
    let written = std::env::var_os("CODEX_PATCHER_SEEDS").map(PathBuf::from);
    let seeds = seeds();
    for (name, target) in TARGETS {
        assert!(!seeds[name].is_empty(), "no seed for {name}");
        for (number, input) in seeds[name].iter().enumerate() {
            target(input.as_bytes());
            if let Some(folder) = &written {
                fs::create_dir_all(folder.join(name)).unwrap();
                fs::write(folder.join(name).join(format!("seed-{number}")), input).unwrap();
            }
        }
    }
}

/// Numbers, each of them different, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Words and signs that turn a text into another one.
const SIGNS: [&str; 24] = [
    "{", "}", "(", ")", "[", "]", ";", ",", "\"", "'", "#", "//", "/*", "*/", "\n", "\r\n", "\t", "é",
    "\u{2028}", "$A", "$$$", "r#\"", "_", "\\",
];

/// A text with a few changes.
fn changed(text: &str, others: &[String], dice: &mut Dice) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..1 + dice.below(4) {
        let at = dice.below(lines.len());
        let other = &others[dice.below(others.len())];
        let other_lines: Vec<&str> =
            other.split_inclusive('\n').filter(|line| !line.contains('\0')).collect();
        let Some(line) = lines.get_mut(at) else { break };
        match dice.below(8) {
            0 => drop(lines.remove(at)),
            1 => {
                let line = line.clone();
                lines.insert(at, line);
            }
            2 => {
                let to = dice.below(lines.len());
                lines.swap(at, to);
            }
            3 if !other_lines.is_empty() => lines.insert(at, dice.one_of(&other_lines).to_owned()),
            4 | 5 => {
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                let words: Vec<&str> = line.split(|c| !is_word(c)).filter(|word| !word.is_empty()).collect();
                let new: Vec<&str> = other.split(|c| !is_word(c)).filter(|word| !word.is_empty()).collect();
                if !words.is_empty() && !new.is_empty() {
                    *line = line.replacen(dice.one_of(&words), dice.one_of(&new), 1);
                }
            }
            _ => {
                let ends: Vec<usize> = (0..=line.len()).filter(|at| line.is_char_boundary(*at)).collect();
                let at = ends[dice.below(ends.len())];
                line.insert_str(at, dice.one_of(&SIGNS));
            }
        }
    }
    lines.concat()
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn no_change_of_a_seed_is_too_much() {
    let (seeds, first) = (seeds(), number("CODEX_PATCHER_MUTATIONS_SEED").unwrap_or(1));
    let count = number("CODEX_PATCHER_MUTATIONS").unwrap_or(FEW);
    let mut found = Vec::new();
    for seed in first..first + count {
        let mut dice = Dice(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
        // Whole runs most of the time: all rooms take part in them.
        let (name, target) = match dice.below(3) {
            0 => TARGETS[dice.below(TARGETS.len())],
            _ => *TARGETS.last().expect("there are some"),
        };
        let all = &seeds[name];
        let input = &all[dice.below(all.len())];
        // One of its texts, so that a patch file is as often left as it is.
        let mut texts: Vec<String> = input.split('\0').map(str::to_owned).collect();
        let at = dice.below(texts.len());
        texts[at] = changed(&texts[at], all, &mut dice);
        let input = texts.join("\0");
        if let Some(message) = panics(target, &input) {
            println!("==== {name}, seed {seed}: {message}\n{input}\n==== END");
            found.push((name, seed));
        }
    }
    assert!(found.is_empty(), "{} of {count} changes: {found:?}", found.len());
}
