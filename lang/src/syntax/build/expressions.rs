//! Expressions: precedence, suffixes, collections, comprehensions.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::Span;
use thin_vec::{ThinVec, thin_vec};

use super::{Builder, fitted, take, take_if};
use crate::diagnostics::{expected_expression, expected_name, unreachable_arm};
use crate::syntax::ast::{
    Arg, BinaryOp, CompareOp, Comprehension, Conditional, Expr, ExprKind, Ident, Lambda, ListItem,
    MapEntry, MapKey, MatchArm, Operands, UnaryOp,
};
use crate::syntax::grammar::{Pair, Pairs, Rule};

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Binary(BinaryOp),
    Compare(CompareOp),
}

impl Infix {
    fn of(text: &str) -> Self {
        match text {
            "??" => Self::Binary(BinaryOp::Coalesce),
            "||" => Self::Binary(BinaryOp::Or),
            "&&" => Self::Binary(BinaryOp::And),
            "+" => Self::Binary(BinaryOp::Add),
            "-" => Self::Binary(BinaryOp::Subtract),
            "*" => Self::Binary(BinaryOp::Multiply),
            "/" => Self::Binary(BinaryOp::Divide),
            "%" => Self::Binary(BinaryOp::Remainder),
            "==" => Self::Compare(CompareOp::Equal),
            "!=" => Self::Compare(CompareOp::NotEqual),
            "<=" => Self::Compare(CompareOp::LessEqual),
            ">=" => Self::Compare(CompareOp::GreaterEqual),
            "<" => Self::Compare(CompareOp::Less),
            ">" => Self::Compare(CompareOp::Greater),
            _ => Self::Compare(CompareOp::In),
        }
    }

    /// How tightly it binds; all operators group to the left.
    fn level(self) -> u8 {
        match self {
            Self::Binary(BinaryOp::Coalesce) => 1,
            Self::Binary(BinaryOp::Or) => 2,
            Self::Binary(BinaryOp::And) => 3,
            Self::Compare(_) => 4,
            Self::Binary(BinaryOp::Add | BinaryOp::Subtract) => 5,
            Self::Binary(BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder) => 6,
        }
    }
}

/// An expression and its height.
type Operand = (Expr, u32);

