use rethread_model::kinds::{ExportChange, MoveChange};
use rethread_model::{
    Change, Ending, ExportFile, ExportFilter, ExportFormat, ExportOptions, ExportTally, FileFacts, Finding,
    ImportOptions, ImportSummary, Job, JobId, JobState, Loss, MappingRule, MergedPage, MoveRule, MoveTally, MoveTarget,
    Moving, NewJob, Origin, PageKey, PageOptions, Position, Reason, Receipt, Scheme, Status, Timestamp, Vendor,
};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A job that went through everything, with a non-default value in every field.
fn eventful_job() -> Job {
    let options = ImportOptions {
        vendor: Some(Vendor::WordPress),
        dry_run: true,
        check: false,
        page_key: PageKey::Item,
        scheme: Scheme::Http,
        time_zone: Some("Europe/Berlin".to_owned()),
        site_url: Some("https://a.example".to_owned()),
        mapping: vec![MappingRule { from: "old.example".to_owned(), to: "new.example".to_owned() }],
        include_pingbacks: true,
        include_ip_addresses: true,
        exclude_spam: true,
        salvage: true,
        overwrite: true,
    };
    let new = NewJob {
        id: JobId::new(at("2026-01-02T03:04:05.678Z"), &[7; 10]),
        account: "acme".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: Some("export.xml".to_owned()),
        spec: options.into(),
    };
    let mut job = Job::new(new, at("2026-01-02T03:04:05.678901Z"));
    let facts = FileFacts {
        vendor: Vendor::WordPress,
        origin: Origin::new("https://a.example"),
        origins: ["https://a.example", "https://b.example"]
            .map(|origin| model::OriginCount { origin: Origin::new(origin), comments: 2 })
            .into(),
        site_needed: true,
        earlier_pages: Some(PageOptions { page_key: PageKey::Identifier, ..PageOptions::default() }),
        evidence: "WXR 1.2".to_owned(),
    };
    let defect =
        model::JobError { code: "truncated".to_owned(), message: "it ends too early".to_owned(), offset: Some(9) };
    let summary = ImportSummary {
        pages: 5,
        removed: Some(6),
        merged_pages: 7,
        merged: vec![MergedPage { url_id: "a.example/x".to_owned(), urls: vec!["1".to_owned(), "2".to_owned()] }],
        first_comment_at: Some(at("2001-02-03T04:05:06.789Z")),
        last_comment_at: Some(at("2025-02-03T04:05:06Z")),
    };
    for change in [
        Change::Uploaded { bytes: 17, sha256: "00".to_owned() },
        Change::AttemptStarted,
        Change::Planned { facts, slices: 3, bytes_total: 99, defect: Some(defect), sha256: None },
        Change::Fault(model::JobError { code: "poison".to_owned(), message: "twice".to_owned(), offset: None }),
        Change::FinishStarted,
        Change::UploadDeleted,
        Change::Ended(summary, Ending::Partial(model::Tally::default())),
    ] {
        job = job.after(change, at("2026-01-02T03:04:07Z")).unwrap();
    }
    job.revision = 8;
    job.progress.bytes_read = 98;
    job.progress.slices_done = 2;
    for (number, reason) in (1_u64..).zip(Reason::ALL) {
        for _ in 0..number {
            job.tally.found(&Finding { at: Position::default(), reason: *reason, source_id: None });
        }
    }
    job.tally.read = model::ReadCounts { threads: 1, comments: 15, replies: 3 };
    job.tally.status = model::StatusCounts { approved: 4, pending: 5, spam: 6, deleted: 7 };
    job.tally.outcome = model::OutcomeCounts { created: 1, updated: 2, unchanged: 3, skipped: 4, failed: 5 };
    job
}

#[test]
fn a_job_and_its_receipt_survive_the_wire() {
    let job = eventful_job();
    let carried = Job::try_from(v1::Job::from(job.clone())).unwrap();
    assert_eq!(carried, Job { sha256: None, ..job.clone() });
    assert_eq!(Receipt::of(&carried), Receipt::of(&job));
}

#[test]
fn a_checked_job_survives_while_it_waits_and_when_it_is_confirmed() {
    let ended = eventful_job();
    let mut job = Job { error: None, stopping: false, ended_at: None, state: JobState::Running, ..ended };
    job.spec = ImportOptions { check: true, ..ImportOptions::default() }.into();
    let proof = model::testing::proof(&job).unwrap();
    let waiting = job.after(Change::Checked(job.summary.clone(), proof), at("2026-01-02T03:04:08Z")).unwrap();
    let confirmed = waiting
        .after(
            Change::Confirmed { by: "bob".to_owned(), site_url: None, pages_as_before: false },
            at("2026-01-02T03:04:09Z"),
        )
        .unwrap();
    for job in [waiting, confirmed] {
        assert_eq!(job.checked.as_ref().map(|checked| checked.outcome.skipped), Some(4));
        let carried = Job::try_from(v1::Job::from(job.clone())).unwrap();
        assert_eq!(carried, Job { sha256: None, ..job });
    }
}

