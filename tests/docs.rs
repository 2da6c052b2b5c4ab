//! The pages in `docs/`: every patch, transcript and script in them is run. `UPDATE_TRANSCRIPTS=1` rewrites the
//! diffs and transcripts of the cookbook; read the diff.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it runs the binary on files")]

#[path = "docs/fork.rs"]
mod fork;
mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use codex_patcher::config::{loader, schema};
use codex_patcher::validate;
use fork::Fork;
use support::page::{blocks, code, heading_of, page, pages, root, said, section, sections, with_blocks};
use support::{binary, copy_tree, read_tree, run, sample, shipped_patches, stamps, write_tree};

const COOKBOOK: &str = "docs/cookbook.md";

/// Said even where the test passes, so not `eprintln!`, which the test runner keeps to itself.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

mod cookbook {
    use super::*;

    /// A folder with the sample and a patch.
    fn scratch(patch: &str) -> tempfile::TempDir {
        let scratch = tempfile::tempdir().unwrap();
        copy_tree(&sample(), &scratch.path().join("codex-rs"));
        std::fs::write(scratch.path().join("my.toml"), patch).unwrap();
        scratch
    }

    /// The sections that are tasks: those with a patch.
    fn tasks(text: &str) -> Vec<String> {
        sections(text).into_iter().filter(|section| section.contains("```toml\n")).collect()
    }

    fn patch_of(task: &str) -> String {
        let patches = blocks(task, "toml");
        assert_eq!(patches.len(), 1, "{}: one patch file a task", heading_of(task));
        patches.into_iter().next().unwrap()
    }

    fn diff_of(patch: &str) -> String {
        let scratch = scratch(patch);
        run(scratch.path(), ["apply", "--dry-run", "--diff", "my.toml"]).exits(0).stdout
    }

