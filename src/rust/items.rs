//! Where in a Rust file something is, by name: `mod tests > impl Display for Foo > fn fmt`.
//!
//! A path outlives what offsets and line numbers do not: code above that grows, an item that moves. It names
//! what is written, nothing is resolved, so two items of one file may have one path (`#[cfg]` twins, two
//! `impl Foo`). Not here: what to do with an item (see `surroundings`), nor finding it for a query (see `ts`).

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use tree_sitter::Node;

use super::kinds::ItemKind;
use super::lexer::{self, TokenKind};
use super::surroundings::outer_start;
use super::syntax::{Syntax, walk};
use crate::text::lines::trimmed;
use crate::text::words::words;

/// What separates the items of a path. No item holds it: white space stands between words only.
const SEPARATOR: &str = " > ";
const FOR: &str = " for ";

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Item {
    /// What it is.
    pub(crate) kind: ItemKind,
    /// Its name as written (`r#type`). Of an `impl` the type: `Foo` for `a::Foo<T>`, `Foo<u8>` for `Foo<u8>`, `&mut Foo` for
    /// `&'a mut Foo<T>`, any other as written, without white space and comments.
    pub(crate) name: String,
    /// Of an `impl` the trait, without its path; its arguments tell `From<A>` from `From<B>` and stay.
    pub(crate) of_trait: Option<String>,
}

impl Item {
    /// An item that is no `impl` of a trait.
    pub(crate) fn new(kind: ItemKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), of_trait: None }
    }

    /// What `node` is, if it is an item with a name; one whose name a syntax error took away or garbled is none.
    fn of(node: Node<'_>, text: &str) -> Option<Self> {
        let kind = ItemKind::of_node(node)?;
        let item = match kind {
            ItemKind::Impl => Self { kind, name: type_name(node, text)?, of_trait: trait_name(node, text) },
            _ => Self::new(kind, &text[node.child_by_field_name("name")?.byte_range()]),
        };
        // Only a syntax error makes a name that cannot be read back from the path it stands in.
        let is_name = !item.name.is_empty()
            && (!node.has_error()
                || item.to_string().parse().as_ref().map(ItemPath::items) == Ok(std::slice::from_ref(&item)));
        is_name.then_some(item)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of_trait {
            Some(of_trait) => write!(f, "{} {of_trait}{FOR}{}", self.kind.word(), self.name),
            None => write!(f, "{} {}", self.kind.word(), self.name),
        }
    }
}

/// The items around a place, the outermost first. Empty at file level.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemPath(Vec<Item>);

impl ItemPath {
    /// The items, the outermost first.
    pub(crate) fn items(&self) -> &[Item] {
        &self.0
    }

    /// The innermost item.
    pub(crate) fn last(&self) -> Option<&Item> {
        self.0.last()
    }

    /// Whether it is in an implementation or a trait, or is one: a free function is no method.
    pub(crate) fn is_member(&self) -> bool {
        self.0.iter().any(|item| matches!(item.kind, ItemKind::Impl | ItemKind::Trait))
    }

    /// Whether another path is that of an item of the same kind and name, in the same implementation or trait, in whichever module.
    pub(crate) fn is_same_item(&self, other: &Self) -> bool {
        self.last() == other.last() && self.holder() == other.holder()
    }

    /// The implementation or trait that its innermost item is a member of.
    pub(crate) fn holder(&self) -> Option<&Item> {
        self.around().last().filter(|item| matches!(item.kind, ItemKind::Impl | ItemKind::Trait))
    }

    /// The items around the innermost one.
    pub(crate) fn around(&self) -> &[Item] {
        self.0.split_last().map_or(&[], |(_, around)| around)
    }

    /// The path of what holds the innermost item.
    pub(crate) fn outer(&self) -> Self {
        Self(self.around().to_vec())
    }

    /// Whether it is the file level.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the innermost item.
    pub(crate) fn name(&self) -> Option<&str> {
        self.last().map(|item| item.name.as_str())
    }
}

impl From<Vec<Item>> for ItemPath {
    fn from(items: Vec<Item>) -> Self {
        Self(items)
    }
}

impl fmt::Display for ItemPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if at == 0 { "" } else { SEPARATOR })?;
        }
        Ok(())
    }
}

