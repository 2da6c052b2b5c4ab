//! What is told.

use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct TrackEventsRequest {
    pub(crate) events: Vec<TrackEventRequest>,
}

/// One thing that happened.
#[derive(Serialize)]
pub(crate) struct TrackEventRequest {
    pub(crate) kind: String,
}

pub(crate) fn current_runtime_metadata() -> String {
    std::env::consts::OS.to_string()
}
