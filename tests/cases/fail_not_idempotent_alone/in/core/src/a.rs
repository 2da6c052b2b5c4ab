// abb
// xxyy
