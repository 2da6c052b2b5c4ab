//! Reads `[patches.verify]`: what the match must be equal to.

use super::declared::{DeclaredKey, Takes};
use super::fields::{At, Fields, Sink};
use super::verify_keys::{self as keys, Algorithm, Method};
use crate::config::mistake::MistakeKind;
use crate::patch::Verify;

/// The checked table.
pub(super) fn check(sink: &mut Sink, fields: &Fields<'_>) -> Option<Verify> {
    let all = &keys::VERIFY_TABLE;
    let key = spelling(sink, fields, &keys::METHOD, &keys::VERIFY_TYPE);
    let Some(method) = fields.choice(sink, key) else {
        fields.hold(sink, all);
        return None;
    };
    let variant = method.value.declared();
    match method.value {
        Method::Exact => {
            fields.refuse_others(sink, variant.keys, all.keys, "`exact-match`");
            exact(sink, fields)
        }
        Method::Hash => {
            fields.refuse_others(sink, variant.keys, all.keys, "`hash`");
            fields.demand(sink, variant.required);
            hash(sink, fields)
        }
    }
}

/// Which of two spellings of a key is there; both at once are reported, and neither.
fn spelling<T: Takes + Sync>(
    sink: &mut Sink,
    fields: &Fields<'_>,
    first: &'static DeclaredKey<T>,
    second: &'static DeclaredKey<T>,
) -> &'static DeclaredKey<T> {
    match (fields.entry(first.name), fields.entry(second.name)) {
        (Some(_), Some(again)) => {
            let message = format!("`{}` and `{}` are the same key", first.name, second.name);
            sink.report(MistakeKind::Impossible, again.key_span, message).hint("remove one of them");
            first
        }
        (None, Some(_)) => second,
        (Some(_), None) => first,
        (None, None) => {
            fields.demand(sink, &[first]);
            first
        }
    }
}

fn exact(sink: &mut Sink, fields: &Fields<'_>) -> Option<Verify> {
    let key = spelling(sink, fields, &keys::EXPECTED_TEXT, &keys::EXPECTED);
    fields.text(sink, key).map(|text| Verify::Exact(text.value))
}

fn hash(sink: &mut Sink, fields: &Fields<'_>) -> Option<Verify> {
    let algorithm = match fields.has(keys::ALGORITHM.name) {
        true => Some(fields.choice(sink, &keys::ALGORITHM)?.value),
        false => None,
    };
    let expected = fields.text(sink, &keys::EXPECTED)?;
    let written = expected.value.trim();
    let digits = written.strip_prefix("0x").or_else(|| written.strip_prefix("0X")).unwrap_or(written);
    if let Some(odd) = digits.chars().find(|digit| !digit.is_ascii_hexdigit()) {
        let message = format!("`expected` is not hexadecimal: it contains `{odd}`");
        sink.report(MistakeKind::Verify, expected.span, message).hint("write the hash in hex digits");
        return None;
    }
    match Algorithm::of_length(digits.len()) {
        Some(found) if algorithm.is_none_or(|wanted| wanted == found) => Some(digest(found, digits)),
        _ => wrong_length(sink, &expected, digits.len(), algorithm),
    }
}

fn wrong_length<T>(
    sink: &mut Sink,
    expected: &At<String>,
    digits: usize,
    algorithm: Option<Algorithm>,
) -> Option<T> {
    let message = match algorithm {
        Some(algorithm) => format!(
            "`expected` has {digits} hex digits, which is not the length of a {} hash",
            algorithm.name()
        ),
        None => format!("`expected` has {digits} hex digits, which is not the length of a hash"),
    };
    sink.report(MistakeKind::Verify, expected.span.clone(), message)
        .hint("a sha256 hash has 64 hex digits, an xxh3 hash has 16");
    None
}

fn digest(algorithm: Algorithm, digits: &str) -> Verify {
    match algorithm {
        Algorithm::Xxh3 => Verify::Xxh3(u64::from_str_radix(digits, 16).expect("16 hex digits")),
        Algorithm::Sha256 => {
            let mut bytes = [0; 32];
            hex::decode_to_slice(digits, &mut bytes).expect("64 hex digits");
            Verify::Sha256(bytes)
        }
    }
}
