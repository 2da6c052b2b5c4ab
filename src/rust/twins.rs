//! Names that one scope holds twice: what parses and still is no program (E0428, E0592, E0124, E0201, E0252 and their like).
//!
//! It tells what is written and resolves nothing, so it keeps to what is certain whatever the names mean. A name is one
//! for each namespace, as rustc has them. What `#[cfg]` or a macro's attribute may take away is no twin, nor is anything in
//! an item that a macro rewrites. Of two imports of one name, one may be a macro and the other a type (`thiserror::Error` and
//! `std::error::Error`): only the same path is certain, and what begins with a capital and comes from this crate or `std`.

use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::Node;

use super::kinds::ItemKind;
use super::syntax::Syntax;

/// A name that stands in one scope a second time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Twin {
    /// What it is, with its name as written: "fn `helper`".
    pub(crate) what: String,
    /// Byte offset of the one before it.
    pub(crate) first: usize,
    /// Byte offset of this one.
    pub(crate) second: usize,
}

/// Two of one name in one of these are twins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    /// Types, modules, traits.
    Type,
    /// Functions, constants, statics.
    Value,
    /// Tuple and unit structs are both.
    TypeAndValue,
    /// Imports may be anything.
    Import,
    /// Fields, variants, arms, parameters, implementations: there is one space where they stand.
    Own,
}

struct Declared {
    space: Space,
    name: String,
    what: String,
    at: usize,
    /// Of an import: the whole path.
    path: String,
}

/// A child of a scope with what stands above it.
struct Member<'t> {
    node: Node<'t>,
    /// Where its attributes begin.
    start: usize,
    /// An attribute may take it away, or make something else of it.
    is_uncertain: bool,
}

/// The twins in all scopes in which an edit may have put something; `edited` are half-open byte ranges.
pub(crate) fn twins(syntax: &Syntax, edited: &[Range<usize>]) -> Vec<Twin> {
    let text = syntax.text();
    let touched =
        |range: Range<usize>| edited.iter().any(|edit| edit.start <= range.end && range.start <= edit.end);
    let mut found = Vec::new();
    let mut open = vec![syntax.tree().root_node()];
    while let Some(node) = open.pop() {
        let members: Vec<Member<'_>> = members(node, text)
            .into_iter()
            .filter(|member| touched(member.start..member.node.end_byte()))
            .collect();
        let is_put_in = |member: &Member<'_>| {
            declared(member.node, text).iter().any(|one| touched(member.start..one.at + one.name.len()))
        };
        if is_scope(node) && members.iter().any(is_put_in) {
            twins_in(node, text, &mut found);
        }
        open.extend(
            members.iter().filter(|member| !member.is_uncertain || !is_item(member.node)).map(|m| m.node),
        );
    }
    found
}

fn is_scope(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "source_file"
            | "declaration_list"
            | "block"
            | "match_block"
            | "field_declaration_list"
            | "enum_variant_list"
            | "field_initializer_list"
            | "parameters"
            | "closure_parameters"
            | "type_parameters"
    )
}

fn is_item(node: Node<'_>) -> bool {
    ItemKind::of_node(node).is_some() || matches!(node.kind(), "use_declaration" | "foreign_mod_item")
}

fn members<'t>(node: Node<'t>, text: &str) -> Vec<Member<'t>> {
    let mut cursor = node.walk();
    let mut members = Vec::new();
    let mut above: Option<(usize, bool)> = None;
    for child in node.named_children(&mut cursor) {
        match child.kind() {
            "attribute_item" => {
                let (start, is_uncertain) = above.unwrap_or((child.start_byte(), false));
                above = Some((start, is_uncertain || is_macro(child, text)));
            }
            "line_comment" | "block_comment" => {}
            _ => {
                let (start, is_uncertain) = above.take().unwrap_or((child.start_byte(), false));
                let mut inside = child.walk();
                let own =
                    child.named_children(&mut inside).take_while(|node| node.kind() == "attribute_item");
                let is_uncertain = is_uncertain || own.into_iter().any(|own| is_macro(own, text));
                members.push(Member { node: child, start, is_uncertain });
            }
        }
    }
    members
}

