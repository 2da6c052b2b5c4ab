//! What a piece of text says that it is: the items that it defines, the keys that it sets. Pure.
//!
//! A place is a file, a path of items and a text. Likeness is an opinion about the text; the names are known. So they are a
//! veto: what defines another name is another place, however like it is.
//!
//! ```text
//! search     fn send_metrics(client: &Client) { … }      defines `fn send_metrics`
//! window     fn send_traces(client: &Client) { … }       does not: never taken, at whatever likeness
//! ```
//!
//! By tokens, because a search may begin and end anywhere. A `use` names nothing that is its own.

use std::ops::Range;

use crate::rust::kinds::ItemKind;
use crate::rust::lexer::{self, Token, TokenKind};
use crate::text::hunks::{Hunk, line_hunks};
use crate::text::lines::{bytes_of, indent, trimmed};
use crate::text::words::is_word;

/// One step of indentation.
const STEP: &str = "    ";

/// What a header of TOML names.
const SECTION: &str = "section";

/// What the text of a file can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Items.
    Rust,
    /// Keys and sections.
    Toml,
    /// Nothing.
    Other,
}

impl Language {
    /// Of the file at `path`.
    pub(crate) fn of(path: &str) -> Self {
        match path.rsplit_once('.') {
            Some((_, "rs")) => Self::Rust,
            Some((_, "toml")) => Self::Toml,
            _ => Self::Other,
        }
    }
}

/// Something that a text defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name<'t> {
    /// `fn`, `struct`, … `key`, `section`.
    pub(crate) what: &'static str,
    /// As it is written.
    pub(crate) name: &'t str,
    /// Whether its first parameter is `self`; `None` where that cannot be seen.
    pub(crate) takes_self: Option<bool>,
    /// Of an `impl` the trait, with its arguments and without its path.
    pub(crate) of_trait: Option<&'t str>,
}

/// A name, where it begins, and the text between the braces of what it names.
struct Defined<'t> {
    name: Name<'t>,
    at: usize,
    body: Option<Range<usize>>,
}

impl Name<'_> {
    /// Whether both may be the same, as far as the texts show: a free function is no method.
    fn may_be(&self, other: &Self) -> bool {
        let differ = self.takes_self.zip(other.takes_self).is_some_and(|(one, other)| one != other);
        self.what == other.what && self.name == other.name && self.of_trait == other.of_trait && !differ
    }
}

/// What `text`, a piece of a file in `language`, defines, in order. An `impl` defines what is in it; of a type there may be several.
pub(crate) fn names(text: &str, language: Language) -> Vec<Name<'_>> {
    let mut names = names_and_impls(text, language);
    names.retain(|name| name.what != ItemKind::Impl.word());
    names
}

/// As [`names`], and which implementations it holds.
pub(crate) fn names_and_impls(text: &str, language: Language) -> Vec<Name<'_>> {
    match language {
        Language::Rust => items(text).into_iter().map(|item| item.name).collect(),
        Language::Toml => text.lines().filter_map(key).collect(),
        Language::Other => Vec::new(),
    }
}

/// The first name that tells where a change from `base` to `theirs` belongs and that `ours` does not define: then `ours` is
/// something else. What stands around the change may go without its place going with it, but not what holds it.
pub(crate) fn lost<'t>(base: &'t str, theirs: &str, ours: &str, language: Language) -> Option<Name<'t>> {
    lost_own(base, theirs, ours, language).or_else(|| lost_holder(base, theirs, ours, language))
}

/// As [`lost`], of the name nearest to the change.
pub(crate) fn lost_own<'t>(base: &'t str, theirs: &str, ours: &str, language: Language) -> Option<Name<'t>> {
    first_not_in(telling(base, theirs, language), ours, language)
}

/// As [`lost`], of the names of what holds the change: the trait of a method, the section of a key.
pub(crate) fn lost_holder<'t>(
    base: &'t str,
    theirs: &str,
    ours: &str,
    language: Language,
) -> Option<Name<'t>> {
    first_not_in(holding(base, theirs, language), ours, language)
}

fn first_not_in<'t>(wanted: Vec<Name<'t>>, ours: &str, language: Language) -> Option<Name<'t>> {
    if wanted.is_empty() {
        return None;
    }
    let there = names_and_impls(ours, language);
    wanted.into_iter().find(|name| !there.iter().any(|other| name.may_be(other)))
}

