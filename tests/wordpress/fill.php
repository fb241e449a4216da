<?php
/**
 * `fill.php POSTS COMMENTS`: fills a new site with posts and comments, the same ones every time, and prints what it holds.
 *
 * There are at least 3 posts and 32 comments, each unlike the others; ordinary ones make up the numbers.
 */

require __DIR__ . '/load.php';
require __DIR__ . '/fill/making.php';
require __DIR__ . '/fill/unlike.php';
require __DIR__ . '/fill/ordinary.php';

[ , $posts_wanted, $comments_wanted ] = $argv;

// Counted once, not after every comment.
wp_defer_comment_counting( true );
$users   = make_users();
$posts   = make_posts( (int) $posts_wanted, $users );
$named   = make_unlike_comments( $posts, $users );
$missing = (int) $comments_wanted - count_comments();
make_ordinary_comments( $posts, $missing );
wp_defer_comment_counting( false );

answer(
	[
		'posts'          => array_map( 'describe_post', $posts ),
		'comments'       => count_comments(),
		'by_status'      => count_comments_by( 'comment_approved' ),
		'by_type'        => count_comments_by( 'comment_type' ),
		'without_email'  => count_comments( "comment_author_email = ''" ),
		'with_url'       => count_comments( "comment_author_url <> ''" ),
		'with_user'      => count_comments( 'user_id <> 0' ),
		'replies'        => count_comments( 'comment_parent <> 0' ),
		'to_be_sent'     => count_comments( "comment_approved <> 'trash'" ),
		'to_be_exported' => count_comments( "comment_approved <> 'spam'" ),
		'users'          => $users,
		// Comment ids of those that are unlike others.
		'named'          => $named,
	]
);

function describe_post( int $id ): array {
	$post = get_post( $id );
	return [
		'id'       => $id,
		'type'     => $post->post_type,
		'title'    => $post->post_title,
		'url'      => get_permalink( $id ),
		'comments' => count_comments( "comment_post_ID = $id" ),
	];
}

function count_comments( string $condition = 'true' ): int {
	global $wpdb;
	return (int) $wpdb->get_var( "SELECT count(*) FROM $wpdb->comments WHERE $condition" );
}

function count_comments_by( string $column ): array {
	global $wpdb;
	$rows = $wpdb->get_results( "SELECT $column AS value, count(*) AS comments FROM $wpdb->comments GROUP BY 1 ORDER BY 1" );
	return array_map( 'intval', array_column( $rows, 'comments', 'value' ) );
}
