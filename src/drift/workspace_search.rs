//! In which files a text most likely stands today, of all files of a workspace, for many texts in one pass.
//!
//! A file is read once, word by word, for all needles together: which of their features (words, pairs of neighbouring
//! words, lines as the words on them) does it hold? What a hit is worth is known only when all files have been
//! seen: the fewer files hold the feature, the more. No place is looked for and nothing is aligned; [`super::similar`]
//! does that, on the few files named here. It reads bytes and no syntax, so files of every language
//! count alike.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::Hasher as _;

use memchr::memmem;
use rustc_hash::{FxHashMap, FxHasher};

use crate::text::lines::blanks;
use crate::text::words::is_word_byte;

/// What a pair of neighbouring words weighs beside a word in as few files, and a line. A large file holds most
/// words of anything; pairs and lines do not come together by chance.
const PAIR: f64 = 1.0;
const LINE: f64 = 2.0;

/// Bytes at the beginning of a file of which none is zero, if it is text.
const HEAD: usize = 8 * 1024;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needle {
    /// One of these texts, each as it may stand there: a search, and what a patch would have made of it. A text
    /// may begin and end inside a word.
    AnyOf(Vec<String>),
    /// All of these, in any order, none beginning or ending inside a word: the literals of a pattern.
    AllOf(Vec<String>),
}

/// How much of a needle a file holds; the better, the greater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Coverage {
    /// Something of it: 0 (nothing that counts) to 1 (every word, pair and line, though not as one text). A
    /// word, pair or line counts with the logarithm of how rare it is among the files.
    Some(f64),
    /// All of it but the indentation.
    Reindented,
    /// All of it, line ends aside.
    Exact,
}

impl Coverage {
    fn order(self, other: Self) -> Ordering {
        let key = |found| match found {
            Self::Some(share) => (0, share),
            Self::Reindented => (1, 1.0),
            Self::Exact => (2, 1.0),
        };
        let ((a, a_share), (b, b_share)) = (key(self), key(other));
        a.cmp(&b).then(f64::total_cmp(&a_share, &b_share))
    }
}

/// A file that may hold a needle.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateFile {
    /// As given to [`WorkspaceSearch::scan`].
    pub path: String,
    /// Which text of [`Needle::AnyOf`] it holds most of, from 0; 0 for [`Needle::AllOf`].
    pub(crate) text: usize,
    /// How much of it.
    pub(crate) found: Coverage,
}

/// What one file holds of all needles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHits {
    path: String,
    /// The features that it holds, in order.
    features: Vec<u32>,
    /// The variants that it holds whole, and whether indented as in the needle.
    whole: Vec<(usize, bool)>,
}

/// One search through a workspace: make it, [`scan`](Self::scan) every file, [`rank`](Self::rank) the hits.
#[derive(Debug)]
pub struct WorkspaceSearch {
    needles: usize,
    variants: Vec<NeedleText>,
    features: Features,
}

/// One text of a needle, or all its literals.
#[derive(Debug)]
struct NeedleText {
    needle: usize,
    /// Which text of its needle.
    text: usize,
    /// Its words, pairs and lines, each once, in order.
    features: Vec<u32>,
    /// The words without which it cannot stand in a file.
    required: Vec<u32>,
    finders: Finders,
}

#[derive(Debug)]
enum Finders {
    /// One text, and without what its lines begin with.
    Text { exact: Box<memmem::Finder<'static>>, bare: Box<memmem::Finder<'static>> },
    /// Several, each at the borders of words.
    Words(Vec<memmem::Finder<'static>>),
}

impl WorkspaceSearch {
    /// Reads the needles.
    pub fn new(needles: &[Needle]) -> Self {
        let mut search = Self { needles: needles.len(), variants: Vec::new(), features: Features::default() };
        for (at, needle) in needles.iter().enumerate() {
            match needle {
                Needle::AnyOf(texts) => {
                    texts.iter().enumerate().for_each(|(n, text)| search.add_text(at, n, text));
                }
                Needle::AllOf(literals) => search.add_literals(at, literals),
            }
        }
        search
    }

