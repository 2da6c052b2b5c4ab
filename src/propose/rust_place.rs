//! The place at a line of Rust: the item, if the line is in an item's head; else the innermost statement, arm,
//! field, variant or list element.
//!
//! The head of an item goes from its attributes and doc comments to the line on which its body opens; an item
//! without a body is all head. The first character of the line decides, because people name lines and read them
//! from the left.

use std::ops::Range;

use tree_sitter::Node;

use super::Way;
use crate::rust::items::{ItemPath, enclosing};
use crate::rust::kinds::ItemKind;
use crate::rust::surroundings::{holds_elements, outer_start};
use crate::rust::syntax::Syntax;
use crate::text::lines::begins_line;
use crate::ts::shorthand;

/// Longer `impl`s, traits and modules are not put into a patch whole, unless that is asked for.
const LONG: usize = 40;

/// What stands at a place of a Rust text.
pub(super) struct RustPlace<'t> {
    pub(super) syntax: &'t Syntax,
    /// The nodes from the root to the one that a patch would be for; the root alone where there is none.
    pub(super) path: Vec<Node<'t>>,
    is_in_macro: bool,
}

impl<'t> RustPlace<'t> {
    /// What stands at the byte `at`, the first of its line that is no white space; `None` at a comment.
    pub(super) fn at(syntax: &'t Syntax, at: usize) -> Option<Self> {
        let text = syntax.text();
        let leaf = syntax.node_at(at, at + 1)?;
        let mut path = syntax.path_to(leaf);
        if let Some(i) = path
            .iter()
            .position(|node| matches!(node.kind(), "line_comment" | "block_comment" | "attribute_item"))
        {
            path.truncate(i + 1);
            let below = belongs_to(path[i]);
            if let Some(below) = below {
                path[i] = below;
                return Some(Self { syntax, path, is_in_macro: false });
            }
            if path[i].kind() != "attribute_item" {
                return None;
            }
        }
        let is_in_macro = is_in_macro(text, &path, at);
        let in_head = path.iter().rposition(|node| is_item(*node, text)).filter(|i| at < head_end(path[*i]));
        let is_element = |i: &usize| {
            let node = path[*i];
            node.is_named() && holds_elements(path[*i - 1].kind()) && begins_line(text, node.start_byte())
        };
        let end = in_head.or_else(|| (1..path.len()).rev().find(is_element)).unwrap_or(0);
        path.truncate(end + 1);
        Some(Self { syntax, path, is_in_macro })
    }

