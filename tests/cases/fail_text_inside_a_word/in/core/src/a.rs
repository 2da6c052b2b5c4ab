const LIMIT: usize = 1000;
const SHARE: f64 = 1.5;
const MAX: usize = 4000;

fn f() {
    reopen();
    close_all();
}