/// The text is no path of items.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{item}` is not an item path: write it like `mod tests > impl Display for Foo > fn fmt`")]
pub struct ItemPathError {
    /// The part that is none.
    pub(crate) item: String,
}

impl FromStr for ItemPath {
    type Err = ItemPathError;

    fn from_str(text: &str) -> Result<Self, ItemPathError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split(SEPARATOR).map(item).collect::<Result<_, _>>().map(Self)
    }
}

fn item(text: &str) -> Result<Item, ItemPathError> {
    let refused = || ItemPathError { item: text.to_owned() };
    let (word, rest) = text.split_once(' ').ok_or_else(refused)?;
    let kind = ItemKind::of_word(word).ok_or_else(refused)?;
    let (of_trait, name) = match rest.split_once(FOR).filter(|_| kind == ItemKind::Impl) {
        Some((of_trait, name)) => (Some(of_trait), name),
        None => (None, rest),
    };
    let is_word = kind == ItemKind::Impl || !name.contains(char::is_whitespace);
    let is_filled = |part: &str| !part.is_empty() && part.trim() == part && !part.contains(char::is_control);
    if !is_word || !is_filled(name) || !of_trait.is_none_or(is_filled) {
        return Err(refused());
    }
    Ok(Item { kind, name: name.to_owned(), of_trait: of_trait.map(str::to_owned) })
}

/// The innermost item that holds all of `span`, and its byte range, attributes and doc comments included. Without
/// one: the empty path and the whole text.
///
/// White space at the ends of `span` does not count. Blocks and closures are no items, and neither are fields
/// and variants. An empty span is held by what it stands inside of, not by what it stands next to.
pub(crate) fn enclosing(syntax: &Syntax, span: Range<usize>) -> (ItemPath, Range<usize>) {
    let text = syntax.text();
    // White space alone is looked for as it is.
    let span = Some(trimmed(text, &span)).filter(|inside| !inside.is_empty()).unwrap_or(span);
    let holds = |start: usize, end: usize| match span.is_empty() {
        true => start < span.start && span.end < end,
        false => start <= span.start && span.end <= end,
    };
    let mut path = Vec::new();
    let mut range = 0..text.len();
    // The first item that begins behind the start of the span is the only one whose attributes can hold it.
    let mut is_passed = false;
    walk(syntax.tree(), |node, _| {
        if is_passed || node.end_byte() < span.end {
            return false;
        }
        if let Some(item) = Item::of(node, text) {
            let is_behind =
                node.start_byte() > span.start || span.is_empty() && node.start_byte() == span.start;
            let start = outer_start(node);
            if holds(start, node.end_byte()) {
                path.push(item);
                range = start..node.end_byte();
            }
            is_passed = is_behind;
        }
        holds(node.start_byte(), node.end_byte()) || node.parent().is_none()
    });
    (ItemPath(path), range)
}

/// All items, in order of position, an outer one before those inside it; ranges as in [`enclosing`].
pub(crate) fn all(syntax: &Syntax) -> Vec<(ItemPath, Range<usize>)> {
    let mut found = Vec::new();
    let mut around: Vec<(usize, Item)> = Vec::new();
    walk(syntax.tree(), |node, _| {
        if let Some(item) = Item::of(node, syntax.text()) {
            while around.last().is_some_and(|(end, _)| *end <= node.start_byte()) {
                around.pop();
            }
            around.push((node.end_byte(), item));
            let path = around.iter().map(|(_, item)| item.clone()).collect();
            found.push((ItemPath(path), outer_start(node)..node.end_byte()));
        }
        true
    });
    found
}

/// The items with this path: one, several where they are twins, none where it is gone. The file level is the whole
/// text.
pub(crate) fn find(syntax: &Syntax, path: &ItemPath) -> Vec<Range<usize>> {
    if path.is_empty() {
        return std::iter::once(0..syntax.text().len()).collect();
    }
    let (mut found, mut ends) = (Vec::new(), Vec::new());
    walk(syntax.tree(), |node, _| {
        while ends.last().is_some_and(|end| *end <= node.start_byte()) {
            ends.pop();
        }
        // What another item holds has another path.
        let Some(item) = Item::of(node, syntax.text()) else { return true };
        let is_on_path = path.0.get(ends.len()) == Some(&item);
        if is_on_path && ends.len() + 1 == path.0.len() {
            found.push(outer_start(node)..node.end_byte());
            return false;
        }
        if is_on_path {
            ends.push(node.end_byte());
        }
        is_on_path
    });
    found
}

