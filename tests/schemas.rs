//! The JSON Schemas, compared with a real language server, with the loader, and with real reports.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it runs the binary on files")]

#[path = "schemas/editor.rs"]
mod editor;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use codex_patcher::config::mistake::{Mistake, MistakeKind};
use codex_patcher::config::schema;
use editor::{Editor, Mark};
use support::{commit_all, run, write_tree};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A document in a folder of the repository beside which `schemas/` stands; it need not exist.
fn uri(name: &str) -> String {
    format!("file://{}/patches/{name}", root().display())
}

const DIRECTIVE: &str = "#:schema ../schemas/patch.json\n";

fn toml_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            toml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
}

/// Every patch file of the tests and the repository that the loader takes.
fn good_files() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for dir in ["patches", "tests/cases", "tests/mistakes"] {
        toml_files(&root().join(dir), &mut paths);
    }
    let texts =
        paths.into_iter().filter_map(|path| Some((path.clone(), std::fs::read_to_string(path).ok()?)));
    texts.filter(|(_, text)| schema::parse("p.toml", "p", text).0.is_some()).collect()
}

#[test]
fn the_files_in_schemas_are_what_the_program_prints() {
    for of in ["patch", "report"] {
        let output = Command::new(env!("CARGO_BIN_EXE_codex-patcher")).args(["schema", of]).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let path = root().join(format!("schemas/{of}.json"));
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            std::fs::write(&path, &printed).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == printed,
            "schemas/{of}.json is not what `schema {of}` prints"
        );
    }
}

#[test]
fn an_editor_marks_nothing_in_a_good_file() {
    let mut editor = Editor::new();
    let files = good_files();
    assert!(files.len() > 100, "{}", files.len());
    for (path, text) in files {
        let shipped = path.starts_with(root().join("patches"));
        if shipped {
            assert!(text.starts_with(DIRECTIVE), "{} begins with {DIRECTIVE}", path.display());
        }
        let text = if shipped { text } else { DIRECTIVE.to_owned() + &text };
        assert_eq!(editor.open(&uri("good.toml"), &text), [], "{}", path.display());
    }
}

/// Whether it can be seen without knowing what patterns, paths and versions are. (JSON has no dates: they look like strings.)
fn is_of_form(mistake: &Mistake) -> bool {
    use MistakeKind::{Missing, Range, UnknownKey, UnknownValue, WrongType};
    matches!(mistake.kind, UnknownKey | WrongType | UnknownValue | Missing | Range)
        && !mistake.message.ends_with("not a date")
        && !mistake.message.starts_with("`nthChild` must be")
}

/// Whether a mark shows a mistake: it is on its line (one above, for the directive), or on the whole file, or speaks of its key.
fn shows(mark: &Mark, mistake: &Mistake) -> bool {
    let words = mistake.message.split('`').skip(1).step_by(2);
    let named = |quote: char| words.clone().any(|word| mark.says.contains(&format!("{quote}{word}{quote}")));
    if mark.line == 0 {
        return true;
    }
    let mut keys = mark.says.split('"').skip(1).step_by(2);
    mark.line == mistake.line || named('"') || named('\'') || keys.any(|key| mistake.message.contains(key))
}

#[test]
fn an_editor_marks_every_mistake_of_form_and_no_other() {
    let mut editor = Editor::new();
    let mut paths = Vec::new();
    toml_files(&root().join("tests/mistakes"), &mut paths);
    let mut shown = 0;
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let (_, mistakes) = schema::parse("p.toml", "p", &text);
        if mistakes.iter().any(|mistake| mistake.kind == MistakeKind::Syntax) {
            continue;
        }
        let marks = editor.open(&uri("bad.toml"), &(DIRECTIVE.to_owned() + &text));
        for mistake in mistakes.iter().filter(|mistake| is_of_form(mistake)) {
            assert!(
                marks.iter().any(|mark| shows(mark, mistake)),
                "{}: {mistake}\n{marks:#?}",
                path.display()
            );
            shown += 1;
        }
        for mark in &marks {
            let told = mistakes.iter().any(|mistake| shows(mark, mistake));
            assert!(told, "{}: {mark:?}\n{mistakes:#?}", path.display());
        }
    }
    assert!(shown > 40, "{shown}");
}

/// Every way in which one line of a file may be written wrong here.
fn misspelled(line: &str) -> Vec<String> {
    let Some((key, value)) = line.split_once(" = ") else { return Vec::new() };
    if key.contains([' ', '"', '\'', '#']) || value.contains("'''") || value.contains("\"\"\"") {
        return Vec::new();
    }
    let values = ["1", "-1", "1.5", "true", "\"\"", "\"x-y\"", "[]", "[1]", "{}", "{ x = 1 }"];
    let keys =
        ["x", "text", "search", "pattern", "section", "value", "matches", "rule", "type", "at_end", "method"];
    let values = values.iter().map(|value| format!("{key} = {value}"));
    let keys = keys.iter().map(|key| format!("{key} = {value}"));
    values.chain(keys).chain([String::new(), format!("{key}x = {value}")]).collect()
}

