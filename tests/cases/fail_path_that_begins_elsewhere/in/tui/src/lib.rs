pub fn two() {}