    /// A transcript as it comes out: the lines that begin with `$`, each with what it prints.
    fn transcript(patch: &str, block: &str) -> String {
        let scratch = scratch(patch);
        let mut made = String::new();
        for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let mut words = line.splitn(2, ' ');
            let output = match (words.next(), words.next()) {
                (Some("codex-patcher"), Some(args)) => binary(scratch.path()).args(args.split(' ')).output(),
                _ => Command::new("bash").args(["-c", line]).current_dir(scratch.path()).output(),
            };
            made += &format!("$ {line}\n{}", said(output.unwrap()));
        }
        made
    }

    #[test]
    fn every_task_does_to_the_sample_what_its_diff_shows() {
        let text = page(COOKBOOK);
        let mut made = String::new();
        for part in sections(&text) {
            if !part.contains("```toml\n") {
                made += &part;
                continue;
            }
            let patch = patch_of(&part);
            let transcripts = blocks(&part, "console");
            let transcripts: Vec<String> =
                transcripts.iter().map(|block| transcript(&patch, block)).collect();
            assert_eq!(blocks(&part, "diff").len(), 1, "{}: one diff a task", heading_of(&part));
            made += &with_blocks(&with_blocks(&part, "diff", &[diff_of(&patch)]), "console", &transcripts);
        }
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            std::fs::write(root().join(COOKBOOK), &made).unwrap();
        }
        let (said, made) = (sections(&page(COOKBOOK)), sections(&made));
        said.iter().zip(&made).for_each(|(said, made)| assert_eq!(said, made));
    }

    #[test]
    fn every_task_applies_for_good_and_once() {
        for task in tasks(&page(COOKBOOK)) {
            let scratch = scratch(&patch_of(&task));
            let tree = scratch.path().join("codex-rs");
            let before = read_tree(&tree);
            run(scratch.path(), ["apply", "--strict", "my.toml"]).exits(0);
            let after = read_tree(&tree);
            let changed = after.iter().filter(|(path, entry)| before[*path] != **entry);
            for (path, entry) in changed {
                let content = entry.content.as_ref().unwrap();
                if path.ends_with(".rs") {
                    validate::pooled::validate(content).unwrap_or_else(|error| panic!("{path}: {error}"));
                } else {
                    content.parse::<toml::Table>().unwrap_or_else(|error| panic!("{path}: {error}"));
                }
            }
            let stamped = stamps(&tree);
            let again = run(scratch.path(), ["apply", "--format", "json", "my.toml"]).exits(0);
            assert_eq!(stamps(&tree), stamped, "{}: the second run wrote", heading_of(&task));
            for (id, status) in again.statuses() {
                // A task that can end otherwise says so.
                let told = task.contains(&format!("`{status}`")) || task.contains(&format!("is {status}"));
                assert!(status == "already-applied" || told, "{id}: {status}");
            }
        }
    }

    /// What is said of upstream's changes is in comments beside it: `<!-- holds: FILE: OLD ==> NEW -->` where the patch still applies after
    /// that change, the cause of its failure in place of `holds`, or `<!-- moved: FILE: NEW FILE -->`.
    #[test]
    fn every_task_bears_what_it_says_it_bears() {
        let (mut tried, mut wrong) = (0, Vec::new());
        for task in tasks(&page(COOKBOOK)) {
            let claims = task.lines().filter_map(|line| line.strip_prefix("<!-- ")?.strip_suffix(" -->"));
            for claim in claims {
                let mut parts = claim.splitn(3, ": ");
                let (kind, file) = (parts.next().unwrap(), parts.next().unwrap());
                let what = parts.next().unwrap().replace("\\n", "\n");
                let scratch = scratch(&patch_of(&task));
                let tree = scratch.path().join("codex-rs");
                let text = std::fs::read_to_string(tree.join(file)).unwrap();
                if kind == "moved" {
                    std::fs::remove_file(tree.join(file)).unwrap();
                    write_tree(&tree, &[(&what, text)]);
                } else {
                    let (old, new) = what.split_once(" ==> ").unwrap();
                    assert!(text.contains(old), "{claim}");
                    write_tree(&tree, &[(file, text.replacen(old, new, 1))]);
                }
                let ran = run(scratch.path(), ["apply", "--format", "json", "my.toml"]);
                let statuses = ran.statuses();
                let fine = ["applied", "skipped"];
                let expected = |(_, status): &(String, String)| match kind {
                    "holds" | "moved" => fine.contains(&status.as_str()),
                    cause => status == cause || status == "not-attempted",
                };
                if !statuses.iter().all(expected) {
                    wrong.push(format!("{claim}: {statuses:?}"));
                }
                tried += 1;
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(tried > 30, "{tried}");
    }

    #[test]
    fn it_has_all_kinds_of_queries_and_operations() {
        let tasks = tasks(&page(COOKBOOK));
        assert!(tasks.len() >= 20, "{}", tasks.len());
        let patches = tasks.iter().map(|task| patch_of(task)).collect::<String>();
        let types: BTreeSet<&str> = patches.lines().filter_map(|line| line.strip_prefix("type = ")).collect();
        for wanted in ["text", "ast-grep", "tree-sitter", "toml", "replace", "delete", "insert-before"] {
            assert!(types.contains(&*format!("\"{wanted}\"")), "{wanted}");
        }
        let toml = ["insert-section", "replace-value", "set-value", "delete-key", "delete-section"];
        for wanted in ["insert-after"].iter().chain(&toml) {
            assert!(types.contains(&*format!("\"{wanted}\"")), "{wanted}");
        }
        let ids: Vec<&str> = patches.lines().filter(|line| line.starts_with("id = ")).collect();
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "ids are unique");
    }
}

mod patch_files {
    use super::*;

    /// A block with `[[patches]]` is a whole file; any other is the part of a patch that it is about.
    fn whole(block: &str) -> String {
        if block.lines().any(|line| line.starts_with("[[patches]]")) {
            return block.to_owned();
        }
        let mut head = "[[patches]]\nid = \"a\"\nfile = \"a.rs\"\n".to_owned();
        for (table, inline) in
            [("query", "{ type = \"text\", search = \"a\" }"), ("operation", "{ type = \"delete\" }")]
        {
            if !block.contains(&format!("[patches.{table}")) {
                head += &format!("{table} = {inline}\n");
            }
        }
        head + block
    }

