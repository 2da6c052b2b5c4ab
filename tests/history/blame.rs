//! The second witness: what `git blame` says of the line at the later revision.

use std::collections::BTreeMap;
use std::path::Path;

use crate::follow::Place;
use crate::repo::{git, text};

/// Lines on each side that are asked about together with the one that matters.
const AROUND: usize = 25;

/// Where lines of `path` at `rev` stood at `base`, in a file of `len` lines; `None` for a line that is younger.
pub(crate) fn origins(
    mirror: &Path,
    base: &str,
    rev: &str,
    path: &str,
    lines: &[usize],
    len: usize,
) -> BTreeMap<usize, Option<Place>> {
    let mut command = git(mirror);
    command.args(["blame", "-w", "-M20", "-C20", "-C20", "--line-porcelain"]);
    for line in lines {
        // A line alone is too little for it to be known again elsewhere.
        let (from, to) = (line.saturating_sub(AROUND) + 1, (line + 1 + AROUND).min(len));
        command.arg(format!("-L{from},{to}"));
    }
    command.arg(format!("{base}..{rev}")).args(["--", path]);
    let mut found = BTreeMap::new();
    let mut head: Option<(bool, usize, usize)> = None;
    for line in text(&mut command).lines() {
        if line.starts_with('\t') {
            head = None;
        } else if let Some((old, at, was)) = head {
            if let Some(name) = line.strip_prefix("filename ") {
                found.insert(at, old.then(|| Place { path: name.to_owned(), line: was }));
            }
        } else {
            let mut words = line.split(' ');
            let commit = words.next().unwrap();
            let mut number = || words.next().unwrap().parse::<usize>().unwrap() - 1;
            let was = number();
            head = Some((commit == base, number(), was));
        }
    }
    found
}
