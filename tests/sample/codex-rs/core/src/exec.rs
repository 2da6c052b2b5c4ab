//! Running commands for the agent.

use std::time::Duration;

pub const DEFAULT_EXEC_COMMAND_TIMEOUT_MS: u64 = 10_000;
/// Bytes kept of what a command prints.
const EXEC_OUTPUT_MAX_BYTES: usize = 64 * 1024;

/// When a command is taken to hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecExpiration {
    Timeout(Duration),
    DefaultTimeout,
    Never,
}

impl ExecExpiration {
    pub fn timeout_ms(self) -> Option<u64> {
        match self {
            ExecExpiration::Timeout(duration) => Some(duration.as_millis() as u64),
            ExecExpiration::DefaultTimeout => Some(DEFAULT_EXEC_COMMAND_TIMEOUT_MS),
            ExecExpiration::Never => None,
        }
    }
}

pub fn truncate_output(output: &mut Vec<u8>) {
    output.truncate(EXEC_OUTPUT_MAX_BYTES);
}
