fn none() {
    trace("none");
}

fn one(request: Request) {
    trace("one");
    send(request);
}

impl Client {
    fn two(&self, request: Request) {
        trace("two");
        let reply = self.send(request);
        if reply.is_err() {
            log("
  as it is
");
        }
        // the last word
    }
}