    fn add_text(&mut self, needle: usize, text: usize, content: &str) {
        let exact = content.replace("\r\n", "\n").into_bytes();
        let bare = bare(&exact);
        let (mut features, mut words) = (Vec::new(), Vec::new());
        let ends = [exact.first(), exact.last()].map(|end| end.is_some_and(|byte| is_word_byte(*byte)));
        read(&exact, |kind, hash| {
            let id = self.features.add(kind, hash);
            features.push(id);
            if kind == FeatureKind::Word {
                words.push(id);
            }
            true
        });
        let last = words.len().saturating_sub(usize::from(ends[1]));
        let required = words.get(usize::from(ends[0])..last).unwrap_or_default().to_vec();
        let finder = |text: &[u8]| Box::new(memmem::Finder::new(text).into_owned());
        let finders = Finders::Text { exact: finder(&exact), bare: finder(&bare) };
        self.variants.push(NeedleText {
            needle,
            text,
            features: sorted(features),
            required: sorted(required),
            finders,
        });
    }

    fn add_literals(&mut self, needle: usize, literals: &[String]) {
        let (mut features, mut required) = (Vec::new(), Vec::new());
        for literal in literals {
            read(literal.as_bytes(), |kind, hash| {
                // A literal is a part of a line, so its words are no line.
                if kind != FeatureKind::Line {
                    let id = self.features.add(kind, hash);
                    features.push(id);
                    required.extend((kind == FeatureKind::Word).then_some(id));
                }
                true
            });
        }
        let finder = |literal: &String| memmem::Finder::new(literal.as_bytes()).into_owned();
        let finders = Finders::Words(literals.iter().map(finder).collect());
        self.variants.push(NeedleText {
            needle,
            text: 0,
            features: sorted(features),
            required: sorted(required),
            finders,
        });
    }

    /// What the file at `path` holds of the needles. Of a file that is no text, nothing. Call it from as many
    /// threads as there are.
    pub fn scan(&self, path: &str, content: &[u8]) -> FileHits {
        let mut hits = FileHits { path: path.to_owned(), features: Vec::new(), whole: Vec::new() };
        if content[..content.len().min(HEAD)].contains(&0) {
            return hits;
        }
        let mut seen = vec![0_u64; self.features.kinds.len().div_ceil(64)];
        read(content, |kind, hash| {
            let id = self.features.find(kind, hash);
            if let Some(id) = id {
                let (place, bit) = (id as usize / 64, 1 << (id % 64));
                if seen[place] & bit == 0 {
                    seen[place] |= bit;
                    hits.features.push(id);
                }
            }
            id.is_some()
        });
        hits.features.sort_unstable();
        let has = |id: &u32| seen[*id as usize / 64] & (1 << (id % 64)) != 0;
        let (mut plain, mut stripped) = (None, None);
        for (at, variant) in
            self.variants.iter().enumerate().filter(|(_, variant)| variant.required.iter().all(has))
        {
            let plain: &Cow<'_, [u8]> = plain.get_or_insert_with(|| one_byte_ends(content));
            match &variant.finders {
                Finders::Words(literals) if literals.iter().all(|literal| stands_apart(literal, plain)) => {
                    hits.whole.push((at, true));
                }
                Finders::Words(_) => {}
                Finders::Text { exact, .. } if exact.needle().is_empty() => {}
                Finders::Text { exact, .. } if exact.find(plain).is_some() => hits.whole.push((at, true)),
                Finders::Text { bare: text, .. } => {
                    // Where no word is required the text is too short to mean anything indented otherwise.
                    if !variant.required.is_empty()
                        && text.find(stripped.get_or_insert_with(|| bare(plain))).is_some()
                    {
                        hits.whole.push((at, false));
                    }
                }
            }
        }
        hits
    }

