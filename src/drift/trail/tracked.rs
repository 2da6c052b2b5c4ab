//! The lines that a patch speaks of, before a commit, and where they are after it: in the same file, by a diff, or among
//! the lines that the commit added elsewhere.

use std::collections::HashSet;
use std::ops::Range;

use super::{Definition, FileChange, MIN_SIMILARITY};
use crate::drift::merge::{Merged, merge};
use crate::drift::relocation::is_distinctive;
use crate::drift::similar::best_windows;
use crate::identity::{self, Language};
use crate::rust::items::{self, ItemPath};
use crate::rust::lexer::{self, Token, TokenKind};
use crate::rust::own_words::{KEYWORDS, has_number, is_own};
use crate::rust::syntax::Syntax;
use crate::text::ends::common_ends;
use crate::text::hunks::{Hunk, line_hunks};
use crate::text::lines::{bytes_of, deeper, lead_of, line_of, line_spans, line_start, next_line, trimmed};
use crate::text::words::{is_word, words};

/// How much better the best of several places to which lines may have gone must be.
pub(super) const MARGIN: f64 = 0.1;
/// Lines on each side that are looked at to tell a place from a like one.
pub(super) const NEIGHBOURS: usize = 2;
/// Lines kept on each side of a change, if the text had as many.
const CONTEXT: usize = 3;
/// So many words that name something or count are not together in a line by chance.
const SEVERAL: usize = 3;

/// The lines that a definition speaks of, before a commit.
pub(super) struct TrackedLines {
    pub(super) lines: Range<usize>,
    pub(super) base: String,
    pub(super) theirs: String,
}

/// A place after a commit, with what stood there and what the patch made of it.
pub(super) struct Mapped {
    /// Its lines after the commit.
    pub(super) window: Range<usize>,
    pub(super) base: String,
    pub(super) theirs: String,
}

impl Mapped {
    /// The conflict of the whole change with what the place is now, `ours`.
    pub(super) fn conflict(&self, ours: &str) -> Merged {
        let (base, theirs) = (self.base.clone(), self.theirs.clone());
        Merged::Conflict { base, ours: ours.to_owned(), theirs, line: 1 }
    }
}

pub(super) enum Moved {
    One(Definition),
    Several(Vec<(String, usize)>),
    Nowhere,
}

impl TrackedLines {
    pub(super) fn of(definition: &Definition, before: &str, span: Range<usize>) -> Self {
        let start = line_start(before, span.start);
        let end = next_line(before, span.end.max(span.start + 1) - 1);
        let first = line_of(before, start) - 1;
        // A line that was found in a deeper one is changed as deep as that is.
        let lead = &before[start..span.start];
        let is_indented = definition.search.starts_with([' ', '\t']);
        let is_deeper =
            is_indented && lead.trim().is_empty() && definition.search.trim_end().lines().count() == 1;
        let text = match is_deeper {
            true => deeper(&definition.text, lead),
            false => [lead, &definition.text].concat(),
        };
        let theirs = [&text, &before[span.end..end]].concat();
        let base = before[start..end].to_owned();
        Self { lines: first..first + base.split_inclusive('\n').count(), base, theirs }
    }

    /// Where these lines are in the same file after the commit. Lines that changed together with some of them
    /// belong to the place.
    pub(super) fn mapped(&self, before: &str, after: &str) -> Mapped {
        let hunks = line_hunks(before, after);
        let Range { mut start, mut end } = self.lines;
        for Hunk { old, .. } in &hunks {
            let inside = if old.is_empty() {
                self.lines.start < old.start && old.start < self.lines.end
            } else {
                old.start < self.lines.end && self.lines.start < old.end
            };
            if inside {
                start = start.min(old.start);
                end = end.max(old.end);
            }
        }
        let shift = |at: usize, hunk: &Hunk| at + hunk.new.len() - hunk.old.len();
        let first = hunks.iter().filter(|hunk| hunk.old.end <= start).fold(start, shift);
        let ends = |hunk: &&Hunk| hunk.old.end <= end && hunk.old.start < end;
        let last = hunks.iter().filter(ends).fold(end, shift);
        let above = &before[bytes_of(before, &(start..self.lines.start))];
        let below = &before[bytes_of(before, &(self.lines.end..end))];
        Mapped {
            window: first..last.max(first),
            base: [above, &self.base, below].concat(),
            theirs: [above, &self.theirs, below].concat(),
        }
    }

