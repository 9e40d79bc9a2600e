<?php
/**
 * The settings of the button, under School > Configuration > Plugins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package Meldcode_Launch
 */

if ( $_REQUEST['modname'] !== 'School_Setup/Configuration.php'
	|| empty( $RosarioPlugins['Meldcode_Launch'] )
	|| $_REQUEST['modfunc'] !== 'config' )
{
	$error[] = _( 'You\'re not allowed to use this program!' );

	echo ErrorMessage( $error, 'fatal' );
}

// What stands in the fields: what is kept, or what was typed and is not right yet.
$shown = [ 'MELDCODE_URL' => (string) Config( 'MELDCODE_URL' ), 'MELDCODE_ISSUER' => (string) Config( 'MELDCODE_ISSUER' ) ];

if ( ! empty( $_REQUEST['save'] ) && ! empty( $_POST['meldcode'] ) && AllowEdit() )
{
	$given = [];

	foreach ( [ 'MELDCODE_URL', 'MELDCODE_ISSUER', 'MELDCODE_SECRET' ] as $key )
	{
		$given[ $key ] = trim( (string) issetVal( $_POST['meldcode'][ $key ], '' ) );
	}

	if ( ! preg_match( '#^https://[^/\s]+$|^http://(localhost|127\.0\.0\.1)(:\d+)?$#', $given['MELDCODE_URL'] ) )
	{
		$error[] = 'Address of the meldcode: give it as https://meldcode.school.nl, without a path.';
	}

	if ( $given['MELDCODE_ISSUER'] === '' )
	{
		$error[] = 'Name of this system: give the text of MELDCODE_LAUNCH_ISSUER.';
	}

	if ( $given['MELDCODE_SECRET'] !== '' && strlen( $given['MELDCODE_SECRET'] ) < 32 )
	{
		$error[] = 'Shared secret: give the text of MELDCODE_LAUNCH_SECRET, at least 32 characters.';
	}

	$shown = $given;

	if ( ! $error )
	{
		foreach ( $given as $key => $value )
		{
			// An empty secret means: keep the one that is there. It is never shown again.
			if ( $value !== '' )
			{
				Config( $key, DBEscapeString( $value ) );
			}
		}

		$note[] = button( 'check' ) . '&nbsp;' . _( 'The plugin configuration has been modified.' );
	}

	RedirectURL( [ 'save', 'meldcode' ] );
}

if ( empty( $_REQUEST['save'] ) )
{
	echo '<form action="' . URLEscape( 'Modules.php?modname=' . $_REQUEST['modname'] .
		'&tab=plugins&modfunc=config&plugin=Meldcode_Launch&save=true' ) . '" method="POST">';

	DrawHeader( '', SubmitButton() );

	echo ErrorMessage( $note, 'note' );
	echo ErrorMessage( $error, 'error' );

	PopTable( 'header', 'Meldcode' );

	echo '<table class="width-100p">';

	echo '<tr><td>' . TextInput(
		$shown['MELDCODE_URL'],
		'meldcode[MELDCODE_URL]',
		'Address of the meldcode (MELDCODE_PUBLIC_URL)',
		'size="40" required',
		false
	) . '</td></tr>';

	echo '<tr><td>' . TextInput(
		$shown['MELDCODE_ISSUER'],
		'meldcode[MELDCODE_ISSUER]',
		'Name of this system (MELDCODE_LAUNCH_ISSUER)',
		'size="40" required',
		false
	) . '</td></tr>';

	$secret_is = Config( 'MELDCODE_SECRET' ) ? 'is set; leave empty to keep it' : 'is not set';

	echo '<tr><td>' . PasswordInput(
		'',
		'meldcode[MELDCODE_SECRET]',
		'Shared secret (MELDCODE_LAUNCH_SECRET): ' . $secret_is,
		'autocomplete="new-password"',
		false
	) . '</td></tr>';

	echo '</table>';

	PopTable( 'footer' );

	echo '<br /><div class="center">' . SubmitButton() . '</div></form>';
}