    /// For each needle the `limit` best files, best first, of equal ones by their path. `files` are the hits
    /// of all files, in any order: they say how rare a word is.
    pub fn rank(&self, files: &[FileHits], limit: usize) -> Vec<Vec<CandidateFile>> {
        let mut held_by = vec![0_u32; self.features.kinds.len()];
        files.iter().flat_map(|file| &file.features).for_each(|&id| held_by[id as usize] += 1);
        let weight = |id: usize| {
            let rarity = (files.len().max(1) as f64 / f64::from(held_by[id].max(1))).ln();
            let kind = [1.0, PAIR, LINE][self.features.kinds[id] as usize];
            rarity * kind
        };
        let weights: Vec<f64> = (0..held_by.len()).map(weight).collect();
        let mut holders: Vec<Vec<u32>> = vec![Vec::new(); held_by.len()];
        for (at, variant) in self.variants.iter().enumerate() {
            variant.features.iter().for_each(|&id| holders[id as usize].push(at as u32));
        }
        let total =
            |variant: &NeedleText| variant.features.iter().map(|&id| weights[id as usize]).sum::<f64>();
        let totals: Vec<f64> = self.variants.iter().map(total).collect();
        let mut best: Vec<Vec<CandidateFile>> = vec![Vec::new(); self.needles];
        let mut shares = vec![0.0; self.variants.len()];
        for file in files {
            shares.fill(0.0);
            for &id in &file.features {
                holders[id as usize].iter().for_each(|&at| shares[at as usize] += weights[id as usize]);
            }
            for (at, variant) in self.variants.iter().enumerate() {
                let share = if totals[at] > 0.0 { (shares[at] / totals[at]).min(1.0) } else { 0.0 };
                let found = match file.whole.iter().find(|(whole, _)| *whole == at) {
                    Some((_, true)) => Coverage::Exact,
                    Some((_, false)) => Coverage::Reindented,
                    None if share > 0.0 => Coverage::Some(share),
                    None => continue,
                };
                insert_ranked(&mut best[variant.needle], &file.path, variant.text, found, limit);
            }
        }
        best
    }
}

/// Puts a file where it belongs among the best, once.
fn insert_ranked(best: &mut Vec<CandidateFile>, path: &str, text: usize, found: Coverage, limit: usize) {
    let before =
        |other: &CandidateFile| found.order(other.found).then_with(|| other.path.as_str().cmp(path)).is_lt();
    if let Some(same) = best.iter().position(|other| other.path == path) {
        if found.order(best[same].found).is_le() {
            return;
        }
        best.remove(same);
    } else if best.len() == limit {
        if best.last().is_none_or(before) {
            return;
        }
        best.pop();
    }
    let place = best.partition_point(before);
    best.insert(place, CandidateFile { path: path.to_owned(), text, found });
}

fn sorted(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Whether a literal stands somewhere without a word going on before or after it.
fn stands_apart(literal: &memmem::Finder<'_>, content: &[u8]) -> bool {
    let text = literal.needle();
    let (Some(&first), Some(&last)) = (text.first(), text.last()) else {
        return true;
    };
    literal.find_iter(content).any(|at| {
        let before = at.checked_sub(1).map(|at| content[at]);
        let after = content.get(at + text.len()).copied();
        let goes_on = |end: u8, next: Option<u8>| is_word_byte(end) && next.is_some_and(is_word_byte);
        !goes_on(first, before) && !goes_on(last, after)
    })
}

fn one_byte_ends(content: &[u8]) -> Cow<'_, [u8]> {
    if memmem::find(content, b"\r\n").is_none() {
        return Cow::Borrowed(content);
    }
    let lines = content.split_inclusive(|byte| *byte == b'\n');
    let whole = lines.flat_map(|line| match line.strip_suffix(b"\r\n") {
        Some(line) => [line, b"\n"],
        None => [line, b""],
    });
    Cow::Owned(whole.flatten().copied().collect())
}

/// Without the blanks that lines begin with.
fn bare(content: &[u8]) -> Vec<u8> {
    let mut bare = Vec::with_capacity(content.len());
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        bare.extend_from_slice(&line[blanks(line)..]);
    }
    bare
}

