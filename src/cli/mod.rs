//! The command line program: reads the arguments, prints the report, chooses the exit code.
//!
//! The library makes every decision; this room turns arguments into options and a report into text.

mod args;
mod bug;
mod complete;
mod error;
mod explain;
mod human;
mod list;
mod manual;
mod misread;
mod new;
mod output;

use std::io::{self, IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{CommandFactory as _, Parser as _};
use codex_patcher::commit::heed_signals;
use codex_patcher::config::loader::{self, PatchSet};
use codex_patcher::config::schema;
use codex_patcher::outcome::{Report, Status};
use codex_patcher::plan::{Record, Strictness};
use codex_patcher::run::selection::Selection;
use codex_patcher::run::{
    DiffOutput, DiskTree, LockUse, Mode, OnFailure, Options, Progress, Rewritten, RunError, apply_patches,
    lock_patches, update_patches,
};
use codex_patcher::workspace::{Workspace, WorkspaceError};
use codex_patcher::{diff, limits, outcome};

use args::{Cli, Format, Run, SchemaOf, Subcommands};
use error::{Exit, Trouble};

/// A thread's stack. ast-grep compares captures recursively, as deep as the target is nested. Only what is used is
/// ever backed by memory.
const STACK: usize = 64 << 20;

/// More threads than this are not started, whatever `--jobs` says: starting them takes longer than any plan.
const MOST_THREADS: usize = 256;

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    bug::report_panics();
    heed_signals();
    if complete::answer(Cli::command) {
        return Exit::Good.into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            if !error.use_stderr() {
                return Exit::Good.into();
            }
            misread::answer(&error, std::env::args_os().skip(1));
            return Exit::Usage.into();
        }
    };
    if let Some(bytes) = cli.globals().and_then(|globals| globals.max_file_size) {
        limits::set_file_size(bytes);
    }
    let look = human::TextStyle::choose(cli.globals());
    match execute(&cli, &look) {
        Ok(exit) => exit.into(),
        Err(Trouble::Pipe) => Exit::Good.into(),
        Err(trouble) => {
            tell(&trouble.render(&look));
            if cli.globals().is_some_and(|globals| globals.format == Format::Json) {
                let workspace = cli.workspace().map(|path| path.to_string_lossy().into_owned());
                let _ = print_report(&Report::of_error(cli.reporting(), workspace, trouble.as_data()));
            }
            trouble.exit()
        }
    }
}

fn execute(cli: &Cli, look: &human::TextStyle) -> Result<Exit, Trouble> {
    let current_dir = std::env::current_dir().map_err(Trouble::CurrentDir)?;
    match &cli.command {
        Subcommands::Apply(apply) => {
            if apply.planning.rev.is_some() && !apply.dry_run {
                return Err(Trouble::RevisionWithoutDryRun);
            }
            let mode = if apply.dry_run { Mode::Report } else { Mode::Write };
            let mut options = options(outcome::Command::Apply, mode, &apply.run);
            options.on_failure = on_failure(apply.keep_going);
            options.strictness = strictness(apply.planning.strict);
            options.drift = apply.planning.drift.into();
            options.revision.clone_from(&apply.planning.rev);
            options.diff = diff_output(apply.planning.diff);
            if apply.accept {
                (options.locks, options.record) = (LockUse::Accept, Record::Places);
            }
            conduct(&apply.run, &options, &current_dir, look)
        }
        Subcommands::Status(status) => {
            let mut options = options(outcome::Command::Status, Mode::Report, &status.run);
            options.strictness = strictness(status.planning.strict);
            options.drift = status.planning.drift.into();
            options.revision.clone_from(&status.planning.rev);
            options.diff = diff_output(status.planning.diff);
            conduct(&status.run, &options, &current_dir, look)
        }
        Subcommands::Verify(verify) => {
            let mut options = options(outcome::Command::Verify, Mode::Report, &verify.run);
            options.strictness = strictness(verify.strict);
            options.drift = verify.drift.into();
            conduct(&verify.run, &options, &current_dir, look)
        }
        Subcommands::Explain(explain) => {
            let mut options = options(outcome::Command::Explain, Mode::Report, &explain.run);
            options.revision.clone_from(&explain.rev);
            self::explain::tell(explain, &options, &current_dir, look)
        }
        Subcommands::Lock(lock) => {
            let mut options = options(outcome::Command::Lock, Mode::Report, &lock.run);
            options.revision.clone_from(&lock.rev);
            options.on_failure = on_failure(lock.keep_going);
            if !lock.dry_run {
                output::check()?;
            }
            let (report, files) = on_pool(&lock.run, &current_dir, |tree, set, progress| {
                let (report, files) = lock_patches(tree, set, &options, progress)?;
                rewritten(tree, set, report, files, lock.dry_run)
            })?;
            tell_rewritten(&lock.run, report, &files, (&options, lock.dry_run), look)
        }
        Subcommands::Update(update) => {
            let mut options = options(outcome::Command::Update, Mode::Report, &update.run);
            options.revision.clone_from(&update.rev);
            if !update.dry_run {
                output::check()?;
            }
            let (report, files) = on_pool(&update.run, &current_dir, |tree, set, progress| {
                let (report, files) = update_patches(tree, set, &options, progress)?;
                rewritten(tree, set, report, files, update.dry_run)
            })?;
            tell_rewritten(&update.run, report, &files, (&options, update.dry_run), look)
        }
        Subcommands::Revert(revert) => {
            let mut options = options(outcome::Command::Revert, Mode::Revert, &revert.run);
            options.drift = revert.drift.into();
            conduct(&revert.run, &options, &current_dir, look)
        }
        Subcommands::New(new) => {
            pool(Some(NonZeroUsize::MIN))?.install(|| self::new::tell(new, &current_dir))
        }
        Subcommands::List(run) => {
            let (_, PatchSet { mut files, .. }) =
                load(&run.named(), run.workspace.as_deref(), &current_dir, false)?;
            list::narrow(&mut files, &selection(run)).map_err(Trouble::Run)?;
            let text = list::render(&files, run.globals.format == Format::Json, look);
            match run.globals.format {
                Format::Json => print_exact(&text)?,
                Format::Human => print(&text)?,
            }
            Ok(Exit::Good)
        }
        Subcommands::Schema { of } => {
            let schema = match of {
                SchemaOf::Patch => schema::json_schema(),
                SchemaOf::Report => outcome::json_schema(),
            };
            print_exact(&(serde_json::to_string_pretty(&schema).expect("plain data") + "\n"))?;
            Ok(Exit::Good)
        }
        Subcommands::Completions { shell } => {
            print_exact(&complete::script(*shell))?;
            Ok(Exit::Good)
        }
        Subcommands::Man { command } => {
            print_exact(&manual::page(command.as_deref())?)?;
            Ok(Exit::Good)
        }
    }
}