/// rustc's own attributes that leave an item where it is, and those of derives.
const HARMLESS: &[&str] = &[
    "allow",
    "warn",
    "deny",
    "forbid",
    "expect",
    "inline",
    "cold",
    "must_use",
    "deprecated",
    "doc",
    "derive",
    "test",
    "ignore",
    "should_panic",
    "repr",
    "non_exhaustive",
    "track_caller",
    "no_mangle",
    "unsafe",
    "export_name",
    "link",
    "link_name",
    "link_section",
    "target_feature",
    "used",
    "default",
    "automatically_derived",
    "macro_export",
    "macro_use",
    "path",
    "global_allocator",
    "panic_handler",
    "bench",
    "rustfmt::skip",
    "serde",
    "clap",
    "arg",
    "command",
    "value",
    "error",
    "from",
    "source",
    "schemars",
    "strum",
];

/// Whether an attribute may take away what it stands on. What ends in `test` makes a test of a function and keeps it.
fn is_macro(attribute: Node<'_>, text: &str) -> bool {
    !is_harmless(path_of(attribute, text))
}

fn path_of<'t>(attribute: Node<'_>, text: &'t str) -> &'t str {
    let inner = text[attribute.byte_range()].trim_start_matches(['#', '[', ' ']);
    let end = inner.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':'))).unwrap_or(inner.len());
    &inner[..end]
}

/// Attribute macros that hand on what they get.
const HAND_ON: &[&str] =
    &["async_trait", "async_trait::async_trait", "instrument", "tracing::instrument", "tokio::main"];

/// Whether what an attribute of this path stands on is compiled as it is written, where it is compiled.
pub(crate) fn leaves_as_written(path: &str) -> bool {
    matches!(path, "cfg" | "cfg_attr") || HAND_ON.contains(&path) || is_harmless(path)
}

/// Whether `item` is compiled as it is written, by the attributes above it.
pub(crate) fn is_as_written(item: Node<'_>, text: &str) -> bool {
    let above = std::iter::successors(item.prev_sibling(), Node::prev_sibling);
    above
        .take_while(|node| matches!(node.kind(), "attribute_item" | "line_comment" | "block_comment"))
        .filter(|node| node.kind() == "attribute_item")
        .all(|attribute| leaves_as_written(path_of(attribute, text)))
}

/// Whether an attribute of this path leaves what it stands on where it is.
fn is_harmless(path: &str) -> bool {
    HARMLESS.contains(&path) || path.rsplit("::").next() == Some("test") || path.starts_with("clippy::")
}

fn twins_in(scope: Node<'_>, text: &str, found: &mut Vec<Twin>) {
    let mut seen: HashMap<String, Vec<Declared>> = HashMap::new();
    for body in bodies(scope, text) {
        let certain = members(body, text).into_iter().filter(|member| !member.is_uncertain);
        for one in certain.flat_map(|member| declared(member.node, text)) {
            let others = seen.entry(one.name.clone()).or_default();
            if let Some(other) = others.iter().rev().find(|other| are_twins(other, &one)) {
                let twin = Twin { what: one.what.clone(), first: other.at, second: one.at };
                // Of blocks with the same head each is a scope that was edited.
                if !found.contains(&twin) {
                    found.push(twin);
                }
            }
            others.push(one);
        }
    }
}

/// The scope itself; of an inherent `impl` all with the same head beside it.
fn bodies<'t>(scope: Node<'t>, text: &str) -> Vec<Node<'t>> {
    let is_body = |owner: &Node<'_>| owner.child_by_field_name("body") == Some(scope);
    let Some(owner) = scope.parent().filter(|owner| owner.kind() == "impl_item" && is_body(owner)) else {
        return vec![scope];
    };
    let Some(around) = owner.parent().filter(|_| owner.child_by_field_name("trait").is_none()) else {
        return vec![scope];
    };
    let own = head(owner, text);
    let alike = members(around, text).into_iter().filter(|member| {
        member.node.kind() == "impl_item"
            && (member.node == owner || !member.is_uncertain && head(member.node, text) == own)
    });
    alike.filter_map(|member| member.node.child_by_field_name("body")).collect()
}

