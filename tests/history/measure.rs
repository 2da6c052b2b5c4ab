//! Runs the binary on a case and classifies the result.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::repo::WORKSPACE;

/// How the binary is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) name: &'static str,
    pub(crate) drift: Option<&'static str>,
    pub(crate) lock: bool,
}

pub(crate) const MODES: [Mode; 6] = [
    Mode { name: "strict", drift: None, lock: false },
    Mode { name: "merge", drift: Some("merge"), lock: false },
    Mode { name: "move", drift: Some("move"), lock: false },
    Mode { name: "lock", drift: None, lock: true },
    Mode { name: "lock+merge", drift: Some("merge"), lock: true },
    Mode { name: "lock+move", drift: Some("move"), lock: true },
];

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Right,
    Refused,
    /// Upstream changed the line, and the change is in it all the same.
    Merged,
    Wrong,
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Refused => "refused",
            Self::Merged => "merged by tokens",
            Self::Wrong => "wrong",
        }
    }
}

/// What a tool did: the files that differ afterwards, or that it gave up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Did {
    pub(crate) code: i32,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) diff: String,
    pub(crate) report: serde_json::Value,
    pub(crate) stderr: String,
}

/// The binary that is measured.
pub(crate) fn binary() -> Command {
    let path = std::env::var_os("CODEX_PATCHER_BIN")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_codex-patcher")), PathBuf::from);
    let mut command = Command::new(path);
    command.env_clear().env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.envs(["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

pub(crate) fn apply(tree: &Path, patch: &Path, drift: Option<&str>) -> Did {
    let mut command = binary();
    command.args(["apply", "-n", "--diff", "--format", "json", "-j", "1", "--workspace"]);
    command.arg(tree.join(WORKSPACE)).arg("-p").arg(patch);
    if let Some(drift) = drift {
        command.args(["--drift", drift]);
    }
    let output = command.output().unwrap();
    let mut did = Did {
        code: output.status.code().unwrap_or(101),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        ..Did::default()
    };
    let Ok(report) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else { return did };
    did.diff = report["diff"].as_str().unwrap_or_default().to_owned();
    for (path, hunks) in split(&did.diff) {
        let path = format!("{WORKSPACE}/{}", path.strip_prefix("codex-rs/").unwrap_or(&path));
        let before = std::fs::read_to_string(tree.join(&path)).unwrap_or_default();
        let after = patched(&before, &hunks).unwrap_or_else(|| "(the diff does not apply)".to_owned());
        did.files.push((path, after));
    }
    did.report = report["patches"][0].clone();
    did
}

/// Makes a lock file beside the patch.
pub(crate) fn lock(tree: &Path, patch: &Path) -> Result<(), String> {
    let made = patch.with_file_name("codex-patcher.lock");
    // That of an earlier run is of another binary.
    let _ = std::fs::remove_file(&made);
    let output =
        binary().args(["lock", "-w"]).arg(tree.join(WORKSPACE)).arg("-p").arg(patch).output().unwrap();
    if output.status.success() && made.is_file() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// The files of a unified diff, with their hunks.
fn split(diff: &str) -> Vec<(String, Vec<&str>)> {
    let mut files: Vec<(String, Vec<&str>)> = Vec::new();
    let mut left = (0, 0);
    for line in diff.split_inclusive('\n') {
        let inside = left != (0, 0);
        if !inside && let Some(name) = line.strip_prefix("+++ ") {
            let name = name.trim_end();
            files.push((name.strip_prefix("b/").unwrap_or(name).to_owned(), Vec::new()));
        } else if !inside && !line.starts_with("@@ ") && !line.starts_with('\\') {
            continue;
        } else if let Some((_, hunks)) = files.last_mut() {
            match line.as_bytes()[0] {
                b'@' if !inside => left = lengths(line),
                b'-' => left.0 -= 1,
                b'+' => left.1 -= 1,
                b'\\' => {}
                _ => left = (left.0 - 1, left.1 - 1),
            }
            hunks.push(line);
        }
    }
    files
}

fn lengths(header: &str) -> (usize, usize) {
    let mut ranges = header
        .split(' ')
        .skip(1)
        .take(2)
        .map(|range| range.split_once(',').map_or(1, |(_, len)| len.parse().unwrap()));
    (ranges.next().unwrap(), ranges.next().unwrap())
}

/// The text after the hunks; `None` if they are not of this text.
fn patched(before: &str, hunks: &[&str]) -> Option<String> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let (mut after, mut at): (Vec<String>, usize) = (Vec::new(), 0);
    let mut old_side = false;
    for line in hunks {
        // An empty line of context may stand without its blank.
        let (sign, rest) = if *line == "\n" { (" ", *line) } else { line.split_at(1) };
        match sign {
            "@" => {
                let (start, len) = {
                    let range = &line.split(' ').nth(1)?[1..];
                    range.split_once(',').map_or((range, "1"), |pair| pair)
                };
                let start: usize = start.parse().ok()?;
                let start = if len == "0" { start } else { start - 1 };
                after.extend(old.get(at..start)?.iter().map(|line| (*line).to_owned()));
                at = start;
            }
            "\\" if old_side => {}
            "\\" => drop(after.last_mut()?.pop()),
            "+" => {
                after.push(rest.to_owned());
                old_side = false;
            }
            _ => {
                if old.get(at)?.trim_end_matches('\n') != rest.trim_end_matches('\n') {
                    return None;
                }
                if sign == " " {
                    // What is marked as lacking its line end is taken off by the mark.
                    after.push(rest.to_owned());
                }
                old_side = sign == "-";
                at += 1;
            }
        }
    }
    after.extend(old.get(at..)?.iter().map(|line| (*line).to_owned()));
    Some(after.concat())
}

/// What is right, for the judge.
pub(crate) struct Right {
    /// The only file that differs, and its content; `None`: refusing is right.
    pub(crate) file: Option<(String, String)>,
    /// Doing nothing, with success, is right as well.
    pub(crate) or_nothing: bool,
}

pub(crate) fn verdict(right: &Right, code: i32, files: &[(String, String)]) -> Verdict {
    match &right.file {
        _ if right.or_nothing && code == 0 && files.is_empty() => Verdict::Right,
        None if code == 1 => Verdict::Right,
        Some(_) if code == 1 => Verdict::Refused,
        Some(file) if code == 0 && files == std::slice::from_ref(file) => Verdict::Right,
        _ => Verdict::Wrong,
    }
}
