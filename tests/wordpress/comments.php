<?php
/** `comments.php`: prints what comments the site has now, by ascending id. */

require __DIR__ . '/load.php';

global $wpdb;
$comments = [];
foreach ( $wpdb->get_results( "SELECT * FROM $wpdb->comments ORDER BY comment_ID" ) as $comment ) {
	$comments[] = [
		'id'              => (int) $comment->comment_ID,
		'post'            => (int) $comment->comment_post_ID,
		'parent'          => (int) $comment->comment_parent,
		'approved'        => $comment->comment_approved,
		'type'            => $comment->comment_type,
		'author'          => $comment->comment_author,
		'email'           => $comment->comment_author_email,
		'user'            => (int) $comment->user_id,
		'date_gmt'        => $comment->comment_date_gmt,
		'content'         => $comment->comment_content,
		'fastcomments_id' => get_comment_meta( $comment->comment_ID, 'fastcomments_id', true ),
	];
}
answer( [ 'comments' => $comments ] );
