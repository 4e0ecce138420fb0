//! The provider on a real disk and with a real shell.

mod commands;
mod disk;
mod support;
