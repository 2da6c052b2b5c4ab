//! What is asked and told at start.

use std::collections::BTreeMap;

const HIDE_SECOND_MIGRATION_PROMPT_CONFIG: &str = "hide_second_migration_prompt";
const HIDE_FIRST_MIGRATION_PROMPT_CONFIG: &str = "hide_first_migration_prompt";

/// What the user does not want to see again.
#[derive(Debug, Clone, Default)]
pub(super) struct Notices {
    pub(super) hide_first_migration_prompt: Option<bool>,
    pub(super) hide_second_migration_prompt: Option<bool>,
}

pub(super) fn migration_prompt_hidden(notices: &Notices, migration_config_key: &str) -> bool {
    match migration_config_key {
        HIDE_SECOND_MIGRATION_PROMPT_CONFIG => {
            notices.hide_second_migration_prompt.unwrap_or(false)
        }
        HIDE_FIRST_MIGRATION_PROMPT_CONFIG => notices.hide_first_migration_prompt.unwrap_or(false),
        _ => false,
    }
}

pub(super) const MODEL_AVAILABILITY_NUX_MAX_SHOW_COUNT: u32 = 4;

/// The new model to tell of, if it was not told of too often.
pub(super) fn select_model_availability_nux<'a>(
    new_models: &[&'a str],
    shown_count: &BTreeMap<String, u32>,
) -> Option<&'a str> {
    new_models.iter().copied().find(|model| {
        let shown = shown_count.get(*model).copied().unwrap_or_default();
        shown < MODEL_AVAILABILITY_NUX_MAX_SHOW_COUNT
    })
}
