//! The results as Markdown tables.

use std::collections::BTreeMap;

use crate::measure::Verdict;
use crate::truth::Class;

/// One row of a table counts these.
#[derive(Debug, Default, Clone)]
pub(crate) struct Count {
    /// Cases that ought to land, and those that landed right.
    pub(crate) should: usize,
    pub(crate) landed: usize,
    /// Refused though they ought to land.
    pub(crate) refused: usize,
    /// Cases in which refusing is right (or one of the right things).
    pub(crate) should_not: usize,
    /// Landed on a changed line, token by token.
    pub(crate) merged: usize,
    pub(crate) wrong: usize,
}

impl Count {
    pub(crate) fn add(&mut self, class: Class, verdict: Verdict) {
        let right = usize::from(verdict == Verdict::Right);
        if class.should_land() {
            self.should += 1;
            self.landed += right;
            self.refused += usize::from(verdict == Verdict::Refused);
        } else {
            self.should_not += 1;
        }
        self.merged += usize::from(verdict == Verdict::Merged);
        self.wrong += usize::from(verdict == Verdict::Wrong);
    }

    pub(crate) fn percent(&self) -> f64 {
        100.0 * as_f64(self.landed) / as_f64(self.should.max(1))
    }
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// Counts by who did it, week and class.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    counts: BTreeMap<(String, u32, Class), Count>,
}

impl Tables {
    pub(crate) fn add(&mut self, who: &str, week: u32, class: Class, verdict: Verdict) {
        self.counts.entry((who.to_owned(), week, class)).or_default().add(class, verdict);
    }

    /// All counts that `fits` takes, as one.
    pub(crate) fn sum(&self, who: &str, fits: impl Fn(u32, Class) -> bool) -> Option<Count> {
        let mut sum = Count::default();
        let mut any = false;
        for ((name, week, class), count) in &self.counts {
            if name == who && fits(*week, *class) {
                any = true;
                sum.should += count.should;
                sum.landed += count.landed;
                sum.refused += count.refused;
                sum.should_not += count.should_not;
                sum.merged += count.merged;
                sum.wrong += count.wrong;
            }
        }
        any.then_some(sum)
    }

    /// The markdown: the headline by week, then by class over all weeks.
    pub(crate) fn markdown(&self, rows: &[String], weeks: &[u32]) -> String {
        let table = |head: Vec<String>, cells: &dyn Fn(&str) -> Vec<String>| {
            let mut text = format!("| | {} |\n|---{}|\n", head.join(" | "), "|---:".repeat(head.len()));
            for row in rows.iter().filter(|row| self.sum(row, |_, _| true).is_some()) {
                text += &format!("| {row} | {} |\n", cells(row).join(" | "));
            }
            text
        };
        let percent = |count: Option<Count>| match count {
            Some(count) if count.should > 0 => format!("{:.1} %", count.percent()),
            _ => "-".to_owned(),
        };
        let mut head: Vec<String> = weeks.iter().map(|week| format!("+{week} wk")).collect();
        head.extend(["all", "of", "refused", "by tokens", "wrong"].map(str::to_owned));
        let headline = table(head, &|row| {
            let mut cells: Vec<String> =
                weeks.iter().map(|week| percent(self.sum(row, |of, _| of == *week))).collect();
            let all = self.sum(row, |_, _| true).unwrap_or_default();
            let counts = [all.should, all.refused, all.merged, all.wrong].map(|count| count.to_string());
            cells.push(percent(Some(all)));
            cells.extend(counts);
            cells
        });
        let by_class = table(Class::ALL.map(|class| class.name().to_owned()).to_vec(), &|row| {
            let cell = |class: Class| {
                let Some(count) = self.sum(row, |_, of| of == class) else { return "-".to_owned() };
                let mut text = if class.should_land() {
                    format!("{}/{}", count.landed, count.should)
                } else {
                    count.should_not.to_string()
                };
                let mut also = Vec::new();
                if count.merged > 0 {
                    also.push(format!("{} by tokens", count.merged));
                }
                if count.wrong > 0 {
                    also.push(format!("{} wrong", count.wrong));
                }
                if !also.is_empty() {
                    text += &format!(" ({})", also.join(", "));
                }
                text
            };
            Class::ALL.map(cell).to_vec()
        });
        format!(
            "Percent that landed right, of all cases in which the line still stands (\"of\"); \"refused\" are those of\n\
             them that did not land. \"By tokens\" and \"wrong\" are counts over all cases, also those in which the line\n\
             is changed or gone:\n\n{headline}\n\
             By class of what upstream did, all weeks: landed right/all; from \"other item\" on refusing is\n\
             right, and the number is that of the cases:\n\n{by_class}\n{FOOTNOTE}"
        )
    }
}

/// The rule of `merged.rs`, for readers of the tables.
const FOOTNOTE: &str = "\
\"By tokens\": upstream changed the line or took it away, for instance re-wrapped it, and the change landed in what became
of it. Neither right nor wrong, and in no percentage. It counts so only if the very tokens of the patch went and came, in
their order, and not a byte besides; if the nearest two words of the line on either side, and two of the six nearest of
all, still stand on their sides, in their order; and if the place is between the nearest lines above and below that git
still has, or within four lines of the line that took the stead of the old one. Else it is wrong.
";
