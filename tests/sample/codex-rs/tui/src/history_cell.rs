//! Parts of the conversation.

/// What the model thought.
#[derive(Debug)]
pub(crate) struct ReasoningSummaryCell {
    content: String,
    transcript_only: bool,
}

impl ReasoningSummaryCell {
    pub(crate) fn new(content: &str, transcript_only: bool) -> Self {
        Self {
            content: content.to_string(),
            transcript_only,
        }
    }

    pub(crate) fn display_lines(&self) -> Vec<&str> {
        if self.transcript_only {
            return Vec::new();
        }
        self.content.lines().collect()
    }
}

/// With a headline it is shown at once, without one in the transcript.
pub(crate) fn new_reasoning_summary_block(reasoning: &str) -> ReasoningSummaryCell {
    if let Some((_headline, rest)) = reasoning.split_once("\n\n") {
        return ReasoningSummaryCell::new(rest, /*transcript_only*/ false);
    }
    ReasoningSummaryCell::new(reasoning, /*transcript_only*/ true)
}
