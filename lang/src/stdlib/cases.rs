//! Cases of the standard library, beside the examples of its documentation.

use syncline_model::{FileId, Value};

use super::{modules, prelude};
use crate::ops::tests::{check, evaluate, show};

#[test]
fn examples_are_true() {
    for function in modules().chain([prelude()]).flat_map(|module| &module.functions) {
        // Those in the language are evaluated in a project, below.
        let natives = |_: &&str| matches!(function.body, super::Body::Native(_));
        if function.module == "files" {
            continue;
        }
        for example in function.examples().filter(natives).filter(|one| !one.contains("=>")) {
            let value = evaluate(example);
            assert_eq!(value, Ok(Value::Bool(true)), "{}: {example}", function.full_name());
        }
    }
}

#[test]
fn arguments_are_checked() {
    check(&[
        ("std.strings.upper(1)", "! `text` of `std.strings.upper` needs `string`, not a number"),
        ("std.strings.upper(null)", "! `text` of `std.strings.upper` needs `string`, not null"),
        (
            "std.strings.join([1])",
            "! `parts` of `std.strings.join` needs `[string]`, not a list of other values",
        ),
        ("range(1.5)", "! `from_or_count` of `std.prelude.range` needs `int`, not a fraction"),
        ("min(1, \"a\")", "! `values` of `std.prelude.min` needs `number`, not a string"),
        ("std.strings.upper()", "! `std.strings.upper` needs `text`"),
        ("std.strings.upper(\"a\", \"b\")", "! `std.strings.upper` takes 1 arguments"),
        ("std.strings.upper(secret(\"a\"))", "secret \"A\""),
        ("std.strings.join([\"a\", secret(\"b\")], \"-\")", "secret \"a-b\""),
    ]);
}

#[test]
fn strings() {
    check(&[
        ("std.strings.split(\"\", \",\")", "[\"\"]"),
        ("std.strings.title(\"ßa éb\")", "\"ßa Éb\""),
        ("std.paths.directory(\"/\")", "\"/\""),
        ("std.paths.directory(\"/a\")", "\"/\""),
        ("std.paths.directory(\"a/\")", "\".\""),
        ("std.strings.split(\"ab\", \"\")", "! the separator is empty ? The characters..."),
        ("std.strings.join([], \",\")", "\"\""),
        ("std.strings.trim(\"x\", \"x\")", "\"\""),
        ("std.strings.trim(\" x \", \"\")", "\" x \""),
        ("std.strings.trim(\"^-a-]\", \"]-^\")", "\"a\""),
        ("std.strings.lines(\"a\\r\\n\\nb\")", "[\"a\", \"\", \"b\"]"),
        ("std.strings.replace(\"aaa\", \"a\", \"\")", "\"\""),
        ("std.strings.replace(\"a\", \"\", \"b\")", "! the text to search for is empty"),
        ("std.strings.substring(\"üöä\", 1, 2)", "\"ö\""),
        ("std.strings.substring(\"abc\", 5)", "\"\""),
        ("std.strings.substring(\"abc\", 2, 1)", "\"\""),
        ("std.strings.substring(\"abc\", -1)", "! -1 is negative, which has no meaning here"),
        ("std.strings.pad_left(\"日本\", 4, \"ü\")", "\"üü日本\""),
        ("std.strings.pad_left(\"abc\", 2)", "\"abc\""),
        (
            "std.strings.pad_left(\"a\", 3, \"ab\")",
            "! the text to fill with must be one character, not \"ab\"",
        ),
        (
            "std.strings.pad_left(\"a\", 9223372036854775807)",
            "! the text would have more than 16 MiB",
        ),
        (
            "std.strings.repeat(\"a\", 9223372036854775807)",
            "! the text would have more than 16 MiB",
        ),
        ("std.strings.repeat(\"\", 9223372036854775807)", "\"\""),
        ("std.strings.repeat(\"a\", 1e30)", "! 1000000000000000000000000000000 is too large here"),
        ("std.strings.indent(\"a\\nb\", 99999999)", "! the text would have more than 16 MiB"),
        ("std.strings.indent(\"a\\nb\\n\", 1)", "\" a\\n b\\n\""),
        ("std.strings.title(\"it's éa\")", "\"It's Éa\""),
        ("std.strings.trim_prefix(\"abab\", \"ab\")", "\"ab\""),
        ("std.strings.trim_suffix(\"abab\", \"x\")", "\"abab\""),
    ]);
}

