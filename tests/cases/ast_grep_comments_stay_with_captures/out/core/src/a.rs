fn calls() {
    uno(/* second */ b, a /* first */);
    due(
        b, // second
        a, // first
    );
    tre(
        a, // why
        done
    );
    outer(quattro + a // why
    , b);
    cinque(#[cfg(x)] b /* kept */, a);
    let result = six() /* slow */;
    while seven /* often */ {
        run();
    }
}

struct Fields {
    zwei: u8,
    /// The first.
    #[serde(skip)]
    one: u8, // why
}
