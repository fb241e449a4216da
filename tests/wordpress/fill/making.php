<?php
/** Users, posts and comments, made by WordPress's own functions and filters, as if people had typed them. */

/** The first comment was written on 2023-05-01 at 08:00 UTC, each further one 37 minutes after the one before. */
const FIRST_COMMENT = 1682928000;
const BETWEEN_COMMENTS = 37 * 60;

/** An administrator, whose HTML is taken as it is, and an author and a subscriber, whose HTML is filtered. Ids by name. */
function make_users(): array {
	return [
		'admin' => 1,
		'greta' => make_user( 'greta', 'Greta Öhlschläger', 'author' ),
		'sam'   => make_user( 'sam', 'Sam', 'subscriber' ),
	];
}

function make_user( string $login, string $name, string $role ): int {
	$user = [
		'user_login'   => $login,
		'user_pass'    => 'password',
		'user_email'   => "$login@example.com",
		'user_url'     => "https://$login.example.com",
		'display_name' => $name,
		'role'         => $role,
	];
	return made( wp_insert_user( wp_slash( $user ) ), "the user $login" );
}

/** At least two posts with titles that are hard to write and a page; ordinary posts make up the number. Their ids. */
function make_posts( int $wanted, array $users ): array {
	// The same characters from both: WordPress stores `&` as `&amp;` if the user's HTML is filtered.
	$title = 'It\'s "Rethread" & Söhne: ünïcode <em>titles</em> 🧵';
	$posts = [
		make_post( $title, 'post', $users['admin'], 0 ),
		make_post( $title, 'post', $users['greta'], 1 ),
		make_post( 'About us', 'page', $users['admin'], 2 ),
	];
	while ( count( $posts ) < $wanted ) {
		$number  = count( $posts ) + 1;
		$posts[] = make_post( "Post number $number", 'post', $users['admin'], $number );
	}
	return $posts;
}

function make_post( string $title, string $type, int $user, int $hours ): int {
	wp_set_current_user( $user );
	$gmt  = gmdate( 'Y-m-d H:i:s', FIRST_COMMENT - DAY_IN_SECONDS + $hours * HOUR_IN_SECONDS );
	$post = [
		'post_title'     => $title,
		'post_content'   => "<!-- wp:paragraph --><p>What is said under “{$title}”.</p><!-- /wp:paragraph -->",
		'post_type'      => $type,
		'post_status'    => 'publish',
		'post_author'    => $user,
		'post_date_gmt'  => $gmt,
		'post_date'      => get_date_from_gmt( $gmt ),
		'comment_status' => 'open',
	];
	return made( wp_insert_post( wp_slash( $post ), true ), "the post $title" );
}

/** Makes a comment of an approved guest, but for what is said otherwise. */
function make_comment( int $post, string $text, array $otherwise = [] ): int {
	static $made = 0;
	$gmt     = gmdate( 'Y-m-d H:i:s', FIRST_COMMENT + BETWEEN_COMMENTS * $made );
	$made   += 1;
	$comment = $otherwise + [
		'comment_post_ID'      => $post,
		'comment_parent'       => 0,
		'comment_type'         => 'comment',
		'comment_approved'     => 1,
		'comment_content'      => $text,
		'comment_author'       => 'Ann Guest',
		'comment_author_email' => 'ann@example.com',
		'comment_author_url'   => '',
		'comment_author_IP'    => '203.0.113.7',
		'comment_agent'        => 'Mozilla/5.0',
		'comment_karma'        => 0,
		'comment_date_gmt'     => $gmt,
		'comment_date'         => get_date_from_gmt( $gmt ),
		'user_id'              => 0,
	];
	// How text is filtered depends on who is signed in.
	wp_set_current_user( $comment['user_id'] );
	return made( wp_insert_comment( wp_filter_comment( wp_slash( $comment ) ) ), "comment number $made" );
}

/** The id, unless WordPress has not made it. */
function made( $id, string $what ): int {
	if ( is_wp_error( $id ) ) {
		throw new RuntimeException( "$what is not made: " . $id->get_error_message() );
	}
	if ( ! $id ) {
		throw new RuntimeException( "$what is not made: {$GLOBALS['wpdb']->last_error}" );
	}
	return (int) $id;
}
