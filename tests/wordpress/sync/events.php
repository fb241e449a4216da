<?php
/** Taking over what has happened to comments elsewhere. */

/** At most so many in one request. */
const MAPPINGS_AT_ONCE = 500;

/** Fetches events until there are no more. Gives how many there were of which outcome. */
function fetch_events(): array {
	$outcomes = [];
	$requests = 0;
	do {
		$from    = get_option( 'fastcomments_last_event', 0 );
		$answer  = call( 'GET', 'events', [ 'fromDateTime' => $from ] );
		$requests++;
		if ( ! has_succeeded( $answer ) ) {
			return [ 'refused' => $answer, 'outcomes' => $outcomes, 'requests' => $requests ];
		}
		$events = $answer['body']['events'];
		foreach ( $events as $event ) {
			$outcome              = take_over_once( $event );
			$outcomes[ $outcome ] = 1 + ( $outcomes[ $outcome ] ?? 0 );
		}
		if ( $events ) {
			update_option( 'fastcomments_last_event', milliseconds( end( $events )['createdAt'] ) );
		}
		// A service that says there is more, and gives the same again, would be asked for ever.
		$has_moved = get_option( 'fastcomments_last_event', 0 ) !== $from;
	} while ( $answer['body']['hasMore'] && $has_moved );
	return [ 'outcomes' => $outcomes, 'requests' => $requests, 'mappings' => send_mappings() ];
}

/** Events come again, as the last one's time is where the next request begins. */
function take_over_once( array $event ): string {
	$known = get_option( 'fastcomments_events', [] );
	if ( isset( $known[ $event['_id'] ] ) ) {
		return 'repeated';
	}
	$outcome                = take_over( json_decode( $event['data'], true ) );
	$known[ $event['_id'] ] = true;
	update_option( 'fastcomments_events', $known, false );
	return $outcome;
}

/** The plugin counts votes and forgets them, so they are passed over here. */
function take_over( array $event ): string {
	switch ( $event['type'] ) {
		case 'new-comment':
			return add_comment_of_service( $event['comment'] );
		case 'updated-comment':
			return update_comment_of_service( $event['comment'] );
		case 'deleted-comment':
			$id = comment_with( $event['comment']['_id'] );
			return $id && wp_trash_comment( $id ) ? 'trashed' : 'passed_over';
		default:
			return 'passed_over';
	}
}

/** The plugin takes a new comment only if it says on which of WordPress's posts it is. */
function add_comment_of_service( array $comment ): string {
	if ( comment_with( $comment['_id'] ) ) {
		return 'known';
	}
	if ( empty( $comment['meta']['wpPostId'] ) ) {
		return 'passed_over';
	}
	$gmt = gmdate( 'Y-m-d H:i:s', intdiv( milliseconds( $comment['date'] ), 1000 ) );
	$id  = wp_insert_comment(
		wp_slash(
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
		)
	);
	if ( ! $id ) {
		throw new RuntimeException( "the comment {$comment['_id']} is not stored: {$GLOBALS['wpdb']->last_error}" );
	}
	update_comment_meta( $id, 'fastcomments_id', $comment['_id'] );
	$mappings   = get_option( 'fastcomments_mappings', [] );
	$mappings[] = [ 'fcId' => $comment['_id'], 'wpId' => $id ];
	update_option( 'fastcomments_mappings', $mappings, false );
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
	$updated = wp_update_comment( wp_slash( $update ), true );
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

/** Tells the service which ids its comments have here. What it does not answer for is told again the next time. */
function send_mappings(): array {
	$waiting = get_option( 'fastcomments_mappings', [] );
	$codes   = [];
	$sent    = 0;
	foreach ( array_chunk( $waiting, MAPPINGS_AT_ONCE ) as $mappings ) {
		$answer  = call( 'PATCH', 'comment-ids', [], [ 'mappings' => $mappings ] );
		$codes[] = $answer['code'];
		if ( 200 !== $answer['code'] ) {
			break;
		}
		$sent += count( $mappings );
	}
	update_option( 'fastcomments_mappings', array_slice( $waiting, $sent ), false );
	return [ 'sent' => $sent, 'waiting' => count( $waiting ) - $sent, 'codes' => $codes ];
}

/** Since 1970, of a number of milliseconds or an ISO date. */
function milliseconds( $time ): int {
	return is_numeric( $time ) ? (int) $time : (int) ( new DateTimeImmutable( $time ) )->format( 'Uv' );
}
