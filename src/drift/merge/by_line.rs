//! Three-way merge by lines: carry a change over to a text that has moved on.
//!
//! Its own diff3, because a guess is an error here and the merge libraries guess: where lines repeat they
//! pick one alignment, and they return conflicts as markers inside a text. This one merges under the earliest
//! and under the latest alignment and takes a result only if both give it, if the change is held by a line
//! that means something, and if merging into the result once more changes nothing. Where only neighbouring
//! lines changed it is bolder than git, which refuses: the order of the lines is then not in doubt.
//!
//! It knows nothing of markers, tokens or syntax; tokens within a conflict are for a finer merge.

use std::ops::Range;

use super::Merged;
use crate::drift::heaviest::{LineTable, Side};
use crate::drift::similar::similarity;
use crate::text::ends::common_ends;
use crate::text::hunks::{Hunk, Id};

/// Lines at least so similar may be one line, before and after a change.
pub(super) const RELATED: f64 = 0.5;

/// Merges the change from `base` to `theirs` (a patch's search and replacement) into `ours` (what stands in
/// the file).
///
/// Whether the texts end in a newline makes no difference; the result ends as `ours` does. Lines are
/// separated by LF and compared whole.
pub(crate) fn merge_lines(base: &str, ours: &str, theirs: &str) -> Merged {
    let mut table = LineTable::default();
    let [base_lines, our_lines, their_lines] = [base, ours, theirs].map(|text| table.read(text));
    let sides = Sides { table: &table, base: &base_lines, ours: &our_lines, theirs: &their_lines };
    match sides.merge() {
        Ok(lines) if lines == our_lines => Merged::Unchanged,
        Ok(lines) => Merged::Clean(ended_as(ours, table.text(&lines))),
        Err(place) => sides.conflict(place),
    }
}

/// The conflict of three texts as a whole.
pub(super) fn conflict(base: &str, ours: &str, theirs: &str) -> Merged {
    let mut table = LineTable::default();
    let [base, ours, theirs] = [base, ours, theirs].map(|text| table.read(text));
    let sides = Sides { table: &table, base: &base, ours: &ours, theirs: &theirs };
    sides.conflict(sides.differing())
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
    table: &'t LineTable<'t>,
    base: &'t [Id],
    ours: &'t [Id],
    theirs: &'t [Id],
}

/// Lines of each text that belong together, half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    base: Range<usize>,
    ours: Range<usize>,
    theirs: Range<usize>,
}

