//! Benchmarks the comment store: `cargo run --release -p rethread-runtime --example measure --
//! [comments] [batch] [writers] [URL]`.
//!
//! With the URL of a server (`postgres://…`; build with `--features postgres`) it writes into a new
//! account there, which is kept; otherwise into a temporary file. Each writer has a slice, and all
//! write concurrently.
//!
//! Writes generated comments of about 600 bytes as a Disqus file would yield them (an author with
//! each, ascending ids, many concurrent threads, three of five replying to an earlier one), imports
//! the same again, and moves the site to another domain and back. Prints how long each part takes
//! for a single writer, and the CPU time of the process (on Linux; generating included) for
//! machines that are busy with other things.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rethread_model::{
    AccountId, Author, AuthorRef, Clock, Comment, CommentDetails, FrameCounts, JobId, Located, MoveRule, MoveTarget,
    Moving, Origin, Position, Record, SafeHtml, Scope, Signature, SliceNumber, Step, SystemClock, Thread, Timestamp,
    Vendor,
};
use rethread_runtime::{Urls, open_backends};
use rethread_stores::{Backends, Batch, CommentStore, Target};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let temporary = tempfile::tempdir()?;
    let per_batch: u64 = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let writers: u64 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let url = arguments.next();
    let directory = temporary.path();
    let urls = Urls {
        blobs: format!("file:{}", directory.join("blobs").display()),
        jobs: format!("sqlite:{}", directory.join("jobs.db").display()),
        queue: "memory:".to_owned(),
        comments: url.unwrap_or_else(|| format!("sqlite:{}", directory.join("comments.db").display())),
    };
    let backends = open_backends(&urls, Arc::new(SystemClock)).await?;
    println!("{count} comments, {per_batch} in a batch, {writers} writers");
    let account = format!("measure-{:x}", SystemClock.now().as_millisecond()).parse()?;
    let scope = Scope { account, vendor: Vendor::Disqus, origin: Origin::new("forum") };
    let batches = Batches { count, size: per_batch, writers };
    for (job, dry_run) in [(1, false), (2, false), (3, true)] {
        let target = Target {
            scope: scope.clone(),
            job: JobId::new(Timestamp::UNIX_EPOCH, &[job; 10]),
            dry_run,
            newest_comment_at: None,
            overwrite: false,
        };
        import(&backends, directory, &target, batches).await?;
    }
    let domain = |name: &str| MoveTarget::Domain(name.to_owned());
    let away = Moving::Rule(MoveRule::new(domain("example.com"), domain("example.org"))?);
    let job = JobId::new(Timestamp::UNIX_EPOCH, &[4; 10]);
    relocate(&*backends.comments, &scope.account, job, &away).await?;
    let back = JobId::new(Timestamp::UNIX_EPOCH, &[5; 10]);
    relocate(&*backends.comments, &scope.account, back, &Moving::Undo { undo: job }).await?;
    Ok(())
}

async fn import(
    backends: &Backends,
    directory: &Path,
    target: &Target,
    batches: Batches,
) -> Result<(), Box<dyn std::error::Error>> {
    let comments = &backends.comments;
    let cpu_before = processor_seconds();
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for writer in 0..batches.writers {
        tasks.spawn(write(Arc::clone(comments), target.clone(), batches, writer));
    }
    let mut slowest = std::time::Duration::ZERO;
    while let Some(done) = tasks.join_next().await {
        slowest = slowest.max(done??);
    }
    let writing = begun.elapsed();
    let cpu_committed = processor_seconds();
    let begun = Instant::now();
    while !comments.link(target, 5_000).await?.complete {}
    let linking = begun.elapsed();
    let begun = Instant::now();
    let summary = comments.finalize(target, true).await?;
    let closed = begun.elapsed();
    let tally = comments.tally(&target.scope.account, target.job).await?;
    let begun = Instant::now();
    comments.forget_import(&target.scope.account, target.job).await?;
    let forgot = begun.elapsed();
    let size = |name: &str| std::fs::metadata(directory.join(name)).map_or(0, |file| file.len() / (1 << 20));
    println!(
        "dry run {}: commit {writing:.2?} (slowest batch {slowest:.2?}; processor {:.2} s, {:.2} s \
         in all), link {linking:.2?}, \
         close {closed:.2?}, forget {forgot:.2?}; file {} MiB, log {} MiB",
        target.dry_run,
        cpu_committed - cpu_before,
        processor_seconds() - cpu_before,
        size("comments.db"),
        size("comments.db-wal"),
    );
    println!("  {:?} {:?} {summary:?}", tally.outcome, tally.read);
    Ok(())
}

