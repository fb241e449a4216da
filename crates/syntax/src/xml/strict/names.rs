//! Resolves the names in a document.

use quick_xml::name::{Namespace, NamespaceResolver, Prefix, ResolveResult};

use crate::xml::dialect::Dialect;

/// The prefix for namespaces unknown to the vendor. No name is written with it.
const FOREIGN: &str = "\0";

/// The meaning that a document's root gives to names.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    /// Namespaces that the dialect does not know, with their usual prefix.
    adopted: Vec<(String, &'static str)>,
    /// Whether the root has a namespace, so that names without one do not belong to it.
    is_bound: bool,
}

impl Meaning {
    /// The meaning for a root that declares the bindings and whose name has the prefix `prefix`.
    pub(super) fn of_root(dialect: &Dialect, resolver: &NamespaceResolver, prefix: Option<Prefix<'_>>) -> Self {
        let unknown = |prefix: Option<Prefix<'_>>| match resolver.resolve_prefix(prefix, true) {
            ResolveResult::Bound(Namespace(name)) => dialect.usual_prefix(name).is_none().then(|| name.to_owned()),
            ResolveResult::Unbound | ResolveResult::Unknown(_) => None,
        };
        let is_bound = matches!(resolver.resolve_prefix(prefix, true), ResolveResult::Bound(_));
        let mut adopted: Vec<_> = unknown(prefix).map(|name| (name, "")).into_iter().collect();
        for usual in dialect.usual_prefixes {
            let is_declared =
                resolver.bindings().any(|(_, name)| dialect.usual_prefix(name.into_inner()) == Some(usual));
            let declared = resolver.bindings().find(|(declared, _)| is_named(*declared, usual));
            if let (false, Some((_, name))) = (is_declared, declared) {
                adopted.push((name.into_inner().to_owned(), usual));
            }
        }
        Self { adopted, is_bound }
    }

    /// The usual prefix for a name resolved to this namespace.
    fn usual_prefix(&self, dialect: &Dialect, resolved: &ResolveResult<'_>) -> &'static str {
        match resolved {
            ResolveResult::Unbound if self.is_bound => FOREIGN,
            ResolveResult::Unbound => "",
            ResolveResult::Bound(Namespace(name)) => {
                let adopted = || self.adopted.iter().find(|(adopted, _)| adopted == name).map(|(_, usual)| *usual);
                dialect.usual_prefix(name).or_else(adopted).unwrap_or(FOREIGN)
            }
            ResolveResult::Unknown(_) => FOREIGN,
        }
    }
}

fn is_named(declared: quick_xml::name::PrefixDeclaration<'_>, name: &str) -> bool {
    matches!(declared, quick_xml::name::PrefixDeclaration::Named(prefix) if prefix == name)
}

/// The names in scope at some position.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub(super) dialect: &'static Dialect,
    pub(super) meaning: &'a Meaning,
    pub(super) resolver: &'a NamespaceResolver,
    /// Bindings of deeper elements are not in scope.
    pub(super) depth: u16,
}

/// An owned copy of the names in scope at some position.
#[derive(Debug, Clone)]
pub struct Names {
    dialect: &'static Dialect,
    meaning: Meaning,
    resolver: NamespaceResolver,
    depth: u16,
}

impl Names {
    /// These names, borrowed.
    #[must_use]
    pub const fn scope(&self) -> Scope<'_> {
        Scope { dialect: self.dialect, meaning: &self.meaning, resolver: &self.resolver, depth: self.depth }
    }
}

impl From<Scope<'_>> for Names {
    fn from(scope: Scope<'_>) -> Self {
        Self { dialect: scope.dialect, meaning: scope.meaning.clone(), resolver: scope.bindings(), depth: scope.depth }
    }
}

impl Scope<'_> {
    /// The bindings in scope, to which an element's own can be added.
    pub(in crate::xml) fn bindings(&self) -> NamespaceResolver {
        let mut bindings = self.resolver.clone();
        bindings.set_level(self.depth);
        bindings
    }

    /// The binding level after `deeper` more nested elements.
    pub(in crate::xml) fn level(&self, deeper: usize) -> u16 {
        self.depth.saturating_add(u16::try_from(deeper).unwrap_or(u16::MAX))
    }

    /// The usual prefix of an element's name.
    pub(in crate::xml) fn of_element(&self, bindings: &NamespaceResolver, prefix: Option<Prefix<'_>>) -> &'static str {
        self.meaning.usual_prefix(self.dialect, &bindings.resolve_prefix(prefix, true))
    }

    /// The usual prefix of an attribute's name.
    pub(in crate::xml) fn of_attribute(
        &self,
        bindings: &NamespaceResolver,
        prefix: Option<Prefix<'_>>,
    ) -> &'static str {
        match prefix {
            None => "",
            Some(_) => self.meaning.usual_prefix(self.dialect, &bindings.resolve_prefix(prefix, false)),
        }
    }
}
