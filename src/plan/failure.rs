//! Why a patch fails: typed, with everything that explains it.

use crate::outcome::{Cause, Nearest, Site};
use crate::patch::{Action, Matches, Patch, RustQuery};

/// Why a patch cannot be applied, or may not be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// What the patch evaluations for is not there, nor is its effect.
    #[error("{looked_for} is not there{}", where_not(.scope.as_ref()))]
    NoMatch {
        /// In words.
        looked_for: String,
        /// The `function_context`, if there is one.
        scope: Option<Context>,
        /// The nearest thing that is there.
        nearest: Option<Box<Nearest>>,
        /// One-based line of a macro inside which its tokens stand.
        in_macro: Option<usize>,
    },
    /// A bare delete under `ensure_present` or `--strict`.
    #[error("there is nothing to delete: {looked_for} is not there")]
    NothingToDelete {
        /// In words.
        looked_for: String,
    },
    /// Another number of matches than wanted.
    #[error("{} wanted, {found} found", in_words(*.wanted))]
    Ambiguous {
        /// The number wanted.
        wanted: Matches,
        /// The number found.
        found: usize,
        /// Each of them.
        sites: Vec<Site>,
    },
    /// It applies in more than one of its candidate files.
    #[error("it applies in {} of its candidate files", .sites.len())]
    SeveralFiles {
        /// The first place in each.
        sites: Vec<Site>,
    },
    /// Several places are about equally similar.
    #[error("{} places are about equally similar", .sites.len())]
    Twins {
        /// Each of them.
        sites: Vec<Site>,
    },
    /// The matched span is not what `verify` says.
    #[error("line {line} matches, but it is not what `verify` expects")]
    Verification {
        /// One-based line of the match.
        line: usize,
        /// What was expected.
        expected: String,
        /// What is there.
        found: String,
    },
    /// An earlier patch took the match away.
    #[error("it matches line {line} of the file as read, but no longer after patch `{by}` of this run")]
    Overlap {
        /// The earlier patch.
        by: String,
        /// One-based line in the file as read.
        line: usize,
    },
    /// Upstream changed the very lines that the patch changes.
    #[error("upstream changed what the patch changes, at line {line}{}", .by.as_ref().map(|by| format!(", in {by}")).unwrap_or_default())]
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
    /// What is to be overwritten is no longer what the lock remembers.
    #[error("upstream changed what this patch replaces, at line {line}{}", .since.as_ref().map(|since| format!(", since it was locked ({since})")).unwrap_or_default())]
    ChangedUpstream {
        /// One-based line.
        line: usize,
        /// Upstream's version and commit when it was locked.
        since: Option<String>,
        /// What upstream changed.
        diff: String,
    },
    /// What is matched stands in another item than the one that the lock remembers, which is still there.
    #[error(
        "line {line} matches, but not in `{item}`, where it was when it was locked and which is still there"
    )]
    OtherItem {
        /// One-based line.
        line: usize,
        /// The item.
        item: String,
    },
    /// A place found under tolerance, which `--strict` does not take.
    #[error("{message}")]
    Tolerance {
        /// In words.
        message: String,
        /// One-based line.
        line: usize,
    },
    /// What is to be inserted is there with other content.
    #[error("{what} is there already, with other content (line {line})")]
    OtherContent {
        /// In words.
        what: String,
        /// One-based line.
        line: usize,
    },
    /// The section that an insertion goes next to is missing.
    #[error("section `{section}`, next to which this goes, is not there")]
    MissingNeighbour {
        /// The section.
        section: String,
    },
    /// The patch's own matches lie inside each other's edits.
    #[error("its own edits overlap: {detail}")]
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
    },
    /// The result has a syntax error that was not there before.
    #[error("the result does not parse: {message} at line {line}, column {column} of the result")]
    InvalidResult {
        /// What is wrong.
        message: String,
        /// One-based line.
        line: usize,
        /// One-based column, in characters.
        column: usize,
        /// The lines around it.
        excerpt: String,
    },
    /// It is in place, so what it replaced is not there to be remembered.
    #[error("it is in place here: what it replaced cannot be seen")]
    NothingToLock,
    /// It cannot be written so that it is exact again.
    #[error("it cannot be rewritten: {why}")]
    NotUpdated {
        /// In words.
        why: String,
    },
    /// Upstream took it away.
    #[error("{looked_for} is gone: upstream took it away in {by}")]
    Gone {
        /// In words.
        looked_for: String,
        /// The commit.
        by: String,
    },
    /// It left its file, and following it was not asked for.
    #[error("it moved to {}:{}", .to.file, .to.line)]
    Moved {
        /// Where it stands now.
        to: Site,
    },
    /// Upstream put it into several places.
    #[error("it stands in {} places{}", .sites.len(), .by.as_ref().map(|by| format!(", put there by {by}")).unwrap_or_default())]
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
    },
    /// The target is not what the query needs.
    #[error("{message}")]
    BadTarget {
        /// In words.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A version range, and no version to compare with.
    #[error("it asks for version {range}, and the version of this tree is not known")]
    UnknownVersion {
        /// The range.
        range: String,
    },
    /// `revert` finds edits that the set did not make.
    #[error("`{file}` has other edits than this set makes")]
    OtherEdits {
        /// The target.
        file: String,
    },
    /// The target changed while the run was under way.
    #[error("the file changed while this run was under way; nothing was written")]
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
    pub function: String,
    /// Whether the target has such a function.
    pub exists: bool,
}

