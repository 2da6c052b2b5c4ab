//! Properties over generated patch sets, chains included: planning all patches together gives the same result as
//! applying one after another, and a second run of a set changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use codex_patcher::patch::{
    Action, Drift, Layout, Matches, Origin, Patch, QueryKind, RustQuery, TextEdges, TextEdit, TextQuery,
};
use codex_patcher::plan::draft::Draft;
use codex_patcher::plan::{Decision, Plan, Role, Task, Terms, Verdict, plan};
use codex_patcher::sg::matcher::AstGrepQuery;
use codex_patcher::sg::pattern::PatternSource;
use codex_patcher::source::Source;
use codex_patcher::ts::locator::TreeSitterQuery;
use proptest::prelude::*;

const PATHS: [&str; 2] = ["src/lib.rs", "src/other.rs"];

fn patch(index: usize, files: &[usize], action: Action, matches: Matches) -> Patch {
    Patch {
        id: format!("p{index}"),
        description: None,
        origin: Origin { file: Arc::from("set.toml"), line: 1 },
        files: files.iter().map(|file| PATHS[*file].to_owned()).collect(),
        workspace_relative: true,
        versions: Vec::new(),
        enabled: true,
        action,
        matches,
        verify: None,
        function_context: None,
        ensure_present: false,
        ensure_absent: false,
        drift: Drift::Off,
    }
}

/// The contents of the two files.
type Texts = [String; 2];

/// Plans `patches` together on `texts`.
fn together(patches: &[Patch], texts: &Texts) -> Plan {
    let task = |(index, patch)| -> Task<'_> {
        let patch: &Patch = patch;
        Task { index, patch, targets: patch.files.clone(), terms: Terms::EXACT, role: Role::Acts }
    };
    let tasks: Vec<Task<'_>> = patches.iter().enumerate().map(task).collect();
    let draft = |(path, text): (&&str, &String)| {
        ((*path).to_owned(), Draft::new(*path, Source::decode(text.as_bytes()).unwrap()))
    };
    plan(&tasks, PATHS.iter().zip(texts).map(draft).collect::<BTreeMap<_, _>>())
}

fn result(plan: &Plan) -> Texts {
    PATHS.map(|path| String::from_utf8(plan.drafts[path].source().encode()).unwrap())
}

fn failed(plan: &Plan) -> Vec<usize> {
    let failed = plan.verdicts.iter().filter(|(_, verdict)| matches!(verdict.decision, Decision::Fail(_)));
    failed.map(|(index, _)| *index).collect()
}

/// What came of applying one after another.
#[derive(Debug, PartialEq)]
enum Alone {
    Applied(Texts),
    /// This patch fails.
    Failed(usize),
    /// Some patch takes for its own what another one put there: alone it cannot know.
    Mistaken,
}

/// One after another, each from the bytes that the one before left, with nothing carried over.
fn one_at_a_time(patches: &[Patch], texts: &Texts) -> Alone {
    let mut texts = texts.clone();
    let mut mistaken = false;
    for (index, patch) in patches.iter().enumerate() {
        let plan = together(std::slice::from_ref(patch), &texts);
        if !failed(&plan).is_empty() {
            return Alone::Failed(index);
        }
        mistaken |= !plan.verdicts.values().all(fresh);
        texts = result(&plan);
    }
    if mistaken { Alone::Mistaken } else { Alone::Applied(texts) }
}

/// The meaning of a text patch, in plain string operations.
fn naive_text(patch: &Patch, text: &str) -> Option<String> {
    let Action::Text { query, edit } = &patch.action else { return None };
    let found = text.matches(&query.search).count();
    let wanted = matches!(patch.matches, Matches::All) && found > 0 || found == 1;
    let with = |new: &str| wanted.then(|| text.replace(&query.search, new));
    match edit {
        TextEdit::Replace { text: new } => with(new),
        TextEdit::Delete { .. } => with(""),
        TextEdit::InsertBefore { text: new } => with(&format!("{new}{}", query.search)),
        TextEdit::InsertAfter { text: new } => with(&format!("{}{new}", query.search)),
    }
}