/// All items of this kind and name, at any depth: what to tell where a path leads nowhere.
pub(crate) fn named(syntax: &Syntax, kind: ItemKind, name: &str) -> Vec<(ItemPath, Range<usize>)> {
    let mut found = all(syntax);
    found.retain(|(path, _)| path.last().is_some_and(|item| item.kind == kind && item.name == name));
    found
}

/// The item at `range`, one of those that the functions here return, without attributes and doc comments and up to its body,
/// value or `;`: `pub fn f(x: u8) -> u8`. Empty if there is none at `range`.
pub(crate) fn signature<'t>(syntax: &'t Syntax, range: &Range<usize>) -> &'t str {
    let text = syntax.text();
    // The item itself begins where its attributes end; the last byte is its own.
    let last = range.end.checked_sub(1).and_then(|at| syntax.node_at(at, range.end));
    let path = last.map(|node| syntax.path_to(node)).unwrap_or_default();
    let is_it = |node: &&Node<'_>| {
        node.end_byte() == range.end
            && ItemKind::of_node(**node).is_some()
            && outer_start(**node) == range.start
    };
    let Some(item) = path.iter().find(is_it) else { return "" };
    let end = item
        .child_by_field_name("body")
        .filter(|body| body.kind() != "ordered_field_declaration_list")
        .or_else(|| {
            let mut cursor = item.walk();
            item.children(&mut cursor).find(|child| matches!(child.kind(), "=" | ";" | "{" | "macro_rule"))
        })
        .map_or(item.end_byte(), |end| end.start_byte());
    text[item.start_byte()..end].trim_end()
}

/// The type of the implementation `node`. Arguments that are its own parameters and lifetimes tell nothing: `Foo` of `impl<T> Foo<T>`.
fn type_name(node: Node<'_>, text: &str) -> Option<String> {
    let mut name = String::new();
    let mut inner = node.child_by_field_name("type")?;
    while inner.kind() == "reference_type" {
        let mut cursor = inner.walk();
        let is_mut = inner.children(&mut cursor).any(|child| child.kind() == "mutable_specifier");
        name.push_str(if is_mut { "&mut " } else { "&" });
        let Some(target) = inner.child_by_field_name("type") else { break };
        inner = target;
    }
    let of = |node: Option<Node<'_>>| node.map_or("", |node| &text[node.byte_range()]);
    let own: Vec<&str> = words(of(node.child_by_field_name("type_parameters"))).collect();
    let arguments = of(inner.child_by_field_name("type_arguments"));
    let is_told = |part: &str| words(part).any(|word| !own.contains(&word));
    let are_told = arguments
        .split(|sign| "<,>".contains(sign))
        .any(|part| !part.trim().starts_with('\'') && is_told(part));
    Some(name + &plain_type(inner, text, are_told))
}

/// Of a path its last segment, with the generic arguments or without; anything else as plain code.
fn plain_type(node: Node<'_>, text: &str, with_arguments: bool) -> String {
    let plain = |node: Node<'_>| plain_code(&text[node.byte_range()]);
    let segment = |node: Node<'_>| match node.kind() {
        "scoped_type_identifier" => node.child_by_field_name("name").map_or_else(String::new, plain),
        _ => plain(node),
    };
    if node.kind() != "generic_type" {
        return segment(node);
    }
    let base = node.child_by_field_name("type").map_or_else(String::new, segment);
    match node.child_by_field_name("type_arguments").filter(|_| with_arguments) {
        Some(arguments) => base + plain(arguments).trim_start_matches("::"),
        None => base,
    }
}

fn trait_name(node: Node<'_>, text: &str) -> Option<String> {
    let found = node.child_by_field_name("trait")?;
    let is_negative = found.prev_sibling().is_some_and(|before| before.kind() == "!");
    let name = plain_type(found, text, true);
    (!name.is_empty()).then(|| format!("{}{name}", if is_negative { "!" } else { "" }))
}

