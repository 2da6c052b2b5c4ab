//! Which words of code are of the language and its library, and which are likely to be somebody's own.

/// Words that name nothing.
pub(crate) const KEYWORDS: &[&str] = &[
    "as", "async", "await", "const", "crate", "dyn", "else", "enum", "fn", "for", "if", "impl", "in", "let",
    "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self", "static", "struct",
    "super", "trait", "type", "unsafe", "use", "where", "while",
];

/// Longer words are seldom of the language or its library.
pub(crate) const OWN: usize = 7;

/// Of the library, and everywhere.
const COMMON: &[&str] = &[
    "as_mut",
    "as_ref",
    "as_str",
    "from_millis",
    "from_secs",
    "into_iter",
    "is_empty",
    "is_none",
    "is_some",
    "map_err",
    "ok_or_else",
    "to_owned",
    "to_string",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "utf16",
    "utf8",
];

/// Whether a word is of the kind that is seldom of the language or its library.
pub(crate) fn is_own(word: &str) -> bool {
    (word.contains('_') || word.len() > OWN) && !COMMON.contains(&word)
}

/// Whether a name has a number, and is no primitive type.
pub(crate) fn has_number(word: &str) -> bool {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_primitive = word.strip_prefix(['u', 'i', 'f']).is_some_and(is_number);
    word.starts_with(|c: char| c.is_alphabetic())
        && word.contains(|c: char| c.is_ascii_digit())
        && !is_primitive
        && !COMMON.contains(&word)
}
