//! Changes fields of a patch file and nothing else: comments, order, layout, line ends and quotes stay.
//!
//! It splices at the places that the parser reports, one change after another, and then reads the result: unless
//! it is the old file with exactly these values changed, nothing is changed. No field is checked here for what it
//! means (see `schema`).

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use crate::config::toml_text::Style;
use crate::edit::Edit;
use crate::patch::toml_path::{dotted, key_text};

/// A change of one field of one patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of the patch.
    pub id: String,
    /// Which field.
    pub field: Field,
    /// Its new value, a string; `None` takes the field away. A field that is not there is added. CRLF in it means LF.
    pub value: Option<String>,
}

/// A field of a `[[patches]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// `file` that is this string, or the element of the list that is.
    File(String),
    /// A key, by the tables that lead to it: `["query", "search"]`.
    Key(Vec<String>),
}

impl Field {
    /// A field by bare keys with dots between: `query.search`.
    pub fn key(path: &str) -> Self {
        Self::Key(path.split('.').map(str::to_owned).collect())
    }
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// The text is no TOML.
    #[error("the patch file is not valid TOML: {0}")]
    Syntax(String),
    /// No patch, or more than one, has the id.
    #[error("{count} patches have the id `{id}`")]
    Patch {
        /// That was looked for.
        id: String,
        /// How many have it.
        count: usize,
    },
    /// The field cannot be changed: what is there holds other values, or is not there.
    #[error("`{field}` of the patch `{id}` {reason}")]
    Field {
        /// Of the patch.
        id: String,
        /// The field, dotted.
        field: String,
        /// Completes the sentence.
        reason: &'static str,
    },
    /// The layout of the file is one that this cannot write into.
    #[error("`{field}` of the patch `{id}` cannot be changed automatically: edit it by hand")]
    Layout {
        /// Of the patch.
        id: String,
        /// The field, dotted.
        field: String,
    },
}

/// `text`, the content of a patch file, after `changes`, made in this order.
///
/// ```
/// use codex_patcher::config::rewrite::{rewrite, Change, Field};
/// let text = "[[patches]]\nid = 'x' # mine\nquery = { type = 'text', search = 'a' }\n";
/// let change = Change { id: "x".into(), field: Field::key("query.search"), value: Some("it's".into()) };
/// let new = "[[patches]]\nid = 'x' # mine\nquery = { type = 'text', search = \"it's\" }\n";
/// assert_eq!(rewrite(text, &[change]).unwrap(), new);
/// ```
///
/// # Errors
/// [`RewriteError`]; then none of the changes can be had.
pub fn rewrite(text: &str, changes: &[Change]) -> Result<String, RewriteError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = &text[..text.len() - body.len()];
    let new = changes.iter().try_fold(body.to_owned(), |text, change| one(&text, change))?;
    Ok(format!("{mark}{new}"))
}

fn one(text: &str, change: &Change) -> Result<String, RewriteError> {
    let change = Change { value: change.value.as_deref().map(lf), ..change.clone() };
    let root = DeTable::parse(text).map_err(|error| RewriteError::Syntax(error.message().to_owned()))?;
    let patches: Vec<&DeTable<'_>> = root.get_ref().get("patches").map(tables).unwrap_or_default();
    let has_id = |patch: &&DeTable<'_>| {
        patch.get("id").and_then(|id| id.get_ref().as_str()).is_some_and(|id| lf(id) == change.id)
    };
    let found: Vec<usize> = (0..patches.len()).filter(|at| has_id(&patches[*at])).collect();
    let [index] = found[..] else {
        return Err(RewriteError::Patch { id: change.id.clone(), count: found.len() });
    };
    let file = File { text, tokens: Source::new(text).lex().into_vec(), change: &change };
    let edit = match &change.field {
        Field::File(was) => file.file_edit(patches[index], was),
        Field::Key(path) => file.key_edit(patches[index], path),
    }?;
    let new = Edit::apply_batch(text, &[edit]).map_err(|_| file.layout())?;
    let mut expected = Plain::of_table(root.get_ref());
    expected.change(index, &change);
    let read = DeTable::parse(&new).map(|root| Plain::of_table(root.get_ref())).map_err(|_| file.layout())?;
    // A table that dotted keys made goes with the last of them.
    let is_right = match change.value {
        Some(_) => read == expected,
        None => read.pruned() == expected.pruned(),
    };
    if is_right { Ok(new) } else { Err(file.layout()) }
}

