//! Makes events of facts.

use crate::events::TrackEventRequest;

pub(crate) type AnalyticsFact = String;

#[derive(Default)]
pub(crate) struct AnalyticsReducer {
    last: Option<AnalyticsFact>,
}

impl AnalyticsReducer {
    /// A fact that repeats the one before it makes no event.
    pub(crate) async fn ingest(&mut self, fact: AnalyticsFact, out: &mut Vec<TrackEventRequest>) {
        if self.last.as_ref() != Some(&fact) {
            out.push(TrackEventRequest { kind: fact.clone() });
        }
        self.last = Some(fact);
    }
}
