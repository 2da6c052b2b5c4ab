//! Tools the model may call.

pub(crate) mod handlers;

pub(crate) const TELEMETRY_PREVIEW_MAX_BYTES: usize = 2 * 1024;

pub fn preview(text: &str) -> &str {
    match text.char_indices().nth(TELEMETRY_PREVIEW_MAX_BYTES) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
