//! Patches that are in place by their words, and are not: what they would write is somebody else's.
//!
//! A typo in a query whose replacement upstream has; an effect that stood in another item all the time. History tells, and it is
//! asked where that costs least: of files that are as the newest commit has them, which nobody patched since. Of a file that was
//! changed since it is asked only where the query has a word that looks like a slip of one in the replacement.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::job::Job;
use super::recall::Recalled;
use super::resolved::Resolved;
use crate::drift::trail::{count_of, without_white_space};
use crate::identity::{self, Language};
use crate::meter::metered;
use crate::outcome::Work;
use crate::patch::{Action, Patch};
use crate::plan::failure::Failure;
use crate::plan::seen::Seen;
use crate::plan::{Decision, Standing, Verdict};
use crate::text::words::words;

/// Shorter words are like many.
const LONG: usize = 5;

impl<'r> Job<'r> {
    /// Makes patches fail that are in place by their words, or by the absence of a key or section, if what they would write is
    /// somebody else's: they had no place in all of the files' history, or it stood there already when they had one.
    pub(super) fn expose_others(&self, resolved: &mut Resolved<'r>) {
        let told = resolved.planned.verdicts.iter().filter_map(|(index, verdict)| {
            let replaces = match &self.patch(*index).action {
                Action::Text { edit, .. } | Action::Rust { edit, .. } => !edit.inserts(),
                action @ Action::Toml { .. } => action.only_deletes(),
            };
            let is_told = matches!(verdict.decision, Decision::InPlace)
                && verdict.standing == Standing::Told
                && verdict.score.is_none()
                && self.lock(*index).matches().is_empty();
            let path = verdict.file.clone().filter(|_| is_told && replaces)?;
            resolved.assignments.contains_key(index).then_some((*index, path))
        });
        let told: Vec<(usize, String)> = told.collect();
        if told.is_empty() {
            return;
        }
        let paths: BTreeSet<String> = told.iter().map(|(_, path)| path.clone()).collect();
        let unchanged = if self.snapshot.commit.is_some() { paths } else { self.tree.unchanged(paths) };
        let verdicts = &resolved.planned.verdicts;
        let failure = |index: usize, path: &str| match unchanged.contains(path) {
            true => self.somebody_elses(index, path, &verdicts[&index]),
            false if has_slip(self.patch(index)) => self.slip(index, path, &verdicts[&index]),
            false => None,
        };
        let asked: Vec<(usize, (Option<Failure>, Work))> =
            told.into_par_iter().map(|(index, path)| (index, metered(|| failure(index, &path)))).collect();
        for (index, (failure, work)) in asked {
            resolved.planned.work += work;
            let Some(failure) = failure else { continue };
            let verdict = resolved.planned.verdicts.get_mut(&index).expect("it was found there");
            verdict.warnings.clear();
            verdict.decision = Decision::Fail(failure);
        }
    }

    /// The failure of a patch whose effect stands in `path`, as committed, and is not the patch's.
    fn somebody_elses(&self, index: usize, path: &str, verdict: &Verdict) -> Option<Failure> {
        if self.never_matched(index, path) {
            return Some(self.never_held(index, verdict));
        }
        let effect = self.patch(index).action.text()?;
        if identity::names(effect, Language::of(path)).is_empty() {
            return None;
        }
        let Recalled::Of(memory) = self.recall(index) else { return None };
        let effect = without_white_space(effect);
        let count = |text: &str| without_white_space(text).matches(&effect).count();
        let (then, now) = (memory.text(self.history()?, path)?, self.text(path)?);
        let stood = memory.is_committed() && (1..=count(&then)).contains(&count(&now));
        stood
            .then(|| self.unmatched(index, Some(path), Seen::StoodBefore { line: verdict.line.unwrap_or(1) }))
    }

    /// The failure of a patch with a slip, whose effect stands in `path` and in the newest commit of it.
    fn slip(&self, index: usize, path: &str, verdict: &Verdict) -> Option<Failure> {
        let (head, now) = (self.history()?.today(path)?, self.text(path)?);
        let line = now.lines().nth(verdict.line? - 1)?.trim();
        let is_committed = count_of(line, &head) >= count_of(line, &now);
        (is_committed && self.never_matched(index, path)).then(|| self.never_held(index, verdict))
    }
}

/// Whether the query of a replacement has a word, and not the replacement, that is one letter from another in the replacement, or
/// two letters in another order. A number is no slip, and none is a name that is marked as unused.
fn has_slip(patch: &Patch) -> bool {
    let query = match &patch.action {
        Action::Text { query, .. } => query.search.as_str(),
        Action::Rust { query, .. } => query.pattern().unwrap_or_default(),
        Action::Toml { .. } => return false,
    };
    let is_long = |word: &&str| word.len() >= LONG && !word.contains(|letter: char| letter.is_ascii_digit());
    let long = |text| words(text).filter(is_long).collect::<BTreeSet<&str>>();
    let (old, new) = (long(query), long(patch.action.text().unwrap_or_default()));
    old.difference(&new).any(|word| {
        let is_near = |other: &&str| {
            word.len().abs_diff(other.len()) <= 1
                && !old.contains(other)
                && word.trim_start_matches('_') != other.trim_start_matches('_')
                && strsim::osa_distance(word, other) == 1
        };
        new.iter().any(is_near)
    })
}
