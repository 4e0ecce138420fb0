//! The log and where it is kept.
