//! Where what a patch had its place in stands elsewhere: its copies, what became of those, and what only has its name.
//!
//! What is gone from its file is not gone if it went elsewhere, in one commit or in two. So a copy counts if it came after its
//! original, and what has nothing but the name is told and never taken.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::job::Job;
use super::recall::{LIKE, Memory, Recalled};
use super::search::is_of_patches;
use crate::drift::relocation;
use crate::drift::similar::similarity;
use crate::drift::trail::{self, Definition, FileChange, count_of, without_white_space};
use crate::identity::{self, Language};
use crate::outcome::Site;
use crate::plan::sites::{ItemPath, begins_item, item_named, items_in};
use crate::text::lines::line_of;
use crate::text::words::words;

/// Where something stands: a file, its text, and the byte offset.
struct Hit<'t> {
    path: &'t str,
    content: &'t str,
    at: usize,
    /// All items of the text, once they were asked for.
    items: &'t OnceCell<Vec<(ItemPath, Range<usize>)>>,
}

impl Hit<'_> {
    /// The innermost item around the first `len` bytes from there, and its text.
    fn item(&self, len: usize) -> (ItemPath, &str) {
        let items = self.items.get_or_init(|| items_in(self.content));
        let holds =
            |(_, span): &&(ItemPath, Range<usize>)| span.start <= self.at && self.at + len <= span.end;
        let item = items.iter().filter(holds).min_by_key(|(_, span)| span.len());
        item.map_or_else(
            || (ItemPath::default(), self.content),
            |(path, span)| (path.clone(), &self.content[span.clone()]),
        )
    }

    /// Whether an item is defined there.
    fn is_definition(&self) -> bool {
        let before = self.content[..self.at].trim_end();
        words(before.rsplit(char::is_whitespace).next().unwrap_or_default()).any(begins_item)
    }

    /// Whether `wanted`, which has no white space, stands there but for the white space.
    fn begins(&self, wanted: &str) -> bool {
        let mut there = self.content[self.at..].chars().filter(|c| !c.is_whitespace());
        wanted.chars().all(|c| there.next() == Some(c))
    }
}

/// The first line of a text that has more than white space, without that at its ends; empty where there is none.
fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

