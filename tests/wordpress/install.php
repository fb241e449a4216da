<?php
/** `install.php`: makes the database and installs WordPress in it, without the posts that a new site comes with. */

[ $host, $port ] = explode( ':', getenv( 'WORDPRESS_DATABASE_ADDRESS' ) );
$server = new mysqli( $host, 'root', '', '', (int) $port );
$server->query( 'CREATE DATABASE ' . getenv( 'WORDPRESS_DATABASE' ) . ' CHARACTER SET utf8mb4' );

define( 'WP_INSTALLING', true );
require __DIR__ . '/load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

$installed = wp_install( 'Tests of Rethread', 'admin', 'admin@example.com', true, '', 'password' );
// These are dated with the time of the installation, and tests want the same site every time.
foreach ( get_posts( [ 'post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1 ] ) as $post ) {
	wp_delete_post( $post->ID, true );
}
// Installing asks the site itself whether its server can have addresses without `?p=`. Here they always have it.
update_option( 'permalink_structure', '' );
// So that the times of the site and GMT are not the same.
update_option( 'timezone_string', 'Europe/Berlin' );

answer( [ 'user' => $installed['user_id'], 'version' => get_bloginfo( 'version' ) ] );
