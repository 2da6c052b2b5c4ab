//! A mistake as text for a person: the line, the marked place, and the hint.
//!
//! Pure: the caller decides where to print, and whether in colour. Only the first line of a span is shown: a whole
//! long pattern would hide the message about it.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::config::mistake::{Mistake, MistakeKind};
use crate::text::lines::{line_end, line_start};

/// `mistake` as a few lines that end without a newline.
pub fn render(mistake: &Mistake, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let patch =
        mistake.patch.as_ref().map(|id| format!("error in patch `{}`", escaped(&id.replace('\n', "\\n"))));
    let title =
        Level::ERROR.with_name(patch.as_deref().unwrap_or("error")).primary_title(escaped(&mistake.message));
    let mut group = match mistake.kind {
        MistakeKind::Unreadable => title.element(Origin::path(&*mistake.file)),
        _ => title.element(snippet(mistake)),
    };
    if let Some(hint) = &mistake.hint {
        group = group.element(Level::HELP.message(escaped(hint)));
    }
    renderer.render(&[group])
}

fn snippet(mistake: &Mistake) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let (line, span) = first_line(mistake);
    let label = mistake.label.as_deref().map(escaped);
    let annotation = AnnotationKind::Primary.span(span).label(label);
    Snippet::source(line).path(&*mistake.file).line_start(mistake.line).annotation(annotation)
}

/// A message quotes the patch file, and a terminal would obey the control characters in it.
fn escaped(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c.is_control() && c != '\n';
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| if obeyed(c) { c.escape_debug().to_string() } else { c.to_string() }).collect()
}

/// The line on which the span begins, and the span on that line, widened to whole characters: parsers give spans of bytes.
fn first_line(mistake: &Mistake) -> (&str, Range<usize>) {
    let text = &*mistake.source;
    let at = mistake.span.start.min(text.len());
    let (start, end) = (line_start(text, at), line_end(text, at));
    let line = text[start..end].trim_end_matches('\r');
    let low = (0..=(at - start).min(line.len())).rev().find(|at| line.is_char_boundary(*at));
    let high = (mistake.span.end.max(at) - start).min(line.len());
    let high = (high..=line.len()).find(|at| line.is_char_boundary(*at));
    (line, low.unwrap_or(0)..high.unwrap_or(line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(source: &str, span: Range<usize>) -> Mistake {
        let kind = MistakeKind::Empty;
        Mistake::new(&"p.toml".into(), &source.into(), span, kind, "it is empty".to_owned())
    }

    #[test]
    fn the_place_is_marked_and_the_hint_follows() {
        let mut mistake = mistake("a = 1\nbb = ''\n", 11..13);
        mistake.hint("fill it").label("here");
        let expected =
            "error: it is empty\n --> p.toml:2:6\n  |\n2 | bb = ''\n  |      ^^ here\n  |\n  = help: fill it";
        assert_eq!(render(&mistake, false), expected);
    }

    #[test]
    fn of_a_span_over_several_lines_the_first_is_shown() {
        let shown = render(&mistake("a = '''\r\nb\r\n'''\r\n", 4..14), false);
        assert_eq!(shown.lines().count(), 5, "{shown}");
        assert!(shown.ends_with("1 | a = '''\n  |     ^^^"), "{shown}");
    }

    #[test]
    fn a_place_at_the_end_of_the_text_is_shown() {
        for (source, at, place) in [("", 0, "1:1"), ("a\n", 2, "2:1"), ("a", 1, "1:2"), ("ä", 9, "1:2")] {
            let shown = render(&mistake(source, at..at), false);
            assert!(shown.contains(&format!("p.toml:{place}")), "{shown}");
        }
    }

    #[test]
    fn marks_are_widened_to_whole_characters() {
        let source = "a = 💩é\n";
        for span in [5..5, 4..5, 5..6, 6..8, 7..7] {
            let shown = first_line(&mistake(source, span.clone())).1;
            assert_eq!(shown, 4..8, "{span:?}");
            assert!(render(&mistake(source, span), false).contains("1 | a = 💩é"));
        }
        assert_eq!(first_line(&mistake(source, 7..9)).1, 4..10);
        assert_eq!(first_line(&mistake(source, 9..99)).1, 8..10);
    }

    #[test]
    fn an_unreadable_file_has_no_line() {
        let mut unreadable = mistake("", 0..0);
        unreadable.kind = MistakeKind::Unreadable;
        assert_eq!(render(&unreadable, false), "error: it is empty\n--> p.toml");
    }

    #[test]
    fn colour_adds_nothing_but_escapes_and_a_patch_file_cannot_add_any() {
        let mistake = mistake("a = '\u{1b}[31mred'", 4..10);
        let plain = render(&mistake, false);
        assert!(!plain.contains('\u{1b}'), "{plain:?}");
        assert!(render(&mistake, true).contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&render(&mistake, true)).to_string(), plain);
    }

    #[test]
    fn a_message_cannot_add_escapes_either() {
        let mut mistake = mistake("a", 0..1);
        mistake.message = "`\u{1b}[31m` is no key".to_owned();
        mistake.hint("\u{1b}[31m").label("\u{1b}[31m");
        let shown = render(&mistake, false);
        assert!(!shown.contains('\u{1b}') && shown.contains("`\\u{1b}[31m` is no key"), "{shown}");
    }
}