/// What holds the changed lines of `base`, as far as it stands in `base` itself, and the implementations that begin in them.
fn holding<'t>(base: &'t str, theirs: &str, language: Language) -> Vec<Name<'t>> {
    let (items, sections) = match language {
        Language::Rust => (items(base), Vec::new()),
        Language::Toml => (Vec::new(), sections(base)),
        Language::Other => return Vec::new(),
    };
    if items.is_empty() && sections.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for Hunk { old, .. } in line_hunks(base, theirs) {
        let lines = bytes_of(base, &old);
        let holds = |body: &Range<usize>| body.start <= lines.start && lines.end <= body.end;
        let begins = |item: &Defined<'_>| item.name.what == ItemKind::Impl.word() && lines.contains(&item.at);
        let is_holder = |item: &&Defined<'_>| item.body.as_ref().is_some_and(holds) || begins(item);
        let held_by = items.iter().chain(&sections).filter(is_holder);
        found.extend(held_by.map(|item| item.name));
    }
    found
}

/// What the changed lines of `base` define; where they define nothing, what was defined last above them: that holds them. Above
/// the first name it is that one: its attributes stand there, and what is put before it.
fn telling<'t>(base: &'t str, theirs: &str, language: Language) -> Vec<Name<'t>> {
    if names(base, language).is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for Hunk { old, .. } in line_hunks(base, theirs) {
        let lines = bytes_of(base, &old);
        let own = names(&base[lines.clone()], language);
        match own.is_empty() {
            true => {
                let above = names(&base[..lines.start], language).pop();
                found.extend(above.or_else(|| names(&base[lines.end..], language).into_iter().next()));
            }
            false => found.extend(own),
        }
    }
    found
}

/// Whether `text` defines nothing of what `own` defines, which is something, and nothing that `others` do not define.
pub(crate) fn is_of_others(own: &str, text: &str, others: &str, language: Language) -> bool {
    let [own, found] = [own, text].map(|text| names(text, language));
    if own.is_empty() || found.is_empty() {
        return false;
    }
    let others = names(others, language);
    let is_in = |name: &Name<'_>, names: &[Name<'_>]| names.iter().any(|other| name.may_be(other));
    found.iter().all(|name| !is_in(name, &own) && is_in(name, &others))
}

/// Whether a change from `base` to `theirs`, which is told where it belongs by a name, went under another one in the change from
/// `ours` to `merged`.
pub(crate) fn is_under_other_name(
    base: &str,
    theirs: &str,
    ours: &str,
    merged: &str,
    language: Language,
) -> bool {
    let own = telling(base, theirs, language);
    !own.is_empty()
        && telling(ours, merged, language).iter().any(|name| own.iter().all(|own| !own.may_be(name)))
}

/// Whether an item that a change from `base` to `theirs` puts in went into another block in the change from `ours` to `merged`.
pub(crate) fn is_in_other_block(base: &str, theirs: &str, ours: &str, merged: &str) -> bool {
    let depths = [(base, theirs), (ours, merged)].map(|(old, new)| depth_of_item(old, new));
    matches!(depths, [Some(wanted), Some(there)] if wanted != there)
}

/// In how many more blocks than its beginning the first item stands that a change puts into `old`.
fn depth_of_item(old: &str, new: &str) -> Option<isize> {
    let hunks = line_hunks(old, new).into_iter();
    let puts_in = |hunk: &Hunk| !names(&new[bytes_of(new, &hunk.new)], Language::Rust).is_empty();
    let at = bytes_of(new, &hunks.filter(|hunk| hunk.old.is_empty()).find(puts_in)?.new).start;
    let tokens = lexer::tokens(&new[..at]);
    let depth = tokens.into_iter().map(|token| match &new[token.span] {
        "{" => 1,
        "}" => -1,
        _ => 0,
    });
    Some(depth.sum())
}

/// Whether `ours` is `base` under another name, and all else that it says is as it was: more than the line that names it.
pub(crate) fn is_renamed(base: &str, ours: &str, language: Language) -> bool {
    let lines = base.lines().filter(|line| line.contains(is_word)).count();
    lines > names_and_impls(base, language).len() && is_same_but_for_names(base, ours, language)
}

