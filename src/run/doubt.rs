//! Patches that seem to be in place where the file alone cannot tell: history is asked what became of what they look for.
//!
//! The effect of a small change may stand anywhere, and what is nowhere may have been deleted by the patch, by upstream, or
//! never have been there. The newest commit says what stood before the working tree was changed; where it has the effect
//! already, the trail of the text says who made it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::job::Job;
use super::planned::Manner;
use super::recall::{Recalled, Rests};
use super::resolved::Resolved;
use crate::drift::trail::{Commit, Definition};
use crate::meter::metered;
use crate::outcome::{Site, Work};
use crate::patch::Drift;
use crate::plan::draft::Draft;
use crate::plan::failure::{Failure, ItemFate};
use crate::plan::seen::Seen;
use crate::plan::sites::{inserted, item_around, no_match, stands_behind};
use crate::plan::{Decision, Standing, Strictness, Verdict};
use crate::text::lines::{bytes_of, line_of};

/// What is known of a patch that seems to be in place.
pub(super) enum Known {
    /// It is: what it looks for became its effect, by the working tree or by this commit.
    InPlace(Option<String>),
    /// It is, in another file, to which its place went.
    InPlaceIn(String),
    /// It is not.
    Not(Failure),
    /// It is not: its place is there, as it would be written today.
    Open(Box<Today>),
    /// Nothing is known.
    Unknown,
}

impl Known {
    /// Why it is not in place, where history says so outright.
    pub(super) fn failure(self) -> Option<Failure> {
        match self {
            Self::Not(failure) => Some(failure),
            Self::InPlace(_) | Self::InPlaceIn(_) | Self::Open(_) | Self::Unknown => None,
        }
    }
}

/// A patch as it would be written today, the file that had its place, and the commit that changed that last.
pub(super) struct Today {
    pub(super) from: String,
    pub(super) definition: Definition,
    pub(super) by: Option<String>,
}

impl<'r> Job<'r> {
    /// Asks history about the patches that seem to be in place, and corrects their verdicts.
    pub(super) fn settle_doubts(&self, resolved: &mut Resolved<'r>, manner: Manner) {
        let is_settled =
            |index: &usize| resolved.followed.get(index).is_some_and(|followed| followed.upstream.is_some());
        let doubtful: Vec<usize> = resolved
            .planned
            .verdicts
            .iter()
            .filter(|(index, verdict)| self.is_doubtful(**index, verdict) && !is_settled(index))
            .map(|(index, _)| *index)
            .collect();
        self.expose_others(resolved, manner);
        if doubtful.is_empty() {
            return;
        }
        let known: Vec<(usize, (Known, Work))> = doubtful
            .par_iter()
            .map(|index| (*index, metered(|| self.what_became(*index, resolved, manner))))
            .collect();
        let mut open = BTreeMap::new();
        for (index, (known, work)) in known {
            resolved.planned.work += work;
            let known = match known {
                Known::Open(today) if self.may_be_planned(index, &today.definition, resolved, manner) => {
                    open.insert(index, *today);
                    continue;
                }
                Known::Open(today) => Known::Not(self.unmade_today(index, &today.definition)),
                known => known,
            };
            let Some(verdict) = resolved.planned.verdicts.get_mut(&index) else { continue };
            match known {
                Known::InPlace(by) => {
                    verdict.line = resembling(verdict).or(verdict.line);
                    verdict.decision = Decision::InPlace;
                    verdict.warnings.clear();
                    if let Some(by) = by {
                        verdict.warn(format!(
                            "HEAD has this change since {by}: if upstream made it, remove the patch"
                        ));
                    }
                }
                Known::InPlaceIn(path) => {
                    verdict.decision = Decision::InPlace;
                    verdict.warnings.clear();
                    (verdict.file, verdict.line) = (Some(path), None);
                }
                // Why it failed stays what there is to say.
                Known::Not(_) | Known::Unknown if self.is_lost(index, verdict) => {}
                Known::Not(failure) => {
                    verdict.warnings.clear();
                    verdict.line = failure.line().or(verdict.line);
                    verdict.decision = Decision::Fail(failure);
                }
                Known::Unknown
                    if let (Decision::Absent, Standing::Before { lines, .. }) =
                        (&verdict.decision, &verdict.standing) =>
                {
                    let line = lines[0];
                    verdict.warnings.clear();
                    verdict.line = Some(line);
                    let seen = self.behind(index, verdict.file.as_deref()).unwrap_or(Seen::Changed { line });
                    let failure = self.unmatched(index, verdict.file.as_deref(), seen);
                    verdict.decision = Decision::Fail(failure);
                }
                Known::Unknown => {
                    if let (Strictness::Strict, Some(why)) =
                        (manner.strictness, self.gaps().into_iter().next())
                    {
                        let line = verdict.line.unwrap_or(1);
                        verdict.decision = Decision::Fail(Failure::Unproven { why, line });
                    }
                }
                Known::Open(_) => unreachable!("it became another"),
            }
        }
        if !open.is_empty() {
            self.plan_today(open, resolved, manner);
        }
    }

