//! What texts have in common at both ends, counted in bytes, lines, tokens or whatever they are lists of.

/// How many items the lists have in common at their beginning and, behind these, at their end. The two never overlap.
pub(crate) fn common_ends<T: PartialEq, const N: usize>(lists: [&[T]; N]) -> (usize, usize) {
    let same = |at: [usize; N]| (1..N).all(|n| lists[n][at[n]] == lists[0][at[0]]);
    common_ends_by(lists.map(<[T]>::len), same)
}

/// As [`common_ends`], for lists of these lengths of which `same` compares one item each, given by their indices.
pub(crate) fn common_ends_by<const N: usize>(
    lens: [usize; N],
    same: impl Fn([usize; N]) -> bool,
) -> (usize, usize) {
    let shortest = lens.into_iter().min().unwrap_or(0);
    let head = (0..shortest).take_while(|&at| same([at; N])).count();
    let tail = (0..shortest - head).take_while(|&n| same(lens.map(|len| len - 1 - n))).count();
    (head, tail)
}

/// The characters that both texts begin with.
pub(crate) fn common_start<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.char_indices().zip(b.chars()).take_while(|((_, x), y)| x == y);
    &a[..same.last().map_or(0, |((at, x), _)| at + x.len_utf8())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_never_overlap() {
        for (a, b, ends) in [
            ("", "", (0, 0)),
            ("abc", "abc", (3, 0)),
            ("abc", "axc", (1, 1)),
            ("aa", "aaa", (2, 0)),
            ("xa", "ya", (0, 1)),
            ("ab", "", (0, 0)),
        ] {
            assert_eq!(common_ends([a.as_bytes(), b.as_bytes()]), ends, "{a} {b}");
        }
    }

    #[test]
    fn of_three_lists_only_what_all_share_counts() {
        assert_eq!(common_ends([&b"aba"[..], b"aba", b"bba"]), (0, 2));
        assert_eq!(common_ends([&b"abxc"[..], b"abc", b"aac"]), (1, 1));
    }

    #[test]
    fn a_common_start_ends_between_characters() {
        assert_eq!(common_start("aé", "aè"), "a");
        assert_eq!(common_start("  x", "   "), "  ");
        assert_eq!(common_start("", "a"), "");
    }
}
