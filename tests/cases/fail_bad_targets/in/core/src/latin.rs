// café
fn x() {}
