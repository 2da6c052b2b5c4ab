pub(crate) const CODEX_CLI_VERSION: &str = env!("CARGO_PKG_VERSION");
