//! Exports of each JSON vendor, with arbitrary texts.

use super::dice::Dice;
use super::json::{Json, anything};

/// An export, and the ids of the comments in it, sorted.
pub(super) struct Document {
    pub json: Json,
    pub ids: Vec<String>,
}

/// Generates an export.
type Generator = fn(&mut Dice<'_>) -> Document;

pub(super) const VENDORS: [Generator; 6] = [commento_1, commento_3, hyvor, muut, just_array, just_object];

fn document(json: Json, mut ids: Vec<String>) -> Document {
    ids.sort();
    Document { json, ids }
}

/// A root with these members, and unknown ones, in any order.
fn root(members: Vec<(&str, Json)>, dice: &mut Dice<'_>) -> Json {
    let mut all: Vec<(String, Json)> = Vec::new();
    for (key, value) in members {
        let at = dice.roll(all.len() + 1);
        all.insert(all.len() - at, (key.to_owned(), value));
    }
    for number in 0..dice.roll(3) {
        let at = dice.roll(all.len() + 1);
        let key = format!("{}{number}_", dice.pick(&["x", "comment\"s", "é", "a\\b"]));
        all.insert(at, (key, anything(dice, 0)));
    }
    Json::Object(all)
}

fn numbers(dice: &mut Dice<'_>) -> std::ops::Range<usize> {
    0..dice.roll(5)
}

fn commento_1(dice: &mut Dice<'_>) -> Document {
    let ids: Vec<String> = numbers(dice).map(|number| format!("c{number}")).collect();
    let mut comments = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let parent = if number > 0 && dice.once_in(2) { "c0" } else { "root" };
        let members = vec![
            ("commentHex", Json::text(id)),
            ("domain", Json::text("blog.example")),
            ("url", Json::text(dice.pick(&["/a/", "/b?x=1", "/é/"]))),
            ("commenterHex", Json::text(dice.pick(&["p0", "anonymous"]))),
            ("markdown", Json::Text(dice.text())),
            ("parentHex", Json::text(parent)),
            ("score", Json::number(number)),
            ("state", Json::text(dice.pick(&["approved", "unapproved"]))),
            ("creationDate", Json::text("2020-01-27T14:20:21.101653Z")),
        ];
        comments.push(Json::hostile_object(members, dice));
    }
    let person = vec![("commenterHex", Json::text("p0")), ("name", Json::Text(format!("n{}", dice.text())))];
    let commenters = Json::Array(vec![Json::hostile_object(person, dice)]);
    let members = vec![("version", Json::number(1)), ("comments", Json::Array(comments)), ("commenters", commenters)];
    document(root(members, dice), ids)
}

fn commento_3(dice: &mut Dice<'_>) -> Document {
    let ids: Vec<String> = numbers(dice).map(|number| format!("id-{number}")).collect();
    let mut comments = Vec::new();
    for id in &ids {
        let members = vec![
            ("id", Json::text(id)),
            ("pageId", Json::text("page-1")),
            ("markdown", Json::Text(dice.text())),
            ("html", Json::Text(dice.text())),
            ("isApproved", Json::Raw("true".to_owned())),
            ("createdTime", Json::text("2024-01-27T14:20:21Z")),
            ("userCreated", Json::text("00000000-0000-0000-0000-000000000000")),
            ("authorName", Json::Text(format!("n{}", dice.text()))),
        ];
        comments.push(Json::hostile_object(members, dice));
    }
    let page = vec![("id", Json::text("page-1")), ("path", Json::text("/a/")), ("title", Json::Text(dice.text()))];
    let members = vec![
        ("version", Json::number(3)),
        ("pages", Json::Array(vec![Json::hostile_object(page, dice)])),
        ("comments", Json::Array(comments)),
        ("commenters", Json::Array(Vec::new())),
    ];
    document(root(members, dice), ids)
}

