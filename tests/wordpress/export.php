<?php
/** `export.php`: prints what Tools › Export › All content lets one download. */

require __DIR__ . '/load.php';
require ABSPATH . 'wp-admin/includes/export.php';

wp_set_current_user( 1 );
export_wp();
