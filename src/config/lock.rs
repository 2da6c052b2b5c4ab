//! `codex-patcher.lock`: what each patch matched when it last applied, so that it can be told later how upstream
//! changed what the patch stands on.
//!
//! One file per folder of patch files, committed with them, read by people in diffs: the order is that of the patches, texts
//! are written as they are wherever TOML can. Every text carries its hash, so that one that was changed by hand or by a merge
//! is not mistaken for what upstream once had. Pure: `loader` reads the file, `commit` writes it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::mistake::position;
use crate::config::toml_text::{Style, long, write};
use crate::patch::lock::{Locked, LockedItem, LockedMatch, digest};
use crate::patch::{Action, Layout, Matches, Patch, RustQuery, SectionPlace, TextEdit, TomlOperation};
use crate::rust::items::ItemPath;

/// The name of the file.
pub const FILE_NAME: &str = "codex-patcher.lock";

const HEAD: &str =
    "# What each patch matched when it last applied. Written by codex-patcher: commit it, do not edit it.\n";
const VERSION: usize = 1;

/// What one lock file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// One for each patch that is known to have applied, ids unique.
    pub entries: Vec<Locked>,
}

/// Why a text is no lock file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LockError {
    /// One-based.
    pub line: usize,
    /// What is wrong there.
    pub problem: LockProblem,
}

/// What is wrong with a lock file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockProblem {
    /// It is no TOML.
    #[error("the file is not valid TOML: {0}")]
    Syntax(String),
    /// A merge was not finished.
    #[error(
        "the file contains merge conflict markers: keep one side of each conflict; the next run locks again \
         what is then missing"
    )]
    Merge,
    /// Written by another release.
    #[error(
        "`version` is {found}, but this release reads version {VERSION}: a newer codex-patcher wrote the file"
    )]
    Version {
        /// As written.
        found: String,
    },
    /// A key that must be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A key that is none.
    #[error("unknown key `{0}`: the file was edited by hand, or a newer codex-patcher wrote it")]
    UnknownKey(String),
    /// A value of the wrong type or form.
    #[error("`{key}` must be {expected}")]
    Value {
        /// Its key.
        key: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// The text is not what its hash was made of.
    #[error("`text` does not match `sha256`: the file was edited by hand")]
    Edited,
    /// Two entries for one patch.
    #[error("the patch `{0}` is locked twice")]
    Twice(String),
}

