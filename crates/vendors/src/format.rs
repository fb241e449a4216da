//! The parts of a vendor's format: a framer, which finds where records begin and end; a surveyor,
//! which inspects them once while the file is planned; and a reader, which reads the frames of a
//! slice.
//!
//! The planner and the slice reader are the same for all vendors; they are in `rethread-formats`.

use rethread_model::{Finding, ImportOptions, JobError, Origin, Refused, Timestamp};
use rethread_syntax::json::JsonPrefix;
use rethread_syntax::xml::XmlPrefix;
use rethread_syntax::{Framed, Framer};
use serde_json::Value;

use crate::info::VendorInfo;
use crate::origin::host;
use crate::portion::Portion;
use crate::sites::DocumentSites;

/// A vendor's format. It is stateless; the objects it creates have state.
pub trait Format: Sync {
    /// The facts about the vendor.
    fn info(&self) -> &'static VendorInfo;

    /// How surely a JSON document that begins like this is an export of this vendor; `None` if it
    /// is not.
    fn looks_like_json(&self, _prefix: &JsonPrefix<'_>) -> Option<Likeness> {
        None
    }

    /// Whether the document itself, not what may follow it, has keys of this vendor. Asked about
    /// documents behind junk that look like its exports.
    fn has_own_keys(&self, _prefix: &JsonPrefix<'_>) -> bool {
        false
    }

    /// Whether an XML document that begins like this is an export of this vendor.
    fn looks_like_xml(&self, _prefix: &XmlPrefix<'_>) -> bool {
        false
    }

    /// Whether an XML document whose prolog or root is damaged holds records of this vendor.
    fn has_xml_records(&self, _document: &[u8]) -> bool {
        false
    }

    /// The names of root elements by which documents are searched in junk.
    fn xml_roots(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a document begins with the header of a table of this vendor.
    fn looks_like_table(&self, _document: &[u8]) -> bool {
        false
    }

    /// The name of a column that all tables of this vendor have, by which they are searched in
    /// junk.
    fn table_column(&self) -> Option<&'static str> {
        None
    }

    /// Whether a list of users in the same zip completes the e-mail addresses of people.
    fn takes_user_lists(&self) -> bool {
        false
    }

    /// The site with this address, as the vendor's own files would name it: its host, unless ids
    /// are unique only within a path of it.
    fn site_of(&self, url: &str) -> Option<Origin> {
        host(url).map(Origin::new)
    }

    /// The address at which a site of this vendor shows a page that is known only by the vendor's
    /// id, if there is one.
    fn address_of_page(&self, _site: &Origin, _url_id: &str) -> Option<String> {
        None
    }

    /// A framer for a whole document (`head` is `None`) or for a slice with this head.
    fn framer(&self, head: Option<&Value>) -> Box<dyn Framer + Send>;

    /// A surveyor for an upload, which may hold several documents.
    fn surveyor(&self) -> Box<dyn Surveyor>;

    /// Whether a [`FrameKind::Thread`](rethread_syntax::FrameKind::Thread) only states what the
    /// frames after it belong to. Then no slice ends with one: a reader, which does not see the
    /// next slice, could not distinguish it from the end of a damaged record.
    fn threads_only_lead(&self) -> bool {
        false
    }

    /// A reader for the slice with this head.
    fn reader<'a>(&self, head: &'a Value, options: &'a ImportOptions) -> Box<dyn FrameReader + Send + 'a>;
}

/// See [`Surveyor::file_head`].
pub const FILE_HEAD: &str = "file";

/// See [`Surveyor::slice_heads`].
pub const SLICE_HEAD: &str = "slice";
/// The member of a slice's head which states that the slice comes from an archive with a wrong
/// checksum.
pub const UNVERIFIED_HEAD: &str = "unverified";

/// How surely a document is an export of a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// By the shape of its records, which other systems could have.
    Possible,
    /// By keys that few other systems use.
    Likely,
    /// By keys of its own.
    Certain,
}

/// The result of surveying an upload.
#[derive(Debug)]
pub struct Survey {
    /// For people, such as `root element disqus, 2,519 threads`.
    pub evidence: String,
    /// Repairs outside records, once per file each.
    pub findings: Vec<Finding>,
}

/// Inspects frames while the file is planned.
pub trait Surveyor {
    /// What a reader must know about the file before the next frame, for a slice that begins with
    /// it.
    fn head(&mut self) -> Value;

    /// Handles a frame. Called for each in file order, after `head` if that was called.
    fn see(&mut self, frame: Framed<'_>);

    /// Describes an oversized record by its first bytes (up to 64 KiB). `None` if it is not a
    /// comment.
    fn refuse(&mut self, beginning: Framed<'_>) -> Option<Refused>;

    /// What every reader of the upload needs and only its end reveals. Called once, before
    /// `finish`; becomes the member [`FILE_HEAD`] of every slice's head.
    fn file_head(&mut self) -> Value {
        Value::Null
    }

    /// What each slice's reader needs and was not known when [`Surveyor::head`] was called for it,
    /// in the order of those calls. Called once, at the end; becomes the member [`SLICE_HEAD`] of
    /// the slice's head.
    fn slice_heads(&mut self) -> Vec<Value> {
        Vec::new()
    }

    /// The time of a comment that was just seen, or of the newest one in its frame. Found without
    /// parsing the comment.
    fn time_of(&self, comment: &[u8]) -> Option<Timestamp>;

    /// Ends a document; the next frame is from another one of the same upload. Returns the
    /// document's sites.
    fn end_of_document(&mut self) -> DocumentSites;

    /// Ends the upload. The error states why it cannot be imported after all (an unknown version,
    /// for example).
    fn finish(self: Box<Self>) -> Result<Survey, JobError>;
}

/// Reads the frames of a slice, in order.
pub trait FrameReader {
    /// Adds the records and findings of the frame to `portion` (but does not change `portion.end`).
    /// Honours the options that the vendor's information asks for: spam and IP addresses above all.
    /// At most one finding for each record and reason. Threads are as the vendor has them:
    /// [`rethread_model::MappingRules`] apply the admin's mapping rules to them.
    fn read(&mut self, frame: Framed<'_>, portion: &mut Portion);
}
