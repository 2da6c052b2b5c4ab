fn m() {}
fn gone() {}
fn gone() {}