//! Where metrics go.

use std::collections::HashMap;

pub(crate) const STATSIG_OTLP_HTTP_ENDPOINT: &str = "https://metrics.example.invalid/v1";
pub(crate) const STATSIG_API_KEY_HEADER: &str = "statsig-api-key";
pub(crate) const STATSIG_API_KEY: &str = "not-a-key";

/// Turns a configured exporter into one that can be started.
pub(crate) fn resolve_exporter(exporter: &OtelExporter) -> OtelExporter {
    match exporter {
        OtelExporter::Statsig => OtelExporter::OtlpHttp {
            endpoint: STATSIG_OTLP_HTTP_ENDPOINT.to_string(),
            headers: HashMap::from([(
                STATSIG_API_KEY_HEADER.to_string(),
                STATSIG_API_KEY.to_string(),
            )]),
        },
        _ => exporter.clone(),
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum OtelExporter {
    None,
    /// The exporter that is built in.
    Statsig,
    OtlpHttp {
        endpoint: String,
        headers: HashMap<String, String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stays_none() {
        assert_eq!(resolve_exporter(&OtelExporter::None), OtelExporter::None);
    }
}
