<?php
// A receiver of Paydesk's webhooks with PHP alone: verify, remember, answer.
//
// Run it: WEBHOOK_SECRET=whsec_… php -S 127.0.0.1:3000 receiver.php
// With VERIFY=x-signature it goes by the reference's own header, which a replay passes.

declare(strict_types=1);

const TOLERANCE_SECONDS = 300;
const BODY_BYTES_MAX = 64 * 1024;

// Whether Paydesk sent this in the last minutes. $body is what arrived, before any parsing. The
// key is what the secret's text after whsec_ decodes to. There are two signatures while one secret
// replaces another.
function verify(string $body, array $headers, string $secret, int $now): bool
{
    $id = $headers['webhook-id'] ?? '';
    $sentAt = $headers['webhook-timestamp'] ?? '';
    if (preg_match('/^[0-9]{1,12}$/D', $sentAt) !== 1) {
        return false;
    }
    if (abs($now - (int) $sentAt) > TOLERANCE_SECONDS) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    $made = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$sentAt.$body", $key, true));
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $signature) {
        if (hash_equals($made, $signature)) {
            return true;
        }
    }
    return false;
}

// The reference's own header. Its key is the secret's text; the time is not signed in it.
function verify_x_signature(string $body, array $headers, string $secret): bool
{
    return hash_equals(hash_hmac('sha256', $body, $secret), $headers['x-signature'] ?? '');
}

$headers = array_change_key_case(getallheaders());
$body = (string) file_get_contents('php://input', false, null, 0, BODY_BYTES_MAX + 1);
$secret = (string) getenv('WEBHOOK_SECRET');
if (strlen($body) > BODY_BYTES_MAX) {
    http_response_code(413);
    return;
}
$isGenuine = getenv('VERIFY') === 'x-signature'
    ? verify_x_signature($body, $headers, $secret)
    : verify($body, $headers, $secret, time());
if (!$isGenuine) {
    http_response_code(400);
    return;
}
$event = json_decode($body, true, 64, JSON_THROW_ON_ERROR);
// In earnest: a table with the id as its key, written in the transaction of what follows.
$seen = sys_get_temp_dir() . '/webhook-' . sha1($event['id'] . $secret);
$mark = @fopen($seen, 'x');
if ($mark !== false) {
    fclose($mark);
    file_put_contents(
        'php://stdout',
        json_encode(['id' => $event['id'], 'event' => $event['event']]) . "\n"
    );
}
http_response_code(204);
