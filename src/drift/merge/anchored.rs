//! Anchored hunks: those whose place is beyond doubt, whatever upstream put beside them.
//!
//! A hunk is anchored where its lines stand exactly once, unchanged, and beside the line that they always stood
//! beside; no likeness of other lines makes another place of it. An insertion needs both its neighbours, side by side.

use std::ops::Range;

use super::by_line::RELATED;
use super::reindent::Reindent;
use crate::drift::heaviest::{LineTable, Side};
use crate::drift::similar::similarity;
use crate::rust::lexer::literal_line_starts;
use crate::text::hunks::Hunk;

/// A new line this similar may be the old one, put beside a copy of it.
const SAME: f64 = 0.83;

/// `base` and `ours`, both with the anchored hunks of the change to `theirs` made. Nothing if there are none.
pub(super) fn make_anchored(base: &str, ours: &str, theirs: &str) -> Option<(String, String)> {
    let mut table = LineTable::default();
    let [base_lines, our_lines, their_lines] = [base, ours, theirs].map(|text| table.read(text));
    let hunks = table.hunks(&base_lines, &their_lines, Side::First);
    if hunks != table.hunks(&base_lines, &their_lines, Side::Last) {
        return None;
    }
    let [base, our_text, theirs] = [&base_lines, &our_lines, &their_lines]
        .map(|ids| ids.iter().map(|&id| table.line(id)).collect::<Vec<&str>>());
    let tells = base_lines.iter().map(|&id| table.identifies(id)).collect();
    let new_tells = their_lines.iter().map(|&id| table.identifies(id)).collect();
    let text = AnchoredSides { base, ours: our_text, theirs, tells, new_tells };
    let anchored: Vec<(&Hunk, Anchored)> =
        hunks.iter().filter_map(|hunk| Some((hunk, text.anchored(hunk)?))).collect();
    if anchored.is_empty() {
        return None;
    }
    let (mut base, mut merged) = (text.owned(&text.base), text.owned(&text.ours));
    for (hunk, anchored) in anchored.into_iter().rev() {
        let new = &text.theirs[hunk.new.clone()];
        base.splice(hunk.old.clone(), new.iter().map(|line| (*line).to_owned()));
        if let Anchored::Here { at, new } = anchored {
            // Hunks whose places cross are in doubt after all.
            if merged.get(at.clone()).is_none_or(|lines| *lines != text.ours[at.clone()]) {
                return None;
            }
            merged.splice(at, new);
        }
    }
    let end = if ours.is_empty() || ours.ends_with('\n') { "\n" } else { "" };
    Some((base.join("\n") + "\n", merged.join("\n") + end))
}

/// What an anchored hunk does.
enum Anchored {
    /// It is there.
    Made,
    /// Its lines stand there, and become these.
    Here { at: Range<usize>, new: Vec<String> },
}

struct AnchoredSides<'t> {
    base: Vec<&'t str>,
    ours: Vec<&'t str>,
    theirs: Vec<&'t str>,
    /// Whether each line of the base says where it is.
    tells: Vec<bool>,
    new_tells: Vec<bool>,
}

