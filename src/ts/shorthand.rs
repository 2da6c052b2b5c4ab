//! Shorthands: `fn name`, `struct N`, `impl Trait for T`, `use path`, …
//!
//! They are found by looking at the nodes around each occurrence of the name, never by building a
//! tree-sitter `Query`, which costs more than parsing the file. `naming` is the way back: from an item to its shorthands.

use tree_sitter::Node;

use crate::rust::kinds::ItemKind;
use crate::rust::syntax::{self, Syntax};
use crate::text::words::{is_identifier, minimal_blanks, words};

/// A parsed shorthand.
#[derive(Debug, Clone)]
pub(crate) enum Shorthand {
    /// `fn name`, and with an owner `fn Type::name`.
    Fn {
        /// The impl's type or the trait, without path and generics.
        owner: Option<String>,
        /// The function's name.
        name: String,
    },
    /// `struct N`, `const N`, …: an item that is told apart by its name alone.
    Item {
        /// Its kind, neither `fn` nor `impl`.
        kind: ItemKind,
        /// The item's name.
        name: String,
    },
    /// `const /regex/`.
    ConstRegex(regex::Regex),
    /// `impl T` and `impl Trait for T`.
    Impl {
        /// The trait; `None` for inherent blocks.
        of_trait: Option<String>,
        /// The type.
        of_type: String,
    },
    /// `use path`: the whole argument, without white space.
    Use(String),
}

/// Why a shorthand is not one.
#[derive(Debug, thiserror::Error)]
pub enum ShorthandMistake {
    /// Its first word is no keyword of a shorthand.
    #[error("`{word}` starts neither a shorthand nor an S-expression")]
    Keyword {
        /// The first word.
        word: String,
    },
    /// What follows the keyword is no name.
    #[error("`{text}` is not a valid name after `{keyword}`")]
    Name {
        /// The keyword.
        keyword: String,
        /// What stands there.
        text: String,
    },
    /// The regular expression of a `const /…/` does not compile.
    #[error("{0}")]
    Regex(#[from] regex::Error),
}

impl Shorthand {
    /// Parses `text`, white space around it aside.
    ///
    /// # Errors
    /// [`ShorthandMistake`].
    pub(crate) fn parse(text: &str) -> Result<Self, ShorthandMistake> {
        let text = text.trim();
        let (keyword, rest) = text.split_once(char::is_whitespace).map_or((text, ""), |(k, r)| (k, r.trim()));
        let mistake = || ShorthandMistake::Name { keyword: keyword.to_owned(), text: rest.to_owned() };
        let name = |text: &str| if is_identifier(text) { Ok(text.to_owned()) } else { Err(mistake()) };
        match keyword {
            "fn" => match rest.rsplit_once("::") {
                Some((owner, last)) => {
                    Ok(Self::Fn { owner: Some(base_name(owner).ok_or_else(mistake)?), name: name(last)? })
                }
                None => Ok(Self::Fn { owner: None, name: name(rest)? }),
            },
            "const" if rest.len() > 1 && rest.starts_with('/') && rest.ends_with('/') => {
                Ok(Self::ConstRegex(regex::Regex::new(&rest[1..rest.len() - 1])?))
            }
            "impl" if rest.is_empty() => Err(mistake()),
            "impl" => Ok(match rest.split_once(" for ") {
                Some((of_trait, of_type)) => {
                    Self::Impl { of_trait: Some(minimal_blanks(of_trait)), of_type: minimal_blanks(of_type) }
                }
                None => Self::Impl { of_trait: None, of_type: minimal_blanks(rest) },
            }),
            "use" if rest.is_empty() => Err(mistake()),
            "use" => Ok(Self::Use(minimal_blanks(rest.trim_end_matches(';')))),
            _ => match ItemKind::of_word(keyword) {
                Some(kind) => Ok(Self::Item { kind, name: name(rest)? }),
                None => Err(ShorthandMistake::Keyword { word: keyword.to_owned() }),
            },
        }
    }

    /// A word that every match contains, where one is known.
    pub(crate) fn required_literal(&self) -> Option<&str> {
        match self {
            Self::Fn { name, .. } | Self::Item { name, .. } => Some(name),
            Self::ConstRegex(_) => None,
            Self::Impl { of_type: text, .. } | Self::Use(text) => longest_word(text),
        }
    }