    #[test]
    fn every_patch_of_every_page_loads() {
        let mut seen = 0;
        for path in pages() {
            for block in blocks(&page(&path), "toml") {
                let (file, mistakes) = schema::parse(&path, "page", &whole(&block));
                assert!(mistakes.is_empty() && file.is_some(), "{path}: {mistakes:?} in:\n{block}");
                seen += 1;
            }
        }
        assert!(seen > 40, "{seen}");
    }

    #[test]
    fn the_page_of_the_privacy_set_names_each_of_its_patches() {
        let code = code(&page("docs/privacy.md"));
        let set = loader::load(&[shipped_patches().join("privacy.toml")], &[]).unwrap().files.remove(0);
        for patch in &set.patches {
            assert!(has_word(&code, &patch.id), "docs/privacy.md does not name {}", patch.id);
        }
    }

    #[test]
    fn the_reference_has_every_key_of_the_schema() {
        let code = code(&page("docs/format.md"));
        let schema = schema_of("patch");
        let mut keys = BTreeSet::new();
        properties(&schema, &mut keys);
        assert!(keys.len() > 50, "{keys:?}");
        keys.iter().for_each(|key| assert!(has_word(&code, key), "docs/format.md does not speak of `{key}`"));
    }

    /// And of every kind of query and operation, and every other value that is one of a few.
    #[test]
    fn the_reference_has_every_value_of_the_schema() {
        let code = code(&page("docs/format.md"));
        let mut values = BTreeSet::new();
        enumerated(&schema_of("patch"), &mut values);
        assert!(values.len() > 15, "{values:?}");
        // What is accepted beside its documented spelling is said once.
        for value in
            values.iter().filter(|value| !values.contains(&value.replace('_', "-")) || !value.contains('_'))
        {
            assert!(has_word(&code, value), "docs/format.md does not speak of `{value}`");
        }
    }
}

mod report {
    use super::*;

    #[test]
    fn the_page_has_every_field_status_and_cause_of_the_schema() {
        let code = code(&page("docs/report.md"));
        let mut words = BTreeSet::new();
        properties(&schema_of("report"), &mut words);
        let fields = words.len();
        enumerated(&schema_of("report"), &mut words);
        assert!(fields > 30 && words.len() > fields + 18, "{words:?}");
        words
            .iter()
            .for_each(|word| assert!(has_word(&code, word), "docs/report.md does not speak of `{word}`"));
    }

    #[test]
    fn the_document_of_the_page_is_what_is_printed() {
        let page = page("docs/report.md");
        let (patch, document) = (&blocks(&page, "toml")[0], &blocks(&page, "json")[0]);
        let scratch = tempfile::tempdir().unwrap();
        copy_tree(&sample(), &scratch.path().join("codex-rs"));
        std::fs::write(scratch.path().join("my.toml"), patch).unwrap();
        let ran = run(scratch.path(), ["status", "my.toml", "-w", "codex-rs", "--format", "json"]).exits(1);
        assert_eq!(&ran.stdout, document);
    }
}

mod scripts {
    use super::*;

    const PAGE: &str = "docs/scripts.md";

    /// The first script of a section.
    fn script(heading: &str) -> String {
        blocks(&section(&page(PAGE), heading), "sh").into_iter().next().unwrap()
    }

    fn installed(program: &str) -> bool {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    }

    #[test]
    fn every_script_of_every_page_runs() {
        let mut ran = 0;
        for path in pages() {
            for script in blocks(&page(&path), "sh") {
                if script.starts_with("hyperfine ") && !installed("hyperfine") {
                    say("SKIPPED: hyperfine is not installed; what it would run is run by another test");
                    continue;
                }
                let fork = Fork::new();
                let outcome = fork.bash(&script);
                assert_eq!(outcome.code, 0, "{path}:\n{script}\n{}{}", outcome.stdout, outcome.stderr);
                ran += 1;
            }
        }
        assert!(ran > 10, "{ran}");
    }

