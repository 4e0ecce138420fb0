//! Random values that stay once made.
