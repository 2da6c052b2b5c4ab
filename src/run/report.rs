//! The report of a run, from its verdicts.

use std::collections::BTreeMap;

use semver::Version;

use super::Mode;
use super::concluded::Concluded;
use super::job::Job;
use super::options::DiffOutput;
use super::planned::PlannedFile;
use super::selection::NOT_SELECTED;
use crate::diff;
use crate::outcome::{Command, Outcome, Prospect, Report, SCHEMA, Status, Work, printable};
use crate::patch::Patch;
use crate::plan::failure::Failure;
use crate::plan::{Decision, Verdict};

impl Job<'_> {
    pub(super) fn report(&self, done: &Concluded<'_>) -> Report {
        let is_held_back = done.is_held_back(self.options);
        let patches: Vec<Outcome> = (0..self.members.len()).map(|index| self.outcome(index, done)).collect();
        let mut summary = BTreeMap::new();
        for outcome in &patches {
            *summary.entry(outcome.status).or_insert(0) += 1;
        }
        let changed = || done.resolved.planned.changed();
        Report {
            schema: SCHEMA,
            command: Some(self.options.command),
            error: None,
            workspace: Some(self.tree.shown()),
            version: done.selected.version.as_ref().map(Version::to_string),
            version_note: done.selected.version_note.clone(),
            revision: self.options.revision.clone(),
            selected: done.selected.chosen.len(),
            warnings: self
                .unasked(done)
                .into_iter()
                .chain(self.gaps().into_iter().map(|why| format!("history could not be asked: {why}")))
                .chain(self.left_out(&patches, done))
                .collect(),
            patches,
            summary,
            files: if is_held_back { Vec::new() } else { changed().map(|(path, _)| path.clone()).collect() },
            diff: match self.options.diff {
                DiffOutput::Omit => None,
                DiffOutput::Include if is_held_back => Some(String::new()),
                DiffOutput::Include => Some(changed().map(diff).collect()),
            },
            work: Work { writes: done.writes, ..done.resolved.planned.work },
        }
    }

    /// What is to be said of the patches that take no part; `explain` is about one patch, whatever the others are.
    fn left_out(&self, patches: &[Outcome], done: &Concluded<'_>) -> Vec<String> {
        match self.options.command {
            Command::Explain => Vec::new(),
            _ => warnings(patches, done.selected.chosen.is_empty()),
        }
    }

    /// Why the version that a patch needs is not known, where git could not say it.
    fn unasked(&self, done: &Concluded<'_>) -> Option<String> {
        let needs_it =
            |verdict: &Verdict| matches!(verdict.decision, Decision::Fail(Failure::UnknownVersion { .. }));
        let why = done.selected.version_note.as_ref().filter(|_| done.selected.version.is_none())?;
        let is_needed = done.resolved.planned.verdicts.values().any(needs_it);
        is_needed.then(|| format!("the version of this tree is not known: {why}"))
    }

    fn outcome(&self, index: usize, done: &Concluded<'_>) -> Outcome {
        let (patch, verdict) = (self.patch(index), &done.resolved.planned.verdicts[&index]);
        let followed = done.resolved.followed.get(&index);
        let mut outcome = Outcome {
            id: patch.id.clone(),
            patch_file: patch.origin.file.to_string(),
            patch_line: patch.origin.line,
            file: verdict.file.clone().or_else(|| (patch.files.len() == 1).then(|| patch.files[0].clone())),
            line: verdict.line,
            status: self.status(&verdict.decision, done.statuses.get(&index)),
            cause: None,
            reason: None,
            hint: None,
            warnings: verdict.warnings.clone(),
            score: verdict.score,
            sites: verdict.sites.clone(),
            others: Vec::new(),
            nearest: None,
            detail: None,
            moved_from: None,
            history: Vec::new(),
            would: done.would.get(&index).cloned(),
        };
        if let Some(followed) = followed {
            outcome.moved_from.clone_from(&followed.moved_from);
            outcome.history.clone_from(&followed.story);
        }
        match &verdict.decision {
            Decision::Fail(failure @ Failure::NoTarget { is_misspelt: true, .. })
                if outcome.would.as_ref().is_some_and(|would| would.history.is_empty()) =>
            {
                explain(failure, patch, &mut outcome);
            }
            Decision::Fail(failure) if outcome.would.is_some() => {
                explain(failure, patch, &mut outcome);
                let overwrite = match failure {
                    Failure::ChangedUpstream { .. } => "; or overwrite upstream's change with --accept",
                    _ => "",
                };
                outcome.hint = outcome.would.as_ref().map(|would| would.sentence() + overwrite);
            }
            Decision::Skip(reason) => outcome.reason = Some(reason.clone()),
            Decision::Fail(failure) => explain(failure, patch, &mut outcome),
            Decision::Apply | Decision::InPlace | Decision::Absent => {}
        }
        let would = outcome.would.as_ref();
        let heir = would.and_then(|would| would.heir.as_ref()).or(followed.and_then(|it| it.heir.as_ref()));
        let helps = would.is_some_and(|would| would.what != Prospect::Fail);
        if let (Decision::Fail(Failure::NoTarget { .. }), Some(heir), false) =
            (&verdict.decision, heir, helps)
        {
            let heir = printable(heir);
            outcome.hint = Some(format!(
                "the file was renamed to {heir}, where the patch has no place: correct `file`, and the query to what \
                 stands there"
            ));
        }
        if let (Status::Failed, None, Some(followed)) = (outcome.status, &outcome.nearest, followed) {
            outcome.nearest.clone_from(&followed.nearest);
        }
        outcome
    }

    fn status(&self, decision: &Decision, settled: Option<&Status>) -> Status {
        match decision {
            Decision::Apply => match settled {
                Some(status) => *status,
                None if self.options.mode == Mode::Report => Status::WouldApply,
                None => Status::NotAttempted,
            },
            Decision::InPlace => Status::AlreadyApplied,
            Decision::Absent => Status::Absent,
            Decision::Skip(_) => settled.copied().unwrap_or(Status::Skipped),
            Decision::Fail(_) => Status::Failed,
        }
    }
}

