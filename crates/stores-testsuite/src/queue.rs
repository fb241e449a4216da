//! The contract of [`Queue`].
//!
//! Requires exclusive use of the queue: a consumer holds one message at a time, so messages of
//! others could not be put aside. Leftovers of an aborted earlier run are removed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rethread_model::{
    AccountId, Event, EventId, JobEnded, JobKind, JobState, SliceNumber, Task, TaskKind, TraceParent,
};
use rethread_stores::{Consumer, Delivery, Depth, Queue};
use tokio::task::JoinSet;

use super::fixture::{at, fresh_account, job_id};

/// Longer than any queue needs to deliver a message.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the contract.
pub async fn queue(queue: Arc<dyn Queue>) {
    many_publish_at_once(&queue).await;
    let queue = &*queue;
    queue.check().await.expect("a queue that works");
    what_waits_is_counted(queue).await;
    traces_travel_along(queue).await;
    tasks_arrive_in_order_and_once(queue).await;
    what_is_not_acknowledged_comes_again(queue).await;
    consumers_share_the_tasks(queue).await;
    a_consumer_waits_and_may_be_cancelled(queue).await;
    what_one_holds_may_be_settled_after_its_consumer_is_gone(queue).await;
    events_arrive(queue).await;
    queue.diagnose(false).await.expect("a diagnosis");
}

fn slice(account: &AccountId, number: u32) -> Task {
    let kind = TaskKind::Slice { number: SliceNumber(number) };
    Task { account: account.clone(), job: job_id(0), kind, trace: None }
}

/// The next task of an account.
async fn next(consumer: &mut dyn Consumer<Task>, account: &AccountId) -> Delivery<Task> {
    let of_account = async {
        loop {
            let delivery = consumer.next().await.expect("a delivery");
            if delivery.payload.account == *account {
                return delivery;
            }
            delivery.ack().await.expect("an acknowledgement");
        }
    };
    tokio::time::timeout(PATIENCE, of_account).await.expect("a task in time")
}

async fn tasks_arrive_in_order_and_once(queue: &dyn Queue) {
    let account = fresh_account();
    let sent = [slice(&account, 1), slice(&account, 2), slice(&account, 3)];
    for task in &sent {
        queue.publish_task(task).await.expect("a publication");
    }
    let mut consumer = queue.tasks().await.expect("a consumer");
    for task in &sent {
        let delivery = next(&mut *consumer, &account).await;
        assert_eq!(delivery.payload, *task);
        delivery.ack().await.expect("an acknowledgement");
    }
    let last = slice(&account, 4);
    queue.publish_task(&last).await.expect("a publication");
    let delivery = next(&mut *consumer, &account).await;
    assert_eq!(delivery.payload, last, "what was acknowledged does not come again");
    delivery.ack().await.expect("an acknowledgement");
}

async fn what_is_not_acknowledged_comes_again(queue: &dyn Queue) {
    let account = fresh_account();
    queue.publish_task(&slice(&account, 1)).await.expect("a publication");
    let mut one = queue.tasks().await.expect("a consumer");
    let mut other = queue.tasks().await.expect("a consumer");
    let dropped = next(&mut *one, &account).await;
    let payload = dropped.payload.clone();
    drop(dropped);
    drop(one);
    let again = next(&mut *other, &account).await;
    assert_eq!(again.payload, payload);
    again.ack().await.expect("an acknowledgement");
}

async fn consumers_share_the_tasks(queue: &dyn Queue) {
    let account = fresh_account();
    let mut one = queue.tasks().await.expect("a consumer");
    let mut other = queue.tasks().await.expect("a consumer");
    queue.publish_task(&slice(&account, 1)).await.expect("a publication");
    queue.publish_task(&slice(&account, 2)).await.expect("a publication");
    // Each holds its delivery while the other takes the next.
    let (first, second) = tokio::join!(next(&mut *one, &account), next(&mut *other, &account));
    assert_ne!(first.payload, second.payload);
    first.ack().await.expect("an acknowledgement");
    second.ack().await.expect("an acknowledgement");
}

