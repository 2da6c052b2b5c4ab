//! Whether what a patch deletes is there again in another form: it went, by upstream or by the patch, and was put back.
//!
//! What went stays away where it went from. So a line counts only if it came since, and stands in the item of the deleted text, or
//! at file level beside a line that stood beside that: the like of it elsewhere in the file is something else.

use std::ops::Range;

use super::job::Job;
use super::recall::{LIKE, Memory};
use crate::drift::similar::similarity;
use crate::drift::trail::count_of;
use crate::identity::{self, Language};
use crate::patch::{Action, Patch};
use crate::plan::changed::changed_instead;
use crate::plan::draft::Draft;
use crate::plan::failure::Failure;
use crate::plan::seen::Seen;
use crate::plan::sites::{item_around, item_named};
use crate::plan::standing::binds_alike;
use crate::text::hunks::only_removes;
use crate::text::lines::{begins_line, line_end, line_of, line_spans, line_start, lines_beside, trimmed};
use crate::text::words::is_word;

impl Job<'_> {
    /// The failure of a deletion whose text was put back in another form.
    pub(super) fn came_back(&self, index: usize, memory: &Memory) -> Option<Failure> {
        let (patch, place) = (self.patch(index), memory.place());
        let deletes = patch.action.only_deletes();
        let takes_lines = !deletes && only_removes(&place.text, &place.result);
        if !deletes && !takes_lines || matches!(patch.action, Action::Toml { .. }) {
            return None;
        }
        let before = memory.text(self.history()?, &place.file)?;
        let (_, source) = self.read(&place.file).ok()?;
        let now = source.text().to_owned();
        let at = before.find(&place.text)?;
        // What the patch takes out of whole lines stands there no more.
        let is_whole = |(at, text): (usize, &str)| {
            begins_line(&before, at)
                && before[at + text.len()..].trim_start_matches([' ', '\t']).starts_with('\n')
                || text.ends_with('\n') && begins_line(&before, at)
        };
        let are_whole = before.match_indices(&place.text).all(is_whole);
        let count_made = |line: &str| {
            let taken = if are_whole { count_of(line, &place.text) } else { 0 };
            let put = if are_whole { count_of(line, &place.result) } else { 0 };
            (count_of(line, &before) + put).saturating_sub(taken)
        };
        let gone = match takes_lines {
            true => place.text.lines().map(str::trim).find(|line| {
                line.contains(is_word) && count_of(line, &place.result) < count_of(line, &place.text)
            }),
            false => place.text.trim().lines().next(),
        };
        let first = gone?;
        let neighbours = neighbours(&before, &(at..at + place.text.len()));
        let came = |span: &Range<usize>| {
            let mut lines =
                now[line_start(&now, span.start)..line_end(&now, span.end)].lines().map(str::trim);
            lines.any(|line| count_made(line) < count_of(line, &now) && !self.is_of_another(index, line))
        };
        let is_beside = |span: &Range<usize>| {
            let same = neighbours.iter().zip(self::neighbours(&now, span));
            same.into_iter().any(|(then, now)| then.contains(is_word) && *then == now)
        };
        let is_here = |span: &Range<usize>| match &place.item {
            Some((item, _)) => item_around(&now, span.clone()).0.is_same_item(item),
            None => is_beside(span),
        };
        let is_there = |span: &Range<usize>| came(span) && is_here(span);
        // What has a name is known by that.
        let is_nameless = identity::names(first, Language::of(&place.file)).is_empty();
        let is_like = |line: &str| {
            binds_alike(line, first) || is_nameless && !line.is_empty() && similarity(first, line) >= LIKE
        };
        // In its item a name is given once.
        let is_bound_again = |line: &str| place.item.is_some() && binds_alike(line, first);
        let again = || {
            let is_it = |span: &Range<usize>| {
                let line = now[span.clone()].trim();
                let is_it = line == first || is_bound_again(line);
                (is_it || is_like(line) && is_beside(span)) && is_there(span)
            };
            line_spans(&now).into_iter().find(is_it).map(|span| span.start)
        };
        // The commit that took it away may have put it into an item of its own.
        let after = memory.lost_in().and_then(|commit| self.history()?.text(&commit.id, &place.file));
        let is_taken_out = |span: &Range<usize>| {
            let (item, _) = item_around(&now, span.clone());
            let is_new = !item.is_empty() && item_named(&before, &item).is_none();
            let line = now[line_start(&now, span.start)..line_end(&now, span.start)].trim();
            is_new && after.as_ref().is_some_and(|after| count_of(line, after) > 0) && came(span)
        };
        let mut draft = Draft::new(&place.file, source);
        let is_it = |span: &Range<usize>| is_there(span) || is_taken_out(span);
        let instead = if deletes { changed_instead(patch, &mut draft, is_it) } else { None };
        let at = instead.or_else(again)?;
        let seen = Seen::Changed { line: line_of(&now, at) };
        Some(self.unmatched(index, Some(&place.file), seen))
    }

    /// Whether another patch than `index` puts `line` somewhere, where it was not. One that is disabled or for another version puts nothing.
    pub(super) fn is_of_another(&self, index: usize, line: &str) -> bool {
        let puts = |patch: &Patch| {
            let kept = match &patch.action {
                Action::Text { query, edit } if !edit.inserts() => count_of(line, &query.search),
                Action::Text { .. } | Action::Rust { .. } | Action::Toml { .. } => 0,
            };
            patch.action.text().is_some_and(|text| count_of(line, text) > kept)
        };
        let mut others = self.of_all.get().into_iter().flatten().filter(|other| **other != index);
        others.any(|other| puts(self.patch(*other)))
    }
}

/// The lines above and below a span, without the white space at their ends.
fn neighbours<'t>(text: &'t str, span: &Range<usize>) -> [&'t str; 2] {
    let span = trimmed(text, span);
    let [above, _] = lines_beside(text, line_start(text, span.start));
    let [_, below] = lines_beside(text, line_end(text, span.end));
    [above, below].map(|line| text[line].trim())
}
