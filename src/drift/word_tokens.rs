//! A text as a sequence of word tokens: what the likeness of two texts is measured by.
//!
//! A word token is a word (a run of letters, digits and `_`, inside literals and comments as well) or a whole line
//! that holds no word (`});`, the empty line). White space is nothing, other punctuation only modifies the
//! word that follows it on its line. These are not the tokens of Rust: lines are read one by one without state, unlike in
//! [`crate::rust::lexer`]: a needle may begin inside a literal or a comment, and must read there as it does
//! in the file.

use std::hash::Hasher as _;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use crate::text::words::is_word_byte;

/// The id of every token that the needle does not hold.
pub(super) const FOREIGN: u32 = 0;

/// Bits below the weight of words, in which the word-less lines are counted: they order what is otherwise
/// equal and never outweigh a word.
const COMMON_BITS: u32 = 14;

type Ids<'n> = FxHashMap<&'n str, u32>;

/// The tokens of a text, and where its lines begin, in bytes and in tokens.
#[derive(Default)]
pub(super) struct WordTokens {
    /// What each token is.
    pub(super) ids: Vec<u32>,
    /// A hash of the punctuation between the word and the one before it on its line.
    pub(super) punctuation: Vec<u16>,
    /// What each line is as a whole, [`FOREIGN`] if the needle does not hold it.
    pub(super) line_ids: Vec<u32>,
    /// First token of each line, and the number of tokens; every line has at least one token.
    token_starts: Vec<usize>,
    /// First byte of each line, and the length of the text.
    byte_starts: Vec<usize>,
}

impl WordTokens {
    /// How many lines the text has.
    pub(super) fn lines(&self) -> usize {
        self.line_ids.len()
    }

    /// The tokens of a range of lines.
    pub(super) fn of_lines(&self, lines: &Range<usize>) -> Range<usize> {
        self.token_starts[lines.start]..self.token_starts[lines.end]
    }

    /// The bytes of a range of lines.
    pub(super) fn bytes(&self, lines: &Range<usize>) -> Range<usize> {
        self.byte_starts[lines.start]..self.byte_starts[lines.end]
    }

    /// The line that holds a token.
    pub(super) fn line_of(&self, token: usize) -> usize {
        self.token_starts.partition_point(|&start| start <= token) - 1
    }

    /// Every token's id and line.
    pub(super) fn placed(&self) -> impl Iterator<Item = (u32, usize)> + '_ {
        (0..self.lines())
            .flat_map(move |line| self.of_lines(&(line..line + 1)).map(move |token| (self.ids[token], line)))
    }

    /// Every line's id and number, from 0.
    pub(super) fn placed_lines(&self) -> impl Iterator<Item = (u32, usize)> + '_ {
        self.line_ids.iter().copied().zip(0..)
    }

    /// Reads `text`; `word` and `line` name its tokens and lines.
    fn read<'t>(
        text: &'t str,
        mut word: impl FnMut(&'t str, bool) -> u32,
        mut line: impl FnMut(&'t str) -> u32,
    ) -> Self {
        let mut tokens = Self::default();
        let mut at = 0;
        for full in text.split_inclusive('\n') {
            tokens.byte_starts.push(at);
            tokens.token_starts.push(tokens.ids.len());
            at += full.len();
            let trimmed = full.trim();
            tokens.line_ids.push(line(trimmed));
            tokens.read_line(trimmed, &mut word);
        }
        tokens.byte_starts.push(at);
        tokens.token_starts.push(tokens.ids.len());
        tokens
    }

    fn read_line<'t>(&mut self, line: &'t str, word: &mut impl FnMut(&'t str, bool) -> u32) {
        let bytes = line.as_bytes();
        let before = self.ids.len();
        let (mut at, mut punctuation) = (0, FxHasher::default());
        while at < bytes.len() {
            let end = at + bytes[at..].iter().position(|&b| !is_word_byte(b)).unwrap_or(bytes.len() - at);
            if end > at {
                self.push(word(&line[at..end], true), &punctuation);
                (at, punctuation) = (end, FxHasher::default());
                continue;
            }
            if !bytes[at].is_ascii_whitespace() {
                punctuation.write_u8(bytes[at]);
            }
            at += 1;
        }
        if self.ids.len() == before {
            self.push(word(line, false), &FxHasher::default());
        }
    }

    fn push(&mut self, id: u32, punctuation: &FxHasher) {
        self.ids.push(id);
        self.punctuation.push(punctuation.finish() as u16);
    }
}

