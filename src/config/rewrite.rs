//! Changes fields of a patch file and nothing else: comments, order, layout, line ends and quotes stay.
//!
//! `toml_edit` says where the field stands and changes the one statement that holds it, as a document of its own; the result
//! takes the place of the statement's lines. Not the whole file: `toml_edit` has one spelling for all dotted keys that begin
//! alike, prints those that are interleaved in a row, and removes the comment above an entry with the entry. A statement that
//! it would not print as it stands is refused, and so is a change that does not read back. Line ends, a missing last one and the
//! byte order mark are `Source`'s.
//!
//! No field is checked here for what it means (see `schema`). Pure.

use std::ops::Range;

use toml_edit::{Decor, Document, DocumentMut, InlineTable, Item, RawString, Value};

use crate::config::toml_text::{Style, restyled, write};
use crate::edit::Edit;
use crate::patch::toml_path::dotted;
use crate::source::Source;
use crate::text::lines::{line_end, line_start};

/// A change of one field of one patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldChange {
    /// Of the patch.
    pub(crate) id: String,
    /// Which field.
    pub(crate) field: Field,
    /// Its new value, a string; `None` takes the field away. A field that is not there is added. CRLF in it means LF.
    pub(crate) value: Option<String>,
}

/// A field of a `[[patches]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// `file` that is this string, or the element of the list that is.
    File(String),
    /// A key, by the tables that lead to it: `["query", "search"]`.
    Key(Vec<String>),
}

impl Field {
    /// A field by bare keys with dots between: `query.search`.
    pub(crate) fn key(path: &str) -> Self {
        Self::Key(path.split('.').map(str::to_owned).collect())
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(_) => f.write_str("file"),
            Self::Key(keys) => f.write_str(&dotted(keys)),
        }
    }
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RewriteError {
    /// The text is not TOML.
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
    /// The field cannot be changed: it holds other values, or does not exist.
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
/// # Errors
/// [`RewriteError`]; then none of the changes is made.
pub(crate) fn rewrite(text: &str, changes: &[FieldChange]) -> Result<String, RewriteError> {
    let source = Source::decode(text.as_bytes()).map_err(|error| RewriteError::Syntax(error.to_string()))?;
    let new = changes.iter().try_fold(source, |source, change| changed(&source, change))?;
    Ok(String::from_utf8_lossy(&new.encode()).into_owned())
}

fn changed(source: &Source, change: &FieldChange) -> Result<Source, RewriteError> {
    let change = &FieldChange { value: change.value.as_deref().map(lf), ..change.clone() };
    let text = source.text();
    let document = Document::parse(text).map_err(|error| RewriteError::Syntax(error.message().to_owned()))?;
    let path = path_of(&document, change)?;
    let field = FieldPlace { text, path: &path, items: way(document.as_item(), &path), change };
    let after = source.edited(&[field.edit()?]).map_err(|_| field.layout())?;
    let expected = match (&change.value, path.split_last()) {
        // Of a list the next one moves up.
        (None, Some((Step::Index(at), list))) => {
            read(document.as_item(), &[list, &[Step::Index(at + 1)]].concat())
        }
        (value, _) => value.as_deref(),
    };
    match Document::parse(after.text()) {
        Ok(document) if read(document.as_item(), &path) == expected => Ok(after),
        _ => Err(field.layout()),
    }
}

/// As the schema reads strings, to the end: `\r\r\n` too.
fn lf(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("\r\n") {
        text = text.replace("\r\n", "\n");
    }
    text
}

/// From a table or an array to what it holds.
#[derive(Debug, Clone, Copy)]
enum Step<'c> {
    Key(&'c str),
    Index(usize),
}

/// The way from the root of the file to the field, with the index in the list if it is an element of one.
fn path_of<'c>(document: &Document<&str>, change: &'c FieldChange) -> Result<Vec<Step<'c>>, RewriteError> {
    let is_text =
        |item: Option<&Item>, text: &str| item.and_then(Item::as_str).is_some_and(|found| lf(found) == text);
    let patches = document.get("patches").unwrap_or(&Item::None);
    let patch_at = |at: usize| patches.get(at);
    let has_id = |at: &usize| is_text(patch_at(*at).and_then(|patch| patch.get("id")), &change.id);
    let found: Vec<usize> = (0..).take_while(|at| patch_at(*at).is_some()).filter(has_id).collect();
    let [index] = found[..] else {
        return Err(RewriteError::Patch { id: change.id.clone(), count: found.len() });
    };
    let mut path = vec![Step::Key("patches"), Step::Index(index)];
    match &change.field {
        Field::Key(keys) => path.extend(keys.iter().map(|key| Step::Key(key))),
        Field::File(was) => {
            let file = patch_at(index).and_then(|patch| patch.get("file"));
            let file = file.ok_or_else(|| refused(change, "is not there"))?;
            let mut files = (0..).map_while(|at| file.get(at));
            path.push(Step::Key("file"));
            match files.position(|file| is_text(Some(file), was)) {
                Some(at) => path.push(Step::Index(at)),
                None if is_text(Some(file), was) => {}
                None => return Err(refused(change, "has changed since the patch file was loaded")),
            }
        }
    }
    Ok(path)
}

