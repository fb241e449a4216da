//! What each format holds, and how its losses are counted. The writers, the tests and
//! docs/exports.md all use this table.

pub(super) mod has;

use rethread_model::{ExportFormat, ExportedComment, ExportedPage, ExportedThread, Loss};

/// How a format holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Unchanged. Control characters aside, see [`Field::ControlCharacters`].
    Whole,
    /// Not always or not completely; the text says when or how.
    Partly(&'static str),
    /// Not at all.
    Lost,
}

/// How the loss of a field is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counted {
    /// Not: it is never lost, or it follows from the rest.
    Not,
    /// By the writers of the formats that hold it partly.
    ByWriters(Loss),
    /// For each page that has it, in formats that never hold it.
    Page(Loss, fn(&ExportedPage) -> bool),
    /// For each thread that has it, in formats that never hold it.
    Thread(Loss, fn(&ExportedPage, &ExportedThread) -> bool),
    /// For each comment that has it, in formats that never hold it.
    Comment(Loss, fn(&ExportedComment) -> bool),
}

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $name:ident = $label:literal, $counted:expr, [$($held:expr),+ $(,)?];)+) => {
        /// Something that we store and a format may lose. The closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[doc = $doc])+ $name,)+ }

        impl Field {
            /// All, pages first, then threads, then comments.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The label for people.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }

            /// How its loss is counted.
            pub(super) const fn counted(self) -> Counted {
                match self { $(Self::$name => $counted,)+ }
            }

            /// By format, in the order of [`ExportFormat::ALL`].
            const fn held(self) -> [Held; 5] {
                match self { $(Self::$name => [$($held),+],)+ }
            }
        }
    };
}

use Counted::{ByWriters, Comment, Not, Page, Thread};
use Held::{Lost, Partly, Whole};

impl Field {
    /// What its loss is counted as; `None` if it is never lost, or follows from the rest.
    #[must_use]
    pub const fn loss(self) -> Option<Loss> {
        match self.counted() {
            Not => None,
            ByWriters(loss) | Page(loss, _) | Thread(loss, _) | Comment(loss, _) => Some(loss),
        }
    }
}

/// Whether and how a format holds a field.
#[must_use]
pub const fn holds(format: ExportFormat, field: Field) -> Held {
    let [csv, jsonl, wordpress, commento, disqus] = field.held();
    match format {
        ExportFormat::Csv => csv,
        ExportFormat::Jsonl => jsonl,
        ExportFormat::WordPress => wordpress,
        ExportFormat::Commento => commento,
        ExportFormat::Disqus => disqus,
    }
}

const MADE_OF_KEY: Held = Partly("without one, it is made of the key");
const ADDRESS_AS_TITLE: Held = Partly("without one, the address");
const SHOWN: Held = Partly("as it may be shown, HTML");

