//! Templates: strings and blocks of text with `${}` and `%{}`.
//!
//! Takes the elements of a template and returns the inside of a string or of a block of text. What
//! `~` and `<<-` take away is taken away as Terraform does it: token by token, where a token is
//! a literal of a string, or a line of a block of text.

use std::ops::Range;

use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, HeredocTemplate, Strip, Template};

use crate::expression::{Out, Scope};
use crate::text;
use crate::types::Shape;

/// A token, as far as white space goes.
enum Token {
    /// A literal.
    Literal(String),
    /// Something else, and whether it takes white space away before and after itself.
    Other(bool, bool),
}

/// A part of a template.
enum Node<'a> {
    Literal(Range<usize>),
    Value(&'a Expression),
    If(&'a Expression, Vec<Node<'a>>, Vec<Node<'a>>),
    For(Vec<&'a str>, &'a Expression, Vec<Node<'a>>),
}

/// The tokens of a template in their order.
struct Tokens {
    all: Vec<Token>,
    by_lines: bool,
    /// How many directives are open.
    depth: usize,
}

impl Tokens {
    fn other(&mut self, strip: Strip) {
        self.all.push(Token::Other(strip.strip_start(), strip.strip_end()));
    }

    /// Returns what stands inside of a directive.
    fn inside<'a>(&mut self, elements: impl Iterator<Item = &'a Element>) -> Vec<Node<'a>> {
        self.depth += 1;
        let nodes = self.nodes(elements);
        self.depth -= 1;
        nodes
    }

    fn literal(&mut self, value: &str) -> Range<usize> {
        let start = self.all.len();
        // Inside of directives the parser leaves what a string escapes as it is.
        let decoded = (self.depth > 0 && !self.by_lines).then(|| text::decoded(value));
        let value = decoded.as_deref().unwrap_or(value);
        if self.by_lines {
            let lines = value.split_inclusive('\n').map(|line| Token::Literal(line.to_owned()));
            self.all.extend(lines);
        } else {
            self.all.push(Token::Literal(value.to_owned()));
        }
        start..self.all.len()
    }

    fn nodes<'a>(&mut self, elements: impl Iterator<Item = &'a Element>) -> Vec<Node<'a>> {
        let mut nodes = Vec::new();
        for element in elements {
            nodes.push(match element {
                Element::Literal(literal) => Node::Literal(self.literal(literal.value())),
                Element::Interpolation(own) => {
                    self.other(own.strip);
                    Node::Value(&own.expr)
                }
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(own) => {
                        self.other(own.if_expr.strip);
                        let then = self.inside(own.if_expr.template.iter());
                        let other = own.else_expr.as_ref().map_or(Vec::new(), |other| {
                            self.other(other.strip);
                            self.inside(other.template.iter())
                        });
                        self.other(own.endif_expr.strip);
                        Node::If(&own.if_expr.cond_expr, then, other)
                    }
                    Directive::For(own) => {
                        let head = &own.for_expr;
                        self.other(head.strip);
                        let inside = self.inside(head.template.iter());
                        self.other(own.endfor_expr.strip);
                        let names = [head.key_var.as_ref(), Some(&head.value_var)];
                        let names = names.into_iter().flatten().map(|name| name.as_str());
                        Node::For(names.collect(), &head.collection_expr, inside)
                    }
                },
            });
        }
        nodes
    }

    /// Takes away what `~` asks for.
    fn strip(&mut self) {
        for at in 0..self.all.len() {
            let Token::Other(before, after) = self.all[at] else { continue };
            if before
                && let Some(Token::Literal(text)) = at.checked_sub(1).map(|at| &mut self.all[at])
            {
                text.truncate(text.trim_end().len());
            }
            if after && let Some(Token::Literal(text)) = self.all.get_mut(at + 1) {
                *text = text.trim_start().to_owned();
            }
        }
    }

    /// Takes away the indentation that all lines share.
    fn dedent(&mut self) {
        let mut least = usize::MAX;
        let mut starts = Vec::new();
        let mut newline = true;
        for (at, token) in self.all.iter().enumerate() {
            if newline {
                newline = false;
                least = least.min(match token {
                    Token::Literal(text) if text.trim().is_empty() && text.ends_with('\n') => {
                        usize::MAX
                    }
                    Token::Literal(text) => {
                        starts.push(at);
                        text.chars().take_while(|letter| letter.is_whitespace()).count()
                    }
                    Token::Other(..) => 0,
                });
            }
            if let Token::Literal(text) = token {
                newline = text.ends_with('\n');
            }
        }
        for at in starts {
            if let Token::Literal(text) = &mut self.all[at] {
                *text = text.chars().skip(least).collect();
            }
        }
    }
}

/// A template, ready to be written.
struct Ready<'a, 's> {
    scope: &'s Scope<'s>,
    nodes: Vec<Node<'a>>,
    tokens: Tokens,
}

