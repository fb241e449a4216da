//! Reads a well-formed record with quick-xml's events.

use std::borrow::Cow;

use quick_xml::events::Event;
use quick_xml::name::{NamespaceResolver, QName};
use quick_xml::reader::Reader;

use super::{DEEPEST, Element, Name, Unreadable, finish};
use crate::names::Scope;
use crate::xml::strict::{attribute_value, attributes, unescape};
use crate::xml::text::line_ends;

/// Reads the record at the start of `source`, which may be incomplete. Returns whether it is
/// complete.
///
/// The framer has checked that the record is well-formed. If it is not after all, reading stops at
/// the error.
pub(in crate::xml) fn parse_strict<'a>(source: &'a str, scope: Scope<'_>) -> Result<(Element<'a>, bool), Unreadable> {
    let mut builder = Builder { source, scope, bindings: scope.bindings(), open: Vec::with_capacity(4), text_at: None };
    let mut reader = Reader::from_str(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut here = 0;
    loop {
        let event = reader.read_event();
        let after = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        if !matches!(event, Ok(Event::Text(_) | Event::GeneralRef(_))) {
            builder.end_text(here);
        }
        match event {
            Ok(Event::Start(tag)) => builder.start(tag.name().into_inner().len(), here, after, false)?,
            Ok(Event::Empty(tag)) => {
                if let Some(root) = builder.empty(tag.name().into_inner().len(), here, after)? {
                    return Ok((root, true));
                }
            }
            Ok(Event::End(_)) => {
                let depth = builder.open.len().saturating_sub(1);
                if let Some(root) = finish(&mut builder.open, depth, source, here) {
                    return Ok((root, true));
                }
                builder.bindings.set_level(builder.level());
            }
            Ok(Event::Text(_) | Event::GeneralRef(_)) => {
                builder.text_at.get_or_insert(here);
            }
            Ok(Event::CData(section)) => {
                if let (Some(element), Cow::Borrowed(section)) = (builder.open.last_mut(), section.into_inner())
                    && !section.is_empty()
                {
                    element.push(line_ends(section));
                }
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        here = after;
    }
    finish(&mut builder.open, 0, source, source.len()).map(|root| (root, false)).ok_or(Unreadable::NoElement)
}

struct Builder<'a, 's> {
    source: &'a str,
    scope: Scope<'s>,
    bindings: NamespaceResolver,
    open: Vec<Element<'a>>,
    /// Start of the current text.
    text_at: Option<usize>,
}

impl<'a> Builder<'a, '_> {
    /// The level of bindings inside the innermost open element.
    fn level(&self) -> u16 {
        self.scope.level(self.open.len())
    }

    fn start(&mut self, name: usize, here: usize, after: usize, is_empty: bool) -> Result<(), Unreadable> {
        if self.open.len() == DEEPEST {
            return Err(Unreadable::TooDeep);
        }
        let tag = &self.source[here + 1..after - if is_empty { 2 } else { 1 }];
        let (name, raw) = tag.split_at(name);
        let name = QName(name);
        let mut element = Element { content_at: after, ..Element::default() };
        if !raw.is_empty() {
            self.declare(raw);
            element.attributes = self.attributes(raw);
        }
        let prefix = self.scope.of_element(&self.bindings, name.prefix());
        element.name = Name { prefix, local: name.local_name().into_inner(), written: name.into_inner() };
        self.open.push(element);
        Ok(())
    }

    fn empty(&mut self, name: usize, here: usize, after: usize) -> Result<Option<Element<'a>>, Unreadable> {
        self.start(name, here, after, true)?;
        let depth = self.open.len() - 1;
        let root = finish(&mut self.open, depth, self.source, after);
        self.bindings.set_level(self.level());
        Ok(root)
    }

    fn declare(&mut self, raw: &str) {
        self.bindings.set_level(self.scope.level(self.open.len() + 1));
        for attribute in attributes(raw) {
            if let (Some(declared), Some(name)) =
                (attribute.key.as_namespace_binding(), attribute_value(&attribute.value))
            {
                // The framer has checked that the binding is valid.
                let _ = self.bindings.add(declared, quick_xml::name::Namespace(&name));
            }
        }
    }

    fn attributes(&self, raw: &'a str) -> Vec<(Name<'a>, Cow<'a, str>)> {
        let others = attributes(raw).filter(|attribute| attribute.key.as_namespace_binding().is_none());
        let named = others.filter_map(|attribute| {
            let prefix = self.scope.of_attribute(&self.bindings, attribute.key.prefix());
            let local = attribute.key.local_name().into_inner();
            let value = match attribute.value {
                Cow::Borrowed(value) => attribute_value(value)?,
                Cow::Owned(value) => Cow::Owned(attribute_value(&value)?.into_owned()),
            };
            Some((Name { prefix, local, written: attribute.key.into_inner() }, value))
        });
        named.collect()
    }

    /// Adds the text that ends here. Pure white space between tags and sections is layout and is
    /// dropped.
    fn end_text(&mut self, here: usize) {
        let Some(start) = self.text_at.take() else { return };
        let raw = &self.source[start..here];
        let Some(element) = self.open.last_mut() else { return };
        if !raw.trim_ascii().is_empty() {
            element.push(match line_ends(raw) {
                Cow::Borrowed(raw) => unescape(raw),
                Cow::Owned(raw) => Cow::Owned(unescape(&raw).into_owned()),
            });
        } else if !element.text.is_empty() {
            element.pending = raw;
        }
    }
}
