//! What only the binary, git and the disk can show. One program, because each links the whole of the library:
//! `cargo test --test binary run::` runs the tests of `run.rs`.

#[path = "../support/mod.rs"]
mod support;

#[cfg(unix)]
mod canaries;
#[cfg(unix)]
mod commit;
mod completions;
mod drift;
mod git_apply;
mod run;
