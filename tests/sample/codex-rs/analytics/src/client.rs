//! Tells what the user does.

use crate::events::TrackEventRequest;
use crate::events::TrackEventsRequest;
use crate::events::current_runtime_metadata;
use crate::reducer::AnalyticsFact;
use crate::reducer::AnalyticsReducer;
use codex_login::AuthManager;
use codex_login::default_client::create_client;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::mpsc;

const ANALYTICS_EVENTS_QUEUE_SIZE: usize = 16;
const ANALYTICS_EVENTS_TIMEOUT: Duration = Duration::from_secs(10);
const ANALYTICS_EVENT_DEDUPE_MAX_KEYS: usize = 64;

#[derive(Clone)]
pub(crate) struct AnalyticsEventsQueue {
    pub(crate) sender: mpsc::Sender<AnalyticsFact>,
    pub(crate) app_used_emitted_keys: Arc<Mutex<HashSet<String>>>,
    pub(crate) plugin_used_emitted_keys: Arc<Mutex<HashSet<String>>>,
}

impl AnalyticsEventsQueue {
    pub(crate) fn new(auth_manager: Arc<AuthManager>, base_url: String) -> Self {
        let (sender, mut receiver) = mpsc::channel(ANALYTICS_EVENTS_QUEUE_SIZE);
        tokio::spawn(async move {
            let mut reducer = AnalyticsReducer::default();
            while let Some(fact) = receiver.recv().await {
                let mut events = Vec::new();
                reducer.ingest(fact, &mut events).await;
                send_track_events(&auth_manager, &base_url, events).await;
            }
        });
        Self {
            sender,
            app_used_emitted_keys: Arc::default(),
            plugin_used_emitted_keys: Arc::default(),
        }
    }

    fn is_new(keys: &Mutex<HashSet<String>>, name: &str) -> bool {
        let mut keys = keys.lock().unwrap_or_else(|e| e.into_inner());
        if keys.len() >= ANALYTICS_EVENT_DEDUPE_MAX_KEYS {
            keys.clear();
        }
        keys.insert(name.to_string())
    }
}

#[derive(Clone)]
pub struct AnalyticsEventsClient {
    queue: AnalyticsEventsQueue,
    analytics_enabled: Option<bool>,
}

impl AnalyticsEventsClient {
    pub fn new(
        auth_manager: Arc<AuthManager>,
        base_url: String,
        analytics_enabled: Option<bool>,
    ) -> Self {
        Self {
            queue: AnalyticsEventsQueue::new(auth_manager, base_url),
            analytics_enabled,
        }
    }

    pub fn track_initialize(&self) {
        self.record_fact(format!("start on {}", current_runtime_metadata()));
    }

    pub fn track_app_used(&self, name: &str) {
        if AnalyticsEventsQueue::is_new(&self.queue.app_used_emitted_keys, name) {
            self.record_fact(format!("app {name}"));
        }
    }

    pub fn track_plugin_used(&self, name: &str) {
        if AnalyticsEventsQueue::is_new(&self.queue.plugin_used_emitted_keys, name) {
            self.record_fact(format!("plugin {name}"));
        }
    }

    fn record_fact(&self, fact: AnalyticsFact) {
        if self.analytics_enabled == Some(false) {
            return;
        }
        let _ = self.queue.sender.try_send(fact);
    }
}

async fn send_track_events(
    auth_manager: &AuthManager,
    base_url: &str,
    events: Vec<TrackEventRequest>,
) {
    let Some(auth) = auth_manager.auth().await else {
        return;
    };
    let _ = create_client()
        .post(format!("{base_url}/codex/analytics-events/events"))
        .timeout(ANALYTICS_EVENTS_TIMEOUT)
        .bearer_auth(auth.token())
        .json(&TrackEventsRequest { events })
        .send()
        .await;
}
