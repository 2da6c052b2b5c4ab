// here too
pub const LIMIT: usize = 6;
