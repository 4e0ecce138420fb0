//! Reports: plans, states and diagnostics as people and programs read them.
//!
//! Every report is a pure function from plain data to text: it reads no file, no clock and no
//! terminal, so equal input gives equal bytes.

pub mod diagnostics;
pub mod difference;
pub mod graph;
pub mod json;
pub mod layout;
pub mod markdown;
pub mod provider_name;
pub mod schema;
pub mod svg;
pub mod table;
pub mod text;
