<?php
/**
 * What goes wrong in a run, as the arguments say:
 *
 * - `lost=N`: the request with the Nth batch does not reach the service;
 * - `unheard=N`: its answer does not reach the site;
 * - `killed=mappings`: the process dies when all events are taken over, before the service hears under which numbers;
 * - `killed=event:N`: it dies when the Nth comment is inserted, before its event is remembered.
 */

/** @param string[] $arguments */
function expect_trouble( array $arguments ): void {
	$GLOBALS['trouble'] = [ 'lost' => [], 'unheard' => [], 'killed' => [] ];
	foreach ( $arguments as $argument ) {
		[ $kind, $when ]              = explode( '=', $argument, 2 );
		$GLOBALS['trouble'][ $kind ][] = $when;
	}
}

function is_in_trouble( string $kind, string $when ): bool {
	return in_array( $when, $GLOBALS['trouble'][ $kind ], true );
}

/** The process ends here, and with it what it had in memory. */
function die_if_killed( string $when, array $done ): void {
	if ( is_in_trouble( 'killed', $when ) ) {
		answer( [ 'killed' => $when ] + $done );
		exit( 0 );
	}
}
