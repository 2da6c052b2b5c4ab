//! Kills, errors and signals at every system call of every command that writes, and what is there afterwards.
//!
//! `strace` makes the Nth call of one kind fail, or kills the program at it. Then the tree, the patch files and the locks are
//! compared with what they were and with what an undisturbed run makes of them; the same command is run once more, and they
//! are compared again. A few faults are part of every test run; CONTRIBUTING.md says how to try all. Without strace nothing
//! can be tried, and the test says so.

#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it lays out trees, and starts strace"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::{Entry, Ran, commit, commit_all, read_tree, write_tree};

/// How many targets a tree has.
const FILES: usize = 30;

/// What happens at a call: a name for the table, what strace calls it, and of how many calls one gets it where not all are
/// tried.
const FAULTS: [(&str, &str, usize); 6] = [
    ("kill", "signal=KILL", 797),
    ("error EIO", "error=EIO", 797),
    ("error ENOSPC from here on", "error=ENOSPC", 1597),
    ("error EINVAL", "error=EINVAL", 1597),
    ("signal INT", "signal=INT", 1597),
    ("signal TERM twice", "signal=TERM", 1597),
];

/// How long a run may take; on this no verdict depends but that it ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// The status of a run that was ended because it did not end.
const STUCK: i32 = -1;

/// A command on a tree.
struct Scenario {
    name: &'static str,
    args: &'static [&'static str],
    lay_out: fn(&Path),
}

const SCENARIOS: [Scenario; 5] = [
    Scenario { name: "apply", args: &["apply", "p", "q", "-w", "ws"], lay_out: plain },
    Scenario { name: "revert", args: &["revert", "p", "q", "-w", "ws"], lay_out: applied },
    Scenario { name: "lock", args: &["lock", "p", "q", "-w", "ws"], lay_out: plain },
    Scenario { name: "update", args: &["update", "p", "q", "-w", "ws"], lay_out: drifted },
    Scenario { name: "apply --accept", args: &["apply", "--accept", "p", "q", "-w", "ws"], lay_out: changed },
];

fn path(at: usize) -> String {
    format!("src/{}/f{at}.rs", at % 6)
}

/// A tree of [`FILES`] files in a repository, with a patch for each in two folders.
fn plain(root: &Path) {
    let mut files = vec![(
        "ws/Cargo.toml".to_owned(),
        "[workspace]\nmembers = []\n[workspace.package]\nversion = \"0.1.0\"\n".to_owned(),
    )];
    let mut patches = BTreeMap::<String, String>::new();
    for at in 0..FILES {
        let text =
            format!("fn f{at}() -> u8 {{\n    let limit = bound({at});\n    beta(limit);\n    limit\n}}\n");
        files.push((format!("ws/{}", path(at)), text));
        let file = if at % 2 == 0 { format!("p/{}.toml", at % 3) } else { "q/all.toml".to_owned() };
        let patch = format!(
            "[[patches]]\nid = 'f{at}'\nfile = '{}'\nquery = {{ type = 'tree-sitter', pattern = 'fn f{at}' }}\n\
             operation = {{ type = 'replace', text = \"fn f{at}() -> u8 {{\\n    80\\n}}\" }}\n\n",
            path(at)
        );
        patches.entry(file).or_default().push_str(&patch);
    }
    files.extend(patches);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    write_tree(root, &files);
    commit_all(&root.join("ws"));
}

fn applied(root: &Path) {
    plain(root);
    undisturbed(root, &["apply", "p", "q", "-w", "ws"]);
}

/// Locked, and then upstream changes every function.
fn changed(root: &Path) {
    plain(root);
    undisturbed(root, &["lock", "p", "q", "-w", "ws"]);
    for at in 0..FILES {
        edit(&root.join("ws").join(path(at)), "beta(limit)", "gamma(limit)");
    }
    commit(&root.join("ws"), "2026-01-02T00:00:00Z");
}

