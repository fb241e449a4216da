<?php
/**
 * Speaks with the service at `<option fastcomments_site>/integrations/v1` as FastComments' plugin for WordPress (3.19.1) does,
 * one step a run, and prints what was done.
 *
 * - `sync.php service URL`: which service;
 * - `sync.php token`: what activating the plugin does: makes a token and tells the service of it;
 * - `sync.php deactivate`: forgets token, account and cursors; comments keep what the service calls them;
 * - `sync.php tick`: what a view of the plugin's pages or its daily turn does: mappings that were not delivered, then each command;
 * - `sync.php upload`, `sync.php download`: the buttons of its page Manual Sync;
 * - `sync.php again`: clears the cursor of what was sent;
 * - `sync.php events`: takes over what has happened to comments elsewhere.
 *
 * After these may stand what goes wrong, see sync/trouble.php.
 */

require __DIR__ . '/load.php';
require __DIR__ . '/sync/trouble.php';
require __DIR__ . '/sync/service.php';
require __DIR__ . '/sync/send.php';
require __DIR__ . '/sync/tick.php';
require __DIR__ . '/sync/events.php';
require __DIR__ . '/sync/download.php';

$what = $argv[1] ?? '';
expect_trouble( array_slice( $argv, 'service' === $what ? 3 : 2 ) );
switch ( $what ) {
	case 'service':
		update_option( 'fastcomments_site', $argv[2] );
		answer( [ 'service' => $argv[2] ] );
		break;
	case 'token':
		update_option( 'fastcomments_token', uniqid( '', true ) );
		answer( [ 'token' => get_option( 'fastcomments_token' ), 'domain' => get_home_url(), 'answer' => put_token() ] );
		break;
	case 'deactivate':
		answer( [ 'forgotten' => deactivate() ] );
		break;
	case 'tick':
		answer( tick() );
		break;
	case 'upload':
		answer( upload() );
		break;
	case 'download':
		answer( download() );
		break;
	case 'again':
		delete_option( 'fastcomments_last_sent' );
		answer( [ 'again' => true ] );
		break;
	case 'events':
		answer( fetch_events() );
		break;
	default:
		throw new InvalidArgumentException( "sync.php does not do \"$what\"" );
}
