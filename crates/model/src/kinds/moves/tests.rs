use super::*;
use crate::job::fixture::{ended, job_of, through};
use crate::{Ending, JobState, MoveRule, MoveTarget};

fn new_move() -> Job {
    let place = |domain: &str| MoveTarget::Domain(domain.to_owned());
    let rule = MoveRule::new(place("old.example"), place("new.example")).unwrap();
    job_of(Moving::Rule(rule))
}

#[test]
fn a_move_ends_when_all_is_moved_and_one_that_is_cancelled_says_what_stays() {
    let tally = MoveTally { threads: 3, ..MoveTally::default() };
    let begun = through(new_move(), [Change::AttemptStarted, MoveChange::Progressed(tally).into()]);
    assert_eq!((begun.phase, begun.attempts, begun.results.moved), (Phase::Moving, 0, Some(tally)));
    begun.after(Change::FinishStarted, Timestamp::UNIX_EPOCH).unwrap_err();
    let end = [Change::FinishStarted, ended(Ending::Other)];
    let moved = through(begun.clone(), [MoveChange::Moved(tally).into()].into_iter().chain(end.clone()));
    assert_eq!((moved.state, moved.results.moved), (JobState::Succeeded, Some(tally)));
    let cancelled = through(begun, [Change::CancelRequested].into_iter().chain(end));
    assert_eq!((cancelled.state, cancelled.results.moved), (JobState::Cancelled, Some(tally)));
    assert!(cancelled.timeline.last().unwrap().text.contains("can be undone"));
}
