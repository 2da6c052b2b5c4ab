//! Every kind of mistake in a patch file, as the user sees it: `mistakes/NAME.toml`, or a folder of files,
//! and `mistakes/NAME.txt`, compared byte for byte. `UPDATE_TRANSCRIPTS=1` writes the second anew.
#![expect(
    clippy::disallowed_methods,
    reason = "the walls are for the library; a test reads and writes its cases"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codex_patcher::config::loader::{LoadError, load};
use codex_patcher::config::mistake::{Mistake, MistakeKind};
use codex_patcher::config::report::render;

const CASES: &str = "tests/mistakes";

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

#[test]
fn every_mistake_is_shown_as_its_transcript_has_it() {
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let seen = transcript(&mistakes(&case));
        let expected = case.with_extension("txt");
        if update {
            fs::write(&expected, &seen).unwrap();
        }
        if fs::read_to_string(&expected).ok().as_ref() != Some(&seen) {
            wrong.push(format!("{}:\n{seen}", expected.display()));
        }
    }
    assert!(wrong.is_empty(), "UPDATE_TRANSCRIPTS=1 writes these anew:\n{}", wrong.join("\n"));
}

#[test]
fn every_place_is_named_and_shown() {
    for mistake in cases().iter().flat_map(|case| mistakes(case)) {
        let text = render(&mistake, false);
        let place = format!("{}:{}:{}", mistake.file, mistake.line, mistake.column);
        assert!(text.contains(&place), "{place} is in\n{text}");
        assert!(text.contains(&mistake.message), "{} is in\n{text}", mistake.message);
        assert!(mistake.hint.is_none_or(|hint| text.contains(hint.lines().next().unwrap())), "{text}");
    }
}

#[test]
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

#[test]
fn no_transcript_is_left_over() {
    let known: BTreeSet<_> = cases().iter().map(|case| case.with_extension("txt")).collect();
    for entry in fs::read_dir(CASES).unwrap() {
        let path = entry.unwrap().path();
        assert!(path.extension().is_none_or(|e| e != "txt") || known.contains(&path), "{}", path.display());
    }
}
