//! What the fuzzers run: bytes in, a panic where something is wrong. Pure.
//!
//! `fuzz/` gives these functions bytes of its own making, `tests/fuzz.rs` those that once were too much. An input is text; where a
//! target takes several texts, a NUL ends each but the last one. What is no such text is no input.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::config::lock::{Lock, fingerprint};
use crate::config::schema;
use crate::config::toml_text::long;
use crate::drift::merge::{Merged, carry, merge as merged};
use crate::edit::{Edit, map_span, unmap_offset};
use crate::locate;
use crate::patch::{Drift, Patch, RustQuery};
use crate::plan::draft::Draft;
use crate::plan::{Decision, Plan, Role, Standing, Task, Terms, Verdict, plan};
use crate::rust::syntax::Syntax;
use crate::sg::matcher::AstGrepQuery;
use crate::sg::pattern::PatternSource;
use crate::source::Source;
use crate::ts::locator::TreeSitterQuery;

/// A target of the fuzzers.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 7] = [
    ("patch_file", patch_file),
    ("lock_file", lock_file),
    ("matcher", matcher),
    ("merge", merge),
    ("toml", toml),
    ("splice", splice),
    ("run", run),
];

/// The texts of an input.
fn texts<const COUNT: usize>(data: &[u8]) -> Option<[&str; COUNT]> {
    let texts: Vec<&str> = str::from_utf8(data).ok()?.splitn(COUNT, '\0').collect();
    texts.try_into().ok()
}

/// A patch file: it is read, or each mistake has a place in it.
pub fn patch_file(data: &[u8]) {
    let Some([text]) = texts(data) else { return };
    let (file, mistakes) = schema::parse("set.toml", "set", text);
    assert!(file.is_none() != mistakes.is_empty(), "a file, or mistakes: {mistakes:?}");
    for mistake in &mistakes {
        assert!(mistake.source.get(mistake.span.clone()).is_some(), "no place of it: {mistake:?}");
        assert!(mistake.line >= 1 && mistake.column >= 1, "no place of it: {mistake:?}");
    }
    for patch in file.iter().flat_map(|file| &file.patches) {
        let (again, _) = schema::parse("set.toml", "set", text);
        let mut again = again.into_iter().flat_map(|file| file.patches);
        let is_same = again.any(|again| again.id == patch.id && fingerprint(&again) == fingerprint(patch));
        assert!(is_same, "{} has no fingerprint of its own", patch.id);
    }
}

/// A lock file: what is read is what is written.
pub fn lock_file(data: &[u8]) {
    let Some([text]) = texts(data) else { return };
    if let Ok(lock) = Lock::parse(text) {
        let written = lock.render();
        assert_eq!(Lock::parse(&written).map(|lock| lock.render()).ok(), Some(written));
    }
}

/// A pattern, shorthand or query, and Rust: matches are pieces of it in order, and the cheap test in front never says no to one.
pub fn matcher(data: &[u8]) {
    let Some([pattern, text]) = texts(data) else { return };
    let source = PatternSource { text: pattern.to_owned(), selector: None };
    let queries = [
        AstGrepQuery::pattern(source).map(RustQuery::AstGrep).ok(),
        TreeSitterQuery::new(pattern).map(RustQuery::TreeSitter).ok(),
    ];
    for query in queries.into_iter().flatten() {
        let syntax = Syntax::parse(text);
        let found = locate::structural(&query, &syntax);
        let spans: Vec<Range<usize>> = found.iter().map(|hit| hit.span.clone()).collect();
        assert!(spans.iter().all(|span| text.get(span.clone()).is_some()), "{spans:?}");
        assert!(spans.is_sorted_by_key(|span| span.start), "{spans:?}");
        let captures = found.iter().flat_map(|hit| &hit.captures);
        captures.for_each(|capture| assert!(text.get(capture.span.clone()).is_some(), "{capture:?}"));
        assert!(spans.is_empty() || locate::may_match_rust(&query, text), "a match that may not be");
    }
}

/// What a patch searches, what stands there, and what it makes: what was merged is known again.
pub fn merge(data: &[u8]) {
    let Some([base, ours, theirs]) = texts(data) else { return };
    if let Merged::Clean(text) = merged(base, ours, theirs) {
        assert_eq!(merged(base, &text, theirs), Merged::Unchanged, "what was merged is not known again");
    }
    // Without a change of ours there is none to be in conflict with.
    if base == ours && base.ends_with('\n') && theirs.ends_with('\n') {
        assert!(!matches!(carry(base, ours, theirs), Merged::Conflict { .. }), "a conflict with itself");
    }
}

