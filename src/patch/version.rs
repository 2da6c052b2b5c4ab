//! Version ranges: plain semver precedence over all versions, pre-releases included.
//!
//! The syntax is Cargo's, read by `semver::VersionReq`; the meaning is not. Cargo hides a pre-release unless
//! a comparator names one of the same version, so to it `0.106.0-alpha.5` is outside
//! `>=0.105.0-alpha.13, <0.108.0-alpha.1`. Upstream here ships pre-releases most of the time, so every
//! comparator becomes one interval on the line of all versions.

use std::cmp::Ordering;

use semver::{Comparator, Op, Prerelease, Version, VersionReq};

/// A checked range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    text: String,
    intervals: Vec<Interval>,
}

/// One comparator, from `low` to `high`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Interval {
    low: Option<Bound>,
    high: Option<Bound>,
}

/// An end of an interval.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    version: Version,
    inclusive: bool,
}

/// Why a text is no version range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid version range: {reason}")]
pub(crate) struct VersionMistake {
    /// The text.
    pub(crate) text: String,
    /// What the parser of the syntax said.
    pub(crate) reason: String,
}

impl VersionMistake {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        if self.text.contains("||") {
            "a range cannot contain `or`: write two patches, each with its own `version`"
        } else {
            "separate the comparators (<, <=, >, >=, =, ^, ~, 0.113.*) with commas: \">=0.105.0-alpha.13, <0.113\""
        }
    }
}

impl VersionRange {
    /// Parses a range; an empty one and `*` mean any version.
    ///
    /// # Errors
    /// [`VersionMistake`] if it is not in the syntax of Cargo's version requirements.
    pub(crate) fn parse(text: &str) -> Result<Self, VersionMistake> {
        let trimmed = text.trim();
        let intervals = if trimmed.is_empty() {
            Vec::new()
        } else {
            let parsed = VersionReq::parse(trimmed)
                .map_err(|error| VersionMistake { text: trimmed.to_owned(), reason: error.to_string() })?;
            parsed.comparators.iter().map(interval).collect()
        };
        Ok(Self { text: trimmed.to_owned(), intervals })
    }

    /// Whether `version` is inside. Build metadata is ignored.
    pub(crate) fn contains(&self, version: &Version) -> bool {
        self.intervals.iter().all(|interval| interval.contains(version))
    }

    /// Whether `version` is past an upper end: no later version will be inside.
    pub(crate) fn is_past(&self, version: &Version) -> bool {
        self.intervals.iter().any(|interval| !interval.is_below_end(version))
    }

    /// Whether `next` begins exactly where this range ends, so that its writer took care of what comes after.
    pub(crate) fn goes_on_in(&self, next: &Self) -> bool {
        let ends = self.intervals.iter().filter_map(|interval| interval.high.as_ref());
        let begins = || next.intervals.iter().filter_map(|interval| interval.low.as_ref());
        let meet = |end: &Bound, begin: &Bound| {
            end.version.cmp_precedence(&begin.version).is_eq() && end.inclusive != begin.inclusive
        };
        ends.into_iter().any(|end| begins().any(|begin| meet(end, begin)))
    }

    /// As written, without white space around it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether every version is inside because nothing is asked for.
    pub fn is_any(&self) -> bool {
        self.intervals.is_empty()
    }
}

impl Interval {
    fn contains(&self, version: &Version) -> bool {
        let above = self.low.as_ref().is_none_or(|low| low.admits(version, Ordering::Greater));
        above && self.is_below_end(version)
    }

    fn is_below_end(&self, version: &Version) -> bool {
        self.high.as_ref().is_none_or(|high| high.admits(version, Ordering::Less))
    }
}

impl Bound {
    fn admits(&self, version: &Version, side: Ordering) -> bool {
        match version.cmp_precedence(&self.version) {
            Ordering::Equal => self.inclusive,
            other => other == side,
        }
    }
}

