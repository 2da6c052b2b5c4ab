//! Where the scripts of the documentation run: a clone of a repository with releases, a home with patches, and a
//! `cargo` that only records its calls.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::{Ran, commit, copy_tree, git, kept_patches, sample, write_tree};

/// Where a script says that upstream is.
const UPSTREAM: &str = "https://github.com/openai/codex";

/// What every set of patches needs, and what becomes of it when upstream moves on.
const NEEDED: (&str, &str, &str) =
    ("core/src/exec.rs", "DEFAULT_EXEC_COMMAND_TIMEOUT_MS", "DEFAULT_COMMAND_TIMEOUT_MS");

/// A scratch folder with `upstream`, `codex` (a clone, in which scripts run) and `home` (with `patches`).
pub(crate) struct Fork {
    dir: tempfile::TempDir,
}

impl Fork {
    /// Upstream has the releases 0.124.0 and 0.125.0, the clone has the first of them checked out.
    pub(crate) fn new() -> Self {
        let fork = Self { dir: tempfile::tempdir().unwrap() };
        write_tree(fork.dir.path(), &[("bin/cargo", "#!/bin/sh\necho \"$@\" >> ../cargo.txt\n")]);
        fork.make_executable("bin/cargo");
        let (upstream, clone) = (fork.path("upstream"), fork.path("codex"));
        copy_tree(&sample(), &upstream.join("codex-rs"));
        git(&upstream, &["init", "--quiet"]);
        fork.release("0.124.0");
        fork.release("0.125.0");
        fork.release("0.126.0-alpha.1");
        git(fork.dir.path(), &["clone", "--quiet", upstream.to_str().unwrap(), "codex"]);
        git(&clone, &["checkout", "--quiet", "rust-v0.124.0"]);
        copy_tree(&kept_patches(), &fork.path("home").join("patches"));
        // A fork has its patches beside the sources; `patches` is what pages call a folder that is at hand.
        copy_tree(&kept_patches(), &clone.join("my-patches"));
        copy_tree(&kept_patches(), &clone.join("patches"));
        fork
    }

    /// A path in the scratch folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Gives a script its mode bits.
    pub(crate) fn make_executable(&self, path: &str) {
        let done = Command::new("chmod").arg("+x").arg(self.path(path)).status().unwrap();
        assert!(done.success());
    }

    /// Upstream publishes what it has.
    pub(crate) fn release(&self, version: &str) {
        let manifest = self.path("upstream/codex-rs/Cargo.toml");
        let text = std::fs::read_to_string(&manifest).unwrap();
        let old = text.lines().find(|line| line.starts_with("version = ")).unwrap().to_owned();
        std::fs::write(&manifest, text.replace(&old, &format!("version = \"{version}\""))).unwrap();
        commit(&self.path("upstream"), "2026-01-01T00:00:00Z");
        git(&self.path("upstream"), &["tag", &format!("rust-v{version}")]);
    }

    /// A tree changes so that one patch of the sets has no place any more.
    pub(crate) fn move_on(&self, tree: &str) {
        let (file, old, new) = NEEDED;
        let path = self.path(tree).join("codex-rs").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(old, new)).unwrap();
    }

    /// A `cargo build` that fails from now on.
    pub(crate) fn break_builds(&self) {
        write_tree(self.dir.path(), &[("bin/cargo", "#!/bin/sh\necho \"$@\" >> ../cargo.txt\nexit 101\n")]);
    }

    /// Runs a script in the clone: a whole one as it says by `#!`; lines as GitHub's runners do, `bash -e`.
    pub(crate) fn bash(&self, script: &str) -> Ran {
        let here = Path::new(env!("CARGO_BIN_EXE_codex-patcher")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap();
        let path = [self.path("bin"), here].into_iter().chain(std::env::split_paths(&path));
        let mut command = match script.lines().next().and_then(|line| line.strip_prefix("#!")) {
            // Read by its interpreter and not executed: a file just written may be busy while other tests start processes.
            Some(interpreter) => {
                write_tree(self.dir.path(), &[("script", script)]);
                let mut command = Command::new(interpreter.rsplit(['/', ' ']).next().unwrap());
                command.arg(self.path("script"));
                command
            }
            None => {
                let mut bash = Command::new("bash");
                bash.args(["-e", "-c", script]);
                bash
            }
        };
        command.current_dir(self.path("codex")).env_clear();
        command.env("PATH", std::env::join_paths(path).unwrap()).env("HOME", self.path("home"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let upstream = format!("url.file://{}.insteadOf", self.path("upstream").display());
        command.env("GIT_CONFIG_COUNT", "2");
        command.env("GIT_CONFIG_KEY_0", upstream).env("GIT_CONFIG_VALUE_0", UPSTREAM);
        command.env("GIT_CONFIG_KEY_1", "advice.detachedHead").env("GIT_CONFIG_VALUE_1", "false");
        Ran::of(command.output().unwrap())
    }

    /// What `cargo` was called with, a line a call.
    pub(crate) fn cargo_calls(&self) -> Vec<String> {
        let notes = std::fs::read_to_string(self.path("cargo.txt")).unwrap_or_default();
        notes.lines().map(str::to_owned).collect()
    }

    /// What is changed in the clone, as git says it, folders of patches aside.
    pub(crate) fn changes(&self) -> String {
        git(&self.path("codex"), &["status", "--porcelain", "codex-rs"]).stdout
    }

    /// What the clone has checked out.
    pub(crate) fn at(&self) -> String {
        git(&self.path("codex"), &["describe", "--tags"]).stdout.trim().to_owned()
    }
}
