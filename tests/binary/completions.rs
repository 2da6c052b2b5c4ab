//! Completions as a shell asks for them, in a real bash and, where it is installed, in a real zsh; and the manual
//! pages.

#![expect(clippy::disallowed_types, reason = "it runs shells on files")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::{binary, copy_tree, kept_patches, run, sample, write_tree};

const OTHER: &str = "[[patches]]\nid = \"elsewhere\"\ndescription = \"Another one.\"\nfile = \"a.rs\"\n\
                     query = { type = \"text\", search = \"a\" }\noperation = { type = \"replace\", text = \"b\" }\n";

/// A folder with the sample and its patches, another patch file, and a file that is none.
fn scratch() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    copy_tree(&sample(), &scratch.path().join("codex-rs"));
    copy_tree(&kept_patches(), &scratch.path().join("patches"));
    write_tree(scratch.path(), &[("mine/other.toml", OTHER), ("mine/notes.txt", ""), ("alone.toml", OTHER)]);
    scratch
}

/// The folder of the binary goes first on the search path: the script calls it by its name.
fn path() -> std::ffi::OsString {
    let folder = Path::new(env!("CARGO_BIN_EXE_codex-patcher")).parent().unwrap().to_owned();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&rest))).unwrap()
}

fn shell(program: &str, arguments: &[&str], script: &str, dir: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .args(["-c", script])
        .current_dir(dir)
        .env("PATH", path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What bash offers at the end of a line, whose last word may be empty.
fn bash(dir: &Path, line: &str) -> BTreeSet<String> {
    let script = format!(
        "set -e; source <(codex-patcher completions bash); COMP_LINE='{line}'; COMP_TYPE=9\n\
         read -ra COMP_WORDS <<< '{line}'; [[ '{line}' == *' ' ]] && COMP_WORDS+=('')\n\
         COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); last=${{COMP_WORDS[COMP_CWORD]}}\n\
         spec=$(complete -p codex-patcher); function=${{spec#*-F }}; function=${{function%% *}}\n\
         $function codex-patcher \"$last\" '' 2> errors; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let offered = shell("bash", &["--norc", "--noprofile"], &script, dir);
    offered.lines().filter(|word| !word.is_empty() && !word.starts_with('-')).map(str::to_owned).collect()
}

fn words(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn bash_completes_files_folders_and_the_ids_of_the_files_on_the_line() {
    let scratch = scratch();
    let offered = |line: &str| bash(scratch.path(), line);
    assert!(offered("codex-patcher ").is_superset(&words(&[
        "apply",
        "status",
        "revert",
        "schema",
        "completions"
    ])));
    assert_eq!(
        offered("codex-patcher apply mine/"),
        words(&["mine/other.toml"]),
        "a folder and patch files, no others"
    );
    assert!(offered("codex-patcher apply ").is_superset(&words(&["alone.toml", "mine/", "patches/"])));
    assert!(offered("codex-patcher apply -w ").contains("codex-rs/"));
    assert!(!offered("codex-patcher apply -w ").contains("alone.toml"));

    let kept = words(&["agent-threads", "no-update-banner", "patient-exec", "fast-profile"]);
    assert_eq!(offered("codex-patcher apply --only "), kept, "of ./patches, which the run would take");
    assert_eq!(offered("codex-patcher apply patches/kept.toml --skip pa"), words(&["patient-exec"]));
    assert_eq!(offered("codex-patcher status alone.toml --only "), words(&["elsewhere"]));
    assert_eq!(offered("codex-patcher status -p alone.toml --skip "), words(&["elsewhere"]));
    assert!(offered("codex-patcher explain ").is_superset(&kept));
    assert_eq!(offered("codex-patcher schema "), words(&["patch", "report"]));
    assert_eq!(offered("codex-patcher status --drift "), words(&["off", "merge", "move"]));
}

#[test]
fn zsh_loads_its_script() {
    if Command::new("zsh").arg("--version").output().is_err() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no zsh on the search path");
        return;
    }
    let scratch = scratch();
    let script = "autoload -U compinit; compinit -u -d dump; source <(codex-patcher completions zsh); print $_comps[codex-patcher]";
    let function = shell("zsh", &["-f"], script, scratch.path());
    assert!(function.trim().ends_with("codex_patcher"), "{function}");
}

/// Every other shell's script asks the same way; that it answers in that shell's form is seen here.
#[test]
fn every_shell_has_a_script_and_an_answer() {
    let scratch = scratch();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(scratch.path(), ["completions", shell]).exits(0).stdout;
        assert!(
            script.contains("codex-patcher") && script.contains("CODEX_PATCHER_COMPLETE"),
            "{shell}: {script}"
        );
        let mut asked = binary(scratch.path());
        asked.env("CODEX_PATCHER_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", "3").env("_CLAP_IFS", "\n");
        asked.args(["--", "codex-patcher", "apply", "--only", ""]);
        let answer = String::from_utf8(asked.output().unwrap().stdout).unwrap();
        assert!(answer.lines().any(|line| line.starts_with("agent-threads")), "{shell}: {answer}");
    }
}

#[test]
fn a_broken_patch_file_completes_to_nothing_and_says_nothing() {
    let scratch = scratch();
    write_tree(scratch.path(), &[("broken.toml", "[[patches]\n")]);
    let mut asked = binary(scratch.path());
    asked.env("CODEX_PATCHER_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "4");
    let output = asked.args(["--", "codex-patcher", "apply", "broken.toml", "--only", ""]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn every_command_has_a_manual_page() {
    let dir = tempfile::tempdir().unwrap();
    let whole = run(dir.path(), ["man"]).exits(0).stdout;
    assert!(whole.contains(".TH codex-patcher 1"), "{whole}");
    let help = run(dir.path(), ["--help"]).exits(0).stdout;
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names =
        commands.lines().filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let commands: Vec<&str> = names.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let page = run(dir.path(), ["man", command]).exits(0).stdout;
        assert!(page.contains(&format!(".TH codex-patcher-{command} 1")), "{page}");
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
    let refused = run(dir.path(), ["man", "appply"]).exits(2);
    assert!(refused.stderr.contains("unknown command `appply`"), "{}", refused.stderr);
}
