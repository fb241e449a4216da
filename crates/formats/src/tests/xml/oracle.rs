//! An independent reader of well-formed exports. It is simple because it builds a whole tree with a
//! strict parser.

use rethread_model::{Status, Timestamp};
use rethread_syntax::time::parse_utc;
use roxmltree::{Document, Node, NodeId};

/// What a file says about a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub id: String,
    pub thread: String,
    pub parent: Option<String>,
    pub at: Option<Timestamp>,
    pub status: Status,
    /// Trimmed. The name and the text of deleted comments are not kept.
    pub name: Option<String>,
    pub text: String,
}

/// Whether a namespace is the one with this usual prefix.
type Knows = fn(usual: &str, namespace: Option<&str>) -> bool;

#[derive(Clone, Copy)]
struct Reader {
    knows: Knows,
}

impl Reader {
    fn is(self, node: &Node<'_, '_>, usual: &str, local: &str) -> bool {
        node.is_element() && node.tag_name().name() == local && (self.knows)(usual, node.tag_name().namespace())
    }

    fn child<'a, 'i>(self, node: Node<'a, 'i>, usual: &str, local: &str) -> Option<Node<'a, 'i>> {
        node.children().find(|child| self.is(child, usual, local))
    }

    fn value(self, node: Node<'_, '_>, usual: &str, local: &str) -> Option<String> {
        let text = text(self.child(node, usual, local)?);
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn attribute<'a>(self, node: Node<'a, '_>, usual: &str, local: &str) -> Option<&'a str> {
        let mut attributes = node.attributes();
        let own = attributes.find(|own| own.name() == local && (self.knows)(usual, own.namespace()))?;
        Some(own.value().trim()).filter(|value| !value.is_empty())
    }
}

/// All text directly in an element.
fn text(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|child| child.text()).collect()
}

/// The text of an element, or the markup that someone wrote into it.
fn prose(node: Node<'_, '_>) -> String {
    let content = match node.first_child() {
        Some(first) if node.children().any(|child| child.is_element()) => {
            let rest = &node.document().input_text()[first.range().start..node.range().end];
            rest[..rest.rfind("</").unwrap()].to_owned()
        }
        _ => text(node),
    };
    content.trim().to_owned()
}

fn ends(namespace: Option<&str>) -> Option<&str> {
    let bare = namespace?.split_once("://").map_or(namespace?, |(_, bare)| bare);
    Some(bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/'))
}

pub(super) fn disqus(document: &str) -> Vec<Said> {
    let document = Document::parse(document).unwrap();
    let reader = Reader {
        knows: |usual, namespace| match usual {
            "dsq" => ends(namespace) == Some("disqus.com/disqus-internals"),
            _ => namespace.is_none() || ends(namespace) == Some("disqus.com"),
        },
    };
    let posts = document.root_element().children().filter(|node| reader.is(node, "", "post"));
    let comments = posts.map(|post| {
        let reference = |name| reader.child(post, "", name).and_then(|node| reader.attribute(node, "dsq", "id"));
        let flag = |name| reader.value(post, "", name).as_deref() == Some("true");
        let status = match (flag("isDeleted"), flag("isSpam")) {
            (true, _) => Status::Deleted,
            (_, true) => Status::Spam,
            _ => Status::Approved,
        };
        let author = reader.child(post, "", "author");
        Said {
            id: reader.attribute(post, "dsq", "id").unwrap().to_owned(),
            thread: reference("thread").unwrap().to_owned(),
            parent: reference("parent").map(str::to_owned),
            at: reader.value(post, "", "createdAt").and_then(|at| parse_utc(&at)),
            status,
            name: author.and_then(|author| reader.value(author, "", "name")),
            text: reader.child(post, "", "message").map(prose).unwrap_or_default(),
        }
    });
    comments.map(forget_deleted).collect()
}

pub(super) fn wxr(document: &str) -> Vec<Said> {
    let document = Document::parse(document).unwrap();
    let reader = Reader {
        knows: |usual, namespace| match usual {
            "wp" => ends(namespace).is_some_and(|name| {
                ["", "/1.0", "/1.1", "/1.2", "/1.3"]
                    .iter()
                    .any(|version| name == format!("wordpress.org/export{version}"))
            }),
            "dsq" => ends(namespace) == Some("disqus.com"),
            _ => namespace.is_none(),
        },
    };
    let items: Vec<NodeId> =
        document.descendants().filter(|node| reader.is(node, "", "item")).map(|node| node.id()).collect();
    let mut comments = Vec::new();
    for item in items.into_iter().filter_map(|item| document.get_node(item)) {
        let identifier = reader.value(item, "dsq", "thread_identifier");
        let thread = identifier.or_else(|| reader.value(item, "wp", "post_id")).unwrap();
        for comment in item.children().filter(|node| reader.is(node, "wp", "comment")) {
            let value = |name: &str| reader.value(comment, "wp", name);
            let status = match value("comment_approved").as_deref() {
                Some("1") => Status::Approved,
                Some("spam") => Status::Spam,
                Some("trash") => Status::Deleted,
                _ => Status::Pending,
            };
            comments.push(forget_deleted(Said {
                id: format!("{thread}:{}", value("comment_id").unwrap()),
                thread: thread.clone(),
                parent: value("comment_parent").filter(|id| id != "0").map(|id| format!("{thread}:{id}")),
                at: value("comment_date_gmt").and_then(|at| parse_utc(&at)),
                status,
                name: value("comment_author"),
                text: reader.child(comment, "wp", "comment_content").map(prose).unwrap_or_default(),
            }));
        }
    }
    comments
}

/// The position after each comment of a WXR file.
pub(super) fn wxr_ends(document: &str) -> Vec<usize> {
    let document = Document::parse(document).unwrap();
    let comments = document.descendants().filter(|node| {
        node.tag_name().name() == "comment"
            && ends(node.tag_name().namespace()).is_some_and(|name| name.starts_with("wordpress.org/"))
    });
    comments.map(|comment| comment.range().end).collect()
}

pub(super) fn debate(document: &str) -> Vec<Said> {
    let document = Document::parse(document).unwrap();
    let reader = Reader { knows: |_, namespace| namespace.is_none() };
    let mut said = Vec::new();
    for post in document.root_element().children().filter(|node| reader.is(node, "", "blogpost")) {
        let thread = reader.value(post, "", "url").unwrap();
        let comments = reader.child(post, "", "comments");
        for comment in comments.into_iter().flat_map(|node| node.children()) {
            if !reader.is(&comment, "", "comment") {
                continue;
            }
            said.push(Said {
                id: reader.attribute(comment, "", "id").unwrap().to_owned(),
                thread: thread.clone(),
                parent: reader.attribute(comment, "", "parentid").filter(|id| *id != "0").map(str::to_owned),
                at: reader.value(comment, "", "gmt").and_then(|at| parse_utc(&at)),
                status: Status::Approved,
                name: reader.value(comment, "", "name"),
                text: reader.child(comment, "", "text").map(prose).unwrap_or_default(),
            });
        }
    }
    said
}

fn forget_deleted(mut said: Said) -> Said {
    if said.status == Status::Deleted {
        said.name = None;
        said.text.clear();
    }
    said
}
