impl Prompt {
    const PROMPT: &str = r#"
You are patched.
    Keep four.
"#;
    const SHORT: &str = "a \
        b";
}
