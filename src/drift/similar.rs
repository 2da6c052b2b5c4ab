//! Where in a text a needle most likely stands today, and how sure that is.
//!
//! A search in three steps, each on less than the one before: words and lines that both texts hold name a few dozen
//! [`candidates`] (rare ones with more weight, too common ones not at all), the likeness of each candidate is bounded by
//! what it shares with the needle, and the most promising ones are aligned. It is not an edit distance over all windows,
//! as libraries measure likeness: that is quadratic, and counts braces as much as names. It does not know which place is
//! meant; [`clear_winner`] says when that is beyond doubt.

use std::ops::Range;

use super::align::{self, Likeness};
use super::candidates;
use super::word_tokens::Comparison;

/// How much better than every other place the best one must be.
///
/// A changed word in ten lines of code costs one to two hundredths, so an edit of a few words makes a place
/// worse than its untouched copy by a few times that. Measured on cuts of real code with one line in eight
/// changed, where copies (of tests, mostly) stand nearby: against 0.05, this margin halves the wrong winners
/// and refuses 4 % more; 0.2 would halve them again and refuse 9 % more.
pub(crate) const MARGIN: f64 = 0.1;

/// Places that do not overlap each other and are aligned at any cost.
const MAX_APART: usize = 8;
/// Pairs of equal words for which other places are aligned.
const MAX_PAIRS: usize = 1 << 20;
/// A place that cannot reach this share of the best similarity found is not aligned.
const WORTH_ALIGNING: f64 = 0.6;

/// Whole lines of a haystack that may be what the needle has become.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Half-open byte offsets, from the start of a line to the start of another one or the end of the text.
    pub(crate) span: Range<usize>,
    /// Number of the first line, from 1.
    pub(crate) first_line: usize,
    /// 0 (nothing in common) to 1 (nothing that counts is missing or added), as in `similarity`.
    pub(crate) similarity: f64,
}

/// What a list of windows says about the place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Winner<'w> {
    /// No window reaches the threshold.
    None,
    /// One does, and no other comes near it.
    One(&'w Window),
    /// The best one and those within [`MARGIN`] of it, best first.
    Twins(Vec<&'w Window>),
}

/// The place that is clearly meant: at least `threshold` similar and better than every other one by
/// [`MARGIN`]. `windows` come best first, as from [`best_windows`] with a limit of 2 or more.
///
/// A window of similarity 1 is no exception: upstream may have changed the place and left its copy alone.
pub(crate) fn clear_winner(windows: &[Window], threshold: f64) -> Winner<'_> {
    let Some(best) = windows.first().filter(|best| best.similarity >= threshold) else {
        return Winner::None;
    };
    let twins: Vec<_> = windows.iter().take_while(|w| w.similarity > best.similarity - MARGIN).collect();
    if twins.len() > 1 { Winner::Twins(twins) } else { Winner::One(best) }
}

/// How much of what identifies `wanted` stands in `found`, from 0 to 1.
///
/// `2·M / (N + M + (W − M) / 4)`, where `N` and `W` are the weights of the words of `wanted` and `found`, `M`
/// of those that both have in the same order. Words inside literals and comments are words, rare words weigh
/// more; white space and lines without a word weigh nothing (unless `wanted` has no word at all), other
/// punctuation an eighth of the word after it. What only `found` has counts a quarter, because that upstream
/// adds lines inside a place is the common case: so it is not symmetric.
pub(crate) fn similarity(wanted: &str, found: &str) -> f64 {
    let comparison = Comparison::new(wanted, found);
    let whole = 0..comparison.haystack.ids.len();
    align::likeness(&comparison, whole).similarity
}

/// The places of `haystack` most similar to `needle`, best first (of equal ones the earlier first), at most
/// `limit`, none overlapping another.
///
/// A window has the needle's number of lines, up to `expansion` more or fewer. Needles of up to a few
/// hundred lines are meant; the time grows with the haystack's size, never with its square.
pub fn best_windows(needle: &str, haystack: &str, expansion: usize, limit: usize) -> Vec<Window> {
    let comparison = Comparison::new(needle, haystack);
    if comparison.needle.lines() == 0 || comparison.haystack.lines() == 0 {
        return Vec::new();
    }
    let search = PlaceSearch { comparison: &comparison, expansion };
    let aligned = search.aligned(&search.chosen(search.candidates()));
    search.disjoint(aligned, limit).into_iter().map(|found| found.window(&comparison)).collect()
}

