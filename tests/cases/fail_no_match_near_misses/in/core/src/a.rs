fn parse(text: &str, strict: bool) -> Result<Value, Error> {
    match read(text) {
        Ok(value) => check(value, strict),
        Err(error) => Err(Error::from(error)),
    }
}

impl Table {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    #[inline]
    fn columns(&self) -> usize {
        self.columns.len()
    }
}
