//! The second judge of Rust: `syn`, which reads Rust as rustc does. Pure.
//!
//! tree-sitter finds its way through broken code, so it takes what is no Rust (`vec![1]use a;`), and its grammar lags behind
//! the language, so it refuses what is. This judge is asked about little: some items, or a whole file where the two may
//! differ. It does not look into macros, and it knows nothing of names and types. What it reads is not yet what rustc takes:
//! `flaws` tells the rest.
//!
//! `syn` goes as deep as the code is nested, and the stack with it. What is nested deep is read on a stack of its own; what
//! is nested deeper than any stack is not read, and the judge has no opinion.

mod bindings;
mod flaws;
mod items;

use proc_macro2::extra::invalidate_current_thread_spans;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{
    Arm, Attribute, Block, Expr, Field, FieldValue, FnArg, GenericParam, Pat, Token, Type, UseTree, Variant,
};

pub(crate) use self::flaws::Flaw;
use self::flaws::Flaws;
use self::items::Home;
use crate::rust::nesting::nesting;

/// What a text is a sequence of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// A whole file, or its beginning: items behind `#!` lines.
    File,
    /// Items.
    Items,
    /// What stands in an `impl` without a trait.
    Impl,
    /// What stands in the implementation of a trait.
    TraitImpl,
    /// What stands in a trait.
    Trait,
    /// What stands in an `extern` block.
    Foreign,
}

/// What the judge says of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is Rust, as far as it can be read; with what rustc refuses in it.
    Accepted(Vec<Flaw>),
    /// It is not.
    Rejected(Objection),
    /// It is nested too deep to be read.
    NoOpinion,
}

/// Why a text is not Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Objection {
    /// In words; `None` where it does not even consist of tokens: a bracket or a quote is open.
    pub(crate) message: Option<String>,
    /// Byte offset up to which it was read.
    pub(crate) at: usize,
}

/// Nested at most so deep, a text is read on the caller's stack. Measured: a level takes at most 6 KB of it.
const SHALLOW: usize = 128;

/// Nested deeper, a text is not read.
const DEEPEST: usize = 16_384;

/// The stack for what lies between the two: four times what was measured. Only what is used is backed by memory.
const STACK: usize = 256 << 20;

/// Whether `text` is a sequence of what `level` says.
pub(crate) fn judge(text: &str, level: Level) -> Verdict {
    read(text, |text| {
        let start = if level == Level::File { shebang(text) } else { 0 };
        let mut flaws = Flaws::of(&text[start..]);
        verdict(&text[start..], |input| sequence(input, level, &mut flaws))
            .map_err(|objection| Objection { at: objection.at + start, ..objection })?;
        Ok(flaws.found.into_iter().map(|flaw| Flaw { at: flaw.at + start, ..flaw }).collect())
    })
}

/// Whether `text` is Rust of any kind that can stand alone: items, statements, an expression, a type, elements of a list.
/// `None`: no opinion.
pub(crate) fn is_rust(text: &str) -> Option<bool> {
    let reads = |text: &str| {
        if reads_as_any(text) { Ok(Vec::new()) } else { Err(Objection { message: None, at: 0 }) }
    };
    match read(text, reads) {
        Verdict::Accepted(_) => Some(true),
        Verdict::Rejected(_) => Some(false),
        Verdict::NoOpinion => None,
    }
}

fn read(text: &str, work: impl Fn(&str) -> Result<Vec<Flaw>, Objection> + Sync) -> Verdict {
    let depth = nesting(text);
    if depth > DEEPEST {
        return Verdict::NoOpinion;
    }
    // The spans that `proc-macro2` remembers for a thread are of no use to the next reading.
    let work = || {
        let result = work(text);
        invalidate_current_thread_spans();
        result
    };
    let result = if depth <= SHALLOW { Some(work()) } else { on_a_stack_of_its_own(work) };
    match result {
        Some(Ok(flaws)) => Verdict::Accepted(flaws),
        Some(Err(objection)) => Verdict::Rejected(objection),
        None => Verdict::NoOpinion,
    }
}

fn on_a_stack_of_its_own<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

/// Length of the `#!` line for the system, which is not Rust.
fn shebang(text: &str) -> usize {
    let is_attribute = |rest: &str| rest.trim_start().starts_with('[');
    match text.strip_prefix("#!") {
        Some(rest) if !is_attribute(rest) => text.find('\n').unwrap_or(text.len()),
        _ => 0,
    }
}

