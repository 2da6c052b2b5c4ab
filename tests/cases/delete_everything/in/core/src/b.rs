#[a]
fn x() {}