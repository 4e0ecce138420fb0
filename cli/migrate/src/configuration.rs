//! Configurations in JSON (`.tf.json`), as Terraform reads them and generators write them.
//!
//! Takes the text of one and returns the same in HCL, with the line of the JSON that each of its lines comes from. A
//! text is a template, and one that is a single `${}` stands for the expression in it; where a reference, a type or a
//! keyword is wanted, the text is that. What is a block and what an attribute is told by the schemas of providers, and
//! by Terraform's own blocks.

use std::collections::BTreeSet;

use syncline_model::{Block, Mode, Nesting, Type};

use crate::Schemas;
use crate::spanned::{Kind, Node, parse};
use crate::text;

/// What the properties of an object are.
#[derive(Clone, Copy)]
enum Inside<'s> {
    /// Attributes alone: expressions.
    Plain,
    Terraform,
    Variable,
    Module,
    Check,
    Lifecycle,
    /// `moved` and `removed`, whose addresses are references; `import`.
    Address,
    Dynamic(Option<&'s Block>),
    /// What a provider's schema tells of; as a whole resource or inside of one.
    Schema(Option<&'s Block>, bool),
}

/// How a property is read.
enum Property<'s> {
    /// A block with so many labels, and what is in it.
    Block(usize, Inside<'s>),
    /// An expression.
    Value,
    /// A reference, a type or a keyword.
    Raw,
}

impl<'s> Inside<'s> {
    fn property(self, name: &str, node: &Node) -> Property<'s> {
        let block = |inside| Property::Block(0, inside);
        match (self, name) {
            (Self::Terraform, "backend" | "provider_meta") => Property::Block(1, Self::Plain),
            (Self::Terraform, "cloud") => block(Self::Terraform),
            (Self::Terraform, "required_providers" | "workspaces") => block(Self::Plain),
            (Self::Variable, "validation" | "precondition") => block(Self::Plain),
            (Self::Variable, "type") => Property::Raw,
            (Self::Module, "providers") => Property::Raw,
            (Self::Check, "assert") => block(Self::Plain),
            (Self::Check, "data") => Property::Block(2, Self::Schema(None, true)),
            (Self::Lifecycle, "precondition" | "postcondition") => block(Self::Plain),
            (Self::Lifecycle, "ignore_changes" | "replace_triggered_by") => Property::Raw,
            (Self::Address, "from" | "to" | "provider") => Property::Raw,
            (Self::Address | Self::Schema(_, true), "lifecycle") => block(Self::Lifecycle),
            (Self::Address | Self::Schema(_, true), "provisioner") => {
                Property::Block(1, Self::Schema(None, true))
            }
            (Self::Schema(_, true), "connection") => block(Self::Plain),
            (Self::Schema(_, true), "provider") => Property::Raw,
            (_, "depends_on") => Property::Raw,
            (Self::Dynamic(_), "iterator") => Property::Raw,
            (Self::Dynamic(schema), "content") => block(Self::Schema(schema, false)),
            (Self::Schema(schema, _), "dynamic") => Property::Block(1, Self::Dynamic(schema)),
            (Self::Schema(Some(schema), _), name) => {
                let own = schema.get(name).filter(|_| node.is_body());
                match own.map(|own| (own.nested.as_deref(), own)) {
                    Some((Some((Nesting::Map, inner)), own)) if own.is_block => {
                        Property::Block(1, Self::Schema(Some(inner), false))
                    }
                    Some((Some((_, inner)), own)) if own.is_block => {
                        block(Self::Schema(Some(inner), false))
                    }
                    // An attribute that is a list of objects may be written as blocks, too.
                    Some((None, own)) if is_records(&own.ty) => block(Self::Schema(None, false)),
                    Some(_) | None => Property::Value,
                }
            }
            _ => Property::Value,
        }
    }
}

/// Tells whether a type is a list or a set of records.
fn is_records(ty: &Type) -> bool {
    let (Type::List(element) | Type::Set(element)) = ty.bare() else { return false };
    matches!(element.bare(), Type::Record(_))
}

/// A text that is written, and where its lines come from.
struct Writer {
    text: String,
    lines: Vec<usize>,
}