/// Whether two texts define as much and say the same, but for the names of what they define.
pub(crate) fn is_same_but_for_names(base: &str, ours: &str, language: Language) -> bool {
    let (old, new) = (names_and_impls(base, language), names_and_impls(ours, language));
    let unnamed = |text: &str, names: &[Name<'_>]| -> Vec<String> {
        let word = |token: Token| &text[token.span];
        let is_name = |word: &&str| names.iter().any(|name| name.name == *word);
        lexer::tokens(text)
            .into_iter()
            .map(word)
            .map(|word| if is_name(&word) { String::new() } else { word.trim_end().to_owned() })
            .collect()
    };
    old.len() == new.len() && unnamed(base, &old) == unnamed(ours, &new)
}

/// A text of Rust without its white space, its comments and what says who may see it.
pub(crate) fn unexposed(text: &str) -> String {
    let tokens = lexer::tokens(text).into_iter().filter(|token| token.kind != TokenKind::Comment);
    let mut words = tokens.map(|token| &text[token.span]).peekable();
    let mut rest = String::with_capacity(text.len());
    while let Some(word) = words.next() {
        match word {
            "pub" => {
                if words.next_if_eq(&"(").is_some() {
                    words.by_ref().take_while(|word| *word != ")").for_each(drop);
                }
            }
            other => rest.extend(other.split_whitespace()),
        }
    }
    rest
}

/// Whether a text shows, by its indentation, that a function of it is in no implementation and no trait.
pub(crate) fn is_free(text: &str, language: Language) -> bool {
    let opens = |line: &str| line.starts_with(|c: char| !c.is_whitespace()) && line.ends_with(['{', '(']);
    let is_function = |line: &str| names(line, language).iter().any(|name| name.what == ItemKind::Fn.word());
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    while let Some(line) = lines.next() {
        // A first line may be cut off: what it opens is a step deeper, or no function at the margin.
        if opens(line) && is_function(line) && lines.peek().is_some_and(|next| is_one_step(indent(next))) {
            return true;
        }
    }
    false
}

/// Whether white space at the start of a line is one step of indentation at most.
fn is_one_step(indent: &str) -> bool {
    indent.len() <= STEP.len() && STEP.starts_with(indent) || indent == "\t"
}

/// Whether a text says nothing but `use`: that identifies no place.
pub(crate) fn is_use(text: &str, language: Language) -> bool {
    language == Language::Rust
        && are_of_the_file(text).is_some_and(|words| words.iter().all(|word| *word == "use"))
}

/// Whether a text says nothing but what a file says of itself and of what it uses: `use`, `mod x;`, `extern crate`, inner attributes.
/// Any file may say that, so it never moves by itself.
pub(crate) fn is_of_the_file(text: &str, language: Language) -> bool {
    language == Language::Rust && are_of_the_file(text).is_some()
}

/// The words that begin the statements of a text, and `#` for each attribute, if they say what a file says of itself: at least
/// one.
fn are_of_the_file(text: &str) -> Option<Vec<&str>> {
    let tokens = lexer::tokens(text);
    let words = tokens.iter().filter(|token| token.kind != TokenKind::Comment);
    let mut words = words.map(|token| &text[token.span.clone()]).peekable();
    let (mut begun, mut is_done) = (Vec::new(), false);
    while let Some(first) = words.next() {
        let first = match first {
            "pub" => {
                if words.next_if_eq(&"(").is_some() {
                    words.by_ref().take_while(|word| *word != ")").for_each(drop);
                }
                words.next().unwrap_or("use")
            }
            other => other,
        };
        is_done = match first {
            "#" => {
                let is_inner = words.next_if_eq(&"!").is_some();
                let mut depth = 0_usize;
                let mut is_inside = |word: &&str| {
                    match *word {
                        "[" => depth += 1,
                        "]" => depth -= 1,
                        _ => {}
                    }
                    depth > 0
                };
                words.next_if_eq(&"[").filter(|open| is_inside(open))?;
                words.by_ref().take_while(is_inside).for_each(drop);
                is_inner
            }
            "mod" => {
                words.next()?;
                words.next_if_eq(&";")?;
                true
            }
            "use" => {
                words.by_ref().take_while(|word| *word != ";").for_each(drop);
                true
            }
            "extern" => {
                words.next_if_eq(&"crate")?;
                words.by_ref().take_while(|word| *word != ";").for_each(drop);
                true
            }
            _ => return None,
        };
        begun.push(first);
    }
    is_done.then_some(begun)
}