/// The items on a path, from `root` on, as far as it leads.
fn way<'d>(root: &'d Item, path: &[Step<'_>]) -> Vec<&'d Item> {
    let mut items = vec![root];
    for step in path {
        let next = items.last().and_then(|item| match step {
            Step::Key(key) => item.get(*key),
            Step::Index(at) => item.get(*at),
        });
        let Some(next) = next else { break };
        items.push(next);
    }
    items
}

fn read<'d>(root: &'d Item, path: &[Step<'_>]) -> Option<&'d str> {
    way(root, path).get(path.len()).and_then(|item| item.as_str())
}

fn refused(change: &FieldChange, reason: &'static str) -> RewriteError {
    RewriteError::Field { id: change.id.clone(), field: change.field.to_string(), reason }
}

/// Where the field stands, or would stand.
struct FieldPlace<'d> {
    text: &'d str,
    path: &'d [Step<'d>],
    /// One more than steps exist.
    items: Vec<&'d Item>,
    change: &'d FieldChange,
}

impl FieldPlace<'_> {
    fn layout(&self) -> RewriteError {
        RewriteError::Layout { id: self.change.id.clone(), field: self.change.field.to_string() }
    }

    fn edit(&self) -> Result<Edit, RewriteError> {
        let depth = self.items.len() - 1;
        let item = self.items[depth];
        let is_single = item.is_value() && !item.is_array() && !item.is_inline_table();
        match (depth == self.path.len(), &self.change.value) {
            (true, _) if !is_single => Err(refused(self.change, "is not a single value")),
            (true, Some(value)) => self.in_statement(depth, |item| set(item.as_value_mut()?, value)),
            (true, None) => self.removed(depth),
            (false, _) if !item.is_table_like() => {
                Err(refused(self.change, "leads through a value that is not a table"))
            }
            (false, Some(value)) => self.added(depth, value),
            (false, None) => Err(refused(self.change, "is not there")),
        }
    }

    /// The depth of the value whose statement holds the item at `depth`.
    fn statement(&self, depth: usize) -> Option<usize> {
        (1..=depth).find(|at| self.items[*at].is_value())
    }

    /// The lines of the statement of the value at `depth`.
    fn lines(&self, depth: usize) -> Option<Range<usize>> {
        let (Step::Key(key), table) = (self.path[depth - 1], self.items[depth - 1].as_table()?) else {
            return None;
        };
        let (start, end) = (table.key(key)?.span()?.start, self.items[depth].span()?.end);
        Some(line_start(self.text, start)..self.text.len().min(line_end(self.text, end) + 1))
    }

    /// Changes the item at `depth` within its statement.
    fn in_statement(
        &self,
        depth: usize,
        change: impl FnOnce(&mut Item) -> Option<()>,
    ) -> Result<Edit, RewriteError> {
        let edit = || {
            let statement = self.statement(depth)?;
            let is_header = |at: &usize| self.items[*at].as_table().is_some_and(|table| !table.is_dotted());
            let header = (0..statement).rev().find(is_header)?;
            let lines = self.lines(statement)?;
            let written = &self.text[lines.clone()];
            let mut document: DocumentMut = written.parse().ok()?;
            if printed(&document, written) != written {
                return None;
            }
            let path = &self.path[header..depth];
            change(path.iter().try_fold(document.as_item_mut(), |item, step| match step {
                Step::Key(key) => item.get_mut(*key),
                Step::Index(at) => item.get_mut(*at),
            })?)?;
            Some(Edit::replace(self.text, lines, printed(&document, written)))
        };
        edit().ok_or_else(|| self.layout())
    }

    /// Changes the inline table that holds what follows after `depth`, and gives the keys that lead on from it. The space
    /// before its closing brace stays there.
    fn in_braces(
        &self,
        depth: usize,
        change: impl FnOnce(&mut InlineTable, &[&str]) -> Option<()>,
    ) -> Result<Edit, RewriteError> {
        let is_braces =
            |at: &usize| self.items[*at].as_inline_table().is_some_and(|table| !table.is_dotted());
        let braces = (0..=depth).rev().find(is_braces).ok_or_else(|| self.layout())?;
        let keys: Vec<&str> = keys(&self.path[braces..]);
        self.in_statement(braces, |item| {
            let table = item.as_inline_table_mut()?;
            let closing = values(table).pop().map(|last| {
                let suffix = last.decor().suffix().cloned().unwrap_or_default();
                last.decor_mut().set_suffix("");
                suffix
            });
            change(table, &keys)?;
            if let (Some(last), Some(closing)) = (values(table).pop(), closing) {
                last.decor_mut().set_suffix(closing);
            }
            Some(())
        })
    }

    fn removed(&self, depth: usize) -> Result<Edit, RewriteError> {
        let lines = self.lines(depth).filter(|_| self.statement(depth) == Some(depth));
        match (lines, self.path[depth - 1]) {
            (Some(lines), _) => Ok(Edit::replace(self.text, lines, "")),
            (None, Step::Index(at)) => self.in_statement(depth - 1, |list| {
                let list = list.as_array_mut()?;
                let removed = list.remove(at).decor().clone();
                let is_last = at == list.len();
                let neighbour = list.get_mut(if is_last { at.saturating_sub(1) } else { at });
                let decor = neighbour.map(Value::decor_mut);
                if has_comment(&removed) || decor.as_ref().is_some_and(|decor| has_comment(decor)) {
                    return None;
                }
                if let Some(decor) = decor {
                    let of = |text: Option<&RawString>| text.cloned().unwrap_or_default();
                    (at == 0).then(|| decor.set_prefix(of(removed.prefix())));
                    is_last.then(|| decor.set_suffix(of(removed.suffix())));
                }
                Some(())
            }),
            (None, Step::Key(_)) => self.in_braces(depth - 1, |table, keys| {
                let (last, tables) = keys.split_last()?;
                let table =
                    tables.iter().try_fold(table, |table, key| table.get_mut(key)?.as_inline_table_mut());
                let (key, value) = table?.remove_entry(last)?;
                (!has_comment(key.leaf_decor()) && !has_comment(value.decor())).then_some(())
            }),
        }
    }

    /// Into the table at `depth`, the innermost that exists, after its last entry.
    fn added(&self, depth: usize, value: &str) -> Result<Edit, RewriteError> {
        let styles = [Style::LongLiteral, Style::LongBasic];
        let value = write(value, if value.contains('\n') { &styles } else { &[] });
        let Some(table) = self.items[depth].as_table() else {
            return self.in_braces(depth, |table, keys| {
                let (last, tables) = keys.split_last()?;
                let table = tables.iter().try_fold(table, |table, key| {
                    let mut dotted = InlineTable::new();
                    dotted.set_dotted(true);
                    table.get_or_insert(*key, dotted).as_inline_table_mut()
                })?;
                table.insert(*last, value.parse().ok()?);
                Some(())
            });
        };
        let entry = format!("{} = {value}", dotted(&keys(&self.path[depth..])));
        let siblings = table.iter().filter(|(_, item)| item.is_value());
        let spans =
            siblings.filter_map(|(key, item)| Some((table.key(key)?.span()?.start, item.span()?.end)));
        let below =
            |offset: usize, line: &str| Edit::insert(line_end(self.text, offset), format!("\n{line}"));
        match (spans.max_by_key(|(_, end)| *end), table.span()) {
            (Some((key, end)), _) => {
                let before = &self.text[line_start(self.text, key)..key];
                Ok(below(end, &format!("{before}{entry}")))
            }
            (None, Some(header)) if self.text[header.clone()].starts_with('[') => {
                Ok(below(header.end, &entry))
            }
            (None, _) => Err(self.layout()),
        }
    }
}

