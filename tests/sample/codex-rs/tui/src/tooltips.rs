//! A tip to show at start.

const ANNOUNCEMENT_TIP_URL: &str = "https://news.example.invalid/tip.txt";

const TIPS: [&str; 2] = ["Ask for a plan first.", "Name the file you mean."];

/// The announcement of the day, or one of the tips that come with the build.
pub(crate) fn get_tooltip(day: usize) -> String {
    announcement::fetch_announcement_tip().unwrap_or_else(|| TIPS[day % TIPS.len()].to_string())
}

pub(crate) mod announcement {
    use crate::tooltips::ANNOUNCEMENT_TIP_URL;
    use crate::version::CODEX_CLI_VERSION;
    use std::sync::OnceLock;
    use std::thread;
    use std::time::Duration;

    static ANNOUNCEMENT_TIP: OnceLock<Option<String>> = OnceLock::new();

    /// Has the announcement at hand when it is wanted.
    pub(crate) fn prewarm() {
        let _ = thread::spawn(|| ANNOUNCEMENT_TIP.get_or_init(init_announcement_tip_in_thread));
    }

    /// The announcement, if it is there yet.
    pub(crate) fn fetch_announcement_tip() -> Option<String> {
        let raw = ANNOUNCEMENT_TIP.get().cloned().flatten()?;
        parse_announcement_tip(&raw)
    }

    fn init_announcement_tip_in_thread() -> Option<String> {
        thread::spawn(blocking_init_announcement_tip).join().ok()?
    }

    fn blocking_init_announcement_tip() -> Option<String> {
        let response = reqwest::blocking::Client::new()
            .get(ANNOUNCEMENT_TIP_URL)
            .timeout(Duration::from_secs(1))
            .send();
        response.ok()?.text().ok()
    }

    /// The part after the version that it is for.
    fn parse_announcement_tip(raw: &str) -> Option<String> {
        raw.strip_prefix(CODEX_CLI_VERSION)
            .map(|tip| tip.trim().to_string())
    }
}
