//! Tracks the open elements of a document.

use std::fmt::Write as _;

use memchr::memchr_iter;
use quick_xml::escape::escape;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, PrefixDeclaration, QName, ResolveResult};
use quick_xml::reader::Reader;

use super::rules::{attribute_value, attributes, is_qualified_name};
use crate::names::{Meaning, Scope};
use crate::xml::dialect::{Dialect, Shape};

/// Maximum nesting of documents; records are far flatter.
const DEEPEST: usize = 1024;

/// Maximum total length of the names of open elements, so that a slice's head stays small.
const LONGEST_NAMES: usize = 32 * 1024;

/// Maximum length of a namespace name, for the same reason.
const LONGEST_NAMESPACE: usize = 1024;

const XML_NAMESPACES: [&str; 2] = ["http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"];

/// The open elements, with the namespaces that they declare.
#[derive(Debug)]
pub(super) struct OpenElements {
    dialect: &'static Dialect,
    /// Their names as written, concatenated.
    names: String,
    open: Vec<OpenElement>,
    resolver: NamespaceResolver,
    meaning: Meaning,
}

#[derive(Debug, Clone, Copy)]
struct OpenElement {
    /// Where its name begins in `names`.
    name: usize,
    /// How it is framed.
    shape: Option<&'static Shape>,
}

