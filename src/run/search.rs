//! The search through the whole workspace for places that history does not know.
//!
//! The search tries, in this order: the file to which git says that the patch's file was renamed; the one file in which the
//! query matches exactly; the one file in which the code is clearly recognised although it changed. A file that is a copy of
//! the target, and was there before, is not where the code moved to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::follow::as_text;
use super::job::Job;
use super::planned::Planned;
use super::recall::{LIKE, OF_ITS_FILE, OTHER_CODE, Recalled};
use super::targets::{Assignment, Replanned};
use crate::config::lock;
use crate::drift::relocation;
use crate::drift::similar::best_windows;
use crate::drift::trail::History;
use crate::drift::workspace_search::{CandidateFile, Coverage, FileHits, Needle, WorkspaceSearch};
use crate::identity::{self, Language};
use crate::meter::metered;
use crate::outcome::{Site, Work, printable};
use crate::patch::lock::LockedMatch;
use crate::patch::{Action, Drift, Fuzzy, TextEdit};
use crate::plan::draft::Draft;
use crate::plan::failure::Failure;
use crate::plan::sites::{item_around, items_in};
use crate::plan::standing::is_name;
use crate::plan::{Decision, Role, Task, Terms, Verdict, plan};
use crate::text::lines::bytes_of;
use crate::text::words::words;

/// So many different words are not together by chance.
const MUCH: usize = 8;
/// Shorter ones are everywhere.
const WORD: usize = 3;
/// So many candidate files are planned for each patch.
const CLOSELY: usize = 8;

/// A patch with a place outside its files, the one-based line there, and how like it is, where it is not as it is written.
struct Placed<'r> {
    assignment: Assignment<'r>,
    /// Its effect stands there already.
    is_made: bool,
    line: Option<usize>,
    score: Option<f64>,
}

/// What git says of the file of a patch that has no place.
enum Renamed<'r> {
    /// It was not renamed.
    No,
    /// It was, and the patch has a place in what it is now.
    To(Box<Placed<'r>>),
    /// It was, and the patch has no place there.
    Without,
    /// It was, and the same commit put the place into other files as well: which of them is meant is a guess.
    Into(Box<Verdict>),
}

/// The longest name of a template that no metavariable stands for.
fn longest_name(template: &str) -> Option<&str> {
    let is_hole = |name: &&str| template.contains(&format!("${name}"));
    words(template).filter(|word| is_name(word) && !is_hole(word)).max_by_key(|word| word.len())
}

/// Whether a file is one of patches, or records their places: what is said there of code is not the code.
pub(super) fn is_of_patches(path: &str, content: &[u8]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    name == lock::FILE_NAME
        || path.ends_with(".toml")
            && lines.any(|line| line.starts_with(b"[[patches]]") || line.starts_with(b"patches ="))
}

/// Whether a file is what tests work on: code that is there to be looked at is not the code.
fn is_of_tests(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    folders.any(|folder| matches!(folder, "fixture" | "fixtures" | "testdata" | "test_data"))
}

