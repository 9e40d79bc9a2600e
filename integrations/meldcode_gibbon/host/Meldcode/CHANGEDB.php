<?php
/*
 * What an update changes in the database: nothing yet.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

$sql = [];
$sql[0][0] = '0.1.00';
$sql[0][1] = '';
