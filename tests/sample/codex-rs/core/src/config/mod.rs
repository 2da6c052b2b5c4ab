//! Configuration as the rest of the miniature sees it.

use std::path::PathBuf;

/// Sub-agents that may run at once unless the user says otherwise.
pub(crate) const DEFAULT_AGENT_MAX_THREADS: Option<usize> = Some(6);
/// How deep sub-agents may start sub-agents.
pub(crate) const DEFAULT_AGENT_MAX_DEPTH: i32 = 1;

/// What the user's file says.
#[derive(Debug, Clone, Default)]
pub struct ConfigToml {
    pub check_for_update_on_startup: Option<bool>,
    pub agent_max_threads: Option<usize>,
}

/// What is in force.
#[derive(Debug, Clone)]
pub struct Config {
    pub codex_home: PathBuf,
    pub check_for_update_on_startup: bool,
    pub agent_max_threads: Option<usize>,
}

impl Config {
    /// Fills the gaps of the user's file with defaults.
    pub fn load(cfg: ConfigToml, codex_home: PathBuf) -> Self {
        let check_for_update_on_startup = cfg.check_for_update_on_startup.unwrap_or(true);
        let agent_max_threads = cfg.agent_max_threads.or(DEFAULT_AGENT_MAX_THREADS);
        Self {
            codex_home,
            check_for_update_on_startup,
            agent_max_threads,
        }
    }

    pub fn max_depth(&self) -> i32 {
        DEFAULT_AGENT_MAX_DEPTH
    }
}

use codex_config::types::OtelConfig;
use codex_config::types::OtelExporterKind;

/// What the user's file says of exporters.
#[derive(Debug, Clone, Default)]
pub struct OtelConfigToml {
    pub exporter: Option<OtelExporterKind>,
    pub metrics_exporter: Option<OtelExporterKind>,
}

impl OtelConfigToml {
    /// Fills the gaps.
    pub fn resolve(self) -> OtelConfig {
        OtelConfig {
            exporter: self.exporter.unwrap_or(OtelExporterKind::None),
            metrics_exporter: self.metrics_exporter.unwrap_or(OtelExporterKind::Statsig),
        }
    }
}

/// Bytes of AGENTS.md files that the model is given.
pub(crate) const AGENTS_MD_MAX_BYTES: usize = 32 * 1024; // 32 KiB
