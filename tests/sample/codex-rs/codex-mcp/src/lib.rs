pub mod mcp_connection_manager;