impl OpenElements {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        let (resolver, meaning) = (NamespaceResolver::default(), Meaning::default());
        Self { dialect, names: String::new(), open: Vec::new(), resolver, meaning }
    }

    /// The inverse of [`Self::tags`].
    pub(super) fn from_tags(dialect: &'static Dialect, tags: &str) -> Option<Self> {
        let mut elements = Self::new(dialect);
        let mut reader = Reader::from_str(tags);
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) if elements.push(&tag) => {}
                Event::Eof => return Some(elements),
                _ => return None,
            }
        }
    }

    /// The start tags of the outermost `depth` elements, with their namespace declarations and
    /// without other attributes.
    pub(super) fn tags(&self, depth: usize) -> String {
        let mut tags = String::new();
        for index in 0..depth.min(self.open.len()) {
            tags.push('<');
            tags.push_str(self.name_at(index));
            for (prefix, Namespace(name)) in self.resolver.bindings_of(level(index + 1)) {
                let _ = match prefix {
                    PrefixDeclaration::Default => write!(tags, " xmlns=\"{}\"", escape(name)),
                    PrefixDeclaration::Named(prefix) => write!(tags, " xmlns:{prefix}=\"{}\"", escape(name)),
                };
            }
            tags.push('>');
        }
        tags
    }

    pub(super) const fn depth(&self) -> usize {
        self.open.len()
    }

    /// The name of the innermost element.
    pub(super) fn name(&self) -> Option<&str> {
        Some(&self.names[self.open.last()?.name..])
    }

    fn name_at(&self, index: usize) -> &str {
        let end = self.open.get(index + 1).map_or(self.names.len(), |next| next.name);
        &self.names[self.open[index].name..end]
    }

    /// The name of the outermost element.
    pub(super) fn root(&self) -> Option<&str> {
        (!self.open.is_empty()).then(|| self.name_at(0))
    }

    /// How the innermost element is framed.
    pub(super) fn shape(&self) -> Option<&'static Shape> {
        self.open.last()?.shape
    }

    /// Opens an element. `false` if its tag is not well-formed.
    pub(super) fn push(&mut self, tag: &BytesStart<'_>) -> bool {
        let name = tag.name();
        let attributes = tag.attributes_raw();
        let is_legal = self.open.len() < DEEPEST
            && self.names.len() + name.into_inner().len() <= LONGEST_NAMES
            && is_qualified_name(name.into_inner());
        if !is_legal || !(attributes.is_empty() || self.are_attributes_legal(attributes)) {
            return false;
        }
        if let Some(prefix) = name.prefix() {
            let is_unknown = matches!(self.resolver.resolve_prefix(Some(prefix), true), ResolveResult::Unknown(_));
            if is_unknown || prefix.is_xmlns() {
                return false;
            }
        }
        if self.open.is_empty() {
            self.meaning = Meaning::of_root(&self.dialect.namespaces, &self.resolver, name.prefix());
        }
        self.open.push(OpenElement { name: self.names.len(), shape: self.shape_of(name) });
        self.names.push_str(name.into_inner());
        true
    }

    /// Closes the innermost element.
    pub(super) fn pop(&mut self) {
        if let Some(element) = self.open.pop() {
            self.names.truncate(element.name);
            self.resolver.set_level(level(self.open.len()));
        }
    }

    /// How the next element, with this name, is framed.
    fn shape_of(&self, name: QName<'_>) -> Option<&'static Shape> {
        let (local, prefix) = name.decompose();
        let mut shapes = self.dialect.shapes.iter().filter(|shape| shape.name == local.into_inner()).peekable();
        shapes.peek()?;
        let usual = self.scope(self.open.len() + 1).of_element(&self.resolver, prefix);
        shapes.find(|shape| shape.prefix == usual)
    }

    /// The names in scope inside the outermost `depth` elements.
    pub(super) fn scope(&self, depth: usize) -> Scope<'_> {
        Scope {
            namespaces: &self.dialect.namespaces,
            meaning: &self.meaning,
            resolver: &self.resolver,
            depth: level(depth),
        }
    }

    /// Checks the attributes of the next element, and declares its namespaces.
    fn are_attributes_legal(&mut self, raw: &str) -> bool {
        self.resolver.set_level(level(self.open.len() + 1));
        let has_several = memchr_iter(b'=', raw.as_bytes()).nth(1).is_some();
        let mut prefixed = 0;
        for attribute in Attributes::new(raw, 0).with_checks(has_several) {
            let Ok(attribute) = attribute else { return false };
            let key = attribute.key;
            let Some(value) = attribute_value(&attribute.value) else { return false };
            let place = key.into_inner().as_ptr().addr().saturating_sub(raw.as_ptr().addr());
            let is_apart = place.checked_sub(1).is_some_and(|before| raw.as_bytes()[before].is_ascii_whitespace());
            if !is_apart || !is_qualified_name(key.into_inner()) {
                return false;
            }
            if let Some(declared) = key.as_namespace_binding() {
                if !self.declare(declared, &value) {
                    return false;
                }
            } else {
                prefixed += usize::from(key.prefix().is_some());
            }
        }
        prefixed == 0 || self.are_prefixes_legal(raw, prefixed)
    }

    fn declare(&mut self, declared: PrefixDeclaration<'_>, name: &str) -> bool {
        let is_legal = match declared {
            PrefixDeclaration::Default => !XML_NAMESPACES.contains(&name),
            PrefixDeclaration::Named(_) => !name.is_empty(),
        };
        is_legal && name.len() <= LONGEST_NAMESPACE && self.resolver.add(declared, Namespace(name)).is_ok()
    }

    /// Whether the prefixes of attributes are declared, and no two attributes have the same name in
    /// the same namespace.
    fn are_prefixes_legal(&self, raw: &str, count: usize) -> bool {
        let keys = attributes(raw).map(|attribute| attribute.key);
        let mut names = keys.filter(|key| key.prefix().is_some() && key.as_namespace_binding().is_none()).map(|key| {
            match self.resolver.resolve_attribute(key) {
                (ResolveResult::Bound(Namespace(namespace)), local) => Some((namespace, local.into_inner())),
                _ => None,
            }
        });
        if count == 1 {
            return names.all(|name| name.is_some());
        }
        let Some(mut names) = names.collect::<Option<Vec<_>>>() else { return false };
        names.sort_unstable();
        names.windows(2).all(|pair| pair[0] != pair[1])
    }
}

/// The level as quick-xml counts it.
fn level(depth: usize) -> u16 {
    u16::try_from(depth).unwrap_or(u16::MAX)
}
