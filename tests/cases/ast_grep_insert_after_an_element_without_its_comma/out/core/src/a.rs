struct Report {
    name: String,
    size: u64, // in bytes
    age: u64,
}

enum Kind {
    Text,
    Json,
    Html,
}

fn print(kind: Kind) {
    show(
        kind,
        colour, // only on a terminal
        width,
    );
    match kind {
        Kind::Text => text(),
        Kind::Json => json(),
        Kind::Html => html(),
    }
    match kind {
        Kind::Text => text(),
        Kind::Csv => {
            csv();
        }
        Kind::Tsv => tsv(),
    }
    save(Report {
        size: 1,
        name: name(),
        age: 0,
    });
    done();
    log();
}