impl Sides<'_> {
    fn conflict(self, place: Stretch) -> Merged {
        Merged::Conflict {
            base: self.table.text(&self.base[place.base]),
            line: place.ours.start + 1,
            ours: self.table.text(&self.ours[place.ours]),
            theirs: self.table.text(&self.theirs[place.theirs]),
        }
    }

    /// The merged lines, or where they conflict.
    fn merge(self) -> Result<Vec<Id>, Stretch> {
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
    fn merge_under_all(self) -> Result<Vec<Id>, Stretch> {
        let first = self.merge_under(Side::First)?;
        let last = self.merge_under(Side::Last)?;
        if first == last { Ok(first) } else { Err(self.differing()) }
    }

    fn merge_under(self, side: Side) -> Result<Vec<Id>, Stretch> {
        let ours = self.table.hunks(self.base, self.ours, side);
        let theirs = self.table.hunks(self.base, self.theirs, side);
        let mut merged = Vec::with_capacity(self.ours.len() + self.theirs.len());
        let mut at = 0;
        for region in regions(&ours, &theirs, |ours, theirs| self.collide(ours, theirs)) {
            merged.extend(&self.base[at..region.place.base.start]);
            at = region.place.base.end;
            merged.extend(self.resolve(&region, &ours)?);
        }
        merged.extend(&self.base[at..]);
        Ok(merged)
    }

    fn resolve(&self, region: &Region, ours: &[Hunk]) -> Result<&[Id], Stretch> {
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

    /// Whether the order or the outcome of two hunks is in doubt. Neighbours are not, except where lines are
    /// inserted at one point by both.
    fn collide(&self, ours: &Hunk, theirs: &Hunk) -> bool {
        let (a, b) = (&ours.old, &theirs.old);
        if a.end != b.start && b.end != a.start {
            return a.start < b.end && b.start < a.end;
        }
        match (a.is_empty(), b.is_empty()) {
            (true, true) => true,
            (true, false) => self.may_begin_or_end_with_more(theirs, self.theirs, a.start),
            (false, true) => self.may_begin_or_end_with_more(ours, self.ours, b.start),
            (false, false) => false,
        }
    }

    /// Whether `hunk` of `side`, which replaces lines up to or from line `at` of the base, may insert lines
    /// there as well.
    fn may_begin_or_end_with_more(&self, hunk: &Hunk, side: &[Id], at: usize) -> bool {
        let (old, new) = (&self.base[hunk.old.clone()], &side[hunk.new.clone()]);
        let edges = if at == hunk.old.start { [old.first(), new.first()] } else { [old.last(), new.last()] };
        let succeeded = matches!(edges, [Some(&old), Some(&new)] if self.alike(old, new) >= RELATED);
        old.len() != new.len() && !succeeded
    }

    fn alike(&self, old: Id, new: Id) -> f64 {
        similarity(self.table.line(old), self.table.line(new))
    }

    /// Whether a line that says where it is still stands at these lines of the base: one of them or, if they
    /// are braces and such or none, the next one above or below. Where a change hangs on braces alone, it may
    /// hang anywhere.
    fn is_held(&self, lines: &Range<usize>, ours: &[Hunk]) -> bool {
        let identifies = |&at: &usize| self.table.identifies(self.base[at]);
        let kept = |at: usize| !ours.iter().any(|hunk| hunk.old.contains(&at));
        let above = (0..lines.start).rev().find(identifies);
        let below = (lines.end..self.base.len()).find(identifies);
        lines.clone().any(|at| identifies(&at)) || above.is_some_and(kept) || below.is_some_and(kept)
    }

    /// Whether `ours`, which replaced at least what these hunks replace, holds what they put there: the lines
    /// of each in one piece and in order, and beside them nothing that the replaced lines may rather have
    /// become.
    fn is_there(&self, ours: &[Id], theirs: &[Hunk]) -> bool {
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

    /// Whether each replaced line is as near to its replacement as to any of `others`.
    fn is_succeeded(&self, hunk: &Hunk, others: &[Id]) -> bool {
        let nearest = |old: Id, new: &[Id]| new.iter().map(|&new| self.alike(old, new)).fold(0.0, f64::max);
        self.base[hunk.old.clone()].iter().filter(|&&old| self.table.identifies(old)).all(|&old| {
            let other = nearest(old, others);
            other < RELATED || other <= nearest(old, &self.theirs[hunk.new.clone()])
        })
    }

    /// All between what the three texts have in common at both ends.
    fn differing(&self) -> Stretch {
        let texts = [self.base, self.ours, self.theirs];
        let (head, tail) = common_ends(texts);
        let [base, ours, theirs] = texts.map(|text| head..text.len() - tail);
        Stretch { base, ours, theirs }
    }
}

/// Hunks that cannot be told apart, of one side or of both.
struct Region {
    place: Stretch,
    ours: Vec<Hunk>,
    theirs: Vec<Hunk>,
}

/// Groups the hunks of both sides, in order of the base.
fn regions(ours: &[Hunk], theirs: &[Hunk], collide: impl Fn(&Hunk, &Hunk) -> bool) -> Vec<Region> {
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
            let place = next_stretch(regions.last(), hunk.old.start);
            regions.push(Region { place, ours: Vec::new(), theirs: Vec::new() });
        }
        if let Some(region) = regions.last_mut() {
            region.add(hunk, is_ours);
        }
    }
    regions
}

/// The empty place at `base`, of which only the lines of `last` lie before with other lengths.
fn next_stretch(last: Option<&Region>, base: usize) -> Stretch {
    let end = last.map_or((0, 0, 0), |r| (r.place.base.end, r.place.ours.end, r.place.theirs.end));
    let [ours, theirs] = [end.1, end.2].map(|end_of_side| end_of_side + base - end.0);
    Stretch { base: base..base, ours: ours..ours, theirs: theirs..theirs }
}

