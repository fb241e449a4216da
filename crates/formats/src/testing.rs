//! Runs an upload through planner and readers, like a worker.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::test_runner::Config;
use rethread_model::{
    Author, AuthorRef, Comment, Finding, ImportOptions, JobError, Origin, Reason, Record, Refused, Signature,
    SliceNumber, SliceSource, Thread,
};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{Limits, Plan, PlanError, SliceSink, plan, read_slice};

/// Number of cases of a property test, unless `PROPTEST_CASES` sets another.
pub(crate) fn cases(usual: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    if asked { Config::default() } else { Config::with_cases(usual) }
}

/// Keeps slices in memory.
#[derive(Debug, Default)]
pub(crate) struct Slices(pub BTreeMap<SliceNumber, Vec<u8>>);

impl SliceSink for Slices {
    fn put(&mut self, number: SliceNumber, bytes: &[u8]) -> io::Result<()> {
        self.0.insert(number, bytes.to_vec());
        Ok(())
    }
}

/// Everything that an upload yields.
#[derive(Debug)]
pub(crate) struct Imported {
    pub plan: Plan,
    pub records: Vec<Record>,
    /// The sites of each record; several for people known to more than one.
    pub origins: Vec<Vec<Origin>>,
    /// Findings of the plan and of the slices.
    pub findings: Vec<Finding>,
}

impl Imported {
    pub(crate) fn comments(&self) -> Vec<&Comment> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Comment(comment) => Some(comment.as_ref()),
                _ => None,
            })
            .collect()
    }

    /// The sites and ids of the comments, in file order.
    pub(crate) fn sites(&self) -> Vec<(&str, &str)> {
        let of_comments = self.records.iter().zip(&self.origins).filter_map(|(record, origins)| match record {
            Record::Comment(comment) => Some((origins.first()?.as_str(), comment.source_id.as_str())),
            _ => None,
        });
        of_comments.collect()
    }

    pub(crate) fn threads(&self) -> Vec<&Thread> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Thread(thread) => Some(thread),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn authors(&self) -> Vec<&Author> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Author(author) => Some(author),
                _ => None,
            })
            .collect()
    }

    /// Refused records of the plan and of the slices.
    pub(crate) fn refused(&self) -> Vec<&Refused> {
        let planned = self.plan.refused.iter().map(|refused| &refused.value);
        planned
            .chain(self.records.iter().filter_map(|record| match record {
                Record::Refused(refused) => Some(refused),
                _ => None,
            }))
            .collect()
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.comments().into_iter().map(|comment| comment.source_id.as_str()).collect()
    }

    pub(crate) fn reasons(&self) -> Vec<Reason> {
        self.findings.iter().map(|finding| finding.reason).collect()
    }

    pub(crate) fn defect(&self) -> Option<&str> {
        self.plan.defect.as_ref().map(|defect| defect.code.as_str())
    }
}

/// Imports with these options and limits.
pub(crate) fn import_with(upload: &[u8], options: &ImportOptions, limits: &Limits) -> Result<Imported, JobError> {
    let mut sink = Slices::default();
    let planned = plan(&mut Cursor::new(upload), upload.len() as u64, options, limits, &mut sink);
    let plan = planned.map_err(|error| match error {
        PlanError::Refused(refusal) => refusal,
        PlanError::Io(error) => panic!("nothing fails in memory: {error}"),
    })?;
    let (mut records, mut origins, mut findings) = (Vec::new(), Vec::new(), plan.findings.clone());
    for spec in &plan.slices {
        let range = usize::try_from(spec.start).unwrap()..usize::try_from(spec.end).unwrap();
        let bytes = match spec.source {
            SliceSource::Upload => &upload[range],
            SliceSource::Own => sink.0[&spec.number].as_slice(),
            SliceSource::Batch { .. } => panic!("batches are not planned"),
        };
        assert_eq!(spec.verify_bytes(bytes), Ok(()));
        let mut read_to = spec.start;
        let mut reader = read_slice(plan.facts.vendor, spec, options, bytes);
        for portion in reader.by_ref() {
            assert!(portion.end > read_to && portion.end <= spec.end, "portions move forward, inside the slice");
            read_to = portion.end;
            let of = if portion.origins.is_empty() { Vec::from_iter(spec.origin.clone()) } else { portion.origins };
            origins.extend(portion.records.iter().map(|_| of.clone()));
            records.extend(portion.records.into_iter().map(|record| record.value));
            findings.extend(portion.findings);
        }
        assert_eq!(spec.verify_frames(reader.frames()), Ok(()), "planner and reader find the same");
    }
    Ok(Imported { plan, records, origins, findings })
}

/// Imports a file that must not be refused.
pub(crate) fn import(upload: impl AsRef<[u8]>) -> Imported {
    import_with(upload.as_ref(), &ImportOptions::default(), &Limits::default()).unwrap()
}

