//! Plugins, and where they come from.

use super::Config;
use codex_core_plugins::startup_sync::sync_openai_plugins_repo;
use codex_features::Feature;
use std::path::PathBuf;

/// Under which the list of featured plugins is kept.
fn featured_plugin_ids_cache_key(config: &Config) -> String {
    config.chatgpt_base_url.trim_end_matches('/').to_string()
}

pub struct PluginsManager {
    codex_home: PathBuf,
}

impl PluginsManager {
    pub fn new(codex_home: PathBuf) -> Self {
        Self { codex_home }
    }

    /// Where the list of featured plugins is kept.
    pub fn featured_plugin_ids_path(&self, config: &Config) -> PathBuf {
        self.codex_home.join(featured_plugin_ids_cache_key(config))
    }

    /// Fetches the catalogue in the background.
    pub fn maybe_start_plugin_startup_tasks_for_config(&self, config: &Config) {
        if config.features.enabled(Feature::Plugins) {
            self.start_curated_repo_sync();
        }
    }

    fn start_curated_repo_sync(&self) {
        let codex_home = self.codex_home.clone();
        std::thread::spawn(move || sync_openai_plugins_repo(&codex_home));
    }
}
