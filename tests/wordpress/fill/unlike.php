<?php
/** Comments that are each unlike the others. */

/** Nearly as long as WordPress's column, which holds 65,535 bytes. */
const LONG_TEXT_BYTES = 60000;

/** Their ids by what they are. */
function make_unlike_comments( array $posts, array $users ): array {
	[ $post, $other_post, $page ] = $posts;
	$named = make_people( $post, $users ) + make_texts( $other_post );
	$named += make_conversation( $post );
	$named += make_statuses( $page );

	$named['pingback'] = make_comment(
		$page,
		'[&#8230;] as was said elsewhere [&#8230;]',
		[
			'comment_type'         => 'pingback',
			'comment_author'       => 'Another blog',
			'comment_author_email' => '',
			'comment_author_url'   => 'https://blog.example.org/2023/05/elsewhere/',
		]
	);
	// Files leave it out, and what answers it stays below it.
	$named['reply_to_pingback'] = make_comment( $page, 'Thanks for linking.', [ 'comment_parent' => $named['pingback'] ] );

	$named['voted_up']    = make_comment( $post, 'People like this.', [ 'comment_karma' => 3 ] );
	$named['voted_down']  = make_comment( $post, 'People do not like this.', [ 'comment_karma' => -2 ] );
	// As old importers left them.
	$named['without_gmt'] = make_comment( $post, 'When was this?', [ 'comment_date_gmt' => '0000-00-00 00:00:00' ] );
	return $named;
}

function make_people( int $post, array $users ): array {
	return [
		'guest'           => make_comment( $post, 'A guest.' ),
		'without_email'   => make_comment( $post, 'No address.', [ 'comment_author_email' => '' ] ),
		'with_url'        => make_comment( $post, 'My site.', [ 'comment_author_url' => 'https://ann.example.org/?a=1&b=2' ] ),
		'without_name'    => make_comment( $post, 'Nobody.', [ 'comment_author' => '', 'comment_author_email' => '' ] ),
		'hard_name'       => make_comment( $post, 'Hello.', [ 'comment_author' => 'Zoë "Zo" O\'Neil & Söhne 🦊' ] ),
		'registered'      => make_comment( $post, 'I am signed in.', person( $users['greta'] ) ),
		'subscriber'      => make_comment( $post, 'So am I.', person( $users['sam'] ) ),
		// Nothing is taken out of what an administrator writes.
		'unfiltered_html' => make_comment(
			$post,
			"<p>See <img src='https://example.com/cat.jpg' alt='a cat'> and <u>this</u>.</p>\n\n<ul><li>one</li></ul>",
			person( $users['admin'] )
		),
		// Where a file in XML would end what it quotes.
		'cdata_end'       => make_comment( $post, 'if (a[b[0]]>0) and ]]&gt; and ]]>', person( $users['admin'] ) ),
	];
}

function person( int $id ): array {
	$user = get_userdata( $id );
	return [
		'user_id'              => $id,
		'comment_author'       => $user->display_name,
		'comment_author_email' => $user->user_email,
		'comment_author_url'   => $user->user_url,
	];
}

function make_texts( int $post ): array {
	$link   = '<a href="https://example.com/?a=1&b=2" title="there">a link</a>';
	$markup = "<b>bold</b>, <em>emphasis</em>, $link, <code>x < y && z</code> <blockquote>said</blockquote>";
	return [
		'markup'     => make_comment( $post, $markup ),
		'forbidden'  => make_comment( $post, 'Before <script>alert(1)</script><img src=x onerror=alert(1)> after.' ),
		// Browsers send the line ends of a form as CRLF, programs as they like, and WordPress keeps them.
		'multi_line' => make_comment( $post, "One line\r\nand the next.\r\n\r\nA paragraph\nof a program." ),
		'emoji'      => make_comment( $post, 'Thumbs 👍🏽, families 👨‍👩‍👧 and flags 🇩🇪 🎉' ),
		'quotes'     => make_comment( $post, 'It\'s "quoted" and ‘quoted’, 4 > 3 and 5 < 6 & so on, C:\\new\\table, 100 %' ),
		'long'       => make_comment( $post, long_text() ),
	];
}

function long_text(): string {
	$text = '';
	for ( $paragraph = 1; strlen( $text ) < LONG_TEXT_BYTES - 500; $paragraph++ ) {
		$text .= "Paragraph $paragraph. " . str_repeat( 'Wörter über Wörter, ', 20 ) . "Ende.\n\n";
	}
	return trim( $text );
}

/** Six levels deep, with two branches, and a reply that is older than what it replies to. */
function make_conversation( int $post ): array {
	$parent = make_comment( $post, 'Level 1.' );
	$named  = [ 'level_1' => $parent ];
	foreach ( range( 2, 6 ) as $level ) {
		$parent                   = make_comment( $post, "Level $level.", [ 'comment_parent' => $parent ] );
		$named[ "level_$level" ] = $parent;
	}
	$named['branch']      = make_comment( $post, 'Another answer.', [ 'comment_parent' => $named['level_1'] ] );
	$named['early_reply'] = make_comment(
		$post,
		'Its clock was wrong.',
		[
			'comment_parent'   => $named['branch'],
			'comment_date'     => '2023-04-30 12:00:00',
			'comment_date_gmt' => '2023-04-30 10:00:00',
		]
	);
	return $named;
}

function make_statuses( int $post ): array {
	$trash   = make_comment( $post, 'Regretted.' );
	$pending = make_comment( $post, 'Is this allowed?', [ 'comment_approved' => 0 ] );
	$named   = [
		'trash'            => $trash,
		// It stays, and what it replies to is never sent.
		'reply_to_trash'   => make_comment( $post, 'Why?', [ 'comment_parent' => $trash ] ),
		'pending'          => $pending,
		'reply_to_pending' => make_comment( $post, 'Of course.', [ 'comment_parent' => $pending ] ),
		'spam'             => make_comment( $post, 'Buy <b>pills</b>', [ 'comment_approved' => 'spam' ] ),
	];
	wp_trash_comment( $trash );
	return $named;
}
