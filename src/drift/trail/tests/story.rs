//! A history in memory: what git would tell of the same commits. `git::history`'s tests hold it to the real one.
//!
//! A commit is a whole tree. What it changed and renamed is found by comparing, as git does it: of the files that went and
//! those that came, the pairs that are most alike.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;

/// Path and text of every file.
pub(crate) type Tree = BTreeMap<String, String>;

/// Files less alike than this are two files.
const ALIKE: f64 = 0.5;
/// So many renames of a file are followed.
const MOST_RENAMES: usize = 16;

/// Commits one after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    trees: Vec<Tree>,
    /// The number of the oldest commit that is known.
    oldest: usize,
}

impl Story {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::default().commit(files)
    }

    /// A commit that writes these files; an empty one is deleted.
    pub(crate) fn commit(self, files: &[(&str, &str)]) -> Self {
        self.rename(&[], files)
    }

    /// A commit that renames files and writes others.
    pub(crate) fn rename(mut self, renames: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        let mut tree = self.trees.last().cloned().unwrap_or_default();
        for (old, new) in renames {
            let text = tree.remove(*old).unwrap();
            tree.insert((*new).to_owned(), text);
        }
        tree.extend(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
        tree.retain(|_, text| !text.is_empty());
        self.push(tree);
        self
    }

    /// A commit that has this tree.
    pub(crate) fn push(&mut self, tree: Tree) -> Commit {
        self.trees.push(tree);
        Self::commit_of(self.trees.len() - 1)
    }

    /// Knows only the newest commits from here on, as a shallow clone does.
    pub(crate) fn keep(&mut self, newest: usize) {
        self.oldest = self.trees.len().saturating_sub(newest);
    }

    /// The commit with this number, of which the first is 0. Short forms of the ids differ, too.
    pub(crate) fn commit_of(number: usize) -> Commit {
        Commit {
            id: format!("c{number:06}{:033}", 0),
            date: format!("2026-01-{:02}", number + 1),
            subject: format!("c{number}"),
        }
    }

    /// The tree of the newest commit.
    pub(crate) fn last(&self) -> &Tree {
        self.trees.last().expect("a story has a commit")
    }

    /// The newest commit.
    pub(crate) fn head(&self) -> Commit {
        Self::commit_of(self.trees.len() - 1)
    }

    /// The story as it was at a commit, by the beginning of its id or as git names the newest and those before it.
    pub(crate) fn at(&self, revision: &str) -> Option<Self> {
        let (name, back) = match revision.split_once(['~', '^']) {
            Some((name, "")) => (name, 1),
            Some((name, back)) => (name, back.parse().ok()?),
            None => (revision, 0),
        };
        let is_it = |at: &usize| match name {
            "HEAD" | "main" => at + 1 == self.trees.len(),
            id => id.len() >= 7 && Self::commit_of(*at).id.starts_with(id),
        };
        let at = (0..self.trees.len()).rev().find(is_it)?.checked_sub(back)?;
        (at >= self.oldest).then(|| Self { trees: self.trees[..=at].to_vec(), oldest: self.oldest })
    }

    /// Forgets all commits but the newest, as a shallow clone does.
    pub(crate) fn cut_off(&mut self) {
        self.oldest = self.trees.len() - 1;
    }

    /// The numbers of the commits whose parents are known, the newest first.
    fn steps(&self) -> impl Iterator<Item = usize> {
        (self.oldest + 1..self.trees.len()).rev()
    }

    pub(crate) fn follow(&self, path: &str, search: &str, text: &str) -> Trail {
        let start = Definition { path: path.to_owned(), search: search.to_owned(), text: text.to_owned() };
        follow(start, self)
    }
}

impl History for Story {
    fn loss(&self, path: &str, text: &str) -> Loss {
        let before = |at: usize| text_of(&self.trees[at], path).filter(|file| file.contains(text));
        if text.is_empty() || text.contains('\0') {
            return Loss::Unknown;
        }
        if before(self.trees.len() - 1).is_some() {
            return Loss::Held;
        }
        let lost = |at: usize| Some(Loss::In(Self::commit_of(at), before(at - 1)?));
        self.steps().find_map(lost).unwrap_or(Loss::Unknown)
    }

    fn today(&self, path: &str) -> Option<String> {
        text_of(self.last(), path)
    }