/// The items of a piece of Rust, by what stands around the words that begin one.
fn items(text: &str) -> Vec<Defined<'_>> {
    let mut tokens = lexer::tokens(text);
    tokens.retain(|token| token.kind != TokenKind::Comment);
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.span.clone()]);
    let is_name = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            token.kind == TokenKind::Word && word(at).starts_with(|c: char| c.is_alphabetic() || c == '_')
        })
    };
    let mut bodies = Bodies::default();
    let mut found: Vec<Defined<'_>> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        bodies.read(word(at), &token.span, &mut found);
        let before = if at == 0 { "" } else { word(at - 1) };
        let (what, name) = match word(at) {
            "macro_rules" if word(at + 1) == "!" => (ItemKind::Macro.word(), at + 2),
            "const" if matches!(before, "*" | "<" | ",") || word(at + 2) != ":" => continue,
            "static" if word(at + 1) == "mut" => (ItemKind::Static.word(), at + 2),
            "union" if !matches!(word(at + 2), "{" | "<" | "where") => continue,
            "impl" => {
                let is_item = matches!(before, "" | "}" | "{" | ";" | "]" | "unsafe" | "default");
                if let Some(name) = implementation(text, &tokens[at + 1..]).filter(|_| is_item) {
                    bodies.begin(found.len());
                    found.push(Defined { name, at: token.span.start, body: None });
                }
                continue;
            }
            "macro" => continue,
            "r" if word(at + 1) == "#" => continue,
            other if before != "#" => match ItemKind::of_word(other) {
                Some(kind) => (kind.word(), at + 1),
                None => continue,
            },
            _ => continue,
        };
        let name = if word(name) == "r" && word(name + 1) == "#" { name + 2 } else { name };
        if is_name(name) && word(name) != "_" {
            let takes_self =
                if what == ItemKind::Fn.word() { takes_self(&word, name + 1, tokens.len()) } else { None };
            bodies.begin(found.len());
            let name = Name { what, name: &text[tokens[name].span.clone()], takes_self, of_trait: None };
            found.push(Defined { name, at: token.span.start, body: None });
        }
    }
    bodies.end(text.len(), &mut found);
    found
}

/// Which braces are open, and whose they are.
#[derive(Default)]
struct Bodies {
    /// Each open bracket of any kind: its item, if it opens the body of one.
    open: Vec<Option<usize>>,
    /// The item whose body is to come, and how many brackets are open around it.
    begun: Option<(usize, usize)>,
}

impl Bodies {
    fn begin(&mut self, item: usize) {
        self.begun = Some((item, self.open.len()));
    }

    fn read(&mut self, word: &str, span: &Range<usize>, items: &mut [Defined<'_>]) {
        let is_its_own = |(_, depth): &(usize, usize)| *depth == self.open.len();
        match word {
            "{" => {
                let item = self.begun.take_if(|begun| is_its_own(begun)).map(|(item, _)| item);
                if let Some(item) = item {
                    items[item].body = Some(span.end..span.end);
                }
                self.open.push(item);
            }
            "(" | "[" => self.open.push(None),
            "}" | ")" | "]" => {
                if let Some(body) = self.open.pop().flatten().and_then(|item| items[item].body.as_mut()) {
                    body.end = span.start;
                }
            }
            ";" => drop(self.begun.take_if(|begun| is_its_own(begun))),
            _ => {}
        }
    }

    /// What is open at the end of a text goes on behind it.
    fn end(self, end: usize, items: &mut [Defined<'_>]) {
        for item in self.open.into_iter().flatten() {
            items[item].body.as_mut().expect("it was opened").end = end;
        }
    }
}

/// What is implemented, and for which type, by the `tokens` behind `impl`.
fn implementation<'t>(text: &'t str, tokens: &[Token]) -> Option<Name<'t>> {
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.span.clone()]);
    let mut depth = 0_usize;
    // The last word of the path before each `for` and the end, and where it begins.
    let (mut last, mut of_trait) = (None, None);
    for (at, token) in tokens.iter().enumerate() {
        match word(at) {
            "{" | "where" | ";" if depth == 0 => break,
            "for" if depth == 0 && word(at + 1) != "<" => {
                let start =
                    std::mem::take(&mut last).map_or(token.span.start, |name: Range<usize>| name.start);
                of_trait = Some(text[start..token.span.start].trim_end());
            }
            "<" | "(" | "[" => depth += 1,
            ">" if at > 0 && word(at - 1) == "-" => {}
            ">" | ")" | "]" => depth = depth.saturating_sub(1),
            "mut" | "dyn" | "const" => {}
            name if depth == 0 && name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                last = Some(token.span.clone());
            }
            _ => {}
        }
    }
    Some(Name { what: ItemKind::Impl.word(), name: &text[last?], takes_self: None, of_trait })
}

