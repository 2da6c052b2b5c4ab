impl Client {
    fn open(&self) -> Result<()> {
        let stream = connect(self.address)?; // slow
        if verbose {
            note(self.address);
        }
        stream.check()
    }

    fn short() { one();
    three();
    two(); }
}