fn hyvor(dice: &mut Dice<'_>) -> Document {
    let ids: Vec<String> = numbers(dice).map(|number| (number + 1).to_string()).collect();
    let page = |dice: &mut Dice<'_>| {
        let members = vec![
            ("id", Json::number(7)),
            ("title", Json::text("T")),
            ("identifier", Json::text("https://blog.example/a/")),
            ("url", Json::text("https://blog.example/a/")),
        ];
        Json::hostile_object(members, dice)
    };
    let mut comments = Vec::new();
    for id in &ids {
        let user = vec![("type", Json::Raw("null".to_owned())), ("name", Json::Text(format!("n{}", dice.text())))];
        let user = Json::hostile_object(user, dice);
        let mut parent = Json::Raw("null".to_owned());
        for number in 0..dice.roll(9) {
            let members =
                vec![("id", Json::number(900 + number)), ("body_html", Json::Text(dice.text())), ("parent", parent)];
            parent = Json::hostile_object(members, dice);
        }
        let members = vec![
            ("id", Json::Raw(id.clone())),
            ("created_at", Json::number(1_700_000_000)),
            ("user", user),
            ("page", page(dice)),
            ("body_html", Json::Text(dice.text())),
            ("status", Json::text("published")),
            ("parent", parent),
            ("upvotes", Json::number(2)),
        ];
        comments.push(Json::hostile_object(members, dice));
    }
    let pages = Json::Array(vec![page(dice)]);
    let website = Json::hostile_object(vec![("id", Json::number(1)), ("name", Json::Text(dice.text()))], dice);
    let members = vec![
        ("website", website),
        ("comments", Json::Array(comments)),
        ("pages", pages),
        ("users", Json::Array(Vec::new())),
        ("rules", Json::Array(Vec::new())),
        ("badges", Json::Array(Vec::new())),
    ];
    document(root(members, dice), ids)
}

fn muut(dice: &mut Dice<'_>) -> Document {
    let mut ids = Vec::new();
    let mut channels: Vec<(String, Json)> = Vec::new();
    let all = ["general", "seed", "replies", "a\"b", "é/ü", "threads", "]]"];
    for path in all.iter().take(dice.roll(all.len() + 1)) {
        let mut threads = Vec::new();
        for number in numbers(dice) {
            let key = format!("k{number}");
            let id = format!("{path}:{key}");
            let mut replies = Vec::new();
            for reply in 0..dice.roll(3) {
                let members = vec![
                    ("id", Json::Text(format!("r{reply}"))),
                    ("key", Json::text("same")),
                    ("date", Json::number(1_400_000_000 + reply)),
                    ("body", Json::Array(vec![Json::Text(dice.text())])),
                    ("author", author(dice)),
                ];
                replies.push(Json::hostile_object(members, dice));
                ids.push(format!("{id}/r{reply}"));
            }
            let seed = vec![
                ("key", Json::Text(key)),
                ("path", Json::text(*path)),
                ("date", Json::number(1_400_000_000)),
                ("title", Json::Text(dice.text())),
                ("body", Json::Array(vec![Json::Text(format!("x{}", dice.text()))])),
                ("author", author(dice)),
            ];
            ids.push(id);
            let seed = Json::hostile_object(seed, dice);
            threads.push(Json::Object(vec![("seed".to_owned(), seed), ("replies".to_owned(), Json::Array(replies))]));
        }
        channels.push(((*path).to_owned(), Json::Array(threads)));
    }
    let category = vec![("path", Json::text("general")), ("title", Json::Text(dice.text()))];
    let categories = Json::Array(vec![Json::hostile_object(category, dice)]);
    document(root(vec![("categories", categories), ("threads", Json::Object(channels))], dice), ids)
}

fn author(dice: &mut Dice<'_>) -> Json {
    if dice.once_in(4) {
        return Json::Raw("null".to_owned());
    }
    let members = vec![("path", Json::text("@ann")), ("displayname", Json::Text(format!("n{}", dice.text())))];
    Json::hostile_object(members, dice)
}

/// A comment of Just-Comments with its answers nested in it.
fn just_comment(ids: &mut Vec<String>, depth: usize, dice: &mut Dice<'_>) -> Json {
    let id = format!("j{}", ids.len());
    ids.push(id.clone());
    let mut members = vec![
        ("commentId", Json::Text(id)),
        ("pageUrl", Json::text("https://blog.example/a/")),
        ("pageTitle", Json::text("T")),
        ("username", Json::Text(format!("n{}", dice.text()))),
        ("message", Json::Text(dice.text())),
        ("createdAt", Json::text("2019-05-01T00:00:00.000Z")),
        ("reactions", Json::hostile_object(vec![("like", Json::number(2))], dice)),
    ];
    if depth > 0 {
        let key = dice.pick(&["nested", "nestedComments"]);
        members.push((key, Json::Array((0..dice.roll(3)).map(|_| just_comment(ids, depth - 1, dice)).collect())));
    }
    Json::hostile_object(members, dice)
}

fn just_comments(dice: &mut Dice<'_>) -> (Json, Vec<String>) {
    let mut ids = Vec::new();
    let comments = (0..=dice.roll(3)).map(|_| just_comment(&mut ids, 3, dice)).collect();
    (Json::Array(comments), ids)
}

fn just_array(dice: &mut Dice<'_>) -> Document {
    let (json, ids) = just_comments(dice);
    document(json, ids)
}

fn just_object(dice: &mut Dice<'_>) -> Document {
    let (comments, ids) = just_comments(dice);
    let key = dice.pick(&["comments", "Items"]);
    document(root(vec![(key, comments)], dice), ids)
}
