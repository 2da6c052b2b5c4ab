fn none() {}

fn one(request: Request) {
    send(request);
}

impl Client {
    fn two(&self, request: Request) {
        let reply = self.send(request);
        if reply.is_err() {
            log("
  as it is
");
        }
        // the last word
    }
}