fn tables<'t>(list: &'t toml::Spanned<DeValue<'t>>) -> Vec<&'t DeTable<'t>> {
    let elements = list.get_ref().as_array().into_iter().flatten();
    elements.filter_map(|element| element.get_ref().as_table()).collect()
}

/// As the schema reads strings, to the end: `\r\r\n` too.
fn lf(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("\r\n") {
        text = text.replace("\r\n", "\n");
    }
    text
}

struct File<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    change: &'t Change,
}

/// A `key = value` as it stands: all its keys, and the value.
struct Entry {
    span: Range<usize>,
    key: Range<usize>,
    value: Range<usize>,
    is_inline: bool,
}

impl File<'_> {
    fn field(&self) -> String {
        match &self.change.field {
            Field::File(_) => "file".to_owned(),
            Field::Key(path) => dotted(path),
        }
    }

    fn refused(&self, reason: &'static str) -> RewriteError {
        RewriteError::Field { id: self.change.id.clone(), field: self.field(), reason }
    }

    fn layout(&self) -> RewriteError {
        RewriteError::Layout { id: self.change.id.clone(), field: self.field() }
    }

    fn file_edit(&self, patch: &DeTable<'_>, was: &str) -> Result<Edit, RewriteError> {
        let Some(value) = patch.get("file") else { return Err(self.refused("is not there")) };
        let is_it =
            |value: &toml::Spanned<DeValue<'_>>| value.get_ref().as_str().is_some_and(|is| lf(is) == was);
        let elements = value.get_ref().as_array().into_iter().flatten();
        match (elements.into_iter().find(|value| is_it(value)), &self.change.value) {
            (Some(element), Some(new)) => Ok(self.replaced(element.span(), new)),
            (Some(element), None) => Ok(self.taken_from_list(element.span())),
            (None, _) if !is_it(value) => Err(self.refused("has changed since the patch file was loaded")),
            (None, _) => self.key_edit(patch, &["file".to_owned()]),
        }
    }

    fn key_edit(&self, patch: &DeTable<'_>, path: &[String]) -> Result<Edit, RewriteError> {
        let (mut table, mut at, mut rest) = (patch, None, path);
        while let [key, more @ ..] = rest {
            let Some((written, value)) = table.get_key_value(key.as_str()) else { break };
            match value.get_ref() {
                DeValue::Table(inner) if !more.is_empty() => {
                    (table, at, rest) = (inner, Some(value.span()), more)
                }
                DeValue::Table(_) | DeValue::Array(_) => return Err(self.refused("is not a single value")),
                _ if !more.is_empty() => {
                    return Err(self.refused("leads through a value that is not a table"));
                }
                _ => {
                    return match &self.change.value {
                        Some(new) => Ok(self.replaced(value.span(), new)),
                        None => self
                            .removed(&self.entry(written.span(), value.span()).ok_or_else(|| self.layout())?),
                    };
                }
            }
        }
        match &self.change.value {
            _ if rest.is_empty() => Err(self.refused("is not a field")),
            None => Err(self.refused("is not there")),
            Some(new) => self.added(table, at, rest, new),
        }
    }

    fn newline(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    fn replaced(&self, span: Range<usize>, value: &str) -> Edit {
        let old = &self.text[span.clone()];
        let style = Style::of(old).unwrap_or(Style::Basic);
        let is_long = matches!(style, Style::LongBasic | Style::LongLiteral);
        let body = old.get(3..).unwrap_or_default();
        let breaks = |text: &str| text.starts_with(['\n', '\r']);
        // In a basic string a backslash at the end of a line takes the line break away; two are one of the value's.
        let continues = |text: &str| breaks(text.trim_start_matches([' ', '\t']));
        let continued = style == Style::LongBasic && body.strip_prefix('\\').is_some_and(continues);
        let begins_below = is_long && (breaks(body) || continued);
        // A line break that is written `\n` already may stay that way.
        let keeps = match style {
            Style::Basic => !value.contains('\n') || old.contains("\\n"),
            Style::Literal | Style::LongBasic | Style::LongLiteral => {
                style.can_hold(value) && (is_long || !value.contains('\n'))
            }
        };
        let style = if keeps { style } else { nearest(style, value) };
        let break_first = if is_long { begins_below } else { value.contains('\n') };
        Edit::replace(self.text, span, style.write(value, self.newline(), break_first))
    }

    fn token_at(&self, offset: usize) -> Option<usize> {
        self.tokens.iter().position(|token| token.span().start() == offset)
    }

    /// The entry whose last key is at `key`; `None` where no `=` follows: a header, or a key in the middle.
    fn entry(&self, key: Range<usize>, value: Range<usize>) -> Option<Entry> {
        let at = self.token_at(key.start)?;
        let kind = |at: &usize| self.tokens[*at].kind();
        let after = (at + 1..self.tokens.len()).find(|at| kind(at) != TokenKind::Whitespace)?;
        if kind(&after) != TokenKind::Equals {
            return None;
        }
        let is_key = |at: &usize| {
            matches!(
                kind(at),
                TokenKind::Dot
                    | TokenKind::Whitespace
                    | TokenKind::Atom
                    | TokenKind::BasicString
                    | TokenKind::LiteralString
            )
        };
        let first = (0..at).rev().take_while(is_key).last().unwrap_or(at);
        let first = (first..=at).find(|at| kind(at) != TokenKind::Whitespace)?;
        let start = self.tokens[first].span().start();
        Some(Entry { span: start..value.end, key, value, is_inline: self.is_inline(first) })
    }

    /// Whether the token stands inside braces.
    fn is_inline(&self, at: usize) -> bool {
        let depth = self.tokens[..at].iter().fold(0, |depth, token| match token.kind() {
            TokenKind::LeftCurlyBracket => depth + 1,
            TokenKind::RightCurlyBracket => depth - 1,
            _ => depth,
        });
        depth > 0
    }

    fn removed(&self, entry: &Entry) -> Result<Edit, RewriteError> {
        if entry.is_inline {
            return Ok(self.taken_from_list(entry.span.clone()));
        }
        let start = self.text[..entry.span.start].rfind('\n').map_or(0, |at| at + 1);
        let end =
            self.text[entry.value.end..].find('\n').map_or(self.text.len(), |at| entry.value.end + at + 1);
        Ok(Edit::replace(self.text, start..end, ""))
    }

    /// With the comma behind it, or, of the last one, before it.
    fn taken_from_list(&self, span: Range<usize>) -> Edit {
        let is_blank = |token: &&Token| matches!(token.kind(), TokenKind::Whitespace | TokenKind::Newline);
        let behind = self.tokens.iter().filter(|token| token.span().start() >= span.end);
        let mut behind = behind.skip_while(is_blank);
        let comma = behind.next().filter(|token| token.kind() == TokenKind::Comma);
        if let Some(comma) = comma {
            let end = comma.span().end();
            let blank = self.text[end..].len() - self.text[end..].trim_start_matches([' ', '\t']).len();
            return Edit::replace(self.text, span.start..end + blank, "");
        }
        let before = self.tokens.iter().rev().filter(|token| token.span().end() <= span.start);
        let comma =
            before.skip_while(|token| is_blank(token)).take(1).find(|token| token.kind() == TokenKind::Comma);
        let start = comma.map_or(span.start, |comma| comma.span().start());
        Edit::replace(self.text, start..span.end, "")
    }

    fn added(
        &self,
        table: &DeTable<'_>,
        at: Option<Range<usize>>,
        rest: &[String],
        value: &str,
    ) -> Result<Edit, RewriteError> {
        let style = if value.contains('\n') { nearest(Style::Literal, value) } else { Style::Basic };
        let written = style.write(value, self.newline(), value.contains('\n'));
        let entry =
            format!("{} = {written}", rest.iter().map(|key| key_text(key)).collect::<Vec<_>>().join("."));
        let siblings = table.iter().filter_map(|(key, value)| self.entry(key.span(), value.span()));
        if let Some(last) = siblings.max_by_key(|entry| entry.value.end) {
            let prefix = &self.text[last.span.start..last.key.start];
            if last.is_inline {
                return Ok(Edit::insert(last.value.end, format!(", {prefix}{entry}")));
            }
            let line = self.text[..last.span.start].rfind('\n').map_or(0, |at| at + 1);
            let indent = &self.text[line..last.span.start];
            return Ok(self.line_below(last.value.end, &format!("{indent}{prefix}{entry}")));
        }
        let at = at.ok_or_else(|| self.layout())?;
        match self.text[at.clone()].as_bytes() {
            [b'{', ..] => Ok(Edit::insert(at.start + 1, format!(" {entry} "))),
            [b'[', ..] => Ok(self.line_below(at.end, &entry)),
            _ => Err(self.layout()),
        }
    }

    /// A line below the one of `offset`.
    fn line_below(&self, offset: usize, line: &str) -> Edit {
        let end = self.text[offset..].find('\n').map_or(self.text.len(), |at| offset + at);
        let end = if self.text[..end].ends_with('\r') { end - 1 } else { end };
        Edit::insert(end, format!("{}{line}", self.newline()))
    }
}

