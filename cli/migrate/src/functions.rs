//! Functions of Terraform in the words of the standard library.
//!
//! Takes a call's name and its translated arguments; returns the call as the language has it. Each
//! entry says the whole of it: `$1` is the first argument, `$*` all of them, `$item` a name that
//! none of them has. What is not here has no counterpart.

use crate::expression::Out;

/// An expression that stands anywhere: a call, a name, something in brackets.
const TIGHT: bool = true;
/// An expression with an operator outside of brackets.
const LOOSE: bool = false;

/// Name, least and most arguments, the counterpart, how it holds together.
type Entry = (&'static str, usize, usize, &'static str, bool);

const MANY: usize = usize::MAX;

const TABLE: &[Entry] = &[
    ("abs", 1, 1, "std.numbers.abs($1)", TIGHT),
    ("alltrue", 1, 1, "!(false in $1)", LOOSE),
    ("anytrue", 1, 1, "true in $1", LOOSE),
    ("base64decode", 1, 1, "std.base64.decode($1)", TIGHT),
    ("base64encode", 1, 1, "std.base64.encode($1)", TIGHT),
    ("base64gunzip", 1, 1, "std.base64.gunzip($1)", TIGHT),
    ("base64gzip", 1, 1, "std.base64.gzip($1)", TIGHT),
    ("base64sha256", 1, 1, "std.hashes.base64_sha256($1)", TIGHT),
    ("base64sha512", 1, 1, "std.hashes.base64_sha512($1)", TIGHT),
    ("basename", 1, 1, "std.terraform.basename($1)", TIGHT),
    ("ceil", 1, 1, "std.numbers.ceil($1)", TIGHT),
    ("chunklist", 2, 2, "std.lists.chunk($1, $2)", TIGHT),
    ("cidrcontains", 2, 2, "std.cidr.contains($1, $2)", TIGHT),
    ("cidrhost", 2, 2, "std.cidr.host($1, $2)", TIGHT),
    ("cidrnetmask", 1, 1, "std.cidr.netmask($1)", TIGHT),
    ("cidrsubnet", 3, 3, "std.cidr.subnet($1, $2, $3)", TIGHT),
    ("cidrsubnets", 1, MANY, "std.cidr.subnets($*)", TIGHT),
    ("coalescelist", 2, 2, "if length($1) > 0 then $1 else $2", LOOSE),
    ("coalescelist", 3, MANY, "std.lists.find([$*], list => length(list) > 0)", TIGHT),
    ("compact", 1, 1, "[for item in $1 if (item ?? \"\") != \"\": item]", TIGHT),
    ("concat", 1, MANY, "std.lists.concat($*)", TIGHT),
    ("contains", 2, 2, "$2 in $1", LOOSE),
    ("csvdecode", 1, 1, "std.csv.decode($1)", TIGHT),
    ("dirname", 1, 1, "std.terraform.dirname($1)", TIGHT),
    ("distinct", 1, 1, "std.lists.distinct($1)", TIGHT),
    ("element", 2, 2, "$1[$2 % length($1)]", TIGHT),
    ("endswith", 2, 2, "std.strings.ends_with($1, $2)", TIGHT),
    ("flatten", 1, 1, "std.lists.flatten($1)", TIGHT),
    ("floor", 1, 1, "std.numbers.floor($1)", TIGHT),
    (
        "indent",
        2,
        2,
        "std.strings.trim_prefix(std.strings.indent($2, $1), std.strings.repeat(\" \", $1))",
        TIGHT,
    ),
    ("format", 1, MANY, "std.terraform.format($*)", TIGHT),
    ("formatdate", 2, 2, "std.terraform.formatdate($*)", TIGHT),
    ("index", 2, 2, "std.lists.index_of($1, $2)", TIGHT),
    ("jsondecode", 1, 1, "std.json.decode($1)", TIGHT),
    ("jsonencode", 1, 1, "std.json.encode($1)", TIGHT),
    ("keys", 1, 1, "keys($1)", TIGHT),
    ("length", 1, 1, "length($1)", TIGHT),
    ("list", 0, MANY, "[$*]", TIGHT),
    ("log", 2, 2, "std.numbers.log($1, $2)", TIGHT),
    ("lookup", 2, 2, "$1[$2]", TIGHT),
    ("lookup", 3, 3, "std.maps.get($1, $2, $3)", TIGHT),
    ("lower", 1, 1, "std.strings.lower($1)", TIGHT),
    ("matchkeys", 3, 3, "[for $at, $item in $1 if $2[$at] in $3: $item]", TIGHT),
    ("max", 1, MANY, "max($*)", TIGHT),
    ("md5", 1, 1, "std.hashes.md5($1)", TIGHT),
    ("merge", 1, MANY, "std.maps.merge($*)", TIGHT),
    ("min", 1, MANY, "min($*)", TIGHT),
    ("nonsensitive", 1, 1, "$1", TIGHT),
    ("parseint", 2, 2, "std.numbers.parse($1, $2)", TIGHT),
    ("pow", 2, 2, "std.terraform.pow($*)", TIGHT),
    ("range", 1, 3, "std.terraform.range($*)", TIGHT),
    ("regex", 2, 2, "std.regex.get($2, $1)", TIGHT),
    ("regexall", 2, 2, "std.regex.get_all($2, $1)", TIGHT),
    ("replace", 3, 3, "std.terraform.replace($*)", TIGHT),
    ("reverse", 1, 1, "std.lists.reverse($1)", TIGHT),
    ("sensitive", 1, 1, "$1", TIGHT),
    ("setintersection", 2, 2, "std.sets.intersection($1, $2)", TIGHT),
    ("setproduct", 2, 2, "std.lists.product($1, $2)", TIGHT),
    ("setsubtract", 2, 2, "std.sets.difference($1, $2)", TIGHT),
    ("setunion", 1, MANY, "std.sets.union($*)", TIGHT),
    ("sha1", 1, 1, "std.hashes.sha1($1)", TIGHT),
    ("sha256", 1, 1, "std.hashes.sha256($1)", TIGHT),
    ("sha512", 1, 1, "std.hashes.sha512($1)", TIGHT),
    ("signum", 1, 1, "std.numbers.sign($1)", TIGHT),
    ("slice", 3, 3, "std.lists.slice($1, $2, $3)", TIGHT),
    ("sort", 1, 1, "std.lists.sort($1)", TIGHT),
    ("split", 2, 2, "std.strings.split($2, $1)", TIGHT),
    ("startswith", 2, 2, "std.strings.starts_with($1, $2)", TIGHT),
    ("strcontains", 2, 2, "std.strings.contains($1, $2)", TIGHT),
    ("strrev", 1, 1, "std.strings.reverse($1)", TIGHT),
    ("substr", 3, 3, "std.terraform.substr($*)", TIGHT),
    ("sum", 1, 1, "std.lists.sum($1)", TIGHT),
    ("textdecodebase64", 2, 2, "std.base64.decode($1, $2)", TIGHT),
    ("textencodebase64", 2, 2, "std.base64.encode($1, $2)", TIGHT),
    ("timeadd", 2, 2, "std.terraform.timeadd($*)", TIGHT),
    ("timecmp", 2, 2, "std.time.compare($1, $2)", TIGHT),
    ("title", 1, 1, "std.terraform.title($1)", TIGHT),
    ("tobool", 1, 1, "std.terraform.tobool($1)", TIGHT),
    ("tolist", 1, 1, "$1", TIGHT),
    ("tomap", 1, 1, "$1", TIGHT),
    ("tonumber", 1, 1, "number($1)", TIGHT),
    ("toset", 1, 1, "std.sets.of($1)", TIGHT),
    ("tostring", 1, 1, "string($1)", TIGHT),
    ("transpose", 1, 1, "std.maps.transpose($1)", TIGHT),
    ("trim", 2, 2, "std.strings.trim($1, $2)", TIGHT),
    ("trimprefix", 2, 2, "std.strings.trim_prefix($1, $2)", TIGHT),
    ("trimspace", 1, 1, "std.strings.trim($1)", TIGHT),
    ("trimsuffix", 2, 2, "std.strings.trim_suffix($1, $2)", TIGHT),
    ("upper", 1, 1, "std.strings.upper($1)", TIGHT),
    ("urldecode", 1, 1, "std.url.decode($1)", TIGHT),
    ("urlencode", 1, 1, "std.terraform.urlencode($1)", TIGHT),
    ("uuidv5", 2, 2, "std.uuid.v5($1, $2)", TIGHT),
    ("values", 1, 1, "values($1)", TIGHT),
    ("yamldecode", 1, 1, "std.terraform.yamldecode($1)", TIGHT),
    ("yamlencode", 1, 1, "std.terraform.yamlencode($1)", TIGHT),
    ("zipmap", 2, 2, "std.maps.from_lists($1, $2)", TIGHT),
];

