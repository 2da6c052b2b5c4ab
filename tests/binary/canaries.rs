//! Nothing that comes with a tree is started. Every command of the binary runs in repositories whose configuration
//! names a program for every key of git's documentation that takes one; each program would leave its name. That git
//! itself starts them there is shown as well.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the walls are for the library; a test makes trees"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ran, binary, commit, commit_all, copy_tree, git, git_at, run, write_tree};

const DAYS: [&str; 3] = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"];

/// The keys that take a program, with something in place of each name that one may choose.
const PROGRAMS: &[&str] = &[
    "browser.canary.cmd",
    "browser.canary.path",
    "core.alternateRefsCommand",
    "core.askPass",
    "core.editor",
    "core.fsmonitor",
    "core.gitProxy",
    "core.pager",
    "core.sshCommand",
    "credential.helper",
    "credential.https://host.invalid.helper",
    "diff.canary.command",
    "diff.canary.textconv",
    "diff.external",
    "difftool.canary.cmd",
    "difftool.canary.path",
    "filter.canary.clean",
    "filter.canary.smudge",
    "filter.pipe.process",
    "gc.recentObjectsHook",
    "gpg.openpgp.program",
    "gpg.program",
    "gpg.ssh.defaultKeyCommand",
    "gpg.ssh.program",
    "gpg.x509.program",
    "guitool.canary.cmd",
    "hook.canary.command",
    "imap.tunnel",
    "instaweb.browser",
    "instaweb.httpd",
    "interactive.diffFilter",
    "man.canary.cmd",
    "man.canary.path",
    "merge.canary.driver",
    "mergetool.canary.cmd",
    "mergetool.canary.path",
    "pager.cat-file",
    "pager.diff-index",
    "pager.diff-tree",
    "pager.for-each-ref",
    "pager.log",
    "pager.ls-files",
    "pager.ls-tree",
    "pager.rev-list",
    "pager.rev-parse",
    "pager.status",
    "remote.origin.receivepack",
    "remote.origin.uploadpack",
    "sendemail.ccCmd",
    "sendemail.headerCmd",
    "sendemail.sendmailCmd",
    "sendemail.smtpServer",
    "sendemail.toCmd",
    "sequence.editor",
    "tar.canary.command",
    "trailer.canary.cmd",
    "trailer.canary.command",
    "uploadpack.packObjectsHook",
];

/// As those, of keys that take a program behind `!`.
const SHELL_PROGRAMS: &[&str] = &[
    "alias.canary",
    "alias.cat-file",
    "alias.check-attr",
    "alias.config",
    "alias.diff-index",
    "alias.diff-tree",
    "alias.for-each-ref",
    "alias.log",
    "alias.ls-files",
    "alias.ls-tree",
    "alias.rev-list",
    "alias.rev-parse",
    "submodule.sub.update",
];

/// What makes git start some of them.
const SWITCHES: &[(&str, &str)] = &[
    ("browser.tool", "canary"),
    ("diff.tool", "canary"),
    ("diff.submodule", "diff"),
    ("hook.canary.event", "pre-commit"),
    ("hook.canary.event", "post-index-change"),
    ("log.diffMerges", "combined"),
    ("log.showSignature", "true"),
    ("merge.tool", "canary"),
    ("protocol.allow", "always"),
    ("protocol.ext.allow", "always"),
    ("protocol.file.allow", "always"),
    ("submodule.recurse", "true"),
    ("trailer.canary.key", "canary"),
    ("core.useReplaceRefs", "true"),
];

/// Variables that take a program.
const VARIABLES: &[&str] = &[
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
];

const HOOKS: &[&str] =
    &["fsmonitor-watchman", "post-checkout", "post-index-change", "pre-auto-gc", "pre-commit"];

