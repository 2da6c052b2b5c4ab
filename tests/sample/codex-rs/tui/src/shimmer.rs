//! A light that goes over text.

use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

static PROCESS_START: OnceLock<Instant> = OnceLock::new();

fn elapsed_since_start() -> Duration {
    let start = PROCESS_START.get_or_init(Instant::now);
    start.elapsed()
}

/// The letters, the one under the light in capitals.
pub(crate) fn shimmer_spans(text: &str) -> Vec<String> {
    let lit = elapsed_since_start().as_millis() as usize / 100;
    let count = text.chars().count() + 1;
    text.chars()
        .enumerate()
        .map(|(at, letter)| match at + 1 == lit % count {
            true => letter.to_uppercase().to_string(),
            false => letter.to_string(),
        })
        .collect()
}