fields! {
    // field = label, how its loss is counted, [csv, jsonl, wordpress, commento, disqus]
    /// Address of the page.
    Url = "page: address", ByWriters(Loss::Url), [
        Whole, Whole, MADE_OF_KEY, Partly("`https` is taken, `#` and after are left out; not if the key is an identifier"), MADE_OF_KEY,
    ];
    /// Key of the page.
    UrlId = "page: URL ID", ByWriters(Loss::UrlId), [
        Whole, Whole, Partly("if the address has it or there is no address"), Partly("with the site before it if it is a path"),
        Partly("if the address has it, else with `--page-key identifier`"),
    ];
    /// Title of the page.
    PageTitle = "page: title", Page(Loss::PageTitle, |page| page.title.is_some()), [
        Whole, Whole, ADDRESS_AS_TITLE, Lost, ADDRESS_AS_TITLE,
    ];
    /// System and site of a thread.
    Origin = "thread: system and site", ByWriters(Loss::Origin), [
        Whole, Whole, Partly("if all is of one WordPress site"), Partly("if all is of one Commento domain"),
        Partly("if all is of one Disqus forum"),
    ];
    /// The vendor's id of a thread.
    ThreadId = "thread: id", ByWriters(Loss::ThreadId), [
        Whole, Whole, Partly("a number, if all is of one site and it is the page's first thread"), Partly("if it is the page's path"),
        Partly("of Disqus"),
    ];
    /// The page on which the vendor shows a thread, if it differs from its page here.
    VendorPage = "thread: its page before a move", Thread(Loss::VendorPage, has::another_page), [
        Lost, Whole, Lost, Lost, Lost,
    ];
    /// When the thread was made.
    ThreadCreatedAt = "thread: time", Thread(Loss::ThreadCreatedAt, has::thread_time), [
        Lost, Whole, Partly("of the page's first thread, in whole seconds"), Lost, Partly("in whole seconds"),
    ];
    /// Whether the thread is closed to new comments.
    ThreadClosed = "thread: closed", Thread(Loss::ThreadClosed, |_, exported| exported.thread.closed), [
        Whole, Whole, Partly("of the page's first thread"), Lost, Whole,
    ];
    /// Reactions to the page.
    Reactions = "thread: reactions", Thread(Loss::Reactions, |_, exported| !exported.thread.reactions.is_empty()), [
        Lost, Whole, Lost, Lost, Lost,
    ];
    /// Our id.
    Id = "comment: id here", Not, [Whole, Whole, Lost, Lost, Lost];
    /// The vendor's id.
    SourceId = "comment: the vendor's id", ByWriters(Loss::SourceId), [
        Whole, Whole, Partly("a number, if all is of one site and on the page's first thread"), Partly("of Commento"),
        Partly("of Disqus"),
    ];
    /// The comment that it answers.
    Parent = "comment: what it answers", Not, [Whole, Whole, Whole, Whole, Whole];
    /// The vendor's id of the comment that it answers, if that one is not here.
    MissingParent = "comment: that it answers one that is not here", Comment(Loss::Parent, has::missing_parent), [
        Whole, Whole, Lost, Lost, Lost,
    ];
    /// The author's identity.
    AuthorKey = "author: identity", ByWriters(Loss::AuthorKey), [
        Whole, Whole, Partly("by e-mail address; by number, if all is of one WordPress site"),
        Partly("kept apart, and each name of one by itself; by key, of Commento"), Partly("kept apart; by user name, of Disqus"),
    ];
    /// Display name.
    Name = "author: name", Not, [Whole, Whole, Whole, Partly("without one, `Anonymous`"), Whole];
    /// E-mail address.
    Email = "author: e-mail address", ByWriters(Loss::Email), [
        Whole, Whole, Whole, Partly("with the first name that its author signed with"), Whole,
    ];
    /// The author's site.
    AuthorLink = "author: site", Comment(Loss::AuthorLink, has::author_link), [Whole, Whole, Whole, Whole, Lost];
    /// Address of a picture.
    Avatar = "author: picture", Comment(Loss::Avatar, has::avatar), [
        Whole, Whole, Lost, Whole, Partly("of users of Disqus"),
    ];
    /// Whether the author is a moderator.
    Moderator = "author: moderator", Comment(Loss::Moderator, has::moderator), [
        Whole, Whole, Lost, Partly("that somebody is one"), Lost,
    ];
    /// When it was written.
    CreatedAt = "comment: time", ByWriters(Loss::CreatedAt), [
        Whole, Whole, Partly("in whole seconds, from the year 2"), Partly("from the year 2"),
        Partly("in whole seconds, from the year 2"),
    ];
    /// When it was last edited.
    EditedAt = "comment: edited", Comment(Loss::EditedAt, |comment| comment.edited_at.is_some()), [
        Whole, Whole, Lost, Lost, Lost,
    ];
    /// Status.
    Status = "comment: status", ByWriters(Loss::Pending), [
        Whole, Whole, Whole, Whole, Partly("pending counts as approved"),
    ];
    /// The text as typed.
    Text = "comment: text as typed", ByWriters(Loss::TypedText), [
        Whole, Whole, SHOWN, Partly("Markdown; the rest as it may be shown"), SHOWN,
    ];
    /// The markup language of the text.
    TextKind = "comment: what the text is written in", Not, [Whole, Whole, Lost, Lost, Lost];
    /// The text as displayable HTML.
    Html = "comment: HTML", Not, [
        Whole, Whole, Partly("loose lines become paragraphs"), Partly("rendered again from Markdown"), Whole,
    ];
    /// Votes for and against.
    Votes = "comment: votes up and down", Comment(Loss::Votes, has::votes), [
        Whole, Whole, Lost, Partly("their sum"), Lost,
    ];
    /// Net votes.
    Score = "comment: net votes", Comment(Loss::Score, has::score), [
        Whole, Whole, Lost, Partly("without any, 0"), Lost,
    ];
    /// Pinned to the top.
    Pinned = "comment: pinned", Comment(Loss::Pinned, |comment| comment.details.pinned), [Whole, Whole, Lost, Lost, Lost];
    /// IP address, if it was kept.
    Ip = "comment: IP address, where it was kept", Comment(Loss::Ip, |comment| comment.details.ip.is_some()), [
        Whole, Whole, Whole, Lost, Whole,
    ];
    /// Control characters, U+FFFE and U+FFFF, which XML and spreadsheets do not accept.
    ControlCharacters = "control characters", ByWriters(Loss::ControlCharacters), [Lost, Whole, Lost, Lost, Lost];
}