/// A word that is no part of another generated word.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["alpha", "bravo", "carol", "delta", "eagle", "fargo"]).prop_map(str::to_owned)
}

fn source() -> impl Strategy<Value = String> {
    let item = (word(), word(), any::<bool>()).prop_map(|(name, call, doc)| {
        let doc = if doc { "/// Says what.\n#[inline]\n" } else { "" };
        format!("{doc}fn {name}_fn(x: u8) -> u8 {{\n    let y = {call}_call(x);\n    y + 1\n}}\n")
    });
    (prop::collection::vec(item, 1..6), any::<bool>(), any::<bool>()).prop_map(|(items, crlf, newline)| {
        let mut text = items.join("\n");
        if !newline {
            text.pop();
        }
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

fn texts() -> impl Strategy<Value = Texts> {
    (source(), source()).prop_map(|(one, other)| [one, other])
}

/// A query, and what its text is like.
#[derive(Debug, Clone)]
enum Query {
    Text(TextQuery),
    Rust(RustQuery),
}

impl Query {
    fn with(self, edit: TextEdit) -> Action {
        match self {
            Self::Text(query) => Action::Text { query, edit },
            Self::Rust(query) => Action::Rust { query, edit, layout: Layout::default() },
        }
    }

    fn kind(&self) -> QueryKind {
        match self {
            Self::Text(_) => QueryKind::Text,
            Self::Rust(query) => query.kind(),
        }
    }

    /// What it searches, or its pattern.
    fn text(&self) -> &str {
        match self {
            Self::Text(query) => &query.search,
            Self::Rust(query) => query.pattern().unwrap_or_default(),
        }
    }
}

fn query() -> impl Strategy<Value = Query> {
    let text = |search: String| Query::Text(TextQuery { search, edges: TextEdges::Words, fuzzy: None });
    let pattern = |text: String| {
        let query = AstGrepQuery::pattern(PatternSource { text, selector: None }).unwrap();
        Query::Rust(RustQuery::AstGrep(query))
    };
    prop_oneof![
        word().prop_map(move |w| text(format!("{w}_call(x)"))),
        word().prop_map(move |w| text(format!("    let y = {w}_call(x);\n"))),
        word().prop_map(move |w| text(format!("fn {w}_fn(x: u8)"))),
        word().prop_map(|w| {
            let query = TreeSitterQuery::new(&format!("fn {w}_fn")).unwrap();
            Query::Rust(RustQuery::TreeSitter(query))
        }),
        word().prop_map(move |w| pattern(format!("{w}_call($A)"))),
        word().prop_map(move |w| pattern(format!("let y = {w}_call($A);"))),
    ]
}

/// An edit whose text often is what another patch looks for.
fn edit(query: &Query) -> impl Strategy<Value = TextEdit> + use<> {
    let kind = query.kind();
    let lines = query.text().ends_with('\n');
    let signature = query.text().starts_with("fn");
    let statement = query.text().starts_with("let");
    (word(), 0..4u8).prop_map(move |(w, which)| {
        let argument = if kind == QueryKind::AstGrep { "$A" } else { "x" };
        let call = format!("{w}_call({argument})");
        let item = format!("fn {w}_fn(x: u8) -> u8 {{\n    let y = {w}_call(x);\n    y + 2\n}}\n");
        let text = match (kind, which) {
            (QueryKind::Text, 0) if signature => format!("fn {w}_fn(x: u8)"),
            (QueryKind::Text, _) if signature => return TextEdit::InsertBefore { text: "pub ".into() },
            (QueryKind::Text, _) if lines => format!("    let z = {w}_call(x);\n"),
            (QueryKind::TreeSitter, _) => item,
            (QueryKind::AstGrep, _) if statement => format!("let y = {call};"),
            _ => return TextEdit::Replace { text: call },
        };
        match which {
            0 => TextEdit::Replace { text },
            1 => TextEdit::InsertBefore { text },
            2 => TextEdit::InsertAfter { text },
            _ => TextEdit::Delete { insert_comment: None },
        }
    })
}

fn patches() -> impl Strategy<Value = Vec<Patch>> {
    let one = query().prop_flat_map(|query| {
        let edit = edit(&query);
        let files = prop::sample::select(vec![vec![0], vec![0], vec![0], vec![1], vec![0, 1], vec![1, 0]]);
        (Just(query), edit, any::<bool>(), files)
    });
    prop::collection::vec(one, 1..6).prop_map(|set| {
        let set = set.into_iter().filter(|(query, edit, ..)| {
            !matches!((query, edit), (Query::Text(q), TextEdit::Replace { text }) if q.search == *text)
        });
        set.enumerate()
            .map(|(index, (query, edit, all, files))| {
                let matches = if all { Matches::All } else { Matches::Exactly(1) };
                patch(index, &files, query.with(edit), matches)
            })
            .collect()
    })
}

/// Decided by the text alone, not by what other patches of the set answer for.
fn fresh(verdict: &Verdict) -> bool {
    matches!(verdict.decision, Decision::Apply | Decision::Absent)
}

/// The patches of a set that are left when those that fail are dropped, as `--keep-going` does.
fn survivors(patches: &[Patch], texts: &Texts) -> (Vec<Patch>, Plan) {
    let mut left = patches.to_vec();
    loop {
        let plan = together(&left, texts);
        let failed = failed(&plan);
        if failed.is_empty() {
            return (left, plan);
        }
        let kept = left.into_iter().enumerate().filter(|(index, _)| !failed.contains(index));
        left = kept.map(|(_, patch)| patch).collect();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn together_is_one_at_a_time(texts in texts(), patches in patches()) {
        let (left, plan) = survivors(&patches, &texts);
        let alone = one_at_a_time(&left, &texts);
        if plan.verdicts.values().all(fresh) && alone != Alone::Mistaken {
            prop_assert_eq!(alone, Alone::Applied(result(&plan)));
        }
    }

    #[test]
    fn what_applies_one_at_a_time_applies_together_unless_patches_meet(texts in texts(), patches in patches()) {
        if let Alone::Applied(expected) = one_at_a_time(&patches, &texts) {
            let plan = together(&patches, &texts);
            for (index, verdict) in &plan.verdicts {
                if let Decision::Fail(failure) = &verdict.decision {
                    use codex_patcher::outcome::Cause::{Ambiguous, NoMatch, NotIdempotent, Overlap};
                    let cause = failure.cause();
                    prop_assert!(matches!(cause, NotIdempotent | NoMatch | Ambiguous | Overlap), "{}", failure);
                    prop_assert!(patches.len() > 1 || cause == NotIdempotent, "alone, {} fails: {}", index, failure);
                }
            }
            if plan.verdicts.values().all(fresh) {
                prop_assert_eq!(result(&plan), expected);
            }
        }
    }

    #[test]
    fn twice_is_once(texts in texts(), patches in patches()) {
        let (left, first) = survivors(&patches, &texts);
        let once = result(&first);
        let second = together(&left, &once);
        prop_assert_eq!(failed(&second), Vec::<usize>::new());
        prop_assert_eq!(result(&second), once);
    }

    #[test]
    fn one_patch_alone_is_never_refused_for_a_second_run(texts in texts(), patches in patches()) {
        for patch in &patches {
            let plan = together(std::slice::from_ref(patch), &texts);
            if let Decision::Fail(failure) = &plan.verdicts[&0].decision {
                let cause = failure.cause();
                prop_assert!(cause != codex_patcher::outcome::Cause::NotIdempotent, "{:?}: {}", patch.action, failure);
            }
        }
    }

    #[test]
    fn a_text_patch_does_what_string_replacement_does(texts in texts(), patches in patches()) {
        for patch in patches.iter().filter(|patch| matches!(patch.action, Action::Text { .. })) {
            let plan = together(std::slice::from_ref(patch), &texts);
            let verdict = &plan.verdicts[&0];
            if let (Decision::Apply, Some(file)) = (&verdict.decision, &verdict.file) {
                let at = PATHS.iter().position(|path| path == file).unwrap();
                let (before, after) = (&texts[at], &result(&plan)[at]);
                prop_assert_eq!(Some(after.replace("\r\n", "\n")), naive_text(patch, &before.replace("\r\n", "\n")));
                prop_assert_eq!(before.contains("\r\n"), after.contains("\r\n"));
            }
        }
    }
}