    /// Where these lines of `origin`, the text of `from`, went, among the lines that the commit added. What a file says of
    /// itself, as a `use`, stands in many, and a key of one manifest is none of another's: these go nowhere by themselves. Of
    /// several files that were deleted with the same lines, nobody knows which one's came elsewhere.
    pub(super) fn moved(&self, origin: &str, from: &str, changes: &[FileChange]) -> Moved {
        if identity::is_of_the_file(&self.base, Language::of(from)) {
            return Moved::Nowhere;
        }
        let is_like = |path: &str| {
            path == from || Language::of(from) != Language::Toml && extension(path) == extension(from)
        };
        let bare = |line| {
            if Language::of(from) == Language::Rust { without_visibility(line) } else { str::trim(line) }
        };
        let wanted: Vec<&str> = self.base.lines().map(bare).collect();
        let mut exact: Vec<(&str, &str, Range<usize>)> = Vec::new();
        let mut similar: Vec<(f64, &str, &str, Range<usize>)> = Vec::new();
        for change in changes {
            let Some((path, after)) = change.new.as_ref().filter(|(path, _)| is_like(path)) else { continue };
            let before = change.old.as_ref().map_or("", |(_, text)| text);
            let added = added(before, after);
            let lines: Vec<&str> = after.lines().map(bare).collect();
            let found = blocks(&wanted, &lines, &added);
            exact.extend(found.into_iter().map(|at| (path.as_str(), after.as_str(), at..at + wanted.len())));
            if !exact.is_empty() || !shares(&wanted, &lines, &added) {
                continue;
            }
            let like = alike(&self.base, after, &lines, &added);
            similar
                .extend(like.into_iter().map(|(likeness, at)| (likeness, path.as_str(), after.as_str(), at)));
        }
        let kept = self.kept_item(origin, from, changes);
        let is_code =
            without_comments(origin, Language::of(from))[bytes_of(origin, &self.lines)].contains(is_word);
        let may_be = |path: &str, after: &str, at: &Range<usize>| {
            let language = Language::of(path);
            // The same item elsewhere is a copy.
            if path != from && kept.as_ref().is_some_and(|kept| path_at(after, at).is_same_item(kept)) {
                return false;
            }
            if is_code && !without_comments(after, language)[bytes_of(after, at)].contains(is_word) {
                return false;
            }
            let stands_alone = path == from && identity::names(&self.base, language).is_empty();
            (stands_alone || self.is_place(origin, after, at, language))
                && self.is_new_in((origin, path == from), (path, after), at, changes)
        };
        exact.retain(|(path, after, at)| may_be(path, after, at));
        similar.retain(|(_, path, after, at)| may_be(path, after, at));
        // What defines what others defined before is those.
        let (own, others) = {
            let lines = bytes_of(origin, &self.lines);
            let others = [&origin[..lines.start], &origin[lines.end..]].concat();
            (self.base.as_str(), if similar.is_empty() { String::new() } else { others })
        };
        similar.retain(|(_, path, after, at)| {
            !identity::is_of_others(own, &after[bytes_of(after, at)], &others, Language::of(path))
        });
        // Of like items the one that has the name.
        let has_name = |path: &str, after: &str, at: &Range<usize>| {
            let there = &after[bytes_of(after, at)];
            identity::lost(&self.base, &self.theirs, there, Language::of(path)).is_none()
        };
        if similar.iter().any(|(_, path, after, at)| has_name(path, after, at)) {
            similar.retain(|(_, path, after, at)| has_name(path, after, at));
        }
        let own = |change: &FileChange| change.old.as_ref().is_some_and(|(path, _)| path == from);
        // What is taken out of a file that goes on is what others of the commit share from now on.
        let goes_on = changes.iter().any(|change| own(change) && change.new.is_some());
        let is_ours = |path: &str, after: &str, at: &Range<usize>, least: f64| {
            goes_on || path == from || !self.lost_elsewhere((origin, from), (after, at), least, changes)
        };
        if let [(path, after, at)] = exact.as_slice()
            && is_ours(path, after, at, 1.0)
        {
            return self.carried_to(path, after, at.clone());
        }
        if !exact.is_empty() {
            return Moved::Several(
                exact.into_iter().map(|(path, _, at)| (path.to_owned(), at.start + 1)).collect(),
            );
        }
        similar.sort_by(|a, b| b.0.total_cmp(&a.0));
        match similar.as_slice() {
            [] => Moved::Nowhere,
            [(best, path, after, at), rest @ ..] => {
                let near: Vec<_> = rest.iter().filter(|other| other.0 > best - MARGIN).collect();
                if near.is_empty() && is_ours(path, after, at, best - MARGIN) {
                    return self.carried_to(path, after, at.clone());
                }
                let all = std::iter::once(&similar[0]).chain(near);
                Moved::Several(all.map(|(_, path, _, at)| ((*path).to_owned(), at.start + 1)).collect())
            }
        }
    }

