//! The routes.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use rethread_tests::Described;

use super::callers::{Caller, Callers};
use super::subjects::Subjects;

/// The answer to each caller, in the order of [`Caller::ALL`].
type Answers = [u16; 10];

#[rustfmt::skip]
const ROUTES: [(&str, Answers); 44] = [
    //                                     no token         expired         other      operator   cookie alone
    //                                          garbage          revoked         own        service    session
    ("GET /api/v1/openapi.json",            [200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("POST /api/v1/session",                [200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("GET /api/v1/session",                 [401, 401, 401, 401, 401, 401, 401, 401, 200, 200]),
    ("DELETE /api/v1/session",              [401, 401, 401, 401, 401, 401, 401, 401, 403, 204]),
    ("GET /api/v1/tokens",                  [401, 401, 401, 401, 200, 200, 403, 403, 200, 200]),
    ("POST /api/v1/tokens",                 [401, 401, 401, 401, 201, 201, 403, 403, 403, 201]),
    ("DELETE /api/v1/tokens/{id}",          [401, 401, 401, 401, 404, 204, 403, 403, 403, 204]),
    ("POST /api/v1/imports",                [401, 401, 401, 401, 202, 202, 403, 403, 403, 202]),
    ("POST /api/v1/exports",                [401, 401, 401, 401, 202, 202, 403, 403, 403, 202]),
    ("POST /api/v1/moves",                  [401, 401, 401, 401, 202, 202, 403, 403, 403, 202]),
    ("GET /api/v1/vendors",                 [401, 401, 401, 401, 200, 200, 200, 403, 200, 200]),
    ("POST /api/v1/detect",                 [401, 401, 401, 401, 200, 200, 403, 403, 403, 200]),
    ("OPTIONS /api/v1/uploads",             [204, 204, 204, 204, 204, 204, 204, 204, 204, 204]),
    ("POST /api/v1/uploads",                [401, 401, 401, 401, 201, 201, 403, 403, 403, 201]),
    ("OPTIONS /api/v1/uploads/{id}",        [204, 204, 204, 204, 204, 204, 204, 204, 204, 204]),
    ("POST /api/v1/uploads/{id}",           [401, 401, 401, 401, 404, 200, 403, 403, 403, 200]),
    ("HEAD /api/v1/uploads/{id}",           [401, 401, 401, 401, 404, 200, 403, 403, 200, 200]),
    ("PATCH /api/v1/uploads/{id}",          [401, 401, 401, 401, 404, 204, 403, 403, 403, 204]),
    ("DELETE /api/v1/uploads/{id}",         [401, 401, 401, 401, 404, 204, 403, 403, 403, 204]),
    ("GET /api/v1/jobs",                    [401, 401, 401, 401, 200, 200, 200, 403, 200, 200]),
    ("GET /api/v1/jobs/events",             [401, 401, 401, 401, 200, 200, 200, 403, 200, 200]),
    ("GET /api/v1/jobs/{id}",               [401, 401, 401, 401, 404, 200, 200, 403, 200, 200]),
    ("GET /api/v1/jobs/{id}/events",        [401, 401, 401, 401, 404, 200, 200, 403, 200, 200]),
    ("POST /api/v1/jobs/{id}/confirm",      [401, 401, 401, 401, 404, 202, 403, 403, 403, 202]),
    ("POST /api/v1/jobs/{id}/cancel",       [401, 401, 401, 401, 404, 202, 403, 403, 403, 202]),
    ("GET /api/v1/jobs/{id}/receipt",       [401, 401, 401, 401, 404, 200, 403, 403, 200, 200]),
    ("GET /api/v1/jobs/{id}/file",          [401, 401, 401, 401, 404, 200, 403, 403, 200, 200]),
    ("GET /api/v1/jobs/{id}/findings",      [401, 401, 401, 401, 404, 200, 403, 403, 200, 200]),
    ("GET /api/v1/sites",                   [401, 401, 401, 401, 200, 200, 403, 403, 200, 200]),
    ("POST /api/v1/sites",                  [401, 401, 401, 401, 200, 200, 403, 403, 403, 200]),
    ("GET /api/v1/sites/asking",            [401, 401, 401, 401, 200, 200, 403, 403, 200, 200]),
    ("POST /api/v1/sites/{id}/sync",        [401, 401, 401, 401, 404, 202, 403, 403, 403, 202]),
    ("DELETE /api/v1/sites/{id}",           [401, 401, 401, 401, 404, 204, 403, 403, 403, 204]),
    // A site sends its own token, which has not been accepted here; users' tokens are ignored.
    ("PUT /integrations/v1/token",          [200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("GET /integrations/v1/commands",       [401, 401, 401, 401, 401, 401, 401, 401, 401, 401]),
    ("POST /integrations/v1/comments",      [401, 401, 401, 401, 401, 401, 401, 401, 401, 401]),
    ("GET /integrations/v1/comments",       [401, 401, 401, 401, 401, 401, 401, 401, 401, 401]),
    ("GET /integrations/v1/events",         [401, 401, 401, 401, 401, 401, 401, 401, 401, 401]),
    ("PATCH /integrations/v1/comment-ids",  [401, 401, 401, 401, 401, 401, 401, 401, 401, 401]),
    ("GET /integrations/v1/api-secret",     [401, 401, 401, 401, 401, 401, 401, 401, 401, 401]),
    ("GET /api/v1/pages",                   [401, 401, 401, 401, 200, 200, 403, 403, 200, 200]),
    ("GET /api/v1/pages/{id}",              [401, 401, 401, 401, 404, 200, 403, 403, 200, 200]),
    ("GET /api/v1/comments/{id}",           [401, 401, 401, 401, 404, 200, 403, 403, 200, 200]),
    ("GET /api/v1/pages/{id}/comments",     [401, 401, 401, 401, 404, 200, 403, 403, 200, 200]),
];

/// The dashboard is the same for all callers, and so is the plugin's redirect to it. It is not part
/// of the document; a test beside the router checks its paths.
const DASHBOARD: [(&str, Answers); 4] = [
    ("GET /", [200; 10]),
    ("GET /assets/{version}/{path}", [200; 10]),
    ("GET /auth/my-account/integrations/v1/confirm", [303; 10]),
    ("GET /auth/my-account/integrations/v1/setup", [303; 10]),
];

const METHODS: [Method; 6] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

pub(super) async fn walk(described: &Described, callers: &Callers, subjects: &Subjects) {
    let served: BTreeSet<String> =
        described.operations().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let rows: BTreeSet<String> = ROUTES.iter().map(|(route, _)| (*route).to_owned()).collect();
    let difference: Vec<&String> = served.symmetric_difference(&rows).collect();
    assert!(difference.is_empty(), "routes without a row, or rows without a route: {difference:#?}");

    let mut faults = Vec::new();
    for (route, answers) in ROUTES {
        for (caller, expected) in Caller::ALL.into_iter().zip(answers) {
            let request = subjects.request(described, route, expected < 300).await;
            let answer = described.send(callers.sent_by(caller, request).await).await;
            if answer.status != expected {
                faults.push(format!("{route} by {caller:?}: {} instead of {expected}", answer.status));
            }
        }
    }
    for (route, answers) in DASHBOARD {
        let path = subjects.path(route.split_once(' ').unwrap().1);
        for (caller, expected) in Caller::ALL.into_iter().zip(answers) {
            let request = callers.sent_by(caller, described.request(Method::GET, &path)).await;
            let status = request.send().await.expect("an answer").status();
            if status != expected {
                faults.push(format!("{route} by {caller:?}: {status} instead of {expected}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A path accepts exactly the methods that the document lists.
pub(super) async fn no_other_method_is_taken(described: &Described, callers: &Callers, subjects: &Subjects) {
    let rows: BTreeSet<&str> = ROUTES.iter().chain(&DASHBOARD).map(|(route, _)| *route).collect();
    let paths: BTreeSet<&str> = rows.iter().map(|route| route.split_once(' ').unwrap().1).collect();
    for path in paths {
        for method in METHODS.iter().filter(|method| !rows.contains(&*format!("{method} {path}"))) {
            let request = described.request(method.clone(), &subjects.path(path));
            let status = callers.sent_by(Caller::Own, request).await.send().await.expect("an answer").status();
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}
