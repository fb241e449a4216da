//! The events of a run, generated from its seed.

use std::time::Duration;

use rethread_model::ImportOptions;

use crate::files::{ExportFile, VARIANTS, VENDORS};
use crate::gateway::Ruling;
use crate::random::{Purpose, Random};
use crate::weather::{Climate, Seam};

/// The accounts that import files.
pub(crate) const ACCOUNTS: [&str; 2] = ["acme", "other"];

/// The plan of a run.
#[derive(Debug)]
pub(crate) struct Story {
    /// The number of slots of each worker.
    pub(crate) workers: Vec<usize>,
    pub(crate) notifiers: usize,
    /// Whether one process holds all roles, so that the queue dies with it.
    pub(crate) is_embedded: bool,
    pub(crate) climate: Climate,
    pub(crate) uploads: Vec<UploadPlan>,
    /// Events, ordered by time.
    pub(crate) acts: Vec<(Duration, Act)>,
    /// The time at which the last fault ends.
    pub(crate) clears_up_at: Duration,
}

/// A planned upload.
#[derive(Debug, Clone)]
pub(crate) struct UploadPlan {
    pub(crate) account: &'static str,
    pub(crate) file: ExportFile,
    pub(crate) options: ImportOptions,
    pub(crate) pieces: usize,
    pub(crate) pause: Duration,
    pub(crate) breaks_off_after: Option<usize>,
    /// How many more times the admin uploads the file when it is rejected, or when its
    /// import fails.
    pub(crate) again: u8,
}

/// An event.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// An admin uploads the file with this number.
    Upload(usize),
    /// An admin decides about the job of an upload.
    Rule(Ruling, usize),
    /// A process is killed, and starts again after a while.
    Kill { process: usize, away: Duration },
    /// A process is stopped gracefully, and starts again.
    Restart { process: usize },
    /// The gateway is killed in the middle of its work.
    KillGateway,
    /// A store is down for a while.
    TakeDown(Seam, Duration),
    /// A blob is damaged.
    Tamper(Tampering),
    /// The comment store is rolled back to its state of `by` earlier. With `kills`, the workers are
    /// killed and restarted around it; otherwise they continue as if nothing had happened.
    CommentsGoBack { by: Duration, kills: bool },
    /// The job store loses the last second, or less.
    JobsGoBack { by: Duration },
}

/// Damage to a blob.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tampering {
    /// The blob is lost.
    Lose,
    /// The blob is truncated.
    Cut,
    /// One byte is changed.
    Flip,
    /// A range is overwritten; the length stays the same.
    Overwrite,
}

impl Tampering {
    const ALL: [Self; 4] = [Self::Lose, Self::Cut, Self::Flip, Self::Overwrite];
}

/// The number of events of one kind of fault. Often zero, so that each kind also occurs alone.
fn some(random: &mut Random, per_mille: u64, most: u64) -> u64 {
    if random.chance(per_mille) { 1 + random.below(most) } else { 0 }
}

impl Story {
    /// Generates the story of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let random = &mut Random::new(seed, Purpose::Story);
        let is_embedded = random.chance(300);
        let workers = if is_embedded { 1 } else { 1 + random.index(3) };
        let workers: Vec<usize> = (0..workers).map(|_| 1 + random.index(2)).collect();
        let mut story = Self {
            notifiers: if is_embedded { 1 } else { 1 + random.index(2) },
            is_embedded,
            climate: Climate::draw(random),
            uploads: Vec::new(),
            acts: Vec::new(),
            clears_up_at: Duration::ZERO,
            workers,
        };
        story.add_uploads(random);
        story.add_faults(random);
        story.acts.sort_by_key(|(at, _)| *at);
        let last = story.acts.last().map_or(Duration::ZERO, |(at, _)| *at);
        story.clears_up_at = last + random.up_to(Duration::from_mins(3));
        story
    }

    /// Each account imports one file per site, possibly several times. So the expected rows are
    /// known, whichever of its imports succeeds.
    fn add_uploads(&mut self, random: &mut Random) {
        let gzip = [random.chance(400), random.chance(400)];
        let variant = random.below(VARIANTS);
        for number in 0..=random.index(3) {
            let account = ACCOUNTS[usize::from(random.chance(200))];
            let (which, vendor) = (random.index(2), random.pick(&VENDORS));
            let options =
                ImportOptions { check: random.chance(250), dry_run: random.chance(60), ..ImportOptions::default() };
            let options = ImportOptions { dry_run: options.dry_run && !options.check, ..options };
            let pieces = 1 + random.index(4);
            self.uploads.push(UploadPlan {
                account,
                file: ExportFile { vendor, variant, gzip: gzip[which] },
                pieces,
                pause: random.up_to(Duration::from_secs(20)),
                breaks_off_after: random.chance(60).then(|| random.index(pieces)),
                again: u8::from(random.chance(600)) + u8::from(random.chance(300)),
                options,
            });
            let at = random.up_to(Duration::from_mins(1));
            self.acts.push((at, Act::Upload(number)));
            let is_checked = self.uploads[number].options.check;
            for _ in 0..if is_checked { 1 + some(random, 200, 2) } else { some(random, 40, 1) } {
                self.acts.push((at + random.up_to(Duration::from_mins(4)), Act::Rule(Ruling::Confirm, number)));
            }
            for _ in 0..some(random, 150, 2) {
                self.acts.push((at + random.up_to(Duration::from_mins(1)), Act::Rule(Ruling::Cancel, number)));
            }
        }
    }

    fn add_faults(&mut self, random: &mut Random) {
        let processes = self.workers.len() + self.notifiers;
        for _ in 0..some(random, 400, 6) {
            let (process, away) = (random.index(processes), random.up_to(Duration::from_secs(90)));
            self.act(random, Act::Kill { process, away });
        }
        for _ in 0..some(random, 150, 2) {
            let process = random.index(processes);
            self.act(random, Act::Restart { process });
        }
        for _ in 0..some(random, 100, 2) {
            self.act(random, Act::KillGateway);
        }
        for _ in 0..some(random, 250, 2) {
            let (seam, time) = (random.pick(&Seam::ALL), random.up_to(Duration::from_secs(100)));
            self.act(random, Act::TakeDown(seam, time));
        }
        for _ in 0..some(random, 250, 2) {
            let tampering = random.pick(&Tampering::ALL);
            self.act(random, Act::Tamper(tampering));
        }
        for _ in 0..some(random, 200, 2) {
            let (by, kills) = (random.up_to(Duration::from_secs(30)), random.chance(600));
            self.act(random, Act::CommentsGoBack { by, kills });
        }
        for _ in 0..some(random, 100, 1) {
            let by = random.within(Duration::from_secs(1));
            self.act(random, Act::JobsGoBack { by });
        }
    }

    /// Adds an event that occurs during an upload or its import.
    fn act(&mut self, random: &mut Random, act: Act) {
        let uploads: Vec<Duration> =
            self.acts.iter().filter(|(_, act)| matches!(act, Act::Upload(_))).map(|(at, _)| *at).collect();
        let from = random.pick(&uploads);
        self.acts.push((from + random.up_to(Duration::from_secs(40)), act));
    }
}