fn interval(comparator: &Comparator) -> Interval {
    let first = first_of(comparator);
    let next = line_after(comparator.major, comparator.minor);
    let complete = comparator.patch.is_some();
    match comparator.op {
        Op::Less => Interval { low: None, high: end(first, false) },
        Op::LessEq if complete => Interval { low: None, high: end(first, true) },
        Op::LessEq => Interval { low: None, high: next.and_then(|next| end(next, false)) },
        Op::Greater if complete => Interval { low: end(first, false), high: None },
        Op::Greater => Interval { low: end(next.unwrap_or(LAST), true), high: None },
        Op::GreaterEq => Interval { low: end(first, true), high: None },
        Op::Exact if complete => Interval { low: end(first.clone(), true), high: end(first, true) },
        Op::Caret => between(first, compatible_end(comparator)),
        _ => between(first, next),
    }
}

/// Nothing is above it.
const LAST: Version = Version::new(u64::MAX, u64::MAX, u64::MAX);

fn end(version: Version, inclusive: bool) -> Option<Bound> {
    Some(Bound { version, inclusive })
}

fn between(low: Version, high: Option<Version>) -> Interval {
    Interval { low: end(low, true), high: high.and_then(|high| end(high, false)) }
}

/// The lowest version that a comparator speaks of; where parts are left out, the first pre-release of the line.
fn first_of(comparator: &Comparator) -> Version {
    let mut first = match comparator.patch {
        Some(patch) => Version::new(comparator.major, comparator.minor.unwrap_or(0), patch),
        None => return first_pre_release(comparator.major, comparator.minor.unwrap_or(0), 0),
    };
    first.pre = comparator.pre.clone();
    first
}

fn first_pre_release(major: u64, minor: u64, patch: u64) -> Version {
    let pre = Prerelease::new("0").expect("a number is a pre-release");
    Version { pre, ..Version::new(major, minor, patch) }
}

/// The first version after `major.minor`, or after `major` alone; `None` past the last number.
fn line_after(major: u64, minor: Option<u64>) -> Option<Version> {
    match minor.and_then(|minor| minor.checked_add(1)) {
        Some(minor) => Some(first_pre_release(major, minor, 0)),
        None => Some(first_pre_release(major.checked_add(1)?, 0, 0)),
    }
}

