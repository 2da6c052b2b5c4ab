//! The text that an operation puts in: captures, indentation, and the edit around it. Pure.
//!
//! The same functions serve to apply a patch and to recognise that it was applied. Rules: what all lines of a
//! text share is its author's indentation and goes; the target's takes its place; a line inside a
//! string literal is never moved. ast-grep's replacer is not asked, because it indents the lines of such a literal too, and
//! because texts of tree-sitter and text patches need the same.

use std::ops::Range;

use crate::edit::Edit;
use crate::limits::{self, Limit};
use crate::matches::{Capture, Match};
use crate::meter;
use crate::patch::Layout;
use crate::rust::lexer::{self, TokenKind, literal_line_starts};
use crate::rust::lists::{self, Filling};
use crate::text::ends::common_start;
use crate::text::lines::{self, begins_line, indent_at, line_end, line_start};

/// Bytes that are put in for a step.
const BYTES_A_STEP: usize = 16;

/// `text` with its captures filled in from `source`, every line but the first indented by `indent`.
pub(crate) fn render(text: &str, layout: Layout, captures: &[Capture], source: &str, indent: &str) -> String {
    let body = if layout.keep_indent { text.to_owned() } else { dedent(text) };
    let indent = if layout.keep_indent { "" } else { indent };
    let fixed = literal_line_starts(&body);
    let mut result = String::with_capacity(body.len() + 64);
    let mut offset = 0;
    for line in body.split_inclusive('\n') {
        let movable = offset > 0 && !fixed.contains(&offset) && !line.trim().is_empty();
        let line_indent = format!("{indent}{}", lines::indent(line));
        // What a text repeats it can repeat more often than there is memory for.
        let captured = |variable: &Variable<'_>| {
            captures.iter().find(|c| c.name == variable.name).map_or(0, |c| c.span.len())
        };
        let grown: usize = if captures.is_empty() { 0 } else { variables(line).iter().map(captured).sum() };
        if (result.len() + grown) as u64 > limits::file_size()
            || !meter::spend((line.len() + grown) / BYTES_A_STEP)
        {
            meter::reach(Limit::ResultSize);
            return String::new();
        }
        let filled = fill(line, layout, captures, source, &line_indent, &body[offset + line.len()..]);
        let emptied = filled.trim().is_empty() && !line.trim().is_empty();
        if !emptied {
            result.push_str(if movable { indent } else { "" });
            result.push_str(&filled);
        }
        offset += line.len();
    }
    result
}

/// Takes away the white space that all lines share; lines that are blank or begin inside a string literal do not count.
pub(crate) fn dedent(text: &str) -> String {
    let fixed = literal_line_starts(text);
    let numbered = || {
        let mut offset = 0;
        text.split_inclusive('\n').map(move |line| {
            offset += line.len();
            (offset - line.len(), line)
        })
    };
    let counts = |(at, line): &(usize, &str)| !line.trim().is_empty() && !fixed.contains(at);
    let shared = numbered()
        .filter(counts)
        .map(|(_, line)| lines::indent(line))
        .reduce(common_start)
        .unwrap_or_default();
    numbered().map(|line| if counts(&line) { &line.1[shared.len()..] } else { line.1 }).collect()
}

/// One metavariable in a template.
pub(crate) struct Variable<'t> {
    /// Where it stands, dollars included.
    pub(crate) span: Range<usize>,
    /// Its name.
    pub(crate) name: &'t str,
    /// `$$$`: any number of nodes.
    pub(crate) many: bool,
}

/// The metavariables of a template: `$NAME`, `$$NAME`, `$$$NAME`, capitals, digits and `_`.
pub(crate) fn variables(text: &str) -> Vec<Variable<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$').map(|i| at + i) {
        let rest = text[dollar..].trim_start_matches('$');
        let dollars = text.len() - dollar - rest.len();
        let len = rest.find(|c: char| !matches!(c, 'A'..='Z' | '0'..='9' | '_')).unwrap_or(rest.len());
        let name = &rest[..len];
        let end = dollar + dollars + len;
        if dollars <= 3 && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') {
            found.push(Variable { span: dollar..end, name, many: dollars == 3 });
        }
        at = end;
    }
    found
}

fn fill(line: &str, layout: Layout, captures: &[Capture], source: &str, indent: &str, below: &str) -> String {
    if layout.literal_dollar || captures.is_empty() {
        return line.to_owned();
    }
    let variables = variables(line);
    let found = variables.iter().filter_map(|variable| {
        let capture = captures.iter().find(|c| c.name == variable.name)?;
        Some((variable, capture.span.clone()))
    });
    let found: Vec<_> = found.collect();
    let texts: Vec<_> = found
        .iter()
        .map(|(_, span)| move |indent: &str| shifted(source, span.clone(), layout, indent))
        .collect();
    let fillings = found.iter().zip(&texts).map(|((variable, span), text)| Filling {
        span: variable.span.start..end_of(line, variable, &source[span.clone()]),
        many: variable.many,
        step: step(source, span).filter(|_| !layout.keep_indent),
        ends_line: source[span.end..line_end(source, span.end)].trim().is_empty(),
        text,
    });
    lists::fill(line, &fillings.collect::<Vec<_>>(), indent, below)
}