/// Returns the counterpart of a call, where there is one.
#[must_use]
pub fn call(name: &str, arguments: &[Out], expands: bool) -> Option<Out> {
    let count = arguments.len();
    if let Some(out) = special(name, arguments, expands) {
        return Some(out);
    }
    let (.., template, tight) = TABLE
        .iter()
        .find(|(own, least, most, ..)| *own == name && (*least..=*most).contains(&count))?;
    if expands && !template.contains("$*") {
        return None;
    }
    let mut text = String::new();
    let mut rest = *template;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('*') {
            text.push_str(&list(arguments, expands));
            rest = after;
        } else if after.starts_with(|own: char| own.is_ascii_lowercase()) {
            let end = after.find(|own: char| !own.is_ascii_lowercase()).unwrap_or(after.len());
            text.push_str(&free(&after[..end], arguments));
            rest = &after[end..];
        } else {
            let (digit, after) = after.split_at(1);
            let argument = &arguments[digit.parse::<usize>().map_or(0, |digit| digit - 1)];
            // Beside an operator or a bracket an argument has to hold together.
            let alone = text.ends_with(['(', ',', '[', ' ']) && !text.ends_with("in ")
                || text.is_empty() && after.is_empty();
            let ends = after.is_empty() || after.starts_with([',', ')', ':']);
            text.push_str(&if alone && ends { argument.text.clone() } else { argument.tight() });
            rest = after;
        }
    }
    text.push_str(rest);
    Some(Out { text, tight: *tight && (*template != "$1" || arguments[0].tight) })
}

