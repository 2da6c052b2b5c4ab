//! The one table that decides between applying, leaving alone and failing.
//!
//! Let S be the matches that are not inside a replacement, R the places where the replacement stands.
//!
//! | S | R | then |
//! |---|---|---|
//! | as many as wanted | any | apply |
//! | none | as many as wanted, or more | in place |
//! | S and R together as many as wanted | | apply the rest |
//! | none | none | missing |
//! | anything else | | ambiguous |

use crate::patch::Matches;

/// What the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Apply at every match.
    Apply,
    /// The effect is there.
    InPlace,
    /// Nothing is there.
    Missing,
    /// Another number than wanted.
    Ambiguous,
}

/// Looks up the table for `pending` = |S| and `present` = |R|.
pub(crate) fn settle(wanted: Matches, pending: usize, present: usize) -> Settled {
    match (wanted, pending, present) {
        (_, 0, 0) => Settled::Missing,
        (Matches::All, 0, _) => Settled::InPlace,
        (Matches::All, _, _) => Settled::Apply,
        (Matches::Exactly(n), 0, r) if r >= n => Settled::InPlace,
        (Matches::Exactly(n), s, r) if s > 0 && (s == n || s + r == n) => Settled::Apply,
        _ => Settled::Ambiguous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        use Matches::{All, Exactly};
        use Settled::{Ambiguous, Apply, InPlace, Missing};
        let cases = [
            (Exactly(1), 1, 0, Apply),
            (Exactly(1), 1, 5, Apply),
            (Exactly(1), 0, 1, InPlace),
            (Exactly(1), 0, 3, InPlace),
            (Exactly(1), 0, 0, Missing),
            (Exactly(1), 2, 0, Ambiguous),
            (Exactly(3), 1, 2, Apply),
            (Exactly(3), 0, 2, Ambiguous),
            (Exactly(3), 2, 2, Ambiguous),
            (Exactly(3), 3, 0, Apply),
            (All, 0, 0, Missing),
            (All, 0, 1, InPlace),
            (All, 4, 1, Apply),
        ];
        for (wanted, s, r, expected) in cases {
            assert_eq!(settle(wanted, s, r), expected, "{wanted:?} S={s} R={r}");
        }
    }
}
