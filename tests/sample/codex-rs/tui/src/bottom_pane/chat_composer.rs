//! Where the user writes.

/// Longer pastes are shown by a placeholder.
const LARGE_PASTE_CHAR_THRESHOLD: usize = 1000;

pub(crate) fn shown_paste(pasted: &str) -> String {
    let count = pasted.chars().count();
    if count > LARGE_PASTE_CHAR_THRESHOLD {
        return format!("[{count} characters]");
    }
    pasted.to_string()
}