    #[test]
    fn a_line_with_a_build_after_it_builds_only_if_every_patch_applies() {
        let line = script("The exit status");
        let fork = Fork::new();
        fork.bash(&line).exits(0);
        assert_eq!(fork.cargo_calls().len(), 1);

        let fork = Fork::new();
        fork.move_on("codex");
        let before = fork.changes();
        fork.bash(&line).exits(1);
        assert!(fork.cargo_calls().is_empty());
        assert_eq!(fork.changes(), before);

        let fork = Fork::new();
        std::fs::write(fork.path("home/patches/wrong.toml"), "patches = 1\n").unwrap();
        fork.bash(&line).exits(2);
        assert!(fork.cargo_calls().is_empty());
    }

    #[test]
    fn a_build_script_builds_patched_sources_and_gives_the_tree_back() {
        let script = script("Stop a build when a patch fails");
        let fork = Fork::new();
        // Cargo sees the tree with its patches.
        let look = "#!/bin/sh\ngit status --porcelain codex-rs >> ../cargo.txt\n";
        std::fs::write(fork.path("bin/cargo"), look).unwrap();
        fork.bash(&script).exits(0);
        assert!(fork.cargo_calls().iter().any(|line| line == " M codex-rs/core/src/exec.rs"));
        assert_eq!(fork.changes(), "");

        let fork = Fork::new();
        fork.move_on("codex");
        let before = fork.changes();
        let stopped = fork.bash(&script).exits(1);
        assert!(stopped.stdout.contains("failed  "), "{}", stopped.stdout);
        assert!(fork.cargo_calls().is_empty());
        assert_eq!(fork.changes(), before);

        let fork = Fork::new();
        fork.break_builds();
        fork.bash(&script).exits(101);
        assert_eq!(fork.changes(), "", "given back after a build that failed");
    }

    #[test]
    fn an_upgrade_happens_only_if_the_patches_fit() {
        let script = script("Check before an upgrade");
        let fork = Fork::new();
        fork.bash(&script).exits(0);
        assert_eq!(fork.at(), "rust-v0.125.0", "the alpha does not count");

        fork.move_on("upstream");
        fork.release("0.125.1");
        let stayed = fork.bash(&script).exits(1);
        assert_eq!(fork.at(), "rust-v0.125.0");
        let words = "the patches do not fit rust-v0.125.1: staying at rust-v0.125.0\n";
        assert!(stayed.stderr.ends_with(words), "{}", stayed.stderr);
        assert_eq!(fork.changes(), "");
    }

    #[test]
    fn a_hook_tells_after_a_checkout_what_does_not_fit() {
        let hook = blocks(&section(&page(PAGE), "Check before an upgrade"), "sh").remove(1);
        let fork = Fork::new();
        fork.move_on("upstream");
        fork.release("0.125.1");
        std::fs::write(fork.path("codex/.git/hooks/post-checkout"), hook).unwrap();
        fork.make_executable("codex/.git/hooks/post-checkout");
        let fine = fork.bash("git fetch --quiet --tags && git checkout --quiet rust-v0.125.0").exits(0);
        assert!(!(fine.stdout + &fine.stderr).contains("no-match"));
        let told = fork.bash("git checkout --quiet rust-v0.125.1");
        assert!((told.stdout + &told.stderr).contains("no-match: patient-exec"));
        assert_eq!(fork.at(), "rust-v0.125.1", "it only tells");
        let one_file = fork.bash("git checkout --quiet rust-v0.125.0 -- codex-rs/Cargo.toml").exits(0);
        assert_eq!(one_file.stdout + &one_file.stderr, "");
    }

    #[test]
    fn a_report_is_read_without_more_than_a_plain_machine_has() {
        let script = script("Read the report");
        let fork = Fork::new();
        assert_eq!(fork.bash(&script).exits(0).stdout, "");
        fork.move_on("codex");
        assert_eq!(fork.bash(&script).exits(0).stdout, "patient-exec: no-match\n");
    }

    #[test]
    fn hyperfine_is_given_a_command_that_writes_nothing() {
        let line = script("How long it takes");
        let command = line.split('\'').nth(1).unwrap();
        let fork = Fork::new();
        fork.bash(command).exits(0);
        assert_eq!(fork.changes(), "");
    }

