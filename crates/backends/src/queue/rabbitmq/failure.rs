//! What the client library's errors mean to callers.

use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};

use crate::{Error, ErrorKind};

/// An error about which nothing more is known than that it may pass.
pub(super) fn unavailable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unavailable, message)
}

/// What failed while something was done on a connection that was open.
pub(super) fn failed(doing: &str, error: lapin::Error) -> Error {
    unavailable(format!("RabbitMQ failed {doing}")).because(error)
}

/// What failed while the connection was made. A broker that says no to who we are will go on saying so.
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

/// What failed while an exchange, a queue or a binding was declared.
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

/// Says how something that is there differs from what it should be, in the broker's own words: they name the argument
/// and both values.
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

/// What the broker said, if it was the broker.
pub(super) fn refusal(error: &lapin::Error) -> Option<&AMQPErrorKind> {
    match error.kind() {
        lapin::ErrorKind::ProtocolError(error) => Some(error.kind()),
        _ => None,
    }
}

fn configuration(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
