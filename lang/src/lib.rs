//! The Syncline language: text to what an environment desires.