impl Builder<'_> {
    /// Builds an expression; its height is then the builder's.
    pub(super) fn expr(&mut self, pair: Pair<'_>) -> Expr {
        let mut pairs = pair.into_inner();
        let first = self.operand(&mut pairs);
        if pairs.peek().is_none() {
            return first;
        }
        let mut operands: Vec<Operand> = vec![(first, self.height)];
        let mut operators: Vec<Infix> = Vec::new();
        while let Some(pair) = pairs.next() {
            let operator = Infix::of(pair.as_str());
            while operators.last().is_some_and(|last| last.level() >= operator.level()) {
                self.reduce(&mut operands, &mut operators);
            }
            operators.push(operator);
            let operand = self.operand(&mut pairs);
            operands.push((operand, self.height));
        }
        while !operators.is_empty() {
            self.reduce(&mut operands, &mut operators);
        }
        let (expr, height) = operands.pop().expect("invariant: reducing leaves one operand");
        self.height = height;
        expr
    }

    /// Joins the last two operands by the last operator.
    fn reduce(&mut self, operands: &mut Vec<Operand>, operators: &mut Vec<Infix>) {
        let (Some(operator), Some((right, right_height)), Some((left, left_height))) =
            (operators.pop(), operands.pop(), operands.pop())
        else {
            return;
        };
        let span = left.span.to(right.span);
        let height = left_height.max(right_height);
        let expr = match (operator, left.kind) {
            (Infix::Compare(op), ExprKind::Compare { first, mut rest }) => {
                rest.push((op, right));
                self.height = height.max(right_height + 1);
                Expr { span, kind: ExprKind::Compare { first, rest } }
            }
            (Infix::Compare(op), kind) => {
                let first = Box::new(Expr { span: left.span, kind });
                self.node(span, ExprKind::Compare { first, rest: thin_vec![(op, right)] }, height)
            }
            (Infix::Binary(op), kind) => {
                let left = Expr { span: left.span, kind };
                let operands = Box::new(Operands { left, right });
                self.node(span, ExprKind::Binary { op, operands }, height)
            }
        };
        operands.push((expr, self.height));
    }

    fn operand(&mut self, pairs: &mut Pairs<'_>) -> Expr {
        let mut prefixes: Vec<(UnaryOp, Span)> = Vec::new();
        let primary = loop {
            let pair = pairs.next().expect("invariant: the grammar puts a primary here");
            let op = match pair.as_rule() {
                Rule::negate => UnaryOp::Negate,
                Rule::not => UnaryOp::Not,
                _ => break pair,
            };
            prefixes.push((op, self.wider(&pair, 1)));
        };
        let mut expr = self.primary(primary);
        while let Some(pair) = pairs.peek().filter(|pair| pair.as_rule() != Rule::infix) {
            pairs.next();
            expr = self.suffix(expr, pair);
        }
        for (op, span) in prefixes.into_iter().rev() {
            let span = span.to(expr.span);
            let height = self.height;
            expr = self.node(span, ExprKind::Unary { op, operand: Box::new(expr) }, height);
        }
        expr
    }

    fn suffix(&mut self, base: Expr, pair: Pair<'_>) -> Expr {
        let span = base.span.to(self.span(&pair));
        let mut height = self.height;
        let base = Box::new(base);
        let rule = pair.as_rule();
        let kind = match rule {
            Rule::ident => {
                ExprKind::Member { base, name: Box::new(self.ident(&pair)), optional: false }
            }
            Rule::optional_field => {
                let name = Box::new(self.ident(&take(&mut pair.into_inner())));
                ExprKind::Member { base, name, optional: true }
            }
            // Only a name comes before it.
            Rule::offered => {
                let name = Box::new(self.ident(&take(&mut pair.into_inner())));
                let ExprKind::Name(provider) = base.kind else {
                    let report =
                        expected_name::expected_name(base.span, "of a provider", "another word");
                    self.diagnostics.push(report);
                    return Expr { span, kind: ExprKind::Error };
                };
                let provider = Box::new(Ident { name: provider, span: base.span });
                ExprKind::Offered { provider, name }
            }
            Rule::index | Rule::optional_index => {
                let index = Box::new(self.expr(take(&mut pair.into_inner())));
                height = height.max(self.height);
                ExprKind::Index { base, index, optional: rule == Rule::optional_index }
            }
            _ => {
                let args = self.args(pair);
                height = height.max(self.height);
                ExprKind::Call { callee: base, args }
            }
        };
        self.node(span, kind, height)
    }

    /// Builds arguments; the builder's height is then that of the highest.
    pub(super) fn args(&mut self, pair: Pair<'_>) -> ThinVec<Arg> {
        let mut height = 0;
        let mut args = ThinVec::new();
        for pair in pair.into_inner() {
            let mut pairs = pair.into_inner();
            let spread = take_if(&mut pairs, Rule::spread).is_some();
            let name = take_if(&mut pairs, Rule::arg_name)
                .map(|pair| Box::new(self.ident(&take(&mut pair.into_inner()))));
            let pair = take(&mut pairs);
            let value =
                if pair.as_rule() == Rule::lambda { self.lambda(pair) } else { self.expr(pair) };
            height = height.max(self.height);
            args.push(Arg { name, spread, value });
        }
        self.height = height;
        fitted(args)
    }

    fn lambda(&mut self, pair: Pair<'_>) -> Expr {
        let span = self.span(&pair);
        let mut params = ThinVec::new();
        let mut pairs = pair.into_inner();
        while let Some(pair) = take_if(&mut pairs, Rule::ident) {
            params.push(self.ident(&pair));
        }
        let (params, body) = (fitted(params), self.expr(take(&mut pairs)));
        let (span, height) = (Span::new(span.file, span.start, body.span.end), self.height);
        self.node(span, ExprKind::Lambda(Arc::new(Lambda { params, body })), height)
    }

    fn choice(&mut self, span: Span, pair: Pair<'_>) -> Expr {
        let mut pairs = pair.into_inner();
        let subject = Box::new(self.expr(take(&mut pairs)));
        let mut height = self.height;
        let mut arms: ThinVec<MatchArm> = ThinVec::new();
        let mut takes_all: Option<Span> = None;
        let mut taken: FxHashMap<String, Span> = FxHashMap::default();
        for pair in pairs {
            let arm = self.arm(pair);
            height = height.max(self.height);
            if let Some(first) = takes_all {
                self.diagnostics.push(unreachable_arm::behind_all(arm.span, first));
            }
            if arm.patterns.is_empty() {
                takes_all = takes_all.or(Some(arm.span));
            }
            for pattern in &arm.patterns {
                let text = crate::fmt::expression(pattern);
                match taken.get(&text) {
                    Some(first) => {
                        let report = unreachable_arm::twice(&text, pattern.span, *first);
                        self.diagnostics.push(report);
                    }
                    None => drop(taken.insert(text, pattern.span)),
                }
            }
            arms.push(arm);
        }
        self.node(span, ExprKind::Match { subject, arms: fitted(arms) }, height)
    }

    fn arm(&mut self, pair: Pair<'_>) -> MatchArm {
        let start = self.span(&pair);
        let mut patterns = ThinVec::new();
        let mut negative: Option<Span> = None;
        let mut value = None;
        for pair in pair.into_inner() {
            let pattern = match pair.as_rule() {
                Rule::wildcard => continue,
                Rule::negate => {
                    negative = Some(self.wider(&pair, 1));
                    continue;
                }
                Rule::expr => {
                    value = Some(self.expr(pair));
                    continue;
                }
                Rule::number => self.number(&pair),
                Rule::constant => self.name(&pair),
                Rule::template => self.template(pair),
                _ => self.plain(&pair),
            };
            patterns.push(match negative.take() {
                Some(place) => {
                    let span = place.to(pattern.span);
                    let operand = Box::new(pattern);
                    self.node(span, ExprKind::Unary { op: UnaryOp::Negate, operand }, 1)
                }
                None => pattern,
            });
        }
        let value = value.expect("invariant: the grammar puts a value here");
        let span = Span::new(start.file, start.start, value.span.end);
        MatchArm { span, patterns: fitted(patterns), value }
    }

    fn primary(&mut self, pair: Pair<'_>) -> Expr {
        match pair.as_rule() {
            Rule::name => self.name(&pair),
            Rule::plain | Rule::single_quoted => self.plain(&pair),
            Rule::template => self.template(pair),
            Rule::block => self.block(pair),
            Rule::number => self.number(&pair),
            Rule::list => self.list(self.wider(&pair, 1), pair),
            Rule::map => self.map(self.wider(&pair, 1), pair),
            Rule::paren => {
                let span = self.wider(&pair, 1);
                let inner = Box::new(self.expr(take(&mut pair.into_inner())));
                let height = self.height;
                self.node(span, ExprKind::Paren(inner), height)
            }
            Rule::choice => self.choice(self.span(&pair), pair),
            _ => self.conditional(self.wider(&pair, 2), pair),
        }
    }

    fn name(&mut self, pair: &Pair<'_>) -> Expr {
        self.height = 1;
        let span = self.span(pair);
        let kind = match pair.as_str() {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            word @ ("then" | "else" | "in" | "for") => {
                let found = format!("`{word}`");
                let report = expected_expression::expected_expression(span, "", &found);
                self.diagnostics.push(report);
                ExprKind::Error
            }
            name => ExprKind::Name(name.into()),
        };
        Expr { span, kind }
    }

    fn conditional(&mut self, span: Span, pair: Pair<'_>) -> Expr {
        let mut pairs = pair.into_inner();
        let condition = self.expr(take(&mut pairs));
        let mut height = self.height;
        let then = self.expr(take(&mut pairs));
        height = height.max(self.height);
        let otherwise = self.expr(take(&mut pairs));
        height = height.max(self.height);
        let kind = ExprKind::If(Box::new(Conditional { condition, then, otherwise }));
        self.node(span, kind, height)
    }

    fn list(&mut self, span: Span, pair: Pair<'_>) -> Expr {
        let mut height = 0;
        let mut items = ThinVec::new();
        let mut spread = false;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::list_for => {
                    let comprehension = Box::new(self.comprehension(pair));
                    let height = self.height;
                    return self.node(span, ExprKind::ListFor(comprehension), height);
                }
                Rule::spread => spread = true,
                _ => {
                    let value = self.expr(pair);
                    height = height.max(self.height);
                    items.push(ListItem { spread: std::mem::take(&mut spread), value });
                }
            }
        }
        self.node(span, ExprKind::List(fitted(items)), height)
    }

    fn comprehension(&mut self, pair: Pair<'_>) -> Comprehension {
        let mut pairs = pair.into_inner();
        let first = self.ident(&take(&mut pairs));
        let second = take_if(&mut pairs, Rule::ident).map(|pair| self.ident(&pair));
        let source = self.expr(take(&mut pairs));
        let mut height = self.height;
        let mut part = |builder: &mut Self, pair: Pair<'_>| {
            let expr = builder.expr(pair);
            height = height.max(builder.height);
            expr
        };
        let condition =
            take_if(&mut pairs, Rule::for_if).map(|pair| part(self, take(&mut pair.into_inner())));
        let key =
            take_if(&mut pairs, Rule::for_key).map(|pair| part(self, take(&mut pair.into_inner())));
        let value = part(self, take(&mut pairs));
        self.height = height;
        Comprehension { first, second, source, condition, key, value }
    }

    /// Builds a map or a comprehension that makes one.
    pub(super) fn map(&mut self, span: Span, pair: Pair<'_>) -> Expr {
        let mut height = 0;
        let mut entries = ThinVec::new();
        for pair in pair.into_inner() {
            if pair.as_rule() == Rule::map_for {
                let comprehension = Box::new(self.comprehension(pair));
                let height = self.height;
                return self.node(span, ExprKind::MapFor(comprehension), height);
            }
            entries.push(self.map_entry(pair));
            height = height.max(self.height);
        }
        self.node(span, ExprKind::Map(fitted(entries)), height)
    }

    fn map_entry(&mut self, pair: Pair<'_>) -> MapEntry {
        let is_spread = pair.as_rule() == Rule::spread_entry;
        let mut pairs = pair.into_inner();
        let first = take(&mut pairs);
        if is_spread {
            return MapEntry::Spread(self.expr(first));
        }
        let (key, height) = self.map_key(first);
        let Some(pair) = pairs.next() else { return self.shorthand(key) };
        let value = self.expr(pair);
        self.height = self.height.max(height);
        MapEntry::Set { key, value }
    }

    fn map_key(&mut self, pair: Pair<'_>) -> (MapKey, u32) {
        match pair.as_rule() {
            Rule::computed => {
                let expr = self.expr(take(&mut pair.into_inner()));
                (MapKey::Computed(Box::new(expr)), self.height)
            }
            Rule::template => {
                let expr = self.template(pair);
                let height = self.height;
                match expr.kind {
                    ExprKind::String(name) => (MapKey::Plain(Ident { name, span: expr.span }), 0),
                    kind => (MapKey::Computed(Box::new(Expr { span: expr.span, kind })), height),
                }
            }
            _ => (MapKey::Plain(self.key(pair)), 0),
        }
    }

    /// Builds an entry that has a key alone.
    fn shorthand(&mut self, key: MapKey) -> MapEntry {
        self.height = 1;
        match key {
            MapKey::Plain(name) if !self.is_quoted(name.span) => MapEntry::Shorthand(name),
            MapKey::Plain(_) | MapKey::Computed(_) => {
                let span = match &key {
                    MapKey::Plain(name) => name.span,
                    MapKey::Computed(key) => key.span,
                };
                self.missing_value(span);
                let value = Expr { span, kind: ExprKind::Error };
                MapEntry::Set { key, value }
            }
        }
    }
}