/// Tells whether a function has a counterpart.
#[must_use]
pub fn is_known(name: &str) -> bool {
    let special =
        ["chomp", "file", "filebase64", "format", "formatdate", "join", "replace", "templatefile"];
    special.contains(&name) || TABLE.iter().any(|(own, ..)| *own == name)
}

/// Returns arguments as a call has them; `expands` spreads the last one.
pub(crate) fn list(arguments: &[Out], expands: bool) -> String {
    let last = arguments.len().saturating_sub(1);
    let texts: Vec<String> = arguments
        .iter()
        .enumerate()
        .map(
            |(at, own)| {
                if expands && at == last { format!("...{}", own.text) } else { own.text.clone() }
            },
        )
        .collect();
    texts.join(", ")
}

/// Returns a name that none of the arguments has.
fn free(wanted: &str, arguments: &[Out]) -> String {
    let is_word = |own: char| own.is_alphanumeric() || own == '_';
    let mut words = arguments.iter().flat_map(|own| own.text.split(|own| !is_word(own)));
    if words.any(|own| own == wanted) {
        free(&format!("{wanted}_"), arguments)
    } else {
        wanted.to_owned()
    }
}

/// Returns calls whose form depends on their arguments.
fn special(name: &str, arguments: &[Out], expands: bool) -> Option<Out> {
    match (name, arguments) {
        ("coalesce", [_, ..]) if !expands => {
            let parts: Vec<String> = arguments.iter().map(Out::tight).collect();
            Some(Out { text: parts.join(" ?? "), tight: arguments.len() == 1 })
        }
        ("max" | "min", [list]) if expands => {
            Some(Out::tight_of(format!("std.lists.{name}({})", list.text)))
        }
        ("max" | "min", all) if expands => {
            Some(Out::tight_of(format!("std.lists.{name}([{}])", list(all, true))))
        }
        ("substr", [text, from, count]) => substring(text, from, count),
        // Where it can be seen that it counts up.
        ("range", [count]) if !count.text.starts_with('-') => {
            Some(Out::tight_of(format!("range({})", count.text)))
        }
        ("range", [from, to]) if whole(from)? <= whole(to)? => {
            Some(Out::tight_of(format!("range({}, {})", from.text, to.text)))
        }
        // Beyond 53 bits Terraform rounds.
        ("pow", [base, exponent])
            if whole(base)?.checked_pow(u32::try_from(whole(exponent)?).ok()?)? < 1 << 53 =>
        {
            Some(Out::tight_of(format!("std.numbers.pow({}, {})", base.text, exponent.text)))
        }
        ("split", [separator, text]) if separator.text == "\"\"" => {
            Some(Out::tight_of(format!("std.strings.characters({})", text.text)))
        }
        ("join", [separator, list]) if separator.text == "\"\"" => {
            Some(Out::tight_of(format!("std.strings.join({})", list.text)))
        }
        ("join", [separator, list]) if !expands => {
            Some(Out::tight_of(format!("std.strings.join({}, {})", list.text, separator.text)))
        }
        ("one", [value]) => Some(Out::tight_of(format!("std.lists.first({})", value.text))),
        ("trim", [text, letters]) if letters.text == "\" \"" => {
            Some(Out::tight_of(format!("std.strings.trim({})", text.text)))
        }
        ("parseint", [text, base]) if base.text == "10" => {
            Some(Out::tight_of(format!("int({})", text.text)))
        }
        ("textdecodebase64", [text, encoding]) if encoding.text == "\"UTF-8\"" => {
            Some(Out::tight_of(format!("std.base64.decode({})", text.text)))
        }
        ("textencodebase64", [text, encoding]) if encoding.text == "\"UTF-8\"" => {
            Some(Out::tight_of(format!("std.base64.encode({})", text.text)))
        }
        ("basename", [path]) if ends_in_part(path) => {
            Some(Out::tight_of(format!("std.paths.base({})", path.text)))
        }
        ("dirname", [path]) if ends_in_part(path) => {
            Some(Out::tight_of(format!("std.paths.directory({})", path.text)))
        }
        _ => by_pattern(name, arguments),
    }
}