#[test]
fn lists() {
    check(&[
        ("std.lists.first([])", "null"),
        ("std.lists.last([])", "null"),
        ("std.lists.slice([1, 2], 5, 9)", "[]"),
        ("std.lists.slice([1, 2], 0, 9)", "[1, 2]"),
        ("std.lists.slice([1, 2], 2, 1)", "[]"),
        ("std.lists.concat()", "[]"),
        ("std.lists.flatten([])", "[]"),
        (
            "std.lists.flatten([1])",
            "! `lists` of `std.lists.flatten` needs `[[T]]`, not a list of other values",
        ),
        ("std.lists.sort([])", "[]"),
        (
            "std.lists.sort([1, \"a\"])",
            "! expected a list of numbers or a list of strings, got a string",
        ),
        ("std.lists.sort([null])", "! expected a list of numbers or a list of strings, got null"),
        ("std.lists.sum([])", "0"),
        ("std.lists.min([])", "! there is no number to choose from..."),
        ("min()", "! there is no number to choose from..."),
        ("std.lists.zip([1], [])", "! the lists have different lengths: 1 and 0"),
        ("std.lists.chunk([1], 0)", "! a chunk has at least one element"),
        ("std.lists.chunk([], 2)", "[]"),
        ("std.lists.distinct([secret(1), 1])", "secret [1]"),
        ("std.lists.reverse([secret(1), 2])", "[2, (secret)]"),
        ("std.lists.compact([secret(null), 2])", "secret [2]"),
        ("length([secret(1), 2])", "2"),
        ("length(secret([1, 2]))", "secret 2"),
        ("range(0)", "[]"),
        ("range(-3)", "[]"),
        ("range(3, 0)", "[]"),
        ("range(0, 5, 2)", "[0, 2, 4]"),
        ("range(0, 5, 0)", "! the step of a range is never 0"),
        ("range(9223372036854775807)", "! the result would have more than 1000000 elements"),
        (
            "range(-9223372036854775808, 9223372036854775807, 9223372036854775807)",
            "[-9223372036854775808, -1, 9223372036854775806]",
        ),
        ("length(null)", "! expected a string, a list or a map, got null..."),
    ]);
}