/// Where the metavariable ends in its line: behind the `;` that its statements bring themselves, or have no need of.
fn end_of(line: &str, variable: &Variable<'_>, captured: &str) -> usize {
    let has_own = || {
        let tokens = lexer::tokens(captured);
        let code = tokens.iter().rfind(|token| token.kind != TokenKind::Comment);
        code.is_none_or(|last| &captured[last.span.clone()] == ";")
    };
    let is_doubled = variable.many && line[variable.span.end..].starts_with(';') && has_own();
    variable.span.end + usize::from(is_doubled)
}

/// How much more than the line before it a captured list is indented, where it begins on a line of its own.
fn step(source: &str, span: &Range<usize>) -> Option<String> {
    if span.is_empty() || !begins_line(source, span.start) {
        return None;
    }
    let (own, before) = (indent_at(source, span.start), source[..span.start].trim_end());
    let step = own.strip_prefix(indent_at(source, before.len())).filter(|step| !step.is_empty());
    Some(step.unwrap_or("    ").to_owned())
}

/// Captured text, its later lines moved from the indentation of the line it began on to `indent`.
fn shifted(source: &str, span: Range<usize>, layout: Layout, indent: &str) -> String {
    let text = &source[span.clone()];
    if layout.keep_indent || !text.contains('\n') {
        return text.to_owned();
    }
    let old = indent_at(source, span.start);
    let fixed = literal_line_starts(text);
    let mut result = String::with_capacity(text.len());
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let moves = offset > 0 && !fixed.contains(&offset) && !line.trim().is_empty();
        offset += line.len();
        match line.strip_prefix(old) {
            Some(rest) if moves => result.extend([indent, rest]),
            None if moves => {
                let own = lines::indent(line).len();
                let less = indent.len().saturating_sub(old.len().saturating_sub(own));
                result.extend([indent.get(..less).unwrap_or(indent), line.trim_start()]);
            }
            _ => result.push_str(line),
        }
    }
    result
}

/// The edit that puts `text` in the place of a structural match.
pub(crate) fn replace(source: &str, found: &Match, text: &str, layout: Layout) -> Edit {
    let mut rendered = render(text, layout, &found.captures, source, indent_at(source, found.span.start));
    if rendered.ends_with('\n') && !source[found.span.clone()].ends_with('\n') {
        rendered.pop();
    }
    let is_listed = source[found.span.end..].trim_start().starts_with(',');
    if is_listed && !source[found.span.clone()].ends_with(',') && rendered.ends_with(',') {
        rendered.pop();
    }
    end_comment(&mut rendered, source, found.span.end);
    Edit::replace(source, found.span.clone(), rendered)
}

/// Ends the line of `text` if a comment ends it and code stands behind byte `end`, which would be part of the comment.
fn end_comment(text: &mut String, source: &str, end: usize) {
    let behind = &source[end..line_end(source, end)];
    let is_comment =
        || lexer::tokens(text).last().is_some_and(|last| text[last.span.clone()].starts_with("//"));
    if !behind.trim().is_empty() && !text.ends_with('\n') && is_comment() {
        text.extend(["\n", indent_at(source, end)]);
    }
}

/// The edits that take structural matches away, one each, with their attributes and the lines that they leave blank. Matches
/// with nothing between them leave their lines blank together.
pub(crate) fn delete(source: &str, found: &[Match], layout: Layout) -> Vec<Edit> {
    let spans: Vec<Range<usize>> = found.iter().map(|hit| taken(hit, layout)).collect();
    let joined = |a: &Range<usize>, b: &Range<usize>| {
        let between = source.get(a.end..b.start).unwrap_or("-");
        between.trim().is_empty() && between.matches('\n').count() < 2
    };
    let is_element =
        |end: usize| found.iter().any(|hit| hit.surroundings.is_element && hit.surroundings.unit.end == end);
    let together = spans.chunk_by(joined);
    let edits = together.flat_map(|run| {
        let (start, end) = (run[0].start, run[run.len() - 1].end);
        let is_commented = is_element(end) && begins_line(source, start);
        let whole =
            with_blank_line(source, start..if is_commented { with_comment(source, end) } else { end });
        let starts = std::iter::once(whole.start).chain(run[1..].iter().map(|span| span.start));
        let ends = run[1..].iter().map(|span| span.start).chain([whole.end]);
        starts.zip(ends).map(|(start, end)| Edit::replace(source, start..end, "")).collect::<Vec<_>>()
    });
    edits.collect()
}

