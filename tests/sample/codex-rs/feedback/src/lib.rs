//! What /feedback collects.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Result;
use anyhow::anyhow;

const FEEDBACK_DIAGNOSTICS_ATTACHMENT_FILENAME: &str = "diagnostics.txt";
const SENTRY_DSN: &str = "https://not-a-key@feedback.example.invalid/1";
const UPLOAD_TIMEOUT_SECS: u64 = 10;
const FEEDBACK_TAGS_TARGET: &str = "feedback_tags";

/// What was logged so far.
#[derive(Default)]
pub struct CodexFeedback {
    lines: Mutex<Vec<String>>,
}

impl CodexFeedback {
    pub fn log(&self, target: &str, line: &str) {
        if target == FEEDBACK_TAGS_TARGET {
            return;
        }
        if let Ok(mut lines) = self.lines.lock() {
            lines.push(line.to_string());
        }
    }

    pub fn snapshot(&self, thread_id: &str) -> FeedbackSnapshot {
        let lines = self.lines.lock().map(|lines| lines.join("\n"));
        FeedbackSnapshot {
            bytes: lines.unwrap_or_default().into_bytes(),
            thread_id: thread_id.to_string(),
        }
    }
}

/// A report, before it is sent.
pub struct FeedbackSnapshot {
    bytes: Vec<u8>,
    pub thread_id: String,
}

pub struct FeedbackUploadOptions<'a> {
    pub classification: &'a str,
    pub reason: Option<&'a str>,
    pub tags: Option<&'a BTreeMap<String, String>>,
    pub include_logs: bool,
    pub extra_attachment_paths: &'a [PathBuf],
    pub session_source: Option<String>,
    pub logs_override: Option<Vec<u8>>,
}

impl FeedbackSnapshot {
    /// Upload feedback to Sentry with optional attachments.
    pub fn upload_feedback(&self, options: FeedbackUploadOptions<'_>) -> Result<()> {
        use sentry::protocol::Envelope;

        let dsn = SENTRY_DSN
            .parse()
            .map_err(|e| anyhow!("no such place: {e}"))?;
        let mut envelope = Envelope::new();
        envelope.add_item(sentry::protocol::Event {
            message: Some(display_classification(options.classification)),
            tags: self.upload_tags(
                options.classification,
                options.reason,
                options.tags,
                options.session_source.as_ref(),
            ),
            ..Default::default()
        });
        for attachment in self.feedback_attachments(
            options.include_logs,
            options.extra_attachment_paths,
            options.logs_override,
        ) {
            envelope.add_item(attachment);
        }
        let client = sentry::Client::from(dsn);
        client.send_envelope(envelope);
        client.flush(Some(Duration::from_secs(UPLOAD_TIMEOUT_SECS)));
        Ok(())
    }

    fn upload_tags(
        &self,
        classification: &str,
        reason: Option<&str>,
        client_tags: Option<&BTreeMap<String, String>>,
        session_source: Option<&String>,
    ) -> BTreeMap<String, String> {
        let mut tags = client_tags.cloned().unwrap_or_default();
        tags.insert("thread".to_string(), self.thread_id.clone());
        tags.insert("class".to_string(), classification.to_string());
        tags.extend(reason.map(|reason| ("reason".to_string(), reason.to_string())));
        tags.extend(session_source.map(|source| ("source".to_string(), source.clone())));
        tags
    }

    fn feedback_attachments(
        &self,
        include_logs: bool,
        extra_attachment_paths: &[PathBuf],
        logs_override: Option<Vec<u8>>,
    ) -> Vec<sentry::protocol::Attachment> {
        use sentry::protocol::Attachment;

        let mut attachments = Vec::new();
        if include_logs {
            attachments.push(Attachment {
                buffer: logs_override.unwrap_or_else(|| self.bytes.clone()),
                filename: "log.txt".to_string(),
                content_type: Some("text/plain".to_string()),
                ty: None,
            });
            attachments.push(Attachment {
                buffer: std::env::consts::OS.as_bytes().to_vec(),
                filename: FEEDBACK_DIAGNOSTICS_ATTACHMENT_FILENAME.to_string(),
                content_type: Some("text/plain".to_string()),
                ty: None,
            });
        }
        for (number, path) in extra_attachment_paths.iter().enumerate() {
            let Ok(data) = fs::read(path) else {
                continue;
            };
            let filename = format!("extra-{number}.txt");
            attachments.push(Attachment {
                buffer: data,
                filename,
                content_type: Some("text/plain".to_string()),
                ty: None,
            });
        }
        attachments
    }
}

fn display_classification(classification: &str) -> String {
    classification.replace('_', " ")
}
