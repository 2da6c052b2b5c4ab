//! The input of a plan, and its output. Data only.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::failure::Failure;
use crate::outcome::{Site, Work};
use crate::patch::{Action, Drift, Fuzzy, LockState, Matches, Patch};
use crate::rust::items::ItemPath;

/// One patch with the targets that it may act on; all of them are drafts of the plan.
#[derive(Debug, Clone)]
pub struct Task<'p> {
    /// Its place in the run.
    pub index: usize,
    /// The patch.
    pub patch: &'p Patch,
    /// Paths of drafts, in the order of `file`.
    pub targets: Vec<String>,
    /// How it is to be planned.
    pub terms: Terms<'p>,
    /// Whether it acts.
    pub role: Role,
}

/// What a patch does in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// It acts, and there is a verdict about it.
    #[default]
    Acts,
    /// It is only known: what it makes of the text of others tells that those are in place, as in a run of all.
    Known,
}

/// How a patch is to be planned: what the run decides, not the patch.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'p> {
    /// How far from what the patch says its place may be.
    pub drift: Drift,
    /// The same for a later run, which looks there where it finds nothing else.
    pub later: Drift,
    /// Its lock state.
    pub lock: &'p LockState,
    /// What becomes of warnings.
    pub strictness: Strictness,
    /// What the verdict says of the places.
    pub record: Record,
    /// Where the patch may look.
    pub scope: ScopeOf,
}

impl Terms<'static> {
    /// Exactly what the patch says, with no lock.
    pub const EXACT: Self = Self {
        drift: Drift::Off,
        later: Drift::Off,
        lock: &LockState::None,
        strictness: Strictness::Lenient,
        record: Record::Nothing,
        scope: ScopeOf::Constraint,
    };
}

impl Terms<'_> {
    /// How far the place of `patch` may be from the text that it searches; `None` where only that text will do.
    pub fn tolerance(&self, patch: &Patch) -> Option<Fuzzy> {
        let fuzzy = match &patch.action {
            Action::Text { query, .. } => query.fuzzy,
            Action::Rust { .. } | Action::Toml { .. } => None,
        };
        (self.drift >= Drift::Merge && patch.matches == Matches::Exactly(1))
            .then(|| fuzzy.unwrap_or_default())
    }
}

/// What becomes of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// They are reported.
    #[default]
    Lenient,
    /// They are failures.
    Strict,
}

/// What a verdict says of the places where its patch acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Record {
    /// Nothing.
    #[default]
    Nothing,
    /// What stands there, and what the patch makes of it.
    Places,
}

/// Where a patch may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeOf {
    /// Where its constraint says.
    Constraint,
    /// In all of the text: it is a piece of a target.
    All,
}

/// A place where a patch acts, in its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The target.
    pub(crate) file: String,
    /// What is matched or edited there.
    pub(crate) text: String,
    /// What the patch makes of it.
    pub(crate) result: String,
    /// The item that holds it, by name, and its text; `None` at file level and in what is not Rust.
    pub(crate) item: Option<(ItemPath, String)>,
    /// The header around what a text query matched in a TOML file, without its brackets.
    pub(crate) section: Option<String>,
}

/// What is decided about a patch, and where.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The target; `None` where there is no one target.
    pub file: Option<String>,
    /// One-based line in the target before the edit.
    pub(crate) line: Option<usize>,
    /// The decision.
    pub decision: Decision,
    /// The similarity, where the place was found under tolerance.
    pub(crate) score: Option<f64>,
    /// What deserves a look.
    pub(crate) warnings: Vec<String>,
    /// Where it acts, if that was asked for.
    pub(crate) places: Vec<Place>,
    /// How sure it is that it is in place, if it is.
    pub(crate) standing: Standing,
    /// Of a patch with several matches, each place where it acts or is in place.
    pub(crate) sites: Vec<Site>,
}

impl Verdict {
    /// A decision about no place.
    pub fn bare(file: Option<String>, decision: Decision) -> Self {
        Self {
            file,
            line: None,
            decision,
            score: None,
            warnings: Vec::new(),
            places: Vec::new(),
            standing: Standing::Told,
            sites: Vec::new(),
        }
    }

    /// Adds a warning, unless the verdict has the same one.
    pub fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// How sure it is that a patch is in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// What stands there is the effect of the patch.
    Told,
    /// It is, but it stands in another item, which the effect does not name, or beneath what a later patch took away: where a commit has
    /// it, that may be a namesake, or what upstream made of it.
    Within,
    /// What stands there says so little that it may have stood there before.
    Doubtful,
    /// It is not, but in one of these lines, counted from one, may stand what the patch put in before, with another text.
    Before {
        /// Those that begin as its text does, in the block of the place, or say much of what it says, or have its text.
        lines: Vec<usize>,
        /// Those that stand right where it puts its text and have half of its words: they are that only if no commit has them.
        beside: Vec<usize>,
    },
    /// It is not, and what it deletes, or takes away beside what stays, has its like in this line of the result, counted from one:
    /// a later run would take that for what it looks for, if nothing but the text can tell.
    Leaves(usize),
}

/// What is decided about a patch.
#[derive(Debug, Clone)]
pub enum Decision {
    /// It applies.
    Apply,
    /// Its effect is in place already.
    InPlace,
    /// A bare delete found nothing.
    Absent,
    /// A constraint says no.
    Skip(String),
    /// It fails.
    Fail(Failure),
}

/// A finished plan.
#[derive(Debug)]
pub struct Plan {
    /// One verdict a task, by the task's index.
    pub verdicts: BTreeMap<usize, Verdict>,
    /// The drafts, as the plan leaves them, by path.
    pub drafts: BTreeMap<String, Draft>,
    /// What was parsed for it.
    pub(crate) work: Work,
}
