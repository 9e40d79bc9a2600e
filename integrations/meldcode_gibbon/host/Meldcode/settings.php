<?php
/*
 * The settings of the button. The secret is never shown again; an empty field keeps it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

use Gibbon\Domain\System\SettingGateway;
use Gibbon\Forms\Form;

if (!isActionAccessible($guid, $connection2, '/modules/Meldcode/settings.php')) {
    $page->addError(__('You do not have access to this action.'));
} else {
    $page->breadcrumbs->add('Meldcode');
    $page->return->addReturns([
        'error3' => 'Not saved. Give the address as https://meldcode.school.nl without a path, a name, and a secret of at least 32 characters.',
    ]);
    $settings = $container->get(SettingGateway::class);
    $form = Form::create('meldcode', $session->get('absoluteURL').'/modules/Meldcode/settingsProcess.php');
    $form->addHiddenValue('address', $session->get('address'));

    $row = $form->addRow();
    $row->addLabel('meldcodeUrl', 'Address of the meldcode')->description('The text of MELDCODE_PUBLIC_URL');
    $row->addTextField('meldcodeUrl')->required()->maxLength(200)->setValue($settings->getSettingByScope('Meldcode', 'url'));

    $row = $form->addRow();
    $row->addLabel('meldcodeIssuer', 'Name of this system')->description('The text of MELDCODE_LAUNCH_ISSUER');
    $row->addTextField('meldcodeIssuer')->required()->maxLength(200)->setValue($settings->getSettingByScope('Meldcode', 'issuer'));

    $isSet = $settings->getSettingByScope('Meldcode', 'secret') != '' ? 'It is set; leave empty to keep it.' : 'It is not set.';
    $row = $form->addRow();
    $row->addLabel('meldcodeSecret', 'Shared secret')->description('The text of MELDCODE_LAUNCH_SECRET. '.$isSet);
    $row->addPassword('meldcodeSecret')->maxLength(200);

    $row = $form->addRow();
    $row->addFooter();
    $row->addSubmit();
    echo $form->getOutput();
}
