<?php
/** Comments such as most are. */

const NAMES = [ 'Ada', 'Bertha', 'Çelik', 'Dieter', 'Émile', 'Fatma', 'Håkon', 'Ines', 'Jürgen', 'Łukasz' ];
const PENDING_EVERY = 17;
const SPAM_EVERY = 29;
const DEEPEST_REPLY = 5;

/** Over all posts in turn; about two of three reply to the one before on the same post. */
function make_ordinary_comments( array $posts, int $count ): void {
	$last = array_fill_keys( $posts, [ 'id' => 0, 'depth' => 0 ] );
	for ( $number = 1; $number <= $count; $number++ ) {
		$post     = $posts[ $number % count( $posts ) ];
		$before   = $last[ $post ];
		$begins   = 0 === intdiv( $number, count( $posts ) ) % 3;
		$is_reply = ! $begins && 0 < $before['depth'] && $before['depth'] < DEEPEST_REPLY;
		$name     = NAMES[ $number % count( NAMES ) ];
		$id       = make_comment(
			$post,
			"Comment number $number by $name, about what was said before it.",
			[
				'comment_parent'       => $is_reply ? $before['id'] : 0,
				'comment_approved'     => status_of( $number ),
				'comment_author'       => $name,
				'comment_author_email' => 0 === $number % 5 ? '' : sprintf( 'guest%d@example.com', $number % count( NAMES ) ),
				'comment_author_url'   => 0 === $number % 7 ? 'https://example.org/' . $number : '',
			]
		);
		$last[ $post ] = [ 'id' => $id, 'depth' => $is_reply ? $before['depth'] + 1 : 1 ];
	}
}

function status_of( int $number ) {
	if ( 0 === $number % PENDING_EVERY ) {
		return 0;
	}
	return 0 === $number % SPAM_EVERY ? 'spam' : 1;
}
