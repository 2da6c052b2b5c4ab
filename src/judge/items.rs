//! What rustc refuses in an item: its attributes, its visibility, its signature, what it lacks and what it has too much. Pure.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, Fields, FnArg, ForeignItem, GenericParam, Generics, ImplItem, Item, Meta, Pat, Safety,
    Signature, TraitItem, Type, Visibility,
};

use super::bindings;
use super::flaws::Flaws;
use crate::rust::lexer::{self, TokenKind};
use crate::rust::twins;

/// What holds a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// A file, a module or a block.
    Items,
    Impl,
    TraitImpl,
    Trait,
    Foreign,
}

impl Flaws<'_> {
    pub(super) fn item(&mut self, item: &Item) {
        let (attrs, on) = attributes(item);
        if !self.attributes(attrs, on) {
            return;
        }
        match item {
            Item::Fn(item) => {
                self.signature(&item.sig, Home::Items);
                return self.visit_block(&item.block);
            }
            Item::Impl(item) => return self.implementation(item),
            Item::Trait(item) => {
                self.visit_generics(&item.generics);
                item.supertraits.iter().for_each(|bound| self.visit_type_param_bound(bound));
                return item.items.iter().for_each(|item| self.trait_item(item));
            }
            Item::ForeignMod(item) => return self.foreign_block(item),
            Item::Verbatim(unread) => return self.unread(unread, Home::Items),
            Item::Struct(item) => self.fields(&item.fields),
            Item::Enum(item) => self.variants(item),
            Item::Union(item) if item.fields.named.is_empty() => {
                self.say(item.ident.span(), "a union has no fields");
            }
            Item::Mod(item) => {
                if let Some(unsafety) = &item.unsafety {
                    self.say(unsafety.span, "a module cannot be `unsafe`");
                }
            }
            Item::Const(item) => {
                self.has_no_hole(&item.ty);
                self.has_no_impl_trait(&item.ty);
            }
            Item::Static(item) => {
                self.has_no_hole(&item.ty);
                self.has_no_impl_trait(&item.ty);
            }
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn signature(&mut self, sig: &Signature, home: Home) {
        let is_of_trait = matches!(home, Home::Trait | Home::TraitImpl);
        if let (Some(constness), true) = (&sig.constness, is_of_trait) {
            self.say(constness.span, "a function of a trait cannot be `const`");
        }
        if let (Some(constness), Some(_)) = (&sig.constness, &sig.asyncness) {
            self.say(constness.span, "a function cannot be both `const` and `async`");
        }
        if let (Some(variadic), true) = (&sig.variadic, home != Home::Foreign && sig.abi.is_none()) {
            self.say(variadic.dots.spans[0], "`...` is for functions of another ABI");
        }
        if home == Home::Foreign {
            self.foreign_signature(sig);
        }
        for input in &sig.inputs {
            match input {
                FnArg::Receiver(receiver) if matches!(home, Home::Items | Home::Foreign) => {
                    self.say(
                        receiver.self_token.span,
                        "`self` is a parameter outside of an `impl` or a trait",
                    );
                }
                FnArg::Typed(typed)
                    if home == Home::Foreign && !matches!(*typed.pat, Pat::Ident(_) | Pat::Wild(_)) =>
                {
                    self.say(
                        sig.ident.span(),
                        "a function of an `extern` block has a pattern as a parameter",
                    );
                }
                FnArg::Typed(typed) => self.has_no_hole(&typed.ty),
                FnArg::Receiver(_) => {}
            }
        }
        if let syn::ReturnType::Type(_, output) = &sig.output {
            self.has_no_hole(output);
        }
        self.has_no_defaults(&sig.generics, "a function");
        let patterns = sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) if typed.attrs.is_empty() => Some(&*typed.pat),
            _ => None,
        });
        bindings::of_list(self, patterns, "one list of parameters");
        self.visit_generics(&sig.generics);
        self.inside_pattern(|flaws| sig.inputs.iter().for_each(|input| flaws.visit_fn_arg(input)));
        self.visit_return_type(&sig.output);
    }

    fn foreign_signature(&mut self, sig: &Signature) {
        if let Some(constness) = &sig.constness {
            self.say(constness.span, "a function of an `extern` block cannot be `const`");
        }
        if let Some(asyncness) = &sig.asyncness {
            self.say(asyncness.span, "a function of an `extern` block cannot be `async`");
        }
        if sig.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_))) {
            self.say(sig.ident.span(), "a function of an `extern` block cannot be generic");
        }
    }

    /// A type in the signature of an item says all of itself: no `_`.
    fn has_no_hole(&mut self, ty: &Type) {
        if let Some(hole) = Holes::in_type(ty, Holes::default()).hole {
            self.say(hole, "`_` stands for a type in a signature");
        }
    }

    /// `impl Trait` is for parameters and results.
    pub(super) fn has_no_impl_trait(&mut self, ty: &Type) {
        if let Some(span) = Holes::in_type(ty, Holes::default()).impl_trait {
            self.say(span, "`impl Trait` is a type outside of a function's signature");
        }
    }

    fn has_no_defaults(&mut self, generics: &Generics, of: &str) {
        for param in &generics.params {
            let default = match param {
                GenericParam::Type(param) => param.default.as_ref().map(|_| &param.ident),
                GenericParam::Const(param) => param.default.as_ref().map(|_| &param.ident),
                GenericParam::Lifetime(_) => None,
            };
            if let Some(name) = default {
                self.say(name.span(), format!("the parameter `{name}` of {of} has a default"));
            }
        }
    }

    /// Attributes of an item: whether it stays what is written, once their own flaws are told.
    fn attributes(&mut self, attrs: &[Attribute], on: On) -> bool {
        if !attrs.iter().all(leaves_in_place) {
            return false;
        }
        let mut derived: Vec<String> = Vec::new();
        for attribute in attrs {
            let name = path(attribute.path());
            if name == "derive" && on != On::Data {
                self.say(attribute.pound_token.span, "`#[derive]` is for a struct, an enum or a union");
            }
            if name == "test" && on != On::Fn {
                self.say(attribute.pound_token.span, "`#[test]` is for a function");
            }
            if let (Meta::List(list), "derive") = (&attribute.meta, name.as_str()) {
                for derive in list.tokens.to_string().split(',').map(|derive| derive.replace(' ', "")) {
                    if derived.contains(&derive) {
                        self.say(attribute.pound_token.span, format!("`{derive}` is derived twice"));
                    }
                    derived.push(derive);
                }
            }
        }
        true
    }

    pub(super) fn impl_item(&mut self, item: &ImplItem, home: Home) {
        let (attrs, vis, default, on) = match item {
            ImplItem::Const(item) => (&item.attrs, &item.vis, &item.modifiers.defaultness, On::Other),
            ImplItem::Fn(item) => (&item.attrs, &item.vis, &item.modifiers.defaultness, On::Method),
            ImplItem::Type(item) => (&item.attrs, &item.vis, &item.modifiers.defaultness, On::Other),
            ImplItem::Verbatim(unread) => return self.unread(unread, home),
            _ => return visit::visit_impl_item(self, item),
        };
        if !self.attributes(attrs, on) {
            return;
        }
        if let (Home::TraitImpl, Some(span)) = (home, of_visibility(vis)) {
            self.say(span, NO_VISIBILITY);
        }
        if let (Home::Impl, Some(default)) = (home, default) {
            self.say(default.span, "`default` is for the implementation of a trait");
        }
        match item {
            ImplItem::Fn(item) => {
                self.signature(&item.sig, home);
                self.visit_block(&item.block);
            }
            ImplItem::Type(item) if home == Home::Impl => {
                self.say(item.type_token.span, "an `impl` without a trait has a type of its own");
            }
            _ => visit::visit_impl_item(self, item),
        }
    }

    pub(super) fn trait_item(&mut self, item: &TraitItem) {
        match item {
            TraitItem::Fn(item) if self.attributes(&item.attrs, On::Method) => {
                self.signature(&item.sig, Home::Trait);
                item.default.iter().for_each(|block| self.visit_block(block));
            }
            TraitItem::Fn(_) => {}
            TraitItem::Verbatim(unread) => self.unread(unread, Home::Trait),
            _ => visit::visit_trait_item(self, item),
        }
    }

    pub(super) fn foreign_item(&mut self, item: &ForeignItem) {
        match item {
            ForeignItem::Fn(item) if self.attributes(&item.attrs, On::Other) => {
                self.signature(&item.sig, Home::Foreign);
            }
            ForeignItem::Fn(_) => {}
            ForeignItem::Verbatim(unread) => self.unread(unread, Home::Foreign),
            _ => visit::visit_foreign_item(self, item),
        }
    }

    /// What `syn` passes on unread: rustc's grammar takes an item without its body or value where it reads it, but not in a
    /// program. With an attribute it may become another item, or none.
    fn unread(&mut self, unread: &TokenStream, home: Home) {
        let tokens: Vec<TokenTree> = unread.clone().into_iter().collect();
        let Some(first) = tokens.first() else { return };
        if tokens.iter().any(|token| is_mark(token, '#')) {
            return;
        }
        let ends_in_block =
            matches!(tokens.last(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace);
        let has_value = tokens.iter().any(|token| is_mark(token, '='));
        let wrong = match home {
            Home::Foreign if ends_in_block => Some("a function of an `extern` block has a body"),
            Home::Foreign if has_value => Some("an item of an `extern` block has a value"),
            Home::Foreign => None,
            Home::Trait | Home::TraitImpl if is_word(first, "pub") => Some(NO_VISIBILITY),
            Home::Trait if is_word(first, "default") => {
                Some("`default` is for the implementation of a trait")
            }
            Home::Trait => None,
            Home::Items | Home::Impl | Home::TraitImpl => lacks(&tokens),
        };
        if let Some(wrong) = wrong {
            self.say(first.span(), wrong);
        }
    }

    fn implementation(&mut self, block: &syn::ItemImpl) {
        let home = if block.trait_.is_some() { Home::TraitImpl } else { Home::Impl };
        if home == Home::Impl {
            if let Some(unsafety) = &block.unsafety {
                self.say(unsafety.span, "an `impl` without a trait cannot be `unsafe`");
            }
            if let Some(default) = &block.modifiers.defaultness {
                self.say(default.span, "`default` is for the implementation of a trait");
            }
        }
        if let (Some(polarity), false) = (&block.modifiers.polarity, block.items.is_empty()) {
            self.say(polarity.spans[0], "an implementation with `!` has items");
        }
        self.has_no_hole(&block.self_ty);
        self.has_no_impl_trait(&block.self_ty);
        self.has_no_defaults(&block.generics, "an `impl`");
        self.visit_generics(&block.generics);
        block.trait_.iter().for_each(|(path, _)| self.visit_path(path));
        self.visit_type(&block.self_ty);
        block.items.iter().for_each(|item| self.impl_item(item, home));
    }

    fn foreign_block(&mut self, block: &syn::ItemForeignMod) {
        for item in &block.items {
            let span = match item {
                ForeignItem::Fn(item) => match &item.sig.safety {
                    Safety::Safe(safe) => Some(safe.span),
                    Safety::Unsafe(unsafety) => Some(unsafety.span),
                    Safety::Default => None,
                },
                _ => None,
            };
            if let (Some(span), None) = (span, &block.unsafety) {
                self.say(span, "`safe` and `unsafe` are for an `unsafe extern` block");
            }
            self.foreign_item(item);
        }
    }

    fn fields(&mut self, fields: &Fields) {
        for field in fields {
            self.has_no_hole(&field.ty);
            self.has_no_impl_trait(&field.ty);
            if let Some((mark, _)) = &field.default {
                self.say(mark.spans[0], "a field has a default value, which is not stable");
            }
        }
    }

    fn variants(&mut self, item: &syn::ItemEnum) {
        let mut behind = item.brace_token.span.open().byte_range().end;
        for variant in &item.variants {
            let name = variant.ident.span().byte_range();
            let last = variant.attrs.last().map(|attr| attr.bracket_token.span.close().byte_range().end);
            let before = self.text.get(last.unwrap_or(behind)..name.start).unwrap_or_default();
            let is_pub = |token: &lexer::Token| {
                token.kind == TokenKind::Word && matches!(&before[token.span.clone()], "pub")
            };
            let is_public = lexer::tokens(before).iter().any(is_pub);
            if is_public || variant.fields.iter().any(|field| of_visibility(&field.vis).is_some()) {
                self.say(variant.ident.span(), "a variant and its fields have no `pub` of their own");
            }
            self.fields(&variant.fields);
            behind = name.end;
        }
    }
}

