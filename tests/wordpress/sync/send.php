<?php
/** Sending the site's comments. */

const BATCH_SIZE = 100;

/**
 * Asks what is to be done. Nothing is asked before the token is confirmed, and nothing but sending is done here: whether
 * events are to be fetched is told.
 */
function tick(): array {
	$token = put_token();
	$done  = [ 'token' => $token, 'confirmed' => is_confirmed( $token ), 'commands' => [], 'sent' => 0, 'requests' => [] ];
	if ( ! $done['confirmed'] ) {
		return $done;
	}
	$answer = call( 'GET', 'commands', [ 'fromDateTime' => get_option( 'fastcomments_last_event', 0 ) ] );
	if ( ! has_succeeded( $answer ) ) {
		return [ 'refused' => $answer ] + $done;
	}
	$done['commands'] = array_column( $answer['body']['commands'], 'command' );
	return in_array( 'SendComments', $done['commands'], true ) ? send_batch() + $done : $done;
}

/** Sends the comments after the last one that the service has answered for. `remaining` is how many are left then. */
function send_batch(): array {
	global $wpdb;
	$last      = (int) get_option( 'fastcomments_last_sent', 0 );
	$unsent    = "comment_ID > $last AND comment_approved <> 'trash'";
	$count     = (int) $wpdb->get_var( "SELECT count(*) FROM $wpdb->comments WHERE $unsent" );
	$comments  = $wpdb->get_results( "SELECT * FROM $wpdb->comments WHERE $unsent ORDER BY comment_ID LIMIT " . BATCH_SIZE );
	$requests  = send( $comments, $count - count( $comments ) );
	$succeeded = array_filter( $requests, fn( $request ) => 'success' === $request['status'] );
	$sent      = array_sum( array_column( $succeeded, 'comments' ) );
	return [ 'sent' => $sent, 'remaining' => $count - $sent, 'requests' => $requests ];
}

/**
 * Sends comments, and a tenth of them at a time if they are too much. What fails is left for another tick, and so is what
 * comes after it. Gives the requests that were made.
 */
function send( array $comments, int $remaining ): array {
	$body     = [ 'countRemaining' => $remaining, 'comments' => array_map( 'comment_object', $comments ) ];
	$answer   = call( 'POST', 'comments', [], $body );
	$requests = [
		[
			'comments'       => count( $comments ),
			'countRemaining' => $remaining,
			'code'           => $answer['code'],
			'status'         => has_succeeded( $answer ) ? 'success' : 'failed',
			'answer'         => $answer['error'] ?? $answer['body'],
		],
	];
	if ( has_succeeded( $answer ) ) {
		keep_ids( $answer['body']['commentIds'], $comments );
	}
	if ( 413 !== $answer['code'] || 1 >= count( $comments ) ) {
		return $requests;
	}
	$unsent = count( $comments );
	foreach ( array_chunk( $comments, (int) ceil( count( $comments ) / 10 ) ) as $part ) {
		$unsent  -= count( $part );
		$requests = array_merge( $requests, send( $part, $remaining + $unsent ) );
		if ( 'success' !== end( $requests )['status'] ) {
			break;
		}
	}
	return $requests;
}

/** The comments were taken in; whatever ids the service has for them, they are not sent again. */
function keep_ids( array $ids, array $comments ): void {
	foreach ( $ids as $wordpress_id => $id ) {
		update_comment_meta( $wordpress_id, 'fastcomments_id', $id );
	}
	if ( $comments ) {
		update_option( 'fastcomments_last_sent', (int) end( $comments )->comment_ID );
	}
}

/** A comment as the plugin sends it. What the database holds are strings. */
function comment_object( object $comment ): array {
	$known = get_comment_meta( $comment->comment_ID, 'fastcomments_id', true );
	$url   = get_permalink( $comment->comment_post_ID );
	$votes = (int) $comment->comment_karma;
	$date  = $comment->comment_date_gmt;
	return ( $known ? [ '_id' => $known ] : [] ) + ( $url ? [ 'url' => $url ] : [] ) + [
		'tenantId'                        => get_option( 'fastcomments_tenant_id' ),
		'urlId'                           => $comment->comment_post_ID,
		'pageTitle'                       => get_the_title( $comment->comment_post_ID ),
		'userId'                          => null,
		'commenterName'                   => $comment->comment_author,
		'commenterEmail'                  => $comment->comment_author_email,
		'comment'                         => $comment->comment_content,
		'externalId'                      => $comment->comment_ID,
		'externalParentId'                => '0' === $comment->comment_parent ? null : $comment->comment_parent,
		'date'                            => '0000-00-00 00:00:00' === $date ? $comment->comment_date : $date,
		'votes'                           => $comment->comment_karma,
		'votesUp'                         => max( $votes, 0 ),
		'votesDown'                       => max( -$votes, 0 ),
		'verified'                        => '' !== $comment->comment_author_email,
		'verifiedDate'                    => null,
		'verificationId'                  => null,
		'notificationSentForParent'       => true,
		'notificationSentForParentTenant' => true,
		'isSpam'                          => 'spam' === $comment->comment_approved,
		'approved'                        => '1' === $comment->comment_approved,
		'avatarSrc'                       => null,
		'hasImages'                       => false,
		'hasLinks'                        => false,
	];
}
