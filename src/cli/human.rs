//! A report as text: one line a patch, then every failure with what explains it, then a summary.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style};
use codex_patcher::outcome::{Outcome, Report, Status};

use super::args::{Colour, Globals};

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) color: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

impl Look {
    /// What was asked for; `auto` means colour on a terminal, unless `NO_COLOR` is set.
    pub(crate) fn choose(globals: Option<&Globals>) -> Self {
        let color = match globals.map_or(Colour::Auto, |globals| globals.color) {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                std::io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        let choice = if color { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
        choice.write_global();
        let asked = |flag: fn(&Globals) -> bool| globals.is_some_and(flag);
        Self { color, quiet: asked(|globals| globals.quiet), verbose: asked(|globals| globals.verbose) }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(crate) fn error(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    pub(crate) fn note(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    fn status(self, status: Status, text: &str) -> String {
        let style = match status {
            Status::Applied | Status::Reverted | Status::Locked | Status::Updated => {
                AnsiColor::Green.on_default().bold()
            }
            Status::WouldApply => AnsiColor::Green.on_default(),
            Status::AlreadyApplied => AnsiColor::Blue.on_default(),
            Status::Absent => AnsiColor::Yellow.on_default(),
            Status::Skipped | Status::NotAttempted => Style::new().dimmed(),
            Status::Failed => AnsiColor::Red.on_default().bold(),
        };
        self.paint(style, text)
    }
}

/// The whole report.
pub(crate) fn render(report: &Report, look: &Look) -> String {
    let mut text = String::new();
    if !look.quiet {
        let statuses = width(report.patches.iter().map(|p| p.status.name()));
        let ids = width(report.patches.iter().map(|p| p.id.as_str()));
        for patch in &report.patches {
            line(&mut text, patch, statuses, ids, *look);
        }
    }
    for patch in report.patches.iter().filter(|patch| patch.status == Status::Failed) {
        failure(&mut text, patch, *look);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    summary(&mut text, report, *look);
    text
}

fn width<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    words.map(|word| word.chars().count()).max().unwrap_or(0)
}

fn line(text: &mut String, patch: &Outcome, statuses: usize, ids: usize, look: Look) {
    let status = look.status(patch.status, &format!("{:<statuses$}", patch.status.name()));
    let _ = write!(text, "{status}  {:<ids$}  {}", patch.id, place(patch));
    match (&patch.cause, &patch.reason) {
        (Some(cause), _) => drop(write!(text, "  {}", look.error(cause.name()))),
        (None, Some(reason)) => drop(write!(text, "  {}", look.dim(reason))),
        (None, None) => {}
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for warning in patch.warnings.iter().filter(|warning| Some(*warning) != patch.reason.as_ref()) {
        let _ = writeln!(
            text,
            "{:statuses$}  {} {warning}",
            "",
            look.paint(AnsiColor::Yellow.on_default(), "warning:")
        );
    }
}

fn place(patch: &Outcome) -> String {
    match (&patch.file, patch.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        (None, _) => String::new(),
    }
}

/// What became of one patch, at length.
pub(crate) fn story(text: &mut String, patch: &Outcome, look: Look) {
    let row = look.dim(&format!("{:>10}", "now"));
    let _ = write!(text, "{row} {} {}", look.status(patch.status, patch.status.name()), place(patch));
    text.truncate(text.trim_end().len());
    text.push('\n');
    for warning in &patch.warnings {
        let _ = writeln!(text, "  {} {warning}", look.paint(AnsiColor::Yellow.on_default(), "warning:"));
    }
    match patch.status {
        Status::Failed => failure(text, patch, look),
        _ => {
            if let Some(reason) = &patch.reason {
                let _ = writeln!(text, "  {reason}");
            }
            for event in &patch.history {
                let _ = writeln!(text, "  {} {event}", look.dim("since "));
            }
        }
    }
}

fn failure(text: &mut String, patch: &Outcome, look: Look) {
    let cause = patch.cause.map_or("failed", |cause| cause.name());
    let _ = writeln!(
        text,
        "\n{}: {}",
        look.error(&format!("{cause}: {}", patch.id)),
        patch.reason.as_deref().unwrap_or_default()
    );
    let _ = writeln!(text, "  {} {}:{}", look.dim("patch "), patch.patch_file, patch.patch_line);
    if patch.file.is_some() {
        let _ = writeln!(text, "  {} {}", look.dim("target"), place(patch));
    }
    for site in &patch.sites {
        let _ = writeln!(text, "  {} {}:{}", look.dim("site  "), site.file, site.line);
    }
    for other in &patch.others {
        let _ = writeln!(text, "  {} {other}", look.dim("with  "));
    }
    if let Some(near) = &patch.nearest {
        let how = near.similarity.map(|s| format!(" (similarity {s:.2})")).unwrap_or_default();
        let what = near.what.as_ref().map(|what| format!(": {what}")).unwrap_or_default();
        let _ = writeln!(text, "  {} {}:{}{what}{how}", look.dim("near  "), near.file, near.line);
        block(text, near.diff.as_deref(), look);
    }
    block(text, patch.detail.as_deref(), look);
    let would = patch.would.as_ref();
    let history = match would {
        Some(would) if patch.history.is_empty() => &would.history,
        _ => &patch.history,
    };
    for event in history {
        let _ = writeln!(text, "  {} {event}", look.dim("since "));
    }
    block(text, would.and_then(|would| would.detail.as_deref()), look);
    if let Some(hint) = &patch.hint {
        let _ = writeln!(text, "  {} {hint}", look.note("help:"));
    }
}

fn block(text: &mut String, content: Option<&str>, look: Look) {
    for line in content.into_iter().flat_map(str::lines) {
        let painted = match line.chars().next() {
            Some('-') => look.paint(AnsiColor::Red.on_default(), line),
            Some('+') => look.paint(AnsiColor::Green.on_default(), line),
            _ => line.to_owned(),
        };
        let _ = writeln!(text, "    {painted}");
    }
}

fn summary(text: &mut String, report: &Report, look: Look) {
    let counts: Vec<String> = report
        .summary
        .iter()
        .map(|(status, n)| look.status(*status, &format!("{n} {}", status.name())))
        .collect();
    let counts = if counts.is_empty() { "no patches".to_owned() } else { counts.join(", ") };
    let _ = writeln!(text, "{}: {counts}{}", report.command, fate(report));
    if look.verbose {
        let version = report.version.as_deref().unwrap_or("unknown");
        let note = report.version_note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        let _ = writeln!(text, "workspace {}, version {version}{note}", report.workspace);
        let work = report.work;
        let _ = writeln!(
            text,
            "{} read, {} parsed, {} brought up to date, {} written",
            work.reads, work.parses, work.reparses, work.writes
        );
    }
}

fn fate(report: &Report) -> String {
    let files = |n: usize| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
    let ended = |status| report.summary.contains_key(&status);
    match report.work.writes {
        0 if ended(Status::NotAttempted) => "; nothing was written".to_owned(),
        0 if ended(Status::WouldApply) && report.files.is_empty() => "; nothing would be written".to_owned(),
        0 if ended(Status::WouldApply) => format!("; would write {}", files(report.files.len())),
        0 => String::new(),
        n => format!("; wrote {}", files(n)),
    }
}