const NO_VISIBILITY: &str = "an item of a trait has no `pub` of its own";

/// What attributes stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// A struct, an enum, a union.
    Data,
    Fn,
    Method,
    Other,
}

/// Whether an item is what is written, whatever the attribute does.
fn leaves_in_place(attribute: &Attribute) -> bool {
    twins::leaves_as_written(&path(attribute.path()))
}

fn path(path: &syn::Path) -> String {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn of_visibility(vis: &Visibility) -> Option<Span> {
    match vis {
        Visibility::Public(public) => Some(public.span),
        Visibility::Restricted(restricted) => Some(restricted.pub_token.span),
        Visibility::Inherited => None,
    }
}

/// What an item that ends in `;` lacks.
fn lacks(tokens: &[TokenTree]) -> Option<&'static str> {
    let has = |word: &str| tokens.iter().any(|token| is_word(token, word));
    if !tokens.last().is_some_and(|last| is_mark(last, ';')) {
        return None;
    }
    let value = tokens.iter().position(|token| is_mark(token, '='));
    let has_type = tokens.iter().take(value.unwrap_or(tokens.len())).any(|token| is_mark(token, ':'));
    match () {
        () if has("fn") => Some("this function has no body"),
        () if has("static") && !has_type => Some("this item has no type"),
        () if (has("const") || has("static")) && value.is_none() => Some("this item has no value"),
        () if has("type") && value.is_none() => Some("this type has no definition"),
        () => None,
    }
}

