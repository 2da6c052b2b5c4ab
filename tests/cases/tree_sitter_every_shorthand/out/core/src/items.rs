// use  std::path::{ Path, PathBuf };
use std::path::{Path, PathBuf};
use crate::config::Config;

// struct Session
pub struct Session {
    id: u64,
}

// enum Mode
enum Mode {
    Safe,
}

// union Bits
union Bits {
    a: u8,
    b: i8,
}

// trait Tool
pub trait Tool {
    type Output;
    const NAME: &'static str;
    fn name(&self) -> &str;
}

// mod limits
mod limits {
    // const MAX
    pub const MAX: usize = 6;
}

// type Reply
type Reply = Result<(), ()>;

// macro say
macro_rules! say {
    () => {};
}

// static STARTED
static STARTED: bool = false;

// impl Session
impl Session {
    // fn Session::name
    fn name(&self) -> u8 {
        1
    }
}

// impl Tool for Session
impl Tool for Session {
    type Output = ();
    const NAME: &'static str = "session";
    // fn Session::name
    fn name(&self) -> &str {
        "session"
    }
}

impl<T> Tool for Vec<T> {
    type Output = T;
}

// fn free
fn free() {}