/// A needle and the haystack read in its terms, with what each token weighs.
pub(super) struct Comparison {
    /// The needle; its ids are all above [`FOREIGN`].
    pub(super) needle: WordTokens,
    /// The haystack.
    pub(super) haystack: WordTokens,
    /// How often each word id stands in the needle, and in the haystack.
    pub(super) counts: Vec<[u32; 2]>,
    /// How often each line id stands in the needle, and in the haystack.
    pub(super) line_counts: Vec<[u32; 2]>,
    weights: Vec<i64>,
}

impl Comparison {
    /// Reads both texts.
    pub(super) fn new(needle: &str, haystack: &str) -> Self {
        let (mut words, mut lines) = (Ids::default(), Ids::default());
        let mut is_a_word = vec![true];
        let needle = WordTokens::read(
            needle,
            |text, is_word| {
                let next = words.len() as u32 + 1;
                *words.entry(text).or_insert_with(|| {
                    is_a_word.push(is_word);
                    next
                })
            },
            |text| {
                let next = lines.len() as u32 + 1;
                *lines.entry(text).or_insert(next)
            },
        );
        let haystack = WordTokens::read(
            haystack,
            |text, _| words.get(text).copied().unwrap_or(FOREIGN),
            |text| lines.get(text).copied().unwrap_or(FOREIGN),
        );
        let counts = count(&needle.ids, &haystack.ids, words.len());
        let line_counts = count(&needle.line_ids, &haystack.line_ids, lines.len());
        let weights = weigh(&is_a_word, &counts, haystack.ids.len());
        Self { needle, haystack, counts, line_counts, weights }
    }

    /// What a token weighs: a word the more the rarer it is, a line without words next to nothing.
    pub(super) fn weight(&self, id: u32) -> i64 {
        self.weights[id as usize]
    }

    /// What these tokens weigh together.
    pub(super) fn total(&self, ids: &[u32]) -> i64 {
        ids.iter().map(|&id| self.weight(id)).sum()
    }
}

/// The part of a weight that words make up.
pub(super) fn identifying(weight: i64) -> i64 {
    weight >> COMMON_BITS
}

fn count(needle: &[u32], haystack: &[u32], ids: usize) -> Vec<[u32; 2]> {
    let mut counts = vec![[0; 2]; ids + 1];
    needle.iter().for_each(|&id| counts[id as usize][0] += 1);
    haystack.iter().for_each(|&id| counts[id as usize][1] += 1);
    counts
}

/// A word weighs 4·(1 + log2(tokens of the haystack / its occurrences there)), a foreign one as much as the
/// needle's words do on average.
fn weigh(is_a_word: &[bool], counts: &[[u32; 2]], tokens: usize) -> Vec<i64> {
    let mut weights: Vec<i64> = is_a_word
        .iter()
        .zip(counts)
        .map(|(is_a_word, [_, there])| {
            let rarity = (tokens / (*there).max(1) as usize).max(1).ilog2();
            if *is_a_word { i64::from(4 * (1 + rarity)) << COMMON_BITS } else { 1 }
        })
        .collect();
    let words = || (1..weights.len()).filter(|&id| is_a_word[id]);
    let occurrences: i64 = words().map(|id| i64::from(counts[id][0])).sum();
    let sum: i64 = words().map(|id| i64::from(counts[id][0]) * (weights[id] >> COMMON_BITS)).sum();
    weights[FOREIGN as usize] = (sum / occurrences.max(1)).max(1) << COMMON_BITS;
    weights
}