/// Returns a whole number that is written out and not negative.
fn whole(argument: &Out) -> Option<u64> {
    argument.text.parse().ok()
}

/// Returns `substr` where its numbers are written out; a negative length goes to the end.
fn substring(text: &Out, from: &Out, count: &Out) -> Option<Out> {
    let start = whole(from)?;
    let end = match count.text.parse::<i64>().ok()? {
        count if count < 0 => String::new(),
        count => format!(", {}", start + count.unsigned_abs()),
    };
    Some(Out::tight_of(format!("std.strings.substring({}, {start}{end})", text.text)))
}

/// Returns `chomp`, and `replace` with a regular expression, whose groups both languages name alike.
fn by_pattern(name: &str, arguments: &[Out]) -> Option<Out> {
    match (name, arguments) {
        ("chomp", [text]) => Some(Out::tight_of(format!(
            "std.regex.replace({}, \"[\\\\r\\\\n]+$\", \"\")",
            text.text
        ))),
        ("replace", [text, search, with]) => {
            let inner = literal(search).filter(|inner| !inner.is_empty())?;
            // What stands between slashes is a regular expression.
            let pattern = inner.strip_prefix('/').and_then(|own| own.strip_suffix('/'));
            let (module, search) = match pattern {
                Some(pattern) => ("regex", format!("\"{pattern}\"")),
                None => ("strings", search.text.clone()),
            };
            let (text, with) = (&text.text, &with.text);
            Some(Out::tight_of(format!("std.{module}.replace({text}, {search}, {with})")))
        }
        _ => None,
    }
}

/// Tells whether it can be seen that a path ends in a part that is not empty.
fn ends_in_part(path: &Out) -> bool {
    let last = path.text.strip_suffix('"').and_then(|own| own.chars().next_back());
    last.is_some_and(char::is_alphanumeric)
}