/// The kinds of features: what texts and files are compared by here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FeatureKind {
    Word = 0,
    /// Two words, one after the other, on whichever lines.
    Pair = 1,
    /// The words of a line that has two or more.
    Line = 2,
}

/// Calls `each` for every word, pair and line. A pair is made only of words for which it says true.
fn read(content: &[u8], mut each: impl FnMut(FeatureKind, u64) -> bool) {
    let (mut at, mut line, mut words) = (0, 0, 0_u32);
    let mut before: Option<u64> = None;
    while at < content.len() {
        let byte = content[at];
        if !is_word_byte(byte) {
            if byte == b'\n' {
                if words > 1 {
                    each(FeatureKind::Line, line);
                }
                (line, words) = (0, 0);
            }
            at += 1;
            continue;
        }
        let start = at;
        while at < content.len() && is_word_byte(content[at]) {
            at += 1;
        }
        let mut hasher = FxHasher::default();
        hasher.write(&content[start..at]);
        let word = hasher.finish();
        (line, words) = (joined(line, word), words + 1);
        let known = each(FeatureKind::Word, word);
        if known && let Some(before) = before {
            each(FeatureKind::Pair, joined(before, word));
        }
        before = known.then_some(word);
    }
    if words > 1 {
        each(FeatureKind::Line, line);
    }
}

/// A hash of two hashes in this order.
fn joined(before: u64, next: u64) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(before);
    hasher.write_u64(next);
    hasher.finish()
}

/// The features of all needles by their hashes. Two that share all 64 bits are taken for one: that costs a wrong
/// share in a ranking, once in a great many lifetimes.
#[derive(Debug, Default)]
struct Features {
    /// By id.
    kinds: Vec<FeatureKind>,
    ids: FxHashMap<u64, u32>,
}

impl Features {
    fn add(&mut self, kind: FeatureKind, hash: u64) -> u32 {
        *self.ids.entry(Self::key(kind, hash)).or_insert_with(|| {
            self.kinds.push(kind);
            self.kinds.len() as u32 - 1
        })
    }

    fn find(&self, kind: FeatureKind, hash: u64) -> Option<u32> {
        self.ids.get(&Self::key(kind, hash)).copied()
    }

