<?php
/** The download button: everything that the service has of the site's pages. */

/** Inserts what has no number here yet, and tells the service which it got. */
function download(): array {
	$done  = [ 'read' => 0, 'total' => null, 'added' => 0, 'requests' => 0, 'refused' => null ];
	$query = [ 'includeCount' => 'true' ];
	do {
		$answer = call( 'GET', 'comments', $query );
		$done['requests']++;
		if ( ! has_succeeded( $answer ) ) {
			return [ 'refused' => $answer ] + $done;
		}
		$done['total'] = $done['total'] ?? $answer['body']['totalCount'];
		$mappings      = [];
		foreach ( $answer['body']['comments'] as $comment ) {
			$done['read']++;
			if ( empty( $comment['meta']['wpId'] ) && ! comment_with( $comment['_id'] ) ) {
				add_comment_of_service( $comment, $mappings );
			}
		}
		$done['added'] += count( $mappings );
		if ( $mappings ) {
			send_mappings( $mappings );
		}
		$query = [ 'skip' => $done['read'] ];
	} while ( $answer['body']['hasMore'] );
	return $done;
}
