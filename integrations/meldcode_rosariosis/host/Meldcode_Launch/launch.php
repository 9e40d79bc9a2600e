<?php
/**
 * Opened by the button, in a new tab: signs who clicked and for which pupil, and posts that to the meldcode.
 *
 * The token is made here, on the server, at the moment of the click. It stands in a form and in no address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package Meldcode_Launch
 */

// The root of the system, also where this folder is a link to somewhere else.
chdir( dirname( dirname( dirname( $_SERVER['SCRIPT_FILENAME'] ) ) ) );

// The system's own cookie and session lie at the root of the site, not in this folder.
$_SERVER['SCRIPT_NAME'] = dirname( dirname( dirname( $_SERVER['SCRIPT_NAME'] ) ) ) . '/launch.php';
$_SERVER['SCRIPT_NAME'] = str_replace( '//', '/', $_SERVER['SCRIPT_NAME'] );

require_once 'Warehouse.php';
require_once 'plugins/Meldcode_Launch/token.php';

const MELDCODE_REFUSED = '<!doctype html><html lang="nl"><meta charset="utf-8"><title>Signaal vastleggen</title>
<p>Ga terug naar de leerling en klik opnieuw op Signaal vastleggen. Lukt dat niet? Log dan eerst opnieuw in.</p>
<p>Is een kind nu in gevaar? Bel 112, of Veilig Thuis: 0800-2000.</p>';

$meldcode_url = rtrim( (string) Config( 'MELDCODE_URL' ), '/' );

if ( empty( $_SESSION['STAFF_ID'] )
	|| ! in_array( User( 'PROFILE' ), [ 'admin', 'teacher' ], true )
	|| empty( $RosarioPlugins['Meldcode_Launch'] )
	|| $meldcode_url === ''
	|| empty( $_GET['student_id'] ) )
{
	http_response_code( 403 );

	die( MELDCODE_REFUSED );
}

// The system itself refuses a pupil whom this person may not see, by ending here with a jump that leads nowhere from
// this folder: then our own words stand in its place. What was the current pupil stays it.
$meldcode_current = UserStudentID();

ob_start( static function ( $page, $phase ) {
	if ( $phase & PHP_OUTPUT_HANDLER_CLEAN )
	{
		return '';
	}

	http_response_code( 403 );

	return MELDCODE_REFUSED;
} );

SetUserStudentID( $_GET['student_id'] );

ob_end_clean();

$meldcode_pupil = DBGet( "SELECT s.STUDENT_ID,s.FIRST_NAME,s.MIDDLE_NAME,s.LAST_NAME," . MeldcodeBirthColumn() . " AS BORN,
	(SELECT g.TITLE FROM student_enrollment e JOIN school_gradelevels g ON (g.ID=e.GRADE_ID)
		WHERE e.STUDENT_ID=s.STUDENT_ID AND e.SYEAR='" . UserSyear() . "' ORDER BY e.START_DATE DESC LIMIT 1) AS GRADE
	FROM students s WHERE s.STUDENT_ID='" . UserStudentID() . "'" );

if ( $meldcode_current )
{
	$_SESSION['student_id'] = $meldcode_current;
}
else
{
	unset( $_SESSION['student_id'] );
}

$meldcode_born = (string) $meldcode_pupil[1]['BORN'];

$meldcode_token = MeldcodeToken(
	[
		'iss' => (string) Config( 'MELDCODE_ISSUER' ),
		'aud' => $meldcode_url,
		'sub' => (string) User( 'USERNAME' ),
		'email' => (string) User( 'EMAIL' ),
		'pupil' => (string) $meldcode_pupil[1]['STUDENT_ID'],
		'name' => MeldcodeName( $meldcode_pupil[1] ),
		'group' => (string) $meldcode_pupil[1]['GRADE'],
	] + ( preg_match( '/^\d{4}-\d\d-\d\d$/', $meldcode_born ) ? [ 'dob' => $meldcode_born ] : [] ),
	(string) Config( 'MELDCODE_SECRET' )
);

header( 'Cache-Control: no-store' );
header( 'Referrer-Policy: no-referrer' );
?>
<!doctype html>
<html lang="nl">
<head>
	<meta charset="utf-8">
	<meta name="viewport" content="width=device-width, initial-scale=1">
	<title>Signaal vastleggen</title>
</head>
<body>
	<form method="post" action="<?php echo htmlspecialchars( $meldcode_url . '/meldcode/start', ENT_QUOTES ); ?>">
		<input type="hidden" name="token" value="<?php echo htmlspecialchars( $meldcode_token, ENT_QUOTES ); ?>">
		<noscript><button>Verder naar Signaal vastleggen</button></noscript>
	</form>
	<script>document.forms[0].submit();</script>
</body>
</html>