fn verdict(text: &str, parser: impl FnOnce(ParseStream<'_>) -> syn::Result<()>) -> Result<(), Objection> {
    let Ok(tokens) = text.parse::<TokenStream>() else { return Err(Objection { message: None, at: 0 }) };
    parser.parse2(tokens).map_err(|error| objection(text, &error))
}

fn objection(text: &str, error: &syn::Error) -> Objection {
    let message = error.to_string();
    let at = match error.span().byte_range().start {
        // At the end of a text there is no token to point at.
        0 if message.starts_with("unexpected end of input") => text.trim_end().len(),
        at => at.min(text.len()),
    };
    Objection { message: Some(shortened(message)), at }
}

/// The sentence without the list of all that could stand there.
fn shortened(message: String) -> String {
    match message.split_once("expected one of: ") {
        Some((before, list)) if list.split(", ").count() > 6 => {
            let what = if list.starts_with("`fn`") || list.starts_with("`default`") {
                "an item"
            } else {
                "something else"
            };
            format!("{before}expected {what}")
        }
        _ => message,
    }
}

fn sequence(input: ParseStream<'_>, level: Level, flaws: &mut Flaws<'_>) -> syn::Result<()> {
    if level == Level::File {
        input.call(Attribute::parse_inner)?;
    }
    while !input.is_empty() {
        match level {
            Level::File | Level::Items => flaws.visit_item(&input.parse()?),
            Level::Impl => flaws.impl_item(&input.parse()?, Home::Impl),
            Level::TraitImpl => flaws.impl_item(&input.parse()?, Home::TraitImpl),
            Level::Trait => flaws.trait_item(&input.parse()?),
            Level::Foreign => flaws.foreign_item(&input.parse()?),
        }
    }
    Ok(())
}

/// Whether it is such a sequence, whatever rustc refuses in it.
fn reads(input: ParseStream<'_>, level: Level) -> syn::Result<()> {
    sequence(input, level, &mut Flaws::of(""))
}

/// Everything that stands in the place of a match, tried one after the other; the cheap and frequent first.
fn reads_as_any(text: &str) -> bool {
    let Ok(tokens) = text.parse::<TokenStream>() else { return false };
    let readers: &[fn(ParseStream<'_>) -> syn::Result<()>] = &[
        |input| input.call(Block::parse_within).map(drop),
        |input| reads(input, Level::File),
        |input| reads(input, Level::Impl),
        |input| reads(input, Level::Trait),
        |input| reads(input, Level::Foreign),
        list::<Expr>,
        list::<Type>,
        |input| {
            Punctuated::<Pat, Token![,]>::parse_terminated_with(input, Pat::parse_multi_with_leading_vert)
                .map(drop)
        },
        |input| {
            while !input.is_empty() {
                input.parse::<Arm>()?;
            }
            Ok(())
        },
        |input| Punctuated::<Field, Token![,]>::parse_terminated_with(input, Field::parse_named).map(drop),
        |input| Punctuated::<Field, Token![,]>::parse_terminated_with(input, Field::parse_unnamed).map(drop),
        list::<Variant>,
        list::<FieldValue>,
        list::<FnArg>,
        list::<GenericParam>,
        list::<UseTree>,
        |input| input.call(Attribute::parse_outer).map(drop),
    ];
    readers.iter().any(|reader| reader.parse2(tokens.clone()).is_ok()) || continues(tokens)
}

fn list<T: Parse>(input: ParseStream<'_>) -> syn::Result<()> {
    Punctuated::<T, Token![,]>::parse_terminated(input).map(drop)
}

/// `.call()`, `?`, `+ 1`, `else { … }`: what follows an expression.
fn continues(tokens: TokenStream) -> bool {
    let front = |front: &str| -> TokenStream {
        let mut all: TokenStream = front.parse().expect("a word or two");
        all.extend(tokens.clone());
        all
    };
    let reads =
        |tokens| (|input: ParseStream<'_>| input.call(Block::parse_within).map(drop)).parse2(tokens).is_ok();
    let is_block =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    reads(front("x"))
        || tokens.clone().into_iter().next().is_some_and(|first| !is_block(&first)) && reads(front("if x {}"))
}
