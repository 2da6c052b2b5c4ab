pub enum Feature {
    Local,
    Patched,
    Sandbox,
}
