//! The conversation, and what is said beside it.

const RATE_LIMIT_WARNING_THRESHOLDS: [f64; 3] = [75.0, 90.0, 95.0];

/// What the user does not want to see again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notices {
    pub(crate) hide_rate_limit_model_nudge: Option<bool>,
}

#[derive(Debug, Default)]
pub(crate) struct ChatWidget {
    pub(crate) notices: Notices,
    warned: usize,
}

impl ChatWidget {
    /// One warning for each threshold that is passed.
    pub(crate) fn take_warning(&mut self, used_percent: f64) -> Option<String> {
        let threshold = *RATE_LIMIT_WARNING_THRESHOLDS.get(self.warned)?;
        if used_percent < threshold {
            return None;
        }
        self.warned += 1;
        Some(format!("{threshold:.0} % of the limit are used."))
    }

    pub(crate) fn rate_limit_switch_prompt_hidden(&self) -> bool {
        self.notices.hide_rate_limit_model_nudge.unwrap_or(false)
    }
}