    /// The item of these lines of `origin`, the text of `from`, if the commit left them there: as they were, or much like that.
    fn kept_item(&self, origin: &str, from: &str, changes: &[FileChange]) -> Option<ItemPath> {
        let own = |change: &&FileChange| change.old.as_ref().is_some_and(|(path, _)| path == from);
        let (_, after) = changes.iter().find(own).and_then(|change| change.new.as_ref())?;
        let item = Some(path_at(origin, &self.lines)).filter(|item| !item.is_empty())?;
        is_kept(&item, &self.base, after).then_some(item)
    }

    /// Whether another item than theirs, around lines of `path` after the commit, has more of what is there than it had before: a
    /// diff may take the one of two items that were the same for the other. `is_own`: it is the file of `origin`.
    fn is_new_in(
        &self,
        (origin, is_own): (&str, bool),
        (path, after): (&str, &str),
        at: &Range<usize>,
        changes: &[FileChange],
    ) -> bool {
        let is_it = |change: &&FileChange| change.new.as_ref().is_some_and(|(new, _)| new == path);
        let before = changes.iter().find(is_it).and_then(|change| change.old.as_ref());
        let (Some((_, before)), Language::Rust) = (before, Language::of(path)) else { return true };
        let lines = bytes_of(after, at);
        let (item, now) = items::enclosing(&Syntax::parse(after), lines.clone());
        let then = items::all(&Syntax::parse(before)).into_iter().find(|(path, _)| *path == item);
        let is_same = is_own && path_at(origin, &self.lines) == item;
        let Some((_, then)) = then.filter(|_| !item.is_empty() && !is_same) else { return true };
        let wanted = without_white_space(&after[lines]);
        let count = |text: &str| without_white_space(text).matches(&wanted).count();
        count(&before[then]) < count(&after[now])
    }

