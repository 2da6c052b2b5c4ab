//! What stands where an insertion is about to be made and may be that insertion, with the text that it had before.
//!
//! A text that was edited after it was applied stands beside the place, and looks like the new one. How like it must be depends
//! on who answers for it: a line that a commit has may be one of a list that upstream keeps, so it must begin as the text does, or
//! share a word of somebody's own. A line right at the place is the text of before on half of its words if no commit has it. That
//! is asked outside of this room.

use std::collections::BTreeSet;
use std::ops::Range;

use memchr::memmem;

use super::draft::Draft;
use super::sites::{ItemPath, Pending, added};
use super::standing::{begins_alike, behind_comments, is_keyword, is_reworded, lines_of_block};
use crate::drift::similar::similarity;
use crate::drift::trail::count_of;
use crate::edit::Edit;
use crate::identity::{self, Language};
use crate::rust::items;
use crate::rust::own_words::is_own;
use crate::text::lines::{line_end, line_start, lines_above, lines_below, lines_beside, trimmed};
use crate::text::words::{is_word, words};

/// What an insertion became is at least so like it.
const LIKE: f64 = 0.75;
/// So many items may be like it.
const MANY: usize = 8;

/// Where something stands that begins as what is about to be put in beside it, or defines an item of the same name that is
/// somebody's own: it may be the insertion of before, with another text. `others` are the insertions of other patches.
pub(super) fn like_neighbours(draft: &mut Draft, pending: &[Pending], others: &[String]) -> Vec<usize> {
    let edits = pending.iter().flat_map(|site| &site.edits);
    let mut like: Vec<usize> =
        edits.flat_map(|edit| neighbours_like(draft, edit, others).unwrap_or_default()).collect();
    like.sort_unstable();
    like.dedup();
    like
}

/// Where something stands among the lines that are right at what is about to be put in, the insertions of `others` aside, that has
/// half of its words, or of those of its first line, or is any line of it: it may be the insertion of before, if no commit has it.
pub(super) fn like_beside(draft: &Draft, pending: &[Pending], others: &[String]) -> Vec<usize> {
    let found = pending.iter().flat_map(|site| beside_like(draft, site, others).unwrap_or_default());
    found.collect::<BTreeSet<usize>>().into_iter().collect()
}

fn beside_like(draft: &Draft, site: &Pending, others: &[String]) -> Option<Vec<usize>> {
    let text = draft.text();
    let [edit] = site.edits.as_slice() else { return None };
    let Some((at, put)) = put_in(text, edit) else { return Some(doubled_by(text, edit)) };
    let (inserted, language) = (put.trim(), Language::of(draft.path()));
    if identity::is_use(inserted, language) {
        return None;
    }
    let is_block = put.starts_with('\n') || put.ends_with("\n\n");
    let count = inserted.lines().count();
    let firsts = [inserted, behind_comments(inserted).trim_start()].map(|text| text.lines().next());
    let line = |line: &Range<usize>| text[line.clone()].trim();
    let is_said = |one: &Range<usize>| !line(one).is_empty();
    let is_beside = |line: &Range<usize>| site.span.end <= line.start || line.end <= site.span.start;
    let is_own = |one: &Range<usize>| !others.iter().any(|other| count_of(line(one), other) > 0);
    let run_of = |lines: &mut dyn Iterator<Item = Range<usize>>| -> Vec<Range<usize>> {
        let run = lines.skip_while(|line| !is_said(line));
        let run = run.take_while(|line| is_beside(line) && (is_block || is_said(line)));
        run.filter(|line| is_said(line) && is_own(line)).collect()
    };
    let names_of = |text| identity::names(text, language).first().map(|name| (name.what, name.name));
    let is_other = |one, other| {
        let names = [one, other].map(names_of);
        names.iter().all(Option::is_some) && names[0] != names[1]
    };
    // Any line of it, which the edit moved into a block or behind another one.
    let says_it = |one: &str| {
        count_of(one, inserted) > 0
            && words(one).any(|word| word.starts_with(char::is_alphabetic) && !is_keyword(word))
    };
    // The same under another name.
    let is_renamed = |one: &str| {
        let said = words(one).filter(|word| !is_keyword(word)).count();
        count == 1 && said > 2 && identity::is_same_but_for_names(one, inserted, language)
    };
    let is_like = |one: &Range<usize>| {
        says_it(line(one))
            || is_renamed(line(one))
            || firsts
                .iter()
                .flatten()
                .any(|first| !is_other(line(one), first) && share_half(line(one), first))
    };
    let is_like_as_a_whole = |run: &[Range<usize>]| {
        let whole = run.iter().map(line).collect::<Vec<&str>>().join("\n");
        !is_other(line(&run[0]), inserted) && share_half(&whole, inserted)
    };
    let like_among = |run: Vec<Range<usize>>| {
        let whole = run.get(..count).filter(|run| count > 1 && is_like_as_a_whole(run));
        let first = whole.map(|run| run[0].start);
        let like: Vec<usize> = run.iter().filter(|line| is_like(line)).map(|line| line.start).collect();
        like.into_iter().chain(first)
    };
    let [above, below] = [run_of(&mut lines_above(text, at)), run_of(&mut lines_below(text, at))];
    Some(like_among(above).chain(like_among(below)).collect())
}

