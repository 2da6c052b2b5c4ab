fn post(request: Request) -> Reply {
    traced(send(request))
}
