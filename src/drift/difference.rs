//! Two short texts side by side, for a message.
//!
//! It is for reading only: not a patch, without line numbers, and cut where it gets long.

use super::lines::{Side, Table};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 2;

/// What stands in `found` against what was `wanted`, a line each: `-` only wanted, `+` only found, a space
/// for both. Lines far from a change, and all beyond `max_lines`, become `…`. Empty if no line differs.
pub fn small_diff(wanted: &str, found: &str, max_lines: usize) -> String {
    let mut table = Table::default();
    let (wanted, found) = (table.read(wanted), table.read(found));
    let hunks = table.hunks(&wanted, &found, Side::First);
    let mut lines: Vec<String> = Vec::new();
    let mut at = 0;
    for (index, hunk) in hunks.iter().enumerate() {
        let next = hunks.get(index + 1).map_or(wanted.len(), |next| next.old.start);
        let shown = |sign: &'static str, ids: &[u32]| {
            ids.iter().map(|&id| format!("{sign}{}\n", table.line(id))).collect::<Vec<_>>()
        };
        let above = at.max(hunk.old.start.saturating_sub(CONTEXT));
        if above > at {
            lines.push("…\n".to_owned());
        }
        at = next.min(hunk.old.end + CONTEXT);
        lines.extend(shown(" ", &wanted[above..hunk.old.start]));
        lines.extend(shown("-", &wanted[hunk.old.clone()]));
        lines.extend(shown("+", &found[hunk.new.clone()]));
        lines.extend(shown(" ", &wanted[hunk.old.end..at]));
    }
    if at < wanted.len() && !hunks.is_empty() {
        lines.push("…\n".to_owned());
    }
    cut(lines, max_lines)
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
        assert_eq!(small_diff(wanted, found, 20), "…\n b\n c\n-d\n+D\n e\n f\n…\n i\n j\n+k\n");
        assert_eq!(small_diff(wanted, found, 4), "…\n b\n c\n…\n");
        assert_eq!(small_diff(wanted, wanted.trim_end(), 4), "");
        assert_eq!(small_diff("a", "", 4), "-a\n");
    }

    #[test]
    fn a_line_between_two_changes_is_shown_once() {
        assert_eq!(small_diff("a\nb\nc\n", "A\nb\nC\n", 9), "-a\n+A\n b\n-c\n+C\n");
        assert_eq!(small_diff("1\na\nb\nc\nd\n2\n", "a\nb\nc\nd\n", 9), "-1\n a\n b\n c\n d\n-2\n");
    }
}
