//! A patch file that is not TOML: where it first goes wrong, and what its writer meant.
//!
//! Most such files hold Rust in a string of the wrong style. The parser then complains about the line on which it lost the
//! thread, in terms of its grammar, so the tokens around that place are looked at: which string is it in or behind?
//! Only the first mistake is told: those behind it follow from it.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use super::fields::{Fields, Sink, character};
use super::patch::written_id;
use crate::config::mistake::MistakeKind;
use crate::text::lines::{line_end, line_of, line_start};

const LONG: &str = "'''";

/// What is wrong, where, and what to do.
struct Diagnosis {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// Reports the first mistake of the text, which is not TOML.
pub(super) fn report(sink: &mut Sink) {
    let source = sink.source.clone();
    let (table, errors) = DeTable::parse_recoverable(&source);
    let place = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let Some(error) = errors.iter().min_by_key(|error| place(error)) else { return };
    let at = (0..=place(error).min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let Diagnosis { span, message, hint } =
        diagnosis(&source, at, error.message()).unwrap_or_else(|| Diagnosis {
            span: error.span().unwrap_or(0..0),
            message: error.message().trim_end().to_owned(),
            hint: None,
        });
    sink.patch = patch_at(table.get_ref(), span.start);
    let reported =
        sink.report(MistakeKind::Syntax, span, format!("the patch file is not valid TOML: {message}"));
    if let Some(hint) = hint {
        reported.hint(hint);
    }
}

/// The id of the last patch that begins before `at`.
fn patch_at(table: &DeTable<'_>, at: usize) -> Option<String> {
    let (_, patches) = table.iter().find(|(key, _)| key.get_ref() == "patches")?;
    let last = patches.get_ref().as_array()?.iter().rfind(|patch| patch.span().start <= at)?;
    match last.get_ref() {
        DeValue::Table(table) => written_id(&Fields::new(table, last.span(), "")),
        _ => None,
    }
}

fn diagnosis(source: &str, at: usize, reason: &str) -> Option<Diagnosis> {
    let tokens = Source::new(source).lex().into_vec();
    let index = tokens.iter().rposition(|token| token.span().start() <= at && !is_empty(token))?;
    // A mistake at the end of a string that is not closed is reported behind it.
    let before = index.checked_sub(1).map(|index| &tokens[index]);
    let touching = [Some(&tokens[index]), before.filter(|token| token.span().end() == at)];
    if let Some(found) = touching.into_iter().flatten().find_map(|token| in_string(source, token, at)) {
        return Some(found);
    }
    behind_string(source, &tokens[..index], at)
        .or_else(|| swallowed(source, &tokens[..index]))
        .or_else(|| unquoted(source, at, reason))
        .or_else(|| second_table(source, at, reason))
        .or_else(|| no_pair(source, at, reason))
}

fn is_empty(token: &Token) -> bool {
    token.span().is_empty()
}

fn text<'s>(source: &'s str, token: &Token) -> &'s str {
    &source[token.span().start()..token.span().end()]
}

/// The quotes of a string.
fn quotes(token: &Token) -> Option<&'static str> {
    match token.kind() {
        TokenKind::LiteralString => Some("'"),
        TokenKind::BasicString => Some("\""),
        TokenKind::MlLiteralString => Some(LONG),
        TokenKind::MlBasicString => Some("\"\"\""),
        _ => None,
    }
}

/// A string that is not closed, or with a backslash or a control character that it cannot hold.
fn in_string(source: &str, token: &Token, at: usize) -> Option<Diagnosis> {
    let quotes = quotes(token)?;
    let written = text(source, token).trim_end_matches('\r');
    let start = token.span().start();
    let inside = start + quotes.len()..start + written.len();
    if quotes.starts_with('"')
        && let Some(escape) = unknown_escape_at(source, inside.start, at)
    {
        return Some(unknown_escape(source, escape, quotes));
    }
    if let Some(offset) = escaped_end(written).filter(|_| quotes == "\"") {
        return Some(escaped_quote(start + offset));
    }
    if written.len() < 2 * quotes.len() || !written.ends_with(quotes) {
        return Some(unclosed(source, start, quotes));
    }
    let control = source[at..].chars().next().filter(|c| c.is_control() && inside.contains(&at))?;
    Some(Diagnosis {
        span: at..at + control.len_utf8(),
        message: "the string contains a control character".to_owned(),
        hint: Some(format!(
            "remove it, or write `\\u{:04x}` for it in a string between `\"`",
            u32::from(control)
        )),
    })
}

/// The backslash that escapes the quote with which a string was to end, in a string that goes on to the end of its line.
fn escaped_end(written: &str) -> Option<usize> {
    let body = written.trim_end_matches(['}', ']', ',', ' ', '\t']).strip_suffix('"')?;
    let backslashes = body.len() - body.trim_end_matches('\\').len();
    (backslashes % 2 == 1).then(|| body.len() - 1)
}

fn escaped_quote(at: usize) -> Diagnosis {
    Diagnosis {
        span: at..at + 2,
        message: "the backslash escapes the quote that was to close the string".to_owned(),
        hint: Some(format!("write the text between `{LONG}`, where a backslash is itself")),
    }
}

/// The escape that TOML does not know and on which the parser stumbles at `at`.
fn unknown_escape_at(source: &str, start: usize, at: usize) -> Option<Range<usize>> {
    let mut here = start;
    while here < at {
        here += source[here..at].find('\\')?;
        let after = &source[here + 1..];
        let letter = after.chars().next()?;
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let has_digits = after.bytes().skip(1).take_while(u8::is_ascii_hexdigit).count() >= digits;
        let is_known = "btnfrexuU\"\\\r\n \t".contains(letter);
        if !(is_known && has_digits) {
            return Some(here..here + 1 + letter.len_utf8());
        }
        here += 1 + letter.len_utf8();
    }
    None
}

