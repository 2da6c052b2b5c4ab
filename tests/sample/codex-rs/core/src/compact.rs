//! Makes a long conversation short.

const COMPACT_USER_MESSAGE_MAX_TOKENS: usize = 20_000;
const CHARS_PER_TOKEN: usize = 4;

/// The newest of the user's messages, word for word, as many as there is room for.
pub(crate) fn kept_user_messages(messages: &[String]) -> Vec<&str> {
    let mut room = COMPACT_USER_MESSAGE_MAX_TOKENS * CHARS_PER_TOKEN;
    let fits = |message: &&String| {
        let fits = message.len() <= room;
        room = room.saturating_sub(message.len());
        fits
    };
    messages
        .iter()
        .rev()
        .take_while(fits)
        .map(String::as_str)
        .collect()
}
