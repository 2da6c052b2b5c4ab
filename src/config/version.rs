//! Version ranges: plain semver precedence over all versions, pre-releases included.

/// A checked range.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionRange {
    text: String,
}
