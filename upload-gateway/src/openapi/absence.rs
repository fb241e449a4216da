//! Optional parameters are omitted, never `null`: neither a query nor a header can express `null`.

use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

/// Removes `null` from the parameter types of an operation.
pub(super) fn no_parameter_is_null(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { schema: Some(schema), .. }) = parameter {
            never_null(schema);
        }
    }
}

fn never_null(schema: &mut RefOr<Schema>) {
    let remaining = match schema {
        RefOr::T(Schema::Object(object)) => return without_null(&mut object.schema_type),
        RefOr::T(Schema::Array(array)) => return without_null(&mut array.schema_type),
        RefOr::T(Schema::OneOf(one_of)) => {
            one_of.items.retain(|item| !is_null(item));
            if one_of.items.len() == 1 { one_of.items.pop() } else { None }
        }
        _ => None,
    };
    if let Some(only) = remaining {
        *schema = only;
    }
}

fn without_null(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        types.retain(|one| *one != Type::Null);
        if let [only] = types.as_slice() {
            *schema_type = SchemaType::Type(only.clone());
        }
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
