<?php
/**
 * Speaks with the service at `<option fastcomments_site>/integrations/v1` as FastComments' plugin for WordPress does, one
 * step a run, and prints what was done.
 *
 * - `sync.php service URL`: which service;
 * - `sync.php token`: makes a token and tells the service of it;
 * - `sync.php tick`: what a view of the plugin's settings or its daily turn does; sends at most one batch of comments;
 * - `sync.php again`: what the plugin's page Manual Sync does: everything is to be sent once more;
 * - `sync.php events`: takes over what has happened to comments elsewhere.
 */

require __DIR__ . '/load.php';
require __DIR__ . '/sync/service.php';
require __DIR__ . '/sync/send.php';
require __DIR__ . '/sync/events.php';

$what = $argv[1] ?? '';
switch ( $what ) {
	case 'service':
		update_option( 'fastcomments_site', $argv[2] );
		answer( [ 'service' => $argv[2] ] );
		break;
	case 'token':
		update_option( 'fastcomments_token', uniqid( '', true ) );
		answer( [ 'token' => get_option( 'fastcomments_token' ), 'domain' => get_home_url(), 'answer' => put_token() ] );
		break;
	case 'tick':
		answer( tick() );
		break;
	case 'again':
		delete_option( 'fastcomments_last_sent' );
		answer( [ 'again' => true ] );
		break;
	case 'events':
		answer( fetch_events() );
		break;
	default:
		throw new InvalidArgumentException( "sync.php does service, token, tick, again and events, not \"$what\"" );
}
