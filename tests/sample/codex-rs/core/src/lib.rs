pub mod config;
pub mod exec;
pub mod tools;
