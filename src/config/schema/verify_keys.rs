//! The keys of `[patches.verify]`, with its methods and algorithms.

use super::declared::{DeclaredKey, NamedValue, OneOf, Table, Text, Variant, by_kind, either};

/// What `method` says.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Exact,
    Hash,
}

/// What `algorithm` says.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Algorithm {
    Sha256,
    Xxh3,
}

impl Method {
    pub(super) fn declared(self) -> &'static Variant {
        match self {
            Self::Exact => &EXACT,
            Self::Hash => &HASH,
        }
    }
}

impl Algorithm {
    pub(super) fn of_length(digits: usize) -> Option<Self> {
        match digits {
            64 => Some(Self::Sha256),
            16 => Some(Self::Xxh3),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Xxh3 => "xxh3",
        }
    }
}

pub(super) static VERIFY_TABLE: Table = Table {
    title: "`verify`",
    keys: &[&METHOD, &VERIFY_TYPE, &ALGORITHM, &EXPECTED, &EXPECTED_TEXT],
    required: &[],
    further: schema,
};
static EXACT: Variant = Variant {
    keys: &[&METHOD, &VERIFY_TYPE, &EXPECTED_TEXT, &EXPECTED],
    required: &[],
    one_of: &[&EXPECTED_TEXT, &EXPECTED],
    needs: &[],
};
static HASH: Variant = Variant::of(&[&METHOD, &VERIFY_TYPE, &ALGORITHM, &EXPECTED], &[&EXPECTED]);

const METHODS: OneOf<Method> = OneOf {
    what: "verification method",
    choices: &[
        NamedValue::new("exact-match", Method::Exact, "The match is `expected_text`."),
        NamedValue::new("hash", Method::Hash, "The hash of the match is `expected`."),
    ],
};
pub(super) static METHOD: DeclaredKey<OneOf<Method>> =
    DeclaredKey::new("method", METHODS, "How to verify the match.");
pub(super) static VERIFY_TYPE: DeclaredKey<OneOf<Method>> =
    DeclaredKey::new("type", METHODS, "Another name for `method`.");
pub(super) static ALGORITHM: DeclaredKey<OneOf<Algorithm>> = DeclaredKey::new(
    "algorithm",
    OneOf {
        what: "hash algorithm",
        choices: &[
            NamedValue::new("sha256", Algorithm::Sha256, "64 hex digits."),
            NamedValue::new("xxh3", Algorithm::Xxh3, "16 hex digits."),
        ],
    },
    "The hash algorithm. Default: the one that fits the length of `expected`.",
);
pub(super) static EXPECTED: DeclaredKey<Text> = DeclaredKey::new(
    "expected",
    Text::NotBlank,
    "The hash of the match in hex digits; of the match as it is, or with LF line ends and without one \
     trailing newline.",
);
pub(super) static EXPECTED_TEXT: DeclaredKey<Text> =
    DeclaredKey::new("expected_text", Text::NotBlank, "The text that the match must be equal to.");

/// Schema of what goes with which method, in whichever spelling.
fn schema() -> serde_json::Value {
    let spelled = |key: &DeclaredKey<OneOf<Method>>| {
        let variants = key.takes.choices.iter().map(|method| (method.name, method.means.declared()));
        by_kind(VERIFY_TABLE.keys, key.name, variants)
    };
    either(&METHOD, &VERIFY_TYPE, spelled)
}
