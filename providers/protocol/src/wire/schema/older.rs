//! A provider's schema in the messages of both versions of the protocol.
//!
//! They differ in the numbers of an attribute's fields, and version 5 has no nested attributes: there such a one is a
//! plain attribute of the type that its values have, and what is said of the attributes within is not told. All
//! messages without a schema inside are the same types in both versions (`build.rs`).

use std::collections::BTreeMap;

use crate::wire::proto::tfplugin5 as five;
use crate::wire::proto::tfplugin6 as six;
#[cfg(feature = "server")]
use crate::wire::shape::Shape;

/// Returns the answer in the messages of version 6.
pub(crate) fn upgrade(
    response: five::get_provider_schema::Response,
) -> six::get_provider_schema::Response {
    response.other()
}

/// Returns the answer in the messages of version 5.
#[cfg(feature = "server")]
pub(crate) fn downgrade(
    response: six::get_provider_schema::Response,
) -> five::get_provider_schema::Response {
    response.other()
}

/// A message, or some, in the other version.
trait Other<T> {
    fn other(self) -> T;
}

impl<A: Other<B>, B> Other<Option<B>> for Option<A> {
    fn other(self) -> Option<B> {
        self.map(A::other)
    }
}

impl<A: Other<B>, B> Other<Vec<B>> for Vec<A> {
    fn other(self) -> Vec<B> {
        self.into_iter().map(A::other).collect()
    }
}

impl<A: Other<B>, B> Other<BTreeMap<String, B>> for BTreeMap<String, A> {
    fn other(self) -> BTreeMap<String, B> {
        self.into_iter().map(|(name, own)| (name, own.other())).collect()
    }
}

/// Declares each message by its fields: those that are the same, those that hold such messages, and those of version 6
/// alone, with what puts these into the others.
macro_rules! alike {
    ($($($message:ident)::+ {
        $($same:ident),* $(; other $($inner:ident),+)? $(; only $only:ident $(by $plain:path)?)?
    })*) => { $(
        impl Other<six::$($message)::+> for five::$($message)::+ {
            fn other(self) -> six::$($message)::+ {
                six::$($message)::+ {
                    $($same: self.$same,)*
                    $($($inner: self.$inner.other(),)+)?
                    $($only: Default::default(),)?
                }
            }
        }

        #[cfg(feature = "server")]
        impl Other<five::$($message)::+> for six::$($message)::+ {
            fn other(self) -> five::$($message)::+ {
                let own = self;
                $($(let own = $plain(own);)?)?
                five::$($message)::+ {
                    $($same: own.$same,)*
                    $($($inner: own.$inner.other(),)+)?
                }
            }
        }
    )* };
}

alike! {
    get_provider_schema::Response {
        functions, diagnostics, server_capabilities;
        other provider, provider_meta, resource_schemas, data_source_schemas, ephemeral_resource_schemas,
            list_resource_schemas, action_schemas;
        only state_store_schemas
    }
    ActionSchema { ; other schema }
    Schema { version; other block }
    schema::Block {
        version, description, description_kind, deprecated, deprecation_message;
        other attributes, block_types
    }
    schema::NestedBlock { type_name, nesting, min_items, max_items; other block }
    schema::Attribute {
        name, r#type, description, required, optional, computed, sensitive, description_kind, deprecated, write_only,
        deprecation_message;
        only nested_type by plain
    }
}

/// Returns an attribute as one without nested ones. The types are our own, and are read back.
#[cfg(feature = "server")]
fn plain(mut attribute: six::schema::Attribute) -> six::schema::Attribute {
    if attribute.nested_type.is_some() {
        let converted = super::block::convert_attribute(&attribute, 0);
        let shape = converted.map_or(Shape::Dynamic(None), |(_, shape)| shape);
        attribute.r#type = shape.to_json().to_string().into_bytes().into();
    }
    attribute
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    #[test]
    fn a_nested_attribute_is_a_plain_one_in_version_5() {
        let part = |name: &str| six::schema::Attribute {
            name: name.to_owned(),
            r#type: "\"number\"".into(),
            write_only: true,
            deprecation_message: "why".to_owned(),
            ..six::schema::Attribute::default()
        };
        let nested_type = Some(six::schema::Object {
            attributes: vec![part("size")],
            nesting: six::schema::object::NestingMode::List.into(),
            ..six::schema::Object::default()
        });
        let disks = six::schema::Attribute { r#type: "".into(), nested_type, ..part("disks") };
        let attributes = vec![part("id"), disks];
        let block = Some(six::schema::Block { attributes, ..six::schema::Block::default() });
        let given = six::get_provider_schema::Response {
            resource_schemas: [("x_y".to_owned(), six::Schema { version: 2, block })].into(),
            ..six::get_provider_schema::Response::default()
        };
        let there = upgrade(downgrade(given.clone()));
        let mut expected = given;
        let block = expected.resource_schemas.get_mut("x_y").unwrap().block.as_mut().unwrap();
        let disks = &mut block.attributes[1];
        disks.nested_type = None;
        disks.r#type = r#"["list",["object",{"size":"number"}]]"#.into();
        assert_eq!(there, expected);
    }
}
