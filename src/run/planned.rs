//! Plans the targets of assignments. A component, which is a group of targets that a patch with several candidate files
//! ties together, is planned on its own; components are planned in parallel.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;

use super::job::{Job, base_of};
use super::options::OnFailure;
use super::targets::{Assignment, Assignments, Component, components};
use super::{Mode, Progress};
use crate::config::loader::comes_before;
use crate::outcome::Work;
use crate::patch::{Drift, Patch};
use crate::plan::draft::Draft;
use crate::plan::{Decision, Plan, Record, Role, ScopeOf, Strictness, Task, Terms, Verdict, plan, stages};
use crate::source::Source;

/// The options that are not the same for all plans of a run: the search for prospects has its own.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// How far the place of any patch may be from what the patch says.
    pub(super) drift: Drift,
    pub(super) strictness: Strictness,
    pub(super) on_failure: OnFailure,
}

/// One target, planned.
pub(super) struct PlannedFile {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

/// The result of planning.
#[derive(Default)]
pub(super) struct Planned {
    pub(super) verdicts: BTreeMap<usize, Verdict>,
    pub(super) files: BTreeMap<String, PlannedFile>,
    pub(super) work: Work,
}

impl Planned {
    pub(super) fn any_failed(&self) -> bool {
        self.verdicts.values().any(|verdict| matches!(verdict.decision, Decision::Fail(_)))
    }

    /// Targets that the plan changes.
    pub(super) fn changed(&self) -> impl Iterator<Item = (&String, &PlannedFile)> {
        self.files.iter().filter(|(_, file)| file.before != file.after)
    }

    /// Whether the plan takes `text`, which `path` has, away from there.
    pub(super) fn takes_away(&self, path: &str, text: &str) -> bool {
        let has = |bytes: &[u8]| Source::decode(bytes).is_ok_and(|source| source.text().contains(text));
        self.files.get(path).is_some_and(|file| has(&file.before) && !has(&file.after))
    }

    /// The text of `path` before the run.
    pub(super) fn before(&self, path: &str) -> Option<String> {
        let source = Source::decode(&self.files.get(path)?.before).ok()?;
        Some(source.text().to_owned())
    }

    /// Takes over the verdicts and files of a later plan, and adds its work.
    pub(super) fn take_over(&mut self, other: Self) {
        self.verdicts.extend(other.verdicts);
        self.files.extend(other.files);
        self.work += other.work;
    }
}

impl<'r> Job<'r> {
    /// Plans all of `assignments`.
    pub(super) fn plan(
        &self,
        assignments: &Assignments<'_>,
        manner: Manner,
        progress: Progress<'_>,
    ) -> Planned {
        self.plan_components(&components(assignments), assignments, &BTreeMap::new(), manner, progress)
    }

    /// Plans the targets of `components`, which are all components of `assignments` or some of them. A patch without an assignment
    /// that is `settled` as in place is known where it is.
    pub(super) fn plan_components(
        &self,
        components: &[Component],
        assignments: &Assignments<'_>,
        settled: &BTreeMap<usize, Verdict>,
        manner: Manner,
        progress: Progress<'_>,
    ) -> Planned {
        let done = AtomicUsize::new(0);
        let plans: Vec<Planned> = components
            .par_iter()
            .map(|component| {
                let planned = self.plan_component(component, assignments, settled, manner);
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, components.len());
                planned
            })
            .collect();
        plans.into_iter().fold(Planned::default(), |mut all, one| {
            all.take_over(one);
            all
        })
    }

    /// Plans one component. Where a run drops failures, the patches that are left are planned again without the failed ones.
    fn plan_component(
        &self,
        component: &Component,
        assignments: &Assignments<'_>,
        settled: &BTreeMap<usize, Verdict>,
        manner: Manner,
    ) -> Planned {
        let mut planned = Planned::default();
        let mut sources = BTreeMap::new();
        for path in &component.paths {
            match self.read(path) {
                Ok((bytes, source)) => {
                    sources.insert(path.clone(), source);
                    planned.work += Work { reads: 1, ..Work::default() };
                    planned.files.insert(path.clone(), PlannedFile { after: bytes.clone(), before: bytes });
                }
                Err(failure) => {
                    let on_it =
                        component.patches.iter().filter(|index| assignments[index].targets.contains(path));
                    let failed = Verdict::bare(Some(path.clone()), Decision::Fail(failure));
                    planned.verdicts.extend(on_it.map(|index| (*index, failed.clone())));
                }
            }
        }
        loop {
            let left = component.patches.iter().filter(|index| !planned.verdicts.contains_key(*index));
            let tasks = self.tasks(left, component, assignments, settled, manner);
            let drafts = sources
                .iter()
                .map(|(path, source)| (path.clone(), Draft::new(path, source.clone())))
                .collect();
            let result = plan(&tasks, drafts);
            planned.work += result.work;
            let failed = |verdict: &Verdict| matches!(verdict.decision, Decision::Fail(_));
            let again = self.drops_failures(manner)
                && result.verdicts.values().any(failed)
                && result.verdicts.values().any(|verdict| matches!(verdict.decision, Decision::Apply));
            for (path, draft) in &result.drafts {
                let file = planned.files.get_mut(path).expect("every draft was read");
                let is_spoiled = draft.steps().iter().any(|step| failed(&result.verdicts[&step.patch]));
                let stays = draft.steps().is_empty() || is_spoiled;
                file.after = if stays { file.before.clone() } else { draft.source().encode() };
            }
            if !again {
                planned.verdicts.extend(result.verdicts);
                return planned;
            }
            planned.verdicts.extend(result.verdicts.into_iter().filter(|(_, verdict)| failed(verdict)));
        }
    }