/// Imports a file that must be refused, or whose site must be named before import.
pub(crate) fn refused(upload: impl AsRef<[u8]>) -> JobError {
    match import_with(upload.as_ref(), &ImportOptions::default(), &Limits::default()) {
        Ok(imported) => imported.plan.site_needed.unwrap(),
        Err(refusal) => refusal,
    }
}

/// The author of a comment, and its signature.
pub(crate) type Signed = (AuthorRef, Option<Signature>);

pub(crate) fn signed(comment: &Comment) -> Signed {
    (comment.author.clone(), comment.signature.clone())
}

/// A guest with this name.
pub(crate) fn guest(name: &str) -> Signed {
    (AuthorRef::Guest, by_name(name))
}

/// A signature that shows only a name.
#[expect(clippy::unnecessary_wraps, reason = "as a comment has it")]
pub(crate) fn by_name(name: &str) -> Option<Signature> {
    Some(Signature { name: Some(name.to_owned()), ..Signature::default() })
}

/// Limits with slices of this size.
pub(crate) fn slices_of(slice_bytes: usize) -> Limits {
    Limits { slice_bytes, ..Limits::default() }
}

pub(crate) fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content.as_ref()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(entries, CompressionMethod::Deflated)
}

/// A zip whose files are not compressed.
pub(crate) fn zip_stored(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(entries, CompressionMethod::Stored)
}

fn zip_with(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A Disqus file around these records.
pub(crate) fn disqus(records: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\">\n\
         <category dsq:id=\"9\"><forum>Demo</forum><title>General</title><isDefault>true</isDefault></category>\n\
         {records}\n</disqus>\n"
    )
}

/// A thread of a Disqus file.
pub(crate) fn thread(id: u32) -> String {
    format!(
        "<thread dsq:id=\"{id}\"><id /><forum>demo</forum><category dsq:id=\"9\" /><link>https://www.example.org/{id}/</link>\
         <title>Page {id}</title><message /><createdAt>2020-01-01T00:00:00Z</createdAt><author><name>O</name></author>\
         <isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
    )
}

/// A post by a guest in thread 1, with this message (as raw markup).
pub(crate) fn post(id: u32, message: &str) -> String {
    format!(
        "<post dsq:id=\"{id}\">\n<id />\n<message>{message}</message>\n<createdAt>2020-01-02T00:00:00Z</createdAt>\n\
         <isDeleted>false</isDeleted>\n<isSpam>false</isSpam>\n<author>\n<name>Guest</name>\n\
         <isAnonymous>true</isAnonymous>\n</author>\n<thread dsq:id=\"1\" />\n</post>\n"
    )
}

/// A WXR file around these items.
pub(crate) fn wxr(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!-- generator=\"WordPress/6.1\" -->\n<rss version=\"2.0\" \
         xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\n<channel>\n\
         <title>Blog</title>\n<link>https://blog.example.org</link>\n<wp:wxr_version>1.2</wp:wxr_version>\n\
         <wp:base_blog_url>https://Blog.example.org/</wp:base_blog_url>\n{items}\n</channel>\n</rss>\n"
    )
}

/// An item of a WXR file, with these comments in it.
pub(crate) fn item(id: u32, comments: &str) -> String {
    format!(
        "<item>\n<title><![CDATA[Post {id}]]></title>\n<link>https://blog.example.org/post-{id}/</link>\n\
         <guid isPermaLink=\"false\">https://blog.example.org/?p={id}</guid>\n\
         <content:encoded><![CDATA[<p>Article</p>]]></content:encoded>\n<wp:post_id>{id}</wp:post_id>\n\
         <wp:post_date_gmt>2020-01-01 00:00:00</wp:post_date_gmt>\n<wp:comment_status>open</wp:comment_status>\n\
         {comments}</item>\n"
    )
}

/// A comment of an item.
pub(crate) fn wp_comment(id: u32, parent: u32, content: &str) -> String {
    format!(
        "<wp:comment>\n<wp:comment_id>{id}</wp:comment_id>\n<wp:comment_author><![CDATA[Ann]]></wp:comment_author>\n\
         <wp:comment_author_email>ann@example.org</wp:comment_author_email>\n\
         <wp:comment_author_url>https://ann.example.org/</wp:comment_author_url>\n\
         <wp:comment_author_IP>192.0.2.1</wp:comment_author_IP>\n\
         <wp:comment_date>2020-01-02 02:00:00</wp:comment_date>\n\
         <wp:comment_date_gmt>2020-01-02 00:00:00</wp:comment_date_gmt>\n\
         <wp:comment_content>{content}</wp:comment_content>\n<wp:comment_approved>1</wp:comment_approved>\n\
         <wp:comment_type>comment</wp:comment_type>\n<wp:comment_parent>{parent}</wp:comment_parent>\n\
         <wp:comment_user_id>0</wp:comment_user_id>\n</wp:comment>\n"
    )
}
