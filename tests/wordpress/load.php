<?php
/** What every script begins with: it is run in the folder of a WordPress, and loads that. */

require getcwd() . '/wp-load.php';

/** Prints what the script has to say, as the one thing on its standard output. */
function answer( array $answer ): void {
	echo wp_json_encode( $answer, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ), "\n";
}
