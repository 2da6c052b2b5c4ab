//! Three-way merge by lines: carry a change over to a text that has moved on.
//!
//! Its own diff3, because a guess is an error here and the merge libraries guess: where lines repeat they pick one
//! alignment, and they return conflicts as markers inside a text. This one merges under the earliest and under the
//! latest alignment and takes a result only if both give it, if the change is held by a line that means
//! something, and if merging into the result once more changes nothing. Where only neighbouring lines changed it is bolder
//! than git, which refuses: the order of the lines is then not in doubt.
//!
//! It knows nothing of markers, tokens or syntax; tokens within a conflict are for a finer merge.

use std::ops::Range;

use super::lines::{Hunk, Side, Table};
use super::similar::similarity;

/// What is related to a replaced line and not to its replacement is taken for its upstream successor.
const RELATED: f64 = 0.5;

/// The outcome of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// `ours` holds the change already.
    Unchanged,
    /// `ours` with the change. Every line that one side added is in it.
    Clean(String),
    /// The first stretch where both sides changed the same, or where the place of the change is in doubt. Each text
    /// is whole lines; an empty one means that the side has no line there.
    Conflict {
        /// What was looked for.
        base: String,
        /// What stands there.
        ours: String,
        /// What was to stand there.
        theirs: String,
        /// Number of the first line of `ours`, from 1; of the line that would follow if it is empty.
        line: usize,
    },
}

/// Merges the change from `base` to `theirs` (a patch's search and replacement) into `ours` (what stands in the file).
///
/// Whether the texts end in a newline makes no difference; the result ends as `ours` does. Lines are separated by
/// LF and compared whole.
pub fn merge_lines(base: &str, ours: &str, theirs: &str) -> Merged {
    let mut table = Table::default();
    let [base, our_lines, theirs] = [base, ours, theirs].map(|text| table.read(text));
    let sides = Sides { table: &table, base: &base, ours: &our_lines, theirs: &theirs };
    match sides.merge() {
        Ok(lines) if lines == our_lines => Merged::Unchanged,
        Ok(lines) => Merged::Clean(ended_as(ours, table.text(&lines))),
        Err(place) => Merged::Conflict {
            base: table.text(&base[place.base]),
            line: place.ours.start + 1,
            ours: table.text(&our_lines[place.ours]),
            theirs: table.text(&theirs[place.theirs]),
        },
    }
}

fn ended_as(ours: &str, mut lines: String) -> String {
    if !ours.is_empty() && !ours.ends_with('\n') {
        lines.pop();
    }
    lines
}

/// The three texts as line ids.
#[derive(Clone, Copy)]
struct Sides<'t> {
    table: &'t Table<'t>,
    base: &'t [u32],
    ours: &'t [u32],
    theirs: &'t [u32],
}

/// Lines of each text that belong together, half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    base: Range<usize>,
    ours: Range<usize>,
    theirs: Range<usize>,
}