/// An operation, a section, a key, a value, and TOML: what was TOML stays TOML, and the second run has nothing to do.
pub fn toml(data: &[u8]) {
    let Some([operation, section, key, value, document]) = texts(data) else { return };
    let quoted = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!("{name} = {}\n", long(text)),
    };
    let set = format!(
        "[[patches]]\nid = \"a\"\nfile = \"a.toml\"\n[patches.query]\ntype = \"toml\"\n{}{}[patches.operation]\n\
         type = \"{operation}\"\n{}",
        quoted("section", section),
        quoted("key", key),
        [quoted("value", value), quoted("new_key", value), quoted("text", value)][kind_of(operation)],
    );
    let was_toml = is_toml(document);
    for (path, text) in applied(&set, document).into_iter().flatten() {
        assert!(!was_toml || is_toml(&text), "{path} is no TOML any more:\n{text}");
    }
}

fn is_toml(text: &str) -> bool {
    text.parse::<toml_edit::DocumentMut>().is_ok()
}

fn kind_of(operation: &str) -> usize {
    match operation {
        "replace-key" => 1,
        "insert-section" | "append-section" => 2,
        _ => 0,
    }
}

/// A text and edits of it, a line each (an offset, a length and what is put there): all together are each of them from the end.
pub fn splice(data: &[u8]) {
    let Some([edits, source]) = texts(data) else { return };
    let edit = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let mut number = || words.next()?.parse::<usize>().ok();
        let (start, len) = (number()?, number()?);
        let span = start..start.checked_add(len)?;
        source.get(span.clone())?;
        Some(Edit::replace(source, span, words.next().unwrap_or_default()))
    };
    let edits: Vec<Edit> = edits.lines().filter_map(edit).collect();
    let (Ok(result), Ok(sorted)) = (Edit::apply_batch(source, &edits), Edit::sorted(source, &edits)) else {
        return;
    };
    let mut expected = source.to_owned();
    sorted.iter().rev().for_each(|edit| expected.replace_range(edit.span(), edit.text()));
    assert_eq!(result, expected);
    for at in (0..=result.len()).filter(|at| result.is_char_boundary(*at)) {
        assert!(unmap_offset(&sorted, at) <= source.len(), "byte {at} was beyond the end");
    }
    for at in (0..=source.len()).filter(|at| source.is_char_boundary(*at)) {
        let now = map_span(&sorted, at..at);
        assert!(result.get(now.clone()).is_some(), "byte {at} is at {now:?}");
    }
}

/// A patch file and the text of its targets: a run that succeeds leaves nothing to a second one, with tolerance and without.
pub fn run(data: &[u8]) {
    let Some([set, text]) = texts(data) else { return };
    applied(set, text);
}

/// What the patches of a file make of their targets, each of which has `text` at first, where they succeed: exactly, and with
/// changes merged.
fn applied(set: &str, text: &str) -> Vec<BTreeMap<String, String>> {
    let (Some(file), _) = schema::parse("set.toml", "set", set) else { return Vec::new() };
    let paths = file.patches.iter().flat_map(|patch| &patch.files);
    let before: BTreeMap<String, String> = paths.map(|path| (path.clone(), text.to_owned())).collect();
    let mut results = Vec::new();
    for drift in [Drift::Off, Drift::Merge] {
        let Some(once) = planned(&file.patches, &before, drift).and_then(|plan| succeeded(&plan)) else {
            continue;
        };
        let again = planned(&file.patches, &once, drift).expect("what was written is text");
        let failed = again.verdicts.values().find(|verdict| matches!(verdict.decision, Decision::Fail(_)));
        assert!(failed.is_none(), "{drift:?}: the second run fails: {failed:?}\n{once:?}");
        assert_eq!(succeeded(&again), Some(once.clone()), "{drift:?}: the second run writes");
        results.push(once);
    }
    results
}

fn planned(patches: &[Patch], texts: &BTreeMap<String, String>, drift: Drift) -> Option<Plan> {
    // A run proves what it deletes under as much tolerance as a later one may have.
    let terms = Terms { drift, later: drift, ..Terms::EXACT };
    let task = |(index, patch)| -> Task<'_> {
        let patch: &Patch = patch;
        Task { index, patch, targets: patch.files.clone(), terms, role: Role::Acts }
    };
    let tasks: Vec<Task<'_>> =
        patches.iter().enumerate().filter(|(_, patch)| patch.enabled).map(task).collect();
    let draft = |(path, text): (&String, &String)| {
        Some((path.clone(), Draft::new(path, Source::decode(text.as_bytes()).ok()?)))
    };
    Some(plan(&tasks, texts.iter().map(draft).collect::<Option<_>>()?))
}

/// The texts that a plan makes, if no patch fails. No history tells here that a patch was made which leaves the like of what it
/// takes away: a run refuses it then.
fn succeeded(plan: &Plan) -> Option<BTreeMap<String, String>> {
    let is_refused = |verdict: &Verdict| match (&verdict.decision, &verdict.standing) {
        (Decision::Fail(_), _) => true,
        (Decision::Apply, standing) => matches!(standing, Standing::Leaves(_)),
        _ => false,
    };
    if plan.verdicts.values().any(is_refused) {
        return None;
    }
    let text = |draft: &Draft| String::from_utf8(draft.source().encode()).expect("a text was given");
    Some(plan.drafts.iter().map(|(path, draft)| (path.clone(), text(draft))).collect())
}
