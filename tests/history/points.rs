//! Places in the base tree that a user might want to change, and small changes there.

use std::sync::LazyLock;

use codex_patcher::rust::syntax::{Syntax, errors, walk};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::follow::Place;

/// What is done to a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Edit {
    /// This stands in its stead.
    Replace(String),
    /// This stands below it.
    InsertAfter(String),
    Delete,
}

/// An item that holds a line; lines counted from 0, the last one included.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// As the tree-sitter shorthand has it.
    pub(crate) shorthand: String,
    /// As an ast-grep pattern.
    pub(crate) pattern: String,
}

/// A line, what is done there, and what can name it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) place: Place,
    pub(crate) role: String,
    pub(crate) edit: Edit,
    pub(crate) item: Option<Item>,
    /// It is a statement, an arm or a field by itself.
    pub(crate) whole: bool,
    /// TOML: section, key, the new value.
    pub(crate) key: Option<[String; 3]>,
}

/// A number that is the same in every run.
pub(crate) fn hash(what: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(format!("codex-patcher history {what}").as_bytes())
}

fn is_test(path: &str) -> bool {
    ["/tests/", "test_", "_test", "/tests.rs", "/benches/", "/examples/"]
        .iter()
        .any(|part| path.contains(part))
}

fn is_ours(path: &str) -> bool {
    !["/vendor/", "generated", "codex-backend-openapi-models", "/schema/"]
        .iter()
        .any(|part| path.contains(part))
}

/// The name of the innermost item around a line, from zero: a function's with the type that it belongs to.
pub(crate) fn item_at(text: &str, line: usize) -> Option<String> {
    let syntax = Syntax::parse(text);
    let mut found = None;
    walk(syntax.tree(), |node, _| {
        let is_around = (node.start_position().row..=node.end_position().row).contains(&line);
        let is_item = matches!(
            node.kind(),
            "function_item"
                | "function_signature_item"
                | "const_item"
                | "static_item"
                | "struct_item"
                | "enum_item"
        );
        if is_around && is_item {
            let name = |node: tree_sitter::Node<'_>, field: &str| {
                node.child_by_field_name(field).map(|name| text[name.byte_range()].to_owned())
            };
            let holder = node.parent().and_then(|list| list.parent());
            let holder = holder.and_then(|holder| name(holder, "type").or_else(|| name(holder, "name")));
            found =
                Some(format!("{}::{}", holder.unwrap_or_default(), name(node, "name").unwrap_or_default()));
        }
        is_around
    });
    found
}

/// All that can be a point in a file.
pub(crate) fn candidates(path: &str, text: &str) -> Vec<Point> {
    if !is_ours(path) {
        Vec::new()
    } else if path.ends_with(".rs") {
        in_rust(path, text)
    } else if path.ends_with(".toml") {
        in_toml(path, text)
    } else {
        Vec::new()
    }
}

struct Holder {
    item: Item,
    role: String,
    body: std::ops::Range<usize>,
    test: bool,
}

