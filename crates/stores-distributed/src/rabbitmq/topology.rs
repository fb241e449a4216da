//! Exchanges, queues and bindings. deploy/rabbitmq/definitions.json contains the same, for
//! operators who create them beforehand.
//!
//! ```text
//! PREFIX       ── tasks ──> PREFIX.tasks       ── given back too often, or unreadable ──┐
//!              ── events ─> PREFIX.events      ── the same ────────────────────────────┐│
//! PREFIX.dead  ── tasks ──> PREFIX.tasks.dead  <───────────────────────────────────────┼┘
//!              ── events ─> PREFIX.events.dead <───────────────────────────────────────┘
//!              ── unreadable ─> PREFIX.unreadable  <── tasks.dead, unreadable messages
//! ```

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use lapin::{Channel, ExchangeKind};
use rethread_stores::Result;

use super::failure;

/// The route of tasks.
pub(super) const TASKS: &str = "tasks";
/// The route of events.
pub(super) const EVENTS: &str = "events";
const UNREADABLE: &str = "unreadable";

/// A message that was given back this many times is dead.
pub(super) const DELIVERY_LIMIT: u32 = 20;

/// Inspecting dead messages must not lose them: without this argument, newer brokers drop them
/// after 20 deliveries, and older ones have no value for "never".
const DEAD_DELIVERY_LIMIT: u32 = 1_000_000;

/// The value of a queue's argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    Text(String),
    Number(u32),
}

/// A queue; all queues are durable.
#[derive(Debug, Clone)]
pub(super) struct QueueShape {
    pub(super) name: String,
    pub(super) arguments: Vec<(&'static str, Argument)>,
}

impl QueueShape {
    pub(super) fn table(&self) -> FieldTable {
        let mut table = FieldTable::default();
        for (name, argument) in &self.arguments {
            let value = match argument {
                Argument::Text(text) => AMQPValue::LongString(LongString::from(text.as_bytes())),
                Argument::Number(number) => AMQPValue::LongLongInt(i64::from(*number)),
            };
            table.insert(ShortString::from(*name), value);
        }
        table
    }

    /// Declares the queue, which creates it or checks its arguments.
    pub(super) async fn declare(&self, channel: &Channel) -> lapin::Result<lapin::Queue> {
        channel.queue_declare(self.name.as_str().into(), QueueDeclareOptions::durable(), self.table()).await
    }
}

/// Which exchange leads to which queue.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    pub(super) exchange: String,
    pub(super) key: &'static str,
    pub(super) queue: String,
}

/// Everything that a deployment has in a broker.
#[derive(Debug, Clone)]
pub(super) struct Topology {
    prefix: String,
    /// All are direct and durable.
    pub(super) exchanges: [String; 2],
    pub(super) queues: Vec<QueueShape>,
    pub(super) bindings: Vec<Binding>,
}

impl Topology {
    pub(super) fn new(prefix: &str) -> Self {
        let (live, dead) = (prefix.to_owned(), format!("{prefix}.dead"));
        let mut topology = Self {
            prefix: prefix.to_owned(),
            exchanges: [live.clone(), dead.clone()],
            queues: Vec::new(),
            bindings: Vec::new(),
        };
        for route in [TASKS, EVENTS] {
            topology.add(&live, route, topology.queue(route), DELIVERY_LIMIT, Some((&dead, route)));
        }
        topology.add(&dead, TASKS, topology.dead_queue(TASKS), DEAD_DELIVERY_LIMIT, Some((&dead, UNREADABLE)));
        topology.add(&dead, EVENTS, topology.dead_queue(EVENTS), DEAD_DELIVERY_LIMIT, None);
        topology.add(&dead, UNREADABLE, format!("{prefix}.{UNREADABLE}"), DEAD_DELIVERY_LIMIT, None);
        topology
    }

