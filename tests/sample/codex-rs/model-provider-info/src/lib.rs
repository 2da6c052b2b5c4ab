//! Servers of models, and patience with them.

const DEFAULT_STREAM_MAX_RETRIES: u64 = 5;
const DEFAULT_REQUEST_MAX_RETRIES: u64 = 4;

/// What the user's file says of a server.
#[derive(Debug, Clone, Default)]
pub struct ModelProviderInfo {
    pub stream_max_retries: Option<u64>,
    pub request_max_retries: Option<u64>,
}

impl ModelProviderInfo {
    pub fn stream_max_retries(&self) -> u64 {
        self.stream_max_retries
            .unwrap_or(DEFAULT_STREAM_MAX_RETRIES)
    }

    pub fn request_max_retries(&self) -> u64 {
        self.request_max_retries
            .unwrap_or(DEFAULT_REQUEST_MAX_RETRIES)
    }
}
