//! `new`: for every line of the sample, and for some lines of real trees, the proposed patch is loaded, edited and
//! planned, and must apply exactly there. A dozen places are also compared as the user sees them (`new/places.txt`,
//! which `UPDATE_TRANSCRIPTS=1` rewrites).

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "it reads trees, runs the binary, and says what it skips"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use codex_patcher::config::mistake::MistakeKind;
use codex_patcher::config::schema;
use codex_patcher::patch::QueryKind;
use codex_patcher::plan::draft::Draft;
use codex_patcher::plan::{Decision, Plan, Record, Role, Strictness, Task, Terms, plan};
use codex_patcher::propose::{Nothing, Proposal, Refusal, TargetFile};
use codex_patcher::source::Source;
use support::{copy_tree, read_tree, run, sample, write_tree};
use toml_writer::{ToTomlValue as _, TomlStringBuilder};

const KINDS: [QueryKind; 4] = [QueryKind::TreeSitter, QueryKind::AstGrep, QueryKind::Toml, QueryKind::Text];

/// A value as TOML on one line, written by other means than a proposal is.
fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => TomlStringBuilder::new(text).as_basic().to_toml_value(),
        toml::Value::Array(list) => {
            format!("[{}]", list.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(table) => {
            let field = |(key, value)| format!("{key:?} = {}", inline(value));
            format!("{{ {} }}", table.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        other => panic!("no proposal holds {other:?}"),
    }
}

/// An edit as a user could make it, which leaves the file what it is.
fn edit(text: &str, path: &str) -> String {
    let note = if path.ends_with(".rs") {
        " /* x */"
    } else if path.ends_with(".toml") {
        " # x"
    } else if path.ends_with(".json") {
        // Only white space may stand anywhere.
        " "
    } else {
        " x"
    };
    let body = text.strip_suffix('\n').unwrap_or(text);
    format!("{body}{note}{}", &text[body.len()..])
}

/// The patch file after somebody edited what the proposal has for the purpose.
fn edited(proposal: &Proposal) -> String {
    let mut file: toml::Table = proposal.toml().parse().expect("a proposal is TOML");
    let operation = &mut file["patches"][0]["operation"];
    match operation["type"].as_str().unwrap() {
        "replace" => operation["text"] = edit(operation["text"].as_str().unwrap(), &proposal.path).into(),
        "replace-value" => operation["value"] = format!("[{}]", operation["value"].as_str().unwrap()).into(),
        _ => {}
    }
    format!("patches = {}\n", inline(&file["patches"]))
}

fn planned(patch_file: &str, path: &str, source: &Source) -> Plan {
    let (file, mistakes) = schema::parse("my.toml", "my", patch_file);
    let file = file.unwrap_or_else(|| panic!("{mistakes:?}\n{patch_file}"));
    let terms = Terms { strictness: Strictness::Strict, record: Record::Places, ..Terms::EXACT };
    let task =
        Task { index: 0, patch: &file.patches[0], targets: vec![path.to_owned()], terms, role: Role::Acts };
    let draft = Draft::new(path, source.clone());
    plan(&[task], BTreeMap::from([(path.to_owned(), draft)]))
}

/// What is proposed does what it promises: edited, exactly that edit; not edited, nothing.
fn keeps_its_promise(proposal: &Proposal, source: &Source) {
    let (path, text) = (&proposal.path, source.text());
    let shown = || format!("{path}:{}\n{}", proposal.line, proposal.toml());
    let is_made_up = proposal.toml().contains("type = \"set-value\"");
    let plan = planned(&edited(proposal), path, source);
    let verdict = &plan.verdicts[&0];
    assert!(matches!(verdict.decision, Decision::Apply), "{:?}\n{}", verdict.decision, shown());
    let after = plan.drafts[path].text();
    let span = proposal.stub.span.clone();
    if is_made_up {
        assert!(after.len() > text.len() && after.starts_with(&text[..span.start]), "{}", shown());
        assert!(after.ends_with(&text[span.end..]), "{}", shown());
        return;
    }
    let new = match proposal.stub.kind {
        QueryKind::Toml => format!("[{}]", &text[span.clone()]),
        _ => edit(&text[span.clone()], path),
    };
    assert_eq!(after, format!("{}{new}{}", &text[..span.start], &text[span.end..]), "{}", shown());
    let (file, mistakes) = schema::parse("my.toml", "my", &proposal.toml());
    match file {
        None => {
            assert!(mistakes.iter().all(|m| m.kind == MistakeKind::NoChange), "{mistakes:?}\n{}", shown())
        }
        Some(_) => {
            let plan = planned(&proposal.toml(), path, source);
            let decision = &plan.verdicts[&0].decision;
            assert!(matches!(decision, Decision::InPlace), "{decision:?}\n{}", shown());
        }
    }
}

/// Every proposal that can be had for a line; what cannot be had is refused with a sentence. Whether there was any.
fn holds_at(target: &mut TargetFile, source: &Source, line: usize) -> bool {
    let best = target.at(line, None);
    let is_text = |range: Option<&str>| range.is_some_and(|text| !text.trim().is_empty());
    match &best {
        Ok(proposal) => {
            keeps_its_promise(proposal, source);
            let named: BTreeSet<QueryKind> = proposal.others.iter().map(|(kind, _)| *kind).collect();
            assert!(!named.contains(&proposal.stub.kind));
            for kind in KINDS {
                let other = target.at(line, Some(kind));
                let is_promised = named.contains(&kind) || kind == proposal.stub.kind;
                assert_eq!(other.is_ok(), is_promised, "{}:{line} {kind:?}", proposal.path);
                if let (true, Ok(other)) = (named.contains(&kind), other) {
                    keeps_its_promise(&other, source);
                }
            }
        }
        Err(refusal) => {
            assert!(!refusal.to_string().is_empty() && refusal.hint().is_some_and(|hint| !hint.is_empty()));
            let line_text = source.text().lines().nth(line - 1);
            match refusal {
                Refusal::Nothing { what: Nothing::Blank, .. } => assert!(!is_text(line_text)),
                Refusal::Nothing { what: Nothing::Comment, .. } => {
                    if let Ok(text) = target.at(line, Some(QueryKind::Text)) {
                        keeps_its_promise(&text, source);
                    }
                }
                other => assert!(matches!(other, Refusal::NotUnique { .. }), "{other:?}"),
            }
        }
    }
    best.is_ok()
}

#[test]
fn every_line_of_the_sample_has_a_patch_that_acts_there_or_a_reason() {
    let mut counted = (0, 0);
    for (path, entry) in read_tree(&sample()) {
        let source = Source::decode(entry.content.unwrap().as_bytes()).unwrap();
        let mut target = TargetFile::new(&path, source.clone());
        for line in 1..=source.text().lines().count() {
            let is_found = holds_at(&mut target, &source, line);
            counted = (counted.0 + usize::from(is_found), counted.1 + usize::from(!is_found));
        }
        for row in target.outline().unwrap().rows {
            assert_eq!(target.at(row.line, None).unwrap().stub.kind, row.kind);
        }
    }
    assert!(counted.0 > 3 * counted.1, "{counted:?}: most lines hold something");
}

#[test]
fn only_what_has_names_is_listed_and_a_generated_file_is_not_listed_to_its_end() {
    let outline = |path: &str, text: &str| TargetFile::new(path, Source::fragment(text)).outline();
    let refused = outline("notes.md", "# Notes\n").unwrap_err();
    assert_eq!(refused.to_string(), "`notes.md` has no items or keys to list");
    assert!(refused.hint().unwrap().contains("new notes.md:LINE"));
    let keys: String = (0..1_200).map(|n| format!("k{n} = {n}\n")).collect();
    let listed = outline("many.toml", &keys).unwrap();
    assert_eq!((listed.rows.len(), listed.more), (1_000, 200));
}

/// The same text in the shapes that files come in.
#[test]
fn line_ends_and_marks_do_not_matter() {
    for (path, entry) in read_tree(&sample()) {
        let text = entry.content.unwrap();
        let shapes = [text.replace('\n', "\r\n"), format!("\u{feff}{text}"), text.trim_end().to_owned()];
        for shape in shapes {
            let source = Source::decode(shape.as_bytes()).unwrap();
            let mut target = TargetFile::new(&path, source.clone());
            for line in (1..=source.text().lines().count()).step_by(3).chain([source.text().lines().count()])
            {
                holds_at(&mut target, &source, line.max(1));
            }
        }
    }
}

/// Code that is hard to quote, to indent, or to tell apart.
const AWKWARD: &[(&str, &str)] = &[
    (
        "a.rs",
        "const A: &str = r#\"'''\n  \"x\"\n\"#;\nconst B: &str = \"$NAME \\\"'\";\nmacro_rules! m { ($x:expr) => { $x }; }\n",
    ),
    (
        "b.rs",
        "impl A for X { fn f() { 1; } }\nimpl B for X { fn f() { 1; } }\nfn f() {}\nmod m { fn f() {} }\n",
    ),
    (
        "c.rs",
        "fn f() {\n    let x = \"\n  deep\n\";\n        odd(\n  a,\n        );\n    g(1); g(1);\n\tg(2);\n}\n",
    ),
    ("d.rs", "#[cfg(unix)]\nfn f() { a() }\n#[cfg(windows)]\nfn f() { a() }\n#![allow(x)]\n"),
    (
        "e.rs",
        "/// doc\nstruct S {\n    /// one\n    #[x]\n    a: u8,\n    // plain\n    b: u8, // behind\n}\nenum E { A, B }\nstruct T(\n    u8,\n    u8,\n);\n",
    ),
    (
        "f.rs",
        "fn f() {\n    match x {\n        1 => 2,\n        #[cfg(a)]\n        _ if y => {\n            3\n        }\n    }\n    if a {\n        // c\n        b();\n    } else {\n        b();\n    }\n}\n",
    ),
    (
        "g.toml",
        "a.b = 1\n[t.\"x y\"]\nk = '''\nz'''\nl = [ # c\n  1,\n]\ni = { p = 1, q = { r = 2 } }\n[[e]]\nn = 1\n[[e]]\nname = \"x\"\n[[e]]\nname = \"x\"\n",
    ),
    ("i.md", "# x\n\n```\n'''\n\"\"\"\n\\u0041\n```\n\u{7f}\u{85}\n"),
    ("j.txt", "same\nsame\nsame\n"),
    ("k.json", "\n"),
];

#[test]
fn awkward_code_has_a_patch_or_a_reason() {
    for (path, text) in AWKWARD {
        let source = Source::decode(text.as_bytes()).unwrap();
        let mut target = TargetFile::new(path, source.clone());
        for line in 1..=text.lines().count() {
            holds_at(&mut target, &source, line);
        }
        assert!(matches!(target.at(0, None), Err(Refusal::NoLine { .. })));
        assert!(matches!(target.at(text.lines().count() + 1, None), Err(Refusal::NoLine { .. })));
    }
}

/// A patch may mend it; that it does is for its author to see to.
#[test]
fn a_file_with_mistakes_takes_text() {
    let mut toml = TargetFile::new("a.toml", Source::fragment("a = \nb = 1\n"));
    assert!(matches!(toml.at(2, Some(QueryKind::Toml)), Err(Refusal::NotToml { line: 1, .. })));
    assert_eq!(toml.at(2, None).unwrap().stub.kind, QueryKind::Text);
    let mut rust = TargetFile::new("a.rs", Source::fragment("fn f() {}\nfn g( {\n"));
    assert_eq!(rust.at(1, None).unwrap().stub.kind, QueryKind::TreeSitter);
    assert_eq!(rust.at(2, Some(QueryKind::Text)).unwrap().stub.kind, QueryKind::Text);
}

fn trees() -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("CODEX_PATCHER_CORPUS") else {
        eprintln!("SKIPPED: CODEX_PATCHER_CORPUS is not set, so no line of a real tree was tried");
        return Vec::new();
    };
    let entries = std::fs::read_dir(corpus).expect("CODEX_PATCHER_CORPUS is a folder");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path().join("codex-rs")).collect();
    found.retain(|tree| tree.is_dir());
    found.sort();
    found
}