/// Without comments, and without white space except between words.
fn plain_code(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut end_of_word = None;
    for token in lexer::tokens(text).into_iter().filter(|token| token.kind != TokenKind::Comment) {
        let is_word = token.kind != TokenKind::Punctuation;
        if is_word && end_of_word.is_some_and(|end| end < token.span.start) {
            result.push(' ');
        }
        end_of_word = is_word.then_some(token.span.end);
        result.push_str(&text[token.span]);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = r#"//! Crate doc.
use std::fmt;

/// A struct.
#[derive(Debug)]
pub struct Foo<T> {
    x: T,
}

pub struct Pair(pub u8, u8);

enum E {
    /// Variant.
    A,
    B { y: u8 },
}

union U { a: u8, b: i8 }

// plain
#[cfg(unix)]
pub async unsafe fn twin(a: [u8; 3]) -> Result<(), ()> { let c = || { inner_call() }; fn nested() {} Ok(()) }

#[cfg(not(unix))]
pub fn twin() {}

extern "C" fn ffi(x: i32);
extern "C" {
    fn foreign();
    static GLOBAL: u8;
}

impl<T> a::b::Foo<T> where T: Copy {
    const N: usize = { 3 };
    type Out = u8;
    /** doc */
    #[inline]
    pub(crate) const fn get(&self) -> &T { &self.x }
}

impl<'a, T: ?Sized> fmt::Display for &'a mut Foo<T> { fn fmt(&self) {} }
impl From<std::io::Error> for Foo<u8> { fn from(e: std::io::Error) -> Self { loop {} } }
impl From< /* > for x */ Vec < dyn Fn ( u8 ) -> u8 > > for Foo<u8> { fn from(e: ()) -> Self { loop {} } }
impl Tr for (A, &'static B) { fn t() {} }
impl Tr for fn(u8) -> u8 {}
impl<const N: usize> Tr for [u8; N] {}
impl !Send for Foo<u8> {}
unsafe impl Send for dyn Tr + 'static {}

trait Tr: Copy {
    fn t();
    fn d(&self) -> u8 { 1 }
    type Assoc: Clone;
}

macro_rules! mac {
    ($x:expr) => { fn not_an_item() {} };
}
const _: () = { fn in_const() {} };
static S: &str = "x";
type Alias<T> = Vec<T>;
fn r#type() {}
mod outside;

#[cfg(test)]
mod tests {
    mod deeper { fn t() {} }
}
"#;

    #[track_caller]
    fn around(text: &str, part: &str) -> String {
        let at = text.find(part).unwrap_or_else(|| panic!("{part} is not there"));
        let (path, range) = enclosing(&Syntax::parse(text), at..at + part.len());
        assert!(range.start <= at + part.len() - part.trim_start().len(), "{path}");
        assert!(range.end >= at + part.trim_end().len(), "{path}");
        path.to_string()
    }

    #[test]
    fn a_place_has_the_path_of_its_innermost_item() {
        for (part, path) in [
            ("Crate doc", ""),
            ("use std::fmt;", ""),
            ("A struct.", "struct Foo"),
            ("#[derive(Debug)]\npub struct Foo", "struct Foo"),
            ("x: T", "struct Foo"),
            ("Variant", "enum E"),
            ("y: u8", "enum E"),
            ("b: i8", "union U"),
            ("inner_call", "fn twin"),
            ("fn nested() {}", "fn twin > fn nested"),
            ("cfg(not(unix))", "fn twin"),
            ("\n\nextern \"C\" fn ffi(x: i32);\n", "fn ffi"),
            ("fn foreign();\n    static", ""),
            ("foreign", "fn foreign"),
            ("GLOBAL", "static GLOBAL"),
            ("where T: Copy", "impl Foo"),
            ("{ 3 }", "impl Foo > const N"),
            ("type Out", "impl Foo > type Out"),
            ("#[inline]", "impl Foo > fn get"),
            (
                "/** doc */\n    #[inline]\n    pub(crate) const fn get(&self) -> &T { &self.x }",
                "impl Foo > fn get",
            ),
            ("type Out = u8;\n    /** doc */", "impl Foo"),
            ("Display for", "impl Display for &mut Foo"),
            ("fn fmt(&self) {}", "impl Display for &mut Foo > fn fmt"),
            ("e: std::io::Error", "impl From<std::io::Error> for Foo<u8> > fn from"),
            ("e: ()", "impl From<Vec<dyn Fn(u8)->u8>> for Foo<u8> > fn from"),
            ("fn t() {} }\nimpl", ""),
            ("fn t() {}", "impl Tr for (A,&'static B) > fn t"),
            ("for fn(u8) -> u8", "impl Tr for fn(u8)->u8"),
            ("[u8; N] {}", "impl Tr for [u8;N]"),
            ("!Send", "impl !Send for Foo<u8>"),
            ("dyn Tr", "impl Send for dyn Tr+'static"),
            ("Assoc", "trait Tr > type Assoc"),
            ("{ 1 }", "trait Tr > fn d"),
            ("not_an_item", "macro mac"),
            ("in_const", "const _ > fn in_const"),
            ("Vec<T>;", "type Alias"),
            ("r#type()", "fn r#type"),
            ("mod outside;", "mod outside"),
            ("#[cfg(test)]\nmod tests {", "mod tests"),
            ("{ fn t() {} }\n}", "mod tests"),
            ("mod deeper { fn t() {} }", "mod tests > mod deeper"),
        ] {
            assert_eq!(around(TEXT, part), path, "{part}");
        }
    }

    #[test]
    fn an_item_begins_with_its_doc_comment() {
        let text = "impl a::S<u8> {\n    /// Doc.\n    fn f() { 1; }\n}\n";
        let at = text.find('1').unwrap();
        let (path, range) = enclosing(&Syntax::parse(text), at..at + 1);
        assert_eq!((path.to_string().as_str(), path.name()), ("impl S<u8> > fn f", Some("f")));
        assert_eq!(&text[range], "/// Doc.\n    fn f() { 1; }");
    }

    #[test]
    fn an_empty_span_is_held_by_what_is_around_it() {
        let text = "fn a() {}fn b() {}\n";
        let syntax = Syntax::parse(text);
        let at = |at: usize| enclosing(&syntax, at..at).0.to_string();
        assert_eq!([at(0), at(3), at(9), at(10), at(18)], ["", "fn a", "", "fn b", ""]);
        assert_eq!(enclosing(&syntax, 18..19), (ItemPath::default(), 0..19));
    }

    /// Every item is found by its path, and what it spans is inside of it. Tells how many have a path to themselves.
    fn round_trip(text: &str) -> (usize, usize) {
        let syntax = Syntax::parse(text);
        let items = all(&syntax);
        let mut unique = 0;
        for (path, range) in &items {
            assert_eq!(path.to_string().parse().as_ref(), Ok(path));
            let (around, whole) = enclosing(&syntax, range.clone());
            assert_eq!((&around, &whole), (path, range), "{path}");
            let of_path = items.iter().filter(|(other, _)| other == path).count();
            unique += usize::from(of_path == 1);
            let last = path.last().unwrap();
            assert!(named(&syntax, last.kind, &last.name).contains(&(path.clone(), range.clone())));
            let signature = signature(&syntax, range);
            assert!(!signature.is_empty() && text[range.clone()].contains(signature), "{path}: {signature}");
        }
        let paths: std::collections::BTreeSet<_> = items.iter().map(|(path, _)| path).collect();
        for path in paths {
            let expected: Vec<_> =
                items.iter().filter(|(other, _)| other == path).map(|(_, at)| at.clone()).collect();
            assert_eq!(find(&syntax, path), expected);
        }
        assert_eq!(find(&syntax, &ItemPath::default()).first(), Some(&(0..text.len())));
        (items.len(), unique)
    }

    #[test]
    fn every_item_is_found_again_twins_together() {
        let (items, unique) = round_trip(TEXT);
        assert_eq!((items, unique), (40, 38));
        let twins = find(&Syntax::parse(TEXT), &"fn twin".parse().unwrap());
        assert!(TEXT[twins[0].clone()].starts_with("#[cfg(unix)]"), "{twins:?}");
        assert_eq!(&TEXT[twins[1].clone()], "#[cfg(not(unix))]\npub fn twin() {}");
    }

    #[test]
    fn a_signature_ends_before_the_body() {
        let syntax = Syntax::parse(TEXT);
        let of = |path: &str| signature(&syntax, &find(&syntax, &path.parse().unwrap())[0]);
        assert_eq!(of("fn twin"), "pub async unsafe fn twin(a: [u8; 3]) -> Result<(), ()>");
        assert_eq!(of("fn ffi"), "extern \"C\" fn ffi(x: i32)");
        assert_eq!(of("impl Foo"), "impl<T> a::b::Foo<T> where T: Copy");
        assert_eq!(of("impl Foo > fn get"), "pub(crate) const fn get(&self) -> &T");
        assert_eq!(of("impl Foo > const N"), "const N: usize");
        assert_eq!(of("struct Pair"), "pub struct Pair(pub u8, u8)");
        assert_eq!(of("struct Foo"), "pub struct Foo<T>");
        assert_eq!(of("macro mac"), "macro_rules! mac");
        assert_eq!(of("type Alias"), "type Alias<T>");
        assert_eq!(of("mod outside"), "mod outside");
        assert_eq!(signature(&syntax, &(3..3)), "");
        assert_eq!(signature(&syntax, &(0..TEXT.len())), "");
    }

    #[test]
    fn broken_files_and_macros_of_the_new_kind_do_no_harm() {
        let text = "fn a() { x }\npub macro m($x:expr) { fn hidden() {} }\nfn () {}\nimpl { }\nimpl for X \
         {}\nfn b( { let = ; }\nmod c { fn d() { 1 }\n";
        round_trip(text);
        assert_eq!(around(text, "x"), "fn a");
        let cut = "impl Foo {\n    fn a(&self) { 1 }\n    fn b(&self { 2 }\n    fn c(&self) { 3 }\n}\n";
        round_trip(cut);
        assert!(around(cut, "1").ends_with("fn a"));
    }

    #[test]
    fn a_text_that_is_no_path_is_refused() {
        for text in [
            "fn",
            "fn ",
            "fun a",
            "fn a b",
            "mod a >",
            "mod a > ",
            " > fn a",
            "impl X for ",
            "impl ",
            "fn a\n",
        ] {
            assert!(text.parse::<ItemPath>().is_err(), "{text}");
        }
        let said = "mod a > fun b".parse::<ItemPath>().unwrap_err().to_string();
        assert!(said.starts_with("`fun b` is not an item path"), "{said}");
        assert!("".parse::<ItemPath>().unwrap().is_empty());
    }

    const PIECES: &[&str] = &[
        "fn a() { b(1); ",
        "}",
        "impl S { ",
        "#[cfg(test)]\n",
        "/// doc\n",
        "// note\n",
        "mod m {\n",
        "impl Tr<A> for &'a (S, T) {",
        "struct S;",
        "let c = |x| { x };",
        "macro_rules! m { () => {} }",
        "fn",
        " impl ",
        "é",
        "\"",
        "\n",
    ];

    proptest! {
        /// The naive oracles: for `enclosing`, of all items that hold the span, the innermost; for `find`, all of that path.
        #[test]
        fn no_text_confuses_it(pieces in prop::collection::vec(0..PIECES.len(), 0..16), from in 0usize..200, len in 1usize..60) {
            let text: String = pieces.iter().map(|at| PIECES[*at]).collect();
            round_trip(&text);
            let boundary = |mut at: usize| { at = at.min(text.len()); while !text.is_char_boundary(at) { at -= 1 } at };
            let span = trimmed(&text, &(boundary(from)..boundary(from.min(text.len()) + len)));
            prop_assume!(!text[span.clone()].trim().is_empty());
            let syntax = Syntax::parse(&text);
            let items = all(&syntax);
            for (path, _) in &items {
                let of_path = items.iter().filter(|(other, _)| other == path).map(|(_, range)| range.clone());
                prop_assert_eq!(find(&syntax, path), of_path.collect::<Vec<_>>());
            }
            let expected = items.iter().rev().find(|(_, item)| item.start <= span.start && span.end <= item.end);
            let whole = (ItemPath::default(), 0..text.len());
            prop_assert_eq!(&enclosing(&syntax, span), expected.unwrap_or(&whole));
        }
    }
}
