pub const LIMIT: usize = 6;
