//! Ids for proposed patches: a few words of the code at the place, written as ids are.

/// Words of an id, at most.
const MOST_WORDS: usize = 6;
/// Characters of one of them, at most.
const MOST_CHARS: usize = 24;

/// `AGENT_MAX_DEPTH` or `Config::load` as `agent-max-depth`, `config-load`; `fallback` where there is no word in it.
pub(super) fn of(words: &str, fallback: &str) -> String {
    let found = split(words);
    let found = if found.is_empty() { split(fallback) } else { found };
    let short = |word: String| word.chars().take(MOST_CHARS).collect::<String>();
    let id = found.into_iter().take(MOST_WORDS).map(short).collect::<Vec<_>>().join("-");
    if id.is_empty() { "patch".to_owned() } else { id }
}

/// The words of a text, in lower case; a capital inside one begins another.
fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
        let begins = !before.is_alphanumeric() || before.is_lowercase() && c.is_uppercase();
        if c.is_alphanumeric() {
            match words.last_mut().filter(|_| !begins) {
                Some(word) => word.extend(c.to_lowercase()),
                None => words.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids() {
        assert_eq!(of("AGENT_MAX_DEPTH", ""), "agent-max-depth");
        assert_eq!(of("Config load_all", ""), "config-load-all");
        assert_eq!(of("From<A> OtelExporter", ""), "from-a-otel-exporter");
        assert_eq!(of("});", "core/src/a.rs"), "core-src-a-rs");
        assert_eq!(of("});", ""), "patch");
        assert_eq!(of(&"a".repeat(1_000), ""), "a".repeat(24));
    }
}
