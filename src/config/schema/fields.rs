//! Reads a TOML table with spans: every value must have the type that its key declares.
//!
//! Not serde: a derived `type = …` enum loses the place of every key, and serde stops at the first mistake. Every
//! reader here returns `None` both for a missing key and for a wrong value. It has reported the wrong value, so a
//! caller that continues with a default never hides a mistake.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::declared::{
    Declared, DeclaredKey, Flag, Keys, Number, OneOf, Sub, Table, Text, Whole, list, names,
};
use super::escapes;
use super::synonyms;
use crate::config::mistake::{Mistake, MistakeKind};
use crate::limits::{Limit, MISTAKES};

/// A value and the bytes of the patch file it stands at.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// Collects the mistakes of one file.
pub(super) struct Sink {
    pub(super) file: Arc<str>,
    pub(super) source: Arc<str>,
    /// The id of the patch that is being read, as it is written.
    pub(super) patch: Option<String>,
    pub(super) mistakes: Vec<Mistake>,
    /// How many more there are than [`MISTAKES`], and the last of them.
    spare: Option<(usize, Mistake)>,
}

impl Sink {
    pub(super) fn new(path: &str, source: &str) -> Self {
        let (file, source) = (path.into(), source.into());
        Self { file, source, patch: None, mistakes: Vec::new(), spare: None }
    }

    /// How many mistakes there are, kept or not.
    pub(super) fn count(&self) -> usize {
        self.mistakes.len() + self.spare.as_ref().map_or(0, |(more, _)| *more)
    }

    pub(super) fn report(
        &mut self,
        kind: MistakeKind,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Mistake {
        if self.mistakes.len() == MISTAKES {
            return self.report_spare();
        }
        let mut mistake = Mistake::new(&self.file, &self.source, span, kind, message.into());
        mistake.patch.clone_from(&self.patch);
        self.mistakes.push(mistake);
        self.mistakes.last_mut().expect("one was pushed")
    }

    /// Counts a mistake that is not kept; finding its line takes a look at the whole file.
    fn report_spare(&mut self) -> &mut Mistake {
        let end = self.source.len();
        let make = || Mistake::new(&self.file, &self.source, end..end, MistakeKind::More, String::new());
        let (more, spare) = self.spare.get_or_insert_with(|| (0, make()));
        *more += 1;
        spare
    }

    /// The mistakes that are kept, and one that says how many are not.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let more = self.spare.map(|(more, spare)| {
            let s = if more == 1 { "" } else { "s" };
            let message = format!("{more} more mistake{s} in this file {}", Limit::Mistakes);
            Mistake { message, hint: None, label: None, ..spare }
        });
        self.mistakes.into_iter().chain(more).collect()
    }

    /// The place of `part` of a string value in the file; the whole value where escapes hide it.
    pub(super) fn inside(&self, text: &At<String>, part: Range<usize>) -> Range<usize> {
        let raw = &self.source[text.span.clone()];
        let Some((body, at)) = body(raw) else { return text.span.clone() };
        if lf(body) != text.value {
            return text.span.clone();
        }
        let start = text.span.start + at;
        start + raw_offset(body, part.start)..start + raw_offset(body, part.end)
    }
}

/// The character of `text` at `offset`, as bytes; empty at the end, the first one where that is inside a character.
pub(super) fn character(text: &str, offset: usize) -> Range<usize> {
    let at = if text.is_char_boundary(offset) { offset } else { 0 };
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The inside of a TOML string and its offset; a newline right after `"""` is not part of it.
fn body(raw: &str) -> Option<(&str, usize)> {
    for quotes in ["\"\"\"", "'''"] {
        if let Some(inner) = raw.strip_prefix(quotes).and_then(|raw| raw.strip_suffix(quotes)) {
            let body = inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner);
            return Some((body, quotes.len() + inner.len() - body.len()));
        }
    }
    let inner = raw.get(1..raw.len().checked_sub(1)?)?;
    raw.starts_with(['"', '\'']).then_some((inner, 1))
}

/// Where the byte at `offset` of the text with LF line ends stands in the text as written.
fn raw_offset(body: &str, offset: usize) -> usize {
    let mut removed = 0;
    for (at, _) in body.match_indices("\r\n") {
        if at - removed >= offset {
            break;
        }
        removed += 1;
    }
    offset + removed
}

/// `text` with LF line ends.
pub(super) fn lf(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// One table of the file.
#[derive(Clone)]
pub(super) struct Fields<'t> {
    table: &'t DeTable<'t>,
    /// Its header, its braces, or the dotted key that made it.
    pub(super) span: Range<usize>,
    /// What it is called in messages.
    pub(super) title: &'static str,
}

/// A key and its value.
pub(super) struct Entry<'t> {
    pub(super) key: &'t str,
    pub(super) key_span: Range<usize>,
    pub(super) value: &'t Spanned<DeValue<'t>>,
}

impl<'t> Fields<'t> {
    pub(super) fn new(table: &'t DeTable<'t>, span: Range<usize>, title: &'static str) -> Self {
        Self { table, span, title }
    }

