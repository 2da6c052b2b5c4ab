//! The edits that put keys and sections into a text.
//!
//! A missing key goes to the innermost table of its path that is written down, in that table's own notation:
//! a line under a header, a dotted line beside its like, an entry in an inline table. It never adds a header:
//! where a section is only implied by its sub-tables there is no line to stand after.

use super::model::{Node, Segment, ValueShape};
use super::view::{View, gap};
use crate::edit::Edit;
use crate::patch::toml_path::dotted;
use crate::text::ends::common_ends_by;
use crate::text::lines::{indent_at, line_end};

/// Adds the missing `path` with `value`, below `section` (a prefix of `path`), which is there as a table.
/// `None` where something on the way is no table.
pub(super) fn key(view: View<'_>, section: &[Segment], path: &[Segment], value: &str) -> Option<Edit> {
    if blocked(view, section.len(), path) {
        return None;
    }
    (0..path.len()).rev().find_map(|len| in_table(view, &path[..len], &path[len..], value))
}

/// Whether a value, or an array of tables, stands where a table is needed.
fn blocked(view: View<'_>, section: usize, path: &[Segment]) -> bool {
    (section + 1..path.len()).any(|len| {
        let named = |segment: &Segment, wanted: &Segment| segment.name == wanted.name;
        view.nodes().iter().any(|node| {
            let Some(found) = node.path.get(..len) else { return false };
            let here = found[..len - 1] == path[..len - 1] && named(&found[len - 1], &path[len - 1]);
            let plain = node.path.len() == len && !node.is_header() && node.shape != ValueShape::Inline;
            here && (plain || found[len - 1].index.is_some())
        })
    })
}

fn in_table(view: View<'_>, table: &[Segment], rest: &[Segment], value: &str) -> Option<Edit> {
    let exact = view.nodes().iter().position(|node| node.path == table && !table.is_empty());
    match exact {
        Some(i) if view.nodes()[i].is_header() => Some(in_body(view, Some(i), &line(rest, value))),
        Some(i) if view.nodes()[i].shape == ValueShape::Inline => {
            Some(in_inline_table(view, i, &line(rest, value)))
        }
        Some(_) => None,
        None if table.is_empty() => Some(in_body(view, None, &line(rest, value))),
        None => beside_dotted(view, table, rest, value),
    }
}

fn line(path: &[Segment], value: &str) -> String {
    let names: Vec<&str> = path.iter().map(|segment| segment.name.as_str()).collect();
    format!("{} = {}", dotted(&names), value.trim())
}

fn beside_dotted(view: View<'_>, table: &[Segment], rest: &[Segment], value: &str) -> Option<Edit> {
    let dotted = |node: &&Node| {
        node.is_statement() && !node.is_header() && node.depth() < table.len() && node.path.starts_with(table)
    };
    let last = view.nodes().iter().rev().find(dotted)?;
    let relative = [&table[last.depth()..], rest].concat();
    Some(after_entry(view, last, &line(&relative, value)))
}

fn in_body(view: View<'_>, header: Option<usize>, line: &str) -> Edit {
    let text = view.text;
    if let Some(last) = view.body(header).next_back() {
        return after_entry(view, &view.nodes()[last], line);
    }
    if let Some(header) = header {
        return after_entry(view, &view.nodes()[header], line);
    }
    match view.next_header(None) {
        Some(next) => block(text, view.own_comment(next), &format!("{line}\n")),
        None if text.is_empty() || text.ends_with('\n') => Edit::insert(text.len(), format!("{line}\n")),
        None => Edit::insert(text.len(), format!("\n{line}")),
    }
}

fn after_entry(view: View<'_>, last: &Node, line: &str) -> Edit {
    let indentation = &view.text[last.lines.start..last.span.start];
    let end = last.lines.end;
    let closed = view.text[..end].ends_with('\n');
    Edit::insert(
        end,
        if closed { format!("{indentation}{line}\n") } else { format!("\n{indentation}{line}") },
    )
}

fn in_inline_table(view: View<'_>, table: usize, line: &str) -> Edit {
    let (text, nodes) = (view.text, view.nodes());
    let value = &nodes[table].value;
    let child = |i: &usize| nodes[*i].parent_offset > 0 && *i - nodes[*i].parent_offset == table;
    let inside = |i: &usize| nodes[*i].span.start < value.end;
    match (table + 1..nodes.len()).take_while(inside).filter(child).last() {
        None => {
            let start = value.start + 1;
            let first = &text[start..line_end(text, start)];
            if first.trim_start().starts_with('#') {
                let indent = indent_at(text, start);
                return Edit::insert(start + first.len(), format!("\n{indent}    {line}"));
            }
            let tight = text[start..].starts_with('}');
            Edit::insert(start, if tight { format!(" {line} ") } else { format!(" {line}") })
        }
        Some(last) => {
            let last = &nodes[last].span;
            let own_line = text[value.start..last.start].rfind('\n').map(|newline| value.start + newline);
            let lead =
                own_line.map(|newline| &text[newline..last.start]).filter(|lead| lead.trim().is_empty());
            after_last(text, last.end, value.end - 1, lead, line)
        }
    }
}

/// Puts `line` behind the last entry of an inline table, which ends at `end`; the table's brace is at `brace`. A comment
/// behind an entry stays on its line, and a table that ends in a comma still does.
fn after_last(text: &str, end: usize, brace: usize, lead: Option<&str>, line: &str) -> Edit {
    let comma = comma_behind(text, end, brace);
    let code_end = comma.map_or(end, |comma| comma + 1);
    let (part, parted) = if comma.is_some() { ("", ",") } else { (",", "") };
    let Some(lead) = lead else {
        let at = code_end;
        return Edit::replace(text, end..at, format!("{}{part} {line}{parted}", &text[end..at]));
    };
    let behind = text[code_end..brace.min(line_end(text, code_end))].trim_end();
    let at = code_end + behind.len();
    Edit::replace(text, end..at, format!("{part}{}{lead}{line}{parted}", &text[end..at]))
}

/// Where the comma behind an entry stands, between `end` and `brace`.
fn comma_behind(text: &str, end: usize, brace: usize) -> Option<usize> {
    let mut at = end;
    while at < brace {
        match text.as_bytes()[at] {
            b',' => return Some(at),
            b'#' => at = line_end(text, at),
            _ => at += 1,
        }
    }
    None
}

/// Puts `block`, which ends with its only line end or has several lines, between the lines above and below
/// `at`, which is the start of a line or the end of the text: one blank line on each side that has a
/// neighbour. A text whose last line has no end keeps it so.
pub(super) fn block(text: &str, at: usize, block: &str) -> Edit {
    let gap = gap(text, at);
    let above = match &text[..gap.start] {
        "" => "",
        above if above.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let below = if gap.end < text.len() { "\n" } else { "" };
    let open_end = gap.end == text.len() && !text.is_empty() && !text.ends_with('\n');
    let block = if open_end { block.trim_end_matches('\n') } else { block };
    narrowed(text, gap, &format!("{above}{block}{below}"))
}

fn narrowed(text: &str, span: std::ops::Range<usize>, new: &str) -> Edit {
    let old = &text[span.clone()];
    let (a, b) = (old.as_bytes(), new.as_bytes());
    let (head, tail) = common_ends_by([a.len(), b.len()], |[i, j]| a[i] == b'\n' && b[j] == b'\n');
    Edit::replace(text, span.start + head..span.end - tail, &new[head..new.len() - tail])
}
