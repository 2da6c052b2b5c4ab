//! The edits that take statements and inline entries out of a text.
//!
//! Statements go as whole lines. Of the blank lines above and below them the longer run stays, so that
//! neighbours are as far apart as the file had them; removing line by line would double the separation or
//! lose it. Inline entries go with one comma.

use std::ops::Range;

use super::model::Node;
use super::view::{View, gap};
use crate::edit::Edit;
use crate::text::lines::{line_start, next_line};

/// The edits that remove the nodes at these places in the list. A header takes its own comment and its body
/// along.
pub(super) fn nodes(view: View<'_>, places: &[usize]) -> Vec<Edit> {
    let (statements, nested): (Vec<usize>, Vec<usize>) =
        places.iter().partition(|&&place| view.nodes()[place].is_statement());
    let blocks = statements.iter().map(|&place| block(view, place)).collect();
    let mut edits: Vec<Edit> =
        joined(view.text, blocks).iter().map(|lines| without_lines(view.text, lines)).collect();
    edits.extend(nested_runs(view, &nested).into_iter().flat_map(|run| without_run(view, run)));
    edits.sort_by_key(|edit| edit.span().start);
    edits
}

fn block(view: View<'_>, place: usize) -> Range<usize> {
    let node = &view.nodes()[place];
    if node.is_header() { view.own_comment(place)..view.body_end(Some(place)) } else { node.lines.clone() }
}

/// Blocks with nothing but blank lines between them become one.
fn joined(text: &str, mut blocks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    blocks.sort_by_key(|block| block.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for block in blocks {
        match joined.last_mut() {
            Some(last) if block.start <= last.end || text[last.end..block.start].trim().is_empty() => {
                last.end = last.end.max(block.end);
            }
            _ => joined.push(block),
        }
    }
    joined
}

fn without_lines(text: &str, lines: &Range<usize>) -> Edit {
    let above = gap(text, lines.start).start;
    let below = gap(text, lines.end).end;
    let count = |range: Range<usize>| text[range].lines().count();
    let span = match (above == 0, below == text.len()) {
        (true, true) => 0..text.len(),
        (true, false) => lines.start..below,
        (false, true) => above..lines.end,
        (false, false) if count(above..lines.start) >= count(lines.end..below) => lines.start..below,
        (false, false) => above..lines.end,
    };
    Edit::replace(text, span, "")
}

/// Neighbours in one inline table or array, which go together.
struct SiblingRun {
    holder: usize,
    first: usize,
    last: usize,
}

fn siblings(view: View<'_>, holder: usize) -> Vec<usize> {
    let nodes = view.nodes();
    let inside = |i: &usize| nodes[*i].span.start < nodes[holder].span.end;
    (holder + 1..nodes.len())
        .take_while(inside)
        .filter(|&i| i - nodes[i].parent_offset == holder && nodes[i].parent_offset > 0)
        .collect()
}

fn nested_runs(view: View<'_>, places: &[usize]) -> Vec<SiblingRun> {
    let mut runs: Vec<SiblingRun> = Vec::new();
    for &place in places {
        let holder = place - view.nodes()[place].parent_offset;
        let siblings = siblings(view, holder);
        let before = siblings.iter().rev().find(|&&sibling| sibling < place);
        match runs.last_mut() {
            Some(run) if run.holder == holder && before == Some(&run.last) => run.last = place,
            _ => runs.push(SiblingRun { holder, first: place, last: place }),
        }
    }
    runs
}

fn without_run(view: View<'_>, run: SiblingRun) -> Vec<Edit> {
    let nodes = view.nodes();
    let siblings = siblings(view, run.holder);
    let before = siblings.iter().rev().find(|&&sibling| sibling < run.first).map(|&i| &nodes[i]);
    let after = siblings.iter().find(|&&sibling| sibling > run.last).map(|&i| &nodes[i]);
    let (start, end) = (nodes[run.first].span.start, nodes[run.last].span.end);
    let span = match (before, after) {
        (None, None) => {
            let value = &nodes[run.holder].value;
            value.start + 1..value.end - 1
        }
        _ if lines_of_its_own(view, start..end, before, after) => {
            line_start(view.text, start)..next_line(view.text, end)
        }
        (_, Some(after)) => start..after.span.start,
        (Some(before), None) if !view.text[before.span.end..start].contains('#') => before.span.end..end,
        // The comment is of the entry before.
        (Some(_), None) => start..end,
    };
    let is_last = after.is_none() && !view.text[end..].trim_start().starts_with(',');
    let orphan = before
        .filter(|before| is_last && before.span.end < span.start)
        .map(|before| comma(view.text, before.span.end));
    let edits = orphan.into_iter().flatten().chain([span]);
    edits.map(|span| Edit::replace(view.text, span, "")).collect()
}

/// The comma behind an entry that ends at `end`, which parts it from the next.
fn comma(text: &str, end: usize) -> Option<Range<usize>> {
    let at = end + text[end..].len() - text[end..].trim_start().len();
    text[at..].starts_with(',').then(|| at..at + 1)
}

/// Whether nothing else but a comma and a comment shares the lines of `span`.
fn lines_of_its_own(view: View<'_>, span: Range<usize>, before: Option<&Node>, after: Option<&Node>) -> bool {
    let text = view.text;
    let rest = text[span.end..next_line(text, span.end)].trim_start();
    let rest = rest.strip_prefix(',').unwrap_or(rest).trim();
    text[line_start(text, span.start)..span.start].trim().is_empty()
        && (rest.is_empty() || rest.starts_with('#'))
        && before.is_none_or(|node| text[node.span.end..span.start].trim_start().starts_with(','))
        && after.is_none_or(|node| node.span.start >= next_line(text, span.end))
}
