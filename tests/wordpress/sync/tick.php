<?php
/** What a view of the plugin's pages, or its daily turn, does. */

/** Asks for commands, and does them in their order. Before the token is confirmed, nothing but that is asked for. */
function tick(): array {
	$token = put_token();
	$done  = [ 'token' => $token, 'confirmed' => is_confirmed( $token ), 'commands' => [], 'sent' => 0, 'requests' => [] ];
	if ( ! $done['confirmed'] ) {
		return $done;
	}
	$done['mappings'] = send_mappings( [] );
	$answer           = call( 'GET', 'commands', [ 'fromDateTime' => get_option( 'fastcomments_last_event', 0 ) ] );
	if ( ! has_succeeded( $answer ) ) {
		return [ 'refused' => $answer ] + $done;
	}
	$done['commands'] = array_column( $answer['body']['commands'], 'command' );
	foreach ( $done['commands'] as $command ) {
		switch ( $command ) {
			case 'SendComments':
				$done = send_comments( CHUNK_SIZE ) + $done;
				break;
			case 'SetSyncDone':
				update_option( 'fastcomments_setup', true );
				break;
			case 'FetchEvents':
				$done['events'] = fetch_events();
				break;
		}
	}
	return [ 'setup' => (bool) get_option( 'fastcomments_setup' ) ] + $done;
}

/** Deactivating the plugin. What it remembers of single events is counted among its cursors here. */
function deactivate(): array {
	$options = [ 'token', 'tenant_id', 'setup', 'last_sent', 'last_event', 'events', 'mappings' ];
	foreach ( $options as $option ) {
		delete_option( "fastcomments_$option" );
	}
	return $options;
}
