//! What a patch for several places leaves out although it says what the query says: matches inside another match, and those
//! in macros. Nobody should have to count to see that there were more.

use std::ops::Range;

use super::draft::Draft;
use super::nearest;
use super::sites::{Sites, functions};
use crate::locate;
use crate::patch::{Action, Matches, Patch};

/// What a patch for several places leaves out, although it says what the query says.
pub(super) fn left_out(patch: &Patch, draft: &mut Draft, sites: &Sites) -> Option<String> {
    let (Action::Rust { query, .. }, true) = (&patch.action, patch.matches != Matches::Exactly(1)) else {
        return None;
    };
    let spans: Vec<Range<usize>> = sites.pending.iter().map(|site| site.span.clone()).collect();
    let inside = locate::inside(query, &draft.syntax(), &spans).into_iter();
    let inside: Vec<usize> = inside.map(|offset| draft.line_as_read(offset)).collect();
    let mut in_macros = nearest::inside_macros(query, draft);
    if let Some(name) = &patch.function_context {
        let own = functions(name, draft).into_iter();
        let own: Vec<_> =
            own.map(|span| draft.line_as_read(span.start)..=draft.line_as_read(span.end)).collect();
        in_macros.retain(|line| own.iter().any(|lines| lines.contains(line)));
    }
    let told = [("inside another match", inside), ("inside a macro", in_macros)];
    let told = told.into_iter().filter(|(_, lines)| !lines.is_empty());
    let told: Vec<String> = told.map(|(why, lines)| format!("{}, {why}", lines_of(&lines))).collect();
    (!told.is_empty()).then(|| format!("not counted as a match: {}", told.join("; ")))
}

fn lines_of(lines: &[usize]) -> String {
    let numbers: Vec<String> = lines.iter().map(usize::to_string).collect();
    format!("{} {}", if lines.len() == 1 { "line" } else { "lines" }, numbers.join(", "))
}