impl AnchoredSides<'_> {
    fn owned(&self, lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    fn anchored(&self, hunk: &Hunk) -> Option<Anchored> {
        let Range { start, end } = hunk.old;
        let telling = |lines: &Range<usize>| self.tells[lines.clone()].iter().any(|tells| *tells);
        // Whether lines that upstream put beside these may stand before or after what the patch puts in.
        let both = !telling(&hunk.old) || hunk.new.len() > hunk.old.len();
        if both && (start == 0 || end == self.base.len()) {
            return None;
        }
        let one = usize::from(both);
        let above = (0..start).rev().find(|&at| self.tells[at]).map(|from| from..end + one);
        let below = (end..self.base.len()).find(|&at| self.tells[at]).map(|last| start - one..last + 1);
        let blocks: Vec<Range<usize>> = above.into_iter().chain(below).collect();
        blocks.iter().find_map(|block| self.stands(hunk, block)).or_else(|| {
            let made = blocks.iter().any(|block| self.is_made(hunk, block));
            made.then_some(Anchored::Made)
        })
    }

    /// The change, if `block`, which holds the hunk's lines, stands as it is.
    fn stands(&self, hunk: &Hunk, block: &Range<usize>) -> Option<Anchored> {
        let lines = &self.base[block.clone()];
        let (at, shift) = only_place(&self.ours, lines)?;
        only_place(&self.base, lines)?;
        let old = hunk.old.clone();
        let alone = |at: usize| {
            let same = |line: &&&str| line.trim() == self.base[at].trim();
            self.ours.iter().filter(same).count() == 1 && self.base.iter().filter(same).count() == 1
        };
        if !old.clone().filter(|&at| self.tells[at]).all(alone)
            || self.may_be_there(hunk, block, at)
            || self.has_copy(hunk, block, at)
        {
            return None;
        }
        let start = at + old.start - block.start;
        let new = self.shifted(hunk.new.clone(), &shift)?;
        Some(Anchored::Here { at: start..start + old.len(), new })
    }

    /// Whether the patch puts in a line that stands elsewhere as well, or whether upstream may have put beside the
    /// block, or anywhere, what the patch puts in.
    fn may_be_there(&self, hunk: &Hunk, block: &Range<usize>, at: usize) -> bool {
        let mut new = hunk.new.clone().filter(|&at| self.new_tells[at]).map(|at| self.theirs[at].trim());
        let beside = [at.checked_sub(1), Some(at + block.len())];
        let in_base = |line: &str| self.base.iter().any(|other| other.trim() == line);
        new.any(|wanted| {
            in_base(wanted)
                || self.ours.iter().any(|line| line.trim() == wanted)
                || hunk.new.len() > hunk.old.len()
                    && beside
                        .iter()
                        .flatten()
                        .filter_map(|at| self.ours.get(*at))
                        .any(|line| !in_base(line.trim()) && similarity(wanted, line.trim()) >= RELATED)
        })
    }

    /// Whether among the lines that upstream put beside the block is one that may rather be one of the old ones.
    fn has_copy(&self, hunk: &Hunk, block: &Range<usize>, at: usize) -> bool {
        let is_new = |line: &&&str| {
            line.trim().is_empty() || !self.base.iter().any(|other| other.trim() == line.trim())
        };
        let above = self.ours[..at].iter().rev().take_while(is_new);
        let below = self.ours[at + block.len()..].iter().take_while(is_new);
        let mut old = hunk.old.clone().filter(|&at| self.tells[at]);
        let beside: Vec<&&str> = above.chain(below).collect();
        old.any(|old| beside.iter().any(|line| similarity(self.base[old].trim(), line.trim()) >= SAME))
    }

    /// Whether the block stands there with the change made.
    fn is_made(&self, hunk: &Hunk, block: &Range<usize>) -> bool {
        let new = &self.theirs[hunk.new.clone()];
        let lines =
            [&self.base[block.start..hunk.old.start], new, &self.base[hunk.old.end..block.end]].concat();
        let gone = |at: usize| !self.ours.iter().any(|line| line.trim() == self.base[at].trim());
        hunk.new.clone().any(|at| self.new_tells[at])
            && only_place(&self.ours, &lines).is_some()
            && only_place(&self.base, &lines).is_none()
            && hunk.old.clone().filter(|&at| self.tells[at]).all(gone)
    }

    fn shifted(&self, new: Range<usize>, shift: &Reindent) -> Option<Vec<String>> {
        if shift.is_none() {
            return Some(self.owned(&self.theirs[new]));
        }
        let text = self.theirs.join("\n");
        let literal = literal_line_starts(&text);
        let start = |line: usize| self.theirs[..line].iter().map(|line| line.len() + 1).sum::<usize>();
        new.map(|at| (!literal.contains(&start(at))).then(|| shift.line(self.theirs[at]))?).collect()
    }
}

/// Where these lines stand, if they do exactly once, at whatever indentation.
fn only_place(text: &[&str], lines: &[&str]) -> Option<(usize, Reindent)> {
    let first = lines.iter().position(|line| !line.trim().is_empty())?;
    let mut found = (0..(text.len() + 1).saturating_sub(lines.len()))
        .filter(|&at| text[at..].iter().zip(lines).all(|(a, b)| a.trim() == b.trim()));
    let at = found.next().filter(|_| found.next().is_none())?;
    let shift = Reindent::between(lines[first], text[at + first]);
    let stands = |(there, line): (&&str, &&str)| shift.line(line).is_some_and(|line| line == **there);
    text[at..].iter().zip(lines).all(stands).then_some((at, shift))
}