fn options(command: outcome::Command, mode: Mode, run: &Run) -> Options {
    let version = run.workspace_version.clone();
    Options { mode, selection: selection(run), version, ..Options::new(command) }
}

fn on_failure(keep_going: bool) -> OnFailure {
    if keep_going { OnFailure::KeepGoing } else { OnFailure::WriteNothing }
}

fn strictness(strict: bool) -> Strictness {
    if strict { Strictness::Strict } else { Strictness::Lenient }
}

fn diff_output(diff: bool) -> DiffOutput {
    if diff { DiffOutput::Include } else { DiffOutput::Omit }
}

fn selection(run: &Run) -> Selection {
    Selection { only: run.only.iter().cloned().collect(), skip: run.skip.iter().cloned().collect() }
}

type Loaded = (Option<Workspace>, PatchSet);

/// The workspace, and the patch files: those named, else those in its `patches/` or in `./patches`.
fn load(
    named: &[PathBuf],
    workspace: Option<&Path>,
    current_dir: &Path,
    workspace_needed: bool,
) -> Result<Loaded, Trouble> {
    let workspace = match Workspace::find(workspace, current_dir) {
        Ok(found) => Some(found),
        Err(WorkspaceError::NotFound { .. }) if !workspace_needed => None,
        Err(error) => return Err(Trouble::Workspace(error)),
    };
    let mut defaults: Vec<PathBuf> =
        workspace.iter().map(|workspace| workspace.root().join("patches")).collect();
    defaults.push(PathBuf::from("patches"));
    let set = loader::load(named, &defaults).map_err(Trouble::Load)?;
    Ok((workspace, set))
}

/// Loads, and calls on the threads of a pool: a single target would be planned on the caller's, with the caller's stack.
fn on_pool<T: Send>(
    run: &Run,
    current_dir: &Path,
    call: impl FnOnce(&DiskTree<'_>, &PatchSet, Progress<'_>) -> Result<T, RunError> + Send,
) -> Result<T, Trouble> {
    let pool = pool(run.jobs)?;
    let (workspace, set) = load(&run.named(), run.workspace.as_deref(), current_dir, true)?;
    let workspace = workspace.expect("asked for");
    let tree = DiskTree::new(&workspace, current_dir);
    let spinner = Spinner::new();
    let result = pool.install(|| call(&tree, &set, &|done, total| spinner.tick(done, total)));
    spinner.stop();
    result.map_err(Trouble::Run)
}

/// Threads that can go as deep as a target is nested.
fn pool(jobs: Option<NonZeroUsize>) -> Result<rayon::ThreadPool, Trouble> {
    let mut pool = rayon::ThreadPoolBuilder::new().stack_size(STACK);
    if let Some(jobs) = jobs {
        pool = pool.num_threads(jobs.get().min(MOST_THREADS));
    }
    pool.build().map_err(|error| Trouble::Threads(error.to_string()))
}

