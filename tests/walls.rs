//! The walls of ARCHITECTURE.md: which room may name which. The linter holds the others (`clippy.toml`): who may
//! touch the disk, start a process, print.

#![expect(clippy::disallowed_methods, reason = "it reads this repository's own sources")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Room (a path prefix under `src`) and the rooms it may name with `crate::`. `*` is every room.
const ROOMS: &[(&str, &[&str])] = &[
    ("cache.rs", &["sg"]),
    ("commit.rs", &[]),
    ("config/applicator/", &["*"]),
    ("config/loader.rs", &["config"]),
    ("config/", &["config", "edit", "sg", "ts", "toml_ops", "render", "source", "rust"]),
    ("diff.rs", &[]),
    ("drift/", &["drift", "rust"]),
    ("edit.rs", &[]),
    ("files.rs", &["git"]),
    ("git/", &["drift"]),
    ("git.rs", &[]),
    ("lib.rs", &[]),
    ("locate.rs", &["config", "matches", "rust", "sg", "ts"]),
    ("matches.rs", &["rust"]),
    ("outcome.rs", &[]),
    (
        "plan/",
        &[
            "config", "drift", "edit", "locate", "matches", "outcome", "plan", "render", "rust", "source",
            "text", "toml_ops", "ts", "validate",
        ],
    ),
    ("pool.rs", &[]),
    ("propose/", &["config", "plan", "propose", "render", "rust", "source", "toml_ops", "ts"]),
    ("render.rs", &["config", "edit", "matches", "rust", "source"]),
    ("rust/", &["edit", "pool", "rust"]),
    ("sg/", &["cache", "matches", "rust", "sg"]),
    ("source.rs", &["edit"]),
    ("text.rs", &[]),
    ("toml_ops/", &["config", "edit", "toml_ops"]),
    ("ts/", &["matches", "rust", "ts"]),
    ("validate.rs", &["rust", "source"]),
    ("workspace.rs", &["files"]),
];

/// Rooms that work on contents alone: they may not name these.
const PURE: &[&str] = &[
    "config/lock.rs",
    "config/rewrite.rs",
    "config/toml_text.rs",
    "plan/",
    "propose/",
    "sg/",
    "ts/",
    "text.rs",
    "toml_ops/",
    "render.rs",
    "edit.rs",
    "source.rs",
    "rust/",
    "drift/",
    "locate.rs",
    "validate.rs",
    "diff.rs",
    "outcome.rs",
];
const IMPURE_NAMES: &[&str] =
    &["std::fs", "std::process", "std::env", "std::net", "std::io", "path::Path", "PathBuf"];

fn sources(dir: &Path, found: &mut BTreeMap<String, String>, root: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found, root);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn library() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    sources(&root, &mut found, &root);
    found.retain(|name, _| !name.starts_with("cli/") && name != "main.rs");
    found
}

/// The code of a file: without its tests and its comments.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The rooms that a text names by `crate::room` or inside `use crate::{room, ..}`.
fn named(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let mut depth = 0;
        let group: String = rest
            .chars()
            .take_while(|c| {
                depth += i32::from(*c == '{') - i32::from(*c == '}');
                *c != ';' && (depth > 0 || *c != '}')
            })
            .collect();
        let parts: Vec<&str> = match group.strip_prefix('{') {
            Some(inner) => top_level(inner),
            None => vec![&group],
        };
        for part in parts {
            let name: String = part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(name);
        }
    }
    found.remove("");
    found
}

fn top_level(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[test]
fn rooms_name_only_the_rooms_that_the_map_allows() {
    let mut broken = Vec::new();
    for (file, text) in library() {
        let room = ROOMS.iter().find(|(prefix, _)| file.starts_with(prefix));
        let Some((_, allowed)) = room else {
            broken.push(format!("{file} is no room of the map"));
            continue;
        };
        for name in named(&code(&text)) {
            if !allowed.contains(&name.as_str()) && !allowed.contains(&"*") {
                broken.push(format!("{file} names {name}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn pure_rooms_know_no_disk_no_process_no_environment() {
    let mut broken = Vec::new();
    for (file, text) in library() {
        if PURE.iter().any(|prefix| file.starts_with(prefix)) {
            let code = code(&text);
            broken.extend(
                IMPURE_NAMES
                    .iter()
                    .filter(|name| code.contains(*name))
                    .map(|name| format!("{file} names {name}")),
            );
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_broken_wall_is_seen() {
    assert_eq!(named("use crate::{a::b, c::{d, e}};"), BTreeSet::from(["a".to_owned(), "c".to_owned()]));
    assert_eq!(named("fn f() { crate::commit::commit() }"), BTreeSet::from(["commit".to_owned()]));
    assert!(!code("x(); // crate::git").contains("crate::git"));
}
