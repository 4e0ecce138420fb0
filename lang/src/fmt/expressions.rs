//! Expressions.

use super::document::Doc;
use super::printer::{Printer, joined};
use super::sequences::{BRACES, Brackets, Element, LIST, PARENS};
use crate::syntax::ast::{
    Arg, BinaryOp, CompareOp, Comprehension, Expr, ExprKind, Lambda, ListItem, MapEntry, MapKey,
    MatchArm, UnaryOp,
};

impl Printer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Doc {
        if let Some(before) = self.before(expr.span) {
            return joined(vec![before, self.expr(expr)]);
        }
        match &expr.kind {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(_)
            | ExprKind::String(_)
            | ExprKind::Template(_)
            | ExprKind::Name(_)
            | ExprKind::Offered { .. }
            | ExprKind::Error => self.leaf(expr.span),
            ExprKind::Member { base, name, optional } => {
                let base = self.expr(base);
                let dot = self.dot(if *optional { "?." } else { "." });
                joined(vec![base, dot, self.leaf(name.span)])
            }
            ExprKind::Index { base, index, optional } => {
                let base = self.expr(base);
                let open = if *optional { self.dot("?.[") } else { self.token("[") };
                let index = self.expr(index);
                joined(vec![base, open, index, self.token("]")])
            }
            ExprKind::Call { callee, args } => self.call(callee, args),
            ExprKind::Unary { op, operand } => {
                let op = self.token(match op {
                    UnaryOp::Negate => "-",
                    UnaryOp::Not => "!",
                });
                joined(vec![op, self.expr(operand)])
            }
            ExprKind::Binary { .. } => self.binary(expr),
            ExprKind::Compare { first, rest } => self.comparison(first, rest),
            ExprKind::If(_) => self.conditional(expr),
            ExprKind::Match { subject, arms } => self.choice(subject, arms),
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::List(items) => {
                self.bracketed(LIST, items.len(), |printer, index| printer.item(&items[index]))
            }
            ExprKind::Map(entries) => self.map(BRACES, entries),
            ExprKind::ListFor(comprehension) => self.comprehension(LIST, comprehension),
            ExprKind::MapFor(comprehension) => self.comprehension(BRACES, comprehension),
            ExprKind::Paren(inner) => {
                let open = self.token("(");
                self.level += 1;
                let inner = self.expr(inner);
                self.level -= 1;
                let inner = Doc::indent(joined(vec![Doc::soft_line(), inner]));
                Doc::group(joined(vec![open, inner, Doc::soft_line(), self.token(")")]))
            }
        }
    }

    fn choice(&mut self, subject: &Expr, arms: &[MatchArm]) -> Doc {
        let word = self.word("match");
        let subject = self.expr(subject);
        let arms =
            self.bracketed(BRACES, arms.len(), |printer, index| printer.arm(&arms[index]).into());
        joined(vec![word, subject, Doc::text(" "), arms])
    }

    fn arm(&mut self, arm: &MatchArm) -> Doc {
        let mut docs = Vec::new();
        if arm.patterns.is_empty() {
            docs.push(self.token("_"));
        }
        for (index, pattern) in arm.patterns.iter().enumerate() {
            if index > 0 {
                docs.push(self.spaced("|"));
            }
            docs.push(self.expr(pattern));
        }
        docs.push(self.spaced("=>"));
        docs.push(self.expr(&arm.value));
        joined(docs)
    }

    fn lambda(&mut self, lambda: &Lambda) -> Doc {
        let params = &lambda.params;
        let head = if let [param] = params.as_slice() {
            let before = self.dropped("(");
            let param = self.leaf(param.span);
            let comma = self.dropped(",");
            joined(vec![before, param, comma, self.dropped(")")])
        } else {
            self.bracketed(PARENS, params.len(), |printer, index| {
                printer.leaf(params[index].span).into()
            })
        };
        let arrow = self.spaced("=>");
        joined(vec![head, arrow, self.expr(&lambda.body)])
    }

    fn item(&mut self, item: &ListItem) -> Element {
        let value = |printer: &mut Self| printer.expr(&item.value);
        self.spread(item.spread, value).into()
    }

    fn spread(&mut self, spread: bool, value: impl FnOnce(&mut Self) -> Doc) -> Doc {
        if !spread {
            return value(self);
        }
        let dots = self.token("...");
        joined(vec![dots, value(self)])
    }

    fn call(&mut self, callee: &Expr, args: &[Arg]) -> Doc {
        let behind = self.token_start(callee.span.end as usize);
        let name = self.expr(callee);
        if let [Arg { value: Expr { kind: ExprKind::Map(entries), .. }, .. }] = args
            && self.text.as_bytes().get(behind) == Some(&b'{')
        {
            return joined(vec![name, Doc::text(" "), self.map(BRACES, entries)]);
        }
        joined(vec![name, self.args(args)])
    }

    pub(super) fn args(&mut self, args: &[Arg]) -> Doc {
        if let [arg] = args
            && is_hugged(arg)
            && self.hugs(arg)
        {
            let open = self.token("(");
            let arg = self.arg(arg);
            let comma = self.dropped(",");
            return joined(vec![open, arg, comma, self.token(")")]);
        }
        self.bracketed(PARENS, args.len(), |printer, index| printer.arg(&args[index]).into())
    }

    /// Tells whether a lone argument can stand right between the parentheses: no comment is there.
    fn hugs(&self, arg: &Arg) -> bool {
        let before = self.pending(arg.value.span.start as usize).is_none();
        let end = arg.value.span.end as usize;
        let close = self.text.get(end..).map(|rest| rest.trim_start_matches(','));
        before && close.is_some_and(|rest| rest.trim_start().starts_with([')', ',']))
    }

    fn arg(&mut self, arg: &Arg) -> Doc {
        if let Some(name) = &arg.name {
            let name = self.leaf(name.span);
            let equals = self.spaced("=");
            return joined(vec![name, equals, self.expr(&arg.value)]);
        }
        self.spread(arg.spread, |printer| printer.expr(&arg.value))
    }

    /// Prints operations that bind alike and group to the left as one chain.
    fn binary(&mut self, expr: &Expr) -> Doc {
        let level = chain_level(expr);
        let mut links = Vec::new();
        let mut first = expr;
        while let ExprKind::Binary { op, operands } = &first.kind
            && chain_level(first) == level
        {
            links.push((*op, &operands.right));
            first = &operands.left;
        }
        let mut docs = vec![self.expr(first)];
        let mut rest = Vec::new();
        for (op, right) in links.into_iter().rev() {
            rest.push(Doc::line());
            rest.push(self.word(binary_text(op)));
            rest.push(self.expr(right));
        }
        docs.push(Doc::indent(joined(rest)));
        Doc::group(joined(docs))
    }

    fn comparison(&mut self, first: &Expr, rest: &[(CompareOp, Expr)]) -> Doc {
        let mut docs = vec![self.expr(first)];
        let mut links = Vec::new();
        for (op, operand) in rest {
            if *op == CompareOp::In {
                // A line may not start with `in`: it could be a name.
                links.push(self.spaced("in"));
            } else {
                links.push(Doc::line());
                links.push(self.word(compare_text(*op)));
            }
            links.push(self.expr(operand));
        }
        docs.push(Doc::indent(joined(links)));
        Doc::group(joined(docs))
    }

    fn conditional(&mut self, expr: &Expr) -> Doc {
        let mut docs = Vec::new();
        let mut rest = expr;
        let mut is_first = true;
        while let ExprKind::If(choice) = &rest.kind {
            let mut branch = Vec::new();
            if !is_first {
                branch.push(self.word("else"));
            }
            branch.push(self.word("if"));
            branch.push(self.expr(&choice.condition));
            let then_word = self.word("then");
            let then = joined(vec![Doc::line(), then_word, self.expr(&choice.then)]);
            branch.push(Doc::indent(then));
            let branch = Doc::group(joined(branch));
            docs.push(if is_first {
                branch
            } else {
                Doc::indent(joined(vec![Doc::line(), branch]))
            });
            is_first = false;
            rest = &choice.otherwise;
        }
        let word = self.word("else");
        let last = joined(vec![Doc::line(), word, self.expr(rest)]);
        docs.push(Doc::indent(last));
        Doc::group(joined(docs))
    }

    pub(super) fn map(&mut self, brackets: Brackets, entries: &[MapEntry]) -> Doc {
        self.bracketed(brackets, entries.len(), |printer, index| printer.map_entry(&entries[index]))
    }

    fn map_entry(&mut self, entry: &MapEntry) -> Element {
        match entry {
            MapEntry::Shorthand(name) => self.leaf(name.span).into(),
            MapEntry::Spread(value) => self.spread(true, |printer| printer.expr(value)).into(),
            MapEntry::Set { key, value } => {
                let head = match key {
                    MapKey::Plain(name) => self.leaf(name.span),
                    MapKey::Computed(key) => self.computed_key(key),
                };
                let equals = self.spaced("=");
                let tail = joined(vec![equals, self.expr(value)]);
                Element { head, tail: Some(tail), bare: false }
            }
        }
    }

    fn computed_key(&mut self, key: &Expr) -> Doc {
        let at = self.token_start(self.place);
        let is_string = at == key.span.start as usize;
        if is_string {
            return self.leaf(key.span);
        }
        let open = self.token("[");
        let key = self.expr(key);
        joined(vec![open, key, self.token("]")])
    }

    fn comprehension(&mut self, brackets: Brackets, of: &Comprehension) -> Doc {
        let open = self.token(brackets.open);
        let mut head = vec![self.word("for"), self.leaf(of.first.span)];
        if let Some(second) = &of.second {
            head.push(self.word(","));
            head.push(self.leaf(second.span));
        }
        head.push(self.spaced("in"));
        head.push(self.expr(&of.source));
        if let Some(condition) = &of.condition {
            head.push(self.spaced("if"));
            head.push(self.expr(condition));
        }
        head.push(self.token(":"));
        head.push(Doc::line());
        if let Some(key) = &of.key {
            head.push(self.expr(key));
            head.push(self.spaced("=>"));
        }
        head.push(self.expr(&of.value));
        let inner = Doc::indent(joined(vec![Doc::soft_line(), joined(head)]));
        Doc::group(joined(vec![open, inner, Doc::soft_line(), self.token(brackets.close)]))
    }
}

fn is_hugged(arg: &Arg) -> bool {
    arg.name.is_none()
        && !arg.spread
        && matches!(
            arg.value.kind,
            ExprKind::List(_) | ExprKind::Map(_) | ExprKind::ListFor(_) | ExprKind::MapFor(_)
        )
}

/// Operators of one number are printed as one chain; 0 is for what is no such operation.
fn chain_level(expr: &Expr) -> u8 {
    let ExprKind::Binary { op, .. } = &expr.kind else { return 0 };
    match op {
        BinaryOp::Coalesce => 1,
        BinaryOp::Or => 2,
        BinaryOp::And => 3,
        BinaryOp::Add | BinaryOp::Subtract => 4,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => 5,
    }
}

pub(super) fn binary_text(op: BinaryOp) -> &'static str {
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

pub(super) fn compare_text(op: CompareOp) -> &'static str {
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
