impl Client {
    fn open(&self) -> Result<()> {
        let stream = connect(self.address)?; // slow
        stream.check()
    }

    fn short() { one(); two(); }
}