async fn relocate(
    comments: &dyn CommentStore,
    account: &AccountId,
    job: JobId,
    moving: &Moving,
) -> rethread_stores::Result<()> {
    let begun = Instant::now();
    let preview = comments.preview_move(account, moving).await?;
    let previewed = begun.elapsed();
    let begun = Instant::now();
    let mut slowest = std::time::Duration::ZERO;
    loop {
        let step_begun = Instant::now();
        let step = comments.move_threads(account, job, moving, 500).await?;
        slowest = slowest.max(step_begun.elapsed());
        if step.complete {
            let moved = begun.elapsed();
            println!("move: preview {previewed:.2?}, move {moved:.2?} (slowest step {slowest:.2?}); {:?}", step.tally);
            println!("  as previewed: {}", step.tally == preview.tally);
            return Ok(());
        }
    }
}

/// Writes the batches of one slice and returns the duration of the slowest.
async fn write(
    comments: Arc<dyn CommentStore>,
    target: Target,
    batches: Batches,
    writer: u64,
) -> rethread_stores::Result<std::time::Duration> {
    let mut slowest = std::time::Duration::ZERO;
    for number in 0..batches.of_writer() {
        let batch = batches.batch(writer, number);
        let begun = Instant::now();
        comments.commit(&target, batch).await?;
        slowest = slowest.max(begun.elapsed());
    }
    Ok(slowest)
}

/// User and system time of this process; 0 without `/proc`. Ticks are hundredths of a second.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Comments and how they are divided: a slice for each writer.
#[derive(Clone, Copy)]
struct Batches {
    count: u64,
    size: u64,
    writers: u64,
}

impl Batches {
    /// Batches of each slice.
    const fn of_writer(self) -> u64 {
        self.count.div_ceil(self.writers).div_ceil(self.size)
    }

    fn batch(self, writer: u64, number: u64) -> Batch {
        let of_slice = self.count.div_ceil(self.writers);
        let slice_end = ((writer + 1) * of_slice).min(self.count);
        let first = (writer * of_slice + number * self.size).min(slice_end);
        let end = (first + self.size).min(slice_end);
        Batch {
            step: Step::Slice(SliceNumber(u32::try_from(writer).unwrap_or(u32::MAX))),
            from: number,
            position: end * 600,
            complete: number + 1 == self.of_writer(),
            frames: FrameCounts::default(),
            records: (first..end).flat_map(|index| records(index, self.count)).collect(),
            other_origins: BTreeMap::new(),
            findings: Vec::new(),
        }
    }
}

fn records(index: u64, count: u64) -> Vec<Located<Record>> {
    let at = Position { part: 0, offset: index * 600 };
    // 200 threads are active at the same time, then the next 200.
    let (generation, turn) = (index / 8_000, index % 8_000);
    let thread = generation * 200 + turn % 200;
    // Half of all comments are by regulars, the other half by people who comment a few times within
    // a while.
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
    // A few use another name for a while.
    let other = if author % 10 == 0 && index.is_multiple_of(3) { " elsewhere" } else { "" };
    let signature = Signature { name: Some(format!("Some Body {author}{other}")), ..Signature::default() };
    let parent = (index % 5 < 3 && turn >= 200).then(|| (5_000_000_000 + (index - 200) * 7).to_string());
    records.push(Record::Comment(Box::new(Comment {
        parent,
        author: AuthorRef::Known(format!("user:somebody{author}")),
        signature: Some(signature),
        created_at,
        html: html(&text),
        text,
        details: CommentDetails { votes_up: Some(3), votes_down: Some(0), ..CommentDetails::default() },
        ..Comment::new((5_000_000_000 + index * 7).to_string(), (thread + 1_000_000).to_string())
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