/// Returns a configuration in HCL, and the line of the JSON for each of its lines.
///
/// # Errors
/// The line and what is wrong there.
pub(crate) fn written(
    text: &str,
    schemas: &dyn Schemas,
) -> Result<(String, Vec<usize>), (usize, String)> {
    let node = parse(text)?;
    if !matches!(node.kind, Kind::Object(_)) {
        return Err((node.line, "an object is expected".to_owned()));
    }
    let mut writer = Writer { text: String::new(), lines: Vec::new() };
    for (name, line, value) in node.entries() {
        let (labels, inside) = match name.as_str() {
            "//" => {
                writer.comment(value);
                continue;
            }
            "terraform" => (0, Inside::Terraform),
            "locals" => (0, Inside::Plain),
            "variable" | "output" => (1, Inside::Variable),
            "module" => (1, Inside::Module),
            "check" => (1, Inside::Check),
            "moved" | "removed" | "import" => (0, Inside::Address),
            "provider" => (1, Inside::Schema(None, true)),
            "resource" | "data" | "ephemeral" => (2, Inside::Schema(None, true)),
            _ => (0, Inside::Plain),
        };
        let head = Head { kind: name, labels: Vec::new(), line: *line, top: Some(schemas) };
        writer.blocks(&head, labels, (value, inside));
    }
    Ok((writer.text, writer.lines))
}

/// What a block starts with.
#[derive(Clone)]
struct Head<'a> {
    kind: &'a str,
    labels: Vec<&'a str>,
    line: usize,
    /// Where it is one of the file itself, what is known of providers.
    top: Option<&'a dyn Schemas>,
}

impl Writer {
    /// Goes on in a new line.
    fn line(&mut self, text: &str, line: usize) {
        self.text.push_str(text);
        self.text.push('\n');
        self.lines.push(line);
    }

    fn comment(&mut self, node: &Node) {
        for text in node.many().iter().filter_map(Node::text) {
            text.lines().for_each(|own| self.line(&format!("# {own}"), node.line));
        }
    }

    /// Writes blocks, of which some labels are still to come.
    fn blocks(&mut self, head: &Head<'_>, labels: usize, (node, inside): (&Node, Inside<'_>)) {
        for own in node.many() {
            if labels == 0 {
                self.block(head, (own, inside));
                continue;
            }
            for (label, line, value) in own.entries().iter().filter(|own| own.0 != "//") {
                let mut head = Head { line: *line, ..head.clone() };
                head.labels.push(label);
                self.blocks(&head, labels - 1, (value, inside));
            }
        }
    }

    fn block(&mut self, head: &Head<'_>, (node, inside): (&Node, Inside<'_>)) {
        let labels: String =
            head.labels.iter().map(|own| format!(" {}", text::string(own))).collect();
        self.line(&format!("{}{labels} {{", head.kind), head.line);
        match (head.top, head.labels.as_slice(), inside) {
            (Some(schemas), [provider], Inside::Schema(..)) => {
                let schema = schemas.provider(&text::provider(provider));
                self.body(node, Inside::Schema(schema.as_ref().map(|own| &own.config), true));
            }
            (Some(schemas), [kind, _], Inside::Schema(..)) => {
                let mode = Mode::of_keyword(head.kind).unwrap_or(Mode::Managed);
                let own = node.entries().iter().find(|own| own.0 == "provider");
                let own = own.and_then(|own| own.2.text());
                let implied = kind.split('_').next().unwrap_or(kind);
                let local = own.and_then(|own| own.split('.').next()).unwrap_or(implied);
                let short = text::short(kind);
                let schema = schemas.resource(&text::provider(local), mode, short);
                self.body(node, Inside::Schema(schema.as_ref().map(|own| &own.block), true));
            }
            // Of what a `dynamic` block makes, the schema is that of its label.
            (_, [label], Inside::Dynamic(schema)) => {
                let nested = schema.and_then(|own| own.get(label)?.nested.as_deref());
                self.body(node, Inside::Dynamic(nested.map(|own| &own.1)));
            }
            (_, _, inside) => self.body(node, inside),
        }
        self.line("}", node.end);
    }

    fn body(&mut self, node: &Node, inside: Inside<'_>) {
        let mut done = BTreeSet::new();
        for (name, line, value) in node.entries() {
            if name == "//" {
                self.comment(value);
                continue;
            }
            match inside.property(name, value) {
                Property::Block(labels, inside) if value.is_body() => {
                    let head = Head { kind: name, labels: Vec::new(), line: *line, top: None };
                    self.blocks(&head, labels, (value, inside));
                }
                // An attribute that comes twice would be no HCL.
                _ if !done.insert(name) => {}
                Property::Block(..) | Property::Value => {
                    self.attribute((name, *line), value, false)
                }
                Property::Raw => self.attribute((name, *line), value, true),
            }
        }
    }

    fn attribute(&mut self, (name, line): (&str, usize), value: &Node, is_raw: bool) {
        self.text.push_str(name);
        self.text.push_str(" = ");
        self.lines.push(line);
        self.expression(value, is_raw);
        self.text.push('\n');
    }

    fn expression(&mut self, node: &Node, is_raw: bool) {
        // What stands on lines of its own stays there.
        let is_long = node.end > node.line;
        match &node.kind {
            Kind::Plain(own) => self.text.push_str(own),
            Kind::String(own) => self.text.push_str(&template(own, is_raw)),
            Kind::Array(items) => {
                self.text.push('[');
                for (at, own) in items.iter().enumerate() {
                    self.between(at, (is_long, own.line), ", ");
                    self.expression(own, is_raw);
                    self.text.push_str(if is_long { "," } else { "" });
                }
                self.close("]", (is_long && !items.is_empty(), node.end));
            }
            Kind::Object(entries) => {
                self.text.push('{');
                for (at, (name, line, own)) in entries.iter().enumerate() {
                    self.between(at, (is_long, *line), ", ");
                    let is_name =
                        text::is_name(name) && !matches!(name.as_str(), "for" | "if" | "null");
                    self.text.push_str(&if is_name { name.clone() } else { template(name, false) });
                    self.text.push_str(" = ");
                    self.expression(own, is_raw);
                }
                self.close("}", (is_long && !entries.is_empty(), node.end));
            }
        }
    }

    fn between(&mut self, at: usize, (is_long, line): (bool, usize), comma: &str) {
        if is_long {
            self.text.push('\n');
            self.lines.push(line);
        } else if at > 0 {
            self.text.push_str(comma);
        }
    }

    fn close(&mut self, bracket: &str, (is_long, line): (bool, usize)) {
        self.between(0, (is_long, line), "");
        self.text.push_str(bracket);
    }
}