#[test]
fn the_editor_and_the_loader_agree_on_whatever_is_written_wrong() {
    let mut editor = Editor::new();
    let (mut tried, mut marked) = (0, 0);
    let mut seen = BTreeSet::new();
    // Small files: each is read whole for each of its lines.
    for (path, text) in good_files().into_iter().filter(|(_, text)| text.len() < 3_000) {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| seen.insert((*line).to_owned())) {
            for other in misspelled(line) {
                let lines = text.lines().enumerate().map(|(n, line)| if n == at { &other } else { line });
                let changed: String = lines.flat_map(|line| [line, "\n"]).collect();
                let (_, mistakes) = schema::parse("p.toml", "p", &changed);
                if mistakes.iter().any(|mistake| mistake.kind == MistakeKind::Syntax) {
                    continue;
                }
                let marks = editor.open(&uri("wrong.toml"), &(DIRECTIVE.to_owned() + &changed));
                let here = || format!("{}:{}: {other}\n{marks:#?}\n{mistakes:#?}", path.display(), at + 1);
                assert!(marks.is_empty() || !mistakes.is_empty(), "the editor alone: {}", here());
                let of_form = mistakes.iter().any(is_of_form);
                assert!(!of_form || !marks.is_empty(), "the loader alone: {}", here());
                tried += 1;
                marked += usize::from(!marks.is_empty());
            }
        }
    }
    assert!(tried > 5_000 && marked > tried / 2, "{marked} of {tried}");
}

/// The place after the first character of `what` in a text, as an editor counts.
fn place(text: &str, what: &str) -> (usize, usize) {
    let at = text.find(what).unwrap();
    let line = text[..at].matches('\n').count();
    (line, at - text[..at].rfind('\n').map_or(0, |newline| newline + 1) + 1)
}

/// (Taplo's server completes nothing in a `[patches.query]` below `[[patches]]`, whatever the schema: hence the dotted keys.)
#[test]
fn an_editor_completes_keys_and_values_and_shows_what_they_are_for() {
    let mut editor = Editor::new();
    let uri = uri("draft.toml");
    let text = format!(
        "{DIRECTIVE}[meta]\nname = \"draft\"\n\n[[patches]]\nid = \"a\"\nfile = \"a.rs\"\n\nquery.type = \"text\"\noperation.type = \"\"\n\n\
         [patches.constraint]\nfunction_context = \"f\"\n"
    );
    editor.open(&uri, &text);
    let mut offered = |place: (usize, usize)| -> BTreeMap<String, String> {
        let items = editor.complete(&uri, place).into_iter();
        items.map(|(label, words)| (label.trim_matches('"').to_owned(), words)).collect()
    };
    let (line, column) = place(&text, "\nquery");
    let keys = offered((line, column - 1));
    for key in [
        "description",
        "version",
        "verify",
        "query.pattern",
        "query.rule",
        "operation.text",
        "verify.expected",
    ] {
        assert!(keys.get(key).is_some_and(|words| words.len() > 10), "{key}: {keys:#?}");
    }
    assert!(!keys.contains_key("id"), "it is there already: {keys:#?}");

    let (line, column) = place(&text, "\"\"\n");
    let values = offered((line, column));
    assert_eq!(values["insert-before"], "Inserts `text` before the match.");
    assert!(!values.contains_key("insert_before"), "one spelling is offered: {values:#?}");

    // Nor does it show anything over a key below `[[patches]]`; over the value it does.
    let hover = editor.hover(&uri, place(&text, "\"f\""));
    assert!(hover.contains("Only matches inside the function of this name count."), "{hover}");
    let hover = editor.hover(&uri, place(&text, "name"));
    assert!(hover.contains("The name of the patch set"), "{hover}");
}

const BLOCK: &str =
    "fn dusk() {\n    let lamp = find_lamp();\n    lamp.light(10);\n    lamp.wait_for_dawn();\n}\n";

fn patch(id: &str, search: &str, rest: &str, operation: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"a.rs\"\n{rest}query = {{ type = \"text\", search = {search:?} }}\n\
         operation = {{ {operation} }}\n\n"
    )
}