    fn key(kind: FeatureKind, hash: u64) -> u64 {
        hash ^ ((kind as u64) << 7)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranked(needle: Needle, files: &[(&str, &str)]) -> Vec<(String, usize, Coverage)> {
        let search = WorkspaceSearch::new(&[Needle::AnyOf(vec!["something else".to_owned()]), needle]);
        let hits: Vec<FileHits> =
            files.iter().map(|(path, text)| search.scan(path, text.as_bytes())).collect();
        let ranked = search.rank(&hits, 3).pop().unwrap();
        ranked.into_iter().map(|found| (found.path, found.text, found.found)).collect()
    }

    fn texts(texts: &[&str]) -> Needle {
        Needle::AnyOf(texts.iter().map(|&text| text.to_owned()).collect())
    }

    fn literals(texts: &[&str]) -> Needle {
        Needle::AllOf(texts.iter().map(|&text| text.to_owned()).collect())
    }

    const BLOCK: &str = "    let limit = agent_limit(config);\n    check(limit, &spawned)?;\n";

    #[test]
    fn exact_then_reindented_then_the_rest_by_what_they_share() {
        let indented = BLOCK.replace("    ", "\t\t");
        let files = [
            ("e.rs", "let x = other(config);\n"),
            ("d.rs", "    let limit = agent_limit(config);\n    done(limit)\n"),
            ("c.rs", indented.as_str()),
            ("b.rs", &BLOCK.replace('\n', "\r\n")),
            ("a.rs", "fn unrelated() {}\n"),
        ];
        let found = ranked(texts(&[BLOCK]), &files);
        assert_eq!(found[0], ("b.rs".to_owned(), 0, Coverage::Exact));
        assert_eq!(found[1], ("c.rs".to_owned(), 0, Coverage::Reindented));
        assert!(matches!(&found[2], (path, 0, Coverage::Some(share)) if path == "d.rs" && *share > 0.2));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn the_better_of_two_texts_is_named() {
        let replaced = BLOCK.replace("agent_limit", "unlimited");
        let files = [("new.rs", replaced.as_str()), ("x.rs", "fn x() {}")];
        assert_eq!(ranked(texts(&[BLOCK, &replaced]), &files), [("new.rs".to_owned(), 1, Coverage::Exact)]);
    }

    #[test]
    fn a_text_may_begin_and_end_inside_a_word_a_literal_may_not() {
        let files = [("a.rs", "respawn_agents()"), ("b.rs", "x")];
        for text in ["spawn_agent", "pawn", "n_agents(", "()", "respawn_agents()"] {
            assert_eq!(ranked(texts(&[text]), &files), [("a.rs".to_owned(), 0, Coverage::Exact)], "{text}");
        }
        assert_eq!(ranked(literals(&["spawn_agents"]), &files), []);
        assert_eq!(ranked(literals(&["respawn_agents", "("]), &files).len(), 1);
    }

    #[test]
    fn all_literals_are_wanted() {
        let files = [("a.rs", "spawn(agent)"), ("b.rs", "spawn()"), ("c.rs", "agents"), ("d.rs", "")];
        let found = ranked(literals(&["spawn", "agent"]), &files);
        assert_eq!(found[0], ("a.rs".to_owned(), 0, Coverage::Exact));
        assert!(matches!(&found[1], (path, 0, Coverage::Some(_)) if path == "b.rs"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_is_nothing_finds_nothing() {
        for needle in [texts(&[]), texts(&[""]), texts(&["\n"])] {
            assert_eq!(ranked(needle, &[("a.rs", "a"), ("b.rs", "")]), []);
        }
        assert_eq!(ranked(texts(&["abc def"]), &[("image", "abc def\0"), ("b", "")]), []);
        assert_eq!(WorkspaceSearch::new(&[]).rank(&[], 8), Vec::<Vec<CandidateFile>>::new());
    }

    #[test]
    fn equal_files_come_by_path_and_no_more_than_asked_for() {
        let names = ["d", "b", "a", "c", "e"];
        let files: Vec<_> = names.iter().map(|name| (*name, BLOCK)).chain([("f", "")]).collect();
        let found: Vec<String> = ranked(texts(&[BLOCK]), &files).into_iter().map(|(path, ..)| path).collect();
        assert_eq!(found, ["a", "b", "c"]);
    }

    proptest! {
        #[test]
        fn a_text_is_seen_whole_where_it_stands_and_nowhere_else(
            texts in prop::collection::vec("[ab( \r\n]{1,6}", 1..6), content in "[ab( \r\n]{0,40}"
        ) {
            let needles: Vec<Needle> = texts.iter().map(|text| Needle::AnyOf(vec![text.clone()])).collect();
            let search = WorkspaceSearch::new(&needles);
            let found = search.rank(&[search.scan("x", content.as_bytes()), search.scan("y", b"")], 2);
            let ends = |text: &str| text.replace("\r\n", "\n");
            let blanks = |text: &str| -> String {
                ends(text).split_inclusive('\n').map(|line| line.trim_start_matches(' ')).collect()
            };
            for (text, found) in texts.iter().zip(found) {
                let found = found.first().map(|candidate| candidate.found);
                prop_assert_eq!(ends(&content).contains(&ends(text)), found == Some(Coverage::Exact));
                if found == Some(Coverage::Reindented) {
                    prop_assert!(blanks(&content).contains(&blanks(text)));
                }
            }
        }
    }
}