#[test]
fn a_job_that_just_began_survives_too() {
    let new = NewJob {
        id: JobId::new(at("1969-01-01T00:00:00Z"), &[0; 10]),
        account: "a".parse().unwrap(),
        started_by: String::new(),
        file_name: None,
        spec: ImportOptions::default().into(),
    };
    let job = Job::new(new, at("1969-12-31T23:59:59.25Z"));
    let message = v1::Job::from(job.clone());
    assert_eq!(message.receipt, None);
    assert_eq!(Job::try_from(message).unwrap(), job);
}

#[test]
fn an_export_survives_the_wire() {
    let filter = ExportFilter {
        page: Some("a.example/x".to_owned()),
        vendor: Some(Vendor::Disqus),
        origin: Some(Origin::new("forum")),
        from: Some(at("2020-01-02T03:04:05Z")),
        until: Some(at("2021-01-02T03:04:05.5Z")),
        status: [Status::Approved, Status::Spam].into(),
    };
    let new = NewJob {
        id: JobId::new(at("2026-01-02T03:04:05.678Z"), &[7; 10]),
        account: "acme".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: None,
        spec: ExportOptions { format: ExportFormat::WordPress, gzip: true, filter }.into(),
    };
    let mut job = Job::new(new, at("2026-01-02T03:04:05Z"));
    let mut tally = ExportTally { pages: 1, threads: 2, comments: 3, ..ExportTally::default() };
    tally.lose(Loss::Votes);
    let file = ExportFile { sha256: "00ff".to_owned(), expires_at: at("2026-01-09T03:04:05Z"), deleted_at: None };
    let mut stages = vec![job.clone()];
    for change in [
        Change::AttemptStarted,
        ExportChange::Progressed { begun_at: 2, tally: tally.clone(), bytes: 4 }.into(),
        ExportChange::Exported { begun_at: 2, tally, bytes: 5, file }.into(),
        Change::FinishStarted,
        Change::Ended(ImportSummary::default(), Ending::Other),
        ExportChange::FileDeleted.into(),
    ] {
        job = job.after(change, at("2026-01-02T03:04:07Z")).unwrap();
        stages.push(job.clone());
    }
    for job in stages {
        let carried = Job::try_from(v1::Job::from(job.clone())).unwrap();
        // Attempts are only for the services that work on a job.
        assert_eq!(carried, Job { attempts: 0, ..job });
    }
}

#[test]
fn a_move_survives_the_wire() {
    let places = [
        (MoveTarget::Domain("old.example".to_owned()), MoveTarget::Domain("new.example".to_owned())),
        (MoveTarget::Url("https://a.example/x".to_owned()), MoveTarget::UrlId("page-7".to_owned())),
    ];
    let rules = places.map(|(from, to)| Moving::Rule(MoveRule::new(from, to).unwrap()));
    let undo = Moving::Undo { undo: JobId::new(at("2026-01-02T03:04:05Z"), &[1; 10]) };
    for moving in rules.into_iter().chain([undo]) {
        let new = NewJob {
            id: JobId::new(at("2026-01-02T03:04:05.678Z"), &[7; 10]),
            account: "acme".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            spec: moving.into(),
        };
        let job = Job::new(new, at("2026-01-02T03:04:05Z"))
            .after(Change::AttemptStarted, at("2026-01-02T03:04:06Z"))
            .unwrap();
        let tally = MoveTally { threads: 1, pages: 2, comments: 3, merged: 4, kept: 5 };
        let moved = job.after(MoveChange::Moved(tally).into(), at("2026-01-02T03:04:07Z")).unwrap();
        assert_eq!(Job::try_from(v1::Job::from(moved.clone())).unwrap(), moved);
    }
}

#[test]
fn every_state_has_its_number() {
    for state in JobState::ALL {
        assert_eq!(JobState::try_from(v1::JobState::from(state)), Ok(state));
    }
}

#[test]
fn what_another_version_says_is_refused_by_the_name_of_the_field() {
    let good = v1::Job::from(eventful_job());
    let refused = |message: v1::Job| Job::try_from(message).unwrap_err().field;
    assert_eq!(refused(v1::Job { state: 99, ..good.clone() }), "state");
    assert_eq!(refused(v1::Job { phase: "dreaming".to_owned(), ..good.clone() }), "phase");
    assert_eq!(refused(v1::Job { created_at: None, ..good.clone() }), "created_at");
    assert_eq!(refused(v1::Job { account: "../x".to_owned(), ..good }), "account");
}
