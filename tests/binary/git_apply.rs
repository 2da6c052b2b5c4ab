//! The printed diff is the run: `git apply` on the output of `--dry-run --diff` makes, byte for byte, the same tree
//! as `apply`. The trees are generated: their files have every kind of line end and names that a diff must quote,
//! in the root of a repository and in a folder inside one.

#![expect(clippy::disallowed_methods, reason = "the walls are for the library; a test makes trees")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::{assert_report, binary, copy_tree, git, read_tree, run, stamps, write_tree};
use codex_patcher::config::loader;
use codex_patcher::outcome::{Command, Status};
use codex_patcher::run::{DiffOutput, DiskTree, Mode, OnFailure, Options, apply_patches};
use codex_patcher::workspace::Workspace;
use proptest::prelude::*;

/// A tree and a patch set over it.
#[derive(Debug, Clone)]
struct Case {
    files: Vec<(String, Vec<u8>)>,
    set: String,
    /// One of the patches fails, and the run keeps going.
    fails: bool,
}

/// What a run tells of a tree: its diff, and its report.
struct Told {
    diff: String,
    report: serde_json::Value,
}

/// By whom a case is run.
#[derive(Clone, Copy)]
enum By {
    /// The binary, once for people and, where nothing is written, once for programs.
    Binary,
    /// A call of the library.
    Library,
}

impl By {
    /// `apply --diff`, with `--dry-run` where the mode only reports.
    fn apply(self, case: &Case, set: &Path, tree: &Path, mode: Mode) -> Told {
        match self {
            Self::Binary => printed(case, set, tree, mode),
            Self::Library => called(case, set, tree, mode),
        }
    }
}

fn printed(case: &Case, set: &Path, tree: &Path, mode: Mode) -> Told {
    let on = ["-w", tree.to_str().unwrap(), set.to_str().unwrap(), "--diff"];
    let keep_going: &[&str] = if case.fails { &["--keep-going"] } else { &[] };
    let dry: &[&str] = if mode == Mode::Report { &["--dry-run"] } else { &[] };
    let args = [&["apply"], dry, &on, keep_going].concat();
    let print = |more: &[&str]| {
        run(set.parent().unwrap(), [args.as_slice(), more].concat()).exits(i32::from(case.fails))
    };
    let diff = print(&[]).stdout;
    if mode != Mode::Report {
        return Told { diff, report: serde_json::Value::Null };
    }
    let json = print(&["--format", "json"]);
    assert_eq!(json.stderr, "");
    assert_eq!(json.json()["diff"].as_str(), Some(diff.as_str()));
    Told { diff, report: json.json() }
}

fn called(case: &Case, set: &Path, tree: &Path, mode: Mode) -> Told {
    let workspace = Workspace::find(Some(tree), tree).unwrap();
    let set = loader::load(&[set.to_owned()], &[]).unwrap();
    let on_failure = if case.fails { OnFailure::KeepGoing } else { OnFailure::WriteNothing };
    let options = Options { mode, on_failure, diff: DiffOutput::Include, ..Options::new(Command::Apply) };
    let report = apply_patches(&DiskTree::new(&workspace, tree), &set, &options, &|_, _| ()).unwrap();
    let has_failed = report.patches.iter().any(|patch| patch.status == Status::Failed);
    assert_eq!(has_failed, case.fails, "{:#?}", report.patches);
    let diff = report.diff.clone().unwrap();
    let report = serde_json::to_value(&report).unwrap();
    assert_report(&report);
    Told { diff, report }
}

/// The facts, for one case.
fn check(case: &Case, by: By) {
    let scratch = tempfile::tempdir().unwrap();
    let before = scratch.path().join("before");
    write_tree(&before, &case.files);
    let set = scratch.path().join("set.toml");
    fs::write(&set, &case.set).unwrap();

    let stamped = stamps(&before);
    let Told { diff, report } = by.apply(case, &set, &before, Mode::Report);
    assert_eq!(stamps(&before), stamped, "a dry run touches nothing");
    assert_keys(&report);

    let applied = scratch.path().join("applied");
    copy_tree(&before, &applied);
    let real = by.apply(case, &set, &applied, Mode::Write).diff;
    assert_eq!(real, diff, "the diff does not depend on whether it is written");
    let expected = read_tree(&applied);
    assert_eq!(diff.is_empty(), expected == read_tree(&before));

    for folder in [".", "in/side"] {
        let repository = scratch.path().join(format!("repository-{}", folder.len()));
        fs::create_dir(&repository).unwrap();
        git(&repository, &["init", "--quiet"]);
        let tree = repository.join(folder);
        copy_tree(&before, &tree);
        if !diff.is_empty() {
            git_apply(&tree, &diff);
        }
        if folder == "." {
            fs::remove_dir_all(repository.join(".git")).unwrap();
        }
        assert_eq!(read_tree(&tree), expected, "in `{folder}`, of\n{diff}");
    }

    let stamped = stamps(&applied);
    let again = by.apply(case, &set, &applied, Mode::Write).diff;
    assert_eq!(again, "", "a second run has nothing to do");
    assert_eq!(stamps(&applied), stamped);
}