fn where_not(context: Option<&Context>) -> String {
    match context {
        None => String::new(),
        Some(Context { function, exists: true }) => format!(" inside fn `{function}`"),
        Some(Context { function, exists: false }) => {
            format!(": there is no fn `{function}`, to which it is confined")
        }
    }
}

fn in_words(matches: Matches) -> String {
    match matches {
        Matches::Exactly(1) => "one match".to_owned(),
        Matches::Exactly(n) => format!("{n} matches"),
        Matches::All => "at least one match".to_owned(),
    }
}

impl Failure {
    /// The patch has no place: it may have become another, or stand somewhere else.
    pub fn is_lost(&self) -> bool {
        matches!(
            self,
            Self::NoMatch { .. }
                | Self::NothingToDelete { .. }
                | Self::NoTarget { .. }
                | Self::Twins { .. }
                | Self::ChangedUpstream { .. }
        )
    }

    /// Its cause, as reports name it.
    pub fn cause(&self) -> Cause {
        match self {
            Self::NoMatch { .. }
            | Self::NothingToDelete { .. }
            | Self::MissingNeighbour { .. }
            | Self::NothingToLock
            | Self::NotUpdated { .. }
            | Self::Gone { .. }
            | Self::Moved { .. }
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
            | Self::OtherEdits { .. } => Cause::Conflict,
            Self::NotIdempotent { .. } => Cause::NotIdempotent,
            Self::InvalidResult { .. } => Cause::InvalidResult,
            Self::NoTarget { .. } | Self::BadTarget { .. } => Cause::BadTarget,
            Self::UnknownVersion { .. } => Cause::UnknownVersion,
            Self::ChangedOnDisk => Cause::ChangedOnDisk,
            Self::Io { .. } => Cause::Io,
        }
    }

