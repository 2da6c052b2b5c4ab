//! How every patch ended: plain data, for printers and for programs. Pure.
//!
//! One schema, versioned by [`SCHEMA`]. Every field is always present; it is null or empty where it has no value.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

/// Version of the JSON report.
pub const SCHEMA: u32 = 1;

/// `text` as a part of one line that shows nothing but itself. What a repository holds (subjects, names, what git says
/// about them) could otherwise end the line of a report and write the next one, or paint over it.
pub fn printable(text: &str) -> String {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) { plain.extend(c.escape_debug()) } else { plain.push(c) }
    }
    plain
}

/// JSON Schema (draft 7) of a [`Report`] as it is printed, made of its types.
pub fn json_schema() -> serde_json::Value {
    let generator = SchemaSettings::draft07().for_serialize().into_generator();
    generator.into_root_schema_for::<Report>().to_value()
}

/// The report of a run. Where no run could begin, `error` says why, and there are no patches in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Report {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// The command that was run; null where the command line names none.
    pub command: Option<Command>,
    /// Why no run could begin: the exit status is 2 then.
    pub error: Option<CallError>,
    /// The workspace's root, as a path; null where none was found or named.
    pub workspace: Option<String>,
    /// The version that ranges were compared with.
    pub version: Option<String>,
    /// Where that version comes from, if not from the manifest.
    pub version_note: Option<String>,
    /// The revision that was planned against, if not the files.
    pub(crate) revision: Option<String>,
    /// One entry a patch, in the order of the run.
    pub patches: Vec<Outcome>,
    /// How many patches took part: neither the selection nor their version range left them out.
    pub selected: usize,
    /// What to know of the run as a whole, a sentence each.
    pub warnings: Vec<String>,
    /// How many patches ended in each status; a status without patches is left out.
    pub summary: BTreeMap<Status, usize>,
    /// The targets that were written, or would be, sorted.
    pub files: Vec<String>,
    /// The unified diff, where it was asked for.
    pub diff: Option<String>,
    /// What the run cost.
    pub work: Work,
}

impl Report {
    /// That no run could begin.
    pub fn of_error(command: Option<Command>, workspace: Option<String>, error: CallError) -> Self {
        Self { schema: SCHEMA, command, workspace, error: Some(error), ..Self::default() }
    }
}

/// What is wrong with a call, its workspace or its patch files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CallError {
    /// In a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Every mistake of every patch file, if that is what is wrong.
    pub mistakes: Vec<PatchMistake>,
}

/// A mistake in a patch file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PatchMistake {
    /// The patch file.
    pub patch_file: String,
    /// One-based line.
    pub line: usize,
    /// One-based column, in characters.
    pub column: usize,
    /// The patch in which it is, where that has an id.
    pub id: Option<String>,
    /// In a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How one patch ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Outcome {
    /// The patch.
    pub id: String,
    /// The patch file that contains it.
    pub patch_file: String,
    /// One-based line of its `[[patches]]`.
    pub patch_line: usize,
    /// The target, relative to the workspace.
    pub file: Option<String>,
    /// One-based line of the match, in the target before the edit.
    pub line: Option<usize>,
    /// How it ended.
    pub status: Status,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// Why it failed or was skipped, in a sentence.
    pub reason: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// What to check although the patch did not fail.
    pub warnings: Vec<String>,
    /// The similarity of a place found under tolerance.
    pub score: Option<f64>,
    /// Every site of an ambiguity; of a patch that asks for several matches, every place where it acts or is in place.
    pub sites: Vec<Site>,
    /// The other patches that had a part in a failure.
    pub others: Vec<String>,
    /// The most similar place, where the patch found no match.
    pub nearest: Option<Nearest>,
    /// What was expected and what was found, where the sentence does not say it all.
    pub detail: Option<String>,
    /// The file from which the code moved.
    pub moved_from: Option<String>,
    /// What upstream did to the place, oldest first.
    pub history: Vec<String>,
    /// What `--drift` would do for a patch that failed without it.
    pub would: Option<Would>,
}

impl Would {
    /// In a sentence, with the flag to give.
    pub(crate) fn sentence(&self) -> String {
        let file = printable(self.file.as_deref().unwrap_or_default());
        let place = self.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
        let score = self.score.map(|score| format!(", similarity {score:.2}")).unwrap_or_default();
        match (self.what, &self.upstream, &self.reason) {
            (Prospect::Merge, ..) => {
                format!("--drift merge would apply the patch at {place}{score}, without conflicts")
            }
            (Prospect::Move, ..) => format!(
                "the code moved to {place}{score}: --drift move would apply the patch there, without conflicts"
            ),
            (Prospect::InPlace, Some(commit), _) => {
                format!(
                    "upstream has this change already, at {place}, since {commit}: remove the patch, unless \
                     that is your own commit"
                )
            }
            (Prospect::InPlace, None, _) if self.moved_from.is_some() => {
                format!(
                    "the code moved to {place}, where the effect of the patch is in place: use --drift move"
                )
            }
            (Prospect::InPlace, None, _) => {
                format!(
                    "the effect of the patch is in place at {place}{score}, merged into changed text: use --drift merge"
                )
            }
            (_, _, Some(reason)) if self.line.is_some() => {
                format!("tolerance does not help: {reason} ({place})")
            }
            (_, _, Some(reason)) => format!("tolerance does not help: {reason}"),
            _ => String::new(),
        }
    }
}

/// A command that has `--format`. `list` and `new` print documents of their own, and a report only of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Writes what the patches say.
    Apply,
    /// Tells what each patch would do.
    Status,
    /// Tells whether every patch is in place.
    Verify,
    /// Tells the whole story of one patch.
    Explain,
    /// Remembers what each patch replaces.
    Lock,
    /// Rewrites patch files that needed tolerance.
    Update,
    /// Puts targets back to git's HEAD.
    Revert,
    /// Lists what patch files contain.
    List,
    /// Proposes a patch.
    New,
}

