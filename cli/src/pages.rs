//! The page of each diagnostic: what it means, an example, and its mend.
//!
//! Those of the language stand in the header of each one's file in `lang`; those of planning, of
//! applying and of the project's files stand here.

use syncline_lang::diagnostics;

/// Pages of codes that have no file of their own, sorted by code.
const OTHERS: &[(&str, &str)] = &[
    (
        "E0601",
        "resources depend on each other in a circle.\n\nEach would have to be made before the \
         other. A reference orders two resources, `@after` does too.\n\n```sync\nresource local.file \
         a { path = b.path, content = \"\" }\nresource local.file b { path = a.path, content = \"\" \
         }\n```\n\nMend it: give what both need to a `let`, and let both refer to that.",
    ),
    (
        "E0602",
        "there is no such resource.\n\n`--target`, `--exclude` or `--replace` names an address that \
         neither the source nor the state has. `syncline plan ENV` and `syncline state list ENV` show \
         the addresses.\n\n```console\n$ syncline plan prod --target web.tsk\n```\n\nMend it:\n\n\
         ```console\n$ syncline plan prod --target web.task\n```",
    ),
    (
        "E0603",
        "a provider reported a problem.\n\nWhat follows the summary are the provider's own words. The \
         labels show the attribute in the source that it speaks of, where it names one. What was \
         done before is recorded: the same command goes on from there.",
    ),
    (
        "E0604",
        "the provider does not offer this.\n\nThe state records a resource whose type the provider \
         does not have in this version. Use a version of the provider that has it, or stop managing \
         the resource with `syncline state forget ENV ADDRESS`.",
    ),
    (
        "E0605",
        "a protected resource would be destroyed.\n\nThe resource has `@protect`, and the plan would \
         destroy or replace it. The exit code is 4.\n\n```sync\nresource local.file ledger { @protect  \
         path = \"ledger\", content = \"\" }\n```\n\nMend it: undo the change that replaces it; or \
         take `@protect` out and apply that first.",
    ),
    (
        "E0606",
        "a provider did not do what it planned.\n\nWhat the provider made differs from what was \
         approved. The record has what it made. This is a defect of the provider; its version and \
         the attribute that differs belong in the report to its authors.",
    ),
    (
        "E0607",
        "the record is of a newer version of the provider.\n\nSomebody applied with a newer provider, \
         and this one cannot read what that one recorded. Use that version or a newer one.",
    ),
    (
        "E0608",
        "a condition does not hold.\n\nAn `ensure` waited for a value that was known only now. Its \
         own message stands first, and the note says where it is.",
    ),
    (
        "E0609",
        "a value is not known when it is needed.\n\nA resource waits for a value that is not going to \
         be known in this run: what it comes from is left out by `--target` or `--exclude`, or has \
         failed. Take it into the run, or mend what failed, and apply again.",
    ),
    (
        "W0610",
        "an interrupted run may have left something behind.\n\nA run ended while a provider was making \
         something, and the provider cannot tell what came of it. Look for it by hand; what is found \
         can be destroyed, or taken in by hand.",
    ),
    (
        "E0611",
        "a resource is not as it was when its change was planned.\n\nBetween plan and apply \
         somebody changed the resource. Changing it now would undo that, or do something else \
         than what was approved, so this resource is left alone and the rest goes on.\n\nMend \
         it: plan again, look at what was changed, and apply.",
    ),
    (
        "E0612",
        "a run may have lost its environment.\n\nThe run could not renew its lease in time: \
         the machine slept, or the log could not be reached. Another run may hold the \
         environment now, so this one starts nothing more. What it began is recorded as \
         begun, and the next run finds out what came of it.\n\nMend it: run the same command \
         again.",
    ),
    (
        "E0613",
        "a provider planned what is not configured.\n\nThe provider's plan has another value \
         for an attribute than the configuration and the record allow. That is a mistake of \
         the provider; nothing was changed.\n\nMend it: use another version of the provider, \
         or report it to its maintainers with the attribute that the message names.",
    ),
    (
        "E0614",
        "a resource is not healthy.\n\nIt was made or changed, and what its `@health` asks did not answer \
         as wanted in time. It is recorded as it is, what depends on it was not started, and an old one \
         that it replaces with `@replace(create_first)` is still there. The next apply asks again \
         before it goes on.\n\nMend it: see why it does not answer; the message has the last answer. Where it \
         only takes longer, say so: `@health(http = ..., within = 10m)`.",
    ),
    (
        "W0615",
        "two resources are one and the same.\n\nWhat identifies a resource to its provider, a file's path \
         for example, is the same for two addresses. Where one of them is destroyed and the other one made, it \
         was probably renamed: it is destroyed first, and then made anew. Where both are there, each \
         overwrites the other.\n\nMend it: `moved old -> new` keeps what was renamed; of two that are \
         there, take one out, or give it another value.",
    ),
    (
        "E0616",
        "the provider that made a resource is not in the project.\n\nA record knows what made it by the \
         source address of its provider. The project names no provider of that source, or has given its \
         name to another one, and to hand that what it never made would be to guess.\n\nMend it: where \
         another provider takes the place of the old one and knows its types, write `replaces = \
         \"OLD/ADDRESS\"` beside its `source` in the project's `providers`. Otherwise name the old one, too, \
         under any name, until what it has made is destroyed. `forget NAME` lets go of a resource without \
         touching it.",
    ),
    (
        "W0617",
        "what is adopted would be destroyed and made anew.\n\n`adopt` takes over what exists, but what is \
         configured differs in something that the provider cannot change. The plan would destroy what was to be \
         kept.\n\nMend it: configure the value that it has (the plan shows it), or write `@ignore(NAME)` for \
         what does not matter. `@protect` refuses such a plan.",
    ),
    (
        "E0801",
        "a source cannot be read.\n\nThe file or its folder is not there, is no file, or may not be \
         read. The message has the reason that the system gives.",
    ),
    (
        "E0802",
        "a source is not UTF-8 text.\n\nThe label shows the first byte that is none. Save the file as \
         UTF-8.",
    ),
    (
        "E0803",
        "a source is too large.\n\nA file may have 64 MiB. The `.sync` files of a folder are one module, \
         whatever their names: split it.",
    ),
    (
        "E0804",
        "a provider is not declared as it should be.\n\nAn entry of `providers` in the \
         `project` block is no record, or its source or version cannot be \
         read.\n\n```sync\nproject \"shop\" {\n  providers = { random = \"hashicorp/random\" \
         }\n}\n```\n\nMend it:\n\n```sync\nproject \"shop\" {\n  providers = { random = { \
         source = \"hashicorp/random\", version = \"~> 3.6\" } }\n}\n```",
    ),
    (
        "E0805",
        "a file of values holds something else.\n\nA file given with `--vars` holds values: texts, \
         numbers, `true`, `false`, `null`, lists and maps, and no expressions.\n\n```sync\nreplicas = \
         2 + 1\n```\n\nMend it:\n\n```sync\nreplicas = 3\n```",
    ),
    (
        "E0806",
        "a provider is not found.\n\nNo place that was asked has a version that fits. The \
         notes say where was looked: the lock file, the folders and mirrors of the \
         configuration, the cache and the registry.\n\n```sync\nproject \"shop\" {\n  \
         providers = { random = { source = \"hashicorp/randm\", version = \"~> 3.6\" } \
         }\n}\n```\n\nMend it:\n\n```sync\nproject \"shop\" {\n  providers = { random = { \
         source = \"hashicorp/random\", version = \"~> 3.6\" } }\n}\n```",
    ),
    (
        "E0807",
        "a provider's package is not what it should be.\n\nIts checksum is not the one that \
         the lock file, the mirror or the registry names, or the signature does not fit. It \
         is not started.\n\nMend it: find out why it differs. When the new package is right, \
         `syncline providers lock --upgrade` records it.",
    ),
    (
        "E0808",
        "a provider cannot be installed.\n\nA folder could not be written, or a server did \
         not answer as it should. The message has the reason.",
    ),
    (
        "E0809",
        "a provider cannot be used.\n\nIts program does not start, or does not answer as a \
         provider does. The notes have what it said last. `SYNCLINE_LOG=debug` shows \
         everything that it says.",
    ),
    (
        "W0810",
        "a provider is overridden.\n\nThe configuration names a folder for this provider \
         under `dev_overrides`. What stands there is used, whatever its version, and is not \
         locked.",
    ),
    (
        "E0820",
        "there is no such place for state.\n\n`state` in the `project` block names none of \
         `local`, `s3` and `postgres`.\n\n```sync\nproject \"shop\" {\n  state = s4 { bucket \
         = \"states\" }\n}\n```\n\nMend it:\n\n```sync\nproject \"shop\" {\n  state = s3 { \
         bucket = \"states\" }\n}\n```",
    ),
    (
        "E0821",
        "a setting of the state makes no sense.\n\nA setting of `state` is missing, is not \
         known, or has a value of another type. The label shows which.",
    ),
];

