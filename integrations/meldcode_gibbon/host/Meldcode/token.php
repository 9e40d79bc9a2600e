<?php
/*
 * Signs and checks the tokens that Gibbon and the meldcode exchange: JWT, HS256 (RFC 7519); it knows no pupil.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

function meldcodeBase64(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/** Return a signed token that is good for 60 seconds and once. */
function meldcodeToken(array $claims, string $secret): string
{
    $claims += ['iat' => time(), 'exp' => time() + 60, 'jti' => bin2hex(random_bytes(16))];
    $text = meldcodeBase64('{"alg":"HS256","typ":"JWT"}').'.'.meldcodeBase64(json_encode($claims));

    return $text.'.'.meldcodeBase64(hash_hmac('sha256', $text, $secret, true));
}

/** Tell whether the meldcode signed this token, for us, within the last minute. */
function meldcodeChecks(string $token, string $secret, string $issuer, string $us): bool
{
    $parts = explode('.', $token);
    if (count($parts) !== 3 || $secret === '' || $us === '') {
        return false;
    }
    if (!hash_equals(meldcodeBase64(hash_hmac('sha256', $parts[0].'.'.$parts[1], $secret, true)), $parts[2])) {
        return false;
    }
    $head = json_decode(base64_decode(strtr($parts[0], '-_', '+/')), true);
    $claims = json_decode(base64_decode(strtr($parts[1], '-_', '+/')), true);

    return is_array($head) && is_array($claims)
        && ($head['alg'] ?? '') === 'HS256'
        && ($claims['iss'] ?? '') === $issuer
        && ($claims['aud'] ?? '') === $us
        && ($claims['iat'] ?? PHP_INT_MAX) <= time() + 60
        && ($claims['exp'] ?? 0) >= time()
        && $claims['exp'] <= time() + 120;
}
