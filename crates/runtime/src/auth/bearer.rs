//! Bearer tokens in requests.

/// The token in the value of an `authorization` header or metadata entry (RFC 6750; the scheme is
/// case-insensitive). `None` for any other value.
#[must_use]
pub fn bearer_token(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_tokens_are_taken() {
        assert_eq!(bearer_token("Bearer rt_1_2"), Some("rt_1_2"));
        assert_eq!(bearer_token("bearer  rt_1_2 "), Some("rt_1_2"));
        for other in ["", "Bearer", "Bearer ", "Basic YTpi", "rt_1_2"] {
            assert_eq!(bearer_token(other), None, "{other:?}");
        }
    }
}