/// The edit that leaves a comment in the place of a structural match and its attributes.
pub(crate) fn delete_to_comment(source: &str, found: &Match, comment: &str, layout: Layout) -> Edit {
    let span = taken(found, layout);
    let rendered = render(comment, layout, &found.captures, source, indent_at(source, span.start));
    let mut rendered = rendered.strip_suffix('\n').unwrap_or(&rendered).to_owned();
    end_comment(&mut rendered, source, span.end);
    Edit::replace(source, span, rendered)
}

/// `end`, or the end of the comment that is the rest of its line: that of a list element belongs to it.
fn with_comment(source: &str, end: usize) -> usize {
    let rest = &source[end..line_end(source, end)];
    let mut tokens = lexer::tokens(rest).into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(token), None) if token.kind == TokenKind::Comment => end + token.span.end,
        _ => end,
    }
}

fn taken(found: &Match, layout: Layout) -> Range<usize> {
    let around = &found.surroundings;
    let start = if layout.keep_attributes { around.unit.start } else { around.unit_outer };
    start..around.unit.end
}

/// `span`, and the whole of its lines where nothing else stands on them, and the space behind a separator.
fn with_blank_line(source: &str, span: Range<usize>) -> Range<usize> {
    let (start, end) = (line_start(source, span.start), line_end(source, span.end));
    let (before, after) = (&source[start..span.start], &source[span.end..end]);
    match (before.trim().is_empty(), after.trim().is_empty()) {
        (true, true) if end < source.len() => start..end + 1,
        (true, true) => start.saturating_sub(1)..end,
        (false, true) => start + before.trim_end().len()..end,
        _ if before.trim_end().ends_with(',') && after.trim_start().starts_with([')', ']', '}', '>']) => {
            with_comma_before(source, span)
        }
        _ => span.start..span.end + lines::indent(after).len(),
    }
}

/// `span`, the last element of a list on one line, and the comma before it, which parted it from the others; that of a tuple,
/// and one that ended the list before, stays.
fn with_comma_before(source: &str, span: Range<usize>) -> Range<usize> {
    let before = source[..span.start].trim_end();
    let stays = source[span.clone()].ends_with(',') || lists::is_in_tuple(before);
    before.len() - usize::from(!stays)..span.end
}

/// The edit that puts `text` on lines of its own before the element that holds the match.
pub(crate) fn insert_before(source: &str, found: &Match, text: &str, layout: Layout) -> Edit {
    let around = &found.surroundings;
    let at = if layout.keep_attributes { around.element.start } else { around.element_outer };
    let indent = indent_at(source, at);
    let lines = insertion(source, found, text, layout, indent);
    let start = line_start(source, at);
    let before = &source[start..at];
    if before.trim().is_empty() {
        return Edit::insert(start, lines + "\n");
    }
    let gap = start + before.trim_end().len();
    Edit::replace(source, gap..at, format!("\n{lines}\n{indent}"))
}

/// The edit that puts `text` on lines of its own after the element that holds the match and the comment behind it.
pub(crate) fn insert_after(source: &str, found: &Match, text: &str, layout: Layout) -> Edit {
    let at = found.surroundings.element.end;
    let indent = indent_at(source, found.surroundings.element.start);
    let lines = insertion(source, found, text, layout, indent);
    let comma = if found.surroundings.element_lacks_comma { "," } else { "" };
    let end = line_end(source, at);
    let after = source[at..end].trim_start();
    match (after.is_empty() || after.starts_with("//"), end < source.len()) {
        (true, true) if comma.is_empty() => Edit::insert(end + 1, lines + "\n"),
        (true, false) if comma.is_empty() => Edit::insert(end, format!("\n{lines}")),
        (true, true) => Edit::replace(source, at..end + 1, format!("{comma}{}{lines}\n", &source[at..=end])),
        (true, false) => Edit::replace(source, at..end, format!("{comma}{}\n{lines}", &source[at..end])),
        (false, _) => {
            let gap = at..end - after.len();
            Edit::replace(source, gap, format!("{comma}\n{lines}\n{indent}"))
        }
    }
}

