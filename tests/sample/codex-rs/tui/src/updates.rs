//! The banner that tells of a newer version.

use codex_core::config::Config;

/// The version to offer, if there is a newer one.
pub fn get_upgrade_version(config: &Config) -> Option<String> {
    if !config.check_for_update_on_startup {
        return None;
    }
    read_version_info(config)
}

fn read_version_info(config: &Config) -> Option<String> {
    let path = config.codex_home.join("version.json");
    std::fs::read_to_string(path).ok()
}