impl Lock {
    /// Reads the text of a lock file; CRLF line ends are those of a checkout and mean LF.
    ///
    /// # Errors
    /// [`LockError`], the first in the file's order.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let reader = Reader { text: &text };
        let root = DeTable::parse(&text).map_err(|error| match merge_mark(&text) {
            Some(at) => reader.error(at, LockProblem::Merge),
            None => {
                let at = error.span().map_or(0, |span| span.start);
                reader.error(at, LockProblem::Syntax(error.message().to_owned()))
            }
        })?;
        let root = Table { reader: &reader, table: root.get_ref(), at: 0 };
        let version = root.get("version").ok_or_else(|| root.missing("version"))?;
        let written = &text[version.span()];
        if written != VERSION.to_string() {
            let found = written.to_owned();
            return Err(reader.error(version.span().start, LockProblem::Version { found }));
        }
        root.refuse_others(&["version", "patch"])?;
        let mut ids = BTreeSet::new();
        let mut entries = Vec::new();
        for table in root.tables("patch")? {
            let entry = locked(&table)?;
            if !ids.insert(entry.id.clone()) {
                return Err(reader.error(table.at, LockProblem::Twice(entry.id)));
            }
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// The text of the file. [`Lock::parse`] reads the same back.
    pub fn render(&self) -> String {
        let mut out = format!("{HEAD}version = {VERSION}\n");
        for entry in &self.entries {
            out.push_str("\n[[patch]]\n");
            line(&mut out, "id", &plain(&entry.id));
            line(&mut out, "definition", &plain(&hex(&entry.definition)));
            entry.upstream.iter().for_each(|version| line(&mut out, "upstream", &plain(version)));
            entry.commit.iter().for_each(|commit| line(&mut out, "commit", &plain(commit)));
            for found in &entry.matches {
                out.push_str("\n[[patch.match]]\n");
                line(&mut out, "file", &plain(&found.file));
                if let Some(item) = &found.item {
                    line(&mut out, "item", &plain(&item.path.to_string()));
                    line(&mut out, "item_sha256", &plain(&hex(&item.sha256)));
                }
                line(&mut out, "sha256", &plain(&hex(&digest(&found.text))));
                line(&mut out, "text", &long(&found.text));
                line(&mut out, "result", &long(&found.result));
            }
        }
        out
    }

    /// The entry of a patch.
    pub fn get(&self, id: &str) -> Option<&Locked> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Takes `entries` in, in the place of those with the same ids. What is locked for ids that are not in `known` goes;
    /// the rest has the order of `known`.
    pub fn update(&mut self, entries: Vec<Locked>, known: &[&str]) {
        for entry in entries {
            self.entries.retain(|old| old.id != entry.id);
            self.entries.push(entry);
        }
        let place = |entry: &Locked| known.iter().position(|id| *id == entry.id);
        self.entries.retain(|entry| place(entry).is_some());
        self.entries.sort_by_key(place);
    }
}

/// In lower case hex digits.
pub fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What tells whether a patch was edited: its query, number of matches, operation and constraint, by their
/// meaning. Comments, formatting, description, files and versions of the patch are not in it.
pub fn fingerprint(patch: &Patch) -> [u8; 32] {
    let mut parts = Parts(Sha256::new());
    parts.text("codex-patcher patch 1");
    query(&mut parts, &patch.action);
    match patch.matches {
        Matches::Exactly(count) => parts.text(&count.to_string()),
        Matches::All => parts.text("all"),
    }
    parts.text(patch.action.operation_kind().name());
    match &patch.action {
        Action::Text { edit, .. } => text_edit(&mut parts, edit, Layout::default()),
        Action::Rust { edit, layout, .. } => text_edit(&mut parts, edit, *layout),
        Action::Toml { operation, .. } => toml_operation(&mut parts, operation),
    }
    parts.maybe(patch.function_context.as_deref());
    parts.text(&format!("{} {}", patch.ensure_present, patch.ensure_absent));
    parts.0.finalize().into()
}

/// Parts with their lengths before them, so that no two lists of parts look the same.
struct Parts(Sha256);

impl Parts {
    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.text(if text.is_some() { "some" } else { "none" });
        text.into_iter().for_each(|text| self.text(text));
    }
}

fn query(parts: &mut Parts, action: &Action) {
    parts.text(action.query_kind().name());
    match action {
        Action::Text { query, .. } => {
            parts.text(&query.search);
            let fuzzy = query.fuzzy.map(|fuzzy| format!("{} {}", fuzzy.threshold, fuzzy.expansion));
            parts.maybe(fuzzy.as_deref());
        }
        Action::Rust { query: RustQuery::AstGrep(query), .. } => {
            parts.maybe(query.text());
            parts.maybe(query.selector());
            parts.maybe(query.rule_source());
        }
        Action::Rust { query: RustQuery::TreeSitter(query), .. } => parts.text(query.source()),
        Action::Toml { query, .. } => {
            parts.maybe(query.section.as_ref().map(ToString::to_string).as_deref());
            parts.maybe(query.key.as_ref().map(ToString::to_string).as_deref());
        }
    }
}

fn text_edit(parts: &mut Parts, edit: &TextEdit, layout: Layout) {
    parts.maybe(edit.text());
    parts.text(&format!("{} {} {}", layout.keep_indent, layout.keep_attributes, layout.literal_dollar));
}

fn toml_operation(parts: &mut Parts, operation: &TomlOperation) {
    match operation {
        TomlOperation::InsertSection { text, place } => {
            parts.text(text);
            let (place, section) = match place {
                SectionPlace::End => ("end", None),
                SectionPlace::Beginning => ("beginning", None),
                SectionPlace::After(section) => ("after", Some(section.to_string())),
                SectionPlace::Before(section) => ("before", Some(section.to_string())),
            };
            parts.text(place);
            parts.maybe(section.as_deref());
        }
        TomlOperation::ReplaceValue { value } | TomlOperation::SetValue { value } => parts.text(value),
        TomlOperation::ReplaceKey { new_key } => parts.text(new_key),
        TomlOperation::DeleteSection | TomlOperation::DeleteKey => {}
    }
}