async fn a_consumer_waits_and_may_be_cancelled(queue: &dyn Queue) {
    let account = fresh_account();
    let mut impatient = queue.tasks().await.expect("a consumer");
    let mut patient = queue.tasks().await.expect("a consumer");
    // Both wait, then the first is cancelled: it must not take a message with it.
    for number in 0..20 {
        let waiting = next(&mut *patient, &account);
        let arriving = async {
            let gave_up = tokio::time::timeout(Duration::from_millis(5), impatient.next()).await;
            queue.publish_task(&slice(&account, number)).await.expect("a publication");
            drop(gave_up);
        };
        let (delivery, ()) = tokio::join!(waiting, arriving);
        assert_eq!(delivery.payload.kind, TaskKind::Slice { number: SliceNumber(number) });
        delivery.ack().await.expect("an acknowledgement");
    }
}

async fn what_one_holds_may_be_settled_after_its_consumer_is_gone(queue: &dyn Queue) {
    let account = fresh_account();
    queue.publish_task(&slice(&account, 1)).await.expect("a publication");
    let mut first = queue.tasks().await.expect("a consumer");
    let held = next(&mut *first, &account).await;
    drop(first);
    held.ack().await.expect("an acknowledgement");
    eventually(queue, |depth| depth.tasks == 0).await;
}

async fn what_waits_is_counted(queue: &dyn Queue) {
    let account = fresh_account();
    let before = queue.depth().await.expect("the depth");
    for number in 0..3 {
        queue.publish_task(&slice(&account, number)).await.expect("a publication");
    }
    eventually(queue, |depth| depth == Depth { tasks: before.tasks + 3, ..before }).await;
    let mut consumer = queue.tasks().await.expect("a consumer");
    for _ in 0..3 {
        next(&mut *consumer, &account).await.ack().await.expect("an acknowledgement");
    }
    eventually(queue, |depth| depth.tasks == 0).await;
}

/// A queue may count late, but not indefinitely.
async fn eventually(queue: &dyn Queue, is_as_wanted: impl Fn(Depth) -> bool) {
    let counted = async {
        while !is_as_wanted(queue.depth().await.expect("the depth")) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.expect("the right depth in time");
}

fn trace() -> TraceParent {
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().expect("a trace")
}

async fn traces_travel_along(queue: &dyn Queue) {
    let account = fresh_account();
    let task = Task { trace: Some(trace()), ..slice(&account, 1) };
    queue.publish_task(&task).await.expect("a publication");
    let mut consumer = queue.tasks().await.expect("a consumer");
    let delivery = next(&mut *consumer, &account).await;
    assert_eq!(delivery.payload.trace, task.trace);
    delivery.ack().await.expect("an acknowledgement");
}

async fn many_publish_at_once(queue: &Arc<dyn Queue>) {
    let account = fresh_account();
    let tasks: Vec<Task> = (0..100).map(|number| slice(&account, number)).collect();
    let mut publishing = JoinSet::new();
    for task in tasks.clone() {
        let queue = Arc::clone(queue);
        publishing.spawn(async move { queue.publish_task(&task).await.expect("a publication") });
    }
    tokio::time::timeout(PATIENCE, publishing.join_all()).await.expect("all of them in time");
    let mut consumer = queue.tasks().await.expect("a consumer");
    let mut arrived = HashSet::new();
    while arrived.len() < tasks.len() {
        let delivery = next(&mut *consumer, &account).await;
        assert!(arrived.insert(delivery.payload.kind), "each comes once");
        delivery.ack().await.expect("an acknowledgement");
    }
}

async fn events_arrive(queue: &dyn Queue) {
    let account = fresh_account();
    let job = job_id(0);
    let event = Event::JobFailed(JobEnded {
        kind: JobKind::Export,
        id: EventId::of_job_end(job),
        account,
        job,
        state: JobState::Failed,
        vendor: None,
        error: None,
        at: at(0),
        trace: Some(trace()),
    });
    queue.publish_event(&event).await.expect("a publication");
    let mut consumer = queue.events().await.expect("a consumer");
    let arrived = async {
        loop {
            let delivery = consumer.next().await.expect("a delivery");
            if delivery.payload == event {
                return delivery;
            }
            delivery.ack().await.expect("an acknowledgement");
        }
    };
    let delivery = tokio::time::timeout(PATIENCE, arrived).await.expect("the event in time");
    delivery.ack().await.expect("an acknowledgement");
}
