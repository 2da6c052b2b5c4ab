//! What other tools, and people, call the keys and choices of a patch file.
//!
//! Hints only: a synonym is a mistake as any other unknown word. Likeness of letters does not find what is meant by
//! `replacement` or `remove`, and would name `file` for `find`.

use super::declared::{Keys, names};
use super::{file_keys, keys, rule_keys};

/// Words, and the keys that they may mean. A key among the words of its own group stands there for where it is not valid.
const KEYS: &[(&[&str], &[&str])] = &[
    (
        &[
            "search",
            "pattern",
            "find",
            "old",
            "old_text",
            "old_str",
            "old_string",
            "needle",
            "query",
            "from",
            "match",
            "code",
            "regex",
            "original",
            "look_for",
            "snippet",
            "before",
            "ast",
            "source",
            "anchor",
        ],
        &["search", "pattern"],
    ),
    (&["match", "count", "times", "occurrences", "expect", "all", "global", "multiple", "max"], &["matches"]),
    (
        &[
            "text",
            "value",
            "new_key",
            "insert_comment",
            "replacement",
            "replace",
            "replace_with",
            "replaced_by",
            "with",
            "new",
            "new_text",
            "new_str",
            "new_string",
            "new_value",
            "content",
            "contents",
            "rewrite",
            "fix",
            "to",
            "code",
            "insert",
            "body",
            "snippet",
            "substitute",
            "substitution",
            "template",
            "after",
            "then",
            "replacement_text",
            "output",
            "line",
            "lines",
            "add",
            "set",
            "new_code",
        ],
        &["text", "value", "new_key", "insert_comment"],
    ),
    (&["comment", "replacement_comment"], &["insert_comment", "description"]),
    (&["new_name", "rename", "rename_to", "name", "to"], &["new_key"]),
    (&["position", "where", "place"], &["positioning"]),
    (&["kind", "mode", "engine", "op", "action", "operation", "method", "lang", "language"], &["type"]),
    (
        &["path", "paths", "files", "filename", "file_name", "file_path", "target", "targets", "filepath"],
        &["file"],
    ),
    (&["name", "title"], &["id"]),
    (&["title", "id"], &["name"]),
    (&["why", "reason", "note", "notes", "summary", "desc", "rationale"], &["description"]),
    (
        &["version", "version_range", "versions", "range", "codex_version", "min_version"],
        &["version", "version_range"],
    ),
    (&["disabled", "disable", "enable", "active", "skip", "off"], &["enabled"]),
    (&["op", "action", "edit", "change"], &["operation"]),
    (&["find", "match", "locate", "selector"], &["query"]),
    (&["table", "header", "path"], &["section"]),
    (&["threshold", "similarity", "fuzziness", "fuzz", "tolerance"], &["fuzzy_threshold"]),
    (&["function", "fn", "in_function", "inside", "scope", "within", "function_name"], &["function_context"]),
    (&["expected", "text", "content", "contents", "match", "exact"], &["expected_text"]),
    (&["hash", "sha256", "sha", "xxh3", "checksum", "digest", "expected_hash"], &["expected"]),
    (&["type", "kind", "mode"], &["method"]),
    (&["patch", "change", "changes", "edits", "rules", "rule", "hunks"], &["patches"]),
    (&["package", "info", "header", "set", "metadata"], &["meta"]),
];

/// Words, and the choice that they mean.
const CHOICES: &[(&[&str], &[&str])] = &[
    (&["string", "literal", "exact", "substring", "verbatim", "plain", "regex", "str", "search"], &["text"]),
    (&["ast", "sg", "pattern", "rust", "code", "structural", "syntax"], &["ast-grep"]),
    (&["ts", "item", "function", "fn", "struct", "sexp", "query", "symbol"], &["tree-sitter"]),
    (&["cargo", "manifest", "config"], &["toml"]),
    (
        &[
            "substitute",
            "sub",
            "rewrite",
            "update",
            "modify",
            "change",
            "edit",
            "overwrite",
            "fix",
            "replace-with",
        ],
        &["replace", "replace-value"],
    ),
    (&["remove", "drop", "erase", "del", "rm", "cut", "delete"], &["delete", "delete-key", "delete-section"]),
    (&["prepend", "before", "insert", "add-before"], &["insert-before"]),
    (&["append", "add", "insert", "after", "add-after"], &["insert-after"]),
    (&["insert", "add", "add-section"], &["insert-section"]),
    (&["set", "assign", "put", "set-key", "add-key", "insert-key"], &["set-value"]),
    (&["rename", "rename-key", "move"], &["replace-key"]),
    (&["exact", "text", "equals", "content", "literal"], &["exact-match"]),
    (&["checksum", "digest", "sha256", "xxh3"], &["hash"]),
];

