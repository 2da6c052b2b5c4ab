use std::path::{Path, PathBuf};
use crate::config::Config;

pub struct Session {
    id: u64,
}

enum Mode {
    Safe,
}

union Bits {
    a: u8,
    b: i8,
}

pub trait Tool {
    type Output;
    const NAME: &'static str;
    fn name(&self) -> &str;
}

mod limits {
    pub const MAX: usize = 6;
}

type Reply = Result<(), ()>;

macro_rules! say {
    () => {};
}

static STARTED: bool = false;

impl Session {
    fn name(&self) -> u8 {
        1
    }
}

impl Tool for Session {
    type Output = ();
    const NAME: &'static str = "session";
    fn name(&self) -> &str {
        "session"
    }
}

impl<T> Tool for Vec<T> {
    type Output = T;
}

fn free() {}
