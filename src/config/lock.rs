//! `codex-patcher.lock`: what each patch matched when it last applied, so that it can be told later how upstream
//! changed what the patch stands on.
//!
//! One file per folder of patch files, committed with them, read by people in diffs: the order is that of the patches, texts
//! are written as they are wherever TOML can. Every text carries its hash, so that one that was changed by hand or by a merge
//! is not mistaken for what upstream once had. `serde` reads the file; `toml_writer` writes its values, and not a serialiser
//! the whole, which would choose the layout. Pure: `loader` reads the file, `commit` writes it.

use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::config::mistake::position;
use crate::config::toml_text::{Style, long, write};
use crate::patch::lock::{Locked, LockedItem, LockedMatch, Twin, digest};
use crate::patch::{Action, Matches, Patch};
use crate::rust::items::ItemPath;
use crate::text::lines::line_start;

/// The name of the file.
pub(crate) const FILE_NAME: &str = "codex-patcher.lock";

const HEAD: &str =
    "# What each patch matched when it last applied. Written by codex-patcher: commit it, do not edit it.\n";
const VERSION: usize = 1;

/// What one lock file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// One for each patch that is known to have applied, ids unique.
    pub(crate) entries: Vec<Locked>,
    /// What the patches will be locked with that `update` is writing, ids unique: see [`Lock::announce`].
    pub(crate) pending: Vec<Locked>,
}

/// Why a text is not a lock file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LockError {
    /// One-based.
    pub(crate) line: usize,
    /// What is wrong there.
    pub(crate) problem: LockProblem,
}

/// What is wrong with a lock file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LockProblem {
    /// It is not TOML.
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
    /// A key that is missing or unknown, or a value of the wrong type or form.
    #[error("{0}: the file was edited by hand, or a newer codex-patcher wrote it")]
    Shape(String),
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
    /// [`LockError`], the first that is found.
    pub(crate) fn parse(text: &str) -> Result<Self, LockError> {
        let text = &text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let error = |at: usize, problem| LockError { line: position(text, at).0, problem };
        let Version { version } = read(text)?;
        let written = &text[version.span()];
        if written != VERSION.to_string() {
            return Err(error(version.span().start, LockProblem::Version { found: written.to_owned() }));
        }
        let file: LockTable = read(text)?;
        let mut ids = BTreeSet::new();
        let mut lock = Self::default();
        for table in file.patch {
            let at = table.span().start;
            let table = table.into_inner();
            let is_pending = table.pending;
            let entry = table.checked().map_err(|(at, problem)| error(at, problem))?;
            if !ids.insert((is_pending, entry.id.clone())) {
                return Err(error(at, LockProblem::Twice(entry.id)));
            }
            if is_pending { lock.pending.push(entry) } else { lock.entries.push(entry) }
        }
        Ok(lock)
    }

    /// The text of the file. [`Lock::parse`] reads the same back.
    pub(crate) fn render(&self) -> String {
        let mut out = format!("{HEAD}version = {VERSION}\n");
        let entries = self.entries.iter().map(|entry| (entry, false));
        for (entry, is_pending) in entries.chain(self.pending.iter().map(|entry| (entry, true))) {
            out.push_str("\n[[patch]]\n");
            line(&mut out, "id", &plain(&entry.id));
            is_pending.then(|| line(&mut out, "pending", "true"));
            line(&mut out, "definition", &plain(&hex::encode(entry.definition)));
            entry.upstream.iter().for_each(|version| line(&mut out, "upstream", &plain(version)));
            entry.commit.iter().for_each(|commit| line(&mut out, "commit", &plain(commit)));
            for found in &entry.matches {
                out.push_str("\n[[patch.match]]\n");
                line(&mut out, "file", &plain(&found.file));
                found.section.iter().for_each(|section| line(&mut out, "section", &plain(section)));
                if let Some(item) = &found.item {
                    line(&mut out, "item", &plain(&item.path.to_string()));
                    line(&mut out, "item_sha256", &plain(&hex::encode(item.sha256)));
                    if let Some(Twin { nth, of }) = item.twin {
                        line(&mut out, "item_twin", &plain(&format!("{nth} of {of}")));
                    }
                }
                line(&mut out, "sha256", &plain(&hex::encode(digest(&found.text))));
                line(&mut out, "text", &long(&found.text));
                line(&mut out, "result", &long(&found.result));
            }
        }
        out
    }

    /// The entry of a patch with this definition: the pending one, if it was made for this definition.
    pub(crate) fn get(&self, id: &str, definition: [u8; 32]) -> Option<&Locked> {
        let is_it = |entry: &&Locked| entry.id == id && entry.definition == definition;
        self.pending.iter().find(is_it).or_else(|| self.entries.iter().find(|entry| entry.id == id))
    }

    /// The lock while the patch files are written: what is to be locked is in it beside what was, so that a patch has the
    /// right entry before and after its file is written. A run that is killed in between leaves nothing that does not fit.
    /// An entry whose patch keeps its definition (its file was renamed) is right for both.
    pub(crate) fn announce(&self, after: &Self) -> Self {
        let mut lock = self.clone();
        for new in after.entries.iter().filter(|new| !self.entries.contains(new)) {
            lock.pending.retain(|pending| pending.id != new.id);
            match lock.entries.iter_mut().find(|old| old.id == new.id) {
                Some(old) if old.definition == new.definition => *old = new.clone(),
                Some(_) => lock.pending.push(new.clone()),
                None => lock.entries.push(new.clone()),
            }
        }
        lock
    }

    /// Ends what a killed run left pending, of the patch `id` with this definition.
    pub(crate) fn settle(&mut self, id: &str, definition: [u8; 32]) {
        let Some(at) = self.pending.iter().position(|pending| pending.id == id) else { return };
        let pending = self.pending.remove(at);
        if pending.definition == definition {
            self.entries.retain(|old| old.id != id);
            self.entries.push(pending);
        }
    }

    /// Takes `entries` in, in the place of those with the same ids. What is locked for ids that are not in `known` goes;
    /// the rest has the order of `known`.
    pub(crate) fn update(&mut self, entries: Vec<Locked>, known: &[&str]) {
        for entry in entries {
            for old in [&mut self.entries, &mut self.pending] {
                old.retain(|old| old.id != entry.id);
            }
            self.entries.push(entry);
        }
        let place = |entry: &Locked| known.iter().position(|id| *id == entry.id);
        for entries in [&mut self.entries, &mut self.pending] {
            entries.retain(|entry| place(entry).is_some());
            entries.sort_by_key(place);
        }
    }
}

