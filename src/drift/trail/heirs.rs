//! Where a commit put the item of what it took from a file, or lines of that: then it is not gone, though its code is another one
//! there.

use std::collections::HashSet;
use std::ops::Range;

use super::tracked::{TrackedLines, added, count_of, moving_lines, path_at};
use super::{Commit, Definition, End, FileChange, History, follow_beyond};
use crate::identity::{self, Language};
use crate::rust::items::{self, ItemPath};
use crate::rust::kinds::ItemKind;
use crate::rust::own_words::{KEYWORDS, has_number, is_own};
use crate::rust::syntax::Syntax;
use crate::text::hunks::{line_hunks, only_removes};
use crate::text::lines::{bytes_of, line_of, line_start, next_line};
use crate::text::words::words;

/// A place after a commit: a path and half-open lines, from zero.
type Lines = (String, Range<usize>);

/// The item of a change.
enum Own {
    /// The change takes it away.
    Taken(ItemPath),
    /// It holds the change, or follows the change's first line.
    Holder(ItemPath),
}

/// Where a commit put the items of what it took away, or those lines: paths and one-based lines after it, one for each item, and
/// for each run of lines.
pub(crate) fn heirs(definition: &Definition, before: &str, changes: &[FileChange]) -> Vec<(String, usize)> {
    let heirs = heirs_of(definition, before, changes, |_| true);
    let mut sites = first_lines(&heirs);
    let is_in = |path: &str, line: usize| {
        heirs.iter().any(|(heir, lines)| heir == path && lines.contains(&(line - 1)))
    };
    let elsewhere = put_elsewhere(definition, changes);
    sites.extend(elsewhere.into_iter().filter(|(path, line)| !is_in(path, *line)));
    sites
}

/// As [`heirs`], of the items that the change itself takes away.
pub(super) fn taken_to(
    definition: &Definition,
    before: &str,
    changes: &[FileChange],
) -> Vec<(String, usize)> {
    first_lines(&heirs_of(definition, before, changes, |own| matches!(own, Own::Taken(_))))
}

fn first_lines(heirs: &[Lines]) -> Vec<(String, usize)> {
    heirs.iter().map(|(path, lines)| (path.clone(), lines.start + 1)).collect()
}

fn heirs_of(
    definition: &Definition,
    before: &str,
    changes: &[FileChange],
    which: impl Fn(&Own) -> bool,
) -> Vec<Lines> {
    let at = before.find(&definition.search).filter(|_| is_rust(&definition.path));
    let Some(at) = at else { return Vec::new() };
    let place = TrackedLines::of(definition, before, at..at + definition.search.len());
    let mut own = own_items(&place, before);
    own.retain(which);
    own.iter().flat_map(|own| item_heirs(own, &place, (&definition.path, before), changes)).collect()
}

/// Where a commit added lines that a patch changes or takes away, as paths and one-based lines: the first of those that stand in one
/// item, no further from each other than they were.
pub(super) fn put_elsewhere(definition: &Definition, changes: &[FileChange]) -> Vec<(String, usize)> {
    let Definition { path, search, text } = definition;
    let language = Language::of(path);
    if language == Language::Toml {
        return Vec::new();
    }
    let mut gone = moving_lines(search, text);
    gone.retain(|line| !identity::is_of_the_file(line, language));
    let mut sites = Vec::new();
    for change in changes.iter().filter(|_| !gone.is_empty()) {
        let Some((path, after)) = &change.new else { continue };
        if !gone.iter().any(|line| after.contains(line)) {
            continue;
        }
        let added = added(change.old.as_ref().map_or("", |(_, text)| text), after);
        let lines = after.lines().zip(added).enumerate();
        let is_one = |(line, is_added): (&str, bool)| is_added && gone.contains(&line.trim());
        let mut found: Vec<usize> = lines.filter(|(_, line)| is_one(*line)).map(|(at, _)| at).collect();
        let (item, reach) =
            (|at: usize| is_rust(path).then(|| path_at(after, &(at..at + 1))), search.lines().count());
        found.dedup_by(|at, last| *at - *last <= reach && item(*at) == item(*last));
        sites.extend(found.into_iter().map(|at| (path.clone(), at + 1)));
    }
    sites
}

/// The end of a trail with the commits `seen`, of which the last one put what it took away to `sites`: where that is today, or that it
/// is gone. What is followed from there meets none of these commits again.
pub(super) fn left_today(
    definition: &Definition,
    commit: Commit,
    sites: Vec<(String, usize)>,
    history: &dyn History,
    seen: &[Commit],
) -> End {
    let gone = moving_lines(&definition.search, &definition.text);
    let mut today: Vec<(String, usize)> = Vec::new();
    for (path, line) in sites {
        let place = history.text(&commit.id, &path).and_then(|after| {
            let lines = bytes_of(&after, &(line - 1..line));
            let is_line =
                gone.contains(&after[lines.clone()].trim()) || Language::of(&path) != Language::Rust;
            let item = || items::enclosing(&Syntax::parse(&after), lines.clone()).1;
            let span = if is_line {
                lines.clone()
            } else {
                line_start(&after, item().start)..next_line(&after, item().end.saturating_sub(1))
            };
            Some(Definition { path: path.clone(), search: after.get(span)?.to_owned(), text: String::new() })
        });
        match place.map(|place| follow_beyond(place, history, &mut seen.to_vec()).end) {
            Some(End::Gone(_) | End::Upstream(..)) => {}
            Some(End::Several(_, sites)) => today.extend(sites),
            Some(End::Today(place)) => {
                let text = history.today(&place.path).filter(|_| place.path != path);
                let line_today = text.and_then(|text| Some(line_of(&text, text.find(&place.search)?)));
                today.push((place.path, line_today.unwrap_or(line)));
            }
            Some(End::Conflict { path, line, .. }) => today.push((path, line)),
            Some(End::Unknown) | None => today.push((path, line)),
        }
    }
    let mut known = HashSet::new();
    today.retain(|site| known.insert(site.clone()));
    if today.is_empty() { End::Gone(commit) } else { End::Several(commit, today) }
}

