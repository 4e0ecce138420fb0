//! What Terraform 1.11 made of these: the expectations are its output.

use syncline_model::Value;

use super::super::json_read::decode;
use super::{NATIVES, json, yaml};

/// Values as JSON, and what `yamlencode` gives.
const YAML: &[(&str, &str)] = &[
    ("1", "1\n...\n"),
    ("\"a\"", "\"a\"\n"),
    ("\"a\\nb\"", "|-\n  a\n  b\n"),
    ("\"a\\nb\\n\"", "|\n  a\n  b\n"),
    ("null", "null\n...\n"),
    ("true", "true\n...\n"),
    ("[]", "[]\n"),
    ("{}", "{}\n"),
    (
        "[[1, [2, {\"a\": 1, \"b\": []}]], {\"x\": {\"y\": [{\"z\": \"1\"}]}}]",
        "- - 1\n  - - 2\n    - \"a\": 1\n      \"b\": []\n- \"x\":\n    \"y\":\n    - \"z\": \"1\"\n",
    ),
    (
        "{\"a\": \"b\", \"c\": [\"d\", 1, true, null, {\"e\": \"f\", \"g\": [\"h\"]}], \"key with: colon\": \"x\", \"n\": {\"m\": {}}}",
        "\"a\": \"b\"\n\"c\":\n- \"d\"\n- 1\n- true\n- null\n- \"e\": \"f\"\n  \"g\":\n  - \"h\"\n\"key with: colon\": \"x\"\n\"n\":\n  \"m\": {}\n",
    ),
    (
        "{\"s\": \"line1\\nline2\", \"t\": \"line1\\n  line2\\n\", \"u\": \"\\nlead\", \"v\": \" lead\\nx\\n\", \"w\": \"trail \\nx\", \"x\": \"trail \\n\", \"y\": \"a\\n\\n\", \"z\": \"tab\\there\\nx\"}",
        "\"s\": |-\n  line1\n  line2\n\"t\": |\n  line1\n    line2\n\"u\": |2-\n\n  lead\n\"v\": |2\n   lead\n  x\n\"w\": \"trail \\nx\"\n\"x\": \"trail \\n\"\n\"y\": |+\n  a\n\n\"z\": \"tab\\there\\nx\"\n",
    ),
    (
        "{\"a\": \"\\u00fcn\\u00efcode \\u65e5\\u672c \\ud83d\\ude00 \\\"q\\\" \\\\ back\", \"b\": \"\", \"c\": \" \", \"d\": \"\\t\"}",
        "\"a\": \"ünïcode 日本 \\U0001F600 \\\"q\\\" \\\\ back\"\n\"b\": \"\"\n\"c\": \" \"\n\"d\": \"\\t\"\n",
    ),
    (
        "{\"long\": \"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hhhhhhhhhh iiiiiiiiii jjjjjjjjjj\", \"l2\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  bb  cc\"}",
        "\"l2\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  \\ bb  cc\"\n\"long\": \"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg\n  hhhhhhhhhh iiiiiiiiii jjjjjjjjjj\"\n",
    ),
    (
        "[[\"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hhhhhhhhhh iiiiiiiiii jjjjjjjjjj\"]]",
        "- - \"aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg\n    hhhhhhhhhh iiiiiiiiii jjjjjjjjjj\"\n",
    ),
    (
        "{\"multi\\nline\": [1], \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": {\"b\": 1}}",
        "? \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n: \"b\": 1\n? |-\n  multi\n  line\n: - 1\n",
    ),
    (
        "{\"multi\\nline\": \"x\", \"z\": \"multi\\r\\nx\", \"nn\": -1.5, \"big\": 12345678901234567890, \"sm\": 0.000001}",
        "\"big\": 12345678901234567890\n? |-\n  multi\n  line\n: \"x\"\n\"nn\": -1.5\n\"sm\": 0.000001\n\"z\": \"multi\\r\\nx\"\n",
    ),
    (
        "[\"a\\nb\", [\"c\\nd\\n\"], \"\\u00a0x\\u2028y\", \"\\u0001\\u007f\\u0085\"]",
        "- |-\n  a\n  b\n- - |\n    c\n    d\n- \"\u{a0}x\\Ly\"\n- \"\\x01\\x7F\\N\"\n",
    ),
];

/// A pattern and its values as JSON, and what `format` gives.
const FORMATS: &[(&str, &str)] = &[
    ("[\"%v\", 1000000]", "1e+06"),
    ("[\"%v\", 123456]", "123456"),
    ("[\"%v\", 1234567]", "1.234567e+06"),
    ("[\"%v\", 1.234e-05]", "1.234e-05"),
    ("[\"%v|%v\", 1.5, true]", "1.5|true"),
    ("[\"%5.1f|%-8s|%08.3f\", 2.25, \"ab\", -3.14159]", "  2.2|ab      |-003.142"),
    ("[\"%#x %o %b %X\", 255, 8, 5, 255]", "0xff 10 101 FF"),
    ("[\"%+d % d %05d %-5d|\", 5, 5, -42, 7]", "+5  5 -0042 7    |"),
    ("[\"%e %E %.2e\", 12345.678, 0.00012, 5]", "1.234568e+04 1.200000E-04 5.00e+00"),
    ("[\"%g %g %.3g %G\", 100000, 1000000, 1234.5, 1e-06]", "100000 1e+06 1.23e+03 1E-06"),
    ("[\"%q %s %5q\", \"a<b\", true, \"x\"]", "\"a\\u003cb\" true   \"x\""),
    ("[\"%[2]s %[1]s\", \"a\", \"b\"]", "b a"),
    ("[\"%#v\", {\"a\": [1, null], \"b\": \"x\"}]", "{\"a\":[1,null],\"b\":\"x\"}"),
    ("[\"%v\", [1, \"a\"]]", "[1,\"a\"]"),
    ("[\"%.2s|%6.3s|\", \"h\\u00e4user\", \"abcdef\"]", "hä|   abc|"),
    ("[\"%t %d\", \"true\", \"12\"]", "true 12"),
    ("[\"%f %.0f %.0f %.0f\", 1, 0.5, 1.5, 2.5]", "1.000000 0 2 2"),
    ("[\"%.3d|%+.2f|%06.2f\", 7, 1.005, -1.5]", "007|+1.00|-01.50"),
    ("[\"%5v|%-5v|%05v\", 1, 2, 3]", "    1|2    |00003"),
    ("[\"%%-%d\", 3]", "%-3"),
    ("[\"%v|%5v|%05v|%+v\", -1.5, -15, -1.5, -15]", "-1.5|  -15|0-1.5|-15"),
    ("[\"%-06g|%-06d|\", -1.5, -15]", "-001.5|-15   |"),
    ("[\"%g|%g\", 1e+21, 123456789]", "1e+21|1.23456789e+08"),
];

fn read(text: &str) -> Value {
    decode(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A function, its arguments as JSON, and what it gives as JSON.
const OTHERS: &[(&str, &str, &str)] = &[
    ("formatdate", r#"["hh:mm ZZZZ", "2020-01-02T23:12:00-08:00"]"#, r#""23:12 -0800""#),
    ("formatdate", r#"["ZZZ Z ZZZZ ZZZZZ", "2020-01-02T23:12:00Z"]"#, r#""UTC Z +0000 +00:00""#),
    ("formatdate", r#"["ZZZ Z ZZZZZ", "2020-01-02T23:12:00+05:30"]"#, r#""+0530 +05:30 +05:30""#),
    ("formatdate", r#"["EEE, H aa 'o''clock' %d", "2020-01-02T23:12:00-08:00"]"#, "null"),
    (
        "formatdate",
        r#"["EEE, H aa 'o''clock' %", "2020-01-02T23:12:00-08:00"]"#,
        r#""Thu, 11 pm o'clock %""#,
    ),
    (
        "formatdate",
        r#"["DD MMM YYYY hh:mm:ss", "2020-01-02T23:12:00.5+05:30"]"#,
        r#""02 Jan 2020 23:12:00""#,
    ),
    ("formatdate", r#"["''", "2020-01-02T23:12:00Z"]"#, r#""'""#),
    ("formatdate", r#"["YYYY''''MM'''a'", "2020-01-02T23:12:00Z"]"#, r#""2020''01'a""#),
    ("formatdate", r#"["YYYY''MM'a'''", "2020-01-02T23:12:00Z"]"#, r#""2020'01a'""#),
    ("formatdate", r#"["'''", "2020-01-02T23:12:00Z"]"#, "null"),
    ("timeadd", r#"["2020-01-02T23:12:00-08:00", "1h"]"#, r#""2020-01-03T00:12:00-08:00""#),
    ("timeadd", r#"["2020-01-02T23:12:00.5Z", "1h1.5s"]"#, r#""2020-01-03T00:12:02Z""#),
    ("timeadd", r#"["2020-01-02T23:12:00+00:00", "1m2h3ms"]"#, r#""2020-01-03T01:13:00Z""#),
    ("timeadd", r#"["1960-01-02T23:12:00.9Z", "-0.95s"]"#, r#""1960-01-02T23:11:59Z""#),
    ("timeadd", r#"["2020-01-02T23:12:00+05:30", "+.5h1.m"]"#, r#""2020-01-02T23:43:00+05:30""#),
    ("timeadd", r#"["2020-01-02T23:12:00Z", "0"]"#, r#""2020-01-02T23:12:00Z""#),
    ("timeadd", r#"["2020-01-02T23:12:00Z", ".h"]"#, "null"),
    ("timeadd", r#"["2020-01-02T23:12:00Z", "3"]"#, "null"),
    ("timeadd", r#"["2020-01-02T23:12:00Z", "1d"]"#, "null"),
    ("timeadd", r#"["2020-01-02T23:12:00Z", ""]"#, "null"),
    ("timeadd", r#"["2020-01-02T23:12:00Z", "9999999h"]"#, "null"),
    (
        "title",
        r#"["o'neil foo-bar \u00e9lan x_y ab\tef.gh"]"#,
        r#""O'Neil Foo-Bar \u00c9lan X_y Ab\tEf.Gh""#,
    ),
    ("substr", r#"["hello", 1, -1]"#, r#""ello""#),
    ("substr", r#"["hello", -3, 2]"#, r#""ll""#),
    ("substr", r#"["hello", 9, 2]"#, r#""""#),
    ("substr", r#"["hello", -3, 0]"#, r#""llo""#),
    ("substr", r#"["hello", 1, 0]"#, r#""""#),
    ("title", r#"["\u00dfa \ufb00"]"#, r#""\u00dfa \ufb00""#),
    ("tobool", r#"["true"]"#, "true"),
    ("tobool", r#"["yes"]"#, "null"),
    ("range", "[3, 0]", "[3, 2, 1]"),
    ("range", "[-3]", "[0, -1, -2]"),
    ("range", "[0]", "[]"),
    ("range", "[10, 0, -3]", "[10, 7, 4, 1]"),
    ("range", "[0, 1, 0.25]", "[0, 0.25, 0.5, 0.75]"),
    ("range", "[5, 1, 2]", "null"),
    ("pow", "[2, 0.5]", "1.4142135623730951"),
    ("pow", "[2, 100]", "1267650600228229400000000000000"),
    ("pow", "[2, -1]", "0.5"),
    ("pow", "[2.5, 65]", "73468396926392990000000000"),
    ("pow", "[1.1, 10]", "2.593742460100002"),
    (
        "pow",
        "[9, 100]",
        "265613988875874750000000000000000000000000000000000000000000000000000000000000000000000000000000",
    ),
    ("pow", "[1.0000001, 1000000000]", "26881038432119620000000000000000000000000000"),
    ("pow", "[123.456, 3.21]", "5173139.2305491725"),
    ("pow", "[7, -1.3]", "0.07968426075760657"),
    ("pow", "[99, 12.75]", "27819462268623098000000000"),
    ("pow", "[1.5, 2.7]", "2.988452789872502"),
    ("pow", "[10, 0.3]", "1.9952623149688797"),
    ("pow", "[0.1, 0.1]", "0.7943282347242815"),
    ("pow", "[-2, -3]", "-0.125"),
    ("pow", "[3, -0.5]", "0.5773502691896258"),
    ("pow", "[0, 0]", "1"),
    ("pow", "[0, 2]", "0"),
    ("pow", "[2, -1080]", "0"),
    ("pow", "[0, -1]", "null"),
    ("pow", "[3, 1000]", "null"),
    ("pow", "[-8, 0.3]", "null"),
    (
        "yamldecode",
        r#"["[y, Off, 'on', !!str on, tRUE, ~, 0x1F, 0o17, 014, 1_0, 12:30:45, -0x10]"]"#,
        r#"[true, false, "on", "on", "tRUE", null, 31, 15, 14, "1_0", "12:30:45", "-0x10"]"#,
    ),
    (
        "yamldecode",
        r#"["[2020-1-2, '2020-01-02', 2020-01-02t03:04:05.5+01:00, 2020-01-02 03:04:05]"]"#,
        r#"["2020-01-02T00:00:00Z", "2020-01-02", "2020-01-02T03:04:05+01:00", "2020-01-02T03:04:05Z"]"#,
    ),
    (
        "yamldecode",
        r#"["[2020-01-02 03:04:05 +1, 2020-01-02T03:04:05, 2020-13-01, 2020-01-02 3:4:5Z]"]"#,
        r#"["2020-01-02 03:04:05 +1", "2020-01-02T03:04:05", "2020-13-01", "2020-01-02 3:4:5Z"]"#,
    ),
    (
        "yamldecode",
        r#"["on: {n: 1}\n1.50: x\n'no': x"]"#,
        r#"{"true": {"false": 1}, "1.5": "x", "no": "x"}"#,
    ),
    ("yamldecode", r#"["a:\n  <<: [{x: 1}, {x: 2, z: 3}]"]"#, r#"{"a": {"x": 2, "z": 3}}"#),
    (
        "yamldecode",
        r#"["a: {x: 0, <<: {x: 1}}\nb: {<<: {x: 1}, x: 0}\nc: {<<: {x: 1}, '<<': {x: 2}}\na: {z: 1, z: 2}"]"#,
        r#"{"a": {"z": 2}, "b": {"x": 0}, "c": {"x": 2}}"#,
    ),
    ("yamldecode", r#"["a: {x: 0, <<: {x: 1}}"]"#, r#"{"a": {"x": 1}}"#),
    (
        "yamldecode",
        r#"["[!!int '3', !!int 3, !!int 3.0, !!int 1_000, !!int yes, !!int '', !!int 0x1F, !!float '3']"]"#,
        r#"["3", 3, 3, 1000, true, "", 31, "3"]"#,
    ),
    ("yamldecode", r#"["!!int 'x'"]"#, "null"),
    (
        "yamldecode",
        r#"["[!!bool yes, !!bool 'yes', !!null x, !!null '', !!binary aGk=, !!binary 'aGk=', !!timestamp 2020-01-02]"]"#,
        r#"[true, "yes", null, "", "aGk=", "aGk=", "2020-01-02T00:00:00Z"]"#,
    ),
    ("yamldecode", r#"["!!bool x"]"#, "null"),
    ("yamldecode", r#"["!!binary a"]"#, "null"),
    ("yamldecode", r#"["{!!int '3': a, !!binary aGk=: b}"]"#, r#"{"3": "a", "aGk=": "b"}"#),
    (
        "yamldecode",
        r#"["- >-\n  yes\n- |-\n  3.0\n- |-\n  2020-01-02\n- |\n  3\n- |-\n  null"]"#,
        r#"["true", "3", "2020-01-02T00:00:00Z", "3\n", null]"#,
    ),
];

/// Returns what a function gives; null where it fails.
fn call(name: &str, arguments: &[Value]) -> Value {
    let native = NATIVES.iter().find(|own| own.name == name).map(|own| own.body);
    native.and_then(|native| native(arguments).ok()).unwrap_or_default()
}

#[test]
fn values_are_those_of_terraform() {
    for (name, arguments, expected) in OTHERS {
        let read = read(arguments);
        let given = call(name, read.as_items().unwrap_or_default());
        assert_eq!(given, self::read(expected), "{name} {arguments}");
    }
}

fn format(arguments: &[Value]) -> Result<Value, String> {
    let native = NATIVES.iter().find(|own| own.name == "format").map(|own| own.body);
    native.map_or_else(
        || Err("no such function".into()),
        |native| native(arguments).map_err(|error| error.to_string()),
    )
}

#[test]
fn yaml_is_laid_out_as_by_terraform() {
    for (value, expected) in YAML {
        assert_eq!(yaml::encode(&read(value)).as_deref(), Ok(*expected), "{value}");
    }
}

#[test]
fn json_is_escaped_as_by_terraform() {
    let value = Value::map([
        ("a", Value::from("<b>&\u{2028}\u{8}\u{c}\u{1}\u{7f}é")),
        ("<k>", read("[1.50, null, true]")),
    ]);
    let expected = "{\"\\u003ck\\u003e\":[1.5,null,true],\"a\":\"\\u003cb\\u003e\\u0026\\u2028\\b\\f\\u0001\u{7f}é\"}";
    assert_eq!(json(&value).as_deref(), Ok(expected));
}

#[test]
fn texts_are_formatted_as_by_terraform() {
    for (arguments, expected) in FORMATS {
        let arguments = read(arguments);
        let arguments = arguments.as_items().unwrap_or_default();
        assert_eq!(format(arguments), Ok(Value::from(*expected)), "{arguments:?}");
    }
}

#[test]
fn patterns_and_values_have_to_fit() {
    for (arguments, problem) in [
        (r#"["%x", 1.5]"#, "`%x` takes a whole number"),
        (r#"["%d", "a"]"#, "`%d` takes a number"),
        (r#"["%s", null]"#, "`%s` takes no null"),
        (r#"["%s", []]"#, "`%s` takes a text"),
        (r#"["%s"]"#, "`%s` asks for value 1"),
        (r#"["%[3]s", 1]"#, "`%[3]s` asks for value 3"),
        (r#"["a", 1]"#, "the pattern \"a\" has no verb for value 1"),
        (r#"["%z", 1]"#, "there is no verb `%z`"),
        (r#"["ü 100%"]"#, "the `%` at character 6 of \"ü 100%\" starts no verb"),
        (r#"["%[0]s", 1]"#, "the `%` at character 1 of \"%[0]s\" starts no verb"),
        (r#"["%999999999999s", 1]"#, "the text would have more than 16 MiB"),
        (r#"["%.99999999999f", 1]"#, "the text would have more than 16 MiB"),
    ] {
        let arguments = read(arguments);
        let arguments = arguments.as_items().unwrap_or_default();
        assert_eq!(format(arguments), Err(problem.to_owned()), "{arguments:?}");
    }
}
