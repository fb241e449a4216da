<?php
/** `comment.php POST PARENT TEXT`: a guest comments now, and is approved. PARENT is 0 for what is no reply. */

require __DIR__ . '/load.php';

[ , $post, $parent, $text ] = $argv;
$comment = [
	'comment_post_ID'      => (int) $post,
	'comment_parent'       => (int) $parent,
	'comment_content'      => $text,
	'comment_author'       => 'Late Guest',
	'comment_author_email' => 'late@example.com',
	'comment_author_url'   => '',
	'comment_author_IP'    => '203.0.113.9',
	'comment_agent'        => 'Mozilla/5.0',
	'comment_approved'     => 1,
];
$id = wp_insert_comment( wp_filter_comment( wp_slash( $comment ) ) );
if ( ! $id ) {
	throw new RuntimeException( "the comment on post $post is not stored: $wpdb->last_error" );
}
answer( [ 'id' => $id ] );
