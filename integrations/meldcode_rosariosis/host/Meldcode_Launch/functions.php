<?php
/**
 * The button "Signaal vastleggen" on the pupil page; it writes nothing, counts nothing and shows no badge.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package Meldcode_Launch
 */

add_action( 'Students/Student.php|header', 'MeldcodeLaunchButton' );

/**
 * Draw the button for staff who may open this pupil page.
 *
 * The page wraps it in its own form, so this is a plain link: a form or a `formaction` here would send the
 * whole pupil record along. `target=_blank` keeps the page's own script from swallowing it.
 */
function MeldcodeLaunchButton()
{
	if ( ! in_array( User( 'PROFILE' ), [ 'admin', 'teacher' ], true )
		|| ! UserStudentID()
		|| ! Config( 'MELDCODE_URL' )
		|| ! Config( 'MELDCODE_SECRET' ) )
	{
		return;
	}

	$url = URLEscape( 'plugins/Meldcode_Launch/launch.php?student_id=' . UserStudentID() );

	DrawHeader( '<a href="' . $url . '" target="_blank" rel="noopener noreferrer" class="button-primary" style="display:inline-block;padding:6px 14px">Signaal vastleggen</a>' );
}

/**
 * @return string The column of the birth date as SQL; NULL where the school removed that field.
 */
function MeldcodeBirthColumn()
{
	$there = DBGetOne( "SELECT 1 FROM custom_fields WHERE ID='200000004' AND TYPE='date'" );

	return $there ? 's.CUSTOM_200000004' : 'NULL';
}

/**
 * @param array $row A student with FIRST_NAME, MIDDLE_NAME and LAST_NAME.
 *
 * @return string The whole name.
 */
function MeldcodeName( $row )
{
	return trim( preg_replace( '/ +/', ' ', $row['FIRST_NAME'] . ' ' . issetVal( $row['MIDDLE_NAME'], '' ) . ' ' . $row['LAST_NAME'] ) );
}
