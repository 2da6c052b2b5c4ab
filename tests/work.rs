//! What a run costs, counted: a target is read, parsed and written once, however many patches and patch files it
//! has; each thread makes its parsers once and compiles each pattern once.
//!
//! Caches are thread-local, and the test runner gives every test its own thread. So a warm cache is tested by a
//! second plan in the same test, on a pool of one thread.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use codex_patcher::cache::{cache_size, clear_cache, get_or_compile_pattern};
use codex_patcher::config::loader;
use codex_patcher::outcome::{Command, Report, Status, Work};
use codex_patcher::pool;
use codex_patcher::run::{DiskTree, Mode, Options, apply_patches};
use codex_patcher::sg::pattern::PatternSource;
use codex_patcher::workspace::Workspace;
use support::write_tree;

/// More items than any set here has patches for.
const ITEMS: usize = 24;

fn rust() -> String {
    let item = |n: usize| {
        format!(
            "pub const LIMIT_{n}: usize = {n};\n\npub fn step_{n}(x: u8) -> u8 {{\n    retry_{n}(x, \"{n}\")\n}}\n"
        )
    };
    (0..ITEMS).map(item).collect::<Vec<_>>().join("\n")
}

fn toml() -> String {
    (0..ITEMS).map(|n| format!("[part-{n}]\nlimit = {n} # of {n}\n\n")).collect()
}

/// The `n`th patch of a kind, on the `n`th item.
fn patch(kind: &str, n: usize, file: &str) -> String {
    let (query, operation) = match kind {
        "text" => (
            format!("search = \"LIMIT_{n}: usize = {n};\""),
            format!("type = \"replace\"\ntext = \"LIMIT_{n}: usize = 10_{n};\""),
        ),
        "ast-grep" => (
            format!("pattern = \"{}\"", pattern(n)),
            format!("type = \"replace\"\ntext = \"patient_{n}($X, $Y)\""),
        ),
        "tree-sitter" => (
            format!("pattern = \"fn step_{n}\""),
            format!("type = \"insert-before\"\ntext = \"/// Step.\\nfn before_{n}() {{}}\\n\""),
        ),
        _ => (
            format!("section = \"part-{n}\"\nkey = \"limit\""),
            format!("type = \"replace-value\"\nvalue = \"10_{n}\""),
        ),
    };
    format!(
        "[[patches]]\nid = \"{kind}-{n}-{file}\"\nfile = \"{file}\"\n\n[patches.query]\ntype = \"{kind}\"\n{query}\n\n\
         [patches.operation]\n{operation}\n\n"
    )
}

fn pattern(n: usize) -> String {
    format!("retry_{n}($X, $Y)")
}

/// A workspace with two Rust targets and two TOML targets, one of which is the manifest, which is read for the
/// version too.
fn workspace(dir: &Path) -> Workspace {
    let manifest = format!("[workspace]\n\n[workspace.package]\nversion = \"0.125.0\"\n\n{}", toml());
    write_tree(
        dir,
        &[
            ("tree/Cargo.toml", manifest),
            ("tree/config.toml", toml()),
            ("tree/a.rs", rust()),
            ("tree/b.rs", rust()),
            ("tree/CRLF.rs", rust().replace('\n', "\r\n")),
        ],
    );
    Workspace::find(Some(&dir.join("tree")), dir).unwrap()
}

/// Runs `sets`, one patch file each, in the order given.
fn run(workspace: &Workspace, dir: &Path, mode: Mode, sets: &[String]) -> Report {
    let names: Vec<String> = (0..sets.len()).map(|at| format!("set-{at}.toml")).collect();
    write_tree(dir, &names.iter().zip(sets).collect::<Vec<_>>());
    let paths: Vec<_> = names.iter().map(|name| dir.join(name)).collect();
    let set = loader::load(&paths, &[]).unwrap();
    let options = Options { mode, ..Options::new(Command::Apply) };
    apply_patches(&DiskTree::new(workspace, dir), &set, &options, &|_, _| ()).unwrap()
}

#[track_caller]
fn all(report: &Report, status: Status, patches: usize) {
    assert_eq!(report.summary.iter().collect::<Vec<_>>(), [(&status, &patches)], "{:#?}", report.patches);
}

#[test]
fn twelve_patches_of_three_files_read_parse_and_write_each_target_once() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(dir.path());
    // Kinds and targets mixed, so that neither the order nor the patch file groups them.
    let sets = [
        [patch("text", 0, "a.rs"), patch("toml", 0, "Cargo.toml"), patch("ast-grep", 1, "b.rs")].concat()
            + &patch("tree-sitter", 2, "a.rs"),
        [patch("toml", 1, "Cargo.toml"), patch("tree-sitter", 3, "b.rs"), patch("text", 4, "b.rs")].concat()
            + &patch("ast-grep", 0, "a.rs"),
        [patch("ast-grep", 5, "a.rs"), patch("text", 6, "a.rs"), patch("toml", 2, "Cargo.toml")].concat()
            + &patch("text", 7, "Cargo.toml")
                .replace("LIMIT_7: usize = 7;", "[part-7]")
                .replace("LIMIT_7: usize = 10_7;", "# Seventh.\\n[part-7]"),
    ];
    let report = run(&workspace, dir.path(), Mode::Write, &sets);
    all(&report, Status::Applied, 12);
    assert_eq!(report.files, ["Cargo.toml", "a.rs", "b.rs"]);
    // One parse of a Rust target, whose tree eight patches bring up to date. The statements of the TOML target are parsed for each
    // of its three TOML patches and once more to be judged.
    let Work { reads, parses, writes, .. } = report.work;
    assert_eq!((reads, parses, writes), (3, 2 + 4, 3), "{:?}", report.work);

    let second = run(&workspace, dir.path(), Mode::Write, &sets);
    all(&second, Status::AlreadyApplied, 12);
    let Work { reads, parses, reparses, writes } = second.work;
    assert_eq!((reads, parses, reparses, writes), (3, 3, 0, 0), "nothing changed, so nothing is judged");
}

