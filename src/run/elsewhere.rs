//! Places that history does not know of, looked for in the whole workspace.
//!
//! First where git says that the file went; then the one file in which the query matches exactly; then the one in which what
//! it has become is clearly recognised. A file that is a copy of the target, and stood there before, is not where the code moved.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::Run;
use super::follow::as_text;
use crate::drift::look::{Candidate, Look, Match, Needle, Trace};
use crate::drift::similar::best_windows;
use crate::drift::trail;
use crate::git::history::GitHistory;
use crate::outcome::Site;
use crate::patch::{Action, Drift, Fuzzy, LockState, Patch};
use crate::plan::draft::Draft;
use crate::plan::{Decision, Task, Terms, Verdict, plan};

/// Files that are looked at closely, for each patch.
const CLOSELY: usize = 8;
/// A window of a patch's own file that is so like what it looks for says that it is still there.
const STILL: f64 = 0.4;
/// A text with fewer different words may stand anywhere.
const TELLING: usize = 4;
/// A file that shares so many of its lines with another is a copy of it.
const COPY: f64 = 0.3;

/// Where a patch was found outside its files.
pub(super) enum Elsewhere {
    /// In one file: the patch to plan there.
    One(Box<Patch>, Drift),
    /// In several.
    Several(Vec<Site>),
}

