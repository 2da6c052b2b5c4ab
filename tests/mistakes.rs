//! Every kind of mistake in a patch file, as the user sees it: `mistakes/NAME.toml`, or a folder of files,
//! and `mistakes/NAME.txt`, compared byte for byte. Each is a test of its name: `cargo test --test mistakes NAME`.
//! `UPDATE_TRANSCRIPTS=1` rewrites `mistakes/NAME.txt`.
#![expect(
    clippy::disallowed_methods,
    reason = "the walls are for the library; a test reads and writes its cases"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use codex_patcher::config::loader::{LoadError, load};
use codex_patcher::config::mistake::{Mistake, MistakeKind};
use codex_patcher::config::report::render;
use codex_patcher::diff::unified;
use libtest_mimic::{Arguments, Failed, Trial};

const CASES: &str = "tests/mistakes";

fn main() -> ExitCode {
    let mut trials: Vec<Trial> = cases().into_iter().map(trial).collect();
    let facts: [(&str, fn()); 3] = [
        ("every_place_is_named_and_shown", every_place_is_named_and_shown),
        ("every_kind_of_mistake_has_a_case", every_kind_of_mistake_has_a_case),
        ("no_transcript_is_left_over", no_transcript_is_left_over),
    ];
    trials.extend(facts.map(|(name, fact)| {
        Trial::test(name, move || {
            fact();
            Ok(())
        })
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(case: PathBuf) -> Trial {
    let name = case.file_stem().unwrap().to_str().unwrap().to_owned();
    Trial::test(name, move || {
        let seen = transcript(&mistakes(&case));
        let path = case.with_extension("txt");
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::write(&path, &seen).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        match unified(&path.to_string_lossy(), &expected, &seen) {
            same if same.is_empty() => Ok(()),
            differs => Err(Failed::from(differs)),
        }
    })
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = entries.filter(|path| path.extension().is_none_or(|e| e != "txt")).collect();
    cases.sort();
    cases
}

fn mistakes(case: &Path) -> Vec<Mistake> {
    match load(&[case.to_owned()], &[]) {
        Err(LoadError::Mistakes(mistakes)) => mistakes,
        other => panic!("{} has mistakes: {other:?}", case.display()),
    }
}

fn transcript(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| render(mistake, false) + "\n\n").collect()
}

fn every_place_is_named_and_shown() {
    for mistake in cases().iter().flat_map(|case| mistakes(case)) {
        let text = render(&mistake, false);
        let place = format!("{}:{}:{}", mistake.file, mistake.line, mistake.column);
        assert!(text.contains(&place), "{place} is in\n{text}");
        assert!(text.contains(&mistake.message), "{} is in\n{text}", mistake.message);
        assert!(mistake.hint.is_none_or(|hint| text.contains(hint.lines().next().unwrap())), "{text}");
    }
}

fn every_kind_of_mistake_has_a_case() {
    use MistakeKind::*;
    let seen: BTreeSet<_> = cases().iter().flat_map(|case| mistakes(case)).map(|m| m.kind).collect();
    let all = BTreeSet::from([
        Encoding,
        Syntax,
        UnknownKey,
        WrongType,
        UnknownValue,
        Missing,
        Impossible,
        Empty,
        Control,
        NoChange,
        DuplicateId,
        Pattern,
        Capture,
        Path,
        Toml,
        Version,
        Verify,
        Range,
    ]);
    assert_eq!(seen, all);
}

fn no_transcript_is_left_over() {
    let known: BTreeSet<_> = cases().iter().map(|case| case.with_extension("txt")).collect();
    for entry in fs::read_dir(CASES).unwrap() {
        let path = entry.unwrap().path();
        assert!(path.extension().is_none_or(|e| e != "txt") || known.contains(&path), "{}", path.display());
    }
}
