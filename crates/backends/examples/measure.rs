//! Measures the comment store: `cargo run --release -p rethread-backends --example measure -- [comments] [batch]`.
//!
//! Writes generated comments of about 600 bytes as a Disqus file would yield them (an author with each, ids ascending,
//! many threads at once, three of five answering an earlier one), imports the same once more, and prints how long each
//! part takes the one writer, and the processor time of the process (on Linux; generating included) for machines that
//! are busy with other things.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rethread_backends::{Backends, Batch, Target, Urls};
use rethread_model::{
    Author, AuthorRef, Comment, JobId, Located, Origin, Position, Record, SafeHtml, Scope, SliceNumber, Status, Step,
    SystemClock, TextKind, Thread, Timestamp, Vendor,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let temporary = tempfile::tempdir()?;
    let per_batch: u64 = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let directory = temporary.path();
    let urls = Urls {
        blobs: format!("file:{}", directory.join("blobs").display()),
        jobs: format!("sqlite:{}", directory.join("jobs.db").display()),
        queue: "memory:".to_owned(),
        comments: format!("sqlite:{}", directory.join("comments.db").display()),
    };
    let backends = Backends::open(&urls, Arc::new(SystemClock)).await?;
    println!("{count} comments, {per_batch} in a batch");
    import(&backends, directory, 1, Batches { count, size: per_batch }, false).await?;
    import(&backends, directory, 2, Batches { count, size: per_batch }, false).await?;
    import(&backends, directory, 3, Batches { count, size: per_batch }, true).await?;
    Ok(())
}

async fn import(
    backends: &Backends,
    directory: &Path,
    job: u8,
    batches: Batches,
    dry_run: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    let scope = Scope { account: "a".parse()?, vendor: Vendor::Disqus, origin: Origin::new("forum") };
    let target = Target { scope, job: JobId::new(Timestamp::UNIX_EPOCH, &[job; 10]), dry_run };
    let comments = &backends.comments;
    let cpu_before = processor_seconds();
    let mut writing = std::time::Duration::ZERO;
    let mut slowest = std::time::Duration::ZERO;
    for number in 0..batches.count.div_ceil(batches.size) {
        let batch = batches.batch(number);
        let begun = Instant::now();
        comments.commit(&target, batch).await?;
        slowest = slowest.max(begun.elapsed());
        writing += begun.elapsed();
    }
    let cpu_committed = processor_seconds();
    let begun = Instant::now();
    while !comments.link(&target, 5_000).await?.complete {}
    let linking = begun.elapsed();
    let begun = Instant::now();
    let closing = comments.close(&target).await?;
    let closed = begun.elapsed();
    let tally = comments.tally(&target.scope.account, target.job).await?;
    let begun = Instant::now();
    comments.forget_import(&target.scope.account, target.job).await?;
    let forgot = begun.elapsed();
    let size = |name: &str| std::fs::metadata(directory.join(name)).map_or(0, |file| file.len() / (1 << 20));
    println!(
        "job {job} (dry run: {dry_run}): commit {writing:.2?} (slowest batch {slowest:.2?}; processor {:.2} s, {:.2} s \
         in all), link {linking:.2?}, \
         close {closed:.2?}, forget {forgot:.2?}; file {} MiB, log {} MiB",
        cpu_committed - cpu_before,
        processor_seconds() - cpu_before,
        size("comments.db"),
        size("comments.db-wal"),
    );
    println!("  {:?} {:?} {closing:?}", tally.outcome, tally.read);
    Ok(())
}

/// User and system time of this process; 0 where there is no `/proc`. Ticks are hundredths of a second.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Comments and how they are cut; all in one slice.
#[derive(Clone, Copy)]
struct Batches {
    count: u64,
    size: u64,
}

impl Batches {
    fn batch(self, number: u64) -> Batch {
        let first = number * self.size;
        let end = (first + self.size).min(self.count);
        Batch {
            step: Step::Slice(SliceNumber(0)),
            from: number,
            position: end * 600,
            complete: end == self.count,
            records: (first..end).flat_map(|index| records(index, self.count)).collect(),
            findings: Vec::new(),
        }
    }
}

fn records(index: u64, count: u64) -> Vec<Located<Record>> {
    let at = Position { part: 0, offset: index * 600 };
    // 200 threads live at the same time; then come the next.
    let (generation, turn) = (index / 8_000, index % 8_000);
    let thread = generation * 200 + turn % 200;
    // Half of all comments are by regulars, the other half by people who come by a few times within a while.
    let regulars = (count / 100).max(1);
    let author = if mixed(index).is_multiple_of(2) {
        mixed(index + 1) % regulars
    } else {
        regulars + index / 6 + mixed(index + 1) % 300
    };
    let created_at = Timestamp::from_second(1_200_000_000 + i64::try_from(index * 60).unwrap_or(0)).ok();
    let text = format!("<p>{}</p>", "Lorem ipsum dolor sit amet. ".repeat(3 + (mixed(index) % 12) as usize));
    let mut records = Vec::new();
    if turn < 200 {
        records.push(Record::Thread(Thread {
            source_id: (thread + 1_000_000).to_string(),
            url_id: format!("example.com/posts/{thread}"),
            url: Some(format!("https://example.com/posts/{thread}")),
            title: Some(format!("Post number {thread}")),
            created_at,
            closed: false,
            reactions: Vec::new(),
        }));
    }
    records.push(Record::Author(Author {
        key: format!("user:somebody{author}"),
        name: Some(format!("Some Body {author}")),
        email: Some(format!("somebody{author}@example.com")),
        link: None,
        avatar: None,
        moderator: None,
        as_of: created_at,
    }));
    let parent = (index % 5 < 3 && turn >= 200).then(|| (5_000_000_000 + (index - 200) * 7).to_string());
    records.push(Record::Comment(Box::new(Comment {
        source_id: (5_000_000_000 + index * 7).to_string(),
        thread: (thread + 1_000_000).to_string(),
        parent,
        author: AuthorRef::Known(format!("user:somebody{author}")),
        created_at,
        edited_at: None,
        status: Status::Approved,
        html: html(&text),
        text,
        text_kind: TextKind::Html,
        votes_up: Some(3),
        votes_down: Some(0),
        score: None,
        pinned: false,
        ip: None,
    })));
    records.into_iter().map(|value| Located { value, at }).collect()
}

#[expect(clippy::disallowed_methods, reason = "this text was made here")]
fn html(text: &str) -> SafeHtml {
    SafeHtml::assume_sanitised(text.to_owned())
}

/// Spreads consecutive numbers evenly (the generator called split-mix).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
