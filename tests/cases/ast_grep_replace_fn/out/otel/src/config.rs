mod resolve {
    /// The exporter that is really used.
    #[must_use]
    pub(crate) fn resolve_exporter(exporter: &OtelExporter, debug: bool) -> OtelExporter {
        OtelExporter::None
    }

    pub fn resolve_exporter(other: u8) -> OtelExporter {
        OtelExporter::Statsig
    }
}