/// Returns the page of a code as Markdown, its code and its summary as the heading.
#[must_use]
pub fn page(code: &str) -> Option<String> {
    if let Some(page) = diagnostics::page(code) {
        return Some(page);
    }
    let (code, text) = OTHERS.iter().find(|(own, _)| own.eq_ignore_ascii_case(code))?;
    Some(format!("# {code}: {text}\n"))
}

/// Tells whether a text has the form of a code: `E0123`, `w0610`.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix(['E', 'e', 'W', 'w']);
    digits.is_some_and(|own| own.len() == 4 && own.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns every code that has a page, sorted.
#[must_use]
pub fn codes() -> Vec<&'static str> {
    let mut codes: Vec<&str> = diagnostics::ALL.iter().map(|code| code.id).collect();
    codes.extend(OTHERS.iter().map(|(code, _)| *code));
    codes.sort_unstable_by_key(|code| (&code[1..], &code[..1]));
    codes
}

/// Returns all pages as one document.
#[must_use]
pub fn document() -> String {
    let mut text = "# Diagnostics\n\nGenerated by `cargo xtask docs` from the source of each \
                    diagnostic. `syncline explain CODE` prints one page.\n"
        .to_owned();
    for code in codes() {
        let Some(page) = page(code) else { continue };
        text.push_str("\n#");
        text.push_str(&page);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_planner_has_a_page() {
        let missing =
            syncline_planner::diagnostics::ALL.iter().filter(|code| page(code.id).is_none());
        assert_eq!(missing.map(|code| code.id).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn pages_are_headed_by_their_code() {
        for code in codes() {
            assert!(page(code).unwrap().starts_with(&format!("# {code}: ")), "{code}");
        }
        assert!(page("E9999").is_none());
        assert!(is_code("e0201") && !is_code("prod:web") && !is_code("E02011"));
    }
}