/// `^`: the left-most part that is not zero stays.
fn compatible_end(comparator: &Comparator) -> Option<Version> {
    match (comparator.major, comparator.minor, comparator.patch) {
        (0, Some(0), Some(patch)) => match patch.checked_add(1) {
            Some(patch) => Some(first_pre_release(0, 0, patch)),
            None => line_after(0, Some(0)),
        },
        (0, minor, _) => line_after(0, minor),
        (major, ..) => line_after(major, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> VersionRange {
        VersionRange::parse(text).unwrap()
    }

    #[track_caller]
    fn check(text: &str, inside: &[&str], outside: &[&str]) {
        let range = range(text);
        for version in inside {
            assert!(range.contains(&Version::parse(version).unwrap()), "{version} is inside {text}");
        }
        for version in outside {
            assert!(!range.contains(&Version::parse(version).unwrap()), "{version} is outside {text}");
        }
    }

    #[test]
    fn pre_releases_are_versions_like_any_other() {
        check(
            ">=0.105.0-alpha.13, <0.108.0-alpha.1",
            &["0.105.0-alpha.13", "0.106.0-alpha.5", "0.105.0", "0.107.9", "0.108.0-alpha.0"],
            &["0.112.0-alpha.11", "0.105.0-alpha.12", "0.105.0-0", "0.108.0-alpha.1", "0.108.0"],
        );
        check(">=0.99.0-alpha.14, <0.113", &["0.99.0", "0.112.9"], &["0.113.0-alpha.1", "0.99.0-alpha.9"]);
    }

    #[test]
    fn parts_left_out_speak_of_the_line_with_its_pre_releases() {
        check("<0.113", &["0.112.99", "0.1.0-0"], &["0.113.0-0", "0.113.0-alpha.1", "0.113.0", "1.0.0"]);
        check(">=0.113", &["0.113.0-0", "0.113.0-alpha.1", "0.113.0", "1.0.0"], &["0.112.99"]);
        check("<=0.113", &["0.113.0-0", "0.113.7", "0.113.7-x"], &["0.114.0-0", "0.114.0"]);
        check(">0.113", &["0.114.0-0", "0.114.0"], &["0.113.0-0", "0.113.99"]);
        check("=0.113", &["0.113.0-0", "0.113.9"], &["0.112.9", "0.114.0-0"]);
        check("<1", &["0.999.0"], &["1.0.0-0"]);
        check(">=1", &["1.0.0-0", "2.0.0"], &["0.9.9"]);
        check("<=1", &["1.9.9", "1.0.0-0"], &["2.0.0-0"]);
        check(">1", &["2.0.0-0"], &["1.9.9"]);
        check("=1", &["1.0.0-0", "1.9.9"], &["2.0.0-0", "0.9.9"]);
    }

    #[test]
    fn complete_comparators_are_exact() {
        check("<0.113.0", &["0.113.0-alpha.1", "0.112.0"], &["0.113.0"]);
        check(">=0.113.0", &["0.113.0", "0.114.0-alpha.1"], &["0.113.0-alpha.1"]);
        check(">0.113.0", &["0.113.1-0", "0.114.0"], &["0.113.0", "0.113.0-alpha.1"]);
        check("<=0.113.0", &["0.113.0", "0.113.0-alpha.1"], &["0.113.1-0"]);
        check("=0.113.0", &["0.113.0"], &["0.113.0-alpha.1", "0.113.1-0"]);
        check("=0.113.0-alpha.2", &["0.113.0-alpha.2"], &["0.113.0-alpha.1", "0.113.0-alpha.10", "0.113.0"]);
        check(">0.113.0-alpha.2", &["0.113.0-alpha.10", "0.113.0-beta", "0.113.0"], &["0.113.0-alpha.2"]);
    }

    #[test]
    fn upper_ends_of_caret_tilde_and_wildcard_leave_the_next_line_out() {
        check("^1.2.3", &["1.2.3", "1.3.0-alpha", "1.99.0"], &["1.2.3-alpha", "2.0.0-0", "2.0.0"]);
        check("1.2.3", &["1.2.3", "1.99.0"], &["2.0.0-0", "1.2.2"]);
        check("^0.113.0-alpha.2", &["0.113.0-alpha.2", "0.113.5"], &["0.113.0-alpha.1", "0.114.0-0"]);
        check("^0.0.3", &["0.0.3"], &["0.0.4-0", "0.0.3-x", "0.0.2"]);
        check("^0.113", &["0.113.0-0", "0.113.9"], &["0.112.9", "0.114.0-0"]);
        check("^0.0", &["0.0.0-0", "0.0.9"], &["0.1.0-0"]);
        check("^0", &["0.0.0-0", "0.9.9"], &["1.0.0-0"]);
        check("^1", &["1.0.0-0", "1.9.9"], &["2.0.0-0"]);
        check("^1.2", &["1.2.0-0", "1.9.9"], &["1.1.9", "2.0.0-0"]);
        check("~1.2.3", &["1.2.3", "1.2.9"], &["1.2.3-x", "1.3.0-0"]);
        check("~1.2.3-b", &["1.2.3-b", "1.2.9"], &["1.2.3-a", "1.3.0-0"]);
        check("~1.2", &["1.2.0-0", "1.2.9"], &["1.3.0-0"]);
        check("~1", &["1.0.0-0", "1.9.9"], &["2.0.0-0"]);
        check("0.113.*", &["0.113.0-alpha.1", "0.113.9"], &["0.112.9", "0.114.0-0"]);
        check("1.*", &["1.0.0-0", "1.9.0"], &["2.0.0-0"]);
        check(">1.*", &["2.0.0-0"], &["1.9.0"]);
    }

    #[test]
    fn past_is_what_no_later_version_comes_back_from() {
        let is_past = |text: &str, version: &str| range(text).is_past(&Version::parse(version).unwrap());
        for (text, version) in [
            ("<0.126.0-0", "0.126.0-alpha.1"),
            (">=0.122, <0.126", "0.126.0-0"),
            ("=0.125.0", "0.125.1"),
            ("^0.124", "0.125.0"),
            ("~1.2.3", "1.3.0"),
            ("<=0.125", "0.126.0"),
            ("0.113.*", "2.0.0"),
        ] {
            assert!(is_past(text, version), "{version} is past {text}");
        }
        for (text, version) in [
            (">=0.122, <0.126", "0.121.0"),
            (">=0.122, <0.126", "0.125.9"),
            (">0.125", "0.125.0"),
            ("=0.125.0", "0.125.0-alpha.1"),
            ("^1", "0.9.0"),
            ("*", "9.0.0"),
            ("", "9.0.0"),
        ] {
            assert!(!is_past(text, version), "{version} is not past {text}");
        }
    }

    #[test]
    fn a_range_goes_on_in_one_that_begins_where_it_ends() {
        for (one, next) in [
            ("<0.125", ">=0.125"),
            (">=0.120, <0.125.0-0", ">=0.125, <0.130"),
            ("<=0.125.1", ">0.125.1"),
            ("<=0.124", ">0.124"),
            ("^0.124", "^0.125"),
            ("0.124.*", ">=0.125"),
        ] {
            assert!(range(one).goes_on_in(&range(next)), "{one} {next}");
            assert!(!range(next).goes_on_in(&range(one)), "{next} {one}");
        }
        for (one, next) in
            [("<0.125", ">=0.126"), ("<0.125", ">=0.124"), ("<=0.125.1", ">=0.125.1"), ("<1", "*")]
        {
            assert!(!range(one).goes_on_in(&range(next)), "{one} {next}");
        }
    }

    #[test]
    fn empty_and_star_mean_any() {
        for text in ["", "  ", "*"] {
            assert!(range(text).is_any());
            check(text, &["0.0.0-0", "0.0.0", "99.0.0-alpha"], &[]);
        }
        assert!(!range(">=0").is_any());
    }

    #[test]
    fn build_metadata_is_ignored() {
        check("=1.2.3", &["1.2.3+one"], &[]);
        check("<=1.2.3", &["1.2.3+one"], &[]);
        check(">1.2.3", &[], &["1.2.3+one"]);
        check(">=1.2.3+two", &["1.2.3", "1.2.3+one"], &[]);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let most = u64::MAX;
        check(&format!("<={most}"), &[&format!("{most}.1.0")], &[]);
        check(&format!("^0.0.{most}"), &[&format!("0.0.{most}")], &["0.1.0-0"]);
        check(&format!("~0.{most}"), &[&format!("0.{most}.7")], &["1.0.0-0"]);
    }

    #[test]
    fn what_is_kept_is_what_was_written() {
        assert_eq!(range(" >=1,  <2 ").as_str(), ">=1,  <2");
    }

    #[test]
    fn mistakes_say_how_to_write_it() {
        for text in ["foo", ">=1 <2", "v1.2", "1.2.3.4", ">=", "1,", "*, >=1"] {
            let mistake = VersionRange::parse(text).unwrap_err();
            assert!(
                mistake.to_string().starts_with(&format!("`{text}` is not a valid version range: ")),
                "{mistake}"
            );
            assert!(mistake.hint().contains("with commas"));
        }
        assert!(VersionRange::parse("1 || 2").unwrap_err().hint().contains("cannot contain `or`"));
    }
}