/// Every file below `root` that is text.
fn texts(root: &Path, dir: &Path, found: &mut Vec<(String, Source)>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries.into_iter().filter(|path| !path.is_symlink()) {
        if path.is_dir() {
            texts(root, &path, found);
        } else if let Ok(source) = Source::decode(&std::fs::read(&path).unwrap()) {
            found.push((path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"), source));
        }
    }
}

#[test]
fn lines_of_real_trees_have_patches_that_act_there() {
    for tree in trees() {
        let mut files = Vec::new();
        texts(&tree, &tree, &mut files);
        let (mut found, mut refused) = (0, 0);
        for (at, (path, source)) in files.iter().enumerate().filter(|(at, _)| at % 5 == 0) {
            let lines = source.text().lines().count().max(1);
            let mut target = TargetFile::new(path, source.clone());
            // Spread over the file, and somewhere else in each.
            for part in 0..2 {
                let line = (at * 7919 + part * lines / 2) % lines + 1;
                if line <= source.text().lines().count() {
                    let count = if holds_at(&mut target, source, line) { &mut found } else { &mut refused };
                    *count += 1;
                }
            }
        }
        eprintln!("{}: {found} lines with a patch, {refused} blank, comments or not unique", tree.display());
    }
}

/// The sample and a few files more, as `codex-rs` of a scratch directory.
fn scratch() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy_tree(&sample(), &dir.path().join("codex-rs"));
    let files: [(&str, &[u8]); 4] = [
        ("codex-rs/core/src/latin.rs", b"const A: &str = \"\xe9\";\n"),
        ("codex-rs/docs/windows.md", b"# Windows\r\n\r\nRun it.\r\nRun it.\r\n"),
        ("codex-rs/tui/build.toml", b"[a]\nx = \n"),
        ("notes.md", b"outside\n"),
    ];
    write_tree(dir.path(), &files);
    dir
}

/// The commands of `places.txt`, each with what it prints and a line for an exit status that is not 0.
#[test]
fn places_are_shown_as_the_transcript_has_them() {
    let transcript = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/new/places.txt");
    let expected = std::fs::read_to_string(&transcript).unwrap();
    let dir = scratch();
    let before = read_tree(dir.path());
    let mut seen = String::new();
    for words in expected.lines().filter_map(|line| line.strip_prefix("$ codex-patcher ")) {
        let ran = run(dir.path(), words.split_whitespace());
        assert!(ran.stdout.is_empty() || ran.stderr.is_empty(), "{words}");
        let exit = if ran.code == 0 { String::new() } else { format!("[exit {}]\n", ran.code) };
        seen += &format!("$ codex-patcher {words}\n{}{}{exit}", ran.stdout, ran.stderr);
    }
    assert_eq!(read_tree(dir.path()), before, "nothing is written");
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        return std::fs::write(&transcript, &seen).unwrap();
    }
    assert_eq!(seen, expected, "UPDATE_TRANSCRIPTS=1 writes it anew");
}

