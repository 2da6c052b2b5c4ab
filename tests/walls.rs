//! The walls of ARCHITECTURE.md: which room may name which. The linter holds the others (`clippy.toml`): who may
//! touch the disk, start a process, print.

#![expect(clippy::disallowed_methods, reason = "it reads this repository's own sources")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file or a folder under `src`, and the rooms that it may name besides itself.
type Room = (&'static str, &'static [&'static str]);

/// The rooms from the ground floor up. A room names only rooms that stand above it in this list, so there is no circle.
const ROOMS: &[Room] = &[
    ("text/", &[]),
    ("limits.rs", &[]),
    ("edit.rs", &["limits.rs", "text/"]),
    ("regular.rs", &["limits.rs"]),
    ("source.rs", &["edit.rs", "text/"]),
    ("diff.rs", &[]),
    ("outcome.rs", &[]),
    ("pool.rs", &[]),
    ("at_work.rs", &[]),
    ("meter.rs", &["limits.rs", "outcome.rs"]),
    ("rust/", &["edit.rs", "meter.rs", "pool.rs", "text/"]),
    ("matches.rs", &["rust/"]),
    ("sg/", &["limits.rs", "matches.rs", "meter.rs", "rust/"]),
    ("ts/", &["limits.rs", "matches.rs", "meter.rs", "rust/", "text/"]),
    ("patch/", &["rust/", "sg/", "ts/"]),
    ("toml_ops/", &["edit.rs", "meter.rs", "patch/", "text/"]),
    ("render.rs", &["edit.rs", "limits.rs", "matches.rs", "meter.rs", "patch/", "rust/", "text/"]),
    ("locate.rs", &["matches.rs", "patch/", "rust/", "sg/", "ts/"]),
    ("judge/", &["rust/"]),
    ("validate.rs", &["judge/", "rust/", "text/"]),
    ("json.rs", &["validate.rs"]),
    ("identity.rs", &["rust/", "text/"]),
    ("drift/", &["identity.rs", "rust/", "text/"]),
    (
        "plan/",
        &[
            "at_work.rs",
            "drift/",
            "edit.rs",
            "identity.rs",
            "json.rs",
            "judge/",
            "limits.rs",
            "locate.rs",
            "matches.rs",
            "meter.rs",
            "outcome.rs",
            "patch/",
            "render.rs",
            "rust/",
            "source.rs",
            "text/",
            "toml_ops/",
            "ts/",
            "validate.rs",
        ],
    ),
    (
        "config/",
        &[
            "edit.rs",
            "limits.rs",
            "patch/",
            "render.rs",
            "rust/",
            "sg/",
            "source.rs",
            "text/",
            "toml_ops/",
            "ts/",
        ],
    ),
    ("config/loader.rs", &["config/", "patch/", "regular.rs"]),
    (
        "propose/",
        &[
            "config/",
            "drift/",
            "patch/",
            "plan/",
            "render.rs",
            "rust/",
            "source.rs",
            "text/",
            "toml_ops/",
            "ts/",
        ],
    ),
    (
        "fuzz.rs",
        &["config/", "drift/", "edit.rs", "locate.rs", "patch/", "plan/", "rust/", "sg/", "source.rs", "ts/"],
    ),
    ("git/", &["drift/", "limits.rs", "outcome.rs", "regular.rs"]),
    ("files.rs", &["git/", "limits.rs", "regular.rs"]),
    ("workspace.rs", &["files.rs", "regular.rs"]),
    ("commit/", &[]),
    (
        "run/",
        &[
            "commit/",
            "config/",
            "config/loader.rs",
            "diff.rs",
            "drift/",
            "files.rs",
            "git/",
            "identity.rs",
            "limits.rs",
            "meter.rs",
            "outcome.rs",
            "patch/",
            "plan/",
            "propose/",
            "regular.rs",
            "source.rs",
            "text/",
            "workspace.rs",
        ],
    ),
];

/// The founding names that stand below the rooms they name: re-exports and nothing else.
const RE_EXPORTS: &[&str] = &["cache.rs", "config/applicator.rs"];

/// What touches the world outside, or describes it.
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

/// The library's files but its root, by their path under `src`.
fn library() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    sources(&root, &mut found, &root);
    let is_test = |name: &str| {
        name.ends_with("/tests.rs") || name.contains("/tests/") || name.ends_with("/properties.rs")
    };
    let is_library = |name: &str| !name.starts_with("cli/") && name != "main.rs" && name != "lib.rs";
    found.retain(|name, _| is_library(name) && !is_test(name));
    found
}

/// The room of a file: of those that hold it, the innermost.
fn room_of(file: &str) -> Option<&'static Room> {
    let holds = |room: &&Room| {
        if room.0.ends_with('/') { file.starts_with(room.0) } else { file == room.0 }
    };
    ROOMS.iter().filter(holds).max_by_key(|(name, _)| name.len())
}

