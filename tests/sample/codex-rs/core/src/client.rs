//! Requests to the model.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use http::HeaderMap;
use http::HeaderValue;

pub const X_CODEX_INSTALLATION_ID_HEADER: &str = "x-codex-installation-id";
pub const X_CODEX_TURN_STATE_HEADER: &str = "x-codex-turn-state";
pub const X_CODEX_TURN_METADATA_HEADER: &str = "x-codex-turn-metadata";
pub const X_CODEX_PARENT_THREAD_ID_HEADER: &str = "x-codex-parent-thread-id";
pub const X_CODEX_WINDOW_ID_HEADER: &str = "x-codex-window-id";

/// Who serves the model.
#[derive(Debug, Clone)]
pub struct ModelProviderInfo {
    pub base_url: String,
}

#[derive(Debug)]
struct ModelClientState {
    window_generation: AtomicU64,
    installation_id: String,
    provider: ModelProviderInfo,
    parent_thread_id: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ModelClient {
    state: Arc<ModelClientState>,
}

/// What is asked of the model.
#[derive(Debug, PartialEq)]
pub struct ResponsesApiRequest {
    pub url: String,
    pub input: String,
    pub client_metadata: Option<HashMap<String, String>>,
}

impl ModelClient {
    pub fn new(
        installation_id: String,
        provider_info: ModelProviderInfo,
        parent_thread_id: Option<String>,
    ) -> Self {
        Self {
            state: Arc::new(ModelClientState {
                window_generation: AtomicU64::new(0),
                installation_id,
                provider: provider_info,
                parent_thread_id,
            }),
        }
    }

    /// Headers of the request that compacts a conversation.
    pub fn compaction_headers(&self) -> HeaderMap {
        let mut extra_headers = HeaderMap::new();
        if let Ok(header_value) = HeaderValue::from_str(&self.state.installation_id) {
            extra_headers.insert(X_CODEX_INSTALLATION_ID_HEADER, header_value);
        }
        if let Ok(header_value) = HeaderValue::from_str(&self.current_window_id()) {
            extra_headers.insert(X_CODEX_WINDOW_ID_HEADER, header_value);
        }
        extra_headers
    }

    /// Headers of any other request.
    pub fn turn_headers(&self, turn_metadata_header: Option<&str>) -> HeaderMap {
        let turn_metadata_header = parse_turn_metadata_header(turn_metadata_header);
        build_responses_headers(/*turn_state*/ None, turn_metadata_header.as_ref())
    }

    fn current_window_id(&self) -> String {
        self.state
            .window_generation
            .load(Ordering::Relaxed)
            .to_string()
    }

    pub(crate) fn build_ws_client_metadata(
        &self,
        turn_metadata_header: Option<&str>,
    ) -> HashMap<String, String> {
        let mut client_metadata = HashMap::new();
        client_metadata.insert(
            X_CODEX_INSTALLATION_ID_HEADER.to_string(),
            self.state.installation_id.clone(),
        );
        client_metadata.insert(
            X_CODEX_WINDOW_ID_HEADER.to_string(),
            self.current_window_id(),
        );
        if let Some(parent_thread_id) = self.state.parent_thread_id.clone() {
            client_metadata.insert(
                X_CODEX_PARENT_THREAD_ID_HEADER.to_string(),
                parent_thread_id,
            );
        }
        if let Some(turn_metadata_header) = parse_turn_metadata_header(turn_metadata_header)
            && let Ok(turn_metadata) = turn_metadata_header.to_str()
        {
            client_metadata.insert(
                X_CODEX_TURN_METADATA_HEADER.to_string(),
                turn_metadata.to_string(),
            );
        }
        client_metadata
    }

    pub fn build_responses_request(&self, input: &str) -> ResponsesApiRequest {
        ResponsesApiRequest {
            url: format!("{}/responses", self.state.provider.base_url),
            input: input.to_string(),
            client_metadata: Some(HashMap::from([(
                X_CODEX_INSTALLATION_ID_HEADER.to_string(),
                self.state.installation_id.clone(),
            )])),
        }
    }
}

/// A session that is kept between requests.
pub struct ModelClientSession {
    pub client: ModelClient,
}

fn parse_turn_metadata_header(turn_metadata_header: Option<&str>) -> Option<HeaderValue> {
    turn_metadata_header.and_then(|value| HeaderValue::from_str(value).ok())
}

/// Headers that go along:
///
/// - `x-codex-turn-state`: what the server wants back.
/// - `x-codex-turn-metadata`: optional per-turn metadata for observability.
fn build_responses_headers(
    turn_state: Option<&HeaderValue>,
    turn_metadata_header: Option<&HeaderValue>,
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(header_value) = turn_state {
        headers.insert(X_CODEX_TURN_STATE_HEADER, header_value.clone());
    }
    if let Some(header_value) = turn_metadata_header {
        headers.insert(X_CODEX_TURN_METADATA_HEADER, header_value.clone());
    }
    headers
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
