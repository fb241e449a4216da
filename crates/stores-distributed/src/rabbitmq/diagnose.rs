//! What an operator should know about the broker.

use lapin::options::QueueDeclareOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::FieldTable;
use rethread_stores::{Diagnosis, Result, Verdict};

use super::connection::{ConnectionSlot, within};
use super::topology::{DELIVERY_LIMIT, QueueShape};
use super::{ANSWER_LIMIT, failure, server_properties};

/// The oldest broker version with everything that the queues need.
const OLDEST: (u32, u32) = (3, 10);

/// The state of a queue.
enum State {
    Missing,
    AsItShouldBe { messages: u32 },
    Differing(String),
}

pub(super) async fn diagnose(link: &ConnectionSlot, apply: bool) -> Result<Vec<Diagnosis>> {
    let mut diagnoses = vec![broker(&server_properties::version(link.address()).await?)];
    let mut has_trouble = false;
    for queue in &link.topology().queues {
        match look(link, queue).await? {
            State::AsItShouldBe { messages } => diagnoses.extend(dead_letters(link, &queue.name, messages)),
            State::Differing(message) => {
                has_trouble = true;
                diagnoses.push(diagnosis("queue", Verdict::Wrong, message));
            }
            State::Missing => {
                has_trouble = true;
                diagnoses.push(missing(link, &queue.name, apply).await?);
            }
        }
    }
    if !has_trouble {
        let count = link.topology().queues.len();
        let message = format!(
            "all {count} are quorum queues; a message that was given back {DELIVERY_LIMIT} times goes to the dead ones"
        );
        diagnoses.push(diagnosis("queues", Verdict::Fine, message));
    }
    Ok(diagnoses)
}

fn broker(version: &str) -> Diagnosis {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        let (major, minor) = OLDEST;
        let message = format!(
            "RabbitMQ is {version}, which cannot keep dead messages safe: upgrade it to {major}.{minor} or newer"
        );
        return diagnosis("broker", Verdict::Wrong, message);
    }
    diagnosis("broker", Verdict::Fine, format!("RabbitMQ {version}"))
}

/// An error closes its channel, so each check has its own.
async fn look(link: &ConnectionSlot, queue: &QueueShape) -> Result<State> {
    let channel = link.bare_channel().await?;
    let looking = async {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
        let found = channel.queue_declare(queue.name.as_str().into(), options, FieldTable::default()).await;
        match found {
            Ok(found) => match queue.declare(&channel).await {
                Ok(_) => Ok(State::AsItShouldBe { messages: found.message_count() }),
                Err(error) if is(&error, &AMQPSoftError::PRECONDITIONFAILED) => {
                    Ok(State::Differing(failure::differing("queue", &queue.name, &error)))
                }
                Err(error) => Err(failure::declaring("queue", &queue.name, error)),
            },
            Err(error) if is(&error, &AMQPSoftError::NOTFOUND) => Ok(State::Missing),
            Err(error) => Err(failure::declaring("queue", &queue.name, error)),
        }
    };
    within(ANSWER_LIMIT, &format!("RabbitMQ did not tell of queue {}", queue.name), looking).await
}

fn is(error: &lapin::Error, wanted: &AMQPSoftError) -> bool {
    matches!(failure::refusal(error), Some(AMQPErrorKind::Soft(found)) if found == wanted)
}

async fn missing(link: &ConnectionSlot, name: &str, apply: bool) -> Result<Diagnosis> {
    if apply {
        link.channel().await?;
        return Ok(diagnosis("queue", Verdict::Applied, format!("queue {name} was missing and is made")));
    }
    let message = format!("queue {name} is missing: run doctor --apply, or start any of the services, to make it");
    Ok(diagnosis("queue", Verdict::Wrong, message))
}

/// Dead events and unreadable messages have no consumer. Workers consume dead tasks, so those exist
/// only for a moment.
fn dead_letters(link: &ConnectionSlot, name: &str, messages: u32) -> Option<Diagnosis> {
    if link.topology().is_live(name) || messages == 0 {
        return None;
    }
    let message = format!(
        "{messages} dead messages are in queue {name}: their jobs are looked after without them, so look at them for the \
         cause (rabbitmqctl list_queues, the log of the workers), then purge the queue by rabbitmqctl purge_queue {name}"
    );
    Some(diagnosis("dead messages", Verdict::Warning, message))
}

const fn diagnosis(subject: &'static str, verdict: Verdict, message: String) -> Diagnosis {
    Diagnosis { subject, verdict, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_that_is_too_old_is_told_by_its_version() {
        for (version, verdict) in [
            ("3.9.29", Verdict::Wrong),
            ("3.10.8", Verdict::Fine),
            ("4.0.0-rc.1", Verdict::Fine),
            ("3.13.7", Verdict::Fine),
            ("unknown", Verdict::Wrong),
        ] {
            assert_eq!(broker(version).verdict, verdict, "{version}");
        }
    }
}
