//! The patches of some targets, one after another, each seeing what its predecessors left.
//!
//! That is the meaning of a run, and here it is also how the run is computed: what makes it cheap is that a tree is
//! brought up to date after a step instead of parsed anew. Before a plan is handed out it is made a second time on
//! its own result; only what would then change nothing may be written.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::chain::{chain_of, places_before_later};
use super::changed::changed_instead;
use super::conflict;
use super::draft::{Draft, inside};
use super::failure::Failure;
use super::former::{like_beside, like_neighbours};
use super::left_out::left_out;
use super::seen::Seen;
use super::settle::{Settled, settle};
use super::sites::{Chain, Occurrence, Occurs, Pending, Sites, compute_edit_for_patch, functions, no_match};
use super::standing::{has_other_anchor, standing};
use super::task::{Decision, Place, Record, Role, Standing, Strictness, Task, Verdict};
use super::verification::verify;
use crate::at_work;
use crate::drift::merge::same_tokens;
use crate::edit::{Edit, EditError};
use crate::identity;
use crate::limits::{Limit, SITES};
use crate::meter;
use crate::outcome::{Site, printable};
use crate::patch::lock::LockedMatch;
use crate::patch::{Action, Matches, Patch, TextEdit};
use crate::rust::items;
use crate::text::hunks::only_removes;
use crate::text::lines::line_of;

