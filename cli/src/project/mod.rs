//! A project as found on the disk: sources, inputs, providers, state.

mod ahead;
mod backends;
mod calls;
mod files;
mod inputs;
pub mod installation;
mod load;
mod prober;
mod providers;
mod recipients;
mod requirements;
mod state;
mod trees;

pub use self::ahead::Ahead;
pub use self::backends::Backends;
pub use self::inputs::{Inputs, collect};
pub use self::load::{
    Loaded, Overlay, Parse, root, source_in, sources, sources_below, sources_with,
};
pub use self::prober::FromHere;
pub use self::providers::{BUILT_IN, External, Providers};
pub use self::requirements::{Required, requirements};
pub use self::state::{Records, SystemClock, holder, is_alive, key_path};
