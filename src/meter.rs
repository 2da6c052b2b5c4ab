//! What parsing costs, counted where it is done. Pure.
//!
//! Every parse counts itself on its thread, so none is forgotten, whoever asks for it and whatever becomes of the result; a
//! counter that callers keep misses the side drafts. What a piece of work cost is the difference of two readings. Such a piece
//! runs on one thread from beginning to end, so the count does not depend on how many threads there are. What does depend on
//! them, like a pattern that each thread compiles for itself, is left out by [`unmetered`].

use std::cell::Cell;

use crate::outcome::Work;

thread_local! {
    static PARSES: Cell<usize> = const { Cell::new(0) };
    static REPARSES: Cell<usize> = const { Cell::new(0) };
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

#[cfg(test)]
mod tests {
    use super::*;
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
