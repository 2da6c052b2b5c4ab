fn calls() {
    one(a /* first */, /* second */ b);
    two(
        a, // first
        b, // second
    );
    three(a // why
    );
    outer(four(a // why
    ), b);
    five(a, #[cfg(x)] b /* kept */);
    let value = six() /* slow */;
    if seven /* often */ {
        run();
    }
}

struct Fields {
    /// The first.
    #[serde(skip)]
    one: u8, // why
    two: u8,
}
