<?php
/*
 * Opened by the button, in a new tab: signs who clicked and for which pupil, and posts that to the meldcode.
 * The token is made here, at the moment of the click. It stands in a form and in no address.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

use Gibbon\Domain\System\SettingGateway;

require_once dirname($_SERVER['SCRIPT_FILENAME'], 3).'/gibbon.php';
require_once __DIR__.'/token.php';

$settings = $container->get(SettingGateway::class);
$url = rtrim((string) $settings->getSettingByScope('Meldcode', 'url'), '/');
$secret = (string) $settings->getSettingByScope('Meldcode', 'secret');
$mayLaunch = isActionAccessible($guid, $connection2, '/modules/Meldcode/launch.php');
// The rights with which staff see pupils: not those of parents and pupils, who see their own.
$mayRead = false;
foreach (['fullEditAllNotes', 'full', 'fullNoNotes', 'brief'] as $action) {
    $mayRead = $mayRead || isActionAccessible($guid, $connection2, '/modules/Students/student_view_details.php', 'View Student Profile_'.$action);
}

$pupil = !$mayLaunch || !$mayRead ? null : $pdo->selectOne(
    "SELECT p.gibbonPersonID, p.preferredName, p.surname, p.dob, f.name AS formGroup
        FROM gibbonPerson p
        JOIN gibbonStudentEnrolment e ON (e.gibbonPersonID=p.gibbonPersonID AND e.gibbonSchoolYearID=:year)
        JOIN gibbonFormGroup f ON (f.gibbonFormGroupID=e.gibbonFormGroupID)
        WHERE p.gibbonPersonID=:pupil AND p.status='Full'",
    ['pupil' => $_GET['gibbonPersonID'] ?? '', 'year' => $session->get('gibbonSchoolYearID')]
);

header('Cache-Control: no-store');
header('Referrer-Policy: no-referrer');

if (empty($pupil) || $url === '' || $secret === '') {
    http_response_code(403);
    die('<!doctype html><html lang="nl"><meta charset="utf-8"><title>Signaal vastleggen</title>
<p>Ga terug naar de leerling en klik opnieuw op Signaal vastleggen. Lukt dat niet? Log dan eerst opnieuw in.</p>
<p>Is een kind nu in gevaar? Bel 112, of Veilig Thuis: 0800-2000.</p>');
}

$token = meldcodeToken(array_filter([
    'iss' => (string) $settings->getSettingByScope('Meldcode', 'issuer'),
    'aud' => $url,
    'sub' => (string) $session->get('username'),
    'email' => (string) $session->get('email'),
    'pupil' => (string) (int) $pupil['gibbonPersonID'],
    'name' => trim($pupil['preferredName'].' '.$pupil['surname']),
    'dob' => $pupil['dob'],
    'group' => $pupil['formGroup'],
]), $secret);
?>
<!doctype html>
<html lang="nl">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Signaal vastleggen</title>
</head>
<body>
    <form method="post" action="<?= htmlspecialchars($url.'/meldcode/start', ENT_QUOTES) ?>">
        <input type="hidden" name="token" value="<?= htmlspecialchars($token, ENT_QUOTES) ?>">
        <noscript><button>Verder naar Signaal vastleggen</button></noscript>
    </form>
    <script>document.forms[0].submit();</script>
</body>
</html>