/// The style that holds `value` and is most like `style`, which does not.
fn nearest(style: Style, value: &str) -> Style {
    let is_long = matches!(style, Style::LongBasic | Style::LongLiteral) || value.contains('\n');
    let needs_escapes = value.contains(['\\', '"']);
    match () {
        () if Style::LongLiteral.can_hold(value) && (is_long || needs_escapes) => Style::LongLiteral,
        () if is_long => Style::LongBasic,
        () => Style::Basic,
    }
}

/// Values without places; strings with LF line ends.
#[derive(Debug, Clone, PartialEq)]
enum Plain {
    Text(String),
    Other(String),
    List(Vec<Plain>),
    Table(BTreeMap<String, Plain>),
}

impl Plain {
    fn of_table(table: &DeTable<'_>) -> Self {
        Self::Table(
            table.iter().map(|(key, value)| (key.get_ref().to_string(), Self::of(value.get_ref()))).collect(),
        )
    }

    fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(lf(text)),
            DeValue::Array(list) => Self::List(list.iter().map(|value| Self::of(value.get_ref())).collect()),
            DeValue::Table(table) => Self::of_table(table),
            other => Self::Other(format!("{other:?}")),
        }
    }

    /// Without the tables that hold nothing.
    fn pruned(self) -> Self {
        let is_filled = |value: &Self| !matches!(value, Self::Table(table) if table.is_empty());
        match self {
            Self::Table(table) => {
                let inner = table.into_iter().map(|(key, value)| (key, value.pruned()));
                Self::Table(inner.filter(|(_, value)| is_filled(value)).collect())
            }
            Self::List(list) => Self::List(list.into_iter().map(Self::pruned).collect()),
            other => other,
        }
    }

    fn inner(&mut self, key: &str) -> &mut Self {
        match self {
            Self::Table(table) => table.entry(key.to_owned()).or_insert_with(|| Self::Table(BTreeMap::new())),
            other => other,
        }
    }

    fn change(&mut self, index: usize, change: &Change) {
        let Self::List(patches) = self.inner("patches") else { return };
        // Elements that are no tables are mistakes, and were not counted.
        let Some(patch) = patches.iter_mut().filter(|patch| matches!(patch, Self::Table(_))).nth(index)
        else {
            return;
        };
        match &change.field {
            Field::File(was) => match patch.inner("file") {
                Self::List(files) => {
                    let Some(at) = files.iter().position(|file| *file == Self::Text(was.clone())) else {
                        return;
                    };
                    match &change.value {
                        Some(value) => files[at] = Self::Text(value.clone()),
                        None => drop(files.remove(at)),
                    }
                }
                _ => patch.set(&["file".to_owned()], change.value.as_ref()),
            },
            Field::Key(path) => patch.set(path, change.value.as_ref()),
        }
    }

    fn set(&mut self, path: &[String], value: Option<&String>) {
        let Some((last, tables)) = path.split_last() else { return };
        let table = tables.iter().fold(self, |table, key| table.inner(key));
        if let Self::Table(table) = table {
            match value {
                Some(value) => table.insert(last.clone(), Self::Text(value.clone())),
                None => table.remove(last),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::toml_text::tests::awkward;
    use proptest::prelude::*;

    fn set(field: &str, value: &str) -> Change {
        Change { id: "x".to_owned(), field: Field::key(field), value: Some(value.to_owned()) }
    }

    fn remove(field: &str) -> Change {
        Change { value: None, ..set(field, "") }
    }

    const TABLES: &str = "# head\n[[patches]]\nid = \"w\"\n[patches.query]\nsearch = 'w'\n\n[[patches]]\n  \
     id = \"x\"  # mine\n  file = [\"a.rs\", 'b.rs']\n\n  [patches.query] # q\n  type = \"text\"\n  \
     \"search\" = '''\nold\n''' # why\n\n  [patches.operation]\n  type = \"replace\"\n  text = \"new\"\n# \
     tail";
    const INLINE: &str = "[[patches]]\nid = \"x\"\nfile = \"a.rs\"\nquery = { type = \"text\", search = \
     'old' } # q\noperation = {type='replace',text=\"new\"}\n[meta]\nname = 'n'\n";
    const DOTTED: &str = "[[patches]]\nid = \"x\"\nfile = \"a.rs\"\nquery.type = \"text\"\nquery . \
     \"search\" = \"\"\"old\"\"\"\noperation.type = \"replace\"\noperation.text = \"new\"\n";
    const ONE_LINE: &str = "patches = [ { id = 'x', file = 'a.rs', query.type = 'text', query.search = \
     'old', operation = { type = 'replace', text = 'new' } } ]\n";
    const LAYOUTS: [&str; 4] = [TABLES, INLINE, DOTTED, ONE_LINE];

    #[test]
    fn the_style_stays_where_it_can() {
        let of = |old: &str, value: &str| {
            let text = format!("[[patches]]\nid = 'x'\na = {old} # c\n");
            let new = rewrite(&text, &[set("a", value)]).unwrap();
            let rest = new.strip_prefix("[[patches]]\nid = 'x'\na = ").unwrap();
            rest.strip_suffix(" # c\n").unwrap().to_owned()
        };
        for (old, value, expected) in [
            ("'a'", "b", "'b'"),
            ("'a'", "it's", "\"it's\""),
            ("'a'", r"it's \d", r"'''it's \d'''"),
            ("'a'", "b\nc", "'''\nb\nc'''"),
            ("\"a\"", "b\\", "\"b\\\\\""),
            ("\"a\"", "b\nc", "'''\nb\nc'''"),
            ("\"a\\n\"", "b\nc", "\"b\\nc\""),
            ("'''a'''", "b\n", "'''b\n'''"),
            ("'''\na'''", "b", "'''\nb'''"),
            ("'''a'''", "\nb", "'''\n\nb'''"),
            ("'''a'''", "'''", "\"\"\"'''\"\"\""),
            ("\"\"\"a\"\"\"", "b", "\"\"\"b\"\"\""),
            ("\"\"\"\\\n  a\"\"\"", "b", "\"\"\"\nb\"\"\""),
            ("3", "b", "\"b\""),
        ] {
            assert_eq!(of(old, value), expected, "{old} {value:?}");
        }
    }

    #[test]
    fn in_a_crlf_file_new_lines_have_crlf() {
        let text = TABLES.replace('\n', "\r\n");
        let new =
            rewrite(&text, &[set("query.search", "one\ntwo\n"), set("operation.text", "a\r\nb")]).unwrap();
        let expected = TABLES.replace("old", "one\ntwo").replace("\"new\"", "'''\na\nb'''");
        assert_eq!(new, expected.replace('\n', "\r\n"));
        let added = rewrite(&text, &[set("verify.method", "hash")]).unwrap();
        assert!(added.contains("'b.rs']\r\n  verify.method = \"hash\"\r\n\r\n"), "{added}");
    }

    #[test]
    fn a_file_is_changed_alone_or_in_its_list() {
        let change = |was: &str, value: Option<&str>| Change {
            id: "x".to_owned(),
            field: Field::File(was.to_owned()),
            value: value.map(str::to_owned),
        };
        let files = |text: &str, change: Change| {
            rewrite(text, &[change])
                .map(|new| new.lines().find(|line| line.contains("file")).unwrap().trim().to_owned())
        };
        assert_eq!(files(TABLES, change("b.rs", Some("c.rs"))).unwrap(), "file = [\"a.rs\", 'c.rs']");
        assert_eq!(files(TABLES, change("b.rs", None)).unwrap(), "file = [\"a.rs\"]");
        assert_eq!(files(TABLES, change("a.rs", None)).unwrap(), "file = ['b.rs']");
        assert_eq!(files(INLINE, change("a.rs", Some("c.rs"))).unwrap(), "file = \"c.rs\"");
        assert!(matches!(files(INLINE, change("b.rs", Some("c.rs"))), Err(RewriteError::Field { .. })));
        assert!(matches!(rewrite(TABLES, &[set("file", "x")]), Err(RewriteError::Field { .. })));
    }

    #[test]
    fn fields_are_added_beside_their_siblings_and_removed() {
        let added = |text: &str| rewrite(text, &[set("query.pattern", "p")]).unwrap();
        assert_eq!(added(TABLES), TABLES.replace("''' # why\n", "''' # why\n  pattern = \"p\"\n"));
        assert_eq!(added(INLINE), INLINE.replace("'old' }", "'old', pattern = \"p\" }"));
        assert_eq!(added(DOTTED), DOTTED.replace("old\"\"\"\n", "old\"\"\"\nquery . pattern = \"p\"\n"));
        assert_eq!(added(ONE_LINE), ONE_LINE.replace("'old',", "'old', query.pattern = \"p\","));
        for text in LAYOUTS {
            assert_eq!(rewrite(&added(text), &[remove("query.pattern")]).unwrap(), text);
            let twice =
                rewrite(text, &[set("verify.method", "hash"), set("verify.expected", "a\nb")]).unwrap();
            let back = rewrite(&twice, &[remove("verify.expected"), remove("verify.method")]);
            assert_eq!(back.unwrap(), text, "{twice}");
        }
        let typeless = rewrite(INLINE, &[remove("query.type")]).unwrap();
        assert_eq!(typeless, INLINE.replace("type = \"text\", ", ""));
        let empty = "[[patches]]\nid = 'x'\nverify = {}\n[patches.query]\n";
        let filled = rewrite(empty, &[set("verify.expected", "e"), set("query.search", "s")]).unwrap();
        assert_eq!(
            filled,
            "[[patches]]\nid = 'x'\nverify = { expected = \"e\" }\n[patches.query]\nsearch = \"s\"\n"
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let said = |text: &str, change: Change| rewrite(text, &[change]).unwrap_err().to_string();
        let other = Change { id: "y".to_owned(), ..set("a", "b") };
        assert_eq!(said(TABLES, other), "0 patches have the id `y`");
        assert_eq!(
            said(&INLINE.replace("[meta]\nname = 'n'\n", INLINE), set("a", "b")),
            "2 patches have the id `x`"
        );
        assert_eq!(said(TABLES, set("query", "b")), "`query` of the patch `x` is not a single value");
        assert_eq!(
            said(TABLES, set("id.sub", "b")),
            "`id.sub` of the patch `x` leads through a value that is not a table"
        );
        assert_eq!(said(TABLES, remove("query.pattern")), "`query.pattern` of the patch `x` is not there");
        assert!(said("x = ", set("a", "b")).starts_with("the patch file is not valid TOML"));
        assert_eq!(
            rewrite("\u{feff}[[patches]]\nid='x'", &[set("id", "y")]).unwrap(),
            "\u{feff}[[patches]]\nid='y'"
        );
    }

    #[test]
    fn a_backslash_before_a_line_break_is_no_continuation() {
        let text = "[[patches]]\nid = 'x'\na = \"\"\"b\"\"\"\n";
        let once = rewrite(text, &[set("a", "\\\n")]).unwrap();
        assert_eq!(rewrite(&once, &[set("a", "\\\n")]).unwrap(), once);
    }

    proptest! {
        #[test]
        fn only_the_value_changes(
            layout in 0..LAYOUTS.len(), crlf: bool, field in 0..2usize, value in awkward(), again in awkward(),
        ) {
            let text = if crlf { LAYOUTS[layout].replace('\n', "\r\n") } else { LAYOUTS[layout].to_owned() };
            let (key, old) = [("query.search", "old"), ("operation.text", "new")][field];
            // The naive oracle: the one place where the old value stands, to the quotes around it.
            let at = text.find(old).unwrap();
            let before = text[..at].trim_end_matches(['"', '\'', '\r', '\n']);
            let after = text[at + old.len()..].trim_start_matches(['\r', '\n']).trim_start_matches(['"', '\'']);
            for value in [value, again] {
                let new = rewrite(&text, &[set(key, &value)]).unwrap();
                let written = new.strip_prefix(before).and_then(|new| new.strip_suffix(after));
                let written = written.unwrap_or_else(|| panic!("{new}"));
                let read = DeValue::parse(written).unwrap();
                prop_assert_eq!(read.get_ref().as_str().map(lf), Some(lf(&value)), "{}", new);
                prop_assert!(!crlf || !written.replace("\r\n", "").contains('\n'), "{}", new);
                let twice = rewrite(&new, &[set(key, &value)]).unwrap();
                prop_assert_eq!(&twice, &new, "a second time changes nothing");
            }
        }

        #[test]
        fn a_field_comes_and_goes(layout in 0..LAYOUTS.len(), crlf: bool, value in awkward()) {
            let text = if crlf { LAYOUTS[layout].replace('\n', "\r\n") } else { LAYOUTS[layout].to_owned() };
            for key in ["query.pattern", "operation.\"odd\"", "description", "verify.expected"] {
                let new = rewrite(&text, &[set(key, &value)]).unwrap();
                let gone = rewrite(&new, &[remove(key)]).unwrap();
                prop_assert_eq!(&gone, &text, "{}", new);
            }
        }
    }
}
