"""What engines and servers say, in one word each; every word has its sentence."""

from __future__ import annotations

import pytest

from appliance.domain.far_end import LEFT, Trouble, sentence, state_sentence, trouble


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("dial tcp 127.0.0.1:22: connect: connection refused", Trouble.GONE),
        ("dial tcp: lookup files.school.example: no such host", Trouble.GONE),
        ("couldn't connect SSH: ssh: handshake failed: read tcp: connection reset by peer", Trouble.GONE),
        ("net/http: TLS handshake timeout", Trouble.GONE),
        ("unexpected EOF", Trouble.GONE),
        ("HTTP error 503 (503 Service Unavailable) returned", Trouble.GONE),
        (
            'Propfind "https://x/": tls: failed to verify certificate: x509: certificate has expired',
            Trouble.CERTIFICATE,
        ),
        ("couldn't connect SSH: ssh: handshake failed: knownhosts: key mismatch", Trouble.CERTIFICATE),
        ("ssh: handshake failed: ssh: unable to authenticate, attempted methods [none]", Trouble.CREDENTIALS),
        ("401 Unauthorized: 401 Unauthorized", Trouble.CREDENTIALS),
        ("api error InvalidAccessKeyId: the access key ID you provided does not exist", Trouble.CREDENTIALS),
        ("oauth2: cannot fetch token: 400 Bad Request: invalid_grant", Trouble.CREDENTIALS),
        ("write /far/x: no space left on device", Trouble.FULL),
        ("507 Insufficient Storage", Trouble.FULL),
        ("googleapi: Error 403: The user's Drive storage quota has been exceeded., storageQuotaExceeded", Trouble.FULL),
        ("open /far/x: read-only file system", Trouble.READ_ONLY),
        ("sftp: permission denied (SSH_FX_PERMISSION_DENIED)", Trouble.READ_ONLY),
        ("api error AccessDenied: Access Denied, status code: 403", Trouble.READ_ONLY),
        ("error in ListJSON: directory not found", Trouble.MISSING),
        ("something that nobody thought of", Trouble.FAILED),
        ("", Trouble.FAILED),
    ],
)
def test_a_message_is_told_apart(words: str, expected: Trouble) -> None:
    assert trouble(words) is expected


@pytest.mark.parametrize("code", [*Trouble, *LEFT])
def test_every_code_has_a_sentence(code: str) -> None:
    assert " " in sentence(code)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"trouble": "target_full"}, "the target is full"),
        ({"trouble": "", "left": {"expired": 2}}, "2 not sent: a consent behind it is over"),
        ({"trouble": "", "left": {}, "foreign": 1, "altered": 0}, "1 foreign files there"),
        ({}, "everything is there"),
    ],
)
def test_a_state_is_one_sentence(state: dict[str, object], words: str) -> None:
    assert words in state_sentence(state)
