mod m {
    /* one
       two
     */
    fn g() {}
    fn f() {
        /*
           why
        */
        b();
    }
}
