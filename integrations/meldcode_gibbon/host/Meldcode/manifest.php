<?php
/*
 * What Gibbon puts in its own tables when this module is installed: its settings, its rights and its place on the pupil page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

$name = 'Meldcode';
$description = 'The button "Signaal vastleggen" on the pupil page. It writes nothing about a pupil in Gibbon.';
$entryURL = 'settings.php';
$type = 'Additional';
$category = 'Other';
$version = '0.1.00';
$author = 'meldcode_plugin maintainers';
$url = '';

$moduleTables = [];

$gibbonSetting = [];
foreach ([
    ['url', 'Address of the meldcode', 'The text of MELDCODE_PUBLIC_URL'],
    ['issuer', 'Name of this system', 'The text of MELDCODE_LAUNCH_ISSUER'],
    ['secret', 'Shared secret', 'The text of MELDCODE_LAUNCH_SECRET'],
] as [$setting, $shown, $about]) {
    $gibbonSetting[] = "INSERT INTO gibbonSetting (scope, name, nameDisplay, description, value) VALUES ('Meldcode', '$setting', '$shown', '$about', '');";
}

$actionRows = [];
$actionRows[] = [
    'name' => 'Meldcode Settings',
    'precedence' => '0',
    'category' => 'Settings',
    'description' => 'Say where the meldcode is.',
    'URLList' => 'settings.php,settingsProcess.php',
    'entryURL' => 'settings.php',
    'menuShow' => 'Y',
    'defaultPermissionAdmin' => 'Y',
    'defaultPermissionTeacher' => 'N',
    'defaultPermissionStudent' => 'N',
    'defaultPermissionParent' => 'N',
    'defaultPermissionSupport' => 'N',
    'categoryPermissionStaff' => 'Y',
    'categoryPermissionStudent' => 'N',
    'categoryPermissionParent' => 'N',
    'categoryPermissionOther' => 'N',
];
$actionRows[] = [
    'name' => 'Signaal vastleggen',
    'precedence' => '0',
    'category' => 'Signals',
    'description' => 'Go from a pupil to the meldcode.',
    'URLList' => 'hook_studentProfile_meldcode.php,launch.php',
    'entryURL' => 'hook_studentProfile_meldcode.php',
    'menuShow' => 'N',
    'defaultPermissionAdmin' => 'Y',
    'defaultPermissionTeacher' => 'Y',
    'defaultPermissionStudent' => 'N',
    'defaultPermissionParent' => 'N',
    'defaultPermissionSupport' => 'Y',
    'categoryPermissionStaff' => 'Y',
    'categoryPermissionStudent' => 'N',
    'categoryPermissionParent' => 'N',
    'categoryPermissionOther' => 'N',
];

$hooks = [];
$options = serialize([
    'sourceModuleName' => 'Meldcode',
    'sourceModuleAction' => 'Signaal vastleggen',
    'sourceModuleInclude' => 'hook_studentProfile_meldcode.php',
]);
$hooks[] = "INSERT INTO gibbonHook (name, type, options, gibbonModuleID) VALUES ('Signaal vastleggen', 'Student Profile', '$options', (SELECT gibbonModuleID FROM gibbonModule WHERE name='Meldcode'));";
