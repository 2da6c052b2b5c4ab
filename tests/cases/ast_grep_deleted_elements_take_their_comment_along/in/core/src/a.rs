struct Report {
    name: String, // as in the menu
    path: PathBuf, // relative
    // size in bytes
    size: u64,
}

enum Kind {
    Text, // plain
    Json /* old */, /* for scripts */
    Html,
}

fn print(kind: Kind) {
    show(
        kind, // of the report
        verbose, // -v
        colour // only on a terminal
    );
    match kind {
        Kind::Text => text(), // plain
        Kind::Json => json(), // for scripts
        Kind::Html => html(),
    }
    log(); // of the last run
    pair(
        first, second, // both
        third,
    );
}
