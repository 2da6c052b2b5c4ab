//! What is said where a bug ends the program: what it was doing, whether it has written anything, whom to tell.
//!
//! A message and a bare backtrace tell nobody which of a hundred patches it was. `RUST_BACKTRACE=1` gives the backtrace all
//! the same, where the binary has symbols.

use std::panic::PanicHookInfo;
use std::sync::Mutex;

use codex_patcher::at_work::{self, AtWork};
use codex_patcher::commit::{self, Written};

use super::error::Exit;
use super::tell;

/// Where to report a bug, if the manifest says it.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// How to get a backtrace; a released binary has no symbols, and its backtrace is empty.
const BACKTRACE: &str =
    if cfg!(debug_assertions) { "; with RUST_BACKTRACE=1 the message has a backtrace" } else { "" };

/// Held by the first thread that panics until the program ends: others have nothing to add.
static FIRST: Mutex<()> = Mutex::new(());

/// From now on a panic is reported as a bug, and ends the program with [`Exit::Bug`], whichever thread it is on and whether
/// or not panics unwind.
pub(crate) fn report_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let _first = FIRST.lock();
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            default(panic);
        }
        tell(&sentence(&what_happened(panic), at_work::now().as_ref(), commit::written(), REPOSITORY));
        std::process::exit(Exit::Bug as i32);
    }));
}

fn what_happened(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let text =
        payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("no message").trim_end();
    match panic.location() {
        Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
        None => message.to_owned(),
    }
}

fn sentence(what: &str, at: Option<&AtWork>, written: Written, repository: &str) -> String {
    let written = match written {
        Written::Nothing => "nothing was written",
        Written::Partly => "some files may have been written, each of them wholly: run again to finish",
        Written::All => "all files had been written",
    };
    let doing = match at {
        Some(AtWork { patch: Some(patch), target }) => {
            format!("It was planning patch `{patch}` on `{target}`; {written}.")
        }
        Some(AtWork { patch: None, target }) => {
            format!("It was checking the result in `{target}`; {written}.")
        }
        None => format!("It was not planning a patch; {written}."),
    };
    let send = match at {
        Some(AtWork { patch: Some(_), .. }) => "this message, the patch and the target",
        Some(_) => "this message, the patch files and the target",
        None => "this message and the command line",
    };
    let to = match repository {
        "" => "the maintainers of codex-patcher".to_owned(),
        url => format!("{url}/issues"),
    };
    format!("error: a bug in codex-patcher: {what}\n{doing}\nhelp: send {send} to {to}{BACKTRACE}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_done_what_was_written_and_whom_to_tell() {
        let at = |patch: Option<&str>| AtWork {
            patch: patch.map(str::to_owned),
            target: "core/src/a.rs".to_owned(),
        };
        let cases = [
            (
                sentence("index out of bounds (src/a.rs:1)", Some(&at(Some("off"))), Written::Nothing, ""),
                "error: a bug in codex-patcher: index out of bounds (src/a.rs:1)\n\
                 It was planning patch `off` on `core/src/a.rs`; nothing was written.\n\
                 help: send this message, the patch and the target to the maintainers of codex-patcher; with \
                 RUST_BACKTRACE=1 the message has a backtrace\n",
            ),
            (
                sentence("x", Some(&at(None)), Written::Partly, "https://example.org/r"),
                "error: a bug in codex-patcher: x\n\
                 It was checking the result in `core/src/a.rs`; some files may have been written, each of them wholly: \
                 run again to finish.\n\
                 help: send this message, the patch files and the target to https://example.org/r/issues; with \
                 RUST_BACKTRACE=1 the message has a backtrace\n",
            ),
            (
                sentence("x", None, Written::All, ""),
                "error: a bug in codex-patcher: x\n\
                 It was not planning a patch; all files had been written.\n\
                 help: send this message and the command line to the maintainers of codex-patcher; with \
                 RUST_BACKTRACE=1 the message has a backtrace\n",
            ),
        ];
        for (told, expected) in cases {
            assert_eq!(told, expected);
        }
    }

    #[test]
    #[expect(clippy::disallowed_types, reason = "it runs itself: a hook is for a whole process")]
    fn a_panic_ends_the_program_with_that_sentence_and_no_backtrace() {
        const CHILD: &str = "THIS_TEST_PANICS";
        if std::env::var_os(CHILD).is_some() {
            report_panics();
            panic!("here");
        }
        let (_, module) = module_path!().split_once("::").unwrap();
        let name = format!("{module}::a_panic_ends_the_program_with_that_sentence_and_no_backtrace");
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(CHILD, "")
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap();
        let (out, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(Exit::Bug as i32), "{out}{told}");
        assert!(told.starts_with("error: a bug in codex-patcher: here (src"), "{told}");
        assert!(told.contains("nothing was written") && !told.contains("stack backtrace"), "{told}");
        assert!(!out.contains("test result"), "the harness caught it: {out}");
    }
}