    /// The failure of a patch whose effect seems to stand, and whose place does, as `today` says it.
    pub(super) fn unmade_today(&self, index: usize, today: &Definition) -> Failure {
        let at = self.text(&today.path).and_then(|now| Some(line_of(&now, now.find(&today.search)?)));
        self.unmatched(index, Some(&today.path), Seen::Changed { line: at.unwrap_or(1) })
    }

    /// Whether a patch whose place is there, as `today` says it, may be planned so, and was not yet.
    fn may_be_planned(
        &self,
        index: usize,
        today: &Definition,
        resolved: &Resolved<'r>,
        manner: Manner,
    ) -> bool {
        let own = &self.patch(index).files[0];
        let was_planned = resolved.followed.get(&index).is_some_and(|followed| followed.today.is_some());
        !was_planned
            && self.drift_of(index, manner) >= Drift::Merge
            && self.may_go(index, own, &today.path, manner)
    }

    /// Whether the file alone does not tell that a patch is in place.
    fn is_doubtful(&self, index: usize, verdict: &Verdict) -> bool {
        let patch = self.patch(index);
        let inserts = || inserted(&patch.action).is_some();
        let is_elsewhere = || verdict.file.as_ref().is_some_and(|file| !patch.files.contains(file));
        match &verdict.decision {
            Decision::Apply if verdict.score.is_some() => true,
            Decision::Apply if inserts() && (is_elsewhere() || !self.lock(index).former().is_empty()) => true,
            Decision::InPlace | Decision::Apply => {
                !matches!(verdict.standing, Standing::Told | Standing::Within)
            }
            Decision::Absent => true,
            Decision::Fail(Failure::NothingToDelete { .. }) => !patch.ensure_present,
            _ => self.is_lost(index, verdict),
        }
    }

    /// Whether a patch failed because it has no place, or seems to have become something else: it may have been made there.
    pub(super) fn is_lost(&self, index: usize, verdict: &Verdict) -> bool {
        match &verdict.decision {
            Decision::Fail(Failure::ChangedUpstream { .. }) => self.patch(index).action.only_deletes(),
            Decision::Fail(failure) => matches!(
                failure,
                Failure::NoMatch { .. }
                    | Failure::NoTarget { .. }
                    | Failure::Conflict { .. }
                    | Failure::Gone { .. }
                    | Failure::SeveralPlaces { .. }
            ),
            _ => false,
        }
    }

    pub(super) fn what_became(&self, index: usize, resolved: &Resolved<'r>, manner: Manner) -> Known {
        let verdict = &resolved.planned.verdicts[&index];
        if let (Decision::Apply, Some(path)) = (&verdict.decision, verdict.file.as_deref()) {
            let known = self.made_as_it_was(index, path).or_else(|| self.left_behind(index, path));
            let before = known.or_else(|| match &verdict.standing {
                Standing::Before { lines, beside } => {
                    self.made_before(index, path, lines, beside, resolved, manner)
                }
                Standing::Leaves(line) => self.seen_again(index, *line),
                // What history knows of it may stand anywhere in a place that is only like its own.
                _ if verdict.score.is_some() => self.made_before(index, path, &[], &[], resolved, manner),
                Standing::Told | Standing::Within | Standing::Doubtful => None,
            });
            let failure = before.or_else(|| match verdict.score {
                Some(like) => {
                    let line = verdict.line.unwrap_or(1);
                    self.other_item(index, path, line)
                        .or_else(|| self.like_elsewhere_too(index, (path, line), like))
                }
                None => self.other_anchor(index, path),
            });
            return failure.map_or(Known::Unknown, Known::Not);
        }
        let is_lost = self.is_lost(index, verdict);
        let is_in_place = matches!(verdict.decision, Decision::InPlace);
        match self.recall_in(index, verdict.file.as_deref().filter(|_| is_in_place)) {
            Recalled::Of(memory) if is_lost && memory.rests == Rests::OnPatches => {
                match self.is_made_with_all(index, &memory) {
                    true => Known::InPlace(memory.lost_in().map(Commit::to_string)),
                    false => Known::Unknown,
                }
            }
            Recalled::Of(memory)
                if is_in_place && let Some(failure) = self.taken_by_others(index, &memory, resolved) =>
            {
                Known::Not(failure)
            }
            Recalled::Of(_) if !is_lost && self.is_of_an_insertion(index, verdict) => {
                Known::InPlace(self.inserted_by(index, verdict).map(|commit| commit.to_string()))
            }
            Recalled::Of(memory)
                if matches!(verdict.decision, Decision::Absent)
                    && let Some(site) = resolved.put_elsewhere(memory.place()) =>
            {
                Known::Not(Failure::SeveralPlaces { by: None, sites: vec![site] })
            }
            // What it would match there is another patch's to take: before that one its own place was another.
            Recalled::Of(memory)
                if matches!(verdict.decision, Decision::Absent)
                    && resolved.planned.takes_away(&memory.place().file, &memory.place().text)
                    && let Recalled::Of(own) = self.recall_behind_earlier(index)
                    && own.place() != memory.place() =>
            {
                self.fate_of(index, &own, resolved, manner)
            }
            Recalled::Of(memory) if memory.rests == Rests::OnPatches => {
                self.still_there(index, &memory, verdict).map_or(Known::Unknown, Known::Not)
            }
            Recalled::Of(memory) => match self.fate_of(index, &memory, resolved, manner) {
                Known::InPlace(by) => {
                    let failure = self.came_back(index, &memory);
                    let failure = failure.or_else(|| self.left_first(index, &memory, verdict));
                    failure.map_or(Known::InPlace(by), Known::Not)
                }
                // The search has asked history whether that is where the place went: what took it here is none of it.
                Known::Not(Failure::Conflict { .. }) if is_in_place && resolved.is_found(index) => {
                    Known::Unknown
                }
                // History leads to the very line of another file in which it is in place, as other patches made it.
                Known::Not(Failure::SeveralPlaces { sites, .. })
                    if is_in_place
                        && sites.iter().all(|site| is_at(verdict, site))
                        && !sites.iter().any(|site| self.paths_of(index).contains(&site.file)) =>
                {
                    Known::Unknown
                }
                known => known,
            },
            Recalled::Never => Known::Not(self.never_held(index, verdict)),
            Recalled::Unknown => Known::Unknown,
        }
    }