/// From nothing to a patch that is applied: print, append, edit, apply.
#[test]
fn what_is_printed_can_be_appended_edited_and_applied() {
    let dir = scratch();
    let print = |place: &str| run(dir.path(), ["new", place]).exits(0).stdout;
    // The file that is appended to may lack its last line end.
    let set = "[meta]\nname = \"mine\"".to_owned()
        + &print("core/src/config/mod.rs:8")
        + &print("Cargo.toml:20")
        + &print("core/src/config/mod.rs:27");
    write_tree(dir.path(), &[("my.toml", &set)]);
    let unedited = run(dir.path(), ["apply", "my.toml"]).exits(0);
    assert!(unedited.stdout.ends_with("apply: 3 already-applied\n"), "{}", unedited.stdout);
    let text = set.rfind("text = ").unwrap();
    let mut edited = set[..text].replace("i32 = 1;", "i32 = 3;").replace("'\"fat\"'", "'\"thin\"'");
    edited += &set[text..].replace("unwrap_or(true)", "unwrap_or(false)");
    write_tree(dir.path(), &[("my.toml", edited)]);
    let applied = run(dir.path(), ["apply", "my.toml"]).exits(0);
    assert!(applied.stdout.ends_with("apply: 3 applied; wrote 2 files\n"), "{}", applied.stdout);
    let tree = read_tree(&dir.path().join("codex-rs"));
    let holds = |path: &str, text: &str| tree[path].content.as_ref().unwrap().contains(text);
    assert!(holds("core/src/config/mod.rs", "DEFAULT_AGENT_MAX_DEPTH: i32 = 3;"));
    assert!(holds(
        "core/src/config/mod.rs",
        "        let check_for_update_on_startup = cfg.check_for_update_on_startup.unwrap_or(false);"
    ));
    assert!(holds("Cargo.toml", "lto = \"thin\""));
}

