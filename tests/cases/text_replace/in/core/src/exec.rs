use std::time::Duration;

pub const DEFAULT_EXEC_COMMAND_TIMEOUT_MS: u64 = 10_000;

pub fn exec_timeout() -> Duration {
    Duration::from_millis(DEFAULT_EXEC_COMMAND_TIMEOUT_MS)
}
