//! Properties over generated patch sets, chains included: planning all patches together means what applying one after
//! another means, and a set that was applied changes nothing the second time.

use std::collections::BTreeMap;
use std::sync::Arc;

use codex_patcher::patch::{Drift, Layout, Matches, Operation, Origin, Patch, Query, TextQuery};
use codex_patcher::plan::draft::Draft;
use codex_patcher::plan::{Decision, Plan, Task, Terms, Verdict, plan};
use codex_patcher::sg::matcher::AstGrepQuery;
use codex_patcher::sg::pattern::PatternSource;
use codex_patcher::source::Source;
use codex_patcher::ts::locator::TreeSitterQuery;
use proptest::prelude::*;

const PATHS: [&str; 2] = ["src/lib.rs", "src/other.rs"];

fn patch(index: usize, files: &[usize], query: Query, operation: Operation, matches: Matches) -> Patch {
    Patch {
        id: format!("p{index}"),
        description: None,
        origin: Origin { file: Arc::from("set.toml"), line: 1 },
        files: files.iter().map(|file| PATHS[*file].to_owned()).collect(),
        workspace_relative: true,
        versions: Vec::new(),
        enabled: true,
        query,
        matches,
        operation,
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
        Task { index, patch, targets: patch.files.clone(), terms: Terms::EXACT }
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
    let Query::Text(query) = &patch.query else { return None };
    let found = text.matches(&query.search).count();
    let wanted = matches!(patch.matches, Matches::All) && found > 0 || found == 1;
    let with = |new: &str| wanted.then(|| text.replace(&query.search, new));
    match &patch.operation {
        Operation::Replace { text: new, .. } => with(new),
        Operation::Delete { .. } => with(""),
        Operation::InsertBefore { text: new, .. } => with(&format!("{new}{}", query.search)),
        Operation::InsertAfter { text: new, .. } => with(&format!("{}{new}", query.search)),
        Operation::Toml(_) => None,
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

fn query() -> impl Strategy<Value = Query> {
    prop_oneof![
        word().prop_map(|w| Query::Text(TextQuery { search: format!("{w}_call(x)"), fuzzy: None })),
        word().prop_map(|w| Query::Text(TextQuery {
            search: format!("    let y = {w}_call(x);\n"),
            fuzzy: None
        })),
        word().prop_map(|w| Query::Text(TextQuery { search: format!("fn {w}_fn(x: u8)"), fuzzy: None })),
        word().prop_map(|w| Query::TreeSitter(TreeSitterQuery::new(&format!("fn {w}_fn")).unwrap())),
        word().prop_map(|w| {
            let text = format!("{w}_call($A)");
            Query::AstGrep(AstGrepQuery::pattern(PatternSource { text, selector: None }).unwrap())
        }),
        word().prop_map(|w| {
            let text = format!("let y = {w}_call($A);");
            Query::AstGrep(AstGrepQuery::pattern(PatternSource { text, selector: None }).unwrap())
        }),
    ]
}

/// An operation whose text often is what another patch looks for.
fn operation(query: &Query) -> impl Strategy<Value = Operation> + use<> {
    let kind = query.kind();
    let captures = matches!(query, Query::AstGrep(q) if q.variables().contains("A"));
    let whole_fn = matches!(query, Query::TreeSitter(_));
    let lines = matches!(query, Query::Text(q) if q.search.ends_with('\n'));
    let signature = matches!(query, Query::Text(q) if q.search.starts_with("fn"));
    let statement = matches!(query, Query::AstGrep(q) if q.text().is_some_and(|t| t.starts_with("let")));
    (word(), 0..4u8).prop_map(move |(w, which)| {
        let layout = Layout::default();
        let argument = if captures { "$A" } else { "x" };
        let call = format!("{w}_call({argument})");
        let item = format!("fn {w}_fn(x: u8) -> u8 {{\n    let y = {w}_call(x);\n    y + 2\n}}\n");
        let text = match (kind, which) {
            ("text", 0) if signature => format!("fn {w}_fn(x: u8)"),
            ("text", _) if signature => return Operation::InsertBefore { text: "pub ".into(), layout },
            ("text", _) if lines => format!("    let z = {w}_call(x);\n"),
            ("text", _) => return Operation::Replace { text: call, layout },
            _ if whole_fn => item,
            _ if statement => format!("let y = {call};"),
            _ => return Operation::Replace { text: call, layout },
        };
        match which {
            0 => Operation::Replace { text, layout },
            1 => Operation::InsertBefore { text, layout },
            2 => Operation::InsertAfter { text, layout },
            _ => Operation::Delete { insert_comment: None, layout },
        }
    })
}

fn patches() -> impl Strategy<Value = Vec<Patch>> {
    let one = query().prop_flat_map(|query| {
        let operation = operation(&query);
        let files = prop::sample::select(vec![vec![0], vec![0], vec![0], vec![1], vec![0, 1], vec![1, 0]]);
        (Just(query), operation, any::<bool>(), files)
    });
    prop::collection::vec(one, 1..6).prop_map(|set| {
        let set = set.into_iter().filter(|(query, operation, ..)| {
            !matches!((query, operation), (Query::Text(q), Operation::Replace { text, .. }) if q.search == *text)
        });
        set.enumerate()
            .map(|(index, (query, operation, all, files))| {
                patch(index, &files, query, operation, if all { Matches::All } else { Matches::Exactly(1) })
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
                prop_assert!(cause != codex_patcher::outcome::Cause::NotIdempotent, "{:?}: {}", patch.operation, failure);
            }
        }
    }

    #[test]
    fn a_text_patch_does_what_string_replacement_does(texts in texts(), patches in patches()) {
        for patch in patches.iter().filter(|patch| matches!(patch.query, Query::Text(_))) {
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