/// A table as messages name it, and its keys.
type NamedKeys = (&'static str, fn() -> Keys);

/// Where the keys of a patch stand.
const TABLES: &[NamedKeys] = &[
    ("`[patches.query]`", || keys::QUERY_TABLE.keys),
    ("`[patches.operation]`", || keys::OPERATION_TABLE.keys),
    ("`[patches.constraint]`", || keys::CONSTRAINT_TABLE.keys),
    ("`rule` of the query", || rule_keys::KEYS),
    ("`[[patches]]`", || file_keys::PATCH_TABLE.keys),
    ("`[meta]`", || file_keys::META_TABLE.keys),
];

/// The keys among `known` that `word` may mean.
pub(super) fn of_key<'k>(word: &str, known: &[&'k str]) -> Vec<&'k str> {
    meant(KEYS, &word.replace('-', "_"), known)
}

/// The choices among `known` that `word` may mean.
pub(super) fn of_choice<'k>(word: &str, known: &[&'k str]) -> Vec<&'k str> {
    meant(CHOICES, &word.replace('_', "-"), known)
}

fn meant<'k>(groups: &[(&[&str], &[&str])], word: &str, known: &[&'k str]) -> Vec<&'k str> {
    let word = word.to_lowercase();
    let mut found: Vec<&str> = Vec::new();
    for (_, means) in groups.iter().filter(|(words, _)| words.contains(&word.as_str())) {
        found.extend(known.iter().filter(|name| means.contains(name)));
    }
    found.dedup();
    found
}

/// The key that `word` is, or may mean, in another table of a patch, and that table.
pub(super) fn elsewhere(word: &str) -> Option<(&'static str, &'static str)> {
    let word = word.replace('-', "_");
    let own = TABLES.iter().find_map(|(table, keys)| {
        names(keys()).into_iter().find(|name| *name == word && *name != "type").map(|name| (name, *table))
    });
    own.or_else(|| {
        TABLES.iter().find_map(|(table, keys)| {
            of_key(&word, &names(keys())).into_iter().find(|name| *name != "type").map(|name| (name, *table))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patch::{OperationKind, QueryKind};

    #[test]
    fn every_synonym_means_something_that_there_is() {
        let mut known: Vec<&str> = TABLES.iter().flat_map(|(_, keys)| names(keys())).collect();
        known.extend(names(file_keys::ROOT.keys));
        known.extend(["method", "expected", "expected_text"]);
        for key in KEYS.iter().flat_map(|(_, means)| *means) {
            assert!(known.contains(key), "{key}");
        }
        let choices: Vec<&str> = (QueryKind::ALL.iter().map(|kind| kind.name()))
            .chain(OperationKind::ALL.iter().map(|kind| kind.name()))
            .chain(["exact-match", "hash"])
            .collect();
        for choice in CHOICES.iter().flat_map(|(_, means)| *means) {
            assert!(choices.contains(choice), "{choice}");
        }
    }

    #[test]
    fn a_word_is_told_of_the_key_of_its_own_table_first() {
        let query = names(keys::of_query(QueryKind::Text).keys);
        let replace = names(keys::of_operation(OperationKind::Replace).keys);
        for word in ["find", "old", "Find", "old-text"] {
            assert_eq!(of_key(word, &query), ["search"], "{word}");
        }
        for word in ["replacement", "replace", "with", "new", "content", "rewrite", "fix", "value"] {
            assert_eq!(of_key(word, &replace), ["text"], "{word}");
        }
        assert_eq!(of_key("match", &query), ["search", "matches"]);
        assert_eq!(of_key("colour", &query), [""; 0]);
        assert_eq!(elsewhere("replacement"), Some(("text", "`[patches.operation]`")));
        assert_eq!(elsewhere("selector"), Some(("selector", "`[patches.query]`")));
        assert_eq!(elsewhere("inside"), Some(("inside", "`rule` of the query")));
        assert_eq!(elsewhere("colour"), None);
    }
}
