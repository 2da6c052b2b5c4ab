//! Parsers: one warm set for each thread. Pure.
//!
//! Creating a `tree_sitter::Parser` and giving it a language costs more than parsing a short file, and two threads
//! cannot share a parser while it works. So each thread keeps its own. Nested calls are safe: the inner call gets a
//! parser of its own. This room parses; it keeps no trees.

use std::cell::{Cell, RefCell};

use tree_sitter::Parser;

thread_local! {
    static IDLE: RefCell<Vec<Parser>> = const { RefCell::new(Vec::new()) };
    static CREATED: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work` with a parser for Rust that carries no state of an earlier parse.
///
/// # Panics
/// If the grammar and the tree-sitter library disagree on their ABI: a broken build.
pub fn with_parser<T>(work: impl FnOnce(&mut Parser) -> T) -> T {
    let mut parser = IDLE.with_borrow_mut(Vec::pop).unwrap_or_else(create);
    let result = work(&mut parser);
    parser.reset();
    IDLE.with_borrow_mut(|idle| idle.push(parser));
    result
}

/// How many parsers this thread ever created.
pub fn created() -> usize {
    CREATED.get()
}

fn create() -> Parser {
    CREATED.set(CREATED.get() + 1);
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_rust::LANGUAGE.into())
        .expect("tree-sitter-rust and tree-sitter are built for one ABI");
    parser
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_parser_serves_all_calls_of_a_thread() {
        std::thread::spawn(|| {
            for _ in 0..10 {
                with_parser(|p| p.parse("fn a() {}", None).unwrap());
            }
            assert_eq!(created(), 1);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn nested_calls_get_parsers_of_their_own() {
        std::thread::spawn(|| {
            let sexp = with_parser(|outer| {
                let inner = with_parser(|p| p.parse("struct S;", None).unwrap());
                assert_eq!(inner.root_node().child_count(), 1);
                outer.parse("fn a() {}", None).unwrap().root_node().to_sexp()
            });
            assert!(sexp.contains("function_item"), "{sexp}");
            assert_eq!(created(), 2);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_cancelled_parse_leaves_nothing_behind() {
        use std::ops::ControlFlow;
        use tree_sitter::ParseOptions;
        let long = "fn a() { b(); }\n".repeat(20_000);
        let mut stop = |_: &tree_sitter::ParseState| ControlFlow::Break(());
        let cancelled = with_parser(|p| {
            let options = ParseOptions::new().progress_callback(&mut stop);
            p.parse_with_options(&mut |at, _| &long.as_bytes()[at..], None, Some(options))
        });
        assert!(cancelled.is_none());
        let tree = with_parser(|p| p.parse("struct S;", None).unwrap());
        assert_eq!(tree.root_node().to_sexp(), "(source_file (struct_item name: (type_identifier)))");
    }
}
