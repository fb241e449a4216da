<?php
/** Sending the site's comments. */

const CHUNK_SIZE = 100;
/** What a round of the upload button reads. */
const ROUND_SIZE = 500;
/** A service that never takes anything would be asked for ever. */
const MOST_ROUNDS = 10;

/** The upload button: everything once more, in rounds, for as long as a round read something. */
function upload(): array {
	delete_option( 'fastcomments_last_sent' );
	$sent   = 0;
	$rounds = 0;
	do {
		$round = send_comments( ROUND_SIZE );
		$sent += $round['sent'];
		$rounds++;
	} while ( $round['read'] && $rounds < MOST_ROUNDS );
	return [ 'sent' => $sent, 'rounds' => $rounds, 'is_endless' => (bool) $round['read'] ];
}

/**
 * Sends the comments above the cursor, at most so many, in chunks. A chunk that is too large is begun again in parts of a tenth.
 * What fails otherwise is passed over: the cursor moves past it with whatever succeeds later. `remaining` is what the plugin
 * believes is left.
 */
function send_comments( int $most ): array {
	global $wpdb;
	$last     = (int) get_option( 'fastcomments_last_sent', 0 );
	$unsent   = "comment_ID > $last AND comment_approved <> 'trash'";
	$count    = (int) $wpdb->get_var( "SELECT count(*) FROM $wpdb->comments WHERE $unsent" );
	$comments = $wpdb->get_results( "SELECT * FROM $wpdb->comments WHERE $unsent ORDER BY comment_ID LIMIT $most" );
	$done     = [ 'read' => count( $comments ), 'sent' => 0, 'remaining' => $count, 'requests' => [] ];
	if ( ! $comments ) {
		$done['requests'][] = post_batch( [], 0 );
		update_option( 'fastcomments_setup', true );
	}
	foreach ( array_chunk( $comments, CHUNK_SIZE ) as $chunk ) {
		for ( $size = CHUNK_SIZE; ! send_chunk( $chunk, $size, $count, $done ); $size = intdiv( $size, 10 ) );
		$count -= count( $chunk );
	}
	return $done;
}

/** Sends a chunk in parts of this size; `false` if a part is too large and can be made smaller. */
function send_chunk( array $chunk, int $size, int $count, array &$done ): bool {
	foreach ( array_chunk( $chunk, $size ) as $part ) {
		$count   -= count( $part );
		$request  = post_batch( $part, $count );

		$done['requests'][] = $request;
		if ( 413 === $request['code'] && 1 < $size ) {
			return false;
		}
		if ( 'success' === $request['status'] ) {
			$done['sent']     += count( $part );
			$done['remaining'] = $count;
		}
	}
	return true;
}

/** Sends one batch, and keeps what is answered. */
function post_batch( array $comments, int $remaining ): array {
	static $number = 0;
	$number++;
	$body    = [ 'countRemaining' => $remaining, 'comments' => array_map( 'comment_object', $comments ) ];
	$nothing = [ 'code' => 0, 'body' => null, 'error' => 'no answer' ];
	$answer  = is_in_trouble( 'lost', (string) $number ) ? $nothing : call( 'POST', 'comments', [], $body );
	if ( is_in_trouble( 'unheard', (string) $number ) ) {
		$answer = $nothing;
	}
	if ( has_succeeded( $answer ) ) {
		keep_ids( $answer['body']['commentIds'], $comments );
		if ( 0 === $remaining ) {
			update_option( 'fastcomments_setup', true );
		}
	}
	return [
		'comments'       => count( $comments ),
		'countRemaining' => $remaining,
		'code'           => $answer['code'],
		'status'         => has_succeeded( $answer ) ? 'success' : 'failed',
		'answer'         => $answer['error'] ?? $answer['body'],
	];
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
