fn post(request: Request) -> Reply {
    send(request)
}
