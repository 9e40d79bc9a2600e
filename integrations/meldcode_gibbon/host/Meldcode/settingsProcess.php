<?php
/*
 * Keeps the settings of the button, when all of them are right.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

use Gibbon\Domain\System\SettingGateway;

require_once dirname($_SERVER['SCRIPT_FILENAME'], 3).'/gibbon.php';

$back = $session->get('absoluteURL').'/index.php?q=/modules/Meldcode/settings.php';
if (!isActionAccessible($guid, $connection2, '/modules/Meldcode/settings.php')) {
    header("Location: {$back}&return=error0");
    exit;
}

$given = ['url' => rtrim(trim($_POST['meldcodeUrl'] ?? ''), '/'), 'issuer' => trim($_POST['meldcodeIssuer'] ?? ''), 'secret' => trim($_POST['meldcodeSecret'] ?? '')];
$rightUrl = preg_match('#^https://[^/\s]+$|^http://(localhost|127\.0\.0\.1)(:\d+)?$#', $given['url']);
if (!$rightUrl || $given['issuer'] === '' || ($given['secret'] !== '' && strlen($given['secret']) < 32)) {
    header("Location: {$back}&return=error3");
    exit;
}
$settings = $container->get(SettingGateway::class);
foreach (array_filter($given) as $setting => $value) {
    $settings->updateSettingByScope('Meldcode', $setting, $value);
}
header("Location: {$back}&return=success0");