struct PlaceSearch<'s> {
    comparison: &'s Comparison,
    expansion: usize,
}

/// A line where the needle's first one may stand, what the likeness cannot exceed there, and what aligning
/// costs.
#[derive(Debug, Clone, Copy)]
struct CandidatePlace {
    first: usize,
    bound: Likeness,
    pairs: usize,
}

/// A window in lines, and the line where its candidate put the needle's first one.
struct Aligned {
    lines: Range<usize>,
    likeness: Likeness,
    expected: usize,
}

impl Aligned {
    /// The more alike of two, the first if they are equally so.
    fn better(self, other: Self) -> Self {
        if other.likeness.order(self.likeness).is_gt() { other } else { self }
    }

    fn window(self, comparison: &Comparison) -> Window {
        Window {
            span: comparison.haystack.bytes(&self.lines),
            first_line: self.lines.start + 1,
            similarity: self.likeness.similarity,
        }
    }
}

impl PlaceSearch<'_> {
    /// First lines worth aligning, the most promising first, with what their likeness cannot exceed.
    fn candidates(&self) -> Vec<CandidatePlace> {
        let radius = self.expansion.min(self.comparison.needle.lines() / 2);
        let candidate = |first| {
            let tokens = self.tokens(&self.region(first));
            let bound = align::likeness_bound(self.comparison, tokens.clone());
            CandidatePlace { first, bound, pairs: align::pairs(self.comparison, tokens) }
        };
        let places = candidates::places(self.comparison, self.expansion, radius);
        let mut candidates: Vec<_> = places.into_iter().map(candidate).collect();
        candidates.sort_by(|a, b| b.bound.order(a.bound).then(a.first.cmp(&b.first)));
        candidates
    }

    /// The candidates to align: the best, and the best of those that do not overlap, or a place that all
    /// candidates are for would keep its twin from being seen.
    fn chosen(&self, mut candidates: Vec<CandidatePlace>) -> Vec<CandidatePlace> {
        let mut chosen: Vec<CandidatePlace> = Vec::new();
        let lines = self.comparison.needle.lines();
        candidates.retain(|&candidate| {
            let is_apart = |other: &CandidatePlace| candidate.first.abs_diff(other.first) >= lines;
            let is_chosen = chosen.len() < MAX_APART && chosen.iter().all(is_apart);
            chosen.extend(is_chosen.then_some(candidate));
            !is_chosen
        });
        let mut pairs = 0;
        chosen.extend(candidates.into_iter().take_while(|candidate| {
            pairs += candidate.pairs;
            pairs <= MAX_PAIRS
        }));
        chosen
    }

    /// The best window of each candidate that can come near the best one, best first.
    fn aligned(&self, candidates: &[CandidatePlace]) -> Vec<Aligned> {
        let mut found: Vec<Aligned> = Vec::new();
        let mut best: f64 = 0.0;
        for &CandidatePlace { first, bound, .. } in candidates {
            if bound.similarity < best * WORTH_ALIGNING {
                continue;
            }
            let window = self.align(&self.region(first), first);
            best = window.as_ref().map_or(best, |window| best.max(window.likeness.similarity));
            found.extend(window);
        }
        sort(&mut found);
        found
    }

    /// The best windows that do not overlap. A place that loses lines to a better one is aligned once more
    /// on what is left of it: near the best place its twin may stand.
    fn disjoint(&self, aligned: Vec<Aligned>, limit: usize) -> Vec<Aligned> {
        let (mut kept, mut again): (Vec<Aligned>, Vec<usize>) = (Vec::new(), Vec::new());
        for found in aligned {
            if free_parts(&found.lines, &kept) == [found.lines.clone()] {
                kept.push(found);
            } else {
                again.push(found.expected);
            }
        }
        for expected in again {
            let best = free_parts(&self.region(expected), &kept)
                .iter()
                .filter_map(|part| self.align(part, expected))
                .reduce(Aligned::better);
            kept.extend(best);
        }
        sort(&mut kept);
        kept.truncate(limit);
        kept
    }

    /// All lines that a window around `first` may hold.
    fn region(&self, first: usize) -> Range<usize> {
        let last = first + self.comparison.needle.lines() + self.expansion;
        first.saturating_sub(self.expansion)..last.min(self.comparison.haystack.lines())
    }

    /// The best window within `region`.
    fn align(&self, region: &Range<usize>, expected: usize) -> Option<Aligned> {
        let longest = self.comparison.needle.lines() + self.expansion;
        let lines = self.place(region)?;
        let found = if lines.len() > longest {
            let parts = [lines.start..lines.start + longest, lines.end - longest..lines.end];
            let places = parts.iter().filter_map(|part| self.place(part));
            let measured =
                places.map(|place| self.measure(self.stretched(place, region, expected), expected));
            measured.reduce(Aligned::better)?
        } else {
            self.measure(self.stretched(lines, region, expected), expected)
        };
        (found.likeness.similarity > 0.0).then_some(found)
    }

    fn place(&self, region: &Range<usize>) -> Option<Range<usize>> {
        let tokens = align::best_place(self.comparison, self.tokens(region))?;
        let haystack = &self.comparison.haystack;
        Some(haystack.line_of(tokens.start)..haystack.line_of(tokens.end - 1) + 1)
    }

    fn measure(&self, lines: Range<usize>, expected: usize) -> Aligned {
        let likeness = align::likeness(self.comparison, self.tokens(&lines));
        Aligned { lines, likeness, expected }
    }

    /// `lines` with neighbours up to the shortest length that a window may have, beginning as near to where
    /// the candidate put it as that allows.
    fn stretched(&self, lines: Range<usize>, region: &Range<usize>, expected: usize) -> Range<usize> {
        let shortest = self.comparison.needle.lines().saturating_sub(self.expansion).min(region.len());
        if lines.len() >= shortest {
            return lines;
        }
        let earliest = lines.end.saturating_sub(shortest).max(region.start);
        let start = expected.clamp(earliest, lines.start.min(region.end - shortest));
        start..start + shortest
    }

    fn tokens(&self, lines: &Range<usize>) -> Range<usize> {
        self.comparison.haystack.of_lines(lines)
    }
}

