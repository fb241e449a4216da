use super::*;
use crate::job::fixture::job_of;

#[test]
fn words_of_kinds_name_them() {
    for kind in JobKind::ALL {
        assert_eq!(JobKind::from_word(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    assert_eq!(JobKind::from_word("imports"), None);
}

/// Serde knows all variants, and names them when it knows no better.
#[test]
fn all_kinds_are_listed() {
    let refusal = serde_json::from_str::<JobKind>("\"none\"").unwrap_err().to_string();
    let (_, known) = refusal.split_once("expected one of ").unwrap();
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    assert_eq!(known, JobKind::ALL.map(JobKind::as_str));
}

/// The word of a task is also in its name: redis, RabbitMQ and logs show either.
#[test]
fn a_kind_that_starts_with_work_has_a_task_of_its_own_name() {
    for kind in JobKind::ALL {
        let Some(task) = kind.facts().first_phase.task() else { continue };
        assert_eq!(task.word(), kind.as_str());
        assert_eq!(serde_json::to_value(task).unwrap()["task"], format!("{}.v1", kind.as_str()));
        assert_eq!(task.slice(), None);
    }
}

#[test]
fn words_of_kinds_are_sentences_where_people_read_them() {
    for kind in JobKind::ALL {
        let facts = kind.facts();
        assert!(facts.cancelled.starts_with("cancelled; ") && !facts.cancelled.ends_with('.'), "{}", facts.cancelled);
        assert!(facts.verbs.done.starts_with(char::is_uppercase) && facts.verbs.doing.ends_with("ing"), "{kind:?}");
    }
}

/// Jobs stored by an earlier version use `plan_attempts`, and have the request in the same fields
/// as now.
#[test]
fn a_job_of_an_earlier_version_is_read() {
    let spec = ImportOptions { dry_run: true, ..ImportOptions::default() };
    let job = Job { attempts: 2, ..job_of(spec) };
    let text = serde_json::to_string(&job).unwrap();
    assert!(text.contains(r#""kind":"import","options":{"#), "{text}");
    let older = text.replace(r#""attempts":2"#, r#""plan_attempts":2"#);
    assert_ne!(older, text);
    assert_eq!(serde_json::from_str::<Job>(&older).unwrap(), job);
    assert_eq!(job.phase, Phase::Uploading);
}

/// Results are stored as fields of the job itself.
#[test]
fn a_result_is_a_field_of_the_job() {
    let spec = Moving::Undo { undo: job_of(ImportOptions::default()).id };
    let moved = Some(MoveTally { threads: 3, ..MoveTally::default() });
    let job = Job { results: JobResults { moved, ..JobResults::default() }, ..job_of(spec) };
    let stored = serde_json::to_value(&job).unwrap();
    assert_eq!(stored["moved"]["threads"], 3);
    assert_eq!((stored.get("export"), stored.get("results")), (None, None));
    assert_eq!(serde_json::from_value::<Job>(stored).unwrap(), job);
}
