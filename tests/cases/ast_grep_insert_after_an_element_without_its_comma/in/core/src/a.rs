struct Report {
    name: String,
    size: u64 // in bytes
}

enum Kind {
    Text,
    Json
}

fn print(kind: Kind) {
    show(
        kind,
        colour // only on a terminal
    );
    match kind {
        Kind::Text => text(),
        Kind::Json => json()
    }
    match kind {
        Kind::Text => text(),
        Kind::Csv => {
            csv();
        }
    }
    save(Report {
        size: 1,
        name: name()
    });
    done();
}