    fn last_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> LastHeld {
        let mut held = |at: &usize| text_of(&self.trees[*at], path).is_some_and(|text| holds(&text));
        let found = (self.oldest..self.trees.len()).rev().find(&mut held);
        let nowhere = if self.oldest == 0 { LastHeld::Never } else { LastHeld::Unknown };
        found.map_or(nowhere, |at| LastHeld::In {
            revision: Self::commit_of(at).id,
            lost_in: (at + 1 < self.trees.len()).then(|| Self::commit_of(at + 1)),
        })
    }

    fn first_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> Option<String> {
        let mut held = |at: &usize| text_of(&self.trees[*at], path).is_some_and(|text| holds(&text));
        (self.oldest..self.trees.len()).find(&mut held).map(|at| Self::commit_of(at).id)
    }

    fn text(&self, revision: &str, path: &str) -> Option<String> {
        text_of(self.at(revision)?.last(), path)
    }

    fn gaps(&self) -> Vec<String> {
        let gap = (self.oldest > 0).then(|| "the older commits are not here".to_owned());
        gap.into_iter().collect()
    }

    fn fate(&self, path: &str) -> Option<(Commit, Option<String>)> {
        let mut fate = None;
        let mut path = path.to_owned();
        for _ in 0..MOST_RENAMES {
            if self.last().contains_key(&path) {
                break;
            }
            let went =
                |at: &usize| self.trees[*at - 1].contains_key(&path) && !self.trees[*at].contains_key(&path);
            let Some(at) = self.steps().find(went) else {
                return fate.map(|(commit, _)| (commit, None));
            };
            let renamed = renames(&self.trees[at - 1], &self.trees[at]).remove(&path);
            fate = Some((Self::commit_of(at), renamed.clone()));
            let Some(renamed) = renamed else { break };
            path = renamed;
        }
        fate.map(|(commit, renamed)| (commit, renamed.filter(|path| self.last().contains_key(path))))
    }

    fn changes(&self, commit: &Commit, _: &str) -> Vec<FileChange> {
        let is_it = |at: &usize| Self::commit_of(*at) == *commit;
        let Some(at) = self.steps().find(is_it) else { return Vec::new() };
        let (old, new) = (&self.trees[at - 1], &self.trees[at]);
        let file = |tree: &Tree, path: &str| Some((path.to_owned(), text_of(tree, path)?));
        let renames = renames(old, new);
        let came: BTreeSet<&String> = renames.values().collect();
        let renamed =
            renames.iter().map(|(from, to)| FileChange { old: file(old, from), new: file(new, to) });
        let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let is_changed = |path: &&String| {
            old.get(*path) != new.get(*path) && !renames.contains_key(*path) && !came.contains(path)
        };
        let others = paths.into_iter().filter(is_changed);
        renamed.chain(others.map(|path| FileChange { old: file(old, path), new: file(new, path) })).collect()
    }
}

/// The text of a file with LF line ends and no byte order mark.
fn text_of(tree: &Tree, path: &str) -> Option<String> {
    let text = tree.get(path)?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n"))
}

/// What became of the files that went: old names to new ones, the most alike first, each of them once.
fn renames(old: &Tree, new: &Tree) -> BTreeMap<String, String> {
    let gone = old.iter().filter(|(path, _)| !new.contains_key(*path));
    let came: Vec<_> = new.iter().filter(|(path, _)| !old.contains_key(*path)).collect();
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let pair = |((from, before), (to, after)): ((&String, &String), (&String, &String))| {
        (alike(before, after), name(from) == name(to), from.clone(), to.clone())
    };
    let mut pairs: Vec<_> =
        gone.flat_map(|gone| came.iter().map(move |came| (gone, *came))).map(pair).collect();
    pairs.retain(|(alike, ..)| *alike >= ALIKE);
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    let mut renames: BTreeMap<String, String> = BTreeMap::new();
    for (_, _, from, to) in pairs {
        if !renames.contains_key(&from) && renames.values().all(|taken| *taken != to) {
            renames.insert(from, to);
        }
    }
    renames
}

/// The share of the larger text that stands in both, by whole lines.
fn alike(one: &str, other: &str) -> f64 {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    one.lines().for_each(|line| *lines.entry(line).or_default() += 1);
    let mut shared = 0;
    for line in other.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        if let Some(left) = lines.get_mut(bare.strip_suffix('\r').unwrap_or(bare)).filter(|left| **left > 0) {
            *left -= 1;
            shared += line.len();
        }
    }
    shared as f64 / one.len().max(other.len()).max(1) as f64
}
