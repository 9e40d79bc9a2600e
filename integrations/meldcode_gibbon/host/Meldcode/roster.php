<?php
/*
 * Answers the meldcode who a pupil is and who works here; reads only, and only for who holds the shared secret.
 * ?pupil=ID, ?search=WORDS&limit=N or ?staff=1, with Authorization: Bearer. Answers are JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

use Gibbon\Domain\System\SettingGateway;

require_once dirname($_SERVER['SCRIPT_FILENAME'], 3).'/gibbon.php';
require_once __DIR__.'/token.php';

$settings = $container->get(SettingGateway::class);
$bearer = preg_replace('/^Bearer /', '', $_SERVER['HTTP_AUTHORIZATION'] ?? $_SERVER['REDIRECT_HTTP_AUTHORIZATION'] ?? '');
header('Content-Type: application/json; charset=utf-8');
header('Cache-Control: no-store');

if (!meldcodeChecks(
    $bearer,
    (string) $settings->getSettingByScope('Meldcode', 'secret'),
    rtrim((string) $settings->getSettingByScope('Meldcode', 'url'), '/'),
    (string) $settings->getSettingByScope('Meldcode', 'issuer')
)) {
    http_response_code(401);
    die('{"error":"unauthorized"}');
}

/** Return the pupils of the running year that a condition finds, with their guardians. */
function meldcodePupils($pdo, string $where, array $values, int $limit): array
{
    $rows = $pdo->select(
        "SELECT p.gibbonPersonID, p.preferredName, p.surname, p.dob, f.name AS formGroup
            FROM gibbonPerson p
            JOIN gibbonStudentEnrolment e ON (e.gibbonPersonID=p.gibbonPersonID)
            JOIN gibbonSchoolYear y ON (y.gibbonSchoolYearID=e.gibbonSchoolYearID AND y.status='Current')
            JOIN gibbonFormGroup f ON (f.gibbonFormGroupID=e.gibbonFormGroupID)
            WHERE p.status='Full' AND $where
            ORDER BY p.surname, p.preferredName, p.gibbonPersonID LIMIT $limit",
        $values
    )->fetchAll();

    return array_map(function ($row) use ($pdo) {
        $guardians = $pdo->select(
            "SELECT a.preferredName, a.surname, a.email, r.relationship
                FROM gibbonFamilyChild c
                JOIN gibbonFamilyAdult fa ON (fa.gibbonFamilyID=c.gibbonFamilyID)
                JOIN gibbonPerson a ON (a.gibbonPersonID=fa.gibbonPersonID AND a.status='Full')
                LEFT JOIN gibbonFamilyRelationship r ON (r.gibbonFamilyID=c.gibbonFamilyID
                    AND r.gibbonPersonID1=a.gibbonPersonID AND r.gibbonPersonID2=c.gibbonPersonID)
                WHERE c.gibbonPersonID=:pupil ORDER BY fa.contactPriority, a.gibbonPersonID",
            ['pupil' => $row['gibbonPersonID']]
        )->fetchAll();

        return [
            'id' => (string) (int) $row['gibbonPersonID'],
            'name' => trim($row['preferredName'].' '.$row['surname']),
            'born' => $row['dob'],
            'group' => $row['formGroup'],
            'guardians' => array_map(fn ($one) => [
                'name' => trim($one['preferredName'].' '.$one['surname']),
                'email' => $one['email'],
                'relation' => $one['relationship'],
            ], $guardians),
        ];
    }, $rows);
}

if (isset($_GET['pupil'])) {
    $id = (string) $_GET['pupil'];
    $found = ctype_digit($id) && strlen($id) <= 10 ? meldcodePupils($pdo, 'p.gibbonPersonID=:pupil', ['pupil' => $id], 1) : [];
    die(json_encode(['pupils' => $found]));
}

if (isset($_GET['search'])) {
    // Letters and figures alone: no word is a pattern, and no words list nobody.
    $words = preg_split('/[^\p{L}\p{N}\'-]+/u', (string) $_GET['search'], 6, PREG_SPLIT_NO_EMPTY) ?: [];
    $conditions = $values = [];
    foreach ($words as $number => $word) {
        $conditions[] = "CONCAT(p.preferredName, ' ', p.surname) LIKE :word$number";
        $values["word$number"] = "%$word%";
    }
    $limit = max(1, min(50, (int) ($_GET['limit'] ?? 20)));
    die(json_encode(['pupils' => $conditions ? meldcodePupils($pdo, implode(' AND ', $conditions), $values, $limit) : []]));
}

$staff = $pdo->select(
    "SELECT p.gibbonPersonID, p.preferredName, p.surname, p.email FROM gibbonStaff s
        JOIN gibbonPerson p ON (p.gibbonPersonID=s.gibbonPersonID) WHERE p.status='Full' ORDER BY p.gibbonPersonID"
)->fetchAll();
die(json_encode(['staff' => array_map(fn ($one) => [
    'id' => (string) (int) $one['gibbonPersonID'],
    'name' => trim($one['preferredName'].' '.$one['surname']),
    'email' => $one['email'],
], $staff)]));
