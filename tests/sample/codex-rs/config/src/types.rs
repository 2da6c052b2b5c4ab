//! Settings as a configuration file has them.

/// Where logs, traces or metrics go.
#[derive(Debug, Clone, PartialEq)]
pub enum OtelExporterKind {
    None,
    Statsig,
    OtlpHttp { endpoint: String },
}

/// What is exported, with defaults applied.
#[derive(Debug, Clone, PartialEq)]
pub struct OtelConfig {
    pub exporter: OtelExporterKind,
    pub metrics_exporter: OtelExporterKind,
}

impl Default for OtelConfig {
    fn default() -> Self {
        OtelConfig {
            exporter: OtelExporterKind::None,
            metrics_exporter: OtelExporterKind::Statsig,
        }
    }
}
