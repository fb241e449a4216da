//! Reads export files back: those of other systems with our own readers, as an import does; our own
//! by their public types.

use std::collections::HashMap;

use rethread_formats::Limits;
use rethread_formats::testing::{Imported, import_with};
use rethread_model::{
    Author, AuthorRef, Comment, CommentDetails, ExportFormat, ExportedComment, ExportedPage, ExportedThread,
    ImportOptions, PageKey, Record, Signature, Status, TextKind, Thread, Vendor,
};

use super::seen::{Seen, Who, link};
use crate::csv;
use crate::jsonl::{Line, VERSION};

/// The comments of a file, in file order.
pub(super) fn read(format: ExportFormat, file: &[u8]) -> Vec<Seen> {
    match format {
        ExportFormat::Csv => table(file),
        ExportFormat::Jsonl => lines(file),
        ExportFormat::WordPress | ExportFormat::Commento | ExportFormat::Disqus => {
            let options = ImportOptions { include_ip_addresses: true, ..ImportOptions::default() };
            vendor_file(format, file, &options)
        }
    }
}

/// The comments of a Disqus file, with pages known by identifier.
pub(super) fn by_identifier(file: &[u8]) -> Vec<Seen> {
    let options = ImportOptions { page_key: PageKey::Identifier, ..ImportOptions::default() };
    vendor_file(ExportFormat::Disqus, file, &options)
}

fn vendor_file(format: ExportFormat, file: &[u8], options: &ImportOptions) -> Vec<Seen> {
    let imported = import_with(file, options, &Limits::default()).unwrap();
    let vendor = imported.plan.facts.vendor;
    assert_eq!(vendor.as_str(), format.as_str());
    assert!(imported.plan.defect.is_none() && imported.refused().is_empty(), "{:?}", imported.findings);
    let authors = authors(&imported);
    let threads: HashMap<&str, &Thread> =
        imported.threads().into_iter().map(|thread| (thread.source_id.as_str(), thread)).collect();
    let comments = imported.comments();
    let mut seen: Vec<Seen> = comments
        .iter()
        .zip(authors)
        .map(|(comment, author)| {
            let thread = threads[comment.thread.as_str()];
            of_records(vendor, imported.plan.facts.origin.as_str(), thread, comment, author)
        })
        .collect();
    let own: Vec<String> = comments.iter().map(|comment| comment.source_id.clone()).collect();
    let parents: Vec<Option<String>> = comments.iter().map(|comment| comment.parent.clone()).collect();
    link(&mut seen, &own, &parents);
    for (one, parent) in seen.iter_mut().zip(parents) {
        one.missing_parent = parent.filter(|_| one.parent.is_none());
    }
    seen
}

/// The description of each comment's author: the last one before it, or after all comments.
fn authors(imported: &Imported) -> Vec<Option<Author>> {
    let mut described: HashMap<&str, &Author> = HashMap::new();
    let mut found = Vec::new();
    for record in &imported.records {
        match record {
            Record::Author(author) => {
                described.insert(&author.key, author);
            }
            Record::Comment(comment) => found.push(match &comment.author {
                AuthorRef::Known(key) => (Some(key.as_str()), described.get(key.as_str()).copied()),
                AuthorRef::Guest | AuthorRef::Nobody => (None, None),
            }),
            Record::Thread(_) | Record::Refused(_) => {}
        }
    }
    let known = |(key, author): (Option<&str>, Option<&Author>)| {
        key.map(|key| author.unwrap_or_else(|| described[key]).clone())
    };
    found.into_iter().map(known).collect()
}

fn of_records(vendor: Vendor, origin: &str, thread: &Thread, comment: &Comment, author: Option<Author>) -> Seen {
    let seen = Seen {
        url: thread.url.clone(),
        url_id: thread.url_id.clone(),
        page_title: thread.title.clone(),
        origin: (vendor.to_string(), origin.to_owned()),
        thread_id: thread.source_id.clone(),
        thread_created_at: thread.created_at,
        closed: thread.closed,
        reactions: thread.reactions.clone(),
        source_id: comment.source_id.clone(),
        created_at: comment.created_at,
        edited_at: comment.edited_at,
        status: Some(comment.status),
        text: comment.text.clone(),
        text_kind: Some(comment.text_kind),
        html: comment.html.as_str().to_owned(),
        details: comment.details.clone(),
        ..Seen::default()
    };
    let profile = author.clone().map(|Author { name, link, avatar, .. }| Signature { name, link, avatar });
    let Signature { name, link, avatar } = comment.signature.clone().or(profile).unwrap_or_default();
    let seen = Seen { name, link, avatar, ..seen };
    match (&comment.author, author) {
        (AuthorRef::Known(key), Some(Author { email, moderator, .. })) => {
            Seen { author: Who::Known(key.clone()), email, moderator, ..seen }
        }
        (AuthorRef::Guest, _) => Seen { author: Who::Guest, ..seen },
        (AuthorRef::Known(_) | AuthorRef::Nobody, _) => seen,
    }
}

