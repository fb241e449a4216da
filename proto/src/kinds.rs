//! What differs between the kinds of jobs: their options and their results. The only file of the
//! crate that lists the kinds.

use rethread_model as model;

use crate::decode::{Result, present, word};
use crate::v1;

/// A message with the fields that depend on the kind; the others are at their defaults.
pub(crate) fn fields(spec: model::JobSpec, results: model::JobResults) -> v1::Job {
    let model::JobResults { export, moved } = results;
    let fields = v1::Job {
        kind: spec.kind().as_str().to_owned(),
        export: export.map(Into::into),
        moved: moved.map(Into::into),
        ..v1::Job::default()
    };
    match spec {
        model::JobSpec::Import(options) => v1::Job { options: Some(options.into()), ..fields },
        model::JobSpec::Export(options) => v1::Job { export_options: Some(options.into()), ..fields },
        model::JobSpec::Move(moving) => v1::Job { move_options: Some(moving.into()), ..fields },
    }
}

/// Takes what the job was requested to do from the message.
pub(crate) fn spec(job: &mut v1::Job) -> Result<model::JobSpec> {
    Ok(match word("kind", &job.kind)? {
        model::JobKind::Import => model::JobSpec::Import(present("options", job.options.take())?.try_into()?),
        model::JobKind::Export => {
            model::JobSpec::Export(present("export_options", job.export_options.take())?.try_into()?)
        }
        model::JobKind::Move => model::JobSpec::Move(present("move_options", job.move_options.take())?.try_into()?),
    })
}

/// Takes the results from the message.
pub(crate) fn results(job: &mut v1::Job) -> Result<model::JobResults> {
    let export = job.export.take().map(TryInto::try_into).transpose()?;
    Ok(model::JobResults { export, moved: job.moved.take().map(Into::into) })
}
