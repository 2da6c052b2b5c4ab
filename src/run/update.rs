//! Patches that needed tolerance, made exact again: planned under tolerance, written anew, and planned strictly once more.
//!
//! What is written is proposed, not trusted: a proposal stands only if strict planning then gives, byte for byte, what
//! tolerant planning gave.

use std::collections::{BTreeMap, BTreeSet};

use super::lock::Rewritten;
use super::{Mode, Options, Planned, Progress, Run, RunError, check_ids};
use crate::config::loader::{self, RawFile};
use crate::config::rewrite::{Change, Field, RewriteError, rewrite};
use crate::config::schema;
use crate::drift::trail::Definition;
use crate::outcome::{Report, Status};
use crate::patch::{Action, Drift, LockState, Patch, PatchFile, RustQuery, TextEdit};
use crate::plan::Decision;
use crate::plan::failure::Failure;
use crate::rust::items;
use crate::rust::syntax::Syntax;
use crate::workspace::Workspace;

/// Plans `files` with all tolerance, and writes anew those patches that needed it.
///
/// # Errors
/// [`RunError`]; what cannot be written anew is in the report.
pub fn update_patches(
    workspace: &Workspace,
    files: &[PatchFile],
    options: &Options,
    progress: Progress<'_>,
) -> Result<(Report, Vec<Rewritten>), RunError> {
    let patches: Vec<&Patch> = files.iter().flat_map(|file| &file.patches).collect();
    check_ids(&options.selection, &patches)?;
    let options =
        Options { mode: Mode::Report, drift: Drift::Move, keep_going: true, record: true, ..options.clone() };
    let mut run = Run::begin(workspace, patches.clone(), super::locks_of(files), &options)?;
    run.planned_as_wanted(progress)?;
    let drafts = Drafts::read(files)?;
    let mut proposals: BTreeMap<usize, Vec<Vec<Change>>> = BTreeMap::new();
    for (index, patch) in patches.iter().enumerate() {
        if let Some(definition) = run.definition_today(index) {
            let item = run.item_today(index, &definition);
            proposals.insert(index, proposals_of(patch, &definition, item.as_ref(), workspace));
        } else if let Some(path) = run.moved_to(index) {
            proposals.insert(index, vec![moved(patch, &path, workspace).into_iter().collect()]);
        }
    }
    let strict = Options { drift: Drift::Off, ..options.clone() };
    let mut given_up: BTreeMap<usize, String> = BTreeMap::new();
    loop {
        for index in drafts.refused(&proposals, &patches) {
            advance(&mut proposals, &mut given_up, index);
        }
        let written = drafts.written(files, &proposals, &patches);
        let now: Vec<&Patch> = written.iter().flat_map(|file| &file.patches).collect();
        let mut again = Run::begin(workspace, now, super::locks_of(&written), &strict)?;
        again.planned_as_wanted(&|_, _| {})?;
        let bad = differing(&run, &again, &proposals);
        if bad.is_empty() {
            let mut rewritten = drafts.changed(&proposals, &patches);
            let known = |index: &usize| !matches!(run.locks[*index], LockState::None);
            let relocked: BTreeSet<usize> = proposals.keys().copied().filter(known).collect();
            rewritten.extend(again.lock_files(&written, &relocked)?);
            run.conclude(&proposals, given_up);
            return Ok((run.report(), rewritten));
        }
        for index in bad {
            advance(&mut proposals, &mut given_up, index);
        }
    }
}

/// The next proposal for a patch, if there is one.
fn advance(
    proposals: &mut BTreeMap<usize, Vec<Vec<Change>>>,
    given_up: &mut BTreeMap<usize, String>,
    index: usize,
) {
    if let Some(left) = proposals.get_mut(&index) {
        left.remove(0);
        if left.is_empty() {
            proposals.remove(&index);
            given_up.insert(index, "no exact query was found for it".to_owned());
        }
    }
}

