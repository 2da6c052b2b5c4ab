//! Why a patch fails: typed, with everything that explains it.

use super::fault::Fault;
use super::seen::Seen;
use crate::identity::{self, Language, Name};
use crate::limits::Limit;
use crate::outcome::{Cause, Nearest, Site, printable};
use crate::patch::{Action, Matches, Patch, RustQuery, TomlOperation};
use crate::text::ends::common_ends;

/// Why a patch cannot be applied, or may not be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// What the patch looks for is not there, nor is its effect.
    #[error("{looked_for} was {}", where_not(.scope.as_ref(), .seen.as_ref()))]
    NoMatch {
        /// In words.
        looked_for: String,
        /// The `function_context`, if there is one.
        scope: Option<Context>,
        /// What was seen and not taken.
        seen: Option<Seen>,
        /// The nearest thing that is there.
        nearest: Option<Box<Nearest>>,
        /// One-based line of a macro inside which its tokens stand.
        in_macro: Option<usize>,
    },
    /// A bare delete under `ensure_present` or `--strict`.
    #[error("nothing to delete: {looked_for} was not found")]
    NothingToDelete {
        /// In words.
        looked_for: String,
    },
    /// A delete that finds nothing, where nothing tells whether what it looks for was deleted, and that is asked.
    #[error("{why}")]
    Untold {
        /// In a sentence.
        why: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// Another number of matches than wanted.
    #[error("expected {}, found {found}", in_words(*.wanted))]
    Ambiguous {
        /// The number wanted.
        wanted: Matches,
        /// The number found.
        found: usize,
        /// Each of them.
        sites: Vec<Site>,
    },
    /// It applies in more than one of its candidate files.
    #[error("the patch applies in {} of its candidate files", .sites.len())]
    SeveralFiles {
        /// The first place in each.
        sites: Vec<Site>,
    },
    /// Several places are about equally similar.
    #[error("{} places are about equally similar to what the patch looks for", .sites.len())]
    Twins {
        /// Each of them.
        sites: Vec<Site>,
    },
    /// The match is not what `verify` expects.
    #[error("line {line} matches, but its text is not what `verify` expects")]
    Verification {
        /// One-based line of the match.
        line: usize,
        /// What was expected.
        expected: String,
        /// What is there.
        found: String,
    },
    /// An earlier patch took the match away.
    #[error("the query matches line {line} of the original file, but no longer after patch `{by}`")]
    Overlap {
        /// The earlier patch.
        by: String,
        /// One-based line in the file as read.
        line: usize,
    },
    /// The very lines that the patch changes were changed, or what names them, by upstream or by a commit of one's own.
    #[error("{}, at line {line}{}", what_changed(.base, .ours, .theirs), .by.as_ref().map(|by| format!(", in {by}")).unwrap_or_default())]
    Conflict {
        /// One-based line.
        line: usize,
        /// What the patch was written against.
        base: String,
        /// What stands there.
        ours: String,
        /// What the patch makes of it.
        theirs: String,
        /// The commit that changed it, where it is known.
        by: Option<String>,
    },
    /// What is to be overwritten is no longer what the lock records.
    #[error("upstream changed the text that this patch replaces, at line {line}{}", .since.as_ref().map(|since| format!(", since the patch was locked ({since})")).unwrap_or_default())]
    ChangedUpstream {
        /// One-based line.
        line: usize,
        /// Upstream's version and commit when it was locked.
        since: Option<String>,
        /// What upstream changed.
        diff: String,
        /// Fewer of its places remain than the lock names: there is nothing to merge.
        is_fewer: bool,
    },
    /// What is matched stands in another item than the one that the lock records.
    #[error("line {line} matches, but {}", fate.sentence(item))]
    OtherItem {
        /// One-based line.
        line: usize,
        /// The item.
        item: String,
        /// What became of it.
        fate: ItemFate,
    },
    /// A place found under tolerance, which `--strict` does not take.
    #[error("{message}")]
    Tolerance {
        /// In words.
        message: String,
        /// One-based line.
        line: usize,
    },
    /// It seems to be in place, history could not be asked, and `--strict` takes no doubt.
    #[error("history could not be asked ({why}); --strict accepts no doubt")]
    Unproven {
        /// What kept history from telling.
        why: String,
        /// One-based line.
        line: usize,
    },
    /// What is to be inserted is there with other content.
    #[error("{message}")]
    OtherContent {
        /// In words.
        message: String,
        /// What to do.
        hint: String,
        /// Both sides.
        detail: Option<String>,
        /// One-based line.
        line: usize,
    },
    /// A key is to be set in a table that only the headers of its sub-tables imply.
    #[error(
        "section `{section}` has no header of its own, only sub-tables (line {line}), so no key can be added to it"
    )]
    OnlyImplied {
        /// The section.
        section: String,
        /// The statement that is to stand in it.
        entry: String,
        /// One-based line.
        line: usize,
    },
    /// The section that an insertion goes next to is missing.
    #[error("the patch inserts next to section `{section}`, which does not exist")]
    MissingNeighbour {
        /// The section.
        section: String,
    },
    /// The patch's own matches lie inside each other's edits.
    #[error("the edits of this patch overlap each other: {detail}")]
    OwnOverlap {
        /// Which.
        detail: String,
    },
    /// A second run would change something, or fail.
    #[error("a second run would {what}")]
    NotIdempotent {
        /// What it would do.
        what: String,
        /// The other patches that touch the same place.
        others: Vec<String>,
        /// The lines of the result that it would act on.
        shown: Option<String>,
        /// The nearest thing to what it would not find.
        nearest: Option<Box<Nearest>>,
    },
    /// The result has an error that was not there before.
    #[error("{}", not_valid(.message, *.line, *.column, .fault))]
    InvalidResult {
        /// What is wrong.
        message: String,
        /// One-based line.
        line: usize,
        /// One-based column, in characters.
        column: usize,
        /// The edited lines, marked, and the lines around the error.
        excerpt: String,
        /// What is to be mended.
        fault: Fault,
    },
    /// It is in place, so what it replaced is not there to be recorded.
    #[error("the patch is in place already, so the text that it replaced cannot be locked")]
    NothingToLock {
        /// The commit that has the patch, if one has.
        by: Option<String>,
    },
    /// It cannot be written so that it is exact again.
    #[error("the patch cannot be rewritten: {why}")]
    NotUpdated {
        /// In words.
        why: String,
    },
    /// Upstream took it away.
    #[error("{looked_for} is gone: upstream removed it in {by}")]
    Gone {
        /// In words.
        looked_for: String,
        /// The commit.
        by: String,
    },
    /// It left its file, and following it was not asked for.
    #[error("the code moved to {}:{}", printable(&.to.file), .to.line)]
    Moved {
        /// Where it stands now.
        to: Site,
    },
    /// Upstream put it into several places.
    #[error("the code is now in {}{}", places(.sites.len()), .by.as_ref().map(|by| format!(", put there by {by}")).unwrap_or_default())]
    SeveralPlaces {
        /// The commit, where it is known.
        by: Option<String>,
        /// Each of them.
        sites: Vec<Site>,
    },
    /// The target does not exist.
    #[error("{message}")]
    NoTarget {
        /// In words.
        message: String,
        /// What to do.
        hint: String,
        /// It exists under another spelling, which the hint gives.
        is_misspelt: bool,
    },
    /// The target is not what the query needs.
    #[error("{message}")]
    BadTarget {
        /// In words.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The patch has a version range, and the version of the tree is unknown.
    #[error("the patch needs version {range}, but the version of this tree is unknown")]
    UnknownVersion {
        /// The range.
        range: String,
    },
    /// `revert` does not take the patch back.
    #[error("{why}")]
    NotReverted {
        /// In a sentence.
        why: String,
        /// What to do about it.
        hint: String,
    },
    /// A limit of codex-patcher was reached.
    #[error("{what} {limit}")]
    OverLimit {
        /// What reached it, as the beginning of a sentence.
        what: String,
        /// Which.
        limit: Limit,
    },
    /// The target changed while the run was under way.
    #[error("the file changed during this run; nothing was written")]
    ChangedOnDisk,
    /// The target cannot be read or written.
    #[error("{message}")]
    Io {
        /// With the path.
        message: String,
    },
}

