//! The SDK: little code for a provider author, the protocol's rules for everyone.
//!
//! An author describes the attributes of a resource ([`Schema`]) and writes how one instance is
//! created, read, updated and deleted ([`Resource`]); [`ProviderBuilder`] makes a provider of it.
//! The author never sees a null plan, an unknown kind or a missing default. The laws that the SDK
//! keeps:
//!
//! * A configured attribute is planned as configured, unknown or not. An attribute that is not
//!   configured has its default; else, when it is computed, it is
//!   [`syncline_model::Residual::Provider`] on a create, and on an update when anything changes
//!   and it is not [`stable`](schema::AttributeBuilder::stable); else it is null.
//! * An author's [`Resource::plan`] may then make the plan more exact, never less true.
//! * The attributes of records in an attribute follow the same rules, however deep they are.
//! * A replacement is asked for only by attributes that change.
//! * What is made has every attribute of the schema and nothing unknown.
//! * A resource's identity is told with each answer once it is whole: an attribute of it that is the resource's too is
//!   that one, any other is what the author says or has said.
//! * A panic in an author's code is an error of that one call.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::sync::Mutex;
//!
//! use syncline_model::{Provider, Problem};
//! use syncline_protocol::sdk::{
//!     Failure, Instance, ProviderBuilder, Resource, Schema, async_trait, attribute, invalid,
//! };
//!
//! /// Notes, kept in memory by their title.
//! #[derive(Default)]
//! struct Note(Mutex<BTreeMap<String, String>>);
//!
//! #[async_trait]
//! impl Resource for Note {
//!     fn schema(&self) -> Schema {
//!         Schema::new("A note.")
//!             .attribute("title", attribute::string().required().requires_replace().describe("Its title."))
//!             .attribute("text", attribute::string().default("").describe("What it says."))
//!             .attribute("length", attribute::integer().computed().describe("The text's bytes."))
//!     }
//!
//!     async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
//!         let (title, text) = (planned.string("title")?.to_owned(), planned.string("text")?.to_owned());
//!         let mut notes = self.0.lock().map_err(|_| Problem::error("the notes are lost", ""))?;
//!         if notes.contains_key(&title) {
//!             return Err(invalid("title", "a note has this title", "Choose another one.").into());
//!         }
//!         planned.set("length", text.len() as i64);
//!         notes.insert(title, text);
//!         Ok(planned)
//!     }
//!
//!     async fn read(&self, mut recorded: Instance) -> Result<Option<Instance>, Failure> {
//!         let notes = self.0.lock().map_err(|_| Problem::error("the notes are lost", ""))?;
//!         let Some(text) = notes.get(recorded.string("title")?) else { return Ok(None) };
//!         recorded.set("length", text.len() as i64);
//!         recorded.set("text", text.as_str());
//!         Ok(Some(recorded))
//!     }
//!
//!     async fn delete(&self, recorded: Instance) -> Result<(), Failure> {
//!         let mut notes = self.0.lock().map_err(|_| Problem::error("the notes are lost", ""))?;
//!         notes.remove(recorded.string("title")?);
//!         Ok(())
//!     }
//!
//!     async fn update(&self, _prior: Instance, planned: Instance) -> Result<Instance, Failure> {
//!         self.delete(planned.clone()).await?;
//!         self.create(planned).await
//!     }
//! }
//!
//! let provider = ProviderBuilder::new("notes", "1.0.0").resource("note", Note::default()).build();
//! # let _: &dyn Provider = &provider;
//! ```

mod answer;
mod attributes;
pub mod conformance;
mod function;
mod instance;
mod managed;
mod nested;
mod plan;
mod provider;
mod resource;
pub mod schema;
mod shape;
mod sound;
mod stop;
mod values;

pub use async_trait::async_trait;
pub use syncline_model::{HandedOver, Open, Path, Problem, Type, Value};

pub use self::attributes::Attributes;
pub use self::function::{Function, argument};
pub use self::instance::{Failure, Instance, invalid};
pub use self::plan::Plan;
pub use self::provider::{BuiltProvider, ProviderBuilder};
pub use self::resource::{DataSource, Ephemeral, Resource};
pub use self::schema::{Schema, attribute};
pub use self::stop::Stop;
pub use self::values::same;