/// Patches that do not do now, strictly, what they did under tolerance.
fn differing(
    tolerant: &Run<'_>,
    strict: &Run<'_>,
    proposals: &BTreeMap<usize, Vec<Vec<Change>>>,
) -> Vec<usize> {
    let content = |planned: Option<&Planned>| planned.map(|file| file.after.clone());
    let bad = |index: &usize| {
        let verdict = &strict.verdicts[index];
        let done = matches!(verdict.decision, Decision::Apply | Decision::InPlace);
        let file = verdict.file.as_deref().unwrap_or_default();
        !done || content(tolerant.planned.get(file)) != content(strict.planned.get(file))
    };
    proposals.keys().copied().filter(bad).collect()
}

impl Run<'_> {
    fn planned_as_wanted(&mut self, progress: Progress<'_>) -> Result<(), RunError> {
        self.select()?;
        self.find_version(true)?;
        self.target();
        self.plan(progress);
        self.follow();
        Ok(())
    }

    /// The patch as a text and what becomes of it, where it stands today only under tolerance.
    fn definition_today(&self, index: usize) -> Option<Definition> {
        let verdict = self.verdicts.get(&index)?;
        if !matches!(verdict.decision, Decision::Apply | Decision::InPlace) {
            return None;
        }
        match (&self.followed.get(&index)?.today, verdict.places.as_slice()) {
            (Some(definition), _) => Some(definition.clone()),
            (None, [place]) if verdict.score.is_some() => Some(Definition {
                path: place.file.clone(),
                search: place.text.clone(),
                text: place.result.clone(),
            }),
            _ => None,
        }
    }

    /// The file in which the patch has its place as it is written.
    fn moved_to(&self, index: usize) -> Option<String> {
        let verdict = self.verdicts.get(&index)?;
        let is_there = matches!(verdict.decision, Decision::Apply | Decision::InPlace);
        self.followed.get(&index)?.moved_from.as_ref().filter(|_| is_there)?;
        verdict.file.clone()
    }

    /// The item that a patch changes as a whole, where its lock remembers one and what was followed is a part of it.
    fn item_today(&self, index: usize, definition: &Definition) -> Option<Item> {
        let [memory] = self.locks[index].matches() else { return None };
        let before =
            String::from_utf8_lossy(&self.planned.get(&definition.path)?.before).replace("\r\n", "\n");
        let at = before.find(&definition.search)?;
        let (old, new) = (definition.search.as_str(), definition.text.as_str());
        let same = |(a, b): &(&str, &str)| a == b;
        let length = |(line, _): (&str, &str)| line.len();
        let lines = || old.split_inclusive('\n').zip(new.split_inclusive('\n'));
        let head: usize = lines().take_while(same).map(length).sum();
        let ends = old[head..].split_inclusive('\n').rev().zip(new[head..].split_inclusive('\n').rev());
        let tail: usize = ends.take_while(same).map(length).sum();
        let changed = at + head..at + old.len() - tail;
        let syntax = Syntax::parse(&before);
        let (path, range) = items::enclosing(&syntax, changed.clone());
        let name = path.last()?.name.clone();
        let start = range.start + before[range.clone()].find(items::signature(&syntax, &range))?;
        let (above, below) = (before.get(start..changed.start)?, before.get(changed.end..range.end)?);
        let text = [above, &new[head..new.len() - tail], below].concat();
        let was = memory.item.as_ref().and_then(|item| item.path.name()).unwrap_or_default().to_owned();
        Some(Item { search: before[start..range.end].to_owned(), text, was, name })
    }

    /// Says of each patch what became of it.
    fn conclude(&mut self, proposals: &BTreeMap<usize, Vec<Vec<Change>>>, given_up: BTreeMap<usize, String>) {
        for (index, verdict) in &mut self.verdicts {
            if proposals.contains_key(index) {
                verdict.decision = Decision::Apply;
                self.settled.insert(*index, Status::Updated);
            } else if let Some(why) = given_up.get(index) {
                verdict.decision = Decision::Fail(Failure::NotUpdated { why: why.clone() });
            } else if matches!(verdict.decision, Decision::Apply) {
                verdict.decision = Decision::Skip("exact as it is".to_owned());
            }
        }
        self.planned.clear();
    }
}

