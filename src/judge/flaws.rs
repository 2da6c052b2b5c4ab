//! What `syn` reads and rustc refuses all the same: the rules that rustc checks on the tree that it has parsed. Here are those
//! for code; those for items are in `items`. Pure.
//!
//! They are told of the tree alone; no name is resolved. Where an attribute macro may rewrite an item, nothing is said of
//! it, and nothing of what is in a macro. A flaw that stood there before is the file's own: who compares does it by its
//! words.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, GenericParam, Generics, Item, Lifetime, Lit, Pat};

use super::bindings;

/// Something that rustc refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// In words.
    pub(crate) what: String,
    /// Byte offset in the text that was read.
    pub(crate) at: usize,
}

/// Collects the flaws of what it visits.
pub(super) struct Flaws<'t> {
    pub(super) text: &'t str,
    pub(super) found: Vec<Flaw>,
    /// Inside a pattern: those inside it were looked at with it.
    in_pattern: bool,
    /// What is assigned to, where `_` and `..` are no values.
    in_assignee: bool,
    /// A condition, where `let` may stand.
    in_condition: bool,
}

impl<'t> Flaws<'t> {
    /// The flaws of pieces of `text`; there are none yet.
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, found: Vec::new(), in_pattern: false, in_assignee: false, in_condition: false }
    }

    pub(super) fn say(&mut self, span: Span, what: impl Into<String>) {
        self.found.push(Flaw { what: what.into(), at: span.byte_range().start.min(self.text.len()) });
    }

    pub(super) fn inside_pattern(&mut self, work: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.in_pattern, true);
        work(self);
        self.in_pattern = outer;
    }

    fn condition(&mut self, expr: &Expr) {
        self.in_condition = true;
        self.visit_expr(expr);
        self.in_condition = false;
    }
}

