//! Classifies the client library's errors for callers.

use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use rethread_stores::{Error, ErrorKind};

/// An error of which only is known that it may pass.
pub(super) fn unavailable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unavailable, message)
}

/// A failure on an open connection.
pub(super) fn failed(doing: &str, error: lapin::Error) -> Error {
    unavailable(format!("RabbitMQ failed {doing}")).because(error)
}

/// A failure while connecting. A broker that rejects our credentials will keep doing so.
pub(super) fn connecting(place: &str, vhost: &str, error: lapin::Error) -> Error {
    match refusal(&error) {
        Some(AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)) => configuration(format!(
            "RabbitMQ at {place} refuses the user or the password in the URL of queue: mend the URL, or the user by rabbitmqctl"
        )),
        Some(AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED)) => configuration(format!(
            "RabbitMQ at {place} has no virtual host \"{vhost}\" for the user in the URL of queue: make it by \
             rabbitmqctl add_vhost, and let the user in by rabbitmqctl set_permissions"
        )),
        _ => unavailable(format!(
            "RabbitMQ at {place}, which the URL of queue names, cannot be reached: look whether it runs and whether the \
             network lets it through"
        ))
        .because(error),
    }
}

/// A failure while declaring an exchange, a queue or a binding.
pub(super) fn declaring(what: &str, name: &str, error: lapin::Error) -> Error {
    match refusal(&error) {
        Some(AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED)) => configuration(differing(what, name, &error)),
        Some(AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)) => configuration(format!(
            "the user in the URL of queue may not configure {what} {name} in RabbitMQ: give it configure, write and read \
             permissions on these names by rabbitmqctl set_permissions"
        )),
        _ => failed(&format!("to declare {what} {name}"), error),
    }
}

/// How an existing entity differs from the expected one, in the broker's own words, which name the
/// argument and both values.
pub(super) fn differing(what: &str, name: &str, error: &lapin::Error) -> String {
    let words = match error.kind() {
        lapin::ErrorKind::ProtocolError(error) => error.get_message().to_string(),
        _ => error.to_string(),
    };
    format!(
        "{what} {name} is in RabbitMQ but made otherwise ({words}): stop the services, let it run empty or move its \
         messages away, delete it, and start again, which makes it as it should be; or use another prefix in the URL of queue"
    )
}

/// The broker's reply, if the error came from the broker.
pub(super) fn refusal(error: &lapin::Error) -> Option<&AMQPErrorKind> {
    match error.kind() {
        lapin::ErrorKind::ProtocolError(error) => Some(error.kind()),
        _ => None,
    }
}

fn configuration(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
