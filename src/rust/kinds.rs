//! The kinds of items that have a name: the word that Rust writes for each, and the tree's words.

use tree_sitter::Node;

/// The kinds of items that have a name, or, an `impl`, a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ItemKind {
    /// A function, with a body or without.
    Fn,
    /// A module, inline or not.
    Mod,
    /// An implementation.
    Impl,
    /// A trait.
    Trait,
    /// A struct.
    Struct,
    /// An enum.
    Enum,
    /// A union.
    Union,
    /// A constant, an associated one too.
    Const,
    /// A static.
    Static,
    /// A type alias or an associated type.
    Type,
    /// A `macro_rules!`.
    Macro,
}

/// Each kind, the word for it, and the kinds of nodes that it has in the tree.
const KINDS: &[(ItemKind, &str, &[&str])] = &[
    (ItemKind::Fn, "fn", &["function_item", "function_signature_item"]),
    (ItemKind::Mod, "mod", &["mod_item"]),
    (ItemKind::Impl, "impl", &["impl_item"]),
    (ItemKind::Trait, "trait", &["trait_item"]),
    (ItemKind::Struct, "struct", &["struct_item"]),
    (ItemKind::Enum, "enum", &["enum_item"]),
    (ItemKind::Union, "union", &["union_item"]),
    (ItemKind::Const, "const", &["const_item"]),
    (ItemKind::Static, "static", &["static_item"]),
    (ItemKind::Type, "type", &["type_item", "associated_type"]),
    (ItemKind::Macro, "macro", &["macro_definition"]),
];

impl ItemKind {
    /// The word for it, as in a path of items.
    pub(crate) fn word(self) -> &'static str {
        self.row().1
    }

    /// The kinds of nodes that it has in the tree.
    pub(crate) fn node_kinds(self) -> &'static [&'static str] {
        self.row().2
    }

    /// The kind that a word names.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known, _)| *known == word).map(|(kind, ..)| *kind)
    }

    /// The kind of a node.
    pub(crate) fn of_node(node: Node<'_>) -> Option<Self> {
        KINDS.iter().find(|(.., nodes)| nodes.contains(&node.kind())).map(|(kind, ..)| *kind)
    }

    fn row(self) -> &'static (Self, &'static str, &'static [&'static str]) {
        KINDS.iter().find(|(kind, ..)| *kind == self).expect("every kind has a row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_kind_once_and_the_grammar_knows_its_nodes() {
        let grammar = tree_sitter::Language::new(tree_sitter_rust::LANGUAGE);
        for (kind, word, nodes) in KINDS {
            assert_eq!(ItemKind::of_word(word), Some(*kind));
            assert_eq!((kind.word(), kind.node_kinds()), (*word, *nodes));
            assert!(nodes.iter().all(|node| grammar.id_for_node_kind(node, true) != 0), "{nodes:?}");
        }
    }
}