    /// Quorum queues lose nothing when one of three brokers does. At-least-once dead-lettering
    /// requires a full queue to reject messages rather than drop its oldest. No length limit is
    /// set: the janitor publishes what is missing again, so a full queue would not get emptier.
    fn add(
        &mut self,
        exchange: &str,
        key: &'static str,
        name: String,
        delivery_limit: u32,
        dead_to: Option<(&str, &str)>,
    ) {
        let text = |text: &str| Argument::Text(text.to_owned());
        let mut arguments = vec![
            ("x-queue-type", text("quorum")),
            ("x-delivery-limit", Argument::Number(delivery_limit)),
            ("x-overflow", text("reject-publish")),
        ];
        if let Some((exchange, key)) = dead_to {
            arguments.push(("x-dead-letter-exchange", text(exchange)));
            arguments.push(("x-dead-letter-routing-key", text(key)));
            arguments.push(("x-dead-letter-strategy", text("at-least-once")));
        }
        self.bindings.push(Binding { exchange: exchange.to_owned(), key, queue: name.clone() });
        self.queues.push(QueueShape { name, arguments });
    }

    /// Where messages are published.
    pub(super) fn exchange(&self) -> &str {
        &self.exchanges[0]
    }

    /// The queue of a route.
    pub(super) fn queue(&self, route: &str) -> String {
        format!("{}.{route}", self.prefix)
    }

    /// The dead-letter queue of a route.
    pub(super) fn dead_queue(&self, route: &str) -> String {
        format!("{}.{route}.dead", self.prefix)
    }

    /// Whether the queue normally contains messages.
    pub(super) fn is_live(&self, queue: &str) -> bool {
        [TASKS, EVENTS].iter().any(|route| self.queue(route) == queue)
    }

    /// Creates what is missing. Fails with [`rethread_stores::ErrorKind::Configuration`] when something with
    /// that name exists with different arguments.
    pub(super) async fn declare(&self, channel: &Channel) -> Result<()> {
        for exchange in &self.exchanges {
            let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
            channel
                .exchange_declare(exchange.as_str().into(), ExchangeKind::Direct, options, FieldTable::default())
                .await
                .map_err(|error| failure::declaring("exchange", exchange, error))?;
        }
        for queue in &self.queues {
            queue.declare(channel).await.map_err(|error| failure::declaring("queue", &queue.name, error))?;
        }
        for Binding { exchange, key, queue } in &self.bindings {
            let (queue_name, exchange) = (queue.as_str().into(), exchange.as_str().into());
            channel
                .queue_bind(queue_name, exchange, (*key).into(), QueueBindOptions::default(), FieldTable::default())
                .await
                .map_err(|error| failure::declaring("the binding of queue", queue, error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    /// The table in the broker's own format.
    fn definitions(topology: &Topology) -> Value {
        let exchanges = topology.exchanges.iter().map(|name| {
            json!({"name": name, "vhost": "/", "type": "direct", "durable": true, "auto_delete": false,
                "internal": false, "arguments": {}})
        });
        let queues = topology.queues.iter().map(|queue| {
            let arguments: Map<String, Value> = queue
                .arguments
                .iter()
                .map(|(name, argument)| match argument {
                    Argument::Text(text) => ((*name).to_owned(), json!(text)),
                    Argument::Number(number) => ((*name).to_owned(), json!(number)),
                })
                .collect();
            json!({"name": queue.name, "vhost": "/", "durable": true, "auto_delete": false, "arguments": arguments})
        });
        let bindings = topology.bindings.iter().map(|binding| {
            json!({"source": binding.exchange, "vhost": "/", "destination": binding.queue,
                "destination_type": "queue", "routing_key": binding.key, "arguments": {}})
        });
        json!({
            "vhosts": [{"name": "/"}],
            "exchanges": exchanges.collect::<Vec<_>>(),
            "queues": queues.collect::<Vec<_>>(),
            "bindings": bindings.collect::<Vec<_>>(),
        })
    }

    #[test]
    fn definitions_for_operators_say_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/rabbitmq/definitions.json");
        let deployed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(deployed, definitions(&Topology::new("rethread")));
    }

    #[test]
    fn deployments_that_share_a_broker_share_nothing_in_it() {
        let (one, other) = (Topology::new("one"), Topology::new("other"));
        assert!(one.exchanges.iter().all(|name| name.starts_with("one")));
        assert!(one.queues.iter().all(|queue| other.queues.iter().all(|of_other| of_other.name != queue.name)));
        let dead_letters_to = one
            .queues
            .iter()
            .flat_map(|queue| &queue.arguments)
            .filter_map(|(name, value)| (*name == "x-dead-letter-exchange").then_some(value));
        assert!(
            dead_letters_to.clone().count() == 3
                && dead_letters_to.clone().all(|value| *value == Argument::Text("one.dead".to_owned()))
        );
    }
}
