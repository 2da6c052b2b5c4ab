//! Shell completion: the candidates for the word that the user is typing.
//!
//! The script that `completions` prints calls this program for every completion, so the candidates include the ids
//! of the patch files on that command line. A script that was generated in advance could know the options only.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::StyledStr;
use clap::{ArgMatches, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter};
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};
use codex_patcher::git;

/// Set by the script to the name of the shell that asks. Not clap's own `COMPLETE`, which another program may have set.
const VARIABLE: &str = "CODEX_PATCHER_COMPLETE";

const PROGRAM: &str = "codex-patcher";

/// A shell that has completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
}

/// The command line by which the typed words are read.
type CommandLine = fn() -> clap::Command;

/// Answers a shell, if it is one that asks.
pub(crate) fn answer(command: CommandLine) -> bool {
    let answered = CompleteEnv::with_factory(command).var(VARIABLE).completer(PROGRAM);
    // A shell has nowhere to show an error: a word that cannot be completed is not completed.
    answered.try_complete(std::env::args_os(), std::env::current_dir().ok().as_deref()).unwrap_or(true)
}

/// What the shell is to read at its start.
pub(crate) fn script(shell: Shell) -> String {
    let shell: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Elvish => &Elvish,
        Shell::Powershell => &Powershell,
    };
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).expect("memory takes all");
    String::from_utf8_lossy(&script).into_owned()
}

/// Patch files, and folders on the way to them.
pub(crate) fn patch_files() -> ArgValueCompleter {
    ArgValueCompleter::new(
        PathCompleter::any().filter(|path| path.is_dir() || path.extension() == Some(OsStr::new("toml"))),
    )
}

/// The ids of the patch files on the line, or of those that a run without any would take.
pub(crate) fn ids(command: CommandLine) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let line = Line::typed(command);
        let Ok(current_dir) = std::env::current_dir() else { return Vec::new() };
        let loaded = super::load(&line.patches, line.workspace.as_deref(), &current_dir, false);
        let files = loaded.map(|(_, set)| set.files).unwrap_or_default();
        let patches = files.iter().flat_map(|file| &file.patches);
        patches.map(|patch| candidate(&patch.id, patch.description.as_deref())).collect()
    })
}

/// Tags and branches of the workspace's repository.
pub(crate) fn revisions(command: CommandLine) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let root = Line::typed(command).workspace.unwrap_or_else(|| PathBuf::from("."));
        git::names(&root).unwrap_or_default().iter().map(|name| candidate(name, None)).collect()
    })
}

fn candidate(value: &str, help: Option<&str>) -> CompletionCandidate {
    let help = help.and_then(|text| text.trim().lines().next());
    CompletionCandidate::new(value).help(help.map(|line| StyledStr::from(line.to_owned())))
}

/// What stands on the line already.
#[derive(Default)]
struct Line {
    patches: Vec<PathBuf>,
    workspace: Option<PathBuf>,
}

impl Line {
    fn typed(command: CommandLine) -> Self {
        let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
        let Ok(matches) = command().ignore_errors(true).try_get_matches_from(words) else {
            return Self::default();
        };
        matches.subcommand().map(|(_, matches)| Self::of(matches)).unwrap_or_default()
    }

    fn of(matches: &ArgMatches) -> Self {
        let paths = |name| {
            let values = matches.try_get_many::<PathBuf>(name).ok().flatten();
            values.into_iter().flatten().cloned().collect::<Vec<_>>()
        };
        let exists = |path: &PathBuf| Path::new(path).try_exists().unwrap_or(false);
        let mut patches = [paths("patch"), paths("patches")].concat();
        patches.retain(exists);
        Self { patches, workspace: paths("workspace").pop() }
    }
}