/// An `impl` up to its body, without white space.
fn head(item: Node<'_>, text: &str) -> String {
    let end = item.child_by_field_name("body").map_or(item.end_byte(), |body| body.start_byte());
    squeezed(&text[item.start_byte()..end])
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn are_twins(a: &Declared, b: &Declared) -> bool {
    use Space::{Import, Own, Type, TypeAndValue, Value};
    match (a.space, b.space) {
        (Import, Import) => a.path == b.path || is_type_of_here(a) && is_type_of_here(b),
        (Import, Type | TypeAndValue) => is_type_of_here(a),
        (Type | TypeAndValue, Import) => is_type_of_here(b),
        (Import, _) | (_, Import) | (Type, Value) | (Value, Type) | (Own, Type | Value | TypeAndValue) => {
            false
        }
        (Type | Value | TypeAndValue, Own) => false,
        _ => true,
    }
}

/// An import that is no macro: a capital says that it is no module and no function, and these do not export derives of
/// another's name.
fn is_type_of_here(import: &Declared) -> bool {
    let root = import.path.trim_start_matches("::").split("::").next().unwrap_or_default();
    let is_here = matches!(root, "std" | "core" | "alloc" | "crate" | "self" | "super");
    is_here && import.name.starts_with(char::is_uppercase) && import.name.contains(char::is_lowercase)
}

/// What `node` declares in the scope that it stands in.
fn declared(node: Node<'_>, text: &str) -> Vec<Declared> {
    let one = |space, name: Node<'_>, what: &str| {
        let name = &text[name.byte_range()];
        let what = format!("{what} `{name}`");
        Declared { space, name: name.to_owned(), what, at: node.start_byte(), path: String::new() }
    };
    let at = |declared: Declared, name: Node<'_>| Declared { at: name.start_byte(), ..declared };
    let named = |space, what: &str| match node.child_by_field_name("name") {
        Some(name) if &text[name.byte_range()] != "_" => vec![at(one(space, name, what), name)],
        _ => Vec::new(),
    };
    match node.kind() {
        "use_declaration" => {
            node.child_by_field_name("argument").map_or(Vec::new(), |tree| imports(tree, text))
        }
        "extern_crate_declaration" => match node.child_by_field_name("alias") {
            Some(_) => Vec::new(),
            None => named(Space::Type, "extern crate"),
        },
        "impl_item" => implemented(node, text),
        "struct_item" => {
            let is_plain =
                node.child_by_field_name("body").is_some_and(|body| body.kind() == "field_declaration_list");
            named(if is_plain { Space::Type } else { Space::TypeAndValue }, "struct")
        }
        "field_declaration" => named(Space::Own, "field"),
        "enum_variant" => named(Space::Own, "variant"),
        "field_initializer" => match node.child_by_field_name("field") {
            Some(field) => vec![at(one(Space::Own, field, "field"), field)],
            None => Vec::new(),
        },
        "shorthand_field_initializer" => {
            let mut cursor = node.walk();
            let name = node.named_children(&mut cursor).find(|child| child.kind() == "identifier");
            name.map_or(Vec::new(), |name| vec![at(one(Space::Own, name, "field"), name)])
        }
        "parameter" => {
            match node.child_by_field_name("pattern").filter(|pattern| pattern.kind() == "identifier") {
                Some(name) => vec![at(one(Space::Own, name, "parameter"), name)],
                None => Vec::new(),
            }
        }
        "identifier" if node.parent().is_some_and(|parent| parent.kind() == "closure_parameters") => {
            vec![one(Space::Own, node, "parameter")]
        }
        "type_parameter" | "const_parameter" | "lifetime_parameter" => named(Space::Own, "parameter"),
        "match_arm" => arm(node, text),
        _ => match ItemKind::of_node(node) {
            Some(kind @ (ItemKind::Fn | ItemKind::Const | ItemKind::Static)) => {
                named(Space::Value, kind.word())
            }
            Some(
                kind @ (ItemKind::Mod | ItemKind::Trait | ItemKind::Enum | ItemKind::Union | ItemKind::Type),
            ) => named(Space::Type, kind.word()),
            _ => Vec::new(),
        },
    }
}

