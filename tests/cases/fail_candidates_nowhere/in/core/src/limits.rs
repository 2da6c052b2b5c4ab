pub const LIMIT: usize = 7;