    /// Whether the commit took what is at least so like the lines that arrived out of another file as well, and out of an item that
    /// is no less theirs: then it is a guess which of them came.
    fn lost_elsewhere(
        &self,
        (origin, from): (&str, &str),
        (after, at): (&str, &Range<usize>),
        least: f64,
        changes: &[FileChange],
    ) -> bool {
        let arrived = &after[bytes_of(after, at)];
        let wanted: Vec<&str> = arrived.lines().map(str::trim).collect();
        let lost = |change: &FileChange| {
            let Some((path, before)) = change.old.as_ref().filter(|(path, _)| path != from) else {
                return false;
            };
            let removed = added(change.new.as_ref().map_or("", |(_, text)| text), before);
            let lines: Vec<&str> = before.lines().map(str::trim).collect();
            let exact = blocks(&wanted, &lines, &removed).into_iter().map(|line| line..line + wanted.len());
            let mut sources: Vec<Range<usize>> = exact.collect();
            if sources.is_empty() && shares(&wanted, &lines, &removed) {
                let mut like = alike(arrived, before, &lines, &removed);
                like.retain(|(likeness, _)| *likeness >= least);
                sources.extend(like.into_iter().map(|(_, lines)| lines));
            }
            let is_rust = Language::of(path) == Language::Rust;
            let is_in_it =
                |text: &str, lines: &Range<usize>| path_at(text, lines).last() == path_at(after, at).last();
            let mut sources = sources.iter();
            sources.any(|lines| !is_rust || is_in_it(before, lines) || !is_in_it(origin, &self.lines))
        };
        changes.iter().any(lost)
    }

    /// Whether these lines of a TOML file are mapped into another section than their own, which is there.
    pub(super) fn is_in_other_section(&self, before: &str, after: &str, here: &Mapped) -> bool {
        let [then, now] = [(before, &self.lines), (after, &here.window)]
            .map(|(text, lines)| identity::section_at(text, &trimmed(text, &bytes_of(text, lines))));
        then != now && then.is_some_and(|then| identity::has_section(after, then))
    }

    /// Whether all lines in `window` of `after` that the change from `base` to `theirs` puts in stand in other items than the one of
    /// these lines, and that is there.
    pub(super) fn is_put_beside_item(
        &self,
        (origin, base, theirs): (&str, &str, &str),
        after: &str,
        window: &Range<usize>,
    ) -> bool {
        let is_new = |line: &&str| {
            line.contains(char::is_alphanumeric) && count_of(line, theirs) > count_of(line, base)
        };
        let new: Vec<&str> = theirs.lines().map(str::trim).filter(is_new).collect();
        let lines = after.lines().map(str::trim).enumerate().skip(window.start).take(window.len());
        let found: Vec<usize> = lines.filter(|(_, line)| new.contains(line)).map(|(at, _)| at).collect();
        if found.is_empty() {
            return false;
        }
        let (own, syntax) = (path_at(origin, &self.lines), Syntax::parse(after));
        let is_in_own = |at: &usize| {
            let span = trimmed(after, &bytes_of(after, &(*at..at + 1)));
            items::enclosing(&syntax, span).0.items().starts_with(own.items())
        };
        !found.iter().any(is_in_own) && !items::find(&syntax, &own).is_empty()
    }

    /// Whether lines of another file can be these: an item is an item of its kind there, other code is in the item that held it,
    /// or says enough to be known without.
    pub(super) fn is_place(&self, origin: &str, after: &str, at: &Range<usize>, language: Language) -> bool {
        if language != Language::Rust {
            return is_distinctive(&self.base);
        }
        let (then, now) = (path_at(origin, &self.lines), path_at(after, at));
        if identity::names(&self.base, language).is_empty() {
            return then.last() == now.last() || is_distinctive(&self.base);
        }
        then.is_member() == now.is_member()
    }

    /// The definition at lines that are like these and not the same. The lines that the patch itself changes must be there as
    /// they were: what was changed while it moved may not be the same code any more.
    pub(super) fn carried_to(&self, path: &str, after: &str, lines: Range<usize>) -> Moved {
        let window = after[bytes_of(after, &lines)].to_owned();
        let squeezed = without_white_space(&window);
        if identity::lost(&self.base, &self.theirs, &window, Language::of(path)).is_some() {
            return Moved::Nowhere;
        }
        // Whoever may see it, it is the same.
        let is_there = |line: &&str| {
            let line = if Language::of(path) == Language::Rust { without_visibility(line) } else { line };
            squeezed.contains(&without_white_space(line))
        };
        if !told_lines(&self.base, &self.theirs).iter().all(is_there) {
            return Moved::Nowhere;
        }
        let path = path.to_owned();
        let language = Language::of(&path);
        match merge(&self.base, &window, &self.theirs) {
            Merged::Clean(text)
                if language == Language::Rust
                    && identity::is_in_other_block(&self.base, &self.theirs, &window, &text) =>
            {
                Moved::Nowhere
            }
            Merged::Clean(text) => Moved::One(with_context(&path, &lines, &text, after)),
            Merged::Unchanged => Moved::One(Definition { path, search: window.clone(), text: window }),
            Merged::Conflict { .. } => Moved::Nowhere,
        }
    }
}