    /// The node that a patch would be for.
    pub(super) fn subject(&self) -> Node<'t> {
        *self.path.last().expect("it holds the root")
    }

    /// Whether there is nothing but the whole file.
    pub(super) fn is_bare(&self) -> bool {
        self.path.len() == 1
    }

    /// Whether it is an item that a shorthand can name.
    pub(super) fn is_item(&self) -> bool {
        is_item(self.subject(), self.syntax.text())
    }

    /// The items around the subject, itself not counted, the innermost first.
    pub(super) fn around(&self) -> impl Iterator<Item = Node<'t>> {
        let (_, outer) = self.path.split_last().expect("it holds the root");
        let text = self.syntax.text();
        outer.iter().rev().copied().filter(move |node| is_item(*node, text))
    }

    /// The innermost item that holds the subject or is it, and the nodes down to it.
    pub(super) fn item(&self) -> Option<&[Node<'t>]> {
        let last = self.path.iter().rposition(|node| is_item(*node, self.syntax.text()))?;
        Some(&self.path[..=last])
    }

    /// The name of the function whose body holds all of `span`, its brackets aside: what is put there stays inside.
    pub(super) fn function(&self, span: &Range<usize>) -> Option<String> {
        let function = self.path.iter().rev().find(|node| node.kind() == "function_item")?;
        let body = function.child_by_field_name("body")?;
        let is_inside = body.start_byte() < span.start && span.end < body.end_byte();
        let name = function.child_by_field_name("name").filter(|_| is_inside)?;
        Some(self.syntax.text()[name.byte_range()].to_owned())
    }

    /// The ways to find it, the one that suits it best first.
    pub(super) fn ways(&self) -> &'static [Way] {
        use Way::{Expression, Name, Pattern, Text};
        let kind = ItemKind::of_node(self.subject());
        let container = matches!(kind, Some(ItemKind::Impl | ItemKind::Trait | ItemKind::Mod));
        match self.is_item() {
            _ if self.is_in_macro => &[Text, Pattern, Name, Expression],
            true if container && rows(self.subject()) > LONG => &[Pattern, Name, Expression, Text],
            true => &[Name, Pattern, Expression, Text],
            false => &[Pattern, Text, Name, Expression],
        }
    }

    /// The items that hold the subject or are it.
    pub(super) fn items(&self) -> ItemPath {
        enclosing(self.syntax, self.subject().byte_range()).0
    }

    /// What stands there, in a few words.
    pub(super) fn what(&self) -> String {
        let (subject, items) = (self.subject(), self.items());
        let inside = |what: &str| match items.is_empty() {
            true => what.to_owned(),
            false => format!("{what} in {items}"),
        };
        match subject.kind() {
            _ if self.is_in_macro => inside("inside a macro call"),
            "use_declaration" => inside(&shorthand::naming(subject, self.syntax.text()).join("")),
            _ if self.is_item() => items.to_string(),
            "let_declaration" | "expression_statement" => inside("a statement"),
            "field_declaration" => inside("a field"),
            "enum_variant" => inside("a variant"),
            "match_arm" => inside("a match arm"),
            "field_initializer" | "shorthand_field_initializer" => inside("a field's value"),
            _ if self.path.iter().rev().nth(1).is_some_and(|list| list.kind() == "block") => {
                inside("a statement")
            }
            _ => inside("code"),
        }
    }

    /// The words of the item's name and of its owner's, for an id.
    pub(super) fn item_words(&self, most: usize) -> String {
        let items = self.items();
        let last = items.items().iter().rev().take(most).enumerate();
        let told = last.filter(|(at, item)| *at == 0 || item.kind != ItemKind::Mod).map(|(_, item)| item);
        let mut words: Vec<String> = told
            .map(|item| format!("{} {}", item.of_trait.as_deref().unwrap_or_default(), item.name))
            .collect();
        words.reverse();
        words.join(" ")
    }

    /// The item that holds the subject or is it, in a few words.
    pub(super) fn whole(&self) -> String {
        self.as_item().what()
    }

    /// Words for an id of that item.
    pub(super) fn whole_words(&self) -> String {
        self.as_item().words()
    }

    fn as_item(&self) -> Self {
        let path = self.item().unwrap_or(&self.path).to_vec();
        Self { syntax: self.syntax, path, is_in_macro: false }
    }

    /// Words for an id: of code the name of the item that holds it, and how it begins.
    pub(super) fn words(&self) -> String {
        let is_use = self.subject().kind() == "use_declaration";
        if self.is_item() && !is_use {
            return self.item_words(2);
        }
        let fields = ["name", "field", "pattern", "argument"];
        let name = fields.into_iter().find_map(|field| self.subject().child_by_field_name(field));
        let code = &self.syntax.text()[name.unwrap_or(self.subject()).byte_range()];
        let begins = code.split(['{', '(', '=', ';']).next().unwrap_or_default();
        format!("{} {begins}", self.item_words(1))
    }
}

