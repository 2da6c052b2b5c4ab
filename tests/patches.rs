//! The patch sets of this repository, each alone and all together: on the sample tree, and on real trees of Codex
//! if `CODEX_PATCHER_CORPUS` names a folder whose subfolders each contain a `codex-rs/`. Without it the tests say
//! so. Nothing of such a tree is in this repository.

#![expect(clippy::disallowed_methods, reason = "it runs the binary on files, and says what it skips")]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use codex_patcher::config::loader;
use codex_patcher::patch::PatchFile;
use codex_patcher::validate;
use support::{commit, commit_all, copy_tree, git, read_tree, run, sample, shipped_patches, write_tree};
use tempfile::TempDir;

/// Said even where the test passes, so not `eprintln!`, which the test runner keeps to itself.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

fn sets() -> Vec<PatchFile> {
    loader::load(&[shipped_patches()], &[]).unwrap().files
}

/// The real trees, by path.
fn corpus() -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("CODEX_PATCHER_CORPUS") else {
        say("SKIPPED: CODEX_PATCHER_CORPUS is not set, so no real tree was patched");
        return Vec::new();
    };
    let entries = std::fs::read_dir(corpus).expect("CODEX_PATCHER_CORPUS is a folder");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path().join("codex-rs")).collect();
    found.retain(|tree| tree.is_dir());
    found.sort();
    assert!(!found.is_empty(), "CODEX_PATCHER_CORPUS holds no */codex-rs");
    found
}

/// A committed copy: of the whole sample, or of those files of a real tree that the sets may touch.
fn copy(tree: &Path) -> TempDir {
    let scratch = tempfile::tempdir().unwrap();
    if tree == sample() {
        copy_tree(tree, scratch.path());
    } else {
        let sets = sets();
        let targets = sets.iter().flat_map(|set| &set.patches).flat_map(|patch| &patch.files);
        for target in targets.map(String::as_str).chain(["Cargo.toml"]) {
            // A candidate may be there in some releases only; a target that has to be there is missed by its patch.
            if let Ok(content) = std::fs::read(tree.join(target)) {
                write_tree(scratch.path(), &[(target, content)]);
            }
        }
    }
    commit_all(scratch.path());
    scratch
}

fn path_of(set: &PatchFile) -> String {
    set.path.to_string()
}