/// Returns what is between the quotes of a text that is written out.
fn literal(argument: &Out) -> Option<&str> {
    let inner = argument.text.strip_prefix('"')?.strip_suffix('"')?;
    let is_whole = !inner.contains("${") && !inner.replace("\\\"", "").contains('"');
    is_whole.then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, arguments: &[&str]) -> String {
        let arguments: Vec<Out> = arguments
            .iter()
            .map(|text| Out { text: (*text).to_owned(), tight: !text.contains(' ') })
            .collect();
        call(name, &arguments, false).map_or("none".to_owned(), |out| out.text)
    }

    #[test]
    fn calls_have_counterparts() {
        for (name, arguments, text) in [
            ("upper", &["a"][..], "std.strings.upper(a)"),
            ("upper", &["a + b"], "std.strings.upper(a + b)"),
            ("contains", &["a + b", "c"], "c in (a + b)"),
            ("join", &["\",\"", "xs"], "std.strings.join(xs, \",\")"),
            ("element", &["xs", "i + 1"], "xs[(i + 1) % length(xs)]"),
            ("coalesce", &["a", "b"], "a ?? b"),
            ("substr", &["a", "2", "3"], "std.strings.substring(a, 2, 5)"),
            ("substr", &["a", "2", "-1"], "std.strings.substring(a, 2)"),
            ("substr", &["a", "-3", "2"], "std.terraform.substr(a, -3, 2)"),
            ("substr", &["a", "0", "n"], "std.terraform.substr(a, 0, n)"),
            ("formatdate", &["p", "a"], "std.terraform.formatdate(p, a)"),
            ("range", &["n"], "range(n)"),
            ("range", &["3", "0"], "std.terraform.range(3, 0)"),
            ("pow", &["2", "8"], "std.numbers.pow(2, 8)"),
            ("pow", &["9", "31"], "std.terraform.pow(9, 31)"),
            ("pow", &["2", "0.5"], "std.terraform.pow(2, 0.5)"),
            ("split", &["\"\"", "a"], "std.strings.characters(a)"),
            ("replace", &["a", "\"/\"", "b"], "std.strings.replace(a, \"/\", b)"),
            ("replace", &["a", "p", "b"], "std.terraform.replace(a, p, b)"),
            ("regex", &["\"(a)\"", "b"], "std.regex.get(b, \"(a)\")"),
            ("regexall", &["a", "b"], "std.regex.get_all(b, a)"),
            ("replace", &["a", "\"/x+/\"", "b"], "std.regex.replace(a, \"x+\", b)"),
            ("replace", &["a", "\"/x+/\"", "\"y\""], "std.regex.replace(a, \"x+\", \"y\")"),
            ("replace", &["a", "\"/(x)/\"", "\"$1\""], "std.regex.replace(a, \"(x)\", \"$1\")"),
            ("trim", &["a", "b"], "std.strings.trim(a, b)"),
            ("parseint", &["a", "10"], "int(a)"),
            ("parseint", &["a", "16"], "std.numbers.parse(a, 16)"),
            ("timeadd", &["a", "\"-1h\""], "std.terraform.timeadd(a, \"-1h\")"),
            ("basename", &["a"], "std.terraform.basename(a)"),
            ("basename", &["\"${a}/b.txt\""], "std.paths.base(\"${a}/b.txt\")"),
            ("dirname", &["\"a/\""], "std.terraform.dirname(\"a/\")"),
            ("dirname", &["\"a/b\""], "std.paths.directory(\"a/b\")"),
            ("replace", &["a", "\"\"", "b"], "std.terraform.replace(a, \"\", b)"),
            (
                "coalescelist",
                &["a", "b", "c"],
                "std.lists.find([a, b, c], list => length(list) > 0)",
            ),
            ("matchkeys", &["a", "b", "c"], "[for at, item in a if b[at] in c: item]"),
            ("textdecodebase64", &["a", "\"UTF-16LE\""], "std.base64.decode(a, \"UTF-16LE\")"),
            ("setproduct", &["a", "b"], "std.lists.product(a, b)"),
        ] {
            assert_eq!(one(name, arguments), text, "{name}");
        }
    }
}