/// Locked, and then upstream moves some functions to other files and changes others.
fn drifted(root: &Path) {
    plain(root);
    for at in (0..FILES).filter(|at| at % 10 == 1) {
        let file = if at % 2 == 0 { format!("p/{}.toml", at % 3) } else { "q/all.toml".to_owned() };
        let old = format!(
            "query = {{ type = 'tree-sitter', pattern = 'fn f{at}' }}\noperation = {{ type = 'replace', text = \"fn f{at}() -> u8 {{\\n    80\\n}}\" }}"
        );
        let new = format!(
            "query = {{ type = 'text', search = \"bound({at});\\n    beta(limit);\" }}\noperation = {{ type = 'replace', text = \"bound(80);\\n    beta(limit);\" }}"
        );
        edit(&root.join(file), &old, &new);
    }
    undisturbed(root, &["lock", "p", "q", "-w", "ws"]);
    for at in 0..FILES {
        let file = root.join("ws").join(path(at));
        match at % 10 {
            0 => std::fs::rename(&file, root.join("ws/src").join(format!("moved{at}.rs"))).unwrap(),
            1 => edit(&file, "    beta(limit);", "    beta(limit, 1);"),
            _ => {}
        }
    }
    commit(&root.join("ws"), "2026-01-02T00:00:00Z");
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// The binary to try, on one thread, so that the Nth call is the same call in each run.
fn command(root: &Path, args: &[&str], strace: &[&str]) -> Ran {
    let binary = std::env::var_os("CODEX_PATCHER_BIN").unwrap_or(env!("CARGO_BIN_EXE_codex-patcher").into());
    let mut command = match strace {
        [] => Command::new(&binary),
        strace => {
            let mut command = Command::new("strace");
            // What git does is git's: it is let go of when it begins.
            command.args(["-f", "-qq", "-b", "execve"]).args(strace).arg(&binary);
            command
        }
    };
    command
        .current_dir(root)
        .env_clear()
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.args(args).args(["-j", "1"]).stdin(Stdio::null());
    let [out, err] = ["out", "err"].map(|name| root.with_extension(name));
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let mut child = command.process_group(0).spawn().unwrap();
    let started = Instant::now();
    let code = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.code().unwrap_or(137),
            None if started.elapsed() > PATIENCE => {
                let group = format!("-{}", child.id());
                assert!(Command::new("kill").args(["-KILL", "--", &group]).status().unwrap().success());
                child.wait().unwrap();
                break STUCK;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let read = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    Ran { code, stdout: read(out), stderr: read(err) }
}

#[track_caller]
fn undisturbed(root: &Path, args: &[&str]) {
    command(root, args, &[]).exits(0);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

type Tree = BTreeMap<String, Entry>;

/// The files of `tree` that are not leftovers, and how many leftovers there are.
fn without_leftovers(mut tree: Tree) -> (Tree, usize) {
    // Where git cannot be asked, a lock does not name the commit.
    for (_, entry) in tree.iter_mut().filter(|(name, _)| name.ends_with(".lock")) {
        if let Ok(text) = &mut entry.content {
            *text = text.split_inclusive('\n').filter(|line| !line.starts_with("commit = ")).collect();
        }
    }
    let is_leftover = |name: &String| name.contains(".codex-patcher-");
    let (leftovers, tree): (Tree, Tree) = tree.into_iter().partition(|(name, _)| is_leftover(name));
    (tree, leftovers.len())
}

/// A row of the table.
#[derive(Default)]
struct Row {
    injected: usize,
    /// Files that are neither as they were nor as they are to be.
    lost: usize,
    /// Runs that said that nothing was written (or that all was) and were wrong.
    untrue: usize,
    /// Runs that did not end.
    stuck: usize,
    /// Runs that failed and did not give the reason of the system.
    unexplained: usize,
    /// Trees that the next run did not finish.
    half: usize,
    leftovers: usize,
    examples: Vec<String>,
}

/// A run under strace that counts the calls of each kind, of the thread of the program that has most of them.
fn counts(root: &Path, args: &[&str]) -> BTreeMap<String, usize> {
    let log = root.with_extension("log");
    command(root, args, &["-o", log.to_str().unwrap()]).exits(0);
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    let calls = || log.lines().filter_map(|line| line.split_once(' '));
    // Those of git are git's; the first to be executed is ours.
    let is_git = |(_, call): &(&str, &str)| call.trim_start().starts_with("execve(");
    let git: BTreeSet<&str> = calls().skip(1).filter(is_git).map(|(thread, _)| thread).collect();
    let mut by_thread = BTreeMap::<(&str, &str), usize>::new();
    for (thread, call) in calls().filter(|(thread, _)| !git.contains(thread)) {
        let Some((name, _)) = call.trim_start().split_once('(') else { continue };
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            *by_thread.entry((thread, name)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, name), count) in by_thread {
        let known: &mut usize = most.entry(name.to_owned()).or_default();
        *known = count.max(*known);
    }
    most.retain(|name, _| !["execve", "exit", "exit_group"].contains(&&**name));
    most
}

struct Trial<'s> {
    scenario: &'s Scenario,
    before: &'s Path,
    old: &'s Tree,
    new: &'s Tree,
}

impl Trial<'_> {
    fn of(&self, fault: usize, call: &str, nth: usize, row: &Mutex<Row>) {
        let (name, what, _) = FAULTS[fault];
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("root");
        copy(self.before, &root);
        let when = match name {
            name if name.ends_with("from here on") => format!("{nth}+"),
            name if name.ends_with("twice") => format!("{nth}..{}", nth + 1),
            _ => nth.to_string(),
        };
        let inject = format!("inject={call}:{what}:when={when}");
        let ran = command(
            &root,
            self.scenario.args,
            &["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject],
        );
        let (now, _) = without_leftovers(read_tree(&root));
        let said = ran.stderr + &ran.stdout;
        let id = format!("{} {call} {when} {what}", self.scenario.name);
        let mut row = row.lock().unwrap();
        row.injected += 1;
        let mut tell = |count: fn(&mut Row) -> &mut usize, more: &str| {
            *count(&mut row) += 1;
            row.examples.push(format!("{id}: {more}\n{}", said.trim()));
        };
        // Without git, `update` and the locks do not know what they know with it: that is another run, and no write.
        // `update` writes what it can and ends with 1 where a patch could not be found.
        let is_in_part = self.scenario.name == "update" && ran.code == 1;
        if is_in_part || said.contains("history could not be asked") || said.contains("cannot run `git") {
            return;
        }
        for (path, entry) in &now {
            let known = [self.old.get(path), self.new.get(path)];
            let is_between = path.ends_with(".lock")
                && matches!(&entry.content, Ok(text) if text.contains("pending = true"));
            if !known.contains(&Some(entry)) && !is_between {
                tell(|row| &mut row.lost, path);
            }
        }
        if self.old.keys().any(|path| !now.contains_key(path) && self.new.contains_key(path)) {
            tell(|row| &mut row.lost, "a file is gone");
        }
        match ran.code {
            // By strace's own signal, when the program was killed.
            137 => {}
            // A panic, or no memory: a kill.
            101 | 134 => {}
            STUCK => tell(|row| &mut row.stuck, "it does not end"),
            0 if now != *self.new => tell(|row| &mut row.untrue, "0, and not all is written"),
            0 => {}
            code => {
                let is_told = said.contains("could not be restored");
                if now != *self.old && !is_told {
                    tell(|row| &mut row.untrue, &format!("{code}, and not all is as before"));
                }
                if said.trim().is_empty() {
                    tell(|row| &mut row.unexplained, "no word");
                }
            }
        }
        let again = command(&root, self.scenario.args, &[]);
        let (now, left) = without_leftovers(read_tree(&root));
        if now != *self.new {
            let said = again.stderr + &again.stdout;
            let wrong: Vec<&String> = now
                .iter()
                .filter(|(path, entry)| self.new.get(*path) != Some(entry))
                .map(|(path, _)| path)
                .collect();
            tell(|row| &mut row.half, &format!("{:?} {wrong:?}: {said}", again.code));
        }
        if left > 0 {
            tell(|row| &mut row.leftovers, "leftovers");
        }
    }
}

const SKIPPED: &str = "SKIPPED: strace is not here or may not trace: no fault was injected";

fn may_trace() -> bool {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    works.is_ok_and(|status| status.success())
}

/// A path of which the system cannot say what is there is not taken for one where nothing is: not for a patch file that stands beside
/// others, and not for the file where the code of a patch went.
#[test]
fn a_path_that_cannot_be_looked_at_is_named_and_nothing_is_written() {
    if !may_trace() {
        eprintln!("{SKIPPED}");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let before = scratch.path().join("before");
    drifted(&before);
    let (old, _) = without_leftovers(read_tree(&before));
    let update = ["update", "p", "q", "-w", "ws"];
    for path in ["ws/src/moved0.rs", "p/0.toml"] {
        let mut injected = 0;
        loop {
            let root = scratch.path().join(format!("{}-{injected}", path.replace('/', "-")));
            copy(&before, &root);
            let (log, full) = (root.with_extension("log"), root.join(path));
            let inject = format!("inject=?readlink,?readlinkat:error=EIO:when={}", injected + 1);
            let strace = [
                "-o",
                log.to_str().unwrap(),
                "-P",
                full.to_str().unwrap(),
                "-e",
                "trace=?readlink,?readlinkat",
            ];
            let ran = command(&root, &update, &[&strace[..], &["-e", &inject]].concat());
            if !std::fs::read_to_string(&log).unwrap().contains("INJECTED") {
                break;
            }
            injected += 1;
            assert_eq!(ran.code, 2, "{path}, {injected}: {}{}", ran.stdout, ran.stderr);
            let file = path.trim_start_matches("ws/");
            assert!(ran.stderr.contains(file) && ran.stderr.contains("Input/output"), "{}", ran.stderr);
            assert_eq!(without_leftovers(read_tree(&root)).0, old, "{path}, {injected}");
        }
        assert!(injected > 1, "{path} was resolved {injected} times");
    }
}

#[test]
fn whatever_fails_nothing_is_lost_and_the_next_run_finishes() {
    if !may_trace() {
        eprintln!("{SKIPPED}");
        return;
    }
    let all = std::env::var("CODEX_PATCHER_FAULTS").unwrap_or_default();
    let step: Option<usize> = all.parse().ok();
    let only = std::env::var("CODEX_PATCHER_FAULTS_ONLY").unwrap_or_default();
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    eprintln!(
        "| command | fault | injections | lost | untrue | stuck | no reason | half next | leftovers next |"
    );
    eprintln!("|---|---|---|---|---|---|---|---|---|");
    let mut wrong = Vec::new();
    for scenario in SCENARIOS.iter().filter(|scenario| only.is_empty() || scenario.name == only) {
        let scratch = tempfile::tempdir().unwrap();
        let [before, after] = ["before", "after"].map(|name| scratch.path().join(name));
        (scenario.lay_out)(&before);
        copy(&before, &after);
        let counts = counts(&after, scenario.args);
        let [(old, _), (new, _)] = [&before, &after].map(|root| without_leftovers(read_tree(root)));
        assert_ne!(old, new, "{}", scenario.name);
        let trial = Trial { scenario, before: &before, old: &old, new: &new };
        for (fault, (name, _, sample)) in FAULTS.iter().enumerate() {
            let calls = counts.iter().flat_map(|(call, count)| (1..=*count).map(move |nth| (call, nth)));
            let step = step.unwrap_or(*sample);
            // A close that does not close leaves pipes open, and whoever reads them waits.
            let calls = calls.filter(|(call, _)| *call != "close" || !name.starts_with("error"));
            let chosen: Vec<(&String, usize)> = calls.skip(step / 2).step_by(step).collect();
            let (next, row) = (AtomicUsize::new(0), Mutex::new(Row::default()));
            std::thread::scope(|threads| {
                for _ in 0..jobs {
                    threads.spawn(|| {
                        while let Some((call, nth)) = chosen.get(next.fetch_add(1, Ordering::SeqCst)) {
                            trial.of(fault, call, *nth, &row);
                        }
                    });
                }
            });
            let row = row.into_inner().unwrap();
            let Row { injected, lost, untrue, stuck, unexplained, half, leftovers, examples } = row;
            eprintln!(
                "| {} | {name} | {injected} | {lost} | {untrue} | {stuck} | {unexplained} | {half} | {leftovers} |",
                scenario.name
            );
            wrong.extend(examples);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong; the first:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n\n")
    );
}
