//! The nouns that every stage of Syncline shares.
//!
//! Takes nothing and does nothing: this crate holds plain data (values, types, paths, addresses,
//! schemas, what an environment desires, diagnostics) and the two traits through which the stages
//! meet without importing each other ([`Provider`] and [`Resolve`]). It never reads a file, a
//! clock or an environment variable, and imports no sibling crate.

mod address;
mod desired;
mod diagnostic;
mod encoding;
mod map;
mod marks;
mod number;
mod origin;
mod path;
mod provider;
mod quantity;
mod schema;
mod source;
mod types;
mod unknown;
mod value;

pub use address::{Address, AddressError, EnvironmentName, Segment};
pub use desired::{
    Desired, DesiredCheck, DesiredOutput, DesiredProvider, DesiredResource, Edge, Found, Handover,
    HandoverKind, Lifecycle, Mode, OutputRead, ProviderId, Timeouts, Treatment, Trigger,
};
pub use diagnostic::{
    Code, Diagnostic, Label, Severity, Suggestion, cycle, nearest, nearest_counted, with_causes,
};
pub use encoding::{Digest, Encoder};
pub use map::Map;
pub use marks::mark;
pub use number::{Number, NumberError, Rounding};
pub use origin::{Chains, Origin, Origins};
pub use path::{Path, Step};
pub use provider::{
    Applied, ApplyRequest, DataRequest, HandOverRequest, HandedOver, ImportRequest, Imported, Open,
    OpenRequest, Opened, PlanRequest, Planned, Problem, Provider, ReadRequest, ReadState, Response,
    ValidateRequest,
};
pub use quantity::{Dimension, Quantity};
pub use schema::{
    Attribute, Block, FunctionParameter, FunctionSchema, IdentitySchema, Nesting, ProviderSchema,
    ResourceSchema,
};
pub use source::{FileId, Place, Source, Sources, Span};
pub use types::{Field, FunctionType, Literal, RecordType, Refinement, Type};
pub use unknown::{Each, Functions, Residual, Resolve, Unknown};
pub use value::{Secret, Value};

/// A cheap string: short ones are stored inline, long ones are shared.
pub type Str = ecow::EcoString;
