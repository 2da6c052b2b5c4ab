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

fn parse_version(v: &str) -> Option<(u64, u64, u64)> {
    let mut parts = v.splitn(3, '.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

/// A build that stands outside the row of releases.
pub fn is_source_build_version(version: &str) -> bool {
    parse_version(version) == Some((0, 0, 0))
}
