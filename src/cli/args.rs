//! What can be typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use codex_patcher::patch::Drift;
use codex_patcher::patch::QueryKind;
use semver::Version;

use super::complete;

/// Keep a few changes of your own alive on top of a fast-moving upstream.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Exit status:
  0  every selected patch is applied, already applied or skipped
  1  at least one failed; for `verify`, at least one is not in place
  2  the command line, the workspace or a patch file is wrong; nothing was touched

Try it without risk:
  codex-patcher apply patches/*.toml --dry-run --diff";

const NEW_HELP: &str = "\
The patch is checked before it is printed: once edited, it applies there and nowhere else.

  codex-patcher new core/src/exec.rs             what is there
  codex-patcher new core/src/exec.rs:5           a patch for line 5
  codex-patcher new core/src/exec.rs:5 >> my.toml";

impl Cli {
    pub(crate) fn globals(&self) -> Option<&Globals> {
        match &self.command {
            Command::Apply(apply) => Some(&apply.run.globals),
            Command::Status(status) => Some(&status.run.globals),
            Command::Verify(verify) => Some(&verify.run.globals),
            Command::Explain(explain) => Some(&explain.run.globals),
            Command::Lock(lock) => Some(&lock.run.globals),
            Command::Update(update) => Some(&update.run.globals),
            Command::Revert(revert) => Some(&revert.run.globals),
            Command::List(run) => Some(&run.globals),
            Command::New(new) => Some(&new.globals),
            Command::Schema { .. } | Command::Completions { .. } | Command::Man { .. } => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Apply patches: each target is written once, and either all patches apply or nothing is written
    Apply(Apply),
    /// Tell what each patch would do; write nothing
    Status(Look),
    /// Exit with 1 unless every selected patch is in place; write nothing
    Verify(Verify),
    /// Tell the whole story of one patch: what it looks for, what became of it, what would be done; write nothing
    Explain(Explain),
    /// Remember, beside the patch files, what each patch replaces: tells later what upstream changed there
    Lock(Lock),
    /// Rewrite patch files so that what needed tolerance is exact again
    Update(Update),
    /// Put targets back to git's HEAD, if they are exactly what the patches make of it
    Revert(Revert),
    /// List what the patch files contain
    List(Run),
    /// Print a patch for what stands at a line, ready to be edited; without a line, list what a patch can be for
    #[command(after_help = NEW_HELP)]
    New(New),
    /// Print a JSON Schema: of patch files, for an editor, or of the report that --format json prints
    Schema {
        /// Of what
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Print what makes a shell complete commands, patch files and patch ids
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print a manual page
    #[command(after_help = "Look at one with `codex-patcher man apply | man -l -`.")]
    Man {
        /// Of this command instead of the whole program
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

const COMPLETIONS_HELP: &str = "\
Add the line for your shell to what it reads at start:
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
}

#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) run: Run,
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// Plan and report, write nothing at all
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Write what applies although something failed (the exit status is still 1)
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Do what the patches say where upstream changed what they replace, and lock that anew
    #[arg(long, conflicts_with = "drift")]
    pub(crate) accept: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The patch to explain
    #[arg(value_name = "ID", add = complete::ids())]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) run: Run,
    /// Plan against this git revision instead of the files
    #[arg(long, value_name = "REV", add = complete::revisions())]
    pub(crate) rev: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Lock {
    #[command(flatten)]
    pub(crate) run: Run,
    /// Remember what this git revision has instead of the files
    #[arg(long, value_name = "REV", add = complete::revisions())]
    pub(crate) rev: Option<String>,
    /// Remember what can be, although some patch does not apply (the exit status is still 1)
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Report, write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Update {
    #[command(flatten)]
    pub(crate) run: Run,
    /// Carry the patches to this git revision instead of the files
    #[arg(long, value_name = "REV", add = complete::revisions())]
    pub(crate) rev: Option<String>,
    /// Print what would change in the patch files as a unified diff, write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Look {
    #[command(flatten)]
    pub(crate) run: Run,
    #[command(flatten)]
    pub(crate) planning: Planning,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) run: Run,
    /// Warnings are failures
    #[arg(long)]
    pub(crate) strict: bool,
    /// What to do where a place is not as its patch says
    #[arg(long, value_enum, default_value_t = Tolerance::Off, value_name = "HOW")]
    pub(crate) drift: Tolerance,
}

#[derive(Debug, Args)]
pub(crate) struct Revert {
    #[command(flatten)]
    pub(crate) run: Run,
    /// As it was applied
    #[arg(long, value_enum, default_value_t = Tolerance::Off, value_name = "HOW")]
    pub(crate) drift: Tolerance,
}

#[derive(Debug, Args)]
pub(crate) struct Planning {
    /// Print a unified diff on standard output, as `git apply` takes it; the report goes to standard error
    #[arg(short, long)]
    pub(crate) diff: bool,
    /// Plan against this git revision instead of the files; with `apply` only together with --dry-run
    #[arg(long, value_name = "REV", add = complete::revisions())]
    pub(crate) rev: Option<String>,
    /// What to do where a place is not as its patch says
    #[arg(long, value_enum, default_value_t = Tolerance::Off, value_name = "HOW")]
    pub(crate) drift: Tolerance,
    /// Warnings are failures
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Patch files, or folders of them; applied in this order [default: patches/ of the workspace, then ./patches]
    #[arg(value_name = "PATCH", add = complete::patch_files())]
    pub(crate) patch: Vec<PathBuf>,
    /// The same as a PATCH argument
    #[arg(short = 'p', long, value_name = "FILE", add = complete::patch_files())]
    pub(crate) patches: Vec<PathBuf>,
    /// The tree to patch [default: the nearest ancestor of the current directory that is a cargo workspace]
    #[arg(short, long, value_name = "DIR", env = "CODEX_WORKSPACE", value_hint = ValueHint::DirPath)]
    pub(crate) workspace: Option<PathBuf>,
    /// Only this patch (repeatable)
    #[arg(long, value_name = "ID", add = complete::ids())]
    pub(crate) only: Vec<String>,
    /// Not this patch (repeatable)
    #[arg(long, value_name = "ID", add = complete::ids())]
    pub(crate) skip: Vec<String>,
    /// Compare version ranges with this, instead of reading the workspace's version
    #[arg(long, value_name = "VERSION")]
    pub(crate) workspace_version: Option<Version>,
    /// Threads [default: what the machine has]
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
pub(crate) struct New {
    /// The file, relative to the current directory or to the workspace, and a line of it
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
    /// The line, with as many around it as make it unique
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
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub(crate) color: Colour,
    /// Print failures and the summary only
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print the version that was compared with and what the run cost; with `list`, what patches are for
    #[arg(short, long)]
    pub(crate) verbose: bool,
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
    /// Nothing but what the patch says
    Off,
    /// Merge the patch into what the place has become in its file
    Merge,
    /// The same, and follow code that left its file
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