fn line(out: &mut String, key: &str, value: &str) {
    out.extend([key, " = ", value, "\n"]);
}

fn plain(text: &str) -> String {
    write(text, &[Style::Basic])
}

fn merge_mark(text: &str) -> Option<usize> {
    if text.starts_with("<<<<<<< ") { Some(0) } else { text.find("\n<<<<<<< ").map(|at| at + 1) }
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn error(&self, at: usize, problem: LockProblem) -> LockError {
        LockError { line: position(self.text, at).0, problem }
    }
}

/// A table of the file, and where it begins.
struct Table<'t> {
    reader: &'t Reader<'t>,
    table: &'t DeTable<'t>,
    at: usize,
}

impl<'t> Table<'t> {
    fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    fn missing(&self, key: &'static str) -> LockError {
        self.reader.error(self.at, LockProblem::Missing(key))
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, key: &'static str, expected: &'static str) -> LockError {
        self.reader.error(value.span().start, LockProblem::Value { key, expected })
    }

    fn refuse_others(&self, known: &[&str]) -> Result<(), LockError> {
        let others = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        match others.min_by_key(|key| key.span().start) {
            Some(key) => {
                let problem = LockProblem::UnknownKey(key.get_ref().to_string());
                Err(self.reader.error(key.span().start, problem))
            }
            None => Ok(()),
        }
    }

