//! A report as text: one line for each patch, then each failure with its explanation, then a summary.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style};
use codex_patcher::outcome::{Command, Outcome, Report, Status, printable};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::args::{Colour, Globals};

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextStyle {
    pub(crate) color: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// Columns of the terminal that is printed to; nothing is shortened for a file or a pipe.
    width: Option<usize>,
}

impl TextStyle {
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
        let size = terminal_size::terminal_size_of(std::io::stdout());
        let width = size.map(|(terminal_size::Width(columns), _)| usize::from(columns));
        Self {
            color,
            quiet: asked(|globals| globals.quiet),
            verbose: asked(|globals| globals.verbose),
            width,
        }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
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

    pub(crate) fn warning(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// Words that go on, `indent` columns in, below themselves where they are longer than the terminal is wide.
    fn wrap(self, words: &str, indent: usize) -> String {
        match self.width {
            Some(width) if width > 2 * indent => {
                textwrap::fill(words, textwrap::Options::new(width).subsequent_indent(&" ".repeat(indent)))
            }
            _ => words.to_owned(),
        }
    }

    fn removed(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    fn added(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    fn status(self, status: Status, text: &str) -> String {
        let style = match status {
            Status::Applied | Status::Reverted | Status::Locked | Status::Updated => {
                AnsiColor::Green.on_default().bold()
            }
            Status::WouldApply => AnsiColor::Green.on_default(),
            Status::AlreadyApplied => AnsiColor::Blue.on_default(),
            Status::Absent | Status::Expired => AnsiColor::Yellow.on_default(),
            Status::Skipped | Status::NotAttempted => Style::new().dimmed(),
            Status::Failed => AnsiColor::Red.on_default().bold(),
        };
        self.paint(style, text)
    }
}

/// Text in which every control character but line breaks, tabs and colours is spelled out, and so is what turns the order of
/// characters around.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t' || turns(c)) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_colour = || {
            let codes = text[at..].strip_prefix("\u{1b}[");
            let end = codes.and_then(|codes| codes.find(|c: char| !c.is_ascii_digit() && c != ';'));
            end.is_some_and(|end| codes.is_some_and(|codes| codes[end..].starts_with('m')))
        };
        match c {
            '\n' | '\t' => plain.push(c),
            '\r' if text[at..].starts_with("\r\n") => plain.push(c),
            '\u{1b}' if is_colour() => plain.push(c),
            _ if c.is_control() || turns(c) => plain.extend(c.escape_unicode()),
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// The whole report.
pub(crate) fn render(report: &Report, look: &TextStyle) -> String {
    let mut text = String::new();
    if !look.quiet {
        let columns = ColumnWidths::of(&report.patches, *look);
        for patch in &report.patches {
            line(&mut text, patch, &columns, *look);
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

/// How wide the columns of the table are; the last, what there is to say of a patch, takes what is left.
struct ColumnWidths {
    status: usize,
    id: usize,
    place: usize,
    note: usize,
    /// Of a place beside which there is no note.
    rest: usize,
}

impl ColumnWidths {
    /// Between two columns.
    const GAP: usize = 2;
    /// A place and a note are not made narrower than this; a terminal that has no room for them wraps.
    const LEAST: usize = 16;

    fn of(patches: &[Outcome], look: TextStyle) -> Self {
        let width = |cell: &dyn Fn(&Outcome) -> String| {
            patches.iter().map(|patch| cell(patch).width()).max().unwrap_or(0)
        };
        let status = width(&|patch| patch.status.name().to_owned());
        let id = width(&|patch| patch.id.clone());
        let beside = |patch: &Outcome| if note(patch).is_empty() { String::new() } else { place(patch) };
        let (mut rest, mut note) = (width(&place), width(&|patch| note(patch).into_owned()));
        let mut place = width(&beside);
        if let Some(terminal) = look.width {
            rest = terminal.saturating_sub(status + id + 2 * Self::GAP).max(Self::LEAST);
            let beside = Self::GAP + note.min(Self::LEAST);
            place = place.min(rest.saturating_sub(beside).max(Self::LEAST));
            note = note.min(rest.saturating_sub(place + Self::GAP).max(Self::LEAST));
        }
        Self { status, id, place, note, rest }
    }
}

fn line(text: &mut String, patch: &Outcome, columns: &ColumnWidths, look: TextStyle) {
    let status = look.status(patch.status, &format!("{:<1$}", patch.status.name(), columns.status));
    let note = head(&note(patch), columns.note);
    let place = tail(&place(patch), if note.is_empty() { columns.rest } else { columns.place });
    let note = if patch.cause.is_some() { look.error(&note) } else { look.dim(&note) };
    let (id, place) = (padded(&patch.id, columns.id), padded(&place, columns.place));
    let _ = write!(text, "{status}  {id}  {place}  {note}");
    text.truncate(text.trim_end().len());
    text.push('\n');
    let indent = columns.status + ColumnWidths::GAP;
    if let Some(places) = places(patch).filter(|places| places.width() > columns.note) {
        let _ = writeln!(text, "{}", look.wrap(&format!("{:indent$}{}", "", look.dim(&places)), indent));
    }
    for warning in patch.warnings.iter().filter(|warning| Some(*warning) != patch.reason.as_ref()) {
        let _ = writeln!(
            text,
            "{}",
            look.wrap(&format!("{:indent$}{} {warning}", "", look.warning("warning:")), indent)
        );
    }
}

/// Where a patch that has several places has them; a failure shows them at length.
fn places(patch: &Outcome) -> Option<String> {
    if patch.status == Status::Failed || patch.sites.len() < 2 {
        return None;
    }
    let lines: Vec<String> = patch.sites.iter().map(|site| site.line.to_string()).collect();
    Some(format!("{} places, at lines {}", lines.len(), lines.join(", ")))
}

/// What there is to say of a patch beside its place.
fn note(patch: &Outcome) -> Cow<'_, str> {
    let said = patch.cause.map(|cause| cause.name()).or(patch.reason.as_deref());
    said.map(Cow::Borrowed).or_else(|| places(patch).map(Cow::Owned)).unwrap_or_default()
}

/// A text with spaces after it up to `width` columns of the terminal.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The beginning of a text that is wider than `width` columns.
fn head(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    fitting(text.chars(), width).chain(['…']).collect()
}

/// The end of a text that is wider than `width` columns: in a path this tells it from others.
fn tail(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let end: Vec<char> = fitting(text.chars().rev(), width).collect();
    std::iter::once('…').chain(end.into_iter().rev()).collect()
}

/// As many of the characters as leave a column for the ellipsis.
fn fitting(chars: impl Iterator<Item = char>, width: usize) -> impl Iterator<Item = char> {
    let mut used = 1;
    chars.take_while(move |c| {
        used += c.width().unwrap_or(0);
        used <= width
    })
}

fn place(patch: &Outcome) -> String {
    match (&patch.file, patch.line) {
        (Some(file), Some(line)) => format!("{}:{line}", printable(file)),
        (Some(file), None) => printable(file),
        (None, _) => String::new(),
    }
}

/// What became of one patch, at length.
pub(crate) fn story(text: &mut String, patch: &Outcome, look: TextStyle) {
    let row = look.dim(&format!("{:>10}", "now"));
    let _ = write!(text, "{row} {} {}", look.status(patch.status, patch.status.name()), place(patch));
    text.truncate(text.trim_end().len());
    text.push('\n');
    for warning in &patch.warnings {
        let _ = writeln!(text, "  {} {warning}", look.warning("warning:"));
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

fn failure(text: &mut String, patch: &Outcome, look: TextStyle) {
    let cause = patch.cause.map_or("failed", |cause| cause.name());
    let title = look.error(&format!("{cause}: {}", patch.id));
    let reason = patch.reason.as_deref().unwrap_or_default();
    let _ = writeln!(text, "\n{}", look.wrap(&format!("{title}: {reason}"), 2));
    let _ = writeln!(text, "  {} {}:{}", look.dim("patch "), patch.patch_file, patch.patch_line);
    if patch.file.is_some() {
        let _ = writeln!(text, "  {} {}", look.dim("target"), place(patch));
    }
    let places: Vec<String> =
        patch.sites.iter().map(|site| format!("{}:{}", printable(&site.file), site.line)).collect();
    let widest = places.iter().map(|place| place.width()).max().unwrap_or(0);
    for (site, place) in patch.sites.iter().zip(places) {
        let room = look.width.map_or(SITE, |width| SITE.min(width.saturating_sub(widest + 11)));
        let what = site.text.as_ref().map(|line| format!("  {}", head(line, room))).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {} {}",
            look.dim("site  "),
            format!("{}{what}", padded(&place, widest)).trim_end()
        );
    }
    for other in &patch.others {
        let _ = writeln!(text, "  {} {other}", look.dim("with  "));
    }
    if let Some(near) = &patch.nearest {
        let how = near.similarity.map(|s| format!(" (similarity {s:.2})")).unwrap_or_default();
        let what = near.what.as_ref().map(|what| format!(": {what}")).unwrap_or_default();
        let _ = writeln!(text, "  {} {}:{}{what}{how}", look.dim("near  "), printable(&near.file), near.line);
        block(text, near.diff.as_deref(), look);
    }
    block(text, patch.detail.as_deref(), look);
    let would = patch.would.as_ref();
    let history = match would {
        Some(would) if patch.history.is_empty() => &would.history,
        _ => &patch.history,
    };
    for event in history {
        let _ = writeln!(text, "{}", look.wrap(&format!("  {} {event}", look.dim("since ")), 9));
    }
    block(text, would.and_then(|would| would.detail.as_deref()), look);
    if let Some(hint) = &patch.hint {
        let _ = writeln!(text, "{}", look.wrap(&format!("  {} {hint}", look.note("help:")), 8));
    }
}

/// Characters of a line of code that is shown to be recognised.
const SITE: usize = 100;

/// A small diff: whole lines, or, after `~`, words in `[-…-]` and `{+…+}`. The marks stay also where colours say it too: code
/// may hold such marks of its own.
fn block(text: &mut String, content: Option<&str>, look: TextStyle) {
    for line in content.into_iter().flat_map(str::lines) {
        let painted = match line.chars().next() {
            Some('-') => look.removed(line),
            Some('+') => look.added(line),
            Some('~') if look.color => words(line, look),
            _ => line.to_owned(),
        };
        let _ = writeln!(text, "    {painted}");
    }
}

fn words(line: &str, look: TextStyle) -> String {
    let (mut painted, mut rest) = (String::new(), line);
    while let Some(at) = rest.find("[-").into_iter().chain(rest.find("{+")).min() {
        let is_removed = rest[at..].starts_with("[-");
        let Some(end) = rest[at..].find(if is_removed { "-]" } else { "+}" }) else { break };
        let word = &rest[at..at + end + 2];
        painted += &rest[..at];
        painted += &if is_removed { look.removed(word) } else { look.added(word) };
        rest = &rest[at + end + 2..];
    }
    painted + rest
}

fn summary(text: &mut String, report: &Report, look: TextStyle) {
    let counts: Vec<String> = report
        .summary
        .iter()
        .map(|(status, n)| look.status(*status, &format!("{n} {}", status.name())))
        .collect();
    let counts = if counts.is_empty() { "no patches".to_owned() } else { counts.join(", ") };
    let command = report.command.map(Command::name).unwrap_or_default();
    let _ = writeln!(text, "{command}: {counts}{}", fate(report));
    if look.verbose {
        let version = report.version.as_deref().unwrap_or("unknown");
        let note = report.version_note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        let workspace = report.workspace.as_deref().unwrap_or_default();
        let _ = writeln!(text, "workspace {workspace}, version {version}{note}");
        let work = report.work;
        let _ = writeln!(
            text,
            "{} read, {} parsed, {} reparsed, {} written",
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

#[cfg(test)]
mod tests {
    use codex_patcher::outcome::Cause;

    use super::*;

    fn outcome(status: Status, id: &str, file: &str, cause: Option<Cause>, reason: Option<&str>) -> Outcome {
        Outcome {
            id: id.to_owned(),
            patch_file: "set.toml".to_owned(),
            patch_line: 1,
            file: Some(file.to_owned()),
            line: Some(6),
            status,
            cause,
            reason: reason.map(str::to_owned),
            hint: None,
            warnings: Vec::new(),
            score: None,
            sites: Vec::new(),
            others: Vec::new(),
            nearest: None,
            detail: None,
            moved_from: None,
            history: Vec::new(),
            would: None,
        }
    }

    fn table(width: Option<usize>) -> Vec<String> {
        let look = TextStyle { color: false, quiet: false, verbose: false, width };
        let why = "version 0.125.0 is not inside `<0.120`, and more is said of it";
        let patches = [
            outcome(Status::Applied, "agent-threads", "core/src/config/mod.rs", None, None),
            outcome(
                Status::Failed,
                "plain",
                "tui/src/bottom_pane/chat_composer.rs",
                Some(Cause::NoMatch),
                Some("long"),
            ),
            outcome(Status::Skipped, "old", "core/src/exec.rs", None, Some(why)),
        ];
        let columns = ColumnWidths::of(&patches, look);
        let mut text = String::new();
        patches.iter().for_each(|patch| line(&mut text, patch, &columns, look));
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn columns_stand_below_each_other_and_nothing_is_cut_for_a_pipe() {
        assert_eq!(
            table(None),
            [
                "applied  agent-threads  core/src/config/mod.rs:6",
                "failed   plain          tui/src/bottom_pane/chat_composer.rs:6  no-match",
                "skipped  old            core/src/exec.rs:6                      version 0.125.0 is not \
                 inside `<0.120`, and more is said of it",
            ]
        );
    }

    #[test]
    fn what_comes_from_a_target_does_nothing_to_a_terminal() {
        assert_eq!(harmless("plain\tä\r\n"), "plain\tä\r\n");
        assert_eq!(harmless("\u{1b}[1;31mred\u{1b}[0m"), "\u{1b}[1;31mred\u{1b}[0m");
        assert_eq!(harmless("a\u{7}b\u{1b}]0;title\u{7}"), "a\\u{7}b\\u{1b}]0;title\\u{7}");
        assert_eq!(harmless("\u{202e}txt.rs\r"), "\\u{202e}txt.rs\\u{d}");
        assert_eq!(harmless("\u{1b}[2J"), "\\u{1b}[2J");
    }

    #[test]
    fn on_a_terminal_a_patch_has_one_line() {
        assert_eq!(
            table(Some(70)),
            [
                "applied  agent-threads  core/src/config/mod.rs:6",
                "failed   plain          …tom_pane/chat_composer.rs:6  no-match",
                "skipped  old            core/src/exec.rs:6            version 0.125.0…",
            ]
        );
        for width in 58..130 {
            assert!(table(Some(width)).iter().all(|line| line.width() <= width), "{width}");
        }
        assert_eq!(table(Some(200)), table(None));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(padded("配置", 6), "配置  ");
        assert_eq!(head("配置文件", 6), "配置…");
        assert_eq!(tail("配置/文件.rs", 5), "….rs");
        assert_eq!(tail("配置/文件.rs", 7), "…件.rs");
    }
}
