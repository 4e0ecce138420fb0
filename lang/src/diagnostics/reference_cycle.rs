//! E0211: members need one another in a circle.
//!
//! The value of each needs the value of the next, so none can be computed. Every reference of the
//! circle is shown, and the one that is likeliest to be cut.
//!
//! ```sync
//! environment dev {
//!   let a = b + 1
//!   let b = a + 1
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {
//!   let a = b + 1
//!   let b = 1
//! }
//! ```

use syncline_model::Code;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0211", summary: "members need one another in a circle" };

// The report itself is [`syncline_model::cycle`], which the planner uses too.
