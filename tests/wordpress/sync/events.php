<?php
/** Taking over what has happened to comments elsewhere. */

/** At most so many in one request, and so many kept that could not be delivered. */
const MAPPINGS_AT_ONCE = 500;
const MOST_MAPPINGS    = 5000;

/** Fetches events until there are no more. Gives how many there were of which outcome. */
function fetch_events(): array {
	$outcomes = [];
	$requests = 0;
	$sent     = [ 'sent' => 0, 'waiting' => 0, 'codes' => [] ];
	do {
		$from   = get_option( 'fastcomments_last_event', 0 );
		$answer = call( 'GET', 'events', [ 'fromDateTime' => $from ] );
		$requests++;
		if ( ! has_succeeded( $answer ) ) {
			return [ 'refused' => $answer, 'outcomes' => $outcomes, 'requests' => $requests ];
		}
		$events   = $answer['body']['events'];
		$mappings = [];
		foreach ( $events as $event ) {
			$outcome              = take_over_once( $event, $mappings );
			$outcomes[ $outcome ] = 1 + ( $outcomes[ $outcome ] ?? 0 );
		}
		if ( $events ) {
			// Cut to the second.
			$cursor = intdiv( milliseconds( end( $events )['createdAt'] ), 1000 ) * 1000;
			update_option( 'fastcomments_last_event', $cursor );
		}
		if ( $mappings ) {
			die_if_killed( 'mappings', [ 'outcomes' => $outcomes ] );
			$sent = send_mappings( $mappings );
		}
		// A service that says there is more, and gives the same again, would be asked for ever.
		$has_moved = get_option( 'fastcomments_last_event', 0 ) !== $from;
	} while ( $answer['body']['hasMore'] && $has_moved );
	return [ 'outcomes' => $outcomes, 'requests' => $requests, 'mappings' => $sent ];
}

/** Events come again, as the last one's second is where the next request begins; they are remembered one by one. */
function take_over_once( array $event, array &$mappings ): string {
	$known = get_option( 'fastcomments_events', [] );
	if ( isset( $known[ $event['_id'] ] ) ) {
		return 'repeated';
	}
	$outcome                = take_over( json_decode( $event['data'], true ), $mappings );
	$known[ $event['_id'] ] = true;
	update_option( 'fastcomments_events', $known, false );
	return $outcome;
}

/** The plugin counts votes and forgets them, so they are passed over here. */
function take_over( array $event, array &$mappings ): string {
	switch ( $event['type'] ) {
		case 'new-comment':
			return add_comment_of_service( $event['comment'], $mappings );
		case 'updated-comment':
			return update_comment_of_service( $event['comment'] );
		case 'deleted-comment':
			$id = comment_with( $event['comment']['_id'] );
			return $id && wp_trash_comment( $id ) ? 'trashed' : 'passed_over';
		default:
			return 'passed_over';
	}
}

/**
 * The plugin takes a new comment only if it says on which of WordPress's posts it is, and takes it as often as it is told. What it
 * gives to WordPress it does not protect: one level of back-slashes is lost.
 */
function add_comment_of_service( array $comment, array &$mappings ): string {
	static $added = 0;
	if ( empty( $comment['meta']['wpPostId'] ) ) {
		return 'passed_over';
	}
	$gmt = gmdate( 'Y-m-d H:i:s', intdiv( milliseconds( $comment['date'] ), 1000 ) );
	$id  = wp_insert_comment(
		[
			'comment_post_ID'      => (int) $comment['meta']['wpPostId'],
			'comment_parent'       => empty( $comment['parentId'] ) ? 0 : comment_with( $comment['parentId'] ),
			'comment_author'       => $comment['commenterName'],
			'comment_author_email' => $comment['commenterEmail'] ?? '',
			'comment_content'      => $comment['commentHTML'],
			'comment_date_gmt'     => $gmt,
			'comment_date'         => get_date_from_gmt( $gmt ),
			'comment_karma'        => (int) ( $comment['votes'] ?? 0 ),
			'comment_approved'     => $comment['approved'] ? 1 : 0,
			'user_id'              => (int) ( $comment['meta']['wpUserId'] ?? 0 ),
		]
	);
	if ( ! $id ) {
		throw new RuntimeException( "the comment {$comment['_id']} is not stored: {$GLOBALS['wpdb']->last_error}" );
	}
	update_comment_meta( $id, 'fastcomments_id', $comment['_id'] );
	$mappings[] = [ 'fcId' => $comment['_id'], 'wpId' => $id ];
	$added++;
	die_if_killed( "event:$added", [ 'added' => $added ] );
	return 'added';
}

function update_comment_of_service( array $comment ): string {
	$id = comment_with( $comment['_id'] );
	if ( ! $id ) {
		return 'passed_over';
	}
	$update = [
		'comment_ID'       => $id,
		'comment_content'  => $comment['commentHTML'],
		'comment_approved' => $comment['approved'] ? 1 : 0,
	];
	$updated = wp_update_comment( $update, true );
	if ( is_wp_error( $updated ) ) {
		throw new RuntimeException( "the comment {$comment['_id']} is not updated: " . $updated->get_error_message() );
	}
	return 'updated';
}

/** Which of the site's comments has this id of the service; 0 if none. */
function comment_with( string $id ): int {
	global $wpdb;
	$known = "SELECT comment_id FROM $wpdb->commentmeta WHERE meta_key = 'fastcomments_id' AND meta_value = %s";
	return (int) $wpdb->get_var( $wpdb->prepare( $known, $id ) );
}

/** Tells the service which ids its comments have here, and before that what it did not answer for the last time. */
function send_mappings( array $mappings ): array {
	$waiting = array_merge( get_option( 'fastcomments_mappings', [] ), $mappings );
	$codes   = [];
	$sent    = 0;
	foreach ( array_chunk( $waiting, MAPPINGS_AT_ONCE ) as $some ) {
		$answer  = call( 'PATCH', 'comment-ids', [], [ 'mappings' => $some ] );
		$codes[] = $answer['code'];
		if ( 200 !== $answer['code'] ) {
			break;
		}
		$sent += count( $some );
	}
	update_option( 'fastcomments_mappings', array_slice( $waiting, $sent, MOST_MAPPINGS ), false );
	return [ 'sent' => $sent, 'waiting' => count( $waiting ) - $sent, 'codes' => $codes ];
}

/** Since 1970, of a number of milliseconds or an ISO date. */
function milliseconds( $time ): int {
	return is_numeric( $time ) ? (int) $time : (int) ( new DateTimeImmutable( $time ) )->format( 'Uv' );
}
