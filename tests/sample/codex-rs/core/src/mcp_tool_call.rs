//! Calls of tools that MCP servers offer.

use crate::turn_metadata::TurnContext;

pub(crate) const CODEX_APPS_MCP_SERVER_NAME: &str = "codex_apps";
pub(crate) const MCP_TOOL_CODEX_APPS_META_KEY: &str = "_codex_apps";

/// What goes along with a call, beside its arguments.
pub(crate) fn build_mcp_tool_call_request_meta(
    turn_context: &TurnContext,
    server: &str,
    metadata: Option<&serde_json::Value>,
) -> Option<serde_json::Value> {
    let mut request_meta = serde_json::Map::new();

    if let Some(turn_metadata) = turn_context.turn_metadata_state.current_meta_value() {
        request_meta.insert(
            crate::X_CODEX_TURN_METADATA_HEADER.to_string(),
            turn_metadata,
        );
    }

    if server == CODEX_APPS_MCP_SERVER_NAME
        && let Some(metadata) = metadata
    {
        request_meta.insert(MCP_TOOL_CODEX_APPS_META_KEY.to_string(), metadata.clone());
    }

    (!request_meta.is_empty()).then_some(serde_json::Value::Object(request_meta))
}

#[cfg(test)]
#[path = "mcp_tool_call_tests.rs"]
mod tests;