fn is_rust(path: &str) -> bool {
    Language::of(path) == Language::Rust
}

/// The items of a change of `origin`: those that it takes away, but for modules, of which it is what they hold; where it takes none,
/// the one around its first line.
fn own_items(place: &TrackedLines, origin: &str) -> Vec<Own> {
    let lines = bytes_of(origin, &place.lines);
    let made = [&origin[..lines.start], &place.theirs, &origin[lines.end..]].concat();
    let (then, now) = (items::all(&Syntax::parse(origin)), items::all(&Syntax::parse(&made)));
    let count = |all: &[(ItemPath, Range<usize>)], path: &ItemPath| {
        all.iter().filter(|(other, _)| other == path).count()
    };
    let is_taken = |path: &ItemPath| count(&now, path) < count(&then, path);
    let mut taken: Vec<(ItemPath, Range<usize>)> = Vec::new();
    for (path, span) in &then {
        let is_whole = taken.iter().any(|(_, outer)| outer.start <= span.start && span.end <= outer.end);
        if !is_whole && !is_module(path) && is_taken(path) {
            taken.push((path.clone(), span.clone()));
        }
    }
    if !taken.is_empty() {
        return taken.into_iter().map(|(path, _)| Own::Taken(path)).collect();
    }
    let Some(first) = line_hunks(&place.base, &place.theirs).into_iter().next() else { return Vec::new() };
    let first = if first.old.is_empty() { first.old.start.saturating_sub(1) } else { first.old.start };
    let line = place.lines.start + first;
    let holder = path_at(origin, &(line..line + 1));
    if holder.is_empty() || is_module(&holder) { Vec::new() } else { vec![Own::Holder(holder)] }
}

fn is_module(path: &ItemPath) -> bool {
    path.last().is_some_and(|item| item.kind == ItemKind::Mod)
}

/// Where a commit put an item of `origin`, the text of `from`. What it only holds is where it is if `from` has it no more, and there
/// is something of what goes.
fn item_heirs(
    own: &Own,
    place: &TrackedLines,
    (from, origin): (&str, &str),
    changes: &[FileChange],
) -> Vec<Lines> {
    let (Own::Taken(item) | Own::Holder(item)) = own;
    let in_text = |text: &str| -> Vec<Range<usize>> {
        let Some(last) = item.last().filter(|last| text.contains(last.name.as_str())) else {
            return Vec::new();
        };
        let named = items::named(&Syntax::parse(text), last.kind, &last.name);
        named.into_iter().filter(|(path, _)| path.is_same_item(item)).map(|(_, span)| span).collect()
    };
    let mut heirs = Vec::new();
    for change in changes {
        let Some((path, after)) = change.new.as_ref().filter(|(path, _)| is_rust(path)) else { continue };
        let is_own = change.old.as_ref().is_some_and(|(old, _)| old == from);
        let before = if is_own { origin } else { change.old.as_ref().map_or("", |(_, text)| text) };
        let (then, mut now) = (in_text(before), in_text(after));
        match own {
            Own::Holder(_) if is_own && !now.is_empty() => return Vec::new(),
            Own::Holder(_) if !then.is_empty() => continue,
            Own::Holder(_) => now.retain(|span| has_what_goes(place, &after[span.clone()])),
            // Of twins one may have gone.
            Own::Taken(_) if now.len() < then.len() || !is_own && now.len() == then.len() => continue,
            Own::Taken(_) => {
                now.retain(|span| then.iter().all(|old| before[old.clone()] != after[span.clone()]))
            }
        }
        let lines = |span: Range<usize>| line_of(after, span.start) - 1..line_of(after, span.end);
        heirs.extend(now.into_iter().map(|span| (path.clone(), lines(span))));
    }
    heirs
}

/// Whether an item may have, in another form, what a change takes away: a name of somebody's own of that, or where it has none, all of
/// its names. A change that puts something in takes nothing away.
fn has_what_goes(place: &TrackedLines, item: &str) -> bool {
    let TrackedLines { base, theirs, .. } = place;
    if !only_removes(base, theirs) {
        return true;
    }
    let is_gone = |line: &&str| count_of(line.trim(), theirs) < count_of(line.trim(), base);
    let says = |word: &&str| word.starts_with(char::is_alphabetic) && !KEYWORDS.contains(word);
    let names: Vec<&str> = base.lines().filter(is_gone).flat_map(words).filter(says).collect();
    let there: Vec<&str> = words(item).collect();
    let own: Vec<&str> = names.iter().copied().filter(|word| is_own(word) || has_number(word)).collect();
    match own.is_empty() {
        true => names.iter().all(|word| there.contains(word)),
        false => own.iter().any(|word| there.contains(word)),
    }
}