fn unknown_escape(source: &str, span: Range<usize>, quotes: &str) -> Diagnosis {
    Diagnosis {
        message: format!("`{}` is not an escape of TOML", &source[span.clone()]),
        span,
        hint: Some(format!(
            "between `{quotes}` a backslash begins an escape: write the text between `{LONG}`, where a \
             backslash is itself"
        )),
    }
}

fn unclosed(source: &str, start: usize, quotes: &str) -> Diagnosis {
    if quotes.len() == LONG.len() {
        return Diagnosis {
            span: start..start + quotes.len(),
            message: "the string that begins here is not closed".to_owned(),
            hint: Some(format!("close it with `{quotes}`")),
        };
    }
    let end = line_end(source, start);
    Diagnosis {
        span: start..source[..end].trim_end().len().max(start + 1),
        message: format!("the string is not closed by `{quotes}` on its line"),
        hint: Some(format!(
            "write a text of several lines between `{LONG}`; close any other with `{quotes}`"
        )),
    }
}

/// More text behind a string: a quote in it has ended it.
fn behind_string(source: &str, tokens: &[Token], at: usize) -> Option<Diagnosis> {
    let line = line_start(source, at);
    let last = tokens.iter().rfind(|token| token.kind() != TokenKind::Whitespace && !is_empty(token))?;
    let quotes = quotes(last)?;
    let end = last.span().end();
    if end < line {
        return None;
    }
    let rest = source[at..line_end(source, at)].trim_end();
    let is_comment =
        rest.starts_with("//") || rest.starts_with("/*") || rest.trim_matches([';', ',']).is_empty();
    if is_comment || !(rest.contains(&quotes[..1]) || quotes.len() == LONG.len() || end == at) {
        let what = if rest.starts_with('/') {
            "a comment begins with `#`"
        } else {
            "nothing follows a value on its line"
        };
        return Some(Diagnosis {
            span: at..at + rest.len(),
            message: format!("`{rest}` stands behind the value"),
            hint: Some(what.to_owned()),
        });
    }
    let hint = match quotes {
        _ if end < at && rest.starts_with(quotes) => {
            format!(
                "separate the values of a list with commas; write a text with `{quotes}` in it between `{LONG}`"
            )
        }
        LONG => "write the text between `\"\"\"`, and double each backslash in it".to_owned(),
        _ => format!("write a text with `{quotes}` in it between `{LONG}`"),
    };
    Some(Diagnosis {
        span: end - quotes.len()..end,
        message: format!("the string ends at this `{quotes}`, and more text follows"),
        hint: Some(hint),
    })
}

/// A long string that was to end earlier: the quotes that begin the next one have ended it.
fn swallowed(source: &str, tokens: &[Token]) -> Option<Diagnosis> {
    let last = tokens.iter().rfind(|token| quotes(token).is_some())?;
    let quotes = quotes(last).filter(|quotes| quotes.len() == LONG.len())?;
    let body = text(source, last).strip_suffix(quotes)?;
    let before = body.lines().next_back()?.trim_end().strip_suffix('=')?.trim();
    let is_key = !before.is_empty() && before.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    is_key.then(|| Diagnosis {
        span: last.span().start()..last.span().start() + quotes.len(),
        message: format!(
            "the string that begins here ends only at line {}, at the `{quotes}` of `{before}`",
            line_of(source, last.span().end())
        ),
        hint: Some(format!("close it with `{quotes}` before that")),
    })
}

/// A value without the quotes of TOML.
fn unquoted(source: &str, at: usize, reason: &str) -> Option<Diagnosis> {
    let of_a_value = ["string values must be quoted", "missing opening quote", "invalid boolean"];
    if !of_a_value.iter().any(|known| reason.contains(known)) {
        return None;
    }
    let value = source[at..line_end(source, at)].trim_end();
    let lower = value.to_lowercase();
    let is_raw = ["r\"", "r#", "b\"", "br\"", "br#"].iter().any(|prefix| value.starts_with(prefix));
    let (message, hint) = if ["true", "false"].contains(&lower.as_str()) {
        (format!("`{value}` is not a value"), format!("write `{lower}`"))
    } else if is_raw {
        (
            "TOML has no raw strings".to_owned(),
            format!("write the text between `{LONG}`, where a backslash is itself"),
        )
    } else {
        ("the value has no quotes".to_owned(), format!("write a text between `{LONG}` or `\"`"))
    };
    Some(Diagnosis { span: at..at + value.len(), message, hint: Some(hint) })
}

/// `[patches.query]` a second time below one `[[patches]]`.
fn second_table(source: &str, at: usize, reason: &str) -> Option<Diagnosis> {
    let line = &source[line_start(source, at)..line_end(source, at)];
    let is_second = reason.contains("duplicate key") && line.trim_start().starts_with("[patches.");
    is_second.then(|| Diagnosis {
        span: at..line_start(source, at) + line.trim_end().len(),
        message: "the patch has this table already".to_owned(),
        hint: Some("begin the next patch with `[[patches]]`".to_owned()),
    })
}

/// A line that is neither `key = value` nor a header.
fn no_pair(source: &str, at: usize, reason: &str) -> Option<Diagnosis> {
    let is_known = ["invalid unquoted key", "key with no value"].iter().any(|known| reason.contains(known));
    is_known.then(|| Diagnosis {
        span: character(source, at),
        message: reason.trim_end().to_owned(),
        hint: Some(format!("a line is `key = value`; a text of several lines stands between `{LONG}`")),
    })
}
