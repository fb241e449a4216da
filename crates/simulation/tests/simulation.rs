//! Runs many seeds; see the README for how to run more, or a single one.

#![expect(clippy::expect_used, reason = "a run that cannot be made ends the test")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rethread_simulation::{Report, Totals, run, warm_up};
use tokio::runtime::{Builder, Runtime};

/// Number of seeds in every test run.
const SEEDS: u64 = 500;

/// Seeds that once had problems.
const ONCE_FAULTY: [u64; 2] = [3_738, 10_738];

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

fn report(seed: u64, keeps_lines: bool) -> Report {
    runtime().block_on(run(seed, keeps_lines)).unwrap_or_else(|error| panic!("seed {seed}: {error:#}"))
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text}")))
}

#[test]
fn whatever_happens_what_succeeded_is_whole_and_everything_comes_to_rest() {
    runtime().block_on(warm_up()).expect("undisturbed imports");
    if let Some(seed) = number("SEED") {
        let report = report(seed, true);
        println!("{report}");
        assert!(report.problems.is_empty(), "seed {seed} has problems");
        return;
    }
    let first = number("FIRST").unwrap_or(0);
    let end = first + number("SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(first);
    let once_faulty = ONCE_FAULTY.into_iter().filter(|seed| !(first..end).contains(seed));
    let once_faulty = Mutex::new(once_faulty.collect::<Vec<_>>());
    let tells_all = number("TELL_ALL").is_some();
    let work = || {
        let (mut totals, mut faulty) = (Totals::default(), Vec::new());
        loop {
            let known = once_faulty.lock().expect("no run panicked").pop();
            let seed = known.unwrap_or_else(|| next.fetch_add(1, Ordering::Relaxed));
            if known.is_none() && seed >= end {
                return (totals, faulty);
            }
            let report = report(seed, false);
            totals.add(&report);
            if !report.problems.is_empty() {
                faulty.push(seed);
            }
            if tells_all || !report.problems.is_empty() {
                print!("{report}");
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let done: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a run that did not panic")).collect()
    });
    let (mut totals, mut faulty) = (Totals::default(), Vec::new());
    for (of_thread, faulty_of_thread) in done {
        totals.merge(of_thread);
        faulty.extend(faulty_of_thread);
    }
    faulty.sort_unstable();
    println!("{totals}");
    assert!(faulty.is_empty(), "{} faulty seeds (SEED=… shows one of them): {faulty:?}", faulty.len());
}

#[test]
fn a_seed_replays_exactly() {
    runtime().block_on(warm_up()).expect("undisturbed imports");
    for seed in 0..25 {
        let (once, again) = (report(seed, true), report(seed, true));
        let difference = once.journal.iter().zip(&again.journal).position(|(one, other)| one != other);
        assert_eq!(difference, None, "seed {seed}: the line from which the runs differ");
        assert_eq!(once.fingerprint, again.fingerprint, "seed {seed}");
    }
}
