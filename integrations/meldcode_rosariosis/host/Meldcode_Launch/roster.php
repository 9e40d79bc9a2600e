<?php
/**
 * Answers the meldcode who a pupil is and who works here; reads only, and only for who holds the shared secret.
 *
 * `?pupil=ID`, `?search=WORDS&limit=N` or `?staff=1`, with `Authorization: Bearer` and a token signed by the
 * meldcode for this system. Answers are JSON. It says nothing to anybody else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package Meldcode_Launch
 */

// The root of the system, also where this folder is a link to somewhere else.
chdir( dirname( dirname( dirname( $_SERVER['SCRIPT_FILENAME'] ) ) ) );

require_once 'Warehouse.php';
require_once 'plugins/Meldcode_Launch/token.php';

$meldcode_config = DBGet( "SELECT SCHOOL_ID,TITLE,CONFIG_VALUE FROM config
	WHERE TITLE IN ('MELDCODE_URL','MELDCODE_ISSUER','MELDCODE_SECRET')", [], [ 'SCHOOL_ID', 'TITLE' ] );

$meldcode_bearer = preg_replace( '/^Bearer /', '', issetVal( $_SERVER['HTTP_AUTHORIZATION'], issetVal( $_SERVER['REDIRECT_HTTP_AUTHORIZATION'], '' ) ) );

$meldcode_school = 0;

foreach ( (array) $meldcode_config as $school_id => $values )
{
	if ( isset( $values['MELDCODE_URL'], $values['MELDCODE_ISSUER'], $values['MELDCODE_SECRET'] )
		&& MeldcodeChecks(
			$meldcode_bearer,
			(string) $values['MELDCODE_SECRET'][1]['CONFIG_VALUE'],
			rtrim( (string) $values['MELDCODE_URL'][1]['CONFIG_VALUE'], '/' ),
			(string) $values['MELDCODE_ISSUER'][1]['CONFIG_VALUE']
		) )
	{
		$meldcode_school = (int) $school_id;
	}
}

header( 'Content-Type: application/json; charset=utf-8' );
header( 'Cache-Control: no-store' );

if ( ! $meldcode_school || empty( $RosarioPlugins['Meldcode_Launch'] ) )
{
	http_response_code( 401 );

	die( '{"error":"unauthorized"}' );
}

$meldcode_year = (int) Config( 'SYEAR' );

/**
 * @param string $where Condition, its values escaped.
 * @param int    $limit At most so many.
 *
 * @return array Pupils of the school in its running year.
 */
function MeldcodePupils( $where, $limit )
{
	global $meldcode_school, $meldcode_year;

	$rows = DBGet( "SELECT s.STUDENT_ID,s.FIRST_NAME,s.MIDDLE_NAME,s.LAST_NAME," . MeldcodeBirthColumn() . " AS BORN,g.TITLE AS GRADE
		FROM students s
		JOIN student_enrollment e ON (e.STUDENT_ID=s.STUDENT_ID AND e.SCHOOL_ID='" . $meldcode_school . "'
			AND e.SYEAR='" . $meldcode_year . "')
		LEFT JOIN school_gradelevels g ON (g.ID=e.GRADE_ID)
		WHERE (e.END_DATE IS NULL OR e.END_DATE>=CURRENT_DATE) AND " . $where . "
		ORDER BY s.LAST_NAME,s.FIRST_NAME,s.STUDENT_ID LIMIT " . (int) $limit );

	return array_map( 'MeldcodePupil', array_values( (array) $rows ) );
}

/**
 * @param array $row One pupil as the database has it.
 *
 * @return array The pupil as the meldcode reads it.
 */
function MeldcodePupil( $row )
{
	$guardians = DBGet( "SELECT u.FIRST_NAME,u.LAST_NAME,u.EMAIL FROM students_join_users j
		JOIN staff u ON (u.STAFF_ID=j.STAFF_ID)
		WHERE u.PROFILE='parent' AND j.STUDENT_ID='" . (int) $row['STUDENT_ID'] . "' ORDER BY u.STAFF_ID" );

	$contacts = DBGet( "SELECT p.FIRST_NAME,p.LAST_NAME,j.CUSTODY,j.STUDENT_RELATION FROM students_join_people j
		JOIN people p ON (p.PERSON_ID=j.PERSON_ID)
		WHERE j.STUDENT_ID='" . (int) $row['STUDENT_ID'] . "' ORDER BY p.PERSON_ID" );

	$all = [];

	foreach ( (array) $guardians as $one )
	{
		$all[] = [ 'name' => MeldcodeName( $one ), 'email' => $one['EMAIL'] ];
	}

	foreach ( (array) $contacts as $one )
	{
		$all[] = [
			'name' => MeldcodeName( $one ),
			'relation' => $one['STUDENT_RELATION'],
			'custody' => $one['CUSTODY'] === 'Y' ? true : null,
		];
	}

	return [
		'id' => (string) $row['STUDENT_ID'],
		'name' => MeldcodeName( $row ),
		'born' => preg_match( '/^\d{4}-\d\d-\d\d$/', (string) $row['BORN'] ) ? $row['BORN'] : null,
		'group' => $row['GRADE'],
		'guardians' => $all,
	];
}

if ( isset( $_GET['pupil'] ) )
{
	$id = (string) $_GET['pupil'];

	die( json_encode( [ 'pupils' => ctype_digit( $id ) ? MeldcodePupils( "s.STUDENT_ID='" . $id . "'", 1 ) : [] ] ) );
}

if ( isset( $_GET['search'] ) )
{
	// Letters and figures alone: no word is a pattern, and no words list nobody.
	$words = preg_split( '/[^\p{L}\p{N}\'-]+/u', (string) $_GET['search'], 6, PREG_SPLIT_NO_EMPTY );

	$conditions = [];

	foreach ( (array) $words as $word )
	{
		$word = DBEscapeString( $word );

		$conditions[] = "LOWER(CONCAT(s.FIRST_NAME,' ',COALESCE(s.MIDDLE_NAME,''),' ',s.LAST_NAME)) LIKE LOWER('%" . $word . "%')";
	}

	$limit = max( 1, min( 50, (int) issetVal( $_GET['limit'], 20 ) ) );

	die( json_encode( [ 'pupils' => ! $conditions ? [] : MeldcodePupils( implode( ' AND ', $conditions ), $limit ) ] ) );
}

$staff = DBGet( "SELECT STAFF_ID,FIRST_NAME,LAST_NAME,EMAIL,PROFILE FROM staff
	WHERE SYEAR='" . $meldcode_year . "' AND PROFILE IN ('admin','teacher')
	AND (SCHOOLS IS NULL OR SCHOOLS='' OR SCHOOLS LIKE '%," . $meldcode_school . ",%') ORDER BY STAFF_ID" );

$found = [];

foreach ( (array) $staff as $one )
{
	$found[] = [
		'id' => (string) $one['STAFF_ID'],
		'name' => MeldcodeName( $one ),
		'email' => $one['EMAIL'],
	];
}

die( json_encode( [ 'staff' => $found ] ) );
