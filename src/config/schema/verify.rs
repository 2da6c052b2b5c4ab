//! `[patches.verify]`: what the matched span must be.

use super::fields::{At, Fields, Sink, choose};
use crate::config::mistake::MistakeKind;
use crate::config::patch::Verify;

const KEYS: &[&str] = &["method", "algorithm", "expected", "expected_text"];
const METHODS: &[(&str, Method)] = &[("exact-match", Method::Exact), ("hash", Method::Hash)];
const ALGORITHMS: &[(&str, Algorithm)] = &[("sha256", Algorithm::Sha256), ("xxh3", Algorithm::Xxh3)];

#[derive(Clone, Copy)]
enum Method {
    Exact,
    Hash,
}

#[derive(Clone, Copy, PartialEq)]
enum Algorithm {
    Sha256,
    Xxh3,
}

impl Algorithm {
    fn of_length(digits: usize) -> Option<Self> {
        match digits {
            64 => Some(Self::Sha256),
            16 => Some(Self::Xxh3),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Xxh3 => "xxh3",
        }
    }
}

/// The checked table.
pub(super) fn check(sink: &mut Sink, fields: &Fields<'_>) -> Option<Verify> {
    let key = spelling(sink, fields, "method", "type");
    let method = fields.choice(sink, key, "method of verification", METHODS);
    match method.map(|method| method.value) {
        None => {
            fields.refuse_others(
                sink,
                &["method", "type", "algorithm", "expected", "expected_text"],
                &[],
                "",
            );
            None
        }
        Some(Method::Exact) => {
            fields.refuse_others(
                sink,
                &["method", "type", "expected_text", "expected"],
                KEYS,
                "`exact-match`",
            );
            exact(sink, fields)
        }
        Some(Method::Hash) => {
            fields.refuse_others(sink, &["method", "type", "algorithm", "expected"], KEYS, "`hash`");
            hash(sink, fields)
        }
    }
}

/// Which of two spellings of a key is there; both at once are reported.
fn spelling<'k>(sink: &mut Sink, fields: &Fields<'_>, first: &'k str, second: &'k str) -> &'k str {
    match (fields.entry(first), fields.entry(second)) {
        (Some(_), Some(again)) => {
            let message = format!("`{first}` and `{second}` are the same key");
            sink.report(MistakeKind::Impossible, again.key_span, message).hint("leave one out");
            first
        }
        (None, Some(_)) => second,
        _ => first,
    }
}

fn exact(sink: &mut Sink, fields: &Fields<'_>) -> Option<Verify> {
    let key = spelling(sink, fields, "expected_text", "expected");
    fields.required(sink, key).map(|text| Verify::Exact(text.value))
}

fn hash(sink: &mut Sink, fields: &Fields<'_>) -> Option<Verify> {
    let algorithm = match fields.string(sink, "algorithm") {
        Some(name) => Some(choose(sink, &name, "hash algorithm", ALGORITHMS)?),
        None => None,
    };
    let expected = fields.required(sink, "expected")?;
    let written = expected.value.trim();
    let digits = written.strip_prefix("0x").or_else(|| written.strip_prefix("0X")).unwrap_or(written);
    if let Some(odd) = digits.chars().find(|digit| !digit.is_ascii_hexdigit()) {
        let message = format!("`expected` is not hexadecimal: it holds `{odd}`");
        sink.report(MistakeKind::Verify, expected.span, message).hint("a hash is written in hex digits");
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
        Some(algorithm) => format!("`expected` has {digits} hex digits, which is no {}", algorithm.name()),
        None => format!("`expected` has {digits} hex digits, which is no hash"),
    };
    sink.report(MistakeKind::Verify, expected.span.clone(), message)
        .hint("sha256 has 64 hex digits, xxh3 has 16");
    None
}

fn digest(algorithm: Algorithm, digits: &str) -> Verify {
    match algorithm {
        Algorithm::Xxh3 => Verify::Xxh3(u64::from_str_radix(digits, 16).expect("16 hex digits")),
        Algorithm::Sha256 => {
            let mut bytes = [0; 32];
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("64 hex digits");
            }
            Verify::Sha256(bytes)
        }
    }
}