impl Job<'_> {
    /// Where what a patch had its place in, and its file does not hold any more, stands in other files: in a like item of
    /// the same name, or the whole text but for its white space, if there is enough of it; or the item as commits took it away. What
    /// any file may say is no copy; a function may be what a method became only if it came since.
    pub(super) fn copies(&self, index: usize, memory: &Memory) -> Vec<Site> {
        let place = memory.place();
        if identity::is_of_the_file(&place.text, Language::of(&place.file)) {
            return Vec::new();
        }
        // What is not in its item any more, and that stands where it stood, went from there.
        let stands =
            |own: &ItemPath| self.text(&place.file).is_some_and(|now| item_named(&now, own).is_some());
        if place.item.as_ref().is_some_and(|(own, _)| stands(own)) {
            return Vec::new();
        }
        let wanted = without_white_space(&place.text);
        let is_distinctive = relocation::is_distinctive(&place.text);
        let first = first_line(&place.text);
        let copies = self.standing_elsewhere(index, first, &|hit| {
            let is_in_item = || {
                let (there, item) = hit.item(first.len());
                let is_it =
                    |own: &ItemPath| there.is_same_item(own) || memory.became(self, own, hit.path, &there);
                place.item.as_ref().is_some_and(|(own, text)| is_it(own) && similarity(text, item) >= LIKE)
            };
            hit.begins(&wanted) && (is_distinctive || is_in_item())
        });
        let copies = self.without_older(memory, copies, &|text| without_white_space(text).contains(&wanted));
        let heirs = if copies.is_empty() { self.heirs(index, memory) } else { copies };
        if heirs.is_empty() { self.copies_of_taken(index, memory) } else { heirs }
    }

    /// Those of `sites` whose files did not have what `has` finds in a text when the file of the place first had it, as far as all of
    /// history is known: what is as old is no copy.
    fn without_older(&self, memory: &Memory, mut sites: Vec<Site>, has: &dyn Fn(&str) -> bool) -> Vec<Site> {
        let history = self.history().filter(|history| !sites.is_empty() && history.gaps().is_empty());
        let Some(history) = history else { return sites };
        if let Some(first) = history.first_with(&memory.place().file, &mut |text| has(text)) {
            sites.retain(|site| !history.text(&first, &site.file).is_some_and(|text| has(&text)));
        }
        sites
    }

    /// Where the item of a place stands as it was when commits took it away, whatever they had called it: but for its white space, or
    /// much like that under its name of then, or as it was under another one, where that came since. Of an item of which the place is a
    /// part, if that was there still.
    fn copies_of_taken(&self, index: usize, memory: &Memory) -> Vec<Site> {
        memory
            .taken(self)
            .into_iter()
            .map(|taken| self.copies_of(index, memory, &taken))
            .find(|sites| !sites.is_empty())
            .unwrap_or_default()
    }

    fn copies_of(&self, index: usize, memory: &Memory, (taken, item): &(ItemPath, String)) -> Vec<Site> {
        let wanted = without_white_space(item);
        let whole = self.standing_elsewhere(index, first_line(item), &|hit| hit.begins(&wanted));
        let whole = self.without_older(memory, whole, &|text| without_white_space(text).contains(&wanted));
        let name = taken.last().map(|item| item.name.as_str()).unwrap_or_default();
        let part = memory.in_item(item).filter(|part| *part != item);
        let like = || {
            self.standing_elsewhere(index, name, &|hit| {
                if !hit.is_definition() {
                    return false;
                }
                let (there, text) = hit.item(name.len());
                let has_all =
                    || part.is_none_or(|part| part.lines().all(|line| count_of(line.trim(), text) > 0));
                memory.became(self, taken, hit.path, &there) && has_all() && similarity(item, text) >= LIKE
            })
        };
        // Under another name the lines behind the first are what they were: the longest stands in the fewest files.
        let behind = item.lines().skip(1).map(str::trim).max_by_key(|line| line.len()).unwrap_or_default();
        let renamed = || {
            let mut sites = self.standing_elsewhere(index, behind, &|hit| {
                let (there, text) = hit.item(behind.len());
                let is_other = || memory.came(self, hit.path, &there) && !memory.had_beside(self, &there);
                identity::is_renamed(item, text, Language::Rust) && is_other()
            });
            let above = item.find(behind).map_or(0, |at| line_of(item, at) - 1);
            sites.iter_mut().for_each(|site| site.line = site.line.saturating_sub(above).max(1));
            sites
        };
        let ways: [&dyn Fn() -> Vec<Site>; 3] = [&|| whole.clone(), &like, &renamed];
        ways.into_iter().map(|sites| sites()).find(|sites| !sites.is_empty()).unwrap_or_default()
    }

    /// Where the item of a place went that was copied before its file lost it, and changed after that: in files that had it as it was,
    /// under whatever visibility, or where the whole of it came since.
    fn heirs(&self, index: usize, memory: &Memory) -> Vec<Site> {
        let (Some((own, item)), Some(history)) = (&memory.place().item, self.history()) else {
            return Vec::new();
        };
        let is_whole = without_white_space(&memory.place().text) == without_white_space(item);
        let Some(name) = own.last().map(|item| item.name.as_str()) else { return Vec::new() };
        let wanted = identity::unexposed(item);
        let was_copy = |path: &str| {
            if path == memory.place().file {
                return false;
            }
            let then = memory.text(history, path);
            then.is_some_and(|then| identity::unexposed(&then).contains(&wanted))
        };
        let mut files = self.snapshot.files.list();
        files.retain(|path| self.fits(index, path));
        let heirs = self.standing_in(&files, name, &|hit| {
            if !hit.is_definition() {
                return false;
            }
            let (there, text) = hit.item(name.len());
            let is_named = there.last().is_some_and(|there| there.name == name);
            let is_it = || was_copy(hit.path) || is_whole && memory.became(self, own, hit.path, &there);
            is_named && similarity(item, text) >= LIKE && is_it()
        });
        self.without_older(memory, heirs, &|text| identity::unexposed(text).contains(&wanted))
    }

    /// Where the working tree, which made `now` of `before` in the file of a deletion, put what that takes away: in files that it changed,
    /// and not as the text of another patch.
    pub(super) fn put_by_hand(
        &self,
        index: usize,
        definition: &Definition,
        [before, now]: [&str; 2],
    ) -> Vec<Site> {
        let Some(history) = self.history() else { return Vec::new() };
        let Definition { path: own, search, text } = definition;
        let mut needles = trail::moving_lines(search, text);
        needles.extend(identity::names(search, Language::of(own)).into_iter().map(|name| name.name));
        let (files, changed) = (&self.snapshot.files, Mutex::<Vec<FileChange>>::default());
        let mut others = files.list();
        others.retain(|path| path != own && self.fits(index, path));
        files.read_each(&others, &|path, content| {
            let Some(now) = content.ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
            if !needles.iter().any(|needle| now.contains(needle)) || is_of_patches(path, now.as_bytes()) {
                return;
            }
            let then = history.today(path).filter(|then| *then != now);
            if let Some(then) = then {
                let change =
                    FileChange { old: Some((path.to_owned(), then)), new: Some((path.to_owned(), now)) };
                changed.lock().unwrap_or_else(PoisonError::into_inner).push(change);
            }
        });
        let mut changes = changed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let file = |text: &str| Some((own.clone(), text.to_owned()));
        changes.push(FileChange { old: file(before), new: file(now) });
        let is_by_hand = |path: &str, line: usize| {
            let text = if path == own { Some(now.to_owned()) } else { self.text(path) };
            let line = text.as_deref().and_then(|text| text.lines().nth(line - 1)).unwrap_or_default().trim();
            !self.is_of_another(index, line)
        };
        let mut sites = trail::heirs(definition, before, &changes);
        sites.retain(|(path, line)| is_by_hand(path, *line));
        sites.sort_unstable();
        sites.into_iter().map(|(file, line)| Site { file, line, text: None }).collect()
    }

    /// Where other files define what has the name of the item that a patch had its place in.
    pub(super) fn namesakes(&self, index: usize) -> Vec<Site> {
        let Recalled::Of(memory) = self.recall(index) else { return Vec::new() };
        let Some(own) = memory.place().item.as_ref().and_then(|(path, _)| path.last()) else {
            return Vec::new();
        };
        self.standing_elsewhere(index, &own.name, &|hit| {
            hit.is_definition() && hit.item(own.name.len()).0.last() == Some(own)
        })
    }

    /// Where `needle` stands in files that are none of the patch's own and of the same kind, if it is what is looked for: that is
    /// asked with each hit.
    fn standing_elsewhere(
        &self,
        index: usize,
        needle: &str,
        is_it: &(dyn Fn(&Hit<'_>) -> bool + Sync),
    ) -> Vec<Site> {
        let (mut others, own) = (self.snapshot.files.list(), self.paths_of(index));
        others.retain(|path| self.fits(index, path) && !own.contains(path));
        self.standing_in(&others, needle, is_it)
    }

    /// As [`Self::standing_elsewhere`], in some files.
    fn standing_in(
        &self,
        paths: &[String],
        needle: &str,
        is_it: &(dyn Fn(&Hit<'_>) -> bool + Sync),
    ) -> Vec<Site> {
        if needle.is_empty() {
            return Vec::new();
        }
        let sites = Mutex::<Vec<Site>>::default();
        self.snapshot.files.read_each(paths, &|path, content| {
            let Some(content) = content.ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
            if !content.contains(needle) || is_of_patches(path, content.as_bytes()) {
                return;
            }
            let items = OnceCell::new();
            let hits = content.match_indices(needle);
            let hits = hits.map(|(at, _)| Hit { path, content: &content, at, items: &items });
            let found = hits.filter(is_it).map(|hit| Site {
                file: path.to_owned(),
                line: line_of(&content, hit.at),
                text: None,
            });
            sites.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        });
        let mut sites = sites.into_inner().unwrap_or_else(PoisonError::into_inner);
        sites.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        sites
    }
}