impl Run<'_> {
    /// Looks for the places of patches in all files but their own.
    pub(super) fn elsewhere(&self, lost: &[usize], history: Option<&GitHistory>) -> Vec<(usize, Elsewhere)> {
        let (renamed, rest): (Vec<_>, Vec<_>) = lost
            .iter()
            .map(|index| (*index, history.and_then(|history| self.renamed(*index, history))))
            .partition(|(_, found)| found.is_some());
        let mut found: Vec<(usize, Elsewhere)> =
            renamed.into_iter().filter_map(|(index, found)| Some((index, found?))).collect();
        let wanted: Vec<(usize, Needle)> = rest
            .into_iter()
            .filter(|(index, _)| !self.is_still_there(*index))
            .filter_map(|(index, _)| Some((index, self.needle(index)?)))
            .collect();
        if wanted.is_empty() {
            return found;
        }
        let needles: Vec<Needle> = wanted.iter().map(|(_, needle)| needle.clone()).collect();
        let look = Look::new(&needles);
        let traces: Mutex<Vec<Trace>> = Mutex::default();
        self.files.read_each(&self.files.list(), &|path, content| {
            if let Ok(content) = content {
                let trace = look.scan(path, &content);
                traces.lock().unwrap_or_else(PoisonError::into_inner).push(trace);
            }
        });
        let traces = traces.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ranked = look.rank(&traces, CLOSELY);
        let places: Vec<Option<(usize, Elsewhere)>> = wanted
            .par_iter()
            .zip(ranked)
            .map(|((index, _), candidates)| Some((*index, self.among(*index, &candidates, history)?)))
            .collect();
        found.extend(places.into_iter().flatten());
        found
    }

    /// Where git says that the file of a patch went, if the patch has a place there.
    fn renamed(&self, index: usize, history: &GitHistory) -> Option<Elsewhere> {
        let gone = self.patches[index].files.iter().find_map(|file| history.fate(file)?.1)?;
        let drifts = [Drift::Off, Drift::Merge];
        drifts.into_iter().find_map(|drift| {
            let (patch, _) = self.placed(index, &gone, drift)?;
            Some(Elsewhere::One(Box::new(patch), drift))
        })
    }

    /// The one candidate that holds the place of a patch: exactly, or but for its indentation; or, where the lock names
    /// the item, as what that item has become.
    fn among(
        &self,
        index: usize,
        candidates: &[Candidate],
        history: Option<&GitHistory>,
    ) -> Option<Elsewhere> {
        let own = &self.patches[index].files;
        let others = candidates
            .iter()
            .filter(|other| !own.contains(&other.path) && self.fits(index, &other.path))
            .filter(|other| !self.is_copy(index, &other.path, history));
        let others: Vec<&Candidate> = others.collect();
        let is_whole = |other: &&&Candidate| !matches!(other.found, Match::Some(_));
        let named = self.locks[index].matches().iter().any(|place| place.item.is_some());
        for (drift, whole) in [(Drift::Off, false), (Drift::Merge, true), (Drift::Merge, false)] {
            if drift == Drift::Merge && !whole && !named {
                break;
            }
            let places = others.iter().filter(|other| !whole || is_whole(other));
            let mut found: Vec<(Patch, Verdict)> =
                places.filter_map(|other| self.placed(index, &other.path, drift)).collect();
            if found.len() > 1 {
                let site = |(patch, verdict): &(Patch, Verdict)| Site {
                    file: patch.files[0].clone(),
                    line: verdict.line.unwrap_or(1),
                    text: None,
                };
                return Some(Elsewhere::Several(found.iter().map(site).collect()));
            }
            if let Some((patch, _)) = found.pop() {
                return Some(Elsewhere::One(Box::new(patch), drift));
            }
        }
        None
    }

    /// Whether something of what the patch looks for is in its own file: then a like place elsewhere is its twin.
    fn is_still_there(&self, index: usize) -> bool {
        let patch = self.patches[index];
        let Some((search, text)) = as_text(patch, self.locks[index]) else { return false };
        let own = trail::own_lines(&search, &text);
        let holds = |source: &str| {
            let content = trail::squeezed(source);
            own.iter().any(|line| content.contains(line))
                || best_windows(&search, source, Fuzzy::DEFAULT_EXPANSION, 1)
                    .first()
                    .is_some_and(|window| window.similarity >= STILL)
        };
        patch.files.iter().filter_map(|file| self.read(file).ok()).any(|(_, source)| holds(source.text()))
    }

    /// Whether a file is of the kind that the patch is for.
    fn fits(&self, index: usize, path: &str) -> bool {
        let extension = |path: &str| path.rsplit_once('.').map(|(_, extension)| extension.to_owned());
        self.patches[index].files.iter().any(|own| extension(own) == extension(path))
    }

    /// The patch made for the file `path`, and its verdict, if it has a place there.
    fn placed(&self, index: usize, path: &str, drift: Drift) -> Option<(Patch, Verdict)> {
        let patch =
            Patch { files: vec![path.to_owned()], workspace_relative: true, ..self.patches[index].clone() };
        let (_, source) = self.read(path).ok()?;
        let terms = Terms { drift, lock: self.locks[index], ..Terms::EXACT };
        let task = Task { index, patch: &patch, targets: vec![path.to_owned()], terms };
        let drafts = std::iter::once((path.to_owned(), Draft::new(path, source))).collect();
        let mut verdicts = plan(&[task], drafts).verdicts;
        let verdict = verdicts.remove(&index)?;
        let is_there = match verdict.decision {
            Decision::Apply => true,
            Decision::InPlace => verdict.line.is_some(),
            _ => false,
        };
        is_there.then_some((patch, verdict))
    }

    /// What to look for in the workspace; `None` where that says too little.
    fn needle(&self, index: usize) -> Option<Needle> {
        let patch = self.patches[index];
        if let Some((search, text)) = as_text(patch, self.locks[index]) {
            if words(&search) < TELLING || words(&text) < TELLING {
                return None;
            }
            return Some(Needle::AnyOf(
                [search, text].into_iter().filter(|text| !text.trim().is_empty()).collect(),
            ));
        }
        match &patch.action {
            Action::Rust { query, .. } => Some(Needle::AllOf(vec![query.required_literal()?.to_owned()])),
            Action::Text { .. } | Action::Toml { .. } => None,
        }
    }

    /// Whether a file held the place of the patch already when the patch's own file did.
    fn is_copy(&self, index: usize, path: &str, history: Option<&GitHistory>) -> bool {
        let patch = self.patches[index];
        let then = match (self.locks[index], history) {
            (LockState::Of(locked), Some(_)) => locked.commit.clone(),
            (_, Some(history)) => patch
                .files
                .iter()
                .find_map(|file| history.fate(file))
                .map(|(commit, _)| format!("{}^", commit.id)),
            _ => None,
        };
        if let (Some(then), Some(history), Some((search, _))) =
            (then, history, as_text(patch, self.locks[index]))
            && let Some(text) = history.text(&then, path)
        {
            return trail::squeezed(&text).contains(&trail::squeezed(&search));
        }
        let text = |path: &str| self.read(path).ok().map(|(_, source)| source.text().to_owned());
        let Some(other) = text(path) else { return false };
        patch.files.iter().filter_map(|own| text(own)).any(|own| shared(&own, &other) > COPY)
    }
}

/// Words that tell a text from others.
fn words(text: &str) -> usize {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.len() > 2);
    words.collect::<BTreeSet<&str>>().len()
}

/// The share of telling lines that the file with fewer of them has in common with the other.
fn shared(a: &str, b: &str) -> f64 {
    let telling = |text: &'_ str| -> BTreeSet<String> {
        let lines = text.lines().map(str::trim);
        lines
            .filter(|line| line.chars().filter(|c| c.is_alphanumeric()).count() > 8)
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (telling(a), telling(b));
    let least = a.len().min(b.len()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "numbers of lines")]
    let share = a.intersection(&b).count() as f64 / least as f64;
    share
}