/// Whether the parameters of a function, whose name ends before the token `at`, begin with `self`.
fn takes_self<'t>(word: &impl Fn(usize) -> &'t str, at: usize, end: usize) -> Option<bool> {
    let mut depth = 0_usize;
    let is_open = |at: &usize| {
        match word(*at) {
            "<" => depth += 1,
            ">" if word(*at - 1) != "-" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && word(*at) == "("
    };
    let open = (at..end).find(is_open)?;
    let is_before = |word: &str| matches!(word, "&" | "mut") || word.starts_with('\'');
    (open + 1..end).map(word).find(|word| !is_before(word)).map(|first| first == "self")
}

/// The key or section that a line of TOML begins with.
fn key(line: &str) -> Option<Name<'_>> {
    let line = line.trim_start();
    if let Some(section) = line.strip_prefix('[') {
        let section = section.trim_start_matches('[');
        let name = section.split(']').next()?.trim();
        let is_section =
            !name.is_empty() && section.contains(']') && name.starts_with(|c| is_word(c) || c == '"');
        return is_section.then_some(Name { what: SECTION, name, takes_self: None, of_trait: None });
    }
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end();
    let is_part = |c: char| is_word(c) || matches!(c, '-' | '.' | '"' | '\'' | ' ');
    (!name.is_empty() && name.chars().all(is_part)).then_some(Name {
        what: "key",
        name,
        takes_self: None,
        of_trait: None,
    })
}

/// The header above or at the beginning of the half-open byte range `span` of a TOML text, without its brackets.
pub(crate) fn section_at<'t>(text: &'t str, span: &Range<usize>) -> Option<&'t str> {
    let start = trimmed(text, span).start;
    sections(text).into_iter().rfind(|section| section.at <= start).map(|section| section.name.name)
}

/// Whether a TOML text has a header, given without its brackets.
pub(crate) fn has_section(text: &str, header: &str) -> bool {
    sections(text).iter().any(|section| section.name.name == header)
}

