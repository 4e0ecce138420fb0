//! Expressions and types of the syntax tree as short text, operators in prefix form.

use syncline_lang::syntax::ast::{
    Arg, BinaryOp, CompareOp, Comprehension, Expr, ExprKind, ListItem, MapEntry, MapKey, MatchArm,
    Part, RecordField, TypeExpr, TypeExprKind, UnaryOp,
};
use syncline_model::Value;

/// Returns text as a string literal.
#[must_use]
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Returns a key, quoted where it is no name.
#[must_use]
pub(crate) fn key(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.is_empty();
    if plain { name.to_owned() } else { quoted(name) }
}

/// Returns an expression.
#[must_use]
pub(crate) fn expression(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(number) => number.to_string(),
        ExprKind::Quantity(quantity) => quantity.to_string(),
        ExprKind::String(text) => quoted(text),
        ExprKind::Template(parts) => {
            let parts: Vec<String> = parts.iter().map(part).collect();
            format!("(template {})", parts.join(" "))
        }
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Offered { provider, name } => format!("{}::{}", provider.name, name.name),
        ExprKind::Member { base, name, optional } => {
            let dot = if *optional { "?." } else { "." };
            format!("({dot} {} {})", expression(base), key(&name.name))
        }
        ExprKind::Index { base, index, optional } => {
            let mark = if *optional { "?.[]" } else { "[]" };
            format!("({mark} {} {})", expression(base), expression(index))
        }
        ExprKind::Call { callee, args } => {
            format!("(call {} {})", expression(callee), arguments(args)).replace(" )", ")")
        }
        ExprKind::Unary { op, operand } => format!("({} {})", unary(*op), expression(operand)),
        ExprKind::Binary { op, operands } => {
            let (left, right) = (expression(&operands.left), expression(&operands.right));
            format!("({} {left} {right})", binary(*op))
        }
        ExprKind::Compare { first, rest } => {
            let mut text = format!("(compare {}", expression(first));
            for (op, operand) in rest {
                text.push_str(&format!(" {} {}", compare(*op), expression(operand)));
            }
            text + ")"
        }
        ExprKind::If(choice) => {
            let (condition, then) = (expression(&choice.condition), expression(&choice.then));
            format!("(if {condition} {then} {})", expression(&choice.otherwise))
        }
        ExprKind::Match { subject, arms } => {
            let arms: Vec<String> = arms.iter().map(arm).collect();
            format!("(match {} {})", expression(subject), arms.join(" "))
        }
        ExprKind::Lambda(lambda) => {
            let params: Vec<&str> = lambda.params.iter().map(|name| name.name.as_str()).collect();
            format!("(lambda ({}) {})", params.join(" "), expression(&lambda.body))
        }
        ExprKind::List(items) => {
            let items: Vec<String> = items.iter().map(item).collect();
            format!("[{}]", items.join(", "))
        }
        ExprKind::Map(entries) => map(entries),
        ExprKind::ListFor(comprehension) => format!("[{}]", for_each(comprehension)),
        ExprKind::MapFor(comprehension) => format!("{{{}}}", for_each(comprehension)),
        ExprKind::Paren(inner) => format!("(paren {})", expression(inner)),
        ExprKind::Error => "<error>".to_owned(),
    }
}

/// Returns arguments, joined by commas.
#[must_use]
pub(crate) fn arguments(args: &[Arg]) -> String {
    let args: Vec<String> = args
        .iter()
        .map(|arg| {
            let spread = if arg.spread { "..." } else { "" };
            let name = arg.name.as_ref().map_or(String::new(), |name| format!("{} = ", name.name));
            format!("{name}{spread}{}", expression(&arg.value))
        })
        .collect();
    args.join(", ")
}

/// Returns the entries of a map in braces.
#[must_use]
pub(crate) fn map(entries: &[MapEntry]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|entry| match entry {
            MapEntry::Set { key: MapKey::Plain(name), value } => {
                format!("{} = {}", key(&name.name), expression(value))
            }
            MapEntry::Set { key: MapKey::Computed(name), value } => {
                format!("[{}] = {}", expression(name), expression(value))
            }
            MapEntry::Shorthand(name) => name.name.to_string(),
            MapEntry::Spread(value) => format!("...{}", expression(value)),
        })
        .collect();
    if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
}

fn arm(arm: &MatchArm) -> String {
    let mut patterns: Vec<String> = arm.patterns.iter().map(expression).collect();
    if patterns.is_empty() {
        patterns.push("_".to_owned());
    }
    format!("[{} => {}]", patterns.join(" | "), expression(&arm.value))
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => quoted(text),
        Part::Expr(expr) => expression(expr),
    }
}

fn item(item: &ListItem) -> String {
    format!("{}{}", if item.spread { "..." } else { "" }, expression(&item.value))
}

fn for_each(comprehension: &Comprehension) -> String {
    let second =
        comprehension.second.as_ref().map_or(String::new(), |name| format!(", {}", name.name));
    let condition = comprehension
        .condition
        .as_ref()
        .map_or(String::new(), |e| format!(" if {}", expression(e)));
    let key =
        comprehension.key.as_ref().map_or(String::new(), |e| format!("{} => ", expression(e)));
    format!(
        "for {}{second} in {}{condition}: {key}{}",
        comprehension.first.name,
        expression(&comprehension.source),
        expression(&comprehension.value)
    )
}

/// Returns a written type.
#[must_use]
pub(crate) fn type_expression(ty: &TypeExpr) -> String {
    match &ty.kind {
        TypeExprKind::Name(name) => name.to_string(),
        TypeExprKind::List(element) => format!("[{}]", type_expression(element)),
        TypeExprKind::Map(value) => format!("{{string: {}}}", type_expression(value)),
        TypeExprKind::Record(fields) => {
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        TypeExprKind::Union(members) => {
            let members: Vec<String> = members.iter().map(type_expression).collect();
            format!("(| {})", members.join(" "))
        }
        TypeExprKind::Literal(literal) => expression(literal),
        TypeExprKind::Optional(inner) => format!("{}?", type_expression(inner)),
        TypeExprKind::Secret(inner) => format!("(secret {})", type_expression(inner)),
        TypeExprKind::Refined(inner, condition) => {
            format!("(where {} {})", type_expression(inner), expression(condition))
        }
        TypeExprKind::Function { params, result } => {
            let params: Vec<String> = params.iter().map(type_expression).collect();
            format!("({}) -> {}", params.join(", "), type_expression(result))
        }
        TypeExprKind::Set(element) => format!("set [{}]", type_expression(element)),
        TypeExprKind::Error => "<error>".to_owned(),
    }
}

fn field(field: &RecordField) -> String {
    let mark = if field.optional { "?" } else { "" };
    let default = field.default.as_ref().map_or(String::new(), |e| format!(" = {}", expression(e)));
    format!("{}{mark}: {}{default}", key(&field.name.name), type_expression(&field.ty))
}

const fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Negate => "-",
        UnaryOp::Not => "!",
    }
}

const fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Coalesce => "??",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Remainder => "%",
    }
}

const fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "==",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterEqual => ">=",
        CompareOp::In => "in",
    }
}