/// The function that a patch is confined to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub(crate) function: String,
    /// Whether the target has such a function.
    pub(crate) exists: bool,
}

fn where_not(context: Option<&Context>, seen: Option<&Seen>) -> String {
    match (seen, context) {
        (Some(seen), _) if seen.is_beside_match() => format!("found, but {}", seen.sentence()),
        (Some(seen), _) => format!("not found: {}", seen.sentence()),
        (None, None) => "not found".to_owned(),
        (None, Some(Context { function, exists: true })) => format!("not found in function `{function}`"),
        (None, Some(Context { function, exists: false })) => {
            format!("not found: the file has no function `{function}`")
        }
    }
}

fn not_valid(message: &str, line: usize, column: usize, fault: &Fault) -> String {
    match fault {
        Fault::Name => format!("the result is not valid: {message}"),
        Fault::Rule => format!("the result is not valid: {message} (line {line})"),
        _ => format!("the result does not parse: {message} at line {line}, column {column} of the result"),
    }
}

fn what_to_mend(fault: &Fault) -> String {
    match fault {
        Fault::Replacement => {
            "the text of the patch is not Rust by itself: check its brackets, commas and semicolons"
                .to_owned()
        }
        Fault::Capture(name) => format!(
            "the text of the patch is Rust, but not with what `${name}` captured there: match that code \
             more narrowly, or put it into brackets"
        ),
        Fault::Place => {
            "the text of the patch is Rust by itself, but not at this place: check the code around it, \
                         and the commas and semicolons between the two"
                .to_owned()
        }
        Fault::Deletion => {
            "what the patch leaves behind is not Rust: delete the whole item, statement or element, with \
                            its comma or semicolon"
                .to_owned()
        }
        Fault::Name => "give it another name, replace what is there, or leave it out".to_owned(),
        Fault::Rule => {
            "rustc can read this and refuses it: change the text of the patch, or its place".to_owned()
        }
        Fault::Unknown => "check the replacement text: brackets, commas, semicolons".to_owned(),
    }
}