/// The attributes of an item, and what they stand on.
fn attributes(item: &Item) -> (&[Attribute], On) {
    match item {
        Item::Struct(item) => (&item.attrs, On::Data),
        Item::Enum(item) => (&item.attrs, On::Data),
        Item::Union(item) => (&item.attrs, On::Data),
        Item::Fn(item) => (&item.attrs, On::Fn),
        Item::Const(item) => (&item.attrs, On::Other),
        Item::ExternCrate(item) => (&item.attrs, On::Other),
        Item::ForeignMod(item) => (&item.attrs, On::Other),
        Item::Impl(item) => (&item.attrs, On::Other),
        Item::Mod(item) => (&item.attrs, On::Other),
        Item::Static(item) => (&item.attrs, On::Other),
        Item::Trait(item) => (&item.attrs, On::Other),
        Item::TraitAlias(item) => (&item.attrs, On::Other),
        Item::Type(item) => (&item.attrs, On::Other),
        Item::Use(item) => (&item.attrs, On::Other),
        // A macro may stand for any item.
        _ => (&[], On::Other),
    }
}

/// What a type of an item must not leave to inference.
#[derive(Default)]
struct Holes {
    hole: Option<Span>,
    impl_trait: Option<Span>,
}

impl Holes {
    fn in_type(ty: &Type, mut holes: Self) -> Self {
        holes.visit_type(ty);
        holes
    }
}

impl<'ast> Visit<'ast> for Holes {
    fn visit_type_infer(&mut self, hole: &'ast syn::TypeInfer) {
        self.hole = self.hole.or(Some(hole.underscore_token.span));
    }

    fn visit_type_impl_trait(&mut self, ty: &'ast syn::TypeImplTrait) {
        self.impl_trait = self.impl_trait.or(Some(ty.impl_token.span));
        visit::visit_type_impl_trait(self, ty);
    }

    fn visit_expr(&mut self, _: &'ast Expr) {}
}
