//! Two short texts side by side, for a message.
//!
//! It is for reading only: not a patch, without line numbers, and cut where it gets long.

use super::similar::similarity;
use crate::text::hunks::hunks;
use crate::text::words::pieces;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 2;

/// A line at least so similar to the one it replaces is the same line, changed.
const RELATED: f64 = 0.5;

/// Lines of a change are paired up to this many pairs.
const MAX_PAIRS: usize = 256;

/// What stands in `found` against what was `wanted`, a line each: `-` only wanted, `+` only found, a space
/// for both. A line that has become another one is a single line with sign `~`, in which `[-…-]` is only wanted
/// and `{+…+}` only found. Lines far from a change, and all beyond `max_lines`, become `…`. Empty if no line differs.
pub(crate) fn token_diff(wanted: &str, found: &str, max_lines: usize) -> String {
    let [wanted, found] = [wanted, found].map(|text| text.split_terminator('\n').collect::<Vec<&str>>());
    let hunks = hunks(wanted.iter().copied(), found.iter().copied());
    let mut lines: Vec<String> = Vec::new();
    let mut at = 0;
    for (index, hunk) in hunks.iter().enumerate() {
        let next = hunks.get(index + 1).map_or(wanted.len(), |next| next.old.start);
        let shown = |sign: &'static str, lines: &[&str]| {
            lines.iter().map(|line| format!("{sign}{line}\n")).collect::<Vec<_>>()
        };
        let above = at.max(hunk.old.start.saturating_sub(CONTEXT));
        if above > at {
            lines.push("…\n".to_owned());
        }
        at = next.min(hunk.old.end + CONTEXT);
        lines.extend(shown(" ", &wanted[above..hunk.old.start]));
        let (mut old, mut new) = (&wanted[hunk.old.clone()], &found[hunk.new.clone()]);
        while let ([first, rest @ ..], true) = (old, old.len() * new.len() <= MAX_PAIRS) {
            let Some(skipped) = new.iter().position(|line| similarity(first, line) >= RELATED) else { break };
            lines.extend(shown("+", &new[..skipped]));
            lines.push(format!("~{}\n", marked(first, new[skipped])));
            (old, new) = (rest, &new[skipped + 1..]);
        }
        lines.extend(shown("-", old));
        lines.extend(shown("+", new));
        lines.extend(shown(" ", &wanted[hunk.old.end..at]));
    }
    if at < wanted.len() && !hunks.is_empty() {
        lines.push("…\n".to_owned());
    }
    cut(lines, max_lines)
}

/// One line that has become another, with the tokens marked that differ. White space is a token here.
fn marked(old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(|line| pieces(line).collect::<Vec<&str>>());
    let mut line = String::new();
    let mut at = 0;
    for hunk in hunks(old.iter().copied(), new.iter().copied()) {
        line.extend(old[at..hunk.old.start].iter().copied());
        at = hunk.old.end;
        let [gone, come] = [old[hunk.old].concat(), new[hunk.new].concat()];
        if !gone.is_empty() {
            line.push_str(&format!("[-{gone}-]"));
        }
        if !come.is_empty() {
            line.push_str(&format!("{{+{come}+}}"));
        }
    }
    line.extend(old[at..].iter().copied());
    line
}

fn cut(mut lines: Vec<String>, max_lines: usize) -> String {
    if lines.len() > max_lines {
        lines.truncate(max_lines.saturating_sub(1));
        lines.push("…\n".to_owned());
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_changes_with_a_little_around_them() {
        let wanted = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        let found = "a\nb\nc\nD\ne\nf\ng\nh\ni\nj\nk";
        assert_eq!(token_diff(wanted, found, 20), "…\n b\n c\n-d\n+D\n e\n f\n…\n i\n j\n+k\n");
        assert_eq!(token_diff(wanted, found, 4), "…\n b\n c\n…\n");
        assert_eq!(token_diff(wanted, wanted.trim_end(), 4), "");
        assert_eq!(token_diff("a", "", 4), "-a\n");
    }

    #[test]
    fn a_line_between_two_changes_is_shown_once() {
        assert_eq!(token_diff("a\nb\nc\n", "A\nb\nC\n", 9), "-a\n+A\n b\n-c\n+C\n");
        assert_eq!(token_diff("1\na\nb\nc\nd\n2\n", "a\nb\nc\nd\n", 9), "-1\n a\n b\n c\n d\n-2\n");
    }

    #[test]
    fn a_changed_line_is_shown_in_one() {
        let shown = "~let [-max-]{+cap+} = limit(6[-,  x-]);\n b\n-gone = 1\n";
        assert_eq!(
            token_diff("let max = limit(6,  x);\nb\ngone = 1\n", "let cap = limit(6);\nb\n", 9),
            shown
        );
        assert_eq!(token_diff("a", "    a", 9), "~{+    +}a\n");
        assert_eq!(token_diff("alpha\n", "omega\nnew alpha\n", 9), "+omega\n~{+new +}alpha\n");
        assert_eq!(token_diff("alpha\n", "omega\n", 9), "-alpha\n+omega\n");
    }
}
