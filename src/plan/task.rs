//! What a plan is asked, and what it answers.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::failure::Failure;
use crate::patch::Patch;
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
    /// Whether the verdict is to say what stands at its places.
    pub record: bool,
}

/// A place where a patch acts, in its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The target.
    pub file: String,
    /// What is matched or edited there.
    pub text: String,
    /// What the patch makes of it.
    pub result: String,
    /// The item that holds it, by name, and its text; `None` at file level and in what is not Rust.
    pub item: Option<(ItemPath, String)>,
}

/// What is decided about a patch, and where.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The target; `None` where there is no one target.
    pub file: Option<String>,
    /// One-based line in the target before the edit.
    pub line: Option<usize>,
    /// The decision.
    pub decision: Decision,
    /// The similarity, where the place was found under tolerance.
    pub score: Option<f64>,
    /// What deserves a look.
    pub warnings: Vec<String>,
    /// Where it acts, if that was asked for.
    pub places: Vec<Place>,
}

impl Verdict {
    /// A decision about no place.
    pub fn bare(file: Option<String>, decision: Decision) -> Self {
        Self { file, line: None, decision, score: None, warnings: Vec::new(), places: Vec::new() }
    }
}

/// What is decided about a patch.
#[derive(Debug, Clone)]
pub enum Decision {
    /// It applies.
    Apply,
    /// Its effect is in place.
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
}
