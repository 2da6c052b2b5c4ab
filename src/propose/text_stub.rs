//! Text that occurs once in its file: a line, the same line inside one function, or the line with its neighbours.

use std::ops::Range;

use super::stub::{Stub, StubOperation, string};
use crate::patch::QueryKind;
use crate::text::lines::{line_of, line_start, next_line};

/// How many lines of a kind of text may be taken in to make it unique.
const MOST_AROUND: usize = 24;
/// What a few words may be.
const FEW: usize = 60;

/// The half-open byte range of the one-based `line`, without its line end; `None` where the text is shorter.
pub(super) fn line_span(text: &str, line: usize) -> Option<Range<usize>> {
    let before = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum::<usize>();
    let whole = text[before..].split_inclusive('\n').next()?;
    Some(before..before + whole.strip_suffix('\n').unwrap_or(whole).len())
}

/// What the line is, in a few words.
pub(super) fn what(line: &str) -> String {
    let short: String = line.chars().take(FEW).collect();
    format!("`{short}{}`", if short.len() < line.len() { "…" } else { "" })
}

/// The texts that hold the trimmed `line`, those first that hold least beside it: alone, alone in `function`, whole,
/// with whole lines above it, below it, or both. Most can be left out at once: they stand in the file more than once.
pub(super) fn stubs(text: &str, line: &Range<usize>, function: Option<String>) -> Vec<Stub> {
    let whole = whole_lines(text, line, 0, 0);
    let mut spans = vec![(line.clone(), None)];
    if let Some(function) = function {
        spans.push((line.clone(), Some(function)));
    }
    spans.push((whole, None));
    let mut sides: Vec<(usize, usize)> = (1..=MOST_AROUND).flat_map(|n| [(n, 0), (0, n), (n, n)]).collect();
    sides.sort_by_key(|(above, below)| above + below);
    spans.extend(sides.into_iter().map(|(above, below)| (whole_lines(text, line, above, below), None)));
    let unique = |(span, function): &(Range<usize>, Option<String>)| {
        function.is_some() || stands_once(text.as_bytes(), text[span.clone()].as_bytes())
    };
    let found = spans.into_iter().filter(unique);
    found.map(|(span, function)| stub(text, span, function)).collect()
}

/// Whether `searched`, which is in the text, stands there once; a second time may overlap the first.
fn stands_once(text: &[u8], searched: &[u8]) -> bool {
    let first = memchr::memmem::find(text, searched);
    first.is_some_and(|at| memchr::memmem::find(&text[at + 1..], searched).is_none())
}

/// The whole lines of `line` and so many around it, with the last one's line end.
fn whole_lines(text: &str, line: &Range<usize>, above: usize, below: usize) -> Range<usize> {
    let mut start = line_start(text, line.start);
    for _ in 0..above {
        start = line_start(text, start.saturating_sub(1));
    }
    let mut end = line.end;
    for _ in 0..=below {
        end = next_line(text, end);
    }
    start..end
}

fn stub(text: &str, span: Range<usize>, function: Option<String>) -> Stub {
    let searched = &text[span.clone()];
    let (first, last) = (line_of(text, span.start), line_of(text, span.end.saturating_sub(1)));
    let lines = if first == last { format!("line {first}") } else { format!("lines {first}-{last}") };
    let inside = function.as_ref().map(|name| format!(" inside fn {name}")).unwrap_or_default();
    Stub {
        kind: QueryKind::Text,
        id: String::new(),
        summary: format!("{lines}{inside}"),
        query: vec![("search", string(searched))],
        function,
        operation: StubOperation::replace(searched.to_owned(), Vec::new()),
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::lines::trimmed;
    use proptest::prelude::*;

    proptest! {
        /// Against counting by hand: what is left is unique, holds the line, and no other takes in fewer lines than the first.
        #[test]
        fn what_is_left_is_unique(text in "([ab]{0,2}\n){0,8}[ab]?", line in 1usize..10) {
            let span = line_span(&text, line);
            prop_assert_eq!(span.clone().map(|span| &text[span]), text.lines().nth(line - 1));
            let Some(line) = span.map(|span| trimmed(&text, &span)).filter(|span| !span.is_empty()) else { return Ok(()) };
            let found = stubs(&text, &line, None);
            for stub in &found {
                let searched = &text[stub.span.clone()];
                let places = (0..text.len()).filter(|at| text[*at..].starts_with(searched)).count();
                prop_assert_eq!(places, 1, "{}", searched);
                prop_assert!(stub.span.start <= line.start && line.end <= stub.span.end);
                let lines = |stub: &Stub| text[stub.span.clone()].lines().count();
                prop_assert!(lines(&found[0]) <= lines(stub));
            }
            prop_assert!(!found.is_empty(), "the whole text is unique");
        }
    }
}