fn conduct(
    run: &Run,
    options: &Options,
    current_dir: &Path,
    look: &human::TextStyle,
) -> Result<Exit, Trouble> {
    if options.mode != Mode::Report {
        output::check()?;
    }
    let report =
        on_pool(run, current_dir, |tree, set, progress| apply_patches(tree, set, options, progress))?;
    told(show(&report, run, look), &report, options, look)
}

/// The report is about to be shown, or could not be.
fn told(
    shown: Result<(), Trouble>,
    report: &Report,
    options: &Options,
    look: &human::TextStyle,
) -> Result<Exit, Trouble> {
    let warnings = report.warnings.iter().map(|warning| format!("{}: {warning}\n", look.warning("warning")));
    tell(&warnings.collect::<String>());
    match shown {
        Ok(()) | Err(Trouble::Pipe) => Ok(verdict(report, options)),
        Err(trouble) => {
            tell(&trouble.render(look));
            Ok(Exit::Failed)
        }
    }
}

/// Writes files that stand beside the patches or are them, unless it is a dry run.
fn rewritten(
    tree: &DiskTree<'_>,
    set: &PatchSet,
    report: Report,
    files: Vec<Rewritten>,
    dry_run: bool,
) -> Result<(Report, Vec<Rewritten>), RunError> {
    if !dry_run {
        tree.put(set, &files)?;
    }
    Ok((report, files))
}

/// Reports what was written; with `dry_run` shows what would be, as a diff.
fn tell_rewritten(
    run: &Run,
    mut report: Report,
    files: &[Rewritten],
    (options, dry_run): (&Options, bool),
    look: &human::TextStyle,
) -> Result<Exit, Trouble> {
    if dry_run {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let diff = |file: &Rewritten| {
            diff::unified(&file.shown, &text(file.before.as_deref().unwrap_or_default()), &text(&file.after))
        };
        report.diff = Some(files.iter().map(diff).collect());
    }
    report.files = files.iter().map(|file| file.shown.clone()).collect();
    told(show(&report, run, look), &report, options, look)
}

fn show(report: &Report, run: &Run, look: &human::TextStyle) -> Result<(), Trouble> {
    match run.globals.format {
        Format::Json => print_report(report),
        Format::Human => {
            let text = human::render(report, look);
            match &report.diff {
                Some(diff) => {
                    tell(&text);
                    print_diff(diff)
                }
                None => print(&text),
            }
        }
    }
}

/// The report as its one JSON document.
fn print_report(report: &Report) -> Result<(), Trouble> {
    let json = serde_json::to_string_pretty(report).expect("a report is plain data");
    print_exact(&(json + "\n"))
}

/// Exit status by the table of `codex-patcher --help`.
fn verdict(report: &Report, options: &Options) -> Exit {
    let ended = |status| report.summary.contains_key(&status);
    let is_verify = options.command == outcome::Command::Verify;
    let is_missing = is_verify && (ended(Status::WouldApply) || ended(Status::NotAttempted));
    let is_expired = ended(Status::Expired) && (is_verify || options.strictness == Strictness::Strict);
    // `explain` is about one patch, whatever the others are.
    let is_idle =
        report.selected == 0 && !report.patches.is_empty() && options.command != outcome::Command::Explain;
    if ended(Status::Failed) || is_missing || is_expired || is_idle { Exit::Failed } else { Exit::Good }
}

/// Writes to standard error; if nobody reads it, nobody can be told.
fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(human::harmless(text).as_bytes());
}

/// Writes text for people to standard output. Of control characters, which may come from a target, only colours reach it.
fn print(text: &str) -> Result<(), Trouble> {
    write(anstream::stdout().lock(), &human::harmless(text))
}

/// Writes a diff: every byte, but to a terminal as text for people.
fn print_diff(diff: &str) -> Result<(), Trouble> {
    if io::stdout().is_terminal() { print(diff) } else { print_exact(diff) }
}

/// Writes what a program reads to standard output: every byte.
fn print_exact(text: &str) -> Result<(), Trouble> {
    write(io::stdout().lock(), text)
}

/// A reader that went away is no error.
fn write(mut out: impl io::Write, text: &str) -> Result<(), Trouble> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Trouble::Pipe),
        Err(error) => Err(Trouble::Output(error)),
        Ok(()) => Ok(()),
    }
}

/// Progress on a terminal's standard error, once a run takes more than half a second.
struct Spinner {
    bar: indicatif::ProgressBar,
    started: Instant,
}

impl Spinner {
    const PATIENCE: Duration = Duration::from_millis(500);

    fn new() -> Self {
        Self { bar: indicatif::ProgressBar::hidden(), started: Instant::now() }
    }

    fn tick(&self, done: usize, total: usize) {
        if self.started.elapsed() < Self::PATIENCE || !io::stderr().is_terminal() {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            self.bar.set_length(total as u64);
            self.bar.set_message("planning");
        }
        self.bar.set_position(done as u64);
    }

    fn stop(&self) {
        self.bar.finish_and_clear();
    }
}
