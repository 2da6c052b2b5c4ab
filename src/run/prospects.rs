//! What tolerance would do for patches that failed because they have no place.

use std::collections::BTreeMap;

use super::Mode;
use super::job::Job;
use super::options::OnFailure;
use super::planned::Manner;
use super::resolved::Resolved;
use crate::outcome::{Prospect, Work, Would, printable};
use crate::patch::Drift;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Strictness};

/// So many places are named in a sentence.
const PLACES: usize = 3;

impl<'r> Job<'r> {
    /// What `--drift move` would do for the patches that have no place in `resolved`, by index: each of them is resolved
    /// once more, without the patches that have one. And what was parsed for that.
    pub(super) fn prospects(
        &self,
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> (BTreeMap<usize, Would>, Work) {
        let mut lost = self.lost(&resolved.planned, manner, Drift::Off);
        lost.retain(|index| self.drift_of(*index, manner) < Drift::Move);
        if lost.is_empty() || self.options.mode == Mode::Revert {
            return (BTreeMap::new(), Work::default());
        }
        let all =
            Manner { drift: Drift::Move, strictness: Strictness::Lenient, on_failure: OnFailure::KeepGoing };
        let alone = self.resolve(self.assign(lost.iter().copied()), all, &|_, _| {});
        // What was asked for already need not be said again.
        let is_news = |index: usize, would: &Would| {
            self.drift_of(index, manner) == Drift::Off || would.what == Prospect::Move
        };
        let would = |index: usize| {
            Some((index, alone.would(index, &self.patch(index).files).filter(|would| is_news(index, would))?))
        };
        (lost.into_iter().filter_map(would).collect(), Work { reads: 0, ..alone.planned.work })
    }
}

impl Resolved<'_> {
    /// What this run did for a patch, whose targets are `own`, for the report of a run that did not allow it.
    fn would(&self, index: usize, own: &[String]) -> Option<Would> {
        let verdict = self.planned.verdicts.get(&index)?;
        let followed = self.followed.get(&index).cloned().unwrap_or_default();
        let failure = match &verdict.decision {
            Decision::Fail(failure) => Some(failure),
            _ => None,
        };
        let what = match &verdict.decision {
            Decision::Apply if followed.moved_from.is_some() => Prospect::Move,
            Decision::Apply => Prospect::Merge,
            Decision::InPlace => Prospect::InPlace,
            Decision::Fail(failure) if !failure.is_lost() || !followed.story.is_empty() => Prospect::Fail,
            _ => return None,
        };
        let is_elsewhere = verdict.file.as_ref().is_some_and(|file| !own.contains(file));
        let left =
            || own.first().filter(|_| is_elsewhere && matches!(verdict.decision, Decision::InPlace)).cloned();
        Some(Would {
            what,
            file: verdict.file.clone(),
            line: verdict.line,
            score: verdict.score,
            reason: failure.map(reason),
            detail: failure.and_then(Failure::detail),
            upstream: followed.upstream,
            history: followed.story,
            moved_from: followed.moved_from.or_else(left),
            heir: followed.heir,
        })
    }
}

/// Why a patch fails, with the first of the places that it may mean.
fn reason(failure: &Failure) -> String {
    let sites = failure.sites();
    let places = sites.iter().take(PLACES).map(|site| format!("{}:{}", printable(&site.file), site.line));
    match places.collect::<Vec<_>>().join(", ") {
        places if places.is_empty() => failure.to_string(),
        places => format!("{failure}: {places}"),
    }
}