/// Only the version: a newer file may have other keys.
#[derive(Deserialize)]
struct Version {
    version: Spanned<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LockTable {
    #[serde(rename = "version")]
    _version: toml::Value,
    #[serde(default)]
    patch: Vec<Spanned<PatchTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PatchTable {
    id: String,
    #[serde(default)]
    pending: bool,
    definition: Hash,
    upstream: Option<String>,
    commit: Option<String>,
    #[serde(default, rename = "match")]
    matches: Vec<Spanned<MatchTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchTable {
    file: String,
    section: Option<String>,
    #[serde(default, deserialize_with = "item_path")]
    item: Option<ItemPath>,
    item_sha256: Option<Hash>,
    #[serde(default, deserialize_with = "twin")]
    item_twin: Option<Twin>,
    sha256: Hash,
    text: Spanned<String>,
    result: String,
}

/// 64 lower case hex digits.
struct Hash([u8; 32]);

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        match hex::decode_to_slice(&text, &mut bytes) {
            Ok(()) if hex::encode(bytes) == text => Ok(Self(bytes)),
            _ => Err(D::Error::custom("expected 64 lower case hex digits")),
        }
    }
}

fn item_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ItemPath>, D::Error> {
    let path = String::deserialize(deserializer)?.parse::<ItemPath>().ok().filter(|path| !path.is_empty());
    path.map(Some).ok_or_else(|| D::Error::custom("expected a path like `impl Foo > fn bar`"))
}

fn twin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Twin>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let twin = text.split_once(" of ").and_then(|(nth, of)| {
        let twin = Twin { nth: nth.parse().ok()?, of: of.parse().ok()? };
        ((1..=twin.of).contains(&twin.nth) && twin.of > 1).then_some(twin)
    });
    twin.map(Some).ok_or_else(|| D::Error::custom("expected a number and how many there are, like `2 of 3`"))
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, LockError> {
    let error = |at: usize, problem| LockError { line: position(text, at).0, problem };
    let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let document = toml::Deserializer::parse(text).map_err(|mistake| match merge_mark(text) {
        Some(at) => error(at, LockProblem::Merge),
        None => error(start(&mistake), LockProblem::Syntax(mistake.message().to_owned())),
    })?;
    T::deserialize(document).map_err(|mistake| {
        // What serde calls a field is a key in TOML.
        let message = match mistake.message().strip_prefix("missing field ") {
            Some(key) => format!("{key} is missing"),
            None => {
                let message = mistake.message().replace("unknown field", "unknown key");
                let start = start(&mistake);
                let before = text[line_start(text, start)..start].trim_end().strip_suffix('=');
                before.map_or_else(|| message.clone(), |key| format!("`{}`: {message}", key.trim_end()))
            }
        };
        error(start(&mistake), LockProblem::Shape(message))
    })
}

fn merge_mark(text: &str) -> Option<usize> {
    if text.starts_with("<<<<<<< ") { Some(0) } else { text.find("\n<<<<<<< ").map(|at| at + 1) }
}

impl PatchTable {
    fn checked(self) -> Result<Locked, (usize, LockProblem)> {
        Ok(Locked {
            id: self.id,
            definition: self.definition.0,
            upstream: self.upstream,
            commit: self.commit,
            matches: self.matches.into_iter().map(checked).collect::<Result<_, _>>()?,
        })
    }
}

fn checked(table: Spanned<MatchTable>) -> Result<LockedMatch, (usize, LockProblem)> {
    let at = table.span().start;
    let table = table.into_inner();
    let missing = |key: &str| (at, LockProblem::Shape(format!("`{key}` is missing")));
    let item = match (table.item, table.item_sha256) {
        (None, None) if table.item_twin.is_some() => return Err(missing("item")),
        (None, None) => None,
        (Some(path), Some(Hash(sha256))) => Some(LockedItem { path, sha256, twin: table.item_twin }),
        (Some(_), None) => return Err(missing("item_sha256")),
        (None, Some(_)) => return Err(missing("item")),
    };
    if digest(table.text.as_ref()) != table.sha256.0 {
        return Err((table.text.span().start, LockProblem::Edited));
    }
    let MatchTable { file, section, text, result, .. } = table;
    Ok(LockedMatch { file, item, section, text: text.into_inner(), result })
}

/// What tells whether a patch was edited: SHA-256 of the JSON of this, its keys in the order of the declaration here and in
/// `patch`, without white space. Comments, formatting, description, files and versions of the patch are not in it.
#[derive(Serialize)]
struct Fingerprinted<'p> {
    action: &'p Action,
    matches: Matches,
    function_context: Option<&'p str>,
    ensure_present: bool,
    ensure_absent: bool,
}

