//! Whole runs in memory: an upstream of a few commits, patch files, and what becomes of both.
//!
//! Every upstream here is a lighthouse. What only the disk, git or the binary can show is tested in `tests/binary/drift/`.

mod advice;
mod behind;
mod calls;
mod claims;
mod elsewhere;
mod evidence;
mod exact;
mod identity;
mod insertions;
mod lock;
mod merge;
mod moves;
mod names;
mod properties;
mod quoted;
mod revert;
mod stacks;
mod steps;
mod taken;
mod twice;
mod twin;
mod update;
mod walks;
mod world;
mod write;

use world::{Ask, Upstream, apply, status, text_patch};

use crate::patch::Drift::{Merge, Move, Off};

const BEACON: &str = include_str!("lighthouse/beacon.rs");

const LAMP: &str = include_str!("lighthouse/lamp.rs");

/// The lines of the beacon that most patches are about.
const BLOCK: &str = "        let brightness = self.lamp.brightness(fog);\n        if brightness < DIM {\n            return \
                     Signal::Horn { blasts: 2 };\n        }\n";

/// Three blasts for two.
const BLASTS: &str = include_str!("lighthouse/blasts.toml");

/// The whole function, by its name.
const SWEEP: &str = include_str!("lighthouse/sweep.toml");

/// The ways to name a whole function: by its name, by a pattern.
fn items() -> [String; 2] {
    let pattern = "pub fn sweep(&mut self, fog: Fog) -> Signal { $$$BODY }";
    [SWEEP.to_owned(), SWEEP.replace("tree-sitter", "ast-grep").replace("fn Beacon::sweep", pattern)]
}

/// Where the lamp learns how many sweeps there were.
const CALL: (&str, &str) = ("brightness(fog);", "brightness(fog, self.sweeps);");

/// The beacon after [`CALL`].
fn called() -> String {
    exchanged(BEACON, CALL.0, CALL.1)
}

/// With three blasts for two.
fn patched(text: &str) -> String {
    exchanged(text, "blasts: 2", "blasts: 3")
}

/// `text` with its one `from` exchanged for `to`.
#[track_caller]
fn exchanged(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` in:\n{text}");
    text.replace(from, to)
}

/// The function `sweep` of the beacon, with the line after it.
fn sweep() -> &'static str {
    &BEACON[BEACON.find("    pub fn sweep").unwrap()..BEACON.find("    pub fn report").unwrap()]
}