/// Matchers and tree walks go as deep as the code is nested.
#[test]
fn code_nested_without_end_is_no_end_of_the_program() {
    let dir = scratch();
    let deep = format!("fn f() {{\n    g({}1{});\n}}\n", "(".repeat(20_000), ")".repeat(20_000));
    write_tree(dir.path(), &[("codex-rs/deep.rs", deep)]);
    let shown = run(dir.path(), ["new", "deep.rs:2"]).exits(0).stdout;
    assert!(shown.contains("type = \"text\""), "a pattern may not be that deep");
    run(dir.path(), ["new", "deep.rs:1"]).exits(0);
}

#[test]
fn a_file_is_named_from_here_or_from_the_workspace() {
    let dir = scratch();
    let tree = dir.path().join("codex-rs");
    let here = |cwd: &Path, place: &str| run(cwd, ["new", place]).exits(0).stdout;
    let from_root = here(&tree, "core/src/exec.rs:5");
    assert!(from_root.contains("file = \"core/src/exec.rs\""));
    assert_eq!(here(dir.path(), "codex-rs/core/src/exec.rs:5"), from_root);
    assert_eq!(here(dir.path(), "core/src/exec.rs:5"), from_root);
    assert_eq!(here(&tree.join("core/src"), "exec.rs:5"), from_root);
    assert_eq!(here(&tree.join("core/src"), "../src/exec.rs:5:9"), from_root);
    assert_eq!(here(&tree.join("tui"), "core/src/exec.rs:5"), from_root);
    let absolute = tree.join("core/src/exec.rs");
    assert_eq!(here(dir.path(), &format!("{}:5", absolute.display())), from_root);
    let elsewhere = tempfile::tempdir().unwrap();
    let named = run(elsewhere.path(), ["new", "core/src/exec.rs:5", "-w", tree.to_str().unwrap()]);
    assert_eq!(named.exits(0).stdout, from_root);
    run(elsewhere.path(), ["new", "core/src/exec.rs:5"]).exits(2);
}
