//! Compiled ast-grep patterns, thread-local, least recently used first out.
//!
//! A pattern is compiled when its patch file is checked, and used again for every file and every
//! replanning. Thread-local because a shared cache would need a lock on the hottest path.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::rc::Rc;

use ast_grep_core::Pattern;
use lru::LruCache;

use super::pattern::{PatternMistake, PatternSource, compile_pattern};

/// How many patterns a thread keeps.
pub(crate) const CAPACITY: usize = 128;

thread_local! {
    static PATTERNS: RefCell<LruCache<PatternSource, Rc<Pattern>>> =
        RefCell::new(LruCache::new(NonZeroUsize::new(CAPACITY).expect("not zero")));
}

/// The compiled form of `source`, from this thread's cache if it is there.
///
/// # Errors
/// [`PatternMistake`] if it does not compile; a mistake is not cached.
pub fn get_or_compile_pattern(source: &PatternSource) -> Result<Rc<Pattern>, PatternMistake> {
    if let Some(found) = PATTERNS.with_borrow_mut(|cache| cache.get(source).cloned()) {
        return Ok(found);
    }
    let compiled = Rc::new(compile_pattern(source)?);
    PATTERNS.with_borrow_mut(|cache| cache.put(source.clone(), Rc::clone(&compiled)));
    Ok(compiled)
}

/// How many patterns this thread holds now.
pub fn cache_size() -> usize {
    PATTERNS.with_borrow(LruCache::len)
}

/// Forgets every pattern of this thread.
pub fn clear_cache() {
    PATTERNS.with_borrow_mut(LruCache::clear);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> PatternSource {
        PatternSource { text: text.to_owned(), selector: None }
    }

    #[test]
    fn the_second_use_gets_the_same_pattern() {
        clear_cache();
        let first = get_or_compile_pattern(&source("foo($A)")).unwrap();
        let second = get_or_compile_pattern(&source("foo($A)")).unwrap();
        assert!(Rc::ptr_eq(&first, &second));
        assert_eq!(cache_size(), 1);
    }

    #[test]
    fn the_least_recently_used_leaves_first() {
        clear_cache();
        let kept = get_or_compile_pattern(&source("kept()")).unwrap();
        let old = get_or_compile_pattern(&source("old()")).unwrap();
        for n in 0..CAPACITY - 2 {
            get_or_compile_pattern(&source(&format!("filler{n}()"))).unwrap();
        }
        get_or_compile_pattern(&source("kept()")).unwrap();
        get_or_compile_pattern(&source("one_more()")).unwrap();
        assert_eq!(cache_size(), CAPACITY);
        assert!(Rc::ptr_eq(&kept, &get_or_compile_pattern(&source("kept()")).unwrap()));
        assert!(!Rc::ptr_eq(&old, &get_or_compile_pattern(&source("old()")).unwrap()));
    }

    #[test]
    fn a_mistake_is_not_cached_and_clear_empties() {
        clear_cache();
        assert!(get_or_compile_pattern(&source("fn (")).is_err());
        assert_eq!(cache_size(), 0);
        get_or_compile_pattern(&source("a()")).unwrap();
        clear_cache();
        assert_eq!(cache_size(), 0);
    }
}
