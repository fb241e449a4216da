//! Resolves the names in an XML document.

use quick_xml::name::{Namespace, NamespaceResolver, Prefix, ResolveResult};

/// The prefix for namespaces unknown to the vendor. No name is written with it.
const FOREIGN: &str = "\0";

/// The namespaces in a vendor's documents.
#[derive(Debug)]
pub struct Namespaces {
    /// The usual prefix of a namespace, given without scheme, `www.` and trailing slash. Empty for
    /// the namespace of names without a prefix.
    pub prefix_of: fn(&str) -> Option<&'static str>,
    /// Prefixes that mean the vendor's namespace even if the root binds them to another name, as
    /// long as the root gives the vendor's namespace no prefix.
    pub usual_prefixes: &'static [&'static str],
}

impl Namespaces {
    /// The usual prefix of the namespace with this name. Exporters and people vary the scheme,
    /// `www.` and the trailing slash.
    #[must_use]
    pub fn usual_prefix(&self, name: &str) -> Option<&'static str> {
        let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
        let name = name.strip_prefix("www.").unwrap_or(name);
        (self.prefix_of)(name.strip_suffix('/').unwrap_or(name))
    }
}

/// The meaning that a document's root gives to names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meaning {
    /// Namespaces that the vendor does not know, with their usual prefix.
    adopted: Vec<(String, &'static str)>,
    /// Whether the root has a namespace, so that names without one do not belong to it.
    is_bound: bool,
}

impl Meaning {
    /// The meaning for a root that declares the bindings and whose name has the prefix `prefix`.
    pub(crate) fn of_root(namespaces: &Namespaces, resolver: &NamespaceResolver, prefix: Option<Prefix<'_>>) -> Self {
        let unknown = |prefix: Option<Prefix<'_>>| match resolver.resolve_prefix(prefix, true) {
            ResolveResult::Bound(Namespace(name)) => namespaces.usual_prefix(name).is_none().then(|| name.to_owned()),
            ResolveResult::Unbound | ResolveResult::Unknown(_) => None,
        };
        let is_bound = matches!(resolver.resolve_prefix(prefix, true), ResolveResult::Bound(_));
        let mut adopted: Vec<_> = unknown(prefix).map(|name| (name, "")).into_iter().collect();
        for usual in namespaces.usual_prefixes {
            let is_declared =
                resolver.bindings().any(|(_, name)| namespaces.usual_prefix(name.into_inner()) == Some(usual));
            let declared = resolver.bindings().find(|(declared, _)| is_named(*declared, usual));
            if let (false, Some((_, name))) = (is_declared, declared) {
                adopted.push((name.into_inner().to_owned(), usual));
            }
        }
        Self { adopted, is_bound }
    }

    /// The usual prefix for a name resolved to this namespace.
    fn usual_prefix(&self, namespaces: &Namespaces, resolved: &ResolveResult<'_>) -> &'static str {
        match resolved {
            ResolveResult::Unbound if self.is_bound => FOREIGN,
            ResolveResult::Unbound => "",
            ResolveResult::Bound(Namespace(name)) => {
                let adopted = || self.adopted.iter().find(|(adopted, _)| adopted == name).map(|(_, usual)| *usual);
                namespaces.usual_prefix(name).or_else(adopted).unwrap_or(FOREIGN)
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
    pub(crate) namespaces: &'static Namespaces,
    pub(crate) meaning: &'a Meaning,
    pub(crate) resolver: &'a NamespaceResolver,
    /// Bindings of deeper elements are not in scope.
    pub(crate) depth: u16,
}

/// An owned copy of the names in scope at some position.
#[derive(Debug, Clone)]
pub struct Names {
    namespaces: &'static Namespaces,
    meaning: Meaning,
    resolver: NamespaceResolver,
    depth: u16,
}

impl Names {
    /// These names, borrowed.
    #[must_use]
    pub const fn scope(&self) -> Scope<'_> {
        Scope { namespaces: self.namespaces, meaning: &self.meaning, resolver: &self.resolver, depth: self.depth }
    }
}

impl From<Scope<'_>> for Names {
    fn from(scope: Scope<'_>) -> Self {
        Self {
            namespaces: scope.namespaces,
            meaning: scope.meaning.clone(),
            resolver: scope.bindings(),
            depth: scope.depth,
        }
    }
}

impl Scope<'_> {
    /// The bindings in scope, to which an element's own can be added.
    pub(crate) fn bindings(&self) -> NamespaceResolver {
        let mut bindings = self.resolver.clone();
        bindings.set_level(self.depth);
        bindings
    }

    /// The binding level after `deeper` more nested elements.
    pub(crate) fn level(&self, deeper: usize) -> u16 {
        self.depth.saturating_add(u16::try_from(deeper).unwrap_or(u16::MAX))
    }

    /// The usual prefix of an element's name.
    pub(crate) fn of_element(&self, bindings: &NamespaceResolver, prefix: Option<Prefix<'_>>) -> &'static str {
        self.meaning.usual_prefix(self.namespaces, &bindings.resolve_prefix(prefix, true))
    }

    /// The usual prefix of an attribute's name.
    pub(crate) fn of_attribute(&self, bindings: &NamespaceResolver, prefix: Option<Prefix<'_>>) -> &'static str {
        match prefix {
            None => "",
            Some(_) => self.meaning.usual_prefix(self.namespaces, &bindings.resolve_prefix(prefix, false)),
        }
    }
}