/// `definition` as deep as its one place in `text` is, in whole lines, if that is deeper than it is written.
pub(crate) fn as_deep(definition: Definition, text: &str) -> Definition {
    let mut found = text.match_indices(&definition.search).map(|(at, search)| at..at + search.len());
    let (Some(span), None) = (found.next(), found.next()) else { return definition };
    if lead_of(text, span.start).is_empty() || !definition.search.starts_with([' ', '\t']) {
        return definition;
    }
    let place = TrackedLines::of(&definition, text, span);
    Definition { search: place.base, text: place.theirs, ..definition }
}

/// A line of Rust without the white space at its ends, and without what says who may see what it defines.
fn without_visibility(line: &str) -> &str {
    let line = line.trim();
    let Some(rest) = line.strip_prefix("pub") else { return line };
    let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest,
        None => rest,
    };
    if rest.starts_with(' ') { rest.trim_start() } else { line }
}

/// The lines that a change from `base` to `theirs` changes, takes away or inserts next to, without their white space.
pub(crate) fn own_lines(base: &str, theirs: &str) -> Vec<String> {
    told_lines(base, theirs).into_iter().map(without_white_space).collect()
}

/// As [`own_lines`], as they are.
fn told_lines<'t>(base: &'t str, theirs: &str) -> Vec<&'t str> {
    let lines: Vec<&str> = base.lines().collect();
    let mut own = Vec::new();
    for Hunk { old, .. } in line_hunks(base, theirs) {
        let beside = if old.is_empty() { old.start.saturating_sub(1)..old.end + 1 } else { old };
        own.extend(lines.iter().take(beside.end).skip(beside.start));
    }
    own.retain(|line: &&str| line.chars().any(char::is_alphanumeric));
    own
}

/// The lines of `base` around each piece that a change to `theirs` changes, where they are less than half of `base`.
pub(super) fn changed_pieces(base: &str, theirs: &str) -> Vec<Range<usize>> {
    let all = base.lines().count();
    let around = |hunk: Hunk| hunk.old.start.saturating_sub(CONTEXT)..(hunk.old.end + CONTEXT).min(all);
    let pieces = line_hunks(base, theirs).into_iter().map(around);
    pieces.filter(|lines| lines.len() * 2 < all).collect()
}

/// The lines of `base`, without the white space at their ends, that a change to `theirs` leaves fewer of, and that would not
/// stand elsewhere by chance: with a word that is somebody's own, and no elements of lists, which may be in many.
pub(crate) fn gone_lines<'t>(base: &'t str, theirs: &str) -> Vec<&'t str> {
    gone(base, theirs, |line| words(line).any(|word| is_own(word) || has_number(word)))
}

/// As [`gone_lines`], and those of several words: what one commit took away and put elsewhere is no chance.
pub(crate) fn moving_lines<'t>(base: &'t str, theirs: &str) -> Vec<&'t str> {
    gone(base, theirs, |line| {
        words(line).any(|word| is_own(word) || has_number(word))
            || words(line).filter(|word| !KEYWORDS.contains(word)).count() >= SEVERAL
    })
}

fn gone<'t>(base: &'t str, theirs: &str, is_telling: impl Fn(&str) -> bool) -> Vec<&'t str> {
    let is_gone = |line: &&str| count_of(line, theirs) < count_of(line, base);
    let lines = base.lines().map(str::trim).filter(|line| !line.ends_with(','));
    lines.filter(|line| is_telling(line)).filter(is_gone).collect()
}