#[test]
fn the_cost_does_not_grow_with_the_patches_of_a_target() {
    for (kind, file) in [
        ("text", "a.rs"),
        ("ast-grep", "a.rs"),
        ("tree-sitter", "a.rs"),
        ("ast-grep", "CRLF.rs"),
        ("toml", "config.toml"),
        ("toml", "Cargo.toml"),
    ] {
        for patches in [1, 2, 12, ITEMS] {
            for patch_files in [1, patches] {
                let dir = tempfile::tempdir().unwrap();
                let workspace = workspace(dir.path());
                let all_of_them: Vec<String> = (0..patches).map(|n| patch(kind, n, file)).collect();
                let sets: Vec<String> =
                    all_of_them.chunks(patches / patch_files).map(|chunk| chunk.concat()).collect();
                let report = run(&workspace, dir.path(), Mode::Write, &sets);
                all(&report, Status::Applied, patches);
                let work = report.work;
                // What a step left of TOML is parsed again; a file of it is small.
                let parses = if kind == "toml" { patches + 1 } else { 1 };
                let counted = (work.reads, work.parses, work.writes);
                assert_eq!(counted, (1, parses, 1), "{patches} {kind} patches on {file}: {work:?}");
            }
        }
    }
}

#[test]
fn planning_writes_nothing_and_costs_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = workspace(dir.path());
    let sets: Vec<String> = ["text", "ast-grep", "tree-sitter"].map(|kind| patch(kind, 1, "a.rs")).into();
    let stamped = support::stamps(workspace.root());
    let planned = run(&workspace, dir.path(), Mode::Report, &sets);
    all(&planned, Status::WouldApply, 3);
    assert_eq!(support::stamps(workspace.root()), stamped);
    let written = run(&workspace, dir.path(), Mode::Write, &sets);
    assert_eq!(Work { writes: 1, ..planned.work }, written.work);
}

#[test]
fn what_is_parsed_on_the_side_counts_and_threads_do_not_matter() {
    // The second patch looks for what the first puts in: the planner tries it on the first one's text alone, by its tree.
    let chained = |file: &str| {
        patch("ast-grep", 0, file)
            + &patch("ast-grep", 1, file)
                .replace("retry_1($X, $Y)", "patient_0($X, $Y)")
                .replace("patient_1($X, $Y)", "tireless($X, $Y)")
    };
    let works: Vec<Work> = [1, 4]
        .into_iter()
        .map(|threads| {
            let dir = tempfile::tempdir().unwrap();
            let workspace = workspace(dir.path());
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let sets = [chained("a.rs"), chained("b.rs")];
            let report = pool.install(|| run(&workspace, dir.path(), Mode::Report, &sets));
            all(&report, Status::WouldApply, 4);
            report.work
        })
        .collect();
    assert!(works[0].parses > 2, "more than the two targets: {:?}", works[0]);
    assert_eq!(works[0], works[1]);
}

/// Runs `work` on one thread that nothing else ever ran on, where targets are planned too.
fn on_one_new_thread(work: impl FnOnce() + Send) {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(work);
}

fn structural(patches: usize, file: &str) -> Vec<String> {
    let both = |n: usize| patch("ast-grep", n, file) + &patch("tree-sitter", n, file);
    (0..patches).map(both).collect()
}

#[test]
fn parsers_do_not_grow_with_operations_or_runs() {
    let created = |patches: usize| {
        let (sender, receiver) = std::sync::mpsc::channel();
        on_one_new_thread(move || {
            let dir = tempfile::tempdir().unwrap();
            let workspace = workspace(dir.path());
            assert_eq!(pool::created(), 0, "the thread is new");
            run(&workspace, dir.path(), Mode::Report, &structural(patches, "a.rs"));
            let cold = pool::created();
            let more = [structural(patches, "a.rs"), structural(1, "b.rs")].concat();
            all(&run(&workspace, dir.path(), Mode::Write, &more), Status::Applied, 2 * patches + 2);
            assert_eq!(pool::created(), cold, "the second run makes none");
            sender.send(cold).unwrap();
        });
        receiver.recv().unwrap()
    };
    let few = created(1);
    assert!((1..=2).contains(&few), "{few}");
    assert_eq!(created(ITEMS), few);
}

#[test]
fn patterns_are_compiled_once_a_thread() {
    on_one_new_thread(|| {
        let dir = tempfile::tempdir().unwrap();
        let workspace = workspace(dir.path());
        let sets = structural(12, "a.rs");
        let sources: BTreeSet<String> = (0..12).map(pattern).collect();
        let compiled = || -> Vec<_> {
            let source = |text: &String| PatternSource { text: text.clone(), selector: None };
            sources.iter().map(|text| get_or_compile_pattern(&source(text)).unwrap()).collect()
        };
        clear_cache();
        run(&workspace, dir.path(), Mode::Report, &sets);
        assert_eq!(cache_size(), sources.len());
        let first = compiled();
        assert_eq!(cache_size(), sources.len(), "each of them was there");
        run(&workspace, dir.path(), Mode::Report, &sets);
        // On another target, too, and when it is written.
        run(&workspace, dir.path(), Mode::Write, &[patch("ast-grep", 3, "b.rs")]);
        assert_eq!(cache_size(), sources.len());
        for (before, after) in first.iter().zip(compiled()) {
            assert!(Rc::ptr_eq(before, &after), "none was compiled anew");
        }
    });
}