    /// The nodes it selects, in order of position; one may be inside another.
    pub(crate) fn find<'t>(&self, syntax: &'t Syntax) -> Vec<Node<'t>> {
        let Some(word) = self.required_literal() else { return self.find_by_walk(syntax) };
        let mut found: Vec<Node<'t>> = Vec::new();
        for at in memchr::memmem::find_iter(syntax.text().as_bytes(), word.as_bytes()) {
            let Some(leaf) = syntax.node_at(at, at + word.len()) else { continue };
            found.extend(syntax.path_to(leaf).into_iter().filter(|node| self.selects(*node, syntax.text())));
        }
        found.sort_by_key(|node| (node.start_byte(), std::cmp::Reverse(node.end_byte())));
        found.dedup();
        found
    }

    fn find_by_walk<'t>(&self, syntax: &'t Syntax) -> Vec<Node<'t>> {
        let mut found = Vec::new();
        syntax::walk(syntax.tree(), |node, _| {
            if self.selects(node, syntax.text()) {
                found.push(node);
            }
            true
        });
        found
    }

    fn selects(&self, node: Node<'_>, text: &str) -> bool {
        let kind = ItemKind::of_node(node);
        match self {
            Self::Fn { owner, name } => {
                kind == Some(ItemKind::Fn)
                    && field(node, "name", text) == Some(name)
                    && owner.as_ref().is_none_or(|owner| owner_of(node, text).as_ref() == Some(owner))
            }
            Self::Item { kind: wanted, name } => {
                kind == Some(*wanted) && field(node, "name", text) == Some(name)
            }
            Self::ConstRegex(regex) => {
                kind == Some(ItemKind::Const)
                    && field(node, "name", text).is_some_and(|name| regex.is_match(name))
            }
            Self::Impl { of_trait, of_type } => {
                kind == Some(ItemKind::Impl)
                    && field(node, "type", text).is_some_and(|found| same_type(of_type, found))
                    && match (of_trait, field(node, "trait", text)) {
                        (Some(wanted), Some(found)) => same_type(wanted, found),
                        (wanted, found) => wanted.is_none() && found.is_none(),
                    }
            }
            Self::Use(path) => {
                node.kind() == "use_declaration"
                    && field(node, "argument", text).is_some_and(|found| minimal_blanks(found) == *path)
            }
        }
    }
}

/// The shorthands that select `node` by what is written there, those first that say more of it; none where it is
/// no item. Whether they select other nodes as well is for the caller to look at.
pub(crate) fn naming(node: Node<'_>, text: &str) -> Vec<String> {
    let name = |field_name| field(node, field_name, text);
    let found = match ItemKind::of_node(node) {
        Some(ItemKind::Fn) => name("name").map(|name| match owner_of(node, text) {
            Some(owner) => vec![format!("fn {owner}::{name}")],
            None => vec![format!("fn {name}")],
        }),
        Some(ItemKind::Impl) => name("type").map(|of_type| impls(name("trait"), of_type)),
        Some(kind) => name("name").map(|name| vec![format!("{} {name}", kind.word())]),
        None if node.kind() == "use_declaration" => {
            name("argument").map(|path| vec![format!("use {}", minimal_blanks(path))])
        }
        None => None,
    };
    found.unwrap_or_default()
}

/// Without what a shorthand may leave out, then as written. A trait's arguments stay: they tell `From<A>` from `From<B>`.
fn impls(of_trait: Option<&str>, of_type: &str) -> Vec<String> {
    let short = |name: &str| base_name(name).unwrap_or_else(|| minimal_blanks(name));
    let short_trait = |name: &str| if name.contains('<') { minimal_blanks(name) } else { short(name) };
    let mut found = match of_trait {
        None => vec![format!("impl {}", short(of_type)), format!("impl {}", minimal_blanks(of_type))],
        Some(name) => vec![
            format!("impl {} for {}", short_trait(name), short(of_type)),
            format!("impl {} for {}", minimal_blanks(name), minimal_blanks(of_type)),
        ],
    };
    found.dedup();
    found
}

fn field<'s>(node: Node<'_>, name: &str, text: &'s str) -> Option<&'s str> {
    node.child_by_field_name(name).map(|child| &text[child.byte_range()])
}

/// The impl's type or the trait around a function, without path and generics.
fn owner_of(function: Node<'_>, text: &str) -> Option<String> {
    let owner = function.parent()?.parent()?;
    match ItemKind::of_node(owner)? {
        ItemKind::Impl => field(owner, "type", text).and_then(base_name),
        ItemKind::Trait => field(owner, "name", text).map(str::to_owned),
        _ => None,
    }
}

/// What is written counts: generics and a path only where the shorthand has them.
fn same_type(wanted: &str, found: &str) -> bool {
    let found = minimal_blanks(found);
    wanted == found
        || !wanted.contains('<') && {
            let plain = found.split('<').next().unwrap_or_default();
            wanted == plain || !wanted.contains("::") && base_name(plain).as_deref() == Some(wanted)
        }
}

/// The last segment of a type's path, without generics and references.
fn base_name(text: &str) -> Option<String> {
    let plain = text.split('<').next()?.trim().trim_start_matches(['&', '*']);
    let last = plain.rsplit("::").next()?.trim();
    let last = last.rsplit(char::is_whitespace).next()?;
    is_identifier(last).then(|| last.to_owned())
}

fn longest_word(text: &str) -> Option<&str> {
    words(text).max_by_key(|word| word.len())
}