/// What is to be said of a run that leaves out patches which someone may count on.
fn warnings(patches: &[Outcome], is_idle: bool) -> Vec<String> {
    let reasons = |of: Status| -> Vec<&str> {
        let mut reasons: Vec<&str> = Vec::new();
        for reason in
            patches.iter().filter(|patch| patch.status == of).filter_map(|patch| patch.reason.as_deref())
        {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    };
    let expired: Vec<&str> = patches
        .iter()
        .filter(|patch| patch.status == Status::Expired)
        .map(|patch| patch.id.as_str())
        .collect();
    let because = reasons(Status::Expired).join("; ");
    let are = match expired.len() {
        1 => "1 patch is",
        _ => &format!("{} patches are", expired.len()),
    };
    let told = (!expired.is_empty()).then(|| format!("{are} expired ({because}): {}", expired.join(", ")));
    let mut why = [reasons(Status::Expired), reasons(Status::Skipped)].concat();
    if why.len() > 1 {
        why.retain(|reason| *reason != NOT_SELECTED);
    }
    let why = why.join("; ");
    let idle = (is_idle && !patches.is_empty()).then(|| format!("no patch takes part in this run: {why}"));
    told.into_iter().chain(idle).collect()
}

fn diff((path, file): (&String, &PlannedFile)) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    diff::unified(path, &text(&file.before), &text(&file.after))
}

fn explain(failure: &Failure, patch: &Patch, outcome: &mut Outcome) {
    outcome.cause = Some(failure.cause());
    outcome.reason = Some(failure.to_string());
    outcome.hint = failure.hint(patch);
    outcome.sites = failure.sites();
    outcome.others = failure.others();
    outcome.nearest = failure.nearest();
    outcome.detail = failure.detail();
}
