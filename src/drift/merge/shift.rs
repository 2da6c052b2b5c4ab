//! Blocks that moved in or out as a whole: the one case in which white space is all that upstream changed.

use crate::text::lines::indent;

/// How far every line of a block moved.
enum Shift<'t> {
    In(&'t str),
    Out(&'t str),
}

/// `theirs`, moved as `ours` is against `base`, if those differ in nothing but one indentation.
pub(super) fn shifted(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let shift = shift(base, ours)?;
    let moved = |line: &str| match shift {
        _ if line.trim().is_empty() => Some(line.to_owned()),
        Shift::In(by) => Some(format!("{by}{line}")),
        Shift::Out(by) => line.strip_prefix(by).map(str::to_owned),
    };
    theirs.split_inclusive('\n').map(moved).collect()
}

fn shift<'t>(from: &'t str, to: &'t str) -> Option<Shift<'t>> {
    if from.lines().count() != to.lines().count() || from.ends_with('\n') != to.ends_with('\n') {
        return None;
    }
    let mut shift: Option<Shift<'t>> = None;
    for (old, new) in from.lines().zip(to.lines()) {
        if old.trim() != new.trim() {
            return None;
        }
        if old.trim().is_empty() {
            continue;
        }
        let here = match (indent(old), indent(new)) {
            (old, new) if new.ends_with(old) => Shift::In(&new[..new.len() - old.len()]),
            (old, new) if old.ends_with(new) => Shift::Out(&old[..old.len() - new.len()]),
            _ => return None,
        };
        let is_same = match (&shift, &here) {
            (None, _) => true,
            (Some(Shift::In(a)), Shift::In(b)) | (Some(Shift::Out(a)), Shift::Out(b)) => a == b,
            _ => false,
        };
        if !is_same {
            return None;
        }
        shift = Some(here);
    }
    shift
}
