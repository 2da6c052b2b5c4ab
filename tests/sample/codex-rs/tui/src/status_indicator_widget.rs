//! "Working", and since when.

use crate::exec_cell::spinner;
use crate::shimmer::shimmer_spans;
use std::time::Duration;
use std::time::Instant;

/// Asks for the next drawing.
#[derive(Debug, Default)]
pub(crate) struct FrameRequester {
    pub(crate) due: Option<Duration>,
}

impl FrameRequester {
    pub(crate) fn schedule_frame_in(&mut self, after: Duration) {
        self.due = Some(after);
    }
}

pub(crate) struct StatusIndicatorWidget {
    pub(crate) frame_requester: FrameRequester,
    pub(crate) animations_enabled: bool,
    pub(crate) started: Instant,
}

impl StatusIndicatorWidget {
    pub(crate) fn render(&mut self) -> String {
        if self.animations_enabled {
            self.frame_requester
                .schedule_frame_in(Duration::from_millis(32));
        }
        let bullet = spinner(Some(self.started), self.animations_enabled);
        format!("{bullet} {}", shimmer_spans("working").concat())
    }
}