/// The room of the module `first::second` of the library: by its file, else by the folder above it.
fn room_of_module(first: &str, second: &str) -> Option<&'static Room> {
    let files = [
        format!("{first}/{second}.rs"),
        format!("{first}/{second}/"),
        format!("{first}.rs"),
        format!("{first}/"),
    ];
    files.iter().find_map(|file| ROOMS.iter().find(|(name, _)| name == file))
}

/// The code of a file: without its tests and its comments.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether the header of a file promises that it is pure.
fn says_pure(text: &str) -> bool {
    let header = text.lines().take_while(|line| line.starts_with("//!"));
    header.flat_map(|line| line.split(|c: char| !c.is_alphanumeric())).any(|word| word == "Pure")
}

/// The first two names of each path that begins with `prefix`: `a::b` of `crate::a::b::c` and `crate::{a::{b, c}}`.
/// The second is empty where there is none.
fn named(code: &str, prefix: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        for path in expanded(&code[at + prefix.len()..]) {
            let mut names = path.split("::").map(|name| name.split(" as ").next().unwrap_or_default().trim());
            let first = names.next().unwrap_or_default();
            let second = names.next().unwrap_or_default();
            found.insert((first.to_owned(), second.to_owned()));
        }
    }
    found.remove(&(String::new(), String::new()));
    found
}

/// The paths that a `use` tree at the beginning of `text` stands for.
fn expanded(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    match rest.strip_prefix('{') {
        Some(group) if head.is_empty() || head.ends_with("::") => {
            let parts = top_level(group);
            parts.iter().flat_map(|part| expanded(part.trim())).map(|path| format!("{head}{path}")).collect()
        }
        _ => vec![head.to_owned()],
    }
}

/// The parts of a group, up to the brace that closes it.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => {
                parts.push(&group[from..at]);
                break;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// What `file` names beyond the walls of its room.
fn trespasses(file: &str, text: &str) -> Vec<String> {
    let Some((room, allowed)) = room_of(file) else { return vec![format!("{file} is no room of the map")] };
    let code = code(text);
    let mut paths = named(&code, "crate::");
    if let Some((folder, name)) = file.split_once('/')
        && !name.contains('/')
    {
        paths.extend(named(&code, "super::").into_iter().map(|(first, _)| (folder.to_owned(), first)));
    }
    let is_broken = |(first, second): &(String, String)| match room_of_module(first, second) {
        Some((named, _)) => named != room && !allowed.contains(named),
        None => true,
    };
    let broken = paths.into_iter().filter(is_broken);
    broken.map(|(first, second)| format!("{file} names {first}::{second}")).collect()
}