impl Sides<'_> {
    /// The merged lines, or where they conflict.
    fn merge(self) -> Result<Vec<u32>, Place> {
        if self.base == self.theirs || self.ours == self.theirs {
            return Ok(self.ours.to_vec());
        }
        if self.base == self.ours {
            return Ok(self.theirs.to_vec());
        }
        let merged = self.merge_under_all()?;
        let again = Sides { ours: &merged, ..self };
        match again.merge_under_all() {
            Ok(lines) if lines == merged => Ok(merged),
            _ => Err(self.differing()),
        }
    }

    /// The lines that the earliest and the latest alignment agree on.
    fn merge_under_all(self) -> Result<Vec<u32>, Place> {
        let first = self.merge_under(Side::First)?;
        let last = self.merge_under(Side::Last)?;
        if first == last { Ok(first) } else { Err(self.differing()) }
    }

    fn merge_under(self, side: Side) -> Result<Vec<u32>, Place> {
        let ours = self.table.hunks(self.base, self.ours, side);
        let theirs = self.table.hunks(self.base, self.theirs, side);
        let mut merged = Vec::with_capacity(self.ours.len() + self.theirs.len());
        let mut at = 0;
        for region in regions(&ours, &theirs) {
            merged.extend(&self.base[at..region.place.base.start]);
            at = region.place.base.end;
            merged.extend(self.resolve(&region, &ours)?);
        }
        merged.extend(&self.base[at..]);
        Ok(merged)
    }

    fn resolve(&self, region: &Region, ours: &[Hunk]) -> Result<&[u32], Place> {
        let place = &region.place;
        let (our_lines, their_lines) = (&self.ours[place.ours.clone()], &self.theirs[place.theirs.clone()]);
        let held = || region.theirs.iter().all(|hunk| self.is_held(&hunk.old, ours));
        match (region.ours.is_empty(), region.theirs.is_empty()) {
            (_, true) => Ok(our_lines),
            (true, false) if held() => Ok(their_lines),
            (false, false) if our_lines == their_lines || self.is_there(our_lines, &region.theirs) => {
                Ok(our_lines)
            }
            _ => Err(place.clone()),
        }
    }

    /// Whether a line that says where it is still stands at these lines of the base: one of them or, if they are
    /// braces and such or none, the next one above or below. Where a change hangs on braces alone, it may hang anywhere.
    fn is_held(&self, lines: &Range<usize>, ours: &[Hunk]) -> bool {
        let identifies = |&at: &usize| self.table.identifies(self.base[at]);
        let kept = |at: usize| !ours.iter().any(|hunk| hunk.old.contains(&at));
        let above = (0..lines.start).rev().find(identifies);
        let below = (lines.end..self.base.len()).find(identifies);
        lines.clone().any(|at| identifies(&at)) || above.is_some_and(kept) || below.is_some_and(kept)
    }

    /// Whether `ours`, which replaced at least what these hunks replace, holds what they put there: the lines of each in
    /// one piece and in order, and beside them nothing that the replaced lines may rather have become.
    fn is_there(&self, ours: &[u32], theirs: &[Hunk]) -> bool {
        let mut others = Vec::new();
        let mut rest = ours;
        for hunk in theirs {
            let wanted = &self.theirs[hunk.new.clone()];
            if !wanted.iter().any(|&id| self.table.identifies(id)) {
                return false;
            }
            let Some(at) = rest.windows(wanted.len()).position(|lines| lines == wanted) else { return false };
            others.extend(&rest[..at]);
            rest = &rest[at + wanted.len()..];
        }
        others.extend(rest);
        theirs.iter().all(|hunk| self.is_succeeded(hunk, &others))
    }

    /// Whether each replaced line is nearer to its replacement than to any of `others`.
    fn is_succeeded(&self, hunk: &Hunk, others: &[u32]) -> bool {
        let nearest = |old: u32, new: &[u32]| {
            let alike = |&id: &u32| similarity(self.table.line(old), self.table.line(id));
            new.iter().map(alike).fold(0.0, f64::max)
        };
        self.base[hunk.old.clone()].iter().filter(|&&old| self.table.identifies(old)).all(|&old| {
            let other = nearest(old, others);
            other < RELATED || other < nearest(old, &self.theirs[hunk.new.clone()])
        })
    }

    /// All between what the three texts have in common at both ends.
    fn differing(&self) -> Place {
        let texts = [self.base, self.ours, self.theirs];
        let shortest = texts.map(<[u32]>::len).into_iter().min().unwrap_or(0);
        let same = |at: &dyn Fn(&[u32]) -> u32| texts.iter().all(|text| at(text) == at(self.base));
        let head = (0..shortest).take_while(|&n| same(&|text| text[n])).count();
        let tail = (0..shortest - head).take_while(|&n| same(&|text| text[text.len() - 1 - n])).count();
        let [base, ours, theirs] = texts.map(|text| head..text.len() - tail);
        Place { base, ours, theirs }
    }
}

/// Hunks that cannot be told apart, of one side or of both.
struct Region {
    place: Place,
    ours: Vec<Hunk>,
    theirs: Vec<Hunk>,
}

/// Groups the hunks of both sides, in order of the base.
fn regions(ours: &[Hunk], theirs: &[Hunk]) -> Vec<Region> {
    let mut hunks: Vec<(&Hunk, bool)> = ours.iter().map(|hunk| (hunk, true)).collect();
    hunks.extend(theirs.iter().map(|hunk| (hunk, false)));
    hunks.sort_by_key(|(hunk, is_ours)| (hunk.old.start, hunk.old.end, !is_ours));
    let mut regions: Vec<Region> = Vec::new();
    for (hunk, is_ours) in hunks {
        let joins = regions.last().is_some_and(|region| {
            if is_ours {
                region.theirs.iter().any(|other| collide(hunk, other))
            } else {
                region.ours.iter().any(|other| collide(other, hunk))
            }
        });
        if !joins {
            let place = next_place(regions.last(), hunk.old.start);
            regions.push(Region { place, ours: Vec::new(), theirs: Vec::new() });
        }
        if let Some(region) = regions.last_mut() {
            region.add(hunk, is_ours);
        }
    }
    regions
}

/// The empty place at `base`, of which only the lines of `last` lie before with other lengths.
fn next_place(last: Option<&Region>, base: usize) -> Place {
    let end = last.map_or((0, 0, 0), |r| (r.place.base.end, r.place.ours.end, r.place.theirs.end));
    let [ours, theirs] = [end.1, end.2].map(|end_of_side| end_of_side + base - end.0);
    Place { base: base..base, ours: ours..ours, theirs: theirs..theirs }
}

impl Region {
    /// Widens the place to hold `hunk`; where only one side differs, the other moves along line by line.
    fn add(&mut self, hunk: &Hunk, is_ours: bool) {
        let Place { base, ours, theirs } = &mut self.place;
        let further = hunk.old.end.saturating_sub(base.end);
        base.end += further;
        let (own, other, hunks) =
            if is_ours { (ours, theirs, &mut self.ours) } else { (theirs, ours, &mut self.theirs) };
        other.end += further;
        own.end = hunk.new.end + (base.end - hunk.old.end);
        hunks.push(hunk.clone());
    }
}

/// Whether the order or the outcome of two hunks is in doubt. Neighbours are not, except where lines are
/// inserted at one point by both: an insertion by the patch beside lines that upstream replaced by more or fewer.
fn collide(ours: &Hunk, theirs: &Hunk) -> bool {
    let (a, b) = (&ours.old, &theirs.old);
    if a.end == b.start || b.end == a.start {
        return b.is_empty() && ours.new.len() != a.len();
    }
    a.start < b.end && b.start < a.end
}