/// An item as it is today.
struct Item {
    search: String,
    /// What the patch makes of it.
    text: String,
    /// Its name when it was locked.
    was: String,
    name: String,
}

/// The change of `file` to the one where the patch has its place today.
fn moved(patch: &Patch, path: &str, workspace: &Workspace) -> Option<Change> {
    (!patch.files.iter().any(|file| file == path)).then(|| Change {
        id: patch.id.clone(),
        field: Field::File(patch.files[0].clone()),
        value: Some(if patch.workspace_relative {
            path.to_owned()
        } else {
            workspace.root().join(path).to_string_lossy().into_owned()
        }),
    })
}

/// How the patch may be written, the best first.
fn proposals_of(
    patch: &Patch,
    definition: &Definition,
    item: Option<&Item>,
    workspace: &Workspace,
) -> Vec<Vec<Change>> {
    let set = |field: &str, value: &str| Change {
        id: patch.id.clone(),
        field: Field::key(field),
        value: Some(value.to_owned()),
    };
    let unset = |field: &str| Change { id: patch.id.clone(), field: Field::key(field), value: None };
    let moved = moved(patch, &definition.path, workspace);
    let with_file = |changes: Vec<Change>| moved.iter().cloned().chain(changes).collect::<Vec<Change>>();
    let (search, text) = (definition.search.as_str(), definition.text.as_str());
    let mut ways: Vec<Vec<Change>> = Vec::new();
    let replacing = |mut changes: Vec<Change>| {
        match patch.action.edit() {
            Some(TextEdit::Replace { .. }) => {}
            Some(TextEdit::Delete { insert_comment: Some(_) }) => {
                changes.extend([unset("operation.insert_comment"), set("operation.type", "replace")]);
            }
            _ => changes.push(set("operation.type", "replace")),
        }
        changes.push(set("operation.text", text));
        changes
    };
    if let Action::Text { edit, .. } = &patch.action {
        let search_now = set("query.search", search);
        match edit {
            TextEdit::Delete { insert_comment } if insert_comment.as_deref().unwrap_or_default() == text => {
                ways.push(vec![search_now.clone()]);
            }
            TextEdit::InsertAfter { .. } => ways.extend(
                text.strip_prefix(search).map(|new| vec![search_now.clone(), set("operation.text", new)]),
            ),
            TextEdit::InsertBefore { .. } => ways.extend(
                text.strip_suffix(search).map(|new| vec![search_now.clone(), set("operation.text", new)]),
            ),
            _ => {}
        }
        if !text.is_empty() {
            ways.push(replacing(vec![search_now]));
        }
        return ways.into_iter().map(with_file).collect();
    }
    // The query as it is, or with the name or the signature of today, and the text that was merged.
    let structural = matches!(patch.action, Action::Rust { query: RustQuery::AstGrep(_), .. });
    let wholes =
        item.map(|item| (item.search.as_str(), item.text.as_str())).into_iter().chain([(search, text)]);
    for (search, text) in wholes {
        let literal = text.contains('$').then(|| set("operation.captures", "off"));
        let signature = signature_of(search).filter(|_| structural);
        let named = item.and_then(|item| renamed(&patch.action, item));
        let patterns = std::iter::once(None).chain(named.map(Some)).chain(signature.map(Some));
        for pattern in patterns {
            let pattern = pattern.map(|pattern| set("query.pattern", &pattern));
            for (text, keep) in [(flush(text), false), (text.to_owned(), true)] {
                let mut changes: Vec<Change> = pattern.iter().cloned().collect();
                changes.push(set("operation.text", &text));
                changes.extend(literal.clone().filter(|_| structural));
                changes.extend(keep.then(|| set("operation.indent", "keep")));
                if matches!(patch.action.edit(), Some(TextEdit::Replace { .. })) {
                    ways.push(changes);
                }
            }
        }
    }
    // What no query of its kind finds any more, a text finds.
    let mut as_text = vec![set("query.type", "text"), set("query.search", search)];
    as_text.extend(["query.pattern", "query.context", "query.selector"].map(unset));
    as_text.extend(["operation.captures", "operation.indent", "operation.attributes"].map(unset));
    ways.push(replacing(as_text));
    ways.into_iter().map(with_file).collect()
}