/// The inserted lines, each indented, without the last line end.
pub(crate) fn insertion(source: &str, found: &Match, text: &str, layout: Layout, indent: &str) -> String {
    let rendered = render(text, layout, &found.captures, source, indent);
    let rendered = rendered.strip_suffix('\n').unwrap_or(&rendered);
    let first_indented = !layout.keep_indent && !rendered.starts_with('\n');
    if first_indented { format!("{indent}{rendered}") } else { rendered.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust::syntax::Syntax;

    /// The match on `part` of `text`, with `$A` for `captured`.
    fn hit(text: &str, part: &str, captured: &str) -> Match {
        let syntax = Syntax::parse(text);
        let at = text.find(part).unwrap();
        let start = at + part.find(captured).unwrap();
        let capture = Capture { name: "A".to_owned(), span: start..start + captured.len() };
        Match::of_node(&syntax, syntax.node_at(at, at + part.len()).unwrap(), vec![capture])
    }

    fn made(text: &str, edit: &Edit) -> String {
        Edit::apply_batch(text, std::slice::from_ref(edit)).unwrap()
    }

    const PLAIN: Layout = Layout { keep_indent: false, keep_attributes: false, literal_dollar: false };

    #[test]
    fn a_text_is_laid_out_where_it_goes() {
        let keep = Layout { keep_indent: true, ..PLAIN };
        let literal = Layout { literal_dollar: true, ..PLAIN };
        // Text, layout, indentation, result.
        let cases = [
            ("x", PLAIN, "    ", "x"),
            ("  x {\n    y\n  }", PLAIN, "    ", "x {\n      y\n    }"),
            ("  x {\n    y\n  }", keep, "    ", "  x {\n    y\n  }"),
            ("a($A)", PLAIN, "", "a(1, 2)"),
            ("a($A)", literal, "", "a($A)"),
            ("a($B)", PLAIN, "", "a($B)"),
            ("x\n\ny", PLAIN, "  ", "x\n\n  y"),
            ("s = \"\n  in\";\nt", PLAIN, "  ", "s = \"\n  in\";\n  t"),
        ];
        let captures = [Capture { name: "A".to_owned(), span: 2..6 }];
        for (text, layout, indent, result) in cases {
            assert_eq!(render(text, layout, &captures, "f(1, 2)", indent), result, "{text}");
        }
    }

    #[test]
    fn statements_bring_their_own_semicolon() {
        for (text, captured, result) in [
            ("{ $$$A; b() }", "a();", "{ a(); b() }"),
            ("{ $$$A; b() }", "a()", "{ a(); b() }"),
            ("{ $$$A; b() }", "", "{ b() }"),
            ("{ $$$A; b() }", "a(); /* a */", "{ a(); /* a */ b() }"),
            ("{ $A; b() }", "a();", "{ a();; b() }"),
        ] {
            let captures = [Capture { name: "A".to_owned(), span: 0..captured.len() }];
            assert_eq!(render(text, PLAIN, &captures, captured, ""), result, "{text} with {captured}");
        }
    }

    #[test]
    fn edits_are_lines_of_their_own_and_leave_none_behind() {
        let f = "fn f() {\n    a(1);\n    b();\n}\n";
        let one = "fn f() { a(1); b(); }\n";
        let call = hit(f, "a(1)", "1");
        let (inline, list) = (hit(one, "a(1)", "1"), "fn f() { g(a(1), 2); }\n");
        let cases = [
            ("replace", made(f, &replace(f, &call, "c($A)", PLAIN)), "fn f() {\n    c(1);\n    b();\n}\n"),
            (
                "before",
                made(f, &insert_before(f, &call, "c($A);", PLAIN)),
                "fn f() {\n    c(1);\n    a(1);\n    b();\n}\n",
            ),
            (
                "after",
                made(f, &insert_after(f, &call, "c();\n", PLAIN)),
                "fn f() {\n    a(1);\n    c();\n    b();\n}\n",
            ),
            (
                "before, on one line",
                made(one, &insert_before(one, &inline, "c();", PLAIN)),
                "fn f() {\nc();\na(1); b(); }\n",
            ),
            ("delete", made(f, &delete(f, std::slice::from_ref(&call), PLAIN)[0]), "fn f() {\n    b();\n}\n"),
            ("delete, on one line", made(one, &delete(one, &[inline], PLAIN)[0]), "fn f() { b(); }\n"),
            (
                "delete an argument",
                made(list, &delete(list, &[hit(list, "a(1)", "1")], PLAIN)[0]),
                "fn f() { g(2); }\n",
            ),
            (
                "a comment before code",
                made(one, &replace(one, &hit(one, "a(1)", "1"), "c($A) // $A", PLAIN)),
                "fn f() { c(1) // 1\n; b(); }\n",
            ),
            (
                "leave a comment before code",
                made(one, &delete_to_comment(one, &hit(one, "a(1)", "1"), "// $A", PLAIN)),
                "fn f() { // 1\n b(); }\n",
            ),
            (
                "leave a comment",
                made(f, &delete_to_comment(f, &call, "// $A", PLAIN)),
                "fn f() {\n    // 1\n    b();\n}\n",
            ),
        ];
        for (name, result, expected) in cases {
            assert_eq!(result, expected, "{name}");
        }
    }
}
