//! The obvious implementation, to be measured against: every patch on its own.
//!
//! For each patch the file is read, a parser made, the query compiled, its one place found in the whole tree, the text
//! spliced, the result parsed with another new parser, and the file written, before the next patch is looked at. It is
//! no straw man: it makes no proof of a second run, keeps no line ends, explains nothing, has its patches parsed
//! already, and no match costs it more than the library's. What it writes, it writes with the writer that is
//! measured, so that a file is as safe on the disk afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use ast_grep_core::tree_sitter::StrDoc;
use ast_grep_core::{AstGrep, NodeMatch, Pattern};
use ast_grep_language::Rust;
use codex_patcher::commit::{NewContent, commit};
use tree_sitter::{Node, Parser, Tree};

/// One patch. Every operation puts `text` in the place of what `query` finds.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    /// The target, relative to the root.
    pub(crate) file: String,
    /// What to look for.
    pub(crate) query: Query,
    /// What to put there.
    pub(crate) text: String,
}

/// What to look for.
#[derive(Debug, Clone)]
pub(crate) enum Query {
    /// Verbatim text.
    Text(String),
    /// An ast-grep pattern.
    Pattern(String),
    /// The item with this name, of the kind with this keyword: `fn` or `const`.
    Item(&'static str, String),
    /// The value of a key in a section.
    Toml(String, String),
}

/// Where results go.
pub(crate) enum Sink {
    /// To the disk, after every patch.
    Disk,
    /// Nowhere but to the next patch on the same file.
    LockState(BTreeMap<String, String>),
}

/// Applies `patches` below `root`, one after another, and says how many changed something.
pub(crate) fn apply(root: &Path, patches: &[Patch], sink: &mut Sink) -> usize {
    patches.iter().filter(|patch| apply_one(root, patch, sink)).count()
}

fn apply_one(root: &Path, patch: &Patch, sink: &mut Sink) -> bool {
    let path = root.join(&patch.file);
    let before = match sink {
        Sink::LockState(files) if files.contains_key(&patch.file) => files[&patch.file].clone(),
        _ => fs::read_to_string(&path).unwrap(),
    };
    let Some((span, text)) = locate(patch, &before) else { return false };
    let after = [&before[..span.start], &text, &before[span.end..]].concat();
    assert!(is_valid(&patch.file, &after), "{} is still valid", patch.file);
    match sink {
        Sink::LockState(files) => drop(files.insert(patch.file.clone(), after)),
        Sink::Disk => {
            let (before, after) = (Some(before.as_bytes()), after.as_bytes());
            let change = NewContent { path, shown: patch.file.clone(), before, after };
            commit(Some(root), &[change], &|_| false).unwrap();
        }
    }
    true
}

/// The one place, and what to put there; `None` where the effect is in place.
fn locate(patch: &Patch, text: &str) -> Option<(Range<usize>, String)> {
    let plain = |span: Range<usize>| (text[span.clone()] != patch.text).then(|| (span, patch.text.clone()));
    match &patch.query {
        Query::Text(search) => {
            let found: Vec<usize> = text.match_indices(search).map(|(at, _)| at).collect();
            match *found.as_slice() {
                [at] => Some((at..at + search.len(), patch.text.clone())),
                [] if text.contains(&patch.text) => None,
                _ => panic!("`{search}` is there {} times", found.len()),
            }
        }
        Query::Pattern(pattern) => locate_pattern(pattern, &patch.text, text),
        Query::Item(keyword, name) => plain(locate_item(keyword, name, text)),
        Query::Toml(section, key) => plain(locate_value(section, key, text)),
    }
}

fn parse(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_rust::LANGUAGE.into()).unwrap();
    parser.parse(text, None).unwrap()
}

fn is_valid(file: &str, text: &str) -> bool {
    if file.ends_with(".rs") {
        return !parse(text).root_node().has_error();
    }
    toml::de::DeTable::parse(text).is_ok()
}

fn locate_pattern(pattern: &str, template: &str, text: &str) -> Option<(Range<usize>, String)> {
    let compiled = Pattern::try_new(pattern, Rust).unwrap();
    let tree = AstGrep::doc(StrDoc { src: text.to_owned(), lang: Rust, tree: parse(text) });
    let root = tree.root();
    let found: Vec<NodeMatch<'_, StrDoc<Rust>>> = root.find_all(&compiled).collect();
    match found.as_slice() {
        [one] => Some((one.range(), expand(template, one, text))),
        [] => {
            let standing = Pattern::try_new(template, Rust).unwrap();
            assert!(root.find(&standing).is_some(), "neither `{pattern}` nor `{template}` is there");
            None
        }
        several => panic!("`{pattern}` is there {} times", several.len()),
    }
}

/// `template` with the source of what was captured.
fn expand(template: &str, found: &NodeMatch<'_, StrDoc<Rust>>, text: &str) -> String {
    let mut result = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let name = rest[at..].trim_start_matches('$');
        let many = rest[at..].starts_with("$$$");
        let end = name.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(name.len());
        if many {
            let nodes = found.get_env().get_multiple_matches(&name[..end]);
            if let (Some(first), Some(last)) = (nodes.first(), nodes.last()) {
                result.push_str(&text[first.range().start..last.range().end]);
            }
        } else {
            result.push_str(&text[found.get_env().get_match(&name[..end]).unwrap().range()]);
        }
        rest = &name[end..];
    }
    result + rest
}

fn locate_item(keyword: &str, name: &str, text: &str) -> Range<usize> {
    let kind = if keyword == "fn" { "function_item" } else { "const_item" };
    let tree = parse(text);
    let mut found = Vec::new();
    collect(tree.root_node(), kind, name, text, &mut found);
    assert_eq!(found.len(), 1, "{keyword} {name}");
    found.remove(0)
}

fn collect(node: Node<'_>, kind: &str, name: &str, text: &str, found: &mut Vec<Range<usize>>) {
    let named = || node.child_by_field_name("name").is_some_and(|n| &text[n.byte_range()] == name);
    if node.kind() == kind && named() {
        found.push(node.byte_range());
    }
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        collect(child, kind, name, text, found);
    }
}

fn locate_value(section: &str, key: &str, text: &str) -> Range<usize> {
    let document = toml::de::DeTable::parse(text).unwrap();
    let mut table = document.get_ref();
    for part in section.split('.') {
        table = table[part].get_ref().as_table().unwrap();
    }
    table[key].span()
}
