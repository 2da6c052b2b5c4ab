pub const LIMIT: usize = 12;