fn keys<'c>(path: &[Step<'c>]) -> Vec<&'c str> {
    let key = |step: &Step<'c>| match step {
        Step::Key(key) => Some(*key),
        Step::Index(_) => None,
    };
    path.iter().filter_map(key).collect()
}

/// As `toml_edit` prints it, but with no line end after the last line if `written` has none.
fn printed(document: &DocumentMut, written: &str) -> String {
    let mut text = document.to_string();
    if !written.ends_with('\n') && text.ends_with('\n') {
        text.pop();
    }
    text
}

/// The values between the braces of an inline table, in the order of the file.
fn values(table: &mut InlineTable) -> Vec<&mut Value> {
    let inner = table.iter_mut().flat_map(|(_, value)| {
        match value.as_inline_table().is_some_and(InlineTable::is_dotted) {
            true => value.as_inline_table_mut().map(values).unwrap_or_default(),
            false => vec![value],
        }
    });
    inner.collect()
}

fn set(old: &mut Value, value: &str) -> Option<()> {
    let written = old.clone().decorated("", "").to_string();
    let mut new: Value = restyled(&written, value).parse().ok()?;
    *new.decor_mut() = old.decor().clone();
    *old = new;
    Some(())
}

fn has_comment(decor: &Decor) -> bool {
    let texts = [decor.prefix(), decor.suffix()].into_iter().flatten();
    texts.filter_map(|text| text.as_str()).any(|text| text.contains('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::toml_text::tests::awkward;
    use proptest::prelude::*;

    fn set(field: &str, value: &str) -> FieldChange {
        FieldChange { id: "x".to_owned(), field: Field::key(field), value: Some(value.to_owned()) }
    }

    fn remove(field: &str) -> FieldChange {
        FieldChange { value: None, ..set(field, "") }
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
        let change = |was: &str, value: Option<&str>| FieldChange {
            id: "x".to_owned(),
            field: Field::File(was.to_owned()),
            value: value.map(str::to_owned),
        };
        let files = |text: &str, change: FieldChange| {
            rewrite(text, &[change])
                .map(|new| new.lines().find(|line| line.contains("file")).unwrap().trim().to_owned())
        };
        assert_eq!(files(TABLES, change("b.rs", Some("c.rs"))).unwrap(), "file = [\"a.rs\", 'c.rs']");
        assert_eq!(files(TABLES, change("b.rs", None)).unwrap(), "file = [\"a.rs\"]");
        assert_eq!(files(TABLES, change("a.rs", None)).unwrap(), "file = ['b.rs']");
        let spaced = TABLES.replace("[\"a.rs\", 'b.rs']", "[ \"a.rs\", 'b.rs' ]");
        assert_eq!(files(&spaced, change("a.rs", None)).unwrap(), "file = [ 'b.rs' ]");
        assert_eq!(files(&spaced, change("b.rs", None)).unwrap(), "file = [ \"a.rs\" ]");
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
        let said = |text: &str, change: FieldChange| rewrite(text, &[change]).unwrap_err().to_string();
        let other = FieldChange { id: "y".to_owned(), ..set("a", "b") };
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
    fn what_toml_edit_does_not_keep_is_kept_or_refused() {
        let text = "\u{feff}[[patches]]\r\nid = 'x'\r\n# why\r\na.b = '1'\r\nc = '2'\na . d = '3'";
        let new = rewrite(text, &[set("a.d", "4"), remove("a.b"), set("c", "5")]).unwrap();
        assert_eq!(new, "\u{feff}[[patches]]\r\nid = 'x'\r\n# why\r\nc = '5'\na . d = '4'");
        let refused = |text: &str, change: FieldChange| {
            assert!(matches!(rewrite(text, &[change]), Err(RewriteError::Layout { .. })), "{text}");
        };
        refused("[[patches]]\nid = 'x'\nt = { a.b = '1', c = '2', a.d = '3' }\n", set("t.c", "4"));
        refused("[[patches]]\nid = 'x'\nt = { a = '1', # why\n b = '2' }\n", remove("t.b"));
        refused("[[patches]]\nid = 'x'\n[patches.a.b]\n", set("a.c", "4"));
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
                let read: toml::Value = written.parse().unwrap();
                prop_assert_eq!(read.as_str().map(lf), Some(lf(&value)), "{}", new);
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