    /// One job of a workflow: the actions it uses, and its `run:` scripts.
    #[derive(Debug, Default)]
    struct Job {
        name: String,
        uses: Vec<String>,
        runs: Vec<String>,
    }

    /// The jobs of a workflow that is laid out as usual: two spaces a level, `run:` in one line or as a block.
    fn jobs(workflow: &str) -> Vec<Job> {
        let mut found: Vec<Job> = Vec::new();
        let mut lines = workflow.lines().skip_while(|line| *line != "jobs:").skip(1).peekable();
        while let Some(line) = lines.next() {
            let depth = line.len() - line.trim_start().len();
            if depth == 2 {
                let name = line.trim().trim_end_matches(':').to_owned();
                found.push(Job { name, ..Job::default() });
                continue;
            }
            let step = line.trim().trim_start_matches("- ");
            if let Some(uses) = step.strip_prefix("uses: ") {
                found.last_mut().unwrap().uses.push(uses.to_owned());
            } else if step == "run: |" {
                let mut script = String::new();
                while let Some(line) = lines.next_if(|line| line.starts_with(&" ".repeat(10))) {
                    script += &format!("{}\n", &line[10..]);
                }
                found.last_mut().unwrap().runs.push(script);
            } else if let Some(script) = step.strip_prefix("run: ") {
                found.last_mut().unwrap().runs.push(script.to_owned());
            }
        }
        found
    }

    /// Runs the scripts of a job in order, up to the first that fails; how many ran well.
    fn work(fork: &Fork, job: &Job) -> usize {
        job.runs.iter().take_while(|script| fork.bash(script).code == 0).count()
    }

    #[test]
    fn the_workflow_builds_what_is_patched_and_asks_for_the_next_release() {
        let workflow = blocks(&page(PAGE), "yaml").remove(0);
        let jobs = jobs(&workflow);
        let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
        assert_eq!(names, ["build", "upgrade"]);
        for uses in jobs.iter().flat_map(|job| &job.uses) {
            let (action, version) = uses.split_once('@').unwrap();
            assert!(
                ["actions/checkout", "actions/cache", "actions/upload-artifact"].contains(&action),
                "{uses}"
            );
            let major = version.strip_prefix('v').unwrap();
            assert!(major.parse::<u32>().is_ok_and(|major| major >= 4), "{uses}");
        }
        let [build, upgrade] = &jobs[..] else { panic!("{jobs:?}") };
        assert_eq!((build.runs.len(), upgrade.runs.len()), (3, 2));

        let fork = Fork::new();
        assert_eq!(work(&fork, build), 3);
        let calls = fork.cargo_calls();
        assert!(
            calls[0].starts_with("install --locked --git ") && calls[1].starts_with("build "),
            "{calls:?}"
        );
        assert_eq!(calls.len(), 2);

        let fork = Fork::new();
        fork.move_on("codex");
        assert_eq!(work(&fork, build), 1, "a patch that fails stops the job");
        assert_eq!(fork.cargo_calls().len(), 1, "nothing is built");

        let fork = Fork::new();
        fork.release("0.125.1");
        assert_eq!(work(&fork, upgrade), 2);
        fork.move_on("upstream");
        fork.release("0.125.2");
        assert_eq!(work(&fork, upgrade), 1, "the patches do not fit the newest release");
        let told = fork.bash(&upgrade.runs[1]);
        assert!(
            told.stdout.contains("no-match: patient-exec") && !told.stdout.contains("alpha"),
            "{}",
            told.stdout
        );
    }
}

mod editor {
    use super::*;

    #[test]
    fn the_lines_for_shells_are_those_that_the_program_names() {
        let page = page("docs/editor.md");
        let help = run(root(), ["completions", "--help"]).exits(0).stdout;
        let mut shells = 0;
        for line in help.lines().skip_while(|line| !line.starts_with("Add the line")).skip(1) {
            let (shell, line) = line.trim().split_once(' ').unwrap();
            let line = line.trim().split("  ").next().unwrap().replace('|', "\\|");
            let mut rows = page.lines().filter(|row| row.starts_with(&format!("| {shell}")));
            assert!(rows.any(|row| row.contains(&format!("`{line}`"))), "{shell}: {line}");
            assert!(!run(root(), ["completions", shell]).exits(0).stdout.is_empty());
            shells += 1;
        }
        assert_eq!(shells, 5);
    }