fn places(count: usize) -> String {
    if count == 1 { "another place".to_owned() } else { format!("{count} places") }
}

fn in_words(matches: Matches) -> String {
    match matches {
        Matches::Exactly(1) => "one match".to_owned(),
        Matches::Exactly(n) => format!("{n} matches"),
        Matches::All => "at least one match".to_owned(),
    }
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemFate {
    /// It is in its file.
    Stays,
    /// It is not.
    Gone,
    /// It was taken away, and another one has its name.
    Replaced,
    /// The place was in it, as history tells.
    Left,
    /// The one that the patch writes is a method and the one in the file is not, or the other way round.
    OfAnotherKind,
}

impl ItemFate {
    fn sentence(self, item: &str) -> String {
        match self {
            Self::Stays => format!("outside `{item}`, which the lock names and which still exists"),
            Self::Gone => format!("outside `{item}`, which the lock names and which is gone"),
            Self::Left => format!("outside `{item}`, in which its place was"),
            Self::Replaced => {
                format!("`{item}`, which the lock names, was taken away: this is another one of its name")
            }
            Self::OfAnotherKind => {
                format!(
                    "only one of `{item}` there and `{item}` in the patch takes `self`: a method is no free function"
                )
            }
        }
    }
}

impl Failure {
    /// The patch has no place: it may have become another, or stand somewhere else.
    pub(crate) fn is_lost(&self) -> bool {
        if matches!(self, Self::NoMatch { seen: Some(Seen::Unended { .. }), .. }) {
            return false;
        }
        matches!(
            self,
            Self::NoMatch { .. }
                | Self::NothingToDelete { .. }
                | Self::NoTarget { .. }
                | Self::Twins { .. }
                | Self::ChangedUpstream { .. }
                | Self::OtherItem { fate: ItemFate::Gone, .. }
        )
    }

    /// Its cause, as reports name it.
    pub fn cause(&self) -> Cause {
        match self {
            Self::NoMatch { .. }
            | Self::NothingToDelete { .. }
            | Self::MissingNeighbour { .. }
            | Self::OnlyImplied { .. }
            | Self::NothingToLock { .. }
            | Self::Untold { .. }
            | Self::NotUpdated { .. }
            | Self::Gone { .. }
            | Self::Moved { .. }
            | Self::Unproven { .. }
            | Self::Tolerance { .. } => Cause::NoMatch,
            Self::Ambiguous { .. }
            | Self::SeveralFiles { .. }
            | Self::SeveralPlaces { .. }
            | Self::Twins { .. } => Cause::Ambiguous,
            Self::ChangedUpstream { .. } | Self::OtherItem { .. } => Cause::ChangedUpstream,
            Self::Verification { .. } => Cause::Verification,
            Self::Overlap { .. } => Cause::Overlap,
            Self::Conflict { .. }
            | Self::OtherContent { .. }
            | Self::OwnOverlap { .. }
            | Self::NotReverted { .. } => Cause::Conflict,
            Self::NotIdempotent { .. } => Cause::NotIdempotent,
            Self::InvalidResult { .. } => Cause::InvalidResult,
            Self::NoTarget { .. } | Self::BadTarget { .. } => Cause::BadTarget,
            Self::UnknownVersion { .. } => Cause::UnknownVersion,
            Self::OverLimit { .. } => Cause::Limit,
            Self::ChangedOnDisk => Cause::ChangedOnDisk,
            Self::Io { .. } => Cause::Io,
        }
    }

    /// What to do next about `patch`.
    pub(crate) fn hint(&self, patch: &Patch) -> Option<String> {
        let hint = match self {
            Self::NoMatch { in_macro: Some(line), .. } => {
                return Some(format!(
                    "the code is inside a macro at line {line}, where patterns cannot match: use a text query"
                ));
            }
            Self::NoMatch { seen: Some(seen), .. } => seen.advice(),
            Self::NoMatch { scope: Some(Context { exists: false, .. }), .. } => {
                "correct `constraint.function_context`, or find out where the function went"
            }
            Self::NoMatch { .. } if is_set_value(patch) => {
                "`set-value` adds a key, but no section: insert the section with `append-section`, or correct `section`"
            }
            Self::NoMatch { nearest: Some(_), scope: Some(_), .. } => {
                "compare the query with the nearest place, and adapt it, or correct `constraint.function_context`"
            }
            Self::NoMatch { nearest: Some(_), .. } => {
                "compare the query with the nearest place, and adapt it"
            }
            Self::NoMatch { .. } => {
                "this file contains nothing similar: find out where the code went, or remove the patch"
            }
            Self::Tolerance { .. } => {
                "make the query exact again (`codex-patcher update` can do that), or run without --strict"
            }
            Self::Unproven { .. } => {
                "look at the place: if the patch is in place there, run without --strict, else make history readable"
            }
            Self::NothingToDelete { .. } if patch.ensure_present => {
                "remove the patch, or remove `ensure_present` from it"
            }
            Self::NothingToDelete { .. } => "remove the patch, or run without --strict",
            Self::Ambiguous { .. } if matches!(patch.action, Action::Toml { .. }) => {
                "select one element in `section`, as `name[0]` or `name[key = \"value\"]`, or set `matches`"
            }
            Self::Ambiguous { found, .. } if *found > 0 => {
                "make the query longer, limit it to a function (`constraint.function_context`), or set `matches`"
            }
            Self::SeveralFiles { .. } => "name one file, or make the query match in one of them only",
            Self::Twins { .. } => "add more of the code around the intended place to the query",
            Self::Verification { .. } => {
                "upstream changed this place: check that the patch still makes sense, then update `verify`"
            }
            Self::Overlap { .. } => {
                "write this patch for the result of the earlier patch, or move it before that patch"
            }
            Self::Conflict { .. } => "rewrite the patch for the text that is there now",
            Self::OtherContent { .. } if patch.ensure_absent => {
                "change it with `set-value`, or run without --strict to keep it"
            }
            Self::OtherContent { hint, .. } => return Some(hint.clone()),
            Self::OnlyImplied { section, entry, .. } => {
                return Some(format!(
                    "insert the section instead: `append-section` with `[{section}]` and `{entry}` below it"
                ));
            }
            Self::MissingNeighbour { .. } => {
                "choose another section, or remove `after_section` or `before_section`"
            }
            Self::NotIdempotent { others, .. } if others.is_empty() => super::again::hint(patch),
            Self::NotIdempotent { .. } => "change the order of the patches, or join them into one patch",
            Self::InvalidResult { fault, .. } => return Some(what_to_mend(fault)),
            Self::UnknownVersion { .. } => "give the version with --workspace-version",
            Self::Untold { hint, .. } => hint,
            Self::NotReverted { hint, .. } => return Some(hint.clone()),
            Self::ChangedUpstream { is_fewer: true, .. } => {
                "find out what became of the other places; for those that remain, accept it with --accept"
            }
            Self::ChangedUpstream { .. } => {
                "keep upstream's changes with --drift merge, or overwrite them with --accept"
            }
            Self::OtherItem { fate: ItemFate::OfAnotherKind, .. } => {
                "check whether this is the same code; if it is, say in what it is: `fn Type::name`"
            }
            Self::OtherItem { .. } => {
                "check whether this is the same code; if it is, make the query match it, and accept it with --accept"
            }
            Self::NotUpdated { .. } => {
                "rewrite the patch by hand; `codex-patcher explain` shows how the \
             code has changed"
            }
            Self::NothingToLock { by: Some(by) } => {
                return Some(format!("lock the tree before the commit that has it: `--rev {by}^`"));
            }
            Self::NothingToLock { by: None } => {
                "lock a tree without the patch: use `--rev HEAD`, or run `codex-patcher \
             revert` first"
            }
            Self::Gone { .. } => "remove the patch, or rewrite it for what upstream does instead",
            Self::Moved { .. } => "follow the code with --drift move, or correct `file`",
            Self::SeveralPlaces { sites, .. } if sites.len() == 1 => {
                "write the patch for what stands there: its file, and its text where that changed"
            }
            Self::SeveralPlaces { .. } => {
                "set `file` to the file of the intended place, and the query to its text where that changed"
            }
            Self::NoTarget { hint, .. } => return Some(hint.clone()),
            Self::OverLimit { limit, .. } => limit.hint(),
            Self::ChangedOnDisk => "run again",
            Self::BadTarget { hint, .. } => return hint.clone(),
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// The sites of an ambiguity.
    pub(crate) fn sites(&self) -> Vec<Site> {
        match self {
            Self::Ambiguous { sites, .. }
            | Self::SeveralFiles { sites }
            | Self::SeveralPlaces { sites, .. }
            | Self::Twins { sites } => sites.clone(),
            Self::Moved { to } => vec![to.clone()],
            _ => Vec::new(),
        }
    }

    /// The other patches that have a part in it.
    pub(crate) fn others(&self) -> Vec<String> {
        match self {
            Self::Overlap { by, .. } => vec![by.clone()],
            Self::NotIdempotent { others, .. } => others.clone(),
            _ => Vec::new(),
        }
    }

    /// The nearest thing that is there.
    pub(crate) fn nearest(&self) -> Option<Nearest> {
        match self {
            Self::NoMatch { nearest, .. } | Self::NotIdempotent { nearest, .. } => {
                nearest.as_deref().cloned()
            }
            _ => None,
        }
    }

    /// What tells more than the sentence, several lines.
    pub(crate) fn detail(&self) -> Option<String> {
        match self {
            Self::Verification { expected, found, .. } if expected.contains('\n') || found.contains('\n') => {
                Some(format!("expected:\n{}\nfound:\n{}", quoted(expected), quoted(found)))
            }
            Self::Verification { expected, found, .. } => {
                Some(format!("expected: {expected}\nfound:    {found}"))
            }
            Self::Conflict { base, ours, theirs, .. } => {
                let (base, theirs) = around_the_change(base, theirs);
                Some(format!(
                    "the patch was written against:\n{}\nthe file now has:\n{}\nthe patch would write:\n{}",
                    quoted(&base),
                    quoted(ours),
                    quoted(&theirs)
                ))
            }
            Self::ChangedUpstream { diff, .. } => Some(diff.clone()),
            Self::OtherContent { detail, .. } => detail.clone(),
            Self::NotIdempotent { shown, .. } => shown.clone(),
            Self::InvalidResult { excerpt, .. } => Some(excerpt.clone()),
            _ => None,
        }
    }

    /// One-based line of the place it speaks of.
    pub(crate) fn line(&self) -> Option<usize> {
        match self {
            Self::ChangedUpstream { line, .. }
            | Self::OtherItem { line, .. }
            | Self::Verification { line, .. }
            | Self::Overlap { line, .. }
            | Self::Conflict { line, .. } => Some(*line),
            Self::OtherContent { line, .. }
            | Self::OnlyImplied { line, .. }
            | Self::Unproven { line, .. }
            | Self::Tolerance { line, .. } => Some(*line),
            _ => None,
        }
    }
}

fn is_set_value(patch: &Patch) -> bool {
    matches!(&patch.action, Action::Toml { operation: TomlOperation::SetValue { .. }, .. })
}

/// Two texts without the equal lines at their ends, but for a few.
fn around_the_change(base: &str, theirs: &str) -> (String, String) {
    let (old, new): (Vec<&str>, Vec<&str>) = (base.lines().collect(), theirs.lines().collect());
    let (head, tail) = common_ends([&old[..], &new]);
    let (skip, drop) = (head.saturating_sub(CONTEXT), tail.saturating_sub(CONTEXT));
    (old[skip..old.len() - drop].join("\n"), new[skip..new.len() - drop].join("\n"))
}

/// Equal lines that are shown around a change.
const CONTEXT: usize = 3;
/// Longer texts are cut.
const QUOTED: usize = 24;

/// Lines of code in a detail.
pub(super) fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "  (nothing)".to_owned();
    }
    let mut lines: Vec<String> = text.lines().take(QUOTED).map(|line| format!("  | {line}")).collect();
    let left = text.lines().count() - lines.len();
    lines.extend((left > 0).then(|| format!("  … {left} more lines")));
    lines.join("\n")
}

/// What of `base`, which a patch makes `theirs`, is another thing in `ours`.
fn what_changed(base: &str, ours: &str, theirs: &str) -> String {
    match identity::lost(base, theirs, ours, Language::Rust).filter(|_| !ours.trim().is_empty()) {
        Some(Name { what, name, .. }) => {
            format!("`{what} {name}`, which the patch changes, got another name or went")
        }
        None => "the lines that the patch changes were changed already".to_owned(),
    }
}

/// What a patch looks for, in a few words, for sentences.
pub(crate) fn describe(action: &Action) -> String {
    match action {
        Action::Text { query, .. } => format!("the text {}", short(&query.search)),
        Action::Rust { query: RustQuery::AstGrep(query), .. } => match query.text() {
            Some(pattern) => format!("the pattern {}", short(pattern)),
            None => "code that matches the rule".to_owned(),
        },
        Action::Rust { query: RustQuery::TreeSitter(query), .. } => match query.shorthand() {
            Some(_) => format!("`{}`", query.source().trim()),
            None => format!("a match of the query {}", short(query.source())),
        },
        Action::Toml { query, .. } => match (&query.section, &query.key) {
            (Some(section), Some(key)) => format!("key `{key}` in section `{section}`"),
            (Some(section), None) => format!("section `{section}`"),
            (None, Some(key)) => format!("key `{key}` at the root"),
            (None, None) => "the section".to_owned(),
        },
    }
}

fn short(text: &str) -> String {
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default();
    let cut: String = first.chars().take(60).collect();
    let more = lines.next().is_some() || cut.len() < first.len();
    format!("`{cut}{}`", if more { " …" } else { "" })
}