#[test]
fn maps() {
    check(&[
        ("std.maps.get({ a = 1 }, \"b\")", "null"),
        ("std.maps.get({ a = null }, \"a\", 2)", "null"),
        ("std.maps.merge()", "{}"),
        ("std.maps.from_lists([\"a\", \"a\"], [1, 2])", "! the key `a` comes twice"),
        ("std.maps.from_lists([\"a\"], [])", "! there are 1 keys and 0 values"),
        ("std.maps.from_entries([{ key = \"a\" }])", "! an entry needs `key` and `value`"),
        ("std.maps.transpose({})", "{}"),
        ("std.maps.transpose({ b = [\"x\", \"x\"], a = [] })", "{ x = [\"b\"] }"),
        ("std.maps.transpose({ a = [secret(\"x\")] })", "secret { x = [\"a\"] }"),
        ("std.maps.invert({ a = 1, b = true })", "{ \"1\" = \"a\", true = \"b\" }"),
        ("std.maps.invert({ a = 1, b = 1 })", "! the key `1` comes twice"),
        ("std.maps.invert({ a = [1] })", "! a list has no text..."),
        ("std.maps.values({ a = secret(1) })", "[(secret)]"),
        ("std.maps.pick({ a = secret(1) }, [\"a\"])", "{ a = (secret) }"),
        ("std.maps.from_lists([\"a\"], [secret(1)])", "{ a = (secret) }"),
        ("std.maps.from_lists([secret(\"a\")], [1])", "secret { a = 1 }"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("std.numbers.round(1234.5, -2)", "1200"),
        ("std.numbers.round(1, 9999)", "! the number of digits must be in -400 to 400"),
        ("std.numbers.format(-0.004, 2)", "\"0.00\""),
        ("std.numbers.format(2, 0)", "\"2\""),
        ("std.numbers.clamp(1, 3, 2)", "! the lower bound 3 is above the upper one 2"),
        ("std.numbers.pow(0, 0)", "1"),
        ("std.numbers.pow(0, -1)", "! division by zero"),
        ("std.numbers.pow(10, 99999999999)", "! the number would have more than 400 digits..."),
        ("std.numbers.pow(1, 9223372036854775807)", "1"),
        ("std.numbers.pow(-1, 9223372036854775807)", "-1"),
        ("std.numbers.parse(\"1,5\")", "! \"1,5\" cannot be read as a number: it is not a number"),
        (
            "std.numbers.parse(\"1e999999\")",
            "! \"1e999999\" cannot be read as a number: it has more...",
        ),
        ("std.numbers.parse(\"-Zz\", 62)", "-3817"),
        ("std.numbers.parse(\"Zz\", 36)", "1295"),
        ("std.numbers.parse(\"12\", 2)", "! \"12\" is no whole number of base 2"),
        ("std.numbers.parse(\"1.5\", 16)", "! \"1.5\" is no whole number of base 16"),
        ("std.numbers.parse(\"-\", 16)", "! \"-\" is no whole number of base 16"),
        ("std.numbers.parse(\"1\", 1)", "! the base must be in 2 to 62"),
        (
            "std.numbers.parse(std.strings.repeat(\"z\", 1000), 36)",
            "! \"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz...\" is no whole number of base 36",
        ),
        ("std.numbers.log(1000, 10)", "3"),
        ("std.numbers.log(0.001, 10)", "-3"),
        ("std.numbers.log(2, 4)", "0.5"),
        ("std.numbers.log(10, 2.718281828459)", "2.302585092994"),
        ("std.numbers.log(0, 10)", "! a logarithm is of a number above 0"),
        ("std.numbers.log(2, 1)", "! the base of a logarithm is above 0 and not 1"),
        ("std.numbers.log(1e399, 10)", "! the number is too large or too small for a logarithm"),
        ("int(1.5)", "! 1.5 is not whole ? Say how to round it..."),
        ("int(\"x\")", "! \"x\" cannot be read as a number..."),
        ("number(true)", "! expected a number or its text, got a bool"),
        ("string(null)", "! null has no text..."),
    ]);
}

#[test]
fn encodings() {
    check(&[
        ("std.json.encode(12345678901234567890.5)", "\"12345678901234567890.5\""),
        (
            "std.json.encode(\"\\u{0}</script>\\u{2028}\")",
            "\"\\\"\\\\u0000</script>\\\\u2028\\\"\"",
        ),
        ("std.json.encode(secret([1]))", "secret \"[1]\""),
        ("std.json.encode({ a = secret(1) })", "secret \"{\\\"a\\\":1}\""),
        ("std.json.encode_pretty([])", "\"[]\""),
        ("std.json.encode_pretty([1], 99)", "! the indent must be in 0 to 16"),
        (
            "std.json.decode(\"{\")",
            "! the text is not valid JSON: line 1, column 2: expected a key in double quotes, found the end",
        ),
        ("std.yaml.decode(\"a: [\")", "! the text is not valid YAML: line ..."),
        ("std.yaml.decode(\"--- 1\\n--- 2\")", "! the text has 2 documents ? All of them..."),
        ("std.yaml.decode(\"\")", "null"),
        ("std.yaml.encode(null)", "\"null\\n\""),
        ("std.yaml.encode({})", "\"{}\\n\""),
        ("std.base64.decode(\"a\")", "! the text is not valid base64: it ends in the middle"),
        ("std.base64.decode(\"aGV$\")", "! the text is not valid base64: character 4 is `$`"),
        ("std.base64.decode(\"/w==\")", "! what is encoded is not UTF-8 text: byte 0 does not fit"),
        ("std.base64.decode_url(\"YQ==\")", "\"a\""),
        ("std.base64.encode(\"\")", "\"\""),
        (
            "std.hashes.sha256(secret(\"\"))",
            "secret \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        ),
    ]);
}

#[test]
fn cidr() {
    check(&[
        (
            "std.cidr.subnet(\"10.0.0.0/16\", 8, 256)",
            "! there is no part 256: 8 more bits make 256 parts, from 0",
        ),
        ("std.cidr.subnet(\"10.0.0.0/30\", 4, 0)", "! `10.0.0.0/30` has 2 free bits, not 4"),
        ("std.cidr.subnet(\"10.0.0.0/32\", 0, 0)", "\"10.0.0.0/32\""),
        ("std.cidr.subnet(\"::/0\", 128, 5)", "\"::5/128\""),
        ("std.cidr.subnet(\"0.0.0.0/0\", 1, 1)", "\"128.0.0.0/1\""),
        // Any address of a block stands for it.
        ("std.cidr.subnet(\"10.0.3.7/16\", 8, 1)", "\"10.0.1.0/24\""),
        ("std.cidr.subnets(\"10.0.3.7/16\", 8, 8)", "[\"10.0.0.0/24\", \"10.0.1.0/24\"]"),
        ("std.cidr.host(\"10.0.3.7/16\", -1)", "\"10.0.255.255\""),
        ("std.cidr.netmask(\"10.0.3.7/16\")", "\"255.255.0.0\""),
        ("std.cidr.block(\"2001:db8::7/32\")", "\"2001:db8::/32\""),
        ("std.cidr.contains(\"10.0.3.7/16\", \"10.0.0.1\")", "true"),
        ("std.cidr.is_valid(\"10.0.3.7/16\")", "true"),
        (
            "std.cidr.size(\"10.0.0.0\")",
            "! \"10.0.0.0\" is not a block of addresses: it has no `/`...",
        ),
        (
            "std.cidr.size(\"10.0.0.0/33\")",
            "! \"10.0.0.0/33\" is not a block of addresses: its length is not in 0 to 32...",
        ),
        (
            "std.cidr.size(\"10.0.0/8\")",
            "! \"10.0.0/8\" is not a block of addresses: there is no IP address before `/`...",
        ),
        ("std.cidr.size(\"::/0\")", "340282366920938463463374607431768211456"),
        ("std.cidr.size(\"10.0.0.0/32\")", "1"),
        ("std.cidr.host(\"10.0.0.0/24\", 256)", "! `10.0.0.0/24` has no address 256"),
        ("std.cidr.host(\"10.0.0.0/24\", -257)", "! `10.0.0.0/24` has no address -257"),
        ("std.cidr.host(\"10.0.0.0/32\", 0)", "\"10.0.0.0\""),
        ("std.cidr.host(\"::/0\", -1)", "\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\""),
        ("std.cidr.netmask(\"0.0.0.0/0\")", "\"0.0.0.0\""),
        ("std.cidr.netmask(\"2001:db8::/32\")", "\"ffff:ffff::\""),
        ("std.cidr.contains(\"10.0.0.0/8\", \"::1\")", "false"),
        ("std.cidr.contains(\"10.0.0.0/8\", \"x\")", "! \"x\" is not an IP address"),
        ("std.cidr.overlaps(\"10.0.1.0/24\", \"10.0.0.0/16\")", "true"),
        ("std.cidr.overlaps(\"10.0.1.0/24\", \"10.0.2.0/24\")", "false"),
        ("std.cidr.subnets(\"10.0.0.0/30\", 1, 1, 1)", "! `10.0.0.0/30` is full before part 2..."),
        (
            "std.cidr.subnets(\"255.255.255.254/31\", 1, 1)",
            "[\"255.255.255.254/32\", \"255.255.255.255/32\"]",
        ),
        ("std.cidr.subnets(\"ffff::/16\", 0, 0)", "! `ffff::/16` is full before part 1..."),
    ]);
}

#[test]
fn toml() {
    let nested = "{ name = \"a b\", list = [{ x = 1 }, { y = null }], in = { deep = { z = 1.5 } }, at = 10s }";
    check(&[
        (
            &format!("std.toml.encode({nested})"),
            "\"at = \\\"10s\\\"\\nname = \\\"a b\\\"\\n\\n[in.deep]\\nz = 1.5\\n\\n[[list]]\\nx = 1\\n\\n[[list]]\\n\"",
        ),
        (
            "std.toml.encode({ \"a.b\" = [[{ c = 1 }], []] })",
            "\"\\\"a.b\\\" = [[{ c = 1 }], []]\\n\"",
        ),
        ("std.toml.encode({ a = {} })", "\"[a]\\n\""),
        ("std.toml.encode({ a = [null] })", "! TOML has no null in a list ? Leave nulls out..."),
        ("std.toml.encode([1])", "! expected a map, got a list ? A TOML text is a table..."),
        (
            "std.toml.encode({ a = 1e30 })",
            "! 1000000000000000000000000000000 is too large: a whole number of TOML has 64 bits",
        ),
        ("std.toml.decode(\"\")", "{}"),
        (
            "std.toml.decode(\"a = 0xff\\nb = 1_000.50\\nc = -0b11\")",
            "! the text is not valid TOML: line 3...",
        ),
        (
            "std.toml.decode(\"a = 0xff\\nb = +1_000.50\\n[[c]]\\nd.e = 1e2\")",
            "{ a = 255, b = 1000.5, c = [{ d = { e = 100 } }] }",
        ),
        (
            "std.toml.decode(\"a = inf\")",
            "! the text is not valid TOML: line 1, column 5: `inf`...",
        ),
        ("std.toml.decode(\"a = 1\\na = 2\")", "! the text is not valid TOML: line 2, column 1..."),
        ("std.toml.decode(\"a = \\n\")", "! the text is not valid TOML: line 1, column ..."),
        ("std.toml.decode(secret(\"a = 1\"))", "secret { a = 1 }"),
        (
            "std.toml.decode(\"a = \" + std.strings.repeat(\"[\", 100000))",
            "! the text is not valid TOML: line 1...",
        ),
    ]);
}

#[test]
fn regular_expressions() {
    check(&[
        ("std.regex.get(\"abc\", \"x\")", "! nothing in \"abc\" matches the pattern ? Where..."),
        ("std.regex.get(\"ab\", \"(a)|(x)\")", "[\"a\", null]"),
        ("std.regex.get(\"ab\", \"(?<n>a)(b)\")", "! some groups of the pattern have a name..."),
        ("std.regex.get(secret(\"ab\"), \"a(b)\")", "secret [\"b\"]"),
        ("std.regex.get_all(\"abc\", \"x\")", "[]"),
        ("std.regex.get_all(\"aba\", \"a\")", "[\"a\", \"a\"]"),
    ]);
}

#[test]
fn encodings_of_text() {
    check(&[
        ("std.base64.encode(\"a😀\", \"UTF-16BE\")", "\"AGHYPd4A\""),
        ("std.base64.decode(\"AGHYPd4A\", \"utf-16be\")", "\"a😀\""),
        ("std.base64.encode(\"a\", \"UTF-16\")", "\"/v8AYQ==\""),
        ("std.base64.decode(\"//5hAA==\", \"UTF-16\")", "\"a\""),
        ("std.base64.encode(\"é\", \"ISO-8859-1\")", "\"6Q==\""),
        ("std.base64.encode(\"€\", \"ISO-8859-1\")", "! ISO-8859-1 has no \"€\""),
        (
            "std.base64.decode(\"6Q==\", \"US-ASCII\")",
            "! what is encoded is not US-ASCII text: byte 0...",
        ),
        (
            "std.base64.decode(\"2AA=\", \"UTF-16BE\")",
            "! what is encoded is not UTF-16BE text: byte 0...",
        ),
        (
            "std.base64.decode(\"YQ==\", \"UTF-16LE\")",
            "! what is encoded is not UTF-16LE text: byte 0...",
        ),
        (
            "std.base64.encode(\"a\", \"UTF-7\")",
            "! there is no encoding of text \"UTF-7\" ? There are...",
        ),
        (
            "std.base64.gunzip(\"aGVsbG8=\")",
            "! what is encoded cannot be expanded: it is not compressed...",
        ),
        ("std.base64.gunzip(std.base64.gzip(secret(\"x\")))", "secret \"x\""),
    ]);
}

#[test]
fn a_long_text_is_shown_in_part() {
    let shown = show(&format!("number(\"{}\")", "x".repeat(1_000)));
    assert!(shown.len() < 120, "{shown}");
}

/// A world without providers, and with two files.
struct Nothing;

impl crate::World for Nothing {
    fn schema(&self, _: &str) -> Option<std::sync::Arc<syncline_model::ProviderSchema>> {
        None
    }

    fn providers(&self) -> Vec<syncline_model::Str> {
        Vec::new()
    }

    fn file(&self, path: &str) -> Result<std::sync::Arc<[u8]>, crate::FileProblem> {
        match path {
            "motd.txt" => Ok((*b"hello\n").into()),
            "greeting.txt" => Ok((*b"hello ${name}\n").into()),
            _ => Err(crate::FileProblem::Missing(None)),
        }
    }

    fn folder(&self, _: &str) -> Result<std::sync::Arc<[crate::FolderEntry]>, crate::FileProblem> {
        let entry = |name: &str| crate::FolderEntry { name: name.into(), is_folder: false };
        Ok(["motd.txt", "greeting.txt"].map(entry).into())
    }
}

/// Evaluates an expression as a user's would be.
fn in_project(text: &str) -> (Option<Value>, Vec<syncline_model::Diagnostic>) {
    let (file, _) = crate::syntax::parse(FileId(0), "project \"p\" {}\nenvironment dev {}\n");
    let (project, _) = crate::resolve(vec![file]);
    let (expr, diagnostics) = crate::syntax::parse_expression(FileId(1), text);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    crate::evaluate_expression(&project, "dev", &crate::Inputs::default(), &Nothing, &expr)
}

#[test]
fn examples_are_true_in_a_project() {
    for function in modules().chain([prelude()]).flat_map(|module| &module.functions) {
        for example in function.examples() {
            let (value, diagnostics) = in_project(example);
            assert!(diagnostics.is_empty(), "{example}: {diagnostics:?}");
            assert_eq!(value, Some(Value::Bool(true)), "{example}");
        }
    }
}

#[test]
fn arguments_are_given_by_name_and_spread() {
    for (text, expected) in [
        ("range(from_or_count = 1, to = 3)", "[1, 2]"),
        ("range(6, step = -2, to = 0)", "[6, 4, 2]"),
        ("std.lists.concat(...[[1], [2]], [3])", "[1, 2, 3]"),
        ("min(...[3, 1])", "1"),
    ] {
        let (value, diagnostics) = in_project(text);
        assert_eq!(
            value.map(|value| value.to_string()).as_deref(),
            Some(expected),
            "{text}: {diagnostics:?}"
        );
    }
}

#[test]
fn hostile_expressions_end_in_a_diagnostic() {
    let wide = "std.regex.matches(\"x\", \"((a{100}){100}){100}\")";
    let long = "std.regex.find_all(std.strings.repeat(\"a\", 100000), \".*z|a\")";
    for text in [
        "[for a in range(1000000): [for b in range(1000000): a * b]]",
        "[for a in range(1000000): length(range(1000000 - a))]",
        "std.lists.fold(range(100), [1], (made, x) => [made, made])",
        "std.lists.fold(range(60), \"x\", (made, x) => made + made)",
        "std.lists.fold(range(60), [1], (made, x) => made + made)",
        "std.lists.fold(range(400000), [], (made, x) => { made })",
        "length(std.lists.fold(range(400000), [], (made, x) => [[[[made]]]]))",
        wide,
        long,
    ] {
        let (value, diagnostics) = in_project(text);
        assert!(!diagnostics.is_empty(), "{text}: {:?}", value.map(|value| value.kind()));
    }
    let (value, _) =
        in_project("std.regex.matches(std.strings.repeat(\"a\", 50000) + \"b\", \"^(a|aa)+$\")");
    assert_eq!(value, Some(Value::Bool(false)));
}

/// Makes values of every kind out of a seed, with strings that are hard to write.
struct Maker(u64);

impl Maker {
    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64, <https://www.jstatsoft.org/article/view/v008i14>
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "a", "b", " ", "  ", "\n", "\t", ":", ": ", " #", "-", "- ", "?", "\"", "'", "\\", "{",
            "}", "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "~", "0", "1", ".", "e",
            "ü", "\u{85}", "\u{feff}", "\u{2028}", "\r", "\u{7}", "😀", "---", "...", "null",
            "true", "<<", "=",
        ];
        let length = self.below(6);
        (0..length).map(|_| PIECES[self.below(PIECES.len() as u64) as usize]).collect()
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::from(self.below(2_000) as i64 - 1_000),
            3 => {
                let text =
                    format!("-{}.{}e{}", self.below(1_000), self.below(1_000), self.below(40));
                Value::from(syncline_model::Number::parse(&text).unwrap())
            }
            4 => Value::from(self.text()),
            5 | 6 => {
                let count = self.below(4);
                Value::list((0..count).map(|_| self.value(depth - 1)).collect::<Vec<_>>())
            }
            _ => {
                let count = self.below(4);
                let entries = (0..count).map(|_| (self.text(), self.value(depth - 1)));
                Value::map(entries.collect::<Vec<_>>())
            }
        }
    }
}

#[test]
fn what_is_encoded_comes_back() {
    let run = |name: &str, value: &Value| {
        let operation = crate::ops::Operation::parse(name).unwrap();
        crate::ops::apply(&operation, std::slice::from_ref(value))
            .unwrap_or_else(|error| panic!("{name} of {value}: {error}"))
    };
    let mut maker = Maker(0x5eed);
    for _ in 0..2_000 {
        let value = maker.value(4);
        for module in ["json", "yaml"] {
            let written = run(&format!("std.{module}.encode"), &value);
            assert_eq!(run(&format!("std.{module}.decode"), &written), value, "{written}");
        }
        let pretty = run("std.json.encode_pretty", &value);
        assert_eq!(run("std.json.decode", &pretty), value, "{pretty}");
        // JSON is YAML.
        assert_eq!(run("std.yaml.decode", &pretty), value, "{pretty}");
    }
}
