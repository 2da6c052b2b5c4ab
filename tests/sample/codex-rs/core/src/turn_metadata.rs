//! What a turn is about: ids, and the state of the working tree.

/// The turn that runs, and the tree in which it runs.
#[derive(Debug, Clone)]
pub(crate) struct TurnMetadataState {
    pub(crate) turn_id: String,
    pub(crate) has_changes: Option<bool>,
}

/// What tools may know of the turn that calls them.
#[derive(Debug, Clone)]
pub(crate) struct TurnContext {
    pub(crate) turn_metadata_state: TurnMetadataState,
}

impl TurnMetadataState {
    pub(crate) fn current_header_value(&self) -> Option<String> {
        let state = serde_json::json!({ "turn_id": self.turn_id, "has_changes": self.has_changes });
        serde_json::to_string(&state).ok()
    }

    pub(crate) fn current_meta_value(&self) -> Option<serde_json::Value> {
        let header = self.current_header_value()?;
        serde_json::from_str(&header).ok()
    }
}
