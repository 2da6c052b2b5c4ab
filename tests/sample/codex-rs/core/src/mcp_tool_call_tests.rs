use super::*;
use crate::turn_metadata::TurnMetadataState;

async fn make_session_and_context() -> ((), TurnContext) {
    let turn_metadata_state = TurnMetadataState {
        turn_id: "turn-1".to_string(),
        has_changes: Some(true),
    };
    (
        (),
        TurnContext {
            turn_metadata_state,
        },
    )
}

#[tokio::test]
async fn mcp_tool_call_request_meta_includes_turn_metadata_for_custom_server() {
    let (_, turn_context) = make_session_and_context().await;
    let expected_turn_metadata = turn_context.turn_metadata_state.current_meta_value();

    assert_eq!(
        build_mcp_tool_call_request_meta(&turn_context, "mine", /*metadata*/ None),
        Some(serde_json::json!({
            crate::X_CODEX_TURN_METADATA_HEADER: expected_turn_metadata,
        }))
    );
}

#[tokio::test]
async fn codex_apps_tool_call_request_meta_includes_turn_metadata_and_codex_apps_meta() {
    let (_, turn_context) = make_session_and_context().await;
    let expected_turn_metadata = turn_context.turn_metadata_state.current_meta_value();
    let metadata = serde_json::json!({ "app": "calendar" });

    assert_eq!(
        build_mcp_tool_call_request_meta(
            &turn_context,
            CODEX_APPS_MCP_SERVER_NAME,
            Some(&metadata),
        ),
        Some(serde_json::json!({
            crate::X_CODEX_TURN_METADATA_HEADER: expected_turn_metadata,
            MCP_TOOL_CODEX_APPS_META_KEY: metadata,
        }))
    );
}