impl Command {
    /// All of them.
    const ALL: [Self; 9] = [
        Self::Apply,
        Self::Status,
        Self::Verify,
        Self::Explain,
        Self::Lock,
        Self::Update,
        Self::Revert,
        Self::List,
        Self::New,
    ];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Status => "status",
            Self::Verify => "verify",
            Self::Explain => "explain",
            Self::Lock => "lock",
            Self::Update => "update",
            Self::Revert => "revert",
            Self::List => "list",
            Self::New => "new",
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What tolerance would do for a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Prospect {
    /// Merge the patch into the changed code.
    Merge,
    /// The same, in another file or at another place.
    Move,
    /// Its effect is in place already.
    InPlace,
    /// Nothing: the patch fails with tolerance too.
    Fail,
}

/// What a run with `--drift move` would do for a patch.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Would {
    /// In short.
    pub(crate) what: Prospect,
    /// The target, relative to the workspace.
    pub(crate) file: Option<String>,
    /// One-based line.
    pub(crate) line: Option<usize>,
    /// The similarity, where the place was found by similarity.
    pub(crate) score: Option<f64>,
    /// Why the patch would fail with `--drift` too.
    pub(crate) reason: Option<String>,
    /// The sides of a conflict.
    pub detail: Option<String>,
    /// The commit that made the same change upstream.
    pub(crate) upstream: Option<String>,
    /// What upstream did to the place, oldest first.
    pub history: Vec<String>,
    /// The file that the code left.
    #[serde(skip)]
    pub(crate) moved_from: Option<String>,
    /// What its file was renamed to, where that has no place for the patch.
    #[serde(skip)]
    pub(crate) heir: Option<String>,
}

/// A place in a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Site {
    /// The target, relative to the workspace.
    pub file: String,
    /// One-based line.
    pub line: usize,
    /// The text of that line, where it is known.
    pub text: Option<String>,
}

/// The place that is most similar to what a patch looks for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Nearest {
    /// The target, relative to the workspace.
    pub file: String,
    /// One-based line.
    pub line: usize,
    /// The similarity, from 0 to 1, where it was measured.
    pub similarity: Option<f64>,
    /// What it is, in a few words.
    pub what: Option<String>,
    /// A small diff: the patch looks for the `-` lines, and the file has the `+` lines. A line after `~` has both in one:
    /// `[-…-]` and `{+…+}`.
    pub diff: Option<String>,
}

/// How a patch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The edit was made.
    Applied,
    /// The edit would be made.
    WouldApply,
    /// `revert` took the edit back.
    Reverted,
    /// What it replaces was written to the lock file.
    Locked,
    /// The patch file was rewritten.
    Updated,
    /// Its effect is in place already.
    AlreadyApplied,
    /// A bare delete found nothing.
    Absent,
    /// The version, a constraint, `enabled` or the selection excludes it.
    Skipped,
    /// The version is past its range: it will never apply again.
    Expired,
    /// It failed; `cause` says why.
    Failed,
    /// The patch itself can apply, but another patch failed.
    NotAttempted,
}

impl Status {
    /// As it is printed and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::WouldApply => "would-apply",
            Self::Reverted => "reverted",
            Self::Locked => "locked",
            Self::Updated => "updated",
            Self::AlreadyApplied => "already-applied",
            Self::Absent => "absent",
            Self::Skipped => "skipped",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::NotAttempted => "not-attempted",
        }
    }
}

/// Why a patch failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// What the patch looks for was not found.
    NoMatch,
    /// The patch has another number of matches than it asks for, or matches in several candidate files.
    Ambiguous,
    /// The text that the patch replaces is no longer the text in the lock.
    ChangedUpstream,
    /// The match is not what `verify` expects.
    Verification,
    /// An earlier patch of the run took the match away.
    Overlap,
    /// Upstream changed the same lines as the patch, or other content is where the patch inserts.
    Conflict,
    /// A second run would change something, or fail.
    NotIdempotent,
    /// The result has a new syntax error.
    InvalidResult,
    /// The patch has a version range, and the version of the tree is unknown.
    UnknownVersion,
    /// The target is missing, outside the workspace, or not a regular text file.
    BadTarget,
    /// A limit of codex-patcher was reached.
    Limit,
    /// The target changed while the run was under way.
    ChangedOnDisk,
    /// The target cannot be read or written.
    Io,
}

impl Cause {
    /// As it is printed and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoMatch => "no-match",
            Self::Ambiguous => "ambiguous",
            Self::ChangedUpstream => "changed-upstream",
            Self::Verification => "verification",
            Self::Overlap => "overlap",
            Self::Conflict => "conflict",
            Self::NotIdempotent => "not-idempotent",
            Self::InvalidResult => "invalid-result",
            Self::UnknownVersion => "unknown-version",
            Self::BadTarget => "bad-target",
            Self::Limit => "limit",
            Self::ChangedOnDisk => "changed-on-disk",
            Self::Io => "io",
        }
    }
}

/// What a run cost, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Work {
    /// Targets read to plan. A target that is about to be written is read once more, to compare.
    pub reads: usize,
    /// Texts parsed from scratch: targets, and pieces on which the planner tries what a patch would do.
    pub parses: usize,
    /// Trees reparsed after an edit, which reuses what the edit did not touch.
    pub reparses: usize,
    /// Targets written.
    pub writes: usize,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.reads += other.reads;
        self.parses += other.parses;
        self.reparses += other.reparses;
        self.writes += other.writes;
    }
}
