//! Commands that run in a terminal of their own.

pub(crate) const MIN_YIELD_TIME_MS: u64 = 250;
pub(crate) const MAX_YIELD_TIME_MS: u64 = 30_000;
pub(crate) const DEFAULT_MAX_BACKGROUND_TERMINAL_TIMEOUT_MS: u64 = 300_000;
pub(crate) const UNIFIED_EXEC_OUTPUT_MAX_BYTES: usize = 1024 * 1024; // 1 MiB
pub(crate) const MAX_UNIFIED_EXEC_PROCESSES: usize = 64;
pub(crate) const WARNING_UNIFIED_EXEC_PROCESSES: usize = 60;

/// How long the model waits for output, at most.
pub(crate) fn clamp_yield_time(yield_time_ms: u64) -> u64 {
    yield_time_ms.clamp(MIN_YIELD_TIME_MS, MAX_YIELD_TIME_MS)
}

/// How long it may wait for a command that it let run.
pub(crate) fn clamp_poll_time(yield_time_ms: u64) -> u64 {
    yield_time_ms.min(DEFAULT_MAX_BACKGROUND_TERMINAL_TIMEOUT_MS)
}

pub(crate) fn keep_newest(output: &mut Vec<u8>) {
    let excess = output.len().saturating_sub(UNIFIED_EXEC_OUTPUT_MAX_BYTES);
    output.drain(..excess);
}

/// Whether one more may be opened, and whether the model is to be told that there are many.
pub(crate) fn room_for_one_more(open: usize) -> (bool, bool) {
    (
        open < MAX_UNIFIED_EXEC_PROCESSES,
        open >= WARNING_UNIFIED_EXEC_PROCESSES,
    )
}
