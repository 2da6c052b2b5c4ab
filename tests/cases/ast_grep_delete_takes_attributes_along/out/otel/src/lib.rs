//! Telemetry.


/// Stays.
pub fn stay() {}
