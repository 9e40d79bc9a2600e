<?php
/*
 * The version of this module.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

$moduleVersion = '0.1.00';
