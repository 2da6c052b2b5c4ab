const THIRD: u8 = 4;
const LAST: u8 = 1; // the anchor
const SECOND: u8 = 3;
const FIRST: u8 = 2;