fn sort(found: &mut [Aligned]) {
    found.sort_by(|a, b| b.likeness.order(a.likeness).then(a.lines.start.cmp(&b.lines.start)));
}

/// What `kept` leaves of `lines`.
fn free_parts(lines: &Range<usize>, kept: &[Aligned]) -> Vec<Range<usize>> {
    let mut parts = vec![lines.clone()];
    for taken in kept.iter().map(|found| &found.lines) {
        let cut = |part: Range<usize>| {
            let before = part.start..part.end.min(taken.start);
            let after = part.start.max(taken.end)..part.end;
            [before, after].into_iter().filter(|part| !part.is_empty())
        };
        parts = parts.into_iter().flat_map(cut).collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FUNCTION: &str = "fn spawn_agent(&self, config: &Config) -> Result<AgentId> {
    let limit = config.agent_limit.unwrap_or(DEFAULT_LIMIT);
    if self.agents.len() >= limit {
        return Err(Error::TooManyAgents { limit });
    }
    let id = AgentId::new();
    self.agents.insert(id, Agent::start(config.clone()));
    tracing::info!(%id, \"agent started\");
    Ok(id)
}
";

    /// Lines that share words but are all different.
    fn filler(lines: Range<usize>) -> String {
        lines.map(|n| format!("    let value{n} = self.compute{}(input{n})?;\n", n % 7)).collect()
    }

    fn lines_of(text: &str) -> usize {
        text.lines().count()
    }

    #[test]
    fn similarity_counts_what_identifies() {
        let inserted = FUNCTION
            .replace("    let id =", "    let a = one(1);\n    check(a)?;\n    drop(a);\n    let id =");
        for (found, low, high) in [
            (FUNCTION.to_owned(), 1.0, 1.0),
            (FUNCTION.replace("    ", "\t\t\t"), 1.0, 1.0),
            (FUNCTION.replace("AgentId::new", "AgentId::random"), 0.95, 0.99),
            (FUNCTION.replace("started", "is running"), 0.95, 0.99),
            (FUNCTION.replace("&self, config", "self, config"), 0.99, 0.9999),
            (
                FUNCTION.replace("(&self, config: &Config)", "(\n    &self,\n    config: &Config,\n)"),
                0.97,
                1.0,
            ),
            (inserted, 0.9, 0.98),
            (FUNCTION.lines().take(7).map(|l| format!("{l}\n")).collect(), 0.75, 0.95),
            (filler(0..10), 0.0, 0.3),
            ("}\n\n);\n".to_owned(), 0.0, 0.0),
            (String::new(), 0.0, 0.0),
        ] {
            let score = similarity(FUNCTION, &found);
            assert!((low..=high).contains(&score), "{score} is not in {low}..={high} for:\n{found}");
        }
    }

    #[test]
    fn texts_without_words_compare_by_lines() {
        assert_eq!(similarity("}\n", "  }"), 1.0);
        assert_eq!(similarity("", ""), 1.0);
        assert_eq!(similarity("}\n", "]\n"), 0.0);
        assert!(similarity("}\n", "} else {\n") < 0.01);
    }

    #[test]
    fn the_window_has_whole_lines_and_no_more() {
        let found = FUNCTION
            .replace("AgentId::new", "AgentId::random")
            .replace("    Ok(id)", "    self.count();\n    Ok(id)");
        let haystack = format!("{}{found}{}", filler(0..100), filler(100..200));
        let windows = best_windows(FUNCTION, &haystack, 5, 3);
        assert_eq!(&haystack[windows[0].span.clone()], found);
        assert_eq!(windows[0].first_line, 101);
        assert!(matches!(clear_winner(&windows, 0.85), Winner::One(window) if window.first_line == 101));
    }

    #[test]
    fn a_window_has_the_length_it_may_have() {
        let found = FUNCTION.replacen(
            "fn spawn_agent(&self, config: &Config) -> Result<AgentId> {",
            "something else",
            1,
        );
        let haystack = format!("{}{found}{}", filler(0..9), filler(9..20));
        assert_eq!(haystack[best_windows(FUNCTION, &haystack, 0, 1)[0].span.clone()], found);
        let long = FUNCTION.replace("    let id", &format!("{}    let id", filler(50..60)));
        let haystack = format!("{}{long}{}", filler(0..9), filler(9..20));
        assert_eq!(haystack[best_windows(FUNCTION, &haystack, 10, 1)[0].span.clone()], long);
        for expansion in 0..10 {
            let window = &best_windows(FUNCTION, &haystack, expansion, 1)[0];
            assert!(lines_of(&haystack[window.span.clone()]).abs_diff(10) <= expansion);
        }
    }

    #[test]
    fn one_line_is_found_by_its_words() {
        let haystack = format!("{}    pub max_threads: Option<usize>,\n{}", filler(0..30), filler(30..60));
        let windows = best_windows("pub max_threads: usize,", &haystack, 25, 2);
        assert_eq!((windows[0].first_line, lines_of(&haystack[windows[0].span.clone()])), (31, 1));
        assert!(windows[0].similarity > 0.85, "{}", windows[0].similarity);
    }

    #[test]
    fn copies_are_twins_even_side_by_side() {
        let copy = FUNCTION.replace("spawn_agent", "spawn_worker");
        let wanted = FUNCTION.replace("spawn_agent", "spawn_helper");
        for between in [0, 3, 40, 400] {
            let haystack = format!("{}{FUNCTION}{}{copy}", filler(0..20), filler(20..20 + between));
            let windows = best_windows(&wanted, &haystack, 8, 5);
            let Winner::Twins(twins) = clear_winner(&windows, 0.85) else { panic!("{between}: {windows:?}") };
            assert_eq!(twins.iter().map(|w| w.first_line).collect::<Vec<_>>(), [21, 31 + between]);
        }
    }

    #[test]
    fn verdicts() {
        let windows = |scores: &[f64]| {
            let window = |(n, s): (usize, &f64)| Window { span: n..n + 1, first_line: n + 1, similarity: *s };
            scores.iter().enumerate().map(window).collect::<Vec<_>>()
        };
        for (scores, twins) in [
            (&[][..], 0),
            (&[0.84, 0.84], 0),
            (&[0.85], 1),
            (&[0.86, 0.75], 1),
            (&[0.86, 0.77], 2),
            (&[0.97, 0.95, 0.89, 0.85], 3),
            (&[1.0, 0.99], 2),
            (&[1.0, 1.0], 2),
        ] {
            let found = match clear_winner(&windows(scores), 0.85) {
                Winner::None => 0,
                Winner::One(_) => 1,
                Winner::Twins(twins) => twins.len(),
            };
            assert_eq!(found, twins, "{scores:?}");
        }
    }

    #[test]
    fn texts_of_few_words_are_searched_too() {
        for line in ["}\n", "a();\n", "x x x x x x x x\n"] {
            for (lines, expansion) in [(1, 0), (20, 5), (50, 0), (30, 10)] {
                let windows = best_windows(&line.repeat(lines), &line.repeat(600), expansion, 3);
                assert!(matches!(clear_winner(&windows, 0.85), Winner::Twins(_)), "{windows:?}");
            }
        }
        assert_eq!(best_windows("a\n", "", 5, 3), []);
        assert_eq!(best_windows("", "a\n", 5, 3), []);
        assert_eq!(best_windows("a\n", "b\n}\n", 5, 3), []);
        assert_eq!(best_windows("a", "a", 5, 3)[0].span, 0..1);
    }

    /// A file of blocks that use the same few names in lines of their own.
    fn haystack() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec((0..6usize, 0..5usize), 20..200).prop_map(|lines| {
            let name = ["self", "config", "value", "agent", "limit", "path"];
            let line = |(n, (a, shape)): (usize, (usize, usize))| match shape {
                0 => "}\n".to_owned(),
                1 => "\n".to_owned(),
                2 => format!("    {}.{}()?;\n", name[a], name[n % 6]),
                _ => format!("    let {}{n} = {}({});\n", name[n % 6], name[a], n / 3),
            };
            lines.into_iter().enumerate().map(line).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, max_global_rejects: 1 << 20, ..Default::default() })]

        #[test]
        fn what_was_cut_out_is_found(
            lines in haystack(), from in 0..200usize, len in 1..40usize, expansion in 0..20usize
        ) {
            let from = from % lines.len();
            let to = lines.len().min(from + len);
            let (needle, text) = (lines[from..to].concat(), lines.concat());
            prop_assume!(text.matches(&needle).count() == 1 && needle.contains("let"));
            let windows = best_windows(&needle, &text, expansion, 3);
            let at = text.find(&needle).unwrap();
            prop_assert!(windows[0].similarity == 1.0);
            prop_assert!(windows.iter().any(|w| w.span == (at..at + needle.len())), "{:?}", windows);
        }

        #[test]
        fn insertions_do_not_hide_a_place(
            lines in haystack(), from in 0..200usize, at in 1..20usize, count in 1..15usize
        ) {
            let from = from % lines.len();
            let to = lines.len().min(from + 20);
            let needle = lines[from..to].concat();
            let words = |lines: &[String]| lines.iter().filter(|line| line.contains("let")).count();
            let at = from + at;
            prop_assume!(at < to && words(&lines[from..at]) > 2 && words(&lines[at..to]) > 2);
            let foreign: String = (0..count).map(|n| format!("    foreign(line, {n}00);\n")).collect();
            let text = [lines[..at].concat(), foreign, lines[at..].concat()].concat();
            let windows = best_windows(&needle, &text, 25, 3);
            let (start, end) = (lines[..from].concat().len(), text.len() - lines[to..].concat().len());
            let found = &windows[0];
            prop_assert!(found.similarity > 0.6 && found.similarity < 1.0);
            let Range { start: first, end: last } = found.span.clone();
            let missed = [start..first.max(start), last.min(end)..end];
            let added = [first.min(start)..start, end..last.max(end)];
            for apart in missed.into_iter().chain(added) {
                prop_assert!(!text[apart].contains("let"), "{:?} for {}..{}", windows, start, end);
            }
        }

        #[test]
        fn windows_keep_their_promises(
            lines in haystack(), other in haystack(), expansion in 0..30usize, limit in 0..6usize
        ) {
            let (needle, text) = (other[..other.len().min(30)].concat(), lines.concat());
            let windows = best_windows(&needle, &text, expansion, limit);
            prop_assert!(windows.len() <= limit);
            for (n, window) in windows.iter().enumerate() {
                let found = &text[window.span.clone()];
                prop_assert!(window.similarity > 0.0 && window.similarity <= 1.0);
                prop_assert_eq!(lines_of(&text[..window.span.start]) + 1, window.first_line);
                prop_assert!(window.span.start == 0 || text[..window.span.start].ends_with('\n'));
                prop_assert!(found.ends_with('\n'));
                prop_assert!(lines_of(found) <= lines_of(&needle) + expansion);
                for before in &windows[..n] {
                    prop_assert!(before.similarity >= window.similarity);
                    let (a, b) = (&before.span, &window.span);
                    prop_assert!(a.end <= b.start || b.end <= a.start);
                }
            }
        }
    }
}