impl<'a> Ready<'a, '_> {
    fn write(
        &self,
        scope: &Scope<'_>,
        nodes: &[Node<'a>],
        escaped: &dyn Fn(&str) -> String,
    ) -> String {
        let mut written = String::new();
        for node in nodes {
            match node {
                Node::Literal(range) => {
                    for token in &self.tokens.all[range.clone()] {
                        if let Token::Literal(own) = token {
                            written.push_str(&escaped(&unescaped(own)));
                        }
                    }
                }
                Node::Value(value) => written.push_str(&interpolation(&scope.text(value))),
                Node::If(condition, then, other) => {
                    let (then, other) = (self.quoted(scope, then), self.quoted(scope, other));
                    let condition = scope.converted(condition, &Shape::Bool).text;
                    written.push_str(&format!("${{if {condition} then {then} else {other}}}"));
                }
                Node::For(names, list, inside) => {
                    let (bound, names) = scope.binding(names, &scope.shape(list));
                    let each = self.quoted(&bound, inside);
                    let list = scope.text(list);
                    written.push_str(&format!(
                        "${{std.strings.join([for {names} in {list}: {each}])}}"
                    ));
                }
            }
        }
        written
    }

    /// Returns what stands inside of a directive as an expression.
    fn quoted(&self, scope: &Scope<'_>, nodes: &[Node<'a>]) -> String {
        let text = self.write(scope, nodes, &text::escaped);
        let is_there = |node: &&Node<'_>| match node {
            Node::Literal(range) => self.tokens.all[range.clone()]
                .iter()
                .any(|token| matches!(token, Token::Literal(own) if !own.is_empty())),
            Node::Value(_) | Node::If(..) | Node::For(..) => true,
        };
        let mut there = nodes.iter().filter(is_there);
        match (there.next(), there.next(), inside(&text)) {
            // A directive alone is a text already.
            (Some(Node::If(..) | Node::For(..)), None, Some(inner)) => inner.to_owned(),
            _ => format!("\"{text}\""),
        }
    }

    fn all(&self, escaped: &dyn Fn(&str) -> String) -> String {
        self.write(self.scope, &self.nodes, escaped)
    }
}

/// Returns what stands in the only `${}` of a text.
fn inside(text: &str) -> Option<&str> {
    text.strip_prefix("${").and_then(|own| own.strip_suffix('}'))
}

/// Returns an expression inside of a string; a plain text needs no brackets.
fn interpolation(own: &str) -> String {
    match own.strip_prefix('"').and_then(|own| own.strip_suffix('"')) {
        Some(plain) if !plain.contains(['"', '$', '\\']) => plain.to_owned(),
        Some(_) | None => format!("${{{own}}}"),
    }
}

/// Returns a template with the indentation that the parser has taken away: it takes it away before
/// `~` is looked at, and leaves what is inside of directives alone.
fn indented(heredoc: &HeredocTemplate, indent: usize) -> Template {
    let spaces = " ".repeat(indent);
    let elements: Vec<&Element> = heredoc.template.iter().collect();
    let mut template = Template::new();
    for (at, element) in elements.iter().enumerate() {
        let Element::Literal(literal) = element else {
            template.push((*element).clone());
            continue;
        };
        // A line that starts with `${` has nothing left before it.
        let is_bare = at == 0 && literal.value().is_empty();
        let mut text = if is_bare { spaces.clone() } else { String::new() };
        for (line, own) in literal.value().split_inclusive('\n').enumerate() {
            if (line > 0 || at == 0) && own != "\n" {
                text.push_str(&spaces);
            }
            text.push_str(own);
        }
        if text.ends_with('\n') && at + 1 < elements.len() {
            text.push_str(&spaces);
        }
        template.push(Element::from(text));
    }
    template
}

fn ready<'a, 's>(scope: &'s Scope<'s>, template: &'a Template, by_lines: bool) -> Ready<'a, 's> {
    let mut tokens = Tokens { all: Vec::new(), by_lines, depth: 0 };
    let nodes = tokens.nodes(template.iter());
    tokens.strip();
    Ready { scope, nodes, tokens }
}

/// Translates a string with `${}`.
#[must_use]
pub fn string(scope: &Scope<'_>, template: &Template) -> Out {
    let ready = ready(scope, template, false);
    Out::tight_of(format!("\"{}\"", ready.all(&text::escaped)))
}

/// Translates a block of text.
#[must_use]
pub fn heredoc(scope: &Scope<'_>, heredoc: &HeredocTemplate) -> Out {
    let indent = heredoc.indent();
    let template =
        indent.map_or_else(|| heredoc.template.clone(), |indent| indented(heredoc, indent));
    let mut ready = ready(scope, &template, true);
    if indent.is_some() {
        ready.tokens.dedent();
    }
    let inner = ready.all(&text::in_block);
    let Some(lines) = inner.strip_suffix('\n') else {
        // What ends within a line has a line break too many as a block.
        if ready.nodes.iter().all(|node| matches!(node, Node::Literal(_) | Node::Value(_))) {
            return Out::tight_of(format!("\"{}\"", ready.all(&text::escaped)));
        }
        return Out::tight_of(format!("std.strings.trim_suffix({}, \"\\n\")", block(&inner)));
    };
    Out::tight_of(block(lines))
}

/// Returns lines as a block of text.
fn block(lines: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") };
    let lines: String = lines.split('\n').map(line).collect();
    format!("\"\"\"\n{lines}  \"\"\"")
}

/// Translates a file that is filled in.
#[must_use]
pub fn file(scope: &Scope<'_>, template: &Template) -> String {
    ready(scope, template, true).all(&|text| text.replace("${", "$${"))
}

/// Returns a literal's text: `$${` and `%%{` stand for themselves without the first sign.
#[must_use]
pub fn unescaped(text: &str) -> String {
    text.replace("$${", "${").replace("%%{", "%{")
}