/// Every subcommand that takes a workspace, in an order in which each has something to do.
const COMMANDS: &[&str] = &[
    "status patches",
    "status patches --drift move",
    "status patches --rev HEAD",
    "status patches --rev HEAD~2 --drift move",
    "verify patches",
    "verify patches --drift move --strict",
    "explain limit patches",
    "explain drifted patches",
    "explain gone patches --rev HEAD~2",
    "list patches",
    "new src/a.rs",
    "new src/a.rs:2",
    "apply patches -n -d",
    "apply patches -n -d --rev HEAD",
    "apply patches --keep-going",
    "apply patches --drift move --keep-going",
    "verify patches --drift merge",
    "lock patches -n --rev HEAD~2",
    "lock patches --keep-going",
    "update patches -n",
    "update patches --rev HEAD~2",
    "update patches",
    "revert patches",
    "revert patches --drift move",
];

fn patch(id: &str, file: &str, search: &str, text: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"{file}\"\n[patches.query]\ntype = \"text\"\nsearch = '''{search}'''\n\
         [patches.operation]\ntype = \"replace\"\ntext = '''{text}'''\n"
    )
}

/// A key of git's configuration, as its files have it.
fn entry(key: &str, value: &str) -> String {
    let (section, name) = key.rsplit_once('.').unwrap();
    match section.split_once('.') {
        Some((section, of)) => format!("[{section} \"{of}\"]\n\t{name} = {value}\n"),
        None => format!("[{section}]\n\t{name} = {value}\n"),
    }
}

/// A folder with a tree, and with the programs that nobody may start.
struct Trap {
    dir: tempfile::TempDir,
}

