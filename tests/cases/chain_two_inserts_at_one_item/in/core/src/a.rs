const LAST: u8 = 1; // the anchor
