//! A JSON value as a tree that is built, walked and dropped without recursion, at any depth.

use std::borrow::Cow;

use json_event_parser::{JsonEvent, LowLevelJsonParser};

/// A JSON value. Its nodes are in one list, root first.
#[derive(Debug)]
pub struct Tree<'a> {
    nodes: Vec<Value<'a>>,
}

#[derive(Debug)]
enum Value<'a> {
    /// `null`, a number, a flag.
    Other,
    Text(Cow<'a, str>),
    Array(Vec<usize>),
    Object(Vec<(Cow<'a, str>, usize)>),
}

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    number: usize,
}

impl<'a> Tree<'a> {
    /// Reads a value; `None` if it is not JSON.
    #[must_use]
    pub fn read(json: &'a [u8]) -> Option<Self> {
        let mut parser = LowLevelJsonParser::new().with_max_stack_size(usize::MAX);
        let mut tree = Self { nodes: Vec::new() };
        let mut open: Vec<usize> = Vec::new();
        let mut key = None;
        let mut from = 0;
        loop {
            let result = parser.parse_next(json.get(from..)?, true);
            from += result.consumed_bytes;
            let value = match result.event?.ok()? {
                JsonEvent::Eof => return (!tree.nodes.is_empty()).then_some(tree),
                JsonEvent::ObjectKey(name) => {
                    key = Some(name);
                    continue;
                }
                JsonEvent::EndArray | JsonEvent::EndObject => {
                    open.pop();
                    continue;
                }
                JsonEvent::String(text) => Value::Text(text),
                JsonEvent::Number(_) | JsonEvent::Boolean(_) | JsonEvent::Null => Value::Other,
                JsonEvent::StartArray => Value::Array(Vec::new()),
                JsonEvent::StartObject => Value::Object(Vec::new()),
            };
            let number = tree.nodes.len();
            match open.last().map(|parent| &mut tree.nodes[*parent]) {
                Some(Value::Array(elements)) => elements.push(number),
                Some(Value::Object(members)) => members.push((key.take().unwrap_or_default(), number)),
                Some(Value::Other | Value::Text(_)) | None => {}
            }
            if matches!(value, Value::Array(_) | Value::Object(_)) {
                open.push(number);
            }
            tree.nodes.push(value);
        }
    }

    /// The value itself.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, number: 0 }
    }
}

impl<'t> Node<'t> {
    /// The value under the key of an object; the last one if the key repeats.
    #[must_use]
    pub fn member(self, key: &str) -> Option<Self> {
        let Value::Object(members) = &self.tree.nodes[self.number] else { return None };
        let found = members.iter().rev().find(|(name, _)| name == key)?;
        Some(Self { number: found.1, ..self })
    }

    /// The text under the key of an object.
    #[must_use]
    pub fn text(self, key: &str) -> Option<&'t str> {
        match &self.tree.nodes[self.member(key)?.number] {
            Value::Text(text) => Some(text),
            Value::Other | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The elements of the array under the key of an object.
    #[must_use]
    pub fn elements(self, key: &str) -> impl DoubleEndedIterator<Item = Self> {
        let elements: &[usize] = match self.member(key).map(|member| &self.tree.nodes[member.number]) {
            Some(Value::Array(elements)) => elements,
            Some(_) | None => &[],
        };
        elements.iter().map(move |number| Self { number: *number, ..self })
    }

    /// The elements under `content`.
    #[must_use]
    pub fn content(self) -> impl DoubleEndedIterator<Item = Self> {
        self.elements("content")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_keys() {
        let tree = Tree::read(br#" {"a\u0062":"x","content":[{"b":"\ud83e\udd80"},7,[]],"ab":"y","n":null} "#).unwrap();
        let root = tree.root();
        assert_eq!((root.text("ab"), root.text("n"), root.text("none")), (Some("y"), None, None));
        let texts: Vec<_> = root.content().map(|node| node.text("b")).collect();
        assert_eq!(texts, [Some("🦀"), None, None]);
        assert_eq!(root.elements("ab").count(), 0);
    }

    #[test]
    fn what_is_no_json_is_no_tree() {
        for other in ["", " ", "{", "[1", "{\"a\"}", "[1,]", "x", "{}{}", "\"a"] {
            assert!(Tree::read(other.as_bytes()).is_none(), "{other}");
        }
    }

    #[test]
    fn depth_is_no_matter() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(Tree::read(deep.as_bytes()).is_some());
    }
}
