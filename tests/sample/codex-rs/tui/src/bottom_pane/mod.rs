pub(crate) mod chat_composer;