impl Region {
    /// Widens the place to hold `hunk`; where only one side differs, the other moves along line by line.
    fn add(&mut self, hunk: &Hunk, is_ours: bool) {
        let Stretch { base, ours, theirs } = &mut self.place;
        let further = hunk.old.end.saturating_sub(base.end);
        base.end += further;
        let (own, other, hunks) =
            if is_ours { (ours, theirs, &mut self.ours) } else { (theirs, ours, &mut self.theirs) };
        other.end += further;
        own.end = hunk.new.end + (base.end - hunk.old.end);
        hunks.push(hunk.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(text: &str) -> Merged {
        Merged::Clean(text.to_owned())
    }

    /// The lines of each side and the line number.
    fn conflict(base: &str, ours: &str, theirs: &str) -> Option<([String; 3], usize)> {
        match merge_lines(base, ours, theirs) {
            Merged::Conflict { base, ours, theirs, line } => Some(([base, ours, theirs], line)),
            _ => None,
        }
    }

    #[test]
    fn what_upstream_added_stays() {
        let base = "fn run() {\n    start();\n    stop();\n}\n";
        let ours = "fn run() {\n    log();\n    start();\n    check();\n    stop();\n}\n";
        let theirs = "fn run() {\n    start();\n    wait();\n    stop(now);\n}\n";
        let wanted = "fn run() {\n    log();\n    start();\n    check();\n    wait();\n    stop(now);\n}\n";
        assert_eq!(
            merge_lines(base, ours, &theirs.replace("    wait();\n", "")),
            clean(&wanted.replace("    wait();\n", ""))
        );
        assert_eq!(conflict(base, ours, theirs).unwrap().1, 4, "check() and wait() stand at one point");
    }

    #[test]
    fn neighbours_merge_and_are_recognised_afterwards() {
        for (base, ours, theirs, merged) in [
            (
                "alpha = 1\nbeta = 1\n",
                "alpha = 1\nbeta = 2\n",
                "alpha = 9\nbeta = 1\n",
                "alpha = 9\nbeta = 2\n",
            ),
            (
                "alpha: 1\nomega: 1\n",
                "alpha: 1\nnew: 1\nomega: 1\n",
                "alpha: 9\nomega: 1\n",
                "alpha: 9\nnew: 1\nomega: 1\n",
            ),
            (
                "alpha: 1\nomega: 1\n",
                "alpha: 1\nnew: 1\nomega: 1\n",
                "alpha: 1\nomega: 9\n",
                "alpha: 1\nnew: 1\nomega: 9\n",
            ),
            (
                "alpha();\nomega();\n",
                "alpha();\nomega(2);\n",
                "alpha();\nmiddle();\nomega();\n",
                "alpha();\nmiddle();\nomega(2);\n",
            ),
        ] {
            assert_eq!(merge_lines(base, ours, theirs), clean(merged));
            assert_eq!(merge_lines(base, merged, theirs), Merged::Unchanged);
        }
    }

    #[test]
    fn the_same_lines_changed_conflict() {
        let (sides, line) = conflict(
            "first\nlimit = 1\nlast\n",
            "first\nadded\nlimit = 2\nlast\n",
            "first\nlimit = 3\nlast\n",
        )
        .unwrap();
        assert_eq!(
            (sides, line),
            (["limit = 1\n", "added\nlimit = 2\n", "limit = 3\n"].map(str::to_owned), 2)
        );
        assert_eq!(
            conflict("first\ngone\nlast\n", "first\nlast\n", "first\nchanged\nlast\n").unwrap(),
            (["gone\n", "", "changed\n"].map(str::to_owned), 2)
        );
    }

    #[test]
    fn what_is_there_already_is_told_from_a_lookalike() {
        assert_eq!(
            merge_lines("alpha\nomega\n", "alpha\nadded\nmore\nomega\n", "alpha\nadded\nomega\n"),
            Merged::Unchanged
        );
        assert!(conflict("fetch(x);\n", "prepare();\nfetch(x, y);\n", "prepare();\n").is_some());
        assert_eq!(
            merge_lines("fetch(x);\n", "prepare();\nunrelated = true;\n", "prepare();\n"),
            Merged::Unchanged
        );
    }

    #[test]
    fn braces_alone_hold_nothing() {
        let base = "alpha {\n}\n}\nomega();\n";
        let theirs = "alpha {\n}\nadded();\n}\nomega();\n";
        assert!(conflict(base, "other {\n}\n}\nelsewhere();\n", theirs).is_some());
        assert_eq!(
            merge_lines(base, "alpha {\n}\n}\nelsewhere();\n", theirs),
            clean("alpha {\n}\nadded();\n}\nelsewhere();\n")
        );
        assert!(
            conflict(base, "alpha {\n}\n}\n}\nomega();\n", theirs).is_some(),
            "which brace is the new one?"
        );
    }

    #[test]
    fn a_final_newline_is_no_change() {
        for (base, ours, theirs, merged) in [
            ("a1\nb1", "a1\nb1\n", "a2\nb1", "a2\nb1\n"),
            ("a1\nb1\n", "a1\nb1", "a2\nb1\n", "a2\nb1"),
            ("a1\nb1", "n\na1\nb1\n", "a1\nb2\n", "n\na1\nb2\n"),
            ("a1\n", "a1", "", ""),
        ] {
            assert_eq!(merge_lines(base, ours, theirs), clean(merged));
        }
        assert_eq!(merge_lines("a", "a\n", "a"), Merged::Unchanged);
        assert_eq!(merge_lines("a", "b\n", "b"), Merged::Unchanged);
    }

    #[test]
    fn marker_lines_are_lines() {
        let base = "<<<<<<< ours\nalpha\n||||||| original\n=======\n>>>>>>> theirs\n";
        let (ours, theirs) =
            (base.replace(">>>>>>> theirs\n", ">>>>>>> theirs\nadded\n"), base.replace("alpha", "beta"));
        assert_eq!(merge_lines(base, &ours, &theirs), clean(&ours.replace("alpha", "beta")));
    }

    const LINES: [&str; 9] = ["a0", "b0", "c0", "d0", "}", "", "    }", "a0(b0);", "a0(c0);"];

    fn text() -> impl Strategy<Value = String> {
        let lines = proptest::collection::vec(proptest::sample::select(&LINES[..]), 0..9);
        lines.prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect())
    }

    fn count(text: &str, line: &str) -> usize {
        text.lines().filter(|other| *other == line).count()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, max_global_rejects: 1 << 20, ..Default::default() })]

        #[test]
        fn trivial_merges(base in text(), other in text()) {
            let wanted = if base == other { Merged::Unchanged } else { clean(&other) };
            prop_assert_eq!(merge_lines(&base, &base, &other), wanted);
            prop_assert_eq!(merge_lines(&base, &other, &base), Merged::Unchanged);
            prop_assert_eq!(merge_lines(&base, &other, &other), Merged::Unchanged);
        }

        #[test]
        fn nothing_added_is_lost_and_twice_is_once(base in text(), ours in text(), theirs in text()) {
            let merged = match merge_lines(&base, &ours, &theirs) {
                Merged::Conflict { base: b, ours: o, theirs: t, line } => {
                    prop_assert!(base.contains(&b) && theirs.contains(&t) && (b != t || b != o));
                    let before: String = ours.split_inclusive('\n').take(line - 1).collect();
                    prop_assert!(ours[before.len()..].starts_with(&o));
                    return Ok(());
                }
                Merged::Unchanged => ours.clone(),
                Merged::Clean(merged) => merged,
            };
            prop_assert_eq!(merge_lines(&base, &merged, &theirs), Merged::Unchanged);
            for line in LINES {
                let (before, after) = (count(&base, line), count(&merged, line));
                prop_assert!(after >= count(&ours, line).saturating_sub(before));
                prop_assert!(after >= count(&theirs, line).saturating_sub(before));
                prop_assert!(after <= count(&ours, line) + count(&theirs, line));
            }
        }

        #[test]
        fn disjoint_edits_both_survive(
            size in 7..12usize, at in 0..12usize, apart in 2..6usize, remove: bool, insert: bool
        ) {
            let at = at % size;
            let to = if at + apart < size { at + apart } else { (at + 1 + apart) % size };
            prop_assume!(at.abs_diff(to) > 1);
            let lines = |change: &dyn Fn(usize) -> Option<String>| {
                (0..size).map(|n| change(n).unwrap_or_else(|| format!("line{n}\n"))).collect::<String>()
            };
            let upstream = if remove { String::new() } else { format!("upstream\nline{at}\n") };
            let patch = if insert { format!("line{to}\npatch\n") } else { "patch\n".to_owned() };
            let ours = lines(&|n| (n == at).then(|| upstream.clone()));
            let theirs = lines(&|n| (n == to).then(|| patch.clone()));
            let both = lines(&|n| match n {
                _ if n == at => Some(upstream.clone()),
                _ => (n == to).then(|| patch.clone()),
            });
            prop_assert_eq!(merge_lines(&lines(&|_| None), &ours, &theirs), clean(&both));
        }
    }
}