    #[test]
    fn there_is_a_manual_page_for_every_command_of_the_page() {
        let script = blocks(&section(&page("docs/editor.md"), "Manual pages"), "sh").remove(0);
        let fork = Fork::new();
        fork.bash(&script).exits(0);
        let help = run(root(), ["--help"]).exits(0).stdout;
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let commands = commands.take_while(|line| line.starts_with("  "));
        let commands: Vec<&str> =
            commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
        let small = ["", "schema", "completions", "man", "help"];
        let commands: Vec<&str> = commands.into_iter().filter(|name| !small.contains(name)).collect();
        assert!(commands.len() > 8, "{commands:?}");
        let names = commands.iter().map(|command| format!("codex-patcher-{command}"));
        for name in names.chain(["codex-patcher".to_owned()]) {
            let path = fork.path(&format!("home/.local/share/man/man1/{name}.1"));
            let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(text.contains(&format!(".TH {name} 1")), "{name}");
        }
    }
}

mod links {
    use super::*;

    /// A heading as a link names it.
    fn anchor(heading: &str) -> String {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    }

    #[test]
    fn every_link_leads_to_a_page_and_a_heading_that_are_there() {
        let mut seen = 0;
        for path in pages() {
            let text = page(&path);
            let targets = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
            for target in targets.filter(|target| !target.starts_with("http")) {
                let (file, heading) = target.split_once('#').unwrap_or((target, ""));
                let folder = Path::new(&path).parent().unwrap();
                let to = if file.is_empty() { root().join(&path) } else { root().join(folder).join(file) };
                let there =
                    std::fs::read_to_string(&to).unwrap_or_else(|error| panic!("{path}: {target}: {error}"));
                let found = sections(&there).iter().any(|part| anchor(heading_of(part)) == heading);
                assert!(heading.is_empty() || found, "{path}: {target}");
                seen += 1;
            }
        }
        assert!(seen > 15, "{seen}");
    }

    #[test]
    fn the_readme_names_every_page_and_every_set() {
        let readme = page("README.md");
        for path in pages().iter().skip(1) {
            assert!(readme.contains(&format!("({path})")), "{path}");
        }
        let rows: Vec<&str> = readme.lines().filter(|line| line.contains("](patches/")).collect();
        let sets = loader::load(&[shipped_patches()], &[]).unwrap().files;
        assert_eq!(rows.len(), sets.len(), "{rows:?}");
        for (row, set) in rows.iter().zip(&sets) {
            let name = Path::new(&*set.path).file_stem().unwrap().to_str().unwrap();
            assert!(row.starts_with(&format!("| [`{name}`](patches/{name}.toml) | ")), "{row}");
            assert!(
                row.ends_with(&format!(" | {} |", set.patches.len())),
                "{name}: {}: {row}",
                set.patches.len()
            );
        }
    }
}

fn schema_of(what: &str) -> serde_json::Value {
    serde_json::from_str(&page(&format!("schemas/{what}.json"))).unwrap()
}

/// The names of all properties that a schema knows, wherever.
fn properties(schema: &serde_json::Value, found: &mut BTreeSet<String>) {
    if let Some(names) = schema.get("properties").and_then(|names| names.as_object()) {
        found.extend(names.keys().cloned());
    }
    children(schema).into_iter().for_each(|child| properties(child, found));
}

/// The values of all properties whose value is one of a few words.
fn enumerated(schema: &serde_json::Value, found: &mut BTreeSet<String>) {
    let values = schema.get("enum").and_then(|values| values.as_array());
    let one = schema.get("const");
    let words = values.into_iter().flatten().chain(one).filter_map(|value| value.as_str());
    found.extend(words.map(str::to_owned));
    children(schema).into_iter().for_each(|child| enumerated(child, found));
}

fn children(value: &serde_json::Value) -> Vec<&serde_json::Value> {
    match value {
        serde_json::Value::Object(fields) => fields.values().collect(),
        serde_json::Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a text has a word, not as part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}