fn in_rust(path: &str, text: &str) -> Vec<Point> {
    let syntax = Syntax::parse(text);
    if !errors(syntax.tree()).is_empty() || text.contains('\r') {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let (mut holders, mut wholes, mut strings) = (Vec::new(), Vec::new(), Vec::new());
    walk(syntax.tree(), |node, _| {
        let (first, last) = (node.start_position().row, node.end_position().row);
        let named = |field: &str| node.child_by_field_name(field);
        let name = named("name").map(|name| text[name.byte_range()].to_owned()).unwrap_or_default();
        let mut hold = |role: &str, shorthand, pattern, body: tree_sitter::Node<'_>| {
            let (from, to) = (body.start_position().row, body.end_position().row);
            let body = if from == to { from..to + 1 } else { from + 1..to };
            let mut above = node.parent();
            let mut test = is_test(path);
            while let Some(node) = above {
                test |= node.kind() == "mod_item" && text[node.start_byte()..].starts_with("mod tests");
                above = node.parent();
            }
            holders.push(Holder {
                item: Item { first, last, shorthand, pattern },
                role: role.to_owned(),
                body,
                test,
            });
        };
        match node.kind() {
            "function_item" => {
                let owner =
                    node.parent().and_then(|list| list.parent()).filter(|up| up.kind() == "impl_item");
                let owner = owner.and_then(|up| up.child_by_field_name("type"));
                let owner = owner.map(|owner| {
                    text[owner.byte_range()].split(['<', ' ']).next().unwrap_or_default().to_owned() + "::"
                });
                if let Some(body) = named("body") {
                    let head = text[node.start_byte()..body.start_byte()].trim_end();
                    let shorthand = format!("fn {}{name}", owner.unwrap_or_default());
                    hold("fn", shorthand, format!("{head} {{ $$$BODY }}"), body);
                }
            }
            kind @ ("const_item" | "static_item") => {
                if let Some(value) = named("value") {
                    let head = text[node.start_byte()..value.start_byte()].trim_end();
                    let word = if kind == "const_item" { "const" } else { "static" };
                    hold(word, format!("{word} {name}"), format!("{head} $VALUE;"), node);
                }
            }
            kind @ ("struct_item" | "enum_item") => {
                if let Some(body) =
                    named("body").filter(|body| body.kind() != "ordered_field_declaration_list")
                {
                    let head = text[node.start_byte()..body.start_byte()].trim_end();
                    let word = kind.trim_end_matches("_item");
                    hold(word, format!("{word} {name}"), format!("{head} {{ $$$FIELDS }}"), body);
                }
            }
            "let_declaration" | "expression_statement" | "match_arm" => {
                wholes.push((first, last, node.kind()));
            }
            "field_declaration" => wholes.push((first, last, node.kind())),
            "string_literal" | "raw_string_literal" if last > first => strings.push(first + 1..last + 1),
            "block_comment" => strings.push(first..last + 1),
            _ => {}
        }
        true
    });
    let mut points = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        let letters = trimmed.chars().filter(|c| c.is_alphanumeric()).count();
        let plain = !trimmed.starts_with("//") && !trimmed.starts_with("#[") && !trimmed.starts_with("use ");
        if letters < 8 || !plain || strings.iter().any(|string| string.contains(&at)) {
            continue;
        }
        // Holders come outermost first.
        let Some(holder) = holders.iter().rev().find(|holder| holder.body.contains(&at)) else { continue };
        let seed = hash(&format!("{path}:{at}"));
        if holder.test && seed % 16 != 1 {
            continue;
        }
        let whole = wholes.iter().find(|(first, last, _)| (*first, *last) == (at, at)).map(|whole| whole.2);
        let Some(edit) = edit(line, whole, seed / 16) else { continue };
        let kind = whole.unwrap_or("part");
        let test = if holder.test { " in a test" } else { "" };
        let item = &holder.item;
        let alone = lines[item.first].trim_start().len() + lines[item.last].trim().len() > 0;
        points.push(Point {
            place: Place { path: path.to_owned(), line: at },
            role: format!("{} {kind}{test}", holder.role),
            edit,
            item: alone.then(|| item.clone()),
            whole: whole.is_some(),
            key: None,
        });
    }
    points
}

fn edit(line: &str, whole: Option<&str>, seed: u64) -> Option<Edit> {
    let indent = &line[..line.len() - line.trim_start().len()];
    let number = seed % 997;
    match (whole, seed / 997 % 10) {
        (Some("let_declaration" | "expression_statement"), 0 | 1) if line.ends_with(';') => {
            return Some(Edit::InsertAfter(format!("{indent}custom_hook({number});")));
        }
        (Some("match_arm"), 0 | 1) if line.ends_with(',') => {
            return Some(Edit::InsertAfter(format!("{indent}_ if custom_hook({number}) => todo!(),")));
        }
        (Some("field_declaration"), 0 | 1) if line.ends_with(',') => {
            return Some(Edit::InsertAfter(format!("{indent}pub custom_{number}: bool,")));
        }
        (Some(_), 2) => return Some(Edit::Delete),
        _ => {}
    }
    changed(line, seed / 9970).map(Edit::Replace)
}

