pub mod server;
#[cfg(unix)]
mod unix;

pub fn report() {}
