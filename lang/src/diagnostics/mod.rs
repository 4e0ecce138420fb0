//! What can be wrong with a source, one file for each mistake.
//!
//! Each file has the code, a header that becomes its page in the documentation (what it means, an
//! erroneous example, its mend), and the functions that return the report. Nothing here decides
//! whether there is a mistake: the stages do.

use rustc_hash::FxHashSet;
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
pub mod bad_test;
pub mod bad_type;
pub mod colon_for_equals;
pub mod component_cycle;
pub mod computed_target;
pub mod deprecated_attribute;
pub mod duplicate_declaration;
pub mod duplicate_key;
pub mod duplicate_member;
pub mod ensure_failed;
pub mod environment_circle;
pub mod environment_keys;
pub mod expectation_failed;
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
pub mod leaked_ephemeral;
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
pub mod unapplied_output;
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
pub mod unknown_output;
pub mod unknown_provider;
pub mod unknown_resource_type;
pub mod unknown_type;
pub mod unmatched_delimiter;
pub mod unreachable_arm;
pub mod unreadable_file;
pub mod unterminated_comment;
pub mod unterminated_string;
pub mod word_operator;

/// Makes the list of codes, and of the files whose headers are their pages.
macro_rules! pages {
    ($($module:ident),* $(,)?) => {
        /// Every code, in order.
        pub const ALL: &[Code] = &[$($module::CODE),*];

        const FILES: &[&str] = &[$(include_str!(concat!(stringify!($module), ".rs"))),*];
    };
}

pages![
    unexpected,
    unclosed_delimiter,
    unterminated_string,
    unterminated_comment,
    unmatched_delimiter,
    nested_too_deeply,
    expected_expression,
    expected_type,
    expected_assignment,
    colon_for_equals,
    expected_separator,
    single_quotes,
    hash_comment,
    semicolon,
    invalid_escape,
    invalid_number,
    unknown_declaration,
    foreign_block,
    word_operator,
    ternary,
    assignment_in_expression,
    expected_name,
    expected_body,
    incomplete_conditional,
    source_too_large,
    text_block_layout,
    misplaced_annotation,
    invalid_character,
    computed_target,
    unreachable_arm,
    unknown_name,
    duplicate_member,
    nothing_to_amend,
    unknown_layer,
    inheritance_cycle,
    final_overridden,
    mixin_conflict,
    misplaced_overlay,
    unknown_type,
    duplicate_declaration,
    reference_cycle,
    bad_amendment,
    bad_annotation,
    unknown_module,
    not_a_value,
    bad_super,
    bad_type,
    unknown_environment,
    unknown_component,
    component_cycle,
    misplaced_declaration,
    misplaced_member,
    environment_keys,
    bad_handover,
    bad_function,
    environment_circle,
    unknown_output,
    type_mismatch,
    refinement_failed,
    missing_param,
    unknown_attribute,
    missing_attribute,
    unknown_resource_type,
    unknown_provider,
    bad_input,
    bad_call,
    unknown_function,
    not_known_yet,
    bad_key,
    duplicate_key,
    missing_instance,
    too_large,
    unknown_member,
    incomplete_match,
    unreadable_file,
    ensure_failed,
    leaked_ephemeral,
    operation_failed,
    unapplied_output,
    deprecated_attribute,
    bad_test,
    expectation_failed,
];

/// Returns the page of a code: Markdown, the code and its summary first, then what it means, an
/// example and its mend.
#[must_use]
pub fn page(id: &str) -> Option<String> {
    let at = ALL.iter().position(|code| code.id.eq_ignore_ascii_case(id))?;
    let lines = FILES[at].lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    Some(format!("# {}\n", lines.join("\n")))
}

/// How many reports a pass makes at most about names: nobody reads more, and each takes a kilobyte.
pub const MOST: usize = 10_000;

/// Puts reports in the order of their places, and drops those that say the same about the same
/// place: several environments inherit one mistake.
pub fn deduplicate(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| (span.file, span.start)));
    let mut seen = FxHashSet::default();
    diagnostics.retain(|diagnostic| {
        let place = diagnostic.span();
        // Without a place, or where the environment is part of the message, the message counts.
        let message = match place {
            Some(_) if diagnostic.code != missing_param::CODE => "",
            _ => diagnostic.message.as_str(),
        };
        seen.insert((diagnostic.code.id, place, message.to_owned()))
    });
}

#[cfg(test)]
mod tests {
    use syncline_model::FileId;

    #[test]
    fn so_many_names_are_not_told_one_by_one() {
        let names: String = (0..MOST_OF_A_TEST).map(|at| format!("nothing_{at},\n")).collect();
        let text = format!("environment dev {{\n  let all = [\n{names}]\n}}\n");
        let (file, found) = crate::syntax::parse(FileId(0), &text);
        assert!(found.is_empty());
        let (_, found) = crate::resolve(vec![file]);
        assert_eq!(found.len(), super::MOST);
    }

    const MOST_OF_A_TEST: usize = super::MOST + 2_000;
}