/// The line with one thing changed.
fn changed(line: &str, seed: u64) -> Option<String> {
    static WAYS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let way = |pattern, to| (Regex::new(pattern).unwrap(), to);
        vec![
            way(r#"(^|[^\w.'"])(\d[\d_]*)($|[^\w.'"])"#, "${1}${2}7$3"),
            way(r#""([^"\\{}]+)""#, r#""$1-custom""#),
            way(r"\btrue\b", "false"),
            way(r"\bfalse\b", "true"),
            way(r" == ", " != "),
            way(r" != ", " == "),
            way(r" && ", " || "),
            way(r" \|\| ", " && "),
            way(r"\.([a-z_]\w*)\(", ".custom_$1("),
            way(r"(^|[^\w.!])([a-z_]\w{3,})\(", "${1}custom_$2("),
            way(r"^(\s*(?:pub )?[a-z_]\w*: )([A-Z][\w<>:]*),$", "${1}Option<$2>,"),
            way(r"\b([A-Z]\w+)::([A-Z]\w+)\b", "$1::Custom$2"),
            way(r"= ([a-z_][\w.]*);$", "= custom($1);"),
            way(r"^(\s*)([a-z_]\w*),$", "${1}custom_$2,"),
        ]
    });
    if line.contains("fn ") {
        return None;
    }
    let fit: Vec<&(Regex, &str)> = WAYS.iter().filter(|way| way.0.is_match(line)).collect();
    let (pattern, to) = fit.get(usize::try_from(seed % 64).unwrap() % fit.len().max(1))?;
    let new = pattern.replacen(line, 1, *to).into_owned();
    (new != line).then_some(new)
}

fn in_toml(path: &str, text: &str) -> Vec<Point> {
    static PAIR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^([\w.-]+) = (.+)$").unwrap());
    let (mut points, mut section) = (Vec::new(), String::new());
    for (at, line) in text.lines().enumerate() {
        if let Some(header) = line.strip_prefix('[') {
            section = header.strip_suffix(']').filter(|name| !name.starts_with('[')).unwrap_or("").to_owned();
            continue;
        }
        let Some(pair) = PAIR.captures(line).filter(|_| !section.is_empty()) else { continue };
        let (key, value) = (&pair[1], &pair[2]);
        let new = match value {
            "true" => "false".to_owned(),
            "false" => "true".to_owned(),
            _ if value.starts_with("{ ") && value.ends_with(" }") && !value.contains("default-features") => {
                value.replace(" }", ", default-features = false }")
            }
            _ if value.starts_with('"') && value.ends_with('"') && value.matches('"').count() == 2 => {
                format!("\"{}-custom\"", value.trim_matches('"'))
            }
            _ => continue,
        };
        points.push(Point {
            place: Place { path: path.to_owned(), line: at },
            role: "toml key".to_owned(),
            edit: Edit::Replace(format!("{key} = {new}")),
            item: None,
            whole: false,
            key: Some([section.clone(), key.to_owned(), new]),
        });
    }
    points
}

/// The text with the edit done at a line of it that looks like `line`, give or take its indentation.
pub(crate) fn apply(text: &str, at: usize, base_line: &str, edit: &Edit) -> String {
    let indent = |line: &str| line[..line.len() - line.trim_start().len()].to_owned();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let (old, new) = (indent(base_line), indent(&lines[at]));
    let again = |line: &String| match line.strip_prefix(&old) {
        Some(rest) => format!("{new}{rest}\n"),
        None => format!("{line}\n"),
    };
    match edit {
        Edit::Replace(line) => lines[at] = again(line),
        Edit::InsertAfter(line) => lines.insert(at + 1, again(line)),
        Edit::Delete => drop(lines.remove(at)),
    }
    lines.concat()
}