/// The item, statement, field or variant to which an attribute or doc comment belongs.
fn belongs_to(note: Node<'_>) -> Option<Node<'_>> {
    let mut node = note;
    while let Some(next) = node.next_sibling() {
        if !matches!(next.kind(), "attribute_item" | "line_comment" | "block_comment") {
            return (next.is_named() && outer_start(next) <= note.start_byte()).then_some(next);
        }
        node = next;
    }
    None
}

/// Whether a shorthand can name it.
pub(super) fn is_item(node: Node<'_>, text: &str) -> bool {
    !shorthand::naming(node, text).is_empty()
}

/// Where the body of an item begins, or the value of a constant; its end where it has none.
fn head_end(item: Node<'_>) -> usize {
    let field = match ItemKind::of_node(item) {
        Some(ItemKind::Const | ItemKind::Static) => "value",
        _ => "body",
    };
    let body = item.child_by_field_name(field).filter(|body| body.kind() != "ordered_field_declaration_list");
    let rule = || {
        let mut cursor = item.walk();
        item.children(&mut cursor).find(|child| child.kind() == "macro_rule")
    };
    body.or_else(rule).map_or(item.end_byte(), |body| body.start_byte())
}

/// Whether the line of `at` begins among the tokens of a macro; one that only closes brackets does not count.
fn is_in_macro(text: &str, path: &[Node<'_>], at: usize) -> bool {
    let line = text[at..].lines().next().unwrap_or_default();
    let closes = line.chars().all(|c| matches!(c, ')' | ']' | '}' | ';' | ',' | '?'));
    let tokens = path.iter().find(|node| matches!(node.kind(), "token_tree" | "macro_rule"));
    !closes && tokens.is_some_and(|tokens| tokens.start_byte() < at || tokens.kind() == "macro_rule")
}

/// On how many lines a node stands.
pub(super) fn rows(node: Node<'_>) -> usize {
    node.end_position().row - node.start_position().row + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::lines::{indent, line_start};

    const SOURCE: &str = "//! note
use std::{
    fmt,
};

/// Doc.
#[derive(Debug)]
pub struct S {
    /// Doc.
    a: u8,
}

impl fmt::Display for S {
    fn fmt(
        &self,
        f: u8,
    ) -> u8 {
        // note
        let x = m!(
            a,
        );
        match x {
            1 => 2,
            _ => g(
                3,
            ),
        }
    }
}
const C: &[u8] = &[
    1,
];
#[cfg(a)]
m! {
    a
}
";

    /// What stands at the first line that holds `text`, and the first word of the code that a patch would be for.
    fn at(text: &str) -> Option<(String, &'static str)> {
        let line = line_start(SOURCE, SOURCE.find(text).unwrap());
        let start = line + indent(&SOURCE[line..]).len();
        let syntax = Syntax::parse(SOURCE);
        let place = RustPlace::at(&syntax, start)?;
        let code = &SOURCE[place.subject().byte_range()];
        Some((place.what(), code.split_whitespace().next().unwrap()))
    }

    #[test]
    fn a_line_of_a_head_stands_for_the_item() {
        let item = |what: &str, first| Some((what.to_owned(), first));
        for text in ["use std", "    fmt,", "};"] {
            assert_eq!(at(text), item("use std::{fmt,}", "use"), "{text}");
        }
        for text in ["/// Doc.\n#", "#[derive", "pub struct"] {
            assert_eq!(at(text), item("struct S", "pub"), "{text}");
        }
        for text in ["fn fmt", "&self", "f: u8", ") -> u8"] {
            assert_eq!(at(text), item("impl Display for S > fn fmt", "fn"), "{text}");
        }
        assert_eq!(at("impl fmt"), item("impl Display for S", "impl"));
        assert_eq!(at("const C"), item("const C", "const"));
    }

    #[test]
    fn a_line_inside_stands_for_the_innermost_element() {
        let place = |what: &str, first| Some((what.to_owned(), first));
        let inside = "impl Display for S > fn fmt";
        for text in ["    /// Doc.\n    a", "a: u8"] {
            assert_eq!(at(text), place("a field in struct S", "a:"), "{text}");
        }
        assert_eq!(at("let x"), place(&format!("a statement in {inside}"), "let"));
        assert_eq!(at("            a,\n"), place(&format!("inside a macro call in {inside}"), "let"));
        assert_eq!(at("        );\n        match"), place(&format!("a statement in {inside}"), "let"));
        assert_eq!(at("match x"), place(&format!("a statement in {inside}"), "match"));
        assert_eq!(at("1 => 2"), place(&format!("a match arm in {inside}"), "1"));
        assert_eq!(at("                3,"), place(&format!("code in {inside}"), "3"));
        assert_eq!(at("    1,\n]"), place("code in const C", "1"));
        assert_eq!(at("#[cfg(a)]"), place("code", "m!"));
        assert_eq!(at("//! note"), None);
        assert_eq!(at("        // note"), None);
    }
}