    /// What to do next about `patch`.
    pub fn hint(&self, patch: &Patch) -> Option<String> {
        let hint = match self {
            Self::NoMatch { in_macro: Some(line), .. } => {
                return Some(format!(
                    "its tokens stand inside a macro at line {line}, where patterns cannot match: use a `text` query"
                ));
            }
            Self::NoMatch { scope: Some(Context { exists: false, .. }), .. } => {
                "correct `constraint.function_context`, or look where the function went"
            }
            Self::NoMatch { nearest: Some(_), .. } => "compare with the nearest place and adapt the query",
            Self::NoMatch { .. } => {
                "nothing like it is in this file: look where the code went, or retire the patch"
            }
            Self::Tolerance { .. } => "make the search exact again, or run without --strict",
            Self::NothingToDelete { .. } if patch.ensure_present => {
                "retire the patch, or drop `ensure_present`"
            }
            Self::NothingToDelete { .. } => "retire the patch, or run without --strict",
            Self::Ambiguous { .. } if matches!(patch.action, Action::Toml { .. }) => {
                "pick one, by `name[0]` or `name[key = \"value\"]` in `section`, or say how many with `matches`"
            }
            Self::Ambiguous { found, .. } if *found > 0 => {
                "make the query longer or narrower (`constraint.function_context`), or say how many with `matches`"
            }
            Self::SeveralFiles { .. } => "name one file, or make the query fit one of them only",
            Self::Twins { .. } => "search for more of the code around the place that is meant",
            Self::Verification { .. } => {
                "upstream changed this place: check that the patch still makes sense, then renew `verify`"
            }
            Self::Overlap { .. } => "write this patch against what the earlier one leaves, or put it first",
            Self::Conflict { .. } => "write the patch anew against what stands there now",
            Self::OtherContent { .. } if patch.ensure_absent => {
                "change it with set-value, or run without --strict to leave it alone"
            }
            Self::OtherContent { .. } => {
                "change it with replace-value or set-value, or accept it with `ensure_absent = true`"
            }
            Self::MissingNeighbour { .. } => "choose another place, or leave the position out",
            Self::NotIdempotent { others, .. } if others.is_empty() => {
                "match more of the code around it, so that the result can be told from the original"
            }
            Self::NotIdempotent { .. } => "put the patches in another order, or make one patch of them",
            Self::InvalidResult { .. } => "look at the replacement text: brackets, commas, semicolons",
            Self::UnknownVersion { .. } => "give one with --workspace-version",
            Self::OtherEdits { .. } => "commit or undo them first: nothing was reverted",
            Self::ChangedUpstream { .. } => {
                "keep upstream's changes with --drift merge, or overwrite them with --accept"
            }
            Self::OtherItem { .. } => {
                "look whether this is the same code; if so, overwrite it with --accept, or lock it again"
            }
            Self::NotUpdated { .. } => "rewrite it by hand; `codex-patcher explain` shows what it has become",
            Self::NothingToLock => "lock against a tree without it: --rev HEAD, or after `revert`",
            Self::Gone { .. } => "retire the patch, or write it anew for what upstream does instead",
            Self::Moved { .. } => "follow it with --drift move, or correct `file`",
            Self::SeveralPlaces { .. } => "name the one that is meant in `file`",
            Self::NoTarget { hint, .. } => return Some(hint.clone()),
            Self::ChangedOnDisk => "run again",
            Self::BadTarget { hint, .. } => return hint.clone(),
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// The sites of an ambiguity.
    pub fn sites(&self) -> Vec<Site> {
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
    pub fn others(&self) -> Vec<String> {
        match self {
            Self::Overlap { by, .. } => vec![by.clone()],
            Self::NotIdempotent { others, .. } => others.clone(),
            _ => Vec::new(),
        }
    }

    /// The nearest thing that is there.
    pub fn nearest(&self) -> Option<Nearest> {
        match self {
            Self::NoMatch { nearest, .. } => nearest.as_deref().cloned(),
            _ => None,
        }
    }

    /// What tells more than the sentence, several lines.
    pub fn detail(&self) -> Option<String> {
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
                    "the patch was written against:\n{}\nupstream has now:\n{}\nthe patch makes of it:\n{}",
                    quoted(&base),
                    quoted(ours),
                    quoted(&theirs)
                ))
            }
            Self::ChangedUpstream { diff, .. } => Some(diff.clone()),
            Self::InvalidResult { excerpt, .. } => Some(excerpt.clone()),
            _ => None,
        }
    }

    /// One-based line of the place it speaks of.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::ChangedUpstream { line, .. }
            | Self::OtherItem { line, .. }
            | Self::Verification { line, .. }
            | Self::Overlap { line, .. }
            | Self::Conflict { line, .. } => Some(*line),
            Self::OtherContent { line, .. } | Self::Tolerance { line, .. } => Some(*line),
            _ => None,
        }
    }
}

/// Two texts without the equal lines at their ends, but for a few.
fn around_the_change(base: &str, theirs: &str) -> (String, String) {
    let (old, new): (Vec<&str>, Vec<&str>) = (base.lines().collect(), theirs.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count().min(most);
    let (skip, drop) = (head.saturating_sub(CONTEXT), tail.saturating_sub(CONTEXT));
    (old[skip..old.len() - drop].join("\n"), new[skip..new.len() - drop].join("\n"))
}

/// Equal lines that are shown around a change.
const CONTEXT: usize = 3;
/// Longer texts are cut.
const QUOTED: usize = 24;

fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "  (nothing)".to_owned();
    }
    let mut lines: Vec<String> = text.lines().take(QUOTED).map(|line| format!("  | {line}")).collect();
    let left = text.lines().count() - lines.len();
    lines.extend((left > 0).then(|| format!("  … {left} more lines")));
    lines.join("\n")
}

/// What a patch evaluations for, in a few words, for sentences.
pub fn describe(action: &Action) -> String {
    match action {
        Action::Text { query, .. } => format!("the text {}", short(&query.search)),
        Action::Rust { query: RustQuery::AstGrep(query), .. } => match query.text() {
            Some(pattern) => format!("the pattern {}", short(pattern)),
            None => "what the rule describes".to_owned(),
        },
        Action::Rust { query: RustQuery::TreeSitter(query), .. } => match query.shorthand() {
            Some(_) => format!("`{}`", query.source().trim()),
            None => format!("what the query {} selects", short(query.source())),
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
