//! A command line that cannot be read may have asked for JSON all the same. What reads the report then gets its document.

use std::ffi::OsString;

use codex_patcher::outcome::{CallError, Command, Report};

use super::print_report;

/// Prints the report of `error` if `words`, the command line without the program's name, ask for JSON.
pub(super) fn answer(error: &clap::Error, words: impl Iterator<Item = OsString>) {
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let (words, _) = words.split_at(words.iter().position(|word| word == "--").unwrap_or(words.len()));
    if asks_for_json(words) {
        let command = words.iter().find_map(|word| Command::named(word));
        let _ = print_report(&Report::of_error(command, None, as_data(&error.render().to_string())));
    }
}

fn asks_for_json(words: &[String]) -> bool {
    let is_pair = |pair: &[String]| pair[0] == "--format" && pair[1] == "json";
    words.iter().any(|word| word == "--format=json") || words.windows(2).any(is_pair)
}

/// clap says what is wrong in the first paragraph, then what may have been meant, then how the command is used.
fn as_data(said: &str) -> CallError {
    let mut paragraphs = said.split("\n\n").map(str::trim);
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let message = message.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let hint = paragraphs.find_map(|said| said.strip_prefix("tip: ")).map(str::to_owned);
    CallError { message, hint, ..CallError::default() }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::args::Cli;
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn json_is_asked_for_in_two_ways() {
        assert!(asks_for_json(&words("status --format json x")));
        assert!(asks_for_json(&words("status --format=json")));
        assert!(!asks_for_json(&words("status --format human json")));
        assert!(!asks_for_json(&words("--format")));
    }

    #[test]
    fn what_is_wrong_and_what_may_be_meant_are_told_apart() {
        let error = |line: &str| {
            let error = Cli::try_parse_from(words(line)).unwrap_err();
            as_data(&error.render().to_string())
        };
        let meant = error("codex-patcher status --drit off");
        assert_eq!(meant.message, "unexpected argument '--drit' found");
        assert_eq!(meant.hint.as_deref(), Some("a similar argument exists: '--drift'"));
        let missing = error("codex-patcher explain");
        assert_eq!(missing.message, "the following required arguments were not provided: <ID>");
        assert_eq!(missing.hint, None);
        assert!(error("codex-patcher status -j 0").message.contains("invalid value '0'"));
    }
}