/// Returns a text as HCL has it: a single `${}` as the expression that it is.
fn template(own: &str, is_raw: bool) -> String {
    if let Some(inner) = own.strip_prefix("${")
        && end(inner) == Some(inner.len() - 1)
    {
        let inner = inner[..inner.len() - 1].trim();
        return if inner.contains('\n') { format!("({inner})") } else { inner.to_owned() };
    }
    if is_raw {
        return own.to_owned();
    }
    let mut out = String::from("\"");
    let mut rest = own;
    while let Some(letter) = rest.chars().next() {
        let is_start = rest.starts_with("${") || rest.starts_with("%{");
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            out.push_str(&rest[..3]);
            rest = &rest[3..];
            continue;
        }
        if is_start && let Some(end) = end(&rest[2..]) {
            out.push_str(&rest[..end + 3]);
            rest = &rest[end + 3..];
            continue;
        }
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => out.push_str(&format!("\\u{:04x}", control as u32)),
            // A start without an end stands for itself.
            other if is_start => out.extend([other, other]),
            other => out.push(other),
        }
        rest = &rest[letter.len_utf8()..];
    }
    out.push('"');
    out
}

/// Returns where the bracket is that closes what was opened before a text.
fn end(text: &str) -> Option<usize> {
    // What is open: `{`, or a text.
    let mut open = vec![b'{'];
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match (open.last()?, bytes[at]) {
            (b'"', b'\\') => at += 1,
            (b'"', b'"') => {
                open.pop();
            }
            (b'"', b'$' | b'%') if bytes.get(at + 1) == Some(&b'{') => {
                open.push(b'{');
                at += 1;
            }
            (b'"', _) => {}
            (_, b'"') => open.push(b'"'),
            (_, b'{') => open.push(b'{'),
            (_, b'}') => {
                open.pop();
                if open.is_empty() {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn texts_are_templates() {
        for (text, hcl) in [
            ("a\"b\\n\n", "\"a\\\"b\\\\n\\n\""),
            ("${var.a}", "var.a"),
            ("${var.a[\"x}\"]}", "var.a[\"x}\"]"),
            ("${a} ${b[\"c\"]}", "\"${a} ${b[\"c\"]}\""),
            ("$${a}", "\"$${a}\""),
            ("%{ if a }x%{ endif }", "\"%{ if a }x%{ endif }\""),
            ("${a", "\"$${a\""),
            ("${\"${a}\"}b", "\"${\"${a}\"}b\""),
        ] {
            assert_eq!(template(text, false), hcl, "{text}");
        }
        assert_eq!(template("aws.east", true), "aws.east");
        assert_eq!(template("${list(string)}", true), "list(string)");
    }
}
