use clap::Parser;

/// A miniature of the command line.
#[derive(Debug, Parser)]
#[clap(
    author,
    version,
    bin_name = "codex",
    override_usage = "codex [OPTIONS] [PROMPT]"
)]
struct MultitoolCli {
    prompt: Option<String>,
}

fn main() {
    let cli = MultitoolCli::parse();
    println!("{}", cli.prompt.unwrap_or_default());
}