/// The shorthand with the name that its item has today.
fn renamed(action: &Action, item: &Item) -> Option<String> {
    let Action::Rust { query: RustQuery::TreeSitter(query), .. } = action else { return None };
    let source = query.shorthand().map(|_| query.source().trim())?;
    let rest =
        source.strip_suffix(item.was.as_str()).filter(|_| item.was != item.name && !item.was.is_empty())?;
    Some(format!("{rest}{}", item.name))
}

/// A pattern of the item with any body.
fn signature_of(item: &str) -> Option<String> {
    let syntax = Syntax::parse(item);
    let (_, range) = items::all(&syntax).into_iter().next()?;
    let signature = items::signature(&syntax, &range).trim_end();
    item[range].trim_end().ends_with('}').then(|| format!("{signature} {{ $$$BODY }}"))
}

/// A text that begins in the middle of a line, without the indentation that its other lines share.
fn flush(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let cut = |(at, line): (usize, &str)| match at {
        0 => line.to_owned(),
        _ => line.get(least..).unwrap_or(line.trim_start_matches(' ')).to_owned(),
    };
    text.split_inclusive('\n').enumerate().map(cut).collect()
}

/// The patch files as they are.
struct Drafts(Vec<RawFile>);

impl Drafts {
    fn read(files: &[PatchFile]) -> Result<Self, RunError> {
        Ok(Self(files.iter().map(loader::read_raw).collect::<Result<_, _>>()?))
    }

    /// The file at `at` with the proposals for its patches; the index of the first that cannot be written.
    fn text(
        &self,
        at: usize,
        proposals: &BTreeMap<usize, Vec<Vec<Change>>>,
        patches: &[&Patch],
    ) -> Result<String, usize> {
        let RawFile { shown, bytes, .. } = &self.0[at];
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for (index, ways) in proposals.iter().filter(|(index, _)| *patches[**index].origin.file == **shown) {
            for change in &ways[0] {
                text = match rewrite(&text, std::slice::from_ref(change)) {
                    Ok(text) => text,
                    // What is not there need not be taken away.
                    Err(RewriteError::Field { .. }) if change.value.is_none() => text,
                    Err(_) => return Err(*index),
                };
            }
        }
        Ok(text)
    }

    fn refused(&self, proposals: &BTreeMap<usize, Vec<Vec<Change>>>, patches: &[&Patch]) -> Vec<usize> {
        (0..self.0.len()).filter_map(|at| self.text(at, proposals, patches).err()).collect()
    }

    /// The patch files as they would be, with what is remembered of them.
    fn written(
        &self,
        files: &[PatchFile],
        proposals: &BTreeMap<usize, Vec<Vec<Change>>>,
        patches: &[&Patch],
    ) -> Vec<PatchFile> {
        let parsed = |(at, file): (usize, &PatchFile)| {
            let text = self.text(at, proposals, patches).ok()?;
            schema::parse(&file.path, &file.name, &text).0
        };
        files
            .iter()
            .enumerate()
            .map(|(at, file)| parsed((at, file)).unwrap_or_else(|| file.clone()))
            .collect()
    }

    fn changed(&self, proposals: &BTreeMap<usize, Vec<Vec<Change>>>, patches: &[&Patch]) -> Vec<Rewritten> {
        let rewritten = |at: usize| {
            let RawFile { shown, path, bytes } = &self.0[at];
            let after = self.text(at, proposals, patches).ok()?.into_bytes();
            (after != *bytes).then(|| Rewritten {
                shown: shown.clone(),
                path: path.clone(),
                before: Some(bytes.clone()),
                after,
            })
        };
        (0..self.0.len()).filter_map(rewritten).collect()
    }
}
