<?php
/** Calls of the service. */

/**
 * One call. Nothing in the query is escaped, as the plugin escapes nothing. Gives the answer's `code` and, if it is JSON,
 * its `body`; without an answer the code is 0 and `error` says why.
 */
function call( string $method, string $route, array $query = [], ?array $body = null ): array {
	$url = get_option( 'fastcomments_site' ) . "/integrations/v1/$route?token=" . get_option( 'fastcomments_token' );
	foreach ( $query as $name => $value ) {
		$url .= "&$name=$value";
	}
	$answer = wp_remote_request(
		$url,
		[
			'method'  => $method,
			'body'    => null === $body ? null : wp_json_encode( $body ),
			'timeout' => 'POST' === $method ? 60 : 20,
			'headers' => [ 'Content-Type' => 'application/json; charset=utf-8' ],
		]
	);
	if ( is_wp_error( $answer ) ) {
		return [ 'code' => 0, 'body' => null, 'error' => $answer->get_error_message() ];
	}
	return [
		'code' => wp_remote_retrieve_response_code( $answer ),
		'body' => json_decode( wp_remote_retrieve_body( $answer ), true ),
	];
}

function has_succeeded( array $answer ): bool {
	return 200 === $answer['code'] && 'success' === ( $answer['body']['status'] ?? null );
}

/** Tells the service of the token, and keeps the account's id once somebody has confirmed it there. */
function put_token(): array {
	$answer = call( 'PUT', 'token', [ 'integrationType' => 'wordpress', 'domain' => get_home_url() ] );
	if ( has_succeeded( $answer ) && ! empty( $answer['body']['tenantId'] ) ) {
		update_option( 'fastcomments_tenant_id', $answer['body']['tenantId'] );
	}
	return $answer;
}

function is_confirmed( array $answer ): bool {
	return has_succeeded( $answer ) && true === ( $answer['body']['isTokenValidated'] ?? null );
}
