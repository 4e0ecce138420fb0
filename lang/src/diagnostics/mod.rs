//! What can be wrong with a source, one file for each mistake.
//!
//! Each file has the code, a header that becomes its page in the documentation (what it means, an
//! erroneous example, its mend), and the functions that return the report. Nothing here decides
//! whether there is a mistake: the stages do.

use syncline_model::{Code, Diagnostic};

pub mod assignment_in_expression;
pub mod bad_amendment;
pub mod bad_annotation;
pub mod bad_call;
pub mod bad_function;
pub mod bad_handover;
pub mod bad_input;
pub mod bad_key;
pub mod bad_super;
pub mod bad_type;
pub mod colon_for_equals;
pub mod component_cycle;
pub mod computed_target;
pub mod deprecated_attribute;
pub mod duplicate_declaration;
pub mod duplicate_key;
pub mod duplicate_member;
pub mod ensure_failed;
pub mod environment_keys;
pub mod expected_assignment;
pub mod expected_body;
pub mod expected_expression;
pub mod expected_name;
pub mod expected_separator;
pub mod expected_type;
pub mod final_overridden;
pub mod foreign_block;
pub mod hash_comment;
pub mod incomplete_conditional;
pub mod incomplete_match;
pub mod inheritance_cycle;
pub mod invalid_character;
pub mod invalid_escape;
pub mod invalid_number;
pub mod misplaced_annotation;
pub mod misplaced_declaration;
pub mod misplaced_member;
pub mod misplaced_overlay;
pub mod missing_attribute;
pub mod missing_instance;
pub mod missing_param;
pub mod mixin_conflict;
pub mod nested_too_deeply;
pub mod not_a_value;
pub mod not_in_this_version;
pub mod not_known_yet;
pub mod nothing_to_amend;
pub mod operation_failed;
pub mod reference_cycle;
pub mod refinement_failed;
pub mod semicolon;
pub mod single_quotes;
pub mod source_too_large;
pub mod ternary;
pub mod text_block_layout;
pub mod too_large;
pub mod type_mismatch;
pub mod unclosed_delimiter;
pub mod unexpected;
pub mod unknown_attribute;
pub mod unknown_component;
pub mod unknown_declaration;
pub mod unknown_environment;
pub mod unknown_function;
pub mod unknown_layer;
pub mod unknown_member;
pub mod unknown_module;
pub mod unknown_name;
pub mod unknown_provider;
pub mod unknown_resource_type;
pub mod unknown_type;
pub mod unmatched_delimiter;
pub mod unreachable_arm;
pub mod unterminated_comment;
pub mod unterminated_string;
pub mod word_operator;

/// Every code, in order.
pub const ALL: &[Code] = &[
    unexpected::CODE,
    unclosed_delimiter::CODE,
    unterminated_string::CODE,
    unterminated_comment::CODE,
    unmatched_delimiter::CODE,
    nested_too_deeply::CODE,
    expected_expression::CODE,
    expected_type::CODE,
    expected_assignment::CODE,
    colon_for_equals::CODE,
    expected_separator::CODE,
    single_quotes::CODE,
    hash_comment::CODE,
    semicolon::CODE,
    invalid_escape::CODE,
    invalid_number::CODE,
    unknown_declaration::CODE,
    foreign_block::CODE,
    word_operator::CODE,
    ternary::CODE,
    assignment_in_expression::CODE,
    not_in_this_version::CODE,
    expected_name::CODE,
    expected_body::CODE,
    incomplete_conditional::CODE,
    source_too_large::CODE,
    text_block_layout::CODE,
    misplaced_annotation::CODE,
    invalid_character::CODE,
    computed_target::CODE,
    unreachable_arm::CODE,
    unknown_name::CODE,
    duplicate_member::CODE,
    nothing_to_amend::CODE,
    unknown_layer::CODE,
    inheritance_cycle::CODE,
    final_overridden::CODE,
    mixin_conflict::CODE,
    misplaced_overlay::CODE,
    unknown_type::CODE,
    duplicate_declaration::CODE,
    reference_cycle::CODE,
    bad_amendment::CODE,
    bad_annotation::CODE,
    unknown_module::CODE,
    not_a_value::CODE,
    bad_super::CODE,
    bad_type::CODE,
    unknown_environment::CODE,
    unknown_component::CODE,
    component_cycle::CODE,
    misplaced_declaration::CODE,
    misplaced_member::CODE,
    environment_keys::CODE,
    bad_handover::CODE,
    bad_function::CODE,
    type_mismatch::CODE,
    refinement_failed::CODE,
    missing_param::CODE,
    unknown_attribute::CODE,
    missing_attribute::CODE,
    unknown_resource_type::CODE,
    unknown_provider::CODE,
    bad_input::CODE,
    bad_call::CODE,
    unknown_function::CODE,
    not_known_yet::CODE,
    bad_key::CODE,
    duplicate_key::CODE,
    missing_instance::CODE,
    too_large::CODE,
    unknown_member::CODE,
    incomplete_match::CODE,
    ensure_failed::CODE,
    operation_failed::CODE,
    deprecated_attribute::CODE,
];

/// Puts reports in the order of their places, and drops those that say the same about the same
/// place: several environments inherit one mistake.
pub fn deduplicate(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.file, span.start)));
    let mut seen = std::collections::HashSet::new();
    diagnostics.retain(|diagnostic| {
        let place = diagnostic.span();
        // Without a place, or where the environment is part of the message, the message counts.
        let message = match place {
            Some(_) if diagnostic.code != missing_param::CODE => "",
            _ => diagnostic.message.as_str(),
        };
        seen.insert((diagnostic.code, place, message.to_owned()))
    });
}
