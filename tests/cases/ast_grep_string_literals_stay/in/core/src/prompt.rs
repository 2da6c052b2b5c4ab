impl Prompt {
    const PROMPT: &str = "You are.";
}