/// In order, each patch on the drafts as its predecessors left them.
pub(super) fn walk(tasks: &[Task<'_>], drafts: &mut BTreeMap<String, Draft>) -> BTreeMap<usize, Verdict> {
    let mut verdicts = BTreeMap::new();
    let acts = |(_, task): &(usize, &Task<'_>)| task.role == Role::Acts;
    for (at, task) in tasks.iter().enumerate().filter(acts) {
        let mut evaluations: Vec<Evaluation> = task
            .targets
            .iter()
            .filter_map(|path| {
                let draft = drafts.get_mut(path)?;
                let _note = at_work::note(Some(&task.patch.id), path);
                let (mut evaluation, reached) = meter::bounded(|| evaluate_all(tasks, at, draft));
                if let Some(limit) = reached {
                    let is_long = limit == Limit::ResultSize;
                    let what =
                        if is_long { "the result is" } else { "the search for the patch takes" }.to_owned();
                    evaluation.decision = Decision::Fail(Failure::OverLimit { what, limit });
                }
                Some(evaluation)
            })
            .collect();
        let verdict = match own_file(task, &evaluations, drafts).map_or_else(|| choose(&evaluations), Ok) {
            Ok(chosen) => enact(task, evaluations.swap_remove(chosen), drafts, tasks),
            Err(failure) => Verdict::bare(None, Decision::Fail(failure)),
        };
        verdicts.insert(task.index, verdict);
    }
    verdicts
}

/// The patch at `at` in a target, as it is known after the later ones.
fn evaluate_all(tasks: &[Task<'_>], at: usize, draft: &mut Draft) -> Evaluation {
    let chain = chain_of(tasks, at, draft.path());
    let mut evaluation = evaluate(&tasks[at], draft, chain);
    if may_be_beneath(tasks[at].patch, &evaluation) {
        evaluate_before_later(tasks, at, draft, &mut evaluation);
    }
    evaluation
}

/// A patch looked at in one of its targets; nothing is done yet.
struct Evaluation {
    path: String,
    decision: Decision,
    edits: Vec<Edit>,
    claims: Vec<Range<usize>>,
    later: Vec<usize>,
    line: Option<usize>,
    score: Option<f64>,
    warnings: Vec<String>,
    places: Vec<Place>,
    sites: Vec<Site>,
    standing: Standing,
    by_absence: bool,
}

/// Whether the patch may be in place though its effect was not found: it is nowhere, or what it looks for stands in its
/// own replacement, where a later patch can have parted the two.
fn may_be_beneath(patch: &Patch, evaluation: &Evaluation) -> bool {
    match (&evaluation.decision, &patch.action) {
        (Decision::Fail(Failure::NoMatch { .. }), _) => true,
        (Decision::Apply, Action::Text { query, edit: TextEdit::Replace { text } }) => {
            evaluation.score.is_none() && text.contains(&query.search)
        }
        _ => false,
    }
}

/// A patch whose effect is nowhere may be in place beneath what later patches made of it.
fn evaluate_before_later(tasks: &[Task<'_>], at: usize, draft: &Draft, evaluation: &mut Evaluation) {
    let task = &tasks[at];
    let (mut places, later) = places_before_later(tasks, at, draft);
    places.retain(|place| !draft.is_claimed(task.index, &place.span));
    if settle(task.patch.matches, 0, places.len()) != Settled::InPlace {
        return;
    }
    let own = match task.patch.matches {
        Matches::Exactly(wanted) => wanted,
        Matches::All => places.len(),
    };
    evaluation.claims = places.into_iter().take(own).map(|place| place.span).collect();
    evaluation.line = evaluation.claims.iter().map(|span| draft.line_as_read(span.start)).min();
    evaluation.later = later;
    evaluation.edits.clear();
    evaluation.decision = Decision::InPlace;
    // What a later patch took away may be what upstream made of it: where a commit has that, history tells.
    evaluation.standing = Standing::Within;
}

/// The target that the lock names, if its item is there to this day: what another one has is none of it.
fn own_file(
    task: &Task<'_>,
    evaluations: &[Evaluation],
    drafts: &mut BTreeMap<String, Draft>,
) -> Option<usize> {
    let [LockedMatch { file, item: Some(item), .. }] = task.terms.lock.matches() else { return None };
    if evaluations.len() < 2 {
        return None;
    }
    let at = evaluations.iter().position(|evaluation| evaluation.path == *file)?;
    let syntax = drafts.get_mut(file).filter(|draft| draft.is_rust())?.syntax();
    (!items::find(&syntax, &item.path).is_empty()).then_some(at)
}

/// The first target in which it is in place, else the one in which it applies. Too many matches in one target are
/// too many, whatever the others hold.
fn choose(evaluations: &[Evaluation]) -> Result<usize, Failure> {
    let position = |test: &dyn Fn(&Evaluation) -> bool| evaluations.iter().position(test);
    if let Some(at) = position(&|l| matches!(l.decision, Decision::InPlace) && !l.by_absence) {
        return Ok(at);
    }
    let is_final =
        |failure: &Failure| matches!(failure, Failure::Ambiguous { .. } | Failure::OverLimit { .. });
    if let Some(at) = position(&|l| matches!(&l.decision, Decision::Fail(failure) if is_final(failure))) {
        return Ok(at);
    }
    let applies: Vec<usize> =
        (0..evaluations.len()).filter(|at| matches!(evaluations[*at].decision, Decision::Apply)).collect();
    if applies.len() > 1 {
        let site = |at: &usize| Site {
            file: evaluations[*at].path.clone(),
            line: evaluations[*at].line.unwrap_or(1),
            text: None,
        };
        return Err(Failure::SeveralFiles { sites: applies.iter().map(site).collect() });
    }
    let no_match = |l: &Evaluation| matches!(l.decision, Decision::Fail(Failure::NoMatch { .. }));
    let nothing_near =
        |l: &Evaluation| matches!(l.decision, Decision::Fail(Failure::NoMatch { nearest: None, .. }));
    Ok(applies
        .first()
        .copied()
        .or_else(|| position(&|l| matches!(l.decision, Decision::InPlace | Decision::Skip(_))))
        .or_else(|| position(&|l| matches!(l.decision, Decision::Fail(_)) && !no_match(l)))
        .or_else(|| position(&|l| matches!(l.decision, Decision::Absent)))
        .or_else(|| position(&|l| !nothing_near(l)))
        .unwrap_or(0))
}

fn enact(
    task: &Task<'_>,
    evaluation: Evaluation,
    drafts: &mut BTreeMap<String, Draft>,
    tasks: &[Task<'_>],
) -> Verdict {
    let _note = at_work::note(Some(&task.patch.id), &evaluation.path);
    let mut decision = evaluation.decision;
    if let Some(draft) = drafts.get_mut(&evaluation.path) {
        match &decision {
            Decision::Apply => {
                let failure = match draft.step(task.index, evaluation.edits) {
                    Ok(()) => None,
                    Err(EditError::TooLong) => Some(Failure::OverLimit {
                        what: "the result is".to_owned(),
                        limit: Limit::ResultSize,
                    }),
                    Err(error) => Some(Failure::OwnOverlap { detail: error.to_string() }),
                };
                decision = failure.map_or(decision, Decision::Fail);
            }
            // What stays of its match is no effect, if an earlier patch of the run parted that.
            Decision::InPlace
                if removes(task.patch)
                    && let Some(overlap) = taken_away(task, draft, tasks) =>
            {
                decision = Decision::Fail(overlap);
            }
            Decision::InPlace => {
                for span in evaluation.claims {
                    draft.claim(task.index, span, &evaluation.later);
                }
            }
            Decision::Fail(Failure::NoMatch { .. }) => {
                if let Some(overlap) = taken_away(task, draft, tasks) {
                    decision = Decision::Fail(overlap);
                }
            }
            Decision::Absent if is_parted(task.patch, draft) => {
                if let Some(overlap) = taken_away(task, draft, tasks) {
                    decision = Decision::Fail(overlap);
                }
            }
            _ => {}
        }
    }
    Verdict {
        file: Some(evaluation.path),
        line: evaluation.line,
        decision,
        score: evaluation.score,
        warnings: evaluation.warnings,
        places: evaluation.places,
        standing: evaluation.standing,
        sites: evaluation.sites,
    }
}

fn evaluate(task: &Task<'_>, draft: &mut Draft, chain: Chain) -> Evaluation {
    let mut evaluation = Evaluation {
        path: draft.path().to_owned(),
        decision: Decision::InPlace,
        edits: Vec::new(),
        claims: Vec::new(),
        later: Vec::new(),
        line: None,
        score: None,
        warnings: Vec::new(),
        places: Vec::new(),
        sites: Vec::new(),
        standing: Standing::Told,
        by_absence: false,
    };
    match compute_edit_for_patch(task.patch, &task.terms, draft, &chain) {
        Ok(sites) => decide(task, draft, sites, &chain, &mut evaluation),
        Err(failure) => evaluation.decision = Decision::Fail(failure),
    }
    evaluation.later = chain.later;
    if let Decision::Fail(failure) = &evaluation.decision {
        evaluation.line = failure.line().or(evaluation.line);
    }
    evaluation
}

fn decide(task: &Task<'_>, draft: &mut Draft, mut sites: Sites, chain: &Chain, evaluation: &mut Evaluation) {
    let patch = task.patch;
    sites.present.retain(|place| !draft.is_claimed(task.index, &place.span));
    evaluation.score = sites.score;
    evaluation.line = first_line(draft, &sites);
    if patch.matches != Matches::Exactly(1) {
        evaluation.sites = places(draft, &sites, usize::MAX);
    }
    if let Some(span) = there_already(patch, &sites) {
        return other_content(task, draft, &span, evaluation);
    }
    evaluation.decision = match settle(patch.matches, sites.pending.len(), sites.present.len()) {
        Settled::Apply => match sites.pending.iter().find_map(|site| verify(patch, draft, site)) {
            Some(failure) => Decision::Fail(failure),
            None => {
                evaluation.warnings.extend(left_out(patch, draft, &sites));
                if task.terms.record == Record::Places {
                    evaluation.places = sites.pending.iter().map(|site| place(patch, draft, site)).collect();
                }
                let mut like = like_neighbours(draft, &sites.pending, &chain.insertions);
                like.extend(sites.elsewhere);
                let lines_at = |at: Vec<usize>| -> Vec<usize> {
                    at.into_iter().map(|at| draft.line_as_read(at)).collect()
                };
                let beside = lines_at(like_beside(draft, &sites.pending, &chain.insertions));
                let lines = lines_at(like);
                if !(lines.is_empty() && beside.is_empty()) {
                    evaluation.standing = Standing::Before { lines, beside };
                } else if has_other_anchor(patch, &task.terms, draft, &sites.pending) {
                    evaluation.standing = Standing::Doubtful;
                }
                evaluation.edits = sites.pending.into_iter().flat_map(|site| site.edits).collect();
                warn_of_tolerance(task.terms.strictness, draft, evaluation)
            }
        },
        Settled::InPlace => {
            // A result that the locked text contains stands where nothing was done, too.
            // Without an item it does not say where.
            let tells =
                |locked: &LockedMatch| locked.item.is_some() && !locked.text.contains(locked.result.trim());
            let locked = task.terms.lock.matches();
            if sites.score.is_none() {
                // What a hole stands for there may be another's.
                let is_result = |place: &Occurrence| {
                    place.how != Occurs::AsWritten
                        || patch.action.only_adds()
                        || locked
                            .iter()
                            .any(|known| same_tokens(&known.result, &draft.text()[place.span.clone()]))
                };
                let is_told =
                    !locked.is_empty() && locked.iter().all(tells) && sites.present.iter().all(is_result);
                evaluation.standing = standing(patch, draft, &sites.present, is_told);
            }
            evaluation.claims = own_places(patch, draft, &mut sites, &chain.functions);
            let first = evaluation.claims.iter().map(|span| span.start).min();
            evaluation.line = first.map(|offset| line_of(draft.text(), offset)).or(evaluation.line);
            evaluation.claims = sites.patch_lines.unwrap_or(std::mem::take(&mut evaluation.claims));
            Decision::InPlace
        }
        Settled::Ambiguous => Decision::Fail(ambiguous(patch, draft, &sites)),
        Settled::Missing => missing(task, draft, &sites, evaluation),
    };
}

/// As many places as the patch wants; where there are more, those in functions to which others are bound come last.
fn own_places(patch: &Patch, draft: &mut Draft, sites: &mut Sites, bound: &[String]) -> Vec<Range<usize>> {
    let own = match patch.matches {
        Matches::Exactly(wanted) => wanted,
        Matches::All => sites.present.len(),
    };
    if own < sites.present.len() && draft.is_rust() {
        let taken: Vec<Range<usize>> = bound.iter().flat_map(|name| functions(name, draft)).collect();
        sites.present.sort_by_key(|place| taken.iter().filter(|f| inside(&place.span, f)).count());
    }
    sites.present.iter().take(own).map(|place| place.span.clone()).collect()
}

fn warn_of_tolerance(strictness: Strictness, draft: &Draft, evaluation: &mut Evaluation) -> Decision {
    let Some(score) = evaluation.score else { return Decision::Apply };
    let line = evaluation.line.unwrap_or(1);
    let warning =
        format!("merged into changed text at {}:{line}, similarity {score:.2}", printable(draft.path()));
    if strictness == Strictness::Strict {
        let message = format!("{warning}; --strict accepts exact text only");
        return Decision::Fail(Failure::Tolerance { message, line });
    }
    evaluation.warnings.push(warning);
    Decision::Apply
}

/// What stands at a site, and what the patch makes of it.
fn place(patch: &Patch, draft: &mut Draft, site: &Pending) -> Place {
    let span = site.place();
    let (text, result) = (draft.text()[span.clone()].to_owned(), site.result(draft.text()));
    let item = draft.is_rust().then(|| items::enclosing(&draft.syntax(), site.span.clone()));
    let item = item.filter(|(path, _)| !path.is_empty());
    let item = item.map(|(path, span)| (path, draft.text()[span].to_owned()));
    // Other queries name their section.
    let is_text = matches!(patch.action, Action::Text { .. }) && draft.is_toml();
    let section = is_text.then(|| identity::section_at(draft.text(), &span)).flatten().map(str::to_owned);
    Place { file: draft.path().to_owned(), text, result, item, section }
}

fn first_line(draft: &Draft, sites: &Sites) -> Option<usize> {
    let first = sites.pending.iter().map(|site| site.span.start);
    let first = first.min().or_else(|| sites.present.iter().map(|place| place.span.start).min());
    first.map(|offset| draft.line_as_read(offset))
}

/// Every place where the patch would act, or is in place, by position.
fn places(draft: &Draft, sites: &Sites, most: usize) -> Vec<Site> {
    let mut offsets: Vec<usize> = sites.pending.iter().map(|site| site.span.start).collect();
    offsets.extend(sites.present.iter().map(|place| place.span.start));
    offsets.sort_unstable();
    offsets.into_iter().take(most).map(|offset| draft.site(offset)).collect()
}

/// What the patch says must not be there, or puts where something else is.
fn there_already(patch: &Patch, sites: &Sites) -> Option<Range<usize>> {
    let other = sites.other_content.clone();
    let replaces = |site: &&Pending| site.edits.iter().any(|edit| !edit.span().is_empty());
    other.or_else(|| {
        sites.pending.iter().filter(|_| patch.ensure_absent).find(replaces).map(|site| site.span.clone())
    })
}

fn other_content(task: &Task<'_>, draft: &mut Draft, span: &Range<usize>, evaluation: &mut Evaluation) {
    let patch = task.patch;
    let line = draft.line_as_read(span.start);
    evaluation.line = Some(line);
    evaluation.decision = if patch.ensure_absent && task.terms.strictness == Strictness::Lenient {
        let reason = conflict::already(&super::failure::describe(&patch.action), line);
        evaluation.warnings.push(reason.clone());
        Decision::Skip(reason)
    } else {
        Decision::Fail(conflict::other_content(patch, draft, span))
    };
}

fn missing(task: &Task<'_>, draft: &mut Draft, sites: &Sites, evaluation: &mut Evaluation) -> Decision {
    let patch = task.patch;
    let deletes = patch.action.only_deletes();
    if deletes && sites.absent && !patch.ensure_present {
        evaluation.by_absence = true;
        if !matches!(patch.action, Action::Toml { .. }) {
            // The lock tells that it went, not that it did not go elsewhere.
            evaluation.standing = Standing::Doubtful;
        }
        return Decision::InPlace;
    }
    if deletes {
        let looked_for = super::failure::describe(&patch.action);
        if patch.ensure_present || task.terms.strictness == Strictness::Strict {
            return Decision::Fail(Failure::NothingToDelete { looked_for });
        }
        let why = match &sites.seen {
            Some(seen) => format!("{}; {}", seen.sentence(), seen.advice()),
            None => "it was deleted before, or upstream changed it".to_owned(),
        };
        evaluation.warnings.push(format!("{looked_for} was not found: {why}"));
        let changed = || changed_instead(patch, draft, |_| true).map(|at| draft.line_as_read(at));
        let line = sites.seen.as_ref().and_then(Seen::stands_in).or_else(changed);
        if let Some(line) = line {
            evaluation.standing = Standing::Before { lines: vec![line], beside: Vec::new() };
        }
        return Decision::Absent;
    }
    let only_in_name = conflict::only_in_name(patch, draft);
    Decision::Fail(only_in_name.unwrap_or_else(|| no_match(patch, draft, sites.seen.clone())))
}

fn ambiguous(patch: &Patch, draft: &Draft, sites: &Sites) -> Failure {
    let found = sites.pending.len() + sites.present.len();
    Failure::Ambiguous { wanted: patch.matches, found, sites: places(draft, sites, SITES) }
}

/// Whether a patch replaces a text by a part of it.
fn removes(patch: &Patch) -> bool {
    match &patch.action {
        Action::Text { query, edit: TextEdit::Replace { text } } => only_removes(&query.search, text),
        _ => false,
    }
}

/// Whether every line that the patch is to delete stands in the text, though not one after the other.
fn is_parted(patch: &Patch, draft: &Draft) -> bool {
    let Action::Text { query, .. } = &patch.action else { return false };
    let lines: BTreeSet<&str> = draft.text().lines().map(str::trim).collect();
    query.search.lines().all(|line| lines.contains(line.trim()))
}

/// Whether the patch matches the target as it was read, and which earlier patch took that away.
fn taken_away(task: &Task<'_>, draft: &mut Draft, tasks: &[Task<'_>]) -> Option<Failure> {
    let matches_in = |mut then: Draft| {
        let sites = compute_edit_for_patch(task.patch, &task.terms, &mut then, &Chain::default()).ok()?;
        sites.pending.first().map(|site| line_of(then.text(), site.span.start))
    };
    draft.steps().first()?;
    let line = matches_in(draft.as_read(matches!(task.patch.action, Action::Rust { .. })))?;
    let (mut there, mut gone) = (0, draft.steps().len());
    while gone - there > 1 {
        let middle = usize::midpoint(there, gone);
        match matches_in(Draft::new(draft.path(), draft.source_after(middle))) {
            Some(_) => there = middle,
            None => gone = middle,
        }
    }
    let culprit = draft.steps()[there].patch;
    let by = tasks.iter().find(|other| other.index == culprit)?.patch.id.clone();
    Some(Failure::Overlap { by, line })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::plan;
    use super::super::tests::*;
    use super::*;
    use crate::patch::Matches;

    #[test]
    fn each_patch_sees_what_its_predecessors_left() {
        let cases = [
            ("one replaces", "a b", vec![text("a", replace("x"))], "apply 1", "x b"),
            ("it is in place", "x b", vec![text("a", replace("x"))], "in-place 1", "x b"),
            ("it is nowhere", "b", vec![text("a", replace("x"))], "no-match", "b"),
            ("it is there twice", "a a", vec![text("a", replace("x"))], "ambiguous 1", "a a"),
            ("all of two", "a a", vec![all(text("a", replace("x")))], "apply 1", "x x"),
            ("two of three", "a x a", vec![counted(3, text("a", replace("x")))], "apply 1", "x x x"),
            ("a delete that finds nothing", "b", vec![text("a", delete())], "absent", "b"),
            (
                "the second matches what the first put in",
                "a\nb",
                vec![text("a", replace("c")), text("c", replace("d"))],
                "apply 1, apply 1",
                "d\nb",
            ),
            (
                "the second matches what the first took away",
                "a\nb",
                vec![text("a", replace("c")), text("a\nb", replace("d"))],
                "apply 1, overlap",
                "c\nb",
            ),
            (
                "the first parts what the second takes a part of",
                "a\nb\nc",
                vec![text("a\nb\n", replace("a\nx\nb\n")), text("a\nb\nc", replace("a\n"))],
                "apply 1, overlap",
                "a\nx\nb\nc",
            ),
            (
                "lines are those of the file as read",
                "a\nb",
                vec![text("a", replace("1\n2\n3")), text("b", replace("c"))],
                "apply 1, apply 2",
                "1\n2\n3\nc",
            ),
            (
                "one failure does not keep the others",
                "a\nb",
                vec![text("z", replace("y")), text("b", replace("c"))],
                "no-match, apply 2",
                "a\nc",
            ),
        ];
        for (name, text, set, decided, result) in cases {
            assert_eq!(planned("a.txt", text, set), (decided.to_owned(), result.to_owned()), "{name}");
        }
    }

    fn counted(wanted: usize, patch: Patch) -> Patch {
        Patch { matches: Matches::Exactly(wanted), ..patch }
    }

    #[test]
    fn of_several_files_one_is_chosen() {
        let cases = [
            ("the one in which it applies", ["b", "a"], "apply 1", ["b", "x"]),
            (
                "the one in which it is in place, though it applies in the other",
                ["a", "x"],
                "in-place 1",
                ["a", "x"],
            ),
            ("not both", ["a", "a"], "ambiguous", ["a", "a"]),
            ("too many in one are too many", ["a", "a a"], "ambiguous 1", ["a", "a a"]),
            ("none", ["b", "c"], "no-match", ["b", "c"]),
        ];
        for (name, texts, decided, results) in cases {
            let files = ["a.txt", "b.txt"];
            let patch = Patch { files: files.map(str::to_owned).into(), ..text("a", replace("x")) };
            let drafts: BTreeMap<_, _> =
                files.iter().zip(texts).map(|(path, text)| ((*path).to_owned(), draft(path, text))).collect();
            let set = named(vec![patch]);
            let plan = plan(&tasks(&set), drafts);
            assert_eq!(decisions(&plan), decided, "{name}");
            assert_eq!(files.map(|path| plan.drafts[path].text()), results, "{name}");
        }
    }
}
