struct Report {
    name: String, // as in the menu
    // size in bytes
    size: u64,
}

enum Kind {
    Text, // plain
    Html,
}

fn print(kind: Kind) {
    show(
        kind, // of the report
    );
    match kind {
        Kind::Text => text(), // plain
        Kind::Html => html(),
    }
    // of the last run
    pair(
        first, // both
        third,
    );
}