/// What tells whether a patch was edited: the hash of its `Fingerprinted`.
pub(crate) fn fingerprint(patch: &Patch) -> [u8; 32] {
    let definition = Fingerprinted {
        action: &patch.action,
        matches: patch.matches,
        function_context: patch.function_context.as_deref(),
        ensure_present: patch.ensure_present,
        ensure_absent: patch.ensure_absent,
    };
    Sha256::digest(serde_json::to_vec(&definition).expect("its keys are strings")).into()
}

fn line(out: &mut String, key: &str, value: &str) {
    out.extend([key, " = ", value, "\n"]);
}

fn plain(text: &str) -> String {
    write(text, &[Style::Basic])
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
            item: item.map(|path| LockedItem {
                path: path.parse().unwrap(),
                sha256: digest("item"),
                twin: path.starts_with("impl").then_some(Twin { nth: 2, of: 3 }),
            }),
            section: item.is_none().then(|| "profile.release".to_owned()),
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
        Lock { entries: vec![one, entry("two", vec![])], pending: Vec::new() }
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
            &format!("definition = \"{}\"", hex::encode(digest("one"))),
            "upstream = \"0.122.0\"",
            "",
            "[[patch.match]]",
            "file = \"core/src/exec.rs\"",
            "item = \"impl Foo > fn bar\"",
            "item_twin = \"2 of 3\"",
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
            ("fn a()", "fn b()", "line 15: `text` does not match `sha256`"),
            (
                "definition = \"",
                "definition = \"x",
                "line 6: `definition`: expected 64 lower case hex digits",
            ),
            (
                "upstream = \"0.122.0\"",
                "upstream = 1",
                "line 7: `upstream`: invalid type: integer `1`, expected a string",
            ),
            ("2 of 3", "4 of 3", "line 13: `item_twin`: expected a number and how many there are"),
            ("impl Foo > fn bar", "impl Foo > fun bar", "line 11: `item`: expected a path like"),
            ("item = \"impl Foo > fn bar\"\n", "", "line 9: `item` is missing"),
            ("[[patch]]", "<<<<<<< ours\n[[patch]]", "line 4: the file contains merge conflict markers"),
            ("[[patch]]", "[[patch]", "line 4: the file is not valid TOML"),
        ] {
            let said = said(from, to);
            assert!(said.contains(expected), "{from} -> {to}: {said}");
        }
        let said = Lock::parse("version = 1\npatch = 3").unwrap_err().to_string();
        assert!(
            said.starts_with("line 2: `patch`: invalid type: integer `3`, expected a sequence"),
            "{said}"
        );
    }

    #[test]
    fn an_update_keeps_what_it_does_not_speak_of_and_drops_what_is_no_more() {
        let mut lock = lock();
        let (one, two) = (lock.entries[0].clone(), lock.entries[1].clone());
        let new = |id: &str| Locked { id: id.to_owned(), commit: Some("c0ffee".to_owned()), ..two.clone() };
        lock.update(vec![new("three"), new("two"), new("stray")], &["three", "zero", "one", "two"]);
        assert_eq!(lock.entries, [new("three"), one, new("two")]);
        assert_eq!(lock.get("two", digest("other")), Some(&new("two")));
        lock.update(vec![], &["two"]);
        assert_eq!(lock.entries, [new("two")]);
    }

    #[test]
    fn while_patch_files_are_written_each_definition_has_its_entry() {
        let lock = lock();
        let two = lock.entries[1].clone();
        let entry = |id: &str, definition: &str| Locked {
            id: id.to_owned(),
            definition: digest(definition),
            commit: Some("c0ffee".to_owned()),
            ..two.clone()
        };
        let mut after = lock.clone();
        let (one, two) = (entry("one", "new"), entry("two", "two"));
        after.update(vec![one.clone(), two.clone(), entry("three", "x")], &["one", "two", "three"]);
        let mut both = Lock::parse(&lock.announce(&after).render()).unwrap();
        let old = lock.entries[0].clone();
        assert_eq!(both.get("one", digest("one")), Some(&old), "its file is not written yet");
        assert_eq!(both.get("one", digest("new")), Some(&one), "its file is written");
        assert_eq!(both.get("one", digest("edited")), Some(&old), "it was edited after all");
        assert_eq!(both.get("two", digest("two")), Some(&two), "what keeps its definition is right for both");
        assert_eq!(both.announce(&after), both);
        let mut edited = both.clone();
        both.settle("one", digest("new"));
        both.update(vec![], &["one", "two", "three"]);
        assert_eq!(both, after);
        edited.settle("one", digest("edited"));
        assert_eq!(edited.get("one", digest("new")), Some(&old));
        assert_eq!(edited.pending, []);
        let twice = both.render().replace("\nid = \"two\"", "\nid = \"one\"\npending = true");
        assert!(Lock::parse(&twice).is_ok());
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
        let section = prop::option::of(awkward());
        (awkward(), item, section, awkward(), awkward()).prop_map(|(file, item, section, text, result)| {
            let item = item.map(|path| LockedItem {
                path: path.parse().unwrap(),
                sha256: digest(&text),
                twin: None,
            });
            LockedMatch { file, item, section, text, result }
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
            let mut entries: Vec<Locked> = parts.into_iter().enumerate().map(entry).collect();
            let pending = entries.split_off(entries.len() / 2);
            let lock = Lock { entries, pending };
            let text = lock.render();
            prop_assert_eq!(Lock::parse(&text), Ok(lock.clone()), "{}", text);
            prop_assert_eq!(Lock::parse(&text.replace('\n', "\r\n")), Ok(lock));
        }
    }
}
