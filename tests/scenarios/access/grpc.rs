//! The gRPC methods.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use futures::stream;
use http::uri::PathAndQuery;
use prost::Message;
use prost_types::FileDescriptorProto;
use rethread_proto::v1;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use super::callers::{Caller, Callers};
use super::subjects::Subjects;

const OK: Code = Code::Ok;
const WHO: Code = Code::Unauthenticated;
const NONE: Code = Code::NotFound;

/// The answer to each caller, in the order of [`Caller::ALL`]; a session sends its token.
#[rustfmt::skip]
const METHODS: [(&str, [Code; 10]); 6] = [
    //                                                            no token        expired        other    operator  cookie alone
    //                                                                 garbage         revoked         own     service   session
    ("/rethread.v1.StatusService/GetJob",                         [WHO, WHO, WHO, WHO, NONE, OK, OK, OK, OK, OK]),
    ("/rethread.v1.StatusService/ListJobs",                       [WHO, WHO, WHO, WHO, OK,   OK, OK, OK, OK, OK]),
    ("/rethread.v1.StatusService/WatchJob",                       [WHO, WHO, WHO, WHO, NONE, OK, OK, OK, OK, OK]),
    ("/grpc.health.v1.Health/Check",                              [OK,  OK,  OK,  OK,  OK,   OK, OK, OK, OK, OK]),
    ("/grpc.health.v1.Health/Watch",                              [OK,  OK,  OK,  OK,  OK,   OK, OK, OK, OK, OK]),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", [OK,  OK,  OK,  OK,  OK,   OK, OK, OK, OK, OK]),
];

pub(super) async fn walk(address: SocketAddr, callers: &Callers, subjects: &Subjects) {
    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.expect("a connection");
    let served = methods(&channel).await;
    let rows: BTreeSet<String> = METHODS.iter().map(|(method, _)| (*method).to_owned()).collect();
    let difference: Vec<&String> = served.symmetric_difference(&rows).collect();
    assert!(difference.is_empty(), "methods without a row, or rows without a method: {difference:#?}");

    let mut faults = Vec::new();
    for (method, answers) in METHODS {
        for (caller, expected) in Caller::ALL.into_iter().zip(answers) {
            let token = callers.bearer(caller).await;
            let found = call(&channel, method, &subjects.job, token).await;
            if found != expected {
                faults.push(format!("{method} by {caller:?}: {found:?} instead of {expected:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Every method of every service, from the server's reflection.
async fn methods(channel: &Channel) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let MessageResponse::ListServicesResponse(services) = reflected(channel, listed()).await else {
        panic!("no list of services");
    };
    for service in services.service.into_iter().map(|service| service.name) {
        let asked = MessageRequest::FileContainingSymbol(service.clone());
        let MessageResponse::FileDescriptorResponse(files) = reflected(channel, asked).await else {
            panic!("{service} is not described");
        };
        for file in files.file_descriptor_proto {
            let file = FileDescriptorProto::decode(file.as_slice()).expect("a descriptor");
            for described in file.service.iter().filter(|one| format!("{}.{}", file.package(), one.name()) == service) {
                found.extend(described.method.iter().map(|method| format!("/{service}/{}", method.name())));
            }
        }
    }
    found
}

fn listed() -> MessageRequest {
    MessageRequest::ListServices(String::new())
}

async fn reflected(channel: &Channel, asked: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(asked) };
    let mut client = ServerReflectionClient::new(channel.clone());
    let mut answers = client.server_reflection_info(stream::iter([request])).await.expect("an answer").into_inner();
    answers.message().await.expect("an answer").and_then(|answer| answer.message_response).expect("an answer")
}

/// Calls a method with a request that the owner may make, and returns the status of its first
/// answer.
async fn call(channel: &Channel, method: &'static str, job: &str, token: Option<String>) -> Code {
    let job_id = job.to_owned();
    match method.rsplit('/').next().unwrap() {
        "GetJob" => send(channel, method, v1::GetJobRequest { job_id }, token).await,
        "ListJobs" => send(channel, method, v1::ListJobsRequest::default(), token).await,
        "WatchJob" => send(channel, method, v1::WatchJobRequest { job_id, after_revision: 0 }, token).await,
        "ServerReflectionInfo" => {
            let request = ServerReflectionRequest { host: String::new(), message_request: Some(listed()) };
            send(channel, method, request, token).await
        }
        _ => send(channel, method, HealthCheckRequest::default(), token).await,
    }
}

/// Treats a unary answer as a stream of one, so that all methods can be called alike.
async fn send<M>(channel: &Channel, method: &'static str, message: M, token: Option<String>) -> Code
where
    M: Message + Default + 'static,
{
    let mut request = Request::new(message);
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let mut client = Grpc::new(channel.clone());
    client.ready().await.expect("a connection");
    let codec = ProstCodec::<M, ()>::default();
    let answered = client.server_streaming(request, PathAndQuery::from_static(method), codec).await;
    let first = match answered {
        Ok(answer) => answer.into_inner().message().await,
        Err(status) => Err(status),
    };
    first.map_or_else(|status| status.code(), |_| Code::Ok)
}