    /// `value` as a table; anything else is reported.
    pub(super) fn of(sink: &mut Sink, value: &'t Spanned<DeValue<'t>>, title: &'static str) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::new(table, value.span(), title)),
            _ => wrong_type(sink, value, title, "a table"),
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'t>> + use<'t> {
        self.table.iter().map(|(key, value)| Entry { key: key.get_ref(), key_span: key.span(), value })
    }

    pub(super) fn entry(&self, key: &str) -> Option<Entry<'t>> {
        self.entries().find(|entry| entry.key == key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Reports every key that `table` does not have, and every one that it must have and is not there.
    pub(super) fn hold(&self, sink: &mut Sink, table: &Table) {
        self.refuse_others(sink, table.keys, &[], "");
        self.demand(sink, table.required);
    }

    /// Reports every key that is not in `known`. One in `elsewhere` exists, but not together with `with`.
    pub(super) fn refuse_others(&self, sink: &mut Sink, known: Keys, elsewhere: Keys, with: &str) {
        let (known, elsewhere) = (names(known), names(elsewhere));
        let free: Vec<&str> = known.iter().copied().filter(|key| !self.has(key)).collect();
        for Entry { key, key_span, .. } in self.entries() {
            if known.contains(&key) {
                continue;
            }
            if elsewhere.contains(&key) {
                sink.report(MistakeKind::Impossible, key_span, format!("{with} does not accept `{key}`"))
                    .hint(format!("{}{with} accepts {}", meant(key, &free), list(&known)));
            } else {
                let message = format!("unknown key `{key}` in {}", self.title);
                sink.report(MistakeKind::UnknownKey, key_span, message).hint(key_advice(key, &known, &free));
            }
        }
    }

    /// Whether the key is there under a name that has been reported, with this one as advice.
    pub(super) fn has_misnamed(&self, sink: &Sink, key: &str) -> bool {
        let reported = |entry: &Entry<'_>| sink.mistakes.iter().any(|mistake| mistake.span == entry.key_span);
        self.entries().any(|entry| !synonyms::of_key(entry.key, &[key]).is_empty() && reported(&entry))
    }

    /// Reports every one of `keys` that is not there.
    pub(super) fn demand(&self, sink: &mut Sink, keys: &[&'static dyn Declared]) {
        let missing = |key: &&&'static dyn Declared| !self.has(key.name());
        for key in keys.iter().filter(missing) {
            if self.has_misnamed(sink, key.name()) {
                continue;
            }
            let message = format!("{} has no `{}`", self.title, key.name());
            sink.report(MistakeKind::Missing, self.span.clone(), message).hint(key.advice());
        }
    }

    /// A string with LF line ends.
    pub(super) fn text(&self, sink: &mut Sink, key: &DeclaredKey<Text>) -> Option<At<String>> {
        let text = string(sink, self.entry(key.name)?.value, &format!("`{}`", key.name))?;
        let is_empty = match key.takes {
            Text::Any => false,
            Text::NotEmpty => text.value.is_empty(),
            Text::NotBlank | Text::Word => text.value.trim().is_empty(),
        };
        if is_empty {
            let reported = sink.report(MistakeKind::Empty, text.span, format!("`{}` is empty", key.name));
            if let Some(hint) = key.if_empty {
                reported.hint(hint);
            }
            return None;
        }
        Some(text)
    }

    /// What one of the choices stands for.
    pub(super) fn choice<T: Copy>(&self, sink: &mut Sink, key: &DeclaredKey<OneOf<T>>) -> Option<At<T>> {
        let text = string(sink, self.entry(key.name)?.value, &format!("`{}`", key.name))?;
        choose(sink, &text, &key.takes).map(|value| At { value, span: text.span })
    }

    pub(super) fn flag(&self, sink: &mut Sink, key: &DeclaredKey<Flag>) -> Option<At<bool>> {
        let value = self.entry(key.name)?.value;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(At { value: *flag, span: value.span() }),
            _ => wrong_type(sink, value, &format!("`{}`", key.name), "true or false"),
        }
    }

    /// The same; what the key is where it is left out, if it is.
    pub(super) fn is_set(&self, sink: &mut Sink, key: &DeclaredKey<Flag>) -> bool {
        self.flag(sink, key).map_or(key.takes.0, |flag| flag.value)
    }

    pub(super) fn number(&self, sink: &mut Sink, key: &DeclaredKey<Number>) -> Option<f64> {
        let (key, Number { low, high, .. }) = (key.name, key.takes);
        let value = self.entry(key)?.value;
        let text = match value.get_ref() {
            DeValue::Float(float) => float.as_str().replace('_', ""),
            DeValue::Integer(integer) => integer.as_str().replace('_', ""),
            _ => return wrong_type(sink, value, &format!("`{key}`"), "a number"),
        };
        match text.parse::<f64>() {
            Ok(number) if (low..=high).contains(&number) => Some(number),
            _ => out_of_range(sink, value, key, &format!("{low:.1} and {high:.1}")),
        }
    }

    pub(super) fn whole(&self, sink: &mut Sink, key: &DeclaredKey<Whole>) -> Option<usize> {
        let (key, Whole { low, high, .. }) = (key.name, key.takes);
        let value = self.entry(key)?.value;
        match value.get_ref() {
            DeValue::Integer(_) => match whole(value.get_ref()) {
                Some(number) if (low..=high).contains(&number) => Some(number),
                _ => out_of_range(sink, value, key, &format!("{low} and {high}")),
            },
            _ => wrong_type(sink, value, &format!("`{key}`"), "a whole number"),
        }
    }

    pub(super) fn table(&self, sink: &mut Sink, key: &DeclaredKey<Sub>) -> Option<Fields<'t>> {
        Fields::of(sink, self.entry(key.name)?.value, key.takes.0.title)
    }
}

/// The value of an integer that is not negative.
pub(super) fn whole(value: &DeValue<'_>) -> Option<usize> {
    let integer = value.as_integer()?;
    usize::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
}

/// `value` as a string with LF line ends; anything else is reported.
pub(super) fn string(sink: &mut Sink, value: &Spanned<DeValue<'_>>, what: &str) -> Option<At<String>> {
    match value.get_ref() {
        DeValue::String(text) => {
            let text = At { value: lf(text), span: value.span() };
            escapes::are_meant(sink, value, what).then_some(text)
        }
        _ => wrong_type(sink, value, what, "a string"),
    }
}

/// Reports that `what` takes something else than what is there.
pub(super) fn wrong_type<T>(
    sink: &mut Sink,
    value: &Spanned<DeValue<'_>>,
    what: &str,
    expected: &str,
) -> Option<T> {
    let there = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let message = format!("{what} must be {expected}, not {there}");
    sink.report(MistakeKind::WrongType, value.span(), message).label(format!("expected {expected}"));
    None
}

fn out_of_range<T>(sink: &mut Sink, value: &Spanned<DeValue<'_>>, key: &str, range: &str) -> Option<T> {
    let there = &sink.source[value.span()];
    let message = format!("`{key}` must be between {}, not {there}", range);
    sink.report(MistakeKind::Range, value.span(), message);
    None
}

/// What one of the choices stands for.
pub(super) fn choose<T: Copy>(sink: &mut Sink, text: &At<String>, one_of: &OneOf<T>) -> Option<T> {
    let written = text.value.replace('_', "-");
    if let Some(choice) = one_of.choices.iter().find(|choice| choice.name == written) {
        return Some(choice.means);
    }
    let names = one_of.names();
    let message = format!("`{}` is not a valid {}", text.value, one_of.what);
    let meant = synonyms::of_choice(&text.value, &names);
    let hint = match nearest(&text.value, &names) {
        _ if !meant.is_empty() => {
            format!("did you mean {}? choose one of {}", either(&meant), list(&names))
        }
        Some(near) if names.len() > 1 => {
            format!("the nearest one is `{near}`; choose one of {}", list(&names))
        }
        _ => format!("write {}, or remove the key", list(&names)),
    };
    sink.report(MistakeKind::UnknownValue, text.span.clone(), message).hint(hint);
    None
}

/// What to write instead of an unknown key; `free` are the known ones that are not there yet.
fn key_advice(key: &str, known: &[&str], free: &[&str]) -> String {
    let meant = synonyms::of_key(key, free);
    if !meant.is_empty() {
        return format!("did you mean {}?", either(&meant));
    }
    let near = nearest(key, known).unwrap_or_default();
    let is_near = distance(key, near) <= 2.max(near.len() / 3);
    match synonyms::elsewhere(key).filter(|(other, _)| !(is_near || known.contains(other))) {
        Some((other, table)) if other == key => format!("move it to {table}"),
        Some((other, table)) => format!("did you mean `{other}` in {table}?"),
        None if is_near => format!("did you mean `{near}`?"),
        None => format!("the nearest key is `{near}`; valid keys: {}", list(known)),
    }
}

/// A question that goes before an advice.
fn meant(key: &str, free: &[&str]) -> String {
    match synonyms::of_key(key, free).as_slice() {
        [] => String::new(),
        meant => format!("did you mean {}? ", either(meant)),
    }
}

/// `a`, `b` or `c`.
fn either(names: &[&str]) -> String {
    match names {
        [names @ .., last] if !names.is_empty() => format!("{} or `{last}`", list(names)),
        _ => list(names),
    }
}

/// The nearest of `names`; of equally near ones the first.
pub(super) fn nearest<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    names.iter().copied().min_by_key(|name| distance(word, name))
}

/// Edits between two words; one that begins like the other is only cut short.
fn distance(word: &str, name: &str) -> usize {
    let plain = |text: &str| text.replace('_', "-").to_lowercase();
    let (word, name) = (plain(word), plain(name));
    let cut_short = word.len() > 2 && (name.starts_with(&word) || word.starts_with(&name));
    if cut_short { 1 } else { strsim::osa_distance(&word, &name) }
}