/// The implementation of a trait; there can be many inherent ones.
fn implemented(node: Node<'_>, text: &str) -> Vec<Declared> {
    if node.child_by_field_name("trait").is_none() {
        return Vec::new();
    }
    let name = head(node, text);
    let what = format!("`{name}`");
    vec![Declared { space: Space::Own, name, what, at: node.start_byte(), path: String::new() }]
}

/// An arm without a guard. rustc only warns of the second, but it can never be reached.
fn arm(node: Node<'_>, text: &str) -> Vec<Declared> {
    let pattern = node.child_by_field_name("pattern");
    let Some(pattern) = pattern.filter(|pattern| pattern.child_by_field_name("condition").is_none()) else {
        return Vec::new();
    };
    let written = squeezed(&text[pattern.byte_range()]);
    let name: String = written.chars().filter(|c| !c.is_whitespace()).collect();
    vec![Declared {
        space: Space::Own,
        name,
        what: format!("match arm `{written}`"),
        at: pattern.start_byte(),
        path: String::new(),
    }]
}

/// The names that a `use` tree brings in, without globs and `_`.
fn imports(tree: Node<'_>, text: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), tree)];
    while let Some((prefix, node)) = open.pop() {
        let written = |node: Node<'_>| text[node.byte_range()].split_whitespace().collect::<String>();
        let under = |node: Node<'_>| match (prefix.as_str(), written(node).as_str()) {
            ("", path) => path.to_owned(),
            (prefix, "self") => prefix.to_owned(),
            (prefix, path) => format!("{prefix}::{path}"),
        };
        let import = |path: String, name: String, at: usize| Declared {
            space: Space::Import,
            what: format!("the import `{name}`"),
            name,
            at,
            path,
        };
        match node.kind() {
            "use_list" => {
                let mut cursor = node.walk();
                let inner: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                open.extend(inner.into_iter().rev().map(|child| (prefix.clone(), child)));
            }
            "scoped_use_list" => {
                let path = node.child_by_field_name("path").map_or(prefix.clone(), under);
                open.extend(node.child_by_field_name("list").map(|list| (path, list)));
            }
            "use_as_clause" => {
                if let (Some(path), Some(alias)) =
                    (node.child_by_field_name("path"), node.child_by_field_name("alias"))
                    && &text[alias.byte_range()] != "_"
                {
                    found.push(import(under(path), written(alias), alias.start_byte()));
                }
            }
            "identifier" | "scoped_identifier" | "self" => {
                let path = under(node);
                let name = path.rsplit("::").next().unwrap_or_default().to_owned();
                found.push(import(path, name, node.start_byte()));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is there twice in `text`, wherever it was edited.
    fn found(text: &str) -> Vec<String> {
        let syntax = Syntax::parse(text);
        assert!(!syntax.tree().root_node().has_error(), "{text}");
        twins(&syntax, std::slice::from_ref(&(0..text.len()))).into_iter().map(|twin| twin.what).collect()
    }

    #[test]
    fn a_name_stands_once_in_each_namespace_of_its_scope() {
        let cases = [
            ("fn a() {} fn a() {}", "fn `a`"),
            ("fn a() {} const a: u8 = 1;", "const `a`"),
            ("fn f() { fn a() {} let x = 1; fn a() {} }", "fn `a`"),
            ("mod m { struct S; fn S() {} }", "fn `S`"),
            ("mod a {} struct a { b: u8 }", "struct `a`"),
            ("struct S { a: u8, pub a: u16 }", "field `a`"),
            ("enum E { A, B { x: u8, x: u8 }, A(u8) }", "variant `A`|field `x`"),
            ("impl S { fn a() {} const B: u8 = 1; fn a(&self) {} }", "fn `a`"),
            ("impl S { fn a() {} } impl S { fn a() {} }", "fn `a`"),
            ("impl A for S { type B = u8; type B = u8; }", "type `B`"),
            ("impl A for S {} impl A  for\nS {}", "`impl A for S`"),
            ("trait T { fn a(); fn a() {} }", "fn `a`"),
            ("extern \"C\" { fn a(); fn a(x: u8); }", "fn `a`"),
            ("fn f() { match x { A => 1, B if c => 2, B => 3, _ => 4, _ => 5 } }", "match arm `_`"),
            ("fn f() { match x { A { b, .. } => 1, A {b, ..} => 2 } }", "match arm `A {b, ..}`"),
            ("fn f() { S { a: 1, b, a: 2, b } }", "field `a`|field `b`"),
            ("fn f(a: u8, a: u8) {}", "parameter `a`"),
            ("fn f<T, const N: u8, T>() { g(|a, b: u8, a| 1); }", "parameter `a`|parameter `T`"),
            ("impl<'a, 'a, T> S<T> {}", "parameter `'a`"),
            ("use a::b; use a::{c, b};", "the import `b`"),
            ("use std::fmt::Result; use std::io::{self, Result};", "the import `Result`"),
            ("use a::b as c; use a::b as c;", "the import `c`"),
            ("use crate::Config; struct Config;", "struct `Config`"),
            ("#[test] fn a() {} #[tokio::test] async fn a() {}", "fn `a`"),
            ("/// A.\n#[inline] pub fn a() {}\n// b\nfn a() {}", "fn `a`"),
        ];
        for (text, twins) in cases {
            assert_eq!(found(text).join("|"), twins, "{text}");
        }
    }

    #[test]
    fn what_can_stand_side_by_side_is_no_twin() {
        let cases = [
            "fn a() {} mod a {} macro_rules! a { () => {} } macro_rules! a { () => {} }",
            "fn a() {} struct a { b: u8 }",
            "const _: () = (); const _: () = ();",
            "fn f<'a, T>(a: &'a T) { g(|_, _, a| |a, b| 1); } fn h<T>() { fn i<T>() {} }",
            "#[cfg(unix)] fn a() {} #[cfg(windows)] fn a() {}",
            "fn a() {} #[cfg(test)] fn a() {}",
            "fn a() {} #[cfg_attr(x, y)] fn a() {}",
            "#[rustversion::since(1.50)] fn a() {} #[rustversion::before(1.50)] fn a() {}",
            "#[cxx::bridge] mod m { extern \"C++\" { fn a(self: &A); fn a(self: &B); } }",
            "impl S<u8> { fn a() {} } impl S<u16> { fn a() {} } impl<T> S<T> { fn b() {} } impl S { fn a() {} }",
            "impl A for S { fn a() {} } impl B for S { fn a() {} } impl S { fn a() {} }",
            "impl From<A> for S {} impl From<B> for S {} #[cfg(x)] impl From<A> for S {}",
            "struct S { #[cfg(a)] a: u8, #[cfg(not(a))] a: u16 } struct T { a: u8 }",
            "enum E { #[cfg(a)] A, A } enum F { A }",
            "fn f() { match x { A if b => 1, A if c => 2, A => 3 } match x { A => 1, #[cfg(b)] B => 2, B => 3 } }",
            "fn f() { let a = 1; let a = 2; { fn a() {} } { fn a() {} } }",
            "use a::*; use b::*; use a::T as _; use b::T as _;",
            "use std::error::Error; use thiserror::Error;",
            "use thiserror::Error; enum Error {}",
            "use a::b; fn b() {} use crate::c; mod c {}",
            "use std::fmt; use core::fmt as f; use std::fmt::Display; use strum::Display;",
            "fn f(_: u8, _: u8, (a, b): (u8, u8)) {} fn g() { S { a: 1, #[cfg(x)] a: 2 } }",
            "#[wasm_bindgen] extern \"C\" { fn a(); #[wasm_bindgen(js_name = a)] fn a(x: u8); }",
            "m! { fn a() {} fn a() {} }",
        ];
        for text in cases {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn only_scopes_that_got_a_name_are_looked_at() {
        let text = "fn a() { b(); }\nfn a() { c(); }\nmod m { fn d() {} fn d() {} }\n";
        let at = |needle: &str| text.find(needle).unwrap()..text.find(needle).unwrap() + needle.len();
        let syntax = Syntax::parse(text);
        for (needle, twins_there) in [("b()", 0), ("c()", 0), ("a", 1), ("d", 1), ("fn d() {}", 1)] {
            assert_eq!(twins(&syntax, &[at(needle)]).len(), twins_there, "{needle}");
        }
    }
}
