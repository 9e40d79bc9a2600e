<?php
/*
 * The button on the pupil page. Gibbon includes it after it has asked whether this person may see this pupil.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

use Gibbon\Domain\System\SettingGateway;

$meldcodeSettings = $container->get(SettingGateway::class);

if (!isActionAccessible($guid, $connection2, '/modules/Meldcode/launch.php')) {
    echo $page->getBlankSlate();
} elseif ($meldcodeSettings->getSettingByScope('Meldcode', 'url') == '' || $meldcodeSettings->getSettingByScope('Meldcode', 'secret') == '') {
    echo "<div class='warning'>Dit is nog niet ingesteld. Vraag het de beheerder. Is een kind nu in gevaar? Bel 112, of Veilig Thuis: 0800-2000.</div>";
} else {
    $meldcodeLink = $session->get('absoluteURL').'/modules/Meldcode/launch.php?gibbonPersonID='.rawurlencode($gibbonPersonID);
    echo '<p>Wat je vastlegt, komt niet in Gibbon te staan. Het gaat naar de intern begeleider.</p>';
    echo '<p><a class="inline-block px-4 py-2 rounded bg-blue-600 text-white font-bold" target="_blank" rel="noopener noreferrer" href="'.htmlspecialchars($meldcodeLink, ENT_QUOTES).'">Signaal vastleggen</a></p>';
}