/// What is put above or below a whole item, beside what upstream made of that item: whatever it changed inside, its ends are known.
pub(super) fn beside_item(base: &str, ours: &str, theirs: &str, language: Language) -> Option<String> {
    let below = theirs.strip_prefix(base.trim_end());
    let above = theirs.strip_suffix(base.trim_start());
    let is_pure = below.or(above).is_some_and(|text| text.contains(is_word));
    if language != Language::Rust || base == ours || !is_pure || item_of(base)? != item_of(ours)? {
        return None;
    }
    Some(match (below, above) {
        (Some(below), _) => format!("{}{below}", ours.trim_end()),
        (None, above) => format!("{}{}", above?, ours.trim_start()),
    })
}

/// The item that all of a text is.
fn item_of(text: &str) -> Option<ItemPath> {
    let syntax = Syntax::parse(text);
    let whole = trimmed(text, &(0..text.len()));
    let mut items = items::all(&syntax).into_iter().filter(|(_, range)| *range == whole);
    items.next().map(|(path, _)| path)
}

/// How many lines of `text` are `line`, but for the white space at their ends.
pub(crate) fn count_of(line: &str, text: &str) -> usize {
    text.lines().filter(|other| other.trim() == line).count()
}

/// The items around lines of a Rust file.
pub(super) fn path_at(text: &str, lines: &Range<usize>) -> ItemPath {
    let span = trimmed(text, &bytes_of(text, lines));
    items::enclosing(&Syntax::parse(text), span).0
}

/// Whether what stood in `item` as `text` stands there in `after`, or what is much like it: the same elsewhere is a copy.
pub(crate) fn is_kept(item: &ItemPath, text: &str, after: &str) -> bool {
    let found = items::find(&Syntax::parse(after), item);
    let [span] = found.as_slice() else { return false };
    let windows = best_windows(text, &after[span.clone()], text.lines().count() / 2 + 3, 1);
    windows.first().is_some_and(|window| window.similarity >= MIN_SIMILARITY)
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, extension)| extension)
}

/// A text with blanks for its comments, and in Rust for its literals of several lines.
pub(super) fn without_comments(text: &str, language: Language) -> String {
    let blanked = |spans: Vec<Range<usize>>| {
        let mut bytes = text.as_bytes().to_vec();
        for at in spans.into_iter().flatten().filter(|at| text.as_bytes()[*at] != b'\n') {
            bytes[at] = b' ';
        }
        String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
    };
    match language {
        Language::Rust => {
            let is_said = |token: &Token| match token.kind {
                TokenKind::Comment => true,
                TokenKind::Str => text[token.span.clone()].contains('\n'),
                TokenKind::Word | TokenKind::Punctuation => false,
            };
            blanked(lexer::tokens(text).into_iter().filter(is_said).map(|token| token.span).collect())
        }
        Language::Toml => {
            let mut lines = line_spans(text);
            lines.retain(|line| text[line.clone()].trim_start().starts_with('#'));
            blanked(lines)
        }
        Language::Other => text.to_owned(),
    }
}

/// A text without its white space.
pub(crate) fn without_white_space(text: &str) -> String {
    text.split_whitespace().collect()
}

/// For each line of `after`, whether the commit added it.
pub(super) fn added(before: &str, after: &str) -> Vec<bool> {
    let mut added = vec![false; after.lines().count()];
    for Hunk { new, .. } in line_hunks(before, after) {
        added[new].fill(true);
    }
    added
}

/// Where `wanted` stands in `lines`, white space at the ends of lines aside, all of it added.
pub(super) fn blocks(wanted: &[&str], lines: &[&str], added: &[bool]) -> Vec<usize> {
    if wanted.is_empty() || wanted.len() > lines.len() {
        return Vec::new();
    }
    (0..=lines.len() - wanted.len())
        .filter(|&at| {
            lines[at..at + wanted.len()] == *wanted && added[at..at + wanted.len()].iter().all(|a| *a)
        })
        .collect()
}