/// A call that is wrong gets a document as well, on standard output alone, and what is wrong with it is in there.
#[test]
fn reports_of_calls_that_are_wrong_are_as_the_schema_says() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path();
    let good = patch("good", "light(10)", "", "type = \"replace\", text = \"light(20)\"");
    let bad = "[[patches]]\nid = 1\n[mtea]\n".to_owned();
    let latin = "# \u{e9}".to_owned();
    write_tree(dir, &[("tree/Cargo.toml", "[workspace]\n".to_owned()), ("tree/a.rs", BLOCK.to_owned())]);
    write_tree(
        dir,
        &[("good.toml", good), ("bad.toml", bad), ("set/latin.toml", latin), ("set/x", String::new())],
    );
    std::fs::write(dir.join("set/latin.toml"), b"# \xe9\n").unwrap();
    std::fs::create_dir(dir.join("empty")).unwrap();
    write_tree(
        dir,
        &[
            ("locked/good.toml", patch("a", "x", "", "type = \"delete\"")),
            ("locked/codex-patcher.lock", "x".to_owned()),
        ],
    );
    for (words, command, says, mistakes) in [
        ("status bad.toml -w tree", "status", "mistakes", 5),
        ("verify set -w tree", "verify", "1 mistake", 1),
        ("apply nothere.toml -w tree", "apply", "does not exist", 0),
        ("apply empty -w tree", "apply", "no patch files", 0),
        ("apply locked -w tree", "apply", "codex-patcher.lock", 0),
        ("apply good.toml good.toml", "apply", "no Cargo workspace", 0),
        ("update good.toml -w nowhere", "update", "nowhere", 0),
        ("lock good.toml -w tree --rev HEAD", "lock", "not in a git repository", 0),
        ("status good.toml -w tree --rev HEAD", "status", "not in a git repository", 0),
        ("revert good.toml -w tree", "revert", "not in a git repository", 0),
        ("apply good.toml -w tree --rev HEAD", "apply", "--rev", 0),
        ("status good.toml -w tree --only goof", "status", "goof", 0),
        ("explain nope good.toml -w tree", "explain", "nope", 0),
        ("list nothere.toml", "list", "does not exist", 0),
        ("new nothere.rs -w tree", "new", "nothere.rs", 0),
        ("revert good.toml -w tree --rev x", "revert", "--rev", 0),
        ("status good.toml -w tree --format=json", "status", "--format", 0),
        ("status good.toml -q -v", "status", "--quiet", 0),
        ("apply good.toml --accept --drift merge", "apply", "--accept", 0),
        ("stats good.toml", "", "stats", 0),
    ] {
        let ran = run(dir, words.split(' ').chain(["--format", "json"])).exits(2);
        let report = ran.json();
        assert_eq!(report["command"].as_str().unwrap_or_default(), command, "{words}");
        let message = report["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{words}: {message}");
        assert_eq!(report["error"]["mistakes"].as_array().unwrap().len(), mistakes, "{words}: {report:#}");
        assert_eq!(report["patches"].as_array().unwrap().len(), 0);
        assert!(!ran.stderr.is_empty(), "people are told too");
    }
    let human = run(dir, ["status", "bad.toml", "-w", "tree"]).exits(2);
    assert_eq!(human.stdout, "");
}

/// Every report that the end-to-end tests make is held against the schema where they read it (`support`); this makes
/// one of every status.
#[test]
fn reports_of_every_status_are_as_the_schema_says() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path();
    write_tree(dir, &[("Cargo.toml", "[workspace]\n"), ("a.rs", BLOCK)]);
    commit_all(dir);
    let brighter = "type = \"replace\", text = \"light(20)\"";
    let good = patch("brighter", "light(10)", "", brighter)
        + &patch("later", "dusk", "version = \">=2\"\n", "type = \"replace\", text = \"dawn\"")
        + &patch("earlier", "dusk", "version = \"<1\"\n", "type = \"replace\", text = \"dawn\"");
    let bad = good.clone() + &patch("nowhere", "no_such_lamp", "", brighter);
    let old = BLOCK.replace("find_lamp()", "the_lamp()");
    let drifted =
        patch("drifted", &old, "", &format!("type = \"replace\", text = {:?}", old.replace("10", "20")));
    write_tree(dir, &[("good.toml", good), ("bad.toml", bad), ("drifted.toml", drifted)]);
    // Absent is what no history tells of: of files that no repository tracks.
    let gone = patch("gone", "no_such_call()", "", "type = \"delete\"");
    write_tree(dir, &[("gone.toml", gone), ("plain/Cargo.toml", "[workspace]\n".to_owned())]);
    write_tree(dir, &[("plain/a.rs", BLOCK)]);

    let mut seen = BTreeSet::new();
    for (command, set) in [
        ("status", "good"),
        ("lock", "good"),
        ("status", "bad"),
        ("apply", "bad"),
        ("apply", "good"),
        ("apply", "good"),
        ("revert", "good"),
        ("update", "drifted"),
        ("explain nowhere", "bad"),
        ("status -w plain", "gone"),
    ] {
        let words = command.split(' ').chain(["--workspace-version", "1.0.0", "--format", "json"]);
        let report = run(dir, words.map(str::to_owned).chain([format!("{set}.toml")])).json();
        let statuses =
            report["patches"].as_array().unwrap().iter().map(|patch| patch["status"].as_str().unwrap());
        seen.extend(statuses.map(str::to_owned));
    }
    let schema = codex_patcher::outcome::json_schema();
    let known = schema["definitions"]["Status"]["oneOf"].as_array().unwrap().iter();
    let known: BTreeSet<_> = known.map(|status| status["const"].as_str().unwrap().to_owned()).collect();
    assert_eq!(seen, known);
}