/// Where all that a replacement puts in stands already, right above or below what it replaces: it may have been an insertion before.
fn doubled_by(text: &str, edit: &Edit) -> Vec<usize> {
    let said = |text: &str| text.trim().lines().map(|line| line.trim().to_owned()).collect::<Vec<String>>();
    let (span, wanted) = (trimmed(text, &edit.span()), said(edit.text()));
    if !edit.text().contains(is_word) {
        return Vec::new();
    }
    let above: Vec<Range<usize>> =
        lines_above(text, line_start(text, span.start)).take(wanted.len()).collect();
    let below: Vec<Range<usize>> = lines_below(text, line_end(text, span.end)).take(wanted.len()).collect();
    let blocks = [above.last().zip(above.first()), below.first().zip(below.last())];
    let is_it = |(first, last): &(&Range<usize>, &Range<usize>)| said(&text[first.start..last.end]) == wanted;
    blocks.into_iter().flatten().filter(is_it).map(|(first, _)| first.start).collect()
}

/// Whether two texts share half of the words of the longer one, of which one is none of the language.
fn share_half(one: &str, other: &str) -> bool {
    let (mut ones, others) = (words(one).collect::<Vec<&str>>(), words(other).collect::<Vec<&str>>());
    let all = ones.len().max(others.len());
    let take = |word: &&str| Some(ones.swap_remove(ones.iter().position(|one| one == word)?));
    let shared: Vec<&str> = others.iter().filter_map(take).collect();
    shared.len() * 2 >= all && shared.iter().any(|word| !is_keyword(word))
}

/// Where an edit that takes nothing away puts something in, and what.
fn put_in<'e>(text: &str, edit: &'e Edit) -> Option<(usize, &'e str)> {
    let span = edit.span();
    match span.is_empty() {
        true => Some((span.start, edit.text())),
        false => added(&text[span.clone()], edit.text()).map(|(behind, text)| (span.start + behind, text)),
    }
}

fn neighbours_like(draft: &mut Draft, edit: &Edit, others: &[String]) -> Option<Vec<usize>> {
    let text = draft.text();
    let (at, inserted) = put_in(text, edit)?;
    let inserted = behind_comments(inserted).trim_start();
    let word = words(inserted).next().filter(|word| inserted.trim_start_matches('"').starts_with(word))?;
    let is_like = |line: &Range<usize>| {
        let line = &text[line.clone()];
        line.trim_start().trim_start_matches('"').starts_with(word) && begins_alike(line, inserted)
    };
    let mut like: Vec<usize> = lines_of_block(text, at).filter(is_like).map(|line| line.start).collect();
    let first = inserted.lines().next().unwrap_or(inserted);
    let is_like_beside = |line: &Range<usize>| {
        let line = &text[line.clone()];
        let told: Vec<&str> = words(first).filter(|word| is_own(word)).collect();
        words(line).any(|word| told.contains(&word)) || is_reworded(line, first)
    };
    like.extend(lines_beside(text, at).into_iter().filter(is_like_beside).map(|line| line.start));
    if draft.is_rust() {
        like.extend(namesakes(text, inserted));
        like.extend(like_items(draft, inserted, others));
    }
    Some(like)
}

/// Where items stand that are, the insertions of `others` aside, what `inserted` is under another name, or much like it with words of
/// somebody's own. What is like many is like none.
fn like_items(draft: &mut Draft, inserted: &str, others: &[String]) -> Vec<usize> {
    let inserted = inserted.trim();
    let names = identity::names(inserted, Language::Rust);
    let Some(what) = names.first().map(|name| name.what) else { return Vec::new() };
    let is_kept = |line: &&str| line.contains(is_word) && !names.iter().any(|name| line.contains(name.name));
    let kept = inserted.lines().find(is_kept).map(str::trim);
    let own: BTreeSet<&str> = words(inserted).filter(|word| is_own(word)).collect();
    let has_kept = |text: &str| kept.is_some_and(|kept| text.contains(kept));
    let has_own = |text: &str| {
        let shared = own.iter().filter(|word| text.contains(**word)).count();
        shared > 0 && shared * 2 >= own.len()
    };
    if !has_kept(draft.text()) && !has_own(draft.text()) {
        return Vec::new();
    }
    let syntax = draft.syntax();
    let text = syntax.text();
    let is_in = |said: &str| others.iter().any(|other| count_of(said, other) > 0);
    let is_own_line = |line: &&str| !line.contains(is_word) || !is_in(line.trim());
    let count = inserted.lines().count();
    let (mut renamed, mut like) = (Vec::new(), Vec::new());
    let of_kind =
        |(path, _): &(ItemPath, Range<usize>)| path.last().is_some_and(|item| item.kind.word() == what);
    for (_, span) in items::all(&syntax).into_iter().filter(of_kind) {
        let there = behind_comments(&text[span.clone()]);
        let start = span.end - there.len();
        if !has_kept(there) && !has_own(there) || !(count..=count * 2).contains(&there.lines().count()) {
            continue;
        }
        let there: String = there.split_inclusive('\n').filter(is_own_line).collect();
        if has_kept(&there) && identity::is_renamed(inserted, &there, Language::Rust) {
            renamed.push(start);
        } else if has_own(&there) {
            like.push((start, there));
        }
    }
    if like.len() <= MANY {
        renamed.extend(
            like.iter().filter(|(_, there)| similarity(inserted, there) >= LIKE).map(|(start, _)| *start),
        );
    }
    renamed
}

/// Where an item is defined that has the name of the one that `inserted` defines, if that is somebody's own: the lines' starts.
fn namesakes(text: &str, inserted: &str) -> Vec<usize> {
    let Some(own) =
        identity::names(inserted, Language::Rust).into_iter().next().filter(|own| is_own(own.name))
    else {
        return Vec::new();
    };
    let is_it = |line: &Range<usize>| {
        let names = identity::names(&text[line.clone()], Language::Rust);
        names.iter().any(|name| (name.what, name.name) == (own.what, own.name))
    };
    let found = memmem::find_iter(text.as_bytes(), own.name.as_bytes());
    let lines = found.map(|at| line_start(text, at)..line_end(text, at));
    lines.filter(is_it).map(|line| line.start).collect()
}
