//! A command and what it printed, as the conversation shows it.

use crate::shimmer::shimmer_spans;
use std::time::Instant;

pub(crate) const TOOL_CALL_MAX_LINES: usize = 5;
const USER_SHELL_TOOL_CALL_MAX_LINES: usize = 50;
const MAX_INTERACTION_PREVIEW_CHARS: usize = 80;

/// How many lines of each.
struct ExecDisplayLayout {
    command_continuation_max_lines: usize,
    output_max_lines: usize,
}

impl ExecDisplayLayout {
    const fn new(command_continuation_max_lines: usize, output_max_lines: usize) -> Self {
        Self {
            command_continuation_max_lines,
            output_max_lines,
        }
    }
}

const EXEC_DISPLAY_LAYOUT: ExecDisplayLayout = ExecDisplayLayout::new(
    /*command_continuation_max_lines*/ 2, /*output_max_lines*/ 5,
);

/// A bullet that tells work from rest.
pub(crate) fn spinner(start_time: Option<Instant>, animations_enabled: bool) -> String {
    if !animations_enabled {
        return "•".to_string();
    }
    let elapsed = start_time.map(|st| st.elapsed()).unwrap_or_default();
    if std::env::var_os("COLORTERM").is_some() {
        shimmer_spans("•")[0].clone()
    } else if elapsed.as_secs().is_multiple_of(2) {
        "•".to_string()
    } else {
        "◦".to_string()
    }
}

pub(crate) fn display_lines(command: &str, output: &str, own: bool) -> Vec<String> {
    let layout = EXEC_DISPLAY_LAYOUT;
    let most = match own {
        true => USER_SHELL_TOOL_CALL_MAX_LINES,
        false => layout.output_max_lines.min(TOOL_CALL_MAX_LINES),
    };
    let command = command
        .lines()
        .take(1 + layout.command_continuation_max_lines);
    let output = output.lines().take(most);
    command.chain(output).map(str::to_string).collect()
}

/// What was typed into a program that runs.
pub(crate) fn interaction_preview(input: &str) -> String {
    input.chars().take(MAX_INTERACTION_PREVIEW_CHARS).collect()
}
