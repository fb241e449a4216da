//! Access control: every HTTP route and every gRPC method, for every kind of caller. The lists of
//! routes and methods come from the server itself, so a route without a row here fails, and so does
//! a row without a route.

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
