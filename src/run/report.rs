//! The report of a run, from its verdicts.

use std::collections::BTreeMap;

use semver::Version;

use super::{Mode, Run};
use crate::diff;
use crate::outcome::{Outcome, Report, SCHEMA, Status};
use crate::patch::Patch;
use crate::plan::Decision;
use crate::plan::failure::Failure;

impl Run<'_> {
    pub(super) fn report(&self) -> Report {
        let held_back = self.any_failed() && !self.options.keep_going;
        let patches: Vec<Outcome> =
            self.patches.iter().enumerate().map(|(index, patch)| self.outcome(index, patch)).collect();
        let mut summary = BTreeMap::new();
        for outcome in &patches {
            *summary.entry(outcome.status).or_insert(0) += 1;
        }
        Report {
            schema: SCHEMA,
            command: self.options.command.to_owned(),
            workspace: self.workspace.shown().to_owned(),
            version: self.version.as_ref().map(Version::to_string),
            version_note: self.version_note.clone(),
            revision: self.options.revision.clone(),
            patches,
            summary,
            files: if held_back {
                Vec::new()
            } else {
                self.changed().map(|(path, _)| path.clone()).collect()
            },
            diff: self.options.diff.then(|| if held_back { String::new() } else { self.diff() }),
            work: self.work,
        }
    }

    fn diff(&self) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.changed()
            .map(|(path, file)| diff::unified(path, &text(&file.before), &text(&file.after)))
            .collect()
    }

    fn outcome(&self, index: usize, patch: &Patch) -> Outcome {
        let verdict = &self.verdicts[&index];
        let mut outcome = Outcome {
            id: patch.id.clone(),
            patch_file: patch.origin.file.to_string(),
            patch_line: patch.origin.line,
            file: verdict.file.clone().or_else(|| (patch.files.len() == 1).then(|| patch.files[0].clone())),
            line: verdict.line,
            status: self.status(index, &verdict.decision),
            cause: None,
            reason: None,
            hint: None,
            warnings: verdict.warnings.clone(),
            score: verdict.score,
            sites: Vec::new(),
            others: Vec::new(),
            nearest: None,
            detail: None,
            moved_from: None,
            history: Vec::new(),
            would: self.would.get(&index).cloned(),
        };
        if let Some(followed) = self.followed.get(&index) {
            outcome.moved_from.clone_from(&followed.moved_from);
            outcome.history.clone_from(&followed.story);
        }
        match &verdict.decision {
            Decision::Fail(failure) if outcome.would.is_some() => {
                explain(failure, patch, &mut outcome);
                let overwrite = match failure {
                    Failure::ChangedUpstream { .. } => "; or overwrite it with --accept",
                    _ => "",
                };
                outcome.hint = outcome.would.as_ref().map(|would| would.sentence() + overwrite);
            }
            Decision::Skip(reason) => outcome.reason = Some(reason.clone()),
            Decision::Fail(failure) => explain(failure, patch, &mut outcome),
            Decision::Apply | Decision::InPlace | Decision::Absent => {}
        }
        if let (Status::Failed, None, Some(followed)) =
            (outcome.status, &outcome.nearest, self.followed.get(&index))
        {
            outcome.nearest.clone_from(&followed.nearest);
        }
        outcome
    }

    fn status(&self, index: usize, decision: &Decision) -> Status {
        match decision {
            Decision::Apply => match self.settled.get(&index) {
                Some(status) => *status,
                None if self.options.mode == Mode::Report => Status::WouldApply,
                None => Status::NotAttempted,
            },
            Decision::InPlace => Status::AlreadyApplied,
            Decision::Absent => Status::Absent,
            Decision::Skip(_) => Status::Skipped,
            Decision::Fail(_) => Status::Failed,
        }
    }
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