    /// The failure of a patch that leaves the like of what it takes away in `line` of the result, where history will not tell a
    /// second run that it was made.
    fn seen_again(&self, index: usize, line: usize) -> Option<Failure> {
        let what = format!("find what is like the text that it takes away, at line {line} of the result");
        let is_known = match self.recall(index) {
            Recalled::Of(memory) => {
                self.patch(index).action.only_deletes() || memory.rests == Rests::OnUpstream
            }
            Recalled::Never | Recalled::Unknown => false,
        };
        (!is_known).then(|| Failure::NotIdempotent { what, others: Vec::new(), shown: None, nearest: None })
    }

    /// The failure of a patch whose place was found by likeness, in `line`, in another item than the one that it had when patches
    /// before it made it: history does not follow that text.
    fn other_item(&self, index: usize, path: &str, line: usize) -> Option<Failure> {
        let shares =
            |other: usize| self.patch(other).files.iter().any(|file| self.patch(index).files.contains(file));
        if !(0..index).any(shares) {
            return None;
        }
        let Recalled::Of(memory) = self.recall(index) else { return None };
        let (was, _) = memory.place().item.as_ref()?;
        let now = self.text(path)?;
        let (item, _) = item_around(&now, bytes_of(&now, &(line - 1..line)));
        let is_other = memory.rests == Rests::OnPatches && !item.is_same_item(was);
        is_other.then(|| Failure::OtherItem { line, item: was.to_string(), fate: ItemFate::Left })
    }

    /// The failure of a patch whose place was found in `line` of `path`, so `like` what it looks for, while what is as like stands
    /// elsewhere, and neither history nor a lock tells which of them it is.
    fn like_elsewhere_too(&self, index: usize, (path, line): (&str, usize), like: f64) -> Option<Failure> {
        let is_known =
            !self.lock(index).matches().is_empty() || !matches!(self.recall(index), Recalled::Unknown);
        if is_known {
            return None;
        }
        let mut sites = self.like_elsewhere(index, like);
        sites.retain(|site| site.file != path);
        sites.insert(0, Site { file: path.to_owned(), line, text: None });
        (sites.len() > 1).then_some(Failure::SeveralPlaces { by: None, sites })
    }

    /// The failure of a patch whose file never held what it looks for, though something like its effect stands there.
    pub(super) fn never_held(&self, index: usize, verdict: &Verdict) -> Failure {
        let patch = self.patch(index);
        let seen = match (patch.action.only_adds(), verdict.line) {
            (true, Some(line)) => Seen::AlwaysThere { line },
            (_, effect) => Seen::NeverHeld { effect },
        };
        self.unmatched(index, verdict.file.as_deref(), seen)
    }

    /// What the text of a patch stands behind.
    fn behind(&self, index: usize, path: Option<&str>) -> Option<Seen> {
        let patch = self.patch(index);
        let path = path.unwrap_or(&patch.files[0]);
        let (_, source) = self.read(path).ok()?;
        stands_behind(patch, &Draft::new(path, source))
    }

    pub(super) fn unmatched(&self, index: usize, path: Option<&str>, seen: Seen) -> Failure {
        let patch = self.patch(index);
        let path = path.unwrap_or(&patch.files[0]);
        match self.read(path) {
            Ok((_, source)) => no_match(patch, &mut Draft::new(path, source), Some(seen)),
            Err(failure) => failure,
        }
    }
}

/// The one-based line of what looks like the effect of a patch that failed, because the file also has what resembles the part
/// that the patch takes away.
fn resembling(verdict: &Verdict) -> Option<usize> {
    match &verdict.decision {
        Decision::Fail(Failure::NoMatch { seen: Some(Seen::Resembling { effect, .. }), .. }) => Some(*effect),
        _ => None,
    }
}

/// Whether a verdict speaks of a place.
fn is_at(verdict: &Verdict, site: &Site) -> bool {
    verdict.file.as_ref() == Some(&site.file) && verdict.line == Some(site.line)
}
