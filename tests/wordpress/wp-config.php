<?php
/**
 * Configuration of a WordPress that lasts as long as a test. What two of them do not share comes from the environment, so
 * that one copy of WordPress's files is enough for all.
 */

define( 'DB_HOST', getenv( 'WORDPRESS_DATABASE_ADDRESS' ) );
define( 'DB_NAME', getenv( 'WORDPRESS_DATABASE' ) );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
$table_prefix = 'wp_';

define( 'WP_HOME', getenv( 'WORDPRESS_HOME' ) );
define( 'WP_SITEURL', WP_HOME );

// It asks nobody outside of this machine for anything, and does nothing that a test has not told it to.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1' );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'DISABLE_WP_CRON', true );

// What goes wrong is for the standard error, not for a page that apologises.
define( 'WP_DISABLE_FATAL_ERROR_HANDLER', true );

/** WordPress leaves this out where a site has its own. Here no mail is sent. */
function wp_mail(): bool {
	return true;
}

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
