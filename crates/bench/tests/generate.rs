//! Generated files are what they claim to be. Other code than the writer's counts their content
//! here, and none of Rethread's readers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it is surprised, in its helping functions too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use quick_xml::Reader;
use quick_xml::events::Event;
use rethread_bench::{Amount, Damage, Recipe, Truth, generate};
use rethread_model::{Reason, Vendor};
use serde_json::Value;

const VENDORS: [Vendor; 3] = [Vendor::Disqus, Vendor::WordPress, Vendor::Commento];

fn written(recipe: &Recipe) -> (Vec<u8>, Truth) {
    let mut bytes = Vec::new();
    let truth = generate(recipe, &mut bytes).unwrap();
    assert_eq!(truth.bytes, bytes.len() as u64);
    (bytes, truth)
}

#[test]
fn a_recipe_gives_the_same_bytes_every_time() {
    for vendor in VENDORS {
        let recipe = Recipe::new(vendor, 700).with_damage(Damage::ALL);
        let (first, truth) = written(&recipe);
        let (again, truth_again) = written(&recipe);
        assert!(first == again, "{vendor}");
        assert_eq!(truth, truth_again);
        let (other, _) = written(&recipe.with_seed(2));
        assert!(first != other, "{vendor}: another seed is another file");
    }
}

#[test]
fn the_truth_adds_up() {
    for vendor in VENDORS {
        for comments in [0, 1, 2, 299, 5000] {
            let (_, truth) = written(&Recipe::new(vendor, comments).with_damage(Damage::ALL));
            assert_eq!(truth.read.comments, i64::try_from(comments).unwrap(), "{vendor}");
            assert_eq!(truth.outcome.sum(), truth.read.comments);
            let status = truth.status;
            assert_eq!(status.approved + status.pending + status.spam + status.deleted, truth.outcome.created);
            assert_eq!(truth.findings.skipped.values().sum::<i64>(), truth.outcome.skipped);
            assert_eq!(truth.findings.failed.values().sum::<i64>(), truth.outcome.failed);
            let known = |count: &i64| *count <= truth.read.comments;
            assert!(known(&truth.read.replies) && known(&truth.pages) && known(&truth.orphans));
        }
    }
}

#[test]
fn every_kind_of_damage_that_a_vendor_can_have_strikes() {
    for vendor in VENDORS {
        let (_, clean) = written(&Recipe::new(vendor, 5000));
        assert!(clean.findings.repaired.is_empty() && clean.findings.failed.is_empty(), "{vendor}");
        for (damage, reason) in [
            (Damage::Orphans, Reason::ParentNotInFile),
            (Damage::Duplicates, Reason::DuplicateId),
            (Damage::ControlCharacters, Reason::ControlCharacters),
            (Damage::BadUtf8, Reason::InvalidUtf8),
            (Damage::Cycles, Reason::ParentCycle),
            (Damage::MissingThreads, Reason::ThreadNotInFile),
            (Damage::Strays, Reason::ParentElsewhere),
        ] {
            let (_, truth) = written(&Recipe::new(vendor, 5000).with_damage([damage]));
            let counts = truth.findings.repaired.get(&reason).or_else(|| truth.findings.skipped.get(&reason));
            let struck = counts.copied().unwrap_or(0);
            let expected = if damage.strikes(vendor) { 8..60 } else { 0..1 };
            assert!(expected.contains(&struck), "{vendor} {damage:?}: {struck}");
        }
    }
}

#[test]
fn a_size_is_met() {
    for vendor in VENDORS {
        let recipe = Recipe { amount: Amount::Bytes(20_000_000), ..Recipe::new(vendor, 0) };
        let truth = generate(&recipe, &mut io::sink()).unwrap();
        assert!((18_000_000..22_000_000).contains(&truth.bytes), "{vendor}: {}", truth.bytes);
    }
}

#[test]
fn a_disqus_comment_takes_about_as_much_room_as_in_real_files() {
    let truth = generate(&Recipe::new(Vendor::Disqus, 20_000), &mut io::sink()).unwrap();
    let per_comment = truth.bytes / 20_000;
    assert!((540..660).contains(&per_comment), "{per_comment}");
}

