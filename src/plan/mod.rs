//! Planning: contents and patches in, edits and a verdict per patch out. Pure.
//!
//! `sites` finds where patches act and where they already did, `settle` is the table that decides, `order` walks
//! the patches of a target in turn, `proof` shows that a second run would change nothing.

mod again;
mod chain;
pub(crate) mod changed;
mod conflict;
pub mod draft;
mod evidence;
pub(crate) mod failure;
pub(crate) mod fault;
mod former;
mod left_out;
pub(crate) mod nearest;
mod order;
mod proof;
pub(crate) mod seen;
pub(crate) mod settle;
pub(crate) mod sites;
pub(crate) mod standing;
pub(crate) mod task;
pub(crate) mod template;
mod verification;

use std::collections::BTreeMap;

use draft::Draft;
use failure::Failure;
pub use task::{Decision, Place, Plan, Record, Role, ScopeOf, Standing, Strictness, Task, Terms, Verdict};

use crate::at_work;
use crate::meter::metered;

/// Plans `tasks`, in order, on `drafts`.
pub fn plan(tasks: &[Task<'_>], drafts: BTreeMap<String, Draft>) -> Plan {
    let ((verdicts, drafts), work) = metered(|| proven(tasks, drafts));
    Plan { verdicts, drafts, work }
}

/// What the patch at `at` of `tasks` puts into the target `path`, as it is written, and as each later one that reworks it makes it.
pub(crate) fn stages(tasks: &[Task<'_>], at: usize, path: &str) -> Vec<String> {
    chain::chain_of(tasks, at, path).stages
}

fn proven(
    tasks: &[Task<'_>],
    mut drafts: BTreeMap<String, Draft>,
) -> (BTreeMap<usize, Verdict>, BTreeMap<String, Draft>) {
    let mut verdicts = order::walk(tasks, &mut drafts);
    for draft in drafts.values_mut() {
        let _note = at_work::note(None, draft.path());
        if let Some((index, failure)) = proof::judge(draft, tasks) {
            fail(&mut verdicts, index, failure);
        }
    }
    proof::prove(tasks, &mut drafts, &mut verdicts);
    (verdicts, drafts)
}

fn fail(verdicts: &mut BTreeMap<usize, Verdict>, index: usize, failure: Failure) {
    if let Some(verdict) = verdicts.get_mut(&index) {
        verdict.decision = Decision::Fail(failure);
    }
}

#[cfg(test)]
mod tests;
