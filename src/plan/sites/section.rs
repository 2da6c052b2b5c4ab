//! The lines of a text without a grammar among which an insertion is known: those around its place that nothing parts from it.

use std::ops::Range;

use crate::drift::relocation::is_distinctive;
use crate::identity::{self, Language};
use crate::plan::draft::Draft;
use crate::text::lines::{blanks, lines_above, lines_below, lines_beside};

/// The lines around `offset` that no blank line, no line that is indented less and no header in brackets parts from it.
pub(super) fn run_of_lines(text: &str, offset: usize) -> Vec<Range<usize>> {
    let depth = |line: &Range<usize>| blanks(&text.as_bytes()[line.clone()]);
    let least = lines_beside(text, offset).iter().map(depth).max().unwrap_or_default();
    lines_around(text, offset, |line| {
        let trimmed = text[line.clone()].trim();
        !trimmed.is_empty() && depth(line) >= least && !is_in_brackets(trimmed)
    })
}

/// The lines around `offset` that no line parts from it that is indented less than `inserted`, which is put there, and no header
/// of its rank or above. Among lines that are not indented, a blank one parts what is no block of its own and says little.
pub(super) fn lines_of_section(draft: &Draft, offset: usize, inserted: &str) -> Vec<Range<usize>> {
    let text = draft.text();
    let depth = |line: &str| blanks(line.as_bytes());
    let is_said = |line: &&str| !line.trim().is_empty();
    let own = inserted.lines().find(is_said).map(depth).unwrap_or_default();
    let rank = |line: &str| rank_of(line, draft);
    let least = inserted.lines().filter_map(rank).min().unwrap_or(usize::MAX);
    let is_known = || {
        is_distinctive(inserted)
            || !identity::names(inserted, Language::of(draft.path())).is_empty()
            || is_block(&text[..offset], inserted, &text[offset..])
    };
    let crosses = own > 0 || is_known();
    let is_inside = |line: &Range<usize>| {
        let line = &text[line.clone()];
        match line.trim().is_empty() {
            true => crosses,
            false => depth(line) >= own && rank(line).is_none_or(|rank| rank >= least),
        }
    };
    let mut lines = lines_around(text, offset, is_inside);
    lines.retain(|line| !text[line.clone()].trim().is_empty());
    lines
}

/// The lines above and below `offset`, up to one that is not inside.
fn lines_around(text: &str, offset: usize, is_inside: impl Fn(&Range<usize>) -> bool) -> Vec<Range<usize>> {
    let above = lines_above(text, offset).take_while(&is_inside);
    let below = lines_below(text, offset).take_while(&is_inside);
    let mut lines: Vec<Range<usize>> = above.chain(below).collect();
    lines.sort_by_key(|line| line.start);
    lines
}

/// Whether blank lines part a text from what stands above and below it.
fn is_block(above: &str, inserted: &str, below: &str) -> bool {
    let ends = |text: &str| text[text.trim_end().len()..].matches('\n').count();
    let begins = |text: &str| text[..text.len() - text.trim_start().len()].matches('\n').count();
    let is_parted_above = above.trim().is_empty() || ends(above) + begins(inserted) > 1;
    is_parted_above && (below.trim().is_empty() || ends(inserted) + begins(below) > 1)
}

/// The rank of a line that heads a section, the highest 0.
fn rank_of(line: &str, draft: &Draft) -> Option<usize> {
    let line = line.trim();
    let signs = line.len() - line.trim_start_matches('#').len();
    let is_heading = signs > 0 && draft.is_markdown() && line[signs..].starts_with(' ');
    if is_heading { Some(signs) } else { is_in_brackets(line).then_some(0) }
}

fn is_in_brackets(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']')
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{after, planned, text};

    #[test]
    fn what_is_put_in_is_known_in_its_section_or_block() {
        let read_me = "# Horns\n\nOne.\n\nTwo.\n\nSix.\n\n## Low\n\nMine.\n";
        let flow = "jobs:\n  one:\n    - bell\n\n    - lamp\n  six:\n    - wave\n  two:\n    - horn\n";
        for (path, file, search, inserted, expected) in [
            // Paragraphs, in their section.
            ("a.md", read_me, "One.\n", "\nSix.\n", "in-place 7"),
            ("a.md", read_me, "One.\n", "\nMine.\n", "apply 3"),
            ("a.md", read_me, "One.\n", "\n## Low\n\nMine.\n", "in-place 9"),
            // A line of a paragraph is none.
            ("a.md", read_me, "One.\n", "Six.\n", "apply 3"),
            // Elements of a list, whatever parts them, and no deeper and no further.
            ("a.yml", flow, "    - bell\n", "    - lamp\n", "in-place 5"),
            ("a.yml", flow, "    - bell\n", "    - horn\n", "apply 3"),
            ("a.yml", flow, "    - bell\n", "\n  two:\n    - horn\n", "in-place 8"),
            ("a.toml", "a = [\n    \"x\",\n\n    \"y\",\n]\n", "    \"x\",\n", "    \"y\",\n", "in-place 4"),
            (
                "a.toml",
                "[a]\nx = 1\n\n[c]\nx = 1\n\n[b]\nx = 1\n",
                "[a]\nx = 1\n",
                "\n[b]\nx = 1\n",
                "in-place 7",
            ),
            ("a.toml", "[a]\nx = 1\n\n[b]\nz = 1\n", "x = 1\n", "z = 1\n", "apply 2"),
            (
                "a.css",
                ".a {\n  b: c;\n}\n\n.e {\n  b: c;\n}\n\n.d {\n  b: c;\n}\n",
                ".a {\n  b: c;\n}\n",
                "\n.d {\n  b: c;\n}\n",
                "in-place 9",
            ),
        ] {
            let decision = planned(path, file, vec![text(search, after(inserted))]).0;
            assert_eq!(decision, expected, "`{inserted}` after `{search}` in\n{file}");
        }
    }
}