/// An element as these tests see it: name, attributes, direct text, and children.
#[derive(Default)]
struct Element {
    name: String,
    id: Option<String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Parses strictly: panics unless the input is well-formed XML 1.0 in UTF-8.
fn parsed(bytes: &[u8]) -> Element {
    let source = std::str::from_utf8(bytes).expect("UTF-8");
    assert!(!source.contains(|c: char| c.is_control() && !"\n\r\t".contains(c)), "control characters");
    let mut reader = Reader::from_str(source);
    reader.config_mut().check_end_names = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => {
                let leaf = element(&start);
                open.last_mut().unwrap().children.push(leaf);
            }
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
            Event::CData(text) => open.last_mut().unwrap().text.push_str(&text),
            Event::GeneralRef(reference) => {
                assert!(["amp", "lt", "gt", "quot"].contains(&&*reference), "{}", &*reference);
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(open.len(), 1, "everything is closed");
    open.pop().unwrap().children.pop().unwrap()
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Element {
    let attributes: BTreeMap<String, String> = start
        .attributes()
        .map(|attribute| attribute.expect("well-formed"))
        .map(|attribute| (attribute.key.as_ref().to_owned(), attribute.value.to_string()))
        .collect();
    Element { name: start.name().as_ref().to_owned(), id: attributes.get("dsq:id").cloned(), ..Element::default() }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

fn flag(post: &Element, name: &str) -> bool {
    post.text_of(name) == "true"
}

#[test]
fn a_disqus_file_holds_what_its_truth_says() {
    let (bytes, truth) = written(&Recipe::new(Vendor::Disqus, 4000));
    let root = parsed(&bytes);
    assert_eq!(root.name, "disqus");
    let threads: BTreeMap<&str, &str> =
        root.all("thread").map(|thread| (thread.id.as_deref().unwrap(), thread.text_of("link"))).collect();
    assert_eq!(count(threads.len()), truth.read.threads);

    let posts: Vec<&Element> = root.all("post").collect();
    assert_eq!(count(posts.len()), truth.read.comments);
    let deleted = posts.iter().filter(|post| flag(post, "isDeleted")).count();
    let spam = posts.iter().filter(|post| flag(post, "isSpam") && !flag(post, "isDeleted")).count();
    assert_eq!((count(deleted), count(spam)), (truth.status.deleted, truth.status.spam));
    assert!(deleted > 0 && spam > 0);
    assert!(posts.iter().any(|post| flag(post, "isDeleted") && !post.text_of("message").is_empty()));

    let mut threads_of_posts = BTreeMap::new();
    let mut replies = 0;
    let mut last = (0, String::new());
    for post in &posts {
        let id: u64 = post.id.as_deref().unwrap().parse().unwrap();
        let thread = post.child("thread").unwrap().id.as_deref().unwrap();
        let created = post.text_of("createdAt").to_owned();
        assert!(id > last.0 && created >= last.1, "posts ascend by id and time");
        assert!(created.len() == 20 && created.ends_with('Z'));
        last = (id, created);
        if let Some(parent) = post.child("parent") {
            let parent: u64 = parent.id.as_deref().unwrap().parse().unwrap();
            assert_eq!(threads_of_posts.get(&parent), Some(&thread), "an earlier post of the same thread");
            replies += 1;
        }
        threads_of_posts.insert(id, thread);
    }
    assert_eq!(replies, truth.read.replies);
    assert!((30..45).contains(&(replies * 100 / truth.read.comments)), "{replies}");

    let used: BTreeSet<&str> = threads_of_posts.values().copied().collect();
    assert!(used.len() * 2 < threads.len(), "far more threads than used");
    let pages: BTreeSet<String> = used.iter().map(|thread| page_of(threads[thread])).collect();
    assert_eq!(count(pages.len()), truth.pages);
    assert!(pages.len() < used.len(), "some threads share a page");
}

/// The page of an address, distinguishing only generated addresses.
fn page_of(link: &str) -> String {
    let link = link.split(['?', '#']).next().unwrap();
    let link = link.replacen("http://", "https://", 1).replacen("://www.", "://", 1);
    link.trim_end_matches('/').to_owned()
}

#[test]
fn a_wordpress_file_holds_what_its_truth_says() {
    let (bytes, truth) = written(&Recipe::new(Vendor::WordPress, 4000));
    let root = parsed(&bytes);
    let channel = root.child("channel").unwrap();
    let mut counted = (0, 0, 0, 0, 0);
    let (mut skipped, mut deleted, mut pending, mut early) = (0, 0, 0, 0);
    for item in channel.all("item") {
        let comments: Vec<&Element> = item.all("wp:comment").collect();
        let ids: Vec<&str> = comments.iter().map(|comment| comment.text_of("wp:comment_id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique within an item");
        let mut imported = 0;
        for (at, comment) in comments.iter().enumerate() {
            let parent = comment.text_of("wp:comment_parent");
            if parent != "0" {
                let parent_at = ids.iter().position(|id| *id == parent).expect("parents are in the same item");
                early += i64::from(parent_at > at);
                counted.1 += 1;
            }
            if matches!(comment.text_of("wp:comment_type"), "pingback" | "trackback") {
                skipped += 1;
                continue;
            }
            imported += 1;
            deleted += i64::from(comment.text_of("wp:comment_approved") == "trash");
            pending += i64::from(comment.text_of("wp:comment_approved") == "0");
        }
        counted.0 += count(comments.len());
        counted.2 += i64::from(!comments.is_empty());
        counted.3 += i64::from(imported > 0);
        counted.4 += 1;
    }
    let (comments, replies, threads, pages, items) = counted;
    assert_eq!((comments, replies, threads), (truth.read.comments, truth.read.replies, truth.read.threads));
    assert_eq!((pages, skipped), (truth.pages, truth.outcome.skipped));
    assert_eq!((deleted, pending), (truth.status.deleted, truth.status.pending));
    assert!(items > threads && pages < threads && early > 0 && skipped > 0 && deleted > 0 && pending > 0);
}

#[test]
fn a_commento_file_holds_what_its_truth_says() {
    let (bytes, truth) = written(&Recipe::new(Vendor::Commento, 4000));
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(file["version"], 1);
    let comments = file["comments"].as_array().unwrap();
    let text = |comment: &Value, name: &str| comment[name].as_str().unwrap().to_owned();
    let places: BTreeMap<String, (usize, String)> = comments
        .iter()
        .enumerate()
        .map(|(at, comment)| (text(comment, "commentHex"), (at, text(comment, "url"))))
        .collect();
    assert_eq!(count(places.len()), truth.read.comments);
    let pages: BTreeSet<&String> = places.values().map(|(_, url)| url).collect();
    assert_eq!((count(pages.len()), count(pages.len())), (truth.pages, truth.read.threads));

    let (mut replies, mut early, mut deleted) = (0, 0, 0);
    let mut states: BTreeMap<String, i64> = BTreeMap::new();
    let mut commenters = Vec::new();
    for (at, comment) in comments.iter().enumerate() {
        let parent = text(comment, "parentHex");
        if parent != "root" {
            let (parent_at, url) = &places[&parent];
            assert_eq!(url, &text(comment, "url"), "parents are on the same page");
            early += i64::from(*parent_at > at);
            replies += 1;
        }
        let is_deleted = text(comment, "markdown") == "[deleted]";
        assert!(!is_deleted || text(comment, "commenterHex") == "anonymous");
        deleted += i64::from(is_deleted);
        *states.entry(text(comment, "state")).or_default() += 1;
        commenters.push(text(comment, "commenterHex"));
    }
    assert_eq!((replies, deleted), (truth.read.replies, truth.status.deleted));
    assert!(early > 0, "comments come in any order");
    let state = |name: &str| states.get(name).copied().unwrap_or(0);
    assert_eq!((state("unapproved"), state("flagged")), (truth.status.pending, truth.status.spam));

    commenters.retain(|hex| hex != "anonymous");
    let mut entries: Vec<String> =
        file["commenters"].as_array().unwrap().iter().map(|entry| text(entry, "commenterHex")).collect();
    commenters.sort();
    entries.sort();
    assert_eq!(commenters, entries, "one entry of the commenter for each comment that has one");
    assert!(commenters.windows(2).any(|pair| pair[0] == pair[1]), "some commenters repeat");
}