/// Reads JSON Lines by their types.
fn lines(file: &[u8]) -> Vec<Seen> {
    let mut page: Option<ExportedPage> = None;
    let mut thread: Option<ExportedThread> = None;
    let (mut seen, mut own, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    for (number, line) in file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
        let line: Line = serde_json::from_slice(line).unwrap();
        match line {
            Line::Export(header) => assert_eq!((number, header.version), (0, VERSION)),
            Line::Page(next) => page = Some(next),
            Line::Thread(next) => {
                assert_eq!(next.page, page.as_ref().unwrap().id);
                thread = Some(next.thread);
            }
            Line::Comment(line) => {
                own.push(line.id.to_string());
                parents.push(line.parent.map(|parent| parent.to_string()));
                seen.push(of_line(page.as_ref().unwrap(), thread.as_ref().unwrap(), &line));
            }
        }
    }
    link(&mut seen, &own, &parents);
    seen
}

fn of_line(page: &ExportedPage, thread: &ExportedThread, line: &crate::jsonl::CommentLine) -> Seen {
    let comment = ExportedComment {
        parent: line.parent,
        parent_source_id: line.parent_source_id.clone(),
        author: line.author.clone(),
        created_at: line.created_at,
        edited_at: line.edited_at,
        status: line.status,
        text: line.text.clone(),
        text_kind: line.text_kind,
        details: line.details.clone(),
        ..ExportedComment::new(line.id, line.source_id.clone())
    };
    Seen { html: line.html.clone(), ..Seen::of(page, thread, &comment) }
}

/// The details in a row of a table, whose columns have the names of the fields.
fn details(row: &::csv::StringRecord) -> CommentDetails {
    let fields: ::csv::StringRecord = csv::header().map(|name| name.to_lowercase().replace(' ', "_")).collect();
    let row: ::csv::StringRecord = row.iter().map(csv::typed).collect();
    row.deserialize(Some(&fields)).unwrap()
}

/// Reads a table by its column names.
fn table(file: &[u8]) -> Vec<Seen> {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap();
    let mut reader = ::csv::Reader::from_reader(text);
    assert!(reader.headers().unwrap().iter().eq(csv::header()));
    assert_eq!(reader.headers().unwrap().get(1), Some("URL ID"), "the second column");
    let (mut seen, mut own, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    for row in reader.records() {
        let row = row.unwrap();
        let place = |column: &str| csv::header().position(|name| name == column).unwrap();
        let text = |column: &str| csv::typed(row.get(place(column)).unwrap()).to_owned();
        let some = |column: &str| Some(text(column)).filter(|text| !text.is_empty());
        let time = |column: &str| some(column).map(|time| time.parse().unwrap());
        own.push(text("ID"));
        parents.push(some("Parent ID"));
        seen.push(Seen {
            url: some("URL"),
            url_id: text("URL ID"),
            page_title: some("Page Title"),
            origin: (text("Vendor"), text("Origin")),
            thread_id: text("Thread ID"),
            closed: text("Thread Closed") == "true",
            id: text("ID"),
            source_id: text("Source ID"),
            missing_parent: some("Parent Source ID").filter(|_| some("Parent ID").is_none()),
            author: match text("Author").as_str() {
                "known" => Who::Known(text("Author Key")),
                "guest" => Who::Guest,
                _ => Who::Nobody,
            },
            name: some("Name"),
            email: some("Email"),
            link: some("Link"),
            avatar: some("Avatar"),
            moderator: some("Moderator").map(|word| word == "true"),
            created_at: time("Date"),
            edited_at: time("Edited"),
            status: Status::from_word(&text("Status")),
            text: text("Text"),
            text_kind: TextKind::from_word(&text("Text Kind")),
            html: text("HTML"),
            details: details(&row),
            ..Seen::default()
        });
    }
    link(&mut seen, &own, &parents);
    seen
}
