//! The first witness: lines walked forward, commit by commit, through the hunks of git.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::repo::{Change, Commit, Hunk};

/// Neighbours on each side that identify a moved line.
const AROUND: usize = 6;

/// A line, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) line: usize,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stands here, its indentation aside as it was.
    At(Place),
    /// Another line stands in its stead.
    Changed(Place),
    Gone,
    Unsure(&'static str),
}

type Lines = Vec<Rc<str>>;

/// All files at one commit, and where the followed lines are.
pub(crate) struct World {
    files: BTreeMap<String, Lines>,
    /// What became of the followed lines; behind them stand those of their copies.
    pub(crate) fates: Vec<Fate>,
    here: BTreeMap<String, Vec<usize>>,
    /// Where copies of a line are followed.
    copies: BTreeMap<usize, Vec<usize>>,
}

pub(crate) fn lines(text: &str) -> Lines {
    let mut lines: Lines = text.split('\n').map(Rc::from).collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

impl World {
    pub(crate) fn new(texts: &BTreeMap<String, String>, followed: &[Place]) -> Self {
        let files = texts.iter().map(|(path, text)| (path.clone(), lines(text))).collect();
        let mut here: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, place) in followed.iter().enumerate() {
            here.entry(place.path.clone()).or_default().push(index);
        }
        Self { files, fates: followed.iter().cloned().map(Fate::At).collect(), here, copies: BTreeMap::new() }
    }

    /// Whether the walk has arrived at `texts`, in all that can be patched.
    pub(crate) fn differs_from(&self, texts: &BTreeMap<String, String>) -> Option<String> {
        let known = |path: &str| path.ends_with(".rs") || path.ends_with(".toml");
        let mine = self.files.keys().filter(|path| known(path));
        let all: std::collections::BTreeSet<&String> =
            mine.chain(texts.keys().filter(|path| known(path))).collect();
        let same = |path: &str| match (self.files.get(path), texts.get(path)) {
            (Some(mine), Some(theirs)) => *mine == lines(theirs),
            _ => false,
        };
        all.into_iter().find(|path| !same(path)).cloned()
    }

    /// One commit. Where a folder was forked and the original is then taken away, the fork is what became of it.
    pub(crate) fn step(&mut self, commit: &Commit) {
        let copied = self.copied(&commit.copies);
        self.walk(&commit.changes);
        for (original, place) in copied {
            let copy = self.fates.len();
            self.here.entry(place.path.clone()).or_default().push(copy);
            self.fates.push(Fate::At(place));
            self.copies.entry(original).or_default().push(copy);
        }
    }

    fn copied(&self, copies: &[Change]) -> Vec<(usize, Place)> {
        let mut found = Vec::new();
        for change in copies {
            let (Some(old), Some(new)) = (&change.old, &change.new) else { continue };
            for &point in self.here.get(old).into_iter().flatten() {
                if let Fate::At(place) = &self.fates[point]
                    && let Ok(line) = map(&change.hunks, place.line)
                {
                    found.push((point, Place { path: new.clone(), line }));
                }
            }
        }
        found
    }

    /// The only copy of a line that still stands.
    fn heir(&self, point: usize) -> Option<Place> {
        let mut alive = self.copies.get(&point)?.iter().filter_map(|copy| match &self.fates[*copy] {
            Fate::At(place) => Some(place.clone()),
            _ => None,
        });
        alive.next().filter(|_| alive.next().is_none())
    }

    fn walk(&mut self, changes: &[Change]) {
        let old: Vec<Option<Lines>> =
            changes.iter().map(|change| self.files.get(change.old.as_ref()?).cloned()).collect();
        let new: Vec<Option<Lines>> =
            changes.iter().zip(&old).map(|(change, old)| after(change, old)).collect();
        let moving: Vec<Vec<usize>> = changes
            .iter()
            .map(|change| change.old.as_ref().and_then(|path| self.here.remove(path)).unwrap_or_default())
            .collect();
        for change in changes {
            change.old.iter().for_each(|path| drop(self.files.remove(path)));
        }
        for (change, new) in changes.iter().zip(&new) {
            if let (Some(path), Some(new)) = (&change.new, new) {
                self.files.insert(path.clone(), new.clone());
            }
        }
        let mut added: Option<BTreeMap<&str, Vec<(usize, usize)>>> = None;
        let mut ended = Vec::new();
        for (which, points) in moving.iter().enumerate() {
            for &point in points {
                let (Fate::At(place) | Fate::Changed(place)) = &self.fates[point] else { continue };
                let line = place.line;
                let was_changed = matches!(self.fates[point], Fate::Changed(_));
                let wrap = |path: &String, line: usize| {
                    let place = Place { path: path.clone(), line };
                    if was_changed { Fate::Changed(place) } else { Fate::At(place) }
                };
                let fate = match (map(&changes[which].hunks, line), &changes[which].new, &old[which]) {
                    (Ok(line), Some(path), _) => wrap(path, line),
                    (hunk, _, Some(old_lines)) => {
                        let added = added.get_or_insert_with(|| index(changes));
                        match search(&old_lines[..], line, which, hunk.err(), added, changes, &new) {
                            Found::Here(file, line) => wrap(changes[file].new.as_ref().unwrap(), line),
                            Found::Nowhere => match (hunk.err(), &changes[which].new) {
                                (Some(hunk), Some(path)) => {
                                    successor(old_lines, line, &changes[which].hunks[hunk])
                                        .map_or(Fate::Gone, |line| {
                                            Fate::Changed(Place { path: path.clone(), line })
                                        })
                                }
                                _ => Fate::Gone,
                            },
                            Found::Unsure(why) => Fate::Unsure(why),
                        }
                    }
                    _ => Fate::Unsure("not a text"),
                };
                if changes[which].new.is_none()
                    && !was_changed
                    && matches!(fate, Fate::Gone | Fate::Unsure(_))
                {
                    ended.push(point);
                }
                if let Fate::At(place) | Fate::Changed(place) = &fate {
                    self.here.entry(place.path.clone()).or_default().push(point);
                }
                self.fates[point] = fate;
            }
        }
        for point in ended {
            if let Some(place) = self.heir(point) {
                self.here.entry(place.path.clone()).or_default().push(point);
                self.fates[point] = Fate::At(place);
            }
        }
    }
}

