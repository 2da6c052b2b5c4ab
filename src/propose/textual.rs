//! Text that stands nowhere else in its file: a line, the same inside one function, or with lines around it.

use std::ops::Range;

use super::Kind;
use super::sketch::{Operation, Sketch, string};
use crate::source::{line_of, line_start};

/// How many lines of a kind of text may be taken in to make it unique.
const MOST_AROUND: usize = 24;
/// What a few words may be.
const FEW: usize = 60;

/// The half-open byte range of the one-based `line`, without its line end; `None` where the text is shorter.
pub(super) fn line_span(text: &str, line: usize) -> Option<Range<usize>> {
    let wanted = text.lines().nth(line.checked_sub(1)?)?;
    let start = wanted.as_ptr() as usize - text.as_ptr() as usize;
    Some(start..start + wanted.len())
}

/// The span without the white space at its ends.
pub(super) fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inside = &text[span.clone()];
    let start = span.start + (inside.len() - inside.trim_start().len());
    start..start.max(span.start + inside.trim_end().len())
}

/// What the line is, in a few words.
pub(super) fn what(line: &str) -> String {
    let short: String = line.chars().take(FEW).collect();
    format!("`{short}{}`", if short.len() < line.len() { "…" } else { "" })
}

/// The texts that hold the trimmed `line`, those first that hold least beside it: alone, alone in `function`, whole,
/// with whole lines above or below it. Most can be left out at once: they stand in the file more than once.
pub(super) fn sketches(text: &str, line: &Range<usize>, function: Option<String>) -> Vec<Sketch> {
    let whole = whole_lines(text, line, 0, 0);
    let mut spans = vec![(line.clone(), None)];
    if let Some(function) = function {
        spans.push((line.clone(), Some(function)));
    }
    spans.push((whole, None));
    for around in 1..=MOST_AROUND {
        let both = [(around, 0), (0, around)].map(|(above, below)| whole_lines(text, line, above, below));
        spans.extend(both.map(|span| (span, None)));
    }
    let unique = |(span, function): &(Range<usize>, Option<String>)| {
        function.is_some() || memchr::memmem::find_iter(text.as_bytes(), &text[span.clone()]).nth(1).is_none()
    };
    let found = spans.into_iter().filter(unique);
    found.map(|(span, function)| sketch(text, span, function)).collect()
}

/// The whole lines of `line` and so many around it, with the last one's line end.
fn whole_lines(text: &str, line: &Range<usize>, above: usize, below: usize) -> Range<usize> {
    let mut start = line_start(text, line.start);
    for _ in 0..above {
        start = line_start(text, start.saturating_sub(1));
    }
    let mut end = line.end;
    for _ in 0..=below {
        end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    }
    start..end
}

fn sketch(text: &str, span: Range<usize>, function: Option<String>) -> Sketch {
    let searched = &text[span.clone()];
    let (first, last) = (line_of(text, span.start), line_of(text, span.end.saturating_sub(1)));
    let lines = if first == last { format!("line {first}") } else { format!("lines {first}-{last}") };
    let inside = function.as_ref().map(|name| format!(" inside fn {name}")).unwrap_or_default();
    Sketch {
        kind: Kind::Text,
        id: String::new(),
        summary: format!("{lines}{inside}"),
        query: vec![("search", string(searched))],
        function,
        operation: Operation::replace(searched.to_owned(), Vec::new()),
        span,
    }
}
