"""A mail server that Holdfast did not write, for the tests: aiosmtpd takes letters, python's email package reads them.

Usage: smtpd.py '{"security": "starttls|tls|none", "cert": path, "key": path, "user": text, "password": text, "without": ["PLAIN"], "utf8": true}'
Prints one JSON line when it listens ({"port": n}) and one for each letter. Ends when its standard input ends.
"""

import asyncio
import base64
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings
from email.errors import NonASCIILocalPartDefect
from email.header import decode_header, make_header
from email.utils import parseaddr

from aiosmtpd.smtp import SMTP, AuthResult


def say(value):
    print(json.dumps(value), flush=True)


def display_name(raw):
    """By the older of python's parsers: the newer one keeps the space between two encoded words of a name, against RFC 2047 section 6.2."""
    header = email.message_from_bytes(raw)["From"]
    return str(make_header(decode_header(parseaddr(header)[0])))


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        raw = envelope.content
        if envelope.smtp_utf8:  # the bytes parser takes headers for ASCII even then
            message = email.message_from_string(raw.decode(), policy=email.policy.SMTPUTF8)
        else:
            message = email.message_from_bytes(raw, policy=email.policy.SMTPUTF8)
        parts = list(message.walk())
        defects = [d for p in parts for d in p.defects] + [d for h in message.values() for d in getattr(h, "defects", ())]
        sender = message["From"].addresses
        say({
            "encrypted": session.ssl is not None,
            "authenticated": bool(session.authenticated),
            "hello": session.host_name,
            "mailFrom": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "raw": base64.b64encode(raw).decode(),
            "headers": [name for name in message.keys()],
            "subject": str(message["Subject"]),
            "fromName": display_name(raw),
            "from": sender[0].addr_spec,
            "to": [a.addr_spec for a in message["To"].addresses],
            "date": message["Date"].datetime.isoformat(),
            "messageId": str(message["Message-ID"]),
            "types": [p.get_content_type() for p in parts],
            "text": message.get_body(("plain",)).get_content(),
            "html": message.get_body(("html",)).get_content(),
            "defects": [repr(d) for d in defects if not (envelope.smtp_utf8 and isinstance(d, NonASCIILocalPartDefect))],
        })
        return "250 2.0.0 taken"


async def main(options):
    context = None
    if options["security"] != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options["cert"], options["key"])
    starttls = options["security"] == "starttls"
    user = options.get("user")

    def check(server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (user.encode(), options["password"].encode())
        return AuthResult(success=good, handled=False)

    def make():
        return SMTP(
            Mailbox(),
            enable_SMTPUTF8=options.get("utf8", True),
            hostname="mail.example",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            auth_required=user is not None,
            auth_require_tls=starttls,
            auth_exclude_mechanism=options.get("without"),
            authenticator=check if user is not None else None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=None if starttls else context)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    asyncio.run(main(json.loads(sys.argv[1])))