#[test]
fn rooms_name_only_the_rooms_that_the_map_allows() {
    let files = library();
    let rooms = files.iter().filter(|(file, _)| !RE_EXPORTS.contains(&file.as_str()));
    let broken: Vec<String> = rooms.flat_map(|(file, text)| trespasses(file, text)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_room_names_only_rooms_below_it_and_every_permission_is_used() {
    let files = library();
    for (at, (room, allowed)) in ROOMS.iter().enumerate() {
        for named in *allowed {
            let below = ROOMS[..at].iter().any(|(lower, _)| lower == named);
            assert!(below, "{room} may not name {named}: it is not below");
        }
        let used: BTreeSet<&str> = files
            .iter()
            .filter(|(file, _)| room_of(file).is_some_and(|(of, _)| of == room))
            .flat_map(|(_, text)| named(&code(text), "crate::"))
            .filter_map(|(first, second)| room_of_module(&first, &second).map(|(name, _)| *name))
            .collect();
        let unused: Vec<_> = allowed.iter().filter(|named| !used.contains(**named)).collect();
        assert!(unused.is_empty(), "{room} does not use {unused:?}");
    }
}

#[test]
fn founding_names_are_re_exports() {
    let files = library();
    for file in RE_EXPORTS {
        let code = code(&files[*file]);
        let mut lines = code.lines().filter(|line| !line.trim().is_empty());
        assert!(lines.all(|line| line.starts_with("pub use crate::")), "{file}: {code}");
    }
}

#[test]
fn what_says_pure_knows_no_disk_no_process_no_environment() {
    let files = library();
    let is_pure = |file: &str, text: &str| {
        !RE_EXPORTS.contains(&file)
            && (says_pure(text) || room_of(file).is_some_and(|(room, _)| room_is_pure(&files, room)))
    };
    let mut broken = Vec::new();
    for (file, text) in files.iter().filter(|(file, text)| is_pure(file, text)) {
        let code = code(text);
        let names = IMPURE_NAMES.iter().filter(|name| code.contains(*name));
        broken.extend(names.map(|name| format!("{file} names {name}")));
        let rooms = named(&code, "crate::");
        let rooms = rooms.iter().filter_map(|(first, second)| room_of_module(first, second));
        let impure = rooms.filter(|(room, _)| !room_is_pure(&files, room));
        broken.extend(impure.map(|(room, _)| format!("{file} names {room}, which is not pure")));
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Whether a room's own header says that it is pure.
fn room_is_pure(files: &BTreeMap<String, String>, room: &str) -> bool {
    let header = if room.ends_with('/') { format!("{room}mod.rs") } else { room.to_owned() };
    files.get(&header).is_some_and(|text| says_pure(text))
}

#[test]
fn the_map_in_architecture_shows_these_rooms() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let files = library();
    let mut shown = BTreeSet::new();
    let section = text.split("\n## The rooms\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    for row in section.unwrap().lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let rooms: Vec<&str> = cells[0].split('`').skip(1).step_by(2).collect();
        let binary = ["main.rs", "cli/"];
        for room in rooms.iter().filter(|room| !binary.contains(room)) {
            assert!(shown.insert((*room).to_owned()), "`{room}` stands in the table twice");
            if RE_EXPORTS.contains(room) {
                continue;
            }
            assert_eq!(
                cells[2] == "–",
                room_is_pure(&files, room),
                "`{room}`: the header says whether it is pure, and so does the table"
            );
        }
    }
    let known: BTreeSet<String> =
        ROOMS.iter().map(|(room, _)| *room).chain(RE_EXPORTS.iter().copied()).map(str::to_owned).collect();
    assert_eq!(shown, known);
}

#[test]
fn every_file_that_architecture_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let prose = text.split("```").step_by(2).flat_map(|part| part.split('`').skip(1).step_by(2));
    let endings = [".rs", ".md", ".toml", "/"];
    let named: Vec<&str> = prose.filter(|name| endings.iter().any(|ending| name.ends_with(ending))).collect();
    assert!(named.len() > 60, "{named:?}");
    let is_there = |name: &&str| ["src", "."].iter().any(|folder| root.join(folder).join(name).exists());
    let stale: Vec<_> = named.into_iter().filter(|name| !is_there(name)).collect();
    assert!(stale.is_empty(), "{stale:?}");
}

#[test]
fn a_broken_wall_is_seen() {
    let pairs = |code: &str| -> Vec<String> {
        named(code, "crate::").into_iter().map(|(first, second)| format!("{first}::{second}")).collect()
    };
    assert_eq!(pairs("use crate::{a::b, c::{d, e::f}};"), ["a::b", "c::d", "c::e"]);
    assert_eq!(pairs("fn f() { crate::commit::commit() }"), ["commit::commit"]);
    assert_eq!(pairs("use crate::text;"), ["text::"]);
    assert!(!code("x(); // crate::git").contains("crate::git"));
    assert_eq!(trespasses("plan/order.rs", "use crate::config::loader::load;").len(), 1);
    assert_eq!(trespasses("propose/mod.rs", "use crate::config::{loader, schema};").len(), 1);
    assert_eq!(trespasses("config/schema/mod.rs", "use crate::config::loader;").len(), 1);
    assert_eq!(trespasses("config/lock.rs", "use super::loader;").len(), 1);
    assert!(trespasses("config/lock.rs", "use super::mistake;").is_empty());
    assert_eq!(trespasses("no_room.rs", "").len(), 1);
    assert!(says_pure("//! A room. Pure.\nx") && !says_pure("//! A room.\n// Pure"));
}