fn after(change: &Change, old: &Option<Lines>) -> Option<Lines> {
    change.new.as_ref()?;
    let empty = Vec::new();
    let old = if change.old.is_none() { &empty } else { old.as_ref()? };
    let (mut new, mut at) = (Vec::with_capacity(old.len()), 0);
    for hunk in &change.hunks {
        new.extend_from_slice(old.get(at..hunk.old.start)?);
        new.extend(hunk.added.iter().cloned());
        at = hunk.old.end;
    }
    new.extend_from_slice(old.get(at..)?);
    Some(new)
}

/// Where the line is after the hunks, or the hunk that took it.
fn map(hunks: &[Hunk], line: usize) -> Result<usize, usize> {
    let next = hunks.partition_point(|hunk| hunk.old.end <= line);
    if hunks.get(next).is_some_and(|hunk| hunk.old.contains(&line)) {
        return Err(next);
    }
    Ok(next.checked_sub(1).map_or(line, |last| line - hunks[last].old.end + hunks[last].new.end))
}

fn index(changes: &[Change]) -> BTreeMap<&str, Vec<(usize, usize)>> {
    let mut found: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for (which, change) in changes.iter().enumerate() {
        for hunk in &change.hunks {
            for (at, line) in hunk.added.iter().enumerate() {
                found.entry(line.trim()).or_default().push((which, hunk.new.start + at));
            }
        }
    }
    found
}

enum Found {
    Here(usize, usize),
    Nowhere,
    Unsure(&'static str),
}

/// Whether a line tells one place from another.
pub(crate) fn telling(line: &str) -> bool {
    line.chars().filter(|c| c.is_alphanumeric()).count() >= 4
}

fn around(lines: &[Rc<str>], at: usize) -> Vec<&str> {
    let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(lines.len()));
    let near = (from..to).filter(|line| *line != at).map(|line| lines[line].trim());
    near.filter(|line| telling(line)).collect()
}

/// The place among the added lines of a commit where a line that it took away stands again.
fn search(
    old: &[Rc<str>],
    line: usize,
    which: usize,
    hunk: Option<usize>,
    added: &BTreeMap<&str, Vec<(usize, usize)>>,
    changes: &[Change],
    new: &[Option<Lines>],
) -> Found {
    let text = old[line].trim();
    let Some(candidates) = added.get(text) else { return Found::Nowhere };
    let mine = around(old, line);
    let in_hunk = |(file, at): (usize, usize)| {
        file == which && hunk.is_some_and(|hunk| changes[which].hunks[hunk].new.contains(&at))
    };
    let mut scored: Vec<(usize, bool, (usize, usize))> = Vec::new();
    for &(file, at) in candidates {
        let Some(lines) = &new[file] else { continue };
        let mut theirs = around(lines, at);
        let score = mine
            .iter()
            .filter(|line| match theirs.iter().position(|other| other == *line) {
                Some(found) => {
                    theirs.swap_remove(found);
                    true
                }
                None => false,
            })
            .count();
        scored.push((score, in_hunk((file, at)), (file, at)));
    }
    scored.sort();
    let Some(&(best, here, (file, at))) = scored.last() else { return Found::Nowhere };
    if scored.len() > 1 {
        let second = scored[scored.len() - 2];
        if (second.0, second.1) == (best, here) {
            return Found::Unsure("moved to one of several places");
        }
    }
    let long = text.chars().filter(|c| c.is_alphanumeric()).count() >= 20;
    if best >= 2 || (best >= 1 && long) || here {
        return Found::Here(file, at);
    }
    Found::Unsure("moved without its neighbours")
}

/// The line of the hunk that stands in the stead of the old one, if one clearly does.
fn successor(old: &[Rc<str>], line: usize, hunk: &Hunk) -> Option<usize> {
    let text = tokens(old[line].trim());
    let alike = |added: &str| {
        let mut theirs = tokens(added.trim());
        let all = text.len() + theirs.len();
        let mut common = 0;
        for token in &text {
            if let Some(found) = theirs.iter().position(|other| other == token) {
                theirs.swap_remove(found);
                common += 1;
            }
        }
        200 * common / all.max(1)
    };
    let mut scored: Vec<(usize, usize)> =
        hunk.added.iter().enumerate().map(|(at, added)| (alike(added), at)).collect();
    scored.sort();
    let &(best, at) = scored.last()?;
    let second = scored.iter().rev().nth(1).map_or(0, |scored| scored.0);
    (best >= 50 && best > second).then_some(hunk.new.start + at)
}

/// Words and single signs.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let len = if word(first) { rest.find(|c| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        found.extend((!first.is_whitespace()).then_some(&rest[..len]));
        rest = &rest[len..];
    }
    found
}
