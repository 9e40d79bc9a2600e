<?php
/**
 * Signs and checks the tokens that this system and the meldcode exchange: JWT, HS256 (RFC 7519); it knows no pupil.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package Meldcode_Launch
 */

/**
 * @param string $bytes Any bytes.
 *
 * @return string Base64url without padding (RFC 7515).
 */
function MeldcodeBase64( $bytes )
{
	return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
}

/**
 * @param array  $claims What the token says.
 * @param string $secret The shared secret, at least 32 bytes.
 *
 * @return string The signed token; it is good for 60 seconds and once.
 */
function MeldcodeToken( $claims, $secret )
{
	$claims += [ 'iat' => time(), 'exp' => time() + 60, 'jti' => bin2hex( random_bytes( 16 ) ) ];

	$text = MeldcodeBase64( '{"alg":"HS256","typ":"JWT"}' ) . '.' . MeldcodeBase64( json_encode( $claims ) );

	return $text . '.' . MeldcodeBase64( hash_hmac( 'sha256', $text, $secret, true ) );
}

/**
 * @param string $token  What came in.
 * @param string $secret The shared secret.
 * @param string $issuer Who must have signed it.
 * @param string $us     For whom it must be.
 *
 * @return bool Whether it was signed by them, for us, within the last minute.
 */
function MeldcodeChecks( $token, $secret, $issuer, $us )
{
	$parts = explode( '.', $token );

	if ( count( $parts ) !== 3
		|| $secret === ''
		|| ! hash_equals( MeldcodeBase64( hash_hmac( 'sha256', $parts[0] . '.' . $parts[1], $secret, true ) ), $parts[2] ) )
	{
		return false;
	}

	$head = json_decode( base64_decode( strtr( $parts[0], '-_', '+/' ) ), true );

	$claims = json_decode( base64_decode( strtr( $parts[1], '-_', '+/' ) ), true );

	return is_array( $head ) && is_array( $claims )
		&& isset( $head['alg'], $claims['iss'], $claims['aud'], $claims['iat'], $claims['exp'] )
		&& $head['alg'] === 'HS256'
		&& $claims['iss'] === $issuer
		&& $claims['aud'] === $us
		&& $claims['iat'] <= time() + 60
		&& $claims['exp'] >= time()
		&& $claims['exp'] <= time() + 120;
}