impl<'r> Job<'r> {
    /// Looks for the places of the patches `lost` in all files but their own; and what that parsed.
    pub(super) fn search(&self, lost: &[usize], planned: &Planned) -> (BTreeMap<usize, Replanned<'r>>, Work) {
        let (renamed, mut work): (Vec<(usize, Renamed<'r>)>, Work) =
            metered(|| lost.iter().map(|index| (*index, self.renamed(*index))).collect());
        let (mut found, mut wanted) = (BTreeMap::new(), Vec::new());
        for (index, renamed) in renamed {
            match renamed {
                Renamed::To(place) => drop(found.insert(index, Replanned::Assign(place.assignment))),
                // Git knows where the file went: nothing else is it.
                Renamed::Without => {}
                Renamed::Into(verdict) => drop(found.insert(index, Replanned::Settle(*verdict))),
                Renamed::No if self.is_still_there(index) => {}
                Renamed::No => wanted.extend(self.needles(index).into_iter().map(|needle| (index, needle))),
            }
        }
        if wanted.is_empty() {
            return (found, work);
        }
        let needles: Vec<Needle> = wanted.iter().map(|(_, needle)| needle.clone()).collect();
        let mut ranked: BTreeMap<usize, Vec<CandidateFile>> = BTreeMap::new();
        for ((index, _), candidates) in wanted.iter().zip(self.ranked(&WorkspaceSearch::new(&needles))) {
            let known = ranked.entry(*index).or_default();
            for candidate in candidates {
                if known.iter().all(|other| other.path != candidate.path) {
                    known.push(candidate);
                }
            }
        }
        let places: Vec<(Option<(usize, Replanned<'r>)>, Work)> = ranked
            .par_iter()
            .map(|(index, candidates)| {
                metered(|| Some((*index, self.among(*index, candidates, &planned.verdicts[index])?)))
            })
            .collect();
        for (place, cost) in places {
            found.extend(place);
            work += cost;
        }
        (found, work)
    }

    /// For each needle the files worth a closer look, the best first.
    fn ranked(&self, search: &WorkspaceSearch) -> Vec<Vec<CandidateFile>> {
        let traces: Mutex<Vec<FileHits>> = Mutex::default();
        let files = &self.snapshot.files;
        files.read_each(&files.list(), &|path, content| {
            if let Ok(content) = content
                && !is_of_patches(path, &content)
            {
                let trace = search.scan(path, &content);
                traces.lock().unwrap_or_else(PoisonError::into_inner).push(trace);
            }
        });
        let traces = traces.into_inner().unwrap_or_else(PoisonError::into_inner);
        search.rank(&traces, CLOSELY)
    }

    /// The place of a patch in the file to which git says that the patch's file was renamed.
    fn renamed(&self, index: usize) -> Renamed<'r> {
        let now = self.history().and_then(|history| {
            let now = self.paths_of(index).into_iter().map(|file| self.now(history, &file));
            now.into_iter().find(|now| !now.is_empty())
        });
        let Some(now) = now else { return Renamed::No };
        let placed = |now: &String| {
            [Drift::Off, Drift::Merge].into_iter().find_map(|drift| self.placed(index, now, drift))
        };
        let mut places: Vec<Placed<'r>> = now.iter().filter_map(placed).collect();
        if places.is_empty() {
            return Renamed::Without;
        }
        places.extend(self.split_into(index, &now));
        match places.len() {
            1 => Renamed::To(Box::new(places.remove(0))),
            _ => Renamed::Into(Box::new(self.several(index, &places))),
        }
    }

    /// The places of a patch in the other files that the commit added which took its file away, and renamed it to `heirs`, as git
    /// has it.
    fn split_into(&self, index: usize, heirs: &[String]) -> Vec<Placed<'r>> {
        let changes = || {
            let history = self.history()?;
            let own = self.paths_of(index);
            let (file, (commit, _)) = own.iter().find_map(|file| Some((file, history.fate(file)?)))?;
            Some(history.changes(&commit, file))
        };
        let added = changes().unwrap_or_default().into_iter().filter(|change| change.old.is_none());
        let added = added.filter_map(|change| change.new).map(|(path, _)| path);
        added
            .filter(|path| !heirs.contains(path) && self.fits(index, path))
            .filter_map(|path| self.placed(index, &path, Drift::Off))
            .collect()
    }

    /// What git says that a file was renamed to, by commits and in the index, where that may be several.
    fn now(&self, history: &dyn History, file: &str) -> Vec<String> {
        let renamed = history.fate(file).and_then(|(_, now)| now);
        let staged = self.staged_renames(renamed.as_deref().unwrap_or(file));
        if staged.is_empty() { renamed.into_iter().collect() } else { staged }
    }

    /// The one candidate that holds the place of a patch: exactly, or but for its indentation; or, where the lock names
    /// the item, as what that item has become. One that is known to be something else is named, and not taken.
    fn among(&self, index: usize, candidates: &[CandidateFile], lost: &Verdict) -> Option<Replanned<'r>> {
        let own = self.paths_of(index);
        let others: Vec<&CandidateFile> = candidates
            .iter()
            .filter(|other| !own.contains(&other.path) && self.fits(index, &other.path))
            .collect();
        let is_whole = |other: &&&CandidateFile| !matches!(other.found, Coverage::Some(_));
        let is_named = self.lock(index).matches().iter().any(|place| place.item.is_some());
        let is_unknown = !is_named && matches!(self.recall(index), Recalled::Unknown);
        for (drift, whole) in [(Drift::Off, false), (Drift::Merge, true), (Drift::Merge, false)] {
            if drift == Drift::Merge && !whole && !is_named {
                break;
            }
            let places = others.iter().filter(|other| !whole || is_whole(other));
            let mut found: Vec<Placed<'r>> =
                places.filter_map(|other| self.placed(index, &other.path, drift)).collect();
            if let [place] = &found[..]
                && drift == Drift::Off
                && is_unknown
            {
                // Indented otherwise it is as much what moved: only history could tell.
                let is_other = |other: &&&CandidateFile| other.path != place.assignment.targets[0];
                let whole = others.iter().filter(is_whole).filter(is_other);
                found.extend(
                    whole
                        .filter_map(|other| self.placed(index, &other.path, Drift::Merge))
                        .collect::<Vec<_>>(),
                );
            }
            if found.len() > 1 {
                return Some(Replanned::Settle(self.several(index, &found)));
            }
            if let Some(place) = found.pop() {
                // An item of its name that is not as the lock has it may be another one.
                let is_changed = || {
                    let is_unknown =
                        drift == Drift::Merge && !whole && matches!(self.recall(index), Recalled::Unknown);
                    is_unknown.then_some(
                        "but not as the lock has it, and only history could tell that it moved there",
                    )
                };
                return Some(
                    match self
                        .veto(index, &place)
                        .or_else(|| self.has_like(index, &place, &others))
                        .or_else(is_changed)
                    {
                        None => Replanned::Assign(place.assignment),
                        Some(why) => {
                            let mut verdict = lost.clone();
                            let (file, line) = (&place.assignment.targets[0], place.line.unwrap_or(1));
                            verdict.warn(format!(
                                "not taken: {}:{line} has such a place, {why}",
                                printable(file)
                            ));
                            Replanned::Settle(verdict)
                        }
                    },
                );
            }
        }
        None
    }

    /// Why a place outside of the patch's files is not the one that it had; `None` where nothing speaks against it.
    fn veto(&self, index: usize, place: &Placed<'_>) -> Option<&'static str> {
        let path = &place.assignment.targets[0];
        let now = self.text(path)?;
        if let [LockedMatch { item: Some(locked), .. }] = self.lock(index).matches() {
            let line = place.line.unwrap_or(1) - 1;
            let (item, _) = item_around(&now, bytes_of(&now, &(line..line + 1)));
            if !item.is_same_item(&locked.path) {
                return Some("but not in the item that the lock names");
            }
        }
        let is_of_the_file = || {
            let searched = as_text(self.patch(index), self.lock(index));
            searched.is_some_and(|(search, _)| identity::is_of_the_file(&search, Language::of(path)))
        };
        match self.recall(index) {
            Recalled::Of(memory) => memory.is_other(self, index, path, &now),
            Recalled::Never => Some("but the patch's own file never had one"),
            Recalled::Unknown if is_of_the_file() => Some(OF_ITS_FILE),
            Recalled::Unknown if place.is_made && self.is_as_committed(path, &now) => {
                Some("but the newest commit has its effect there, and only older ones could tell whose it is")
            }
            Recalled::Unknown if place.score.is_some_and(|score| score < LIKE) => Some(OTHER_CODE),
            Recalled::Unknown
                if is_of_tests(path) && !self.paths_of(index).iter().any(|own| is_of_tests(own)) =>
            {
                Some("but it is what a test works on")
            }
            Recalled::Unknown if as_text(self.patch(index), self.lock(index)).is_none() => {
                Some("but a name alone does not tell that it is the one")
            }
            Recalled::Unknown if !self.is_known_without_history(index, place.assignment.drift) => {
                Some("but nothing names it, and only history could tell that it moved there")
            }
            Recalled::Unknown => {
                let own = self.paths_of(index).into_iter().filter_map(|own| self.text(&own));
                let is_fork = |own: &String| relocation::is_fork(own, &now, path);
                own.into_iter().any(|own| is_fork(&own)).then_some("but its file is a copy")
            }
        }
    }

    /// Why a place is not where code went that nothing names, as far as anybody knows: something like it stands in one of these
    /// files as well, which may be what became of it: of a file that is gone, a part of what is indented otherwise here, or the like
    /// of what says little, or what the patch inserts.
    fn has_like(&self, index: usize, place: &Placed<'_>, others: &[&CandidateFile]) -> Option<&'static str> {
        let (patch, lock) = (self.patch(index), self.lock(index));
        let (search, text) = as_text(patch, lock)?;
        let is_exact = place.assignment.drift == Drift::Off;
        let target = &place.assignment.targets[0];
        // The first in its file is the place itself.
        let count = |path: &str| if path == target { 2 } else { 1 };
        let is_like = |path: &str, now: &str| match is_exact {
            true => {
                let windows = best_windows(&search, now, Fuzzy::DEFAULT_EXPANSION, count(path));
                windows.get(count(path) - 1).is_some_and(|window| window.similarity >= LIKE)
            }
            false => path != target && relocation::is_still_in(now, &search, &text, Fuzzy::DEFAULT_EXPANSION),
        };
        let is_like =
            |other: &&CandidateFile| self.text(&other.path).is_some_and(|now| is_like(&other.path, &now));
        let is_file_gone = self.paths_of(index).iter().all(|own| self.text(own).is_none());
        let is_line = !place.is_made && search.trim().lines().count() == 1;
        let is_guessed = match is_exact {
            true => !is_file_gone || is_line || !self.says_much(index, Drift::Off),
            false => is_file_gone,
        };
        let is_a_guess = is_guessed
            && (is_line || lock.matches().is_empty())
            && matches!(self.recall(index), Recalled::Unknown);
        let why = match is_exact {
            true => "but something like it stands elsewhere, and only history could tell which it is",
            false => "but a part of it stands in another file, and only history could tell which it is",
        };
        let is_one_of_several = is_a_guess && others.iter().any(is_like)
            || self.has_namesake(index, target, others)
            || !place.is_made && self.has_insertion(index, target, others);
        is_one_of_several.then_some(why)
    }

    /// Whether one of these files but `target` has what the patch inserts already, and history does not tell whether it was made there.
    fn has_insertion(&self, index: usize, target: &str, others: &[&CandidateFile]) -> bool {
        let edit = self.patch(index).action.edit().filter(|edit| edit.inserts());
        let Some(text) = edit.and_then(TextEdit::text).filter(|text| relocation::is_distinctive(text)) else {
            return false;
        };
        let holds = |now: String| {
            let windows = best_windows(text, &now, Fuzzy::DEFAULT_EXPANSION, 1);
            windows.first().is_some_and(|window| window.similarity >= 1.0)
        };
        let mut others = others.iter().filter(|other| other.path != target);
        others.any(|other| self.text(&other.path).is_some_and(holds))
            && matches!(self.recall(index), Recalled::Unknown)
    }

    /// Whether one of these files but `target` has an item of the name that the lock records, with something like what that holds, and
    /// history does not tell which of both it is.
    fn has_namesake(&self, index: usize, target: &str, others: &[&CandidateFile]) -> bool {
        let [LockedMatch { item: Some(locked), text, .. }] = self.lock(index).matches() else { return false };
        let is_like = |item: &str| {
            let windows = best_windows(text, item, Fuzzy::DEFAULT_EXPANSION, 1);
            windows.first().is_some_and(|window| window.similarity >= LIKE)
        };
        let holds = |now: String| {
            let mut items = items_in(&now).into_iter().filter(|(path, _)| path.is_same_item(&locked.path));
            items.any(|(_, span)| is_like(&now[span]))
        };
        let mut others = others.iter().filter(|other| other.path != target);
        others.any(|other| self.text(&other.path).is_some_and(holds))
            && matches!(self.recall(index), Recalled::Unknown)
    }

    fn is_as_committed(&self, path: &str, now: &str) -> bool {
        self.history().and_then(|history| history.today(path)).is_some_and(|committed| committed == now)
    }

    /// Whether what a patch looks for is known where only its text can tell: its file went as a whole and it stands elsewhere as it
    /// is written, or there is much of it, or its text, its constraint or its lock names an item or a key.
    fn is_known_without_history(&self, index: usize, drift: Drift) -> bool {
        let (patch, lock) = (self.patch(index), self.lock(index));
        let is_file_gone = || self.paths_of(index).iter().all(|own| self.text(own).is_none());
        drift == Drift::Off && is_file_gone()
            || patch.function_context.is_some()
            || lock.matches().iter().any(|place| place.item.is_some())
            || self.says_much(index, drift)
    }

    /// Whether there is much of what a patch looks for, or it names an item or a key. Numbers and the words of the language say little
    /// of what is not as it is written.
    fn says_much(&self, index: usize, drift: Drift) -> bool {
        let tells = |word: &&str| drift == Drift::Off || is_name(word);
        as_text(self.patch(index), self.lock(index)).is_some_and(|(search, _)| {
            let told = words(&search).filter(|word| word.len() >= WORD).filter(tells);
            told.collect::<BTreeSet<&str>>().len() >= MUCH
                || !identity::names(&search, Language::of(&self.patch(index).files[0])).is_empty()
        })
    }

    fn several(&self, index: usize, found: &[Placed<'_>]) -> Verdict {
        let site = |place: &Placed<'_>| Site {
            file: place.assignment.targets[0].clone(),
            line: place.line.unwrap_or(1),
            text: None,
        };
        let failure = Failure::SeveralPlaces { by: None, sites: found.iter().map(site).collect() };
        Verdict::bare(Some(self.patch(index).files[0].clone()), Decision::Fail(failure))
    }

    /// Where other files have what is at least so `like` what a patch looks for, if there is enough of it.
    pub(super) fn like_elsewhere(&self, index: usize, like: f64) -> Vec<Site> {
        let search = as_text(self.patch(index), self.lock(index)).map(|(search, _)| search);
        let Some(search) = search.filter(|search| relocation::is_distinctive(search)) else {
            return Vec::new();
        };
        let needle = Needle::AnyOf(vec![search.clone()]);
        let own = self.paths_of(index);
        let own_texts: Vec<String> = own.iter().filter_map(|path| self.text(path)).collect();
        let site = |file: String| {
            let now = self.text(&file)?;
            let window = best_windows(&search, &now, Fuzzy::DEFAULT_EXPANSION, 1).into_iter().next()?;
            // What a fork has is its own, where it is not as it is written.
            let is_fork = || own_texts.iter().any(|own| relocation::is_fork(own, &now, &file));
            let is_as_like = window.similarity >= like && (window.similarity >= 1.0 || !is_fork());
            is_as_like.then_some(Site { file, line: window.first_line, text: None })
        };
        let candidates = self.ranked(&WorkspaceSearch::new(&[needle])).into_iter().flatten();
        let others = candidates.map(|other| other.path).filter(|path| !own.contains(path));
        let mut sites: Vec<Site> = others.filter(|path| self.fits(index, path)).filter_map(site).collect();
        sites.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        sites
    }

    /// Whether a part of what the patch looks for is still in its own file: then a similar place in another file is a second
    /// place, not the one that moved.
    fn is_still_there(&self, index: usize) -> bool {
        let patch = self.patch(index);
        let Some((search, text)) = as_text(patch, self.lock(index)) else { return false };
        let is_in =
            |source: &String| relocation::is_still_in(source, &search, &text, Fuzzy::DEFAULT_EXPANSION);
        self.paths_of(index).iter().filter_map(|file| self.text(file)).any(|source| is_in(&source))
    }

    /// Whether a file is of the kind that the patch is for.
    pub(super) fn fits(&self, index: usize, path: &str) -> bool {
        let extension = |path: &str| path.rsplit_once('.').map(|(_, extension)| extension.to_owned());
        self.patch(index).files.iter().any(|own| extension(own) == extension(path))
    }

    /// What is decided about a patch, with its lock and without the others, in the file `path`.
    pub(super) fn verdict_alone(&self, index: usize, path: &str, drift: Drift) -> Option<Verdict> {
        let (_, source) = self.read(path).ok()?;
        let (patch, targets) = (self.patch(index), vec![path.to_owned()]);
        let terms = Terms { drift, lock: self.lock(index), ..Terms::EXACT };
        let drafts = std::iter::once((path.to_owned(), Draft::new(path, source))).collect();
        plan(&[Task { index, patch, targets, terms, role: Role::Acts }], drafts).verdicts.remove(&index)
    }

    /// The patch made for the file `path`, if it has a place there.
    fn placed(&self, index: usize, path: &str, drift: Drift) -> Option<Placed<'r>> {
        let verdict = self.verdict_alone(index, path, drift)?;
        let is_there = match verdict.decision {
            Decision::Apply => true,
            Decision::InPlace => verdict.line.is_some(),
            _ => false,
        };
        let (patch, targets) = (Cow::Borrowed(self.patch(index)), vec![path.to_owned()]);
        let assignment = Assignment { patch, targets, drift, lock: self.lock(index) };
        let is_made = matches!(verdict.decision, Decision::InPlace);
        is_there.then_some(Placed { assignment, is_made, line: verdict.line, score: verdict.score })
    }

    /// What to look for in the workspace, one or the other; nothing where the patch gives no distinctive text.
    fn needles(&self, index: usize) -> Vec<Needle> {
        let patch = self.patch(index);
        if let Some((search, text)) = as_text(patch, self.lock(index)) {
            if !relocation::is_distinctive(&search) || !relocation::is_distinctive(&text) {
                return Vec::new();
            }
            let texts = [search, text].into_iter().filter(|text| !text.trim().is_empty());
            return vec![Needle::AnyOf(texts.collect())];
        }
        let Action::Rust { query, edit, .. } = &patch.action else { return Vec::new() };
        let Some(literal) = query.required_literal() else { return Vec::new() };
        // Where it was followed before, its effect stands in the place of what it looks for.
        let effect = match edit {
            TextEdit::Replace { text } => longest_name(text).filter(|name| !literal.contains(name)),
            TextEdit::Delete { .. } | TextEdit::InsertBefore { .. } | TextEdit::InsertAfter { .. } => None,
        };
        std::iter::once(literal).chain(effect).map(|word| Needle::AllOf(vec![word.to_owned()])).collect()
    }
}