/// Applies, and asks all that can be asked afterwards; how many patches were applied and skipped, and the files written.
fn apply_and_revert(tree: &Path, set: &str, name: &str) -> (usize, usize, usize) {
    let statuses = |args: &[&str]| -> Vec<String> {
        let ran = run(tree, [args, &["--format", "json", set]].concat()).exits(0);
        ran.statuses().into_iter().map(|(_, status)| status).collect()
    };
    let count = |statuses: &[String], status: &str| statuses.iter().filter(|s| *s == status).count();
    let before = read_tree(tree);

    let first = run(tree, ["apply", "--strict", "--format", "json", set]).exits(0).json();
    let first: Vec<String> = first["patches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["status"].as_str().unwrap().to_owned())
        .collect();
    let (applied, skipped) = (count(&first, "applied"), count(&first, "skipped"));
    assert!(applied > 0 && applied + skipped == first.len(), "{name}: {first:?}");

    let after = read_tree(tree);
    let changed: Vec<&String> = after.keys().filter(|path| after[*path] != before[*path]).collect();
    for path in &changed {
        let content = after[*path].content.as_ref().unwrap();
        if path.ends_with(".rs") {
            validate::pooled::validate(content).unwrap_or_else(|error| panic!("{name}: {path}: {error}"));
        } else {
            content.parse::<toml::Table>().unwrap_or_else(|error| panic!("{name}: {path}: {error}"));
        }
    }

    let second = statuses(&["apply", "--strict"]);
    assert_eq!(count(&second, "already-applied"), applied, "{name}, again: {second:?}");
    assert_eq!(read_tree(tree), after, "{name}: the second run wrote");
    statuses(&["verify"]);
    statuses(&["revert"]);
    assert_eq!(read_tree(tree), before, "{name}: revert gives back what was there");
    assert_eq!(git(tree, &["status", "--porcelain"]).stdout, "", "{name}");
    (applied, skipped, changed.len())
}

/// Each set alone, then all of them in one run.
fn every_set_applies(tree: &Path) {
    let scratch = copy(tree);
    let folder = shipped_patches().to_str().unwrap().to_owned();
    let alone = sets();
    let all = alone.iter().map(path_of).chain([folder]);
    for set in all {
        let name = format!("{} on {}", Path::new(&set).file_name().unwrap().display(), tree.display());
        let (applied, skipped, files) = apply_and_revert(scratch.path(), &set, &name);
        if tree != sample() {
            say(&format!("{name}: {applied} applied, {skipped} skipped, {files} files"));
        } else {
            assert_eq!(skipped, 0, "{name}: the sample has all that the sets speak of");
        }
    }
}

/// All of them in one run, locked on the tree as it is: a lock fails no patch that applies without it.
fn the_locked_sets_apply(tree: &Path) {
    let (scratch, folder) = (copy(tree), tempfile::tempdir().unwrap());
    copy_tree(&shipped_patches(), folder.path());
    let sets = folder.path().to_str().unwrap();
    run(scratch.path(), ["lock", sets]).exits(0);
    let name = format!("locked on {}", tree.display());
    let (applied, skipped, files) = apply_and_revert(scratch.path(), sets, &name);
    if tree != sample() {
        say(&format!("{name}: {applied} applied, {skipped} skipped, {files} files"));
    }
}

/// All of them in one run, and committed: they are in place, together and each set alone, and nothing is written.
fn the_committed_sets_are_in_place(tree: &Path) {
    let scratch = copy(tree);
    let folder = shipped_patches().to_str().unwrap().to_owned();
    run(scratch.path(), ["apply", &folder]).exits(0);
    commit(scratch.path(), "2026-01-02T00:00:00Z");
    for set in std::iter::once(folder).chain(sets().iter().map(path_of)) {
        for command in ["verify", "apply"] {
            let ran = run(scratch.path(), [command, "--format", "json", set.as_str()]).exits(0);
            let is_done = |status: &str| matches!(status, "already-applied" | "skipped");
            let left: Vec<_> = ran.statuses().into_iter().filter(|(_, status)| !is_done(status)).collect();
            assert_eq!(left, [], "{command} {set}, committed on {}", tree.display());
        }
    }
    assert_eq!(git(scratch.path(), &["status", "--porcelain"]).stdout, "", "{}", tree.display());
}

#[test]
fn every_set_applies_to_the_sample() {
    every_set_applies(&sample());
    the_locked_sets_apply(&sample());
    the_committed_sets_are_in_place(&sample());
}

#[test]
fn every_set_applies_to_every_real_tree() {
    for tree in corpus() {
        every_set_applies(&tree);
        the_locked_sets_apply(&tree);
        the_committed_sets_are_in_place(&tree);
    }
}

#[test]
fn every_set_says_what_it_is_and_what_it_was_tried_on() {
    let sets = sets();
    assert!(sets.len() >= 6, "{}", sets.len());
    let mut kinds = BTreeSet::new();
    for set in &sets {
        let text = std::fs::read_to_string(&*set.path).unwrap();
        let header: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        assert_eq!(header.first(), Some(&"#:schema ../schemas/patch.json"), "{}", set.path);
        assert!(
            header.len() > 2 && header.iter().any(|line| line.contains("Tried on 0.122.0")),
            "{}: {header:?}",
            set.path
        );
        assert!(set.description.is_some(), "{}", set.path);
        for patch in &set.patches {
            assert!(patch.description.as_ref().is_some_and(|words| words.len() > 5), "{}", patch.id);
            assert!(!patch.versions.is_empty(), "{}: a set says for which versions it is", patch.id);
            kinds.insert(patch.action.query_kind().name());
        }
    }
    assert_eq!(kinds, BTreeSet::from(["ast-grep", "text", "toml", "tree-sitter"]));
}

mod privacy_patches {
    use super::*;

    /// What is in use before the privacy set and nowhere after it: addresses and keys (real trees only: the sample has none),
    const ADDRESSES: &[&str] =
        &["ab.chatgpt.com/otlp", "client-MkRule", "o33249.ingest.us.sentry.io", "announcement_tip.toml"];

    /// the names of headers, and the functions, types and constants that send or hold them.
    const NAMES: &[&str] = &[
        "statsig-api-key",
        "STATSIG_",
        "unwrap_or(OtelExporterKind::Statsig)",
        "metrics_exporter: OtelExporterKind::Statsig",
        "analytics-events/events",
        "send_track_events",
        "TrackEventsRequest",
        "ANALYTICS_EVENTS_TIMEOUT",
        "SENTRY_DSN",
        "sentry::",
        "UPLOAD_TIMEOUT_SECS",
        "ANNOUNCEMENT_TIP_URL",
        "blocking_init_announcement_tip",
        "x-codex-installation-id",
        "X_CODEX_INSTALLATION_ID_HEADER",
        "state.installation_id",
        "x-codex-turn-metadata",
        "X_CODEX_TURN_METADATA_HEADER",
        "current_meta_value",
        "check_for_update_on_startup.unwrap_or(true)",
    ];

    /// The Rust of a tree outside of directories named `tests`.
    fn sources(tree: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        let mut dirs = vec![tree.to_owned()];
        while let Some(dir) = dirs.pop() {
            for entry in std::fs::read_dir(&dir).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap();
                if path.is_dir() && !path.is_symlink() && name != "tests" && name != ".git" {
                    dirs.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.push((path.strip_prefix(tree).unwrap().to_owned(), text));
                }
            }
        }
        found
    }

    fn using<'a>(sources: &'a [(PathBuf, String)], needle: &str) -> Vec<&'a Path> {
        let found = sources.iter().filter(|(_, text)| text.contains(needle));
        found.map(|(path, _)| path.as_path()).collect()
    }

    /// Looks for all of `needles` in a tree before and after the set.
    fn nothing_is_left(tree: &Path, needles: &[&str]) {
        let before = sources(tree);
        let scratch = copy(tree);
        let set = shipped_patches().join("privacy.toml");
        run(scratch.path(), ["apply", "--strict", set.to_str().unwrap()]).exits(0);
        let after: Vec<(PathBuf, String)> = before
            .iter()
            .map(|(path, text)| {
                let patched = std::fs::read_to_string(scratch.path().join(path));
                (path.clone(), patched.unwrap_or_else(|_| text.clone()))
            })
            .collect();
        for needle in needles {
            assert!(
                !using(&before, needle).is_empty(),
                "{needle} is nowhere in {}: does upstream call it otherwise now?",
                tree.display()
            );
            assert_eq!(using(&after, needle), Vec::<&Path>::new(), "{needle} is left in {}", tree.display());
        }
        for present in ["OtelExporter::Statsig => OtelExporter::None", "OtlpHttp"] {
            assert!(!using(&after, present).is_empty(), "{present}: what the user configures still works");
        }
    }

    #[test]
    fn the_page_on_privacy_accounts_for_every_patch_of_the_set() {
        let page =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/privacy.md")).unwrap();
        let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
        let set = loader::load(&[shipped_patches().join("privacy.toml")], &[]).unwrap().files;
        let missing: Vec<_> = set[0].patches.iter().filter(|patch| !named.contains(&*patch.id)).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        let rows = page.lines().filter(|line| line.starts_with("| ")).flat_map(|row| row.rsplit('|').nth(1));
        let listed =
            rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).filter(|word| word.contains('-'));
        let unknown: Vec<_> =
            listed.filter(|id| set[0].patches.iter().all(|patch| patch.id != *id)).collect();
        assert_eq!(unknown, Vec::<&str>::new());
    }

    #[test]
    fn test_privacy_patches_apply() {
        nothing_is_left(&sample(), NAMES);
        for tree in corpus() {
            nothing_is_left(&tree, &[ADDRESSES, NAMES].concat());
            say(&format!(
                "{}: nothing of {} addresses, keys, headers and senders is left",
                tree.display(),
                ADDRESSES.len() + NAMES.len()
            ));
        }
    }
}
