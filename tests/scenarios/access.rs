//! Who gets what: every HTTP route and every gRPC method, for every kind of caller. What the server has is asked of the
//! server itself, so that a route without a row here fails, and a row without a route too.

mod callers;
mod grpc;
mod http;
mod subjects;

use rethread_tests::{Described, Side, System, on_both_sides};

use callers::Callers;
use subjects::Subjects;

on_both_sides!(every_route_knows_who_may, every_method_knows_who_may);

async fn every_route_knows_who_may(side: Side) {
    let system = System::start(side).await;
    let described = Described::of(system.api()).await;
    let callers = Callers::of(&system).await;
    let subjects = Subjects::of(&system, &callers.own).await;
    http::walk(&described, &callers, &subjects).await;
    http::no_other_method_is_taken(&described, &callers, &subjects).await;
}

async fn every_method_knows_who_may(side: Side) {
    let system = System::start(side).await;
    let callers = Callers::of(&system).await;
    let subjects = Subjects::of(&system, &callers.own).await;
    grpc::walk(system.grpc(), &callers, &subjects).await;
}