/// The places in `text`, whose lines are `lines`, that are like `wanted` and nearly all `marked`; with their likeness.
fn alike(wanted: &str, text: &str, lines: &[&str], marked: &[bool]) -> Vec<(f64, Range<usize>)> {
    let mut found = Vec::new();
    for window in best_windows(wanted, text, wanted.lines().count() / 2 + 3, 4) {
        let first = window.first_line - 1;
        let within = first..first + text[window.span.clone()].lines().count();
        let telling = |at: &usize| lines[*at].chars().any(char::is_alphanumeric);
        let all = within.clone().filter(telling).count();
        let new = within.clone().filter(|at| telling(at) && marked[*at]).count();
        if window.similarity >= MIN_SIMILARITY && new * 5 >= all * 4 {
            found.push((window.similarity, within));
        }
    }
    found
}

/// Whether at least a third of the lines that say something were added there.
fn shares(wanted: &[&str], lines: &[&str], added: &[bool]) -> bool {
    let telling = |line: &&&str| line.chars().filter(|c| c.is_alphanumeric()).count() > 3;
    let there: HashSet<&str> =
        lines.iter().zip(added).filter(|(_, added)| **added).map(|(line, _)| *line).collect();
    let all = wanted.iter().filter(telling).count();
    let shared = wanted.iter().filter(telling).filter(|line| there.contains(**line)).count();
    shared > 0 && shared * 3 >= all
}

/// `definition` as it is told in `text`, the text of its file, which has what it looks for in the half-open byte range `within`: with
/// as many of the lines around that as tell it from every other place.
pub(crate) fn told_apart(definition: Definition, text: &str, within: &Range<usize>) -> Definition {
    let is_alone = text.matches(&definition.search).nth(1).is_none();
    let Some(at) = text[within.clone()].find(&definition.search).filter(|_| !is_alone) else {
        return definition;
    };
    let at = within.start + at;
    let place = TrackedLines::of(&definition, text, at..at + definition.search.len());
    widened(&definition.path, &place.lines, &place.theirs, text)
}

/// A definition with as many lines of `after` around `lines`, which become `text`, as tell it from every other place.
fn widened(path: &str, lines: &Range<usize>, text: &str, after: &str) -> Definition {
    let (mut wide, all) = (lines.clone(), after.lines().count());
    loop {
        wide = wide.start.saturating_sub(1)..(wide.end + 1).min(all);
        let part = |lines: Range<usize>| &after[bytes_of(after, &lines)];
        let search = part(wide.clone());
        if wide == (0..all) || after.matches(search).nth(1).is_none() {
            let text = [part(wide.start..lines.start), text, part(lines.end..wide.end)].concat();
            return Definition { path: path.to_owned(), search: search.to_owned(), text };
        }
    }
}

/// A definition with no more unchanged lines around the change than tell it from every other place in `after`, and than hold
/// what names it.
pub(super) fn with_context(path: &str, lines: &Range<usize>, text: &str, after: &str) -> Definition {
    let full = &after[bytes_of(after, lines)];
    let (old, new): (Vec<&str>, Vec<&str>) =
        (full.split_inclusive('\n').collect(), text.split_inclusive('\n').collect());
    let (head, tail) = common_ends([&old[..], &new]);
    let is_nameless = |search: &str| identity::lost_own(full, text, search, Language::of(path)).is_some();
    let mut context = CONTEXT;
    loop {
        let (cut_head, cut_tail) = (head.saturating_sub(context), tail.saturating_sub(context));
        let search: String = old[cut_head..old.len() - cut_tail].concat();
        let whole = cut_head == 0 && cut_tail == 0;
        if whole && after.matches(search.as_str()).nth(1).is_some() {
            return widened(path, lines, text, after);
        }
        let is_unique = || !search.trim().is_empty() && after.matches(search.as_str()).nth(1).is_none();
        if whole || (is_unique() && !is_nameless(&search)) {
            let text = new[cut_head..new.len() - cut_tail].concat();
            return Definition { path: path.to_owned(), search, text };
        }
        context *= 2;
    }
}