impl<'ast> Visit<'ast> for Flaws<'_> {
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_item(&mut self, item: &'ast Item) {
        self.item(item);
    }

    fn visit_generics(&mut self, generics: &'ast Generics) {
        let mut last: Option<&GenericParam> = None;
        let mut has_default = false;
        for param in &generics.params {
            let (name, default) = match param {
                GenericParam::Lifetime(param) => (&param.lifetime.ident, None),
                GenericParam::Type(param) => (&param.ident, Some(param.default.is_some())),
                GenericParam::Const(param) => (&param.ident, Some(param.default.is_some())),
            };
            let is_lifetime = default.is_none();
            if is_lifetime && last.is_some_and(|last| !matches!(last, GenericParam::Lifetime(_))) {
                self.say(
                    name.span(),
                    format!("the lifetime `'{name}` stands behind a type in the parameters"),
                );
            }
            if is_lifetime && matches!(name.to_string().as_str(), "static" | "_") {
                self.say(name.span(), format!("`'{name}` is the name of a parameter"));
            }
            if has_default && default == Some(false) {
                self.say(name.span(), format!("the parameter `{name}` stands behind one with a default"));
            }
            has_default |= default == Some(true);
            last = Some(param);
        }
        visit::visit_generics(self, generics);
    }

    fn visit_bound_lifetimes(&mut self, bound: &'ast syn::BoundLifetimes) {
        let mut names: Vec<String> = Vec::new();
        for param in &bound.lifetimes {
            if let GenericParam::Lifetime(param) = param {
                let name = param.lifetime.ident.to_string();
                if names.contains(&name) {
                    self.say(
                        param.lifetime.ident.span(),
                        format!("parameter `'{name}` is there twice in one `for`"),
                    );
                }
                names.push(name);
            }
        }
        visit::visit_bound_lifetimes(self, bound);
    }

    fn visit_angle_bracketed_generic_arguments(&mut self, list: &'ast syn::AngleBracketedGenericArguments) {
        use syn::GenericArgument::{AssocConst, AssocType, Const, Constraint, Lifetime, Type};
        let rank = |argument: &syn::GenericArgument| match argument {
            Lifetime(_) => 0,
            AssocType(_) | AssocConst(_) | Constraint(_) => 2,
            Type(_) | Const(_) => 1,
            _ => 3,
        };
        let ranks: Vec<u8> = list.args.iter().map(rank).collect();
        if !ranks.is_sorted() {
            let what = "the arguments in `<…>` stand in another order than lifetimes, types, names with `=`";
            self.say(list.lt_token.spans[0], what);
        }
        visit::visit_angle_bracketed_generic_arguments(self, list);
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        const INTEGERS: &[&str] =
            &["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];
        const FLOATS: &[&str] = &["f16", "f32", "f64", "f128"];
        let (suffix, span, fits) = match literal {
            Lit::Int(it) => {
                (it.suffix(), it.span(), INTEGERS.contains(&it.suffix()) || FLOATS.contains(&it.suffix()))
            }
            Lit::Float(it) => (it.suffix(), it.span(), FLOATS.contains(&it.suffix())),
            Lit::Str(it) => (it.suffix(), it.span(), false),
            Lit::ByteStr(it) => (it.suffix(), it.span(), false),
            Lit::CStr(it) => (it.suffix(), it.span(), false),
            Lit::Byte(it) => (it.suffix(), it.span(), false),
            Lit::Char(it) => (it.suffix(), it.span(), false),
            _ => return,
        };
        if let Lit::Int(number) = literal
            && number.base10_digits().trim_start_matches('-').parse::<u128>().is_err()
        {
            self.say(span, "an integer is larger than any type can hold");
        }
        if !suffix.is_empty() && !fits {
            self.say(span, format!("`{suffix}` is no suffix of this literal"));
        }
    }

    fn visit_label(&mut self, label: &'ast syn::Label) {
        self.names_itself(&label.name);
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if !self.in_pattern {
            bindings::of_list(self, std::iter::once(pattern), "one pattern");
        }
        self.inside_pattern(|flaws| visit::visit_pat(flaws, pattern));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Pat::Type(typed) = &local.pat {
            self.has_no_impl_trait(&typed.ty);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let in_pattern = std::mem::replace(&mut self.in_pattern, false);
        let in_assignee = std::mem::replace(&mut self.in_assignee, false);
        let in_condition = std::mem::replace(&mut self.in_condition, false);
        match expr {
            Expr::Infer(hole) if !in_assignee => {
                self.say(hole.underscore_token.span, "`_` stands for a value");
            }
            Expr::Struct(made) if made.dot2_token.is_some() && made.rest.is_none() && !in_assignee => {
                let at = made.dot2_token.as_ref().map_or_else(Span::call_site, |dots| dots.spans[0]);
                self.say(at, "`..` has nothing behind it to take the other fields from");
            }
            Expr::Let(bound) if !in_condition => {
                self.say(bound.let_token.span, "`let` is a value outside of a condition");
            }
            _ => {}
        }
        match expr {
            Expr::Assign(assign) => {
                self.in_assignee = true;
                self.visit_expr(&assign.left);
                self.in_assignee = false;
                self.visit_expr(&assign.right);
            }
            Expr::Tuple(_) | Expr::Array(_) | Expr::Paren(_) | Expr::Struct(_) if in_assignee => {
                self.assignees(expr);
            }
            Expr::Call(call) if in_assignee => {
                self.visit_expr(&call.func);
                for argument in &call.args {
                    self.in_assignee = true;
                    self.visit_expr(argument);
                }
            }
            Expr::Repeat(repeat) => {
                self.visit_expr(&repeat.expr);
                self.in_assignee = matches!(*repeat.len, Expr::Infer(_));
                self.visit_expr(&repeat.len);
            }
            Expr::If(branch) => {
                self.condition(&branch.cond);
                self.visit_block(&branch.then_branch);
                branch.else_branch.iter().for_each(|(_, other)| self.visit_expr(other));
            }
            Expr::While(repeated) => {
                repeated.label.iter().for_each(|label| self.visit_label(label));
                self.condition(&repeated.cond);
                self.visit_block(&repeated.body);
            }
            Expr::Binary(both) if in_condition && matches!(both.op, syn::BinOp::And(_)) => {
                self.condition(&both.left);
                self.condition(&both.right);
            }
            Expr::Closure(closure) => self.closure(closure),
            _ => visit::visit_expr(self, expr),
        }
        (self.in_pattern, self.in_assignee, self.in_condition) = (in_pattern, false, false);
    }

    fn visit_pat_guard(&mut self, guarded: &'ast syn::PatGuard) {
        self.visit_pat(&guarded.pat);
        let in_pattern = std::mem::replace(&mut self.in_pattern, false);
        self.condition(&guarded.guard);
        self.in_pattern = in_pattern;
    }
}

impl Flaws<'_> {
    fn names_itself(&mut self, label: &Lifetime) {
        if matches!(label.ident.to_string().as_str(), "static" | "_") {
            self.say(label.ident.span(), format!("`'{}` is the name of a label", label.ident));
        }
    }

    /// The parts of what is assigned to are assigned to as well.
    fn assignees(&mut self, expr: &Expr) {
        let parts: Vec<&Expr> = match expr {
            Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            Expr::Array(array) => array.elems.iter().collect(),
            Expr::Paren(paren) => vec![&paren.expr],
            Expr::Struct(made) => made.fields.iter().map(|field| &field.expr).collect(),
            _ => Vec::new(),
        };
        for part in parts {
            self.in_assignee = true;
            self.visit_expr(part);
        }
    }

    fn closure(&mut self, closure: &syn::ExprClosure) {
        bindings::of_list(self, closure.inputs.iter(), "one list of parameters");
        closure.lifetimes.iter().for_each(|bound| self.visit_bound_lifetimes(bound));
        self.inside_pattern(|flaws| closure.inputs.iter().for_each(|input| flaws.visit_pat(input)));
        self.visit_return_type(&closure.output);
        self.visit_expr(&closure.body);
    }
}
