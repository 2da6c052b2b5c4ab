//! What the model is told of the skills there are.

const DEFAULT_SKILL_METADATA_CHAR_BUDGET: usize = 8_000;
const SKILL_METADATA_CONTEXT_WINDOW_PERCENT: usize = 2;

/// How much of it there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkillMetadataBudget {
    Tokens(usize),
    Characters(usize),
}

pub fn default_skill_metadata_budget(context_window: Option<usize>) -> SkillMetadataBudget {
    match context_window {
        Some(window) => {
            SkillMetadataBudget::Tokens(window * SKILL_METADATA_CONTEXT_WINDOW_PERCENT / 100)
        }
        None => SkillMetadataBudget::Characters(DEFAULT_SKILL_METADATA_CHAR_BUDGET),
    }
}

/// How a warning begins.
pub fn budget_warning_prefix(budget: SkillMetadataBudget) -> &'static str {
    match budget {
        SkillMetadataBudget::Tokens(_) => "Exceeded skills context budget of 2%.",
        SkillMetadataBudget::Characters(_) => "Exceeded skills context budget.",
    }
}
