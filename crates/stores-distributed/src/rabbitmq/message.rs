//! Tasks and events as messages: JSON in the body, the rest in properties that the broker and its
//! tools can show.

use jiff::Timestamp;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use rethread_model::{Event, Task, TraceParent};
use rethread_stores::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::topology::{EVENTS, TASKS};

/// The header for the trace, in W3C Trace Context format.
const TRACE_HEADER: &str = "traceparent";

/// Why a message first died: set by the broker since 3.8.
const DEATH_HEADER: &str = "x-first-death-reason";

/// The delivery mode for messages stored on disk.
const PERSISTENT: u8 = 2;

/// A payload of the queues.
pub(super) trait Message: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The routing key.
    const ROUTE: &'static str;

    /// The subject, for operators. Copies have the same id.
    fn message_id(&self) -> String;

    fn trace(&self) -> Option<&TraceParent>;

    fn set_trace(&mut self, trace: Option<TraceParent>);
}

impl Message for Task {
    const ROUTE: &'static str = TASKS;

    fn message_id(&self) -> String {
        let (account, job) = (&self.account, self.job);
        let word = self.kind.word();
        match self.kind.slice() {
            Some(number) => format!("{account}/{job}/{word}-{number}"),
            None => format!("{account}/{job}/{word}"),
        }
    }

    fn trace(&self) -> Option<&TraceParent> {
        self.trace.as_ref()
    }

    fn set_trace(&mut self, trace: Option<TraceParent>) {
        self.trace = trace;
    }
}

impl Message for Event {
    const ROUTE: &'static str = EVENTS;

    fn message_id(&self) -> String {
        self.id().to_string()
    }

    fn trace(&self) -> Option<&TraceParent> {
        let Self::JobFailed(ended) = self;
        ended.trace.as_ref()
    }

    fn set_trace(&mut self, trace: Option<TraceParent>) {
        let Self::JobFailed(ended) = self;
        ended.trace = trace;
    }
}

/// Body and properties of a message.
pub(super) fn encode<T: Message>(message: &T, now: Timestamp) -> Result<(Vec<u8>, BasicProperties)> {
    let body = serde_json::to_vec(message).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("message {} cannot be written", message.message_id())).because(error)
    })?;
    let mut headers = FieldTable::default();
    if let Some(trace) = message.trace() {
        headers.insert(TRACE_HEADER.into(), AMQPValue::LongString(LongString::from(trace.as_str())));
    }
    let properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(ShortString::from(message.message_id()))
        .with_timestamp(u64::try_from(now.as_second()).unwrap_or(0))
        .with_headers(headers);
    Ok((body, properties))
}

/// Decodes a message if this version knows it. An invalid trace is ignored: nothing depends on it.
pub(super) fn decode<T: Message>(body: &[u8], properties: &BasicProperties) -> Option<T> {
    let mut message: T = serde_json::from_slice(body).ok()?;
    message.set_trace(header(properties, TRACE_HEADER).and_then(|text| text.parse().ok()));
    Some(message)
}

/// Whether a dead message was refused as unreadable by a consumer, rather than given back too
/// often.
pub(super) fn was_refused(properties: &BasicProperties) -> bool {
    header(properties, DEATH_HEADER).is_some_and(|reason| reason == "rejected")
}

fn header(properties: &BasicProperties, name: &str) -> Option<String> {
    match properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rethread_model::{JobId, SliceNumber, TaskKind};

    use super::*;

    fn task(trace: Option<&str>) -> Task {
        let account = "acme".parse().unwrap();
        let kind = TaskKind::Slice { number: SliceNumber(3) };
        let job = JobId::new(Timestamp::UNIX_EPOCH, &[7; 10]);
        Task { account, job, kind, trace: trace.map(|text| text.parse().unwrap()) }
    }

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_message_is_read_as_it_was_written() {
        for trace in [None, Some(TRACE)] {
            let (body, properties) = encode(&task(trace), Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(decode::<Task>(&body, &properties), Some(task(trace)));
        }
    }

    #[test]
    fn operators_see_what_a_message_is_about() {
        let (_, properties) = encode(&task(None), "2026-01-02T03:04:05Z".parse().unwrap()).unwrap();
        let id = properties.message_id().clone().unwrap();
        assert_eq!(id.as_str(), format!("acme/{}/slice-3", task(None).job));
        assert_eq!(*properties.timestamp(), Some(1_767_323_045));
        assert_eq!(*properties.delivery_mode(), Some(PERSISTENT));
    }

    #[test]
    fn a_trace_of_others_that_is_none_does_no_harm() {
        let (body, _) = encode(&task(None), Timestamp::UNIX_EPOCH).unwrap();
        for value in [AMQPValue::LongString(LongString::from("nonsense")), AMQPValue::LongInt(7)] {
            let mut headers = FieldTable::default();
            headers.insert(TRACE_HEADER.into(), value);
            let properties = BasicProperties::default().with_headers(headers);
            assert_eq!(decode::<Task>(&body, &properties), Some(task(None)));
        }
    }

    #[test]
    fn what_this_version_does_not_know_is_no_message() {
        for body in [&b""[..], b"\xff", b"{}", br#"{"account":"acme","job":"x","task":"plan.v9"}"#] {
            assert_eq!(decode::<Task>(body, &BasicProperties::default()), None);
        }
    }
}