fn git_apply(tree: &Path, diff: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), diff).unwrap();
    git(tree, &["apply", "--whitespace=nowarn", file.path().to_str().unwrap()]);
}

/// Every field of the report is there, whatever its value.
fn assert_keys(report: &serde_json::Value) {
    const REPORT: &str = "command diff error files patches revision schema selected summary version version_note \
                          warnings work workspace";
    const PATCH: &str = "cause detail file hint history id line moved_from nearest others patch_file patch_line \
                         reason score sites status warnings would";
    let keys = |value: &serde_json::Value| {
        let keys: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        keys.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(report), REPORT);
    for patch in report["patches"].as_array().unwrap() {
        assert_eq!(keys(patch), PATCH);
    }
}

/// A string of a patch file: what JSON escapes, TOML reads.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f")
}

fn patch(id: usize, file: &str, query: &str, operation: &str) -> String {
    let file = quoted(file);
    format!(
        "[[patches]]\nid = \"p{id}\"\nfile = {file}\n\n[patches.query]\n{query}\n\n[patches.operation]\n{operation}\n\n"
    )
}

fn text_patch(id: usize, file: &str, search: &str, operation: &str, text: &str) -> String {
    let text = match operation {
        "delete" => String::new(),
        _ => format!("\ntext = {}", quoted(text)),
    };
    let query = format!("type = \"text\"\nsearch = {}", quoted(search));
    patch(id, file, &query, &format!("type = \"{operation}\"{text}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Lf,
    Crlf,
    Mixed,
}

/// How a file is laid out in bytes.
#[derive(Debug, Clone)]
struct Shape {
    ends: Ends,
    bom: bool,
    newline_at_end: bool,
}

impl Shape {
    fn encode(&self, lines: &[String]) -> Vec<u8> {
        let mut bytes = if self.bom { "\u{feff}".to_owned() } else { String::new() };
        for (at, line) in lines.iter().enumerate() {
            bytes += line;
            let last = at + 1 == lines.len();
            if !last || self.newline_at_end {
                let crlf = self.ends == Ends::Crlf || self.ends == Ends::Mixed && at % 3 == 1;
                bytes += if crlf { "\r\n" } else { "\n" };
            }
        }
        bytes.into_bytes()
    }
}

fn shape() -> impl Strategy<Value = Shape> {
    (prop::sample::select(vec![Ends::Lf, Ends::Crlf, Ends::Mixed]), any::<bool>(), any::<bool>())
        .prop_map(|(ends, bom, newline_at_end)| Shape { ends, bom, newline_at_end })
}

const NAMES: [&str; 10] = [
    "plain.txt",
    "with space.txt",
    "größe.txt",
    "日本/語.txt",
    "deep/er/a b/c.txt",
    "-dash.txt",
    "src/naïve file.rs",
    "src/lib.rs",
    "conf/Größe.toml",
    "conf/b.toml",
];

/// One file with `Vec<(line, operation)>` as its patches; at most one patch a line.
fn file(name: &'static str) -> impl Strategy<Value = (String, Vec<u8>, Vec<String>)> {
    let line = prop_oneof![3 => Just(true), 2 => Just(false)];
    let lines = prop::collection::vec(line, 1..30);
    let patches = prop::collection::btree_map(0..30usize, 0..5u8, 1..5);
    (lines, patches, shape()).prop_map(move |(lines, patches, shape)| match name.rsplit('.').next() {
        Some("rs") => rust_file(name, lines.len(), &patches, &shape),
        Some("toml") => toml_file(name, lines.len(), &patches, &shape),
        _ => text_file(name, &lines, &patches, &shape),
    })
}

type Wanted = std::collections::BTreeMap<usize, u8>;

fn text_file(name: &str, full: &[bool], wanted: &Wanted, shape: &Shape) -> (String, Vec<u8>, Vec<String>) {
    let line = |at: usize| if full[at] { format!("<{at}> \tsome text é") } else { String::new() };
    let lines: Vec<String> = (0..full.len()).map(line).collect();
    let usable = wanted.iter().filter(|(at, _)| full.get(**at).copied().unwrap_or(false));
    let patches = usable.map(|(at, operation)| {
        let (whole, word) = (&lines[*at], format!("<{at}>"));
        let last = at + 1 == lines.len();
        match operation {
            0 => text_patch(0, name, &word, "replace", &format!("[{at}]")),
            1 => text_patch(0, name, whole, "replace", &format!("[{at}]\n\nfirst\nthen {at}")),
            2 if last => text_patch(0, name, &word, "insert-after", &format!("+{at}\n")),
            2 => text_patch(0, name, &format!("{whole}\n"), "delete", ""),
            3 => text_patch(0, name, whole, "insert-before", &format!("before {at}\n")),
            _ => text_patch(0, name, whole, "insert-after", &format!("\nafter {at}")),
        }
    });
    (name.to_owned(), shape.encode(&lines), patches.collect())
}

fn rust_file(name: &str, items: usize, wanted: &Wanted, shape: &Shape) -> (String, Vec<u8>, Vec<String>) {
    let item = |at: usize| {
        format!(
            "/// Item.\n#[inline]\npub fn item_{at}(x: u8) -> u8 {{\n    call_{at}(x, \"a\n  b\") + 1\n}}\n"
        )
    };
    let text: Vec<String> = (0..items).map(item).collect();
    let lines: Vec<String> = text.join("\n").lines().map(str::to_owned).collect();
    let patches = wanted.iter().filter(|(at, _)| **at < items).map(|(at, operation)| {
        let shorthand = format!("type = \"tree-sitter\"\npattern = \"fn item_{at}\"");
        let pattern = format!("type = \"ast-grep\"\npattern = \"call_{at}($$$A)\"");
        let put = |operation: &str, text: String| format!("type = \"{operation}\"\ntext = {}", quoted(&text));
        match operation {
            0 => patch(0, name, &shorthand, &put("replace", format!("fn item_{at}() {{\n    done()\n}}\n"))),
            1 => patch(0, name, &shorthand, &put("insert-before", format!("const C_{at}: u8 = 1;\n"))),
            2 => patch(0, name, &shorthand, &put("insert-after", format!("\nfn more_{at}() {{\n}}"))),
            3 => patch(0, name, &shorthand, "type = \"delete\""),
            _ => patch(0, name, &pattern, &put("replace", format!("called_{at}($$$A)"))),
        }
    });
    (name.to_owned(), shape.encode(&lines), patches.collect())
}

fn toml_file(name: &str, keys: usize, wanted: &Wanted, shape: &Shape) -> (String, Vec<u8>, Vec<String>) {
    let section = |at: usize| format!("[s{at}] # é\nkey = [\n    1,\n]\nother   =   'x'\n");
    let text: Vec<String> = (0..keys).map(section).collect();
    let lines: Vec<String> = text.join("\n").lines().map(str::to_owned).collect();
    let patches = wanted.iter().filter(|(at, _)| **at < keys).map(|(at, operation)| {
        let query = |key: &str| format!("type = \"toml\"\nsection = \"s{at}\"{key}");
        let key = "\nkey = \"key\"";
        match operation {
            0 => patch(0, name, &query(key), "type = \"replace-value\"\nvalue = \"[1,\\n  2]\""),
            1 => patch(0, name, &query("\nkey = \"new\""), "type = \"set-value\"\nvalue = \"true\""),
            2 => patch(0, name, &query(""), "type = \"delete-section\""),
            3 => patch(0, name, &query(key), "type = \"replace-key\"\nnew_key = \"keys\""),
            _ => patch(
                0,
                name,
                &format!("type = \"toml\"\nsection = \"n{at}\""),
                &format!(
                    "type = \"insert-section\"\ntext = \"[n{at}]\\na = 1\\n\"\nafter_section = \"s{at}\""
                ),
            ),
        }
    });
    (name.to_owned(), shape.encode(&lines), patches.collect())
}

fn case() -> impl Strategy<Value = Case> {
    let names = prop::sample::subsequence(NAMES.to_vec(), 1..5);
    let files = names.prop_flat_map(|names| names.into_iter().map(file).collect::<Vec<_>>());
    (files, prop::bool::weighted(0.2)).prop_map(|(generated, fails)| {
        let mut patches: Vec<String> = generated.iter().flat_map(|(.., patches)| patches.clone()).collect();
        if fails || patches.is_empty() {
            patches.insert(
                patches.len() / 2,
                text_patch(0, generated[0].0.as_str(), "nowhere", "replace", "~~"),
            );
        }
        let fails = patches.iter().any(|patch| patch.contains("nowhere"));
        let numbered = patches.iter().enumerate();
        let set = numbered.map(|(at, patch)| patch.replacen("\"p0\"", &format!("\"p{at}\""), 1)).collect();
        Case { files: generated.into_iter().map(|(name, bytes, _)| (name, bytes)).collect(), set, fails }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default()
    })]

    #[test]
    fn git_apply_makes_of_the_diff_what_apply_makes(case in case()) {
        check(&case, By::Library);
    }
}

fn one(name: &str, bytes: impl AsRef<[u8]>, set: String) {
    check(&Case { files: vec![(name.to_owned(), bytes.as_ref().to_vec())], set, fails: false }, By::Binary);
}

#[test]
fn a_newline_at_the_end_comes_and_goes() {
    for (before, search, after) in [
        ("one\ntwo", "two", "two\n"),
        ("one\r\ntwo", "two", "2"),
        ("one\ntwo\n", "two\n", "2"),
        ("one", "one", "1\n2"),
        ("one\r\ntwo\r\n", "\ntwo\n", "\n2"),
        ("\u{feff}one", "one", "1"),
        ("\n\n\nx", "x", "y\n\n\n"),
    ] {
        one("a.txt", before, text_patch(1, "a.txt", search, "replace", after));
    }
}

#[test]
fn bytes_that_look_like_a_diff_or_an_end_of_line_are_text() {
    let before = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-- x\n\\ No newline at end of file\n\u{b}\u{c}\u{1b}[31m\u{7f}\u{85}\u{2028}\rlone\r\r\nend\r";
    for search in ["-- x", "lone", "+++ b/a.txt", "\nend"] {
        one("a.txt", before, text_patch(1, "a.txt", search, "replace", "-- y\n++ z\n"));
    }
}

#[test]
fn a_file_can_become_empty() {
    one("a.txt", "one\n", text_patch(1, "a.txt", "one\n", "delete", ""));
    one("a.txt", "one", text_patch(1, "a.txt", "one", "delete", ""));
}

#[cfg(unix)]
#[test]
fn names_that_git_quotes() {
    for name in [
        "a\"b.txt",
        "a\\b.txt",
        "tab\there.txt",
        " first",
        "last ",
        "a/b c/d e.txt",
        "new\nline",
        "\u{1}\u{7f}",
        "é è",
        "😀",
        "...",
        "dev/null",
    ] {
        one(name, "one\ntwo\n", text_patch(1, name, "one", "replace", "1"));
    }
}

#[test]
fn json_is_one_document_with_every_field_whatever_the_status() {
    let scratch = tempfile::tempdir().unwrap();
    let words = "one\ntwo\nthree\n3\n";
    write_tree(scratch.path(), &[("tree/a.txt", words), ("tree/Cargo.toml", "[workspace]\n")]);
    let set = [
        text_patch(1, "a.txt", "one", "replace", "1"),
        text_patch(2, "a.txt", "gone", "replace", "three"),
        text_patch(3, "a.txt", "gone", "delete", ""),
        text_patch(4, "a.txt", "nowhere", "replace", "nothing"),
        text_patch(5, "missing.txt", "one", "replace", "1"),
        text_patch(6, "a.txt", "two", "replace", "2")
            .replace("[patches.query]", "version = \"<0.1\"\n[patches.query]"),
    ];
    write_tree(scratch.path(), &[("set.toml", set.concat())]);
    for command in ["apply", "status", "verify", "revert"] {
        let ran = run(
            scratch.path(),
            [command, "--format", "json", "-w", "tree", "--workspace-version", "0.5.0", "set.toml"],
        );
        if command == "revert" {
            // No repository, so no run: the document says why.
            let report = ran.exits(2).json();
            assert_keys(&report);
            assert!(report["error"]["message"].as_str().unwrap().contains("not in a git repository"));
            continue;
        }
        assert_keys(&ran.clone().exits(1).json());
        assert_eq!(ran.stderr, "warning: 1 patch is expired (version 0.5.0 is past `<0.1`): p6\n");
        let statuses: Vec<String> = ran.statuses().into_iter().map(|(_, status)| status).collect();
        let first = if command == "apply" { "not-attempted" } else { "would-apply" };
        // Nothing tells `verify` that the deletion was made.
        let third = if command == "verify" { "no-match" } else { "absent" };
        let expected = [first, "already-applied", third, "no-match", "bad-target", "expired"];
        assert_eq!(statuses, expected, "{command}");
    }
    let output = binary(scratch.path()).args(["list", "--format", "json", "set.toml"]).output().unwrap();
    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
}

#[test]
fn the_diff_of_a_run_that_writes_nothing_is_empty() {
    let scratch = tempfile::tempdir().unwrap();
    let set =
        text_patch(1, "a.txt", "one", "replace", "1") + &text_patch(2, "a.txt", "nowhere", "replace", "~~");
    write_tree(scratch.path(), &[("tree/a.txt", "one\n"), ("set.toml", &set)]);
    for args in [&["-n"][..], &[]] {
        let ran = run(scratch.path(), [&["apply", "-d", "-w", "tree", "set.toml"], args].concat()).exits(1);
        assert_eq!(ran.stdout, "", "{args:?}");
    }
}
