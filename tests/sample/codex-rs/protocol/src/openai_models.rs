//! Models, as the catalogue has them.

/// How much of a tool's output the model gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TruncationPolicyConfig {
    pub limit: i64,
}

impl TruncationPolicyConfig {
    pub const fn bytes(limit: i64) -> Self {
        Self { limit }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    pub slug: String,
    pub truncation_policy: TruncationPolicyConfig,
    pub context_window: Option<i64>,
    pub max_context_window: Option<i64>,
    pub auto_compact_token_limit: Option<i64>,
    pub used_fallback_model_metadata: bool,
}

impl ModelInfo {
    pub fn resolved_context_window(&self) -> Option<i64> {
        self.context_window.or(self.max_context_window)
    }

    /// From how many tokens on a conversation is compacted.
    pub fn auto_compact_token_limit(&self) -> Option<i64> {
        let most = self.resolved_context_window().map(|window| window / 10 * 9);
        match (self.auto_compact_token_limit, most) {
            (Some(limit), Some(most)) => Some(limit.min(most)),
            (limit, most) => limit.or(most),
        }
    }
}
