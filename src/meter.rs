//! What parsing costs, counted where it is done. Pure.
//!
//! Every parse counts itself on its thread, so none is forgotten, whoever asks for it and whatever becomes of the result; a
//! counter that callers keep misses the side drafts. What a piece of work cost is the difference of two readings. Such a piece
//! runs on one thread from beginning to end, so the count does not depend on how many threads there are. What does depend on
//! them, like a pattern that each thread compiles for itself, is left out by [`unmetered`].

use std::cell::Cell;

use crate::limits::{Limit, STEPS};
use crate::outcome::Work;

thread_local! {
    static PARSES: Cell<usize> = const { Cell::new(0) };
    static REPARSES: Cell<usize> = const { Cell::new(0) };
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    static REACHED: Cell<Option<Limit>> = const { Cell::new(None) };
}

/// Counts a text parsed from scratch.
pub(crate) fn parsed() {
    PARSES.set(PARSES.get() + 1);
}

/// Counts a tree brought up to date after an edit.
pub(crate) fn reparsed() {
    REPARSES.set(REPARSES.get() + 1);
}

/// What `work` returns, and what it parsed.
pub(crate) fn metered<T>(work: impl FnOnce() -> T) -> (T, Work) {
    let (parses, reparses) = (PARSES.get(), REPARSES.get());
    let result = work();
    let cost = Work { parses: PARSES.get() - parses, reparses: REPARSES.get() - reparses, ..Work::default() };
    (result, cost)
}

/// What `work` returns; what it parses is not counted.
pub(crate) fn unmetered<T>(work: impl FnOnce() -> T) -> T {
    let (parses, reparses) = (PARSES.get(), REPARSES.get());
    let result = work();
    PARSES.set(parses);
    REPARSES.set(reparses);
    result
}

/// Takes `steps` from what [`bounded`] work may take. `false` if that many are not left: then a search finds nothing more,
/// and who asked for it is told why.
pub(crate) fn spend(steps: usize) -> bool {
    let left = LEFT.get().checked_sub(steps);
    LEFT.set(left.unwrap_or(0));
    if left.is_none() {
        reach(Limit::Steps);
    }
    left.is_some()
}

/// What is found from now on is not all, because of `limit`.
pub(crate) fn reach(limit: Limit) {
    REACHED.set(REACHED.get().or(Some(limit)));
}

/// What `work` returns, which may take [`STEPS`]; and the limit that it reached, if it did: the result is worth nothing then.
pub(crate) fn bounded<T>(work: impl FnOnce() -> T) -> (T, Option<Limit>) {
    let outer = (LEFT.replace(STEPS), REACHED.take());
    let result = work();
    LEFT.set(outer.0);
    (result, REACHED.replace(outer.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_bounded_by_its_own_steps_whoever_takes_them() {
        let (spent, reached) = bounded(|| {
            let inner = bounded(|| spend(STEPS));
            assert_eq!(inner, (true, None));
            [spend(STEPS - 1), spend(1), spend(1), spend(0)]
        });
        assert_eq!((spent, reached), ([true, true, false, true], Some(Limit::Steps)));
        assert_eq!(bounded(|| spend(STEPS)), (true, None));
        assert!(spend(STEPS) && spend(STEPS), "outside of such work nothing is bounded");
    }
    use crate::edit::Edit;
    use crate::rust::syntax::Syntax;
    use crate::toml_ops::Model;

    #[test]
    fn every_parse_counts_itself_and_only_where_it_is_metered() {
        let edit = [Edit::insert(3, "g")];
        let edits: Vec<&Edit> = edit.iter().collect();
        let (inner, all) = metered(|| {
            let syntax = Syntax::parse("fn f() {}");
            unmetered(|| Syntax::parse("fn g() {}"));
            metered(|| (syntax.reparse(&edits, "fn gf() {}"), Model::parse("a = 1"), Model::parse("a"))).1
        });
        assert_eq!((inner.parses, inner.reparses), (2, 1), "a text that is not TOML was read as well");
        assert_eq!((all.parses, all.reparses), (3, 1));
    }
}
