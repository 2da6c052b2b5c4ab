//! x
/// x
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPath;
/// x
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionPath;
