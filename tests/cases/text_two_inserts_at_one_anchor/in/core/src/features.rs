pub enum Feature {
    Sandbox,
}
