//! The command line as clap reads it: commands, options, and their help texts.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};
use codex_patcher::outcome::Command;
use codex_patcher::patch::Drift;
use codex_patcher::patch::QueryKind;
use semver::Version;

use super::complete::{self, Shell};

/// Keep your own changes alive on top of a fast-moving upstream.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Subcommands,
}

const AFTER_HELP: &str = "\
Exit status:
  0  every selected patch is applied, already applied or skipped
  1  at least one patch failed, or none takes part; for `verify`, at least one is not in place
     or expired; with --strict, at least one has a warning or is expired
  2  the command line, the workspace or a patch file is wrong; nothing was written
  129, 130, 143  HUP, INT (^C) or TERM came while files were written; they are as before
  101  a bug in codex-patcher; the message says whether anything was written

Try it without risk:
  codex-patcher apply patches/*.toml --dry-run --diff";

const NEW_HELP: &str = "\
The patch is checked before it is printed: after your edit it applies there and nowhere else.

  codex-patcher new core/src/exec.rs             list the places in the file
  codex-patcher new core/src/exec.rs:5           print a patch for line 5
  codex-patcher new core/src/exec.rs:5 >> my.toml";

impl Cli {
    /// The command, if it is one that reports.
    pub(crate) fn reporting(&self) -> Option<Command> {
        Some(match &self.command {
            Subcommands::Apply(_) => Command::Apply,
            Subcommands::Status(_) => Command::Status,
            Subcommands::Verify(_) => Command::Verify,
            Subcommands::Explain(_) => Command::Explain,
            Subcommands::Lock(_) => Command::Lock,
            Subcommands::Update(_) => Command::Update,
            Subcommands::Revert(_) => Command::Revert,
            Subcommands::List(_) => Command::List,
            Subcommands::New(_) => Command::New,
            Subcommands::Schema { .. } | Subcommands::Completions { .. } | Subcommands::Man { .. } => {
                return None;
            }
        })
    }

    /// The workspace, if one was named.
    pub(crate) fn workspace(&self) -> Option<&Path> {
        match &self.command {
            Subcommands::Apply(apply) => apply.run.workspace.as_deref(),
            Subcommands::Status(status) => status.run.workspace.as_deref(),
            Subcommands::Verify(verify) => verify.run.workspace.as_deref(),
            Subcommands::Explain(explain) => explain.run.workspace.as_deref(),
            Subcommands::Lock(lock) => lock.run.workspace.as_deref(),
            Subcommands::Update(update) => update.run.workspace.as_deref(),
            Subcommands::Revert(revert) => revert.run.workspace.as_deref(),
            Subcommands::List(run) => run.workspace.as_deref(),
            Subcommands::New(new) => new.workspace.as_deref(),
            Subcommands::Schema { .. } | Subcommands::Completions { .. } | Subcommands::Man { .. } => None,
        }
    }

    pub(crate) fn globals(&self) -> Option<&Globals> {
        match &self.command {
            Subcommands::Apply(apply) => Some(&apply.run.globals),
            Subcommands::Status(status) => Some(&status.run.globals),
            Subcommands::Verify(verify) => Some(&verify.run.globals),
            Subcommands::Explain(explain) => Some(&explain.run.globals),
            Subcommands::Lock(lock) => Some(&lock.run.globals),
            Subcommands::Update(update) => Some(&update.run.globals),
            Subcommands::Revert(revert) => Some(&revert.run.globals),
            Subcommands::List(run) => Some(&run.globals),
            Subcommands::New(new) => Some(&new.globals),
            Subcommands::Schema { .. } | Subcommands::Completions { .. } | Subcommands::Man { .. } => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Subcommands {
    /// Apply patches: each target is written once, and either all patches apply or nothing is written
    Apply(ApplyArgs),
    /// Show what each patch would do; write nothing
    Status(StatusArgs),
    /// Exit with 1 unless every selected patch is in place; write nothing
    Verify(VerifyArgs),
    /// Explain one patch: what it looks for, what happened to its place, what a run would do; write nothing
    Explain(ExplainArgs),
    /// Write a lock file that records what each patch replaces, to see later what upstream changed there
    Lock(LockArgs),
    /// Rewrite patch files so that patches that needed tolerance match exactly again
    Update(UpdateArgs),
    /// Take patches back: targets become as in git's HEAD, or as the other patches make them from there
    Revert(RevertArgs),
    /// List what the patch files contain
    List(Run),
    /// Print a patch for the code at a line, ready to edit; without a line, list the places of the file
    #[command(after_help = NEW_HELP)]
    New(NewArgs),
    /// Print the JSON Schema of patch files, for an editor, or of the report that --format json prints
    Schema {
        /// Which schema
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Print the script with which a shell completes commands, patch files and patch ids
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print a manual page
    #[command(after_help = "Read a page with `codex-patcher man apply | man -l -`.")]
    Man {
        /// The command to describe, instead of the whole program
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

const COMPLETIONS_HELP: &str = "\
Add the line for your shell to its startup file:
  bash        source <(codex-patcher completions bash)
  zsh         source <(codex-patcher completions zsh)         (after compinit)
  fish        codex-patcher completions fish | source
  elvish      eval (codex-patcher completions elvish | slurp)
  powershell  codex-patcher completions powershell | Out-String | Invoke-Expression";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Patch files
    Patch,
    /// The JSON report
    Report,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(crate) run: Run,
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// Plan and report; write nothing
    #[arg(short = 'n', long, overrides_with = "dry_run")]
    pub(crate) dry_run: bool,
    /// Write the patches that apply even if others fail (the exit status is still 1)
    #[arg(long, overrides_with = "keep_going")]
    pub(crate) keep_going: bool,
    /// Apply patches even where upstream changed what they replace, and lock the new text
    #[arg(long, conflicts_with = "drift", overrides_with = "accept")]
    pub(crate) accept: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The patch to explain
    #[arg(value_name = "ID", add = complete::ids(Cli::command))]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) run: Run,
    /// Plan against this git revision instead of the files on disk
    #[arg(long, value_name = "REV", add = complete::revisions(Cli::command))]
    pub(crate) rev: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LockArgs {
    #[command(flatten)]
    pub(crate) run: Run,
    /// Lock what this git revision contains, instead of the files on disk
    #[arg(long, value_name = "REV", add = complete::revisions(Cli::command))]
    pub(crate) rev: Option<String>,
    /// Lock the patches that apply even if others fail (the exit status is still 1)
    #[arg(long, overrides_with = "keep_going")]
    pub(crate) keep_going: bool,
    /// Report; write nothing
    #[arg(short = 'n', long, overrides_with = "dry_run")]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    pub(crate) run: Run,
    /// Update the patches for this git revision, instead of the files on disk
    #[arg(long, value_name = "REV", add = complete::revisions(Cli::command))]
    pub(crate) rev: Option<String>,
    /// Print the changes to the patch files as a unified diff; write nothing
    #[arg(short = 'n', long, overrides_with = "dry_run")]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) run: Run,
    #[command(flatten)]
    pub(crate) planning: Planning,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) run: Run,
    /// Treat warnings as failures
    #[arg(long, overrides_with = "strict")]
    pub(crate) strict: bool,
    /// What to do where the code is not what a patch expects
    #[arg(long, value_enum, default_value_t = Tolerance::Off, value_name = "HOW")]
    pub(crate) drift: Tolerance,
}

#[derive(Debug, Args)]
pub(crate) struct RevertArgs {
    #[command(flatten)]
    pub(crate) run: Run,
    /// The least with which the patches were applied; more is tried where it does not explain the targets
    #[arg(long, value_enum, default_value_t = Tolerance::Off, value_name = "HOW")]
    pub(crate) drift: Tolerance,
}

#[derive(Debug, Args)]
pub(crate) struct Planning {
    /// Print a unified diff for `git apply` on standard output; the report goes to standard error
    #[arg(short, long, overrides_with = "diff")]
    pub(crate) diff: bool,
    /// Plan against this git revision instead of the files on disk; with `apply` only together with --dry-run
    #[arg(long, value_name = "REV", add = complete::revisions(Cli::command))]
    pub(crate) rev: Option<String>,
    /// What to do where the code is not what a patch expects
    #[arg(long, value_enum, default_value_t = Tolerance::Off, value_name = "HOW")]
    pub(crate) drift: Tolerance,
    /// Treat warnings as failures
    #[arg(long, overrides_with = "strict")]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Patch files, or folders of them; applied in this order, a folder's by name, `2-` before `10-` [default: patches/ of the workspace, then ./patches]
    #[arg(value_name = "PATCH", add = complete::patch_files())]
    pub(crate) patch: Vec<PathBuf>,
    /// The same as a PATCH argument
    #[arg(short = 'p', long, value_name = "FILE", add = complete::patch_files())]
    pub(crate) patches: Vec<PathBuf>,
    /// The tree to patch [default: the nearest ancestor of the current directory that is a cargo workspace]
    #[arg(short, long, value_name = "DIR", env = "CODEX_WORKSPACE", value_hint = ValueHint::DirPath)]
    pub(crate) workspace: Option<PathBuf>,
    /// Select only this patch (repeatable)
    #[arg(long, value_name = "ID", add = complete::ids(Cli::command))]
    pub(crate) only: Vec<String>,
    /// Exclude this patch (repeatable)
    #[arg(long, value_name = "ID", add = complete::ids(Cli::command))]
    pub(crate) skip: Vec<String>,
    /// The version to compare version ranges with, instead of the workspace's own version
    #[arg(long, value_name = "VERSION")]
    pub(crate) workspace_version: Option<Version>,
    /// Number of threads [default: the number of processors]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) globals: Globals,
}

impl Run {
    /// The patch files and folders that were named, in either way.
    pub(crate) fn named(&self) -> Vec<PathBuf> {
        self.patch.iter().chain(&self.patches).cloned().collect()
    }
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The file, relative to the current directory or to the workspace, and a line in it
    #[arg(value_name = "FILE[:LINE]", value_hint = ValueHint::FilePath)]
    pub(crate) place: String,
    /// The kind of query [default: the one that suits the place best]
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) query: Option<QueryChoice>,
    /// The tree to patch [default: the nearest ancestor of the current directory that is a cargo workspace]
    #[arg(short, long, value_name = "DIR", env = "CODEX_WORKSPACE", value_hint = ValueHint::DirPath)]
    pub(crate) workspace: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) globals: Globals,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryChoice {
    /// An item by its name, also where LINE is inside it
    TreeSitter,
    /// Code by its pattern
    AstGrep,
    /// A section and key
    Toml,
    /// The line, with enough lines around it to be unique
    Text,
}

impl From<QueryChoice> for QueryKind {
    fn from(kind: QueryChoice) -> Self {
        match kind {
            QueryChoice::TreeSitter => Self::TreeSitter,
            QueryChoice::AstGrep => Self::AstGrep,
            QueryChoice::Toml => Self::Toml,
            QueryChoice::Text => Self::Text,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Globals {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub(crate) color: Colour,
    /// Read files of up to this many bytes, or with K, M or G of so many times 1024 [default: 16M]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) max_file_size: Option<u64>,
    /// Print failures and the summary only
    #[arg(short, long, conflicts_with = "verbose", overrides_with = "quiet")]
    pub(crate) quiet: bool,
    /// Also print the workspace version and what the run cost; with `list`, the descriptions of the patches
    #[arg(short, long, overrides_with = "verbose")]
    pub(crate) verbose: bool,
}

/// A number of bytes: `4096`, `64M`.
fn bytes(text: &str) -> Result<u64, String> {
    let units = [('K', 10), ('M', 20), ('G', 30)];
    let unit = units
        .into_iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix([unit, unit.to_ascii_lowercase()])?, shift)));
    let (number, shift) = unit.unwrap_or((text, 0));
    let number = number.parse::<u64>().ok().filter(|number| *number > 0);
    let bytes = number.and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| "write a number of bytes, like 64M".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// One JSON document
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tolerance {
    /// Fail where the code is not exactly what the patch expects
    Off,
    /// Merge the patch into changed code in the same file
    Merge,
    /// Like `merge`, and follow code that moved to another file
    Move,
}

impl From<Tolerance> for Drift {
    fn from(tolerance: Tolerance) -> Self {
        match tolerance {
            Tolerance::Off => Self::Off,
            Tolerance::Merge => Self::Merge,
            Tolerance::Move => Self::Move,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

#[cfg(test)]
mod tests {
    use clap::{ArgAction, CommandFactory as _};

    use super::*;

    #[test]
    fn a_size_is_a_number_with_or_without_a_unit() {
        let sizes = ["1", "4096", "3k", "64M", "2G"].map(bytes).map(Result::unwrap);
        assert_eq!(sizes, [1, 4096, 3 << 10, 64 << 20, 2 << 30]);
        for wrong in ["", "0", "M", "-1", "1.5M", "1MB", "99999999999G", "64 M"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn letters_of_a_flag_may_stand_together() {
        for flags in ["-vv", "-vvv", "-qq", "-nn", "-ndv"] {
            assert!(Cli::try_parse_from(["codex-patcher", "apply", flags]).is_ok(), "{flags}");
        }
    }

    #[test]
    fn a_flag_given_twice_is_given_once() {
        let mut flags = 0;
        for command in Cli::command().get_subcommands() {
            let needed =
                command.get_positionals().filter(|arg| arg.is_required_set()).map(|_| "bash".to_owned());
            let needed: Vec<String> = needed.collect();
            for flag in command.get_arguments().filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue)) {
                let flag = format!("--{}", flag.get_long().expect("every flag has a long name"));
                let line = ["codex-patcher", command.get_name(), &flag, &flag].map(str::to_owned);
                let line = line.into_iter().chain(needed.clone());
                let matches = Cli::command().try_get_matches_from(line);
                assert!(matches.is_ok(), "{} {flag}: {}", command.get_name(), matches.unwrap_err());
                flags += 1;
            }
        }
        assert!(flags > 20, "{flags}");
    }
}