    /// Those of the patches `acting` of a component, and those that are known there, in the order of the run.
    fn tasks<'a>(
        &'a self,
        acting: impl Iterator<Item = &'a usize>,
        component: &Component,
        assignments: &'a Assignments<'_>,
        settled: &BTreeMap<usize, Verdict>,
        manner: Manner,
    ) -> Vec<Task<'a>> {
        let acting = acting.map(|index| self.task(*index, &assignments[index], manner));
        let others = self.of_all.get().into_iter().flatten();
        let others = others.filter(|index| !assignments.contains_key(index));
        let in_place = |index: usize| {
            let verdict =
                settled.get(&index).filter(|verdict| matches!(verdict.decision, Decision::InPlace))?;
            let path = verdict.file.clone().filter(|path| component.paths.contains(path))?;
            Some(known_in(index, self.patch(index), vec![path]))
        };
        let known =
            others.filter_map(|index| self.known(*index, &component.paths).or_else(|| in_place(*index)));
        let mut tasks: Vec<Task<'_>> = acting.chain(known).collect();
        tasks.sort_by_key(|task| task.index);
        tasks
    }

    /// The verdicts on the patches of a component where the patches of the files beside the run
    /// are known too, as in a run of the whole folder; none where there are no such.
    pub(super) fn verdicts_beside_siblings(
        &self,
        component: &Component,
        assignments: &Assignments<'_>,
        manner: Manner,
    ) -> BTreeMap<usize, Verdict> {
        let siblings = self.siblings_on(&self.all_own(), &component.paths);
        let drafts = component.paths.iter().map(|path| {
            let (_, source) = self.read(path).ok()?;
            Some((path.clone(), Draft::new(path, source)))
        });
        match drafts.collect::<Option<BTreeMap<String, Draft>>>() {
            Some(drafts) if !siblings.is_empty() => {
                let tasks =
                    self.tasks(component.patches.iter(), component, assignments, &BTreeMap::new(), manner);
                plan(&self.in_order_of_folder(tasks, siblings), drafts).verdicts
            }
            _ => BTreeMap::new(),
        }
    }

    /// Tasks of the run, and those of patch files beside it where a run of the folder has them.
    fn in_order_of_folder<'a>(&self, own: Vec<Task<'a>>, siblings: Vec<Vec<Task<'a>>>) -> Vec<Task<'a>> {
        let file_of = |index: usize| {
            let owners = self.set.files.iter().flat_map(|file| file.patches.iter().map(|_| &*file.path));
            let beside = self.siblings().iter().flat_map(|file| file.patches.iter().map(|_| &*file.path));
            owners.chain(beside).nth(index).unwrap_or_default()
        };
        let mut tasks = own;
        for sibling in siblings {
            let file = sibling.first().map_or("", |task| file_of(task.index));
            let is_later =
                |task: &Task<'_>| task.index < self.members.len() && comes_before(file, file_of(task.index));
            let at = tasks.iter().position(is_later).unwrap_or(tasks.len());
            tasks.splice(at..at, sibling);
        }
        tasks
    }

    /// A revert does so too: it must recognise what a run with `--keep-going` left.
    fn drops_failures(&self, manner: Manner) -> bool {
        manner.on_failure == OnFailure::KeepGoing || self.options.mode == Mode::Revert
    }

    /// `text`, a text of the target `path`, with the patches applied that act there or are in place, those that the selection
    /// leaves out, and those of the patch files beside that are in place, all but `index`.
    pub(super) fn with_others(
        &self,
        index: usize,
        path: &str,
        text: &str,
        assignments: &Assignments<'_>,
        planned: &Planned,
        manner: Manner,
    ) -> Option<String> {
        let is_other = |(other, assignment): &(&usize, &Assignment<'_>)| {
            **other != index
                && assignment.targets.iter().any(|target| target == path)
                && planned.verdicts.get(other).is_some_and(|verdict| {
                    matches!(verdict.decision, Decision::Apply | Decision::InPlace | Decision::Absent)
                })
        };
        let targets = vec![path.to_owned()];
        let others = assignments.iter().filter(is_other);
        let mut tasks: Vec<Task<'_>> = others
            .map(|(other, assignment)| Task {
                targets: targets.clone(),
                ..self.task(*other, assignment, manner)
            })
            .collect();
        let left_out = self.of_all.get().into_iter().flatten();
        let left_out = left_out.filter(|other| **other != index && !assignments.contains_key(other));
        tasks.extend(left_out.filter_map(|other| {
            Some(Task { role: Role::Acts, ..self.known(*other, &BTreeSet::from([path.to_owned()]))? })
        }));
        tasks.extend(self.siblings_in_place(index, path));
        tasks.sort_by_key(|task| task.index);
        let source = Source::decode(text.as_bytes()).ok()?;
        let drafts = std::iter::once((path.to_owned(), Draft::new(path, source))).collect();
        let result = plan(&tasks, drafts);
        Some(result.drafts.get(path)?.text().to_owned())
    }

    /// `text`, a text of the target `path`, with all patches of a run of all applied as they are written, and where in it the edits
    /// of `index` stand; nothing where that one does not apply. Patch files beside, which may have been applied in calls of their
    /// own, come before them, and after them.
    pub(super) fn with_all(&self, index: usize, path: &str, text: &str) -> Vec<(String, Vec<Range<usize>>)> {
        let paths = BTreeSet::from([path.to_owned()]);
        let acting = |other: &usize| Some(Task { role: Role::Acts, ..self.known(*other, &paths)? });
        let own: Vec<Task<'_>> = self.of_all.get().into_iter().flatten().filter_map(acting).collect();
        let siblings = self.siblings_in_place(index, path);
        let made = |tasks: Vec<Task<'_>>| {
            let source = Source::decode(text.as_bytes()).ok()?;
            let drafts = std::iter::once((path.to_owned(), Draft::new(path, source))).collect();
            let result = plan(&tasks, drafts);
            let applies = matches!(result.verdicts.get(&index)?.decision, Decision::Apply);
            let draft = result.drafts.get(path).filter(|_| applies)?;
            Some((draft.text().to_owned(), draft.edited_by(index)))
        };
        let before = (!siblings.is_empty()).then(|| made([siblings.clone(), own.clone()].concat()));
        made([own, siblings].concat()).into_iter().chain(before.flatten()).collect()
    }

    /// What `index` puts into `path`, and what the later patches of a run of all make of it.
    pub(super) fn stages(&self, index: usize, path: &str) -> Vec<String> {
        let paths = BTreeSet::from([path.to_owned()]);
        let own = self.of_all.get().into_iter().flatten().filter_map(|other| self.known(*other, &paths));
        let tasks: Vec<Task<'_>> = own.collect();
        let at = tasks.iter().position(|task| task.index == index);
        at.map(|at| stages(&tasks, at, path)).unwrap_or_default()
    }

    /// Whether `line`, one-based, of `path` is what another patch file beside those of the run put there, in a call of its own.
    pub(super) fn is_of_a_sibling(&self, index: usize, path: &str, line: usize) -> bool {
        self.siblings_planned(index, path)
            .any(|(_, result)| result.drafts.get(path).is_some_and(|draft| draft.is_in_place(line)))
    }

    /// The patches, of the run and of the files beside it, that have something to do in `path` as it is, where all are known, and those
    /// that take no part and are not in place: nothing rests on what they are to make.
    pub(super) fn unmade(&self, path: &str) -> Arc<BTreeSet<usize>> {
        if let Some(known) = self.unmade.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Arc::clone(known);
        }
        let paths = BTreeSet::from([path.to_owned()]);
        let own = (0..self.members.len()).filter_map(|index| self.known(index, &paths)).collect();
        let tasks = self.in_order_of_folder(own, self.siblings_on(&self.all_own(), &paths));
        let now = self.read(path).ok();
        let takes_part = |index: usize| {
            let of_all = self.of_all.get();
            index >= self.members.len() || of_all.is_none_or(|of_all| of_all.contains(&index))
        };
        let is_unmade = |task: &&Task<'_>| {
            let Some((_, source)) = &now else { return !takes_part(task.index) };
            let mut tasks = tasks.clone();
            tasks
                .iter_mut()
                .filter(|other| other.index == task.index)
                .for_each(|task| task.role = Role::Acts);
            let drafts = std::iter::once((path.to_owned(), Draft::new(path, source.clone()))).collect();
            match &plan(&tasks, drafts).verdicts[&task.index].decision {
                Decision::InPlace | Decision::Absent => false,
                Decision::Apply => true,
                Decision::Fail(_) | Decision::Skip(_) => !takes_part(task.index),
            }
        };
        let unmade = tasks.iter().filter(is_unmade).map(|task| task.index);
        let unmade: Arc<BTreeSet<usize>> = Arc::new(unmade.collect());
        let mut known = self.unmade.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(path.to_owned()).or_insert(unmade))
    }

    fn all_own(&self) -> Vec<usize> {
        (0..self.members.len()).collect()
    }

    /// As [`Self::siblings_on`] of the run, without those that are not made.
    pub(super) fn siblings_made(&self, path: &str) -> Vec<Vec<Task<'_>>> {
        let mut beside = self.siblings_on(&self.all_own(), &BTreeSet::from([path.to_owned()]));
        if !beside.is_empty() {
            let unmade = self.unmade(path);
            beside.iter_mut().for_each(|tasks| tasks.retain(|task| !unmade.contains(&task.index)));
            beside.retain(|tasks| !tasks.is_empty());
        }
        beside
    }

    /// The patches of other patch files beside those of the run that are in place in `path`, each as if it came after the run.
    fn siblings_in_place(&self, index: usize, path: &str) -> Vec<Task<'_>> {
        let in_place = self.siblings_planned(index, path).flat_map(|(tasks, result)| {
            let is_in_place =
                |task: &Task<'_>| matches!(result.verdicts[&task.index].decision, Decision::InPlace);
            tasks.into_iter().filter(is_in_place).collect::<Vec<_>>()
        });
        in_place.collect()
    }

    /// The patches that each patch file beside those of the run has for `path`, planned alone on what that is now.
    fn siblings_planned(&self, index: usize, path: &str) -> impl Iterator<Item = (Vec<Task<'_>>, Plan)> {
        let beside = self.siblings_on(&[index], &BTreeSet::from([path.to_owned()]));
        beside.into_iter().filter_map(move |tasks| {
            let acting = tasks.into_iter().map(|task| Task { role: Role::Acts, ..task });
            let tasks: Vec<Task<'_>> = acting.collect();
            let path = tasks.first()?.targets.first()?;
            let (_, source) = self.read(path).ok()?;
            let drafts = std::iter::once((path.clone(), Draft::new(path, source))).collect();
            let result = plan(&tasks, drafts);
            Some((tasks, result))
        })
    }

    /// The patches that each patch file beside those of the run has for some of `paths`, with indices behind those of the run. One
    /// with the id of one of `own` is a copy of that, and none of another file.
    pub(super) fn siblings_on(&self, own: &[usize], paths: &BTreeSet<String>) -> Vec<Vec<Task<'_>>> {
        let is_copy = |patch: &Patch| own.iter().any(|index| self.patch(*index).id == patch.id);
        let mut next = self.members.len()..;
        let tasks = self.siblings().iter().map(|file| {
            let others = file.patches.iter().zip(&mut next).filter(|(patch, _)| !is_copy(patch));
            let tasks = others.filter_map(|(patch, at)| self.known_as(at, patch, paths));
            tasks.collect::<Vec<_>>()
        });
        tasks.filter(|tasks| !tasks.is_empty()).collect()
    }

    /// A patch that is not planned, because the selection leaves it out or it is settled, in those of its targets that are among
    /// `paths`.
    fn known(&self, index: usize, paths: &BTreeSet<String>) -> Option<Task<'r>> {
        self.known_as(index, self.patch(index), paths)
    }

    fn known_as<'a>(&self, index: usize, patch: &'a Patch, paths: &BTreeSet<String>) -> Option<Task<'a>> {
        let spelled = patch.files.iter().filter_map(|file| self.tree.spelled(file, base_of(patch)).ok());
        // In a file that was renamed it is known where another patch was followed there.
        let in_paths = |path: String| match paths.contains(&path) {
            true => Some(path),
            false => self.heir_if_asked(&path).filter(|heir| paths.contains(heir)),
        };
        let targets: Vec<String> = spelled.filter_map(in_paths).collect();
        (!targets.is_empty()).then(|| known_in(index, patch, targets))
    }

    fn task<'a>(&self, index: usize, assignment: &'a Assignment<'_>, manner: Manner) -> Task<'a> {
        let compares = self.options.mode == Mode::Report && !self.lock(index).matches().is_empty();
        let terms = Terms {
            drift: assignment.drift,
            later: self.drift_of(index, manner),
            lock: assignment.lock,
            strictness: manner.strictness,
            record: if compares { Record::Places } else { self.options.record },
            scope: ScopeOf::Constraint,
        };
        Task { index, patch: &assignment.patch, targets: assignment.targets.clone(), terms, role: Role::Acts }
    }
}

/// A patch that is not planned in `targets`, and known there.
fn known_in(index: usize, patch: &Patch, targets: Vec<String>) -> Task<'_> {
    Task { index, patch, targets, terms: Terms::EXACT, role: Role::Known }
}