/// The sections of a piece of TOML, each up to the next one.
fn sections(text: &str) -> Vec<Defined<'_>> {
    let (mut found, mut at): (Vec<Defined<'_>>, usize) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        if let Some(name) = key(line).filter(|name| name.what == SECTION) {
            found
                .iter_mut()
                .last()
                .and_then(|last| last.body.as_mut())
                .into_iter()
                .for_each(|body| body.end = at);
            found.push(Defined { name, at, body: Some(at + line.len()..text.len()) });
        }
        at += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_what_it_defines() {
        let rust = [
            ("pub fn send<T>(a: T)", "fn send"),
            ("}\n\n    const fn f() {", "fn f"),
            ("const MAX: usize = 1;\nstatic mut S: u8", "const MAX, static S"),
            ("fn g(p: *const u8) -> [u8; N] where T: Fn(u8) {}", "fn g"),
            ("impl<const N: usize> A<N> { const X: u8 = 1; }", "const X"),
            ("let f: fn(u8) = g; // fn h\n\"fn i\"", ""),
            ("use a::b;\nmod c;", "mod c"),
            ("fn r#type() {}\nmacro_rules! m", "fn type, macro m"),
            ("union U { a: u8 }\nlet union = a;", "union U"),
            ("struct S;\nenum E {}\ntrait T {}\ntype A = u8;", "struct S, enum E, trait T, type A"),
            ("const _: () = ();", ""),
        ];
        let toml = [
            ("[a.b]\nc = 1\n\"d\" = { e = 2 }\n# f = 3", "section a.b, key c, key \"d\""),
            ("[[bin]]\nname = \"x\"", "section bin, key name"),
            ("members = [\n  \"a\",\n]", "key members"),
        ];
        for (cases, language) in [(&rust[..], Language::Rust), (&toml, Language::Toml)] {
            for (text, expected) in cases {
                let found: Vec<String> =
                    names(text, language).iter().map(|name| format!("{} {}", name.what, name.name)).collect();
                assert_eq!(found.join(", "), *expected, "{text}");
            }
        }
    }

    #[test]
    fn a_key_is_held_by_its_section() {
        let lost = |base, theirs, ours| lost(base, theirs, ours, Language::Toml).map(|name| name.name);
        let (base, theirs) = ("[a.b]\nc = 1\nd = 2\n", "[a.b]\nc = 3\nd = 2\n");
        assert_eq!(lost(base, theirs, "[a.x]\nc = 1\nd = 2\n"), Some("a.b"));
        assert_eq!(lost(base, theirs, "[a.b]\nc = 1\ne = 2\n"), None);
        let (base, theirs) = ("[a]\nb = 1\n\n[c]\nd = 1\n", "[a]\nb = 1\n\n[c]\nd = 2\n");
        assert_eq!(lost(base, theirs, "[c]\nd = 1\n"), None, "it is in the second one");
    }

    #[test]
    fn an_implementation_is_of_a_type_and_a_trait() {
        for (text, expected) in [
            ("impl A {", Some(("A", None))),
            ("unsafe impl<T: B> a::Send for &mut b::A<T> where T: C {", Some(("A", Some("Send")))),
            ("}\nimpl From<B> for A", Some(("A", Some("From<B>")))),
            ("impl<F> T for F where F: for<'a> Fn(&'a u8) {", Some(("F", Some("T")))),
            ("impl T for [u8] {", None),
            ("fn f(a: impl T) -> impl U {", None),
        ] {
            let found = names_and_impls(text, Language::Rust).into_iter().find(|name| name.what == "impl");
            assert_eq!(found.map(|name| (name.name, name.of_trait)), expected, "{text}");
            assert!(names(text, Language::Rust).iter().all(|name| name.what != "impl"));
        }
    }

    #[test]
    fn a_use_identifies_nothing() {
        let is_use = |text| is_use(text, Language::Rust);
        assert!(is_use("use a::b;\n// c\npub(crate) use d::{e, f};\n") && is_use("use a::b"));
        assert!(
            !is_use("use a::b;\nmod c;\n") && !is_use("fn f() {}") && !is_use("// use a;") && !is_use("")
        );
    }

    #[test]
    fn a_function_at_the_margin_is_free() {
        let is_free = |text| is_free(text, Language::Rust);
        assert!(is_free("/// A.\npub fn a(b: u8) {\n    c();") && is_free("fn a(\n\tb: u8,\n)"));
        // Cut off at its start, or not told.
        assert!(!is_free("fn a() {\n        b();\n    }") && !is_free("    fn a() {\n        b();"));
        assert!(!is_free("fn a() {") && !is_free("impl A {\n    fn a() {\n        b();"));
    }

    #[test]
    fn what_a_file_says_of_itself_is_of_no_place() {
        let is_of_the_file = |text| is_of_the_file(text, Language::Rust);
        for text in [
            "use a::{b, c};\n",
            "pub(crate) mod a;",
            "#[cfg(test)]\nmod tests;\nextern crate alloc as a;\n",
            "#![allow(a, b[0])]\n#![no_std]",
        ] {
            assert!(is_of_the_file(text), "{text}");
        }
        for text in
            ["mod a {", "#[test]", "#[test]\nfn a() {}", "use a;\nfn b() {}", "extern \"C\" {}", "", "// a"]
        {
            assert!(!is_of_the_file(text), "{text}");
        }
    }

    #[test]
    fn a_method_that_takes_itself_is_no_free_function() {
        for (text, expected) in [
            ("fn f(&self)", Some(true)),
            ("fn f(self, a: u8)", Some(true)),
            ("fn f(mut self: Box<Self>)", Some(true)),
            ("fn f<'a>(&'a mut self)", Some(true)),
            ("fn f<T: Fn(u8) -> Vec<Vec<u8>>>(&self, t: T)", Some(true)),
            ("fn f<const N: usize>(\n    &self,\n", Some(true)),
            ("fn f()", Some(false)),
            ("fn f(self_: u8)", Some(false)),
            ("fn f<T: Fn(&Self)>(t: T) -> u8", Some(false)),
            ("fn f(a: &self::A)", Some(false)),
            // What cannot be seen is unknown.
            ("fn f", None),
            ("fn f(", None),
            ("fn f(&", None),
            ("fn f<T: Fn(u8)", None),
            ("struct F(u8);", None),
        ] {
            assert_eq!(names(text, Language::Rust)[0].takes_self, expected, "{text}");
        }
        let lost = |base, ours| lost(base, "", ours, Language::Rust).is_some();
        assert!(lost("fn f(&self) {", "fn f(a: u8) {") && lost("fn f() {", "fn f(self) {"));
        assert!(!lost("fn f(&self) {", "fn f(&mut self, a: u8) {"));
        assert!(!lost("fn f(&self) {", "fn f<T>(") && !lost("fn f<", "fn f(&self) {"), "it may be");
    }

    #[test]
    fn another_name_is_another_place() {
        let lost = |base, theirs, ours| lost(base, theirs, ours, Language::Rust).map(|name| name.name);
        assert_eq!(lost("fn a() {", "fn a() -> u8 {", "pub fn a(x: u8) {"), None);
        assert_eq!(lost("fn a() {", "fn a() -> u8 {", "fn b() {"), Some("a"));
        assert_eq!(lost("let x = 1;", "let x = 2;", "let y = 1;"), None, "no item");
        let (base, theirs) =
            ("const A: u8 = 1;\nfn f() {\n    g();\n", "const A: u8 = 1;\nfn f() {\n    h();\n");
        assert_eq!(lost(base, theirs, "fn f() {\n    g();\n"), None, "what is around the item may go");
        assert_eq!(
            lost(base, theirs, "const A: u8 = 1;\nfn x() {\n    g();\n"),
            Some("f"),
            "it holds the line"
        );
        let (base, theirs) = ("#[test]\nfn a() {}\n", "fn x() {}\n#[test]\nfn a() {}\n");
        assert_eq!(lost(base, theirs, "#[test]\nfn b() {}\n"), Some("a"), "what is put before it");
        assert_eq!(lost(base, theirs, "fn b() {}\n#[test]\nfn a() {}\n"), None);
        let (base, theirs) =
            ("trait A {\n    fn f();\n    fn g();\n", "trait A {\n    fn f(x: u8);\n    fn g();\n");
        assert_eq!(lost(base, theirs, "trait B {\n    fn f();\n"), Some("A"), "what holds it");
        let (base, theirs) =
            ("impl D for A {\n    fn f() {\n        1", "impl D for A {\n    fn f() {\n        2");
        assert_eq!(lost(base, theirs, "impl D for B {\n    fn f() {\n        1"), Some("A"));
        assert_eq!(lost(base, theirs, "impl E for A {\n    fn f() {\n        1"), Some("A"));
        assert_eq!(lost(base, theirs, "impl<T> x::D for y::A<T> {\n    fn f() {\n        1"), None);
        let (base, theirs) = ("impl A {\n    fn f() {\n", "impl<T> A<T> {\n    fn f() {\n");
        assert_eq!(lost(base, theirs, "impl B {\n    fn f() {\n"), Some("A"), "it begins there");
        let (base, theirs) =
            ("mod a {\n    fn f() {}\n}\nfn g() {\n    1", "mod a {\n    fn f() {}\n}\nfn g() {\n    2");
        assert_eq!(lost(base, theirs, "fn g() {\n    1"), None, "it was closed before");
        let renamed = |base, ours| is_renamed(base, ours, Language::Rust);
        assert!(renamed("impl A {\n    fn f() {\n        g();\n", "impl B {\n    fn f() {\n        g();\n"));
        assert!(renamed("fn a() {\n    work();\n", "fn b() {\n    work();\n"));
        assert!(!renamed("fn a() {\n    work();\n", "fn b() {\n    rest();\n"));
        assert!(
            !renamed("const A: u8 = 1;\n", "const B: u8 = 1;\n"),
            "nothing else says that it is the same"
        );
    }
}
