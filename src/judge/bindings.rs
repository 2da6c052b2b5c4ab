//! Names that patterns bind: each once, and the same in all alternatives. Pure.
//!
//! A word by itself may be a constant: by its capital it is taken for one, and in an alternative of its own too.

use proc_macro2::{Ident, Span};
use syn::punctuated::Punctuated;
use syn::{Attribute, FieldPat, Member, Pat};

use super::flaws::Flaws;

/// Names with the place where each is bound first.
type Bound = Vec<(String, Span)>;

/// Tells the flaws of patterns that bind names together, as those of `among` do.
pub(super) fn of_list<'p>(flaws: &mut Flaws<'_>, patterns: impl Iterator<Item = &'p Pat>, among: &str) {
    all(flaws, patterns, among);
}

fn all<'p>(flaws: &mut Flaws<'_>, patterns: impl Iterator<Item = &'p Pat>, among: &str) -> Bound {
    let mut together: Bound = Vec::new();
    for pattern in patterns {
        for (name, span) in bound(flaws, pattern, among) {
            if together.iter().any(|(known, _)| *known == name) {
                flaws.say(span, format!("`{name}` is bound twice in {among}"));
            } else {
                together.push((name, span));
            }
        }
    }
    together
}

fn bound(flaws: &mut Flaws<'_>, pattern: &Pat, among: &str) -> Bound {
    match pattern {
        Pat::Ident(named) if is_uncertain(&named.attrs) => Vec::new(),
        Pat::Ident(named) => {
            let is_marked = named.by_ref.is_some() || named.mutability.is_some() || named.subpat.is_some();
            let own = (is_marked || is_variable(&named.ident))
                .then(|| (named.ident.to_string(), named.ident.span()));
            let mut together: Bound = own.into_iter().collect();
            if let Some((_, inner)) = &named.subpat {
                for (name, span) in bound(flaws, inner, among) {
                    if together.iter().any(|(known, _)| *known == name) {
                        flaws.say(span, format!("`{name}` is bound twice in {among}"));
                    }
                    together.push((name, span));
                }
            }
            together
        }
        Pat::Or(alternatives) => either(flaws, &alternatives.cases, among),
        Pat::Guard(guarded) => bound(flaws, &guarded.pat, among),
        Pat::Paren(inner) => bound(flaws, &inner.pat, among),
        Pat::Reference(inner) => bound(flaws, &inner.pat, among),
        Pat::Type(typed) if is_uncertain(&typed.attrs) => Vec::new(),
        Pat::Type(typed) => bound(flaws, &typed.pat, among),
        Pat::Slice(slice) => row(flaws, &slice.elems, among),
        Pat::Tuple(tuple) => row(flaws, &tuple.elems, among),
        Pat::TupleStruct(tuple) => row(flaws, &tuple.elems, among),
        Pat::Struct(fields) => {
            has_each_once(flaws, fields.fields.iter());
            let certain = fields.fields.iter().filter(|field| !is_uncertain(&field.attrs));
            all(flaws, certain.map(|field| &*field.pat), among)
        }
        _ => Vec::new(),
    }
}

fn row<T>(flaws: &mut Flaws<'_>, elements: &Punctuated<Pat, T>, among: &str) -> Bound {
    let rests = elements.iter().filter_map(|element| match element {
        Pat::Rest(rest) => Some(rest.dot2_token.spans[0]),
        Pat::Ident(named) => match named.subpat.as_ref().map(|(_, inner)| &**inner) {
            Some(Pat::Rest(rest)) => Some(rest.dot2_token.spans[0]),
            _ => None,
        },
        _ => None,
    });
    if let Some(second) = rests.take(2).nth(1) {
        flaws.say(second, "`..` stands twice in one pattern");
    }
    all(flaws, elements.iter(), among)
}

fn either<T>(flaws: &mut Flaws<'_>, cases: &Punctuated<Pat, T>, among: &str) -> Bound {
    let mut known: Option<Bound> = None;
    for case in cases.iter().filter(|case| !matches!(case, Pat::Macro(_) | Pat::Verbatim(_))) {
        let is_bare = matches!(case, Pat::Ident(named) if named.by_ref.is_none() && named.mutability.is_none() && named.subpat.is_none());
        let own = if is_bare { Vec::new() } else { bound(flaws, case, among) };
        let Some(first) = &known else {
            known = Some(own);
            continue;
        };
        let lacks = |one: &Bound, other: &Bound| {
            one.iter().find(|(name, _)| !other.iter().any(|(known, _)| known == name)).cloned()
        };
        if let Some((name, span)) = lacks(&own, first).or_else(|| lacks(first, &own)) {
            flaws.say(span, format!("`{name}` is not bound in all alternatives of a pattern"));
            return Vec::new();
        }
    }
    known.unwrap_or_default()
}

fn has_each_once<'f>(flaws: &mut Flaws<'_>, fields: impl Iterator<Item = &'f FieldPat>) {
    let mut known: Vec<&Ident> = Vec::new();
    for field in fields.filter(|field| !is_uncertain(&field.attrs)) {
        if let Member::Named(name) = &field.member {
            if known.contains(&name) {
                flaws.say(name.span(), format!("field `{name}` stands twice in one pattern"));
            }
            known.push(name);
        }
    }
}

/// What an attribute may take away.
fn is_uncertain(attributes: &[Attribute]) -> bool {
    !attributes.is_empty()
}

/// A word that is no constant, by its first letter.
fn is_variable(word: &Ident) -> bool {
    let word = word.to_string();
    word.trim_start_matches("r#").trim_start_matches('_').starts_with(char::is_lowercase)
}
