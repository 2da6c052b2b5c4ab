mod client;
mod compact;
pub mod config;
pub mod exec;
mod mcp_tool_call;
pub mod plugins;
pub mod tools;
mod turn_metadata;
mod unified_exec;

pub use client::ModelClient;
pub use client::ModelClientSession;
pub use client::X_CODEX_INSTALLATION_ID_HEADER;
pub use client::X_CODEX_TURN_METADATA_HEADER;
