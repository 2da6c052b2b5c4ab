//! How long servers of tools are waited for.

use std::time::Duration;

/// Until a server has started.
pub const DEFAULT_STARTUP_TIMEOUT: Duration = Duration::from_secs(30);

/// Until one of its tools has answered.
const DEFAULT_TOOL_TIMEOUT: Duration = Duration::from_secs(120);

/// What the user's file says of a server.
#[derive(Debug, Clone, Default)]
pub struct McpServerConfig {
    pub startup_timeout_sec: Option<Duration>,
    pub tool_timeout_sec: Option<Duration>,
}

impl McpServerConfig {
    pub fn timeouts(&self) -> (Duration, Duration) {
        (
            self.startup_timeout_sec.unwrap_or(DEFAULT_STARTUP_TIMEOUT),
            self.tool_timeout_sec.unwrap_or(DEFAULT_TOOL_TIMEOUT),
        )
    }
}
