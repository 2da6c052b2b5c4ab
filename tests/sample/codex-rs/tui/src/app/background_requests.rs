//! Requests whose answers come back as events.

use color_eyre::Result;
use color_eyre::eyre::WrapErr;

use super::Server;

pub(super) async fn fetch_feedback_upload(server: Server, report: String) -> Result<String> {
    server
        .upload(report)
        .await
        .wrap_err("feedback/upload failed in TUI")
}

pub(super) async fn fetch_plugins(server: Server) -> Result<Vec<String>> {
    server.plugins().await.wrap_err("plugin/list failed in TUI")
}