    fn maybe(&self, key: &'static str) -> Result<Option<String>, LockError> {
        let read = |value: &Spanned<DeValue<'_>>| match value.get_ref().as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(self.wrong(value, key, "a string")),
        };
        self.get(key).map(read).transpose()
    }

    fn string(&self, key: &'static str) -> Result<String, LockError> {
        self.maybe(key)?.ok_or_else(|| self.missing(key))
    }

    fn hash(&self, key: &'static str) -> Result<[u8; 32], LockError> {
        let text = self.string(key)?;
        let value = self.get(key).ok_or_else(|| self.missing(key))?;
        unhex(&text).ok_or_else(|| self.wrong(value, key, "64 lower case hex digits"))
    }

    fn tables(&self, key: &'static str) -> Result<Vec<Self>, LockError> {
        let Some(list) = self.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(elements) = list.get_ref() else {
            return Err(self.wrong(list, key, "a list of tables"));
        };
        let table = |element: &'t Spanned<DeValue<'t>>| match element.get_ref() {
            DeValue::Table(table) => Ok(Self { reader: self.reader, table, at: element.span().start }),
            _ => Err(self.wrong(element, key, "a list of tables")),
        };
        elements.iter().map(table).collect()
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let is_hex = text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != 64 || !is_hex {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

fn locked(table: &Table<'_>) -> Result<Locked, LockError> {
    table.refuse_others(&["id", "definition", "upstream", "commit", "match"])?;
    Ok(Locked {
        id: table.string("id")?,
        definition: table.hash("definition")?,
        upstream: table.maybe("upstream")?,
        commit: table.maybe("commit")?,
        matches: table.tables("match")?.iter().map(locked_match).collect::<Result<_, _>>()?,
    })
}

fn locked_match(table: &Table<'_>) -> Result<LockedMatch, LockError> {
    table.refuse_others(&["file", "item", "item_sha256", "sha256", "text", "result"])?;
    let file = table.string("file")?;
    let item = match (table.get("item"), table.get("item_sha256")) {
        (None, None) => None,
        (Some(value), _) => {
            let path = table.string("item")?.parse::<ItemPath>().ok().filter(|path| !path.is_empty());
            let path = path.ok_or_else(|| table.wrong(value, "item", "a path like `impl Foo > fn bar`"))?;
            Some(LockedItem { path, sha256: table.hash("item_sha256")? })
        }
        (None, Some(_)) => return Err(table.missing("item")),
    };
    let text = table.string("text")?;
    if digest(&text) != table.hash("sha256")? {
        let at = table.get("text").map_or(table.at, |value| value.span().start);
        return Err(table.reader.error(at, LockProblem::Edited));
    }
    Ok(LockedMatch { file, item, text, result: table.string("result")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema;
    use crate::config::toml_text::tests::awkward;
    use proptest::prelude::*;

    fn lock() -> Lock {
        let found = |text: &str, item: Option<&str>| LockedMatch {
            file: "core/src/exec.rs".to_owned(),
            item: item.map(|path| LockedItem { path: path.parse().unwrap(), sha256: digest("item") }),
            text: text.to_owned(),
            result: format!("{text}!"),
        };
        let entry = |id: &str, matches| Locked {
            id: id.to_owned(),
            definition: digest(id),
            upstream: Some("0.122.0".to_owned()),
            commit: None,
            matches,
        };
        let one =
            entry("one", vec![found("fn a() {\n    b\n}\n", Some("impl Foo > fn bar")), found("x", None)]);
        Lock { entries: vec![one, entry("two", vec![])] }
    }

    #[test]
    fn it_is_written_for_people() {
        let text = lock().render();
        let lines: Vec<_> = text.lines().filter(|line| !line.contains("sha256")).collect();
        let expected = [
            HEAD.trim_end(),
            "version = 1",
            "",
            "[[patch]]",
            "id = \"one\"",
            &format!("definition = \"{}\"", hex(&digest("one"))),
            "upstream = \"0.122.0\"",
            "",
            "[[patch.match]]",
            "file = \"core/src/exec.rs\"",
            "item = \"impl Foo > fn bar\"",
            "text = '''",
            "fn a() {",
            "    b",
            "}",
            "'''",
        ];
        assert_eq!(lines[..expected.len()], expected);
        assert!(text.contains("text = '''x'''\nresult = '''x!'''\n"), "{text}");
        assert_eq!(Lock::parse(&text), Ok(lock()));
        assert_eq!(Lock::parse(&text.replace('\n', "\r\n")), Ok(lock()));
        assert_eq!(Lock::parse("version = 1"), Ok(Lock::default()));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let text = lock().render();
        let said = |from: &str, to: &str| Lock::parse(&text.replacen(from, to, 1)).unwrap_err().to_string();
        for (from, to, expected) in [
            ("version = 1", "version = 2", "line 2: `version` is 2, but this release reads version 1"),
            ("version = 1\n", "", "line 1: `version` is missing"),
            ("upstream", "upstraem", "line 7: unknown key `upstraem`"),
            ("id = \"one\"\n", "", "line 4: `id` is missing"),
            ("id = \"two\"", "id = \"one\"", "the patch `one` is locked twice"),
            ("fn a()", "fn b()", "line 14: `text` does not match `sha256`"),
            ("definition = \"", "definition = \"x", "line 6: `definition` must be 64 lower case hex digits"),
            ("upstream = \"0.122.0\"", "upstream = 1", "line 7: `upstream` must be a string"),
            ("impl Foo > fn bar", "impl Foo > fun bar", "line 11: `item` must be a path like"),
            ("item = \"impl Foo > fn bar\"\n", "", "line 9: `item` is missing"),
            ("[[patch]]", "<<<<<<< ours\n[[patch]]", "line 4: the file contains merge conflict markers"),
            ("[[patch]]", "[[patch]", "line 4: the file is not valid TOML"),
        ] {
            let said = said(from, to);
            assert!(said.contains(expected), "{from} -> {to}: {said}");
        }
        let said = Lock::parse("version = 1\npatch = 3").unwrap_err().to_string();
        assert_eq!(said, "line 2: `patch` must be a list of tables");
    }

    #[test]
    fn an_update_keeps_what_it_does_not_speak_of_and_drops_what_is_no_more() {
        let mut lock = lock();
        let (one, two) = (lock.entries[0].clone(), lock.entries[1].clone());
        let new = |id: &str| Locked { id: id.to_owned(), commit: Some("c0ffee".to_owned()), ..two.clone() };
        lock.update(vec![new("three"), new("two"), new("stray")], &["three", "zero", "one", "two"]);
        assert_eq!(lock.entries, [new("three"), one, new("two")]);
        assert_eq!(lock.get("two"), Some(&new("two")));
        lock.update(vec![], &["two"]);
        assert_eq!(lock.entries, [new("two")]);
    }

    fn fingerprint_of(text: &str) -> [u8; 32] {
        let (file, mistakes) = schema::parse("p.toml", "p", text);
        fingerprint(&file.unwrap_or_else(|| panic!("{text}: {mistakes:?}")).patches[0])
    }

    #[test]
    fn an_edited_patch_has_another_fingerprint_and_a_formatted_one_has_not() {
        let patch = |query: &str, operation: &str, more: &str| {
            format!(
                "[[patches]]\nid = 'x'\nfile = 'a.rs'\nquery = {{ {query} }}\noperation = {{ {operation} }}\n{more}"
            )
        };
        let replace = "type = 'replace', text = 'b'";
        let base = patch("type = 'text', search = 'a'", replace, "");
        let same = [
            "# note\n[[patches]]\nid = 'y'\nfile = ['c.rs', 'a.rs']\ndescription = \
             'd'\n[patches.operation]\ntext = \"b\"\ntype = \"replace\"\n[patches.query]\nsearch = \
             '''\na'''\ntype = 'text'\n"
                .to_owned(),
            patch("type = 'text', search = 'a', matches = 1", replace, ""),
        ];
        for other in same {
            assert_eq!(fingerprint_of(&other), fingerprint_of(&base), "{other}");
        }
        let rule = |rule: &str| patch(&format!("type = 'ast-grep', rule = {rule}"), replace, "");
        let all = [
            base,
            patch("type = 'text', search = 'a', matches = 2", replace, ""),
            patch("type = 'text', search = 'a', matches = 'all'", replace, ""),
            patch("type = 'text', search = 'a', fuzzy_threshold = 0.9", replace, ""),
            patch("type = 'text', search = 'c'", replace, ""),
            patch("type = 'text', search = 'a'", "type = 'insert-after', text = 'b'", ""),
            patch("type = 'text', search = 'a'", "type = 'delete'", ""),
            patch("type = 'text', search = 'a'", "type = 'delete', insert_comment = 'b'", ""),
            patch("type = 'text', search = 'a'", replace, "constraint = { function_context = 'f' }"),
            patch("type = 'ast-grep', pattern = 'a()'", replace, ""),
            patch("type = 'ast-grep', pattern = 'a()'", "type = 'replace', text = 'b', indent = 'keep'", ""),
            patch("type = 'ast-grep', context = 'a()', selector = 'identifier'", replace, ""),
            rule("{ pattern = 'a()' }"),
            rule("{ pattern = 'a()', inside = { kind = 'block' } }"),
            rule("{ pattern = 'a()', inside = { kind = 'function_item' } }"),
            patch("type = 'tree-sitter', pattern = 'fn a'", replace, ""),
        ];
        let seen: BTreeSet<_> = all.iter().map(|text| fingerprint_of(text)).collect();
        assert_eq!(seen.len(), all.len());
        assert_eq!(
            fingerprint_of(&rule("{ inside = { kind = 'block' }, pattern = 'a()' }")),
            fingerprint_of(&rule("{ pattern = 'a()', inside = { kind = 'block' } }"))
        );
    }

    fn any_match() -> impl Strategy<Value = LockedMatch> {
        let item =
            prop::option::of(prop::sample::select(&["fn a", "mod b > impl From<\"x\"> for (A,B) > fn c"]));
        (awkward(), item, awkward(), awkward()).prop_map(|(file, item, text, result)| {
            let item = item.map(|path| LockedItem { path: path.parse().unwrap(), sha256: digest(&text) });
            LockedMatch { file, item, text, result }
        })
    }

    proptest! {
        #[test]
        fn what_is_rendered_is_parsed(
            parts in prop::collection::vec(
                (awkward(), prop::option::of(awkward()), prop::option::of(awkward()), prop::collection::vec(any_match(), 0..3)),
                0..4,
            ),
        ) {
            let entry = |(at, (id, upstream, commit, matches)): (usize, (String, _, _, _))| Locked {
                id: format!("{at}{id}"), definition: digest(&id), upstream, commit, matches,
            };
            let lock = Lock { entries: parts.into_iter().enumerate().map(entry).collect() };
            let text = lock.render();
            prop_assert_eq!(Lock::parse(&text), Ok(lock.clone()), "{}", text);
            prop_assert_eq!(Lock::parse(&text.replace('\n', "\r\n")), Ok(lock));
        }
    }
}
