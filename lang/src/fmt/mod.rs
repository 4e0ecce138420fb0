//! Formats source text.
