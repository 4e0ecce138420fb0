//! What a provider author uses.
//!
//! Takes an author's resources and data sources, returns a [`syncline_model::Provider`]; knows
//! nothing of the language or the planner. Start at [`sdk`].

pub mod sdk;