impl Trap {
    /// A repository with three signed commits, of which the later ones change and take away what patches look for, and a
    /// submodule.
    fn new() -> Self {
        let trap = Self { dir: tempfile::tempdir().unwrap() };
        let tree = trap.path("ws");
        let body = |limit: &str, call: &str| {
            format!(
                "pub const LIMIT: usize = {limit};\nfn one() {{\n    let limit = bound(40);\n    {call}(limit);\n}}\n"
            )
        };
        let set = [
            patch("limit", "src/a.rs", "usize = 6", "usize = 12"),
            patch(
                "drifted",
                "src/a.rs",
                "    let limit = bound(40);\n    beta(limit);",
                "    let limit = bound(80);\n    beta(limit);",
            ),
            patch("gone", "src/b.rs", "fn two() {}", "fn two() { three() }"),
        ];
        write_tree(
            &tree,
            &[
                ("Cargo.toml", "[workspace]\nmembers = []\n[workspace.package]\nversion = \"0.0.0\"\n"),
                ("patches/set.toml", &set.concat()),
                (".gitattributes", "*.rs filter=canary diff=canary merge=canary\nCargo.toml filter=pipe\n"),
                ("src/a.rs", &body("6", "beta")),
                ("src/b.rs", "fn two() {}\n"),
            ],
        );
        git(&tree, &["init", "--quiet"]);
        commit(&tree, DAYS[0]);
        git(&tree, &["tag", "rust-v0.125.0"]);
        write_tree(&tree, &[("src/a.rs", body("6", "beta_of"))]);
        commit(&tree, DAYS[1]);
        fs::rename(tree.join("src/b.rs"), tree.join("src/c.rs")).unwrap();
        commit(&tree, DAYS[2]);
        trap.sign(&tree);
        trap.add_submodule(&tree);
        trap
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Writes all commits again, with what looks like a signature.
    fn sign(&self, tree: &Path) {
        let mut parent = String::new();
        for old in git(tree, &["rev-list", "--reverse", "HEAD"]).stdout.lines() {
            let text = git(tree, &["cat-file", "commit", old]).stdout;
            let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n";
            let (head, message) = text.split_once("\n\n").unwrap();
            let lines = head.lines().map(|line| match line.strip_prefix("parent ") {
                Some(_) => format!("parent {parent}\n"),
                None => format!("{line}\n"),
            });
            let file = self.path("commit");
            fs::write(&file, lines.collect::<String>() + signature + message).unwrap();
            let new = git(tree, &["hash-object", "-t", "commit", "-w", file.to_str().unwrap()]).stdout;
            parent = new.trim_end().to_owned();
        }
        git(tree, &["update-ref", "HEAD", &parent]);
        git(tree, &["tag", "--force", "rust-v0.125.0", "HEAD~2"]);
    }

    fn add_submodule(&self, tree: &Path) {
        let sub = tree.join("sub");
        write_tree(&sub, &[(".gitattributes", "* filter=canary\n"), ("x.rs", "x\n")]);
        git(&sub, &["init", "--quiet"]);
        commit(&sub, DAYS[0]);
        write_tree(tree, &[(".gitmodules", "[submodule \"sub\"]\n\tpath = sub\n\turl = ./sub\n")]);
        git(tree, &["add", "sub", ".gitmodules"]);
        self.set(&sub.join(".git/config"));
        fs::write(sub.join("x.rs"), "y\n").unwrap();
    }

    /// A clone called `name` of `whole`, without the contents of old commits.
    fn partial_clone(&self, whole: &Path, name: &str) -> PathBuf {
        git(whole, &["config", "uploadpack.allowFilter", "true"]);
        let url = format!("file://{}", whole.display());
        git(self.dir.path(), &["clone", "--quiet", "--no-local", "--filter=blob:none", &url, name]);
        self.path(name)
    }

    /// A program that leaves `name`.
    fn program(&self, name: &str) -> String {
        let path = self.path("programs").join(name.replace(['/', ':'], "_"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\necho '{name}' >> '{}'\n", self.path("ran").display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Adds all keys to a configuration, half of them through a file that it includes.
    fn set(&self, config: &Path) {
        let (hooks, included) = (self.path("hooks"), self.path("included"));
        fs::create_dir_all(&hooks).unwrap();
        for hook in HOOKS {
            fs::copy(self.program(&format!("hooks/{hook}")), hooks.join(hook)).unwrap();
        }
        let mut parts = [String::new(), fs::read_to_string(config).unwrap() + "\n"];
        for (at, key) in PROGRAMS.iter().enumerate() {
            parts[at % 2] += &entry(key, &self.program(key));
        }
        for key in SHELL_PROGRAMS {
            parts[1] += &entry(key, &format!("!{}", self.program(key)));
        }
        for (key, value) in SWITCHES {
            parts[1] += &entry(key, value);
        }
        parts[1] += &entry("core.hooksPath", hooks.to_str().unwrap());
        parts[1] += &entry("include.path", included.to_str().unwrap());
        fs::write(included, &parts[0]).unwrap();
        fs::write(config, &parts[1]).unwrap();
    }

    /// What was started since this was last asked.
    fn ran(&self) -> BTreeSet<String> {
        let ran = fs::read_to_string(self.path("ran")).unwrap_or_default();
        let _ = fs::remove_file(self.path("ran"));
        ran.lines().map(str::to_owned).collect()
    }

    fn search_path(&self) -> String {
        format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap())
    }

    /// Makes the git of [`Self::binary`] do `first` before it starts.
    fn before_git(&self, first: &str) {
        let path = self.path("bin/git");
        let script = fs::read_to_string(&path).unwrap();
        fs::write(&path, script.replace("exec ", &format!("{first}\nexec "))).unwrap();
    }

    /// The binary in `tree`, with programs in git's variables too, and a git that counts its calls.
    fn binary(&self, tree: &Path) -> Command {
        let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|folder| folder.join("git"))
            .find(|git| git.is_file())
            .unwrap();
        write_tree(
            self.dir.path(),
            &[(
                "bin/git",
                format!(
                    "#!/bin/sh\necho \"$@\" >> '{}'\nexec '{}' \"$@\"\n",
                    self.path("calls").display(),
                    real.display()
                ),
            )],
        );
        fs::set_permissions(self.path("bin/git"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = binary(tree);
        command.env("PATH", self.search_path()).envs(VARIABLES.iter().map(|name| (name, self.program(name))));
        let configured = ["core.fsmonitor", "filter.canary.smudge", "gpg.program", "core.sshCommand"];
        command.env("GIT_CONFIG_COUNT", configured.len().to_string());
        for (at, key) in configured.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{at}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{at}"), self.program(key));
        }
        command
    }

    /// Runs the binary, and panics if anything was started.
    #[track_caller]
    fn run(&self, tree: &Path, line: &str) -> Ran {
        let ran = Ran::of(self.binary(tree).args(line.split(' ')).output().unwrap());
        assert_eq!(
            self.ran(),
            BTreeSet::new(),
            "`{line}` started these; it printed:\n{}{}",
            ran.stdout,
            ran.stderr
        );
        assert!(matches!(ran.code, 0..=2), "{line}: {}", ran.stderr);
        ran
    }

    /// How often git was called since this was last asked.
    fn calls(&self) -> usize {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.path("calls"));
        calls.lines().count()
    }

    /// Panics unless git itself starts `programs` for `args`.
    #[track_caller]
    fn git_starts(&self, tree: &Path, args: &[&str], programs: &[&str]) {
        self.ran();
        let said = git_at(tree, DAYS[0], args);
        let ran = self.ran();
        let missing: Vec<_> = programs.iter().filter(|name| !ran.contains(**name)).collect();
        assert!(missing.is_empty(), "{args:?} did not start {missing:?}, but {ran:?}\n{}", said.stderr);
    }
}

/// The tree without files, which git has in every repository.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

#[test]
fn no_key_of_the_configuration_starts_a_program() {
    let trap = Trap::new();
    let tree = trap.path("ws");
    trap.set(&tree.join(".git/config"));
    trap.ran();

    let mut asked = BTreeMap::new();
    for line in COMMANDS {
        trap.run(&tree, line);
        *asked.entry(line.split(' ').next().unwrap()).or_insert(0) += trap.calls();
    }
    for (command, calls) in &asked {
        let is_without = matches!(*command, "list" | "new");
        assert_eq!(*calls == 0, is_without, "`{command}` called git {calls} times: {asked:?}");
    }
    let help = run(&tree, ["--help"]).exits(0).stdout;
    let (_, listed) = help.split_once("Commands:\n").unwrap();
    let names = listed.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    for name in names.map(|line| line.split_whitespace().next().unwrap()) {
        let has_no_workspace = matches!(name, "schema" | "completions" | "man" | "help");
        assert!(asked.contains_key(name) || has_no_workspace, "`{name}` is not tried here");
    }
    let mut completion = trap.binary(&tree);
    completion.env("CODEX_PATCHER_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "3").env("_CLAP_IFS", "\n");
    let offered = Ran::of(completion.args(["--", "codex-patcher", "status", "--rev", ""]).output().unwrap());
    assert!(offered.stdout.contains("rust-v0.125.0"), "{offered:?}");
    assert_eq!(trap.ran(), BTreeSet::new(), "completions");

    trap.git_starts(&tree, &["status"], &["core.fsmonitor"]);
    // What `git status` does with a file that was written since; it ends at the first filter that fails.
    trap.git_starts(&tree, &["hash-object", "src/a.rs"], &["filter.canary.clean"]);
    trap.git_starts(&tree, &["log", "-p"], &["gpg.openpgp.program", "diff.canary.textconv"]);
    // Between commits: what the working tree has would be filtered first, and a filter that fails ends it.
    trap.git_starts(&tree, &["diff", "HEAD~1", "HEAD"], &["diff.canary.command"]);
    trap.git_starts(&tree, &["diff", EMPTY_TREE, "HEAD", "--", "patches"], &["diff.external"]);
    trap.git_starts(&tree, &["cat-file", "--filters", "HEAD:src/a.rs"], &["filter.canary.smudge"]);
    trap.git_starts(&tree, &["cat-file", "--filters", "HEAD:Cargo.toml"], &["filter.pipe.process"]);
    trap.git_starts(&tree, &["hook", "run", "pre-commit"], &["hooks/pre-commit"]);
    trap.git_starts(&tree, &["commit", "--quiet", "-am", "x"], &["hooks/post-index-change"]);
    trap.git_starts(&tree, &["canary"], &["alias.canary"]);
}

/// A way to a remote that starts a program: its name, its address, and what else the configuration says.
type Remote = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const REMOTES: [Remote; 6] = [
    ("remote.origin.uploadpack", "file:///nowhere", &[]),
    ("core.sshCommand", "ssh://host.invalid/x", &[]),
    ("core.gitProxy", "git://host.invalid/x", &[]),
    ("ext", "ext::PROGRAM", &[]),
    ("insteadOf", "https://host.invalid/x", &[("url.ext::PROGRAM.insteadOf", "https://host.invalid/x")]),
    ("vcs", "https://host.invalid/x", &[("remote.origin.vcs", "canary")]),
];

#[test]
fn nothing_is_fetched_from_a_remote_that_starts_a_program() {
    let trap = Trap::new();
    let whole = trap.path("ws");
    let tree = trap.partial_clone(&whole, "clone");
    let config = tree.join(".git/config");
    trap.set(&config);
    let plain = fs::read_to_string(&config).unwrap();
    let blob = git(&whole, &["rev-parse", "HEAD~2:src/a.rs"]).stdout;
    fs::create_dir(trap.path("bin")).unwrap();
    fs::copy(trap.program("vcs"), trap.path("bin/git-remote-canary")).unwrap();
    for (name, address, more) in REMOTES {
        fs::write(&config, &plain).unwrap();
        let program = trap.program(name);
        git(&tree, &["config", "remote.origin.url", &address.replace("PROGRAM", &program)]);
        for (key, value) in more {
            git(&tree, &["config", &key.replace("PROGRAM", &program), value]);
        }
        trap.ran();
        for line in [
            "status patches --rev HEAD~2",
            "apply patches -n --drift move",
            "explain gone patches",
            "revert patches",
        ] {
            let ran = trap.run(&tree, line);
            if line.contains("HEAD~2") {
                assert_eq!(ran.code, 2, "{}", ran.stdout);
                assert!(
                    ran.stderr.contains("partial clone and lacks the content of `src/"),
                    "{}",
                    ran.stderr
                );
            }
        }
        // Git that knows no GIT_NO_LAZY_FETCH.
        let mut fetching = trap.binary(&tree);
        trap.before_git("unset GIT_NO_LAZY_FETCH");
        let said = Ran::of(fetching.args(["status", "patches", "--rev", "HEAD~2"]).output().unwrap());
        assert_eq!((trap.ran(), said.code), (BTreeSet::new(), 2), "{name}: {}", said.stderr);
        assert!(said.stderr.contains("partial clone"), "{name}: {}", said.stderr);

        let mut starts = Command::new("git");
        starts.current_dir(&tree).args(["cat-file", "-p", blob.trim_end()]).env("PATH", trap.search_path());
        assert!(!starts.output().unwrap().status.success());
        assert!(trap.ran().contains(name), "{name}: git did not start it");
    }
}

/// How many objects of its history a clone lacks.
fn lacks(tree: &Path) -> usize {
    let listing = git(tree, &["rev-list", "--objects", "--all", "--missing=print"]).stdout;
    listing.lines().filter(|line| line.starts_with('?')).count()
}

#[test]
fn a_well_behaved_partial_clone_gets_what_it_lacks_and_starts_nothing_of_its_remote() {
    let trap = Trap::new();
    let whole = trap.path("ws");
    let lines = [
        "status patches --rev HEAD~2",
        "apply patches -n --drift move",
        "explain gone patches",
        "lock patches -n --rev HEAD~2",
        "revert patches",
    ];
    let expected = lines.map(|line| trap.run(&whole, line));
    let clones: Vec<PathBuf> =
        (0..lines.len()).map(|at| trap.partial_clone(&whole, &format!("clone{at}"))).collect();
    let poor = trap.partial_clone(&whole, "poor");
    // A remote on this machine has a configuration too, and can have a remote that promised what it lacks.
    trap.set(&whole.join(".git/config"));
    trap.set(&poor.join(".git/config"));
    git(&poor, &["config", "uploadpack.allowFilter", "true"]);
    git(&poor, &["config", "remote.origin.url", &format!("ext::{}", trap.program("ext"))]);
    trap.ran();

    let mut fetched = Vec::new();
    for ((line, expected), tree) in lines.iter().zip(&expected).zip(&clones) {
        let before = lacks(tree);
        assert_eq!(&trap.run(tree, line), expected, "{line}");
        fetched.push(lacks(tree) < before);
    }
    assert!(fetched[0] && fetched[1], "{fetched:?}");

    let clone = trap.partial_clone(&whole, "clone");
    trap.ran();
    git(&clone, &["config", "remote.origin.url", &format!("file://{}", poor.display())]);
    for line in lines {
        let ran = trap.run(&clone, line);
        if line.contains("HEAD~2") {
            assert_eq!(ran.code, 2, "{}", ran.stdout);
            assert!(ran.stderr.contains("fetching it failed"), "{}", ran.stderr);
        }
    }
    trap.git_starts(&poor, &["cat-file", "-p", "HEAD~2:src/a.rs"], &["ext"]);
}

#[test]
fn one_key_that_names_a_program_is_enough_that_nothing_is_fetched() {
    let trap = Trap::new();
    let tree = trap.partial_clone(&trap.path("ws"), "clone");
    let config = tree.join(".git/config");
    let plain = fs::read_to_string(&config).unwrap();
    let line = "status patches --rev HEAD~2";
    let shell = SHELL_PROGRAMS.iter().map(|key| (key, "!"));
    for (key, before) in PROGRAMS.iter().map(|key| (key, "")).chain(shell) {
        let more = entry(key, &format!("{before}{}", trap.program(key)));
        fs::write(&config, plain.clone() + &more).unwrap();
        if *key != "core.fsmonitor" {
            let said = trap.run(&tree, line).exits(2).stderr;
            let (section, name) = key.rsplit_once('.').unwrap();
            let why =
                format!("fetches nothing, because the repository has `{section}.{}`", name.to_lowercase());
            assert!(said.to_lowercase().contains(&why.to_lowercase()), "{key}: {said}");
        }
    }
    // Another repository's objects, and so its configuration.
    fs::write(&config, &plain).unwrap();
    let alternates = tree.join(".git/objects/info/alternates");
    fs::create_dir_all(alternates.parent().unwrap()).unwrap();
    fs::write(&alternates, trap.path("nowhere").to_str().unwrap()).unwrap();
    let said = trap.run(&tree, line).exits(2).stderr;
    assert!(said.contains("borrows objects"), "{said}");
    fs::remove_file(alternates).unwrap();

    // Switched off for each call, so it does no harm.
    let more = ["core.fsmonitor", "core.hooksPath"].map(|key| entry(key, &trap.program(key)));
    fs::write(&config, plain + &more.concat()).unwrap();
    assert_ne!(trap.run(&tree, line).code, 2);
    assert_eq!(lacks(&tree), 0);
}

#[test]
fn the_name_of_a_file_writes_no_line_of_a_report() {
    let trap = Trap::new();
    let tree = trap.path("ws");
    for (from, to) in [("a.rs", "x\nerror: forged\u{1b}[2K.rs"), ("c.rs", "y\nerror: forged\u{1b}[2K/b.rs")] {
        let to = tree.join("src").join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(tree.join("src").join(from), to).unwrap();
    }
    commit(&tree, DAYS[2]);
    trap.ran();
    let mut named = false;
    for line in COMMANDS.iter().filter(|line| !line.starts_with("new") && !line.contains("-d")) {
        let ran = trap.run(&tree, line);
        let said = ran.stdout + &ran.stderr;
        named |= said.contains(r"x\nerror: forged\u{1b}[2K.rs");
        assert!(!said.contains("\nerror: forged"), "{line}:\n{said}");
    }
    assert!(named);
}

#[test]
fn a_repository_among_the_files_of_a_tree_is_not_taken_for_the_trees() {
    let trap = Trap::new();
    let (whole, tree) = (trap.path("ws"), trap.path("clone/codex-rs"));
    copy_tree(&whole.join("src"), &tree.join("src"));
    copy_tree(&whole.join("patches"), &tree.join("patches"));
    fs::copy(whole.join("Cargo.toml"), tree.join("Cargo.toml")).unwrap();
    commit_all(&trap.path("clone"));
    write_tree(&tree, &[("src/a.rs", "pub const LIMIT: usize = 6;\n// Another text.\n")]);
    commit(&trap.path("clone"), DAYS[1]);
    let lines = [
        "status patches --rev HEAD",
        "status patches --drift move",
        "explain drifted patches",
        "apply patches -n",
    ];
    let before = lines.map(|line| trap.run(&tree, line));

    trap.set(&whole.join(".git/config"));
    git(&whole, &["config", "core.bare", "true"]);
    for part in ["objects", "refs"] {
        copy_tree(&whole.join(".git").join(part), &tree.join(part));
    }
    for part in ["HEAD", "config"] {
        fs::copy(whole.join(".git").join(part), tree.join(part)).unwrap();
    }
    trap.ran();
    for (line, before) in lines.iter().zip(&before) {
        assert_eq!(&trap.run(&tree, line), before, "{line}: the tree's own repository was not asked");
    }
    for line in COMMANDS {
        trap.run(&tree, line);
    }
    trap.git_starts(&tree, &["log"], &["gpg.openpgp.program"]);

    // Git that knows no `safe.bareRepository`.
    let older = "for word; do\n[ \"$word\" = safe.bareRepository=explicit ] && word=x.y=z\nset -- \"$@\" \"$word\"\nshift\ndone";
    for (line, before) in lines.iter().zip(&before) {
        let mut binary = trap.binary(&tree);
        trap.before_git(older);
        let ran = Ran::of(binary.args(line.split(' ')).output().unwrap());
        assert_eq!((&ran, trap.ran()), (before, BTreeSet::new()), "{line}");
    }

    fs::remove_dir_all(trap.path("clone/.git")).unwrap();
    for line in lines {
        trap.run(&tree, line);
    }
    let said = trap.run(&tree, "status patches --rev HEAD").exits(2).stderr;
    assert!(said.contains("is not in a git repository"), "{said}");
}

#[test]
fn variables_of_git_change_no_answer() {
    let trap = Trap::new();
    let tree = trap.path("ws");
    let other = trap.path("other");
    write_tree(&other, &[("src/a.rs", "fn other() {}\n")]);
    commit_all(&other);
    let other = other.join(".git").display().to_string();
    let lines = ["status patches --rev HEAD~2 --drift move", "revert patches --drift move"];
    let run = |variable: Option<(&str, &str)>, line: &str| {
        Ran::of(binary(&tree).envs(variable).args(line.split(' ')).output().unwrap())
    };
    let before = lines.map(|line| run(None, line));
    let objects = format!("{other}/objects");
    let index = format!("{other}/index");
    for variable in [
        ("GIT_DIR", other.as_str()),
        ("GIT_COMMON_DIR", &other),
        ("GIT_WORK_TREE", &other),
        ("GIT_INDEX_FILE", &index),
        ("GIT_OBJECT_DIRECTORY", &objects),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", &objects),
        ("GIT_SHALLOW_FILE", &index),
        ("GIT_GRAFT_FILE", &index),
        ("GIT_NAMESPACE", "other"),
        ("GIT_REPLACE_REF_BASE", "refs/heads/"),
        ("GIT_ATTR_SOURCE", "nothing"),
        ("GIT_DEFAULT_HASH", "sha256"),
        ("GIT_GLOB_PATHSPECS", "1"),
        ("GIT_NOGLOB_PATHSPECS", "1"),
        ("GIT_ICASE_PATHSPECS", "1"),
        ("GIT_CONFIG_PARAMETERS", "'core.bare'='true'"),
        ("GIT_CONFIG_COUNT", "many"),
        ("GIT_TRACE", "1"),
        ("GIT_TRACE2", "1"),
        ("GIT_DIFF_OPTS", "--unified=0"),
    ] {
        for (line, before) in lines.iter().zip(&before) {
            assert_eq!(&run(Some(variable), line), before, "{variable:?}: {line}");
        }
    }
}
